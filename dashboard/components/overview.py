"""The sections of 总览."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, present, state
from dashboard.components import cards, held, places, reveal
from dashboard.components.trends import in_columns, legend_line
from dashboard.figures import overview as figures
from dashboard.figures.base import year_of
from dashboard.figures.overview import LIST_ROWS
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, anchor, esc
from dashboard.queries import quality, roster, series
from dashboard.queries.meta import Metric
from dashboard.stats import MIN_BASE
from dashboard.view import View


def pooled(view: View) -> pd.DataFrame:
    """What the page pools; empty where nothing fits the filters."""
    return figures.pooled(view)


def coverage(view: View) -> None:
    """N of N, first of all."""
    frame = view.query(series.coverage, view.selection, view.today)
    row = frame[frame["year"] == view.year]
    if row.empty:
        text = view.t("overview.coverage_none", year=view.year)
    else:
        expected, reported, not_due, used = (
            int(row.iloc[0][c]) for c in ("expected", "reported", "not_due", "used")
        )
        missing = expected - reported - not_due
        not_here = [
            view.t(f"overview.coverage_{name}", n=formats.number(n))
            for name, n in (("missing", missing), ("not_due", not_due))
            if n or (name == "missing" and not not_due)
        ]
        text = view.t(
            "overview.coverage",
            year=view.year,
            expected=formats.number(expected),
            reported=formats.number(reported),
            not_here=view.t("format.comma").join(not_here),
            used=formats.number(used),
            share=formats.percent(reported / expected if expected else None),
        )
    st.html(f'<p class="do-lead">{esc(text)}</p>')


def key_figures(view: View, frame: pd.DataFrame, metrics: Sequence[Metric] | None = None) -> None:
    """A page's answer in a sentence and its cards, of the newest year with reports to pool."""
    year = year_of(view, frame)
    if year is None:
        return
    older(view, year)
    found = [
        (m, present.change(with_year_before(view, frame, m, year), m, year))
        for m in (figures.kpis(view) if metrics is None else metrics)
    ]
    st.html(f'<p class="do-lead">{esc(headline(view, found))}</p>')
    cards.kpi_row(view, found, "kpi.reports")


def older(view: View, year: int) -> None:
    """Says so where the newest year shown has nothing to pool and the page speaks of another."""
    if year != view.year:
        text = view.t("overview.older", year=view.year, newest=year)
        st.html(f'<p class="do-lead">{esc(text)}</p>')


def headline(view: View, found: list[tuple[Metric, present.Change]]) -> str:
    """The page's question answered: each measure and its change; rates on small bases apart."""
    t, words, semicolon = view.t, view.words, view.t("format.semicolon")
    year, known = found[0][1].year, [(m, c) for m, c in found if c.value is not None]
    if not known:
        return t("overview.headline_none", year=year)

    def named(metric: Metric, change: present.Change, said: str) -> str:
        value = words.amount(change.value, metric)
        return t(said, name=words.metric(metric), value=value,
                 change=present.change_words(change, metric, words),
                 base=formats.fraction(change.num, change.den))  # fmt: skip

    sound = [named(m, c, "overview.headline_part") for m, c in known if not c.small]
    small = [named(m, c, "overview.headline_small_part") for m, c in known if c.small]
    compared = any(c.delta is not None and not c.small for _, c in known)
    said = []
    if sound:
        key = "overview.headline" if compared else "overview.headline_alone"
        said.append(t(key, year=year, before=year - 1, parts=semicolon.join(sound)))
    if small:
        key = "overview.headline_small" if sound else "overview.headline_only_small"
        said.append(t(key, year=year, minimum=MIN_BASE, parts=semicolon.join(small)))
    return "\n".join(said)


def with_year_before(view: View, frame: pd.DataFrame, metric: Metric, year: int) -> pd.DataFrame:
    """The change needs the year before even when only one year is shown."""
    if year - 1 in set(frame["year"]) or year - 1 not in view.options.years:
        return frame
    wider = replace(view.selection, years=(year - 1, year))
    return view.query(series.by_year, wider, (metric.key,), view.with_base)


def trends(view: View) -> None:
    """Small multiples of the same measures."""
    st.subheader(view.t("overview.trends"), anchor=False)
    st.html(f'<p class="do-line">{esc(legend_line(view, pooled=True))}</p>')
    for place, metric in in_columns(figures.kpis(view), 3):
        with place:
            cards.draw(view, figures.trend, metric.key, on_pick=behind_of(metric.key))
    behind(view, [m.key for m in figures.kpis(view)])


