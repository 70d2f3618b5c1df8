"""What becomes of one document: typed cells, findings, narrative, each with its place.

The types every room after extraction shares, and their JSON form (the contract of
``disclosure parse --json``). Only data here: no reading, no judging, no storing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from etl.document import Block, Grid, Line

Number = int | Decimal
#: Where a date of publication stands that is not the page's own statement (``evidence`` of
#: ``published``): below the signature, in the address. It cannot tell which of two came later.
SIGNED, IN_ADDRESS = "落款", "网址"


class State(StrEnum):
    """The typed states of a cell; only ``NUMBER`` has a value (0 is a number)."""

    NUMBER = "number"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"
    TEXT = "text"
    ABSENT = "absent"
    UNREAD = "unread"


class Outcome(StrEnum):
    """What a rule says of one subject."""

    PASS = "pass"
    FAIL = "fail"
    NOT_ASSESSABLE = "not_assessable"
    NOT_APPLICABLE = "not_applicable"


class Level(StrEnum):
    """How much a failed rule weighs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a reading stands in ``ParsedReport.blocks``, for highlighting it.

    ``block`` is the index of the block. For a grid ``a, b`` are the 0-based row and column; for a
    line the first and the past-the-last character.
    """

    block: int
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class CellReading:
    """What was found for one cell of the form.

    ``value`` is set only in state ``NUMBER``, in the form's unit; ``unit_printed`` names the unit
    the document printed where it differs or where the form fixes none. ``note`` says how the
    assignment was confirmed when the layout alone was not enough.
    """

    state: State
    value: Number | None = None
    raw: str = ""
    at: str = ""
    unit_printed: str | None = None
    note: str = ""
    ref: Ref | None = None

    def __post_init__(self) -> None:
        """Guard the one rule everything else rests on."""
        if (self.state is State.NUMBER) != (self.value is not None):
            raise ValueError(f"state {self.state} and value {self.value!r} do not agree")


ABSENT = CellReading(State.ABSENT)


@dataclass(frozen=True, slots=True)
class ExtraRow:
    """A printed row of a statutory table that the form does not have."""

    label: str
    values: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A count that the narrative states: ``what`` is a key of ``etl/form/data/claims.yml``."""

    what: str
    value: Number
    text: str
    at: str
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class SectionText:
    """The words of one statutory section, tables left out. ``key`` is ``s1`` … ``s6``."""

    key: str
    heading: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule applied to one subject of one report.

    ``subject`` is the column, row or block the rule was applied to (``""``: the whole report).
    ``left`` and ``right`` are the compared values as reported; ``cells`` the cells they come from.
    ``assumed`` is true where blanks counted as 0 because their row or column has numbers.
    """

    rule: str
    level: Level
    outcome: Outcome
    subject: str = ""
    left: Number | None = None
    right: Number | None = None
    message: str = ""
    message_en: str = ""
    cells: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document was rejected; ``code`` is one of ``etl.errors.REJECTION_CODES``."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A hand correction met by a document (``etl.warehouse.corrections``).

    ``expected``, ``found`` and ``value`` are a number or a state's name in words; ``found`` and
    ``raw`` are the reading as it was. ``outcome``: ``applied``; ``stale`` (the reading is not what
    the record expects: nothing was changed); ``obsolete`` (it is already what the record wants).
    ``place`` is the record's file and number.
    """

    key: str
    expected: str
    found: str
    raw: str
    value: str
    kind: str
    date: str
    by: str
    reason: str
    outcome: str
    place: str


@dataclass(slots=True)
class ParsedReport:
    """One document, read. ``status`` is ``report`` or ``rejected`` (then ``problem`` is set).

    ``office`` is the name as resolved, ``office_printed`` as it stands in the document,
    ``office_id`` the registry's. ``blocks`` are the document's blocks for showing it again.
    """

    source: str
    sha256: str
    format: str
    status: str = "report"
    problem: Problem | None = None
    title: str | None = None
    office: str | None = None
    office_printed: str | None = None
    office_id: str | None = None
    year: int | None = None
    scope: str | None = None
    published: str | None = None
    url: str | None = None
    evidence: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    cells: dict[str, CellReading] = field(default_factory=dict)
    extra: list[ExtraRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    narrative: list[Claim] = field(default_factory=list)
    sections: list[SectionText] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    def value(self, key: str) -> Number | None:
        """The reported number of a cell, ``None`` in every other state."""
        return self.cells.get(key, ABSENT).value

    def state(self, key: str) -> State:
        """The state of a cell; a key the report has not met is absent."""
        return self.cells.get(key, ABSENT).state


def number_json(value: Number | None) -> int | float | None:
    """A JSON number: integers stay integers, decimals become the shortest float."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def cell_json(cell: CellReading) -> dict[str, Any]:
    """One cell as the contract has it; empty optional fields are left out."""
    out: dict[str, Any] = {
        "state": str(cell.state),
        "value": number_json(cell.value),
        "raw": cell.raw,
        "at": cell.at,
    }
    if cell.unit_printed is not None:
        out["unit_printed"] = cell.unit_printed
    if cell.note:
        out["note"] = cell.note
    return out


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding as the contract has it."""
    out = asdict(finding)
    out["level"], out["outcome"] = str(finding.level), str(finding.outcome)
    out["left"], out["right"] = number_json(finding.left), number_json(finding.right)
    out["cells"] = list(finding.cells)
    return out


def report_json(report: ParsedReport, *, blocks: bool = False) -> dict[str, Any]:
    """The report as one JSON object of the contract; ``blocks`` adds the document itself."""
    problem = asdict(report.problem) if report.problem else None
    out: dict[str, Any] = {
        "source": report.source,
        "sha256": report.sha256,
        "format": report.format,
        "status": report.status,
        "problem": problem,
        "title": report.title,
        "office": report.office,
        "office_printed": report.office_printed,
        "office_id": report.office_id,
        "year": report.year,
        "scope": report.scope,
        "published": report.published,
        "url": report.url,
        "evidence": report.evidence,
        "forms": report.forms,
        "cells": {key: cell_json(cell) for key, cell in report.cells.items()},
        "extra": [{"label": e.label, "values": list(e.values), "at": e.at} for e in report.extra],
        "findings": [finding_json(f) for f in report.findings],
        "narrative": [
            {
                "what": c.what,
                "value": number_json(c.value),
                "text": c.text,
                "at": c.at,
                "approximate": c.approximate,
            }
            for c in report.narrative
        ],
        "notes": report.notes,
    }
    if report.corrections:
        out["corrections"] = [asdict(c) for c in report.corrections]
    if blocks:
        out["blocks"] = [block_json(block) for block in report.blocks]
        out["refs"] = {
            key: [cell.ref.block, cell.ref.a, cell.ref.b]
            for key, cell in report.cells.items()
            if cell.ref
        }
    return out


def block_json(block: Block) -> dict[str, Any]:
    """A block for showing the document again: a line, or a grid with its anchored cells."""
    if isinstance(block, Line):
        return {"kind": "line", "text": block.text, "at": block.at, "heading": block.heading}
    assert isinstance(block, Grid)
    return {
        "kind": "grid",
        "number": block.number,
        "place": block.place,
        "fidelity": str(block.fidelity),
        "n_rows": block.n_rows,
        "n_cols": block.n_cols,
        "cells": [[c.row, c.col, c.rowspan, c.colspan, c.text] for c in block.cells],
    }
