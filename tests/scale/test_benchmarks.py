"""The benchmark runs whole at a tiny size and says what it measured; no times are judged."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from benchmarks import page, scale
from dashboard import registry
from dashboard.db import ENVIRONMENT
from dashboard.queries import examples


@pytest.mark.long
def test_the_whole_benchmark_at_a_tiny_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages run in this process: what they set must not reach the tests that start processes.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    found = scale.run(tmp_path, [300], rounds=1, documents=30, quick=True)
    found["by_size"]["3000"] = found["by_size"]["300"]  # what a second size adds to the page
    for part in found["by_size"].values():
        assert part["queries"].keys() == examples.public().keys()
        assert part["pages"].keys() == registry.BY_KEY.keys()
    assert len(found["rivals"]["questions"]) >= 5
    loads = found["documents"]
    assert 0 < loads["changed"] < loads["files"]
    text = page.text_of(found)
    assert f"{loads['files']:,} documents" in text
    assert all(f"`{name}`" in text for name in examples.public())
    assert str(tmp_path) not in text
    assert not re.search(r"/(?:tmp|root|home|work)\b", text)
    assert scale.make(tmp_path / "reports-300", 300) == found["by_size"]["300"]["made"]


def test_quantiles_lie_between_neighbours() -> None:
    assert scale.quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert scale.quantile([0.0, 10.0], 0.95) == 9.5
    assert scale.quantile([], 0.5) == 0.0
