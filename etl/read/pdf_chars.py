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
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pypdfium2.raw as pdfium

#: A filled box or a stroke no thicker than this is a ruling line, a thicker one is shading.
MAX_RULE_THICKNESS: Final = 3.5
#: A line may lean this much over its whole length and still be called straight.
MAX_LEAN: Final = 1.0
#: Shorter strokes are tick marks, dashes of a dotted line or parts of a glyph drawn as a path.
MIN_RULE_LENGTH: Final = 2.0
#: A page with more path points than this is a drawing; the surplus is not read (bounded time).
MAX_SEGMENTS: Final = 60_000
#: Characters read from one page at most: a printed page of small type holds some 5,000.
MAX_CHARS: Final = 100_000
#: Depth to which form XObjects are entered; WPS and Chromium use one or two.
MAX_FORM_DEPTH: Final = 6

#: Stands in a cell beside text that may belong elsewhere, so that no figure is read there.
UNPLACED: Final = "\ufffd"
#: Neighbouring characters of one word or figure overlap or leave less than this share of an em.
TOKEN_GAP: Final = 0.15
#: How far, in ems, a line that strikes a digit out may lie from the middle of the digit.
_STRIKE_REACH: Final = 0.15

#: Radicals that PDF fonts map in place of the everyday character and that NFKC leaves alone
#: (Unicode's EquivalentUnifiedIdeograph.txt); 人⺠政府 is common in real reports.
_RADICALS: Final = dict(
    zip(
        "⺁⺟⺠⺩⺶⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻲",
        "厂母民王羊虎西见角贝车長长门青页风飞食马鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)


class Char(NamedTuple):
    """One visible character: its text, box, baseline and em size, in displayed points."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float

    @property
    def mid_x(self) -> float:
        """Horizontal centre of the advance box."""
        return (self.x0 + self.x1) / 2

    @property
    def mid_y(self) -> float:
        """Vertical centre of the body of the character, a third of an em above its baseline."""
        return self.base - self.size * 0.33


class Edge(NamedTuple):
    """A straight ruling line: its position across and its extent along, ``start <= end``."""

    pos: float
    start: float
    end: float


@dataclass(slots=True)
class PageMarks:
    """All marks of one page that a table reader needs.

    ``hidden`` counts the text objects (of ``texts``) drawn invisibly, as a scanner's recognised
    text is; ``unmapped`` the characters whose font tells no character; ``picture`` is the share
    (0–1) of the page that its largest image covers; ``overflow`` says that a bound was hit.
    """

    number: int
    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    horizontal: list[Edge] = field(default_factory=list)
    vertical: list[Edge] = field(default_factory=list)
    texts: int = 0
    hidden: int = 0
    unmapped: int = 0
    picture: float = 0.0
    overflow: bool = False


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


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


def compose(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies ``inner`` first, ``outer`` second (PDF row-vector convention)."""
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


def read_marks(page: Any, number: int) -> PageMarks:
    """The marks of an open pypdfium2 page; ``number`` counts pages from 1."""
    to_display, width, height = _display_matrix(page)
    marks = PageMarks(number, width, height)
    _read_chars(page, to_display, marks)
    budget = _read_objects(page.raw, to_display, marks)
    _strike_out(marks)
    marks.overflow = marks.overflow or budget <= 0
    return marks


def _display_matrix(page: Any) -> tuple[Matrix, float, float]:
    """From PDF user space to displayed points, and the displayed width and height."""
    left, bottom, right, top = page.get_bbox()
    wide, high = right - left, top - bottom
    match page.get_rotation():
        case 90:
            return (0.0, 1.0, 1.0, 0.0, -bottom, -left), high, wide
        case 180:
            return (-1.0, 0.0, 0.0, 1.0, right, -bottom), wide, high
        case 270:
            return (0.0, -1.0, -1.0, 0.0, top, right), high, wide
        case _:
            return (1.0, 0.0, 0.0, -1.0, -left, top), wide, high


def _read_chars(page: Any, matrix: Matrix, marks: PageMarks) -> None:
    text_page = page.get_textpage()
    handle = text_page.raw
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    unicode_of, box_of, origin_of = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_GetCharOrigin,
    )
    a, b, c, d, e, f = matrix
    upright = b == 0.0
    high_surrogate = 0
    beyond: list[Char] = []
    trusted: dict[int, bool] = {}
    count = pdfium.FPDFText_CountChars(handle)
    marks.overflow = count > MAX_CHARS
    for index in range(min(count, MAX_CHARS)):
        code = unicode_of(handle, index)
        if 0xD800 <= code <= 0xDBFF:
            high_surrogate = code
            continue
        if 0xDC00 <= code <= 0xDFFF and high_surrogate:
            code = 0x10000 + ((high_surrogate - 0xD800) << 10) + (code - 0xDC00)
        high_surrogate = 0
        if code < 0x20 or 0xFFFE <= code <= 0xFFFF:
            marks.unmapped += code not in (0x0A, 0x0D, 0x09, 0x02)
            continue
        text = chr(code)
        if text.isspace() or code in (0xAD, 0x200B, 0x200C, 0x200D, 0xFEFF):
            continue
        marks.unmapped += 0xE000 <= code <= 0xF8FF or code == 0xFFFD
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
        xs = (a * left + c * bottom + e, a * right + c * top + e)
        ys = (b * left + d * bottom + f, b * right + d * top + f)
        x0, x1 = min(xs), max(xs)
        y0, y1 = min(ys), max(ys)
        base = d * y.value + f if upright else b * x.value + f
        size = y1 - y0
        if not 0 < size < 1000:
            continue
        char = Char(fold_compatibility(text), x0, x1, y0, y1, base, size)
        if x0 < marks.width and x1 > 0:
            marks.chars.append(char)
        if char.text.isdigit() and (x1 > marks.width or x0 < 0):
            beyond.append(char)
    _mark_cut_off(marks, beyond)


def _mark_cut_off(marks: PageMarks, beyond: list[Char]) -> None:
    """Mark the digits that go on beyond the paper's edge: 20 is printed of 2000111."""
    for gone in beyond:
        for index, char in enumerate(marks.chars):
            side = min(abs(gone.x0 - char.x1), abs(char.x0 - gone.x1))
            same_line = abs(gone.base - char.base) < 0.3 * char.size
            if char is not gone and same_line and side < TOKEN_GAP * char.size and char.text.isdigit():
                marks.chars[index] = char._replace(text=char.text + UNPLACED)


def _strike_out(marks: PageMarks) -> None:
    """Put the long stroke (U+0336) behind digits that a line crosses at half their height."""
    lines = sorted(marks.horizontal)
    places = [line.pos for line in lines]
    for index, char in enumerate(marks.chars):
        if not char.text.isdigit():
            continue
        reach = _STRIKE_REACH * char.size
        near = slice(
            bisect_left(places, char.mid_y - reach), bisect_right(places, char.mid_y + reach)
        )
        if any(line.start <= char.mid_x <= line.end for line in lines[near]):
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


def _read_objects(page_handle: Any, to_display: Matrix, marks: PageMarks) -> int:
    """Walk page objects and form XObjects; returns the segments left of the page's budget."""
    budget = MAX_SEGMENTS
    stack: list[tuple[Any, Matrix, int, int]] = [
        (page_handle, to_display, pdfium.FPDFPage_CountObjects(page_handle), 0)
    ]
    while stack:
        holder, matrix, count, depth = stack.pop()
        get = pdfium.FPDFPage_GetObject if depth == 0 else pdfium.FPDFFormObj_GetObject
        for index in range(count):
            item = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                budget -= _read_path(item, matrix, marks, budget)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                _read_image(item, matrix, marks)
            elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
                mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
                marks.texts += 1
                marks.hidden += mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
                inner = compose(_matrix_of(item), matrix)
                stack.append((item, inner, pdfium.FPDFFormObj_CountObjects(item), depth + 1))
            budget -= 1
            if budget <= 0:
                return 0
    return budget


def _matrix_of(item: Any) -> Matrix:
    raw = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, raw):
        return _IDENTITY
    return (raw.a, raw.b, raw.c, raw.d, raw.e, raw.f)


