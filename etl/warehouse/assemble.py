"""One new build from the previous build and a load's shards: facts first, then all that follows.

Every step is a set of statements over three names: ``old`` (the previous build, attached read-only,
if there is one), ``new_<table>`` (the load's shards) and the tables of the new build. Facts of
documents that were not read are copied; those of documents read in this load come from the shards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from etl.warehouse import cross, currency, marts, meta, rosters, schema, shards
from etl.warehouse.builds import connect
from etl.warehouse.files import FileTask, storable
from etl.warehouse.schema import quoted

log = logging.getLogger(__name__)

#: Tables of one row or more per report that are copied or replaced whole.
_BY_REPORT: Final = (
    "provenance", "narrative", "claim", "extra_row", "check_outcome", "finding",
)  # fmt: skip


@dataclass(slots=True)
class FileChange:
    """What became of one file: ``read``, ``adopted`` (known content, new place), ``touched``
    (new time stamp only) or ``removed``.
    """  # noqa: D205

    kind: str
    file: FileTask
    reading: str
    #: For ``adopted``: the path the content is known from.
    known_as: str | None = None


@dataclass(slots=True)
class Changes:
    """All a load found out; the shards are files by table."""

    load_id: int
    started_at: datetime
    files: list[FileChange] = field(default_factory=list)
    shard_files: dict[str, list[str]] = field(default_factory=dict)
    rosters: list[Path] = field(default_factory=list)
    n_files: int = 0
    n_unchanged: int = 0
    n_rejected: int = 0

    def count(self, kind: str) -> int:
        """Files of one kind."""
        return sum(change.kind == kind for change in self.files)


def assemble(
    target: Path,
    previous: Path | None,
    changes: Changes,
    identity: dict[str, str],
    *,
    scratch: Path,
) -> dict[str, str]:
    """Write a whole build to ``target``; returns its ``meta_build`` facts.

    ``identity`` are facts the caller knows (build id, versions). ``scratch`` is a folder for
    DuckDB's own temporary files.
    """
    con = connect(target, read_only=False)
    try:
        con.execute(f"SET temp_directory = {_text(str(scratch))}")
        con.execute("SET preserve_insertion_order = true")
        for statement in schema.create_all():
            con.execute(statement)
        old = _attach(con, previous)
        _stage(con, changes)
        _files(con, old, changes)
        _documents(con, old)
        _copy_by_report(con, old)
        _offices(con, old)
        _draft_reports(con, old)
        _core(con, old)
        currency.decide(con)
        cross.evaluate(con)
        _reports(con)
        rosters.fill(con, old, changes.rosters)
        _counts(con)
        _history(con, old, changes)
        for statement in marts.statements():
            con.execute(statement)
        facts = _meta(con, changes, identity)
        for (name,) in con.execute(
            "SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal"
        ).fetchall():
            con.execute(f"DROP VIEW temp.{quoted(name)}")
        if previous is not None:
            con.execute("DETACH old")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    return facts


class Old:
    """The previous build's columns by table; empty without one."""

    def __init__(self, con: duckdb.DuckDBPyConnection, attached: bool) -> None:
        self.columns: dict[str, set[str]] = {}
        if attached:
            rows = con.execute(
                "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'old'"
            ).fetchall()
            for table, column in rows:
                self.columns.setdefault(table, set()).add(column)

    def has(self, table: str) -> bool:
        """Whether the previous build has the table."""
        return table in self.columns

    def shared(self, table: str) -> list[str]:
        """Columns both builds have, quoted, in the new build's order.

        A build of another schema version may lack some; they stay NULL until its files are read
        again.
        """
        known = self.columns.get(table, set())
        return [quoted(c) for c in schema.tables()[table].names if c in known]


