"""Pooled figures over reports: by year, coverage, and why a total moved.

Everything pooled is sum(numerator) / sum(denominator) over the reports that have both
(domain/metrics.md section 7); a denominator of 0 has no rate.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import (
    NAMED,
    NOT_DUE,
    OF_OFFICES,
    YEAR_ZERO,
    Viewer,
    Where,
    column,
    depends_on,
    panel,
    places,
    reports,
    source,
    totals,
    years,
)


def _sums(metrics: tuple[str, ...], table: str) -> str:
    count = "count(m.{n})" if table == "mart_report" else "sum(m.{k})"
    parts = []
    for key in metrics:
        num, den, n = (column(f"m_{key}_{part}") for part in ("num", "den", "n"))
        counted = count.format(n=num, k=n)
        parts.append(f"sum(m.{num}) AS {num}, sum(m.{den}) AS {den}, {counted} AS {n}")
    return ", ".join(parts)


def long_form(wide: pd.DataFrame, metrics: tuple[str, ...], keys: list[str]) -> pd.DataFrame:
    """Columns ``m_<key>_num|den[|n]`` → rows ``metric, num, den, n, value``.

    ``value`` is numerator over denominator, the numerator itself where there is no denominator
    (counts), and nothing where the base is 0 or a part is missing.
    """
    if not metrics:
        return pd.DataFrame(columns=[*keys, "metric", "num", "den", "n", "value"])
    rows = len(wide)
    nums = {key: _numbers(wide[f"m_{key}_num"]) for key in metrics}
    counts = (
        wide[f"m_{key}_n"].to_numpy() if f"m_{key}_n" in wide else (~np.isnan(num)).astype(int)
        for key, num in nums.items()
    )
    # Column by column: a frame a metric and their concatenation took six times as long.
    out = wide[keys].take(np.tile(np.arange(rows), len(metrics))).reset_index(drop=True)
    out["metric"] = pd.Index(metrics).repeat(rows)
    out["num"] = np.concatenate(list(nums.values()))
    out["den"] = np.concatenate([_numbers(wide[f"m_{key}_den"]) for key in metrics])
    out["n"] = np.concatenate(list(counts))
    return out


def _numbers(column: pd.Series[Any]) -> npt.NDArray[np.float64]:
    if column.dtype == object:  # amounts come as Decimal
        column = pd.to_numeric(column)
    return column.to_numpy(dtype=float, na_value=np.nan)


def rates(frame: pd.DataFrame, with_base: frozenset[str]) -> pd.DataFrame:
    """Add ``value``: of metrics with a base num/den (nothing for base 0), of counts num."""
    ratio = frame["num"] / frame["den"].where(frame["den"] > 0)
    frame["value"] = ratio.where(frame["metric"].isin(with_base), frame["num"])
    return frame


def by_year(
    scope: Viewer,
    db: Database,
    selection: Selection,
    metrics: tuple[str, ...],
    with_base: frozenset[str],
) -> pd.DataFrame:
    """``year, metric, num, den, n, value, reports`` for every year shown, gaps included.

    A year without reports has a row with nothing in it, so that lines break there.
    """
    table = source(scope, selection)
    where = totals(scope, selection)
    counted = "count(*)" if table == "mart_report" else "sum(m.n_reports)"
    wide = db.frame(
        f"SELECT m.year, {counted} AS reports, {_sums(metrics, table)} "
        f"FROM {table} m WHERE {where.sql} GROUP BY m.year ORDER BY m.year",
        where.values,
    )
    wide = with_all_years(wide, selection)
    return rates(long_form(wide, metrics, ["year", "reports"]), with_base)


def count(scope: Viewer, db: Database, selection: Selection) -> int:
    """How many reports a selection counts, over all years shown."""
    table, where = source(scope, selection), totals(scope, selection)
    counted = "count(*)" if table == "mart_report" else "coalesce(sum(m.n_reports), 0)::BIGINT"
    return int(db.rows(f"SELECT {counted} FROM {table} m WHERE {where.sql}", where.values)[0][0])


def with_all_years(wide: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Insert empty rows for years without any row between the first and the last shown."""
    if wide.empty:
        return wide
    first, last = selection.years or (int(wide["year"].min()), int(wide["year"].max()))
    first, last = max(first, int(wide["year"].min())), min(last, int(wide["year"].max()))
    every = pd.DataFrame({"year": range(first, last + 1)})
    return every.merge(wide, on="year", how="left")


