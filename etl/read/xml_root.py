"""What an XML file is, by its root element: Office documents in one XML file are no text."""

from __future__ import annotations

import re
from typing import Final

_FIRST_TAG: Final = re.compile(rb"<\s*((?:[A-Za-z_][\w.\-]*:)?[A-Za-z_][\w.\-]*)[\s>/]")
#: Name of the root element → what the file is; the second word must stand near the beginning.
_ROOTS: Final = {
    b"worddocument": (b"office/word/2003/wordml", "wordml"),
    b"workbook": (b"office:spreadsheet", "sheetml"),
    b"package": (b"office/2006/xmlpackage", "flat_package"),
    b"document": (b"opendocument:xmlns:office", "flat_odf"),
    b"uof": (b"uof", "uof"),
}
_HEAD: Final = 8_192


def root_kind(data: bytes) -> str:
    """What an XML file's root element says it is: a key of ``_ROOTS``' values, or ``""``.

    UTF-16 is looked at without its zero bytes; names of elements are ASCII.
    """
    head = data[: 2 * _HEAD].replace(b"\x00", b"")[:_HEAD].lower()
    if b"<" not in head[:64]:
        return ""
    bare = re.sub(rb"<\?.*?\?>|<!--.*?-->|<!doctype[^>]*>", b"", head, flags=re.DOTALL)
    first = _FIRST_TAG.search(bare)
    if first is None:
        return ""
    sign, kind = _ROOTS.get(first[1].rpartition(b":")[2], (b"\x00", ""))
    if sign not in head:
        return ""
    if kind == "flat_odf":
        return "fods" if b"opendocument.spreadsheet" in head else "fodt"
    return kind
