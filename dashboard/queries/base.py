"""Which rows count: the viewer's scope and the reader's selection as one WHERE clause.

This is the one place where both are applied. Every condition is a constant text with bound values;
column names come from the warehouse's own dictionary and are checked against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from dashboard.db import Database
from dashboard.filters import Selection

P = ParamSpec("P")
T = TypeVar("T")
#: The parts of a selection that say which offices it is of.
OF_OFFICES: Final = ("region", "levels", "kinds")
IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]*")
PLACES: Final = ("province", "city", "county")


@dataclass(frozen=True, slots=True)
class Viewer:
    """What a reader may see: ``regions`` are division codes, ``None`` everything.

    An empty set sees nothing.
    """

    regions: frozenset[str] | None = None


EVERYTHING: Final = Viewer()


@dataclass(frozen=True, slots=True)
class Where:
    """A condition (never empty) and its values, in order."""

    sql: str
    values: tuple[Any, ...]

    def also(self, sql: str, *values: Any) -> Where:
        """This condition and another."""
        return Where(f"{self.sql} AND {sql}", (*self.values, *values))

    def __and__(self, other: Where) -> Where:
        """Both conditions."""
        return self.also(other.sql, *other.values)


def depends_on(*parts: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Marks a query whose answer depends on these parts of a selection alone.

    It is given nothing else of it, and its answer is kept under nothing else (``cached.query``):
    what a switch does not touch is not asked again.
    """

    def mark(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def narrowed(*args: P.args, **kw: P.kwargs) -> T:
            return function(*only(parts, args), **kw)

        narrowed.parts = parts  # type: ignore[attr-defined]
        return narrowed

    return mark


def only(parts: tuple[str, ...], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, selections among them cut down to some of their parts."""
    return tuple(
        Selection(**{part: getattr(a, part) for part in parts}) if isinstance(a, Selection) else a
        for a in args
    )


def column(name: str) -> str:
    """A column name made of a key of the warehouse's dictionary.

    Raises:
        ValueError: for anything that is no plain identifier.
    """
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"{name!r} is no column name")
    return f'"{name}"'


def one_of(name: str, values: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
    """``name IN (?, ?)`` with its values; no values: never true."""
    found = tuple(values)
    if not found:
        return "FALSE", ()
    return f"{name} IN ({', '.join('?' * len(found))})", found


def seen(scope: Viewer, alias: str) -> Where:
    """Rows of a table with place columns that the viewer may see."""
    if scope.regions is None:
        return Where("TRUE", ())
    parts: list[str] = []
    values: list[Any] = []
    for place in PLACES:
        sql, found = one_of(f"{alias}.{place}", sorted(scope.regions))
        parts.append(sql)
        values += found
    return Where(f"({' OR '.join(parts)})", tuple(values))


def readable(scope: Viewer, alias: str) -> Where:
    """Rows of a table with ``report_id`` the viewer may see; who may see all is asked of none."""
    if scope.regions is None:
        return Where("TRUE", ())
    where = seen(scope, "r")
    return Where(
        f"{alias}.report_id IN (SELECT r.report_id FROM report r WHERE {where.sql})", where.values
    )


def is_province(code: str) -> bool:
    """Whether a division code (GB/T 2260: PPCCXX) is a province's; others end in another part."""
    return code.endswith("0000")


def places(scope: Viewer, selection: Selection, alias: str) -> Where:
    """Region, level and kind: what holds for reports and for the roster alike."""
    where = seen(scope, alias)
    if selection.region:
        # A province alone is a filter DuckDB hands to the scan; one of several columns is not.
        within = PLACES[:1] if is_province(selection.region) else PLACES[1:]
        sql = " OR ".join(f"{alias}.{place} = ?" for place in within)
        where = where.also(f"({sql})", *[selection.region] * len(within))
    for name, wanted in (("level", selection.levels), ("kind", selection.kinds)):
        if wanted:
            sql, values = one_of(f"{alias}.{name}", wanted)
            where = where.also(sql, *values)
    return where


def years(selection: Selection, alias: str) -> Where:
    """The years shown."""
    if selection.years is None:
        return Where("TRUE", ())
    return Where(f"{alias}.year BETWEEN ? AND ?", selection.years)


def current(scope: Viewer, selection: Selection) -> Where:
    """Current reports of the selection, whatever they cover: nothing here adds up amounts.

    The failing ones always stay, they are the subject.
    """
    place = places(scope, selection, "r")
    span = years(selection, "r")
    return Where(
        f"r.is_current AND {place.sql} AND {span.sql}",
        (*place.values, *span.values),
    )


def everywhere(scope: Viewer, selection: Selection, alias: str) -> Where:
    """Place, level, kind and years, for tables that hold nothing but current reports."""
    place, span = places(scope, selection, alias), years(selection, alias)
    return place.also(span.sql, *span.values)


def own_or_region(selection: Selection, alias: str) -> str:
    """An office's own figures, or figures for a whole region or system; never both."""
    if selection.scope == "region":
        return f"{alias}.scope IN ('region', 'system')"
    return f"({alias}.scope IS NULL OR {alias}.scope = 'own_office')"


def reports(scope: Viewer, selection: Selection, alias: str = "m") -> Where:
    """Everything that decides whether a row of ``mart_report`` counts, the balanced panel too."""
    where = cells_of_mart(scope, selection, alias)
    if not selection.balanced:
        return where
    wanted = panel(scope, selection)
    had = "panel_ok" if selection.ok_only else "panel"
    return where.also(f"({wanted.sql}) & ~{alias}.{had} = 0", *wanted.values)


#: The year of bit 0 in the warehouse's sets of years.
YEAR_ZERO: Final = 2000
#: Of a row ``a`` of mart_arrival, with the day of asking bound: not here, and its date is to come.
#: The load knows what is not here; whether it is due already depends on the day.
NOT_DUE: Final = "coalesce(a.arrival = 'missing' AND a.due >= ?::DATE, false)"


def panel(scope: Viewer, selection: Selection) -> Where:
    """The years in which the selection has any report, as the warehouse's set of years.

    An office is in the balanced panel if it lacks none of them; its place, level and kind do not
    change between its reports, so its own set of years decides.
    """
    inner = cells_of_mart(scope, selection, "b")
    return Where(
        f"SELECT bit_or(1::BIGINT << (b.year - {YEAR_ZERO})) FROM mart_region b "
        f"WHERE {inner.sql} AND b.year BETWEEN {YEAR_ZERO} AND {YEAR_ZERO + 62}",
        inner.values,
    )


def with_year_before(scope: Viewer, selection: Selection, alias: str = "m") -> Where:
    """Reports that count and whose office's report of the year before counts, too.

    What the warehouse keeps of the year before (``p_…``) belongs to such a report; the year before
    the first year shown may be looked at, except by a balanced panel, which is of the years shown.
    """
    where = reports(scope, selection, alias).also(f"{alias}.before_ok IS NOT NULL")
    if selection.ok_only:
        where = where.also(f"{alias}.before_ok")
    if selection.balanced and selection.years:
        where = where.also(f"{alias}.year > ?", selection.years[0])
    return where


def cells_of_mart(scope: Viewer, selection: Selection, alias: str) -> Where:
    """The same without the balanced panel: holds for ``mart_region`` as well."""
    span = years(selection, alias)
    where = places(scope, selection, alias).also(span.sql, *span.values)
    where = where.also(own_or_region(selection, alias))
    return where.also(f"{alias}.ok") if selection.ok_only else where


#: Ids, name and failed rules of the few reports ``x`` that are left: ``r`` and ``o``.
NAMED: Final = (
    "JOIN wide_report r ON r.report_no = x.report_no "
    "LEFT JOIN mart_office o ON o.office_no = r.office_no "
)
#: The number by which the warehouse finds the finding ``d.finding_id``; ids are compared after it.
FINDING_KEY: Final = "(md5_number_lower(d.finding_id) & 4294967295)::UINTEGER"


def with_ids(finding_ids: Iterable[str]) -> Where:
    """Rows ``m`` of mart_finding by their ids: five million ids are not read for a few."""
    return Where(
        "m.finding_row IN (SELECT f.rowid FROM (SELECT unnest(?::VARCHAR[]) AS finding_id) d "
        f"JOIN mart_finding k ON k.finding_key = {FINDING_KEY} "
        "JOIN finding f ON f.rowid = k.finding_row AND f.finding_id = d.finding_id)",
        (list(finding_ids),),
    )


def office_numbers(db: Database, office_ids: Iterable[str]) -> dict[str, int]:
    """The numbers of offices in this build; one that the registry does not know has none."""
    return dict(
        db.rows(
            "SELECT n.office_id, n.office_no FROM mart_office n "
            "WHERE n.office_id IN (SELECT unnest(?::VARCHAR[]))",
            (list(office_ids),),
        )
    )


def of_office(db: Database, office_id: str, alias: str) -> Where:
    """Rows of one office in a table that is sorted by the number of the office.

    A few blocks are read for a bound number; an id is looked for in all of them.
    """
    found = db.again("SELECT office_no FROM mart_office WHERE office_id = ?", office_id)
    if not found:
        return Where(f"{alias}.office_id = ?", (office_id,))
    return Where(f"{alias}.office_no = ?", found[0])


def source(scope: Viewer, selection: Selection, unit: str = PLACES[0]) -> str:
    """The table to add up: sums where they suffice, else one row per report.

    ``unit``: the smallest place the question names. Sums for balanced panels have provinces only.
    """
    if not selection.balanced:
        return "mart_region"
    whole = scope.regions is None and (not selection.region or is_province(selection.region))
    return "mart_panel" if whole and unit == PLACES[0] else "mart_report"


def totals(scope: Viewer, selection: Selection, alias: str = "m") -> Where:
    """The condition that goes with :func:`source`."""
    if selection.balanced:
        return reports(scope, selection, alias)
    return cells_of_mart(scope, selection, alias)
