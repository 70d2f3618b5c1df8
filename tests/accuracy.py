"""What is read, unread and wrong, as a page: ``python -m tests.accuracy`` writes docs/accuracy.md.

The page is made of documents that stand in the repository or are made from seeds, so anyone gets
the same figures. What needs more (real reports, Chromium, LibreOffice) is measured by ``--reports
DIR`` and ``--programs N``, kept in ``accuracy_measured.json`` and printed with its command.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from etl.demo import LAYOUTS, render
from etl.docs import DOCS
from etl.form import load_form
from etl.offices.registry import Registry
from etl.pipeline import parse_bytes, parse_path
from etl.report import ParsedReport, State, number_json
from tests.strategies import random_report, registry
from tests.variants.catalogue import VARIANTS
from tests.variants.engine import run

HERE: Final = Path(__file__).parent
GOLDEN: Final = HERE / "golden"
PAGE: Final = DOCS / "accuracy.md"
MEASURED: Final = HERE / "accuracy_measured.json"
#: Documents a layout, and a change.
EACH, EACH_CHANGE = 5, 2

Figures = dict[str, Any]


def compare(report: ParsedReport, printed: Figures, allowed: Iterable[str] = ()) -> Counter[str]:
    """Printed numbers against a reading; a number where none is printed is wrong as well."""
    said = {
        key: number_json(cell.value)
        for key, cell in report.cells.items()
        if cell.state is State.NUMBER
    }
    right = sum(said.get(key) == value for key, value in printed.items())
    wrong = sum(printed.get(k) != v for k, v in said.items() if k not in set(allowed))
    unread = sum(key not in said for key in printed)
    return Counter(documents=1, cells=len(printed), read=right, unread=unread, wrong=wrong)


def golden() -> dict[str, Counter[str]]:
    """Figures of each golden document, by file name."""
    found: dict[str, Counter[str]] = {}
    offices = Registry.load().for_corpus(GOLDEN)
    for entry in json.loads((GOLDEN / "manifest.json").read_text(encoding="utf-8")):
        want = json.loads((GOLDEN / entry["expected"]).read_text(encoding="utf-8"))
        if "rejected" in want:
            continue
        (report,) = parse_path(GOLDEN / entry["file"], registry=offices)
        cells = {**want["cells"], **want.get("maybe", {})}
        cells |= {key: value for key, (_, value) in want.get("unit_printed", {}).items()}
        printed = {k: v for k, v in cells.items() if not isinstance(v, str)}
        found[entry["file"]] = compare(report, printed)
    return found


def layouts() -> dict[str, Counter[str]]:
    """Figures of random reports in each layout of the demo."""
    found: dict[str, Counter[str]] = {}
    for key, layout in LAYOUTS.items():
        counts: Counter[str] = Counter()
        for seed in range(EACH):
            rng = random.Random(f"{key} {seed}")
            rendered = render(random_report(rng), layout, rng)
            report = parse_bytes(rendered.data, rendered.name, registry=registry())
            truth = rendered.truth.items()
            printed = {k: number_json(w.value) for k, w in truth if w.state is State.NUMBER}
            counts += compare(report, printed)
        found[key] = counts
    return found


def changes() -> dict[tuple[str, str], Counter[str]]:
    """Figures of changed tables, by change and format."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for name, variant in VARIANTS.items():
        for kind in ("html", "docx", "pipes", "lines"):
            if kind in variant.lost_in:
                continue
            counts: Counter[str] = Counter()
            for seed in range(EACH_CHANGE):
                case = run(seed, (name,), kind)
                right = len(case.printed) - len(case.unread) - len(case.wrong)
                counts.update(
                    documents=1,
                    cells=len(case.printed),
                    read=max(right, 0),
                    unread=len(case.unread),
                    wrong=len(case.wrong),
                )
            found[name, kind] = counts
    return found


# The page ----------------------------------------------------------------------------------------

_HEAD: Final = (
    "documents", "number cells", "read", "unread", "wrong", "read %",
)  # fmt: skip


def _row(name: str, counts: Counter[str]) -> str:
    share = f"{100 * counts['read'] / counts['cells']:.1f}" if counts["cells"] else "—"
    figures = [str(counts[k]) for k in ("documents", "cells", "read", "unread", "wrong")]
    return "| " + " | ".join([name, *figures, share]) + " |"


def _table(first: str, rows: Iterable[str]) -> Iterator[str]:
    yield "| " + " | ".join([first, *_HEAD]) + " |"
    yield "|---" * (len(_HEAD) + 1) + "|"
    yield from rows
    yield ""


