"""Fuzzing the extractor: mutated documents, and the property "equal or not a number".

``python -m tests.fuzz --seconds 600 --seed 7`` runs it for long; the suite runs a bounded piece.
A failure is named by its seed: ``python -m tests.fuzz --only 123456`` shows it again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from etl.demo import LAYOUTS, render
from etl.demo.render import RenderedDocument
from etl.document import Document
from etl.errors import RejectedDocument
from etl.extract.assemble import assemble
from etl.extract.harvest import harvest
from etl.form import load_form
from etl.read import read
from etl.recognise.labels import lexicon
from etl.report import ABSENT, CellReading, Number, State
from tests.fuzz import mutate_grid, mutate_text
from tests.strategies import random_report

#: Mutations of two columns' headers, whose cells then belong to each other.
SWAP = "swap_columns"


@dataclass(frozen=True)
class Case:
    """One mutated document: how it was made, what was printed in it, what a reader said wrongly."""

    seed: int
    layout: str
    kinds: tuple[str, ...]
    numbers: dict[str, tuple[Number | None, CellReading]] = field(default_factory=dict)
    text: str = ""

    @property
    def wrong(self) -> dict[str, tuple[Number | None, CellReading]]:
        """Cells said to be a number that is not the printed one."""
        return {k: (want, said) for k, (want, said) in self.numbers.items() if want != said.value}

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {self.layout}, {' + '.join(self.kinds) or 'unchanged'}"]
        for key, (want, said) in list(self.wrong.items())[:4]:
            lines.append(
                f"  {key}: printed {want}, read {said.state} {said.value} ({said.raw!r}, {said.at})"
            )
        return "\n".join(lines)


def cells_of(document: Document, year: int) -> dict[str, CellReading]:
    """What the extractor reads, without the checks that the pipeline adds."""
    form, lex = load_form(), lexicon()
    return assemble(harvest(document, lex), lex, form, year).cells


def run(seed: int, *, layouts: tuple[str, ...] = tuple(LAYOUTS)) -> Case:
    """Make, mutate and read the document of a seed."""
    rng = random.Random(seed)
    report = random_report(rng)
    layout = LAYOUTS[rng.choice(layouts)]
    rendered = render(report, layout, rng)
    names = mutate_text.MUTATIONS if layout.format == "text" else mutate_grid.MUTATIONS
    kinds = rng.sample([*names, SWAP], rng.randint(0, 2))
    try:
        document, swapped, text = _mutated(rendered, kinds, rng)
    except RejectedDocument:
        return Case(seed, layout.key, tuple(kinds))
    truth = {k: want.value for k, want in rendered.truth.items() if want.state is State.NUMBER}
    if swapped:
        truth = {_swapped(key, swapped): value for key, value in truth.items()}
    said = cells_of(document, report.year)
    numbers = {k: (truth.get(k), c) for k, c in said.items() if c.state is State.NUMBER}
    if not kinds:
        numbers.update(
            (k, (want.value, said.get(k, ABSENT)))
            for k, want in rendered.truth.items()
            if not want.honest(said.get(k, ABSENT))
        )
    return Case(seed, layout.key, tuple(kinds), numbers, text)


def _mutated(
    rendered: RenderedDocument, kinds: list[str], rng: random.Random
) -> tuple[Document, tuple[str, str] | None, str]:
    swap, others = SWAP in kinds, [kind for kind in kinds if kind != SWAP]
    if rendered.layout.format != "text":
        document = read(rendered.data, rendered.name)
        document, swapped = mutate_grid.mutate(document, others, rng, swap=swap)
        return document, swapped, ""
    encoding = "gb18030" if rendered.layout.key.endswith("gbk") else "utf-8"
    text, swapped = rendered.data.decode(encoding), None
    if swap:
        text, swapped = mutate_text.swap_columns(text, rng)
        # A word that was damaged or lost tells no more that it stands elsewhere.
        harmless = (mutate_text.traditional, mutate_text.readings, mutate_text.blanks_to_row_end)
        others = [kind for kind in others if kind in {m.__name__ for m in harmless}]
    for kind in others:
        text = mutate_text.MUTATIONS[kind](text, rng)
    return read(text.encode(), rendered.name), swapped, text


def _swapped(key: str, pair: tuple[str, str]) -> str:
    head, _, column = key.rpartition(".")
    if not key.startswith("t3.") or column not in pair:
        return key
    return f"{head}.{pair[1] if column == pair[0] else pair[0]}"
