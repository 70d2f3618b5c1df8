"""How offices change the statutory tables: each variant a function of a document's sheets.

After domain/variety.md and the habits of Chinese office tables in general; none was taken from a
document that the reader was written with. ``sure`` says that a careful person reads every figure.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

from etl.demo.tables import Table
from tests.variants import habits
from tests.variants.base import ALL, LINES, Variant, each, is_figure, spaced, variant
from tests.variants.sheets import Row, Sheets, reworded, words

assert habits  # declares variants of its own

# Words -------------------------------------------------------------------------------------------


@variant(sure=True)
def spaced_labels(sheets: Sheets, rng: random.Random) -> None:
    by = rng.choice((" ", "　", "  "))
    each(sheets, lambda c: c if c.key or len(c.text) > 12 else reworded(c, spaced(c.text, by)))


@variant(sure=True)
def spaced_section_headings(sheets: Sheets, rng: random.Random) -> None:
    sheets.parts = [
        spaced(p, " ") if isinstance(p, str) and p[1:2] == "、" and len(p) < 30 else p
        for p in sheets.parts
    ]


@variant(sure=True)
def labels_with_colons(sheets: Sheets, rng: random.Random) -> None:
    each(sheets, lambda c: reworded(c, c.text + "：") if c.role == "label" else c)


@variant(sure=True)
def no_section_numbers(sheets: Sheets, rng: random.Random) -> None:
    sheets.parts = [
        p[2:] if isinstance(p, str) and p[1:2] == "、" and len(p) < 30 else p for p in sheets.parts
    ]


@variant(sure=True)
def traditional(sheets: Sheets, rng: random.Random) -> None:
    import opencc

    turn = opencc.OpenCC("s2t").convert
    each(sheets, lambda c: reworded(c, turn(c.text)))


# Figures -----------------------------------------------------------------------------------------


@variant(sure=True)
def full_width_digits(sheets: Sheets, rng: random.Random) -> None:
    wide = {ord("0") + i: 0xFF10 + i for i in range(10)}
    each(sheets, lambda c: reworded(c, c.text.translate(wide)) if is_figure(c) else c)


@variant(sure=True)
def thousands(sheets: Sheets, rng: random.Random) -> None:
    comma = rng.choice((",", "，"))
    each(
        sheets,
        lambda c: (
            reworded(c, f"{int(c.text):,}".replace(",", comma))
            if is_figure(c) and c.text == str(int(c.text))
            else c
        ),
    )


@variant(sure=True)
def counted_in_units(sheets: Sheets, rng: random.Random) -> None:
    unit = rng.choice(("件", " 件", "条", "件次"))
    money = ("fee", "procurement")
    each(
        sheets,
        lambda c: (
            reworded(c, c.text + unit)
            if is_figure(c) and not any(m in (c.key or "") for m in money)
            else c
        ),
    )


@variant(sure=False)
def none_in_words(sheets: Sheets, rng: random.Random) -> None:
    """Zeros as words and marks: no number, and never another."""
    marks = ("/", "-", "—", "无", "——", "零", "〇", "\\", "--", "无。")
    each(
        sheets,
        lambda c: reworded(c, rng.choice(marks)) if is_figure(c) and c.text == "0" else c,
    )
    for cell in sheets.printed():
        if cell.key and cell.text in marks:
            sheets.spoiled.add(cell.key)


@variant(sure=False)
def footnote_marks(sheets: Sheets, rng: random.Random) -> None:
    marks = ("*", "①", "[1]", "（注1）", "注", "※", "^1", "¹", "　1", "#", "②")
    each(
        sheets,
        lambda c: (
            reworded(c, c.text + rng.choice(marks)) if is_figure(c) and rng.random() < 0.3 else c
        ),
    )


@variant(sure=False)
def two_figures_in_a_cell(sheets: Sheets, rng: random.Random) -> None:
    """Another figure stands behind the own one."""
    forms = (
        "{0}（其中网上{1}）",
        "{0}/{1}",
        "{0}、{1}",
        "{1}→{0}",
        "{0} {1}",
        "{0}+{1}",
    )
    for name in ("t2", "t3", "t4"):
        rows = sheets.rows(name)
        for row in rows:
            for i, cell in enumerate(row):
                if is_figure(cell) and rng.random() < 0.2:
                    row[i] = reworded(cell, rng.choice(forms).format(cell.text, rng.randint(1, 9)))
        sheets.set(name, rows)


@variant(sure=False, lost_in=LINES)
def two_lines_in_a_cell(sheets: Sheets, rng: random.Random) -> None:
    """Another figure stands below the own one, in the same cell."""
    for name in ("t2", "t3", "t4"):
        rows = sheets.rows(name)
        for row in rows:
            for i, cell in enumerate(row):
                if is_figure(cell) and rng.random() < 0.2:
                    row[i] = reworded(cell, f"{cell.text}\n{rng.randint(1, 9)}")
        sheets.set(name, rows)


@variant(sure=False)
def odd_digits(sheets: Sheets, rng: random.Random) -> None:
    forms = (
        "约{}",
        "{}余",
        "{}以上",
        "第{}",
        "{}%",
        "{}.",
        "0{}",
        "{}-",
        "O{}",
        "{}左右",
        "近{}",
        "≥{}",
    )
    for name in ("t2", "t3", "t4"):
        rows = sheets.rows(name)
        for row in rows:
            for i, cell in enumerate(row):
                if is_figure(cell) and rng.random() < 0.2:
                    row[i] = reworded(cell, rng.choice(forms).format(cell.text))
                    sheets.spoiled.add(cell.key or "")
        sheets.set(name, rows)


# Columns -----------------------------------------------------------------------------------------


def value_count(name: str) -> int:
    return {"t3": 7, "t4": 15}[name]


def headed3(sheets: Sheets) -> list[Row]:
    """Table 3's rows. Raises ``ValueError`` where its header was left out."""
    rows = sheets.rows("t3")
    if rows[0][0].role != "corner":
        raise ValueError("no header")
    return rows


