"""Documents read and loaded per second with one and with two reading processes (aim ≥ 1.8×).

    python benchmarks/bench_load.py [--reports 1000] [--rounds 1]

The speed-up is measured on the wall, and worked out from processor times for a machine with other
work: reading is split between the processes, assembling is not. The hours for 100,000 documents
follow from this run's times per document: an extrapolation, not a measurement.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from load_times import Spent, spent

from etl.demo import write_corpus
from etl.warehouse.load import Options, load

MANY = 100_000


def main() -> None:
    """Load the same corpus into fresh warehouses, with one process and with two."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "demo"
        write_corpus(corpus, reports=asked.reports)
        runs: dict[int, list[Spent]] = {1: [], 2: []}
        n = 0
        for number in range(asked.rounds):
            for jobs, found in runs.items():
                warehouse = Path(folder) / f"{jobs}-{number}"

                def task(warehouse: Path = warehouse, jobs: int = jobs) -> None:
                    nonlocal n
                    n = load([corpus], warehouse, Options(jobs=jobs)).n_reports

                found.append(spent(task))
        best = {jobs: min(found, key=lambda s: s.wall) for jobs, found in runs.items()}
        for jobs, one in best.items():
            print(
                f"{jobs} reading: {n} reports in {one.wall:.1f} s, {n / one.wall:.0f} a second; "
                f"processor {one.processor:.1f} s: reading {one.readers:.1f}, rest {one.own:.1f}, "
                f"{1000 * one.processor / n:.1f} ms a report"
            )
        one = best[1]
        print(f"speed-up on the wall: {one.wall / best[2].wall:.2f}")
        by_time = one.processor / (one.own + one.readers / 2)
        print(f"speed-up by processor time (reading halved, the rest not): {by_time:.2f}")
        for jobs in (1, 2):
            hours = MANY * (one.own + one.readers / jobs) / n / 3600
            print(f"{MANY} documents at this rate, {jobs} free cores: {hours:.2f} h (extrapolated)")


if __name__ == "__main__":
    main()
