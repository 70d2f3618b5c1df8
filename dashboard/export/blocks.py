"""A document before it is a Word or PDF file: a list of blocks, written once for both.

A room that writes documents (briefing, dossier, letter) makes a :class:`Document`;
:mod:`dashboard.export.docx` and :mod:`dashboard.export.pdf` set it. Figures and tables are
numbered here, so that both say the same number. Pure; texts may come from strangers: nothing in
them is markup.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from dashboard import formats
from dashboard.export import fonts, picture
from dashboard.export.base import Item, described, metrics_of, passport
from dashboard.figures import Figure, Twin
from dashboard.i18n import Text as Words
from dashboard.i18n import translator
from dashboard.queries.meta import Metric
from dashboard.view import View

#: Rows of a table in a document for readers; the workbook has more, the data files all.
TABLE_ROWS: Final = 60
#: Pixels a chart is drawn wide for a page: its 12-pixel words come out at 8 points.
PAGE_WIDTH: Final = 720
#: Parts of a line a row takes beside its words.
ROW_MORE: Final = 0.35
#: Points of a cell's width left and right of its words.
CELL_SIDES: Final = 9.5
#: Words those sides are reckoned for; ems a column of words has at least, one of figures at most
#: without a break, any column at most.
_POINTS: Final = 8.0
_LEAST, _FIGURE, _WIDEST, _HEAD = 2.5, 16.0, 40.0, 6.5
#: How much wider a word or figure may come out than reckoned: heads are bold, an office program may
#: put in a wider Latin face (DejaVu for Arial: "Numerato-r", "202-1", "34.1-6" were seen).
_SPARE: Final = 1.15
#: Rows whose texts decide on the widths; parts in which a width is shared out; the power whose
#: mean stands for the highest cell of a row.
_LOOKED_AT, _STEPS, _POWER = 200, 100, 6
#: Parts of a whole that stand side by side in a table.
WIDE_PARTS: Final = 8

Style = Literal["text", "lead", "note", "quiet", "item", "detail", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3; Word and PDF readers list them as the table of contents."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. ``lead`` is larger, ``note`` the author's own words, ``quiet`` small print.

    ``item`` stands out as an entry of a list, ``detail`` is indented below it.
    """

    text: str
    style: Style = "text"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing (SVG text, see ``picture.svg``) with its caption; ``alt`` says what it shows."""

    drawing: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Table:
    """Texts in rows; ``right`` are the columns set flush right (figures).

    Without a caption it is not numbered. ``weights``: relative widths, else by the longest text.
    ``head`` False: no header row (a form to fill in).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    right: frozenset[int] = frozenset()
    weights: tuple[float, ...] = ()
    head: bool = True

    def shares(self, room: float) -> list[float]:
        """The columns' shares of a page's width, adding up to 1.

        ``room`` is that width in ems of the table's words. Where the texts are wider than it, the
        columns are as wide as keeps the rows lowest; none is narrower than what cannot be broken
        (figures, a Latin word, a few characters of Chinese).
        """
        given = list(self.weights)
        if not given:
            columns = [self._ems(n) for n in range(len(self.columns))]
            given = [wanted for _, wanted in columns]
            if sum(given) > room and self.rows:
                given = _fitted(columns, [self._sizes(n) for n in range(len(columns))], room)
        whole = sum(given) or 1.0
        return [w / whole for w in given]

    def _ems(self, column: int) -> tuple[float, float]:
        """What a column needs at least and would best have, in ems, the cell's sides included."""
        head = self.columns[column] if self.head else ""
        texts = [part for row in self.rows[:_LOOKED_AT] for part in row[column].split("\n")]
        longest = max((fonts.width(t, 1) for t in texts), default=0.0)
        words = max(map(_word, [head, *([] if column in self.right else texts)]))
        figures = _SPARE * longest if column in self.right else 0.0
        least = max(figures, min(_SPARE * words, _FIGURE), _LEAST)
        # A long header may break, best into two lines; a figure may not.
        heads = max(min(fonts.width(head, 1), _HEAD), fonts.width(head, 1) / 2)
        wanted = max(longest, heads)
        sides = CELL_SIDES / _POINTS
        return least + sides, max(least, min(wanted, _WIDEST)) + sides

    def _sizes(self, column: int) -> list[tuple[float, int]]:
        """The width of a column's texts, row by row, the header first, and their least lines."""
        texts = [self.columns[column] if self.head else ""]
        texts += [row[column] for row in self.rows[:_LOOKED_AT]]
        parts = [text.split("\n") for text in texts]
        return [(sum(fonts.width(part, 1) for part in p), len(p)) for p in parts]


