"""机构对比 against plain Python: who is compared, who is ranked, who lies outside the limits."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import fixture_warehouse as fixture
import pandas as pd
import pytest
from charting import valid
from test_charts import data, layers
from test_pages import Open, html, open_app
from test_registered_figures import open_view

from dashboard import figures, intervals
from dashboard.charts import compare as charts
from dashboard.charts.base import Look
from dashboard.db import Database
from dashboard.figures import compare as page
from dashboard.figures import comparing
from dashboard.filters import Selection
from dashboard.queries import compare, offices
from dashboard.queries.base import EVERYTHING, Viewer
from dashboard.queries.compare import Members
from dashboard.queries.meta import Meta
from dashboard.stats import MIN_BASE, Z95, Z998, wilson

__all__ = ["open_app"]
Report = fixture.Report
YEAR = 2024
KEYS = ("disclosure_rate", "carry_over_rate", "disputes_per_100", "biz_disclosure_rate")
OFFICE = "o-9901021"


def known(found: list[Report], key: str, year: int) -> dict[str, tuple[int, int]]:
    """Office → numerator and denominator of a year, where both are known."""
    out = {}
    for r in found:
        num, den = fixture.metric(key, r.cells)
        if r.year == year and num is not None and den is not None:
            out[r.office.office_id] = (num, den)
    return out


def score(kind: str, num: float, den: float, rate: float) -> float | None:
    variance = rate if kind == "per100" else rate * (1 - rate)
    return (num / den - rate) / math.sqrt(variance / den) if den and variance > 0 else None


@pytest.mark.parametrize("key", KEYS)
def test_the_summary_counts_who_lies_where(
    db: Database, meta: Meta, reports: list[Report], key: str
) -> None:
    metric = meta.metrics[key]
    found = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members()).pool
    values = known(reports, key, YEAR)
    num, den = (sum(v[i] for v in values.values()) for i in (0, 1))
    rate = num / den
    ranked = {o: v for o, v in values.items() if v[1] >= MIN_BASE}
    z = [score(metric.kind, *v, rate) or 0.0 for v in ranked.values()]
    assert (found["num"], found["den"], found["rate"]) == (num, den, pytest.approx(rate))
    assert found["units"] == sum(r.year == YEAR for r in reports)
    assert found["ranked"] == len(ranked)
    assert found["small"] == sum(0 < v[1] < MIN_BASE for v in values.values())
    assert found["zero"] == sum(v[1] == 0 for v in values.values())
    assert found["missing"] == found["units"] - len(values)
    assert found["above"] == sum(v > Z998 for v in z)
    assert found["below"] == sum(v < -Z998 for v in z)
    assert found["outside95"] == sum(abs(v) > Z95 for v in z)


@pytest.mark.parametrize("key", KEYS)
def test_points_and_limits_agree_on_who_is_outside(
    db: Database, meta: Meta, reports: list[Report], key: str
) -> None:
    """The score in SQL and the curves on the chart are two ways to the same verdict."""
    metric = meta.metrics[key]
    rate = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members()).pool["rate"]
    found = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members()).points
    values = {o: v for o, v in known(reports, key, YEAR).items() if v[1]}
    assert set(found["key"]) == set(values)
    assert set(found["total"]) == {len(values)}
    for r in found.itertuples():
        assert (r.num, r.den) == values[r.key]
        assert r.value == pytest.approx(r.num / r.den)
        limits = intervals.limits(metric.kind, rate, r.den, Z998)
        assert limits is not None
        assert (r.value > limits[1]) == (r.z > Z998)
        assert (r.value < limits[0]) == (r.z < -Z998)


def test_points_keep_the_asked_and_the_largest(db: Database, meta: Meta) -> None:
    metric = meta.metrics["disclosure_rate"]
    tiny = "o-990101t"
    asked = Members(offices=(tiny,))
    found = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, asked, points=4).points
    assert len(found) == 4
    assert tiny in set(found[found["marked"]]["key"])
    assert found["total"].iloc[0] > 4


@pytest.mark.parametrize("key", KEYS)
def test_only_large_bases_are_ranked_and_the_rest_get_a_reason(
    db: Database, meta: Meta, reports: list[Report], key: str
) -> None:
    metric, values = meta.metrics[key], known(reports, key, YEAR)
    ranked = {o: n / d for o, (n, d) in values.items() if d >= MIN_BASE}
    found = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members()).ranking
    assert dict(zip(found["key"], found["value"], strict=True)) == pytest.approx(ranked)
    assert list(found["value"]) == sorted(ranked.values(), reverse=True)
    for r in found.itertuples():
        assert r.place == 1 + sum(v > r.value for v in ranked.values())
        lower = sum(v < r.value for v in ranked.values())
        assert (
            math.isnan(r.below)
            if len(ranked) == 1
            else r.below == pytest.approx(lower / (len(ranked) - 1))
        )
    apart = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members()).unranked
    everyone = {r.office.office_id for r in reports if r.year == YEAR}
    assert set(apart["key"]) == everyone - set(ranked)
    for r in apart.itertuples():
        den = values.get(r.key, (0, None))[1]
        assert r.reason == ("missing" if den is None else "small" if den else "zero")


def test_a_long_ranking_keeps_both_ends(db: Database, meta: Meta) -> None:
    metric = meta.metrics["disclosure_rate"]
    whole = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members()).ranking
    ends = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, Members(), ends=2).ranking
    assert list(ends["key"]) == [*whole["key"][:2], *whole["key"][-2:]]
    assert set(ends["total"]) == {len(whole)}


def test_peers_are_alike_and_leave_the_office_out(
    db: Database, meta: Meta, reports: list[Report]
) -> None:
    office = offices.one(EVERYTHING, db, OFFICE)
    assert office is not None
    by = {r.office.office_id: r for r in reports if r.year == YEAR}
    mine = fixture.metric(compare.VOLUME, by[OFFICE].cells)[0]
    on_hand = compare.volume(EVERYTHING, db, Selection(), OFFICE, YEAR)
    assert on_hand == mine
    members = Members(anchor=office, volume=compare.similar(on_hand))
    low, high = members.volume or (0, 0)
    expected = {
        o for o, r in by.items()
        if o != OFFICE and (r.office.level, r.office.kind) == (office.level, office.kind)
        and low <= (fixture.metric(compare.VOLUME, r.cells)[0] or 0) <= high
    }  # fmt: skip
    assert 0 < len(expected) < sum(r.office.kind == office.kind for r in by.values()) - 1
    metric = meta.metrics["disclosure_rate"]
    found = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, members).points
    having = {o for o, v in known(reports, metric.key, YEAR).items() if v[1]}
    assert set(found[found["pooled"]]["key"]) == expected & having
    assert set(found[found["marked"]]["key"]) == {OFFICE} & having
    summary = compare.standing(EVERYTHING, db, Selection(), metric, YEAR, members).pool
    assert summary["units"] == len(expected)
    assert summary["den"] == sum(v[1] for o, v in known(reports, metric.key, YEAR).items()
                                 if o in expected)  # fmt: skip


def test_chosen_offices_are_shown_beside_the_filters_not_pooled_into_them(
    db: Database, meta: Meta, reports: list[Report]
) -> None:
    metric, selection = meta.metrics["disclosure_rate"], Selection(region="990100")
    members = Members(offices=("o-990200b",))
    standing = compare.standing(EVERYTHING, db, selection, metric, YEAR, members)
    found = standing.points.set_index("key")
    assert found.loc["o-990200b", "marked"]
    assert not found.loc["o-990200b", "pooled"]
    plain = compare.standing(EVERYTHING, db, selection, metric, YEAR, Members()).pool
    assert standing.pool == plain


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("unit", ["county", "city"])
def test_places_pool_their_offices(
    db: Database, meta: Meta, reports: list[Report], unit: str, balanced: bool
) -> None:
    metric = meta.metrics["disclosure_rate"]
    counts = Counter(r.office.office_id for r in reports)
    every = {office for office, n in counts.items() if n == len(fixture.YEARS)}
    kept = [r for r in reports if not balanced or r.office.office_id in every]
    expected: dict[str, list[int]] = {}
    place = {r.office.office_id: getattr(r.office, unit) for r in kept}
    for office, (num, den) in known(kept, metric.key, YEAR).items():
        if place[office]:
            row = expected.setdefault(place[office], [0, 0, 0])
            row[:] = [row[0] + num, row[1] + den, row[2] + 1]
    selection = Selection(balanced=balanced)
    found = compare.standing(EVERYTHING, db, selection, metric, YEAR, Members(unit)).points
    assert {r.key: [r.num, r.den, r.n] for r in found.itertuples()} == expected
    assert all(found["name"] != found["key"])


@pytest.mark.parametrize("by_change", [False, True])
def test_the_heat_map_holds_reported_years_only(
    db: Database, meta: Meta, reports: list[Report], by_change: bool
) -> None:
    metric = meta.metrics["disclosure_rate"]
    found = compare.heat(EVERYTHING, db, Selection(), metric, YEAR, Members(), 6, by_change)
    values = {y: known(reports, metric.key, y) for y in fixture.YEARS}
    rate = {y: {o: n / d for o, (n, d) in v.items() if d} for y, v in values.items()}
    judged = {o: v for o, v in rate[YEAR].items() if values[YEAR][o][1] >= MIN_BASE}
    assert found["key"].nunique() == 6
    assert set(found["key"]) <= set(judged)
    for r in found.itertuples():
        assert rate[r.year].get(r.key) == (None if math.isnan(r.value) else pytest.approx(r.value))
    if by_change:
        moved = {o: abs(v - rate[YEAR - 1][o]) for o, v in judged.items() if o in rate[YEAR - 1]}
        assert set(found["key"]) == set(sorted(moved, key=lambda o: -moved[o])[:6])
    else:
        order = sorted(judged, key=lambda o: judged[o])
        assert set(found["key"]) == {*order[:3], *order[-3:]}
    assert list(found["sort_value"]) == sorted(found["sort_value"], reverse=True)


def test_nothing_outside_the_viewers_scope(db: Database, meta: Meta) -> None:
    metric, one = meta.metrics["disclosure_rate"], Viewer(frozenset({"990101"}))
    asked = Members(offices=("o-990200b",))
    found = compare.standing(one, db, Selection(region="990200"), metric, YEAR, asked).points
    assert found.empty
    mine = compare.standing(one, db, Selection(), metric, YEAR, asked).points
    assert all(key.startswith("o-990101") for key in mine["key"])
    nothing = Viewer(frozenset())
    assert compare.standing(nothing, db, Selection(), metric, YEAR, Members()).pool["units"] == 0
    assert compare.heat(nothing, db, Selection(), metric, YEAR, Members(), 9, False).empty
    assert compare.units(nothing, db, Selection())["county"] == 0


@pytest.mark.parametrize(
    ("events", "low", "high"),  # exact Poisson limits: Garwood 1936 by chi-square quantiles
    [(1, 0.0253, 5.5716), (4, 1.0899, 10.2416), (10, 4.7954, 18.3904), (50, 37.1109, 65.9185)],
)
def test_the_interval_of_events_is_close_to_the_exact_one(
    events: int, low: float, high: float
) -> None:
    found = intervals.byar(events)
    assert found[0] == pytest.approx(low, abs=0.02)
    assert found[1] == pytest.approx(high, abs=0.02)
    assert intervals.byar(0)[0] == 0


def test_intervals_follow_the_kind_of_metric() -> None:
    assert intervals.interval("ratio", 8, 10) == wilson(8, 10)
    assert intervals.interval("ratio", 12, 10) is None
    ends = intervals.interval("per100", 10, 8)  # the exact limits of 10 events, see above
    assert ends == (pytest.approx(4.7954 / 8, abs=0.003), pytest.approx(18.3904 / 8, abs=0.003))
    assert intervals.interval("per100", 1, 0) is None
    assert intervals.limits("per100", 0.09, 100, 2) == (pytest.approx(0.03), pytest.approx(0.15))
    assert intervals.limits("ratio", 1.4, 100, 2) is None


@pytest.mark.parametrize("kind", ["ratio", "per100"])
def test_many_intervals_are_each_the_one_of_its_rate(kind: str) -> None:
    num, den = [0, 3, 10, 9, 4], [5, 10, 8, 9, 0]
    each = [intervals.interval(kind, n, d) or (None, None) for n, d in zip(num, den, strict=True)]
    assert intervals.many(kind, num, den) == each
    assert each[0][0] == 0
    assert each[4] == (None, None)
    assert (each[2] == (None, None)) is (kind == "ratio"), "only events may exceed their base"


# ------------------------------------------------------------------ figures and charts


def opened(folder: Path, lang: str = "zh", **fields: Any) -> Any:
    view = open_view(folder, "compare", lang)
    return replace(view, filters=replace(view.filters, **{"office": "", **fields}))


def spec(view: Any, name: str) -> dict[str, Any]:
    figure = figures.build(name, view)
    assert figure is not None
    drawn: dict[str, Any] = valid(figure.draw())
    return drawn


@pytest.mark.parametrize("tab", ["", "county", "city", "chosen", "all-change"])
@pytest.mark.parametrize("metric", [
    "disclosure_rate", "disputes_per_100",
    pytest.param("carry_over_rate", marks=pytest.mark.long),
    pytest.param("biz_disclosure_rate", marks=pytest.mark.long),
])  # fmt: skip
def test_charts_are_valid_titled_and_sorted(
    warehouses: dict[str, Path], tab: str, metric: str
) -> None:
    chosen = (OFFICE, "o-990100b") if tab == "chosen" else ()
    view = opened(warehouses["demo"], tab=tab, metric=metric, offices=chosen)
    title = view.words.axis(view.meta.metrics[metric])
    drawn = spec(view, "compare/funnel")
    point = layers(drawn, "point")[0]
    assert point["encoding"]["x"]["scale"]["type"] == "log"
    assert point["encoding"]["y"]["title"] == title
    assert point["encoding"]["shape"]["scale"]["range"] == [
        "circle", "triangle-up", "triangle-down", "diamond"
    ]  # fmt: skip
    rows = data(drawn, point)
    for row in rows:
        assert row["solid"] == (row["den"] >= MIN_BASE and row["ok"])
        assert ("T3-SUM" in row["remark"]) == (not row["ok"])
    assert {r["side"] for r in rows} <= {"inside", "above", "below", "marked"}
    assert {r["key"] for r in rows if r["side"] == "marked"} <= set(chosen)
    lines = layers(drawn, "line")
    assert [x["mark"]["strokeDash"] for x in lines[:4]] == [[1, 0], [1, 0], [5, 4], [5, 4]]
    drawn = spec(view, "compare/dots")
    point = layers(drawn, "point")[0]
    values = [r["value"] for r in data(drawn, point)]
    ranked = [r["value"] for r in data(drawn, point) if r["den"] >= MIN_BASE]
    assert ranked == sorted(ranked, reverse=True)
    assert point["encoding"]["x"]["title"] == title
    assert point["encoding"]["x"]["scale"]["domain"][0] == 0
    assert len(values) <= 2 * page.ENDS + 2
    drawn = spec(view, "compare/heat")
    rect = layers(drawn, "rect")[0]
    assert {"filter": "isValid(datum.value)"} in rect["transform"]
    assert rect["encoding"]["x"]["scale"]["domain"] == list(fixture.YEARS)


def test_a_rate_beyond_the_picture_stands_at_its_edge_with_its_value() -> None:
    rows = [("a", 100.0, 0.5, True, ""), ("b", 90.0, 0.7, True, ""), ("c", 4.0, 1.0, False, "")]
    frame = pd.DataFrame(
        [*rows, ("d", 3.0, 4.0, False, "")], columns=["key", "den", "value", "solid", "label"]
    ).assign(side="inside", marked=False, value_text=lambda f: [f"{v:.0%}" for v in f["value"]])
    columns = ["den", "mean", "low95", "high95", "low998", "high998"]
    curves = pd.DataFrame([(30.0, 0.5, 0.3, 0.7, 0.2, 0.8)], columns=columns)
    top = page._top(frame, curves)
    assert 1.0 < top < 1.5
    frame["beyond"] = frame["value_text"].where(frame["value"] > top, "")
    drawn = valid(charts.funnel(
        frame, curves, Look(dark=False, lang="zh"), unit="percent", x_title="x", y_title="y",
        limit_titles=("99.8%", "95%"), description="d", tips=[("key", "k")], top=top,
    ))  # fmt: skip
    point = layers(drawn, "point")[0]
    shown = {r["key"]: (r["shown"], r["beyond"]) for r in data(drawn, point)}
    high = point["encoding"]["y"]["scale"]["domain"][1]
    assert shown["d"] == (high, "400%")
    assert shown["c"] == (pytest.approx(100.0), "")
    assert all(0 <= value <= high for value, _ in shown.values())


def test_the_same_figure_stands_here_and_on_the_overview(warehouses: dict[str, Path]) -> None:
    view = opened(warehouses["demo"])
    c = comparing.comparison(view)
    trend = figures.build("overview/trend/disclosure_rate", view)
    assert c is not None
    assert trend is not None
    assert trend.data is not None
    newest = trend.data.set_index("year").loc[c.year]
    assert (newest["num"], newest["den"]) == (c.pool["num"], c.pool["den"])
    assert newest["value"] == pytest.approx(c.pool["rate"])


def test_the_definition_chosen_for_a_family_holds_here(warehouses: dict[str, Path]) -> None:
    families = (("disclosure", "disclosure_rate_substantive"),)
    view = opened(warehouses["demo"], families=families, metric="disclosure_rate")
    assert comparing.measure(view).key == "disclosure_rate_substantive"
    keys = [m.key for m in comparing.measures(view)]
    assert "disclosure_rate_substantive" in keys
    assert "disclosure_rate" not in keys
    assert "applications_new" not in keys


@pytest.mark.parametrize(("field", "value"), [("metric", "applications_new"), ("year", "1990")])
def test_what_cannot_be_compared_falls_back(
    warehouses: dict[str, Path], field: str, value: str
) -> None:
    c = comparing.comparison(opened(warehouses["demo"], **{field: value}))
    assert c is not None
    assert (c.metric.key, c.year) == ("disclosure_rate", 2025)


# ------------------------------------------------------------------ the page


@pytest.mark.parametrize(
    ("metric", "year", "outside"),
    [("disclosure_rate", 2025, ""), ("corrected_per_100", 2020, "枕溪县人民政府")],
)
def test_the_answer_counts_and_names(
    open_app: Open, db: Database, meta: Meta, metric: str, year: int, outside: str
) -> None:
    text = html(open_app("compare", metric=metric, year=str(year)))
    pool = compare.standing(EVERYTHING, db, Selection(), meta.metrics[metric], year, Members()).pool
    assert f"基数不少于 {MIN_BASE} 的 {pool['ranked']} 家机关" in text
    for name, why in (("small", "基数不足"), ("zero", "基数为0"), ("missing", "缺数")):
        assert (f"{pool[name]} 家机关{why}" in text) == bool(pool[name])
    assert bool(pool["above"] + pool["below"]) == bool(outside)
    assert ("都在 99.8% 界限之内" in text) == (not outside)
    assert (f"高于上限：{outside}" in text) == bool(outside)


def test_peers_without_an_office_or_without_peers_say_so(open_app: Open) -> None:
    asked = open_app("compare", tab="peers")
    assert "还没有选定机关" in asked.info[0].value
    assert not asked.get("vega_lite_chart")
    alone = open_app("compare", tab="peers", office="o-p0")
    assert "没有同类机关可比" in alone.info[0].value
    assert not alone.get("vega_lite_chart")
    some = open_app("compare", tab="peers", office=OFFICE, year=str(YEAR))
    assert "不含枕溪县教育局自身" in html(some)
    assert some.get("vega_lite_chart")


def test_a_chosen_office_without_a_report_is_named(open_app: Open) -> None:
    text = html(open_app("compare", tab="chosen", offices="o-9901021~o-990100b", year="2022"))
    assert "枕溪县教育局本年没有这项数字" in text
    assert "本年没有报告，或不在当前数据范围内" in text
    assert "云屏市自然资源和规划局为" in text


def test_the_choices_reach_the_url(open_app: Open) -> None:
    app = open_app("compare")
    app.selectbox(key="do_cmp_metric").set_value("carry_over_rate").run()
    app.selectbox(key="do_cmp_year").set_value(2023).run()
    app.segmented_control(key="do_cmp_who").set_value("county").run()
    app.segmented_control(key="do_cmp_heat").set_value("change").run()
    assert not app.exception
    asked = {"metric": "carry_over_rate", "year": "2023", "tab": "county-change"}
    assert asked.items() <= dict(app.query_params).items()
    assert html(open_app("compare", **dict(app.query_params))) == html(app)


@pytest.mark.parametrize(
    "params",
    [{"tab": "nothing-at-all"}, {"tab": "chosen"}, {"tab": "chosen", "offices": "nobody"},
     {"tab": "peers", "office": "nobody"}, {"tab": "province"}, {"year": "x", "metric": "y"},
     {"metric": "review_to_court"}, {"q": "不存在", "tab": "peers"},
     *(pytest.param(params, marks=pytest.mark.long) for params in (
         {"region": "nowhere"}, {"level": "乡"}, {"scope": "region"}, {"years": "2025-2025"},
         {"metric": "disputes_per_100", "lang": "en"}, {"balanced": "1", "ok": "1"}))],
)  # fmt: skip
def test_odd_links_get_words(open_app: Open, params: dict[str, str]) -> None:
    open_app("compare", **params)


def test_a_picked_office_opens_at_its_measure_and_year(warehouses: dict[str, Path]) -> None:
    from dashboard.components.compare import _target

    c = comparing.comparison(opened(warehouses["demo"], metric="carry_over_rate", year="2023"))
    assert c is not None
    where, filters = _target(c, OFFICE, 2022)
    assert (where, filters.office, filters.metric, filters.year) == (
        "profile", OFFICE, "carry_over_rate", "2022"
    )  # fmt: skip
    c = comparing.comparison(opened(warehouses["demo"], tab="county"))
    assert c is not None
    where, filters = _target(c, "990101", 2025)
    assert (where, filters.selection.region, filters.tab) == ("compare", "990101", "")
