"""What the tables of a build take in its file."""

from __future__ import annotations

import duckdb


def table_bytes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Bytes of the blocks of every table; blocks that tables share count for each."""
    [(block,)] = con.execute("SELECT block_size FROM pragma_database_size()").fetchall()
    found = {}
    for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        [(blocks,)] = con.execute(
            f"SELECT count(DISTINCT block_id) FROM pragma_storage_info('{name}') "
            "WHERE block_id >= 0"
        ).fetchall()
        found[name] = int(blocks * block)
    return found
