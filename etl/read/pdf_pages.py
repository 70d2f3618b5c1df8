"""One page's marks to its items in reading order: tables with cell texts, and lines of text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from etl.document import FORCED_BREAK
from etl.read.pdf_fields import in_doubt, pushed_out, ruled_tables
from etl.read.pdf_grid import SNAP, Box, RuledTable, slots_of
from etl.read.pdf_lines import TextLine, cell_text, lines_of
from etl.read.pdf_marks import TOKEN_GAP, UNPLACED, Char, PageMarks

#: Page numbers and running heads stand in this share of the page at its top and bottom.
MARGIN: Final = 0.12
#: The borders of a table of one column.
_ONE_COLUMN: Final = 2
#: What programs leave free beside the text of a cell, both sides together, in points: 10.8 in Word.
_CELL_MARGINS: Final = 11.5
#: Lines below a table that may go on with its cells, and their leading at most, in ems.
_MOST_HANGING: Final = 3
_LEADING: Final = 1.7
#: A figure over several lines.
_STACKED: Final = re.compile(r"[\d０-９][\d０-９.,，]*(?:\n[\d０-９.,，]+)*\n?[件条项个宗份]?")
#: ``- 3 -``, ``第 3 页 共 5 页``, ``3/5``, ``Page 3 of 5``.
MARKED_PAGE_NUMBER: Final = re.compile(
    r"[-‐‑–—─－~·•\s]+\s*\d{1,4}\s*[-‐‑–—─－~·•\s]+|第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?"
    r"|\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?"
)


@dataclass(slots=True)
class PageTable:
    """A table of one page with the text and the left-over space of each of its boxes.

    ``wrapped`` holds the boxes whose last line of text reaches the right border, so that the text
    may go on in the next row; ``bases`` the lowest baselines of the last row's boxes.
    """

    page: int
    table: RuledTable
    texts: dict[Box, str]
    wrapped: set[Box]
    bases: dict[Box, float]

    @property
    def top(self) -> float:
        """Upper edge in points from the top of the page."""
        return self.table.ys[0]


@dataclass(slots=True)
class PageLine:
    """A line of running text and its number on the page, counted from 1 from the top."""

    page: int
    number: int
    line: TextLine
    text: str
    #: What of the line goes on below the cells of a table that the page's end cuts.
    hanging: dict[Box, str] | None = None

    @property
    def top(self) -> float:
        """Upper edge in points from the top of the page."""
        return self.line.top

    @property
    def place(self) -> str:
        """Where a person finds the line."""
        return f"page {self.page}, line {self.number}"


PageItem = PageTable | PageLine


@dataclass(slots=True)
class Page:
    """A page's items from top to bottom, with the page's height in points."""

    number: int
    height: float
    items: list[PageItem]


def page_items(marks: PageMarks, max_cells: int) -> Page:
    """Tables and lines of one page, top to bottom; page numbers are still among the lines.

    Raises:
        RejectedDocument: ``too_large``, from :func:`~etl.read.pdf_grid.find_tables`.
    """
    found = ruled_tables(marks, max_cells)
    # Rules between rows alone tell no columns: such a table is read by its white space.
    tables = [table for table in found if len(table.xs) > _ONE_COLUMN]
    inside: list[list[Char]] = [[] for _ in tables]
    outside: list[Char] = []
    for char in marks.chars:
        x, y = char.mid_x, char.mid_y
        home = next((i for i, t in enumerate(tables) if t.covers(x, y)), None)
        (outside if home is None else inside[home]).append(char)
    items: list[PageItem] = []
    digits = [char for char in outside if char.text[0].isdigit()]
    for table, chars in zip(tables, inside, strict=True):
        beside = [c for c in digits if table.ys[0] <= c.mid_y <= table.ys[-1]]
        filled, rest = _fill(table, chars, beside, marks)
        outside.extend(rest)
        if any(filled.texts.values()):
            items.append(filled)
    lines = lines_of(outside)
    items.extend(PageLine(marks.number, i + 1, line, line.text) for i, line in enumerate(lines))
    items.sort(key=lambda item: item.top)
    _mark_hanging(items)
    return Page(marks.number, marks.height, items)


def _mark_hanging(items: Sequence[PageItem]) -> None:
    """Note of the last lines of a page which cells above them they may go on with.

    Chromium draws a label's last line below the border at which it cut the row.
    """
    at = max((i for i, item in enumerate(items) if isinstance(item, PageTable)), default=-1)
    below = items[at + 1 :]
    if at < 0 or len(below) > _MOST_HANGING:
        return
    last = items[at]
    assert isinstance(last, PageTable)
    bases = dict(last.bases)
    for item in below:
        assert isinstance(item, PageLine)
        item.hanging = _hangs_from(item.line, last.table, bases)
        if item.hanging is None:
            return
        bases.update(dict.fromkeys(item.hanging, item.line.base))


def _hangs_from(
    line: TextLine, table: RuledTable, bases: dict[Box, float]
) -> dict[Box, str] | None:
    """The parts of a line by the cells they stand below, each as near as a next line is."""
    parts: dict[Box, list[Char]] = defaultdict(list)
    for char in line.chars:
        above = (b for b in bases if table.rect(b)[0] <= char.mid_x <= table.rect(b)[1])
        box = next(above, None)
        if box is None or char.text.isdigit():
            return None
        if not 0 < char.base - bases[box] < _LEADING * char.size:
            return None
        parts[box].append(char)
    return {box: cell_text(chars) for box, chars in parts.items()}


def _fill(
    table: RuledTable, chars: Sequence[Char], beside: Sequence[Char], marks: PageMarks
) -> tuple[PageTable, list[Char]]:
    """Put characters into the table's boxes; returns those that stand in none of them.

    ``beside`` are digits that stand beside the table at the height of its rows.
    """
    slots = slots_of(table)
    content: dict[Box, list[Char]] = defaultdict(list)
    rest: list[Char] = []
    homes: list[Box | None] = []
    for char in chars:
        row, col = bisect_right(table.ys, char.mid_y) - 1, bisect_right(table.xs, char.mid_x) - 1
        homes.append(slots.get((row, col)))
    for char, box in zip(chars, homes, strict=True):
        if box is None:
            rest.append(char)
        else:
            content[box].append(char)
    doubtful = in_doubt(table, content, slots, marks) | pushed_out(table, beside)
    doubtful |= _straddled([*chars, *beside], [*homes, *([None] * len(beside))])
    texts, wrapped, bases = {}, set(), {}
    for box in table.boxes:
        here = _without_page_number(content.get(box, []), marks)
        texts[box] = _cell_text(here, table.rect(box)) + UNPLACED * (box in doubtful)
        if not texts[box] and _pictured(table.rect(box), marks):
            texts[box] = UNPLACED
        # Only the last row may go on after a page break.
        at_bottom = box.row + box.rowspan == len(table.ys) - 1
        if here and at_bottom and _reaches_right(here, table.rect(box)):
            wrapped.add(box)
        if here and at_bottom:
            bases[box] = max(char.base for char in here)
    return PageTable(marks.number, table, texts, wrapped, bases), rest


def _pictured(rect: tuple[float, float, float, float], marks: PageMarks) -> bool:
    """Whether a picture that fits into a cell stands in it: a figure, for all one knows."""
    left, right, top, bottom = rect
    return any(
        left - SNAP <= p.x0 <= p.x1 <= right + SNAP
        and top - SNAP <= p.top <= p.bottom <= bottom + SNAP
        for p in marks.pictures
        if min(p.x1 - p.x0, p.bottom - p.top) > SNAP
    )


def _cell_text(chars: Sequence[Char], rect: tuple[float, float, float, float]) -> str:
    """A cell's text, with :data:`FORCED_BREAK` between the lines of a figure without room."""
    text = cell_text(chars)
    if "\n" not in text or not _STACKED.fullmatch(text):
        return text
    *above, _ = lines_of(chars)
    forced = all(rect[1] - rect[0] - line.x1 + line.x0 < _digit_room(line) for line in above)
    return text.replace("\n", FORCED_BREAK) if forced else text


