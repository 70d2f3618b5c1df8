"""What a BIFF8 workbook (.xls) says beside its values: hidden rows and columns, formats, fonts.

calamine gives a cell's value and nothing of its looks, so a raised note number would join a figure.
Read here are only the records that tell looks ([MS-XLS] 2.4); values stay calamine's.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import olefile

from etl.read.styled import raised, struck
from etl.read.xlsx_shape import BUILT_IN_FORMATS, TABLE_ROW, SheetShape

_BOF, _EOF, _CONTINUE, _BOUNDSHEET = 0x0809, 0x000A, 0x003C, 0x0085
_FONT, _FORMAT, _XF, _SST = 0x0031, 0x041E, 0x00E0, 0x00FC
_ROW, _COLINFO, _LABELSST, _MULRK, _MULBLANK = 0x0208, 0x007D, 0x00FD, 0x00BD, 0x00BE
#: Records of one cell that begin with its row, column and style: number, RK, formula, blank, text.
_ONE_CELL: Final = frozenset((0x0203, 0x027E, 0x0006, 0x0201, 0x0204, _LABELSST))
_FORMULA, _ERROR = 0x0006, 0x0205
#: Errors by their codes ([MS-XLS] 2.5.10).
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A",
}  # fmt: skip
_BIFF8: Final = 0x0600
_STRUCK_OUT, _HIDDEN_ROW, _HIDDEN_COLUMN = 0x0008, 0x20, 0x01
_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08
#: No font has number 4 ([MS-XLS] 2.5.129).
_NO_FONT: Final = 4

_Record = tuple[int, bytes]


@dataclass(slots=True)
class _Globals:
    """The workbook's own records; fonts as (struck out, raised or lowered)."""

    fonts: list[tuple[bool, bool]] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=dict)
    styles: list[tuple[int, int]] = field(default_factory=list)
    sheets: list[tuple[str, int]] = field(default_factory=list)
    rich: dict[int, str] = field(default_factory=dict)

    def font(self, number: int) -> tuple[bool, bool]:
        """A font by the number that styles and rich texts use."""
        index = number - 1 if number > _NO_FONT else number
        return self.fonts[index] if 0 <= index < len(self.fonts) else (False, False)


def xls_shapes(data: bytes) -> dict[str, SheetShape]:
    """The shape of each worksheet by its name; none of a workbook older than BIFF8.

    A file that is damaged gives what could be read; whether it is read at all, calamine decides.
    """
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        if not ole.exists("Workbook"):
            return {}
        stream = ole.openstream("Workbook").read()
    found, shapes = _Globals(), dict[str, SheetShape]()
    try:
        _read_globals(stream, found)
        for name, start in found.sheets:
            shapes[name] = _shape(stream, start, found)
    except (struct.error, IndexError, UnicodeDecodeError):
        return shapes
    return shapes


def _records(stream: bytes, start: int) -> Iterator[_Record]:
    """Records from a BOF to its EOF."""
    at = start
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == _EOF:
            return


