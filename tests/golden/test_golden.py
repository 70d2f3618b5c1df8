"""Documents of our own making against what stands in them (README.md explains the files)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from etl.errors import REJECTION_CODES
from etl.form import load_form
from etl.offices.registry import Registry
from etl.read import read
from etl.report import ABSENT, CellReading, ParsedReport, State, number_json

HERE = Path(__file__).parent
MANIFEST: list[dict[str, str]] = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
DOCUMENTS = [pytest.param(entry, id=entry["file"]) for entry in MANIFEST]
KEYS = {
    "office", "year", "scope", "published", "forms", "cells", "maybe", "rest", "unit_printed",
    "extra", "findings", "rejected",
}  # fmt: skip
STATES = {str(state) for state in State} - {"number"}
SILENT = {State.BLANK, State.UNREAD, State.ABSENT, State.NOT_APPLICABLE, State.TEXT}


def expected(entry: dict[str, str]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / entry["expected"]).read_text(encoding="utf-8"))
    return loaded


def test_the_manifest_names_every_document() -> None:
    listed = {entry["file"] for entry in MANIFEST}
    on_disk = {p.name for p in HERE.iterdir() if p.name.startswith(("html_", "text_"))}
    assert listed == on_disk
    assert len(listed) >= 25


@pytest.mark.parametrize("entry", DOCUMENTS)
def test_expectations_are_well_formed(entry: dict[str, str]) -> None:
    want = expected(entry)
    assert want.keys() <= KEYS
    if "rejected" in want:
        assert want["rejected"] in REJECTION_CODES
        return
    assert want["rest"] in {"absent", "silent"}
    cells = load_form().cells
    for key, value in {**want["cells"], **want.get("maybe", {})}.items():
        assert key in cells
        assert value in STATES if isinstance(value, str) else value == value + 0
    assert not want["cells"].keys() & want.get("maybe", {}).keys()
    assert want["cells"] or want.get("maybe") or want["rest"] == "silent"


@pytest.mark.parametrize("entry", DOCUMENTS)
def test_every_document_is_readable_as_its_format(entry: dict[str, str]) -> None:
    name = entry["file"]
    document = read((HERE / name).read_bytes(), name)
    assert document.format == ("html" if name.endswith(".html") else "text")


@cache
def _registry() -> Registry:
    return Registry.load().for_corpus(HERE)


def parsed(entry: dict[str, str]) -> ParsedReport:
    pipeline = pytest.importorskip("etl.pipeline", reason="the pipeline is not there yet")
    (report,) = pipeline.parse_path(HERE / entry["file"], registry=_registry())
    assert isinstance(report, ParsedReport)
    return report


def _said(reading: CellReading) -> object:
    return number_json(reading.value) if reading.state is State.NUMBER else str(reading.state)


def _may_say(reading: CellReading, value: object) -> bool:
    if value == "blank":
        return reading.state in SILENT
    return reading.state in {State.UNREAD, State.ABSENT} or _said(reading) == value


def mistakes(entry: dict[str, str]) -> dict[str, object]:
    """What a reading of a golden document says otherwise than is expected; empty if nothing."""
    want, report = expected(entry), parsed(entry)
    if "rejected" in want:
        code = report.problem.code if report.problem else report.status
        return {} if code == want["rejected"] else {"rejected": (want["rejected"], code)}
    if report.status != "report":
        return {"status": report.problem}
    exact, maybe = want["cells"], want.get("maybe", {})
    said = {key: report.cells.get(key, ABSENT) for key in load_form().cells}
    wrong: dict[str, object] = {
        k: (v, _said(said[k])) for k, v in exact.items() if _said(said[k]) != v
    }
    wrong |= {k: (v, _said(said[k])) for k, v in maybe.items() if not _may_say(said[k], v)}
    rest = {State.ABSENT} if want["rest"] == "absent" else SILENT
    units = want.get("unit_printed", {})
    others = said.keys() - exact.keys() - maybe.keys() - units.keys()
    wrong |= {k: (want["rest"], _said(said[k])) for k in others if said[k].state not in rest}
    for key, (unit, value) in units.items():
        if (said[key].unit_printed, _said(said[key])) != (unit, value):
            wrong[key] = (unit, value, said[key].unit_printed, _said(said[key]))
    return wrong


@pytest.mark.parametrize("entry", DOCUMENTS)
def test_cells(entry: dict[str, str]) -> None:
    assert mistakes(entry) == {}


@pytest.mark.parametrize(
    "entry",
    [p for p in DOCUMENTS if "rejected" not in expected(p.values[0])],  # type: ignore[arg-type]
)
def test_facts_around_the_cells(entry: dict[str, str]) -> None:
    want, report = expected(entry), parsed(entry)
    for key in ("office", "year", "scope", "published"):
        if key in want:
            assert getattr(report, key) == want[key], key
    for table, form in want.get("forms", {}).items():
        assert report.forms.get(table) == form, table
    for label in want.get("extra", ()):
        assert any(row.label.startswith(label) for row in report.extra), label
    for rule, outcome in want.get("findings", {}).items():
        found = {str(f.outcome) for f in report.findings if f.rule == rule}
        assert outcome in found, rule
        if outcome == "pass":
            assert found <= {"pass", "not_applicable"}, rule
