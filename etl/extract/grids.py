"""Structured grids (HTML, Word, Excel, ruled PDF) → rows of the statutory tables.

A grid may hold one statutory table, several, or a piece of one. Rows are recognised by their label
path, columns by their header path; both may be split over cells. Where a row's cells do not stand
exactly below their headers (changing colspans, missing group cells), the count decides: exactly as
many cells as columns, in order. Anything else stays uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from etl.document import Grid, GridCell
from etl.extract.rows import Harvest, RowReading, Slot
from etl.extract.values import is_value, read_value
from etl.recognise.labels import HeaderSet, Lexicon, core, fold
from etl.report import Ref, State


@dataclass(slots=True)
class _Columns:
    """Grid columns of each form column, as a header row set them (``spans`` in header order)."""

    keys: tuple[str, ...]
    spans: tuple[range, ...]
    complete: bool
    width: int


@dataclass(slots=True)
class GridContext:
    """What carries over from grid to grid: a table may go on in the next one without a header."""

    block: str | None = None
    header2: HeaderSet | None = None
    header2_spans: tuple[range, ...] = ()
    header2_width: int = 0
    money_unit: str | None = None
    columns3: _Columns | None = None
    in_table: str | None = None
    near: list[str] = field(default_factory=list)
    table_id: int = 0
    rows3_seen: set[str] = field(default_factory=set)


def read_grid(
    grid: Grid, block: int, lexicon: Lexicon, context: GridContext, harvest: Harvest
) -> None:
    """Append every recognised row of a structured grid to the harvest."""
    _GridReader(grid, block, lexicon, context, harvest).read()


class _GridReader:
    def __init__(
        self, grid: Grid, block: int, lexicon: Lexicon, context: GridContext, harvest: Harvest
    ) -> None:
        self.grid, self.block, self.lex = grid, block, lexicon
        self.ctx, self.out = context, harvest
        self.rows = grid.rows()
        self.ctx.table_id += 1

    def read(self) -> None:
        row = 0
        while row < len(self.rows):
            cells = self.rows[row]
            texts = [cell.text for cell in cells]
            if not any(texts):
                row += 1
                continue
            row = self._read_at(row, cells, texts)

    def _read_at(self, row: int, cells: list[GridCell], texts: list[str]) -> int:
        """Read what begins at a row; return the next row to look at."""
        if self._caption(texts):
            return row + 1
        cells = self._without_caption(cells)
        if self._header2(row, cells):
            return row + 1
        end = self._header3(row, texts)
        if end is not None:
            return end
        end = self._table4(row, texts)
        if end is not None:
            return end
        _ = self._row2(row, cells) or self._row3(row, cells) or self._extra(row, cells)
        return row + 1

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
        if not filled:
            return False
        if core(filled[0].text) == self.lex.corner2:
            heads = filled[1:]
        elif self.lex.t2_rows.match(filled[0].text) is None and all(
            self.lex.t2_columns.exact(cell.text) for cell in filled
        ):
            heads = filled
        else:
            return False
        found = match_header(
            self.lex, self.ctx.block, [cell.text for cell in heads], self._next_row2(row)
        )
        self.ctx.in_table = "t2"
        self.out.seen.add("t2")
        self.ctx.header2 = found[1] if found else None
        self.ctx.header2_spans = tuple(range(c.col, c.col + c.colspan) for c in heads)
        self.ctx.header2_width = self._width(row, row + 1)
        self.ctx.money_unit = header_money_unit([cell.text for cell in heads])
        if found:
            self.ctx.block = found[0]
            self.out.headers.append((found[0], found[1].form))
        return True

    def _next_row2(self, row: int) -> str | None:
        """The first table 2 row below a header: settles the block where no caption does."""
        for cells in self.rows[row + 1 : row + 4]:
            for cell in cells:
                key = self.lex.t2_rows.match(cell.text) if cell.text else None
                if key:
                    return key
        return None

    def _row2(self, row: int, cells: list[GridCell]) -> bool:
        if self.ctx.in_table != "t2":
            return False
        label = next((cell for cell in cells if cell.text), None)
        key = self.lex.t2_rows.match(label.text) if label else None
        if label is None or key is None:
            return False
        values = [cell for cell in cells if cell.col > label.col]
        header = self.ctx.header2
        if header and key not in self.lex.block_rows.get(self.ctx.block or "", ()):
            header = None
        placed = (
            self._place(values, self.ctx.header2_spans, self.ctx.header2_width) if header else None
        )
        self._emit(
            "t2",
            key,
            label,
            row,
            values,
            header.columns if header else (),
            placed,
            form=header.form if header else None,
        )
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
        self.ctx.in_table = "t3"
        self.out.seen.add("t3")
        self.ctx.columns3 = self._columns3(row, end)
        return end

    def _columns3(self, start: int, end: int) -> _Columns | None:
        """Map grid columns to table 3 columns by their header path, words split over rows too."""
        found: dict[str, list[int]] = {}
        unknown = False
        for col in range(self.grid.n_cols):
            path: list[GridCell] = []
            for row in range(start, end):
                cell = self.grid.at(row, col)
                if cell and cell.text and cell not in path:
                    path.append(cell)
            key = self._column3_key([cell.text for cell in path])
            if key:
                found.setdefault(key, []).append(col)
            elif found and path and not self._is_heading3(path):
                unknown = True
        ranges = {key: range(cols[0], cols[-1] + 1) for key, cols in found.items()}
        whole = all(len(ranges[key]) == len(cols) for key, cols in found.items())
        keys = tuple(sorted(ranges, key=lambda key: ranges[key].start))
        complete = whole and not unknown and set(keys) == set(self.lex.t3_keys)
        spans = tuple(ranges[key] for key in keys)
        return _Columns(keys, spans, complete, self._width(start, end))

    def _column3_key(self, path: list[str]) -> str | None:
        for words in range(1, min(3, len(path)) + 1):
            key = self.lex.t3_columns.exact("".join(path[-words:]))
            if key:
                return key
        return None

    def _is_heading3(self, path: list[GridCell]) -> bool:
        last = core(path[-1].text)
        return last.startswith(self.lex.corner3) or last in (self.lex.heading3, self.lex.group3)

    def _label3(self, cells: list[GridCell]) -> int | None:
        """Index of the last cell of a row that is a table 3 row label followed by cells."""
        for index in range(len(cells) - 1, -1, -1):
            text = cells[index].text
            if not text or is_value(text):
                continue
            if self.lex.t3_rows.match(text) is None:
                continue
            behind = cells[index + 1 :]
            if behind and not any(self.lex.t3_rows.exact(c.text) for c in behind if c.text):
                return index
            return None
        return None

    def _is_row3(self, cells: list[GridCell]) -> bool:
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
            self.ctx.in_table, self.ctx.columns3 = "t3", None
            self.out.seen.add("t3")
        columns = self.ctx.columns3
        if index is None:
            return self._unlabelled3(row, cells, columns)
        label = cells[index]
        key = self._row3_key(label.text)
        values = cells[index + 1 :]
        if columns and columns.complete:
            placed = self._place(values, columns.spans, columns.width)
            keys = columns.keys
        else:
            placed, keys = None, self.lex.t3_keys
            if not columns or set(columns.keys) <= set(keys):
                placed = self._by_count(values, wanted)
        self._emit("t3", key, label, row, values, keys, placed)
        return True

    def _row3_key(self, text: str) -> str | None:
        return self.lex.t3_rows.match(text)

    def _unlabelled3(self, row: int, cells: list[GridCell], columns: _Columns | None) -> bool:
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
        keys = columns.keys if columns and columns.complete else self.lex.t3_keys
        label = filled[-1] if filled else ""
        reading = self._reading("t3", None, label, row, tail, keys, tail)
        reading.exact_label = False
        self.out.rows.append(reading)
        return True

    # Table 4 -------------------------------------------------------------------------------

    def _table4(self, row: int, texts: list[str]) -> int | None:
        """Read table 4 from its first header row on; return the first row below its figures."""
        known = [t for t in texts if t]
        blocks = [k for t in known if (k := self.lex.t4_blocks.exact(t))]
        suits = any(core(t) == self.lex.heading4 for t in known)
        labels = sum(self.lex.t4_columns.exact(t) is not None for t in known)
        # 行政复议 alone is a phrase; with 行政诉讼, or with result columns, it is a header.
        if not (
            (blocks and (suits or labels >= 2 or len(blocks) >= 2))
            or (suits and not blocks)
            or labels >= 4
        ) or any(is_value(t) for t in known):
            return self._rows4(row)
        end = row + 1
        while end < len(self.rows) and not self._figures4(self.rows[end]):
            if any(self.lex.t3_rows.match(c.text) for c in self.rows[end] if len(c.text) > 8):
                return None
            end += 1
        if end >= len(self.rows):
            if suits or blocks:
                self.out.seen.add("t4")
            return end if suits or blocks else None
        self.ctx.in_table = "t4"
        self.out.seen.add("t4")
        self._figures_below(row, end)
        return end + 1

    def _figures4(self, cells: list[GridCell]) -> bool:
        values = [c for c in cells if is_value(c.text)]
        blank = all(not c.text for c in cells)
        words = [c for c in cells if c.text and not is_value(c.text)]
        return (bool(values) and len(words) <= 1) or (blank and len(cells) >= 5)

    def _figures_below(self, start: int, end: int) -> None:
        cells = self.rows[end]
        keys: dict[tuple[str, str], list[int]] = {}
        for col in range(self.grid.n_cols):
            path: list[GridCell] = []
            for row in range(start, end):
                cell = self.grid.at(row, col)
                if cell and cell.text and cell not in path:
                    path.append(cell)
            key = self._column4_key([cell.text for cell in path])
            if key:
                keys.setdefault(key, []).append(col)
        order = sorted(keys, key=lambda key: keys[key][0])
        spans = tuple(range(keys[k][0], keys[k][-1] + 1) for k in order)
        values = [
            c
            for c in cells
            if not c.text or is_value(c.text) or read_value(c.text).state is not State.TEXT
        ]
        placed: list[GridCell] | None = None
        if len(order) == len(set(order)) and len(order) >= 5:
            placed = self._place(values, spans, self._width(start, end))
        if placed is None and len(values) == len(self.lex.t4_keys):
            order, placed = list(self.lex.t4_keys), values
        if placed is None:
            blocks = {b for b, _ in order} or {b for b, _ in self.lex.t4_keys}
            for name in sorted(blocks):
                self._emit("t4", name, cells[0], end, values, (), None)
            return
        for name in dict.fromkeys(b for b, _ in order):
            part = [(c, v) for (b, c), v in zip(order, placed, strict=True) if b == name]
            chosen = [v for _, v in part]
            self.out.rows.append(
                self._reading("t4", name, name, end, chosen, tuple(c for c, _ in part), chosen)
            )

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
            block = self.lex.t4_blocks.exact(text) or block_in(self.lex, text) or block
        return (block, column) if block else None

    def _rows4(self, row: int) -> int | None:
        """Table 4 turned round: blocks as rows below five result columns."""
        cells = self.rows[row]
        label = next((c for c in cells if c.text), None)
        if label is None or self.ctx.in_table != "t4":
            return None
        name = self.lex.t4_blocks.exact(label.text)
        values = [c for c in cells if c.col > label.col]
        n = len({c for _, c in self.lex.t4_keys})
        if name is None or len(values) != n:
            return None
        keys = tuple(c for b, c in self.lex.t4_keys if b == name)
        self.out.rows.append(self._reading("t4", name, label.text, row, values, keys, values))
        return row + 1

    # Shared --------------------------------------------------------------------------------

    def _width(self, start: int, end: int) -> int:
        """The grid columns that the header rows cover."""
        return max((c.col + c.colspan for row in self.rows[start:end] for c in row), default=0)

    def _place(
        self, values: list[GridCell], spans: tuple[range, ...], width: int
    ) -> list[GridCell] | None:
        """The cell of each column: exactly below the headers, else by an exact count.

        A row that is longer than its header by a blank cell was shifted or filled up: only a full
        row is certain.
        """
        if any(c.col + c.colspan > width for c in values):
            return values if len(values) == len(spans) else None
        below = self._below(values, spans)
        return self._by_count(values, len(spans)) if below is None else below

    def _below(self, values: list[GridCell], spans: tuple[range, ...]) -> list[GridCell] | None:
        found: list[GridCell] = []
        for span in spans:
            hits = [c for c in values if c.col < span.stop and c.col + c.colspan > span.start]
            if (
                len(hits) != 1
                or hits[0].col < span.start
                or hits[0].col + hits[0].colspan > span.stop
            ):
                return None
            found.append(hits[0])
        left_over = [c for c in values if c.text and c not in found]
        return None if left_over else found

    def _by_count(self, values: list[GridCell], wanted: int) -> list[GridCell] | None:
        head, tail = values[:wanted], values[wanted:]
        if len(head) < wanted or any(c.text for c in tail):
            return None
        return head

    def _slot(self, row: int, cell: GridCell) -> Slot:
        return Slot(
            cell.text, self.grid.locate(cell.row, cell.col), Ref(self.block, cell.row, cell.col)
        )

    def _reading(
        self,
        table: str,
        key: str | None,
        label: str,
        row: int,
        values: list[GridCell],
        keys: tuple[str, ...],
        placed: list[GridCell] | None,
        form: str | None = None,
    ) -> RowReading:
        slots = [self._slot(row, c) for c in (values if placed is None else placed)]
        return RowReading(
            table,
            key,
            keys if placed is not None else (),
            slots,
            label,
            self.ctx.table_id,
            form=form,
            money_unit=self.ctx.money_unit if table == "t2" else None,
        )

    def _emit(
        self,
        table: str,
        key: str | None,
        label: GridCell,
        row: int,
        values: list[GridCell],
        keys: tuple[str, ...],
        placed: list[GridCell] | None,
        form: str | None = None,
    ) -> None:
        vocabulary = {"t2": self.lex.t2_rows, "t3": self.lex.t3_rows, "t4": self.lex.t4_blocks}[
            table
        ]
        reading = self._reading(table, key, label.text, row, values, keys, placed, form)
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
        reading = self._reading(self.ctx.in_table, None, label.text, row, values, (), None)
        reading.exact_label = False
        self.out.rows.append(reading)
        return True


def block_in(lexicon: Lexicon, text: str) -> str | None:
    """The table 4 block a longer heading names: 行政诉讼（未经复议直接起诉）."""
    folded = fold(text)
    hits = [key for label, key in lexicon.t4_blocks.keys.items() if label in core(folded)]
    return hits[0] if len(set(hits)) == 1 and len(folded) <= 24 else None


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
