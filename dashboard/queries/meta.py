"""The warehouse's own dictionary: metrics, cells, labels, rules, notes, as frozen records.

Read once per build. Pages and charts name keys; every word and formula comes from here.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

from dashboard.db import Database
from dashboard.queries.base import Viewer

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure of the metric dictionary."""

    key: str
    group_key: str
    kind: str
    zh: str
    en: str
    num: tuple[str, ...]
    den: tuple[str, ...]
    minus: tuple[str, ...]
    unit: str
    good: str
    family: str | None
    is_default: bool
    share_of: str | None
    per: str | None
    forms: tuple[str, ...]
    formula_zh: str
    formula_en: str
    rows_zh: str
    note_zh: str
    note_en: str
    position: int

    @property
    def has_base(self) -> bool:
        """Whether it is a rate (numerator over denominator)."""
        return bool(self.den)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named sum of cells."""

    key: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    cells: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the statutory form."""

    key: str
    sql_name: str
    table_key: str
    row_key: str
    column_key: str
    unit: str
    value_kind: str
    forms: tuple[str, ...]
    order_2019: int | None
    order_2021: int | None
    label_zh: str
    label_en: str
    row_zh: str
    row_en: str
    column_zh: str
    column_en: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a statutory table."""

    table_key: str
    row_key: str
    zh: str
    en: str
    short_zh: str | None
    kind: str
    group_key: str | None
    forms: tuple[str, ...]
    position: int
    basis: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a statutory table."""

    table_key: str
    column_key: str
    zh: str
    en: str
    unit: str
    grouped: bool | None
    forms: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rows of table 3."""

    group_key: str
    table_key: str
    zh: str
    en: str
    parent: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """A key with its words (metric groups, families, tables of the form)."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class State:
    """A typed state of a cell."""

    key: str
    zh: str
    en: str
    has_value: bool
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A break on the time axis: the form or the law changed."""

    key: str
    at: dt.date
    kind: str
    zh: str
    en: str
    note_zh: str
    note_en: str
    affects: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of the rule list."""

    id: str
    level: str
    kind: str
    zh: str
    en: str
    forms: tuple[str, ...]
    advice_zh: str | None
    advice_en: str | None
    basis: str | None
    status: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Which cells of the 2019 form may be joined to which of the 2021 form."""

    from_cells: str | None
    to_cells: str | None
    comparable: str
    note_zh: str
    note_en: str
    position: int


@dataclass(frozen=True, slots=True)
class Form:
    """A version of the statutory form."""

    form: str
    instrument: str
    zh: str
    en: str
    first_year: int
    last_year: int | None
    n_cells: int


@dataclass(frozen=True)
class Meta:
    """The whole dictionary of one build."""

    info: dict[str, str]
    metrics: dict[str, Metric]
    quantities: dict[str, Quantity]
    cells: dict[str, Cell]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    groups: dict[str, Group]
    tables: dict[str, Labelled]
    claims: dict[str, Labelled]
    metric_groups: dict[str, Labelled]
    families: dict[str, Labelled]
    states: dict[str, State]
    annotations: tuple[Annotation, ...]
    rules: dict[str, Rule]
    crosswalk: tuple[Crosswalk, ...]
    forms: tuple[Form, ...]

    @property
    def is_demo(self) -> bool:
        """Whether any loaded document is of the invented corpus."""
        return self.info.get("is_demo", "").lower() == "true"

    @property
    def latest_year(self) -> int | None:
        """The newest report year loaded, ``None`` in an empty warehouse."""
        text = self.info.get("latest_year") or ""
        return int(text) if text.isdigit() else None

    def family_default(self, family: str) -> Metric:
        """The metric a family stands for unless the reader chooses another."""
        return next(m for m in self.metrics.values() if m.family == family and m.is_default)

    def family_members(self, family: str) -> tuple[Metric, ...]:
        """All definitions of a family, in the dictionary's order."""
        return tuple(m for m in self.metrics.values() if m.family == family)

    def shares_of(self, whole: str) -> tuple[Metric, ...]:
        """The shares that make up a whole (``outcome``, ``applicant``), in order."""
        return tuple(m for m in self.metrics.values() if m.share_of == whole)

    def metric_cells(self, metric: Metric, *, part: str = "all") -> tuple[str, ...]:
        """Cells behind a metric: of the numerator (``num``) or of ``all`` its quantities."""
        names = [*metric.num, *metric.minus, *(metric.den if part == "all" else ())]
        return tuple(dict.fromkeys(c for name in names for c in self.quantities[name].cells))

    def cell_in(self, metric: Metric, year: int) -> str:
        """The first cell behind a metric's numerator that the form of a year has, else ``""``."""
        versions = {
            f.form for f in self.forms if f.first_year <= year <= (f.last_year or year)
        }  # fmt: skip
        cells = self.metric_cells(metric, part="num")
        known = [c for c in cells if not versions or versions & set(self.cells[c].forms)]
        return next(iter(known), "")

    def annotations_for(self, metric: Metric) -> tuple[Annotation, ...]:
        """The breaks that touch a metric."""
        return tuple(a for a in self.annotations if metric.group_key in a.affects)

    def breaks_at_form(self, metric: Metric) -> bool:
        """Whether the crosswalk forbids joining the metric's series over the change of form."""
        return any(
            self._comparable(cell) not in ("yes", "sum_only") for cell in self.metric_cells(metric)
        )

    def breaks(self, metric: Metric) -> tuple[int, ...]:
        """The report years from which a metric's series stands apart from the years before.

        The form's where the crosswalk forbids joining; the law's where it changed with the first
        day of a year. A law in force from within a year parts none: that year has both.
        """

        def parts(a: Annotation) -> bool:
            if a.kind == "law":
                return (a.at.month, a.at.day) == (1, 1)
            return self.breaks_at_form(metric)

        return tuple(a.at.year for a in self.annotations_for(metric) if parts(a))

    def predecessor(self, metric: Metric) -> Metric | None:
        """The measure of the earlier form that stands in a count's place, by the crosswalk.

        ``None`` where there is none or the two may not be compared at all. The crosswalk's
        ``roughly`` still breaks the series: see :meth:`breaks_at_form`.
        """
        return self._before.get(metric.key)

    @cached_property
    def _before(self) -> dict[str, Metric]:
        found = {metric.key: self._predecessor(metric) for metric in self.metrics.values()}
        return {key: metric for key, metric in found.items() if metric is not None}

    def _predecessor(self, metric: Metric) -> Metric | None:
        cells = self.metric_cells(metric)
        if metric.has_base or len(cells) != 1:
            return None
        for entry in self.crosswalk:
            if entry.comparable == "no" or not (entry.from_cells and entry.to_cells):
                continue
            head, star, tail = entry.to_cells.partition("*")
            if not star or not (cells[0].startswith(head) and cells[0].endswith(tail)):
                continue
            before = entry.from_cells.replace("*", cells[0][len(head) : len(cells[0]) - len(tail)])
            for other in self.metrics.values():
                if not other.has_base and self.metric_cells(other) == (before,) and other != metric:
                    return other
        return None

    def only_as_sum(self, cell: str) -> bool:
        """Whether a cell exists in one form only and may be compared as part of a sum alone."""
        return self._comparable(cell) == "sum_only"

    def _comparable(self, cell: str) -> str:
        """The crosswalk's word on a cell; the most specific pattern that names it decides."""
        found = [
            (len(pattern.replace("*", "")), entry.comparable)
            for entry in self.crosswalk
            for side in (entry.from_cells, entry.to_cells)
            for pattern in (side or "").split(" + ")
            if pattern and _covers(pattern, cell)
        ]
        return max(found)[1] if found else "no"

    @cached_property
    def rows_by_key(self) -> dict[tuple[str, str], Row]:
        """Rows by table and key."""
        return {(r.table_key, r.row_key): r for r in self.rows}

    def leaf_rows(self, group: str) -> tuple[Row, ...]:
        """The rows of table 3 directly below a group, both forms, in order."""
        return tuple(r for r in self.rows if r.group_key == group and r.kind == "leaf")


