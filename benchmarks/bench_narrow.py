"""Asking one measure of ``mart_report`` as a view and through :mod:`dashboard.narrow`; one run.

    python -m benchmarks.bench_narrow [WAREHOUSE]

Processor milliseconds, the least of the rounds; the floor is the same sum over the stored cells.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from dashboard.db import Database, current_build, warehouse_folder

ROUNDS = 20
MEASURE = "m_disclosure_rate_num"


def least(task: Callable[[], object]) -> float:
    """Least processor milliseconds of a call."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return min(times) * 1e3


def main() -> None:
    """The view, the narrow query, the bare sum."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else warehouse_folder()
    db = Database(current_build(folder))
    [(year,)] = db.rows("SELECT max(year) FROM wide_report")
    question = f"SELECT sum(m.{MEASURE}) FROM mart_report m WHERE m.year = ?"
    connection = db._connection
    floor = least(
        lambda: (
            connection.cursor()
            .execute("SELECT sum(t3_granted_total) FROM wide_report WHERE year = ?", [year])
            .fetchall()
        )
    )
    view = least(lambda: connection.cursor().execute(question, [year]).fetchall())
    narrow = least(lambda: db.rows(question, (year,)))
    print(
        f"view {view:.1f} ms, narrow {narrow:.1f} ms, bare sum {floor:.1f} ms; "
        f"view ÷ narrow {view / narrow:.1f}"
    )


if __name__ == "__main__":
    main()
