"""Demo reports through Chromium and LibreOffice and back; see :mod:`tests.converted.engine`.

python -m tests.converted --reports 100
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.converted.engine import WAYS, run
from tests.converted.programs import chromium, soffice


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.converted", description=__doc__)
    parser.add_argument("--reports", type=int, default=50, help="how many documents")
    parser.add_argument("--seed", type=int, default=0, help="first seed; each document adds one")
    parser.add_argument("--program", action="append", choices=sorted(WAYS), help="only this")
    args = parser.parse_args()
    there = {"chromium": chromium(), "libreoffice": soffice()}
    seeds = range(args.seed, args.seed + args.reports)
    bad = 0
    for program in args.program or WAYS:
        if there[program] is None:
            print(f"{program}: not installed, skipped")
            continue
        sums: dict[str, Counter[str]] = {}
        for first in range(0, len(seeds), 25):
            for case in run(program, seeds[first : first + 25]):
                counts = sums.setdefault(case.way, Counter())
                counts.update(
                    documents=1, cells=case.cells, read=case.read,
                    unread=len(case.unread), wrong=len(case.wrong), rejected=bool(case.problem),
                )  # fmt: skip
                if case.wrong or case.unread:
                    bad += 1
                    print(case, flush=True)
        for way, counts in sums.items():
            print(way, ", ".join(f"{name} {n}" for name, n in counts.items()))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
