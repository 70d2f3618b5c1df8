"""A finding's message with its places in the reader's language. Pure."""

from __future__ import annotations

from typing import Any

from dashboard.i18n import Text
from dashboard.locators import in_words

__all__ = ["in_words", "message"]


def message(finding: Any, lang: str, t: Text) -> str:
    """A finding's ``message_zh|en`` with its places in the same language."""
    text = getattr(finding, f"message_{lang}") or ""
    return in_words(text, t)
