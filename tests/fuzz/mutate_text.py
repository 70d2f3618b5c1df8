"""What crawlers, converters and copyists do to a text: each a function of the text and a seed.

Every mutation leaves a document whose figures a careful person either still reads or gives up on;
none makes it say something else. So digits, signs, decimal points and money units are never lost,
and a figure is dropped at most once a document (two losses can make a neighbour's figure look
right, and no reader could know).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

import opencc
from pypinyin import lazy_pinyin

from etl.form import load_form

Mutation = Callable[[str, random.Random], str]

#: Characters whose loss changes what is printed instead of hiding it.
_MEANING = set("0123456789０１２３４５６７８９.,，+-−—/减增加少万亿元无约余件\n")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def _tables(lines: list[str]) -> range:
    """The lines from the second section's heading on: where the tables are."""
    starts = [i for i, line in enumerate(lines) if line.lstrip("# ").startswith("二、")]
    return range(starts[0] if starts else 0, len(lines))


def drop_blank_lines(text: str, rng: random.Random) -> str:
    share = rng.choice((0.1, 0.5, 1.0))
    return "\n".join(x for x in text.split("\n") if x.strip() or rng.random() > share)


def blanks_to_row_end(text: str, rng: random.Random) -> str:
    """In rows of pipes the blank cells move behind the filled ones."""
    lines = text.split("\n")
    for i in _tables(lines):
        if lines[i].count("|") > 2 and rng.random() < 0.7:
            cells = [cell.strip() for cell in lines[i].split("|")]
            lines[i] = " | ".join(sorted(cells, key=lambda cell: not cell))
    return "\n".join(lines)


def drop_repeated_lines(text: str, rng: random.Random) -> str:
    """Of equal lines only the first survives, from a random line on."""
    lines = text.split("\n")
    start = rng.choice((0, rng.choice(_tables(lines))))
    return "\n".join([*lines[:start], *dict.fromkeys(lines[start:])])


def glue_lines(text: str, rng: random.Random) -> str:
    """One to three neighbouring cells on lines of their own run together."""
    lines = text.split("\n")
    for _ in range(rng.randint(1, 3)):
        at = rng.choice(_tables(lines))
        below = next((i for i in range(at + 1, len(lines)) if lines[i].strip()), None)
        if below is not None:
            lines[at : below + 1] = [lines[at] + lines[below]]
    return "\n".join(lines)


def glue_cells(text: str, rng: random.Random) -> str:
    """One to three cell borders of rows (pipes, tabs, wide gaps) vanish."""
    for _ in range(rng.randint(1, 3)):
        borders = list(re.finditer(r"[ ]*\|[ ]*|\t| {3,}", text))
        if borders:
            border = rng.choice(borders)
            text = text[: border.start()] + text[border.end() :]
    return text


def lose_characters(text: str, rng: random.Random) -> str:
    """Single characters of labels, headers and punctuation vanish."""
    share = rng.choice((0.005, 0.02, 0.06))
    return "".join(c for c in text if c in _MEANING or rng.random() > share)


def drop_one_line(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    del lines[rng.choice(_tables(lines))]
    return "\n".join(lines)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def traditional(text: str, rng: random.Random) -> str:
    del rng
    return str(_converter().convert(text))


def readings(text: str, rng: random.Random) -> str:
    """Latin readings in brackets behind some characters, as some mirrors print them."""
    share = rng.choice((0.02, 0.1))
    return _HAN.sub(
        lambda m: m[0] + (f"({lazy_pinyin(m[0])[0]})" if rng.random() < share else ""), text
    )


def repeat_rows(text: str, rng: random.Random) -> str:
    """Rows of pipes printed twice, one after the other or at the table's end."""
    lines = text.split("\n")
    rows = [i for i in _tables(lines) if lines[i].count("|") > 2]
    for at in sorted(rng.sample(rows, min(len(rows), rng.randint(1, 3))), reverse=True):
        lines.insert(at + 1, lines[at])
    return "\n".join(lines)


def repeat_a_table(text: str, rng: random.Random) -> str:
    """Some lines in a run printed again below, whole tables or pieces."""
    lines = text.split("\n")
    heads = [i for i in _tables(lines) if lines[i].lstrip("# ").startswith("第二十条")]
    if len(heads) < 2:
        return text
    at = rng.randrange(len(heads) - 1)
    piece = lines[heads[at] : heads[at + 1]]
    return "\n".join([*lines[: heads[at + 1]], *piece, *lines[heads[at + 1] :]])


def swap_columns(text: str, rng: random.Random) -> tuple[str, tuple[str, str] | None]:
    """Two column headers of table 3 change places; returns their keys too."""
    columns = {c.key: str(c.zh) for c in load_form().columns("t3")}
    alone = {
        key: at[0]
        for key, zh in columns.items()
        if len(at := [m.span() for m in re.finditer(rf"(?<=[\n|\t ]){zh}(?=[\r\n|\t ])", text)])
        == 1
    }
    if len(alone) < 2:
        return text, None
    one, two = sorted(rng.sample(sorted(alone), 2), key=lambda key: alone[key])
    (a, b), (c, d) = alone[one], alone[two]
    swapped = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    return swapped, (one, two)


#: Mutations that leave every figure where it was printed, or hide it.
MUTATIONS: dict[str, Mutation] = {
    m.__name__: m
    for m in (
        drop_blank_lines, blanks_to_row_end, drop_repeated_lines, glue_lines, glue_cells,
        lose_characters, drop_one_line, traditional, readings, repeat_rows, repeat_a_table,
    )
}  # fmt: skip
