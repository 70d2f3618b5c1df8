"""The same slides as a PDF: for a screen without PowerPoint, or to hand out. Text stays text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from dashboard import theme
from dashboard.charts.base import to_spec
from dashboard.export import fonts, picture, typeset
from dashboard.export.base import Item, described, metrics_of, passport
from dashboard.export.blocks import Table, Text, footer, numbered, shown, sized, table_of
from dashboard.export.room import place as room_for
from dashboard.export.safe import clean
from dashboard.i18n import translator

TEMPLATE: Final = Path(__file__).parent / "slides.typ"
#: Rows of a table on a page, and in all.
ROWS, TABLE_ROWS = 15, 45
#: A page's table: points wide and high, its words' points (best first), a line in their heights.
_TABLE_WIDE, _TABLE_HIGH, _LINE = 880, 405, 1.55
_SIZES: Final = (14.0, 12.0, 10.5)
#: A page's room for words, chart and passport, and for a chart beside its words, in inches.
_WIDE, _HIGH, _BESIDE = 12.33, 5.85, 8.3
#: Points of words and passport, with the height of a line of each (see slides.typ).
_WORDS, _NOTES = (13.0, 17.5), (8.5, 10.5)
Progress = Callable[[int, int], None]


def deck(
    items: Sequence[Item], title: str, *, lines: Sequence[str] = (), tables: bool = True,
    today: dt.date | None = None, progress: Progress = lambda done, total: None,
) -> bytes:  # fmt: skip
    """The pages of some figures, 16:9; ``lines`` stand below the title on the cover."""
    pages: list[dict[str, Any]] = []
    begun: list[tuple[dict[str, Any], Future[picture.Drawn]]] = []
    for n, item in enumerate(items):
        progress(n, len(items))
        page, drawing = _figure(item, today)
        pages.append(page)
        begun.append((page, drawing))
        if tables:
            pages += _tables(item, today)
    for page, drawing in begun:
        drawn = drawing.result().svg
        wide, high = picture.size(drawn)
        page |= {"svg": drawn, "wide": wide, "high": high}
    view = items[0].view
    pages += _definitions(items, footer(view, today))
    t = translator(view.lang)
    demo = any(item.view.meta.is_demo for item in items)
    data = {
        "title": clean(title),
        "lines": [clean(line) for line in lines if line],
        "demo": t("export.demo_tag") if demo else "",
        "lang": view.lang,
        "author": t("app.title"),
        "ink": {k: getattr(theme.LIGHT, k) for k in ("ink", "quiet", "line", "main", "warn")},
        "pages": pages,
    }
    progress(len(items), len(items))
    return typeset.pdf(TEMPLATE.read_bytes(), data)


def _figure(item: Item, today: dt.date | None) -> tuple[dict[str, Any], Future[picture.Drawn]]:
    """A figure's page, and its drawing that has begun."""
    notes, spec = passport(item, today), to_spec(item.figure.draw)
    words = clean(item.note or item.figure.sentence)
    used = _high([words], *_WORDS) + _high(notes, *_NOTES)
    at = room_for(spec, (_WIDE, _HIGH - used - 0.35), (_BESIDE, _HIGH - 0.1))
    drawing = picture.begin(item, bare=True, width=at.width, height=at.height, spec=spec)
    page = {
        "kind": "figure", "title": clean(item.heading),
        "words": words, "alt": clean(item.figure.sentence), "beside": at.beside,
        "notes": [clean(line) for line in notes],
    }  # fmt: skip
    return page, drawing


def _high(texts: Sequence[str], size: float, line: float) -> float:
    """How high texts over the page's width are, in inches."""
    return sum(len(fonts.wrap(text, size, _WIDE * 72)) for text in texts) * line / 72


def _tables(item: Item, today: dt.date | None) -> list[dict[str, Any]]:
    twin = shown(item.figure)
    if twin.frame.empty:
        return []
    t = item.view.t
    caption = t("export.table_caption", title=item.heading)
    found = table_of(twin.frame, caption, t, right=twin.right, limit=TABLE_ROWS)
    whole = found[0]
    assert isinstance(whole, Table)
    cut = [block.text for block in found[1:] if isinstance(block, Text)]
    size, parts = sized(whole, _TABLE_WIDE, _TABLE_HIGH, _SIZES, _LINE, ROWS)
    n = len(parts)
    return [
        _table(
            numbered(caption, page, n, t), part,
            [*(cut if page == n else []), passport(item, today)[-1]], size,
        )
        for page, part in enumerate(parts, start=1)
    ]  # fmt: skip


def _table(title: str, table: Table, notes: Sequence[str], size: float) -> dict[str, Any]:
    return {
        "kind": "table", "title": clean(title), "notes": [clean(line) for line in notes],
        "columns": list(map(clean, table.columns)), "right": sorted(table.right),
        "rows": [list(map(clean, row)) for row in table.rows], "size": size,
        "shares": table.shares(_TABLE_WIDE / size),
    }  # fmt: skip


def _definitions(items: Sequence[Item], source: str) -> list[dict[str, Any]]:
    found = {m.key: described(m, i.view) for i in items for m in metrics_of(i.figure, i.view)}
    t = items[0].view.t
    keys = ("name", "formula", "unit", "note")
    rows = [tuple(str(words[key] or "") for key in keys) for words in found.values()]
    columns = tuple(t(f"export.definition_{key}") for key in keys)
    if not rows:
        return []
    whole = Table(columns, tuple(rows))
    size, parts = sized(whole, _TABLE_WIDE, _TABLE_HIGH, _SIZES, _LINE, len(rows))
    return [_table(t("export.appendix"), part, [source], size) for part in parts]