def coverage(scope: Viewer, db: Database, selection: Selection, today: dt.date) -> pd.DataFrame:
    """``year, expected, reported, not_due, used``: the roster against the reports, per year.

    ``reported`` counts expected offices with a current report of either scope, for a government's
    report on its whole region is its report; ``used`` those of them that also pass the reader's
    own conditions (scope, balanced panel, failing reports left out). ``not_due`` are not here
    either, but their date is to come on the day of asking; the rest is missing.
    """
    expected = _expected(scope, selection)
    had = "whole" if selection.scope == "region" else "own"
    had = f"a.{had}_ok" if selection.ok_only else f"a.{had}"
    used = Where(f"{had} & (1::BIGINT << (a.year - {YEAR_ZERO})) <> 0", ())
    if selection.balanced:
        wanted = panel(scope, selection)
        used = used.also(f"({wanted.sql}) & ~{had} = 0", *wanted.values)
    return db.frame(
        "SELECT a.year, count(*) AS expected, "
        "count(*) FILTER (a.arrival <> 'missing') AS reported, "
        f"count(*) FILTER ({NOT_DUE}) AS not_due, "
        f"count(*) FILTER ({used.sql}) AS used "
        f"FROM mart_arrival a WHERE {expected.sql} GROUP BY a.year ORDER BY a.year",
        (today, *used.values, *expected.values),
    )


def _expected(scope: Viewer, selection: Selection) -> Where:
    place = places(scope, selection, "a")
    span = years(selection, "a")
    return place.also(span.sql, *span.values)


@depends_on("years", *OF_OFFICES)
def missing(
    scope: Viewer, db: Database, selection: Selection, year: int, today: dt.date
) -> pd.DataFrame:
    """Offices whose report of a year is overdue: ``office_id, name, level, kind, due, last``.

    One whose date is to come on the day of asking is not missing yet, as on the roster's board.
    ``last`` is the last earlier year with a report, nothing if there is none.
    """
    expected = _expected(scope, selection)
    return db.frame(
        "SELECT o.office_id, o.name, o.level, o.kind, o.county_name, o.city_name, a.due, a.last "
        "FROM mart_arrival a JOIN mart_office n ON n.office_no = a.office_no "
        "JOIN office o ON o.office_id = n.office_id "
        f"WHERE a.year = ? AND a.arrival = 'missing' AND NOT {NOT_DUE} AND {expected.sql} "
        "ORDER BY a.due, o.level, o.division_code, o.name, o.office_id",
        (year, today, *expected.values),
    )


_PAIRS = (
    "WITH a AS (SELECT m.office_no, m.{num} AS n, m.{den} AS d FROM mart_report m "
    "WHERE {where} AND m.year = ? AND m.{num} IS NOT NULL AND m.{den} IS NOT NULL), "
    "b AS (SELECT m.office_no, m.{num} AS n, m.{den} AS d FROM mart_report m "
    "WHERE {where} AND m.year = ? AND m.{num} IS NOT NULL AND m.{den} IS NOT NULL), "
    "both_years AS (SELECT a.office_no, a.n::DOUBLE AS n0, a.d::DOUBLE AS d0, "
    "b.n::DOUBLE AS n1, b.d::DOUBLE AS d1 FROM a JOIN b ON a.office_no = b.office_no), "
    "pooled AS (SELECT sum(n0) AS tn0, sum(d0) AS td0, sum(n1) AS tn1, sum(d1) AS td1 "
    "FROM both_years) "
)


