"""The six statutory sections, found by wording: numbers are reused, lost or invented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from etl.document import Block, Grid
from etl.form import load_form
from etl.recognise.labels import core, fold
from etl.report import SectionText

#: A heading is at most this much longer than the wording it contains: a sentence that lists all
#: six sections is no heading.
_SLACK = 12
_LONGEST_HEADING = 60
#: A line of a table of contents: 二、主动公开政府信息情况 ........ 10.
_IN_CONTENTS = re.compile(r"(?:[.．…·]\s?){4,}\s*\d*\s*$")
_RUN_IN = re.compile(r"^[一二三四五六]、")
#: Numbered as a part of a section: (一)主动公开政府信息情况 within 一、总体情况.
_PART = re.compile(r"^(?:\([一二三四五六七八九十\d]{1,2}\)|\d{1,2}[、.)])")


@cache
def _wordings() -> tuple[tuple[str, str], ...]:
    found = [(core(w), s.key) for s in load_form().tables.sections for w in (s.zh, *s.wordings)]
    return tuple(sorted(set(found), key=lambda item: -len(item[0])))


@lru_cache(maxsize=1 << 13)
def heading_section(text: str) -> str | None:
    """The section (``s1`` … ``s6``) a line heads, ``None`` for any other line."""
    if len(text) > _LONGEST_HEADING or _IN_CONTENTS.search(text):
        return None
    printed = core(text)
    if len(printed) < 2:
        return None
    for wording, key in _wordings():
        if wording in printed and len(printed) - len(wording) <= _SLACK:
            # 概述 and the like are whole headings only, never part of a longer one.
            if len(wording) < 4 and printed != wording:
                continue
            return key
    return None


@dataclass(frozen=True, slots=True)
class Headings:
    """Which lines of one document head its sections.

    ``last`` is, for each section, the block of its last heading that is not numbered as a part. A
    line above it with the same words, but numbered so, heads a part of another section.
    """

    last: dict[str, int]

    def section(self, text: str, index: int) -> str | None:
        """The section that a text of block ``index`` heads, ``None`` for any other text."""
        key = heading_section(text)
        part = key is not None and index < self.last.get(key, -1) and _PART.match(fold(text))
        return None if part else key


def headings(blocks: Sequence[Block]) -> Headings:
    """The headings of a document's sections, printed as a line or as a table's cell."""
    last: dict[str, int] = {}
    for index, block in enumerate(blocks):
        texts = [c.text for c in block.cells] if isinstance(block, Grid) else [block.text]
        for text in texts:
            key = heading_section(text)
            if key and not _PART.match(fold(text)):
                last[key] = index
    return Headings(last)


def _run_in_heading(text: str) -> tuple[str, str] | None:
    """A numbered heading with its text on the same line: 一、总体情况。2023年……"""
    folded = fold(text[:60])
    if not _RUN_IN.match(folded):
        return None
    head = re.split(r"[。::]", text, maxsplit=1)
    if len(head) == 2 and len(head[0]) <= 40:
        key = heading_section(head[0])
        return (key, head[1]) if key else None
    return None


@cache
def _headings_inside() -> re.Pattern[str]:
    """A numbered heading amid a paragraph that swallowed its line: 31日。 一、总体情况 2022年……"""
    printed = {_RUN_IN.sub("", w) for s in load_form().tables.sections for w in (s.zh, *s.wordings)}
    words = "|".join(map(re.escape, sorted(printed, key=len, reverse=True)))
    return re.compile(rf"(?:^|(?<=[。;；!！?？\s]))[一二三四五六]、(?:{words})(?=[\s。:：(（\d])")


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """A paragraph as (heading, words) pairs; the first heading is ``""``."""
    found = list(_headings_inside().finditer(text)) if len(text) > _LONGEST_HEADING else []
    ends = [*(hit.start() for hit in found), len(text)]
    yield "", text[: ends[0]]
    for hit, end in zip(found, ends[1:], strict=True):
        yield hit[0], text[hit.end() : end].lstrip(" 。:：")


def sections(blocks: list[Block]) -> list[SectionText]:
    """The narrative of each section met, in reading order; words before the first are ``s0``.

    Tables are left out. A section met twice (a menu and the text) keeps both, in order.
    """
    found: list[SectionText] = []
    heads = headings(blocks)
    key, heading, place, lines = "s0", "", "", list[str]()

    def flush() -> None:
        text = "\n".join(lines).strip()
        if key != "s0" or text:
            found.append(SectionText(key, heading, text, place))

    for index, block in enumerate(blocks):
        if isinstance(block, Grid):
            continue
        run_in = _run_in_heading(block.text)
        section = run_in[0] if run_in else heads.section(block.text, index)
        if section:
            flush()
            key, heading, place = section, block.text.strip(), block.at
            lines = [run_in[1]] if run_in else []
            continue
        for inside, words in _pieces(block.text):
            if inside:
                flush()
                key, heading, place = heading_section(inside) or key, inside, block.at
                lines = []
            if words.strip():
                lines.append(words)
                place = place or block.at
    flush()
    return found
