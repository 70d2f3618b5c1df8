"""The door: pointer, older builds, failures in words, many threads."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from dashboard.db import (
    READABLE,
    Build,
    Database,
    WarehouseError,
    build_named,
    current_build,
    find_builds,
)
from dashboard.i18n import catalogue
from dashboard.queries import examples
from dashboard.queries.compare import Standing
from etl.warehouse.schema import SCHEMA_VERSION


def test_nothing_published_yet(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError) as caught:
        current_build(tmp_path / "none")
    assert caught.value.reason == "no_warehouse"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"build": "x", "file": "gone.duckdb"}', '{"build": "x", "file": "../x"}'],
)
def test_a_broken_pointer(tmp_path: Path, text: str) -> None:
    (tmp_path / "current.json").write_text(text)
    with pytest.raises(WarehouseError) as caught:
        current_build(tmp_path)
    assert caught.value.reason == "broken_pointer"


def test_a_damaged_build(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_bytes(b"no database" * 100)
    (tmp_path / "current.json").write_text(json.dumps({"build": "x", "file": "x.duckdb"}))
    with pytest.raises(WarehouseError) as caught:
        Database(current_build(tmp_path))
    assert caught.value.reason == "unreadable_build"


def two_builds(warehouses: dict[str, Path], folder: Path) -> Path:
    """A folder with an older whole build ``demo-0`` and the served ``demo-1``; its file."""
    shutil.copy(warehouses["one"] / "one-1.duckdb", folder / "demo-0.duckdb")
    newest = Path(shutil.copy(warehouses["demo"] / "demo-1.duckdb", folder / "demo-1.duckdb"))
    point_at(newest)
    return newest


def point_at(path: Path) -> None:
    pointer = {"build": path.stem, "file": path.name, "size": path.stat().st_size}
    (path.parent / "current.json").write_text(json.dumps(pointer))


@pytest.mark.parametrize("how", ["pointer", "no pointer", "short", "gone"])
def test_a_fault_seen_before_opening_gives_way_to_the_build_before(
    warehouses: dict[str, Path], tmp_path: Path, how: str
) -> None:
    newest = two_builds(warehouses, tmp_path)
    if how == "pointer":
        (tmp_path / "current.json").write_text("{")
    elif how == "no pointer":
        (tmp_path / "current.json").unlink()
    elif how == "short":
        newest.write_bytes(newest.read_bytes()[:5000])
    else:
        newest.unlink()
    found, faults = find_builds(tmp_path)
    assert [fault.reason for fault in faults] == [
        "unreadable_build" if how == "short" else "broken_pointer"
    ]
    assert found[-1].id == "demo-0"
    assert Database(found[-1]).rows("SELECT count(*) FROM office") == [(1,)]


def test_a_build_of_another_version_is_refused_in_words(
    warehouses: dict[str, Path], tmp_path: Path
) -> None:
    newest = two_builds(warehouses, tmp_path)
    with duckdb.connect(str(newest)) as con:
        con.execute("UPDATE meta_build SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(WarehouseError) as caught:
        Database(current_build(tmp_path))
    assert caught.value.reason == "other_version"
    assert "99" in caught.value.place


def test_the_loader_writes_a_version_the_dashboard_reads() -> None:
    assert str(SCHEMA_VERSION) in READABLE


def test_every_failure_has_words() -> None:
    for reason in ("no_warehouse", "broken_pointer", "unreadable_build", "other_version"):
        assert {f"error.{reason}.what", f"error.{reason}.do"} <= set(catalogue())


def test_a_new_build_is_picked_up_and_the_old_one_stays_readable(
    warehouses: dict[str, Path], tmp_path: Path
) -> None:
    old = shutil.copy(warehouses["one"] / "one-1.duckdb", tmp_path / "a.duckdb")
    (tmp_path / "current.json").write_text(json.dumps({"build": "a", "file": Path(old).name}))
    first = Database(current_build(tmp_path))
    shutil.copy(warehouses["demo"] / "demo-1.duckdb", tmp_path / "b.duckdb")
    (tmp_path / "current.json").write_text(json.dumps({"build": "b", "file": "b.duckdb"}))
    second = Database(current_build(tmp_path))
    count = "SELECT count(DISTINCT office_id) FROM office"
    assert (first.rows(count), second.rows(count)) == ([(1,)], [(24,)])
    named = build_named(tmp_path, "a")
    assert named is not None
    assert named.id == "a"
    assert build_named(tmp_path, "../a") is None
    assert build_named(tmp_path, "c") is None


def test_nothing_can_be_written(db: Database) -> None:
    with pytest.raises(duckdb.Error):
        db.rows("CREATE TABLE x (a INT)")


def test_twenty_threads_get_right_answers(db: Database) -> None:
    def ask(n: int) -> bool:
        return db.rows("SELECT count(*), ? FROM mart_report", (n,)) == [(expected, n)]

    expected = db.rows("SELECT count(*) FROM mart_report")[0][0]
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(ask, range(400)))


def require_same(first: Any, second: Any) -> None:
    """Two answers are equal; frames are, column by column, also within another answer."""
    if isinstance(first, pd.DataFrame):
        pd.testing.assert_frame_equal(first, second, check_dtype=False)
    elif isinstance(first, Standing):
        for field in fields(first):
            require_same(getattr(first, field.name), getattr(second, field.name))
    else:
        assert first == second


@pytest.mark.long
@pytest.mark.parametrize("version", [2, 3])
def test_a_build_of_a_schema_before_answers_the_same(
    warehouses: dict[str, Path], tmp_path: Path, version: int
) -> None:
    """What it lacks is worked out when it is opened, beside it and without touching it."""
    ddl = Path(__file__).parents[1] / "warehouse" / "data" / f"schema_{version}.sql"
    demo = current_build(warehouses["demo"])
    older = tmp_path / "older.duckdb"
    with duckdb.connect(str(older)) as con:
        con.execute(ddl.read_text(encoding="utf-8"))
        con.execute(f"ATTACH '{demo.path}' AS new (READ_ONLY)")
        tables = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name <> 'new' "
            "AND table_name NOT LIKE 'mart_%'"
        ).fetchall()
        for (name,) in tables:
            names = con.execute(
                "SELECT string_agg('\"' || o.column_name || '\"', ', ') FROM duckdb_columns() o "
                "JOIN duckdb_columns() n USING (table_name, column_name) WHERE table_name = ? "
                "AND o.database_name <> 'new' AND n.database_name = 'new'", [name],
            ).fetchall()[0][0]  # fmt: skip
            con.execute(f"INSERT INTO {name} BY NAME SELECT {names} FROM new.{name}")
        con.execute(f"UPDATE meta_build SET value = '{version}' WHERE key = 'schema_version'")
        con.execute("DETACH new")
    size = older.stat().st_size
    new, old = Database(demo), Database(Build(demo.id, str(older)))
    asked: set[str] = set()
    for example in examples.examples(examples.sample(new)):
        if example.name in asked:  # under the widest selection; the marts are the same for all
            continue
        asked.add(example.name)
        if example.name != "meta.load":
            require_same(example.call(new), example.call(old))
    new.close()
    old.close()
    assert older.stat().st_size == size
