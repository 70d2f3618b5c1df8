"""A printed office name → every office it can mean.

The name is read from the left as places, each within the one before (江苏省 → 宿迁市 → 沭阳县), and
what is left is looked up among the functions. All readings are kept and ranked; the caller sees
when there is more than one. Names of places are never searched for inside a text, only matched at
its start through dictionaries, so that 新河县城关镇 can never become another county's 城关镇.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from etl.offices.branches import branch_of, listed_zone, zone_host, zone_key
from etl.offices.functions import DATA, FunctionName, function_list
from etl.offices.model import Division, Kind, Level, Office, text_key
from etl.offices.names import clean, division_kind, simplify
from etl.offices.registry import Registry, head_of

#: Cost of reading a name in a less certain way; the cheapest readings win.
COST_SHORT: Final = 2  # a place by its short name: 沭阳发改局
COST_PLACE_ONLY: Final = 1  # no body named: 沭阳县2023年…报告
COST_ZONE: Final = 2  # a development zone the registry does not list
COST_UNLISTED_TOWN: Final = 4  # township the registry does not have in that county
COST_UNLISTED_UNIT: Final = 3  # unit outside the controlled list
COST_ALIKE: Final = 6  # one character replaced by one that looks alike

#: Names whose meaning a registry remembers: some hundred bytes each.
_REMEMBERED: Final = 1 << 15

_OFFICE_END: Final = re.compile(
    "(?:政府|局|委员会|[^省市县区旗]委|[^乡镇道]办|办事处|厅|室|处|署|部|院|中心|队|会|站|所|馆|台|社|校|"
    "海关|支行|分行|公司|集团|团|场|办公室|指挥部|小组|联社)$"
)
#: Courts, schools, hospitals and companies report, too, but are no departments.
_NO_AUTHORITY: Final = re.compile(
    "(?:公司|集团|医院|卫生院|法院|检察院|学院|大学|学校|中学|小学|校|电视台)$"
)
_ZONE: Final = re.compile(
    r"^(?P<zone>.{0,14}?(?:开发区|高新区|经开区|新区|园区|示范区|试验区|实验区|保税区|保税港区|风景名胜区|风景区|"
    r"度假区|产业园|工业园|科技园|物流园|管理区|合作区|生态区|生态城|农场|林场|新城|功能区|集聚区|集中区|片区|"
    r"港区|景区|湿地公园))(?P<body>(?:管理委员会|管委会)(?:办公室)?|管理局|办事处|管理处|党政办公室|综合办公室)?$"
)
_TOWN: Final = re.compile(
    r"^(?P<town>.{1,10}?(?:街道|苏木|地区|乡|镇))(?P<body>人民政府|政府|办事处|办|公所)?$"
)
_RELATIVE: Final = re.compile(r"^(?:全|本|我)?(?P<level>省|市|县|区|旗|州)(?=.)")
#: A bureau that says it reports for itself only: 某市市场监督管理局机关.
_OWN_STAFF: Final = re.compile("(?<=[府局委厅])机关$")
#: 海关总署(本级机关): not a name.
_ITSELF: Final = re.compile("(?:部门|机关)?本级(?:机关)?|本?机关")
_BRACKET: Final = re.compile(r"\((?P<inner>[^()]*)\)")
_LEVEL_WORD: Final = re.compile("[省市县区旗盟州]")


#: 长兴岛经济技术开发区 is not 长兴县's: the place's name goes on.
_LONGER_NAME: Final = re.compile(
    "[岛山湖洲湾桥峡](?:国家|经济|高新|工业|旅游|技术|产业|开发|新区|风景|度假|生态|管理)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name. ``cost`` 0 is a full place name and a listed function.

    ``place_text`` is the printed place; ``notes`` say what was assumed. ``office`` is ``None``
    where the name says what but not where (``relative`` then holds a printed level word).
    """

    office: Office | None
    division: Division | None
    place_text: str
    unit: str
    cost: int
    notes: tuple[str, ...] = ()
    relative: str = ""
    function: FunctionName | None = None


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A name and its readings at the lowest cost; more than one distinct office is ambiguity."""

    text: str
    readings: tuple[Reading, ...]
    second_name: str = ""

    @property
    def offices(self) -> tuple[Office, ...]:
        """The distinct offices the name can mean."""
        found = {r.office.office_id: r.office for r in self.readings if r.office}
        return tuple(found.values())


def parse_name(
    registry: Registry, name: str, *, within: Division | None = None, year: int | None = None
) -> ParsedName:
    """Every office a printed name can mean, given a place it must lie in (``within``).

    Readings whose place did not exist in ``year`` are dropped when others remain. A name in
    brackets behind the office (second sign, old name) is kept in ``second_name``.
    """
    key = (name, within, year)
    found = registry.meanings.get(key)
    if found is None:
        if len(registry.meanings) >= _REMEMBERED:
            registry.meanings.clear()
        found = registry.meanings[key] = _parse_name(registry, name, within, year)
    meaning: ParsedName = found
    return meaning


def _parse_name(
    registry: Registry, name: str, within: Division | None, year: int | None
) -> ParsedName:
    text = _OWN_STAFF.sub("", clean(name))
    second = ""
    if found := _BRACKET.search(text):
        second = found["inner"]
        text = (text[: found.start()] + text[found.end() :]) or second
        second = "" if _ITSELF.fullmatch(second) else second
    readings = _readings(registry, text, within)
    if not readings and (plain := simplify(text)) != text:
        readings = _readings(registry, plain, within)
    if not readings:
        readings = _alike_readings(registry, text, within)
    return ParsedName(text, tuple(_best(readings, year)), second)


def _best(readings: list[Reading], year: int | None) -> list[Reading]:
    if year is not None:
        dated = [r for r in readings if r.division is None or r.division.existed_in(year)]
        readings = dated or [
            replace(r, notes=(*r.notes, _gone(r.division, year)), cost=r.cost + 1) for r in readings
        ]
    low = min((r.cost for r in readings), default=0)
    unique: dict[str, Reading] = {}
    for reading in readings:
        if reading.cost == low:
            key = reading.office.office_id if reading.office else f"?{reading.unit}"
            held = unique.get(key)
            # A renamed place shares its code with its old name: show the one still valid.
            if held is None or (held.division and held.division.valid_to is not None):
                unique[key] = reading
    return list(unique.values())


def _gone(division: Division | None, year: int) -> str:
    if division is None:
        return ""
    return f"{division.name}（{division.code}）在 {year} 年不是有效区划名称"


def _readings(registry: Registry, text: str, within: Division | None) -> list[Reading]:
    listed = function_list()
    national = _national(text)
    if national:
        return [national]
    for prefix, _ in listed.vertical_prefixes:
        if text.startswith(prefix) and len(text) > len(prefix) + 2:
            inner = _readings(registry, text.removeprefix(prefix), within)
            vertical = [r for r in inner if r.office and r.division]
            return [_with_prefix(r, prefix) for r in vertical]
    found = list(_placed(registry, text, 0, None, 0, within))
    if not found or min(r.cost for r in found) > COST_PLACE_ONLY:
        found += _placeless(registry, text, within)
    return found


def _national(text: str) -> Reading | None:
    names = function_list().national
    if text not in names:
        return None
    text = names[text]
    matched = function_list().match(text.removeprefix("国家").removeprefix("国务院"))
    key = matched.key if matched else None
    identity = key or f"x{text_key(text)}"
    kind = Kind.GENERAL_OFFICE if text == "国务院办公厅" else Kind.DEPARTMENT
    office = Office(f"cn-{identity}", text, text, Level.STATE, kind, key, None, None, None, None)
    return Reading(office, None, "", text, 0, function=matched)


def _with_prefix(reading: Reading, prefix: str) -> Reading:
    office = reading.office
    assert office is not None
    named = replace(office, name=prefix + office.name, kind=Kind.VERTICAL)
    return replace(reading, office=named)


def _placed(
    registry: Registry, text: str, start: int, parent: Division | None, cost: int,
    within: Division | None,
) -> Iterator[Reading]:  # fmt: skip
    """Readings that go on from ``start``, the place so far being ``parent``."""
    if parent is not None:
        yield from _ended(registry, text, start, parent, cost)
        yield from _towns(registry, text, start, parent, cost)
    longest = min(registry.longest_name, len(text) - start)
    for size in range(longest, 1, -1):
        piece = text[start : start + size]
        for table, extra in ((registry.by_name, 0), (registry.by_short, COST_SHORT)):
            for division in table.get(piece, ()):
                if parent is not None and not registry.lies_in(division, parent):
                    continue
                if within is not None and not _compatible(registry, division, within):
                    continue
                step = cost + extra
                if step <= COST_SHORT:  # a second short name would be guessing
                    yield from _placed(registry, text, start + size, division, step, within)


def _compatible(registry: Registry, division: Division, within: Division) -> bool:
    return (
        division.key == within.key
        or registry.lies_in(division, within)
        or registry.lies_in(within, division)
    )


def _ended(
    registry: Registry, text: str, start: int, place: Division, cost: int
) -> Iterator[Reading]:
    """Readings in which the place ends here and a unit (or nothing) follows."""
    rest, printed = text[start:], text[:start]
    if not rest:
        if cost == 0:
            yield _head(registry, place, printed, COST_PLACE_ONLY)
        elif len(printed) > 2 and printed[-1] in "州县旗":  # 湘西州, 西乌旗: whole names of places
            yield _head(registry, place, "", cost + COST_PLACE_ONLY)
        return
    matched = function_list().match(rest)
    if matched and matched.kind is Kind.SUBDISTRICT:
        return  # 丰台街道办事处 is a sub-district somewhere, not the office of 丰台区
    ordinary = place.level is not Level.ZONE and not place.name.endswith("新区")
    if matched and matched.kind is Kind.COMMITTEE and ordinary:
        return  # a government heads it; 白塔区管委会 is a zone of that name elsewhere
    if matched:
        # A short place name is written out, but in 广州海关 it is the whole name.
        shown = printed if cost == 0 or matched.short_place else ""
        office = registry.office(
            place, matched.key, matched.official, kind=matched.kind, place=shown
        )
        yield Reading(office, place, printed, rest, cost, function=matched)
        return
    if not cost and (branch := branch_of(registry, rest, place)):
        where, function = branch
        office = registry.office(where, function.key, rest, kind=function.kind, place=printed)
        yield Reading(office, where, printed, rest, 0, function=function)
        return
    zone = None if cost and _LONGER_NAME.match(rest) else _ZONE.match(rest)
    if zone and (zone["body"] or (rest.endswith("区") and not cost)):
        found = _zone_office(registry, place, printed, zone["zone"], zone["body"] or "")
        yield replace(found, cost=found.cost + cost)
    elif unit := None if cost and _LONGER_NAME.match(rest) else _zone_unit(rest):
        shown, matched = printed + unit[0], unit[1]
        where, zone_name, note = _zone_place(registry, place, unit[0])
        office = registry.office(
            where, matched.key, matched.official, kind=matched.kind, place=shown, zone=zone_name
        )
        yield Reading(office, where, shown, rest, COST_ZONE + cost, note, function=matched)
    elif cost:
        return
    elif _OFFICE_END.search(rest) and not _names_a_place(registry, rest):
        official = function_list().expand_ending(rest)
        kind = Kind.OTHER if _NO_AUTHORITY.search(rest) else Kind.DEPARTMENT
        office = registry.office(place, None, official, kind=kind, place=printed)
        yield Reading(office, place, printed, rest, COST_UNLISTED_UNIT, ("职能不在受控清单内",))


def _names_a_place(registry: Registry, rest: str) -> bool:
    """Whether a unit's name begins like a place: 沭阳县+新河镇财政所, 宿迁市+某某区教育局."""
    first = re.match(r"^.{1,8}?(?:省|市|县|区|旗|盟|州|乡|镇|街道)", rest)
    return bool(first and len(first[0]) < len(rest)) and "地区" not in rest


