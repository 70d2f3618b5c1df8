"""How products fill their pages: drawings their room, tables their width, breaks no empty page."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import docx as python_docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

from dashboard.charts.base import to_spec
from dashboard.export import blocks, docx, fonts, picture, pptx
from dashboard.export.base import Item, item_of
from dashboard.export.blocks import Break, Document, Heading, Table, Text
from dashboard.export.room import PX, place
from dashboard.figures import Twin

LONG = "本年度通过信件当面网络提交申请" * 4


def made(open_view: Any, name: str) -> Item:
    item = item_of(name, open_view(page=name.split("/")[0]))
    assert item is not None
    return item


@pytest.mark.parametrize("high", [220, 420])
def test_a_chart_of_quantities_is_as_high_as_its_room(open_view: Any, high: int) -> None:
    for name in ("compare/funnel", "overview/trend/disclosure_rate"):
        drawing = picture.svg(made(open_view, name), bare=True, width=900, height=high)
        wide, tall = picture.size(drawing)
        assert wide == pytest.approx(900, rel=0.04), name
        assert tall == pytest.approx(high, rel=0.1), name


def test_rows_stay_readable_and_ask_for_the_height_they_need(open_view: Any) -> None:
    item = made(open_view, "compare/heat")
    spec = to_spec(item.figure.draw)
    least = picture.least_height(spec)
    assert least > 0
    drawing = picture.svg(item, bare=True, width=900, height=60)
    assert picture.size(drawing)[1] == pytest.approx(least, rel=0.1)
    roomy = place(spec, (12.0, least / PX + 0.1), (8.0, 5.0))
    assert not roomy.beside
    tight = place(spec, (12.0, least / PX - 0.1), (8.0, 2.0))
    assert tight.beside
    assert tight.height == pytest.approx(least, abs=1)
    assert tight.width / tight.height == pytest.approx(8.0 / 2.0, rel=0.01)


def test_the_funnel_takes_a_slides_whole_width(open_view: Any) -> None:
    item = made(open_view, "compare/funnel")
    assert item.figure.native is None or item.figure.native.kind == "scatter"
    drawn = replace(item, figure=replace(item.figure, native=None))
    deck = Presentation(BytesIO(pptx.deck([drawn], "x")))
    (shape,) = [s for s in deck.slides[1].shapes if s.shape_type == 13]
    assert deck.slide_width is not None
    assert shape.width > 0.85 * deck.slide_width


def test_figures_are_not_broken_beside_long_texts() -> None:
    table = Table(("机关", "公开率", "分子 / 分母", "说明"),
                  ((LONG, "100.0%", "4,987 / 11,580", LONG),) * 3,
                  right=frozenset({1, 2}))  # fmt: skip
    wide, size = 16.6 / 2.54 * 72, 8.5
    shares = table.shares(wide / size)
    assert sum(shares) == pytest.approx(1)
    for column in (1, 2):
        room = shares[column] * wide - blocks.CELL_SIDES
        assert fonts.wrap(table.rows[0][column], size, room) == [table.rows[0][column]]
    # What is left is shared alike by the long ones.
    assert shares[0] == pytest.approx(shares[3])


def test_names_are_not_starved_by_one_long_remark() -> None:
    rows = [("峤塘市住房和城乡建设局", "50.0%", "")] * 19 + [("峤塘市公安局", "50.0%", LONG)]
    table = Table(("机关", "公开率", "说明"), tuple(rows), right=frozenset({1}))
    wide, size = 16.6 / 2.54 * 36, 8.5
    assert [blocks.lines_of(table, row, wide, size) for row in rows[:19]] == [1] * 19
    assert blocks.lines_of(table, rows[-1], wide, size) > 2


def test_many_lines_in_a_cell_count_as_many() -> None:
    places = "\n".join(["第三部分表格“（一）予以公开”行“总计”列：空白"] * 6)
    table = Table(("发现", "数", "所在位置"), ((LONG, "34.16", places),), right=frozenset({1}))
    wide, size = 16.6 / 2.54 * 72, 10.5
    assert blocks.lines_of(table, table.rows[0], wide, size) <= 12


@given(st.lists(st.integers(1, 6), min_size=1, max_size=60), st.integers(8, 25))
def test_parts_keep_all_rows_in_order_and_none_is_nearly_empty(high: list[int], room: int) -> None:
    rows = tuple((f"{n}", "\n".join(["字"] * lines)) for n, lines in enumerate(high))
    table = Table(("号", "文"), rows)
    parts = blocks.paged(table, 800, 11, room)
    assert tuple(row for part in parts for row in part.rows) == rows
    for part in parts:
        used = sum(len(row[1].split("\n")) + blocks.ROW_MORE for row in part.rows)
        assert len(part.rows) == 1 or used + 1 + blocks.ROW_MORE <= room + 1e-9


def test_forty_six_rows_stand_alike_on_their_pages() -> None:
    table = Table(("号",), tuple((str(n),) for n in range(46)))
    assert [len(p.rows) for p in blocks.paged(table, 800, 11, 40, 15)] == [12, 12, 12, 10]


def test_a_short_table_has_larger_words() -> None:
    few = Table(("号",), (("1",),) * 5)
    many = Table(("号",), (("1",),) * 40)
    assert blocks.sized(few, 880, 400, (14, 12, 10.5), 1.6, 15)[0] == 14
    assert blocks.sized(many, 880, 400, (14, 12, 10.5), 1.6, 15)[0] == 10.5


def test_a_column_of_remarks_without_any_is_left_out_on_paper_only(open_view: Any) -> None:
    item = made(open_view, "overview/trend/disclosure_rate")
    frame = pd.DataFrame({"年": ["1", "2"], "值": ["—", "3"], "说明": ["", ""]})
    figure = replace(item.figure, twin=Twin(frame, ("值",)), native=None)
    assert list(blocks.shown(figure).frame.columns) == ["年", "值"]
    some = replace(figure, twin=Twin(frame.assign(说明=["", "空心"])))
    assert list(blocks.shown(some).frame.columns) == ["年", "值", "说明"]


def test_a_new_page_in_word_leaves_no_empty_paragraph() -> None:
    table = Table(("号",), (("1",),))
    d = Document("题", (Text("一"), table, Break(), Heading("二"), table, Text("三"), Break(),
                       Text("四"), table))  # fmt: skip
    word = python_docx.Document(BytesIO(docx.render(d)))
    heading = next(p for p in word.paragraphs if p.text == "二")
    assert heading.paragraph_format.page_break_before
    # A table that fills its page is followed by the heading alone; else by room, at the end too.
    body = list(word.element.body)
    behind = [body[n + 1] for n, e in enumerate(body) if e.tag == qn("w:tbl")]
    assert behind[0] is heading._p
    assert ["".join(p.itertext()) for p in behind[1:]] == ["", ""]
    breaks = [n for n in word.element.body.iter(qn("w:br")) if n.get(qn("w:type")) == "page"]
    assert len(breaks) == 1  # the one before a text
