"""A line for who sees a page for the first time; put away by a button and not shown again.

What has been put away is remembered by the reader's browser, in a cookie of ours that holds page
names only: there is no sign-in whose record could hold it.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.i18n import Text
from dashboard.markup import esc
from dashboard.registry import BY_KEY

#: Session keys: pages whose hint was put away; the cookie that is still to be written.
SEEN, TO_WRITE = "do_hints", "do_hints_cookie"
COOKIE: Final = "do_hints"
_BETWEEN: Final = "."
_YEAR: Final = 365 * 24 * 3600


def seen() -> set[str]:
    """Pages whose hint the reader has put away, now or on an earlier visit."""
    if SEEN not in st.session_state:
        kept = str(st.context.cookies.get(COOKIE) or "")
        st.session_state[SEEN] = {page for page in kept.split(_BETWEEN) if page in BY_KEY}
    found: set[str] = st.session_state[SEEN]
    return found


def show(page: str, t: Text) -> None:
    """The page's hint, unless it was put away."""
    _write()
    if page in seen():
        return
    with st.container(horizontal=True, vertical_alignment="center", key="do_hint", gap="small"):
        st.html(f'<p class="do-line" role="note">{esc(t(f"hint.{page}"))}</p>', width="stretch")
        st.button(
            t("hint_word.close"), key="do_hint_close", type="tertiary", icon=":material/close:",
            on_click=_remember, args=(page, True),
        )  # fmt: skip


def again(page: str, t: Text) -> None:
    """The way back to a hint that was put away."""
    if page in seen():
        st.button(
            t("hint_word.again"), key="do_hint_again", type="tertiary", icon=":material/help:",
            on_click=_remember, args=(page, False),
        )  # fmt: skip


def _remember(page: str, away: bool) -> None:
    kept = seen() - {page} | ({page} if away else set())
    st.session_state[SEEN] = kept
    st.session_state[TO_WRITE] = _BETWEEN.join(sorted(kept))


def _write() -> None:
    """Hand the cookie to the browser, once; the names in it are keys of pages."""
    value = st.session_state.pop(TO_WRITE, None)
    if value is not None:
        st.html(
            f"<script>document.cookie = '{COOKIE}={value}; path=/; max-age={_YEAR}; "
            "SameSite=Lax';</script>",
            unsafe_allow_javascript=True,
        )
