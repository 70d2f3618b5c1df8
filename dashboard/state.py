"""Filters ⇄ URL, once per rerun. The URL wins whenever someone else wrote it.

A link, the address bar or the browser's Back button changes the URL behind our back: then the URL
is read. Otherwise the session's filters hold and the URL is brought up to date, so that it can be
copied at any moment. Widgets never hold state of their own: before they are drawn, their keys are
set from the filters; their callbacks write the filters.

A click may come while the page is still being drawn, or before the browser has heard of the URL
that the last rerun wrote. It carries an older URL then, and still is what the reader wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard.filters import PARAMETERS, Filters, from_params, to_params

FILTERS: Final = "do_filters"
WRITTEN: Final = "do_written"
CHOSEN: Final = "do_chosen"
GO: Final = "do_go"
PAGE: Final = "do_page"
LEFT: Final = "do_left"
#: Views left by a click that are remembered for the browser's Back button.
REMEMBERED: Final = 50


def begin() -> Filters:
    """The filters of this rerun: the URL's if changed from outside, else the session's."""
    asked = _asked(st.query_params.to_dict())
    written = st.session_state.get(WRITTEN)
    chosen = st.session_state.pop(CHOSEN, False)
    if FILTERS not in st.session_state or (asked and asked != written and not chosen):
        st.session_state[FILTERS] = from_params(asked)
    # Once seen it is no news: should a click cut this rerun short, the next one keeps its filters.
    st.session_state[WRITTEN] = asked
    return current()


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
    st.session_state[WRITTEN] = params
    if _asked(st.query_params.to_dict()) != params:
        st.query_params.from_dict(params)


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
    step = (page, *sorted(to_params(current()).items()))
    left: dict[Any, Filters] = st.session_state.get(LEFT, {})
    if before not in (None, page) and step in left:
        fill(left[step])


def page() -> str:
    """The page that is drawn."""
    found: str = st.session_state[PAGE]
    return found


def wanted_page() -> str | None:
    """The page a callback asked for, once."""
    page: str | None = st.session_state.pop(GO, None)
    return page
