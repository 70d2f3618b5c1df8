"""Checking one report against the floor: the same cells written as JSON and read back.

Run: ``python -m benchmarks.bench_check``. Both sides are timed in turn in one run; the figure is
the ratio of their fastest rounds, because a busy machine only ever adds time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "check"))

from check_samples import report, sample

from etl.check import OfficeFacts, check_report
from etl.extract.narrative import claims
from etl.form.rules import Variant
from etl.report import SectionText

ROUNDS: Final = 200
TEXT: Final = (
    "2022年收到政府信息公开申请221件，上年结转3件，办结申请214件，结转下年度10件。"
    "予以公开190件，部分公开7件，不予处理13件。因政府信息公开发生行政复议5件，行政诉讼2件。"
)


def seconds(work: Callable[[], object]) -> float:
    """One round, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print both times and their ratio."""
    sections = [SectionText("s1", "", TEXT, "line 1")]
    checked = report(Variant("2021"), sample(), sections=sections)
    checked.narrative = claims(sections, 2022)
    office = OfficeFacts("县", "政府")

    def floor() -> object:
        cells = {key: asdict(cell) for key, cell in checked.cells.items()}
        return json.loads(json.dumps(cells, ensure_ascii=False, default=str))

    rounds = [
        (seconds(lambda: check_report(checked, office=office)), seconds(floor))
        for _ in range(ROUNDS)
    ]
    check, json_ = (min(r[i] for r in rounds) for i in (0, 1))
    print(
        f"check {check * 1e3:.2f} ms, cells through JSON {json_ * 1e3:.2f} ms: {check / json_:.2f}x"
    )


if __name__ == "__main__":
    main()
