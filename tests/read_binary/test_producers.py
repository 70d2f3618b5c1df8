"""The same table through real programs: every cell at its place, in every format.

The files in ``data/`` were made by LibreOffice 7.4 from :mod:`tests.read_binary.html_maker`; set
``DISCLOSURE_SLOW=1`` to have Chromium and LibreOffice make fresh ones over page breaks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.document import Document, Fidelity, Grid, Line
from etl.read.doc import read_doc
from etl.read.docx import read_docx
from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from etl.read.xlsx import read_xlsx
from tests.read_binary.html_maker import page
from tests.read_binary.sample import section_three

DATA = Path(__file__).parent / "data"
TITLE = "某某市某某局2023年政府信息公开工作年度报告"
READERS: dict[str, Callable[[bytes, Limits], Document]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "doc": read_doc,
    "xls": read_xlsx,
    "xlsx": read_xlsx,
}
SLOW = pytest.mark.skipif(not os.environ.get("DISCLOSURE_SLOW"), reason="set DISCLOSURE_SLOW=1")


def seen(grid: Grid) -> set[tuple[int, int, int, int, str]]:
    return {(c.row, c.col, c.rowspan, c.colspan, c.text.replace("\n", "")) for c in grid.cells}


EXPECTED = {(b.row, b.col, b.rowspan, b.colspan, b.text) for b in section_three()}


@pytest.mark.parametrize("kind", READERS)
def test_libreoffice(kind: str) -> None:
    document = READERS[kind]((DATA / f"libreoffice.{kind}").read_bytes(), Limits())
    [grid] = document.grids()
    assert seen(grid) == EXPECTED
    assert grid.fidelity is Fidelity.STRUCTURED
    assert document.format == {"xls": "xlsx"}.get(kind, kind)
    if kind != "xls":
        assert document.metadata["title"] == TITLE
    at = document.blocks.index(grid)
    before = [b.text for b in document.blocks[:at] if isinstance(b, Line)]
    after = [b.text for b in document.blocks[at:] if isinstance(b, Line)]
    assert "".join(before) == TITLE + "三、收到和处理政府信息公开申请情况"
    assert after == ["六、其他需要报告的事项", "无"]


@pytest.mark.parametrize("kind", ["docx", "doc"])
def test_raised_and_struck_digits_are_no_part_of_a_figure(kind: str) -> None:
    # 12<sup>1</sup>, <s>9</s>12, 12<b>3</b>, 12<sub>2</sub>: LibreOffice raises by a distance.
    document = READERS[kind]((DATA / f"raised_and_struck.{kind}").read_bytes(), Limits())
    [grid] = document.grids()
    assert [c.text for c in grid.rows()[0]] == ["12[1]", "~~9~~12", "123", "12[2]"]


@SLOW
@pytest.mark.parametrize("padding", [2, 6, 9])
@pytest.mark.parametrize("lead", [0, 7, 13, 19, 25])
def test_chromium_print(lead: int, padding: int, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium")
    source = tmp_path / "in.html"
    source.write_text(page(section_three(), title=TITLE, lead=lead, padding=padding), "utf-8")
    target = tmp_path / "out.pdf"
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/u",
         f"--print-to-pdf={target}", source.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    [grid] = read_pdf(target.read_bytes(), Limits()).grids()
    # Chromium may not print a spanning label's column after a break: figures and labels count.
    label = {(r, c, text) for r, c, _, _, text in EXPECTED if c > 0 or text}
    assert {(r, c, text) for r, c, _, _, text in seen(grid) if c > 0 or text} == label


@SLOW
@pytest.mark.parametrize("lead", [0, 9, 18, 27, 33])
def test_libreoffice_print(lead: int, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("no LibreOffice")
    source = tmp_path / "in.html"
    source.write_text(page(section_three(), title=TITLE, lead=lead), "utf-8")
    for out, extra in (("docx:MS Word 2007 XML", ["--infilter=HTML (StarWriter)"]), ("pdf", [])):
        given = source if extra else source.with_suffix(".docx")
        subprocess.run(
            [soffice, "--headless", f"-env:UserInstallation={(tmp_path / 'u').as_uri()}", *extra,
             "--convert-to", out, "--outdir", str(tmp_path), str(given)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    [grid] = read_pdf((tmp_path / "in.pdf").read_bytes(), Limits()).grids()
    assert seen(grid) == EXPECTED
