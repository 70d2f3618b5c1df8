"""Texts that were once read wrongly (found by hypothesis and by ``python -m tests.fuzz``).

Each is the smallest piece that showed the fault. What is not certain must stay ``unread``; what is
certain beside it must still be read.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from etl.document import Document, Grid, GridCell
from etl.extract.assemble import assemble
from etl.extract.harvest import harvest
from etl.form import load_form
from etl.read import read
from etl.recognise.labels import lexicon
from etl.report import CellReading, Number, State

FORM, LEX = load_form(), lexicon()
NEW, IN, GRANTED = (
    "一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量", "（一）予以公开"
)  # fmt: skip
COLUMNS = [str(c.zh) for c in FORM.columns("t3")]
SECTION = "三、收到和处理政府信息公开申请情况"


def cells(text: str) -> dict[str, CellReading]:
    document = read(text.encode(), "report.txt")
    return assemble(harvest(document, LEX), LEX, FORM, 2023).cells


def numbers(found: dict[str, CellReading], row: str) -> dict[str, Number]:
    return {
        key.rpartition(".")[2]: cell.value
        for key, cell in found.items()
        if key.startswith(f"{row}.") and cell.value is not None
    }


def per_line(*rows: str, columns: list[str] | None = None) -> str:
    """One cell a line, blank lines between; ``·`` is a blank cell, ``~`` one that vanished."""
    words = [SECTION, "申请人情况", *(COLUMNS if columns is None else columns)]
    for row in rows:
        words += ["" if w == "·" else w for w in row.split() if w != "~"]
    return "\n\n".join(words) + "\n"


def test_two_equal_figures_prove_no_total() -> None:
    # 梓砚省人民政府办公厅 2019: 1 by a person, 1 by a company, the total left blank.
    found = cells(per_line(f"{NEW} 1 1 ~ ~ ~ ~ ~", f"{IN} 0 0 0 0 0 0 0"))
    assert numbers(found, "t3.received_new") == {}
    assert found["t3.received_new.total"].state is State.UNREAD
    assert len(numbers(found, "t3.carried_in")) == 7


def test_a_chance_sum_among_blanks_in_place_proves_no_total() -> None:
    # 20 + 3 = 23, but the blanks before them show that none was moved: the total is blank.
    text = f"{SECTION}\n{' | '.join(COLUMNS)} |\n{NEW} | | | 20 | 3 | 23 | | | | |\n"
    assert numbers(cells(text), "t3.received_new") == {}


def test_blanks_moved_behind_a_sum_leave_the_total_certain() -> None:
    text = f"{SECTION}\n{' | '.join(COLUMNS)} |\n{NEW} | 6 | 2 | 8 | | | | | | |\n"
    assert numbers(cells(text), "t3.received_new") == {"total": 8}


def test_merged_labels_leave_blanks_before_the_figures() -> None:
    # Markdown of full width: the last seven cells are the figures, never the first seven.
    text = (
        f"## {SECTION}\n\n|  |  |  | {' | '.join(COLUMNS)} |\n|{'---|' * 10}\n"
        f"| {NEW} |  |  | 1 | 2 | 0 | 0 | 0 | 0 | 3 |\n"
        f"| 三、本年度办理结果 | {GRANTED} |  |  |  |  |  |  | 58 |  |\n"
        f"|  | （二）部分公开 |  |  |  |  |  |  | 4 | 4 |\n"
    )
    found = cells(text)
    assert len(numbers(found, "t3.received_new")) == 7
    assert numbers(found, "t3.granted") == {}
    assert numbers(found, "t3.partial") == {"org_other": 4, "total": 4}
    assert found["t3.partial.natural"].state is State.BLANK


def test_a_row_that_lost_a_border_is_not_placed() -> None:
    text = (
        f"## {SECTION}\n\n|  |  |  | {' | '.join(COLUMNS)} |\n|{'---|' * 10}\n"
        f"| {NEW} |  |  | 1 | 2 | 0 | 0 | 0 | 0 | 3 |\n"
        f"| 三、本年度办理结果 | {GRANTED} |  | 6 | 26 | 92098 | 7 | 5 | 39 |\n"
        f"|  | （二）部分公开 |  | 13 | 19 | 14 | 14 | 10  1 | 10 |\n"
    )
    found = cells(text)
    assert numbers(found, "t3.granted") == numbers(found, "t3.partial") == {}


def test_pipes_alone_on_their_lines_are_borders() -> None:
    text = (
        "二、主动公开政府信息情况\n第二十条第（一）项\n\n信息内容\n|\n本年制发件数\n|\n本年废止件数"
        "\n|\n现行有效件数\n\n规章\n|\n\n|\n25\n|\n\n\n行政规范性文件\n|\n3\n|\n1\n|\n17\n\n"
    )
    found = cells(text)
    assert numbers(found, "t2.rules") == {"repealed": 25}
    assert numbers(found, "t2.normdocs") == {"issued": 3, "repealed": 1, "in_force": 17}


def test_a_pipe_behind_the_next_label_is_not_this_rows() -> None:
    row = "\n|\n".join((NEW, "40", "9", "3", "21", "17", "27"))
    text = f"{SECTION}\n{' '.join(COLUMNS)}\n\n{row}\n\n（五）不予处理\n|\n{IN}\n|\n0\n\n"
    assert numbers(cells(text), "t3.received_new") == {}


def test_the_next_row_run_into_this_one() -> None:
    text = (
        "二、主动公开政府信息情况\n第二十条第（一）项 |\n"
        "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n"
        "行政规范性文件 |  | 7 | 1000000 |第二十条第（五）项 |\n"
    )
    assert numbers(cells(text), "t2.normdocs") == {}
    text = (
        f"{SECTION}\n{NEW} | 1 |  |  |  |  |  | 1 |\n{IN} | 11 | 2 | 132.其他 |18 | 2 | 1 | 4 |\n"
    )
    assert numbers(cells(text), "t3.carried_in") == {}


def test_columns_in_another_order_are_not_the_forms() -> None:
    swapped = [COLUMNS[1], COLUMNS[0], *COLUMNS[2:]]
    row = f"{NEW} 1 2 3 4 5 6 21"
    assert len(numbers(cells(per_line(row)), "t3.received_new")) == 7
    two_rows = [COLUMNS[0], "法人或其他组织", COLUMNS[6], *COLUMNS[1:6]]
    assert len(numbers(cells(per_line(row, columns=two_rows)), "t3.received_new")) == 7
    found = cells(per_line(row, columns=swapped))
    assert numbers(found, "t3.received_new") == {}
    assert found["t3.received_new.total"].state is State.UNREAD
    in_a_line = f"{SECTION}\n{' '.join(swapped)}\n{NEW} 1 2 3 4 5 6 21\n"
    assert numbers(cells(in_a_line), "t3.received_new") == {}


def test_marks_and_units_with_single_spaces_are_a_rows_cells() -> None:
    text = f"{SECTION}\n{' '.join(COLUMNS)}\n{NEW} / / / / / 8件 /\n{IN} / / / / / / /\n"
    found = cells(text)
    assert numbers(found, "t3.received_new") == {"org_other": 8}
    assert found["t3.received_new.total"].state is State.NOT_APPLICABLE


def test_headers_broken_into_a_second_row() -> None:
    text = (
        "二、主动公开政府信息情况\n第二十条第（一）项 |\n"
        "信息内容 | 本年新 | 本年新 | 对外公开总数量 |\n制作数量 | 公开数量 |\n"
        "规章 | 1 | 2 | 3 |\n"
    )
    want = {"made_new": 1, "disclosed_new": 2, "disclosed_total": 3}
    assert numbers(cells(text), "t2.rules") == want


def test_a_row_under_unknown_headers_is_unread_in_both_forms() -> None:
    text = (
        "二、主动公开政府信息情况\n第二十条第（一）项 |\n信息内容 | 甲 | 乙 | 丙 |\n"
        "规章 | 1 | 2 | 3 |\n第二十条第（五）项 |\n信息内容 | 本年处理决定数量 |\n行政许可 | 7 |\n"
    )
    found = cells(text)
    assert found["t2.rules.made_new"].state is found["t2.rules.issued"].state is State.UNREAD
    assert found["t2.licence.decisions"].value == 7


def test_markdown_with_broken_headers_is_no_page() -> None:
    row = "| 信息内容 | 本年新<br>制作数量 | 本年新<br>公开数量 | 对外公开<br>总数量 |\n"
    text = "## 二、主动公开政府信息情况\n\n" + row * 8 + "| 规章 | 1 | 2 | 3 |\n"
    assert read(text.encode(), "report.md").format == "text"
    assert len(numbers(cells(text), "t2.rules")) == 3


def test_words_of_the_next_section_are_no_value() -> None:
    text = (
        "二、主动公开政府信息情况\n第二十条第（九）项\n信息内容\n采购项目数量\n采购总金额\n"
        "政府集中采购73982535\n三收到和处理政信息公开申请情况\n"
    )
    assert numbers(cells(text), "t2.procurement") == {}


def test_a_grid_row_longer_than_its_header_was_shifted() -> None:
    lines = [[FORM.tables.t3.corner, *COLUMNS], [NEW, "", *"123456", ""], [IN, *"1234567"]]
    placed = [
        GridCell(r, c, 1, 1, text) for r, line in enumerate(lines) for c, text in enumerate(line)
    ]
    document = Document("html", [Grid(1, 3, 9, placed)])
    found = assemble(harvest(document, LEX), LEX, FORM, 2023).cells
    assert numbers(found, "t3.received_new") == {}
    assert len(numbers(found, "t3.carried_in")) == 7


def test_a_bare_page_number_does_not_stand_in_for_a_blank_that_vanished() -> None:
    words = [SECTION, "申请人情况", *COLUMNS, NEW, *"6400", "0", "10", "3"]
    words += [IN, *"0000000", GRANTED, "0", "0"]
    after = ["四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况", "无。", "4"]
    numbered = cells("\n\n".join([*words, *after]) + "\n")
    assert numbers(numbered, "t3.received_new") == {}
    assert len(numbers(numbered, "t3.carried_in")) == 7
    # A sum that holds speaks for the row; a wrong one is the office's where no blank vanished.
    right = "\n\n".join([*words, *after]).replace("\n\n3\n", "\n\n20\n") + "\n"
    assert len(numbers(cells(right), "t3.received_new")) == 7
    assert numbers(cells("\n\n".join([*words, *after[:-1]])), "t3.received_new") == {}
    whole = [*words, *"00000", *after[:-1]]
    assert len(numbers(cells("\n\n".join(whole)), "t3.received_new")) == 7


def test_a_line_of_pipes_fills_a_row_up_behind_its_cells() -> None:
    # A county's statistics office 2023: detail cells blank, 0 in the total, rows filled up to ten.
    blanks = "|\n" * 6
    head = f"{SECTION}\n" + "".join(f"{c} |\n" for c in COLUMNS)
    text = f"{head}||\n{NEW} |\n{blanks}5 |\n||\n{GRANTED} |\n{blanks}4 |\n|\n"
    found = cells(text)
    assert numbers(found, "t3.received_new") == {"total": 5}
    assert found["t3.received_new.natural"].state is State.BLANK
    assert numbers(found, "t3.granted") == {"total": 4}
    # Without such a line nothing tells on which side the blanks are one too many.
    assert numbers(cells(text.replace("||\n", "")), "t3.granted") == {}


def test_rows_between_lone_pipes_that_end_with_a_pipe() -> None:
    # A township of 2023; the blank cells of the second row are pipes that follow each other.
    full = "\n|\n".join([NEW, *"3000104", ""])
    blanks = f"{GRANTED}\n|\n1\n|\n|\n|\n|\n0\n|\n0\n|\n1\n|\n"
    head = "".join(f"{c}\n|\n" for c in COLUMNS)
    found = cells(f"{SECTION}\n{head}{full}{blanks}（二）部分公开\n|\n")
    want = {"natural": 1, "legal": 0, "org_other": 0, "total": 1}
    assert numbers(found, "t3.granted") == want
    assert len(numbers(found, "t3.received_new")) == 7


def test_a_blank_in_a_row_that_does_not_add_up_may_be_a_lost_border() -> None:
    # 20 | 37 | 31 lost a border: 20 | 3731 is no row with a blank in front.
    head = f"{SECTION}\n{' | '.join(['申请人情况', '', *COLUMNS])}\n"
    sound = f"{NEW} | 6 | 5 | 9 | 4 | 1 | 4 | 29 |\n"
    broken = " | （二）部分公开 |  | 20 | 3731 | 29 | 29 | 39 | 185\n"
    blank = " | （二）部分公开 |  | 20 | 37 | 29 | 29 | 39 | 154\n"
    assert numbers(cells(head + sound + broken), "t3.partial") == {}
    assert len(numbers(cells(head + sound + broken), "t3.received_new")) == 7
    assert numbers(cells(head + sound + blank), "t3.partial")["biz"] == 20


def table2(*rows: str) -> str:
    """Block （六） of the 2019 form with a border behind every cell, a blank one at each end."""
    words = ["第二十条第（六）项", "信息内容", "上一年项目数量", "本年增/减", "处理决定数量", ""]
    for row in rows:
        words += ["" if w == "·" else w for w in row.split()]
    return "二、主动公开政府信息情况\n" + "".join(
        f"{word} |\n" if word else "|\n" for word in words
    )


def test_a_blank_that_ends_every_row_is_no_cell_of_table_2() -> None:
    found = cells(table2("行政处罚 3 0 9 ·", "行政强制 · +10 10 ·"))
    assert numbers(found, "t2.coercion") == {"items_change": 10, "decisions": 10}
    assert found["t2.coercion.items_prev"].state is State.BLANK
    # No full row tells that it is the row's end: 10 may be the change.
    assert numbers(cells(table2("行政强制 · +10 10 ·")), "t2.coercion") == {}
    # Blanks moved behind the figures.
    assert numbers(cells(table2("行政处罚 3 0 9 ·", "行政强制 +10 10 · ·")), "t2.coercion") == {}


def test_a_negative_count_of_text_is_a_change_in_the_wrong_column() -> None:
    # The blank before -3 vanished, and words of the next block that no one knows followed it.
    rows = "行政事业性收费\n-3\n下一部分见后\n"
    head = "二、主动公开政府信息情况\n第二十条第（八）项\n信息内容\n上一年项目数量\n本年增/减\n"
    assert numbers(cells(head + rows), "t2.fee") == {}


def headless(*rows: str, cut: bool = False) -> dict[str, CellReading]:
    """Table 3 of one row a line without any header."""
    lines = [" | ".join(row.split()) for row in rows]
    return cells("\n".join([SECTION, *(lines[1:] if cut else lines)]) + "\n")


def test_without_a_header_no_sum_tells_the_order_of_the_parts() -> None:
    rows = (f"{NEW} 6 4 0 0 0 0 10", f"{IN} 0 0 0 0 0 0 0", f"{GRANTED} 1 1 1 1 1 1 6")
    found = headless(*rows)
    assert numbers(found, "t3.received_new") == {"total": 10}
    assert found["t3.received_new.natural"].state is State.UNREAD
    assert len(numbers(found, "t3.carried_in")) == len(numbers(found, "t3.granted")) == 7
    # A piece of a table has its header on another page.
    piece = headless(*rows, "四、结转下年度继续办理 2 1 0 0 0 0 3", cut=True)
    assert numbers(piece, "t3.carried_out")["natural"] == 2
    # Its letters stand above, line by line: the header is broken, not left out.
    broken = cells(
        f"{SECTION}\n自商科社\n然业研会\n" + "\n".join(" | ".join(r.split()) for r in rows) + "\n"
    )
    assert numbers(broken, "t3.received_new")["natural"] == 6


def test_an_amount_in_yuan_has_no_less_than_a_fen() -> None:
    head = "二、主动公开政府信息情况\n第二十条第（八）项\n"
    fee = head + "信息内容 | 本年收费金额（单位：{}）\n行政事业性收费 | {}\n"
    assert numbers(cells(fee.format("万元", "7032.419")), "t2.fee") == {
        "amount_wan": Decimal("7032.419")
    }
    assert numbers(cells(fee.format("元", "7032.41")), "t2.fee") == {
        "amount_wan": Decimal("0.703241")
    }
    assert numbers(cells(fee.format("元", "7032.419")), "t2.fee") == {}


def test_a_row_left_blank_between_borders_is_blank() -> None:
    found = cells(table2("行政处罚 · · ·", "行政强制 1 0 3"))
    assert {found[f"t2.penalty.{c}"].state for c in ("items_prev", "decisions")} == {State.BLANK}


@pytest.mark.parametrize(
    "caption", ["第二条第（五）项", "二十第（五）项", "第十条第五项", "第二十条（五）项"]
)
def test_a_caption_that_lost_a_character_fills_no_row_up(caption: str) -> None:
    found = cells(
        "二、主动公开政府信息情况\n第二十条第（一）项\n"
        "信息内容 本年制发件数 本年废止件数 现行有效件数\n规章 2 35 6\n行政规范性文件 23 2521\n"
        f"{caption}\n信息内容 本年处理决定数量\n行政许可 16\n"
    )
    assert numbers(found, "t2.rules") == {"issued": 2, "repealed": 35, "in_force": 6}
    assert numbers(found, "t2.normdocs") == {}
    assert numbers(found, "t2.licence") == {"decisions": 16}


def test_two_rows_on_one_line_are_nobodys() -> None:
    """A line end vanished: the second row's figures are not the first row's."""
    rows = (
        "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请 0 0 0 0 0 0 0\n"
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"
        " / / / / / / /3.其他 / / 9 / / / 9\n"
    )
    heads = " ".join(COLUMNS)
    found = cells(f"{SECTION}\n{heads}\n{NEW} 0 0 9 0 0 0 9\n{rows}（七）总计 0 0 9 0 0 0 9\n")
    assert not numbers(found, "t3.other_fee_unpaid")
    assert not numbers(found, "t3.other_misc")
    assert found["t3.other_misc.research"].state is State.UNREAD
    assert len(numbers(found, "t3.other_no_correction")) == 7


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        # The next line of a flip book is no cell of the row above it.
        ("行政处罚 0 50\n行强制 0 0 0\n", "penalty"),
        # Nor are the words above the next block, their line end lost.
        ("行政处罚\n99\n1\n第二十条第（八）项信息内容\n上一年项目数量\n本年增/减\n", "penalty"),
    ],
)
def test_lines_behind_a_row_are_none_of_its_cells(rows: str, row: str) -> None:
    top = (
        "二、主动公开政府信息情况\n第二十条第（六）项\n"
        "信息内容\n上一年项目数量\n本年增/减\n处理决定数量\n"
    )
    assert not numbers(cells(top + rows), f"t2.{row}")


def test_a_label_damaged_in_a_paragraph_is_no_cell() -> None:
    text = (
        "现将本机关本年度工作情况报告如下，所列数据自1月1日至12月31日。"
        "二、主动公开政府信息情况第二十条第（五）项信息内容上一年项目数量本年增/减处理决定数量"
        "行政许可11026其他对外管理务事项32216第二十条第（六）项"
        "信息内容上一年项目数量本年增/减处理决定数量行政处罚0-319行政强制005"
    )
    assert not numbers(cells(text), "t2.licence")
