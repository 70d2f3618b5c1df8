"""A paragraph's text as a reader of the accepted document sees it, with its list number."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from etl.read.docx_looks import Looks, properties_of
from etl.read.docx_numbering import Numbering, level_index
from etl.read.docx_parts import chosen, drawn
from etl.read.docx_styles import MAX_HEADING, Styles
from etl.read.docx_xml import child, local, number, value
from etl.read.styled import SIGN, raised

#: Elements whose content is not part of the accepted, visible text.
_DROPPED: Final = {
    "del", "moveFrom", "instrText", "delText", "delInstrText", "rt", "sdtPr", "sdtEndPr", "pPr",
    "rPr", "footnoteReference", "endnoteReference", "commentReference", "fldChar",
}  # fmt: skip
#: Parts of formulas that stand off their line.
_MATHS: Final = frozenset({"sup", "sub", "den"})
_DIGITS: Final = frozenset("0123456789")
#: Wingdings' digits in circles, ① to ⑩.
_CIRCLED: Final = re.compile(r"F?0?8[1-9A]")


def _sign(item: etree._Element) -> str:
    """A character of a font of signs: a digit in a circle, or one that is seen and not known."""
    code = value(item, "char").upper()
    known = value(item, "font").lower().startswith("wingdings") and _CIRCLED.fullmatch(code)
    return chr(0x2460 + int(code[-2:], 16) - 0x81) if known else SIGN


#: Fields that Word works out when it shows them, though the file holds no result.
_WORKED_OUT: Final = re.compile(r"\s*(?:=|EQ\b)", re.IGNORECASE)
#: What elements other than ``w:t`` print.
_TEXT: Final[dict[str, Callable[[etree._Element], str]]] = {
    "tab": lambda item: "\t",
    "ptab": lambda item: "\t",
    "cr": lambda item: "\n",
    "noBreakHyphen": lambda item: "-",
    "br": lambda item: "" if value(item, "type") in ("page", "column") else "\n",
    "sym": _sign,
}
#: What the code of a field does not print.
_PRINTING: Final = frozenset({"t", *_TEXT})


class Paragraphs:
    """Reads paragraphs; ``boxes`` collects the text boxes anchored in them."""

    def __init__(self, body: etree._Element, styles: Styles, numbering: Numbering) -> None:
        self.styles = styles
        self._numbering = numbering
        self.looks = Looks(body, styles)
        #: Fields open at this place of a paragraph; true: their code, not their result.
        self._fields: list[bool] = []
        #: Codes of fields of this paragraph, until a result or an end.
        self._code = ""

    def text(self, paragraph: etree._Element, boxes: list[etree._Element]) -> str:
        """A paragraph's visible text, its list number before it; its text boxes go to ``boxes``.

        What nobody sees is marked; see :func:`etl.read.styled.seen_of`.
        """
        parts: list[str] = []
        self._fields = []
        self.looks.begin(paragraph)
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
            if name == "fldChar":
                parts += self._field(item)
            elif name == "instrText":
                self._code += item.text or ""
            elif any(self._fields) and name in _PRINTING:
                continue
            elif name == "t":
                parts.append(item.text or "")
            elif name in _TEXT:
                parts.append(_TEXT[name](item))
            elif name in ("drawing", "pict", "object"):
                boxes.extend(drawn(item))
            elif name == "AlternateContent":
                self._runs(chosen(item), parts, boxes)
            elif name == "r":
                self._run(item, parts, boxes)
            elif name in _MATHS:
                self._formula(item, parts, boxes)
            elif name not in _DROPPED:
                self._runs(item, parts, boxes)

    def _field(self, item: etree._Element) -> list[str]:
        """Go on in or out of a field; the entry that a drop-down field shows."""
        kind = value(item, "fldCharType")
        if kind == "begin":
            # A field without an end in its paragraph would swallow what follows.
            rest = item.getparent()
            closed = rest is not None and any(
                value(other, "fldCharType") in ("separate", "end")
                for run in rest.itersiblings("{*}r")
                for other in run.iterchildren("{*}fldChar")
            )
            self._fields.append(closed)
            self._code = ""
            entries = [value(e) for e in item.iterfind("{*}ffData/{*}ddList/{*}listEntry")]
            place = number(child(item, "ffData", "ddList", "result"), 0, 0, len(entries))
            return entries[place : place + 1]
        if self._fields:
            if kind == "separate":
                self._fields[-1] = False
            elif kind == "end" and self._fields.pop() and _WORKED_OUT.match(self._code):
                return [SIGN]
        return []

    def _formula(self, item: etree._Element, parts: list[str], boxes: list[etree._Element]) -> None:
        """A raised part of a formula, or a fraction with its stroke: no digits of one figure."""
        own: list[str] = []
        self._runs(item, own, boxes)
        name, text = local(item), "".join(own)
        parts.append(f"/{text}" if name == "den" else raised(text))

    def _run(self, run: etree._Element, parts: list[str], boxes: list[etree._Element]) -> None:
        properties = properties_of(child(run, "rPr"))
        if self.looks.hidden(properties):
            return
        look = self.looks.look(properties)
        if look is None:
            self._runs(run, parts, boxes)
        else:
            own: list[str] = []
            self._runs(run, own, boxes)
            parts += map(look, own)

    def heading(self, paragraph: etree._Element) -> int:
        """A paragraph's heading level, 1 to 9, by itself or by its style; 0: it is none."""
        properties = child(paragraph, "pPr")
        own = child(properties, "outlineLvl")
        if own is not None:
            level = number(own, MAX_HEADING, 0, MAX_HEADING) + 1
            return level if level <= MAX_HEADING else 0
        chain = self.styles.chain(value(child(properties, "pStyle")))
        return next((style.outline for style in chain if style.outline), 0)

    def _list_label(self, paragraph: etree._Element) -> str:
        properties = child(paragraph, "pPr")
        if properties is None or not len(properties):
            return ""
        own = child(properties, "numPr")
        style = self.styles.listed(value(child(properties, "pStyle")))
        list_id = value(child(own, "numId")) or (style.list_id if style else "")
        if not list_id or list_id == "0":
            return ""
        level = child(own, "ilvl")
        if level is None and style is not None:
            return self._numbering.label(list_id, style.list_level)
        return self._numbering.label(list_id, level_index(value(level)))