def _zone_unit(rest: str) -> tuple[str, FunctionName] | None:
    """A department of a development zone: 高新区+投资促进局."""
    for size in range(len(rest) - 2, 2, -1):
        zone = _ZONE.match(rest[:size])
        matched = function_list().match(rest[size:]) if zone and not zone["body"] else None
        if matched and matched.kind in {Kind.DEPARTMENT, Kind.VERTICAL}:
            return rest[:size], matched
    return None


def _zone_office(
    registry: Registry, place: Division, printed: str, zone: str, body: str
) -> Reading:
    matched = function_list().match(body) if body else None
    key = matched.key if matched and matched.kind is Kind.COMMITTEE else "administrative_committee"
    shown = printed + zone
    if inner := zone_host(registry, zone, place):  # 广东+从化经济开发区 is a zone of 从化区
        place, zone = inner.place, inner.rest
    official = function_list().expand_ending(body).replace("管委会", "管理委员会")
    official = official or "管理委员会"
    where, name, note = _zone_place(registry, place, zone)
    office = registry.office(where, key, official, kind=Kind.COMMITTEE, place=shown, zone=name)
    return Reading(office, where, shown, body, COST_ZONE, note)


def _zone_place(
    registry: Registry, place: Division, zone: str
) -> tuple[Division, str, tuple[str, ...]]:
    """The listed zone, or the place with the name under which its zone is kept; a note."""
    if listed := listed_zone(registry, place, zone):
        return listed, "", (f"按区划表中的“{listed.name}”理解",)
    return place, zone_key(zone), ("功能区不在区划内，按名称登记",)


