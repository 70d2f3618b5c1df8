"""DOCX bytes → document, against python-docx opening the file (and reading its tables), in one run.

    python benchmarks/bench_docx.py [FILE...]

Without files: the real form in ``../shared/reports`` where present, and the test suite's own.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docx

from etl.read.docx import read_docx
from etl.read.limits import Limits

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 9


def ours(data: bytes) -> None:
    read_docx(data, Limits())


def opened(data: bytes) -> None:
    docx.Document(io.BytesIO(data))


def with_cells(data: bytes) -> None:
    for table in docx.Document(io.BytesIO(data)).tables:
        for row in table.rows:
            for cell in row.cells:
                _ = cell.text


def median(task: Callable[[bytes], None], data: bytes) -> float:
    task(data)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        task(data)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def files(arguments: list[str]) -> list[Path]:
    if arguments:
        return [Path(argument) for argument in arguments]
    shared = sorted((ROOT.parent / "shared" / "reports").glob("*.docx"))
    return [*shared, ROOT / "tests" / "read_binary" / "data" / "libreoffice.docx"]


def main() -> None:
    print(f"{'file':<22}{'ours':>9}{'open':>10}{'open+cells':>12}{'open/ours':>11}")
    for path in files(sys.argv[1:]):
        data = path.read_bytes()
        own, opening, cells = (median(task, data) for task in (ours, opened, with_cells))
        print(
            f"{path.name:<22}{own * 1e3:>6.1f} ms{opening * 1e3:>7.1f} ms{cells * 1e3:>9.1f} ms"
            f"{opening / own:>10.1f}x"
        )


if __name__ == "__main__":
    main()
