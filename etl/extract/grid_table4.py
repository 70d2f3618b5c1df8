"""Table 4 in a structured grid: reviews and lawsuits, one row of fifteen figures or three of five.

Both directions of the header are read: results below blocks, and blocks as rows. Several rows of
figures below one header (years, offices) are told apart by nothing the form knows: ``unread``.
"""

from __future__ import annotations

from etl.document import GridCell
from etl.extract.grid_rows import Columns, GridRows, is_numbering, runs_of
from etl.extract.headers import is_year
from etl.extract.values import addends, is_value, read_value
from etl.recognise.labels import Lexicon, core, fold
from etl.report import State


class Table4Rows(GridRows):
    """Reads table 4 where a grid holds it."""

    def table4(self, row: int, texts: list[str]) -> int | None:
        """Read table 4 from its first header row on; return the first row below its figures."""
        if not self._begins4(row, texts):
            return None
        turned = self._turned4(row)
        if turned is not None:
            return turned
        end = row + 1
        while end < len(self.rows) and not self._figures4(self.rows[end]):
            if any(self.lex.t3_rows.match(c.text) for c in self.rows[end] if len(c.text) > 8):
                return None
            end += 1
        named = any(core(t) == self.lex.heading4 or self._block4(t) for t in texts if t)
        if end >= len(self.rows):
            if named:
                self.out.seen.add("t4")
                self._unread4(row + 1)
            return end if named else None
        self.ctx.in_table = "t4"
        self.out.seen.add("t4")
        return self._figures_below(row, end)

    def _unread4(self, start: int) -> None:
        """Rows below a header that are no plain figures: printed, and told apart by nobody."""
        printed = [c for row in self.rows[start:] for c in row if any(map(str.isdigit, c.text))]
        if printed:
            for name in dict.fromkeys(block for block, _ in self.lex.t4_keys):
                self.out.rows.append(self.reading("t4", name, name, printed, (), None))

    def _begins4(self, row: int, texts: list[str]) -> bool:
        known = [t for t in texts if t]
        if any(is_value(t) for t in known):
            return False
        blocks = sum(self._block4(t) is not None for t in known)
        suits = any(core(t) == self.lex.heading4 for t in known)
        labels = self._results(known)
        # 行政复议 alone is a phrase; with 行政诉讼, or with result columns, it is a header.
        if (suits and not blocks) or labels >= 4 or (blocks and (suits or labels >= 2)):
            return True
        below = [c.text for c in self.rows[row + 1]] if row + 1 < len(self.rows) else []
        return blocks >= 2 or bool(blocks and len(known) == 1 and self._results(below) >= 4)

    def _results(self, texts: list[str]) -> int:
        return sum(self.lex.t4_columns.exact(t) is not None for t in texts if t)

    def _block4(self, text: str) -> str | None:
        return self.lex.t4_blocks.exact(text)

    # Blocks as rows --------------------------------------------------------------------------

    def _turned4(self, row: int) -> int | None:
        """Blocks as rows below a header of results; ``None`` where the header is another."""
        results = tuple(dict.fromkeys(column for _, column in self.lex.t4_keys))
        if self._results([c.text for c in self.rows[row]]) < len(results) - 1:
            return None
        end = row + 1
        found: list[tuple[str, GridCell, list[GridCell]]] = []
        while end < len(self.rows):
            cells = self.rows[end]
            label = next((c for c in reversed(cells) if self._block4(c.text)), None)
            if label is None or not any(c.col > label.col for c in cells):
                break
            found.append((self._block4(label.text) or "", label, _right_of(label, cells)))
            end += 1
        if not found or any(self._results([c.text for c in values]) for _, _, values in found):
            return None
        self.ctx.in_table = "t4"
        self.out.seen.add("t4")
        columns = self._columns4(row, row + 1)
        for name, label, values in found:
            placed = self.place(values, columns) if columns.whole else None
            keys = columns.keys
            self.out.rows.append(self.reading("t4", name, label.text, values, keys, placed))
        return end

    def _columns4(self, start: int, end: int) -> Columns:
        found: dict[str, list[int]] = {}
        foreign: list[int] = []
        for col, path in enumerate(self.header_paths(start, end)):
            key = self.lex.t4_columns.exact(path[-1]) if path else None
            if key:
                found.setdefault(key, []).append(col)
            elif path and found:
                foreign.append(col)
        whole = all(cols[-1] - cols[0] + 1 == len(cols) for cols in found.values())
        return Columns(
            tuple(found),
            tuple(range(cols[0], cols[-1] + 1) for cols in found.values()),
            runs_of(foreign),
            whole=whole and len(found) >= 4,
            width=self.width_of(start, end),
        )

    # One row of figures ----------------------------------------------------------------------

    def _figures4(self, cells: list[GridCell]) -> bool:
        words = [c for c in cells if c.text and not is_value(c.text)]
        if any(is_value(c.text) for c in cells):
            return len(words) <= 1
        # A row left blank, with or without a label of its own before it (件数, 2023年).
        first = cells[0].text if cells else ""
        head = self._block4(first) or self.lex.t4_columns.exact(first)
        return len(cells) >= 5 and (not words or (words == cells[:1] and not head))

    def _figures_below(self, start: int, end: int) -> int:
        """Read the figures of a header; return the first row below them."""
        columns, keys = self._paths4(start, end)
        last = end
        rows: list[list[GridCell]] = []
        while last < len(self.rows) and self._goes_on4(self.rows[last], last > end):
            if not is_numbering([c.text for c in self.rows[last]]):
                rows.append(self.rows[last])
            last += 1
        filled = [row for row in rows if any(c.text for c in row)] or rows[:1]
        beside = [*self.rows[start + 1 : end], *self.rows[last : last + 2]]
        filled += [row for row in beside if self._rival4(row)]
        if not filled:
            return last
        values = [c for c in filled[0] if not self._names_row4(c, columns)]
        placed: list[GridCell] | None = None
        if len(filled) == 1:
            if len(keys) < len(self.lex.t4_keys) and self._all_heads4(start, end):
                # All headers, but blocks span less than their results: a site dropped the colspans,
                # or wrote empty cells for them.
                ordered = self._in_order4(start, end)
                certain = self._begin_above4(start, end) or self._sums_hold4(values)
                fit = ordered and certain and len(values) == len(self.lex.t4_keys)
                keys, placed = (self.lex.t4_keys, values) if fit else ((), None)
            elif columns.whole and self._covered4(start, end, filled[0], columns):
                placed = self.place(values, columns)
            elif not keys and len(values) == len(self.lex.t4_keys):
                keys, placed = self.lex.t4_keys, values
        if placed and any(is_year(c.text) for c in placed):
            placed = None  # a row that was shifted
        told = next((c.text for c in filled[0] if is_year(c.text)), None)
        if placed is None:
            blocks = {b for b, _ in keys} or {b for b, _ in self.lex.t4_keys}
            printed = [c for row in filled for c in row]
            for name in sorted(blocks):
                self.out.rows.append(self.reading("t4", name, name, printed, (), None))
            return last
        for name in dict.fromkeys(b for b, _ in keys):
            part = [(c, v) for (b, c), v in zip(keys, placed, strict=True) if b == name]
            chosen, names = [v for _, v in part], tuple(c for c, _ in part)
            self.out.rows.append(self.reading("t4", name, told or name, chosen, names, chosen))
        return last

    def _names_row4(self, cell: GridCell, columns: Columns) -> bool:
        """Whether words stand beside the figures (件数, 2023年), below no result's header."""
        if not cell.text or is_value(cell.text):
            return False
        below = any(span.start <= cell.col < span.stop for span in columns.spans)
        return read_value(cell.text).state is State.TEXT and not below

    def _all_heads4(self, start: int, end: int) -> bool:
        """Whether a header of results stands there for each column of the form, below blocks."""
        printed = [c.text for row in self.rows[start:end] for c in row]
        named = any(self._block4(text) for text in printed)
        return named and self._results(printed) == len(self.lex.t4_keys)

    def _in_order4(self, start: int, end: int) -> bool:
        """Whether all headers stand there in the form's order, however their spans lie."""
        lex = self.lex
        printed = []
        for text in (c.text for row in self.rows[start:end] for c in row):
            key = lex.t4_columns.exact(text) or self._block4(text)
            printed += [key] if key else [lex.heading4] * (core(text) == lex.heading4)
        results = [column for _, column in lex.t4_keys]
        review, *suits = dict.fromkeys(block for block, _ in lex.t4_keys)
        own = len(results) // (len(suits) + 1)
        merged = [review, lex.heading4, *results[:own], *suits, *results[own:]]
        return printed in (merged, [review, lex.heading4, *suits, *results])

    def _begin_above4(self, start: int, end: int) -> bool:
        """Whether each block's header stands above the first of its results, side by side."""
        heads = [c for row in self.rows[start:end] for c in row]
        places = sorted({c.col for c in heads if self.lex.t4_columns.exact(c.text)})
        blocks = [c.col for c in heads if self._block4(c.text)]
        step = len(self.lex.t4_keys) // max(1, len(blocks))
        first = places[0] if places else 0
        whole = places == list(range(first, first + len(self.lex.t4_keys)))
        return whole and sorted(blocks) == places[::step]

    def _sums_hold4(self, values: list[GridCell]) -> bool:
        """Whether figures by count are fifteen and each block's last is the sum of its others."""
        if len(values) != len(self.lex.t4_keys):
            return False
        numbers = addends(c.text for c in values)
        if numbers is None:
            return False
        size = len({column for _, column in self.lex.t4_keys})
        blocks = [numbers[at : at + size] for at in range(0, len(numbers), size)]
        return all(sum(parts) == total for *parts, total in blocks)

    def _covered4(self, start: int, end: int, row: list[GridCell], columns: Columns) -> bool:
        """Whether the header names every column of its width, or has all and the row fills it.

        Where some of the form's columns have no header of their own, a row that ends before its
        header does has lost a cell, and nothing tells which. With all of them named, a lost cell
        leaves one without a figure, which :meth:`place` sees.
        """
        if len(columns.spans) == len(self.lex.t4_keys):
            return True
        if any(self.grid.at(end - 1, col) is None for col in range(columns.width)):
            return False
        return max((c.col + c.colspan for c in row), default=0) == columns.width

    def _rival4(self, cells: list[GridCell]) -> bool:
        """Whether a row beside the figures may hold others, in words: 约5 | 3人 | …"""
        words = [c.text for c in cells if any(map(str.isdigit, c.text))]
        # 结果维持① is a header with a note's mark.
        words = [t for t in words if not (self._block4(t) or self.lex.t4_columns.exact(t))]
        other = any(self.lex.t2_rows.match(t) or self.lex.t3_rows.match(t) for t in words)
        return len(words) >= 3 and not other and not is_numbering([c.text for c in cells])

    def _goes_on4(self, cells: list[GridCell], further: bool) -> bool:
        """Whether a row is one of figures below the header, not of another table."""
        if not self._figures4(cells):
            return False
        words = [c.text for c in cells if c.text and not is_value(c.text)]
        other = any(self.lex.t2_rows.match(t) or self.lex.t3_rows.match(t) for t in words)
        results = len({column for _, column in self.lex.t4_keys})
        return not further or (not other and len(cells) >= results)

    def _paths4(self, start: int, end: int) -> tuple[Columns, tuple[tuple[str, str], ...]]:
        found: dict[tuple[str, str], list[int]] = {}
        foreign: list[int] = []
        for col, path in enumerate(self.header_paths(start, end)):
            key = self._column4_key(path)
            if key:
                found.setdefault(key, []).append(col)
            elif path and found:
                foreign.append(col)
        keys = tuple(sorted(found, key=lambda key: found[key][0]))
        spans = tuple(range(found[key][0], found[key][-1] + 1) for key in keys)
        apart = all(len(span) == len(found[key]) for key, span in zip(keys, spans, strict=True))
        columns = Columns(
            tuple(column for _, column in keys),
            spans,
            runs_of(foreign),
            whole=apart and len(keys) >= 5,
            width=self.width_of(start, end),
        )
        return columns, keys

    def _column4_key(self, path: list[str]) -> tuple[str, str] | None:
        column = None
        for words in range(1, min(3, len(path)) + 1):
            column = self.lex.t4_columns.exact("".join(path[-words:]))
            if column:
                break
        if column is None:
            return None
        block = None
        for text in [*self.ctx.near[-2:], *path]:
            hit = self._block4(text) or block_in(self.lex, text)
            # 行政诉讼 names two blocks, and a section's heading all three.
            block = hit or (None if self.lex.heading4 in core(text) else block)
        return (block, column) if block else None


def _right_of(label: GridCell, cells: list[GridCell]) -> list[GridCell]:
    return [c for c in cells if c.col > label.col]


def block_in(lexicon: Lexicon, text: str) -> str | None:
    """The table 4 block a longer heading names: 行政诉讼（未经复议直接起诉）."""
    folded = fold(text)
    printed = core(folded)
    hits = [key for label, key in lexicon.t4_blocks.keys.items() if label in printed]
    if lexicon.heading4 in printed and lexicon.t4_keys[0][0] in hits:
        return None
    return hits[0] if len(set(hits)) == 1 and len(folded) <= 24 else None
