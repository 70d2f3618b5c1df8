"""Collected rows of running text → readings, columns only where count and blanks allow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import dropwhile

from etl.extract.flow_state import FlowState, OpenRow
from etl.extract.grid_rows import COUNT_UNITS, is_numbering
from etl.extract.headers import blocks_in_order
from etl.extract.rows import RowReading, Slot
from etl.extract.settle import PrintedRow, between_pipes, evenly, settle_by_table, settle_row
from etl.extract.values import is_value, plain
from etl.form import load_form
from etl.recognise.labels import fold


def _only_words(text: str) -> bool:
    return bool(text) and not is_value(text) and not any(map(str.isdigit, text))


@cache
def _changes() -> frozenset[str]:
    """The columns of table 2 that hold a change, which may be negative."""
    return frozenset(c.key for c in load_form().columns("t2") if c.value == "change")


def _below_zero(columns: tuple[str, ...], slots: list[Slot]) -> bool:
    """Whether a count of table 2 is negative: a change stands there, and a blank has vanished."""
    counts = (s.text for c, s in zip(columns, slots, strict=False) if c not in _changes())
    return any(plain(text).startswith("-") and len(text) > 1 and is_value(text) for text in counts)


class FlowRows(FlowState):
    """Closes rows and hands them on."""

    def finish(self) -> None:
        """End the document: settle the rows whose blanks only their table can place."""
        self.close()
        settle_by_table(self.rows3)

    def close(self) -> None:
        """End the row being collected."""
        if self.open is not None:
            opened, self.open = self.open, None
            if opened.table == "t4":
                self.figures4(opened.slots, opened.mixed)
            else:
                self.emit(opened, rowwise=False)

    def emit(self, opened: OpenRow, rowwise: bool, total: int = 0) -> None:
        """Turn a collected row into a reading; columns only where count and blanks allow.

        ``total`` is how many cells the printed row has, labels included.
        """
        if opened.table == "t2":
            fits = self.header2 and opened.row in self.lex.block_rows.get(self.block or "", ())
            columns = self.header2.columns if self.header2 and fits else ()
            form = self.header2.form if self.header2 and fits else None
        else:
            columns, form = self.order3, None
        if not opened.slots and opened.row is None:
            return
        glued = opened.glued or self.running_on
        by_table = False
        if opened.lone and opened.bare:
            slots, placed = self._between_pipes(opened, len(columns))
        else:
            # A border behind every cell tells blanks as a row of cells does.
            cells = rowwise or (bool(opened.lone or opened.padded) and not opened.bare)
            by_table = cells and opened.table == "t3"
            behind = opened.slots if rowwise or by_table else self._without_end(opened, columns)
            slots, placed = settle_row(
                behind, len(columns), rowwise, glued, blanks=not by_table, bordered=cells
            )
        if rowwise and any(self.begins_row(s.text) for s in opened.slots):
            # The next row ran into this one; which blanks are whose cannot be told.
            columns, placed = (), False
        units = [s for s in opened.slots if fold(s.text) in COUNT_UNITS]
        if units:
            # A column of units: with it, a row has a cell more than the form.
            slots = [s for s in opened.slots if s.text and s not in units]
            placed = bool(columns) and len(slots) == len(columns)
        # 2 0 2 3 年: words among the counts of table 3, pieces of a label.
        broken = opened.table == "t3" and any(
            _only_words(s.text) for s in opened.slots if s not in units
        )
        placed = placed and not opened.mixed and not broken and not _below_zero(columns, slots)
        split = placed and all(s.text for s in slots) and len(slots) > len(opened.slots)
        reading = RowReading(
            opened.table,
            opened.row,
            columns if placed else (),
            slots,
            opened.label,
            self.table_id,
            form=form,
            money_unit=self.money_unit if opened.table == "t2" else None,
            full=rowwise,
            note="glued" if split else "",
            exact_label=opened.exact,
            ordered=opened.table != "t3" or (bool(columns) and not units),
            assumed=opened.table == "t3" and self.assumed3,
            headless=self.headless3,
        )
        self.out.rows.append(reading)
        if by_table and columns and not (units or broken or opened.mixed):
            places = tuple(self.places3.get(key, -1) for key in columns)
            row = PrintedRow(reading, columns, opened.slots, total, places, opened.padded)
            self.rows3.append(row)

    def _without_end(self, opened: OpenRow, columns: tuple[str, ...]) -> list[Slot]:
        """A row of table 2 without the blank cell that ends every row, as full rows show."""
        slots, wanted = opened.slots, len(columns)
        if not opened.lone or opened.bare or len(slots) != wanted + 1 or slots[-1].text:
            return slots
        full = all(s.text for s in slots[:-1])
        self.ends_blank = self.ends_blank or (full and wanted > 1)
        return slots[:-1] if self.ends_blank else slots

    def _between_pipes(self, opened: OpenRow, wanted: int) -> tuple[list[Slot], bool]:
        """The cells between pipes alone on their lines.

        A full row with one more pipe behind it tells that every row ends with one.
        """
        slots, lone = opened.slots, opened.lone
        last = len(slots) - 1
        if last in lone:
            filled = sum(bool(slot.text) for slot in slots)
            self.ends_piped = self.ends_piped or (filled == wanted > 0 and evenly(slots))
            if self.ends_piped:
                slots, lone = slots[:last], lone - {last}
        return between_pipes(slots, lone, wanted)

    def figures4(self, slots: list[Slot], mixed: bool = False) -> None:
        """Table 4's figures below its header; ``mixed``: one cell may hold two of them."""
        keys = self.lex.t4_keys
        per_block = len(keys) // len({b for b, _ in keys})
        if is_numbering([s.text for s in slots[: len(keys)]]):
            slots = list(dropwhile(lambda s: not s.text, slots[len(keys) :]))
        if not any(s.text for s in slots):
            return
        if self.heads4:
            self.ordered4 = blocks_in_order(self.lex, self.heads4)
            self.heads4 = []
        # Five figures belong to a block only where no other block shares their header.
        met, self.blocks4 = list(dict.fromkeys(self.blocks4)), []
        alone = met[0] if len(met) == 1 else None
        own = tuple(k for k in keys if k[0] == alone)
        # A header met twice before the first figures: one of two tables was left blank.
        again = any(times > 1 for times in self.met4.values())
        self.met4.clear()
        ordered = self.ordered4 and not self.foreign4 and not again and not mixed
        ordered = ordered and not (self.suits_first and keys[0][0] in met)
        for count, order in ((len(keys), keys), (per_block, own)):
            settled, placed = settle_row(slots, count, True, self.running_on)
            # Words among them: the next section's heading, or a cell that counts for none.
            placed = placed and all(not s.text or is_value(s.text) for s in settled)
            torn = self.torn4 and count < len(keys)
            if placed and ordered and not torn and len(order) == count:
                self._emit4(settled, order)
                return
        self.torn4 = True
        for block in met or dict.fromkeys(b for b, _ in keys):
            self.out.rows.append(RowReading("t4", block, (), slots, "", self.table_id, full=False))

    def _emit4(self, slots: list[Slot], order: Iterable[tuple[str, str]]) -> None:
        groups: dict[str, list[tuple[str, Slot]]] = {}
        for (block, column), slot in zip(order, slots, strict=True):
            groups.setdefault(block, []).append((column, slot))
        for block, cells in groups.items():
            self.out.rows.append(
                RowReading(
                    "t4",
                    block,
                    tuple(c for c, _ in cells),
                    [s for _, s in cells],
                    block,
                    self.table_id,
                    full=False,
                )
            )
