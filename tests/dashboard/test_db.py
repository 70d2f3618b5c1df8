"""The door: pointer, older builds, failures in words, many threads."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from dashboard.db import Database, WarehouseError, build_named, current_build
from dashboard.i18n import catalogue


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


def test_every_failure_has_words() -> None:
    for reason in ("no_warehouse", "broken_pointer", "unreadable_build"):
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
