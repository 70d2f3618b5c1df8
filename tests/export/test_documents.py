"""Documents: written once as blocks, set by Word and Typst, read back by other programs."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import docx as python_docx
import pypdfium2
import pytest
from lxml import etree

from dashboard.export import blocks, docx, pdf
from dashboard.export.base import Item, item_of, passport
from dashboard.export.blocks import Document

HOSTILE = '#strong[x] *y* $z$ \\ </w:t> <b>&amp; \x00\x0b]]> "q" @ref [l] = t'


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def document(open_view: Any, lang: str = "zh", **words: str) -> tuple[Document, list[Item]]:
    view = open_view(lang=lang)
    names = ("overview/outcomes", "overview/trend/disclosure_rate", "overview/who")
    items = [i for i in (item_of(name, view, **words) for name in names) if i is not None]
    assert len(items) == 3
    made = [b for item in items for b in blocks.figure(item)]
    return (
        Document(
            view.t("page.overview.title"), (*made, blocks.Break(), *blocks.appendix(items)), lang,
            (view.in_words,), blocks.footer(view), view.meta.is_demo,
        ),
        items,
    )  # fmt: skip


def pdf_pages(content: bytes) -> list[str]:
    return [
        squeezed(page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(content)
    ]


def word_text(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        tree = etree.fromstring(packed.read("word/document.xml"))
    return squeezed("".join(node.text or "" for node in tree.iter("{*}t")))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_word_and_pdf_say_the_same(open_view: Any, lang: str) -> None:
    d, items = document(open_view, lang)
    wanted = [d.title, *d.subtitle]
    for block, label in zip(d.blocks, d.labels(), strict=True):
        if isinstance(block, blocks.Heading | blocks.Text):
            wanted.append(block.text)
        elif isinstance(block, blocks.Picture):
            wanted.append(label + block.caption)
        elif isinstance(block, blocks.Table):
            wanted += [label + block.caption, *block.columns]
            wanted += [text for row in block.rows for text in row]
    for item in items:
        wanted += passport(item)
    word, pages = word_text(docx.render(d)), pdf_pages(pdf.render(d))
    # Page header and footer stand between what breaks over two pages.
    whole = "".join(pages)
    for text in map(squeezed, wanted):
        assert text in word
        assert text in whole or all(part in whole for part in re.split(r"(?<=[，。；,.;])", text))
    assert len(pages) > 1
    for n, page in enumerate(pages, start=1):
        assert squeezed(d.t("export.page_of", page=n, total=len(pages))) in page
        assert "演示数据" in page
        assert d.footer and squeezed(d.footer) in page


def test_tables_hold_the_figures_cell_by_cell(open_view: Any) -> None:
    d, items = document(open_view)
    word = python_docx.Document(BytesIO(docx.render(d)))
    for table, item in zip(word.tables, items, strict=False):
        twin = blocks.shown(item.figure).frame
        found = [[cell.text for cell in row.cells] for row in table.rows]
        assert found[0] == list(map(str, twin.columns))
        assert found[1:] == twin.head(blocks.TABLE_ROWS).astype(str).to_numpy().tolist()
    assert [row.cells[0].text for row in word.tables[-1].rows][1:], "no definitions"


def test_word_knows_headings_captions_pictures_and_chinese(open_view: Any) -> None:
    d, items = document(open_view)
    word = python_docx.Document(BytesIO(docx.render(d)))
    by_style: dict[str, list[str]] = {}
    for paragraph in word.paragraphs:
        by_style.setdefault(str(paragraph.style.name), []).append(paragraph.text)
    assert by_style["Heading 2"] == [item.heading for item in items]
    assert len(by_style["Caption"]) == 7
    fields = [n.get(python_docx.oxml.ns.qn("w:instr")) for n in word.element.body.iter()
              if n.tag.endswith("fldSimple")]  # fmt: skip
    assert [f.split()[:2] for f in fields] == [["SEQ", "图"], ["SEQ", "表"]] * 3 + [["SEQ", "表"]]
    assert len(word.inline_shapes) == 3
    for shape, item in zip(word.inline_shapes, items, strict=True):
        assert shape._inline.docPr.get("descr") == item.figure.sentence
    for name in ("Normal", "Heading 1", "Title", "Caption", "Footer"):
        fonts = word.styles[name].element.rPr.rFonts
        assert fonts.get(python_docx.oxml.ns.qn("w:eastAsia")) == "Microsoft YaHei"
        assert not [key for key in fonts.attrib if key.endswith("Theme")], name


def test_texts_from_strangers_are_text(open_view: Any) -> None:
    d, _ = document(open_view, title=HOSTILE, note=HOSTILE + "\n" + HOSTILE)
    odd = blocks.Table((HOSTILE, "b"), ((HOSTILE, HOSTILE),), HOSTILE)
    d = replace(d, title=HOSTILE, footer=HOSTILE, blocks=(*d.blocks, odd))
    plain = squeezed(HOSTILE.replace("\x00", "").replace("\x0b", ""))
    assert plain in word_text(docx.render(d))
    # A PDF reader may add a space or a line break, no letter.
    assert plain in "".join(pdf_pages(pdf.render(d)))


def test_a_long_table_is_cut_in_words(open_view: Any) -> None:
    view = open_view()
    frame = item_of("overview/outcomes", view).figure.twin.frame  # type: ignore[union-attr]
    table, said = blocks.table_of(frame, "", view.t, limit=3)
    assert isinstance(table, blocks.Table)
    assert len(table.rows) == 3
    assert isinstance(said, blocks.Text)
    assert str(len(frame)) in said.text


def test_a_letter_is_set_like_a_letter(open_view: Any) -> None:
    form = blocks.Table(("", ""), (("截止日期", ""), ("联系人", "")), head=False)
    d = Document("整改提示", (blocks.Text("某机关："), blocks.Text("一、…", "item"), form),
                 formal=True)  # fmt: skip
    word = python_docx.Document(BytesIO(docx.render(d)))
    fonts = word.styles["Normal"].element.rPr.rFonts
    assert fonts.get(python_docx.oxml.ns.qn("w:eastAsia")) == "仿宋"
    assert [[c.text for c in row.cells] for row in word.tables[0].rows] == [
        ["截止日期", ""], ["联系人", ""],
    ]  # fmt: skip
    assert "截止日期" in pdf_pages(pdf.render(d))[0]


def test_the_same_document_gives_the_same_pdf(open_view: Any) -> None:
    d, _ = document(open_view)
    assert pdf.render(d) == pdf.render(d)