def _digit_room(line: TextLine) -> float:
    """The width that one more digit would have needed beside a line of them, cell margins too."""
    return (line.x1 - line.x0) / len(line.chars) + _CELL_MARGINS


def _straddled(chars: Sequence[Char], homes: Sequence[Box | None]) -> set[Box]:
    """The boxes that share a run of figures which no space divides.

    Characters are placed one by one by their centres, which cuts a figure wider than its column;
    two figures that meet at a border look just the same, so neither box holds a certain figure.
    """
    figures = [i for i, char in enumerate(chars) if char.text.isdigit() or char.text in ".,，"]
    figures.sort(key=lambda i: (round(chars[i].base), chars[i].x0))
    return {
        box
        for left, right in pairwise(figures)
        if homes[left] != homes[right] and _adjoin(chars[left], chars[right])
        for box in (homes[left], homes[right])
        if box is not None
    }


def _adjoin(left: Char, right: Char) -> bool:
    return (
        abs(left.base - right.base) < 0.3 * left.size
        and abs(right.x0 - left.x1) < TOKEN_GAP * left.size
    )


def _reaches_right(chars: Sequence[Char], rect: tuple[float, float, float, float]) -> bool:
    """Whether the last line fills its cell so far that no further character would fit."""
    last = lines_of(chars)[-1]
    left, right, _, _ = rect
    em = last.size * 0.8
    room = right - last.x1 + max(last.x0 - left, 0.0)
    return room < 2.6 * em


def _without_page_number(chars: list[Char], marks: PageMarks) -> list[Char]:
    """Take a marked page number (``- 3 -``) out of a cell that runs into the page's margin."""
    low, high = marks.height * (1 - MARGIN), marks.height * MARGIN
    if not chars or high <= min(c.base for c in chars) <= max(c.base for c in chars) <= low:
        return chars
    kept: list[Char] = []
    for line in lines_of(chars):
        in_margin = line.base > low or line.base < high
        if not (in_margin and MARKED_PAGE_NUMBER.fullmatch(line.text.strip())):
            kept.extend(line.chars)
    # Order of drawing tells downward lettering, so the original order is kept.
    return chars if len(kept) == len(chars) else [c for c in chars if c in set(kept)]
