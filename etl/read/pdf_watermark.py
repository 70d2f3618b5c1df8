"""Watermarks that stand level: a short text again and again, in a size or shade of its own."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from etl.read.pdf_lines import is_cjk
from etl.read.pdf_marks import Char

#: A watermark's text is no longer than this, stands so often on a page, and has so many characters
#: of Chinese: a row of zeros is none.
_LONGEST, _TIMES, _WORDS = 40, 4, 3
_AGAIN: Final = re.compile(rf"(.{{{_WORDS},{_LONGEST}}}?)\1{{{_TIMES - 1},}}", re.DOTALL)
#: Words that stand in cell after cell, in a size of their own.
_MARKS: Final = frozenset("不适用")
#: Pale text larger than the page's by this factor is a watermark though it stands there once.
_LARGE: Final = 1.8


def watermark(chars: Sequence[Char], pale: Collection[int]) -> set[int]:
    """Places, among the characters of a page in order of drawing, of those of a watermark.

    Args:
        chars: all characters.
        pale: places of those in light colours.
    """
    styles: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for at, char in enumerate(chars):
        styles[int(2 * char.size), at in pale].append(at)
    if len(styles) < 2:
        return set()
    usual = Counter({size: len(held) for (size, light), held in styles.items() if not light})
    body = usual.most_common(1)[0][0] if usual else 0
    gone: set[int] = set()
    repeated = False
    for (size, light), held in styles.items():
        if light and body and size > _LARGE * body:
            gone.update(held)
        elif _repeats("".join(chars[at].text for at in held)):
            gone.update(held)
            repeated = True
    # Its other characters may be of the page's size: they stand between these.
    return gone | _runs("".join(char.text[0] for char in chars)) if repeated else gone


def _runs(text: str) -> set[int]:
    """Places of a text that stands in a row again and again, and of its cut ends."""
    found: set[int] = set()
    for match in _AGAIN.finditer(text):
        if not _is_phrase(match[1]):
            continue
        period, (start, end) = len(match[1]), match.span()
        while end < len(text) and text[end] == text[end - period]:
            end += 1
        while start and text[start - 1] == text[start - 1 + period]:
            start -= 1
        found.update(range(start, end))
    return found


def _repeats(text: str) -> bool:
    """Whether a text is nothing but a short one printed again and again."""
    longest = min(_LONGEST, len(text) // _TIMES)
    periods = (p for p in range(_WORDS, longest + 1) if text[p:] == text[:-p])
    return any(_is_phrase(text[:period]) for period in periods)


def _is_phrase(text: str) -> bool:
    words = {char for char in text if is_cjk(char)}
    return len(words) >= _WORDS and words != _MARKS
