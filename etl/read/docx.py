"""Word (.docx, .docm) to a document, by its XML.

Read is what a reader of the accepted document sees: insertions and moved-in text stay, deletions,
moved-out text, hidden text, field codes, comments, notes, headers and footers go. Source of the
element meanings: ECMA-376 part 1, section 17.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from etl.document import Block, Document, Grid, GridCell, Line
from etl.errors import RejectedDocument
from etl.read.docx_chunks import Chunks
from etl.read.docx_looks import ground_of, properties_of
from etl.read.docx_numbering import Numbering
from etl.read.docx_parts import cells, flat, rows
from etl.read.docx_slivers import grid_widths, without_slivers
from etl.read.docx_styles import Styles
from etl.read.docx_text import Paragraphs
from etl.read.docx_xml import child, local, number, value
from etl.read.limits import Limits
from etl.read.office_package import OLE_MAGIC, Package, core_title, refuse_ole
from etl.read.styled import SIGN, seen_of
from etl.read.titles import plausible_title


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
    styles = Styles.load(package.xml(f"{folder}/styles.xml"))
    numbering = Numbering(package.xml(f"{folder}/numbering.xml"))
    chunks = Chunks(package, part, limits)
    reader = _Reader(limits, Paragraphs(body, styles, numbering), chunks)
    reader.container(body)
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


class _Reader:
    """Walks the body once; blocks come out in reading order."""

    def __init__(self, limits: Limits, paragraphs: Paragraphs, chunks: Chunks) -> None:
        self.blocks: list[Block] = []
        self.notes: list[str] = []
        self._limits = limits
        self._text = paragraphs
        self._chunks = chunks
        self._paragraphs = self._grids = self._cells = 0

    def container(self, parent: etree._Element) -> None:
        """Emit the blocks of a body, a text box or an unwrapped one-cell table."""
        carried = ""
        for item in flat(parent):
            if local(item) != "p":
                self._inner(item)
                continue
            boxes: list[etree._Element] = []
            text = carried + self._text.text(item, boxes)
            carried = text if self._text.runs_on(item) else ""
            if not carried:
                self._lines(seen_of(text, cell=False), self._text.heading(item))
            for box in boxes:
                self._inner(box)
        self._lines(seen_of(carried, cell=False), 0)

    def _inner(self, item: etree._Element) -> None:
        """What stood in a paragraph or cell: a text box or a table; a picture says nothing."""
        if local(item) == "txbxContent":
            self.container(item)
        elif local(item) == "tbl":
            self._table(item)
        elif local(item) == "altChunk":
            self._chunk(item)

    def _chunk(self, item: etree._Element) -> None:
        """A page that the document holds as a part of its own; Word shows it in this place."""
        document = self._chunks.document(item)
        if document is None:
            self.notes.append("文中嵌入的其他格式内容未能读取")
            return
        for block in document.blocks:
            if isinstance(block, Grid):
                self._grids += 1
                block = replace(block, number=self._grids)
            self._emit(block)

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

    # -- tables --------------------------------------------------------------------------------

    def _table(self, table: etree._Element) -> None:
        only = only_cell(table)
        if only is not None:
            # A page laid out inside a one-cell table is text with tables, not a table.
            self.container(only)
            return
        found = rows(table)
        outer = self._text.looks.ground
        self._text.looks.ground = self._ground(table)
        self._grids += 1
        number_ = self._grids
        nested: list[etree._Element] = []
        anchors: dict[tuple[int, int], GridCell] = {}
        above: dict[int, tuple[int, int]] = {}
        width = 0
        for index, row in enumerate(found):
            above, used = self._row(row, index, above, anchors, nested)
            width = max(width, used)
            if width * (index + 1) > self._limits.max_grid_cells:
                raise _too_large("单张表格的单元格数量")
        self._text.looks.ground = outer
        self._cells += width * len(found)
        if self._cells > self._limits.max_total_cells:
            raise _too_large("表格单元格总数")
        if anchors:
            held, width = without_slivers(list(anchors.values()), width, grid_widths(table))
            self._emit(Grid(number_, len(found), width, held))
        else:
            self._grids -= 1
        for inner in nested:
            self._inner(inner)

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
        for cell in cells(row):
            shape = child(cell, "tcPr")
            span = min(number(child(shape, "gridSpan"), 1, 1, limit), limit - col)
            if span < 1:
                break
            joins, takes_part = _joins_above(shape)
            across = child(shape, "hMerge")
            if across is not None and value(across) != "restart" and last is not None:
                anchors[last] = _grown(anchors[last], cols=span)
            elif joins and col in above:
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
                if takes_part:
                    filled[col] = last
            col += span
        return filled, col

    def _ground(self, table: etree._Element) -> str:
        """The colour behind a table's cells, or ``shaded`` where its style colours some of them."""
        shape = properties_of(child(table, "tblPr"))
        style = value(shape.get("tblStyle"))
        shaded = bool(style) and self._text.styles.shaded(style)
        return ground_of(shape, "shaded" if shaded else "")

    def _cell_text(self, cell: etree._Element, nested: list[etree._Element]) -> str:
        """A cell's text; what it holds beside text goes to ``nested``, and is a sign if alone."""
        looks = self._text.looks
        outer, looks.ground = (
            looks.ground,
            ground_of(properties_of(child(cell, "tcPr")), looks.ground),
        )
        texts: list[str] = []
        held: list[etree._Element] = []
        carried = ""
        for item in flat(cell):
            if local(item) != "p":
                inner = only_cell(item) if local(item) == "tbl" else None
                if inner is None:
                    held.append(item)
                else:
                    texts.append(self._cell_text(inner, held))
                continue
            text = carried + self._text.text(item, held)
            carried = text if self._text.runs_on(item) else ""
            if not carried:
                texts.append(text)
        looks.ground = outer
        nested += held
        lines = [line for t in (*texts, carried) for line in t.split("\n") if line.strip()]
        text = seen_of("\n".join(lines), cell=True).strip()
        return text or (SIGN if any(map(_shows, held)) else "")


def only_cell(table: etree._Element) -> etree._Element | None:
    """The cell of a table that has no other one: a frame."""
    found = rows(table)
    return only[0] if len(found) == 1 and len(only := cells(found[0])) == 1 else None


def _shows(item: etree._Element) -> bool:
    """Whether something held in a cell shows a figure or a picture in it; tables stand below it."""
    if local(item) in ("tbl", "altChunk"):
        return False
    if local(item) == "txbxContent":
        return next(item.iter("{*}tbl"), None) is None and any(
            (text.text or "").strip() for text in item.iter("{*}t")
        )
    return next(item.iter("{*}pic", "{*}imagedata", "{*}OLEObject"), None) is not None


def _joins_above(shape: etree._Element | None) -> tuple[bool, bool]:
    """Whether a cell goes on with the one above it, and whether it is part of a vertical merge.

    A merge made while changes are tracked stands in ``cellMerge``: ``cont`` goes on, ``rest``
    begins.
    """
    tracked = child(shape, "cellMerge")
    if tracked is not None and (kind := value(tracked, "vMerge")):
        return kind == "cont", True
    merge = child(shape, "vMerge")
    return merge is not None and value(merge) != "restart", merge is not None


def _grown(cell: GridCell, *, rows: int = 0, cols: int = 0) -> GridCell:
    return GridCell(cell.row, cell.col, cell.rowspan + rows, cell.colspan + cols, cell.text)


def _too_large(what: str) -> RejectedDocument:
    return RejectedDocument("too_large", f"Word 文件的{what}超过上限", hint="请只提供年度报告本身")
