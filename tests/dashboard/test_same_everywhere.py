"""One metric has one value, on whichever page it stands; and the change of a rate, slowly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import fixture_warehouse as fixture
import pandas as pd
import pytest
from charting import valid
from test_pages import Open, html, open_app
from test_queries import SELECTIONS
from test_registered_figures import OFFICE, open_view

from dashboard import figures, registry
from dashboard.components.bar import tree_labels
from dashboard.db import Database
from dashboard.figures import comparing
from dashboard.figures import requests as request_figures
from dashboard.filters import Selection
from dashboard.queries import series
from dashboard.queries.base import EVERYTHING
from dashboard.queries.offices import Place
from dashboard.view import View

__all__ = ["open_app"]
PAGES = ("overview", "compare", "profile", "requests", "disputes")
POOLED = ("overview", "requests", "disputes")
COLUMNS = ("year", "metric", "num", "den")
Values = dict[tuple[str, int], dict[str, tuple[float | None, float | None]]]


def view_of(folder: Path, page: str, selection: Selection, **more: str) -> View:
    """What a page shows of a selection."""
    view = open_view(folder, page)
    return replace(view, filters=replace(view.filters, selection=selection, **more))  # type: ignore[arg-type]


def number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]


def gathered(folder: Path, pages: tuple[str, ...], selection: Selection, **more: str) -> Values:
    """Metric and year → the figure that shows it → numerator and denominator."""
    out: Values = defaultdict(dict)
    for page in pages:
        view = view_of(folder, page, selection, **more)
        for name in figures.names_on(page, view):
            figure = figures.build(name, view)
            if figure is None or figure.data is None:
                continue
            if not set(COLUMNS) <= set(figure.data.columns):
                continue
            for row in figure.data[list(COLUMNS)].itertuples(index=False):
                if row.metric not in view.meta.metrics:
                    continue
                out[row.metric, int(row.year)][name] = (number(row.num), number(row.den))
    return out


@pytest.mark.parametrize("name", ["all", "ok", "balanced"])
def test_pooled_pages_say_the_same(warehouses: dict[str, Path], name: str) -> None:
    found = gathered(warehouses["demo"], POOLED, SELECTIONS[name][0])
    shared = {key: by for key, by in found.items() if len({n.split("/")[0] for n in by}) > 1}
    # Outcome shares and 公开率 stand on two pages, the correction rates on two others.
    assert {"full_rate", "other_rate", "disclosure_rate", "review_correction_rate"} <= {
        metric for metric, _ in shared
    }
    for key, by in found.items():
        assert len(set(by.values())) == 1, (key, by)


def test_of_one_office_all_pages_say_the_same(warehouses: dict[str, Path]) -> None:
    found = gathered(warehouses["one"], PAGES, Selection(), office=OFFICE)
    for key, by in found.items():
        values = {value for value in by.values() if value[0] is not None}
        assert len(values) <= 1, (key, by)
    pages = {n.split("/")[0] for n in found["disclosure_rate", 2024]}
    assert {"overview", "compare", "profile", "requests"} <= pages
    assert {n.split("/")[0] for n in found["review_correction_rate", 2024]} >= {
        "overview", "profile", "disputes",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["all", "region", "ok", "balanced"])
@pytest.mark.parametrize("metric", ["disclosure_rate", "carry_over_rate"])
def test_what_offices_are_held_against_is_the_pooled_figure(
    warehouses: dict[str, Path], name: str, metric: str
) -> None:
    selection = SELECTIONS[name][0]
    view = view_of(warehouses["demo"], "compare", selection, office="", metric=metric)
    c = comparing.comparison(view)
    assert c is not None
    frame = request_figures.pooled(view).set_index(["metric", "year"])
    row = frame.loc[(metric, c.year)]
    assert (c.pool["num"], c.pool["den"]) == (row["num"], row["den"])
    assert c.pool["rate"] == pytest.approx(row["value"])


# ------------------------------------------------------------------ why the total moved


def split(
    before: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]
) -> dict[str, tuple[float, float | None]]:
    """Effects in cases and in the rate, office by office, from their definitions alone."""
    both = before.keys() & now.keys()
    d0, d1 = (sum(side[o][1] for o in both) for side in (before, now))
    old = sum(before[o][0] for o in both) / d0
    mix = own = 0.0
    for office in both:
        (a, b), (x, y) = before[office], now[office]
        rate_before = a / b if b else old
        # Cases beyond what the office's old share of all cases would have brought it.
        moved = y - d1 * b / d0
        mix += moved * rate_before
        own += x - y * rate_before
    whole = [sum(v[i] for v in side.values()) for side in (before, now) for i in (0, 1)]
    matched = sum(now[o][0] for o in both) / d1 - old
    points = whole[2] / whole[3] - whole[0] / whole[1]
    return {
        "volume": ((d1 - d0) * old, None),
        "mix": (mix, mix / d1),
        "rate": (own, own / d1),
        "panel": (
            sum(now[o][0] for o in now.keys() - both)
            - sum(before[o][0] for o in before.keys() - both),
            points - matched,
        ),
        "total": (whole[2] - whole[0], points),
    }


@pytest.mark.parametrize("metric", ["disclosure_rate", "carry_over_rate", "review_correction_rate"])
@pytest.mark.parametrize("year", [2020, 2022, 2023, 2025])
@pytest.mark.parametrize("name", ["all", "region", "kind", "ok", "balanced"])
def test_the_change_of_a_rate_is_split_office_by_office(
    db: Database, reports: list[fixture.Report], metric: str, year: int, name: str
) -> None:
    selection, keep = SELECTIONS[name]
    sides: list[dict[str, tuple[int, int]]] = [{}, {}]
    for r in keep(reports):
        num, den = fixture.metric(metric, r.cells)
        if num is not None and den is not None and year - 1 <= r.year <= year:
            sides[r.year - year + 1][r.office.office_id] = (num, den)
    expected = split(*sides)
    found = series.why_moved(EVERYTHING, db, selection, metric, year).set_index("effect")
    assert list(found.index) == list(expected)
    for effect, (count, points) in expected.items():
        assert found.loc[effect, "count"] == pytest.approx(count, abs=1e-9), effect
        if points is None:
            assert pd.isna(found.loc[effect, "points"])
        else:
            assert found.loc[effect, "points"] == pytest.approx(points, abs=1e-12), effect
        if effect == "total":
            continue
        parts = series.who_by_effect(EVERYTHING, db, selection, metric, year, effect, 1_000)
        assert parts["count"].sum() == pytest.approx(count, abs=1e-9), effect
        sizes = list(parts["count"].abs())
        assert sizes == sorted(sizes, reverse=True)
        for row in parts.itertuples():
            for side, (num, den) in zip(sides, ((row.n0, row.d0), (row.n1, row.d1)), strict=True):
                assert side.get(row.office_id, (None, None)) == (number(num), number(den))


def test_bars_of_a_change_are_in_points_then_in_cases_and_open_their_offices(
    warehouses: dict[str, Path], open_app: Open
) -> None:
    view = view_of(warehouses["demo"], "overview", Selection())
    points, cases = (figures.build(f"overview/{n}", view) for n in ("why", "why_cases"))
    assert points is not None
    assert cases is not None
    assert [f["key"] for _, f in points.picks] == ["mix", "rate", "panel", "total"]
    assert [f["key"] for _, f in cases.picks] == ["volume", "mix", "rate", "panel", "total"]
    for figure, axis in ((points, "chart.axis_points"), (cases, "chart.axis_change")):
        spec = valid(figure.draw())
        title = spec["layer"][0]["encoding"]["x"]["title"]
        assert title == view.t(axis, unit="件")
        assert view.whom in figure.title
    app = open_app()
    app.toggle(key="do_table_overview_why").set_value(True).run()
    app.selectbox(key="do_open_overview_why").set_value(1).run()
    assert app.query_params["tab"] == "rate"
    assert "主要来自哪些机关" in html(app)
    app.button(key="do_effect_close").click().run()
    assert "tab" not in app.query_params


@pytest.mark.parametrize("page", [p.key for p in registry.PAGES if p.filtered])
def test_filters_act_and_stay_alike_on_every_page(open_app: Open, page: str) -> None:
    """Place, years, level, definitions, balanced panel, failing reports: in the URL, in words."""
    asked = {
        "region": "990100", "years": "2021-2025", "level": "市", "balanced": "1", "ok": "1",
        "def": "disclosure:disclosure_rate_substantive", "lang": "zh",
    }  # fmt: skip
    app = open_app(page, **asked)
    assert asked.items() <= dict(app.query_params).items()
    text = html(app)
    assert (
        "云屏市 · 市级；2021–2025年；本机关数据；各年同一批机关；不计未通过核验的报告；实体公开率"
        in text
    )
    assert app.selectbox(key="do_region").value == "990100"
    assert app.toggle(key="do_balanced").value
    assert app.toggle(key="do_ok_only").value
    assert app.radio(key="do_def_disclosure").value == "disclosure_rate_substantive"
    app.toggle(key="do_balanced").set_value(False).run()
    assert not app.exception
    assert "balanced" not in app.query_params


def test_what_needs_attention_leads_to_the_filtered_list(open_app: Open) -> None:
    text = html(open_app(region="990200"))
    links = [part.split('"')[0] for part in text.split('href="') if "quality?" in part[:12]]
    assert len(links) == 3
    for link in links:
        assert "region=990200" in link
        assert "years=2025-2025" in link
    assert "severity=error" in links[0]
    assert "tab=missing" in links[1]
    found = html(open_app("quality", region="990200", years="2025-2025", tab="missing"))
    assert "听澜县月桥镇人民政府" in found


def test_an_outcome_on_the_overview_lists_its_offices(open_app: Open) -> None:
    app = open_app(metric="denial_rate", year="2024")
    assert "cell=t3.denied_state_secret.total" in html(app)
    app.toggle(key="do_table_overview_outcomes").set_value(True).run()
    app.selectbox(key="do_open_overview_outcomes").set_value(0).run()
    assert app.query_params["metric"] == "full_rate"


@pytest.mark.parametrize("figure", ["funnel", "dots", "heat"])
def test_marks_of_the_comparison_open_by_keyboard(
    warehouses: dict[str, Path], open_app: Open, figure: str
) -> None:
    view = view_of(warehouses["demo"], "compare", Selection(), office="")
    built = figures.build(f"compare/{figure}", view)
    assert built is not None
    assert built.picks
    drawn = valid(built.draw())
    fields = {f for p in drawn["params"] for f in p["select"]["fields"]}
    assert all(fields == set(values) for _, values in built.picks)
    app = open_app("compare")
    app.toggle(key=f"do_table_compare_{figure}").set_value(True).run()
    app.selectbox(key=f"do_open_compare_{figure}").set_value(0).run()
    assert not app.exception
    assert app.query_params["office"] == built.picks[0][1]["key"]
    assert app.title[0].value == "机构档案"


# ------------------------------------------------------------------ three thousand counties


def test_places_of_the_same_name_are_told_apart_by_their_path() -> None:
    places = []
    for p in range(31):
        places.append(Place(f"{p}", f"{p}省", "省", 0))
        for c in range(11):
            places.append(Place(f"{p}-{c}", f"{c}市", "市", 1))
            places += [Place(f"{p}-{c}-{n}", f"{n}区", "县", 2) for n in range(9)]
    labels = tree_labels(places)
    assert len(places) > 3_000
    assert list(labels) == [p.code for p in places]
    assert len(set(labels.values())) == len(places)
    assert labels["3-4-5"] == "\u3000\u30005区 · 4市 · 3省"
    assert labels["3"] == "3省"
    assert labels["30-10"] == "\u300010市 · 30省"
