"""Reports for the tests of the checks: built by arithmetic, or from the gold figures."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from etl.check import OfficeFacts, check_report
from etl.form import load_form
from etl.form.rules import Variant, load_rules
from etl.report import CellReading, Finding, Number, Outcome, ParsedReport, State

FORM = load_form()
RULES = load_rules()
APPLICANTS = ("natural", "biz", "research", "welfare", "legal", "org_other")
RESULTS = ("upheld", "corrected", "other", "pending")
BLOCKS = ("review", "lit_direct", "lit_after_review")
V21, V19, ONE_ROW = Variant("2021"), Variant("2019"), Variant("2021", undivided=True)
BUREAU = OfficeFacts("县", "部门")
SHARED = Path(__file__).parents[3] / "shared"
ARITHMETIC = ("T3-FLOW", "T3-SUM", "T3-ROW", "T4-SUM")

Values = dict[str, Number | State | None]


def number(value: Number, at: str = "") -> CellReading:
    return CellReading(State.NUMBER, value, str(value), at)


def report(variant: Variant, values: Values, year: int = 2022, **more: object) -> ParsedReport:
    """Every cell of the variant: a value is a number, ``None`` is blank, not named is absent."""
    cells: dict[str, CellReading] = {}
    for table in ("t2", "t3", "t4"):
        for index, key in enumerate(RULES.cells(table, variant)):
            value = values.get(key, State.ABSENT)
            at = f"table {table[1:]}, cell {index + 1}"
            if isinstance(value, State):
                cells[key] = CellReading(value, at="" if value is State.ABSENT else at)
            elif value is None:
                cells[key] = CellReading(State.BLANK, at=at)
            else:
                cells[key] = number(value, at)
    forms = dict.fromkeys(("t2", "t3", "t4"), variant.form)
    return ParsedReport("test", "", "text", year=year, forms=forms, cells=cells, **more)  # type: ignore[arg-type]


def leaves(variant: Variant) -> list[str]:
    flows = ("received_new", "carried_in", "handled_total", "carried_out")
    return [row for row in RULES.rows("t3", variant) if row not in flows]


def consistent(
    variant: Variant,
    results: dict[str, dict[str, int]],
    flows: dict[str, tuple[int, int]],
    disputes: dict[str, tuple[int, int, int, int]],
) -> Values:
    """A table whose sums all hold. ``flows``: carried in and out for each applicant."""
    values: Values = {}
    for c in APPLICANTS:
        for row in leaves(variant):
            values[f"t3.{row}.{c}"] = results.get(c, {}).get(row, 0)
        handled = sum(results.get(c, {}).values())
        carried_in, carried_out = flows.get(c, (0, 0))
        carried_in = min(carried_in, handled + carried_out)
        values[f"t3.handled_total.{c}"] = handled
        values[f"t3.carried_in.{c}"] = carried_in
        values[f"t3.carried_out.{c}"] = carried_out
        values[f"t3.received_new.{c}"] = handled + carried_out - carried_in
    for row in RULES.rows("t3", variant):
        values[f"t3.{row}.total"] = sum(int(values[f"t3.{row}.{c}"]) for c in APPLICANTS)  # type: ignore[arg-type]
    for block in BLOCKS:
        figures = disputes.get(block, (0, 0, 0, 0))
        for result, value in zip(RESULTS, figures, strict=True):
            values[f"t4.{block}.{result}"] = value
        values[f"t4.{block}.total"] = sum(figures)
    return values


def sample(variant: Variant = Variant("2021")) -> Values:  # noqa: B008 - a frozen value
    """A busy office: 217 + 3 = 210 + 10, with reviews and suits; table 2 plausible."""
    granted = {"granted": 190, "partial": 7, "refused_petition": 13}
    values = consistent(
        variant,
        {"natural": granted, "biz": {"unavail_not_held": 4}},
        {"natural": (3, 10)},
        {"review": (3, 1, 0, 1), "lit_direct": (2, 0, 0, 0)},
    )
    for key in RULES.cells("t2", variant):
        values[key] = 0
    return values


def check(
    values: Values | None = None, variant: Variant = V21, office: OfficeFacts = BUREAU,
    **more: object,
) -> list[Finding]:  # fmt: skip
    """The findings of a report: of the busy office's figures where none are given."""
    return check_report(report(variant, values or sample(variant), **more), office=office)  # type: ignore[arg-type]


def by_rule(findings: list[Finding], rule: str) -> dict[str, Finding]:
    return {f.subject: f for f in findings if f.rule == rule}


def one(findings: list[Finding], rule: str, subject: str = "") -> Finding:
    return by_rule(findings, rule)[subject]


def failed(findings: list[Finding], *rules: str) -> set[tuple[str, str]]:
    return {
        (f.rule, f.subject)
        for f in findings
        if f.outcome is Outcome.FAIL and (not rules or f.rule in rules)
    }


def gold(name: str, variant: Variant, absent_rows: tuple[str, ...] = ()) -> ParsedReport:
    """A report from gold/NAME.json: a null is a blank, save in the rows said to be absent."""
    path = SHARED / "reports" / "gold" / f"{name}.json"
    data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    values = {
        key: value
        for key, value in data["cells"].items()
        if not key.startswith(tuple(f"t3.{row}." for row in absent_rows) or ("-",))
    }
    return report(variant, values, year=data["year"])
