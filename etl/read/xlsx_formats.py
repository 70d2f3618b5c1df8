"""Figures as Excel shows them, by their format codes (ECMA-376 part 1, 18.8.31)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from etl.read.styled import raised

#: Formats that show thousands or 万 (``0.00,``, ``0!.0,``): another figure than the stored one.
_SCALED: Final = re.compile(r"""[0#?],+(?![0#?,])|[!\\]\.|"[^"]*\.[^"]*\"""")
#: … as do digits written into a format, and fractions.
_OTHER_DIGITS: Final = re.compile(r"""["][^"]*\d[^"]*["]|\\\d|[?#0]\s*/\s*[?#\d]""")
#: … and words that make a figure less or more than it is.
_ABOUT: Final = re.compile("[约近余超多逾≈<>＜＞≥≤±]|不足|不到|以上|以下|左右")
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_FIGURE_FORMAT: Final = re.compile(r"[#,]*?(0+)(?:\.(0+))?(%?)")
_CONDITION: Final = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_COMPARES: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}


def formatted(value: float, code: str) -> str:
    """A figure as Excel shows it: ``3.0`` → ``3``, 0.256 as ``0.0%`` → ``25.6%``.

    Of a format only its decimals, its leading zeros and its percent sign are followed; thousands
    separators and words in a format are presentation. An unknown format shows the stored figure.
    One that shows another figure (万 by ``0!.0,``, a digit of its own, 约, no minus) stands behind
    it, so that the cell is no number; a figure that its format hides is set in brackets, too.
    """
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    exact = Decimal(repr(value))
    section, signed = _section(exact, code)
    # Fifteen digits are what Excel keeps; the rest is binary rounding (7730.280000000001).
    stored = f"{Decimal(f'{exact:.15g}').normalize():f}"
    bare = _LITERAL.sub("", section).strip()
    words = _CONDITION.sub("", section)
    if (
        _OTHER_DIGITS.search(section)
        or _ABOUT.search(words)
        or (exact and (_SCALED.search(section) or not signed))
    ):
        return f"{exact.normalize():f}〔{code}〕"
    if (code and not section.strip()) or (not exact and bare and _shows_no_zero(bare)):
        return raised(stored)
    match = _FIGURE_FORMAT.fullmatch(bare)
    if match is None:
        return stored
    places, percent = len(match[2] or ""), match[3]
    if percent:
        exact *= 100
    shown = f"{exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
    whole, point, rest = shown.partition(".")
    return f"{whole.zfill(len(match[1]))}{point}{rest}{percent}"


def _section(value: Decimal, code: str) -> tuple[str, bool]:
    """The section of a format that shows a figure, and whether it shows the sign of a negative."""
    sections = _split(code)
    conditions = [_CONDITION.search(section) for section in sections[:2]]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=False):
            if condition and _COMPARES[condition[1]](value, Decimal(condition[2])):
                return section, True
        rest = next((s for s in sections if not _CONDITION.search(s)), "General")
        return rest, True
    if value < 0 and len(sections) > 1:
        return sections[1], re.search(r"[-(（]", sections[1]) is not None or not sections[1]
    if not value and len(sections) > 2:
        return sections[2], True
    return sections[0], True


def _split(code: str) -> list[str]:
    """A format's sections: semicolons within quotes part nothing."""
    return re.findall(r'(?:"[^"]*"|\\.|[^;"])*', code)[:-1:2] if '"' in code else code.split(";")


def _shows_no_zero(bare: str) -> bool:
    """Whether a format shows nothing of a zero: ``#``, ``#,###``."""
    return "#" in bare and re.fullmatch(r"[#,?.\s]+", bare) is not None
