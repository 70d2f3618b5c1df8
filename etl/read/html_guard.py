"""Keeps hostile markup from HTML parsing that is quadratic: depth and attribute bombs.

Measured on lexbor (selectolax 1.0.2): 20,000 nested ``div`` take 0.5 s and 100,000 take 14 s (each
``div`` looks up the whole stack for an open ``p``); nested ``li`` is worse; one tag with 20,000
distinct attributes takes 0.7 s. Nested tables, spans and formatting elements are linear.
"""

from __future__ import annotations

import re
from typing import Final

from etl.errors import RejectedDocument
from etl.read.html_kinds import KIND_OF, Kind
from etl.read.limits import Limits

#: Below these sizes the quadratic cases cost less than about 0.2 s, so nothing is scanned.
_FEW_TAGS: Final = 10_000
_SHORT: Final = 60_000
_MAX_TAG: Final = 8_192
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
    | {"source", "track", "wbr"}
)
#: A whole start tag, quoted attributes included; possessive, so linear on any input.
_WHOLE_TAG: Final = re.compile(r"""<[a-zA-Z](?:[^>=]|=\s*+(?:"[^"]*+"|'[^']*+')?)*+>?""")
_QUOTED: Final = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_ATTRIBUTE: Final = re.compile(r"[\s/]+[^\s/=]")
_MAX_ATTRIBUTES: Final = 200
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_STRUCTURAL: Final = (
    "table|thead|tbody|tfoot|tr|td|th|caption|p|br|h[1-6]|pre|script|style|template|noscript|"
    "title|meta"
)
_NOT_STRUCTURAL: Final = re.compile(
    rf"</?(?!(?:{_STRUCTURAL})\b)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*+>?", re.IGNORECASE
)


def tamed(text: str, limits: Limits) -> tuple[str, str]:
    """Markup that lexbor parses in linear time, and a note if something had to be left out.

    Raises:
        RejectedDocument: ``too_large`` when there are more tags than ``limits.max_elements``.
    """
    tags = text.count("<")
    if tags > limits.max_elements:
        raise RejectedDocument(
            "too_large",
            f"网页标签超过 {limits.max_elements} 个",
            hint="请另存为只含报告正文的网页，或提供 Word、PDF 文件",
        )
    note = ""
    if len(text) > _SHORT:
        text, cut = _without_attribute_bombs(text)
        note = "含有异常长的标签，其属性已忽略" if cut else ""
    if tags > _FEW_TAGS and _depth(text) > limits.max_nesting:
        text = _NOT_STRUCTURAL.sub(_flattened, text)
        note = f"标签嵌套超过 {limits.max_nesting} 层，只保留表格和段落"
    return text, note


def _flattened(tag: re.Match[str]) -> str:
    """What a dropped tag leaves: a line break if it was a division, else nothing."""
    kind = KIND_OF.get(tag.group(1).lower(), Kind.INLINE)
    return "<br>" if kind in {Kind.BLOCK, Kind.HEADING} else ""


def _without_attribute_bombs(text: str) -> tuple[str, bool]:
    """Cut the attributes of tags longer than 8 KB, unless they are few (inline images)."""
    if not _may_hold_long_tag(text):
        return text, False
    cut = False

    def shorten(match: re.Match[str]) -> str:
        nonlocal cut
        tag = match.group()
        if len(tag) <= _MAX_TAG or len(_ATTRIBUTE.findall(_QUOTED.sub("", tag))) < _MAX_ATTRIBUTES:
            return tag
        cut = True
        name = _TAG.match(tag)
        return f"<{name.group(2)}>" if name else " "

    return _WHOLE_TAG.sub(shorten, text), cut


def _may_hold_long_tag(text: str) -> bool:
    """Cheap look: a stretch of half ``_MAX_TAG`` without ``>``, or a ``>`` inside quotes."""
    step = _MAX_TAG // 2
    if any(text.find(">", at, at + step) < 0 for at in range(0, len(text) - step, step)):
        return True
    return '">"' in text or "'>'" in text


def _depth(text: str) -> int:
    """Deepest nesting of open elements, counting tags only (an upper estimate)."""
    depth = deepest = 0
    for slash, name in _TAG.findall(text):
        if slash:
            depth = max(0, depth - 1)
        elif name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest
