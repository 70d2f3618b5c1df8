"""Tokens of running text in printed order: labels, headers, captions, values, pieces of words."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from etl.extract.flow_rows import FlowRows
from etl.extract.flow_state import OpenRow
from etl.extract.grid_rows import COUNT_UNITS
from etl.extract.headers import glued_headers, has_year, heading_block4, is_foreign, is_piece
from etl.extract.page_numbers import page_number
from etl.extract.rows import Slot
from etl.extract.values import is_value, number_chunks, plain
from etl.recognise.labels import Lexicon, core, fold
from etl.report import Ref

#: Longest token that may be a label or a value; longer ones are prose or run-on text.
LONGEST_TOKEN = 120
#: How many broken pieces may form one label.
_MOST_PIECES = 5
#: Words before 信息内容 that head a column of their own: 序号.
_SHORT_HEAD = 3


class FlowTokens(FlowRows):
    """Reads one token at a time."""

    def token(self, slot: Slot) -> None:
        """Read a token: figures first, then whole words, then what may be broken or glued."""
        text = slot.text
        if self.open is None and self.zone != "t4" and slot.ref and (number := page_number(text)):
            self.out.strays.append((slot.ref.block, number))
        if is_value(text):
            self._value(slot)
            return
        chunks = number_chunks(text)
        if chunks and self.zone:
            self._chunks(slot, chunks)
            return
        if len(text) > LONGEST_TOKEN:
            self.close()
            self.flush_pending()
            return
        if self.spaced(slot) or self._known(slot):
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
            self.open = OpenRow("t4", None, "", True, [slot])

    def _chunks(self, slot: Slot, chunks: tuple[str, ...]) -> None:
        """Several numbers in one token: a white-space row, or glued digits."""
        full_row = len(chunks) == len(self.lex.t3_keys) and self.begun3()
        self._settle_pending()
        if self.open is None and self.zone == "t4":
            self.open = OpenRow("t4", None, "", True, [])
        if self.open is None:
            if full_row:
                slots = [Slot(c, slot.at, slot.ref) for c in chunks]
                self.emit(OpenRow("t3", None, "", False, slots), rowwise=False)
            return
        self.open.slots.extend(Slot(c, slot.at, slot.ref) for c in chunks)
        self.open.several = self.open.several or len(chunks) > 1
        self.open.single = self.open.single or len(chunks) == 1

    def _known(self, slot: Slot) -> bool:
        """A token that is a label, a header or a caption of its own."""
        text = slot.text
        block = self.lex.caption_block(text)
        if block is not None:
            self.close()
            self.flush_pending()
            self.enter_table("t2", None)
            # Headers may follow without 信息内容, which de-duplication removes (hard case 1).
            self.block, self.heads = (None if block == "unknown" else block), []
            self.header2 = None
            return True
        folded = core(text)
        if folded.startswith(self.lex.corner2) and len(folded) <= 60:
            return self._corner2(slot, folded)
        if folded.startswith((self.lex.corner3, self.lex.heading3)):
            self.close()
            self.enter_table("t3", None)
            # 申请人情况（自然人）: a column of its own below its heading.
            if not folded.startswith(self.lex.corner3):
                self.headless3 = False
            key = self.lex.t3_columns.exact(folded.removeprefix(self.lex.heading3))
            before = [] if folded.startswith(self.lex.corner3) else self.heads3 or []
            self.heads3 = [*before, *([key] if key else [])]
            return True
        if self._column(text):
            return True
        if self.zone == "t4" and folded == self.lex.heading4:
            self.suits_first = self.suits_first or not self.blocks4
            return True
        block4 = self._block4(text)
        if block4 and (self.zone == "t4" or block4 != self.lex.t4_keys[0][0]):
            self.close()
            self.enter_table("t4", None)
            self.blocks4.append(block4)
            self.met4[block4] += 1
            return True
        hit = self.match(text)
        if hit is None:
            return False
        self.close()
        self.flush_pending()
        self.enter_table(hit[0], hit[1])
        self.open = OpenRow(hit[0], hit[1], text, hit[2])
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
        if heads is self.heads3 and self._follows(self.gap3, keys[0]):
            # An empty cell between two neighbouring headers: a column that no text tells.
            self.foreign3 += [""] * len(self.lex.t3_keys)
        self.gap3 = None
        heads.extend(key for key in keys if key)
        return True

    def _follows(self, before: str | None, key: str | None) -> bool:
        """Whether two columns of table 3 are neighbours in the form's order."""
        return any(pair == (before, key) for pair in pairwise(self.lex.t3_keys))

    def _corner2(self, slot: Slot, folded: str) -> bool:
        """信息内容 opens a header; the column labels may be glued behind it."""
        self.close()
        held = [s.text for s in self.pending if len(core(s.text)) <= _SHORT_HEAD]
        before = [*(self.heads or []), *held] if self.zone == "t2" else []
        self.flush_pending()
        self.enter_table("t2", None)
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

    def ends_in_full_row(self, text: str) -> bool:
        """Whether a line's last words are as many values as table 3 has columns, and no more.

        A year before them makes it one of several rows that share a label.
        """
        words, wanted = text.split(), len(self.lex.t3_keys)
        label = words[:-wanted]
        return (
            bool(label)
            and all(is_value(word) for word in words[-wanted:])
            and not is_value(label[-1])
            and not has_year(self._beside_labels("".join(label)))
        )

    def _beside_labels(self, text: str) -> str:
        """What a text holds beside a row's label, or the beginning of one, and its group's."""
        rest = core(text)
        for known in _longest_first(self.lex):
            rest = rest.replace(known, "")
        return "" if self.lex.t3_rows.is_prefix(rest) else rest

    def spaced(self, slot: Slot) -> bool:
        """A row with single spaces between label and cells, marks and units among them."""
        words = slot.text.split()
        first = len(words)
        while first > 1 and is_value(words[first - 1]):
            first -= 1
        if len(words) - first < 2:
            return False
        slots = [Slot(word, slot.at, slot.ref) for word in words[first:]]
        label = slot.text[: slot.text.rindex(words[first - 1]) + len(words[first - 1])]
        inside = next((i for i, word in enumerate(words[:first]) if i and is_value(word)), None)
        if inside is not None:
            return self._two_rows(slot, " ".join(words[:inside]), words[first - 1])
        hit = self.match(label)
        if hit is None and self.zone == "t3" and len(slots) == len(self.lex.t3_keys):
            return self._full_row(words[:first], slots)
        if hit is None:
            return False
        self.close()
        self.flush_pending()
        self.enter_table(hit[0], hit[1])
        self.open = OpenRow(hit[0], hit[1], label, hit[2], slots, inline=True)
        return True

    def _two_rows(self, slot: Slot, first: str, second: str) -> bool:
        """Two rows on one line (2.重复申请 0 0 03.其他 1 0): which figure is whose cannot be told.

        Both are met, with the line as what is printed for them.
        """
        # The last figure of the first row may be glued to the second's number: 03.其他.
        hits = [(text, self.match(text)) for text in (first, second.lstrip("/-—0123456789.、"))]
        if hits[0][1] is None:
            return False
        self.close()
        self.flush_pending()
        for label, hit in hits:
            if hit is not None:
                self.enter_table(hit[0], hit[1])
                row = OpenRow(hit[0], hit[1], label, hit[2], [slot], single=True, several=True)
                self.emit(row, rowwise=False)
        return True

    def _full_row(self, words: list[str], slots: list[Slot]) -> bool:
        """A line that ends with all figures of a row of table 3, behind a piece of its label.

        Its label may stand behind its group's (三、本年度 （一）予以公开), and groups' beside it.
        """
        hits = (self.match(" ".join(words[at:])) for at in range(1, len(words)))
        hit = next((h for h in hits if h is not None and h[0] == "t3"), None)
        if hit is None and not self.begun3():
            return False
        self.close()
        self.flush_pending()
        if hit is not None:
            self.enter_table(hit[0], hit[1])
        row, exact = (hit[1], hit[2]) if hit else (None, False)
        self.emit(OpenRow("t3", row, " ".join(words), exact, slots), rowwise=False)
        return True

    def _glued(self, slot: Slot) -> bool:
        """A label with its figures in the same token: 行政许可 97, 规章000."""
        found = re.match(
            r"^(?P<label>.*?[^\d\s.,+\-/])\s*(?P<digits>[\d\s.,+\-/]+(?:\.\d+)?(?:万?元)?)$",
            slot.text,
        )
        if not found:
            return False
        hit = self.match(found["label"])
        if hit is None:
            return False
        printed = plain(found["digits"])
        chunks = tuple(printed.split())
        self.close()
        self.flush_pending()
        self.enter_table(hit[0], hit[1])
        start = slot.ref.a + found.start("digits") if slot.ref else 0
        ref = Ref(slot.ref.block, start, start + len(found["digits"])) if slot.ref else None
        slots = [Slot(c, slot.at, ref) for c in chunks]
        glued = found.end("label") == found.start("digits")
        self.open = OpenRow(hit[0], hit[1], found["label"], hit[2], slots, glued, inline=True)
        return True

    def _broken(self, slot: Slot) -> None:
        """Perhaps a piece of a label broken over lines: hold it until it is whole."""
        if self.heads is not None and self.zone == "t2" and not self.begins_label(slot.text):
            if self.open is None and len(slot.text) <= 40:
                self.heads.append(slot.text)
            return
        if self.zone is None:
            return
        if self._text_value(slot):
            return
        wanted = len(self.lex.t3_keys)
        short = self.open is not None and len(self.open.slots) < wanted
        if self.open is not None and short and any(map(str.isdigit, core(slot.text))):
            # 7→0 behind 130 2: a cell of its own, so that the two figures are one cell's, too.
            self.open.single = True
        among_heads = self.heads3 is not None or not self.rows3_begun
        if self.zone == "t3" and among_heads and is_foreign(self.lex, "t3", slot.text):
            self.foreign3.append(slot.text)
        if self.zone == "t3" and among_heads and is_piece(self.lex, "t3", slot.text):
            self.headless3 = False
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
        if len(opened.slots) >= len(header.columns) or self.begins_label(slot.text):
            return False
        if opened.inline or self.running_on or self.lex.sections.match(slot.text):
            return False
        if self._above_block(slot.text):
            # The next block's header begins; what it is called is not needed to read its columns.
            self.close()
            self.block, self.header2, self.heads = None, None, []
            return True
        if any(is_value(s.text) for s in opened.slots):
            # Behind figures may stand a page's foot and head: the row's blanks left no trace.
            self.close()
            return False
        opened.slots.append(slot)
        return True

    def _above_block(self, text: str) -> bool:
        """Whether words stand above the next block: 第二十条第（五）项信息内容 on one line."""
        printed = core(text)
        blocks = self.lex.form.tables.t2.blocks
        return self.lex.corner2 in printed or any(core(b.caption) in printed for b in blocks)

    def _settle_pending(self) -> None:
        """Values follow words that no label matched: those words label an unknown row."""
        if not self.pending:
            return
        label = self.pending[-1].text
        if self.open is not None and self.open.slots:
            self.close()
        elif self.open is not None and (other := self._longer_label(self.open)):
            self.open.row, self.open.exact = other, True
        elif self.open is not None and any(has_year(s.text) for s in self.pending):
            # 2022年 between a label and figures: one of several rows that share the label.
            self.open.row, self.open.exact = None, False
        elif self.open is not None and not self._goes_on(self.open):
            # A row of blanks, then a row that the form does not have: 小计, 占比.
            self.close()
        if self.open is None and self.zone in ("t2", "t3"):
            self.open = OpenRow(self.zone, None, label, False)
        self.pending.clear()

    def _longer_label(self, row: OpenRow) -> str | None:
        """Another row of table 3 whose label begins with this one's: 其他, then 处理."""
        whole = row.label + "".join(s.text for s in self.pending)
        found = self.lex.t3_rows.exact(whole) if row.table == "t3" else None
        return None if found == row.row else found

    def _goes_on(self, row: OpenRow) -> bool:
        """Whether the pieces held belong to a row's label: its rest, a note, its unit."""
        held = [s.text for s in self.pending]
        known = {"t2": self.lex.t2_rows, "t3": self.lex.t3_rows, "t4": self.lex.t4_blocks}
        rest = known[row.table].is_prefix(row.label + "".join(held))
        return rest or _is_note(held[0]) or all(fold(text) in COUNT_UNITS for text in held)

    def flush_pending(self) -> None:
        """Forget the pieces held: what follows is no rest of theirs."""
        self.pending.clear()


@cache
def _longest_first(lexicon: Lexicon) -> tuple[str, ...]:
    """The labels of table 3's rows and groups, none before one that it is a part of."""
    return tuple(sorted((*lexicon.t3_rows.keys, *lexicon.t3_groups.keys), key=len)[::-1])


def _is_note(text: str) -> bool:
    return fold(text)[:1] in ("(", "[", "注")
