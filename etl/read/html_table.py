"""Tables of HTML: rows with spans → a rectangle, and layout tables told from data tables.

Pure functions over small drafts; nothing here knows the parser. Spans follow the HTML standard's
"forming a table" algorithm, with two departures: a column span that runs into a cell hanging down
from above is cut there, and absurd spans are cut to the width of the rest of the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from etl.document import GridCell
from etl.errors import RejectedDocument
from etl.read.limits import Limits
from etl.read.styled import SIGN, seen_of

#: Marks inside a flow of text. NUL cannot occur in parsed HTML, so it ends blocks; a ``<br>`` is a
#: piece of its own between two block ends, which keeps "two breaks" (a blank line) visible.
BLOCK: Final = "\x00"
BREAK: Final = "\x00\x01\x00"
BREAK_PIECE: Final = "\x01"
HEADING_PIECE: Final = "\x02"
PREFORMATTED: Final = "\x03"
#: Where a cell shows something that is no text; alone in a cell it reads as a sign.
DRAWN: Final = "\x05"

#: The longest row span (HTML standard's bound); what ``rowspan="0"`` means before clipping.
TO_SECTION_END: Final = 65_534
#: A cell this long is narrative that a layout table carries, not a cell of a form: the longest
#: printed label of the statutory form, its filling notes included, has about 120 characters.
_NARRATIVE: Final = 300
#: Own text beside a nested table that shows a cell to be a page region.
_REGION_TEXT: Final = 100
#: A table with more filled cells than this is no frame for a menu and a text.
_FRAME_CELLS: Final = 6

_SPAN: Final = re.compile(r"\s*\+?([0-9]{1,9})")
#: Not U+202D and U+202E, which turn the digits around.
_INVISIBLE: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202c\u2060-\u2064\u2066-\u2069\ufeff\u00ad\x04\x05]"
)
#: A source line break between two Chinese characters is no space (Word wraps HTML at 76 columns).
_WRAPPED: Final = re.compile(
    "(?<=[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef])[ \t\r\f]*+\n[ \t\r\n\f]*+"
    "(?=[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef])"
)


@dataclass(slots=True)
class TableBlock:
    """A finished grid waiting for its number: cells at resolved positions."""

    n_rows: int
    n_cols: int
    cells: list[GridCell]


Piece = str | TableBlock


@dataclass(slots=True)
class CellDraft:
    """A cell as met: its spans, and its flow (text pieces and nested tables, in order)."""

    rowspan: int = 1
    colspan: int = 1
    flow: list[Piece] = field(default_factory=list)
    nested: int = 0
    text: str = ""
    drawn: bool = False

    @property
    def shown(self) -> str:
        """The text, or a sign for a cell that shows only what is no text."""
        return self.text or SIGN * self.drawn


@dataclass(slots=True)
class RowDraft:
    """A row as met: its section's number and rank (0 head, 1 body, 2 foot)."""

    section: int
    rank: int
    cells: list[CellDraft] = field(default_factory=list)


@dataclass(slots=True)
class TableDraft:
    """A table being read, and the flow it stands in."""

    outer: list[Piece]
    rows: list[RowDraft] = field(default_factory=list)
    section: int = 0
    rank: int = 1
    seen_ranks: set[int] = field(default_factory=set)
    cell: CellDraft | None = None
    nested: int = 0


def span(value: str | None, *, zero: int = 1) -> int:
    """A ``rowspan``/``colspan`` attribute as browsers read it: leading digits, else 1."""
    match = _SPAN.match(value) if value else None
    return min(int(match.group(1)) or zero, TO_SECTION_END) if match else 1


def tidy(piece: str) -> str:
    """One line of HTML text as it is seen: white space collapsed, outer white space stripped."""
    if piece.startswith(PREFORMATTED):
        return _INVISIBLE.sub("", piece.replace(PREFORMATTED, "")).rstrip()
    piece = piece.strip()
    if "\n" in piece:
        piece = _WRAPPED.sub("", piece)
    text = " ".join(piece.split())
    if text.isprintable():  # format characters, such as zero-width spaces, are not
        return text
    return _INVISIBLE.sub("", text).strip()


def cell_text(flow: list[Piece]) -> str:
    """The text of a cell: lines joined by line feeds, nested tables left out."""
    raw = "".join([piece if piece.__class__ is str else BLOCK for piece in flow])
    raw = seen_of(raw, cell=True)
    if BLOCK not in raw:
        return tidy(raw)
    lines = [
        text
        for piece in raw.split(BLOCK)
        if piece
        and piece != BREAK_PIECE
        and piece[0] != HEADING_PIECE
        and (text := tidy(piece).strip())
    ]
    return lines[0] if len(lines) == 1 else "\n".join(lines).strip()


def finish(table: TableDraft, limits: Limits) -> list[Piece]:
    """A closed table → what stands in its place: a grid, or for a layout table its contents.

    * one cell: its contents (a frame around text is no table);
    * rows that are one long text or hold inner tables as page regions: their contents, the rows
      between them staying grids;
    * else: one grid, followed by the tables nested in its cells.
    """
    rows = table.rows
    if len(table.seen_ranks) > 1:
        rows.sort(key=lambda row: row.rank)
    cells, n_cols = lay_out(rows, limits)
    if len(cells) == 1:
        return [BLOCK, *(p for row in rows for cell in row.cells for p in cell.flow), BLOCK]
    longest = max((len(cell.text) for row in rows for cell in row.cells), default=0)
    if not longest and not table.nested:
        return [BLOCK]
    flowing = _flow_rows(table) if table.nested or longest >= _NARRATIVE else set()
    crossed = bool(flowing) and _crossed(cells, flowing)
    # a cell that hangs across a long note is a form's group label: the note is no page region
    if flowing and (table.nested or not crossed):
        return _dissolve(table, cells, flowing, crossed)
    pieces: list[Piece] = [BLOCK, TableBlock(len(rows), n_cols, cells), BLOCK]
    if table.nested:
        pieces += [p for row in rows for cell in row.cells for p in cell.flow if not _is_text(p)]
    return pieces


