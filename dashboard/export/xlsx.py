"""An Excel workbook: a sheet a figure, with an editable chart and typed numbers.

One sheet more has the definitions, one the sources. Texts are written as texts: nothing becomes a
formula or a link.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final

import pandas as pd
import xlsxwriter

from dashboard import formats, frames, i18n, theme
from dashboard.export import fonts, picture
from dashboard.export import native as natives
from dashboard.export.base import MAX_ROWS, Item, described, metrics_of, passport
from dashboard.export.data import plain, raw
from dashboard.export.safe import clean
from dashboard.export.xlsx_chart import FONT, add_chart
from dashboard.queries import sources

_NUMBER: Final = re.compile(r"^([+\-−]?)([\d,]+)(\.\d+)?(%?)$")
#: Pixels of a row; characters of a column that a text one em wide takes; the widest column.
_ROW_PIXELS: Final = 20
#: Pixels of a chart, of a sheet that is still read when printed on a page's width, of a character.
_CHART_WIDE, _PAGE_WIDE, _CHARACTER = 720, 1150, 7
#: The part of a printed page's width that a chart may be high, below a title and a few words.
_CHART_HIGH: Final = 0.5
_EM_WIDTH: Final = 1.8
MAX_WIDTH: Final = 60.0
#: Characters a paragraph is wide at least, and a column nobody set; pixels of one of its lines.
_WORDS_WIDTH: Final = 110.0
_COLUMN_WIDTH: Final = 8.43
_LINE_PIXELS: Final = 17
#: Forbidden in a sheet's name, and what office programs read as an escaped character.
_SHEET: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]|_(?=x[0-9a-fA-F]{4}_)")
Progress = Callable[[int, int], None]


def workbook(
    items: Sequence[Item], *, title: str = "", values: bool = False, today: dt.date | None = None,
    progress: Progress = lambda done, total: None,
) -> bytes:  # fmt: skip
    """The workbook of some figures under a title; ``values`` adds the raw values of each."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False, "nan_inf_to_errors": False},
    )  # fmt: skip
    writer = _Writer(book)
    t = items[0].view.t
    book.set_properties(
        {"title": clean(title or items[0].heading)[:250], "comments": items[0].view.source}
    )
    for n, item in enumerate(items, start=1):
        progress(n - 1, len(items))
        writer.figure(item, n, today)
        if values:
            writer.values(item, t("export.part_data"))
    writer.definitions(items)
    writer.sources(items)
    book.close()
    progress(len(items), len(items))
    return out.getvalue()


def typed(text: object) -> tuple[float | None, str]:
    """A shown figure as number and number format; ``(None, "")`` where it is no single number."""
    if isinstance(text, bool) or text is None:
        return None, ""
    if isinstance(text, int | float) and not formats.is_missing(text):
        return float(text), "0" if float(text).is_integer() else "General"
    match = _NUMBER.match(str(text))
    if not match:
        return None, ""
    sign, whole, part, percent = match.groups()
    value = float(f"{'-' if sign in '-−' and sign else ''}{whole.replace(',', '')}{part or ''}")
    decimals = "." + "0" * (len(part) - 1) if part else ""
    number = f"0{decimals}%" if percent else f"#,##0{decimals}"
    if sign == "+":
        number = f"+{number};-{number};{number}"
    return (value / 100 if percent else value), number


