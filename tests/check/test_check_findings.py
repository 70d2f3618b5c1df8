"""What each kind of rule says: outcomes, figures, wording, on reports built for the purpose."""

from dataclasses import replace
from decimal import Decimal

import pytest
from check_samples import (
    BUREAU,
    ONE_ROW,
    RULES,
    V19,
    V21,
    by_rule,
    check,
    failed,
    number,
    one,
    report,
    sample,
)

from etl.check import Duplicate, OfficeFacts, check_report, duplicate_findings
from etl.document import Line
from etl.report import (
    CellReading,
    Claim,
    ExtraRow,
    Level,
    Outcome,
    ParsedReport,
    Problem,
    SectionText,
    State,
)

# ---- arithmetic ----


def test_a_broken_balance_reads_as_an_office_would_want_it():
    values = sample() | {"t3.carried_out.natural": 8}
    finding = one(check(values), "T3-FLOW", "natural")
    assert finding.level is Level.ERROR and finding.outcome is Outcome.FAIL
    assert (finding.left, finding.right) == (220, 218)
    cells = RULES.cells("t3", V21)
    first, last = (cells.index(f"t3.{r}.natural") + 1 for r in ("received_new", "carried_out"))
    carried, handled = (cells.index(f"t3.{r}.natural") + 1 for r in ("carried_in", "handled_total"))
    assert finding.message == (
        "第三部分“自然人”列：本年新收217件＋上年结转3件＝220件，"
        "但（七）总计210件＋结转下年度继续办理8件＝218件，相差2件"
        f"（见 table 3, cell {first} 至 table 3, cell {carried}；"
        f"table 3, cell {handled} 至 table 3, cell {last}）。"
        "请核对该列的新收、结转和办理数，表头印有这一勾稽关系。"
    )
    assert "Received this year 217 + Carried over from last year 3 = 220" in finding.message_en
    assert "differ by 2" in finding.message_en


@pytest.mark.parametrize("state", [State.BLANK, State.NOT_APPLICABLE])
def test_blanks_count_as_0_and_the_finding_says_so(state):
    values = sample() | {"t3.granted.natural": 191, "t3.denied_process.natural": state}
    finding = one(check(values), "T3-SUM", "natural")
    assert finding.outcome is Outcome.FAIL and finding.assumed
    assert "空格和“/”按0计。" in finding.message and "Blanks counted as 0" in finding.message_en


def test_a_subject_without_any_number_is_not_applicable():
    values = sample()
    for row in RULES.rows("t3", V21):
        values[f"t3.{row}.welfare"] = None
    for result in ("upheld", "corrected", "other", "pending", "total"):
        values[f"t4.lit_direct.{result}"] = None
    findings = check(values)
    for rule, subject in (("T3-FLOW", "welfare"), ("T3-SUM", "welfare"), ("T4-SUM", "lit_direct")):
        assert one(findings, rule, subject).outcome is Outcome.NOT_APPLICABLE


def test_a_blank_total_beside_figures_is_not_0():
    finding = one(check(sample() | {"t3.granted.total": None}), "T3-ROW", "granted")
    assert finding.outcome is Outcome.NOT_ASSESSABLE and "“总计”空白" in finding.message


def test_parts_left_blank_beside_a_total_are_not_assessable():
    """A row of which only the total is filled in (met in 2023) says nothing of its parts."""
    row = {
        f"t3.granted.{c}": None
        for c in ("natural", "biz", "research", "welfare", "legal", "org_other")
    }
    assert one(check(sample() | row), "T3-ROW", "granted").outcome is Outcome.NOT_ASSESSABLE
    zero = {key.replace("granted", "partial"): None for key in row} | {"t3.partial.total": 0}
    finding = one(check(sample() | zero), "T3-ROW", "partial")
    assert finding.outcome is Outcome.PASS and finding.assumed


