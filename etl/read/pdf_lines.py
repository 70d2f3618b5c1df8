"""Characters to printed text: lines by baseline, spaces by gaps, vertical labels by stacking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Final, NamedTuple

from etl.read.pdf_marks import Char

#: Characters whose baselines differ by less than this share of an em stand on one line.
SAME_LINE: Final = 0.45
#: Between Latin letters or digits a gap above this share of an em is a space; fonts kern below it.
WORD_GAP: Final = 0.18
#: Between a Chinese character and a Latin one or a figure programs put a quarter em by themselves.
MIXED_GAP: Final = 0.4
#: Around Chinese characters a gap is spacing for looks (justified or spread-out labels) until it
#: is wider than this many ems; then two parts of a line are told apart by two spaces.
COLUMN_GAP: Final = 1.6
#: The same character printed again within this share of an em is a bold drawn by doubling.
DOUBLED: Final = 0.12
#: A note's number is smaller than its figure by this factor, and raised by this share of its em.
NOTE_SIZE, RAISED = 0.9, 0.05

#: A mark that is read as one is at most this size of its figure, raised by a share between these,
#: and no further from it than the last (browsers: 0.83, 0.4 and 0).
SMALL, HIGH, TOUCHING = 0.88, (0.15, 0.65), 0.25
_MARKS: Final = frozenset("0123456789*[]注①②③④⑤⑥⑦⑧⑨")

_WIDE_SPACE: Final = "  "


class TextLine(NamedTuple):
    """One printed line: its characters from left to right and the box around them."""

    chars: list[Char]
    x0: float
    x1: float
    top: float
    bottom: float
    base: float

    @property
    def size(self) -> float:
        """The line's em: that of its largest character, in points."""
        return max(char.size for char in self.chars)

    @property
    def text(self) -> str:
        """The line as printed; see :func:`spaced` for what becomes of gaps."""
        return "".join(part for part, _ in spaced(self.chars))


def is_cjk(char: str) -> bool:
    """Whether a character is Chinese script, full-width or Chinese punctuation."""
    return (
        "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"
    )


def lines_of(chars: Iterable[Char]) -> list[TextLine]:
    """Group characters into lines by baseline, top to bottom, each from left to right."""
    rows: list[list[Char]] = []
    for char in sorted(chars, key=attrgetter("base", "x0")):
        row = rows[-1] if rows else None
        if row and (
            char.base == row[0].base
            or char.base - row[0].base <= SAME_LINE * min(char.size, row[0].size)
        ):
            row.append(char)
        else:
            rows.append([char])
    return [_line(row) for row in rows]


def _in_order(chars: Sequence[Char]) -> list[Char]:
    """The characters of one line from left to right, those printed twice once."""
    ordered: list[Char] = []
    for char in sorted(chars, key=attrgetter("x0")):
        last = ordered[-1] if ordered else None
        if last and last.text == char.text and char.x0 - last.x0 < DOUBLED * char.size:
            continue
        ordered.append(char)
    return ordered


def _line(chars: list[Char]) -> TextLine:
    ordered = _in_order(chars)
    _, x0s, x1s, tops, bottoms, bases, _ = zip(*ordered, strict=True)
    return TextLine(ordered, min(x0s), max(x1s), min(tops), max(bottoms), bases[0])


def spaced(chars: Sequence[Char]) -> list[tuple[str, Char]]:
    """The characters of a line, each with the white space due before it put in front.

    Two spaces stand for a gap that separates columns, one for a gap beside Latin words or figures
    (so two figures never run together), none for spacing between Chinese characters.
    """
    parts: list[tuple[str, Char]] = []
    last: Char | None = None
    for char in chars:
        gap = char.x0 - last.x1 if last else 0.0
        parts.append((_space(last, char, gap) + char.text if last else char.text, char))
        last = char
    return parts


