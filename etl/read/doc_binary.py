"""The parts of the binary Word format that hold text and tables ([MS-DOC], Word 97 to 2003).

Text comes through the piece table; which paragraphs are in a table and where rows end comes from
paragraph properties, the shape of rows from ``sprmTDefTable``. Anything beyond that raises
:class:`Uncertain`, so that a caller asks a full office program instead of guessing.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

from etl.read.styled import raised, struck

_FIB_IDENT: Final = 0xA5EC
_WORD_97: Final = 0x00C1
#: Offsets into the file information block ([MS-DOC] 2.5.1, 2.5.6).
_FLAGS, _CCP_TEXT, _BTE_CHPX, _BTE_PAPX, _CLX = 0x0A, 0x4C, 0xFA, 0x102, 0x1A2
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_FKP_SIZE: Final = 512
_MAX_CELLS_PER_ROW: Final = 63

#: sprm codes ([MS-DOC] 2.6).
_IN_TABLE, _ROW_END, _DEPTH = 0x2416, 0x2417, 0x6649
_DEF_TABLE, _HUGE_PAPX, _VERT_MERGE, _MERGE = 0xD608, 0x6646, 0xD62B, 0x5624
_DELETED, _HIDDEN = 0x0800, 0x083C
_STRUCK, _STRUCK_TWICE, _RAISED, _HEIGHT = 0x0837, 0x2A53, 0x2A48, 0x4845
_OPERAND_SIZE: Final = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}

#: What a run's style makes of its text.
_Style = Callable[[str], str]

_CELL_MARK, _PARAGRAPH_MARK, _PAGE_BREAK = "\x07", "\r", "\x0c"
_FIELD_BEGIN, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"


class Uncertain(Exception):
    """The file uses something this reader does not follow with certainty."""


class Encrypted(Exception):
    """The file is protected with a password."""


@dataclass(slots=True)
class RowShape:
    """A row's cell borders in twips and, per cell, its merge flags."""

    edges: list[int]
    joins_left: list[bool]
    merge_starts: list[bool]
    merge_goes_on: list[bool]


@dataclass(slots=True)
class Paragraph:
    """A paragraph outside tables."""

    text: str


@dataclass(slots=True)
class Row:
    """A table row: one text per cell, and the row's shape."""

    texts: list[str]
    shape: RowShape


@dataclass(slots=True)
class _Properties:
    in_table: bool = False
    row_end: bool = False
    depth: int = 0
    shape: RowShape | None = None


@dataclass(slots=True)
class _Runs:
    """Properties by file offset: ``starts[i]`` to ``ends[i]`` has ``values[i]``."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    def at(self, offset: int) -> bytes | None:
        index = bisect_right(self.starts, offset) - 1
        return self.values[index] if index >= 0 and offset < self.ends[index] else None


def read_binary(word: bytes, table_0: bytes, table_1: bytes, data: bytes) -> list[Paragraph | Row]:
    """Paragraphs and table rows of the main text, in order.

    Args:
        word: the ``WordDocument`` stream.
        table_0: the ``0Table`` stream or ``b""``.
        table_1: the ``1Table`` stream or ``b""``.
        data: the ``Data`` stream or ``b""``.

    Raises:
        Encrypted: the file needs a password.
        Uncertain: structure not followed here, or the file is damaged.
    """
    try:
        ident, version = struct.unpack_from("<HH", word, 0)
        (flags,) = struct.unpack_from("<H", word, _FLAGS)
        if ident != _FIB_IDENT or version < _WORD_97:
            raise Uncertain("not Word 97 or later")
        if flags & _ENCRYPTED:
            raise Encrypted
        table = table_1 if flags & _TABLE_1 else table_0
        (length,) = struct.unpack_from("<i", word, _CCP_TEXT)
        chars = _characters(word, table, length)
        papx = _properties(word, _plc_pages(word, table, _BTE_PAPX), paragraph=True)
        chpx = _properties(word, _plc_pages(word, table, _BTE_CHPX), paragraph=False)
        return list(_assemble(chars, papx, chpx, data))
    except (struct.error, IndexError, ValueError) as error:
        raise Uncertain("damaged structure") from error


def _characters(word: bytes, table: bytes, length: int) -> list[tuple[str, int]]:
    """The main text's characters, each with its offset in the stream."""
    start, size = struct.unpack_from("<iI", word, _CLX)
    clx = table[start : start + size]
    position = 0
    while clx[position : position + 1] == b"\x01":
        position += 3 + struct.unpack_from("<H", clx, position + 1)[0]
    if clx[position : position + 1] != b"\x02":
        raise Uncertain("no piece table")
    (size,) = struct.unpack_from("<I", clx, position + 1)
    plc = clx[position + 5 : position + 5 + size]
    count = (len(plc) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}i", plc, 0)
    chars: list[tuple[str, int]] = []
    for index in range(count):
        _, offset, _ = struct.unpack_from("<HIH", plc, 4 * (count + 1) + 8 * index)
        number = min(bounds[index + 1], length) - bounds[index]
        if number <= 0:
            continue
        if offset & 0x40000000:
            first, step, encoding = (offset & 0x3FFFFFFF) // 2, 1, "cp1252"
        else:
            first, step, encoding = offset & 0x3FFFFFFF, 2, "utf-16-le"
        raw = word[first : first + number * step]
        if len(raw) != number * step or len(chars) + number > length:
            raise Uncertain("text outside the stream")
        units = (
            raw.decode(encoding, "replace")
            if step == 1
            else "".join(map(chr, struct.unpack(f"<{number}H", raw)))
        )
        chars.extend(zip(units, range(first, first + number * step, step), strict=True))
    return chars


