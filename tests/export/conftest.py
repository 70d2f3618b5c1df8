"""Views on the dashboard's fixture warehouses, as the command line opens them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "dashboard"))

import fixture_warehouse as fixture

from dashboard.charts.base import Look
from dashboard.db import Database, current_build
from dashboard.export import picture
from dashboard.export.base import Item, item_of
from dashboard.filters import Filters, Selection
from dashboard.i18n import translator
from dashboard.present import Words
from dashboard.queries import meta as meta_queries
from dashboard.queries import offices
from dashboard.queries.base import EVERYTHING
from dashboard.view import View

OpenView = Callable[..., View]
#: In place of a chart where it is not what is looked at.
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="300"/>'


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    """A chart is laid out once for all tests and products: most of their time went there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("chart_svg", "from_svg"):
            patch.setattr(picture, name, _remembered(getattr(picture, name)))
        yield


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "chart_svg", lambda spec: BLANK)


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[str, Any] = {}

    def ask(*args: Any) -> Any:
        key = json.dumps(args)
        if key not in kept:
            kept[key] = function(*args)
        return kept[key]

    return ask


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    fixture.build(folder, "demo-1", "demo")
    return folder


@pytest.fixture(scope="session")
def open_view(warehouse: Path) -> OpenView:
    build = current_build(warehouse)
    db = Database(build)
    meta = meta_queries.load(EVERYTHING, db)
    options = offices.options(EVERYTHING, db)

    def ask(function: Any, scope: Any, *args: Any, large: bool = False, **kw: Any) -> Any:
        return function(scope, db, *args, **kw)

    def opened(
        page: str = "overview", lang: str = "zh", office: str = "",
        selection: Selection | None = None, dark: bool = False,
    ) -> View:  # fmt: skip
        filters = Filters(selection or Selection(), lang=lang, office=office)
        return View(
            page, filters, build, build, meta, EVERYTHING, Words(lang, translator(lang), meta),
            Look(dark, lang), options, ask,
        )  # fmt: skip

    return opened


@pytest.fixture(scope="session")
def item(open_view: OpenView) -> Item:
    found = item_of("overview/trend/disclosure_rate", open_view())
    assert found is not None
    return found
