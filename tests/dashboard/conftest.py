"""Fixture warehouses, built once per session with the DDL of etl/warehouse."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

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
