"""The sections of 数据质量."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import formats, state
from dashboard.components import cards, places
from dashboard.figures import Figure
from dashboard.figures import quality as figures
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, esc
from dashboard.queries import quality
from dashboard.view import View

#: A sign beside the word, so that the board can be read without colour.
SIGNS = {"on_time": "●", "late": "△", "undated": "◇", "missing": "○"}
LIST_ROWS = 100


def arrivals(view: View) -> None:
    """Who reported, in time or not: one bar a year, then the board of offices."""
    cards.show(view, figures.arrivals(view))
    _board(view)


def _board(view: View) -> None:
    t = view.t
    found = view.query(quality.board, view.selection, limit=LIST_ROWS)
    st.markdown(f"#### {t('quality.board')}")
    if found.empty:
        st.caption(t("quality.board_none"))
        return
    legend = t("format.dot").join(f"{SIGNS[a]} {t(f'quality.arrival.{a}')}" for a in SIGNS)
    st.html(f'<p class="do-line">{esc(legend)}</p>')
    years = sorted({int(y) for y in found["year"]})
    rows = []
    for office_id, group in found.groupby("office_id", sort=False):
        by_year = {int(r.year): r for r in rows_of(group)}
        cells = [
            f"{SIGNS[by_year[y].arrival]} {_date(view, by_year[y])}" if y in by_year else ""
            for y in years
        ]
        opened = replace(view.filters.without_open(), office=str(office_id))
        rows.append((Link(str(group["name"].iloc[0]), view.href("profile", opened)), *cells))
    headers = [t("column.office"), *map(str, years)]
    cards.linked_table(view, headers, rows, caption=t("quality.board"))


def _date(view: View, row: Any) -> str:
    if row.arrival == "late":
        return formats.date(row.published, view.lang)
    return view.t("quality.arrival.missing") if row.arrival == "missing" else ""


def rules(view: View) -> None:
    """Failed rules by year; a click lists the reports behind a square."""
    _show_or(view, figures.rules(view), "rules", _open_rule)
    _findings(view)


def _show_or(view: View, figure: Figure | None, name: str, on_pick: Any) -> None:
    """A figure, or its heading with the words for nothing to show."""
    if figure is None:
        st.markdown(f"#### {view.t(f'quality.{name}')}")
        st.caption(view.t(f"quality.{name}_none"))
        return
    cards.show(view, figure, on_pick=on_pick)


def _open_rule(fields: dict[str, Any]) -> None:
    state.put(replace(state.current(), metric=str(fields["key"]), year=str(int(fields["year"]))))


def _findings(view: View) -> None:
    t = view.t
    rule = view.filters.metric if view.filters.metric in view.meta.rules else None
    selection = view.selection
    if rule and view.filters.year.isdecimal():
        selection = replace(selection, years=(int(view.filters.year), int(view.filters.year)))
    found = view.query(quality.findings, selection, rule=rule, limit=LIST_ROWS)
    title = (
        t("quality.findings", rule=figures.rule_name(view, rule))
        if rule
        else t("quality.findings_all")
    )
    st.markdown(f"#### {title}")
    rows = []
    for r in rows_of(found):
        opened = replace(
            view.filters.without_open(), office=r.office_id, report=r.report_id, cell=r.cell or "",
            tab="document",
        )  # fmt: skip
        rows.append(
            (
                Link(r.name or r.office_id, view.href("profile", opened)),
                str(r.year),
                r.rule,
                view.words.named("rule_level", r.level),
                places.message(r, view.lang, view.t),
                formats.exact(r.left_value),
                formats.exact(r.right_value),
            )
        )
    names = ("office", "year", "rule", "level", "message", "left", "right")
    headers = [t(f"column.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=title, right=(5, 6))
    if len(found) >= LIST_ROWS:
        st.caption(t("overview.more", n=LIST_ROWS))


def continuity(view: View) -> None:
    """Offices whose carry-over does not continue, by year."""
    _show_or(view, figures.continuity(view), "continuity", _open_checks)


def _open_checks(fields: dict[str, Any]) -> None:
    opened = replace(state.current().without_open(), office=str(fields["key"]), tab="checks")
    state.go("profile", opened)


def unread(view: View) -> None:
    """Reports with cells that could not be read with certainty."""
    t = view.t
    found = view.query(quality.unread, view.selection, limit=LIST_ROWS)
    st.markdown(f"#### {t('quality.unread')}")
    if found.empty:
        st.caption(t("quality.unread_none"))
        return
    rows = []
    for r in rows_of(found):
        opened = replace(
            view.filters.without_open(), office=r.office_id, report=r.report_id, tab="document"
        )
        rows.append(
            (
                Link(r.name or r.office_id, view.href("profile", opened)),
                str(r.year),
                formats.number(r.n_unread),
                formats.number(r.n_number),
            )
        )
    names = ("office", "year", "unread", "cells_number")
    headers = [t(f"column.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=t("quality.unread"), right=(2, 3))


def rejected(view: View) -> None:
    """Documents that became no report, with the reason and the remedy."""
    t = view.t
    found = view.query(quality.rejected)
    st.markdown(f"#### {t('quality.rejected')}")
    if found.empty:
        st.caption(t("quality.rejected_none"))
        return
    names = ("source", "code", "message", "hint")
    rows = [[str(getattr(r, name) or "") for name in names] for r in rows_of(found)]
    headers = [t(f"quality.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=t("quality.rejected"))
