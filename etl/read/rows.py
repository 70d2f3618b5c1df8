"""Lines of text → lines and delimited grids: which runs of lines are table rows.

Crawlers, converters and Markdown leave tables in many renderings (``domain/variety.md``). Only one
is a grid without guessing: a row per line, cells split by pipes or tabs. Where pipes merely end a
cell (one cell per line) or stand alone, the lines stay lines and carry their ``pieces``; so do
rows aligned by white space. What they mean is for recognition to decide, not for a reader.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from etl.document import Block, Fidelity, Grid, GridCell, Line
from etl.errors import RejectedDocument
from etl.read.limits import Limits


class SourceLine(NamedTuple):
    """A line as a reader found it: text, the place to show, the heading level it declares."""

    text: str
    place: str
    heading: int = 0


#: Pipes as printed: ASCII, full-width, half-width forms, and box drawing verticals.
_PIPE: Final = re.compile("[|｜￨│┃║∣]")
_RULE_LINE: Final = re.compile(r"[\s|｜│┃║:+\-=—─━═┄┅┈┉┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋]+")
_RULE_STROKE: Final = re.compile(r"[-=─━═┄┅┈┉]{2,}|:-|-:")
_MARKDOWN_HEADING: Final = re.compile(r"(#{1,6})(?:\s+|(?=[^\s#!0-9A-Za-z]))(.*?)(?:\s+#+)?\s*$")
_BOLD: Final = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_BR: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_BLANKS: Final = " \t\r\n\f\v\u00a0\u3000\ufeff\u200b"
_MAX_PIECES: Final = 5_000
#: Lines in a row, each one cell and its closing pipe, that show a cell-per-line stretch.
_CELL_PER_LINE: Final = 3


@dataclass(slots=True)
class _Row:
    """A line that may be a row: its pieces, and how it is delimited (``|``, tab or not at all)."""

    line: SourceLine
    delimiter: str
    pieces: tuple[str, ...]
    is_rule: bool = False
    blank_before: SourceLine | None = None

    @property
    def filled(self) -> int:
        return sum(1 for piece in self.pieces if piece)

    @property
    def is_single(self) -> bool:
        """One cell and the pipe that closes it: ``6 |``."""
        return len(self.pieces) == 2 and bool(self.pieces[0]) and not self.pieces[1]


def check_blocks(count: int, limits: Limits) -> None:
    """Raise ``too_large`` when a document has more blocks than ``limits.max_blocks``."""
    if count > limits.max_blocks:
        raise RejectedDocument(
            "too_large",
            f"文本超过 {limits.max_blocks} 行",
            hint="年度报告通常不到 2000 行，请检查文件是否正确",
        )


def blocks_of(lines: Sequence[SourceLine], limits: Limits, first_grid: int = 1) -> list[Block]:
    """Lines in order → blocks: a grid for each run of row lines, a ``Line`` for every other.

    Args:
        lines: physical lines; empty ones are kept, since between cells they may be empty cells.
        limits: bounds of the document.
        first_grid: number of the first grid found.
    """
    check_blocks(len(lines), limits)
    blocks: list[Block] = []
    number = first_grid
    for run in _runs([_row(line) for line in lines]):
        for rows, is_grid in _stretches(run):
            if is_grid:
                blocks.append(_grid(rows, number, limits))
                number += 1
            else:
                blocks.extend(line for row in rows for line in _line(row))
    return blocks


def split_pipes(text: str) -> tuple[str, ...]:
    """The pieces of a line between its pipes, stripped; ``()`` without pipes or with thousands."""
    pieces = _PIPE.split(text, maxsplit=_MAX_PIECES)
    if not 1 < len(pieces) <= _MAX_PIECES:
        return ()
    return tuple(piece.strip(_BLANKS) for piece in pieces)


def plain(text: str) -> str:
    """Text without leftovers of markup: entities decoded, bold marks removed."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if "**" in text:
        text = _BOLD.sub(r"\1", text)
    return text


def _row(line: SourceLine) -> _Row:
    text = plain(line.text)
    line = line._replace(text=text)
    pieces = split_pipes(text)
    if pieces or _RULE_LINE.fullmatch(text):
        is_rule = bool(_RULE_LINE.fullmatch(text) and _RULE_STROKE.search(text))
        return _Row(line, "|" if pieces or is_rule else "", pieces, is_rule)
    if "\t" in text:
        cells = tuple(piece.strip(_BLANKS) for piece in text.rstrip(" \r\n").split("\t"))
        if sum(1 for cell in cells if cell) > 1:
            return _Row(line, "\t", cells)
    return _Row(line, "", ())


def _runs(rows: list[_Row]) -> list[list[_Row]]:
    """Consecutive rows with one delimiter; rows set apart by single blank lines are one run.

    A rule (``|---|``) outside a table is an ordinary line; a table of one row and a rule, as
    Markdown headers are, stays together with what follows.
    """
    runs: list[list[_Row]] = []
    for row in rows:
        if runs and runs[-1][-1].delimiter == row.delimiter:
            runs[-1].append(row)
        else:
            runs.append([row])
    return _joined(runs)


def _joined(runs: list[list[_Row]]) -> list[list[_Row]]:
    """Join single rows separated by exactly one blank line each (double-spaced tables)."""
    result: list[list[_Row]] = []
    i = 0
    while i < len(runs):
        run = runs[i]
        if len(run) == 1 and run[0].delimiter:
            while i + 2 < len(runs) and _continues(runs[i + 1], runs[i + 2], run[0].delimiter):
                following = runs[i + 2][0]
                following.blank_before = runs[i + 1][0].line
                run.append(following)
                i += 2
        result.append(run)
        i += 1
    return result


