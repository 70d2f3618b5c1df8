"""From bytes to a checked report: read → recognise → extract → check, a pure function of one file.

>>> report = parse_bytes("规章".encode(), "note.txt")
>>> report.status, report.problem.code
('rejected', 'not_a_report')
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from etl.check import Duplicate, OfficeFacts, check_report, duplicate_findings
from etl.document import Document
from etl.errors import RejectedDocument
from etl.extract.assemble import Assembled, Twice, assemble
from etl.extract.harvest import harvest
from etl.extract.narrative import claims
from etl.extract.rows import Harvest
from etl.form import Form, load_form
from etl.offices import (
    Context,
    Kind,
    Office,
    Override,
    Registry,
    Resolution,
    YearResolution,
    find_year,
    infer_scope,
    resolve,
    year_of_period,
)
from etl.read import archive, read
from etl.read.limits import Limits
from etl.recognise.kind import Title, another_report, find_title, not_a_report
from etl.recognise.labels import Lexicon, lexicon, simplify
from etl.recognise.publisher import Published, candidates, opening_lines, published
from etl.recognise.sections import sections
from etl.recognise.sheets import of_year
from etl.report import ParsedReport, Problem, SectionText

DEFAULT_LIMITS = Limits()
#: A document with this many of the six sections is a whole report, not a fragment of one.
_WHOLE_REPORT = 5
#: Title, preface and each section's heading are a sign of a report whose tables were not kept (hard
#: case 16).
_ENOUGH_SIGNS = 2
#: How much of the body may tell the year: preface and section 一.
_PERIOD_LENGTH = 3000
#: A report speaks of itself: 本年度报告根据……编制.
_OF_ITSELF = re.compile(
    r"本(?:年度|工作)?(?:报告|年报)(?:中|根据|依据|按照|由|是|所列|有(?:任何)?疑问)"
    r"|公布[^。]{0,30}年(?:度报告|报)|现将[^。]{4,60}(?:报告|情况)(?:公布)?如下"
)


def parse_path(
    path: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    registry: Registry | None = None,
    overrides: Sequence[Override] = (),
    source: str | None = None,
) -> Iterator[ParsedReport]:
    """Read a file; an archive yields one report per member.

    Never raises for bad input: what cannot be read comes back with status ``rejected``.
    """
    name = source or str(path)
    try:
        size = path.stat().st_size
        is_archive = archive.is_archive(path)
        if size > limits.max_bytes and not is_archive:
            megabytes = limits.max_bytes // 2**20
            problem = RejectedDocument(
                "too_large",
                f"文件 {size // 2**20} MB，超过上限 {megabytes} MB",
                hint="确为报告时用 --max-mb 提高上限，或另存为较小的文件",
            )
            yield _rejected(name, "", problem)
            return
        data = b"" if is_archive else path.read_bytes()
    except OSError as error:
        problem = RejectedDocument(
            "corrupt",
            f"无法打开：{error.strerror or error}",
            hint="请检查文件是否存在、是否有读取权限",
        )
        yield _rejected(name, "", problem)
        return
    if not is_archive:
        yield parse_bytes(data, name, limits=limits, registry=registry, overrides=overrides)
        return
    try:
        for member, content in archive.members(path, name, limits):
            inner = f"{name}!{member}"
            if isinstance(content, RejectedDocument):
                yield _rejected(inner, "", content)
            else:
                yield parse_bytes(
                    content, inner, limits=limits, registry=registry, overrides=overrides
                )
    except RejectedDocument as problem:
        yield _rejected(name, "", problem)


def parse_bytes(
    data: bytes,
    source: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    registry: Registry | None = None,
    overrides: Sequence[Override] = (),
) -> ParsedReport:
    """Read one document.

    Args:
        data: the file's bytes.
        source: its name as given; the file name in it may tell year and office.
        limits: bounds on size and work.
        registry: offices to resolve names against; the country's by default.
        overrides: a corpus's decisions on names that the registry cannot settle.
    """
    digest = hashlib.sha256(data).hexdigest()
    document: Document | None = None
    try:
        document = read(data, source, limits)
        return _parse(document, source, digest, registry or Registry.load(), overrides)
    except RejectedDocument as problem:
        return _rejected(source, digest, problem, document)


def _rejected(
    source: str, digest: str, problem: RejectedDocument, document: Document | None = None
) -> ParsedReport:
    report = ParsedReport(source, digest, document.format if document else "")
    report.status = "rejected"
    report.problem = Problem(problem.code, problem.message, problem.hint)
    if document:
        title = find_title(document)
        report.title = title.text if title else None
    return report


@dataclass(frozen=True, slots=True)
class _Facts:
    """Who, when and how far: the resolutions of one document."""

    office: Resolution
    year: YearResolution
    scope: str | None
    scope_why: str
    published: Published


def _first_report(document: Document, title: Title | None) -> Document:
    """The document without another report that follows its own."""
    end = another_report(document, title)
    if end is None:
        return document
    note = "文中另有一份报告，未读取"
    return replace(document, blocks=document.blocks[:end], notes=[*document.notes, note])


def _parse(
    document: Document,
    source: str,
    digest: str,
    registry: Registry,
    overrides: Sequence[Override],
) -> ParsedReport:
    form, lex = load_form(), lexicon()
    document = of_year(document, find_year(None, None, None, source.replace("!", "/")).year)
    title = find_title(document)
    why = not_a_report(document, title)
    if why:
        raise RejectedDocument("not_a_report", why, hint="请提供整年的政府信息公开工作年度报告")
    document = _first_report(document, title)
    found = harvest(document, lex)
    parts = sections(document.blocks)
    _require_report(found, parts, title)
    facts = _facts(document, title, parts, source, registry, overrides)
    extracted = assemble(found, lex, form, facts.year.year)
    _require_name_and_year(parts, facts)
    report = _report(document, source, digest, title, facts, extracted, parts)
    report.narrative = claims(report.sections, report.year)
    report.findings = check_report(report, office=_office_facts(facts.office.office))
    report.findings += duplicate_findings(_duplicates(extracted.twice, form, lex))
    return report


def _require_report(found: Harvest, parts: list[SectionText], title: Title | None) -> None:
    """A table's row, or two of title, preface and headings, make a report; its rest may be cut off.

    A title with nothing of a report below it is a link or an attachment's name.
    """
    headed = len({part.key for part in parts} - {"s0"})
    known = any(row.row is not None for row in found.rows)
    words = [simplify(p.text[:_PERIOD_LENGTH]) for p in parts if p.key in ("s0", "s1")]
    preface = any(year_of_period(w) or _OF_ITSELF.search(w) for w in words)
    titled = title is not None and title.printed
    if not known and headed + preface + titled < _ENOUGH_SIGNS:
        raise RejectedDocument(
            "not_a_report",
            "没有找到年度报告的法定表格，也没有法定的章节标题",
            hint="请确认文件是政府信息公开工作年度报告全文，而不是栏目页、附件列表或其他文件",
        )


def _require_name_and_year(parts: list[SectionText], facts: _Facts) -> None:
    """A whole report that names no year or no office cannot be placed; a fragment is still read."""
    if len({part.key for part in parts} - {"s0"}) < _WHOLE_REPORT:
        return
    if facts.year.year is None:
        raise RejectedDocument(
            "no_year",
            "标题、统计期限、元数据和文件名都没有写明报告年度",
            hint="请在文件名中写明年度，例如 单位名称_2023.html",
        )
    if facts.office.name is None:
        raise RejectedDocument(
            "no_office",
            "；".join(facts.office.reasons) or "标题、正文、元数据和文件名都没有写明单位",
            hint="请在文件名中写明单位全称，或在语料目录的 offices.csv 中登记",
        )


def _facts(
    document: Document,
    title: Title | None,
    parts: list[SectionText],
    source: str,
    registry: Registry,
    overrides: Sequence[Override],
) -> _Facts:
    lines = opening_lines(document, parts)
    meta = document.metadata
    name = Path(source.replace("\\", "/").replace("!", "/")).name
    printed = title.text if title and title.printed else None
    period = "\n".join(lines)[:_PERIOD_LENGTH]
    year = find_year(printed, period, meta, name)
    if year.year is None and title:
        year = find_year(title.text, None)
    context = Context(year.year, (source, meta.get("url", "")), tuple(overrides))
    office = resolve(registry, candidates(document, printed, lines, source), context)
    scope, why = infer_scope(office.office, printed, lines)
    return _Facts(office, year, scope, why, published(document, source, year.year, office.office))


def _report(
    document: Document,
    source: str,
    digest: str,
    title: Title | None,
    facts: _Facts,
    extracted: Assembled,
    parts: list[SectionText],
) -> ParsedReport:
    meta, office = document.metadata, facts.office
    evidence = {
        "office": office.evidence,
        "year": facts.year.evidence,
        "year_detail": facts.year.detail,
        "scope": facts.scope_why,
        "office_confidence": str(office.confidence),
        "office_reasons": "；".join([*office.reasons, *office.conflicts]),
        "office_conflicts": "；".join(office.conflicts),
        "year_conflicts": "；".join(facts.year.conflicts),
        "published": facts.published.source,
    }
    return ParsedReport(
        source=source,
        sha256=digest,
        format=document.format,
        title=title.text if title and title.printed else meta.get("title") or None,
        office=office.name,
        office_printed=office.printed,
        office_id=office.office.office_id if office.office else None,
        year=facts.year.year,
        scope=facts.scope,
        published=facts.published.date,
        url=meta.get("url"),
        evidence={key: value for key, value in evidence.items() if value},
        forms={table: form for table, form in extracted.forms.items() if form},
        cells=extracted.cells,
        extra=extracted.extra,
        sections=parts,
        blocks=document.blocks,
        notes=document.notes,
    )


def _office_facts(office: Office | None) -> OfficeFacts | None:
    if office is None:
        return None
    kind = "办公厅" if office.kind is Kind.GENERAL_OFFICE else str(office.kind)
    return OfficeFacts(str(office.level), kind)  # type: ignore[arg-type]


def _duplicates(twice: Iterable[Twice], form: Form, lex: Lexicon) -> Iterator[Duplicate]:
    """Rows met twice, told per printed block: table 2 by its caption, the others as one table."""
    names = {b.key: b.caption for b in form.tables.t2.blocks}
    groups: dict[str, list[Twice]] = {}
    for item in twice:
        table = form.tables.t3.zh if item.table == "t3" else form.tables.t4.zh
        label = names[lex.block_of_row[item.row]] if item.table == "t2" else table
        groups.setdefault(label, []).append(item)
    for label, items in groups.items():
        unequal = [item for item in items if not item.equal]
        chosen = unequal or items
        cells = tuple(key for item in chosen for key in item.cells)
        yield Duplicate(label, not unequal, cells, items[0].at_first, items[0].at_second)
