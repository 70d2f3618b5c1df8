"""HTML that is safe by construction: a text becomes markup only through :func:`esc`. Pure.

Documents come from strangers; nothing of theirs may be read as markup, style or link target.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from dashboard.formats import letters

#: Texts up to this many characters stay on one line in a table.
SHORT = 5
#: The same of texts like ``T2-RULEPOWER``.
IDENTIFIER = 12
#: Longer texts keep a column wide enough to read, though a phone must scroll to it.
LONG = 24
#: A table with a text of more characters (Chinese ones count twice) has sentences in it: a phone
#: shows its rows one below the other, each value under its column's name.
SENTENCE = 44
#: Rows of a long table that paper has; tables up to half as long again are printed whole.
PRINTED_ROWS = 40


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere. ``href`` is checked where it is written."""

    text: str
    href: str


def esc(text: object) -> str:
    """A text as HTML; line breaks kept."""
    return escape(str(text), quote=True).replace("\n", "<br>")


def marked(text: str, words: Iterable[str]) -> str:
    """A text as HTML with every occurrence of the words marked, whatever their capitals."""
    pattern = "|".join(re.escape(w) for w in sorted(set(words), key=len, reverse=True) if w)
    if not pattern:
        return esc(text)
    parts = re.split(f"({pattern})", text, flags=re.IGNORECASE)
    # Every second part is a hit.
    return "".join(f"<mark>{esc(p)}</mark>" if n % 2 else esc(p) for n, p in enumerate(parts))


def excerpt(text: str, words: Iterable[str], around: int = 60) -> str:
    """The text around the first place of each word, at most a few lines; cuts are shown."""
    spans: list[list[int]] = []
    lower = text.lower()
    found = ((lower.find(w.lower()), len(w)) for w in words)
    for at, length in sorted(hit for hit in found if hit[0] >= 0):
        start, end = max(at - around, 0), min(at + length + around, len(text))
        if spans and start <= spans[-1][1]:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    parts = [text[start:end].strip() for start, end in spans]
    if not parts:
        return text[: 2 * around].strip()
    left = "…" if spans[0][0] > 0 else ""
    right = "…" if spans[-1][1] < len(text) else ""
    return left + " … ".join(parts) + right


def plain(text: str) -> str:
    """Text as Markdown that shows it literally."""
    return "".join("\\" + c if c in r"\`*_{}[]()#+-.!|<>~$:" else c for c in text)


def page_href(path: str, params: dict[str, str]) -> str:
    """A link to one of our own pages, relative to the app's root."""
    return f"./{quote(path)}?{urlencode(params)}"


def safe_href(url: str | None) -> str | None:
    """A source address if it is an ordinary web address, else ``None``."""
    if not url:
        return None
    parts = urlsplit(url.strip())
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def anchor(link: Link, *, outside: bool = False) -> str:
    """A link; outside ones open anew and tell the other side nothing."""
    if outside:
        href = safe_href(link.href)
        if href is None:
            return esc(link.text)
        return (
            f'<a href="{esc(href)}" target="_blank" rel="noopener noreferrer">{esc(link.text)}</a>'
        )
    return f'<a href="{esc(link.href)}" target="_self">{esc(link.text)}</a>'


def cell(value: object) -> str:
    """A table cell's content."""
    return anchor(value) if isinstance(value, Link) else esc("" if value is None else value)


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    caption: str,
    right: frozenset[int] = frozenset(),
    whole: frozenset[int] = frozenset(),
) -> str:
    """A data table with a caption for screen readers.

    ``right`` are the numeric columns, ``whole`` those whose texts never break. Roles are written
    out where a phone lays the rows out anew: a browser forgets them with the layout.
    """
    body_rows = [tuple(row) for row in rows]
    stacked = any(isinstance(v, str) and letters(v) > SENTENCE for row in body_rows for v in row)
    kinds = (" stacked" if stacked else "") + (
        " cut" if len(body_rows) > PRINTED_ROWS * 1.5 else ""
    )
    table_role, row_role = (' role="table"', ' role="row"') if stacked else ("", "")

    def css(n: int, value: object = "") -> str:
        if n in right:
            return ' class="num"'
        if n in whole:
            return ' class="whole"'
        # A word of a few characters (a level, a unit, a year, a rule's id) never breaks.
        if not isinstance(value, str) or not value:
            return ""
        if len(value) > LONG:
            return ' class="long"'
        short = len(value) <= (IDENTIFIER if value.isascii() and " " not in value else SHORT)
        return ' class="short"' if short else ""

    def role(n: int) -> str:
        return f' role="cell" data-label="{esc(headers[n])}"' if stacked else ""

    head_role = ' role="columnheader"' if stacked else ""
    head = "".join(
        f'<th scope="col"{head_role}{css(n)}>{esc(h)}</th>' for n, h in enumerate(headers)
    )
    body = "".join(
        f"<tr{row_role}>"
        + "".join(f"<td{role(n)}{css(n, v)}>{cell(v)}</td>" for n, v in enumerate(row))
        + "</tr>"
        for row in body_rows
    )
    return (
        f'<div class="do-scroll" tabindex="0" role="region" aria-label="{esc(caption)}">'
        f'<table class="do-table{kinds}"{table_role}>'
        f'<caption class="do-hidden">{esc(caption)}</caption>'
        f"<thead><tr{row_role}>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
