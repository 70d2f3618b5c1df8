"""The demo's places and offices as the office registry and the loader take them: CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from etl.demo.compose import due_date
from etl.demo.province import DemoOffice, Province
from etl.demo.settings import load_settings
from etl.offices.model import Division, Level
from etl.offices.names import division_kind, short_name
from etl.offices.parse import parse_name
from etl.offices.registry import Registry

#: What the warehouse tells demo places by (``etl/warehouse/reading.py``).
CODE_SYSTEM: Final = "demo"
DIVISION_COLUMNS: Final = (
    "code", "name", "level", "parent_code", "code_system", "valid_from", "valid_to",
)  # fmt: skip
ROSTER_COLUMNS: Final = ("office_id", "office", "year", "expected", "due")
OFFICE_COLUMNS: Final = (
    "demo_office", "office_id", "name", "former_names", "level", "kind", "function", "scope",
    "division_code", "parent", "from_year", "to_year", "successor", "predecessors",
)  # fmt: skip


def demo_places(province: Province) -> list[Division]:
    """The province's divisions as the registry knows places; a merged county ends with its year."""
    merger = load_settings().merger
    ended = {o.division_code for o in province.offices if o.successor_id}
    begun = {o.division_code for o in province.offices if o.first_year == merger.year}
    return [
        Division(
            code=d.code,
            code_system=CODE_SYSTEM,
            version=CODE_SYSTEM,
            name=d.name,
            short_name=short_name(d.name),
            level=Level(d.level),
            parent_code=d.parent_code or "",
            kind=division_kind(d.name, d.level),
            valid_from=merger.year if d.code in begun else None,
            valid_to=merger.year - 1 if d.code in ended else None,
        )
        for d in province.divisions.values()
    ]


def demo_registry(provinces: Iterable[Province]) -> Registry:
    """The committed registry with the provinces' places added."""
    return Registry.load().with_extra([p for made in provinces for p in demo_places(made)])


def registry_id(office: DemoOffice, name: str, registry: Registry) -> str:
    """The id the office registry gives a demo office under one of its names; ``""``: none."""
    place = registry.by_code.get(office.division_code[:6])
    found = parse_name(registry, name, within=place).offices
    return found[0].office_id if len(found) == 1 else ""


def divisions_csv(provinces: Iterable[Province]) -> bytes:
    """``divisions.csv`` of the corpus folder, as ``Registry.for_corpus`` reads it."""
    return _csv(
        DIVISION_COLUMNS,
        (
            (d.code, d.name, d.level, d.parent_code, d.code_system, d.valid_from, d.valid_to)
            for province in provinces
            for d in demo_places(province)
        ),
    )


def roster_csv(offices: Iterable[DemoOffice], registry: Registry) -> bytes:
    """``roster.csv``: who was expected to report for which year, and by when."""
    years = load_settings().years

    def rows() -> Iterator[tuple[object, ...]]:
        for office in offices:
            ids = {name: registry_id(office, name, registry) for name, _ in office.names}
            for year in range(years.first, years.last + 1):
                if office.first_year <= year <= office.last_year:
                    name = office.name_in(year)
                    yield ids[name], name, year, "true", due_date(office, year).isoformat()

    return _csv(ROSTER_COLUMNS, rows())


def offices_csv(offices: Iterable[DemoOffice], registry: Registry) -> bytes:
    """All offices with lineage; for people and tests, not for the loader."""

    def rows() -> Iterator[tuple[object, ...]]:
        for o in offices:
            former = ";".join(name for name, _ in o.names[:-1])
            last = "" if o.last_year == 9999 else o.last_year
            yield (
                o.office_id, registry_id(o, o.name, registry), o.name, former, o.level, o.kind,
                o.function, o.scope, o.division_code, o.parent_office_id, o.first_year, last,
                o.successor_id, ";".join(o.predecessors),
            )  # fmt: skip

    return _csv(OFFICE_COLUMNS, rows())


def _csv(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
