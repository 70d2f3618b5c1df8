"""A measure over the years as a card: used by every page that shows one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, present
from dashboard.charts.trend import trend
from dashboard.components.cards import Twin, chart_card
from dashboard.components.view import View
from dashboard.queries.meta import Metric
from dashboard.stats import MIN_BASE


def two_by_two(metrics: Sequence[Metric]) -> Iterator[tuple[Any, Metric]]:
    """Places for cards, two to a row; on a phone they follow each other in the same order."""
    for start in range(0, len(metrics), 2):
        yield from zip(st.columns(2), metrics[start : start + 2], strict=False)


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
    t, words = view.t, view.words
    ready = present.trend_frame(frame, metric, words, reasons=office)
    peers = None if band is None else band[band["metric"] == metric.key]
    tips = [
        ("year_text", t("column.year")),
        ("value_text", words.metric(metric)),
        ("base_text", t("column.base") if metric.has_base else t("column.num")),
        ("remark", t("column.remark")),
    ]
    if not office:
        ready["n_text"] = [formats.number(n) for n in ready["n"]]
        tips.insert(3, ("n_text", t("column.reports")))
    title = t("format.title", what=words.metric(metric), whom=whom, when=view.when)
    sentence = present.trend_sentence(frame, metric, words)
    chart = partial(
        trend,
        ready,
        view.look,
        unit=metric.unit,
        x_title=t("chart.axis_year"),
        y_title=words.axis(metric),
        description=f"{title}。{sentence}",
        tips=tips,
        marks=present.marks(metric, words),
        band=peers,
    )
    chart_card(
        view,
        f"{key}_{metric.key}",
        title,
        chart,
        sentence=sentence,
        twin=_twin(view, ready, metric, peers, office),
        definition=view.definition(metric),
        on_pick=on_pick,
        hint=hint,
    )


def _twin(
    view: View, ready: pd.DataFrame, metric: Metric, peers: pd.DataFrame | None, office: bool
) -> Twin:
    t = view.t
    out = pd.DataFrame({t("column.year"): ready["year"].astype(int)})
    out[view.words.metric(metric)] = list(ready["value_text"])
    if metric.has_base:
        out[t("column.num")] = [formats.exact(v) for v in ready["num"]]
        out[t("column.den")] = [formats.exact(v) for v in ready["den"]]
    if not office:
        out[t("column.reports")] = [formats.number(v) for v in ready["n"]]
    if peers is not None and not peers.empty:
        by_year = peers.set_index("year").reindex(ready["year"])
        for name in ("low", "mid", "high"):
            out[t(f"column.peers_{name}")] = [
                formats.by_unit(v, metric.unit, view.lang) for v in by_year[name]
            ]
        out[t("column.peers")] = [formats.number(v) for v in by_year["peers"]]
    out[t("column.remark")] = list(ready["remark"])
    return Twin(out, tuple(out.columns[1:-1]))


def legend_line(view: View, *, pooled: bool) -> str:
    """What hollow points, gaps and dashed lines mean."""
    return view.t("chart.hollow_pooled" if pooled else "chart.hollow", minimum=MIN_BASE)
