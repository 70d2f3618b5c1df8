"""What a variant is, and how the catalogue of them is built."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from etl.demo.tables import TableCell
from tests.variants.sheets import Sheets

Change = Callable[[Sheets, random.Random], None]


@dataclass(frozen=True)
class Variant:
    """A change to a document; ``sure``: every figure left in it must be read in sound formats."""

    name: str
    change: Change
    sure: bool
    #: Formats that lose what tells this change: nobody could know.
    lost_in: tuple[str, ...] = ()


ALL: list[Variant] = []


#: A cell per line: a cell's line break, or a row without a label, looks like anything else.
LINES: Final = ("tails", "lines", "aligned")


def variant(*, sure: bool, lost_in: tuple[str, ...] = ()) -> Callable[[Change], Change]:
    def add(change: Change) -> Change:
        ALL.append(Variant(change.__name__, change, sure, lost_in))
        return change

    return add


def each(sheets: Sheets, change: Callable[[TableCell], TableCell], names: str = "t2 t3 t4") -> None:
    """Change every cell of the tables named."""
    for name in names.split():
        sheets.set(name, [[change(cell) for cell in row] for row in sheets.rows(name)])


def is_figure(cell: TableCell) -> bool:
    return cell.key is not None and cell.text.isdigit()


def spaced(text: str, by: str) -> str:
    return by.join(text)
