"""主动公开: the stock of documents in force, and the cells only one form has."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, column, reports, years


def stock(scope: Viewer, db: Database, selection: Selection, row: str) -> pd.DataFrame:
    """Documents in force as reported beside last year's stock plus made minus repealed.

    ``row`` is ``rules`` or ``normdocs``. Columns ``year, offices, before, issued, repealed,
    expected, reported, off``: sums over the offices (with the same scope of figures) that have all
    four parts; ``off`` counts those whose own two figures differ. Sums can agree while offices do
    not: that is what ``off`` is for.
    """
    issued, repealed, kept = (
        column(f"q_{row}_{part}") for part in ("issued", "repealed", "in_force")
    )
    span = years(selection, "b")
    wider = selection
    if selection.years and not selection.balanced:
        first, last = selection.years
        wider = replace(selection, years=(first - 1, last))
    where = reports(scope, wider)
    return db.frame(
        f"WITH x AS (SELECT m.office_id, m.scope, m.year, m.{issued}::DOUBLE AS issued, "
        f"m.{repealed}::DOUBLE AS repealed, m.{kept}::DOUBLE AS kept "
        f"FROM mart_report m WHERE {where.sql}) "
        "SELECT b.year, count(*) AS offices, sum(a.kept) AS before, sum(b.issued) AS issued, "
        "sum(b.repealed) AS repealed, sum(a.kept + b.issued - b.repealed) AS expected, "
        "sum(b.kept) AS reported, "
        "count(*) FILTER (a.kept + b.issued - b.repealed <> b.kept) AS off FROM x b "
        "JOIN x a ON a.office_id = b.office_id AND a.year = b.year - 1 "
        "AND a.scope IS NOT DISTINCT FROM b.scope "
        "WHERE a.kept IS NOT NULL AND b.issued IS NOT NULL AND b.repealed IS NOT NULL "
        f"AND b.kept IS NOT NULL AND {span.sql} GROUP BY b.year ORDER BY b.year",
        (*where.values, *span.values),
    )


def fees(scope: Viewer, db: Database, selection: Selection, metric: str, rule: str) -> pd.DataFrame:
    """A count metric by year beside what is left without the reports that fail a rule.

    ``year, n, total, suspects, suspected, clean``: all reports with the figure, their sum; those
    of them failing ``rule`` and their sum; the rest. A year without a figure has no row.
    """
    where = reports(scope, selection)
    num = column(f"m_{metric}_num")
    found = db.frame(
        "WITH f AS (SELECT DISTINCT report_id FROM finding WHERE rule = ? AND outcome = 'fail') "
        f"SELECT m.year, count(m.{num}) AS n, sum(m.{num})::DOUBLE AS total, "
        f"count(m.{num}) FILTER (f.report_id IS NOT NULL) AS suspects, "
        f"coalesce(sum(m.{num}) FILTER (f.report_id IS NOT NULL), 0)::DOUBLE AS suspected "
        "FROM mart_report m LEFT JOIN f ON f.report_id = m.report_id "
        f"WHERE {where.sql} AND m.{num} IS NOT NULL GROUP BY m.year ORDER BY m.year",
        (rule, *where.values),
    )
    found["clean"] = found["total"] - found["suspected"]
    return found


def cell_sums(
    scope: Viewer,
    db: Database,
    selection: Selection,
    cells: tuple[str, ...],
    span: tuple[int, int],
) -> pd.DataFrame:
    """``year, reports, cell, total, n``: sums of cells (their SQL names) within ``span``.

    For cells that no metric names, such as those of an earlier form. ``n`` counts the reports with
    a number in the cell; without any, ``total`` is nothing, never 0.
    """
    where = reports(scope, selection).also("m.year BETWEEN ? AND ?", *span)
    sums = ", ".join(
        f"sum(c.{column(name)})::DOUBLE AS {column(f's_{name}')}, "
        f"count(c.{column(name)}) AS {column(f'n_{name}')}"
        for name in cells
    )
    wide = db.frame(
        f"SELECT m.year, count(*) AS reports, {sums} FROM mart_report m "
        "JOIN core_report c ON c.report_id = m.report_id AND c.year = m.year "
        f"WHERE {where.sql} GROUP BY m.year ORDER BY m.year",
        where.values,
    )
    parts = [
        pd.DataFrame(
            {
                "year": wide["year"],
                "reports": wide["reports"],
                "cell": name,
                "total": wide[f"s_{name}"],
                "n": wide[f"n_{name}"],
            }
        )
        for name in cells
    ]
    columns = ["year", "reports", "cell", "total", "n"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


#: Rows of :func:`offices_of_cell`; the sum itself counts all.
OFFICE_ROWS = 100


def offices_of_cell(
    scope: Viewer, db: Database, selection: Selection, cell: str, year: int
) -> pd.DataFrame:
    """Reports behind a sum of a cell: ``office_id, name, report_id, value``, largest first."""
    where = reports(scope, selection)
    name = column(cell)
    return db.frame(
        f"SELECT m.office_id, o.name, m.report_id, c.{name}::DOUBLE AS value FROM mart_report m "
        "JOIN core_report c ON c.report_id = m.report_id AND c.year = m.year "
        "LEFT JOIN office o ON o.office_id = m.office_id "
        f"WHERE {where.sql} AND m.year = ? AND c.{name} IS NOT NULL "
        f"ORDER BY abs(c.{name}) DESC, o.name, m.report_id LIMIT ?",
        (*where.values, year, OFFICE_ROWS),
    )