def _pairs(scope: Viewer, selection: Selection, metric: str, year: int) -> Where:
    where = reports(scope, _all_years(selection))
    sql = _PAIRS.format(
        num=column(f"m_{metric}_num"), den=column(f"m_{metric}_den"), where=where.sql
    )
    return Where(sql, (*where.values, year - 1, *where.values, year))


def _all_years(selection: Selection) -> Selection:
    """The comparison needs the year before, which the years shown may leave out."""
    if selection.balanced or selection.years is None:
        return selection
    first, last = selection.years
    return replace(selection, years=(first - 1, last), balanced=False)


#: An office's old rate; one without old cases is taken at the old pooled rate.
_OLD_RATE = "coalesce(x.n0 / nullif(x.d0, 0), p.tn0 / p.td0)"
#: An office's part of an effect, in cases; summed over all offices they make the effect. ``mix``
#: and ``rate`` over the new cases of all (``td1``) are the parts in points of the pooled rate.
_PARTS = {
    "volume": "(x.d1 - x.d0) * p.tn0 / p.td0",
    "mix": f"(x.d1 - p.td1 * x.d0 / p.td0) * ({_OLD_RATE} - p.tn0 / p.td0)",
    "rate": f"x.n1 - x.d1 * {_OLD_RATE}",
}
#: The effects of :func:`why_moved` that offices have a part in.
EFFECTS = (*_PARTS, "panel")


def why_moved(
    scope: Viewer, db: Database, selection: Selection, metric: str, year: int
) -> pd.DataFrame:
    """The change of a rate from the year before, split by effect.

    Over offices with the metric in both years: ``volume`` = more or fewer cases at the old pooled
    rate; ``mix`` = cases moving between offices with different old rates; ``rate`` = offices' own
    rates changing, weighted by the new cases. ``panel`` = offices with the metric in only one of
    the two years. ``count`` is the part in the numerator's unit, ``points`` in the rate (0–1; none
    for volume, which moves no rate). Counts add up to the numerator's change, points to the
    rate's. Columns: ``effect, count, points, offices`` and the pooled rates ``before`` and ``now``.
    An office without cases in the old year is taken at the old pooled rate.
    """
    base = _pairs(scope, selection, metric, year)
    return db.frame(
        base.sql + "SELECT p.*, "
        "(SELECT sum(n)::DOUBLE FROM a) AS n0_all, (SELECT sum(d)::DOUBLE FROM a) AS d0_all, "
        "(SELECT sum(n)::DOUBLE FROM b) AS n1_all, (SELECT sum(d)::DOUBLE FROM b) AS d1_all, "
        "(SELECT count(*) FROM both_years) AS n_both, (SELECT count(*) FROM a) AS n_a, "
        "(SELECT count(*) FROM b) AS n_b, "
        f"(SELECT sum({_PARTS['mix']}) FROM both_years x) AS mix, "
        f"(SELECT sum({_PARTS['rate']}) FROM both_years x) AS rate "
        "FROM pooled p WHERE p.td0 > 0 AND p.td1 > 0",
        base.values,
    ).pipe(_effects)


def _effects(row: pd.DataFrame) -> pd.DataFrame:
    columns = ["effect", "count", "points", "offices", "before", "now"]
    if row.empty:
        return pd.DataFrame(columns=columns)
    r = row.iloc[0]
    old, new = r["n0_all"] / r["d0_all"], r["n1_all"] / r["d1_all"]
    matched = r["tn1"] / r["td1"] - r["tn0"] / r["td0"]
    whole = new - old
    one_year = int(r["n_a"] + r["n_b"] - 2 * r["n_both"])
    both = int(r["n_both"])
    data = [
        ("volume", (r["td1"] - r["td0"]) * r["tn0"] / r["td0"], None, both),
        ("mix", r["mix"], r["mix"] / r["td1"], both),
        ("rate", r["rate"], r["rate"] / r["td1"], both),
        ("panel", (r["n1_all"] - r["tn1"]) - (r["n0_all"] - r["tn0"]), whole - matched, one_year),
        ("total", r["n1_all"] - r["n0_all"], whole, both + one_year),
    ]
    return pd.DataFrame([(*row, old, new) for row in data], columns=columns)


