"""Written numbers: both widths, separators, Chinese numerals; nothing is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.numerals import chinese_number, fold, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("26", 26),
        ("1,136", 1136),
        ("1,016,823", 1016823),
        ("33.9", Decimal("33.9")),
        ("30.0", Decimal("30.0")),
        ("1.2万", 12000),
        ("3万", 30000),
        ("0", 0),
        ("零", 0),
        ("一", 1),
        ("两", 2),
        ("十", 10),
        ("十二", 12),
        ("四十", 40),
        ("一百零五", 105),
        ("一百一十", 110),
        ("三千零二十", 3020),
        ("两万三千", 23000),
        ("一百五", None),  # 105 or 150
        ("二三", None),  # two or three
        ("二〇二一", None),  # a year, no count
        ("百", None),
        ("十百", None),
        ("", None),
        ("1,36", None),
        ("一1", None),
    ],
)
def test_numbers(text, value):
    assert parse_number(text) == value


def test_printed_decimals_are_kept():
    assert str(parse_number("30.0")) == "30.0", "one decimal was printed: 29.95 to 30.05"


def test_fold_keeps_apart_what_may_be_two_numbers():
    assert fold("２０２４ 年，受理 ３４\n件（含 上年）") == "2024年,受理34件(含上年)"
    assert fold("1 136 条") == "1␠136条"


def _spell(n: int) -> str:
    """n below 100,000,000 in Chinese, written as schools teach it."""
    if n >= 10_000:
        head, tail = divmod(n, 10_000)
        gap = "零" if 0 < tail < 1000 else ""
        return f"{_spell(head)}万{gap}{_spell(tail) if tail else ''}"
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            text += ("零" if zero else "") + "零一二三四五六七八九"[digit] + name
            zero = False
        elif text and n:
            zero = True
    return text or "零"


@given(st.integers(0, 99_999_999))
def test_every_spelled_number_is_read(n):
    assert chinese_number(_spell(n)) == n