@pytest.mark.parametrize(
    ("state", "word"),
    [(State.ABSENT, "缺项"), (State.UNREAD, "未能确认"), (State.TEXT, "填的是文字")],
)
def test_a_gap_names_the_cell_and_why(state, word):
    finding = one(check(sample() | {"t3.handled_total.biz": state}), "T3-FLOW", "biz")
    assert finding.outcome is Outcome.NOT_ASSESSABLE
    assert finding.message == f"第三部分“商业企业”列无法核对：“（七）总计”{word}。"


def test_a_table_that_is_not_there_is_said_once():
    values = {k: v for k, v in sample().items() if not k.startswith("t3")}
    findings = check(values)
    for rule in ("T3-FLOW", "T3-SUM", "T3-ROW"):
        assert [f.outcome for f in findings if f.rule == rule] == [Outcome.NOT_ASSESSABLE]
    assert one(findings, "TABLE-NONE", "t3").outcome is Outcome.FAIL
    assert one(findings, "TABLE-NONE", "t4").outcome is Outcome.PASS
    assert one(findings, "ROW-MISSING", "t3").outcome is Outcome.NOT_APPLICABLE


def test_an_empty_table_and_an_unread_one_differ():
    keys = RULES.cells("t4", V21)
    empty = one(check(sample() | dict.fromkeys(keys)), "TABLE-NONE", "t4")
    unread = one(check(sample() | dict.fromkeys(keys, State.UNREAD)), "TABLE-NONE", "t4")
    assert (empty.outcome, unread.outcome) == (Outcome.FAIL, Outcome.NOT_ASSESSABLE)
    assert "全部空白" in empty.message


def test_other_handling_printed_as_one_row_is_summed_once():
    values = sample(ONE_ROW)
    values["t3.other.natural"] = 5
    values["t3.handled_total.natural"] = 215
    findings = check(values, ONE_ROW)
    assert one(findings, "T3-SUM", "natural").outcome is Outcome.PASS
    assert "other" in by_rule(findings, "T3-ROW")
    assert "other_misc" not in by_rule(findings, "T3-ROW")
    assert one(findings, "T3-FEE").outcome is Outcome.NOT_APPLICABLE
    assert one(findings, "ROW-MISSING", "t3").outcome is Outcome.PASS


def test_impossible_carry_speaks_only_where_the_balance_cannot():
    values = sample() | {"t3.carried_out.natural": 500}
    findings = check(values)
    assert failed(findings, "T3-FLOW", "T3-CARRY") == {("T3-FLOW", "natural")}
    findings = check(values | {"t3.handled_total.natural": State.UNREAD})
    assert failed(findings, "T3-FLOW", "T3-CARRY") == {("T3-CARRY", "natural")}


def test_corrected_above_the_total_where_a_result_is_missing():
    findings = check(sample() | {"t4.review.corrected": 9, "t4.review.other": State.ABSENT})
    assert failed(findings, "T4-SUM", "T4-WITHIN") == {("T4-WITHIN", "review")}


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("t3.granted.biz", -1, "T3-INT"),
        ("t3.granted.biz", Decimal("1.5"), "T3-INT"),
        ("t4.review.other", -2, "T4-INT"),
        ("t2.licence.decisions", Decimal("0.5"), "T2-INT"),
        ("t2.fee.amount_wan", Decimal("-0.5"), "T2-INT"),
    ],
)
def test_counts_are_whole_and_not_negative(key, value, rule):
    findings = check(sample() | {key: value})
    assert failed(findings, "T3-INT", "T4-INT", "T2-INT") == {(rule, key)}


def test_amounts_may_be_decimal_and_changes_negative():
    assert failed(check(sample() | {"t2.fee.amount_wan": Decimal("7730.28")}), "T2-INT") == set()
    findings = check(sample(V19) | {"t2.licence.items_change": -3}, V19, year=2020)
    assert failed(findings, "T2-INT") == set()
    assert one(findings, "T2-INT", "t2").outcome is Outcome.PASS


