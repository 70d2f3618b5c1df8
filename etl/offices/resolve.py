"""Who published a report: names found in a document → one office, with evidence, or a question.

A pipeline of pure steps: collect *mentions* (names with their source) → read each against the
registry → take the strongest → place it with the help of the others → compare them. A name that
may mean several offices, or none, is kept as printed and asks for an override; nothing is chosen
because it is likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from etl.offices.evidence import Candidate, Evidence, Mention, Source, collect
from etl.offices.model import Division, Kind, Level, Office
from etl.offices.overrides import Override
from etl.offices.parse import COST_ALIKE, COST_UNLISTED_UNIT, ParsedName, Reading, parse_name
from etl.offices.registry import Registry


class Confidence(StrEnum):
    """``HIGH``: named with its place. ``MEDIUM``: one stated inference. ``LOW``: contradicted or
    placed by a weak hint; look at it. ``NONE``: not resolved.
    """  # noqa: D205

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


#: The contract's words for evidence; contact lines stand in the body, sites in the metadata.
_EVIDENCE: Final[dict[Source, Literal["title", "body", "metadata", "filename"]]] = {
    Source.TITLE: "title",
    Source.METADATA: "metadata",
    Source.BODY: "body",
    Source.FILENAME: "filename",
    Source.CONTACT: "body",
    Source.PATH: "metadata",
    Source.SITE: "metadata",
}
_ORDER: Final = tuple(Source)
_SELF_FITS: Final[dict[str, str]] = {
    "局": "局|中心|队", "镇": "镇", "乡": "乡", "街道": "街道|办事处", "街": "街道|办事处",
    "委": "委|委员会", "厅": "厅", "中心": "中心", "队": "队", "关": "海关", "苏木": "苏木",
}  # fmt: skip
_AROUND: Final = frozenset({Source.PATH, Source.SITE})
#: A site belongs to one of these; whoever publishes there need not be it.
_HEADS: Final = frozenset({Kind.GOVERNMENT, Kind.GENERAL_OFFICE})
_STAFF: Final = frozenset(
    {"general_office", "agency_general_office", "administrative_committee_office"}
)
_PLACES: Final = frozenset("省市县区州旗")
_UNITS: Final = frozenset({"局", "办", "委", "厅", "中心"})
_BODIES: Final = frozenset({Kind.DEPARTMENT, Kind.VERTICAL, Kind.OTHER})
#: Departments that may lead disclosure and write their government's report.
_LEADING: Final = frozenset({
    "government_disclosure", "administrative_approval", "service_data", "data",
    "business_environment", "government_service_hall",
})  # fmt: skip
_CONFIDENCE_DOWN: Final = {
    Confidence.HIGH: Confidence.MEDIUM,
    Confidence.MEDIUM: Confidence.LOW,
    Confidence.LOW: Confidence.LOW,
    Confidence.NONE: Confidence.NONE,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What else is known: the report year, and the corpus's overrides with the paths they match."""

    year: int | None = None
    paths: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who published it.

    ``office`` is ``None`` where nobody may say without asking; ``options`` are then the offices
    the name can mean. ``name`` is the name to report (official, with the fullest printed place),
    ``printed`` the name as it stands in the document. ``reasons`` and ``conflicts`` are sentences.
    """

    office: Office | None
    name: str | None
    printed: str | None
    confidence: Confidence
    evidence: Literal["title", "body", "metadata", "filename"] | None
    reasons: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    options: tuple[Office, ...] = ()

    @property
    def needs_override(self) -> bool:
        """Whether a person has to add a line to ``offices.csv``."""
        return self.office is None


def resolve(
    registry: Registry, candidates: Iterable[Candidate], context: Context | None = None
) -> Resolution:
    """The office of one document from the texts that may name it; see :class:`Resolution`."""
    ctx = context or Context()
    found = collect(registry, candidates, ctx.year)
    main = _main_mention(found)
    printed = main.name if main else None
    for override in ctx.overrides:
        if override.applies(paths=ctx.paths, printed=printed):
            reason = f"offices.csv：{override.match}" + (
                f"（{override.note}）" if override.note else ""
            )
            return Resolution(
                override.office, override.office.name, printed, Confidence.HIGH,
                _EVIDENCE[main.source] if main else "filename", (reason,),
            )  # fmt: skip
    if main is None:
        return _nameless(found)
    return _decide(registry, main, found, ctx.year)


# -- choosing --------------------------------------------------------------------------------


def _main_mention(found: Evidence) -> Mention | None:
    """The strongest mention: by source, then readable before unreadable, then first printed.

    A contact line or a site names an office only when nothing else does, and a body line that
    gives only a bare function yields to one that also says where.
    """
    if not found.mentions:
        return None

    def weight(mention: Mention) -> tuple[int, int, int]:
        cost = min((r.cost for r in mention.parsed.readings), default=99)
        unread = mention.source is Source.BODY and not mention.parsed.readings
        source = len(_ORDER) if unread else _ORDER.index(mention.source)
        return source, int(not mention.offices), int(cost >= COST_ALIKE)

    main = min(found.mentions, key=weight)
    return main if main.parsed.readings else _inside(main, found) or main


def _inside(main: Mention, found: Evidence) -> Mention | None:
    """The certain name with which an unreadable one ends: a mirror's word stands before it."""
    certain = [m for m in found.mentions if len(m.offices) == 1 and main.name.endswith(m.name)]
    return max(certain, key=lambda m: len(m.name), default=None)