def _plc_pages(word: bytes, table: bytes, at: int) -> list[int]:
    """Page numbers of the property pages (FKPs) that a bin table lists."""
    start, size = struct.unpack_from("<iI", word, at)
    count = (size - 4) // 8
    if not 0 < count <= len(word) // _FKP_SIZE + 1:
        raise Uncertain("no property pages")
    return list(struct.unpack_from(f"<{count}I", table, start + 4 * (count + 1)))


def _properties(word: bytes, pages: list[int], *, paragraph: bool) -> _Runs:
    """Property lists by file offset, from the formatted disk pages."""
    runs = _Runs()
    found: list[tuple[int, int, bytes]] = []
    for number in pages:
        page = word[(number & 0x3FFFFF) * _FKP_SIZE :][:_FKP_SIZE]
        count = page[_FKP_SIZE - 1]
        bounds = struct.unpack_from(f"<{count + 1}I", page, 0)
        width = 13 if paragraph else 1
        for index in range(count):
            offset = 2 * page[4 * (count + 1) + width * index]
            found.append((bounds[index], bounds[index + 1], _packed(page, offset, paragraph)))
    for start, end, grpprl in sorted(found):
        runs.starts.append(start)
        runs.ends.append(end)
        runs.values.append(grpprl)
    return runs


def _packed(page: bytes, offset: int, paragraph: bool) -> bytes:
    """One property list of a page, without the style index of paragraphs."""
    if offset == 0:
        return b""
    size = page[offset]
    if not paragraph:
        return page[offset + 1 : offset + 1 + size]
    if size:
        return page[offset + 3 : offset + 2 * size]
    size = page[offset + 1]
    return page[offset + 4 : offset + 2 + 2 * size]


def _sprms(grpprl: bytes) -> Iterator[tuple[int, bytes]]:
    """The single modifiers of a property list with their operands."""
    position = 0
    while position + 2 < len(grpprl):
        (code,) = struct.unpack_from("<H", grpprl, position)
        position += 2
        kind = code >> 13
        if kind != 6:
            size = _OPERAND_SIZE[kind]
        elif code == _DEF_TABLE:
            size = struct.unpack_from("<H", grpprl, position)[0] + 1
        else:
            size = grpprl[position] + 1
        yield code, grpprl[position : position + size]
        position += size


def _paragraph_properties(grpprl: bytes, data: bytes, depth: int = 0) -> _Properties:
    found = _Properties()
    late: list[tuple[int, bytes]] = []
    for code, operand in _sprms(grpprl):
        if code == _IN_TABLE:
            found.in_table = bool(operand[0])
        elif code == _ROW_END:
            found.row_end = bool(operand[0])
        elif code == _DEPTH:
            found.depth = struct.unpack("<i", operand)[0]
        elif code == _DEF_TABLE:
            found.shape = _row_shape(operand)
        elif code in (_VERT_MERGE, _MERGE):
            late.append((code, operand))
        elif code == _HUGE_PAPX and depth == 0:
            (offset,) = struct.unpack("<I", operand)
            (size,) = struct.unpack_from("<H", data, offset)
            return _paragraph_properties(data[offset + 2 : offset + 2 + size], data, 1)
    for code, operand in late:
        _apply(found.shape, code, operand)
    return found


