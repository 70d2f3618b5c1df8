"""What is known while a text without table structure is read: its zone, headers, the open row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import takewhile

from etl.extract.grids import header_money_unit, match_header
from etl.extract.headers import columns_in_order, is_piece, match_glued, match_two_rows
from etl.extract.rows import Harvest, Slot
from etl.extract.scattered import names_all_columns
from etl.extract.settle import PrintedRow
from etl.extract.values import is_value
from etl.recognise.labels import HeaderSet, Lexicon, core
from etl.recognise.sections import Headings

_FIGURES_BEHIND = re.compile(r"[\d\s.,/]+$")


@dataclass(slots=True)
class OpenRow:
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
    #: Whether its figures began on the label's own line: words on a line below are no cell of it.
    inline: bool = False
    #: Whether a line of nothing but pipes filled the row up to its table's width.
    padded: bool = False

    @property
    def mixed(self) -> bool:
        """Whether one cell may hold two figures: most stand alone, some do not."""
        return self.single and self.several


class FlowState:
    """The state of one pass over a document, and what its words mean in it."""

    def __init__(self, lexicon: Lexicon, harvest: Harvest, headings: Headings) -> None:
        self.lex, self.out, self.headings = lexicon, harvest, headings
        self.zone: str | None = None
        self.block: str | None = None
        self.header2: HeaderSet | None = None
        self.heads: list[str] | None = None
        self.money_unit: str | None = None
        self.order3: tuple[str, ...] = lexicon.t3_keys
        #: Whether no header names table 3's columns, and whether not even a piece of one was met.
        self.assumed3, self.headless3 = False, True
        self.heads3: list[str] | None = None
        self.heads4: list[str] = []
        self.foreign3: list[str] = []
        #: The printed lines above table 3's first row.
        self.lines3: list[str] = []
        #: Where the cells of a grid head table 3's columns, and the header before a lone pipe.
        self.places3: dict[str, int] = {}
        self.gap3: str | None = None
        #: Whether one row of cells heads all of them.
        self.flat3 = self.in_grid = False
        #: Whether columns of no form stand among table 3's.
        self.others3 = False
        #: Whether every row of cells between lone pipes ends with one of its own.
        self.ends_piped = False
        #: Whether every row of table 2 whose cells end in pipes has a blank cell at its end.
        self.ends_blank = False
        #: Whether the cell read last ended its line with a pipe of its own.
        self.tailed = False
        self.ordered4 = True
        self.suits_first = self.foreign4 = False
        #: Whether figures stand in table 4 that no header claims: its one row was torn apart.
        self.torn4 = False
        self.met4: Counter[str] = Counter()
        self.rows3: list[PrintedRow] = []
        self.blocks4: list[str] = []
        self.open: OpenRow | None = None
        self.pending: list[Slot] = []
        self.table_id = 100_000
        self.rows3_begun = False
        self.running_on = False

    def match(self, text: str) -> tuple[str, str, bool] | None:
        """(table, row key, exactly) of a row label, by the zone; long labels open their zone."""
        lex = self.lex
        if self.zone == "t2":
            key = lex.t2_rows.match(text)
            if key:
                return "t2", key, lex.t2_rows.exact(text) is not None
        key = lex.t3_rows.exact(text) or lex.row3_behind_group(text)
        long_enough = len(core(text)) >= 8
        if key and (long_enough or (self.zone == "t3" and self.rows3_begun)):
            return "t3", key, True
        if key is None and self.zone == "t3" and self.rows3_begun:
            key = lex.t3_rows.match(text)
            if key:
                return "t3", key, False
        return None

    def enter_table(self, table: str, row: str | None) -> None:
        """A header, a caption or a row of a table was met; its headers end at its first row."""
        if self.zone != table:
            self.zone = table
            self.table_id += 1
            self.blocks4 = []
            self.rows3_begun = False
            self.expect_columns()
            if table != "t2":
                self.heads, self.header2, self.block = None, None, None
        self.out.seen.add(table)
        if table == "t3" and row is not None:
            if row == self.lex.t3_order[0] and self.rows3_begun:
                self.table_id += 1
            self.rows3_begun = True
            self._settle_columns3()
        if table == "t2" and row is not None:
            self._settle_header(row)

    def expect_columns(self) -> None:
        """Forget the column headers of the table before; the next ones follow."""
        self.order3, self.heads3, self.heads4 = self.lex.t3_keys, [], []
        self.foreign3, self.ordered4, self.headless3 = [], True, True
        self.lines3 = []
        self.places3, self.gap3, self.flat3 = {}, None, False
        self.others3 = self.torn4 = False
        self.suits_first = self.foreign4 = False

    def above_rows3(self, line: str) -> None:
        """Keep a printed line that stands above table 3's first row."""
        if self.zone == "t3" and not self.rows3_begun and line.strip():
            self.lines3.append(line)

    def begun3(self) -> bool:
        """Whether table 3's rows have begun, or begin here: all of its headers stand above.

        The label of the first row may be cut by its figures like any other.
        """
        if not self.rows3_begun and self.zone == "t3" and self._named3():
            self._take_form_order()
            self.rows3_begun = True
        return self.zone == "t3" and self.rows3_begun

    def _named3(self) -> bool:
        """Whether the lines above table 3's rows are its headers, in pieces perhaps."""
        if not self.lines3 or self.others3 or "" in self.foreign3:
            return False
        return names_all_columns(self.lex, self._headers3())

    def _settle_columns3(self) -> None:
        """The headers above table 3's first row are all there: what columns they name."""
        if self._named3():
            self._take_form_order()
        elif self.heads3 is not None:
            self.order3, self.assumed3 = self._order3(self.heads3), not self.heads3
            self.heads3 = None
        self.lines3 = []

    def _take_form_order(self) -> None:
        """Table 3's columns are the form's: all of its headers were met above, in its order."""
        self.foreign3, self.heads3, self.lines3 = [], None, []
        self.order3, self.assumed3, self.headless3 = self.lex.t3_keys, False, False

    def _headers3(self) -> list[str]:
        """The lines above table 3's first row without what is none of its headers.

        Page numbers stand there, the row's own label, and 本年 of 三、本年度办理结果, which reaches
        over the rows below.
        """
        rows, groups = self.lex.t3_rows, self.lex.t3_groups.keys
        kept = takewhile(lambda t: not (len(core(t)) >= 4 and rows.is_prefix(t)), self.lines3)
        return [
            text
            for text in kept
            if not any(map(str.isdigit, text))
            and (is_piece(self.lex, "t3", text) or not any(core(text) in g for g in groups))
        ]

    def _order3(self, met: list[str]) -> tuple[str, ...]:
        """The columns of table 3 in the order of its figures; ``()`` where others are among them.

        Words of no header stand among the headers, or as many as a row has columns before it.
        """
        foreign, self.foreign3 = self.foreign3, []
        if foreign and (met or len(foreign) >= len(self.lex.t3_keys) // 2):
            self.others3 = True
        # A header that is repeated amid the rows does not take a column of the first one away.
        if self.others3:
            return ()
        return columns_in_order(self.lex, met, in_one_row=self.flat3)

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

    def begins_row(self, text: str) -> bool:
        """Whether a cell among the figures of a row is another row's label or heading."""
        if not text or is_value(text):
            return False
        lex, words = self.lex, _FIGURES_BEHIND.sub("", text.lstrip("0123456789"))
        known = (lex.t2_rows, lex.t3_rows, lex.t3_groups, lex.sections)
        return lex.caption_block(words) is not None or any(v.match(words) for v in known)

    def begins_label(self, text: str) -> bool:
        """Whether a row label of table 2 may begin so."""
        return len(core(text)) >= 4 and self.lex.t2_rows.is_prefix(text)
