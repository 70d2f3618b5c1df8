"""Structured grids (HTML, Word, Excel, ruled PDF) → rows of the statutory tables.

A grid may hold one statutory table, several, or a piece of one. Rows are recognised by their label
path, columns by their header path; both may be split over cells. Where a row's cells do not stand
exactly below their headers (changing colspans, missing group cells), the count decides: exactly as
many cells as columns, in order. Anything else stays uncertain.
"""

from __future__ import annotations

from etl.document import Grid, GridCell
from etl.extract.grid_rows import Columns, GridContext, distrust_shifted, is_numbering, runs_of
from etl.extract.grid_table4 import Table4Rows
from etl.extract.headers import columns_in_order, is_year
from etl.extract.rows import Harvest
from etl.extract.values import is_value, read_value
from etl.recognise.labels import HeaderSet, Lexicon, core, fold
from etl.report import State

#: A header row that names at least so many columns no form knows heads another table.
_STRANGE_HEADS = 3


def read_grid(
    grid: Grid, block: int, lexicon: Lexicon, context: GridContext, harvest: Harvest
) -> None:
    """Append every recognised row of a structured grid to the harvest."""
    _GridReader(grid, block, lexicon, context, harvest).read()


class _GridReader(Table4Rows):
    def read(self) -> None:
        row = 0
        while row < len(self.rows):
            cells = self.rows[row]
            texts = [cell.text for cell in cells]
            if not any(texts):
                row += 1
                continue
            row = self._read_at(row, cells, texts)
        distrust_shifted(self.placed3, carried=self.ctx.header3_id != self.ctx.table_id)

    def _read_at(self, row: int, cells: list[GridCell], texts: list[str]) -> int:
        """Read what begins at a row; return the next row to look at."""
        if self._caption(texts):
            return row + 1
        cells = self._without_caption(cells)
        if self._header2(row, cells):
            return row + 1
        end = self._header3(row, texts)
        if end is None:
            end = self.table4(row, texts)
        if end is not None:
            return end
        if not (self._row2(row, cells) or self._row3(row, cells) or self._extra(row, cells)):
            self._strange(texts)
        return row + 1

    def _strange(self, texts: list[str]) -> None:
        """Several words and no figure that no table has: the columns below are another's."""
        words = [text for text in texts if text]
        if len(words) >= _STRANGE_HEADS and not any(is_value(text) for text in words):
            self.ctx.columns3, self.ctx.header2 = Columns(), None

    # Table 2 -------------------------------------------------------------------------------

    def _caption(self, texts: list[str]) -> bool:
        printed = [text for text in texts if text]
        if len(printed) != 1:
            return False
        block = self.lex.caption_block(printed[0])
        if block is None:
            return False
        self.ctx.block = None if block == "unknown" else block
        self.ctx.header2 = None
        self.ctx.in_table = "t2"
        self.out.seen.add("t2")
        return True

    def _without_caption(self, cells: list[GridCell]) -> list[GridCell]:
        """A row whose caption stands in its first column, beside the header or the figures."""
        first = next((cell for cell in cells if cell.text), None)
        if first is None or self.lex.caption_block(first.text) is None:
            return cells
        self._caption([first.text])
        return [cell for cell in cells if cell is not first]

    def _header2(self, row: int, cells: list[GridCell]) -> bool:
        filled = [cell for cell in cells if cell.text]
        corner = next((i for i, c in enumerate(filled) if core(c.text) == self.lex.corner2), None)
        heads = filled[corner + 1 :] if corner is not None else filled
        if not filled or (corner and any(is_value(c.text) for c in filled[:corner])):
            return False
        if corner is None and (
            self.lex.t2_rows.match(filled[0].text)
            or not all(self.lex.t2_columns.exact(c.text) for c in filled)
        ):
            return False
        below = self._next_row2(row)
        found = match_header(self.lex, self.ctx.block, [c.text for c in heads], below)
        foreign: list[GridCell] = []
        if found is None:
            foreign = [c for c in heads if not self._may_head2(c.text)]
            heads = [c for c in heads if c not in foreign]
            found = match_header(self.lex, self.ctx.block, [c.text for c in heads], below)
        self.ctx.in_table = "t2"
        self.out.seen.add("t2")
        self.ctx.header2 = found[1] if found else None
        first = heads[0].col if heads else 0
        self.ctx.columns2 = Columns(
            found[1].columns if found else (),
            tuple(_span(c) for c in heads),
            tuple(_span(c) for c in foreign if c.col > first),
            tuple(_span(c) for c in foreign if c.col < first),
            whole=found is not None,
            width=self.width_of(row, row + 1),
        )
        self.ctx.numbered2 = bool(corner)
        self.ctx.money_unit = header_money_unit([cell.text for cell in heads])
        if found:
            self.ctx.block = found[0]
            self.out.headers.append((found[0], found[1].form))
        return True

    def _may_head2(self, text: str) -> bool:
        """Whether a header may be one of the form's, whole, damaged or cut short."""
        columns = self.lex.t2_columns
        return columns.match(text) is not None or columns.is_prefix(text)

    def _next_row2(self, row: int) -> str | None:
        """The first table 2 row below a header: settles the block where no caption does."""
        for cells in self.rows[row + 1 : row + 4]:
            for cell in cells:
                key = self._key2(cell.text) if cell.text else None
                if key:
                    return key
        return None

    def _key2(self, text: str) -> str | None:
        """The row a label names, also with its caption above it: 第二十条第（五）项 / 行政许可."""
        caption, _, rest = text.partition("\n")
        captioned = rest and self.lex.caption_block(caption) is not None
        return self.lex.t2_rows.match(rest if captioned else text)

    def _row2(self, row: int, cells: list[GridCell]) -> bool:
        if self.ctx.in_table != "t2":
            return False
        numbered = self.ctx.numbered2
        label = next((c for c in cells if c.text and not _counts_rows(c, row, numbered)), None)
        key = self._key2(label.text) if label else None
        if label is None or key is None:
            return False
        values = [cell for cell in cells if cell.col > label.col]
        header = self.ctx.header2
        if header and key not in self.lex.block_rows.get(self.ctx.block or "", ()):
            header = None
        placed = self.place(values, self.ctx.columns2) if header else None
        keys = header.columns if header else ()
        self._emit("t2", key, label, values, keys, placed, form=header.form if header else None)
        return True

    # Table 3 -------------------------------------------------------------------------------

    def _header3(self, row: int, texts: list[str]) -> int | None:
        """Where a table 3 header begins: read its columns, return the first row below it."""
        cores = [core(text) for text in texts if text]
        starts = any(
            text.startswith(self.lex.corner3) or text == self.lex.heading3 for text in cores
        )
        known = sum(self.lex.t3_columns.exact(text) is not None for text in texts if text)
        if not starts and (known < 4 or any(is_value(text) for text in texts if text)):
            return None
        end = row + 1
        while end < len(self.rows) and not self._is_row3(self.rows[end]):
            if any(read_value(c.text).state is State.NUMBER for c in self.rows[end]):
                break
            end += 1
        if not starts and end >= len(self.rows):
            return None
        self.ctx.in_table, self.ctx.headless3 = "t3", False
        self.out.seen.add("t3")
        self.ctx.columns3, self.ctx.header3_id = self._columns3(row, end), self.ctx.table_id
        if self._lost_spans3(row, end, self.ctx.columns3):
            met = [self.lex.t3_columns.exact(c.text) for cells in self.rows[row:end] for c in cells]
            order = columns_in_order(self.lex, [key for key in met if key])
            # Headers in the form's order are as good as none: the count and the sums tell.
            self.ctx.columns3 = None if order == self.lex.t3_keys else Columns()
        while (
            end < len(self.rows)
            and is_numbering([c.text for c in self.rows[end]])
            and not self._is_row3(self.rows[end])
        ):
            end += 1
        return end

    def _columns3(self, start: int, end: int) -> Columns:
        """Map grid columns to table 3 columns by their header path, words split over rows too."""
        found: dict[str, list[int]] = {}
        foreign: list[int] = []
        leading: list[int] = []
        for col, path in enumerate(self.header_paths(start, end)):
            key = self._column3_key(path)
            if key:
                found.setdefault(key, []).append(col)
            elif path and not self._is_heading3(path):
                (foreign if found else leading).append(col)
        ranges = {key: range(cols[0], cols[-1] + 1) for key, cols in found.items()}
        whole = all(len(ranges[key]) == len(cols) for key, cols in found.items())
        keys = tuple(sorted(ranges, key=lambda key: ranges[key].start))
        return Columns(
            keys,
            tuple(ranges[key] for key in keys),
            runs_of(foreign),
            runs_of(leading),
            whole and len(keys) > len(self.lex.t3_keys) // 2,
            self.width_of(start, end),
            len(keys) < len(self.lex.t3_keys),
        )

    def _lost_spans3(self, start: int, end: int, columns: Columns) -> bool:
        """Whether 法人或其他组织 does not stand above its columns: a site dropped the colspans.

        Every header behind it then moves to the left, and none stands above its figures.
        """
        group = next(
            (c for r in self.rows[start:end] for c in r if core(c.text) == self.lex.group3), None
        )
        if group is None:
            return False
        filled_up = columns.keys == self.lex.t3_keys  # with empty cells for the columns it spans
        grouped = {c.key for c in self.lex.form.columns("t3") if c.grouped}
        spans = [s for key, s in zip(columns.keys, columns.spans, strict=True) if key in grouped]
        covered = {col for span in spans for col in span}
        return (not filled_up and not covered <= set(_span(group))) or (
            len(spans) == len(grouped) and covered < set(_span(group)) and not columns.foreign
        )

    def _column3_key(self, path: list[str]) -> str | None:
        for words in range(1, min(3, len(path)) + 1):
            key = self.lex.t3_columns.exact("".join(path[-words:]))
            if key:
                return key
        return None

    def _is_heading3(self, path: list[str]) -> bool:
        last = core(path[-1])
        return last.startswith(self.lex.corner3) or last in (self.lex.heading3, self.lex.group3)

    def _label3(self, cells: list[GridCell]) -> int | None:
        """Index of the last cell of a row that is a table 3 row label followed by cells."""
        for index in range(len(cells) - 1, -1, -1):
            text = cells[index].text
            if not text or is_value(text):
                continue
            if cells[index].rowspan > 1 and self.lex.t3_groups.exact(text):
                continue  # （六）其他处理 over several rows is their group, not the undivided row
            if self.lex.row3(text) is None:
                continue
            behind = cells[index + 1 :]
            if behind and not any(self.lex.t3_rows.exact(c.text) for c in behind if c.text):
                return index
            return None
        return None

    def _is_row3(self, cells: list[GridCell]) -> bool:
        # 总计 heads a column, too: a row with 法人或其他组织 or 自然人 is of the header.
        lex = self.lex
        heads = [c for c in cells if c.text and lex.t3_rows.exact(c.text) is None]
        if any(core(c.text) == lex.group3 or lex.t3_columns.exact(c.text) for c in heads):
            return False
        index = self._label3(cells)
        return index is not None and len(cells) - index > len(self.lex.t3_keys) // 2

    def _row3(self, row: int, cells: list[GridCell]) -> bool:
        index = self._label3(cells)
        wanted = len(self.lex.t3_keys)
        if self.ctx.in_table != "t3":
            first = self.lex.t3_order[0]
            if index is None or self.lex.t3_rows.exact(cells[index].text) != first:
                return False
            if len(cells) - index - 1 < wanted:
                return False
            self.ctx.in_table, self.ctx.columns3, self.ctx.headless3 = "t3", None, True
            self.out.seen.add("t3")
        columns = self.ctx.columns3
        if index is None:
            return self._unlabelled3(cells, columns)
        label, values = cells[index], cells[index + 1 :]
        key = self.lex.row3(label.text)
        if any(is_year(c.text) for c in values):
            # One of several rows that share the label, a year each.
            self._emit("t3", key, label, values, (), None)
            return True
        if columns is None:
            placed = values if len(values) == wanted else None
            self._emit("t3", key, label, values, self.lex.t3_keys, placed)
            self.out.rows[-1].assumed = True
            self.out.rows[-1].headless = self.ctx.headless3
            return True
        certain = columns.whole and not self._carried_over(columns)
        placed = self.place(values, columns) if certain else None
        self._emit("t3", key, label, values, columns.keys, placed)
        self.placed3.append((self.out.rows[-1], label, values, columns))
        if placed is not None and columns.foreign:
            # What stands under another header may be a column of the form by another name.
            rest = [c for c in values if c not in placed]
            self._doubt(key, label, rest, columns.keys)
        return True

    def _carried_over(self, columns: Columns) -> bool:
        """Whether columns in an order of their own were set by the header of another table.

        The rows of a second page may stand in the form's order again, and sums do not tell.
        """
        return self.ctx.header3_id != self.ctx.table_id and columns.keys != self.lex.t3_keys

    def _doubt(
        self, key: str | None, label: GridCell, rest: list[GridCell], known: tuple[str, ...]
    ) -> None:
        missing = tuple(k for k in self.lex.t3_keys if k not in known)
        if key and missing and rest:
            self.out.rows[-1].doubtful = missing
            self.out.rows[-1].rest = " | ".join(c.text for c in rest)

    def _unlabelled3(self, cells: list[GridCell], columns: Columns | None) -> bool:
        """A row of values whose label is missing or unknown: kept for the order to settle."""
        wanted = len(self.lex.t3_keys)
        tail = cells[-wanted:]
        head = cells[: len(cells) - wanted]
        if len(tail) < wanted or not all(is_value(c.text) or not c.text for c in tail):
            return False
        if not any(c.text for c in tail) or any(is_value(c.text) for c in head if c.text):
            return False
        filled = [c.text for c in head if c.text]
        # A group label with figures of its own is a subtotal row, which the form does not have.
        if filled and self.lex.t3_groups.exact(filled[-1]):
            return False
        keys, placed = self.lex.t3_keys, tail
        if columns is not None:
            certain = columns.whole and not self._carried_over(columns)
            found = self.place(tail, columns) if certain else None
            keys, placed = (columns.keys, found) if found else ((), tail)
        label = filled[-1] if filled else ""
        reading = self.reading("t3", None, label, tail, keys, placed if keys else None)
        reading.assumed, reading.headless = columns is None, self.ctx.headless3
        reading.exact_label = False
        self.out.rows.append(reading)
        return True

    # Shared --------------------------------------------------------------------------------

    def _emit(
        self,
        table: str,
        key: str | None,
        label: GridCell,
        values: list[GridCell],
        keys: tuple[str, ...],
        placed: list[GridCell] | None,
        form: str | None = None,
    ) -> None:
        vocabulary = {"t2": self.lex.t2_rows, "t3": self.lex.t3_rows, "t4": self.lex.t4_blocks}[
            table
        ]
        reading = self.reading(table, key, label.text, values, keys, placed, form)
        reading.exact_label = vocabulary.exact(label.text) is not None
        self.out.rows.append(reading)

    def _extra(self, row: int, cells: list[GridCell]) -> bool:
        """A row inside a statutory table that the form does not have."""
        label = next((c for c in cells if c.text), None)
        if label is None or self.ctx.in_table not in ("t2", "t3") or is_value(label.text):
            return False
        values = [c for c in cells if c.col > label.col]
        if not any(is_value(c.text) for c in values):
            return False
        reading = self.reading(self.ctx.in_table, None, label.text, values, (), None)
        reading.exact_label = False
        self.out.rows.append(reading)
        return True


