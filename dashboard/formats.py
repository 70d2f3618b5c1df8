"""Numbers, percentages and dates as people read them. Pure; ``MISSING`` stands for no value.

Never a 0 in place of nothing: ``None`` and NaN give the dash.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

MISSING: Final = "—"
MINUS: Final = "−"
#: How a unit of the metric dictionary is shown: factor, decimals, suffix per language.
_UNITS: Final[dict[str, tuple[float, int, dict[str, str]]]] = {
    "percent": (100.0, 1, {"zh": "%", "en": "%"}),
    "per100": (100.0, 2, {"zh": "", "en": ""}),
    "万元": (1.0, 2, {"zh": "", "en": ""}),
}
_PLAIN: Final = (1.0, 0, {"zh": "", "en": ""})


def is_missing(value: object) -> bool:
    """Whether a value of a frame is nothing (None, NaN, NaT, pandas NA)."""
    if value is None:
        return True
    try:
        return math.isnan(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value) in ("<NA>", "NaT")


def number(value: float | int | None, decimals: int = 0) -> str:
    """A count or amount with thousands separators."""
    if is_missing(value):
        return MISSING
    text = f"{float(value):,.{decimals}f}"  # type: ignore[arg-type]
    return text.replace("-", MINUS)


def exact(value: float | int | None) -> str:
    """A reported value as it is: no rounding, trailing zeros of a decimal dropped."""
    if is_missing(value):
        return MISSING
    amount = float(value)  # type: ignore[arg-type]
    text = f"{amount:,.0f}" if amount.is_integer() else f"{amount:,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def percent(value: float | None, decimals: int = 1) -> str:
    """A share (0.348) as a percentage (34.8%)."""
    return MISSING if is_missing(value) else number(float(value or 0) * 100, decimals) + "%"


def by_unit(value: float | None, unit: str, lang: str = "zh") -> str:
    """A metric's value in its own unit: ``34.8%``, ``1,204``, ``3.10``."""
    factor, decimals, suffix = _UNITS.get(unit, _PLAIN)
    if is_missing(value):
        return MISSING
    return number(float(value or 0) * factor, decimals) + suffix[lang]


def signed(value: float | None, decimals: int = 0, suffix: str = "") -> str:
    """A change with its sign; exactly nothing is ``0``."""
    if is_missing(value):
        return MISSING
    amount = round(float(value or 0), decimals)
    sign = "+" if amount > 0 else MINUS if amount < 0 else ""
    return f"{sign}{abs(amount):,.{decimals}f}{suffix}"


def fraction(num: float | None, den: float | None) -> str:
    """Numerator over denominator, ``418 / 1,204``."""
    return f"{exact(num)} / {exact(den)}"


def date(value: object, lang: str = "zh") -> str:
    """A day: ``2026年1月31日`` or ``31 Jan 2026``."""
    if isinstance(value, str):
        return _date_text(value, lang)
    if is_missing(value) or not isinstance(value, dt.date):
        return MISSING
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {value:%b} {value.year}"


def _date_text(text: str, lang: str) -> str:
    try:
        return date(dt.datetime.fromisoformat(text), lang)
    except ValueError:
        return text


def years(first: int, last: int) -> str:
    """A span of years: ``2019–2025``, or one year."""
    return str(first) if first == last else f"{first}–{last}"


def scale_format(unit: str) -> tuple[float, str]:
    """Factor and d3 format for an axis of this unit (values are drawn already multiplied)."""
    factor, decimals, _ = _UNITS.get(unit, _PLAIN)
    return factor, ",.0f" if decimals in (0, 1) else ",.2~f"


def size(n_bytes: int) -> str:
    """A file's size: ``84 KB``, ``1.2 MB``."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{max(1, round(n_bytes / 1e3))} KB"


def letters(text: str) -> int:
    """A text's width in Latin letters: Chinese characters take the room of two."""
    return len(text) + sum(c > "\u2e7f" for c in text)
