"""Guards that no format's test reaches alone: what must not count as a proof of a place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from etl.document import Block, Document, Grid, GridCell, Line
from etl.extract.assemble import _distrust_cut_rows
from etl.extract.grid_rows import Columns, GridContext, GridRows
from etl.extract.place import _sums_hold, distrust_written_twice, numbers_of
from etl.extract.rows import Harvest, RowReading, Slot
from etl.extract.settle import damaged
from etl.extract.wrapped import join_wrapped
from etl.form import load_form
from etl.recognise.kind import another_report, find_title
from etl.recognise.labels import lexicon
from etl.recognise.sheets import of_year


def _table3(total: str) -> list[RowReading]:
    form = load_form()
    skip = {form.tables.t3.undivided.row}
    rows = [r for r in form.rows("t3") if r.kind in ("leaf", "total") and r.key not in skip]
    return [
        RowReading("t3", r.key, ("biz",), [Slot(total if r.kind == "total" else "0", "")], "", 1)
        for r in rows
    ]


def test_a_blank_total_confirms_nothing() -> None:
    assert _sums_hold(_table3("0"), load_form())
    assert not _sums_hold(_table3("1"), load_form())
    beside = _table3("")
    beside[-1].columns, beside[-1].slots = ("natural",), [Slot("0", "")]
    assert not _sums_hold(beside, load_form())


def _placed(*spans: int) -> bool:
    cells: list[GridCell] = []
    for span in spans:
        at = cells[-1].col + cells[-1].colspan if cells else 0
        cells.append(GridCell(0, at, 1, span, "3"))
    grid = Grid(1, 1, sum(spans), cells)
    reader = GridRows(grid, 0, lexicon(), GridContext(), Harvest())
    columns = Columns(
        ("a", "b", "c"), tuple(range(i, i + 1) for i in range(3)), whole=True, width=3
    )
    return reader.place(cells, columns) is not None


def test_merged_figures_beyond_the_header_are_of_no_column() -> None:
    assert _placed(1, 1, 1)
    assert _placed(1, 1, 4)
    assert not _placed(1, 2, 1)


@pytest.mark.parametrize(
    ("texts", "certain"),
    [(("3", "0", "3", ""), True), (("3", "", "3", ""), False), (("3", "0", "3", "1"), False)],
)
def test_a_blank_cell_beyond_the_header_moves_no_full_row(
    texts: tuple[str, ...], certain: bool
) -> None:
    cells = [GridCell(0, col, 1, 1, text) for col, text in enumerate(texts)]
    reader = GridRows(Grid(1, 1, 4, cells), 0, lexicon(), GridContext(), Harvest())
    spans = tuple(range(i, i + 1) for i in range(3))
    placed = reader.place(cells, Columns(("a", "b", "c"), spans, whole=True, width=3))
    assert (placed == cells[:3]) == certain


def test_words_among_the_figures_and_a_figure_below_words_are_a_moved_row() -> None:
    cells = [GridCell(0, col, 1, 1, text) for col, text in enumerate(("县财政局", "0", "3", "1"))]
    reader = GridRows(Grid(1, 1, 4, cells), 0, lexicon(), GridContext(), Harvest())
    columns = Columns(
        ("a", "b", "c"),
        tuple(range(i, i + 1) for i in range(3)),
        (range(3, 4),),
        whole=True,
        width=4,
    )
    assert reader.place(cells, columns) is None
    cells[3] = cells[3]._replace(text="")
    assert reader.place(cells, columns) == cells[:3]


def _two_reports(second: str) -> Document:
    heads = [s.zh for s in load_form().tables.sections]
    cells = [GridCell(0, col, 1, 1, str(col)) for col in range(12)]
    blocks: list[Block] = []
    for title in ("清河镇2023年政府信息公开工作年度报告", second):
        blocks.append(Line(title, ""))
        blocks += [Line(head, "") for head in heads]
        blocks.append(Grid(1, 1, 12, cells))
    return Document("html", blocks)


@pytest.mark.parametrize(
    ("second", "begins"),
    [
        ("清河镇2022年政府信息公开工作年度报告", 8),
        ("清河镇2023年政府信息公开工作年度报告", None),
        ("附件", None),
    ],
)
def test_a_second_report_below_the_first_is_not_read_as_part_of_it(
    second: str, begins: int | None
) -> None:
    document = _two_reports(second)
    assert another_report(document, find_title(document)) == begins


def test_a_table_of_contents_between_two_titles_is_no_report() -> None:
    document = _two_reports("清河镇人民政府2023年政府信息公开工作年度报告")
    blocks = [b for i, b in enumerate(document.blocks) if i != 7]  # no figures above the second
    assert another_report(Document("html", blocks), find_title(document)) is None


def test_a_blank_half_of_a_row_cut_by_a_page_break_is_not_the_row() -> None:
    upper = RowReading("t3", None, (), [Slot("3", "")], "5.\n要\n求\n行", 1)
    for label, begins in ((upper.label, True), ("", True), ("小计", False)):
        lower = RowReading("t3", "refused_reconfirm", ("biz",), [Slot("", "")], "政机关", 2)
        _distrust_cut_rows([replace(upper, label=label), lower], lexicon())
        assert (lower.columns == ()) == begins


def joined(printed: list[str]) -> list[Slot]:
    """A row's cells, the last of them its total, after broken and struck figures are settled."""
    slots = [Slot(text, "") for text in printed]
    row = RowReading("t3", "granted", ("natural", "biz", "total"), slots, "", 1)
    join_wrapped([row], "total")
    return row.slots


