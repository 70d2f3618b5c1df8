"""Units side by side in one year: offices, or places with their offices pooled.

A *unit* is an office or a place. *Pooled* units make the rate everything is held against; *marked*
ones are those the reader asked about. An office whose peers are shown is marked and not pooled: it
is left out of its own peers (domain/metrics.md section 9). All queries read one year's slice, rank
and cut in SQL, and bring back a bounded number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.intervals import EVENTS
from dashboard.queries.base import (
    NAMED,
    PLACES,
    Viewer,
    Where,
    column,
    one_of,
    own_or_region,
    reports,
    seen,
    source,
    totals,
    years,
)
from dashboard.queries.meta import Metric
from dashboard.queries.offices import Office
from dashboard.stats import MIN_BASE, Z95, Z998

OFFICE: Final = "office"
#: Points of a funnel; rows of either end of a ranking; units that are not ranked.
POINTS: Final = 600
TABLE_ENDS: Final = 100
REASONS: Final = 100
#: Peers have between a third and three times the applications on hand; few cases, few or none.
SIMILAR: Final = 3
FEW: Final = 10
#: The measure of volume that peers share.
VOLUME: Final = "applications_accepted"


@dataclass(frozen=True, slots=True)
class Members:
    """Who is compared.

    ``unit``: offices, or places of a kind. ``offices``: offices asked for, shown even where the
    filters leave them out. ``anchor``: the office whose peers are shown; ``volume`` what its peers'
    :data:`VOLUME` lies between, ``None`` where the office has no such figure.
    """

    unit: str = OFFICE
    offices: tuple[str, ...] = ()
    anchor: Office | None = None
    volume: tuple[float, float] | None = None


def volume(
    scope: Viewer, db: Database, selection: Selection, office_id: str, year: int
) -> float | None:
    """The applications an office had on hand in a year, ``None`` where not known."""
    where = seen(scope, "m")
    rows = db.rows(
        f"SELECT max(m.{column(f'm_{VOLUME}_num')})::DOUBLE FROM mart_report m "
        f"WHERE m.office_id = ? AND m.year = ? AND {where.sql} AND {own_or_region(selection, 'm')}",
        (office_id, year, *where.values),
    )
    return None if rows[0][0] is None else float(rows[0][0])


def similar(on_hand: float | None) -> tuple[float, float] | None:
    """The volumes that count as similar to one."""
    if on_hand is None:
        return None
    return on_hand / SIMILAR, float(max(on_hand * SIMILAR, FEW))


def _offices(
    scope: Viewer, selection: Selection, metric: str, year: int, members: Members
) -> Where:
    """One row an office: ``key`` (its number), ``report_no, ok, num, den, n, pooled, marked``."""
    inside = reports(scope, selection, "m")
    asked = members.offices
    if members.anchor is not None:
        peer = members.anchor
        asked = (peer.office_id,)
        inside = inside.also(
            "m.level IS NOT DISTINCT FROM ? AND m.kind IS NOT DISTINCT FROM ? AND m.office_id <> ?",
            peer.level, peer.kind, peer.office_id,
        )  # fmt: skip
        if members.volume is not None:
            on_hand = column(f"m_{VOLUME}_num")
            inside = inside.also(f"m.{on_hand} BETWEEN ? AND ?", *members.volume)
    marked, ids = one_of("m.office_id", asked)
    visible = seen(scope, "m")
    visible = visible.also(own_or_region(selection, "m"))
    num, den = (column(f"m_{metric}_{part}") for part in ("num", "den"))
    return Where(
        "SELECT * FROM ("
        "SELECT m.office_no AS key, m.report_no, m.ok, "
        f"m.{num}::DOUBLE AS num, m.{den}::DOUBLE AS den, 1 AS n, "
        f"coalesce(({inside.sql}), FALSE) AS pooled, ({marked}) AS marked FROM mart_report m "
        f"WHERE m.year = ? AND {visible.sql}) WHERE pooled OR marked",
        (*inside.values, *ids, year, *visible.values),
    )


def _places(scope: Viewer, selection: Selection, metric: str, year: int, unit: str) -> Where:
    """One row a place, its offices pooled; offices that belong to no such place are left out."""
    table, where = source(scope, selection, unit), totals(scope, selection, "m")
    num, den, n = (column(f"m_{metric}_{part}") for part in ("num", "den", "n"))
    counted = f"count(m.{num})" if table == "mart_report" else f"sum(m.{n})"
    place = column(unit)
    return Where(
        f"SELECT m.{place} AS key, NULL::INTEGER AS report_no, TRUE AS ok, "
        f"sum(m.{num})::DOUBLE AS num, sum(m.{den})::DOUBLE AS den, {counted}::BIGINT AS n, "
        f"TRUE AS pooled, FALSE AS marked FROM {table} m "
        f"WHERE m.year = ? AND m.{place} IS NOT NULL AND {where.sql} GROUP BY m.{place}",
        (year, *where.values),
    )


def _scored(
    scope: Viewer, selection: Selection, metric: Metric, year: int, members: Members
) -> Where:
    """CTEs ``base``, ``pool`` (sums and rate ``p``), ``scored`` (``value``, ``z``)."""
    base = (
        _offices(scope, selection, metric.key, year, members)
        if members.unit == OFFICE
        else _places(scope, selection, metric.key, year, members.unit)
    )
    # The variance of one case: p(1-p) of a share, p of events (Spiegelhalter 2005, section 2).
    variance = "p" if metric.kind == EVENTS else "p * (1 - p)"
    return Where(
        f"WITH base AS ({base.sql}), "
        "pool AS (SELECT sum(num) AS num, sum(den) AS den, sum(num) / nullif(sum(den), 0) AS p "
        "FROM base WHERE pooled AND num IS NOT NULL AND den IS NOT NULL), "
        "scored AS (SELECT b.*, CASE WHEN b.den > 0 THEN b.num / b.den END AS value, "
        f"CASE WHEN b.den > 0 AND {variance} > 0 "
        f"THEN (b.num / b.den - p) / sqrt(({variance}) / b.den) END AS z FROM base b, pool) ",
        base.values,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """The units of one year: how they lie, and those that a picture or a table shows.

    ``pool``: ``units`` with a report; ``ranked``: base of at least 30; ``small``: a smaller base;
    ``zero``: base 0; ``missing``: no figure; ``above``/``below``: ranked units outside the 99.8 %
    limits, ``outside95`` those outside the 95 % limits; ``num``, ``den``, ``rate`` of the pool. Of
    pooled units only.

    The frames have ``key, name, report_id, ok, rules, num, den, n, value, z, pooled, marked,
    total``; ``total`` is how many units the list is of.

    ``points``: the units of a funnel plot (with a value): marked ones, those outside the 99.8 %
    limits, the largest; farthest out first.
    ``ranking``: units with a base of at least 30, highest first: both ends of the list and marked
    ones. With ``place`` (rank; equal values share one), ``below`` (share of the other ranked units
    with a lower value; none where there is no other) and ``position`` (1, 2, …).
    ``unranked``: units that are not ranked, with the ``reason``: ``small``, ``zero``, ``missing``.
    """

    pool: dict[str, Any]
    points: pd.DataFrame
    ranking: pd.DataFrame
    unranked: pd.DataFrame


#: The lists of a standing: what each has beside the columns of all, and what counts from 1 in it.
_LISTS: Final = {
    "points": (),
    "ranking": ("place", "below", "position"),
    "unranked": ("reason",),
}
_POOL: Final = (
    "units", "ranked", "small", "zero", "missing", "above", "below", "outside95", "num", "den",
    "rate",
)  # fmt: skip


def standing(
    scope: Viewer,
    db: Database,
    selection: Selection,
    metric: Metric,
    year: int,
    members: Members,
    *,
    points: int = POINTS,
    ends: int = TABLE_ENDS,
    apart: int = REASONS,
) -> Standing:
    """How units lie in a year, in one reading of it.

    ``points``, ``ends`` and ``apart`` bound the three lists of :class:`Standing`.
    """
    scored = _scored(scope, selection, metric, year, members)
    found = db.frame(
        scored.sql + ", summary AS (SELECT count(*) AS pool_units, "
        "count(*) FILTER (den >= ?) AS pool_ranked, "
        "count(*) FILTER (den > 0 AND den < ?) AS pool_small, "
        "count(*) FILTER (den = 0) AS pool_zero, count(*) FILTER (den IS NULL) AS pool_missing, "
        "count(*) FILTER (den >= ? AND z > ?) AS pool_above, "
        "count(*) FILTER (den >= ? AND z < ?) AS pool_below, "
        "count(*) FILTER (den >= ? AND abs(z) > ?) AS pool_outside95, "
        "(SELECT num FROM pool) AS pool_num, (SELECT den FROM pool) AS pool_den, "
        "(SELECT p FROM pool) AS pool_rate FROM scored WHERE pooled), "
        "points AS (SELECT * FROM scored WHERE value IS NOT NULL ORDER BY marked DESC, "
        "(den >= ? AND coalesce(abs(z) > ?, FALSE)) DESC, den DESC, key LIMIT ?), "
        "ranking AS (SELECT *, rank() OVER (ORDER BY value DESC) AS place, "
        "row_number() OVER (ORDER BY value DESC, den DESC, key) AS position, "
        "count(*) OVER () AS total, (rank() OVER (ORDER BY value) - 1) "
        "/ nullif(count(*) OVER () - 1, 0) AS below FROM scored WHERE den >= ?), "
        "unranked AS (SELECT *, CASE WHEN den IS NULL THEN 'missing' WHEN den = 0 THEN 'zero' "
        "ELSE 'small' END AS reason FROM scored WHERE den IS NULL OR den < ? "
        "ORDER BY marked DESC, den DESC NULLS LAST, key LIMIT ?), "
        "listed AS (SELECT 'points' AS list, *, row_number() OVER "
        "(ORDER BY abs(z) DESC NULLS LAST, key) AS at, "
        "(SELECT count(*) FROM scored WHERE value IS NOT NULL) AS total FROM points "
        "UNION ALL BY NAME SELECT 'ranking' AS list, *, position AS at FROM ranking "
        "WHERE marked OR position <= ? OR position > total - ? "
        "UNION ALL BY NAME SELECT 'unranked' AS list, *, row_number() OVER "
        "(ORDER BY marked DESC, den DESC NULLS LAST, key) AS at, "
        "(SELECT count(*) FROM scored WHERE den IS NULL OR den < ?) AS total FROM unranked) "
        f"SELECT s.*, y.* FROM summary s LEFT JOIN ({_named(members, 'FROM listed')}) y ON TRUE "
        "ORDER BY y.list, y.at",
        (
            *scored.values, MIN_BASE, MIN_BASE, MIN_BASE, Z998, MIN_BASE, -Z998, MIN_BASE, Z95,
            MIN_BASE, Z998, points, MIN_BASE, MIN_BASE, apart, ends, ends, MIN_BASE,
        ),
    )  # fmt: skip
    head = found.iloc[0]
    pool = {n: None if pd.isna(v := head[f"pool_{n}"]) else v.item() for n in _POOL}
    rows = found.drop(columns=[f"pool_{name}" for name in _POOL])
    return Standing(pool, **{name: _list(rows, name) for name in _LISTS})


def _list(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One list of a standing with its own columns; numbers and verdicts as such."""
    others = [c for other, own in _LISTS.items() if other != name for c in own]
    found = rows[rows["list"] == name].drop(columns=["list", "at", *others])
    whole = [c for c in ("n", "total", "place", "position") if c in found]
    truth = ["ok", "pooled", "marked"]
    types = dict.fromkeys(whole, "int64") | dict.fromkeys(truth, "bool")
    return found.reset_index(drop=True).astype(types)


