"""Tables over page breaks: parts put together, the repeated header and the cut row mended.

Every step here asks for certainty: a row is joined only if one half holds no figures and the
label visibly goes on; otherwise both halves stay rows of their own and extraction sees them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from etl.document import Fidelity, Grid, GridCell
from etl.read.pdf_grid import Box
from etl.read.pdf_marks import UNPLACED
from etl.read.pdf_pages import Page, PageItem, PageLine, PageTable

#: Column borders of two parts agree within this (points): programs round anew on each page.
SAME_COLUMN: Final = 4.0
#: A part without the other's outer columns shares at least this many borders.
MIN_SHARED: Final = 4
#: A header of the statutory form has up to three rows, some offices put a caption above.
MAX_HEADER_ROWS: Final = 5

#: Figures and marks for none, with the units that offices print behind them (42件).
_VALUE: Final = re.compile(
    r"[\s\xad\d０-９.,，+\-－—/\ufffd]+(?:件次?|批次?|[条项个宗份例次家]|[万亿]?元)?\s*"
)
#: A row with no more figures may have gone on in all of them.
_FEW_FIGURES: Final = 3
_FIGURE: Final = re.compile(r"[\d０-９]")
_NUMBERED: Final = re.compile(
    r"\s*(?:[（(]\s*[一二三四五六七八九十]+\s*[)）]|[一二三四五六七八九十]+\s*、|\d+\s*[.．、]|第)"
)
_OPENING, _CLOSING = "（(“《", "）)”》"


@dataclass(slots=True)
class _Cell:
    row: int
    col: int
    rowspan: int
    colspan: int
    text: str
    wrapped: bool = False

    @property
    def has_figure(self) -> bool:
        return _FIGURE.search(self.text) is not None

    @property
    def bottom(self) -> int:
        return self.row + self.rowspan


@dataclass(slots=True)
class Part:
    """A table in the making: column borders, cells, and the page each row stands on."""

    xs: list[float]
    pages: list[int]
    cells: list[_Cell]
    open_top: bool
    open_bottom: bool
    #: The cells of the last page by the boxes they were.
    ends: dict[Box, _Cell]

    @property
    def n_rows(self) -> int:
        """Rows so far."""
        return len(self.pages)

    def row(self, index: int) -> list[_Cell]:
        """Cells whose top-left corner stands in a row, left to right."""
        return sorted((c for c in self.cells if c.row == index), key=lambda c: c.col)

    def grid(self, number: int) -> Grid:
        """The finished table; rows are placed by page."""
        return Grid(
            number=number,
            n_rows=self.n_rows,
            n_cols=len(self.xs) - 1,
            cells=[
                GridCell(c.row, c.col, c.rowspan, c.colspan, c.text.strip())
                for c in sorted(self.cells, key=lambda c: (c.row, c.col))
            ],
            fidelity=Fidelity.STRUCTURED,
            place=f"page {self.pages[0]}",
            row_places=[f"page {page}" for page in self.pages],
        )


def joined_items(pages: Sequence[Page]) -> list[PageItem | Part]:
    """The items of all pages in reading order, tables as :class:`Part`, joined over breaks."""
    items: list[PageItem | Part] = []
    for page in pages:
        for position, item in enumerate(page.items):
            if not isinstance(item, PageTable):
                items.append(item)
                continue
            part = _part(item)
            before, hanging = _last_table(items)
            if position == 0 and before is not None and _goes_over(before, part):
                for line in hanging:
                    _take_in(before, line)
                del items[len(items) - len(hanging) :]
                _append(before, part)
            else:
                items.append(part)
    return items


def _last_table(items: Sequence[PageItem | Part]) -> tuple[Part | None, list[PageLine]]:
    """The table that ends what came so far, and the lines below it that go on with its cells."""
    hanging: list[PageLine] = []
    for item in reversed(items):
        if isinstance(item, Part):
            return item, hanging[::-1]
        if not isinstance(item, PageLine) or item.hanging is None:
            break
        hanging.append(item)
    return None, []


def _take_in(part: Part, line: PageLine) -> None:
    """Put a line that hangs below a cut row into the cells it goes on with."""
    for box, text in (line.hanging or {}).items():
        cell = part.ends.get(box)
        if cell is not None:
            cell.text += "\n" + text


def _part(item: PageTable) -> Part:
    table = item.table
    made = {box: _Cell(*box, item.texts[box], box in item.wrapped) for box in table.boxes}
    pages = [item.page] * (len(table.ys) - 1)
    cells = list(made.values())
    return Part(list(table.xs), pages, cells, table.open_top, table.open_bottom, made)


def _goes_over(upper: Part, lower: Part) -> bool:
    """Whether the lower part goes on with the upper one from the page before.

    It does if both have the same frame and, as far as both show them, the same columns; a part
    shows only the borders that its own rows need. Chromium leaves a spanning label's column out
    after a break, so a frame may also be narrower if all its borders are among the other's.
    """
    if upper.pages[-1] != lower.pages[0] - 1:
        return False
    fewer, more = sorted((upper.xs, lower.xs), key=len)
    shared = sum(any(abs(x - y) <= SAME_COLUMN for y in more) for x in fewer)
    if shared == len(fewer) >= MIN_SHARED:
        return True
    same_left = abs(upper.xs[0] - lower.xs[0]) <= SAME_COLUMN
    same_right = abs(upper.xs[-1] - lower.xs[-1]) <= SAME_COLUMN
    return same_left and same_right and (shared - 2) * 2 >= len(fewer) - 2


def _append(upper: Part, lower: Part) -> None:
    """Add the lower part's rows to the upper part, in place."""
    _share_columns(upper, lower)
    _drop_repeated_header(upper, lower)
    if not lower.n_rows:
        upper.open_bottom = lower.open_bottom
        return
    if _is_cut_row(upper, lower):
        _join_cut_row(upper, lower)
    else:
        _mark_cut_figures(upper, lower)
        _doubt_blanks(upper, lower)
    shift = upper.n_rows
    _join_spans(upper, lower, shift)
    for cell in lower.cells:
        cell.row += shift
    upper.cells.extend(lower.cells)
    upper.ends = lower.ends
    upper.pages.extend(lower.pages)
    upper.open_bottom = lower.open_bottom


def _share_columns(upper: Part, lower: Part) -> None:
    """Give both parts the union of their column borders, widening spans."""
    union = list(upper.xs)
    for x in lower.xs:
        if all(abs(x - y) > SAME_COLUMN for y in union):
            union.append(x)
    union.sort()
    for part in (upper, lower):
        index = [min(range(len(union)), key=lambda i: abs(union[i] - x)) for x in part.xs]
        for cell in part.cells:
            end = index[cell.col + cell.colspan]
            cell.col = index[cell.col]
            cell.colspan = end - cell.col
        part.xs = union


def _drop_repeated_header(upper: Part, lower: Part) -> None:
    """Remove the lower part's first rows where they repeat the upper part's first rows.

    Rows with figures are never a header (第二十条第（五）项 may head a part: a caption cannot be
    told from data otherwise), and a whole part is never dropped.
    """
    count = 0
    for row in range(min(MAX_HEADER_ROWS, upper.n_rows, lower.n_rows - 1)):
        first, again = _shape(upper, row), _shape(lower, row)
        if not first or first != again or any(re.fullmatch(r"[\d.\s/-]*", t) for *_, t in first):
            break
        count = row + 1
    while count and any(c.row < count < c.bottom for c in lower.cells):
        count -= 1
    if not count:
        return
    lower.cells = [c for c in lower.cells if c.row >= count]
    for cell in lower.cells:
        cell.row -= count
    del lower.pages[:count]
    lower.open_top = False


def _shape(part: Part, row: int) -> list[tuple[int, int, int, str]]:
    return [(c.col, c.colspan, c.rowspan, re.sub(r"\s", "", c.text)) for c in part.row(row)]


def _is_cut_row(upper: Part, lower: Part) -> bool:
    """Whether the upper part's last row and the lower part's first row are one row cut in two."""
    pairs, single = _pairs_at_break(upper, lower)
    own = [(a, b) for a, b in pairs if a.rowspan == b.rowspan == 1]
    if single or not own:
        return False
    labels = [(a, b) for a, b in own if a.text and b.text]
    others = [(a, b) for a, b in own if not (a.text and b.text)]
    spanning = [(a, b) for a, b in pairs if max(a.rowspan, b.rowspan) > 1]
    if any(_is_value(a.text) or _is_value(b.text) for a, b in labels):
        return False
    # One half holds all the other texts of the row, the other half none of them; or one its label,
    # the other its figures, which stand in the middle of a high row.
    above, below = [a.text for a, _ in others if a.text], [b.text for _, b in others if b.text]
    if above and below and (labels or not (_parted(above, below) or _parted(below, above))):
        return False
    # A group's label may be cut with the row; one that begins below tells of a new row.
    if any(_NUMBERED.match(b.text) or b.has_figure for _, b in spanning):
        return False
    if not labels:
        opened = upper.open_bottom + lower.open_top
        return opened == 2 or (opened == 1 and bool(above and below))
    return all(_goes_on(a, b, upper.open_bottom or lower.open_top) for a, b in labels)


def _doubt_blanks(upper: Part, lower: Part) -> None:
    """Mark the blanks of a row with a label alone below the break, figures alone above it.

    They may be its figures, though a line closes their row.
    """
    pairs, _ = _pairs_at_break(upper, lower)
    own = [(a, b) for a, b in pairs if a.rowspan == b.rowspan == 1]
    above, below = [a.text for a, _ in own if a.text], [b.text for _, b in own if b.text]
    crossed = not any(a.text and b.text for a, b in own)
    if above and below and crossed and _parted(above, below):
        for figure, blank in own:
            blank.text = blank.text or UNPLACED * bool(figure.text)


