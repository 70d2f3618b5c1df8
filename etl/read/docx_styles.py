"""What the styles of a Word document say: headings, lists, hidden, raised and struck-out text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from etl.read.docx_numbering import level_index
from etl.read.docx_xml import child, children, number, switched_on, value

MAX_HEADING: Final = 9
_NO_FILL: Final = ("", "auto", "FFFFFF")


@dataclass(slots=True)
class Style:
    """What one style says; ``""`` and ``None`` where it says nothing."""

    parent: str = ""
    outline: int = 0
    vanish: bool | None = None
    struck: bool | None = None
    height: str = ""
    colour: str = ""
    size: str = ""
    shaded: bool = False
    list_id: str = ""
    list_level: int = 0


@dataclass(slots=True)
class Styles:
    """What paragraph and character styles say about headings, lists and hidden text."""

    by_id: dict[str, Style] = field(default_factory=dict)
    #: Whether any style hides, colours or sizes its text: then every run is asked for its styles.
    hides: bool = False
    colours: bool = False
    sizes: bool = False
    _listed: dict[str, Style | None] = field(default_factory=dict)

    @classmethod
    def load(cls, root: etree._Element | None) -> Styles:
        """The styles of ``styles.xml``; none where the part is missing."""
        styles = cls()
        for item in children(root, "style") if root is not None else ():
            name = value(child(item, "name")).lower()
            outline = number(child(item, "pPr", "outlineLvl"), -1, 0, MAX_HEADING) + 1
            if not outline and name.startswith("heading ") and name[8:].isdigit():
                outline = min(int(name[8:]), MAX_HEADING)
            styles.by_id[value(item, "styleId")] = Style(
                parent=value(child(item, "basedOn")),
                outline=outline if outline <= MAX_HEADING else 0,
                vanish=_said(child(item, "rPr"), "vanish"),
                struck=_said(child(item, "rPr"), "strike"),
                height=value(child(item, "rPr", "vertAlign")),
                colour=value(child(item, "rPr", "color")).upper(),
                size=value(child(item, "rPr", "sz")),
                shaded=any(value(shade, "fill") not in _NO_FILL for shade in item.iter("{*}shd")),
                list_id=value(child(item, "pPr", "numPr", "numId")),
                list_level=level_index(value(child(item, "pPr", "numPr", "ilvl"))),
            )
        said = styles.by_id.values()
        styles.hides = any(style.vanish for style in said)
        styles.colours = any(style.colour for style in said)
        styles.sizes = any(style.size for style in said)
        return styles

    def hidden(self, *style_ids: str) -> bool:
        """Whether the first of several styles that says anything of it hides its text."""
        return self._first("vanish", style_ids)

    def struck(self, style_id: str) -> bool:
        """Whether a character style strikes its text out."""
        return self._first("struck", (style_id,))

    def height(self, style_id: str) -> str:
        """A character style's ``vertAlign``, ``""`` if it has none."""
        return next((style.height for style in self.chain(style_id) if style.height), "")

    def colour(self, *style_ids: str) -> str:
        """The colour of text that the first of several styles says, in capitals; ``""``: none."""
        return self._text("colour", style_ids)

    def size(self, *style_ids: str) -> str:
        """The size of text, in half points, that the first of several styles says; or ``""``."""
        return self._text("size", style_ids)

    def shaded(self, style_id: str) -> bool:
        """Whether a table style puts colour behind some of its cells."""
        return any(style.shaded for style in self.chain(style_id))

    def _text(self, name: str, style_ids: Sequence[str]) -> str:
        said = (getattr(style, name) for key in style_ids if key for style in self.chain(key))
        return next((answer for answer in said if answer), "")

    def _first(self, name: str, style_ids: Sequence[str]) -> bool:
        said = (getattr(style, name) for key in style_ids for style in self.chain(key))
        return bool(next((answer for answer in said if answer is not None), False))

    def listed(self, style_id: str) -> Style | None:
        """The style that puts paragraphs of a style into a list, or ``None``."""
        if not style_id:
            return None
        if style_id not in self._listed:
            chain = self.chain(style_id)
            self._listed[style_id] = next((style for style in chain if style.list_id), None)
        return self._listed[style_id]

    def chain(self, style_id: str) -> list[Style]:
        """A style and those it is based on, nearest first; a circle ends it."""
        found: list[Style] = []
        seen: set[str] = set()
        while style_id in self.by_id and style_id not in seen:
            seen.add(style_id)
            found.append(self.by_id[style_id])
            style_id = found[-1].parent
        return found


def _said(properties: etree._Element | None, name: str) -> bool | None:
    """An on/off property, ``None`` where it is not named."""
    return None if child(properties, name) is None else switched_on(properties, name)
