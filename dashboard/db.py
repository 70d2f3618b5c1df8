"""The door to the warehouse: finds the published build, opens it read-only, one cursor a query.

A build never changes once published; a new one is a new file and a new pointer. So a connection
belongs to one file and is never reopened, and everything cached carries the build id. Where the
pointer or the build it names is damaged, the build before it is served and the fault named. A build
that is no longer the newest stays readable as long as its file is there: an old link opens it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dashboard.narrow import PANEL, VIEW, Narrow

Offsets = npt.NDArray[np.int64]
ENVIRONMENT: Final = "DISCLOSURE_WAREHOUSE"
DEFAULT: Final = Path("data") / "warehouse"
POINTER: Final = "current.json"
SAFE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,100}")
#: Schema versions of builds whose tables the queries understand, as ``meta_build`` spells them.
READABLE: Final = frozenset({"2", "3", "4"})
#: Of these, the ones whose missing marts are worked out when the build is opened.
OLDER: Final = frozenset({"2", "3"})
OLDER_SQL: Final = Path(__file__).with_name("older.sql")
#: Answers that :meth:`Database.again` keeps.
KEPT: Final = 1024
#: The dashboard reads one local file and needs nothing from outside.
CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": str(min(4, os.cpu_count() or 1)),
}


class WarehouseError(Exception):
    """No readable warehouse. ``reason`` is a key of the catalogue (``error.<reason>``)."""

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(f"{reason}: {place}")
        self.reason = reason
        self.place = place


@dataclass(frozen=True, slots=True)
class Build:
    """A published build: its id and its file."""

    id: str
    path: str


def warehouse_folder() -> Path:
    """Where builds are published; the environment variable overrides the default."""
    return Path(os.environ.get(ENVIRONMENT) or DEFAULT)


def find_builds(folder: Path) -> tuple[list[Build], list[WarehouseError]]:
    """Builds to try, best first, and what is wrong with the pointer.

    First the one the pointer names, then those published before it, newest first: where the
    pointer or its build is damaged, readers go on with the build before. A build behind the
    pointer was never announced and comes last.

    Raises:
        WarehouseError: ``no_warehouse`` (nothing published yet) or ``broken_pointer`` (and no build
            beside it).
    """
    pointer = folder / POINTER
    found = [Build(p.stem, str(p)) for p in folder.glob("*.duckdb") if SAFE_ID.fullmatch(p.name)]
    found.sort(key=lambda build: build.id, reverse=True)
    fault: WarehouseError | None = None
    named: Build | None = None
    try:
        named = _named(folder, json.loads(pointer.read_text(encoding="utf-8")))
    except FileNotFoundError:
        if not found:
            raise WarehouseError("no_warehouse", str(folder)) from None
        fault = WarehouseError("broken_pointer", str(pointer))
    except (OSError, ValueError, KeyError, TypeError):
        fault = WarehouseError("broken_pointer", str(pointer))
    except WarehouseError as error:
        fault = error
    if named is not None:
        older = [build for build in found if build.id < named.id]
        newer = [build for build in found if build.id > named.id]
        return [named, *older, *newer], []
    if not found:
        raise fault or WarehouseError("no_warehouse", str(folder))
    return found, [fault] if fault else []


def _named(folder: Path, pointer: Any) -> Build:
    build, name = str(pointer["build"]), str(pointer["file"])
    path = folder / name
    if not SAFE_ID.fullmatch(name) or not path.is_file():
        raise WarehouseError("broken_pointer", str(path))
    if path.stat().st_size != pointer.get("size", path.stat().st_size):
        raise WarehouseError("unreadable_build", str(path))
    return Build(build, str(path))


def current_build(folder: Path) -> Build:
    """The build to serve first; see :func:`find_builds` for its errors and what comes next."""
    builds, _ = find_builds(folder)
    return builds[0]


def build_named(folder: Path, build_id: str) -> Build | None:
    """An older build by its id, if its file is still there; ids that are no file name find none."""
    path = folder / f"{build_id}.duckdb"
    if not SAFE_ID.fullmatch(build_id) or not path.is_file():
        return None
    return Build(build_id, str(path))


class Database:
    """A read-only connection to one build; safe to share between threads through cursors."""

    def __init__(self, build: Build) -> None:
        self.build = build
        try:
            self._connection = duckdb.connect(build.path, read_only=True, config=CONFIG)
            version = self._connection.execute(
                "SELECT value FROM meta_build WHERE key = 'schema_version'"
            ).fetchone()
        except duckdb.Error as error:
            raise WarehouseError("unreadable_build", f"{build.path} ({error})") from error
        if version is None or version[0] not in READABLE:
            self._connection.close()
            held = version[0] if version else "?"
            raise WarehouseError("other_version", f"{build.path} (schema {held})")
        self._path = self._older() if version[0] in OLDER else ""
        self._narrow = self._narrowed() if not self._path else Narrow({}, ())
        self._kept = lru_cache(maxsize=KEPT)(lambda sql, *values: self.rows(sql, values))

    def _narrowed(self) -> Narrow:
        with self._connection.cursor() as cursor:
            made = dict(cursor.execute("SELECT name, expression FROM meta_measure").fetchall())
            names = cursor.execute(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = ? "
                "ORDER BY column_index", [VIEW],
            ).fetchall()  # fmt: skip
            [(panels,)] = cursor.execute(
                "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [PANEL]
            ).fetchall()
        plain = (name for (name,) in names if name not in made)
        return Narrow(made, plain, panel=bool(panels))

    def _older(self) -> str:
        """Work out, in memory and once, what a build of an older schema lacks.

        Old links stay good that way; the next load makes a build that needs none of it. Returns
        the search path that finds what was made before what the build has under the same name.
        """
        self._connection.close()
        self._connection = duckdb.connect(config=CONFIG)
        place = self.build.path.replace("'", "''")
        self._connection.execute(f"ATTACH '{place}' AS build (READ_ONLY)")
        path = "memory.main,build.main"
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET search_path = '{path}'")
            cursor.execute(OLDER_SQL.read_text(encoding="utf-8"))
        return path

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        if self._path:
            cursor.execute(f"SET search_path = '{self._path}'")
        return cursor

    def frame(self, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of one query as a frame; values are bound, never pasted."""
        with self._cursor() as cursor:
            frame: pd.DataFrame = cursor.execute(self._narrow.of(sql), list(parameters)).df()
        return frame

    def packed(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[bytes, Offsets]:
        """The texts of a query's first column, end to end in UTF-8, and where each begins.

        That is how Arrow holds them: 145,000 texts come over in a quarter of the time that making
        a Python text of each takes.

        Raises:
            ValueError: a text is missing.
        """
        with self._cursor() as cursor:
            found = cursor.sql(self._narrow.of(sql), params=list(parameters)).to_arrow_table()
        column = found.column(0).cast(pa.large_string()).combine_chunks()
        if column.null_count:
            raise ValueError(f"{column.null_count} missing texts")
        if not len(column):
            return b"", np.zeros(0, np.int64)
        _, offsets, data = column.buffers()
        places = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
        return data.to_pybytes()[places[0] : places[-1]], places[:-1] - places[0]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query as Python values (dates, lists and structs kept)."""
        with self._cursor() as cursor:
            cursor.execute(self._narrow.of(sql), list(parameters))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def again(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """As :meth:`rows`, and kept: for a short answer that many questions of a page begin with.

        The :data:`KEPT` asked last; a build never changes.
        """
        return self._kept(sql, *values)

    def records(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of one query as dictionaries."""
        with self._cursor() as cursor:
            cursor.execute(self._narrow.of(sql), list(parameters))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