def who_moved(
    scope: Viewer, db: Database, selection: Selection, metric: str, year: int, limit: int = 10
) -> pd.DataFrame:
    """Offices that moved a rate most: ``office_id, name, points, n0, d0, n1, d1``, largest first.

    ``points`` is the office's part of the matched offices' change: its new weight times the change
    of its own rate, plus its change of weight times how far its old rate lay from the pool's.
    """
    base = _pairs(scope, selection, metric, year)
    return db.frame(
        base.sql + ", moved AS (SELECT x.*, "
        f"({_PARTS['rate']} + {_PARTS['mix']}) / p.td1 AS points "
        "FROM both_years x, pooled p WHERE p.td0 > 0 AND p.td1 > 0), "
        "most AS (SELECT * FROM moved ORDER BY abs(points) DESC, office_no LIMIT ?) "
        "SELECT o.office_id, o.name, x.n0, x.d0, x.n1, x.d1, x.points FROM most x "
        "JOIN mart_office o ON o.office_no = x.office_no "
        "ORDER BY abs(x.points) DESC, x.office_no",
        (*base.values, limit),
    )


def who_by_effect(
    scope: Viewer,
    db: Database,
    selection: Selection,
    metric: str,
    year: int,
    effect: str,
    limit: int = 20,
) -> pd.DataFrame:
    """Offices with the largest part of one effect: ``office_id, name, n0, d0, n1, d1, count``.

    ``effect`` is one of :data:`EFFECTS`; ``count`` is the office's part in cases, largest first,
    whichever its sign. Of ``panel`` one year's pair is missing.

    Raises:
        KeyError: no such effect.
    """
    base = _pairs(scope, selection, metric, year)
    if effect == "panel":
        rows = (
            "SELECT coalesce(a.office_no, b.office_no) AS office_no, a.n::DOUBLE AS n0, "
            "a.d::DOUBLE AS d0, b.n::DOUBLE AS n1, b.d::DOUBLE AS d1, "
            "(coalesce(b.n, 0) - coalesce(a.n, 0))::DOUBLE AS count "
            "FROM a FULL JOIN b ON a.office_no = b.office_no "
            "WHERE a.office_no IS NULL OR b.office_no IS NULL"
        )
    else:
        rows = (
            f"SELECT x.office_no, x.n0, x.d0, x.n1, x.d1, {_PARTS[effect]} AS count "
            "FROM both_years x, pooled p WHERE p.td0 > 0 AND p.td1 > 0"
        )
    return db.frame(
        base.sql + f", y AS (SELECT * FROM ({rows}) WHERE count <> 0 "
        "ORDER BY abs(count) DESC, office_no LIMIT ?) "
        "SELECT o.office_id, o.name, y.n0, y.d0, y.n1, y.d1, y.count FROM y "
        "JOIN mart_office o ON o.office_no = y.office_no "
        "ORDER BY abs(y.count) DESC, y.office_no",
        (*base.values, limit),
    )


def who_moved_count(
    scope: Viewer, db: Database, selection: Selection, metric: str, year: int, limit: int = 10
) -> pd.DataFrame:
    """Offices whose count changed most: ``office_id, name, n0, n1, change`` (both years known)."""
    where = reports(scope, _all_years(selection))
    num = column(f"m_{metric}_num")
    return db.frame(
        f"WITH x AS (SELECT m.office_no, m.year, m.{num}::DOUBLE AS n FROM mart_report m "
        f"WHERE {where.sql} AND m.year IN (?, ?) AND m.{num} IS NOT NULL), "
        "most AS (SELECT b.office_no, a.n AS n0, b.n AS n1, b.n - a.n AS change FROM x a "
        "JOIN x b ON a.office_no = b.office_no AND a.year = ? AND b.year = ? "
        "ORDER BY abs(b.n - a.n) DESC, b.office_no LIMIT ?) "
        "SELECT o.office_id, o.name, m.n0, m.n1, m.change FROM most m "
        "JOIN mart_office o ON o.office_no = m.office_no "
        "ORDER BY abs(m.change) DESC, m.office_no",
        (*where.values, year - 1, year, year - 1, year, limit),
    )