def _is_text(piece: Piece) -> bool:
    return piece.__class__ is str


def _flow_rows(table: TableDraft) -> set[int]:
    """Rows that carry the page rather than data; empty for a data table."""
    own = sum(1 for row in table.rows for cell in row.cells if cell.text and not cell.nested)
    return {
        number
        for number, row in enumerate(table.rows)
        if any(_is_region(cell, own, len(row.cells)) for cell in row.cells)
    }


def _is_region(cell: CellDraft, own_cells: int, row_width: int) -> bool:
    """Whether a cell is a region of the page: inner tables that outweigh it, or long prose."""
    if cell.nested:
        return cell.nested > own_cells or len(cell.text) > _REGION_TEXT
    if len(cell.text) < _NARRATIVE:
        return False
    return row_width == 1 or (own_cells <= _FRAME_CELLS and "\n" in cell.text)


def _crossed(cells: list[GridCell], rows: set[int]) -> bool:
    """Whether a row span of more than one row touches one of ``rows``."""
    return any(
        cell.rowspan > 1 and not rows.isdisjoint(range(cell.row, cell.row + cell.rowspan))
        for cell in cells
    )


def _dissolve(
    table: TableDraft, cells: list[GridCell], flowing: set[int], crossed: bool
) -> list[Piece]:
    """Contents of flowing rows in order; runs of other rows as grids where they have columns."""
    n_rows = len(table.rows)
    pieces: list[Piece] = [BLOCK]
    start = 0
    for number in [*sorted(flowing), n_rows]:
        run = table.rows[start:number]
        if crossed or not _has_columns(run):
            pieces += [p for row in run for p in _contents(row)]
        else:
            pieces += [_segment(cells, start, number), BLOCK]
        if number < n_rows:
            pieces += _contents(table.rows[number])
        start = number + 1
    return pieces


def _has_columns(rows: list[RowDraft]) -> bool:
    return any(sum(1 for cell in row.cells if cell.text) > 1 for row in rows)


def _contents(row: RowDraft) -> list[Piece]:
    return [p for cell in row.cells for p in (*cell.flow, BLOCK)]


def _segment(cells: list[GridCell], start: int, stop: int) -> TableBlock:
    inside = [
        GridCell(c.row - start, c.col, min(c.rowspan, stop - c.row), c.colspan, c.text)
        for c in cells
        if start <= c.row < stop
    ]
    return TableBlock(stop - start, max(c.col + c.colspan for c in inside), inside)


def lay_out(rows: list[RowDraft], limits: Limits) -> tuple[list[GridCell], int]:
    """Resolve spans.

    Args:
        rows: rows in display order.
        limits: bounds of a grid.

    Returns:
        Anchored cells (row, column, spans clipped to their section and to the rectangle), and the
        number of columns.

    Raises:
        RejectedDocument: ``too_large`` when the rectangle exceeds ``limits.max_grid_cells``.
    """
    one_section = all(row.section == rows[0].section for row in rows)
    ends = None if one_section else _section_ends(rows)
    n_rows = len(rows)
    n_cols = width = 0
    free_from: list[int] = []  # per column: the first row no cell hangs into
    cells: list[GridCell] = []
    for r, row in enumerate(rows):
        col = 0
        for cell in row.cells:
            while col < n_cols and free_from[col] > r:
                col += 1
            bottom = r + 1
            if cell.rowspan > 1:
                bottom = min(r + cell.rowspan, ends[r] if ends else n_rows)
            stop = col + cell.colspan
            if cell.colspan > limits.max_grid_cols:
                width = width or _sane_width(rows, limits)
                stop = max(col + 1, width)
            if stop > n_cols:
                _check_width(stop, n_rows, limits)
                free_from += [0] * (stop - n_cols)
                n_cols = stop
            shown = stop
            if cell.colspan > 1 or bottom > r + 1:
                shown = col
                while shown < stop and free_from[shown] <= r:
                    free_from[shown] = bottom
                    shown += 1
            cells.append(GridCell(r, col, bottom - r, shown - col, cell.shown))
            col = stop
    return cells, n_cols


def _check_width(n_cols: int, n_rows: int, limits: Limits) -> None:
    if n_cols * n_rows > limits.max_grid_cells:
        raise RejectedDocument(
            "too_large",
            f"表格过大：{n_rows} 行 {n_cols} 列，超过 {limits.max_grid_cells} 个单元格的上限",
            hint="年度报告的法定表格不超过 40 行 20 列，请检查文件是否正确",
        )


def _sane_width(rows: list[RowDraft], limits: Limits) -> int:
    """The widest row counted without absurd column spans."""
    return max(
        (
            sum(c.colspan if c.colspan <= limits.max_grid_cols else 1 for c in row.cells)
            for row in rows
        ),
        default=0,
    )


def _section_ends(rows: list[RowDraft]) -> list[int]:
    """Per row, the row after the last of its section: a row span stops there."""
    ends = [0] * len(rows)
    end = len(rows)
    for r in range(len(rows) - 1, -1, -1):
        if r + 1 < len(rows) and rows[r + 1].section != rows[r].section:
            end = r + 1
        ends[r] = end
    return ends
