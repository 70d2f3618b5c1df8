"""Rows of figures that a lost cell leaves shorter than their header."""

from __future__ import annotations

import pytest

from etl.document import Document
from etl.extract.assemble import assemble
from etl.extract.harvest import harvest
from etl.form import load_form
from etl.read import read
from etl.recognise.labels import lexicon
from etl.report import Number, State

RESULTS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
FIGURES = [str(number) for number in range(31, 46)]


def numbers(document: Document) -> dict[str, Number | None]:
    form, lex = load_form(), lexicon()
    cells = assemble(harvest(document, lex), lex, form, 2022).cells
    return {key: c.value for key, c in cells.items() if c.state is State.NUMBER}


def table4(figures: list[str], *, halves: bool) -> Document:
    """Table 4 in HTML; ``halves``: the row that divides 行政诉讼 was lost."""
    tall = "" if halves else ' rowspan="2"'
    below = "".join(f"<td>{r}</td>" for r in RESULTS)
    divided = "".join(f"<td{tall}>{r}</td>" for r in RESULTS)
    if not halves:
        divided += '<td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td>'
    rows = [
        '<td colspan="5">行政复议</td><td colspan="10">行政诉讼</td>',
        divided + (below if halves else f"</tr><tr>{below}{below}"),
        "".join(f"<td>{figure}</td>" for figure in figures),
    ]
    page = "<p>四、政府信息公开行政复议、行政诉讼情况</p><table>"
    return read((page + "".join(f"<tr>{r}</tr>" for r in rows) + "</table>").encode(), "a.html")


@pytest.mark.parametrize("lost", range(15))
def test_a_cell_lost_below_a_damaged_header_leaves_table_4_unread(lost: int) -> None:
    # Found by the fuzzer, seed 702479: the reviews were read one column to the left.
    short = [*FIGURES[:lost], *FIGURES[lost + 1 :]]
    assert numbers(table4(short, halves=True)) == {}
    assert numbers(table4(short, halves=False)) == {}


def test_a_whole_row_below_a_whole_header_is_read() -> None:
    found = numbers(table4(FIGURES, halves=False))
    assert list(found.values()) == [int(figure) for figure in FIGURES]
