"""Several measures of one unit over the years, in one chart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from dashboard import formats, present
from dashboard.charts.base import Mark
from dashboard.charts.lines import lines
from dashboard.figures.base import Figure, Native, Series, Twin, hollow, marks_of
from dashboard.queries.meta import Metric
from dashboard.view import View


def measures(view: View, frame: pd.DataFrame, metrics: Sequence[Metric]) -> pd.DataFrame:
    """The rows of some measures ready to draw, each named after its measure."""
    parts = []
    for metric in metrics:
        ready = present.trend_frame(frame, metric, view.words)
        ready["series"] = view.words.metric(metric)
        ready["n_text"] = [formats.number(n) for n in ready["n"]]
        parts.append(ready)
    return pd.concat(parts, ignore_index=True)


def lines_figure(
    view: View,
    name: str,
    ready: pd.DataFrame,
    *,
    unit: str,
    y_title: str,
    title: str,
    sentence: str,
    marks: Sequence[Mark] = (),
    definition: str = "",
    hint: str = "",
) -> Figure | None:
    """A chart of several lines; ``None`` where none has a value.

    ``ready``: ``year, series, metric, value, num, den, segment, solid`` and the texts
    ``year_text, value_text, base_text, n_text, remark``.
    """
    t = view.t
    if ready["value"].isna().all():
        return None
    names = list(dict.fromkeys(ready["series"]))
    tips = [
        ("series", t("column.part")),
        ("year_text", t("column.year")),
        ("value_text", t("column.value")),
        ("base_text", t("column.base")),
        ("n_text", t("column.reports")),
        ("remark", t("column.remark")),
    ]
    chart = partial(
        lines, ready, view.look, names=names, unit=unit, x_title=t("chart.axis_year"),
        y_title=y_title, description=f"{title}。{sentence}", tips=tips, marks=list(marks),
    )  # fmt: skip
    order = ("year_text", "series", *(column for column, _ in tips[2:]))

    def twin() -> Twin:
        right = (t("column.value"), t("column.base"), t("column.reports"))
        return Twin(ready[list(order)].rename(columns=dict(tips)), right)

    return Figure(
        name=name, title=title, draw=chart, sentence=sentence, twin=twin,
        definition=definition, hint=hint,
        data=lambda: (
            ready[["year", "series", "metric", "num", "den", "value"]].reset_index(drop=True)
        ),
        native=lambda: _native(ready, names, unit, t("chart.axis_year"), y_title),
        picks=lambda: marks_of(
            ready[ready["value"].notna()], t, "year_text", "series", ("year", "metric")
        ),
    )  # fmt: skip


def _native(
    ready: pd.DataFrame, names: Sequence[str], unit: str, x_title: str, y_title: str
) -> Native:
    years = sorted({int(y) for y in ready["year"]})
    series = []
    for one in names:
        mine = ready[ready["series"] == one]
        for segment in sorted(set(mine["segment"])):
            part = mine[mine["segment"] == segment].set_index("year").reindex(years)
            values = tuple(None if formats.is_missing(v) else float(v) for v in part["value"])
            series.append(Series(one, values, hollow=hollow(part)))
    return Native(
        "line", tuple(years), tuple(series), x_title=x_title, y_title=y_title,
        percent=unit == "percent",
    )  # fmt: skip
