"""Ruled PDF tables: however the lines are drawn and wherever the page breaks, cells come back."""

from __future__ import annotations

import itertools

import pytest

from etl.document import Document, Fidelity, Grid
from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from etl.read.pdf_chars import join_halves
from etl.read.pdf_join import _is_value
from tests.read_binary.pdf_maker import MARGIN, Box, Canvas, Layout, build, draw_table
from tests.read_binary.sample import COLUMNS, HEADER_ROWS, LABEL, N_ROWS, section_three

TITLE = "某某市某某局2023年政府信息公开工作年度报告"


def read(pages: list[Canvas], **options: object) -> Document:
    return read_pdf(build(pages, title=TITLE, **options), Limits())  # type: ignore[arg-type]


def seen(grid: Grid) -> set[tuple[int, int, int, int, str]]:
    return {(c.row, c.col, c.rowspan, c.colspan, c.text.replace("\n", "")) for c in grid.cells}


def drawn(boxes: list[Box]) -> set[tuple[int, int, int, int, str]]:
    return {(b.row, b.col, b.rowspan, b.colspan, b.text) for b in boxes}


VERTICAL = frozenset({(5, 0)})
STYLES = list(itertools.product(("stroke", "box"), (False, True)))


@pytest.mark.parametrize(("style", "piecewise"), STYLES)
@pytest.mark.parametrize("sides", [True, False])
def test_whole_table_on_one_page(style: str, piecewise: bool, sides: bool) -> None:
    boxes = section_three()
    layout = Layout(style=style, piecewise=piecewise, sides=sides, vertical=VERTICAL)
    document = read(draw_table(boxes, COLUMNS, layout))
    [grid] = document.grids()
    assert seen(grid) == drawn(boxes)
    assert grid.fidelity is Fidelity.STRUCTURED
    assert not list(document.lines()), "the page number is not a line"
    assert document.metadata["title"] == TITLE


@pytest.mark.parametrize("row", range(HEADER_ROWS + 1, N_ROWS))
@pytest.mark.parametrize("header", [0, HEADER_ROWS])
def test_break_before_any_row(row: int, header: int) -> None:
    boxes = section_three()
    layout = Layout(breaks=(row,), header=header, vertical=VERTICAL, piecewise=row % 2 == 0)
    [grid] = read(draw_table(boxes, COLUMNS, layout)).grids()
    assert seen(grid) == drawn(boxes)
    assert grid.row_places == [f"page {1 + (r >= row)}" for r in range(N_ROWS)]


def test_breaks_over_three_pages() -> None:
    boxes = section_three()
    layout = Layout(breaks=(8, 17), style="box", vertical=VERTICAL)
    [grid] = read(draw_table(boxes, COLUMNS, layout)).grids()
    assert seen(grid) == drawn(boxes)


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_rotated_page(rotate: int, shown: bool) -> None:
    """``shown``: turned by the page's /Rotate; else its text lies on its side."""
    boxes = section_three()
    [page] = draw_table(boxes, COLUMNS, Layout())
    matrix = {
        90: "0 1 -1 0 842 0 cm",
        180: "-1 0 0 -1 595 842 cm",
        270: "0 -1 1 0 0 595 cm",
    }[rotate]
    page.ops.insert(0, matrix)
    data = build([page], rotate=rotate)
    turned = b"/Rotate %d" % rotate
    assert turned in data
    data = data if shown else data.replace(turned, b"/Rotate 0".ljust(len(turned)))
    [grid] = read_pdf(data, Limits()).grids()
    assert seen(grid) == drawn(boxes)


def test_text_between_keeps_tables_apart() -> None:
    boxes = section_three()
    pages = draw_table(boxes, COLUMNS, Layout(breaks=(10,)))
    pages[1].text(MARGIN, 842 - MARGIN + 20, "四、另一节的标题")
    document = read(pages)
    assert [grid.n_rows for grid in document.grids()] == [10, N_ROWS - 10]
    assert [line.text for line in document.lines()] == ["四、另一节的标题"]


def test_other_columns_keep_tables_apart() -> None:
    first = draw_table([Box(0, 0, "甲"), Box(0, 1, "1")], [100, 100], Layout())
    second = draw_table([Box(0, 0, "乙"), Box(0, 1, "2")], [150, 120], Layout())
    assert len(list(read(first + second).grids())) == 2


