"""One new build from the previous build and a load's shards: facts first, then all that follows.

Every step is a set of statements over three names: ``old`` (the previous build, attached read-only,
if there is one), ``new_<table>`` (the load's shards) and the tables of the new build. Facts of
documents that were not read are copied; those of documents read in this load come from the shards.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from etl.warehouse import carry, cross, currency, marts, meta, office_rows, rosters, schema
from etl.warehouse.builds import connect
from etl.warehouse.changes import Changes
from etl.warehouse.database import LOAD, Old, attach, insert_rows, text

#: The share of a build's findings that small loads may leave behind the sorted ones
#: (:data:`~etl.warehouse.schema.SORTED`) before a load sorts all of them again. Writing them anew
#: is a quarter of the processor time of a small load into a million reports; a reader of one
#: office's findings reads those behind in any case.
ASTRAY: Final = 0.02


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
        before = _facts_of(con)
        same_code = all(k in before and before[k] == identity.get(k) for k in _CODE)
        astray = _astray(con, before, changes) if same_code else None
        kept = carry.clear(con, findings=astray is not None)
        for statement in (*schema.create_all(but=kept), *marts.drafts(but=kept)):
            con.execute(statement)
        old = attach(con, previous)
        carry.stage(con, changes)
        carry.files(con, old)
        carry.documents(con, old, kept)
        carry.by_report(con, old, kept)
        carry.draft(con, old)
        office_rows.fill(con, old)
        rosters.fill(con, old, changes.roster_files)
        office_rows.name_places(con)
        carry.core(con, old)
        carry.core_history(con, old)
        currency.decide(con)
        cross.evaluate(con, worded=old if same_code else None, in_place="finding" in kept)
        _reports(con)
        _counts(con)
        rosters.expect_seen(con)
        _history(con, old, changes)
        # Before the marts: their checkpoint may move the rows together.
        identity = identity | {"n_astray": str(carry.n_appended(con, astray))}
        for statement in marts.statements(but=kept):
            con.execute(statement)
        facts = _meta(con, identity)
        if previous is not None:
            con.execute("DETACH old")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    return facts


#: Lines of ``meta_build`` that tell which code and definitions read and assembled it.
_CODE: Final = ("definitions", "builder")


def _facts_of(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The content of a copied build's ``meta_build``; none of an empty file."""
    known = con.execute("FROM duckdb_tables() WHERE table_name = 'meta_build'").fetchone()
    if known is None:
        return {}
    return dict(con.execute("SELECT key, value FROM meta_build").fetchall())


def _astray(con: duckdb.DuckDBPyConnection, before: dict[str, str], changes: Changes) -> int | None:
    """How many findings of a copied build stand out of order; ``None``: all are to be sorted anew.

    They may stay where what was out of order and what this load adds are a small share.
    """
    astray, n_reports = before.get("n_astray"), int(before.get("n_reports", "0"))
    if astray is None or not n_reports:
        return None
    [(n_findings,)] = con.execute("SELECT count(*) FROM finding").fetchall()
    share = int(astray) / max(1, n_findings) + changes.count("read") / n_reports
    return int(astray) if share <= ASTRAY else None


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
