"""Hostile and broken files, made by code: the same bytes on every run.

Each case is a name, the reader it is for, and its bytes. ``variants()`` yields more than 500 of
them; the quick part of the suite takes every ninth.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from tests.read_binary.package_maker import W, p, span, tbl, tc, tr, word, zipped
from tests.read_binary.pdf_maker import Canvas, Layout, build, draw_table
from tests.read_binary.sample import COLUMNS, section_three

DATA = Path(__file__).parent / "data"


class Case(NamedTuple):
    """A hostile file: what it is, the reader that gets it, its bytes or how to make them."""

    name: str
    reader: str
    source: bytes | Callable[[], bytes]

    @property
    def data(self) -> bytes:
        return self.source if isinstance(self.source, bytes) else self.source()


@cache
def samples() -> dict[str, bytes]:
    """One sound file per reader, which the damage is done to."""
    pages = draw_table(section_three(), COLUMNS, Layout(breaks=(9,)))
    found = {"pdf": build(pages), "pdf_flat": build(pages, compress=False)}
    for kind in ("docx", "doc", "xls", "xlsx", "pdf"):
        found[f"lo_{kind}"] = (DATA / f"libreoffice.{kind}").read_bytes()
    return found


READER_OF = {"xls": "xlsx", "flat": "pdf"}


def _reader(sample: str) -> str:
    kind = sample.rpartition("_")[2]
    return READER_OF.get(kind, kind)


def variants() -> Iterator[Case]:
    """All cases: truncations, flipped bits, noise, bombs, absurd structures, wrong formats."""
    for sample, data in samples().items():
        reader = _reader(sample)
        for percent in range(0, 100, 5):
            yield Case(f"{sample} cut at {percent} %", reader, data[: len(data) * percent // 100])
        chance = random.Random(sample)
        for number in range(44):
            damaged = bytearray(data)
            for _ in range(1 + number % 22):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            yield Case(f"{sample} flipped bits {number}", reader, bytes(damaged))
        for number in range(8):
            start = chance.randrange(len(data))
            noise = chance.randbytes(64 << number % 4)
            yield Case(
                f"{sample} noise {number}", reader, data[:start] + noise + data[start + 64 :]
            )
    yield from _made()
    for sample, data in samples().items():
        for reader in ("pdf", "docx", "doc", "xlsx"):
            if reader != _reader(sample):
                yield Case(f"{sample} given to {reader}", reader, data)


def _made() -> Iterator[Case]:
    yield from _xml_attacks()
    yield from _absurd_tables()
    yield from _pdf_attacks()


def _xml_attacks() -> Iterator[Case]:
    laughs = "".join(
        f"<!ENTITY l{i} '{''.join(f'&l{i - 1};' for _ in range(10))}'>" for i in range(1, 12)
    )
    outside = "<!ENTITY l11 SYSTEM 'file:///etc/passwd'>"
    for name, entities in (("billion laughs", f"<!ENTITY l0 'ha'>{laughs}"), ("outside", outside)):
        xml = (
            f"<!DOCTYPE d [{entities}]><w:document xmlns:w='{W}'><w:body><w:p><w:r>"
            "<w:t>&l11;</w:t></w:r></w:p></w:body></w:document>"
        )
        yield Case(name, "docx", partial(zipped, {"word/document.xml": xml}))
        sheet = f"<!DOCTYPE d [{entities}]><worksheet><sheetData>&l11;</sheetData></worksheet>"
        yield Case(f"{name} in a sheet", "xlsx", partial(_workbook, sheet))
    for megabytes in (20, 300):
        make = partial(_bomb, megabytes)
        yield Case(f"zip bomb of {megabytes} MB", "docx", make)
    yield Case("zip bomb in a sheet", "xlsx", lambda: _workbook(" " * (20 * 1024 * 1024)))
    for depth in (100, 1_000, 20_000):
        runs = "<w:smartTag>" * depth + "<w:r><w:t>x</w:t></w:r>" + "</w:smartTag>" * depth
        yield Case(f"{depth} nested wrappers", "docx", partial(word, f"<w:p>{runs}</w:p>"))
        nested = "<w:tbl><w:tr><w:tc>" * depth + p("x") + "</w:tc></w:tr></w:tbl>" * depth
        yield Case(f"{depth} nested tables", "docx", partial(word, nested))


def _bomb(megabytes: int) -> bytes:
    return zipped({"word/document.xml": b"<w:document>" + b" " * (megabytes * 1024 * 1024)})


def _workbook(sheet: str) -> bytes:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{relations}'><sheets>"
            "<sheet name='s' sheetId='1' r:id='a'/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='a' "
            f"Type='{relations}/worksheet' Target='worksheets/s.xml'/></Relationships>",
            "xl/worksheets/s.xml": sheet,
        }
    )


def _tables(count: int) -> bytes:
    return word("<w:tbl><w:tr><w:tc/><w:tc/></w:tr></w:tbl>" * count)


def _absurd_tables() -> Iterator[Case]:
    small = tbl(tr(tc("甲"), tc("1")))
    for count in (1_000, 30_000, 100_000):
        yield Case(f"{count} tables", "docx", partial(_tables, count))
    for columns in (10**3, 10**6, 10**9, 10**30, -5):
        yield Case(f"gridSpan {columns}", "docx", word(tbl(tr(tc("甲", span(columns)), tc("1")))))
    before = f'<w:gridBefore w:val="{10**9}"/>'
    yield Case("gridBefore 10^9", "docx", word(tbl(tr(tc("1"), properties=before)) + small))
    yield Case("200,000 rows", "docx", lambda: word(tbl("<w:tr><w:tc/><w:tc/></w:tr>" * 200_000)))
    cells = "".join(f'<c r="{r}" t="n"><v>1</v></c>' for r in ("A1", "XFD1048576", "ZZZ9999999"))
    yield Case(
        "far corners",
        "xlsx",
        _workbook(f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"),
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    merge = (
        f"<worksheet xmlns='{main}'><sheetData><row r='1'><c r='A1'><v>1</v></c></row></sheetData>"
        "<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells></worksheet>"
    )
    yield Case("merged everything", "xlsx", _workbook(merge))
    column = "<cols><col min='1' max='999999999' hidden='1'/></cols>"
    hidden = f"<worksheet xmlns='{main}'>{column}</worksheet>"
    yield Case("hidden everything", "xlsx", _workbook(hidden))


def _pdf_attacks() -> Iterator[Case]:
    flat = samples()["pdf_flat"]
    yield Case("broken xref", "pdf", flat.replace(b"startxref\n", b"startxref\n9"))
    yield Case("no xref", "pdf", flat[: flat.rfind(b"xref\n0")])
    yield Case("page tree in a circle", "pdf", flat.replace(b"/Kids[", b"/Kids[2 0 R "))
    yield Case("no pages", "pdf", flat.replace(b"/Type/Page/", b"/Type/Pxge/"))
    yield Case("wrong stream length", "pdf", flat.replace(b"/Length ", b"/Length 9"))
    yield Case("million pages claimed", "pdf", flat.replace(b"/Count 2", b"/Count 1000000"))
    yield Case("hatching of 6,000 lines", "pdf", _hatching)
    yield Case("800,000 cells", "pdf", _dense)
    yield Case("path of 300,000 points", "pdf", _drawing)
    yield Case("200,000 characters on a page", "pdf", _wordy)
    short = Canvas(["BT /F1 9 Tf 9 9 Td <4e2d> Tj ET"])
    yield Case("1,500 pages", "pdf", lambda: build([short] * 1_500))
    yield Case("2,500 pages", "pdf", lambda: build([Canvas()] * 2_500))
    far = "1e30 0 m 1e30 1e30 l S 0 0 m 1e38 0 l S"
    yield Case("huge coordinates", "pdf", lambda: build([Canvas([far])]))
    yield Case("inflated stream", "pdf", lambda: build([Canvas([" " * 60_000_000])]))
    yield Case("endless form", "pdf", _form_in_itself())


def _hatching() -> bytes:
    page = Canvas()
    for i in range(3_000):
        page.line(50 + i * 0.16, 50, 50 + i * 0.16, 790)
        page.line(50, 50 + i * 0.24, 545, 50 + i * 0.24)
    return build([page])


def _dense() -> bytes:
    page = Canvas()
    for i in range(900):
        page.line(20 + i * 5, 0, 20 + i * 5, 4_500)
        page.line(0, i * 5, 4_500, i * 5)
    page.text(100, 100, "甲")
    return build([page])


def _drawing() -> bytes:
    points = [f"{i % 600} {i * 7 % 800} l" for i in range(300_000)]
    return build([Canvas(["0 0 m", *points, "S"])])


def _wordy() -> bytes:
    word_ = "4e2d" * 200
    lines = [f"BT /F1 9 Tf {i % 500} {i % 800} Td <{word_}> Tj ET" for i in range(1_000)]
    return build([Canvas(lines)])


def _form_in_itself() -> bytes:
    form = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Length 6/Resources<</XObject<</I1 5 0 R>>>>"
        b">>stream\n/I1 Do\nendstream"
    )
    data = build([Canvas(["/I1 Do"])], compress=False)
    start = data.index(b"5 0 obj\n") + 8
    return data[:start] + form + data[data.index(b"\nendobj", start) :]
