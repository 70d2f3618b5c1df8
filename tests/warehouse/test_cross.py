"""Rules across years and within regions, driven by relations.yml."""

from __future__ import annotations

from typing import Any

import fake_documents as fake
import pytest

from etl.errors import DefinitionError
from etl.form.rules import load_rules
from etl.form.rules_spec import RuleSpec
from etl.warehouse import cross

A = "P1/C1/K1/甲局"
IN, OUT = "t3.carried_in.total", "t3.carried_out.total"


def findings(house: Any, rule: str) -> list[tuple[Any, ...]]:
    return house.rows(
        "SELECT year, subject, outcome, left_value, right_value FROM finding "
        "WHERE rule = ? AND subject IN ('total', '', 'review', 'normdocs', 's5', 't3') "
        "ORDER BY ALL",
        [rule],
    )


def counts(house: Any, rule: str) -> dict[str, int]:
    return dict(house.rows(
        "SELECT outcome, sum(n)::INTEGER FROM rule_count WHERE rule = ? GROUP BY 1", [rule]
    ))  # fmt: skip


def test_carry_over_between_years(house: Any) -> None:
    house.put("20.html", fake.document(A, 2020, cells={OUT: 3}))
    house.put("21.html", fake.document(A, 2021, cells={IN: 3, OUT: 5}))
    house.put("22.html", fake.document(A, 2022, cells={IN: 4, OUT: "blank"}))
    house.put("23.html", fake.document(A, 2023, cells={IN: 1}))
    house.put("25.html", fake.document(A, 2025, cells={IN: 9}))
    house.load()
    assert findings(house, "T3-YEAR") == [
        (2022, "total", "fail", 4, 5),
        (2023, "total", "not_assessable", 1, None),
    ]
    [(message, english, cells)] = house.rows(
        "SELECT message_zh, message_en, cells FROM finding "
        "WHERE rule = 'T3-YEAR' AND outcome = 'fail'"
    )
    for part in ("4", "5", "22.html", "21.html", f"{IN} place", f"{OUT} place", "2021年报告"):
        assert part in message, part
        assert part.replace("年报告", " report") in english, part
    assert cells == [IN]
    assert counts(house, "T3-YEAR")["pass"] == 1
    assert house.rows("SELECT n_warning_failed FROM report WHERE year = 2022") == [(1,)]


def test_stock_of_documents_only_within_one_form(house: Any) -> None:
    def normdocs(made: int, gone: int, stock: int) -> dict[str, int]:
        return {"t2.normdocs.issued": made, "t2.normdocs.repealed": gone,
                "t2.normdocs.in_force": stock}  # fmt: skip

    house.put("20.html", fake.document(A, 2020, cells={"t2.normdocs.disclosed_total": 99}))
    house.put("21.html", fake.document(A, 2021, cells=normdocs(1, 0, 10)))
    house.put("22.html", fake.document(A, 2022, cells=normdocs(3, 1, 12)))
    house.put("23.html", fake.document(A, 2023, cells=normdocs(3, 1, 15)))
    house.load()
    assert findings(house, "T2-STOCK") == [(2023, "normdocs", "fail", 14, 15)]


def test_only_current_reports_of_the_same_scope_are_compared(house: Any) -> None:
    house.put("21.html", fake.document(A, 2021, cells={OUT: 5}, published="2022-01-01"))
    house.put("21b.html", fake.document(A, 2021, cells={OUT: 4}, published="2022-02-01"))
    house.put("22.html", fake.document(A, 2022, cells={IN: 4}))
    house.put("22r.html", fake.document(A, 2022, cells={IN: 40}, scope="region"))
    house.load()
    assert findings(house, "T3-YEAR") == []
    assert counts(house, "T3-YEAR")["pass"] == 1


def test_a_later_load_reopens_the_question(house: Any) -> None:
    house.put("22.html", fake.document(A, 2022, cells={IN: 4}))
    house.load()
    assert findings(house, "T3-YEAR") == []
    house.put("21.html", fake.document(A, 2021, cells={OUT: 7}))
    house.load()
    assert findings(house, "T3-YEAR") == [(2022, "total", "fail", 4, 7)]
    house.put("21.html", fake.document(A, 2021, cells={OUT: 4}))
    house.load()
    assert findings(house, "T3-YEAR") == []


