"""The figures of 机构对比: who stands out, and whether chance alone could explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from dashboard import formats, intervals
from dashboard.charts import compare as draw
from dashboard.figures.base import Figure, Native, Series, Twin, hollow, register
from dashboard.frames import records
from dashboard.queries import compare, offices
from dashboard.queries.base import PLACES
from dashboard.queries.compare import OFFICE, Members
from dashboard.queries.meta import Metric
from dashboard.queries.offices import Office
from dashboard.stats import MIN_BASE, Z95, Z998
from dashboard.theme import LIGHT
from dashboard.view import View

ALL, PEERS, CHOSEN = "all", "peers", "chosen"
#: Ends of the list a picture shows, rows of a heat map, points of a funnel, rows of tables.
ENDS: Final = 18
HEAT_ROWS: Final = 30
POINTS: Final = 600
TABLE_ENDS: Final = 100
REASONS: Final = 100
#: Points up to this many times the highest judged rate are drawn at their own height.
BEYOND: Final = 2.0
#: Direct labels on a funnel, names in a sentence.
LABELS: Final = 8
NAMES: Final = 5
#: A part of the URL's ``tab``: the heat map's order.
CHANGE: Final = "change"
#: The share of units expected outside the 99.8 % limits when all are alike.
BY_CHANCE: Final = 0.002
#: Fewer peers make a pooled rate that is itself uncertain.
FEW_PEERS: Final = 5


@dataclass(frozen=True)
class Comparison:
    """What the page compares: measure, year, members, and how the pooled units lie."""

    view: View
    metric: Metric
    year: int
    who: str
    members: Members
    pool: dict[str, Any]

    @property
    def unit(self) -> str:
        """A counted unit in words (家机关, 个县)."""
        return self.view.t(f"compare.unit_{self.members.unit}")

    @property
    def whom(self) -> str:
        """Who is shown, in words."""
        view = self.view
        if self.members.anchor:
            return view.t("compare.whom_peers", name=self.members.anchor.name)
        if self.members.unit != OFFICE:
            return view.t("format.dot").join((view.whom, view.t(f"compare.who_{self.who}")))
        return view.whom

    @property
    def rate(self) -> str:
        """The pooled rate in words."""
        return formats.by_unit(self.pool["rate"], self.metric.unit, self.view.lang)

    @property
    def base(self) -> str:
        """The pooled numerator and denominator."""
        return formats.fraction(self.pool["num"], self.pool["den"])

    def ask(self, function: Any, *args: Any) -> pd.DataFrame:
        """One of the queries of ``queries.compare`` for this comparison."""
        found: pd.DataFrame = self.view.query(
            function, self.view.selection, self.metric, self.year, self.members, *args
        )
        return found


def measures(view: View) -> list[Metric]:
    """All rates, group by group; of a family only the definition the reader chose."""
    out = []
    for group in view.meta.metric_groups:
        for metric in view.meta.metrics.values():
            if metric.group_key != group or not metric.has_base:
                continue
            if metric.family and view.metric(f"@{metric.family}").key != metric.key:
                continue
            out.append(metric)
    return out


def measure(view: View) -> Metric:
    """The measure of the URL under the chosen definition, else the disclosure rate."""
    found = view.meta.metrics.get(view.filters.metric)
    if found is None or not found.has_base:
        return view.metric("@disclosure")
    return view.metric(f"@{found.family}") if found.family else found


def year_of(view: View) -> int | None:
    """The year of the URL if it is shown, else the newest."""
    asked = int(view.filters.year) if view.filters.year.isdecimal() else None
    return asked if asked in view.years else view.year


def choices(view: View) -> list[str]:
    """Who can be compared: places only where there are two of a kind."""
    found = view.query(compare.units, view.selection)
    return [ALL, PEERS, CHOSEN, *[place for place in reversed(PLACES) if found[place] > 1]]


def who(view: View) -> str:
    """The URL's choice."""
    asked = view.filters.tab.split("-")[0]
    return asked if asked in choices(view) else ALL


def by_change(view: View) -> bool:
    """Whether the heat map is ordered by change."""
    return view.filters.tab.endswith(f"-{CHANGE}")


def anchor(view: View) -> Office | None:
    """The office whose peers are asked for."""
    if who(view) != PEERS or not view.filters.office:
        return None
    found: Office | None = view.query(offices.one, view.filters.office)
    return found