def split3(row: Row) -> tuple[Row, Row]:
    """A row of table 3 as labels and figures.

    Raises:
        ValueError: another change put a cell behind the figures or a figure of no column before.
    """
    figures = [c for c in row if c.key]
    labels = [c for c in row if not c.key]
    if [*labels, *figures] != row or any(c.text.isdigit() for c in labels):
        raise ValueError(row)
    return labels, figures


def header3(sheets: Sheets, top: Row, below: Row, width: int) -> list[Row]:
    """Table 3 with another header of two or three rows, figures unchanged."""
    return [top, below, *sheets.rows("t3")[3:]]


BLOCKS: Final = ("review", "lit_direct", "lit_after_review")
ORDER: Final = ("natural", "biz", "research", "welfare", "legal", "org_other", "total")
NAMES: Final = dict(
    zip(
        ORDER,
        ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"),
        strict=True,
    )
)


def flat3(sheets: Sheets, order: list[str], names: dict[str, str] | None = None) -> None:
    """Table 3 with one plain header row and its columns in some order."""
    names = names or NAMES
    corner = sheets.rows("t3")[0][0]
    head = [replace(corner, rowspan=1), *(words(names[key]) for key in order)]
    rows = [head]
    for row in sheets.rows("t3")[3:]:
        labels, figures = split3(row)
        by = {(c.key or "").rpartition(".")[2]: c for c in figures}
        rows.append([*labels, *(by[key] for key in order)])
    sheets.set("t3", rows, 3 + len(order))


@variant(sure=True)
def flat_header(sheets: Sheets, rng: random.Random) -> None:
    headed3(sheets)
    flat3(sheets, list(ORDER))


@variant(sure=True)
def total_first(sheets: Sheets, rng: random.Random) -> None:
    flat3(sheets, ["total", *ORDER[:-1]])


