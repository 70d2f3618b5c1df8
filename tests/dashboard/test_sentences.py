"""Figures in sentences, tooltips and tables: each is the query's, in the unit it is said in."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from charting import valid
from test_charts import data
from test_compare_answer import ZH
from test_same_everywhere import view_of

from dashboard import figures, formats
from dashboard.figures import comparing, requests_rates
from dashboard.figures import profile as profile_figures
from dashboard.figures import requests as requests_figures
from dashboard.filters import Selection
from dashboard.queries import profile, quality, roster, series
from dashboard.stats import MIN_BASE, Z95, Z998
from dashboard.view import View

NUMBER = re.compile(r"[+−]?\d[\d,]*\.\d+")


def built(view: View, name: str) -> figures.Figure:
    figure = figures.build(name, view)
    assert figure is not None
    return figure


@pytest.fixture(scope="module")
def overview(warehouses: dict[str, Path]) -> View:
    return view_of(warehouses["demo"], "overview", Selection())


def effects_of(view: View) -> pd.DataFrame:
    found = view.query(series.why_moved, view.selection, "disclosure_rate", view.year)
    return found.set_index("effect")


def test_why_a_rate_moved_is_said_in_points_that_add_up(overview: View) -> None:
    figure, effects = built(overview, "overview/why"), effects_of(overview)
    said = [formats.signed(effects.loc[e, "points"] * 100, 2) for e in ("rate", "mix", "panel")]
    total = effects.loc["total"]
    sides = [f"{total[side] * 100:.1f}" for side in ("before", "now")]
    moved = formats.signed((total["now"] - total["before"]) * 100, 2)
    assert NUMBER.findall(figure.sentence) == [moved, *sides, *said]
    frame = figure.twin.frame
    assert list(frame[ZH("column.points")]) == [*(said[i] for i in (1, 0, 2)), moved]
    spec = valid(figure.draw())
    drawn = {row["key"]: row["value"] for row in data(spec, spec["layer"][0])}
    assert drawn["total"] == pytest.approx(total["points"] * 100)


def test_why_the_cases_moved_is_said_in_cases(overview: View) -> None:
    figure, effects = built(overview, "overview/why_cases"), effects_of(overview)
    order = ("total", "volume", "mix", "rate", "panel")
    assert NUMBER.findall(figure.sentence) == [
        formats.signed(effects.loc[e, "count"], 1) for e in order
    ]
    assert next(iter(figure.twin.frame[ZH("column.points")])) == formats.MISSING, "volume: no rate"


def test_who_moved_a_rate_most_is_named_first_with_points(overview: View) -> None:
    figure = built(overview, "overview/who")
    found = overview.query(
        series.who_moved, overview.selection, "disclosure_rate", overview.year, 1000
    )
    first = found.loc[found["points"].abs().idxmax()]
    assert first["name"] in figure.sentence
    assert formats.signed(first["points"] * 100, 2) in figure.sentence
    row = figure.twin.frame.iloc[0]
    assert row[ZH("column.before")] == formats.fraction(first["n0"], first["d0"])
    assert row[ZH("column.now")] == formats.fraction(first["n1"], first["d1"])
    assert set(figure.twin.right) == {ZH(f"column.{c}") for c in ("change", "before", "now")}


@pytest.mark.parametrize(
    ("z", "side"),
    [
        (0, "inside"), (Z95, "inside"), (-Z95, "inside"), (Z95 + 0.01, "inside95"),
        (-Z998, "inside95"), (Z998 + 0.01, "above"), (-Z998 - 0.01, "below"), (None, "none"),
    ],
)  # fmt: skip
def test_where_a_unit_lies_is_judged_by_the_limits(z: float | None, side: str) -> None:
    def lies(small: bool, **more: Any) -> dict[str, str]:
        return comparing._side(comparison, {"z": z, **more}, small)

    comparison: Any = SimpleNamespace(view=SimpleNamespace(t=ZH))
    assert lies(False)["side_text"] == ZH(f"compare.side.{side}")
    assert lies(False)["side"] == (side if side in ("above", "below") else "inside")
    assert lies(False, marked=True)["side"] == "marked"
    assert lies(True) == {"side": "inside", "side_text": ZH("compare.side.none")}


def test_rates_of_applicants_stand_beside_the_pool_of_the_same_year(
    warehouses: dict[str, Path],
) -> None:
    view = view_of(warehouses["demo"], "requests", Selection())
    figure = built(view, "requests/rates")
    pool = view.query(series.by_year, view.selection, ("disclosure_rate",), view.with_base)
    (rate,) = pool.loc[pool["year"] == view.year, "value"]
    assert ZH("requests.reference", rate=formats.percent(rate)) in figure.hint


def test_grounds_over_the_years_name_the_three_largest_of_the_newest(
    warehouses: dict[str, Path],
) -> None:
    view = view_of(warehouses["demo"], "requests", Selection())
    figure = built(view, "requests/ground/denied")
    frame = requests_figures.pooled(view)
    keys = [m.key for m in view.meta.shares_of("denied")]
    newest = frame[(frame["year"] == view.year) & frame["metric"].isin(keys)]
    top = newest.sort_values("value", ascending=False).head(3)
    assert str(view.year) in figure.sentence
    for r in top.itertuples():
        assert f"{r.value * 100:.1f}%" in figure.sentence
    assert figure.sentence.count("%") == 3


def test_a_rate_on_a_small_base_says_so_and_a_missing_one_says_nothing(
    warehouses: dict[str, Path],
) -> None:
    view = view_of(warehouses["demo"], "requests", Selection())
    rows = [
        {"metric": "disclosure_rate", "year": 2024, "num": num, "den": den, "n": 1, "reports": 1,
         "value": value}
        for num, den, value in ((5, MIN_BASE - 1, 0.2), (15, MIN_BASE, 0.5), (None, None, None))
    ]  # fmt: skip
    judged = requests_rates._judged
    ready = judged(view, pd.DataFrame(rows), {"disclosure_rate": "公开率"})
    assert list(ready["solid"]) == [False, True, False]
    assert list(ready["remark"]) == [ZH("chart.small_base", minimum=MIN_BASE), "", ""]
    assert list(ready["value_text"]) == ["20.0%", "50.0%", formats.MISSING]


def test_a_stock_that_does_not_add_up_is_off_by_reported_less_recomputed(
    warehouses: dict[str, Path],
) -> None:
    view = view_of(warehouses["demo"], "proactive", Selection())
    figure = built(view, "proactive/stock/normdocs")
    frame = figure.twin.frame
    assert len(frame) > 1

    def amounts(column: str) -> list[float]:
        return [float(v.replace(",", "").replace("−", "-")) for v in frame[ZH(column)]]

    before, issued, gone, expected, reported, off = map(amounts, (
        "proactive.column_before", "proactive.column_issued", "proactive.column_repealed",
        "proactive.recomputed", "proactive.reported", "column.difference",
    ))  # fmt: skip
    for i in range(len(frame)):
        assert expected[i] == before[i] + issued[i] - gone[i]
        assert off[i] == reported[i] - expected[i]
    assert any(off)
    assert f"相差 {frame[ZH('column.difference')].iloc[-1]}" in figure.sentence


# ------------------------------------------------------------------ 数据质量, 机构档案


@pytest.fixture(scope="module")
def quality_view(warehouses: dict[str, Path]) -> View:
    return view_of(warehouses["demo"], "quality", Selection())


def test_arrivals_are_told_for_the_newest_year_and_fill_each_bar(quality_view: View) -> None:
    figure = built(quality_view, "quality/arrivals")
    found = quality_view.query(roster.arrivals, quality_view.selection, quality_view.today)
    latest = found[found["year"] == found["year"].max()]
    expected = int(latest["expected"].iloc[0])
    assert latest["n"].sum() == expected
    told = figure.sentence.split("：", 1)[1].split("，", 1)
    assert told[0] == f"应报{expected}家"
    for r in latest.itertuples():
        assert f"{ZH(f'quality.arrival.{r.arrival}')} {r.n}" in told[1]
    assert figure.n == latest.loc[~latest["arrival"].isin(roster.GONE), "n"].sum()
    assert figure.expected == expected
    spec = valid(figure.draw())
    bars = pd.DataFrame(data(spec, spec["layer"][0]))
    for _, year in bars.groupby("year"):
        assert list(year["start"]) == pytest.approx([0.0, *list(year["end"])[:-1]])
        assert year["end"].iloc[-1] == pytest.approx(1)


def test_the_place_with_most_failing_reports_of_the_newest_such_year_is_named(
    quality_view: View,
) -> None:
    figure = built(quality_view, "quality/places")
    found = quality_view.query(quality.failing_places, quality_view.selection)
    year = found.loc[found["failing"] > 0, "year"].max()
    latest = found[found["year"] == year]
    worst = latest.loc[latest["failing"].idxmax()]
    base = formats.fraction(worst["failing"], worst["reports"])
    share = formats.percent(worst["failing"] / worst["reports"])
    assert figure.sentence == ZH(
        "quality.places_sentence", year=int(year), name=worst["name"], base=base, share=share
    )
    assert (figure.n, figure.expected) == (latest["failing"].sum(), latest["reports"].sum())
    rows = list(dict.fromkeys(valid(figure.draw())["layer"][0]["encoding"]["y"]["sort"]))
    sums = found.groupby("name")["failing"].sum()
    assert [sums[r] for r in rows] == sorted((sums[r] for r in rows), reverse=True)


def test_the_format_with_most_unread_cells_is_named_with_its_share(quality_view: View) -> None:
    figure = built(quality_view, "quality/unread")
    found = quality_view.query(quality.unread_by_layout, quality_view.selection)
    sums = found.groupby("format")[["unread", "cells"]].sum()
    most = sums.loc[sums["unread"].idxmax()]
    assert formats.fraction(most["unread"], most["cells"]) in figure.sentence
    assert formats.percent(most["unread"] / most["cells"]) in figure.sentence


@pytest.mark.parametrize("agrees", [True, False])
def test_continuity_counts_comparable_years_and_names_those_that_disagree(
    warehouses: dict[str, Path], quality_view: View, agrees: bool
) -> None:
    broken = quality_view.query(quality.continuity, quality_view.selection)
    office = "o-990100b" if agrees else str(broken["office_id"].iloc[0])
    view = view_of(warehouses["demo"], "profile", Selection())
    view = replace(view, filters=replace(view.filters, office=office))
    found = view.query(profile.continuity, view.selection, office).dropna(subset=["difference"])
    bad = found[found["difference"] != 0]
    assert (len(bad) == 0) is agrees
    years = ZH("format.comma").join(str(y) for y in bad["year"])
    key = "profile.continuity_ok" if agrees else "profile.continuity_bad"
    figure = built(view, "profile/continuity")
    assert figure.sentence == ZH(key, n=len(found), bad=len(bad), years=years)


@pytest.mark.parametrize(
    ("scopes", "scope"),
    [(["region"], "region"), (["own_office"], "own"), (["region", "own_office"], "own"),
     ([], "own")],
)  # fmt: skip
def test_an_office_is_shown_in_the_scope_it_reports_in(
    quality_view: View, scopes: list[str], scope: str
) -> None:
    current = [True] * len(scopes)
    reports = pd.DataFrame({"scope": [*scopes, "region"], "is_current": [*current, False]})
    opened: Any = SimpleNamespace(documents=reports)
    assert quality_view.selection.scope == "own"
    assert profile_figures.covering(quality_view, opened).selection.scope == scope
