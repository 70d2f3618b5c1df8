"""What a worksheet's XML says beside its values: hidden rows and columns, formats, extent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lxml import etree

from etl.read.docx_xml import child, children, local
from etl.read.office_package import Package
from etl.read.styled import raised, struck

#: Formats that Excel knows by number (ECMA-376 part 1, 18.8.30), as far as figures use them.
BUILT_IN_FORMATS: Final = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"}
#: A row of so many cells, all empty, is a table's row left blank; text stands in fewer.
TABLE_ROW: Final = 5
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
#: Formats that show thousands or 万 (``0.00,``, ``0!.0,``): another figure than the stored one.
_SCALED: Final = re.compile(r"""[0#?],+(?![0#?,])|[!\\]\.|"[^"]*\.[^"]*\"""")
_FIGURE_FORMAT: Final = re.compile(r"#?,?#*0+(?:\.(0+))?(%?)")


@dataclass(slots=True)
class SheetShape:
    """Rows and columns are 0-based; ``formats`` gives a format code per cell that has one.

    ``texts`` are rich texts with raised or struck parts; ``struck`` cells whose font is struck out.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: set[tuple[int, int]] = field(default_factory=set)
    #: Rows that have cells enough to be a table's, filled or not.
    drawn_rows: set[int] = field(default_factory=set)
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
    looks = _Looks.of(package)
    shapes: dict[str, SheetShape] = {}
    sheets = child(workbook, "sheets")
    for sheet in sheets if sheets is not None else ():
        reference = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        target = targets.get(str(reference), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        root = package.xml(part)
        if root is not None:
            shapes[sheet.get("name", "")] = _shape(root, looks)
    return shapes


@dataclass(frozen=True, slots=True)
class _Looks:
    """What cells refer to by number: format codes and struck fonts by style, rich texts."""

    codes: list[str]
    struck: set[int]
    rich: dict[int, str]

    @classmethod
    def of(cls, package: Package) -> _Looks:
        styles = package.xml("xl/styles.xml")
        strings = package.xml("xl/sharedStrings.xml")
        rich: dict[int, str] = {}
        for index, item in enumerate(children(strings, "si") if strings is not None else ()):
            text = _rich_text(item)
            if text is not None:
                rich[index] = text
        return cls(_format_codes(styles), _struck_styles(styles), rich)


def _rich_text(item: etree._Element | None) -> str | None:
    """The text of runs of which some are raised or struck out; ``None`` for any other text."""
    if item is None:
        return None
    parts: list[str] = []
    special = False
    for run in children(item, "r"):
        text = "".join(t.text or "" for t in children(run, "t"))
        look = child(run, "rPr")
        lifted = child(look, "vertAlign")
        if lifted is not None and lifted.get("val") in ("superscript", "subscript"):
            text, special = raised(text), True
        elif _is_struck(look):
            text, special = struck(text), True
        parts.append(text)
    return "".join(parts) if special else None


def _is_struck(look: etree._Element | None) -> bool:
    strike = child(look, "strike")
    return strike is not None and strike.get("val") not in ("0", "false")


def _struck_styles(styles: etree._Element | None) -> set[int]:
    """The cell styles whose font is struck out."""
    fonts = child(styles, "fonts")
    own = {str(i) for i, font in enumerate(fonts if fonts is not None else ()) if _is_struck(font)}
    cells = child(styles, "cellXfs")
    return {i for i, x in enumerate(cells if cells is not None else ()) if x.get("fontId") in own}


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
            known = BUILT_IN_FORMATS.get(int(number), "") if number.isdigit() else ""
            codes.append(own.get(number, known))
    return codes


def _shape(root: etree._Element, looks: _Looks) -> SheetShape:
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
        _read_row(row, row_index, looks, shape)
    return shape


def _read_row(row: etree._Element, row_index: int, looks: _Looks, shape: SheetShape) -> None:
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
        if 0 <= style < len(looks.codes) and looks.codes[style]:
            shape.formats[r, col] = looks.codes[style]
        if style in looks.struck:
            shape.struck.add((r, col))
        text = _text_of(cell, looks)
        if text is not None:
            shape.texts[r, col] = text
    if sum(local(cell) == "c" for cell in row) >= TABLE_ROW:
        shape.drawn_rows.add(row_index)


def _text_of(cell: etree._Element, looks: _Looks) -> str | None:
    """The rich text of a cell, if it has one with raised or struck parts.

    A formula that no program has worked out yet shows a figure in Excel that the file does not
    hold: its text stands for it, so that the cell is no blank.
    """
    kind = cell.get("t")
    formula, value = child(cell, "f"), child(cell, "v")
    if formula is not None and kind != "str" and (value is None or not value.text):
        return f"={formula.text or ''}"
    if kind == "inlineStr":
        return _rich_text(child(cell, "is"))
    if kind == "s" and looks.rich:
        number = child(cell, "v")
        return looks.rich.get(_index(number.text if number is not None else None))
    return None


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
    words in a format are presentation. An unknown format shows the stored figure; one that shows
    another figure (万 by ``0!.0,``) stands behind it, so that the cell is no number.
    """
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    exact = Decimal(repr(value))
    section = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code.split(";")[0]).strip()
    if exact and _SCALED.search(code.split(";")[0]):
        return f"{exact.normalize():f}〔{code}〕"
    match = _FIGURE_FORMAT.fullmatch(section)
    if match is None:
        # Fifteen digits are what Excel keeps; the rest is binary rounding (7730.280000000001).
        return f"{Decimal(f'{exact:.15g}').normalize():f}"
    places, percent = len(match[1] or ""), match[2]
    if percent:
        exact *= 100
    shown = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{shown:f}{percent}"
