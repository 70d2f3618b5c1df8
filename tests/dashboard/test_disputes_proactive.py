"""复议诉讼 and 主动公开: queries against plain sums over the fixture, charts, switches, links."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import fixture_warehouse as fixture
import pandas as pd
import pytest
from charting import valid
from streamlit.testing.v1 import AppTest
from test_pages import APP
from test_queries import SELECTIONS, with_base
from test_registered_figures import open_view

from dashboard.db import Database
from dashboard.figures import build, names_on
from dashboard.figures import disputes as dispute_figures
from dashboard.figures import proactive as proactive_figures
from dashboard.filters import Selection
from dashboard.queries import disputes, proactive, series
from dashboard.queries.base import EVERYTHING, Viewer
from dashboard.queries.meta import Meta
from dashboard.stats import MIN_BASE

Report = fixture.Report
NOTHING = Viewer(frozenset())


def pairs_of(kept: list[Report], everyone: list[Report]) -> list[tuple[Report, Report]]:
    """A report with the same office's of the year before."""
    before = {(r.office.office_id, r.year): r for r in everyone}
    keys = [(r, (r.office.office_id, r.year - 1)) for r in kept]
    return [(r, before[key]) for r, key in keys if key in before]


def all_but_years(name: str, reports: list[Report]) -> tuple[list[Report], list[Report]]:
    """Reports whose year is shown, and those the year before may come from."""
    kept = SELECTIONS[name][1](reports)
    return kept, (reports if name == "years" else kept)


@pytest.mark.parametrize("name", SELECTIONS)
def test_disputes_stand_against_the_answers_of_the_same_offices(
    db: Database, reports: list[Report], name: str
) -> None:
    kept, everyone = all_but_years(name, reports)
    expected: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for now, before in pairs_of(kept, everyone):
        parts = (
            fixture.quantity("review_total", now.cells),
            fixture.quantity("direct_total", now.cells),
            fixture.quantity("handled", now.cells),
            fixture.quantity("handled", before.cells),
        )
        if all(p is not None for p in parts):
            review, direct, handled, handled_before = (int(p or 0) for p in parts)
            expected[now.year].append((review + direct, handled, handled_before))
    frame = disputes.lagged(EVERYTHING, db, SELECTIONS[name][0]).set_index("year")
    assert set(frame.index) == set(expected)
    for year, rows in expected.items():
        row = frame.loc[year]
        cases, same, before_sum = (sum(column) for column in zip(*rows, strict=True))
        assert row["offices"] == len(rows)
        assert (row["disputes"], row["handled"], row["handled_before"]) == (cases, same, before_sum)
        assert row["same_year"] == pytest.approx(cases / same)
        assert row["year_before"] == pytest.approx(cases / before_sum)


@pytest.mark.parametrize("row", proactive_figures.STOCKS)
@pytest.mark.parametrize("name", SELECTIONS)
def test_the_stock_is_recomputed_office_by_office(
    db: Database, reports: list[Report], name: str, row: str
) -> None:
    kept, everyone = all_but_years(name, reports)
    expected: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for now, before in pairs_of(kept, everyone):
        parts = (
            before.cells.get(f"t2.{row}.in_force"),
            now.cells.get(f"t2.{row}.issued"),
            now.cells.get(f"t2.{row}.repealed"),
            now.cells.get(f"t2.{row}.in_force"),
        )
        if all(p is not None for p in parts):
            old, issued, repealed, kept_now = (int(p or 0) for p in parts)
            expected[now.year].append((old + issued - repealed, kept_now))
    frame = proactive.stock(EVERYTHING, db, SELECTIONS[name][0], row).set_index("year")
    assert set(frame.index) == set(expected)
    for year, rows in expected.items():
        found = frame.loc[year]
        assert found["offices"] == len(rows)
        assert found["expected"] == sum(a for a, _ in rows)
        assert found["reported"] == sum(b for _, b in rows)
        assert found["off"] == sum(a != b for a, b in rows)


@pytest.mark.parametrize("name", SELECTIONS)
def test_cells_of_one_form_are_summed_with_the_number_of_reports(
    db: Database, meta: Meta, reports: list[Report], name: str
) -> None:
    selection, keep = SELECTIONS[name]
    keys = ("t2.other_services.decisions", "t2.rules.disclosed_total", "t2.procurement.projects")
    names = {meta.cells[k].sql_name: k for k in keys}
    frame = proactive.cell_sums(EVERYTHING, db, selection, tuple(names), (2019, 2020))
    kept = [r for r in keep(reports) if r.year <= 2020]
    assert set(frame["year"]) == {r.year for r in kept}
    for found in frame.itertuples():
        mine = [r for r in kept if r.year == found.year]
        values = [v for r in mine if (v := r.cells.get(names[found.cell])) is not None]
        assert (found.reports, found.n, found.total) == (len(mine), len(values), sum(values))
        behind = proactive.offices_of_cell(EVERYTHING, db, selection, found.cell, found.year)
        assert behind["value"].sum() == found.total
        assert list(behind["value"]) == sorted(behind["value"], reverse=True)


