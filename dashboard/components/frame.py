"""The frame around every page: language, banners, navigation, filter bar, failures in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard import cached, registry, state
from dashboard.charts.base import Look
from dashboard.components import bar, held, hints, search
from dashboard.components.style import sheet
from dashboard.db import Build, WarehouseError, build_named, find_builds, warehouse_folder
from dashboard.desk import DeskError
from dashboard.filters import LANGUAGES, SCOPES, Filters
from dashboard.i18n import Text, translator
from dashboard.markup import PRINTED_ROWS, esc
from dashboard.present import Words
from dashboard.queries import series
from dashboard.queries.base import EVERYTHING, Viewer
from dashboard.view import View

#: Session key: the build of the link, where it is no longer kept.
GONE = "do_gone_build"


class Done(Exception):
    """The page is complete: the frame has shown what there is to show.

    ``st.stop`` would stop the script before the navigation is drawn and the address written.
    """


def is_dark() -> bool:
    """Whether the reader's browser shows the dark theme."""
    return getattr(st.context.theme, "type", None) == "dark"


def viewer() -> Viewer:
    """Who is looking. Everyone sees everything until sign-in exists; this is its one place."""
    return EVERYTHING


def navigation(pages: Mapping[str, Any], t: Text) -> None:
    """The page list in the side bar; every link carries the filters."""
    params = state.link()
    with st.sidebar:
        st.markdown(f"**{t('app.title')}**")
        for spec in registry.PAGES:
            st.page_link(
                pages[spec.key],
                label=t(spec.title_key),
                icon=f":material/{spec.icon}:",
                query_params=params,
                help=t(spec.question_key),
            )
        st.caption(t("app.side_note"))
        hints.again(state.page(), t)


def open_page(key: str) -> View:
    """Draw the frame of a page and hand over what it needs.

    Where there is nothing to show (no warehouse, an unreadable file) it says what to do and
    raises :class:`Done`, which ``app`` catches.
    """
    filters = state.current()
    t = translator(filters.lang)
    st.html(sheet(is_dark(), t("app.date_parts"), t("app.print_cut", n=PRINTED_ROWS)))
    spec = registry.BY_KEY[key]
    with st.container(horizontal=True, vertical_alignment="bottom", key="do_top"):
        with st.container(width="stretch"):
            st.title(t(spec.title_key), anchor=False)
        search.box(filters, t)
        _language(filters, t)
    st.html(f'<p class="do-question">{esc(t(spec.question_key))}</p>')
    hints.show(key, t)
    try:
        build, newest, faults = _builds(filters)
        meta = cached.meta(build.path, build.id)
        options = cached.options(build, viewer())
    except WarehouseError as error:
        failure(t, error)
        raise Done from error
    filters = replace(filters, build=build.id)
    state.fill(filters)
    words = Words(filters.lang, t, meta)
    look = Look(is_dark(), filters.lang)
    ask = partial(cached.query, build)
    view = View(
        key, filters, build, newest, meta, viewer(), words, look, options, ask, keep=cached.keep
    )
    for fault in faults:
        what = f"{t(f'error.{fault.reason}.what')} {t('app.damaged', build=build.id)}"
        st.warning(f"{what}\n\n`{fault.place}`")
    _banners(view)
    if filters.find:
        search.results(view)
        raise Done
    if spec.filtered:
        if not options.years:
            empty(view, "no_reports")
            raise Done
        bar.filter_bar(view)
        _not_here(view)
        if spec.adds_up:
            _other_scope(view)
    # Before the charts: the address is right while they are still being drawn.
    state.publish()
    return view


