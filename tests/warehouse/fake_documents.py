"""Documents for warehouse tests: JSON files, read by :func:`parse` into ParsedReports.

Importable by name, so that worker processes find it too. Some contents do to a worker what hostile
files do: end it, hang it, raise in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.document import Grid, GridCell, Line
from etl.errors import RejectedDocument
from etl.form import load_form
from etl.report import (
    CellReading,
    Claim,
    ExtraRow,
    Finding,
    Level,
    Outcome,
    ParsedReport,
    Ref,
    SectionText,
    State,
)  # fmt: skip
from etl.warehouse.reading import OfficeFacts, Place


def document(office: str, year: int, **facts: Any) -> dict[str, Any]:
    """One document: office is ``省/市/县/name`` with ``-`` for a missing level."""
    return {"office": office, "year": year, **facts}


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def parse(path: Path) -> Iterator[ParsedReport]:
    with (path.parent / "parsed.log").open("a", errors="backslashreplace") as log:
        log.write(f"{path.name}\n")
    data = path.read_bytes()
    _misbehave(data, path)
    content = json.loads(data)
    if isinstance(content, dict):
        time.sleep(content.get("pause", 0))
    if isinstance(content, list):
        for number, one in enumerate(content):
            raw = json.dumps(one).encode()
            yield _report(one, f"{path}!{number}", hashlib.sha256(raw).hexdigest())
    else:
        yield _report(content, str(path), hashlib.sha256(data).hexdigest())


def _misbehave(data: bytes, path: Path) -> None:
    if data.startswith(b"CRASH"):
        os.kill(os.getpid(), signal.SIGKILL)
    if data.startswith(b"ONCE"):  # dies the first time only, as after a kill from outside
        mark = path.with_name(f".{path.name}.mark")
        if not mark.exists():
            mark.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        raise RejectedDocument("not_a_report", "second try")
    if data.startswith(b"EAT"):
        [bytearray(1 << 28) for _ in range(64)]
    if data.startswith(b"HANG"):
        time.sleep(600)
    if data.startswith(b"RAISE"):
        raise ValueError("boom")
    if not data:
        raise RejectedDocument("empty", "没有内容", hint="换一个文件")


def parse_log(folder: Path) -> list[str]:
    """Names of the files parsed so far, sorted; the log starts anew."""
    found: list[str] = []
    for log in folder.rglob("parsed.log"):
        found += log.read_text().split()
        log.unlink()
    return sorted(found)


def _report(content: dict[str, Any], source: str, sha256: str) -> ParsedReport:
    cells: dict[str, CellReading] = {}
    form = content.get("form", "2021" if content["year"] >= 2021 else "2019")
    for cell in load_form().cells_of(form):
        cells[cell.key] = CellReading(State.BLANK, at="table 1", ref=Ref(0, 0, 0))
    for key, value in content.get("cells", {}).items():
        if isinstance(value, str):
            cells[key] = CellReading(State(value), raw=value)
        else:
            number = Decimal(str(value)) if isinstance(value, float) else value
            cells[key] = CellReading(State.NUMBER, number, str(value), at=f"{key} place")
    return ParsedReport(
        source=source,
        sha256=sha256,
        format=content.get("format", "html"),
        title=content.get("title", "年报"),
        office=content["office"].rpartition("/")[2],
        office_printed=content.get("printed"),
        office_id=office_key(content["office"]),
        year=content["year"],
        scope=content.get("scope", "own_office"),
        published=content.get("published"),
        evidence={"office": "title", "path": content["office"], **content.get("evidence", {})},
        forms=dict.fromkeys(("t2", "t3", "t4"), form),
        cells=cells,
        extra=[ExtraRow("其他", ("1", "2"), "table 2, row 9")],
        findings=[
            Finding(rule, Level(level), Outcome(outcome), subject, left, right, message="不符")
            for rule, level, outcome, subject, left, right in content.get("findings", [])
        ],
        narrative=[Claim("applications_received", 3, "收到3件", "paragraph 1")],
        sections=[
            SectionText(key, key, text, "paragraph 2")
            for key, text in content.get("sections", {}).items()
        ],
        blocks=[Line("标题", "paragraph 1", 1),
                Grid(1, 1, 1, [GridCell(0, 0, 1, 1, "0")])],
    )  # fmt: skip


def office_key(office: str) -> str:
    return "id-" + office.replace("/", "_")


def describe(path: Path, report: ParsedReport) -> OfficeFacts | None:
    province, city, county, name = report.evidence["path"].split("/")
    levels = (("省", province), ("市", city), ("县", county))
    held = [(level, code) for level, code in levels if code != "-"]
    places = tuple(
        Place(code, "test", f"{code}名", level, held[i - 1][1] if i else "")
        for i, (level, code) in enumerate(held)
    )
    kind = next((k for k in ("政府", "垂直机构") if name.endswith(k)), "部门")
    codes = dict(held)
    return OfficeFacts(
        office_id=str(report.office_id), name=name, short_name=name, level=held[-1][0], kind=kind,
        province=codes.get("省"), city=codes.get("市"), county=codes.get("县"), places=places,
    )  # fmt: skip