def _fitted(
    columns: Sequence[tuple[float, float]],
    texts: Sequence[Sequence[tuple[float, int]]],
    room: float,
) -> list[float]:
    """Widths of columns, each at least its first and at most its second number, to fill a room.

    ``texts`` are the widths of a column's texts and their least lines, row by row. What is left
    beyond the least widths goes, a little at a time, to the column whose texts make the rows
    highest: a column of short names is not starved by one long remark beside it.
    """
    least, most = np.array(columns).T
    got, (words, fewest) = least.copy(), np.array(texts, dtype=float).T
    sides = CELL_SIDES / _POINTS
    step = max((room - got.sum()) / _STEPS, 0.05)
    while got.sum() < room - step / 2:
        lines = np.maximum(words / (got - sides), fewest)
        # The height of a row is that of its highest cell; a high power counts little else.
        high = (lines**_POWER).sum(axis=1) ** (1 / _POWER - 1)
        gain = (high[:, None] * lines**_POWER * (lines > fewest)).sum(axis=0) / (got - sides)
        gain[got >= most] = 0.0
        if not gain.any():
            gain = most - got
        got[int(gain.argmax())] += step
    return [float(v) for v in got]


def lines_of(table: Table, row: Sequence[str], wide: float, size: float) -> int:
    """How many lines a row takes in a table ``wide`` points across, words of ``size`` points.

    Widths are those of :func:`fonts.wrap`, never less than drawn.
    """
    room = [share * wide - CELL_SIDES for share in table.shares(wide / size)]
    return max(
        sum(len(fonts.wrap(part, size, at)) for part in text.split("\n"))
        for text, at in zip(row, room, strict=True)
    )


