"""The figures of 机构档案: one office (``view.filters.office``) over the years.

The office's reports decide what they cover: one that reports for its whole region is shown with
those figures, for one office nothing is added up (see :func:`covering`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.charts.office import pairs
from dashboard.figures.base import Figure, Native, Series, Twin, marks_of, register
from dashboard.figures.trends import trend_figure
from dashboard.frames import records
from dashboard.queries import offices, profile
from dashboard.queries.meta import Metric
from dashboard.queries.offices import Office
from dashboard.view import View


@dataclass(frozen=True)
class Open:
    """The opened office with its reports (all of them, superseded ones too)."""

    office: Office
    documents: pd.DataFrame

    def report(self, report_id: str) -> pd.Series[Any] | None:
        """One report's row."""
        found = self.documents[self.documents["report_id"] == report_id]
        return None if found.empty else found.iloc[0]


def opened(view: View) -> Open | None:
    """The office of the view; ``None`` where none is chosen or the viewer may not see it."""
    office_id = view.filters.office
    office = view.query(offices.one, office_id) if office_id else None
    return None if office is None else Open(office, view.query(profile.documents, office_id))


def covering(view: View, found: Open) -> View:
    """The view with the scope this office reports in.

    A government's annual report may cover its whole region only; its profile would stay empty
    under the reader's own-figures scope. One office is shown, nothing is added up, so its other
    reports are shown instead.
    """
    scopes = set(found.documents.loc[found.documents["is_current"], "scope"])
    whole = {s in offices.WHOLE for s in scopes}
    if len(whole) != 1:
        return view
    scope = "region" if whole.pop() else "own"
    return view if scope == view.selection.scope else replace(view, scope=scope)


def open_view(view: View) -> tuple[View, Open] | None:
    """The office and the view that shows it; ``None`` without an office."""
    found = opened(view)
    return None if found is None else (covering(view, found), found)


def with_office(view: View) -> Sequence[str]:
    """The one figure of a name where an office is chosen, none else."""
    return ("",) if opened(view) is not None else ()


def in_group(view: View, group: str) -> list[Metric]:
    """A group's measures: shares have a chart of their own, of a family the chosen one."""
    out = []
    for metric in view.meta.metrics.values():
        if metric.group_key != group or metric.share_of:
            continue
        if metric.family and view.metric(f"@{metric.family}").key != metric.key:
            continue
        out.append(metric)
    return out


def groups(view: View) -> list[str]:
    """The groups of measures that have trends."""
    return [g for g in view.meta.metric_groups if in_group(view, g)]


def history_of(view: View, found: Open, metrics: Sequence[Metric]) -> pd.DataFrame:
    """The office's own values of some measures."""
    keys = tuple(dict.fromkeys(m.key for m in metrics))
    return view.query(profile.history, view.selection, found.office.office_id, keys, view.with_base)


def band_of(view: View, found: Open, metrics: Sequence[Metric]) -> pd.DataFrame:
    """The peers' middle half of some measures."""
    keys = tuple(m.key for m in metrics)
    return view.query(profile.peers_band, view.selection, found.office, keys, view.with_base)


def _trend_keys(view: View) -> Sequence[str]:
    if opened(view) is None:
        return ()
    return [m.key for group in groups(view) for m in in_group(view, group)]


@register("profile/trend", _trend_keys)
def trend(view: View, metric: str = "") -> Figure | None:
    """One measure over the years before the band of the office's peers."""
    at = open_view(view)
    if at is None:
        return None
    view, found = at
    chosen = view.meta.metrics[metric]
    # The whole group is asked for at once: on the page its other charts come from the cache.
    metrics = in_group(view, chosen.group_key)
    if chosen not in metrics:
        metrics = [*metrics, chosen]
    frame = history_of(view, found, metrics)
    if frame.empty:
        return None
    return trend_figure(
        view, trend.full(metric), frame, chosen, whom=found.office.name,
        band=band_of(view, found, metrics), office=True,
    )  # fmt: skip


@register("profile/continuity", with_office)
def continuity(view: View, _: str = "") -> Figure | None:
    """Last year's 结转下年度 against this year's 上年结转."""
    at = open_view(view)
    if at is None:
        return None
    view, found = at
    t = view.t
    frame = view.query(profile.continuity, view.selection, found.office.office_id)
    known = frame.dropna(subset=["difference"])
    if known.empty:
        return None
    title = continuity.titled(view, whom=found.office.name)
    bad = known[known["difference"] != 0]
    years = t("format.comma").join(str(int(y)) for y in bad["year"])
    key = "profile.continuity_bad" if len(bad) else "profile.continuity_ok"
    sentence = t(key, n=len(known), bad=len(bad), years=years)
    sides = ("carried_out_before", "carried_in")
    names = side_names(view)
    rows = [
        {
            "year": int(r["year"]),
            "side": name,
            "value": r[side],
            "other": r[other],
            "equal": r["difference"] == 0,
            "value_text": formats.exact(r[side]),
            "difference": formats.signed(r["difference"]),
            "year_text": t("format.year", year=int(r["year"])),
        }
        for r in records(frame)
        for side, other, name in zip(sides, sides[::-1], names, strict=True)
    ]
    tips = [
        ("year_text", t("column.year")),
        ("side", t("column.part")),
        ("value_text", t("column.value")),
        ("difference", t("column.difference")),
    ]
    chart = partial(
        pairs,
        pd.DataFrame(rows), view.look, names=names, x_title=t("chart.axis_year"),
        y_title=t("chart.axis_cases"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = pd.DataFrame(
        {
            t("column.year"): frame["year"].astype(int),
            names[0]: [formats.exact(v) for v in frame[sides[0]]],
            names[1]: [formats.exact(v) for v in frame[sides[1]]],
            t("column.difference"): [formats.signed(v) for v in frame["difference"]],
        }
    )
    native = Native(
        "column", tuple(int(y) for y in frame["year"]),
        tuple(Series(n, _values(frame[s])) for n, s in zip(names, sides, strict=True)),
        x_title=t("chart.axis_year"), y_title=t("chart.axis_cases"),
    )  # fmt: skip
    return Figure(
        name=continuity.name, title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[1:])), hint=t("chart.click_cell"),
        definition=t("profile.continuity_note"), data=frame.reset_index(drop=True), native=native,
        picks=lambda: marks_of(
            pd.DataFrame([r for r in rows if not formats.is_missing(r["value"])]),
            t, "year_text", "side", ("year", "side"),
        ),
    )  # fmt: skip


def side_names(view: View) -> tuple[str, str]:
    """The two sides of the carry-over in words: last year's report, this year's."""
    return view.t("column.carried_out_before"), view.t("column.carried_in")


def _values(column: pd.Series[float]) -> tuple[float | None, ...]:
    return tuple(None if formats.is_missing(v) else float(v) for v in column)
