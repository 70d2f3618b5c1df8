"""The offices with the largest figure of a year, by count; a rate only stands beside it."""

from __future__ import annotations

from functools import partial

import pandas as pd

from dashboard import formats
from dashboard.charts.parts import bars
from dashboard.figures.base import Figure, Native, Series, Twin, marks_of
from dashboard.frames import records
from dashboard.queries import series
from dashboard.queries.meta import Metric
from dashboard.stats import MIN_BASE
from dashboard.view import View

#: Offices drawn; the query says how many more there are.
TOP = 15


def found_of(view: View, metric: Metric, year: int) -> pd.DataFrame:
    """The reports behind the figure, see :func:`dashboard.queries.series.largest`."""
    cells = view.meta.metric_cells(metric)
    return view.query(series.largest, view.selection, metric.key, year, cells, TOP)


def rate_text(view: View, metric: Metric, row: dict[str, object]) -> str:
    """A rate with its base; under the minimum base only the base, no rate to compare."""
    num, den = row["num"], row["den"]
    base = formats.fraction(num, den)  # type: ignore[arg-type]
    if formats.is_missing(den) or float(den) < MIN_BASE:  # type: ignore[arg-type]
        return view.t("chart.unranked", base=base, minimum=MIN_BASE)
    rate = formats.by_unit(row["value"], metric.unit, view.lang)  # type: ignore[arg-type]
    return view.t("chart.rate_base", rate=rate, base=base)


def largest_figure(
    view: View, name: str, metric: Metric, year: int, *, what: str, axis: str, definition: str
) -> Figure | None:
    """Bars of the largest numerators of a year; ``what`` names what is counted."""
    t = view.t
    found = found_of(view, metric, year)
    if found.empty:
        return None
    rows = records(found)
    labels = _unlike([str(r["name"] or r["office_id"]) for r in rows])
    shown = [
        t("chart.in_doubt", value=formats.exact(r["num"]))
        if r["rules"]
        else formats.exact(r["num"])
        for r in rows
    ]
    doubts = [t("chart.failing_rules", rules=r["rules"]) if r["rules"] else "" for r in rows]
    total = float(rows[0]["total"])
    frame = pd.DataFrame(
        {
            "key": [r["office_id"] for r in rows],
            "report": [r["report_id"] for r in rows],
            "label": labels,
            "value": [float(r["num"]) for r in rows],
            "shown": shown,
            "share": [formats.percent(float(r["num"]) / total) for r in rows],
        }
    )
    tips = [("label", t("column.office")), ("shown", axis), ("share", t("column.of_all"))]
    if any(doubts):
        frame["doubt"] = doubts
        tips.append(("doubt", t("column.remark")))
    if metric.has_base:
        frame["rate"] = [rate_text(view, metric, r) for r in rows]
        tips.append(("rate", view.words.metric(metric)))
    when = t("format.year", year=year)
    title = t("format.title", what=what, whom=view.whom, when=when)
    having = int(rows[0]["having"])
    sentence = t(
        "chart.largest", name=labels[0], value=shown[0], share=frame["share"].iloc[0],
        n=formats.number(having), top=len(rows), part=formats.percent(frame["value"].sum() / total),
    )  # fmt: skip
    chart = partial(
        bars, frame, view.look, order=labels, x_title=axis, description=f"{title}。{sentence}",
        tips=tips, pick_field="report",
    )  # fmt: skip

    def twin() -> Twin:
        table = frame[[column for column, _ in tips]].rename(columns=dict(tips))
        return Twin(table, tuple(table.columns[1:]))

    return Figure(
        name=name, title=title, draw=chart, sentence=sentence,
        twin=twin, definition=definition,
        hint=t("chart.click_office"), data=lambda: found.drop(columns=["total", "having"]),
        native=lambda: Native(
            "bar", tuple(labels), (Series(axis, tuple(frame["value"])),), x_title=axis
        ),
        picks=lambda: marks_of(frame, t, "label", "shown", ("report",)),
    )  # fmt: skip


def _unlike(names: list[str]) -> list[str]:
    """Names as they are; a repeated one gets its number, or two bars would be drawn as one."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
