"""Bytes of a file → :class:`~etl.document.Document`; one module a format, chosen by content.

>>> read("一、总体情况".encode(), "a.txt").format
'text'
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from etl.document import Document, Grid
from etl.errors import RejectedDocument
from etl.read.decode import to_text
from etl.read.limits import DEFAULT_LIMITS, Limits
from etl.read.sniff import FileKind, empty, extension, is_markup, kind_of

__all__ = ["READERS", "Limits", "read"]

Reader = Callable[[bytes, Limits], Document]


def _lazy(module: str, function: str) -> Reader:
    """A reader whose module is imported at first use: HTML needs no PDF library in memory."""

    def reader(data: bytes, limits: Limits) -> Document:
        found: Reader = getattr(import_module(f"etl.read.{module}"), function)
        return found(data, limits)

    reader.__name__ = function
    return reader


#: Format → reader of its bytes. ``mhtml`` documents report the format ``html``, and old ``.xls``
#: workbooks ``xlsx``, as the contract has it; rarer formats report the one they are read as.
READERS: Final[dict[str, Reader]] = {
    "html": _lazy("html", "read_html"),
    "text": _lazy("text", "read_text"),
    "mhtml": _lazy("mhtml", "read_mhtml"),
    "pdf": _lazy("pdf", "read_pdf"),
    "docx": _lazy("docx", "read_docx"),
    "doc": _lazy("doc", "read_doc"),
    "xlsx": _lazy("xlsx", "read_xlsx"),
    "rtf": _lazy("libreoffice", "read_rtf"),
    "odt": _lazy("libreoffice", "read_odt"),
    "ods": _lazy("libreoffice", "read_ods"),
    "fodt": _lazy("libreoffice", "read_fodt"),
    "fods": _lazy("libreoffice", "read_fods"),
    "wordml": _lazy("flat_xml", "read_wordml"),
    "sheetml": _lazy("sheet_xml", "read_sheetml"),
    "flat_package": _lazy("flat_xml", "read_flat_package"),
}

#: Extensions whose files are binary: content that is none of them, and no text, is a broken file.
_BLANKS: Final = "\ufeff\u200b\u3000\u00a0 \t\r\n\f\v"
_BINARY_EXTENSIONS: Final = frozenset({"pdf", "docx", "doc", "xlsx", "xls", "wps", "et"})


def read(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a file of any supported format.

    The content decides, not the name: a web page saved as ``.doc`` is read as the page it is.

    Args:
        data: the whole file.
        name: its name or path; kept as ``metadata["filename"]``.
        limits: bounds on size and work.

    Raises:
        RejectedDocument: with a code of ``etl.errors.REJECTION_CODES``, a message and a remedy.
    """
    try:
        document = _read(data, name, limits)
    except RejectedDocument:
        raise
    except (MemoryError, RecursionError) as error:
        raise RejectedDocument(
            "too_large", f"{name}：内容过于复杂，无法在限定资源内读取", hint="请简化文件后重新提交"
        ) from error
    except Exception as error:  # a reader's fault must cost one document, never the load
        raise RejectedDocument(
            "crashed",
            f"{name}：读取时程序异常（{type(error).__name__}）",
            hint="请把文件另存为 HTML、PDF 或 Word 后重试，并把原文件交给开发人员",
        ) from error
    if not any(isinstance(block, Grid) or block.text for block in document.blocks):
        raise empty()
    document.metadata["filename"] = name
    return document


def _read(data: bytes, name: str, limits: Limits) -> Document:
    kind = kind_of(data, limits)
    if kind is FileKind.TEXTUAL:
        return _read_textual(data, name, limits)
    return READERS[kind](data, limits)


def _read_textual(data: bytes, name: str, limits: Limits) -> Document:
    """HTML, JSON holding HTML, or text; told apart after decoding."""
    from etl.read.disguise import add_json_facts, has_escaped_table, is_json, json_markup, unescaped
    from etl.read.html import html_document
    from etl.read.text import text_document

    try:
        decoded = to_text(data)
    except RejectedDocument as error:
        if extension(name) in _BINARY_EXTENSIONS:
            raise RejectedDocument(
                "corrupt",
                f"文件损坏：内容不是 {extension(name).upper()} 格式",
                hint="请重新下载或另存后再提交",
            ) from error
        raise
    text = decoded.text
    if not text.strip(_BLANKS):
        raise empty()
    inner = json_markup(text) if is_json(text) else ""
    if inner:
        document = html_document(inner, limits)
        add_json_facts(text, document)
        document.notes.append("正文取自 JSON 中的 HTML")
        return document
    markup = is_markup(text)
    if not markup and has_escaped_table(text):
        text = unescaped(text)
        markup = is_markup(text)
    document = html_document(text, limits) if markup else text_document(text, limits)
    if decoded.damaged:
        document.notes.append(f"{decoded.damaged} 处字节无法按 {decoded.encoding} 解码")
    return document
