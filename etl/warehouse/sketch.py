"""Sketches of a section's words, so that copied text is found among millions of reports.

A text's character 8-grams (metrics.md, text repetition) are hashed, and one class of hashes is
kept. Two texts keep the same grams where they say the same, so the share of shared grams among the
kept ones estimates the share among all. Made by the worker that parsed the report: a load compares
short lists of numbers, never texts.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from typing import Final

from etl.form.rules import load_rules
from etl.report import ParsedReport

GRAM: Final = 8
#: One gram in so many is kept: section 1 is long, the others a few sentences. Texts of one section
#: are compared, so that sections may differ.
SAMPLE: Final = {"s1": 8}
_SAMPLE_OTHERS: Final = 2
_NOISE: Final = re.compile(r"[\W\d_]+")


@cache
def compared_sections() -> frozenset[str]:
    """Sections that some rule holds against other reports."""
    rules = (rule for rule in load_rules().rules if rule.kind == "copied")
    return frozenset(key for rule in rules for key in (*rule.sections, rule.section) if key)


def bare(text: str, names: Iterable[str]) -> str:
    """The words alone: no figures, signs or white space, and not the office's own name.

    What is left is equal where two offices, or two years, differ in nothing else.
    """
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    for name in sorted(filter(None, names), key=len, reverse=True):
        plain = plain.replace(_NOISE.sub("", unicodedata.normalize("NFKC", name)), "")
    return plain


def sketch(words: str, sample: int) -> list[int]:
    """The kept grams of bare words, each once, in order of first use; signed 64-bit."""
    kept: dict[int, None] = {}
    for start in range(len(words) - GRAM + 1):
        raw = words[start : start + GRAM].encode("utf-8", "surrogatepass")
        if zlib.crc32(raw) % sample == 0:
            digest = blake2b(raw, digest_size=8).digest()
            kept[int.from_bytes(digest, "big", signed=True)] = None
    return list(kept)


def sketches(report: ParsedReport) -> dict[str, list[int]]:
    """The sketch of every compared section of a report."""
    texts: dict[str, str] = {}
    for section in report.sections:
        if section.key in compared_sections():
            texts[section.key] = texts.get(section.key, "") + section.text
    names = [name for name in (report.office, report.office_printed) if name]
    return {
        key: sketch(bare(text, names), SAMPLE.get(key, _SAMPLE_OTHERS))
        for key, text in texts.items()
    }
