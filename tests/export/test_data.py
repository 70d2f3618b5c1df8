"""Data files: read back by other programs and compared with the figure, value by value."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pandas as pd
import polars
import pytest
from lxml import etree

from dashboard import figures
from dashboard.export import data, xlsx
from dashboard.export.base import Item, item_of
from dashboard.export.kinds import KINDS
from dashboard.figures import Native, Series, Twin


def values_of(item: Item) -> list[list[Any]]:
    return [list(map(data.plain, row)) for row in data.raw(item).itertuples(index=False)]


@pytest.fixture
def gapped(item: Item) -> Item:
    """The same figure with a year that has nothing."""
    frame = item.figure.data
    assert frame is not None
    frame = frame.copy()
    frame.loc[1, ["num", "den", "value"]] = None
    twin = item.figure.twin.frame.copy()
    twin.iloc[1, 1] = "—"
    native = item.figure.native
    assert native is not None
    series = tuple(replace(s, values=(s.values[0], None, *s.values[2:])) for s in native.series)
    figure = replace(
        item.figure, data=frame, twin=Twin(twin, item.figure.twin.right),
        native=replace(native, series=series),
    )  # fmt: skip
    return replace(item, figure=figure)


def test_json_has_the_figures_and_what_they_mean(gapped: Item) -> None:
    found = json.loads(data.as_json(gapped))
    assert [list(row.values()) for row in found["data"]] == values_of(gapped)
    assert found["data"][1]["value"] is None
    about = found["metadata"]
    assert about["build"] == "demo-1"
    assert about["demo"] is True
    assert [m["key"] for m in about["metrics"]] == ["disclosure_rate"]
    assert about["metrics"][0]["formula"]
    assert about["coverage"]["expected"] == 24
    assert about["parameters"]["lang"] == "zh"


def test_parquet_keeps_types_and_nulls_and_carries_its_notes(gapped: Item) -> None:
    content = data.as_parquet(gapped)
    frame = polars.read_parquet(BytesIO(content))
    assert [list(map(data.plain, row)) for row in frame.rows()] == values_of(gapped)
    assert frame["value"].null_count() == 1
    assert frame["value"].dtype == polars.Float64
    import pyarrow.parquet as pq

    notes = json.loads(pq.read_schema(BytesIO(content)).metadata[b"disclosure"])
    assert notes["build"] == "demo-1"


def test_csv_opens_in_excel_and_nothing_is_empty(gapped: Item) -> None:
    with zipfile.ZipFile(BytesIO(data.as_csv(gapped))) as packed:
        names = packed.namelist()
        assert len(names) == 3
        table, raw, notes = map(packed.read, names)
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(table.decode("utf-8-sig"))))
    twin = gapped.figure.twin.frame
    assert rows[0] == list(map(str, twin.columns))
    assert rows[2][1] == ""
    assert rows[1][1] == twin.iloc[0, 1]
    found = list(csv.reader(StringIO(raw.decode("utf-8-sig"))))
    wanted = [["" if v is None else str(v) for v in row] for row in values_of(gapped)]
    assert found[1:] == wanted
    assert json.loads(notes)["title"] == gapped.heading


def test_the_same_figure_gives_the_same_bytes(item: Item) -> None:
    assert data.as_csv(item) == data.as_csv(item)


def test_every_figure_leaves_in_every_data_format(open_view: Any) -> None:
    for lang in ("zh", "en"):
        view = open_view(lang=lang)
        for name in figures.names_on("overview", view):
            item = item_of(name, view)
            assert item is not None
            frame = polars.read_parquet(BytesIO(data.as_parquet(item)))
            assert frame.height == len(data.raw(item)), name
            assert json.loads(data.as_json(item))["data"], name


def test_the_workbook_has_the_figures_cell_by_cell(gapped: Item) -> None:
    book = openpyxl.load_workbook(BytesIO(xlsx.workbook([gapped], values=True)))
    sheet = book.worksheets[0]
    native = gapped.figure.native
    assert native is not None
    assert sheet["A1"].value == gapped.heading
    head = [cell.value for cell in sheet[4]][: len(native.series) + 1]
    assert head[1:] == [s.name for s in native.series]
    for n, category in enumerate(native.categories):
        row = [cell.value for cell in sheet[5 + n]]
        assert row[0] == category
        assert row[1 : 1 + len(native.series)] == [s.values[n] for s in native.series]
    assert len(sheet._charts) == 1
    assert sheet._charts[0].display_blanks == "gap"
    raw = list(book.worksheets[1].iter_rows(values_only=True))
    assert [list(row) for row in raw[1:]] == values_of(gapped)
    assert [row[0] for row in book["指标口径"].iter_rows(values_only=True)][1:] == ["公开率"]
    assert book["数据来源"].max_row > 2


@pytest.mark.parametrize("kind", ["bar", "bar_stacked", "column", "line"])
def test_a_charts_axes_say_what_they_measure(item: Item, kind: Any) -> None:
    native = Native(kind, ("甲", "乙"), (Series("件", (1.0, -2.0)),), x_title="横", y_title="竖")
    odd = replace(item, figure=replace(item.figure, native=native))
    content = xlsx.workbook([odd])
    with zipfile.ZipFile(BytesIO(content)) as packed:
        tree = etree.fromstring(packed.read("xl/charts/chart1.xml"))

    def axis(name: str) -> tuple[str, str]:
        (found,) = tree.iter(f"{{*}}{name}")
        title = "".join(node.text or "" for node in found.iter("{*}t"))
        return title, next(found.iter("{*}orientation")).get("val", "")

    # A bar chart's groups run along its y, downwards as on screen; its values never from the right.
    flat = kind.startswith("bar")
    assert axis("catAx") == (("竖", "maxMin") if flat else ("横", "minMax"))
    assert axis("valAx") == ("横" if flat else "竖", "minMax")
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    assert "竖" in [c.value for c in sheet["A"]] if flat else "横" in [c.value for c in sheet["A"]]


def test_shown_figures_are_numbers_and_missing_ones_are_not(gapped: Item) -> None:
    sheet = openpyxl.load_workbook(BytesIO(xlsx.workbook([gapped]))).worksheets[0]
    twin = gapped.figure.twin.frame
    start = next(r for r in range(8, 60) if sheet.cell(r, 1).value == twin.columns[0])
    shown = [sheet.cell(start + 1 + n, 2) for n in range(len(twin))]
    for cell, text in zip(shown, twin.iloc[:, 1], strict=True):
        if text == "—":
            assert cell.value == "—"
        else:
            assert cell.value == pytest.approx(float(text.rstrip("%")) / 100)
            assert cell.number_format == "0.0%"


def test_the_sources_of_an_office_name_its_cells(open_view: Any) -> None:
    view = open_view(office="o-990100b")
    item = item_of("overview/trend/disclosure_rate", view)
    assert item is not None
    found = xlsx.sources_of(item)
    assert set(found["office_id"]) == {"o-990100b"}
    metric = view.meta.metrics["disclosure_rate"]
    assert set(found["cell"]) <= set(view.meta.metric_cells(metric))
    assert found["filename"].notna().all()


def test_broken_texts_have_the_height_they_need(item: Item) -> None:
    assert xlsx.row_pixels(["短"], [20]) == xlsx.row_pixels([""], [20]) == 20
    assert xlsx.row_pixels(["长" * 30, "短"], [20, 20]) == 3 * 17 + 3
    assert xlsx.row_pixels(["一\n二\n三"], [20]) == 3 * 17 + 3
    sheet = openpyxl.load_workbook(BytesIO(xlsx.workbook([item])))["指标口径"]
    assert sheet.row_dimensions[2].customHeight


@pytest.mark.parametrize(("many", "beside"), [(1, True), (8, False)])
def test_a_chart_stands_beside_few_columns_and_above_many(
    item: Item, many: int, *, beside: bool
) -> None:
    rows = tuple(Series(f"件{n}", (1.0, 2.0)) for n in range(many))
    odd = replace(item, figure=replace(item.figure, native=Native("column", ("甲", "乙"), rows)))
    sheet = openpyxl.load_workbook(BytesIO(xlsx.workbook([odd]))).worksheets[0]
    (chart,) = sheet._charts
    corner = chart.anchor._from
    head = next(n for n, c in enumerate(sheet["B"]) if c.value == "件0")
    assert (corner.col > many, corner.row == head) == (beside, beside)
    assert beside or chart.anchor.to.row < head
    table = next(
        n for n, c in enumerate(sheet["A"]) if c.value == item.figure.twin.frame.columns[0]
    )
    assert table > max(chart.anchor.to.row, head)


def test_every_bar_of_a_chart_keeps_its_name(item: Item) -> None:
    """Excel and LibreOffice leave out every second name where there is little room."""
    names = tuple(f"甲乙丙丁县第{n}局" for n in range(30))
    native = Native("bar", names, (Series("件", (1.0,) * 30),))
    odd = replace(item, figure=replace(item.figure, native=native))
    with zipfile.ZipFile(BytesIO(xlsx.workbook([odd]))) as packed:
        chart = etree.fromstring(packed.read("xl/charts/chart1.xml"))
    (axis,) = chart.iter("{*}catAx")
    assert axis.find("{*}tickLblSkip").get("val") == "1"
    size = int(axis.find("{*}txPr//{*}defRPr").get("sz")) / 100
    sheet = openpyxl.load_workbook(BytesIO(xlsx.workbook([odd]))).worksheets[0]
    anchor = sheet._charts[0].anchor
    high = sum(
        (sheet.row_dimensions[n + 1].height or 15) for n in range(anchor._from.row, anchor.to.row)
    )
    assert 6 <= size <= high / len(names)


HOSTILE = ["=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1",
           "http://example.com", "{=1}", "\x00\x0b", "<script>", "]]>"]  # fmt: skip


@pytest.fixture
def hostile(item: Item) -> Item:
    frame = pd.DataFrame({"=1+1": HOSTILE, "office_id": HOSTILE})
    figure = replace(item.figure, title="=1+1/\\:*?[]", twin=Twin(frame), data=frame, native=None)
    return replace(item, figure=figure, title="=cmd|' /C calc'!A0", note="@note")


def test_nothing_in_a_workbook_is_a_formula_or_a_link(hostile: Item) -> None:
    book = openpyxl.load_workbook(BytesIO(xlsx.workbook([hostile, hostile], values=True)))
    for sheet in book.worksheets:
        assert len(sheet.title) <= 31
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                assert cell.hyperlink is None
    assert len({sheet.title.casefold() for sheet in book.worksheets}) == len(book.worksheets)


def test_nothing_in_a_csv_is_a_formula(hostile: Item) -> None:
    with zipfile.ZipFile(BytesIO(data.as_csv(hostile))) as packed:
        for name in packed.namelist():
            assert "/" not in name
            assert "\\" not in name
            if name.endswith(".csv"):
                for row in csv.reader(StringIO(packed.read(name).decode("utf-8-sig"), newline="")):
                    assert not [f for f in row if f[:1] in ("=", "+", "-", "@", "\t", "\r")], row


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_every_format_of_the_menu_makes_a_file(hostile: Item, kind: Any) -> None:
    content = kind.make(hostile)
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "xlsx": b"PK", "zip": b"PK",
             "parquet": b"PAR1", "json": b"{"}[kind.ending]  # fmt: skip
    assert content.startswith(start)
    assert kind.name(hostile.heading, "b").endswith(kind.ending)


def test_days_are_dates_in_every_format(open_view: Any) -> None:
    board = item_of("quality/board", open_view("quality"))
    assert board is not None
    kept = polars.read_parquet(BytesIO(data.as_parquet(board)))
    assert kept.schema["due"] == kept.schema["published"] == polars.Date
    days = {r["due"] for r in json.loads(data.as_json(board))["data"]}
    assert days == {str(day) for day in kept["due"]}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days)
    assert set(days) <= set(re.split(r"[,\s]", data.values_csv(board).decode("utf-8-sig")))
