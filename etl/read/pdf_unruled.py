"""Tables without ruling lines: rows of figures that stand in columns.

Only rows are made here, and only where the page leaves no choice: a column is where the figures of
full rows stand above each other with white space between the columns, and a row with blanks is
placed only if each of its figures stands under exactly one of them. A label broken over lines with
its figures beside the middle is put together only if it lies evenly around them. Everything else
stays lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from etl.document import Fidelity, Grid, GridCell
from etl.read.pdf_lines import COLUMN_GAP, cell_text, is_cjk
from etl.read.pdf_marks import Char
from etl.read.pdf_pages import PageLine

#: A gap above this share of an em parts a label from a figure and a figure from a figure.
PART_GAP: Final = 0.45
#: Fewest figures in a row, and fewest rows with all their figures, that make columns.
MIN_FIGURES, MIN_FULL_ROWS = 2, 2
#: White space between two columns, in ems; and the leading of a label's lines at most.
COLUMN_SPACE, MAX_LEADING = 0.25, 1.5
#: How far a label's middle may be off its figures' line, in ems.
OFF_CENTRE: Final = 0.35

_FIGURE: Final = re.compile(r"[+\-－]?\d[\d,，]*(?:\.\d+)?(?:件|条|万?元)?|[/／\-—－]+")


class _Part(NamedTuple):
    """A piece of a line with white space around it."""

    text: str
    x0: float
    x1: float


@dataclass(slots=True)
class _Row:
    """A line cut into labels and the figures behind them; label-only lines have no figures."""

    item: PageLine
    labels: list[_Part]
    figures: list[_Part]
    #: Lines of the same label above and below this one, once they are found.
    above: list[_Row] = field(default_factory=list)
    below: list[_Row] = field(default_factory=list)
    taken: bool = False

    @property
    def middle(self) -> float:
        return self.item.line.base

    @property
    def em(self) -> float:
        return self.item.line.size * 0.8


def aligned_grids(lines: Sequence[PageLine], last_number: int) -> Iterator[PageLine | Grid]:
    """Lines in reading order, rows of aligned figures among them as ``ALIGNED`` grids.

    Args:
        lines: running text between two ruled tables.
        last_number: number of the last grid so far.
    """
    rows = [_cut(line) for line in lines]
    position = 0
    while position < len(rows):
        end = _run_end(rows, position)
        columns = _columns(rows[position:end])
        if not columns:
            # Without columns the lines stay as they are, up to the next possible table.
            yield from (row.item for row in rows[position : max(end, position + 1)])
            position = max(end, position + 1)
            continue
        for piece in _pieces(rows[position:end], columns, last_number):
            if isinstance(piece, Grid):
                last_number = piece.number
            yield piece
        position = end


def _cut(item: PageLine) -> _Row:
    parts = [
        _Part(cell_text(chars), chars[0].x0, chars[-1].x1) for chars in _split(item.line.chars)
    ]
    figures: list[_Part] = []
    while parts and _FIGURE.fullmatch(parts[-1].text):
        figures.insert(0, parts.pop())
    if any(_FIGURE.fullmatch(part.text) for part in parts):
        return _Row(item, [*parts, *figures], [])
    return _Row(item, parts, figures)


def _split(chars: Sequence[Char]) -> Iterator[list[Char]]:
    part: list[Char] = [chars[0]]
    for left, right in pairwise(chars):
        em = min(left.size, right.size)
        both_chinese = is_cjk(left.text) and is_cjk(right.text)
        if right.x0 - left.x1 > (COLUMN_GAP if both_chinese else PART_GAP) * em:
            yield part
            part = []
        part.append(right)
    yield part


def _run_end(rows: Sequence[_Row], start: int) -> int:
    """End of the run of figure rows on one page, short label-only lines between them included."""
    if len(rows[start].figures) < MIN_FIGURES and not _heads_a_row(rows, start):
        return start
    page, end, most = rows[start].item.page, start, 0
    for index in range(start, len(rows)):
        row = rows[index]
        if row.item.page != page:
            break
        if len(row.figures) >= MIN_FIGURES:
            if most and len(row.figures) > most and index - start > 2:
                break
            most = max(most, len(row.figures))
            end = index + 1
        elif row.figures or not row.labels or _too_wide(row, rows[start:end]):
            break
    # The last label may go on below its figures.
    while end < len(rows) and _leads(rows[end - 1], rows[end]) and not rows[end].figures:
        end += 1
    return end


def _heads_a_row(rows: Sequence[_Row], index: int) -> bool:
    """Whether a line without figures is the upper part of a label whose figures follow."""
    row = rows[index]
    for below in rows[index + 1 : index + 4]:
        if not _leads(row, below):
            return False
        if len(below.figures) >= MIN_FIGURES:
            return not below.labels and not _too_wide(row, [below])
        if below.figures:
            return False
        row = below
    return False


def _too_wide(row: _Row, before: Sequence[_Row]) -> bool:
    left = min((r.figures[0].x0 for r in before if r.figures), default=float("inf"))
    return row.labels[-1].x1 > left


def _leads(upper: _Row, lower: _Row) -> bool:
    """Whether two lines are as near as lines of one label."""
    gap = lower.middle - upper.middle
    return upper.item.page == lower.item.page and 0 < gap <= MAX_LEADING * max(upper.em, lower.em)


def _columns(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Where the figures of full rows stand; empty where they do not make columns."""
    count = max((len(row.figures) for row in rows), default=0)
    full = [row for row in rows if len(row.figures) == count]
    if count < MIN_FIGURES or len(full) < MIN_FULL_ROWS:
        return []
    columns = [
        (min(row.figures[i].x0 for row in full), max(row.figures[i].x1 for row in full))
        for i in range(count)
    ]
    space = COLUMN_SPACE * full[0].em
    apart = all(right[0] - left[1] > space for left, right in pairwise(columns))
    return columns if apart else []


