"""Who was expected to report, who did, and when: the roster against the reports.

The date due is the roster's: a corpus's own, else the statutory one of the kind of body (Regulation
art. 49: departments 31 January, governments 31 March of the next year; domain/form.md section 9).
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import (
    NOT_DUE,
    OF_OFFICES,
    Viewer,
    Where,
    depends_on,
    everywhere,
    places,
)

#: States of the missing-report board, best first. ``not_due``: not here, and the date is to come.
ARRIVALS = ("on_time", "late", "undated", "not_due", "missing")
#: No report (yet).
GONE = ("not_due", "missing")
#: Those that somebody has to ask about.
ASKED = ("missing", "late")

_ARRIVAL = f"CASE WHEN {NOT_DUE} THEN 'not_due' ELSE a.arrival END"


def _arrivals(scope: Viewer, selection: Selection, today: dt.date) -> Where:
    """``a``: one row per expected office and year with its arrival."""
    where = everywhere(scope, selection, "a")
    return Where(
        f"WITH a AS NOT MATERIALIZED (SELECT a.* EXCLUDE (arrival), {_ARRIVAL} AS arrival "
        "FROM mart_arrival a "
        f"WHERE {where.sql}) ",
        (today, *where.values),
    )


@depends_on("years", *OF_OFFICES)
def arrivals(scope: Viewer, db: Database, selection: Selection, today: dt.date) -> pd.DataFrame:
    """``year, arrival, n, expected``: how reports arrived against the statutory date."""
    base = _arrivals(scope, selection, today)
    return db.frame(
        base.sql + "SELECT year, arrival, count(*) AS n, "
        "(sum(count(*)) OVER (PARTITION BY year))::BIGINT AS expected "
        "FROM a GROUP BY year, arrival ORDER BY year, list_position(?, arrival)",
        (*base.values, list(ARRIVALS)),
    )


@depends_on(*OF_OFFICES)
def presumed(scope: Viewer, db: Database, selection: Selection, year: int) -> tuple[int, int]:
    """How many of a year's expectations stand in no roster, and how many there are.

    An office in no roster is expected in every year after its first report.
    """
    place = places(scope, selection, "o")
    rows = db.rows(
        "SELECT count(*) FILTER (x.reason = 'seen'), count(*) FROM roster x "
        f"JOIN office o ON o.office_id = x.office_id WHERE x.expected AND x.year = ? "
        f"AND {place.sql}",
        (year, *place.values),
    )
    return int(rows[0][0]), int(rows[0][1])


@depends_on("years", *OF_OFFICES)
def by_kind(
    scope: Viewer, db: Database, selection: Selection, today: dt.date, year: int
) -> pd.DataFrame:
    """``level, kind, due, expected`` and one count per arrival, of one year; most missing first.

    ``due`` is the earliest date of the group.
    """
    base = _arrivals(scope, selection, today)
    counts = ", ".join(f"count(*) FILTER (arrival = '{a}') AS {a}" for a in ARRIVALS)
    return db.frame(
        base.sql + f"SELECT level, kind, min(due) AS due, count(*) AS expected, {counts} FROM a "
        "WHERE year = ? GROUP BY level, kind ORDER BY missing DESC, late DESC, expected DESC, "
        "level, kind",
        (*base.values, year),
    )


@depends_on("years", *OF_OFFICES)
def board(
    scope: Viewer,
    db: Database,
    selection: Selection,
    today: dt.date,
    *,
    wanted: tuple[str, ...] = ASKED,
    limit: int = 100,
) -> pd.DataFrame:
    """Offices with a year in one of the ``wanted`` states, all their years.

    ``office_id, name, level, kind, year, arrival, due, published, offices``. First those with the
    newest year in such a state, then those with the most such years; ``missing`` weighs more than
    the others. At most ``limit`` offices; ``offices`` is how many there are in all.
    """
    base = _arrivals(scope, selection, today)
    bound = (list(wanted), list(ARRIVALS), list(wanted), list(wanted))
    return db.frame(
        base.sql + ", n AS (SELECT max(year) AS newest FROM a), "
        "w AS (SELECT office_no, count(*) FILTER (arrival = 'missing') AS gone, "
        "count(*) FILTER (list_contains(?, arrival)) AS listed, "
        "coalesce(max(list_position(?, arrival)) FILTER "
        "(year = n.newest AND list_contains(?, arrival)), 0) AS now "
        "FROM a, n WHERE arrival = 'missing' OR list_contains(?, arrival) GROUP BY office_no "
        "HAVING listed > 0), "
        # Ties go by the office's id; only those that can still be listed are looked up.
        "e AS (SELECT *, count(*) OVER () AS offices FROM w "
        "QUALIFY rank() OVER (ORDER BY now DESC, gone DESC, listed DESC) <= ?), "
        "t AS (SELECT e.*, m.office_id FROM e JOIN mart_office m ON m.office_no = e.office_no "
        "ORDER BY e.now DESC, e.gone DESC, e.listed DESC, m.office_id LIMIT ?) "
        "SELECT t.office_id, o.name, a.level, a.kind, a.year, a.arrival, a.due, a.published, "
        "t.offices FROM a JOIN t ON t.office_no = a.office_no "
        "JOIN office o ON o.office_id = t.office_id "
        "ORDER BY t.now DESC, t.gone DESC, t.listed DESC, o.name, t.office_id, a.year",
        (*base.values, *bound, limit, limit),
    )
