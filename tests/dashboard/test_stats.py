"""Intervals and limits against the textbook formula worked in plain Python, and known values."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.stats import Z95, Z998, funnel_limits, quantile_near, wilson

#: Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score, no correction).
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("num", "den", "low", "high"), NEWCOMBE)
def test_wilson_gives_the_published_values(num: int, den: int, low: float, high: float) -> None:
    found = wilson(num, den)
    assert found is not None
    assert [round(x, 4) for x in found] == [low, high]


def score_bounds(num: int, den: int, z: float) -> tuple[float, float]:
    """The shares at which the score test just rejects, by bisection: no closed form."""

    def outside(share: float) -> bool:
        return abs(num / den - share) > z * math.sqrt(share * (1 - share) / den)

    def edge(inner: float, outer: float) -> float:
        for _ in range(80):
            middle = (inner + outer) / 2
            inner, outer = (inner, middle) if outside(middle) else (middle, outer)
        return inner

    p = num / den
    return (0.0 if num == 0 else edge(p, 0.0)), (1.0 if num == den else edge(p, 1.0))


@given(st.integers(1, 5000), st.data())
def test_wilson_bounds_are_where_the_score_test_rejects(den: int, data: st.DataObject) -> None:
    num = data.draw(st.integers(0, den))
    assert wilson(num, den) == pytest.approx(score_bounds(num, den, Z95), abs=1e-9)
    assert wilson(den, den)[1] == 1.0  # type: ignore[index]


def test_columns_give_the_same_as_numbers_and_nan_where_there_is_no_interval() -> None:
    num = pd.Series([8, 0, None, 3, 5, 7], dtype="Int64")
    den = pd.Series([10, 20, 10, 0, 4, 7], dtype="Int64")
    low, high = wilson(num, den)
    for i in (0, 1, 5):
        assert (low[i], high[i]) == wilson(int(num[i]), int(den[i]))
    for i in (2, 3, 4):  # missing, empty base, more than the base
        assert math.isnan(low[i])
        assert math.isnan(high[i])


@given(st.floats(0.001, 0.999), st.lists(st.integers(1, 10**6), min_size=1, max_size=5))
def test_funnel_limits_are_mean_and_standard_errors(mean: float, bases: list[int]) -> None:
    for z in (Z95, Z998):
        low, high = funnel_limits(mean, bases, z)
        for i, den in enumerate(bases):
            se = math.sqrt(mean * (1 - mean) / den)
            assert low[i] == pytest.approx(max(0, mean - z * se))
            assert high[i] == pytest.approx(min(1, mean + z * se))
            assert funnel_limits(mean, den, z) == pytest.approx((low[i], high[i]))


def test_funnel_limits_without_a_base_are_unknown() -> None:
    low, high = funnel_limits(0.5, np.array([0.0, 100.0]))
    assert math.isnan(low[0])
    assert math.isnan(high[0])
    assert (low[1], high[1]) == pytest.approx((0.402, 0.598), abs=1e-3)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.sampled_from([0.25, 0.5, 0.75]))
def test_a_quantile_from_the_values_near_it(values: list[float], share: float) -> None:
    values.sort()
    n = len(values)
    first = max(0, math.floor((n - 2) * share))
    near = values[first : first + 3]
    assert quantile_near(near, n, share) == pytest.approx(np.quantile(values, share))
    for left in range(n) if n > 1 else ():
        rest = values[:left] + values[left + 1 :]
        found = quantile_near(near, n, share, values[left])
        assert found == pytest.approx(np.quantile(rest, share)), left


def test_a_quantile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no value"):
        quantile_near([1.0], 1, 0.5, 1.0)
