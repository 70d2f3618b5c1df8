"""What a card offers to take away: files made when asked for, and a place in the briefing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import streamlit as st

from dashboard.components import pins
from dashboard.export.base import Item, item_of
from dashboard.export.kinds import GROUPS, KINDS, Kind
from dashboard.figures import Figure
from dashboard.view import View

_LOG: Final = logging.getLogger(__name__)


@st.fragment
def menu(view: View, key: str, figure: Callable[[], Figure | None]) -> None:
    """The menu of a figure, named by its key; the figure is asked for when the menu is opened.

    Its content exists only while it is open, and a file only once clicked.

    A dialog, not a popover: a popover that reruns as it closes cuts off the page that a click
    beside it has just asked for, and that page stays empty.
    """
    t = view.t
    if st.button(
        t("export.menu"), key=f"do_take_{key}", type="tertiary", icon=":material/download:"
    ):
        found = figure()
        if found is not None:
            st.dialog(found.title)(_offer)(view, found)


def _offer(view: View, figure: Figure) -> None:
    t = view.t
    pins.button(view, figure)
    for group in GROUPS:
        st.caption(t(f"export.group_{group}"))
        with st.container(horizontal=True, gap="small"):
            for kind in (k for k in KINDS if k.group == group):
                _button(view, figure, kind)
    st.caption(t("export.menu_note"))


def _button(view: View, figure: Figure, kind: Kind) -> None:
    def make() -> bytes:
        try:
            return kind.make(printed(view, figure))
        except Exception:
            # Streamlit tells the reader that the file could not be made; the log has the reason.
            _LOG.exception("%s of %s failed", kind.key, figure.name)
            raise

    st.download_button(
        view.t(f"export.kind_{kind.key}"),
        data=make,
        file_name=kind.name(figure.title, view.build.id),
        mime=kind.mime,
        key=f"do_take_{figure.key}_{kind.key}",
        on_click="ignore",
        help=view.t(f"export.help_{kind.key}"),
    )


def printed(view: View, figure: Figure) -> Item:
    """The figure as printed: built anew in light colours where the screen is dark."""
    if not view.look.dark:
        return Item(figure, view)
    return item_of(figure.name, view) or Item(figure, view)