@pytest.mark.parametrize("metric", ["overall_correction_rate", "licence_count"])
@pytest.mark.parametrize("name", SELECTIONS)
def test_the_largest_offices_and_what_they_leave_out(
    db: Database, meta: Meta, reports: list[Report], name: str, metric: str
) -> None:
    selection, keep = SELECTIONS[name]
    rows = [
        (r.report_id, *fixture.metric(metric, r.cells)) for r in keep(reports) if r.year == 2022
    ]
    have = sorted(((n, i, d) for i, n, d in rows if n), key=lambda x: -x[0])
    cells = meta.metric_cells(meta.metrics[metric])
    frame = series.largest(EVERYTHING, db, selection, metric, 2022, cells, 5)
    assert list(frame["num"]) == [n for n, _, _ in have[:5]]
    by_id = {i: (n, d) for n, i, d in have}
    for found in frame.itertuples():
        num, den = by_id[found.report_id]
        assert found.num == num
        assert found.total == sum(n for n, _, _ in have)
        assert found.having == len(have)
        assert (found.value == pytest.approx(num / den)) if den else pd.isna(found.value)


def test_a_figure_in_doubt_names_the_rule(db: Database, reports: list[Report]) -> None:
    failing = {r.report_id for r in reports if r.failed}
    for year in fixture.YEARS:
        frame = series.largest(
            EVERYTHING, db, Selection(), "handled_count", year, ("t3.handled_total.total",), 50
        )
        for found in frame.itertuples():
            assert found.rules == ("T3-SUM" if found.report_id in failing else "")


def test_a_sum_is_shown_without_the_reports_a_rule_doubts(
    db: Database, reports: list[Report]
) -> None:
    frame = proactive.fees(EVERYTHING, db, Selection(), "handled_count", "T3-SUM")
    for found in frame.itertuples():
        mine = [r for r in reports if r.year == found.year]
        values = [(r.failed, r.cells["t3.handled_total.total"] or 0) for r in mine]
        assert found.n == len(values)
        assert found.total == sum(v for _, v in values)
        assert found.suspects == sum(failed for failed, _ in values)
        assert found.clean == sum(v for failed, v in values if not failed)
    assert frame["suspects"].sum() > 0


def test_counts_of_reports_by_scope(db: Database, reports: list[Report]) -> None:
    for selection, keep in SELECTIONS.values():
        assert series.count(EVERYTHING, db, selection) == len(keep(reports))


def test_a_viewer_of_nothing_sees_nothing(db: Database, meta: Meta) -> None:
    assert disputes.lagged(NOTHING, db, Selection()).empty
    assert proactive.stock(NOTHING, db, Selection(), "rules").empty
    assert proactive.fees(NOTHING, db, Selection(), "fee_amount", "T2-UNIT").empty
    assert proactive.cell_sums(NOTHING, db, Selection(), ("t2_rules_issued",), (2019, 2025)).empty
    assert proactive.offices_of_cell(NOTHING, db, Selection(), "t2_rules_issued", 2022).empty
    assert series.largest(NOTHING, db, Selection(), "licence_count", 2022, ()).empty
    assert series.count(NOTHING, db, Selection()) == 0


def test_the_parts_of_a_block_make_a_whole(db: Database, meta: Meta) -> None:
    for whole in (*dispute_figures.BLOCKS, proactive_figures.WHOLE):
        keys = tuple(m.key for m in meta.shares_of(whole))
        frame = series.by_year(EVERYTHING, db, Selection(), keys, with_base(meta))
        sums = frame.groupby("year")["value"].sum()
        assert len(sums) == len(fixture.YEARS)
        assert sums.to_numpy() == pytest.approx(1)


def test_the_earlier_form_stands_before_the_break_and_only_where_it_may(meta: Meta) -> None:
    assert (
        meta.predecessor(meta.metrics["normdocs_issued_count"])
        == (meta.metrics["normdocs_made_count"])
    )
    assert meta.predecessor(meta.metrics["rules_issued_count"]) == meta.metrics["rules_made_count"]
    for key in ("normdocs_in_force_count", "normdocs_repealed_count", "fee_amount",
                "licence_count", "normdocs_made_count", "review_correction_rate"):  # fmt: skip
        assert meta.predecessor(meta.metrics[key]) is None, key


# ------------------------------------------------------------------ figures


def spec_of(folder: Path, name: str, lang: str = "zh") -> dict[str, Any]:
    figure = build(name, open_view(folder, name.split("/")[0], lang))
    assert figure is not None
    spec: dict[str, Any] = valid(figure.draw())
    return spec


