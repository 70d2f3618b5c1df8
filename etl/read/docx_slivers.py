"""Columns of a Word table too narrow to be seen: borders that miss each other by a hair.

Dragging a border in one row, or saving as another format, leaves two borders a twentieth of a
millimetre apart; Word then counts a column between them, and a header stands beside its figures.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from lxml import etree

from etl.document import GridCell
from etl.read.docx_xml import child, value

#: Columns of at most so many twips (1/20 point) are none; the borders of a cell need more.
SLIVER: Final = 40


def grid_widths(table: etree._Element) -> list[int]:
    """Widths of a table's columns in twips as its grid tells them; 0 where it does not."""
    grid = child(table, "tblGrid")
    said = [value(column, "w") for column in (grid if grid is not None else ())]
    return [int(text) if text.isdigit() and len(text) < 7 else 0 for text in said]


def without_slivers(
    cells: list[GridCell], width: int, columns: list[int]
) -> tuple[list[GridCell], int]:
    """The cells and the width of a table without columns that are slivers.

    A grid that is not the table's own, or a sliver that is a cell of its own, changes nothing.
    """
    slivers = {n for n, size in enumerate(columns) if 0 < size <= SLIVER}
    if not slivers or len(columns) != width:
        return cells, width
    place = [0, *accumulate(int(n not in slivers) for n in range(width))]
    moved = [
        GridCell(c.row, place[c.col], c.rowspan, place[c.col + c.colspan] - place[c.col], c.text)
        for c in cells
    ]
    return (cells, width) if any(c.colspan < 1 for c in moved) else (moved, place[-1])
