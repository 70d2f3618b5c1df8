"""The one filter bar. Widgets show the filters and write them back; they keep nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard import formats, state
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


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value


def _select(
    key: str, field: str, convert: Callable[[Any], Any] = lambda v: v
) -> Callable[[], None]:
    """A callback that writes a widget's value into one field of the selection."""

    def changed() -> None:
        value = convert(st.session_state[key])
        state.put(state.current().with_selection(**{field: value}))

    return changed


def _region(view: View) -> None:
    names = {"": view.t("filter.everywhere"), **tree_labels(view.options.places)}
    region = view.selection.region
    if region not in names:
        names[region] = region
    _set("do_region", region)
    st.selectbox(
        view.t("filter.region"),
        list(names),
        format_func=lambda code: names.get(code, code),
        key="do_region",
        on_change=_select("do_region", "region", lambda v: v or ""),
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
        for n, (key, word) in enumerate((("do_first", "first"), ("do_last", "last"))):
            _set(key, shown[n])
            st.selectbox(
                view.t(f"filter.{word}_year"),
                list(range(first, last + 1)),
                key=key,
                on_change=_choose_years,
                args=((first, last),),
            )


def _choose_years(every: tuple[int, int]) -> None:
    a, b = int(st.session_state["do_first"]), int(st.session_state["do_last"])
    span = (min(a, b), max(a, b))
    state.put(state.current().with_selection(years=None if span == every else span))


def _levels_and_kinds(view: View) -> None:
    s, t = view.selection, view.t
    count = len(s.levels) + len(s.kinds)
    label = t("filter.levels_label_n", n=count) if count else t("filter.levels_label")
    with st.popover(label, key="do_level_pop", icon=":material/account_tree:"):
        for field, options in (("levels", view.options.levels), ("kinds", view.options.kinds)):
            prefix, key = field[:-1], f"do_{field}"
            _set(key, [v for v in getattr(s, field) if v in options])
            st.pills(
                t(f"filter.{prefix}"),
                list(options),
                selection_mode="multi",
                format_func=partial(view.words.named, prefix),
                key=key,
                on_change=_select(key, field, lambda v: tuple(sorted(v))),
            )
        st.caption(t("filter.levels_hint"))


def _families(view: View) -> None:
    t = view.t
    changed = bool(view.filters.families)
    label = t("filter.definitions_changed") if changed else t("filter.definitions")
    with st.popover(label, key="do_def_pop", icon=":material/function:"):
        for family in view.meta.families.values():
            members = [m.key for m in view.meta.family_members(family.key)]
            key = f"do_def_{family.key}"
            _set(key, view.metric(f"@{family.key}").key)
            st.radio(
                family.zh if view.lang == "zh" else family.en,
                members,
                format_func=lambda k: view.words.metric(view.meta.metrics[k]),
                captions=[view.words.note(view.meta.metrics[k]) for k in members],
                key=key,
                on_change=_choose_family,
                args=(family.key, view.meta.family_default(family.key).key),
            )


def _choose_family(family: str, default: str) -> None:
    filters = state.current()
    chosen = dict(filters.families)
    chosen[family] = st.session_state[f"do_def_{family}"]
    if chosen[family] == default:
        del chosen[family]
    state.put(replace(filters, families=tuple(sorted(chosen.items()))))


def _switches(view: View) -> None:
    s, t = view.selection, view.t
    on = s.balanced + s.ok_only + (s.scope != SCOPES[0])
    label = t("filter.options_n", n=on) if on else t("filter.options")
    with st.popover(label, key="do_opt_pop", icon=":material/tune:"):
        for field in ("balanced", "ok_only"):
            _set(f"do_{field}", getattr(s, field))
            st.toggle(
                t(f"filter.{field}"),
                key=f"do_{field}",
                help=t(f"filter.{field}_help"),
                on_change=_select(f"do_{field}", field),
            )
        _set("do_scope", s.scope)
        st.radio(
            t("filter.scope"),
            SCOPES,
            format_func=lambda v: t(f"filter.scope_{v}"),
            key="do_scope",
            on_change=_select("do_scope", "scope"),
            help=t("filter.scope_help"),
        )


def _is_filtered(view: View) -> bool:
    return view.selection != Selection() or bool(view.filters.families)


def _reset() -> None:
    now = state.current()
    state.put(
        Filters(lang=now.lang, build=now.build, office=now.office, report=now.report, cell=now.cell)
    )
