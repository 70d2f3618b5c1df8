"""申请办理 against plain Python over the fixture's cells, its charts, its switches and links."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import fixture_warehouse as fixture
import pandas as pd
import pytest
from charting import valid
from test_charts import data, layers
from test_pages import Open, html, open_app
from test_queries import SELECTIONS
from test_registered_figures import open_view

from dashboard import figures, theme
from dashboard.db import Database
from dashboard.figures import requests as page
from dashboard.figures import requests_answer, requests_rates
from dashboard.filters import Selection
from dashboard.queries import series
from dashboard.queries.base import EVERYTHING
from dashboard.queries.meta import Meta
from dashboard.stats import MIN_BASE
from dashboard.view import View

__all__ = ["open_app"]
Report = fixture.Report
KINDS = ("natural", "biz", "research", "welfare", "legal", "org_other")
ROWS = {
    whole: [r.key for r in fixture.FORM.rows("t3") if r.group == whole] for whole in page.GROUNDS
}
PARTS = ("other_no_correction", "other_fee_unpaid", "other_misc")


def view_of(folder: Path, lang: str = "zh", selection: Selection | None = None) -> View:
    view = open_view(folder, "requests", lang)
    filters = replace(view.filters, office="", selection=selection or Selection())
    return replace(view, filters=filters)


def added(found: list[Report], num: list[str], den: list[str]) -> tuple[int, int, int]:
    """Sums over the reports that have every cell of both, and how many they are."""
    tops, bases, n = 0, 0, 0
    for r in found:
        values = [r.cells.get(key) for key in (*num, *den)]
        if all(v is not None for v in values):
            tops += sum(int(v or 0) for v in values[: len(num)])
            bases += sum(int(v or 0) for v in values[len(num) :])
            n += 1
    return tops, bases, n


def wilson(num: int, den: int) -> tuple[float, float]:
    """Both ends as the roots of (p̂ - p)² = z² p(1 - p)/n, by bisection: no formula shared."""
    z, share = 1.959963984540054, num / den

    def outside(p: float) -> bool:
        return (share - p) ** 2 > z * z * p * (1 - p) / den

    ends = []
    for low, high in ((0.0, share), (1.0, share)):  # outside at the first, inside at the second
        a, b = low, high
        for _ in range(80):
            middle = (a + b) / 2
            a, b = (middle, b) if outside(middle) else (a, middle)
        ends.append(b)
    return ends[0], ends[1]


def test_the_form_has_eight_three_and_five_grounds(meta: Meta) -> None:
    assert [len(ROWS[w]) for w in page.GROUNDS] == [8, 3, 5]
    for whole in page.GROUNDS:
        cells = [meta.metric_cells(m, part="num") for m in meta.shares_of(whole)]
        assert cells == [(f"t3.{row}.total",) for row in ROWS[whole]]


@pytest.mark.parametrize("name", SELECTIONS)
def test_grounds_are_shares_of_their_group(
    warehouses: dict[str, Path], reports: list[Report], name: str
) -> None:
    selection, keep = SELECTIONS[name]
    frame = page.pooled(view_of(warehouses["demo"], selection=selection))
    kept = keep(reports)
    assert set(frame["year"]) == {r.year for r in kept}
    for rows in ROWS.values():
        group = [f"t3.{row}.total" for row in rows]
        for row in rows:
            mine = frame[frame["metric"] == f"{row}_share"]
            assert len(mine) == len({r.year for r in kept})
            for found in mine.itertuples():
                year = [r for r in kept if r.year == found.year]
                top, base, n = added(year, [f"t3.{row}.total"], group)
                assert (found.num, found.den, found.n, found.reports) == (top, base, n, len(year))
                if base:
                    assert found.value == pytest.approx(top / base)
                else:
                    assert math.isnan(found.value)
        if kept:
            sums = frame[frame["metric"].isin([f"{r}_share" for r in rows])].groupby("year")
            assert all(total == pytest.approx(1) for total in sums["value"].sum())
    assert not frame.empty or not kept


def test_kinds_of_applicant_make_the_total_and_never_count_it(
    warehouses: dict[str, Path], reports: list[Report]
) -> None:
    figure = page.received(view_of(warehouses["demo"]))
    assert figure is not None
    assert figure.data is not None
    by = {(r.metric, r.year): r for r in figure.data.itertuples()}
    for year in fixture.YEARS:
        mine = [r for r in reports if r.year == year]
        sums = [sum(int(r.cells[f"t3.received_new.{k}"] or 0) for r in mine) for k in KINDS]
        assert [by[f"{k}_share", year].num for k in KINDS] == sums
        assert by["applications_new", year].num == sum(sums)
        assert by["applications_new", year].n == len(mine)
    assert [str(y) for y in fixture.YEARS] == list(figure.twin.frame.columns[1:])
    assert len(figure.twin.frame) == 7
    assert figure.native is not None
    assert len(figure.native.series) == 6


def test_rates_of_applicants_have_wilson_intervals_and_hollow_small_bases(
    warehouses: dict[str, Path], reports: list[Report]
) -> None:
    figure = requests_rates.rate_dots(view_of(warehouses["demo"]))
    assert figure is not None
    assert figure.data is not None
    mine = [r for r in reports if r.year == 2025]
    expected = {}
    for kind in KINDS:
        disclosed = [f"t3.granted.{kind}", f"t3.partial.{kind}"]
        expected[f"{kind}_disclosure_rate"] = added(mine, disclosed, [f"t3.handled_total.{kind}"])
    drawn = valid(figure.draw())
    [points] = layers(drawn, "point")
    rows = {r["metric"]: r for r in data(drawn, points)}
    assert set(rows) == {k for k, (_, den, _) in expected.items() if den}
    for found in figure.data.itertuples():
        num, den, n = expected[found.metric]
        assert (found.num, found.den, found.n, found.reports) == (num, den, n, len(mine))
        assert (found.low, found.high) == pytest.approx(wilson(num, den), abs=1e-9)
        row = rows[found.metric]
        assert row["solid"] == (den >= MIN_BASE)
        assert str(MIN_BASE) in row["remark"] or row["solid"]
        assert row["n_text"] == f"{n} / {len(mine)}"
    assert {True, False} == {r["solid"] for r in rows.values()}
    ranked = [r for r in rows.values() if r["solid"]]
    assert [r["value"] for r in ranked] == sorted((r["value"] for r in ranked), reverse=True)
    assert [r["row"] for r in rows.values()] == points["encoding"]["y"]["sort"]
    assert points["encoding"]["fill"]["condition"]["test"] == "datum.solid"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_outcomes_break_where_the_form_broke_and_keep_their_colours(
    warehouses: dict[str, Path], lang: str
) -> None:
    view = view_of(warehouses["demo"], lang)
    for name in ("requests/outcomes", "overview/outcomes"):
        figure = figures.build(name, view)
        assert figure is not None
        drawn = valid(figure.draw())
        [rule] = layers(drawn, "rule")
        assert [(r["year"], r["label"]) for r in data(drawn, rule)] == [
            (2020.5, next(a for a in view.meta.annotations if a.kind == "form").zh
             if lang == "zh" else "New form from report year 2021")
        ]  # fmt: skip
        [bar] = layers(drawn, "bar")
        places = bar["encoding"]["y"]["scale"]["domain"]
        assert places == [2025.5, 2025, 2024, 2023, 2022, 2021, 2020.5, 2020, 2019]
        scale = bar["encoding"]["color"]["scale"]
        assert scale["range"] == theme.series_colours(6, dark=False)
        assert scale["domain"] == list(page.names_of(view, "outcome").values())
        assert bar["encoding"]["x"]["title"] == view.t("chart.axis_share")
        texts = [layer["encoding"]["text"]["field"] for layer in layers(drawn, "text")]
        assert texts[:3] == ["shown", "part", "label"]
        assert view.whom in figure.title
        assert "2019–2025" in figure.title


def test_a_year_with_a_missing_part_keeps_an_empty_place_that_says_so() -> None:
    import pandas as pd

    from dashboard.charts.base import Look
    from dashboard.charts.parts import composition

    part = {"part": "甲", "metric": "m", "share": 1.0, "start": 0.0, "end": 1.0, "shown": "100%"}
    drawn = valid(composition(
        pd.DataFrame([{"year": 2021, **part}, {"year": 2023, **part}]), Look(), parts=["甲"],
        x_title="x", y_title="y", description="d", tips=[], years=(2021, 2022, 2023),
        gaps={2022: "缺"},
    ))  # fmt: skip
    assert layers(drawn, "bar")[0]["encoding"]["y"]["scale"]["domain"] == [2023.5, 2023, 2022, 2021]
    assert data(drawn, layers(drawn, "text")[-1]) == [{"year": 2022, "gap": "缺"}]


def test_other_handling_is_one_sum_under_both_forms(
    warehouses: dict[str, Path], reports: list[Report]
) -> None:
    view = view_of(warehouses["demo"])
    frame = page.pooled(view).set_index(["metric", "year"])
    for year in fixture.YEARS:
        mine = [r for r in reports if r.year == year]
        rows = ["other"] if year < 2021 else list(PARTS)
        cells = [f"t3.{row}.total" for row in rows]
        found = frame.loc[(page.OTHER, year)]
        assert (found["num"], found["den"], found["n"]) == added(
            mine, cells, ["t3.handled_total.total"]
        )
    named = list(figures.names_on("requests", view))
    assert named == [
        "requests/outcomes", "requests/trend/disclosure_rate", "requests/trend/other_rate",
        "requests/received", "requests/applicants", "requests/rates", "requests/rate_years",
        "requests/grounds", *[f"requests/ground/{w}" for w in page.GROUNDS],
    ]  # fmt: skip
    for name in named:
        figure = figures.build(name, view)
        assert figure is not None
        assert figure.data is not None
        shown = f"{list(figure.data.get('metric', []))}{figure.twin.frame.to_dict()}"
        assert not [p for p in PARTS if p in shown], name
    other = figures.build("requests/trend/other_rate", view)
    assert other is not None
    drawn = valid(other.draw())
    assert [r["year"] for r in data(drawn, layers(drawn, "rule")[0])] == [2021]
    # The crosswalk joins the sum: one segment, one line.
    assert {r["segment"] for r in data(drawn, layers(drawn, "line")[0])} == {0}


def test_grounds_are_sorted_named_with_their_group_and_coloured_like_it(
    warehouses: dict[str, Path],
) -> None:
    view = view_of(warehouses["demo"])
    figure = requests_rates.grounds(view)
    assert figure is not None
    drawn = valid(figure.draw())
    [bar] = layers(drawn, "bar")
    rows = data(drawn, bar)
    counts = [r["value"] for r in rows]
    assert counts == sorted(counts, reverse=True)
    assert min(counts) > 0
    assert bar["encoding"]["y"]["sort"] == [r["label"] for r in rows]
    inks = dict(zip(page.names_of(view, "outcome").values(), theme.series_colours(6, dark=False),
                    strict=True))  # fmt: skip
    scale = bar["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == inks
    for r in rows:
        assert r["group"] in r["label"]
        assert r["group"] in inks
    assert bar["encoding"]["x"]["title"] == view.t("chart.axis_cases")


def test_applicants_have_colours_of_their_own() -> None:
    for dark in (False, True):
        own = theme.whole_colours("applicant", 6, dark=dark)
        assert len(set(own)) == 6
        assert not set(own[:-1]) & set(theme.series_colours(6, dark=dark))
        for fill in own:
            assert theme.contrast(fill, theme.palette(dark).ground) >= 3
            assert theme.contrast(theme.text_on(fill), fill) >= 4.5


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_every_mark_opens_the_offices_and_their_cell(
    db: Database, warehouses: dict[str, Path], lang: str
) -> None:
    view = view_of(warehouses["demo"], lang)
    forms = {y: fixture.FORM.form_for_year(y) for y in fixture.YEARS}
    opened: set[tuple[str, int]] = set()
    for name in figures.names_on("requests", view):
        figure = figures.build(name, view)
        assert figure is not None
        assert figure.picks, name
        assert len(Counter(label for label, _ in figure.picks)) == len(figure.picks), name
        spec = valid(figure.draw())
        fields = {f for p in spec["params"] for f in p["select"]["fields"]}
        for _, values in figure.picks:
            assert fields <= set(values), name
            metric = values.get("metric", name.split("/")[-1])
            opened.add((str(metric), values["year"]))
    for key, year in sorted(opened):
        metric = view.meta.metrics[key]
        assert len(series.offices_of(EVERYTHING, db, Selection(), key, year)), key
        cell = view.meta.cell_in(metric, year)
        assert forms[year] in view.meta.cells[cell].forms, (key, year)
        assert cell in view.meta.metric_cells(metric, part="num")


def test_the_offices_behind_a_rare_ground_come_first(db: Database, reports: list[Report]) -> None:
    found = series.offices_of(EVERYTHING, db, Selection(), "denied_state_secret_share", 2025)
    nums = list(found["num"])
    assert nums == sorted(nums, reverse=True)
    mine = [r.cells["t3.denied_state_secret.total"] or 0 for r in reports if r.year == 2025]
    assert nums[0] == max(mine) > 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_says_who_what_and_why(warehouses: dict[str, Path], lang: str) -> None:
    view = view_of(warehouses["demo"], lang)
    frame = page.pooled(view)
    lines = requests_answer.answer(view, frame, 2025)
    assert len(lines) == 4
    by = frame[frame["year"] == 2025].set_index("metric")
    assert f"{by.loc['applications_new', 'num']:,.0f}" in lines[0]
    assert f"{by.loc['full_rate', 'den']:,.0f}" in lines[1]
    top = by.loc[[f"{r}_share" for r in ROWS["denied"]], "value"].astype(float).idxmax()
    assert page.part_name(view, view.meta.metrics[top]) in lines[2]
    assert "{" not in "".join(lines)
    one = view_of(warehouses["one"], lang)
    assert requests_answer.answer(one, page.pooled(one), one.year or 0)


def test_a_mark_chosen_by_keyboard_lists_the_offices(open_app: Open) -> None:
    app = open_app("requests")
    app.toggle(key="do_table_requests_ground_refused").set_value(True).run()
    box = app.selectbox(key="do_open_requests_ground_refused")
    box.set_value(0).run()
    assert not app.exception
    assert app.query_params["metric"] == "refused_petition_share"
    assert app.query_params["year"] == "2025"
    assert "cell=t3.refused_petition.total" in html(app)
    again = open_app("requests", **dict(app.query_params))
    assert "cell=t3.refused_petition.total" in html(again)


def test_other_handling_opens_the_cell_of_its_year(open_app: Open) -> None:
    old = html(open_app("requests", metric="other_rate", year="2020"))
    new = html(open_app("requests", metric="other_rate", year="2023"))
    assert "cell=t3.other.total" in old
    assert "cell=t3.other_no_correction.total" in new
    assert "cell=t3.other.total" not in new


def test_the_definition_of_the_disclosure_rate_is_switched_for_all_pages(open_app: Open) -> None:
    app = open_app("requests")
    app.segmented_control(key="do_req_family").set_value("disclosure_rate_substantive").run()
    assert not app.exception
    assert app.query_params["def"] == "disclosure:disclosure_rate_substantive"
    text = html(app)
    assert "实体公开率" in text
    assert "此处不适用" in text
    app.segmented_control(key="do_req_family").set_value("disclosure_rate").run()
    assert "def" not in app.query_params


@pytest.mark.parametrize(
    "params",
    [{"region": "nowhere"}, {"metric": "nothing", "year": "2024"}, {"years": "2019-2019"},
     *(pytest.param(params, marks=pytest.mark.long) for params in (
         {"years": "1990-1991"}, {"scope": "region"}, {"kind": "没有"}, {"years": "2025-2025"},
         {"level": "乡", "region": "990202"}, {"balanced": "1", "ok": "1", "lang": "en"}))],
)  # fmt: skip
def test_odd_links_get_words(open_app: Open, params: dict[str, str]) -> None:
    open_app("requests", **params)


def test_one_year_alone_still_says_the_change(warehouses: dict[str, Path], open_app: Open) -> None:
    whole = html(open_app("requests"))
    alone = html(open_app("requests", years="2025-2025"))
    line = next(part for part in whole.split("<") if "新收申请" in part and "比上年" in part)
    assert line in alone


def test_grounds_of_a_few_answers_are_put_in_no_order(warehouses: dict[str, Path]) -> None:
    """1 of 2 was called the ground used most."""
    view = view_of(warehouses["demo"])
    denied, unable = page.wholes(view)[:2]
    rows = [
        {"metric": m.key, "year": 2024, "num": 1.0, "den": den, "value": 1 / den}
        for whole, den in ((denied, 2.0), (unable, 60.0))
        for m in view.meta.shares_of(whole)
    ]
    said = requests_answer._reasons(view, pd.DataFrame(rows), 2024)
    assert f"{page.group_name(view, denied)}不足30件，不分先后" in said
    assert f"{page.group_name(view, unable)}是“" in said
