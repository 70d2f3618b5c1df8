"""Office documents in one XML file: Word 2003 XML and the flat form of a DOCX or XLSX.

Reporting systems fill templates in and save them so, mostly named ``.doc``. Both are put into the
parts of an Office package and read as one. Sources: Microsoft's Office 2003 XML Reference Schemas;
ECMA-376 part 2 for the package.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from etl.document import Document
from etl.errors import RejectedDocument
from etl.read.docx import read_docx
from etl.read.docx_xml import NAMESPACES, attribute, child, local
from etl.read.limits import Limits
from etl.read.office_package import parse_xml
from etl.read.xlsx import read_xlsx

_WHAT: Final = "Word 文件"
_WORD_2003: Final = b"http://schemas.microsoft.com/office/word/2003/wordml"
_W: Final = f"{{{NAMESPACES[0]}}}"
#: Names of Word 2003 → names since 2007, where they differ.
_NEW_NAMES: Final = {
    "vmerge": "vMerge", "hmerge": "hMerge", "listPr": "numPr", "ilfo": "numId",
    "listDef": "abstractNum", "list": "num", "ilst": "abstractNumId",
}  # fmt: skip
_NEW_ATTRIBUTES: Final = {
    ("abstractNum", "listDefId"): "abstractNumId", ("num", "ilfo"): "numId",
}  # fmt: skip
#: Notes and their text stand within the run that refers to them; pictures as text of base 64.
_ASIDE: Final = frozenset({"footnote", "endnote", "binData", "docOleData", "docSuppData"})


def read_wordml(data: bytes, limits: Limits) -> Document:
    """Read a Word 2003 XML document.

    Raises:
        RejectedDocument: ``corrupt`` or ``too_large``.
    """
    root = parse_xml(data, _WHAT)
    root = parse_xml(etree.tostring(root).replace(_WORD_2003, NAMESPACES[0].encode()), _WHAT)
    _modernise(root)
    body = child(root, "body")
    if body is None:
        raise RejectedDocument(
            "corrupt", "Word 文件没有正文", hint="请用 Word 或 WPS 打开后另存一份"
        )
    parts = {"word/document.xml": _wrapped("document", [body])}
    styles, lists = child(root, "styles"), child(root, "lists")
    if styles is not None:
        parts["word/styles.xml"] = etree.tostring(styles)
    if lists is not None:
        parts["word/numbering.xml"] = _wrapped("numbering", list(lists))
    document = read_docx(packed(parts), limits)
    document.format = "doc"
    return document


def _wrapped(name: str, content: list[etree._Element]) -> bytes:
    # As text: lxml moves a body of 100,000 paragraphs to another root in time that grows squared.
    space = _W.strip("{}")
    inner = b"".join(etree.tostring(element, with_tail=False) for element in content)
    return b'<w:%b xmlns:w="%b">%b</w:%b>' % (name.encode(), space.encode(), inner, name.encode())


def _modernise(root: etree._Element) -> None:
    """Give elements their names since 2007, accept tracked changes, open what only groups."""
    for element in list(root.iter(tag=etree.Element)):
        name, parent = local(element), element.getparent()
        if parent is None:
            continue
        if name in _ASIDE:
            _drop(element)
        elif name == "annotation":
            _accept(element)
        elif "auxHint" in element.tag and name in ("sect", "sub-section", "pBdrGroup"):
            _open(element)
        elif name in _NEW_NAMES and element.tag.startswith(_W):
            element.tag = _W + _NEW_NAMES[name]
    for element in root.iter(_W + "abstractNum", _W + "num"):
        old, new = next((o, n) for (e, o), n in _NEW_ATTRIBUTES.items() if e == local(element))
        if (given := element.get(_W + old)) is not None:
            element.set(_W + new, given)


def _accept(annotation: etree._Element) -> None:
    """A tracked change as if accepted; comments, bookmarks and former looks go."""
    kind = attribute(annotation, "type")
    content = child(annotation, "content")
    parent = annotation.getparent()
    deleted = kind.startswith(("Word.Deletion", "Word.Delete", "Word.MoveFrom"))
    if parent is not None and local(parent) == "trPr" and deleted:
        etree.SubElement(parent, _W + "del")
    if content is None or deleted or not kind.startswith(("Word.Insert", "Word.MoveTo")):
        _drop(annotation)
        return
    _open(content)
    _open(annotation)


def _open(element: etree._Element) -> None:
    """Put an element's children in its place."""
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    parent[at : at + 1] = list(element)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def read_flat_package(data: bytes, limits: Limits) -> Document:
    """Read a DOCX or XLSX saved as one XML file ("Word XML 文档").

    Raises:
        RejectedDocument: ``corrupt``, ``unsupported_format`` where it is neither, or what the DOCX
            or XLSX is rejected for.
    """
    parts = dict(_flat_parts(parse_xml(data, "Office 文件")))
    if any(name.startswith("xl/") for name in parts):
        return read_xlsx(packed(parts), limits)
    if any(name.startswith("word/") for name in parts):
        return read_docx(packed(parts), limits)
    raise RejectedDocument(
        "unsupported_format",
        "不支持的文件格式：Office 文件（不是 Word 或 Excel）",
        hint="请提供 HTML、PDF、Word、Excel 或纯文本格式的年度报告",
    )


def _flat_parts(root: etree._Element) -> Iterator[tuple[str, bytes]]:
    for part in root:
        name = attribute(part, "name")
        content, binary = child(part, "xmlData"), child(part, "binaryData")
        if content is not None and len(content):
            yield name.lstrip("/"), etree.tostring(content[0])
        elif binary is not None:
            try:
                yield name.lstrip("/"), base64.b64decode(binary.text or "")
            except (binascii.Error, ValueError):
                continue


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Parts of a package by name → the package, not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
