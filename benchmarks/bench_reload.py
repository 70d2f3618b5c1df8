"""Reload of an unchanged corpus against hashing its files: a ratio in one run (aim ≤ 1.5×).

The whole command is timed as a user runs it and, beside it, without the start of Python and its
imports, which a corpus of thousands of files does not notice.

    python benchmarks/bench_reload.py [FOLDER]      (default: a demo corpus in a temporary folder)
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from etl.demo import write_corpus
from etl.warehouse.load import Options, load

ROUNDS = 5


def hash_all(folder: Path) -> int:
    """The floor: read every file and hash it."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "_truth" not in p.parts]
    for path in files:
        hashlib.sha256(path.read_bytes()).hexdigest()
    return len(files)


def median(task: Callable[[], object]) -> float:
    """Median wall seconds over the rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Load once, then time reloads against the floor."""
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary) / "demo"
        if len(sys.argv) < 2:
            write_corpus(corpus, reports=1000)
        warehouse = Path(temporary) / "warehouse"
        load([corpus], warehouse, Options(jobs=2))
        n_files = hash_all(corpus)
        floor = median(lambda: hash_all(corpus))
        again = load([corpus], warehouse, Options(jobs=2))
        assert not again.published, "nothing changed, yet a build was published"
        reload = median(lambda: load([corpus], warehouse, Options(jobs=2)))
        quick = median(lambda: load([corpus], warehouse, Options(jobs=2, quick=True)))
        print(f"{n_files} files: hashing {floor:.3f} s, reload {reload:.3f} s, quick {quick:.3f} s")
        print(f"reload / hashing = {reload / floor:.2f}, quick / hashing = {quick / floor:.2f}")


if __name__ == "__main__":
    main()