@variant(sure=True)
def shuffled_columns(sheets: Sheets, rng: random.Random) -> None:
    order = list(ORDER)
    # As the form's header of two rows is printed in text, these columns look like the form's.
    as_printed = [ORDER[0], ORDER[-1], *ORDER[1:-1]]
    while order in (list(ORDER), as_printed):
        rng.shuffle(order)
    flat3(sheets, order)


@variant(sure=False)
def unknown_categories(sheets: Sheets, rng: random.Random) -> None:
    """Seven columns, some of which are not the form's, in another order."""
    order = list(ORDER)
    rng.shuffle(order)
    other = dict(NAMES)
    for key, word in zip(rng.sample(order, 3), ("个体工商户", "事业单位", "社会团体"), strict=True):
        other[key] = word
        ours = (c.key for c in sheets.printed() if c.key and c.key.startswith("t3."))
        sheets.spoiled |= {k for k in ours if k.endswith(f".{key}")}
    flat3(sheets, order, other)


@variant(sure=False)
def offices_as_columns(sheets: Sheets, rng: random.Random) -> None:
    """Seven offices side by side: the figures are theirs, by no means applicants'."""
    offices = ("政府办", "财政局", "民政局", "教育局", "公安局", "水利局", "合计")
    sheets.spoiled |= {c.key for c in sheets.printed() if (c.key or "").startswith("t3.")}
    kind = rng.choice(("单位", "项目", ""))
    rows = [[words(kind, colspan=3), *map(words, offices)]]
    sheets.set("t3", [*rows, *sheets.rows("t3")[3:]])


@variant(sure=False)
def years_as_columns(sheets: Sheets, rng: random.Random) -> None:
    """Totals of seven years side by side."""
    sheets.spoiled |= {c.key for c in sheets.printed() if (c.key or "").startswith("t3.")}
    rows = [[words("指标", colspan=3), *(words(f"{y}年") for y in range(2017, 2024))]]
    sheets.set("t3", [*rows, *sheets.rows("t3")[3:]])


@variant(sure=False)
def no_total_column(sheets: Sheets, rng: random.Random) -> None:
    rows = headed3(sheets)
    rows[0][1] = replace(rows[0][1], colspan=6)
    del rows[1][-1]
    sheets.set("t3", [*rows[:3], *(row[:-1] for row in rows[3:])], 9)


@variant(sure=True)
def remark_column(sheets: Sheets, rng: random.Random) -> None:
    """A last column 备注 in all three tables, with words, figures or nothing."""
    notes = rng.choice((("", ""), ("", "见附件"), ("3", ""), ("", "1"), ("2", "5")))
    rows = sheets.rows("t3")
    rows[0].append(words("备注", rowspan=3))
    rows = [*rows[:3], *([*row, words(notes[i % 2])] for i, row in enumerate(rows[3:]))]
    sheets.set("t3", rows, 11)
    rows4 = sheets.rows("t4")
    rows4[0].append(words("备注", rowspan=3))
    rows4[3].append(words(notes[0]))
    sheets.set("t4", rows4, 16)
    two: list[Row] = []
    for i, row in enumerate(sheets.rows("t2")):
        if row[0].role == "caption":
            two.append([replace(row[0], colspan=5)])
        elif row[0].role == "corner":
            two.append([*row, words("备注")])
        else:
            two.append([*row, words(notes[i % 2])])
    sheets.set("t2", two, 5)


@variant(sure=True)
def share_column(sheets: Sheets, rng: random.Random) -> None:
    """A last column with shares behind 总计."""
    rows = sheets.rows("t3")
    rows[0].append(words("占比（%）", rowspan=3))
    sheets.set("t3", [*rows[:3], *([*r, words(str(rng.randint(0, 100)))] for r in rows[3:])], 11)


