"""What letters to offices are made of: failed findings, their reports, the cells they stand in."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import (
    OF_OFFICES,
    Viewer,
    Where,
    depends_on,
    office_numbers,
    one_of,
    places,
    readable,
    seen,
    with_ids,
    years,
)

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
    """``m``: failed findings of current reports, whatever they cover: nothing here adds up.

    ``only``: findings of these ids, else all. An office that is named is not filtered by region,
    level or kind: it was chosen itself.
    """
    place = seen(scope, "m") if office_id else places(scope, selection, "m")
    span = years(selection, "m")
    listed, values = one_of("m.rule_level", levels)
    where = place.also(span.sql, *span.values).also(listed, *values)
    if rule:
        where = where.also("m.rule = ?", rule)
    if only is not None:
        where &= with_ids(only)
    return where


def _of(db: Database, office_ids: tuple[str, ...]) -> Where:
    """Findings ``m`` of some offices, by their numbers; by their reports' where one has none."""
    known = office_numbers(db, office_ids)
    unlisted = sorted(set(office_ids) - known.keys())
    where, values = one_of("m.office_no", known.values())
    if unlisted:
        more, ids = one_of("w.office_id", unlisted)
        more = (
            f"m.report_no IN (SELECT w.report_no FROM wide_report w WHERE w.is_current AND {more})"
        )
        where, values = f"({where} OR {more})", (*values, *ids)
    return Where(where, values)


def _printed(db: Database, office_ids: list[str]) -> dict[str, str]:
    """What reports of offices without a record call their office."""
    if not office_ids:
        return {}
    return dict(
        db.rows(
            "SELECT office_id, any_value(office_printed) FROM report WHERE is_current "
            "AND list_contains(?::VARCHAR[], office_id) AND office_printed IS NOT NULL "
            "GROUP BY office_id",
            (office_ids,),
        )
    )


@depends_on("years", *OF_OFFICES)
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
    if office_id:
        where &= _of(db, (office_id,))
    # Numbers are grouped and counted; names are fetched for the offices listed alone.
    found = db.frame(
        # The reports of an office are counted as bits of a number: it has few, in one pass.
        "WITH r AS NOT MATERIALIZED (SELECT m.office_no, m.report_no, m.nth FROM mart_finding m "
        f"WHERE {where.sql}), "
        "g AS MATERIALIZED (SELECT office_no, NULL AS unlisted, "
        "bit_count(bit_or(1::HUGEINT << nth)) AS reports, count(*) AS findings "
        "FROM r WHERE office_no IS NOT NULL GROUP BY office_no "
        "UNION ALL SELECT NULL, w.office_id, count(DISTINCT r.report_no), count(*) FROM r "
        "JOIN wide_report w ON w.report_no = r.report_no WHERE r.office_no IS NULL "
        "GROUP BY w.office_id), "
        "l AS (SELECT g.*, n.place_no FROM g LEFT JOIN mart_office n ON n.office_no = g.office_no "
        "ORDER BY n.place_no NULLS LAST, g.unlisted LIMIT ?) "
        "SELECT coalesce(n.office_id, l.unlisted) AS office_id, n.name, l.reports, l.findings, "
        "(SELECT count(*) FROM g) AS found FROM l "
        "LEFT JOIN mart_office n ON n.office_no = l.office_no "
        "ORDER BY l.place_no NULLS LAST, l.unlisted",
        (*where.values, limit),
    )
    unnamed = found.loc[found["name"].isna(), "office_id"]
    if len(unnamed):
        names = _printed(db, list(unnamed))
        found.loc[unnamed.index, "name"] = [names.get(office, office) for office in unnamed]
    return found


@depends_on("years", *OF_OFFICES)
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
    chosen = tuple(o for o in office_ids if o == office_id) if office_id else office_ids
    where = _failed(scope, selection, levels, rule, office_id, only) & _of(db, chosen)
    rows = db.rows(
        "SELECT m.finding_row, w.scope FROM mart_finding m "
        "JOIN wide_report w ON w.report_no = m.report_no "
        f"WHERE {where.sql}",
        where.values,
    )
    return db.frame(
        "SELECT f.finding_id, f.report_id, f.office_id, f.year, f.rule, f.level, f.subject_zh, "
        "f.subject_en, f.left_value::DOUBLE AS left_value, f.right_value::DOUBLE AS right_value, "
        "f.message_zh, f.message_en, coalesce(f.cells, []) AS cells, r.scope "
        "FROM (SELECT unnest(?::BIGINT[]) AS finding_row, unnest(?::VARCHAR[]) AS scope) r "
        "JOIN finding f ON f.rowid = r.finding_row "
        "ORDER BY f.office_id, f.year DESC, r.scope, f.report_id, "
        "list_position(['error', 'warning', 'info'], f.level), f.rule, f.subject, f.finding_id",
        [[row[n] for row in rows] for n in range(2)],
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
    where = readable(scope, "p")
    listed, values = one_of("p.report_id", report_ids)
    # Filtered inside the list: unnesting all cells first takes eight times as long.
    return db.frame(
        'SELECT u.report_id, u.c.key AS cell, u.c.state, u.c.raw, u.c."at", '
        "u.c.value::DOUBLE AS value FROM (SELECT p.report_id, unnest(list_filter(p.cells, "
        "lambda x: list_contains(?::VARCHAR[], x.key))) AS c FROM provenance p "
        f"WHERE {where.sql} AND {listed}) u "
        "ORDER BY u.report_id, cell",
        (list(cells), *where.values, *values),
    )