def _head(registry: Registry, place: Division, printed: str, cost: int) -> Reading:
    """The body that heads a place, for a name that is only the place."""
    key = head_of(place)
    official = {
        "government": "人民政府", "agency_office": "行政公署", "subdistrict_office": "办事处",
        "administrative_committee": "管理委员会" if place.level is Level.ZONE else "",
    }[key]  # fmt: skip
    kind = {"subdistrict_office": Kind.SUBDISTRICT, "administrative_committee": Kind.COMMITTEE}
    office = registry.office(
        place, key, official, kind=kind.get(key, Kind.GOVERNMENT), place=printed
    )
    note = f"只写地名“{printed or place.name}”，按其{official or '管理机构'}理解"
    return Reading(office, place, printed, "", cost, (note,))


def _towns(
    registry: Registry, text: str, start: int, place: Division, cost: int
) -> Iterator[Reading]:
    """Readings in which a township-level place of ``place`` follows."""
    if place.level in {Level.PROVINCE} and place.kind != "直辖市":
        return
    rest = text[start:]
    known = False
    for size in range(min(len(rest), 16), 1, -1):
        for town in registry.townships_named(rest[:size]):
            if _is_in(registry, town, place):
                known = True
                step = cost + (1 if cost else 0)  # 上海庙镇 is not first of all 上海's 庙镇
                yield from _town_office(registry, text, start + size, town, step)
    if rest.endswith("办事处") and not known:
        for town in registry.townships_named(rest.removesuffix("办事处") + "街道"):
            if _is_in(registry, town, place):
                known = True
                yield _head(registry, town, text, cost)
    in_county = place.level in {Level.COUNTY, Level.ZONE} or place.code[:4] in {"4419", "4420"}
    if not known and not cost and in_county and (match := _TOWN.match(rest)):
        name = match["town"]
        town = Division(
            "", "name", "", name, name, Level.TOWNSHIP, place.code, division_kind(name, "乡")
        )
        shown = text[:start] + name
        note = f"区划表中{place.name}没有{name}，按名称登记"
        reading = _head(registry, town, shown, cost + COST_UNLISTED_TOWN)
        yield replace(reading, notes=(note,))


