"""The slides' template: the house's own, made here, or a user's .pptx.

Of a user's file only master, layouts, theme and size are used; its slides are taken out.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.shapes import PP_PLACEHOLDER as KIND
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.oxml import parse_xml
from pptx.util import Emu, Inches, Pt

from dashboard import theme
from dashboard.export import fonts

WIDE, HIGH = Inches(13.333), Inches(7.5)
#: Bounds of a user's template: it is a stranger's file.
MAX_BYTES: Final = 50 << 20
MAX_UNPACKED: Final = 300 << 20
FOOT: Final = frozenset({KIND.DATE, KIND.FOOTER, KIND.SLIDE_NUMBER})
_TITLES: Final = frozenset({KIND.TITLE, KIND.CENTER_TITLE, KIND.VERTICAL_TITLE})
_LATIN, _CHINESE = "Arial", "Microsoft YaHei"


class TemplateError(Exception):
    """A file that cannot be used as a template; ``reason`` is a key (``briefing.template_<>``)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int


def rgb(colour: str) -> Any:
    """``#rrggbb`` for PowerPoint."""
    made: Any = RGBColor
    return made.from_string(colour.lstrip("#").upper())


def opened(content: bytes | None = None) -> Any:
    """An empty presentation of a user's template, else of the house's.

    Raises:
        TemplateError: the file is no presentation, too large, or has no layout.
    """
    return house() if content is None else _users(content)


