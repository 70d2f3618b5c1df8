"""Markup that is not written as markup: escaped once too often, or inside JSON strings."""

from __future__ import annotations

import html
import json
import re
from typing import Final

from etl.document import Document
from etl.read.metadata import Facts

_TABLE: Final = re.compile(r"<(?:table|tr|td|th)\b", re.IGNORECASE)
_ESCAPED_TABLE: Final = re.compile(r"(?:&(?:amp;)*lt;|<)\s*(?:table|td)\b", re.IGNORECASE)
_JSON_TABLE: Final = re.compile(r"(?:\\u003c|<)(?:table|td)\b", re.IGNORECASE)
_JSON_START: Final = re.compile(
    r'[\s\ufeff]*(?:\{\s*"[^"\n]{1,80}"\s*:|\[\s*[{"\[]|"\s*(?:<|\\u003c|\\n))', re.IGNORECASE
)
_JSON_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_CUT_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_JSON_PAIR: Final = re.compile(r'"(\w{2,30})"\s*:\s*("(?:[^"\\\n]|\\.){1,300}")')
_MIN_JSON_STRING: Final = 60
_MAX_UNESCAPES: Final = 3


def is_json(text: str) -> bool:
    """Whether a text begins as a JSON object, array or string of markup does (it may be cut)."""
    return _JSON_START.match(text) is not None


def has_escaped_table(text: str) -> bool:
    """Whether a text shows a table's tags as text, escaped (``&lt;td&gt;``) or not."""
    return _ESCAPED_TABLE.search(text) is not None


def unescaped(text: str) -> str:
    """Markup escaped once or more often (``&lt;table&gt;``) → markup."""
    for _ in range(_MAX_UNESCAPES):
        if _TABLE.search(text):
            break
        text = html.unescape(text)
    return text


def json_markup(text: str) -> str:
    """The longest JSON string in ``text`` that holds a table, decoded; else "".

    Works on whole JSON files, scripts that assign objects, and JSON cut off at either end.
    """
    if not _JSON_TABLE.search(text):
        return ""
    best = ""
    for match in _JSON_STRING.finditer(text):
        literal = match.group()
        if match.end() == len(text) and (len(literal) < 2 or not literal.endswith('"')):
            literal = _CUT_ESCAPE.sub("", literal) + '"'
        if len(literal) > max(_MIN_JSON_STRING, len(best)) and _JSON_TABLE.search(literal):
            try:
                value = json.loads(literal, strict=False)
            except ValueError:
                continue
            best = max(best, value.encode("utf-8", "replace").decode("utf-8"), key=len)
    return best


def add_json_facts(text: str, document: Document) -> None:
    """Add what the JSON around a page says of it (``"title": …``) to the document's metadata."""
    facts = Facts()
    for name, literal in _JSON_PAIR.findall(text):
        try:
            value = json.loads(literal, strict=False)
        except ValueError:
            continue
        facts.add_meta("meta", name, value.encode("utf-8", "replace").decode("utf-8"))
    for key, value in facts.result().items():
        document.metadata.setdefault(key, value)