def _nameless(found: Evidence) -> Resolution:
    words = "、".join(sorted(f"我{w}" for w in found.own_words))
    places = "、".join(dict.fromkeys(d.name for d, _ in found.places))
    reasons = ["文中没有单位名称"]
    if words:
        reasons.append(f"只有自称：{words}")
    if places:
        reasons.append(f"可见地名：{places}")
    reasons.append("请在 offices.csv 中登记")
    return Resolution(None, None, None, Confidence.NONE, None, tuple(reasons))


def _decide(registry: Registry, main: Mention, found: Evidence, year: int | None) -> Resolution:
    reasons: list[str] = []
    confidence = Confidence.HIGH
    parsed = main.parsed
    if len(parsed.offices) != 1:
        placed = _place_by_hints(registry, main, found, year)
        if placed is None:
            return _undecided(main, found)
        parsed, confidence, why = placed
        reasons.append(why)
    reading = next(r for r in parsed.readings if r.office)
    office = reading.office
    assert office is not None
    if main.source is Source.CONTACT and reading.cost >= COST_UNLISTED_UNIT:
        return _undecided(main, found)  # whom to ask, 信息中心, is not who reports
    if reading.notes:
        reasons += reading.notes
    if reading.cost >= COST_UNLISTED_UNIT or (reading.cost and main.source is not Source.TITLE):
        confidence = min(confidence, Confidence.MEDIUM, key=_rank)
    if main.source not in {Source.TITLE, Source.METADATA, Source.BODY}:
        confidence = min(confidence, Confidence.MEDIUM, key=_rank)
    if doubt := _doubt(main, reading, office, found):
        return _asked(main, office, doubt)
    conflicts = _conflicts(registry, office, main, found)
    if conflicts:
        confidence = _CONFIDENCE_DOWN[_CONFIDENCE_DOWN[confidence]]
    if parsed.second_name:
        reasons.append(f"括号内另有名称：{parsed.second_name}")
    return Resolution(
        office, _reported_name(office, reading, found), main.name, confidence,
        _EVIDENCE[main.source], tuple(reasons), tuple(conflicts),
    )  # fmt: skip


def _rank(confidence: Confidence) -> int:
    return [Confidence.NONE, Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH].index(confidence)


def _fits_own_words(office: Office, words: set[str]) -> bool:
    """Whether 我局, 我镇 … can be said by this office; no such word says nothing."""
    endings = [_SELF_FITS[w] for w in words if w in _SELF_FITS]
    return not endings or any(re.search(f"(?:{e})", office.name) for e in endings)


def _doubt(main: Mention, reading: Reading, office: Office, found: Evidence) -> str | None:
    """Why an office that a name means may not be the one that reports, ``None`` if it is."""
    around = main.source in _AROUND
    if around and office.kind in _HEADS and office.level is not Level.TOWNSHIP:
        return "只有网站或栏目写明单位，而网站属于政府，不一定是填报单位"
    if around and (other := _another(main, office, found)):
        return f"栏目写明“{main.name}”，又有“{other.name}”"
    if main.source is Source.CONTACT and not _speaks_for_place(office, found):
        return f"“{main.name}”是联系或编制单位，报告可能属于其政府"
    place_only = not reading.unit and office.kind is Kind.GOVERNMENT
    heads = office.kind in _HEADS and office.level is not Level.TOWNSHIP
    weak = around or ((place_only or heads) and main.source is not Source.TITLE)
    if weak and not _fits_own_words(office, found.own_words):
        words = "、".join(sorted(f"我{w}" for w in found.own_words))
        return f"“{main.name}”与文中自称（{words}）不符"
    if place_only and office.level is not Level.TOWNSHIP and (other := _departments(office, found)):
        return f"“{main.name}”只写地名，而{_SOURCE_ZH[other.source]}写的是“{other.name}”"
    return None


