"""Demo reports through other programs and back: every cell, against what was printed."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from etl.demo import LAYOUTS, render
from etl.demo.render import RenderedDocument
from etl.pipeline import parse_bytes
from etl.report import ABSENT, CellReading, Number, State
from tests.converted.programs import Print, convert, print_pages, styled, texts_of
from tests.strategies import random_report, registry

#: Pages that a program is given; all keep every cell.
PAGES: Final = ("html_clean", "html_clean_broken_heads", "html_portal", "html_word")


#: States that say that no number is printed.
EMPTY: Final = (State.BLANK, State.NOT_APPLICABLE)


@dataclass(frozen=True)
class Case:
    """One converted document: its seed, what was read of every printed number, what is wrong."""

    seed: int
    way: str
    problem: str
    cells: int
    read: int
    unread: tuple[str, ...] = ()
    wrong: dict[str, tuple[Number | None, CellReading]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.way}: {self.problem or 'read'}"]
        lines += [
            f"  {key}: printed {want}, read {said.state} {said.value} ({said.raw!r}, {said.at})"
            for key, (want, said) in list(self.wrong.items())[:4]
        ]
        if self.unread:
            lines.append(f"  {len(self.unread)} numbers not read: {', '.join(self.unread[:4])}")
        return "\n".join(lines)


def source(seed: int) -> tuple[RenderedDocument, str, Print]:
    """The page of a seed, in words, and how it is to be printed."""
    rng = random.Random(seed)
    report = random_report(rng)
    rendered = render(report, LAYOUTS[rng.choice(PAGES)], rng)
    return rendered, rendered.data.decode("utf-8"), Print.draw(rng)


def judge(seed: int, way: str, rendered: RenderedDocument, data: bytes, name: str) -> Case:
    """Read a converted document and compare every cell with the page's.

    Wrong is another number, and as well a printed one of which the reader says that none is there.
    """
    report = parse_bytes(data, name, registry=registry())
    numbers = {k: w.value for k, w in rendered.truth.items() if w.state is State.NUMBER}
    said = report.cells
    wrong = {
        key: (numbers.get(key), cell)
        for key, cell in said.items()
        if (cell.state is State.NUMBER and cell.value != numbers.get(key))
        or (cell.state in EMPTY and key in numbers)
    }
    unread = tuple(
        k for k in numbers if k not in wrong and said.get(k, ABSENT).state is not State.NUMBER
    )
    problem = report.problem.message if report.problem else ""
    return Case(
        seed, way, problem, len(numbers), len(numbers) - len(unread) - len(wrong), unread, wrong
    )


def _written(seeds: Sequence[int], folder: Path) -> list[tuple[int, RenderedDocument, Path]]:
    found = []
    for seed in seeds:
        rendered, text, style = source(seed)
        path = folder / f"{seed}.html"
        page = styled(text, style).replace("<table ", "<table border='1' cellspacing='0' ")
        path.write_text(page, "utf-8")
        found.append((seed, rendered, path))
    return found


def _prints(seeds: Sequence[int], folder: Path) -> Iterator[tuple[int, RenderedDocument, bytes]]:
    """What Chromium prints of the page of each seed."""
    made = [source(seed) for seed in seeds]
    pages = [(text, style) for _, text, style in made]
    for seed, (rendered, _, _), data in zip(seeds, made, print_pages(pages, folder), strict=True):
        yield seed, rendered, data


def _printed(seeds: Sequence[int], folder: Path) -> Iterator[Case]:
    for seed, rendered, data in _prints(seeds, folder):
        yield judge(seed, "chromium_pdf", rendered, data, f"{Path(rendered.name).stem}.pdf")


def _taken_out(seeds: Sequence[int], folder: Path) -> Iterator[Case]:
    """Chromium's prints as poppler's pdftotext writes their text down."""
    for seed, rendered, data in _prints(seeds, folder):
        for way, text in texts_of(data, folder):
            yield judge(seed, way, rendered, text, f"{Path(rendered.name).stem}.txt")


def _saved(seeds: Sequence[int], folder: Path) -> Iterator[Case]:
    written = _written(seeds, folder)
    word = convert(
        [path for _, _, path in written],
        "docx:MS Word 2007 XML",
        folder,
        infilter="HTML (StarWriter)",
    )
    ways = {
        "libreoffice_docx": word,
        "libreoffice_doc": convert(word, "doc:MS Word 97", folder),
        "libreoffice_pdf": convert(word, "pdf", folder),
    }
    sheets = [path for _, _, path in written]
    ways["libreoffice_xlsx"] = convert(
        sheets, "xlsx:Calc MS Excel 2007 XML", folder, infilter="HTML (StarCalc)"
    )
    ways["libreoffice_xls"] = convert(ways["libreoffice_xlsx"], "xls:MS Excel 97", folder)
    for way, files in ways.items():
        for (seed, rendered, _), path in zip(written, files, strict=True):
            name = f"{Path(rendered.name).stem}{path.suffix}"
            yield judge(seed, way, rendered, path.read_bytes(), name)


WAYS: Final[dict[str, Callable[[Sequence[int], Path], Iterator[Case]]]] = {
    "chromium": _printed,
    "libreoffice": _saved,
    "pdftotext": _taken_out,
}


def run(program: str, seeds: Sequence[int]) -> Iterator[Case]:
    """Cases of one program for documents of these seeds."""
    with tempfile.TemporaryDirectory() as folder:
        yield from WAYS[program](seeds, Path(folder))
