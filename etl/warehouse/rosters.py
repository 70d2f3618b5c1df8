"""Who was expected to report: from a corpus's ``roster.csv``, else from the years seen.

Columns of ``roster.csv``: ``office_id``, ``office`` (name), ``year``, and optionally ``expected``
(``true``/``false``, default true), ``due`` (ISO date) and ``reason``. It lies beside
``divisions.csv`` in a corpus folder or in a folder named to the load.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from etl.errors import UsageError
from etl.warehouse.cross_series import statute_due
from etl.warehouse.database import Old, insert_rows, text
from etl.warehouse.reading import OfficeFacts, corpus_folder, describe_named

FILE_NAME: Final = "roster.csv"
REQUIRED: Final = ("office_id", "office", "year")
_FALSE: Final = frozenset({"false", "0", "no", "否"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of a roster."""

    office_id: str
    office: str
    year: int
    expected: bool
    due: date | None
    reason: str


def find(paths: Iterable[Path]) -> list[Path]:
    """Roster files of named folders and of the corpus folders above named paths."""
    found: dict[Path, None] = {}
    for path in paths:
        folder = path if path.is_dir() else path.parent
        for place in (folder, corpus_folder(folder)):
            if place is not None and (place / FILE_NAME).is_file():
                found[(place / FILE_NAME).resolve()] = None
    return list(found)


def fingerprint(files: Iterable[Path]) -> str:
    """Changes when a roster's content or place does."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path).encode("utf-8", "surrogateescape") + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def read(path: Path) -> Iterator[Expectation]:
    """The lines of a roster.

    Raises:
        UsageError: naming file, line and remedy.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [c for c in REQUIRED if c not in (reader.fieldnames or ())]
        if missing:
            hint = f"表头须含 {','.join(REQUIRED)}"
            raise UsageError(f"{path} 缺少列 {','.join(missing)}", hint=hint)
        for number, row in enumerate(reader, start=2):
            try:
                due = (row.get("due") or "").strip()
                yield Expectation(
                    office_id=row["office_id"].strip(),
                    office=row["office"].strip(),
                    year=int(row["year"]),
                    expected=(row.get("expected") or "true").strip().lower() not in _FALSE,
                    due=date.fromisoformat(due) if due else None,
                    reason=(row.get("reason") or "").strip() or "roster",
                )
            except (ValueError, AttributeError) as error:
                message = f"{path} 第 {number} 行 line {number}: {error}"
                raise UsageError(message, hint="year 为四位年份，due 为 2025-01-31 形式") from error


def fill(con: duckdb.DuckDBPyConnection, old: Old, files: Iterable[Path]) -> None:
    """``roster`` from the files, older ones kept; offices that never reported become offices."""
    files = list(files)
    names: dict[str, tuple[str, Path]] = {}
    lines: dict[tuple[str, int], tuple[Expectation, Path]] = {}
    for path in files:
        for line in read(path):
            lines[line.office_id, line.year] = (line, path)
            names[line.office_id] = (line.office, path)
    if old.has("roster"):
        con.register("roster_key", pa.table({
            "office_id": pa.array([key[0] for key in lines], pa.string()),
            "year": pa.array([key[1] for key in lines], pa.int32()),
        }))  # fmt: skip
        again = ", ".join(text(str(path)) for path in files) or "NULL"
        con.execute(f"""
            INSERT INTO roster BY NAME SELECT {", ".join(old.shared("roster"))} FROM old.roster r
            WHERE source IS NOT NULL AND (source IN ({again})) IS NOT TRUE
            AND NOT EXISTS (FROM roster_key k WHERE k.office_id = r.office_id AND k.year = r.year)
        """)
        con.unregister("roster_key")
    insert_rows(con, "roster", [
        (line.office_id, line.year, line.expected, line.due, line.reason, str(path))
        for line, path in lines.values()
    ])  # fmt: skip
    _missing_offices(con, names)


def _missing_offices(con: duckdb.DuckDBPyConnection, names: dict[str, tuple[str, Path]]) -> None:
    known = {row[0] for row in con.execute("SELECT office_id FROM office").fetchall()}
    new: list[OfficeFacts] = []
    for office_id, (name, path) in names.items():
        if office_id not in known:
            facts = describe_named(path.parent, office_id, name)
            new.append(facts or OfficeFacts(office_id, name, name))
    insert_rows(con, "office", [
        (f.office_id, f.name, f.short_name, [], None, f.level, f.kind, f.function,
         f.division_code, f.code_system, f.province, f.city, f.county, None, None, None,
         f.parent_office_id, f.is_demo, None, None)
        for f in new
    ])  # fmt: skip
    held = set(con.execute("SELECT code, code_system FROM division").fetchall())
    places = {(p.code, p.code_system): p for f in new for p in f.places}
    insert_rows(con, "division", [
        (p.code, p.code_system, p.name, p.level, p.parent_code)
        for key, p in places.items()
        if key not in held
    ])  # fmt: skip


def expect_seen(con: duckdb.DuckDBPyConnection) -> None:
    """For offices in no roster: every year from their first report to the newest year loaded."""
    con.execute(f"""
        INSERT INTO roster BY NAME
        WITH newest AS (SELECT max(year) AS year FROM report WHERE is_current),
        y AS (
            SELECT r.office_id, unnest(range(min(r.year), any_value(n.year) + 1))::INTEGER AS year
            FROM report r, newest n WHERE r.is_current
            AND r.office_id NOT IN (SELECT office_id FROM roster) GROUP BY r.office_id
        )
        SELECT y.office_id, y.year, true AS expected, {statute_due("o.kind", "y.year")} AS due,
               'seen' AS reason
        FROM y LEFT JOIN office o USING (office_id) ORDER BY y.year, y.office_id""")
