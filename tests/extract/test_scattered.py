"""Tables as programs that take the text out of a PDF leave them: headers and labels in pieces."""

from __future__ import annotations

import pytest

from etl.extract.scattered import names_all_columns
from etl.pipeline import parse_bytes
from etl.recognise.labels import lexicon
from etl.report import ParsedReport, State

NAMED = (
    # Cell after cell; 总计 reaches over two rows and stands before the parts.
    "自然人/法人或其他组织/总计商 业 企/业/科研机/构/社会公益/组织/法 律 服 务/机构/其他",
    # Line after line, the corner among them.
    "申请人情况/（本列数据的勾稽关系为：/法人或其他组织/第一项加第二项之和，等于/"
    "第三项加第四项之和）/自然人 总计/商业企 科研机 社会公 法律服/其他/业 构 益组织 务机构",
    # One character of 自然人, 总计 and 其他 a line, beside the others' halves.
    "自然 法人或其他组织 总/人 计/商业 科研 社会公 法律服 其/企业 机构 益组织 务机构 他",
    # The second line of 总计 beside the first one of 商业企业.
    "自然/人/法人或其他组织/总/商业企 计/业/科研机/构/社会公益组/织/法律服务机/构/其/他",
    "自然人/商业企业/科研机构/社会公益组织/法律服务机构/其他/总计",
)
NOT_NAMED = (
    "自然人/科研机/构/商业企/业/社会公益组织/法律服务机构/其他/总计",  # two columns changed places
    "自然人 总计/科研机 商业企 社会公 法律服/其他/构 业 益组织 务机构",
    "总计/自然人/商业企业/科研机/构/社会公益组织/法律服务机构/其他/小计",
    "自然人/商业企/业/科研机/构/社会公益组织/法律服务机构/其他",  # no total
    "自然人 商业企 科研机 社会公 法律服 其他 总计 占比/业 构 益组织 务机构",
    "自然人/商业企业/科研机构/社会公益组织/法律服务机构/其他/总",
    "",
)


@pytest.mark.parametrize("lines", NAMED)
def test_pieces_that_are_all_headers_name_the_columns(lines: str) -> None:
    assert names_all_columns(lexicon(), lines.split("/"))


@pytest.mark.parametrize("lines", NOT_NAMED)
def test_other_pieces_name_none(lines: str) -> None:
    assert not names_all_columns(lexicon(), lines.split("/"))


HEAD = "演示市演示局2023年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n"
CUT_HEADERS = """申请人情况
（本列数据的勾稽关系为：第一项加第二 法人或其他组织
项之和，等于第三项加第四项之和）
自然人 总计
商业 科研 社会公益 法律服务
其他
企业 机构 组织 机构
"""
CUT_ROWS = """一、本年新收政府信息公开
6 1 0 0 0 0 7
申请数量
二、上年结转政府信息公开
1 0 0 0 0 0 1
申请数量
- 3 -
三、本年度办（一）予以公开 2 1 0 0 0 0 3
理结果
（二）部分公开（区分处
理的，只计这一情形，不 0 0 0 0 0 0 0
计其他情形）
（三）不予公1.属于国家
0 0 0 0 0 0 0
秘密
2.其他 1 0 0 0 0 0 1
法律行
政法规
禁止公
开
3.危及“三
安全一稳 0 0 0 0 0 0 0
定”
4.保护第三方 0 0 0 0 0 0 0
合法权益
开 5.属于三类内 0 0 0 0 0 0 0
部事务信息
6.属于四类过 0 0 0 0 0 0 0
程性信息
7.属于行政执 0 0 0 0 0 0 0
法案卷
8.属于行政查 0 0 0 0 0 0 0
询事项
（四）无法提 1.本机关不掌 2 0 0 0 0 0 2
供 握相关政府信息
2.没有现成信 0 0 0 0 0 0 0
息需要另行制作
3.补正后申请 0 0 0 0 0 0 0
内容仍不明确
（五）不予处 1.信访举报投 0 0 0 0 0 0 0
理 诉类申请
2.重复申请 0 0 0 0 0 0 0
3.要求提供公 0 0 0 0 0 0 0
开出版物
4.无正当理由 0 0 0 0 0 0 0
大量反复申请
5.要求行政机
关确认或重新 0 0 0 0 0 0 0
出具已获取信息
（六）其他处 1.申请人无正
理 当理由逾期不 1 0 0 0 0 0 1
补正
2.申请人逾期
未按收费通知 0 0 0 0 0 0 0
要求缴纳费用
3.其他 {misc} 0 0 0 0 0 {misc}
（七）总计 6 1 0 0 0 0 7
四、结转下年度继续办理 1 0 0 0 0 0 1
四、政府信息公开行政复议、行政诉讼情况
"""