def _is_note(left: Char, right: Char) -> bool:
    """Whether one of two digits is a note's number beside a figure: smaller, and raised."""
    small, large = sorted((left.size, right.size))
    digits = left.text[0].isdigit() and right.text[0].isdigit()
    return digits and small < NOTE_SIZE * large and abs(left.base - right.base) > RAISED * large


def _space(left: Char, right: Char, gap: float) -> str:
    em = min(left.size, right.size)
    if left.size != right.size and _is_note(left, right):
        return "^"
    if gap > COLUMN_GAP * em:
        return _WIDE_SPACE
    chinese = is_cjk(left.text) + is_cjk(right.text)
    if chinese == 2:
        return ""
    return " " if gap > (MIXED_GAP if chinese else WORD_GAP) * em else ""


def cell_text(chars: Sequence[Char]) -> str:
    r"""The text of one table cell in reading order; inner line breaks are ``\n``.

    A label written downwards (one character a line, or in columns from right to left) comes out
    joined; stacked figures never do, as ``1`` over ``0`` may be two figures. Gaps between Chinese
    characters inside a cell are spread-out lettering (``总　　计``) and are dropped.
    """
    if not chars:
        return ""
    if len(chars) == 1:
        return chars[0].text
    base, size = chars[0].base, chars[0].size
    if all(char.base == base and char.size == size for char in chars):
        return _cell_line(_in_order(chars))  # one line, as most cells have
    figure, note = _parted_note(chars)
    if note:
        mark = "".join(char.text for char in note)
        return cell_text(figure) + (mark if mark.startswith("[") else f"[{mark}]")
    if _written_downwards(chars):
        columns: list[list[Char]] = []
        for char in sorted(chars, key=lambda c: -c.mid_x):
            if columns and columns[-1][0].mid_x - char.mid_x < 0.6 * char.size:
                columns[-1].append(char)
            else:
                columns.append([char])
        return "".join(c.text for col in columns for c in sorted(col, key=lambda c: c.base))
    return "\n".join(_cell_line(line.chars) for line in lines_of(chars))


def _parted_note(chars: Sequence[Char]) -> tuple[list[Char], list[Char]]:
    """The characters of a figure, and those of a note's mark raised behind its last digit, if any.

    Nothing is a mark unless it is clearly smaller, clearly higher, and right behind the figure.
    """
    size = max(char.size for char in chars)
    note = sorted((char for char in chars if char.size <= SMALL * size), key=attrgetter("x0"))
    if not note or any(char.text not in _MARKS for char in note):
        return [], []
    figure = [char for char in chars if char.size > SMALL * size]
    last = max(figure, key=attrgetter("base", "x1"))
    raised = all(HIGH[0] * size < last.base - char.base < HIGH[1] * size for char in note)
    behind = -TOUCHING * size < note[0].x0 - last.x1 < TOUCHING * size
    close = all(b.x0 - a.x1 < TOUCHING * size for a, b in pairwise(note))
    certain = last.text.isdigit() and raised and behind and close
    return (figure, note) if certain else ([], [])


def _cell_line(chars: Sequence[Char]) -> str:
    text = ""
    for part, char in spaced(chars):
        joins = text and is_cjk(text[-1]) and is_cjk(char.text)
        text += char.text if joins else part
    return text


def _written_downwards(chars: Sequence[Char]) -> bool:
    """Whether the characters, in the order the file draws them, run down the page.

    True only for Chinese text without figures, and only if almost every step goes straight down
    (or, at a column's end, up to the next column on the left).
    """
    if len(chars) < 2 or any(char.text.isdigit() for char in chars):
        return False
    if not any(is_cjk(char.text) for char in chars):
        return False
    down = jumps = 0
    for left, right in pairwise(chars):
        em = max(left.size, right.size)
        if abs(right.mid_x - left.mid_x) < 0.6 * em and right.base - left.base > 0.3 * em:
            down += 1
        elif right.mid_x < left.mid_x - 0.6 * em and right.base < left.base:
            jumps += 1
        else:
            return False
    return down >= 1 and jumps <= down // 2