def _read_globals(stream: bytes, found: _Globals) -> None:
    texts: list[bytes] = []
    last = 0
    for kind, body in _records(stream, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return
        if kind == _FONT:
            flags, escapement = struct.unpack_from("<2xH4xH", body)
            found.fonts.append((bool(flags & _STRUCK_OUT), escapement in (1, 2)))
        elif kind == _FORMAT:
            number, length, flags = struct.unpack_from("<HHB", body)
            found.formats[number] = _characters(body, 5, length, flags)
        elif kind == _XF:
            found.styles.append(struct.unpack_from("<HH", body))
        elif kind == _BOUNDSHEET:
            start, length, flags = struct.unpack_from("<I2xBB", body)
            found.sheets.append((_characters(body, 8, length, flags), start))
        elif kind == _SST or (kind == _CONTINUE and last == _SST):
            texts.append(body)
        last = last if kind == _CONTINUE else kind
    if texts and any(struck_out or moved for struck_out, moved in found.fonts):
        _read_texts(texts, found)


def _characters(body: bytes, at: int, length: int, flags: int) -> str:
    wide = flags & _WIDE
    return body[at : at + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1")


class _Texts:
    """The shared strings, which run on over the ends of their records."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks
        self._chunk, self._at = 0, 8  # the counts of strings stand first

    def take(self, size: int) -> bytes:
        """So many bytes, wherever the records part them. Raises ``IndexError`` at the end."""
        parts: list[bytes] = []
        while size > 0:
            chunk = self._chunks[self._chunk]
            part = chunk[self._at : self._at + size]
            self._at, size = self._at + len(part), size - len(part)
            parts.append(part)
            if size:
                self._chunk, self._at = self._chunk + 1, 0
        return b"".join(parts)

    def characters(self, length: int, flags: int) -> str:
        """A string's characters; a record that goes on with them begins with flags of its own."""
        out: list[str] = []
        while length:
            width = 2 if flags & _WIDE else 1
            here = min(length, (len(self._chunks[self._chunk]) - self._at) // width)
            out.append(_characters(self.take(here * width), 0, here, flags))
            length -= here
            if length:
                self._chunk, self._at = self._chunk + 1, 0
                flags = self.take(1)[0]
        return "".join(out)

    def string(self) -> tuple[str, list[tuple[int, int]]]:
        """The next string, and where which font begins in it."""
        length, flags = struct.unpack("<HB", self.take(3))
        runs = struct.unpack("<H", self.take(2))[0] if flags & _RICH else 0
        extra = struct.unpack("<I", self.take(4))[0] if flags & _EXTENDED else 0
        text = self.characters(length, flags)
        fonts = [struct.unpack("<HH", self.take(4)) for _ in range(runs)]
        self.take(extra)
        return text, [(start, font) for start, font in fonts]


def _read_texts(chunks: list[bytes], found: _Globals) -> None:
    texts = _Texts(chunks)
    for index in range(struct.unpack_from("<4xI", chunks[0])[0]):
        text, runs = texts.string()
        looks = [(0, (False, False)), *((start, found.font(font)) for start, font in runs)]
        if not any(any(look) for _, look in looks):
            continue
        ends = [*(start for start, _ in looks[1:]), len(text)]
        parts = [_look(text[a:b], *look) for (a, look), b in zip(looks, ends, strict=True)]
        found.rich[index] = "".join(parts)


def _look(text: str, struck_out: bool, moved: bool) -> str:
    return raised(text) if moved else struck(text) if struck_out else text


def _shape(stream: bytes, start: int, found: _Globals) -> SheetShape:
    shape = SheetShape()
    drawn: dict[int, int] = {}
    for kind, body in _records(stream, start):
        if kind == _ROW:
            row, options = struct.unpack_from("<H10xB", body)
            if options & _HIDDEN_ROW:
                shape.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, options = struct.unpack_from("<HH4xB", body)
            if options & _HIDDEN_COLUMN:
                shape.hidden_cols.update(range(first, last + 1))
        for row, col, style in _cells(kind, body):
            drawn[row] = drawn.get(row, 0) + 1
            _dress(shape, (row, col), style, found)
        code = _error(kind, body)
        if code is not None:
            shape.texts[struct.unpack_from("<HH", body)] = _ERRORS.get(code, "#")
        if kind == _LABELSST:
            row, col, text = struct.unpack_from("<HH2xI", body)
            if text in found.rich:
                shape.texts[row, col] = found.rich[text]
    shape.drawn_rows = {row for row, cells in drawn.items() if cells >= TABLE_ROW}
    return shape


def _error(kind: int, body: bytes) -> int | None:
    """The code of the error that a cell shows, of which calamine says nothing; else ``None``."""
    if kind == _ERROR and body[7]:
        return body[6]
    worked_out = kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff"
    return body[8] if worked_out else None


def _cells(kind: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    """(row, column, style) of the cells of a record."""
    if kind in _ONE_CELL:
        yield struct.unpack_from("<HHH", body)
    elif kind in (_MULRK, _MULBLANK):
        row, first = struct.unpack_from("<HH", body)
        size = 6 if kind == _MULRK else 2
        for index in range((len(body) - 6) // size):
            yield row, first + index, struct.unpack_from("<H", body, 4 + index * size)[0]


def _dress(shape: SheetShape, at: tuple[int, int], style: int, found: _Globals) -> None:
    """Note a cell's format and whether its font is struck out."""
    if style >= len(found.styles):
        return
    font, number = found.styles[style]
    code = found.formats.get(number) or BUILT_IN_FORMATS.get(number, "")
    if code and code != "General":
        shape.formats[at] = code
    if found.font(font)[0]:
        shape.struck.add(at)
