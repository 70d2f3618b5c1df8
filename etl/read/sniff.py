"""What a file is, by its content alone: names lie (pages saved as ``.doc``, text as ``.html``)."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from etl.errors import RejectedDocument
from etl.read.limits import Limits
from etl.read.xml_root import root_kind

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: First bytes of formats that are no text → what to call them.
_BINARY: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "图片（PNG）"),
    (b"\xff\xd8\xff", "图片（JPEG）"),
    (b"GIF8", "图片（GIF）"),
    (b"BM", "图片（BMP）"),
    (b"II*\x00", "图片（TIFF）"),
    (b"MM\x00*", "图片（TIFF）"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"BZh", "压缩包（bzip2）"),
    (b"\xfd7zXZ\x00", "压缩包（xz）"),
    (b"\x28\xb5\x2f\xfd", "压缩包（zstd）"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
    (b"Founder CEB", "方正 CEB 版式文件"),
    (b"CAJ", "CAJ 文件"),
    (b"AT&TFORM", "图片（DjVu）"),
    (b"OggS", "音视频"),
    (b"ID3", "音视频"),
    (b"SQLite format 3", "数据库"),
    (b"%!PS", "PostScript 文件"),
)
_RIFF_MEDIA: Final = frozenset({b"WEBP", b"AVI ", b"WAVE"})
_MAIL: Final = re.compile(
    rb"\A\s*(?:(?:[A-Za-z][A-Za-z0-9\-]*:[^\n]*|[ \t][^\n]*)\r?\n){0,60}?"
    rb"(?:content-type:\s*multipart/|mime-version:|snapshot-content-location:)",
    re.IGNORECASE,
)
_EMPTY_BYTES: Final = b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xff\xfe\xa0\xc2"
_PDF_WINDOW: Final = 1024
_RTF: Final = b"{\\rtf"
_MARKS: Final = b"\xef\xbb\xbf \t\r\n"
_OPENDOCUMENT: Final = re.compile(r"application/vnd\.oasis\.opendocument\.(\w+)")
_LONGEST_TYPE: Final = 200
_SAVE_AS: Final = "请用原来的软件打开后另存为 Word 或 PDF"
_UNPACK: Final = "请解压后提交其中的年度报告，或打包为 ZIP"

_WHOLE_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html|head|body|frameset)\b", re.IGNORECASE)
_TABLE_TAG: Final = re.compile(r"<(?:table|tr|td)\b", re.IGNORECASE)
_TABLE_ELEMENT: Final = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BODY_TAG: Final = re.compile(
    r"</?(?:p|div|span|font|h[1-6]|pre|ul|ol|li|section|article)\b[^<>]*>|<br\s*/?>", re.IGNORECASE
)
_MANY: Final = 3
_LOOKED_AT: Final = 400_000


class FileKind(StrEnum):
    """Kinds of content the readers know; the values are keys of ``etl.read.READERS``."""

    TEXTUAL = "textual"
    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    XLSX = "xlsx"
    MHTML = "mhtml"
    RTF = "rtf"
    ODT = "odt"
    ODS = "ods"
    FODT = "fodt"
    FODS = "fods"
    WORDML = "wordml"
    SHEETML = "sheetml"
    FLAT_PACKAGE = "flat_package"


def kind_of(data: bytes, limits: Limits) -> FileKind:
    """The kind of a file's content.

    Raises:
        RejectedDocument: ``empty``, ``too_large``, ``unsupported_format``, ``encrypted`` or
            ``corrupt`` where the first look settles it.
    """
    if len(data) > limits.max_bytes:
        raise RejectedDocument(
            "too_large",
            f"文件 {len(data) / 1048576:.1f} MB，超过 {limits.max_bytes / 1048576:.0f} MB 的上限",
            hint="请删去图片等附件后重新提交，或调高上限",
        )
    if not data.strip(_EMPTY_BYTES):
        raise empty()
    if data.startswith(_ZIP):
        return _zip_kind(data)
    if data.startswith(_OLE):
        return _ole_kind(data)
    head = data[:_PDF_WINDOW]
    if b"%PDF-" in head and not head.lstrip().startswith(b"<"):
        return FileKind.PDF
    for magic, what in _BINARY:
        if data.startswith(magic) and not _is_prose(data, magic):
            raise unsupported(what, _UNPACK if "压缩包" in what else "")
    if b"ftyp" in data[4:12] or (
        data.startswith(b"RIFF") and data[8:12] in {b"WEBP", b"AVI ", b"WAVE"}
    ):
        raise unsupported("图片或音视频")
    if head.lstrip(_MARKS).startswith(_RTF):
        return FileKind.RTF
    if _MAIL.match(data[:8192]):
        return FileKind.MHTML
    return _xml_kind(data)


def _xml_kind(data: bytes) -> FileKind:
    """Text, unless its root element is an Office document's: that is no text to be read as such."""
    root = root_kind(data)
    if root == "uof":
        raise unsupported("标文通 UOF 文件", _SAVE_AS)
    return FileKind(root) if root else FileKind.TEXTUAL


