"""A locator of the reader ("table 3, row 4, column 2") in the reader's language. Pure."""

from __future__ import annotations

import re
from typing import Final

from dashboard.i18n import Text

_NAMES: Final = "table|row|column|page|line|paragraph|sentence"
_PART: Final = re.compile(rf"\b((?:{_NAMES})s?) (\d+(?:–\d+)?)")
_BETWEEN: Final = re.compile(rf"(?<=\d), (?=(?:{_NAMES})s? \d)")
_INSIDE: Final = re.compile(rf" \(((?:{_NAMES})s? \d+(?:–\d+)?)\)")
#: "see" and what it points to; Chinese text has no blank between the two.
_SEE: Final = re.compile(r"(?<=见) (?=第)")

_CELL: Final = r"table \d+, row \d+, column \d+(?: \([^()]*\b(?:line|row|page) \d+\))?"
_JOINT: Final = r" 至 | to |, |；|; "
_CHAIN: Final = re.compile(rf"{_CELL}(?:(?:{_JOINT}){_CELL})+")
_ONE: Final = re.compile(
    rf"(?P<joint>{_JOINT})?table (?P<table>\d+), row (?P<row>\d+), column (?P<column>\d+)"
    r"(?: \((?P<inside>[^()]*\b(?:line|row|page)) (?P<at>\d+)\))?"
)
_TO: Final = (" 至 ", " to ")
#: A span of cells: joint, table, first and last row, first and last column, what the number in
#: brackets counts, its first and last.
_Span = tuple[str, int, int, int, int, int, str, int, int]


def in_words(at: str, t: Text) -> str:
    """``第3张表，第4行，第2列``; a part that is not understood stays as it was written.

    Cells that follow one another in a row or a column become a span: ``第4–5行，第2列``.
    """
    text = _CHAIN.sub(lambda m: _shortened(m[0]), at)
    text = _BETWEEN.sub(t("doc.at_between"), text)
    text = _INSIDE.sub(lambda m: t("doc.at_inside").format(m[1]), text)
    return _SEE.sub("", _PART.sub(lambda m: t(f"doc.at_{m[1]}").format(m[2]), text))


def sentence(text: str, t: Text) -> str:
    """A message with its places in words, its first letter a capital: it may begin with a label."""
    said = in_words(text, t)
    return said[:1].upper() + said[1:]


def _shortened(chain: str) -> str:
    """Several cells in fewer words: spans joined, a table named once."""
    spans: list[_Span] = []
    for m in _ONE.finditer(chain):
        table, row, column = int(m["table"]), int(m["row"]), int(m["column"])
        at = int(m["at"] or 0)
        one = (m["joint"] or "", table, row, row, column, column, m["inside"] or "", at, at)
        joined = _joined(spans[-1], one) if spans else None
        if joined:
            spans[-1] = joined
        else:
            spans.append(one)
    words, before = "", 0
    for joint, table, top, bottom, left, right, inside, first, last in spans:
        named = "" if table == before else f"table {table}, "
        note = f" ({_several(inside, first, last)})" if inside else ""
        cell = f"{_several('row', top, bottom)}, {_several('column', left, right)}"
        words += f"{joint}{named}{cell}{note}"
        before = table
    return words


def _joined(a: _Span, b: _Span) -> _Span | None:
    """Both as one span: the ends of a range in one row or column, or neighbours in a list."""
    joint, table, top, bottom, left, right, inside, first, last = a
    _, b_table, row, _, column, _, b_inside, at, _ = b
    if table != b_table or inside != b_inside or at < last:
        return None
    same_column = left == right == column and row > bottom
    same_row = top == bottom == row and column > right
    if b[0] in _TO:
        fits = (same_column or same_row) and top == bottom and left == right
    else:
        fits = b[0] == ", " and (
            (same_column and row == bottom + 1) or (same_row and column == right + 1)
        )
    return (joint, table, top, row, left, column, inside, first, at) if fits else None


def _several(name: str, first: int, last: int) -> str:
    return f"{name} {first}" if first == last else f"{name}s {first}–{last}"
