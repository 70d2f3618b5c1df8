"""Counts that the words of a report state: claims with the sentence and its place.

Wordings live in ``etl/form/data/claims.yml``; here is only how they are applied. A wrong claim
would accuse an office of a contradiction, so every doubt (another year, a cumulative figure, a
channel, a legal citation) drops the match. What a claim means for the table is judged in
``etl/check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from etl.extract.numerals import WAN, fold, parse_number
from etl.form.rules import ClaimPatterns, Rules, load_rules
from etl.form.rules_spec import ClaimSpec
from etl.recognise.labels import simplify
from etl.report import Claim, Number, SectionText

__all__ = ["Sentence", "claims", "sentences"]

_END = re.compile(r"(?<=[。!?！？])")
_CLAUSE = re.compile(r"[,;:。()]")
_YEAR = re.compile(r"(?<![\d-])(20\d\d)年")
#: A heading line such as （二）依申请公开情况 is no part of the sentence below it.
_HEADING = re.compile(
    r"^#{1,6}\s|^[（(]?[一二三四五六七八九十]{1,3}[)）、.．]\s*[^，,。；;]{2,28}$"
    r"|^\d{1,2}[、.．]\s*[^，,。；;\d]{2,20}$"
)
_CLOSED = "。！？!?；;：:"
#: A sentence without any of these cannot state a count.
_COUNTABLE = re.compile(r"[\d未无没不零一二两三四五六七八九十百千均全]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: ``text`` as printed (lines joined), ``folded`` for matching, its place."""

    text: str
    folded: str
    at: str


def claims(
    sections: Iterable[SectionText], year: int | None, rules: Rules | None = None
) -> list[Claim]:
    """The counts stated in the given sections, in reading order, each statement once.

    Args:
        sections: the words of the report, tables left out.
        year: the report year; numbers of another year are skipped. ``None``: unknown, then a
            sentence that names years before its number states nothing.
        rules: the wordings; default the project's.

    Returns:
        Claims whose ``what`` is a key of ``claims.yml``; ``value`` is 0 for wordings such as
        未收到; money is in yuan, shares keep the printed decimals.
    """
    reader = _Reader(rules or load_rules(), year)
    found: dict[tuple[str, Number, str], Claim] = {}
    for section in sections:
        before = fold(section.heading)
        # 三 and 四 are about nothing but disclosure: their heading holds for every sentence below.
        about = before if section.key in ("s3", "s4") else ""
        for sentence in sentences(section):
            for claim in reader.read(section.key, sentence, before + about):
                found.setdefault((claim.what, claim.value, claim.at), claim)
            before = sentence.folded
    return list(found.values())


def sentences(section: SectionText) -> Iterator[Sentence]:
    """The sentences of a section; line breaks inside a sentence (PDF, OCR) are joined."""
    number = 0
    for paragraph in _paragraphs(section.text):
        for text in _END.split(paragraph):
            folded = simplify(fold(text))
            if folded:
                number += 1
                yield Sentence(text.strip(), folded, f"{section.at}, sentence {number}")


def _paragraphs(text: str) -> Iterator[str]:
    """Lines joined into paragraphs: a line goes on unless it ends a sentence or is a heading."""
    gathered = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line[0] == "|":  # a table's row that the reader left as text
            continue
        if _HEADING.match(line):
            if gathered:
                yield gathered
            yield line
            gathered = ""
            continue
        # A break between two digits may split one number or part two: keep a mark there.
        gap = " " if gathered[-1:].isdigit() and line[0].isdigit() else ""
        gathered += gap + line
        if line[-1] in _CLOSED:
            yield gathered
            gathered = ""
    if gathered:
        yield gathered


@dataclass(frozen=True, slots=True)
class _Reader:
    """The wordings with the year they are read for."""

    rules: Rules
    year: int | None

    def read(self, section: str, sentence: Sentence, before: str) -> Iterator[Claim]:
        if not _COUNTABLE.search(sentence.folded):
            return
        for spec in self.rules.claims.values():
            if section in spec.sections and any(k in sentence.folded for k in spec.key):
                yield from self._one(spec, self.rules.patterns[spec.what], sentence, before)

    def _years_in_words(self, text: str) -> str:
        """结转至2024年 of a report on 2023 is 结转至下年度, 2022年结转 is 上年度结转."""
        if self.year is None:
            return text
        text = re.sub(f"(?<=[结转延][至到入]){self.year + 1}年度?", "下年度", text)
        return re.sub(f"{self.year - 1}年度?(?=(?:的)?(?:结转|转结|遗留))", "上年度", text)

    def _one(
        self, spec: ClaimSpec, patterns: ClaimPatterns, sentence: Sentence, before: str
    ) -> Iterator[Claim]:
        text = self._years_in_words(sentence.folded)
        taken: set[int] = set()
        for pattern in patterns.stated:
            for match in pattern.finditer(text):
                at = match.start("n")
                value = _value(match)
                if value is None or at in taken or not self._holds(patterns, match, before, at):
                    continue
                if taken and "其中" in text[min(taken) : at]:
                    continue  # a part of what the sentence counted before
                taken.add(at)
                yield Claim(spec.what, value, sentence.text, sentence.at, _approximate(match))
        for pattern in patterns.none:
            for match in pattern.finditer(text):
                if not taken and self._holds(patterns, match, before, match.start()):
                    taken.add(match.start())
                    yield Claim(spec.what, 0, sentence.text, sentence.at)

    def _holds(self, patterns: ClaimPatterns, match: re.Match[str], before: str, at: int) -> bool:
        """Whether the figure is this report's own: right year, no stop word, context present."""
        text = match.string
        start = _clause_start(text, match.start())
        if patterns.skip and patterns.skip.search(text, start, match.end()):
            return False
        if patterns.requires and not (
            patterns.requires.search(text) or patterns.requires.search(before)
        ):
            return False
        if patterns.unless and patterns.unless.search(text):
            return False
        return self._own_year(text, start, at)

    def _own_year(self, text: str, clause: int, at: int) -> bool:
        years = _YEAR.findall(text, 0, at)
        if years and (self.year is None or int(years[-1]) != self.year):
            return False
        guard = _guard(self.rules)
        if guard.before.search(text, clause, at):
            return False
        if guard.cumulative.search(text, clause, at):
            own = bool(years) or bool(guard.this_year.search(text, 0, at))
            return own and not guard.up_to.search(text, 0, at)
        return True


@dataclass(frozen=True, slots=True)
class _Guard:
    before: re.Pattern[str]
    cumulative: re.Pattern[str]
    this_year: re.Pattern[str]
    up_to: re.Pattern[str]


def _guard(rules: Rules) -> _Guard:
    guard = rules.claims_file.guard
    return _compiled_guard("|".join(guard.before), guard.cumulative, guard.this_year, guard.up_to)


@cache
def _compiled_guard(before: str, cumulative: str, this_year: str, up_to: str) -> _Guard:
    return _Guard(*(re.compile(p) for p in (before, cumulative, this_year, up_to)))


def _clause_start(text: str, at: int) -> int:
    last = 0
    for match in _CLAUSE.finditer(text, 0, at):
        last = match.end()
    return last


def _value(match: re.Match[str]) -> Number | None:
    value = parse_number(match["n"])
    if value is not None and match.groupdict().get("wan"):
        scaled = Decimal(value) * WAN
        return int(scaled) if scaled == scaled.to_integral_value() else scaled
    return value


def _approximate(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return bool(groups.get("pre") or groups.get("post"))
