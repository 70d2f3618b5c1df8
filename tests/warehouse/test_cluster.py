"""Loads through a real Dask cluster of two worker processes: same content, nothing lost."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fake_documents as fake
import pytest
from fake_jobs import full, kill_the_worker, whoami

from etl.demo import write_corpus
from etl.errors import DisclosureError, UsageError
from etl.executors import DaskExecutor, Done, InlineExecutor, LocalExecutor, Lost
from etl.warehouse import builds, reading, shards
from etl.warehouse.files import FileTask
from etl.warehouse.load import Options, load

distributed = pytest.importorskip("distributed")
#: Documents of the demo corpus's beginning: all text and HTML layouts, a spreadsheet, some errors.
REPORTS = 24


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    ) as made:
        yield made


def executor(cluster: Any, **options: Any) -> DaskExecutor:
    return DaskExecutor(cluster.scheduler_address, **options)


def workers(cluster: Any) -> dict[str, int]:
    """Worker processes by address, once both are there (one that was killed starts anew)."""
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2)
        pids: dict[str, int] = client.run(os.getpid)
        return pids


def test_the_same_warehouse_as_local(
    cluster: Any, tmp_path: Path, content: Callable[[Path], Any]
) -> None:
    corpus = tmp_path / "demo"
    write_corpus(corpus, reports=REPORTS)
    found = []
    for name, how in (("local", InlineExecutor()), ("dask", executor(cluster))):
        summary = load([corpus], tmp_path / name, Options(jobs=2, executor=how))
        assert summary.n_reports > REPORTS // 2
        assert summary.build is not None
        found.append(content(summary.build.path))
    local, dask = found
    assert local.keys() == dask.keys()
    for table, rows in local.items():
        assert dask[table] == rows, table


@pytest.mark.long
def test_a_lost_worker_loses_no_file(cluster: Any, house: Any) -> None:
    """One of the two is killed while it reads; its files are read by others."""
    for number in range(12):
        house.put(f"{number:02d}.html", fake.document("P1/C1/K1/甲局", 2000 + number, pause=0.1))
    before = workers(cluster)
    killed: list[int] = []

    def progress(done: int, total: int) -> None:
        if done and not killed:
            killed.append(next(iter(before.values())))
            os.kill(killed[0], signal.SIGKILL)

    summary = house.load(executor=executor(cluster), progress=progress, jobs=1)
    assert killed
    assert (summary.n_reports, summary.rejections) == (12, [])
    assert len(house.rows("FROM report_current")) == 12
    assert killed[0] not in workers(cluster).values()


@pytest.mark.long
def test_hostile_files_are_rejected_by_name(cluster: Any, house: Any) -> None:
    """They end or hang a reader on the worker, never the worker; the rest is loaded."""
    for number in range(6):
        house.put(f"{number}.html", fake.document("P1/C1/K1/甲局", 2017 + number))
    for name in ("crash", "hang", "raise", "once"):
        house.put(f"{name}.html", name.upper())
    before = workers(cluster)
    summary = house.load(executor=executor(cluster, timeout=2.0))
    assert summary.n_reports == 6
    assert {Path(r.source).name: r.code for r in summary.rejections} == {
        "crash.html": "crashed", "hang.html": "timeout", "raise.html": "crashed",
        "once.html": "not_a_report",
    }  # fmt: skip
    assert workers(cluster) == before, "no worker was lost"


def test_an_item_that_takes_workers_along_is_lost_alone(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the guard cannot hold is found by splitting: the cluster's second line."""
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    outcomes = list(executor(cluster).run(kill_the_worker, [[1, 13], [2, 3]]))
    assert sorted(n for o in outcomes if isinstance(o, Done) for n in o.result) == [1, 2, 3]
    assert [(o.item, o.code) for o in outcomes if isinstance(o, Lost)] == [(13, "crashed")]


def test_an_error_of_the_job_itself_ends_the_run(cluster: Any) -> None:
    with pytest.raises(OSError, match="No space"):
        list(executor(cluster).run(full, [[1]]))


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.executors.cluster._CONNECT", "0.3s")
    with pytest.raises(UsageError, match="cannot reach"):
        list(DaskExecutor("tcp://127.0.0.1:9").run(full, [[1]]))


def test_a_cluster_without_workers_is_not_waited_for_for_ever() -> None:
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address=None, silence_logs="CRITICAL", processes=False
        ) as empty,
        pytest.raises(DisclosureError, match="no workers"),
    ):
        list(DaskExecutor(empty.scheduler_address, patience=0.0).run(full, [[1]]))


def test_readers_are_kept_from_batch_to_batch() -> None:
    pool = LocalExecutor(1, keep=True)
    with contextlib.closing(pool):
        [one] = pool.run(whoami, [[1]])
        [two] = pool.run(whoami, [[2]])
    [three] = pool.run(whoami, [[3]])
    pool.close()
    assert one == two != three


@pytest.mark.parametrize("fault", ["version", "folder", "files"])
def test_a_worker_of_another_make_rejects_nothing(tmp_path: Path, fault: str) -> None:
    """Files are not blamed for what the worker's machine lacks."""
    folder = tmp_path / "shards"
    if fault != "folder":
        folder.mkdir()
    definitions = "other" if fault == "version" else reading.definitions()
    job = shards.ReadJob(folder, fake.parse, fake.describe, 1, definitions)
    tasks = [shards.Task(n, FileTask(str(tmp_path / f"{n}.html"), 0, 0, "")) for n in (0, 1)]
    with pytest.raises(builds.WarehouseError, match="version" if fault == "version" else "see"):
        job(tasks, lambda _: None)
