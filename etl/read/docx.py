"""Word (.docx, .docm) to a document, by its XML.

Read is what a reader of the accepted document sees: insertions and moved-in text stay, deletions,
moved-out text, hidden text, field codes, comments, notes, headers and footers go. Source of the
element meanings: ECMA-376 part 1, section 17.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from etl.document import Block, Document, Grid, GridCell, Line
from etl.errors import RejectedDocument
from etl.read.docx_numbering import Numbering, level_index
from etl.read.docx_xml import child, children, local, number, switched_on, value
from etl.read.limits import Limits
from etl.read.office_package import OLE_MAGIC, Package, core_title, refuse_ole
from etl.read.styled import raised, struck
from etl.read.titles import plausible_title

#: Wrappers whose content counts as if they were not there.
_TRANSPARENT: Final = {
    "ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "dir", "bdo", "rubyBase",
    "ruby", "sdtContent", "oMath", "oMathPara",
}  # fmt: skip
#: Elements whose content is not part of the accepted, visible text.
_DROPPED: Final = {
    "del", "moveFrom", "instrText", "delText", "delInstrText", "rt", "sdtPr", "sdtEndPr", "pPr",
    "rPr", "footnoteReference", "endnoteReference", "commentReference", "fldChar",
}  # fmt: skip
_TEXT: Final = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_MAX_HEADING: Final = 9


def read_docx(data: bytes, limits: Limits) -> Document:
    """Read a Word document.

    Args:
        data: the file.
        limits: bounds on parts, cells and blocks.

    Raises:
        RejectedDocument: ``encrypted``, ``corrupt``, ``archive_unsafe`` or ``too_large``.
    """
    if data.startswith(OLE_MAGIC):
        raise refuse_ole(data, "Word 文件")
    package = Package(data, "Word 文件", limits)
    part = _main_part(package)
    root = package.xml(part)
    body = None if root is None else child(root, "body")
    if body is None:
        raise RejectedDocument(
            "corrupt", "Word 文件没有正文", hint="请用 Word 或 WPS 打开后另存一份"
        )
    folder = part.rpartition("/")[0]
    reader = _Reader(
        limits,
        _Styles.load(package.xml(f"{folder}/styles.xml")),
        Numbering(package.xml(f"{folder}/numbering.xml")),
    )
    reader.read(body)
    title = core_title(package)
    metadata = {"title": title} if plausible_title(title) else {}
    return Document("docx", reader.blocks, metadata, reader.notes)


def _main_part(package: Package) -> str:
    """The main part's name as the package's relationships tell it."""
    relations = package.xml("_rels/.rels")
    if relations is not None:
        for relation in relations:
            if relation.get("Type", "").endswith("/officeDocument"):
                return relation.get("Target", "").lstrip("/")
    return "word/document.xml"


@dataclass(slots=True)
class _Style:
    parent: str = ""
    outline: int = 0
    vanish: bool = False
    list_id: str = ""
    list_level: int = 0


@dataclass(slots=True)
class _Styles:
    """What paragraph and character styles say about headings, lists and hidden text."""

    by_id: dict[str, _Style] = field(default_factory=dict)
    _listed: dict[str, _Style | None] = field(default_factory=dict)

    @classmethod
    def load(cls, root: etree._Element | None) -> _Styles:
        styles = cls()
        for item in children(root, "style") if root is not None else ():
            name = value(child(item, "name")).lower()
            outline = number(child(item, "pPr", "outlineLvl"), -1, 0, _MAX_HEADING) + 1
            if not outline and name.startswith("heading ") and name[8:].isdigit():
                outline = min(int(name[8:]), _MAX_HEADING)
            styles.by_id[value(item, "styleId")] = _Style(
                parent=value(child(item, "basedOn")),
                outline=outline if outline <= _MAX_HEADING else 0,
                vanish=switched_on(child(item, "rPr"), "vanish"),
                list_id=value(child(item, "pPr", "numPr", "numId")),
                list_level=level_index(value(child(item, "pPr", "numPr", "ilvl"))),
            )
        return styles

    def listed(self, style_id: str) -> _Style | None:
        """The style that puts paragraphs of a style into a list, or ``None``."""
        if not style_id:
            return None
        if style_id not in self._listed:
            chain = self.chain(style_id)
            self._listed[style_id] = next((style for style in chain if style.list_id), None)
        return self._listed[style_id]

    def chain(self, style_id: str) -> list[_Style]:
        """A style and those it is based on, nearest first; a circle ends it."""
        found: list[_Style] = []
        seen: set[str] = set()
        while style_id in self.by_id and style_id not in seen:
            seen.add(style_id)
            found.append(self.by_id[style_id])
            style_id = found[-1].parent
        return found


@dataclass(slots=True)
class _Row:
    cells: list[GridCell] = field(default_factory=list)
    width: int = 0


class _Reader:
    """Walks the body once; blocks come out in reading order."""

    def __init__(self, limits: Limits, styles: _Styles, numbering: Numbering) -> None:
        self.blocks: list[Block] = []
        self.notes: list[str] = []
        self._limits = limits
        self._styles = styles
        self._numbering = numbering
        self._paragraphs = self._grids = self._cells = 0
        #: Whether any run is raised or lowered by a distance, and some of this paragraph's are.
        self._has_heights = self._uneven = False

    def read(self, body: etree._Element) -> None:
        """Emit the document's blocks."""
        self._has_heights = next(body.iter("{*}position"), None) is not None
        self.container(body)

    def container(self, parent: etree._Element) -> None:
        """Emit the blocks of a body, a text box or an unwrapped one-cell table."""
        carried = ""
        for item in _flat(parent):
            if local(item) == "tbl":
                self._table(item)
                continue
            boxes: list[etree._Element] = []
            text = carried + self._paragraph(item, boxes)
            # A deleted paragraph mark: the accepted text runs on into the next paragraph.
            carried = text if child(item, "pPr", "rPr", "del") is not None else ""
            if not carried:
                self._lines(text, self._heading(item))
            for box in boxes:
                self.container(box)
        self._lines(carried, 0)

    def _lines(self, text: str, heading: int) -> None:
        if not text.strip():
            return
        self._paragraphs += 1
        for line in text.split("\n"):
            shown = line.strip()
            if shown:
                pieces = tuple(p.strip() for p in shown.split("|")) if "|" in shown else ()
                self._emit(Line(shown, f"paragraph {self._paragraphs}", heading, pieces))

    def _emit(self, block: Block) -> None:
        self.blocks.append(block)
        if len(self.blocks) > self._limits.max_blocks:
            raise _too_large("段落和表格数量")

    # -- paragraphs ----------------------------------------------------------------------------

    def _paragraph(self, paragraph: etree._Element, boxes: list[etree._Element]) -> str:
        parts: list[str] = []
        self._uneven = self._has_heights and len(_heights(paragraph)) > 1
        self._runs(paragraph, parts, boxes)
        text = "".join(parts)
        label = self._list_label(paragraph)
        return label + text if label and text.strip() else text

    def _runs(self, parent: etree._Element, parts: list[str], boxes: list[etree._Element]) -> None:
        for item in parent:
            name = local(item)
            if name == "t":
                parts.append(item.text or "")
            elif name in _TEXT:
                parts.append(_TEXT[name])
            elif name == "br":
                parts.append("" if value(item, "type") in ("page", "column") else "\n")
            elif name in ("drawing", "pict", "object"):
                boxes.extend(_text_boxes(item))
            elif name == "AlternateContent":
                self._runs(_chosen(item), parts, boxes)
            elif name == "r":
                self._run(item, parts, boxes)
            elif name not in _DROPPED:
                self._runs(item, parts, boxes)

    def _run(self, run: etree._Element, parts: list[str], boxes: list[etree._Element]) -> None:
        properties = child(run, "rPr")
        if properties is None:
            self._runs(run, parts, boxes)
        elif not self._is_hidden(run):
            own: list[str] = []
            self._runs(run, own, boxes)
            parts += [_styled(text, properties, self._uneven) for text in own]

    def _is_hidden(self, run: etree._Element) -> bool:
        properties = child(run, "rPr")
        if properties is None:
            return False
        if child(properties, "vanish") is not None:
            return switched_on(properties, "vanish")
        return any(style.vanish for style in self._styles.chain(value(child(properties, "rStyle"))))

    def _heading(self, paragraph: etree._Element) -> int:
        properties = child(paragraph, "pPr")
        own = child(properties, "outlineLvl")
        if own is not None:
            level = number(own, _MAX_HEADING, 0, _MAX_HEADING) + 1
            return level if level <= _MAX_HEADING else 0
        chain = self._styles.chain(value(child(properties, "pStyle")))
        return next((style.outline for style in chain if style.outline), 0)

    def _list_label(self, paragraph: etree._Element) -> str:
        properties = child(paragraph, "pPr")
        if properties is None or not len(properties):
            return ""
        own = child(properties, "numPr")
        style = self._styles.listed(value(child(properties, "pStyle")))
        list_id = value(child(own, "numId")) or (style.list_id if style else "")
        if not list_id or list_id == "0":
            return ""
        level = child(own, "ilvl")
        if level is None and style is not None:
            return self._numbering.label(list_id, style.list_level)
        return self._numbering.label(list_id, level_index(value(level)))

    # -- tables --------------------------------------------------------------------------------

    def _table(self, table: etree._Element) -> None:
        rows = list(_rows(table))
        if len(rows) == 1 and len(cells := list(_cells(rows[0]))) == 1:
            # A page laid out inside a one-cell table is text with tables, not a table.
            self.container(cells[0])
            return
        self._grids += 1
        number_ = self._grids
        nested: list[etree._Element] = []
        anchors: dict[tuple[int, int], GridCell] = {}
        above: dict[int, tuple[int, int]] = {}
        width = 0
        for index, row in enumerate(rows):
            above, used = self._row(row, index, above, anchors, nested)
            width = max(width, used)
            if width * (index + 1) > self._limits.max_grid_cells:
                raise _too_large("单张表格的单元格数量")
        self._cells += width * len(rows)
        if self._cells > self._limits.max_total_cells:
            raise _too_large("表格单元格总数")
        if anchors:
            self._emit(Grid(number_, len(rows), width, list(anchors.values())))
        else:
            self._grids -= 1
        for inner in nested:
            self.container(inner) if local(inner) == "txbxContent" else self._table(inner)

    def _row(
        self,
        row: etree._Element,
        index: int,
        above: dict[int, tuple[int, int]],
        anchors: dict[tuple[int, int], GridCell],
        nested: list[etree._Element],
    ) -> tuple[dict[int, tuple[int, int]], int]:
        """Add one row's cells; returns, by first column, which anchor fills it, and its width."""
        properties = child(row, "trPr")
        limit = self._limits.max_grid_cols
        col = number(child(properties, "gridBefore"), 0, 0, limit)
        filled: dict[int, tuple[int, int]] = {}
        last: tuple[int, int] | None = None
        for cell in _cells(row):
            shape = child(cell, "tcPr")
            span = min(number(child(shape, "gridSpan"), 1, 1, limit), limit - col)
            if span < 1:
                break
            merge = child(shape, "vMerge")
            across = child(shape, "hMerge")
            if across is not None and value(across) != "restart" and last is not None:
                anchors[last] = _grown(anchors[last], cols=span)
            elif merge is not None and value(merge) != "restart" and col in above:
                last = above[col]
                anchor = anchors[last]
                if anchor.row + anchor.rowspan == index:
                    anchors[last] = _grown(anchor, rows=1)
                filled[col] = last
            else:
                text = self._cell_text(cell, nested)
                last = (index, col)
                anchors[last] = GridCell(index, col, 1, span, text)
                # Only a cell that takes part in a vertical merge may be continued below.
                if merge is not None:
                    filled[col] = last
            col += span
        return filled, col

    def _cell_text(self, cell: etree._Element, nested: list[etree._Element]) -> str:
        texts: list[str] = []
        for item in _flat(cell):
            if local(item) == "tbl":
                nested.append(item)
            else:
                texts.append(self._paragraph(item, nested))
        return "\n".join(line for t in texts for line in t.split("\n") if line.strip()).strip()


