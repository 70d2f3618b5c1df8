"""One walk over lexbor's tree: text pieces, tables and labelled facts, in reading order.

The walk is a loop with its own stack, so nesting costs no Python recursion. It touches each node
once and asks for attributes only where they matter (cells, metas, links): on a Word-exported page
of 3,100 nodes it takes about as long as lexbor's parse.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from etl.errors import RejectedDocument
from etl.read.html_kinds import KIND_OF, PLAIN_KINDS, Kind
from etl.read.html_style import Marks
from etl.read.html_table import (
    BLOCK,
    BREAK,
    HEADING_PIECE,
    PREFORMATTED,
    TO_SECTION_END,
    CellDraft,
    Piece,
    RowDraft,
    TableBlock,
    TableDraft,
    cell_text,
    finish,
    span,
    tidy,
)
from etl.read.limits import Limits
from etl.read.styled import raised, struck

_RANKS: Final = {"thead": 0, "tbody": 1, "tfoot": 2}
_HIDDEN_INPUTS: Final = frozenset(
    {"hidden", "checkbox", "radio", "submit", "button", "image", "reset", "file", "password"}
    | {"search", "color", "range"}
)
_FIRST_ADDRESS: Final = 4096


def _tag_ids() -> dict[int, Kind]:
    """Lexbor's number of each known element → kind, asked of lexbor itself (versions differ)."""
    parser = LexborHTMLParser("")
    ids = {int(parser.create_node(name).tag_id): kind for name, kind in KIND_OF.items()}
    # names lexbor does not know get an address as id, good for one document only
    return {tag_id: kind for tag_id, kind in ids.items() if tag_id < _FIRST_ADDRESS}


_KIND_BY_ID: Final = _tag_ids()
_TEXT_ID: Final[int] = int(LexborHTMLParser("<p>x").css_first("p").first_child.tag_id)  # type: ignore[union-attr]
#: Parts of a table that make sense only directly within one.
_SPECIAL_IDS: Final = frozenset(
    tag_id for tag_id, kind in _KIND_BY_ID.items() if kind not in PLAIN_KINDS
)
_PARAGRAPH_ID: Final = next(i for i, kind in _KIND_BY_ID.items() if kind is Kind.PARAGRAPH)
_CELL_IDS: Final = frozenset(i for i, kind in _KIND_BY_ID.items() if kind is Kind.CELL)
#: Elements in which a paragraph is an ordinary line, not a break within a run of text.
_BLOCK_IDS: Final = frozenset(
    i for i, kind in _KIND_BY_ID.items() if kind in {Kind.CELL, Kind.BLOCK, Kind.HEADING}
)
_STRUCTURE: Final = frozenset({Kind.SECTION, Kind.ROW, Kind.CELL})


