"""Hypothesis strategies: random figures in a random layout, with the truth of every cell.

``documents()`` draws what the property "equal or unread, never different" is proved on. A base of
figures comes from one drawn seed (198 drawn cells a document would drown hypothesis), a few cells
are then drawn one by one, so a failing example shrinks to the cells that matter.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from etl.demo.figures import complete_totals
from etl.demo.layouts import LAYOUTS
from etl.demo.model import (
    BLANK,
    SLASH,
    Block2,
    DemoReport,
    Printed,
    form_blocks,
    form_rows,
    number,
    printed_keys,
)
from etl.demo.narrative import write_sections
from etl.demo.places import demo_registry
from etl.demo.province import DemoOffice, build_province
from etl.demo.render import RenderedDocument, render
from etl.form import load_form
from etl.offices.registry import Registry
from etl.report import Number

SEED = 2026


@dataclass(frozen=True)
class Sample:
    """A drawn document, and the report it was made from."""

    report: DemoReport
    document: RenderedDocument


@cache
def registry() -> Registry:
    """A registry that knows the demo's places: pass it to the pipeline."""
    return demo_registry([build_province(SEED)])


@cache
def _offices() -> tuple[DemoOffice, ...]:
    return tuple(o for o in build_province(SEED).offices if o.scope == "own_office")


def _sparse(rng: random.Random) -> int:
    return rng.randint(1, 30) if rng.random() < 0.12 else 0


def _dense(rng: random.Random) -> int:
    return rng.randint(0, 40)


def _wide(rng: random.Random) -> int:
    return rng.choice((0, 0, 1, 7, 12, 99, 130, 2021, 13042, 1000000))


FILLS = {"zero": lambda rng: 0, "sparse": _sparse, "dense": _dense, "wide": _wide}


def base_figures(rng: random.Random, fill: str, *, consistent: bool) -> dict[str, Number]:
    """A figure for every cell of both forms; ``consistent``: all sums of the form hold."""
    draw, form = FILLS[fill], load_form()
    figures: dict[str, Number] = {key: draw(rng) for key in form.cells}
    for key, cell in form.cells.items():
        if cell.value == "change":
            figures[key] = rng.choice((0, 0, 0, -3, 2, 5))
        if cell.value == "amount" and figures[key]:
            figures[key] = Decimal(rng.randint(1, 10**7)) / 10 ** rng.randint(0, 4)
    if consistent:
        for column in (c.key for c in form.columns("t3") if c.key != "total"):
            handled = sum(figures[f"t3.{r.key}.{column}"] for r in form.rows("t3", "2021")
                          if r.kind == "leaf")  # fmt: skip
            out = min(int(figures[f"t3.carried_out.{column}"]), int(handled))
            arrived = int(handled) + out
            figures[f"t3.carried_in.{column}"] = arrived // 7
            figures[f"t3.received_new.{column}"] = arrived - arrived // 7
            figures[f"t3.carried_out.{column}"] = out
        complete_totals(figures)
        figures = {key: figures.get(key, 0) for key in form.cells}
    return figures


#: What a single cell may print besides its plain figure.
printed_cells = st.one_of(
    st.integers(0, 3000).map(number),
    st.just(BLANK),
    st.just(SLASH),
    st.integers(1, 99).map(lambda n: number(n, f"{n}件")),
)

ZERO_STYLES = ("0", "0", "0", "blank", "details_blank", "slash")
FORMS = ("2019", "2021", "2021", "mixed", "undivided")
MISSING = (None, None, None, "carried_out")

zero_styles = st.sampled_from(ZERO_STYLES)


def _zero(key: str, style: str) -> Printed:
    details = key.startswith("t3.") and not key.endswith(".total")
    if style == "blank" or (style == "details_blank" and details):
        return BLANK
    return SLASH if style == "slash" else number(0)