def test_a_renamed_office_is_followed(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from etl.offices import Lineage

    old, new = fake.office_key(A), fake.office_key("P1/C1/K1/新局")
    lineage = Lineage((), (), [(old, new, 2022, "renamed", "机构改革")])
    monkeypatch.setattr(Lineage, "load", staticmethod(lambda: lineage))
    house.put("21.html", fake.document(A, 2021, cells={OUT: 7}))
    house.put("22.html", fake.document("P1/C1/K1/新局", 2022, cells={IN: 4}))
    house.load()
    assert findings(house, "T3-YEAR") == [(2022, "total", "fail", 4, 7)]


def test_pending_cases(house: Any) -> None:
    house.put("21.html", fake.document(A, 2021, cells={"t4.review.pending": 3}))
    house.put("22.html", fake.document(A, 2022, cells={"t4.review.total": 2}))
    house.load()
    assert findings(house, "T4-PEND") == [(2022, "review", "fail", 3, 2)]


def test_region_against_its_members(house: Any) -> None:
    cell = "t3.received_new.total"
    house.put("gov.html", fake.document("P1/C1/-/市政府", 2022, scope="region", cells={
        cell: 10, IN: 9}))  # fmt: skip
    for number, value in enumerate((6, 5)):
        house.put(f"{number}.html", fake.document(f"P1/C1/K{number}/局", 2022, cells={
            cell: value, IN: value}))  # fmt: skip
    house.put("other.html", fake.document("P1/C2/K9/局", 2022, cells={cell: 100}))
    house.put("tax.html", fake.document("P1/C1/K1/垂直机构", 2022, cells={cell: 100}))
    house.put("old.html", fake.document("P1/C1/K1/局", 2021, cells={cell: 100}))
    house.put("lower.html", fake.document("P1/C1/K1/县政府", 2022, scope="region", cells={
        cell: 100}))  # fmt: skip
    house.load()
    rows = house.rows(
        "SELECT subject, left_value, right_value, message_zh FROM finding WHERE rule = 'AGG-LE' "
        "AND office_id LIKE '%市政府' ORDER BY subject"
    )
    assert [row[:3] for row in rows] == [(IN, 11, 9), (cell, 11, 10)]
    assert "2个成员" in rows[0][3]


def test_copied_words(house: Any) -> None:
    long = "存在的问题是公开内容不够及时，改进措施是加强培训，完善制度，压实责任，" * 3
    house.put("21.html", fake.document(A, 2021, sections={"s5": long}))
    house.put("22.html", fake.document(A, 2022, sections={"s5": long[:40] + " \n" + long[40:]}))
    house.put("23.html", fake.document(A, 2023, sections={"s5": "无"}))
    house.put("24.html", fake.document(A, 2024, sections={"s5": "无"}))
    for name in ("乙局", "丙局"):
        text = f"{name}2022年收到申请{len(name)}件，" + long
        house.put(f"{name}.html", fake.document(f"P1/C1/K1/{name}", 2022, sections={"s1": text}))
    house.load()
    assert findings(house, "S5-SAME") == [(2022, "s5", "fail", None, None)]
    copies = house.rows("SELECT office_id, message_zh FROM finding WHERE rule = 'S-COPY'")
    assert len(copies) == 2
    assert all(("乙局" in zh) != ("乙局" in office) or "丙局" in zh for office, zh in copies)


def test_a_whole_table_as_last_year(house: Any) -> None:
    cells = {IN: 3, OUT: 4, "t3.granted.total": 9}
    for year in (2021, 2022):
        house.put(f"{year}.html", fake.document(A, year, cells=cells))
        house.put(f"n{year}.html", fake.document("P1/C1/K1/空局", year, cells={IN: 0, OUT: 0}))
    house.load()
    assert findings(house, "T3-SAME") == [(2022, "t3", "fail", None, None)]


def test_every_rule_with_needs_can_be_evaluated() -> None:
    rules = load_rules()
    wanted = [rule for rule in rules.rules if rule.needs]
    assert {r.id for r in wanted} >= {"T3-YEAR", "T2-STOCK", "T2-19ITEM", "AGG-LE", "T4-PEND"}
    for rule in wanted:
        assert list(cross.statements(rules, rule)), rule.id


def test_an_unknown_kind_is_an_error_not_silence() -> None:
    rules = load_rules()
    base = next(rule for rule in rules.rules if rule.needs)
    strange = RuleSpec(**{**base.model_dump(), "kind": "filled"})
    with pytest.raises(DefinitionError, match=base.id):
        list(cross.statements(rules, strange))
