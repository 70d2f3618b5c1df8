"""The invented country: provinces, cities, counties, townships and their offices.

Full size (a million reports, seven years) is 34 provinces, 333 cities, 2,850 counties and 38,700
townships with about 140,000 offices; a smaller country keeps the proportions. Names are the demo's
invented stems; codes begin with two digits that GB/T 2260 does not assign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from etl.demo.settings import Activity, Department, load_settings

FULL_REPORTS: Final = 1_000_000
PROVINCES, CITIES, COUNTIES, TOWNSHIPS = 34, 333, 2_850, 38_700
CODE_SYSTEM: Final = "demo"
#: Pairs of first digits without a province in GB/T 2260.
PROVINCE_CODES: Final = (
    *range(91, 100), *range(66, 70), *range(55, 60), *range(47, 50), 38, 39, *range(24, 30),
    *range(1, 10),
)  # fmt: skip
#: Bodies of a county that the demo's list of departments does not have.
MORE: Final = (
    ("letters_calls", "信访局", 1.2), ("archives", "档案局", 0.3), ("forestry", "林业局", 0.8),
    ("data", "数据局", 0.4), ("offices_affairs", "机关事务服务中心", 0.3),
    ("investment", "投资促进局", 0.3), ("heritage", "文物局", 0.3), ("sports", "体育局", 0.3),
)  # fmt: skip


@dataclass(slots=True)
class Country:
    """Divisions as rows, offices as columns in the order of the warehouse's sorting."""

    divisions: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    #: Mean applications a year of each office before its own luck; activity medians of table 2.
    volume: list[tuple[float, float]] = field(default_factory=list)
    activity: list[Activity] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of offices."""
        return len(self.volume)

    def column(self, name: str) -> npt.NDArray[np.object_]:
        """One column of the offices."""
        return np.array(self.columns[name], dtype=object)


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    name: str
    level: str
    province: str
    city: str | None
    county: str | None
    names: tuple[str, ...]


def build_country(reports: int, seed: int) -> Country:
    """A country whose offices publish about ``reports`` reports in the demo's seven years."""
    share = reports / FULL_REPORTS
    rng = np.random.default_rng((seed, 1))
    sizes = [max(1, round(n * share)) for n in (PROVINCES, CITIES, COUNTIES, TOWNSHIPS)]
    parents = [np.sort(_spread(n, of, rng)) for of, n in pairwise(sizes)]
    country = Country(columns={name: [] for name in OFFICE_COLUMNS})
    stems = _stems(rng)
    used: dict[int, int] = {}
    for p in range(sizes[0]):
        province = _division(country, f"{PROVINCE_CODES[p]:02}0000", next(stems), "省", None)
        for n, c in enumerate(np.flatnonzero(parents[0] == p), start=1):
            code = f"{province.code[:2]}{n:02}00"
            city = _division(country, code, next(stems), "市", province)
            for m, k in enumerate(np.flatnonzero(parents[1] == c), start=1):
                district = m <= load_settings().shape.districts
                code = f"{city.code[:4]}{m if district else 20 + m:02}"
                county = _division(country, code, next(stems), "区" if district else "县", city)
                used[int(k)] = len(country)
                _seat(country, county)
                _townships(country, county, int((parents[2] == k).sum()), rng)
            _seat(country, city)
        _seat(country, province)
    return _sorted(country)


OFFICE_COLUMNS: Final = (
    "office_id", "name", "short_name", "pinyin", "level", "kind", "function", "division_code",
    "province", "city", "county", "province_name", "city_name", "county_name", "parent_office_id",
    "scope",
)  # fmt: skip


