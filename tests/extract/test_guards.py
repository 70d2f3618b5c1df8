"""Guards that no format's test reaches alone: what must not count as a proof of a place."""

from __future__ import annotations

from dataclasses import replace

from etl.document import Grid, GridCell
from etl.extract.assemble import _distrust_cut_rows
from etl.extract.grid_rows import Columns, GridContext, GridRows
from etl.extract.place import _sums_hold
from etl.extract.rows import Harvest, RowReading, Slot
from etl.form import load_form
from etl.recognise.labels import lexicon


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


def test_a_blank_half_of_a_row_cut_by_a_page_break_is_not_the_row() -> None:
    upper = RowReading("t3", None, (), [Slot("3", "")], "5.\n要\n求\n行", 1)
    for label, begins in ((upper.label, True), ("小计", False)):
        lower = RowReading("t3", "refused_reconfirm", ("biz",), [Slot("", "")], "政机关", 2)
        _distrust_cut_rows([replace(upper, label=label), lower], lexicon())
        assert (lower.columns == ()) == begins