def _pieces(
    rows: Sequence[_Row], columns: list[tuple[float, float]], number: int
) -> Iterator[PageLine | Grid]:
    _gather_labels(rows)
    table: list[list[str]] = []
    places: list[str] = []
    for row in rows:
        if row.taken:
            continue
        figures = _placed(row, columns)
        if figures is not None:
            table.append([_label(row), *figures])
            places.append(row.item.place)
            continue
        if table:
            number += 1
            yield _grid(table, places, number)
            table, places = [], []
        yield row.item
    if table:
        yield _grid(table, places, number + 1)


def _placed(row: _Row, columns: list[tuple[float, float]]) -> list[str] | None:
    """A row's figures by column, blanks as ``""``; ``None`` where one of them fits no column."""
    if not row.figures:
        return None
    placed = [""] * len(columns)
    for part in row.figures:
        under = [i for i, (x0, x1) in enumerate(columns) if part.x0 < x1 and part.x1 > x0]
        if len(under) != 1 or placed[under[0]]:
            return None
        placed[under[0]] = part.text
    return placed


def _gather_labels(rows: Sequence[_Row]) -> None:
    """Give each row the lines of its label above and below it, where that is certain."""
    claims: dict[int, list[tuple[_Row, list[_Row], list[_Row]]]] = {}
    for index, row in enumerate(rows):
        if not row.figures:
            continue
        above = _chain(rows, index, -1)
        below = _chain(rows, index, +1)
        if not above or len(above) != len(below):
            continue
        centre = (above[-1].middle + below[-1].middle) / 2
        if abs(centre - row.middle) > OFF_CENTRE * row.em:
            continue
        for line in (*above, *below):
            claims.setdefault(id(line), []).append((row, above, below))
    for row, above, below in {id(c[0]): c for found in claims.values() for c in found}.values():
        if all(len(claims[id(line)]) == 1 for line in (*above, *below)):
            row.above, row.below = above[::-1], below
            for line in (*above, *below):
                line.taken = True


def _chain(rows: Sequence[_Row], index: int, step: int) -> list[_Row]:
    """Label-only lines next to a row, each near the one before it and in the label's column."""
    found: list[_Row] = []
    near = rows[index]
    position = index + step
    while 0 <= position < len(rows):
        line = rows[position]
        upper, lower = (line, near) if step < 0 else (near, line)
        if line.figures or len(line.labels) != 1 or not _leads(upper, lower):
            break
        position += step
        # A piece of a group's label, in a column further left, is passed over.
        if rows[index].labels and not _same_column(line.labels[0], rows[index].labels[-1]):
            continue
        found.append(line)
        near = line
    return found


def _same_column(one: _Part, other: _Part) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1


def _label(row: _Row) -> str:
    """The label next to the figures, whole; group labels further left are left out."""
    lines = [line.labels[0].text for line in row.above]
    lines += [row.labels[-1].text] if row.labels else []
    return "\n".join([*lines, *(line.labels[0].text for line in row.below)])


def _grid(table: Sequence[Sequence[str]], places: Sequence[str], number: int) -> Grid:
    cells = [
        GridCell(row, col, 1, 1, text)
        for row, texts in enumerate(table)
        for col, text in enumerate(texts)
    ]
    return Grid(number, len(table), len(table[0]), cells, Fidelity.ALIGNED, places[0], list(places))
