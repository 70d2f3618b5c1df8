"""The real documents of ``../shared/reports``: figures against those read by eye."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.document import Grid
from etl.read.docx import read_docx
from etl.read.limits import Limits
from etl.read.pdf import read_pdf

REPORTS = Path(__file__).resolve().parents[2] / ".." / "shared" / "reports"
pytestmark = [
    pytest.mark.reports,
    pytest.mark.skipif(not REPORTS.is_dir(), reason="real reports absent"),
]


def figures(grid: Grid) -> list[list[float]]:
    """Per row with figures, the figures from left to right."""
    rows = [
        [float(c.text) for c in row if c.text.replace(".", "", 1).isdigit()] for row in grid.rows()
    ]
    return [row for row in rows if row]


def test_hongze_2023() -> None:
    document = read_pdf((REPORTS / "hongze_2023.pdf").read_bytes(), Limits())
    gold = json.loads((REPORTS / "gold" / "hongze_2023.json").read_text("utf-8"))["cells"]
    printed: dict[str, list[float]] = {}
    for key, value in gold.items():
        if value is not None:
            table, row, _ = key.split(".")
            printed.setdefault(f"{table}.{row}" if table != "t4" else "t4", []).append(value)
    second, third, fourth = document.grids()
    assert (second.n_rows, second.n_cols) == (14, 4)
    assert figures(second) == [v for k, v in printed.items() if k.startswith("t2")]
    assert (third.n_rows, third.n_cols) == (26, 10)
    assert figures(third) == [v for k, v in printed.items() if k.startswith("t3")]
    assert (fourth.n_rows, fourth.n_cols) == (4, 15)
    assert figures(fourth) == [printed["t4"]]
    assert third.at(24, 0) is third.at(5, 0)
    assert third.rows()[5][0].text == "三、本年度办理结果"


def test_blank_form() -> None:
    document = read_docx((REPORTS / "blank_form.docx").read_bytes(), Limits())
    shapes = [(grid.n_rows, grid.n_cols) for grid in document.grids()]
    assert shapes == [(14, 4), (28, 10), (4, 15)]
    assert not any(c.text.isdigit() for grid in document.grids() for c in grid.cells)
