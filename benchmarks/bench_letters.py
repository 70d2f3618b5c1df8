"""A batch of letters (findings, cells, Word, index, ZIP) against python-docx alone, in one run.

    python benchmarks/bench_letters.py [WAREHOUSE [OFFICES]]

Two floors, each for as many documents as there are letters: ``bare``, a new document with one
paragraph, saved; ``same texts``, the letters' own paragraphs and table cells through python-docx's
API, without queries, styles and archive. Process time, the least of the rounds, so that other work
on the machine does not count.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docx

from dashboard.db import warehouse_folder
from dashboard.export import letter, letters
from dashboard.export.blocks import Document, Heading, Table, Text
from dashboard.open import Opener
from dashboard.view import View

ROUNDS = 2
DAY = dt.date(2026, 1, 1)


def batch(view: View, n: int) -> letters.Batch:
    """The whole of it, as the page makes it."""
    work = letters.batch(view, letters.Order(), {}, DAY, limit=n)
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: letters.Batch = end.value
            return made


def bare(n: int) -> None:
    """As many documents with one paragraph."""
    for _ in range(n):
        document = docx.Document()
        document.add_paragraph("政府信息公开工作年度报告整改提示")
        document.save(io.BytesIO())


def same_texts(documents: list[Document]) -> None:
    """The letters' texts through python-docx's own API."""
    for made in documents:
        document = docx.Document()
        document.add_paragraph(made.title)
        for block in made.blocks:
            if isinstance(block, Heading | Text):
                document.add_paragraph(block.text)
            elif isinstance(block, Table):
                rows = [block.columns, *block.rows] if block.head else list(block.rows)
                table = document.add_table(len(rows), len(block.columns))
                for row, texts in zip(table.rows, rows, strict=True):
                    for cell, text in zip(row.cells, texts, strict=True):
                        cell.text = text.replace("\x0b", "")
        document.save(io.BytesIO())


def least(task: Callable[[], object]) -> float:
    """Seconds of processor time of the best round."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Measure and print the ratios."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else warehouse_folder()
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    view = Opener(folder).view("quality", {})
    made = batch(view, wanted)
    ids = letters.offices(view, letters.Order(), limit=wanted)["office_id"]
    found = [letters.one(view, letters.Order(office_id=str(i)), {}, DAY) for i in ids]
    documents = [letter.document(m.letter, view.t) for m in found if m and m.letter]
    whole = least(lambda: batch(view, wanted))
    floor = least(lambda: bare(made.made))
    texts = least(lambda: same_texts(documents))
    each = whole / made.made * 1e3
    print(f"{made.made} letters, {made.findings} findings, {len(made.archive) / 1e6:.1f} MB: "
          f"{whole:.2f} s ({each:.0f} ms a letter)")  # fmt: skip
    print(f"bare documents {floor:.2f} s: {whole / floor:.2f} x")
    print(f"same texts     {texts:.2f} s: {whole / texts:.2f} x")


if __name__ == "__main__":
    main()