def members(view: View, year: int) -> Members:
    """Who is compared, from the URL."""
    kind = who(view)
    if kind in PLACES:
        return Members(kind)
    if kind == CHOSEN:
        return Members(offices=view.filters.offices)
    office = anchor(view)
    if office is None:
        return Members()
    on_hand = view.query(compare.volume, view.selection, office.office_id, year)
    return Members(anchor=office, volume=compare.similar(on_hand))


def comparison(view: View) -> Comparison | None:
    """Everything the figures of the page need; ``None`` without a year."""
    year = year_of(view)
    if year is None:
        return None
    metric, found = measure(view), members(view, year)
    pool = view.query(compare.summary, view.selection, metric, year, found)
    return Comparison(view, metric, year, who(view), found, pool)


def ready(c: Comparison, found: pd.DataFrame) -> pd.DataFrame:
    """Rows of the queries with their interval, side, texts and remark."""
    view, metric, t = c.view, c.metric, c.view.t
    rows = []
    for r in records(found):
        has = not formats.is_missing(r["value"])
        ends = intervals.interval(metric.kind, r["num"], r["den"]) if has else None
        low, high = ends or (None, None)
        small = not has or r["den"] < MIN_BASE
        failing = not r["ok"]
        notes = [t("chart.small_base", minimum=MIN_BASE)] if has and small else []
        notes += [t("chart.failing", rules=r["rules"])] if failing else []
        base = formats.fraction(r["num"], r["den"])
        rows.append(
            {
                **r,
                "row": f"{str(r['name']).replace('|', ' ')}|{base}|{r['key']}",
                "low": low,
                "high": high,
                "solid": not small and not failing,
                "value_text": formats.by_unit(r["value"], metric.unit, view.lang),
                "base_text": base,
                "interval_text": _interval(c, low, high),
                "n_text": formats.number(r["n"]),
                "remark": t("format.semicolon").join(notes),
                **_side(c, r, small),
            }
        )
    columns = [*found.columns, "row", "low", "high", "solid", "value_text", "base_text",
               "interval_text", "n_text", "remark", "side", "side_text"]  # fmt: skip
    return pd.DataFrame(rows, columns=list(dict.fromkeys(columns)))


