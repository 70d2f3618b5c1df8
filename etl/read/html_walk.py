"""One walk over lexbor's tree: text pieces, tables and labelled facts, in reading order.

The walk is a loop with its own stack, so nesting costs no Python recursion. It touches each node
once and asks for attributes only where they matter (cells, metas, links): on a Word-exported page
of 3,100 nodes it takes about as long as lexbor's parse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from etl.errors import RejectedDocument
from etl.read.html_kinds import Kind
from etl.read.html_looks import Marks
from etl.read.html_plain import (
    CELL_IDS,
    KIND_BY_ID,
    TEXT_ID,
    draft,
    learn,
    plain_cell,
    special_nodes,
)
from etl.read.html_table import (
    BLOCK,
    BREAK,
    DRAWN,
    HEADING_PIECE,
    PREFORMATTED,
    Piece,
    RowDraft,
    TableBlock,
    TableDraft,
    cell_text,
    finish,
)
from etl.read.limits import Limits
from etl.read.styled import SIGN, raised, struck, unseen

_RANKS: Final = {"thead": 0, "tbody": 1, "tfoot": 2}
_HIDDEN_INPUTS: Final = frozenset(
    {"hidden", "checkbox", "radio", "submit", "button", "image", "reset", "file", "password"}
    | {"search", "color", "range"}
)
#: Within a cell these print their value, too; a page's own buttons and searches are no text of it.
_BUTTONS: Final = frozenset({"submit", "button", "reset", "search"})
#: Text turned around (U+202E) is no figure.
_TURNED: Final = "\u202e"

_STRUCTURE: Final = frozenset({Kind.SECTION, Kind.ROW, Kind.CELL})
#: Children of these stand in the list of an element's parts; what look a text has, as bits.
_PLAIN, _MUTED, _STRUCK, _UNSEEN = 0, 1, 2, 4
#: Pictures of at most so many pixels on a side keep room and show nothing.
_SPACER: Final = 3


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
        self._look = _PLAIN
        self._styled = False
        self._stack: list[tuple[Any, Kind, int]] = []
        self._kinds = dict(KIND_BY_ID)  # unknown elements get per-document ids, learnt on the way
        #: nodes that hold more than inline text and paragraphs
        self._special: set[int] = set()
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
            Kind.FIELD: self._field,
            Kind.SHOWN: self._shown,
            Kind.ITEM: self._item,
            Kind.MARKED: self._marked,
        }
        self._leave: dict[Kind, Callable[[], None]] = {
            Kind.BLOCK: self._end_block,
            Kind.PARAGRAPH: self._end_block,
            Kind.HEADING: self._end_block,
            Kind.ITEM: self._end_block,
            Kind.TABLE: self._end_table,
            Kind.CELL: self._end_cell,
            Kind.PRE: self._end_preformatted,
        }

    def walk(self, root: Any) -> None:
        """Visit every node under ``root`` once, in document order."""
        marks = self._marks
        looks = (marks.muted, marks.struck, marks.raised, marks.boxed, marks.apart, marks.unseen)
        more = (marks.faded, marks.turned, marks.added)
        marked = set().union(marks.kinds, *looks, *more)
        self._styled = bool(marked)
        self._special = special_nodes(root, marked)
        node = root
        while node is not None:
            child = None
            if node.tag_id != TEXT_ID:
                child = self._open(node)
            elif not self._look & _MUTED:
                text = node.text_content
                text = _looking(text, self._look) if self._look else text
                self._sink.append(_preformatted(text) if self._pre else text)
            node = self._onward(node) if child is None else child
        while self._tables:
            self._end_table()

    def _open(self, node: Any) -> Any:
        """Enter an element; its first child, or ``None`` if it has none to visit."""
        kind = self._kinds.get(node.tag_id)
        if kind is None:
            kind = self._kinds[node.tag_id] = learn(node)
        before = self._look
        if self._styled and (self._marks.boxed or node.mem_id in self._special):
            kind = self._dress(node, kind)
        child = None
        if kind is Kind.INLINE or self._enter[kind](node):
            self._add(node, 0)
            child = node.first_child
        if child is not None:
            self._stack.append((node, kind, before))
        else:
            self._close(node, kind, before)
        return child

    def _close(self, node: Any, kind: Kind, before: int) -> None:
        self._add(node, 1)
        if kind in self._leave:
            self._leave[kind]()
        self._look = before

    def _onward(self, node: Any) -> Any:
        """The next node in document order after ``node`` and all it contains."""
        node = node.next
        while node is None and self._stack:
            above, kind, before = self._stack.pop()
            self._close(above, kind, before)
            node = above.next
        return node

    def _dress(self, node: Any, kind: Kind) -> Kind:
        """Take on the look that styles give an element; what they make of its kind."""
        marks, node_id = self._marks, node.mem_id
        kind = self._fit(marks.kinds.get(node_id, kind))
        for bit, said in ((_MUTED, marks.muted), (_UNSEEN, marks.unseen)):
            if node_id in said:
                self._look = self._look | bit if said[node_id] else self._look & ~bit
        if node_id in marks.struck:
            self._look |= _STRUCK
        if node_id in marks.faded:
            self._look |= _UNSEEN
        return self._placed(node, node_id) if kind is Kind.INLINE else kind

    def _placed(self, node: Any, node_id: int) -> Kind:
        """What styles make of an inline element: raised above its line, or a box of its own."""
        marks, above = self._marks, node.parent
        if node_id in marks.apart or (above is not None and above.mem_id in marks.boxed):
            return Kind.BLOCK
        if node_id in marks.turned:
            self._sink.append(_TURNED)
        return Kind.RAISED if node_id in marks.raised else Kind.INLINE

    def _add(self, node: Any, side: int) -> None:
        """Print what a style sheet adds before (0) or behind (1) an element's own text."""
        if self._marks.added and not self._look & _MUTED:
            self._sink.append(self._marks.added.get(node.mem_id, ("", ""))[side])

    def _plainly(self, node: Any) -> bool:
        """Whether an element's text may be taken as it is, without looking at its parts."""
        return not self._look and not self._pre and node.mem_id not in self._special

    def _in_cell(self) -> bool:
        return bool(self._tables) and self._tables[-1].cell is not None

    # Entering: returns whether the children are to be visited.

    def _nothing(self, node: Any) -> bool:
        return False

    def _block(self, node: Any) -> bool:
        self._sink.append(BLOCK)
        return True

    def _paragraph(self, node: Any) -> bool:
        if self._plainly(node):
            self._sink += (BLOCK, node.text_lexbor())
            return False
        self._sink.append(BLOCK)
        return True

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
        if not self._plainly(node):
            return True
        cells = row.cells
        child = node.first_child
        while child is not None:
            if child.tag_id in CELL_IDS:
                cells.append(plain_cell(child))
            child = child.next
        return False

    def _cell(self, node: Any) -> bool:
        table = self._tables[-1]
        if not table.rows:
            table.rows.append(RowDraft(table.section, table.rank))
        if self._plainly(node):
            table.rows[-1].cells.append(plain_cell(node))
            return False
        cell = draft(node)
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
        if not _beside_others(node):
            return True
        text = node.text(deep=True).strip()
        if not self._look & _MUTED:
            self._sink.append(_looking(raised(text), self._look & ~_UNSEEN))
        return False

    def _begin_struck(self, node: Any) -> bool:
        self._look |= _STRUCK
        return True

    def _input(self, node: Any) -> bool:
        attrs = node.attrs
        kind = (attrs.get("type") or "text").strip().lower()
        if self._look & _MUTED:
            return False
        if kind not in _HIDDEN_INPUTS or (kind in _BUTTONS and self._in_cell()):
            self._sink.append(attrs.get("value") or "")
        elif kind != "hidden" and self._in_cell():
            self._sink.append(DRAWN)
        return False

    def _field(self, node: Any) -> bool:
        """A field of a form within a cell shows what is written or chosen in it."""
        if not self._in_cell() or self._look & _MUTED:
            return False
        if node.tag == "select":
            chosen = node.css_first("option[selected]") or node.css_first("option")
            self._sink.append(chosen.text(deep=True) if chosen is not None else DRAWN)
        else:
            self._sink.append(node.text(deep=True))
        return False

    def _shown(self, node: Any) -> bool:
        """A picture or an object: alone in a cell, the cell is no blank."""
        if self._in_cell() and not self._look & _MUTED and not _keeps_room(node):
            self._sink.append(DRAWN)
        return False

    def _item(self, node: Any) -> bool:
        self._sink.append(BLOCK)
        if self._in_cell() and node.parent.tag == "ol" and node.text(deep=True).strip().isdigit():
            self._sink.append(SIGN)  # its number stands before the figure
        return True

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
            table.cell.drawn = DRAWN in table.cell.flow
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


def _beside_others(node: Any) -> bool:
    """Whether an element has other text beside it; Word raises whole cells to centre them."""
    above = node.parent
    return above is not None and above.text(deep=True).strip() != node.text(deep=True).strip()


def _preformatted(text: str) -> str:
    """Text of a ``pre``: its line breaks are breaks, its spaces stay."""
    return text.replace("\n", BREAK + PREFORMATTED)


def _looking(text: str, look: int) -> str:
    """Text with what its look says of it."""
    if look & _STRUCK:
        text = struck(text)
    return unseen(text) if look & _UNSEEN else text


def _keeps_room(node: Any) -> bool:
    """Whether an element is a picture so small that it only keeps room."""
    attrs = node.attributes
    sides = [attrs.get(name) or "" for name in ("width", "height")]
    return any(side.isdigit() and int(side) <= _SPACER for side in sides)
