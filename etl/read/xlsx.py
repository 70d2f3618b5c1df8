"""Workbooks (.xlsx, .xlsm, .xls, .et) to a document, through calamine.

A worksheet has no paragraphs: rows with one filled cell above, between or below tables are titles
and text, and become lines; everything else is a grid.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import olefile
import python_calamine

from etl.document import Block, Document, Fidelity, Grid, GridCell, Line
from etl.errors import RejectedDocument
from etl.read.limits import Limits
from etl.read.office_package import OLE_MAGIC, Package, core_title, refuse_ole
from etl.read.styled import raised, struck
from etl.read.titles import plausible_title
from etl.read.xls_shape import xls_shapes
from etl.read.xlsx_formats import formatted
from etl.read.xlsx_shape import SheetShape, workbook_shapes

#: A line of text, not a table's caption, is longer than this many characters …
_LONG_TEXT: Final = 40
#: … or numbered as a section of a document.
_SECTION: Final = re.compile(r"[一二三四五六七八九十]{1,3}、")

_HINT: Final = "请用 Excel 或 WPS 打开后另存为 XLSX"


def read_xlsx(data: bytes, limits: Limits) -> Document:
    """Read a workbook; hidden sheets, rows and columns are left out.

    Args:
        data: the file, OOXML or BIFF.
        limits: bounds on unpacked size, cells and blocks.

    Raises:
        RejectedDocument: ``encrypted``, ``corrupt``, ``archive_unsafe`` or ``too_large``.
    """
    shapes: dict[str, SheetShape] = {}
    metadata: dict[str, str] = {}
    if data.startswith(OLE_MAGIC):
        _require_sound_ole(data)
        shapes = xls_shapes(data)
    if not data.startswith(OLE_MAGIC):
        package = Package(data, "Excel 文件", limits)
        shapes = workbook_shapes(package)
        # calamine lays a sheet out in full, so a cell at XFD1048576 would cost gigabytes.
        for shape in shapes.values():
            _require_size((shape.last_row + 1) * (shape.last_col + 1), limits.max_grid_cells)
        title = core_title(package)
        metadata = {"title": title} if plausible_title(title) else {}
    builder = _Builder(limits)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for index, sheet in enumerate(workbook.sheets_metadata):
            if _is_visible(sheet):
                _read_sheet(workbook.get_sheet_by_index(index), shapes.get(sheet.name), builder)
    except python_calamine.PasswordError as error:
        raise RejectedDocument(
            "encrypted", "Excel 文件已加密，无法读取", hint="请去掉打开密码后另存"
        ) from error
    except (python_calamine.CalamineError, OSError, ValueError, KeyError, IndexError) as error:
        raise _corrupt() from error
    except BaseException as error:
        # A panic in calamine (Rust) is no Exception; everything else goes on its way.
        if type(error).__name__ != "PanicException":
            raise
        raise _corrupt() from error
    return Document("xlsx", builder.blocks, metadata)


def _corrupt() -> RejectedDocument:
    return RejectedDocument("corrupt", "Excel 文件损坏，无法打开", hint=_HINT)


def _require_sound_ole(data: bytes) -> None:
    """Refuse a BIFF file with a damaged container: calamine panics on some of them."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            name = next((n for n in ("Workbook", "Book") if ole.exists(n)), None)
            if name is not None and len(ole.openstream(name).read()) == ole.get_size(name):
                return
    except Exception as error:  # olefile raises whatever damage leads to
        raise _corrupt() from error
    raise _corrupt() if name else refuse_ole(data, "Excel 文件")


def _is_visible(sheet: Any) -> bool:
    return bool(
        sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    )


def _require_size(cells: int, most: int) -> None:
    if cells > most:
        raise RejectedDocument(
            "too_large",
            f"Excel 工作表共 {cells} 个单元格，超过上限 {most}",
            hint="请删去报告以外的内容后重新提交",
        )