def _another(main: Mention, office: Office, found: Evidence) -> Mention | None:
    """Another office, no government, that stands around the text as this one does: a menu."""
    for mention in found.mentions:
        one = mention.offices[0] if len(mention.offices) == 1 else None
        same = one is None or one.office_id == office.office_id or one.kind in _HEADS
        if mention.source is main.source and not same:
            return mention
    return None


def _speaks_for_place(office: Office, found: Evidence) -> bool:
    """Whether an office that is only named as a contact reports itself.

    A government that says 我县, and not 我办, does; its general office answers for both, and who
    leads disclosure answers for a government that says 我县.
    """
    if (office.function or "") in _STAFF:
        return False
    for_place = bool(found.own_words & _PLACES) and not found.own_words & _UNITS
    if set((office.function or "").split("+")) & _LEADING:
        return not for_place
    return office.kind is not Kind.GOVERNMENT or office.level is Level.TOWNSHIP or for_place


def _departments(office: Office, found: Evidence) -> Mention | None:
    """A department of the same place that says it reports; who leads disclosure does not count."""
    for mention in found.mentions:
        one = mention.offices[0] if len(mention.offices) == 1 else None
        named = mention.source in {Source.TITLE, Source.METADATA, Source.BODY}
        if not one or not named or one.kind not in _BODIES:
            continue
        leads = set((one.function or "").split("+")) & _LEADING
        if one.division_code == office.division_code and not leads:
            return mention
    return None


def _asked(main: Mention, office: Office, why: str) -> Resolution:
    """The office is likely, not certain: the name stands as printed, a person decides."""
    around = main.source in _AROUND
    name = None if around else main.name
    evidence = None if around else _EVIDENCE[main.source]
    reasons = (why, "请在 offices.csv 中登记")
    return Resolution(None, name, name, Confidence.NONE, evidence, reasons, (), (office,))


def _undecided(main: Mention, found: Evidence) -> Resolution:
    options = main.offices
    if len(options) == 1:
        what = f"“{main.name}”是联系或编制单位，报告可能属于其他机关"
    elif options:
        what = f"“{main.name}”可指 {len(options)} 个机构"
    elif main.parsed.readings:
        what = f"“{main.name}”没有写明地区"
    else:
        what = f"“{main.name}”在区划和机构表中没有对应"
    hints = "、".join(dict.fromkeys(d.name for d, _ in found.places))
    reasons = [what, *([f"可见地名：{hints}"] if hints else []), "请在 offices.csv 中登记"]
    return Resolution(
        None, main.name, main.name, Confidence.NONE, _EVIDENCE[main.source], tuple(reasons),
        (), options[:20],
    )  # fmt: skip


# -- placing ---------------------------------------------------------------------------------


def _place_by_hints(
    registry: Registry, main: Mention, found: Evidence, year: int | None
) -> tuple[ParsedName, Confidence, str] | None:
    """Read the main name again within the place the rest of the document gives, if it gives one.

    Names and site names place any office; addresses and hosts place townships (whose county they
    show) but only propose for a department: a city's bureau has its street in some district.
    The site that carries the report places townships only.
    """
    strong = _places_of_names(main, found)
    weak = [(d, source) for d, source in found.places]
    hosts = (found.hosts, Confidence.LOW)
    for hints, strength in ((strong, Confidence.MEDIUM), (weak, Confidence.LOW), hosts):
        agreed = _innermost(registry, hints)
        if agreed is None:
            continue
        place, source = agreed
        parsed = _within(registry, main, place, year)
        if parsed is not None and len(parsed.offices) == 1:
            office = parsed.offices[0]
            if hints is found.hosts and office.level is not Level.TOWNSHIP:
                continue
            # The address of an ambiguous 朝阳区人民政府 lies in its own 朝阳区.
            own = bool(main.offices) and office.division_code == place.code
            near = own or office.level is Level.TOWNSHIP
            confidence = Confidence.MEDIUM if near else strength
            why = f"地区据{_SOURCE_ZH[source]}：{place.name}"
            return parsed, confidence, why
    return None


