"""More of what offices do to tables: marks on figures, page breaks, frames, hidden and old parts.

Each as in :mod:`tests.variants.catalogue`. What only a format can show (struck-out figures, text
boxes, hidden rows) is asked of the writer through :attr:`Sheets.dress` or marks in the text.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from typing import Final

from etl.demo.tables import Table, TableCell, table3
from etl.form import load_form
from tests.variants.base import LINES, each, is_figure, variant
from tests.variants.sheets import HIDDEN, RAISED, STRUCK, Row, Sheets, reworded, words

TEXTS: Final = (*LINES, "pipes", "pipes_bare", "markdown")


def some(sheets: Sheets, rng: random.Random, change: str, share: float = 0.2) -> None:
    """Some figures of all tables in other words; ``{0}`` is the figure, ``{1}`` another."""
    each(
        sheets,
        lambda c: (
            reworded(c, change.format(c.text, rng.randint(1, 9)))
            if is_figure(c) and rng.random() < share
            else c
        ),
    )


# Figures -----------------------------------------------------------------------------------------


@variant(sure=True)
def figures_with_decimals(sheets: Sheets, rng: random.Random) -> None:
    some(sheets, rng, rng.choice(("{0}.0", "{0}.00")))


@variant(sure=False)
def thousands_apart(sheets: Sheets, rng: random.Random) -> None:
    """A space as thousands separator: 1 136."""
    each(
        sheets,
        lambda c: (
            reworded(c, f"{int(c.text):,}".replace(",", " "))
            if is_figure(c) and c.text == str(int(c.text))
            else c
        ),
    )


@variant(sure=False)
def figures_in_words(sheets: Sheets, rng: random.Random) -> None:
    digits = dict(
        zip("0123456789", rng.choice(("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖")), strict=True)
    )
    each(
        sheets,
        lambda c: (
            reworded(c, "".join(digits[d] for d in c.text))
            if is_figure(c) and rng.random() < 0.3
            else c
        ),
    )


@variant(sure=True, lost_in=TEXTS)
def raised_marks(sheets: Sheets, rng: random.Random) -> None:
    """A raised 1 behind a figure is a note's number."""
    some(sheets, rng, "{0}" + RAISED[0] + "{1}" + RAISED[1])


@variant(sure=False, lost_in=TEXTS)
def struck_figures(sheets: Sheets, rng: random.Random) -> None:
    """The figure that was there before stands struck out beside the own one."""
    old = STRUCK[0] + "{1}" + STRUCK[1]
    some(sheets, rng, rng.choice((old + "{0}", "{0}" + old)))


@variant(sure=True)
def marks_on_labels(sheets: Sheets, rng: random.Random) -> None:
    mark = rng.choice(("*", "①", "[1]", "（注1）", "※", "¹", "＊", "[注]", "（注：含下级）"))
    each(
        sheets,
        lambda c: (
            reworded(c, c.text + mark) if c.role in ("label", "head") and rng.random() < 0.3 else c
        ),
    )


# Columns -----------------------------------------------------------------------------------------


@variant(sure=False)
def letters_as_headers(sheets: Sheets, rng: random.Random) -> None:
    """The applicants are letters that a note explains."""
    rows = sheets.rows("t3")
    names = rng.choice(("ABCDEFG", "甲乙丙丁戊己庚", "①②③④⑤⑥⑦"))
    sheets.set("t3", [[words("项目", colspan=3), *map(words, names)], *rows[3:]])


@variant(sure=False)
def two_blocks_side_by_side(sheets: Sheets, rng: random.Random) -> None:
    """Two rows of a block beside each other to save lines: label, figures, label, figures."""
    rows = sheets.rows("t2")
    pairs = [i for i in range(len(rows) - 1) if rows[i][0].role == rows[i + 1][0].role == "label"]
    one = rng.choice(pairs)
    head = one - 1
    rows[head : one + 2] = [[*rows[head], *rows[head]], [*rows[one], *rows[one + 1]]]
    sheets.set("t2", rows, 8)


@variant(sure=True, lost_in=("pipes_bare",))
def captions_beside_rows(sheets: Sheets, rng: random.Random) -> None:
    """The captions of table 2 in a first column that spans their rows."""
    out: list[Row] = []
    if [row[0].role for row in sheets.rows("t2")[:2]] != ["caption", "corner"]:
        raise ValueError("not as in the form")
    for row in sheets.rows("t2"):
        if row[0].role == "caption":
            caption = replace(row[0], colspan=1)
            held: list[Row] = []
            continue
        held.append(row)
        if row[0].role == "corner":
            out.append([caption, *row])
            first = len(out) - 1
        else:
            out.append(row)
        out[first] = [replace(out[first][0], rowspan=len(held)), *out[first][1:]]
    sheets.set("t2", out, 5)


# Rows --------------------------------------------------------------------------------------------


def halves(sheets: Sheets, rng: random.Random) -> tuple[Table, list[Table]]:
    """Table 3 and its two halves, cut before any of its rows, each with headers and labels.

    Raises:
        ValueError: another change was made to the table before.
    """
    report = sheets.report
    old = sheets.table("t3")
    if old != table3(report):
        raise ValueError("no longer the form's table")
    cut = rng.randint(2, len(report.rows) - 1)
    return old, [table3(report, rows=part) for part in (report.rows[:cut], report.rows[cut:])]


