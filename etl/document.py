"""What a reader hands on: a document as ordered blocks, each with a place a person can find.

Readers (``etl/read``) produce it, recognition and extraction consume it; neither knows the other.
The model keeps what was printed (``raw`` text, empty cells, spans) and never interprets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

#: Stands in a cell's text where its column broke a figure: no further digit had room on the line.
FORCED_BREAK = "\u00ad\n"


class Fidelity(StrEnum):
    """How far a grid's columns may be trusted.

    ``STRUCTURED``: rows, columns and spans come from the file itself (HTML, Word, Excel) or from
    ruling lines (PDF). ``DELIMITED``: text rows split at pipes or tabs; short rows may have been
    padded or shifted, so a column index is evidence only when the row is full. ``ALIGNED``:
    columns inferred from white space.
    """

    STRUCTURED = "structured"
    DELIMITED = "delimited"
    ALIGNED = "aligned"


class GridCell(NamedTuple):
    """One printed cell of a grid, anchored at its top-left position (0-based).

    A named tuple, because a document has hundreds: 0.25 µs to make, a frozen dataclass 0.6 µs.

    ``text`` is the visible text, inner line breaks kept, outer white space stripped, otherwise as
    printed (no width folding). ``""`` is a printed, empty cell.
    """

    row: int
    col: int
    rowspan: int
    colspan: int
    text: str


@dataclass(slots=True)
class Grid:
    """A table: anchored cells with spans resolved to a rectangle of positions.

    ``number`` counts the document's grids from 1 in reading order. Not every position needs a
    cell: a position without one was not printed (``at`` gives ``None``). A nested table is a grid
    of its own, and its text is not repeated in the outer cell.
    ``row_places`` optionally gives a place per row (text files: ``"line 41"``; PDF: ``"page 3"``).
    """

    number: int
    n_rows: int
    n_cols: int
    cells: list[GridCell]
    fidelity: Fidelity = Fidelity.STRUCTURED
    place: str = ""
    row_places: list[str] = field(default_factory=list)
    _index: dict[tuple[int, int], GridCell] | None = None

    def at(self, row: int, col: int) -> GridCell | None:
        """The cell covering a position (through its spans); ``None``: nothing is printed."""
        if self._index is None:
            self._index = {
                (r, c): cell
                for cell in self.cells
                for r in range(cell.row, cell.row + cell.rowspan)
                for c in range(cell.col, cell.col + cell.colspan)
            }
        return self._index.get((row, col))

    def rows(self) -> list[list[GridCell]]:
        """Per row, the cells whose top-left corner stands in it, left to right."""
        rows: list[list[GridCell]] = [[] for _ in range(self.n_rows)]
        for cell in self.cells:
            rows[cell.row].append(cell)
        for cells in rows:
            cells.sort(key=lambda c: c.col)
        return rows

    def locate(self, row: int, col: int) -> str:
        """A place a person can find, 1-based: ``"table 3, row 4, column 2 (page 2)"``."""
        where = f"table {self.number}, row {row + 1}, column {col + 1}"
        extra = self.row_places[row] if row < len(self.row_places) else self.place
        return f"{where} ({extra})" if extra else where


@dataclass(frozen=True, slots=True)
class Line:
    """One line of running text outside any grid.

    ``at`` is a place: ``"line 12"`` (text), ``"paragraph 7"`` (HTML, Word), ``"page 2, line 5"``
    (PDF). ``heading`` is the heading level the format itself declares (h1 → 1, Markdown ``##`` →
    2), else 0. ``pieces`` is the line split at pipes when it has any, else ``()``: the pieces of a
    pipe-per-line rendering, kept in order, empty pieces included.
    """

    text: str
    at: str
    heading: int = 0
    pieces: tuple[str, ...] = ()


Block = Line | Grid


@dataclass(slots=True)
class Document:
    """A read document: ``blocks`` in reading order plus what the file says about itself.

    ``metadata`` holds labelled facts from outside the body, lower-case keys: ``title``,
    ``publisher`` (发布机构), ``published`` (发布日期, as printed), ``url``, ``filename``,
    ``index_number`` (索引号), ``site_name``. ``format`` is the contract's
    (``html|text|docx|doc|pdf|xlsx``). ``notes`` are reader remarks for the load log.
    """

    format: str
    blocks: list[Block]
    metadata: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def grids(self) -> Iterator[Grid]:
        """The document's grids in reading order."""
        return (block for block in self.blocks if isinstance(block, Grid))

    def lines(self) -> Iterator[Line]:
        """The document's lines of text in reading order, grids left out."""
        return (block for block in self.blocks if isinstance(block, Line))