@variant(sure=True)
def number_column(sheets: Sheets, rng: random.Random) -> None:
    """A first column 序号 that counts the rows."""
    rows = sheets.rows("t3")
    rows[0].insert(0, words("序号", rowspan=3))
    rows = [*rows[:3], *([words(str(i)), *row] for i, row in enumerate(rows[3:], 1))]
    sheets.set("t3", rows, 11)


@variant(sure=True)
def number_column2(sheets: Sheets, rng: random.Random) -> None:
    rows: list[Row] = []
    for i, row in enumerate(sheets.rows("t2"), 1):
        if row[0].role == "caption":
            rows.append([replace(row[0], colspan=5)])
        elif row[0].role == "corner":
            rows.append([words("序号"), *row])
        else:
            rows.append([words(str(i)), *row])
    sheets.set("t2", rows, 5)


@variant(sure=True)
def unit_column(sheets: Sheets, rng: random.Random) -> None:
    """A column 单位 between labels and figures."""
    rows = sheets.rows("t3")
    rows[0].insert(1, words("单位", rowspan=3))
    rows = [*rows[:3], *([*split3(r)[0], words("件"), *split3(r)[1]] for r in rows[3:])]
    sheets.set("t3", rows, 11)


@variant(sure=False)
def unit_column2(sheets: Sheets, rng: random.Random) -> None:
    rows: list[Row] = []
    for row in sheets.rows("t2"):
        if row[0].role == "caption":
            rows.append([replace(row[0], colspan=5)])
        else:
            mid = words("计量单位" if row[0].role == "corner" else "件")
            rows.append([row[0], mid, *row[1:]])
    sheets.set("t2", rows, 5)


@variant(sure=False)
def blank_column(sheets: Sheets, rng: random.Random) -> None:
    """An empty column, header and all, stands between the figures of table 3."""
    at = rng.randint(1, 6)
    flat3(sheets, list(ORDER))
    rows = sheets.rows("t3")
    for row in rows:
        row.insert(len(row) - len(ORDER) + at, words(""))
    sheets.set("t3", rows, 11)


@variant(sure=False)
def shares_between(sheets: Sheets, rng: random.Random) -> None:
    """Behind the count of each kind of applicant its share, both below one header."""
    flat3(sheets, list(ORDER))
    head, *body = sheets.rows("t3")
    top = [replace(head[0], rowspan=2), *(replace(c, colspan=2) for c in head[1:])]
    low = [words(text) for _ in ORDER for text in ("件数", "占比")]
    out: list[Row] = [top, low]
    for row in body:
        labels, figures = split3(row)
        pairs = ([cell, words(str(rng.randint(0, 100)))] for cell in figures)
        out.append([*labels, *(cell for pair in pairs for cell in pair)])
    sheets.set("t3", out, 17)


@variant(sure=False)
def total_rows_above(sheets: Sheets, rng: random.Random) -> None:
    """The rows of totals stand above what they sum up."""
    rows = sheets.rows("t3")
    parts = [split3(row) for row in rows[3:]]
    body = [[replace(labels[-1], rowspan=1, colspan=3), *figures] for labels, figures in parts]
    sums = [row for row in body if (row[1].key or "").split(".")[1] in ("handled_total",)]
    sheets.set("t3", [*rows[:3], *sums, *(row for row in body if row not in sums)])


@variant(sure=False)
def last_year_in_brackets(sheets: Sheets, rng: random.Random) -> None:
    """Last year's figure in brackets behind this year's: 12（上年8）."""
    each(
        sheets,
        lambda c: (
            reworded(c, f"{c.text}（上年{rng.randint(0, 99)}）")
            if is_figure(c) and rng.random() < 0.5
            else c
        ),
    )


