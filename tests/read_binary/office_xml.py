"""Reports as Office documents in one XML file, as template engines write them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from etl.document import Document, Grid, GridCell
from tests.read_binary.package_maker import unzipped

_W = "http://schemas.microsoft.com/office/word/2003/wordml"
_SS = "urn:schemas-microsoft-com:office:spreadsheet"


def _rows(grid: Grid) -> Iterator[list[GridCell]]:
    for row in range(grid.n_rows):
        yield sorted((c for c in grid.cells if c.row == row), key=lambda c: c.col)


def wordml(document: Document) -> bytes:
    """Word 2003 XML with sections, tracked changes and a note, all of which say nothing."""
    body = []
    for block in document.blocks:
        if isinstance(block, Grid):
            body.append(f"<w:tbl><w:tblPr/>{''.join(map(_word_row, _whole(block)))}</w:tbl>")
        else:
            body.append(_word_line(block.text))
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<?mso-application progid="Word.Document"?>'
        f'<w:wordDocument xmlns:w="{_W}" xmlns:aml="http://schemas.microsoft.com/aml/2001/core"'
        ' xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint"><w:body><wx:sect>'
        f"<wx:sub-section>{''.join(body)}</wx:sub-section><w:sectPr/></wx:sect></w:body>"
        "</w:wordDocument>"
    ).encode()


def _whole(grid: Grid) -> Iterator[list[tuple[GridCell, bool]]]:
    """Each row's cells, those that go on from above among them."""
    for row in range(grid.n_rows):
        inside = [c for c in grid.cells if c.row <= row < c.row + c.rowspan]
        yield [(c, c.row < row) for c in sorted(inside, key=lambda c: c.col)]


def _word_line(text: str) -> str:
    old = '<aml:annotation aml:type="Word.Deletion"><aml:content><w:r><w:delText>7</w:delText>'
    return (
        f"<w:p>{old}<w:t>7</w:t></w:r></aml:content></aml:annotation>"
        '<aml:annotation aml:type="Word.Insertion"><aml:content>'
        f"<w:r><w:t>{escape(text)}</w:t></w:r></aml:content></aml:annotation>"
        "<w:r><w:footnote><w:p><w:r><w:t>9</w:t></w:r></w:p></w:footnote></w:r></w:p>"
    )


def _word_row(cells: list[tuple[GridCell, bool]]) -> str:
    parts = []
    for cell, goes_on in cells:
        merge = '<w:vmerge w:val="restart"/>' if cell.rowspan > 1 else ""
        merge = "<w:vmerge/>" if goes_on else merge
        text = _word_line("" if goes_on else cell.text)
        parts.append(
            f'<w:tc><w:tcPr><w:gridSpan w:val="{cell.colspan}"/>{merge}</w:tcPr>{text}</w:tc>'
        )
    return f"<w:tr>{''.join(parts)}</w:tr>"


def sheetml(document: Document, styles: str = "", style: str = "Default") -> bytes:
    """Excel 2003 XML: a cell says where it stands only where a merge or a gap precedes it."""
    rows: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Grid):
            rows.append(f"<Row>{_sheet_cell(GridCell(0, 0, 1, 1, block.text), 0, style)}</Row>")
            continue
        for cells in _rows(block):
            at, parts = 0, []
            for cell in cells:
                parts.append(_sheet_cell(cell, at, style))
                at = cell.col + cell.colspan
            rows.append(f"<Row>{''.join(parts)}</Row>")
        rows.append("<Row/>")
    old = _sheet_cell(GridCell(0, 0, 1, 1, "9"), 0, style)
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{_SS}" xmlns:ss="{_SS}">'
        f'<Styles><Style ss:ID="Default"/>{styles}</Styles>'
        f'<Worksheet ss:Name="年报"><Table>{"".join(rows)}</Table></Worksheet>'
        f'<Worksheet ss:Name="旧"><Table><Row>{old}</Row>'
        '</Table><WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">'
        "<Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"
    ).encode()


def _sheet_cell(cell: GridCell, expected: int, style: str) -> str:
    index = f' ss:Index="{cell.col + 1}"' if cell.col != expected else ""
    across = f' ss:MergeAcross="{cell.colspan - 1}"' if cell.colspan > 1 else ""
    down = f' ss:MergeDown="{cell.rowspan - 1}"' if cell.rowspan > 1 else ""
    kind = "Number" if cell.text.replace(".", "", 1).isdigit() else "String"
    look = f' ss:StyleID="{style}"' if kind == "Number" else ""
    data = f'<Data ss:Type="{kind}">{escape(cell.text)}</Data>' if cell.text else ""
    return f"<Cell{index}{across}{down}{look}>{data}</Cell>"


def flat_package(package: bytes) -> bytes:
    """A DOCX or XLSX as one XML file."""
    parts = []
    for name, content in unzipped(package).items():
        raw = content if isinstance(content, bytes) else content.encode()
        if raw.lstrip().startswith(b"<") and not name.startswith("[Content"):
            text = raw.decode().partition("?>")[2] if raw.startswith(b"<?xml") else raw.decode()
            inner = f"<pkg:xmlData>{text}</pkg:xmlData>"
        else:
            inner = f"<pkg:binaryData>{base64.b64encode(raw).decode()}</pkg:binaryData>"
        parts.append(f"<pkg:part pkg:name={quoteattr('/' + name)}>{inner}</pkg:part>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>'
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f"{''.join(parts)}</pkg:package>"
    ).encode()
