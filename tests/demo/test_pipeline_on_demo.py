"""The real pipeline on the demo's documents: honest in every layout, exact in sound ones."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings

from etl.demo import LAYOUTS, Layout, render
from etl.demo.model import DemoReport
from etl.demo.province import DemoOffice
from etl.demo.render import RenderedDocument
from etl.report import ABSENT, ParsedReport
from tests.strategies import Sample, documents, registry

pipeline = pytest.importorskip("etl.pipeline", reason="the pipeline is not there yet")

#: Documents from which an honest reader may not even take that they are reports.
MAY_BE_REJECTED = {"not_a_report"}


def parse(document: RenderedDocument) -> ParsedReport:
    report = pipeline.parse_bytes(document.data, document.name, registry=registry())
    assert isinstance(report, ParsedReport)
    return report


def dishonest(document: RenderedDocument, report: ParsedReport) -> dict[str, object]:
    return {
        key: (want, said.state, said.value, said.at)
        for key, want in document.truth.items()
        if not want.honest(said := report.cells.get(key, ABSENT))
    }


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_demo_reports(layout: Layout, published: list[tuple[DemoOffice, DemoReport]]) -> None:
    rng = random.Random(layout.key)
    for _, report in rng.sample(published, 6):
        document = render(report, layout, rng)
        read = parse(document)
        if layout.degraded and read.problem:
            assert read.problem.code in MAY_BE_REJECTED
            continue
        assert (read.office, read.year) == (report.office, report.year)
        assert dishonest(document, read) == {}, (layout.key, report.title)
        if layout.fidelity == "structured" and "duplicate_block" not in report.faults:
            inexact = {
                key: (want, read.cells.get(key, ABSENT))
                for key, want in document.truth.items()
                if not want.exact(read.cells.get(key, ABSENT))
            }
            assert inexact == {}, (layout.key, report.title)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_equal_or_unread_never_different(sample: Sample) -> None:
    read = parse(sample.document)
    if read.problem is None:
        assert dishonest(sample.document, read) == {}
    else:
        assert read.problem.code in MAY_BE_REJECTED
