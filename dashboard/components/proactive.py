"""The sections of 主动公开."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, i18n, state
from dashboard.components import callouts, cards, held, overview, reveal
from dashboard.components.disputes import open_report
from dashboard.components.trends import in_columns, legend_line
from dashboard.figures import proactive as figures
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, esc
from dashboard.queries import proactive as queries
from dashboard.view import View


def pooled(view: View) -> pd.DataFrame:
    """What the page pools; empty where nothing fits the filters."""
    return figures.pooled(view)


def answer(view: View, frame: pd.DataFrame) -> None:
    """The question answered in words and figures."""
    overview.key_figures(view, frame, [view.meta.metrics[k] for k in figures.KPIS])
    lines = (view.t("proactive.breaks"), legend_line(view, pooled=True))
    st.html("".join(f'<p class="do-line">{esc(line)}</p>' for line in lines))


def documents(view: View) -> None:
    """Rules and normative documents: made, repealed, in force; does the stock add up."""
    t = view.t
    st.subheader(t("proactive.documents"), anchor=False)
    _trends(view, figures.DOCUMENTS, 3)
    overview.behind(view, figures.DOCUMENTS)
    st.subheader(t("proactive.stock"), anchor=False)
    rows = [row for row in figures.STOCKS if figures.stock(view, row) is not None]
    for place, row in zip(st.columns(max(len(rows), 1)), rows, strict=False):
        with place:
            behind = overview.behind_of(f"{row}_in_force_count")
            cards.draw(view, figures.stock, row, on_pick=behind)
    if not rows:
        st.caption(t("proactive.stock_none"))
    for name, rule in (("stock", "T2-STOCK"), ("power", "T2-RULEPOWER")):
        callouts.findings_of(
            view, rule, t(f"proactive.{name}_wrong"), t(f"proactive.{name}_wrong_none")
        )


def _trends(view: View, keys: Sequence[str], n: int) -> None:
    for place, metric in in_columns([view.meta.metrics[k] for k in keys], n):
        with place:
            cards.draw(view, figures.trend, metric.key, on_pick=overview.behind_of(metric.key))


def decisions(view: View) -> None:
    """Licences, penalties, coercion and what they make up together."""
    st.subheader(view.t("proactive.acts"), anchor=False)
    _trends(view, figures.DECISIONS, 3)
    keys = {label: key for key, label in figures.part_labels(view).items()}

    def picked(fields: dict[str, Any]) -> None:
        overview.behind_of(keys[str(fields["part"])])(fields)

    if keys:
        cards.draw(view, figures.decisions, on_pick=picked)
    overview.behind(view, (*figures.DECISIONS, *keys.values()))


def money(view: View) -> None:
    """Charges, with the reports whose unit is in doubt."""
    t = view.t
    st.subheader(t("proactive.money"), anchor=False)
    cards.draw(view, figures.fees, on_pick=overview.behind_of(figures.FEE))
    overview.behind(view, (figures.FEE,))
    callouts.findings_of(view, "T2-UNIT", t("proactive.unit_wrong"), t("proactive.unit_wrong_none"))


def top(view: View) -> None:
    """The offices with most of a measure the reader chooses."""
    t = view.t
    st.subheader(t("proactive.top"), anchor=False)
    chosen = view.filters.why if view.filters.why in figures.TOPS else figures.TOPS[0]

    def choose(key: Any) -> None:
        state.put(replace(state.current(), why=key or ""))

    st.pills(
        t("proactive.top_choose"), figures.TOPS, required=True,
        format_func=lambda k: view.words.metric(view.meta.metrics[k]),
        **held.shows("do_topmost", chosen, choose),
    )  # fmt: skip
    figure = figures.top(view, chosen)
    picked = open_report(view, figure.data, chosen) if figure else None
    cards.draw(view, figures.top, chosen, on_pick=picked)


def old_form(view: View) -> None:
    """What only the 2019 form asks for, for the years that used it."""
    if figures.old_span(view) is None:
        return
    st.subheader(figures.old_form.called(view), anchor=False)
    cards.draw(view, figures.old_form, on_pick=_open_cell)
    _behind_cell(view)


def _open_cell(fields: dict[str, Any]) -> None:
    chosen = replace(state.current(), cell=str(fields["key"]), year=str(int(fields["year"])))
    state.put(replace(chosen, metric=""))


def _behind_cell(view: View) -> None:
    """The offices behind a clicked square, each a link to the cell of its document."""
    t = view.t
    cell = view.meta.cells.get(view.filters.cell)
    if cell is None or not view.filters.year.isdecimal():
        reveal.forget("do_behind_cell")
        return
    year = int(view.filters.year)
    found = view.query(queries.offices_of_cell, view.selection, cell.sql_name, year)
    title = t("proactive.cell_behind", cell=i18n.of(cell, "label", view.lang), year=year)
    rows = []
    for r in rows_of(found):
        opened = replace(
            view.filters.without_open(), office=r.office_id, report=r.report_id, cell=cell.key,
            tab="document",
        )  # fmt: skip
        rows.append(
            (Link(r.name or r.office_id, view.href("profile", opened)), formats.exact(r.value))
        )
    with st.container(border=True, key="do_behind_cell"):
        reveal.once("do_behind_cell", (cell.key, year))
        st.markdown(f"#### {title}")
        headers = (t("column.office"), t("column.value"))
        cards.linked_table(view, headers, rows, caption=title, right=(1,))
        if len(rows) >= queries.OFFICE_ROWS:
            st.caption(t("overview.more", n=queries.OFFICE_ROWS))