def test_share_carried_out():
    values = sample() | {"t3.carried_out.total": 120, "t3.received_new.total": 221}
    finding = one(check(values), "T3-OPEN")
    assert finding.outcome is Outcome.FAIL and finding.level is Level.INFO
    assert "120件，超过本年新收221件的40%" in finding.message
    few = {"t3.carried_out.total": 4, "t3.received_new.total": 5}
    assert one(check(sample() | few), "T3-OPEN").outcome is Outcome.PASS


def test_plausibility_of_table_3():
    tens = {key: sample()[key] // 10 * 100 for key in RULES.cells("t3", V21)}
    finding = one(check(sample() | tens), "T3-ROUND", "t3")
    assert finding.outcome is Outcome.FAIL and finding.left == 4
    few = one(check(sample() | tens | {"t3.carried_out.natural": 0}), "T3-ROUND", "t3")
    assert few.outcome is Outcome.NOT_APPLICABLE
    mixed = one(check(sample() | tens | {"t3.granted.biz": 3}), "T3-ROUND", "t3")
    assert mixed.outcome is Outcome.PASS
    bare = dict.fromkeys(RULES.cells("t3", V21), 0) | {"t3.received_new.total": 80}
    assert one(check(sample() | bare), "T3-SPARSE", "t3").outcome is Outcome.FAIL
    assert one(check(), "T3-SPARSE", "t3").outcome is Outcome.PASS


def test_table_2_within_the_year():
    values = sample() | {
        "t2.normdocs.issued": 9,
        "t2.normdocs.in_force": 5,
        "t2.normdocs.repealed": 3,
    }
    finding = one(check(values), "T2-WITHIN", "normdocs")
    assert (finding.outcome, finding.left, finding.right) == (Outcome.FAIL, 9, 8)
    assert "本年制发件数9件，多于现行有效件数5件＋本年废止件数3件＝8件，多出1件" in finding.message
    old = sample(V19) | {"t2.rules.disclosed_new": 2, "t2.rules.disclosed_total": 1}
    assert failed(check(old, V19, year=2019), "T2-19STOCK") == {("T2-19STOCK", "rules")}


@pytest.mark.parametrize(
    ("office", "outcome"),
    [
        (OfficeFacts("县", "政府"), Outcome.FAIL),
        (OfficeFacts("乡", "乡镇"), Outcome.FAIL),
        (OfficeFacts("省", "部门"), Outcome.FAIL),
        (OfficeFacts("市", "政府"), Outcome.NOT_APPLICABLE),
        (OfficeFacts("省", "办公厅"), Outcome.NOT_APPLICABLE),
        (OfficeFacts("国家", "部门"), Outcome.NOT_APPLICABLE),
        (None, Outcome.NOT_ASSESSABLE),
    ],
)
def test_who_may_make_rules(office, outcome):
    values = sample() | {"t2.rules.in_force": 6}
    assert one(check(values, office=office), "T2-RULEPOWER", "rules").outcome is outcome
    if outcome is Outcome.FAIL:
        assert one(check(office=office), "T2-RULEPOWER", "rules").outcome is Outcome.PASS


# ---- filling in ----


def test_missing_rows_are_uncertain_where_figures_could_not_be_placed():
    values = sample() | {key: State.ABSENT for key in sample() if key.startswith("t3.partial.")}
    finding = one(check(values), "ROW-MISSING", "t3")
    assert finding.outcome is Outcome.FAIL and "“（二）部分公开”行" in finding.message
    unsure = one(check(values | {"t3.granted.biz": State.UNREAD}), "ROW-MISSING", "t3")
    assert unsure.outcome is Outcome.NOT_ASSESSABLE


def test_words_blanks_and_extra_rows():
    values = sample() | {"t2.rules.issued": State.TEXT, "t4.review.other": State.NOT_APPLICABLE}
    checked = report(V21, values)
    checked.extra = [ExtraRow("其他主动公开文件", ("60", "60", "300"), "table 2, row 5")]
    findings = check_report(checked)
    assert failed(findings, "CELL-TEXT") == {("CELL-TEXT", "t2")}
    assert failed(findings, "CELL-BLANK") == {("CELL-BLANK", "t4")}
    assert "其他主动公开文件" in one(findings, "ROW-EXTRA").message


def test_printed_subtotals():
    checked = report(V21, sample())
    row = ("0", "4", "0", "0", "0", "0", "5")
    checked.extra = [ExtraRow("（四）无法提供小计", row, "table 3, row 14")]
    findings = check_report(checked)
    assert failed(findings, "T3-SUBTOTAL") == {("T3-SUBTOTAL", "unavail.total")}
    assert one(findings, "T3-SUBTOTAL", "unavail.biz").outcome is Outcome.PASS
    assert one(check(), "T3-SUBTOTAL", "t3").outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("year", "outcome"),
    [(2022, Outcome.FAIL), (2020, Outcome.PASS), (None, Outcome.NOT_ASSESSABLE)],
)
def test_form_of_the_year(year, outcome):
    finding = one(check(sample(V19), V19, year=year), "FORM-YEAR", "t2")
    assert finding.outcome is outcome
    if outcome is Outcome.FAIL:
        assert (
            "2022年度报告的第二部分表格用的是2019年格式（试行），应为2021年格式" in finding.message
        )


