"""主动公开: the stock of documents in force, and the cells only one form has."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import NAMED, Viewer, column, reports, with_year_before


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
    before = column(f"p_{row}_in_force")
    where = with_year_before(scope, selection)
    return db.frame(
        f"WITH x AS (SELECT m.year, m.{before}::DOUBLE AS before, m.{issued}::DOUBLE AS issued, "
        f"m.{repealed}::DOUBLE AS repealed, m.{kept}::DOUBLE AS kept "
        f"FROM mart_report m WHERE {where.sql}) "
        "SELECT year, count(*) AS offices, sum(before) AS before, sum(issued) AS issued, "
        "sum(repealed) AS repealed, sum(before + issued - repealed) AS expected, "
        "sum(kept) AS reported, "
        "count(*) FILTER (before + issued - repealed <> kept) AS off FROM x "
        "WHERE before + issued + repealed + kept IS NOT NULL GROUP BY year ORDER BY year",
        where.values,
    )


def fees(scope: Viewer, db: Database, selection: Selection, metric: str, rule: str) -> pd.DataFrame:
    """A count metric by year beside what is left without the reports that fail a rule.

    ``year, n, total, suspects, suspected, clean``: all reports with the figure, their sum; those
    of them failing ``rule`` and their sum; the rest. A year without a figure has no row.
    """
    where = reports(scope, selection)
    num = column(f"m_{metric}_num")
    found = db.frame(
        "WITH f AS (SELECT DISTINCT report_no FROM mart_finding WHERE rule = ?) "
        f"SELECT m.year, count(m.{num}) AS n, sum(m.{num})::DOUBLE AS total, "
        f"count(m.{num}) FILTER (f.report_no IS NOT NULL) AS suspects, "
        f"coalesce(sum(m.{num}) FILTER (f.report_no IS NOT NULL), 0)::DOUBLE AS suspected "
        "FROM mart_report m LEFT JOIN f ON f.report_no = m.report_no "
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
        f"sum(m.{column(name)})::DOUBLE AS {column(f's_{name}')}, "
        f"count(m.{column(name)}) AS {column(f'n_{name}')}"
        for name in cells
    )
    wide = db.frame(
        f"SELECT m.year, count(*) AS reports, {sums} FROM wide_report m "
        f"WHERE m.is_current AND {where.sql} GROUP BY m.year ORDER BY m.year",
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
        f"WITH x AS (SELECT m.report_no, m.{name}::DOUBLE AS value FROM wide_report m "
        f"WHERE m.is_current AND {where.sql} AND m.year = ? AND m.{name} IS NOT NULL "
        "ORDER BY abs(value) DESC, report_no LIMIT ?) "
        f"SELECT r.office_id, o.name, r.report_id, x.value FROM x {NAMED}"
        "ORDER BY abs(x.value) DESC, x.report_no",
        (*where.values, year, OFFICE_ROWS),
    )
