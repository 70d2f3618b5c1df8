"""The same questions put to what a reader might have used instead, in one run.

Ours: the named queries the pages ask. Rivals: one long table (a row a cell) in DuckDB; a wide
table in SQLite, indexed by year and by office; a wide frame in pandas, in memory. Each rival must
find our figures, or the run fails.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from dashboard.db import CONFIG, Database, current_build
from dashboard.filters import Selection
from dashboard.queries import compare, examples, profile, series
from dashboard.queries.base import EVERYTHING
from dashboard.queries.compare import Members

RATE, NUM, DEN = "disclosure_rate", ("granted", "partial"), "handled_total"
CELLS = ("t3.granted.total", "t3.partial.total", "t3.handled_total.total")
ROUNDS = 3
Answer = dict[Any, float]


def _best(call: Callable[[], Answer]) -> tuple[float, Answer]:
    """The fastest of a few calls in milliseconds, after one to warm up."""
    answer = call()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1e3)
    return min(times), answer


def _ours(db: Database, of: examples.Sample) -> dict[str, Callable[[], Answer]]:
    office, year, metric = of.office, of.year, of.meta.metrics[RATE]
    base, everything = frozenset({RATE}), Selection()
    one = Selection(years=(year, year))

    def rates(frame: pd.DataFrame, key: str) -> Answer:
        return {k: v for k, v in zip(frame[key], frame["value"], strict=True) if v == v}

    def places(unit: str) -> Answer:
        # All of them, as a map of the country would ask: a page draws the ends alone.
        return rates(
            compare.standing(
                EVERYTHING, db, one, metric, year, Members(unit), points=10_000
            ).points,
            "key",
        )

    return {
        "by year": lambda: rates(
            series.by_year(EVERYTHING, db, everything, (RATE,), base), "year"),
        "by province, one year": lambda: places("province"),
        "by county, one year": lambda: places("county"),
        "one office": lambda: rates(
            profile.history(EVERYTHING, db, everything, office.office_id, (RATE,), base), "year"),
        "median of peers": lambda: dict(zip(*(
            profile.peers_band(EVERYTHING, db, everything, office, (RATE,), base)[c]
            for c in ("year", "mid")), strict=True)),
    }  # fmt: skip


def _sql(office: Any, year: int, table: str, median: str) -> dict[str, str]:
    """The questions in SQL over ``table`` (num, den, and the report's place)."""
    rate = "1.0 * sum(num) / nullif(sum(den), 0)"
    own = "scope = 'own_office' AND num IS NOT NULL AND den IS NOT NULL"
    at = f"FROM {table} WHERE {own} AND year = {year}"
    alike = (
        f"level = '{office.level}' AND kind = '{office.kind}' "
        f"AND office_id <> '{office.office_id}' AND den > 0"
    )
    return {
        "by year": f"SELECT year, {rate} FROM {table} WHERE {own} GROUP BY year",
        "by province, one year": f"SELECT province, {rate} {at} GROUP BY province",
        "by county, one year": f"SELECT county, {rate} {at} AND county IS NOT NULL GROUP BY county",
        "one office": f"SELECT year, {rate} FROM {table} WHERE {own} "
        f"AND office_id = '{office.office_id}' GROUP BY year",
        "median of peers": median.format(table=table, where=f"{own} AND {alike}"),
    }


_WIDE = """
    SELECT report_id, office_id, year, province, city, county, level, kind, scope,
           t3_granted_total + t3_partial_total AS num, t3_handled_total_total AS den
    FROM {wide}"""


def measure(folder: Path) -> dict[str, Any]:
    """Milliseconds by question and by how it was asked; ``megabytes`` of each way's data."""
    build = current_build(folder)
    db = Database(build)
    of = examples.sample(db)
    ours = {name: _best(call) for name, call in _ours(db, of).items()}
    found: dict[str, dict[str, float]] = {name: {"ours": ms} for name, (ms, _) in ours.items()}
    with tempfile.TemporaryDirectory() as temporary:
        for way in (_long, _sqlite, _pandas):
            for name, call in way(build.path, Path(temporary), of.office, of.year).items():
                milliseconds, answer = _best(call)
                _same(f"{way.__name__} {name}", answer, ours[name][1])
                found[name][way.__name__.strip("_")] = milliseconds
    db.close()
    return {"questions": found}


def _same(what: str, found: Answer, wanted: Answer) -> None:
    known = {k: float(v) for k, v in found.items() if v is not None and v == v and k is not None}
    wanted = {k: v for k, v in wanted.items() if k is not None and k == k}
    if known.keys() != wanted.keys() or any(
        not math.isclose(known[k], v, rel_tol=1e-9, abs_tol=1e-12) for k, v in wanted.items()
    ):
        raise AssertionError(f"{what}: {len(known)} figures, {len(wanted)} wanted")


def _long(path: str, folder: Path, office: Any, year: int) -> dict[str, Callable[[], Answer]]:
    """One row a reported cell, as survey data are often kept."""
    con = duckdb.connect(str(folder / "long.duckdb"))
    con.execute("SET enable_progress_bar = false")
    con.execute(f"ATTACH '{path}' AS w (READ_ONLY)")
    head = "report_id, office_id, year, province, city, county, level, kind, scope"
    cells = ", ".join(
        f'"{name}"::DOUBLE AS "{key}"'
        for key, name in con.execute("SELECT key, sql_name FROM w.meta_cell").fetchall()
    )
    con.execute(
        f"CREATE TABLE long AS FROM (UNPIVOT (SELECT {head}, {cells} FROM w.wide_report "
        f"WHERE is_current) ON COLUMNS(* EXCLUDE ({head})) INTO NAME cell VALUE value) "
        "ORDER BY year, province, city, county, office_id"
    )
    con.execute("CHECKPOINT")
    con.execute(
        f"CREATE VIEW wide AS SELECT {head}, CASE WHEN count(*) FILTER (cell IN {CELLS[:2]}) = 2 "
        f"THEN sum(value) FILTER (cell IN {CELLS[:2]}) END AS num, "
        f"any_value(value) FILTER (cell = '{CELLS[2]}') AS den FROM long "
        f"WHERE cell IN {CELLS} GROUP BY {head}"
    )
    median = "SELECT year, median(num / den) FROM {table} WHERE {where} GROUP BY year"
    return {
        name: lambda sql=sql: dict(con.execute(sql).fetchall())  # type: ignore[misc]
        for name, sql in _sql(office, year, "wide", median).items()
    }


def _frame(path: str) -> pd.DataFrame:
    with contextlib.closing(duckdb.connect(path, read_only=True, config=CONFIG)) as con:
        frame: pd.DataFrame = con.execute(
            "SELECT * FROM wide_report WHERE is_current").df()  # fmt: skip
    return frame


def _sqlite(path: str, folder: Path, office: Any, year: int) -> dict[str, Callable[[], Answer]]:
    """A wide table with the indexes its questions ask for."""
    con = sqlite3.connect(folder / "wide.sqlite")
    frame = _frame(path)
    frame["is_current"] = 1
    plain = frame.astype(object).where(frame.notna(), None)
    marks = ", ".join("?" * len(plain.columns))
    names = ", ".join(f'"{c}"' for c in plain.columns)
    con.execute(f"CREATE TABLE stored ({names})")
    con.executemany(f"INSERT INTO stored VALUES ({marks})", plain.itertuples(index=False))
    con.execute("CREATE INDEX by_year ON stored (year, province)")
    con.execute("CREATE INDEX by_office ON stored (office_id)")
    con.execute("ANALYZE")
    con.execute(f"CREATE VIEW wide AS {_WIDE.format(wide='stored')}")
    con.commit()
    median = (
        "SELECT year, avg(v) FROM (SELECT year, 1.0 * num / den AS v, "
        "row_number() OVER (PARTITION BY year ORDER BY 1.0 * num / den) AS i, "
        "count(*) OVER (PARTITION BY year) AS n FROM {table} WHERE {where}) "
        "WHERE i IN ((n + 1) / 2, (n + 2) / 2) GROUP BY year"
    )
    return {
        name: lambda sql=sql: dict(con.execute(sql).fetchall())  # type: ignore[misc]
        for name, sql in _sql(office, year, "wide", median).items()
    }


def _pandas(path: str, folder: Path, office: Any, year: int) -> dict[str, Callable[[], Answer]]:
    """All cells in memory, as an analyst's notebook has them."""
    del folder
    frame = _frame(path)

    def counted() -> pd.DataFrame:
        own = frame[frame["scope"] == "own_office"]
        num = own["t3_granted_total"] + own["t3_partial_total"]
        part = own.assign(num=num, den=own["t3_handled_total_total"])
        return part[part["num"].notna() & part["den"].notna()]

    def rate(part: pd.DataFrame, key: str) -> Answer:
        sums = part.groupby(key)[["num", "den"]].sum()
        sums = sums[sums["den"] > 0]
        return dict((sums["num"].astype(float) / sums["den"].astype(float)).items())

    def alike() -> Answer:
        part = counted()
        part = part[
            (part["level"] == office.level) & (part["kind"] == office.kind)
            & (part["office_id"] != office.office_id) & (part["den"] > 0)
        ]  # fmt: skip
        value = part["num"].astype(float) / part["den"].astype(float)
        return dict(value.groupby(part["year"]).median().items())

    def at(key: str) -> Callable[[], Answer]:
        return lambda: rate(counted().loc[lambda p: p["year"] == year], key)

    return {
        "by year": lambda: rate(counted(), "year"),
        "by province, one year": at("province"),
        "by county, one year": at("county"),
        "one office": lambda: rate(
            counted().loc[lambda p: p["office_id"] == office.office_id], "year"),
        "median of peers": alike,
    }  # fmt: skip
