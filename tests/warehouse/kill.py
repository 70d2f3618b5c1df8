"""Loads ended at random moments: what is served afterwards is a whole build, old or new.

Ways to end one, drawn at random: ``kill -9`` of the load, of the load with its workers, of the
loader alone (its workers live on for a moment), a file size limit (the errors of a full disk) and
a limit on memory. After each, everything in the served build is compared with what that build must
hold.

    python -m tests.warehouse.kill --times 200 [--seed 1]

The suite runs a small number (``test_kill.py``).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))

import fake_documents as fake
from houses import Content, House, content_of

from etl.warehouse import builds

#: Each with its weight. ``pool`` and ``alone`` read in two worker processes.
WAYS: Final = {"inline": 10, "pool": 3, "alone": 3, "disk": 3, "memory": 3}
_REPORTS: Final = 6
_MEMORY: Final = 1200 << 20

#: Forks one child a line, so that the seconds of importing are paid once; the child is a session
#: of its own, so that its workers die with it. It never opens a build itself.
_NURSERY: Final = """
import os, resource, sys
from pathlib import Path
import fake_documents as fake
from etl.executors import InlineExecutor, LocalExecutor
from etl.form.rules import load_rules
from etl.warehouse import assemble, meta, reading
from etl.warehouse.load import Options, load

def limit(what, size):
    resource.setrlimit(what, (size, resource.getrlimit(what)[1]))

if __name__ == "__main__":
    load_rules(); reading.definitions(); list(meta.rows())
    for line in sys.stdin:
        way, bound = line.split()
        child = os.fork()
        if not child:
            os.setsid()
            executor = LocalExecutor(2) if way in ("pool", "alone") else InlineExecutor()
            if way == "disk":
                limit(resource.RLIMIT_FSIZE, int(bound))
            if way == "memory":
                pages = int(Path("/proc/self/statm").read_text().split()[0])
                limit(resource.RLIMIT_AS, pages * os.sysconf("SC_PAGE_SIZE") + int(bound))
            try:
                load([Path(sys.argv[1])], Path(sys.argv[2]), Options(
                    parse=fake.parse, describe=fake.describe, executor=executor, wait_seconds=20))
                os._exit(0)
            except BaseException as error:
                print(way, type(error).__name__, str(error)[:150], file=sys.stderr)
                os._exit(1)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Nursery:
    """A process that starts loads and can have them killed."""

    def __init__(self, house: House, script: Path) -> None:
        script.write_text(_NURSERY)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.house = house
        self.log = script.with_suffix(".log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(house.corpus), str(house.warehouse)],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            text=True,
        )  # fmt: skip

    def load(self, way: str = "inline", kill_after: float | None = None, bound: int = 0) -> int:
        """Exit code of one load, killed after some seconds unless it is through before."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{way} {bound}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                (os.kill if way == "alone" else os.killpg)(child, signal.SIGKILL)
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.log.close()


@dataclass
class Tally:
    """How often which way ended a load before and after it had published."""

    ended: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        ways = ", ".join(
            f"{way} {self.ended[way]}+{self.finished[way]}"
            for way in WAYS
            if self.ended[way] or self.finished[way]
        )
        before, after = self.ended.total(), self.finished.total()
        return (
            f"{before + after} loads: {before} ended before publishing, {after} after ({ways}); "
            "0 lost, 0 mixed"
        )


def campaign(house: House, script: Path, times: int, *, seed: int = 20261124) -> Tally:
    """End ``times`` loads; an ``AssertionError`` where anything but a whole build is served."""
    rng = random.Random(seed)
    tally = Tally()
    nursery = Nursery(house, script)
    try:
        change(house, 0)
        assert nursery.load() == 0
        change(house, 1)
        begun = time.monotonic()
        assert nursery.load() == 0
        window = time.monotonic() - begun
        good = content_of(builds.open_current(house.warehouse))
        # One of each first: a short campaign misses none.
        ways = [*WAYS, *rng.choices(list(WAYS), list(WAYS.values()), k=times)][:times]
        for step, way in enumerate(ways, start=2):
            change(house, step)
            _end_one(nursery, way, rng, window)
            published, good = _judge(house, step, good)
            (tally.finished if published else tally.ended)[way] += 1
            if way in ("inline", "pool", "alone"):
                # A machine with other work is slower now than at first.
                window *= 0.85 if published else 1.05
        change(house, -1)
        assert nursery.load() == 0, "the next load works"
        assert received(builds.open_current(house.warehouse)) == {-1}
        assert not list(house.warehouse.glob(f"{builds.WORK_PREFIX}*")), "nothing is left behind"
    finally:
        nursery.close()
    return tally


def _end_one(nursery: Nursery, way: str, rng: random.Random, window: float) -> None:
    if way == "disk":
        size = builds.open_current(nursery.house.warehouse).stat().st_size
        nursery.load(way, bound=int(rng.uniform(0, 2.0) * size))
    elif way == "memory":
        nursery.load(way, bound=int(rng.uniform(0, _MEMORY)))
    else:
        nursery.load(way, rng.uniform(0.0, window))


def _judge(house: House, step: int, good: Content) -> tuple[bool, Content]:
    """Whether the load had published, and what is to be served from now on."""
    path = builds.open_current(house.warehouse)
    values = received(path)
    assert len(values) == 1, "a mixed build"
    found = content_of(path)
    if values == {step}:
        assert len(found["wide_report"]) >= _REPORTS, "a lost report"
        return True, found
    assert found == good, "an old build changed"
    return False, good


def change(house: House, step: int) -> None:
    """Every report of the corpus now says ``step``."""
    for number in range(_REPORTS):
        cells = {"t3.received_new.total": step, "t3.carried_in.total": number}
        house.put(f"{number}.html", fake.document(f"P1/C1/K{number}/局", 2022, cells=cells))


def received(path: Path) -> set[int]:
    """What the current reports of a build say."""
    with contextlib.closing(builds.connect(path)) as con:
        rows = con.execute(
            "SELECT t3_received_new_total FROM core_report JOIN report_current USING (report_id)"
        ).fetchall()
    return {value for (value,) in rows}


def main() -> None:
    """The long run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261124)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        tally = campaign(House(Path(folder)), Path(folder) / "nursery.py", asked.times,
                         seed=asked.seed)  # fmt: skip
        print(f"{tally}, {time.monotonic() - begun:.0f} s, seed {asked.seed}")


if __name__ == "__main__":
    main()
