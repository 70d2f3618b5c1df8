"""The figures of real reports (gold, read by eye) against the rules."""

import pytest
from check_samples import BLOCKS, SHARED, by_rule, failed, gold

from etl.check import OfficeFacts, check_report, suggest
from etl.form.rules import Variant
from etl.report import Claim, Outcome

pytestmark = [
    pytest.mark.reports,
    pytest.mark.skipif(not SHARED.exists(), reason="the real reports are not here"),
]
COLUMNS = ("natural", "biz", "research", "welfare", "legal", "org_other", "total")


def outcomes(findings, rule):
    return {f.outcome for f in findings if f.rule == rule}


def test_seed_with_a_missing_row():
    seed = gold("renwei_subdistrict_2021", Variant("2021"), absent_rows=("carried_out",))
    findings = check_report(seed, office=OfficeFacts("乡", "街道"))
    flow = by_rule(findings, "T3-FLOW")
    assert {f.outcome for f in flow.values()} == {Outcome.NOT_ASSESSABLE}
    assert set(flow) == set(COLUMNS)
    assert "结转下年度继续办理" in flow["natural"].message
    assert outcomes(findings, "T3-SUM") == {Outcome.PASS}
    rows = by_rule(findings, "T3-ROW")
    assert rows.pop("carried_out").outcome is Outcome.NOT_ASSESSABLE
    assert {f.outcome for f in rows.values()} == {Outcome.PASS} and len(rows) == 24
    assert outcomes(findings, "T4-SUM") == {Outcome.PASS}
    missing = by_rule(findings, "ROW-MISSING")["t3"]
    assert missing.outcome is Outcome.FAIL and "“结转下年度继续办理”行" in missing.message
    assert {f.level.value for f in findings if f.outcome is Outcome.FAIL} == {"warning"}


def test_hongze_prints_totals_of_0_beside_10_1_and_5():
    report = gold("hongze_2023", Variant("2021", undivided=True))
    findings = check_report(report, office=OfficeFacts("县", "政府"))
    sums = by_rule(findings, "T4-SUM")
    assert [sums[b].outcome.value for b in BLOCKS] == ["fail", "pass", "fail"]
    assert (sums["review"].left, sums["review"].right) == (11, 0)
    assert (sums["lit_after_review"].left, sums["lit_after_review"].right) == (5, 0)
    message = sums["review"].message
    assert "第四部分“行政复议”：结果维持10件＋结果纠正1件" in message
    assert "总计0件，相差11件" in message and report.cells["t4.review.total"].at in message
    assert failed(findings, "T3-FLOW", "T3-SUM", "T3-ROW", "T4-WITHIN") == set()
    hint = next(h for h in suggest(report) if h.cells == ("t4.review.total",))
    assert (hint.before, hint.after, hint.unique) == ((0,), (11,), True)
    rivals = [h for h in suggest(report) if h.mends == (("T4-SUM", "lit_after_review"),)]
    assert {h.cells[0] for h in rivals} == {
        "t4.lit_after_review.upheld",
        "t4.lit_after_review.total",
    } and not any(h.unique for h in rivals)


def test_shanghai_leaves_zeros_and_totals_blank():
    report = gold("shanghai_bgt_2019", Variant("2019"))
    findings = check_report(report, office=OfficeFacts("省", "办公厅"))
    flow = by_rule(findings, "T3-FLOW")
    numbered = ("natural", "biz", "legal", "org_other", "total")
    assert {flow[c].outcome for c in numbered} == {Outcome.PASS}
    assert [c for c in numbered if flow[c].assumed] == ["biz", "legal", "org_other"]
    assert {flow[c].outcome for c in ("research", "welfare")} == {Outcome.NOT_APPLICABLE}
    sums = by_rule(findings, "T3-SUM")
    assert {sums[c].outcome for c in numbered[:-1]} == {Outcome.PASS}
    assert sums["total"].outcome is Outcome.NOT_ASSESSABLE
    rows = by_rule(findings, "T3-ROW")
    flows = ("received_new", "carried_in", "handled_total", "carried_out")
    assert {rows[r].outcome for r in flows} == {Outcome.PASS}
    others = {rows[r].outcome for r in rows if r not in flows}
    assert others == {Outcome.NOT_ASSESSABLE, Outcome.NOT_APPLICABLE}
    assert outcomes(findings, "T2-RULEPOWER") == {Outcome.NOT_APPLICABLE}
    assert not [f for f in findings if f.level == "error" and f.outcome is Outcome.FAIL]


def test_shanghai_contradicts_itself():
    """form.md section 7, the worked counter-example; the blank totals are derived from the row."""
    report = gold("shanghai_bgt_2019", Variant("2019"))
    stated = {
        "applications_received": 859,
        "applications_handled": 805,
        "carried_in": 18,
        "carried_out": 72,
        "granted_partial": 258,
        "denied": 35,
        "unavail": 265,
        "refused": 158,
        "other": 0,
        "review_count": 7,
        "litigation_count": 9,
        "review_not_upheld": 0,
        "litigation_not_upheld": 0,
    }
    report.narrative = [Claim(what, value, "……", "s") for what, value in stated.items()]
    findings = check_report(report)
    assert failed(findings) >= {
        ("NARR-OUTCOME", "granted_partial"),
        ("NARR-OUTCOME", "unavail"),
        ("NARR-T4", "review_not_upheld"),
        ("NARR-T4", "litigation_not_upheld"),
    }
    narrative = {f for f in failed(findings) if f[0].startswith("NARR")}
    assert len(narrative) == 4, "whatever agrees is not a contradiction"
    outcome = by_rule(findings, "NARR-OUTCOME")
    assert (outcome["unavail"].left, outcome["unavail"].right) == (265, 337)
    assert outcome["unavail"].assumed and "按各类申请人相加得出" in outcome["unavail"].message
    assert "1.本机关不掌握相关政府信息" in outcome["unavail"].message
    assert (outcome["granted_partial"].left, outcome["granted_partial"].right) == (258, 275)


@pytest.mark.parametrize(
    ("name", "rows"),
    [("shuyang_gov_2025", 25), ("shuyang_fgj_2023", 25), ("shanghai_kewei_2024", 24)],
)
def test_sound_reports_pass(name, rows):
    findings = check_report(gold(name, Variant("2021")))
    passed = [f for f in by_rule(findings, "T3-ROW").values() if f.outcome is Outcome.PASS]
    assert len(passed) == rows
    assert not [f for f in findings if f.level == "error" and f.outcome is Outcome.FAIL]