def _spread(n: int, of: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Parents of ``n`` children: every parent has one, the others fall where they fall."""
    first = np.arange(min(n, of))
    rest = rng.integers(0, of, size=max(0, n - of))
    # At most 99 of a kind have room in a code of two digits; even out what chance piled up.
    counts = np.bincount(np.concatenate([first, rest]), minlength=of)
    limit = 60
    while counts.max() > limit:
        counts[counts.argmax()] -= 1
        counts[counts.argmin()] += 1
    return np.repeat(np.arange(of), counts)


def _stems(rng: np.random.Generator) -> Iterator[str]:
    """Invented stems, each once: two characters while they last, then three."""
    names = load_settings().names
    pairs = [a + b for a in names.first for b in names.second if a != b]
    rng.shuffle(pairs)
    yield from pairs
    for first in names.first:
        yield from (first + pair for pair in pairs if first != pair[0])


def _division(country: Country, code: str, stem: str, ending: str, parent: _Place | None) -> _Place:
    level = "县" if ending in ("县", "区") else ending
    name = stem + ending
    country.divisions.append((code, name, level, parent.code if parent else None))
    places = {
        "省": (code, None, None),
        "市": (parent.code if parent else code, code, None),
        "县": (parent.province if parent else code, parent.code if parent else code, code),
    }[level]
    return _Place(code, name, level, *places, (*(parent.names if parent else ()), name))


def _add(
    country: Country, place: _Place, function: str, name: str, volume: tuple[float, float],
    activity: Activity, **facts: Any,
) -> None:  # fmt: skip
    names = (*place.names, None, None)[:3]
    level = facts.get("level", place.level)
    short = facts.get("short_name", name)
    row = {
        "office_id": f"{facts.get('code', place.code)}-{function}", "name": name,
        "short_name": short, "pinyin": spelt(short), "level": level, "kind": facts["kind"],
        "function": function, "division_code": facts.get("code", place.code),
        "province": place.province, "city": place.city, "county": place.county,
        "province_name": names[0], "city_name": names[1], "county_name": names[2],
        "parent_office_id": facts.get("parent"), "scope": facts.get("scope", "own_office"),
    }  # fmt: skip
    for key, value in row.items():
        country.columns[key].append(value)
    country.volume.append(volume)
    country.activity.append(activity)


def _seat(country: Country, place: _Place) -> None:
    """The government with its region's report, its general office, its departments."""
    settings = load_settings()
    tier = {"省": "province", "市": "city", "县": "county"}[place.level]
    parent = f"{place.code}-government"
    whole = {"kind": "政府", "scope": "region"}
    _add(country, place, "government", f"{place.name}人民政府", (0, 0), Activity(), **whole)
    general = settings.volumes[f"{tier}_general"]
    office = "办公厅" if place.level == "省" else "办公室"
    _add(
        country, place, "general_office", f"{place.name}人民政府{office}",
        (general.mean, general.spread), Activity(normdocs=settings.general.normdocs),
        kind="办公厅", parent=parent,
    )  # fmt: skip
    usual = settings.volumes[f"{tier}_department"]
    for what in _departments(place.level):
        name = place.name + what.zh[place.level]
        activity = Activity(**{k: getattr(what, k) for k in Activity.model_fields})
        short = name.replace(place.name[-1], "", 1) if len(place.name) > 2 else name
        _add(
            country, place, what.function, name, (usual.mean * what.volume, usual.spread), activity,
            kind="部门", parent=parent, short_name=short,
        )  # fmt: skip
    if place.level == "省":
        tax = settings.vertical
        name = tax.zh.format(place=place.name)
        volume = settings.volumes["vertical"]
        activity = Activity(**{k: getattr(tax, k) for k in Activity.model_fields})
        _add(
            country, place, tax.function, name, (volume.mean, volume.spread), activity,
            kind="垂直机构", scope="system",
        )  # fmt: skip


@cache
def _departments(level: str) -> tuple[Department, ...]:
    """The demo's departments; a county has all that a city has, and some more."""
    found = []
    for what in load_settings().departments:
        zh = what.zh.get(level) or (what.zh.get("市") if level == "县" else None)
        if zh:
            found.append(what.model_copy(update={"zh": {level: zh}}))
    if level == "县":
        found += [
            Department(function=key, zh={level: zh}, volume=volume) for key, zh, volume in MORE
        ]
    return tuple(found)


def _townships(country: Country, county: _Place, n: int, rng: np.random.Generator) -> None:
    settings = load_settings()
    names = settings.names
    streets = round(n * (0.3 if county.name.endswith("区") else 0.12))
    picks = rng.choice(len(names.first) * len(names.second), size=n, replace=False)
    for position, pick in enumerate(picks):
        street = position < streets
        kind = "街道" if street else ("镇" if position < n - 3 else "乡")
        code = f"{county.code}{ {'街道': 0, '镇': 99, '乡': 199}[kind] + position + 1:03}"
        first, second = divmod(int(pick), len(names.second))
        stem = names.first[first] + names.second[second]
        volume = settings.volumes["subdistrict" if street else "township"]
        _add(
            country, county, "subdistrict_office" if street else "township_government",
            f"{county.name}{stem}{kind}{'办事处' if street else '人民政府'}",
            (volume.mean, volume.spread), settings.township, code=code, level="乡",
            kind="街道" if street else "乡镇", parent=f"{county.code}-government",
            short_name=stem + kind,
        )  # fmt: skip


def _sorted(country: Country) -> Country:
    """Offices by province, city, county and id, seats of a larger place last as NULLs sort."""
    keys = list(
        zip(
            *(
                [value or "~" for value in country.columns[name]]
                for name in ("province", "city", "county", "office_id")
            ),
            strict=True,
        )
    )
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return Country(
        sorted(country.divisions),
        {name: [values[i] for i in order] for name, values in country.columns.items()},
        [country.volume[i] for i in order],
        [country.activity[i] for i in order],
    )


@cache
def _sound(character: str) -> str:
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(character)[0])


def spelt(name: str) -> str:
    """Pinyin in full, a blank, initials: what the search looks in."""
    sounds = [_sound(character) for character in name]
    return f"{''.join(sounds)} {''.join(s[0] for s in sounds)}"
