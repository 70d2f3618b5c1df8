"""The reports behind a figure, and where in them the figures stand."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import (
    NAMED,
    Viewer,
    Where,
    one_of,
    own_or_region,
    reports,
    seen,
    years,
)

#: Rows of one figure's list; the whole number is told beside it.
SOURCE_ROWS = 500


def behind(
    scope: Viewer,
    db: Database,
    selection: Selection,
    offices: tuple[str, ...],
    cells: tuple[str, ...],
    limit: int = SOURCE_ROWS,
) -> pd.DataFrame:
    """``office_id, name, year, report_id, filename, url, cell, state, raw, at`` of a figure.

    ``offices``: those shown by name (region, level and kind do not apply to them); none: all the
    selection counts. ``cells``: cells of the form behind its measures, one row each; none: one row
    a report. Newest first, offices alike together; at most ``limit`` rows, ``found`` is how many
    there are.
    """
    if offices:
        listed, values = one_of("m.office_id", offices)
        where = Where(listed, values) & seen(scope, "m") & years(selection, "m")
        where = where.also(own_or_region(selection, "m"))
    else:
        where = reports(scope, selection)
    # Numbers are picked and counted; names, files and cells are looked up for what is listed.
    x = f"SELECT m.report_no, m.year FROM mart_report m WHERE {where.sql}"
    order = "year DESC, report_no"
    if not cells:
        [(found,)] = db.rows(f"SELECT count(*) FROM ({x})", where.values)
        listed = f"SELECT * FROM ({x}) ORDER BY {order} LIMIT ?"
        nothing = 'NULL AS cell, NULL AS state, NULL AS raw, NULL AS "at", ?::BIGINT AS found'
        return db.frame(_about(nothing, listed, order), (found, *where.values, limit))
    # The cells of the offices named are few: they are read before they are counted.
    z = (
        'SELECT report_no, year, c.key AS cell, c.state AS state, c.raw AS raw, c."at" AS "at", '
        "list_position(?::VARCHAR[], c.key) AS place, count(*) OVER () AS found FROM ("
        "SELECT x.*, unnest(list_filter(p.cells, lambda c: list_contains(?::VARCHAR[], c.key))) "
        f"AS c FROM ({x}) x JOIN wide_report w ON w.report_no = x.report_no "
        "JOIN provenance p ON p.report_id = w.report_id)"
    )
    order += ", place"
    told = 'x.cell, x.state, x.raw, x."at", x.found'
    return db.frame(
        _about(told, f"{z} ORDER BY {order} LIMIT ?", order),
        (list(cells), list(cells), *where.values, limit),
    )


def _about(told: str, rows: str, order: str) -> str:
    """Offices, documents and what else is told of the few rows ``x`` that are left."""
    return (
        f"SELECT r.office_id, o.name, x.year, r.report_id, d.filename, d.url, {told} "
        f"FROM ({rows}) x {NAMED}JOIN report f ON f.report_id = r.report_id "
        "LEFT JOIN document d ON d.document_id = f.document_id "
        f"ORDER BY {', '.join(f'x.{part}' for part in order.split(', '))}"
    )
