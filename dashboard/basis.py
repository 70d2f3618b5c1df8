"""The legal basis of a rule in English, the official Chinese beside it. Pure.

The rule dictionary cites in Chinese, in a few forms: articles of the Regulation, letters of the
General Office by number, and remarks. Articles and numbers are translated by their form, remarks
and names of documents by the catalogue (``basis.*``). What is in neither stays Chinese: a citation
is never guessed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from dashboard.i18n import catalogue, translator

_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")}
_ARTICLE: Final = re.compile(
    r"第([一二三四五六七八九十]+)条(?:第([一二三四五六七八九十]+)款)?(?:第（([一二三四五六七八九十]+)）项)?"
)
_REGULATION: Final = "条例"
#: A document, its year and number, then articles of it or a remark.
_LETTER: Final = re.compile(r"(国办公开办函|国办函)〔(\d{4})〕(\d+)号(?:、〔(\d{4})〕(\d+)号)?")
_POINTS: Final = re.compile(r"第((?:[一二三四五六七八九十]+、?)+)条")
_REMARK: Final = re.compile(r"^[（：](.+?)）?$")


def number(text: str) -> int:
    """A Chinese number below a hundred."""
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS[tens] if tens else 1) * 10 * bool(ten) + (_DIGITS[ones] if ones else 0)


def shown(basis: str, lang: str) -> str:
    """A basis for a reader: Chinese as it is; in English with the official Chinese beside it."""
    if lang == "zh" or not basis:
        return basis
    parts = [english(part) for part in basis.split("；")]
    known = [part for part in parts if part]
    if not known:
        return basis
    return translator(lang)("basis.beside", english="; ".join(known), chinese=basis)


def english(part: str) -> str:
    """One citation in English, empty where its form is not known."""
    if found := _remarks().get(part):
        return found
    if part.startswith(_REGULATION):
        rest = part.removeprefix(_REGULATION)
        articles = list(_ARTICLE.finditer(rest))
        if not articles or articles[0].start():
            return ""
        names = [_article(m) for m in articles]
        head = translator("en")(
            "basis.articles" if len(names) > 1 else "basis.article", names=" and ".join(names)
        )
        return _with(head, rest[articles[-1].end() :])
    if letter := _LETTER.match(part):
        kind, year, no, other_year, other_no = letter.groups()
        t = translator("en")
        head = t(f"basis.letter.{kind}", year=year, number=no)
        if other_no:
            head += t("basis.and_number", year=other_year, number=other_no)
        rest = part[letter.end() :]
        if points := _POINTS.fullmatch(rest):
            named = [str(number(p)) for p in points[1].split("、")]
            return t("basis.points", letter=head, names=", ".join(named))
        return _with(head, rest)
    return ""


def _article(match: re.Match[str]) -> str:
    article, paragraph, item = match.groups()
    t = translator("en")
    name = str(number(article))
    if item:
        return t("basis.item", article=name, item=number(item))
    if paragraph:
        return t("basis.paragraph", article=name, paragraph=number(paragraph))
    return name


def _with(head: str, rest: str) -> str:
    """A citation with its remark; empty where the remark is not known."""
    if not rest:
        return head
    found = _REMARK.match(rest)
    said = _remarks().get(found[1]) if found else None
    return translator("en")("basis.with_remark", citation=head, remark=said) if said else ""


@cache
def _remarks() -> dict[str, str]:
    """Chinese remark → English, from the catalogue."""
    known = catalogue()
    return {
        texts["zh"]: texts["en"] for key, texts in known.items() if key.startswith("basis.remark.")
    }
