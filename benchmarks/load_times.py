"""Wall and processor time of a load, its reading processes included, for the load benchmarks.

On a machine with other work, wall time says little; processor time is what the load itself took.
"""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path


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


def hash_all(folder: Path) -> int:
    """The floor of a load that changes nothing: read every file and hash it; returns how many."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "_truth" not in p.parts]
    for path in files:
        hashlib.sha256(path.read_bytes()).hexdigest()
    return len(files)


def _used(whose: int) -> float:
    found = resource.getrusage(whose)
    return found.ru_utime + found.ru_stime
