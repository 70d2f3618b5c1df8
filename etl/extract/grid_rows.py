"""What the readers of structured grids share: header spans, and the cells of a row below them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from etl.document import Grid, GridCell
from etl.extract.rows import Harvest, RowReading, Slot
from etl.extract.values import is_value, read_value
from etl.recognise.labels import HeaderSet, Lexicon, fold
from etl.report import Ref, State

#: Printed in a column of its own between a label and its figures.
COUNT_UNITS = frozenset(["件", "条", "项", "个", "宗", "份", "件次", "次"])
#: Fewer numbers in a row may be figures that happen to count up.
_LEAST_NUMBERED = 5
#: So many different numbers without a gap count columns, in whatever order these stand.
_ANY_ORDER = 10


@dataclass(slots=True)
class Columns:
    """The form's columns as header rows set them: ``spans`` in the order of ``keys``.

    ``foreign`` are spans under headers that the form does not have, ``leading`` those left of the
    first known column. ``whole`` is false where one header heads columns that others part.
    ``width`` is how many grid columns the header covers. ``some`` says that columns of the form are
    missing, so that nothing, not even a blank, may stand beside the known ones.
    """

    keys: tuple[str, ...] = ()
    spans: tuple[range, ...] = ()
    foreign: tuple[range, ...] = ()
    leading: tuple[range, ...] = ()
    whole: bool = False
    width: int = 0
    some: bool = False

    def in_print(self) -> list[range]:
        """The spans from left to right."""
        return sorted(self.spans, key=lambda span: span.start)


@dataclass(slots=True)
class GridContext:
    """What carries over from grid to grid: a table may go on in the next one without a header."""

    block: str | None = None
    header2: HeaderSet | None = None
    columns2: Columns = field(default_factory=Columns)
    numbered2: bool = False
    money_unit: str | None = None
    columns3: Columns | None = None
    #: The printed table whose header set ``columns3``.
    header3_id: int = 0
    #: Whether table 3 began without any header.
    headless3: bool = False
    in_table: str | None = None
    near: list[str] = field(default_factory=list)
    table_id: int = 0


#: A row of table 3 with its label, the cells behind it, and the columns they were held against.
Held = tuple[RowReading, GridCell, list[GridCell], Columns]


class GridRows:
    """A grid's rows, and how a row's cells find their columns."""

    def __init__(
        self, grid: Grid, block: int, lexicon: Lexicon, context: GridContext, harvest: Harvest
    ) -> None:
        self.grid, self.block, self.lex = grid, block, lexicon
        self.ctx, self.out = context, harvest
        self.rows = grid.rows()
        self.ctx.table_id += 1
        self.placed3: list[Held] = []

    def header_paths(self, start: int, end: int) -> list[list[str]]:
        """Per grid column the header cells above it, top to bottom."""
        paths: list[list[str]] = []
        for col in range(self.grid.n_cols):
            path: list[GridCell] = []
            for row in range(start, end):
                cell = self.grid.at(row, col)
                if cell and cell.text and cell not in path:
                    path.append(cell)
            paths.append([cell.text for cell in path])
        return paths

    def width_of(self, start: int, end: int) -> int:
        """The grid columns that the header rows cover."""
        return max((c.col + c.colspan for row in self.rows[start:end] for c in row), default=0)

    def place(self, values: list[GridCell], columns: Columns) -> list[GridCell] | None:
        """The cell of each column: exactly below the headers, else by an exact count.

        A row that is longer than its header by a blank cell was shifted or filled up: only a full
        row is certain.
        """
        within = self._drawn_out(self._without_blank_end(values, columns), columns.width)
        if not any(c.col + c.colspan > columns.width for c in within):
            below = self._below(within, columns)
            if below is not None or columns.foreign or columns.leading:
                return below
        # A column without a header between them may be any cell's.
        apart = any(one.stop != two.start for one, two in pairwise(columns.in_print()))
        if columns.foreign or apart or len(values) != len(columns.spans):
            return None
        # Figures merged over columns in a row that passes its header are of no one column; only
        # the last cell may be drawn out to the table's edge.
        beyond = any(c.col + c.colspan > columns.width for c in values)
        wider = any(c.colspan > len(s) for c, s in zip(values[:-1], columns.spans, strict=False))
        # Nor does the count tell, where a blank may be the label's and a figure is merged.
        blank = any(not c.text for c in values)
        merged = any(sum(_overlap(c, s) for s in columns.spans) > 1 for c in values)
        return None if (beyond and wider) or (blank and merged) else values

    def _without_blank_end(self, values: list[GridCell], columns: Columns) -> list[GridCell]:
        """A row without the blank cells beyond its header, where all its columns are filled.

        Editors leave such a cell in the rows of figures only; a row that lacks a figure, too, may
        have been moved by it.
        """
        behind = [c for c in values if c.col >= columns.width]
        own = [c for c in values if c.col < columns.width]
        if not behind or any(c.text for c in behind) or not all(c.text for c in own):
            return values
        return own

    def _drawn_out(self, values: list[GridCell], width: int) -> list[GridCell]:
        """The cells of a row, the last one cut to the header's width if it begins within it."""
        if not values or not values[-1].col < width < values[-1].col + values[-1].colspan:
            return values
        *rest, last = values
        return [*rest, last._replace(colspan=width - last.col)]

    def _below(self, values: list[GridCell], columns: Columns) -> list[GridCell] | None:
        found: list[GridCell] = []
        for span in columns.spans:
            hits = [c for c in values if _overlap(c, span)]
            if len(hits) != 1 or not _within(hits[0], span):
                return None
            found.append(hits[0])
        # A row without a cell in the last column, which no figure tells, was shifted.
        if any(
            self.grid.at(c.row, span.start) is None for c in found[:1] for span in columns.foreign
        ):
            return None
        # A unit where a figure should stand: the row has a column more than its header.
        if any(fold(cell.text) in COUNT_UNITS for cell in found):
            return None
        beside = [c for c in values if c not in found]
        # Words where a figure should stand, a figure under a header of words: a shifted row.
        if any(_only_words(c) for c in found) and any(is_value(c.text) for c in beside):
            return None
        for cell in beside:
            if not (cell.text or columns.some):
                continue
            unit = fold(cell.text) in COUNT_UNITS and _in_some(cell, columns.leading)
            if not unit and not _in_some(cell, columns.foreign):
                return None
        return found

    def reading(
        self,
        table: str,
        key: str | None,
        label: str,
        values: list[GridCell],
        keys: tuple[str, ...],
        placed: list[GridCell] | None,
        form: str | None = None,
    ) -> RowReading:
        """A row of slots; ``placed`` are its cells in the order of ``keys`` if that is certain."""
        slots = [self.slot(c) for c in (values if placed is None else placed)]
        return RowReading(
            table,
            key,
            keys if placed is not None else (),
            slots,
            label,
            self.ctx.table_id,
            form=form,
            money_unit=self.ctx.money_unit if table == "t2" else None,
        )

    def slot(self, cell: GridCell) -> Slot:
        """A cell with its place."""
        where = self.grid.locate(cell.row, cell.col)
        return Slot(cell.text, where, Ref(self.block, cell.row, cell.col))


