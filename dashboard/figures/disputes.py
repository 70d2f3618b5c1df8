"""The figures of 复议诉讼."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from dashboard import formats, present, theme
from dashboard.charts.office import matrix
from dashboard.figures.base import Figure, Native, Series, Twin, marks_of, register, year_of
from dashboard.figures.largest import largest_figure
from dashboard.figures.lines import lines_figure, measures
from dashboard.figures.shares import shares_figure
from dashboard.figures.trends import trend_figure
from dashboard.frames import records
from dashboard.queries import disputes as queries
from dashboard.queries import series
from dashboard.queries.meta import Metric
from dashboard.stats import MIN_BASE
from dashboard.view import View

#: The page's measures; ``@`` takes the definition the reader chose for a family.
RATES = ("@review_correction", "@litigation_correction")
#: Disputes per answers, by the definition chosen.
DENSITY = "@dispute_rate"
KPIS = (*RATES, "overall_correction_rate", DENSITY, "pending_rate")
TRENDS = (
    DENSITY,
    "corrected_per_100",
    "pending_rate",
    "litigation_pending_rate",
    "review_to_court",
    "review_mix",
)
#: Blocks of table 4, as the metric dictionary names their wholes.
BLOCKS = ("review", "direct", "after")
MOST = "overall_correction_rate"


def metrics_of(view: View, names: Sequence[str]) -> list[Metric]:
    """Measures under the chosen definitions; those an older build does not have are left out."""
    known = [n for n in names if n[1:] in view.meta.families or n in view.meta.metrics]
    return [view.metric(n) for n in known]


def blocks(view: View) -> Sequence[str]:
    """The blocks the build's dictionary has shares for."""
    return [b for b in BLOCKS if view.meta.shares_of(b)]


def colours(view: View) -> tuple[str, ...]:
    """Of 维持, 纠正, 其他结果, 尚未审结: not the outcomes' colours, pending in grey."""
    pairs = (theme.EXTRA[0], theme.EXTRA[1], theme.SERIES[3], theme.SERIES[5])
    return tuple(pair[1 if view.look.dark else 0] for pair in pairs)


def pooled(view: View) -> pd.DataFrame:
    """Everything the page pools, in one query."""
    metrics = metrics_of(view, (*KPIS, *TRENDS))
    metrics += [m for b in BLOCKS for m in view.meta.shares_of(b)]
    keys = tuple(dict.fromkeys(m.key for m in metrics))
    return view.query(series.by_year, view.selection, keys, view.with_base)


@register("disputes/correction")
def correction(view: View, _: str = "") -> Figure | None:
    """How often answers were corrected, in review and in court."""
    frame, metrics = pooled(view), metrics_of(view, RATES)
    if frame.empty:
        return None
    t = view.t
    sentence = t("format.semicolon").join(
        present.trend_sentence(frame, m, view.words).rstrip("。.") for m in metrics
    )
    title = correction.titled(view)
    return lines_figure(
        view, correction.name, measures(view, frame, metrics), unit=metrics[0].unit,
        y_title=t("disputes.axis_corrected"), title=title, sentence=sentence + t("format.stop"),
        marks=present.marks(metrics[0], view.words),
        definition=" ".join(view.definition(m) for m in metrics),
    )  # fmt: skip


@register("disputes/block", blocks, lambda view, whole: view.t(f"disputes.block.{whole}"))
def block(view: View, whole: str = "") -> Figure | None:
    """What became of the cases of one block, by year."""
    frame = pooled(view)
    if frame.empty:
        return None
    t = view.t
    title = block.titled(view, whole)
    return shares_figure(
        view, block.full(whole), frame, whole, title=title, axis=t("disputes.axis_block"),
        definition=t("disputes.block_note"), colours=colours(view), labels=part_labels(view, whole),
    )  # fmt: skip


def part_labels(view: View, whole: str) -> dict[str, str]:
    """The outcomes of a block by metric, without the block's name."""
    return {
        m.key: view.t(f"disputes.outcome.{m.num[0].removeprefix(f'{whole}_')}")
        for m in view.meta.shares_of(whole)
    }


