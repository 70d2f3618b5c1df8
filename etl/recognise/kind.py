"""Whether a document is an annual report at all, and which line is its title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl.document import Document, Grid
from etl.offices.titles import extract_office_name, is_report_title, looks_like_office
from etl.recognise.sections import heading_section

_DATA = Path(__file__).parent / "data" / "kinds.yml"
#: The title stands within this many lines; a longer line is a sentence, not a title.
_TITLE_LINES, _TITLE_LENGTH = 60, 90
#: A title broken over lines has at most this many pieces (variety.md section 1).
_TITLE_PIECES = 3
_LABELLED = re.compile(r"^\s*(?:标题|名称|题名)\s*[:：]\s*")


@cache
def _kinds() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def _not_reports() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(item["pattern"]), item["why"]) for item in _kinds()["not_reports"])


@cache
def contact_pattern() -> re.Pattern[str]:
    """What marks a line as the report's contact line."""
    return re.compile(_kinds()["contact"])


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
        if text:
            lines.append(text)
        if len(lines) >= _TITLE_LINES:
            break
    meta = document.metadata.get("title", "").strip()
    for pieces in range(1, _TITLE_PIECES + 1):
        for start in range(len(lines) - pieces + 1):
            joined = "".join(lines[start : start + pieces])
            if len(joined) <= _TITLE_LENGTH and "。" not in joined and is_report_title(joined):
                return Title(_with_office(_LABELLED.sub("", joined), lines[:start]), True)
    if meta and is_report_title(meta):
        return Title(meta, False)
    longest = next((t for t in lines if 6 <= len(t) <= _TITLE_LENGTH), None)
    return Title(meta or longest or "", False) if meta or longest else None


def _with_office(title: str, before: list[str]) -> str:
    """A title that names no office takes the office that stands on the line above it."""
    if before and extract_office_name(title) is None and looks_like_office(before[-1]):
        return before[-1] + title
    return title


def not_a_report(document: Document, title: Title | None) -> str | None:
    """Why the title says that this is no annual report, ``None`` if it does not say so."""
    texts = [title.text] if title else []
    texts.append(document.metadata.get("title", ""))
    for pattern, why in _not_reports():
        if any(text and pattern.search(text) for text in texts):
            return why
    return None
