"""A finding's message with its places in the reader's language. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from dashboard.i18n import Text
from dashboard.locators import in_words, sentence

__all__ = ["in_words", "message"]


#: The name of a file before a place in it ("report x.html table 2"). Such names fill a line and say
#: again which office and year it is.
_FILE: Final = re.compile(
    r"(?<= )[^ （()；;]{1,200}\.(?:txt|md|html?|mhtml?|pdf|docx?|xlsx?|zip)"
    r" (?=(?:table|page|line|paragraph|sentence|row)s? \d)",
    re.IGNORECASE,
)


def message(finding: Any, lang: str, t: Text) -> str:
    """A finding's ``message_zh|en`` with its places in the same language, files not named.

    The list beside it leads to the document; letters and exports, which cannot, keep the names.
    """
    text = getattr(finding, f"message_{lang}") or ""
    return sentence(_FILE.sub("", text), t)
