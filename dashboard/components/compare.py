"""The sections of 机构对比."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import formats, i18n, state
from dashboard.components import cards, frame, held
from dashboard.figures import compare as figures
from dashboard.figures import compare_answer, comparing
from dashboard.figures.comparing import ALL, CHANGE, CHOSEN, PEERS, Comparison
from dashboard.frames import records
from dashboard.markup import Link, esc
from dashboard.queries import offices
from dashboard.queries.compare import OFFICE, TABLE_ENDS
from dashboard.queries.offices import Office
from dashboard.stats import MIN_BASE
from dashboard.view import View


def controls(view: View) -> Comparison | None:
    """Measure, year, who; ``None`` where there is nothing to compare (said in words)."""
    if not view.years:
        frame.empty(view, "no_rows")
        return None
    asked = view.filters.year
    if asked.isdecimal() and int(asked) in view.options.years and int(asked) not in view.years:
        st.warning(view.t("compare.year_outside", asked=asked, when=view.when, year=view.year))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="do_cmp"):
        _measure(view)
        _year(view)
        _who(view)
    kind = comparing.who(view)
    if kind in (PEERS, CHOSEN):
        _offices(view, kind)
    found = comparing.comparison(view)
    if found is None or not _members_in_words(found):
        return None
    if found.standing.points.empty:
        name = view.words.metric(found.metric)
        frame.empty(view, "compare_nothing", year=found.year, metric=name)
        return None
    return found


def _measure(view: View) -> None:
    metrics = {m.key: m for m in comparing.measures(view)}

    def label(key: str) -> str:
        group = i18n.of(view.meta.metric_groups[metrics[key].group_key], "", view.lang)
        return view.t("compare.measure_option", group=group, name=view.words.metric(metrics[key]))

    def choose(key: Any) -> None:
        state.put(replace(state.current(), metric=key or ""))

    st.selectbox(
        view.t("compare.measure"), list(metrics), format_func=label, width=330,
        **held.shows("do_cmp_metric", comparing.measure(view).key, choose),
    )  # fmt: skip


def _year(view: View) -> None:
    def choose(year: Any) -> None:
        state.put(replace(state.current(), year=str(year or "")))

    st.selectbox(
        view.t("compare.year"), list(reversed(view.years)), width=110,
        **held.shows("do_cmp_year", comparing.year_of(view), choose),
    )  # fmt: skip


def _who(view: View) -> None:
    def choose(kind: Any) -> None:
        _put_tab(kind or ALL, comparing.by_change(view))

    st.segmented_control(
        view.t("compare.who"), comparing.choices(view), required=True,
        format_func=lambda kind: view.t(f"compare.who_{kind}"),
        **held.shows("do_cmp_who", comparing.who(view), choose),
    )  # fmt: skip


def _put_tab(kind: str, change: bool) -> None:
    tab = f"{kind}-{CHANGE}" if change else "" if kind == ALL else kind
    state.put(replace(state.current(), tab=tab))


def _offices(view: View, kind: str) -> None:
    """Search, then one office (peers) or several (chosen); both in the URL."""
    t, text = view.t, view.filters.query
    found = view.query(offices.search, text, view.selection)
    asked = view.filters.offices if kind == CHOSEN else (view.filters.office,)
    known = [o for o in (view.query(offices.one, key) for key in asked if key) if o]
    by_id = {o.office_id: o for o in [*known, *found]}

    def label(office_id: str) -> str:
        office: Office | None = by_id.get(office_id)
        return f"{office.name}（{office.place}）" if office and office.place else office_id

    def search(typed: Any) -> None:
        state.put(replace(state.current(), query=str(typed).strip()))

    def pick(value: Any) -> None:
        many = {"offices": tuple(value)} if kind == CHOSEN else {"office": value or ""}
        state.put(replace(state.current(), **many))

    with st.container(horizontal=True, vertical_alignment="bottom", key="do_cmp_find"):
        st.text_input(
            t("compare.search"), placeholder=t("compare.search_help"), icon=":material/search:",
            width=300, **held.shows("do_cmp_query", text, search),
        )  # fmt: skip
        labels = {office_id: label(office_id) for office_id in by_id}
        ids = [o.office_id for o in known]
        now: Any = ids if kind == CHOSEN else next(iter(ids), None)
        shared: dict[str, Any] = {"format_func": label, "width": 520}
        shared |= held.shows(f"do_cmp_office_{kind}", now, pick, labels)
        if kind == CHOSEN:
            st.multiselect(
                t("compare.chosen"), list(by_id), help=t("compare.chosen_help"), **shared
            )
        else:
            st.selectbox(t("compare.anchor"), list(by_id), index=None, **shared)
    if text and not found:
        frame.empty(view, "no_office", text=text)


def _members_in_words(c: Comparison) -> bool:
    """Who is compared; says loudly where there is nobody. False: draw nothing."""
    view, t = c.view, c.view.t
    if c.who == PEERS and c.members.anchor is None:
        if view.filters.office:
            frame.empty(view, "unknown_office")
        else:
            frame.empty(view, "compare_no_anchor")
        return False
    if c.members.anchor is not None:
        volume = t("compare.volume_unknown")
        if c.members.volume is not None:
            low, high = (formats.number(v) for v in c.members.volume)
            volume = t("compare.volume_range", low=low, high=high)
        office, n = c.members.anchor, int(c.pool["units"])
        if not n:
            frame.empty(view, "compare_no_peers", name=office.name, year=c.year, volume=volume)
            return False
        line = t(
            "compare.peers_line", level=view.words.named("level", office.level),
            kind=view.words.named("kind", office.kind), volume=volume, n=formats.number(n),
            name=office.name,
        )  # fmt: skip
        st.html(f'<p class="do-line">{esc(line)}</p>')
        if n < comparing.FEW_PEERS:
            st.warning(t("compare.few_peers", n=n))
    elif c.who == CHOSEN and not c.members.offices:
        frame.empty(view, "compare_none_chosen")
    elif c.members.unit != OFFICE:
        st.html(f'<p class="do-line">{esc(t("compare.place_note"))}</p>')
    return True


def answer(c: Comparison) -> None:
    """The page's question answered in words."""
    lines = "".join(f'<p class="do-lead">{esc(line)}</p>' for line in compare_answer.answer(c))
    st.html(f'{lines}<p class="do-line">{esc(compare_answer.rest(c))}</p>')


