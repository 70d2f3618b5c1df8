"""Marts against a slow plain-Python reading of the same dictionary, on random sparse figures."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

import fake_documents as fake
import pytest

from etl.form import load_form
from etl.warehouse import schema
from etl.warehouse.marts import PLACE

FORM = load_form()
Figures = dict[str, Decimal | int]


def quantity(figures: Figures, key: str) -> Decimal | int | None:
    total: Decimal | int = 0
    for term in FORM.quantities[key].terms:
        for cells in FORM.term_cells(term):
            if all(cell in figures for cell in cells):
                total += sum(figures[cell] for cell in cells)
                break
        else:
            return None
    return total


def metric(figures: Figures, key: str) -> tuple[Any, Any]:
    spec = FORM.metrics[key]

    def added(names: list[str]) -> Any:
        values = [quantity(figures, name) for name in names]
        return None if None in values else sum(v for v in values if v is not None)

    num, minus, den = added(spec.num), added(spec.minus), added(spec.den)
    if num is None or minus is None or (spec.den and den is None):
        return None, None
    return num - minus, den if spec.den else None


@pytest.fixture
def corpus(house: Any) -> dict[tuple[str, int, str], tuple[Figures, bool]]:
    rng = random.Random(7)
    made = {}
    for number in range(40):
        office = f"P{number % 2}/C{number % 3}/K{number % 5}/局{number}"
        year = 2019 + number % 7
        form = "2021" if year >= 2021 else "2019"
        keys = [c.key for c in FORM.cells_of(form)]
        if number % 4 == 0:
            keys += FORM.undivided_cells
        density = rng.choice((0.5, 0.97, 1.0, 1.0))
        figures: Figures = {
            key: Decimal(rng.randint(0, 9999)) / 100
            if FORM.cells[key].value == "amount"
            else rng.choice((0, 0, rng.randint(0, 900)))
            for key in keys
            if rng.random() < density
        }
        scope = rng.choice(("own_office", "region", None))
        wrong = number % 3 == 0
        cells = {k: (float(v) if isinstance(v, Decimal) else v) for k, v in figures.items()}
        findings = [["T3-FLOW", "error", "fail", "total", 1, 2]] if wrong else []
        house.put(f"{number}.html", fake.document(
            office, year, cells=cells, scope=scope, findings=findings, form=form))  # fmt: skip
        made[f"局{number}", year, scope or ""] = (figures, not wrong)
    house.load()
    return made


def test_every_quantity_and_metric(house: Any, corpus: Any) -> None:
    names = [f"q_{key}" for key in FORM.quantities]
    names += [f"m_{key}_{part}" for key in FORM.metrics for part in ("num", "den")]
    rows = house.rows(
        f"SELECT o.name, m.year, coalesce(m.scope, ''), m.ok, {', '.join('m.' + n for n in names)} "
        "FROM mart_report m JOIN office o USING (office_id)"
    )
    assert len(rows) == len(corpus)
    seen_null = seen_value = 0
    for name, year, scope, ok, *values in rows:
        figures, right = corpus[name, year, scope]
        wanted: list[Any] = [quantity(figures, key) for key in FORM.quantities]
        for key in FORM.metrics:
            wanted += metric(figures, key)
        assert dict(zip(names, values, strict=True)) == dict(zip(names, wanted, strict=True))
        assert ok is right
        seen_null += wanted.count(None)
        seen_value += len(wanted) - wanted.count(None)
    assert seen_null > 500
    assert seen_value > 500


def test_regions_are_sums_that_can_be_summed_again(house: Any, corpus: Any) -> None:
    sums = ", ".join(f"sum(m_{key}_num), sum(m_{key}_den), sum(m_{key}_n)" for key in FORM.metrics)
    rows = house.rows(f"SELECT year, sum(n_reports), {sums} FROM mart_region GROUP BY year")
    by_year: dict[int, list[Figures]] = defaultdict(list)
    for (_, year, _), (figures, _) in corpus.items():
        by_year[year].append(figures)
    for year, n, *values in rows:
        assert n == len(by_year[year])
        triples = zip(values[::3], values[1::3], values[2::3], strict=True)
        for key, found in zip(FORM.metrics, triples, strict=True):
            pairs = [metric(figures, key) for figures in by_year[year]]
            nums = [num for num, _ in pairs if num is not None]
            dens = [den for _, den in pairs if den is not None]
            wanted = (sum(nums) if nums else None, sum(dens) if dens else None, len(nums))
            assert found == wanted, (year, key)


def test_outcome_shares_sum_to_one(house: Any, corpus: Any) -> None:
    """Where a report's results add up, the shares of a partition do too."""
    shares = [m.key for m in FORM.metrics.values() if m.share_of == "outcome"]
    parts = " + ".join(f"m_{key}_num" for key in shares)
    leaves = [q for key in shares for q in FORM.metrics[key].num]
    assert sorted(leaves) == sorted(["granted", "partial", "denied", "unavail", "refused", "other"])
    rows = house.rows(
        f"SELECT {parts}, {' + '.join(f'q_{name}' for name in leaves)} FROM mart_report"
    )
    assert [a for a, _ in rows if a is not None] == [b for a, b in rows if a is not None]


