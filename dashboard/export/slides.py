"""The same slides as a PDF: for a screen without PowerPoint, or to hand out. Text stays text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from dashboard import theme
from dashboard.export import picture, typeset
from dashboard.export.base import Item, described, metrics_of, passport
from dashboard.export.blocks import Table, Text, footer, numbered, paged, shown, table_of
from dashboard.export.safe import clean
from dashboard.i18n import translator

TEMPLATE: Final = Path(__file__).parent / "slides.typ"
#: Rows of a table on a page, and in all.
ROWS, TABLE_ROWS = 15, 45
#: A page's table: points wide, points of its words, lines a page takes.
_TABLE_WIDE, _TABLE_SIZE, _TABLE_LINES = 880, 11, 24
#: Pixels a chart is drawn wide for a page: its 12-pixel words come out at about 12 points.
_WIDE, _PLOT = 900, 210
Progress = Callable[[int, int], None]


def deck(
    items: Sequence[Item], title: str, *, lines: Sequence[str] = (), tables: bool = True,
    today: dt.date | None = None, progress: Progress = lambda done, total: None,
) -> bytes:  # fmt: skip
    """The pages of some figures, 16:9; ``lines`` stand below the title on the cover."""
    pages: list[dict[str, Any]] = []
    for n, item in enumerate(items):
        progress(n, len(items))
        pages.append(_figure(item, today))
        if tables:
            pages += _tables(item, today)
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


def _figure(item: Item, today: dt.date | None) -> dict[str, Any]:
    drawing = picture.svg(item, bare=True, width=_WIDE, height=_PLOT)
    wide, high = picture.size(drawing)
    return {
        "kind": "figure", "title": clean(item.heading), "svg": drawing, "wide": wide, "high": high,
        "words": clean(item.note or item.figure.sentence), "alt": clean(item.figure.sentence),
        "notes": [clean(line) for line in passport(item, today)],
    }  # fmt: skip


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
    parts = paged(whole, _TABLE_WIDE, _TABLE_SIZE, _TABLE_LINES, ROWS)
    n = len(parts)
    return [
        _table(
            numbered(caption, page, n, t), part,
            [*(cut if page == n else []), passport(item, today)[-1]],
        )
        for page, part in enumerate(parts, start=1)
    ]  # fmt: skip


def _table(title: str, table: Table, notes: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": "table", "title": clean(title), "notes": [clean(line) for line in notes],
        "columns": list(map(clean, table.columns)), "right": sorted(table.right),
        "rows": [list(map(clean, row)) for row in table.rows], "shares": table.shares(),
    }  # fmt: skip


def _definitions(items: Sequence[Item], source: str) -> list[dict[str, Any]]:
    found = {m.key: described(m, i.view) for i in items for m in metrics_of(i.figure, i.view)}
    t = items[0].view.t
    keys = ("name", "formula", "unit", "note")
    rows = [tuple(str(words[key] or "") for key in keys) for words in found.values()]
    columns = tuple(t(f"export.definition_{key}") for key in keys)
    if not rows:
        return []
    whole = Table(columns, tuple(rows), weights=(2.4, 4.6, 1, 5))
    parts = paged(whole, _TABLE_WIDE, _TABLE_SIZE, _TABLE_LINES)
    return [_table(t("export.appendix"), part, [source]) for part in parts]
