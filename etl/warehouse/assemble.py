"""One new build from the previous build and a load's shards: facts first, then all that follows.

Every step is a set of statements over three names: ``old`` (the previous build, attached read-only,
if there is one), ``new_<table>`` (the load's shards) and the tables of the new build. Facts of
documents that were not read are copied; those of documents read in this load come from the shards.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from etl.warehouse import cross, currency, marts, meta, rosters, schema, shards
from etl.warehouse.builds import connect
from etl.warehouse.database import LOAD, Old, attach, insert_rows, text
from etl.warehouse.files import FileTask, storable
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


@dataclass(frozen=True, slots=True)
class FileChange:
    """What became of one file.

    ``kind``: ``read``; ``adopted`` (content known from the path ``known_as``, not read again);
    ``touched`` (only its time stamp changed); ``removed``.
    """

    kind: str
    file: FileTask
    reading: str
    known_as: str | None = None


@dataclass(slots=True)
class Changes:
    """All a load found out; ``shard_files`` are the shards by table."""

    load_id: int
    started_at: datetime
    files: list[FileChange] = field(default_factory=list)
    shard_files: dict[str, list[str]] = field(default_factory=dict)
    roster_files: list[Path] = field(default_factory=list)
    n_files: int = 0
    n_unchanged: int = 0
    n_rejected: int = 0

    def count(self, *kinds: str) -> int:
        """Files of these kinds."""
        return sum(change.kind in kinds for change in self.files)


def assemble(
    target: Path,
    previous: Path | None,
    changes: Changes,
    identity: dict[str, str],
    *,
    scratch: Path,
) -> dict[str, str]:
    """Write a whole build to ``target``; returns the content of its ``meta_build``.

    ``identity`` are facts the caller knows (build id, versions). ``scratch`` is a folder for
    DuckDB's own temporary files.
    """
    if previous is not None:
        shutil.copyfile(previous, target)
    con = connect(target, read_only=False)
    try:
        con.execute(f"SET temp_directory = {text(str(scratch))}")
        kept = _clear(con)
        for statement in schema.create_all(but=kept):
            con.execute(statement)
        for statement in marts.drafts():
            con.execute(statement)
        old = attach(con, previous)
        _stage(con, changes)
        _files(con, old)
        _documents(con, old, kept)
        _by_report(con, old, kept)
        _draft(con, old)
        _offices(con, old)
        rosters.fill(con, old, changes.roster_files)
        _name_places(con)
        _core(con, old)
        _core_history(con, old)
        currency.decide(con)
        cross.evaluate(con, worded=old if _same_code(con, old, identity) else None)
        _reports(con)
        _counts(con)
        rosters.expect_seen(con)
        _history(con, old, changes)
        for statement in marts.statements():
            con.execute(statement)
        facts = _meta(con, identity)
        if previous is not None:
            con.execute("DETACH old")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    return facts


def _same_code(con: duckdb.DuckDBPyConnection, old: Old, identity: dict[str, str]) -> bool:
    """Whether the previous build was read and assembled by this very code and definitions."""
    if not old.has("meta_build"):
        return False
    before = dict(con.execute("SELECT key, value FROM old.meta_build").fetchall())
    keys = ("definitions", "builder")
    return all(key in identity and before.get(key) == identity[key] for key in keys)


def _clear(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Empty a copied build of all but the bulky tables, whose names are returned.

    Their blocks are free after the checkpoint and are written again, so that builds do not grow.
    """
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
    kept = frozenset(name for name in _IN_PLACE if held.get(name) == _declared(con, name))
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


def _stage(con: duckdb.DuckDBPyConnection, changes: Changes) -> None:
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


def _files(con: duckdb.DuckDBPyConnection, old: Old) -> None:
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


def _documents(con: duckdb.DuckDBPyConnection, old: Old, kept: frozenset[str]) -> None:
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


def _by_report(con: duckdb.DuckDBPyConnection, old: Old, kept: frozenset[str]) -> None:
    for table in _BY_REPORT:
        only = "origin = 'report'" if table == "finding" else "true"
        _keep(con, old, kept, table, "report_id", only)
        con.execute(f"""
            INSERT INTO {table} BY NAME SELECT * EXCLUDE ({shards.SEQ}) FROM new_{table}
            WHERE {shards.SEQ} IN (SELECT seq FROM read_report)""")


