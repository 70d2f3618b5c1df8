"""The six statutory sections, found by wording: numbers are reused, lost or invented."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from etl.document import Block, Grid
from etl.form import load_form
from etl.recognise.labels import core, fold
from etl.report import SectionText

#: A heading is at most this much longer than the wording it contains: a sentence that lists all
#: six sections is no heading.
_SLACK = 12
_RUN_IN = re.compile(r"^[一二三四五六]、")


@cache
def _wordings() -> tuple[tuple[str, str], ...]:
    found = [(core(w), s.key) for s in load_form().tables.sections for w in (s.zh, *s.wordings)]
    return tuple(sorted(set(found), key=lambda item: -len(item[0])))


@lru_cache(maxsize=1 << 13)
def heading_section(text: str) -> str | None:
    """The section (``s1`` … ``s6``) a line heads, ``None`` for any other line."""
    if len(text) > 60:
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


def sections(blocks: list[Block]) -> list[SectionText]:
    """The narrative of each section met, in reading order; words before the first are ``s0``.

    Tables are left out. A section met twice (a menu and the text) keeps both, in order.
    """
    found: list[SectionText] = []
    key, heading, place, lines = "s0", "", "", list[str]()

    def flush() -> None:
        text = "\n".join(lines).strip()
        if key != "s0" or text:
            found.append(SectionText(key, heading, text, place))

    for block in blocks:
        if isinstance(block, Grid):
            continue
        run_in = _run_in_heading(block.text)
        section = run_in[0] if run_in else heading_section(block.text)
        if section:
            flush()
            key, heading, place = section, block.text.strip(), block.at
            lines = [run_in[1]] if run_in else []
        elif block.text.strip():
            lines.append(block.text)
            place = place or block.at
    flush()
    return found