_SOURCE_ZH: Final = {
    Source.TITLE: "标题", Source.METADATA: "元数据", Source.BODY: "正文", Source.FILENAME: "文件名",
    Source.CONTACT: "联系方式", Source.PATH: "栏目路径", Source.SITE: "网站",
}  # fmt: skip


def _places_of_names(main: Mention, found: Evidence) -> list[tuple[Division, Source]]:
    """Counties, cities and provinces of every other mention that is certain of its place."""
    return [
        (mention.reading.division, mention.source)
        for mention in found.mentions
        if mention is not main and mention.reading and mention.reading.division
    ]


def _innermost(
    registry: Registry, hints: Sequence[tuple[Division, Source]]
) -> tuple[Division, Source] | None:
    """The innermost place when all hints lie in one line of descent, else ``None``."""
    best: tuple[Division, Source] | None = None
    for place, source in hints:
        if best is None or registry.lies_in(place, best[0]):
            best = place, source
        elif place.key != best[0].key and not registry.lies_in(best[0], place):
            return None
    return best


def _within(
    registry: Registry, main: Mention, place: Division, year: int | None
) -> ParsedName | None:
    if main.offices:
        return parse_name(registry, main.name, within=place, year=year)
    reading = next(iter(main.parsed.readings), None)
    if reading is None or reading.function is None:
        return None
    home = _at_level(registry, place, reading.relative)
    if home is None:
        return None
    return parse_name(registry, home.name + reading.unit, within=home, year=year)


def _at_level(registry: Registry, place: Division, word: str) -> Division | None:
    """The place itself, or the one above it that a printed 省, 市, 县 or 区 asks for."""
    if not word:
        return place if place.level is not Level.TOWNSHIP else None
    wanted = {"省": Level.PROVINCE, "州": Level.CITY}.get(word)
    for candidate in (place, *registry.parents(place)):
        if candidate.name.endswith(word) and wanted in {None, candidate.level}:
            return candidate
    return None


# -- comparing -------------------------------------------------------------------------------


def _conflicts(registry: Registry, office: Office, main: Mention, found: Evidence) -> list[str]:
    """Other certain names that exclude the chosen office, each as a sentence."""
    out: dict[str, str] = {}
    for mention in found.mentions:
        other = mention.offices[0] if len(mention.offices) == 1 else None
        if other is None or mention is main or other.office_id == office.office_id:
            continue
        if mention.source in {Source.SITE, Source.PATH, Source.CONTACT} or _belong_together(
            office, other
        ):
            continue
        out[other.office_id] = f"{_SOURCE_ZH[mention.source]}写的是“{mention.name}”"
    home = registry.by_code.get(office.division_code or "")
    for place, source in found.places:
        if home is None or source is Source.SITE or office.level is Level.TOWNSHIP:
            continue
        apart = place.key != home.key and not (
            registry.lies_in(place, home) or registry.lies_in(home, place)
        )
        if apart:
            out[place.key] = f"{_SOURCE_ZH[source]}中的地址在“{place.name}”"
    return list(out.values())


def _belong_together(office: Office, other: Office) -> bool:
    """Whether naming both is usual: a government, its general office, its disclosure office,
    the government above a department or township that publishes for it.
    """  # noqa: D205
    if office.division_code == other.division_code and office.level == other.level:
        heads = {Kind.GOVERNMENT, Kind.GENERAL_OFFICE, Kind.COMMITTEE, Kind.SUBDISTRICT}
        return bool({office.kind, other.kind} & heads) or other.kind is Kind.TOWNSHIP
    governing = {Kind.GOVERNMENT, Kind.GENERAL_OFFICE}
    above = other.division_code in office.region_path and other.kind in governing
    below = office.division_code in other.region_path and office.kind in governing
    return above or below


def _reported_name(office: Office, reading: Reading, found: Evidence) -> str:
    """The official name behind the fullest place any mention prints for the same division."""
    if reading.division is None or not office.name.startswith(reading.place_text or "\0"):
        return office.name
    same = [
        m.reading.place_text
        for m in found.mentions
        if m.reading
        and m.reading.division
        and m.reading.division.key == reading.division.key
        and m.reading.cost < COST_UNLISTED_UNIT
        and m.reading.place_text.endswith(reading.place_text)
    ]
    fullest = max([reading.place_text, *same], key=len)
    return fullest + office.name.removeprefix(reading.place_text)
