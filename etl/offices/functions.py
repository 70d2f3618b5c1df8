"""The controlled list of office functions: name → function, official form, English.

Loaded once from ``data/functions.yml``; every name an entry can produce is put in one table, so
a look-up is one dictionary access. Merged offices (教育体育局) are read as lists of topics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from etl.errors import DefinitionError
from etl.offices.model import Kind
from etl.offices.names import join_free

DATA: Final = Path(__file__).parent / "data"
#: Keys whose kind is not 部门 (or 垂直机构, which the entry declares).
_KIND_OF: Final = {
    "government": Kind.GOVERNMENT,
    "agency_office": Kind.GOVERNMENT,
    "general_office": Kind.GENERAL_OFFICE,
    "agency_general_office": Kind.GENERAL_OFFICE,
    "subdistrict_office": Kind.SUBDISTRICT,
    "administrative_committee": Kind.COMMITTEE,
    "administrative_committee_office": Kind.COMMITTEE,
}
#: Endings of bodies that stand beside an administrative office of the same field.
_INSTITUTIONS: Final = {
    "中心": "centre", "队": "team", "馆": "hall", "台": "station", "院": "institute",
    "所": "station", "站": "station", "处": "division",
}  # fmt: skip
_OF_GOVERNMENT: Final = re.compile("^(?:人民)?政府(?=.{2})")
_FIELDS: Final = frozenset({"key", "stems", "category", "en"})
_OPTIONAL: Final = frozenset({"short", "suffixes", "exact", "vertical", "until", "short_place"})


def load_yaml(path: Path) -> Any:
    """A YAML file through the C loader where there is one (ten times faster)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


@dataclass(frozen=True, slots=True)
class Function:
    """What an office does. ``until``: last report year before the reform that ended the name."""

    key: str
    name: str
    category: str
    en: str
    kind: Kind
    until: int | None = None


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A matched name: its function key (``a+b`` for a merged office) and official spelling.

    ``short_place``: official names carry the short name of the place (广州海关).
    """

    key: str
    official: str
    kind: Kind
    short_place: bool = False


@dataclass(frozen=True)
class FunctionList:
    """All functions and all their names. ``names`` is keyed by the name without 和 与 及 、;
    ``national`` leads from every name of a central body to the one to show.
    """  # noqa: D205

    functions: dict[str, Function]
    names: dict[str, FunctionName]
    topics: dict[str, str]
    endings: dict[str, str]
    ending_en: dict[str, str]
    english_pattern: str
    joined: dict[str, str]
    vertical_prefixes: tuple[tuple[str, str | None], ...]
    national: dict[str, str]

    def match(self, name: str) -> FunctionName | None:
        """The function of a name without its place, or ``None``; merged names are taken apart."""
        plain = join_free(name)
        found = self.names.get(plain) or self._merged(plain, name)
        bare = _OF_GOVERNMENT.sub("", name)  # 省政府国资委 is the province's 国资委
        return found or (self.match(bare) if bare != name else None)

    def expand_ending(self, name: str) -> str:
        """``…委`` → ``…委员会``, ``…办`` → ``…办公室``; other names unchanged."""
        for short, full in self.endings.items():
            if name.endswith(short):
                return name.removesuffix(short) + full
        return name

    def _merged(self, plain: str, printed: str) -> FunctionName | None:
        for ending in ("委员会", "办公室", "局", "厅", "委", "办", "中心", "服务中心"):
            if plain.endswith(ending):
                topics = self._topics(plain.removesuffix(ending))
                if topics and len(set(topics)) >= 2:
                    key = "+".join(sorted(set(topics)))
                    return FunctionName(key, self.expand_ending(printed), Kind.DEPARTMENT)
        return None

    def _topics(self, stem: str) -> list[str] | None:
        if not stem:
            return []
        for size in range(min(len(stem), 12), 1, -1):
            topic = self.topics.get(stem[:size])
            if topic is not None:
                rest = self._topics(stem[size:])
                if rest is not None:
                    return [topic, *rest]
        return None


@lru_cache(maxsize=1)
def function_list() -> FunctionList:
    """The list of ``data/functions.yml``, validated.

    Raises :class:`DefinitionError` naming every fault: unknown or missing fields, one name
    claimed by two functions.
    """
    raw = load_yaml(DATA / "functions.yml")
    faults: list[str] = []
    functions: dict[str, Function] = {}
    names: dict[str, FunctionName] = {}
    joined = {join_free(form): form for form in raw["joined"]}
    for entry in raw["functions"]:
        key = entry.get("key", "?")
        if wrong := (_FIELDS - entry.keys()) | (entry.keys() - _FIELDS - _OPTIONAL):
            faults.append(f"{key}: 字段缺少或多余 {sorted(wrong)}")
            continue
        kind = Kind.VERTICAL if entry.get("vertical") else _KIND_OF.get(key, Kind.DEPARTMENT)
        first = entry["stems"][0] if entry["stems"] else next(iter(entry["exact"].values()))
        functions[key] = Function(
            key, joined.get(first, first), entry["category"], entry["en"], kind, entry.get("until")
        )
        for plain, official in _forms(entry, raw["default_suffixes"], raw["endings"], joined):
            own = key + (_institution(official) if _is_mixed(entry) else "")
            functions.setdefault(own, replace(functions[key], key=own))
            name = FunctionName(own, official, kind, entry.get("short_place", False))
            known = names.setdefault(plain, name)
            if known.key != own:
                faults.append(f"{plain}: 同属 {known.key} 和 {own}")
    if faults:
        raise DefinitionError(
            "functions.yml: " + "; ".join(faults), hint="每个名称只能属于一个职能"
        )
    topics = {join_free(w): key for key, words in raw["topics"].items() for w in words}
    prefixes = tuple((p["prefix"], p["function"]) for p in raw["vertical_prefixes"])
    return FunctionList(
        functions, names, topics, raw["endings"], raw["ending_en"],
        raw["english_pattern"], joined, prefixes,
        {name: name for name in raw["national"]} | raw["national_other"],
    )  # fmt: skip


def _institution(name: str) -> str:
    """``_centre`` … for a body that is no administrative office, ``""`` for one that is."""
    return next((f"_{key}" for ending, key in _INSTITUTIONS.items() if name.endswith(ending)), "")


def _is_mixed(entry: dict[str, Any]) -> bool:
    endings = {bool(_institution(suffix)) for suffix in entry.get("suffixes", ())}
    return len(endings) == 2 and not entry.get("vertical")


def _forms(
    entry: dict[str, Any], default: list[str], endings: dict[str, str], joined: dict[str, str]
) -> list[tuple[str, str]]:
    """Every (name without joining words, official name) of one entry, exact names first."""
    forms = [(join_free(name), official) for name, official in entry.get("exact", {}).items()]
    stems = {stem: joined.get(join_free(stem), stem) for stem in entry["stems"]}
    short = entry.get("short", {})
    if isinstance(short, list):
        short = dict.fromkeys(short, entry["stems"][0])
    for abbreviation, stem in short.items():
        stems.setdefault(abbreviation, joined.get(join_free(stem), stem))
    for stem, official in stems.items():
        for suffix in entry.get("suffixes", default):
            ending = endings.get(suffix, suffix)
            forms.append((join_free(stem + suffix), official + ending))
    return forms
