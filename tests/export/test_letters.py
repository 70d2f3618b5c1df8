"""整改提示: read back with other programs and held against the findings, cell by cell."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from docx import Document

from dashboard import basis as legal
from dashboard import formats
from dashboard.db import CONFIG
from dashboard.export import letter, letters
from dashboard.export.letters import Batch, Order
from dashboard.filters import Selection
from dashboard.open import Opener
from etl.warehouse.load import Options, load

DAY = dt.date(2026, 11, 25)
GOLDEN = Path(__file__).parents[1] / "golden"
FILES = ("text_broken_sums.txt", "text_cells_duplicate_block.txt", "text_units_and_words.txt")
NAMES = (
    "../../etc/=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")<w:p>&amp;]]>\x0b\u202etxt.exe',
    "长" * 300 + "/..",
)
#: Office → its hostile name.
HOSTILE: dict[str, str] = {}


def run(view: Any, order: Order, states: dict[str, str] | None = None, **kw: Any) -> Batch:
    work = letters.batch(view, order, states or {}, DAY, **kw)
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: Batch = end.value
            return made


def entries(batch: Batch) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(batch.archive)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert len({n.casefold() for n in names}) == len(names)
        return {name: packed.read(name) for name in names}


def facts(view: Any) -> duckdb.DuckDBPyConnection:
    """The warehouse, past the named queries."""
    return duckdb.connect(view.build.path, read_only=True, config=CONFIG)


def sheet(batch: Batch, number: int) -> list[tuple[Any, ...]]:
    [index] = [data for name, data in entries(batch).items() if name.endswith(".xlsx")]
    book = openpyxl.load_workbook(io.BytesIO(index))
    for ws in book:
        for row in ws.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    return list(book.worksheets[number].iter_rows(values_only=True))


def tables(data: bytes, t: Any) -> list[list[str]]:
    """The rows of the tables of findings in a Word file."""
    out = []
    for table in Document(io.BytesIO(data)).tables:
        rows = [[c.text for c in row.cells] for row in table.rows]
        if rows[0][0] == t("letter.found"):
            out += rows[1:]
    return out


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Degraded texts read by the reader itself: findings, places and printed cells are real."""
    folder = tmp_path_factory.mktemp("golden")
    sources = folder / "in"
    sources.mkdir()
    for name in FILES:
        shutil.copy(GOLDEN / name, sources)
    load([sources], folder / "warehouse", Options(jobs=1))
    return folder / "warehouse"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_finding_of_every_office_is_in_its_letter(
    golden: Path, lang: str, tmp_path: Path
) -> None:
    view = Opener(golden).view("quality", {"lang": lang})
    batch = run(view, Order())
    with facts(view) as con:
        rows = con.execute(
            f"SELECT o.name, f.year, f.rule, f.message_{lang}, f.left_value::DOUBLE, "
            "f.right_value::DOUBLE, f.level FROM finding f JOIN report r USING (report_id) "
            "JOIN office o ON o.office_id = f.office_id WHERE r.is_current "
            "AND f.outcome = 'fail' AND f.level IN ('error', 'warning')"
        ).fetchall()
        basis = dict(con.execute("SELECT id, basis FROM meta_rule").fetchall())
    assert rows
    listed = sheet(batch, 1)[1:]
    assert batch.findings == len(rows) == len(listed)
    assert Counter((r[1], r[2], r[3], r[7], r[8]) for r in listed) == Counter(
        (name, year, rule, left, right) for name, year, rule, _, left, right, _ in rows
    )
    files = entries(batch)
    index = sheet(batch, 0)[1:]
    files_at = sheet(batch, 0)[0].index(view.t("letters.index.file"))
    assert sum(r[4] for r in index) == len(rows)
    for name in {r[0] for r in rows}:
        mine = [r for r in rows if r[0] == name]
        [file] = {r[files_at] for r in index if r[1] == name}
        assert {r[2] for r in index if r[1] == name} == {r[1] for r in mine}
        shown = tables(files[file], view.t)
        values = Counter(tuple(row[1:3]) for row in shown if len(row) > 2)
        wanted = Counter(
            (formats.exact(left), formats.exact(right)) for _, _, _, _, left, right, _ in mine
            if left is not None or right is not None
        )  # fmt: skip
        assert wanted <= values
        word = "\n".join(p.text for p in Document(io.BytesIO(files[file])).paragraphs)
        assert name in word
        for *_, rule, _, _, _, _ in mine:
            assert rule in word
            assert view.t("letter.basis", basis=legal.shown(basis[rule], lang)) in word
        # Both values, and the place in official labels with what is printed there.
        if any(r[2] == "T3-ROW" for r in mine):
            total = view.meta.cells["t3.handled_total.total"]
            text = "\n".join("\n".join(row) for row in shown) + word
            assert (total.column_zh if lang == "zh" else total.column_en) in text
            assert view.t("doc.at_line").split("{0}")[0] in text
    broken = next(r for r in rows if r[2] == "T3-ROW")
    assert broken[6] == "error"


