"""Office files as ZIP packages: bounded parts, XML without entities, core properties."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import olefile
from lxml import etree

from etl.errors import RejectedDocument
from etl.read.archive import open_zip, read_member
from etl.read.docx_xml import attribute
from etl.read.limits import Limits

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: A part of an Office file of more bytes than this is no report (the largest seen has 2 MB).
MAX_PART: Final = 64 * 1024 * 1024

_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"


def refuse_ole(data: bytes, what: str) -> RejectedDocument:
    """Why an OLE file is none of ours: encrypted Office files are, among others, OLE."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            encrypted = ole.exists("EncryptedPackage")
    except Exception:  # olefile raises whatever damage leads to
        return RejectedDocument(
            "corrupt", f"{what}损坏，无法打开", hint="请重新下载，或用 Word、WPS 打开后另存一份"
        )
    if encrypted:
        return RejectedDocument("encrypted", f"{what}已加密，无法读取", hint="请去掉打开密码后另存")
    return RejectedDocument(
        "unsupported_format",
        f"{what}不是所称的格式",
        hint="请用 Word 或 WPS 打开后另存为 DOCX 或 XLSX",
    )


class Package:
    """An opened Office package; parts are read on demand, each within :data:`MAX_PART`."""

    def __init__(self, data: bytes, what: str, limits: Limits) -> None:
        self._what = what
        self._archive = open_zip(data, what, limits)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            self._infos.setdefault(info.filename.lstrip("/").lower(), info)

    def names(self) -> list[str]:
        """Lower-case names of the parts."""
        return list(self._infos)

    def xml(self, name: str) -> etree._Element | None:
        """A part parsed as XML, or ``None`` where the package has none of that name.

        Raises:
            RejectedDocument: ``corrupt`` for broken XML or a document type with entities.
        """
        data = self.part(name)
        return None if data is None else parse_xml(data, self._what)

    def part(self, name: str) -> bytes | None:
        """A part's bytes, or ``None`` where the package has none of that name."""
        info = self._infos.get(name.lower())
        return None if info is None else read_member(self._archive, info, self._what, MAX_PART)

    def targets(self, part: str) -> dict[str, str]:
        """The names of the parts that a part refers to, by the reference (``rId1``)."""
        folder, _, name = part.rpartition("/")
        relations = self.xml(f"{folder}/_rels/{name}.rels")
        found: dict[str, str] = {}
        for relation in relations if relations is not None else ():
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            found[relation.get("Id", "")] = path
        return found


def reference(element: etree._Element) -> str:
    """An element's ``r:id``, by which a part refers to another one; empty without one."""
    return attribute(element, "id")


def parse_xml(data: bytes, what: str) -> etree._Element:
    """Parse XML of unknown origin: no entities, no network, no huge trees.

    Raises:
        RejectedDocument: ``corrupt``.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        # Templates leave line breaks before the declaration, where XML allows none.
        root = etree.fromstring(data.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RejectedDocument(
            "corrupt", f"{what} 内部的 XML 损坏", hint="请用 Word 或 WPS 打开后另存一份"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        # Office never writes a document type: it is there to attack the parser.
        raise RejectedDocument(
            "corrupt", f"{what} 内部的 XML 含有不允许的实体定义", hint="请核对文件来源"
        )
    return root


def core_title(package: Package) -> str:
    """The title in the document properties, or ``""``; a broken properties part is no matter."""
    try:
        root = package.xml("docProps/core.xml")
    except RejectedDocument:
        return ""
    title = None if root is None else root.find(_TITLE)
    return "" if title is None else (title.text or "").strip()
