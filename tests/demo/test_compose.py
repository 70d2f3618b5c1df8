"""What offices print: faults do what they say, and nothing else is wrong."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from etl.demo.model import DemoReport
from etl.demo.narrative import chinese_number
from etl.demo.province import DemoOffice
from etl.demo.settings import load_settings
from etl.report import State
from tests.demo.test_figures import broken_sums

Published = list[tuple[DemoOffice, DemoReport]]

#: Which relation of form.md section 7 each fault of the figures breaks within a report.
BREAKS = {
    "wrong_row_total": {"T3-ROW", "T3-SUM"},
    "wrong_handled_total": {"T3-SUM", "T3-FLOW"},
    "broken_flow": {"T3-FLOW"},
    "wrong_dispute_total": {"T4-SUM"},
}


def printed_breaks(report: DemoReport) -> set[str]:
    values = {k: c.value for k, c in report.cells.items() if c.value is not None}
    return broken_sums(values, report.rows)


def having(published: Published, key: str) -> list[DemoReport]:
    return [report for _, report in published if key in report.faults]


@pytest.mark.parametrize("key", sorted({f.key for f in load_settings().faults}))
def test_every_declared_fault_occurs_about_as_often_as_stated(
    published: Published, key: str
) -> None:
    found = len(having(published, key))
    stated = sum(f.rate for f in load_settings().faults if f.key == key)
    assert 1 <= found <= 1.5 * stated * len(published) + 5


def test_sums_fail_exactly_where_a_fault_says_so(published: Published) -> None:
    for _, report in published:
        expected = set().union(*(BREAKS.get(key, set()) for key in report.faults))
        if "missing_carried_out" in report.faults:
            expected.discard("T3-FLOW")
        assert printed_breaks(report) == expected, report.title


def test_blanks_and_slashes_stand_only_where_a_fault_put_them(published: Published) -> None:
    makes = {
        State.BLANK: {"blank_zeros", "blank_details"},
        State.NOT_APPLICABLE: {"slash_rules", "slash_zeros"},
    }
    for _, report in published:
        states = Counter(cell.state for cell in report.cells.values())
        for state, faults in makes.items():
            assert bool(states[state]) <= bool(faults & set(report.faults)), report.title
    assert all(
        any(c.state is State.BLANK for c in r.cells.values())
        for r in having(published, "blank_zeros")
    )


def test_forms_follow_the_year_unless_a_fault_says_otherwise(published: Published) -> None:
    for office, report in published:
        late = "old_form" in report.faults
        form = "2019" if report.year < 2021 or late else "2021"
        assert report.forms["t3"] == form, office.office_id
        assert ("t2.procurement.amount" in report.cells) == (form == "2019")
        if "undivided_other" in report.faults:
            assert "t3.other.total" in report.cells
            assert "t3.other_misc.total" not in report.cells
    mixed = having(published, "mixed_forms")[0]
    assert {"t2.rules.made_new", "t2.fee.amount_wan"} <= mixed.cells.keys()


def test_structure_faults_change_the_tables(published: Published) -> None:
    assert all("carried_out" in r.absent for r in having(published, "missing_carried_out"))
    for report in having(published, "duplicate_block"):
        assert report.blocks[0] == report.blocks[-1]
    for report in having(published, "fee_with_unit"):
        cell = report.cells["t2.fee.amount_wan"]
        assert cell.unit == "元"
        assert Decimal(cell.text.removesuffix("元")) == Decimal(cell.value or 0) * 10000


def test_copied_narratives_equal_the_report_before(published: Published) -> None:
    before: dict[str, DemoReport] = {}
    copied = 0
    for office, report in published:
        if "copied_narrative" in report.faults:
            assert report.sections["s5"] == before[office.office_id].sections["s5"]
            copied += 1
        before[office.office_id] = report
    assert copied > 50
    texts = Counter(r.sections["s5"] for _, r in published if "copied_narrative" not in r.faults)
    assert texts.most_common(1)[0][1] <= 3


def test_narratives_state_the_counts_of_the_table_unless_faulty(published: Published) -> None:
    stated = 0
    for _, report in published:
        cell = report.cells["t3.received_new.total"]
        text = "".join(report.sections["s1"])
        if f"新收政府信息公开申请{cell.value}件" in text:
            stated += "narrative_contradicts" not in report.faults
        elif "新收政府信息公开申请" in text:
            changed = {"narrative_contradicts", "wrong_row_total", "blank_zeros", "slash_zeros"}
            assert changed & set(report.faults), report.title
    assert stated > 200


def test_most_offices_publish_every_year_in_time(published: Published) -> None:
    assert 4000 < len(published) < 4300
    late = sum(report.late for _, report in published)
    assert 0.015 < late / len(published) < 0.05
    for _, report in published:
        due = f"{report.year + 1}-{'03-31' if report.kind == '政府' else '01-31'}"
        assert (report.published > due) == report.late


@pytest.mark.parametrize(
    ("n", "zh"), [(0, "零"), (3, "三"), (10, "十"), (14, "十四"), (40, "四十"), (99, "九十九")]
)
def test_chinese_numbers(n: int, zh: str) -> None:
    assert chinese_number(n) == zh
