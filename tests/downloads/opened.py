"""A chart's eight files, each opened with a program that did not write it.

Typst and Vega write PDF, PNG and SVG; poppler, Pillow and Chromium open them. DuckDB opens CSV and
Parquet (pandas and Arrow wrote them), openpyxl workbooks (XlsxWriter).
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import openpyxl
from PIL import Image

from dashboard.i18n import translator

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
#: What no system forbids in a file's name; Chinese and Latin alike.
_NAME: Final = re.compile(r"[^\\/:*?\"<>|\s\x00-\x1f]{1,120}")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass
class Chart:
    """What was downloaded of one chart: format key → file; what is wrong with it, in words."""

    page: str
    lang: str
    files: dict[str, Path] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    name: str = ""
    han: int = 0

    def hold(self, good: bool, words: str) -> None:
        """Note what does not hold."""
        if not good:
            self.wrong.append(words)


def squeezed(text: str) -> str:
    """Without white space: lines of a drawing break where they like."""
    return re.sub(r"\s+", "", text)


def inspect(chart: Chart, browser_page: Any, build: str) -> None:
    """Open every file of a chart and note what is wrong.

    ``browser_page`` is a page of a browser, in which the SVG is opened and searched.
    """
    about, rows = _json(chart, build)
    _names(chart, build)
    title, definition = about["title"], about["definition"] or ""
    _pixels(chart)
    _pdf(chart, title, definition, build)
    _svg(chart, title, browser_page)
    _tables(chart, rows, about["sentence"])
    _workbook(chart, title, build)


def _json(chart: Chart, build: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = json.loads(chart.files["json"].read_text(encoding="utf-8"))
    about, rows = found["metadata"], found["data"]
    chart.name = about["figure"]
    chart.hold(about["build"] == build, f"json: build {about['build']}")
    chart.hold(about["language"] == chart.lang, f"json: language {about['language']}")
    chart.hold(bool(about["title"] and about["filters"] and about["source"]), "json: no source")
    chart.hold(about["figure"].startswith(f"{chart.page}/"), f"json: {about['figure']}")
    return about, rows


def _names(chart: Chart, build: str) -> None:
    for key, path in chart.files.items():
        chart.hold(bool(_NAME.fullmatch(path.name)), f"{key}: name {path.name!r}")
        chart.hold(build in path.name, f"{key}: name without build {path.name}")
    chart.hold(len({p.name for p in chart.files.values()}) == len(chart.files), "two of one name")


def _pixels(chart: Chart) -> None:
    two, three = (Image.open(chart.files[key]) for key in ("png", "png_large"))
    for a, b in zip(two.size, three.size, strict=True):
        chart.hold(abs(a * 3 - b * 2) <= 3, f"png: {two.size} beside {three.size}")
    for image in (two, three):
        grey = image.convert("L").resize((120, 80)).get_flattened_data()
        chart.hold(len(set(grey)) > 12, "png: blank")


def _pdf(chart: Chart, title: str, definition: str, build: str) -> None:
    """The words are text that poppler finds; every font is inside."""
    path = chart.files["pdf"]
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, text=True)
    text = squeezed(done.stdout)
    for what, words in (("title", title), ("definition", definition), ("build", build)):
        chart.hold(squeezed(words) in text, f"pdf: {what} is not text")
    chart.han = len(_HAN.findall(text))
    chart.hold(chart.han > 20 or chart.lang != "zh", "pdf: no Chinese text")
    chart.hold("\ufffd" not in text, "pdf: characters without a code")
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True).stdout
    listed = [line.split() for line in fonts.splitlines()[2:]]
    chart.hold(bool(listed), "pdf: no font")
    for line in listed:
        embedded, _, unicode = line[-5:-2]
        chart.hold((embedded, unicode) == ("yes", "yes"), f"pdf: font {line[0]} {embedded}")


def _svg(chart: Chart, title: str, page: Any) -> None:
    """Chromium draws it, its words are texts, and its search finds them."""
    page.goto(chart.files["svg"].as_uri())
    words = page.evaluate("[...document.querySelectorAll('text')].map(e => e.textContent).join('')")
    chart.hold(squeezed(title) in squeezed(words), "svg: title is not text")
    chart.hold(page.evaluate("document.documentElement.nodeName") == "svg", "svg: not drawn")
    first = next((w for w in re.split(r"\W+", title) if len(w) > 1), title)
    chart.hold(bool(page.evaluate("w => window.find(w)", first)), f"svg: {first!r} is not found")
    chart.hold(not page.evaluate("document.querySelectorAll('script,foreignObject').length"),
               "svg: scripts")  # fmt: skip


def _tables(chart: Chart, rows: list[dict[str, Any]], sentence: str) -> None:
    """The same values in JSON, CSV and Parquet, as DuckDB reads them."""
    folder = chart.files["csv"].parent / "csv"
    with zipfile.ZipFile(chart.files["csv"]) as packed:
        names = packed.namelist()
        packed.extractall(folder)
    tables = [folder / n for n in names if n.endswith(".csv")]
    chart.hold(len(tables) == 2 and len(names) == 3, f"csv: holds {names}")
    for path in tables:
        chart.hold(path.read_bytes().startswith(_BOM), f"csv: {path.name} has no mark of UTF-8")
    with duckdb.connect() as db:
        shown, values = (
            db.execute(
                "from read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"', "
                "escape = '\"', max_line_size = 10000000)", [str(p)]
            ).fetchall()
            for p in tables
        )  # fmt: skip
        parquet = db.execute("from read_parquet(?)", [str(chart.files["parquet"])])
        columns = [d[0] for d in parquet.description or []]
        kept = parquet.fetchall()
        notes = db.execute(
            "select value from parquet_kv_metadata(?) where key = 'disclosure'",
            [str(chart.files["parquet"])],
        ).fetchone()
    chart.hold(notes is not None and chart.name in str(notes[0]), "parquet: no metadata")
    chart.hold(bool(rows), "no rows")
    nothing = map(translator(chart.lang), ("chart.parts_none", "chart.parts_all_zero"))
    chart.hold(bool(shown) or sentence in nothing, "an empty table")
    chart.hold(len(values) == len(kept) == len(rows),
               f"rows: csv {len(values)}, parquet {len(kept)}, json {len(rows)}")  # fmt: skip
    for n, (row, line, stored) in enumerate(zip(rows, values, kept, strict=False), start=1):
        chart.hold(list(row) == columns, f"columns {columns}")
        for name, text, value in zip(row, line, stored, strict=True):
            chart.hold(_alike(row[name], text), f"csv: row {n}, {name}: {text!r}")
            chart.hold(_alike(row[name], value), f"parquet: row {n}, {name}: {value!r}")


def _alike(wanted: Any, got: Any) -> bool:
    """Whether a value of JSON came out of another format; CSV has texts, nothing is empty."""
    if wanted is None or wanted == "":
        return got in (None, "")
    if isinstance(wanted, list | dict):
        return wanted == (json.loads(got) if isinstance(got, str) else got)
    if isinstance(wanted, bool):
        return str(got).lower() == str(wanted).lower()
    if isinstance(wanted, int | float):
        return abs(float(got) - wanted) <= 1e-12 * max(1.0, abs(wanted))
    # A text that a spreadsheet would compute stands behind an apostrophe.
    return str(got).removeprefix("'") == wanted.removeprefix("'")


def _workbook(chart: Chart, title: str, build: str) -> None:
    book = openpyxl.load_workbook(chart.files["xlsx"])
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    chart.hold(not [c for c in cells if c.data_type == "f"], "xlsx: a formula")
    words = squeezed("".join(str(c.value) for c in cells))
    for what, text in (("title", title), ("build", build)):
        chart.hold(squeezed(text) in words, f"xlsx: no {what}")
