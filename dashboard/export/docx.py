"""A :class:`~dashboard.export.blocks.Document` as a Word file.

Headings, captions, header rows and page numbers are Word's own, so that its table of contents,
its list of figures and a screen reader find them. Chinese text has an East Asian face that Office
has; the theme's faces would override it and are taken away.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import docx as word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from dashboard import theme
from dashboard.export import picture
from dashboard.export.blocks import Block, Break, Document, Heading, Picture, Table, Text, lines_of
from dashboard.export.safe import clean

#: Latin and East Asian face: as a briefing, as an official letter.
FACES: Final = {False: ("Arial", "Microsoft YaHei"), True: ("Times New Roman", "仿宋")}
PAGE: Final = (21.0, 29.7)
MARGIN: Final = 2.2
_TWIPS: Final = 567
#: A row of so many lines stays on one page; a higher one would leave half a page empty.
_WHOLE: Final = 8
_P: Final = theme.LIGHT
#: A fixed time: the same document gives the same bytes, as far as the ZIP allows.
_STAMP: Final = dt.datetime(2020, 1, 1)


def render(document: Document) -> bytes:
    """The document as .docx."""
    return _Writer(document).write()


def colour(text: str) -> RGBColor:
    """``#rrggbb`` for Word."""
    return RGBColor.from_string(text.lstrip("#").upper())


