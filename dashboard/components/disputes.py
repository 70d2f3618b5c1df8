"""The sections of 复议诉讼."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components import callouts, cards, held, overview
from dashboard.components.trends import in_columns, legend_line
from dashboard.figures import disputes as figures
from dashboard.figures.base import year_of
from dashboard.markup import esc
from dashboard.view import View

FAMILIES = tuple(name[1:] for name in figures.RATES)
CLOSED, LOOSE = "closed", "loose"


def pooled(view: View) -> pd.DataFrame:
    """What the page pools; empty where nothing fits the filters."""
    return figures.pooled(view)


def answer(view: View, frame: pd.DataFrame) -> None:
    """The question answered in words and one picture, with the choice of base beside it."""
    overview.key_figures(view, frame, figures.metrics_of(view, figures.KPIS))
    _base(view)
    cards.draw(view, figures.correction, on_pick=_behind)
    st.html(f'<p class="do-line">{esc(view.t("disputes.marks"))}</p>')
    overview.behind(view, [m.key for m in figures.metrics_of(view, figures.RATES)])


def _base(view: View) -> None:
    """Closed cases or all: one switch for both families; the filter bar has each of its own."""
    t = view.t
    chosen = {view.metric(f"@{f}").is_default for f in FAMILIES}

    def choose(base: Any) -> None:
        if base is None:  # the chosen one clicked again
            return
        families = {k: v for k, v in state.current().families if k not in FAMILIES}
        if base != CLOSED:
            for family in FAMILIES:
                others = [m.key for m in view.meta.family_members(family) if not m.is_default]
                families[family] = others[0]
        state.put(replace(state.current(), families=tuple(sorted(families.items()))))

    now = None if len(chosen) > 1 else CLOSED if chosen == {True} else LOOSE
    st.segmented_control(
        t("disputes.by"), (CLOSED, LOOSE), **held.shows("do_base", now, choose),
        format_func=lambda k: t(f"disputes.{k}"),
    )  # fmt: skip
    if len(chosen) > 1:
        st.caption(t("disputes.mixed"))


def _behind(fields: dict[str, Any]) -> None:
    overview.behind_of(str(fields["metric"]))(fields)


def blocks(view: View) -> None:
    """The three kinds of case: shares by year, then the cases themselves."""
    st.subheader(view.t("disputes.blocks"), anchor=False)
    found = figures.blocks(view)
    for place, whole in zip(st.columns(max(len(found), 1)), found, strict=False):
        with place:
            cards.draw(view, figures.block, whole, on_pick=_part(view, whole))
    cards.draw(view, figures.cases, on_pick=_case)
    overview.behind(view, [m.key for whole in found for m in view.meta.shares_of(whole)])


def _part(view: View, whole: str) -> Callable[[dict[str, Any]], None]:
    keys = {label: key for key, label in figures.part_labels(view, whole).items()}

    def picked(fields: dict[str, Any]) -> None:
        overview.behind_of(keys[str(fields["part"])])(fields)

    return picked


def _case(fields: dict[str, Any]) -> None:
    overview.behind_of(str(fields["key"]))(fields)


def trends(view: View) -> None:
    """Density, pending, review to court; disputes against the year before."""
    st.subheader(view.t("disputes.trends"), anchor=False)
    st.html(f'<p class="do-line">{esc(legend_line(view, pooled=True))}</p>')
    for place, metric in in_columns(figures.metrics_of(view, figures.TRENDS), 3):
        with place:
            cards.draw(view, figures.trend, metric.key, on_pick=overview.behind_of(metric.key))
    overview.behind(view, [m.key for m in figures.metrics_of(view, figures.TRENDS)])
    # Both lines count the disputes of the year: the offices behind it are those of the rate.
    behind = overview.behind_of(view.metric(figures.DENSITY).key)
    cards.draw(view, figures.lag, on_pick=behind)


def most(view: View, frame: pd.DataFrame) -> None:
    """Offices corrected most often; a click opens the report at the cell."""
    st.subheader(figures.most.called(view), anchor=False)
    figure = figures.most(view)
    if figure is None:
        st.caption(view.t("disputes.most_none", year=year_of(view, frame)))
        return
    metric = view.meta.metrics[figures.MOST]
    cards.show(view, figure, on_pick=open_report(view, figure.data, metric.key))


def open_report(
    view: View, data: pd.DataFrame | None, metric: str
) -> Callable[[dict[str, Any]], None]:
    """A callback that opens the clicked report's document at a measure's first cell."""
    offices = {} if data is None else dict(zip(data["report_id"], data["office_id"], strict=True))
    cell = next(iter(view.meta.metric_cells(view.meta.metrics[metric], part="num")), "")

    def picked(fields: dict[str, Any]) -> None:
        report = str(fields["report"])
        opened = replace(
            state.current().without_open(), office=str(offices.get(report, "")), report=report,
            cell=cell, tab="document",
        )  # fmt: skip
        state.go("profile", opened)

    return picked


def wrong(view: View) -> None:
    """Reports whose table 4 does not add up."""
    t = view.t
    callouts.findings_of(view, "T4-SUM", t("disputes.wrong"), t("disputes.wrong_none"))
