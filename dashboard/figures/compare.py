"""The figures of 机构对比: who stands out, and whether chance alone could explain it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from dashboard import formats, intervals
from dashboard.charts import compare as draw
from dashboard.figures import comparing
from dashboard.figures.base import Figure, Native, Series, Twin, hollow, register
from dashboard.figures.compare_answer import answer
from dashboard.figures.comparing import (
    CHOSEN,
    Comparison,
    by_change,
    comparison,
    ready,
    tips,
)  # fmt: skip
from dashboard.frames import records
from dashboard.queries import compare
from dashboard.queries.compare import OFFICE
from dashboard.stats import MIN_BASE, Z95, Z998
from dashboard.theme import LIGHT
from dashboard.view import View

#: Ends of the list a picture shows, rows of a heat map.
ENDS: Final = 18
HEAT_ROWS: Final = 30
#: Points up to this many times the highest judged rate are drawn at their own height.
BEYOND: Final = 2.0
#: Direct labels on a funnel.
LABELS: Final = 8


@register("compare/funnel")
def funnel(view: View, _: str = "") -> Figure | None:
    """Rates against their bases with 95 % and 99.8 % limits around the pooled rate."""
    c = comparison(view)
    found = c.points if c else pd.DataFrame()
    if c is None or found.empty:
        return None
    t, words = view.t, view.words
    name, total = words.metric(c.metric), int(found["total"].iloc[0])
    title = t("compare.funnel_title", metric=name, whom=c.whom, year=c.year)
    sentence = "".join(answer(c)) if view.lang == "zh" else " ".join(answer(c))
    curves = _limits(c, found)
    top = _top(found, curves)
    found["label"] = _labels(found, top)
    found["beyond"] = found["value_text"].where(found["value"].astype(float) > top, "")
    hint = t("compare.funnel_hint", minimum=MIN_BASE)
    if (found["beyond"] != "").any():
        hint += t("compare.funnel_beyond")
    if len(found) < total:
        hint += t("compare.funnel_cut", n=formats.number(len(found)), total=formats.number(total))
    chart = partial(
        draw.funnel, found, curves, view.look, unit=c.metric.unit,
        x_title=t("compare.funnel_x"), y_title=words.axis(c.metric),
        limit_titles=(t("compare.limit_998"), t("compare.limit_95")),
        description=f"{title}。{sentence}", tips=tips(c), top=top,
    )  # fmt: skip
    return Figure(
        name=funnel.name, title=title, draw=chart, sentence=sentence,
        twin=lambda: comparing.twin(c, found), definition=view.definition(c.metric), hint=hint,
        data=lambda: comparing.data(found, c.year), native=lambda: _funnel_native(c, found),
        n=int(c.pool["units"]), picks=lambda: comparing.picks(c, found),
    )  # fmt: skip


def _limits(c: Comparison, found: pd.DataFrame) -> pd.DataFrame:
    """Limits at sixty bases, evenly spaced on the logarithmic axis."""
    columns = ["den", "mean", "low95", "high95", "low998", "high998"]
    rate = c.pool["rate"]
    if rate is None:
        return pd.DataFrame(columns=columns)
    first, last = max(1.0, float(found["den"].min())), float(found["den"].max()) * 1.2
    rows = []
    for den in np.geomspace(first, max(last, first * 2), 60):
        inner = intervals.limits(c.metric.kind, rate, den, Z95)
        outer = intervals.limits(c.metric.kind, rate, den, Z998)
        if inner and outer:
            rows.append((den, rate, *inner, *outer))
    return pd.DataFrame(rows, columns=columns)


def _top(found: pd.DataFrame, curves: pd.DataFrame) -> float:
    """The highest rate the axis shows: all that is judged, and small bases up to twice that.

    One case of three out of a report with a wrong sum can be 400 %; a picture that shows it at its
    own height shows nothing else. Such a point stands at the edge, its value written beside it.
    """
    values = found["value"].astype(float)
    judged = [*values[found["solid"].astype(bool) | found["marked"].astype(bool)]]
    known = curves[curves["den"] >= MIN_BASE]
    if len(known):
        judged.append(float(known["high998"].iloc[0]))
    near = values[values <= BEYOND * max(judged)] if judged else values
    return float(max([*judged, *near])) * 1.05


def _labels(found: pd.DataFrame, top: float) -> list[str]:
    """Names of chosen units and of those farthest out, as many as do not write over each other."""
    placed: list[tuple[float, float]] = []
    labels = dict.fromkeys(found["key"], "")
    span = float(np.log(found["den"].max() / max(1.0, found["den"].min()))) or 1.0
    order = sorted(
        records(found),
        key=lambda r: (not r["marked"], -abs(0 if r["z"] != r["z"] else r["z"] or 0)),
    )
    for r in order:
        wanted = r["marked"] or (r["side"] in ("above", "below"))
        x, y = float(np.log(max(1.0, r["den"]))) / span, min(1.0, r["value"] / (top or 1))
        free = all(abs(x - a) > 0.34 or abs(y - b) > 0.055 for a, b in placed)
        if wanted and free and len(placed) < LABELS:
            placed.append((x, y))
            labels[r["key"]] = str(r["name"])
    return list(labels.values())


#: How the points of a funnel are told apart in an office program: shapes that all of them have.
_SHAPES: Final[dict[str, Any]] = {
    "inside": {"colour": LIGHT.peers},
    "above": {"colour": LIGHT.main, "shape": "triangle"},
    "below": {"colour": LIGHT.main, "shape": "square"},
    "marked": {"colour": LIGHT.warn, "shape": "diamond"},
}


def _funnel_native(c: Comparison, found: pd.DataFrame) -> Native:
    """The limits and the pooled rate, then points by where they lie, those not judged hollow.

    Curves first: LibreOffice draws no point of a chart whose last series has none.
    """
    rows = found.sort_values("den", kind="stable")
    t, rate = c.view.t, c.pool["rate"]
    solid, side = rows["solid"].astype(bool), rows["side"]
    series: list[Series] = []
    limits = ((Z95, "compare.limit_95", True), (Z998, "compare.limit_998", False))
    for z, name, dashed in limits:
        ends = [
            None if rate is None else intervals.limits(c.metric.kind, rate, float(d), z)
            for d in rows["den"]
        ]
        for end in (0, 1):
            values = tuple(None if e is None else e[end] for e in ends)
            series.append(Series(t(name), values, LIGHT.quiet, curve=True, dashed=dashed))
    if rate is not None:
        pooled = t("compare.reference", rate=formats.by_unit(rate, c.metric.unit, c.view.lang))
        series.append(Series(pooled, (float(rate),) * len(rows), LIGHT.mark, curve=True))
    groups = [
        (t("compare.side.none"), ~solid & (side != "marked"), _SHAPES["inside"]),
        *((t(f"compare.native.{key}"), (side == key) & (solid | (key == "marked")), look)
          for key, look in _SHAPES.items()),
    ]  # fmt: skip
    series += [
        Series(
            name, comparing.values(rows["value"].where(mine)),
            hollow=tuple(n for n, is_in in enumerate(mine & ~solid) if is_in),
            labels=tuple(rows["label"].where(mine, "")), **look,
        )
        for name, mine, look in groups
        if mine.any()
    ]  # fmt: skip
    return Native(
        "scatter", tuple(float(d) for d in rows["den"]), tuple(series),
        x_title=t("compare.funnel_x"), y_title=c.view.words.axis(c.metric),
        percent=c.metric.unit == "percent", log_x=True,
    )  # fmt: skip


@register("compare/dots")
def dots(view: View, _: str = "") -> Figure | None:
    """Values from high to low with their 95 % intervals."""
    c = comparison(view)
    if c is None:
        return None
    t, words = view.t, view.words
    ranked = c.ranking
    found, extra = _dot_rows(c, ranked)
    if found.empty:
        return None
    title = t("compare.dots_title", metric=words.metric(c.metric), whom=c.whom, year=c.year)
    if ranked.empty:
        sentence = t("compare.dots_none", minimum=MIN_BASE)
    elif len(ranked) == 1:
        only = ranked.iloc[0]
        sentence = t(
            "compare.dots_one", name=only["name"], value=only["value_text"], minimum=MIN_BASE
        )
    else:
        first, last = ranked.iloc[0], ranked.iloc[-1]
        sentence = t(
            "compare.dots_sentence", first=first["name"], first_value=first["value_text"],
            last=last["name"], last_value=last["value_text"],
        )  # fmt: skip
    events = c.metric.kind == intervals.EVENTS
    hint = t("compare.interval_events" if events else "compare.interval_share")
    rate = c.pool["rate"]
    chart = partial(
        draw.dots, found, view.look, unit=c.metric.unit, x_title=words.axis(c.metric),
        description=f"{title}。{sentence}", tips=tips(c), reference=rate,
        reference_label=t("compare.reference", rate=c.rate),
    )  # fmt: skip
    shown, values = found if ranked.empty else ranked, comparing.values(found["value"])
    return Figure(
        name=dots.name, title=title, draw=chart, sentence=sentence,
        twin=lambda: comparing.twin(c, shown), definition=view.definition(c.metric),
        hint=hint + extra, data=lambda: comparing.data(shown, c.year),
        native=lambda: Native(
            "bar", tuple(found["name"]),
            (Series(words.metric(c.metric), values, hollow=hollow(found)),),
            x_title=words.axis(c.metric), percent=c.metric.unit == "percent",
        ),
        n=int(c.pool["units"]), picks=lambda: comparing.picks(c, found),
    )  # fmt: skip


def _dot_rows(c: Comparison, ranked: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows of the picture and the words for what it leaves out.

    Ranked units first; chosen offices with a small base below them, hollow; where nobody is ranked
    the units with the largest bases.
    """
    if ranked.empty:
        return c.points.sort_values("den", ascending=False).head(2 * ENDS), ""
    total = int(ranked["total"].iloc[0])
    position = ranked["position"].astype(int)
    ends = (position <= ENDS) | (position > total - ENDS)
    marked = ranked["marked"].astype(bool)
    shown = ranked[(marked if c.who == CHOSEN and marked.any() else ends) | marked]
    small = c.unranked
    if not small.empty:
        small = small[small["marked"].astype(bool) & small["value"].notna()]
        shown = pd.concat([shown, small], ignore_index=True) if len(small) else shown
    if len(shown) >= total:
        return shown, ""
    if c.who == CHOSEN and marked.any():
        return shown, ""
    cut = c.view.t("compare.dots_cut", total=formats.number(total), ends=ENDS)
    return shown, cut


