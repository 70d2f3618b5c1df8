"""Real documents against figures read by eye; skipped where ../shared is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.pipeline import parse_path
from etl.report import ParsedReport, State, number_json

REPORTS = Path(__file__).parents[2] / ".." / "shared" / "reports"
GOLD = sorted((REPORTS / "gold").glob("*.json")) if REPORTS.exists() else []
HARD = Path(__file__).parents[2] / ".." / "shared" / "domain" / "hard_cases"

pytestmark = [
    pytest.mark.reports,
    pytest.mark.skipif(not GOLD, reason="../shared/reports is not beside this checkout"),
]


def read(path: Path) -> ParsedReport:
    (report,) = parse_path(path)
    return report


def source_of(gold: Path) -> Path:
    return next(p for p in REPORTS.iterdir() if p.stem == gold.stem)


def failed(report: ParsedReport, rule: str) -> list[str]:
    return [f.subject for f in report.findings if f.rule == rule and f.outcome == "fail"]


@pytest.mark.parametrize("gold", GOLD, ids=lambda p: p.stem)
def test_every_number_is_read_and_none_is_wrong(gold: Path) -> None:
    want = json.loads(gold.read_text(encoding="utf-8"))
    report = read(source_of(gold))
    said = {k: number_json(c.value) for k, c in report.cells.items()}
    numbers = {k: v for k, v in want["cells"].items() if v is not None}
    assert {k: said.get(k) for k in numbers} == numbers
    invented = {k: v for k, v in said.items() if v is not None and k not in numbers}
    assert invented == {}
    office = want["office"].partition(" (printed")[0]
    assert (report.office, report.year) == (office, want["year"])


def test_blank_and_absent_are_told_apart() -> None:
    shanghai = read(REPORTS / "shanghai_bgt_2019.html")
    assert shanghai.state("t3.granted.total") is State.BLANK
    renwei = read(REPORTS / "renwei_subdistrict_2021.txt")
    assert renwei.state("t3.carried_out.natural") is State.ABSENT


def test_findings_of_the_seed_report() -> None:
    report = read(REPORTS / "renwei_subdistrict_2021.txt")
    flow = {f.outcome for f in report.findings if f.rule == "T3-FLOW"}
    assert flow == {"not_assessable"}
    for rule in ("T3-SUM", "T3-ROW", "T4-SUM"):
        outcomes = [f.outcome for f in report.findings if f.rule == rule]
        assert outcomes and "fail" not in outcomes and "pass" in outcomes
    assert failed(report, "DUP-TABLE") == ["第二十条第（一）项"]


def test_the_offices_own_errors_are_reported_not_repaired() -> None:
    report = read(REPORTS / "hongze_2023.pdf")
    assert sorted(failed(report, "T4-SUM")) == ["lit_after_review", "review"]
    assert report.value("t4.review.total") == 0


def test_contradictions_of_shanghai_2019() -> None:
    report = read(REPORTS / "shanghai_bgt_2019.html")
    pairs = {
        (f.rule, number_json(f.left), number_json(f.right))
        for f in report.findings
        if f.outcome == "fail" and f.rule in {"NARR-OUTCOME", "NARR-PCT"}
    }
    stated = {value for _, left, right in pairs for value in (left, right)}
    assert {258, 275, 265, 337, 33.9, 32.9} <= stated
    assert sorted(failed(report, "NARR-T4")) == ["litigation_not_upheld", "review_not_upheld"]


def test_money_keeps_its_unit() -> None:
    amount = read(REPORTS / "shanghai_bgt_2019.html").cells["t2.procurement.amount"]
    assert (amount.value, amount.unit_printed, amount.raw) == (251000, "元", "251000元")


#: Hard case → cells a reader must get right; everything else may be right or no number.
HARD_CELLS: dict[str, dict[str, int | float | None]] = {
    "01_deduplicated_lines.txt": {
        "t2.licence.items_prev": 7, "t2.licence.items_change": -2, "t2.licence.decisions": 5,
        "t2.rules.made_new": None, "t2.normdocs.made_new": None, "t2.penalty.decisions": None,
    },
    "02_blanks_moved_to_row_end.txt": {
        "t3.received_new.total": 8, "t3.received_new.natural": None, "t3.granted.natural": None,
    },
    "04_labels_only.txt": {"t2.rules.made_new": None, "t3.received_new.total": None},
    "05_glued_cells.txt": {
        "t2.rules.issued": 0, "t2.rules.repealed": 0, "t2.rules.in_force": 0,
        "t2.normdocs.issued": None, "t2.licence.decisions": 35,
    },
    "07_mixed_forms.txt": {
        "t2.normdocs.made_new": 1, "t2.normdocs.disclosed_total": 6, "t2.licence.decisions": 12,
    },
    "09_long_labels_extra_row.txt": {
        "t2.rules.made_new": None, "t2.normdocs.disclosed_total": 40,
        "t2.licence.items_prev": 3, "t2.licence.items_change": -1, "t2.licence.decisions": 25,
    },
    "10_text_and_units_in_cells.txt": {
        "t2.rules.made_new": None, "t2.penalty.decisions": 18, "t2.fee.amount_wan": 7.120935,
        "t2.procurement.projects": 12, "t2.procurement.amount": 409455.9,
    },
    "13_rowspan_label_only_on_first_row.txt": {
        "t3.received_new.total": 46, "t3.partial.legal": 1, "t3.handled_total.total": 47,
    },
    "15_flip_book_page.txt": {
        "t3.carried_out.total": 2, "t4.review.upheld": 1, "t4.review.total": 1,
        "t4.lit_direct.total": 0,
    },
    "16_tables_dropped.txt": {"t3.received_new.total": None, "t2.licence.decisions": None},
    "18_section_numbers_reused.txt": {"t2.licence.decisions": 6, "t3.carried_in.total": 0},
}  # fmt: skip


@pytest.mark.parametrize("name", HARD_CELLS)
def test_hard_cases(name: str) -> None:
    report = read(HARD / name)
    assert report.status == "report"
    said = {k: number_json(report.value(k)) for k in HARD_CELLS[name]}
    assert said == HARD_CELLS[name]


def test_hard_case_claims_and_extras() -> None:
    dropped = {c.what: c.value for c in read(HARD / "16_tables_dropped.txt").narrative}
    assert (dropped["open_total"], dropped["open_website"]) == (213, 127)
    assert dropped["applications_received"] == 0
    extra = read(HARD / "09_long_labels_extra_row.txt").extra
    assert [e.values for e in extra] == [("60", "60", "300")]
    assert read(HARD / "04_labels_only.txt").forms["t2"] == "2019"


def test_run_together_text_has_no_wrong_number() -> None:
    # pingtan has no gold; figures read by eye: two applications by natural persons, both granted.
    report = read(REPORTS / "pingtan_suping_2020.flat.txt")
    two = {"received_new", "granted", "handled_total"}
    for key, cell in report.cells.items():
        table, row, column = key.split(".")
        if cell.value is None:
            continue
        expected = 2 if table == "t3" and row in two and column in ("natural", "total") else 0
        assert cell.value == expected, key
    assert report.state("t2.procurement.projects") is State.UNREAD