def _attach(con: duckdb.DuckDBPyConnection, previous: Path | None) -> Old:
    if previous is not None:
        con.execute(f"ATTACH {_text(str(previous))} AS old (READ_ONLY)")
    return Old(con, previous is not None)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _stage(con: duckdb.DuckDBPyConnection, changes: Changes) -> None:
    """``new_<table>`` over the shards, empty where there are none; winners among duplicates.

    The same content found at two paths is one document and one report: the first file counts.
    """
    for table in shards.STAGED:
        files = changes.shard_files.get(table, [])
        if files:
            listed = ", ".join(map(_text, files))
            source = f"SELECT * FROM read_parquet([{listed}])"
        else:
            nulls = ", ".join(
                f"CAST(NULL AS {type_}) AS {quoted(name)}"
                for name, type_ in ((shards.SEQ, "BIGINT"), *shards.staged_columns(table))
            )
            source = f"SELECT {nulls} LIMIT 0"
        con.execute(f"CREATE TEMP VIEW {quoted(f'new_{table}')} AS {source}")
    con.execute(
        "CREATE TEMP TABLE read_report AS "
        f"SELECT report_id, min({shards.SEQ}) AS seq FROM new_report GROUP BY report_id"
    )
    con.execute(
        "CREATE TEMP TABLE read_document AS "
        f"SELECT document_id, arg_min({shards.SEQ}, (status = 'rejected', {shards.SEQ})) AS seq "
        "FROM new_document GROUP BY document_id"
    )
    table = pa.table(
        {
            "path": [storable(c.file.path) for c in changes.files],
            "kind": [c.kind for c in changes.files],
            "size": pa.array([c.file.size for c in changes.files], pa.int64()),
            "mtime_ns": pa.array([c.file.mtime_ns for c in changes.files], pa.int64()),
            "sha256": [c.file.sha256 for c in changes.files],
            "reading": [c.reading for c in changes.files],
            "known_as": pa.array(
                [storable(c.known_as) if c.known_as else None for c in changes.files], pa.string()
            ),
        },
        schema=pa.schema(
            [("path", pa.string()), ("kind", pa.string()), ("size", pa.int64()),
             ("mtime_ns", pa.int64()), ("sha256", pa.string()), ("reading", pa.string()),
             ("known_as", pa.string())]
        ),
    )  # fmt: skip
    con.register("arrow_change", table)
    con.execute("CREATE TEMP TABLE change AS SELECT * FROM arrow_change")
    con.unregister("arrow_change")
    con.execute("SET VARIABLE load_id = ?", [changes.load_id])


_LOAD: Final = "getvariable('load_id')::INTEGER"


def _files(con: duckdb.DuckDBPyConnection, old: Old, changes: Changes) -> None:
    """``source_file`` and ``source_document``: what is where, since and until which load."""
    con.execute(f"""
        INSERT INTO source_file BY NAME
        SELECT path, size, mtime_ns, sha256, reading, {_LOAD} AS load_id,
               NULL AS removed_load_id
        FROM change WHERE kind IN ('read', 'adopted')
    """)
    if old.has("source_file"):
        con.execute(f"""
            INSERT INTO source_file BY NAME
            SELECT f.path, coalesce(c.size, f.size) AS size,
                   coalesce(c.mtime_ns, f.mtime_ns) AS mtime_ns, f.sha256, f.reading, f.load_id,
                   CASE WHEN c.kind = 'removed' THEN {_LOAD} ELSE f.removed_load_id END
                       AS removed_load_id
            FROM old.source_file f LEFT JOIN change c USING (path)
            WHERE c.kind IS NULL OR c.kind IN ('touched', 'removed')
        """)
        _old_sources(con)
    con.execute(f"""
        INSERT INTO source_document BY NAME
        SELECT DISTINCT ON (n.path, n.source) n.* EXCLUDE ({shards.SEQ})
        FROM new_source_document n
        WHERE NOT EXISTS (
            FROM source_document s WHERE s.ended_load_id IS NULL AND s.path = n.path
            AND s.source = n.source AND s.document_id = n.document_id
            AND s.report_id IS NOT DISTINCT FROM n.report_id)
        ORDER BY n.path, n.source, n.{shards.SEQ}
    """)


def _old_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Carry the places of documents forward; end those whose file went or says something else."""
    con.execute(f"""
        INSERT INTO source_document BY NAME
        SELECT s.* REPLACE (
            CASE WHEN ends THEN {_LOAD} ELSE s.ended_load_id END AS ended_load_id,
            CASE WHEN ends THEN reason ELSE s.ended_reason END AS ended_reason)
        FROM (
            SELECT s AS s, s.ended_load_id IS NULL AND (
                       c.kind IN ('removed', 'adopted')
                       OR (c.kind = 'read' AND n.path IS NULL)) AS ends,
                   CASE WHEN c.kind = 'removed' THEN 'removed' ELSE 'replaced' END AS reason
            FROM old.source_document s
            LEFT JOIN change c ON c.path = s.path
            LEFT JOIN (SELECT DISTINCT path, source, document_id, report_id
                       FROM new_source_document) n
              ON n.path = s.path AND n.source = s.source AND n.document_id = s.document_id
             AND n.report_id IS NOT DISTINCT FROM s.report_id
        ) t
    """.replace("SELECT s.* REPLACE (", "SELECT unnest(s) FROM (SELECT struct_update(s, ended_load_id := ").replace("x", "x"))  # noqa: E501