def _span(cell: GridCell) -> range:
    return range(cell.col, cell.col + cell.colspan)


def _counts_rows(cell: GridCell, row: int, numbered: bool) -> bool:
    """Whether a first cell may be a row's number: 1 规章, 2 行政规范性文件 …

    Before 信息内容 stands a header of its own (``numbered``: 序号): any number is one.
    """
    number = read_value(cell.text).number
    if cell.col or number is None:
        return False
    return numbered or 0 < number <= row + 1


def match_header(
    lexicon: Lexicon, block: str | None, printed: list[str], row: str | None
) -> tuple[str, HeaderSet] | None:
    """Which block and header set printed table 2 headers are; caption and first row settle ties."""
    fits = lexicon.all_fits(printed)
    blocks = {b for b, _ in fits}
    owner = lexicon.block_of_row.get(row or "")
    for wanted in (owner, block):
        if wanted in blocks:
            fits = [(b, h) for b, h in fits if b == wanted]
            break
    return fits[0] if len(fits) == 1 else None


def header_money_unit(texts: list[str]) -> str | None:
    """The money unit a header prints in brackets: （单位：万元） or （单位：元）."""
    for text in texts:
        folded = fold(text)
        if "万元" in folded:
            return "万元"
        if "亿元" in folded:
            return "亿元"
        if "(元)" in folded or ":元" in folded:
            return "元"
    return None
