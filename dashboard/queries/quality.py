"""What is wrong or not known: failed rules, unread cells, rejected documents."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import NAMED, OF_OFFICES, Viewer, depends_on, everywhere, seen
from dashboard.queries.findings import Which, listed


@depends_on("years", *OF_OFFICES)
def rule_counts(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """``rule, level, year, reports, findings``: failed rules of current reports, worst first."""
    where = everywhere(scope, selection, "m")
    return db.frame(
        "SELECT m.rule, m.rule_level AS level, m.year, sum(m.reports)::BIGINT AS reports, "
        f"sum(m.findings)::BIGINT AS findings FROM mart_rule m WHERE {where.sql} "
        "GROUP BY m.rule, m.rule_level, m.year "
        "ORDER BY (m.rule_level = 'error') DESC, (m.rule_level = 'warning') DESC, "
        "reports DESC, m.rule, m.year",
        where.values,
    )


@depends_on("years", *OF_OFFICES)
def findings(
    scope: Viewer,
    db: Database,
    selection: Selection,
    *,
    level: str = "",
    rule: str = "",
    limit: int = 100,
) -> pd.DataFrame:
    """Failed findings, newest first, whatever has been decided on them; see ``findings.listed``."""
    return listed(scope, db, selection, Which(rule, level), limit=limit)


@depends_on("years", *OF_OFFICES)
def attention(scope: Viewer, db: Database, selection: Selection, year: int) -> dict[str, int]:
    """Counts for one year: failing reports, reports with unread cells, unread cells."""
    where = everywhere(scope, selection, "m").also("m.year = ?", year)
    row = db.rows(
        "SELECT * FROM (SELECT coalesce(sum(m.n_reports), 0), "
        "coalesce(sum(m.n_reports) FILTER (NOT m.ok), 0) "
        f"FROM mart_region m WHERE {where.sql}), "
        "(SELECT coalesce(sum(m.reports_unread), 0), coalesce(sum(m.unread), 0) "
        f"FROM mart_layout m WHERE {where.sql})",
        (*where.values, *where.values),
    )[0]
    names = ("reports", "failing_reports", "reports_with_unread", "unread_cells")
    return dict(zip(names, map(int, row), strict=True))


@depends_on("years", *OF_OFFICES)
def unread(scope: Viewer, db: Database, selection: Selection, *, limit: int = 200) -> pd.DataFrame:
    """Reports with unread cells, most first.

    ``report_id, office_id, name, year, format, n_unread, n_number, n_absent``.
    """
    where = everywhere(scope, selection, "m")
    return db.frame(
        "WITH x AS (SELECT m.position, m.report_no, m.format, m.n_unread, m.n_number, m.n_absent "
        f"FROM mart_unread m WHERE {where.sql} ORDER BY m.position LIMIT ?) "
        "SELECT r.report_id, r.office_id, o.name, r.year, x.format, x.n_unread, x.n_number, "
        f"x.n_absent FROM x {NAMED}ORDER BY x.position",
        (*where.values, limit),
    )


@depends_on("years", *OF_OFFICES)
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


@depends_on("years", *OF_OFFICES)
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


@depends_on("years", *OF_OFFICES)
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
    return db.frame(
        "WITH w AS (SELECT m.office_no, max(abs(m.came - m.went)) AS worst FROM mart_continuity m "
        f"WHERE {where.sql} GROUP BY m.office_no ORDER BY worst DESC, m.office_no LIMIT ?), "
        "d AS (SELECT m.office_id, m.year, m.report_id, m.q_carried_in::DOUBLE AS came, "
        "coalesce(c.went, m.p_carried_out)::DOUBLE AS went, c.other_no, w.worst "
        "FROM mart_report m JOIN w ON w.office_no = m.office_no "
        f"LEFT JOIN mart_continuity c ON c.report_no = m.report_no WHERE {where.sql}) "
        "SELECT d.office_id, d.year, d.report_id, d.went, d.came, p.office_id AS before_id, "
        "d.came - d.went AS difference, o.name, q.name AS before_name FROM d "
        "LEFT JOIN wide_report p ON p.report_no = d.other_no "
        "LEFT JOIN office o ON o.office_id = d.office_id "
        "LEFT JOIN office q ON q.office_id = p.office_id "
        "WHERE d.came IS NOT NULL AND d.went IS NOT NULL "
        "ORDER BY d.worst DESC, o.name, d.office_id, d.year",
        (*where.values, limit, *where.values),
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
