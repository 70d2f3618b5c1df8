"""The shape of ``relations.yml`` and ``claims.yml``; unknown keys are errors.

References to cells, rows, columns, groups and claims are checked in :mod:`etl.form.rules`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from etl.form.spec import FormId, Spec

Kind = Literal[
    "equal",  # sum(left) = sum(right)
    "at_most",  # sum(left) <= sum(right)
    "share_at_most",  # sum(left) <= limit x sum(right), once sum(left) >= floor
    "whole",  # every cell of the table an integer >= 0 (amounts: >= 0)
    "zero_for",  # the terms are 0 for offices of these kinds
    "numeric",  # no cell of the table holds words
    "filled",  # at most `limit` printed cells of the table are empty or "/"
    "table_present",  # the table is there and has at least one number
    "rows_present",  # every row of the table is printed
    "columns_present",  # every column of the table is printed
    "extra_rows",  # no rows beside the statutory ones
    "subtotal",  # printed sub-total rows equal the sum of their leaves
    "round_numbers",  # not all larger figures multiples of ten
    "sparse",  # more than a handful of non-zero cells where much was received
    "duplicate",  # a table printed twice
    "form_year",  # the form in force for the report year
    "years_agree",  # title, period, file name and metadata name the report year
    "offices_agree",  # title, text, file name and metadata name one office
    "sections_present",  # the narrative sections are there
    "topics",  # section names its prescribed topics
    "text_substance",  # section has substance
    "fee_stated",  # section 6 states the information-processing fee
    "fee_step",  # a stated fee can arise from the tariff
    "fee_unpaid_stated",  # row other_fee_unpaid > 0 is explained in section 6
    "narrative_count",  # a count in the words equals the table
    "narrative_share",  # a percentage in the words equals the table's
    "narrative_none",  # "none received" in the words, 0 in the table
    "identical",  # a table equal to another report's (needs years or region)
    "copied",  # `limit` of a section's own words stand in another report (needs years or region)
    "ratio_at_most",  # ratio to another report's value (needs years)
    "change_between",  # neither `limit` times as much nor as little as last year, from `floor` up
    "zero_after",  # not 0 after a year of at least `floor`
    "flat",  # not the same figure, `floor` or more, in three reports running
    "on_time",  # published by the date due (needs roster)
]
OfficeLevel = Literal["国家", "省", "市", "县", "乡", "zone"]
OfficeKind = Literal["政府", "办公厅", "部门", "街道", "乡镇", "管委会", "垂直机构", "其他"]
Per = Literal["column", "row", "block", "table", "cell", "report", "claim"]


class GroupSpec(Spec):
    """A name for several rows or columns: explicit keys, or all leaf rows below a group of t3."""

    key: str
    table: Literal["t2", "t3", "t4"]
    zh: str
    en: str
    rows_of: str | None = None
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


class OfficesSpec(Spec):
    """Offices a rule is for: level and kind both match; an empty list matches all."""

    levels: tuple[OfficeLevel, ...] = ()
    kinds: tuple[OfficeKind, ...] = ()


class TopicSpec(Spec):
    """A topic a section must treat: one of the wordings occurs.

    ``forms``: only reports of years for which one of these forms is in force; empty: of all years.
    """

    key: str
    zh: str
    en: str
    words: list[str]
    kinds: tuple[OfficeKind, ...] = ()
    forms: tuple[FormId, ...] = ()


class RuleSpec(Spec):
    """One rule. ``left`` and ``right`` are terms: cell keys with placeholders.

    A part of a term may be ``{column}``, ``{row}`` or ``{block}`` (the subject) or a group's name;
    a trailing ``@prev`` means the same office's previous report year, ``@median`` the median of its
    other years, ``@members`` the sum over the region's known own-office reports, a leading ``-``
    subtracts. ``tolerance`` is in the cells' unit. ``needs`` names what one report cannot answer:
    such rules are evaluated over the warehouse. ``fallback_for`` names a stricter rule: this one
    speaks only where that one could not be assessed.
    """

    id: str
    level: Literal["error", "warning", "info"]
    kind: Kind
    per: Per
    zh: str
    en: str
    advice_zh: str
    advice_en: str
    basis: str
    status: Literal["verified", "practice", "inference"]
    forms: list[FormId]
    table: Literal["t2", "t3", "t4"] | None = None
    tables: tuple[Literal["t2", "t3", "t4"], ...] = ()
    rows: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    left_zh: str = ""
    left_en: str = ""
    right_zh: str = ""
    right_en: str = ""
    tolerance: int = 0
    limit: float | None = None
    floor: int | None = None
    needs: Literal["years", "region", "roster"] | None = None
    offices: tuple[OfficesSpec, ...] = ()
    fallback_for: str | None = None
    section: str | None = None
    sections: tuple[str, ...] = ()
    topics: tuple[TopicSpec, ...] = ()
    words: dict[str, list[str]] = Field(default_factory=dict)
    claims: tuple[str, ...] = ()


class RelationsFile(Spec):
    """``relations.yml``."""

    groups: list[GroupSpec]
    rules: list[RuleSpec]


class ClaimSpec(Spec):
    """A statement of the narrative that can be compared with cells.

    ``key`` are words of which the sentence must have one.
    ``patterns`` are regular expressions over folded text, composed from ``parts`` by ``<name>``;
    the figure stands in group ``n``. ``none`` are wordings that state 0. ``skip`` stops a match
    when it is found between the start of the match's clause and its end; ``requires`` must occur in
    the sentence or the one before, ``unless`` nowhere in the sentence. ``compare`` lists accepted
    sums of cells, any of which may hold;
    for a share ``base`` lists the accepted denominators. Without ``compare`` it is information.
    """

    what: str
    zh: str
    en: str
    key: list[str]
    unit: str = "件"
    sections: list[str]
    patterns: list[str]
    none: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    requires: str = ""
    unless: str = ""
    compare: tuple[list[str], ...] = ()
    base: tuple[list[str], ...] = ()


class GuardSpec(Spec):
    """Words that make a number not this year's or not this office's."""

    before: list[str]
    cumulative: str
    this_year: str
    up_to: str
    region_wide: str


class ClaimsFile(Spec):
    """``claims.yml``."""

    parts: dict[str, str]
    narrative_sections: list[str]
    guard: GuardSpec
    claims: list[ClaimSpec]
