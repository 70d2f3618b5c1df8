"""A load over hostile pages, texts and archives: nothing escapes, the sound reports are loaded.

``python -m tests.hostile`` does it with more than 500 files of all formats and prints the cost.
"""

from __future__ import annotations

from pathlib import Path

from tests.hostile.check import run
from tests.hostile.corpus import HEAVY, SOUND, own


def test_the_rest_of_the_load_is_unharmed(tmp_path: Path) -> None:
    files = [file for file in own() if file.name not in HEAVY]
    outcome = run(tmp_path, iter(files))
    assert outcome.code == 4, outcome.errors
    assert "Traceback" not in outcome.errors
    assert outcome.sound == len(SOUND)
    assert outcome.strangers == []
    assert not list(tmp_path.rglob("*pwned*"))
    assert outcome.hostile > 50
    assert sum(outcome.statuses.values()) > 50
    assert outcome.statuses["archive_unsafe"] >= 8
    assert not outcome.statuses.keys() & {"crashed", "internal"}
