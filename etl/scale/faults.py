"""What real reports get wrong, put in by chance, and what the rules then find.

Faults change figures or take them away; findings follow from the figures as they then stand, by
the identities of the form, so that a finding never names a fault that is not in the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from etl.demo.settings import load_settings
from etl.form import load_form
from etl.scale.figures import T4_RESULTS, Cells, Ints

Bools = npt.NDArray[np.bool_]
#: Chances of what the demo leaves to its layouts: a cell that cannot be read, a topic left out.
UNREAD: Final = 0.012
#: rule → chance of a failure that comes from words, not figures (measured on the demo corpus).
WORDED: Final = {"S5-SUBST": 0.27, "S5-SAME": 0.035, "NARR-RECV": 0.03, "FORM-YEAR": 0.05}


@dataclass(slots=True)
class Verdicts:
    """Outcomes of one rule over a year's offices: one entry per subject."""

    rule: str
    level: str
    subjects: list[tuple[str, Bools, Bools, Ints, Ints]] = field(default_factory=list)


@dataclass(slots=True)
class Year:
    """One year's figures with what is missing, and why.

    ``missing[key]`` marks offices whose cell has no value; counts by state per office are kept
    beside.
    """

    year: int
    form: str
    cells: Cells
    missing: dict[str, Bools] = field(default_factory=dict)
    blank: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    absent: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    unread: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        n = len(next(iter(self.cells.values())))
        self.blank, self.absent, self.unread = (np.zeros(n, dtype=np.int64) for _ in range(3))

    def lose(self, keys: list[str], where: Bools, count: Ints) -> None:
        """Take the values of cells away, in offices; ``count`` is the state's tally."""
        for key in keys:
            gone = self.missing.setdefault(key, np.zeros(len(where), dtype=bool))
            count += where & ~gone
            gone |= where


def disturb(year: int, form: str, cells: Cells, rng: np.random.Generator) -> Year:
    """Copies of the true figures with faults in them."""
    out = Year(year, form, {key: values.copy() for key, values in cells.items()})
    n = len(out.blank)
    chance = {fault.key: fault.rate for fault in load_settings().faults}

    def some(key: str, rate: float | None = None) -> Bools:
        return rng.random(n) < (chance[key] if rate is None else rate)

    def add(cell: str, where: Bools) -> None:
        out.cells[cell] += where * rng.integers(1, 9, n)

    add("t3.received_new.total", some("wrong_row_total"))
    add("t3.handled_total.total", some("wrong_handled_total"))
    add("t3.granted.natural", some("broken_flow"))
    add("t4.review.total", some("wrong_dispute_total"))
    if year > load_settings().years.first:
        add("t3.carried_in.total", some("carry_break"))
    t3 = [cell.key for cell in load_form().cells_of(form, "t3")]
    t4 = [cell.key for cell in load_form().cells_of(form, "t4")]
    blank, details = some("blank_zeros"), some("blank_details")
    for key in (*t3, *t4):
        where = blank | (details & key.startswith("t3.") & (not key.endswith(".total")))
        out.lose([key], where & (out.cells[key] == 0), out.blank)
    last = [key for key in t3 if key.startswith("t3.carried_out.")]
    out.lose(last, some("missing_carried_out"), out.absent)
    for key in rng.choice(t3, 6, replace=False):
        out.lose([str(key)], some("", UNREAD / 6), out.unread)
    return out


def check(found: Year, before: Year | None) -> list[Verdicts]:
    """The identities of tables 3 and 4 within a report and against last year's."""
    known = load_form()
    applicants = [c.key for c in known.columns("t3") if c.key != "total"]
    rows = [row.key for row in known.rows("t3", found.form)]
    leaves = [row.key for row in known.rows("t3", found.form) if row.kind == "leaf"]
    columns = (*applicants, "total")
    row_sum, sum_, flow = (Verdicts(rule, "error") for rule in ("T3-ROW", "T3-SUM", "T3-FLOW"))
    for row in rows:
        _compare(found, row_sum, row, [f"t3.{row}.total"], [f"t3.{row}.{c}" for c in applicants])
    for c in columns:
        whole = [f"t3.handled_total.{c}"]
        _compare(found, sum_, c, whole, [f"t3.{row}.{c}" for row in leaves])
        came = [f"t3.received_new.{c}", f"t3.carried_in.{c}"]
        _compare(found, flow, c, came, [*whole, f"t3.carried_out.{c}"])
    disputes = Verdicts("T4-SUM", "error")
    for row in (row.key for row in known.rows("t4")):
        parts = [f"t4.{row}.{result}" for result in T4_RESULTS]
        _compare(found, disputes, row, [f"t4.{row}.total"], parts)
    out = [row_sum, sum_, flow, disputes]
    if before is not None:
        yearly = Verdicts("T3-YEAR", "warning")
        for c in columns:
            left, no_left = _sum(found, [f"t3.carried_in.{c}"])
            right, no_right = _sum(before, [f"t3.carried_out.{c}"])
            unknown = no_left | no_right
            yearly.subjects.append((c, (left != right) & ~unknown, unknown, left, right))
        out.append(yearly)
    return out


def _compare(
    found: Year, verdicts: Verdicts, subject: str, left: list[str], right: list[str]
) -> None:
    a, no_a = _sum(found, left)
    b, no_b = _sum(found, right)
    unknown = no_a | no_b
    verdicts.subjects.append((subject, (a != b) & ~unknown, unknown, a, b))


def _sum(found: Year, keys: list[str]) -> tuple[Ints, Bools]:
    total = np.sum([found.cells[key] for key in keys], axis=0)
    missing = np.zeros(len(total), dtype=bool)
    for key in keys:
        if key in found.missing:
            missing |= found.missing[key]
    return total, missing