def _cut(upper: list[str], lower: list[str], widths: list[float]) -> list[list[str]]:
    """Texts of a table of a full row, a half row, a page break, the other half and a full row."""
    n = len(upper)
    one = [Box(0, i, t) for i, t in enumerate(["信息内容", "数量", "总计"][:n])]
    pages = draw_table(one + [Box(1, i, t) for i, t in enumerate(upper)], widths, Layout())
    last = [Box(1, i, t) for i, t in enumerate(["其他内容", "8", "9"][:n])]
    pages += draw_table([Box(0, i, t) for i, t in enumerate(lower)] + last, widths, Layout())
    [grid] = read(pages).grids()
    return [[c.text.replace("\n", "") for c in row] for row in grid.rows()]


WIDTHS = [150.0, 60.0, 60.0]


@pytest.mark.parametrize("figures_above", [True, False])
def test_row_cut_inside_brackets_is_joined(figures_above: bool) -> None:
    upper, lower = ["部分公开（只计这一", "", ""], ["情形）", "", ""]
    (upper if figures_above else lower)[1:] = ["4", "5"]
    rows = _cut(upper, lower, WIDTHS)
    assert rows[1] == ["部分公开（只计这一情形）", "4", "5"]
    assert rows[2] == ["其他内容", "8", "9"]


def test_row_with_a_full_last_line_is_joined() -> None:
    rows = _cut(["申请人逾期未按收费通知要求缴纳费", "4", "5"], ["用", "", ""], WIDTHS)
    assert rows[1] == ["申请人逾期未按收费通知要求缴纳费用", "4", "5"]


def test_blank_row_after_the_break_stays_a_row() -> None:
    # 规章 with figures, then 行政规范性文件 with blanks: two rows, never one.
    rows = _cut(["规章", "4", "5"], ["行政规范性文件", "", ""], WIDTHS)
    assert rows[1:3] == [["规章", "4", "5"], ["行政规范性文件", "", ""]]


def test_figures_on_both_sides_are_never_joined() -> None:
    rows = _cut(["部分公开（只计这一", "4", ""], ["情形）", "", "6"], WIDTHS)
    assert rows[1:3] == [["部分公开（只计这一", "4", ""], ["情形）", "", "6"]]


def test_a_figure_that_goes_on_below_the_break_is_not_read_as_its_first_line() -> None:
    # LibreOffice broke 1000000 into 100000 and 0, with the page break between them.
    rows = _cut(["部分公开", "100000", "5"], ["", "0", ""], WIDTHS)
    assert rows[1] == ["部分公开", "1000000", "5"]  # two lines in the cell, joined by _cut alone
    # The label of the group, which spans rows, may be cut by the same break.
    head = [Box(0, i, t) for i, t in enumerate(("信息内容", "情形", "数量", "总计"))]
    upper = [Box(1, 0, "（五）不予"), Box(1, 1, "信访类"), Box(1, 2, "100000"), Box(1, 3, "5")]
    lower = [Box(0, 0, "处理", 2), Box(0, 1, ""), Box(0, 2, "0"), Box(0, 3, "")]
    lower += [Box(1, 1, "重复申请"), Box(1, 2, "1"), Box(1, 3, "2")]
    pages = draw_table(head + upper, [60, *WIDTHS], Layout())
    [grid] = read(pages + draw_table(lower, [60, *WIDTHS], Layout())).grids()
    assert [c.text for c in grid.cells if c.row == 1] == [
        "（五）不予处理",
        "信访类",
        "100000\n0",
        "5",
    ]
    # A row that lost its label fills its columns: it takes nothing away.
    rows = _cut(["部分公开", "4", "5"], ["没有编号的行", "6", "7"], WIDTHS)
    assert rows[1] == ["部分公开", "4", "5"]


@pytest.mark.parametrize(("width", "text"), [(34, "100000\xad\n0"), (60, "100000\n0")])
def test_a_break_that_the_column_forced_is_told_from_two_figures(width: int, text: str) -> None:
    [page] = draw_table([Box(0, 0, "甲"), Box(0, 1, "")], [60, width], Layout())
    for y, figure in ((12, "100000"), (22, "0")):
        page.text(MARGIN + 62, 842 - MARGIN - y, figure, 8)
    [grid] = read([page]).grids()
    assert grid.cells[1].text == text


