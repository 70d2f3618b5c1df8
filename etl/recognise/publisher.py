"""What a document says about who published it and when: texts for ``etl.offices``, and the date."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

from etl.document import Document, Grid, Line
from etl.form import load_form
from etl.offices import Candidate, Office, Source
from etl.offices.names import clean, simplify
from etl.offices.titles import looks_like_office
from etl.recognise.kind import contact_pattern, crumbs
from etl.recognise.labels import fold
from etl.recognise.sections import heading_section
from etl.report import IN_ADDRESS, SIGNED, SectionText

#: Opening lines may tell year, office and scope, closing lines office and date.
_OPENING_LINES, _CLOSING_LINES, _HEAD_TEXTS = 60, 8, 200
#: A preface says in one sentence whose report it is, in another whom to ask.
_SENTENCES: Final = re.compile(r"(?<=。)|(?=(?:如|若)[^。]{0,12}(?:疑问|疑义|问题|意见|建议))")
#: Whose staff wrote it: a general office does so for itself and for its government.
_COMPILED: Final = re.compile(
    "由[^,，。]{2,30}办公[厅室](?:负责|组织|牵头|汇总|根据|依据|按照|编制|編制|根據|依據)"
)
#: A heading such as （二）依申请公开情况 does not run on into the line below.
_NUMBERED: Final = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]")
_LONGEST_HEAD: Final = 30
_SENTENCE_END: Final = re.compile(r"[。！？；：!?;:]$")
#: Column words and addresses are furniture: a line behind them begins anew.
_FURNITURE: Final = re.compile(r"https?://|\b(?:www|WWW)\.|^[^。]{0,12}[:：]\s*\S{0,40}$")
_DATE: Final = re.compile(
    r"(?<!\d)(20\d{2})\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})(?!\d)\s*日?"
)
_CLOCK: Final = re.compile(r"\d{1,2}:\s*\d{2}(?::\d{2})?")
#: Dates in an address: art/2024/1/16/, t20240116_, /20240116/, /2024-01-16/.
_ADDRESS: Final = re.compile(
    r"/(20\d{2})/(\d{1,2})/(\d{1,2})/|[/t_](20\d{2})(\d{2})(\d{2})[/_.]|/(20\d{2})-(\d{2})-(\d{2})/"
)
#: A mirror's folders: www.example.gov.cn/zwgk/202201/t20220114_1.html.
_SAVED: Final = re.compile(r"(?:[\w-]+\.)+gov\.cn/.*")
#: What else may stand on a line that gives a page's date.
_LONGEST_REST: Final = 30
_NO_DATE_LINE: Final = re.compile("[。;；]|自|止|截至|期限|期间|号令|修订|施行|通过|申请|[至到~—]")


class Published(NamedTuple):
    """An ISO date and where it stands; ``date`` is ``None`` where none may be taken."""

    date: str | None
    source: str


def address_of(document: Document, source: str) -> str:
    """A page's address: as it states it, else the path under which a mirror was saved."""
    saved = _SAVED.search(source.replace("\\", "/").replace("!", "/"))
    return document.metadata.get("url") or (saved[0] if saved else "")


def candidates(
    document: Document, title: str | None, lines: list[str], source: str
) -> Iterator[Candidate]:
    """The texts of a document that may name its office; ``source`` is its file's path.

    A name alone on a line is a signature at the end; before that it is the site's or a menu's.
    """
    meta = document.metadata
    closing = {b.text.strip() for b in document.blocks[-_CLOSING_LINES:] if isinstance(b, Line)}
    if title:
        yield Candidate(title, Source.TITLE)
    for key in ("publisher", "title"):
        if meta.get(key):
            yield Candidate(meta[key], Source.METADATA)
    way: list[str] = []
    for line in lines:
        steps = crumbs(line) or ((line,) if _is_name(line) else ())
        if steps and line not in closing:
            way += steps
            continue
        for part in filter(None, _SENTENCES.split(line)):
            aside = contact_pattern().search(part) or _COMPILED.search(part)
            yield Candidate(part, Source.CONTACT if aside else Source.BODY)
    yield Candidate(source.replace("!", "/"), Source.FILENAME)
    for step in reversed(way):
        yield Candidate(step, Source.PATH)
    for site in filter(None, (meta.get("site_name"), address_of(document, source))):
        yield Candidate(site, Source.SITE)


