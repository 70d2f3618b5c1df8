"""Chart specifications: valid, titled, broken where they must be, told apart without colour."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Any

import fixture_warehouse as fixture
import numpy as np
import pandas as pd
import pytest
import vl_convert
from charting import Invalid, valid

from dashboard import formats, present, theme
from dashboard.charts.base import Look, for_screen, on_screen
from dashboard.charts.grammar import rows_of
from dashboard.charts.office import matrix, pairs
from dashboard.charts.parts import changes, composition
from dashboard.charts.trend import trend
from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.i18n import translator
from dashboard.present import Words
from dashboard.queries import profile, series
from dashboard.queries.base import EVERYTHING
from dashboard.queries.meta import Meta
from dashboard.stats import MIN_BASE, funnel_limits, wilson

BASE = frozenset(k for k, m in fixture.FORM.metrics.items() if m.den)


@pytest.fixture(params=["zh", "en"])
def words(request: pytest.FixtureRequest, meta: Meta) -> Words:
    return Words(request.param, translator(request.param), meta)


def layers(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    return [x for x in spec["layer"] if x["mark"]["type"] == mark]


def data(spec: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    source = layer.get("data") or spec["data"]
    return list(spec["datasets"][source["name"]])


def draw(frame: Any, key: str, words: Words, **more: Any) -> dict[str, Any]:
    metric = words.meta.metrics[key]
    ready = present.trend_frame(frame, metric, words, reasons="ok" in frame)
    chart = trend(
        ready, Look(lang=words.lang), unit=metric.unit, x_title=words.t("chart.axis_year"),
        y_title=words.axis(metric), description="d", tips=[("value_text", "v")],
        marks=present.marks(metric, words), **more,
    )  # fmt: skip
    spec: dict[str, Any] = valid(chart)
    return spec


@pytest.mark.parametrize("key", [*fixture.FORM.metrics])
def test_every_metric_can_be_drawn_with_titles_and_units(
    db: Database, words: Words, key: str
) -> None:
    frame = series.by_year(EVERYTHING, db, Selection(), (key,), BASE)
    spec = draw(frame, key, words)
    line = layers(spec, "line")[0]
    assert line["encoding"]["x"]["title"] == words.t("chart.axis_year")
    assert words.unit(words.meta.metrics[key]) in line["encoding"]["y"]["title"]
    assert line["encoding"]["x"]["scale"]["domain"] == list(range(2019, 2026))
    assert spec["usermeta"]["embedOptions"]["renderer"] == "svg"
    assert spec["config"]["font"] == theme.FONT


def test_a_missing_year_is_an_empty_row_that_breaks_the_line(db: Database, words: Words) -> None:
    frame = profile.history(EVERYTHING, db, Selection(), "o-9901021", ("clearance_rate",), BASE)
    spec = draw(frame, "clearance_rate", words)
    line = layers(spec, "line")[0]
    rows = {r["year"]: r for r in data(spec, line)}
    assert rows[2022]["shown"] is None
    assert line["mark"]["invalid"] == "break-paths-show-domains"


def test_the_form_breaks_proactive_series_and_not_the_others(db: Database, words: Words) -> None:
    keys = ("licence_count", "disclosure_rate", "other_rate")
    frame = series.by_year(EVERYTHING, db, Selection(), keys, BASE)
    for key in keys:
        spec = draw(frame, key, words)
        line = layers(spec, "line")[0]
        segments = {r["year"]: r["segment"] for r in data(spec, line)}
        assert (segments[2020] != segments[2021]) == (key == "licence_count")
        assert line["encoding"]["detail"]["field"] == "segment"


def test_the_law_parts_series_of_disputes_at_the_years_it_began_with(
    db: Database, words: Words
) -> None:
    """form.md: table 4 breaks on 2024-01-01; what began on 2025-06-01 is only marked."""
    keys = ("review_correction_rate", "litigation_count", "disclosure_rate")
    frame = series.by_year(EVERYTHING, db, Selection(), keys, BASE)
    for key in keys:
        spec = draw(frame, key, words)
        segments = {r["year"]: r["segment"] for r in data(spec, layers(spec, "line")[0])}
        parted = [y for y in range(2020, 2026) if segments[y] != segments[y - 1]]
        assert parted == ([] if key == "disclosure_rate" else [2024])


def test_marks_of_form_and_law_stand_where_they_apply(db: Database, words: Words) -> None:
    expected = {"review_correction_rate": [2024, 2025], "disclosure_rate": [2021],
                "applications_new": []}  # fmt: skip
    frame = series.by_year(EVERYTHING, db, Selection(), tuple(expected), BASE)
    for key, years in expected.items():
        spec = draw(frame, key, words)
        rules = layers(spec, "rule")
        assert [r["year"] for rule in rules for r in data(spec, rule)] == years
        notes = [r["note"] for rule in rules for r in data(spec, rule)]
        if years == [2024, 2025]:
            days = ("2024年1月1日", "2025年6月1日") if words.lang == "zh" else (
                "1 Jan 2024", "1 Jun 2025"
            )  # fmt: skip
            assert all(note.startswith(day) for note, day in zip(notes, days, strict=True))


def test_small_bases_and_failing_reports_are_hollow_and_say_why(db: Database, words: Words) -> None:
    metric = words.meta.metrics["disclosure_rate"]
    small = profile.history(EVERYTHING, db, Selection(), "o-9901021", (metric.key,), BASE)
    ready = present.trend_frame(small, metric, words, reasons=True)
    have = ready[ready["value"].notna()]
    assert not have["solid"].any()
    assert all(str(MIN_BASE) in text for text in have["remark"])
    failing = profile.history(EVERYTHING, db, Selection(), "o-990100b", (metric.key,), BASE)
    ready = present.trend_frame(failing, metric, words, reasons=True).set_index("year")
    assert not ready.loc[2023, "solid"]
    assert "T3-SUM" in ready.loc[2023, "remark"]
    assert ready.loc[2022, "solid"]
    assert ready.loc[2022, "remark"] == ""


def test_a_composition_keeps_order_colours_and_labels(db: Database, words: Words) -> None:
    metrics = words.meta.shares_of("outcome")
    keys = tuple(m.key for m in metrics)
    frame = series.by_year(EVERYTHING, db, Selection(), keys, BASE)
    parts = present.parts_frame(frame, metrics, words)
    names = [words.metric(m) for m in metrics]
    spec = valid(
        composition(parts, Look(), parts=names, x_title="x", y_title="y", description="d", tips=[])
    )
    colour = layers(spec, "bar")[0]["encoding"]["color"]["scale"]
    assert colour["domain"] == names
    assert len(set(colour["range"])) == len(names) == 6
    assert layers(spec, "text")[0]["encoding"]["text"]["field"] == "shown"
    for _, year in parts.groupby("year"):
        assert list(year["end"])[:-1] == pytest.approx(list(year["start"])[1:])
        assert year["start"].iloc[0] == 0
        assert list(year["end"] - year["start"]) == pytest.approx(list(year["share"]))


def test_a_composition_with_a_missing_part_is_not_drawn(db: Database, words: Words) -> None:
    metrics = words.meta.shares_of("outcome")
    frame = series.by_year(EVERYTHING, db, Selection(), tuple(m.key for m in metrics), BASE)
    gone = (frame["year"] == 2022) & (frame["metric"] == metrics[2].key)
    frame.loc[gone, "value"] = None
    assert 2022 not in set(present.parts_frame(frame, metrics, words)["year"])


def test_changes_keep_their_order_and_write_their_sign() -> None:
    frame = pd.DataFrame(
        {"key": ["a", "b"], "label": ["甲", "乙"], "value": [-3.0, 5.0],
         "shown": [formats.signed(-3), formats.signed(5)]}
    )  # fmt: skip
    spec = changes(
        frame, Look(), order=["甲", "乙"], x_title="变化（件）", description="d", tips=[]
    )
    found = valid(spec)
    assert layers(found, "bar")[0]["encoding"]["y"]["sort"] == ["甲", "乙"]
    low, high = layers(found, "bar")[0]["encoding"]["x"]["scale"]["domain"]
    assert low == -high
    assert list(frame["shown"]) == ["−3", "+5"]


def test_pairs_and_matrix_are_valid_and_never_draw_a_missing_number() -> None:
    frame = pd.DataFrame(
        {"year": [2020, 2020], "side": ["a", "b"], "value": [3, None], "other": [None, 3],
         "equal": [False, False]}
    )  # fmt: skip
    spec = valid(
        pairs(
            frame,
            Look(dark=True),
            names=("a", "b"),
            x_title="x",
            y_title="y",
            description="d",
            tips=[],
        )
    )
    point = layers(spec, "point")[0]
    assert {"filter": "isValid(datum.value)"} in point["transform"]
    assert point["encoding"]["shape"]["scale"]["range"] == ["circle", "cross"]
    cells = pd.DataFrame(
        {"year": [2020, 2021], "key": ["k", "k"], "label": ["甲", "甲"], "value": [1.0, None],
         "shown": ["1", "—"]}
    )  # fmt: skip
    drawn = valid(
        matrix(cells, Look(), rows=["甲"], x_title="x", value_title="v", description="d", tips=[])
    )
    for layer in drawn["layer"]:
        assert {"filter": "isValid(datum.value)"} in layer["transform"]


def test_a_specification_that_is_no_vega_lite_is_refused(db: Database, words: Words) -> None:
    frame = series.by_year(EVERYTHING, db, Selection(), ("clearance_rate",), BASE)
    ready = present.trend_frame(frame, words.meta.metrics["clearance_rate"], words)
    drawn = trend(ready, Look(), unit="percent", x_title="x", y_title="y", description="d", tips=[])
    valid(drawn)
    drawn.spec["layer"][-1]["mark"]["type"] = "pie"
    with pytest.raises(Invalid):
        valid(drawn)


def test_rows_keep_nothing_as_nothing() -> None:
    frame = pd.DataFrame(
        {"a": [1.5, math.nan, math.inf], "b": ["x", None, ""], "c": [True, False, True],
         "d": pd.array([1, None, 0], dtype="Int64"), "e": [dt.date(2024, 1, 2), None, pd.NaT],
         "f": [Decimal("2.5"), np.int64(3), np.float64("nan")]}
    )  # fmt: skip
    assert rows_of(frame) == [
        {"a": 1.5, "b": "x", "c": True, "d": 1, "e": "2024-01-02", "f": 2.5},
        {"a": None, "b": None, "c": False, "d": None, "e": None, "f": 3},
        {"a": None, "b": "", "c": True, "d": 0, "e": None, "f": None},
    ]
    assert rows_of(frame.iloc[:0]) == []
    with pytest.raises(TypeError, match="complex"):
        rows_of(pd.DataFrame({"a": [1j]}))


def test_a_browser_gets_every_row_once_and_draws_the_same(db: Database, words: Words) -> None:
    frame = series.by_year(EVERYTHING, db, Selection(), ("clearance_rate",), BASE)
    ready = present.trend_frame(frame, words.meta.metrics["clearance_rate"], words)
    drawn = trend(ready, Look(), unit="percent", x_title="x", y_title="y", description="d", tips=[])
    screen = for_screen(drawn.spec)
    assert "datasets" not in screen
    values = [part["data"]["values"] for part in screen["layer"] if "values" in part["data"]]
    assert values == list(drawn.spec["datasets"].values())
    assert vl_convert.vegalite_to_svg(screen) == vl_convert.vegalite_to_svg(drawn.spec)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_from_the_ground_and_carry_their_text(dark: bool) -> None:
    p = theme.palette(dark)
    for text in (p.ink, p.quiet, p.warn, p.good, p.bad, p.mark, p.main):
        assert theme.contrast(text, p.ground) >= 4.5, text
    for fill in theme.series_colours(6, dark=dark):
        assert theme.contrast(fill, p.ground) >= 3, fill
        assert theme.contrast(theme.text_on(fill), fill) >= 4.5, fill
    weak, strong, turn = theme.inks(dark)
    for n in range(101):
        fill = theme.between(theme.shades(dark), n / 100)
        assert theme.contrast(strong if n / 100 >= turn else weak, fill) >= 4.5, (n, fill)


@pytest.mark.parametrize(("values", "at_foot"), [([0, None, 0], True), ([0, 3, None], False)])
def test_nothing_but_zeros_lies_at_the_foot_of_the_axis(
    values: list[float | None], at_foot: bool
) -> None:
    rows = [{"year": 2020 + n, "value": v, "segment": 0, "solid": True, "text": "x"}
            for n, v in enumerate(values)]  # fmt: skip
    drawn = trend(rows, Look(), unit="percent", x_title="x", y_title="y", description="d", tips=[])
    scales = [part["encoding"]["y"].get("scale") for part in drawn.spec["layer"]]
    assert ({"domain": [0, 1]} in scales) == at_foot
    # Peers behind it have heights of their own: drawn on an axis up to 1 they ran off the page.
    band = pd.DataFrame([{"year": 2020, "low": 0.0, "mid": 0.0, "high": 0.3}])
    drawn = trend(rows, Look(), unit="percent", x_title="x", y_title="y", description="d", tips=[],
                  band=band)  # fmt: skip
    scales = [part["encoding"].get("y", {}).get("scale") for part in drawn.spec["layer"]]
    assert {"domain": [0, 1]} not in scales


def test_wilson_and_funnel_limits() -> None:
    low, high = wilson(8, 10) or (0, 0)  # Newcombe 1998, table I: 0.4901 to 0.9433
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 0) is None
    assert wilson(3, 2) is None
    low, high = funnel_limits(0.5, 100, 1.96)
    assert (round(low, 3), round(high, 3)) == (0.402, 0.598)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(None, "percent", "—"), (float("nan"), "件", "—"), (0, "件", "0"),
     (0.3481, "percent", "34.8%"), (1204, "件", "1,204"), (0.0312, "per100", "3.12"),
     (-3, "件", "−3"), (12.5, "万元", "12.50")],
)  # fmt: skip
def test_values_by_unit(value: float | None, unit: str, expected: str) -> None:
    assert formats.by_unit(value, unit) == expected


def test_numbers_of_a_matrix_stay_inside_their_squares() -> None:
    rows = [{"year": y, "key": k, "label": k, "value": n, "shown": f"{n:,}"}
            for y in range(2019, 2026) for k, n in (("甲", 1_234_567), ("乙", 20))]  # fmt: skip
    drawn = matrix(pd.DataFrame(rows), Look(), rows=["甲", "乙"], x_title="x", value_title="v",
                   description="d", tips=[])  # fmt: skip
    svg = vl_convert.vegalite_to_svg({**drawn.spec, "width": 190})
    found = re.findall(r'font-size="([\d.]+)px"[^>]*>(1,234,567|20)<', svg)
    by_text = {text: float(size) for size, text in found}
    assert by_text["20"] == 11
    assert by_text["1,234,567"] * 0.58 * len("1,234,567") <= 190 / 7


def test_labels_leave_half_of_a_narrow_screen_to_the_drawing() -> None:
    spec = {"encoding": {"y": {"axis": {"labelLimit": 480, "title": "年"}}},
            "data": {"values": [{"labelLimit": 480}]}}  # fmt: skip
    found = on_screen(spec)
    limit = found["encoding"]["y"]["axis"].pop("labelLimit")["expr"]
    assert limit.endswith(" : 480")
    assert "min(480, containerSize()[0] * 0.5)" in limit
    one, two = ({"color": {"legend": {"columns": n, "labelLimit": 300}}} for n in (1, 2))
    rooms = [on_screen(c)["color"]["legend"]["labelLimit"]["expr"] for c in (one, two)]
    assert ["0.85)" in rooms[0], "0.5)" in rooms[1]] == [True, True]
    # Nothing else changes, the data least of all.
    assert found == {"encoding": {"y": {"axis": {"title": "年"}}}, "data": spec["data"]}


def test_long_labels_of_a_matrix_stand_on_two_lines_alike_long() -> None:
    """On a phone the last character of a rule's name stood alone, three lines wrote over others."""
    from dashboard.charts.base import lines_of
    from dashboard.charts.office import _two_lines

    assert lines_of("不予处理 · 要求提供公开出版物", 27) == ["不予处理 · 要求", "提供公开出版物"]
    assert lines_of("法定表格不缺行（ROW-MISSING）", 27) == ["法定表格不缺行", "（ROW-MISSING）"]
    assert lines_of("Suits after review corrected", 27) == ["Suits after", "review corrected"]
    long = _two_lines("Suits after review do not outnumber the reviews of both years (T4-POST)")
    assert long == ["Suits after review do not…", "(T4-POST)"]
    stock = _two_lines("现行有效＝上年现行有效＋本年制发－本年废止（T2-STOCK）")
    assert stock == ["现行有效＝上年现行有效＋…", "（T2-STOCK）"]


def test_a_rule_that_may_be_empty_says_nothing_to_a_screen_reader() -> None:
    """Where all years agree the group of rules was an image without words (axe: svg-img-alt)."""
    rows = [{"year": 2024, "side": side, "value": 2, "other": 2, "equal": True} for side in "ab"]
    drawn = pairs(pd.DataFrame(rows), Look(), names=("a", "b"), x_title="x", y_title="y",
                  description="d", tips=[])  # fmt: skip
    [rule] = [layer for layer in drawn.spec["layer"] if layer["mark"]["type"] == "rule"]
    assert rule["mark"]["aria"] is False