class _Writer:
    """The sheets of one workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._names: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self._book.add_format({**base, **properties})
        return self._formats[key]

    def _sheet(self, title: str) -> Any:
        name = _SHEET.sub(" ", clean(title)).strip(" '")[:31].strip(" '") or "_"
        n = 2
        while name.casefold() in self._names:
            tail = f" {n}"
            name, n = name[: 31 - len(tail)].rstrip() + tail, n + 1
        self._names.add(name.casefold())
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        return sheet

    def figure(self, item: Item, number: int, today: dt.date | None) -> None:
        """Title, sentence, chart with its numbers, the table as shown, the passport."""
        figure, t = item.figure, item.view.t
        sheet = self._sheet(f"{number} {item.heading}")
        wide = self._format(font_size=14, bold=True)
        sheet.write_string(0, 0, clean(item.heading), wide)
        columns = self._widths(sheet, item)
        row = self._words(sheet, 1, figure.sentence, columns, font_color="#5a6673")
        row = self._words(sheet, row, item.note, columns, italic=True)
        row += 1
        if natives.fits(figure.native):
            row = self._native(sheet, item, row, columns)
            # On screen these are lines in the chart, which no chart of Excel has.
            for line in natives.changes_in_words(figure):
                row = self._words(sheet, row, line, columns, font_color=theme.LIGHT.mark)
        else:
            drawing = picture.svg(item, bare=True)
            image = BytesIO(picture.from_svg(drawing, 2))
            scale = 0.4
            sheet.insert_image(row, 0, f"{figure.key}.png", {
                "image_data": image, "x_scale": scale, "y_scale": scale,
                "description": clean(figure.sentence),
            })  # fmt: skip
            # The drawing has two pixels a unit: below it, however high it is, begins the table.
            row += math.ceil(picture.size(drawing)[1] * 2 * scale / _ROW_PIXELS) + 1
        row = self._table(sheet, figure.twin.frame, row, frozenset(figure.twin.right), t, columns)
        row += 1
        for line in passport(item, today, drawn=not natives.fits(figure.native)):
            row = self._words(sheet, row, line, columns, font_color="#5a6673", font_size=9)
        printed(sheet)

    def _words(self, sheet: Any, row: int, text: str, columns: Sequence[float], **look: Any) -> int:
        """A paragraph over the sheet's columns, broken and as high as it needs; the row after it.

        A long line left as it is would make the printed page as wide as itself and so unreadable.
        """
        if not text:
            return row
        wide = sum(columns)
        lines = len(fonts.wrap(clean(text), _EM_WIDTH, wide))
        form = self._format(text_wrap=True, valign="top", **look)
        sheet.merge_range(row, 0, row, len(columns) - 1, "", form)
        sheet.write_string(row, 0, clean(text)[:32000], form)
        sheet.set_row_pixels(row, min(max(lines, 1) * _LINE_PIXELS + 3, 540))
        return row + 1

    @staticmethod
    def _widths(sheet: Any, item: Item) -> list[float]:
        """Columns as wide as their texts, within bounds; both tables of a sheet share them.

        Returns the widths of the columns that paragraphs stand over, in characters.
        """
        native, frame = item.figure.native, item.figure.twin.frame.head(MAX_ROWS)
        texts = [[str(name), *map(str, frame[name])] for name in frame.columns]
        least = [10.0] * len(texts)
        if natives.fits(native):
            assert native is not None
            least += [0.0] * (len(native.series) + 1 - len(least))
            least[0] = 26.0
            least[1 : len(native.series) + 1] = [13.0] * len(native.series)
        for column, wide in enumerate(least):
            words = texts[column][1:] if column < len(texts) else []
            longest = max((fonts.width(word, _EM_WIDTH) for word in words), default=0.0)
            least[column] = min(max(wide, longest + 1), MAX_WIDTH)
            sheet.set_column(column, column, least[column])
        while len(least) < 2 or sum(least) < _WORDS_WIDTH:
            least.append(_COLUMN_WIDTH)
        return least

    def _native(self, sheet: Any, item: Item, row: int, columns: Sequence[float]) -> int:
        """The chart, and its own numbers beside or below it; returns the next free row.

        Below, where they would make the printed page so wide that nobody reads it: a reader sees
        the chart first, and no page breaks it.
        """
        native = item.figure.native
        assert native is not None
        flat, bars = native.kind.startswith("bar"), len(native.categories)
        high = max(260, min(700, 90 + 30 * bars)) if flat else 420
        numbers = columns[: len(native.series) + 2]
        below = sum(numbers) * _CHARACTER + _CHART_WIDE > _PAGE_WIDE
        wide = min(round(sum(columns) * _CHARACTER), _PAGE_WIDE) if below else _CHART_WIDE
        if below:  # title, words and chart on the first printed page, which is that wide
            high = min(high, max(260, round(_CHART_HIGH * sum(columns) * _CHARACTER)))
        rows = math.ceil(high / _ROW_PIXELS) + 1
        at = (row, 0) if below else (row, len(native.series) + 2)
        row += rows if below else 0
        chart = self._chart(sheet, item, row, columns, high)
        chart.set_size({"width": wide, "height": high})
        sheet.insert_chart(*at, chart, {"object_position": 2})
        last = row + bars
        return last + 2 if below else max(last + 1, row + rows) + 1

    def _chart(
        self, sheet: Any, item: Item, row: int, columns: Sequence[float], high: int
    ) -> Any:  # fmt: skip
        """The numbers from a row on, and a chart of them, ``high`` pixels high."""
        native = item.figure.native
        assert native is not None
        name = sheet.get_name()
        number = self._format(num_format=natives.number_format(native))
        first = native.y_title if native.kind.startswith("bar") else native.x_title
        names = [first or item.view.t("export.category"), *(s.name for s in native.series)]
        for c, text in enumerate(names):
            sheet.write_string(row, c, clean(text), self._head(right=c > 0))
        sheet.set_row_pixels(row, self._head_pixels(names, columns))
        for r, category in enumerate(native.categories, start=row + 1):
            value = plain(category)
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(r, 0, value, self._format(num_format="General", align="left"))
            elif value is not None:
                sheet.write_string(r, 0, clean(value), self._format())
            for c, series in enumerate(native.series, start=1):
                found = series.values[r - row - 1]
                if not formats.is_missing(found):
                    sheet.write_number(r, c, found, number)
        return add_chart(self._book, native, name, row, high)

    def _head(self, *, right: bool, indent: int = 0) -> Any:
        """How the head of a column looks: over figures on their side."""
        return self._format(
            bold=True, bottom=1, text_wrap=True, bg_color="#eef2f5",
            align="right" if right else "left", indent=indent,
        )  # fmt: skip

    @staticmethod
    def _head_pixels(names: Sequence[str], widths: Sequence[float]) -> int:
        """How high a row of heads is: no program makes it higher by itself once it is written."""
        lines = max(
            (len(fonts.wrap(clean(name), _EM_WIDTH * 1.06, wide))
             for name, wide in zip(names, widths, strict=False)), default=1,
        )  # fmt: skip
        return max(_ROW_PIXELS, lines * _LINE_PIXELS + 3)

    def _table(
        self, sheet: Any, frame: pd.DataFrame, row: int, right: frozenset[str], t: Any,
        widths: Sequence[float],
    ) -> int:  # fmt: skip
        names = list(map(str, frame.columns))
        for c, name in enumerate(names):
            head = self._head(right=name in right, indent=0 if name in right else min(c, 1))
            sheet.write_string(row, c, clean(name), head)
        sheet.set_row_pixels(row, self._head_pixels(names, widths))
        shown = frame.head(MAX_ROWS)
        for r, values in enumerate(shown.itertuples(index=False, name=None), start=row + 1):
            for c, value in enumerate(values):
                self._cell(sheet, r, c, value, str(frame.columns[c]) in right)
        sheet.repeat_rows(row)  # on the printed pages after it
        row += len(shown) + 1
        if len(frame) > MAX_ROWS:
            sheet.write_string(row, 0, t("export.cut", n=MAX_ROWS, total=len(frame)))
            row += 1
        return row

    def _cell(self, sheet: Any, row: int, column: int, value: object, right: bool) -> None:
        number, shape = typed(value) if right or not isinstance(value, str) else (None, "")
        if number is not None:
            # A year or a number that begins a row is its name.
            side = "right" if right or column else "left"
            sheet.write_number(row, column, number, self._format(num_format=shape, align=side))
        elif formats.is_missing(value):
            sheet.write_blank(row, column, None, self._format())
        else:
            # Figures of the column before end where this one begins.
            align: dict[str, Any] = {"align": "right"} if right else {"indent": min(column, 1)}
            sheet.write_string(row, column, clean(value)[:32000], self._format(**align))

    def values(self, item: Item, title: str) -> None:
        """The raw values under their machine names."""
        sheet = self._sheet(title)
        frame = raw(item)
        head = self._format(bold=True, bottom=1)
        for c, name in enumerate(frame.columns):
            sheet.write_string(0, c, clean(name), head)
        for r, row in enumerate(frame.head(MAX_ROWS).itertuples(index=False, name=None), start=1):
            for c, value in enumerate(map(plain, row)):
                if isinstance(value, bool):
                    sheet.write_boolean(r, c, value, self._format())
                elif isinstance(value, int | float):
                    sheet.write_number(r, c, value, self._format())
                elif value is not None:
                    sheet.write_string(r, c, clean(value)[:32000], self._format())
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(0, len(frame.columns) - 1), 16)

    def definitions(self, items: Sequence[Item]) -> None:
        """The measures used, as the dictionary defines them; the figures and their filters."""
        view = items[0].view
        t = view.t
        sheet = self._sheet(t("export.definitions"))
        keys = ("name", "formula", "unit", "note", "rows", "key")
        head = self._format(bold=True, bottom=1, bg_color="#eef2f5")
        body = self._format(text_wrap=True, valign="top")
        for c, key in enumerate(keys):
            sheet.write_string(0, c, t(f"export.definition_{key}"), head)
        found = {m.key: described(m, i.view) for i in items for m in metrics_of(i.figure, i.view)}
        widths = (24, 48, 10, 60, 40, 26)
        for r, words in enumerate(found.values(), start=1):
            texts = [clean(words[key]) for key in keys]
            for c, text in enumerate(texts):
                sheet.write_string(r, c, text, body)
            sheet.set_row_pixels(r, row_pixels(texts, widths))
        for c, wide in enumerate(widths):
            sheet.set_column(c, c, wide)
        sheet.freeze_panes(1, 0)
        printed(sheet, head=True)

    def sources(self, items: Sequence[Item]) -> None:
        """Where the figures stand: office, year, document, cell, place in the document."""
        t = items[0].view.t
        sheet = self._sheet(t("export.sources"))
        keys = ("figure", "office", "year", "document", "url", "cell", "printed", "state", "place",
                "report")  # fmt: skip
        head = self._format(bold=True, bottom=1, bg_color="#eef2f5")
        for c, key in enumerate(keys):
            sheet.write_string(0, c, t(f"export.source_{key}"), head)
        row = 1
        for number, item in enumerate(items, start=1):
            found = sources_of(item)
            for record in frames.records(found):
                for c, value in enumerate(_source(item, number, record)):
                    self._cell(sheet, row, c, value, False)
                row += 1
            total = int(found["found"].iloc[0]) if len(found) else 0
            if total > len(found):
                words = t("export.sources_cut", number=number, n=len(found), total=total)
                sheet.write_string(row, 0, words, self._format(italic=True))
                row += 1
        for c, wide in enumerate((6, 30, 8, 46, 30, 40, 14, 12, 34, 22)):
            sheet.set_column(c, c, wide)
        sheet.freeze_panes(1, 0)
        printed(sheet, head=True)


def row_pixels(texts: Sequence[str], widths: Sequence[float]) -> int:
    """How high a row of broken texts is; left to itself LibreOffice writes one over the next.

    ``widths`` are those of the columns, in characters. At most what Excel allows.
    """
    lines = max(
        (sum(len(fonts.wrap(part, _EM_WIDTH, wide)) or 1 for part in text.split("\n"))
         for text, wide in zip(texts, widths, strict=False)), default=1,
    )  # fmt: skip
    return min(max(lines * _LINE_PIXELS + 3, _ROW_PIXELS), 540)


def printed(sheet: Any, *, head: bool = False) -> None:
    """On paper one page wide; ``head``: the first row on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    if head:
        sheet.repeat_rows(0)