def _is_in(registry: Registry, town: Division, place: Division) -> bool:
    county = registry.by_code.get(town.parent_code)
    if county is None:
        return town.parent_code == place.code
    if county.key == place.key or town.parent_code in place.former_codes + place.successors:
        return True
    # 随州市经济开发区 is the city's own, not the 经济开发区 of one of its counties.
    return town.kind != "其他" and registry.lies_in(county, place)


def _town_office(
    registry: Registry, text: str, start: int, town: Division, cost: int
) -> Iterator[Reading]:
    rest, printed = text[start:], text[:start]
    if not rest:
        yield _head(registry, town, printed, cost + COST_PLACE_ONLY)
        return
    if rest in {"办", "办事处", "街道办事处"} and head_of(town) == "subdistrict_office":
        yield replace(_head(registry, town, printed, cost), notes=(), unit=rest)
        return
    matched = function_list().match(rest)
    if matched is not None:
        official = matched.official
        office = registry.office(town, matched.key, official, kind=matched.kind, place=printed)
        yield Reading(office, town, printed, rest, cost, function=matched)


def _placeless(registry: Registry, text: str, within: Division | None) -> list[Reading]:
    """Readings of a name that does not begin with a known place above township level."""
    found: list[Reading] = []
    for size in range(min(len(text), 16), 1, -1):
        for town in registry.townships_named(text[:size]):
            if within is None or _is_in(registry, town, within):
                found += _town_office(registry, text, size, town, COST_SHORT)
    if found:
        return found
    relative = ""
    rest = text
    if level := _RELATIVE.match(text):
        relative, rest = level["level"], text[level.end() :]
    matched = function_list().match(rest)
    if matched is None and relative:
        matched, again = function_list().match(text), text
        relative, rest = ("", again) if matched else (relative, rest)
    if matched is not None:
        return [Reading(None, None, "", rest, COST_SHORT, (), relative, matched)]
    return []


