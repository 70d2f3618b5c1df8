"""The briefing of this session, and the button of every card that adds to it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import briefing
from dashboard.briefing import Briefing
from dashboard.export.base import MAX_CHARTS
from dashboard.figures import Figure
from dashboard.view import View

BRIEFING: Final = "do_briefing"
SAID: Final = "do_pinned"


def current() -> Briefing:
    """The session's briefing; empty at first."""
    found: Briefing = st.session_state.setdefault(BRIEFING, Briefing())
    return found


def put(changed: Briefing) -> None:
    """Replace the session's briefing."""
    st.session_state[BRIEFING] = changed


def button(view: View, figure: Figure) -> None:
    """Add a figure as it is seen, or say that it is in already."""
    t, pin = view.t, briefing.pin_of(view, figure)

    def add() -> None:
        before = current()
        put(briefing.add(before, pin))
        st.session_state[SAID] = len(current().pins) > len(before.pins)

    held = briefing.holds(current(), pin)
    full = len(current().pins) >= MAX_CHARTS and not held
    label = t("briefing.pinned") if held else t("briefing.pin")
    st.button(
        label, key=f"do_pin_{figure.key}", on_click=add, disabled=held or full,
        icon=":material/check:" if held else ":material/keep:",
        help=t("briefing.full", n=MAX_CHARTS) if full else t("briefing.pin_help"),
    )  # fmt: skip
    if st.session_state.pop(SAID, False):
        st.toast(t("briefing.added", n=len(current().pins)), icon=":material/keep:")
