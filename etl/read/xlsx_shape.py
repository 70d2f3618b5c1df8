"""What a worksheet's XML says beside its values: hidden rows and columns, formats, extent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lxml import etree

from etl.read.docx_xml import child, children, local
from etl.read.office_package import Package

#: Formats that Excel knows by number (ECMA-376 part 1, 18.8.30), as far as figures use them.
_BUILT_IN: Final = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"}
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_FIGURE_FORMAT: Final = re.compile(r"#?,?#*0+(?:\.(0+))?(%?)")


@dataclass(slots=True)
class SheetShape:
    """Rows and columns are 0-based; ``formats`` gives a format code per cell that has one."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = 0
    last_col: int = 0
    cells: int = 0


def workbook_shapes(package: Package) -> dict[str, SheetShape]:
    """The shape of each worksheet by the sheet's name."""
    workbook = package.xml("xl/workbook.xml")
    relations = package.xml("xl/_rels/workbook.xml.rels")
    if workbook is None or relations is None:
        return {}
    targets = {item.get("Id", ""): item.get("Target", "") for item in relations}
    codes = _format_codes(package.xml("xl/styles.xml"))
    shapes: dict[str, SheetShape] = {}
    sheets = child(workbook, "sheets")
    for sheet in sheets if sheets is not None else ():
        reference = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        target = targets.get(str(reference), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        root = package.xml(part)
        if root is not None:
            shapes[sheet.get("name", "")] = _shape(root, codes)
    return shapes


def _format_codes(styles: etree._Element | None) -> list[str]:
    """The format code of each cell style, in the order cells refer to them."""
    if styles is None:
        return []
    own: dict[str, str] = {}
    for group in children(styles, "numFmts"):
        own.update({item.get("numFmtId", ""): item.get("formatCode", "") for item in group})
    codes: list[str] = []
    for group in children(styles, "cellXfs"):
        for item in group:
            number = item.get("numFmtId", "0")
            known = _BUILT_IN.get(int(number), "") if number.isdigit() else ""
            codes.append(own.get(number, known))
    return codes


def _shape(root: etree._Element, codes: list[str]) -> SheetShape:
    shape = SheetShape()
    for group in children(root, "cols"):
        for item in group:
            if item.get("hidden") in ("1", "true"):
                first, last = _index(item.get("min")), _index(item.get("max"))
                shape.hidden_cols.update(range(first - 1, min(last, first + 20_000)))
    data = child(root, "sheetData")
    row_index = -1
    for row in data if data is not None else ():
        row_index = _index(row.get("r")) - 1 if row.get("r") else row_index + 1
        if row.get("hidden") in ("1", "true"):
            shape.hidden_rows.add(row_index)
        _read_row(row, row_index, codes, shape)
    return shape


def _read_row(row: etree._Element, row_index: int, codes: list[str], shape: SheetShape) -> None:
    col = -1
    for cell in row:
        if local(cell) != "c":
            continue
        col += 1
        at = _CELL.fullmatch(cell.get("r", ""))
        r = row_index
        if at:
            col, r = _column(at[1]), int(at[2]) - 1
        if len(cell):
            shape.cells += 1
            shape.last_row, shape.last_col = max(shape.last_row, r), max(shape.last_col, col)
        style = _index(cell.get("s"))
        if 0 <= style < len(codes) and codes[style]:
            shape.formats[r, col] = codes[style]


def _index(text: str | None) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text) else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def formatted(value: float, code: str) -> str:
    """A figure as Excel shows it: ``3.0`` → ``3``, 0.256 as ``0.0%`` → ``25.6%``.

    Of a format only its decimals and its percent sign are followed; thousands separators and
    words in a format are presentation. An unknown format shows the stored figure.
    """
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    exact = Decimal(repr(value))
    section = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code.split(";")[0]).strip()
    match = _FIGURE_FORMAT.fullmatch(section)
    if match is None:
        # Fifteen digits are what Excel keeps; the rest is binary rounding (7730.280000000001).
        return f"{Decimal(f'{exact:.15g}').normalize():f}"
    places, percent = len(match[1] or ""), match[2]
    if percent:
        exact *= 100
    shown = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{shown:f}{percent}"
