"""Text without table structure → rows of the statutory tables.

Covers what crawlers and converters leave: one cell per line, cells ending in pipes, pipes alone on
their line, one row per line, white-space columns, figures glued to labels, run-on paragraphs
(domain/variety.md, renderings and section 3). The reader walks tokens in printed order, finds
labels, and collects the values that follow. Rows are certain only with as many values as columns;
which cells the rest may be is settled, or left open, in :mod:`etl.extract.place`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from etl.document import Block, Fidelity, Grid, Line
from etl.extract.grids import header_money_unit, match_header
from etl.extract.rows import Harvest, RowReading, Slot
from etl.extract.values import is_value, number_chunks, plain, split_glued
from etl.recognise.labels import HeaderSet, Lexicon, core, fold
from etl.recognise.sections import heading_section
from etl.report import Ref

#: Longest token that may be a label or a value; longer ones are prose or run-on text.
_LONGEST_TOKEN = 120
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
        self._token(Slot(line.text.strip(), line.at, _line_ref(index, line)))

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
                self._token(Slot(piece.strip(), line.at, ref))
            elif self.open is not None:
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
            self._enter_table(table, key)
            self._emit(_Open(table, key, text, exact, values), rowwise=True)
        elif self.zone == "t3" and self.rows3_begun:
            text = labels[-1].text if labels else ""
            self._emit(_Open("t3", None, text, False, slots[first_value:]), rowwise=True)
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
        for slot in labels:
            self._token(slot)

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
        if self._known(slot):
            return
        if self._glued(slot):
            return
        self._broken(slot)

    def _value(self, slot: Slot) -> None:
        self._settle_pending()
        if self.open is not None:
            self.open.slots.append(slot)
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
        if folded.startswith(self.lex.corner3) or folded == self.lex.heading3:
            self.close()
            self._enter_table("t3", None)
            return True
        block4 = self._block4(text)
        if block4 and (self.zone == "t4" or block4 != self.lex.t4_keys[0][0]):
            self.close()
            self._enter_table("t4", None)
            self.blocks4.append(block4)
            return True
        hit = self._match(text)
        if hit is None:
            return False
        self.close()
        self._flush_pending()
        self._enter_table(hit[0], hit[1])
        self.open = _Open(hit[0], hit[1], text, hit[2])
        return True

    def _corner2(self, slot: Slot, folded: str) -> bool:
        """信息内容 opens a header; the column labels may be glued behind it."""
        self.close()
        self._flush_pending()
        self._enter_table("t2", None)
        self.heads = []
        rest = folded[len(self.lex.corner2) :]
        if rest:
            self.heads = glued_headers(self.lex, rest) or [rest]
        return True

    def _block4(self, text: str) -> str | None:
        return self.lex.t4_blocks.exact(text) or (
            heading_block4(self.lex, text) if self.zone == "t4" else None
        )

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
        opened.slots.append(slot)
        return True

    def _begins_label(self, text: str) -> bool:
        return len(core(text)) >= 4 and self.lex.t2_rows.is_prefix(text)

    def _settle_pending(self) -> None:
        """Values follow words that no label matched: those words label an unknown row."""
        if not self.pending:
            return
        label = self.pending[-1].text
        if self.open is not None and self.open.slots:
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
            if table != "t2":
                self.heads, self.header2, self.block = None, None, None
        self.out.seen.add(table)
        if table == "t3" and row is not None:
            if row == self.lex.t3_order[0] and self.rows3_begun:
                self.table_id += 1
            self.rows3_begun = True
        if table == "t2" and row is not None:
            self._settle_header(row)

    def _settle_header(self, row: str) -> None:
        if self.heads is None:
            if row not in self.lex.block_rows.get(self.block or "", ()):
                self.header2 = None
            return
        heads = self.heads
        found = match_header(self.lex, self.block, heads, row)
        if found is None and len(heads) > 1:
            found = match_glued(self.lex, heads, row)
        self.header2 = found[1] if found else None
        if found:
            self.block = found[0]
            self.out.headers.append((found[0], found[1].form))
        self.money_unit = header_money_unit(heads)
        self.heads = None

    # Closing -------------------------------------------------------------------------------

    def close(self) -> None:
        """End the row being collected."""
        if self.open is not None:
            opened, self.open = self.open, None
            if opened.table == "t4":
                self._figures4(opened.slots)
            else:
                self._emit(opened, rowwise=False)

    def _emit(self, opened: _Open, rowwise: bool) -> None:
        """Turn a collected row into a reading; columns only where count and blanks allow."""
        if opened.table == "t2":
            fits = self.header2 and opened.row in self.lex.block_rows.get(self.block or "", ())
            columns = self.header2.columns if self.header2 and fits else ()
            form = self.header2.form if self.header2 and fits else None
        else:
            columns, form = self.lex.t3_keys, None
        if not opened.slots and opened.row is None:
            return
        glued = opened.glued or self.running_on
        slots, placed = settle_row(opened.slots, len(columns), rowwise, glued)
        note = "glued" if placed and len(slots) != len([s for s in opened.slots if s.text]) else ""
        self.out.rows.append(
            RowReading(
                opened.table,
                opened.row,
                columns if placed else (),
                slots,
                opened.label,
                self.table_id,
                form=form,
                money_unit=self.money_unit if opened.table == "t2" else None,
                full=rowwise,
                note=note,
                exact_label=opened.exact,
            )
        )

    def _figures4(self, slots: list[Slot]) -> None:
        keys = self.lex.t4_keys
        per_block = len(keys) // len({b for b, _ in keys})
        if not any(s.text for s in slots):
            return
        # Five figures belong to a block only where no other block shares their header.
        met, self.blocks4 = list(dict.fromkeys(self.blocks4)), []
        alone = met[0] if len(met) == 1 else None
        own = tuple(k for k in keys if k[0] == alone)
        for count, order in ((len(keys), keys), (per_block, own)):
            settled, placed = settle_row(slots, count, True, self.running_on)
            if placed and len(order) == count:
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


def settle_row(
    slots: list[Slot], wanted: int, rowwise: bool, glued: bool = False
) -> tuple[list[Slot], bool]:
    """The slots of ``wanted`` columns, and whether their columns are certain.

    Certain: exactly as many values as columns; or, with blanks kept in place, a value in the last
    column and only padding behind it; or blanks only. Glued digits count where they split in one
    way only. Values followed by nothing but blanks may have been moved together (variety.md
    section 3): not certain.
    """
    filled = [s for s in slots if s.text]
    if wanted == 0:
        return slots, False
    if not filled:
        whole = rowwise and len(slots) >= wanted
        return (slots[:wanted] if whole else slots), whole
    if len(filled) == wanted and not (glued and any(_zeros(s.text) for s in filled)):
        return filled, True
    if len(filled) < wanted <= len(slots):
        head, tail = slots[:wanted], slots[wanted:]
        if head[-1].text and not any(s.text for s in tail):
            return head, True
    if glued and len(filled) <= wanted:
        split = split_glued(tuple(plain(s.text) for s in filled), wanted)
        if split is not None:
            return [Slot(text, filled[0].at, filled[0].ref) for text in split], True
    return slots, False


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


def _zeros(text: str) -> bool:
    return len(text) > 1 and text[0] == "0" and text.isdecimal()


def _line_ref(index: int, line: Line) -> Ref:
    return Ref(index, 0, len(line.text))


def heading_block4(lexicon: Lexicon, text: str) -> str | None:
    """A block of table 4 named in a longer heading: 行政诉讼（未经复议直接起诉）."""
    folded = core(fold(text))
    hits = {key for label, key in lexicon.t4_blocks.keys.items() if folded.endswith(label)}
    return hits.pop() if len(hits) == 1 and len(folded) <= 20 else None


def match_glued(lexicon: Lexicon, heads: list[str], row: str) -> tuple[str, HeaderSet] | None:
    """Headers broken over lines (本年新 / 制作数量): compared as one run of characters."""
    printed = "".join(core(h) for h in heads)
    block = lexicon.block_of_row.get(row)
    found = [
        (b, h)
        for b, h in lexicon.header_sets
        if b == block and any(printed == run for run in _runs(h))
    ]
    return found[0] if len(found) == 1 else None


@cache
def _runs(header: HeaderSet) -> frozenset[str]:
    runs = {""}
    for labels in header.labels:
        runs = {run + label for run in runs for label in labels}
    return frozenset(runs)


def glued_headers(lexicon: Lexicon, run: str) -> list[str] | None:
    """Column labels glued together behind 信息内容, split where the form allows one way."""
    found = {h.columns: h for _, h in lexicon.header_sets if run in _runs(h)}
    if len(found) != 1:
        return None
    header = next(iter(found.values()))
    return [max(labels, key=len) for labels in header.labels]


@cache
def _run_on_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """Every label, header, caption and section heading, white space allowed between characters."""
    form = lexicon.form
    labels: set[str] = set()
    printed = [r.zh for table in ("t2", "t3") for r in form.rows(table)]
    printed += [c.zh for table in ("t2", "t3") for c in form.columns(table)]
    for zh in printed:
        labels.update([zh] if isinstance(zh, str) else zh.values())
    labels.update(b.caption for b in form.tables.t2.blocks)
    labels.update(g.zh for g in form.tables.t3.groups)
    labels.update((form.tables.t2.corner, form.tables.t3.corner, form.tables.t3.column_heading))
    labels.add(form.tables.t3.column_group.zh)
    for row in form.rows("t4"):
        labels.add(row.short or str(row.zh))
    labels.update(str(c.zh) for c in form.columns("t4"))
    labels.add(form.tables.t4.heading)
    sections = {s.zh for s in form.tables.sections}
    flexible = [
        r"\s*".join(re.escape(c) for c in label)
        for label in sorted(labels | sections, key=len, reverse=True)
    ]
    return re.compile("|".join(flexible))


def run_on_tokens(lexicon: Lexicon, line: Line, index: int) -> Iterator[tuple[Slot, str]]:
    """Cut a run-on paragraph at the form's labels; what is between are values or other words.

    Yields (slot, kind) with kind ``section``, ``label`` or ``other``. A paragraph with fewer than
    six labels is prose and yields nothing.
    """
    pattern = _run_on_pattern(lexicon)
    hits = list(pattern.finditer(line.text))
    if len(hits) < 6:
        return
    end = 0
    for hit in hits:
        between = line.text[end : hit.start()].strip()
        if between:
            yield Slot(between, line.at, Ref(index, end, hit.start())), "other"
        kind = "section" if heading_section(hit[0]) else "label"
        yield Slot(hit[0], line.at, Ref(index, hit.start(), hit.end())), kind
        end = hit.end()
    rest = line.text[end:].strip()
    if rest:
        yield Slot(rest, line.at, Ref(index, end, len(line.text))), "other"
