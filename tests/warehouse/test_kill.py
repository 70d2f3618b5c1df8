"""A load ended at any moment leaves the last build served and the next load working."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from kill import WAYS, campaign

#: The long run is ``python -m tests.warehouse.kill --times 200``.
KILLS = 10


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform != "linux", reason="signals and limits")
@pytest.mark.long
def test_ended_at_random_moments(house: Any, tmp_path: Path) -> None:
    tally = campaign(house, tmp_path / "nursery.py", KILLS)
    assert tally.ended.total() > 0
    assert set(tally.ended) | set(tally.finished) == set(WAYS)