@pytest.mark.parametrize(
    ("printed", "total"),
    [
        (["100000\xad\n0", "5", "1000005"], "1000005"),
        (["100000\xad\n0", "5", "1000006"], "1000006"),  # not their sum: two figures, perhaps
        (["3\xad\n1", "2\n0", "5\xad\n1"], "5\xad\n1"),  # two years in each cell, 31 + 20 = 51
        (["102\xad\n4", "", "102\xad\n4"], "1024"),
    ],
)
def test_a_figure_broken_over_lines_is_joined_where_the_sum_says_so(
    printed: list[str], total: str
) -> None:
    slots = joined(printed)
    assert slots[-1].text == total
    assert bool(slots[0].note) == (total in ("1000005", "1024"))


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        (["~~9~~12", "5", "17"], "12"),
        (["9\u033612", "5", "17"], "12"),
        (["12~~9~~", "~~3~~5", "17"], "12"),
        (["~~9~~12", "5", "18"], "~~9~~12"),  # not their sum
        (["~~9~~12", "5", "917"], "~~9~~12"),  # the sum has the struck digit
        (["~~1~~5", "0", "~~1~~5"], "~~1~~5"),  # both ways
        (["~~9~~", "5", "5"], "~~9~~"),
    ],
)
def test_a_figure_beside_a_struck_one_is_read_where_the_sum_says_so(
    printed: list[str], read: str
) -> None:
    assert joined(printed)[0].text == read


def test_a_workbook_with_a_sheet_a_year_is_read_by_its_own_year() -> None:
    def sheet(name: str) -> list[Block]:
        return [
            Line("表", f"{name}, row 1"),
            Grid(1, 1, 1, [GridCell(0, 0, 1, 1, "7")], place=name),
        ]

    names = ("2022年", "2023年", "说明")
    book = Document("xlsx", [block for name in names for block in sheet(name)])
    own = of_year(book, 2023)
    assert own.blocks == [*sheet("2023年"), *sheet("说明")] and "2022年" in own.notes[0]
    assert of_year(book, 2024) is book and of_year(book, None) is book


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        (("2227", "2227", "3", "", "52"), {"other": 3, "total": 52}),
        # An office's slip of its sum is no merged cell.
        (
            ("12", "12", "3", "", "28"),
            {"upheld": 12, "corrected": 12, "other": 3, "total": 28},
        ),
    ],
)
def test_a_merged_cell_written_twice_is_no_two_figures(
    texts: tuple[str, ...], left: dict[str, int]
) -> None:
    columns = ("upheld", "corrected", "other", "pending", "total")
    row = RowReading("t4", "review", columns, [Slot(t, "") for t in texts], "", 1)
    distrust_written_twice([row])
    assert numbers_of(row) == left
    assert set(row.columns) | set(row.doubtful) == set(columns)


@pytest.mark.parametrize(
    ("text", "two"), [("/  1013160", True), ("7 130", True), ("3 件", False), ("", False)]
)
def test_two_values_in_a_cell_show_that_a_border_vanished(text: str, two: bool) -> None:
    assert damaged([Slot("5", ""), Slot(text, "")]) is two
