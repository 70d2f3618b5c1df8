"""Figures that their column broke over lines: one figure, where the layout and the sum say so.

``100000`` above ``0`` may be 1000000 or two figures. The reader of PDFs marks a break that its
column forced: the line above leaves no room for another digit. Two figures in such a column look
the same, so the break is undone only where the row's total is then the sum of its parts and no
other cell of the row is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from etl.document import FORCED_BREAK
from etl.extract.rows import RowReading, Slot
from etl.extract.values import addends

_NOTE = "数字在格内折行：合并后与本行合计相符"


def join_wrapped(rows: Iterable[RowReading], total: str) -> None:
    """Undo forced breaks in the figures of rows with a ``total`` column. Works in place."""
    for reading in rows:
        if not any(FORCED_BREAK in slot.text for slot in reading.slots):
            continue
        slots = [_joined(slot) for slot in reading.slots]
        if total in reading.columns and _adds_up(slots, reading.columns.index(total)):
            reading.slots = slots


def _joined(slot: Slot) -> Slot:
    if FORCED_BREAK not in slot.text:
        return slot
    return replace(slot, text=slot.text.replace(FORCED_BREAK, ""), note=_NOTE)


def _adds_up(slots: list[Slot], total: int) -> bool:
    numbers = addends(slot.text for slot in slots)
    if numbers is None:
        return False
    whole = numbers.pop(total)
    return whole > 0 and sum(numbers) == whole