def _draft(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """``draft``: the reports' own facts, since when each is known and whether it is still there."""
    parts = [
        f"SELECT * EXCLUDE ({shards.SEQ}) FROM new_report "
        f"WHERE {shards.SEQ} IN (SELECT seq FROM read_report)"
    ]
    if old.has("report"):
        parts.append(
            f"SELECT {', '.join(old.shared('report'))} FROM old.report "
            "WHERE report_id NOT IN (SELECT report_id FROM read_report)"
        )
    drop = ", ".join(_REPORT_DERIVED)
    con.execute(f"""
        CREATE TEMP TABLE draft AS
        WITH found AS ({" UNION ALL BY NAME ".join(parts)}),
        placed AS (
            SELECT report_id, min(load_id) AS first_load,
                   bool_or(ended_load_id IS NULL) AS is_live,
                   arg_max(ended_reason, ended_load_id) AS ended_reason
            FROM source_document WHERE report_id IS NOT NULL GROUP BY report_id
        )
        SELECT f.* EXCLUDE ({drop}), p.first_load, coalesce(p.is_live, false) AS is_live,
               coalesce(p.ended_reason, 'replaced') AS ended_reason
        FROM found f LEFT JOIN placed p USING (report_id)""")


def _offices(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """``office`` and ``division`` of all offices met; a name of a later year wins."""
    con.execute(f"""
        CREATE TEMP TABLE met AS
        WITH best AS (
            SELECT DISTINCT ON (office_id) * EXCLUDE ({shards.SEQ}) FROM new_office_seen
            ORDER BY office_id, known DESC, year DESC, {shards.SEQ}
        ), named AS (
            SELECT office_id, list_distinct(list_concat(list(name), list(printed))) AS names
            FROM new_office_seen GROUP BY office_id
        )
        SELECT b.*, n.names FROM best b JOIN named n USING (office_id)""")
    if old.has("office"):
        con.execute(f"""
            INSERT INTO office BY NAME SELECT {", ".join(old.shared("office"))} FROM old.office
            WHERE office_id NOT IN (SELECT office_id FROM met WHERE known)""")
        con.execute("DELETE FROM met WHERE office_id IN (SELECT office_id FROM office)")
        con.execute("""
            UPDATE met SET names = list_distinct(list_concat(names, o.aliases, [o.name])),
                name = CASE WHEN o.last_year > met.year THEN o.name ELSE met.name END
            FROM old.office o WHERE o.office_id = met.office_id""")
        con.execute(f"""
            INSERT INTO division BY NAME
            SELECT {", ".join(old.shared("division"))} FROM old.division""")
    con.execute("""
        INSERT INTO office BY NAME
        SELECT office_id, name, short_name,
               list_sort(list_filter(names, lambda n: n IS NOT NULL AND n <> name)) AS aliases,
               level, kind, function, division_code, code_system, province, city, county,
               parent_office_id, is_demo
        FROM met""")
    con.execute("""
        INSERT INTO division BY NAME
        SELECT DISTINCT ON (code, code_system) code, code_system, name, level, parent_code
        FROM new_division_seen n
        WHERE NOT EXISTS (FROM division d WHERE d.code = n.code AND d.code_system = n.code_system)
        ORDER BY code, code_system""")


def _name_places(con: duckdb.DuckDBPyConnection) -> None:
    """Names of places, years of reports and pinyin of the offices."""
    con.execute("""
        UPDATE office SET
            province_name = (SELECT min(name) FROM division d WHERE d.code = office.province),
            city_name = (SELECT min(name) FROM division d WHERE d.code = office.city),
            county_name = (SELECT min(name) FROM division d WHERE d.code = office.county)""")
    con.execute("""
        UPDATE office SET first_year = y.first, last_year = y.last
        FROM (SELECT office_id, min(year) AS first, max(year) AS last FROM draft
              WHERE is_live GROUP BY office_id) y
        WHERE y.office_id = office.office_id""")
    bare = con.execute(
        "SELECT office_id, list_distinct(list_filter(list_concat([short_name, name], aliases), "
        "lambda n: n IS NOT NULL)) FROM office WHERE pinyin IS NULL ORDER BY office_id"
    ).fetchall()
    if bare:
        con.register("spelt", pa.table({"id": [b[0] for b in bare],
                                        "pinyin": [_pinyin(b[1]) for b in bare]}))  # fmt: skip
        con.execute("UPDATE office SET pinyin = s.pinyin FROM spelt s WHERE s.id = office_id")
        con.unregister("spelt")


def _pinyin(names: list[str]) -> str:
    """``沭阳发改局`` → ``shuyangfagaiju syfgj``: full spelling and initials of every name.

    The short name's come first; blanks between them.
    """
    from pypinyin import Style, lazy_pinyin

    spelt = [
        re.sub(r"[^a-z0-9]+", "", "".join(lazy_pinyin(name, style=style)).lower())
        for name in sorted(names, key=len)
        for style in (Style.NORMAL, Style.FIRST_LETTER)
    ]
    return " ".join(dict.fromkeys(filter(None, spelt)))


def _core(con: duckdb.DuckDBPyConnection, old: Old) -> None:
    """The cells, of every report; :mod:`etl.warehouse.marts` sorts and stores them."""
    parts = [
        f"SELECT * EXCLUDE ({shards.SEQ}) FROM new_core_report "
        f"WHERE {shards.SEQ} IN (SELECT seq FROM read_report)"
    ]
    if old.has("core_report"):
        parts.append(
            f"SELECT {', '.join(old.shared('core_report'))} FROM old.core_report "
            "WHERE report_id NOT IN (SELECT report_id FROM read_report)"
        )
    con.execute(f"""
        INSERT INTO core_report BY NAME
        SELECT c.* REPLACE (o.province AS province)
        FROM ({" UNION ALL BY NAME ".join(parts)}) c LEFT JOIN office o USING (office_id)""")


def _core_history(con: duckdb.DuckDBPyConnection, old: Old) -> None:
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


def _reports(con: duckdb.DuckDBPyConnection) -> None:
    """``report`` with what the offices, the verdicts and all findings say of each."""
    con.execute("""
        CREATE TEMP VIEW all_outcome AS
        SELECT report_id, o.rule AS rule, o.level AS level, o.outcome AS outcome, o.n AS n
        FROM (SELECT report_id, unnest(outcomes) AS o FROM check_outcome)
        UNION ALL BY NAME SELECT report_id, rule, level, outcome, n FROM cross_outcome""")
    con.execute("""
        INSERT INTO report BY NAME
        WITH failed AS (
            SELECT report_id,
                   coalesce(sum(n) FILTER (WHERE level = 'error'), 0) AS n_error_failed,
                   coalesce(sum(n) FILTER (WHERE level = 'warning'), 0) AS n_warning_failed
            FROM all_outcome WHERE outcome = 'fail' GROUP BY report_id
        )
        SELECT d.* EXCLUDE (first_load, is_live, ended_reason), d.first_load AS load_id,
               o.province, o.city, o.county, o.level, o.kind,
               coalesce(f.n_error_failed, 0) AS n_error_failed,
               coalesce(f.n_warning_failed, 0) AS n_warning_failed,
               v.superseded_by, v.reason AS superseded_reason, v.reason IS NULL AS is_current
        FROM draft d JOIN verdict v USING (report_id)
        LEFT JOIN office o USING (office_id) LEFT JOIN failed f USING (report_id)""")


def _counts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        INSERT INTO rule_count BY NAME
        SELECT r.year, a.rule, a.outcome, sum(a.n)::BIGINT AS n
        FROM all_outcome a JOIN report r USING (report_id) WHERE r.is_current
        GROUP BY ALL ORDER BY ALL""")
    sums = ", ".join(
        f"coalesce(sum(n) FILTER (WHERE outcome = '{outcome}'), 0)::INTEGER AS {column}"
        for outcome, column in (("pass", "passed"), ("fail", "failed"),
                                ("not_assessable", "not_assessable"),
                                ("not_applicable", "not_applicable"))
    )  # fmt: skip
    con.execute(
        f"INSERT INTO report_rule BY NAME SELECT report_id, {sums} FROM all_outcome GROUP BY ALL"
    )


def _history(con: duckdb.DuckDBPyConnection, old: Old, changes: Changes) -> None:
    """``report_validity`` (what was current from which load to which) and ``load_run``."""
    before = "SELECT NULL::VARCHAR AS report_id WHERE false"
    if old.has("report_validity"):
        con.execute(f"""
            INSERT INTO report_validity BY NAME
            SELECT v.report_id, v.from_load,
                   CASE WHEN v.to_load IS NULL AND r.is_current IS NOT TRUE THEN {LOAD}
                        ELSE v.to_load END AS to_load
            FROM old.report_validity v LEFT JOIN report r USING (report_id)""")
        before = "SELECT report_id FROM old.report_validity WHERE to_load IS NULL"
    con.execute(f"""
        INSERT INTO report_validity BY NAME
        SELECT report_id, {LOAD} AS from_load FROM report
        WHERE is_current AND report_id NOT IN ({before})""")
    if old.has("load_run"):
        con.execute(f"""
            INSERT INTO load_run BY NAME
            SELECT {", ".join(old.shared("load_run"))} FROM old.load_run""")
    [(n_reports,)] = con.execute("SELECT count(*) FROM report WHERE is_current").fetchall()
    from etl import __version__
    from etl.warehouse.reading import definitions

    insert_rows(con, "load_run", [(
        changes.load_id, changes.started_at, datetime.now(UTC).replace(tzinfo=None),
        changes.n_files, changes.count("read"), changes.n_unchanged + changes.count("adopted"),
        changes.n_rejected, changes.count("removed"), n_reports, __version__,
        definitions(),
    )])  # fmt: skip


def _meta(con: duckdb.DuckDBPyConnection, identity: dict[str, str]) -> dict[str, str]:
    for table, rows in meta.rows():
        insert_rows(con, table, rows)
    [row] = con.execute("""
        SELECT count(*), count(DISTINCT r.office_id), min(r.year), max(r.year),
               bool_or(o.is_demo), (SELECT count(*) FROM rejected_document)
        FROM report r LEFT JOIN office o USING (office_id) WHERE r.is_current""").fetchall()
    facts = {
        **identity,
        "created_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "schema_version": str(schema.SCHEMA_VERSION),
        "n_reports": str(row[0]),
        "n_offices": str(row[1]),
        "first_year": str(row[2] or ""),
        "latest_year": str(row[3] or ""),
        "is_demo": "true" if row[4] else "false",
        "n_rejected": str(row[5]),
    }
    insert_rows(con, "meta_build", sorted(facts.items()))
    return facts
