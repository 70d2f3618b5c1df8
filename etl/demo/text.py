"""Text renderings of variety.md: what pages, crawlers and converters leave of a table."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from etl.demo.model import DEMO_MARK, DemoReport
from etl.demo.tables import Table, TableCell, table2, table3, table4
from etl.form import load_form

#: A table as the text that stands in its place.
Writer = Callable[[Table], str]
Line = list[TableCell | None]


@dataclass(frozen=True)
class TextStyle:
    """How a text document is laid out.

    ``table`` writes one table. ``broken`` breaks header words over lines (in one cell). ``after``
    reworks the finished text. ``markdown`` writes headings with ``#``. ``tables`` false leaves
    the tables out.
    """

    table: Writer
    broken: bool = False
    after: Callable[[str], str] | None = None
    markdown: bool = False
    tables: bool = True


def document(report: DemoReport, style: TextStyle, rng: random.Random) -> str:
    """The whole document; Windows line ends in one of eight."""
    sections = {s.key: s.zh for s in load_form().tables.sections}
    head = "## " if style.markdown else ""
    parts = [f"# {report.title}" if style.markdown else _title(report, rng)]
    parts += [report.office, f"（{report.published}）"] if rng.random() < 0.3 else []
    parts += [DEMO_MARK, *report.sections["preface"]]
    tables = {
        "s2": lambda: style.table(table2(report, broken=style.broken)),
        "s3": lambda: style.table(table3(report, broken=style.broken)),
        "s4": lambda: style.table(table4(report, broken=style.broken)),
    }
    for key, heading in sections.items():
        parts.append(head + heading)
        parts += report.sections.get(key, ())
        if key in tables and style.tables:
            parts.append(tables[key]())
        elif key in tables:
            parts.append(f"表{key[1]}.png")
    text = "\n".join(parts) + "\n"
    if style.after:
        text = style.after(text)
    return text.replace("\n", "\r\n") if rng.random() < 0.125 else text


def _title(report: DemoReport, rng: random.Random) -> str:
    """The title on one line, broken over two, or printed twice (variety.md section 1)."""
    draw = rng.random()
    if draw < 0.1 and report.title.startswith(report.office):
        return f"{report.office}\n{report.title.removeprefix(report.office)}"
    return f"{report.title}\n{report.title}" if draw < 0.15 else report.title


def _texts(cells: Iterable[TableCell | None]) -> list[str]:
    return [cell.text if cell else "" for cell in cells]


def cells_per_line(*, gap: str, row_gap: str | None = None) -> Writer:
    """CB and C: every printed cell on its own line, merged labels once, blanks as empty lines."""

    def write(table: Table) -> str:
        rows = [gap.join(cell.text for cell in row) for row in table.rows]
        return (gap if row_gap is None else row_gap).join(rows) + "\n"

    return write


def tabbed_lines(table: Table) -> str:
    """C as in saved Word pages: a tab before every cell, merged places as empty cells."""
    rows = ["\t" + "\n\t".join(_texts(line)) for line in table.positions()]
    return "\n\n".join(rows) + "\n\n"


def pipe_rows(*, pad: bool, groups: str, trailing: bool = True, split_head: bool = False) -> Writer:
    """P: a row per line, cells split by pipes.

    ``pad`` fills short rows with empty trailing cells; ``groups`` prints merged labels ``once``,
    ``repeated`` in every row, or as ``empty`` leading cells; ``split_head`` puts the second half
    of a broken header word into a row of its own.
    """

    def write(table: Table) -> str:
        lines = []
        for row in _rows(table, groups):
            for texts in _head_rows(row, split_head):
                short = table.width - len(texts)
                texts = [t.replace("\n", " ") for t in texts] + [""] * (short if pad else 0)
                lines.append(" | ".join(texts) + (" |" if trailing else ""))
        return "\n".join(lines) + "\n"

    return write


def _rows(table: Table, groups: str) -> Iterable[list[str]]:
    above: list[str] = []
    for line in table.positions():
        if groups == "once" or any(cell and cell.role in ("head", "corner") for cell in line):
            yield [cell.text for cell in line if cell]
            continue
        texts = _texts(line)
        if groups == "repeated":
            texts = [above[i] if cell is None else cell.text for i, cell in enumerate(line)]
        above = texts
        yield texts


def _head_rows(texts: list[str], split: bool) -> list[list[str]]:
    if not split or not any("\n" in text for text in texts):
        return [texts]
    parts = [text.split("\n") for text in texts]
    return [[p[0] for p in parts], [p[1] for p in parts if len(p) > 1]]


def pipe_tails(table: Table) -> str:
    """PT: a cell per line, each ending in a pipe; lone pipes for what the row is short."""
    out = []
    for row in table.rows:
        out += [f"{cell.text} |" if cell.text else "|" for cell in row]
        out.append("|" * (table.width - len(row) + 1))
    return "\n".join(out) + "\n"


def pipe_lines(table: Table) -> str:
    """PL: a pipe alone on its line between cells; an empty line between rows."""
    return "\n\n".join("\n|\n".join(c.text for c in row) for row in table.rows) + "\n"


def markdown(*, groups: str = "empty") -> Writer:
    """MD: rows with leading pipes, a rule under the first row, all rows of full width."""

    def write(table: Table) -> str:
        lines = []
        for line in table.positions():
            texts: list[str] = []
            for cell in line:
                texts.append(cell.text.replace("\n", "<br>") if cell else "")
                texts += [""] * (cell.colspan - 1 if cell else 0)
            texts = [""] * (table.width - len(texts)) + texts if groups == "empty" else texts
            lines.append("| " + " | ".join(texts) + " |")
        lines.insert(1, "|" + "---|" * table.width)
        return "\n" + "\n".join(lines) + "\n"

    return write


def aligned(table: Table) -> str:
    """Columns made of white space: at least three blanks between cells, merged labels once."""
    lines = []
    for row in table.rows:
        texts = [cell.text.replace("\n", "") for cell in row]
        lines.append("   ".join(_padded(t, 8) for t in texts).rstrip())
    return "\n".join(lines) + "\n"


def _padded(text: str, width: int) -> str:
    shown = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - shown)


def run_together(table: Table) -> str:
    """RUN: nothing between cells, nor between rows."""
    return "".join(cell.text for row in table.rows for cell in row).replace("\n", "")


def glued(table: Table) -> str:
    """Glued cells: a row per line, label and figures without separator."""
    return "\n".join("".join(c.text for c in row).replace("\n", "") for row in table.rows) + "\n"


def moved_blanks(table: Table) -> str:
    """P whose blank cells moved to the row end: the columns of what is left are lost."""
    lines = []
    for row in table.rows:
        texts = [cell.text for cell in row if cell.text]
        lines.append(" | ".join(texts) + " |" * (table.width - len(texts) + 1))
    return "\n".join(lines) + "\n"


def vanished_blanks(table: Table) -> str:
    """CB whose blank cells vanished."""
    return "\n\n".join(cell.text for row in table.rows for cell in row if cell.text) + "\n"


def labels_only(table: Table) -> str:
    """C that kept the labels and lost every figure."""
    return "\n".join(c.text for row in table.rows for c in row if c.role != "value") + "\n"


def flip_book(table: Table) -> str:
    """A flip-book page: figures of a row on one line, table 4's heads read letter by letter."""
    if table.name != "t4":
        return "\n".join(" ".join(_texts(row)).replace("\n", "") for row in table.rows) + "\n"
    heads = [cell.text.replace("\n", "") for cell in table.rows[1][:5]]
    letters = [" ".join(h[i] for h in heads if i < len(h)) for i in range(4)]
    return "\n".join(["行政复议 行政诉讼", *letters, " ".join(_texts(table.rows[-1]))]) + "\n"


def drop_repeated_lines(text: str) -> str:
    """D: of equal lines only the first survives."""
    return "\n".join(dict.fromkeys(text.split("\n"))) + "\n"


def one_paragraph(text: str) -> str:
    """Everything run into one paragraph, as some crawlers leave it."""
    return re.sub(r"\n+", "", text) + "\n"
