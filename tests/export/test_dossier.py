"""The dossier of one office: read back with other programs, held against queries and figures."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pypdfium2
import pytest
from docx import Document

from dashboard import formats, i18n
from dashboard.db import CONFIG
from dashboard.export import dossier, picture
from dashboard.export.base import item_of
from dashboard.export.blocks import Document as Blocks
from dashboard.open import Opener
from dashboard.queries import letters as letter_queries

DAY = dt.date(2026, 11, 25)
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="300"/>'


def facts(view: Any) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(view.build.path, read_only=True, config=CONFIG)


def blocks_of(view: Any, states: Mapping[str, str] | None = None) -> tuple[Blocks, list[Any]]:
    work = dossier.document(view, states or {}, DAY)
    steps = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return end.value, steps


def cells(table: Any) -> list[list[str]]:
    return [[c.text for c in row.cells] for row in table.rows]


def squeezed(text: str) -> str:
    return "".join(text.split())


#: A cell that one report of the office has as unread.
CELL = "t3.denied_process.total"


@pytest.fixture(scope="module")
def opener(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Opener:
    """The invented warehouse with one cell that was not read with certainty."""
    folder = tmp_path_factory.mktemp("dossier")
    shutil.copytree(warehouse, folder, dirs_exist_ok=True)
    with duckdb.connect(str(next(folder.glob("*.duckdb")))) as con:
        [(report,)] = con.execute(f"SELECT min(r.report_id) FROM report r {BUSIEST}").fetchall()
        con.execute(
            f"UPDATE wide_report SET {CELL.replace('.', '_')} = NULL WHERE report_id = ?", [report]
        )
        con.execute(
            "UPDATE provenance SET cells = list_transform(cells, lambda c: CASE WHEN c.key = ? "
            "THEN {'key': c.key, 'state': 'unread', 'value': NULL, 'raw': '1|0', 'at': c.at, "
            "'block': c.block, 'a': c.a, 'b': c.b, 'unit_printed': c.unit_printed, "
            "'note': c.note} ELSE c END) WHERE report_id = ?", [CELL, report],
        )  # fmt: skip
    return Opener(folder)


#: The office with most findings.
BUSIEST = """WHERE r.is_current AND r.office_id = (
    SELECT f.office_id FROM finding f JOIN report x USING (report_id)
    WHERE x.is_current AND f.outcome = 'fail' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)"""


@pytest.fixture(scope="module")
def busiest(opener: Opener) -> str:
    with facts(opener.view("profile", {})) as con:
        [(office,)] = con.execute(f"SELECT min(r.office_id) FROM report r {BUSIEST}").fetchall()
    return str(office)


@pytest.fixture(scope="module")
def made(opener: Opener, busiest: str) -> dict[str, Any]:
    """Language → view, blocks, steps, files; drawings are costly: English without, as PDF only."""
    out = {}
    for lang in ("zh", "en"):
        view = opener.view("profile", {"lang": lang, "office": busiest})
        with pytest.MonkeyPatch.context() as patch:
            if lang == "en":
                patch.setattr(picture, "chart_svg", lambda spec: BLANK)
            document, steps = blocks_of(view)
        wanted = dossier.MAKERS if lang == "zh" else {"pdf": dossier.MAKERS["pdf"]}
        out[lang] = (view, document, steps, {k: m(document) for k, m in wanted.items()})
    return out


def test_word_tables_are_the_figures_of_the_page_cell_by_cell(made: dict[str, Any]) -> None:
    view, _, _, files = made["zh"]
    view = replace(view, ask=dossier._Remembering(view.ask))
    opened = Document(io.BytesIO(files["docx"]))
    tables = [cells(t) for t in opened.tables]
    lines = [p.text for p in opened.paragraphs]
    compared = 0
    for metric in view.meta.metrics.values():
        other = metric.family and view.metric(f"@{metric.family}").key != metric.key
        if metric.share_of or other:
            continue
        item = item_of(f"profile/trend/{metric.key}", view)
        if item is None or not dossier._has_values(item):
            continue
        frame = item.figure.twin.frame
        for year, remark in zip(frame.iloc[:, 0], frame[view.t("column.remark")], strict=True):
            said = (
                [line for line in lines if line.endswith(f"：{remark}")] if remark else [str(year)]
            )
            assert any(str(year) in line for line in said), (metric.key, year, remark)
        frame = frame.drop(columns=view.t("column.remark"))
        wanted = [list(map(str, frame.columns)), *[list(map(str, r)) for r in frame.values]]
        assert wanted in tables, metric.key
        compared += 1
    assert compared > 20


def test_key_figures_are_what_the_warehouse_holds(made: dict[str, Any], busiest: str) -> None:
    view, _, _, files = made["zh"]
    tables = [cells(t) for t in Document(io.BytesIO(files["docx"])).tables]
    name = view.words.metric(view.metric("@disclosure"))
    table = next(t for t in tables if name in t[0] and len(t[0]) == 6)
    column = table[0].index(name)
    with facts(view) as con:
        rows = con.execute(
            "SELECT year, m_disclosure_rate_num, m_disclosure_rate_den FROM mart_report "
            "WHERE office_id = ? AND scope = 'own_office'", [busiest],
        ).fetchall()  # fmt: skip
    assert rows
    shown = {row[0]: row[column] for row in table[1:]}
    for year, num, den in rows:
        share = None if num is None or not den else float(num) / float(den)
        assert formats.percent(share) in shown[str(year)]
        if den is not None:
            assert formats.fraction(num, den) in shown[str(year)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_findings_documents_and_words_are_in_both_files(made: dict[str, Any], lang: str) -> None:
    view, document, _, files = made[lang]
    texts = []
    if "docx" in files:
        opened = Document(io.BytesIO(files["docx"]))
        parts = [p.text for p in opened.paragraphs]
        parts += ["".join(map("".join, cells(t))) for t in opened.tables]
        texts.append(squeezed("".join(parts)))
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files["pdf"])]
    texts.append(squeezed("".join(pages)))
    with facts(view) as con:
        found = con.execute(
            f"SELECT f.message_{lang}, f.left_value::DOUBLE, f.right_value::DOUBLE FROM finding f "
            "JOIN report r USING (report_id) WHERE r.is_current AND f.outcome = 'fail' "
            "AND f.office_id = ?", [view.filters.office],
        ).fetchall()  # fmt: skip
        documents = con.execute(
            "SELECT d.filename, d.document_id FROM report r JOIN document d USING (document_id) "
            "WHERE r.office_id = ?", [view.filters.office],
        ).fetchall()  # fmt: skip
    assert found
    assert documents
    for text in texts:
        for message, left, right in found:
            assert squeezed(message) in text
            assert squeezed(formats.exact(left)) in text
            assert squeezed(formats.exact(right)) in text
        for filename, digest in documents:
            assert squeezed(filename) in text
            assert digest in text
        for state in view.meta.states.values():
            assert squeezed(i18n.of(state, "note", lang)) in text
        assert squeezed(document.title) in text
        assert view.build.id in text or squeezed(view.build.id) in text
    assert all("演示数据" in page for page in pages)


def test_a_cell_without_a_number_is_said_in_words(made: dict[str, Any]) -> None:
    view, _, _, files = made["zh"]
    item = item_of("profile/grounds", view)
    assert item is not None
    tables = [cells(t) for t in Document(io.BytesIO(files["docx"])).tables]
    head = list(map(str, item.figure.twin.frame.columns))
    table = next(t for t in tables if t[0] == head)
    data = item.figure.data
    assert data is not None
    reports = view.query(_documents(), view.filters.office)
    current = {int(r.year): r.report_id for r in reports[reports["is_current"]].itertuples()}
    keys = tuple(dict.fromkeys(data["cell"]))
    frame = view.query(letter_queries.printed, tuple(current.values()), keys)
    state = {(r.report_id, r.cell): r.state for r in frame.itertuples()}
    words = 0
    for row, key in zip(table[1:], keys, strict=True):
        for year, shown in zip(head[1:], row[1:], strict=True):
            report = current.get(int(year))
            if report is None:
                assert shown == view.t("dossier.no_report")
            elif state.get((report, key), "absent") != "number":
                assert shown == view.meta.states[state.get((report, key), "absent")].zh
                words += 1
            else:
                assert shown.replace(",", "").isdigit()
            assert shown != formats.MISSING
    assert words


def _documents() -> Any:
    from dashboard.queries import profile

    return profile.documents


def test_progress_ends_where_it_said(made: dict[str, Any]) -> None:
    _, _, steps, _ = made["zh"]
    done = [d for d, _ in steps]
    total = {t for _, t in steps}
    assert len(total) == 1
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == total.pop()


@pytest.mark.usefixtures("undrawn")
def test_years_and_decisions(opener: Opener, busiest: str) -> None:
    view = opener.view("profile", {"office": busiest, "years": "2022-2023"})
    with facts(view) as con:
        ids = [
            r[0]
            for r in con.execute(
                "SELECT finding_id FROM finding f JOIN report r USING (report_id) "
                "WHERE r.is_current AND f.office_id = ? AND outcome = 'fail' "
                "AND f.year BETWEEN 2022 AND 2023", [busiest],
            ).fetchall()
        ]  # fmt: skip
    document, _ = blocks_of(view, dict.fromkeys(ids, "waived"))
    rows = [b.rows for b in document.blocks if hasattr(b, "rows")]
    decided = [r for table in rows for r in table if r[-1] == view.t("quality.state.waived")]
    assert len(decided) == len(ids)
    years = {r[0] for table in rows for r in table if r and r[0].isdigit() and len(r[0]) == 4}
    assert years <= {"2022", "2023"}


@pytest.mark.usefixtures("undrawn")
def test_one_year_is_a_table_a_group_not_a_chart_a_measure(opener: Opener, busiest: str) -> None:
    view = opener.view("profile", {"office": busiest, "years": "2024-2024"})
    document, _ = blocks_of(view)
    tables = [b for b in document.blocks if hasattr(b, "rows")]
    rows = {row[0]: (b.columns, row) for b in tables for row in b.rows if "（2024年）" in b.caption}
    compared = 0
    for metric in view.meta.metrics.values():
        item = item_of(f"profile/trend/{metric.key}", view)
        if metric.share_of or item is None or not dossier._has_values(item):
            continue
        if metric.family and view.metric(f"@{metric.family}").key != metric.key:
            continue
        columns, row = rows[view.words.metric(metric)]
        (wanted,) = item.figure.twin.frame.drop(columns=view.t("column.remark")).values
        named = dict(zip(item.figure.twin.frame.columns[2:], wanted[2:], strict=False))
        assert row[1] == wanted[1], metric.key
        for column, text in zip(columns[2:], row[2:], strict=True):
            assert text == named.get(column, ""), (metric.key, column)
        compared += 1
    assert compared > 15
    assert sum(hasattr(b, "drawing") for b in document.blocks) <= 3


def test_an_office_that_is_not_there(opener: Opener) -> None:
    view = opener.view("profile", {"office": "no-such-office"})
    with pytest.raises(dossier.NoOffice):
        blocks_of(view)
    assert dossier.name(replace(view), "pdf").endswith(".pdf")
