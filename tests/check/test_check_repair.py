"""Smallest-repair hints: each kind of slip is recognised, and nothing is hinted without cause."""

import pytest
from check_samples import RULES, report, sample

from etl.check import suggest
from etl.form.rules import Variant
from etl.report import State

V21 = Variant("2021")


def hints(**changes):
    values = sample() | {key.replace("__", "."): value for key, value in changes.items()}
    return suggest(report(V21, values))


def test_nothing_to_hint():
    assert hints() == []
    assert suggest(report(V21, dict.fromkeys(RULES.cells("t3", V21), State.UNREAD))) == []


def test_one_wrong_value_mends_every_sum_it_stands_in():
    (hint,) = hints(t3__granted__natural=109)
    assert (hint.kind, hint.cells, hint.before, hint.after) == (
        "value",
        ("t3.granted.natural",),
        (109,),
        (190,),
    )
    assert hint.mends == (("T3-ROW", "granted"), ("T3-SUM", "natural")) and hint.unique
    assert "“（一）予以公开·自然人”109→190" in hint.text_zh and "仅供核对参考" in hint.text_zh
    assert "109 → 190" in hint.text_en


@pytest.mark.parametrize(
    ("changes", "kind", "after"),
    [
        (
            {"t3__granted__natural": 0, "t3__granted__biz": 190},
            "transposed",
            {"t3.granted.natural": 190, "t3.granted.biz": 0},
        ),
        (
            {"t3__granted__natural": 19, "t3__granted__biz": 0, "t3__granted__total": 190},
            "value",
            {"t3.granted.natural": 190},
        ),
        (
            {"t3__refused_petition__natural": 1, "t3__refused_petition__biz": 3},
            "split",
            {"t3.refused_petition.natural": 13, "t3.refused_petition.biz": 0},
        ),
        (
            {"t3__partial__natural": 190, "t3__granted__natural": 7},
            "transposed",
            {"t3.granted.natural": 190, "t3.partial.natural": 7},
        ),
    ],
)
def test_slips(changes, kind, after):
    best = max(hints(**changes), key=lambda h: len(h.mends))
    assert (best.kind, dict(zip(best.cells, best.after, strict=True))) == (kind, after)


def test_two_numbers_run_together():
    (hint,) = [
        h for h in hints(t4__review__upheld=31, t4__review__corrected=0) if h.kind == "joined"
    ]
    assert dict(zip(hint.cells, hint.after, strict=True)) == {
        "t4.review.upheld": 3,
        "t4.review.corrected": 1,
    }


def test_a_shifted_row():
    found = hints(
        t3__unavail_not_held__biz=0, t3__unavail_not_held__research=4, t3__unavail_not_held__legal=0
    )
    best = max(found, key=lambda h: len(h.mends))
    assert dict(zip(best.cells, best.after, strict=True)) == {
        "t3.unavail_not_held.biz": 4,
        "t3.unavail_not_held.research": 0,
    }


def test_several_explanations_are_not_called_the_only_one():
    found = [h for h in hints(t4__lit_direct__total=0) if h.mends == (("T4-SUM", "lit_direct"),)]
    assert {h.cells for h in found} >= {("t4.lit_direct.total",), ("t4.lit_direct.upheld",)}
    assert not any(h.unique for h in found) and len(found) <= 3


def test_no_hint_would_make_a_count_negative():
    for hint in hints(t4__review__total=0, t3__carried_in__natural=400):
        assert all(value >= 0 for value in hint.after)