def _read(text: str) -> ParsedReport:
    return parse_bytes(text.encode(), "演示市演示局2023年政府信息公开工作年度报告.txt")


def _numbers(report: ParsedReport) -> dict[str, list[object]]:
    rows: dict[str, list[object]] = {}
    for key, cell in report.cells.items():
        table, row, _ = key.split(".")
        if table == "t3":
            rows.setdefault(row, []).append(cell.value if cell.state is State.NUMBER else None)
    return rows


def test_rows_whose_labels_are_cut_by_their_own_figures_are_read() -> None:
    rows = _numbers(_read(HEAD + CUT_HEADERS + CUT_ROWS.format(misc=0)))
    assert all(None not in row for key, row in rows.items() if key != "other")
    assert rows["received_new"] == [6, 1, 0, 0, 0, 0, 7]
    assert rows["granted"] == [2, 1, 0, 0, 0, 0, 3]
    assert rows["denied_law_forbids"] == rows["other_no_correction"] == [1, 0, 0, 0, 0, 0, 1]
    assert rows["other_misc"] == [0] * 7


def test_what_is_left_of_the_labels_tells_rows_whose_sums_fail() -> None:
    report = _read(HEAD + CUT_HEADERS + CUT_ROWS.format(misc=9))
    rows = _numbers(report)
    assert rows["denied_internal_affairs"] == [0] * 7
    assert rows["other_misc"] == [9, 0, 0, 0, 0, 0, 9]
    assert "残存" in report.cells["t3.denied_internal_affairs.total"].note


def test_a_row_too_few_leaves_the_rows_beside_it_unread() -> None:
    lost = "6.属于四类过 0 0 0 0 0 0 0\n程性信息\n"
    rows = _numbers(_read(HEAD + CUT_HEADERS + CUT_ROWS.format(misc=0).replace(lost, "")))
    assert rows["denied_law_forbids"] == [None] * 7
    assert rows["denied_process"] == [None] * 7
    assert rows["handled_total"] == [6, 1, 0, 0, 0, 0, 7]


def test_the_beginning_of_a_longer_label_is_no_shorter_one() -> None:
    """2.其他 of 2.其他法律行政法规禁止公开 is not 3.其他, whose row may be missing."""
    text = CUT_ROWS.format(misc=0)
    text = text[: text.index("3.危及")]
    assert _numbers(_read(HEAD + CUT_HEADERS + text))["other_misc"] == [None] * 7


def test_a_group_s_label_cut_behind_its_second_character_is_no_row_of_it() -> None:
    text = CUT_ROWS.format(misc=0)
    text = (
        text[: text.index("（六）")] + "（六）其他 1 0 0 0 0 0 1\n处理\n（七）总计 6 1 0 0 0 0 7\n"
    )
    assert _numbers(_read(HEAD + CUT_HEADERS + text))["other_misc"] == [None] * 7


def test_columns_in_another_order_leave_the_rows_unread() -> None:
    moved = CUT_HEADERS.replace("商业 科研", "科研 商业").replace(
        "企业 机构 组织", "机构 企业 组织"
    )
    rows = _numbers(_read(HEAD + moved + CUT_ROWS.format(misc=0)))
    assert all(row[1] is None or row[1] == row[2] for row in rows.values())


