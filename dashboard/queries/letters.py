"""What letters to offices are made of: failed findings, their reports, the cells they stand in."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, Where, one_of, places, seen, years

#: Levels a letter may hold; hints are no reason to write to an office.
LEVELS = ("error", "warning")


def _failed(
    scope: Viewer,
    selection: Selection,
    levels: tuple[str, ...],
    rule: str,
    office_id: str,
    only: tuple[str, ...] | None,
) -> Where:
    """Failed findings of current reports, whatever the reports cover: nothing here adds up.

    ``only``: findings of these ids, else all. An office that is named is not filtered by region,
    level or kind: it was chosen itself.
    """
    place = seen(scope, "r") if office_id else places(scope, selection, "r")
    span = years(selection, "r")
    listed, values = one_of("f.level", levels)
    where = Where(
        f"r.is_current AND f.outcome = 'fail' AND {place.sql} AND {span.sql} AND {listed}",
        (*place.values, *span.values, *values),
    )
    if rule:
        where = where.also("f.rule = ?", rule)
    if only is not None:
        where = where.also("list_contains(?::VARCHAR[], f.finding_id)", list(only))
    return where.also("f.office_id = ?", office_id) if office_id else where


def offices(
    scope: Viewer,
    db: Database,
    selection: Selection,
    *,
    levels: tuple[str, ...] = LEVELS,
    rule: str = "",
    office_id: str = "",
    only: tuple[str, ...] | None = None,
    limit: int = 500,
) -> pd.DataFrame:
    """``office_id, name, reports, findings, found`` of offices with failed findings.

    By place, then name; at most ``limit`` rows, ``found`` is how many offices there are.
    """
    where = _failed(scope, selection, levels, rule, office_id, only)
    return db.frame(
        "SELECT f.office_id, coalesce(any_value(o.name), any_value(r.office_printed), f.office_id) "
        "AS name, count(DISTINCT f.report_id) AS reports, count(*) AS findings, "
        "count(*) OVER () AS found FROM finding f JOIN report r ON r.report_id = f.report_id "
        f"LEFT JOIN office o ON o.office_id = f.office_id WHERE {where.sql} GROUP BY f.office_id "
        "ORDER BY any_value(o.division_code) NULLS LAST, name, f.office_id LIMIT ?",
        (*where.values, limit),
    )


def findings(
    scope: Viewer,
    db: Database,
    selection: Selection,
    office_ids: tuple[str, ...],
    *,
    levels: tuple[str, ...] = LEVELS,
    rule: str = "",
    office_id: str = "",
    only: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """The failed findings of some offices, newest report first, errors before the rest.

    ``finding_id, report_id, office_id, year, rule, level, subject_zh, subject_en, left_value,
    right_value, message_zh, message_en, cells`` (keys of the form), ``scope`` of the report.
    """
    where = _failed(scope, selection, levels, rule, office_id, only)
    listed, values = one_of("f.office_id", office_ids)
    return db.frame(
        "SELECT f.finding_id, f.report_id, f.office_id, f.year, f.rule, f.level, f.subject_zh, "
        "f.subject_en, f.left_value::DOUBLE AS left_value, f.right_value::DOUBLE AS right_value, "
        "f.message_zh, f.message_en, coalesce(f.cells, []) AS cells, r.scope "
        "FROM finding f JOIN report r ON r.report_id = f.report_id "
        f"WHERE {where.sql} AND {listed} "
        "ORDER BY f.office_id, f.year DESC, r.scope, f.report_id, "
        "list_position(['error', 'warning', 'info'], f.level), f.rule, f.subject, f.finding_id",
        (*where.values, *values),
    )


def documents(scope: Viewer, db: Database, report_ids: tuple[str, ...]) -> pd.DataFrame:
    """``report_id, year, title, filename, sha256, published, url, office_printed, scope``."""
    where = seen(scope, "r")
    listed, values = one_of("r.report_id", report_ids)
    return db.frame(
        "SELECT r.report_id, r.year, d.title, d.filename, d.document_id AS sha256, "
        "coalesce(r.published, d.published) AS published, d.url, r.office_printed, r.scope "
        "FROM report r LEFT JOIN document d ON d.document_id = r.document_id "
        f"WHERE {where.sql} AND {listed} ORDER BY r.report_id",
        (*where.values, *values),
    )


def printed(
    scope: Viewer, db: Database, report_ids: tuple[str, ...], cells: tuple[str, ...]
) -> pd.DataFrame:
    """``report_id, cell, state, raw, at, value`` of some cells of some reports, as printed."""
    where = seen(scope, "r")
    listed, values = one_of("p.report_id", report_ids)
    # Filtered inside the list: unnesting all cells first takes eight times as long.
    return db.frame(
        'SELECT u.report_id, u.c.key AS cell, u.c.state, u.c.raw, u.c."at", '
        "u.c.value::DOUBLE AS value FROM (SELECT p.report_id, unnest(list_filter(p.cells, "
        "lambda x: list_contains(?::VARCHAR[], x.key))) AS c FROM provenance p "
        f"JOIN report r ON r.report_id = p.report_id WHERE {where.sql} AND {listed}) u "
        "ORDER BY u.report_id, cell",
        (list(cells), *where.values, *values),
    )
