"""Publishing: whole builds only, whatever breaks; one writer at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import fake_documents as fake
import pytest

from etl.errors import WarehouseError
from etl.warehouse import builds

A = "P1/C1/K1/甲局"


def grow(house: Any, value: int) -> builds.Build:
    house.put("a.html", fake.document(A, 2022, cells={"t3.received_new.total": value}))
    build: builds.Build = house.load().build
    return build


def served(house: Any) -> int:
    [(value,)] = house.rows(
        "SELECT t3_received_new_total FROM core_report JOIN report_current USING (report_id)"
    )
    return int(value)


def test_old_builds_are_pruned(house: Any) -> None:
    made = [grow(house, value) for value in range(builds.KEEP + 1)]
    kept = [b.build_id for b in builds.builds(house.warehouse)]
    assert kept == [b.build_id for b in reversed(made[-builds.KEEP :])]


def test_ids_sort_by_load_even_with_the_clock_set_back() -> None:
    assert builds.new_build_id(8, after="29990101T000000-0007") == "29990101T000000-0008"
    assert builds.new_build_id(1) < builds.new_build_id(2)


@pytest.mark.parametrize("damage", [
    "", '{"build": "x", "file": "../x"}',
    *(pytest.param(other, marks=pytest.mark.long)
      for other in ("{", '{"build": 1, "file": "x"}', "[]", "null")),
])  # fmt: skip
def test_a_broken_pointer_is_named_and_mended(
    house: Any, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    grow(house, 1)
    build = grow(house, 2)
    (house.warehouse / builds.POINTER).write_text(damage)
    assert served(house) == 2
    assert builds.POINTER in caplog.text
    house.load()
    assert builds.read_pointer(house.warehouse)["build"] == build.build_id
    assert builds.find_current(house.warehouse) == (build, [])


def test_a_missing_pointer(house: Any) -> None:
    grow(house, 1)
    (house.warehouse / builds.POINTER).unlink()
    assert served(house) == 1


@pytest.mark.parametrize("how", [
    "truncate", "other",
    *(pytest.param(how, marks=pytest.mark.long) for how in ("header", "empty", "gone")),
])  # fmt: skip
def test_a_broken_build_gives_way_to_the_one_before(
    house: Any, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = grow(house, 1)
    build = grow(house, 2)
    data = build.path.read_bytes()
    if how == "gone":
        build.path.unlink()
    else:
        build.path.write_bytes({
            "truncate": data[: len(data) // 2],
            "header": b"\0" * 16384 + data[16384:],
            "empty": b"",
            "other": before.path.read_bytes(),
        }[how])  # fmt: skip
    assert builds.open_current(house.warehouse) == before.path
    assert build.path.name in caplog.text
    assert served(house) == 1
    assert grow(house, 3) == builds.find_current(house.warehouse)[0]
    assert served(house) == 3


def test_damage_in_the_middle_is_found_by_verify(house: Any) -> None:
    build = grow(house, 1)
    assert builds.verify(build.path) == []
    data = bytearray(build.path.read_bytes())
    for at in range(3 * 262144, len(data) - 4096, 262144):
        data[at + 1000] ^= 0xFF
    build.path.write_bytes(data)
    assert builds.verify(build.path) != []


def test_a_look_during_publishing_looks_again(
    house: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A build pruned between reading the pointer and opening it is no damage."""
    first = grow(house, 1)
    find = builds.find_current

    def slow(warehouse: Path, **visit: Any) -> Any:
        if not builds.builds(warehouse)[0].build_id > first.build_id:
            monkeypatch.setattr(builds, "find_current", find)
            grow(house, 2)
            return None, [f"{first.path}: missing"]
        return find(warehouse, **visit)

    monkeypatch.setattr(builds, "find_current", slow)
    assert served(house) == 2
    assert caplog.text == ""


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="disclosure load"):
        builds.open_current(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_are_cleaned(house: Any) -> None:
    grow(house, 1)
    work = house.warehouse / f"{builds.WORK_PREFIX}old"
    work.mkdir()
    (work / "build.duckdb").write_bytes(b"half")
    (house.warehouse / f".{builds.POINTER}.tmp").write_text("{")
    orphan = house.warehouse / "99991231T000000-0009.duckdb"
    orphan.write_bytes(b"never pointed at")
    assert served(house) == 1
    grow(house, 2)
    names = {p.name for p in house.warehouse.iterdir()}
    assert not {work.name, f".{builds.POINTER}.tmp"} & names
    assert served(house) == 2


def test_a_failing_load_leaves_everything(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build = grow(house, 1)
    monkeypatch.setattr("etl.warehouse.marts.sums_sql", lambda _: "SELECT * FROM nowhere")
    house.put("b.html", fake.document(A, 2023))
    with pytest.raises(WarehouseError, match="nowhere"):
        house.load()
    assert builds.find_current(house.warehouse) == (build, [])
    assert not list(house.warehouse.glob(f"{builds.WORK_PREFIX}*"))


HOLDER = """
import sys, time
from pathlib import Path
from etl.warehouse import builds
with builds.lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holding(warehouse: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(warehouse), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_load_refuses_and_names_the_holder(house: Any) -> None:
    grow(house, 1)
    with holding(house.warehouse, 60) as process:
        with pytest.raises(WarehouseError, match=f"pid {process.pid} "):
            grow(house, 2)
        process.kill()  # the system drops a dead holder's lock
    assert grow(house, 3)


def test_the_second_load_waits(house: Any) -> None:
    with holding(house.warehouse, 0.5):
        house.put("a.html", fake.document(A, 2022))
        assert house.load(wait_seconds=20).published


def test_disk_full_says_so_and_keeps_the_old_build(house: Any) -> None:
    """A file size limit stands in for a full disk: the same errors, for this process only."""
    resource = pytest.importorskip("resource")
    build = grow(house, 1)
    for number in range(30):
        noise = os.urandom(20000).hex()
        house.put(f"n{number}.html", fake.document(A, 2022, sections={"s1": noise}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (build.path.stat().st_size + 100_000, hard))
    try:
        with pytest.raises(WarehouseError, match="磁盘空间不足"):
            house.load()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert builds.find_current(house.warehouse) == (build, [])
    assert served(house) == 1
    assert house.load().published


READERS = """
import sys, threading
from pathlib import Path
import duckdb
from etl.warehouse import builds
warehouse, stop, seen = Path(sys.argv[1]), threading.Event(), set()
ready = threading.Barrier(int(sys.argv[2]) + 1)
def whole():
    path = builds.open_current(warehouse)
    with builds.connect(path) as con:
        for _ in range(3):  # what is open stays what it was
            rows = con.execute(
                "SELECT (SELECT value FROM meta_build WHERE key = 'build_id'), "
                "(SELECT count(*) FROM report_current), "
                "(SELECT list(DISTINCT t3_received_new_total) FROM core_report "
                " JOIN report_current USING (report_id)), "
                "(SELECT value FROM meta_build WHERE key = 'step')").fetchall()
            [(build, n, values, step)] = rows
            if (build, n, values) != (path.stem, 1, [int(step)]):
                print("mixed", rows)
    seen.add(path.stem)
def read():
    whole()
    ready.wait()
    while not stop.wait(0.3):
        try:
            whole()
        except duckdb.IOException as error:
            # Pruned between finding and opening: look again. DuckDB says it in two ways.
            if not any(said in str(error) for said in ("No such file", "does not exist")):
                print("failed", error)
        except Exception as error:
            print("failed", error)
threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
ready.wait()
print("ready", flush=True)
sys.stdin.read()
stop.set()
for thread in threads: thread.join()
print("builds", len(seen))
"""
READING, PUBLISHED = 20, 20


def republish(house: Any, template: bytes, step: int) -> None:
    """Publish a build in which every figure says ``step``, the way a load does, without reading."""
    build_id = builds.new_build_id(100 + step)
    draft = house.warehouse / ".draft"
    draft.write_bytes(template)
    with builds.connect(draft, read_only=False) as con:
        con.execute("UPDATE meta_build SET value = ? WHERE key = 'build_id'", [build_id])
        con.execute("INSERT INTO meta_build VALUES ('step', ?)", [str(step)])
        con.execute("UPDATE wide_report SET t3_received_new_total = ?", [step])
        con.execute("CHECKPOINT")
    builds.prune(house.warehouse, builds.publish(house.warehouse, draft, build_id, {}))


def test_readers_see_only_whole_builds(house: Any) -> None:
    """Twenty builds are published under twenty reading threads: each reading is one build's."""
    template = grow(house, 0).path.read_bytes()
    republish(house, template, 0)
    process = subprocess.Popen(
        [sys.executable, "-c", READERS, str(house.warehouse), str(READING)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for step in range(1, PUBLISHED + 1):
        republish(house, template, step)
    told, _ = process.communicate(timeout=60)
    assert told.startswith("builds "), told
    assert int(told.removeprefix("builds ")) > 1


def test_pointer_is_plain_json(house: Any) -> None:
    build = grow(house, 1)
    pointer = json.loads((house.warehouse / builds.POINTER).read_text())
    assert (pointer["build"], pointer["file"]) == (build.build_id, build.path.name)
