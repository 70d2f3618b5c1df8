"""Small helpers of the writing side: the previous build, literals, typed inserts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from etl.warehouse import schema
from etl.warehouse.schema import quoted

#: The number of the load under way, set as a variable of the connection.
LOAD: Final = "getvariable('load_id')::INTEGER"


class Old:
    """The previous build's columns by table; empty without one."""

    def __init__(self, columns: dict[str, set[str]]) -> None:
        self._columns = columns

    def has(self, table: str) -> bool:
        """Whether the previous build has the table."""
        return table in self._columns

    def shared(self, table: str) -> list[str]:
        """Columns both builds have, quoted, in the new build's order.

        A build of another schema version may lack some; they stay NULL until its files are read
        again.
        """
        known = self._columns.get(table, set())
        return [quoted(c) for c in schema.tables()[table].names if c in known]


def attach(con: duckdb.DuckDBPyConnection, previous: Path | None) -> Old:
    """Attach the previous build as ``old``, read-only."""
    columns: dict[str, set[str]] = {}
    if previous is not None:
        con.execute(f"ATTACH {text(str(previous))} AS old (READ_ONLY)")
        rows = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'old'"
        ).fetchall()
        for table, column in rows:
            columns.setdefault(table, set()).add(column)
    return Old(columns)


def text(value: str) -> str:
    """A text literal, for the few places that take no parameter (``ATTACH``, file lists)."""
    return "'" + value.replace("'", "''") + "'"


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert Python rows through Arrow: row by row would cost a millisecond each."""
    if not rows:
        return
    columns = schema.tables()[table].columns
    arrays = [
        pa.array(list(values), type=_ARROW.get(column.type))
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    con.register("arrow_rows", pa.table(arrays, names=[column.name for column in columns]))
    try:
        con.execute(f"INSERT INTO {quoted(table)} BY NAME SELECT * FROM arrow_rows")
    finally:
        con.unregister("arrow_rows")


#: Types that a column of NULLs would not reveal; the others are inferred and cast by DuckDB.
_ARROW: Final[dict[str, Any]] = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    schema.AMOUNT: pa.decimal128(24, 6),
}
