"""Changed tables from the command line; see :mod:`tests.variants.engine`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from contextlib import suppress

from tests.variants.catalogue import VARIANTS
from tests.variants.engine import FORMATS, PAIRED, Incompatible, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.variants", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="first seed; each document adds one")
    parser.add_argument("--variant", action="append", choices=sorted(VARIANTS), help="only these")
    parser.add_argument("--format", action="append", choices=sorted(FORMATS), help="only these")
    parser.add_argument("--pairs", action="store_true", help="two changes at once in each document")
    args = parser.parse_args()
    until, seed, failures = time.monotonic() + args.seconds, args.seed, 0
    sums: dict[str, Counter[str]] = {}
    while time.monotonic() < until:
        drawn = random.Random(seed)
        pool = args.variant or (PAIRED if args.pairs else sorted(VARIANTS))
        names = tuple(drawn.sample(pool, 1 + args.pairs))
        kind = drawn.choice(args.format or sorted(FORMATS))
        seed += 1
        if any(kind in VARIANTS[name].lost_in for name in names):
            continue
        with suppress(Incompatible):
            case = run(seed - 1, names, kind)
            sums.setdefault(kind, Counter()).update(
                documents=1, cells=len(case.printed), unread=len(case.unread), wrong=len(case.wrong)
            )
            failed = case.wrong if args.pairs else case.failed
            if failed:
                failures += 1
                print(case, flush=True)
    for kind, counts in sorted(sums.items()):
        print(kind, ", ".join(f"{name} {n}" for name, n in counts.items()))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
