"""A measure over the years: used by every page that shows one."""

from __future__ import annotations

from functools import cache, partial

import pandas as pd

from dashboard import formats, present
from dashboard.charts.trend import trend
from dashboard.figures.base import Figure, Native, Series, Twin, hollow
from dashboard.queries.meta import Metric
from dashboard.theme import LIGHT
from dashboard.view import View


def trend_figure(
    view: View,
    name: str,
    frame: pd.DataFrame,
    metric: Metric,
    *,
    whom: str,
    band: pd.DataFrame | None = None,
    office: bool = False,
    hint: str = "",
) -> Figure | None:
    """One measure of ``frame`` (see ``queries.series.by_year`` or ``queries.profile.history``).

    ``None`` where no year has a value: empty axes would look like zeros.
    ``office``: the frame is one office's, with ``ok`` and ``rules``; ``band`` its peers.
    """
    t, words = view.t, view.words
    rows = present.trend_rows(frame, metric, words, reasons=office)
    if all(formats.is_missing(row["value"]) for row in rows):
        return None
    peers = None if band is None else band[band["metric"] == metric.key]
    tips = [
        ("year_text", t("column.year")),
        ("value_text", words.metric(metric)),
        ("base_text", t("column.base") if metric.has_base else t("column.num")),
        ("remark", t("column.remark")),
    ]
    if not office:
        for row in rows:
            row["n_text"] = formats.number(row["n"])
        tips.insert(3, ("n_text", t("column.reports")))
    title = t("format.title", what=words.metric(metric), whom=whom, when=view.when)
    sentence = present.trend_sentence(frame, metric, words)
    chart = partial(
        trend,
        rows,
        view.look,
        unit=metric.unit,
        x_title=t("chart.axis_year"),
        y_title=words.axis(metric),
        description=f"{title}。{sentence}",
        tips=tips,
        marks=present.marks(metric, words),
        band=peers,
    )
    ready = cache(lambda: present.trend_frame(frame, metric, words, reasons=office))
    return Figure(
        name=name,
        title=title,
        draw=chart,
        sentence=sentence,
        twin=lambda: _twin(view, ready(), metric, peers, office),
        definition=view.definition(metric),
        hint=hint,
        data=lambda: ready()[["year", "metric", "num", "den", "n", "value"]].reset_index(drop=True),
        native=lambda: _native(view, ready(), metric, peers),
        picks=lambda: tuple(
            (row["year_text"], {"year": int(row["year"])})
            for row in rows
            if not formats.is_missing(row["value"])
        ),
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


def _native(view: View, ready: pd.DataFrame, metric: Metric, peers: pd.DataFrame | None) -> Native:
    """Years as categories; a series a segment, so that a line breaks where the form broke."""
    years = tuple(int(y) for y in ready["year"])
    name = view.words.metric(metric)
    series = [
        Series(
            name,
            _values(ready["value"].where(ready["segment"] == segment)),
            hollow=tuple(n for n in hollow(ready) if ready["segment"].iloc[n] == segment),
        )
        for segment in sorted(set(ready["segment"]))
    ]
    if peers is not None and not peers.empty:
        by_year = peers.set_index("year").reindex(years)
        series += [
            Series(view.t(f"column.peers_{part}"), _values(by_year[part]), LIGHT.peers)
            for part in ("low", "mid", "high")
        ]
    return Native(
        "line",
        years,
        tuple(series),
        x_title=view.t("chart.axis_year"),
        y_title=view.words.axis(metric),
        percent=metric.unit == "percent",
    )


def _values(column: pd.Series[float]) -> tuple[float | None, ...]:
    return tuple(None if formats.is_missing(v) else float(v) for v in column)
