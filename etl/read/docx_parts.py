"""What a Word document holds once its changes are accepted: paragraphs, rows, cells, boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from etl.read.docx_xml import child, local, switched_on

#: Wrappers whose content counts as if they were not there.
TRANSPARENT: Final = {
    "ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "dir", "bdo", "rubyBase",
    "ruby", "sdtContent", "oMath", "oMathPara",
}  # fmt: skip


def chosen(alternatives: etree._Element) -> etree._Element:
    """Of a shape written twice, for new and for old programs, the one that counts."""
    for name in ("Choice", "Fallback"):
        option = child(alternatives, name)
        if option is not None:
            return option
    return alternatives


def flat(parent: etree._Element) -> list[etree._Element]:
    """Paragraphs, tables and embedded pages of a container, wrappers opened, in order."""
    found: list[etree._Element] = []
    for item in parent:
        name = local(item)
        if name in ("p", "tbl", "altChunk"):
            found.append(item)
        elif name == "sdt":
            content = child(item, "sdtContent")
            found.extend(flat(content) if content is not None else ())
        elif name == "AlternateContent":
            found.extend(flat(chosen(item)))
        elif name in TRANSPARENT:
            found.extend(flat(item))
    return found


def rows(parent: etree._Element) -> list[etree._Element]:
    """Rows of a table without deleted and hidden ones."""

    def stands(row: etree._Element) -> bool:
        properties = child(row, "trPr")
        return child(properties, "del") is None and not switched_on(properties, "hidden")

    return [row for row in _inside(parent, "tr") if stands(row)]


def cells(parent: etree._Element) -> list[etree._Element]:
    """Cells of a row without deleted ones."""
    return [c for c in _inside(parent, "tc") if child(c, "tcPr", "cellDel") is None]


def _inside(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Elements of a name, wrappers opened, in order."""
    for item in parent:
        name = local(item)
        if name == wanted:
            yield item
        elif name == "sdt" or name in TRANSPARENT:
            yield from _inside(item, wanted)


def drawn(shape: etree._Element) -> list[etree._Element]:
    """The outermost text-box contents of a drawing, each shape once; else the drawing itself.

    A shape that holds nothing draws nothing.
    """
    return text_boxes(shape) or ([shape] if len(shape) else [])


def text_boxes(shape: etree._Element) -> list[etree._Element]:
    """The outermost text-box contents of a drawing, each shape once."""
    found: list[etree._Element] = []
    for item in shape:
        name = local(item)
        if name == "txbxContent":
            found.append(item)
        elif name == "AlternateContent":
            found.extend(text_boxes(chosen(item)))
        else:
            found.extend(text_boxes(item))
    return found
