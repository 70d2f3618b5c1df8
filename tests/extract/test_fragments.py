"""Beginnings of reports, as crawlers keep them: the rest is cut off, the words run together."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.offices import Registry
from etl.pipeline import parse_bytes
from etl.report import ParsedReport

GOLDEN = Path(__file__).parents[1] / "golden"
PERIOD = "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。"


def read(text: str) -> ParsedReport:
    return parse_bytes(text.encode(), "report.txt", registry=Registry.load().for_corpus(GOLDEN))


def numbers(text: str) -> dict[str, object]:
    return {k: c.value for k, c in read(text).cells.items() if c.value is not None}


@pytest.mark.parametrize(
    "text",
    [
        "芷湾县民政局2023年政府信息公开工作年度报告\n一、总体情况\n主动公开信息5条。\n",
        "芷湾县民政局2023年政府信息公开工作年度报告\n" + PERIOD + "\n一、基本工作情况\n很好。\n",
        "现公布芷湾县民政局2023年政府信息公开工作年度报告。" + PERIOD + "\n一、总体情况\n很好。\n",
        "现公布芷湾县民政局2023年政府信息公开工作年度报告。"
        + PERIOD
        + " 一、总体情况 2023年很好。",
    ],
)
def test_the_beginning_of_a_report_is_one(text: str) -> None:
    report = read(text)
    assert (report.status, report.year, report.office) == ("report", 2023, "芷湾县民政局")
    assert {c.state.value for c in report.cells.values()} == {"absent"}


@pytest.mark.parametrize(
    "text",
    [
        "芷湾县民政局2023年政府信息公开工作年度报告\n2024-01-20 下载附件\n",
        "一、总体情况\n芷湾县民政局2023年工作不错。\n",
        "芷湾县民政局2023年政府信息公开工作年度报告\n目录\n一、总体情况..... 1\n"
        "二、主动公开政府信息情况 ..... 9\n",
    ],
)
def test_a_title_or_a_heading_alone_is_none(text: str) -> None:
    assert read(text).status == "rejected"


@pytest.mark.parametrize(
    "above",
    [
        "2023年政府信息公开工作年度报告\n芷湾县民政局\n2023年政府信息公开工作年度报告",
        "首页 > 政务公开 > 部门 > 政府信息公开年报\n芷湾县民政局2023年政府信息公开工作年度报告",
        "政府信息公开\n政府信息公开工作年度报告\n芷湾县民政局2023年政府信息公开工作年度报告",
    ],
)
def test_the_office_stands_below_a_title_without_one(above: str) -> None:
    report = read(above + "\n一、总体情况\n主动公开信息5条。\n")
    assert report.title == "芷湾县民政局2023年政府信息公开工作年度报告"
    assert (report.office, report.evidence["office"]) == ("芷湾县民政局", "title")


def test_a_sentence_is_no_title() -> None:
    report = read(
        f"现公布芷湾县民政局2023年政府信息公开工作年度报告。{PERIOD}\n一、总体情况\n好。\n"
    )
    assert (report.title, report.evidence["year"]) == (None, "period")


def test_headings_inside_a_paragraph_part_its_sections() -> None:
    report = read(
        f"现公布芷湾县民政局2023年政府信息公开工作年度报告。{PERIOD} 一、总体情况 2023年主动公开"
        "政府信息9条。 五、存在的主要问题及改进情况 人手不足，下一步改进。 "
        "六、其他需要报告的事项 无。"
    )
    assert [part.key for part in report.sections] == ["s0", "s1", "s5", "s6"]
    assert [(c.what, c.value) for c in report.narrative] == [("open_total", 9)]


def test_a_part_of_section_one_is_no_section() -> None:
    """(一)主动公开政府信息情况 stands in 一、总体情况; its figures are no row of table 2."""
    report = read(
        "芷湾县民政局2023年政府信息公开工作年度报告\n一、总体情况\n(一)主动公开政府信息情况\n"
        "主动公开政府信息9条。\n(二)行政复议和行政诉讼情况\n未发生。\n"
        "二、主动公开政府信息情况\n第二十条第（五）项\n信息内容\n本年处理决定数量\n行政许可\n7\n"
        "四、政府信息公开行政复议、行政诉讼情况\n"
    )
    assert [part.key for part in report.sections] == ["s0", "s1", "s2", "s4"]
    assert report.value("t2.licence.decisions") == 7


def test_flattened_numbers_head_sections_where_nothing_else_does() -> None:
    report = read(
        "芷湾县民政局2023年政府信息公开工作年度报告\n1、总体情况\n很好。\n"
        "2、主动公开政府信息情况\n第二十条第（五）项\n信息内容\n本年处理决定数量\n行政许可\n7\n"
    )
    assert [part.key for part in report.sections] == ["s0", "s1", "s2"]


TABLE = (
    "二、主动公开政府信息情况\n第二十条第（一）项\n信息内容\n{}\n"
    "规章\n1\n2\n3\n规范性文件\n4\n5\n6\n"
)


def test_a_header_that_repeats_its_neighbour_is_settled_by_its_place() -> None:
    heads = "本年新制作数量\n本年新制作数量\n对外公开总数量"
    found = numbers(TABLE.format(heads))
    columns = ("made_new", "disclosed_new", "disclosed_total")
    assert [found[f"t2.normdocs.{column}"] for column in columns] == [4, 5, 6]


@pytest.mark.parametrize(
    "heads",
    [
        "本年新制作数量\n对外公开总数量\n对外公开总数量",
        "本年新制作数量\n本年新制作数量\n本年新制作数量",
    ],
)
def test_a_header_repeated_where_another_is_due_settles_nothing(heads: str) -> None:
    assert numbers(TABLE.format(heads)) == {}
