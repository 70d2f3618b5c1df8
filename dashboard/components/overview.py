"""The sections of 总览."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, present, state
from dashboard.charts.parts import changes
from dashboard.components import cards, places, shares
from dashboard.components.cards import Twin, chart_card
from dashboard.components.html import Link, esc
from dashboard.components.trends import legend_line, trend_card, two_by_two
from dashboard.components.view import View
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.queries import quality, series
from dashboard.queries.meta import Metric

#: The page's measures; ``@`` takes the definition the reader chose for a family.
KPIS = (
    "applications_new",
    "@disclosure",
    "carry_over_rate",
    "@review_correction",
    "@litigation_correction",
)
LIST_ROWS = 10


def coverage(view: View) -> None:
    """N of N, first of all."""
    frame = view.query(series.coverage, view.selection)
    row = frame[frame["year"] == view.year]
    if row.empty:
        text = view.t("overview.coverage_none", year=view.year)
    else:
        expected, reported, used = (int(row.iloc[0][c]) for c in ("expected", "reported", "used"))
        text = view.t(
            "overview.coverage",
            year=view.year,
            expected=formats.number(expected),
            reported=formats.number(reported),
            missing=formats.number(expected - reported),
            used=formats.number(used),
            share=formats.percent(reported / expected if expected else None),
        )
    st.html(f'<p class="do-lead">{esc(text)}</p>')


def pooled(view: View) -> pd.DataFrame:
    """Everything the page pools, in one query."""
    metrics = [view.metric(name).key for name in KPIS]
    metrics += [m.key for m in view.meta.shares_of("outcome")]
    return view.query(series.by_year, view.selection, tuple(dict.fromkeys(metrics)), view.with_base)


def key_figures(view: View, frame: pd.DataFrame, year: int) -> None:
    """The cards of the newest year shown."""
    metrics = [view.metric(name) for name in KPIS]
    found = [(m, present.change(_with_year_before(view, frame, m, year), m, year)) for m in metrics]
    st.subheader(view.t("overview.kpis", year=year), anchor=False)
    cards.kpi_row(view, found, "kpi.reports")


def _with_year_before(view: View, frame: pd.DataFrame, metric: Metric, year: int) -> pd.DataFrame:
    """The change needs the year before even when only one year is shown."""
    if year - 1 in set(frame["year"]) or year - 1 not in view.options.years:
        return frame
    wider = replace(view.selection, years=(year - 1, year))
    return view.query(series.by_year, wider, (metric.key,), view.with_base)


def trends(view: View, frame: pd.DataFrame) -> None:
    """Small multiples of the same measures."""
    st.subheader(view.t("overview.trends"), anchor=False)
    st.html(f'<p class="do-line">{esc(legend_line(view, pooled=True))}</p>')
    metrics = [view.metric(name) for name in KPIS]
    for place, metric in two_by_two(metrics):
        with place:
            trend_card(view, "trend", frame, metric, whom=view.whom, on_pick=_behind(metric.key))


def _behind(metric: str) -> Any:
    def picked(fields: dict[str, Any]) -> None:
        state.put(replace(state.current(), metric=metric, year=str(int(fields["year"]))))

    return picked


def behind(view: View) -> None:
    """The offices behind a clicked point, each a link to its profile."""
    metric = view.meta.metrics.get(view.filters.metric)
    if metric is None or not view.filters.year.isdecimal():
        return
    year = int(view.filters.year)
    frame = view.query(series.offices_of, view.selection, metric.key, year)
    t = view.t
    with st.container(border=True, key="do_behind"):
        title = t("overview.behind", metric=view.words.metric(metric), year=year)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {title}", width="stretch")
            st.button(t("overview.behind_close"), key="do_behind_close", on_click=_close)
        rows = [
            (
                _office(view, r.office_id, r.name, report=r.report_id),
                formats.by_unit(r.value, metric.unit, view.lang),
                formats.fraction(r.num, r.den) if metric.has_base else formats.exact(r.num),
            )
            for r in rows_of(frame)
        ]
        headers = (t("column.office"), view.words.metric(metric), t("column.base"))
        cards.linked_table(view, headers, rows, caption=title, right=(1, 2))
        if len(frame) >= series.OFFICE_ROWS:
            st.caption(t("overview.more", n=series.OFFICE_ROWS))


def _close() -> None:
    state.put(replace(state.current(), metric="", year=""))


def _office(view: View, office_id: str, name: str, *, report: str = "", cell: str = "") -> Link:
    opened = replace(
        view.filters.without_open(), office=office_id, report=report or "", cell=cell or ""
    )
    return Link(name or office_id, view.href("profile", opened))


def outcomes(view: View, frame: pd.DataFrame) -> None:
    """Outcome shares by year."""
    title = view.t("format.title", what=view.t("overview.outcomes"), whom=view.whom, when=view.when)
    shares.shares_card(
        view, "outcomes", frame, "outcome", title=title, axis=view.t("chart.axis_share")
    )


def why(view: View, year: int) -> None:
    """Where a change came from: volume, mix, rate; and which offices moved it."""
    t = view.t
    st.subheader(t("overview.why"), anchor=False)
    metric = _choose_why(view)
    if not metric.has_base:
        _who_count(view, metric, year)
        return
    effects = view.query(series.why_moved, view.selection, metric.key, year)
    if effects.empty:
        st.info(t("overview.why_none"))
        return
    left, right = st.columns(2)
    with left:
        _effects(view, metric, effects, year)
    with right:
        _who_rate(view, metric, year)


def _choose_why(view: View) -> Metric:
    names = [view.metric(name).key for name in KPIS]
    chosen = view.filters.why if view.filters.why in names else names[1]

    def changed() -> None:
        state.put(replace(state.current(), why=st.session_state["do_why"]))

    st.session_state["do_why"] = chosen
    st.segmented_control(
        view.t("overview.why_metric"),
        names,
        required=True,
        format_func=lambda k: view.words.metric(view.meta.metrics[k]),
        key="do_why",
        on_change=changed,
    )
    return view.meta.metrics[chosen]


def _effects(view: View, metric: Metric, effects: pd.DataFrame, year: int) -> None:
    t, by = view.t, {str(r["effect"]): r for r in records(effects)}
    parts = effects[effects["effect"] != "total"]
    labels = {e: t(f"overview.effect.{e}") for e in effects["effect"]}
    frame = pd.DataFrame(
        {
            "key": parts["effect"],
            "label": [labels[e] for e in parts["effect"]],
            "value": parts["count"],
            "shown": [formats.signed(v, 1) for v in parts["count"]],
            "points": [formats.signed(v * 100, 2) for v in parts["points"]],
            "offices": [formats.number(n) for n in parts["offices"]],
        }
    )
    points = {e: formats.signed(by[e]["points"] * 100, 2) for e in ("mix", "rate", "panel")}
    counts = {e: formats.signed(v, 1) for e, v in ((e, r["count"]) for e, r in by.items())}
    name, total = view.words.metric(metric), by["total"]
    sentence = t(
        "overview.why_sentence", metric=name,
        points=formats.signed(total["points"] * 100, 2),
        before=formats.percent(total["before"]),
        now=formats.percent(total["now"]),
        **points,
    ) + t("overview.why_count_sentence", **counts)  # fmt: skip
    title = t("overview.why_title", metric=name, year=year)
    tips = [
        ("label", t("column.effect")),
        ("shown", t("column.count")),
        ("points", t("column.points")),
        ("offices", t("column.offices")),
    ]
    chart = partial(
        changes,
        frame, view.look, order=list(frame["label"]),
        x_title=t("chart.axis_change", unit=view.words.named("unit", "件")),
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = frame[["label", "shown", "points", "offices"]].rename(columns=dict(tips))
    chart_card(
        view, "why", title, chart, sentence=sentence, definition=t("overview.why_note"),
        twin=Twin(twin, tuple(twin.columns[1:])),
    )  # fmt: skip


def _who_rate(view: View, metric: Metric, year: int) -> None:
    found = view.query(series.who_moved, view.selection, metric.key, year, LIST_ROWS)
    frame = pd.DataFrame(
        {
            "key": found["office_id"],
            "label": found["name"],
            "value": found["points"] * 100,
            "shown": [formats.signed(v * 100, 2) for v in found["points"]],
            "before": [
                formats.fraction(n, d) for n, d in zip(found["n0"], found["d0"], strict=True)
            ],
            "now": [formats.fraction(n, d) for n, d in zip(found["n1"], found["d1"], strict=True)],
        }
    )
    _who(view, metric, year, frame, view.t("chart.axis_points"))


def _who_count(view: View, metric: Metric, year: int) -> None:
    found = view.query(series.who_moved_count, view.selection, metric.key, year, LIST_ROWS)
    if found.empty:
        st.info(view.t("overview.why_none"))
        return
    frame = pd.DataFrame(
        {
            "key": found["office_id"],
            "label": found["name"],
            "value": found["change"],
            "shown": [formats.signed(v) for v in found["change"]],
            "before": [formats.exact(v) for v in found["n0"]],
            "now": [formats.exact(v) for v in found["n1"]],
        }
    )
    axis = view.t("chart.axis_change", unit=view.words.unit(metric))
    _who(view, metric, year, frame, axis)


def _who(view: View, metric: Metric, year: int, frame: pd.DataFrame, axis: str) -> None:
    t = view.t
    title = t("overview.who_title", metric=view.words.metric(metric), whom=view.whom, year=year)
    top = frame.iloc[0]
    sentence = t("overview.who_sentence", name=top["label"], value=top["shown"])
    tips = [
        ("label", t("column.office")),
        ("shown", t("column.change")),
        ("before", t("column.before")),
        ("now", t("column.now")),
    ]
    chart = partial(
        changes,
        frame, view.look, order=list(frame["label"]), x_title=axis,
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = frame[["label", "shown", "before", "now"]].rename(columns=dict(tips))
    chart_card(
        view, "who", title, chart, sentence=sentence, definition=view.definition(metric),
        twin=Twin(twin, tuple(twin.columns[1:])), on_pick=open_office,
    )  # fmt: skip


def open_office(fields: dict[str, Any]) -> None:
    """Go to the profile of a clicked office."""
    state.go("profile", replace(state.current().without_open(), office=str(fields["key"])))


def attention(view: View, year: int) -> None:
    """Failed error-level rules, missing reports, unread cells of the newest year shown."""
    t = view.t
    only = replace(view.selection, years=(year, year))
    counts = view.query(quality.attention, only, year)
    gone = view.query(series.missing, only, year)
    st.subheader(t("overview.attention"), anchor=False)
    clear = not (counts["failing_reports"] or counts["unread_cells"] or len(gone))
    line = t(
        "overview.attention_clear" if clear else "overview.attention_line",
        year=year,
        failing=formats.number(counts["failing_reports"]),
        missing=formats.number(len(gone)),
        reports=formats.number(counts["reports_with_unread"]),
        cells=formats.number(counts["unread_cells"]),
    )
    st.html(f'<p class="do-lead">{esc(line)}</p>')
    if clear:
        return
    failing = view.query(quality.findings, only, level="error")
    unread = view.query(quality.unread, only)
    labels = [
        t("overview.failing", n=len(failing)),
        t("overview.missing", n=len(gone)),
        t("overview.unread", n=len(unread)),
    ]
    one, two, three = st.tabs(labels)
    with one:
        _failing(view, failing)
    with two:
        _missing(view, gone)
    with three:
        _unread(view, unread)


def _failing(view: View, found: pd.DataFrame) -> None:
    t = view.t
    rows = [
        (
            _office(view, r.office_id, r.name, report=r.report_id, cell=r.cell),
            _rule(view, r.rule),
            places.message(r, view.lang, view.t),
        )
        for r in rows_of(found.head(LIST_ROWS * 2))
    ]
    headers = (t("column.office"), t("column.rule"), t("column.message"))
    _list(
        view,
        headers,
        rows,
        len(found),
        "overview.none_failing",
        t("overview.failing", n=len(found)),
    )


def _missing(view: View, found: pd.DataFrame) -> None:
    t, words = view.t, view.words
    rows = [
        (
            _office(view, r.office_id, r.name),
            words.named("level", r.level),
            formats.date(r.due, view.lang),
            formats.MISSING if formats.is_missing(r.last) else str(int(r.last)),
        )
        for r in rows_of(found.head(LIST_ROWS * 2))
    ]
    headers = (t("column.office"), t("column.level"), t("column.due"), t("column.last"))
    _list(
        view,
        headers,
        rows,
        len(found),
        "overview.none_missing",
        t("overview.missing", n=len(found)),
    )


def _unread(view: View, found: pd.DataFrame) -> None:
    t = view.t
    rows = [
        (_office(view, r.office_id, r.name, report=r.report_id), formats.number(r.n_unread))
        for r in rows_of(found.head(LIST_ROWS * 2))
    ]
    headers = (t("column.office"), t("column.unread"))
    _list(
        view, headers, rows, len(found), "overview.none_unread", t("overview.unread", n=len(found))
    )


def _list(
    view: View, headers: tuple[str, ...], rows: list[Any], n: int, none: str, caption: str
) -> None:
    if not rows:
        st.caption(view.t(none))
        return
    cards.linked_table(view, headers, rows, caption=caption)
    if n > len(rows):
        st.caption(view.t("overview.more", n=len(rows)))


def _rule(view: View, rule: str) -> str:
    found = view.meta.rules.get(rule)
    return f"{rule} {found.zh if view.lang == 'zh' else found.en}" if found else rule
