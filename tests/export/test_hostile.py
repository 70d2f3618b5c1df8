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
from dashboard.export.base import Item
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
    "长" * 3000, "x" * 3000, "\u202egnp.exe", "\u2066א\u2069", "\u200b\ufeff", "\ud800",
    "a\udfffb", "http://x", "{=1}", "\ufffe\uffff", "😀👨‍👩‍👧", "\U0010ffff", "é" * 200,
    "'", "", " ", ".", "-", "_x0041_", "\r\n=1",
)  # fmt: skip

#: Those for products whose pictures take a second to draw.
DRAWN = (*HOSTILE[::6], "<script>alert(1)</script>", "\u202egnp.exe", "\ud800")
drawn = pytest.mark.parametrize("text", DRAWN, ids=[ascii(t[:12]) for t in DRAWN])


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


@pytest.fixture(params=range(len(HOSTILE)), ids=[ascii(t[:12]) for t in HOSTILE])
def text(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


@pytest.fixture
def pack(item: Item, text: str) -> Pack:
    return Pack((item_with(item, text), item_with(item, text)), text, (text,))


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


def test_slides(pack: Pack, text: str) -> None:
    content = packs.make("pptx", pack)
    assert len(list(parts(content))) > 10
    deck = Presentation(BytesIO(content))
    slide = deck.slides[1]
    assert cleaned(text) in cleaned(slide.shapes.title.text_frame.text)
    assert cleaned(text) in cleaned(slide.notes_slide.notes_text_frame.text)
    assert len(deck.core_properties.title) <= 250
    with zipfile.ZipFile(BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith(".xlsx"):
                no_formula(openpyxl.load_workbook(BytesIO(packed.read(name))))


def test_word(pack: Pack, text: str) -> None:
    content = packs.make("docx", pack)
    assert list(parts(content))
    word = python_docx.Document(BytesIO(content))
    assert cleaned(text) in cleaned("".join(p.text for p in word.paragraphs))
    held = text.encode("utf-8", errors="replace").decode("utf-8")
    assert cleaned(held) in cleaned(word.tables[0].rows[1].cells[0].text)
    assert len(word.core_properties.title) <= 250


@drawn
@pytest.mark.parametrize("report", [False, True])
def test_pdf(pack: Pack, *, report: bool) -> None:
    content = packs.make("pdf", replace(pack, report=report))
    assert len(pypdfium2.PdfDocument(content)) >= 2


def test_workbook(pack: Pack) -> None:
    content = packs.make("xlsx", pack)
    assert list(parts(content))
    book = openpyxl.load_workbook(BytesIO(content))
    no_formula(book)
    assert len({s.title.casefold() for s in book.worksheets}) == len(book.worksheets)


@drawn
def test_archive_and_its_tables(pack: Pack, text: str) -> None:
    with zipfile.ZipFile(BytesIO(packs.make("zip", pack))) as packed:
        names = packed.namelist()
        assert len({n.casefold() for n in names}) == len(names) > 8
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


@drawn
def test_single_files_and_their_names(item: Item, text: str) -> None:
    odd = item_with(item, text)
    for kind in KINDS:
        harmless(kind.name(text, text))
        assert kind.make(odd)
    for product in packs.PRODUCTS:
        harmless(product.name(Pack((odd,), text)))


def test_letters(item: Item, text: str) -> None:
    remark = Remark(1, "error", text, text, text, text, (Instance(text, 1.0, 2.0, (text,)),))
    asked = Letter(
        text, text, (text,), (Reported(text, (text,), (remark,)),), ((text, text),),
        ((text, (text,)),), (text,), str(dt.date(2026, 1, 2)), "zh", text, demo=True,
    )  # fmt: skip
    content = letter.word(asked, item.view.t)
    assert list(parts(content))
    word = python_docx.Document(BytesIO(content))
    assert cleaned(text) in cleaned("".join(p.text for p in word.paragraphs))
    assert letter.plain(asked, item.view.t).decode("utf-8-sig")
    harmless(filename("整改提示", text, "b-1", ending="docx"))
