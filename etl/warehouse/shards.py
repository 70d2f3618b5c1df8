"""Parsed reports → Parquet shards, in the worker that parsed them.

The rows leave the worker wide and typed, so that nothing is ever pivoted in SQL (a million reports:
3 s from Parquet against 200 s by pivoting, architecture.md). A batch holds rows, not documents: a
document's blocks are compressed as soon as it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import uuid
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path, PurePath
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import RejectedDocument, WarehouseError
from etl.executors import Beat
from etl.form import load_form
from etl.report import (
    CellReading,
    Finding,
    Number,
    Outcome,
    ParsedReport,
    Problem,
    State,
    block_json,
)
from etl.warehouse import reading, schema
from etl.warehouse.files import FileTask, storable
from etl.warehouse.reading import OfficeFacts
from etl.warehouse.sketch import sketches
from etl.warehouse.words import subject_words

#: What reads one file: every document in it (one, or each member of an archive).
Parse = Callable[[Path], Iterable[ParsedReport]]
#: What is known of a report's office, for its row in ``office``.
Describe = Callable[[Path, ParsedReport], OfficeFacts | None]

#: Column that orders the documents of one load: file number × MEMBERS + member number.
SEQ: Final = "_seq"
MEMBERS: Final = 1 << 20
#: Tables that come from documents through shards.
SHARDED: Final = (
    "document", "source_document", "report", "core_report", "provenance", "narrative", "claim",
    "extra_row", "check_outcome", "finding", "correction", "text_sketch",
)  # fmt: skip
#: Beside them: each office under each name and year it was met, and the places it lies in.
_SEEN: Final = {
    "office_seen": (
        "office_id VARCHAR", "name VARCHAR", "printed VARCHAR", "year INTEGER", "known BOOLEAN",
        "short_name VARCHAR", "level VARCHAR", "kind VARCHAR", "function VARCHAR",
        "division_code VARCHAR", "code_system VARCHAR", "province VARCHAR", "city VARCHAR",
        "county VARCHAR", "parent_office_id VARCHAR", "is_demo BOOLEAN",
    ),
    "division_seen": (
        "code VARCHAR", "code_system VARCHAR", "name VARCHAR", "level VARCHAR",
        "parent_code VARCHAR",
    ),
}  # fmt: skip
STAGED: Final = (*SHARDED, *_SEEN)

_LIMIT: Final = 10**18
_STATES: Final = tuple(State)
_STORED: Final = (Outcome.FAIL, Outcome.NOT_ASSESSABLE)
_DATE: Final = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Task:
    """A file with its number in the load."""

    number: int
    file: FileTask


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected document, for the summary a person reads."""

    source: str
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Shard:
    """What one batch became: files by table, and counts."""

    files: dict[str, str]
    n_reports: int
    rejections: tuple[Rejection, ...]
    n_files: int


def digest(*parts: object, size: int = 20) -> str:
    """A stable identifier of the parts: hexadecimal digits of their SHA-256."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:size]


def report_id(report: ParsedReport) -> str:
    """Identity of a report: one document read as one office, year and scope."""
    return digest(report.sha256, office_id(report), report.year, report.scope)


def office_id(report: ParsedReport) -> str | None:
    """The registry's id, or one made of the name where the registry gave none."""
    if report.office_id:
        return report.office_id
    return f"name-{digest(report.office, size=10)}" if report.office else None


def finding_id(report: ParsedReport, finding: Finding) -> str:
    """Stable over rebuilds: a person's review of a finding is keyed by it."""
    return digest(
        office_id(report), report.year, finding.rule, finding.subject,
        plain(finding.left), plain(finding.right),
    )  # fmt: skip


