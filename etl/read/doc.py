"""Word 97–2003 (.doc, and .wps of WPS Writer) to a document.

Text and tables are read from the binary format itself; where that is not certain (nested tables,
Word 95, damage) LibreOffice is asked if it is installed. No table is ever guessed from text.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import olefile

from etl.document import Block, Document, Grid, GridCell, Line
from etl.errors import RejectedDocument
from etl.read.doc_binary import Encrypted, Paragraph, Row, Uncertain, read_binary
from etl.read.docx_slivers import SLIVER
from etl.read.libreoffice import through_office
from etl.read.limits import Limits
from etl.read.titles import plausible_title

_HINT: Final = "请用 Word 或 WPS 另存为 DOCX 或 PDF，或在本机安装 LibreOffice"
_STREAM_LIMIT: Final = 64 * 1024 * 1024


def read_doc(data: bytes, limits: Limits) -> Document:
    """Read a binary Word document.

    Args:
        data: the file.
        limits: bounds on cells and blocks.

    Raises:
        RejectedDocument: ``encrypted``, ``corrupt``, ``too_large``, or ``unsupported_format``
            where the file needs LibreOffice and there is none.
    """
    try:
        parts, metadata = _read_streams(data)
    except Encrypted as error:
        raise RejectedDocument(
            "encrypted", "Word 文件已加密，无法读取", hint="请去掉打开密码后另存为 DOCX"
        ) from error
    except Uncertain as reason:
        return through_office(data, "doc", limits, str(reason))
    return Document("doc", _blocks(parts, limits), metadata)


def _read_streams(data: bytes) -> tuple[list[Paragraph | Row], dict[str, str]]:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage"):
                raise Encrypted
            if not ole.exists("WordDocument"):
                raise RejectedDocument("unsupported_format", "不是 Word 97–2003 文件", hint=_HINT)
            streams = [_stream(ole, n) for n in ("WordDocument", "0Table", "1Table", "Data")]
            title = _title(ole)
    except (Encrypted, RejectedDocument):
        raise
    except Exception as error:  # olefile raises whatever damage leads to
        raise RejectedDocument("corrupt", "Word 文件损坏，无法打开", hint=_HINT) from error
    parts = read_binary(*streams)
    return parts, ({"title": title} if plausible_title(title) else {})


def _stream(ole: Any, name: str) -> bytes:
    if not ole.exists(name):
        return b""
    if ole.get_size(name) > _STREAM_LIMIT:
        raise RejectedDocument("too_large", "Word 文件过大", hint="请只提供年度报告本身")
    return bytes(ole.openstream(name).read())


def _title(ole: Any) -> str:
    """The title of the summary information; ``""`` where it cannot be decoded."""
    try:
        summary = ole.get_metadata()
        raw = summary.title
        if not isinstance(raw, bytes):
            return str(raw or "")
        codepage = (summary.codepage or 936) & 0xFFFF
        encoding = {65001: "utf-8", 1200: "utf-16-le"}.get(codepage, f"cp{codepage}")
        return raw.decode(encoding).strip("\x00 ")
    except Exception:  # a broken property set is no reason to refuse the text
        return ""


def _blocks(parts: Sequence[Paragraph | Row], limits: Limits) -> list[Block]:
    blocks: list[Block] = []
    rows: list[Row] = []
    paragraphs = grids = cells = 0

    def close_table() -> None:
        nonlocal grids, cells
        if rows:
            grids += 1
            grid = _grid(rows, grids, limits)
            cells += grid.n_rows * grid.n_cols
            blocks.append(grid)
            rows.clear()

    for part in parts:
        if isinstance(part, Row):
            rows.append(part)
            continue
        close_table()
        if part.text.strip():
            paragraphs += 1
            for line in part.text.split("\n"):
                if line.strip():
                    pieces = tuple(p.strip() for p in line.split("|")) if "|" in line else ()
                    blocks.append(Line(line.strip(), f"paragraph {paragraphs}", 0, pieces))
        if cells > limits.max_total_cells or len(blocks) > limits.max_blocks:
            raise RejectedDocument(
                "too_large", "Word 文件的内容超过上限", hint="请只提供年度报告本身"
            )
    close_table()
    return blocks


def _grid(rows: Sequence[Row], number: int, limits: Limits) -> Grid:
    """Rows to a grid: the union of their cell borders gives the columns."""
    columns = _columns(rows)
    if len(rows) * max(len(columns) - 1, 1) > limits.max_grid_cells:
        raise RejectedDocument(
            "too_large", "Word 文件有一张表格超过单表单元格上限", hint="请只提供年度报告本身"
        )
    cells: dict[tuple[int, int], GridCell] = {}
    open_merges: dict[tuple[int, int], tuple[int, int]] = {}
    for index, row in enumerate(rows):
        shape = row.shape
        position = [_nearest(columns, edge) for edge in shape.edges]
        merges: dict[tuple[int, int], tuple[int, int]] = {}
        last: tuple[int, int] | None = None
        for i, text in enumerate(row.texts):
            left, right = position[i], position[i + 1]
            if shape.joins_left[i] and last is not None:
                cells[last] = _widened(cells[last], right)
                continue
            if right <= left:
                continue
            above = open_merges.get((left, right))
            if shape.merge_goes_on[i] and above is not None:
                old = cells[above]
                cells[above] = GridCell(old.row, old.col, old.rowspan + 1, old.colspan, old.text)
                merges[left, right] = above
                last = None
                continue
            last = (index, left)
            cells[last] = GridCell(index, left, 1, right - left, text)
            if shape.merge_starts[i] or shape.merge_goes_on[i]:
                merges[left, right] = last
        open_merges = merges
    return Grid(number, len(rows), len(columns) - 1, list(cells.values()))


def _widened(cell: GridCell, right: int) -> GridCell:
    return GridCell(cell.row, cell.col, cell.rowspan, right - cell.col, cell.text)


def _columns(rows: Sequence[Row]) -> list[int]:
    columns: list[int] = []
    for edge in sorted({edge for row in rows for edge in row.shape.edges}):
        if not columns or edge - columns[-1] > SLIVER:
            columns.append(edge)
    return columns


def _nearest(columns: list[int], edge: int) -> int:
    return min(range(len(columns)), key=lambda i: abs(columns[i] - edge))
