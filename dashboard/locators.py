"""A locator of the reader ("table 3, row 4, column 2") in the reader's language. Pure."""

from __future__ import annotations

import re
from typing import Final

from dashboard.i18n import Text

_NAMES: Final = "table|row|column|page|line|paragraph|sentence"
_PART: Final = re.compile(rf"\b({_NAMES}) (\d+)")
_BETWEEN: Final = re.compile(rf"(?<=\d), (?=(?:{_NAMES}) \d)")
_INSIDE: Final = re.compile(rf" \(((?:{_NAMES}) \d+)\)")


def in_words(at: str, t: Text) -> str:
    """``第3张表，第4行，第2列``; a part that is not understood stays as it was written."""
    text = _BETWEEN.sub(t("doc.at_between"), at)
    text = _INSIDE.sub(lambda m: t("doc.at_inside").format(m[1]), text)
    return _PART.sub(lambda m: t(f"doc.at_{m[1]}").format(m[2]), text)
