"""Whatever comes in: a document or a rejection. Tables read as the rectangle they were made of."""

from __future__ import annotations

import html as escaping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from etl.document import Document, Grid
from etl.errors import RejectedDocument
from etl.read import Limits, html_walk, read
from etl.read.html_looks import Marks
from etl.read.html_table import Piece, tidy

from .helpers import table

MARKUP = [
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td colspan=3>", "<td rowspan=9>",
    "<th>", "<tbody>", "</tbody>", "<tfoot>", "<thead>", "<p>", "</p>", "<div>", "</div>", "<span>",
    "</span>", "<br>", "<pre>", "</pre>", "<h2>", "</h2>", "<b>", "</b>", "<sup>2</sup>", "<o:p>",
    "</o:p>", "<script>", "</script>", "<style>p{display:none}</style>", "<!--", "-->", "&nbsp;",
    "<caption>", "<i hidden>", '<i style="font-size:0">', '<div role="row">', '<b role="cell">',
    '<div role="table">', '<p style="display:table-cell">', "政府信息", "规章", "12", " ",
    "\n", "|", "<ucaptitle>", "<input value=5>", "<select><option>", "\u200b", "\x00", "&#0;",
    "<svg>", "<ul><li>",
]  # fmt: skip


def accepted(data: bytes, name: str) -> Document | None:
    """The document, or ``None`` for an orderly rejection; anything else fails the test."""
    try:
        document = read(data, name, Limits(max_bytes=1_000_000))
    except RejectedDocument as error:
        assert error.code != "crashed", error.__cause__
        assert error.hint
        return None
    for block in document.blocks:
        if isinstance(block, Grid):
            check_grid(block)
        else:
            block.text.encode()
    return document


def check_grid(grid: Grid) -> None:
    """Cells lie within the rectangle and cover no position twice."""
    seen: set[tuple[int, int]] = set()
    for cell in grid.cells:
        assert cell.rowspan >= 1
        assert cell.colspan >= 1
        assert cell.text == cell.text.strip()
        cell.text.encode()
        for position in [
            (r, c)
            for r in range(cell.row, cell.row + cell.rowspan)
            for c in range(cell.col, cell.col + cell.colspan)
        ]:
            assert position not in seen
            assert position[0] < grid.n_rows
            assert position[1] < grid.n_cols
            seen.add(position)


@given(st.binary(max_size=600), st.sampled_from(["a.html", "a.txt", "a.bin", "a.mht", "a"]))
@settings(max_examples=300, deadline=None)
def test_random_bytes(data: bytes, name: str) -> None:
    accepted(data, name)


@given(
    st.sampled_from([b"<html>", b"MIME-Version: 1.0\r\n", b"\xff\xfe", b"PK\x03\x04", b'{"a":"']),
    st.binary(max_size=300),
)
@settings(max_examples=200, deadline=None)
def test_random_bytes_behind_a_known_beginning(start: bytes, data: bytes) -> None:
    accepted(start + data, "a.doc")


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_random_text(content: str) -> None:
    accepted(content.encode("utf-8", "surrogatepass"), "a.txt")


@given(st.lists(st.sampled_from(MARKUP), max_size=60))
@settings(max_examples=400, deadline=None)
def test_random_markup(pieces: list[str]) -> None:
    accepted(("<html><body>" + "".join(pieces)).encode(), "a.html")


@given(
    st.lists(
        st.sampled_from(["规章", "12", "|", " ", "\n", "\t", "|---|", "\n\n", "##", "：", "来源"])
    )
)
@settings(max_examples=300, deadline=None)
def test_random_delimited_text_loses_no_word(pieces: list[str]) -> None:
    content = "".join(pieces)
    document = accepted(content.encode(), "a.txt")
    if document is not None:
        kept = "".join(
            "".join(cell.text for cell in block.cells) if isinstance(block, Grid) else block.text
            for block in document.blocks
        )
        for word in ("规章", "12", "来源"):
            assert kept.count(word) == content.count(word)


@given(st.lists(st.sampled_from(MARKUP), max_size=60))
@settings(max_examples=300, deadline=None)
def test_shortcut_for_plain_cells_changes_nothing(pieces: list[str]) -> None:
    markup = "<table><tr><td>" + "".join(pieces)
    markup = markup.replace("font-size:0", "color:red")
    assert flow(markup, shortcut=True) == flow(markup, shortcut=False)


def flow(markup: str, *, shortcut: bool) -> list[Piece]:
    """Blocks as text, walked with or without the shortcut."""
    root = LexborHTMLParser(markup).root
    walker = html_walk.Walker(Marks(), Limits())
    if not shortcut:
        walker._plainly = lambda node: False  # type: ignore[method-assign]
    walker.walk(root)
    return shown(walker.flow)


def shown(pieces: list[Piece]) -> list[Piece]:
    result: list[Piece] = []
    text = ""
    for piece in [*pieces, None]:
        if isinstance(piece, str):
            text += piece
            continue
        result += [line for part in text.split("\x00") if (line := tidy(part))]
        text = ""
        if piece is not None:
            result.append(piece)
    return result


@dataclass
class Tile:
    row: int
    col: int
    height: int
    width: int
    text: str