def _styled(text: str, properties: etree._Element, uneven: bool) -> str:
    """Text with what its style says; ``uneven``: runs beside it stand at another height."""
    lifted = uneven and value(child(properties, "position")) not in ("", "0")
    if lifted or value(child(properties, "vertAlign")) in ("superscript", "subscript"):
        return raised(text)
    if switched_on(properties, "strike") or switched_on(properties, "dstrike"):
        return struck(text)
    return text


def _heights(paragraph: etree._Element) -> set[str]:
    """How far the runs of a paragraph that print something are raised or lowered."""
    return {
        value(child(run, "rPr", "position")) or "0"
        for run in paragraph.iter("{*}r")
        if any((text.text or "").strip() for text in run.iterchildren("{*}t"))
    }


def _chosen(alternatives: etree._Element) -> etree._Element:
    """Of a shape written twice, for new and for old programs, the one that counts."""
    for name in ("Choice", "Fallback"):
        option = child(alternatives, name)
        if option is not None:
            return option
    return alternatives


def _flat(parent: etree._Element) -> list[etree._Element]:
    """Paragraphs and tables of a container, wrappers opened, in order."""
    found: list[etree._Element] = []
    for item in parent:
        name = local(item)
        if name in ("p", "tbl"):
            found.append(item)
        elif name == "sdt":
            content = child(item, "sdtContent")
            found.extend(_flat(content) if content is not None else ())
        elif name == "AlternateContent":
            found.extend(_flat(_chosen(item)))
        elif name in _TRANSPARENT:
            found.extend(_flat(item))
    return found


