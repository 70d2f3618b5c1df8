"""The sections of 数据质量."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, state
from dashboard.charts.office import matrix
from dashboard.charts.parts import composition
from dashboard.components import cards, places
from dashboard.components.cards import chart_card
from dashboard.components.frame import empty
from dashboard.figures import Twin
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, esc
from dashboard.queries import quality
from dashboard.view import View

#: A sign beside the word, so that the board can be read without colour.
SIGNS = {"on_time": "●", "late": "△", "undated": "◇", "missing": "○"}
LIST_ROWS = 100


def arrivals(view: View) -> None:
    """Who reported, in time or not: one bar a year, then the board of offices."""
    t = view.t
    found = view.query(quality.arrivals, view.selection)
    if found.empty:
        empty(view, "no_rows")
        return
    title = t("format.title", what=t("quality.arrivals"), whom=view.whom, when=view.when)
    frame = _parts(view, found)
    words = [t(f"quality.arrival.{a}") for a in quality.ARRIVALS]
    latest = frame[frame["year"] == frame["year"].max()]
    parts = t("format.comma").join(
        f"{r.part} {formats.number(r.n)}" for r in rows_of(latest) if r.n
    )
    sentence = t(
        "quality.arrivals_sentence",
        year=int(latest["year"].iloc[0]),
        expected=formats.number(latest["expected"].iloc[0]),
        parts=parts,
    )
    tips = [("year_text", t("column.year")), ("part", t("column.status")),
            ("shown_share", t("column.share")), ("base_text", t("column.base"))]  # fmt: skip
    chart = partial(
        composition, frame, view.look, parts=words, x_title=t("quality.axis"),
        y_title=t("chart.axis_year"), description=f"{title}。{sentence}", tips=tips,
        colours=_colours(view),
    )  # fmt: skip
    twin = frame[["year", "part", "base_text", "shown_share"]].rename(
        columns={"year": t("column.year"), **dict(tips)}
    )
    chart_card(
        view, "arrivals", title, chart, sentence=sentence, definition=t("quality.due_note"),
        twin=Twin(twin, tuple(twin.columns[2:])),
    )  # fmt: skip
    _board(view)


def _colours(view: View) -> tuple[str, ...]:
    """One per arrival, in their order; not the outcomes' colours, which mean something else."""
    p = view.look.colours
    return (p.main, p.warn, p.peers, p.bad)


def _parts(view: View, found: pd.DataFrame) -> pd.DataFrame:
    counts = {(int(r.year), r.arrival): (int(r.n), int(r.expected)) for r in rows_of(found)}
    expected = {year: total for (year, _), (_, total) in counts.items()}
    data = []
    for year, total in sorted(expected.items()):
        start = 0.0
        for arrival in quality.ARRIVALS:
            n = counts.get((year, arrival), (0, total))[0]
            data.append(
                {
                    "year": year,
                    "part": view.t(f"quality.arrival.{arrival}"),
                    "n": n,
                    "expected": total,
                    "share": n / total,
                    "start": start,
                    "end": start + n / total,
                    "shown": formats.number(n),
                    "shown_share": formats.percent(n / total),
                    "base_text": formats.fraction(n, total),
                    "year_text": view.t("format.year", year=year),
                }
            )
            start += n / total
    return pd.DataFrame(data)


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
    t = view.t
    found = view.query(quality.rule_counts, view.selection)
    title = t("format.title", what=t("quality.rules"), whom=view.whom, when=view.when)
    if found.empty:
        st.markdown(f"#### {t('quality.rules')}")
        st.caption(t("quality.rules_none"))
        return
    labels = {rule: _rule(view, rule) for rule in found["rule"]}
    frame = found.assign(
        key=found["rule"],
        label=[labels[r] for r in found["rule"]],
        value=found["reports"].astype(float),
        shown=[formats.number(n) for n in found["reports"]],
        findings_text=[formats.number(n) for n in found["findings"]],
        level_text=[view.words.named("rule_level", v) for v in found["level"]],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    latest = frame[frame["year"] == frame["year"].max()].iloc[0]
    sentence = t(
        "quality.rules_sentence", year=int(latest["year"]), rule=latest["label"], n=latest["shown"]
    )
    tips = [("year_text", t("column.year")), ("label", t("column.rule")),
            ("level_text", t("column.level")), ("shown", t("column.reports"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(labels.values()), x_title=t("chart.axis_year"),
        value_title=t("column.reports"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = frame[[c for c, _ in tips]].rename(columns=dict(tips))
    chart_card(
        view, "rules", title, chart, sentence=sentence, hint=t("quality.rules_hint"),
        twin=Twin(twin, (t("column.reports"),)), on_pick=_open_rule,
    )  # fmt: skip
    _findings(view)


def _open_rule(fields: dict[str, Any]) -> None:
    state.put(replace(state.current(), metric=str(fields["key"]), year=str(int(fields["year"]))))


def _findings(view: View) -> None:
    t = view.t
    rule = view.filters.metric if view.filters.metric in view.meta.rules else None
    selection = view.selection
    if rule and view.filters.year.isdecimal():
        selection = replace(selection, years=(int(view.filters.year), int(view.filters.year)))
    found = view.query(quality.findings, selection, rule=rule, limit=LIST_ROWS)
    title = t("quality.findings", rule=_rule(view, rule)) if rule else t("quality.findings_all")
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


def _rule(view: View, rule: str) -> str:
    found = view.meta.rules.get(rule)
    return f"{rule} {found.zh if view.lang == 'zh' else found.en}" if found else rule


def continuity(view: View) -> None:
    """Offices whose carry-over does not continue, by year."""
    t = view.t
    found = view.query(quality.continuity, view.selection)
    title = t("format.title", what=t("quality.continuity"), whom=view.whom, when=view.when)
    if found.empty:
        st.markdown(f"#### {t('quality.continuity')}")
        st.caption(t("quality.continuity_none"))
        return
    frame = found.assign(
        key=found["office_id"],
        label=found["name"].fillna(found["office_id"]),
        value=found["difference"].abs(),
        shown=[formats.signed(v) for v in found["difference"]],
        went_text=[formats.exact(v) for v in found["went"]],
        came_text=[formats.exact(v) for v in found["came"]],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    worst = max(records(frame), key=lambda r: float(r["value"]))
    sentence = t(
        "quality.continuity_sentence", n=formats.number(frame["office_id"].nunique()),
        name=worst["label"], year=int(worst["year"]), value=worst["shown"],
    )  # fmt: skip
    tips = [("label", t("column.office")), ("year_text", t("column.year")),
            ("went_text", t("column.carried_out_before")), ("came_text", t("column.carried_in")),
            ("shown", t("column.difference"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(dict.fromkeys(frame["label"])),
        x_title=t("chart.axis_year"), value_title=t("column.difference"),
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = frame[[c for c, _ in tips]].rename(columns=dict(tips))
    chart_card(
        view, "continuity", title, chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[2:])), on_pick=_open_checks,
    )  # fmt: skip


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
