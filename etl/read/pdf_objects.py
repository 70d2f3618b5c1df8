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
#: Depth to which form XObjects are entered; WPS and Chromium use one or two.
MAX_FORM_DEPTH: Final = 6


def read_objects(page_handle: Any, to_display: Matrix, marks: PageMarks) -> int:
    """Walk page objects and form XObjects; returns the segments left of the page's budget."""
    budget = MAX_SEGMENTS
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
                budget -= _read_path(item, matrix, marks, budget)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                _read_image(item, matrix, marks)
            elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
                mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
                marks.texts += 1
                marks.hidden += mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
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
    return budget


def address(item: Any) -> int | None:
    """Where an object of pdfium lies: every question for it brings another pointer to it."""
    return ctypes.cast(item, ctypes.c_void_p).value


def _look_at(item: Any, matrix: Matrix, marks: PageMarks) -> None:
    """Note whether a text object stands aslant, or is faint or pale."""
    a, b, *_ = compose(_matrix_of(item), matrix)
    marks.slanted = marks.slanted or min(abs(a), abs(b)) > MAX_SLANT * max(abs(a), abs(b))
    if marks.pale:
        return
    darkest, alpha = fill_colour(pdfium.FPDFPageObj_GetFillColor, item)
    marks.pale = darkest >= PALE or alpha < FAINT


def fill_colour(ask: Callable[..., Any], *of: Any) -> tuple[int, int]:
    """The least part of a colour and its opacity, both 0 to 255; black where none is told.

    ``ask`` is one of pdfium's functions for the colour of what ``of`` names.
    """
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not ask(*of, red, green, blue, alpha):
        return 0, 255
    return min(red.value, green.value, blue.value), alpha.value


def _matrix_of(item: Any) -> Matrix:
    raw = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, raw):
        return IDENTITY
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
