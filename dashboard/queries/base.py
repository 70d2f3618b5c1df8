"""Which rows count: the viewer's scope and the reader's selection as one WHERE clause.

This is the one place where both are applied. Every condition is a constant text with bound values;
column names come from the warehouse's own dictionary and are checked against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from dashboard.filters import Selection

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


def places(scope: Viewer, selection: Selection, alias: str) -> Where:
    """Region, level and kind: what holds for reports and for the roster alike."""
    where = seen(scope, alias)
    if selection.region:
        sql = " OR ".join(f"{alias}.{place} = ?" for place in PLACES)
        where = where.also(f"({sql})", *[selection.region] * len(PLACES))
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
    inner = cells_of_mart(scope, selection, "b")
    return where.also(
        f"{alias}.office_id IN (SELECT b.office_id FROM mart_report b WHERE {inner.sql} "
        f"GROUP BY b.office_id HAVING count(DISTINCT b.year) = "
        f"(SELECT count(DISTINCT b.year) FROM mart_report b WHERE {inner.sql}))",
        *inner.values,
        *inner.values,
    )


def cells_of_mart(scope: Viewer, selection: Selection, alias: str) -> Where:
    """The same without the balanced panel: holds for ``mart_region`` as well."""
    span = years(selection, alias)
    where = places(scope, selection, alias).also(span.sql, *span.values)
    where = where.also(own_or_region(selection, alias))
    return where.also(f"{alias}.ok") if selection.ok_only else where


def source(selection: Selection) -> str:
    """The table to add up: sums by region where they suffice, else one row per report."""
    return "mart_report" if selection.balanced else "mart_region"


def totals(scope: Viewer, selection: Selection, alias: str = "m") -> Where:
    """The condition that goes with :func:`source`."""
    if selection.balanced:
        return reports(scope, selection, alias)
    return cells_of_mart(scope, selection, alias)
