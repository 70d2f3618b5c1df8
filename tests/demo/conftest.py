from __future__ import annotations

import pytest

from etl.demo.corpus import DemoProvince
from etl.demo.model import DemoReport
from etl.demo.province import DemoOffice

SEED = 2026


@pytest.fixture(scope="session")
def made() -> DemoProvince:
    return DemoProvince(0, SEED)


@pytest.fixture(scope="session")
def published(made: DemoProvince) -> list[tuple[DemoOffice, DemoReport]]:
    """All reports of the default corpus, not rendered (2.5 s)."""
    return list(made.reports())