def distrust_shifted(rows: list[Held], *, carried: bool = False) -> None:
    """Take the columns of rows away that a blank cell may have moved below the headers.

    Where other rows of the table begin left of the first header, its rows lost a cell of their
    labels: one that stands below the headers behind a blank has lost it, too. Where labels stand
    below the headers, no row with a blank is certain, unless the headers are another grid's
    (``carried``: a table over pages whose labels take more columns here) and every row here has as
    many cells as they are, in the same places. Works in place.
    """
    held = [(r, lab, v, c.in_print()[0].start) for r, lab, v, c in rows if v and c.spans]
    left = any(
        v[0].col < first and is_value(v[0].text) and not r.columns for r, _, v, first in held
    )
    places = {tuple(cell.col for cell in v) for _, _, v, _ in held}
    whole = all(len(v) == len(c.spans) for _, _, v, c in rows if v and c.spans)
    alike = carried and whole and len(places) == 1
    right = not alike and any(label.col >= first for _, label, _, first in held)
    for reading, _, values, first in held:
        shifted = left and not values[0].text and values[0].col < first
        if shifted or (right and not all(slot.text for slot in reading.slots)):
            reading.columns = ()


def _overlap(cell: GridCell, span: range) -> bool:
    return cell.col < span.stop and cell.col + cell.colspan > span.start


def _within(cell: GridCell, span: range) -> bool:
    return cell.col >= span.start and cell.col + cell.colspan <= span.stop


def _only_words(cell: GridCell) -> bool:
    return read_value(cell.text).state is State.TEXT and not any(map(str.isdigit, cell.text))


def _in_some(cell: GridCell, spans: tuple[range, ...]) -> bool:
    return any(_within(cell, span) for span in spans)


def runs_of(columns: list[int]) -> tuple[range, ...]:
    """Neighbouring grid columns as ranges."""
    found: list[range] = []
    for col in columns:
        if found and found[-1].stop == col:
            found[-1] = range(found[-1].start, col + 1)
        else:
            found.append(range(col, col + 1))
    return tuple(found)


def is_numbering(texts: list[str]) -> bool:
    """Whether a row numbers the columns (栏次 1 2 3 …) and holds no figures."""
    printed = [text for text in texts if text]
    if printed and read_value(printed[0]).state is not State.NUMBER:
        printed = printed[1:]
    numbers = [read_value(text).number for text in printed]
    if len(numbers) < _LEAST_NUMBERED or None in numbers:
        return False
    first = numbers[0]
    assert first is not None
    if len(numbers) >= _ANY_ORDER:
        first = min(n for n in numbers if n is not None)
        numbers.sort(key=lambda n: n or 0)
    return first in (0, 1, 2) and numbers == [first + i for i in range(len(numbers))]