def _row_shape(operand: bytes) -> RowShape:
    """``sprmTDefTable``: borders and cell flags ([MS-DOC] 2.9.321, 2.9.326)."""
    count = operand[2]
    if not 0 < count <= _MAX_CELLS_PER_ROW:
        raise Uncertain("row without cells")
    edges = list(struct.unpack_from(f"<{count + 1}h", operand, 3))
    if any(right < left for left, right in pairwise(edges)):
        raise Uncertain("cell borders out of order")
    flags = [0] * count
    at = 3 + 2 * (count + 1)
    for index in range(min(count, (len(operand) - at) // 20)):
        (flags[index],) = struct.unpack_from("<H", operand, at + 20 * index)
    return RowShape(
        edges,
        [flag & 0x3 == 1 for flag in flags],
        [flag >> 5 & 0x3 == 3 for flag in flags],
        [flag >> 5 & 0x3 == 1 for flag in flags],
    )


def _apply(shape: RowShape | None, code: int, operand: bytes) -> None:
    if shape is None:
        raise Uncertain("merge without a row")
    count = len(shape.joins_left)
    if code == _VERT_MERGE and len(operand) >= 3 and operand[1] < count:
        shape.merge_starts[operand[1]] = operand[2] == 3
        shape.merge_goes_on[operand[1]] = operand[2] == 1
    elif code == _MERGE:
        for index in range(operand[0] + 1, min(operand[1], count)):
            shape.joins_left[index] = True


def _assemble(
    chars: list[tuple[str, int]], papx: _Runs, chpx: _Runs, data: bytes
) -> Iterator[Paragraph | Row]:
    """Cut the text at its marks: cells, row ends, paragraphs outside tables."""
    known: dict[bytes, _Properties] = {}
    cell: list[str] = []
    cells: list[str] = []
    for text, mark, offset in _paragraphs(chars, chpx):
        grpprl = papx.at(offset) or b""
        if grpprl not in known:
            known[grpprl] = _paragraph_properties(grpprl, data)
        properties = known[grpprl]
        if properties.depth > 1:
            raise Uncertain("nested table")
        if not properties.in_table:
            if cells or cell:
                raise Uncertain("row without end")
            yield Paragraph(text)
        elif mark != _CELL_MARK:
            cell.append(text)
        elif not properties.row_end:
            cells.append("\n".join(part for part in (*cell, text) if part.strip()).strip())
            cell = []
        elif properties.shape is None or len(cells) != len(properties.shape.joins_left):
            raise Uncertain("cells and row shape disagree")
        else:
            yield Row(cells, properties.shape)
            cells, cell = [], []
    if cells or cell:
        raise Uncertain("row without end")


def _paragraphs(chars: list[tuple[str, int]], chpx: _Runs) -> Iterator[tuple[str, str, int]]:
    """Visible text up to each mark, the mark and its offset; field codes left out."""
    styles: dict[bytes, _Style | None] = {}
    text: list[tuple[str, _Style]] = []
    # One entry per open field: whether its code (not yet its result) is being passed.
    fields: list[bool] = []
    for char, offset in chars:
        if char in (_CELL_MARK, _PARAGRAPH_MARK, _PAGE_BREAK):
            yield _clean(text), char, offset
            text = []
        elif char == _FIELD_BEGIN:
            fields.append(True)
        elif char == _FIELD_RESULT and fields:
            fields[-1] = False
        elif char == _FIELD_END and fields:
            fields.pop()
        elif not any(fields):
            grpprl = chpx.at(offset) or b""
            if grpprl not in styles:
                styles[grpprl] = _style(grpprl)
            style = styles[grpprl]
            if style is not None:
                text.append((char, style))
    if text:
        yield _clean(text), _PARAGRAPH_MARK, chars[-1][1]


def _lifted(text: str) -> str:
    """Text raised or lowered by a distance, beside text that is not."""
    return raised(text)


def _style(grpprl: bytes) -> _Style | None:
    """What is done to text of these properties; ``None`` where it is deleted or hidden."""
    on = {code: operand[0] for code, operand in _sprms(grpprl) if any(operand)}
    if on.get(_DELETED) == 1 or on.get(_HIDDEN) == 1:
        return None
    if on.get(_RAISED) in (1, 2):
        return raised
    if _HEIGHT in on:
        return _lifted
    return struck if 1 in (on.get(_STRUCK), on.get(_STRUCK_TWICE)) else str


_TRANSLATED: Final = {0x0B: "\n", 0x0E: "\n", 0x09: "\t", 0x1E: "-", 0xA0: " "}
_CONTROLS: Final = str.maketrans({code: _TRANSLATED.get(code) for code in [*range(0x20), 0xA0]})


def _clean(text: list[tuple[str, _Style]]) -> str:
    """Text without the marks of pictures, notes and soft hyphens; surrogates put together."""
    if all(style is _lifted for char, style in text if char.isprintable()):
        text = [(char, str) for char, _ in text]
    runs = groupby(text, key=itemgetter(1))
    shown = (style("".join(char for char, _ in run)) for style, run in runs)
    joined = "".join(shown).translate(_CONTROLS)
    return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
