"""Slides: a cover, a slide a figure with a chart that can be edited, its table, the definitions.

A figure with a ``native`` becomes a chart of PowerPoint (bars, lines, stacked, scatter) with its
numbers behind it; any other a picture of high resolution. Notes of the speaker hold what the
figure says and its passport.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from pptx.enum.shapes import PP_PLACEHOLDER as KIND
from pptx.enum.text import PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from dashboard import theme
from dashboard.charts.base import to_spec
from dashboard.export import blocks, fonts, picture, template
from dashboard.export import native as natives
from dashboard.export.base import Item, described, metrics_of, passport
from dashboard.export.blocks import Table, footer, shown, table_of
from dashboard.export.pptx_chart import add_chart
from dashboard.export.room import place as room_for
from dashboard.export.safe import clean
from dashboard.export.template import Box, rgb
from dashboard.figures import Native
from dashboard.i18n import translator

#: Rows of a table on one slide, and rows of a table in all.
ROWS: Final = 15
TABLE_ROWS: Final = 45
#: More bars than this below each other take a slide's whole height.
TALL_BARS: Final = 14
_EMU: Final = 12700
#: The part of a slide's width a tall chart takes beside its words, and the gap between them.
_BESIDE: Final = 0.66
_GAP: Final = Inches(0.25)
#: A line of a table in heights of its words, the cell's margins included.
_LINE: Final = 1.62
#: The part of a slide's height that charts need below a title, or the title moves up.
_ROOM: Final = 0.5
_STAMP: Final = dt.datetime(2020, 1, 1)
Progress = Callable[[int, int], None]


def deck(
    items: Sequence[Item], title: str, *, lines: Sequence[str] = (), tables: bool = True,
    own_template: bytes | None = None, today: dt.date | None = None,
    progress: Progress = lambda done, total: None,
) -> bytes:  # fmt: skip
    """The slides of some figures; ``lines`` stand below the title on the cover.

    Raises:
        TemplateError: the user's template cannot be used.
    """
    writer = _Writer(template.opened(own_template), items, today)
    writer.cover(title, lines)
    for n, item in enumerate(items):
        progress(n, len(items))
        writer.figure(item)
        if tables:
            writer.table(item)
    writer.definitions()
    writer.pictures()
    progress(len(items), len(items))
    return writer.write(title)


def points(text: str, width: int, most: float, least: float, lines: int) -> float:
    """The largest size at which a text fits a width (EMU) in some lines."""
    size = most
    while size > least and len(fonts.wrap(text, size, width / _EMU * 0.97)) > lines:
        size -= 1
    return size


def _is_tall(native: Native) -> bool:
    """Whether an editable chart needs the height more than the width."""
    return native.kind.startswith("bar") and len(native.categories) > TALL_BARS


class _Writer:
    """One presentation being written."""

    def __init__(self, made: Any, items: Sequence[Item], today: dt.date | None) -> None:
        self.deck, self.items, self.today = made, items, today
        self.lang = items[0].view.lang if items else "zh"
        self.t = translator(self.lang)
        self.wide, self.high = int(made.slide_width), int(made.slide_height)
        self.layout = template.chart_layout(made)
        self.dark = template.is_dark(self.layout)
        self.ink, self.quiet = (
            "#ffffff" if self.dark else colour for colour in (theme.LIGHT.ink, theme.LIGHT.quiet)
        )
        self._pictures: list[tuple[Any, Item, Future[picture.Drawn], Box]] = []

    def write(self, title: str) -> bytes:
        """The file."""
        properties = self.deck.core_properties
        properties.title, properties.author = clean(title)[:250], self.t("app.title")
        properties.comments = clean(footer(self.items[0].view, self.today))[:250]
        properties.created = properties.modified = _STAMP
        properties.last_modified_by = ""
        out = BytesIO()
        self.deck.save(out)
        return out.getvalue()

    # -------------------------------------------------------------- slides

    def cover(self, title: str, lines: Sequence[str]) -> None:
        """Title, lines below it, 演示数据 where true."""
        slide = self.deck.slides.add_slide(template.cover_layout(self.deck))
        others = [p for p in slide.placeholders if p.placeholder_format.idx != 0]
        if slide.shapes.title is not None:
            slide.shapes.title.text_frame.text = clean(title)
        else:
            box = Box(self.wide // 14, self.high * 3 // 10, self.wide * 12 // 14, self.high // 4)
            self._text(slide, [title], box, 32, self.ink, bold=True)
        below = next((p for p in others if p.has_text_frame), None)
        text = "\n".join(clean(line) for line in lines if line)
        if below is not None:
            below.text_frame.text = text
            others.remove(below)
        else:
            box = Box(self.wide // 14, self.high * 6 // 10, self.wide * 12 // 14, self.high // 5)
            self._text(slide, text.split("\n"), box, 16, self.quiet)
        for shape in others:
            shape._element.getparent().remove(shape._element)
        self._tag(slide)

    def _slide(self, title: str) -> tuple[Any, Box]:
        """A slide with title and number, and the room between title and foot."""
        slide = self.deck.slides.add_slide(self.layout)
        holder = slide.shapes.title
        for shape in list(slide.placeholders):
            if holder is None or shape.placeholder_format.idx != 0:
                shape._element.getparent().remove(shape._element)
        side, foot = self.wide * 375 // 10000, self._foot()
        left, width, top = side, self.wide - 2 * side, int(self.high * 0.16)
        if holder is None:
            box = Box(left, self.high // 25, width, self.high // 9)
            self._text(slide, [title], box, 24, self.ink, bold=True)
        else:
            if foot - holder.top - holder.height < self.high * _ROOM:  # a title page's layout
                holder.left, holder.top = Emu(left), Emu(self.high // 25)
                holder.width, holder.height = Emu(width), Emu(self.high // 9)
            if holder.width > self.wide // 2:
                left, width = int(holder.left), int(holder.width)
            top = int(holder.top) + int(holder.height)
            template.write_title(self.layout, holder, clean(title))
        if self.dark:
            template.panel(slide, Box(left, top, width, foot - top))
        self._number(slide)
        self._tag(slide)
        return slide, Box(left, top, width, foot - top)

    def _foot(self) -> int:
        """Where the layout's own footer begins."""
        tops = [
            int(shape.top)
            for owner in (self.layout, self.layout.slide_master)
            for shape in owner.placeholders
            if shape.placeholder_format.type in template.FOOT and shape.top is not None
        ]
        low = [top for top in tops if top > self.high * 0.8]
        return min(low, default=int(self.high * 0.94))

    def figure(self, item: Item) -> None:
        """A figure's slide: words above the chart, or beside it where the chart is tall."""
        slide, room = self._slide(item.heading)
        words = item.note or item.figure.sentence
        native = item.figure.native if natives.fits(item.figure.native) else None
        notes = passport(item, self.today, drawn=native is None)
        above, small = self._words_high(words, room.width, 3), self._small_high(notes, room.width)
        below = Box(
            room.left, room.top + above + Inches(0.05), room.width,
            room.height - above - small - Inches(0.15),
        )  # fmt: skip
        side = Box(
            room.left, room.top + Inches(0.05), int(room.width * _BESIDE),
            room.height + Inches(0.1),
        )  # fmt: skip
        spec = {} if native else to_spec(item.figure.draw)
        at = room_for(spec, _inches(below), _inches(side))
        tall = _is_tall(native) if native else at.beside
        if tall:
            left = side.left + side.width + _GAP
            room = Box(left, room.top, room.left + room.width - left, room.height + Inches(0.15))
        self._words(slide, words, room, lines=12 if tall else 3)
        self._small(slide, notes, room)
        box = side if tall else below
        if native:
            add_chart(slide, item, box)
        else:
            drawn = picture.begin(
                item, bare=True, width=at.width, height=at.height, spec=spec, scale=2
            )
            self._pictures.append((slide, item, drawn, box))
        said_aloud = [item.figure.sentence, item.note, *notes]
        slide.notes_slide.notes_text_frame.text = "\n".join(clean(s) for s in said_aloud if s)

    @staticmethod
    def _words_high(words: str, width: int, lines: int) -> int:
        """How high the words above a chart are."""
        size = points(words, width, 14, 10, lines)
        n = len(fonts.wrap(words, size, width / _EMU * 0.97))
        return int(n * size * 1.3 * _EMU) + Inches(0.1)

    @staticmethod
    def _small_high(notes: Sequence[str], width: int) -> int:
        """How high the passport is."""
        n = sum(len(fonts.wrap(note, 9, width / _EMU * 0.97)) for note in notes)
        return int(n * 9 * 1.25 * _EMU) + Inches(0.05)

    def _words(self, slide: Any, words: str, room: Box, *, lines: int) -> None:
        """What the figure says, at the top of the room."""
        size = points(words, room.width, 14, 10, lines)
        box = Box(room.left, room.top, room.width, self._words_high(words, room.width, lines))
        self._text(slide, words.splitlines(), box, size, theme.LIGHT.quiet)

    def _small(self, slide: Any, notes: Sequence[str], room: Box) -> None:
        """The passport at the bottom of the room."""
        high = self._small_high(notes, room.width)
        box = Box(room.left, room.top + room.height - high, room.width, high)
        self._text(slide, notes, box, 9, theme.LIGHT.quiet)

    def pictures(self) -> None:
        """Put the drawings that were begun where they belong; they were drawn beside the slides."""
        for slide, item, drawn, box in self._pictures:
            self._picture(slide, item, drawn.result(), box)

    @staticmethod
    def _picture(slide: Any, item: Item, drawn: picture.Drawn, box: Box) -> None:
        w, h = picture.size(drawn.svg)
        scale = min(box.width / w, box.height / h)
        width, height = int(w * scale), int(h * scale)
        image = BytesIO(drawn.png)
        shape = slide.shapes.add_picture(
            image, Emu(box.left + (box.width - width) // 2), Emu(box.top), Emu(width), Emu(height)
        )
        shape._element.nvPicPr.cNvPr.set("descr", clean(item.figure.sentence)[:2000])

    def table(self, item: Item) -> None:
        """The figure's first :data:`TABLE_ROWS` rows, on as many slides as their texts need."""
        twin = shown(item.figure)
        if twin.frame.empty:
            return
        caption = self.t("export.table_caption", title=item.heading)
        whole, *said = table_of(twin.frame, caption, self.t, right=twin.right, limit=TABLE_ROWS)
        assert isinstance(whole, Table)
        size, parts = self._paged(whole, ROWS)
        for n, part in enumerate(parts, start=1):
            title = blocks.numbered(caption, n, len(parts), self.t)
            slide, room = self._slide(title)
            self._table(slide, part, room, size)
            notes = [getattr(block, "text", "") for block in said] if n == len(parts) else []
            self._source(slide, room, [*notes, passport(item, self.today)[-1]])

    def _paged(self, table: Table, rows: int) -> tuple[float, list[Table]]:
        """A table in parts that fit below a slide's title, and the size of its words."""
        wide = (self.wide - 2 * self.wide * 375 // 10000) / _EMU
        high = (self._foot() - self.high * 0.16) / _EMU - 22
        return blocks.sized(table, wide, high, _sizes(table), _LINE, rows)

    def definitions(self) -> None:
        """The measures of all figures, as the dictionary defines them."""
        found = {
            m.key: described(m, i.view) for i in self.items for m in metrics_of(i.figure, i.view)
        }
        keys = ("name", "formula", "unit", "note")
        columns = tuple(self.t(f"export.definition_{key}") for key in keys)
        rows = tuple(tuple(str(words[key] or "") for key in keys) for words in found.values())
        if not rows:
            return
        size, parts = self._paged(Table(columns, rows), len(rows))
        for part in parts:
            slide, room = self._slide(self.t("export.appendix"))
            self._table(slide, part, room, size)
            self._source(slide, room, [footer(self.items[0].view, self.today)])

    # -------------------------------------------------------------- parts

    def _source(self, slide: Any, room: Box, lines: Sequence[str]) -> None:
        high = Inches(0.17) * len(lines)
        box = Box(room.left, room.top + room.height - high, room.width, high)
        self._text(slide, lines, box, 9, theme.LIGHT.quiet)

    def _text(
        self, slide: Any, lines: Sequence[str], box: Box, size: float, colour: str,
        *, bold: bool = False, side: Any = None,
    ) -> None:  # fmt: skip
        shape = slide.shapes.add_textbox(
            Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height)
        )
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for n, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
            paragraph.alignment = side
            run = paragraph.add_run()
            run.text = clean(line)
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, rgb(colour)

    def _tag(self, slide: Any) -> None:
        """演示数据 at the upper right edge."""
        if not any(item.view.meta.is_demo for item in self.items):
            return
        box = Box(self.wide - Inches(2.3), Inches(0.12), Inches(2.1), Inches(0.24))
        self._text(slide, [self.t("export.demo_tag")], box, 10, theme.LIGHT.warn,
                   side=PP_ALIGN.RIGHT)  # fmt: skip

    def _number(self, slide: Any) -> None:
        """The slide's number as a field: in the layout's place for it, else below at the right."""
        for owner in (self.layout, self.layout.slide_master):
            for shape in owner.placeholders:
                if shape.placeholder_format.type == KIND.SLIDE_NUMBER:
                    made = copy.deepcopy(shape._element)
                    slide.shapes._spTree.append(made)
                    return
        box = Box(self.wide - Inches(1.2), self.high - Inches(0.4), Inches(0.9), Inches(0.25))
        self._text(slide, [""], box, 10, theme.LIGHT.quiet, side=PP_ALIGN.RIGHT)
        paragraph = slide.shapes[-1].text_frame.paragraphs[0]._p
        field = parse_xml(
            f'<a:fld xmlns:a="{template.A}" id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" '
            'type="slidenum"><a:rPr sz="1000"/><a:t>1</a:t></a:fld>'
        )
        for run in paragraph.findall(qn("a:r")):
            paragraph.remove(run)
        paragraph.append(field)

    def _table(self, slide: Any, table: Table, room: Box, size: float) -> None:
        """A table of PowerPoint; written as XML, python-pptx would take seconds over many cells."""
        rows = [table.columns, *table.rows]
        table = replace(table, weights=tuple(table.shares(room.width / _EMU / size)))
        lines = [blocks.lines_of(table, row, room.width / _EMU, size) for row in rows]
        high = min(int(size * 2.1 * _EMU), int((room.height - Inches(0.45)) / sum(lines)))
        frame = slide.shapes.add_table(
            1, 1, Emu(room.left), Emu(room.top + Inches(0.1)), Emu(room.width),
            Emu(high * sum(lines)),
        )  # fmt: skip
        old = frame.table._tbl
        widths = [int(room.width * share) for share in table.shares(room.width / _EMU / size)]
        grid = "".join(f'<a:gridCol w="{w}"/>' for w in widths)
        body = "".join(
            f'<a:tr h="{high * n}">'
            + "".join(
                _cell(text, size, head=r == 0, right=c in table.right) for c, text in enumerate(row)
            )
            + "</a:tr>"
            for r, (row, n) in enumerate(zip(rows, lines, strict=True))
        )
        made = parse_xml(
            f'<a:tbl xmlns:a="{template.A}"><a:tblPr firstRow="1"/>'
            f"<a:tblGrid>{grid}</a:tblGrid>{body}</a:tbl>"
        )
        old.getparent().replace(old, made)


def _inches(box: Box) -> tuple[float, float]:
    return box.width / Inches(1), box.height / Inches(1)


def _sizes(table: Table) -> tuple[float, ...]:
    """How large the words of a table may be, in points, the best first."""
    return (14.0, 12.0, 11.0) if len(table.columns) <= 8 else (11.0, 9.5)


def _cell(text: str, size: float, *, head: bool, right: bool) -> str:
    """A cell of a table as XML."""
    ink, grey = theme.LIGHT.ink.lstrip("#"), theme.LIGHT.line.lstrip("#")
    line = f'<a:solidFill><a:srgbClr val="{grey}"/></a:solidFill>'
    borders = "".join(
        f'<a:{side} w="6350">{line if side in ("lnT", "lnB") else "<a:noFill/>"}</a:{side}>'
        for side in ("lnL", "lnR", "lnT", "lnB")
    )
    paragraphs = "".join(
        f'<a:p><a:pPr algn="{"r" if right else "l"}"/><a:r><a:rPr sz="{int(size * 100)}" '
        f'b="{int(head)}" dirty="0"><a:solidFill><a:srgbClr val="{ink}"/></a:solidFill></a:rPr>'
        f"<a:t>{escape(clean(part))}</a:t></a:r></a:p>"
        for part in text.split("\n")
    )
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{paragraphs}</a:txBody>"
        f'<a:tcPr marL="60000" marR="60000" marT="18000" marB="18000" anchor="ctr">{borders}'
        f'<a:solidFill><a:srgbClr val="{"EEF2F5" if head else "FFFFFF"}"/></a:solidFill>'
        "</a:tcPr></a:tc>"
    )