def _builds(filters: Filters) -> tuple[Build, Build, list[WarehouseError]]:
    """The build asked for, if it is still there and whole, the newest, and what is damaged."""
    folder = warehouse_folder()
    builds, faults = find_builds(folder)
    newest = _first_whole(builds, faults)
    if filters.build and filters.build != newest.id:
        kept = build_named(folder, filters.build)
        # A damaged build that the pointer names as well is among the faults already.
        known_bad = {build.id for build in builds[: builds.index(newest)]}
        if kept is not None and kept.id not in known_bad:
            return _first_whole([kept, newest], faults), newest, faults
        if kept is None:
            st.session_state[GONE] = filters.build
    return newest, newest, faults


def _first_whole(builds: Sequence[Build], faults: list[WarehouseError]) -> Build:
    """The first build that opens; those before it are added to the faults.

    Raises:
        WarehouseError: none opens.
    """
    for build in builds:
        try:
            cached.meta(build.path, build.id)
        except WarehouseError as error:
            faults.append(error)
        else:
            return build
    raise faults[0]


def _language(filters: Filters, t: Text) -> None:
    def choose(lang: Any) -> None:
        if lang in LANGUAGES:
            state.put(replace(state.current(), lang=lang))

    st.segmented_control(
        t("app.language"),
        LANGUAGES,
        format_func=lambda lang: translator(lang)("app.language_name"),
        required=True,
        **held.shows("do_lang", filters.lang, choose),
        label_visibility="collapsed",
    )


def _banners(view: View) -> None:
    if view.meta.is_demo:
        st.html(f'<div class="do-demo" role="note">{esc(view.t("app.demo"))}</div>')
    if view.build.id != view.newest.id:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(
                view.t("app.newer", build=view.build.id, newest=view.newest.id), width="stretch"
            )
            st.button(view.t("app.use_newest"), on_click=_use_newest, key="do_newest")
    elif GONE in st.session_state:
        st.info(view.t("app.gone", asked=st.session_state[GONE], build=view.build.id))


def _not_here(view: View) -> None:
    """Parts of a link that these data do not have: said, or another picture stands in silence."""
    t, unknown = view.t, view.not_here
    if unknown:
        st.warning(t("app.not_here", what=t("format.comma").join(unknown)))


def _other_scope(view: View) -> None:
    """Where no report of the chosen scope fits but some of the other do: say so, offer them.

    A corpus of government reports on their whole regions would open empty otherwise.
    """
    other = next(s for s in SCOPES if s != view.selection.scope)
    if view.query(series.count, view.selection):
        return
    n = view.query(series.count, replace(view.selection, scope=other))
    if not n:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(view.t(f"filter.other_scope_{other}", n=n), width="stretch")
        st.button(
            view.t(f"filter.show_{other}"), key="do_other_scope", on_click=_use_scope, args=(other,)
        )


def _use_scope(scope: str) -> None:
    state.put(state.current().with_selection(scope=scope))


def _use_newest() -> None:
    state.put(replace(state.current(), build=""))


@contextmanager
def loading(t: Text) -> Iterator[None]:
    """Words while a page is computed, for whoever waits longer than half a second.

    The style sheet counts the half second. Streamlit's spinner starts a thread for it in every
    rerun, and waits for it: 50 ms where the cores are busy.
    """
    with st.container(key="do_loading"):
        place = st.empty()
    place.html(f'<p role="status">{esc(t("app.loading"))}</p>')
    try:
        yield
    finally:
        place.empty()


def broken(t: Text) -> None:
    """A fault of ours: says so, and what the reader can do."""
    st.error(f"**{t('error.broken.what')}**\n\n{t('error.broken.do')}")


def failure(t: Text, error: WarehouseError | DeskError) -> None:
    """A warehouse or desk that cannot be used: what is the matter and what to do."""
    st.error(f"**{t(f'error.{error.reason}.what')}**\n\n{t(f'error.{error.reason}.do')}")
    st.code(error.place, language=None)


def empty(view: View, reason: str, **values: object) -> None:
    """Nothing to show: words and a next step."""
    st.info(f"**{view.t(f'empty.{reason}.what', **values)}**\n\n{view.t(f'empty.{reason}.do')}")
