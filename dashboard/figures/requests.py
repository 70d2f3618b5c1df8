"""The figures of 申请办理: where applications come from and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import pandas as pd

from dashboard import formats, i18n, present, theme
from dashboard.charts.office import matrix
from dashboard.figures.base import Figure, Native, Series, Twin, register
from dashboard.figures.shares import shares_figure
from dashboard.figures.trends import trend_figure
from dashboard.frames import records
from dashboard.queries import series
from dashboard.queries.meta import Metric
from dashboard.view import View

#: The page's measures; ``@`` takes the definition the reader chose for a family.
KPIS: Final = ("applications_new", "natural_share", "@disclosure", "denial_rate",
               "unavailable_rate", "carry_over_rate")  # fmt: skip
NEW, OTHER, FAMILY = "applications_new", "other_rate", "disclosure"
OUTCOME, APPLICANT = "outcome", "applicant"
#: Wholes whose parts are grounds, as the metric dictionary names them, in the form's order.
GROUNDS: Final = ("denied", "unavail", "refused")
#: Rate per kind of applicant: the share of applications with its name → ``…_disclosure_rate``.
SHARE, RATE = "_share", "_disclosure_rate"


def wholes(view: View) -> Sequence[str]:
    """The groups of grounds the build's dictionary has shares for."""
    return [whole for whole in GROUNDS if view.meta.shares_of(whole)]


def rates(view: View) -> list[Metric]:
    """The disclosure rates of the kinds of applicant, in the form's order."""
    keys = [m.key.removesuffix(SHARE) + RATE for m in view.meta.shares_of(APPLICANT)]
    return [view.meta.metrics[k] for k in keys if k in view.meta.metrics]


def pooled(view: View) -> pd.DataFrame:
    """Everything the page pools, in one query."""
    metrics = [view.metric(name) for name in KPIS]
    for whole in (OUTCOME, APPLICANT, *wholes(view)):
        metrics += view.meta.shares_of(whole)
    metrics += rates(view)
    keys = tuple(dict.fromkeys(m.key for m in metrics))
    return view.query(series.by_year, view.selection, keys, view.with_base)


def part_name(view: View, metric: Metric) -> str:
    """A part in the form's own words: its outcome, kind of applicant or ground."""
    cells = view.meta.metric_cells(metric, part="num")
    if metric.share_of == APPLICANT:
        return i18n.of(view.meta.cells[cells[0]], "column", view.lang)
    if metric.share_of in GROUNDS:
        return present.unnumbered(i18n.of(view.meta.cells[cells[0]], "row", view.lang))
    return i18n.of(view.meta.quantities[metric.num[0]], "", view.lang)


def kinds(view: View) -> list[str]:
    """The kinds of applicant that have a rate, in the order of :func:`rates`."""
    keys = {m.key.removesuffix(RATE) for m in rates(view)}
    shares = view.meta.shares_of(APPLICANT)
    return [part_name(view, m) for m in shares if m.key.removesuffix(SHARE) in keys]


def names_of(view: View, whole: str) -> dict[str, str]:
    """Part names of a whole by metric."""
    return {m.key: part_name(view, m) for m in view.meta.shares_of(whole)}


def group_name(view: View, whole: str) -> str:
    """A group of grounds in the form's words: the outcome its parts make up."""
    return i18n.of(view.meta.quantities[whole], "", view.lang)


def year_rows(frame: pd.DataFrame, metrics: Sequence[Metric], year: int) -> list[dict[str, Any]]:
    """The rows of some measures in one year that have a value, in the measures' order."""
    mine = frame[(frame["year"] == year) & frame["value"].notna()]
    by_key = {str(r["metric"]): r for r in records(mine)}
    return [by_key[m.key] for m in metrics if m.key in by_key]


@register("requests/outcomes")
def outcomes(view: View, _: str = "") -> Figure | None:
    """What became of the applications, by year; the annotation stands where the form broke."""
    frame = pooled(view)
    if frame.empty:
        return None
    t = view.t
    return shares_figure(
        view, outcomes.name, frame, OUTCOME, title=outcomes.titled(view),
        axis=t("chart.axis_share"), labels=names_of(view, OUTCOME),
        definition=t("requests.outcomes_note"), hint=t("requests.click"),
    )  # fmt: skip


def _family(view: View) -> Sequence[str]:
    return (view.metric(f"@{FAMILY}").key, OTHER)


@register("requests/trend", _family)
def trend(view: View, metric: str = "") -> Figure | None:
    """The disclosure rate under the chosen definition; 其他处理, comparable as a sum alone."""
    frame = pooled(view)
    chosen = view.meta.metrics[metric]
    if frame.empty:
        return None
    if metric not in set(frame["metric"]):
        frame = view.query(series.by_year, view.selection, (metric,), view.with_base)
    hint = view.t("requests.other_note") if metric == OTHER else ""
    return trend_figure(view, trend.full(metric), frame, chosen, whom=view.whom, hint=hint)


