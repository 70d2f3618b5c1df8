"""Every layout of the registry: marked, repeatable, quick, and true to its fidelity."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from etl.demo import DEMO_MARK, LAYOUTS, ExpectedCell, Layout, render
from etl.demo.corpus import DemoProvince
from etl.demo.layouts import draw_layout
from etl.demo.model import DemoReport
from etl.demo.province import DemoOffice
from etl.demo.tables import Table, table2, table3, table4
from etl.document import Document
from etl.read import read
from etl.report import CellReading, State
from tests.strategies import Sample, documents

Published = list[tuple[DemoOffice, DemoReport]]
ALL = [pytest.param(layout, id=key) for key, layout in LAYOUTS.items()]


@pytest.fixture(scope="module")
def plain(published: Published) -> DemoReport:
    """A busy report without faults, so that most figures are distinct."""
    clean = [r for _, r in published if not r.faults and r.year >= 2021]
    return max(clean, key=lambda r: (r.scope == "own_office", r.cells["t3.granted.total"].value))


def bare(text: str) -> str:
    return re.sub(r"[\s|]|<br>", "", text)


def words(document: Document) -> str:
    """All visible text, white space and pipes left out."""
    parts = [line.text for line in document.lines()]
    parts += [cell.text for grid in document.grids() for cell in grid.cells]
    return bare("".join(parts))


@pytest.mark.parametrize("layout", ALL)
def test_documents_say_that_they_are_demo_data(layout: Layout, plain: DemoReport) -> None:
    document = render(plain, layout, random.Random(1))
    shown = words(read(document.data, document.name))
    assert bare(DEMO_MARK) in shown
    assert bare(plain.office) in shown


@pytest.mark.parametrize("layout", ALL)
def test_same_report_same_bytes(layout: Layout, plain: DemoReport) -> None:
    first, second = (render(plain, layout, random.Random(5)) for _ in range(2))
    assert first.data == second.data
    assert first.name.endswith(layout.suffix)


@pytest.mark.parametrize("layout", ALL)
def test_truth_has_every_cell_and_fits_the_fidelity(layout: Layout, published: Published) -> None:
    for _, report in published[:200]:
        truth = render(report, layout, random.Random(1)).truth
        assert truth.keys() >= report.cells.keys()
        sure = {cell.certainty for key, cell in truth.items() if key in report.cells}
        allowed = {
            "structured": {"certain"},
            "delimited": {"certain", "uncertain"},
            "degraded": {"uncertain"},
            "lost": {"lost"},
        }[layout.fidelity]
        assert sure <= allowed
        for row in report.absent:
            assert truth[f"t3.{row}.total"] == ExpectedCell(State.ABSENT)


def _found_in(document: Document, table: Table) -> set[str]:
    """Form cells whose row, from its own label on, some grid of the document has as cells."""
    rows = [[bare(cell.text) for cell in row] for grid in document.grids() for row in grid.rows()]
    found: set[str] = set()
    for row in table.rows:
        values = [cell for cell in row if cell.key]
        wanted = [bare(c.text) for c in row if not c.key][-1:] + [bare(c.text) for c in values]
        n = len(wanted)
        if any(wanted == texts[i : i + n] for texts in rows for i in range(len(texts) - n + 1)):
            found |= {cell.key or "" for cell in values}
    return found


STRUCTURED = [p for p in ALL if p.values[0].fidelity == "structured"]  # type: ignore[union-attr]


@pytest.mark.parametrize("layout", STRUCTURED)
def test_structured_layouts_keep_their_tables_for_the_readers(
    layout: Layout, plain: DemoReport
) -> None:
    document = read(render(plain, layout, random.Random(2)).data, f"x{layout.suffix}")
    found: set[str] = set()
    for table in (table2(plain), table3(plain), table4(plain)):
        found |= _found_in(document, table)
    assert plain.cells.keys() - found == set()


@pytest.mark.parametrize("layout", [p for p in ALL if p.values[0].fidelity == "delimited"])  # type: ignore[union-attr]
def test_text_layouts_print_every_figure_after_its_label(layout: Layout, plain: DemoReport) -> None:
    """Between a row's label and the next there is nothing but its figures, in order."""
    data = render(plain, layout, random.Random(2)).data
    shown = words(read(data, f"x{layout.suffix}"))
    for table in (table2(plain), table3(plain)):
        for row in table.rows:
            if any(cell.key for cell in row):
                labels = [c.text for c in row if not c.key][-1]
                figures = "".join(c.text for c in row if c.key)
                assert bare(labels + figures) in shown, labels


