"""The dossier of the opened office: made on a click, as Word and PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboard import formats
from dashboard.components import job, letters
from dashboard.export import dossier
from dashboard.view import View

SLOT: Final = "dossier"
MIME: Final = {"docx": letters.DOCX, "pdf": "application/pdf"}


@st.fragment
def offer(view: View) -> None:
    """A button that makes the files, then the files."""
    t = view.t
    key = repr((view.build.id, view.lang, view.filters.office, view.selection))
    now = job.state(SLOT, key)
    if "work" in now:
        job.go_on(view, SLOT, key, "dossier.working")
        return
    decided = letters.states(view)
    if decided is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="do_dossier"):
        if "done" not in now:
            st.button(
                t("dossier.make"), key="do_dossier_make", icon=":material/folder_open:",
                help=t("dossier.explain"), on_click=_begin, args=(view, decided, key),
            )  # fmt: skip
            if now.get("cancelled"):
                st.caption(t("letters.cancelled"))
            return
        made: dossier.Made = now["done"]
        for ending, (name, content) in made.files.items():
            st.download_button(
                t(f"dossier.download_{ending}", mb=formats.number(len(content) / 1e6, 1)),
                data=content, file_name=name, mime=MIME[ending], key=f"do_dossier_{ending}",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _begin(view: View, decided: Mapping[str, str], key: str) -> None:
    job.begin(SLOT, key, dossier.files(view, decided, dt.date.today()))