@st.composite
def tilings(draw: st.DrawFn) -> tuple[int, int, list[Tile]]:
    """A rectangle cut into rectangles: the table as its author saw it.

    Every row has a cell of its own, as HTML needs it to count a row.
    """
    n_rows, n_cols = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    owner: dict[tuple[int, int], Tile] = {}
    tiles = []
    for r in range(n_rows):
        for c in range(n_cols):
            if (r, c) in owner:
                continue
            width = draw(st.integers(1, 3))
            while width > 1 and any((r, c + k) in owner or c + k >= n_cols for k in range(width)):
                width -= 1
            height = draw(st.integers(1, 3)) if c + width < n_cols else 1
            height = min(height, n_rows - r)
            text = draw(
                st.sampled_from(["0", "12", "", "规章", "a<b&c", "商业\n企业", "（一）", "1.2万"])
            )
            tile = Tile(r, c, height, width, text)
            tiles.append(tile)
            for i in range(height):
                for k in range(width):
                    owner[r + i, c + k] = tile
    if len(tiles) == 1 or not any(tile.text for tile in tiles):
        tiles[0].text = "规章"
    return n_rows, n_cols, tiles


WRAPPINGS = [
    "{}",
    "<p>{}</p>",
    "<span>{}</span>",
    "\n <p><span>{}</span><o:p></o:p></p>\n",
    "<b>{}</b>",
]


@given(tilings(), st.lists(st.sampled_from(WRAPPINGS), min_size=30, max_size=30), st.booleans())
@settings(max_examples=250, deadline=None)
def test_a_tiled_table_reads_as_its_rectangle(
    model: tuple[int, int, list[Tile]], wrappings: list[str], in_body: bool
) -> None:
    n_rows, n_cols, tiles = model
    rows = [""] * n_rows
    for tile, wrapping in zip(sorted(tiles, key=lambda t: (t.row, t.col)), wrappings, strict=False):
        content = escaping.escape(tile.text).replace("\n", "<br>")
        rows[tile.row] += (
            f"<td rowspan={tile.height} colspan={tile.width}>{wrapping.format(content)}</td>"
        )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    page = f"<table>{'<tbody>' if in_body else ''}{body}</table>"
    document = read(page.encode(), "a.html")
    found = list(document.grids())
    if len(tiles) == 1:
        assert not found
        return
    (grid,) = found
    expected: list[list[str | None]] = [[None] * n_cols for _ in range(n_rows)]
    for tile in tiles:
        for i in range(tile.height):
            for k in range(tile.width):
                expected[tile.row + i][tile.col + k] = tile.text
    assert table(grid) == expected


# A tag or an entity that multiplies work: each must end, quickly, in a document or a rejection.
BOMBS = {
    "nested divisions": "<div>" * 100_000 + "终",
    "nested lists": "<ul><li>" * 50_000 + "终",
    "nested spans": "<span>" * 100_000 + "终",
    "nested tables": "<table><tr><td>" * 20_000 + "终",
    "closed nested divisions": "<div>" * 30_000 + "终" + "</div>" * 30_000,
    "many tables": "<table><tr><td>规章</td><td>5</td></tr></table>" * 30_000,
    "huge spans": "<table>" + "<tr><td colspan=1000000000 rowspan=1000000000>1<td>2" * 3_000,
    "wide spans": "<table>" + "<tr><td colspan=200 rowspan=60000>1" * 3_000,
    "attributes": "<p " + "".join(f"a{n}=1 " for n in range(150_000)) + ">终",
    "quoted attributes": "<p " + "".join(f'a{n}=">" ' for n in range(100_000)) + ">终",
    "entities": "<p>" + "&lt;" * 1_000_000,
    "less-than signs": "<p>" + "<" * 1_000_000,
    "open tags": "<p " * 300_000,
    "formatting": "<b><i><u><font color=red>" * 20_000 + "<p>终" * 2_000,
    "cells": "<table><tr>" + "<td>1" * 60_000,
    "breaks": "终<br>" * 80_000,
    "styles": "<style>" + ".a .b .c{display:none}" * 5_000 + "</style>" + "<p class=a>终" * 5_000,
    "hidden": "<i hidden>1</i>2" * 100_000,
    "pipes": "终" + "|" * 1_000_000,
    "pipe rows": "a|b|c\n" * 60_000,
    "blank text": "终" + " \n" * 100_000,
    "white space in a cell": "<table><td>政" + "\n " * 500_000 + "<td>5",
    "json": '{"a":"' + "\\u003ctd>" * 200_000,
    "quotes": '{"a":"' + '"' * 500_000 + "<td",
    "comment": "<!--" * 300_000 + "终",
    "json nesting": "[" * 300_000 + '"<td>',
    "headings": "# " * 300_000,
    "stars": "**" * 300_000 + "终",
    "labels": "来源：" * 100_000,
    "brackets": "来源" + "（" * 300_000,
    "style declarations": '<p style="' + "display:none;" * 100_000 + '">终</p><p>始',
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.timeout(20)
def test_bombs_end(name: str) -> None:
    content = BOMBS[name]
    for wrapped in (content, "<html><body>" + content):
        try:
            document = read(wrapped.encode(), "a.html")
        except RejectedDocument as error:
            assert error.code in {"too_large", "empty", "unsupported_format"}, error.__cause__
        else:
            assert document.blocks