def test_settled_findings_are_left_out_and_counted(open_view: Any) -> None:
    view = open_view("quality")
    every = sheet(run(view, Order()), 1)[1:]
    with facts(view) as con:
        [(office, ids)] = con.execute(
            "SELECT f.office_id, list(f.finding_id) FROM finding f JOIN report r USING (report_id) "
            "WHERE r.is_current GROUP BY 1 ORDER BY len(list(f.finding_id)) DESC, 1 LIMIT 1"
        ).fetchall()
    assert len(ids) > 1
    made = letters.one(view, Order(office_id=office), {}, DAY)
    assert made is not None
    assert made.letter is not None
    states = dict.fromkeys(ids, "waived")
    batch = run(view, Order(), states)
    assert batch.left_out == len(ids)
    assert batch.findings == len(every) - len(ids)
    assert made.file not in entries(batch)
    notes = {str(k): v for k, v in sheet(batch, 2)}
    assert int(notes[view.t("letters.note.left_out")]) == len(ids)
    assert int(notes[view.t("letters.note.without")]) == 1
    gone = letters.one(view, Order(office_id=office), states, DAY)
    assert gone is not None
    assert (gone.letter, gone.left_out) == (None, len(ids))
    # One waived, one sent before: the letter says the first, the index counts the second; what was
    # confirmed stays.
    states = {ids[0]: "waived", ids[1]: "sent"}
    part = letters.one(view, Order(office_id=office), states, DAY)
    assert part is not None
    assert part.letter is not None
    assert view.t("letters.left_out", n=1) in letter.plain(part.letter, view.t).decode()
    assert [r.state for r in part.rows].count("sent") == 1
    right = run(view, Order(), dict.fromkeys(ids, "accepted"))
    assert (right.findings, right.left_out) == (len(every), 0)
    notes = {str(k): v for k, v in sheet(right, 2)}
    assert int(notes[view.t("letters.note.confirmed")]) == len(ids)
    assert run(view, Order(only=tuple(ids[:1]))).findings == 1


