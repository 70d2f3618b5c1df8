"""The figures of 总览."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from dashboard import formats
from dashboard.charts.parts import changes
from dashboard.figures.base import Figure, Native, Series, Twin, register, year_of
from dashboard.figures.requests import names_of
from dashboard.figures.shares import shares_figure
from dashboard.figures.trends import trend_figure
from dashboard.frames import records
from dashboard.queries import series
from dashboard.queries.meta import Metric
from dashboard.view import View

#: The page's measures; ``@`` takes the definition the reader chose for a family.
KPIS = (
    "applications_new",
    "@disclosure",
    "carry_over_rate",
    "@review_correction",
    "@litigation_correction",
)
LIST_ROWS = 10


def kpis(view: View) -> list[Metric]:
    """The page's measures under the chosen definitions."""
    return [view.metric(name) for name in KPIS]


def why_metric(view: View) -> Metric:
    """The measure whose change is explained: the reader's choice, else the disclosure rate."""
    keys = [m.key for m in kpis(view)]
    return view.meta.metrics[view.filters.why if view.filters.why in keys else keys[1]]


def pooled(view: View) -> pd.DataFrame:
    """Everything the page pools, in one query."""
    metrics = [m.key for m in kpis(view)] + [m.key for m in view.meta.shares_of("outcome")]
    return view.query(series.by_year, view.selection, tuple(dict.fromkeys(metrics)), view.with_base)


def _kpi_keys(view: View) -> Sequence[str]:
    return [m.key for m in kpis(view)]


@register("overview/trend", _kpi_keys)
def trend(view: View, metric: str = "") -> Figure | None:
    """One measure over the years."""
    frame = pooled(view)
    if frame.empty:
        return None
    return trend_figure(view, trend.full(metric), frame, view.meta.metrics[metric], whom=view.whom)


@register("overview/outcomes")
def outcomes(view: View, _: str = "") -> Figure | None:
    """Outcome shares by year."""
    frame = pooled(view)
    if frame.empty:
        return None
    title = outcomes.titled(view)
    return shares_figure(
        view, outcomes.name, frame, "outcome", title=title, axis=view.t("chart.axis_share"),
        hint=view.t("requests.click"), labels=names_of(view, "outcome"),
        definition=view.t("requests.outcomes_note"),
    )  # fmt: skip


def _why(view: View) -> tuple[Metric, int, pd.DataFrame] | None:
    metric, year = why_metric(view), year_of(view, pooled(view))
    if year is None or not metric.has_base:
        return None
    effects = view.query(series.why_moved, view.selection, metric.key, year)
    return None if effects.empty else (metric, year, effects)


@register("overview/why")
def why(view: View, _: str = "") -> Figure | None:
    """Where a rate's change came from, in percentage points: offices' own rates, mix, panel."""
    found = _why(view)
    if found is None:
        return None
    metric, year, effects = found
    t, by = view.t, {str(r["effect"]): r for r in records(effects)}
    points = {e: formats.signed(by[e]["points"] * 100, 2) for e in ("mix", "rate", "panel")}
    name, total = view.words.metric(metric), by["total"]
    sentence = t(
        "overview.why_sentence", metric=name,
        points=formats.signed(total["points"] * 100, 2),
        before=formats.percent(total["before"]),
        now=formats.percent(total["now"]),
        **points,
    )  # fmt: skip
    # More or fewer cases alone move no rate: volume has a part in the cases only.
    moved = effects[effects["points"].notna()]
    title = t("overview.why_title", metric=name, whom=view.whom, year=year)
    return _effects(view, why.name, title, sentence, moved, moved["points"] * 100, "points")


@register("overview/why_cases")
def why_cases(view: View, _: str = "") -> Figure | None:
    """Where the change of a rate's numerator came from, in cases; volume has its part here."""
    found = _why(view)
    if found is None:
        return None
    metric, year, effects = found
    t = view.t
    counts = {str(r["effect"]): formats.signed(r["count"], 1) for r in records(effects)}
    sentence = t("overview.why_count_sentence", **counts)
    name = view.words.metric(metric)
    title = t("overview.why_cases_title", metric=name, whom=view.whom, year=year)
    return _effects(view, why_cases.name, title, sentence, effects, effects["count"], "count")