def test_rules_of_another_form_do_not_apply():
    findings = check(sample(V19), V19, year=2019)
    assert one(findings, "T2-WITHIN").outcome is Outcome.NOT_APPLICABLE
    assert one(findings, "S6-FEE").outcome is Outcome.NOT_APPLICABLE


def test_years_in_title_and_period():
    checked = report(V21, sample(), title="甲县乙局2021年政府信息公开工作年度报告")
    period = "本报告所列数据的统计期限自2022年1月1日起至 2022年\n12月31日止。"
    checked.blocks = [Line(text, "line") for text in period.splitlines()]
    findings = check_report(checked)
    assert failed(findings, "ID-YEAR") == {("ID-YEAR", "title")}
    assert one(findings, "ID-YEAR", "period").outcome is Outcome.PASS
    assert one(check(), "ID-YEAR", "title").outcome is Outcome.NOT_APPLICABLE


def test_duplicates():
    cells = ("t2.rules.issued",)
    same, other = duplicate_findings(
        [
            Duplicate("第二十条第（一）项", True, cells, "table 1, row 1", "table 5, row 1"),
            Duplicate("第二十条第（六）项", False, cells, "table 3", "table 6"),
        ]
    )
    assert (same.rule, same.level, other.level) == ("DUP-TABLE", Level.WARNING, Level.ERROR)
    assert "table 1, row 1；table 5, row 1" in same.message and "数字不同" in other.message
    assert same.subject == "第二十条第（一）项" and other.cells == cells


# ---- words ----

FULL = (
    "主动公开信息10条。依申请公开规范办理。加强政府信息管理。抓好网站平台建设。强化监督，开展培训。"
    "全年更新各类栏目内容，按时处理群众来信，逐件登记并留存记录；对外发布的文件均注明文号和日期，"
    "过期内容及时撤下；窗口设有查询电脑和纸质材料，安排专人引导，节假日轮流值守。"
)


def words(
    s1=FULL,
    s5="存在的问题是解读不够，下一步将加强培训。",
    s6="本年度未收取信息处理费。",
    office=BUREAU,
    **more,
):
    sections = [
        SectionText(key, "", text, f"line {i}")
        for i, (key, text) in enumerate((("s1", s1), ("s5", s5), ("s6", s6)))
        if text is not None
    ]
    return check(sections=sections, office=office, **more)


def test_a_sound_narrative_passes():
    findings = words()
    for rule in ("S-NONE", "S1-TOPICS", "S5-SUBST", "S6-FEE"):
        assert one(findings, rule).outcome is Outcome.PASS, rule


