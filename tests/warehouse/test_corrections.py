"""Hand corrections: guarded, dated, visible, and never in place of what was read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from etl.errors import UsageError
from etl.report import State
from etl.warehouse import corrections, reading

GOLDEN = Path(__file__).parents[1] / "golden" / "html_gbk.html"
CELL = "t3.received_new.natural"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "report.html").write_bytes(GOLDEN.read_bytes())
    reading.forget_folders()
    return folder


def write(folder: Path, *records: dict[str, Any]) -> Path:
    import yaml

    base = {"document": "report.html", "cell": CELL, "kind": "misread", "date": "2026-03-01",
            "by": "审核员", "reason": "原件为手写更改"}  # fmt: skip
    path = folder / corrections.FILE_NAME
    text = yaml.safe_dump({"corrections": [base | r for r in records]}, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    reading.forget_folders()
    return path


def parsed(folder: Path) -> Any:
    [report] = reading.read_path(folder / "report.html")
    return report


def test_a_correction_is_applied_and_says_so(corpus: Path) -> None:
    before = parsed(corpus)
    was = before.value(CELL)
    write(corpus, {"expect": was, "value": was + 1})
    after = parsed(corpus)
    cell = after.cells[CELL]
    assert cell.value == was + 1 and cell.raw == before.cells[CELL].raw
    assert cell.at == before.cells[CELL].at and cell.ref == before.cells[CELL].ref
    for part in ("更正", "2026-03-01", "审核员", f"原读 {was}", "手写"):
        assert part in cell.note
    [done] = after.corrections
    assert (done.outcome, done.found, done.value) == ("applied", str(was), str(was + 1))
    broken = {(f.rule, f.subject) for f in after.findings if f.outcome == "fail"}
    assert ("T3-ROW", "received_new") in broken  # the rules judge the corrected figures
    assert ("T3-ROW", "received_new") not in {
        (f.rule, f.subject) for f in before.findings if f.outcome == "fail"
    }


def test_what_an_office_stated_later_leaves_the_findings_on_what_it_published(
    corpus: Path,
) -> None:
    before = parsed(corpus)
    write(corpus, {"expect": before.value(CELL), "value": 99999, "kind": "office"})
    after = parsed(corpus)
    assert after.value(CELL) == 99999
    assert after.findings == before.findings


@pytest.mark.parametrize(("value", "outcome"), [(7777, "obsolete"), (8888, "stale")])
def test_the_guard(corpus: Path, value: int, outcome: str) -> None:
    before = parsed(corpus)
    real = before.value(CELL)
    write(corpus, {"expect": 5555, "value": real if outcome == "obsolete" else value})
    after = parsed(corpus)
    assert [c.outcome for c in after.corrections] == [outcome]
    assert after.cells == before.cells and after.findings == before.findings


def test_states_scope_and_date(corpus: Path) -> None:
    before = parsed(corpus)
    write(
        corpus,
        {"expect": before.value(CELL), "value": "unread"},
        {"cell": "scope", "expect": before.scope, "value": "system"},
        {"cell": "published", "expect": before.published, "value": "2022-02-03"},
    )
    after = parsed(corpus)
    assert after.state(CELL) is State.UNREAD and after.value(CELL) is None
    assert (after.scope, after.published) == ("system", "2022-02-03")
    assert "更正" in after.evidence["scope"]


def test_corrections_follow_one_another(corpus: Path) -> None:
    was = parsed(corpus).value(CELL)
    write(
        corpus,
        {"expect": was, "value": 31, "date": "2026-03-01"},
        {"expect": 31, "value": 32, "date": "2026-04-01"},
    )
    after = parsed(corpus)
    assert after.value(CELL) == 32 and [c.found for c in after.corrections] == [str(was), "31"]


def test_only_the_named_file_depends_on_a_record(corpus: Path) -> None:
    other = corpus / "other.html"
    marks = [reading.fingerprint(str(p)) for p in (corpus / "report.html", other)]
    write(corpus, {"expect": 1, "value": 2})
    after = [reading.fingerprint(str(p)) for p in (corpus / "report.html", other)]
    assert after[0] != marks[0] and after[1] == marks[1]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"cell": "t3.nothing.total"}, "没有单元格"),
        ({"value": "none"}, "须为数字或"),
        ({"value": 1.5}, "件数须为整数"),
        ({"value": True}, "须为数字或"),
        ({"value": 1}, "nothing is corrected"),
        ({"kind": "guess"}, "kind"),
        ({"by": ""}, "by"),
        ({"when": "now"}, "when"),
        ({"cell": "scope", "value": "city"}, "own_office"),
        ({"cell": "published", "value": "soon"}, "不是日期"),
    ],
)
def test_a_wrong_record_says_what_is_wrong(corpus: Path, record: dict[str, Any], said: str) -> None:
    path = write(corpus, {"expect": 1, "value": 2, **record})
    with pytest.raises(UsageError, match=said) as caught:
        reading.fingerprint(str(corpus / "report.html"))
    assert str(path) in str(caught.value) and "第1条" in str(caught.value)


@pytest.mark.parametrize("text", ["- 1", "corrections: 3", "a: [", "other: []"])
def test_a_file_of_another_shape(corpus: Path, text: str) -> None:
    (corpus / corrections.FILE_NAME).write_text(text, encoding="utf-8")
    reading.forget_folders()
    with pytest.raises(UsageError, match="no list of corrections"):
        reading.fingerprint(str(corpus / "report.html"))


def test_through_a_load(house: Any, corpus: Path) -> None:
    """Applied, listed, carried forward; a guard that fails is told and stops nothing."""
    options = {"parse": reading.read_path, "describe": reading.describe_office}
    first = parsed(corpus)
    was = first.value(CELL)
    assert house.load(corpus, **options).published
    write(corpus, {"expect": was, "value": was + 2}, {"document": "gone.html", "expect": 1,
                                                      "value": 2})  # fmt: skip
    summary = house.load(corpus, **options)
    assert (summary.n_read, summary.n_reports) == (1, 1)
    assert [r.code for r in summary.rejections] == ["correction"]
    assert "gone.html" in summary.rejections[0].message
    column = CELL.replace(".", "_")
    assert house.rows(f"SELECT {column} FROM core_report") == [(was + 2,)]
    assert house.rows(
        'SELECT key, kind, outcome, found, value, decided_by, CAST("at" AS VARCHAR) FROM correction'
    ) == [(CELL, "misread", "applied", str(was), str(was + 2), "审核员", "2026-03-01")]
    [(note, raw)] = house.rows(
        "SELECT c.note, c.raw FROM (SELECT unnest(cells) AS c FROM provenance) WHERE c.key = ?",
        [CELL],
    )
    assert f"原读 {was}" in note and raw == first.cells[CELL].raw

    write(corpus, {"expect": 12345, "value": was + 2})
    summary = house.load(corpus, **options)
    assert "not applied" in summary.rejections[0].message and summary.published
    assert house.rows(f"SELECT {column} FROM core_report") == [(was,)]

    (corpus / corrections.FILE_NAME).unlink()
    summary = house.load(corpus, **options)
    assert not summary.rejections
    assert house.rows("SELECT count(*) FROM correction") == [(0,)]
