"""The reported figures as sums need them: numbers, blanks that may count as 0, and gaps.

form.md section 7, "Null, zero, slash": a blank or ``/`` counts as 0 only where its row or column
has some number, and the result is then *assumed*. A blank total beside parts that are not 0 is not
0, so it stays a gap. Absent, unread and text cells are always gaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from etl.check.layout import Layout, layout
from etl.form.rules import Rules, TermRef, Variant
from etl.report import Number, ParsedReport, State

EMPTY = (State.BLANK, State.NOT_APPLICABLE)


@dataclass(slots=True)  # not frozen: a report makes a hundred, and freezing triples the cost
class Total:
    """A sum of cells. ``value`` is ``None`` where a cell is a gap.

    ``assumed``: some blank counted as 0. ``empty``: not one of the cells has a number. ``derived``:
    a blank row total was replaced by the sum of its parts (only where that was asked for).
    """

    refs: tuple[TermRef, ...]
    value: Number | None
    gaps: tuple[str, ...] = ()
    assumed: bool = False
    empty: bool = False
    derived: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The cells of the sum."""
        return tuple(ref.key for ref in self.refs)


class Readings:
    """One report's cells, with the variant of the form each table was printed in."""

    def __init__(self, report: ParsedReport, rules: Rules) -> None:
        self.report = report
        self.rules = rules
        self.form = rules.form
        self._variants: dict[str, Variant] = {}
        self._layouts: dict[str, Layout] = {}
        self._states: dict[str, list[State]] = {}
        self._terms: dict[str, tuple[Number | None, bool]] = {}

    def variant(self, table: str) -> Variant:
        """The form version a table was printed in; a table not met counts as the year's form."""
        if table not in self._variants:
            self._variants[table] = self._find_variant(table)
        return self._variants[table]

    def _find_variant(self, table: str) -> Variant:
        report, versions = self.report, self.form.versions
        form = report.forms.get(table)
        if form not in versions:
            # Not met, or printed half and half: the version most of whose cells were met.
            fallback = self.form.form_for_year(report.year or 0) or versions[-1]
            met = {
                v: sum(report.state(k) is not State.ABSENT for k in self._keys(v, table))
                for v in versions
            }
            form = max(versions, key=lambda v: (met[v], v == fallback))
        assert form is not None
        if table != "t3":
            return Variant(form)
        undivided = self.form.tables.t3.undivided
        one_row = self._any_printed([undivided.row])
        return Variant(form, undivided=one_row and not self._any_printed(undivided.parts))

    def _keys(self, version: str, table: str) -> tuple[str, ...]:
        return layout(self.rules, table, Variant(version)).cells

    def _any_printed(self, rows: Iterable[str]) -> bool:
        columns = [column.key for column in self.form.tables.t3.columns]
        keys = (f"t3.{row}.{column}" for row in rows for column in columns)
        return any(self.report.state(key) is not State.ABSENT for key in keys)

    def layout(self, table: str) -> Layout:
        """The table in the variant it was printed in."""
        if table not in self._layouts:
            self._layouts[table] = layout(self.rules, table, self.variant(table))
        return self._layouts[table]

    def cells(self, table: str) -> tuple[str, ...]:
        """The cells the table has in the variant it was printed in."""
        return self.layout(table).cells

    def states(self, table: str) -> list[State]:
        """The states of those cells."""
        if table not in self._states:
            state = self.report.state
            self._states[table] = [state(key) for key in self.cells(table)]
        return self._states[table]

    def has_table(self, table: str) -> bool:
        """Whether anything of the table was met."""
        return any(state is not State.ABSENT for state in self.states(table))

    @cached_property
    def _numbered_lines(self) -> frozenset[tuple[str, str]]:
        """Rows and columns with at least one number; the one printed row of table 4 is one line."""
        lines: set[tuple[str, str]] = set()
        for key, cell in self.report.cells.items():
            if cell.state is State.NUMBER:
                table, row, column = key.split(".")
                lines |= {(table, row), (table, column)} if table != "t4" else {(table, "")}
        return frozenset(lines)

    def _on_numbered_line(self, key: str) -> bool:
        table, row, column = key.split(".")
        lines = self._numbered_lines
        return (table, "") in lines or (table, row) in lines or (table, column) in lines

    def all_empty(self, keys: Iterable[str]) -> bool:
        """Whether every one of the cells is blank or marked not applicable."""
        state = self.report.state
        return all(state(key) in EMPTY for key in keys)

    def parts_of(self, key: str) -> tuple[str, ...]:
        """The cells a total cell adds up; none for any other cell."""
        return self.layout(key[:2]).parts(key)

    def number(self, key: str) -> tuple[Number | None, bool]:
        """A cell as a term: its value (``None``: a gap) and whether it is an assumed 0."""
        known = self._terms.get(key)
        if known is None:
            known = self._terms[key] = self._find_number(key)
        return known

    def _find_number(self, key: str) -> tuple[Number | None, bool]:
        cell = self.report.cells.get(key)
        if cell is None:
            return None, False
        if cell.value is not None:
            return cell.value, False
        if cell.state in EMPTY and self._on_numbered_line(key):
            cells = self.report.cells
            parts = self.parts_of(key)
            zero = not any((part := cells.get(p)) and part.value for p in parts)
            return (0, True) if zero else (None, False)
        return None, False

    def total(self, refs: Iterable[TermRef], *, derive: bool = False) -> Total:
        """The sum of some cells; ``derive`` puts the sum of the parts for a blank row total."""
        refs = tuple(refs)
        value: Number = 0
        gaps: list[str] = []
        assumed = derived = False
        empty = True
        terms = self._terms
        for ref in refs:
            one, zero = terms.get(ref.key) or self.number(ref.key)
            if one is None and derive and self.report.state(ref.key) in EMPTY:
                one = self._row_sum(ref.key)
                derived = derived or one is not None
                empty = empty and one is None
            if one is None:
                gaps.append(ref.key)
                continue
            value = value - one if ref.sign < 0 else value + one
            if zero:
                assumed = True
            else:
                empty = False
        return Total(refs, None if gaps else value, tuple(gaps), assumed, empty, derived)

    def _row_sum(self, key: str) -> Number | None:
        """The sum of a total's own row, where all its cells are known."""
        row = key.rpartition(".")[0] + "."
        for parts in self.layout(key[:2]).sums.get(key, ()):
            if all(part.startswith(row) for part in parts):
                numbers = [self.number(part)[0] for part in parts]
                known = [n for n in numbers if n is not None]
                return sum(known) if len(known) == len(parts) else None
        return None
