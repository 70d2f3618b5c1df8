"""Text without table structure → rows of the statutory tables.

Covers what crawlers and converters leave: one cell per line, cells ending in pipes, pipes alone on
their line, one row per line, white-space columns, figures glued to labels, run-on paragraphs
(domain/variety.md, renderings and section 3). The reader walks tokens in printed order, finds
labels, and collects the values that follow. Rows are certain only with as many values as columns;
which cells the rest may be is settled, or left open, in :mod:`etl.extract.place`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import dropwhile

from etl.document import Block, Fidelity, Grid, Line
from etl.extract.grid_rows import COUNT_UNITS, is_numbering
from etl.extract.grids import header_money_unit, match_header
from etl.extract.headers import (
    blocks_in_order,
    columns_in_order,
    glued_headers,
    has_year,
    heading_block4,
    is_foreign,
    match_glued,
    match_two_rows,
)
from etl.extract.rows import Harvest, RowReading, Slot
from etl.extract.run_on import run_on_tokens
from etl.extract.settle import PrintedRow, between_pipes, settle_by_table, settle_row
from etl.extract.values import is_value, number_chunks, plain
from etl.recognise.labels import HeaderSet, Lexicon, core, fold
from etl.recognise.sections import heading_section
from etl.report import Ref

#: Longest token that may be a label or a value; longer ones are prose or run-on text.
_LONGEST_TOKEN = 120
#: So many labels of table 3's rows in one row are headers of a table turned round; some of them
#: (予以公开, 部分公开, 总计) head the columns of real reports that are not.
_TURNED = 10
#: Labels of sums within table 3, which the form does not have.
_SUMS = frozenset(("小计", "合计", "共计", "其中"))
#: How many broken pieces may form one label.
_MOST_PIECES = 5


@dataclass(slots=True)
class _Open:
    """The row being collected."""

    table: str
    row: str | None
    label: str
    exact: bool
    slots: list[Slot] = field(default_factory=list)
    glued: bool = False
    #: Indices of slots that are a pipe alone on its line, and whether a figure stood without one.
    lone: set[int] = field(default_factory=set)
    bare: bool = False
    #: Whether figures stood alone in their tokens, and whether several stood in one.
    single: bool = False
    several: bool = False

    @property
    def mixed(self) -> bool:
        """Whether one cell may hold two figures: most stand alone, some do not."""
        return self.single and self.several


class FlowReader:
    """Walks a document's lines and unstructured grids once and fills a harvest."""

    def __init__(self, lexicon: Lexicon, harvest: Harvest) -> None:
        self.lex, self.out = lexicon, harvest
        self.zone: str | None = None
        self.block: str | None = None
        self.header2: HeaderSet | None = None
        self.heads: list[str] | None = None
        self.money_unit: str | None = None
        self.order3: tuple[str, ...] = lexicon.t3_keys
        self.assumed3 = False
        self.heads3: list[str] | None = None
        self.heads4: list[str] = []
        self.foreign3: list[str] = []
        self.ordered4 = True
        self.suits_first = self.foreign4 = False
        self.met4: Counter[str] = Counter()
        self.rows3: list[PrintedRow] = []
        self.blocks4: list[str] = []
        self.open: _Open | None = None
        self.pending: list[Slot] = []
        self.table_id = 100_000
        self.rows3_begun = False
        self.running_on = False

    # Walking -------------------------------------------------------------------------------

    def step(self, index: int, block: Block) -> None:
        """Read one block; a structured grid only closes what is open."""
        if isinstance(block, Line):
            self._line(index, block)
        elif block.fidelity is Fidelity.STRUCTURED:
            self.close()
        else:
            self._grid(index, block)

    def _line(self, index: int, line: Line) -> None:
        if not line.text.strip() and not line.pieces:
            return
        section = heading_section(line.text)
        if section and self._enter_section(section):
            return
        if line.pieces:
            self._pieces(index, line)
            return
        columns = _columns_of(index, line)
        shortish = all(len(c.text) <= _LONGEST_TOKEN for c in columns)
        if len(columns) > 1 and shortish and (self.zone or is_value(columns[-1].text)):
            self._row(columns)
            return
        if len(line.text) > _LONGEST_TOKEN:
            self._run_on(index, line)
            return
        before = len(self.open.slots) if self.open else 0
        self._token(Slot(line.text.strip(), line.at, _line_ref(index, line)))
        if self.open and len(self.open.slots) > before:
            self.open.bare = True

    def _run_on(self, index: int, line: Line) -> None:
        """A paragraph that swallowed its tables: cut at the labels, digits count as glued."""
        self.running_on = True
        for slot, kind in run_on_tokens(self.lex, line, index):
            if kind == "section":
                self._enter_section(heading_section(slot.text) or "")
            else:
                self._token(slot)
        self.close()
        self.running_on = False

    def _enter_section(self, section: str) -> bool:
        """A section heading moves the zone; table rows that look like headings do not."""
        zones = {s.key: s.content for s in self.lex.form.tables.sections}
        self.close()
        self._flush_pending()
        content = zones.get(section)
        self.zone = content if content in ("t2", "t3", "t4") else None
        self.block, self.header2, self.heads, self.blocks4 = None, None, None, []
        self.rows3_begun = False
        self._expect_columns()
        if self.zone:
            self.table_id += 1
        return True

    def _expect_columns(self) -> None:
        """Forget the column headers of the table before; the next ones follow."""
        self.order3, self.heads3, self.heads4 = self.lex.t3_keys, [], []
        self.foreign3, self.ordered4 = [], True
        self.suits_first = self.foreign4 = False

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
                self._token(Slot(piece.strip(), line.at, ref))
            elif self.open is not None and not self.pending:
                if len(pieces) == 1:
                    self.open.lone.add(len(self.open.slots))
                self.open.slots.append(Slot("", line.at, _line_ref(index, line)))

    def _grid(self, index: int, grid: Grid) -> None:
        for row, cells in enumerate(grid.rows()):
            slots = [
                Slot(c.text.strip(), grid.locate(row, c.col), Ref(index, c.row, c.col))
                for c in cells
            ]
            filled = [s for s in slots if s.text]
            if len(filled) == 1 and not is_value(filled[0].text):
                section = heading_section(filled[0].text)
                if section:
                    self._enter_section(section)
                elif self._match(filled[0].text):
                    self._row(slots)
                else:
                    self._token(filled[0])
            elif filled:
                self._row(slots)

    # One row per line ----------------------------------------------------------------------

    def _row(self, slots: list[Slot]) -> None:
        """A printed row: labels first, then values with their blanks in place."""
        self.close()
        self._flush_pending()
        first_value = next((i for i, s in enumerate(slots) if is_value(s.text)), None)
        labels = [s for s in slots[: len(slots) if first_value is None else first_value] if s.text]
        if first_value is None:
            self._label_row(slots, labels)
            return
        label, position = self._row_label(slots, labels)
        values = slots[position:]
        if self.zone == "t4" and label is None:
            self._figures4(values)
        elif label is not None:
            table, key, text, exact = label
            if any(has_year(s.text) for s in slots[position:first_value]):
                # One of several rows that share the label, a year each.
                self._emit(_Open(table, None, text, False, slots[first_value:]), rowwise=True)
                return
            self._enter_table(table, key)
            self._emit(_Open(table, key, text, exact, values), rowwise=True, total=len(slots))
        elif self.zone == "t3" and self.rows3_begun:
            text = labels[-1].text if labels else ""
            behind = slots[slots.index(labels[-1]) + 1 :] if labels else slots
            self._emit(_Open("t3", None, text, False, behind), True, len(slots))
        elif self.zone in ("t2", "t3") and labels:
            self._emit(_Open(self.zone, None, labels[-1].text, False, slots[first_value:]), True)

    def _row_label(
        self, slots: list[Slot], labels: list[Slot]
    ) -> tuple[tuple[str, str, str, bool] | None, int]:
        """The last label before the values, and the index where the values begin."""
        for label in reversed(labels):
            hit = self._match(label.text)
            if hit:
                position = next(i for i, s in enumerate(slots) if s is label) + 1
                return (hit[0], hit[1], label.text, hit[2]), position
        return None, 0

    def _label_row(self, slots: list[Slot], labels: list[Slot]) -> None:
        """A row without values: a header, a caption, group labels, or a row of blanks."""
        texts = [s.text for s in labels]
        if core(texts[0]) == self.lex.corner2:
            self._enter_table("t2", None)
            self.heads = texts[1:]
            return
        hit = self._match(texts[-1])
        blanks = len(slots) - 1 - max(i for i, s in enumerate(slots) if s.text)
        if hit and len(texts) <= 3 and blanks and not self._is_header3(texts):
            self._enter_table(hit[0], hit[1])
            behind = slots[len(slots) - blanks :]
            self._emit(_Open(hit[0], hit[1], texts[-1], hit[2], behind), rowwise=True)
            return
        if len({self.lex.t3_rows.exact(t) for t in texts} - {None}) >= _TURNED:
            # The form's rows as headers: a table turned round, of which no row is the form's.
            self.close()
            self.zone, self.rows3_begun = None, False
            return
        for slot in labels:
            self._token(slot)
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

    # One token at a time -------------------------------------------------------------------

    def _token(self, slot: Slot) -> None:
        text = slot.text
        if is_value(text):
            self._value(slot)
            return
        chunks = number_chunks(text)
        if chunks and self.zone:
            self._chunks(slot, chunks)
            return
        if len(text) > _LONGEST_TOKEN:
            self.close()
            self._flush_pending()
            return
        if self._spaced(slot) or self._known(slot):
            return
        if self._glued(slot):
            return
        self._broken(slot)

    def _value(self, slot: Slot) -> None:
        self._settle_pending()
        if self.open is not None:
            self.open.slots.append(slot)
            self.open.single = True
        elif self.zone == "t4":
            self.open = _Open("t4", None, "", True, [slot])

    def _chunks(self, slot: Slot, chunks: tuple[str, ...]) -> None:
        """Several numbers in one token: a white-space row, or glued digits."""
        self._settle_pending()
        if self.open is None and self.zone == "t4":
            self.open = _Open("t4", None, "", True, [])
        if self.open is None:
            if self.zone == "t3" and self.rows3_begun and len(chunks) == len(self.lex.t3_keys):
                slots = [Slot(c, slot.at, slot.ref) for c in chunks]
                self._emit(_Open("t3", None, "", False, slots), rowwise=False)
            return
        self.open.slots.extend(Slot(c, slot.at, slot.ref) for c in chunks)
        self.open.several = self.open.several or len(chunks) > 1

    def _known(self, slot: Slot) -> bool:
        """A token that is a label, a header or a caption of its own."""
        text = slot.text
        block = self.lex.caption_block(text)
        if block is not None:
            self.close()
            self._flush_pending()
            self._enter_table("t2", None)
            # Headers may follow without 信息内容, which de-duplication removes (hard case 1).
            self.block, self.heads = (None if block == "unknown" else block), []
            self.header2 = None
            return True
        folded = core(text)
        if folded.startswith(self.lex.corner2) and len(folded) <= 60:
            return self._corner2(slot, folded)
        if folded.startswith((self.lex.corner3, self.lex.heading3)):
            self.close()
            self._enter_table("t3", None)
            # 申请人情况（自然人）: a column of its own below its heading.
            key = self.lex.t3_columns.exact(folded.removeprefix(self.lex.heading3))
            self.heads3 = [*(self.heads3 or []), *([key] if key else [])]
            return True
        if self._column(text):
            return True
        if self.zone == "t4" and folded == self.lex.heading4:
            self.suits_first = self.suits_first or not self.blocks4
            return True
        block4 = self._block4(text)
        if block4 and (self.zone == "t4" or block4 != self.lex.t4_keys[0][0]):
            self.close()
            self._enter_table("t4", None)
            self.blocks4.append(block4)
            self.met4[block4] += 1
            return True
        hit = self._match(text)
        if hit is None:
            return False
        self.close()
        self._flush_pending()
        self._enter_table(hit[0], hit[1])
        self.open = _Open(hit[0], hit[1], text, hit[2])
        return True

    def _column(self, text: str) -> bool:
        """Column headers of table 3 or 4, kept until the first row to compare their order."""
        if self.zone == "t3" and self.heads3 is not None:
            heads, vocabulary = self.heads3, self.lex.t3_columns
        elif self.zone == "t4" and self.open is None:
            heads, vocabulary = self.heads4, self.lex.t4_columns
        else:
            return False
        # A flip-book prints a row of headers with single spaces between them; elsewhere the spaces
        # part the characters of one header: 自 然 人.
        words = [text] if vocabulary.exact(text) else text.split()
        words = [w for w in words if core(w) not in (self.lex.group3, self.lex.heading3)]
        keys = [vocabulary.exact(word) for word in words]
        if not keys or None in keys:
            return False
        heads.extend(key for key in keys if key)
        return True

    def _corner2(self, slot: Slot, folded: str) -> bool:
        """信息内容 opens a header; the column labels may be glued behind it."""
        self.close()
        self._flush_pending()
        before = (self.heads or []) if self.zone == "t2" else []
        self._enter_table("t2", None)
        # 序号 before 信息内容: a column of its own, whose figures stand among the others.
        self.heads = [t for t in before if not self.lex.t2_columns.match(t)]
        rest = folded[len(self.lex.corner2) :]
        if rest:
            self.heads = glued_headers(self.lex, rest) or [rest]
        return True

    def _block4(self, text: str) -> str | None:
        return self.lex.t4_blocks.exact(text) or (
            heading_block4(self.lex, text) if self.zone == "t4" else None
        )

    def _spaced(self, slot: Slot) -> bool:
        """A row with single spaces between label and cells, marks and units among them."""
        words = slot.text.split()
        first = len(words)
        while first > 1 and is_value(words[first - 1]):
            first -= 1
        if len(words) - first < 2:
            return False
        label = slot.text[: slot.text.rindex(words[first - 1]) + len(words[first - 1])]
        hit = self._match(label)
        if hit is None:
            return False
        self.close()
        self._flush_pending()
        self._enter_table(hit[0], hit[1])
        slots = [Slot(word, slot.at, slot.ref) for word in words[first:]]
        self.open = _Open(hit[0], hit[1], label, hit[2], slots)
        return True

    def _glued(self, slot: Slot) -> bool:
        """A label with its figures in the same token: 行政许可 97, 规章000."""
        found = re.match(
            r"^(?P<label>.*?[^\d\s.,+\-/])\s*(?P<digits>[\d\s.,+\-/]+(?:\.\d+)?(?:万?元)?)$",
            slot.text,
        )
        if not found:
            return False
        hit = self._match(found["label"])
        if hit is None:
            return False
        printed = plain(found["digits"])
        chunks = tuple(printed.split())
        self.close()
        self._flush_pending()
        self._enter_table(hit[0], hit[1])
        start = slot.ref.a + found.start("digits") if slot.ref else 0
        ref = Ref(slot.ref.block, start, start + len(found["digits"])) if slot.ref else None
        slots = [Slot(c, slot.at, ref) for c in chunks]
        glued = found.end("label") == found.start("digits")
        self.open = _Open(hit[0], hit[1], found["label"], hit[2], slots, glued)
        return True

    def _broken(self, slot: Slot) -> None:
        """Perhaps a piece of a label broken over lines: hold it until it is whole."""
        if self.heads is not None and self.zone == "t2" and not self._begins_label(slot.text):
            if self.open is None and len(slot.text) <= 40:
                self.heads.append(slot.text)
            return
        if self.zone is None:
            return
        if self._text_value(slot):
            return
        among_heads = self.heads3 is not None or not self.rows3_begun
        if self.zone == "t3" and among_heads and is_foreign(self.lex, "t3", slot.text):
            self.foreign3.append(slot.text)
        if self.zone == "t4" and is_foreign(self.lex, "t4", slot.text):
            self.foreign4 = True
        self.pending.append(slot)
        del self.pending[:-_MOST_PIECES]
        for start in range(len(self.pending)):
            joined = "".join(s.text for s in self.pending[start:])
            if len(self.pending) - start > 1 and self._known(Slot(joined, slot.at, slot.ref)):
                self.pending.clear()
                return

    def _text_value(self, slot: Slot) -> bool:
        """Words where a table 2 row still lacks values: 本单位无规章制定权 is what is printed."""
        opened, header = self.open, self.header2
        if opened is None or header is None or opened.table != "t2" or opened.row is None:
            return False
        if len(opened.slots) >= len(header.columns) or self._begins_label(slot.text):
            return False
        if opened.glued or self.lex.sections.match(slot.text):
            return False
        opened.slots.append(slot)
        return True

    def _begins_row(self, text: str) -> bool:
        """Whether a cell among the figures of a row is another row's label or heading."""
        if not text or is_value(text):
            return False
        lex, words = self.lex, _FIGURES_BEHIND.sub("", text.lstrip("0123456789"))
        known = (lex.t2_rows, lex.t3_rows, lex.t3_groups, lex.sections)
        return lex.caption_block(words) is not None or any(v.match(words) for v in known)

    def _begins_label(self, text: str) -> bool:
        return len(core(text)) >= 4 and self.lex.t2_rows.is_prefix(text)

    def _settle_pending(self) -> None:
        """Values follow words that no label matched: those words label an unknown row."""
        if not self.pending:
            return
        label = self.pending[-1].text
        if self.open is not None and self.open.slots:
            self.close()
        elif self.open is not None and any(has_year(s.text) for s in self.pending):
            # 2022年 between a label and figures: one of several rows that share the label.
            self.open.row, self.open.exact = None, False
        elif self.open is not None and core(label) in _SUMS:
            # A row of blanks, then a row of sums that the form does not have.
            self.close()
        if self.open is None and self.zone in ("t2", "t3"):
            self.open = _Open(self.zone, None, label, False)
        self.pending.clear()

    def _flush_pending(self) -> None:
        self.pending.clear()

    # Finding out ---------------------------------------------------------------------------

    def _match(self, text: str) -> tuple[str, str, bool] | None:
        """(table, row key, exactly) of a row label, by the zone; long labels open their zone."""
        lex = self.lex
        if self.zone == "t2":
            key = lex.t2_rows.match(text)
            if key:
                return "t2", key, lex.t2_rows.exact(text) is not None
        key = lex.t3_rows.exact(text)
        long_enough = len(core(text)) >= 8
        if key and (long_enough or (self.zone == "t3" and self.rows3_begun)):
            return "t3", key, True
        if key is None and self.zone == "t3" and self.rows3_begun:
            key = lex.t3_rows.match(text)
            if key:
                return "t3", key, False
        return None

    def _enter_table(self, table: str, row: str | None) -> None:
        if self.zone != table:
            self.zone = table
            self.table_id += 1
            self.blocks4 = []
            self.rows3_begun = False
            self._expect_columns()
            if table != "t2":
                self.heads, self.header2, self.block = None, None, None
        self.out.seen.add(table)
        if table == "t3" and row is not None:
            if row == self.lex.t3_order[0] and self.rows3_begun:
                self.table_id += 1
            self.rows3_begun = True
            if self.heads3 is not None:
                self.order3, self.assumed3 = self._order3(self.heads3), not self.heads3
                self.heads3 = None
        if table == "t2" and row is not None:
            self._settle_header(row)

    def _order3(self, met: list[str]) -> tuple[str, ...]:
        """The columns of table 3 in the order of its figures; ``()`` where others are among them.

        Words of no header stand among the headers, or as many as a row has columns before it.
        """
        foreign, self.foreign3 = self.foreign3, []
        if foreign and (met or len(foreign) >= len(self.lex.t3_keys) // 2):
            return ()
        return columns_in_order(self.lex, met)

    def _settle_header(self, row: str) -> None:
        if self.heads is None:
            if row not in self.lex.block_rows.get(self.block or "", ()):
                self.header2 = None
            return
        heads = self.heads
        found = match_header(self.lex, self.block, heads, row)
        if found is None and len(heads) > 1:
            found = match_glued(self.lex, heads, row) or match_two_rows(self.lex, heads, row)
        self.header2 = found[1] if found else None
        if found:
            self.block = found[0]
            self.out.headers.append((found[0], found[1].form))
        self.money_unit = header_money_unit(heads)
        self.heads = None

    # Closing -------------------------------------------------------------------------------

    def finish(self) -> None:
        """End the document: settle the rows whose blanks only their table can place."""
        self.close()
        settle_by_table(self.rows3)

    def close(self) -> None:
        """End the row being collected."""
        if self.open is not None:
            opened, self.open = self.open, None
            if opened.table == "t4":
                self._figures4(opened.slots, opened.mixed)
            else:
                self._emit(opened, rowwise=False)

    def _emit(self, opened: _Open, rowwise: bool, total: int = 0) -> None:
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
        if opened.lone and opened.bare:
            slots, placed = between_pipes(opened.slots, opened.lone, len(columns))
        else:
            by_table = rowwise and opened.table == "t3"
            slots, placed = settle_row(
                opened.slots, len(columns), rowwise, glued, blanks=not by_table
            )
        if rowwise and any(self._begins_row(s.text) for s in opened.slots):
            # The next row ran into this one; which blanks are whose cannot be told.
            columns, placed = (), False
        units = [s for s in opened.slots if fold(s.text) in COUNT_UNITS]
        if units:
            # A column of units: with it, a row has a cell more than the form.
            slots = [s for s in opened.slots if s.text and s not in units]
            placed = bool(columns) and len(slots) == len(columns)
        placed = placed and not opened.mixed
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
        )
        self.out.rows.append(reading)
        if rowwise and opened.table == "t3" and columns and not units:
            self.rows3.append(PrintedRow(reading, columns, opened.slots, total))

    def _figures4(self, slots: list[Slot], mixed: bool = False) -> None:
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
            if placed and ordered and len(order) == count:
                self._emit4(settled, order)
                return
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


_FIGURES_BEHIND = re.compile(r"[\d\s.,/]+$")
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


def _line_ref(index: int, line: Line) -> Ref:
    return Ref(index, 0, len(line.text))
