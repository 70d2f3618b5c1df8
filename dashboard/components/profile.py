"""The sections of 机构档案."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, present, state
from dashboard.components import cards, frame, held, overview
from dashboard.components.trends import legend_line, two_by_two
from dashboard.figures import profile as figures
from dashboard.figures.overview import KPIS
from dashboard.figures.profile import Open
from dashboard.markup import esc
from dashboard.queries import offices, profile
from dashboard.queries.offices import Office
from dashboard.view import View

TABS = ("history", "results", "checks", "document")


def choose(view: View) -> tuple[View, Open] | None:
    """Search and select; the office of the URL is preselected. ``None``: nothing to show yet.

    The view returned names the office that is shown, so that its figures can be built anew from
    its filters alone (a briefing, a link).
    """
    t = view.t
    text = view.filters.query
    found = view.query(offices.search, text, view.selection)
    known = view.query(offices.one, view.filters.office) if view.filters.office else None
    if view.filters.office and known is None:
        frame.empty(view, "unknown_office")
    with st.container(horizontal=True, vertical_alignment="bottom", key="do_find"):
        st.text_input(
            t("profile.search"), placeholder=t("profile.search_help"), icon=":material/search:",
            width=300, **held.shows("do_query", text, _searched),
        )  # fmt: skip
        by_id = {o.office_id: o for o in ([known] if known else []) + found}
        _select(view, by_id, known)
    if not found and text:
        frame.empty(view, "no_office", text=text)
    elif text:
        many = len(found) >= offices.SEARCH_LIMIT
        st.caption(t("profile.found_many" if many else "profile.found", n=len(found)))
    office = known or (found[0] if found else None)
    if office is None:
        return None
    view = replace(view, filters=replace(view.filters, office=office.office_id))
    return view, Open(office, view.query(profile.documents, office.office_id))


def _select(view: View, by_id: dict[str, Office], known: Office | None) -> None:
    def label(office_id: str) -> str:
        office = by_id.get(office_id)
        return f"{office.name}（{office.place}）" if office else office_id

    def choose(office: Any) -> None:
        state.put(replace(state.current(), office=office or "", report="", cell=""))

    if not by_id:
        return
    now = known.office_id if known else next(iter(by_id))
    st.selectbox(
        view.t("profile.choose"), list(by_id), format_func=label, width=420,
        **held.shows("do_office", now, choose, {one: label(one) for one in by_id}),
    )  # fmt: skip


def _searched(typed: Any) -> None:
    text = str(typed).strip()[:80]
    now = state.current()
    # A new word opens its best match; the office open before would hide it.
    state.put(replace(now, query=text, office="" if text else now.office, report="", cell=""))


def headline(view: View, opened: Open) -> None:
    """Who it is, which reports exist, which years are missing."""
    t, o = view.t, opened.office
    current = opened.documents[opened.documents["is_current"]]
    years = sorted({int(y) for y in current["year"]})
    st.subheader(o.name, anchor=False)
    span = formats.years(years[0], years[-1]) if years else formats.MISSING
    line = t(
        "profile.reports_line",
        place=o.place or formats.MISSING,
        level=view.words.named("level", o.level),
        kind=view.words.named("kind", o.kind),
        n=len(years),
        years=span,
    )
    gaps = [str(y) for y in view.years if years and y not in years]
    if gaps:
        line += t("profile.gaps", years=t("format.comma").join(gaps))
    st.html(f'<p class="do-lead">{esc(line)}</p>')


def covering(view: View, opened: Open) -> View:
    """The page with the scope this office reports in; a line says so where it is not the chosen."""
    covered = figures.covering(view, opened)
    if covered is not view:
        line = view.t(f"profile.only_{covered.selection.scope}")
        st.html(f'<p class="do-line">{esc(line)}</p>')
    return covered


def key_figures(view: View, opened: Open) -> bool:
    """The newest year with a report in a sentence and cards; false where there is none."""
    metrics = [view.metric(name) for name in KPIS]
    found = figures.history_of(view, opened, metrics)
    years = found.loc[found["report_id"].notna(), "year"]
    if years.empty:
        frame.empty(view, "no_office_reports")
        return False
    year = int(years.max())
    changes = [(m, present.change(found, m, year)) for m in metrics]
    st.html(f'<p class="do-lead">{esc(overview.headline(view, changes))}</p>')
    st.markdown(f"**{view.t('profile.kpis', year=year)}**")
    cards.kpi_row(view, changes, "")
    return True


def tabs(view: View) -> str:
    """Which part of the profile is open; part of the URL."""
    now = view.filters.tab if view.filters.tab in TABS else TABS[0]

    def choose(tab: Any) -> None:
        state.put(replace(state.current(), tab=tab or ""))

    st.segmented_control(
        view.t("profile.view"), TABS, required=True, **held.shows("do_tab", now, choose),
        format_func=lambda k: view.t(f"profile.tab.{k}"), label_visibility="collapsed",
    )  # fmt: skip
    return now


def history(view: View, opened: Open) -> None:
    """Every measure of a group over the years, with the peers' band."""
    t = view.t
    groups = figures.groups(view)
    asked = view.meta.metrics.get(view.filters.metric)
    wanted = asked.group_key if asked else view.filters.metric
    chosen = wanted if wanted in groups else groups[0]

    def choose(group: Any) -> None:
        state.put(replace(state.current(), metric=group or ""))

    st.pills(
        t("profile.group"), groups, required=True, **held.shows("do_group", chosen, choose),
        format_func=lambda g: (
            view.meta.metric_groups[g].zh if view.lang == "zh" else view.meta.metric_groups[g].en
        ),
    )  # fmt: skip
    metrics = sorted(figures.in_group(view, chosen), key=lambda m: m is not asked)
    band = figures.band_of(view, opened, metrics)
    lines = [_band_line(view, band), legend_line(view, pooled=False), t("chart.click_cell")]
    st.html("".join(f'<p class="do-line">{esc(line)}</p>' for line in lines))
    for place, metric in two_by_two(metrics):
        with place:
            cards.draw(
                view, figures.trend, metric.key,
                on_pick=open_cell(view, opened, view.meta.metric_cells(metric, part="num")),
            )  # fmt: skip


def _band_line(view: View, band: pd.DataFrame) -> str:
    if band.empty:
        return view.t("profile.no_band", n=profile.MIN_PEERS)
    low, high = int(band["peers"].min()), int(band["peers"].max())
    return view.t("profile.band", n=formats.years(low, high))


def current_report(view: View, opened: Open, year: int) -> str | None:
    """The report of a year that the page shows: the current one of the scope in force."""
    found = opened.documents
    whole = found["scope"].isin(offices.WHOLE)
    wanted = whole if view.selection.scope == "region" else ~whole
    rows = found[found["is_current"] & (found["year"] == year) & wanted]
    return None if rows.empty else str(rows["report_id"].min())


def open_cell(view: View, opened: Open, cells: tuple[str, ...]) -> Callable[[dict[str, Any]], None]:
    """A callback that opens the report of a clicked year at the first of these cells."""

    def picked(fields: dict[str, Any]) -> None:
        report = current_report(view, opened, int(fields["year"]))
        if report:
            show(report, cells[0] if cells else "")

    return picked


def show(report: str, cell: str) -> None:
    """Open a report's document at a cell."""
    state.put(replace(state.current(), report=report, cell=cell, tab="document"))