@register("requests/received")
def received(view: View, _: str = "") -> Figure | None:
    """Applications received: the six kinds of applicant and the total, by year."""
    frame, t = pooled(view), view.t
    shares, total = view.meta.shares_of(APPLICANT), view.meta.metrics[NEW]
    labels = {**names_of(view, APPLICANT), total.key: _total_name(view, total)}
    mine = frame[frame["metric"].isin(labels)]
    if mine.empty or mine["num"].isna().all():
        return None
    ready = pd.DataFrame(
        [
            {
                "year": int(r["year"]),
                "key": r["metric"],
                "metric": r["metric"],
                "label": labels[r["metric"]],
                "num": r["num"],
                # The shade is the share of the year; the total, a share of nothing, stays pale.
                "value": _shade(r, total.key),
                "shown": formats.number(r["num"]),
                "share": formats.percent(r["value"]) if r["metric"] != total.key else "",
                "n_text": formats.fraction(r["n"], r["reports"]),
                "year_text": t("format.year", year=int(r["year"])),
            }
            for r in records(mine)
        ]
    )
    rows = [labels[m.key] for m in (*shares, total)]
    title = received.titled(view)
    sentence = present.trend_sentence(frame, total, view.words)
    tips = [("year_text", t("column.year")), ("label", t("requests.column_applicant")),
            ("shown", t("column.count")), ("share", t("column.share")),
            ("n_text", t("column.with_number"))]  # fmt: skip
    chart = partial(
        matrix, ready, view.look, rows=rows, x_title=t("chart.axis_year"),
        value_title=t("column.share"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    years = sorted({int(y) for y in ready["year"]})

    def wide() -> pd.DataFrame:
        found = ready.pivot_table(
            index="key", columns="year", values="num", sort=False, dropna=False
        )  # fmt: skip
        return found.reindex(index=list(labels), columns=years)

    def twin() -> Twin:
        by_year = wide()
        table = pd.DataFrame({t("requests.column_applicant"): list(labels.values())})
        for year in years:
            table[str(year)] = [formats.number(v) for v in by_year[year]]
        return Twin(table, tuple(table.columns[1:]))

    def native() -> Native:
        by_year = wide()
        inks = theme.whole_colours(APPLICANT, len(shares), dark=False)
        return Native(
            "column_stacked", tuple(years),
            tuple(
                Series(labels[m.key], values_of(by_year.loc[m.key]), ink)
                for m, ink in zip(shares, inks, strict=True)
            ),
            x_title=t("chart.axis_year"), y_title=view.words.axis(total),
        )  # fmt: skip

    return Figure(
        name=received.name, title=title, draw=chart, sentence=sentence,
        twin=twin, definition=view.definition(total),
        hint=t("requests.received_hint"), native=native,
        data=lambda: mine[["year", "metric", "num", "n", "reports"]].reset_index(drop=True),
        picks=lambda: picks_of(view, ready[ready["num"].notna()], ready["label"]),
    )  # fmt: skip


def _total_name(view: View, total: Metric) -> str:
    cell = view.meta.metric_cells(total, part="num")[0]
    return i18n.of(view.meta.cells[cell], "column", view.lang)


def _shade(row: dict[str, Any], total: str) -> float | None:
    if formats.is_missing(row["num"]):
        return None
    if row["metric"] == total or formats.is_missing(row["value"]):
        return 0.0
    return float(row["value"])


def picks_of(view: View, rows: pd.DataFrame, names: Any) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The marks of a frame with ``year_text, year, metric`` for the keyboard, newest first."""
    return tuple(
        (
            view.t("format.pair", one=r["year_text"], two=names[n]),
            {"year": int(r["year"]), "metric": r["metric"], "key": r["metric"]},
        )
        for n, r in sorted(
            zip(rows.index, records(rows), strict=True), key=lambda pair: -int(pair[1]["year"])
        )
    )


@register("requests/applicants")
def applicants(view: View, _: str = "") -> Figure | None:
    """The kinds of applicant as parts of all applications, by year."""
    frame = pooled(view)
    if frame.empty:
        return None
    t = view.t
    return shares_figure(
        view, applicants.name, frame, APPLICANT, hint=t("requests.click"),
        title=applicants.titled(view), axis=t("chart.axis_share_new"),
        labels=names_of(view, APPLICANT), definition=t("requests.applicants_note"),
    )  # fmt: skip


def values_of(column: Any) -> tuple[float | None, ...]:
    """A column as native chart values; what is missing is a gap."""
    return tuple(None if formats.is_missing(v) else float(v) for v in column)
