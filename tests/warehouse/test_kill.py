"""A load killed at any moment leaves the last build served and the next load working."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_documents as fake
import pytest

from etl.warehouse import builds

#: ``KILLS=200 pytest tests/warehouse/test_kill.py -s`` is the long run.
KILLS = int(os.environ.get("KILLS", "12"))

#: Forks one child a line, so that the seconds of importing are paid once; the child is a session
#: of its own, so that its workers die with it. It never opens a build itself.
NURSERY = """
import os, sys
from pathlib import Path
import fake_documents as fake
from etl.executors import InlineExecutor, LocalExecutor
from etl.form.rules import load_rules
from etl.warehouse import assemble, meta, reading
from etl.warehouse.load import Options, load
if __name__ == "__main__":
    load_rules(); reading.definitions(); list(meta.rows())
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setsid()
            executor = LocalExecutor(2) if line.strip() == "pool" else InlineExecutor()
            try:
                load([Path(sys.argv[1])], Path(sys.argv[2]), Options(
                    parse=fake.parse, describe=fake.describe, executor=executor, wait_seconds=20))
                os._exit(0)
            except BaseException:
                import traceback; traceback.print_exc()
                os._exit(1)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Nursery:
    def __init__(self, house: Any, script: Path) -> None:
        script.write_text(NURSERY)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(house.corpus), str(house.warehouse)],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def load(self, kind: str = "inline", kill_after: float | None = None) -> int:
        """Exit code of one load, killed after some seconds unless it is through before."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills by signal")
@pytest.mark.timeout(60 + 10 * KILLS)
def test_killed_at_random_moments(
    house: Any, tmp_path: Path, content: Callable[[Path], Any]
) -> None:
    rng = random.Random(20261124)
    nursery = Nursery(house, tmp_path / "nursery.py")
    try:
        _change(house, 0)
        assert nursery.load() == 0
        _change(house, 1)
        begun = time.monotonic()
        assert nursery.load() == 0
        window = time.monotonic() - begun
        good = content(builds.open_current(house.warehouse))
        killed = finished = 0
        for step in range(2, KILLS + 2):
            _change(house, step)
            nursery.load("pool" if step % 7 == 0 else "inline", rng.uniform(0.0, window))
            path = builds.open_current(house.warehouse)
            values = {row[0] for row in _received(path)}
            assert len(values) == 1, "a mixed build"
            if values == {step}:
                finished += 1
                window *= 0.85
                good = content(path)
            else:
                killed += 1
                window *= 1.05  # a machine with other work is slower now than at first
                assert content(path) == good, "an old build changed"
        _change(house, -1)
        assert nursery.load() == 0
        assert {row[0] for row in _received(builds.open_current(house.warehouse))} == {-1}
        assert not list(house.warehouse.glob(f"{builds.WORK_PREFIX}*"))
        print(f"{KILLS} kills: {killed} before publishing, {finished} after")
        assert killed > 0
    finally:
        nursery.close()


def _change(house: Any, step: int) -> None:
    for number in range(6):
        cells = {"t3.received_new.total": step, "t3.carried_in.total": number}
        house.put(f"{number}.html", fake.document(f"P1/C1/K{number}/局", 2022, cells=cells))


def _received(path: Path) -> list[tuple[int]]:
    with builds.connect(path) as con:
        return con.execute(
            "SELECT t3_received_new_total FROM core_report JOIN report_current USING (report_id)"
        ).fetchall()