def _is_prose(data: bytes, magic: bytes) -> bool:
    """Two- and three-letter magics also begin words (``BM``, ``MZ``): text has no NUL near."""
    return magic.isalnum() and b"\x00" not in data[:512]


def _zip_kind(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            opendocument = _opendocument(archive)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise RejectedDocument(
            "corrupt",
            "文件损坏，无法打开（可能没有下载完整）",
            hint="请重新下载或另存后再提交",
        ) from error
    lower = {member.replace("\\", "/").lstrip("/").lower() for member in names}
    folders = {member.partition("/")[0] for member in lower}
    if "ofd.xml" in lower:
        raise unsupported("OFD 版式文件", _SAVE_AS)
    if "xl/workbook.bin" in lower:
        # Its parts say in another way which rows are hidden and how figures are shown.
        raise unsupported("Excel 二进制工作簿（XLSB）", "请用 Excel 或 WPS 打开后另存为 XLSX")
    for folder, kind in (("word", FileKind.DOCX), ("xl", FileKind.XLSX)):
        if folder in folders:
            return kind
    if "ppt" in folders:
        raise unsupported("演示文稿（PPT）")
    if opendocument:
        if opendocument not in ("text", "spreadsheet"):
            raise unsupported("OpenDocument 文件", _SAVE_AS)
        return FileKind.ODT if opendocument == "text" else FileKind.ODS
    raise unsupported("压缩包", _UNPACK)


def _opendocument(archive: zipfile.ZipFile) -> str:
    """The kind of an OpenDocument file (``text``, ``spreadsheet``), ``""`` for any other one."""
    info = next((i for i in archive.infolist() if i.filename == "mimetype"), None)
    if info is None or info.file_size > _LONGEST_TYPE or info.flag_bits & 1:
        return ""
    said = archive.read(info).decode("ascii", "replace").strip()
    found = _OPENDOCUMENT.match(said)
    return found[1] if found else ""


def _ole_kind(data: bytes) -> FileKind:
    import olefile  # here, so that reading a page does not load it

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {path[0].lower() for path in ole.listdir(streams=True, storages=False)}
    except Exception as error:  # olefile raises many kinds on damaged files
        raise RejectedDocument(
            "corrupt", "Office 文件损坏，无法打开", hint="请用 Word 或 Excel 打开并另存后再提交"
        ) from error
    if "encryptedpackage" in streams:
        raise RejectedDocument(
            "encrypted", "文件设有打开密码，无法读取", hint="请取消密码保护后重新提交"
        )
    if "worddocument" in streams:
        return FileKind.DOC
    if any(name.startswith("__substg1.0_") for name in streams):
        raise unsupported("Outlook 邮件（MSG）", "请提交邮件附件中的年度报告")
    if "powerpoint document" in streams:
        raise unsupported("演示文稿（PPT）")
    if streams & {"workbook", "book"}:
        return FileKind.XLSX
    raise unsupported("Office 文件（不是 Word 或 Excel）")


_MARKDOWN_ROW: Final = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)


def is_markup(text: str) -> bool:
    """Whether a text is a page or fragment of HTML rather than prose or Markdown.

    Markdown with a few ``<br>`` in its cells stays text; so does Markdown whose tables are written
    in HTML but whose headings and paragraphs are not (the text reader reads those tables).
    """
    head = text[:_LOOKED_AT]
    if _WHOLE_PAGE.search(head):
        return True
    table = _TABLE_TAG.search(head)
    if table:
        if _BODY_TAG.search(head, 0, table.start()):
            return True
        outside = _TABLE_ELEMENT.sub("", head)
        return _BODY_TAG.search(outside) is not None or _filled_lines(outside) < _MANY
    # The 2019 form has twenty broken headers: in Markdown a <br> each, in a page of sixty lines.
    head = _MARKDOWN_ROW.sub("", head)
    tags = len(_BODY_TAG.findall(head))
    return tags >= _MANY and 5 * tags >= head.count("\n") + 1


def _filled_lines(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip())


def extension(name: str) -> str:
    """Lower-case extension without the dot."""
    return PurePath(name).suffix.lower().lstrip(".")


def empty() -> RejectedDocument:
    """The rejection of a file without content."""
    return RejectedDocument("empty", "文件没有内容", hint="请检查文件是否下载或导出完整")


def unsupported(what: str, hint: str = "") -> RejectedDocument:
    """The rejection of a format no reader knows; ``what`` names it, ``hint`` is the remedy."""
    return RejectedDocument(
        "unsupported_format",
        f"不支持的文件格式：{what}",
        hint=hint or "请提供 HTML、PDF、Word、Excel 或纯文本格式的年度报告",
    )
