"""The figures of 申请办理 that compare rates: by kind of applicant, by ground."""

from __future__ import annotations

from functools import partial
from typing import Final

import pandas as pd

from dashboard import formats, intervals, theme
from dashboard.charts import compare as draw
from dashboard.charts.base import lines_of
from dashboard.charts.parts import named_bars
from dashboard.figures.base import (
    Figure,
    FigureSpec,
    Native,
    Series,
    Twin,
    register,
    table_of,
    year_of,
)
from dashboard.figures.requests import (
    FAMILY,
    OTHER,
    OUTCOME,
    group_name,
    kinds,
    names_of,
    part_name,
    picks_of,
    pooled,
    rates,
    values_of,
    wholes,
    year_rows,
)
from dashboard.figures.requests_answer import by_applicant, range_text
from dashboard.frames import records
from dashboard.queries import series
from dashboard.stats import MIN_BASE
from dashboard.view import View

#: Latin letters of a row's name to a line before it is broken; Chinese ones count twice.
LINE: Final = {"zh": 16, "en": 18}


@register("requests/rates")
def rate_dots(view: View, _: str = "") -> Figure | None:
    """Disclosure rates of the kinds of applicant in the newest year, with 95 % intervals."""
    frame, t = pooled(view), view.t
    year = year_of(view, frame)
    if year is None:
        return None
    ready = _rate_rows(view, frame[frame["year"] == year])
    ready = ready[ready["value"].notna()]
    if ready.empty:
        return None
    # Judged rates from high to low, then those whose base is too small to be ranked.
    ready = ready.sort_values(["solid", "value"], ascending=False).reset_index(drop=True)
    when = t("format.year", year=year)
    title = rate_dots.titled(view, when=when)
    sentence = by_applicant(view, frame, year)
    # The pool of all applicants, always by the definition the kinds of applicant share.
    whole = view.meta.family_default(FAMILY)
    pool = view.query(series.by_year, view.selection, (whole.key,), view.with_base)
    rate = next(iter(pool.loc[pool["year"] == year, "value"]), None)
    rate = None if formats.is_missing(rate) else float(rate or 0)
    label = t("requests.reference", rate=formats.percent(rate))
    chart = partial(
        draw.dots, ready, view.look, unit=whole.unit, x_title=view.words.axis(whole),
        description=f"{title}。{sentence}", tips=_rate_tips(view), reference=rate,
        reference_label=label, pick_fields=("metric", "year"), row_height=30,
    )  # fmt: skip
    axis = view.words.axis(whole)
    chosen = view.metric(f"@{FAMILY}")
    other = "" if chosen == whole else t("requests.rates_only", name=view.words.metric(chosen))
    return Figure(
        name=rate_dots.name, title=title, draw=chart, sentence=sentence,
        twin=lambda: _rate_twin(view, ready),
        definition=t("requests.rates_note"), hint=label + t("requests.rates_hint") + other,
        data=lambda: _rate_data(ready),
        native=lambda: Native(
            "bar", tuple(ready["name"]), (Series(axis, values_of(ready["value"])),), x_title=axis,
            percent=True,
        ),
        picks=lambda: picks_of(view, ready, ready["name"]),
    )  # fmt: skip


@register("requests/rate_years")
def rate_years(view: View, _: str = "") -> Figure | None:
    """Disclosure rates of the kinds of applicant over the years; small bases in outline."""
    ready = _rate_rows(view, pooled(view))
    names = dict(zip([m.key for m in rates(view)], kinds(view), strict=True))
    return _heat(view, rate_years, "", ready, names, view.t("requests.rates_note"))


