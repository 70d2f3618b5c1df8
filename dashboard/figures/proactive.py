"""The figures of 主动公开."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from dashboard import formats, i18n, theme
from dashboard.charts.office import matrix, pairs
from dashboard.figures.base import Figure, Native, Series, Twin, marks_of, register, year_of
from dashboard.figures.largest import largest_figure
from dashboard.figures.lines import lines_figure
from dashboard.figures.shares import shares_figure
from dashboard.figures.trends import trend_figure
from dashboard.frames import records
from dashboard.queries import proactive as queries
from dashboard.queries import series
from dashboard.queries.meta import Cell, Metric
from dashboard.view import View

KPIS = ("normdocs_issued_count", "normdocs_repealed_count", "normdocs_in_force_count",
        "licence_count", "penalty_count", "coercion_count")  # fmt: skip
#: The measures of the documents, of the decisions and of money: the page's three groups of lines.
DOCUMENTS = ("normdocs_issued_count", "normdocs_repealed_count", "normdocs_in_force_count",
             "rules_issued_count", "rules_repealed_count", "rules_in_force_count")  # fmt: skip
DECISIONS = ("licence_count", "penalty_count", "coercion_count")
FEE = "fee_amount"
UNIT_RULE = "T2-UNIT"
TRENDS = (*DOCUMENTS, *DECISIONS)
#: Measures a list of the largest offices is offered for.
TOPS = ("licence_count", "penalty_count", "coercion_count", "fee_amount",
        "normdocs_issued_count", "normdocs_in_force_count")  # fmt: skip
WHOLE = "decision"
TABLE = "t2"
#: Rows of table 2 with a stock.
STOCKS = ("normdocs", "rules")
#: A unit no two reports share: such amounts are counted, never added.
AS_PRINTED = "as_printed"


def pooled(view: View) -> pd.DataFrame:
    """Everything the page pools, in one query."""
    metrics = [view.meta.metrics[k] for k in TRENDS]  # charges have a query of their own
    before = [m for m in map(view.meta.predecessor, metrics) if m is not None]
    keys = [m.key for m in (*metrics, *before, *view.meta.shares_of(WHOLE))]
    return view.query(series.by_year, view.selection, tuple(dict.fromkeys(keys)), view.with_base)


def with_predecessor(view: View, frame: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """A measure with its forerunner of the earlier form in the years that have only that one.

    The two stay two segments of the line: the crosswalk breaks such a measure at the form.
    """
    before = view.meta.predecessor(metric)
    if before is None:
        return frame[frame["metric"] == metric.key].reset_index(drop=True)
    mine = frame[frame["metric"] == metric.key].set_index("year")
    old = frame[frame["metric"] == before.key].set_index("year")
    have = mine["value"].notna()
    out = mine.copy()
    for name in ("num", "den", "n", "value"):
        out[name] = mine[name].where(have, old[name])
    return out.reset_index()


@register("proactive/trend", lambda view: TRENDS)
def trend(view: View, metric: str = "") -> Figure | None:
    """One measure over the years, broken where the form changed."""
    frame = pooled(view)
    if frame.empty:
        return None
    chosen = view.meta.metrics[metric]
    before = view.meta.predecessor(chosen)
    hint = ""
    if before is not None:
        hint = view.t("proactive.predecessor", name=view.words.metric(before))
    return trend_figure(
        view, trend.full(metric), with_predecessor(view, frame, chosen), chosen,
        whom=view.whom, hint=hint,
    )  # fmt: skip


def _stock_rows(view: View) -> Sequence[str]:
    return [row for row in STOCKS if not view.query(queries.stock, view.selection, row).empty]


@register("proactive/stock", _stock_rows, lambda view, row: view.t(f"proactive.row.{row}"))
def stock(view: View, row: str = "") -> Figure | None:
    """The stock in force as reported beside the stock that last year's report gives."""
    t = view.t
    found = view.query(queries.stock, view.selection, row)
    if found.empty:
        return None
    title = stock.titled(view, row)
    names = (t("proactive.recomputed"), t("proactive.reported"))
    sides = ("expected", "reported")
    rows = [
        {
            "year": int(r["year"]),
            "side": name,
            "value": r[side],
            "other": r[other],
            "equal": r["expected"] == r["reported"],
            "value_text": formats.exact(r[side]),
            "difference": _difference(r),
            "sum_text": _sum_text(view, r),
            "off_text": formats.fraction(r["off"], r["offices"]),
            "year_text": t("format.year", year=int(r["year"])),
        }
        for r in records(found)
        for side, other, name in zip(sides, sides[::-1], names, strict=True)
    ]
    last = records(found)[-1]
    sentence = t(
        "proactive.stock_sentence", year=int(last["year"]), sum=_sum_text(view, last),
        reported=formats.exact(last["reported"]), off=formats.number(last["off"]),
        offices=formats.number(last["offices"]),
        difference=_difference(last),
    )  # fmt: skip
    tips = [("year_text", t("column.year")), ("side", t("column.part")),
            ("value_text", t("column.value")), ("difference", t("column.difference")),
            ("sum_text", t("proactive.recomputed")),
            ("off_text", t("proactive.column_off"))]  # fmt: skip
    chart = partial(
        pairs, pd.DataFrame(rows), view.look, names=names, x_title=t("chart.axis_year"),
        y_title=t("proactive.axis_documents"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    columns = {
        t("column.year"): [str(int(y)) for y in found["year"]],
        t("proactive.column_before"): [formats.exact(v) for v in found["before"]],
        t("proactive.column_issued"): [formats.exact(v) for v in found["issued"]],
        t("proactive.column_repealed"): [formats.exact(v) for v in found["repealed"]],
        names[0]: [formats.exact(v) for v in found["expected"]],
        names[1]: [formats.exact(v) for v in found["reported"]],
        t("column.difference"): [_difference(r) for r in records(found)],
        t("proactive.column_off"): [
            formats.fraction(a, b) for a, b in zip(found["off"], found["offices"], strict=True)
        ],
    }
    twin = pd.DataFrame(columns)
    native = Native(
        "column", tuple(int(y) for y in found["year"]),
        tuple(Series(n, tuple(map(float, found[s]))) for n, s in zip(names, sides, strict=True)),
        x_title=t("chart.axis_year"), y_title=t("proactive.axis_documents"),
    )  # fmt: skip
    return Figure(
        name=stock.full(row), title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[1:])), definition=t("proactive.stock_note"), data=found,
        hint=t("proactive.stock_hint"), native=native,
        picks=lambda: marks_of(pd.DataFrame(rows), t, "year_text", "side", ("year", "side")),
    )  # fmt: skip


