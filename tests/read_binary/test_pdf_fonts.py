"""What is read from a PDF does not depend on the fonts that the machine has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest

from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from tests.read_binary.pdf_maker import Canvas, Layout, build, draw_table
from tests.read_binary.sample import COLUMNS, section_three

#: Starts pdfium anew with another folder of fonts before the reader is imported.
CHILD = """
import ctypes, json, sys
import pypdfium2.raw as raw
raw.FPDF_DestroyLibrary()
folders = (ctypes.c_char_p * 2)(sys.argv[1].encode(), None)
kind = ctypes.POINTER(ctypes.POINTER(ctypes.c_char))
raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(2, ctypes.cast(folders, kind), None, 0))
from tests.read_binary.test_pdf_fonts import marks
print(json.dumps(marks(open(sys.argv[2], "rb").read())))
"""


def marks(data: bytes) -> list[list[object]]:
    """All that is read: lines, and the cells of grids with their spans."""
    document = read_pdf(data, Limits())
    read: list[list[object]] = [[line.text, line.at] for line in document.lines()]
    for grid in document.grids():
        read += [[c.row, c.col, c.rowspan, c.colspan, c.text] for c in grid.cells]
    return read


def alone() -> Canvas:
    """Single characters, each drawn by itself, as programs that place every character do."""
    page = Canvas()
    for row, words in enumerate(("规章7", "（3）—", "Az09")):
        for place, char in enumerate(words):
            page.text(100 + 60 * place, 700 - 40 * row, char)
    return page


@pytest.mark.parametrize("rotate", [0, 90])
def test_no_character_is_lost(rotate: int) -> None:
    page = alone()
    page.ops.insert(0, {0: "1 0 0 1 0 0 cm", 90: "0 1 -1 0 842 0 cm"}[rotate])
    lines = [line.text.split() for line in read_pdf(build([page], rotate=rotate), Limits()).lines()]
    assert lines == [list("规章7"), list("（3）—"), list("Az09")]


def fonts() -> dict[str, Path]:
    chinese = next(Path(pylopdf_fonts_zh_cn.__file__).parent.rglob("*.[ot]tf")).parent
    return {"no fonts": Path(__file__).parent, "Chinese fonts": chinese}


@pytest.mark.parametrize("machine", fonts())
def test_same_cells_on_every_machine(machine: str, tmp_path: Path) -> None:
    table = draw_table(section_three(), COLUMNS, Layout(vertical=frozenset({(5, 0)})))
    path = tmp_path / "report.pdf"
    path.write_bytes(build([*table, alone()]))
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(fonts()[machine]), str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(child.stdout) == marks(path.read_bytes())
