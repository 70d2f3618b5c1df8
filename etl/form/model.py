"""The statutory form at run time: cells, rows, columns and metrics as frozen objects.

Built once from the definition files by :func:`etl.form.load_form`. Nothing here knows files of
reports or SQL; every other room looks up and never spells a label or a year itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from etl.form import spec

FormId = str
UNDIVIDED_FORMS = "undivided"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the form.

    ``key`` is ``t2.<row>.<column>``, ``t3.<row>.<column>`` or ``t4.<block>.<column>``. ``forms``
    are the versions that print it; ``order`` its position in each (1-based). ``value`` is
    ``count`` (integer ≥ 0), ``change`` (signed integer) or ``amount`` (decimal).
    """

    key: str
    table: str
    row: str
    column: str
    unit: str
    value: str
    forms: tuple[FormId, ...]
    order: dict[FormId, int]
    row_zh: dict[FormId, str]
    column_zh: dict[FormId, str]
    row_en: str
    column_en: str

    def label_zh(self, form: FormId | None = None) -> str:
        """``行 · 列`` in official words, as the given form (default: the newest) prints them."""
        form = form if form in self.row_zh else max(self.row_zh)
        return f"{self.row_zh[form]} · {self.column_zh[form]}"

    @property
    def label_en(self) -> str:
        """``row · column`` in English."""
        return f"{self.row_en} · {self.column_en}"

    @property
    def sql_name(self) -> str:
        """The cell's column name in the warehouse: dots become underscores."""
        return self.key.replace(".", "_")


@dataclass(frozen=True)
class Form:
    """All versions of the form, the metric dictionary and the notes, validated together."""

    tables: spec.TablesFile
    metrics_file: spec.MetricsFile
    notes: spec.NotesFile
    cells: dict[str, Cell]

    @cached_property
    def versions(self) -> tuple[FormId, ...]:
        """Form ids, oldest first."""
        return tuple(sorted(self.tables.forms))

    def cells_of(self, form: FormId, table: str | None = None) -> tuple[Cell, ...]:
        """The cells a version prints, in its order; optionally of one table (``t2|t3|t4``)."""
        found = [c for c in self.cells.values() if form in c.order and table in (None, c.table)]
        return tuple(sorted(found, key=lambda c: c.order[form]))

    def rows(self, table: str, form: FormId | None = None) -> tuple[spec.RowSpec, ...]:
        """The rows of a table, optionally only those a version has."""
        rows: Iterable[spec.RowSpec] = getattr(self.tables, table).rows
        return tuple(r for r in rows if form is None or r.forms is None or form in r.forms)

    def columns(self, table: str, form: FormId | None = None) -> tuple[spec.ColumnSpec, ...]:
        """The columns of a table, optionally only those a version has."""
        columns: Iterable[spec.ColumnSpec] = getattr(self.tables, table).columns
        return tuple(c for c in columns if form is None or c.of is None or form in c.of)

    def group_rows(self, group: str, form: FormId | None = None) -> tuple[str, ...]:
        """Keys of the leaf rows of table 3 below a group, through nested groups, in order."""
        below = {group} | {g.key for g in self.tables.t3.groups if g.parent == group}
        return tuple(r.key for r in self.rows("t3", form) if r.group in below and r.kind == "leaf")

    @cached_property
    def undivided_cells(self) -> tuple[str, ...]:
        """Keys of the undivided 其他处理 row, used by 2021 reports that print it as one row."""
        row = self.tables.t3.undivided.row
        return tuple(f"t3.{row}.{c.key}" for c in self.tables.t3.columns)

    def form_for_year(self, year: int) -> FormId | None:
        """The version in force for a report year, ``None`` before the first."""
        for key, version in self.tables.forms.items():
            if version.first_year <= year <= (version.last_year or year):
                return key
        return None

    @cached_property
    def metrics(self) -> dict[str, spec.MetricSpec]:
        """The metric dictionary by key, in order."""
        return {m.key: m for m in self.metrics_file.metrics}

    @cached_property
    def quantities(self) -> dict[str, spec.QuantitySpec]:
        """The quantities by key, in order."""
        return {q.key: q for q in self.metrics_file.quantities}

    def term_cells(self, term: str | spec.RowsTerm) -> tuple[tuple[str, ...], ...]:
        """A quantity's term as alternatives of cells to add: the first fully reported one counts.

        One alternative, except for the group printed either as one row or as its parts.
        """
        if isinstance(term, str):
            return ((term,),)
        undivided = self.tables.t3.undivided
        if term.rows == undivided.group:
            parts = tuple(f"t3.{row}.{term.column}" for row in undivided.parts)
            return ((f"t3.{undivided.row}.{term.column}",), parts)
        return (tuple(f"t3.{row}.{term.column}" for row in self.group_rows(term.rows)),)


def per_form(label: spec.PerForm, forms: Iterable[FormId]) -> dict[FormId, str]:
    """A label spelled out for each form; a form without a wording of its own is left out."""
    if isinstance(label, str):
        return dict.fromkeys(forms, label)
    return {form: label[form] for form in forms if form in label}


def build_cells(tables: spec.TablesFile) -> dict[str, Cell]:
    """All cells of all versions: table 2 by ``of``, tables 3 and 4 as row × column products."""
    drafts: dict[str, dict[FormId, int]] = {}
    for form in sorted(tables.forms):
        for order, key in enumerate(_keys_in_order(tables, form), start=1):
            drafts.setdefault(key, {})[form] = order
    return {key: _cell(tables, key, order) for key, order in drafts.items()}


def _keys_in_order(tables: spec.TablesFile, form: FormId) -> Iterable[str]:
    for block in tables.t2.blocks:
        for row in block.rows:
            for column in tables.t2.columns:
                if row in (column.of or {}).get(form, []):
                    yield f"t2.{row}.{column.key}"
    for name in ("t3", "t4"):
        table: spec.Table3Spec | spec.Table4Spec = getattr(tables, name)
        for spec_row in table.rows:
            if spec_row.forms is None or form in spec_row.forms:
                yield from (f"{name}.{spec_row.key}.{c.key}" for c in table.columns)


def _cell(tables: spec.TablesFile, key: str, order: dict[FormId, int]) -> Cell:
    name, row_key, column_key = key.split(".")
    table: spec.Table2Spec | spec.Table3Spec | spec.Table4Spec = getattr(tables, name)
    row = next(r for r in table.rows if r.key == row_key)
    column = next(c for c in table.columns if c.key == column_key)
    unit = column.unit or str(getattr(table, "unit", ""))
    return Cell(
        key=key,
        table=name,
        row=row_key,
        column=column_key,
        unit=unit,
        value=column.value or tables.units[unit].value,
        forms=tuple(order),
        order=order,
        row_zh=per_form(row.zh, order),
        column_zh=per_form(column.zh, order),
        row_en=row.en,
        column_en=column.en,
    )
