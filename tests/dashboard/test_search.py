"""Search from every page: offices by any of their names, words in the reports' text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_pages import Open, html, open_app

from dashboard import registry
from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.markup import excerpt, marked
from dashboard.office_index import OfficeIndex, fold
from dashboard.queries import search
from dashboard.queries.base import EVERYTHING, Viewer
from etl.warehouse.marts import fold_sql

__all__ = ["open_app"]
OFFICES = [
    ("a", ["沭阳县发展和改革局", "沭阳发改局", "县发改局", "shuyangfagaiju", "syfgj", "321322"]),
    ("b", ["宿迁市发展和改革委员会", "宿迁发改委", "suqianfagaiwei", "sqfgw", "321300"]),
    ("c", ["沭阳县财政局", None, "shuyangcaizhengju", "syczj", "321322"]),
    ("d", ["财政局", "caizhengju", "czj", "321300"]),
    ("e", ["沭阳县发展研究中心", "321322"]),
]


def indexed(offices: Iterable[tuple[str, list[str | None]]]) -> OfficeIndex:
    """An index over lines as the load writes them."""
    known = [(i, [fold(n) for n in names if n]) for i, names in offices]
    lines = ["".join(f"{n}\x1f" for n in (*dict.fromkeys(names), i)) + "\n" for i, names in known]
    return packed(lines)


def packed(lines: list[str]) -> OfficeIndex:
    """An index over these lines."""
    parts = [line.encode() for line in lines]
    starts = np.cumsum([0, *map(len, parts)])[:-1].astype(np.int64)
    return OfficeIndex.of(b"".join(parts), starts)


INDEX = indexed(OFFICES)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("沭阳县财政局", "c"),
        ("财政局", "dc"),  # the exact name before a longer one
        ("县发改局", "a"),  # another name
        ("SYFGJ", "a"),  # initials, whatever the capitals
        ("ｓｙｆｇｊ", "a"),  # full-width letters
        ("shuyang", "ac"),
        ("fagaiwei", "b"),
        ("321322", "ace"),
        ("沭阳 财政", "c"),
        ("财政 沭阳", "c"),
        ("发改委", "b"),  # written so in a name of its own
        ("发改", "ab"),
        ("沭阳发改", "a"),
        ("县发革局", "a"),  # characters in order only
        ("沭阳 发革", "a"),
        ("不存在", ""),
        ("", ""),
        (" ", ""),
        ("\x1f", ""),
        ("局\n沭", "ac"),  # a line break is a blank
    ],
)
def test_an_office_is_found_by_any_of_its_names(text: str, ids: str) -> None:
    assert "".join(m.office_id for m in INDEX.find(text)) == ids


def test_the_list_is_bounded_and_says_by_which_name() -> None:
    assert len(INDEX.find("3213", limit=2)) == 2
    assert INDEX.find("sqfg")[0].name == "sqfgw"
    assert packed([]).find("x") == []


NAMES = st.text(alphabet="沭阳县发展改革局财政ab1", min_size=1, max_size=6)


@given(st.lists(st.tuples(st.uuids().map(str), st.lists(NAMES, min_size=1, max_size=3)),
                max_size=8, unique_by=lambda o: o[0]), NAMES)  # fmt: skip
def test_exactly_the_offices_with_the_word_come_first(
    offices: list[tuple[str, list[str]]], word: str
) -> None:
    """Against plain Python: first all offices that have the word written somewhere."""
    found = [m.office_id for m in indexed(offices).find(word, limit=100)]
    assert len(found) == len(set(found))
    having = {i for i, names in offices if any(fold(word) in fold(n) for n in (*names, i))}
    assert set(found[: len(having)]) == having


def test_marks_are_safe_and_excerpts_show_their_cuts() -> None:
    text = "<b>公开</b>" + "很长" * 100 + "信息公开"
    html = marked(text, ["公开", "<b>"])
    assert "<b>" not in html
    assert html.count("<mark>公开</mark>") == 2
    assert "<mark>&lt;b&gt;</mark>" in html
    assert marked("a.b", ["."]) == "a<mark>.</mark>b"
    short = excerpt(text, ["信息"])
    assert short.startswith("…")
    assert "信息公开" in short
    assert len(short) < 140


def test_paragraphs_hold_all_words_in_steps(db: Database) -> None:
    found = search.paragraphs(EVERYTHING, db, Selection(), ("认真", "条例"), limit=5)
    assert len(found.found) == 5
    assert set(found.found["year"]) == {2025}
    none = search.paragraphs(EVERYTHING, db, Selection(), ("绝不会写的词",))
    assert none.found.empty
    assert none.read == none.total > 100
    only = search.paragraphs(EVERYTHING, db, Selection(region="990201"), ("2024年",), limit=50)
    assert set(only.found["year"]) == {2024}
    assert len(only.found) == 4
    assert search.paragraphs(EVERYTHING, db, Selection(), ()).found.empty
    nobody = search.paragraphs(Viewer(frozenset()), db, Selection(), ("条例",))
    assert nobody.found.empty


def test_steps_read_everything_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = search.paragraphs(EVERYTHING, db, Selection(), ("2021年",), limit=1000)
    monkeypatch.setattr(search, "STEP", 40)
    ids: list[str] = []
    skip = 0
    while skip < whole.total:
        part = search.paragraphs(EVERYTHING, db, Selection(), ("2021年",), skip=skip, limit=1000)
        assert skip < part.read <= skip + 40
        ids += list(part.found["report_id"])
        skip = part.read
    assert sorted(ids) == sorted(whole.found["report_id"])


def test_the_load_folds_names_as_the_reader_is_folded(db: Database) -> None:
    """Both sides state it in their own language; every character that folding may change."""
    every = [chr(c) for c in range(1, 0x10000) if not 0xD800 <= c < 0xE000]
    every = [c for n, c in enumerate(every) if fold(c) != c or n % 50 == 0]
    texts = [*every, "Ａ１　局", "\x00 a\x1f\x7f B ", "⼈⼒资源 ﬁ", "\u00a0甲\u2003乙\u00a0"]
    with duckdb.connect() as con:
        frame = pd.DataFrame({"n": range(len(texts)), "text": texts})
        rows = con.execute(f"SELECT {fold_sql('text')} FROM frame ORDER BY n").fetchall()
        assert len(frame) == len(rows)
    wrong = [(t, sql, fold(t)) for t, (sql,) in zip(texts, rows, strict=True) if sql != fold(t)]
    # Lower case of a few letters differs between Unicode versions or grows to two characters.
    assert [t for t, *_ in wrong if len(t) > 1 or "\u2e80" <= t <= "\uffff"] == []
    assert len(wrong) < 60
    for (line,) in db.rows("SELECT line FROM mart_office"):
        assert [fold(n) for n in line.split("\x1f")[:-2]] == line.split("\x1f")[:-2]


def test_the_index_of_a_warehouse_knows_what_the_viewer_may_see(db: Database) -> None:
    index = search.office_index(EVERYTHING, db)
    assert [m.office_id for m in index.find("枕溪县教育局")] == ["o-9901021"]
    assert len(index.find("990201", limit=50)) == 4
    assert search.office_index(Viewer(frozenset()), db).find("枕溪") == []
    city = search.office_index(Viewer(frozenset({"990100"})), db)
    assert city.find("枕溪县教育局")
    assert not city.find("栖梧区教育局")
    found = search.offices_by_id(EVERYTHING, db, ("o-9901021", "o-p0", "none"))
    assert list(found["office_id"]) == ["o-9901021", "o-p0"]


@pytest.fixture(autouse=True)
def own_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISCLOSURE_DESK", str(tmp_path / "desk.sqlite"))


@pytest.mark.parametrize("page", registry.BY_KEY)
def test_every_page_searches_and_comes_back(open_app: Open, page: str) -> None:
    app = open_app(page, find="枕溪", lang="zh")
    assert "枕溪县教育局" in html(app)
    assert app.text_input(key="do_search").value == "枕溪"
    if page != "overview":
        return
    app.button(key="do_search_close").click().run()
    assert "find" not in app.query_params
    assert app.get("vega_lite_chart")
    app.text_input(key="do_search~1").set_value("认真贯彻").run()
    assert app.query_params["find"] == "认真贯彻"
    assert "<mark>认真贯彻</mark>" in html(app)
    assert "mark=%E8%AE%A4%E7%9C%9F" in html(app)


def test_nothing_found_gets_words_and_a_next_step(open_app: Open) -> None:
    app = open_app("quality", find="<script>", lang="en")
    assert "No such office" in app.info[0].value
    assert "not in the text" in app.info[1].value
    assert "<script>" not in html(app)


def test_the_found_words_are_marked_in_the_narrative(open_app: Open) -> None:
    app = open_app("profile", office="o-990100b", report="r-o-990100b-2023", tab="document",
                   mark="认真 条例")  # fmt: skip
    text = html(app)
    assert "<mark>认真</mark>" in text
    assert "<mark>条例</mark>" in text
    assert "&lt;i&gt;未转义&lt;/i&gt;" in text