def layers(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    return [x for x in spec["layer"] if x["mark"]["type"] == mark]


def rows_of(spec: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    source = layer.get("data") or spec["data"]
    return list(spec["datasets"][source["name"]])


@pytest.mark.parametrize("page", ["disputes", "proactive"])
def test_every_chart_is_valid_vega_lite(warehouses: dict[str, Path], page: str) -> None:
    view = open_view(warehouses["demo"], page)
    for name in names_on(page, view):
        figure = build(name, view)
        assert figure is not None, name
        valid(figure.draw())


def test_correction_rates_carry_the_marks_of_the_law_and_two_shapes(
    warehouses: dict[str, Path],
) -> None:
    spec = spec_of(warehouses["demo"], "disputes/correction")
    marks = [r["year"] for rule in layers(spec, "rule") for r in rows_of(spec, rule)]
    assert marks == [2024, 2025]
    line, points = layers(spec, "line")[0], layers(spec, "point")[0]
    names = line["encoding"]["color"]["scale"]["domain"]
    assert len(names) == 2
    assert len(set(points["encoding"]["shape"]["scale"]["range"])) == 2
    assert len({tuple(d) for d in line["encoding"]["strokeDash"]["scale"]["range"]}) == 2
    assert line["mark"]["invalid"] == "break-paths-show-domains"
    assert "%" in line["encoding"]["y"]["title"]
    for row in rows_of(spec, points):
        assert row["solid"] == (row["den"] >= MIN_BASE)


def test_the_line_of_documents_made_breaks_at_the_form(warehouses: dict[str, Path]) -> None:
    spec = spec_of(warehouses["demo"], "proactive/trend/normdocs_issued_count")
    line = layers(spec, "line")[0]
    rows = {r["year"]: r for r in rows_of(spec, line)}
    assert rows[2020]["value"] is not None
    assert rows[2020]["segment"] != rows[2021]["segment"]
    spec = spec_of(warehouses["demo"], "proactive/trend/normdocs_in_force_count")
    rows = {r["year"]: r for r in rows_of(spec, layers(spec, "line")[0])}
    assert rows[2020]["value"] is None


def test_pending_cases_are_grey_and_last(warehouses: dict[str, Path]) -> None:
    view = open_view(warehouses["demo"], "disputes")
    spec = spec_of(warehouses["demo"], "disputes/block/review")
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"][-1] == view.t("disputes.outcome.pending")
    assert scale["range"] == list(dispute_figures.colours(view))
    assert len(set(scale["range"])) == 4


def test_the_old_form_stands_apart(warehouses: dict[str, Path]) -> None:
    view = open_view(warehouses["demo"], "proactive")
    figure = build("proactive/old_form", view)
    assert figure is not None and figure.data is not None
    assert set(figure.data["year"]) == {2019, 2020}
    keys = {c.key for c in proactive_figures.old_cells(view)}
    assert "t2.other_services.decisions" in keys
    assert "t2.procurement.amount" not in keys  # each report in its own unit
    assert not keys & {c.key for c in view.meta.cells.values() if "2021" in c.forms}


# ------------------------------------------------------------------ pages


def open_app(folder: Path, page: str, monkeypatch: pytest.MonkeyPatch, **params: str) -> AppTest:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(folder))
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params.update(params)
    app.switch_page(f"app_pages/{page}.py")
    app.run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def test_one_switch_changes_the_base_of_both_rates(
    warehouses: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(warehouses["demo"], "disputes", monkeypatch)
    app.button_group(key="do_base").set_value("loose").run()
    chosen = app.query_params["def"]
    chosen = chosen[0] if isinstance(chosen, list) else chosen
    assert "review_correction_rate_loose" in chosen
    assert "litigation_correction_rate_loose" in chosen
    app.button_group(key="do_base").set_value("closed").run()
    assert "def" not in app.query_params


def test_a_scope_without_reports_offers_the_other(
    warehouses: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(warehouses["demo"], "disputes", monkeypatch, scope="region")
    app.button(key="do_other_scope").click().run()
    assert "scope" not in app.query_params
    assert not [b for b in app.button if b.key == "do_other_scope"]


def test_clicked_cells_and_measures_list_the_offices_with_their_cell(
    warehouses: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for page, params, cell in (
        ("disputes", {"metric": "review_upheld_share", "year": "2023"}, "t4.review.upheld"),
        ("proactive", {"metric": "licence_count", "year": "2023"}, "t2.licence.decisions"),
        ("proactive", {"cell": "t2.rules.made_new", "year": "2020"}, "t2.rules.made_new"),
    ):
        app = open_app(warehouses["demo"], page, monkeypatch, **params)
        html = "\n".join(element.proto.body for element in app.get("html"))
        assert f"cell={cell}" in html, page
        assert "tab=document" in html
