"""The fuzzer from the command line; see :mod:`tests.fuzz.engine`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from etl.demo import LAYOUTS
from tests.fuzz.engine import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="first seed; each document adds one")
    parser.add_argument("--only", type=int, help="one seed: show what it is and stop")
    parser.add_argument("--layout", action="append", choices=sorted(LAYOUTS), help="only these")
    parser.add_argument("--stop-after", type=int, default=20, help="so many failures are enough")
    args = parser.parse_args()
    layouts = tuple(args.layout or LAYOUTS)
    if args.only is not None:
        case = run(args.only, layouts=layouts)
        print(case.text, case, sep="\n")
        return bool(case.wrong)
    seed, until, failures, cells = args.seed, time.monotonic() + args.seconds, 0, 0
    kinds: Counter[str] = Counter()
    while time.monotonic() < until and failures < args.stop_after:
        case = run(seed, layouts=layouts)
        cells += len(case.numbers)
        kinds.update(case.kinds or ("unchanged",))
        if case.wrong:
            failures += 1
            print(case, flush=True)
        seed += 1
    print(
        f"{seed - args.seed} documents, {cells} numbers read, {failures} documents with a wrong one"
    )
    print(", ".join(f"{name} {n}" for name, n in kinds.most_common()))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
