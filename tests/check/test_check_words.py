"""What the report's words say against its tables: counts, shares, hints, doubts."""

from decimal import Decimal

import pytest
from check_samples import ONE_ROW, RULES, V21, check, failed, one, sample

from etl.report import Claim, Outcome, State


def said(*claims, values=None, variant=V21, **more):
    narrative = [c if isinstance(c, Claim) else Claim(*c, "……", "line 3") for c in claims]
    return check(values, variant, narrative=narrative, **more)


@pytest.mark.parametrize("value", [221, 224])
def test_received_with_or_without_those_carried_in(value):
    finding = one(said(("applications_received", value)), "NARR-RECV", "applications_received")
    assert finding.outcome is Outcome.PASS
    assert ("t3.carried_in.total" in finding.cells) == (value == 224), "which reading is stored"


def test_received_otherwise():
    finding = one(said(("applications_received", 230)), "NARR-RECV", "applications_received")
    assert finding.outcome is Outcome.FAIL and (finding.left, finding.right) == (230, 221)
    assert "表中本年新收为221件，本年新收＋上年结转为224件" in finding.message


def test_none_received():
    findings = said(("applications_received", 0))
    assert one(findings, "NARR-NONE", "applications_received").outcome is Outcome.FAIL
    assert one(findings, "NARR-RECV").outcome is Outcome.NOT_APPLICABLE
    zero = dict.fromkeys(RULES.cells("t3", V21), 0)
    findings = said(("applications_received", 0), values=sample() | zero)
    assert one(findings, "NARR-NONE", "applications_received").outcome is Outcome.PASS


def test_doubt_is_no_contradiction():
    several = said(("applications_received", 230), ("applications_received", 240))
    assert one(several, "NARR-RECV", "applications_received").outcome is Outcome.NOT_ASSESSABLE
    matched = said(("applications_received", 230), ("applications_received", 221))
    assert one(matched, "NARR-RECV", "applications_received").outcome is Outcome.PASS
    about = said(Claim("applications_received", 230, "……", "line 3", approximate=True))
    assert one(about, "NARR-RECV", "applications_received").outcome is Outcome.NOT_APPLICABLE
    unread = said(
        ("applications_received", 230), values=sample() | {"t3.carried_in.total": State.UNREAD}
    )
    assert one(unread, "NARR-RECV", "applications_received").outcome is Outcome.NOT_ASSESSABLE
    wide = Claim("applications_received", 900, "全市共收到申请900件。", "line 3")
    assert one(said(wide), "NARR-RECV", "applications_received").outcome is Outcome.NOT_ASSESSABLE
    region = said(wide, scope="region")
    assert one(region, "NARR-RECV", "applications_received").outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("share", "outcome"),
    [
        ("92.06", Outcome.PASS),  # 197 / 214 = 92.0560…, rounded
        ("92.05", Outcome.PASS),  # cut off
        ("92.1", Outcome.PASS),
        ("92", Outcome.PASS),
        ("89.14", Outcome.PASS),  # of the 221 received
        ("92.2", Outcome.FAIL),
        ("90.0", Outcome.FAIL),
    ],
)
def test_shares_at_the_printed_digits(share, outcome):
    finding = one(
        said(("granted_partial_share", Decimal(share))), "NARR-PCT", "granted_partial_share"
    )
    assert finding.outcome is outcome
    if outcome is Outcome.FAIL:
        assert "197件÷（七）总计214件＝92.06%" in finding.message


def test_disputes():
    findings = said(
        ("review_count", 5), ("litigation_count", 2), ("review_not_upheld", 0), ("dispute_count", 7)
    )
    assert failed(findings, "NARR-T4") == {("NARR-T4", "review_not_upheld")}
    finding = one(findings, "NARR-T4", "review_not_upheld")
    assert "行政复议（结果纠正＋其他结果＋尚未审结）为2件" in finding.message


def test_outcomes_of_the_undivided_row():
    values = sample(ONE_ROW) | {"t3.other.total": 6}
    findings = said(("other", 6), values=values, variant=ONE_ROW)
    assert one(findings, "NARR-OUTCOME", "other").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("stated", "part"),
    [
        (190, "予以公开"),  # one row of the two
        (7, "部分公开"),
        (42, None),
    ],
)
def test_a_figure_that_equals_one_part_of_the_sum_says_which(stated, part):
    finding = one(said(("granted_partial", stated)), "NARR-OUTCOME", "granted_partial")
    assert finding.outcome is Outcome.FAIL and (finding.left, finding.right) == (stated, 197)
    assert ("可能只计了这一项" in finding.message) is (part is not None)
    assert part is None or f"）{part}”相同" in finding.message


def test_a_figure_that_equals_one_cell_of_the_sum_says_which():
    values = sample() | {"t3.granted.natural": 150, "t3.granted.biz": 40}
    finding = one(said(("granted_partial", 150), values=values), "NARR-OUTCOME", "granted_partial")
    assert "可能只计了这一格" in finding.message and "自然人" in finding.message


@pytest.mark.parametrize(("stated", "outcome"), [(221, Outcome.PASS), (230, Outcome.FAIL)])
def test_a_blank_total_is_the_sum_of_its_row_where_all_of_it_is_known(stated, outcome):
    blank = sample() | {"t3.received_new.total": None}
    finding = one(
        said(("applications_received", stated), values=blank), "NARR-RECV", "applications_received"
    )
    assert finding.outcome is outcome
    assert finding.right == 221
    gap = blank | {"t3.received_new.legal": State.UNREAD}
    unknown = one(
        said(("applications_received", stated), values=gap), "NARR-RECV", "applications_received"
    )
    assert unknown.outcome is Outcome.NOT_ASSESSABLE
