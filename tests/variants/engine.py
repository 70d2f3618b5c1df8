"""Changed tables in every format, and the property: a number is the printed one, or no number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from etl.demo import text
from etl.pipeline import parse_bytes
from etl.report import ABSENT, CellReading, Number, State
from tests.strategies import random_report, registry
from tests.variants.catalogue import VARIANTS
from tests.variants.sheets import Sheets, as_docx, as_html, as_text, as_xlsx

FORMATS: Final[dict[str, tuple[str, Callable[[Sheets], bytes]]]] = {
    "html": (".html", as_html),
    "docx": (".docx", as_docx),
    "xlsx": (".xlsx", as_xlsx),
    "pipes": (".txt", lambda s: as_text(s, text.pipe_rows(pad=True, groups="once"))),
    "pipes_bare": (".txt", lambda s: as_text(s, text.pipe_rows(pad=False, groups="repeated"))),
    "tails": (".txt", lambda s: as_text(s, text.pipe_tails)),
    "markdown": (".md", lambda s: as_text(s, text.markdown())),
    "lines": (".txt", lambda s: as_text(s, text.cells_per_line(gap="\n\n"))),
    "aligned": (".txt", lambda s: as_text(s, text.aligned)),
}
#: Changes by which figures are no longer the office's or the form's: of another one, also undone by
#: a second change that writes the header anew.
OTHERS: Final = frozenset(
    (
        "another_offices_tables",
        "last_years_table_too",
        "offices_as_columns",
        "unknown_categories",
        "years_as_columns",
    )
)
#: Made last, in this order: other changes take rows above a table for its header, or look for
#: its characters.
LAST: Final = (
    "title_rows_in_tables",
    "units_above_the_table",
    "spaced_labels",
    "traditional",
)
PAIRED: Final = tuple(sorted(VARIANTS.keys() - OTHERS))
#: Formats that keep a table's structure: what a person is sure of, a reader must read.
STRUCTURED: Final = ("html", "docx", "xlsx")


@dataclass(frozen=True)
class Case:
    """One changed document: what was read, against what is printed."""

    seed: int
    names: tuple[str, ...]
    format: str
    sure: bool
    problem: str
    printed: dict[str, Number] = field(default_factory=dict)
    said: dict[str, CellReading] = field(default_factory=dict)
    spoiled: frozenset[str] = frozenset()

    @property
    def wrong(self) -> dict[str, tuple[Number | None, CellReading]]:
        """Numbers that are not the printed ones."""
        return {
            key: (self.printed.get(key), cell)
            for key, cell in self.said.items()
            if cell.state is State.NUMBER
            and (key in self.spoiled or cell.value != self.printed.get(key))
        }

    @property
    def unread(self) -> list[str]:
        """Printed numbers that were not read."""
        return [
            key
            for key in self.printed
            if key not in self.spoiled and self.said.get(key, ABSENT).state is not State.NUMBER
        ]

    @property
    def failed(self) -> bool:
        return bool(self.wrong) or (
            self.sure and self.format in STRUCTURED and bool(self.unread or self.problem)
        )

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {' + '.join(self.names)} in {self.format} {self.problem}"]
        lines += [
            f"  {key}: printed {want}, read {said.value} ({said.raw!r}, {said.at} {said.note})"
            for key, (want, said) in list(self.wrong.items())[:4]
        ]
        if self.unread:
            lines.append(f"  {len(self.unread)} not read: {', '.join(self.unread[:4])}")
        return "\n".join(lines)


class Incompatible(Exception):
    """Two changes that cannot be made to the same tables."""


def make(seed: int, names: tuple[str, ...]) -> Sheets:
    """The changed sheets of a seed.

    Raises:
        Incompatible: a change needs rows that another one took away.
    """
    rng = random.Random(seed)
    sheets = Sheets.of(random_report(rng))
    for name in sorted(names, key=lambda n: LAST.index(n) if n in LAST else -1):
        try:
            VARIANTS[name].change(sheets, rng)
        except (LookupError, StopIteration, ValueError) as error:
            if len(names) == 1:
                raise
            raise Incompatible(names) from error
    return sheets


def run(seed: int, names: tuple[str, ...], kind: str) -> Case:
    """Make, write down and read one changed document."""
    sheets = make(seed, names)
    suffix, write = FORMATS[kind]
    try:
        data = write(sheets)
    except (AssertionError, LookupError) as error:  # rows of different widths: no such table
        raise Incompatible(names) from error
    return judge(sheets, seed, names, kind, data, suffix)


def judge(
    sheets: Sheets, seed: int, names: tuple[str, ...], kind: str, data: bytes, suffix: str
) -> Case:
    """Compare what is read in a document with what its sheets print."""
    report = parse_bytes(data, sheets.report.title + suffix, registry=registry())
    cells = sheets.report.cells
    keys = {cell.key for cell in sheets.printed() if cell.key}
    printed = {k: v for k in keys if (v := cells[k].value) is not None}
    sure = all(VARIANTS[name].sure for name in names)
    return Case(
        seed,
        names,
        kind,
        sure,
        report.problem.message if report.problem else "",
        printed,
        report.cells,
        frozenset(sheets.spoiled),
    )
