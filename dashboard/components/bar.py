"""The one filter bar. Widgets show the filters and write them back; they keep nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard import cached, formats, state
from dashboard.components import held
from dashboard.filters import SCOPES, Filters, Selection
from dashboard.markup import esc
from dashboard.queries.offices import Place
from dashboard.view import View


def filter_bar(view: View) -> None:
    """Region, years, level and kind, definitions, options; below it, what is in force in words."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="do_bar"):
        _region(view)
        _years(view)
        _levels_and_kinds(view)
        _families(view)
        _switches(view)
        if _is_filtered(view):
            st.button(
                view.t("filter.reset"), on_click=_reset, key="do_reset", type="tertiary",
                icon=":material/restart_alt:",
            )  # fmt: skip
    st.html(f'<p class="do-line" role="status">{esc(view.in_words)}</p>')


def _select(field: str, convert: Callable[[Any], Any] = lambda v: v) -> Callable[[Any], None]:
    """What writes a widget's value into one field of the selection."""

    def chosen(value: Any) -> None:
        state.put(state.current().with_selection(**{field: convert(value)}))

    return chosen


def _region(view: View) -> None:
    tree = cached.of_build(view, "tree", lambda: tree_labels(view.options.places))
    names = {"": view.t("filter.everywhere"), **tree}
    region = view.selection.region
    if region not in names:
        names[region] = region
    st.selectbox(
        view.t("filter.region"),
        list(names),
        format_func=lambda code: names.get(code, code),
        **held.shows("do_region", region, _select("region", lambda v: v or "")),
        width=250,
        label_visibility="collapsed",
    )


def tree_labels(places: Sequence[Place]) -> dict[str, str]:
    """Each place indented by its depth, with the places around it behind its name.

    Typing filters the list, and then the lines above are gone: of the many counties with the same
    name only the path tells which is which. It can be searched as well.
    """
    out: dict[str, str] = {}
    path: list[str] = []
    for place in places:
        del path[place.depth :]
        around = " · ".join(reversed(path))
        path.append(place.name)
        out[place.code] = "\u3000" * place.depth + place.name + (f" · {around}" if around else "")
    return out


def _years(view: View) -> None:
    every = view.options.years
    first, last = every[0], every[-1]
    span = view.selection.years or (first, last)
    shown = (min(max(span[0], first), last), max(min(span[1], last), first))
    label = view.t("filter.years_label", years=formats.years(*shown))
    with st.popover(label, key="do_years_pop", icon=":material/date_range:"):
        if first == last:
            st.caption(view.t("filter.one_year", year=first))
            return
        for n, word in enumerate(("first", "last")):
            st.selectbox(
                view.t(f"filter.{word}_year"),
                list(range(first, last + 1)),
                **held.shows(f"do_{word}", shown[n], _choose_year((first, last), n)),
            )


def _choose_year(every: tuple[int, int], n: int) -> Callable[[Any], None]:
    """Changes the first (0) or last (1) year shown; a first after the last changes places."""

    def chosen(value: Any) -> None:
        ends = list(state.current().selection.years or every)
        ends[n] = int(value)
        span = (min(ends), max(ends))
        state.put(state.current().with_selection(years=None if span == every else span))

    return chosen


def _levels_and_kinds(view: View) -> None:
    s, t = view.selection, view.t
    count = len(s.levels) + len(s.kinds)
    label = t("filter.levels_label_n", n=count) if count else t("filter.levels_label")
    with st.popover(label, key="do_level_pop", icon=":material/account_tree:"):
        for field, options in (("levels", view.options.levels), ("kinds", view.options.kinds)):
            prefix = field[:-1]
            now = [v for v in getattr(s, field) if v in options]
            st.pills(
                t(f"filter.{prefix}"),
                list(options),
                selection_mode="multi",
                format_func=partial(view.words.named, prefix),
                **held.shows(f"do_{field}", now, _select(field, lambda v: tuple(sorted(v)))),
            )
        st.caption(t("filter.levels_hint"))


def _families(view: View) -> None:
    t = view.t
    changed = bool(view.filters.families)
    label = t("filter.definitions_changed") if changed else t("filter.definitions")
    with st.popover(label, key="do_def_pop", icon=":material/function:"):
        for family in view.meta.families.values():
            members = [m.key for m in view.meta.family_members(family.key)]
            now = view.metric(f"@{family.key}").key
            default = view.meta.family_default(family.key).key
            st.radio(
                family.zh if view.lang == "zh" else family.en,
                members,
                format_func=lambda k: view.words.metric(view.meta.metrics[k]),
                captions=[view.words.note(view.meta.metrics[k]) for k in members],
                **held.shows(f"do_def_{family.key}", now, choose_family(family.key, default)),
            )


def choose_family(family: str, default: str) -> Callable[[Any], None]:
    """What makes a metric the definition of its family; the default one is not named in links."""

    def chosen(metric: Any) -> None:
        families = {k: v for k, v in state.current().families if k != family}
        if metric != default:
            families[family] = str(metric)
        state.put(replace(state.current(), families=tuple(sorted(families.items()))))

    return chosen


def _switches(view: View) -> None:
    s, t = view.selection, view.t
    on = s.balanced + s.ok_only + (s.scope != SCOPES[0])
    label = t("filter.options_n", n=on) if on else t("filter.options")
    with st.popover(label, key="do_opt_pop", icon=":material/tune:"):
        for field in ("balanced", "ok_only"):
            st.toggle(
                t(f"filter.{field}"),
                help=t(f"filter.{field}_help"),
                **held.shows(f"do_{field}", getattr(s, field), _select(field)),
            )
        st.radio(
            t("filter.scope"),
            SCOPES,
            format_func=lambda v: t(f"filter.scope_{v}"),
            **held.shows("do_scope", s.scope, _select("scope")),
            help=t("filter.scope_help"),
        )


def _is_filtered(view: View) -> bool:
    return view.selection != Selection() or bool(view.filters.families)


def _reset() -> None:
    now = state.current()
    state.put(
        Filters(lang=now.lang, build=now.build, office=now.office, report=now.report, cell=now.cell)
    )
