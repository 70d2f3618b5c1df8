"""One error vocabulary for the whole of ``etl``; standard library only.

Every error carries what a person needs: what happened, where, and how to mend it. Commands turn
them into one line at the edge (``etl/cli.py``); nothing else prints.
"""

from __future__ import annotations

from typing import Final


class DisclosureError(Exception):
    """Root of all errors raised on purpose. ``str(error)`` is one line: message, then remedy."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} — {self.hint}" if self.hint else self.message


class DefinitionError(DisclosureError):
    """The form, rules or metrics as data do not hold together; lists every fault at once."""


class WarehouseError(DisclosureError):
    """A build could not be written, published or read."""


class UsageError(DisclosureError):
    """The command was called with something it cannot take."""


#: Rejection codes of ``disclosure parse --json`` and what each means (the contract's codes).
REJECTION_CODES: Final[dict[str, str]] = {
    "empty": "文件没有内容",
    "unsupported_format": "不支持的文件格式",
    "encrypted": "文件加密，无法读取",
    "no_text_layer": "扫描件，没有可读取的文字",
    "too_large": "文件超过大小上限",
    "corrupt": "文件损坏，无法打开",
    "not_a_report": "不是政府信息公开工作年度报告",
    "archive_unsafe": "压缩包不安全",
    "no_year": "无法确定报告年度",
    "no_office": "无法确定填报单位",
    "crashed": "读取时程序异常",
    "timeout": "读取超时",
}


class RejectedDocument(DisclosureError):
    """One document cannot be taken as a report; the load goes on without it.

    ``code`` is one of :data:`REJECTION_CODES`.
    """

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        if code not in REJECTION_CODES:
            raise ValueError(f"unknown rejection code {code!r}")
        super().__init__(message, hint=hint)
        self.code = code
