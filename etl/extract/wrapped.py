"""Figures broken over lines or partly struck out: one figure, where layout and sum say so.

``100000`` above ``0`` may be 1000000 or two figures. The reader of PDFs marks a break that its
column forced: the line above leaves no room for another digit. Two figures in such a column look
the same, so the break is undone only where the row's total is then the sum of its parts and no
other cell of the row is in doubt. A struck-out part of a figure goes on the same terms: ``~~9~~12``
is 12 where that adds up, and 912 does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from etl.document import FORCED_BREAK
from etl.extract.rows import RowReading, Slot
from etl.extract.values import addends

_WRAPPED = "数字在格内折行：合并后与本行合计相符"
_STRUCK = "格内有删除线：除去后与本行合计相符"
#: What a style strikes out (``~~9~~``), and a digit that a line of a PDF does.
_STRUCK_OUT = re.compile(r"~~[^~]*~~|\d\u0336")


def join_wrapped(rows: Iterable[RowReading], total: str) -> None:
    """Undo forced breaks, leave out struck parts, in rows with a ``total``. Works in place."""
    for reading in rows:
        if total not in reading.columns or not any(_doubtful(slot.text) for slot in reading.slots):
            continue
        place = reading.columns.index(total)
        slots = [_mended(slot) for slot in reading.slots]
        if _adds_up(slots, place) and not _adds_up(_unstruck(reading.slots), place):
            reading.slots = slots


def _doubtful(text: str) -> bool:
    return FORCED_BREAK in text or _STRUCK_OUT.search(text) is not None


def _mended(slot: Slot) -> Slot:
    if FORCED_BREAK in slot.text:
        return replace(slot, text=slot.text.replace(FORCED_BREAK, ""), note=_WRAPPED)
    rest = _STRUCK_OUT.sub("", slot.text).strip()
    return replace(slot, text=rest, note=_STRUCK) if rest and rest != slot.text else slot


def _unstruck(slots: list[Slot]) -> list[Slot]:
    """The figures as if nothing were struck out; none where nothing is."""
    plain = [replace(s, text=s.text.replace("~~", "").replace("\u0336", "")) for s in slots]
    return plain if plain != slots else []


def _adds_up(slots: list[Slot], total: int) -> bool:
    numbers = addends(slot.text for slot in slots)
    if not numbers:
        return False
    whole = numbers.pop(total)
    return whole > 0 and sum(numbers) == whole