@variant(sure=False)
def last_year_column(sheets: Sheets, rng: random.Random) -> None:
    """Every count of table 2 beside last year's."""
    first = rng.random() < 0.5
    rows: list[Row] = []
    for row in sheets.rows("t2"):
        if row[0].role == "caption":
            rows.append([replace(row[0], colspan=7)])
            continue
        cells = [row[0]]
        for cell in row[1:]:
            own = replace(cell, colspan=1)
            if row[0].role == "corner":
                pair = [words("上年" + cell.text), own]
            else:
                pair = [words(str(rng.randint(0, 30))), own]
            cells += pair if first else pair[::-1]
        rows.append(cells)
    sheets.set("t2", rows, 7)


@variant(sure=False)
def two_years_in_rows(sheets: Sheets, rng: random.Random) -> None:
    """Each count of table 3 twice: a row of last year's above or below the own row."""
    rows = sheets.rows("t3")[:3]
    for row in sheets.rows("t3")[3:]:
        labels, figures = split3(row)
        labels[-1] = replace(labels[-1], rowspan=2)
        tall = [c if c.role != "group" else replace(c, rowspan=c.rowspan * 2) for c in labels]
        last = [words("2022年"), *(words(str(rng.randint(0, 9))) for _ in figures)]
        this = [words("2023年"), *figures]
        one, two = (last, this) if rng.random() < 0.5 else (this, last)
        rows += [[*tall, *one], two]
    rows[0][0] = replace(rows[0][0], colspan=4)
    sheets.set("t3", rows, 11)


@variant(sure=False)
def two_years_side_by_side(sheets: Sheets, rng: random.Random) -> None:
    """Table 3 with all seven columns of last year and of this year."""
    first = rng.random() < 0.5
    years = ("2022年", "2023年") if first else ("2023年", "2022年")
    rows = sheets.rows("t3")
    head, mid, low = rows[:3]
    out: list[Row] = [
        [replace(head[0], rowspan=4), *(words(y, colspan=7) for y in years)],
        [head[1], head[1]], [*mid, *mid], [*low, *low],
    ]  # fmt: skip
    for row in rows[3:]:
        labels, figures = split3(row)
        others = [words(str(rng.randint(0, 9))) for _ in figures]
        out.append([*labels, *(others + figures if first else figures + others)])
    sheets.set("t3", out, 17)


@variant(sure=False)
def last_years_table_too(sheets: Sheets, rng: random.Random) -> None:
    """Last year's table 3 stands before or behind this year's, with a caption."""
    table = sheets.table("t3")
    other = Table(
        "t3",
        table.width,
        tuple(
            tuple(words(str(rng.randint(0, 9))) if c.key else c for c in row) for row in table.rows
        ),
    )
    before = rng.random() < 0.5
    sheets.add(
        "t3", ["2022年度情况：", other, "2023年度情况："][: 3 if before else 2], before=before
    )


@variant(sure=True)
def column_numbers(sheets: Sheets, rng: random.Random) -> None:
    """A row below each header that numbers the columns: 栏次 1 2 3 …"""
    rows = sheets.rows("t3")
    label = rng.choice(("栏次", "甲", "", "序号"))
    numbers = [words(label, colspan=3), *(words(str(i)) for i in range(1, 8))]
    sheets.set("t3", [*rows[:3], numbers, *rows[3:]])
    rows4 = sheets.rows("t4")
    sheets.set("t4", [*rows4[:3], [words(str(i)) for i in range(1, 16)], *rows4[3:]])


@variant(sure=True)
def column_numbers2(sheets: Sheets, rng: random.Random) -> None:
    rows: list[Row] = []
    for row in sheets.rows("t2"):
        rows.append(row)
        if row[0].role == "corner":
            rows.append(
                [
                    words("栏次"),
                    *(words(str(i), colspan=c.colspan) for i, c in enumerate(row[1:], 1)),
                ]
            )
    sheets.set("t2", rows)


