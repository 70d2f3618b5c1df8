"""Every chart of every page in every format, in a browser, in both languages, opened again.

python -m tests.downloads OUT --warehouse DIR [--warehouse DIR] [--lang zh]

Clicks the menu of every chart in Chromium, keeps the files below OUT and opens each with a program
that did not write it (:mod:`tests.downloads.opened`). Exit code 1 where something is wrong or a
chart that has something to draw was not met.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from dashboard import registry
from dashboard.export.kinds import KINDS
from dashboard.filters import LANGUAGES
from tests.downloads.engine import expected, run, visits


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.downloads", description=__doc__)
    parser.add_argument("out", type=Path, help="where the files are kept")
    parser.add_argument("--warehouse", type=Path, action="append", required=True)
    parser.add_argument("--lang", choices=LANGUAGES, action="append")
    parser.add_argument("--page", choices=registry.BY_KEY, action="append", help="only this")
    args = parser.parse_args()
    pages = tuple(args.page or ())
    langs = tuple(args.lang or LANGUAGES)
    bad = 0
    for folder in args.warehouse:
        began, met = time.monotonic(), {lang: Counter[str]() for lang in langs}
        out = args.out / folder.name
        for chart in run(folder, out, langs, pages):
            met[chart.lang]["/".join(chart.name.split("/")[:2])] += 1
            bad += bool(chart.wrong)
            words = "; ".join(chart.wrong[:5]) or f"{len(KINDS)} files, {chart.han} 汉字"
            print(f"{folder.name} {chart.lang} {chart.name}: {words}", flush=True)
        for lang in langs:
            missed = expected(folder, list(visits(folder, lang, pages))) - set(met[lang])
            bad += len(missed)
            n = sum(met[lang].values())
            print(f"{folder.name} {lang}: {n} charts, {n * len(KINDS)} files, "
                  f"never met: {', '.join(sorted(missed)) or 'none'}")  # fmt: skip
        print(f"{folder.name}: {time.monotonic() - began:.0f} s")
        books = sorted(out.glob("*/*/*.xlsx"))
        bad += len(books) - converted(books, out / "calc")
    return int(bad > 0)


def converted(books: list[Path], out: Path) -> int:
    """How many workbooks LibreOffice opens, printed as PDF below ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    done = 0
    for first in range(0, len(books), 20):
        some = books[first : first + 20]
        command = ["soffice", f"-env:UserInstallation={(out / 'profile').absolute().as_uri()}",
                   "--headless", "--convert-to", "pdf", "--outdir", out, *some]  # fmt: skip
        subprocess.run(command, capture_output=True, timeout=600)
        done += sum((out / f"{book.stem}.pdf").exists() for book in some)
    print(f"LibreOffice opened {done} of {len(books)} workbooks")
    return done


if __name__ == "__main__":
    sys.exit(main())
