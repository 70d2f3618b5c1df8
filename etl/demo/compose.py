"""Office, year and figures → the report as that office would print it, faults included."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from etl.demo.figures import Figures, complete_totals
from etl.demo.model import (
    BLANK,
    SLASH,
    DemoReport,
    Printed,
    form_blocks,
    form_rows,
    number,
    printed_keys,
)
from etl.demo.narrative import write_sections
from etl.demo.province import DemoOffice, office_rng
from etl.demo.settings import load_settings
from etl.form import load_form
from etl.report import Number

_TITLES = (
    "{office}{year}年政府信息公开工作年度报告",
    "{office}{year}年政府信息公开工作年度报告",
    "{office}{year}年政府信息公开工作年度报告",
    "{office}{year}年度政府信息公开工作年度报告",
    "{office}{year}年政府信息公开年度报告",
    "{year}年{office}政府信息公开工作年度报告",
    "{year}年度{office}政府信息公开工作年度报告",
)
_CHANGE_STYLES: tuple[Callable[[int], str], ...] = (
    str,
    str,
    lambda n: f"{n:+d}" if n else "0",
    lambda n: f"增{n}" if n > 0 else f"减{-n}" if n else "0",
)


def compose(
    office: DemoOffice,
    year: int,
    figures: Mapping[str, Number],
    seed: int,
    last: DemoReport | None = None,
) -> DemoReport | None:
    """The office's report for a year; ``None`` where it published none.

    ``last`` is its report before, which a careless office copies from. Deterministic per (seed,
    office, year): faults, wording and dates have generators of their own.
    """
    settings = load_settings()
    rng = office_rng(seed, office.office_id, year, "report")
    if rng.random() < settings.missing_year:
        return None
    wanted = _draw_faults(office, year, rng)
    if last is None and "copied_narrative" in wanted:
        wanted.remove("copied_narrative")
    shown: Figures = dict(figures)
    done = [key for key in wanted if key not in _FIGURE_FAULTS or _FIGURE_FAULTS[key](shown, rng)]
    return _Composer(office, year, shown, tuple(done), seed, rng, last).report()


def _draw_faults(office: DemoOffice, year: int, rng: random.Random) -> list[str]:
    drawn: list[str] = []
    for fault in load_settings().faults:
        hit = rng.random() < fault.rate
        if fault.key == "region_incomplete" and office.scope != "region":
            continue
        if hit and fault.first <= year <= fault.last and not _excluded(fault.key, drawn):
            drawn.append(fault.key)
    return drawn


#: Faults that cannot be told apart, or make no sense, in one report.
_EXCLUSIVE = (
    {"wrong_row_total", "wrong_handled_total", "broken_flow", "carry_break", "region_incomplete"},
    {"wrong_dispute_total", "carry_break", "region_incomplete"},
    {"blank_zeros", "blank_details", "slash_zeros"},
    {"old_form", "mixed_forms", "duplicate_block"},
    {"old_form", "undivided_other"},
    {"old_form", "fee_in_yuan"},
    {"old_form", "fee_with_unit"},
    {"fee_in_yuan", "fee_with_unit"},
    {"missing_carried_out", "broken_flow"},
)


def _excluded(key: str, drawn: list[str]) -> bool:
    return any(key in group and group & set(drawn) for group in _EXCLUSIVE)


def _wrong_row_total(figures: Figures, rng: random.Random) -> bool:
    # Rows of both forms: what the office prints is not yet settled here.
    rows = [r.key for r in load_form().rows("t3") if r.kind == "leaf" and not r.forms]
    busy = [f"t3.{row}.total" for row in rows if figures.get(f"t3.{row}.total")]
    return _add(figures, busy, rng)


def _wrong_handled(figures: Figures, rng: random.Random) -> bool:
    if not figures.get("t3.handled_total.natural"):
        return False
    extra = rng.randint(1, 3)
    for column in ("natural", "total"):
        figures[f"t3.handled_total.{column}"] += extra
    return True


def _broken_flow(figures: Figures, rng: random.Random) -> bool:
    if not figures.get("t3.received_new.natural"):
        return False
    extra = rng.randint(1, 3)
    for column in ("natural", "total"):
        key = f"t3.carried_out.{column}"
        figures[key] = figures.get(key, 0) + extra
    return True


def _wrong_disputes(figures: Figures, rng: random.Random) -> bool:
    blocks = [r.key for r in load_form().rows("t4")]
    return _add(figures, [k for b in blocks if figures.get(k := f"t4.{b}.total")], rng)


def _carry_break(figures: Figures, rng: random.Random) -> bool:
    if not figures.get("t3.received_new.natural"):
        return False
    extra = rng.randint(1, 4)
    for row in ("carried_in", "granted"):
        key = f"t3.{row}.natural"
        figures[key] = figures.get(key, 0) + extra
    complete_totals(figures)
    return True


def _fee_in_yuan(figures: Figures, rng: random.Random) -> bool:
    fee = figures.get("t2.fee.amount_wan")
    if fee:
        figures["t2.fee.amount_wan"] = Decimal(f"{fee * 10000:.0f}")
    return bool(fee)


def _rules_without_power(figures: Figures, rng: random.Random) -> bool:
    if figures.get("t2.rules.in_force"):
        return False
    count = rng.randint(1, 6)
    for column in ("in_force", "disclosed_total"):
        figures[f"t2.rules.{column}"] = count
    return True


def _region_incomplete(figures: Figures, rng: random.Random) -> bool:
    share = rng.uniform(0.5, 0.9)
    for key, value in list(figures.items()):
        if not key.endswith(".total"):
            kept = int(value * Decimal(share)) if key.startswith(("t3", "t4")) else value
            figures[key] = kept
    # Rounding down breaks the flow; what is open takes up the difference, never below 0.
    leaves = [r.key for r in load_form().rows("t3", "2021") if r.kind == "leaf"]
    for column in load_settings().applicants:
        handled = sum(figures.get(f"t3.{row}.{column}", 0) for row in leaves)
        out = f"t3.carried_out.{column}"
        carried = figures.get(f"t3.carried_in.{column}", 0)
        arrived = figures.get(f"t3.received_new.{column}", 0) + carried
        figures[out] = max(0, arrived - handled)
        figures[f"t3.received_new.{column}"] = handled + figures[out] - carried
    complete_totals(figures)
    return True


def _add(figures: Figures, keys: list[str], rng: random.Random) -> bool:
    if not keys:
        return False
    figures[rng.choice(keys)] += rng.choice((1, 1, 2, 10))
    return True


#: Faults of the figures themselves; ``False`` when the report has nothing to spoil.
_FIGURE_FAULTS: dict[str, Callable[[Figures, random.Random], bool]] = {
    "wrong_row_total": _wrong_row_total,
    "wrong_handled_total": _wrong_handled,
    "broken_flow": _broken_flow,
    "wrong_dispute_total": _wrong_disputes,
    "carry_break": _carry_break,
    "fee_in_yuan": _fee_in_yuan,
    "fee_with_unit": lambda figures, rng: bool(figures.get("t2.fee.amount_wan")),
    "rules_without_power": _rules_without_power,
    "region_incomplete": _region_incomplete,
}


@dataclass
class _Composer:
    office: DemoOffice
    year: int
    figures: Figures
    faults: tuple[str, ...]
    seed: int
    rng: random.Random
    last: DemoReport | None

    def report(self) -> DemoReport:
        office, year, rng = self.office, self.year, self.rng
        name = office.name_in(year)
        new = load_form().form_for_year(year) or "2021"
        form = "2019" if "old_form" in self.faults else new
        blocks = form_blocks(form)
        if "mixed_forms" in self.faults:
            blocks = (form_blocks("2019")[0], *blocks[1:])
        rows = form_rows("2019" if "undivided_other" in self.faults else form)
        if "missing_carried_out" in self.faults:
            rows = tuple(row for row in rows if row != "carried_out")
        if "duplicate_block" in self.faults:
            blocks = (*blocks, blocks[0])
        habits = office_rng(self.seed, office.office_id, "habits")
        title = habits.choice(_TITLES)
        change = habits.choice(_CHANGE_STYLES)
        cells = {key: self._print(key, change) for key in printed_keys(blocks, rows)}
        late = rng.random() < load_settings().late
        absent = form_rows(form)
        return DemoReport(
            office_id=office.office_id,
            office=name,
            year=year,
            scope=office.scope,
            level=office.level,
            kind=office.kind,
            title=title.format(office=name, year=year),
            published=self._published(late),
            index_number=f"{office.division_code[:6]}{rng.randint(100, 999)}/"
            f"{year + 1}-{rng.randint(1, 99):05}",
            forms={"t2": "mixed" if "mixed_forms" in self.faults else form, "t3": form, "t4": form},
            blocks=blocks,
            rows=rows,
            cells=cells,
            sections=self._sections(name),
            faults=self.faults,
            late=late,
            absent=tuple(row for row in absent if row not in rows),
        )

    def _print(self, key: str, change: Callable[[int], str]) -> Printed:
        value = self.figures.get(key, 0)
        if not value and (instead := self._instead_of_zero(key)):
            return instead
        cell = load_form().cells[key]
        if cell.value == "change":
            return number(value, change(int(value)))
        if key == "t2.procurement.amount":
            style = self.rng.choice(("{:f}万元", "{:f}万元", "{:f}"))
            text = style.format(Decimal(value))
            return number(value, text, "万元" if text.endswith("元") else None)
        if key == "t2.fee.amount_wan" and "fee_with_unit" in self.faults and value:
            yuan = Decimal(value) * 10000
            return number(Decimal(value), f"{yuan.normalize():f}元", "元")
        return number(value)

    def _instead_of_zero(self, key: str) -> Printed | None:
        faults, rules = self.faults, key.startswith("t2.rules.")
        if rules and "slash_rules" in faults:
            return SLASH
        if key.startswith("t2."):
            return None
        if "blank_zeros" in faults:
            return BLANK
        if "slash_zeros" in faults:
            return SLASH
        details = key.startswith("t3.") and not key.endswith(".total")
        return BLANK if details and "blank_details" in faults else None

    def _sections(self, name: str) -> dict[str, tuple[str, ...]]:
        scope, contradict = self.office.scope, "narrative_contradicts" in self.faults
        words = office_rng(self.seed, self.office.office_id, self.year, "words")
        sections = write_sections(
            name, self.year, scope, self.figures, words, contradict=contradict
        )
        if self.last and "copied_narrative" in self.faults:
            sections["s5"] = self.last.sections["s5"]
        return sections

    def _published(self, late: bool) -> str:
        due = due_date(self.office, self.year)
        days = self.rng.randint(-25, -1) if not late else self.rng.randint(1, 60)
        return (due + timedelta(days=days)).isoformat()


def due_date(office: DemoOffice, year: int) -> date:
    """The statutory date for the report of ``year`` (``etl/form/data/notes.yml``)."""
    for deadline in load_form().notes.deadlines:
        if office.kind in deadline.kinds:
            return date(year + 1, deadline.month, deadline.day)
    raise LookupError(f"notes.yml has no deadline for offices of kind {office.kind}")