@lru_cache(maxsize=1)
def _alike() -> dict[str, tuple[str, ...]]:
    """Printed character → characters it may have been, from both confusable files."""
    table: dict[str, list[str]] = {}
    for file in ("confusable.csv", "confusable_extra.csv"):
        with (DATA / file).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                table.setdefault(row["printed"], []).append(row["meant"])
    return {char: tuple(dict.fromkeys(meant)) for char, meant in table.items()}


def _alike_readings(registry: Registry, text: str, within: Division | None) -> list[Reading]:
    """Readings after replacing one look-alike character in a first place no year ever had."""
    places = [text[: m.end()] for m in _LEVEL_WORD.finditer(text[:15])]
    if any(place in registry.by_name for place in places):
        return []
    found: list[Reading] = []
    for place in places:
        found += _alike_place(registry, text, place, within)
    return found if len({r.office.office_id for r in found if r.office}) == 1 else []


def _alike_place(
    registry: Registry, text: str, place: str, within: Division | None
) -> list[Reading]:
    found: list[Reading] = []
    for at, char in enumerate(place):
        for meant in _alike().get(char, ()):
            guess = place[:at] + meant + place[at + 1 :]
            if guess in registry.by_name:
                note = f"印作“{place}”，区划中无此名，形近者只有“{guess}”"
                found += [
                    replace(r, cost=r.cost + COST_ALIKE, notes=(*r.notes, note))
                    for r in _readings(registry, guess + text[len(place) :], within)
                    if r.office and r.cost <= COST_PLACE_ONLY
                ]
    return found


__all__ = ["ParsedName", "Reading", "parse_name"]
