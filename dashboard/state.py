"""Filters ⇄ URL, once per rerun. The URL wins whenever someone else wrote it.

A link, the address bar or the browser's Back button changes the URL behind our back: then the URL
is read. Otherwise the session's filters hold and the URL is brought up to date, so that it can be
copied at any moment. Widgets never hold state of their own: they show the filters, their callbacks
write them (:mod:`dashboard.components.held`).

A request may come while the page is still being drawn, or before the browser has heard of the URL
that the last rerun wrote. It carries an older URL then. If it comes of a click, the click is what
the reader wants; if of something else (a table opened, a chart drawn anew), the filters in force
are. So the session knows the URLs it wrote that the browser may not have heard of yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.filters import PARAMETERS, Filters, from_params, to_params

FILTERS: Final = "do_filters"
#: URLs: the one the browser was at when it last asked, then those written since.
WRITTEN: Final = "do_written"
#: Whether this rerun goes on from the session's filters; false where the URL came from outside.
OURS: Final = "do_ours"
CHOSEN: Final = "do_chosen"
GO: Final = "do_go"
#: The page a click led to, until it is drawn.
SENT: Final = "do_sent"
#: Parameters of the side bar's links that the browser may still have.
LINKED: Final = "do_linked"
PAGE: Final = "do_page"
LEFT: Final = "do_left"
#: Views left by a click that are remembered for the browser's Back button, and URLs written.
REMEMBERED: Final = 50


def begin() -> Filters:
    """The filters of this rerun: the URL's if someone else wrote it, else the session's."""
    asked = _asked(st.query_params.to_dict())
    written: list[dict[str, str]] = st.session_state.get(WRITTEN, [])
    chosen = st.session_state.pop(CHOSEN, False)
    ours = asked in written and not _by_history()
    if FILTERS not in st.session_state or (asked and not ours and not chosen):
        linked = asked in st.session_state.get(LINKED, []) and not _by_history()
        st.session_state[FILTERS] = current().without_open() if linked else from_params(asked)
    st.session_state[OURS] = ours
    if [asked] == written[-1:]:
        st.session_state.pop(LINKED, None)
    # What the browser was at before, it has left: it comes again by the Back button only.
    st.session_state[WRITTEN] = written[written.index(asked) :] if ours else [asked]
    return current()


def _by_history() -> bool:
    """Whether the browser's Back or Forward button asked for this rerun."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def _asked(params: Mapping[str, str]) -> dict[str, str]:
    return {name: params[name] for name in PARAMETERS if name in params}


def current() -> Filters:
    """The session's filters."""
    found: Filters = st.session_state[FILTERS]
    return found


def put(filters: Filters) -> None:
    """What a reader chose, for callbacks: holds in the rerun that follows, whatever the URL says.

    The URL follows with :func:`publish`.
    """
    st.session_state[FILTERS] = filters
    st.session_state[CHOSEN] = True


def fill(filters: Filters) -> None:
    """What a rerun itself adds to the filters while it draws, as the build."""
    st.session_state[FILTERS] = filters


def publish() -> None:
    """Write the filters into the URL."""
    params = to_params(current())
    written: list[dict[str, str]] = st.session_state[WRITTEN]
    if written[-1:] != [params]:
        st.session_state[WRITTEN] = [*written, params][-REMEMBERED:]
    if _asked(st.query_params.to_dict()) != params:
        st.query_params.from_dict(params)


def link() -> dict[str, str]:
    """The parameters of the links to other pages: these rows, nothing opened.

    A link clicked while a page is arriving may be older than the last choice; it is known by its
    parameters, and then means the rows chosen since (see :func:`begin`).
    """
    params = to_params(current().without_open())
    linked: list[dict[str, str]] = st.session_state.get(LINKED, [])
    st.session_state[LINKED] = [*linked, params][-REMEMBERED:]
    return params


def go(page: str, filters: Filters) -> None:
    """Ask for another page; callbacks cannot switch themselves, ``app`` does it next.

    Streamlit switches in two steps and leaves an entry in the browser's history for each: this
    page under the other one's parameters, then the other page. What stood on this page is kept,
    so that Back, which reaches the step in between, finds it (see :func:`arrived`).
    """
    left: dict[Any, Filters] = st.session_state.setdefault(LEFT, {})
    step = (st.session_state.get(PAGE), *sorted(to_params(filters).items()))
    left.pop(step, None)
    left[step] = current()
    for old in list(left)[:-REMEMBERED]:
        del left[old]
    put(filters)
    st.session_state[GO] = page


def arrived(page: str) -> None:
    """Which page this rerun draws; on a step in between, the view that was left comes back."""
    before = st.session_state.get(PAGE)
    st.session_state[PAGE] = page
    sent = st.session_state.pop(SENT, None) == page
    if before in (None, page):
        return
    step = (page, *sorted(to_params(current()).items()))
    left: dict[Any, Filters] = st.session_state.get(LEFT, {})
    if step in left:
        fill(left[step])
    elif st.session_state[OURS] and not sent:
        # A link of the side bar, under the same parameters as this page had.
        fill(current().without_open())


def page() -> str:
    """The page that is drawn."""
    found: str = st.session_state[PAGE]
    return found


def wanted_page() -> str | None:
    """The page a callback asked for, once."""
    page: str | None = st.session_state.pop(GO, None)
    if page is not None:
        st.session_state[SENT] = page
    return page