def _difference(r: dict[str, Any]) -> str:
    """What was reported less what last year's report and this year's changes give."""
    return formats.signed(r["reported"] - r["expected"])


def _sum_text(view: View, r: dict[str, object]) -> str:
    names = ("before", "issued", "repealed", "expected")
    values = {n: formats.exact(r[n]) for n in names}  # type: ignore[arg-type]
    return view.t("proactive.sum", **values)


def _shares(view: View) -> Sequence[str]:
    return ("",) if view.meta.shares_of(WHOLE) else ()


def part_labels(view: View) -> dict[str, str]:
    """The kinds of decision by metric: the names of their rows in table 2."""
    rows = view.meta.rows_by_key
    out = {}
    for metric in view.meta.shares_of(WHOLE):
        cell = view.meta.cells[view.meta.metric_cells(metric, part="num")[0]]
        out[metric.key] = i18n.of(rows[(TABLE, cell.row_key)], "", view.lang)
    return out


def _fees(view: View) -> Sequence[str]:
    return ("",) if not view.query(queries.fees, view.selection, FEE, UNIT_RULE).empty else ()


@register("proactive/fees", _fees)
def fees(view: View, _: str = "") -> Figure | None:
    """Charges as reported, and without the reports whose unit is in doubt.

    One report in yuan instead of 10k yuan outweighs all others; the sum alone would be a wrong
    number shown as right.
    """
    t = view.t
    found = view.query(queries.fees, view.selection, FEE, UNIT_RULE)
    if found.empty:
        return None
    metric = view.meta.metrics[FEE]
    last = records(found)[-1]
    doubt = int(last["suspects"])
    parts = []
    for side, counted in (("clean", found["n"] - found["suspects"]), ("total", found["n"])):
        parts.append(
            pd.DataFrame(
                {
                    "year": found["year"].astype(int),
                    "series": t(f"proactive.fee_{side}"),
                    "metric": FEE,
                    "num": found[side],
                    "den": None,
                    "value": found[side],
                    "segment": 0,
                    "solid": (found["suspects"] == 0) | (side == "clean"),
                    "n_text": [formats.number(n) for n in counted],
                    "remark": [
                        t("proactive.fee_remark", n=int(n)) if n and side == "total" else ""
                        for n in found["suspects"]
                    ],
                }
            )
        )
    ready = pd.concat(parts, ignore_index=True)
    ready["year_text"] = [t("format.year", year=y) for y in ready["year"]]
    ready["value_text"] = [formats.by_unit(v, metric.unit, view.lang) for v in ready["value"]]
    ready["base_text"] = ready["value_text"]
    amounts = {
        name: formats.by_unit(last[name], metric.unit, view.lang)
        for name in ("total", "clean", "suspected")
    }
    key = "proactive.fee_doubt" if doubt else "proactive.fee_clear"
    sentence = t(
        key, year=int(last["year"]), n=formats.number(last["n"]), suspects=doubt, **amounts
    )
    title = t("format.title", what=view.words.metric(metric), whom=view.whom, when=view.when)
    return lines_figure(
        view, fees.name, ready, unit=metric.unit, y_title=view.words.axis(metric),
        title=title, sentence=sentence, definition=view.definition(metric),
        hint=t("proactive.fee_hint"),
    )  # fmt: skip