def _continues(gap: list[_Row], following: list[_Row], delimiter: str) -> bool:
    return (
        len(gap) == 1
        and not gap[0].line.text.strip(_BLANKS)
        and len(following) == 1
        and following[0].delimiter == delimiter
    )


def _stretches(run: list[_Row]) -> list[tuple[list[_Row], bool]]:
    """Cut a run into grids and lines: ``(rows, is a grid)``."""
    delimiter = run[0].delimiter
    if not delimiter:
        return [(run, False)]
    if delimiter == "\t":
        return [(run, len(run) > 1)]
    result: list[tuple[list[_Row], bool]] = []
    for part in _cut_cell_per_line(run):
        for table in _cut_at_headers(part):
            result.append((table, _is_grid(table)))
    return result


def _cut_cell_per_line(run: list[_Row]) -> list[list[_Row]]:
    """Set apart stretches without a full row that hold several ``cell |`` lines.

    One page may print one section a cell per line and the next a row per line.
    """
    parts: list[list[_Row]] = []
    thin: list[_Row] = []
    rows: list[_Row] = []

    def close_thin() -> None:
        nonlocal rows, thin
        if sum(row.is_single for row in thin) >= _CELL_PER_LINE:
            parts.extend(part for part in (rows, thin) if part)
            rows = []
        else:
            rows = rows + thin if thin else rows
        thin = []

    for row in run:
        if row.filled > 1 or row.is_rule:
            close_thin()
            rows.append(row)
        else:
            thin.append(row)
    close_thin()
    if rows:
        parts.append(rows)
    return parts


def _cut_at_headers(rows: list[_Row]) -> list[list[_Row]]:
    """Markdown tables set without a blank line: a second ``|---|`` makes the row above a header."""
    rules = [i for i, row in enumerate(rows) if row.is_rule]
    if len(rules) < 2 or 2 * len(rules) >= len(rows) - len(rules):
        return [rows]  # one table, or one drawn with a rule under every row
    cuts = [0, *(max(i - 1, 1) for i in rules[1:]), len(rows)]
    return [rows[a:b] for a, b in pairwise(cuts) if a < b]


def _is_grid(rows: list[_Row]) -> bool:
    cells = [row for row in rows if not row.is_rule]
    full = [row for row in cells if row.filled > 1]
    if not full or 2 * sum(row.is_single for row in cells) > len(cells):
        return False
    return len(cells) > 1 or len(cells) < len(rows) or full[0].filled > 2


def _grid(rows: list[_Row], number: int, limits: Limits) -> Grid:
    """Rows → grid: a cell per piece; ragged rows end where their line ends."""
    cells_of = [row for row in rows if not row.is_rule]
    pieces = _without_frame(cells_of, any(row.is_rule for row in rows))
    pieces = [_cut_padding(row, limits.max_grid_cols) for row in pieces]
    if sum(map(len, pieces)) > limits.max_grid_cells:
        raise RejectedDocument(
            "too_large",
            f"表格超过 {limits.max_grid_cells} 个单元格（{cells_of[0].line.place} 起）",
            hint="年度报告的法定表格不超过 40 行 20 列，请检查文件是否正确",
        )
    return Grid(
        number,
        n_rows=len(pieces),
        n_cols=max(map(len, pieces), default=0),
        cells=[
            GridCell(r, c, 1, 1, _BR.sub("\n", piece) if "<" in piece else piece)
            for r, row in enumerate(pieces)
            for c, piece in enumerate(row)
        ],
        fidelity=Fidelity.DELIMITED,
        row_places=[row.line.place for row in cells_of],
    )


def _without_frame(rows: list[_Row], has_rule: bool) -> list[tuple[str, ...]]:
    """Drop the pipes that open and close rows, where (nearly) every row has them.

    A single row that begins with a pipe begins with an empty cell; nine rows in ten that do are
    Markdown. Likewise a pipe that ends every row ends its last cell and opens no further one.
    """
    if rows[0].delimiter == "\t":
        return [row.pieces for row in rows]
    most = 0.9 * len(rows)
    opened = sum(not row.pieces[0] for row in rows)
    closed = sum(not row.pieces[-1] for row in rows)
    drop_first = opened >= (len(rows) / 2 if has_rule else most)
    drop_last = closed >= (len(rows) / 2 if has_rule and drop_first else most)
    return [
        row.pieces[
            drop_first and not row.pieces[0] : len(row.pieces) - (drop_last and not row.pieces[-1])
        ]
        for row in rows
    ]


def _cut_padding(pieces: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Cut runs of empty padding beyond ``width`` (title rows trailed by hundreds of pipes)."""
    end = len(pieces)
    while end > width and not pieces[end - 1]:
        end -= 1
    return pieces[:end]


def _line(row: _Row) -> list[Line]:
    """A row that is no part of a grid, as the line it was (after the blank line before it)."""
    lines = [Line("", row.blank_before.place)] if row.blank_before else []
    text, place, level = row.line
    text = text.strip(_BLANKS)
    heading = _MARKDOWN_HEADING.match(text) if text.startswith("#") else None
    if heading:
        level, text = len(heading.group(1)), heading.group(2).strip(_BLANKS)
    lines.append(Line(text, place, level, row.pieces if row.delimiter == "|" else ()))
    return lines