def test_a_title_above_every_piece_of_the_header_does_not_take_the_header_away() -> None:
    title = "## 表三：收到和处理政府信息公开申请情况\n"
    head = f"申请人情况\n法人或其他组织\n社会法律\n公益服务其他\n企业机构\n组织机构\n{title}"
    head += f"| 自然人 | 商业 | 科研 | 总计 |\n|---|---|---|---|\n{title}"
    row = "| 一、本年新收政府信息公开申请数量 | 12 | 3 | 0 | 0 | 0 | 0 | 15 |\n"
    row += "|---|---|---|---|---|---|---|---|\n"
    row += "| 二、上年结转政府信息公开申请数量 | 1 | 1 | 0 | 0 | 4 | 0 | 6 |\n"
    rows = _numbers(_read(HEAD + head + row))
    assert rows["received_new"] == [12, 3, 0, 0, 0, 0, 15]
    assert rows["carried_in"] == [1, 1, 0, 0, 4, 0, 6]


def test_a_label_in_single_characters_is_the_longest_one() -> None:
    """（六）其他处理, a character a line: 其他 is in it, and is another row of the form."""
    label = "\n".join("（六）其他处理")
    zeros = "\n".join("0" * 7)
    head = "自然人\n商业企业\n科研机构\n社会公益组织\n法律服务机构\n其他\n总计\n"
    rows = _numbers(
        _read(f"{HEAD}{head}一、本年新收政府信息公开申请数量\n{zeros}\n{label}\n{zeros}\n")
    )
    assert rows["received_new"] == [0] * 7
    assert rows.get("other_misc", [None] * 7) == [None] * 7


def test_a_page_s_foot_and_head_are_no_cells_of_table_2() -> None:
    """Of 规范性文件's three cells two are blank and left no trace; the page ends behind it."""
    head = "信息内容\n本年制发件数\n本年废止件数\n现行有效件数\n行政规范性文件\n21\n"
    text = f"演示市演示局2023年政府信息公开工作年度报告\n二、主动公开政府信息情况\n{head}"
    for furniture in ("2页共9页\n演示市演示局 2023\n", "第 2 页\n", ""):
        report = _read(f"{text}{furniture}三、收到和处理政府信息公开申请情况\n")
        assert not [k for k, c in report.cells.items() if c.state is State.NUMBER]


def test_two_blocks_of_table_4_on_one_line_are_not_the_last_one() -> None:
    text = f"{HEAD}四、政府信息公开行政复议、行政诉讼情况\n行政复议 行政诉讼\n"
    text += "未经复议直接起诉 复议后起诉\n结果\n维持\n结果\n纠正\n总计\n10 10 15 22 37\n"
    report = _read(text)
    assert not [k for k, c in report.cells.items() if c.state is State.NUMBER]


def test_a_figure_between_two_others_that_breaks_the_sum_is_another_row_s() -> None:
    """10, of the row above, stands among the figures of 总计, whose blank left no trace."""
    head = "自然人\n商业企业\n科研机构\n社会公益组织\n法律服务机构\n其他\n总计\n"
    rows = "一、本年新收政府信息公开申请数量\n12\n3\n15\n3.其他\n10\n"
    rows += "（七）总计\n51\n10\n28\n46\n29\n4\n158\n四、结转下年度继续办理\n"
    assert _numbers(_read(HEAD + head + rows))["handled_total"] == [None] * 7


def test_figures_of_a_row_torn_apart_are_not_one_block_s() -> None:
    """pdftotext wrote the first figure above the headers that stand lower than its cell."""
    text = f"{HEAD}四、政府信息公开行政复议、行政诉讼情况\n行政复议\n结果 结果\n维持 纠正\n1\n"
    text += "其他\n结果\n行政诉讼\n尚未\n审结\n未经复议直接起诉\n总计\n结果\n维持\n99 10 7 117 10\n"
    report = _read(text + "复议后起诉\n结果 其他 尚未 总计\n12\n")
    assert not [k for k, c in report.cells.items() if c.state is State.NUMBER]