def _parted(figures: list[str], labels: list[str]) -> bool:
    return all(map(_is_value, figures)) and not any(map(_is_value, labels))


def _mark_cut_figures(upper: Part, lower: Part) -> None:
    """Put the digits of a row without a label behind the figures above them, as lines of theirs.

    A figure too wide for its column goes on in a second line, which a page break may part from the
    first: 100000 above it, 0 below. A row that lost its label fills all its columns instead.
    """
    pairs, _ = _pairs_at_break(upper, lower)
    words = [c for c in lower.row(0) if c.text and not _is_value(c.text)]
    # A group's label may be cut with the figure; one with a number of its own begins a row.
    if any(c.rowspan == 1 or _NUMBERED.match(c.text) for c in words):
        return
    own = [(a, b) for a, b in pairs if a.has_figure and a.rowspan == b.rowspan == 1]
    if all(b.has_figure for _, b in own) and len(own) > _FEW_FIGURES:
        return
    for above, below in own:
        if below.has_figure:
            above.text += "\n" + below.text


def _pairs_at_break(upper: Part, lower: Part) -> tuple[list[tuple[_Cell, _Cell]], list[_Cell]]:
    """Cells that meet at the break, and those of one row that meet none.

    A group's label may lack its other half, left of the row's own cells: Chromium draws the column
    of a label that spans rows only where the label stands.
    """
    head = {(c.col, c.colspan): c for c in upper.cells if c.bottom == upper.n_rows}
    tail = {(c.col, c.colspan): c for c in lower.row(0)}
    pairs = [(head[place], tail[place]) for place in head.keys() & tail.keys()]
    first = min((a.col for a, b in pairs if a.rowspan == b.rowspan == 1), default=0)
    lone = [c for place, c in head.items() if place not in tail and c.col >= first]
    lone += [c for place, c in tail.items() if place not in head and (c.text or c.col >= first)]
    return pairs, [c for c in lone if c.rowspan == 1]


def _goes_on(upper: _Cell, lower: _Cell, open_border: bool) -> bool:
    """Whether a label of the upper half goes on in the lower half."""
    if _NUMBERED.match(lower.text):
        return False
    opened = sum(upper.text.count(c) for c in _OPENING) - sum(upper.text.count(c) for c in _CLOSING)
    closed = sum(lower.text.count(c) for c in _CLOSING) - sum(lower.text.count(c) for c in _OPENING)
    return open_border or (opened > 0 and opened == closed) or upper.wrapped


def _is_value(text: str) -> bool:
    return _VALUE.fullmatch(text) is not None


def _join_cut_row(upper: Part, lower: Part) -> None:
    """Put the lower halves of the cut row's cells into the upper ones and remove the half-row."""
    pairs, _ = _pairs_at_break(upper, lower)
    joined = {id(below) for _, below in pairs}
    for above, below in pairs:
        above.text = "\n".join(text for text in (above.text, below.text) if text)
        above.rowspan += below.rowspan - 1
    kept = [c for c in lower.cells if id(c) not in joined]
    for cell in kept:
        if cell.row == 0:
            cell.rowspan -= 1
        else:
            cell.row -= 1
    lower.cells = kept
    del lower.pages[0]


def _join_spans(upper: Part, lower: Part, shift: int) -> None:
    """Join a label that spans rows on both sides of the break.

    The lower piece is empty (the label is printed once, on either page) or, where the page break
    runs through the label itself, Chinese text without numbering. Cells that hold figures or
    span one row on both sides are left alone: an empty figure cell is a blank, not a span.
    """
    for below in [c for c in lower.cells if c.row == 0]:
        above = next(
            (
                c
                for c in upper.cells
                if c.bottom == shift and (c.col, c.colspan) == (below.col, below.colspan)
            ),
            None,
        )
        if above is None or max(above.rowspan, below.rowspan) < 2:
            continue
        if above.has_figure or below.has_figure or _is_blank_figure(below, lower):
            continue
        if above.text and below.text and not _label_goes_on(above, below):
            continue
        above.text += below.text
        above.rowspan += below.rowspan
        lower.cells.remove(below)


def _is_blank_figure(cell: _Cell, part: Part) -> bool:
    """Whether an empty cell stands among figures, no label of a row beside it: a blank."""
    if cell.text or cell.rowspan > 1:
        return False
    return not any(c.text and not _is_value(c.text) for c in part.row(cell.row) if c.col > cell.col)


def _label_goes_on(above: _Cell, below: _Cell) -> bool:
    """Whether a group's label is printed half above and half below the break (三、本 / 年度…)."""
    if _NUMBERED.match(below.text):
        return False
    return min(above.rowspan, below.rowspan) >= 2 or _NUMBERED.match(above.text) is not None
