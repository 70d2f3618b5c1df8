"""Offices and places: what the filter bar offers, search, one office's record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.office_index import fold
from dashboard.queries.base import OF_OFFICES, Viewer, depends_on, places, seen

#: Report scopes that contain the figures of other offices.
WHOLE = ("region", "system")

#: Longest first list of matches shown; more than this needs a better word.
SEARCH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A division of the tree, with its depth for indenting."""

    code: str
    name: str
    level: str
    depth: int


@dataclass(frozen=True, slots=True)
class Options:
    """What the filter bar can offer the viewer."""

    places: tuple[Place, ...]
    years: tuple[int, ...]
    levels: tuple[str, ...]
    kinds: tuple[str, ...]


def options(scope: Viewer, db: Database) -> Options:
    """Divisions (as a tree), years, levels and kinds for which the viewer has offices."""
    where = seen(scope, "o")
    divisions = db.rows(
        "WITH used AS (SELECT DISTINCT unnest([o.province, o.city, o.county]) AS code "
        f"FROM office o WHERE {where.sql}) "
        "SELECT d.code, d.name, d.level, d.parent_code FROM division d "
        "JOIN used u ON u.code = d.code ORDER BY d.code",
        where.values,
    )
    where = seen(scope, "m")
    found = db.rows(
        "SELECT list(DISTINCT m.year ORDER BY m.year), list(DISTINCT m.level ORDER BY m.level), "
        f"list(DISTINCT m.kind ORDER BY m.kind) FROM mart_region m WHERE {where.sql}",
        where.values,
    )[0]
    years, levels, kinds = (tuple(v for v in part or [] if v is not None) for part in found)
    return Options(_tree(divisions), years, levels, kinds)


def _tree(rows: list[tuple[Any, ...]]) -> tuple[Place, ...]:
    children: dict[str | None, list[tuple[Any, ...]]] = {}
    codes = {row[0] for row in rows}
    for row in rows:
        children.setdefault(row[3] if row[3] in codes else None, []).append(row)
    out: list[Place] = []

    def walk(parent: str | None, depth: int) -> None:
        for code, name, level, _ in children.get(parent, []):
            if all(place.code != code for place in out[-1:]):
                out.append(Place(code, name, level, depth))
                walk(code, depth + 1)

    walk(None, 0)
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Office:
    """One office as the registry knows it."""

    office_id: str
    name: str
    short_name: str | None
    level: str | None
    kind: str | None
    division_code: str | None
    province_name: str | None
    city_name: str | None
    county_name: str | None
    first_year: int | None
    last_year: int | None
    is_demo: bool | None

    @property
    def place(self) -> str:
        """The place in words, from large to small, without repetitions."""
        names = [self.province_name, self.city_name, self.county_name]
        return " ".join(dict.fromkeys(name for name in names if name))


_OFFICE = (
    "o.office_id, o.name, o.short_name, o.level, o.kind, o.division_code, o.province_name, "
    "o.city_name, o.county_name, o.first_year, o.last_year, o.is_demo"
)


def one(scope: Viewer, db: Database, office_id: str) -> Office | None:
    """An office by id; ``None`` if there is none or the viewer may not see it."""
    where = seen(scope, "o")
    rows = db.rows(
        f"SELECT {_OFFICE} FROM office o WHERE o.office_id = ? AND {where.sql}",
        (office_id, *where.values),
    )
    return Office(*rows[0]) if rows else None


@depends_on(*OF_OFFICES)
def search(scope: Viewer, db: Database, text: str, selection: Selection) -> list[Office]:
    """Offices whose name, alias, pinyin, initials or division code matches, best first.

    An empty text lists the offices of the selection with the most applications. Exact and
    prefix matches come before matches inside a name.
    """
    words = fold(text).split()
    where = places(scope, selection, "o") if not words else seen(scope, "o")
    score = ""
    first = words[0] if words else ""
    values: list[Any] = []
    if words:
        score = (
            "CASE WHEN lower(o.name) = ? THEN 0 WHEN starts_with(lower(o.name), ?) THEN 1 "
            "WHEN contains(lower(o.name), ?) THEN 2 ELSE 3 END, "
        )
        values = [first, first, first]
    for word in words:
        where = where.also("contains(w.line, ?)", word)
    rows = db.rows(
        f"SELECT {_OFFICE} FROM office o JOIN mart_office w ON w.office_id = o.office_id "
        f"WHERE {where.sql} "
        f"ORDER BY {score}w.applications DESC NULLS LAST, o.name, o.office_id LIMIT ?",
        (*where.values, *values, SEARCH_LIMIT),
    )
    return [Office(*row) for row in rows]


def names(scope: Viewer, db: Database, office_ids: tuple[str, ...]) -> pd.DataFrame:
    """``office_id, name`` of the offices the viewer may see."""
    where = seen(scope, "o")
    return db.frame(
        f"SELECT o.office_id, o.name FROM office o WHERE {where.sql} "
        "AND list_contains(?, o.office_id) ORDER BY o.name",
        (*where.values, list(office_ids)),
    )