@dataclass(frozen=True)
class Choices:
    """What is drawn of a report before its figures."""

    fill: str
    consistent: bool
    office: DemoOffice
    year: int
    form: str
    zero: str
    without: str | None

    @property
    def t2(self) -> str:
        return {"mixed": "2021", "undivided": "2021"}.get(self.form, self.form)

    def blocks(self) -> tuple[Block2, ...]:
        blocks = form_blocks(self.t2)
        return (form_blocks("2019")[0], *blocks[1:]) if self.form == "mixed" else blocks

    def rows(self) -> tuple[str, ...]:
        rows = form_rows("2019" if self.form == "undivided" else self.t2)
        return tuple(row for row in rows if row != self.without)

    def keys(self) -> list[str]:
        return printed_keys(self.blocks(), self.rows())

    def report(self, rng: random.Random, odd: dict[str, Printed]) -> DemoReport:
        figures = base_figures(rng, self.fill, consistent=self.consistent)
        cells = {
            key: number(figures[key]) if figures[key] else _zero(key, self.zero)
            for key in self.keys()
        }
        # 13件 in a column of money is no amount: words, whatever a generator meant by it.
        money = {key for key, cell in load_form().cells.items() if cell.value == "amount"}
        cells.update((k, c) for k, c in odd.items() if not (k in money and c.text.endswith("件")))
        office, year, t2, rows = self.office, self.year, self.t2, self.rows()
        name = office.name_in(year)
        return DemoReport(
            office_id=office.office_id,
            office=name,
            year=year,
            scope=office.scope,
            level=office.level,
            kind=office.kind,
            title=f"{name}{year}年政府信息公开工作年度报告",
            published=f"{year + 1}-01-20",
            index_number=f"990000/{year + 1}-00001",
            forms={"t2": "mixed" if self.form == "mixed" else t2, "t3": t2, "t4": t2},
            blocks=self.blocks(),
            rows=rows,
            cells=cells,
            sections=write_sections(name, year, office.scope, figures, rng),
            absent=tuple(r for r in form_rows(t2) if r not in rows),
        )


@st.composite
def reports(draw: st.DrawFn) -> DemoReport:
    """A report of a random demo office with random figures, form, blanks and single odd cells."""
    rng = random.Random(draw(st.integers(0, 2**32), label="figures"))
    choices = Choices(
        fill=draw(st.sampled_from(sorted(FILLS)), label="fill"),
        consistent=draw(st.booleans(), label="consistent"),
        office=draw(st.sampled_from(_offices()), label="office"),
        year=draw(st.integers(2019, 2025), label="year"),
        form=draw(st.sampled_from(FORMS), label="form"),
        zero=draw(zero_styles, label="zeros"),
        without=draw(st.sampled_from(MISSING), label="missing row"),
    )
    keys = choices.keys()
    odd = draw(st.dictionaries(st.sampled_from(keys), printed_cells, max_size=4), label="odd cells")
    return choices.report(rng, odd)


def random_report(rng: random.Random) -> DemoReport:
    """The same kind of report from a plain generator: no shrinking, a hundred times as fast."""
    choices = Choices(
        fill=rng.choice(sorted(FILLS)),
        consistent=rng.random() < 0.5,
        office=rng.choice(_offices()),
        year=rng.randint(2019, 2025),
        form=rng.choice(FORMS),
        zero=rng.choice(ZERO_STYLES),
        without=rng.choice(MISSING),
    )
    keys = choices.keys()
    odd = {rng.choice(keys): _odd(rng) for _ in range(rng.randint(0, 4))}
    return choices.report(rng, odd)


def _odd(rng: random.Random) -> Printed:
    unit = rng.randint(1, 99)
    kinds = (number(rng.randint(0, 3000)), BLANK, SLASH, number(unit, f"{unit}件"))
    return rng.choice(kinds)


def documents(
    *, layouts: tuple[str, ...] = tuple(LAYOUTS), drawn: st.SearchStrategy[DemoReport] | None = None
) -> st.SearchStrategy[Sample]:
    """A report in a random layout (of ``layouts``), with the truth per cell."""

    def make(report: DemoReport, key: str, seed: int) -> Sample:
        return Sample(report, render(report, LAYOUTS[key], random.Random(seed)))

    return st.builds(make, drawn or reports(), st.sampled_from(layouts), st.integers(0, 99))
