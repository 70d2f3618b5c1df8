"""Every registered chart in every format, zh and en, on the demo and on real reports; read back.

Real reports stay where they lie; without them those cases are skipped.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import polars
import pypdfium2
import pytest
from lxml import etree
from pandas.api.types import is_numeric_dtype
from PIL import Image
from pptx import Presentation

from dashboard import figures, formats, registry
from dashboard.export import blocks, data, packs, picture, pptx, xlsx
from dashboard.export import native as natives
from dashboard.export.base import Item, item_of
from dashboard.export.kinds import BY_KEY, KINDS
from dashboard.export.packs import Pack
from dashboard.export.safe import clean
from dashboard.open import Opener

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / ".." / "shared" / "reports"
#: A chart a registered builder: the first of its arguments that has something to draw.
FIRST = 3
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="300"/>'


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not REPORTS.exists():
        pytest.skip("../shared/reports is not beside this checkout")
    folder = tmp_path_factory.mktemp("real")
    env = {**os.environ, "DISCLOSURE_WAREHOUSE": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "etl.cli", "load", str(REPORTS)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=500)
    assert (folder / "current.json").exists(), done.stderr
    return folder


@cache
def office_of(folder: Path) -> str:
    """The office with most reports; of several one that reports on a region."""
    with Opener(folder) as opener:
        build = opener.newest()
        found = opener.access.database(build).frame(  # type: ignore[attr-defined]
            "select office_id from mart_report group by 1 "
            "order by count(*) desc, bool_or(scope = 'region') desc, 1 limit 1"
        )
    return str(found.iloc[0, 0])


def items_on(opener: Opener, page: str, lang: str, office: str, scope: str) -> Iterator[Item]:
    params = {"lang": lang, "scope": scope}
    params |= {"office": office} if page == "profile" else {}
    view = opener.view(page, params)
    if not view.years:
        return
    for spec in figures.FIGURES().values():
        if spec.page != page:
            continue
        for argument in list(spec.arguments(view))[:FIRST]:
            found = item_of(f"{spec.name}/{argument}" if argument else spec.name, view)
            if found is not None:
                yield found
                break


def squeezed(text: str) -> str:
    """Without spaces, and without the mark of demo data, beside which a long title wraps."""
    return re.sub(r"\s|(Demo data)?\s*演示数据", "", text)


def check_pictures(item: Item, made: dict[str, bytes]) -> None:
    shown = [Image.open(BytesIO(made[key])) for key in ("png", "png_large") if key in made]
    if len(shown) == 2:
        assert shown[0].size[0] * 3 == pytest.approx(shown[1].size[0] * 2, abs=3)
    for image in shown:
        assert len(set(image.convert("L").resize((90, 60)).get_flattened_data())) > 5
    root = ElementTree.fromstring(made["svg"])
    words = squeezed("".join(root.itertext()))
    page = pypdfium2.PdfDocument(made["pdf"])[0].get_textpage()
    printed = squeezed(page.get_text_range())
    for text in (item.heading, item.view.build.id):
        assert squeezed(text) in words, item.figure.name
        assert squeezed(text) in printed, item.figure.name


def check_data(item: Item, made: dict[str, bytes]) -> None:
    name = item.figure.name
    wanted = [list(map(data.plain, row)) for row in data.raw(item).itertuples(index=False)]
    found = json.loads(made["json"])
    assert [list(row.values()) for row in found["data"]] == wanted, name
    frame = polars.read_parquet(BytesIO(made["parquet"]))
    for row, values in zip(frame.rows(), wanted, strict=True):
        for got, value in zip(map(data.plain, row), values, strict=True):
            mixed = isinstance(got, str) and not isinstance(value, str)
            assert (json.loads(got) if mixed else got) == value, name
    with zipfile.ZipFile(BytesIO(made["csv"])) as packed:
        table = packed.read(packed.namelist()[0]).decode("utf-8-sig")
    twin = item.figure.twin.frame
    rows = list(csv.reader(StringIO(table)))
    assert len(rows) == len(twin) + 1, name
    sheet = openpyxl.load_workbook(BytesIO(made["xlsx"])).worksheets[0]
    grid = [[cell.value for cell in row] for row in sheet.iter_rows()]
    if natives.fits(item.figure.native):
        assert item.figure.native is not None
        series = item.figure.native.series
        head = next(n for n, row in enumerate(grid) if row[1] == clean(series[0].name))
        for n, one in enumerate(series, start=1):
            held = [None if formats.is_missing(v) else v for v in one.values]
            below = grid[head + 1 : head + 1 + len(held)]
            assert [row[n] for row in below] == pytest.approx(held), name
    columns = [str(c) for c in twin.columns]
    start = max(n for n, row in enumerate(grid) if list(row[: len(columns)]) == columns)
    for shown, row in zip(twin.itertuples(index=False), grid[start + 1 :], strict=False):
        for column, text, got in zip(columns, shown, row, strict=False):
            number, _ = xlsx.typed(text) if column in item.figure.twin.right else (None, "")
            if number is not None:
                assert got == pytest.approx(number), (name, column)
            elif text:
                assert str(got) == str(text), (name, column)


def numbers(item: Item) -> set[float]:
    """Every number of a figure's query, as it stands there, as per cent, as a part of the due."""
    frame = item.figure.data
    assert frame is not None
    columns = [frame[c].dropna().astype(float) for c in frame if is_numeric_dtype(frame[c])]
    found = {round(v, 9) for column in columns for v in column}
    found |= {round(100 * v, 9) for column in columns for v in column}
    if {"n", "expected"} <= set(frame.columns):
        # A way of arriving that no report took has no row.
        found |= {0.0, *(round(v, 9) for v in (frame["n"] / frame["expected"]).astype(float))}
    return found


