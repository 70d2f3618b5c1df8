"""The tests would notice: every mutant of the extractor is caught by documents that stand still.

Each mutant is a fault that a later change might bring, put in by replacing one function. The check
is the suite's own: golden documents, changed tables, and a PDF over page breaks. A mutant that
nothing catches is a hole in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from etl.document import Grid, GridCell
from etl.extract import (
    assemble,
    flow,
    flow_rows,
    flow_state,
    flow_tokens,
    grid_rows,
    grid_table4,
    grids,
    place,
    settle,
    values,
)
from etl.extract.rows import RowReading, Slot
from etl.read import docx_looks, html_plain, html_table, html_walk, pdf_join, pdf_pages, xlsx_shape
from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from etl.recognise import labels
from etl.report import State
from tests.golden.test_golden import MANIFEST, mistakes
from tests.read_binary.pdf_maker import Layout, build, draw_table
from tests.read_binary.sample import COLUMNS, section_three
from tests.variants.engine import run

Patch = pytest.MonkeyPatch


def _shifted(patch: Patch) -> None:
    whole = grid_rows.GridRows.place

    def place_(self: Any, cells: list[GridCell], columns: Any) -> list[GridCell] | None:
        found = whole(self, cells, columns)
        return found and [*found[1:], found[0]]

    patch.setattr(grid_rows.GridRows, "place", place_)


def _swapped(patch: Patch) -> None:
    whole = grids._GridReader._columns3

    def columns(self: Any, start: int, end: int) -> grid_rows.Columns:
        found = whole(self, start, end)
        first, second, *rest = found.spans or (range(0), range(0))
        return replace(found, spans=(second, first, *rest))

    patch.setattr(grids._GridReader, "_columns3", columns)


def _rows_lost(patch: Patch) -> None:
    whole = grids._GridReader._row3

    def row3(self: Any, row: int, cells: list[GridCell]) -> bool:
        return row % 7 == 5 or whole(self, row, cells)

    patch.setattr(grids._GridReader, "_row3", row3)


def _row_off_by_one(patch: Patch) -> None:
    whole = grids._GridReader._emit

    def emit(self: Any, table: str, key: str | None, *rest: Any, **more: Any) -> None:
        order = self.lex.t3_order
        if table == "t3" and key in order[:-1]:
            key = order[order.index(key) + 1]
        whole(self, table, key, *rest, **more)

    patch.setattr(grids._GridReader, "_emit", emit)


def _at_off_by_one(patch: Patch) -> None:
    whole = Grid.at
    patch.setattr(Grid, "at", lambda self, row, col: whole(self, row, col + 1))


def _without_spans(patch: Patch, **spans: int) -> None:
    whole = html_table.GridCell
    patch.setattr(html_table, "GridCell", lambda *a: whole(*a)._replace(**spans))


def _colspan_only(value: str | None, *, zero: int = 1) -> int:
    return 1 if zero > 1 else html_table.span(value, zero=zero)


def _blank_is_zero(patch: Patch) -> None:
    whole = assemble.read_value

    def read(text: str, kind: str = "count") -> values.Value:
        found = whole(text, kind)
        return values.Value(State.NUMBER, 0) if found.state is State.BLANK else found

    patch.setattr(assemble, "read_value", read)


def _mark_is_zero(patch: Patch) -> None:
    patch.setattr(values, "_NOT_APPLICABLE", frozenset())
    whole = values.read_value.__wrapped__

    def read(text: str, kind: str = "count") -> values.Value:
        return whole("0" if text in {"/", "-", "无"} else text, kind)

    patch.setattr(assemble, "read_value", read)


def _without_sign(patch: Patch) -> None:
    whole = assemble.read_value

    def read(text: str, kind: str = "count") -> values.Value:
        found = whole(text, kind)
        return replace(found, number=abs(found.number)) if found.number else found

    patch.setattr(assemble, "read_value", read)


def _yuan_is_wan(patch: Patch) -> None:
    patch.setattr(assemble, "to_wan", lambda number, unit: number)


def _decimals_cut(patch: Patch) -> None:
    whole = assemble.read_value

    def read(text: str, kind: str = "count") -> values.Value:
        found = whole(text, kind)
        cut = isinstance(found.number, Decimal)
        return replace(found, number=int(found.number or 0)) if cut else found

    patch.setattr(assemble, "read_value", read)


def _first_split(patch: Patch) -> None:
    def split(chunks: tuple[str, ...], wanted: int) -> tuple[str, ...] | None:
        return next((s for s in values._splits(chunks, wanted) if len(s) == wanted), None)

    patch.setattr(settle, "split_glued", split)


def _first_placement(patch: Patch) -> None:
    def places(reading: RowReading, keys: tuple[str, ...], balanced: Any) -> dict[str, Any]:
        return dict(zip(keys, [s for s in reading.slots if s.text], strict=False))

    patch.setattr(assemble, "place_values", places)


def _from_the_left(patch: Patch) -> None:
    def settled(slots: list[Any], wanted: int, *_: Any, **__: Any) -> tuple[list[Any], bool]:
        filled = [s for s in slots if s.text]
        rest = [Slot("", "")] * (wanted - len(filled))
        return [*filled, *rest][:wanted], bool(filled) and wanted > 0

    patch.setattr(flow_rows, "settle_row", settled)


def _sums_unseen(patch: Patch) -> None:
    patch.setattr(place, "_sums_hold", lambda rows, form: True)
    patch.setattr(place, "_may_be", lambda reading, key: True)


def _first_of_two(patch: Patch) -> None:
    patch.setattr(assemble, "_same", lambda ours, theirs: True)


def _any_header(patch: Patch) -> None:
    patch.setattr(labels.HeaderSet, "fits", lambda self, printed: len(printed) == len(self.columns))


def _any_label(patch: Patch) -> None:
    patch.setattr(labels, "FUZZY_CUTOFF", 45.0)
    patch.setattr(labels, "FUZZY_MARGIN", 0.0)


def _blocks_swapped(patch: Patch) -> None:
    whole = grid_table4.Table4Rows._paths4

    def paths(self: Any, start: int, end: int) -> tuple[Any, Any]:
        columns, keys = whole(self, start, end)
        return columns, (*keys[5:10], *keys[:5], *keys[10:])

    patch.setattr(grid_table4.Table4Rows, "_paths4", paths)


def _order_unseen(patch: Patch) -> None:
    patch.setattr(flow_state, "columns_in_order", lambda lexicon, met: lexicon.t3_keys)


def _foreign_unseen(patch: Patch) -> None:
    patch.setattr(flow_tokens, "is_foreign", lambda lexicon, table, text: False)


def _numbering_unseen(patch: Patch) -> None:
    for module in (grids, grid_table4, flow_rows):
        patch.setattr(module, "is_numbering", lambda texts: False)


def _strange_unseen(patch: Patch) -> None:
    patch.setattr(grids._GridReader, "_strange", lambda self, texts: None)


def _first_row_of_table4(patch: Patch) -> None:
    whole = grid_table4.Table4Rows._goes_on4
    patch.setattr(grid_table4.Table4Rows, "_rival4", lambda self, cells: False)
    patch.setattr(
        grid_table4.Table4Rows,
        "_goes_on4",
        lambda self, cells, further: not further and whole(self, cells, further),
    )


def _gap_unseen(patch: Patch) -> None:
    patch.setattr(grid_rows, "pairwise", lambda spans: ())


def _words_left_out(patch: Patch) -> None:
    row4 = grid_table4.Table4Rows
    patch.setattr(
        row4, "_names_row4", lambda self, c, columns: bool(c.text) and not c.text.isdigit()
    )


def _words_between_unseen(patch: Patch) -> None:
    patch.setattr(flow_tokens.FlowTokens, "_goes_on", lambda self, row: True)


def _year_unseen(patch: Patch) -> None:
    patch.setattr(flow, "has_year", lambda text: False)


def _raised_digits_joined(patch: Patch) -> None:
    for module in (html_walk, docx_looks, xlsx_shape):
        patch.setattr(module, "raised", str)


def _struck_digits_joined(patch: Patch) -> None:
    for module in (html_walk, docx_looks, xlsx_shape):
        patch.setattr(module, "struck", str)


def _pdf_spans_apart(patch: Patch) -> None:
    patch.setattr(pdf_join, "_join_spans", lambda upper, lower, shift: None)


def _pdf_header_again(patch: Patch) -> None:
    patch.setattr(pdf_join, "_drop_repeated_header", lambda upper, lower: None)


def _pdf_pages_apart(patch: Patch) -> None:
    patch.setattr(pdf_join, "_goes_over", lambda upper, lower: False)


def _pdf_column_off(patch: Patch) -> None:
    whole = pdf_pages.bisect_right
    patch.setattr(pdf_pages, "bisect_right", lambda a, x: whole(a, x + 30))


MUTANTS: dict[str, Callable[[Patch], None]] = {
    "columns shifted by one": _shifted,
    "two columns swapped": _swapped,
    "rows dropped": _rows_lost,
    "row off by one": _row_off_by_one,
    "grid look-up off by one": _at_off_by_one,
    "colspan ignored": lambda patch: _without_spans(patch, colspan=1),
    "rowspan ignored": lambda patch: patch.setattr(html_plain, "span", _colspan_only),
    "blank becomes 0": _blank_is_zero,
    "mark becomes 0": _mark_is_zero,
    "sign lost": _without_sign,
    "元 taken for 万元": _yuan_is_wan,
    "decimals cut": _decimals_cut,
    "first split of glued digits": _first_split,
    "first placement of a short row": _first_placement,
    "short rows filled from the left": _from_the_left,
    "order without sums": _sums_unseen,
    "first of two printings": _first_of_two,
    "any header": _any_header,
    "any label": _any_label,
    "blocks of table 4 swapped": _blocks_swapped,
    "order of headers unseen": _order_unseen,
    "foreign headers unseen": _foreign_unseen,
    "numbering taken for figures": _numbering_unseen,
    "another table's header unseen": _strange_unseen,
    "first row of several": _first_row_of_table4,
    "missing header unseen": _gap_unseen,
    "words below a header left out": _words_left_out,
    "words between label and figures unseen": _words_between_unseen,
    "year between label and figures unseen": _year_unseen,
    "dropped colspans unseen": lambda patch: patch.setattr(
        grids._GridReader, "_lost_spans3", lambda *_: False
    ),
    "order of table 4's headers unseen": lambda patch: patch.setattr(
        grid_table4.Table4Rows, "_in_order4", lambda *_: True
    ),
    "raised digits joined": _raised_digits_joined,
    "struck digits joined": _struck_digits_joined,
    "PDF: spans not joined": _pdf_spans_apart,
    "PDF: header repeated": _pdf_header_again,
    "PDF: pages apart": _pdf_pages_apart,
    "PDF: characters in the next column": _pdf_column_off,
}

#: Changed tables whose reading hangs on one rule each.
CHANGED = (
    (("column_numbers",), "html", (1, 2, 3, 5)),
    (("offices_as_columns",), "html", (2, 3)),
    (("two_years_below_table4",), "html", (1, 2, 3, 5)),
    (("total_first",), "lines", (2, 3)),
    (("two_years_below_table4",), "lines", (1, 2, 3, 5)),
    (("lost_labels", "unlabelled_rows"), "html", (11, 15, 29)),
    (("blank_column", "no_total_column"), "html", (45725,)),
    (("table4_with_label", "table4_blocks_swapped"), "docx", (41703,)),
    (("percent_rows",), "lines", (21,)),
    (("headers_left_out", "shuffled_columns"), "tails", (55580,)),
    (("two_years_in_rows",), "pipes", (3,)),
    (("spans_lost_above",), "html", (0, 1)),
    (("spans_lost_above", "table4_blocks_swapped"), "html", (2, 4)),
    (("raised_marks",), "docx", (1, 2)),
    (("struck_figures",), "xlsx", (1, 2)),
)


def _pdf_is_right() -> bool:
    pages = draw_table(section_three(), COLUMNS, Layout(breaks=(9, 17), header=3))
    document = read_pdf(build(pages), Limits())
    found = [
        {(c.row, c.col, c.rowspan, c.colspan, c.text.replace("\n", "")) for c in grid.cells}
        for grid in document.grids()
    ]
    return found == [{(b.row, b.col, b.rowspan, b.colspan, b.text) for b in section_three()}]


def _first_mistake() -> Iterator[str]:
    """What the suite would report, cheapest first."""
    if not _pdf_is_right():
        yield "PDF"
    for entry in MANIFEST:
        if mistakes(entry):
            yield entry["file"]
    for names, kind, seeds in CHANGED:
        cases = [run(seed, names, kind) for seed in seeds]
        if any(case.wrong or (len(names) == 1 and case.failed) for case in cases):
            yield f"{' + '.join(names)} in {kind}"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """A mutant must not live on in a cache, nor hide behind one."""
    labels._fuzzy.cache_clear()
    values.read_value.cache_clear()
    yield
    labels._fuzzy.cache_clear()
    values.read_value.cache_clear()


def test_without_a_mutant_nothing_is_reported() -> None:
    assert list(_first_mistake()) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    try:
        caught = next(_first_mistake(), None)
    except Exception as error:  # a mutant that breaks the extractor is caught, too
        caught = repr(error)
    assert caught is not None, f"no test noticed: {name}"
