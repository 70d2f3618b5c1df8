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
    """Add a figure as it is seen, or take it out again.

    The button is never disabled by its own click: a keyboard's focus would fall out of the dialog.
    """
    t, pin = view.t, briefing.pin_of(view, figure)

    def turn() -> None:
        before = current()
        held = briefing.place_of(before, pin)
        put(briefing.add(before, pin) if held is None else briefing.remove(before, held))
        st.session_state[SAID] = "added" if held is None else "taken_out"

    held = briefing.place_of(current(), pin) is not None
    full = len(current().pins) >= MAX_CHARTS and not held
    st.button(
        t("briefing.pinned") if held else t("briefing.pin"), key=f"do_pin_{figure.key}",
        on_click=turn, disabled=full, icon=":material/check:" if held else ":material/keep:",
        help=t("briefing.full", n=MAX_CHARTS) if full else t("briefing.pin_help"),
    )  # fmt: skip
    if said := st.session_state.pop(SAID, ""):
        st.toast(t(f"briefing.{said}", n=len(current().pins)), icon=":material/keep:")
