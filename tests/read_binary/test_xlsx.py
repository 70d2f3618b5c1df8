"""Workbooks: figures as Excel shows them, titles as lines, hidden parts left out."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill

from etl.document import Document
from etl.errors import RejectedDocument
from etl.read.limits import Limits
from etl.read.xls_shape import _error, _Texts, xls_shapes
from etl.read.xlsx import read_xlsx
from etl.read.xlsx_formats import formatted
from tests.read_binary.package_maker import unzipped, zipped


def read(book: openpyxl.Workbook, limits: Limits | None = None) -> Document:
    buffer = io.BytesIO()
    book.save(buffer)
    return read_xlsx(buffer.getvalue(), limits or Limits())


def test_sheet_with_titles_merges_and_hidden_parts() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "主动公开"
    for row in (
        ["某某局2023年政府信息公开工作年度报告"],
        [],
        ["二、主动公开政府信息情况"],
        ["信息内容", "隐藏列", "本年制发件数", "现行有效件数"],
        ["规章", 99, 3, None],
        ["隐藏行", 99, 7, 7],
        ["行政规范性文件", 99, 2.5, 12],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A3:D3")
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[6].hidden = True
    hidden = book.create_sheet("藏")
    hidden["A1"], hidden["B1"] = "x", "y"
    hidden.sheet_state = "hidden"
    document = read(book)
    assert [(line.text, line.at) for line in document.lines()] == [
        ("某某局2023年政府信息公开工作年度报告", "主动公开, row 1"),
        ("二、主动公开政府信息情况", "主动公开, row 3"),
    ]
    [grid] = document.grids()
    assert [[c.text for c in row] for row in grid.rows()] == [
        ["信息内容", "本年制发件数", "现行有效件数"],
        ["规章", "3", ""],
        ["行政规范性文件", "2.5", "12"],
    ]
    assert grid.locate(2, 1) == "table 1, row 3, column 2 (主动公开, row 7)"


def test_row_with_blank_figures_stays_in_its_table() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["标题"],
        ["项目", "自然人", "总计"],
        ["一、本年新收", 1, 1],
        ["二、上年结转"],
        ["三、办理结果", 1, 1],
        ["六、其他需要报告的事项"],
        ["无"],
    ):
        book.active.append(row)
    document = read(book)
    [grid] = document.grids()
    assert [row[0].text for row in grid.rows()] == [
        "项目",
        "一、本年新收",
        "二、上年结转",
        "三、办理结果",
    ]
    assert [c.text for c in grid.rows()[2]] == ["二、上年结转", "", ""]
    assert [line.text for line in document.lines()][-2:] == ["六、其他需要报告的事项", "无"]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (3.0, "", "3"),
        (-3.0, "", "-3"),
        (7730.280000000001, "", "7730.28"),
        (0.256, "0.0%", "25.6%"),
        (0.5, "0%", "50%"),
        (2.5, "0", "3"),
        (1234567.0, "#,##0", "1234567"),
        (12.0, '0"件"', "12"),
        (1e15, "", "1000000000000000"),
        (38.441094, "[Red]x", "38.441094"),
        (0.0, "0.00", "0.00"),
        (12345.0, "0!.0,", "12345〔0!.0,〕"),
        (12345.0, "#,##0.00,", "12345〔#,##0.00,〕"),
        (12345.0, '0"."0', '12345〔0"."0〕'),
        (12345.0, "#,##0_);(#,##0)", "12345"),
        # hidden by their format, shown otherwise, or with digits of the format's own
        (7, ";;;", "[7]"),
        (0, "0;-0;;@", "[0]"),
        (0, "#,###", "[0]"),
        (7, "#,###", "7"),
        (0, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "0"),
        (7, "000", "007"),
        (-7, "0;0", "-7〔0;0〕"),
        (-7, "0;(0)", "-7"),
        (7, '0"0"', '7〔0"0"〕'),
        (0, '"1"0', '0〔"1"0〕'),
        (7, '0"件；"', "7"),
        (0.5, "# ?/?", "0.5〔# ?/?〕"),
        (150, '[>=100]"99";0', '150〔[>=100]"99";0〕'),
        (50, '[>=100]"99";0', "50"),
    ],
)
def test_figures_as_shown(value: float, code: str, shown: str) -> None:
    assert formatted(value, code) == shown


def test_raised_and_struck_parts_are_no_digits_of_a_figure() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    raised, old = InlineFont(vertAlign="superscript"), InlineFont(strike=True)
    sheet.append(
        [
            CellRichText("12", TextBlock(raised, "1")),
            CellRichText(TextBlock(old, "9"), "12"),
            CellRichText("12", TextBlock(InlineFont(b=True), "3")),
            7,
        ]
    )
    sheet["D1"].font = Font(strike=True)
    sheet.append(["甲", "乙", "丙", "丁"])
    [grid] = read(book).grids()
    assert [cell.text for cell in grid.rows()[0]] == ["12[1]", "~~9~~12", "123", "~~7~~"]


def test_what_nobody_sees_of_a_sheet_is_no_certain_figure() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["甲", "乙", "丙", "丁", "戊"])
    sheet.append([1, 2, 3, 4, 5])
    white, tiny = Font(color="FFFFFFFF"), InlineFont(sz=1)
    sheet["A2"].font = sheet["B2"].font = white
    sheet["B2"].fill = PatternFill("solid", fgColor="FF003366")
    sheet["C2"] = CellRichText(TextBlock(InlineFont(), "12"), TextBlock(tiny, "9"))
    small = InlineFont(sz=6)
    sheet["D2"] = CellRichText(TextBlock(InlineFont(sz=11), "12"), TextBlock(small, "1"))
    colour = InlineFont(color="FFFFFFFF")
    sheet["E2"] = CellRichText(TextBlock(colour, "9"), TextBlock(InlineFont(), "12"))
    [grid] = read(book).grids()
    assert [cell.text for cell in grid.rows()[1]] == ["[1]", "2", "12", "12[1]", "12"]
    sheet.append([0, 7, 0, 8, 0])
    sheet.sheet_view.showZeros = False
    [grid] = read(book).grids()
    assert [cell.text for cell in grid.rows()[2]] == ["[0]", "7", "[0]", "8", "[0]"]


def test_a_table_s_last_row_left_blank_is_kept() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["一", "二", "三", "四", "五"], [""] * 5, [], ["文"], ["甲", "乙"]):
        sheet.append(row)
    for cell in sheet[2]:
        cell.font = Font(b=True)
    first, second = read(book).grids()
    assert [[c.text for c in row] for row in first.rows()] == [
        ["一", "二", "三", "四", "五"],
        [""] * 5,
    ]
    assert second.n_rows == 2


def test_dates_truth_and_text() -> None:
    book = openpyxl.Workbook()
    book.active.append([datetime.datetime(2024, 1, 31), True, " 007 ", "甲\n乙"])
    [grid] = read(book).grids()
    assert [c.text for c in grid.cells] == ["2024-01-31", "TRUE", "007", "甲\n乙"]


def test_a_cell_in_the_last_corner_is_refused_before_memory_goes() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    with pytest.raises(RejectedDocument) as caught:
        read(book)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9)]
)
def test_refused(data: bytes) -> None:
    with pytest.raises(RejectedDocument) as caught:
        read_xlsx(data, Limits())
    assert caught.value.code == "corrupt"


def test_an_xls_is_read_with_its_looks() -> None:
    # Written by openpyxl, saved as .xls by LibreOffice: raised and struck runs, a struck cell, a
    # hidden row and column, a format with decimals and one that shows 万.
    data = (Path(__file__).parent / "data" / "raised_and_struck.xls").read_bytes()
    (grid,) = read_xlsx(data, Limits()).grids()
    assert [[cell.text for cell in row] for row in grid.rows()] == [
        ["信息内容", "制发件数", "废止件数", "现行有效件数"],
        ["规章", "12[1]", "~~9~~12", "3"],
        ["行政规范性文件", "~~45~~", "6.00", "12345〔0\\!.0,\\万〕"],
    ]
    for end in range(600, len(data), 700):  # a damaged file is calamine's to refuse
        damaged = bytearray(data)
        damaged[end : end + 60] = b"\xff" * 60
        try:
            xls_shapes(bytes(damaged))
        except OSError:
            assert end < 1600  # the container itself, which read_xlsx looks at before


def test_a_text_that_runs_over_the_end_of_its_record_is_whole() -> None:
    one = b"\0" * 8 + b"\x04\x00\x08" + b"\x01\x00" + b"12"  # narrow, one run, cut after two
    two = b"\x01" + "件1".encode("utf-16-le") + b"\x03\x00\x05\x00"  # goes on wide
    assert _Texts([one, two]).string() == ("12件1", [(3, 5)])


def test_a_formula_that_was_never_worked_out_is_no_blank() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["总计", 3, "=B1+1"])
    [grid] = read(book).grids()
    assert [cell.text for cell in grid.cells] == ["总计", "3", "=B1+1"]


def test_errors_are_no_blanks_and_widths_of_nothing_hide() -> None:
    """#REF! in every cell was read as 195 blanks."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["信息内容", "藏", "件数"], ["规章", 9, "#REF!"], ["藏", 9, 7], ["文件", 9, 5]):
        sheet.append(row)
    sheet["C2"].data_type = "e"
    sheet.column_dimensions["B"].width = 77
    sheet.row_dimensions[3].height = 77
    buffer = io.BytesIO()
    book.save(buffer)
    parts = unzipped(buffer.getvalue())
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'"77"', b'"0"')  # type: ignore[arg-type]
    [grid] = read_xlsx(zipped(parts), Limits()).grids()
    assert [[c.text for c in row] for row in grid.rows()] == [
        ["信息内容", "件数"], ["规章", "#REF!"], ["文件", "5"],
    ]  # fmt: skip


def test_errors_of_an_old_workbook() -> None:
    cell = b"\0" * 6
    assert _error(0x0205, cell + b"\x17\x01") == 0x17  # an error, and TRUE
    assert _error(0x0205, cell + b"\x01\x00") is None
    assert _error(0x0006, cell + b"\x02\0\x07\0\0\0\xff\xff") == 0x07  # a formula's result
    assert _error(0x0006, cell + b"\x00\0\0\0\0\0\xf0\x3f") is None


@pytest.mark.parametrize("code", ['"约"0', '0"余件"', '[<10]"<10";0', '0"以上"'])
def test_words_of_a_format_that_make_a_figure_unsure_leave_no_number(code: str) -> None:
    """约 before every figure by its format was read as the figure."""
    assert formatted(7, code).startswith("7〔")
    assert formatted(7, '0"件"') == "7"
