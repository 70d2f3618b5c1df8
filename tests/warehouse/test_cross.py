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


#: Sentences that share no wording; six make a section 5, all of them a section 1.
WORDS = [
    "栏目多年未调整，群众按部门名称查找，常常翻到第三页才看见所需文件。",
    "窗口没有专人引导，老年人不会使用触摸屏，只好请邻居代查。",
    "答复书引用条款过长，申请人读完仍不清楚下一步应当找谁。",
    "村级公示栏朝向马路，雨季纸张脱落，补贴以后才补上。",
    "解读材料全是文字，没有配图，转发次数偏少。",
    "档案移交之后目录编号变更，网上链接一度打不开。",
    "今后每季度请居民代表试用网站，把走不通的步骤列成清单逐条销号。",
    "在卫生院和集市各设一处查阅点，由网格员轮流值守。",
    "答复前先打电话问清用途，写明救济途径和办公时间。",
    "对年轻干部开三次小班课，拿自己办过的案卷当教材。",
    "修订办事流程图，一张图说清材料、时限与承办人。",
    "打通档案馆检索接口，旧文号也能查到新编号。",
]


def test_copied_words(house: Any) -> None:
    s5 = "".join(WORDS[:6])
    house.put("21.html", fake.document(A, 2021, sections={"s5": s5}))
    house.put("22.html", fake.document(A, 2022, sections={"s5": f"2022年：{s5[:40]} \n {s5[40:]}"}))
    house.put("23.html", fake.document(A, 2023, sections={"s5": "".join(WORDS[6:])}))
    house.put("24.html", fake.document(A, 2024, sections={"s5": "无"}))
    house.put("25.html", fake.document(A, 2025, sections={"s5": "无"}))
    own = {"乙局": WORDS, "丙局": [*WORDS[:11], "丙局另设信箱。"], "丁局": WORDS[:3]}
    for name, said in own.items():
        text = f"{name}2022年收到申请{len(said)}件，" + "".join(said)
        house.put(f"{name}.html", fake.document(f"P1/C1/K1/{name}", 2022, sections={"s1": text}))
    house.load()
    assert [row[:3] for row in findings(house, "S5-SAME")] == [(2022, "s5", "fail")]
    copies = dict(house.rows("SELECT office_id, message_zh FROM finding WHERE rule = 'S-COPY'"))
    names = {office.rpartition("_")[2] for office in copies}
    assert {"乙局", "丙局"} <= names
    one = copies[fake.office_key("P1/C1/K1/乙局")]
    assert "丙局" in one and "%" in one and "乙局.html" in one and "丙局.html" in one
    assert counts(house, "S-COPY")["not_applicable"] >= 2  # 无 is no text of one's own


def test_stock_phrases_are_nobodys(house: Any) -> None:
    """What more offices write than may have copied from each other is template text."""
    from etl.warehouse.cross_text import TEMPLATE_OFFICES

    for number in range(TEMPLATE_OFFICES + 2):
        said = "".join(WORDS)
        house.put(f"{number}.html", fake.document(f"P1/C1/K1/{number}局", 2022, sections={
            "s5": said}))  # fmt: skip
    for number in range(1, len(WORDS)):
        said = "".join(WORDS[number:] + WORDS[:number])
        house.put(f"other{number}.html", fake.document(f"P1/C1/K1/另{number}局", 2022, sections={
            "s5": said}))  # fmt: skip
    house.load()
    failed = house.rows("SELECT office_id FROM finding WHERE rule = 'S-COPY'")
    # Only those who have the same sentences in the same order, from beginning to end.
    assert failed and not any("另" in office for (office,) in failed)


def test_sketches_ignore_figures_names_and_signs() -> None:
    from etl.warehouse.sketch import bare, sketch

    a = bare("甲县乙局2021年收到申请12件，均已答复。" + "".join(WORDS), ["甲县乙局"])
    b = bare("丙县丁局２０２２年收到申请7件,均已答复" + " ".join(WORDS), ["丙县丁局"])
    assert a == b and sketch(a, 8) == sketch(b, 8)
    assert set(sketch(a, 8)) <= set(sketch(a, 2)) and len(sketch(a, 2)) > 2 * len(sketch(a, 8))
    assert sketch("短", 1) == []


def test_plausibility_over_years(house: Any) -> None:
    total, done = "t3.received_new.total", "t3.handled_total.total"
    for year, value in ((2019, 60), (2020, 60), (2021, 60), (2022, 61), (2023, 400), (2024, 0)):
        house.put(f"{year}.html", fake.document(A, year, cells={total: value, done: 60}))
    for year, value in (
        (2022, 2),
        (2023, 30),
        (2024, 0),
    ):  # small: moves mean little
        house.put(f"s{year}.html", fake.document("P1/C1/K1/小局", year, cells={total: value}))
    house.load()
    asked = house.rows(
        "SELECT rule, year, left_value, right_value FROM finding "
        "WHERE rule IN ('T3-FLAT', 'T3-JUMP', 'T3-SILENT') AND outcome = 'fail' ORDER BY ALL"
    )
    assert asked == [
        ("T3-FLAT", 2021, 60, 60), ("T3-JUMP", 2023, 400, 61), ("T3-SILENT", 2024, 0, 30),
        ("T3-SILENT", 2024, 0, 400),
    ]  # fmt: skip
    assert counts(house, "T3-JUMP")["pass"] > 0 and counts(house, "T3-FLAT")["pass"] > 0