def test_mart_is_sorted_for_pruning(house: Any, corpus: Any) -> None:
    for table in ("core_report", "mart_report"):
        years = [year for (year,) in house.rows(f"SELECT year FROM {table}")]
        assert years == sorted(years), table


def test_types_hold_sums() -> None:
    assert schema.metric_type("fee_amount") == schema.AMOUNT
    assert schema.metric_type("disclosure_rate") == schema.COUNT
    assert {c.name for c in schema.tables()["mart_region"].columns} >= {*PLACE, "ok", "n_reports"}


def test_failures_are_found_by_their_row_however_the_build_came_about(
    house: Any, content: Any
) -> None:
    """Files added, replaced and removed: a listed failure is still the finding it was made of."""
    finding = ["T3-SUM", "error", "fail", "total", 1, 2]
    for n in range(12):
        house.put(f"{n}.html", fake.document(f"P/C/K/局{n}", 2021, findings=[finding]))
    house.load()
    (house.corpus / "3.html").unlink()
    other = ["T3-FLOW", "error", "fail", "total", 5, 6]
    house.put("5.html", fake.document("P/C/K/局5", 2021, findings=[other, finding]))
    house.put("new.html", fake.document("P/C/K/局12", 2022, findings=[other]))
    house.load()
    rows = house.rows(
        "SELECT m.rule = f.rule AND m.year = f.year AND w.report_id = f.report_id "
        "FROM mart_finding m LEFT JOIN finding f ON f.rowid = m.finding_row "
        "LEFT JOIN wide_report w ON w.report_no = m.report_no"
    )
    failed = house.rows(
        "SELECT count(*) FROM finding JOIN report_current USING (report_id) WHERE outcome = 'fail'"
    )
    assert [(len(rows),), set(rows)] == [failed[0], {(True,)}]


def test_what_is_kept_of_the_year_before_is_that_years_figure(house: Any, corpus: Any) -> None:
    for year in (2022, 2023):
        house.put(
            f"next{year}.html",
            fake.document(
                "P0/C0/K0/局0", year, scope="own_office", cells={"t3.carried_out.total": year}
            ),
        )
    house.load()
    for key in schema.PRIOR:
        wrong = house.rows(f"""
            SELECT b.office_id FROM mart_report b LEFT JOIN mart_report a
            ON a.office_id = b.office_id AND a.year = b.year - 1
            AND a.scope IS NOT DISTINCT FROM b.scope
            WHERE b.p_{key} IS DISTINCT FROM a.q_{key} OR b.before_ok IS DISTINCT FROM a.ok""")
        assert wrong == [], key
    assert house.rows("SELECT p_carried_out FROM mart_report WHERE p_carried_out = 2022")


def test_sets_of_years_are_the_years_of_an_offices_reports(house: Any, corpus: Any) -> None:
    found = house.rows("""
        SELECT m.office_id, m.year, m.ok, coalesce(m.scope, 'own_office') = 'own_office' AS own,
               m.panel, m.panel_ok FROM mart_report m""")
    for office, year, ok, own, panel, panel_ok in found:
        same = [r for r in found if (r[0], r[3]) == (office, own)]
        assert panel == sum({1 << (r[1] - schema.YEAR_ZERO) for r in same})
        assert panel_ok == sum({1 << (r[1] - schema.YEAR_ZERO) for r in same if r[2]})
        assert panel >> (year - schema.YEAR_ZERO) & 1
        assert ok == bool(panel_ok >> (year - schema.YEAR_ZERO) & 1) or len(same) > 1
