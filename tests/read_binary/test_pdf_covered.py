"""What a PDF's marks hide and hold: covered text, pictures, boxes within cells, cut headers."""

from __future__ import annotations

import pytest

from etl.document import Document
from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from tests.read_binary.pdf_maker import MARGIN, Box, Canvas, Layout, Note, build, draw_table

#: Where the second of two cells begins, and its text.
X, Y = MARGIN + 70, 842 - MARGIN - 15


def read(*pages: Canvas) -> Document:
    return read_pdf(build(list(pages)), Limits())


def two_cells(*ops: str) -> Canvas:
    [page] = draw_table([Box(0, 0, "甲乙"), Box(0, 1, "")], [60, 100], Layout())
    page.ops += ops
    return page


def text(x: float, y: float, shown: str, size: float = 9) -> str:
    return f"BT /F1 {size} Tf {x} {y} Td <{shown.encode('utf-16-be').hex()}> Tj ET"


WHITE_BOX = f"1 g {X - 2} {Y - 3} 20 13 re f 0 g"


@pytest.mark.parametrize(
    ("ops", "shown"),
    [
        ((text(X, Y, "12"), WHITE_BOX), ""),
        ((text(X, Y, "12"), WHITE_BOX, text(X, Y, "8")), "8"),
        ((text(X, Y, "12"), f"3 Tr {text(X + 9.2, Y, '9')} 0 Tr"), "12"),  # drawn invisibly
        ((WHITE_BOX, text(X, Y, "12")), "12"),  # a cell's ground
        ((text(X, Y, "12"), "/G1 gs " + WHITE_BOX), "12"),  # a marker's colour
        ((f"0 g {X - 2} {Y - 3} 20 13 re f 1 g", text(X, Y, "12")), "12"),  # white on black
        ((text(X, Y, "12"), text(X + 9, Y, "1", 5)), "121\ufffd"),
        ((text(X, Y, "12"), text(X + 9, Y, "1", 8.5)), "121"),
        ((f"q 20 0 0 10 {X} {Y} cm /I1 Do Q",), "\ufffd"),
        ((f"q 20 0 0 10 {X} {Y} cm /I1 Do Q", text(X, Y, "12")), "12"),
        ((f"q 400 0 0 300 {X} {Y} cm /I1 Do Q",), ""),  # a seal over the table
        # pdfium keeps the shadow of two equal texts
        ((f"q /G1 gs {text(X, Y, '12')} Q", text(X + 0.7, Y - 0.7, "12")), "12"),
    ],
)
def test_what_is_seen_of_a_cell(ops: tuple[str, ...], shown: str) -> None:
    [grid] = read(two_cells(*ops)).grids()
    assert grid.cells[1].text == shown


def frame(page: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    for ax, ay, bx, by in (
        (x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1),
    ):  # fmt: skip
        page.line(ax, ay, bx, by)


def test_a_field_drawn_within_a_cell_is_of_the_cell() -> None:
    page = two_cells(text(X, Y, "12"))
    frame(page, X - 6, Y - 5, X + 30, Y + 10)
    [grid] = read(page).grids()
    assert [cell.text for cell in grid.cells] == ["甲乙", "12"]


def test_a_field_near_the_borders_of_one_cell_cuts_no_row() -> None:
    texts = [("甲乙", 60), ("1", 40), ("2", 40), ("", 40), ("4", 40)]
    boxes = [Box(0, col, shown) for col, (shown, _) in enumerate(texts)]
    [page] = draw_table(boxes, [float(width) for _, width in texts], Layout(row_height=40))
    left, top = MARGIN + 140, 842 - MARGIN
    for y in (top - 12, top - 28):  # the field's sides lie upon the cell's
        page.line(left, y, left + 40, y)
    page.text(left + 10, top - 24, "3", 9)
    [grid] = read(page).grids()
    assert [(cell.rowspan, cell.text) for cell in grid.cells] == [
        (1, "甲乙"), (1, "1"), (1, "2"), (1, "3"), (1, "4"),
    ]  # fmt: skip


def test_cells_with_borders_of_their_own_are_one_table() -> None:
    page = Canvas()
    for row in range(3):
        for col in range(3):
            x, y = MARGIN + col * 64, 700 - row * 24
            frame(page, x, y, x + 60, y + 20)
            page.text(x + 20, y + 6, f"{row}{col}", 9)
    [grid] = read(page).grids()
    assert [cell.text for cell in grid.cells] == [f"{r}{c}" for r in range(3) for c in range(3)]


@pytest.mark.parametrize(("last", "joined"), [("人", True), ("3件", False)])
def test_a_label_that_hangs_below_the_table_at_the_end_of_a_page(last: str, joined: bool) -> None:
    columns = [80.0, 60.0, 60.0, 60.0]
    layout = Layout(page_number=False, row_height=14)
    heads = ("情形", "自然", "其他", "总计")
    [upper] = draw_table([Box(0, col, head) for col, head in enumerate(heads)], columns, layout)
    upper.text(MARGIN + 80 + 25, 842 - MARGIN - 14 - 9, last, 9)
    figures = [Box(0, col, shown) for col, shown in enumerate(("（一）", "1", "2", "3"))]
    [lower] = draw_table(figures, columns, layout)
    document = read(upper, lower)
    grids = [[cell.text.replace("\n", "") for cell in grid.cells] for grid in document.grids()]
    whole = ["情形", "自然人", "其他", "总计", "（一）", "1", "2", "3"]
    assert (grids == [whole]) is joined
    assert [line.text for line in document.lines()] == ([] if joined else [last])


@pytest.mark.parametrize("name", ["Widget", "FreeText"])
def test_figures_in_the_fields_and_notes_of_a_form_are_read(name: str) -> None:
    [page] = draw_table([Box(0, 0, "甲乙"), Box(0, 1, "")], [60, 100], Layout())
    data = build([page], notes=[Note(name, X, Y - 4, "12")])
    [grid] = read_pdf(data, Limits()).grids()
    assert [cell.text for cell in grid.cells] == ["甲乙", "12"]


@pytest.mark.parametrize(
    ("phrase", "times", "gone"),
    [("演示水印5", 8, True), ("演示水印5", 3, False), ("不适用", 8, False), ("00000", 8, False)],
)
def test_a_text_again_and_again_in_a_size_of_its_own_is_a_watermark(
    phrase: str, times: int, gone: bool
) -> None:
    page = two_cells(text(X, Y, "12"))
    page.text(MARGIN, 500, "本机关按照规定编制本报告", 9)
    for row in range(times):
        page.text(MARGIN, 400 - 20 * row, phrase, 14)
    document = read(page)
    assert ([line.text for line in document.lines()] == ["本机关按照规定编制本报告"]) is gone
    assert [cell.text for grid in document.grids() for cell in grid.cells] == ["甲乙", "12"]
