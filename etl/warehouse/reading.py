"""How the loader reads a file: through the pipeline, with the facts its corpus folder adds.

A corpus may bring its own places (``divisions.csv``) and decisions on names (``offices.csv``). They
count for every file below the folder they lie in; the nearest folder above a file wins. What a
reading depends on besides the file itself is a fingerprint: when it changes, files are read again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import etl
from etl.check import OfficeFacts as CheckedOffice
from etl.offices.model import Division, Office
from etl.offices.overrides import FILE_NAME as OVERRIDES_FILE
from etl.offices.overrides import Override, load_overrides
from etl.offices.parse import parse_name
from etl.offices.registry import Registry
from etl.report import ParsedReport
from etl.warehouse import corrections, schema

PLACES_FILE: Final = "divisions.csv"
SIDECARS: Final = (PLACES_FILE, OVERRIDES_FILE)
#: A corpus folder is looked for this many folders above a file.
_HEIGHT: Final = 12
#: Rooms whose code and data decide what is read from a file.
_ROOMS: Final = ("form", "read", "recognise", "extract", "offices", "check")
_MODULES: Final = ("pipeline.py", "document.py", "report.py")


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """An office as ``office`` rows need it, and the places it lies in, innermost first."""

    office_id: str
    name: str
    short_name: str
    level: str | None = None
    kind: str | None = None
    function: str | None = None
    division_code: str | None = None
    code_system: str | None = None
    province: str | None = None
    city: str | None = None
    county: str | None = None
    parent_office_id: str | None = None
    is_demo: bool = False
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A division as ``division`` rows need it."""

    code: str
    code_system: str
    name: str
    level: str
    parent_code: str


@cache
def definitions() -> str:
    """Fingerprint of everything of ours a reading depends on: data and code of the reading rooms.

    Code counts as well: a mended reader must read again what the old one misread.
    """
    root = Path(etl.__file__).parent
    files = [root / name for name in _MODULES] + [
        Path(__file__).with_name(name) for name in ("corrections.py", "sketch.py")
    ]
    for room in _ROOMS:
        files += (p for p in (root / room).rglob("*") if p.suffix in {".py", ".yml", ".csv", ".gz"})
    found = hashlib.sha256(f"schema {schema.SCHEMA_VERSION}".encode())
    for path in sorted(f for f in files if f.is_file()):
        found.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


@lru_cache(maxsize=4096)
def corpus_folder(folder: Path) -> Path | None:
    """The nearest folder, from ``folder`` upwards, that brings sidecar files."""
    for candidate in (folder, *folder.parents[:_HEIGHT]):
        if any((candidate / name).is_file() for name in SIDECARS):
            return candidate
    return None


@lru_cache(maxsize=256)
def _sidecar_hash(folder: Path) -> str:
    found = hashlib.sha256()
    for name in SIDECARS:
        path = folder / name
        found.update(path.read_bytes() if path.is_file() else b"\0")
    return found.hexdigest()[:16]


def fingerprint(path: str) -> str:
    """What the reading of a file depends on, apart from its own content and name."""
    place = _fingerprint_in(path.rpartition(os.sep)[0])
    corrected = corrections.mark(path)
    return f"{place}+{corrected}" if corrected else place


@lru_cache(maxsize=65536)
def _fingerprint_in(place: str) -> str:
    folder = corpus_folder(Path(place))
    return definitions() if folder is None else f"{definitions()}+{_sidecar_hash(folder)}"


def forget_folders() -> None:
    """Look at sidecar files anew; a load does so first, whatever its process did before."""
    for cached in (corpus_folder, _sidecar_hash, _fingerprint_in, registry_for, overrides_for,
                   _describe):  # fmt: skip
        cached.cache_clear()
    corrections.forget()


@lru_cache(maxsize=8)
def registry_for(folder: Path | None) -> Registry:
    """The registry with a corpus folder's own places."""
    registry = Registry.load()
    return registry if folder is None else registry.for_corpus(folder)


@lru_cache(maxsize=8)
def overrides_for(folder: Path | None) -> tuple[Override, ...]:
    """A corpus folder's decisions on names."""
    return () if folder is None else load_overrides(registry_for(folder), folder)


def read_path(path: Path, **options: Any) -> Iterator[ParsedReport]:
    """Every document of a file, read with its corpus's registry, overrides and corrections.

    ``options`` go to :func:`etl.pipeline.parse_path` (``limits``, ``source``).
    """
    from etl.pipeline import parse_path  # the readers load slowly; status and export need none

    place = path.resolve()
    folder = corpus_folder(place.parent)
    found: Iterable[ParsedReport] = parse_path(
        path, registry=registry_for(folder), overrides=overrides_for(folder), **options
    )
    for report in found:
        yield corrections.apply(place, report, _checked_office(place, report))


def _checked_office(path: Path, report: ParsedReport) -> CheckedOffice | None:
    facts = describe_office(path, report) if report.status == "report" else None
    if facts is None or facts.level is None or facts.kind is None:
        return None
    return CheckedOffice(facts.level, facts.kind)  # type: ignore[arg-type]


def describe_office(path: Path, report: ParsedReport) -> OfficeFacts | None:
    """The registry's facts on a report's office; ``None`` where it has none.

    The id leads: of the readings of the name, only the one with that id counts.
    """
    if not (report.office_id and report.office):
        return None
    return _describe(corpus_folder(path.parent), report.office_id, report.office)


def describe_named(folder: Path, office_id: str, name: str) -> OfficeFacts | None:
    """The same for an office of a roster in ``folder``."""
    return _describe(corpus_folder(folder), office_id, name)


@lru_cache(maxsize=16384)
def _describe(folder: Path | None, office_id: str, name: str) -> OfficeFacts | None:
    registry = registry_for(folder)
    office = _office_of(registry, overrides_for(folder), office_id, name)
    if office is None:
        return None
    places = _places(registry, office)
    return OfficeFacts(
        office_id=office.office_id,
        name=name,
        short_name=office.short_name,
        level=str(office.level),
        kind=kind_key(str(office.kind)),
        function=office.function,
        division_code=office.division_code,
        code_system=office.code_system,
        province=office.province,
        city=office.city,
        county=office.county,
        parent_office_id=office.parent_id,
        is_demo=any(place.code_system == DEMO_SYSTEM for place in places),
        places=places,
    )


#: ``code_system`` of the demo corpus's ``divisions.csv``: its codes lie outside the assigned ones.
DEMO_SYSTEM: Final = "demo"


def kind_key(kind: str) -> str:
    """An office's kind as the deadlines and the pages spell it: ``办公厅(室)`` → ``办公厅``."""
    return kind.partition("(")[0]


def _office_of(
    registry: Registry, overrides: tuple[Override, ...], office_id: str, name: str
) -> Office | None:
    for override in overrides:
        if override.office.office_id == office_id:
            return override.office
    place = registry.by_code.get(office_id.partition("-")[0].partition(".")[0])
    for within in (place, None):
        for office in parse_name(registry, name, within=within).offices:
            if office.office_id == office_id:
                return office
    return None


def _places(registry: Registry, office: Office) -> tuple[Place, ...]:
    home = registry.by_code.get(office.county or office.city or office.province or "")
    own = registry.by_code.get(office.division_code or "")
    chain: list[Division] = []
    for start in (own, home):
        if start is not None:
            chain += [start, *registry.parents(start)]
    unique = {place.code: place for place in chain}
    return tuple(
        Place(p.code, p.code_system, p.name, str(p.level), p.parent_code) for p in unique.values()
    )