@pytest.fixture(scope="module")
def hostile(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(warehouse, folder, dirs_exist_ok=True)
    with duckdb.connect(str(next(folder.glob("*.duckdb")))) as con:
        found = con.execute("SELECT DISTINCT office_id FROM finding ORDER BY 1 LIMIT 3").fetchall()
        for (office_id,), name in zip(found, NAMES, strict=True):
            HOSTILE[office_id] = name
            for table in ("office", "mart_office"):
                con.execute(f"UPDATE {table} SET name = ? WHERE office_id = ?", [name, office_id])
            con.execute(
                "UPDATE finding SET message_zh = '=cmd|x<w:t>' || ? WHERE office_id = ?",
                [name, office_id],
            )
    return Opener(folder).view("quality", {})


def test_hostile_names_cannot_break_out(hostile: Any, tmp_path: Path) -> None:
    batch = run(hostile, Order())
    found = entries(batch)
    for name in [batch.name, *found]:
        assert Path(name).name == name
        assert not set(name) & set('\\/:*?"<>|\x0b\u202e')
        assert not name.startswith((".", "="))
        assert len(name.encode()) <= 255
    with zipfile.ZipFile(io.BytesIO(batch.archive)) as packed:
        packed.extractall(tmp_path / "in")
    assert {p.name for p in (tmp_path / "in").iterdir()} == set(found)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    index = sheet(batch, 0)  # asserts that no cell is a formula
    offices = {str(r[1]) for r in index}
    for office_id, printed in HOSTILE.items():
        name = printed.replace("\x0b", "")
        assert offices & {name, "'" + name}
        made = letters.one(hostile, Order(office_id=office_id), {}, DAY)
        assert made is not None
        assert made.letter is not None
        opened = Document(io.BytesIO(letter.word(made.letter, hostile.t)))
        assert hostile.t("letter.to", office=name) in [p.text for p in opened.paragraphs]


def test_a_batch_is_bounded_and_says_so(open_view: Any) -> None:
    view = open_view("quality")
    every = run(view, Order())
    assert every.made == every.found > 2
    few = run(view, Order(), limit=2)
    assert (few.made, few.found) == (2, every.found)
    notes = dict(sheet(few, 2))
    cut = view.t("letters.note.cut_text", found=every.found, limit=2)
    assert notes[view.t("letters.note.cut")] == cut


def test_a_batch_tells_how_far_it_is_and_can_be_stopped(open_view: Any) -> None:
    view = open_view("quality")
    total = len(letters.offices(view, Order()))
    steps = []
    work = letters.batch(view, Order(), {}, DAY)
    for step in work:
        steps.append(step)
    assert steps == [(n, total) for n in range(total + 1)]
    work = letters.batch(view, Order(), {}, DAY)
    next(work)
    next(work)
    work.close()
    assert list(work) == []


def test_filters_narrow_the_batch(open_view: Any) -> None:
    selection = Selection(region="990100", years=(2022, 2024))
    view = open_view("quality", selection=selection)
    rows = sheet(run(view, Order()), 1)[1:]
    with facts(view) as con:
        [(n,)] = con.execute(
            "SELECT count(*) FROM finding f JOIN report r USING (report_id) WHERE r.is_current "
            "AND r.city = '990100' AND r.year BETWEEN 2022 AND 2024 AND f.outcome = 'fail'"
        ).fetchall()
    assert 0 < n == len(rows)
    assert {r[2] for r in rows} <= {2022, 2023, 2024}
    assert not sheet(run(view, Order(rule="T4-SUM")), 1)[1:]
    one_year = sheet(run(view, Order(rule="T3-SUM", years=(2023, 2023))), 1)[1:]
    assert {r[2] for r in one_year} <= {2023}


def test_deadline_and_sender_stand_in_the_form_and_demo_on_the_page(open_view: Any) -> None:
    for lang in ("zh", "en"):
        view = open_view("quality", lang=lang)
        ids = [str(i) for i in letters.offices(view, Order())["office_id"]]
        order = Order(office_id=ids[0], deadline=dt.date(2027, 1, 15), sender="某市<政府>&办公室")
        made = letters.one(view, order, {}, DAY)
        assert made is not None
        assert made.letter is not None
        opened = Document(io.BytesIO(letter.word(made.letter, view.t)))
        form = {row.cells[0].text: row.cells[1].text for row in opened.tables[0].rows}
        assert form[view.t("letter.field_deadline")] == formats.date(order.deadline, lang)
        assert form[view.t("letter.field_sender")] == order.sender
        header = "\n".join(p.text for p in opened.sections[0].header.paragraphs)
        assert "演示数据" in header
        empty = letters.one(view, Order(office_id=ids[0]), {}, DAY)
        assert empty is not None
        assert empty.letter is not None
        assert dict(empty.letter.fields)[view.t("letter.field_deadline")] == view.t(
            "letter.field_blank"
        )


def test_many_cells_are_named_by_what_is_not_zero(open_view: Any) -> None:
    t = open_view("quality").t
    cells = [
        letter.Printed("T", f"r{n}", "c", f"s{n}", "line 3", zero=n not in (5, 9))
        for n in range(22)
    ]
    lines = letter.places(cells, t)
    assert len(lines) == 5
    assert lines[-1] == t("letter.cells_zero", n=18)
    assert [line for line in lines if "s5" in line]
    few = letter.places(cells[:4], t)
    assert len(few) == 4
    many = letter.places([letter.Printed("T", "r", "c", "s", "", False)] * 40, t)
    assert len(many) == letter.MAX_CELLS + 1
