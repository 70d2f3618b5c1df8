"""A load over all hostile files; prints what became of them.

python -m tests.hostile
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.hostile.check import run
from tests.hostile.corpus import SOUND, all_files, own


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--own", action="store_true", help="pages, texts and archives only")
    parser.add_argument("--jobs", type=int, default=2, help="processes of the load")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = own() if args.own else all_files()
        outcome = run(Path(folder), files, jobs=args.jobs)
    print(f"{outcome.hostile} hostile files, {outcome.seconds:.0f} s, {outcome.megabytes:.0f} MB")
    print(f"exit code {outcome.code}; {outcome.sound} of {len(SOUND)} sound reports loaded")
    print(", ".join(f"{name} {n}" for name, n in outcome.statuses.items()))
    print("written elsewhere:", outcome.strangers or "nothing")
    return bool(outcome.strangers or outcome.sound != len(SOUND) or outcome.code not in (0, 4))


if __name__ == "__main__":
    sys.exit(main())
