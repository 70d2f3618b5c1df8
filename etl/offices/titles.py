"""Office names out of titles and sentences; the patterns are data (``data/titles.yml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from etl.offices.functions import DATA, load_yaml
from etl.offices.names import clean, simplify

#: Longer "names" are sentences.
_LONGEST_NAME: Final = 45
#: Whom to ask within an office: 某县教育局信息公开领导小组, 某县教育局办公室.
_INNER: Final = re.compile(
    "(?:政府|政务)?(?:信息|政务)公开(?:工作)?领导小组(?:办公室)?$|(?<=[局厅])(?:办公室|党政办|综合科)$"
    "|(?:(?<=[乡镇]人民政府)|(?<=[乡镇]政府)|(?<=办事处))(?:党政|综合|党政综合)?办(?:公室)?$"
)


@dataclass(frozen=True, slots=True)
class TitleRules:
    """The compiled expressions of ``titles.yml``."""

    year: re.Pattern[str]
    report: re.Pattern[str]
    lead: re.Pattern[str]
    trail: re.Pattern[str]
    after: re.Pattern[str]
    office_end: re.Pattern[str]
    self_reference: re.Pattern[str]
    address: re.Pattern[str]
    site: re.Pattern[str]
    hosted: re.Pattern[str]
    spam: tuple[str, ...]
    body_words: re.Pattern[str]
    body: tuple[re.Pattern[str], ...]


@lru_cache(maxsize=1)
def title_rules() -> TitleRules:
    """The rules, compiled once."""
    raw = load_yaml(DATA / "titles.yml")

    def one(key: str) -> re.Pattern[str]:
        return re.compile("".join(raw[key].split()))

    return TitleRules(
        one("year"), one("report"), one("lead"), one("trail"), one("after"), one("office_end"),
        one("self_reference"), one("address"), one("site"), one("hosted"),
        tuple(raw["spam"]), one("body_words"),
        tuple(map(re.compile, raw["body"])),
    )  # fmt: skip


def looks_like_office(name: str) -> bool:
    """Whether a cleaned text can be an office's name: its ending, its length, no spam word."""
    rules = title_rules()
    plain = re.sub(r"\([^()]*\)$", "", name)
    return (
        2 <= len(plain) <= _LONGEST_NAME
        and bool(rules.office_end.search(plain))
        and not rules.self_reference.match(plain)
        and not any(word in name for word in rules.spam)
        and not set(plain) & set(",。;:!?《》")
    )


def is_report_title(title: str) -> bool:
    """Whether a text has the words of an annual report's title."""
    rules = title_rules()
    return bool(rules.report.search(rules.year.sub("", simplify(clean(title)))))


def extract_office_name(title: str) -> str | None:
    """The office a report's title names, as printed there, or ``None``.

    Knows every order of variety.md section 1: year before, after or inside, 年度 twice,
    关于报送…的函, a second mention behind the report's words, broken over lines, said twice.
    """
    rules = title_rules()
    text = simplify(clean(title))
    bare = rules.year.sub("", text)
    found = rules.report.search(bare)
    if not found:
        return None
    before = _trim(bare[: found.start()])
    before = _whole(before)
    if before.endswith("街"):  # 佳荣里街: a subdistrict, as Tianjin writes it
        before += "道"
    before = _once(before)
    if looks_like_office(before):
        return before
    behind = rules.after.match(bare[found.end() :])
    if behind and looks_like_office(behind["office"]):
        return behind["office"]
    return None


def _trim(text: str) -> str:
    rules = title_rules()
    while True:
        shorter = rules.trail.sub("", rules.lead.sub("", text))
        if shorter == text:
            return text.strip("-_—|·.、")
        text = shorter


def _whole(name: str) -> str:
    """洪泽区人民政府信息公开…: one 政府 printed for two."""
    return name + "政府" if name.endswith("人民") else name


def _once(name: str) -> str:
    """A name printed twice in a row, once."""
    half, odd = divmod(len(name), 2)
    return name[:half] if half >= 3 and not odd and name[:half] == name[half:] else name


def names_in_line(line: str) -> Iterator[str]:
    """Office names a line of the body names as its author, contact or signature."""
    rules = title_rules()
    text = simplify(clean(line)).replace("，", ",")
    if len(text) <= 2 * _LONGEST_NAME and is_report_title(text):
        name = extract_office_name(text)
        if name:
            yield name
            return
    if len(text) <= _LONGEST_NAME and looks_like_office(text) and len(text) >= 4:
        yield text
        return
    if not rules.body_words.search(text):
        return
    for pattern in rules.body:
        for found in pattern.finditer(text):
            name = _INNER.sub("", _whole(_trim(found["X"])))
            if looks_like_office(name):
                yield name


def place_text(line: str, *, site: bool = False) -> str | None:
    """The text that starts with a place: of an address in a line, or of a site's name."""
    rules = title_rules()
    text = clean(line)
    found = rules.site.match(text) if site else rules.address.search(text)
    return found["X"] if found else None


def hosting_place(line: str) -> str | None:
    """The place whose government's site a line says carries the report."""
    found = title_rules().hosted.search(clean(line))
    return found["X"] if found else None
