"""The real reports: shapes of their grids and what the pages say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.document import Document, Fidelity
from etl.read import read

REPORTS = Path(__file__).parents[2] / ".." / "shared" / "reports"
pytestmark = pytest.mark.reports


def report(name: str) -> Document:
    path = REPORTS / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return read(path.read_bytes(), name)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("shuyang_fgj_2023.html", [(6, 4), (14, 4), (28, 10), (4, 15)]),
        ("shanghai_bgt_2019.html", [(18, 5), (26, 10), (4, 15)]),
    ],
)
def test_shapes_of_html_tables(name: str, shapes: list[tuple[int, int]]) -> None:
    found = list(report(name).grids())
    assert [(grid.n_rows, grid.n_cols) for grid in found] == shapes
    for grid in found:
        assert all(
            grid.at(r, c) is not None for r in range(grid.n_rows) for c in range(grid.n_cols)
        )


def test_figures_blanks_and_units_of_the_2019_page() -> None:
    first, second, third = report("shanghai_bgt_2019.html").grids()
    assert [cell.text for cell in first.rows()[17]][1:] == ["6", "251000元"]
    received = [cell.text for cell in second.rows()[3]][1:]
    assert received == ["821", "35", "", "", "2", "1", "859"]
    litigation = ["5", "", "", "2", "7", "8", "", "", "1", "9"] + [""] * 5
    assert [cell.text for cell in third.rows()[3]] == litigation


def test_the_saved_page_tells_where_it_is_from() -> None:
    metadata = report("shuyang_fgj_2023.html").metadata
    assert metadata["index_number"] == "014314799/2024-00002"
    assert metadata["published"] == "2024-01-17"
    assert metadata["url"].startswith("http://www.shuyang.gov.cn/")
    assert len(metadata["publisher"]) == 9


def test_a_cell_per_line_report_has_no_grid_and_keeps_blank_lines() -> None:
    document = report("renwei_subdistrict_2021.txt")
    assert list(document.grids()) == []
    assert sum(not line.text for line in document.lines()) > 50


def test_a_markdown_report_has_its_tables_apart() -> None:
    found = list(report("shuyang_gov_2025.txt").grids())
    assert len(found) == 19
    assert {grid.fidelity for grid in found} == {Fidelity.DELIMITED}
    assert {grid.n_cols for grid in found} == {2, 4, 5, 8}
