"""Excel 2003 XML (SpreadsheetML, mostly named ``.xls``) to a document, by way of an XLSX.

Sheets, merges, hidden rows and columns, formats and fonts are put into the parts of a workbook and
read as one, so that what hides or changes a figure counts as it does there. Source: Microsoft's
XML Spreadsheet Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from etl.document import Document
from etl.read.docx_xml import attribute, child, children, local
from etl.read.flat_xml import packed
from etl.read.limits import Limits
from etl.read.office_package import parse_xml
from etl.read.xlsx import read_xlsx

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Names that stand for format codes.
_NAMED: Final = {
    "General Number": "", "General": "", "Fixed": "0.00", "Standard": "#,##0.00",
    "Percent": "0.00%", "Scientific": "0.00E+00",
}  # fmt: skip
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
#: Columns and rows an Excel sheet has.
_COLUMNS, _ROWS = 16_384, 1_048_576


def read_sheetml(data: bytes, limits: Limits) -> Document:
    """Read an Excel 2003 XML workbook.

    Raises:
        RejectedDocument: ``corrupt`` or ``too_large``.
    """
    root = parse_xml(data, "Excel 文件")
    styles, numbers = _styles(root)
    sheets = list(children(root, "Worksheet"))
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _relations(len(sheets)),
        "xl/styles.xml": styles,
    }
    for number, sheet in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(sheet, numbers)
    return read_xlsx(packed({name: text.encode() for name, text in parts.items()}), limits)


def _workbook(sheets: list[etree._Element]) -> str:
    rows = []
    for number, sheet in enumerate(sheets, 1):
        shown = child(sheet, "WorksheetOptions", "Visible")
        state = ' state="hidden"' if shown is not None and "Hidden" in (shown.text or "") else ""
        name = quoteattr(attribute(sheet, "Name") or f"Sheet{number}")
        rows.append(f'<sheet name={name} sheetId="{number}"{state} r:id="rId{number}"/>')
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{"".join(rows)}</sheets></workbook>'
    )


def _relations(count: int) -> str:
    targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, count + 1)]
    targets.append(("rIdS", "styles", "styles.xml"))
    rows = (
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{path}"/>'
        for key, kind, path in targets
    )
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(rows)}</Relationships>'


def _styles(root: etree._Element) -> tuple[str, dict[str, int]]:
    """The styles part, and the number of each style by its name; 0 is the default."""
    group = child(root, "Styles")
    own = {attribute(s, "ID"): s for s in (children(group, "Style") if group is not None else ())}
    fonts, fills, formats, cells = ["<font/>"], ["<fill/>"], [], ["<xf/>"]
    numbers: dict[str, int] = {}
    for name in own:
        number = len(cells)
        numbers[name] = 0 if name == "Default" else number
        if name == "Default":
            number = 0
        line = list(_ancestry(name, own))
        code = _first(line, "NumberFormat", "Format")
        code = _NAMED.get(code, code)
        formats.append(f'<numFmt numFmtId="{200 + number}" formatCode={quoteattr(code)}/>')
        look = f'<xf numFmtId="{200 + number if code else 0}" fontId="{number}" fillId="{number}"/>'
        if number:
            fonts.append(_font(line))
            fills.append(_fill(line))
            cells.append(look)
        else:
            fonts[0], fills[0], cells[0] = _font(line), _fill(line), look
    parts = (("numFmts", formats), ("fonts", fonts), ("fills", fills), ("cellXfs", cells))
    inner = "".join(f"<{name}>{''.join(items)}</{name}>" for name, items in parts)
    return f'<styleSheet xmlns="{_MAIN}">{inner}</styleSheet>', numbers


#: Excel derives a style from another one or two; a chain of thousands is made to hold us up.
_DEEPEST: Final = 64


def _ancestry(name: str, own: dict[str, etree._Element]) -> Iterator[etree._Element]:
    """A style, those it derives from, and the default, nearest first."""
    met: set[str] = set()
    while name in own and name not in met and len(met) < _DEEPEST:
        met.add(name)
        yield own[name]
        name = attribute(own[name], "Parent")
    if "Default" in own and "Default" not in met:
        yield own["Default"]


def _first(line: list[etree._Element], part: str, name: str) -> str:
    """What the nearest style says."""
    return next((said for style in line if (said := attribute(child(style, part), name))), "")


def _font(line: list[etree._Element]) -> str:
    return f"<font>{_looks(*(_first(line, 'Font', n) for n in _FONT))}</font>"


_FONT: Final = ("Size", "Color", "StrikeThrough", "VerticalAlign")


def _looks(size: str, colour: str, struck: str, lifted: str) -> str:
    """The properties of a font or a run."""
    parts = []
    if struck == "1":
        parts.append("<strike/>")
    if lifted in ("Superscript", "Subscript"):
        parts.append(f'<vertAlign val="{lifted.lower()}"/>')
    if _NUMBER.fullmatch(size):
        parts.append(f'<sz val="{size}"/>')
    if re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        parts.append(f'<color rgb="FF{colour[1:].upper()}"/>')
    return "".join(parts)


def _fill(line: list[etree._Element]) -> str:
    colour, pattern = (_first(line, "Interior", name) for name in ("Color", "Pattern"))
    if pattern in ("", "None"):
        return '<fill><patternFill patternType="none"/></fill>'
    shade = f'<fgColor rgb="FF{colour[1:].upper()}"/>' if colour.startswith("#") else ""
    return f'<fill><patternFill patternType="solid">{shade}</patternFill></fill>'


def _sheet(sheet: etree._Element, styles: dict[str, int]) -> str:
    table = child(sheet, "Table")
    columns: list[str] = []
    rows: list[str] = []
    merges: list[str] = []
    at = 0
    for column in children(table, "Column") if table is not None else ():
        first = _place(column, at, _COLUMNS)
        at = first + _count(column, "Span", _COLUMNS - first)
        if _is_hidden(column, "Width"):
            columns.append(f'<col min="{first}" max="{at}" hidden="1"/>')
    at = 0
    for row in children(table, "Row") if table is not None else ():
        first = _place(row, at, _ROWS)
        hidden = ' hidden="1"' if _is_hidden(row, "Height") else ""
        rows.append(f'<row r="{first}"{hidden}>{_cells(row, first, styles, merges)}</row>')
        at = first + _count(row, "Span", _ROWS - first)
    zeros = child(sheet, "WorksheetOptions", "DoNotDisplayZeros") is not None
    view = '<sheetViews><sheetView showZeros="0"/></sheetViews>' if zeros else ""
    cols = f"<cols>{''.join(columns)}</cols>" if columns else ""
    merged = f"<mergeCells>{''.join(merges)}</mergeCells>" if merges else ""
    data = f"<sheetData>{''.join(rows)}</sheetData>"
    return f'<worksheet xmlns="{_MAIN}">{view}{cols}{data}{merged}</worksheet>'


def _place(element: etree._Element, before: int, most: int) -> int:
    """The 1-based place of a row, column or cell: the next one, unless it says another."""
    said = attribute(element, "Index")
    index = int(said) if re.fullmatch(r"\d{1,7}", said) else 0
    return min(index if index > before else before + 1, most)


def _count(element: etree._Element, name: str, most: int) -> int:
    said = attribute(element, name)
    return min(int(said), most) if re.fullmatch(r"\d{1,7}", said) else 0


def _is_hidden(element: etree._Element, size: str) -> bool:
    said = attribute(element, size)
    return attribute(element, "Hidden") == "1" or (said != "" and not said.strip("0."))


def _cells(row: etree._Element, number: int, styles: dict[str, int], merges: list[str]) -> str:
    shown = []
    at = 0
    for cell in children(row, "Cell"):
        first = _place(cell, at, _COLUMNS)
        across = _count(cell, "MergeAcross", _COLUMNS - first)
        down = _count(cell, "MergeDown", _ROWS - number)
        at = first + across
        name = f"{_letters(first)}{number}"
        if across or down:
            merges.append(f'<mergeCell ref="{name}:{_letters(at)}{number + down}"/>')
        style = styles.get(attribute(cell, "StyleID") or attribute(row, "StyleID"), 0)
        kind, content = _content(cell)
        shown.append(f'<c r="{name}" s="{style}"{kind}>{content}</c>')
    return "".join(shown)


def _content(cell: etree._Element) -> tuple[str, str]:
    """A cell's type as an attribute, and what stands in it."""
    data = child(cell, "Data")
    formula = attribute(cell, "Formula")
    shown = f"<f>{escape(formula.lstrip('='))}</f>" if formula else ""
    if data is None:
        return "", shown
    kind, text = attribute(data, "Type"), "".join(map(str, data.itertext()))
    if kind == "Number" and _NUMBER.fullmatch(text.strip()):
        return "", f"{shown}<v>{text.strip()}</v>"
    if kind == "Error":
        return ' t="e"', f"{shown}<v>{escape(text)}</v>"
    if kind == "DateTime":
        text = text.partition("T")[0]
    runs = list(_runs(data, ("", "", "", ""))) if len(data) else [("", text)]
    inner = "".join(
        f'<r><rPr>{look}</rPr><t xml:space="preserve">{escape(part)}</t></r>' for look, part in runs
    )
    if len(runs) == 1 and not runs[0][0]:
        inner = f'<t xml:space="preserve">{escape(text)}</t>'
    return ' t="inlineStr"', f"<is>{inner}</is>"


def _runs(element: etree._Element, look: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The parts of a rich text with their looks: ``Font``, ``S``, ``Sup`` and ``Sub`` of HTML."""
    size, colour, struck, lifted = look
    name = local(element)
    if name == "Font":
        size, colour = attribute(element, "Size") or size, attribute(element, "Color") or colour
    elif name == "S":
        struck = "1"
    elif name in ("Sup", "Sub"):
        lifted = {"Sup": "Superscript", "Sub": "Subscript"}[name]
    here = (size, colour, struck, lifted)
    if element.text:
        yield _looks(*here), element.text
    for inner in element:
        yield from _runs(inner, here)
        if inner.tail:
            yield _looks(*here), inner.tail


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
