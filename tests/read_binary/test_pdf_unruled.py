"""PDF tables without lines: rows only where columns are beyond doubt, else the lines as printed."""

from __future__ import annotations

from etl.document import Document, Fidelity, Grid, Line
from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from tests.read_binary.pdf_maker import Canvas, build

LEFT, FIRST, STEP = 70.0, 250.0, 40.0


def table(rows: list[tuple[str, list[str]]], pitch: float = 24.0) -> Canvas:
    page = Canvas()
    for number, (label, figures) in enumerate(rows):
        y = 740 - pitch * number
        page.text(LEFT, y, label)
        for column, figure in enumerate(figures):
            if figure:
                page.text(FIRST + STEP * column, y, figure)
    return page


def read(page: Canvas) -> Document:
    return read_pdf(build([page]), Limits())


def cells(grid: Grid) -> list[list[str]]:
    return [[c.text for c in row] for row in grid.rows()]


FULL = [("一、本年新收", ["21", "0", "3", "24"]), ("（一）予以公开", ["105", "1", "2", "108"])]


def test_blank_stands_in_its_column() -> None:
    [grid] = read(table([*FULL, ("（二）部分公开", ["4", "", "", "4"])])).grids()
    assert grid.fidelity is Fidelity.ALIGNED
    assert cells(grid)[2] == ["（二）部分公开", "4", "", "", "4"]
    assert grid.locate(2, 1) == "table 1, row 3, column 2 (page 1, line 3)"


def test_lines_between_rows_alone_make_no_table_of_one_column() -> None:
    page = table(FULL)
    for y in (755.0, 731.0, 707.0):
        page.line(60, y, 420, y)
    for x in (60.0, 420.0):
        page.line(x, 707, x, 755)
    [grid] = read(page).grids()
    assert grid.fidelity is Fidelity.ALIGNED
    assert cells(grid) == [[label, *figures] for label, figures in FULL]


def test_figure_between_two_columns_stays_a_line() -> None:
    page = table(FULL)
    page.text(LEFT, 740 - 48, "（二）部分公开")
    page.text(FIRST + STEP * 0.5, 740 - 48, "7")  # between the columns
    page.text(FIRST + STEP * 3, 740 - 48, "7")
    document = read(page)
    [grid] = document.grids()
    assert len(cells(grid)) == 2
    assert [line.text for line in document.lines()] == ["（二）部分公开  7  7"]


def test_figures_in_two_columns_at_once_stay_lines() -> None:
    page = table(FULL)
    page.text(LEFT, 740 - 48, "（二）部分公开")
    page.text(FIRST, 740 - 48, "12345678901")  # reaches into the second column
    page.text(FIRST + STEP * 3, 740 - 48, "7")
    [grid] = read(page).grids()
    assert len(cells(grid)) == 2


def test_one_full_row_makes_no_columns() -> None:
    document = read(table([FULL[0], ("乙", ["4", "", "", "4"])]))
    assert not list(document.grids())
    assert [line.text for line in document.lines()] == ["一、本年新收  21  0  3  24", "乙  4  4"]


def test_ragged_columns_make_no_table() -> None:
    page = table(FULL[:1])
    page.text(LEFT, 700, "（一）予以公开")
    for x in (FIRST + 20, FIRST + 55, FIRST + 90, FIRST + 130):
        page.text(x, 700, "8888")
    assert not list(read(page).grids())


def test_label_evenly_around_its_figures_is_one_row() -> None:
    page = table(FULL)
    y = 740 - 80
    page.text(LEFT, y + 6, "（二）部分公开（区分处理的，")
    page.text(LEFT, y - 6, "只计这一情形）")
    for column, figure in enumerate(["4", "5", "6", "15"]):
        page.text(FIRST + STEP * column, y, figure)
    [grid] = read(page).grids()
    assert cells(grid)[2] == ["（二）部分公开（区分处理的，\n只计这一情形）", "4", "5", "6", "15"]


def test_label_that_may_belong_to_two_rows_stays_lines() -> None:
    page = table(FULL)
    for row in range(2):
        for column, figure in enumerate(["4", "5", "6", "15"]):
            page.text(FIRST + STEP * column, 740 - 70 - 24 * row, figure)
    for row in range(3):
        page.text(LEFT, 740 - 58 - 24 * row, f"标签{'甲乙丙'[row]}")
    document = read(page)
    assert "标签乙" in [b.text for b in document.blocks if isinstance(b, Line)]
    assert not any("标签" in row[0] for grid in document.grids() for row in cells(grid))


def test_prose_with_figures_is_prose() -> None:
    page = Canvas()
    page.text(LEFT, 740, "2023年收到申请26件，上年结转0件。")
    page.text(LEFT, 720, "联系电话 0517 12345678")
    page.text(LEFT, 700, "邮编 223100 223101")
    document = read(page)
    assert not list(document.grids())
    assert len(list(document.lines())) == 3


def test_figures_of_a_row_never_run_together() -> None:
    page = Canvas()
    for column in range(15):
        page.text(LEFT + 9 * column, 700, str(column % 10), size=9)
    [line] = read(page).lines()
    assert line.text.split() == [str(column % 10) for column in range(15)]