def behind_pick(fields: dict[str, Any]) -> None:
    """List the offices behind a clicked mark that names its measure and its year."""
    behind_of(str(fields["metric"]))(fields)


def behind_of(metric: str) -> Any:
    """A callback that lists the offices behind a clicked year of a measure."""

    def picked(fields: dict[str, Any]) -> None:
        state.put(replace(state.current(), metric=metric, year=str(int(fields["year"]))))

    return picked


def behind(view: View, keys: Collection[str] | None = None) -> None:
    """The offices behind a clicked point, each a link to its profile.

    ``keys``: only for these measures, so that the list opens below the charts it belongs to.
    """
    metric = view.meta.metrics.get(view.filters.metric)
    if metric is None or not view.filters.year.isdecimal():
        reveal.forget("do_behind")
        return
    if keys is not None and metric.key not in keys:
        return
    year = int(view.filters.year)
    frame = view.query(series.offices_of, view.selection, metric.key, year)
    cell = view.meta.cell_in(metric, year)
    t = view.t
    with st.container(border=True, key="do_behind"):
        reveal.once("do_behind", (metric.key, year))
        title = t("overview.behind", metric=view.words.metric(metric), year=year)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<h4 class="do-title">{esc(title)}</h4>', width="stretch")
            st.button(t("overview.behind_close"), key="do_behind_close", on_click=_close)
        rows = [
            (
                _office(view, r.office_id, r.name, report=r.report_id, cell=cell),
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
        view.filters.without_open(), office=office_id, report=report or "", cell=cell or "",
        tab="document" if report and cell else "",
    )  # fmt: skip
    return Link(name or office_id, view.href("profile", opened))


def outcomes(view: View) -> None:
    """Outcome shares by year."""
    cards.draw(view, figures.outcomes, on_pick=behind_pick)
    behind(view, [m.key for m in view.meta.shares_of("outcome")])


def why(view: View) -> None:
    """Where a change came from: volume, mix, rate; and which offices moved it."""
    st.subheader(view.t("overview.why"), anchor=False)
    _choose_why(view)
    effects, movers = figures.why(view), figures.who(view)
    if effects is None and movers is None:
        st.info(view.t("overview.why_none"))
        return
    if effects is not None:
        one, two = st.columns(2)
        with one:
            cards.show(view, effects, on_pick=_open_effect)
        with two:
            cards.draw(view, figures.why_cases, on_pick=_open_effect)
        _by_effect(view)
    if movers is not None:
        cards.show(view, movers, on_pick=open_office)


def _open_effect(fields: dict[str, Any]) -> None:
    """List the offices behind an effect; the total is made of all of them."""
    effect = str(fields["key"])
    state.put(replace(state.current(), tab=effect if effect in series.EFFECTS else ""))


def _by_effect(view: View) -> None:
    """The offices with the largest part of the opened effect."""
    effect, metric = view.filters.tab, figures.why_metric(view)
    year = year_of(view, pooled(view))
    if effect not in series.EFFECTS or year is None:
        reveal.forget("do_effect")
        return
    t = view.t
    found = view.query(series.who_by_effect, view.selection, metric.key, year, effect, LIST_ROWS)
    title = t(
        "overview.by_effect", metric=view.words.metric(metric),
        effect=t(f"overview.effect.{effect}"), year=year,
    )  # fmt: skip
    with st.container(border=True, key="do_effect"):
        reveal.once("do_effect", (metric.key, effect, year))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<h4 class="do-title">{esc(title)}</h4>', width="stretch")
            st.button(t("overview.behind_close"), key="do_effect_close", on_click=_close_effect)
        rows = [
            (
                _office(view, r.office_id, r.name),
                formats.signed(r.part, 1),
                formats.fraction(r.n0, r.d0),
                formats.fraction(r.n1, r.d1),
            )
            for r in rows_of(found.rename(columns={"count": "part"}))
        ]
        headers = (
            t("column.office"), t("chart.axis_change", unit=view.words.named("unit", "件")),
            t("overview.base_before"), t("overview.base_now"),
        )  # fmt: skip
        cards.linked_table(view, headers, rows, caption=title, right=(1, 2, 3))
        st.caption(t("overview.more", n=LIST_ROWS))


def _close_effect() -> None:
    state.put(replace(state.current(), tab=""))


def _choose_why(view: View) -> None:
    def choose(key: Any) -> None:
        state.put(replace(state.current(), why=key or ""))

    st.segmented_control(
        view.t("overview.why_metric"),
        [m.key for m in figures.kpis(view)],
        required=True,
        format_func=lambda k: view.words.metric(view.meta.metrics[k]),
        **held.shows("do_why", figures.why_metric(view).key, choose),
    )


def open_office(fields: dict[str, Any]) -> None:
    """Go to the profile of a clicked office."""
    state.go("profile", replace(state.current().without_open(), office=str(fields["key"])))


def attention(view: View, year: int) -> None:
    """Failed error-level rules, missing reports, unread cells of the newest year shown."""
    t = view.t
    only = replace(view.selection, years=(year, year))
    counts = view.query(quality.attention, only, year)
    gone = view.query(series.missing, only, year, view.today)
    st.subheader(t("overview.attention"), anchor=False)
    clear = not (counts["failing_reports"] or counts["unread_cells"] or len(gone))
    named = {
        "failing": counts["failing_reports"],
        "missing": len(gone),
        "unread": counts["unread_cells"],
    }
    parts = t("format.comma").join(
        t(f"overview.attention_{name}", n=formats.number(n),
          reports=formats.number(counts["reports_with_unread"]))
        for name, n in named.items()
        if n
    )  # fmt: skip
    line = t(f"overview.attention_{'clear' if clear else 'line'}", year=year, parts=parts)
    st.html(f'<p class="do-lead">{esc(line)}</p>')
    if clear:
        return
    if len(gone):
        guessed, total = view.query(roster.presumed, view.selection, year)
        if guessed:
            note = t("quality.presumed", n=formats.number(guessed), total=formats.number(total))
            st.html(f'<p class="do-line">{esc(note)}</p>')
    failing = view.query(quality.findings, only, level="error")
    unread = view.query(quality.unread, only)
    labels = [
        t("overview.failing", n=formats.number(counts["failing_reports"])),
        t("overview.missing", n=formats.number(len(gone))),
        t("overview.unread", n=formats.number(counts["reports_with_unread"])),
    ]
    one, two, three = _lists(labels, next(name for name, n in named.items() if n))
    with one:
        _everything(view, year, severity="error", year=str(year))
        _failing(view, failing, labels[0])
    with two:
        _everything(view, year, tab="missing")
        _missing(view, gone, labels[1])
    with three:
        _everything(view, year)
        _unread(view, unread, labels[2])


#: The lists of what needs attention, in the order of their tabs.
LISTS = ("failing", "missing", "unread")


def _lists(labels: list[str], first: str) -> Sequence[Any]:
    """The tabs of the lists, the ``first`` one with anything in it open; another in the address."""
    named = dict(zip(LISTS, labels, strict=True))
    now = next((key for key in LISTS if f"list_{key}" in state.current().shown), first)

    def choose(key: Any) -> None:
        turned = state.current()
        for one in LISTS:
            turned = turned.turned(f"list_{one}", one == key != first)
        state.put(turned)

    return st.tabs(labels, **held.shows("do_lists", named[now], choose, named))


def _everything(view: View, only: int, **opened: str) -> None:
    """A link to the same reports on the page that lists them all, filtered alike."""
    filters = view.filters.without_open().with_selection(years=(only, only))
    filters = replace(filters, **opened)  # type: ignore[arg-type]
    there = Link(view.t("overview.everything", year=only), view.href("quality", filters))
    st.html(f'<p class="do-line">{anchor(there)}</p>')


def _failing(view: View, found: pd.DataFrame, caption: str) -> None:
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
        caption,
    )


def _missing(view: View, found: pd.DataFrame, caption: str) -> None:
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
        caption,
    )


def _unread(view: View, found: pd.DataFrame, caption: str) -> None:
    t = view.t
    rows = [
        (_office(view, r.office_id, r.name, report=r.report_id), formats.number(r.n_unread))
        for r in rows_of(found.head(LIST_ROWS * 2))
    ]
    headers = (t("column.office"), t("column.unread"))
    _list(view, headers, rows, len(found), "overview.none_unread", caption)


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