@dataclass(slots=True)
class _Sheet:
    """A sheet's visible cells as text; merged ranges by their first cell."""

    name: str
    texts: list[list[str]]
    row_numbers: list[int]
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    covered: set[tuple[int, int]] = field(default_factory=set)
    drawn: set[int] = field(default_factory=set)

    def filled(self, row: int) -> list[int]:
        """Columns of a row that hold text."""
        return [col for col, text in enumerate(self.texts[row]) if text]


class _Builder:
    def __init__(self, limits: Limits) -> None:
        self.blocks: list[Block] = []
        self.limits = limits
        self._grids = self._cells = 0

    def add_line(self, sheet: _Sheet, row: int) -> None:
        for text in sheet.texts[row]:
            for line in text.split("\n"):
                if line.strip():
                    at = f"{sheet.name}, row {sheet.row_numbers[row]}"
                    pieces = tuple(p.strip() for p in line.split("|")) if "|" in line else ()
                    self.blocks.append(Line(line.strip(), at, 0, pieces))
        _require_size(len(self.blocks), self.limits.max_blocks)

    def add_grid(self, sheet: _Sheet, first: int, last: int) -> None:
        """Rows ``first`` to ``last`` (inclusive) as a grid, cut to the columns they use."""
        rows = range(first, last + 1)
        left = min(col for row in rows for col in sheet.filled(row))
        right = max(
            col + sheet.spans.get((row, col), (1, 1))[1]
            for row in rows
            for col in sheet.filled(row)
        )
        boxes = []
        for row in rows:
            for col in range(left, min(right, len(sheet.texts[row]))):
                if (row, col) not in sheet.covered:
                    high, wide = sheet.spans.get((row, col), (1, 1))
                    boxes.append((row, col, min(high, last + 1 - row), min(col + wide, right)))
        # Sheets laid out for print merge narrow columns; a border no cell uses is no column.
        borders = sorted({col for _, col, _, _ in boxes} | {end for *_, end in boxes})
        column = {border: index for index, border in enumerate(borders)}
        cells = [
            GridCell(
                row - first, column[col], high, column[end] - column[col], sheet.texts[row][col]
            )
            for row, col, high, end in boxes
        ]
        self._cells += len(rows) * (right - left)
        _require_size(self._cells, self.limits.max_total_cells)
        self._grids += 1
        places = [f"{sheet.name}, row {sheet.row_numbers[row]}" for row in rows]
        grid = Grid(
            self._grids, len(rows), len(borders) - 1, cells, Fidelity.STRUCTURED, sheet.name
        )
        grid.row_places = places
        self.blocks.append(grid)


def _read_sheet(source: Any, shape: SheetShape | None, builder: _Builder) -> None:
    _require_size(source.total_height * source.total_width, builder.limits.max_grid_cells)
    sheet = _visible(source, shape or SheetShape())
    for first, last, is_text in _segments(sheet):
        if is_text:
            for row in range(first, last + 1):
                builder.add_line(sheet, row)
            continue
        if len(sheet.filled(first)) == 1:
            # A caption over the table: a title to one reader, part of the table to another.
            builder.add_line(sheet, first)
        builder.add_grid(sheet, first, last)


