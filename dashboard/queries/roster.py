"""Who was expected to report, who did, and when: the roster against the reports.

The date due is the roster's: a corpus's own, else the statutory one of the kind of body (Regulation
art. 49: departments 31 January, governments 31 March of the next year; domain/form.md section 9).
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, Where, places, years

#: States of the missing-report board, best first. ``not_due``: not here, and the date is to come.
ARRIVALS = ("on_time", "late", "undated", "not_due", "missing")
#: No report (yet).
GONE = ("not_due", "missing")
#: Those that somebody has to ask about.
ASKED = ("missing", "late")

_ARRIVAL = (
    "CASE WHEN p.office_id IS NULL AND e.due >= ?::DATE THEN 'not_due' "
    "WHEN p.office_id IS NULL THEN 'missing' WHEN p.published IS NULL THEN 'undated' "
    "WHEN p.published > e.due THEN 'late' ELSE 'on_time' END"
)


def _arrivals(scope: Viewer, selection: Selection, today: dt.date) -> Where:
    """One row per expected office and year with its arrival; a document's own date decides."""
    place = places(scope, selection, "o")
    span = years(selection, "x")
    return Where(
        "WITH e AS (SELECT x.office_id, x.year, x.due, o.name, o.level, o.kind "
        "FROM roster x JOIN office o ON o.office_id = x.office_id "
        f"WHERE x.expected AND {place.sql} AND {span.sql}), "
        "p AS (SELECT r.office_id, r.year, min(coalesce(r.published, d.published)) AS published "
        "FROM report r LEFT JOIN document d ON d.document_id = r.document_id "
        "WHERE r.is_current GROUP BY r.office_id, r.year), "
        f"a AS (SELECT e.*, p.published, {_ARRIVAL} AS arrival FROM e "
        "LEFT JOIN p ON p.office_id = e.office_id AND p.year = e.year) ",
        (*place.values, *span.values, today),
    )


def arrivals(scope: Viewer, db: Database, selection: Selection, today: dt.date) -> pd.DataFrame:
    """``year, arrival, n, expected``: how reports arrived against the statutory date."""
    base = _arrivals(scope, selection, today)
    return db.frame(
        base.sql + "SELECT year, arrival, count(*) AS n, "
        "(sum(count(*)) OVER (PARTITION BY year))::BIGINT AS expected "
        "FROM a GROUP BY year, arrival ORDER BY year, list_position(?, arrival)",
        (*base.values, list(ARRIVALS)),
    )


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
    return db.frame(
        base.sql + ", n AS (SELECT max(year) AS newest FROM a), "
        "w AS (SELECT office_id, count(*) FILTER (arrival = 'missing') AS gone, "
        "count(*) FILTER (list_contains(?, arrival)) AS listed, "
        "coalesce(max(list_position(?, arrival)) FILTER "
        "(year = n.newest AND list_contains(?, arrival)), 0) AS now "
        "FROM a, n GROUP BY office_id HAVING listed > 0), "
        "t AS (SELECT *, count(*) OVER () AS offices FROM w "
        "ORDER BY now DESC, gone DESC, listed DESC, office_id LIMIT ?) "
        "SELECT a.office_id, a.name, a.level, a.kind, a.year, a.arrival, a.due, a.published, "
        "t.offices FROM a JOIN t ON t.office_id = a.office_id "
        "ORDER BY t.now DESC, t.gone DESC, t.listed DESC, a.name, a.office_id, a.year",
        (*base.values, list(wanted), list(ARRIVALS), list(wanted), limit),
    )