@variant(sure=False)
def two_years_below_table4(sheets: Sheets, rng: random.Random) -> None:
    """Two rows of figures below table 4's header, each with its year."""
    rows = sheets.rows("t4")
    rows[0].insert(0, words("年度", rowspan=3))
    last = [words("2022年"), *(words(str(rng.randint(0, 9))) for _ in range(15))]
    this = [words("2023年"), *(c for row in rows for c in row if c.key)]
    rows[3:] = [last, this] if rng.random() < 0.5 else [this, last]
    sheets.set("t4", rows, 16)


@variant(sure=False)
def offices_below_table4(sheets: Sheets, rng: random.Random) -> None:
    """A row for each of three offices, then their sum."""
    rows = sheets.rows("t4")
    rows[0].insert(0, words("单位", rowspan=3))
    offices = [
        [words(name), *(words(str(rng.randint(0, 9))) for _ in range(15))]
        for name in ("县财政局", "县民政局", "县教育局")
    ]
    sheets.set("t4", [*rows[:3], *offices, [words("合计"), *rows[3]]], 16)


@variant(sure=True)
def table4_with_label(sheets: Sheets, rng: random.Random) -> None:
    """A first column 件数 in table 4."""
    rows = sheets.rows("t4")
    rows[0].insert(0, words("", rowspan=3))
    rows[3].insert(0, words("件数"))
    sheets.set("t4", rows, 16)


