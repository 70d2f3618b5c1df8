"""One invented typeface for every font that a PDF does not embed.

A PDF may name a font (宋体, STSong-Light) without carrying it. pdfium then looks for one on the
machine, and what it finds decides what is read: the box of a character grows to the found glyph,
and a text object of one character whose glyph is missing is *dropped without a word*, so that a
printed figure would come back as a blank cell. Reading must not depend on the machine. So pdfium is
given the list of one font, made here: a small square for each of the 65,534 glyphs that a font
file can hold, reached from every character of the basic plane. It lies inside every advance box;
widths, origins, ascent and descent come from the PDF. Nothing is drawn with it.
"""

from __future__ import annotations

import ctypes
import struct
from functools import cache
from typing import Any, Final

import pypdfium2.raw as pdfium

_UNITS: Final = 1000
_GLYPHS: Final = 0xFFFF
#: The square: from here to there, in thousandths of an em; inside the narrowest letter.
_LOW, _HIGH = 50, 150
#: What pdfium asks a font of; ``ttcf`` would make the file a collection of fonts.
_WHOLE_FILE: Final = 0
#: The advance of every glyph, which counts only where a PDF tells no widths: half an em, as
#: figures in Chinese fonts have.
_ADVANCE: Final = 500
#: Families that every PDF reader carries inside; their widths may lawfully be left out of a file.
_STANDARD: Final = (b"Helvetica", b"Times", b"Courier", b"Symbol", b"ZapfDingbats")
#: Windows character sets of Japanese, Korean and Chinese, in which a standard family has no glyphs.
_EAST_ASIAN: Final = (128, 129, 130, 134, 136)

_info: pdfium.FPDF_SYSFONTINFO | None = None


@cache
def square_font() -> bytes:
    """The typeface as a TrueType file of about 2.8 MB (OpenType 1.9, required tables only)."""
    glyph = struct.pack(">hhhhhHH", 1, _LOW, _LOW, _HIGH, _HIGH, 3, 0)
    side = _HIGH - _LOW
    # Four points on the curve; x and y as two-byte differences.
    glyph += bytes((1, 1, 1, 1)) + struct.pack(">8h", _LOW, 0, side, 0, _LOW, side, 0, -side)
    glyph += bytes(-len(glyph) % 4)
    places = struct.pack(f">{_GLYPHS + 1}I", *range(0, len(glyph) * (_GLYPHS + 1), len(glyph)))
    # One segment: character c is glyph c; 0xFFFF must be the last segment and means no glyph.
    segments = struct.pack(">HHHHHHHHHHHHHHHH", 4, 32, 0, 4, 4, 1, 0, 0xFFFE, 0xFFFF, 0,
                           1, 0xFFFF, 0, 1, 0, 0)  # fmt: skip
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 1, 12) + segments,
        b"glyf": glyph * _GLYPHS,
        b"head": struct.pack(">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _UNITS, 0, 0,
                             0, 0, _UNITS, _UNITS, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">IhhhHhhhhhh8xhH", 0x10000, 880, -120, 0, _ADVANCE, 0, 0, _HIGH, 1, 0,
                             0, 0, 1),
        b"hmtx": struct.pack(">Hh", _ADVANCE, _LOW) + struct.pack(">h", _LOW) * (_GLYPHS - 1),
        b"loca": places,
        b"maxp": struct.pack(">IH13H", 0x10000, _GLYPHS, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">HHH", 0, 0, 6),
        b"post": struct.pack(">IIhhI16x", 0x30000, 0, 0, 0, 0),
    }  # fmt: skip
    directory, body = b"", b""
    start = 12 + 16 * len(tables)
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, 0, start + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, 16) + directory + body


def use_square_font() -> None:
    """Give pdfium the typeface in place of the machine's fonts, once a process.

    Must run before the first document is opened: pdfium keeps the fonts it has found.
    """
    global _info
    if _info is None:
        info = pdfium.FPDF_SYSFONTINFO()
        fields: dict[str, Any] = dict(pdfium.FPDF_SYSFONTINFO._fields_)
        info.version = 1
        info.EnumFonts = fields["EnumFonts"](_list_no_fonts)
        info.MapFont = fields["MapFont"](_map_font)
        info.GetFontData = fields["GetFontData"](_font_data)
        info.GetFaceName = fields["GetFaceName"](_face_name)
        info.GetFontCharset = fields["GetFontCharset"](_charset)
        info.DeleteFont = fields["DeleteFont"](_delete_font)
        pdfium.FPDF_SetSystemFontInfo(info)
        _info = info


def _list_no_fonts(_info: Any, _mapper: Any) -> None:
    return None


def _map_font(
    _info: Any, _weight: int, _italic: int, charset: int, _pitch: int, face: Any, _exact: Any
) -> int | None:
    """A handle of the typeface; none for the standard fonts, which pdfium has inside."""
    name = ctypes.string_at(face) if face else b""
    return None if name.startswith(_STANDARD) and charset not in _EAST_ASIAN else 1


def _font_data(_info: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
    if table != _WHOLE_FILE:
        return 0
    data = square_font()
    if buffer and size >= len(data):
        ctypes.memmove(buffer, data, len(data))
    return len(data)


def _face_name(_info: Any, _font: Any, buffer: Any, size: int) -> int:
    name = b"Square\0"
    if buffer and size >= len(name):
        ctypes.memmove(buffer, name, len(name))
    return len(name)


def _charset(_info: Any, _font: Any) -> int:
    return 1


def _delete_font(_info: Any, _font: Any) -> None:
    return None
