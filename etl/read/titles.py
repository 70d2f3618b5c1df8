"""Which title in a file's properties somebody meant."""

from __future__ import annotations

import re
from typing import Final

_FILLED_IN: Final = re.compile(
    r"(?i)^(microsoft word|wps|untitled|无标题|未命名|document\d*|新建|文档\d*|doc\d*|about:blank)"
    r"|\.(docx?|wps|pdf|html?|xlsx?|et|tmp)\b"
)


def plausible_title(title: str) -> bool:
    """Whether a document property is a title someone meant, not what a program filled in."""
    return (
        4 <= len(title) <= 120
        and sum("\u4e00" <= char <= "\u9fff" for char in title) >= 4
        and "\ufffd" not in title
        and not _FILLED_IN.search(title)
    )
