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
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

#: Between the names of an office, and between offices.
_FIELD, _LINE = b"\x1f", b"\n"
_HAN: Final = re.compile(r"[\u3400-\u9fff]{2,}")
#: Characters that mean something else in the text, or nothing.
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]+")
#: Longest word looked for; a name is shorter.
LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Match:
    """An office found, and by which of its names."""

    office_id: str
    name: str


@dataclass(frozen=True, slots=True)
class OfficeIndex:
    """All names of all offices a viewer may see, in UTF-8; ``starts`` are the places of lines."""

    text: bytes
    starts: npt.NDArray[np.int64] = field(compare=False)

    @classmethod
    def of(cls, lines: bytes, starts: npt.NDArray[np.int64]) -> OfficeIndex:
        """From lines as the warehouse keeps them, end to end, in the order of listing."""
        return cls(_LINE + lines, starts + 1)

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
            if all(w.encode() in text or _in_order(w, text) for w in rest):
                found[line] = Match(text.split(_FIELD)[-2].decode(), self._field(at))
                if len(found) >= limit:
                    break
        return list(found.values())

    def _hits(self, word: str) -> Iterator[tuple[int, int]]:
        """Line and position of every hit, best first."""
        plain = word.encode()
        for needle, offset in (
            (_LINE + plain + _FIELD, 1),
            (_FIELD + plain + _FIELD, 1),
            (_LINE + plain, 1),
            (_FIELD + plain, 1),
            (plain, 0),
        ):
            yield from self._lines_with(needle, offset)
        if _HAN.fullmatch(word):
            for hit in re.finditer(_scattered(word), self.text):
                yield self._number(hit.start()), hit.start()

    def _lines_with(self, needle: bytes, offset: int) -> Iterator[tuple[int, int]]:
        """The first place of a text in every line that has it."""
        at = self.text.find(needle)
        while at >= 0:
            line = self._number(at + offset)
            yield line, at + offset
            if line + 1 >= len(self.starts):
                return
            at = self.text.find(needle, int(self.starts[line + 1]) - 1)

    def _number(self, at: int) -> int:
        return max(int(np.searchsorted(self.starts, at, side="right")) - 1, 0)

    def _line(self, line: int) -> bytes:
        start = int(self.starts[line])
        return self.text[start : self.text.index(_LINE, start)]

    def _field(self, at: int) -> str:
        start = max(self.text.rfind(_FIELD, 0, at), self.text.rfind(_LINE, 0, at)) + 1
        return self.text[start : self.text.index(_FIELD, at)].decode()


def _scattered(word: str) -> bytes:
    """The characters of a word in their order, within one name."""
    return b"[^\n\x1f]*?".join(re.escape(character.encode()) for character in word)


def _in_order(word: str, text: bytes) -> bool:
    return bool(_HAN.fullmatch(word)) and re.search(_scattered(word), text) is not None


def _folding() -> dict[int, str]:
    """Characters that stand for one other: full-width forms, radicals, compatibility forms."""
    plain = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x80, 0x10000)}
    return {c: to for c, to in plain.items() if len(to) == 1 and to != chr(c) and to >= " "}


_FOLDING: Final = _folding()


def fold(text: str) -> str:
    """A text as it is compared, as the load folded the names: plain forms, single blanks."""
    return _CONTROL.sub(" ", text.translate(_FOLDING).lower()).strip(" ")