@variant(sure=False)
def table4_turned(sheets: Sheets, rng: random.Random) -> None:
    """Blocks as rows, results as columns, sometimes in another order."""
    figures = {c.key: c for row in sheets.rows("t4") for c in row if c.key}
    results = ["upheld", "corrected", "other", "pending", "total"]
    names = dict(
        zip(results, ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计"), strict=True)
    )
    if rng.random() < 0.7:
        rng.shuffle(results)
    blocks = {
        "review": "行政复议",
        "lit_direct": "未经复议直接起诉",
        "lit_after_review": "复议后起诉",
    }
    rows = [[words("类别"), *(words(names[r]) for r in results)]]
    rows += [[words(n), *(figures[f"t4.{k}.{r}"] for r in results)] for k, n in blocks.items()]
    sheets.set("t4", rows, 6)


@variant(sure=True)
def table4_in_three(sheets: Sheets, rng: random.Random) -> None:
    """Reviews and the two kinds of suits as tables of their own."""
    old = sheets.table("t4")
    head = old.rows[1][:5]
    figures = [cell for row in old.rows for cell in row if cell.key]
    parts: list[str | Table] = []
    names = {
        "review": "行政复议",
        "lit_direct": "未经复议直接起诉",
        "lit_after_review": "复议后起诉",
    }
    for block, name in names.items():
        own = tuple(c for c in figures if (c.key or "").split(".")[1] == block)
        if sum(cell.colspan for cell in own) != len(head):
            raise LookupError(block)
        rows = (
            (words(name, colspan=5),),
            tuple(replace(c, rowspan=1) for c in head),
            own,
        )
        parts.append(Table("t4", 5, rows))
    at = sheets.parts.index(old)
    sheets.parts[at : at + 1] = parts


@variant(sure=True)
def table4_blocks_swapped(sheets: Sheets, rng: random.Random) -> None:
    """Suits first, then reviews: the header says so."""
    rows = sheets.rows("t4")
    if rows[0][-1].text == "备注":
        raise ValueError("its figures would stand below other headers")
    sheets.set(
        "t4",
        [
            rows[0][::-1],
            [*rows[1][5:], *rows[1][:5]],
            rows[2],
            [*rows[3][5:], *rows[3][:5]],
        ],
    )


# Rows --------------------------------------------------------------------------------------------


@variant(sure=True)
def captions_left_out(sheets: Sheets, rng: random.Random) -> None:
    sheets.set("t2", [row for row in sheets.rows("t2") if row[0].role != "caption"])


@variant(sure=False)
def headers_left_out(sheets: Sheets, rng: random.Random) -> None:
    sheets.set("t2", [row for row in sheets.rows("t2") if row[0].role != "corner"])
    sheets.set("t3", sheets.rows("t3")[3:])


@variant(sure=False)
def columns2_in_another_order(sheets: Sheets, rng: random.Random) -> None:
    """The columns of rules and normative documents in another order, headers with them."""
    rows: list[Row] = []
    if any(row[1:] and row[1].role == "corner" for row in sheets.rows("t2")):
        raise ValueError("a column before the labels")
    for row in sheets.rows("t2"):
        ours = row[0].role == "corner" and "信息内容" in row[0].text
        ours = ours or any((c.key or "").startswith("t2.") for c in row)
        rows.append([row[0], *row[:0:-1]] if ours else row)
    sheets.set("t2", rows)


@variant(sure=True)
def rows_in_another_order(sheets: Sheets, rng: random.Random) -> None:
    rows = sheets.rows("t3")
    if rows[0][0].role != "corner":
        raise ValueError("no header")
    body = rows[3:]
    rng.shuffle(body)
    plain = [[replace(row[-8], rowspan=1, colspan=3), *row[-7:]] for row in body]
    sheets.set("t3", [*rows[:3], *plain])


@variant(sure=True)
def subtotal_rows(sheets: Sheets, rng: random.Random) -> None:
    """A row 小计 behind every group of grounds."""
    rows = headed3(sheets)
    out: list[Row] = rows[:3]
    for row in rows[3:]:
        labels, figures = split3(row)
        if labels[0].role == "group" and len(out) > 8 and "（" in labels[0].text:
            out.append(
                [words("小计", colspan=3), *(words(str(rng.randint(0, 9))) for _ in figures)]
            )
        labels = [replace(labels[-1], rowspan=1, colspan=3)]
        out.append([*labels, *figures])
    sheets.set("t3", out)


@variant(sure=False)
def percent_rows(sheets: Sheets, rng: random.Random) -> None:
    """Below the total a row of shares, and one of changes against last year."""
    rows = sheets.rows("t3")
    for name in ("占比", "比上年增减", "上年办理总数"):
        rows.append([words(name, colspan=3), *(words(str(rng.randint(0, 99))) for _ in range(7))])
    sheets.set("t3", rows)


@variant(sure=False, lost_in=(*LINES, "xlsx"))
def unlabelled_rows(sheets: Sheets, rng: random.Random) -> None:
    """Rows of figures whose label is blank stand among the others: nobody knows what they are."""
    rows = sheets.rows("t3")
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(4, len(rows))
        rows.insert(at, [words("", colspan=3), *(words(str(rng.randint(0, 9))) for _ in range(7))])
    sheets.set("t3", rows)


@variant(sure=False)
def lost_labels(sheets: Sheets, rng: random.Random) -> None:
    """Some row labels are blank; order may tell them, or not."""
    rows = sheets.rows("t3")
    for row in rng.sample(rows[3:], rng.randint(1, 4)):
        for i, cell in enumerate(row):
            if cell.role == "label":
                row[i] = reworded(cell, "")
    sheets.set("t3", rows)


@variant(sure=False)
def merged_figures(sheets: Sheets, rng: random.Random) -> None:
    """Equal figures of a block merged across columns into one cell."""
    for name in ("t2", "t3", "t4"):
        rows = sheets.rows(name)
        for row in rows:
            i = 0
            while i < len(row) - 1:
                one, two = (c.key.rpartition(".")[0] if c.key else i for c in row[i : i + 2])
                both = one == two and row[i].key and row[i].text == row[i + 1].text
                if both and rng.random() < 0.3:
                    row[i] = replace(row[i], colspan=row[i].colspan + row[i + 1].colspan)
                    del row[i + 1]
                i += 1
        sheets.set(name, rows)


@variant(sure=False)
def transposed(sheets: Sheets, rng: random.Random) -> None:
    """Table 3 turned round: applicants as rows, results as columns."""
    rows = sheets.rows("t3")[3:]
    labels = [split3(row)[0][-1].text for row in rows]
    out: list[Row] = [[words("申请人情况"), *map(words, labels)]]
    for i, key in enumerate(ORDER):
        out.append([words(NAMES[key]), *(split3(row)[1][i] for row in rows)])
    sheets.set("t3", out, len(labels) + 1)


@variant(sure=False)
def cut_between_columns(sheets: Sheets, rng: random.Random) -> None:
    """Table 3 too wide for the page: applicants on two tables, labels repeated or not."""
    old = sheets.table("t3")
    names = [NAMES[k] for k in ORDER]
    first: list[Row] = [[words("项目"), *map(words, names[:4])]]
    second: list[Row] = [[words("项目"), *map(words, names[4:])]]
    for row in old.rows[3:]:
        labels, figures = split3(list(row))
        label = replace(labels[-1], rowspan=1, colspan=1)
        if [(c.key or "").rpartition(".")[2] for c in figures] != list(ORDER):
            raise ValueError(row)
        first.append([label, *figures[:4]])
        second.append([label, *figures[4:]])
    at = sheets.parts.index(old)
    made = [Table("t3", 5, tuple(map(tuple, first))), Table("t3", 4, tuple(map(tuple, second)))]
    sheets.parts[at : at + 1] = made


@variant(sure=True)
def units_above_the_table(sheets: Sheets, rng: random.Random) -> None:
    rows = sheets.rows("t3")
    sheets.set("t3", [[words("单位：件", colspan=10)], *rows])
    sheets.set("t4", [[words("计量单位：件", colspan=15)], *sheets.rows("t4")])


@variant(sure=True)
def title_rows_in_tables(sheets: Sheets, rng: random.Random) -> None:
    year = sheets.report.year
    for name, title, width in (
        ("t2", "主动公开政府信息情况统计表", 4), ("t3", f"{year}年度依申请公开情况统计表", 10),
        ("t4", "行政复议、行政诉讼情况统计表", 15),
    ):  # fmt: skip
        sheets.set(name, [[words(title, colspan=width)], *sheets.rows(name)])


@variant(sure=True)
def all_in_one_table(sheets: Sheets, rng: random.Random) -> None:
    """The three tables glued to one of fifteen columns, with title rows between."""
    out: list[Row] = []
    for name, title in (("t2", "主动公开政府信息情况"), ("t3", "收到和处理政府信息公开申请情况"),
                        ("t4", "政府信息公开行政复议、行政诉讼情况")):  # fmt: skip
        out.append([words(title, colspan=15)])
        for row in sheets.rows(name):
            width = sum(c.colspan for c in row)
            full = sheets.table(name).width
            if name != "t4" and width == full and row[-1].colspan < 6:
                row[-1] = replace(row[-1], colspan=row[-1].colspan + 15 - full)
            out.append(row)
    table = Table("t2", 15, tuple(map(tuple, out)))
    sheets.parts = [
        table if p is sheets.table("t2") else p
        for p in sheets.parts
        if not isinstance(p, Table) or p.name == "t2"
    ]


@variant(sure=False)
def another_offices_tables(sheets: Sheets, rng: random.Random) -> None:
    """The tables of a second office follow in the same document."""
    extra: list[str | Table] = ["附：县财政局情况"]
    for name in ("t2", "t3", "t4"):
        table = sheets.table(name)
        extra.append(
            Table(
                name,
                table.width,
                tuple(
                    tuple(words(str(rng.randint(0, 9))) if c.key else c for c in row)
                    for row in table.rows
                ),
            )
        )
    sheets.parts += extra


@variant(sure=False)
def blank_template_first(sheets: Sheets, rng: random.Random) -> None:
    """The empty form stands before the filled one."""
    table = sheets.table("t3")
    empty = tuple(tuple(reworded(c, "") if c.key else c for c in row) for row in table.rows)
    sheets.add("t3", [Table("t3", table.width, empty)], before=True)


VARIANTS: Final[dict[str, Variant]] = {v.name: v for v in ALL}
