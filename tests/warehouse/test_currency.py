"""Which of several documents of one report is current, and why the others are not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from etl.warehouse import currency


def _candidate(key: str, figure: int | None, published: str | None, format: str = "html") -> Any:
    day = date.fromisoformat(published) if published else None
    return currency.Candidate(("a", 2022, "own_office"), key, day, 1, format, 1, (figure, 0))


@pytest.mark.parametrize(
    ("group", "verdicts"),
    [
        # A wrong file was put up and replaced by the first one's figures.
        (
            [("1", 5, "2023-01-10"), ("2", 7, "2023-01-12"), ("3", 5, "2023-01-20")],
            {"1": "duplicate", "2": "corrected"},
        ),
        # An undated copy of the corrected figures, or of the current ones, is no conflict.
        (
            [("0", 5, None), ("1", 5, "2023-01-10"), ("2", 7, "2023-01-12")],
            {"0": "corrected", "1": "corrected"},
        ),
        (
            [("0", 7, None), ("1", 5, "2023-01-10"), ("2", 7, "2023-01-12")],
            {"0": "duplicate", "1": "corrected"},
        ),
        ([("0", 9, None), ("1", 5, "2023-01-10")], {"0": "conflict"}),
        ([("0", 5, None, "pdf"), ("1", 5, "2023-01-10")], {"0": "duplicate_format"}),
    ],
)
def test_why_a_document_is_not_current(group: list[Any], verdicts: dict[str, str]) -> None:
    found = currency.judge([_candidate(*one) for one in group])
    assert {v.report_id: v.reason for v in found} == verdicts
    assert {v.superseded_by for v in found} == {group[-1][0]}