def sources_of(item: Item) -> pd.DataFrame:
    """The reports behind a figure (see ``queries.sources.behind``), bounded.

    A figure on named offices lists the cells as well; a pooled one lists reports only: its cells
    would be thousands.
    """
    view, data = item.view, item.figure.data
    offices: tuple[str, ...] = (view.filters.office,) if view.filters.office else ()
    if data is not None and "office_id" in data:
        offices = tuple(dict.fromkeys(str(v) for v in data["office_id"].dropna()))[:100]
    cells: tuple[str, ...] = ()
    if offices:
        found = metrics_of(item.figure, view)
        cells = tuple(dict.fromkeys(c for m in found for c in view.meta.metric_cells(m)))
    return view.query(sources.behind, view.selection, offices, cells)


def _source(item: Item, number: int, record: dict[str, Any]) -> tuple[Any, ...]:
    view = item.view
    cell = view.meta.cells.get(str(record["cell"])) if record["cell"] else None
    label = i18n.of(cell, "label", view.lang) if cell else record["cell"]
    state = view.meta.states.get(str(record["state"])) if record["state"] else None
    return (
        number, record["name"] or record["office_id"], int(record["year"]), record["filename"],
        record["url"], label, record["raw"],
        i18n.of(state, "", view.lang) if state else record["state"], record["at"],
        record["report_id"],
    )  # fmt: skip
