"""The registry of places: loaded once, lazily, and indexed by name.

``Registry.load()`` is cached per process and cheap: province to county at once, the 42,000
township-level names only when first asked for. ``with_extra`` gives a new registry with invented
or local places added; nothing is ever changed in place.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Final

from etl.errors import UsageError
from etl.offices.model import Division, Kind, Level, Office, text_key
from etl.offices.names import (
    clean,
    division_kind,
    normalise_township,
    short_name,
    short_names,
)

DATA: Final = Path(__file__).parent / "data"
#: Township rows carry no version of their own; their code system has one.
_VERSION: Final = {"mca": "mca-2026-09-11", "nbs_2023": "nbs-2023-06-30"}
#: Columns an extra file of divisions must have, and those it may have.
EXTRA_REQUIRED: Final = ("code", "name", "level", "parent_code")
EXTRA_OPTIONAL: Final = ("short_name", "kind", "valid_from", "valid_to", "code_system", "version")

TownRow = tuple[str, str, str, str, str, str]


def _read(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


class Registry:
    """Places by code and by name. Make one with :meth:`load`, extend it with :meth:`with_extra`."""

    def __init__(self, divisions: Iterable[Division], towns: Callable[[], list[TownRow]]) -> None:
        self._towns = towns
        self.divisions: tuple[Division, ...] = tuple(divisions)
        self.by_code: dict[str, Division] = {}
        self.by_name: dict[str, list[Division]] = {}
        self.by_short: dict[str, list[Division]] = {}
        for division in self.divisions:
            if division.level is Level.TOWNSHIP:
                continue
            held = self.by_code.get(division.code)
            if held is None or (held.valid_to is not None and division.valid_to is None):
                self.by_code[division.code] = division
            self.by_name.setdefault(division.name, []).append(division)
            for short in short_names(division.name, division.short_name):
                self.by_short.setdefault(short, []).append(division)
        for code, alias in _read(DATA / "aliases.csv"):
            if place := self.by_code.get(code):
                self.by_short.setdefault(alias, []).append(place)
        self.longest_name = max(map(len, self.by_name), default=0)
        self._towns_of: dict[str, list[Division]] = {}
        #: What names meant, for :func:`~etl.offices.parse.parse_name`: an office signs every year.
        self.meanings: dict[Hashable, Any] = {}

    @staticmethod
    def load() -> Registry:
        """The registry of the committed files; the same object at every call."""
        return _default()

    def with_extra(self, divisions: Iterable[Division]) -> Registry:
        """A new registry that also knows ``divisions`` (of any level)."""
        return Registry([*self.divisions, *divisions], self._towns)

    def for_corpus(self, folder: Path) -> Registry:
        """A registry that also knows the places of ``folder/divisions.csv``, if there is one."""
        path = folder / "divisions.csv"
        return self.with_extra(read_extra_divisions(path)) if path.is_file() else self

    @cached_property
    def by_pinyin(self) -> dict[str, list[Division]]:
        """Current places from county up by every reading of their short name."""
        table: dict[str, list[Division]] = {}
        for division in self.divisions:
            if division.valid_to is None and division.level is not Level.TOWNSHIP:
                for reading in division.pinyin:
                    table.setdefault(reading, []).append(division)
        return table

    # -- townships -----------------------------------------------------------------------------

    @cached_property
    def _town_index(self) -> tuple[dict[str, list[TownRow]], dict[str, list[TownRow]]]:
        """Township rows by normalised name and by county code."""
        by_name: dict[str, list[TownRow]] = defaultdict(list)
        by_county: dict[str, list[TownRow]] = defaultdict(list)
        for row in self._towns():
            by_county[row[2]].append(row)
            by_name[row[3]].append(row)
            if row[4]:
                by_name[row[4]].append(row)
        for d in self.divisions:
            if d.level is Level.TOWNSHIP:
                extra = (d.code, d.code_system, d.parent_code, d.name, "", "")
                by_county[d.parent_code].append(extra)
                by_name[normalise_township(d.name)].append(extra)
        return by_name, by_county

    def townships_named(self, name: str, county: Division | None = None) -> list[Division]:
        """Township-level places named so (``任圩街道``, no 办事处), optionally in one county."""
        rows = self._town_index[0].get(name, ())
        return [self._town(row) for row in rows if county is None or self._holds(county, row[2])]

    def townships_of(self, county: Division) -> list[Division]:
        """All township-level places of a county (or city without counties)."""
        return [self._town(row) for row in self._town_index[1].get(county.code, ())]

    def all_townships(self) -> Iterator[Division]:
        """Every township-level place, in file order."""
        for rows in self._town_index[1].values():
            yield from map(self._town, rows)

    def _holds(self, county: Division, parent_code: str) -> bool:
        return parent_code == county.code or parent_code in county.former_codes + county.successors

    @staticmethod
    def _town(row: TownRow) -> Division:
        code, system, parent, name, _, _ = row
        kind = division_kind(name, "乡")
        version = _VERSION.get(system, system)
        return Division(code, system, version, name, name, Level.TOWNSHIP, parent, kind)

    # -- relations -----------------------------------------------------------------------------

    def parents(self, division: Division) -> list[Division]:
        """The places a place lies in, nearest first."""
        chain: list[Division] = []
        code = division.parent_code
        while code and (parent := self.by_code.get(code)) and len(chain) < 5:
            chain.append(parent)
            code = parent.parent_code
        return chain

    def lies_in(self, inner: Division, outer: Division) -> bool:
        """Whether ``inner`` lies (or lay under a former code) in ``outer``; no place in itself."""
        if inner.key == outer.key:
            return False
        codes = {parent.code for parent in self.parents(inner)}
        if outer.code in codes or outer.code == inner.parent_code:
            return True
        size = {Level.PROVINCE: 2, Level.CITY: 4}.get(outer.level, 0)
        gb = inner.code_system in _VERSION and outer.code_system in _VERSION
        return bool(size and gb) and any(
            code[:size] == outer.code[:size] for code in (inner.code, *inner.former_codes)
        )

    def zones_of(self, place: Division) -> list[Division]:
        """The listed development zones directly below a place."""
        return self._zones.get(place.code, [])

    @cached_property
    def _zones(self) -> dict[str, list[Division]]:
        table: dict[str, list[Division]] = defaultdict(list)
        for division in self.divisions:
            if division.level is Level.ZONE:
                table[division.parent_code].append(division)
        return dict(table)

    def full_name(self, division: Division) -> str:
        """The name with all its parents: ``安徽省淮北市相山区任圩街道``."""
        return "".join(d.name for d in [*reversed(self.parents(division)), division])

    # -- offices -------------------------------------------------------------------------------

    def office(
        self,
        division: Division,
        function: str | None,
        official: str,
        *,
        kind: Kind = Kind.DEPARTMENT,
        place: str = "",
        zone: str = "",
    ) -> Office:
        """The office of ``function`` (or, without one, of the unit name ``official``) in a place.

        ``place`` is the printed place to show before the official name; ``zone`` a development
        zone of that place that the registry does not list.
        """
        base = division.key + (f".{text_key(zone)}" if zone else "")
        unit = function or f"x{text_key(official)}"
        shown = place or division.name + zone
        level = Level.ZONE if zone else division.level
        if division.level is Level.TOWNSHIP and kind is Kind.COMMITTEE:
            level = Level.ZONE  # the NBS lists zones of counties as townships
        own = kind
        if division.level is Level.TOWNSHIP and kind is Kind.GOVERNMENT:
            own = Kind.SUBDISTRICT if division.kind == "街道" else Kind.TOWNSHIP
        chain = {d.level: d.code for d in [*self.parents(division), division]}
        return Office(
            office_id=f"{base}-{unit}",
            name=shown + official,
            short_name=division.short_name + zone + official,
            level=level,
            kind=own,
            function=function,
            division_code=division.code or None,
            division_name=division.name + zone,
            code_system=division.code_system,
            parent_id=self._parent_id(division, unit, zone),
            province=chain.get(Level.PROVINCE),
            city=chain.get(Level.CITY),
            county=chain.get(Level.COUNTY),
        )

    def _parent_id(self, division: Division, unit: str, zone: str) -> str | None:
        heads = {"government", "subdistrict_office", "administrative_committee", "agency_office"}
        if unit not in heads:
            return f"{division.key}-{head_of(division)}" if not zone else None
        if zone:
            return f"{division.key}-{head_of(division)}"
        above = next(iter(self.parents(division)), None)
        return f"{above.key}-{head_of(above)}" if above else None


def head_of(division: Division) -> str:
    """The function key of the body that heads a place: government, or sub-district office."""
    if division.level is Level.ZONE:
        return "administrative_committee"
    if division.kind == "街道" or (division.level is Level.TOWNSHIP and "地区" in division.name):
        return "subdistrict_office"
    if division.level is Level.TOWNSHIP and division.kind == "其他":
        return "administrative_committee"  # 农场, 园区 and the like that the NBS lists as townships
    return "agency_office" if division.kind in {"地区", "盟"} else "government"


@lru_cache(maxsize=1)
def _default() -> Registry:
    former: dict[str, list[str]] = {}
    for _, kind, old, _, new, _, _ in _read(DATA / "changes.csv"):
        if kind == "同名改码" and old and new:
            former.setdefault(new, []).append(old)
    divisions = [
        Division(
            code, system, version, name, short, Level(level), parent, kind,
            int(start) if start else None, int(end) if end else None,
            tuple(after.split(";")) if after else (), tuple(pinyin.split(";")),
            tuple(former.get(code, ())),
        )
        for code, system, version, name, short, level, parent, kind, start, end, after, pinyin
        in _read(DATA / "divisions.csv")
    ]  # fmt: skip
    divisions += [
        Division(f"{host}.{text_key(name)}", "project", "project-1", name, short_name(name),
                 Level.ZONE, host, "功能区")
        for name, host, _ in _read(DATA / "zones.csv")
    ]  # fmt: skip
    return Registry(divisions, _town_rows)


def _town_rows() -> list[TownRow]:
    # Split by hand: the builder writes no quoted field, and csv.reader takes twice as long.
    text = gzip.decompress((DATA / "townships.csv.gz").read_bytes()).decode()
    rows = map(partial(str.split, sep=","), text.splitlines()[1:])
    return [(r[0], r[1], r[2], r[3], r[4], r[5]) for r in rows]


def read_extra_divisions(path: Path) -> list[Division]:
    """Divisions of an extra CSV file (columns :data:`EXTRA_REQUIRED` and optional ones).

    Raises :class:`UsageError` naming file, line and what to write instead.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [c for c in EXTRA_REQUIRED if c not in (reader.fieldnames or ())]
        if missing:
            hint = f"表头须含 {','.join(EXTRA_REQUIRED)}"
            raise UsageError(f"{path.name} 缺少列 {','.join(missing)}", hint=hint)
        return [_extra(path, number, row) for number, row in enumerate(reader, start=2)]