def _read_image(item: Any, matrix: Matrix, marks: PageMarks) -> None:
    a, b, c, d, _, _ = compose(_matrix_of(item), matrix)
    area = abs(a * d - b * c)
    marks.picture = max(marks.picture, area / max(marks.width * marks.height, 1.0))


def _read_path(item: Any, matrix: Matrix, marks: PageMarks, budget: int) -> int:
    """Add the ruling lines of one path; returns how many segments it cost."""
    count = int(pdfium.FPDFPath_CountSegments(item))
    if count < 2 or count > budget:
        return max(min(count, budget), 0)
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
    if not (fill.value or stroke.value):
        return 1
    whole = compose(_matrix_of(item), matrix)
    outlines = _outlines(item, count, whole)
    if stroke.value and _stroke_width(item, whole) <= MAX_RULE_THICKNESS:
        for outline in outlines:
            for start, end in pairwise(outline):
                _add_stroke(start, end, marks)
    else:
        for outline in outlines:
            _add_box(outline, marks)
    return count


def _stroke_width(item: Any, matrix: Matrix) -> float:
    width = ctypes.c_float()
    pdfium.FPDFPageObj_GetStrokeWidth(item, width)
    a, b, c, d, _, _ = matrix
    return float(width.value) * math.sqrt(abs(a * d - b * c))


def _outlines(item: Any, count: int, matrix: Matrix) -> list[list[tuple[float, float]]]:
    """The path's straight sub-paths as displayed points; curves break a sub-path."""
    a, b, c, d, e, f = matrix
    px, py = ctypes.c_float(), ctypes.c_float()
    outlines: list[list[tuple[float, float]]] = []
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, px, py)
        x, y = px.value, py.value
        point = (a * x + c * y + e, b * x + d * y + f)
        if kind == pdfium.FPDF_SEGMENT_LINETO and outlines:
            outlines[-1].append(point)
        else:
            outlines.append([point])
        if pdfium.FPDFPathSegment_GetClose(segment) and len(outlines[-1]) > 2:
            outlines[-1].append(outlines[-1][0])
    return [outline for outline in outlines if len(outline) > 1]


def _add_stroke(start: tuple[float, float], end: tuple[float, float], marks: PageMarks) -> None:
    (x0, y0), (x1, y1) = start, end
    wide, high = abs(x1 - x0), abs(y1 - y0)
    if high <= MAX_LEAN and wide >= MIN_RULE_LENGTH:
        marks.horizontal.append(Edge((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif wide <= MAX_LEAN and high >= MIN_RULE_LENGTH:
        marks.vertical.append(Edge((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _add_box(outline: list[tuple[float, float]], marks: PageMarks) -> None:
    """A thin filled rectangle (Word, Chromium draw borders so) becomes its middle line."""
    xs = [point[0] for point in outline]
    ys = [point[1] for point in outline]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    wide, high = x1 - x0, y1 - y0
    if high <= MAX_RULE_THICKNESS and wide >= MIN_RULE_LENGTH and wide > high:
        marks.horizontal.append(Edge((y0 + y1) / 2, x0, x1))
    elif wide <= MAX_RULE_THICKNESS and high >= MIN_RULE_LENGTH and high > wide:
        marks.vertical.append(Edge((x0 + x1) / 2, y0, y1))
