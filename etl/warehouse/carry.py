"""The facts of a build: those of documents read in this load, and the previous build's of the rest.

Bulky tables stay in the copied file, where only the rows of what was read again are touched; the
others are filled anew from ``old`` (the previous build, attached read-only, if there is one) and
``new_<table>`` (the load's shards).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa

from etl.warehouse import schema, shards
from etl.warehouse.changes import Changes, FileChange
from etl.warehouse.database import LOAD, Old, text
from etl.warehouse.files import storable
from etl.warehouse.schema import quoted

#: Tables of rows per report that are copied or replaced whole.
_BY_REPORT: Final = (
    "provenance", "narrative", "claim", "extra_row", "check_outcome", "finding", "correction",
    "text_sketch",
)  # fmt: skip
#: The bulky tables whose rows never depend on other reports or documents. They make up most of a
#: build (measured: 9/10); they stay in the copied file, and only the rows of what was read again
#: are touched.
_IN_PLACE: Final = (
    "document", "provenance", "narrative", "claim", "extra_row", "check_outcome", "text_sketch",
)  # fmt: skip
#: Columns of ``report`` that every build works out anew.
_REPORT_DERIVED: Final = (
    "province", "city", "county", "level", "kind", "n_error_failed", "n_warning_failed",
    "load_id", "superseded_by", "superseded_reason", "is_current",
)  # fmt: skip


def clear(con: duckdb.DuckDBPyConnection, *, findings: bool) -> frozenset[str]:
    """Empty a copied build of all but the bulky tables, whose names are returned.

    ``findings``: they stay, too. The blocks of what goes are free after the checkpoint and are
    written again, so that builds do not grow.
    """
    stay = (*_IN_PLACE, *(("finding",) if findings else ()))
    held: dict[str, list[tuple[str, str]]] = {}
    for table, column, type_ in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY table_name, column_index"
    ).fetchall():
        held.setdefault(table, []).append((column, type_))
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    for (view,) in views:
        con.execute(f"DROP VIEW {quoted(view)}")
        held.pop(view, None)
    kept = frozenset(name for name in stay if held.get(name) == _declared(con, name))
    for table in held.keys() - kept:
        con.execute(f"DROP TABLE {quoted(table)}")
    con.execute("CHECKPOINT")
    return kept


def _declared(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Columns of a table as this version declares it, in DuckDB's own spelling of the types."""
    con.execute(schema.tables()[table].ddl(name="declared", temporary=True))
    found = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE table_name = 'declared' ORDER BY column_index"
    ).fetchall()
    con.execute("DROP TABLE declared")
    return [(str(name), str(type_)) for name, type_ in found]


def stage(con: duckdb.DuckDBPyConnection, changes: Changes) -> None:
    """``new_<table>`` over the shards, empty where there are none, and ``change``.

    The same content found at two paths is one document and one report: the first file counts
    (``read_report``, ``read_document``).
    """
    for table in shards.STAGED:
        files = changes.shard_files.get(table, [])
        if files:
            source = f"SELECT * FROM read_parquet([{', '.join(map(text, files))}])"
        else:
            columns = ((shards.SEQ, "BIGINT"), *shards.staged_columns(table))
            nulls = ", ".join(f"CAST(NULL AS {type_}) AS {quoted(n)}" for n, type_ in columns)
            source = f"SELECT {nulls} LIMIT 0"
        con.execute(f"CREATE TEMP VIEW {quoted(f'new_{table}')} AS {source}")
    con.execute(f"""
        CREATE TEMP TABLE read_report AS
        SELECT report_id, min({shards.SEQ}) AS seq FROM new_report GROUP BY report_id""")
    con.execute(f"""
        CREATE TEMP TABLE read_document AS
        SELECT document_id, arg_min({shards.SEQ}, (status = 'rejected', {shards.SEQ})) AS seq
        FROM new_document GROUP BY document_id""")
    con.register("arrow_change", _change_table(changes.files))
    con.execute("CREATE TEMP TABLE change AS SELECT * FROM arrow_change")
    con.unregister("arrow_change")
    con.execute("SET VARIABLE load_id = ?", [changes.load_id])


def _change_table(files: Sequence[FileChange]) -> Any:
    def column(values: Iterable[Any], type_: Any) -> Any:
        return pa.array(list(values), type=type_)

    return pa.table(
        {
            "path": column((storable(c.file.path) for c in files), pa.string()),
            "kind": column((c.kind for c in files), pa.string()),
            "size": column((c.file.size for c in files), pa.int64()),
            "mtime_ns": column((c.file.mtime_ns for c in files), pa.int64()),
            "sha256": column((c.file.sha256 for c in files), pa.string()),
            "reading": column((c.reading for c in files), pa.string()),
            "known_as": column((c.known_as for c in files), pa.string()),
        }
    )