@pytest.mark.parametrize("layout", [p for p in ALL if p.values[0].fidelity == "lost"])  # type: ignore[union-attr]
def test_lost_figures_are_not_in_the_document(layout: Layout, plain: DemoReport) -> None:
    shown = words(read(render(plain, layout, random.Random(2)).data, f"x{layout.suffix}"))
    licences = plain.cells["t2.licence.decisions"]
    assert int(licences.value or 0) > 99
    assert licences.text not in shown


def test_layouts_are_drawn_by_weight() -> None:
    rng = random.Random(3)
    drawn = [draw_layout(rng) for _ in range(4000)]
    degraded = sum(layout.degraded for layout in drawn) / len(drawn)
    assert 0.02 < degraded < 0.08
    assert {layout.key for layout in drawn} == set(LAYOUTS)
    assert {x.format for x in (draw_layout(rng, formats=("docx",)) for _ in range(5))} == {"docx"}


def reading(state: State, value: int | None = None) -> CellReading:
    return CellReading(state, value)


@pytest.mark.parametrize(
    ("expected", "said", "exact", "honest"),
    [
        (ExpectedCell(State.NUMBER, 5), reading(State.NUMBER, 5), True, True),
        (ExpectedCell(State.NUMBER, 5), reading(State.UNREAD), False, True),
        (ExpectedCell(State.NUMBER, 5), reading(State.NUMBER, 50), False, False),
        (ExpectedCell(State.NUMBER, 5), reading(State.BLANK), False, False),
        (ExpectedCell(State.NUMBER, 5), reading(State.ABSENT), False, False),
        (ExpectedCell(State.NUMBER, 5, "uncertain"), reading(State.ABSENT), False, True),
        (ExpectedCell(State.NUMBER, 5, "uncertain"), reading(State.BLANK), False, False),
        (ExpectedCell(State.NUMBER, 5, "uncertain"), reading(State.NUMBER, 0), False, False),
        (ExpectedCell(State.BLANK), reading(State.NUMBER, 0), False, False),
        (ExpectedCell(State.BLANK), reading(State.ABSENT), False, False),
        (ExpectedCell(State.BLANK, None, "uncertain"), reading(State.ABSENT), False, True),
        (ExpectedCell(State.BLANK, None, "uncertain"), reading(State.NUMBER, 0), False, False),
        (ExpectedCell(State.NUMBER, 0, "lost"), reading(State.NUMBER, 0), True, False),
        (ExpectedCell(State.NUMBER, 0, "lost"), reading(State.ABSENT), False, True),
    ],
)
def test_what_is_exact_and_what_is_honest(
    expected: ExpectedCell, said: CellReading, exact: bool, honest: bool
) -> None:
    assert expected.exact(said) is exact
    assert expected.honest(said) is honest


def test_units_and_signs_keep_their_value(made: DemoProvince, published: Published) -> None:
    signed = {
        c.text: c.value
        for _, r in published
        for k, c in r.cells.items()
        if k.endswith("items_change") and c.value and not c.text.lstrip("-").isdigit()
    }
    assert signed
    for text, value in signed.items():
        magnitude = int(re.sub(r"\D", "", text))
        assert value == (-magnitude if text[0] in "减-" else magnitude)
    amounts = [r.cells["t2.procurement.amount"] for _, r in published if r.forms["t2"] == "2019"]
    assert {c.unit for c in amounts} == {None, "万元"}
    for cell in amounts:
        assert Decimal(cell.text.removesuffix("万元")) == cell.value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_drawn_documents_are_readable_and_say_their_office(sample: Sample) -> None:
    document = read(sample.document.data, sample.document.name)
    assert bare(sample.report.office) in words(document)
    assert sample.document.truth.keys() >= sample.report.cells.keys()
    for key, cell in sample.report.cells.items():
        assert sample.document.truth[key].value == cell.value
