"""MHTML ("单个文件网页": multipart/related mail holding a page) → ``Document``."""

from __future__ import annotations

import email
import email.message
import email.policy
from typing import Final

from etl.document import Document, Grid
from etl.errors import RejectedDocument
from etl.read.html import read_html
from etl.read.limits import Limits
from etl.read.sniff import unsupported

_MAX_PARTS: Final = 2_000
_MAX_BOUNDARIES: Final = 20


def read_mhtml(data: bytes, limits: Limits) -> Document:
    """Read the page inside an MHTML file: its root part, or the part with the most tables.

    Raises:
        RejectedDocument: ``corrupt`` when no HTML part is inside.
    """
    if data.lower().count(b"boundary=") > _MAX_BOUNDARIES:
        raise _corrupt("多部分嵌套过多")
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
    except (RecursionError, ValueError, LookupError) as error:
        raise _corrupt("邮件结构无法解析") from error
    documents = []
    for part in parts[:_MAX_PARTS]:
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload.strip():
            document = read_html(payload, limits, part.get_content_charset() or "")
            documents.append((document, part))
    if not documents:
        if any(part.get_filename() for part in message.walk()):
            raise unsupported("邮件", "请提交邮件附件中的年度报告")
        raise _corrupt("其中没有网页正文")
    # the root comes first; a frame set has no text of its own, its frames follow as parts
    best, part = max(documents, key=lambda pair: _weight(pair[0]))
    location = message.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
    if str(location).startswith(("http://", "https://")):
        best.metadata.setdefault("url", str(location))
    return best


def _weight(document: Document) -> tuple[int, int]:
    grids = sum(isinstance(block, Grid) for block in document.blocks)
    return grids, len(document.blocks)


def _corrupt(reason: str) -> RejectedDocument:
    return RejectedDocument(
        "corrupt", f"MHTML 文件无法读取：{reason}", hint="请重新另存为网页（HTML）或 PDF 后再提交"
    )
