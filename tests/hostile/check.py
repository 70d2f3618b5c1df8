"""A load over hostile files: what became of them, and what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

from tests.hostile.corpus import SOUND, File, write


@dataclass(frozen=True)
class Outcome:
    """``statuses`` counts documents by status and code; ``megabytes`` is the load's peak memory."""

    hostile: int
    code: int
    statuses: dict[str, int]
    sound: int
    seconds: float
    megabytes: float
    strangers: list[str]
    errors: str


def run(folder: Path, files: Iterator[File], *, jobs: int = 2, timeout: int = 60) -> Outcome:
    """Write the files below ``folder``, load them, and look around."""
    inbox, warehouse, home = folder / "inbox", folder / "warehouse", folder / "home"
    for path in (inbox, home):
        path.mkdir()
    count = write(inbox, files)
    (inbox / "divisions.csv").write_bytes(
        (Path(__file__).parents[1] / "golden" / "divisions.csv").read_bytes()
    )
    before = {path for path in folder.rglob("*") if warehouse not in path.parents}
    command = [
        *(sys.executable, "-m", "etl.cli", "load", str(inbox)),
        *("--warehouse", str(warehouse), "--jobs", str(jobs), "--timeout", str(timeout)),
    ]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "HOME": str(home), "TMPDIR": str(home)}
    start, peak = time.monotonic(), 0
    with subprocess.Popen(
        command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        family = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _memory(family))
            time.sleep(0.1)
        errors = process.stderr.read().decode() if process.stderr else ""
    seconds = time.monotonic() - start
    after = {path for path in folder.rglob("*") if warehouse not in path.parents}
    strangers = sorted(str(p.relative_to(folder)) for p in after - before - {warehouse})
    statuses, sound = _loaded(warehouse)
    return Outcome(
        count, process.returncode, statuses, sound, seconds, peak / 2**20, strangers, errors
    )


def _memory(process: psutil.Process) -> int:
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.Error:
        return total
    return total


def _loaded(warehouse: Path) -> tuple[dict[str, int], int]:
    if not (warehouse / "current.json").is_file():  # nothing was published: the errors say why
        return {}, 0
    pointer = json.loads((warehouse / "current.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(warehouse / pointer["file"]), read_only=True) as database:
        rows = database.execute(
            "SELECT coalesce(problem_code, 'read'), count(*) FROM document GROUP BY 1 ORDER BY 1"
        ).fetchall()
        good = database.execute(
            "SELECT count(*) FROM document WHERE status = 'report' AND list_contains(?, filename)",
            [list(SOUND)],
        ).fetchone()
    return dict(rows), int(good[0]) if good else 0
