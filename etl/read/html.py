"""HTML → ``Document``: what a browser shows, as lines and grids in reading order.

Parser: lexbor through selectolax, the fastest measured on these pages (see architecture.md).
Beyond the page itself it reads reports that a page carries in disguise: markup escaped once too
often, markup inside a JSON string, ``<pre>`` or ``<br>`` text with pipes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from etl.document import Block, Document, Grid, Line
from etl.read.decode import to_text, with_cut_marked
from etl.read.disguise import has_escaped_table, json_markup, unescaped
from etl.read.html_guard import tamed
from etl.read.html_looks import Marks
from etl.read.html_style import marks
from etl.read.html_table import (
    BLOCK,
    BREAK_PIECE,
    HEADING_PIECE,
    PREFORMATTED,
    Piece,
    TableBlock,
    tidy,
)
from etl.read.html_walk import Walker
from etl.read.limits import Limits
from etl.read.metadata import Facts, is_metadata_grid
from etl.read.rows import SourceLine, blocks_of, check_blocks

_FIRST_TABLE_TAG: Final = re.compile(r"<(table|tr|td|th)\b", re.IGNORECASE)
_MARKS: Final = BLOCK + BREAK_PIECE + HEADING_PIECE + PREFORMATTED + "0123456789"
_SAVED_FROM: Final = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)")
#: Where content systems keep an article until a script shows it.
_HELD: Final = (
    re.compile(r"<textarea\b[^>]*+>(.*?)</textarea", re.IGNORECASE | re.DOTALL),
    re.compile(r"\bsrcdoc\s*=\s*\"([^\"]*+)\"", re.IGNORECASE),
    re.compile(r"<input\b[^>]*?\bvalue\s*=\s*\"([^\"]*+)\"", re.IGNORECASE),
    re.compile(r"\binnerHTML\s*\+?=\s*`([^`$]*+)`"),  # nothing that a script works out
    re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL),
    re.compile(r"<template\b[^>]*+>(.*?)</template", re.IGNORECASE | re.DOTALL),
    re.compile(r"<noscript\b[^>]*+>(.*?)</noscript", re.IGNORECASE | re.DOTALL),
    re.compile(
        r"<script\b[^>]*?type\s*=\s*[\"']?text/(?:html|x-)[^>]*+>(.*?)</script",
        re.IGNORECASE | re.DOTALL,
    ),
)
_SCRIPT: Final = re.compile(r"<script\b[^>]*+>(.*?)</script", re.IGNORECASE | re.DOTALL)


def read_html(data: bytes, limits: Limits, declared: str = "") -> Document:
    """Read an HTML file or fragment.

    Args:
        data: the file; any encoding, declared truly, wrongly or not at all.
        limits: bounds of the document.
        declared: an encoding named outside the file (MIME), if any.

    Raises:
        RejectedDocument: ``empty``, ``too_large`` or ``unsupported_format`` (not text).
    """
    decoded = to_text(data, declared)
    document = html_document(decoded.text, limits)
    if decoded.damaged:
        document.notes.append(f"{decoded.damaged} 处字节无法按 {decoded.encoding} 解码")
    return document


def html_document(text: str, limits: Limits) -> Document:
    """Read decoded HTML; see :func:`read_html`."""
    text = with_cut_marked(text)
    blocks, facts, notes = _page(text, limits)
    if not any(isinstance(block, Grid) for block in blocks):
        hidden = _disguised(text, blocks)
        if hidden:
            inner, inner_facts, inner_notes = _page(hidden, limits)
            if any(isinstance(block, Grid) for block in inner):
                blocks, notes = inner, [*notes, *inner_notes, "正文取自转义后的 HTML"]
                facts = [*facts, *inner_facts]
    return Document("html", blocks, _metadata(text, blocks, facts), notes)


def _page(text: str, limits: Limits) -> tuple[list[Block], list[tuple[str, str, str]], list[str]]:
    """Blocks, labelled facts and notes of one page of markup."""
    source, note = tamed(_with_table_tag(text), limits)
    parser = LexborHTMLParser(source)
    root = parser.root
    if root is None:
        return [], [], []
    found = marks(root, source.count("<"))
    for node in (parser.body, root):  # pages hide all until a script runs; a reader must not
        if node is not None:
            found.kinds.pop(node.mem_id, None)
            found.muted.pop(node.mem_id, None)
    flow, facts = _walk(root, found, limits)
    if (found.kinds or found.muted) and not _has_text(flow):
        flow, facts = _walk(root, Marks(struck=found.struck, raised=found.raised), limits)
    return _blocks(flow, limits), facts, [note] if note else []


def _walk(
    root: object, found: Marks, limits: Limits
) -> tuple[list[Piece], list[tuple[str, str, str]]]:
    walker = Walker(found, limits)
    walker.walk(root)
    return walker.flow, walker.facts


def _has_text(flow: list[Piece]) -> bool:
    return any(isinstance(piece, TableBlock) or tidy(piece.strip(_MARKS)) for piece in flow)


def _with_table_tag(text: str) -> str:
    """Open a table for rows that lost theirs (fragments cut at the start); parsers drop them."""
    first = _FIRST_TABLE_TAG.search(text)
    if first is None or first.group(1).lower() == "table":
        return text
    return f"{text[: first.start()]}<table>{text[first.start() :]}"


def _blocks(flow: list[Piece], limits: Limits) -> list[Block]:
    """Flow → numbered blocks; a page without tables is read like the text it shows."""
    if not any(isinstance(piece, TableBlock) for piece in flow):
        return blocks_of([item for item in _items(flow) if isinstance(item, SourceLine)], limits)
    blocks: list[Block] = []
    grids = 0
    for item in _items(flow):
        if isinstance(item, TableBlock):
            grids += 1
            blocks.append(Grid(grids, item.n_rows, item.n_cols, item.cells))
        elif item.text:
            blocks.append(Line(item.text, item.place, item.heading))
    check_blocks(len(blocks), limits)
    return blocks


def _items(flow: list[Piece]) -> Iterator[SourceLine | TableBlock]:
    """Lines and tables in order; blank lines only where two or more ``<br>`` made one."""
    paragraph = 0
    heading = 0
    breaks = 0
    for is_table, group in groupby(flow, key=_is_table):
        if is_table:
            yield from (piece for piece in group if isinstance(piece, TableBlock))
            breaks = 0
            continue
        for piece in "".join([piece for piece in group if isinstance(piece, str)]).split(BLOCK):
            if piece == BREAK_PIECE:
                breaks += 1
                if breaks > 1 and paragraph:
                    yield SourceLine("", f"paragraph {paragraph}")
            elif piece and piece[0] == HEADING_PIECE:
                heading = int(piece[1:]) if piece[1:].isdigit() else 0
            elif piece and (text := tidy(piece)):
                paragraph += 1
                breaks = 0
                yield SourceLine(text, f"paragraph {paragraph}", heading)
                heading = 0


def _is_table(piece: Piece) -> bool:
    return isinstance(piece, TableBlock)


def _disguised(text: str, blocks: list[Block]) -> str:
    """Markup with a table that the page carries as text or inside a script; else ""."""
    shown = "\n".join(block.text for block in blocks if isinstance(block, Line))
    if has_escaped_table(shown):
        return unescaped(shown)
    for pattern in _HELD:
        for held in pattern.findall(text):
            markup = unescaped(held)
            if has_escaped_table(markup):
                return markup
    for script in _SCRIPT.findall(text):
        found = json_markup(script)
        if found:
            return found
    return ""


def _metadata(
    text: str, blocks: list[Block], page_facts: list[tuple[str, str, str]]
) -> dict[str, str]:
    facts = Facts()
    titled = False
    for place, name, value in page_facts:
        if place == "title" and titled:  # a second <title> belongs to an included page part
            continue
        titled = titled or place == "title"
        facts.add_meta(place, name, value)
    facts.add_lines(block for block in blocks if isinstance(block, Line))
    for block in blocks:
        if isinstance(block, Grid) and is_metadata_grid(block):
            facts.add_grid(block)
    saved = _SAVED_FROM.search(text, 0, 4096)
    if saved:
        facts.add("title", "url", 9, saved.group(1))
    return facts.result()
