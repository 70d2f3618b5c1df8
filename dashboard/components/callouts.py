"""Findings of one rule on the page whose figures they touch, each with a link to its cell."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import formats
from dashboard.components import cards, places
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, anchor, esc
from dashboard.queries import quality
from dashboard.view import View

#: Findings listed; the page of findings has all.
ROWS = 30


def findings_of(view: View, rule: str, title: str, none: str) -> None:
    """The reports that fail a rule, newest first, with both values; words where none does."""
    t = view.t
    found = view.query(quality.findings, view.selection, rule=rule, limit=ROWS + 1)
    st.markdown(f"#### {title}")
    if found.empty:
        st.caption(none)
        return
    rows = []
    for r in rows_of(found.head(ROWS)):
        opened = replace(
            view.filters.without_open(), office=r.office_id, report=r.report_id, cell=r.cell or "",
            tab="document",
        )  # fmt: skip
        rows.append(
            (
                Link(r.name or r.office_id, view.href("profile", opened)),
                str(r.year),
                places.message(r, view.lang, t),
                formats.exact(r.left_value),
                formats.exact(r.right_value),
            )
        )
    names = ("office", "year", "message", "left", "right")
    headers = [t(f"column.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=title, right=(3, 4))
    if len(found) > ROWS:
        every = replace(view.filters.without_open(), metric=rule)
        st.html(
            f'<p class="do-line">{esc(t("overview.more", n=ROWS))} '
            f"{anchor(Link(t('page.quality.title'), view.href('quality', every)))}</p>"
        )