def check_packs(items: list[Item]) -> None:
    """The figures in slides, documents and workbooks are the queries', cell by cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "chart_svg", lambda spec: BLANK)  # drawn above
        made = {key: packs.make(key, Pack(tuple(items), "x")) for key in ("pptx", "docx")}
    slides = list(Presentation(BytesIO(made["pptx"])).slides)
    with zipfile.ZipFile(BytesIO(made["docx"])) as packed:
        word = etree.fromstring(packed.read("word/document.xml")).iter("{*}tbl")
    shown = [s for s in slides if s.has_notes_slide]
    for item, slide in zip(items, shown, strict=True):
        name, native = item.figure.name, item.figure.native
        twin = blocks.shown(item.figure).frame.map(
            lambda v: formats.MISSING if formats.is_missing(v) else str(v)
        )
        head = list(map(str, twin.columns))
        if not twin.empty:
            rows = cells(next(word))
            assert rows == [head, *twin.head(blocks.TABLE_ROWS).to_numpy().tolist()], name
            assert slide_rows(slides, slides.index(slide) + 1, head) == (
                twin.head(pptx.TABLE_ROWS).to_numpy().tolist()
            ), name
        if not natives.fits(native):
            continue
        assert native is not None
        (chart,) = [s.chart for s in slide.shapes if s.has_chart]
        known = numbers(item)
        for series, drawn in zip(native.series, chart.plots[0].series, strict=True):
            held = [None if formats.is_missing(v) else v for v in series.values]
            if native.kind == "scatter":
                assert tuple(drawn.values) == pytest.approx([v for v in held if v is not None]), (
                    name
                )
            else:
                assert tuple(drawn.values) == pytest.approx(held, nan_ok=True), name
            if not series.curve:
                assert {round(float(v), 9) for v in held if v is not None} <= known, name


def cells(table: Any) -> list[list[str]]:
    """The texts of a table of Word or PowerPoint; a library's own cells take most of a minute."""
    return [
        ["\n".join("".join(t.text or "" for t in p.iter("{*}t")) for p in cell.iter("{*}p"))
         for cell in row.iter("{*}tc")]
        for row in table.iter("{*}tr")
    ]  # fmt: skip


def slide_rows(slides: list[Any], first: int, head: list[str]) -> list[list[str]]:
    """The rows of a table over the slides from a place on, up to the next figure."""
    out: list[list[str]] = []
    for slide in slides[first:]:
        rows = [row for table in slide._element.iter("{*}tbl") for row in cells(table)]
        if slide.has_notes_slide or rows[0] != head:
            return out
        out += rows[1:]
    return out


@pytest.mark.long
@pytest.mark.parametrize(("size", "lang"), [("demo", "zh"), ("demo", "en"), ("real", "zh")])
@pytest.mark.parametrize("page", registry.BY_KEY)
def test_every_chart_in_every_format(
    request: pytest.FixtureRequest, size: str, page: str, lang: str
) -> None:
    folder: Path = request.getfixturevalue("warehouse" if size == "demo" else "real")
    if not any(spec.page == page for spec in figures.FIGURES().values()):
        return
    seen: list[Item] = []
    again: set[str] = set()
    # The newest of the real reports is on a region.
    scope = "own" if size == "demo" else "region"
    with Opener(folder) as opener:
        for item in items_on(opener, page, lang, office_of(folder), scope):
            kinds = [kind for kind in KINDS if kind.key not in again]
            made = {kind.key: kind.make(item) for kind in kinds}
            assert set(made) | again == set(BY_KEY)
            # Three pixels a unit are the drawing of two once more, pixels that of the SVG.
            again = {"png_large"} if (size, lang) == ("demo", "zh") else {"png", "png_large"}
            check_pictures(item, made)
            check_data(item, made)
            seen.append(item)
        assert seen, page
        if lang == "zh":
            check_packs(seen)