def test_topics_of_a_government():
    finding = one(words(office=OfficeFacts("乡", "乡镇")), "S1-TOPICS")
    assert finding.outcome is Outcome.FAIL
    assert "没有写到工作考核、社会评议、责任追究" in finding.message
    assert "政府信息管理" in one(words(s1=FULL.replace("信息管理", "")), "S1-TOPICS").message


def test_topics_bind_since_the_letter_of_2021():
    """The letter names the five topics; before it only a government's results are due."""
    bare = FULL.replace("信息管理", "").replace("监督", "").replace("培训", "")
    assert one(words(s1=bare), "S1-TOPICS").outcome is Outcome.FAIL
    before = words(s1=bare, values=sample(V19), variant=V19, year=2020)
    assert one(before, "S1-TOPICS").outcome is Outcome.NOT_APPLICABLE
    late = words(s1=bare, values=sample(V19), variant=V19, year=2022)  # the old form, used too long
    assert one(late, "S1-TOPICS").outcome is Outcome.FAIL
    town = OfficeFacts("乡", "乡镇")
    old = one(words(s1=bare, values=sample(V19), variant=V19, year=2020, office=town), "S1-TOPICS")
    assert old.outcome is Outcome.FAIL and old.right == 3


def test_topics_of_a_text_that_was_cut_are_not_judged():
    finding = one(words(s1="主动公开信息10条，处理申请3件。"), "S1-TOPICS")
    assert finding.outcome is Outcome.NOT_ASSESSABLE and "可能不全" in finding.message


def test_section_5_in_other_words():
    said = (
        "对照要求，还存在：线上互动答复偏慢；审查记录不完整。"
        "改为每月检查栏目，由两人核对，并组织旁听。"
    )
    assert one(words(s5=said), "S5-SUBST").outcome is Outcome.PASS


def test_two_offices_or_years_are_named():
    clean = report(V21, sample(), office="甲县乙局")
    assert one(check_report(clean), "ID-OFFICE").outcome is Outcome.PASS
    assert one(check_report(clean), "ID-YEAR", "beside").outcome is Outcome.NOT_APPLICABLE
    clean.evidence = {"office_conflicts": "正文写的是“丙县丁局”", "year_conflicts": "文件名：2021"}
    other = one(check_report(clean), "ID-OFFICE")
    assert other.outcome is Outcome.FAIL
    assert "甲县乙局" in other.message and "丙县丁局" in other.message_en
    year = one(check_report(clean), "ID-YEAR", "beside")
    assert (year.outcome, year.left, year.right) == (Outcome.FAIL, 2021, 2022)
    clean.evidence = {"year_conflicts": "统计期限：2021"}  # judged as period, from the words
    assert one(check_report(clean), "ID-YEAR", "beside").outcome is Outcome.NOT_APPLICABLE
    assert one(check(), "ID-OFFICE").outcome is Outcome.NOT_APPLICABLE


def test_a_section_under_another_heading_is_not_called_missing():
    findings = words(s1=FULL + "三、主要问题：解读不够。", s5=None)
    finding = one(findings, "S-NONE")
    assert finding.outcome is Outcome.NOT_ASSESSABLE and "没有单独的标题" in finding.message
    preface = SectionText("s0", "", "包括存在的主要问题及改进情况", "line 1")
    body = [SectionText("s1", "", FULL, "line 2"), SectionText("s6", "", "无", "line 3")]
    assert one(check(sections=[preface, *body]), "S-NONE").outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("无。", "只有1个字"),
        ("公开不够及时。", "只有6个字"),
        ("存在的主要问题是解读不够丰富深入。", "没有写明改进情况"),
        ("下一步将加强培训，进一步做好公开工作。", "没有写明存在的问题"),
    ],
)
def test_section_5_without_substance(text, said):
    finding = one(words(s5=text), "S5-SUBST")
    assert finding.outcome is Outcome.FAIL and said in finding.message


