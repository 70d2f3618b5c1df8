"""What a printed cell says: its state, its number, its unit.

Only what is certain becomes a number. Width folding is limited to full-width ASCII: NFKC would turn
``①`` into 1 and ``12²`` into 122.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from etl.document import FORCED_BREAK
from etl.report import Number, State

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x2212: "-",
    0x2013: "-",
    0xFE63: "-",
}
_INVISIBLE = re.compile(r"[\u200b\u200c\u200d\ufeff\u00ad]")
#: The traditional characters among units, signs and marks.
_SIMPLE = str.maketrans("條項個萬億減無適", "条项个万亿减无适")
#: Marks that offices print where a cell does not apply (variety.md section 4).
_COUNT_UNIT = "件|条|项|个|宗|份|例|件次|批次|次|批|家"
_NOT_APPLICABLE = re.compile(
    rf"(?:/{{1,2}}|∕|\\|[-—―─﹣]{{1,4}}|一一|无|N/A|n/a|不适用)(?:{_COUNT_UNIT})?"
)
_MONEY_UNIT = "万元|亿元|万|亿|元"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|0|[1-9]\d*)(?:\.\d+)?"
_VALUE = re.compile(
    rf"^(?P<sign>[+-]|增加?|减少?)?\s?(?P<number>{_NUMBER})\s?(?P<unit>{_MONEY_UNIT}|{_COUNT_UNIT})?"
    r"\s*(?P<remark>\(.*\)|\[[^\[\]]*\]|\[\[[^\[\]]*\]\]|[*#†‡※☆★△▲①-⑳⁰¹²³⁴-⁹]+|注[\d①-⑳]{0,2})?$",
    re.DOTALL,
)
#: Magnitudes above this are no counts of anything an office does; 15 digits also keep floats exact.
_TOO_LARGE = Decimal(10) ** 15
#: 1 unit in 万元.
_IN_WAN = {"万元": Decimal(1), "元": Decimal("0.0001"), "亿元": Decimal(10000)}
_SHORT_UNIT = {"万": "万元", "亿": "亿元"}


@dataclass(frozen=True, slots=True)
class Value:
    """A printed cell read on its own. ``unit`` is the unit printed with the number, if any."""

    state: State
    number: Number | None = None
    unit: str | None = None
    remark: bool = False


@lru_cache(maxsize=1 << 14)
def plain(text: str) -> str:
    """Full-width ASCII and odd spaces folded, outer white space gone; nothing else changed."""
    return _INVISIBLE.sub("", text).translate(_FULL_WIDTH).strip()


#: Thousands parted by commas at which a line was broken: ``2,`` above ``808``.
_BROKEN_THOUSANDS = re.compile(r"\d{1,3}(?:\n?,\n?\d{3})+(?!\d)")


def _on_one_line(text: str) -> str:
    """A cell whose figure stands on one of its lines, the rest of its unit on the others."""
    if "," in text:
        text = _BROKEN_THOUSANDS.sub(lambda m: m[0].replace("\n", ""), text)
    head, *tail = text.split("\n")
    broken = tail and head[:1].isdigit() and not any(any(map(str.isdigit, t)) for t in tail)
    return head + "".join(tail) if broken else text


@lru_cache(maxsize=1 << 14)
def read_value(text: str, kind: str = "count") -> Value:
    """Read one printed cell.

    Args:
        text: the cell as printed; ``""`` is a blank.
        kind: ``count``, ``change`` (signs allowed: ``+4``, ``减3``) or ``amount`` (money units).

    Returns:
        ``NUMBER`` only if the whole cell is one number (unit, thousands separators and a bracketed
        remark or a note's mark behind it allowed). Digits that do not form one number (``1 2``,
        ``00``) are ``UNREAD``, other words ``TEXT``.
    """
    printed = _on_one_line(plain(text)).translate(_SIMPLE)
    if not printed:
        return Value(State.BLANK)
    if _NOT_APPLICABLE.fullmatch(printed):
        return Value(State.NOT_APPLICABLE)
    found = _VALUE.match(printed)
    if not found:
        glued = re.fullmatch(r"[\d\s.,]+", printed)
        return Value(State.UNREAD if glued else State.TEXT)
    number = Decimal(found["number"].replace(",", ""))
    sign, unit = found["sign"] or "", found["unit"]
    if (sign and kind != "change" and sign != "-") or number >= _TOO_LARGE:
        return Value(State.TEXT if sign else State.UNREAD)
    if unit and re.fullmatch(_MONEY_UNIT, unit) and kind != "amount":
        return Value(State.TEXT)
    if sign.startswith(("-", "减")):
        number = -number
    unit = _SHORT_UNIT.get(unit or "", unit)
    return Value(State.NUMBER, exact(number), unit, found["remark"] is not None)


def exact(number: Decimal) -> Number:
    """An int where the number is whole, else the decimal as printed."""
    return int(number) if number == number.to_integral_value() else number


def to_wan(number: Number, unit: str) -> Number:
    """An amount of money in 万元. Raises ``KeyError`` for a unit that is no money."""
    return exact(Decimal(number) * _IN_WAN[unit])


def addends(texts: Iterable[str]) -> list[Number] | None:
    """What printed cells add to a sum that is checked: blanks and marks for none add nothing.

    ``None`` where a cell is neither a number nor empty: its sum is not known.
    """
    values = [read_value(text) for text in texts]
    if any(v.state not in (State.NUMBER, State.BLANK, State.NOT_APPLICABLE) for v in values):
        return None
    return [0 if v.number is None else v.number for v in values]


def is_value(text: str) -> bool:
    """Whether a cell holds one number or a mark for none: what may stand in a value column.

    A figure that its column broke over lines stands in one, too, whether it is joined or not.
    """
    text = text.replace(FORCED_BREAK, "")
    states = (State.NUMBER, State.NOT_APPLICABLE)
    return read_value(text, "change").state in states or (
        read_value(text, "amount").state is State.NUMBER
    )


#: More glued digits than this are not tried: the search is exponential and never unique.
_MOST_GLUED = 48
_CHUNKS = re.compile(r"^[\d\s.,+\-]+$")


def number_chunks(text: str) -> tuple[str, ...]:
    """White-space separated chunks of a text of digits only; ``()`` for any other text."""
    printed = plain(text)
    if not _CHUNKS.match(printed) or not any(c.isdigit() for c in printed):
        return ()
    return tuple(printed.split())


def split_glued(chunks: tuple[str, ...], wanted: int) -> tuple[str, ...] | None:
    """Split glued digits into ``wanted`` numbers if the layout allows nothing else.

    A chunk boundary is a cell boundary and no number starts with a superfluous 0, so ``000`` is
    three zeros. A blank may have vanished, so every split into fewer numbers counts as a rival:
    ``2012`` for three columns and ``110`` (1, 1, 0 or 11, 0 and a blank) give ``None``.
    """
    if len(chunks) == wanted == 1:
        return chunks
    digits = sum(len(chunk) for chunk in chunks)
    if any(not chunk.isdecimal() for chunk in chunks) or digits > _MOST_GLUED:
        return None
    if not len(chunks) <= wanted <= digits:
        return None
    found: list[tuple[str, ...]] = []
    for split in _splits(chunks, wanted):
        found.append(split)
        if len(found) > 1:
            return None
    return found[0] if found and len(found[0]) == wanted else None


def _splits(chunks: tuple[str, ...], most: int) -> Iterator[tuple[str, ...]]:
    if not chunks:
        yield ()
        return
    head, rest = chunks[0], chunks[1:]
    for parts in _chunk_splits(head, most - len(rest)):
        for tail in _splits(rest, most - len(parts)):
            yield (*parts, *tail)


def _chunk_splits(digits: str, most: int) -> Iterator[tuple[str, ...]]:
    if most <= 0:
        return
    if digits == "0" or digits[0] != "0":
        yield (digits,)
    for cut in range(1, len(digits)):
        head = digits[:cut]
        if head != "0" and head[0] == "0":
            return
        for tail in _chunk_splits(digits[cut:], most - 1):
            yield (head, *tail)
