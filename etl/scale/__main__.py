"""``python -m etl.scale --reports N --seed S FOLDER``: publish an invented warehouse."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from etl.scale.generate import generate


def main() -> None:
    """Parse the options, generate, print what was made as JSON."""
    parser = argparse.ArgumentParser(prog="python -m etl.scale", description=__doc__)
    parser.add_argument("folder", type=Path, help="warehouse folder, made if missing")
    parser.add_argument("--reports", type=int, default=10_000, help="about how many (10000)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same content (1)")
    given = parser.parse_args()
    print(json.dumps(generate(given.folder, given.reports, given.seed), indent=1))


if __name__ == "__main__":
    main()
