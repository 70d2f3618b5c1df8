"""A small PDF writer for tests: Chinese text by a predefined CMap, rules drawn as programs do.

Nothing is embedded: pdfium knows the CMap, so text comes back although no font is in the file.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 70.0


@dataclass
class Canvas:
    """One page's content; y grows upwards from the lower edge, in points."""

    ops: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = 10.0, mode: int = 0) -> None:
        codes = text.encode("utf-16-be").hex()
        self.ops.append(f"BT {mode} Tr /F1 {size} Tf {x:.2f} {y:.2f} Td <{codes}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float, style: str = "stroke") -> None:
        if style == "stroke":
            self.ops.append(f"0.5 w {x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l S")
        elif style == "box":
            wide, high = max(abs(x1 - x0), 0.5), max(abs(y1 - y0), 0.5)
            self.ops.append(f"{min(x0, x1):.2f} {min(y0, y1):.2f} {wide:.2f} {high:.2f} re f")

    def image(self) -> None:
        self.ops.append(f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /I1 Do Q")


def width_of(text: str, size: float) -> float:
    return sum(size if ord(c) > 0x2000 else size / 2 for c in text)


@dataclass(frozen=True)
class Note:
    """An annotation of the first page that shows a text: a form's field (``Widget``), a note."""

    kind: str
    x: float
    y: float
    text: str


def build(
    pages: list[Canvas],
    *,
    title: str = "",
    rotate: int = 0,
    compress: bool = True,
    notes: Sequence[Note] = (),
) -> bytes:
    """The pages as a PDF file with a classic cross-reference table."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    catalog, tree = add(b""), add(b"")
    descendant = add(
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(GB1)/Supplement 2>>/DW 1000/W[1 95 500 814 939 500]/FontDescriptor<<"
        b"/Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -200 1000 900]"
        b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 800/StemV 80>>>>"
    )
    font = add(
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
        b"/DescendantFonts[%d 0 R]>>" % descendant
    )
    image = add(
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray"
        b"/BitsPerComponent 8/Length 1>>stream\n\x80\nendstream"
    )
    # /X1 draws a 9 at the origin as Chromium draws what is see-through: a form of opacity 0.2.
    veil = b"BT /F1 9 Tf 0 0 Td <0039> Tj ET"
    form = add(
        b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</Font<</F1 %d 0 R>>>>/Group"
        b"<</S/Transparency>>/Length %d>>stream\n%s\nendstream" % (font, len(veil), veil)
    )
    held = []
    for note in notes:
        shown = f"/Tx BMC BT /F1 9 Tf 2 3 Td <{note.text.encode('utf-16-be').hex()}> Tj ET EMC"
        look = add(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 60 14]/Resources<</Font<</F1 %d 0 R>>>>"
            b"/Length %d>>stream\n%s\nendstream" % (font, len(shown), shown.encode())
        )
        area = f"{note.x} {note.y} {note.x + 60} {note.y + 14}"
        value = f"/FT/Tx/T(n{len(held)})/V({note.text})" if note.kind == "Widget" else ""
        body = f"<</Type/Annot/Subtype/{note.kind}/Rect[{area}]/F 4{value}/AP<</N {look} 0 R>>>>"
        held.append(add(body.encode()))
    kids = []
    for page in pages:
        content = "\n".join(page.ops).encode()
        packed = zlib.compress(content) if compress else content
        filters = b"/Filter/FlateDecode" if compress else b""
        stream = add(b"<</Length %d%s>>stream\n%s\nendstream" % (len(packed), filters, packed))
        size = (HEIGHT, WIDTH) if rotate in (90, 270) else (WIDTH, HEIGHT)
        kids.append(
            add(
                b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %d %d]/Rotate %d/Contents %d 0 R"
                b"/Resources<</Font<</F1 %d 0 R>>/XObject<</I1 %d 0 R/X1 %d 0 R>>"
                b"/ExtGState<</G1<</ca .2>>>>>>/Annots[%s]>>"
                % (
                    *(tree, size[0], size[1], rotate, stream, font, image, form),
                    b" ".join(b"%d 0 R" % n for n in held) if not kids else b"",
                )
            )
        )
    fields = b" ".join(b"%d 0 R" % n for n in held)
    form_entry = b"/AcroForm<</Fields[%s]>>" % fields if held else b""
    objects[catalog - 1] = b"<</Type/Catalog/Pages %d 0 R%s>>" % (tree, form_entry)
    objects[tree - 1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (
        len(kids),
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
    info = add(b"<</Title<feff%s>>>" % title.encode("utf-16-be").hex().encode())
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        catalog,
        info,
        start,
    )
    return bytes(out)


@dataclass(frozen=True)
class Box:
    """A cell for :func:`draw_table`: its place in the lattice and its text."""

    row: int
    col: int
    text: str
    rowspan: int = 1
    colspan: int = 1


@dataclass
class Layout:
    """How a table is drawn.

    ``style``: ``stroke`` or ``box`` (thin filled boxes) or ``none``; ``piecewise`` draws each
    cell's borders by themselves; ``breaks`` are the rows before which a new page begins;
    ``header`` rows are repeated after a break; ``page_number`` is printed as ``- n -``;
    ``vertical`` cells are written downwards; ``sides`` draws the outer left and right borders.
    """

    style: str = "stroke"
    piecewise: bool = False
    breaks: tuple[int, ...] = ()
    header: int = 0
    page_number: bool = True
    vertical: frozenset[tuple[int, int]] = frozenset()
    sides: bool = True
    row_height: float = 24.0
    size: float = 9.0


def draw_table(boxes: list[Box], columns: list[float], layout: Layout) -> list[Canvas]:
    """Draw a table from the top of a page, broken over pages where the layout says."""
    n_rows = max(box.row + box.rowspan for box in boxes)
    edges = [0, *layout.breaks, n_rows]
    xs = [MARGIN]
    for width in columns:
        xs.append(xs[-1] + width)
    pages = []
    rest = {(box.row, box.col): box.text for box in boxes}
    for part, (first, last) in enumerate(pairwise(edges)):
        canvas = Canvas()
        top = HEIGHT - MARGIN
        rows = [*range(layout.header if part else 0), *range(first, last)]
        ys = {row: top - layout.row_height * i for i, row in enumerate(rows)}
        for box in boxes:
            inside = [r for r in range(box.row, box.row + box.rowspan) if r in ys]
            if not inside:
                continue
            y1 = ys[inside[0]]
            y0 = ys[inside[-1]] - layout.row_height
            x0, x1 = xs[box.col], xs[box.col + box.colspan]
            _borders(canvas, x0, x1, y0, y1, xs, layout)
            at = box.row, box.col
            if at in layout.vertical:
                # A label written downwards goes on after the break with what found no room.
                room = int((y1 - y0) / (layout.size * 1.1))
                _downwards(canvas, rest[at][:room], (x0 + x1 - layout.size) / 2, y1, layout.size)
                rest[at] = rest[at][room:]
            elif box.row in ys:
                _write(canvas, box, x0, x1, y0, y1, layout)
        if layout.page_number:
            canvas.text(WIDTH / 2 - 10, 30, f"- {part + 1} -")
        pages.append(canvas)
    return pages


def _borders(
    canvas: Canvas, x0: float, x1: float, y0: float, y1: float, xs: list[float], layout: Layout
) -> None:
    if layout.style == "none":
        return
    sides = [(x0, y0, x1, y0), (x0, y1, x1, y1)]
    sides += [(x, y0, x, y1) for x in (x0, x1) if layout.sides or x not in (xs[0], xs[-1])]
    for ax, ay, bx, by in sides:
        if layout.piecewise:
            mx, my = (ax + bx) / 2, (ay + by) / 2
            canvas.line(ax, ay, mx, my, layout.style)
            canvas.line(mx, my, bx, by, layout.style)
        else:
            canvas.line(ax, ay, bx, by, layout.style)


def _downwards(canvas: Canvas, text: str, x: float, top: float, size: float) -> None:
    for i, char in enumerate(text):
        canvas.text(x, top - (i + 1) * size * 1.1, char, size)


def _write(
    canvas: Canvas, box: Box, x0: float, x1: float, y0: float, y1: float, layout: Layout
) -> None:
    size = layout.size
    lines = [""]
    for char in box.text:
        if width_of(lines[-1] + char, size) > x1 - x0 - 3:
            lines.append("")
        lines[-1] += char
    y = (y0 + y1) / 2 + (len(lines) / 2 - 0.8) * size * 1.1
    for line in lines:
        canvas.text((x0 + x1 - width_of(line, size)) / 2, y, line, size)
        y -= size * 1.1
