"""Equal or not a number, on mutated documents; and every document that once was read wrongly."""

from __future__ import annotations

import pytest

from etl.demo import LAYOUTS
from tests.fuzz.engine import run

#: Layouts in which a mutation ever brought a wrong number to light, and one of each other reader.
HARD = tuple(key for key, layout in LAYOUTS.items() if layout.format == "text")


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_equal_or_no_number(start: int) -> None:
    """400 documents here; `python -m tests.fuzz --seconds 600` goes on."""
    cases = [run(seed) for seed in range(start, start + 50)]
    assert [str(case) for case in cases if case.wrong] == []
    assert sum(len(case.numbers) for case in cases) > 3000, "a reader that says nothing passes"


@pytest.mark.parametrize("start", range(50_000, 50_100, 25))
def test_equal_or_no_number_in_text(start: int) -> None:
    cases = [run(seed, layouts=HARD) for seed in range(start, start + 25)]
    assert [str(case) for case in cases if case.wrong] == []