def page() -> Iterator[str]:
    """The page's lines."""
    yield from ("# 读准率 Accuracy", "")
    yield from ("<!-- Generated by `python -m tests.accuracy`; never edited by hand. -->", "")
    yield (
        "A cell counts where a number is printed. `read`: this number; `unread`: no number is "
        "claimed; `wrong`: another number, or a number where none is printed. Nothing may be wrong."
    )
    yield from ("", "## Golden documents", "")
    made = golden()
    yield from _table("document", (_row(f"`{n}`", c) for n, c in made.items()))
    yield from _table("all", [_row("golden", sum(made.values(), Counter()))])
    yield from ("## Layouts of the demo corpus", "")
    yield (
        f"{EACH} random reports in each layout (figures to 1,000,000, blanks, marks, units, both "
        "forms). Text loses which cell a blank stood in; the last layouts lose more."
    )
    yield ""
    by_layout = layouts()
    rows = (
        _row(f"`{key}` ({LAYOUTS[key].format}, {LAYOUTS[key].fidelity})", counts)
        for key, counts in by_layout.items()
    )
    yield from _table("layout", rows)
    sums: dict[str, Counter[str]] = {}
    for key, counts in by_layout.items():
        sums.setdefault(LAYOUTS[key].format, Counter()).update(counts)
    yield from _table("format", (_row(kind, counts) for kind, counts in sums.items()))
    yield from ("## Tables as offices change them", "")
    yield (
        "Other columns, orders, words, several years or offices (`tests/variants/catalogue.py`); "
        "**bold**: a careful person is sure of every figure, so HTML and Word must give all."
    )
    yield ""
    yield "| change | " + " | ".join(f"{k}: read % · wrong" for k in _CHANGE_KINDS) + " |"
    yield "|---" * (len(_CHANGE_KINDS) + 1) + "|"
    by_change = changes()
    for name, variant in VARIANTS.items():
        cells = [_short(by_change.get((name, kind))) for kind in _CHANGE_KINDS]
        yield f"| {'**' * variant.sure}{name}{'**' * variant.sure} | " + " | ".join(cells) + " |"
    yield ""
    yield from _measured()


_CHANGE_KINDS: Final = ("html", "docx", "pipes", "lines")


def _short(counts: Counter[str] | None) -> str:
    if counts is None:
        return "—"
    return f"{100 * counts['read'] / max(counts['cells'], 1):.0f} · {counts['wrong']}"


def _measured() -> Iterator[str]:
    kept = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    for title, section in kept.items():
        yield from (f"## {title}", "", f"Measured by `{section['command']}`.", "")
        rows = (_row(name, Counter(counts)) for name, counts in section["rows"].items())
        yield from _table("document" if "gold" in title else "way", rows)


def text_of() -> str:
    """The page as it should stand in ``docs/``."""
    return "\n".join(page()).rstrip() + "\n"


# What needs more than the repository ------------------------------------------------------------


def measure_reports(folder: Path) -> Figures:
    """Real reports beside ``gold/`` with figures read by eye."""
    rows: dict[str, dict[str, int]] = {}
    known = set(load_form().cells)
    for gold in sorted((folder / "gold").glob("*.json")):
        want = json.loads(gold.read_text(encoding="utf-8"))
        source = next(p for p in folder.iterdir() if p.stem == gold.stem)
        (report,) = parse_path(source)
        printed = {k: v for k, v in want["cells"].items() if v is not None and k in known}
        rows[source.name] = dict(compare(report, printed))
    return {"command": "python -m tests.accuracy --reports DIR", "rows": rows}


def measure_programs(count: int) -> Figures:
    """Demo pages through Chromium and LibreOffice and back."""
    from tests.converted.engine import WAYS
    from tests.converted.engine import run as converted

    rows: dict[str, Counter[str]] = {}
    for program in WAYS:
        for first in range(0, count, 25):
            for case in converted(program, range(first, min(first + 25, count))):
                rows.setdefault(case.way, Counter()).update(
                    documents=1, cells=case.cells, read=case.read,
                    unread=len(case.unread), wrong=len(case.wrong),
                )  # fmt: skip
    command = f"python -m tests.accuracy --programs {count}"
    return {"command": command, "rows": {way: dict(counts) for way, counts in rows.items()}}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--reports", type=Path, help="measure real reports in this folder as well")
    parser.add_argument("--programs", type=int, help="measure so many pages in other programs")
    args = parser.parse_args()
    kept = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    if args.reports:
        kept["Real reports with gold figures"] = measure_reports(args.reports)
    if args.programs:
        kept["Through other programs"] = measure_programs(args.programs)
    text = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    MEASURED.write_text(text, encoding="utf-8")
    PAGE.write_text(text_of(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
