"""PDF bytes → grids, against what the engine alone costs and against pdfplumber, in one run.

    python benchmarks/bench_pdf.py [FILE...]

Without files: the real reports in ``../shared/reports`` where present, and the test suite's own.
``bare`` is pdfium doing the least any table reader needs: each page's characters with their boxes
and each path object's points, thrown away. Runs alternate, so that a busy machine slows all three
alike; medians are shown.
"""

from __future__ import annotations

import ctypes
import io
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pypdfium2
import pypdfium2.raw as raw

from etl.read.limits import Limits
from etl.read.pdf import read_pdf

# pdfminer warns once per font of every file.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7


def bare(data: bytes) -> int:
    """Characters and path points of all pages through pdfium; returns how many."""
    seen = 0
    pdf = pypdfium2.PdfDocument(data)
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    px, py = ctypes.c_float(), ctypes.c_float()
    for page in pdf:
        text = page.get_textpage()
        for index in range(raw.FPDFText_CountChars(text.raw)):
            raw.FPDFText_GetUnicode(text.raw, index)
            raw.FPDFText_GetLooseCharBox(text.raw, index, box)
            raw.FPDFText_GetCharOrigin(text.raw, index, x, y)
            seen += 1
        for item in page.get_objects():
            if item.type == raw.FPDF_PAGEOBJ_PATH:
                for index in range(raw.FPDFPath_CountSegments(item.raw)):
                    segment = raw.FPDFPath_GetPathSegment(item.raw, index)
                    raw.FPDFPathSegment_GetPoint(segment, px, py)
                    seen += 1
    pdf.close()
    return seen


def is_figure(text: str | None) -> bool:
    return text is not None and text.replace(".", "", 1).isdigit()


def ours(data: bytes) -> int:
    return sum(is_figure(c.text) for grid in read_pdf(data, Limits()).grids() for c in grid.cells)


def plumber(data: bytes) -> int:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        tables = [table for page in pdf.pages for table in page.extract_tables()]
    return sum(is_figure(cell) for table in tables for row in table for cell in row)


def measure(data: bytes, tasks: list[Callable[[bytes], int]]) -> list[tuple[float, int]]:
    times: list[list[float]] = [[] for _ in tasks]
    counts = [task(data) for task in tasks]
    for _ in range(ROUNDS):
        for slot, task in zip(times, tasks, strict=True):
            start = time.perf_counter()
            task(data)
            slot.append(time.perf_counter() - start)
    return [(statistics.median(slot), count) for slot, count in zip(times, counts, strict=True)]


def files(arguments: list[str]) -> list[Path]:
    if arguments:
        return [Path(argument) for argument in arguments]
    shared = sorted((ROOT.parent / "shared" / "reports").glob("*.pdf"))
    return [*shared, ROOT / "tests" / "read_binary" / "data" / "libreoffice.pdf"]


def main() -> None:
    print(f"{'file':<28}{'bare':>9}{'ours':>9}{'plumber':>10}{'ours/bare':>11}{'plumber/ours':>14}")
    for path in files(sys.argv[1:]):
        data = path.read_bytes()
        (low, _), (own, cells), (other, others) = measure(data, [bare, ours, plumber])
        print(
            f"{path.name:<28}{low * 1e3:>6.1f} ms{own * 1e3:>6.1f} ms{other * 1e3:>7.1f} ms"
            f"{own / low:>10.2f}x{other / own:>13.1f}x   figures {cells} : {others}"
        )


if __name__ == "__main__":
    main()
