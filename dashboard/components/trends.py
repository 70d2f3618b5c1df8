"""Measures over the years: their places on a page, how their points are to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from dashboard.queries.meta import Metric
from dashboard.stats import MIN_BASE
from dashboard.view import View


def in_columns(metrics: Sequence[Metric], n: int) -> Iterator[tuple[Any, Metric]]:
    """Places for cards, ``n`` to a row; on a phone they follow each other in the same order."""
    for start in range(0, len(metrics), n):
        yield from zip(st.columns(n), metrics[start : start + n], strict=False)


def two_by_two(metrics: Sequence[Metric]) -> Iterator[tuple[Any, Metric]]:
    """Places for cards, two to a row."""
    yield from in_columns(metrics, 2)


def legend_line(view: View, *, pooled: bool) -> str:
    """What hollow points, gaps and dashed lines mean."""
    return view.t("chart.hollow_pooled" if pooled else "chart.hollow", minimum=MIN_BASE)
