"""Short ways to say what a document reads as."""

from __future__ import annotations

from etl.document import Document, Grid
from etl.read import read


def html(markup: str, name: str = "a.html") -> Document:
    return read(markup.encode(), name)


def text(content: str, name: str = "a.txt") -> Document:
    """A text file; its last line is ended, as a figure the file ends in may be cut off."""
    ended = content if content.endswith("\n") else f"{content}\n"
    return read(ended.encode(), name)


def table(grid: Grid) -> list[list[str | None]]:
    """Texts by position; a spanned position repeats its cell, an unprinted one is ``None``."""
    return [
        [cell.text if (cell := grid.at(r, c)) else None for c in range(grid.n_cols)]
        for r in range(grid.n_rows)
    ]


def grids(document: Document) -> list[list[list[str | None]]]:
    return [table(grid) for grid in document.grids()]


def lines(document: Document) -> list[str]:
    return [line.text for line in document.lines()]
