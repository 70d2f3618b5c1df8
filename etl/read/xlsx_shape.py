"""What a worksheet's XML says beside its values: hidden rows and columns, formats, extent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from etl.read.docx_xml import child, children, local
from etl.read.office_package import Package, reference
from etl.read.styled import UNSEEN, raised, seen_of, struck, unseen

#: Formats that Excel knows by number (ECMA-376 part 1, 18.8.30), as far as figures use them.
BUILT_IN_FORMATS: Final = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    12: "# ?/?", 13: "# ??/??",
}  # fmt: skip
#: A row of so many cells, all empty, is a table's row left blank; text stands in fewer.
TABLE_ROW: Final = 5
#: Points: fonts that nobody sees, the one in which nothing is said, and the share of the largest
#: digits below which a digit is a mark.
_UNSEEN_SIZE, _USUAL_SIZE, _SMALL = 2.0, 11.0, 0.7
_WORKBOOK: Final = "xl/workbook.xml"
#: White among the indexed colours.
_WHITES: Final = ("1", "9")
_DIGIT: Final = re.compile(r"\d")
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


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
    #: Cells whose font nobody sees: white on no ground, or of a point or two.
    unseen: set[tuple[int, int]] = field(default_factory=set)
    #: Whether the sheet leaves zeros out.
    without_zeros: bool = False
    #: Rows that have cells enough to be a table's, filled or not.
    drawn_rows: set[int] = field(default_factory=set)
    last_row: int = 0
    last_col: int = 0
    cells: int = 0


def workbook_shapes(package: Package) -> dict[str, SheetShape]:
    """The shape of each worksheet by the sheet's name."""
    workbook = package.xml(_WORKBOOK)
    targets = package.targets(_WORKBOOK)
    if workbook is None or not targets:
        return {}
    looks = _Looks.of(package)
    shapes: dict[str, SheetShape] = {}
    sheets = child(workbook, "sheets")
    for sheet in sheets if sheets is not None else ():
        root = package.xml(targets.get(reference(sheet), ""))
        if root is not None:
            shapes[sheet.get("name", "")] = _shape(root, looks)
    return shapes


@dataclass(frozen=True, slots=True)
class _Looks:
    """What cells refer to by number: format codes and struck fonts by style, rich texts."""

    codes: list[str]
    struck: set[int]
    unseen: set[int]
    grounds: set[int]
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
        return cls(
            _format_codes(styles),
            _styles_of(styles, "fonts", "fontId", _is_struck),
            _styles_of(styles, "fonts", "fontId", _is_unseen),
            _styles_of(styles, "fills", "fillId", _is_ground),
            rich,
        )


def _rich_text(item: etree._Element | None) -> str | None:
    """The text of runs of which some are raised or struck out; ``None`` for any other text."""
    if item is None:
        return None
    runs = [
        (child(r, "rPr"), "".join(t.text or "" for t in children(r, "t")))
        for r in children(item, "r")
    ]
    largest = max((_size(look) for look, text in runs if _DIGIT.search(text)), default=0.0)
    parts = [_run_text(look, text, largest) for look, text in runs]
    return "".join(parts) if parts != [text for _, text in runs] else None


def _run_text(look: etree._Element | None, text: str, largest: float) -> str:
    """The text of a run with what its font says; ``largest`` is the size of the largest digits."""
    lifted = child(look, "vertAlign")
    if _is_unseen(look):
        return unseen(text)
    small = _size(look) < _SMALL * largest
    if small or (lifted is not None and lifted.get("val") in ("superscript", "subscript")):
        return raised(text)
    return struck(text) if _is_struck(look) else text


def _is_struck(look: etree._Element | None) -> bool:
    strike = child(look, "strike")
    return strike is not None and strike.get("val") not in ("0", "false")


def _is_unseen(look: etree._Element | None) -> bool:
    """Whether a font is white, as paper is, or so small that nobody sees it."""
    return _is_white(child(look, "color")) or _size(look) <= _UNSEEN_SIZE


def _is_white(colour: etree._Element | None) -> bool:
    if colour is None:
        return False
    rgb = colour.get("rgb", "").upper()
    return rgb.endswith("FFFFFF") or colour.get("theme") == "0" or colour.get("indexed") in _WHITES


def _size(look: etree._Element | None) -> float:
    size = child(look, "sz")
    said = "" if size is None else size.get("val", "")
    return float(said) if re.fullmatch(r"\d{1,4}(?:\.\d{1,4})?", said) else _USUAL_SIZE


def _is_ground(fill: etree._Element) -> bool:
    """Whether a fill puts colour behind a cell."""
    pattern = child(fill, "patternFill")
    if pattern is None:
        return child(fill, "gradientFill") is not None
    kind = pattern.get("patternType", "none")
    return kind not in ("none", "gray125") and not _is_white(child(pattern, "fgColor"))


def _styles_of(
    styles: etree._Element | None, group: str, name: str, holds: Callable[[etree._Element], bool]
) -> set[int]:
    """The cell styles of whose fonts or fills something holds."""
    parts, cells = child(styles, group), child(styles, "cellXfs")
    own = {str(i) for i, part in enumerate(parts if parts is not None else ()) if holds(part)}
    return {i for i, x in enumerate(cells if cells is not None else ()) if x.get(name) in own}


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
            if item.get("hidden") in ("1", "true") or _is_nothing(item.get("width")):
                first, last = _index(item.get("min")), _index(item.get("max"))
                shape.hidden_cols.update(range(first - 1, min(last, first + 20_000)))
    view = child(root, "sheetViews", "sheetView")
    shape.without_zeros = view is not None and view.get("showZeros") in ("0", "false")
    data = child(root, "sheetData")
    row_index = -1
    for row in data if data is not None else ():
        row_index = _index(row.get("r")) - 1 if row.get("r") else row_index + 1
        if row.get("hidden") in ("1", "true") or _is_nothing(row.get("ht")):
            shape.hidden_rows.add(row_index)
        _read_row(row, row_index, looks, shape)
    return shape


def _is_nothing(size: str | None) -> bool:
    """Whether a width or height that is given is zero: another way to hide."""
    return bool(size) and not str(size).strip("0.")


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
        grounded = style in looks.grounds
        if style in looks.unseen and not grounded:
            shape.unseen.add((r, col))
        text = _text_of(cell, looks)
        if text is not None:
            plain = text.replace(UNSEEN, "") if grounded else seen_of(text, cell=True)
            shape.texts[r, col] = plain
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
    if kind == "e":  # calamine says nothing of #REF!, and the cell is no blank
        return value.text if value is not None and value.text else "#"
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
