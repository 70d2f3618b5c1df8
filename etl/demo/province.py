"""The invented province: divisions and offices, the same for the same seed.

Names are pairs of characters that name no division of China and codes lie outside the assigned
ranges (``data/province.yml``). Province *k* of a seed depends on nothing but the two numbers, and
an office's own draws only on its id, so that a longer corpus continues a shorter one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from etl.demo.settings import Activity, Department, Settings, load_settings


@dataclass(frozen=True, slots=True)
class Division:
    """A place. ``level`` is 省, 市, 县 or 乡; ``code`` has six digits, nine for 乡."""

    code: str
    name: str
    level: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """A body that reports.

    ``names`` pairs each name with the first year it was used, oldest first. ``level`` is the
    level of the place (省 市 县 乡, zone), ``kind`` as in the warehouse (政府 办公厅 部门 乡镇 街道
    管委会 垂直机构). ``volume`` names the row of ``settings.volumes``; ``factor`` multiplies its
    mean. ``predecessors`` ended the year before ``first_year`` or handed over in a merger.
    """

    office_id: str
    names: tuple[tuple[str, int], ...]
    level: str
    kind: str
    function: str
    division_code: str
    parent_office_id: str | None
    volume: str
    factor: float
    activity: Activity
    scope: str = "own_office"
    first_year: int = 2019
    last_year: int = 9999
    successor_id: str | None = None
    predecessors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The latest name."""
        return self.names[-1][0]

    def name_in(self, year: int) -> str:
        """The name used in a year."""
        return next((n for n, start in reversed(self.names) if start <= year), self.names[0][0])


@dataclass(frozen=True, slots=True)
class Province:
    """Divisions by code and offices in reporting order, parents first."""

    divisions: dict[str, Division]
    offices: tuple[DemoOffice, ...]

    def members(self, government: DemoOffice) -> Iterator[DemoOffice]:
        """Offices whose own reports a region report adds up: all of the region, not vertical."""
        prefix = government.division_code.rstrip("0")
        prefix += "0" * (len(prefix) % 2)
        for office in self.offices:
            if office.division_code.startswith(prefix) and office.scope == "own_office":
                yield office


def office_rng(seed: int, *parts: object) -> random.Random:
    """A generator of its own for an office (and year, and purpose): prefix-stable by design."""
    return random.Random(":".join(map(str, (seed, *parts))))


def build_province(seed: int, index: int = 0) -> Province:
    """Province number ``index`` (0 … number of province codes - 1) of a seed."""
    settings = load_settings()
    code = settings.names.province_codes[index]
    builder = _Builder(settings, office_rng(seed, "province", code), f"{code}0000")
    return builder.build()