def opening_lines(document: Document, parts: list[SectionText]) -> list[str]:
    """Opening and closing lines; lines broken inside a sentence (PDF, saved text) joined."""
    breaks = document.format in ("pdf", "text")
    joined: list[str] = []
    seen: set[str] = set()
    for part in parts:
        if part.key not in ("s0", "s1"):
            break
        fresh = True
        for line in filter(None, map(str.strip, part.text.split("\n"))):
            if len(seen) >= _OPENING_LINES:
                break
            seen.add(line)
            whole = not joined or _SENTENCE_END.search(joined[-1]) or _alone(joined[-1])
            if fresh or not breaks or whole or _alone(line):
                joined.append(line)
            else:
                joined[-1] += line
            fresh = False
    closing = [b.text.strip() for b in document.blocks[-_CLOSING_LINES:] if isinstance(b, Line)]
    return [*joined, *(line for line in closing if line and line not in seen)]


def _alone(line: str) -> bool:
    """Whether a line is a heading or a page's furniture, to which no sentence goes on."""
    heads = len(line) <= _LONGEST_HEAD and _NUMBERED.match(line)
    return bool(heads or crumbs(line) or _FURNITURE.search(line) or _is_name(line))


def _is_name(line: str) -> bool:
    return looks_like_office(simplify(clean(line)))


def published(
    document: Document, source: str, year: int | None, office: Office | None
) -> Published:
    """When a report was published, as far as its page says so, and where that stands.

    In order: a labelled date; a date that stands alone in the head; the date below the signature;
    the date in the address. A date before the report year's end is none of publication (a period,
    a law). An address may carry the day a page was moved: its date counts only when the report was
    on time by it.
    """
    if found := _date(_DATE.search(document.metadata.get("published", ""))):
        return Published(found.isoformat(), "元数据")
    lines = [b.text for b in document.blocks if isinstance(b, Line) and b.text.strip()]
    for text, where in (*_head_lines(document), *((t, SIGNED) for t in lines[-_CLOSING_LINES:])):
        shown = _lone_date(text, signed=where == SIGNED)
        if shown and (year is None or shown.year > year):
            return Published(shown.isoformat(), where)
    shown = _date(_ADDRESS.search(address_of(document, source)))
    if shown is None or year is None or shown.year <= year:
        return Published(None, "")
    if shown > _due(year, office):
        return Published(None, f"网址中的日期{shown.isoformat()}可能是页面迁移日期，未采用")
    return Published(shown.isoformat(), IN_ADDRESS)


def _head_lines(document: Document) -> Iterator[tuple[str, str]]:
    """Lines and cells above the first heading, as many as a page's head has."""
    for text in islice(_texts(document), _HEAD_TEXTS):
        if heading_section(text):
            return
        yield text, "标题旁"


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Grid):
            yield from (cell.text for cell in block.cells)
        else:
            yield block.text


def _lone_date(text: str, *, signed: bool) -> datetime.date | None:
    """The only date of a line that says little else; below a signature nothing else."""
    plain = _CLOCK.sub("", text)
    found = _DATE.findall(plain)
    rest = fold(_DATE.sub("", plain)).strip("()[]{}|:,-")
    if (
        len(found) != 1
        or len(rest) > (0 if signed else _LONGEST_REST)
        or _NO_DATE_LINE.search(rest)
    ):
        return None
    return _date(_DATE.search(plain))


def _date(found: re.Match[str] | None) -> datetime.date | None:
    parts = [int(part) for part in found.groups() if part] if found else []
    with suppress(ValueError):
        return datetime.date(*parts) if parts else None
    return None


def _due(year: int, office: Office | None) -> datetime.date:
    """The statute's date for a kind of office; the earliest where the office is not known."""
    dates = [
        (datetime.date(year + 1, d.month, d.day), d.kinds) for d in load_form().notes.deadlines
    ]
    own = [date for date, kinds in dates if office and str(office.kind) in kinds]
    return min(own or [date for date, _ in dates])
