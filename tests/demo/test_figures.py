"""Figures are plausible and, before faults, every relation of the form holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from etl.demo.corpus import DemoProvince
from etl.demo.figures import add_up, binomial, poisson
from etl.demo.province import DemoOffice, office_rng
from etl.form import load_form
from etl.report import Number

FORM = load_form()
APPLICANTS = [c.key for c in FORM.columns("t3") if c.key != "total"]


def broken_sums(f: Mapping[str, Number], rows: tuple[str, ...]) -> set[str]:
    """Ids of the relations of form.md section 7 that do not hold within one report."""

    def at(key: str) -> Number:
        return f.get(key, 0)

    specs = {r.key: r for r in FORM.rows("t3")}
    leaves = [r for r in rows if specs[r].kind == "leaf"]
    broken: set[str] = set()
    for c in [*APPLICANTS, "total"]:
        if at(f"t3.handled_total.{c}") != sum(at(f"t3.{r}.{c}") for r in leaves):
            broken.add("T3-SUM")
        arrived = at(f"t3.received_new.{c}") + at(f"t3.carried_in.{c}")
        if "carried_out" in rows and arrived != at(f"t3.handled_total.{c}") + at(
            f"t3.carried_out.{c}"
        ):
            broken.add("T3-FLOW")
    for r in rows:
        if at(f"t3.{r}.total") != sum(at(f"t3.{r}.{c}") for c in APPLICANTS):
            broken.add("T3-ROW")
    for b in FORM.rows("t4"):
        parts = [at(f"t4.{b.key}.{c.key}") for c in FORM.columns("t4") if c.key != "total"]
        if at(f"t4.{b.key}.total") != sum(parts):
            broken.add("T4-SUM")
    return broken


def rows_of(form: str) -> tuple[str, ...]:
    return tuple(r.key for r in FORM.rows("t3", form))


@pytest.mark.parametrize("form", FORM.versions)
def test_every_sum_holds_under_both_forms(made: DemoProvince, form: str) -> None:
    for office, history in made.histories.items():
        for year, figures in history.items():
            assert broken_sums(figures, rows_of(form)) == set(), (office, year)


def test_figures_carry_over_from_year_to_year(made: DemoProvince) -> None:
    checked = 0
    for office in made.province.offices:
        if office.predecessors or office.scope == "region":
            continue
        history = made.histories[office.office_id]
        for year, figures in history.items():
            if year - 1 not in history:
                continue
            last = history[year - 1]
            for c in [*APPLICANTS, "total"]:
                assert figures.get(f"t3.carried_in.{c}", 0) == last.get(f"t3.carried_out.{c}", 0)
            for row in ("rules", "normdocs"):
                stock = last.get(f"t2.{row}.in_force", 0) + figures.get(f"t2.{row}.issued", 0)
                assert figures.get(f"t2.{row}.in_force", 0) == stock - figures.get(
                    f"t2.{row}.repealed", 0
                )
            for row in ("licence", "penalty", "fee"):
                items = last.get(f"t2.{row}.items_prev", 0) + last.get(f"t2.{row}.items_change", 0)
                assert figures.get(f"t2.{row}.items_prev", 0) == items
            checked += 1
    assert checked > 3000


def test_the_merger_passes_open_cases_on(made: DemoProvince) -> None:
    heirs = [o for o in made.province.offices if o.predecessors and o.scope != "region"]
    handed = 0
    for heir in heirs:
        taken = sum(
            made.histories[p][2021].get("t3.carried_out.total", 0) for p in heir.predecessors
        )
        own = made.histories[heir.office_id].get(2021, {}).get("t3.carried_out.total", 0)
        assert made.histories[heir.office_id][2022].get("t3.carried_in.total", 0) == taken + own
        handed += int(taken)
    assert handed > 0


def test_regions_are_the_sums_of_their_members(made: DemoProvince) -> None:
    government = next(o for o in made.province.offices if o.office_id == "990100-government")
    members = list(made.province.members(government))
    assert {m.scope for m in members} == {"own_office"}
    parts = [
        made.histories[m.office_id][2023] for m in members if 2023 in made.histories[m.office_id]
    ]
    assert made.histories[government.office_id][2023] == add_up(parts)


def test_distributions_are_plausible(made: DemoProvince) -> None:
    own = [o for o in made.province.offices if o.scope == "own_office"]
    year = [made.histories[o.office_id][2023] for o in own if 2023 in made.histories[o.office_id]]
    cells = [f.get(c.key, 0) for f in year for c in FORM.cells_of("2021", "t3")]
    assert sum(1 for v in cells if v == 0) / len(cells) > 0.85
    received = sorted((f.get("t3.received_new.total", 0) for f in year), reverse=True)
    assert sum(received[: len(received) // 10]) > 0.4 * sum(received)
    total = add_up(year)
    assert 0.8 < total["t3.received_new.natural"] / total["t3.received_new.total"] < 0.95


def test_the_law_of_2024_moves_disputes_from_court_to_review(made: DemoProvince) -> None:
    province = made.histories["990000-government"]
    share = {
        y: province[y]["t4.lit_direct.total"] / province[y]["t4.review.total"] for y in province
    }
    assert max(share[2024], share[2025]) < 0.6 * min(share[y] for y in range(2019, 2024))


def test_only_bodies_with_the_power_make_rules(made: DemoProvince) -> None:
    def makes(office: DemoOffice) -> bool:
        return any(f.get("t2.rules.in_force") for f in made.histories[office.office_id].values())

    own = [o for o in made.province.offices if o.scope == "own_office" and makes(o)]
    assert {(o.kind, o.level) for o in own} == {("办公厅", "省"), ("办公厅", "市")}


@pytest.mark.parametrize("mean", [0.2, 3.0, 80.0])
def test_poisson_has_the_mean_it_is_given(mean: float) -> None:
    rng = office_rng(1, "poisson", mean)
    draws = [poisson(mean, rng) for _ in range(3000)]
    assert abs(sum(draws) / 3000 - mean) < 0.1 * mean + 0.05
    assert min(draws) >= 0


@pytest.mark.parametrize("n", [0, 40, 5000])
def test_binomial_stays_within_its_bounds(n: int) -> None:
    rng = office_rng(1, "binomial", n)
    draws = [binomial(n, 0.07, rng) for _ in range(300)]
    assert 0 <= min(draws) <= max(draws) <= n
    assert abs(sum(draws) / 300 - 0.07 * n) <= 0.01 * n
