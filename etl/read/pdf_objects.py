"""What is drawn on a PDF page beside its characters: ruling lines, pictures, how texts look."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import pypdfium2.raw as pdfium

from etl.read.pdf_marks import (
    FAINT,
    IDENTITY,
    MAX_SLANT,
    PALE,
    Edge,
    Matrix,
    PageMarks,
    Place,
    beside,
    compose,
)

#: A filled box or a stroke no thicker than this is a ruling line, a thicker one is shading.
MAX_RULE_THICKNESS: Final = 3.5
#: A line may lean this much over its whole length and still be called straight.
MAX_LEAN: Final = 1.0
#: Shorter strokes are tick marks, dashes of a dotted line or parts of a glyph drawn as a path.
MIN_RULE_LENGTH: Final = 2.0
#: A page with more path points than this is a drawing; the surplus is not read (bounded time).
MAX_SEGMENTS: Final = 60_000
#: A picture that covers more than this share of the page is the page.
FULL_PAGE: Final = 0.6
#: A box or picture above this share of the page is its ground; so many others are looked at.
MAX_COVER: Final = 0.3
MAX_COVERS: Final = 2_000
#: No paper is so high (points); and so many strips and texts are looked at for boxes of a page.
MAX_PAPER: Final = 50_000
MAX_LOOKS: Final = 1_000_000
#: Less opaque boxes mark text, and hide none.
OPAQUE: Final = 240
#: Boxes are looked at where text begins in the strips, so high (points), that they reach into.
STRIP: Final = 4
_INVISIBLE: Final = int(pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
#: From where a text begins to a point well within its first character.
_INSIDE: Final = 1.5
#: Points of the outline of a box from corner to corner; a closing line may repeat the first.
_CLOSED: Final = 5
#: A border no thicker than this (points) is not there.
_NO_SIDE: Final = 0.05
#: So many paths of a clip, and points of one, are looked at; a box has five.
MAX_CLIPS: Final = 16
#: Two texts that begin no further apart (points) stand in the same place.
SAME_PLACE: Final = 1.0
#: Depth to which form XObjects are entered; WPS and Chromium use one or two.
MAX_FORM_DEPTH: Final = 6


#: What pdfium writes its answers into; a process reads one document at a time.
_COLOUR: Final = tuple(ctypes.c_uint() for _ in range(4))
_MATRIX: Final = pdfium.FS_MATRIX()


def read_objects(page_handle: Any, to_display: Matrix, marks: PageMarks) -> int:
    """Walk page objects and form XObjects; returns the segments left of the page's budget."""
    budget = MAX_SEGMENTS
    covers, unseen = _Covers(marks), []
    widest: tuple[float, Any, Matrix] = (-math.inf, None, to_display)
    stack: list[tuple[Any, Matrix, int, int, bool]] = [
        (page_handle, to_display, pdfium.FPDFPage_CountObjects(page_handle), 0, False)
    ]
    while stack:
        holder, matrix, count, depth, faint = stack.pop()
        get = pdfium.FPDFPage_GetObject if depth == 0 else pdfium.FPDFFormObj_GetObject
        for index in range(count):
            item = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                rules = len(marks.horizontal)
                budget -= _read_path(item, matrix, marks, budget, covers)
                if len(marks.horizontal) > rules and marks.horizontal[-1].end > widest[0]:
                    widest = marks.horizontal[-1].end, item, matrix
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                _read_image(item, matrix, marks)
            elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
                marks.texts += 1
                if pdfium.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE:
                    unseen.append(item)
                if faint:
                    marks.faint.add(address(item))
                _look_at(item, matrix, marks)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
                inner = compose(_matrix_of(item), matrix)
                pieces = pdfium.FPDFFormObj_CountObjects(item)
                # Chromium draws what has an opacity as one transparent form of opaque texts.
                _, alpha = fill_colour(pdfium.FPDFPageObj_GetFillColor, item)
                stack.append((item, inner, pieces, depth + 1, faint or alpha < FAINT))
            budget -= 1
            if budget <= 0:
                return 0
    clip = _clip_of(*widest[1:]) if widest[1] is not None else None
    marks.edge = clip.x1 if clip is not None else marks.edge
    marks.hidden = len(unseen)
    marks.covered = covers.hidden()
    if marks.picture < FULL_PAGE:  # else it is what a scanner recognised in the picture
        marks.covered.update(map(address, unseen))
    return budget