def test_half_a_character_is_none() -> None:
    # A PDF with flipped bits had one, which no file can be written with.
    assert join_halves(0xDDF0, 0) == (0, 0)
    assert join_halves(0xDC0B, join_halves(0xD840, 0)[1]) == (0x2000B, 0)


def test_a_figure_beyond_the_edge_of_the_paper_is_not_read() -> None:
    [page] = draw_table([Box(0, 0, "甲"), Box(0, 1, "")], [450, 75], Layout())
    page.text(583, 842 - MARGIN - 15, "2000111")
    page.text(MARGIN + 470, 842 - MARGIN - 15, "12")
    [grid] = read([page]).grids()
    assert "\ufffd" in grid.cells[1].text and "20" in grid.cells[1].text


@pytest.mark.parametrize(
    ("unseen", "shown"),
    [
        ("BT /F1 40 Tf .87 .5 -.5 .87 {x} {y} Tm <{codes}> Tj ET", "12"),  # a watermark
        ("1 g BT /F1 9 Tf {x} {y} Td <{codes}> Tj ET 0 g", "12"),  # white on white
        ("BT /F1 .5 Tf {x} {y} Td <{codes}> Tj ET", "12"),
        ("q /G1 gs 1 0 0 1 {x} {y} cm /X1 Do Q", "12"),  # a level watermark, see-through
        (".8 g BT /F1 9 Tf {x} {y} Td <{codes}> Tj ET 0 g", "129\ufffd"),  # … and in light grey
        ("BT /F1 9 Tf {x} {y} Td <{codes}> Tj ET", "129"),
    ],
)
def test_text_that_nobody_sees_is_no_part_of_a_figure(unseen: str, shown: str) -> None:
    [page] = draw_table([Box(0, 0, "甲乙"), Box(0, 1, "")], [60, 100], Layout())
    x, y = MARGIN + 70, 842 - MARGIN - 15
    page.text(x, y, "12", 9)
    page.ops.append(unseen.format(x=x + 9.2, y=y, codes="9".encode("utf-16-be").hex()))
    [grid] = read([page]).grids()
    assert grid.cells[1].text == shown


def test_white_words_on_shading_are_read() -> None:
    page = Canvas(["0 g 80 700 60 20 re f 1 g"])
    page.text(85, 705, "总计")
    assert [line.text for line in read([page]).lines()] == ["总计"]


def test_numbered_label_starts_a_row() -> None:
    rows = _cut(["部分公开（只计这一", "4", "5"], ["2.另一）", "", ""], WIDTHS)
    assert rows[2][0] == "2.另一）"


def test_label_downwards_is_joined_figures_are_not() -> None:
    page = Canvas()
    for i, char in enumerate("三、本年"):
        page.text(80, 740 - 11 * i, char)
    page.text(120, 740, "1")
    page.text(120, 725, "0")
    for x in (70.0, 100.0, 150.0):
        page.line(x, 690, x, 760)
    for y in (690.0, 760.0):
        page.line(70, y, 150, y)
    [grid] = read([page]).grids()
    assert [c.text for c in grid.cells] == ["三、本年", "1\n0"]


def test_two_figures_in_a_cell_stay_apart() -> None:
    boxes = [Box(0, 0, "甲"), Box(0, 1, "")]
    [page] = draw_table(boxes, [60, 100], Layout())
    page.text(MARGIN + 70, 842 - MARGIN - 15, "12")
    page.text(MARGIN + 90, 842 - MARGIN - 15, "34")
    [grid] = read([page]).grids()
    assert grid.cells[1].text == "12 34"


@pytest.mark.parametrize(
    "figures", [[(54, "123456")], [(61, "1234"), (81, "5678")], [(66, "123"), (81, "5678")]]
)
def test_figures_over_a_border_are_not_figures(figures: list[tuple[float, str]]) -> None:
    """A figure wider than its column and two figures that touch look the same: neither is read."""
    [page] = draw_table([Box(0, 0, "甲"), Box(0, 1, ""), Box(0, 2, "")], [60, 20, 40], Layout())
    for x, text in figures:
        page.text(MARGIN + x, 842 - MARGIN - 15, text)
    [grid] = read([page]).grids()
    assert not any(c.text.isdigit() for c in grid.cells)
    assert "".join(c.text for c in grid.cells).count("\ufffd") >= 2


