"""The findings of 数据质量: by rule, by place, one by one, with what people decided on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import export, formats, state
from dashboard.chosen import CHOICES, LEVELS, cell_of, chosen
from dashboard.components import cards, held, places, reveal, review
from dashboard.figures import quality as figures
from dashboard.filters import Selection
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, esc
from dashboard.queries import findings
from dashboard.queries.findings import STATES, TO_DO, Decided, Which
from dashboard.view import View

LIST_ROWS = 100
FILE_ROWS = 200_000
#: The state of a finding where the desk cannot be read.
UNKNOWN = "unknown"


def section(view: View) -> None:
    """Failed rules by year and by place; then the findings, filtered, with their review."""
    cards.show_or(view, figures.rules, _open_rule)
    cards.show_or(view, figures.places, _open_place)
    decided = review.decided(view)
    if decided is not None:
        review.panel(view, decided)
    with st.container(key="do_findings"):
        asked = (view.filters.metric, view.filters.year, view.filters.severity)
        if any(asked):
            reveal.once("do_findings", asked)
        else:
            reveal.forget("do_findings")
        _list(view, decided)


def _open_rule(fields: dict[str, Any]) -> None:
    opened = replace(state.current(), metric=str(fields["key"]), year=str(int(fields["year"])),
                     finding="")  # fmt: skip
    state.put(opened)


def _open_place(fields: dict[str, Any]) -> None:
    year = str(int(fields["year"]))
    now = replace(state.current(), year=year, severity=LEVELS[0], finding="")
    state.put(now.with_selection(region=str(fields["key"])))


def _list(view: View, decided: Decided | None) -> None:
    """The findings; ``decided`` is ``None`` where nobody can say what was decided on them."""
    t = view.t
    selection, which = chosen(view)
    st.markdown(f"#### {t('quality.findings')}")
    known = decided is not None
    if decided is None:
        decided, which = Decided(), replace(which, states=())
    counts = view.query(findings.counts, selection, which, decided)
    if known:
        _progress(view, counts)
    _choose(view, which, counts, by_state=known)
    found = view.query(findings.listed, selection, which, decided, limit=LIST_ROWS)
    if not known:
        found["state"] = UNKNOWN
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
        _csv(view, selection, which, decided if known else None)
    if known:
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


def _choose(view: View, which: Which, counts: dict[str, int], *, by_state: bool) -> None:
    """State, rule, level and year of the list; all of them part of the URL."""
    if by_state:
        _choose_state(view, counts)
    rules = [r.id for r in view.meta.rules.values() if not which.level or r.level == which.level]
    years = [str(y) for y in reversed(view.years)]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _pick(view, "metric", "do_rule", rules, lambda r: figures.rule_name(view, r), 420)
        _pick(view, "severity", "do_severity", LEVELS,
              lambda v: view.words.named("rule_level", v), 160)  # fmt: skip
        _pick(view, "year", "do_finding_year", years,
              lambda y: view.t("format.year", year=y), 160)  # fmt: skip


def _choose_state(view: View, counts: dict[str, int]) -> None:
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
    said = view.t(f"quality.state.{r.state}")
    return (
        Link(r.name or r.office_id, at),
        str(r.year),
        r.rule,
        view.words.named("rule_level", r.level),
        places.message(r, view.lang, view.t),
        Link(left, at) if r.cell and left != formats.MISSING else left,
        right if other != formats.MISSING else other,
        said if r.state == UNKNOWN else Link(said, view.href("quality", opened)),
    )


def _csv(view: View, selection: Selection, which: Which, decided: Decided | None) -> None:
    t = view.t
    title = t("format.title", what=t("quality.findings"), whom=view.whom, when=view.when)

    def make() -> bytes:
        asked = (selection, which, decided or Decided())
        found = view.query(findings.listed, *asked, limit=FILE_ROWS, large=True)
        if decided is None:
            found["state"] = UNKNOWN
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