def _effects(
    view: View, name: str, title: str, sentence: str, effects: pd.DataFrame,
    value: pd.Series[float], side: str,
) -> Figure:  # fmt: skip
    """Bars of the effects and their total; both sides of each stand in the table."""
    t = view.t
    frame = pd.DataFrame(
        {
            "key": effects["effect"],
            "label": [t(f"overview.effect.{e}") for e in effects["effect"]],
            "value": value,
            "count": [formats.signed(v, 1) for v in effects["count"]],
            "points": [formats.signed(v * 100, 2) for v in effects["points"]],
            "offices": [formats.number(n) for n in effects["offices"]],
        }
    )
    frame["shown"] = frame[side]
    tips = [
        ("label", t("column.effect")),
        ("points", t("column.points")),
        ("count", t("column.count")),
        ("offices", t("column.offices")),
    ]
    unit = view.words.named("unit", "件")
    axis = t("chart.axis_points") if side == "points" else t("chart.axis_change", unit=unit)
    return _bars(
        view, name, title, sentence, frame, tips, axis, t("overview.why_note"), effects,
        t("overview.why_hint"),
    )  # fmt: skip


@register("overview/who")
def who(view: View, _: str = "") -> Figure | None:
    """The offices that moved the measure most."""
    metric, year = why_metric(view), year_of(view, pooled(view))
    if year is None:
        return None
    query = series.who_moved if metric.has_base else series.who_moved_count
    found = view.query(query, view.selection, metric.key, year, LIST_ROWS)
    if found.empty:
        return None
    t = view.t
    if metric.has_base:
        value = found["points"] * 100
        shown = [formats.signed(v, 2) for v in value]
        axis = t("chart.axis_points")
        sides = {
            name: [formats.fraction(n, d) for n, d in zip(found[num], found[den], strict=True)]
            for name, num, den in (("before", "n0", "d0"), ("now", "n1", "d1"))
        }
    else:
        value = found["change"]
        shown = [formats.signed(v) for v in value]
        axis = t("chart.axis_change", unit=view.words.unit(metric))
        sides = {
            n: [formats.exact(v) for v in found[c]] for n, c in (("before", "n0"), ("now", "n1"))
        }
    frame = pd.DataFrame(
        {"key": found["office_id"], "label": found["name"], "value": value, "shown": shown, **sides}
    )
    tips = [
        ("label", t("column.office")),
        ("shown", t("column.change")),
        ("before", t("column.before")),
        ("now", t("column.now")),
    ]
    title = t("overview.who_title", metric=view.words.metric(metric), whom=view.whom, year=year)
    top = frame.iloc[0]
    sentence = t("overview.who_sentence", name=top["label"], value=top["shown"])
    return _bars(
        view, who.name, title, sentence, frame, tips, axis, view.definition(metric), found,
        t("overview.who_hint"),
    )  # fmt: skip


def _bars(
    view: View, name: str, title: str, sentence: str, frame: pd.DataFrame,
    tips: list[tuple[str, str]], axis: str, definition: str, data: pd.DataFrame,
    hint: str = "",
) -> Figure:  # fmt: skip
    chart = partial(
        changes, frame, view.look, order=list(frame["label"]), x_title=axis,
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip

    def twin() -> Twin:
        table = frame[[column for column, _ in tips]].rename(columns=dict(tips))
        return Twin(table, tuple(table.columns[1:]))

    values = tuple(None if formats.is_missing(v) else float(v) for v in frame["value"])
    return Figure(
        name=name, title=title, draw=chart, sentence=sentence,
        twin=twin, definition=definition, hint=hint,
        data=lambda: data.reset_index(drop=True),
        native=lambda: Native("bar", tuple(frame["label"]), (Series(axis, values),), x_title=axis),
        picks=lambda: tuple((str(r["label"]), {"key": r["key"]}) for r in records(frame)),
    )  # fmt: skip