def _interval(c: Comparison, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return formats.MISSING
    unit, lang = c.metric.unit, c.view.lang
    return f"{formats.by_unit(low, unit, lang)} – {formats.by_unit(high, unit, lang)}"


def _side(c: Comparison, row: dict[str, Any], small: bool) -> dict[str, str]:
    """Where a unit lies: ``side`` for its shape, ``side_text`` in words."""
    z = row.get("z")
    if small or formats.is_missing(z):
        side = "none"
    elif abs(float(z or 0)) <= Z95:
        side = "inside"
    elif abs(float(z or 0)) <= Z998:
        side = "inside95"
    else:
        side = "above" if float(z or 0) > 0 else "below"
    shape = "marked" if row.get("marked") else side if side in ("above", "below") else "inside"
    return {"side": shape, "side_text": c.view.t(f"compare.side.{side}")}


def tips(c: Comparison) -> list[tuple[str, str]]:
    """What a mark says on hover."""
    t = c.view.t
    found = [
        ("name", t("compare.column.unit")),
        ("value_text", c.view.words.metric(c.metric)),
        ("base_text", t("column.base")),
        ("interval_text", t("compare.column.interval")),
        ("side_text", t("compare.column.side")),
    ]
    if c.members.unit != OFFICE:
        found.append(("n_text", t("compare.column.reports")))
    return [*found, ("remark", t("column.remark"))]


# ------------------------------------------------------------------ the answer in words


def answer(c: Comparison) -> list[str]:
    """The question of the page answered: how many stand out, who, and what is not judged."""
    t, pool = c.view.t, c.pool
    common = {"year": c.year, "minimum": MIN_BASE, "rate": c.rate, "base": c.base, "unit": c.unit}
    small, ranked = formats.number(pool["small"]), formats.number(pool["ranked"])
    outside = int(pool["above"] + pool["below"])
    lines = [*_marked(c)]
    if not pool["ranked"]:
        lines.append(t("compare.answer_no_ranked", small=small, **common))
    elif not outside:
        lines.append(t("compare.answer_none", ranked=ranked, **common))
    else:
        lines.append(
            t(
                "compare.answer", ranked=ranked, outside=formats.number(outside),
                high=formats.number(pool["above"]), low=formats.number(pool["below"]),
                expected=formats.exact(float(f"{pool['ranked'] * BY_CHANCE:.1g}")), **common,
            )
        )  # fmt: skip
        found = ready(c, c.ask(compare.points, POINTS))
        lines += _names(c, found[found["pooled"].astype(bool)])
    return lines


def rest(c: Comparison) -> str:
    """Who is not ranked, in one line."""
    pool = c.pool
    return c.view.t(
        "compare.counts", minimum=MIN_BASE, unit=c.unit,
        **{name: formats.number(pool[name]) for name in ("small", "zero", "missing")},
    )  # fmt: skip


def _names(c: Comparison, found: pd.DataFrame) -> list[str]:
    """The units above and below, farthest out first."""
    t, out = c.view.t, []
    judged = found[found["den"] >= MIN_BASE]
    for side, picked in (("above", judged["z"] > Z998), ("below", judged["z"] < -Z998)):
        rows = records(judged[picked])
        if not rows:
            continue
        names = t("format.comma").join(
            t("compare.named", name=r["name"], value=r["value_text"]) for r in rows[:NAMES]
        )
        more = t("compare.and_more") if len(rows) > NAMES else ""
        out.append(t(f"compare.{side}", names=names + more))
    return out


def _marked(c: Comparison) -> list[str]:
    """Each office the reader asked about, against the limits."""
    asked = [c.members.anchor.office_id] if c.members.anchor else list(c.members.offices)
    if not asked or c.members.unit != OFFICE:
        return []
    t = c.view.t
    found = ready(c, c.ask(compare.points, POINTS))
    by_key = {r["key"]: r for r in records(found[found["marked"].astype(bool)])}
    names = c.view.query(offices.names, tuple(asked))
    out = []
    for office in records(names)[:NAMES]:
        r = by_key.get(office["office_id"])
        if r is None:
            out.append(t("compare.marked_none", name=office["name"]))
            continue
        small = r["den"] < MIN_BASE or formats.is_missing(r["z"])
        side = "small" if small else "inside"
        if not small and abs(float(r["z"])) > Z998:
            side = "above" if float(r["z"]) > 0 else "below"
        values = {"name": r["name"], "value": r["value_text"], "base": r["base_text"]}
        values |= {"minimum": MIN_BASE} if small else {}
        out.append(t(f"compare.marked_{side}", **values))
    return out


# ------------------------------------------------------------------ the figures


@register("compare/funnel")
def funnel(view: View, _: str = "") -> Figure | None:
    """Rates against their bases with 95 % and 99.8 % limits around the pooled rate."""
    c = comparison(view)
    found = ready(c, c.ask(compare.points, POINTS)) if c else pd.DataFrame()
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
        name="compare/funnel", title=title, draw=chart, sentence=sentence, twin=_twin(c, found),
        definition=view.definition(c.metric), hint=hint, data=_data(found, c.year),
        native=_funnel_native(c, found), n=int(c.pool["units"]), picks=_picks(c, found),
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


def _funnel_native(c: Comparison, found: pd.DataFrame) -> Native:
    rows = found.sort_values("den")
    t, rate = c.view.t, c.pool["rate"]
    series = [Series(c.view.words.metric(c.metric), _values(rows["value"]), hollow=hollow(rows))]
    limits = ((Z95, "compare.limit_95", LIGHT.peers), (Z998, "compare.limit_998", LIGHT.quiet))
    for z, name, colour in limits:
        ends = [
            None if rate is None else intervals.limits(c.metric.kind, rate, float(d), z)
            for d in rows["den"]
        ]
        for side in (0, 1):
            values = tuple(None if e is None else e[side] for e in ends)
            series.append(Series(t(name), values, colour, curve=True))
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
    ranked = ready(c, c.ask(compare.ranking, TABLE_ENDS))
    found, extra = _dot_rows(c, ranked)
    if found.empty:
        return None
    title = t("compare.dots_title", metric=words.metric(c.metric), whom=c.whom, year=c.year)
    if ranked.empty:
        sentence = t("compare.dots_none", minimum=MIN_BASE)
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
    shown = found if ranked.empty else ranked
    return Figure(
        name="compare/dots", title=title, draw=chart, sentence=sentence, twin=_twin(c, shown),
        definition=view.definition(c.metric), hint=hint + extra, data=_data(shown, c.year),
        native=Native(
            "bar", tuple(found["name"]),
            (Series(words.metric(c.metric), _values(found["value"]), hollow=hollow(found)),),
            x_title=words.axis(c.metric), percent=c.metric.unit == "percent",
        ),
        n=int(c.pool["units"]), picks=_picks(c, found),
    )  # fmt: skip


def _dot_rows(c: Comparison, ranked: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows of the picture and the words for what it leaves out.

    Ranked units first; chosen offices with a small base below them, hollow; where nobody is ranked
    the units with the largest bases.
    """
    if ranked.empty:
        loose = ready(c, c.ask(compare.points, POINTS))
        return loose.sort_values("den", ascending=False).head(2 * ENDS), ""
    total = int(ranked["total"].iloc[0])
    position = ranked["position"].astype(int)
    ends = (position <= ENDS) | (position > total - ENDS)
    marked = ranked["marked"].astype(bool)
    shown = ranked[(marked if c.who == CHOSEN and marked.any() else ends) | marked]
    small = ready(c, c.ask(compare.unranked, REASONS))
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
    raw = c.ask(compare.heat, HEAT_ROWS, change)
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
    wide = pd.DataFrame({t("compare.column.unit"): list(names["name"])})
    texts = {(r["key"], int(r["year"])): r["value_text"] for r in records(found)}
    for year in years:
        wide[str(year)] = [texts.get((key, year), formats.MISSING) for key in names.index]
    first = found.iloc[0]
    hint = t(
        "compare.heat_hint", minimum=MIN_BASE, n=formats.number(first["picked"]),
        total=formats.number(first["total"]),
    )  # fmt: skip
    data = found[["key", "name", "year", "num", "den", "n", "value"]].reset_index(drop=True)
    return Figure(
        name="compare/heat", title=title, draw=chart, sentence=sentence,
        twin=Twin(wide, tuple(str(y) for y in years)), definition=view.definition(c.metric),
        hint=hint, data=data.assign(metric=c.metric.key), n=int(c.pool["units"]),
        picks=_picks(c, found, by_year=True),
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

    return c.view.t(
        "compare.heat_sentence_change" if change else "compare.heat_sentence",
        first=first["name"], first_value=text(first["sort_value"]),
        last=last["name"], last_value=text(last["sort_value"]),
        **({} if change else {"year": c.year}),
    )  # fmt: skip


# ------------------------------------------------------------------ shared parts


def _twin(c: Comparison, found: pd.DataFrame) -> Twin:
    t = c.view.t
    out = pd.DataFrame()
    if "place" in found:
        out[t("compare.column.place")] = [formats.number(v) for v in found["place"]]
    names: Sequence[tuple[str, str]] = tips(c)
    for column, title in names:
        out[title] = list(found[column])
    if "below" in found:
        out[t("compare.column.below")] = [formats.percent(v, 0) for v in found["below"]]
    right = [title for column, title in names if column not in ("name", "side_text", "remark")]
    right += [t(f"compare.column.{x}") for x in ("place", "below") if x in found]
    return Twin(out, tuple(right))


def _picks(
    c: Comparison, found: pd.DataFrame, *, by_year: bool = False
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The marks for the keyboard: a unit's name, of a heat map its year, and its value."""
    out = []
    for r in records(found):
        if formats.is_missing(r["value"]):
            continue
        fields: dict[str, Any] = {"key": r["key"]}
        name = str(r["name"])
        if by_year:
            fields["year"] = int(r["year"])
            name = c.view.t("format.dot").join((name, str(r["year_text"])))
        value = c.view.t("chart.rate_base", rate=r["value_text"], base=r["base_text"])
        out.append((c.view.t("format.pair", one=name, two=value), fields))
    return tuple(out)


def _data(found: pd.DataFrame, year: int) -> pd.DataFrame:
    columns = ["key", "name", "num", "den", "n", "value", "low", "high", "z"]
    return found[columns].assign(year=year).reset_index(drop=True)


def _values(column: Any) -> tuple[float | None, ...]:
    return tuple(None if formats.is_missing(v) else float(v) for v in column)
