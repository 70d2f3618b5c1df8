"""Bare page numbers among the cells of text: rows that may hold one are not believed.

Text taken from pages keeps each page's number as a line of its own. Where blank cells leave no
trace, such a number fills a row up: ``规章 | | | 20`` on page 3 reads 20, 3. The numbers outside
the tables tell that there are any, and which of them can stand between two others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence

from etl.extract.rows import RowReading
from etl.extract.values import plain

#: More pages has no report of an office.
MOST_PAGES = 300

#: A bare number outside the tables: the block it stands in, and its value.
Stray = tuple[int, int]


def page_number(text: str) -> int | None:
    """The page that a cell's text may number, if it is a bare number small enough."""
    printed = plain(text).removesuffix("…")  # a text that ends in a figure may go on
    number = int(printed) if printed.isdecimal() and len(printed) <= 3 else 0
    return number if 0 < number <= MOST_PAGES else None


def distrust_page_numbers(
    rows: Sequence[RowReading],
    strays: Sequence[Stray],
    sum_holds: Callable[[RowReading], bool | None],
) -> None:
    """Take the columns of rows away that may hold a page number in the place of a blank.

    A row may if one of its figures fits between the bare numbers before and behind the tables and
    its sum does not speak for it. In a document whose every row has all its figures, no blank
    vanished and a page number would be one figure too many. Works in place.

    Args:
        rows: all readings in printed order.
        strays: the bare numbers outside the tables, in printed order.
        sum_holds: whether a row's own sum holds; ``None`` where it has none.
    """
    loose = [r for r in rows if _of_lines(r)]
    if not strays or not any(not r.columns and all(s.text for s in r.slots) for r in loose):
        return
    printed: dict[int, list[RowReading]] = defaultdict(list)
    for index, reading in enumerate(loose):
        # The blocks of table 4 share one printed row.
        printed[reading.table_id if reading.table == "t4" else -index].append(reading)
    for row in printed.values():
        slots = [slot for reading in row for slot in reading.slots]
        suspect = any(s.ref and _fits(s.ref.block, s.text, strays) for s in slots)
        if suspect and not all(sum_holds(reading) for reading in row):
            for reading in row:
                reading.columns, reading.ordered = (), False


def _of_lines(reading: RowReading) -> bool:
    """Whether a row's figures stand on lines of their own."""
    if reading.full or reading.row is None:
        return False
    blocks = [slot.ref.block for slot in reading.slots if slot.ref]
    return len(set(blocks)) == len(blocks)


def _fits(block: int, text: str, strays: Sequence[Stray]) -> bool:
    number = page_number(text)
    if number is None:
        return False
    at = bisect_left(strays, (block, 0))
    before = strays[at - 1][1] if at else 0
    after = strays[at][1] if at < len(strays) else MOST_PAGES + 1
    return before < number < after
