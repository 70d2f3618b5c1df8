"""The reports behind a figure, and where in them the figures stand."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, one_of, own_or_region, reports, seen, years

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
    a report. At most ``limit`` rows; ``found`` is how many there are.
    """
    if offices:
        listed, values = one_of("m.office_id", offices)
        view, span = seen(scope, "m"), years(selection, "m")
        where = f"{listed} AND {view.sql} AND {span.sql} AND {own_or_region(selection, 'm')}"
        bound = (*values, *view.values, *span.values)
    else:
        every = reports(scope, selection)
        where, bound = every.sql, every.values
    wanted, keys = one_of("c.key", cells)
    base = (
        "SELECT m.office_id, o.name, m.year, m.report_id, d.filename, d.url, {cells} "
        "FROM mart_report m JOIN report r ON r.report_id = m.report_id "
        "LEFT JOIN document d ON d.document_id = r.document_id "
        "LEFT JOIN office o ON o.office_id = m.office_id {join} WHERE " + where
    )
    if not cells:
        sql = base.format(
            cells='NULL AS cell, NULL AS state, NULL AS raw, NULL AS "at", 0 AS place', join=""
        )
        keys = ()
    else:
        sql = (
            base.format(
                cells='c.key AS cell, c.state, c.raw, c."at", list_position(?, c.key) AS place',
                join="JOIN provenance p ON p.report_id = m.report_id, unnest(p.cells) AS u(c)",
            )
            + f" AND {wanted}"
        )
        bound = (list(cells), *bound, *keys)
    return db.frame(
        f"SELECT *, count(*) OVER () AS found FROM ({sql}) "
        "ORDER BY year DESC, name, report_id, place LIMIT ?",
        (*bound, limit),
    ).drop(columns="place")
