"""The answer of 机构对比 in words: every count, every name, every judgement of the sentence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from dashboard.figures import compare_answer
from dashboard.i18n import translator
from dashboard.queries.compare import OFFICE
from dashboard.stats import MIN_BASE, Z998

ZH = translator("zh")
POOL = {"ranked": 1500, "above": 3, "below": 2, "small": 40, "zero": 0, "missing": 7}


def point(
    name: str, z: float | None, den: float = 100, *, pooled: bool = True, marked: bool = False
) -> dict[str, Any]:
    return {"key": f"o-{name}", "name": name, "z": z, "den": den, "pooled": pooled,
            "marked": marked, "value_text": f"{name}值", "base_text": f"{name}底"}  # fmt: skip


def compared(
    *points: dict[str, Any], asked: tuple[str, ...] = (), unit: str = OFFICE, **pool: int
) -> Any:
    """A comparison with these points and this pool; ``asked`` are the chosen offices."""
    names = pd.DataFrame({"office_id": [f"o-{name}" for name in asked], "name": list(asked)})
    columns = list(point("", 0))
    return SimpleNamespace(
        view=SimpleNamespace(t=ZH, query=lambda *_: names),
        members=SimpleNamespace(
            anchor=None, offices=tuple(names["office_id"]), unit=unit
        ),
        pool=POOL | pool, points=pd.DataFrame(points, columns=columns),
        year=2024, rate="60.0%", base="6 / 10", unit="家机关",
    )  # fmt: skip


def test_the_answer_counts_who_lies_outside_and_how_many_chance_would_put_there() -> None:
    (said,) = compare_answer.answer(compared())
    assert "1,500 家机关中，有 5 家机关在合计 60.0%（6 / 10）" in said
    assert "3 高于上限，2 低于下限" in said
    assert "预计约有 3 家机关" in said, "0.2 % of 1,500"


@pytest.mark.parametrize(
    ("pool", "key"),
    [
        ({"ranked": 0, "above": 0, "below": 0}, "compare.answer_no_ranked"),
        ({"ranked": 1, "above": 0, "below": 0}, "compare.answer_one"),
        ({"ranked": 2, "above": 0, "below": 0}, "compare.answer_none"),
    ],
)
def test_without_anybody_outside_it_says_why(pool: dict[str, int], key: str) -> None:
    (said,) = compare_answer.answer(compared(**pool))
    assert said == ZH(
        key, year=2024, minimum=MIN_BASE, rate="60.0%", base="6 / 10", unit="家机关", small="40",
        ranked=str(pool["ranked"]),
    )  # fmt: skip


def test_names_are_those_outside_on_bases_large_enough() -> None:
    found = compared(
        point("甲", Z998 + 0.01, MIN_BASE), point("乙", -Z998 - 0.01),
        point("边", Z998), point("小", 9, MIN_BASE - 1), point("旁", 9, pooled=False),
    )  # fmt: skip
    assert compare_answer.answer(found)[1:] == ["高于上限：甲（甲值）。", "低于下限：乙（乙值）。"]


@pytest.mark.parametrize("n", [5, 6])
def test_five_names_stand_in_a_sentence_and_more_are_said_to_be_there(n: int) -> None:
    found = compared(*(point(f"第{i}", 9) for i in range(n)))
    line = compare_answer.answer(found)[1]
    assert line.count("值") == 5
    assert ("等。" in line) is (n > 5)


@pytest.mark.parametrize(
    ("z", "den", "said"),
    [
        (Z998 + 0.01, 100, "above"), (-Z998 - 0.01, 100, "below"), (Z998, 100, "inside"),
        (-Z998, MIN_BASE, "inside"), (9, MIN_BASE - 1, "small"), (None, 100, "small"),
    ],
)  # fmt: skip
def test_a_chosen_office_is_judged_where_its_base_allows(
    z: float | None, den: float, said: str
) -> None:
    found = compared(point("甲", z, den, marked=True), asked=("甲",))
    values = {"name": "甲", "value": "甲值", "base": "甲底", "minimum": MIN_BASE}
    assert compare_answer.answer(found)[0] == ZH(f"compare.marked_{said}", **values)


def test_a_chosen_office_without_a_figure_is_said_to_have_none() -> None:
    found = compared(point("乙", 9), asked=("甲",))
    assert compare_answer.answer(found)[0] == ZH("compare.marked_none", name="甲")
    assert compare_answer.answer(compared(asked=("甲",), unit="county"))[0].startswith("2024年")


def test_who_is_not_ranked_is_counted_by_reason() -> None:
    said = compare_answer.rest(compared())
    assert "40 家机关基数不足30" in said
    assert "7 家机关缺数" in said
    assert "基数为0" not in said
    assert compare_answer.rest(compared(small=0, missing=0)) == ""
