"""What is wrong or not known: failed rules, unread cells, rejected documents."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, current, everywhere, seen
from dashboard.queries.findings import Which, listed


def rule_counts(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``rule, level, year, reports, findings``: failed rules of current reports, worst first."""
    where = everywhere(scope, selection, "m")
    return db.frame(
        "SELECT m.rule, m.rule_level AS level, m.year, sum(m.reports)::BIGINT AS reports, "
        f"sum(m.findings)::BIGINT AS findings FROM mart_rule m WHERE {where.sql} "
        "GROUP BY m.rule, m.rule_level, m.year "
        "ORDER BY (m.rule_level = 'error') DESC, reports DESC, m.rule, m.year",
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
        # Names decide between equals only, and formats are of the reports listed alone.
        "WITH few AS (SELECT r.report_id, r.office_id, r.document_id, r.year, r.n_unread, "
        f"r.n_number, r.n_absent FROM report r WHERE r.n_unread > 0 AND {where.sql} "
        "QUALIFY rank() OVER (ORDER BY r.n_unread DESC, r.year DESC) <= ?), "
        "listed AS MATERIALIZED (SELECT r.*, o.name FROM few r "
        "LEFT JOIN office o ON o.office_id = r.office_id "
        "ORDER BY r.n_unread DESC, r.year DESC, o.name, r.report_id LIMIT ?) "
        "SELECT r.report_id, r.office_id, r.name, r.year, d.format, r.n_unread, r.n_number, "
        "r.n_absent FROM listed r LEFT JOIN document d ON d.document_id = r.document_id "
        "ORDER BY r.n_unread DESC, r.year DESC, r.name, r.report_id",
        (*where.values, limit, limit),
    )


def unread_by_layout(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``format, year, reports, reports_unread, unread, cells``: unread cells by file format.

    ``cells`` are all cells of those reports, read or not.
    """
    where = everywhere(scope, selection, "m")
    return db.frame(
        "SELECT m.format, m.year, sum(m.reports)::BIGINT AS reports, "
        "sum(m.reports_unread)::BIGINT AS reports_unread, sum(m.unread)::BIGINT AS unread, "
        f"sum(m.cells)::BIGINT AS cells FROM mart_layout m WHERE {where.sql} "
        "GROUP BY m.format, m.year ORDER BY m.format, m.year",
        where.values,
    )


def failing_places(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``code, name, year, reports, failing``: reports failing an error-level rule, by place.

    The places are the next smaller ones inside the region chosen; where none is, provinces, or the
    cities of the only one.
    """
    where = everywhere(scope, selection, "m")
    region = selection.region
    if not region:
        provinces = db.rows(
            f"SELECT DISTINCT m.province FROM mart_region m WHERE {where.sql} LIMIT 2",
            where.values,
        )
        region = (provinces[0][0] or "") if len(provinces) == 1 else ""
    return db.frame(
        "WITH p AS (SELECT m.year, m.ok, m.n_reports, CASE "
        "WHEN ? = '' THEN m.province WHEN m.province = ? THEN coalesce(m.city, m.province) "
        "ELSE coalesce(m.county, m.city, m.province) END AS code "
        f"FROM mart_region m WHERE {where.sql}) "
        "SELECT p.code, coalesce((SELECT min(d.name) FROM division d WHERE d.code = p.code), "
        "p.code) AS name, p.year, sum(p.n_reports)::BIGINT AS reports, "
        "coalesce(sum(p.n_reports) FILTER (NOT p.ok), 0)::BIGINT AS failing "
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
    where = everywhere(scope, selection, "m")
    rule, subject = CONTINUITY_RULE
    return db.frame(
        # What the load compared a report with that has no report of its own office before it.
        "WITH f AS (SELECT m.report_no, any_value(f.right_value)::DOUBLE AS went, "
        "any_value(f.other_report_id) AS other FROM mart_finding m "
        "JOIN mart_report b ON b.report_no = m.report_no AND b.before_ok IS NULL "
        "JOIN finding f ON f.rowid = m.finding_row AND f.rule = m.rule AND f.subject = ? "
        f"WHERE m.rule = ? AND {where.sql} GROUP BY m.report_no), "
        "d AS NOT MATERIALIZED (SELECT m.office_no, m.office_id, m.year, m.report_id, f.other, "
        "m.q_carried_in::DOUBLE AS came, CASE WHEN m.before_ok IS NULL THEN f.went "
        "ELSE m.p_carried_out::DOUBLE END AS went FROM mart_report m "
        f"LEFT JOIN f ON f.report_no = m.report_no WHERE {where.sql}), "
        "w AS (SELECT office_no, max(abs(came - went)) AS worst FROM d WHERE came <> went "
        "GROUP BY office_no ORDER BY worst DESC, any_value(office_id) LIMIT ?), "
        "k AS (SELECT d.*, w.worst FROM d JOIN w ON w.office_no = d.office_no "
        "WHERE d.came IS NOT NULL AND d.went IS NOT NULL) "
        "SELECT k.office_id, k.year, k.report_id, k.went, k.came, p.office_id AS before_id, "
        "k.came - k.went AS difference, o.name, q.name AS before_name FROM k "
        "LEFT JOIN wide_report p ON p.report_id = k.other "
        "LEFT JOIN office o ON o.office_id = k.office_id "
        "LEFT JOIN office q ON q.office_id = p.office_id "
        "ORDER BY k.worst DESC, o.name, k.office_id, k.year",
        (subject, rule, *where.values, *where.values, limit),
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
        "SELECT r.q_carried_out::DOUBLE FROM mart_report r WHERE r.office_id = ? "
        "AND r.year = ? AND coalesce(r.scope, '') = ? AND r.q_carried_out IS NOT NULL "
        "ORDER BY r.report_id LIMIT 1",
        (found[0][0], year, covers),
    )
    return (str(found[0][0]), float(rows[0][0])) if rows else None