@register("proactive/decisions", _shares)
def decisions(view: View, _: str = "") -> Figure | None:
    """Licences, penalties and coercive measures as parts of all three."""
    frame = pooled(view)
    if frame.empty:
        return None
    t = view.t
    title = decisions.titled(view)
    dark = 1 if view.look.dark else 0
    colours = tuple(pair[dark] for pair in (theme.EXTRA[0], theme.SERIES[3], theme.EXTRA[1]))
    return shares_figure(
        view, decisions.name, frame, WHOLE, title=title, axis=t("proactive.axis_decisions"),
        definition=t("proactive.decisions_note"), colours=colours, labels=part_labels(view),
    )  # fmt: skip


@register("proactive/top", lambda view: TOPS if view.year is not None else ())
def top(view: View, metric: str = "") -> Figure | None:
    """The offices with the largest figure of the newest year."""
    year = year_of(view, pooled(view))
    if year is None:
        return None
    chosen = view.meta.metrics[metric]
    return largest_figure(
        view, top.full(metric), chosen, year,
        what=view.t("proactive.top_title", metric=view.words.metric(chosen)),
        axis=view.words.axis(chosen), definition=view.definition(chosen),
    )  # fmt: skip


def old_span(view: View) -> tuple[int, int] | None:
    """The years of forms that have ended, inside the years shown; ``None`` without any."""
    ended = [f for f in view.meta.forms if f.last_year is not None]
    years = [y for y in view.years for f in ended if f.first_year <= y <= (f.last_year or y)]
    return (min(years), max(years)) if years else None


def old_cells(view: View) -> list[Cell]:
    """The cells of table 2 that only an ended form has, in its order; amounts as printed left out.

    Those are in whatever unit each report chose and cannot be added.
    """
    ended = {f.form for f in view.meta.forms if f.last_year is not None}
    return [
        c
        for c in sorted(view.meta.cells.values(), key=lambda c: c.order_2019 or 0)
        if c.table_key == TABLE and set(c.forms) <= ended and c.unit != AS_PRINTED
    ]


def _has_old(view: View) -> Sequence[str]:
    return ("",) if old_span(view) else ()


@register("proactive/old_form", _has_old)
def old_form(view: View, _: str = "") -> Figure | None:
    """What only the 2019 form asks for: sums by year with the number of reports behind each."""
    t, span = view.t, old_span(view)
    if span is None:
        return None
    cells = old_cells(view)
    names = tuple(c.sql_name for c in cells)
    found = view.query(queries.cell_sums, view.selection, names, span)
    if found.empty:
        return None
    labels = {
        c.sql_name: t(
            "proactive.cell", label=i18n.of(c, "label", view.lang),
            unit=view.words.unit_in("proactive", c.unit),
        )
        for c in cells
    }  # fmt: skip
    keys = {c.sql_name: c.key for c in cells}
    ready = pd.DataFrame(
        [
            {
                "year": int(r["year"]),
                "key": keys[r["cell"]],
                "label": labels[r["cell"]],
                "value": r["total"],
                "shown": formats.exact(r["total"]),
                "n_text": formats.fraction(r["n"], r["reports"]),
                "year_text": t("format.year", year=int(r["year"])),
            }
            for r in records(found)
        ]
    )
    when = t("format.years", years=formats.years(*span))
    title = old_form.titled(view, when=when)
    sentence = t("proactive.old_form_sentence", n=len(cells), years=formats.years(*span))
    tips = [("year_text", t("column.year")), ("label", t("column.row")),
            ("shown", t("column.value")), ("n_text", t("column.with_number"))]  # fmt: skip
    rows = list(labels.values())
    # One pale tint: items and decisions differ by orders of magnitude, shade would mislead.
    ready["value"] = ready["value"].where(ready["value"].isna(), 0.1)
    chart = partial(
        matrix, ready, view.look, rows=rows, x_title=t("chart.axis_year"),
        value_title=t("column.value"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = pd.DataFrame({t("column.row"): rows})
    for year, group in ready.groupby("year"):
        by_label = group.set_index("label").reindex(rows)
        twin[str(year)] = list(by_label["shown"])
        twin[t("proactive.column_n", year=year)] = list(by_label["n_text"])
    return Figure(
        name=old_form.name, title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[1:])), definition=t("proactive.old_form_note"),
        hint=t("proactive.old_form_hint"), data=found,
        picks=lambda: marks_of(
            ready[ready["value"].notna()], t, "year_text", "label", ("year", "key")
        ),
    )  # fmt: skip
