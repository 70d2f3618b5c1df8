from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from houses import Content, House, content_of


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def content() -> Callable[[Path], Content]:
    return content_of
