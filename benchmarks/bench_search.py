"""Search of offices and of text against floors measured in the same run.

Offices: a word in the index of 140,000 offices against one pass of Python's ``str.count`` over the
same text (aim ≤ 10×: a search makes up to six passes, from exact names to characters in order).
Text: one step of ``search.paragraphs`` against a bare ``contains`` over all paragraphs (aim ≤ 2×).
Times are processor time: a busy machine lengthens them little.

    python benchmarks/bench_search.py [WAREHOUSE]      (default: data/warehouse)
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dashboard.db import Database, current_build, warehouse_folder
from dashboard.filters import Selection
from dashboard.office_index import OfficeIndex
from dashboard.queries import search
from dashboard.queries.base import EVERYTHING

ROUNDS = 7
OFFICES = 140_000
WORDS = ("公安", "gaj", "发改委", "没有这样的", "990100", "局")


def median(task: Callable[[], object]) -> float:
    """Median processor seconds over the rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    """Offices, then text."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else warehouse_folder()
    db = Database(current_build(folder))
    [(offices,)] = db.rows("SELECT count(*) FROM mart_office")
    copies = max(1, OFFICES // max(offices, 1))
    start = time.process_time()
    lines = f"SELECT n.line FROM mart_office n, range({copies})"
    index = OfficeIndex.of(*db.packed(lines))
    rows = index.starts
    print(
        f"{len(rows)} offices, {len(index.text) / 1e6:.1f} million bytes, made in "
        f"{time.process_time() - start:.2f} s"
    )
    for word in WORDS:
        floor = median(lambda word=word: index.text.count(word.encode()))  # type: ignore[misc]
        found = median(lambda word=word: index.find(word))  # type: ignore[misc]
        print(
            f"  {word}: {len(index.find(word))} shown, find {found * 1000:.1f} ms, "
            f"one pass {floor * 1000:.1f} ms, ratio {found / floor:.2f}"
        )
    total = db.rows("SELECT count(*) FROM narrative")[0][0]
    for words in (("绝不会写的词",), ("行政诉讼", "复议"), ("公开",)):
        conditions = " AND ".join(["contains(text, ?)"] * len(words))
        floor = median(
            lambda c=conditions, w=words: db.rows(  # type: ignore[misc]
                f"SELECT count(*) FROM narrative WHERE {c}", w
            )
        )
        step = median(
            lambda w=words: search.paragraphs(EVERYTHING, db, Selection(), w)  # type: ignore[misc]
        )
        print(
            f"  text {' '.join(words)}: {total} paragraphs, step {step * 1000:.1f} ms, "
            f"scan {floor * 1000:.1f} ms, ratio {step / floor:.2f}"
        )


if __name__ == "__main__":
    main()
