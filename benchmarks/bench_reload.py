"""Loading again what is loaded: nothing changed, and one file in a hundred changed.

Nothing changed: reload against hashing the files (aim ≤ 1.5×). The whole command is timed as a user
runs it without the start of Python and its imports, which a corpus of thousands of files does not
notice. One in a hundred changed: against the full load of the same run (aim ≤ 5 % plus the copy of
the build), by processor time, which other work on the machine does not stretch much, and by wall.

    python benchmarks/bench_reload.py [FOLDER] [--reports 1000]
    (default: a demo corpus in a temporary folder; a FOLDER is copied, never changed)
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from load_times import hash_all, spent

from etl.demo import write_corpus
from etl.warehouse import builds
from etl.warehouse.load import Options, load

ROUNDS = 5


def median(task: Callable[[], object]) -> float:
    """Median wall seconds over the rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def change(folder: Path) -> int:
    """One document in a hundred says something else at its end; returns how many."""
    files = [
        p for p in sorted(folder.rglob("*"))
        if p.suffix in {".html", ".txt", ".md"} and "_truth" not in p.parts
    ]  # fmt: skip
    chosen = files[::100]
    for path in chosen:
        path.write_bytes(path.read_bytes() + b"\n\n")
    return len(chosen)


def copy_seconds(build: Path, folder: Path) -> float:
    """The floor of a new build: copying the last one and bringing it to the disk."""
    begun = time.perf_counter()
    shutil.copyfile(build, folder / "copy")
    builds.sync_file(folder / "copy")
    return time.perf_counter() - begun


def main() -> None:
    """Load once, then time reloads against their floors."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--reports", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        corpus, warehouse = Path(temporary) / "demo", Path(temporary) / "warehouse"
        if asked.folder:
            shutil.copytree(asked.folder, corpus)
        else:
            write_corpus(corpus, reports=asked.reports)
        full = spent(lambda: load([corpus], warehouse, Options(jobs=2)))
        n_files = hash_all(corpus)
        floor = median(lambda: hash_all(corpus))
        again = load([corpus], warehouse, Options(jobs=2))
        assert not again.published, "nothing changed, yet a build was published"
        reload = median(lambda: load([corpus], warehouse, Options(jobs=2)))
        quick = median(lambda: load([corpus], warehouse, Options(jobs=2, quick=True)))
        print(f"{n_files} files: hashing {floor:.3f} s, reload {reload:.3f} s, quick {quick:.3f} s")
        print(f"reload / hashing = {reload / floor:.2f}, quick / hashing = {quick / floor:.2f}")
        copy = copy_seconds(builds.open_current(warehouse), Path(temporary))
        n_changed = change(corpus)
        some = spent(lambda: load([corpus], warehouse, Options(jobs=2)))
        print(
            f"full load {full.wall:.1f} s, processor {full.processor:.1f} s; {n_changed} changed: "
            f"{some.wall:.1f} s, processor {some.processor:.1f} s (reading {some.readers:.1f}); "
            f"copy of the build {copy:.2f} s"
        )
        print(
            f"1 % changed / full = {some.processor / full.processor:.3f} by processor time, "
            f"{(some.wall - copy) / full.wall:.3f} by wall less the copy"
        )


if __name__ == "__main__":
    main()
