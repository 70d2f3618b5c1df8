"""What is wrong or not known: failed rules, unread cells, rejected documents."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, current, seen, years
from dashboard.queries.findings import Which, listed


def rule_counts(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``rule, level, year, reports, findings``: failed rules of current reports, worst first."""
    where = current(scope, selection)
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
    level: str = "",
    rule: str = "",
    limit: int = 500,
) -> pd.DataFrame:
    """Failed findings, newest first, whatever has been decided on them; see ``findings.listed``."""
    return listed(scope, db, selection, Which(rule, level), limit=limit)


def attention(scope: Viewer, db: Database, selection: Selection, year: int) -> dict[str, int]:
    """Counts for one year: failing reports, reports with unread cells, unread cells."""
    where = current(scope, selection).also("r.year = ?", year)
    row = db.rows(
        "SELECT count(*), count(*) FILTER (r.n_error_failed > 0), "
        "count(*) FILTER (r.n_unread > 0), coalesce(sum(r.n_unread), 0)::BIGINT "
        f"FROM report r WHERE {where.sql}",
        where.values,
    )[0]
    names = ("reports", "failing_reports", "reports_with_unread", "unread_cells")
    return dict(zip(names, map(int, row), strict=True))


def unread(scope: Viewer, db: Database, selection: Selection, *, limit: int = 200) -> pd.DataFrame:
    """Reports with unread cells, most first.

    ``report_id, office_id, name, year, format, n_unread, n_number, n_absent``.
    """
    where = current(scope, selection)
    return db.frame(
        "SELECT r.report_id, r.office_id, o.name, r.year, d.format, r.n_unread, r.n_number, "
        "r.n_absent FROM report r LEFT JOIN office o ON o.office_id = r.office_id "
        "LEFT JOIN document d ON d.document_id = r.document_id "
        f"WHERE r.n_unread > 0 AND {where.sql} "
        "ORDER BY r.n_unread DESC, r.year DESC, o.name LIMIT ?",
        (*where.values, limit),
    )


def unread_by_layout(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``format, year, reports, reports_unread, unread, cells``: unread cells by file format.

    ``cells`` are all cells of those reports, read or not.
    """
    where = current(scope, selection)
    return db.frame(
        "SELECT coalesce(d.format, '') AS format, r.year, count(*) AS reports, "
        "count(*) FILTER (r.n_unread > 0) AS reports_unread, "
        "coalesce(sum(r.n_unread), 0)::BIGINT AS unread, "
        "coalesce(sum(r.n_number + r.n_blank + r.n_not_applicable + r.n_text + r.n_absent "
        "+ r.n_unread), 0)::BIGINT AS cells "
        "FROM report r LEFT JOIN document d ON d.document_id = r.document_id "
        f"WHERE {where.sql} GROUP BY 1, 2 ORDER BY 1, 2",
        where.values,
    )


def failing_places(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``code, name, year, reports, failing``: reports failing an error-level rule, by place.

    The places are the next smaller ones inside the region chosen; where none is, provinces, or the
    cities of the only one.
    """
    where = current(scope, selection)
    region = selection.region
    if not region:
        provinces = db.rows(
            f"SELECT DISTINCT r.province FROM report r WHERE {where.sql} LIMIT 2", where.values
        )
        region = (provinces[0][0] or "") if len(provinces) == 1 else ""
    return db.frame(
        "WITH p AS (SELECT r.year, r.n_error_failed > 0 AS failing, CASE "
        "WHEN ? = '' THEN r.province WHEN r.province = ? THEN coalesce(r.city, r.province) "
        "ELSE coalesce(r.county, r.city, r.province) END AS code "
        f"FROM report r WHERE {where.sql}) "
        "SELECT p.code, coalesce((SELECT min(d.name) FROM division d WHERE d.code = p.code), "
        "p.code) AS name, p.year, count(*) AS reports, count(*) FILTER (p.failing) AS failing "
        "FROM p WHERE p.code IS NOT NULL GROUP BY p.code, p.year ORDER BY p.code, p.year",
        (region, region, *where.values),
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


#: The rule that holds last year's 结转下年度 against this year's 上年结转, and its total.
CONTINUITY_RULE = ("T3-YEAR", "total")


def continuity(
    scope: Viewer, db: Database, selection: Selection, *, limit: int = 40
) -> pd.DataFrame:
    """``office_id, name, year, report_id, went, came, difference, before_id, before_name``.

    ``difference`` is 上年结转 less last year's 结转下年度. Where an office was renamed, last year's
    report is that of the office before it (``before_id``, from the registry's lineage, which the
    load follows). Only offices with a difference in some year, largest first, at most ``limit``;
    their other comparable years are listed, too. A year in which a side is missing has no row.
    """
    where = current(scope, replace(selection, years=None))
    span = years(selection, "b")
    rule, subject = CONTINUITY_RULE
    return db.frame(
        "WITH c AS (SELECT r.office_id, r.year, r.report_id, r.scope, "
        "any_value(k.t3_carried_in_total)::DOUBLE AS came, "
        "any_value(k.t3_carried_out_total)::DOUBLE AS went FROM report r "
        "JOIN core_report k ON k.report_id = r.report_id AND k.year = r.year "
        f"WHERE {where.sql} GROUP BY r.office_id, r.year, r.report_id, r.scope), "
        # The office's own report of the year before; else what the load compared it with.
        "d AS (SELECT b.office_id, b.year, b.report_id, "
        "CASE WHEN a.report_id IS NULL THEN f.right_value::DOUBLE ELSE a.went END AS went, "
        "b.came, p.office_id AS before_id, "
        "b.came - CASE WHEN a.report_id IS NULL THEN f.right_value::DOUBLE ELSE a.went END "
        "AS difference FROM c b "
        "LEFT JOIN c a ON a.office_id = b.office_id AND a.year = b.year - 1 "
        "AND a.scope IS NOT DISTINCT FROM b.scope "
        "LEFT JOIN finding f ON f.report_id = b.report_id AND a.report_id IS NULL "
        "AND f.rule = ? AND f.subject = ? AND f.outcome = 'fail' "
        "LEFT JOIN report p ON p.report_id = f.other_report_id "
        f"WHERE {span.sql}), "
        "k AS (FROM d WHERE difference IS NOT NULL), "
        "w AS (SELECT office_id, max(abs(difference)) AS worst FROM k GROUP BY office_id "
        "HAVING worst > 0 ORDER BY worst DESC, office_id LIMIT ?) "
        "SELECT k.*, o.name, q.name AS before_name FROM k JOIN w ON w.office_id = k.office_id "
        "LEFT JOIN office o ON o.office_id = k.office_id "
        "LEFT JOIN office q ON q.office_id = k.before_id "
        "ORDER BY w.worst DESC, o.name, k.office_id, k.year",
        (*where.values, rule, subject, *span.values, limit),
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
