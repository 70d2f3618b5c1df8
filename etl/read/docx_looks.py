"""How a run of Word text looks beside others: raised, struck out, or seen by nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from etl.read.docx_styles import Styles
from etl.read.docx_xml import child, is_on, local, number, value
from etl.read.styled import raised, struck, unseen

#: Sizes, in half points, that nobody sees; and what Word writes in where nothing says.
_UNSEEN_SIZE, _USUAL_SIZE = 4, 21
#: Smaller than this share of the largest digits of its paragraph, a digit is a mark.
_SMALL: Final = 0.7
#: Letters squeezed to this percentage or less are a line.
_SQUEEZED: Final = 10
_DIGIT: Final = re.compile(r"\d")
#: A colour whose parts all begin so is white: the paper's, if nothing says otherwise.
_WHITE: Final = ("FA", "FB", "FC", "FD", "FE", "FF")
_PAPER: Final = "FFFFFF"
_PAPER_THEMES: Final = ("background1", "light1")
_HEIGHTS: Final = ("superscript", "subscript")
_HIGHLIGHT_OF_NONE: Final = ("", "none", "white")


#: The properties of a run by their local names.
Properties = dict[str, etree._Element]


def properties_of(element: etree._Element | None) -> Properties:
    """What an ``rPr``, ``pPr`` or ``tcPr`` holds, by local name."""
    return {} if element is None else {local(item): item for item in element}


def ground_of(properties: Properties, otherwise: str = "") -> str:
    """The colour behind text, as ``w:shd`` of a cell, paragraph or run says; ``""``: paper."""
    highlight = value(properties.get("highlight"))
    if highlight not in _HIGHLIGHT_OF_NONE:
        return highlight
    shade = properties.get("shd")
    fill, theme = value(shade, "fill").upper(), value(shade, "themeFill")
    if fill in ("", "AUTO") and not theme:
        return otherwise
    return "" if _is_white(fill) or theme in _PAPER_THEMES else fill or theme


def _is_white(colour: str) -> bool:
    parts = (colour[:2], colour[2:4], colour[4:6])
    return len(colour) == 6 and all(part in _WHITE for part in parts)


def _is_paper(colour: etree._Element | None) -> bool:
    said = value(colour).upper()
    return _is_white(said) or (
        said in ("", "AUTO") and value(colour, "themeColor") in _PAPER_THEMES
    )


class Looks:
    """Looks of the runs of one paragraph after the other; ``ground`` is the colour behind them."""

    def __init__(self, body: etree._Element, styles: Styles) -> None:
        self._styles = styles
        self.ground = ""
        self._style = ""
        self._behind = ""
        self._largest = 0
        self._uneven: set[str] = set()
        #: Properties by which runs of this document differ at all.
        self._told = [
            name
            for name in ("position", "vertAlign", "sz")
            if next(body.iter("{*}" + name), None) is not None
        ]

    def begin(self, paragraph: etree._Element) -> None:
        """Look at a paragraph's runs: which properties tell those with digits apart."""
        properties = properties_of(child(paragraph, "pPr"))
        self._style = value(properties.get("pStyle"))
        self._behind = ground_of(properties, self.ground)
        self._uneven = set()
        runs = [run for run in paragraph.iter("{*}r") if _prints(run)] if self._told else []
        if len(runs) > 1:
            own = [properties_of(child(run, "rPr")) for run in runs]
            said = {name: {value(held.get(name)) for held in own} for name in self._told}
            self._uneven = {name for name, values in said.items() if len(values) > 1}
            self._largest = max(map(self._size, own))

    def hidden(self, properties: Properties) -> bool:
        """Whether a run, its styles or its paragraph's hide it, or make it too small to see."""
        own = properties.get("vanish")
        if own is not None:
            vanished = is_on(own)
        else:
            styles = (value(properties.get("rStyle")), self._style)
            vanished = self._styles.hides and self._styles.hidden(*styles)
        return vanished or self._size(properties) <= _UNSEEN_SIZE

    def look(self, properties: Properties) -> Callable[[str], str] | None:
        """What a run's style makes of its text; ``None``: nothing."""
        style = value(properties.get("rStyle"))
        if self._is_unseen(properties, style):
            return unseen
        if self._is_raised(properties, style):
            return raised
        own = [properties[name] for name in ("strike", "dstrike") if name in properties]
        if any(map(is_on, own)) or (not own and style and self._styles.struck(style)):
            return struck
        return None

    def _is_raised(self, properties: Properties, style: str) -> bool:
        if "position" in self._uneven and value(properties.get("position")) not in ("", "0"):
            return True
        if "sz" in self._uneven and self._size(properties) < _SMALL * self._largest:
            return True
        height = value(properties.get("vertAlign"))
        if height:
            return height in _HEIGHTS and "vertAlign" in self._uneven
        return bool(style) and self._styles.height(style) in _HEIGHTS

    def _size(self, properties: Properties) -> int:
        own = value(properties.get("sz"))
        if not own and self._styles.sizes:
            own = self._styles.size(value(properties.get("rStyle")), self._style)
        return int(own) if own.isdecimal() and len(own) < 5 else _USUAL_SIZE

    def _is_unseen(self, properties: Properties, style: str) -> bool:
        if number(properties.get("w"), 100, 0, 600) <= _SQUEEZED:
            return True
        if child(properties.get("textFill"), "noFill") is not None:
            return True
        colour = properties.get("color")
        own = _PAPER if _is_paper(colour) else value(colour).upper()
        if colour is None and self._styles.colours:
            own = self._styles.colour(style, self._style)
        if not own:
            return False
        behind = ground_of(properties, self._behind)
        return own == behind or (_is_white(own) and not behind)


def _prints(run: etree._Element) -> bool:
    """Whether a run prints digits: only these are compared."""
    return any(local(item) == "t" and _DIGIT.search(item.text or "") for item in run)