@variant(sure=True)
def headers_again(sheets: Sheets, rng: random.Random) -> None:
    """The headers of table 3 stand once more amid the rows, as a page break leaves them."""
    _, (first, second) = halves(sheets, rng)
    sheets.set("t3", [*map(list, first.rows), *map(list, second.rows)])


@variant(sure=True)
def table3_on_two_pages(sheets: Sheets, rng: random.Random) -> None:
    """Two tables, the second with or without headers, its group label marked 续 or not."""
    old, (first, second) = halves(sheets, rng)
    headed, more = rng.random() < 0.5, rng.choice(("", "（续）"))
    rows = [
        tuple(reworded(c, c.text + more) if c.role == "group" and i < 1 else c for c in row)
        for i, row in enumerate(second.rows[3:])
    ]
    second = replace(second, rows=(*(second.rows[:3] if headed else ()), *rows))
    at = sheets.parts.index(old)
    between: list[str | Table] = [rng.choice(("续表", "（续上表）", "- 3 -"))]
    sheets.parts[at : at + 1] = [first, *(between if rng.random() < 0.5 else []), second]


@variant(sure=True)
def blank_rows_between(sheets: Sheets, rng: random.Random) -> None:
    """Empty rows part the blocks of table 2 and follow each table."""
    two: list[Row] = []
    for row in sheets.rows("t2"):
        if row[0].role == "caption" and two:
            two.append([words("", colspan=4)])
        two.append(row)
    sheets.set("t2", [*two, [words("") for _ in range(4)]])
    sheets.set("t3", [*sheets.rows("t3"), [words("") for _ in range(10)]])


@variant(sure=True, lost_in=(*TEXTS, "docx", "xlsx"))
def spans_beyond_the_table(sheets: Sheets, rng: random.Random) -> None:
    """Row and column spans that reach out of the table, as editors leave them."""
    rows = sheets.rows("t3")
    for row in rows:
        for i, cell in enumerate(row):
            if cell.role == "group" and "其他处理" in cell.text:
                row[i] = replace(cell, rowspan=cell.rowspan + 1 if cell.rowspan > 1 else 1)
    last: TableCell = rows[-1][-1]
    rows[-1][-1] = replace(last, rowspan=9)
    sheets.set("t3", rows)


# Documents ---------------------------------------------------------------------------------------


@variant(sure=True, lost_in=(*TEXTS, "html", "xlsx"))
def tracked_changes(sheets: Sheets, rng: random.Random) -> None:
    """Some figures were changed with tracking on: the old one deleted, the own one inserted."""
    sheets.dress.add("tracked")


@variant(sure=True, lost_in=(*TEXTS, "html", "xlsx"))
def tables_in_text_boxes(sheets: Sheets, rng: random.Random) -> None:
    sheets.dress.add("boxed")


@variant(sure=True, lost_in=(*TEXTS, "xlsx"))
def tables_in_frames(sheets: Sheets, rng: random.Random) -> None:
    """Each table in a table of one cell, for its border."""
    sheets.dress.add("framed")


@variant(sure=True, lost_in=TEXTS)
def hidden_rows(sheets: Sheets, rng: random.Random) -> None:
    """Rows of other figures stand hidden above the rows of table 3."""
    rows = sheets.rows("t3")
    for at in (4, 3):
        label = next(c.text for c in rows[at] if c.role == "label")
        others = [words(str(rng.randint(0, 9))) for _ in range(7)]
        rows.insert(at, [words(HIDDEN + label, colspan=3), *others])
    sheets.set("t3", rows)


@variant(sure=False, lost_in=(*TEXTS, "docx", "xlsx"))
def spans_lost_above(sheets: Sheets, rng: random.Random) -> None:
    """A site kept the header's cells and dropped how many columns some of them span."""
    lost = rng.choice(
        ("行政复议", "法人或其他组织 行政诉讼", "申请人情况 法人或其他组织 行政复议 行政诉讼")
    )
    wrong = rng.choice((1, 1, 1, 4))
    each(sheets, lambda c: replace(c, colspan=wrong) if c.text in lost.split() else c, "t3 t4")


@variant(sure=True)
def groups_in_labels(sheets: Sheets, rng: random.Random) -> None:
    """（三）不予公开 before each label of its rows instead of beside them."""
    form, rows = load_form(), sheets.rows("t3")
    names = {g.key: str(g.zh) for g in form.tables.t3.groups if g.key != "result"}
    groups = {r.key: names[r.group] for r in form.rows("t3") if r.group in names}
    for row in rows[3:]:
        key = (row[-1].key or "..").split(".")[1]
        label = next(c for c in reversed(row) if c.role == "label")
        text = groups.get(key, "") + label.text
        row[: row.index(label) + 1] = [replace(label, text=text, rowspan=1, colspan=3)]
    sheets.set("t3", rows)


@variant(sure=True, lost_in=TEXTS)
def merged_cells_as_empty_ones(sheets: Sheets, rng: random.Random) -> None:
    """No merged cell: its text in the first, the others it spanned are empty."""
    for name in ("t2", "t3", "t4"):
        width, rows = sheets.table(name).width, sheets.rows(name)
        grid: list[Row] = [[words("")] * width for _ in rows]
        taken: set[tuple[int, int]] = set()
        for at, row in enumerate(rows):
            col = 0
            for cell in row:
                while (at, col) in taken:
                    col += 1
                grid[at][col] = replace(cell, rowspan=1, colspan=1)
                spanned = product(range(cell.rowspan), range(cell.colspan))
                taken |= {(at + down, col + right) for down, right in spanned}
        sheets.set(name, grid)
