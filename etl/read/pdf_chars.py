"""What a PDF page shows, by pdfium: characters with boxes, ruling lines, how much is picture.

pdfium's raw calls are used because its characters and path objects are all a table needs, and they
cost a tenth of what pdfplumber spends on loading the same page (architecture.md, measured facts).
Coordinates are points in the page as displayed: the origin is the top left corner, y grows
downwards, ``/Rotate`` is applied.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from itertools import pairwise
from typing import Any, Final

import pypdfium2.raw as pdfium

from etl.read.pdf_lines import NOTE_SIZE
from etl.read.pdf_marks import (
    FAINT,
    MAX_SLANT,
    PALE,
    TOKEN_GAP,
    UNPLACED,
    WHITE,
    Char,
    Edge,
    Matrix,
    PageMarks,
    Place,
    beside,
)
from etl.read.pdf_objects import address, dark_places, fill_colour, read_objects, shadows
from etl.read.pdf_watermark import watermark

#: Characters read from one page at most: a printed page of small type holds some 5,000.
MAX_CHARS: Final = 100_000
#: How far, in ems, a line that strikes a digit out may lie from the middle of the digit.
#: Chromium's line lies 0.2 ems above it in one font, an underline 0.4 below.
_STRIKE_REACH: Final = 0.25
#: So many characters of a page tell how its text stands, if more than this share agree.
_SAMPLE, _MOST = 100, 0.8
#: By how much the boxes of two digits differ before their fonts are asked.
_UNEVEN: Final = 0.04
#: How high, in ems, a digit is; the shares of it that a clip leaves: all of it, and none.
_BODY: Final = 0.7
_WHOLE, _GONE = 0.85, 0.1
#: Smaller type (points) is not meant to be seen.
_LEAST_SIZE: Final = 1.2

#: Radicals that PDF fonts map in place of the everyday character and that NFKC leaves alone
#: (Unicode's EquivalentUnifiedIdeograph.txt); 人⺠政府 is common in real reports.
_RADICALS: Final = dict(
    zip(
        "⺁⺟⺠⺩⺶⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻲",
        "厂母民王羊虎西见角贝车長长门青页风飞食马鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)


def fold_compatibility(char: str) -> str:
    """A Kangxi radical, CJK radical or compatibility ideograph as the everyday character.

    Only these blocks are folded: NFKC on everything would also turn ``（`` into ``(`` and ``①``
    into ``1``, and a figure must stay as printed.
    """
    code = ord(char)
    if 0x2E80 <= code <= 0x2EFF:
        return _RADICALS.get(char) or unicodedata.normalize("NFKC", char)
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F:
        return unicodedata.normalize("NFKC", char)
    return char


def read_marks(page: Any, number: int) -> PageMarks:
    """The marks of an open pypdfium2 page; ``number`` counts pages from 1."""
    text_page = page.get_textpage()
    to_display, width, height = _display_matrix(page, _rotation(page, text_page.raw))
    marks = PageMarks(number, width, height)
    budget = read_objects(page.raw, to_display, marks)
    _read_chars(text_page.raw, to_display, marks)
    _strike_out(marks)
    marks.overflow = marks.overflow or budget <= 0
    return marks


def _rotation(page: Any, text_page: Any) -> int:
    """By how many degrees clockwise the page is read: as its text stands, else as it is shown.

    A landscape table printed on a portrait page is shown with its text upright on its side.
    """
    count = min(pdfium.FPDFText_CountChars(text_page), MAX_CHARS)
    turns = [
        round(pdfium.FPDFText_GetCharAngle(text_page, index) / (math.pi / 2)) % 4
        for index in range(0, count, max(1, count // _SAMPLE))
        if pdfium.FPDFText_GetUnicode(text_page, index) > 0x20
    ]
    most = max(set(turns), key=turns.count, default=0)
    # pdfium counts the angle clockwise.
    return 90 * (-most % 4) if turns.count(most) > _MOST * len(turns) else int(page.get_rotation())


def _display_matrix(page: Any, rotation: int) -> tuple[Matrix, float, float]:
    """From PDF user space to displayed points, and the displayed width and height."""
    left, bottom, right, top = page.get_bbox()
    wide, high = right - left, top - bottom
    match rotation:
        case 90:
            return (0.0, 1.0, 1.0, 0.0, -bottom, -left), high, wide
        case 180:
            return (-1.0, 0.0, 0.0, 1.0, right, -bottom), wide, high
        case 270:
            return (0.0, -1.0, -1.0, 0.0, top, right), high, wide
        case _:
            return (1.0, 0.0, 0.0, -1.0, -left, top), wide, high


def _read_chars(handle: Any, matrix: Matrix, marks: PageMarks) -> None:
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    unicode_of, box_of, origin_of = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_GetCharOrigin,
    )
    a, b, c, d, e, f = matrix
    upright, unturned = b == 0.0, matrix[:4] == (1.0, 0.0, 0.0, -1.0)
    doubted = marks.slanted or marks.pale or bool(marks.faint or marks.covered)
    half = 0
    found: list[Char] = []
    unseen: list[tuple[Char, Any]] = []
    indices: list[int] = []
    pale: dict[int, int] = {}
    trusted: dict[int, bool] = {}
    count = pdfium.FPDFText_CountChars(handle)
    marks.overflow = count > MAX_CHARS
    for index in range(min(count, MAX_CHARS)):
        code = unicode_of(handle, index)
        if 0xD800 <= code <= 0xDFFF:
            code, half = join_halves(code, half)
            if half:
                continue
        plain = 0x4E00 <= code <= 0x9FFF or 0x21 <= code <= 0x7E
        text = chr(code) if plain else _printed(code, marks)
        if not text:
            continue
        if not (box_of(handle, index, box) and origin_of(handle, index, x, y)):
            continue
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        height = int(8 * (top - bottom))
        if height not in trusted:
            trusted[height] = _plausible(handle, index, top - bottom)
        if not trusted[height]:
            em = _em(handle, index)
            left, right = x.value, x.value + em
            bottom, top = y.value - 0.2 * em, y.value + 0.8 * em
        if unturned:
            x0, x1, y0, y1 = left + e, right + e, f - top, f - bottom
        else:
            x0, x1 = sorted((a * left + c * bottom + e, a * right + c * top + e))
            y0, y1 = sorted((b * left + d * bottom + f, b * right + d * top + f))
        base = d * y.value + f if upright else b * x.value + f
        size = y1 - y0
        if not _LEAST_SIZE < size < 1000:
            continue
        seen, darkest = _look(handle, index, marks) if doubted else (True, 0)
        if not seen:
            shade = Char(text + UNPLACED, x0, x1, y0, y1, base, size)
            unseen.append((shade, pdfium.FPDFText_GetTextObject(handle, index)))
            continue
        indices.append(index)
        if darkest >= PALE:
            pale[len(found)] = darkest
        shown = text if plain else fold_compatibility(text)
        found.append(Char(shown, x0, x1, y0, y1, base, size))
    pale = _off_ground(found, pale, marks)
    found = _settled(found, indices, pale, handle, marks)
    found += _shades(unseen, found, marks)
    marks.chars = [char for char in found if char.x0 < marks.width and char.x1 > 0]
    _mark_cut_off(marks, [char for char in found if char.x1 > marks.width or char.x0 < 0])


def _printed(code: int, marks: PageMarks) -> str:
    """The character of a code, ``""`` for white space and for none; counts the unknown ones."""
    if code < 0x20 or 0xFFFE <= code <= 0xFFFF:
        marks.unmapped += code not in (0x0A, 0x0D, 0x09, 0x02)
        return ""
    marks.unmapped += 0xE000 <= code <= 0xF8FF or code == 0xFFFD
    text = chr(code)
    return "" if text.isspace() or code in (0xAD, 0x200B, 0x200C, 0x200D, 0xFEFF) else text


def _without_cut_off(
    found: list[Char], indices: list[int], pale: dict[int, int], handle: Any, marks: PageMarks
) -> tuple[list[Char], list[int], dict[int, int]]:
    """The characters, their numbers and the pale ones without those that a clip cuts off."""
    for at, (char, index) in enumerate(zip(found, indices, strict=True)):
        left_over = marks.clipped.get(address(pdfium.FPDFText_GetTextObject(handle, index)))
        if left_over is not None:
            found[at] = char._replace(text=_clipped(char, left_over, marks))
    return _only([at for at, char in enumerate(found) if char.text], found, indices, pale)


def _only(
    kept: list[int], found: list[Char], indices: list[int], pale: dict[int, int]
) -> tuple[list[Char], list[int], dict[int, int]]:
    """Some of the characters, with their numbers, and which of them are pale."""
    light = {new: pale[old] for new, old in enumerate(kept) if old in pale}
    return [found[at] for at in kept], [indices[at] for at in kept], light


def _clipped(char: Char, left_over: Place, marks: PageMarks) -> str:
    """What is read of a character of which a box leaves a part only: ``""`` where it leaves none.

    Of a digit that is cut, and of one that is gone, the place is kept.
    """
    top = char.base - _BODY * char.size
    wide = min(char.x1, left_over.x1) - max(char.x0, left_over.x0)
    high = min(char.base, left_over.bottom) - max(top, left_over.top)
    share = max(wide, 0) * max(high, 0) / ((char.x1 - char.x0) * _BODY * char.size or 1.0)
    if share >= _WHOLE:
        return char.text
    if char.text.isdigit():
        marks.cuts.append(Place(char.x0, char.x1, top, char.base))
    if share < _GONE:
        return ""
    return char.text + UNPLACED * char.text.isdigit()


def _shades(unseen: list[tuple[Char, Any]], seen: list[Char], marks: PageMarks) -> list[Char]:
    """Of unseen digits with their text objects those that are the shadow of a seen text.

    They are that text if pdfium gives no other one in their place.
    """
    digits = [(char, item) for char, item in unseen if char.text[0].isdigit()]
    if not digits:
        return []
    of_shadows = shadows(marks)

    def square(char: Char) -> tuple[int, int]:
        return round(char.mid_x / 2), round(char.base / 2)

    taken = set(map(square, seen))

    def shown(char: Char) -> Char:
        alone = not beside(square(char), taken)
        return char._replace(text=char.text[0]) if alone else char

    return [shown(char) for char, item in digits if address(item) in of_shadows]


def _with_small_marked(chars: list[Char], indices: list[int], handle: Any) -> list[Char]:
    """Mark the smaller of two digits side by side on one line: 12 and a small 1 is no 121.

    Boxes differ with the font as well, so the fonts' sizes are asked for where the boxes differ.
    """
    sizes = {char.size for char in chars if "0" <= char.text <= "9"}
    if not sizes or max(sizes) - min(sizes) <= _UNEVEN * max(sizes):
        return chars
    marked: set[int] = set()
    for at, (left, right) in enumerate(pairwise(chars)):
        if abs(left.size - right.size) <= _UNEVEN * right.size or not _neighbours(left, right):
            continue
        if not right.text.isdigit() or right.x0 - left.x1 > TOKEN_GAP * right.size:
            continue
        ems = _em(handle, indices[at]), _em(handle, indices[at + 1])
        if min(ems) < NOTE_SIZE * max(ems):
            marked.add(at if ems[0] < ems[1] else at + 1)
    return [
        char._replace(text=char.text + UNPLACED) if at in marked else char
        for at, char in enumerate(chars)
    ]


def _off_ground(found: list[Char], pale: dict[int, int], marks: PageMarks) -> dict[int, int]:
    """The pale characters that stand on no dark box."""
    dark = dark_places(marks) if pale else []
    if not dark or len(dark) * len(pale) > MAX_CHARS * 10:
        return pale
    return {
        at: light
        for at, light in pale.items()
        if not any(place.around(found[at].mid_x, found[at].mid_y) for place in dark)
    }


def _settled(
    found: list[Char], indices: list[int], pale: dict[int, int], handle: Any, marks: PageMarks
) -> list[Char]:
    """The characters without those of a watermark and white ones, those in doubt marked.

    ``indices`` are pdfium's numbers of the characters, ``pale`` tells how light pale ones are.
    """
    if marks.clipped:
        found, indices, pale = _without_cut_off(found, indices, pale, handle, marks)
    if gone := watermark(found, pale):
        kept = [at for at in range(len(found)) if at not in gone]
        found, indices, pale = _only(kept, found, indices, pale)
    found = _with_small_marked(found, indices, handle)
    return _without_unseen(_mark_pale(found, pale), {i for i in pale if pale[i] >= WHITE})


def join_halves(code: int, half: int) -> tuple[int, int]:
    """The character of two surrogates, or the first one to wait for; 0 for half a character."""
    if code < 0xDC00:
        return 0, code
    return 0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00) if half else 0, 0


def _look(text_page: Any, index: int, marks: PageMarks) -> tuple[bool, int]:
    """Whether a character is level or upright and opaque enough to be read; its darkest part."""
    if marks.slanted and _is_slanted(text_page, index):
        return False, 0
    if marks.faint or marks.covered:
        at = address(pdfium.FPDFText_GetTextObject(text_page, index))
        if at in marks.faint or at in marks.covered:
            return False, 0
    if not marks.pale:
        return True, 0
    darkest, alpha = fill_colour(pdfium.FPDFText_GetFillColor, text_page, index)
    return alpha >= FAINT, darkest


def _is_slanted(text_page: Any, index: int) -> bool:
    angle = float(pdfium.FPDFText_GetCharAngle(text_page, index)) % (math.pi / 2)
    return MAX_SLANT < angle < math.pi / 2 - MAX_SLANT


def _mark_pale(chars: list[Char], pale: Collection[int]) -> list[Char]:
    """Mark pale digits on a page of dark text: a watermark in a blank cell is no figure of it."""
    if not pale or 2 * len(pale) >= len(chars):
        return chars
    return [
        char._replace(text=char.text + UNPLACED) if i in pale and char.text.isdigit() else char
        for i, char in enumerate(chars)
    ]


def _without_unseen(chars: list[Char], white: set[int]) -> list[Char]:
    """Without white digits beside others: 12 and a white 9 is 12. White words stand on shading."""
    if not white:
        return chars
    seen = [char for i, char in enumerate(chars) if i not in white and char.text.isdigit()]
    return [
        char
        for i, char in enumerate(chars)
        if i not in white or not any(_neighbours(char, other) for other in seen)
    ]


def _neighbours(one: Char, other: Char) -> bool:
    gap = max(one.x0, other.x0) - min(one.x1, other.x1)
    return one.text[0].isdigit() and abs(one.base - other.base) < 0.3 * one.size and gap < one.size


def _mark_cut_off(marks: PageMarks, beyond: list[Char]) -> None:
    """Mark the digits that go on beyond the paper's edge: 20 is printed of 2000111."""
    for gone in beyond:
        if not gone.text.isdigit():
            continue
        for index, char in enumerate(marks.chars):
            side = min(abs(gone.x0 - char.x1), abs(char.x0 - gone.x1))
            same_line = abs(gone.base - char.base) < 0.3 * char.size
            if (
                char is not gone
                and same_line
                and side < TOKEN_GAP * char.size
                and char.text.isdigit()
            ):
                marks.chars[index] = char._replace(text=char.text + UNPLACED)


def _strike_out(marks: PageMarks) -> None:
    """Put the long stroke (U+0336) behind digits that a line crosses at half their height."""
    lines = sorted(marks.horizontal)
    places = [line.pos for line in lines]
    rows: dict[tuple[float, float], list[Edge]] = {}
    for index, char in enumerate(marks.chars):
        if not char.text.isdigit():
            continue
        near = rows.get((char.base, char.size))
        if near is None:
            reach, middle = _STRIKE_REACH * char.size, char.mid_y
            first = bisect_left(places, middle - reach)
            near = lines[first : bisect_right(places, middle + reach)]
            rows[char.base, char.size] = near
        if near and any(line.start <= char.mid_x <= line.end for line in near):
            marks.chars[index] = char._replace(text=char.text + "\u0336")


def _em(text_page: Any, index: int) -> float:
    """The character's em in points: its font size through its text matrix."""
    raw = pdfium.FS_MATRIX()
    size = float(pdfium.FPDFText_GetFontSize(text_page, index))
    if not pdfium.FPDFText_GetMatrix(text_page, index, raw):
        return size
    return size * math.sqrt(abs(raw.a * raw.d - raw.b * raw.c))


def _plausible(text_page: Any, index: int, height: float) -> bool:
    """Whether pdfium's loose box may be believed.

    For fonts written downwards (Identity-V, as WPS uses for 三、本年度办理结果) it comes back at
    the unscaled font size, 199 points for a ten-point character in hongze_2023.pdf.
    """
    em = _em(text_page, index)
    return em <= 0 or 0.4 * em <= height <= 2.5 * em
