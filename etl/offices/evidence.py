"""What a document says about its publisher: names, places and 我局, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from etl.offices.model import Division, Office
from etl.offices.names import clean, simplify
from etl.offices.parse import ParsedName, Reading, parse_name
from etl.offices.registry import Registry
from etl.offices.titles import (
    extract_office_name,
    hosting_place,
    looks_like_office,
    names_in_line,
    place_text,
    title_rules,
)

#: More sentences than this add nothing: offices name themselves at the beginning and the end.
_MAX_BODY_LINES: Final = 240
_SELF: Final = re.compile("(?:我|本)(局|镇|乡|街道|街|办|县|市|区|省|委|厅|中心|旗|州|苏木|队|关)")
#: A zone's committee is in no list of divisions: its name counts although it cannot be placed.
_ZONE: Final = re.compile("(?:管理委员会|管委会)$")
#: Where a page's text comes from: 来源：某县融媒体中心 puts up what others report.
_ORIGIN: Final = re.compile("融媒体|新闻中心|电视台|广播|日报|报社|信息中心$|网信办")
_HOST: Final = re.compile(r"^(?:https?://)?([\w.-]+)", re.IGNORECASE)


class Source(StrEnum):
    """Where a candidate text stands in or around a document, strongest first."""

    TITLE = "title"
    METADATA = "metadata"
    BODY = "body"
    FILENAME = "filename"
    CONTACT = "contact"
    PATH = "path"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One text that may name the office. For ``BODY`` and ``CONTACT`` a line, for ``SITE`` a
    site's name or an address, for ``PATH`` one step of the way to the page (首页 > 乡镇 > 中村乡),
    for ``FILENAME`` a file's name or path, else the text itself.
    """  # noqa: D205

    text: str
    source: Source


@dataclass(slots=True)
class Mention:
    """A name found in a document, and everything it can mean."""

    name: str
    source: Source
    parsed: ParsedName

    @property
    def offices(self) -> tuple[Office, ...]:
        """The offices the name can mean."""
        return self.parsed.offices

    @property
    def reading(self) -> Reading | None:
        """The only reading, or ``None``."""
        return self.parsed.readings[0] if len(self.parsed.readings) == 1 else None


@dataclass(slots=True)
class Evidence:
    """Everything collected from the candidates of one document."""

    mentions: list[Mention] = field(default_factory=list)
    places: list[tuple[Division, Source]] = field(default_factory=list)
    #: Whose government's site carries the report; that of a city carries its counties', too.
    hosts: list[tuple[Division, Source]] = field(default_factory=list)
    own_words: set[str] = field(default_factory=set)


def collect(registry: Registry, candidates: Iterable[Candidate], year: int | None) -> Evidence:
    """Every name and place the candidates give, read against the registry."""
    found = Evidence()
    lines = 0
    for candidate in candidates:
        if candidate.source in {Source.BODY, Source.CONTACT}:
            lines += 1
            if lines > _MAX_BODY_LINES:
                continue
            found.own_words |= set(_SELF.findall(candidate.text[:2000]))
            if host := longest_place(registry, hosting_place(candidate.text) or ""):
                found.hosts.append((host, candidate.source))
        for name in _names(candidate):
            parsed = parse_name(registry, name, year=year)
            if parsed.readings or candidate.source is not Source.BODY or _ZONE.search(name):
                found.mentions.append(Mention(name, candidate.source, parsed))
        found.places += [(d, candidate.source) for d in _places(registry, candidate)]
    return found


def _names(candidate: Candidate) -> list[str]:
    text = candidate.text
    if candidate.source is Source.TITLE:
        name = extract_office_name(text)
        return [name] if name else []
    if candidate.source is Source.FILENAME:
        stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", text.replace("\\", "/").rsplit("/", 1)[-1])
        name = extract_office_name(stem) or _bare_name(title_rules().year.sub("", clean(stem)))
        return [name] if name else []
    if candidate.source is Source.PATH:
        name = _bare_name(text)
        return [name] if name else []
    if candidate.source is Source.METADATA:
        if _ORIGIN.search(text):
            return []
        name = extract_office_name(text) or _bare_name(text)
        return [name] if name else []
    if candidate.source is Source.SITE:
        site = None if _is_address(text) else place_text(text, site=True)
        name = _bare_name(site) if site else None
        return [name] if name else []
    return list(dict.fromkeys(names_in_line(text)))


def _bare_name(text: str) -> str | None:
    name = simplify(clean(text))
    return name if looks_like_office(name) else None


def _is_address(text: str) -> bool:
    return bool(re.match(r"^(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/:].*)?$", text.strip()))


def _places(registry: Registry, candidate: Candidate) -> list[Division]:
    """Places an address line or a host name gives; a host only where one place reads so."""
    if candidate.source is Source.SITE and _is_address(candidate.text):
        place = place_of_host(registry, candidate.text)
        return [place] if place else []
    if candidate.source in {Source.BODY, Source.CONTACT}:
        text = place_text(candidate.text)
        place = longest_place(registry, text) if text else None
        return [place] if place else []
    return []


def longest_place(registry: Registry, text: str) -> Division | None:
    """The innermost place (county or above) a text starts with, if there is exactly one."""
    plain, found, start = clean(text), None, 0
    while True:
        step = _next_place(registry, plain, start, found)
        if step is None:
            return found
        found, start = step


def _next_place(
    registry: Registry, text: str, start: int, outer: Division | None
) -> tuple[Division, int] | None:
    for size in range(min(registry.longest_name, len(text) - start), 1, -1):
        named = registry.by_name.get(text[start : start + size], [])
        inside = [d for d in named if outer is None or registry.lies_in(d, outer)]
        current = [d for d in inside if d.valid_to is None] or inside
        if len(current) == 1:
            return current[0], start + size
    return None


def place_of_host(registry: Registry, url: str) -> Division | None:
    """The one current place whose pinyin is a label of a ``.gov.cn`` host, else ``None``."""
    host = _HOST.match(url.strip())
    labels = host[1].lower().split(".") if host else []
    if labels[-2:] != ["gov", "cn"]:
        return None
    for label in labels[:-2]:
        places = registry.by_pinyin.get(label, ())
        if len(places) == 1:
            return places[0]
    return None
