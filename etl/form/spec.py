"""The shape of the definition files: what may be written in ``etl/form/data/*.yml``.

Pydantic models, unknown keys forbidden, so that a misspelt key is an error and not a silent
default. References between files are checked in :mod:`etl.form.model`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FormId = str
PerForm = str | dict[FormId, str]
ValueKind = Literal["count", "change", "amount"]


class Spec(BaseModel):
    """Base of all definition records: frozen, nothing unknown allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VersionSpec(Spec):
    """One version of the statutory form."""

    instrument: str
    zh: str
    en: str
    first_year: int
    last_year: int | None
    cells: int


class SectionSpec(Spec):
    """One of the six sections, with wordings it is met under."""

    key: str
    number: int
    zh: str
    en: str
    content: Literal["narrative", "t2", "t3", "t4"]
    wordings: list[str]


class UnitSpec(Spec):
    """A unit of measure and the kind of value it goes with."""

    en: str
    value: ValueKind


class RowSpec(Spec):
    """A row of a statutory table."""

    key: str
    zh: PerForm
    en: str
    short: str = ""
    kind: Literal["flow", "leaf", "total", "item", "block"] = "item"
    group: str | None = None
    forms: list[FormId] | None = None
    basis: str = ""
    aliases: list[str] = []


class ColumnSpec(Spec):
    """A column of a statutory table; ``of`` (table 2) lists the rows that have it, per form."""

    key: str
    zh: PerForm
    en: str
    unit: str | None = None
    value: ValueKind | None = None
    of: dict[FormId, list[str]] | None = None
    grouped: bool = False
    aliases: list[str] = []


class BlockSpec(Spec):
    """A captioned block of table 2."""

    key: str
    caption: str
    en: str
    rows: list[str]


class GroupSpec(Spec):
    """A group label that spans rows of table 3."""

    key: str
    zh: str
    en: str
    parent: str | None = None
    aliases: list[str] = []


class LabelSpec(Spec):
    """A label with its English twin."""

    zh: str
    en: str


class Table2Spec(Spec):
    """Table 2, proactive disclosure."""

    section: str
    zh: str
    en: str
    corner: str
    blocks: list[BlockSpec]
    rows: list[RowSpec]
    columns: list[ColumnSpec]
    signature: dict[FormId, list[str]]
    signature_rows: dict[FormId, list[str]] = {}


class UndividedSpec(Spec):
    """A group of rows that a report may print as one row."""

    row: str
    group: str
    parts: list[str]


class Table3Spec(Spec):
    """Table 3, applications."""

    section: str
    zh: str
    en: str
    corner: str
    column_heading: str
    column_group: LabelSpec
    columns: list[ColumnSpec]
    groups: list[GroupSpec]
    rows: list[RowSpec]
    unit: str
    undivided: UndividedSpec


class Table4Spec(Spec):
    """Table 4, reviews and lawsuits."""

    section: str
    zh: str
    en: str
    unit: str
    heading: str
    rows: list[RowSpec]
    columns: list[ColumnSpec]


class TablesFile(Spec):
    """``tables.yml``."""

    forms: dict[FormId, VersionSpec]
    sections: list[SectionSpec]
    units: dict[str, UnitSpec]
    t2: Table2Spec
    t3: Table3Spec
    t4: Table4Spec


class RowsTerm(Spec):
    """All leaf rows of a group in one column, as a term of a sum."""

    rows: str
    column: str


Term = Annotated[str | RowsTerm, Field(union_mode="left_to_right")]


class QuantitySpec(Spec):
    """A named sum of cells."""

    key: str
    zh: str
    en: str
    terms: list[Term]


class MetricSpec(Spec):
    """A measure: numerator and denominator as quantities, unit, direction, cautions."""

    key: str
    group: str
    kind: Literal["count", "ratio", "per100", "change"]
    zh: str
    en: str
    num: list[str]
    den: list[str] = []
    minus: list[str] = []
    unit: Literal["件", "万元", "percent", "per100"]
    good: Literal["up", "down", "none"]
    family: str | None = None
    default: bool = False
    share_of: str | None = None
    per: str | None = None
    forms: list[FormId] | None = None
    note_zh: str
    note_en: str


class NamedSpec(Spec):
    """A keyed label."""

    key: str
    zh: str
    en: str


class MetricsFile(Spec):
    """``metrics.yml``."""

    quantities: list[QuantitySpec]
    metrics: list[MetricSpec]
    groups: list[NamedSpec]
    families: list[NamedSpec]


class StateSpec(Spec):
    """A state of a cell."""

    key: str
    zh: str
    en: str
    has_value: bool = False
    note_zh: str
    note_en: str


class AnnotationSpec(Spec):
    """A break on the time axis that charts must show."""

    key: str
    at: str
    kind: Literal["form", "law"]
    zh: str
    en: str
    note_zh: str
    note_en: str
    affects: list[str]
    source: str


class DeadlineSpec(Spec):
    """The statutory date of publication for kinds of office, in the year after the report year."""

    key: str
    kinds: list[str]
    month: int
    day: int
    zh: str
    en: str
    basis: str


class CrosswalkSpec(Spec):
    """Whether a 2019 cell may be joined to a 2021 cell."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: str | None = Field(alias="from")
    to: str | None
    comparable: Literal["yes", "sum_only", "care", "roughly", "no"]
    note_zh: str
    note_en: str


class NotesFile(Spec):
    """``notes.yml``."""

    states: list[StateSpec]
    annotations: list[AnnotationSpec]
    deadlines: list[DeadlineSpec]
    crosswalk: list[CrosswalkSpec]