def _covers(pattern: str, cell: str) -> bool:
    """Whether a crosswalk pattern names a cell; a pattern without its column names all columns."""
    return fnmatch.fnmatchcase(cell, pattern) or fnmatch.fnmatchcase(cell, f"{pattern}.*")


def load(scope: Viewer, db: Database) -> Meta:
    """Read the dictionary. The scope hides no definition: it is the same for every viewer."""
    del scope
    labelled = _labelled
    return Meta(
        info={k: v or "" for k, v in db.rows("SELECT key, value FROM meta_build")},
        metrics=_by(_read(db, Metric, "meta_metric", "position"), "key"),
        quantities=_by(_read(db, Quantity, "meta_quantity", "position"), "key"),
        cells=_by(_read(db, Cell, "meta_cell", "table_key, order_2021, order_2019"), "key"),
        rows=tuple(_read(db, Row, "meta_row", "table_key, position")),
        columns=tuple(_read(db, Column, "meta_column", "table_key, position")),
        groups=_by(_read(db, Group, "meta_group", "position"), "group_key"),
        tables=labelled(db.rows("SELECT table_key, zh, en FROM meta_table ORDER BY table_key")),
        claims=labelled(db.rows("SELECT key, zh, en FROM meta_claim ORDER BY position")),
        metric_groups=labelled(
            db.rows("SELECT key, zh, en FROM meta_metric_group ORDER BY position")
        ),
        families=labelled(db.rows("SELECT key, zh, en FROM meta_family ORDER BY position")),
        states=_by(_read(db, State, "meta_state", "position"), "key"),
        annotations=tuple(_read(db, Annotation, "meta_annotation", '"at"')),
        rules=_by(_read(db, Rule, "meta_rule", "position"), "id"),
        crosswalk=tuple(_read(db, Crosswalk, "meta_crosswalk", "position")),
        forms=tuple(_read(db, Form, "meta_form", "first_year")),
    )


def _read(db: Database, record: type[R], table: str, order: str) -> list[R]:
    names = [f.name for f in fields(record)]  # type: ignore[arg-type]
    quoted = ", ".join(f'"{name}"' for name in names)
    rows = db.rows(f"SELECT {quoted} FROM {table} ORDER BY {order}")
    return [record(*map(_frozen, row)) for row in rows]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _by(records: Iterable[R], key: str) -> dict[str, R]:
    return {str(getattr(record, key)): record for record in records}


def _labelled(rows: list[tuple[Any, ...]]) -> dict[str, Labelled]:
    return {key: Labelled(key, zh, en) for key, zh, en in rows}
