"""Which year a report covers, with the evidence, also where the date lost its characters."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Final, Literal

from etl.offices.names import clean, simplify

Evidence = Literal["title", "period", "metadata", "filename"]

#: First year a report could cover: the 条例 took effect on 2008-05-01.
FIRST_YEAR: Final = 2008
_DIGITS: Final = {**dict(zip("〇零○O一二三四五六七八九", "0000123456789", strict=True))}
_HAN_YEAR: Final = re.compile("二([〇零○O0])([〇零○O0-9一二])([〇零○O0-9一二三四五六七八九])年?")
_YEAR: Final = re.compile(r"(?<![\d.])(20\d{2})(?!\d)(?:年度|年|度)?")
_YEAR_WORD: Final = re.compile(r"(?<!\d)(20\d{2})年")
_DOCUMENT_NO: Final = re.compile(r"[(\[]20\d{2}[)\]]\d*号?|国令第\d+号")
#: 2021年1月1日 … 2021年12月31日 in any state of repair: 年 月 日 may each be gone.
_START: Final = re.compile(r"(?<!\d)(20\d{2})(?:[年./-]0?1[月./-]?|0?1[月./-])0?1日?(?![\d月])")
_END: Final = re.compile(r"(?<!\d)(20\d{2})(?:[年./-]12[月./-]?|12[月./-])3[01]日?(?!\d)")
#: Eight bare digits are a date only beside the words of a period; else a telephone number.
_BARE: Final = re.compile(
    r"(?:期限|期间|自|从|至|到|为|是|—|~)[^\d]{0,3}(20\d{2})(?:1231|0101)日?(?!\d)"
    r"|(?<!\d)(20\d{2})(?:1231|0101)日?(?:止|起|至|到|—|~)"
)
_HAN_DATES: Final = {"十二月三十一日": "12月31日", "十二月三十日": "12月30日", "一月一日": "1月1日"}
_GLUED_START: Final = re.compile(r"(?<!\d)(20\d{2})年?11日?(?=[起至到—~-])")
_DATE: Final = re.compile(r"(?<!\d)(20\d{2})[年./-](\d{1,2})(?:[月./-]\d{0,2}日?)?")
_FULL_DATE: Final = re.compile(
    r"(?<!\d)20\d{2}\s*[-/.年]\s*\d{1,2}(?!\d)\s*[-/.月]?\s*(?:\d{1,2}(?!\d)\s*日?)?"
)
_ADDRESS: Final = re.compile(r"https?://\S+")
#: The report's own title where the preface quotes it: 现发布《…2022年政府信息公开工作年度报告》.
_OWN_TITLE: Final = re.compile(
    r"(?:发布|公布|公开|编制|形成|制作)(?:了)?[《“\"]?[^《》。;]{0,30}?(20\d{2})年度?(?:的)?(?:政府|政务)?信息公开"
    r"(?:工作)?(?:年度)?(?:工作)?(?:报告|年报)(?!编制|有关|的?通知|格式|发布|报送|公布|填报)"
)
_OPENING: Final = re.compile(r"(?:^|[。;:(])(?:一是|\(一\))?(20\d{2})年度?(?:以来|[,我本全])")
#: 现将我局2021年度政府信息公开情况汇报如下.
_AS_FOLLOWS: Final = re.compile(
    r"(20\d{2})年度?(?:的)?(?:政府|政务)?(?:信息公开|公开)[^。;,《》]{0,12}(?:汇报|报告|总结|公布)如下"
)
_COMPACT_DATE: Final = re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)")


@dataclass(frozen=True, slots=True)
class YearResolution:
    """``year`` is ``None`` where nothing tells. ``detail`` says how it was found.

    ``conflicts`` are other years that title, period, metadata or file name state.
    """

    year: int | None
    evidence: Evidence | None
    detail: str = ""
    conflicts: tuple[str, ...] = ()


def han_to_digits(text: str) -> str:
    """``二〇二一年`` → ``2021年``; other text unchanged."""

    def digits(found: re.Match[str]) -> str:
        year = "2" + "".join(_DIGITS.get(c, c) for c in found.groups())
        return year + ("年" if found[0].endswith("年") else "")

    return _HAN_YEAR.sub(digits, text)


def _prepared(text: str) -> str:
    return _DOCUMENT_NO.sub("", han_to_digits(clean(text)))


def _latest(today: datetime.date | None) -> int:
    return (today or datetime.date.today()).year


def _sane(years: list[int], today: datetime.date | None) -> list[int]:
    return [year for year in years if FIRST_YEAR <= year <= _latest(today)]


def years_in_title(title: str, *, today: datetime.date | None = None) -> list[int]:
    """Years a title states, in order, document numbers left out, each once."""
    bare = _FULL_DATE.sub(" ", _ADDRESS.sub(" ", title))  # 发布时间：2024-01-16 is no report year
    found = [int(y) for y in _YEAR.findall(_prepared(bare))]
    return list(dict.fromkeys(_sane(found, today)))


def year_of_period(text: str, *, today: datetime.date | None = None) -> int | None:
    """The year of a period sentence (``…自2021年1月1日起至12月31日止``), or ``None``.

    Start and end must not name different years. Reads what a lost font leaves: ``20211月1日``,
    ``202111日起``, ``20191231日``.
    """
    plain = _prepared(text)
    for han, digits in _HAN_DATES.items():
        plain = plain.replace(han, digits)
    bare = [a or b for a, b in _BARE.findall(plain)]
    starts = _START.findall(plain) or _GLUED_START.findall(plain)
    years = set(_sane([int(y) for y in (*starts, *_END.findall(plain), *bare)], today))
    return years.pop() if len(years) == 1 else None


def year_of_own_title(text: str, *, today: datetime.date | None = None) -> int | None:
    """The one year in the title that a preface says it publishes, or ``None``."""
    plain = simplify(_prepared(text))
    found = _OWN_TITLE.findall(plain) or _AS_FOLLOWS.findall(plain)
    years = set(_sane([int(y) for y in found], today))
    return years.pop() if len(years) == 1 else None


def year_of_sentences(text: str, *, today: datetime.date | None = None) -> int | None:
    """The one year that sentences of the body speak of (``2020年,我乡…``), or ``None``.

    Only a year that opens a sentence counts, and only when no other does.
    """
    opened = [year for line in text.split("\n") for year in _OPENING.findall(_prepared(line))]
    years = set(_sane([int(y) for y in opened], today))
    return years.pop() if len(years) == 1 else None


def year_before_publication(published: str, *, today: datetime.date | None = None) -> int | None:
    """The year before a date of publication in January to June, the time reports appear."""
    plain = _prepared(published)
    found = _DATE.search(plain) or _COMPACT_DATE.search(plain)
    if not found or not 1 <= int(found[2]) <= 6:
        return None
    years = _sane([int(found[1]) - 1], today)
    return years[0] if years else None


def find_year(
    title: str | None,
    period_text: str | None,
    metadata: dict[str, str] | None = None,
    filename: str | None = None,
    *,
    today: datetime.date | None = None,
) -> YearResolution:
    """The report year from the strongest source that states one.

    Order: title, period sentence, a year opening the body's sentences, file name, title in the
    metadata, publication date minus one. ``period_text`` is the body's first lines (a few
    hundred characters suffice), ``metadata`` has the keys of ``Document.metadata``.
    """
    meta = metadata or {}
    stated: list[tuple[int, Evidence, str]] = []

    def add(year: int | None, evidence: Evidence, detail: str) -> None:
        if year is not None:
            stated.append((year, evidence, detail))

    titled = years_in_title(title or "", today=today)
    add(titled[0] if titled else None, "title", "标题")
    for other in titled[1:]:
        add(other, "title", "标题中的另一年份")
    for year, detail in _years_in_body(period_text or "", today):
        add(year, "period", detail)
    named = years_in_title(meta.get("title", ""), today=today)
    add(named[0] if len(named) == 1 else None, "metadata", "元数据标题")
    filed = _filename_years(filename or "", today)
    add(filed[0] if len(filed) == 1 else None, "filename", "文件名")
    if not stated:
        published = meta.get("published", "") or meta.get("url", "")
        add(year_before_publication(published, today=today), "metadata", "发布日期的上一年（推定）")
    if not stated:
        return YearResolution(None, None)
    year, evidence, detail = stated[0]
    conflicts = tuple(f"{how}：{other}" for other, _, how in stated[1:] if other != year)
    return YearResolution(year, evidence, detail, conflicts)


def _years_in_body(body: str, today: datetime.date | None) -> list[tuple[int, str]]:
    """The years a body states, the best first.

    A period left over from last year is outvoted where the report's own title and the sentences
    name one other year; alone, either only contradicts it.
    """
    period = year_of_period(body, today=today)
    titled = year_of_own_title(body, today=today)
    spoken = year_of_sentences(body, today=today)
    stated = [(period, "统计期限"), (titled, "正文所引报告名称")]
    if period is not None and titled is not None and titled == spoken != period:
        stated.reverse()
    if period is None and titled is None:
        stated.append((spoken, "正文句首年份"))
    return [(year, detail) for year, detail in stated if year is not None]


def _filename_years(filename: str, today: datetime.date | None) -> list[int]:
    """Years in a file name that are not part of a publication date or an id number."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", filename.replace("\\", "/").rsplit("/", 1)[-1])
    plain = re.sub(r"t?20\d{6}_\d+|(?<!\d)20\d{2}[-_]\d{2}[-_]\d{2}", " ", stem)
    plain = han_to_digits(plain)
    found = [int(y) for y in re.findall(r"(?<!\d)(20\d{2})(?!\d)", plain)]
    return list(dict.fromkeys(_sane(found, today)))