def test_page_number_in_a_cell_of_the_margin_is_dropped() -> None:
    page = Canvas()
    for x in (70.0, 200.0, 300.0):
        page.line(x, 15, x, 760)
    for y in (15.0, 730.0, 760.0):
        page.line(70, y, 300, y)
    page.text(80, 740, "信息内容")
    page.text(220, 740, "数量")
    page.text(80, 400, "规章")
    page.text(220, 400, "7")
    page.text(220, 25, "- 3 -")
    [grid] = read([page]).grids()
    assert [c.text for c in grid.cells] == ["信息内容", "数量", "规章", "7"]


def test_running_heads_and_bare_page_numbers_go_bare_figures_stay() -> None:
    pages = []
    for number in (1, 2, 3):
        page = Canvas()
        page.text(MARGIN, 815, f"某某局年度报告第{number}版")
        page.text(MARGIN, 500, f"正文第{number}段")
        page.text(MARGIN, 400, "862")
        page.text(WIDTH_MIDDLE, 25, str(number + 4))
        pages.append(page)
    assert [line.text for line in read(pages).lines()] == [
        text for n in (1, 2, 3) for text in (f"正文第{n}段", "862")
    ]


WIDTH_MIDDLE = 290.0


@pytest.mark.parametrize("count", [1, 2])
def test_what_a_browser_prints_in_the_margins_goes(count: int) -> None:
    boxes = section_three()
    pages = draw_table(boxes, COLUMNS, Layout(breaks=(9,) * (count - 1), page_number=False))
    for number, page in enumerate(pages, 1):
        page.text(20, 820, "2024/1/31 10:05")
        page.text(250, 820, TITLE)
        page.text(20, 20, "https://www.example.gov.cn/art/2024/1.html")
        page.text(560, 20, f"{number}/{count}")
    document = read(pages)
    [grid] = document.grids()
    assert seen(grid) == drawn(boxes)
    assert not list(document.lines())


def test_kangxi_radicals_are_folded_widths_are_not() -> None:
    page = Canvas()
    page.text(MARGIN, 700, "⼈⺠政府（１）①")
    [line] = read([page]).lines()
    assert line.text == "人民政府（１）①"
    assert line.at == "page 1, line 1"


def test_frame_and_underline_are_no_tables() -> None:
    page = Canvas()
    for x in (50.0, 545.0):
        page.line(x, 50, x, 790)
    for y in (50.0, 790.0):
        page.line(50, y, 545, y)
    page.text(MARGIN, 700, "一段文字")
    page.line(MARGIN, 695, 200, 695)
    document = read([page])
    assert not list(document.grids())
    assert [line.text for line in document.lines()] == ["一段文字"]


def test_label_column_constant() -> None:
    assert LABEL in {box.text for box in section_three()}


def test_raised_and_struck_digits_are_no_part_of_a_figure() -> None:
    page = Canvas()
    for x in (60, 160, 260, 360):
        page.line(x, 700, x, 640)
    for y in (700, 670, 640):
        page.line(60, y, 360, y)
    page.text(70, 680, "12")
    page.text(81, 682, "1", size=6)
    page.text(170, 680, "912")
    page.line(170, 683.3, 175, 683.3)
    page.text(270, 680, "123")
    for x, text in ((70, "甲"), (170, "乙"), (270, "丙")):
        page.text(x, 650, text)
    [grid] = read([page]).grids()
    texts = [cell.text for cell in grid.rows()[0]]
    assert texts == ["12[1]", "9\u033612", "123"]


@pytest.mark.parametrize(
    ("text", "figure"), [("42件", True), ("1,136", True), ("/", True), ("三、本年", False)]
)
def test_a_figure_with_its_unit_is_no_label(text: str, figure: bool) -> None:
    # As a label it made a blank cell left of it, below a page break, a part of the header above.
    assert _is_value(text) == figure