def _users(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        raise TemplateError("too_large")
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise TemplateError("too_large")
        deck = Presentation(BytesIO(content))
        layouts = len(deck.slide_layouts)
    except TemplateError:
        raise
    except Exception as error:  # whatever a broken package raises
        raise TemplateError("unreadable", type(error).__name__) from error
    if not layouts:
        raise TemplateError("no_layout")
    listed = deck.slides._sldIdLst
    for entry in list(listed):
        deck.part.drop_rel(entry.rId)
        listed.remove(entry)
    return deck


def house() -> Any:
    """The house's template: 16:9, a cover and a chart layout, our colours and faces."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDE, HIGH
    for layout in list(deck.slide_layouts):
        if layout.name not in ("Title Slide", "Title Only"):
            deck.slide_layouts.remove(layout)
    master = deck.slide_master
    _theme(master)
    _place(master, {
        KIND.TITLE: Box(Inches(0.5), Inches(0.3), Inches(12.33), Inches(0.85)),
        KIND.BODY: Box(Inches(0.5), Inches(1.3), Inches(12.33), Inches(5.3)),
        KIND.SLIDE_NUMBER: Box(Inches(11.83), Inches(7.05), Inches(1.0), Inches(0.3)),
        KIND.FOOTER: Box(Inches(4.4), Inches(7.05), Inches(4.5), Inches(0.3)),
        KIND.DATE: Box(Inches(0.5), Inches(7.05), Inches(3.0), Inches(0.3)),
    })  # fmt: skip
    _title_style(master)
    cover, chart = deck.slide_layouts
    cover.name, chart.name = "Cover", "Chart"
    _place(cover, {
        KIND.CENTER_TITLE: Box(Inches(0.9), Inches(2.2), Inches(11.5), Inches(1.5)),
        KIND.SUBTITLE: Box(Inches(0.9), Inches(4.0), Inches(11.5), Inches(1.6)),
    })  # fmt: skip
    for layout in (cover, chart):
        for shape in _holders(layout):
            kind = shape.placeholder_format.type
            if kind in (KIND.DATE, KIND.FOOTER):
                shape._element.getparent().remove(shape._element)
            elif kind in FOOT:
                # Its place is the master's.
                transform = shape._element.spPr.find(f".//{{{A}}}xfrm")
                if transform is not None:
                    transform.getparent().remove(transform)
    for shape in _holders(cover):
        kind = shape.placeholder_format.type
        if kind in (KIND.CENTER_TITLE, KIND.SUBTITLE):
            frame = shape.text_frame
            frame.margin_left = 0
            frame.vertical_anchor = (
                MSO_ANCHOR.BOTTOM if kind == KIND.CENTER_TITLE else MSO_ANCHOR.TOP
            )
            _level(shape, 36 if kind == KIND.CENTER_TITLE else 16, theme.LIGHT.ink
                   if kind == KIND.CENTER_TITLE else theme.LIGHT.quiet)  # fmt: skip
    _bar(cover, Box(Inches(0.9), Inches(3.8), Inches(1.6), Inches(0.06)))
    _bar(chart, Box(0, 0, WIDE, Inches(0.09)))
    return deck


A: Final = "http" + "://schemas.openxmlformats.org/drawingml/2006/main"


def _theme(master: Any) -> None:
    """Our colours and faces as the theme's, so that charts and a user's own shapes take them."""
    part = master.part.part_related_by(RELATION.THEME)
    root = parse_xml(part.blob)
    colours = {
        "dk1": theme.LIGHT.ink, "lt1": "#ffffff", "dk2": theme.LIGHT.main, "lt2": "#eef2f5",
        **{f"accent{n}": c for n, c in enumerate(theme.series_colours(6, dark=False), start=1)},
        "hlink": theme.LIGHT.main, "folHlink": theme.LIGHT.quiet,
    }  # fmt: skip
    scheme = root.find(f".//{{{A}}}clrScheme")
    for name, value in colours.items():
        node = scheme.find(f"{{{A}}}{name}")
        for child in list(node):
            node.remove(child)
        made = node.makeelement(f"{{{A}}}srgbClr", {"val": value.lstrip("#").upper()})
        node.append(made)
    for kind in ("majorFont", "minorFont"):
        faces = root.find(f".//{{{A}}}{kind}")
        faces.find(f"{{{A}}}latin").set("typeface", _LATIN)
        faces.find(f"{{{A}}}ea").set("typeface", _CHINESE)
        for script in faces.findall(f"{{{A}}}font"):
            if script.get("script") == "Hans":
                script.set("typeface", _CHINESE)
    from lxml import etree

    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _holders(owner: Any) -> list[Any]:
    """The placeholders of a layout or master, as a list that may be emptied."""
    return list(owner.placeholders)


def _place(owner: Any, boxes: dict[Any, Box]) -> None:
    for shape in owner.placeholders:
        box = boxes.get(shape.placeholder_format.type)
        if box is not None:
            shape.left, shape.top = Emu(box.left), Emu(box.top)
            shape.width, shape.height = Emu(box.width), Emu(box.height)


def _title_style(master: Any) -> None:
    """Titles to the left, 24 points, bold; numbers of slides small and grey."""
    style = master._element.find(f".//{{{_P}}}titleStyle/{{{A}}}lvl1pPr")
    style.set("algn", "l")
    run = style.find(f"{{{A}}}defRPr")
    run.set("sz", "2400")
    run.set("b", "1")
    for shape in master.placeholders:
        kind = shape.placeholder_format.type
        if kind == KIND.TITLE:
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            shape.text_frame.margin_left = 0
        elif kind == KIND.SLIDE_NUMBER:
            shape.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
            _level(shape, 10, theme.LIGHT.quiet)


_P: Final = "http" + "://schemas.openxmlformats.org/presentationml/2006/main"


def _level(shape: Any, size: int, colour: str) -> None:
    """Size, colour and side of a placeholder's first level, for all slides of the layout."""
    style = shape._element.txBody.find(f"{{{A}}}lstStyle")
    for child in list(style):
        style.remove(child)
    side = "r" if shape.placeholder_format.type == KIND.SLIDE_NUMBER else "l"
    style.append(parse_xml(
        f'<a:lvl1pPr xmlns:a="{A}" marL="0" indent="0" algn="{side}"><a:buNone/>'
        f'<a:defRPr sz="{size * 100}"><a:solidFill><a:srgbClr val="{colour.lstrip("#").upper()}"/>'
        f"</a:solidFill></a:defRPr></a:lvl1pPr>"
    ))  # fmt: skip


def _bar(layout: Any, box: Box) -> None:
    """A coloured strip of the layout; python-pptx adds shapes to slides only."""
    colour = theme.LIGHT.main.lstrip("#").upper()
    layout.shapes._spTree.insert(2, parse_xml(
        f'<p:sp xmlns:p="{_P}" xmlns:a="{A}"><p:nvSpPr><p:cNvPr id="{900}" name="strip"/>'
        "<p:cNvSpPr/><p:nvPr userDrawn=\"1\"/></p:nvSpPr><p:spPr><a:xfrm>"
        f'<a:off x="{box.left}" y="{box.top}"/><a:ext cx="{box.width}" cy="{box.height}"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    ))  # fmt: skip


def cover_layout(deck: Any) -> Any:
    """The layout for the first slide: one with a centred title, else the first with a title."""
    for wanted in (frozenset({KIND.CENTER_TITLE}), _TITLES):
        for layout in deck.slide_layouts:
            if {p.placeholder_format.type for p in layout.placeholders} & wanted:
                return layout
    return deck.slide_layouts[0]


def chart_layout(deck: Any) -> Any:
    """The layout for charts: a title and as little else as there is."""

    def rank(layout: Any) -> tuple[bool, int]:
        kinds = [p.placeholder_format.type for p in layout.placeholders]
        return KIND.TITLE not in kinds, len([k for k in kinds if k not in FOOT | _TITLES])

    return min(deck.slide_layouts, key=rank)


#: A title stands on one line down to the first size, on two down to the second; the height of a
#: line of a Chinese face in heights of its words.
_ONE_LINE, _SMALLEST, _LINE = 24.0, 14.0, 1.35


def write_title(layout: Any, holder: Any, title: str) -> None:
    """Put a title into its place, in the layout's size or smaller where it would not fit."""
    holder.text_frame.text = title
    wide, high = holder.width / Pt(1) * 0.94, holder.height / Pt(1)
    most = size = title_size(layout)
    while size > _SMALLEST:
        lines = len(fonts.wrap(title, size, wide))
        if lines == 1 or (size <= _ONE_LINE and lines * size * _LINE <= high):
            break
        size -= 1
    if size < most:
        for run in holder.text_frame.paragraphs[0].runs:
            run.font.size = Pt(size)


def panel(slide: Any, room: Box) -> None:
    """A white ground for our charts and words on a dark template, behind what comes after."""
    edge = Inches(0.12)
    shape = slide.shapes.add_shape(
        MSO_SHAPE.RECTANGLE, Emu(room.left - edge), Emu(room.top), Emu(room.width + 2 * edge),
        Emu(room.height + edge),
    )  # fmt: skip
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb("#ffffff")
    shape.line.fill.background()
    shape.shadow.inherit = False


def title_size(layout: Any) -> float:
    """How large a layout's titles are, in points: its own style, the master's, PowerPoint's 44."""
    owners = [p._element for owner in (layout, layout.slide_master)
              for p in owner.placeholders if p.placeholder_format.type in _TITLES]  # fmt: skip
    styles = [e.find(f".//{{{A}}}lstStyle/{{{A}}}lvl1pPr/{{{A}}}defRPr") for e in owners]
    master = layout.slide_master._element
    styles.append(master.find(f".//{{{_P}}}titleStyle/{{{A}}}lvl1pPr/{{{A}}}defRPr"))
    sizes = [style.get("sz") for style in styles if style is not None]
    return next((int(size) / 100 for size in sizes if size), 44.0)


def is_dark(layout: Any) -> bool:
    """Whether our words might not be read on a layout's ground: a dark colour, or a picture."""
    for owner in (layout, layout.slide_master):
        ground = owner._element.find(f"{{{_P}}}cSld/{{{_P}}}bg")
        if ground is None:
            continue
        if ground.find(f".//{{{A}}}blipFill") is not None:
            return True
        named = next((e for e in ground.iter() if e.tag in _COLOURS), None)
        colour = "" if named is None else _colour(layout.slide_master, named)
        return bool(colour) and theme.contrast(theme.LIGHT.quiet, colour) < _READABLE
    return False


_COLOURS: Final = (f"{{{A}}}srgbClr", f"{{{A}}}schemeClr", f"{{{A}}}sysClr")
#: The contrast that small words need (WCAG 2.1).
_READABLE: Final = 4.5


def _colour(master: Any, named: Any) -> str:
    """``#rrggbb`` of a colour of DrawingML, ``""`` where the theme does not have it."""
    if named.tag == _COLOURS[1]:
        name = str(named.get("val"))
        names = master._element.find(f"{{{_P}}}clrMap")
        name = name if names is None else names.get(name, name)
        root = parse_xml(master.part.part_related_by(RELATION.THEME).blob)
        entry = root.find(f".//{{{A}}}clrScheme/{{{A}}}{name}")
        if entry is None or not len(entry):
            return ""
        named = entry[0]
    value = str(named.get("lastClr") or named.get("val") or "")
    return f"#{value}" if re.fullmatch("[0-9A-Fa-f]{6}", value) else ""
