"""The statutory tables of a report as printed grids: text, spans, and which form cell is where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from etl.demo.model import Block2, DemoReport
from etl.form import load_form
from etl.form.spec import PerForm


@dataclass(frozen=True, slots=True)
class TableCell:
    r"""A printed cell; ``key`` is the form cell whose figure stands here, else ``None``.

    ``role``: caption, corner, head, group, label or value. An inner line break is ``\n``.
    """

    text: str
    role: str
    rowspan: int = 1
    colspan: int = 1
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of anchored cells, spans not repeated; ``width`` counts resolved columns."""

    name: str
    width: int
    rows: tuple[tuple[TableCell, ...], ...]

    def positions(self) -> Iterator[list[TableCell | None]]:
        """Per row what each place shows, places covered to the right left out.

        An anchored cell, or ``None`` once for every cell of an earlier row that reaches down.
        """
        hanging: dict[int, tuple[int, int]] = {}  # column -> (rows left, colspan)
        for row in self.rows:
            line: list[TableCell | None] = []
            column, cells = 0, iter(row)
            reached = dict(hanging)
            hanging = {c: (n - 1, span) for c, (n, span) in hanging.items() if n > 1}
            while column < self.width:
                if column in reached:
                    line.append(None)
                    column += reached[column][1]
                    continue
                cell = next(cells, None)
                if cell is None:
                    break
                line.append(cell)
                if cell.rowspan > 1:
                    hanging[column] = (cell.rowspan - 1, cell.colspan)
                column += cell.colspan
            yield line


#: Header words as real documents break them (variety.md section 3).
BROKEN = {
    "商业企业": "商业\n企业", "科研机构": "科研\n机构", "结果维持": "结果\n维持",
    "结果纠正": "结果\n纠正", "其他结果": "其他\n结果", "尚未审结": "尚未\n审结",
    "本年新制作数量": "本年新\n制作数量", "本年新公开数量": "本年新\n公开数量",
}  # fmt: skip


def wording(label: PerForm, form: str) -> str:
    """A label in the words of a form, of the newest that has it otherwise."""
    return label if isinstance(label, str) else label.get(form) or label[max(label)]


def table2(report: DemoReport, *, broken: bool = False) -> Table:
    """Table 2 as one grid of four columns, a caption row and a header row per block."""
    rows = [row for block in report.blocks for row in _block_rows(report, block, broken)]
    return Table("t2", 4, tuple(rows))


def table2_parts(report: DemoReport, *, broken: bool = False) -> list[Table]:
    """Table 2 as one grid per block, the caption a row of it."""
    return [Table("t2", 4, tuple(_block_rows(report, block, broken))) for block in report.blocks]


def _block_rows(report: DemoReport, block: Block2, broken: bool) -> Iterator[tuple[TableCell, ...]]:
    definition = load_form()
    columns = {c.key: c for c in definition.tables.t2.columns}
    rows = {r.key: r for r in definition.tables.t2.rows}
    yield (TableCell(block.caption, "caption", colspan=4),)
    spans = {1: (3,), 2: (2, 1), 3: (1, 1, 1)}[len(block.columns)]
    heads = [wording(columns[c].zh, block.form) for c in block.columns]
    yield (
        TableCell(definition.tables.t2.corner, "corner"),
        *(TableCell(_break(h, broken), "head", 1, s) for h, s in zip(heads, spans, strict=True)),
    )
    for row in block.rows:
        yield (
            TableCell(wording(rows[row].zh, block.form), "label"),
            *(
                _value(report, f"t2.{row}.{column}", span)
                for column, span in zip(block.columns, spans, strict=True)
            ),
        )


def _value(report: DemoReport, key: str, colspan: int = 1) -> TableCell:
    return TableCell(report.cells[key].text, "value", 1, colspan, key)


def _break(text: str, broken: bool) -> str:
    return BROKEN.get(text, text) if broken else text


@cache
def _head3(broken: bool) -> tuple[tuple[TableCell, ...], ...]:
    t3 = load_form().tables.t3
    lone = [c for c in t3.columns if not c.grouped]
    first, last = lone[0], lone[-1]
    grouped = [c for c in t3.columns if c.grouped]
    return (
        (
            TableCell(t3.corner, "corner", 3, 3),
            TableCell(t3.column_heading, "head", 1, len(t3.columns)),
        ),
        (
            TableCell(wording(first.zh, ""), "head", 2),
            TableCell(t3.column_group.zh, "head", 1, len(grouped)),
            TableCell(wording(last.zh, ""), "head", 2),
        ),
        tuple(TableCell(_break(wording(c.zh, ""), broken), "head") for c in grouped),
    )


def table3(report: DemoReport, *, broken: bool = False, rows: Sequence[str] | None = None) -> Table:
    """Table 3, optionally only some of its rows; group labels span their printed rows."""
    shown = report.rows if rows is None else tuple(rows)
    body = [
        (
            *labels,
            *(_value(report, f"t3.{row}.{c.key}") for c in load_form().tables.t3.columns),
        )
        for row, labels in zip(shown, _labels3(shown, report.forms["t3"]), strict=True)
    ]
    return Table("t3", 10, (*_head3(broken), *body))


@cache
def _labels3(shown: tuple[str, ...], form: str) -> tuple[tuple[TableCell, ...], ...]:
    """Per row the group labels that begin there and its own label, three columns in all."""
    t3 = load_form().tables.t3
    groups = {g.key: g for g in t3.groups}
    specs = {r.key: r for r in t3.rows}

    def chain(row: str) -> list[str]:
        key = specs[row].group
        found: list[str] = []
        while key:
            found.insert(0, key)
            key = groups[key].parent
        return found

    chains = [chain(row) for row in shown]
    labels = []
    for position, row in enumerate(shown):
        cells = []
        for depth, group in enumerate(chains[position]):
            before = chains[position - 1] if position else []
            if before[: depth + 1] != chains[position][: depth + 1]:
                span = sum(c[depth : depth + 1] == [group] for c in chains[position:])
                cells.append(TableCell(groups[group].zh, "group", span))
        own = 3 - len(chains[position])
        cells.append(TableCell(wording(specs[row].zh, form), "label", 1, own))
        labels.append(tuple(cells))
    return tuple(labels)


@cache
def _head4(broken: bool) -> tuple[tuple[TableCell, ...], ...]:
    t4 = load_form().tables.t4
    review, *suits = t4.rows
    results = [_break(wording(c.zh, ""), broken) for c in t4.columns]
    n = len(results)
    return (
        (
            TableCell(wording(review.zh, ""), "head", 1, n),
            TableCell(t4.heading, "head", 1, n * len(suits)),
        ),
        (
            *(TableCell(text, "head", 2) for text in results),
            *(TableCell(row.short or "", "head", 1, n) for row in suits),
        ),
        tuple(TableCell(text, "head") for _ in suits for text in results),
    )


def table4(report: DemoReport, *, broken: bool = False) -> Table:
    """Table 4: three header rows and one row of fifteen figures."""
    t4 = load_form().tables.t4
    values = tuple(_value(report, f"t4.{r.key}.{c.key}") for r in t4.rows for c in t4.columns)
    return Table("t4", len(values), (*_head4(broken), values))
