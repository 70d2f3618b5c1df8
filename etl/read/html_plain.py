"""What most cells and paragraphs are: text that lexbor gives in one call, with nothing to look at.

Also the numbers by which lexbor knows the elements, which both walks ask for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from etl.read.html_kinds import KIND_OF, PLAIN_KINDS, Kind
from etl.read.html_table import BLOCK, TO_SECTION_END, CellDraft, cell_text, span, tidy

_FIRST_ADDRESS: Final = 4096


def _tag_ids() -> dict[int, Kind]:
    """Lexbor's number of each known element → kind, asked of lexbor itself (versions differ)."""
    parser = LexborHTMLParser("")
    ids = {int(parser.create_node(name).tag_id): kind for name, kind in KIND_OF.items()}
    # names lexbor does not know get an address as id, good for one document only
    return {tag_id: kind for tag_id, kind in ids.items() if tag_id < _FIRST_ADDRESS}


KIND_BY_ID: Final = _tag_ids()
TEXT_ID: Final[int] = int(LexborHTMLParser("<p>x").css_first("p").first_child.tag_id)  # type: ignore[union-attr]
#: Parts of a table that make sense only directly within one.
_SPECIAL_IDS: Final = frozenset(
    tag_id for tag_id, kind in KIND_BY_ID.items() if kind not in PLAIN_KINDS
)
_PARAGRAPH_ID: Final = next(i for i, kind in KIND_BY_ID.items() if kind is Kind.PARAGRAPH)
CELL_IDS: Final = frozenset(i for i, kind in KIND_BY_ID.items() if kind is Kind.CELL)
#: Elements in which a paragraph is an ordinary line, not a break within a run of text.
_BLOCK_IDS: Final = frozenset(
    i for i, kind in KIND_BY_ID.items() if kind in {Kind.CELL, Kind.BLOCK, Kind.HEADING}
)


def special_nodes(root: Any, marked: Iterable[int]) -> set[int]:
    """Ids of the nodes that contain more than inline text and paragraphs, or marked nodes.

    Most rows and paragraphs are not among them: lexbor gives the text of their parts in one call
    each, which spares the walk two thirds of its steps on Word-exported pages.
    """
    special = set(marked)
    above_marked = bool(special)
    for node in root.traverse():
        tag_id = node.tag_id
        if tag_id in _SPECIAL_IDS:
            _mark_above(node, special)
        elif tag_id == _PARAGRAPH_ID:
            if node.parent.tag_id not in _BLOCK_IDS:  # within a span, whose text has two lines
                _mark_above(node, special)
        elif tag_id >= _FIRST_ADDRESS and node.tag in KIND_OF:
            _mark_above(node, special)
        if above_marked and node.mem_id in special:
            _mark_above(node, special)
    return special


def _mark_above(node: Any, special: set[int]) -> None:
    above = node.parent
    while above is not None and (above_id := above.mem_id) not in special:
        special.add(above_id)
        above = above.parent


def draft(cell: Any) -> CellDraft:
    """An empty cell with the spans of an element."""
    attributes = cell.attributes
    down = attributes.get("rowspan") or attributes.get("aria-rowspan")
    across = attributes.get("colspan") or attributes.get("aria-colspan")
    return CellDraft(span(down, zero=TO_SECTION_END) if down else 1, span(across) if across else 1)


def plain_cell(node: Any) -> CellDraft:
    """A cell that holds inline text and paragraphs only."""
    cell = draft(node)
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
        if tag_id == TEXT_ID:
            flow.append(first.text_content)
        elif tag_id == _PARAGRAPH_ID:
            flow += (BLOCK, first.text_lexbor(), BLOCK)
        elif first.is_element_node:
            flow.append(first.text_lexbor())
        first = first.next
    cell.text = cell_text(flow)
    return cell


def learn(node: Any) -> Kind:
    """The kind of a node whose id is not among lexbor's known tags."""
    tag = node.tag
    return KIND_OF.get(tag, Kind.INLINE) if tag and tag[0] != "-" else Kind.INLINE