def funnel(c: Comparison) -> None:
    """The funnel plot; its sentence is the answer, which stands above it already."""
    cards.draw(c.view, figures.funnel, on_pick=opener(c), said=True)


def dots(c: Comparison) -> None:
    """Values with their intervals."""
    cards.draw(c.view, figures.dots, on_pick=opener(c))


def heat(c: Comparison) -> None:
    """The heat map and its order."""

    def order(by: Any) -> None:
        _put_tab(c.who, by == CHANGE)

    view = c.view
    now = CHANGE if comparing.by_change(view) else "newest"
    st.segmented_control(
        view.t("compare.heat_sort"), ["newest", CHANGE], required=True,
        **held.shows("do_cmp_heat", now, order),
        format_func=lambda k: (
            view.t("compare.heat_change") if k == CHANGE
            else view.t("compare.heat_newest", year=c.year)
        ),
    )  # fmt: skip
    cards.draw(view, figures.heat, on_pick=opener(c))


def opener(c: Comparison) -> Callable[[dict[str, Any]], None]:
    """A clicked office opens its profile at this measure and year; a clicked place its offices."""

    def picked(fields: dict[str, Any]) -> None:
        page, filters = _target(c, str(fields["key"]), int(fields.get("year") or c.year))
        state.go(page, replace(filters, build=state.current().build))

    return picked


def _target(c: Comparison, key: str, year: int) -> tuple[str, Any]:
    here = c.view.filters.without_open()
    if c.members.unit == OFFICE:
        tab = "results" if c.metric.share_of else ""
        return "profile", replace(here, office=key, metric=c.metric.key, year=str(year), tab=tab)
    inside = here.with_selection(region=key)
    return "compare", replace(inside, metric=c.metric.key, year=str(year))


def _link(c: Comparison, row: dict[str, Any]) -> Link:
    page, filters = _target(c, str(row["key"]), c.year)
    return Link(str(row["name"]), c.view.href(page, filters))


def ranking(c: Comparison) -> None:
    """The ranking where the base is large enough; apart from it who is not ranked, and why."""
    t, view = c.view.t, c.view
    found = c.ranking
    title = t("compare.table", minimum=MIN_BASE)
    st.subheader(title, anchor=False)
    if found.empty:
        st.caption(t("compare.table_none", minimum=MIN_BASE))
    else:
        total = int(found["total"].iloc[0])
        if total > len(found):
            cut = t("compare.table_cut", total=formats.number(total), ends=TABLE_ENDS)
            st.caption(cut)
        rows = [
            (
                formats.number(r["place"]), _link(c, r), r["value_text"], r["base_text"],
                r["interval_text"], formats.percent(r["below"], 0), r["side_text"], r["remark"],
            )
            for r in records(found)
        ]  # fmt: skip
        headers = (
            t("compare.column.place"), t("compare.column.unit"), view.words.metric(c.metric),
            t("column.base"), t("compare.column.interval"), t("compare.column.below"),
            t("compare.column.side"), t("column.remark"),
        )  # fmt: skip
        cards.linked_table(view, headers, rows, caption=title, right=(0, 2, 3, 4, 5))
    _unranked(c)


def _unranked(c: Comparison) -> None:
    t = c.view.t
    found = c.unranked
    total = int(found["total"].iloc[0]) if len(found) else 0
    rows = [
        (_link(c, r), t(f"compare.reason.{r['reason']}", minimum=MIN_BASE), r["value_text"],
         r["base_text"])
        for r in records(found)
    ] + _absent(c)  # fmt: skip
    title = t("compare.unranked", n=formats.number(total + len(rows) - len(found)))
    opened = held.keeps("do_unranked", bool(rows) and not c.pool["ranked"])
    with st.expander(title, **opened):
        if not rows:
            st.caption(t("compare.unranked_none"))
            return
        headers = (
            t("compare.column.unit"), t("compare.column.reason"), c.view.words.metric(c.metric),
            t("column.base"),
        )  # fmt: skip
        cards.linked_table(c.view, headers, rows, caption=title, right=(2, 3))
        if total > len(found):
            n = formats.number(len(found))
            st.caption(t("compare.unranked_cut", total=formats.number(total), n=n))


def _absent(c: Comparison) -> list[tuple[Any, ...]]:
    """Chosen offices without a report of this year: nobody asked for is passed over in silence."""
    if not c.members.offices:
        return []
    names = c.view.query(offices.names, c.members.offices)
    have = {*c.standing.points["key"], *c.standing.unranked["key"]}
    return [
        (_link(c, {"key": r["office_id"], "name": r["name"]}), c.view.t("compare.reason.absent"),
         formats.MISSING, formats.MISSING)
        for r in records(names)
        if r["office_id"] not in have
    ]  # fmt: skip
