"""A corpus folder and a warehouse of one test, and the content of a build as tests compare it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import fake_documents as fake

from etl.executors import InlineExecutor
from etl.warehouse import builds
from etl.warehouse.load import Options, Summary, load

Content = dict[str, list[tuple[Any, ...]]]
#: What may differ between two builds of the same facts.
VOLATILE = {
    "meta_build": "key NOT IN ('build_id', 'created_at', 'load_id', 'n_astray')",
    "load_run": "false",
    "report_validity": "false",
    "source_file": "false",
    "source_document": "false",
}


class House:
    """Loads in this process unless another executor is given."""

    def __init__(self, root: Path) -> None:
        self.corpus = root / "corpus"
        self.corpus.mkdir()
        self.warehouse = root / "warehouse"

    def put(self, name: str, content: Any) -> Path:
        return fake.write(self.corpus, name, content)

    def load(self, *paths: Path, **options: Any) -> Summary:
        options = {"executor": InlineExecutor(), "parse": fake.parse, "describe": fake.describe,
                   "wait_seconds": 0.2, **options}  # fmt: skip
        return load(paths or (self.corpus,), self.warehouse, Options(**options))

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        path = builds.open_current(self.warehouse)
        with contextlib.closing(builds.connect(path)) as con:
            return con.execute(sql, list(values)).fetchall()

    def parsed(self) -> list[str]:
        return fake.parse_log(self.corpus)


def content_of(path: Path) -> Content:
    """All rows of all tables of a build, sorted; the traces of its loads left out."""
    with contextlib.closing(builds.connect(path)) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return {table: _sorted(con, table) for (table,) in tables}


def _sorted(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    columns = "* EXCLUDE (load_id)" if table in ("report", "document", "rejected_document") else "*"
    where = VOLATILE.get(table, "true")
    rows = con.execute(f'SELECT {columns} FROM "{table}" WHERE {where}').fetchall()
    return sorted(rows, key=repr)
