"""Which column each printed value of a text row belongs to, where its table leaves one way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from etl.extract.rows import RowReading, Slot
from etl.extract.values import addends, is_value, plain, read_value, split_glued
from etl.report import State


def settle_row(
    slots: list[Slot],
    wanted: int,
    rowwise: bool,
    glued: bool = False,
    *,
    blanks: bool = True,
    bordered: bool = False,
) -> tuple[list[Slot], bool]:
    """The slots of ``wanted`` columns, and whether their columns are certain.

    Certain: exactly as many values as columns; or blanks only; or (``blanks``) as many cells as
    columns in one way only, the last one filled. Glued digits count where they split in one way
    only. ``bordered``: a border stands behind every cell, so that as many blanks as columns are a
    row left blank. Values followed by nothing but blanks may have been moved together (variety.md
    section 3): not certain. Table 3's rows with blanks are for :func:`settle_by_table`.
    """
    filled = [s for s in slots if s.text]
    if wanted == 0:
        return slots, False
    if not filled:
        whole = len(slots) >= wanted if rowwise else bordered and len(slots) == wanted
        return (slots[:wanted] if whole else slots), whole
    if len(filled) == wanted and not (glued and any(_zeros(s.text) for s in filled)):
        # Cells that end in pipes: a lone pipe behind the label is a blank cell of its own.
        return filled, evenly(slots) and (rowwise or bool(slots[0].text))
    if blanks and len(filled) < wanted <= len(slots):
        extra = len(slots) - wanted
        left, right = slots[:wanted], slots[extra:]
        sides = [
            cells
            for cells in ([left, right] if extra else [left])
            if len([s for s in cells if s.text]) == len(filled)
        ]
        if len(sides) == 1 and sides[0][-1].text and not damaged(sides[0]):
            return sides[0], True
    if glued and len(filled) <= wanted:
        split = split_glued(tuple(plain(s.text) for s in filled), wanted)
        if split is not None:
            return [Slot(text, filled[0].at, filled[0].ref) for text in split], True
    return slots, False


def evenly(slots: list[Slot]) -> bool:
    """Whether figures stand at equal distances: no blank cell, or the end of a row, among them."""
    at = [i for i, s in enumerate(slots) if s.text]
    return len({b - a for a, b in pairwise(at)}) <= 1


def damaged(slots: Iterable[Slot]) -> bool:
    """Whether a cell holds digits that are no number: a border vanished there, or another did.

    ``/  24`` are two cells as well.
    """
    return any(
        read_value(s.text, "change").state is State.UNREAD
        or (len(words := s.text.split()) > 1 and all(map(is_value, words)))
        for s in slots
    )


def _blank_and_off(cells: list[Slot]) -> bool:
    """Whether a row with a blank adds up only if one of its figures is two: 20 | 3731 | … | 88.

    The blank then stands for a border between the two that vanished.
    """
    added = addends(s.text for s in cells)
    if added is None or all(s.text for s in cells):
        return False
    *parts, total = added
    missing = total - sum(parts)
    return missing != 0 and any(
        sum(map(int, pair)) - part == missing for part in parts for pair in halves(str(part))
    )


def halves(digits: str) -> Iterator[tuple[str, str]]:
    """The ways to part a figure's digits in two figures."""
    for cut in range(1, len(digits) if digits.isdecimal() else 0):
        if digits[cut] != "0" or cut == len(digits) - 1:
            yield digits[:cut], digits[cut:]


def _zeros(text: str) -> bool:
    return len(text) > 1 and text[0] == "0" and text.isdecimal()


def between_pipes(slots: list[Slot], lone: set[int], wanted: int) -> tuple[list[Slot], bool]:
    """The cells of a row whose borders are pipes alone on their lines (``lone``: their indices).

    The first pipe ends the label; then every pipe begins a cell. Certain with one pipe a column.
    """
    cells: list[Slot] = []
    for index, slot in enumerate(slots):
        if index in lone:
            cells.append(slot)
        elif cells and not cells[-1].text:
            cells[-1] = slot
        else:
            return [s for s in slots if s.text], False
    filled = [s for s in slots if s.text]
    if len(cells) == wanted or len(filled) == wanted:
        return (cells if len(cells) == wanted else filled), True
    return filled, False


@dataclass(slots=True)
class PrintedRow:
    """A row of table 3 with all cells behind its label, and how many the whole row has.

    ``places`` are the grid columns of its columns' headers, -1 where one is not known; ``padded``
    says that a line of borders filled it up behind its cells.
    """

    reading: RowReading
    columns: tuple[str, ...]
    slots: list[Slot]
    total: int
    places: tuple[int, ...] = ()
    padded: bool = False

    def below(self, cells: list[Slot]) -> bool:
        """Whether cells stand below their headers, where these stand in one unbroken run."""
        if -1 in self.places or any(b - a != 1 for a, b in pairwise(self.places)):
            return True
        return all(s.ref is None or s.ref.b == at for s, at in zip(cells, self.places, strict=True))

    @property
    def extra(self) -> int:
        """How many cells the row has more than the table has columns."""
        return len(self.slots) - len(self.columns)

    def sides(self) -> set[str]:
        """Where the figures can stand: at the ``left``, behind the label, or at the ``right``."""
        found = set()
        if self.extra >= 0 and not any(s.text for s in self.slots[len(self.columns) :]):
            found.add("left")
        if self.padded:
            return found
        if self.extra >= 0 and not any(s.text for s in self.slots[: self.extra]):
            found.add("right")
        return found

    def cells(self, side: str) -> list[Slot]:
        """The cells of the columns, with the figures at a side."""
        return self.slots[: len(self.columns)] if side == "left" else self.slots[self.extra :]

    def tells(self) -> bool:
        """Whether the row shows where its table has the figures: whole, and in one place only."""
        sides = self.sides()
        return self.extra > 0 and len(sides) == 1 and bool(self.cells(min(sides))[-1].text)


def settle_by_table(rows: Iterable[PrintedRow]) -> None:
    """Place the figures of rows with blanks by where the other rows of their table have them.

    A row may have more cells than columns: merged labels leave empty cells before the figures, or
    short rows were filled up behind them. Which of the two, the rows tell in which only one is
    possible. A table that tells both, or a row shorter than its table's others, is not certain; nor
    is a row without a figure in the last column, whose blanks may have been moved (variety.md
    section 3).
    """
    tables: dict[int, list[PrintedRow]] = defaultdict(list)
    for row in rows:
        tables[row.reading.table_id].append(row)
    for table in tables.values():
        told = [row for row in table if row.tells()]
        verdicts = {side for row in told for side in row.sides()}
        widths = {row.total for row in told if "right" in row.sides()}
        for row in table:
            if row.reading.columns or row.extra < 0:
                continue
            sides = row.sides() & verdicts if verdicts else row.sides()
            if len(verdicts) > 1 or (row.extra > 0 and len(sides) != 1) or not sides:
                continue
            if verdicts == {"right"} and widths != {row.total}:
                continue
            cells = row.cells(min(sides))
            sound = not damaged(cells) and not _blank_and_off(cells)
            if cells[-1].text and sound and row.below(cells):
                row.reading.slots, row.reading.columns = cells, row.columns
