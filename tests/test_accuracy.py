"""docs/accuracy.md says what the readers do now, and nothing in it is wrong."""

from __future__ import annotations

import json
import re

from tests import accuracy


def test_the_page_is_current_and_nothing_is_wrong() -> None:
    text = accuracy.text_of()
    assert accuracy.PAGE.read_text(encoding="utf-8") == text, "run: python -m tests.accuracy"
    tables = [line.strip("| ").split(" | ") for line in text.splitlines() if "|" in line]
    whole = [row for row in tables if len(row) == 7 and row[1].isdigit()]
    assert len(whole) > 80
    assert [row for row in whole if row[5] != "0"] == []
    assert not re.search(r" · [1-9]", text)
    sound = [row for row in whole if "structured" in row[0]]
    assert len(sound) > 10
    assert {row[6] for row in sound} == {"100.0"}


def test_what_was_measured_elsewhere_is_kept_whole() -> None:
    kept = json.loads(accuracy.MEASURED.read_text(encoding="utf-8"))
    assert set(kept) == {"Real reports with gold figures", "Through other programs"}
    for section in kept.values():
        for counts in section["rows"].values():
            assert counts["read"] + counts["unread"] == counts["cells"]
            assert counts["wrong"] == 0
