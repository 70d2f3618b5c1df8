"""What is wrong or not known: failed rules, unread cells, rejected documents."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, Where, places, seen, years


def _current(scope: Viewer, selection: Selection) -> Where:
    """Current reports of the selection, whatever they cover: nothing here adds up amounts.

    The failing ones always stay, they are the subject.
    """
    place = places(scope, selection, "r")
    span = years(selection, "r")
    return Where(
        f"r.is_current AND {place.sql} AND {span.sql}",
        (*place.values, *span.values),
    )


def rule_counts(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``rule, level, year, reports, findings``: failed rules of current reports, worst first."""
    where = _current(scope, selection)
    return db.frame(
        "SELECT f.rule, f.level, f.year, count(DISTINCT f.report_id) AS reports, "
        "count(*) AS findings FROM finding f JOIN report r ON r.report_id = f.report_id "
        f"WHERE f.outcome = 'fail' AND {where.sql} GROUP BY f.rule, f.level, f.year "
        "ORDER BY (f.level = 'error') DESC, reports DESC, f.rule, f.year",
        where.values,
    )


def findings(
    scope: Viewer,
    db: Database,
    selection: Selection,
    *,
    level: str | None = None,
    rule: str | None = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Failed findings, newest first: office, year, rule, message, both values, cells."""
    where = _current(scope, selection)
    if level:
        where = where.also("f.level = ?", level)
    if rule:
        where = where.also("f.rule = ?", rule)
    return db.frame(
        "SELECT f.finding_id, f.report_id, f.office_id, o.name, f.year, f.rule, f.level, "
        "f.subject_zh, f.subject_en, f.left_value::DOUBLE AS left_value, "
        "f.right_value::DOUBLE AS right_value, f.message_zh, f.message_en, "
        "list_extract(f.cells, 1) AS cell "
        "FROM finding f JOIN report r ON r.report_id = f.report_id "
        "LEFT JOIN office o ON o.office_id = f.office_id "
        f"WHERE f.outcome = 'fail' AND {where.sql} "
        "ORDER BY f.year DESC, (f.level = 'error') DESC, f.rule, o.name, f.subject LIMIT ?",
        (*where.values, limit),
    )


def attention(scope: Viewer, db: Database, selection: Selection, year: int) -> dict[str, int]:
    """Counts for one year: failing reports, reports with unread cells, unread cells."""
    where = _current(scope, selection).also("r.year = ?", year)
    row = db.rows(
        "SELECT count(*), count(*) FILTER (r.n_error_failed > 0), "
        "count(*) FILTER (r.n_unread > 0), coalesce(sum(r.n_unread), 0)::BIGINT "
        f"FROM report r WHERE {where.sql}",
        where.values,
    )[0]
    names = ("reports", "failing_reports", "reports_with_unread", "unread_cells")
    return dict(zip(names, map(int, row), strict=True))


def unread(scope: Viewer, db: Database, selection: Selection, *, limit: int = 200) -> pd.DataFrame:
    """Reports with unread cells, most first: ``report_id, office_id, name, year, n_unread``."""
    where = _current(scope, selection)
    return db.frame(
        "SELECT r.report_id, r.office_id, o.name, r.year, r.n_unread, r.n_number, r.n_absent "
        "FROM report r LEFT JOIN office o ON o.office_id = r.office_id "
        f"WHERE r.n_unread > 0 AND {where.sql} "
        "ORDER BY r.n_unread DESC, r.year DESC, o.name LIMIT ?",
        (*where.values, limit),
    )


def rejected(scope: Viewer, db: Database, *, limit: int = 500) -> pd.DataFrame:
    """Documents that became no report. They are of no region: an unbound viewer sees them."""
    if scope.regions is not None:
        limit = 0
    return db.frame(
        "SELECT d.source, d.code, d.message, d.hint, d.load_id FROM rejected_document d "
        "ORDER BY d.load_id DESC, d.source LIMIT ?",
        (limit,),
    )


#: States of the missing-report board, best first.
ARRIVALS = ("on_time", "late", "undated", "missing")

_ARRIVAL = (
    "CASE WHEN p.office_id IS NULL THEN 'missing' WHEN p.published IS NULL THEN 'undated' "
    "WHEN p.published > e.due THEN 'late' ELSE 'on_time' END"
)


def _arrivals(scope: Viewer, selection: Selection) -> Where:
    """One row per expected office and year with its arrival; a document's own date decides."""
    place = places(scope, selection, "o")
    span = years(selection, "x")
    return Where(
        "WITH e AS (SELECT x.office_id, x.year, x.due, o.name, o.level, o.division_code "
        "FROM roster x JOIN office o ON o.office_id = x.office_id "
        f"WHERE x.expected AND {place.sql} AND {span.sql}), "
        "p AS (SELECT r.office_id, r.year, min(coalesce(r.published, d.published)) AS published "
        "FROM report r LEFT JOIN document d ON d.document_id = r.document_id "
        "WHERE r.is_current GROUP BY r.office_id, r.year), "
        f"a AS (SELECT e.*, p.published, {_ARRIVAL} AS arrival FROM e "
        "LEFT JOIN p ON p.office_id = e.office_id AND p.year = e.year) ",
        (*place.values, *span.values),
    )


def arrivals(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``year, arrival, n, expected``: how reports arrived against the statutory date."""
    base = _arrivals(scope, selection)
    return db.frame(
        base.sql + "SELECT year, arrival, count(*) AS n, "
        "(sum(count(*)) OVER (PARTITION BY year))::BIGINT AS expected "
        "FROM a GROUP BY year, arrival ORDER BY year, list_position(?, arrival)",
        (*base.values, list(ARRIVALS)),
    )


def board(scope: Viewer, db: Database, selection: Selection, *, limit: int = 100) -> pd.DataFrame:
    """``office_id, name, year, arrival, due, published`` of offices with a missing or late report.

    The offices with the most missing, then late, reports; at most ``limit`` of them.
    """
    base = _arrivals(scope, selection)
    return db.frame(
        base.sql + ", w AS (SELECT office_id, count(*) FILTER (arrival = 'missing') AS gone, "
        "count(*) FILTER (arrival = 'late') AS late FROM a GROUP BY office_id "
        "HAVING gone + late > 0 ORDER BY gone DESC, late DESC, office_id LIMIT ?) "
        "SELECT a.office_id, a.name, a.year, a.arrival, a.due, a.published FROM a "
        "JOIN w ON w.office_id = a.office_id ORDER BY w.gone DESC, w.late DESC, a.name, a.year",
        (*base.values, limit),
    )


def continuity(
    scope: Viewer, db: Database, selection: Selection, *, limit: int = 40
) -> pd.DataFrame:
    """``office_id, name, year, difference``: 上年结转 less last year's 结转下年度.

    Only offices with a difference in some year, largest first, at most ``limit``; their other
    comparable years are listed, too. A year in which a side is missing has no row.
    """
    where = _current(scope, replace(selection, years=None))
    span = years(selection, "b")
    return db.frame(
        "WITH c AS (SELECT r.office_id, r.year, r.report_id, r.scope, "
        "any_value(k.t3_carried_in_total)::DOUBLE AS came, "
        "any_value(k.t3_carried_out_total)::DOUBLE AS went FROM report r "
        "JOIN core_report k ON k.report_id = r.report_id AND k.year = r.year "
        f"WHERE {where.sql} GROUP BY r.office_id, r.year, r.report_id, r.scope), "
        "d AS (SELECT b.office_id, b.year, b.report_id, a.went, b.came, "
        "b.came - a.went AS difference FROM c b "
        "JOIN c a ON a.office_id = b.office_id AND a.year = b.year - 1 "
        "AND a.scope IS NOT DISTINCT FROM b.scope "
        f"WHERE a.went IS NOT NULL AND b.came IS NOT NULL AND {span.sql}), "
        "w AS (SELECT office_id, max(abs(difference)) AS worst FROM d GROUP BY office_id "
        "HAVING worst > 0 ORDER BY worst DESC, office_id LIMIT ?) "
        "SELECT d.*, o.name FROM d JOIN w ON w.office_id = d.office_id "
        "LEFT JOIN office o ON o.office_id = d.office_id "
        "ORDER BY w.worst DESC, o.name, d.office_id, d.year",
        (*where.values, *span.values, limit),
    )


def carried_out(
    scope: Viewer, db: Database, office_id: str, names: tuple[str, ...], year: int, covers: str
) -> tuple[str, float] | None:
    """``(office id, 结转下年度 total)`` of an office's current report of a year.

    The office by its id, else by one of its names if exactly one office has it; ``None`` where
    there is no such office, report or figure. ``covers`` is the report's scope.
    """
    where = seen(scope, "o")
    found = db.rows(
        f"SELECT o.office_id FROM office o WHERE {where.sql} AND (o.office_id = ? "
        "OR list_contains(?, o.name) OR list_has_any(coalesce(o.aliases, []), ?::VARCHAR[])) "
        "ORDER BY (o.office_id = ?) DESC LIMIT 2",
        (*where.values, office_id, list(names), list(names), office_id),
    )
    if not found or (len(found) > 1 and found[0][0] != office_id):
        return None
    rows = db.rows(
        "SELECT k.t3_carried_out_total::DOUBLE FROM report r JOIN core_report k "
        "ON k.report_id = r.report_id AND k.year = r.year WHERE r.is_current AND r.office_id = ? "
        "AND r.year = ? AND coalesce(r.scope, '') = ? AND k.t3_carried_out_total IS NOT NULL "
        "ORDER BY r.report_id LIMIT 1",
        (found[0][0], year, covers),
    )
    return (str(found[0][0]), float(rows[0][0])) if rows else None
