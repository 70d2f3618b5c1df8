"""Figures printed in fields of forms, cut by a clip or pushed out of their cells."""

from __future__ import annotations

import pytest

from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from tests.read_binary.pdf_maker import MARGIN, Box, Canvas, Layout, build, draw_table
from tests.read_binary.test_pdf_covered import text

#: A label and three columns of figures in one row; where the first figure's cell begins.
WIDTHS = [80.0, 50.0, 50.0, 50.0]
ROW = 40.0
LEFT, TOP = MARGIN + WIDTHS[0], 842 - MARGIN


def row(*ops: str, figures: tuple[str, ...] = ("", "", "")) -> list[str]:
    """What is read of the row's figures."""
    boxes = [Box(0, col, shown) for col, shown in enumerate(("甲乙", *figures))]
    [page] = draw_table(boxes, WIDTHS, Layout(row_height=ROW))
    page.ops += ops
    [grid] = read_pdf(build([page]), Limits()).grids()
    assert [cell.rowspan for cell in grid.cells] == [1] * 4
    return [cell.text for cell in grid.cells][1:]


def field(col: int, wide: float, shown: str = "", left: float = 3, paint: str = "S") -> str:
    """A field 16 points high, its text 3 points from its left side."""
    x, y = LEFT + WIDTHS[1] * col + left, TOP - 28
    return f"0.5 w 0.8 G 1 g {x} {y} {wide} 16 re {paint} 0 g 0 G " + (
        text(x + 3, y + 4, shown) if shown else ""
    )


def rounded(col: int, wide: float, shown: str) -> str:
    """A field with round corners."""
    x0, y0 = LEFT + WIDTHS[1] * col + 3, TOP - 28
    x1, y1, r = x0 + wide, y0 + 16, 2
    path = (
        f"{x0} {y0 + r} m {x0} {y1 - r} l {x0} {y1} {x0} {y1} {x0 + r} {y1} c {x1 - r} {y1} l "
        f"{x1} {y1} {x1} {y1} {x1} {y1 - r} c {x1} {y0 + r} l {x1} {y0} {x1} {y0} {x1 - r} {y0} c "
        f"{x0 + r} {y0} l {x0} {y0} {x0} {y0} {x0} {y0 + r} c h"
    )
    return f"0.5 w 0.8 G 0.9 g {path} f {path} S 0 g 0 G " + text(x0 + 3, y0 + 4, shown)


@pytest.mark.parametrize("wide", [30, 43])
def test_fields_within_cells_are_no_cells(wide: float) -> None:
    shown = [field(0, wide, "12"), field(1, wide), field(2, wide, "0")]
    assert row(*shown) == ["12", "", "0"]
    assert row(*(rounded(col, wide, str(col)) for col in range(3))) == ["0", "1", "2"]


@pytest.mark.parametrize("paint", ["S", "f"])
def test_a_field_wider_than_its_cell_hides_what_the_next_holds(paint: str) -> None:
    assert row(field(1, 60, "12", paint=paint), figures=("7", "", "")) == [
        "7",
        "12\ufffd",
        "\ufffd",
    ]


def test_a_figure_that_fills_its_field_may_go_on() -> None:
    shown = [field(0, 30, "10000"), field(1, 30, "1000"), field(2, 30, "99")]
    assert row(*shown) == ["10000\ufffd", "1000", "99"]
    # A marker's colour ends with its figure.
    marker = [field(0, 18, paint="f"), text(LEFT + 3, TOP - 24, "1000"), field(1, 9, paint="f")]
    assert row(*marker, text(LEFT + 53, TOP - 24, "12"))[:2] == ["1000", "12"]
    # Where another figure is cut off, it is no marker.
    cut = clip(LEFT + 100, 50, "123456", LEFT + 128)
    assert row(*marker[:2], cut) == ["1000\ufffd", "\ufffd", "12345\ufffd"]


def clip(x: float, wide: float, shown: str, at: float) -> str:
    return f"q {x} {TOP - ROW} {wide} {ROW} re W n {text(at, TOP - 24, shown)} Q"


