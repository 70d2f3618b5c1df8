"""Pure text rules for names of places and offices; no data files, no lookups.

Printed names come with stray blanks, full-width forms, Kangxi radicals, traditional characters
and readings in brackets (variety.md section 1). :func:`clean` undoes what cannot change the
meaning; everything else is left to look-ups with evidence.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Protocol

#: The 55 minorities of division names, longest first, as a regular expression.
_ETHNIC: Final = (
    "柯尔克孜|乌孜别克|维吾尔|哈萨克|达斡尔|塔吉克|俄罗斯|鄂温克|塔塔尔|"
    "鄂伦春|蒙古|布依|朝鲜|土家|哈尼|傈僳|高山|拉祜|东乡|纳西|景颇|"
    "仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|德昂|保安|裕固|独龙|"
    "赫哲|门巴|珞巴|基诺|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|"
    "水|土|羌|怒|京"
)
_ETHNIC_TAIL: Final = re.compile(rf"(?:(?:{_ETHNIC})族|各族|蒙古|哈萨克|鄂温克)+$")
#: Endings of division names, longest first, with the kind each declares per level.
_KINDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "省": (("特别行政区", "特别行政区"), ("自治区", "自治区"), ("市", "直辖市"), ("省", "省")),
    "市": (("自治州", "自治州"), ("地区", "地区"), ("盟", "盟"), ("市", "地级市")),
    "县": (
        ("自治县", "自治县"), ("自治旗", "自治旗"), ("林区", "林区"), ("特区", "特区"),
        ("新区", "市辖区"), ("区", "市辖区"), ("县", "县"), ("旗", "旗"), ("市", "县级市"),
    ),
    "乡": (("街道", "街道"), ("苏木", "苏木"), ("镇", "镇"), ("乡", "乡"), ("区公所", "区公所")),
}  # fmt: skip
_LEVEL_ENDINGS: Final = (
    "特别行政区", "自治区", "自治州", "自治县", "自治旗", "行政委员会", "地区", "林区",
    "特区", "矿区", "街道", "苏木", "省", "市", "县", "区", "旗", "盟", "镇", "乡",
)  # fmt: skip
_BRACKETS: Final = str.maketrans("（）［］〔〕【】「」『』", "()[][][][][]")
_READING: Final = re.compile(r"\([^()\u3400-\u9fff]*[A-Za-zÀ-ɏ][^()\u3400-\u9fff]*\)")
#: White space, control and format characters, private use (icon fonts of portals), surrogates.
_INVISIBLE: Final = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\uf8ff]+"
)
_JOINERS: Final = re.compile("[和与及暨、]")
_HAN_RUN: Final = re.compile("[\u3400-\u9fff]")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@lru_cache(maxsize=1)
def _simplifier() -> _Converter:
    from opencc import OpenCC  # 20 ms to load: only mirrors in traditional characters need it

    converter: _Converter = OpenCC("t2s")
    return converter


@lru_cache(maxsize=512)  # each line of a document is asked several times in a row
def clean(text: str) -> str:
    """Width-folded text without white space, control characters and Latin readings in brackets.

    ``"２０２４ 年  任(rèn)圩"`` → ``"2024年任圩"``. Brackets become ASCII. NFKC also turns Kangxi
    radicals of PDF text layers into the ordinary characters.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    bare = _INVISIBLE.sub("", folded)
    return _READING.sub("", bare) if "(" in bare else bare


@lru_cache(maxsize=4096)
def simplify(text: str) -> str:
    """Traditional characters to simplified; other text comes back unchanged."""
    return _simplifier().convert(text)


def is_han(char: str) -> bool:
    """Whether a character is a Chinese one (BMP)."""
    return bool(_HAN_RUN.match(char))


def division_kind(name: str, level: str) -> str:
    """The kind a division's name declares at its level (``县``: 县, 市辖区, 旗 …), else 其他."""
    if level == "zone":
        return "功能区"
    if level == "乡" and name.endswith("乡") and "族乡" in name:
        return "民族乡"
    return next((kind for ending, kind in _KINDS[level] if name.endswith(ending)), "其他")


def short_name(name: str) -> str:
    """The name without level and ethnic endings, if two characters remain; else the name.

    ``沭阳县`` → ``沭阳``; ``前郭尔罗斯蒙古族自治县`` → ``前郭尔罗斯``; ``索县`` → ``索县``.
    """
    for ending in _LEVEL_ENDINGS:
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            if ending in {"自治区", "自治州", "自治县", "自治旗", "乡"}:
                stem = _ETHNIC_TAIL.sub("", stem) or stem
            return stem if len(stem) >= 2 else name
    return name


def short_names(name: str, short: str) -> tuple[str, ...]:
    """The shorter names a place goes by: ``恩施土家族苗族自治州`` → ``恩施``, ``恩施州``."""
    if short == name:
        return ()
    for ending in ("自治州", "自治县", "自治旗"):
        if name.endswith(ending) and short + ending[-1] != name:
            return short, short + ending[-1]
    return (short,)


def normalise_township(name: str) -> str:
    """A township-level name reduced to what sources agree on: ``任圩街道办事处`` → ``任圩街道``."""
    plain = clean(name)
    for ending in ("人民政府", "办事处"):
        plain = plain.removesuffix(ending)
    return plain


def join_free(text: str) -> str:
    """Text without the joining words 和 与 及 暨 、: 发展和改革局 and 发展改革局 become equal."""
    return _JOINERS.sub("", text)
