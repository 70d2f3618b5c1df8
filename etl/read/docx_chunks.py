"""Pages that a Word document holds as parts (``w:altChunk``), as web exports write them."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from lxml import etree

from etl.document import Document
from etl.errors import RejectedDocument
from etl.read.html import read_html
from etl.read.limits import Limits
from etl.read.mhtml import read_mhtml
from etl.read.office_package import Package

#: So many of a part's first bytes tell what it is.
_HEAD: Final = 2_048


class Chunks:
    """Reads the embedded pages of a document's main part."""

    def __init__(self, package: Package, part: str, limits: Limits) -> None:
        self._package, self._part, self._limits = package, part, limits

    def document(self, chunk: etree._Element) -> Document | None:
        """The page of a ``w:altChunk``; ``None`` where it is missing or no page.

        Word documents within Word documents are not read: nobody writes them, and each could hold
        the next one.
        """
        reference = next((v for k, v in chunk.attrib.items() if str(k).endswith("}id")), "")
        data = self._package.part(self._targets.get(str(reference), ""))
        if not data or data.startswith(b"PK"):
            return None
        head = data[:_HEAD].lower()
        read = read_mhtml if b"mime-version" in head or b"multipart/related" in head else read_html
        try:
            return read(data, self._limits)
        except RejectedDocument as error:
            if error.code == "too_large":
                raise
            return None

    @cached_property
    def _targets(self) -> dict[str, str]:
        folder, _, name = self._part.rpartition("/")
        relations = self._package.xml(f"{folder}/_rels/{name}.rels")
        found: dict[str, str] = {}
        for relation in relations if relations is not None else ():
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            found[relation.get("Id", "")] = path
        return found
