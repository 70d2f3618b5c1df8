"""申请办理 in words: where applications came from, what became of them, why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboard import formats, intervals, present
from dashboard.figures.requests import (
    APPLICANT,
    FAMILY,
    NEW,
    OUTCOME,
    group_name,
    kinds,
    part_name,
    rates,
    wholes,
    year_rows,
)
from dashboard.queries.meta import Metric
from dashboard.stats import MIN_BASE
from dashboard.view import View


def answer(view: View, frame: pd.DataFrame, year: int) -> list[str]:
    """Where applications came from, what became of them, and for which reasons not."""
    found = (
        _from_whom(view, frame, year),
        _results(view, frame, year),
        _reasons(view, frame, year),
        by_applicant(view, frame, year),
    )
    return [line for line in found if line]


def _listed(view: View, rows: Sequence[dict[str, Any]], limit: int = 6) -> str:
    """Parts with their shares, largest first; those without a case are passed over."""
    metrics = view.meta.metrics
    used = [r for r in rows if r["num"]] or list(rows)
    top = sorted(used, key=lambda r: -float(r["value"]))[:limit]
    return view.t("format.comma").join(
        view.t(
            "requests.part", name=part_name(view, metrics[r["metric"]]),
            share=formats.percent(r["value"]),
        )
        for r in top
    )  # fmt: skip


def _from_whom(view: View, frame: pd.DataFrame, year: int) -> str:
    metric = view.meta.metrics[NEW]
    change = present.change(frame, metric, year)
    shares = year_rows(frame, view.meta.shares_of(APPLICANT), year)
    if change.value is None:
        return view.t("requests.answer_no_new", year=year)
    new = view.words.amount(change.value, metric)
    if not shares:
        return view.t("requests.answer_new_only", year=year, new=new)
    return view.t(
        "requests.answer_new",
        year=year,
        new=new,
        change=_against(view, change, metric),
        parts=_listed(view, shares, 3),
    )


def _against(view: View, change: present.Change, metric: Metric) -> str:
    """The change in a sentence that names no other year yet."""
    text = present.change_words(change, metric, view.words)
    if change.delta is None or change.small:
        return text
    return view.t("requests.against" if change.delta else "requests.against_same", change=text)


def _results(view: View, frame: pd.DataFrame, year: int) -> str:
    rows = year_rows(frame, view.meta.shares_of(OUTCOME), year)
    if not rows:
        return view.t("requests.answer_no_results", year=year)
    metric = view.metric(f"@{FAMILY}")
    change = present.change(frame, metric, year)
    return view.t(
        "requests.answer_results", n=formats.exact(rows[0]["den"]), parts=_listed(view, rows),
        rate=view.words.metric(metric),
        value=formats.by_unit(change.value, metric.unit, view.lang),
        change=_against(view, change, metric),
    )  # fmt: skip


def _reasons(view: View, frame: pd.DataFrame, year: int) -> str:
    parts, small = [], []
    for whole in wholes(view):
        rows = year_rows(frame, view.meta.shares_of(whole), year)
        top = max(rows, key=lambda r: float(r["value"]), default=None)
        if top is None or not top["num"]:
            continue
        if top["den"] < MIN_BASE:
            small.append(group_name(view, whole))
            continue
        parts.append(
            view.t(
                "requests.answer_ground", group=group_name(view, whole),
                ground=part_name(view, view.meta.metrics[top["metric"]]),
                share=formats.percent(top["value"]),
                base=formats.fraction(top["num"], top["den"]),
            )
        )  # fmt: skip
    if small:
        names = view.t("format.comma").join(small)
        parts.append(view.t("requests.answer_ground_small", groups=names, minimum=MIN_BASE))
    if not parts:
        return ""
    return view.t("requests.answer_grounds", parts=view.t("format.semicolon").join(parts))


def by_applicant(view: View, frame: pd.DataFrame, year: int) -> str:
    """The highest and the lowest rate among kinds of applicant with a large enough base."""
    every = year_rows(frame, rates(view), year)
    rows = [r for r in every if r["den"] >= MIN_BASE]
    if len(rows) < 2:
        return view.t("requests.answer_no_rates", year=year, minimum=MIN_BASE)
    names = {m.key: n for m, n in zip(rates(view), kinds(view), strict=True)}
    first, last = (f(rows, key=lambda r: float(r["value"])) for f in (max, min))
    text = view.t(
        "requests.answer_rates", first=names[first["metric"]],
        first_value=formats.percent(first["value"]), first_range=range_text(view, first),
        last=names[last["metric"]], last_value=formats.percent(last["value"]),
        last_range=range_text(view, last),
    )  # fmt: skip
    small = len(every) - len(rows)
    return text + (view.t("requests.answer_small", small=small, minimum=MIN_BASE) if small else "")


def range_text(view: View, row: dict[str, Any]) -> str:
    """A rate's 95 % interval in words; a dash where there is none."""
    ends = intervals.interval(view.meta.metrics[row["metric"]].kind, row["num"], row["den"])
    return formats.MISSING if ends is None else " – ".join(formats.percent(e) for e in ends)
