"""A report in a layout: its bytes, and what an honest reader may say of every cell."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final, Literal

from etl.demo.layouts import Layout
from etl.demo.model import DemoReport, Printed
from etl.form import load_form
from etl.report import CellReading, Number, State

#: ``certain``: the document says it beyond doubt. ``uncertain``: printed, but what ties it to its
#: cell may be lost. ``lost``: not in the document at all.
Certainty = Literal["certain", "uncertain", "lost"]

#: What may be said of a cell without a figure whose place in the row is not certain.
_SILENT: Final = frozenset({State.BLANK, State.UNREAD, State.ABSENT, State.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class ExpectedCell:
    """What the document prints for a cell, and how sure a perfect reader can be of it."""

    state: State
    value: Number | None = None
    certainty: Certainty = "certain"

    def exact(self, reading: CellReading) -> bool:
        """Whether a reading says precisely what is printed."""
        return reading.state is self.state and reading.value == self.value

    def honest(self, reading: CellReading) -> bool:
        """Whether a reading claims nothing false: equal, or no claim to a figure.

        A printed figure may be ``unread`` (or, in a degraded layout, not found: ``absent``),
        never ``blank`` and never another figure; a cell without figure never becomes one.
        """
        if self.certainty == "lost":
            return reading.state in _SILENT
        if self.exact(reading) or reading.state is State.UNREAD:
            return True
        if self.certainty == "certain":
            return False
        if self.state is State.NUMBER:
            return reading.state is State.ABSENT
        return reading.state in _SILENT


@dataclass(frozen=True)
class RenderedDocument:
    """A document of the demo: file name, bytes, layout, and the truth per cell key."""

    name: str
    data: bytes
    layout: Layout
    truth: dict[str, ExpectedCell]


def render(report: DemoReport, layout: Layout, rng: random.Random) -> RenderedDocument:
    """Write the report down in a layout. ``rng`` decides only small variations of the text."""
    name = f"{report.title}{layout.suffix}"
    return RenderedDocument(name, layout.write(report, rng), layout, truth(report, layout))


def truth(report: DemoReport, layout: Layout) -> dict[str, ExpectedCell]:
    """The expectation for every cell the report prints, and ``absent`` for rows it leaves out."""
    blanks = {_line(key) for key, cell in report.cells.items() if cell.state is State.BLANK}
    expected = {
        key: _expected(cell, layout, _line(key) in blanks) for key, cell in report.cells.items()
    }
    columns = load_form().columns("t3")
    missing = [f"t3.{row}.{c.key}" for row in report.absent for c in columns]
    expected.update((key, ExpectedCell(State.ABSENT)) for key in missing)
    return expected


def _line(key: str) -> str:
    """The printed line a cell stands in: its row; table 4 is one line."""
    return "t4" if key.startswith("t4.") else key.rpartition(".")[0]


def _expected(cell: Printed, layout: Layout, beside_blank: bool) -> ExpectedCell:
    certainty: Certainty = "certain"
    if layout.fidelity == "lost":
        certainty = "lost"
    elif layout.fidelity == "degraded" or (layout.fidelity == "delimited" and beside_blank):
        certainty = "uncertain"
    return ExpectedCell(cell.state, cell.value, certainty)