def _rows(parent: etree._Element) -> list[etree._Element]:
    """Rows of a table without deleted and hidden ones."""
    found: list[etree._Element] = []
    for item in parent:
        name = local(item)
        if name == "tr":
            properties = child(item, "trPr")
            if child(properties, "del") is None and not switched_on(properties, "hidden"):
                found.append(item)
        elif name == "sdt" or name in _TRANSPARENT:
            found.extend(_rows(item))
    return found


def _cells(parent: etree._Element) -> list[etree._Element]:
    """Cells of a row without deleted ones."""
    found: list[etree._Element] = []
    for item in parent:
        name = local(item)
        if name == "tc":
            if child(item, "tcPr", "cellDel") is None:
                found.append(item)
        elif name == "sdt" or name in _TRANSPARENT:
            found.extend(_cells(item))
    return found


def _text_boxes(shape: etree._Element) -> list[etree._Element]:
    """The outermost text-box contents of a drawing, each shape once."""
    found: list[etree._Element] = []
    for item in shape:
        name = local(item)
        if name == "txbxContent":
            found.append(item)
        elif name == "AlternateContent":
            found.extend(_text_boxes(_chosen(item)))
        else:
            found.extend(_text_boxes(item))
    return found


def _grown(cell: GridCell, *, rows: int = 0, cols: int = 0) -> GridCell:
    return GridCell(cell.row, cell.col, cell.rowspan + rows, cell.colspan + cols, cell.text)


def _too_large(what: str) -> RejectedDocument:
    return RejectedDocument("too_large", f"Word 文件的{what}超过上限", hint="请只提供年度报告本身")