def test_yuan_entered_as_wan_against_the_offices_own_median(house: Any) -> None:
    fee = "t2.fee.amount_wan"
    for year, value in ((2021, 5.5), (2022, 61000), (2023, 6.5), (2024, 7)):
        house.put(f"{year}.html", fake.document(A, year, cells={fee: value}))
    house.put("b.html", fake.document("P1/C1/K1/乙局", 2022, cells={fee: 61000}))
    house.load()
    found = house.rows("SELECT year, left_value, right_value, message_zh FROM finding "
                       "WHERE rule = 'T2-UNIT'")  # fmt: skip
    assert [row[:3] for row in found] == [(2022, 61000, 6.5)]
    assert "中位数" in found[0][3]


def test_two_offices_with_one_table(house: Any) -> None:
    cells = {"t3.received_new.total": 31, "t3.handled_total.total": 30, OUT: 1}
    for name in ("乙局", "丙局"):
        house.put(f"{name}.html", fake.document(f"P1/C1/K1/{name}", 2022, cells=cells))
    house.put("other.html", fake.document("P1/C1/K1/丁局", 2022, cells=cells | {OUT: 2}))
    house.put("far.html", fake.document("P2/C9/K9/戊局", 2022, cells=cells))
    for name in ("小局", "微局"):
        house.put(f"{name}.html", fake.document(f"P1/C1/K1/{name}", 2022, cells={OUT: 2}))
    house.load()
    found = dict(house.rows("SELECT office_id, message_zh FROM finding WHERE rule = 'T3-TWIN'"))
    assert {office.rpartition("_")[2] for office in found} == {"乙局", "丙局"}
    assert "丙局" in found[fake.office_key("P1/C1/K1/乙局")]


def test_late_only_where_the_date_is_known(house: Any) -> None:
    dates = {"早局": "2023-01-31", "晚局": "2023-02-03", "旧局": "2022-11-01", "搬局": "2025-06-01",
             "无局": None}  # fmt: skip
    for name, published in dates.items():
        house.put(f"{name}.html", fake.document(f"P1/C1/K1/{name}", 2022, published=published))
    house.put("gov.html", fake.document("P1/C1/K1/政府", 2022, published="2023-03-31"))
    # Published in time and corrected later: the first date counts.
    house.put(
        "a1.html", fake.document("P1/C1/K1/正局", 2022, published="2023-01-20", cells={IN: 1})
    )
    house.put(
        "a2.html", fake.document("P1/C1/K1/正局", 2022, published="2023-05-20", cells={IN: 2})
    )
    keys = [fake.office_key(f"P1/C1/K1/{name}") for name in (*dates, "政府", "正局")]
    lines = [f"{key},局,2022," for key in keys]
    (house.corpus / "roster.csv").write_text(
        "\n".join(["office_id,office,year,due", *lines, ""]), encoding="utf-8"
    )
    house.load()
    rows = house.rows("SELECT office_id, outcome, left_value, message_zh FROM finding "
                      "WHERE rule = 'PUB-LATE' ORDER BY outcome, office_id")  # fmt: skip
    assert [(r[0].rpartition("_")[2], r[1]) for r in rows] == [
        ("晚局", "fail"), ("搬局", "not_assessable"), ("旧局", "not_assessable"),
    ]  # fmt: skip
    assert rows[0][2] == 3 and "2023-02-03" in rows[0][3] and "2023-01-31" in rows[0][3]
    assert counts(house, "PUB-LATE") == {"fail": 1, "pass": 3, "not_assessable": 2,
                                         "not_applicable": 1}  # fmt: skip
    # So does the board of arrivals.
    arrivals = dict(house.rows("SELECT split_part(office_id, '_', -1), arrival FROM mart_arrival "
                               "JOIN mart_office USING (office_no)"))  # fmt: skip
    assert arrivals == {"早局": "on_time", "晚局": "late", "旧局": "undated", "搬局": "undated",
                        "无局": "undated", "政府": "on_time", "正局": "on_time"}  # fmt: skip


def test_a_dated_correction_of_an_undated_page_accuses_nobody(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, cells={"t3.received_new.total": 5}))
    house.put("b.html", fake.document(
        A, 2022, cells={"t3.received_new.total": 6}, published="2023-03-05"))  # fmt: skip
    house.load()
    [(outcome, words)] = house.rows(
        "SELECT outcome, message_zh FROM finding WHERE rule = 'PUB-LATE'"
    )
    assert outcome == "not_assessable" and "可能更早发布" in words


def test_a_rosters_date_goes_before_the_statutes(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, published="2023-01-29"))
    (house.corpus / "roster.csv").write_text(
        f"office_id,office,year,due\n{fake.office_key(A)},甲局,2022,2023-01-26\n", encoding="utf-8"
    )
    house.load()
    assert house.rows("SELECT left_value FROM finding WHERE rule = 'PUB-LATE'") == [(3,)]


def test_missing_members_are_named(house: Any) -> None:
    cell = "t3.received_new.total"
    house.put("gov.html", fake.document("P1/C1/-/市政府", 2022, scope="region", cells={cell: 10}))
    house.put("a.html", fake.document("P1/C1/K1/甲局", 2022, cells={cell: 11}))
    house.put("b.html", fake.document("P1/C1/K2/乙局", 2021, cells={cell: 3}))  # not in 2022
    house.put("c.html", fake.document("P1/C1/K2/丙局", 2023, cells={cell: 3}))  # only later
    house.put("v.html", fake.document("P1/C1/K2/垂直机构", 2021, cells={cell: 3}))
    house.load()
    [(zh, en)] = house.rows("SELECT message_zh, message_en FROM finding WHERE rule = 'AGG-LE'")
    assert "另有1个成员未见本年报告：乙局。" in zh and "1 more members" in en
    assert "丙局" not in zh and "垂直" not in zh


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