#: Rows of :func:`offices_of`; the pooled figure itself counts all.
OFFICE_ROWS = 100


def offices_of(
    scope: Viewer, db: Database, selection: Selection, metric: str, year: int
) -> pd.DataFrame:
    """Offices behind a pooled figure: ids, name, num, den, value, the largest numerators first.

    Of a rate the cases it counts come first, then the largest bases: the few offices with a rare
    ground for refusal must not vanish behind the many without.
    """
    where = reports(scope, selection)
    num, den = column(f"m_{metric}_num"), column(f"m_{metric}_den")
    return db.frame(
        # Named when few are left; equals stand in the order of the offices' places.
        f"WITH x AS (SELECT m.report_no, m.{num}::DOUBLE AS num, m.{den}::DOUBLE AS den "
        f"FROM mart_report m WHERE {where.sql} AND m.year = ? AND m.{num} IS NOT NULL "
        "ORDER BY num DESC, den DESC NULLS LAST, report_no LIMIT ?) "
        "SELECT r.office_id, o.name, r.report_id, x.num, x.den, "
        "CASE WHEN x.den IS NULL THEN x.num ELSE x.num / nullif(x.den, 0) END AS value "
        f"FROM x {NAMED}ORDER BY x.num DESC, x.den DESC NULLS LAST, x.report_no",
        (*where.values, year, OFFICE_ROWS),
    )


def largest(
    scope: Viewer,
    db: Database,
    selection: Selection,
    metric: str,
    year: int,
    cells: tuple[str, ...],
    limit: int = 20,
) -> pd.DataFrame:
    """The reports with the largest numerator: ids, name, num, den, value, largest first.

    ``rules`` names the rules (hints aside) that the report fails at one of ``cells``, the figure's
    own cells; empty where none.

    ``total`` is the sum over all reports of the year, ``having`` how many of them have more than
    0, so that a list can say what it leaves out. Reports with 0 are not listed.
    """
    where = reports(scope, selection)
    num, den = column(f"m_{metric}_num"), column(f"m_{metric}_den")
    return db.frame(
        f"WITH y AS (SELECT m.report_no, m.{num}::DOUBLE AS num, m.{den}::DOUBLE AS den "
        f"FROM mart_report m WHERE {where.sql} AND m.year = ? AND m.{num} > 0), "
        "t AS (SELECT sum(num) AS total, count(*) AS having FROM y), "
        "x AS (SELECT * FROM y ORDER BY num DESC, report_no LIMIT ?), "
        "f AS (SELECT m.report_no, string_agg(DISTINCT m.rule, ', ' ORDER BY m.rule) AS rules "
        "FROM mart_finding m JOIN x ON x.report_no = m.report_no "
        "JOIN finding f ON f.rowid = m.finding_row WHERE m.year = ? AND m.rule_level <> 'info' "
        "AND list_has_any(f.cells, ?::VARCHAR[]) GROUP BY m.report_no) "
        "SELECT r.office_id, o.name, r.report_id, x.num, x.den, x.num / nullif(x.den, 0) AS value, "
        "t.total, t.having, coalesce(f.rules, '') AS rules FROM x JOIN t ON TRUE "
        f"{NAMED}LEFT JOIN f ON f.report_no = x.report_no ORDER BY x.num DESC, x.report_no",
        (*where.values, year, limit, year, list(cells)),
    )