def _rate_rows(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the kinds of applicant with interval, texts and remark."""
    names = dict(zip([m.key for m in rates(view)], kinds(view), strict=True))
    return _judged(view, frame[frame["metric"].isin(names)], names)


def _judged(view: View, frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Rates ready to draw: ``low, high, solid, side, row`` and the texts of the tooltip."""
    t = view.t
    rows = []
    for r in records(frame):
        has = not formats.is_missing(r["value"])
        small = not has or r["den"] < MIN_BASE
        kind = view.meta.metrics[r["metric"]].kind
        low, high = (intervals.interval(kind, r["num"], r["den"]) if has else None) or (None, None)
        base = formats.fraction(r["num"], r["den"])
        rows.append(
            {
                **r,
                "year": int(r["year"]),
                "key": r["metric"],
                "name": names[r["metric"]],
                "row": f"{names[r['metric']]}|{base}|{r['metric']}",
                "low": low,
                "high": high,
                "side": "inside",
                "solid": not small,
                # Without its sign: seven years of "24.9%" do not fit a phone; the axis says it.
                "shown": formats.percent(r["value"], 0 if has and r["value"] >= 0.1 else 1).rstrip(
                    "%"
                ),
                "value_text": formats.percent(r["value"]),
                "base_text": base,
                "interval_text": range_text(view, r) if has else formats.MISSING,
                "n_text": formats.fraction(r["n"], r["reports"]),
                "year_text": t("format.year", year=int(r["year"])),
                "remark": t("chart.small_base", minimum=MIN_BASE) if has and small else "",
            }
        )
    columns = [*frame.columns, "key", "name", "row", "low", "high", "side", "solid", "shown",
               "value_text", "base_text", "interval_text", "n_text", "year_text",
               "remark"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _rate_tips(view: View) -> list[tuple[str, str]]:
    t = view.t
    return [
        ("year_text", t("column.year")),
        ("name", t("column.part")),
        ("value_text", t("column.value")),
        ("base_text", t("column.base")),
        ("interval_text", t("compare.column.interval")),
        ("n_text", t("column.with_number")),
        ("remark", t("column.remark")),
    ]


def _rate_twin(view: View, ready: pd.DataFrame) -> Twin:
    tips = _rate_tips(view)
    out = ready[[column for column, _ in tips]].rename(columns=dict(tips))
    return Twin(out, tuple(out.columns[2:-1]))


def _rate_data(ready: pd.DataFrame) -> pd.DataFrame:
    columns = ["year", "metric", "num", "den", "n", "reports", "value", "low", "high"]
    return ready[columns].reset_index(drop=True)


# ------------------------------------------------------------------ grounds


@register("requests/grounds", lambda view: ("",) if wholes(view) else ())
def grounds(view: View, _: str = "") -> Figure | None:
    """All grounds of the newest year by number of cases, 其他处理 as the one sum it is."""
    frame, t = pooled(view), view.t
    year = year_of(view, frame)
    if year is None or frame.empty:
        return None
    rows = []
    for whole in wholes(view):
        group = group_name(view, whole)
        for r in year_rows(frame, view.meta.shares_of(whole), year):
            ground = part_name(view, view.meta.metrics[r["metric"]])
            rows.append({**r, "group": group, "label": t("requests.ground", group=group,
                                                         ground=ground)})  # fmt: skip
    other = view.meta.metrics[OTHER]
    name = part_name(view, other)
    rows += [
        {**r, "group": name, "label": t("requests.other_sum", name=name)}
        for r in year_rows(frame, [other], year)
    ]
    rows = [r for r in rows if r["num"]]
    if not rows:
        return None
    rows.sort(key=lambda r: -float(r["num"]))
    handled = {str(r["metric"]): r for r in year_rows(frame, view.meta.shares_of(OUTCOME), year)}
    ready = pd.DataFrame(
        [
            {
                "year": year,
                "key": r["metric"],
                "metric": r["metric"],
                "group": r["group"],
                "label": r["label"],
                "value": float(r["num"]),
                "num": r["num"],
                "den": r["den"],
                "shown": t("chart.rate_base", rate=formats.number(r["num"]),
                           base=formats.percent(r["value"])),
                "count_text": formats.number(r["num"]),
                "share_text": formats.percent(r["value"]),
                "base_text": formats.fraction(r["num"], r["den"]),
                "n_text": formats.fraction(r["n"], r["reports"]),
                "year_text": t("format.year", year=year),
            }
            for r in rows
        ]
    )  # fmt: skip
    outcomes_ = view.meta.shares_of(OUTCOME)
    inks = theme.whole_colours(OUTCOME, len(outcomes_), dark=view.look.dark)
    by_name = {part_name(view, m): ink for m, ink in zip(outcomes_, inks, strict=True)}
    title = grounds.titled(view, when=t("format.year", year=year))
    top = rows[0]
    sentence = t(
        "requests.grounds_sentence", ground=top["label"], n=formats.number(top["num"]),
        share=formats.percent(top["value"]), kinds=len(rows),
        total=formats.exact(next(iter(handled.values()))["den"]) if handled else formats.MISSING,
    )  # fmt: skip
    tips = [("label", t("requests.column_ground")), ("count_text", t("column.count")),
            ("share_text", t("requests.column_of_group")), ("base_text", t("column.base")),
            ("n_text", t("column.with_number"))]  # fmt: skip
    chart = partial(
        named_bars, ready, view.look, order=list(ready["label"]), x_title=t("chart.axis_cases"),
        description=f"{title}。{sentence}", tips=tips, groups=list(by_name),
        colours=list(by_name.values()),
    )  # fmt: skip
    return Figure(
        name=grounds.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(ready, tips), definition=t("requests.grounds_note"),
        hint=t("requests.click"), data=lambda: ready[["year", "metric", "num", "den"]],
        native=lambda: Native(
            "bar", tuple(ready["label"]),
            (Series(t("chart.axis_cases"), tuple(ready["value"])),), x_title=t("chart.axis_cases"),
        ),
        picks=lambda: picks_of(view, ready, ready["label"]),
    )  # fmt: skip


@register("requests/ground", wholes, group_name)
def ground(view: View, whole: str = "") -> Figure | None:
    """The grounds of one outcome as shares of it, by year; small bases in outline."""
    frame, names = pooled(view), names_of(view, whole)
    ready = _judged(view, frame[frame["metric"].isin(names)], names)
    metric = view.meta.shares_of(whole)[0]
    return _heat(
        view, ground, whole, ready, names,
        view.t("chart.definition_note", note=view.words.note(metric)),
    )  # fmt: skip


def _heat(
    view: View, spec: FigureSpec, argument: str, ready: pd.DataFrame, names: dict[str, str],
    definition: str,
) -> Figure | None:  # fmt: skip
    """Rates by part and year."""
    if ready.empty or ready["value"].isna().all():
        return None
    t = view.t
    lines = {key: _broken(label, view.lang) for key, label in names.items()}
    rows = {key: f"{label}||{key}" for key, label in lines.items()}
    ready = ready.assign(row=ready["metric"].map(rows))
    years = sorted({int(y) for y in ready["year"]})
    title = spec.titled(view, argument)
    known = ready[ready["value"].notna()]
    last = known[known["year"] == known["year"].max()].sort_values("value", ascending=False)
    sentence = t(
        "chart.parts_sentence", year=int(last["year"].iloc[0]),
        parts=t("format.comma").join(
            t("requests.part", name=r["name"], share=t("chart.rate_base", rate=r["value_text"],
                                                       base=r["base_text"]))
            for r in records(last.head(3))
        ),
    )  # fmt: skip
    tall = max(label.count(draw.BREAK) for label in lines.values()) + 1
    chart = partial(
        draw.heat, ready, view.look, rows=list(rows.values()), years=years, unit="percent",
        x_title=t("chart.axis_year"), value_title=t("requests.axis_share"),
        description=f"{title}。{sentence}", tips=_rate_tips(view), row_height=18 + 12 * tall,
        pick_fields=("metric", "year"),
    )  # fmt: skip

    def native() -> Native:
        wide = ready.pivot_table(
            index="metric", columns="year", values="value", sort=False, dropna=False
        ).reindex(index=list(names), columns=years)
        return Native(
            "bar", tuple(names.values()),
            tuple(Series(str(year), values_of(wide[year])) for year in years),
            x_title=t("requests.axis_share"), percent=True,
        )  # fmt: skip

    return Figure(
        name=spec.full(argument), title=title, draw=chart, sentence=sentence,
        twin=lambda: _rate_twin(view, ready),
        definition=definition, hint=t("requests.heat_hint", minimum=MIN_BASE),
        data=lambda: _rate_data(ready), native=native,
        picks=lambda: picks_of(view, known, known["name"]),
    )  # fmt: skip


def _broken(label: str, lang: str) -> str:
    """A row's name with its line breaks, so that a phone has room for the figures."""
    return draw.BREAK.join(lines_of(label, LINE[lang]))