def plain(value: Number | None) -> str | None:
    """A number without trailing zeros or exponent: 3, 3.0 and 3.00 are one value."""
    if value is None:
        return None
    text = format(Decimal(value), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def parse_date(text: str | None) -> date | None:
    """A printed date (``2022-01-20``, ``2022年1月20日`` …); ``None`` where it is none."""
    found = _DATE.search(text or "")
    with suppress(ValueError):
        return date(*map(int, found.groups())) if found else None
    return None


def count_value(value: Number | None) -> int | None:
    """A whole number that fits a column, else ``None``: a figure is never rounded into place."""
    if value is None or value != int(value) or not -_LIMIT < value < _LIMIT:
        return None
    return int(value)


def amount_value(value: Number | None) -> Decimal | None:
    """A decimal that fits :data:`~etl.warehouse.schema.AMOUNT` exactly, else ``None``."""
    if value is None or not -_LIMIT < value < _LIMIT:
        return None
    exact = Decimal(value)
    stored = exact.quantize(Decimal("0.000001"))
    return stored if stored == exact else None


@dataclass(slots=True)
class Rows:
    """Rows of a batch by table, each starting with its :data:`SEQ`."""

    load_id: int
    describe: Describe
    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    rejections: list[Rejection] = field(default_factory=list)
    n_reports: int = 0

    def add(self, table: str, *row: Any) -> None:
        """Append one row."""
        self.tables[table].append(row)

    def add_document(self, seq: int, task: FileTask, report: ParsedReport) -> None:
        """All rows of one parsed document.

        ``ValueError`` where a report does not fit the form; nothing is added then.
        """
        if not report.sha256:  # not even opened: a member of an archive, or the archive itself
            whole = report.source == task.path
            report.sha256 = task.sha256 if whole else digest(task.sha256, report.source, size=64)
        if report.status != "report":
            problem = report.problem or Problem("corrupt", "没有给出原因 no reason given")
            self._rejected(seq, task, report, problem)
        elif report.year is None or office_id(report) is None:
            code = "no_year" if report.year is None else "no_office"
            self._rejected(seq, task, report, Problem(code, "缺少年度或单位"))
        else:
            rows = [
                *_report_rows(report, self.load_id),
                *_office_rows(report, self.describe(Path(task.path), report)),
            ]
            self._document(seq, task, report, None)
            self.add("source_document", seq, task.path, report.source, report.sha256,
                     report_id(report), self.load_id, None, None)  # fmt: skip
            for table, row in rows:
                self.add(table, seq, *row)
            self.n_reports += 1

    def _rejected(self, seq: int, task: FileTask, report: ParsedReport, problem: Problem) -> None:
        self._document(seq, task, report, problem)
        self.add("source_document", seq, task.path, report.source, report.sha256, None,
                 self.load_id, None, None)  # fmt: skip
        self.rejections.append(
            Rejection(report.source, problem.code, problem.message, problem.hint)
        )

    def _document(
        self, seq: int, task: FileTask, report: ParsedReport, problem: Problem | None
    ) -> None:
        size = task.size if report.sha256 == task.sha256 else None
        why = (problem.code, problem.message, problem.hint) if problem else (None, None, None)
        status = "rejected" if problem else "report"
        self.add("document", seq, report.sha256, report.source, PurePath(report.source).name,
                 report.format, size, status, report.title, parse_date(report.published),
                 report.url, self.load_id, *why)  # fmt: skip

    def write(self, folder: Path, name: str) -> dict[str, str]:
        """Write one Parquet file a table; returns their paths by table."""
        files = {}
        for table, rows in self.tables.items():
            path = folder / f"{table}-{name}.parquet"
            columns = zip(*rows, strict=True)
            fields = arrow_schema(table)
            arrays = [_array(list(c), f.type) for c, f in zip(columns, fields, strict=True)]
            pq.write_table(pa.Table.from_arrays(arrays, schema=fields), path, compression="zstd")
            files[table] = str(path)
        return files


def _array(values: list[Any], type_: Any) -> Any:
    try:
        return pa.array(values, type=type_)
    except UnicodeEncodeError:  # half of a surrogate pair from a broken document or file name
        return pa.array([_storable(value) for value in values], type=type_)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return value


def _report_rows(report: ParsedReport, load_id: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    key, office = report_id(report), office_id(report)
    states = Counter(cell.state for cell in report.cells.values())
    forms = (report.forms.get("t2"), report.forms.get("t3"), report.forms.get("t4"))
    yield "report", (
        key, report.sha256, office, report.office_printed, report.year, report.scope, *forms,
        None, None, None, None, None, parse_date(report.published), report.title,
        json.dumps(report.evidence, ensure_ascii=False), *(states[s] for s in _STATES),
        None, None, load_id, None, None, None,
    )  # fmt: skip
    values = (_stored_value(cell.key, report.cells.get(cell.key)) for cell in _cells())
    yield "core_report", (key, report.year, None, office, *values)
    yield "provenance", (key, _cell_structs(report), pack_blocks(report))
    for section in report.sections:
        yield "narrative", (key, section.key, section.heading, section.text, section.at)
    for section_key, grams in sketches(report).items():
        yield "text_sketch", (key, section_key, grams)
    for claim in report.narrative:
        value = amount_value(claim.value)
        yield "claim", (key, claim.what, value, claim.text, claim.at, claim.approximate)
    for extra in report.extra:
        yield "extra_row", (key, extra.label, list(extra.values), extra.at)
    for c in report.corrections:
        yield "correction", (
            key, c.place, office, report.year, PurePath(report.source).name, c.key, c.kind,
            c.outcome, c.expected, c.found, c.raw, c.value, parse_date(c.date), c.by, c.reason,
        )  # fmt: skip
    counts = Counter((f.rule, str(f.level), str(f.outcome)) for f in report.findings)
    outcomes = [
        {"rule": rule, "level": level, "outcome": outcome, "n": n}
        for (rule, level, outcome), n in sorted(counts.items())
    ]
    yield "check_outcome", (key, outcomes)
    yield from _finding_rows(report, key, office)


def _office_rows(
    report: ParsedReport, facts: OfficeFacts | None
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    office = office_id(report)
    name = report.office or report.office_printed or office
    seen = (office, name, report.office_printed, report.year)
    if facts is None:
        yield "office_seen", (*seen, False, name, *(None,) * 9, False)
        return
    yield "office_seen", (
        *seen, True, facts.short_name, facts.level, facts.kind, facts.function,
        facts.division_code, facts.code_system, facts.province, facts.city, facts.county,
        facts.parent_office_id, facts.is_demo,
    )  # fmt: skip
    for p in facts.places:
        yield "division_seen", (p.code, p.code_system, p.name, p.level, p.parent_code)


def _finding_rows(
    report: ParsedReport, key: str, office: str | None
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    seen: set[str] = set()
    for finding in report.findings:
        identity = finding_id(report, finding)
        if finding.outcome not in _STORED or identity in seen:
            continue
        seen.add(identity)
        zh, en = subject_words(finding.rule, finding.subject)
        yield "finding", (
            identity, key, office, report.year, finding.rule, str(finding.level),
            str(finding.outcome), finding.subject, zh, en, amount_value(finding.left),
            amount_value(finding.right), finding.message, finding.message_en,
            list(finding.cells), finding.assumed, "report", None, None,
        )  # fmt: skip


@cache
def _cells() -> tuple[Any, ...]:
    return tuple(load_form().cells.values())


def _stored_value(key: str, cell: CellReading | None) -> int | Decimal | None:
    if cell is None or cell.value is None:
        return None
    is_amount = load_form().cells[key].value == "amount"
    return amount_value(cell.value) if is_amount else count_value(cell.value)


def _cell_structs(report: ParsedReport) -> list[dict[str, Any]]:
    unknown = report.cells.keys() - load_form().cells.keys()
    if unknown:
        raise ValueError(f"cells the form does not have: {sorted(unknown)[:3]}")
    return [
        {
            "key": key,
            "state": str(cell.state),
            "value": amount_value(cell.value),
            "raw": cell.raw,
            "at": cell.at,
            "block": cell.ref.block if cell.ref else None,
            "a": cell.ref.a if cell.ref else None,
            "b": cell.ref.b if cell.ref else None,
            "unit_printed": cell.unit_printed,
            "note": cell.note or None,
        }
        for key, cell in report.cells.items()
    ]


def pack_blocks(report: ParsedReport) -> bytes:
    """The document's blocks as zlib-compressed JSON (``etl.report.block_json`` each)."""
    blocks = [block_json(block) for block in report.blocks]
    text = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 6)


_ARROW: Final[dict[str, Any]] = {
    "VARCHAR": pa.string(),
    "JSON": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "BLOB": pa.binary(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT[]": pa.list_(pa.int64()),
    schema.AMOUNT: pa.decimal128(24, 6),
}
_STRUCT_FIELD: Final = re.compile(r'"?(\w+)"? (\w+(?:\(\d+,\d+\))?)')


def arrow_type(sql: str) -> Any:
    """The Arrow type of a DuckDB type as :mod:`~etl.warehouse.schema` writes it."""
    if sql.startswith("STRUCT("):
        fields = _STRUCT_FIELD.findall(sql[len("STRUCT(") : -len(")[]")])
        return pa.list_(pa.struct([(name, _ARROW[type_]) for name, type_ in fields]))
    return _ARROW[sql]


@cache
def arrow_schema(table: str) -> Any:
    """Arrow schema of a table's shards: :data:`SEQ`, then the table's columns."""
    fields = [(name, arrow_type(type_)) for name, type_ in staged_columns(table)]
    return pa.schema([(SEQ, pa.int64()), *fields])


def staged_columns(table: str) -> tuple[tuple[str, str], ...]:
    """Names and SQL types of a shard's columns, :data:`SEQ` aside."""
    if table in _SEEN:
        return tuple((n, t) for n, _, t in (c.partition(" ") for c in _SEEN[table]))
    return tuple((c.name, c.type) for c in schema.tables()[table].columns)


@dataclass(frozen=True, slots=True)
class ReadJob:
    """The job of an executor: parse a batch of files, write its shard.

    ``definitions`` are those of the load (:func:`~etl.warehouse.reading.definitions`).
    """

    folder: Path
    parse: Parse
    describe: Describe
    load_id: int
    definitions: str

    def __call__(self, items: Sequence[Task], beat: Beat) -> Shard:
        """Parse each file; what a file raises becomes its rejection.

        Raises:
            WarehouseError: this process reads otherwise than the load, or sees other folders.
        """
        self._require_same_house(items)
        rows = Rows(self.load_id, self.describe)
        for position, task in enumerate(items):
            beat(position)
            read_file(rows, task, self.parse)
        beat(len(items))
        # Never a name twice: a worker given up may still write while another reads the batch anew.
        name = f"{items[0].number:09d}-{uuid.uuid4().hex}"
        return Shard(
            rows.write(self.folder, name), rows.n_reports, tuple(rows.rejections), len(items)
        )

    def _require_same_house(self, items: Sequence[Task]) -> None:
        """Tell a worker of another make from bad files, which would be rejected one by one.

        On another machine there may be another version of this program, or no such folders.
        """
        if reading.definitions() != self.definitions:
            raise WarehouseError(
                f"{platform.node()} 上的程序版本不同 another version of this program there",
                hint="各机安装同一版本 install the same version on every machine",
            )
        unseen = [str(task.file.path) for task in items if not os.path.lexists(task.file.path)]
        if not self.folder.is_dir():
            unseen = [str(self.folder)]
        elif len(unseen) < max(2, len(items)):  # a file may have gone since it was found
            return
        raise WarehouseError(
            f"{platform.node()} 看不到 cannot see {unseen[0]}",
            hint="数据仓库与文件须在各机同一路径下 mount both at one path on every machine",
        )


def read_file(rows: Rows, task: Task, parse: Parse) -> None:
    """Add every document of one file; a failure loses that document only, never its file's rest."""
    first = task.number * MEMBERS
    member = 0
    try:
        for report in parse(Path(task.file.path)):
            try:
                rows.add_document(first + member, task.file, report)
            except Exception as error:
                lost = rejected(task.file, error, source=report.source)
                rows.add_document(first + member, task.file, lost)
            member += 1
        if member == 0:
            raise RejectedDocument("empty", "文件里没有文档 nothing inside")
    except Exception as error:
        rows.add_document(first + member, task.file, rejected(task.file, error))


def rejected(
    file: FileTask, error: BaseException | Problem, *, source: str | None = None
) -> ParsedReport:
    """The report of a file that could not be read."""
    if isinstance(error, Problem):
        problem = error
    elif isinstance(error, RejectedDocument):
        problem = Problem(error.code, error.message, error.hint)
    elif isinstance(error, OSError):
        problem = Problem("corrupt", f"无法打开 cannot open: {error.strerror or error}")
    else:
        problem = Problem(
            "crashed",
            f"读取时程序异常 {type(error).__name__}: {error}",
            "请把文件与此信息交给维护者 please send the file to the maintainers",
        )
    return ParsedReport(
        source=source or file.path, sha256=file.sha256, format="", status="rejected",
        problem=problem,
    )  # fmt: skip
