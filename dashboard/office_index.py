"""Offices by any of their names, spelt or written, in one long text kept in memory. Pure.

At 140,000 offices the text has some 12 million characters; a search of it takes 6 to 50 ms of one
processor (benchmarks/bench_search.py), a scan of the table in the warehouse 90 to 170.

A line is an office: its name, short name, other names, spellings, division code, id and places,
each set off by a separator. Lines stand in the order in which equally good matches are listed: most
applications first.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

#: Between the names of an office, and between offices.
_FIELD, _LINE = "\x1f", "\n"
_HAN: Final = re.compile(r"[\u3400-\u9fff]{2,}")
#: Characters that mean something else in the text, or nothing.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
#: Longest word looked for; a name is shorter.
LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Match:
    """An office found, and by which of its names."""

    office_id: str
    name: str


@dataclass(frozen=True, slots=True)
class OfficeIndex:
    """All names of all offices a viewer may see."""

    text: str
    starts: tuple[int, ...]
    ids: tuple[str, ...]

    @classmethod
    def of(cls, offices: Iterable[tuple[str, Iterable[str | None]]]) -> OfficeIndex:
        """From office ids and their names (the official one first), in the order of listing."""
        lines, starts, ids, at = [], [], [], 1
        for office_id, names in offices:
            fields = [fold(name) for name in (*names, office_id) if name]
            line = _FIELD.join(dict.fromkeys(fields)) + _FIELD
            lines.append(line)
            starts.append(at)
            ids.append(office_id)
            at += len(line) + 1
        return cls(_LINE + _LINE.join(lines) + _LINE, tuple(starts), tuple(ids))

    def find(self, words: str, limit: int = 20) -> list[Match]:
        """The best matches of what a reader typed; all of its words must match.

        First a name that is the word, then one that begins with it, then one that has it inside,
        then one that has its characters in this order (发改委: 发展和改革委员会). The official name
        comes before the others.
        """
        wanted = [w[:LONGEST] for w in fold(words).split(" ") if w]
        if not wanted:
            return []
        # The longest word is the rarest; the others are looked for in its lines.
        first, *rest = sorted(wanted, key=len, reverse=True)
        found: dict[int, Match] = {}
        for line, at in self._hits(first):
            if line in found:
                continue
            text = self._line(line)
            if all(w in text or _in_order(w, text) for w in rest):
                found[line] = Match(self.ids[line], self._field(at))
                if len(found) >= limit:
                    break
        return list(found.values())

    def _hits(self, word: str) -> Iterator[tuple[int, int]]:
        """Line and position of every hit, best first."""
        for needle, offset in (
            (_LINE + word + _FIELD, 1),
            (_FIELD + word + _FIELD, 1),
            (_LINE + word, 1),
            (_FIELD + word, 1),
            (word, 0),
        ):
            yield from self._lines_with(needle, offset)
        if _HAN.fullmatch(word):
            between = f"[^{_LINE}{_FIELD}]*?"
            for hit in re.finditer(between.join(map(re.escape, word)), self.text):
                yield self._number(hit.start()), hit.start()

    def _lines_with(self, needle: str, offset: int) -> Iterator[tuple[int, int]]:
        """The first place of a text in every line that has it."""
        at = self.text.find(needle)
        while at >= 0:
            line = self._number(at + offset)
            yield line, at + offset
            if line + 1 >= len(self.starts):
                return
            at = self.text.find(needle, self.starts[line + 1] - 1)

    def _number(self, at: int) -> int:
        return max(bisect_right(self.starts, at) - 1, 0)

    def _line(self, line: int) -> str:
        start = self.starts[line]
        return self.text[start : self.text.index(_LINE, start)]

    def _field(self, at: int) -> str:
        start = max(self.text.rfind(_FIELD, 0, at), self.text.rfind(_LINE, 0, at)) + 1
        return self.text[start : self.text.index(_FIELD, at)]


def _in_order(word: str, text: str) -> bool:
    if not _HAN.fullmatch(word):
        return False
    between = f"[^{_FIELD}]*?"
    return re.search(between.join(map(re.escape, word)), text) is not None


def fold(text: str) -> str:
    """A text as it is compared: no full-width forms, no capitals, single blanks."""
    plain = _CONTROL.sub(" ", unicodedata.normalize("NFKC", text).lower())
    return " ".join(plain.split())
