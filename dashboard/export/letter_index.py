"""The index of a batch of letters: who is asked for what, in which file; room for the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from dashboard import formats
from dashboard.export import xlsx
from dashboard.export.letter import KINDS
from dashboard.export.safe import clean, safe
from dashboard.view import View

if TYPE_CHECKING:
    from dashboard.export.letters import Made, Order, Row, Tally

#: Findings the second sheet lists.
MAX_ROWS: Final = 20_000
FONT: Final = "Microsoft YaHei"
#: Word of the catalogue → decision on a finding that stays in a letter.
DECIDED: Final = {"confirmed": "accepted", "sent": "sent"}
#: Columns and their widths in characters: together what a landscape page still prints at a size
#: that can be read (300 came out at three points).
_INDEX: Final = (
    ("number", 6), ("office", 26), ("year", 7), ("rules", 24), ("findings", 7), ("errors", 7),
    ("confirm", 7), ("left_out", 9), ("confirmed", 9), ("sent", 9), ("file", 30),
    ("deadline", 12), ("answered", 12), ("result", 18),
)  # fmt: skip
_FINDINGS: Final = (
    ("number", 6), ("office", 18), ("year", 7), ("rule", 12), ("name", 20), ("level", 9),
    ("message", 40), ("left", 9), ("right", 9), ("place", 44), ("basis", 22), ("document", 20),
    ("state", 8),
)  # fmt: skip

#: The part of a column's width that its words may take: the rest are its sides, and a line ends
#: before a character that does not fit.
_INSIDE: Final = 0.88
_NOTES: Final = (("note", 34), ("value", 90))


def workbook(view: View, order: Order, tally: Tally, today: dt.date) -> bytes:
    """The workbook: a row an office and year, a row a finding, what was asked for and left out."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"},
    )  # fmt: skip
    book.set_properties({"title": view.t("letters.heading"), "created": dt.datetime(2020, 1, 1)})
    sheets = _Sheets(view, book)
    sheets.index(tally, order)
    sheets.findings(tally)
    sheets.notes(tally, order, today)
    book.close()
    return out.getvalue()


class _Sheets:
    """The sheets of one index."""

    def __init__(self, view: View, book: Any) -> None:
        self.view, self.t, self.book = view, view.t, book
        base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        self.plain = book.add_format({**base, "text_wrap": True})
        # A number at the right of its column stood against the text of the next.
        self.number = book.add_format({**base, "align": "center"})
        self.head = book.add_format(
            {**base, "bold": True, "bg_color": "#eef2f5", "bottom": 1, "text_wrap": True}
        )
        self.day = book.add_format({**base, "num_format": "yyyy-mm-dd"})

    def _sheet(self, key: str, columns: tuple[tuple[str, int], ...]) -> Any:
        sheet = self.book.add_worksheet(self.t(f"letters.index.sheet_{key}")[:31])
        for n, (name, width) in enumerate(columns):
            sheet.set_column(n, n, width)
            sheet.write_string(0, n, self.t(f"letters.index.{name}"), self.head)
        heads = [self.t(f"letters.index.{name}") for name, _ in columns]
        sheet.set_row_pixels(0, xlsx.row_pixels(heads, [_INSIDE * wide for _, wide in columns]))
        sheet.freeze_panes(1, 0)
        xlsx.printed(sheet, head=True)
        return sheet

    def _row(self, sheet: Any, row: int, columns: tuple[tuple[str, int], ...],
             values: Sequence[Any]) -> None:  # fmt: skip
        """A row as high as its texts are once broken."""
        for column, value in enumerate(values):
            self._put(sheet, row, column, value)
        texts = [value if isinstance(value, str) else "" for value in values]
        sheet.set_row_pixels(row, xlsx.row_pixels(texts, [_INSIDE * wide for _, wide in columns]))

    def _put(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            sheet.write_blank(row, column, None, self.plain)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day),
                                 self.day)  # fmt: skip
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.number)
        else:
            # A cell of Excel holds 32,767 characters.
            sheet.write_string(row, column, str(safe(clean(value)))[:32_000], self.plain)

    def index(self, tally: Tally, order: Order) -> None:
        """A row for every office and year of a letter."""
        sheet = self._sheet("letters", _INDEX)
        n = 0
        for made in tally.letters:
            for position, year in enumerate(sorted({r.year for r in made.rows}, reverse=True)):
                n += 1
                values = self._index_row(made, year, order, position == 0)
                self._row(sheet, n, _INDEX, (n, *values))
        if n:
            sheet.autofilter(0, 0, n, len(_INDEX) - 1)

    def _index_row(self, made: Made, year: int, order: Order, first: bool) -> tuple[Any, ...]:
        mine = [r for r in made.rows if r.year == year]
        by_kind = [sum(r.kind == kind for r in mine) for kind in KINDS[:2]]
        return (
            made.office, year, ", ".join(dict.fromkeys(r.rule for r in mine)), len(mine), *by_kind,
            # Settled findings are counted for the office as a whole, on its first line.
            made.left_out if first else None, *_decided(mine), made.file,
            order.deadline, None, None,
        )  # fmt: skip

    def findings(self, tally: Tally) -> None:
        """A row for every finding."""
        sheet = self._sheet("findings", _FINDINGS)
        for n, r in enumerate(tally.rows[:MAX_ROWS], start=1):
            values = (
                n, r.office, r.year, r.rule, r.name, self.t(f"letters.index.{_TODO[r.kind]}"),
                r.message, r.left, r.right, "\n".join(r.places), r.basis, r.document,
                self.t(f"quality.state.{r.state or 'open'}"),
            )  # fmt: skip
            self._row(sheet, n, _FINDINGS, values)
        if tally.rows:
            sheet.autofilter(0, 0, min(len(tally.rows), MAX_ROWS), len(_FINDINGS) - 1)

    def notes(self, tally: Tally, order: Order, today: dt.date) -> None:
        """What was asked for, what was left out and why, where it comes from."""
        t, view = self.t, self.view
        sheet = self.book.add_worksheet(t("letters.index.sheet_notes")[:31])
        xlsx.printed(sheet)
        for n, (_, wide) in enumerate(_NOTES):
            sheet.set_column(n, n, wide)
        only = "all" if "warning" in order.levels else "error"
        rows: list[tuple[str, Any]] = [
            ("filters", view.in_words), ("levels", t(f"letters.level_{only}")),
            *([("rule", order.rule)] if order.rule else []),
            ("letters", len(tally.letters)), ("findings", len(tally.rows)),
            ("left_out", tally.left_out),
            *zip(DECIDED, _decided(tally.rows), strict=True),
            ("without", len(tally.made) - len(tally.letters)),
        ]  # fmt: skip
        if tally.found > tally.limit:
            text = t("letters.note.cut_text", found=tally.found, limit=tally.limit)
            rows.append(("cut", text))
        if len(tally.rows) > MAX_ROWS:
            text = t("letters.note.rows_text", limit=MAX_ROWS, found=len(tally.rows))
            rows.append(("cut", text))
        rows += [("source", view.source), ("date", formats.date(today, view.lang))]
        if view.meta.is_demo:
            rows.insert(0, ("demo", t("letters.demo")))
        for n, (name, value) in enumerate(rows):
            words = t(f"letters.note.{name}")
            self._row(sheet, n, _NOTES, (words, value))
            sheet.write_string(n, 0, words, self.head)


def _decided(rows: Sequence[Row]) -> tuple[int, ...]:
    """How many findings were confirmed, how many already sent."""
    return tuple(sum(r.state == state for r in rows) for state in DECIDED.values())


_TODO: Final = {"error": "errors", "confirm": "confirm"}
