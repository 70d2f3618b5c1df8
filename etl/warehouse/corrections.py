"""Corrections made by hand: dated records with a guard, in ``corrections.yml`` beside the corpus.

A correction never touches a document or code. It names one cell of one document, what is read there
today (``expect``) and what is to stand in its place. Where the reading is no longer what was
expected, because the file was replaced or the reader mended, the record is not applied and the load
says so. What was read stays on record: in the table ``correction``, in the note of the cell and in
the document's own tables.

Two kinds. ``misread``: the document prints the value, the reader did not get it; the rules are
applied to the corrected figures. ``office``: the office stated another figure in writing; sums and
charts use it, but the rules still judge what was published.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import ConfigDict, Field, ValidationError

from etl.check import OfficeFacts, check_report
from etl.errors import UsageError
from etl.form import load_form
from etl.form.spec import Spec
from etl.report import ABSENT, CellReading, Correction, Number, ParsedReport, State

FILE_NAME: Final = "corrections.yml"
#: Facts of a report that can be corrected beside its cells.
FIELDS: Final = ("scope", "published")
_SCOPES: Final = ("own_office", "region", "system")
_STATES: Final = tuple(str(s) for s in State if s is not State.NUMBER)
#: A corrections file is looked for this many folders above a document.
_HEIGHT: Final = 12
_HINT: Final = "写法见 data/README.md see data/README.md"
Text = Annotated[str, Field(min_length=1)]
Figure = int | Decimal | str | None


class Record(Spec):
    """One correction as written.

    ``document`` is the file's name as ``disclosure status`` shows it, for a member of an archive
    ``a.zip!b.html``. ``cell`` is a key of the form, ``scope`` or ``published``. ``expect`` and
    ``value`` are a number or the name of a state (``blank``, ``unread`` …).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    document: Text
    sha256: str = ""
    cell: Text
    expect: Figure
    value: Figure
    kind: Literal["misread", "office"]
    date: date
    by: Text
    reason: Text


class _File(Spec):
    corrections: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """A record with its place: ``file#document#cell#date``, the same wherever in the file it is."""

    place: str
    record: Record


@lru_cache(maxsize=4096)
def file_for(folder: Path) -> Path | None:
    """The corrections file that counts for a folder: the nearest from it upwards."""
    for candidate in (folder, *folder.parents[:_HEIGHT]):
        if (candidate / FILE_NAME).is_file():
            return candidate / FILE_NAME
    return None


@lru_cache(maxsize=65536)
def _file_in(folder: str) -> Path | None:
    return file_for(Path(folder))


_read: dict[Path, Mapping[str, tuple[Line, ...]]] = {}


def read(path: Path) -> Mapping[str, tuple[Line, ...]]:
    """The records of a file by the name of the file on disk they are about; read once a load.

    Raises:
        UsageError: naming the file, the record and what is wrong with it.
    """
    if path not in _read:
        _read[path] = _read_file(path)
    return _read[path]


def _read_file(path: Path) -> Mapping[str, tuple[Line, ...]]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {"corrections": []}
        listed = _File.model_validate(raw).corrections
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        message = f"{path} 不是更正记录 no list of corrections: {said}"
        raise UsageError(message, hint=_HINT) from error
    by_file: dict[str, list[Line]] = {}
    places: set[str] = set()
    for number, one in enumerate(listed, start=1):
        record = _record(f"{path} 第{number}条 record {number}", one)
        place = f"{path}#{record.document}#{record.cell}#{record.date}"
        if place in places:
            raise UsageError(f"{place} 写了两次 stands twice", hint=_HINT)
        places.add(place)
        by_file.setdefault(record.document.partition("!")[0], []).append(Line(place, record))
    return {name: tuple(lines) for name, lines in by_file.items()}


