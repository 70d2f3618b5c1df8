"""A paragraph's text as a reader of the accepted document sees it, with its list number."""

from __future__ import annotations

from typing import Final

from lxml import etree

from etl.read.docx_numbering import Numbering, level_index
from etl.read.docx_parts import chosen, text_boxes
from etl.read.docx_styles import MAX_HEADING, Styles
from etl.read.docx_xml import child, local, number, switched_on, value
from etl.read.styled import raised, struck

#: Elements whose content is not part of the accepted, visible text.
_DROPPED: Final = {
    "del", "moveFrom", "instrText", "delText", "delInstrText", "rt", "sdtPr", "sdtEndPr", "pPr",
    "rPr", "footnoteReference", "endnoteReference", "commentReference", "fldChar",
}  # fmt: skip
#: ``sym`` is a character of a font of signs: a circled digit, a tick. Not read, but seen.
_TEXT: Final = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-", "sym": "□"}
_DIGITS: Final = frozenset("0123456789")
_WHITE: Final = "FFFFFF"
#: Sizes, in half points, that nobody sees.
_UNSEEN: Final = ("1", "2")


class Paragraphs:
    """Reads paragraphs; ``boxes`` collects the text boxes anchored in them."""

    def __init__(self, body: etree._Element, styles: Styles, numbering: Numbering) -> None:
        self._styles = styles
        self._numbering = numbering
        #: Whether any run is raised or lowered by a distance, and some of this paragraph's are.
        self._has_heights = next(body.iter("{*}position"), None) is not None
        self._uneven = False
        #: The same of runs in white, which stand for room among others (alone, on a dark ground).
        whites = (value(color).upper() == _WHITE for color in body.iter("{*}color"))
        self._has_white = any(whites)
        self._part_white = False
        self._hides = any(style.vanish for style in styles.by_id.values())
        self._style = ""

    def text(self, paragraph: etree._Element, boxes: list[etree._Element]) -> str:
        """A paragraph's visible text, its list number before it; its text boxes go to ``boxes``."""
        parts: list[str] = []
        self._style = value(child(paragraph, "pPr", "pStyle")) if self._hides else ""
        self._uneven = self._has_heights and len(_said_by_runs(paragraph, "position")) > 1
        self._part_white = self._has_white and len(_said_by_runs(paragraph, "color")) > 1
        self._runs(paragraph, parts, boxes)
        text = "".join(parts)
        label = self._list_label(paragraph)
        if not label or not text.strip():
            return text
        # Word sets a tab between them: 1. before 5 is never 1.5.
        apart = label[-1] in (*_DIGITS, ".") and text.lstrip()[0] in _DIGITS
        return f"{label}\t{text}" if apart else label + text

    def runs_on(self, paragraph: etree._Element) -> bool:
        """Whether a paragraph's mark is deleted: the accepted text runs on into the next one."""
        return child(paragraph, "pPr", "rPr", "del") is not None

    def _runs(self, parent: etree._Element, parts: list[str], boxes: list[etree._Element]) -> None:
        for item in parent:
            name = local(item)
            if name == "t":
                parts.append(item.text or "")
            elif name in _TEXT:
                parts.append(_TEXT[name])
            elif name == "br":
                parts.append("" if value(item, "type") in ("page", "column") else "\n")
            elif name in ("drawing", "pict", "object"):
                boxes.extend(text_boxes(item))
            elif name == "AlternateContent":
                self._runs(chosen(item), parts, boxes)
            elif name == "r":
                self._run(item, parts, boxes)
            elif name not in _DROPPED:
                self._runs(item, parts, boxes)

    def _run(self, run: etree._Element, parts: list[str], boxes: list[etree._Element]) -> None:
        properties = child(run, "rPr")
        if self._hides and self._is_hidden(properties):
            return
        if properties is None:
            self._runs(run, parts, boxes)
        elif not (switched_on(properties, "vanish") or value(child(properties, "sz")) in _UNSEEN):
            own: list[str] = []
            self._runs(run, own, boxes)
            parts += [self._styled(text, properties) for text in own]

    def _is_hidden(self, properties: etree._Element | None) -> bool:
        """Whether a run's styles, or its paragraph's, hide it and it does not say otherwise."""
        if child(properties, "vanish") is not None:
            return switched_on(properties, "vanish")
        return self._styles.hidden(value(child(properties, "rStyle")), self._style)

    def _styled(self, text: str, properties: etree._Element) -> str:
        """Text with what its own style and its character style say about it."""
        style = value(child(properties, "rStyle"))
        lifted = self._uneven and value(child(properties, "position")) not in ("", "0")
        height = value(child(properties, "vertAlign")) or self._styles.height(style)
        white = self._part_white and value(child(properties, "color")).upper() == _WHITE
        if lifted or white or height in ("superscript", "subscript"):
            return raised(text)
        own = [name for name in ("strike", "dstrike") if child(properties, name) is not None]
        if any(switched_on(properties, name) for name in own) or (
            not own and self._styles.struck(style)
        ):
            return struck(text)
        return text

    def heading(self, paragraph: etree._Element) -> int:
        """A paragraph's heading level, 1 to 9, by itself or by its style; 0: it is none."""
        properties = child(paragraph, "pPr")
        own = child(properties, "outlineLvl")
        if own is not None:
            level = number(own, MAX_HEADING, 0, MAX_HEADING) + 1
            return level if level <= MAX_HEADING else 0
        chain = self._styles.chain(value(child(properties, "pStyle")))
        return next((style.outline for style in chain if style.outline), 0)

    def _list_label(self, paragraph: etree._Element) -> str:
        properties = child(paragraph, "pPr")
        if properties is None or not len(properties):
            return ""
        own = child(properties, "numPr")
        style = self._styles.listed(value(child(properties, "pStyle")))
        list_id = value(child(own, "numId")) or (style.list_id if style else "")
        if not list_id or list_id == "0":
            return ""
        level = child(own, "ilvl")
        if level is None and style is not None:
            return self._numbering.label(list_id, style.list_level)
        return self._numbering.label(list_id, level_index(value(level)))


def _said_by_runs(paragraph: etree._Element, name: str) -> set[str]:
    """The values of a property, such as how far they are raised, of runs that print something."""
    return {
        value(child(run, "rPr", name)) or "0"
        for run in paragraph.iter("{*}r")
        if any((text.text or "").strip() for text in run.iterchildren("{*}t"))
    }
