"""What editors and converters do to a table: each a function of its rows and a seed.

A table is rows of printed cells in HTML's sense: a cell stands in the first free place of its row,
so a missing cell pulls the rest of the row to the left, as in a browser. Each row is shifted at
most once a document: a shift there and back would put another figure in a cell's place, and the
document would then say so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from etl.document import Document, Grid, GridCell
from etl.form import load_form


@dataclass(frozen=True)
class Cell:
    text: str
    colspan: int = 1
    rowspan: int = 1


@dataclass
class Sheet:
    """A table's rows, and which of them were shifted already."""

    rows: list[list[Cell]]
    shifted: set[int] = field(default_factory=set)

    def some_row(self, rng: random.Random, least: int = 2) -> int | None:
        """A row of at least so many cells, with figures, that was not shifted yet."""
        rows = [
            i
            for i, row in enumerate(self.rows)
            if len(row) >= least
            and id(row) not in self.shifted
            and any(c.text.isdigit() for c in row)
        ]
        return rng.choice(rows) if rows else None

    def shift(self, at: int) -> list[Cell]:
        self.shifted.add(id(self.rows[at]))
        return self.rows[at]


Mutation = Callable[[Sheet, random.Random], None]


def sheet_of(grid: Grid) -> Sheet:
    return Sheet([[Cell(c.text, c.colspan, c.rowspan) for c in row] for row in grid.rows()])


def grid_of(sheet: Sheet, number: int) -> Grid:
    """Lay the cells out as a browser does."""
    taken: set[tuple[int, int]] = set()
    cells: list[GridCell] = []
    for r, row in enumerate(sheet.rows):
        col = 0
        for cell in row:
            while (r, col) in taken:
                col += 1
            rowspan = min(cell.rowspan, len(sheet.rows) - r)
            cells.append(GridCell(r, col, rowspan, cell.colspan, cell.text))
            taken |= {(r + i, col + j) for i in range(rowspan) for j in range(cell.colspan)}
            col += cell.colspan
    width = max((c + 1 for _, c in taken), default=0)
    return Grid(number, len(sheet.rows), width, cells)


def drop_a_cell(sheet: Sheet, rng: random.Random) -> None:
    at = sheet.some_row(rng)
    if at is not None:
        del sheet.shift(at)[rng.randrange(len(sheet.rows[at]))]


def shift_a_row(sheet: Sheet, rng: random.Random) -> None:
    """A blank cell slips in, the row is one cell longer than the others."""
    at = sheet.some_row(rng)
    if at is not None:
        row = sheet.shift(at)
        row.insert(rng.randrange(len(row)), Cell(""))


def glue_neighbours(sheet: Sheet, rng: random.Random) -> None:
    at = sheet.some_row(rng, least=3)
    if at is not None:
        row = sheet.shift(at)
        left = rng.randrange(len(row) - 1)
        row[left : left + 2] = [Cell(row[left].text + row[left + 1].text)]


def merge_neighbours(sheet: Sheet, rng: random.Random) -> None:
    """Two cells side by side become one of their width."""
    at = sheet.some_row(rng, least=3)
    if at is not None:
        row = sheet.shift(at)
        left = rng.randrange(len(row) - 1)
        one, two = row[left], row[left + 1]
        row[left : left + 2] = [Cell(one.text + two.text, one.colspan + two.colspan)]


def merge_downwards(sheet: Sheet, rng: random.Random) -> None:
    """A figure's cell swallows the one below."""
    at = sheet.some_row(rng)
    if at is None or at + 1 >= len(sheet.rows) or id(sheet.rows[at + 1]) in sheet.shifted:
        return
    row, below = sheet.shift(at), sheet.shift(at + 1)
    back = rng.randint(1, min(len(row), len(below)))
    if row[-back].rowspan == below[-back].rowspan == 1:
        row[-back] = replace(row[-back], rowspan=2)
        del below[-back]


def unmerge(sheet: Sheet, rng: random.Random) -> None:
    """A merged cell falls apart: its text repeated in every part, or in the first one only."""
    spots = [
        (r, c)
        for r, row in enumerate(sheet.rows)
        for c, cell in enumerate(row)
        if cell.colspan > 1 and cell.rowspan == 1
    ]
    if spots:
        r, c = rng.choice(spots)
        cell = sheet.rows[r][c]
        again = cell.text if rng.random() < 0.5 else ""
        sheet.rows[r][c : c + 1] = [Cell(cell.text), *[Cell(again)] * (cell.colspan - 1)]


def drop_a_row(sheet: Sheet, rng: random.Random) -> None:
    if len(sheet.rows) > 2:
        at = rng.randrange(len(sheet.rows))
        for i in range(at):
            # Cells from above no longer reach over the row that is gone.
            sheet.rows[i] = [
                replace(c, rowspan=c.rowspan - 1) if i + c.rowspan > at else c
                for c in sheet.rows[i]
            ]
        del sheet.rows[at]


def repeat_a_row(sheet: Sheet, rng: random.Random) -> None:
    at = sheet.some_row(rng)
    if at is not None and all(c.rowspan == 1 for c in sheet.rows[at]):
        copy = list(sheet.rows[at])
        for i in range(at):
            sheet.rows[i] = [
                replace(c, rowspan=c.rowspan + 1) if i + c.rowspan > at + 1 else c
                for c in sheet.rows[i]
            ]
        sheet.rows.insert(at + 1, copy)


def unlabel(sheet: Sheet, rng: random.Random) -> None:
    at = sheet.some_row(rng)
    if at is not None:
        row = sheet.rows[at]
        words = [i for i, c in enumerate(row) if c.text and not c.text[0].isdigit()]
        if words:
            row[words[-1]] = replace(row[words[-1]], text="")


def blank_a_cell(sheet: Sheet, rng: random.Random) -> None:
    at = sheet.some_row(rng)
    if at is not None:
        row = sheet.rows[at]
        i = rng.randrange(len(row))
        row[i] = replace(row[i], text="")


def header_cells(sheet: Sheet) -> dict[str, tuple[int, int]]:
    """Column of table 3 → row and place of its header, if one row holds at least five."""
    columns = {str(c.zh): c.key for c in load_form().columns("t3")}
    found = {
        columns[text]: (r, c)
        for r, row in enumerate(sheet.rows)
        for c, cell in enumerate(row)
        if (text := cell.text.replace("\n", "")) in columns and cell.rowspan == 1
    }
    return found if len(found) >= 5 and len({r for r, _ in found.values()}) == 1 else {}


def swap_columns(sheets: list[Sheet], rng: random.Random) -> tuple[str, str] | None:
    """Two column headers of table 3 change places, wherever the document prints them."""
    heads = next((found for sheet in sheets if (found := header_cells(sheet))), None)
    if heads is None:
        return None
    one, two = rng.sample(sorted(heads), 2)
    for sheet in sheets:
        if found := header_cells(sheet):
            (r, a), (_, b) = found[one], found[two]
            row = sheet.rows[r]
            row[a], row[b] = row[b], row[a]
    return one, two


MUTATIONS: dict[str, Mutation] = {
    m.__name__: m
    for m in (
        drop_a_cell, shift_a_row, glue_neighbours, merge_neighbours, merge_downwards, unmerge,
        drop_a_row, repeat_a_row, unlabel, blank_a_cell,
    )
}  # fmt: skip


def mutate(
    document: Document, kinds: list[str], rng: random.Random, *, swap: bool
) -> tuple[Document, tuple[str, str] | None]:
    """The document with one of its tables mutated, and the columns that changed places."""
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    if not grids:
        return document, None
    sheets = [sheet_of(grid) for grid in grids]
    swapped = swap_columns(sheets, rng) if swap else None
    chosen = rng.choice(sheets)
    for kind in kinds:
        MUTATIONS[kind](chosen, rng)
    anew = {
        id(grid): replace(grid_of(sheet, grid.number), fidelity=grid.fidelity)
        for grid, sheet in zip(grids, sheets, strict=True)
    }
    blocks = [anew.get(id(block), block) for block in document.blocks]
    return Document(document.format, blocks, document.metadata), swapped
