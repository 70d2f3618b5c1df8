"""What did the warehouse say then? Answered from one build, for a load or a date."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import duckdb
import fake_documents as fake
import pytest

from etl.errors import UsageError
from etl.warehouse import asof, builds, reading

A, B = "P1/C1/K1/甲局", "P1/C1/K1/乙局"
KEY = "t3.received_new.total"


@contextlib.contextmanager
def opened(house: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    with contextlib.closing(builds.connect(builds.open_current(house.warehouse))) as con:
        yield con


def said(con: duckdb.DuckDBPyConnection, load: int) -> list[tuple[Any, ...]]:
    """Office, year and figure of the reports current as of a load."""
    return con.execute(
        "SELECT o.name, r.year, c.t3_received_new_total FROM report_as_of(?) r "
        "JOIN core_as_of(?) c USING (report_id) JOIN office o ON o.office_id = r.office_id "
        "ORDER BY ALL", [load, load],
    ).fetchall()  # fmt: skip


def test_a_corrected_report_is_read_as_of_each_load(house: Any) -> None:
    first = house.put("a.html", fake.document(A, 2022, cells={KEY: 5}, published="2023-01-20"))
    house.load()
    house.put("a2.html", fake.document(A, 2022, cells={KEY: 9}, published="2023-03-01"))
    house.load()
    house.put("b.html", fake.document(B, 2022, cells={KEY: 1}))
    house.load()
    first.unlink()
    (house.corpus / "b.html").unlink()
    house.load()
    with opened(house) as con:
        assert said(con, 0) == []
        assert said(con, 1) == [("甲局", 2022, 5)]
        assert said(con, 2) == [("甲局", 2022, 9)]
        assert said(con, 3) == [("乙局", 2022, 1), ("甲局", 2022, 9)]
        assert said(con, 4) == [("甲局", 2022, 9)]
        now = con.execute("SELECT report_id FROM report_current").fetchall()
        assert con.execute("SELECT report_id FROM report_as_of(4)").fetchall() == now


def test_figures_of_an_older_reading_are_kept(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same document, read by a mended reader: as of then, the warehouse said the old figure."""
    house.put("a.html", fake.document(A, 2022, cells={KEY: 5}))
    house.put("b.html", fake.document(B, 2022, cells={KEY: 1}))
    house.load()
    plain = fake.parse

    def mended(path: Any) -> Any:
        for report in plain(path):
            if path.name == "a.html":
                report.cells[KEY] = replace(report.cells[KEY], value=next(figures))
            yield report

    for version, figure in (("second", 6), ("third", 6), ("fourth", 7)):
        figures = iter([figure])
        monkeypatch.setattr(reading, "definitions", lambda version=version: version)
        house.load(parse=mended)
    with opened(house) as con:
        for load, figure in ((1, 5), (2, 6), (3, 6), (4, 7)):
            assert said(con, load) == [("乙局", 2022, 1), ("甲局", 2022, figure)], load
        kept = con.execute("SELECT t3_received_new_total, until_load FROM core_history ORDER BY 2")
        assert kept.fetchall() == [(5, 2), (6, 4)], "only what differs is kept"


def test_loads_are_found_by_number_date_and_time(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022))
    house.load()
    house.put("b.html", fake.document(B, 2022))
    house.load()
    with opened(house) as con:
        rows = con.execute("SELECT load_id, finished_at FROM load_run ORDER BY 1").fetchall()
        (_, first), (_, second) = rows
        assert asof.resolve(con, "1").load_id == 1
        assert asof.resolve(con, f"{second:%Y-%m-%d}").load_id == 2
        assert asof.resolve(con, first.isoformat()).load_id == 1
        shanghai = (first + timedelta(hours=8)).isoformat() + "+08:00"
        assert asof.resolve(con, shanghai).load_id == 1
        assert asof.reports_by_year(con, asof.resolve(con, "1")) == {"2022": 1}
        assert con.execute("FROM load_at(?)", [second]).fetchall() == [(2,)]
        for wrong in ("9", "0", "2001-01-01", "yesterday", ""):
            with pytest.raises(UsageError):
                asof.resolve(con, wrong)
