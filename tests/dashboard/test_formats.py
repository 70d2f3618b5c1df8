"""Numbers as people read them: 0 is 0, nothing is a dash, a change has its sign."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd
import pytest

from dashboard import formats


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (formats.number(1204), "1,204"), (formats.number(-1204.55, 1), "−1,204.5"),
        (formats.number(0), "0"), (formats.exact(12.5), "12.5"), (formats.exact(3.0), "3"),
        (formats.exact(0), "0"), (formats.exact(-2), "−2"), (formats.exact(0.123456), "0.123456"),
        (formats.percent(0), "0.0%"), (formats.percent(0.348), "34.8%"),
        (formats.percent(1, 0), "100%"),
        (formats.by_unit(0, "percent"), "0.0%"), (formats.by_unit(0.031, "per100"), "3.10"),
        (formats.by_unit(1234.5, "万元"), "1,234.50"), (formats.by_unit(1204, "件"), "1,204"),
        (formats.signed(0), "0"), (formats.signed(5), "+5"), (formats.signed(-3.25, 1), "−3.2"),
        (formats.signed(0.004, 2), "0.00"), (formats.fraction(418, 1204), "418 / 1,204"),
        (formats.years(2024, 2024), "2024"), (formats.years(2019, 2025), "2019–2025"),
        (formats.size(84_200), "84 KB"), (formats.size(12), "1 KB"),
        (formats.size(1_240_000), "1.2 MB"), (formats.size(1_000_000), "1.0 MB"),
        (formats.date(dt.date(2026, 1, 31)), "2026年1月31日"),
        (formats.date("2026-01-31", "en"), "31 Jan 2026"), (formats.date("一月"), "一月"),
    ],
)  # fmt: skip
def test_values_are_written_as_people_read_them(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize("nothing", [None, math.nan, pd.NA, pd.NaT])
def test_nothing_is_a_dash_and_never_0(nothing: Any) -> None:
    said = (
        formats.number(nothing), formats.exact(nothing), formats.percent(nothing),
        formats.by_unit(nothing, "percent"), formats.signed(nothing), formats.date(nothing),
    )  # fmt: skip
    assert set(said) == {formats.MISSING}
    assert formats.fraction(0, nothing) == "0 / —"


@pytest.mark.parametrize(
    ("unit", "factor", "written"),
    [("percent", 100, ",.0f"), ("per100", 100, ",.2~f"), ("万元", 1, ",.2~f"), ("件", 1, ",.0f")],
)
def test_an_axis_is_written_in_its_unit(unit: str, factor: float, written: str) -> None:
    assert formats.scale_format(unit) == (factor, written)
