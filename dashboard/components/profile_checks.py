"""机构档案: continuity and findings; documents, their cells and their narrative."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, state
from dashboard.components import cards, document, held, letters, places, reveal, review
from dashboard.components import profile as parts
from dashboard.figures import profile as figures
from dashboard.figures.profile import Open
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, esc, marked
from dashboard.queries import profile
from dashboard.view import View

#: The two cells that ought to agree from year to year (rule T3-YEAR).
CARRIED_IN, CARRIED_OUT = "t3.carried_in.total", "t3.carried_out.total"


def checks(view: View, opened: Open) -> None:
    """Continuity, then findings, then the letter that asks for corrections."""
    continuity(view, opened)
    findings(view, opened)
    letters.one(view)


def continuity(view: View, opened: Open) -> None:
    """Last year's 结转下年度 against this year's 上年结转."""
    cards.show_or(view, figures.continuity, _side(view, opened))


def _side(view: View, opened: Open) -> Any:
    last_years, _ = figures.side_names(view)

    def picked(fields: dict[str, Any]) -> None:
        before = fields["side"] == last_years
        report = parts.current_report(view, opened, int(fields["year"]) - before)
        if report:
            parts.show(report, CARRIED_OUT if before else CARRIED_IN)

    return picked


def findings(view: View, opened: Open) -> None:
    """Failed and not assessable rules, each with a link to its cell."""
    t = view.t
    found = view.query(profile.findings, opened.office.office_id)
    st.markdown(f"#### {t('profile.findings')}")
    if found.empty:
        st.caption(t("profile.findings_none"))
        return
    failed = list(found.loc[found["outcome"] == "fail", "finding_id"])
    states = review.states(view, failed)
    rows = []
    for r in rows_of(found):
        opened_at = replace(
            view.filters, office=opened.office.office_id, report=r.report_id, cell=r.cell or "",
            tab="document",
        )  # fmt: skip
        at_review = replace(view.filters.without_open(), finding=r.finding_id)
        state_text = states.get(r.finding_id, "")
        rule = view.meta.rules.get(r.rule)
        words = (rule.zh if view.lang == "zh" else rule.en) if rule else ""
        rows.append(
            (
                Link(str(r.year), view.href("profile", opened_at)),
                f"{r.rule} {words}".strip(),
                view.words.named("rule_level", r.level),
                view.words.named("outcome", r.outcome),
                places.message(r, view.lang, view.t),
                formats.exact(r.left_value),
                formats.exact(r.right_value),
                Link(state_text, view.href("quality", at_review)) if state_text else "",
            )
        )
    names = ("year", "rule", "level", "outcome", "message", "left", "right", "review")
    headers = [t(f"column.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=t("profile.findings"), right=(5, 6))


def documents(view: View, opened: Open) -> None:
    """The list of documents, the opened one with its cells, its narrative."""
    t = view.t
    report = _choose_report(view, opened)
    if report is None:
        return
    # Whoever comes from a word found in the text sees the text first.
    if view.filters.mark:
        _narrative(view, str(report["report_id"]))
    st.markdown(f"#### {t('profile.document')}")
    st.html(f'<p class="do-line">{esc(t("profile.pick_hint"))}</p>')
    found = view.query(profile.provenance, str(report["report_id"]), large=True)
    if found is None:
        st.info(t("doc.missing"))
    else:
        every = view.query(profile.findings, opened.office.office_id)
        failing = every[(every["report_id"] == found.report_id) & (every["outcome"] == "fail")]
        # A hint such as "blank instead of 0" would frame half the table.
        failing = failing[failing["level"] != "info"]
        base = replace(
            view.filters, office=opened.office.office_id, report=found.report_id, tab="document"
        )
        with st.container(key="do_document"):
            if view.filters.cell:
                reveal.once("do_document", (found.report_id, view.filters.cell), top=True)
            else:
                reveal.forget("do_document")
            document.viewer(
                view,
                found,
                hrefs=lambda cell: view.href("profile", replace(base, cell=cell)),
                picked=view.filters.cell,
                failed=frozenset(c for cells in failing["cells"] for c in cells),
                url=report["url"],
                filename=str(report["filename"] or ""),
            )
    if not view.filters.mark:
        _narrative(view, str(report["report_id"]))
    _list(view, opened)


def _choose_report(view: View, opened: Open) -> pd.Series[Any] | None:
    rows = opened.documents
    if rows.empty:
        return None
    ids = list(rows["report_id"])
    chosen = view.filters.report if view.filters.report in ids else ids[0]

    def label(report_id: str) -> str:
        r = opened.report(report_id)
        assert r is not None
        status = view.words.named("superseded", _text(r["superseded_reason"]))
        scope = view.words.named("scope", _text(r["scope"]))
        return view.t("profile.report_option", year=r["year"], scope=scope, status=status)

    def choose(report: Any) -> None:
        state.put(replace(state.current(), report=report or ""))

    st.selectbox(
        view.t("profile.document_year"), ids, format_func=label, width=320,
        **held.shows("do_report", chosen, choose, {one: label(one) for one in ids}),
    )  # fmt: skip
    return opened.report(chosen)


def _text(value: Any) -> str | None:
    return None if formats.is_missing(value) else str(value)


def _narrative(view: View, report_id: str) -> None:
    found = view.query(profile.narrative, report_id)
    if found.empty:
        return
    words = view.filters.mark.split()
    opened = held.keeps("do_narrative", bool(words))
    with st.expander(view.t("profile.narrative"), **opened):
        for r in rows_of(found):
            st.html(
                f'<p class="do-text h">{esc(r.heading or "")}</p>'
                f'<p class="do-text">{marked(r.text or "", words)}</p>'
            )


def _list(view: View, opened: Open) -> None:
    t = view.t
    rows = []
    for r in rows_of(opened.documents):
        opened_at = replace(
            view.filters, office=opened.office.office_id, report=r.report_id, cell="",
            tab="document",
        )  # fmt: skip
        rows.append(
            (
                Link(str(r.year), view.href("profile", opened_at)),
                _text(r.filename) or "",
                view.words.named("scope", _text(r.scope)),
                _text(r.form_t3) or formats.MISSING,
                formats.date(r.published, view.lang),
                view.words.named("superseded", _text(r.superseded_reason)),
                formats.number(r.n_number),
                formats.number(r.n_unread),
                formats.number(r.n_error_failed),
            )
        )
    names = (
        "year", "document", "scope", "form", "published", "status", "cells_number", "unread",
        "errors",
    )  # fmt: skip
    headers = [t(f"column.{name}") for name in names]
    st.markdown(f"#### {t('profile.documents')}")
    cards.linked_table(view, headers, rows, caption=t("profile.documents"), right=(6, 7, 8))
