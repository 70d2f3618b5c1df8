"""What a printed cell says, and how glued digits split."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.values import read_value, split_glued, to_wan
from etl.report import State


@pytest.mark.parametrize(
    ("text", "kind", "state", "number"),
    [
        ("0", "count", "number", 0),
        ("１２", "count", "number", 12),
        ("1,234", "count", "number", 1234),
        ("217件", "count", "number", 217),
        ("12批次", "count", "number", 12),
        ("18(其中,已公开15,依法未公开3件)", "count", "number", 18),
        ("-3", "count", "number", -3),
        ("3.0", "count", "number", 3),
        ("+4", "change", "number", 4),
        ("减3", "change", "number", -3),
        ("7.120935万元", "amount", "number", Decimal("7.120935")),
        ("2601.953875万", "amount", "number", Decimal("2601.953875")),
        ("1.2万", "count", "text", None),
        ("", "count", "blank", None),
        (" 　 ", "count", "blank", None),
        ("/", "count", "not_applicable", None),
        ("—", "count", "not_applicable", None),
        ("无", "count", "not_applicable", None),
        ("/件", "count", "not_applicable", None),
        ("―", "count", "not_applicable", None),
        ("─ ", "count", "not_applicable", None),
        ("件", "count", "text", None),
        ("018.0", "count", "unread", None),
        ("约100", "count", "text", None),
        ("100余", "count", "text", None),
        ("+4", "count", "text", None),
        ("35%", "count", "text", None),
        ("①", "count", "text", None),
        ("12²", "count", "number", 12),
        ("12①", "count", "number", 12),
        ("12*", "count", "number", 12),
        ("12[1]", "count", "number", 12),
        ("12[[1]]", "count", "number", 12),
        ("1,234.56万\n元", "amount", "number", Decimal("1234.56")),
        ("[1]\n11", "count", "text", None),
        ("~~9~~12", "count", "text", None),
        ("12條", "count", "number", 12),
        ("3.5萬元", "amount", "number", Decimal("3.5")),
        ("無", "count", "not_applicable", None),
        ("3元", "count", "text", None),
        ("12注", "count", "number", 12),
        ("12注②", "count", "number", 12),
        ("2,\n808", "count", "number", 2808),
        ("1\n,000\n,205件", "count", "number", 1000205),
        ("2,\n80", "count", "unread", None),
        ("1 2", "count", "unread", None),
        ("00", "count", "unread", None),
        ("1\n2", "count", "unread", None),
        ("1,23", "count", "unread", None),
        ("9" * 16, "count", "unread", None),
    ],
)
def test_read_value(text: str, kind: str, state: str, number: object) -> None:
    value = read_value(text, kind)
    assert (str(value.state), value.number) == (state, number)


@given(st.integers(0, 10**14), st.sampled_from(["{}", " {} ", "{}件", "{:,}"]))
def test_every_plain_count_is_read(number: int, shape: str) -> None:
    assert read_value(shape.format(number)).number == number


@given(st.text(max_size=12))
def test_only_number_has_a_value(text: str) -> None:
    value = read_value(text)
    assert (value.state is State.NUMBER) == (value.number is not None)


@pytest.mark.parametrize(
    ("chunks", "wanted", "split"),
    [
        (("000",), 3, ("0", "0", "0")),
        (("35",), 1, ("35",)),
        (("2", "00", "00", "0", "2"), 7, ("2", "0", "0", "0", "0", "0", "2")),
        (("2012",), 3, None),
        (("110",), 3, None),
        (("20", "00", "0", "0", "2"), 7, None),
        (("161089059",), 2, None),
        (("1" * 60,), 30, None),
    ],
)
def test_split_glued(chunks: tuple[str, ...], wanted: int, split: tuple[str, ...] | None) -> None:
    assert split_glued(chunks, wanted) == split


@given(st.lists(st.integers(0, 999), min_size=1, max_size=6), st.integers(1, 6))
def test_a_split_is_never_another_reading(numbers: list[int], cut: int) -> None:
    glued = "".join(map(str, numbers[:cut]))
    printed = (glued, *map(str, numbers[cut:])) if glued else tuple(map(str, numbers))
    split = split_glued(printed, len(numbers))
    assert split is None or split == tuple(map(str, numbers))


def test_money_in_wan() -> None:
    assert to_wan(Decimal("409455.9"), "元") == Decimal("40.94559")
    assert to_wan(3, "亿元") == 30000


def test_a_short_unit_is_the_whole_one() -> None:
    assert [read_value(text, "amount").unit for text in ("3万", "3亿", "3元")] == [
        "万元",
        "亿元",
        "元",
    ]
