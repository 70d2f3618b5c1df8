"""Fixture warehouses, built once per session with the DDL of etl/warehouse."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import browsing
import fixture_warehouse as fixture

from dashboard.db import Database, current_build
from dashboard.queries import meta as meta_queries
from dashboard.queries.base import EVERYTHING

SIZES = ("demo", "one", "empty")


@pytest.fixture(scope="session")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Size → folder of a published build."""
    out = {}
    for size in SIZES:
        out[size] = tmp_path_factory.mktemp(size)
        fixture.build(out[size], f"{size}-1", size)
    return out


@pytest.fixture(scope="session")
def db(warehouses: dict[str, Path]) -> Database:
    return Database(current_build(warehouses["demo"]))


@pytest.fixture(scope="session")
def meta(db: Database) -> meta_queries.Meta:
    return meta_queries.load(EVERYTHING, db)


@pytest.fixture(scope="session")
def reports() -> list[fixture.Report]:
    return fixture.reports(fixture.offices())


@pytest.fixture(scope="session")
def server(warehouses: dict[str, Path]) -> Iterator[str]:
    """The address of a dashboard on the invented warehouse."""
    with browsing.serving(warehouses["demo"]) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium of a module: Playwright's event loop must not outlive it into other tests."""
    with browsing.chromium() as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A desktop page of a profile of its own; ``page.hosts`` are the hosts it asked."""
    width, height = browsing.DESKTOP
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        found = context.new_page()
        found.set_default_timeout(browsing.PATIENCE)
        found.hosts = set()
        found.on("request", lambda r: found.hosts.add(r.url.split("/")[2]))
        yield found
