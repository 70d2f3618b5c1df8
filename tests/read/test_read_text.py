"""Text: which lines are rows, which stay lines; places, pieces, metadata."""

from __future__ import annotations

import pytest

from etl.document import Fidelity, Grid, Line
from etl.errors import RejectedDocument
from etl.read import Limits, read

from .helpers import grids, lines, text

DATA = [["规章", "3", "5"], ["规范性文件", "8", "9"]]


@pytest.mark.parametrize(
    "content",
    [
        "规章 | 3 | 5\n规范性文件 | 8 | 9",
        "规章 | 3 | 5 |\n规范性文件 | 8 | 9 |",
        "| 规章 | 3 | 5 |\n|---|:-:|---|\n| 规范性文件 | 8 | 9 |",
        "规章｜3｜5\n规范性文件｜8｜9",
        "┌──┬─┬─┐\n│ 规章 │ 3 │ 5 │\n├──┼─┼─┤\n│ 规范性文件 │ 8 │ 9 │\n└──┴─┴─┘",
        "+---+---+---+\n| 规章 | 3 | 5 |\n+---+---+---+\n| 规范性文件 | 8 | 9 |\n+---+---+---+",
        "规章\t3\t5\n规范性文件\t8\t9",
        "规章 | 3 | 5\n\n规范性文件 | 8 | 9",
        "规章 | **3** | 5\n规范性文件 | 8 | 9",
        "规章 | 3 | 5\r\n规范性文件 | 8 | 9\r\n",
        "规章&nbsp;| 3 | 5\n规范性文件 | 8 | 9",
    ],
)
def test_rows_of_delimited_text_are_a_grid(content: str) -> None:
    document = text(content)
    assert grids(document) == [DATA]
    assert next(document.grids()).fidelity is Fidelity.DELIMITED
    assert lines(document) == []


def test_places_are_physical_lines_and_rules_are_dropped() -> None:
    document = text("标题\n\n甲 | 1\n---|---\n乙 | 2\n尾")
    grid = next(document.grids())
    assert grid.row_places == ["line 3", "line 5"]
    assert grid.locate(1, 1) == "table 1, row 2, column 2 (line 5)"
    assert [(line.text, line.at) for line in document.lines()] == [
        ("标题", "line 1"),
        ("", "line 2"),
        ("尾", "line 6"),
    ]


def test_ragged_rows_and_padding() -> None:
    (grid,) = text("第一项 | | |\n规章 | 3 | |\n规范性文件 | 8 | 9 | 1\n许可 | 2").grids()
    assert [[c.text for c in row] for row in grid.rows()] == [
        ["第一项", "", "", ""],
        ["规章", "3", "", ""],
        ["规范性文件", "8", "9", "1"],
        ["许可", "2"],
    ]
    assert grid.at(3, 2) is None


def test_empty_leading_cells_are_cells() -> None:
    (grid,) = text("三、结果 | 予以公开 | 4\n | 部分公开 | 2\n四、结转 | 合计 | 1").grids()
    assert [cell.text for cell in grid.rows()[1]] == ["", "部分公开", "2"]


def test_hundreds_of_trailing_pipes_are_cut() -> None:
    (grid,) = text("第一项 |" + "|" * 700 + "\n规章 | 3 | 5\n规范 | 1 | 1").grids()
    assert grid.n_cols == Limits().max_grid_cols


def test_cell_per_line_with_closing_pipes_stays_lines_with_pieces() -> None:
    document = text("申请人情况 |\n||||||||\n一、新收 |\n6 |\n2 |\n8 |\n||||")
    assert list(document.grids()) == []
    assert [line.pieces for line in document.lines()] == [
        ("申请人情况", ""),
        ("",) * 9,
        ("一、新收", ""),
        ("6", ""),
        ("2", ""),
        ("8", ""),
        ("",) * 5,
    ]


def test_pipes_alone_between_cells_stay_lines() -> None:
    document = text("规章\n|\n0\n|\n\n|\n5")
    assert [(b.text, b.pieces) for b in document.lines()] == [
        ("规章", ()),
        ("|", ("", "")),
        ("0", ()),
        ("|", ("", "")),
        ("", ()),
        ("|", ("", "")),
        ("5", ()),
    ]


def test_one_section_by_cell_and_the_next_by_row() -> None:
    document = text("规章 |\n0 |\n1 |\n2 |\n一、新收 | 1 | 0 | 1\n二、结转 | 0 | 0 | 0")
    assert grids(document) == [[["一、新收", "1", "0", "1"], ["二、结转", "0", "0", "0"]]]
    assert lines(document) == ["规章 |", "0 |", "1 |", "2 |"]


def test_tables_without_a_blank_line_between_are_cut_at_the_second_header() -> None:
    content = (
        "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 丙 | 丁 |\n|---|---|\n| 5 | 6 |\n| 7 | 8 |"
    )
    assert grids(text(content)) == [
        [["甲", "乙"], ["1", "2"], ["3", "4"]],
        [["丙", "丁"], ["5", "6"], ["7", "8"]],
    ]


def test_aligned_rows_and_cells_per_line_stay_as_printed() -> None:
    content = "四、结转   2  0 0\n\n规章\n\n0\n　　缩进的叙述。"
    assert [b.text for b in text(content).blocks if isinstance(b, Line)] == [
        "四、结转   2  0 0", "", "规章", "", "0", "缩进的叙述。",
    ]  # fmt: skip


def test_a_line_of_prose_with_one_pipe_or_tab_is_no_table() -> None:
    document = text("来源：某局 | 日期：2024-01-02\n\n2019年报\t浏览次数：12\n正文。")
    assert list(document.grids()) == []
    assert document.metadata["published"] == "2024-01-02"


def test_markdown_headings() -> None:
    document = text("# 年报 #\n##二、情况\n#1 号\n####### 七\n正文")
    assert [(b.text, b.heading) for b in document.lines()] == [
        ("年报", 1),
        ("二、情况", 2),
        ("#1 号", 0),
        ("####### 七", 0),
        ("正文", 0),
    ]


def test_head_of_crawled_text_is_metadata_and_the_body_is_not() -> None:
    content = (
        "标题: 某局2020年年报\n发布时间: 2021-01-27 17:19\n文号: \n发布机构: 某区某局\n"
        "原文链接: https://www.a.gov.cn/1.htm\n来源: 某区政府网\n索引号：01/2\n"
        "一、总体情况\n来源：不是元数据的某处\n单位：万元\n"
    )
    assert text(content).metadata == {
        "title": "某局2020年年报",
        "published": "2021-01-27 17:19",
        "publisher": "某区某局",
        "url": "https://www.a.gov.cn/1.htm",
        "index_number": "01/2",
        "filename": "a.txt",
    }


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(RejectedDocument, match="50 行") as caught:
        read(b"a\n" * 60, "a.txt", Limits(max_blocks=50))
    assert caught.value.code == "too_large"


def test_grid_numbers_follow_reading_order() -> None:
    document = text("甲 | 1\n乙 | 2\n\n标题\n\n丙 | 3\n丁 | 4")
    assert [block.number for block in document.blocks if isinstance(block, Grid)] == [1, 2]
