"""The process pool: nothing is lost but what kills its reader."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fake_documents as fake
import pytest

from etl.errors import UsageError
from etl.executors import (
    Beat,
    DaskExecutor,
    Done,
    InlineExecutor,
    LocalExecutor,
    Lost,
    executor_for,
    local,
)

A = "P1/C1/K1/甲局"


def double(items: Sequence[int], beat: Beat) -> list[int]:
    out = []
    for position, item in enumerate(items):
        beat(position)
        if item == 13:
            os._exit(7)
        if item == 14:
            time.sleep(600)
        if item == 15:
            raise OSError(errno.ENOSPC, "no space")
        out.append(item * 2)
    beat(len(items))
    return out


def run(executor: Any, batches: list[list[int]]) -> tuple[list[int], list[tuple[int, str]]]:
    outcomes = list(executor.run(double, batches))
    done = [n for o in outcomes if isinstance(o, Done) for n in o.result]
    lost = [(o.item, o.code) for o in outcomes if isinstance(o, Lost)]
    return sorted(done), sorted(lost)


@pytest.mark.parametrize("executor", [InlineExecutor(), LocalExecutor(1), LocalExecutor(3)])
def test_all_batches_come_back(executor: Any) -> None:
    assert run(executor, [[1, 2], [3], [4, 5, 6]]) == ([2, 4, 6, 8, 10, 12], [])


def test_a_crash_loses_one_item() -> None:
    assert run(LocalExecutor(2), [[1, 13, 2], [3, 4]]) == ([2, 4, 6, 8], [(13, "crashed")])


def test_a_hang_loses_one_item() -> None:
    executor = LocalExecutor(1, timeout=1.0)
    assert run(executor, [[1, 14, 2], [3]]) == ([2, 4, 6], [(14, "timeout")])


def test_an_error_of_the_job_itself_ends_the_run() -> None:
    with pytest.raises(OSError, match="no space") as caught:
        run(LocalExecutor(2), [[15]])
    assert caught.value.errno == errno.ENOSPC


def test_batches_are_drawn_lazily() -> None:
    drawn = []

    def batches() -> Any:
        for number in range(50):
            drawn.append(number)
            yield [number + 100]

    outcomes = LocalExecutor(2).run(double, batches())
    next(outcomes)
    assert len(drawn) <= 4


def test_hostile_files_in_a_load(house: Any) -> None:
    for number in range(6):
        house.put(f"{number}.html", fake.document(A, 2017 + number))
    house.put("crash.html", "CRASH")
    house.put("hang.html", "HANG")
    house.put("raise.html", "RAISE")
    house.put("once.html", "ONCE")
    summary = house.load(executor=LocalExecutor(2, timeout=2.0))
    assert summary.n_reports == 6
    assert {Path(r.source).name: r.code for r in summary.rejections} == {
        "crash.html": "crashed", "hang.html": "timeout", "raise.html": "crashed",
        "once.html": "not_a_report",
    }  # fmt: skip
    assert len(house.rows("FROM report_current")) == 6
    assert len(house.rows("FROM rejected_document")) == 4
    assert not house.load(executor=LocalExecutor(2, timeout=2.0)).published


@pytest.mark.skipif(sys.platform != "linux", reason="memory of one process is bounded on Linux")
def test_a_file_that_eats_memory_is_rejected_by_name(house: Any) -> None:
    house.put("good.html", fake.document(A, 2022))
    house.put("eat.html", "EAT")
    summary = house.load(executor=LocalExecutor(1, timeout=60.0, memory=2 << 30))
    assert summary.n_reports == 1
    [rejection] = summary.rejections
    assert Path(rejection.source).name == "eat.html" and rejection.code == "crashed"
    assert "MemoryError" in rejection.message


def test_names_of_executors() -> None:
    assert isinstance(executor_for("local", 2, timeout=1), LocalExecutor)
    assert isinstance(executor_for("dask://host:1", 2, timeout=1), DaskExecutor)
    for wrong in ("spark", "dask://", "dask", ""):
        with pytest.raises(UsageError, match="unknown executor"):
            executor_for(wrong, 2, timeout=1)


def test_a_long_folder_for_temporary_files_starts_processes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    assert local.start_method() == "forkserver"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 100)))
    assert local.start_method() == "spawn"