class _Covers:
    """Which texts a filled box or a picture covers that is drawn after them.

    Editors of PDF paint white over what they replace, and the old text stays in the file.
    """

    def __init__(self, marks: PageMarks) -> None:
        self._strips = marks.strips
        self._looks = MAX_LOOKS
        #: Boxes, each with the texts that were drawn there before.
        self._boxes: list[tuple[Any, list[Any]]] = []

    def box(self, item: Any, place: Place) -> None:
        """Note a box if it lies where some text was drawn before."""
        if self._looks <= 0 or abs(place.top) + abs(place.bottom) > MAX_PAPER:
            return
        strips = range(int(place.top // STRIP), int(place.bottom // STRIP) + 1)
        before = [text for strip in strips for text in self._strips.get(strip, ())]
        self._looks -= len(strips) + len(before)
        x0, x1 = place.x0 - _INSIDE, place.x1 - _INSIDE
        y0, y1 = place.top + _INSIDE, place.bottom + _INSIDE
        here = [text for text, x, y in before if y0 <= y <= y1 and x0 <= x <= x1]
        if here:
            self._boxes.append((item, here))

    def hidden(self) -> set[int | None]:
        """Addresses of the covered texts."""
        found: set[int | None] = set()
        for item, here in self._boxes:
            if fill_colour(pdfium.FPDFPageObj_GetFillColor, item)[1] >= OPAQUE:
                found.update(map(address, here))
        return found


def address(item: Any) -> int | None:
    """Where an object of pdfium lies: every question for it brings another pointer to it."""
    return ctypes.cast(item, ctypes.c_void_p).value


def dark_places(marks: PageMarks) -> list[Place]:
    """The opaque dark boxes of a page: on them pale text is as good as dark text on paper."""
    looks = [(fill_colour(pdfium.FPDFPageObj_GetFillColor, b), place) for b, place in marks.boxes]
    return [place for (darkest, alpha), place in looks if darkest < PALE and alpha >= OPAQUE]


def shadows(marks: PageMarks) -> set[int | None]:
    """Addresses of the see-through texts that an opaque text is printed upon.

    pdfium takes a text and its shadow for one printed twice and keeps the first, the shadow.
    """
    places: dict[bool, dict[tuple[int, int], int | None]] = {True: {}, False: {}}
    for item, x, y in marks.objects:
        at = address(item)
        _, alpha = fill_colour(pdfium.FPDFPageObj_GetFillColor, item)
        if at not in marks.covered:
            opaque = alpha >= FAINT and at not in marks.faint
            places[opaque][round(x / SAME_PLACE), round(y / SAME_PLACE)] = at
    return {at for place, at in places[False].items() if beside(place, places[True])}


def _look_at(item: Any, matrix: Matrix, marks: PageMarks) -> None:
    """Note where a text object stands, and whether aslant, faint or pale."""
    if not pdfium.FPDFPageObj_GetMatrix(item, _MATRIX):
        return
    oa, ob, oc, od, oe, of = matrix
    x, y = _MATRIX.e, _MATRIX.f
    clip = _clip_of(item, matrix)
    if clip is not None:
        marks.clipped[address(item)] = clip
    down = x * ob + y * od + of
    text = (item, x * oa + y * oc + oe, down)
    marks.objects.append(text)
    marks.strips[int(down // STRIP) if abs(down) < MAX_PAPER else 0].append(text)
    if not marks.slanted:
        a, b = _MATRIX.a * oa + _MATRIX.b * oc, _MATRIX.a * ob + _MATRIX.b * od
        marks.slanted = min(abs(a), abs(b)) > MAX_SLANT * max(abs(a), abs(b))
    if marks.pale:
        return
    darkest, alpha = fill_colour(pdfium.FPDFPageObj_GetFillColor, item)
    marks.pale = darkest >= PALE or alpha < FAINT


def _clip_of(item: Any, matrix: Matrix) -> Place | None:
    """What an object's clip leaves of the page; pdfium drops one that leaves the whole object."""
    clip = pdfium.FPDFPageObj_GetClipPath(item)
    paths = pdfium.FPDFClipPath_CountPaths(clip) if clip else 0
    if paths <= 0:
        return None
    a, b, c, d, e, f = matrix
    px, py = ctypes.c_float(), ctypes.c_float()
    x0 = y0 = -math.inf
    x1 = y1 = math.inf
    for path in range(min(paths, MAX_CLIPS)):
        xs, ys = [], []
        for index in range(min(pdfium.FPDFClipPath_CountPathSegments(clip, path), MAX_CLIPS)):
            segment = pdfium.FPDFClipPath_GetPathSegment(clip, path, index)
            pdfium.FPDFPathSegment_GetPoint(segment, px, py)
            xs.append(a * px.value + c * py.value + e)
            ys.append(b * px.value + d * py.value + f)
        if xs:
            x0, x1 = max(x0, min(xs)), min(x1, max(xs))
            y0, y1 = max(y0, min(ys)), min(y1, max(ys))
    return Place(x0, x1, y0, y1)


def fill_colour(ask: Callable[..., Any], *of: Any) -> tuple[int, int]:
    """The least part of a colour and its opacity, both 0 to 255; black where none is told.

    ``ask`` is one of pdfium's functions for the colour of what ``of`` names.
    """
    red, green, blue, alpha = _COLOUR
    if not ask(*of, red, green, blue, alpha):
        return 0, 255
    return min(red.value, green.value, blue.value), alpha.value


def _matrix_of(item: Any) -> Matrix:
    raw = _MATRIX
    if not pdfium.FPDFPageObj_GetMatrix(item, raw):
        return IDENTITY
    return (raw.a, raw.b, raw.c, raw.d, raw.e, raw.f)


def _read_image(item: Any, matrix: Matrix, marks: PageMarks) -> None:
    a, b, c, d, e, f = compose(_matrix_of(item), matrix)
    share = abs(a * d - b * c) / max(marks.width * marks.height, 1.0)
    marks.picture = max(marks.picture, share)
    if share < MAX_COVER:
        xs, ys = sorted((e, e + a + c)), sorted((f, f + b + d))
        marks.pictures.append(Place(xs[0], xs[1], ys[0], ys[1]))


def _read_path(item: Any, matrix: Matrix, marks: PageMarks, budget: int, covers: _Covers) -> int:
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
        frame = _frame(outlines)
        if frame is not None:
            marks.frames.append(frame)
            return count
        for outline in outlines:
            for start, end in pairwise(outline):
                _add_stroke(start, end, marks)
    else:
        if _add_ring(outlines, marks):
            return count
        for outline in outlines:
            _add_box(outline, marks)
        place = _frame(outlines) if fill.value else None
        if place is not None:
            _add_cover(item, place, marks, covers)
    return count


def _add_cover(item: Any, place: Place, marks: PageMarks, covers: _Covers) -> None:
    """Note a filled box: it covers what was drawn before it, is a dark ground or a field."""
    area = (place.x1 - place.x0) * (place.bottom - place.top)
    if area > MAX_COVER * marks.width * marks.height:
        return
    covers.box(item, place)
    if len(marks.boxes) < MAX_COVERS:
        marks.boxes.append((item, place))


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


def _frame(outlines: list[list[tuple[float, float]]]) -> Place | None:
    """The box that one stroke draws, its corners rounded or not; ``None`` for other paths."""
    lengths = [len(outline) for outline in outlines]
    if lengths not in ([_CLOSED], [_CLOSED + 1], [2, 2, 2, 2]):
        return None
    points = [point for outline in outlines for point in outline]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    if min(x1 - x0, y1 - y0) <= MAX_RULE_THICKNESS:
        return None
    sides = set()
    for outline in outlines:
        for (ax, ay), (bx, by) in pairwise(outline):
            if ax == bx and ay == by:
                continue
            upright, level = abs(ax - bx) <= MAX_LEAN, abs(ay - by) <= MAX_LEAN
            near_x, near_y = (
                min(x0, x1, key=lambda x: abs(x - ax)),
                min(y0, y1, key=lambda y: abs(y - ay)),
            )
            if upright == level or abs(near_x - ax if upright else near_y - ay) > MAX_LEAN:
                return None
            sides.add((upright, near_x if upright else near_y))
    return Place(x0, x1, y0, y1) if len(sides) == 4 else None


def _add_ring(outlines: list[list[tuple[float, float]]], marks: PageMarks) -> bool:
    """What is filled between two boxes, one in the other: a frame, or those sides that are there.

    Browsers and WeasyPrint draw the borders of a cell so, double ones as two within each other.
    """
    if len(outlines) not in (2, 4):
        return False
    boxes = [_frame([outline]) for outline in outlines]
    sized = sorted((box.x1 - box.x0 + box.bottom - box.top, box) for box in boxes if box)
    if len(sized) < len(boxes):
        return False
    inner, outer = sized[0][1], sized[-1][1]
    gaps = [(a - b) * sign for a, b, sign in zip(inner, outer, (1, -1, 1, -1), strict=True)]
    if not all(-_NO_SIDE <= gap <= MAX_RULE_THICKNESS for gap in gaps):
        return False
    middle = Place(*((a + b) / 2 for a, b in zip(inner, outer, strict=True)))
    if min(gaps) > _NO_SIDE:
        marks.frames.append(middle)
        return True
    left, right, top, bottom = (gap > _NO_SIDE for gap in gaps)
    marks.vertical += [Edge(middle.x0, outer.top, outer.bottom)] * left
    marks.vertical += [Edge(middle.x1, outer.top, outer.bottom)] * right
    marks.horizontal += [Edge(middle.top, outer.x0, outer.x1)] * top
    marks.horizontal += [Edge(middle.bottom, outer.x0, outer.x1)] * bottom
    return True


def _add_stroke(start: tuple[float, float], end: tuple[float, float], marks: PageMarks) -> None:
    (x0, y0), (x1, y1) = start, end
    wide, high = abs(x1 - x0), abs(y1 - y0)
    if high <= MAX_LEAN and wide >= MIN_RULE_LENGTH:
        marks.horizontal.append(Edge((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif wide <= MAX_LEAN and high >= MIN_RULE_LENGTH:
        marks.vertical.append(Edge((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _add_box(outline: list[tuple[float, float]], marks: PageMarks) -> None:
    """A thin filled rectangle (Word, Chromium draw borders so) becomes its middle line."""
    if len(outline) < 4:  # a side of a box with round corners
        return
    xs = [point[0] for point in outline]
    ys = [point[1] for point in outline]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    wide, high = x1 - x0, y1 - y0
    if high <= MAX_RULE_THICKNESS and wide >= MIN_RULE_LENGTH and wide > high:
        marks.horizontal.append(Edge((y0 + y1) / 2, x0, x1))
    elif wide <= MAX_RULE_THICKNESS and high >= MIN_RULE_LENGTH and high > wide:
        marks.vertical.append(Edge((x0 + x1) / 2, y0, y1))