class Walker:
    """State of one walk. ``flow`` and ``facts`` are the result.

    Attributes:
        flow: text pieces (with the marks of ``html_table``) and finished tables.
        facts: ``(kind of source, name, value)`` of metas, titles and links met on the way.
    """

    def __init__(self, marks: Marks, limits: Limits) -> None:
        self.flow: list[Piece] = []
        self.facts: list[tuple[str, str, str]] = []
        self._limits = limits
        self._marks = marks
        self._sink: list[Piece] = self.flow
        self._tables: list[TableDraft] = []
        self._area = 0
        self._pre = 0
        self._muted = self._struck = False
        self._styled = False
        self._stack: list[tuple[Any, Kind, bool, bool]] = []
        self._kinds = dict(_KIND_BY_ID)  # unknown elements get per-document ids, learnt on the way
        #: nodes that hold more than inline text and paragraphs; None: take none for plain
        self._special: set[int] | None = None
        self._enter: dict[Kind, Callable[[Any], bool]] = {
            Kind.BLOCK: self._block,
            Kind.PARAGRAPH: self._paragraph,
            Kind.HEADING: self._heading,
            Kind.BREAK: self._break,
            Kind.TABLE: self._table,
            Kind.SECTION: self._section,
            Kind.ROW: self._row,
            Kind.CELL: self._cell,
            Kind.PRE: self._begin_preformatted,
            Kind.SKIP: self._nothing,
            Kind.EMPTY: self._nothing,
            Kind.TITLE: self._title,
            Kind.META: self._meta,
            Kind.LINK: self._link,
            Kind.RAISED: self._raised,
            Kind.STRUCK: self._begin_struck,
            Kind.INPUT: self._input,
            Kind.MARKED: self._marked,
        }
        self._leave: dict[Kind, Callable[[], None]] = {
            Kind.BLOCK: self._end_block,
            Kind.PARAGRAPH: self._end_block,
            Kind.HEADING: self._end_block,
            Kind.TABLE: self._end_table,
            Kind.CELL: self._end_cell,
            Kind.PRE: self._end_preformatted,
        }

    def walk(self, root: Any) -> None:
        """Visit every node under ``root`` once, in document order."""
        marks = self._marks
        muting = marks.muted or marks.struck or marks.raised or marks.boxed
        self._styled = bool(marks.kinds or muting)
        self._special = None if muting else _special_nodes(root, marks.kinds)
        node = root
        while node is not None:
            child = None
            if node.tag_id != _TEXT_ID:
                child = self._open(node)
            elif not self._muted:
                text = struck(node.text_content) if self._struck else node.text_content
                self._sink.append(_preformatted(text) if self._pre else text)
            node = self._onward(node) if child is None else child
        while self._tables:
            self._end_table()

    def _open(self, node: Any) -> Any:
        """Enter an element; its first child, or ``None`` if it has none to visit."""
        kind = self._kinds.get(node.tag_id)
        if kind is None:
            kind = self._kinds[node.tag_id] = _learn(node)
        was_muted, was_struck = self._muted, self._struck
        if self._styled:
            node_id = node.mem_id
            kind = self._fit(self._marks.kinds.get(node_id, kind))
            self._muted = self._marks.muted.get(node_id, was_muted)
            self._struck = was_struck or node_id in self._marks.struck
            if kind is Kind.INLINE:
                kind = self._placed(node, node_id)
        child = None
        if kind is Kind.INLINE or self._enter[kind](node):
            child = node.first_child
        if child is not None:
            self._stack.append((node, kind, was_muted, was_struck))
        else:
            if kind in self._leave:
                self._leave[kind]()
            self._muted, self._struck = was_muted, was_struck
        return child

    def _onward(self, node: Any) -> Any:
        """The next node in document order after ``node`` and all it contains."""
        node = node.next
        while node is None and self._stack:
            above, kind, self._muted, self._struck = self._stack.pop()
            if kind in self._leave:
                self._leave[kind]()
            node = above.next
        return node

    def _placed(self, node: Any, node_id: int) -> Kind:
        """What styles make of an inline element: raised above its line, or a box of its own."""
        above = node.parent
        if above is not None and above.mem_id in self._marks.boxed:
            return Kind.BLOCK
        raised_here = node_id in self._marks.raised and _beside_others(node)
        return Kind.RAISED if raised_here else Kind.INLINE

    # Entering: returns whether the children are to be visited.

    def _nothing(self, node: Any) -> bool:
        return False

    def _block(self, node: Any) -> bool:
        self._sink.append(BLOCK)
        return True

    def _paragraph(self, node: Any) -> bool:
        if self._special is None or self._pre or node.mem_id in self._special:
            self._sink.append(BLOCK)
            return True
        self._sink += (BLOCK, node.text_lexbor())
        return False

    def _heading(self, node: Any) -> bool:
        self._sink.append(f"{BLOCK}{HEADING_PIECE}{(node.tag or 'h0')[-1]}{BLOCK}")
        return True

    def _break(self, node: Any) -> bool:
        self._sink.append(BREAK + PREFORMATTED if self._pre else BREAK)
        return False

    def _begin_preformatted(self, node: Any) -> bool:
        self._pre += 1
        self._sink.append(BLOCK + PREFORMATTED)
        return True

    def _table(self, node: Any) -> bool:
        if len(self._tables) >= self._limits.max_table_nesting:
            raise RejectedDocument(
                "too_large",
                f"表格嵌套超过 {self._limits.max_table_nesting} 层",
                hint="年度报告不会如此嵌套，请检查文件是否完整、正确",
            )
        self._tables.append(TableDraft(self._sink))
        return True

    def _section(self, node: Any) -> bool:
        table = self._tables[-1]
        rank = _RANKS.get(node.tag or "", 1)
        # only the first head and foot move; browsers leave further ones where they stand
        table.rank = rank if rank not in table.seen_ranks else 1
        table.seen_ranks.add(rank)
        table.section += 1
        return True

    def _row(self, node: Any) -> bool:
        table = self._tables[-1]
        row = RowDraft(table.section, table.rank)
        table.rows.append(row)
        if self._special is None or self._pre or node.mem_id in self._special:
            return True
        cells = row.cells
        child = node.first_child
        while child is not None:
            if child.tag_id in _CELL_IDS:
                cells.append(_plain_cell(child))
            child = child.next
        return False

    def _cell(self, node: Any) -> bool:
        table = self._tables[-1]
        if not table.rows:
            table.rows.append(RowDraft(table.section, table.rank))
        if self._special is not None and not self._pre and node.mem_id not in self._special:
            table.rows[-1].cells.append(_plain_cell(node))
            return False
        cell = _draft(node)
        table.rows[-1].cells.append(cell)
        table.cell = cell
        self._sink = cell.flow
        return True

    def _title(self, node: Any) -> bool:
        self.facts.append(("title", "title", node.text(deep=True)))
        return False

    def _meta(self, node: Any) -> bool:
        attrs = node.attrs
        name = attrs.get("name") or attrs.get("property") or attrs.get("itemprop")
        if name:
            self.facts.append(("meta", name, attrs.get("content") or ""))
        return False

    def _link(self, node: Any) -> bool:
        attrs = node.attrs
        if (attrs.get("rel") or "").strip().lower() == "canonical":
            self.facts.append(("link", "canonical", attrs.get("href") or ""))
        return False

    def _marked(self, node: Any) -> bool:
        self.facts.append(("marked", node.tag or "", node.text(deep=True)))
        return True

    def _raised(self, node: Any) -> bool:
        self._sink.append(raised(node.text(deep=True).strip()))
        return False

    def _begin_struck(self, node: Any) -> bool:
        self._struck = True
        return True

    def _input(self, node: Any) -> bool:
        attrs = node.attrs
        if (attrs.get("type") or "text").strip().lower() not in _HIDDEN_INPUTS:
            self._sink.append(attrs.get("value") or "")
        return False

    # Leaving.

    def _end_block(self) -> None:
        self._sink.append(BLOCK)

    def _end_preformatted(self) -> None:
        self._pre -= 1
        self._sink.append(BLOCK)

    def _end_cell(self) -> None:
        table = self._tables[-1]
        if table.cell is not None:
            table.cell.text = cell_text(table.cell.flow)
            table.cell = None
        self._sink = table.outer

    def _end_table(self) -> None:
        table = self._tables.pop()
        self._sink = table.outer
        pieces = finish(table, self._limits)
        blocks = [piece for piece in pieces if isinstance(piece, TableBlock)]
        if blocks:
            self._count(blocks)
        self._sink.extend(pieces)

    def _count(self, blocks: list[TableBlock]) -> None:
        """Tell the enclosing table what is nested in it; keep the document's total bounded."""
        cells = sum(len(block.cells) for block in blocks)
        if self._tables:
            outer = self._tables[-1]
            outer.nested += cells
            if outer.cell is not None:
                outer.cell.nested += cells
        self._area += sum(block.n_rows * block.n_cols for block in blocks)
        if self._area > self._limits.max_total_cells:
            raise RejectedDocument(
                "too_large",
                f"全部表格超过 {self._limits.max_total_cells} 个单元格",
                hint="请确认文件是一份年度报告，而不是数据集",
            )

    def _fit(self, kind: Kind) -> Kind:
        """Demote a row or cell that styles put outside a table, or inside a cell, to a block."""
        if kind in _STRUCTURE and (not self._tables or self._tables[-1].cell is not None):
            return Kind.BLOCK
        return kind


