"""Every figure of the register, built without Streamlit: complete, drawable, honest about gaps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from charting import valid

from dashboard import figures, registry
from dashboard.charts.base import PICK, Look, to_spec
from dashboard.db import Database, current_build
from dashboard.filters import Filters
from dashboard.i18n import translator
from dashboard.present import Words
from dashboard.queries import meta as meta_queries
from dashboard.queries import offices
from dashboard.queries.base import EVERYTHING
from dashboard.view import View

OFFICE = "o-990100b"


def open_view(folder: Path, page: str, lang: str = "zh") -> View:
    build = current_build(folder)
    db = Database(build)
    meta = meta_queries.load(EVERYTHING, db)

    known: dict[str, Any] = {}

    def ask(function: Any, scope: Any, *args: Any, large: bool = False, **kw: Any) -> Any:
        """Each question once, as the pages do: profile asks for an office's history 44 times."""
        key = f"{function.__module__}.{function.__qualname__} {scope!r} {args!r} {kw!r}"
        if key not in known:
            known[key] = function(scope, db, *args, **kw)
        return known[key].copy() if isinstance(known[key], pd.DataFrame) else known[key]

    return View(
        page, Filters(lang=lang, office=OFFICE), build, build, meta, EVERYTHING,
        Words(lang, translator(lang), meta), Look(lang=lang), offices.options(EVERYTHING, db), ask,
    )  # fmt: skip


def _clicks(figure: figures.Figure) -> list[dict[str, Any]]:
    params = to_spec(figure.draw).get("params", [])
    return [p for p in params if p.get("name") == PICK]


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
@pytest.mark.parametrize("page", registry.BY_KEY)
def test_every_figure_stands_alone(warehouses: dict[str, Path], page: str, lang: str) -> None:
    view = open_view(warehouses["demo"], page, lang)
    for name in figures.names_on(page, view):
        figure = figures.build(name, view)
        assert figure is not None, name
        assert figure.name == name
        assert figure.title, name
        assert figure.sentence, name
        assert figure.definition, name
        assert len(figure.twin.frame), name
        assert set(figure.twin.right) <= set(figure.twin.frame.columns), name
        assert isinstance(figure.draw, partial), name
        assert valid(figure.draw())["description"], name
        # What a click reports, the keyboard's list must give as well.
        fields = [set(p["select"]["fields"]) for p in _clicks(figure)]
        assert len(fields) <= 1, name
        assert all(fields[0] <= set(values) for _, values in figure.picks if fields), name
        assert figure.picks or not fields, name
        if figure.native:
            for series in figure.native.series:
                assert len(series.values) == len(figure.native.categories), name


def test_the_worst_rule_of_each_level_is_told(warehouses: dict[str, Path]) -> None:
    """Not an error rule of few reports as the worst of all where a warning has many."""
    figure = figures.build("quality/rules", open_view(warehouses["demo"], "quality"))
    assert figure is not None
    found = figure.data
    latest = found[found["year"] == found["year"].max()]
    for level in set(latest["level"]):
        of_level = latest[latest["level"] == level]
        worst = of_level[of_level["reports"] == of_level["reports"].max()]
        told = [f"（{rule}），{n}份" in figure.sentence for rule, n in
                zip(worst["rule"], worst["reports"], strict=True)]  # fmt: skip
        assert sum(told) == 1, (level, figure.sentence)


def test_every_registered_figure_belongs_to_a_page() -> None:
    assert {spec.page for spec in figures.FIGURES().values()} <= set(registry.BY_KEY)
