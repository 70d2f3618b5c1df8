"""Numbers as Chinese reports write them: digits of either width, separators, Chinese numerals.

Pure functions on text; no knowledge of the form. A text that is no certain number gives ``None``
and never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

from etl.report import Number

DIGITS: Final[dict[str, int]] = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4,
    "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
TENS: Final[dict[str, int]] = {"十": 10, "百": 100, "千": 1000}
#: One character for two.
SHORT: Final = str.maketrans({"廿": "二十", "卅": "三十"})
WAN: Final = 10_000

#: What may stand inside a written number, for composing patterns (text folded by :func:`fold`).
ARABIC: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE: Final = "[" + "".join(DIGITS) + "".join(TENS) + "万廿卅]+"

_ARABIC = re.compile(rf"({ARABIC})(万?)")
_GAP = "\u2420"
_DIGIT_GAP = re.compile(r"(?<=\d)\s+(?=\d)")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Text ready for matching: widths and radicals folded (NFKC), white space removed.

    White space between two digits becomes ``␠`` (U+2420): whether ``1 136`` is one number is not
    certain, so no pattern may read across it.
    """
    return _SPACE.sub("", _DIGIT_GAP.sub(_GAP, unicodedata.normalize("NFKC", text)))


def chinese_number(text: str) -> int | None:
    """The value of a Chinese numeral below 10⁸ (``四十``, ``一百零五``), else ``None``."""
    text = text.translate(SHORT)
    if not text or any(c not in DIGITS and c not in TENS and c != "万" for c in text):
        return None
    if text.count("万") > 1:
        return None
    if "万" in text:
        head, tail = text.split("万")
        high = _below_wan(head)
        low = _below_wan(tail) if tail else 0
        return None if high is None or low is None else high * WAN + low
    return _below_wan(text)


def _below_wan(text: str) -> int | None:
    """A numeral without 万: one plain digit, or digits with 十百千 in falling order.

    ``二三`` (two or three) and ``一百五`` (105 or 150) are no certain numbers.
    """
    total, digit, last_unit, zero = 0, None, WAN, False
    for char in text:
        if char in TENS:
            unit = TENS[char]
            if unit >= last_unit or (digit is None and (unit != 10 or zero)):
                return None
            total += (1 if digit is None else digit) * unit
            last_unit, digit, zero = unit, None, False
        elif digit is not None:
            return None
        elif DIGITS[char] == 0:
            zero = True
        else:
            digit = DIGITS[char]
    if digit is not None and last_unit > 10 and not zero and last_unit != WAN:
        return None
    return total + (digit or 0) if text else None


def parse_number(text: str) -> Number | None:
    """The value of a written number (folded): ``1,136``, ``1.2万``, ``四十``; else ``None``."""
    match = _ARABIC.fullmatch(text)
    if not match:
        return chinese_number(text)
    value = Decimal(match[1].replace(",", "")) * (WAN if match[2] else 1)
    return int(value) if value == value.to_integral_value() and not _has_point(match) else value


def _has_point(match: re.Match[str]) -> bool:
    """A printed decimal point stays visible in the value, except before 万 (1.2万 is 12000)."""
    return "." in match[1] and not match[2]
