"""What strangers wrote stays text: in tables, in documents, in links, in spreadsheets."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from streamlit.testing.v1 import AppTest
from test_registered_figures import open_view

from dashboard import export
from dashboard import markup as html
from dashboard.components import document, places
from dashboard.filters import Filters
from dashboard.i18n import translator
from dashboard.markup import Link
from dashboard.queries.profile import Provenance, Reading
from dashboard.state import FILTERS

HOSTILE = '<script>alert(1)</script><img src=x onerror="x">"\'&'


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_a_text_comes_back_as_it_was(text: str) -> None:
    found = lxml_html.fromstring(f"<p>x{html.esc(text)}</p>")
    assert found.text_content() == f"x{text}"
    assert len(found) == 0


def test_a_document_grid_is_escaped_and_keeps_spans_and_picks_one_cell() -> None:
    block = {
        "kind": "grid", "number": 1, "n_rows": 2, "n_cols": 2,
        "cells": [[0, 0, 1, 2, HOSTILE], [1, 0, 1, 1, "甲"], [1, 1, 1, 1, "12"]],
    }  # fmt: skip
    out = document.grid_html(
        block, 3, keys={(3, 1, 1): "t3.granted.total"}, states={"t3.granted.total": "number"},
        titles={"t3.granted.total": HOSTILE}, hrefs=lambda key: f"./profile?cell={key}",
        picked="t3.granted.total", failed=frozenset({"t3.granted.total"}), caption=HOSTILE,
    )  # fmt: skip
    tree = lxml_html.fromstring(out)
    assert not tree.xpath("//script | //img | //@onerror")
    assert tree.xpath("//td[@colspan='2']")[0].text_content() == HOSTILE
    picked = tree.xpath("//td[contains(@class, 'picked')]")
    assert [td.text_content() for td in picked] == ["12"]
    assert "s-failed" in picked[0].get("class")
    assert picked[0].get("aria-current") == "true"


def test_a_line_marks_its_characters() -> None:
    tree = lxml_html.fromstring(document.line_html({"text": "收到12件<b>", "heading": 0}, (2, 4)))
    assert tree.xpath("//mark")[0].text_content() == "12"
    assert tree.text_content() == "收到12件<b>"


def test_lines_of_a_document_without_tables_have_their_figures_as_links() -> None:
    """A text that prints a figure a line was shown as the one line "12", or as nothing at all."""
    keys = {"t3.granted.total": "number", "t3.partial.total": "unread", "t3.other.total": "number"}
    spans = {4: [(2, 4, "t3.granted.total"), (3, 7, "t3.partial.total")],
             5: [(0, 9, "t3.other.total")]}  # fmt: skip
    tree = lxml_html.fromstring(
        document.lines_html(
            [(3, HOSTILE), (4, "予公12 34<b>"), (5, "0")], spans=spans, states=keys,
            titles=dict.fromkeys(keys, HOSTILE), hrefs=lambda key: f"./profile?cell={key}",
            picked="t3.partial.total", failed=frozenset({"t3.partial.total"}), caption=HOSTILE,
        )
    )  # fmt: skip
    assert not tree.xpath("//script | //img | //@onerror | //b")
    assert [line.text_content() for line in tree.xpath(".//p")] == [HOSTILE, "予公12 34<b>", "0"]
    assert [a.get("href") for a in tree.xpath("//a")] == ["./profile?cell=t3.partial.total"]
    [mark] = tree.xpath("//mark[@aria-current='true']")
    assert mark.text_content() == "2 34"
    assert mark.get("class") == "s-unread s-failed"


def _viewed() -> None:
    import streamlit as st

    from dashboard.components import document

    given = st.session_state
    document.viewer(
        given["view"], given["found"], hrefs=lambda key: f"./profile?cell={key}",
        picked=given["picked"], failed=frozenset(), url=None, filename="a.txt",
    )  # fmt: skip


@pytest.mark.parametrize("picked", ["", "t3.granted.total"])
def test_a_text_that_prints_a_figure_a_line_shows_the_lines_around_it(
    warehouses: dict[str, Path], picked: str
) -> None:
    texts = ["封面", *[f"行{n}" for n in range(40)], "（一）予以公开", "7", "（二）部分公开", "8"]
    readings = {
        key: Reading(
            key, "number", float(texts[at]), texts[at], f"line {at + 1}", at, 0, 1, None, ""
        )
        for key, at in (("t3.granted.total", 42), ("t3.partial.total", 44))
    }
    app = AppTest.from_function(_viewed)
    app.session_state["view"] = open_view(warehouses["demo"], "profile")
    app.session_state[FILTERS] = Filters()
    blocks = [{"kind": "line", "text": text, "heading": 0} for text in texts]
    app.session_state["found"] = Provenance("r", readings, blocks)
    app.session_state["picked"] = picked
    app.run()
    [shown] = [e.proto.body for e in app.get("html") if "do-lines" in e.proto.body]
    tree = lxml_html.fromstring(shown)
    assert {a.text_content() for a in tree.xpath("//a")} == {"7", "8"}
    assert "（一）予以公开" in tree.text_content()
    assert [m.text_content() for m in tree.xpath("//mark")] == (["7"] if picked else [])
    assert "封面" not in tree.text_content()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil", "ftp://x/y", "", None, "x"]
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert html.safe_href(url) is None
    assert "<a" not in html.anchor(Link("x", url or ""), outside=True)


def test_outside_links_tell_nothing() -> None:
    out = html.anchor(Link("来源", 'https://a.example/"x'), outside=True)
    assert 'rel="noopener noreferrer"' in out
    assert '"x"' not in out


def test_a_table_with_sentences_names_its_columns_in_every_cell() -> None:
    """For phones, where its rows stand one below the other; a table of figures stays a table."""
    said = html.table(["机关", "说明"], [("甲", "第三部分“总计”列" + "不平" * 20)], caption="发现")
    assert said.count('data-label="机关"') == said.count('data-label="说明"') == 1
    assert 'role="table"' in said
    figures = html.table(["机关", "件"], [("甲", "1,204")], caption="件数")
    assert "data-label" not in figures


def test_a_message_begins_with_a_capital() -> None:
    found = SimpleNamespace(message_en="this year's Charges (7) far exceed", message_zh="本年7件")
    assert places.message(found, "en", translator("en")).startswith("This year's Charges")
    assert places.message(found, "zh", translator("zh")) == "本年7件"


def test_a_table_has_headers_caption_and_escaped_cells() -> None:
    tree = lxml_html.fromstring(
        html.table(["甲", HOSTILE], [(HOSTILE, 3)], caption="表", right=frozenset({1}))
    )
    assert [th.get("scope") for th in tree.xpath("//th")] == ["col", "col"]
    assert tree.xpath("//caption")[0].text_content() == "表"
    assert tree.xpath("//td")[0].text_content() == HOSTILE
    assert tree.xpath("//td")[1].get("class") == "num"


def test_csv_has_a_mark_and_no_formula() -> None:
    frame = pd.DataFrame(
        {"=名": ["=1+1", "@x", "-2", "+3.5%", "甲,乙", None], "n": [1, 2, 3, 4, 5, 6]}
    )
    raw = export.csv(frame, ("=说明",))
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "'@x" in text
    assert "'=名" in text
    assert "'=说明" in text
    assert "\r\n-2,3\r\n" in text
    assert "'+3.5%" not in text
    assert (
        export.filename("公开率（甲/乙，2019–2025）", "b:1") == "公开率（甲_乙，2019–2025）_b_1.csv"
    )


def test_places_are_said_in_the_readers_language() -> None:
    at = "table 3, row 4, column 2 (page 2)"
    assert places.in_words(at, translator("zh")) == "第3张表，第4行，第2列（第2页）"
    assert places.in_words(at, translator("en")) == at


@pytest.mark.parametrize(
    ("at", "zh"),
    [
        (
            "（见 table 2, row 4, column 2 (line 36) 至 table 2, row 5, column 2 (line 37)；"
            "table 2, row 27, column 2 (line 59) 至 table 2, row 28, column 2 (line 60)）",
            "（见第2张表，第4–5行，第2列（第36–37行文字）；第27–28行，第2列（第59–60行文字））",
        ),
        (
            "table 1, row 3, column 2, table 1, row 3, column 3, table 1, row 3, column 4",
            "第1张表，第3行，第2–4列",
        ),
        # Neighbours only: what stands between two cells of a list is not meant.
        (
            "table 3, row 4, column 5, table 3, row 4, column 15",
            "第3张表，第4行，第5列，第4行，第15列",
        ),
        # A range over rows and columns has two ends; so has one in two tables.
        (
            "table 2, row 6, column 3 至 table 2, row 24, column 2",
            "第2张表，第6行，第3列 至 第24行，第2列",
        ),
        (
            "table 2, row 6, column 3 至 table 3, row 7, column 3",
            "第2张表，第6行，第3列 至 第3张表，第7行，第3列",
        ),
    ],
)
def test_cells_in_a_row_or_column_are_said_as_a_span(at: str, zh: str) -> None:
    assert places.in_words(at, translator("zh")) == zh


def test_a_span_in_english_has_its_plural() -> None:
    at = "see table 2, row 4, column 5 (sheet, row 38) to table 2, row 5, column 5 (sheet, row 39)"
    assert (
        places.in_words(at, translator("en"))
        == "see table 2, rows 4–5, column 5 (sheet, rows 38–39)"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [("（见本报告 某厅（一）报告.txt line 1；2021年报告 某厅.html table 1, row 4, column 4）",
      "（见本报告 某厅（一）报告.txt 第1行文字；2021年报告 第1张表，第4行，第4列）"),
     ("（见本报告 某厅2022年报告.txt line 1；2021年报告 第一部分 table 2, row 1, column 1）",
      "（见本报告 第1行文字；2021年报告 第一部分 第2张表，第1行，第1列）")],
)  # fmt: skip
def test_a_finding_on_a_page_names_the_place_and_not_the_file(text: str, said: str) -> None:
    finding = SimpleNamespace(message_zh=text)
    assert places.message(finding, "zh", translator("zh")) == said