def element(name: str, *children: Any, **attributes: str) -> Any:
    """An XML element of Word: ``element("w:jc", val="right")``."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    for child in children:
        made.append(child)
    return made


class _Writer:
    """One document being set."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.size = 12.0 if document.formal else 10.5
        self.word = word.Document()
        self._pictures = 0
        self._fresh = self._gap = False
        self._styles()
        self._page()

    def write(self) -> bytes:
        """All blocks in order, then the bytes."""
        d = self.document
        title = self.word.add_paragraph(clean(d.title), style="Title")
        if d.formal:
            title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for line in d.subtitle:
            self._text(Text(line, "centre" if d.formal else "quiet"))
        for block, label, leads in zip(d.blocks, d.labels(), d.leads(), strict=True):
            self._block(block, label)
            if leads:
                self.word.paragraphs[-1].paragraph_format.keep_with_next = True
        if self._gap:  # Word wants a paragraph behind a last table: on a full page a tiny one
            last = self.word.add_paragraph()
            last.paragraph_format.space_after = Pt(0)
            last.paragraph_format.line_spacing = Pt(1)
            last.add_run().font.size = Pt(1)
        properties = self.word.core_properties
        properties.title, properties.author = clean(d.title)[:250], d.t("app.title")
        properties.comments = clean(d.footer)[:250]
        properties.language = "zh-CN" if d.lang == "zh" else "en"
        properties.created = properties.modified = _STAMP
        out = BytesIO()
        self.word.save(out)
        return out.getvalue()

    # -------------------------------------------------------------- styles and page

    def _styles(self) -> None:
        styles = self.word.styles
        ink, quiet = colour(_P.ink), colour(_P.quiet)
        self._face(styles["Normal"], self.size, ink, after=6.0)
        styles["Normal"].paragraph_format.line_spacing = 1.35
        sizes = {"Title": 20.0, "Heading 1": 15.0, "Heading 2": 12.5, "Heading 3": 11.0}
        for name, size in sizes.items():
            self._face(styles[name], size, ink, bold=True, before=size * 0.8, after=size * 0.35)
        borders = styles["Title"].element.find(f".//{qn('w:pBdr')}")
        if borders is not None:
            borders.getparent().remove(borders)
        self._face(styles["Caption"], 9.5, ink, bold=True, before=3.0, after=6.0)
        for name in ("Header", "Footer"):
            self._face(styles[name], 8.0, quiet)
        language = styles["Normal"].element.get_or_add_rPr()
        language.append(element("w:lang", val="en-GB", eastAsia="zh-CN"))

    def _face(
        self, style: Any, size: float, ink: RGBColor, *, bold: bool = False,
        before: float = 0.0, after: float = 0.0,
    ) -> None:  # fmt: skip
        latin, chinese = FACES[self.document.formal]
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = ink
        style.font.name = latin
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{key}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(after)

    def _page(self) -> None:
        section = self.word.sections[0]
        section.page_width, section.page_height = Cm(PAGE[0]), Cm(PAGE[1])
        section.left_margin = section.right_margin = Cm(MARGIN)
        section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.0)
        d = self.document
        if d.demo:
            header = section.header.paragraphs[0]
            header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run = header.add_run(d.t("export.demo_tag"))
            run.font.color.rgb = colour(_P.warn)
        foot = section.footer.paragraphs[0]
        foot.paragraph_format.tab_stops.clear_all()
        if d.footer:
            foot.add_run(clean(d.footer))
            foot = section.footer.add_paragraph(style="Footer")
        foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        before, between, after = re.split(r"\{\w+\}", d.t("export.page_of"))
        for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            if text:
                foot.add_run(text)
            if field:
                self._field(foot, field)

    def _field(self, paragraph: Any, code: str, shown: str = "1") -> None:
        """A field of Word (page number, caption number) with what it shows until updated."""
        simple = element("w:fldSimple", instr=f" {code} ")
        run, text = element("w:r"), element("w:t")
        text.text = shown
        run.append(text)
        simple.append(run)
        paragraph._p.append(simple)

    # -------------------------------------------------------------- blocks

    def _block(self, block: Block, label: str) -> None:
        # A paragraph of its own for a break, or between a table and a new page, would leave an
        # empty page where the page is full.
        fresh, self._fresh = self._fresh, isinstance(block, Break)
        gap, self._gap = self._gap, self._gap and isinstance(block, Break)
        if gap and not fresh and not isinstance(block, Break):
            self._below()
        if isinstance(block, Heading):
            level = min(max(block.level, 1), 3)
            heading = self.word.add_paragraph(clean(block.text), style=f"Heading {level}")
            heading.paragraph_format.page_break_before = fresh or None
            return
        if fresh:
            self.word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        if isinstance(block, Break):
            return
        if isinstance(block, Text):
            self._text(block)
        elif isinstance(block, Picture):
            self._picture(block, label)
        else:
            self._table(block, label)

    def _text(self, block: Text) -> None:
        paragraph = self.word.add_paragraph()
        run = paragraph.add_run(clean(block.text))
        form = paragraph.paragraph_format
        if block.style == "lead":
            run.font.size = Pt(self.size + 1.5)
        elif block.style == "quiet":
            run.font.size, run.font.color.rgb = Pt(8.5), colour(_P.quiet)
            form.space_after, form.line_spacing = Pt(1.5), 1.2
        elif block.style == "note":
            form.left_indent = Cm(0.3)
            borders = element(
                "w:pBdr",
                element("w:left", val="single", sz="18", space="8", color=_P.main.lstrip("#")),
            )
            paragraph._p.get_or_add_pPr().insert_element_before(
                borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
            )
        elif block.style == "item":
            run.bold = True
            form.keep_with_next = True
        elif block.style == "detail":
            form.left_indent = Cm(0.8)
            form.space_after = Pt(3)
        elif block.style == "centre":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif block.style == "right":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _caption(self, label: str, text: str, *, above: bool) -> None:
        """``图 1　…`` as Word's own caption: the number is a field, so that Word lists them."""
        paragraph = self.word.add_paragraph(style="Caption")
        paragraph.paragraph_format.keep_with_next = above
        before, number, after = re.split(r"(\d+)", label, maxsplit=1)
        if before:
            paragraph.add_run(before)
        self._field(paragraph, f"SEQ {before.strip() or after.strip()} \\* ARABIC", number)
        paragraph.add_run(f"{after}　{clean(text)}")

    def _picture(self, block: Picture, label: str) -> None:
        paragraph = self.word.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing = 1.0
        wide, high = picture.size(block.drawing)
        room, most = PAGE[0] - 2 * MARGIN, 15.0
        scale = min(room / wide, most / high)
        run = paragraph.add_run()
        image = BytesIO(picture.from_svg(block.drawing, 2.5 * 720 / max(wide, 720)))
        shape = run.add_picture(image, width=Cm(wide * scale), height=Cm(high * scale))
        self._pictures += 1
        described = shape._inline.docPr
        described.set("name", label or f"picture {self._pictures}")
        described.set("descr", clean(block.alt)[:2000])
        self._caption(label, block.caption, above=False)

    def _table(self, block: Table, label: str) -> None:
        if block.caption:
            self._caption(label, block.caption, above=True)
        room = int((PAGE[0] - 2 * MARGIN) * _TWIPS)
        ems = room / 20 / self._table_size()
        widths = [int(room * share) for share in block.shares(ems)]
        grid = element("w:tblGrid", *(element("w:gridCol", w=str(w)) for w in widths))
        table = element("w:tbl", _table_properties(room, block.head), grid)
        block = replace(block, weights=tuple(block.shares(ems)))
        rows = [block.columns, *block.rows] if block.head else list(block.rows)
        for n, row in enumerate(rows):
            head = block.head and n == 0
            high = lines_of(block, row, room / 20, self._table_size())
            whole = [element("w:cantSplit")] if head or high <= _WHOLE else []
            properties = element("w:trPr", *whole)
            if head:
                properties.append(element("w:tblHeader"))
            made = element("w:tr", properties)
            for c, text in enumerate(row):
                made.append(self._cell(text, widths[c], c in block.right, head))
            table.append(made)
        body = self.word.element.body
        body.insert(len(body) - 1, table)  # before the section's properties
        self._gap = True

    def _below(self) -> None:
        """Room below a table."""
        after = self.word.add_paragraph()
        after.paragraph_format.space_after = Pt(2)
        after.paragraph_format.line_spacing = 0.8

    def _table_size(self) -> float:
        """How large the words of a table are, in points."""
        return 10.5 if self.document.formal else 8.5

    def _cell(self, text: str, width: int, right: bool, head: bool) -> Any:
        properties = element("w:tcPr", element("w:tcW", w=str(width), type="dxa"))
        if head:
            properties.append(element("w:shd", val="clear", color="auto", fill="EEF2F5"))
        properties.append(element("w:vAlign", val="center"))
        cell = element("w:tc", properties)
        size = str(int(2 * self._table_size()))
        for line in clean(text).split("\n"):
            layout = element("w:pPr", element("w:spacing", before="20", after="20", line="252",
                                              lineRule="auto"))  # fmt: skip
            if right:
                layout.append(element("w:jc", val="right"))
            look = element("w:rPr")
            if head:
                look.append(element("w:b"))
            look.append(element("w:sz", val=size))
            run, words = element("w:r", look), element("w:t")
            words.text = line
            words.set(qn("xml:space"), "preserve")
            run.append(words)
            cell.append(element("w:p", layout, run))
        return cell


def _table_properties(width: int, head: bool) -> Any:
    grey = _P.line.lstrip("#").upper()
    sides = ("top", "bottom", "insideH") if head else (
        "top", "left", "bottom", "right", "insideH", "insideV")  # fmt: skip
    borders = element(
        "w:tblBorders",
        *(element(f"w:{side}", val="single", sz="4", space="0", color=grey if head else "808080")
          for side in sides),
    )  # fmt: skip
    return element(
        "w:tblPr",
        element("w:tblW", w=str(width), type="dxa"),
        borders,
        element("w:tblLayout", type="fixed"),
        element("w:tblCellMar", *(element(f"w:{side}", w="80", type="dxa")
                                  for side in ("left", "right"))),
        element("w:tblLook", val="0020", firstRow="1"),
    )  # fmt: skip
