"""What only the dossier of one office asks: who it was expected of when, what was loaded when."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, depends_on, seen, years


@depends_on("years")
def coverage(
    scope: Viewer, db: Database, selection: Selection, office_id: str, today: dt.date
) -> pd.DataFrame:
    """``year, expected, due, reports, published, arrival`` of an office, every year of either.

    ``arrival`` as on the board of :mod:`dashboard.queries.roster`: ``on_time``, ``late``,
    ``undated`` (a report without a date), ``not_due`` (not there, and its date is to come on the
    day ``today``), ``missing`` (not there and due); besides, ``not_expected`` (not there, and
    nobody expected one). A report's own date decides.
    """
    where = seen(scope, "o")
    span = years(selection, "c")
    return db.frame(
        # The id is bound to each table: they are stored in its order.
        "WITH o AS (SELECT o.office_id FROM office o WHERE o.office_id = ? AND " + where.sql + "), "
        "e AS (SELECT x.year, x.expected, x.due FROM roster x JOIN o USING (office_id) "
        "WHERE x.office_id = ?), "
        "p AS (SELECT r.year, count(*) AS reports, "
        "min(coalesce(r.published, d.published)) AS published "
        "FROM report r JOIN o USING (office_id) "
        "LEFT JOIN document d ON d.document_id = r.document_id "
        "WHERE r.is_current AND r.office_id = ? GROUP BY r.year), "
        "c AS (SELECT coalesce(e.year, p.year) AS year, coalesce(e.expected, false) AS expected, "
        "e.due, coalesce(p.reports, 0) AS reports, p.published, "
        "CASE WHEN p.reports IS NULL AND NOT coalesce(e.expected, false) THEN 'not_expected' "
        "WHEN p.reports IS NULL AND e.due >= ?::DATE THEN 'not_due' "
        "WHEN p.reports IS NULL THEN 'missing' "
        "WHEN p.published IS NULL THEN 'undated' "
        "WHEN p.published > e.due THEN 'late' ELSE 'on_time' END AS arrival "
        "FROM e FULL JOIN p ON p.year = e.year) "
        f"SELECT * FROM c WHERE {span.sql} ORDER BY year",
        (office_id, *where.values, office_id, office_id, today, *span.values),
    )


def loaded(scope: Viewer, db: Database, office_id: str) -> pd.DataFrame:
    """``report_id, loaded``: when the document of each of an office's reports was first seen."""
    where = seen(scope, "r")
    return db.frame(
        "SELECT r.report_id, l.finished_at AS loaded FROM report r "
        "JOIN document d ON d.document_id = r.document_id "
        "JOIN load_run l ON l.load_id = d.load_id "
        f"WHERE r.office_id = ? AND {where.sql} ORDER BY r.report_id",
        (office_id, *where.values),
    )


def named(scope: Viewer, db: Database, text: str, *, limit: int = 20) -> pd.DataFrame:
    """``office_id, name, level, place, division_code, exact`` of the offices a text may mean.

    ``exact``: 3 its id, 2 its whole name, short name or an alias, 1 its division code, 0 the text
    is part of its name; only the best kind of match is returned, at most ``limit`` rows.
    """
    where = seen(scope, "o")
    return db.frame(
        "WITH m AS (SELECT o.office_id, o.name, o.level, "
        "concat_ws(' ', o.province_name, o.city_name, o.county_name) AS place, o.division_code, "
        "CASE WHEN o.office_id = ? THEN 3 "
        "WHEN o.name = ? OR o.short_name = ? OR list_contains(coalesce(o.aliases, []), ?) THEN 2 "
        "WHEN o.division_code = ? THEN 1 WHEN contains(o.name, ?) THEN 0 ELSE -1 END AS exact "
        f"FROM office o WHERE {where.sql}) "
        "SELECT * FROM m WHERE exact >= 0 AND exact = (SELECT max(exact) FROM m) "
        "ORDER BY division_code NULLS LAST, name, office_id LIMIT ?",
        (*[text] * 6, *where.values, limit),
    )
