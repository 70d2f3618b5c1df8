"""Changes and sentences: nothing stays nothing, growth from zero has no percentage."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from dashboard import present
from dashboard.components import cards
from dashboard.components.overview import headline
from dashboard.i18n import translator
from dashboard.present import Change, Words
from dashboard.queries.meta import Meta


def rows(key: str, *values: tuple[int, float | None, float | None]) -> pd.DataFrame:
    data = [
        {"metric": key, "year": y, "num": n, "den": d, "n": 1, "value": n / d if n and d else n}
        for y, n, d in values
    ]
    return pd.DataFrame(data)


@pytest.fixture
def words(meta: Meta) -> Words:
    return Words("zh", translator("zh"), meta)


def test_a_count_changes_in_number_and_percent(words: Words) -> None:
    metric = words.meta.metrics["applications_new"]
    found = present.change(rows(metric.key, (2023, 100, None), (2024, 112, None)), metric, 2024)
    assert present.change_text(found, metric, words) == "+12 件（+12.0%）"


@pytest.mark.parametrize(
    ("key", "before", "now", "said"),
    [
        ("applications_new", (100, None), (112, None), "增加 12 件（12.0%）"),
        ("applications_new", (0, None), (5, None), "增加 5 件"),
        ("applications_new", (7, None), (7, None), "持平"),
        ("disclosure_rate", (40, 100), (19, 50), "下降 2.0 个百分点"),
        ("disclosure_rate", (40, 100), (0, 1), "基数不足30（0 / 1），仅供参考"),
        ("disclosure_rate", (2, 2), (9, 35), "下降 74.3 个百分点（上年基数不足30）"),
    ],
)
def test_a_sentence_says_a_change_in_words(
    words: Words, key: str, before: tuple[float, float], now: tuple[float, float], said: str
) -> None:
    """A headline that called 0 of 1 a rate, and no change ``0 件``, was read as it stood."""
    metric = words.meta.metrics[key]
    found = present.change(rows(key, (2023, *before), (2024, *now)), metric, 2024)
    assert present.change_words(found, metric, words) == said


def test_one_case_is_no_plural(meta: Meta) -> None:
    words = Words("en", translator("en"), meta)
    for key, said in (("applications_new", "up 1 case (1.7%)"),
                      ("normdocs_issued_count", "up 1 item (1.7%)")):  # fmt: skip
        metric = meta.metrics[key]
        found = present.change(rows(key, (2023, 58, None), (2024, 59, None)), metric, 2024)
        assert present.change_words(found, metric, words) == said


def test_a_year_without_parts_says_whether_it_is_0_or_missing(words: Words) -> None:
    metrics = words.meta.shares_of("outcome")
    frames = [rows(m.key, (2021, 0, 0), (2022, None, None), (2023, 1, 6)) for m in metrics]
    frame = pd.concat(frames)
    frame["value"] = frame["num"] / frame["den"].where(frame["den"] != 0)
    gaps = present.parts_gaps(frame, metrics, words)
    assert gaps == {2021: "总数为 0", 2022: "缺数，不画"}
    none = frame[frame["year"] == 2021]
    assert present.parts_sentence(
        present.parts_frame(none, metrics, words), words, ["总数为 0"]
    ) == (words.t("chart.parts_all_zero"))


def test_growth_from_nothing_has_no_percentage(words: Words) -> None:
    metric = words.meta.metrics["applications_new"]
    found = present.change(rows(metric.key, (2023, 0, None), (2024, 5, None)), metric, 2024)
    assert present.change_text(found, metric, words) == "+5 件"


def test_a_rate_changes_in_points(words: Words) -> None:
    metric = words.meta.metrics["disclosure_rate"]
    found = present.change(rows(metric.key, (2023, 40, 100), (2024, 19, 50)), metric, 2024)
    assert present.change_text(found, metric, words) == "−2.0 个百分点"
    assert not found.small


def test_events_change_in_events_per_hundred(words: Words) -> None:
    metric = next(m for m in words.meta.metrics.values() if m.unit == "per100")
    found = present.change(rows(metric.key, (2022, 40, 2000), (2023, 72, 1800)), metric, 2023)
    assert present.change_text(found, metric, words) == "+2.00"


def test_a_missing_year_before_is_said(words: Words) -> None:
    metric = words.meta.metrics["disclosure_rate"]
    for frame in (
        rows(metric.key, (2024, 19, 50)),
        rows(metric.key, (2023, None, None), (2024, 19, 50)),
    ):
        found = present.change(frame, metric, 2024)
        assert found.delta is None
        assert present.change_text(found, metric, words) == words.t("kpi.no_change")


def test_a_small_base_is_flagged(words: Words) -> None:
    metric = words.meta.metrics["disclosure_rate"]
    assert present.change(rows(metric.key, (2024, 1, 29)), metric, 2024).small
    assert not present.change(rows(metric.key, (2024, 1, 30)), metric, 2024).small


def test_a_change_from_a_small_base_says_so_and_is_neither_good_nor_bad(words: Words) -> None:
    metric = words.meta.metrics["disclosure_rate"]
    found = present.change(rows(metric.key, (2023, 2, 2), (2024, 9, 35)), metric, 2024)
    assert present.change_text(found, metric, words) == "−74.3 个百分点（上年基数不足30）"
    assert cards._tone(words.meta, found, metric) == "flat"
    large = present.change(rows(metric.key, (2023, 30, 30), (2024, 9, 35)), metric, 2024)
    assert cards._tone(words.meta, large, metric) == "down"


@pytest.mark.parametrize(
    ("key", "year", "parted"),
    [
        ("review_correction_rate", 2024, True), ("review_correction_rate", 2025, False),
        ("licence_count", 2021, True), ("licence_count", 2024, False),
        ("disclosure_rate", 2021, False), ("disclosure_rate", 2024, False),
    ],
)  # fmt: skip
def test_a_change_over_a_break_of_form_or_law_says_so(
    words: Words, key: str, year: int, parted: bool
) -> None:
    metric = words.meta.metrics[key]
    den = 100 if metric.has_base else None
    found = present.change(rows(key, (year - 1, 40, den), (year, 50, den)), metric, year)
    for said in (present.change_text, present.change_words):
        assert ("不直接可比" in said(found, metric, words)) is parted
    good = metric.good in ("up", "down")
    assert (cards._tone(words.meta, found, metric) == "flat") is (parted or not good)


def test_the_sentence_names_extremes_and_a_lone_year_claims_no_trend(words: Words) -> None:
    metric = words.meta.metrics["applications_new"]
    frame = rows(metric.key, (2021, 5, None), (2022, None, None), (2023, 9, None), (2024, 7, None))
    assert present.trend_sentence(frame, metric, words) == (
        "新收申请：2021年5，2024年7；最低2021年5，最高2023年9。"
    )
    lone = present.trend_sentence(rows(metric.key, (2024, 7, None)), metric, words)
    assert "没有其他年度可比" in lone
    none = present.trend_sentence(rows(metric.key, (2024, None, None)), metric, words)
    assert "没有数据" in none


def test_parts_that_miss_the_whole_say_so(words: Words) -> None:
    parts = pd.DataFrame(
        {"year": [2024, 2024], "part": ["甲", "乙"], "share": [0.6, 0.42],
         "share_text": ["60.0%", "42.0%"]}
    )  # fmt: skip
    assert "102.0%" in present.parts_sentence(parts, words)
    parts["share"] = [0.6, 0.4]
    assert "合计" not in present.parts_sentence(parts, words)


def test_the_parts_of_the_newest_year_are_told_largest_first(words: Words) -> None:
    parts = pd.DataFrame(
        {"year": [2023, 2024, 2024, 2024], "part": ["旧", "甲", "乙", "丙"],
         "share": [1.0, 0.2, 0.5, 0.3], "share_text": ["100.0%", "20.0%", "50.0%", "30.0%"]}
    )  # fmt: skip
    said = present.parts_sentence(parts, words)
    assert "旧" not in said
    assert said.index("乙 50.0%") < said.index("丙 30.0%") < said.index("甲 20.0%")


def test_rows_of_table_three_are_named_with_their_group(meta: Meta) -> None:
    row = meta.rows_by_key[("t3", "denied_state_secret")]
    group = meta.groups[row.group_key or ""]
    assert present.grouped_label(group, row, "zh") == "不予公开 · 属于国家秘密"


def test_a_headline_keeps_small_bases_apart(words: Words) -> None:
    """0 of 1 is no correction rate; the sentence says so once, not behind every rate."""
    view: Any = SimpleNamespace(t=words.t, words=words)
    new, rate = (words.meta.metrics[key] for key in ("applications_new", "disclosure_rate"))
    found = [
        (new, Change(2024, 34, 34, None, 1, 26, 8, 8 / 26)),
        (rate, Change(2024, 0.0, 0, 1, 1, None, None, None)),
    ]
    assert headline(view, found).split("\n") == [
        "2024年与2023年相比：新收申请 34 件，增加 8 件（30.8%）。",
        "基数不足30，仅供参考：公开率 0.0%（0 / 1）。",
    ]
    assert headline(view, found[1:]) == ("2024年基数不足30，仅供参考：公开率 0.0%（0 / 1）。")
