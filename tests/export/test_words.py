"""What stands below a figure and beside a rule: marks explained, the office, the legal basis."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard import basis
from dashboard.export.base import filters_of, item_of, passport, reading
from dashboard.i18n import catalogue
from etl.form.rules import load_rules

OFFICE = "o-990100b"
_HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_basis_of_the_rules_has_an_english_form() -> None:
    cited = [rule.basis for rule in load_rules().rules if rule.basis]
    assert len(cited) > 20
    for text in cited:
        shown = basis.shown(text, "en")
        assert basis.shown(text, "zh") == text
        assert shown.endswith(f"(official text cited: {text})")
        assert not _HAN.search(shown.removesuffix(f"(official text cited: {text})")), shown


@pytest.mark.parametrize(
    ("part", "english"),
    [
        ("条例第六条、第五十条第（二）项", "arts. 6 and 50 item (2)"),
        ("条例第五十条第二款（统一格式）", "art. 50 para. 2 (uniform form)"),
        ("国办函〔2020〕109号第三、四、五条", "[2020] no. 109, arts. 3, 4, 5"),
        ("国办公开办函〔2019〕60号、〔2021〕30号", "[2019] no. 60 and [2021] no. 30"),
    ],
)
def test_articles_and_letters_are_read(part: str, english: str) -> None:
    assert basis.english(part).endswith(english)


@pytest.mark.parametrize("part", ["某办法第三条", "条例第六条（没有译过的话）", "条例附则"])
def test_what_is_not_known_stays_chinese(part: str) -> None:
    assert basis.english(part) == ""
    assert basis.shown(part, "en") == part


@pytest.mark.parametrize(
    ("text", "number"), [("六", 6), ("十", 10), ("十九", 19), ("四十", 40), ("五十三", 53)]
)
def test_chinese_numbers(text: str, number: int) -> None:
    assert basis.number(text) == number


def test_a_hint_on_paper_says_how_to_read_and_not_where_to_click() -> None:
    hints = {k: v for k, v in catalogue().items() if k.endswith("_hint") or ".click" in k}
    assert any("点击" in v["zh"] for v in hints.values())
    for key, words in hints.items():
        for text in words.values():
            kept = reading(text)
            assert "点击" not in kept, key
            assert "click" not in kept.lower(), key
    assert (
        reading("A: 99.8% limits; hollow: few. Click to open.") == "A: 99.8% limits; hollow: few."
    )
    assert reading("数字是份数；点击格子，看下面。") == "数字是份数。"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_marks_of_a_funnel_are_explained_below_it(open_view: Any, lang: str) -> None:
    item = item_of("compare/funnel", open_view("compare", lang))
    assert item is not None
    assert any("▲" in line and "99.8" in line for line in passport(item))


def test_a_figure_of_one_office_names_it_instead_of_all_places(open_view: Any) -> None:
    view = open_view("profile", office=OFFICE)
    item = item_of("profile/trend/disclosure_rate", view)
    assert item is not None
    (line,) = [x for x in passport(item) if x.startswith("筛选")]
    assert "全部地区" not in line
    assert filters_of(view).split("；")[0] in item.figure.title
    assert "全部地区" in filters_of(open_view("overview", office=OFFICE))
