"""A measure over the years as a card: used by every page that shows one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components.cards import show
from dashboard.figures.trends import trend_figure
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


def trend_card(
    view: View,
    key: str,
    frame: pd.DataFrame,
    metric: Metric,
    *,
    whom: str,
    band: pd.DataFrame | None = None,
    office: bool = False,
    on_pick: Callable[[dict[str, Any]], None] | None = None,
    hint: str = "",
) -> None:
    """One measure of ``frame`` (see ``queries.series.by_year`` or ``queries.profile.history``).

    ``office``: the frame is one office's, with ``ok`` and ``rules``; ``band`` its peers.
    """
    figure = trend_figure(
        view, f"{key}_{metric.key}", frame, metric, whom=whom, band=band, office=office, hint=hint
    )
    show(view, figure, on_pick=on_pick)


def legend_line(view: View, *, pooled: bool) -> str:
    """What hollow points, gaps and dashed lines mean."""
    return view.t("chart.hollow_pooled" if pooled else "chart.hollow", minimum=MIN_BASE)
