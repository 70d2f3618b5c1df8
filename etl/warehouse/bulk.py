"""A build straight from Arrow tables, for data that did not come from documents.

The tables, the marts and the publishing are those of a load; what a load works out from documents
(verdicts, offices met, findings across reports) the caller brings along. The warehouse holds
nothing else afterwards: a build made here does not carry the one before it forward.
"""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from etl import __version__
from etl.warehouse import builds, marts, meta, schema
from etl.warehouse.database import insert_rows, text
from etl.warehouse.schema import quoted


class Bulk:
    """A build under way; leaving the ``with`` block without :meth:`publish` leaves nothing."""

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self.started = datetime.now(UTC).replace(tzinfo=None)
        self.seconds: dict[str, float] = {"insert": 0.0, "marts": 0.0, "publish": 0.0}

    def __enter__(self) -> Bulk:
        """Take the lock, open an empty build with all tables."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(builds.lock(self.warehouse))
            builds.clean_leftovers(self.warehouse)
            newest = next(iter(builds.builds(self.warehouse)), None)
            after = newest.build_id if newest else ""
            self.build_id = builds.new_build_id(1, after=after)
            self._work = stack.enter_context(builds.work_folder(self.warehouse, self.build_id))
            stack.enter_context(builds.no_room_means(self.warehouse))
            self._file = self._work / "build.duckdb"
            self.con: duckdb.DuckDBPyConnection = stack.enter_context(
                contextlib.closing(builds.connect(self._file, read_only=False))
            )
            self.con.execute(f"SET temp_directory = {text(str(self._work))}")
            self.con.execute("SET enable_progress_bar = false")
            for statement in (*schema.create_all(), *marts.drafts()):
                self.con.execute(statement)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what was not published; give the lock back."""
        self._stack.__exit__(kind, error, trace)

    def add(self, table: str, rows: pa.Table) -> None:
        """Append rows; columns by name, those not named are NULL."""
        started = time.perf_counter()
        self.con.register("arrow_bulk", rows)
        try:
            self.con.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM arrow_bulk")
        finally:
            self.con.unregister("arrow_bulk")
        self.seconds["insert"] += time.perf_counter() - started

    def publish(self, identity: dict[str, str]) -> dict[str, float]:
        """Derive, check-point and publish; seconds by step and the number of current reports.

        ``identity`` are further lines of ``meta_build``.
        """
        started = time.perf_counter()
        for statement in (*_COUNTS, *marts.statements()):
            self.con.execute(statement)
        self.seconds["marts"] = time.perf_counter() - started
        started = time.perf_counter()
        facts = self._facts(identity)
        self.con.execute("CHECKPOINT")
        self.con.close()
        build = builds.publish(self.warehouse, self._file, self.build_id, _pointer(facts))
        builds.prune(self.warehouse, build)
        self.seconds["publish"] = time.perf_counter() - started
        sizes = {"reports": int(facts["n_reports"]), "bytes": build.path.stat().st_size}
        return {**{k: round(v, 2) for k, v in self.seconds.items()}, **sizes}

    def _facts(self, identity: dict[str, str]) -> dict[str, str]:
        from etl.warehouse.reading import definitions

        con = self.con
        for table, rows in meta.rows():
            insert_rows(con, table, rows)
        [row] = con.execute("""
            SELECT count(*), count(DISTINCT office_id), min(year), max(year)
            FROM report WHERE is_current""").fetchall()
        [(demo,)] = con.execute("SELECT coalesce(bool_or(is_demo), false) FROM office").fetchall()
        now = datetime.now(UTC).replace(tzinfo=None)
        insert_rows(con, "load_run", [(
            1, self.started, now, 0, row[0], 0, 0, 0, row[0], __version__, definitions(),
        )])  # fmt: skip
        facts = {
            **identity, "build_id": self.build_id, "created_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "schema_version": str(schema.SCHEMA_VERSION), "tool_version": __version__,
            "load_id": "1", "n_reports": str(row[0]), "n_offices": str(row[1]),
            "first_year": str(row[2] or ""), "latest_year": str(row[3] or ""),
            "is_demo": "true" if demo else "false", "n_rejected": "0",
        }  # fmt: skip
        insert_rows(con, "meta_build", sorted(facts.items()))
        return facts


def _pointer(facts: dict[str, str]) -> dict[str, object]:
    whole = {name: int(facts[name]) for name in ("schema_version", "n_reports")}
    return {"created_at": facts["created_at"], "tool_version": facts["tool_version"], **whole}


_OUTCOMES = """
    SELECT report_id, o.rule AS rule, o.level AS level, o.outcome AS outcome, o.n AS n
    FROM (SELECT report_id, unnest(outcomes) AS o FROM check_outcome)"""
#: What a load counts from the outcomes of its rules.
_COUNTS = (
    f"""INSERT INTO rule_count BY NAME
        SELECT r.year, a.rule, a.outcome, sum(a.n)::BIGINT AS n
        FROM ({_OUTCOMES}) a JOIN report r USING (report_id) WHERE r.is_current
        GROUP BY ALL ORDER BY ALL""",
    f"""INSERT INTO report_rule BY NAME
        SELECT report_id,
               coalesce(sum(n) FILTER (WHERE outcome = 'pass'), 0)::INTEGER AS passed,
               coalesce(sum(n) FILTER (WHERE outcome = 'fail'), 0)::INTEGER AS failed,
               coalesce(sum(n) FILTER (WHERE outcome = 'not_assessable'), 0)::INTEGER
                   AS not_assessable,
               0 AS not_applicable
        FROM ({_OUTCOMES}) GROUP BY report_id""",
    """INSERT INTO report_validity BY NAME
       SELECT report_id, 1 AS from_load FROM report WHERE is_current""",
)
