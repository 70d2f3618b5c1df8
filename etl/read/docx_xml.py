"""Reading WordprocessingML elements by local name, in its transitional and its strict namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

NAMESPACES: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_OFF: Final = {"0", "false", "off", "none"}


#: Local names by tag; bounded, because a hostile file may use a million tags.
_NAMES: Final[dict[str, str]] = {}
_MOST_NAMES: Final = 5_000


def _remember(tag: str) -> str:
    name = tag[tag.rfind("}") + 1 :]
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[tag] = name
    return name


def local(element: etree._Element) -> str:
    """An element's name without its namespace; ``""`` for anything that is no element."""
    tag = element.tag
    return _NAMES.get(tag) or _remember(tag) if isinstance(tag, str) else ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Direct children of a local name."""
    return element.iterchildren("{*}" + name)


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first descendant along a path of local names, or ``None``."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren("{*}" + name), None)
    return element


def value(element: etree._Element | None, name: str = "val") -> str:
    """A ``w:`` attribute as text, ``""`` where it or the element is absent."""
    if element is None:
        return ""
    for namespace in NAMESPACES:
        text = element.get(f"{{{namespace}}}{name}")
        if text is not None:
            return text
    return ""


def attribute(element: etree._Element | None, name: str) -> str:
    """An attribute by its local name, in whichever namespace; ``""`` without one."""
    if element is None:
        return ""
    return next((str(v) for k, v in element.attrib.items() if str(k).endswith("}" + name)), "")


def is_on(item: etree._Element) -> bool:
    """Whether an on/off property such as ``w:vanish`` is not switched off."""
    return value(item) not in _OFF


def switched_on(parent: etree._Element | None, name: str) -> bool:
    """Whether an on/off property of an element is present and not switched off."""
    item = child(parent, name)
    return item is not None and is_on(item)


def number(element: etree._Element | None, default: int, low: int, high: int) -> int:
    """A ``w:val`` as an integer cut to a range; a hostile ``gridSpan`` is 10⁹."""
    text = value(element)
    if not text.lstrip("+-").isdigit() or len(text) > 18:
        return default if not text.isdigit() else high
    return max(low, min(int(text), high))
