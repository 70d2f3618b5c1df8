"""The dossier of the opened office: made on a click, as Word and PDF."""

from __future__ import annotations

import datetime as dt
from typing import Final

import streamlit as st

from dashboard import formats
from dashboard.components import job, letters
from dashboard.export import dossier
from dashboard.jobs import Steps
from dashboard.view import View

SLOT: Final = "dossier"
MIME: Final = {"docx": letters.DOCX, "pdf": "application/pdf"}


@st.fragment
def offer(view: View) -> None:
    """A button that makes the files, then the files."""
    t = view.t
    key = repr((view.build.id, view.lang, view.filters.office, view.selection))
    now = job.find(SLOT, key)
    if now is not None and now.running:
        job.watch(view, now, "dossier.working")
        return
    made: dossier.Made | None = None
    if now is not None:
        made = job.result(view, now, letters.reason)
    with st.container(horizontal=True, vertical_alignment="center", key="do_dossier"):
        if made is None:
            st.button(
                t("dossier.make"), key="do_dossier_make", icon=":material/folder_open:",
                help=t("dossier.explain"), on_click=job.begin_on, args=(view, SLOT, _files, key),
            )  # fmt: skip
            return
        for ending, (name, content) in made.files.items():
            st.download_button(
                t(f"dossier.download_{ending}", mb=formats.number(len(content) / 1e6, 1)),
                data=content, file_name=name, mime=MIME[ending], key=f"do_dossier_{ending}",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _files(view: View) -> Steps[dossier.Made]:
    """The work itself; the decisions on findings are read here, not whenever the page is drawn.

    Raises:
        DeskError: they cannot be read.
    """
    return (yield from dossier.files(view, letters.decisions(), dt.date.today()))