def _record(place: str, raw: dict[str, Any]) -> Record:
    try:
        record = Record.model_validate({key: _exact(key, value) for key, value in raw.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{place}: {where}: {first['msg']}", hint=_HINT) from error
    for name, value in (("expect", record.expect), ("value", record.value)):
        if fault := _fault(record.cell, value):
            raise UsageError(f"{place}: {name}: {fault}", hint=_HINT)
    if record.expect == record.value:
        raise UsageError(f"{place}: expect 与 value 相同 nothing is corrected", hint=_HINT)
    return record


def _exact(key: str, value: Any) -> Any:
    """YAML's reading of a figure as we take it: no binary fractions, no truth values, no dates."""
    if isinstance(value, float):
        return Decimal(str(value))
    foreign = isinstance(value, bool | date) and key != "date"
    return str(value) if foreign else value


def _fault(key: str, value: Figure) -> str:
    if key == "scope":
        return "" if value in (None, *_SCOPES) else f"{value!r}：可用 {'、'.join(_SCOPES)}"
    if key == "published":
        is_date = value is None or re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", str(value))
        return "" if is_date else f"{value!r} 不是日期 no date"
    cell = load_form().cells.get(key)
    if cell is None:
        return f"格式中没有单元格 {key!r} no such cell"
    if isinstance(value, str) or value is None:
        return "" if value in _STATES else f"{value!r}：须为数字或 {'、'.join(_STATES)}"
    if cell.value != "amount" and value != int(value):
        return f"{value}：件数须为整数 counts are whole"
    return ""


def mark(path: str) -> str:
    """Changes when the records about a file do; ``""`` where there are none.

    Only the files a record names are read again after a change, not the whole corpus.
    """
    folder, _, name = path.rpartition(os.sep)
    file = _file_in(folder)  # asked for every file of a reload: no Path is made
    lines = read(file).get(name, ()) if file else ()
    if not lines:
        return ""
    found = hashlib.sha256()
    for line in lines:
        found.update(line.record.model_dump_json().encode() + b"\0")
    return found.hexdigest()[:12]


def _lines(path: Path) -> tuple[Line, ...]:
    file = file_for(path.parent)
    return read(file).get(path.name, ()) if file else ()


def apply(path: Path, report: ParsedReport, office: OfficeFacts | None) -> ParsedReport:
    """Apply the records about one document, in their order; the report is changed in place.

    Every record leaves a :class:`~etl.report.Correction` in ``report.corrections``.
    """
    lines = [line for line in _lines(path) if _is_about(line.record, report)]
    if report.status != "report" or not lines:
        return report
    for kind in ("misread", "office"):
        changed = False
        for line in lines:
            if line.record.kind == kind:
                done = _apply_one(line, report)
                report.corrections.append(done)
                changed = changed or done.outcome == "applied"
        if kind == "misread" and changed:
            _check_again(report, office)
    return report


def _is_about(record: Record, report: ParsedReport) -> bool:
    name = report.source.replace("\\", "/")
    outer, mark_, member = name.partition("!")
    named = outer.rsplit("/", 1)[-1] + mark_ + member
    return named == record.document and report.sha256.startswith(record.sha256.lower())


def _apply_one(line: Line, report: ParsedReport) -> Correction:
    record = line.record
    if record.cell in FIELDS:
        return _apply_field(line, report)
    before = report.cells.get(record.cell, ABSENT)
    found: Figure = before.value if before.state is State.NUMBER else str(before.state)
    outcome = _outcome(record, found)
    if outcome == "applied":
        report.cells[record.cell] = _corrected(record, before)
    return _done(line, outcome, found, before.raw)


def _apply_field(line: Line, report: ParsedReport) -> Correction:
    record = line.record
    found = getattr(report, record.cell)
    outcome = _outcome(record, found)
    if outcome == "applied":
        setattr(report, record.cell, None if record.value is None else str(record.value))
        note = f"{_who(record)}：原为 {found or '空'}；{record.reason}"
        report.evidence[record.cell] = f"更正 correction {note}"
    return _done(line, outcome, found, str(found or ""))


def _outcome(record: Record, found: Figure) -> str:
    if _same(found, record.expect):
        return "applied"
    return "obsolete" if _same(found, record.value) else "stale"


def _same(a: Figure, b: Figure) -> bool:
    numbers = [isinstance(x, int | Decimal) for x in (a, b)]
    return Decimal(str(a)) == Decimal(str(b)) if all(numbers) else str(a) == str(b)


def _who(record: Record) -> str:
    kind = {"misread": "误读", "office": "机关来函更正"}[record.kind]
    return f"{record.date} {record.by}（{kind} {record.kind}）"


def _corrected(record: Record, before: CellReading) -> CellReading:
    """The cell with the value put in; raw text and place stay those of the document."""
    was = str(before.value) if before.value is not None else str(before.state)
    note = f"更正 correction {_who(record)}：原读 {was}；{record.reason}"
    if before.note:
        note = f"{note}；{before.note}"
    number = isinstance(record.value, int | Decimal)
    return replace(
        before,
        state=State.NUMBER if number else State(str(record.value)),
        value=_number(record.value) if number else None,
        note=note,
    )


def _number(value: Figure) -> Number:
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else exact


def _done(line: Line, outcome: str, found: Figure, raw: str) -> Correction:
    r = line.record
    return Correction(
        key=r.cell, expected=_plain(r.expect), found=_plain(found), raw=raw, value=_plain(r.value),
        kind=r.kind, date=str(r.date), by=r.by, reason=r.reason, outcome=outcome, place=line.place,
    )  # fmt: skip


def _plain(value: Figure) -> str:
    return "" if value is None else str(value)


def _check_again(report: ParsedReport, office: OfficeFacts | None) -> None:
    """The rules over the corrected figures; what the extractor found (tables twice) stays."""
    kept = [f for f in report.findings if f.rule == "DUP-TABLE"]
    report.findings = check_report(report, office=office) + kept


def forget() -> None:
    """Look at the files anew."""
    file_for.cache_clear()
    _file_in.cache_clear()
    _read.clear()


# ---------------------------------------------------------------- what a load has to tell


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that did not do what it was written for, in words."""

    place: str
    message: str
    hint: str


def files_below(paths: Iterable[Path]) -> list[Path]:
    """The corrections files met in this load that lie in a named folder: read as a whole."""
    roots = [path.resolve() for path in paths]
    return [f for f in _read if any(root in (f.parent, *f.parents) for root in roots)]


def faults(
    rows: Iterable[tuple[str, str, str, str, str, str]], files: Iterable[Path]
) -> list[Fault]:
    """Records not applied (``stale``), no longer needed (``obsolete``), about no document.

    Args:
        rows: ``place, outcome, document, key, expected, found`` of the records met by documents.
        files: corrections files whose records should have met one.
    """
    told: list[Fault] = []
    met: set[str] = set()
    for place, outcome, document, key, expected, found in rows:
        met.add(place)
        if outcome == "stale":
            message = (
                f"更正未采用 correction not applied: {document} {key} "
                f"现读 now {found or '空'}，记录预期 expected {expected or '空'}"
            )
            told.append(
                Fault(place, message, "核对原件后更新或删去该条 check and update the record")
            )
        elif outcome == "obsolete":
            message = f"更正已不需要 correction no longer needed: {document} {key} 已读作 {found}"
            told.append(Fault(place, message, "可删去该条 the record can go"))
    for line in _all_lines(files):
        if line.place not in met:
            message = f"更正没有对应的文件 correction of no document: {line.record.document}"
            told.append(
                Fault(line.place, message, "核对文件名，压缩包内用“包名!成员” check the name")
            )
    return told


def _all_lines(files: Iterable[Path]) -> Iterator[Line]:
    for file in files:
        for lines in read(file).values():
            yield from lines