@register("compare/heat")
def heat(view: View, _: str = "") -> Figure | None:
    """Units over the years."""
    c = comparison(view)
    if c is None:
        return None
    change = by_change(view)
    raw = view.query(compare.heat, view.selection, c.metric, c.year, c.members, HEAT_ROWS, change)
    if raw.empty:
        return None
    found, t = ready(c, raw), view.t
    found["shown"] = [
        formats.number(v * 100, 0 if c.metric.unit == "percent" else 1) for v in found["value"]
    ]
    names = found.drop_duplicates("key").set_index("key")
    rows = {key: f"{str(r['name']).replace('|', ' ')}||{key}" for key, r in names.iterrows()}
    found["row"] = found["key"].map(rows)
    found["year_text"] = [t("format.year", year=int(y)) for y in found["year"]]
    unit = t("compare.heat_unit_office" if c.members.unit == OFFICE else "compare.heat_unit_place")
    title = t(
        "compare.heat_title", metric=view.words.metric(c.metric), unit=unit, whom=c.whom,
        when=view.when,
    )  # fmt: skip
    years = list(range(view.years[0], view.years[-1] + 1))
    now = found[(found["year"] == c.year) & (found["den"] >= MIN_BASE)]
    sentence = _heat_sentence(c, now if len(now) else names, change)
    chart = partial(
        draw.heat, found, view.look, rows=list(rows.values()), years=years, unit=c.metric.unit,
        x_title=t("chart.axis_year"), value_title=view.words.axis(c.metric),
        description=f"{title}。{sentence}", tips=[("year_text", t("column.year")), *_heat_tips(c)],
    )  # fmt: skip

    def twin() -> Twin:
        wide = pd.DataFrame({t("compare.column.unit"): list(names["name"])})
        texts = {(r["key"], int(r["year"])): r["value_text"] for r in records(found)}
        for year in years:
            wide[str(year)] = [texts.get((key, year), formats.MISSING) for key in names.index]
        return Twin(wide, tuple(str(y) for y in years))

    first = found.iloc[0]
    hint = t(
        "compare.heat_hint", minimum=MIN_BASE, n=formats.number(first["picked"]),
        total=formats.number(first["total"]),
    )  # fmt: skip
    columns = ["key", "name", "year", "num", "den", "n", "value"]
    return Figure(
        name=heat.name, title=title, draw=chart, sentence=sentence,
        twin=twin, definition=view.definition(c.metric), hint=hint,
        data=lambda: found[columns].reset_index(drop=True).assign(metric=c.metric.key),
        n=int(c.pool["units"]), picks=lambda: comparing.picks(c, found, by_year=True),
    )  # fmt: skip


def _heat_tips(c: Comparison) -> list[tuple[str, str]]:
    return [tip for tip in tips(c) if tip[0] != "side_text"]


def _heat_sentence(c: Comparison, names: pd.DataFrame, change: bool) -> str:
    known = names[names["sort_value"].notna()]
    if known.empty:
        return c.view.t("chart.nothing")
    first, last = known.iloc[0], known.iloc[-1]

    def text(value: float) -> str:
        if not change:
            return formats.by_unit(value, c.metric.unit, c.view.lang)
        if c.metric.unit == "percent":
            return c.view.t("kpi.points", points=formats.signed(value * 100, 1))
        return formats.signed(value * 100, 2)

    if first["name"] == last["name"]:
        value = text(first["sort_value"])
        return c.view.t("compare.heat_one", name=first["name"], value=value)
    return c.view.t(
        "compare.heat_sentence_change" if change else "compare.heat_sentence",
        first=first["name"], first_value=text(first["sort_value"]),
        last=last["name"], last_value=text(last["sort_value"]),
        **({} if change else {"year": c.year}),
    )  # fmt: skip