def files(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """``source_file`` and ``source_document``: what is where, since and until which load."""
    con.execute(f"""
        INSERT INTO source_file BY NAME
        SELECT path, size, mtime_ns, sha256, reading, {LOAD} AS load_id
        FROM change WHERE kind IN ('read', 'adopted')""")
    if old.has("source_file"):
        con.execute(f"""
            INSERT INTO source_file BY NAME
            SELECT f.path, coalesce(c.size, f.size) AS size,
                   coalesce(c.mtime_ns, f.mtime_ns) AS mtime_ns, f.sha256, f.reading, f.load_id,
                   CASE WHEN c.kind = 'removed' THEN {LOAD} ELSE f.removed_load_id END
                       AS removed_load_id
            FROM old.source_file f LEFT JOIN change c USING (path)
            WHERE c.kind IS NULL OR c.kind IN ('touched', 'removed')""")
        _old_sources(con)
    con.execute(f"""
        INSERT INTO source_document BY NAME
        SELECT DISTINCT ON (n.path, n.source) n.* EXCLUDE ({shards.SEQ})
        FROM new_source_document n
        WHERE NOT EXISTS (
            FROM source_document s WHERE s.ended_load_id IS NULL AND s.path = n.path
            AND s.source = n.source AND s.document_id = n.document_id
            AND s.report_id IS NOT DISTINCT FROM n.report_id)
        ORDER BY n.path, n.source, n.{shards.SEQ}""")


def _old_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Carry the places of documents forward.

    A place ends when its file went, when the file says something else now, or when other known
    content took its path; content that turned up at a new path (``adopted``) begins there.
    """
    con.execute(f"""
        INSERT INTO source_document BY NAME
        WITH fresh AS (
            SELECT DISTINCT path, source, document_id, report_id FROM new_source_document
        ), judged AS (
            SELECT s.*, s.ended_load_id IS NULL AND (
                       c.kind IN ('removed', 'adopted') OR (c.kind = 'read' AND n.path IS NULL)
                   ) IS TRUE AS ends,
                   CASE WHEN c.kind = 'removed' THEN 'removed' ELSE 'replaced' END AS why
            FROM old.source_document s
            LEFT JOIN change c ON c.path = s.path
            LEFT JOIN fresh n ON n.path = s.path AND n.source = s.source
                 AND n.document_id = s.document_id AND n.report_id IS NOT DISTINCT FROM s.report_id
        )
        SELECT * EXCLUDE (ends, why) REPLACE (
                   CASE WHEN ends THEN {LOAD} ELSE ended_load_id END AS ended_load_id,
                   CASE WHEN ends THEN why ELSE ended_reason END AS ended_reason)
        FROM judged""")
    con.execute(f"""
        INSERT INTO source_document BY NAME
        SELECT DISTINCT c.path, replace(s.source, c.known_as, c.path) AS source, s.document_id,
               s.report_id, {LOAD} AS load_id
        FROM change c
        JOIN old.source_file f ON f.path = c.known_as
        JOIN old.source_document s ON s.path = c.known_as
             AND s.ended_load_id IS NOT DISTINCT FROM f.removed_load_id
        WHERE c.kind = 'adopted'""")


def documents(con: duckdb.DuckDBPyConnection, old: Old, kept: frozenset[str]) -> None:
    """``document`` and, for those whose file is still there, ``rejected_document``."""
    first = "n.load_id"
    join = ""
    if old.has("document"):
        first = "coalesce(o.load_id, n.load_id)"
        join = "LEFT JOIN old.document o ON o.document_id = n.document_id"
    _keep(con, old, kept, "document", "document_id")
    con.execute(f"""
        INSERT INTO document BY NAME
        SELECT n.* EXCLUDE ({shards.SEQ}) REPLACE ({first} AS load_id)
        FROM new_document n JOIN read_document r ON r.seq = n.{shards.SEQ} {join}
        ORDER BY n.{shards.SEQ}""")
    con.execute("""
        INSERT INTO rejected_document BY NAME
        SELECT s.document_id, s.source, d.problem_code AS code, d.problem_message AS message,
               d.problem_hint AS hint, s.load_id
        FROM source_document s JOIN document d USING (document_id)
        WHERE s.ended_load_id IS NULL AND s.report_id IS NULL AND d.problem_code IS NOT NULL
        ORDER BY s.load_id, s.source""")


def _keep(
    con: duckdb.DuckDBPyConnection,
    old: Old,
    kept: frozenset[str],
    table: str,
    key: str,
    only: str = "true",
) -> None:
    """The old rows of a table (``only`` these) but for those read again in this load."""
    again = f"IN (SELECT {key} FROM read_{key.removesuffix('_id')})"
    if table in kept:
        con.execute(f"DELETE FROM {table} WHERE {key} {again}")
    elif old.has(table):
        con.execute(f"""
            INSERT INTO {table} BY NAME SELECT {", ".join(old.shared(table))} FROM old.{table}
            WHERE {key} NOT {again} AND {only}""")


def by_report(con: duckdb.DuckDBPyConnection, old: Old, kept: frozenset[str]) -> None:
    """The rows of :data:`_BY_REPORT`; of the findings those of single reports only.

    Findings over several reports are found anew in every load (:mod:`etl.warehouse.cross`).
    """
    con.execute("SET VARIABLE last_finding = (SELECT max(rowid) FROM finding)")
    for table in _BY_REPORT:
        only = "origin = 'report'" if table == "finding" else "true"
        _keep(con, old, kept, table, "report_id", only)
        con.execute(f"""
            INSERT INTO {table} BY NAME SELECT * EXCLUDE ({shards.SEQ}) FROM new_{table}
            WHERE {shards.SEQ} IN (SELECT seq FROM read_report)""")


def n_appended(con: duckdb.DuckDBPyConnection, before: int | None) -> int:
    """Findings that stand behind the sorted ones: ``before`` and those of this load.

    0 where all were sorted (``None``).
    """
    if before is None:
        return 0
    [(added,)] = con.execute(
        "SELECT count(*) FROM finding WHERE rowid > coalesce(getvariable('last_finding'), -1)"
    ).fetchall()
    return before + int(added)


def _of_every_report(old: Old, table: str) -> str:
    """The rows of reports read in this load, and the old ones of all others, as a query."""
    parts = [
        f"SELECT * EXCLUDE ({shards.SEQ}) FROM new_{table} "
        f"WHERE {shards.SEQ} IN (SELECT seq FROM read_report)"
    ]
    if old.has(table):
        parts.append(
            f"SELECT {', '.join(old.shared(table))} FROM old.{table} "
            "WHERE report_id NOT IN (SELECT report_id FROM read_report)"
        )
    return " UNION ALL BY NAME ".join(parts)


def draft(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """``draft``: the reports' own facts, since when each is known and whether it is still there."""
    drop = ", ".join(_REPORT_DERIVED)
    con.execute(f"""
        CREATE TEMP TABLE draft AS
        WITH found AS ({_of_every_report(old, "report")}),
        placed AS (
            SELECT report_id, min(load_id) AS first_load,
                   bool_or(ended_load_id IS NULL) AS is_live,
                   arg_max(ended_reason, ended_load_id) AS ended_reason
            FROM source_document WHERE report_id IS NOT NULL GROUP BY report_id
        )
        SELECT f.* EXCLUDE ({drop}), p.first_load, coalesce(p.is_live, false) AS is_live,
               coalesce(p.ended_reason, 'replaced') AS ended_reason
        FROM found f LEFT JOIN placed p USING (report_id)""")


def core(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """The cells, of every report; :mod:`etl.warehouse.marts` sorts and stores them."""
    con.execute(f"""
        INSERT INTO core_report BY NAME
        SELECT c.* REPLACE (o.province AS province)
        FROM ({_of_every_report(old, "core_report")}) c LEFT JOIN office o USING (office_id)""")


def core_history(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """Keep the figures that another reading of the same document replaces, where they differ."""
    if old.has("core_history"):
        con.execute(f"""
            INSERT INTO core_history BY NAME
            SELECT {", ".join(old.shared("core_history"))} FROM old.core_history""")
    if not old.has("core_report"):
        return
    head = ("report_id", "year", "province", "office_id")
    cells = [c for c in old.shared("core_report") if c.strip('"') not in head]
    differs = " OR ".join(f"o.{cell} IS DISTINCT FROM c.{cell}" for cell in cells)
    con.execute(f"""
        INSERT INTO core_history BY NAME
        SELECT {", ".join(f"o.{c}" for c in old.shared("core_report"))}, {LOAD} AS until_load
        FROM old.core_report o JOIN core_report c ON c.report_id = o.report_id
        WHERE o.report_id IN (SELECT report_id FROM read_report) AND ({differs or "false"})""")