def _visible(source: Any, shape: SheetShape) -> _Sheet:
    """The sheet without hidden rows and columns; merged ranges shrink with them."""
    values = source.to_python(skip_empty_area=False)
    # calamine ends a sheet with its last value; a formula without one may stand behind it.
    values += [[]] * (max((r + 1 for r, _ in shape.texts), default=0) - len(values))
    width = max([0, *(len(row) for row in values), *(c + 1 for _, c in shape.texts)])
    rows = [row for row in range(len(values)) if row not in shape.hidden_rows]
    cols = [col for col in range(width) if col not in shape.hidden_cols]
    texts = [
        [_shown(values[r][c] if c < len(values[r]) else "", shape, (r, c)) for c in cols]
        for r in rows
    ]
    sheet = _Sheet(source.name, texts, [row + 1 for row in rows])
    sheet.drawn = {new for new, old in enumerate(rows) if old in shape.drawn_rows}
    new_row = {old: new for new, old in enumerate(rows)}
    new_col = {old: new for new, old in enumerate(cols)}
    for (top, left), (bottom, right) in source.merged_cell_ranges or ():
        inner_rows = [
            new_row[r] for r in range(top, min(bottom, len(values) - 1) + 1) if r in new_row
        ]
        inner_cols = [new_col[c] for c in range(left, min(right, width - 1) + 1) if c in new_col]
        if not inner_rows or not inner_cols:
            continue
        anchor = (inner_rows[0], inner_cols[0])
        sheet.spans[anchor] = (len(inner_rows), len(inner_cols))
        sheet.texts[anchor[0]][anchor[1]] = (
            _shown(values[top][left], shape, (top, left))
            if top < len(values) and left < len(values[top])
            else ""
        )
        inside = {(r, c) for r in inner_rows for c in inner_cols} - {anchor}
        sheet.covered |= inside
        for r, c in inside:
            sheet.texts[r][c] = ""
    return sheet


def _segments(sheet: _Sheet) -> Iterator[tuple[int, int, bool]]:
    """Runs of rows ``(first, last, is_text)``: text, or a table up to an empty row or text."""
    count = len(sheet.texts)
    under_merge = {row for row, _ in sheet.covered if (row, 0) in sheet.covered}
    first_filled = next((row for row in range(count) if sheet.filled(row)), 0)
    start: int | None = None
    for row in range(count):
        filled = sheet.filled(row)
        is_text = (
            len(filled) == 1
            and row not in under_merge
            and (row == first_filled or _is_text(sheet, row, filled[0], start is not None))
        )
        if start is not None and (is_text or not filled):
            is_table = _is_table(sheet, start, row - 1)
            # The first row left blank below a table's others is its own if it has cells.
            last = row if is_table and not filled and row in sheet.drawn else row - 1
            yield start, last, not is_table
            start = None
        if is_text:
            yield row, row, True
        elif filled and start is None:
            start = row
    if start is not None:
        yield start, count - 1, not _is_table(sheet, start, count - 1)


def _is_table(sheet: _Sheet, first: int, last: int) -> bool:
    return any(len(sheet.filled(row)) > 1 for row in range(first, last + 1))


def _is_text(sheet: _Sheet, row: int, col: int, inside_table: bool) -> bool:
    """Whether a row's only filled cell is a heading or a paragraph, not a row's label.

    Within a run of table rows ``二、上年结转政府信息公开申请数量`` may stand alone because its
    figures are blank; there only a cell as wide as the sheet, a long text, or a heading with
    text below it counts.
    """
    text = sheet.texts[row][col]
    rowspan, colspan = sheet.spans.get((row, col), (1, 1))
    if rowspan > 1:
        return False
    if len(text) > _LONG_TEXT:
        return True
    if not _SECTION.match(text):
        return False
    return (
        not inside_table or colspan >= len(sheet.texts[row]) or _text_follows(sheet, row, colspan)
    )


def _text_follows(sheet: _Sheet, row: int, colspan: int) -> bool:
    """Whether only text stands below, up to an empty row or the end of the sheet."""
    if colspan > 1:
        return False
    for below in range(row + 1, len(sheet.texts)):
        filled = sheet.filled(below)
        if not filled:
            return True
        if len(filled) > 1:
            return False
    return True


def _shown(value: Any, shape: SheetShape, at: tuple[int, int]) -> str:
    """A cell's text, with what its styles say about its parts."""
    if at in shape.texts:
        return shape.texts[at].replace("\r\n", "\n").strip()
    text = _text(value, shape.formats.get(at, ""))
    if at in shape.unseen or (shape.without_zeros and text == "0"):
        return raised(text)
    return struck(text) if at in shape.struck else text


def _text(value: Any, code: str) -> str:
    """A cell's value as Excel shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return formatted(float(value), code)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return str(value)
    return str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()