def _special_nodes(root: Any, marked: Container[int]) -> set[int]:
    """Ids of the nodes that contain more than inline text and paragraphs, or marked nodes.

    Most rows and paragraphs are not among them: lexbor gives the text of their parts in one call
    each, which spares the walk two thirds of its steps on Word-exported pages.
    """
    special: set[int] = set()
    for node in root.traverse():
        tag_id = node.tag_id
        if tag_id in _SPECIAL_IDS:
            _mark_above(node, special)
        elif tag_id == _PARAGRAPH_ID:
            if node.parent.tag_id not in _BLOCK_IDS:  # within a span, whose text has two lines
                _mark_above(node, special)
        elif tag_id >= _FIRST_ADDRESS and node.tag in KIND_OF:
            _mark_above(node, special)
        if marked and node.mem_id in marked:
            _mark_above(node, special)
    return special


def _mark_above(node: Any, special: set[int]) -> None:
    above = node.parent
    while above is not None and (above_id := above.mem_id) not in special:
        special.add(above_id)
        above = above.parent


def _beside_others(node: Any) -> bool:
    """Whether an element has other text beside it; Word raises whole cells to centre them."""
    above = node.parent
    return above is not None and above.text(deep=True).strip() != node.text(deep=True).strip()


def _draft(cell: Any) -> CellDraft:
    """An empty cell with the spans of an element."""
    attributes = cell.attributes
    down = attributes.get("rowspan") or attributes.get("aria-rowspan")
    across = attributes.get("colspan") or attributes.get("aria-colspan")
    return CellDraft(span(down, zero=TO_SECTION_END) if down else 1, span(across) if across else 1)


def _plain_cell(node: Any) -> CellDraft:
    """A cell that holds inline text and paragraphs only."""
    cell = _draft(node)
    first, last = node.first_child, node.last_child
    if first is None:
        return cell
    if last.is_empty_text_node and last.prev is not None:
        last = last.prev
    if first.is_empty_text_node and first.next is not None:
        first = first.next
    if first.mem_id == last.mem_id:
        text = node.text_lexbor()
        cell.flow.append(text)
        cell.text = tidy(text)
        return cell
    flow = cell.flow
    while first is not None:
        tag_id = first.tag_id
        if tag_id == _TEXT_ID:
            flow.append(first.text_content)
        elif tag_id == _PARAGRAPH_ID:
            flow += (BLOCK, first.text_lexbor(), BLOCK)
        elif first.is_element_node:
            flow.append(first.text_lexbor())
        first = first.next
    cell.text = cell_text(flow)
    return cell


def _preformatted(text: str) -> str:
    """Text of a ``pre``: its line breaks are breaks, its spaces stay."""
    return text.replace("\n", BREAK + PREFORMATTED)


def _learn(node: Any) -> Kind:
    """The kind of a node whose id is not among lexbor's known tags."""
    tag = node.tag
    return KIND_OF.get(tag, Kind.INLINE) if tag and tag[0] != "-" else Kind.INLINE
