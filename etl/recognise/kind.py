"""Whether a document is an annual report at all, and which line is its title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl.document import Block, Document, Grid, Line
from etl.offices.titles import extract_office_name, is_report_title, looks_like_office
from etl.offices.year import years_in_title
from etl.recognise.labels import core, simplify
from etl.recognise.sections import heading_section

_DATA = Path(__file__).parent / "data" / "kinds.yml"
#: The title stands within this many lines; a longer line is a sentence, not a title.
_TITLE_LINES, _TITLE_LENGTH = 60, 90
#: A title broken over lines has at most this many pieces (variety.md section 1).
_TITLE_PIECES = 3
#: A report has most of its six sections.
_MOST_SECTIONS = 4
_LEAST_FIGURES = 10
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_DIGITS = re.compile(r"\d+")
#: 根据《……报告格式》等规定,编制本报告 quotes titles and is none.
_SENTENCE = re.compile(r"[。,，;；]|[:：]\s*$|^\s*(?:根据|依据|按照|依照|為|为)")
_LABELLED = re.compile(r"^\s*(?:标题|名称|题名)\s*[:：]\s*")


@cache
def _kinds() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def _not_reports() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(item["pattern"]), item["why"]) for item in _kinds()["not_reports"])


@cache
def _notice() -> re.Pattern[str]:
    """A title of a notice about reports, which may be broken over lines."""
    return re.compile(_kinds()["notice"]["pattern"])


@cache
def contact_pattern() -> re.Pattern[str]:
    """What marks a line as the report's contact line."""
    return re.compile(_kinds()["contact"])


#: The way to a page: 当前位置：首页 > 乡镇 > 中村乡, one step or several on a line.
_HERE = re.compile(
    r"^\s*(?:\S{0,4}(?:当前|现在|所在)?(?:所在)?(?:的)?位置(?:是)?|當前位置|您现在所在的位置)\s*[:：]"
)
_STEP = re.compile(r">>|[>›»→]")


def crumbs(text: str) -> tuple[str, ...]:
    """The steps of a line that shows the way to a page, ``()`` for any other line."""
    here = _HERE.match(text)
    rest = text[here.end() :] if here else text
    steps = _STEP.split(rest)
    if "<" in text or "。" in text or len(steps) < (2 if here else 3):
        return ("",) if here and rest.strip() == "首页" else ()
    return tuple(step.strip() for step in steps if step.strip())


@dataclass(frozen=True, slots=True)
class Title:
    """The title line of a document, as printed, pieces joined."""

    text: str
    printed: bool


def find_title(document: Document) -> Title | None:
    """The first line (or broken line) with a report title's words, else the metadata's title."""
    lines = []
    for block in document.blocks[: _TITLE_LINES * 2]:
        if isinstance(block, Grid):
            continue
        text = block.text.strip()
        if heading_section(text):
            break
        if text and not crumbs(text):
            lines.append(text)
        if len(lines) >= _TITLE_LINES:
            break
    meta = document.metadata.get("title", "").strip()
    titles = list(_titles(lines))
    if titles:
        return Title(_best(titles), True)
    if meta and is_report_title(meta):
        return Title(meta, False)
    fitting = (t for t in lines if 6 <= len(t) <= _TITLE_LENGTH and not _SENTENCE.search(t))
    longest = next(fitting, None)
    return Title(meta or longest or "", False) if meta or longest else None


def _titles(lines: list[str]) -> Iterator[str]:
    """Lines, then broken lines, that have a report title's words, in printed order."""
    for pieces in range(1, _TITLE_PIECES + 1):
        for start in range(len(lines) - pieces + 1):
            joined = "".join(lines[start : start + pieces])
            fits = len(joined) <= _TITLE_LENGTH and not _SENTENCE.search(joined)
            if fits and is_report_title(joined):
                title, end = _LABELLED.sub("", joined), start + pieces
                yield _with_office(title, lines[:start], lines[end:])


def _best(titles: list[str]) -> str:
    """The first title; where it names no office, the first below it that does, of the same year.

    Portals print the name of the column, or the way to it, above the title.
    """
    first = titles[0]
    if extract_office_name(first):
        return first
    years = years_in_title(first)
    for title in titles[1:]:
        if extract_office_name(title) and (not years or years == years_in_title(title)):
            return title
    return first


def _with_office(title: str, before: list[str], after: list[str]) -> str:
    """A title that names no office takes the office on the line above it, else the one below."""
    if extract_office_name(title) is None:
        for line in (*before[-1:], *after[:1]):
            if looks_like_office(line):
                return line + title
    return title


def another_report(document: Document, title: Title | None) -> int | None:
    """The index of the block with which a second report begins, ``None`` where there is one only.

    A page may carry last year's report or another office's below its own. The second begins at a
    line that titles a report otherwise than the first, below most sections and figures of the
    first and above most of its own. (Below a cover and a table of contents stand no figures.)
    """
    if title is None or not title.printed:
        return None
    blocks = document.blocks
    heads = [heading_section(b.text) if isinstance(b, Line) else None for b in blocks]
    before: set[str] = set()
    figures, all_figures = 0, sum(map(_figures, blocks))
    for index, block in enumerate(blocks):
        figures += _figures(block)
        if heads[index]:
            before.add(heads[index] or "")
        if len(before) < _MOST_SECTIONS or isinstance(block, Grid):
            continue
        text = block.text.strip()
        if len(text) > _TITLE_LENGTH or "。" in text or not is_report_title(text):
            continue
        behind = {head for head in heads[index:] if head}
        both = min(figures, all_figures - figures) >= _LEAST_FIGURES
        if core(text) != core(title.text) and len(behind) >= _MOST_SECTIONS and both:
            return index
    return None


def _figures(block: Block) -> int:
    """How many figures of a table a block prints."""
    if isinstance(block, Grid):
        return sum(cell.text.isdigit() for cell in block.cells)
    return 0 if _CHINESE.search(block.text) else len(_DIGITS.findall(block.text))


def not_a_report(document: Document, title: Title | None) -> str | None:
    """Why the title says that this is no annual report, ``None`` if it does not say so."""
    texts = [title.text] if title else []
    texts.append(document.metadata.get("title", ""))
    for pattern, why in _not_reports():
        if any(text and pattern.search(simplify(text)) for text in texts):
            return why
    heads = [b.text.strip() for b in document.blocks[:_TITLE_LINES] if isinstance(b, Line)]
    pieces = [
        heads[n : n + size] for n in range(len(heads)) for size in range(1, _TITLE_PIECES + 1)
    ]
    for joined in map("".join, pieces):
        if len(joined) <= _TITLE_LENGTH and _notice().search(simplify(joined)):
            return str(_kinds()["notice"]["why"])
    return None