def _named(members: Members, rows: str) -> str:
    """The few rows that are left, with ids, names and failed rules."""
    if members.unit != OFFICE:
        return (
            "SELECT x.* EXCLUDE (report_no), NULL::VARCHAR AS report_id, '' AS rules, coalesce("
            "(SELECT any_value(d.name) FROM division d WHERE d.code = x.key), x.key) AS name "
            f"FROM ({rows}) x"
        )
    return (
        "SELECT x.* EXCLUDE (key, report_no), r.office_id AS key, r.report_id, "
        "coalesce(r.errors, '') AS rules, coalesce(o.name, r.office_id) AS name "
        f"FROM ({rows}) x {NAMED}"
    )


def heat(
    scope: Viewer,
    db: Database,
    selection: Selection,
    metric: Metric,
    year: int,
    members: Members,
    limit: int,
    by_change: bool,
) -> pd.DataFrame:
    """Units over the years shown: both ends of a year's values, or the largest changes.

    Units with a base of at least 30 in ``year``, where nobody has that all; marked ones always. One
    row a unit and year with a report: ``key, name, year, report_id, ok, rules, num, den, n, value,
    sort_value, picked, total``; ``sort_value`` is the value (or signed change) of ``year``,
    ``picked`` and ``total`` count units. A year without a row is a year without a report; a
    missing ``value`` is a report without the figure or with base 0.
    """
    scored = _scored(scope, selection, metric, year, members)
    history = _history(scope, selection, metric.key, members)
    shown = "s.value - o.value" if by_change else "s.value"
    # The two ends of the order of values, in step; or the largest changes whichever their sign.
    ends = ("abs(sort_value) DESC NULLS LAST",) if by_change else ("sort_value", "sort_value DESC")
    picks = " UNION ALL ".join(
        f"SELECT key, row_number() OVER (ORDER BY {end}, key) AS place FROM "
        f"(FROM judged WHERE NOT marked ORDER BY {end}, key LIMIT ?)"
        for end in ends
    )
    return db.frame(
        # Read twice, each time only where it is needed: one year of all, all years of the chosen.
        scored.sql + f", every_year AS NOT MATERIALIZED ({history.sql}), "
        "old AS (SELECT key, any_value(num / nullif(den, 0)) AS value FROM every_year "
        "WHERE year = ? GROUP BY key), "
        f"judged AS (SELECT s.key, s.marked, {shown} AS sort_value "
        "FROM scored s LEFT JOIN old o ON o.key = s.key WHERE s.value IS NOT NULL AND "
        "(s.marked OR s.den >= ? OR (SELECT max(den) FROM scored) < ?)), "
        f"picks AS (SELECT key, 0 AS place FROM judged WHERE marked UNION ALL {picks}), "
        "firsts AS (SELECT key, min(place) AS place FROM picks GROUP BY key "
        "ORDER BY min(place), key LIMIT ?), "
        "chosen AS (SELECT j.key, j.sort_value, (SELECT count(*) FROM judged) AS total, "
        "(SELECT count(*) FROM firsts) AS picked FROM firsts f JOIN judged j ON j.key = f.key) "
        + _named(members, "SELECT e.*, CASE WHEN e.den > 0 THEN e.num / e.den END AS value, "
            "c.sort_value, c.picked, c.total FROM chosen c JOIN every_year e ON e.key = c.key")
        + " ORDER BY x.sort_value DESC NULLS LAST, x.key, x.year",
        (*scored.values, *history.values, year - 1, MIN_BASE, MIN_BASE,
         *[limit] * len(ends), limit),
    )  # fmt: skip


