"""The findings of 数据质量: by rule, by place, one by one, with what people decided on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import export, formats, state
from dashboard.chosen import CHOICES, LEVELS, cell_of, chosen
from dashboard.components import cards, held, places, quality, review
from dashboard.figures import quality as figures
from dashboard.filters import Selection
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, esc
from dashboard.queries import findings
from dashboard.queries.findings import STATES, TO_DO, Decided, Which
from dashboard.view import View

LIST_ROWS = 100
FILE_ROWS = 200_000


def section(view: View) -> None:
    """Failed rules by year and by place; then the findings, filtered, with their review."""
    quality.show_or(view, figures.rules(view), "rules", _open_rule)
    quality.show_or(view, figures.places(view), "places", _open_place)
    decided = review.decided(view)
    if decided is None:
        return
    review.panel(view, decided)
    _list(view, decided)


def _open_rule(fields: dict[str, Any]) -> None:
    opened = replace(state.current(), metric=str(fields["key"]), year=str(int(fields["year"])),
                     finding="")  # fmt: skip
    state.put(opened)


def _open_place(fields: dict[str, Any]) -> None:
    year = str(int(fields["year"]))
    now = replace(state.current(), year=year, severity=LEVELS[0], finding="")
    state.put(now.with_selection(region=str(fields["key"])))


def _list(view: View, decided: Decided) -> None:
    t = view.t
    selection, which = chosen(view)
    st.markdown(f"#### {t('quality.findings')}")
    counts = view.query(findings.counts, selection, which, decided)
    _progress(view, counts)
    _choose(view, which, counts)
    found = view.query(findings.listed, selection, which, decided, limit=LIST_ROWS)
    if found.empty:
        st.caption(t("quality.findings_none"))
        return
    rows = [_row(view, r) for r in rows_of(found)]
    names = ("office", "year", "rule", "level", "message", "left", "right", "review")
    headers = [t(f"column.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=t("quality.findings"), right=(5, 6))
    wanted = which.states or STATES
    total = sum(counts[s] for s in wanted)
    if total > len(found):
        line = t("quality.findings_more", n=formats.number(total), shown=len(found))
        st.html(f'<p class="do-line">{esc(line)}</p>')
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        _csv(view, selection, which, decided)
    review.batch(view, selection, which, decided, total)


def _progress(view: View, counts: dict[str, int]) -> None:
    """N of N reviewed, then how many of each state."""
    t = view.t
    total = sum(counts.values())
    done = total - sum(counts[s] for s in TO_DO)
    parts = t("format.comma").join(
        f"{t(f'quality.state.{s}')} {formats.number(counts[s])}" for s in STATES if counts[s]
    )
    line = t(
        "quality.reviewed", n=formats.number(done), total=formats.number(total), parts=parts,
        share=formats.percent(done / total if total else None),
    )  # fmt: skip
    st.html(f'<p class="do-lead" role="status">{esc(line)}</p>')


def _choose(view: View, which: Which, counts: dict[str, int]) -> None:
    """State, rule, level and year of the list; all of them part of the URL."""
    t = view.t
    sums = {"": sum(counts.values()), "todo": sum(counts[s] for s in TO_DO), **counts}
    words = {
        s: t("quality.state_n", n=formats.number(sums[s]), name=t(f"quality.state.{s or 'all'}"))
        for s in CHOICES
    }
    now = view.filters.status
    st.segmented_control(
        t("quality.filter_status"), CHOICES, required=True, format_func=lambda s: words[s],
        label_visibility="collapsed",
        **held.shows("do_status", now if now in CHOICES else "", _choose_field("status"), words),
    )  # fmt: skip
    rules = [r.id for r in view.meta.rules.values() if not which.level or r.level == which.level]
    years = [str(y) for y in reversed(view.years)]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _pick(view, "metric", "do_rule", rules, lambda r: figures.rule_name(view, r), 420)
        _pick(view, "severity", "do_severity", LEVELS,
              lambda v: view.words.named("rule_level", v), 160)  # fmt: skip
        _pick(view, "year", "do_finding_year", years, lambda y: t("format.year", year=y), 160)


def _choose_field(field: str) -> Callable[[Any], None]:
    def chosen(value: Any) -> None:
        changes: dict[str, Any] = {field: value or ""}
        state.put(replace(state.current(), finding="", **changes))

    return chosen


def _pick(view: View, field: str, key: str, options: Any, words: Any, width: int) -> None:
    labels = {"": view.t(f"quality.every_{field}")} | {v: words(v) for v in options}
    now = getattr(view.filters, field)
    st.selectbox(
        view.t(f"quality.filter_{field}"), list(labels), width=width,
        format_func=lambda v: labels.get(v, v),
        **held.shows(key, now if now in options else "", _choose_field(field), labels),
    )  # fmt: skip


def _row(view: View, r: Any) -> tuple[object, ...]:
    at = view.href("profile", cell_of(view, r.office_id, r.report_id, r.cell))
    other = formats.exact(r.right_value)
    right: object = other
    if isinstance(r.other_report_id, str) and isinstance(r.other_office_id, str):
        before = cell_of(view, r.other_office_id, r.other_report_id, None)
        right = Link(other, view.href("profile", before))
    left = formats.exact(r.left_value)
    opened = replace(view.filters, finding=r.finding_id)
    return (
        Link(r.name or r.office_id, at),
        str(r.year),
        r.rule,
        view.words.named("rule_level", r.level),
        places.message(r, view.lang, view.t),
        Link(left, at) if r.cell and left != formats.MISSING else left,
        right if other != formats.MISSING else other,
        Link(view.t(f"quality.state.{r.state}"), view.href("quality", opened)),
    )


def _csv(view: View, selection: Selection, which: Which, decided: Decided) -> None:
    t = view.t
    title = t("format.title", what=t("quality.findings"), whom=view.whom, when=view.when)

    def make() -> bytes:
        found = view.query(findings.listed, selection, which, decided, limit=FILE_ROWS, large=True)
        frame = pd.DataFrame(
            {
                t("column.office"): found["name"].fillna(found["office_id"]),
                t("column.year"): found["year"],
                t("column.rule"): found["rule"],
                t("column.level"): [view.words.named("rule_level", v) for v in found["level"]],
                t("column.message"): found[f"message_{view.lang}"],
                t("column.left"): found["left_value"],
                t("column.right"): found["right_value"],
                t("column.review"): [t(f"quality.state.{s}") for s in found["state"]],
            }
        )
        return export.csv(frame, (title, view.in_words, view.source))

    st.download_button(
        t("chart.download"), data=make, file_name=export.filename(title, view.build.id),
        mime="text/csv", key="do_csv_findings", type="tertiary", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip
