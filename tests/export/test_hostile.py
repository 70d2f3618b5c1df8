"""Names and texts of strangers through every product, opened with other libraries."""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import docx as python_docx
import openpyxl
import pandas as pd
import pypdfium2
import pytest
from lxml import etree
from pptx import Presentation

from dashboard.export import letter, packs
from dashboard.export.base import MAX_CHARTS, Item
from dashboard.export.kinds import KINDS
from dashboard.export.letter import Instance, Letter, Remark, Reported
from dashboard.export.packs import Pack
from dashboard.export.safe import clean, filename
from dashboard.figures import Native, Series, Twin

CONTROL = "".join(map(chr, range(0x20)))
HOSTILE = (
    "=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-1+1", "=HYPERLINK(\"http://x\",\"y\")",
    CONTROL, f"a{CONTROL}b\x7f\x85", "../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x:y",
    "CON", "nul.txt", "<script>alert(1)</script>", "]]></w:t><!--", "&amp;&#0;", "{{x}} #eval(1)",
    "长" * 1000, "x" * 1000, "\u202egnp.exe", "\u2066א\u2069", "\u200b\ufeff", "\ud800",
    "a\udfffb", "http://x", "{=1}", "\ufffe\uffff", "😀👨‍👩‍👧", "\U0010ffff", "é" * 200,
    "'", "", " ", ".", "-", "_x0041_", "\r\n=1",
)  # fmt: skip

#: Those in pictures and in titles, whose room is short: drawing a thousand letters takes seconds.
DRAWN = (
    "=cmd|' /C calc'!A0", f"a{CONTROL}b\x7f\x85", "<script>alert(1)</script>", "nul.txt", "x" * 300,
    "\u202egnp.exe", "\ud800", "http://x", "'", "\r\n=1",
)  # fmt: skip


def cleaned(text: str) -> str:
    """A text as any reader may show it: without what XML cannot hold and without white space."""
    return re.sub(r"\s+", "", clean(text))


def item_with(item: Item, text: str) -> Item:
    """The figure with one text everywhere a stranger could have written it."""
    # Half a character cannot come from the warehouse, only from what a user writes.
    held = text.encode("utf-8", errors="replace").decode("utf-8")
    frame = pd.DataFrame({held or "x": [held, "1"], f"office {held}": [held, "2"]})
    native = Native("bar", (text, "乙"), (Series(text, (1.0, 2.0)),), x_title=text, y_title=text)
    figure = replace(
        item.figure, title=text, sentence=text, definition=text, hint=text, twin=Twin(frame),
        data=frame, native=native,
    )  # fmt: skip
    return replace(item, figure=figure, title=text, note=text)


@pytest.fixture(scope="module")
def pack(item: Item) -> Pack:
    """Every text is a figure of its own, a line of the cover; twins among them get two names."""
    items = tuple(item_with(item, text) for text in (*HOSTILE, HOSTILE[0]))
    assert len(items) <= MAX_CHARTS
    return Pack(items, HOSTILE[0], HOSTILE)


@pytest.fixture(scope="module")
def drawn(item: Item) -> Pack:
    """The same of those that are drawn."""
    return Pack(tuple(item_with(item, text) for text in DRAWN), DRAWN[1], DRAWN)


def parts(content: bytes) -> Iterator[Any]:
    """The XML parts of an office file, each well-formed; its names plain and distinct."""
    with zipfile.ZipFile(BytesIO(content)) as packed:
        names = packed.namelist()
        assert len(names) == len({n.casefold() for n in names})
        for name in names:
            assert not name.startswith("/")
            assert ".." not in name
            if name.endswith((".xml", ".rels")):
                tree = etree.fromstring(packed.read(name))
                for node in tree.iter("{*}Relationship"):
                    assert node.get("TargetMode") != "External", name
                yield name, tree


def harmless(name: str) -> None:
    """A file name that every system takes and that does not say what it is not."""
    assert 0 < len(name.encode("utf-8")) <= 255
    assert not set(name) & set('\\/:*?"<>|')
    assert not name.startswith((".", "-", "="))
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name)
    assert not set(name) & set("\u200b\u202e\u2066\u2069\ufeff")
    assert name.split(".")[0].upper() not in {"CON", "NUL"}


def no_formula(book: Any) -> None:
    for sheet in book.worksheets:
        assert 0 < len(sheet.title) <= 31
        assert not set(sheet.title) & set("[]:*?/\\")
        assert not sheet.title.startswith("'")
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                assert cell.hyperlink is None


def written(text: str) -> str:
    """A text as a table of the warehouse could hold it."""
    return cleaned(text.encode("utf-8", errors="replace").decode("utf-8"))


def test_slides(pack: Pack) -> None:
    content = packs.make("pptx", pack)
    assert len(list(parts(content))) > 10
    deck = Presentation(BytesIO(content))
    slides = [slide for slide in deck.slides if slide.has_notes_slide]
    for slide, item in zip(slides, pack.items, strict=True):
        assert cleaned(item.title) in cleaned(slide.shapes.title.text_frame.text)
        assert cleaned(item.title) in cleaned(slide.notes_slide.notes_text_frame.text)
    sheets = 0
    with zipfile.ZipFile(BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith(".xlsx"):
                no_formula(openpyxl.load_workbook(BytesIO(packed.read(name))))
                sheets += 1
    assert sheets == len(pack.items)


def test_word(pack: Pack) -> None:
    content = packs.make("docx", pack)
    assert list(parts(content))
    word = python_docx.Document(BytesIO(content))
    said = cleaned("".join(p.text for p in word.paragraphs))
    for item, table in zip(pack.items, word.tables, strict=False):
        assert cleaned(item.title) in said, ascii(item.title)
        assert written(item.title) in cleaned(table.rows[1].cells[0].text), ascii(item.title)


def test_workbook(pack: Pack) -> None:
    content = packs.make("xlsx", pack)
    assert list(parts(content))
    book = openpyxl.load_workbook(BytesIO(content))
    no_formula(book)
    assert len({s.title.casefold() for s in book.worksheets}) == len(book.worksheets)
    assert len(book.worksheets) == len(pack.items) + 2
    # A chart's titles may be formulas, too: every reference is to cells of the workbook's sheets.
    with zipfile.ZipFile(BytesIO(content)) as packed:
        charts = [etree.fromstring(packed.read(n)) for n in packed.namelist() if "/charts/" in n]
        listed = etree.fromstring(packed.read("xl/workbook.xml")).iter("{*}sheet")
        names = [one.get("name") for one in listed]
    assert charts
    for chart in charts:
        for reference in chart.iter("{*}f"):
            sheet, _, cells = (reference.text or "").rpartition("!")
            title = re.sub("^'(.*)'$", r"\1", sheet).replace("''", "'")
            assert title in names, reference.text
            assert re.fullmatch(r"\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?", cells)


@pytest.mark.parametrize("report", [False, True])
def test_pdf(drawn: Pack, *, report: bool) -> None:
    content = packs.make("pdf", replace(drawn, report=report))
    pages = pypdfium2.PdfDocument(content)
    said = "".join(cleaned(page.get_textpage().get_text_range()) for page in pages)
    assert len(pages) >= len(drawn.items)
    assert "alert(1)" in said


def test_archive_and_its_tables(drawn: Pack) -> None:
    with zipfile.ZipFile(BytesIO(packs.make("zip", drawn))) as packed:
        names = packed.namelist()
        assert len({n.casefold() for n in names}) == len(names) == 5 * len(drawn.items) + 1
        for name in names:
            harmless(name)
            content = packed.read(name)
            if name.endswith(".svg"):
                tree = etree.fromstring(content)
                assert not list(tree.iter("{*}script"))
            if name.endswith(".csv"):
                shown = StringIO(content.decode("utf-8-sig"), newline="")
                for row in csv.reader(shown):
                    for field in row:
                        assert field[:1] not in ("=", "@", "\t", "\r"), (name, field)
                        assert not re.match(r"[+-](?![\d.,%]*$)", field), (name, field)


@pytest.mark.parametrize("text", DRAWN, ids=[ascii(t[:12]) for t in DRAWN])
def test_single_files_and_the_titles_of_packs(item: Item, text: str) -> None:
    odd = item_with(item, text)
    for kind in KINDS:
        # Three pixels a unit are the same picture as two.
        assert kind.key == "png_large" or kind.make(odd)
    titled = Pack((odd,), text, (text,))
    deck = Presentation(BytesIO(packs.make("pptx", titled)))
    assert cleaned(text) in cleaned(deck.slides[0].shapes.title.text_frame.text)
    assert len(deck.core_properties.title) <= 250
    word = python_docx.Document(BytesIO(packs.make("docx", titled)))
    assert cleaned(text) in cleaned(word.paragraphs[0].text)
    assert len(word.core_properties.title) <= 250


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(t[:12]) for t in HOSTILE])
def test_names_of_files(item: Item, text: str) -> None:
    for kind in KINDS:
        harmless(kind.name(text, text))
    for product in packs.PRODUCTS:
        harmless(product.name(Pack((item,), text)))


@pytest.mark.parametrize("text", DRAWN[:6], ids=[ascii(t[:12]) for t in DRAWN[:6]])
def test_letters(item: Item, text: str) -> None:
    """Title, office and form of one text; findings, places and notes of all of them."""
    remarks = tuple(
        Remark(n, "error", odd, odd, odd, odd, (Instance(odd, 1.0, 2.0, (odd,)),))
        for n, odd in enumerate(HOSTILE, start=1)
    )
    asked = Letter(
        text, text, HOSTILE, (Reported(text, HOSTILE, remarks),), ((text, text),),
        ((text, (text,)),), (text,), str(dt.date(2026, 1, 2)), "zh", text, demo=True,
    )  # fmt: skip
    content = letter.word(asked, item.view.t)
    assert list(parts(content))
    word = python_docx.Document(BytesIO(content))
    said = cleaned("".join(p.text for p in word.paragraphs))
    for odd in (text, *HOSTILE):
        assert cleaned(odd) in said
    assert letter.plain(asked, item.view.t).decode("utf-8-sig")
    harmless(filename("整改提示", text, "b-1", ending="docx"))
