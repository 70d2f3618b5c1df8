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
from etl.read.office_package import Package, reference

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
        data = self._package.part(self._targets.get(reference(chunk), ""))
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
        return self._package.targets(self._part)
