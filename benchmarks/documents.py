"""Loads of documents: first with one and two reading processes, then again, little or nothing new.

    python -m benchmarks.documents [FOLDER] [--reports 4000] [--json FILE]
    (default: a demonstration corpus in a temporary folder; a FOLDER is copied, never changed)

Two processes against one: on the wall (aim ≥ 1.8×). Nothing changed: the load against hashing the
files (aim ≤ 1.5×). One file in a hundred changed: against the first load (aim ≤ 5 % plus the copy
of the build). Loads are timed as a user runs them without the start of Python and its imports.
Processor time is what loads and the processes they start take themselves, whatever else the machine
does.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from benchmarks.storage import table_bytes
from etl.demo import write_corpus
from etl.warehouse import builds
from etl.warehouse.load import Options, load

REPORTS = 4000
ROUNDS = 5
#: Every so many files one changes.
EVERY = 100


@dataclass(frozen=True)
class Spent:
    """Seconds: on the wall, of this process, of the processes it started."""

    wall: float
    own: float
    readers: float

    @property
    def processor(self) -> float:
        """All processor seconds."""
        return self.own + self.readers


def spent(task: Callable[[], object]) -> Spent:
    """Run a task and say what it took."""
    own, readers = _used(resource.RUSAGE_SELF), _used(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    task()
    wall = time.perf_counter() - begun
    # The times of reading processes are known once the server that started them is waited for.
    forkserver._forkserver._stop()
    return Spent(wall, _used(resource.RUSAGE_SELF) - own, _used(resource.RUSAGE_CHILDREN) - readers)


def _used(whose: int) -> float:
    found = resource.getrusage(whose)
    return found.ru_utime + found.ru_stime


def _files(folder: Path) -> list[Path]:
    """The files of a corpus, in order, without what the demonstration knows to be true of them."""
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and "_truth" not in p.parts]


def hash_all(folder: Path) -> int:
    """The floor of a load that changes nothing: read every file and hash it; returns how many."""
    files = _files(folder)
    for path in files:
        hashlib.sha256(path.read_bytes()).hexdigest()
    return len(files)


def median(task: Callable[[], object]) -> float:
    """Median wall seconds over the rounds."""
    return statistics.median(spent(task).wall for _ in range(ROUNDS))


def change(folder: Path) -> int:
    """One document in a hundred says something else at its end; returns how many."""
    texts = [p for p in _files(folder) if p.suffix in {".html", ".txt", ".md"}]
    chosen = texts[::EVERY]
    for path in chosen:
        path.write_bytes(path.read_bytes() + b"\n\n")
    return len(chosen)


def copy_seconds(build: Path, folder: Path) -> float:
    """The floor of a new build: copying the last one and bringing it to the disk."""
    begun = time.perf_counter()
    shutil.copyfile(build, folder / "copy")
    builds.sync_file(folder / "copy")
    return time.perf_counter() - begun


def measure(corpus: Path, folder: Path) -> dict[str, Any]:
    """All loads of a corpus, which changes on the way, into warehouses in ``folder``.

    Seconds, counts, and the bytes of provenance a report.
    """
    warehouse, alone = folder / "warehouse", folder / "alone"
    one = spent(lambda: load([corpus], alone, Options(jobs=1)))
    full = spent(lambda: load([corpus], warehouse, Options(jobs=2)))
    n_files = hash_all(corpus)
    found: dict[str, Any] = {
        "files": n_files, "hashing": median(lambda: hash_all(corpus)),
        "one": asdict(one), "full": asdict(full),
    }  # fmt: skip
    again = load([corpus], warehouse, Options(jobs=2))
    assert not again.published, "nothing changed, yet a build was published"
    found["reports"] = again.total_reports
    found["again"] = median(lambda: load([corpus], warehouse, Options(jobs=2)))
    found["quick"] = median(lambda: load([corpus], warehouse, Options(jobs=2, quick=True)))
    build = builds.open_current(warehouse)
    found["copy"] = copy_seconds(build, folder)
    found["bytes"] = _provenance_bytes(build) / again.total_reports
    found["changed"] = change(corpus)
    some = spent(lambda: load([corpus], warehouse, Options(jobs=2)))
    few = spent(lambda: load([corpus], alone, Options(jobs=1)))
    found |= {"some": asdict(some), "some_one": asdict(few)}
    return found | {
        "speed_up": one.wall / full.wall,
        "reload": found["again"] / found["hashing"],
        "share_cpu": some.processor / full.processor,
        "share_wall": (some.wall - found["copy"]) / full.wall,
        "share_wall_one": (few.wall - found["copy"]) / one.wall,
    }


def _provenance_bytes(build: Path) -> int:
    with contextlib.closing(builds.connect(build)) as con:
        return table_bytes(con)["provenance"]


def main() -> None:
    """Measure and print; write the figures where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--reports", type=int, default=REPORTS, help=f"of the demo ({REPORTS})")
    parser.add_argument("--json", type=Path, help="write the figures")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "demo"
        if asked.folder:
            shutil.copytree(asked.folder, corpus)
        else:
            write_corpus(corpus, reports=asked.reports)
        found = measure(corpus, Path(temporary))
    text = json.dumps(found, indent=1)
    if asked.json:
        asked.json.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
