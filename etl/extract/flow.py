"""Text without table structure → rows of the statutory tables.

Covers what crawlers and converters leave: one cell per line, cells ending in pipes, pipes alone on
their line, one row per line, white-space columns, figures glued to labels, run-on paragraphs
(domain/variety.md, renderings and section 3). The reader walks tokens in printed order, finds
labels, and collects the values that follow. Rows are certain only with as many values as columns;
which cells the rest may be is settled, or left open, in :mod:`etl.extract.place`.
"""

from __future__ import annotations

import re

from etl.document import Block, Fidelity, Grid, Line
from etl.extract.flow_state import OpenRow
from etl.extract.flow_tokens import LONGEST_TOKEN, FlowTokens
from etl.extract.headers import has_year
from etl.extract.rows import Slot
from etl.extract.run_on import run_on_tokens
from etl.extract.values import is_value, number_chunks
from etl.recognise.labels import core
from etl.recognise.sections import heading_section
from etl.report import Ref

#: So many labels of table 3's rows in one row are headers of a table turned round; some of them
#: (予以公开, 部分公开, 总计) head the columns of real reports that are not.
_TURNED = 10


class FlowReader(FlowTokens):
    """Walks a document's lines and unstructured grids once and fills a harvest."""

    def step(self, index: int, block: Block) -> None:
        """Read one block; a structured grid only closes what is open."""
        if isinstance(block, Line):
            if block.text.strip() or block.pieces:
                self._line(index, block)
        elif block.fidelity is Fidelity.STRUCTURED:
            self.close()
        else:
            self._grid(index, block)

    def _line(self, index: int, line: Line) -> None:
        section = self.headings.section(line.text, index)
        if not (section and self._enter_section(section)):
            self._words(index, line)
            self.above_rows3(line.text)

    def _words(self, index: int, line: Line) -> None:
        if line.pieces:
            self._pieces(index, line)
            return
        columns = _columns_of(index, line)
        whole = Slot(line.text.strip(), line.at, _line_ref(index, line))
        if _spaced_out(columns) and self.lex.knows(line.text):
            columns = [whole]
        short = len(columns) > 1 and len(line.text) <= LONGEST_TOKEN * 2
        # A narrow gap before the first figure glues it to the label: 申请数 22    2    0    0
        if short and self.zone == "t3" and self.ends_in_full_row(line.text) and self.spaced(whole):
            return
        shortish = all(len(c.text) <= LONGEST_TOKEN for c in columns)
        if len(columns) > 1 and shortish and (self.zone or is_value(columns[-1].text)):
            self._row(columns)
            return
        if len(line.text) > LONGEST_TOKEN:
            self._run_on(index, line)
            return
        before = len(self.open.slots) if self.open else 0
        self.tailed = False
        self.token(whole)
        if self.open and len(self.open.slots) > before:
            self.open.bare = True

    def _run_on(self, index: int, line: Line) -> None:
        """A paragraph that swallowed its tables: cut at the labels, digits count as glued."""
        self.running_on = True
        for slot, kind in run_on_tokens(self.lex, line, index):
            if kind == "section":
                self._enter_section(heading_section(slot.text) or "")
            else:
                self.token(slot)
        self.close()
        self.running_on = False

    def _enter_section(self, section: str) -> bool:
        """A section heading moves the zone; table rows that look like headings do not."""
        zones = {s.key: s.content for s in self.lex.form.tables.sections}
        self.close()
        self.flush_pending()
        content = zones.get(section)
        # A converter repeats a table's title above each piece of its header.
        goes_on = content == self.zone == "t3" and not self.rows3_begun
        self.zone = content if content in ("t2", "t3", "t4") else None
        self.block, self.header2, self.heads, self.blocks4 = None, None, None, []
        self.rows3_begun = False
        if not goes_on:
            self.expect_columns()
        if self.zone:
            self.table_id += 1
        return True

    def _pieces(self, index: int, line: Line) -> None:
        """A line of pipes outside a row-per-line table: each piece is a cell, empty ones too."""
        start = 0
        # `cell |` is one cell and its end: the last, empty piece is no cell of its own.
        pieces = line.pieces[:-1] if len(line.pieces) > 1 and not line.pieces[-1] else line.pieces
        filled = [p for p in pieces if p.strip()]
        if len(filled) > 1:
            self._row([Slot(p.strip(), line.at, _line_ref(index, line)) for p in pieces])
            return
        for piece in pieces:
            where = line.text.find(piece, start) if piece else -1
            ref = Ref(index, where, where + len(piece)) if where >= 0 else None
            start = where + len(piece) if where >= 0 else start
            if piece.strip():
                self.token(Slot(piece.strip(), line.at, ref))
                self.tailed = len(pieces) < len(line.pieces)
                if self.tailed and self.open and len(number_chunks(piece)) > 1:
                    # A cell with a border of its own: its two figures are no two cells.
                    self.open.single = self.open.several = True
            elif self.heads3 and not self.rows3_begun and self.tailed:
                self.gap3 = self.heads3[-1]
            elif self.open is not None and not self.pending:
                if len(pieces) == 1:
                    self.open.lone.add(len(self.open.slots))
                self.open.slots.append(Slot("", line.at, _line_ref(index, line)))
        if len(pieces) > 1 and not filled and self.open is not None and self.open.slots:
            self.open.padded = True
            self.close()

    def _grid(self, index: int, grid: Grid) -> None:
        if self.order3 != self.lex.t3_keys:
            self.order3 = ()  # columns in an order of their own are those of their grid only
        self.in_grid = True
        self._grid_rows(index, grid)
        self.in_grid = False

    def _grid_rows(self, index: int, grid: Grid) -> None:
        for row, cells in enumerate(grid.rows()):
            slots = [
                Slot(c.text.strip(), grid.locate(row, c.col), Ref(index, c.row, c.col))
                for c in cells
            ]
            filled = [s for s in slots if s.text]
            if len(filled) == 1 and not is_value(filled[0].text):
                section = self.headings.section(filled[0].text, index)
                if section:
                    self._enter_section(section)
                    continue
                if self.match(filled[0].text):
                    self._row(slots)
                else:
                    self.token(filled[0])
            elif filled:
                self._row(slots)
            self.above_rows3(" ".join(s.text for s in filled))

    def _row(self, slots: list[Slot]) -> None:
        """A printed row: labels first, then values with their blanks in place."""
        self.close()
        self.flush_pending()
        first_value = next((i for i, s in enumerate(slots) if is_value(s.text)), None)
        labels = [s for s in slots[: len(slots) if first_value is None else first_value] if s.text]
        if first_value is None:
            self._label_row(slots, labels)
            return
        label, position = self._row_label(slots, labels)
        values = slots[position:]
        if self.zone == "t4" and label is None:
            self.figures4(values)
        elif label is not None:
            table, key, text, exact = label
            if any(has_year(s.text) for s in slots[position:first_value]):
                # One of several rows that share the label, a year each.
                self.emit(OpenRow(table, None, text, False, slots[first_value:]), rowwise=True)
                return
            self.enter_table(table, key)
            self.emit(OpenRow(table, key, text, exact, values), rowwise=True, total=len(slots))
        elif self.zone == "t3" and (self.rows3_begun or self._begins_rows3(slots, first_value)):
            text = labels[-1].text if labels else ""
            behind = slots[slots.index(labels[-1]) + 1 :] if labels else slots
            self.emit(OpenRow("t3", None, text, False, behind), True, len(slots))
        elif self.zone in ("t2", "t3") and labels:
            self.emit(OpenRow(self.zone, None, labels[-1].text, False, slots[first_value:]), True)

    def _begins_rows3(self, slots: list[Slot], first_value: int) -> bool:
        """Whether a full row of figures is table 3's first, below all of its headers."""
        full = sum(bool(s.text) for s in slots[first_value:]) == len(self.lex.t3_keys)
        return full and self.begun3()

    def _row_label(
        self, slots: list[Slot], labels: list[Slot]
    ) -> tuple[tuple[str, str, str, bool] | None, int]:
        """The last label before the values, and the index where the values begin."""
        for label in reversed(labels):
            hit = self.match(label.text)
            if hit:
                position = next(i for i, s in enumerate(slots) if s is label) + 1
                return (hit[0], hit[1], label.text, hit[2]), position
        return None, 0

    def _label_row(self, slots: list[Slot], labels: list[Slot]) -> None:
        """A row without values: a header, a caption, group labels, or a row of blanks."""
        texts = [s.text for s in labels]
        if core(texts[0]) == self.lex.corner2:
            self.enter_table("t2", None)
            self.heads = texts[1:]
            return
        hit = self.match(texts[-1])
        blanks = len(slots) - 1 - max(i for i, s in enumerate(slots) if s.text)
        if hit and len(texts) <= 3 and blanks and not self._is_header3(texts):
            self.enter_table(hit[0], hit[1])
            behind = slots[len(slots) - blanks :]
            self.emit(OpenRow(hit[0], hit[1], texts[-1], hit[2], behind), rowwise=True)
            return
        if len({self.lex.t3_rows.exact(t) for t in texts} - {None}) >= _TURNED:
            # The form's rows as headers: a table turned round, of which no row is the form's.
            self.close()
            self.zone, self.rows3_begun = None, False
            return
        for slot in labels:
            key = self.lex.t3_columns.exact(slot.text)
            if key and slot.ref and not self.rows3_begun:
                self.places3[key] = slot.ref.b
            self.token(slot)
        if self.in_grid and self.zone == "t3":
            heads = {self.lex.t3_columns.exact(t) for t in texts}
            self.flat3 = heads >= set(self.lex.t3_keys)
        if self._gap_in_header3(slots):
            # An empty column stands among the form's: what is blank below cannot be told.
            self.foreign3 += [""] * len(self.lex.t3_keys)
        if self.open and len(slots) > 2 and any(len(number_chunks(t)) > 1 for t in texts):
            # Two figures in one of several cells: the second is not the next cell's.
            self.open.single = self.open.several = True

    def _gap_in_header3(self, slots: list[Slot]) -> bool:
        """Whether one row heads all columns of table 3 and has an empty cell between them."""
        if self.zone != "t3" or self.rows3_begun:
            return False
        at = [i for i, s in enumerate(slots) if self.lex.t3_columns.exact(s.text) is not None]
        wanted = len(self.lex.t3_keys)
        return len(at) == wanted and at[-1] - at[0] + 1 > wanted

    def _is_header3(self, texts: list[str]) -> bool:
        return sum(self.lex.t3_columns.exact(t) is not None for t in texts) >= 2


_GAP = re.compile(r"\s{2,}|\t")


def _columns_of(index: int, line: Line) -> list[Slot]:
    """The cells of a white-space row: parts with wide gaps between them, each with its place."""
    slots: list[Slot] = []
    start = 0
    for gap in [*_GAP.finditer(line.text), None]:
        end = gap.start() if gap else len(line.text)
        text = line.text[start:end].strip()
        if text:
            slots.append(Slot(text, line.at, Ref(index, start, end)))
        start = gap.end() if gap else end
    return slots


def _spaced_out(columns: list[Slot]) -> bool:
    """Whether the parts of a line are the characters of one label: （  六  ）  其  他."""
    texts = [c.text for c in columns]
    numbered = len(texts) > 1 and texts[0].isdigit() and texts[1] in ".．、"
    rest = texts[2:] if numbered else texts
    return len(texts) > 1 and all(len(t) == 1 and not is_value(t) for t in rest)


def _line_ref(index: int, line: Line) -> Ref:
    return Ref(index, 0, len(line.text))
