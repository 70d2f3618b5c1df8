"""The headers of table 3 as converters of PDF leave them: in pieces, cut by lines and columns.

A program that writes down a page's text line by line writes the first lines of all column headers
(商业企 科研机 社会公), then the second ones (业 构 益组织); another one writes cell after cell, and
总计, which reaches over two rows, stands glued to its neighbour. No word of them is whole. But all
pieces together are the form's seven headers and nothing else, or they are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from etl.recognise.labels import Lexicon, core, shared_length

#: More characters than all headers, the corner and a page's furniture have.
_MOST_CHARACTERS = 160
#: Real headers take some hundred states; text made to take more is no header.
_MOST_STATES = 20_000


def names_all_columns(lexicon: Lexicon, lines: Iterable[str]) -> bool:
    """Whether lines are table 3's headers, in pieces, in the form's order and nothing else.

    Every piece goes on with a header from where an earlier line left it. Pieces of one line stand
    in the order of their columns, but for the last lines of 自然人 and 总计, which are tall cells.
    A header that begins after another one has ended stands behind it. The order is the form's, or
    自然人 and 总计 stand first: they are printed a row higher. The corner, 申请人情况 and
    法人或其他组织 may be there, whole, cut like the others.
    """
    printed = tuple(text for line in lines if (text := core(line)))
    keys = lexicon.t3_keys
    if not printed or sum(map(len, printed)) > _MOST_CHARACTERS:
        return False
    two_rows = (keys[0], keys[-1], *keys[1:-1])
    return any(_Search(lexicon, order, printed).run() for order in (keys, two_rows))


@cache
def _labels(lexicon: Lexicon) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The words of each column, and what else may stand among them."""
    words: dict[str, tuple[str, ...]] = {}
    for label, key in lexicon.t3_columns.keys.items():
        words[key] = (*words.get(key, ()), label)
    t3 = lexicon.form.tables.t3
    return words, tuple(core(text) for text in (t3.corner, t3.column_heading, t3.column_group.zh))


@dataclass(frozen=True)
class _Met:
    """How far each header and each other text has been read, as the characters met."""

    columns: tuple[str, ...]
    others: tuple[str, ...]


class _Search:
    """Every way to part the lines into pieces, each state once."""

    def __init__(self, lexicon: Lexicon, order: Sequence[str], lines: tuple[str, ...]) -> None:
        words, self.others = _labels(lexicon)
        self.words = [words[key] for key in order]
        #: 自然人 and 总计 reach over two rows: their last lines stand beside any of the others'.
        self.tall = [order.index(lexicon.t3_keys[at]) for at in (0, -1)]
        self.lines = lines
        self.seen: set[tuple[int, int, int, _Met]] = set()

    def run(self) -> bool:
        return self._from(0, 0, -1, _Met(("",) * len(self.words), ("",) * len(self.others)))

    def _from(self, line: int, at: int, last: int, met: _Met) -> bool:
        """Whether the rest can be read; ``last`` is the column of the line's piece before."""
        if line == len(self.lines):
            return all(m in w for m, w in zip(met.columns, self.words, strict=True)) and all(
                m in ("", other) for m, other in zip(met.others, self.others, strict=True)
            )
        if at == len(self.lines[line]):
            return self._from(line + 1, 0, -1, met)
        state = (line, at, last, met)
        if state in self.seen:
            return False
        self.seen.add(state)
        if len(self.seen) > _MOST_STATES:
            return False
        rest = self.lines[line][at:]
        for index, other in enumerate(self.others):
            had = met.others[index]
            for length in range(shared_length(other[len(had) :], rest), 0, -1):
                others = _with(met.others, index, had + rest[:length])
                if self._from(line, at + length, last, _Met(met.columns, others)):
                    return True
        return any(
            self._from(line, at + length, max(last, column), _Met(columns, met.others))
            for column in range(len(self.words))
            if column > last or (column in self.tall and met.columns[column])
            for length, columns in self._pieces(column, rest, met.columns)
        )

    def _pieces(
        self, column: int, rest: str, met: tuple[str, ...]
    ) -> Iterable[tuple[int, tuple[str, ...]]]:
        """The pieces of a column that ``rest`` may begin with, longest first."""
        had = met[column]
        if not had and any(m in w for m, w in zip(met[column:], self.words[column:], strict=True)):
            return  # a header that ended before this one begins stands behind it in the form
        ways = {
            length
            for word in self.words[column]
            if word.startswith(had)
            for length in range(shared_length(word[len(had) :], rest), 0, -1)
        }
        for length in sorted(ways, reverse=True):
            yield length, _with(met, column, had + rest[:length])


def _with(texts: tuple[str, ...], index: int, text: str) -> tuple[str, ...]:
    return (*texts[:index], text, *texts[index + 1 :])
