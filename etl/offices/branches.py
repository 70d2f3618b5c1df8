"""Names with a second place inside: branches of a city's bureau, zones named after their county.

池州市公安局贵池分局 is the bureau of 贵池区.

Public security, ecology, natural resources and market regulation of a district are often branches
of the city's bureau, named after the city, their own place inside or behind the bureau's name.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from etl.offices.functions import FunctionName, function_list
from etl.offices.model import Division, Level
from etl.offices.registry import Registry

_BRANCH: Final = re.compile("^(?P<body>.{4,20})(?P<end>分局|监管局|管理局)$")
_NATIONAL: Final = re.compile("^国家级?")
_HIGH_TECH: Final = re.compile("高新技术(?:产业)?(?:开发|园)区$")
_TECHNICAL: Final = re.compile("经济技术开发区$")
_ENDINGS: Final = ("局", "委员会", "委", "厅")


class Branch(NamedTuple):
    """The place a branch serves, and the function of the bureau it belongs to."""

    place: Division
    function: FunctionName


def branch_of(registry: Registry, rest: str, parent: Division) -> Branch | None:
    """The branch that ``rest``, printed behind the place ``parent``, names; ``None`` if none.

    ``公安局贵池分局``, ``公安贵池分局``, ``贵池区公安分局``, ``市场监督管理局龙华监管局``: a place
    of ``parent``, its name full or short. A branch named otherwise (开发区分局) is none of a place.
    """
    found = _BRANCH.match(rest)
    if found is None or parent.level not in {Level.PROVINCE, Level.CITY, Level.COUNTY}:
        return None
    body = found["body"]
    hits = {}
    for cut in range(2, len(body) - 1):
        for where, unit in ((body[cut:], body[:cut]), (body[:cut], body[cut:])):
            place = _inside(registry, where, parent)
            whole = found["end"] == "分局" or unit.endswith(_ENDINGS)
            function = _function(unit) if place and whole else None
            if place and function:
                hits[place.key] = Branch(place, function)
    return next(iter(hits.values())) if len(hits) == 1 else None


class ZoneHost(NamedTuple):
    """The place a development zone lies in, and the zone's name behind that place."""

    place: Division
    rest: str


def zone_host(registry: Registry, zone: str, parent: Division) -> ZoneHost | None:
    """The place of ``parent`` with whose name a zone's name begins: 从化经济开发区 → 从化区."""
    if parent.level not in {Level.PROVINCE, Level.CITY}:
        return None
    for size in range(min(len(zone) - 3, 8), 1, -1):
        if place := _inside(registry, zone[:size], parent):
            return ZoneHost(place, zone[size:])
    return None


def zone_key(zone: str) -> str:
    """One name for a zone's long and short names: 国家高新技术产业开发区 is the 高新区.

    经济技术开发区 is the 经开区; a 经济开发区 is another, a city may have both.
    """
    return _TECHNICAL.sub("经开区", _HIGH_TECH.sub("高新区", _NATIONAL.sub("", zone)))


def listed_zone(registry: Registry, place: Division, zone: str) -> Division | None:
    """The zone of a place that the list of divisions has under its long name: 合肥经开区."""
    wanted = zone_key(zone)
    names = {n for d in (place, *registry.parents(place)) for n in (d.name, d.short_name)}
    begin = re.compile(f"^(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})+")
    hits = [d for d in registry.zones_of(place) if zone_key(begin.sub("", d.name)) == wanted]
    return hits[0] if len(hits) == 1 else None


def _inside(registry: Registry, name: str, parent: Division) -> Division | None:
    named = [*registry.by_name.get(name, ()), *registry.by_short.get(name, ())]
    inside = {d.key: d for d in named if d.level is not Level.ZONE and registry.lies_in(d, parent)}
    current = [d for d in inside.values() if d.valid_to is None] or list(inside.values())
    return current[0] if len(current) == 1 else None


def _function(unit: str) -> FunctionName | None:
    names = [unit] if unit.endswith(_ENDINGS) else [unit + "局"]
    return next(filter(None, map(function_list().match, names)), None)