class _Builder:
    def __init__(self, settings: Settings, rng: random.Random, code: str) -> None:
        self.settings = settings
        self.rng = rng
        self.code = code
        pairs = [a + b for a in settings.names.first for b in settings.names.second]
        self.stems = iter(rng.sample(pairs, len(pairs)))
        self.divisions: dict[str, Division] = {}
        self.offices: list[DemoOffice] = []

    def build(self) -> Province:
        province = self._place(self.code, "省", "省", None)
        top = self._seat(province, None)
        self._vertical(province)
        for city_no in range(1, self.settings.shape.cities + 1):
            city = self._place(f"{self.code[:2]}{city_no:02}00", "市", "市", province.code)
            city_id = self._seat(city, top)
            self._committee(city, city_id)
            for county_no in range(1, self.settings.shape.counties_per_city + 1):
                self._county(city, city_id, county_no)
        self._merge()
        return Province(self.divisions, tuple(self.offices))

    def _place(self, code: str, level: str, ending: str, parent: str | None) -> Division:
        place = Division(code, next(self.stems) + ending, level, parent)
        self.divisions[code] = place
        return place

    def _add(self, place: Division, function: str, name: str, **facts: object) -> str:
        office_id = f"{place.code}-{function}"
        names = ((name, self.settings.years.first),)
        self.offices.append(
            DemoOffice(office_id, names, function=function, division_code=place.code, **facts)  # type: ignore[arg-type]
        )
        return office_id

    def _seat(self, place: Division, parent: str | None) -> str:
        """A government (its region's report), its general office and its departments."""
        level, general = place.level, self.settings.general
        tier = {"省": "province", "市": "city", "县": "county"}[level]
        government = self._add(
            place, "government", f"{place.name}人民政府", level=level, kind="政府", volume="",
            parent_office_id=parent, factor=1.0, activity=Activity(), scope="region",
        )  # fmt: skip
        office = "办公厅" if level == "省" else "办公室"
        self._add(
            place, "general_office", f"{place.name}人民政府{office}", level=level, kind="办公厅",
            parent_office_id=government, volume=f"{tier}_general", factor=1.0,
            activity=Activity(normdocs=general.normdocs),
        )  # fmt: skip
        for department in self.settings.departments:
            if level in department.zh:
                self._department(place, government, department, f"{tier}_department")
        return government

    def _department(self, place: Division, parent: str, what: Department, volume: str) -> None:
        names = [(place.name + what.zh[place.level], self.settings.years.first)]
        if what.renamed and what.renamed.level == place.level:
            names.append((place.name + what.renamed.zh, what.renamed.year))
        activity = Activity(**{k: getattr(what, k) for k in Activity.model_fields})
        office = DemoOffice(
            f"{place.code}-{what.function}", tuple(names), place.level, "部门", what.function,
            place.code, parent, volume, what.volume, activity,
        )  # fmt: skip
        self.offices.append(office)

    def _vertical(self, place: Division) -> None:
        what = self.settings.vertical
        activity = Activity(**{k: getattr(what, k) for k in Activity.model_fields})
        self._add(
            place, what.function, what.zh.format(place=place.name), level="省", kind="垂直机构",
            parent_office_id=None, volume="vertical", factor=1.0, activity=activity, scope="system",
        )  # fmt: skip

    def _committee(self, city: Division, parent: str) -> None:
        self._add(
            city, "administrative_committee", city.name + self.settings.committee_zh,
            level="zone", kind="管委会", parent_office_id=parent, volume="committee", factor=1.0,
            activity=Activity(licence=30, penalty=5, normdocs=6),
        )  # fmt: skip

    def _county(self, city: Division, city_id: str, number: int) -> None:
        shape = self.settings.shape
        is_district = number <= shape.districts
        code = f"{city.code[:4]}{number if is_district else 20 + number:02}"
        county = self._place(code, "县", "区" if is_district else "县", city.code)
        county_id = self._seat(county, city_id)
        count = self.rng.randint(*shape.townships)
        streets = self.rng.randint(*shape.subdistricts) + (4 if is_district else 0)
        for position in range(count):
            # GB/T 10114: 001-099 sub-districts, 100-199 towns, 200-399 townships.
            kind = "街道" if position < streets else ("镇" if position < count - 3 else "乡")
            base = {"街道": 0, "镇": 99, "乡": 199}[kind]
            place = self._place(f"{county.code}{base + position + 1:03}", "乡", kind, county.code)
            self._township(county, county_id, place)

    def _township(self, county: Division, parent: str, place: Division) -> None:
        street = place.name.endswith("街道")
        name = county.name + place.name + ("办事处" if street else "人民政府")
        self._add(
            place, "subdistrict_office" if street else "township_government", name, level="乡",
            kind="街道" if street else "乡镇", parent_office_id=parent,
            volume="subdistrict" if street else "township", factor=1.0,
            activity=self.settings.township,
        )  # fmt: skip

    def _merge(self) -> None:
        """One county joins another: its bodies end, the other's take over their open cases."""
        merger = self.settings.merger
        city = f"{self.code[:2]}{merger.city:02}"
        old, new = f"{city}{20 + merger.county:02}", f"{city}{20 + merger.into:02}"
        heirs = {o.function: o for o in self.offices if o.division_code == new}
        free = max(int(c[6:]) for c in self.divisions if c.startswith(new) and len(c) == 9)
        merged: list[DemoOffice] = []
        for office in self.offices:
            if not office.division_code.startswith(old):
                merged.append(office)
            elif office.division_code == old:
                heir = heirs[office.function].office_id
                merged.append(_ended(office, merger.year, heir))
            else:
                free += 1
                moved = self._moved(office, f"{new}{free:03}", merger.year)
                merged += [_ended(office, merger.year, moved.office_id), moved]
        ended = {o.successor_id: o.office_id for o in merged if o.successor_id}
        self.offices = [
            _changed(o, predecessors=(ended[o.office_id],)) if o.office_id in ended else o
            for o in merged
        ]

    def _moved(self, office: DemoOffice, code: str, year: int) -> DemoOffice:
        old = self.divisions[office.division_code]
        county = self.divisions[code[:6]]
        self.divisions[code] = Division(code, old.name, "乡", county.code)
        former = self.divisions[old.parent_code or ""]
        name = county.name + office.name.removeprefix(former.name)
        return _changed(
            office, office_id=f"{code}-{office.function}", names=((name, year),), first_year=year,
            division_code=code, parent_office_id=f"{county.code}-government",
        )  # fmt: skip


def _ended(office: DemoOffice, year: int, successor: str) -> DemoOffice:
    return _changed(office, last_year=year - 1, successor_id=successor)


def _changed(office: DemoOffice, **facts: object) -> DemoOffice:
    return replace(office, **facts)  # type: ignore[arg-type]