def paged(
    table: Table, wide: float, size: float, lines: float, rows: int | None = None
) -> list[Table]:
    """A table in parts for pages: each of at most ``lines`` lines, its header's among them.

    A row takes :data:`ROW_MORE` of a line more than its words: margins, and the higher lines that
    an office program gives a Chinese font it puts in for another.

    ``rows``: at most so many on a page. A row higher than a page stands alone on one.
    """
    weights = tuple(table.shares(wide / size))
    # With the shares known they are not reckoned anew for every row.
    table = replace(table, weights=weights)
    head = lines_of(table, table.columns, wide, size) + ROW_MORE
    high = [lines_of(table, row, wide, size) + ROW_MORE for row in table.rows]
    parts = _filled(high, lines - head, rows or len(high))
    if len(parts) > 1:
        # The same number of pages, filled alike: no last page with a single row.
        even = _filled(high, sum(high) / len(parts) + max(high), -(-len(high) // len(parts)))
        if len(even) == len(parts) and all(sum(high[r.start : r.stop]) <= lines - head
                                           for r in even):  # fmt: skip
            parts = even
    return [
        Table(table.columns, table.rows[part.start : part.stop], right=table.right, weights=weights)
        for part in parts
    ]


def _filled(high: Sequence[float], room: float, most: int) -> list[range]:
    """Rows of some heights in ranges of at most ``most`` that fit a room; never an empty list."""
    out, start, used = [], 0, 0.0
    for n, one in enumerate(high):
        if n > start and (used + one > room or n - start == most):
            out.append(range(start, n))
            start, used = n, 0.0
        used += one
    return [*out, range(start, len(high))]


def sized(
    table: Table, wide: float, high: float, sizes: Sequence[float], line: float, rows: int
) -> tuple[float, list[Table]]:
    """A table for slides ``high`` points high: the size of its words, and its parts.

    The largest of ``sizes`` at which it stands on one slide, else the smallest. A line of a table
    is ``line`` times as high as its words.
    """
    for size in sizes:
        parts = paged(table, wide, size, high / (size * line), rows)
        if len(parts) == 1:
            break
    return size, parts


def numbered(title: str, n: int, total: int, t: Words) -> str:
    """The title of a part of a table."""
    return t("export.part", title=title, n=n, total=total) if total > 1 else title


def _word(text: str) -> float:
    """The width of the longest part that does not break."""
    parts = re.split(r"[\s/-]", text)
    return max((fonts.width(part, 1) for part in parts if part.isascii()), default=0.0)


@dataclass(frozen=True, slots=True)
class Break:
    """What follows starts on a new page."""


Block = Heading | Text | Picture | Table | Break


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: title, lines below it, blocks.

    ``footer`` stands on every page beside the page number; ``demo`` puts 演示数据 on every page.
    ``formal``: set like an official letter (仿宋, Noto Serif) instead of like a briefing.
    """

    title: str
    blocks: tuple[Block, ...]
    lang: str = "zh"
    subtitle: tuple[str, ...] = ()
    footer: str = ""
    demo: bool = False
    formal: bool = False

    @property
    def t(self) -> Words:
        """The catalogue in the document's language."""
        return translator(self.lang)

    def leads(self) -> list[bool]:
        """For every block whether it is a text that stays on one page with what is below it.

        A text above a picture, or a ``lead`` above what it leads to.
        """
        return [
            isinstance(block, Text) and (isinstance(below, Picture) or block.style == "lead")
            for block, below in zip(self.blocks, (*self.blocks[1:], None), strict=True)
        ]

    def labels(self) -> list[str]:
        """For every block its number in words (图 1, 表 1), empty where it has none."""
        figures = tables = 0
        out = []
        for block in self.blocks:
            label = ""
            if isinstance(block, Picture):
                figures += 1
                label = self.t("export.figure_label", n=figures)
            elif isinstance(block, Table) and block.caption:
                tables += 1
                label = self.t("export.table_label", n=tables)
            out.append(label)
        return out


def footer(view: View, today: dt.date | None = None) -> str:
    """The line on every page: source, build, day."""
    day = formats.date(today or dt.date.today(), view.lang)
    return view.t("export.source_line", source=view.source, date=day)


def paragraphs(text: str, style: Style = "text") -> list[Block]:
    """A text of several lines, one paragraph a line."""
    return [Text(line.strip(), style) for line in text.splitlines() if line.strip()]


def table_of(
    frame: pd.DataFrame, caption: str, t: Words, *, right: Iterable[str] = (),
    limit: int = TABLE_ROWS,
) -> list[Block]:  # fmt: skip
    """A frame of texts as a table of at most ``limit`` rows; what is left out is said below it."""
    wanted = set(right)
    rows = tuple(
        tuple(formats.MISSING if formats.is_missing(v) else str(v) for v in row)
        for row in frame.head(limit).itertuples(index=False, name=None)
    )
    columns = tuple(map(str, frame.columns))
    out: list[Block] = [
        Table(columns, rows, caption, frozenset(n for n, c in enumerate(columns) if c in wanted))
    ]
    if len(frame) > limit:
        out.append(Text(t("export.cut_paper", n=limit, total=len(frame)), "quiet"))
    return out


def shown(found: Figure) -> Twin:
    """A figure's table as a page shows it: the parts of a whole side by side, not below each other.

    A composition's table has a row a year and part; with its parts as columns it is a sixth as
    long. Share and base stand in one cell, on two lines. A column of remarks that has none is
    left out.
    """
    twin, native = found.twin, found.native
    empty = [n for n in range(1, twin.frame.shape[1]) if not twin.frame.iloc[:, n].any()]
    if empty and len(twin.frame):
        kept = [n for n in range(twin.frame.shape[1]) if n not in empty]
        twin = Twin(twin.frame.iloc[:, kept], twin.right)
    frame = twin.frame
    if native is None or not native.kind.endswith("_stacked") or frame.shape[1] not in (3, 4):
        return twin
    row, part = (str(c) for c in frame.columns[:2])
    parts = list(dict.fromkeys(frame[part]))
    if frame.duplicated([row, part]).any() or not 1 < len(parts) <= WIDE_PARTS:
        return twin
    texts = frame.iloc[:, 2:].astype(str).agg("\n".join, axis=1)
    cells = {(r, p): text for r, p, text in zip(frame[row], frame[part], texts, strict=True)}
    wide = pd.DataFrame({row: list(dict.fromkeys(frame[row]))})
    for name in parts:
        wide[name] = [cells.get((r, name), formats.MISSING) for r in wide[row]]
    return Twin(wide, tuple(map(str, parts)))


def begun(item: Item) -> Future[picture.Drawn]:
    """The picture of :func:`figure`, being drawn while other things are made."""
    return picture.begin(item, bare=True, width=PAGE_WIDTH)


def figure(
    item: Item, *, table: bool = True, level: int = 2, today: dt.date | None = None,
    limit: int = TABLE_ROWS, drawing: Future[picture.Drawn] | None = None,
) -> list[Block]:  # fmt: skip
    """A figure as blocks: heading, note, sentence, picture with passport, its table.

    ``drawing``: its picture where it has begun (:func:`begun`).
    """
    found, t = item.figure, item.view.t
    out: list[Block] = [Heading(item.heading, level), *paragraphs(item.note, "note")]
    out.append(Text(found.sentence))
    drawing = begun(item) if drawing is None else drawing
    out.append(Picture(drawing.result().svg, found.title, found.sentence))
    out += [Text(line, "quiet") for line in passport(item, today)]
    if table and len(found.twin.frame):
        caption, twin = t("export.table_caption", title=found.title), shown(found)
        out += table_of(twin.frame, caption, t, right=twin.right, limit=limit)
    return out


def appendix(items: Sequence[Item], level: int = 1) -> list[Block]:
    """The measures that some figures show, as the dictionary defines them."""
    found = {m.key: m for item in items for m in metrics_of(item.figure, item.view)}
    return definitions(list(found.values()), items[0].view, level) if items else []


def definitions(metrics: Sequence[Metric], view: View, level: int = 1) -> list[Block]:
    """Measures in words: formula, unit, caution, rows of the form."""
    if not metrics:
        return []
    t = view.t
    keys = ("name", "formula", "unit", "note", "rows")
    known: list[dict[str, Any]] = [described(m, view) for m in metrics]
    rows = tuple(tuple(str(words[key] or "") for key in keys) for words in known)
    columns = tuple(t(f"export.definition_{key}") for key in keys)
    table = Table(columns, rows, t("export.definitions"))
    return [Heading(t("export.appendix"), level), Text(t("export.appendix_lead")), table]