def test_a_figure_cut_by_a_clip_is_not_read_and_empty_cells_beside_it_are_in_doubt() -> None:
    shown = clip(LEFT, 50, "123456", LEFT + 28)
    assert row(shown, figures=("", "", "8")) == ["12345\ufffd", "\ufffd", "8"]
    # All of it is seen.
    assert row(clip(LEFT, 50, "1234", LEFT + 28), figures=("", "", "8")) == ["1234", "", "8"]


def test_figures_pushed_out_of_the_last_cell() -> None:
    # One goes on beyond the table, one stands beside it: the others moved as well.
    assert row(text(LEFT + 138, TOP - 24, "8000856"))[2] == "800\ufffd"
    assert row(text(LEFT + 155, TOP - 24, "12"), figures=("1", "2", "3")) == [
        "1\ufffd", "2\ufffd", "3\ufffd",
    ]  # fmt: skip


def test_a_table_that_goes_on_beyond_what_is_printed() -> None:
    boxes = [Box(0, col, shown) for col, shown in enumerate(("甲乙", "1", "2", ""))]
    [page] = draw_table(boxes, WIDTHS, Layout(row_height=ROW, piecewise=True))
    page.ops.insert(0, f"0 0 {LEFT + 120} 842 re W n")
    [grid] = read_pdf(build([page]), Limits()).grids()
    assert [cell.text for cell in grid.cells] == ["甲乙", "1", "2", "\ufffd"]


def test_cells_drawn_as_frames_are_cells() -> None:
    page = Canvas()
    for at in range(12):
        x, y = MARGIN + 50 * (at % 4), TOP - 20 * (at // 4)
        page.ops.append(f"{x} {y} 50 20 re S")
        page.text(x + 20, y + 6, str(at), 9)
    [grid] = read_pdf(build([page]), Limits()).grids()
    assert [cell.text for cell in grid.cells] == [str(at) for at in range(12)]


def ring(x: float, y: float, wide: float, high: float, left: float = 0.5) -> str:
    """A cell's borders as the area between two boxes, without a left side if ``left`` is 0."""
    return f"{x} {y} {wide} {high} re {x + left} {y + 0.5} {wide - left - 0.5} {high - 1} re"


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("left", [0.5, 0])
def test_borders_filled_between_two_boxes(left: float, double: bool) -> None:
    page = Canvas()
    for at in range(12):
        x, y = MARGIN + 50 * (at % 4), TOP - 20 * (at // 4)
        within = ring(x + 2 * left, y + 1, 49 - 2 * left, 18, left) if double else ""
        page.ops.append(f"{ring(x, y, 50, 20, left)} {within} f*")
        page.text(x + 20, y + 6, str(at), 9)
    [grid] = read_pdf(build([page]), Limits()).grids()
    assert [cell.text for cell in grid.cells] == [str(at) for at in range(12)]


@pytest.mark.parametrize("closed", [False, True])
def test_figures_above_a_page_break_and_their_label_below(closed: bool) -> None:
    columns = [80.0, 50.0, 50.0, 50.0]
    head = [Box(0, col, shown) for col, shown in enumerate(("情形", "自然", "其他", "总计"))]
    upper, lower = (
        [Box(1, col, shown) for col, shown in enumerate(texts)]
        for texts in (("", "7", "8", "15"), ("7.属于", "", "", ""))
    )
    layout = Layout(page_number=False, piecewise=True)
    [first] = draw_table(head + upper, columns, layout)
    if not closed:
        y = f"{842 - MARGIN - 48:.2f}"
        first.ops = [op for op in first.ops if op.count(y) < 2]
    [second] = draw_table([Box(0, b.col, b.text) for b in lower], columns, layout)
    grids = [
        [c.text for c in grid.cells] for grid in read_pdf(build([first, second]), Limits()).grids()
    ]
    below = ["7.属于", "7", "8", "15"]
    if closed:
        below = ["", "7", "8", "15", "7.属于", "\ufffd", "\ufffd", "\ufffd"]
    assert grids == [["情形", "自然", "其他", "总计", *below]]
