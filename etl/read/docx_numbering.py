"""The numbers Word computes and never writes: ``一、`` before a heading, ``（三）`` in a label."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from etl.read.docx_xml import child, children, local, value

_DIGITS: Final = "零一二三四五六七八九"
_UNITS: Final = ("", "十", "百", "千")
_CHINESE: Final = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "ideographDigital",
    "chineseLegalSimplified",
}
_MAX_LEVELS: Final = 9


def chinese_count(number: int) -> str:
    """A counting number below 10,000 in Chinese: 12 → 十二, 20 → 二十, 105 → 一百零五."""
    if not 0 < number < 10_000:
        return str(number)
    text = ""
    zero = False
    digits = str(number)
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            zero = bool(text)
            continue
        text += ("零" if zero else "") + _DIGITS[int(digit)] + _UNITS[place]
        zero = False
    return text[1:] if text.startswith("一十") else text


def format_number(number: int, kind: str) -> str:
    """A list number in one of WordprocessingML's formats; unknown formats count in figures."""
    if kind in _CHINESE:
        return chinese_count(number)
    if kind.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(0x245F + number)
    if kind == "decimalFullWidth":
        return "".join(chr(ord(d) + 0xFEE0) for d in str(number))
    if kind in ("lowerLetter", "upperLetter") and number >= 1:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 9 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("bullet", "none"):
        return ""
    if kind == "decimalZero":
        return f"{number:02d}"
    return str(number)


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class _List:
    """One list instance (``w:num``): its levels and which counters it shares."""

    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    restarts: set[int] = field(default_factory=set)


class Numbering:
    """Running list numbers of a document, in document order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._started: set[str] = set()
        if root is not None:
            self._load(root)

    def _load(self, root: etree._Element) -> None:
        abstract = {
            value(item, "abstractNumId"): {
                _int(value(level, "ilvl")): _level(level) for level in children(item, "lvl")
            }
            for item in children(root, "abstractNum")
        }
        for item in children(root, "num"):
            reference = value(child(item, "abstractNumId"))
            entry = _List(reference, dict(abstract.get(reference, {})))
            for override in children(item, "lvlOverride"):
                index = _int(value(override, "ilvl"))
                own = child(override, "lvl")
                if own is not None:
                    entry.levels[index] = _level(own)
                start = child(override, "startOverride")
                if start is not None and index in entry.levels:
                    level = entry.levels[index]
                    entry.levels[index] = _Level(_int(value(start), 1), level.kind, level.text)
                    entry.restarts.add(index)
            self._lists[value(item, "numId")] = entry

    def label(self, num_id: str, level: int) -> str:
        """The label of the next paragraph of a list, e.g. ``（三）``; ``""`` if it has none."""
        entry = self._lists.get(num_id)
        if entry is None or level not in entry.levels:
            return ""
        counters = self._counters[entry.abstract]
        if num_id not in self._started:
            self._started.add(num_id)
            for index in entry.restarts:
                counters.pop(index, None)
        counters[level] = counters.get(level, entry.levels[level].start - 1) + 1
        for deeper in [index for index in counters if index > level]:
            del counters[deeper]

        def shown(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            own = entry.levels.get(index, _Level())
            return format_number(counters.get(index, own.start), own.kind)

        if entry.levels[level].kind == "bullet":
            return ""
        return re.sub(r"%([1-9])", shown, entry.levels[level].text)


def _level(item: etree._Element) -> _Level:
    kind = value(child(item, "numFmt")) or "decimal"
    if local(item) != "lvl":
        return _Level()
    return _Level(_int(value(child(item, "start")), 1), kind, value(child(item, "lvlText")))


def _int(text: str, default: int = 0) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,6}", text) else default


def level_index(text: str) -> int:
    """A ``w:ilvl`` value as an index from 0 to 8."""
    return min(max(_int(text), 0), _MAX_LEVELS - 1)
