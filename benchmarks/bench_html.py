"""HTML bytes → cells and findings, as ratios in one run.

Floors: the bare lxml parse of the same bytes (aim ≤ 4×), the bare lexbor parse, and
``pandas.read_html`` (aim: faster). Documents: those named on the command line, else the invented
golden pages of this project.

    python benchmarks/bench_html.py [FILE.html ...]
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pandas as pd
from selectolax.lexbor import LexborHTMLParser

from etl.extract.assemble import assemble
from etl.extract.harvest import harvest
from etl.form import load_form
from etl.pipeline import parse_bytes
from etl.read import read
from etl.recognise.labels import lexicon

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
ROUNDS = 15


def median_ms(task: Callable[[], object]) -> float:
    """Median wall time of a task in milliseconds, after one warm-up."""
    task()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    """Print one line a document: our steps and their ratios to the floors."""
    paths = [Path(a) for a in sys.argv[1:]] or [
        p for p in sorted(GOLDEN.glob("*.html")) if b"charset=gbk" not in p.read_bytes().lower()
    ]
    print(
        f"{'document':32} {'KB':>4} {'lxml':>6} {'cells':>6} {'all':>6}"
        "  cells/lxml  all/lxml  read_html/all"
    )
    for path in paths:
        data, name = path.read_bytes(), path.name
        floor = median_ms(lambda: lxml.html.fromstring(data))  # noqa: B023
        median_ms(lambda: LexborHTMLParser(data))  # noqa: B023
        lex, form = lexicon(), load_form()

        def cells() -> object:
            document = read(data, name)  # noqa: B023
            return assemble(harvest(document, lex), lex, form, None)  # noqa: B023

        ours = median_ms(cells)
        whole = median_ms(lambda: parse_bytes(data, name))  # noqa: B023
        text = data.decode("utf-8", "replace")
        try:
            panda = median_ms(lambda: pd.read_html(io.StringIO(text)))  # noqa: B023
        except ValueError:
            panda = float("nan")
        print(
            f"{name:32} {len(data) // 1024:4} {floor:6.2f} {ours:6.2f} {whole:6.2f}"
            f"  {ours / floor:10.1f}  {whole / floor:8.1f}  {panda / whole:13.1f}"
        )


if __name__ == "__main__":
    main()
