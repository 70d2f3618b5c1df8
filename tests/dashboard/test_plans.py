"""What the database is asked to read: questions about one county and one year read a part.

DuckDB skips blocks of a table whose smallest and largest value of a column cannot match. That helps
where the table is stored in the order of that column (``etl.warehouse.schema``) and the condition
has reached the scan; a condition wrapped in an expression or left to a join reads everything. The
plans of all named queries are held against that, on a build of any size.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries import examples

#: Tables with a row or more a report, and the columns they are stored in the order of (ids of
#: offices and the numbers made of their order alike).
ORDER = {
    "wide_report": ("year", "office_no", "office_id", "report_no"),
    "report": ("office_id", "report_id", "year"),
    "finding": ("office_id", "rowid"),
    "narrative": ("rowid", "report_id"),
    "provenance": ("report_id",),
    "roster": ("office_id", "year"),
    "mart_finding": ("year", "position", "rule"),
    "mart_arrival": ("year", "office_no"),
    "mart_paragraph": ("paragraph",),
}
#: Scans without such a condition: of a few rows, by the numbers the rest of the question found. The
#: join hands the scan the span of these numbers when it runs, which no plan shows.
BY_NUMBER = {
    "compare.heat": {"wide_report"},
    "compare.standing": {"wide_report"},
    "findings.counts": {"finding", "mart_finding"},
    "findings.listed": {"finding", "mart_finding"},
    "findings.one": {"finding", "mart_finding"},
    "letters.findings": {"finding"},
    "proactive.offices_of_cell": {"wide_report"},
    "quality.continuity": {"wide_report"},
    "quality.findings": {"finding"},
    # A build smaller than one step is read whole: the condition on its paragraphs drops out.
    "search.paragraphs": {"mart_paragraph", "wide_report"},
    "series.largest": {"finding", "wide_report"},
    "series.offices_of": {"wide_report"},
}
#: Read whole: what no order helps with. Shares of all documents behind a figure.
WHOLE = {"sources.behind": {"provenance", "report", "wide_report"}}


class Explained:
    """A cursor that keeps the scans of what it is asked, and answers."""

    def __init__(self, cursor: Any, scans: set[tuple[str, str]]) -> None:
        self.cursor, self.scans = cursor, scans

    def execute(self, sql: str, values: Any = ()) -> Any:
        [(_, plan)] = self.cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", list(values)).fetchall()
        for node in json.loads(plan):
            self.scans.update(scanned(node))
        return self.cursor.execute(sql, list(values))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)


def scanned(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    info = node.get("extra_info", {})
    if "SCAN" in node["name"] and "Table" in info:
        yield info["Table"].rpartition(".")[2], str(info.get("Filters", ""))
    for child in node.get("children", ()):
        yield from scanned(child)


@pytest.fixture
def unbounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Named query → tables it scans without a condition on their order."""
    of = examples.sample(db)
    narrow = Selection(region=of.regions[2], years=(of.year, of.year))
    monkeypatch.setattr(examples, "selections", lambda _: {"narrow": narrow})
    scans: set[tuple[str, str]] = set()
    plain = db._cursor

    @contextmanager
    def explained() -> Iterator[Explained]:
        with plain() as cursor:
            yield Explained(cursor, scans)

    monkeypatch.setattr(db, "_cursor", explained)
    found = defaultdict(set)
    for example in examples.examples(of):
        scans.clear()
        example.call(db)
        found[example.name] |= {
            table
            for table, filters in scans
            if table in ORDER and not any(column in filters for column in ORDER[table])
        }
    return {name: tables for name, tables in found.items() if tables}


def test_questions_of_one_place_and_year_read_a_part(unbounded: dict[str, set[str]]) -> None:
    allowed = {name: BY_NUMBER.get(name, set()) | WHOLE.get(name, set()) for name in unbounded}
    assert {name: tables - allowed[name] for name, tables in unbounded.items()} == {
        name: set() for name in unbounded
    }
    # A plan that got better is written down, or the list would allow it to get worse again.
    listed = {name: tables for each in (BY_NUMBER, WHOLE) for name, tables in each.items()}
    assert {n: t - unbounded.get(n, set()) for n, t in listed.items()} == {n: set() for n in listed}