@register("disputes/cases")
def cases(view: View, _: str = "") -> Figure | None:
    """The cases themselves: block and outcome by year, pending last of each block."""
    t = view.t
    frame = pooled(view)
    metrics = [m for b in BLOCKS for m in view.meta.shares_of(b)]
    frame = frame[frame["metric"].isin([m.key for m in metrics])]
    if frame.empty or not metrics:
        return None
    labels = {m.key: _part_label(view, m) for m in metrics}
    ready = pd.DataFrame(
        [
            {
                "year": int(r["year"]),
                "key": r["metric"],
                "label": labels[r["metric"]],
                "value": r["num"],
                "shown": formats.number(r["num"]),
                "n_text": formats.number(r["n"]),
                "year_text": t("format.year", year=int(r["year"])),
            }
            for r in records(frame)
        ]
    )
    title = cases.titled(view)
    year = int(ready["year"].max())
    latest = ready[(ready["year"] == year) & ready["value"].notna()]
    sums = t("format.comma").join(
        t(
            "disputes.block_sum",
            block=t(f"disputes.block.{b}"),
            n=formats.number(latest.loc[latest["key"].str.startswith(f"{b}_"), "value"].sum()),
        )
        for b in BLOCKS
        if latest["key"].str.startswith(f"{b}_").any()
    )
    sentence = t("disputes.cases_sentence", year=year, parts=sums)
    tips = [("year_text", t("column.year")), ("label", t("column.row")),
            ("shown", t("column.count")), ("n_text", t("column.reports"))]  # fmt: skip
    rows = list(labels.values())
    chart = partial(
        matrix, ready, view.look, rows=rows, x_title=t("chart.axis_year"),
        value_title=t("chart.axis_cases"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip

    def wide() -> pd.DataFrame:
        found = ready.pivot_table(index="key", columns="year", values="value", sort=False)
        return found.reindex(list(labels))

    def twin() -> Twin:
        by_year = wide()
        table = pd.DataFrame({t("column.row"): rows})
        for y in by_year.columns:
            table[str(int(y))] = [formats.number(v) for v in by_year[y]]
        return Twin(table, tuple(table.columns[1:]))

    def native() -> Native:
        by_year = wide()
        series = tuple(
            Series(str(int(y)), tuple(None if formats.is_missing(v) else float(v) for v in column))
            for y, column in ((y, by_year[y]) for y in by_year.columns)
        )
        return Native("bar", tuple(rows), series, x_title=t("chart.axis_cases"))

    return Figure(
        name=cases.name, title=title, draw=chart, sentence=sentence,
        twin=twin, definition=t("disputes.never_add"), hint=t("disputes.cases_hint"),
        data=lambda: ready[["year", "key", "value"]], native=native,
        picks=lambda: marks_of(
            ready[ready["value"].notna()], t, "year_text", "label", ("year", "key")
        ),
    )  # fmt: skip


def _part_label(view: View, metric: Metric) -> str:
    """A part with its block: the quantity's own name."""
    quantity = view.meta.quantities[metric.num[0]]
    return quantity.zh if view.lang == "zh" else quantity.en


def _trend_keys(view: View) -> Sequence[str]:
    return [m.key for m in metrics_of(view, TRENDS)]


@register("disputes/trend", _trend_keys)
def trend(view: View, metric: str = "") -> Figure | None:
    """One measure over the years."""
    frame = pooled(view)
    if frame.empty:
        return None
    return trend_figure(view, trend.full(metric), frame, view.meta.metrics[metric], whom=view.whom)


@register("disputes/lag")
def lag(view: View, _: str = "") -> Figure | None:
    """Disputes per 100 answers of the same year and of the year before, same offices."""
    t = view.t
    found = view.query(queries.lagged, view.selection)
    if found.empty:
        return None
    base = view.meta.metrics["disputes_per_100"]
    breaks = view.meta.breaks(base)
    sides = (("year_before", "handled_before"), ("same_year", "handled"))
    parts = []
    for side, den in sides:
        parts.append(
            pd.DataFrame(
                {
                    "year": found["year"].astype(int),
                    "series": t(f"disputes.lag_{side}"),
                    "metric": side,
                    "num": found["disputes"],
                    "den": found[den],
                    "n": found["offices"],
                    "value": found[side],
                    "segment": [present.segment(y, breaks) for y in found["year"]],
                    "solid": found[den] >= MIN_BASE,
                }
            )
        )
    ready = pd.concat(parts, ignore_index=True)
    ready["year_text"] = [t("format.year", year=y) for y in ready["year"]]
    ready["value_text"] = [formats.by_unit(v, base.unit, view.lang) for v in ready["value"]]
    ready["base_text"] = [
        formats.fraction(n, d) for n, d in zip(ready["num"], ready["den"], strict=True)
    ]
    ready["n_text"] = [formats.number(n) for n in ready["n"]]
    ready["remark"] = [
        "" if solid else t("chart.small_base", minimum=MIN_BASE) for solid in ready["solid"]
    ]
    last = records(found.dropna(subset=["disputes"]))[-1]
    sentence = t(
        "disputes.lag_sentence", year=int(last["year"]), n=formats.number(last["offices"]),
        before=formats.by_unit(last["year_before"], base.unit, view.lang),
        same=formats.by_unit(last["same_year"], base.unit, view.lang),
    )  # fmt: skip
    title = lag.titled(view)
    return lines_figure(
        view, lag.name, ready, unit=base.unit, y_title=t("disputes.axis_per_100"),
        title=title, sentence=sentence, marks=present.marks(base, view.words),
        definition=t("disputes.lag_note"),
    )  # fmt: skip


@register("disputes/most")
def most(view: View, _: str = "") -> Figure | None:
    """The offices corrected most often in the newest year, by count."""
    year = year_of(view, pooled(view))
    if year is None:
        return None
    metric = view.meta.metrics[MOST]
    return largest_figure(
        view, most.name, metric, year, what=most.called(view),
        axis=view.t("disputes.axis_most"), definition=view.t("disputes.most_note"),
    )  # fmt: skip