def test_a_missing_section_is_said_once():
    findings = words(s5=None)
    assert "五、存在的主要问题及改进情况" in one(findings, "S-NONE").message
    assert one(findings, "S5-SUBST").outcome is Outcome.NOT_ASSESSABLE
    assert one(check(), "S-NONE").outcome is Outcome.NOT_ASSESSABLE


def test_the_fee():
    assert one(words(s6="无。"), "S6-FEE").outcome is Outcome.FAIL
    good, bad = (Claim("fee_yuan", v, "收取信息处理费。", "s6") for v in (380, 385))
    assert one(words(narrative=[good]), "S6-FEESTEP", "fee_yuan").outcome is Outcome.PASS
    finding = one(words(narrative=[bad]), "S6-FEESTEP", "fee_yuan")
    assert finding.outcome is Outcome.FAIL and "385元，不是10元的整数倍" in finding.message
    unpaid = sample() | {"t3.other_fee_unpaid.total": 1, "t3.other_fee_unpaid.natural": 1}
    assert one(words(s6="无。", values=unpaid), "T3-FEE").outcome is Outcome.FAIL
    assert one(words(values=unpaid), "T3-FEE").outcome is Outcome.PASS


# ---- the whole ----


def test_a_rejected_document_has_no_findings():
    rejected = ParsedReport("x", "", "pdf", status="rejected", problem=Problem("empty", "…"))
    assert check_report(rejected) == []


def test_a_report_without_any_cell_is_not_accused_of_sums():
    bare = ParsedReport("x", "", "html", year=2023)
    findings = check_report(bare)
    assert {rule for rule, _ in failed(findings)} == {"TABLE-NONE"}


def test_checking_changes_nothing():
    checked = report(V21, sample() | {"t4.review.total": 0})
    before = dict(checked.cells)
    first = check_report(checked)
    assert checked.cells == before and checked.findings == []
    assert check_report(checked) == first


def test_another_form_is_refused():
    other = replace(RULES.form)
    with pytest.raises(ValueError, match="another form"):
        check_report(report(V21, sample()), form=other)


def test_rules_over_several_reports_are_left_to_the_warehouse():
    needing = {rule.id for rule in RULES.rules if rule.needs}
    assert {"T3-YEAR", "T2-STOCK", "T2-19ITEM", "AGG-LE", "T4-PEND", "T2-UNIT"} <= needing
    assert not needing & {f.rule for f in check()}


def test_every_failure_has_both_languages_and_advice():
    values = sample() | {"t3.carried_out.natural": 1, "t4.review.total": 99, "t3.granted.biz": -1}
    for finding in check(values, year=2020):
        if finding.outcome is Outcome.FAIL:
            rule = RULES.by_id[finding.rule]
            assert rule.advice_zh in finding.message and rule.advice_en in finding.message_en


def test_a_mixed_table_is_checked_by_the_form_most_of_it_follows():
    """variety.md (6), page 074: block (一) with the 2019 columns, the rest as in 2021."""
    checked = report(V21, sample())
    for column, value in (("made_new", 1), ("disclosed_new", 3), ("disclosed_total", 2)):
        checked.cells[f"t2.normdocs.{column}"] = number(value)
        checked.cells[f"t2.rules.{column}"] = CellReading(State.BLANK)
    for column in ("issued", "repealed", "in_force"):
        checked.cells[f"t2.normdocs.{column}"] = checked.cells[f"t2.rules.{column}"] = CellReading(
            State.ABSENT
        )
    checked.forms["t2"] = "mixed"
    findings = check_report(checked)
    assert one(findings, "FORM-YEAR", "t2").outcome is Outcome.FAIL
    assert "两种格式混用" in one(findings, "FORM-YEAR", "t2").message
    assert not [f for f in findings if f.level == "error" and f.outcome is Outcome.FAIL]
