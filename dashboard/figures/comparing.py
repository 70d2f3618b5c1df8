"""What 机构对比 compares, from the URL: measure, year, members; a unit's row for every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from dashboard import formats, intervals
from dashboard.figures.base import Twin
from dashboard.figures.base import year_of as year_of_reports
from dashboard.frames import records
from dashboard.queries import compare, offices, series
from dashboard.queries.base import PLACES
from dashboard.queries.compare import OFFICE, Members, Standing
from dashboard.queries.meta import Metric
from dashboard.queries.offices import Office
from dashboard.stats import MIN_BASE, Z95, Z998
from dashboard.view import View

ALL, PEERS, CHOSEN = "all", "peers", "chosen"
#: A part of the URL's ``tab``: the heat map's order.
CHANGE: Final = "change"
#: Fewer peers make a pooled rate that is itself uncertain.
FEW_PEERS: Final = 5


@dataclass(frozen=True)
class Comparison:
    """What the page compares: measure, year, members, and how the units lie."""

    view: View
    metric: Metric
    year: int
    who: str
    members: Members
    standing: Standing

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

    @property
    def pool(self) -> dict[str, Any]:
        """How the pooled units lie, counted."""
        return self.standing.pool

    @property
    def points(self) -> pd.DataFrame:
        """The units of the funnel, ready; a reader may add columns."""
        return self._points.copy(deep=False)

    @cached_property
    def _points(self) -> pd.DataFrame:
        return ready(self, self.standing.points)

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """Both ends of the ranking, ready."""
        return ready(self, self.standing.ranking)

    @cached_property
    def unranked(self) -> pd.DataFrame:
        """Who is not ranked, ready."""
        return ready(self, self.standing.unranked)


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
    """The year of the URL if it is shown, else the newest in which anybody has the measure."""
    asked = int(view.filters.year) if view.filters.year.isdecimal() else None
    if asked in view.years:
        return asked
    found = view.query(series.by_year, view.selection, (measure(view).key,), view.with_base)
    return year_of_reports(view, found[found["n"] > 0])


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
    return view.kept("compare", lambda: _comparison(view))


def _comparison(view: View) -> Comparison | None:
    year = year_of(view)
    if year is None:
        return None
    metric, found = measure(view), members(view, year)
    standing = view.query(compare.standing, view.selection, metric, year, found)
    return Comparison(view, metric, year, who(view), found, standing)


def ready(c: Comparison, found: pd.DataFrame) -> pd.DataFrame:
    """Rows of the queries with their interval, side, texts and remark."""
    view, metric, t = c.view, c.metric, c.view.t
    rows = []
    ends = intervals.many(metric.kind, found["num"], found["den"])
    for r, (low, high) in zip(records(found), ends, strict=True):
        has = not formats.is_missing(r["value"])
        low, high = (low, high) if has else (None, None)
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


# ------------------------------------------------------------------ shared by the figures


def twin(c: Comparison, found: pd.DataFrame) -> Twin:
    """The table beside a picture."""
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


def picks(
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


def data(found: pd.DataFrame, year: int) -> pd.DataFrame:
    """The raw values of some units, for files."""
    columns = ["key", "name", "num", "den", "n", "value", "low", "high", "z"]
    return found[columns].assign(year=year).reset_index(drop=True)


def values(column: Any) -> tuple[float | None, ...]:
    """A column of numbers for a native chart, ``None`` where there is none."""
    return tuple(None if formats.is_missing(v) else float(v) for v in column)
