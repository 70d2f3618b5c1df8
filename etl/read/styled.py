"""Text whose style says that it is no part of a figure: raised, lowered, struck out, not seen."""

from __future__ import annotations

import re
from typing import Final

#: Around text that nobody sees, until it is known what else stands beside it.
UNSEEN: Final = "\x04"
#: Stands for what is seen and is no text: a picture, a figure in a text box.
SIGN: Final = "□"

_UNSEEN_PART: Final = re.compile(f"{UNSEEN}([^{UNSEEN}]*){UNSEEN}")
_DIGIT: Final = re.compile(r"\d")


def raised(text: str) -> str:
    """Text of a raised or lowered run: ``12`` and a raised ``1`` must never read as 121."""
    return f"[{text}]" if any(map(str.isdigit, text)) else text


def struck(text: str) -> str:
    """Text of a run struck out, as Markdown writes it: neither ``915`` nor ``15`` is printed."""
    return f"~~{text}~~" if any(map(str.isdigit, text)) else text


def unseen(text: str) -> str:
    """Text in the colour of its ground, or as good as that; see :func:`seen_of`."""
    return f"{UNSEEN}{text}{UNSEEN}" if text.strip() else text


def seen_of(text: str, *, cell: bool) -> str:
    """What is seen of a cell or a line: without its unseen parts where other figures stand in it.

    Unseen figures alone in a cell may be all there is, so they stay and are no certain figure.
    """
    if UNSEEN not in text:
        return text
    rest = _UNSEEN_PART.sub("", text)
    if _DIGIT.search(rest):
        return rest
    return _UNSEEN_PART.sub(lambda part: raised(part[1]) if cell else part[1], text)