def _history(scope: Viewer, selection: Selection, metric: str, members: Members) -> Where:
    """``key, year, report_no, ok, num, den, n`` of all units in the years shown."""
    num, den, n = (column(f"m_{metric}_{part}") for part in ("num", "den", "n"))
    if members.unit == OFFICE:
        where = seen(scope, "m").also(own_or_region(selection, "m"))
        span = years(selection, "m")
        where = where.also(span.sql, *span.values)
        where = where.also("m.ok") if selection.ok_only else where
        return Where(
            "SELECT m.office_no AS key, m.year, m.report_no, m.ok, "
            f"m.{num}::DOUBLE AS num, m.{den}::DOUBLE AS den, 1 AS n FROM mart_report m "
            f"WHERE {where.sql}",
            where.values,
        )
    table = source(scope, selection, members.unit)
    where = totals(scope, selection, "m")
    counted = f"count(m.{num})" if table == "mart_report" else f"sum(m.{n})"
    place = column(members.unit)
    return Where(
        f"SELECT m.{place} AS key, m.year, NULL::INTEGER AS report_no, TRUE AS ok, "
        f"sum(m.{num})::DOUBLE AS num, sum(m.{den})::DOUBLE AS den, {counted}::BIGINT AS n "
        f"FROM {table} m WHERE m.{place} IS NOT NULL AND {where.sql} GROUP BY m.{place}, m.year",
        where.values,
    )


def units(scope: Viewer, db: Database, selection: Selection) -> dict[str, int]:
    """How many places of each kind have reports: a comparison by place needs two."""
    where = totals(scope, selection, "m")
    counts = ", ".join(f"count(DISTINCT m.{column(place)})" for place in PLACES)
    table = source(scope, selection, PLACES[-1])
    row = db.rows(f"SELECT {counts} FROM {table} m WHERE {where.sql}", where.values)[0]
    return dict(zip(PLACES, map(int, row), strict=True))
