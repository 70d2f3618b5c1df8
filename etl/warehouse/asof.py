"""What the warehouse said as of an earlier load or date.

A build keeps every report it ever held, from which load to which each was the current one
(``report_validity``), and the figures that another reading of the same document replaced
(``core_history``). The table functions ``report_as_of(load)`` and ``core_as_of(load)`` of every
build answer from these; this module turns a person's words into the load they take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import duckdb

from etl.errors import UsageError

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A load and when it ended (UTC)."""

    load_id: int
    finished_at: datetime


def resolve(con: duckdb.DuckDBPyConnection, asked: str) -> Moment:
    """The load meant by ``asked``: its number, or the last one ended by a date or time (UTC).

    A bare date means the end of that day.

    Raises:
        UsageError: not a number, date or time; no such load; nothing was loaded by then.
    """
    if asked.isdecimal():
        found = _loads(con, "load_id = ?", int(asked))
        if not found:
            [(first, last)] = con.execute(
                "SELECT min(load_id), max(load_id) FROM load_run"
            ).fetchall()
            raise UsageError(
                f"没有第 {asked} 次载入 no such load", hint=f"现有 there are {first}—{last}"
            )
        return found[0]
    try:
        until = datetime.fromisoformat(asked)
    except ValueError as error:
        raise UsageError(
            f"不认识的时点 not a load or date: {asked!r}",
            hint="写载入编号，或 2026-01-31，或 2026-01-31T18:00（UTC）",
        ) from error
    if until.tzinfo is not None:
        until = (until - (until.utcoffset() or timedelta())).replace(tzinfo=None)
    if _DAY.fullmatch(asked):
        until += timedelta(days=1, microseconds=-1)
    found = _loads(con, "finished_at <= ?", until)
    if not found:
        raise UsageError(f"{asked} 之前没有载入 nothing was loaded by then", hint="换一个时点")
    return found[0]


def _loads(con: duckdb.DuckDBPyConnection, condition: str, value: Any) -> list[Moment]:
    rows = con.execute(
        f"SELECT load_id, finished_at FROM load_run WHERE {condition} ORDER BY load_id DESC",
        [value],
    ).fetchall()
    return [Moment(*row) for row in rows]


def reports_by_year(con: duckdb.DuckDBPyConnection, moment: Moment) -> dict[str, int]:
    """Current reports by year as of a load."""
    rows = con.execute(
        "SELECT year, count(*) FROM report_as_of(?) GROUP BY year ORDER BY year", [moment.load_id]
    ).fetchall()
    return {str(year): n for year, n in rows}
