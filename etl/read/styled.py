"""Text whose style says that it is no part of a figure: raised, lowered, struck out."""

from __future__ import annotations


def raised(text: str) -> str:
    """Text of a raised or lowered run: ``12`` and a raised ``1`` must never read as 121."""
    return f"[{text}]" if any(map(str.isdigit, text)) else text


def struck(text: str) -> str:
    """Text of a run struck out, as Markdown writes it: neither ``915`` nor ``15`` is printed."""
    return f"~~{text}~~" if any(map(str.isdigit, text)) else text