def _extra(path: Path, number: int, row: dict[str, str]) -> Division:
    name, level = clean(row["name"] or ""), (row["level"] or "").strip()
    if not name or not (row["code"] or "").strip():
        raise UsageError(f"{path.name} 第 {number} 行没有 code 或 name", hint="两列都必须填写")
    if level not in set(Level):
        hint = "可用 " + "、".join(Level)
        raise UsageError(f"{path.name} 第 {number} 行 level “{level}” 不认识", hint=hint)
    years: list[int | None] = []
    for column in ("valid_from", "valid_to"):
        text = (row.get(column) or "").strip()
        if text and not text.isdigit():
            message = f"{path.name} 第 {number} 行 {column} “{text}” 不是年份"
            raise UsageError(message, hint="写四位年份，不详留空")
        years.append(int(text) if text else None)
    return Division(
        code=row["code"].strip(),
        code_system=(row.get("code_system") or "").strip() or "extra",
        version=(row.get("version") or "").strip() or path.name,
        name=name,
        short_name=(row.get("short_name") or "").strip() or short_name(name),
        level=Level(level),
        parent_code=(row["parent_code"] or "").strip(),
        kind=(row.get("kind") or "").strip() or division_kind(name, level),
        valid_from=years[0],
        valid_to=years[1],
    )


__all__ = ["EXTRA_OPTIONAL", "EXTRA_REQUIRED", "Registry", "head_of",
           "read_extra_divisions"]  # fmt: skip
