"""Plain text and Markdown → ``Document``: lines as printed, grids where rows are delimited."""

from __future__ import annotations

import re
from typing import Final

from etl.document import Block, Document, Grid, Line
from etl.read.decode import to_text, with_cut_marked
from etl.read.html import html_document
from etl.read.limits import Limits
from etl.read.metadata import Facts, is_metadata_grid
from etl.read.rows import SourceLine, blocks_of, check_blocks

_TABLE: Final = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)


def read_text(data: bytes, limits: Limits) -> Document:
    """Read a text file in any encoding.

    Raises:
        RejectedDocument: ``unsupported_format`` (not text) or ``too_large`` (too many lines).
    """
    decoded = to_text(data)
    document = text_document(decoded.text, limits)
    if decoded.damaged:
        document.notes.append(f"{decoded.damaged} 处字节无法按 {decoded.encoding} 解码")
    return document


def text_document(text: str, limits: Limits) -> Document:
    """Read decoded text. Places are ``line N``, physical lines counted from 1.

    Tables in HTML amid the text, as converters to Markdown write them, are read as such.
    """
    text = with_cut_marked(text).replace("\r\n", "\n").replace("\r", "\n")
    check_blocks(text.count("\n"), limits)
    blocks: list[Block] = []
    start = line = grids = 0
    tables = _TABLE.finditer(text) if "<" in text else ()
    for table in tables:
        before = text[start : table.start()]
        blocks += _text_blocks(before, line, grids + 1, limits)
        line += before.count("\n")
        grids = sum(isinstance(block, Grid) for block in blocks)
        for block in html_document(table.group(), limits).blocks:
            place = f"line {line + 1}"
            if isinstance(block, Grid):
                grids += 1
                block.number = grids
                block.place = place
                blocks.append(block)
            else:
                blocks.append(Line(block.text, place, block.heading, block.pieces))
        line += table.group().count("\n")
        start = table.end()
    blocks += _text_blocks(text[start:], line, grids + 1, limits)
    facts = Facts()
    facts.add_lines(block for block in blocks if isinstance(block, Line))
    for block in blocks:
        if isinstance(block, Grid) and is_metadata_grid(block):
            facts.add_grid(block)
    return Document("text", blocks, facts.result())


def _text_blocks(text: str, line: int, first_grid: int, limits: Limits) -> list[Block]:
    if not text.strip():
        text = text.rstrip(" ")
        if not text:
            return []
    lines = [SourceLine(part, f"line {line + n}") for n, part in enumerate(text.split("\n"), 1)]
    if lines and not lines[-1].text:
        lines.pop()  # the end of the last line, not a line of its own
    return blocks_of(lines, limits, first_grid)
