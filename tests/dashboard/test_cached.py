"""The caches: shared by all sessions, spoiled by none; a figure is built once a view."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from test_registered_figures import open_view

from dashboard import cached, figures
from dashboard.charts.base import for_screen
from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.frames import records, rows
from dashboard.queries import quality, series
from dashboard.queries.base import EVERYTHING


def test_what_a_reader_does_to_a_result_nobody_else_sees(warehouses: dict[str, Path]) -> None:
    build = open_view(warehouses["demo"], "overview").build
    ask = partial(cached.query, build, series.by_year, EVERYTHING, Selection())
    first = ask(("applications_new",), frozenset())
    kept = first.copy()
    first["value"] = 0
    first.loc[first.index[0], "year"] = 1900
    pd.testing.assert_frame_equal(ask(("applications_new",), frozenset()), kept)


def test_a_switch_asks_nothing_again_that_does_not_depend_on_it(
    warehouses: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    build, asked = open_view(warehouses["demo"], "quality").build, []
    plain = Database.frame
    monkeypatch.setattr(Database, "frame", lambda *a: (asked.append(a[1]), plain(*a))[1])
    one = Selection(region="990100", years=(2021, 2022), kinds=("部门",))
    cached.query(build, quality.rule_counts, EVERYTHING, one)
    assert len(asked) == 1
    for other in (replace(one, ok_only=True), replace(one, balanced=True, scope="region")):
        cached.query(build, quality.rule_counts, EVERYTHING, other)
    assert len(asked) == 1
    for other in (replace(one, region=""), replace(one, years=None), replace(one, kinds=())):
        cached.query(build, quality.rule_counts, EVERYTHING, other)
    assert len(asked) == 4


def test_a_view_builds_a_figure_once_and_another_view_its_own(warehouses: dict[str, Path]) -> None:
    name = "overview/trend/applications_new"
    plain = open_view(warehouses["demo"], "overview")
    view = replace(plain, keep=cached.keep)
    one, again = figures.build(name, view), figures.build(name, view)
    assert one is not None
    assert one is again
    assert one is not figures.build(name, plain)
    assert cached.chart(view, one) == for_screen(one.draw().spec)
    for other in (
        replace(view, look=replace(view.look, dark=True)),
        replace(view, filters=view.filters.with_selection(years=(2022, 2023))),
        replace(view, scope="region"),
    ):
        assert figures.build(name, other) is not one
        assert other.key != view.key


def test_rows_of_a_frame_keep_their_values_and_kinds() -> None:
    frame = pd.DataFrame({"year": [2020, 2021], "name": ["甲", None], "value": [None, 1.5]})
    frame["ok"] = pd.array([True, None], dtype="boolean")
    found = records(frame)
    assert found[0]["year"] == 2020
    assert isinstance(found[0]["year"], int)
    assert [row["name"] for row in found][:1] == ["甲"]
    assert pd.isna(found[1]["name"])
    assert pd.isna(found[0]["value"])
    assert found[1]["value"] == 1.5
    assert found[0]["ok"] is True
    assert found[1]["ok"] is pd.NA
    assert [tuple(row) for row in rows(frame[["year"]])] == [(2020,), (2021,)]
    assert next(row.name for row in rows(frame)) == "甲"
    assert records(frame.iloc[:0]) == []
