"""DOCX and XLSX renderings, written as plain XML parts: small, quick and the same every time."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from etl.demo.model import DEMO_MARK, DemoReport
from etl.demo.tables import Table, table2, table3, table4
from etl.form import load_form

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _content(report: DemoReport) -> Iterable[str | Table]:
    """Title, mark, preface, then each section's paragraphs and table, in order."""
    yield report.title
    yield DEMO_MARK
    yield from report.sections["preface"]
    tables = {"s2": table2, "s3": table3, "s4": table4}
    for section in load_form().tables.sections:
        yield section.zh
        yield from report.sections.get(section.key, ())
        if section.key in tables:
            yield tables[section.key](report)


def _zip(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            # A fixed time: the same report is the same bytes.
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _XML + text)
    return out.getvalue()


def _core(report: DemoReport) -> str:
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(report.title)}</dc:title><dc:creator>{escape(report.office)}"
        "</dc:creator><cp:keywords>演示数据</cp:keywords></cp:coreProperties>"
    )


def _package(main: str, content_type: str, extra: dict[str, tuple[str, str]]) -> dict[str, str]:
    overrides = [
        (f"/{main}", content_type),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        *((f"/{name}", kind) for name, (kind, _) in extra.items()),
    ]
    types = "".join(f'<Override PartName="{n}" ContentType="{t}"/>' for n, t in overrides)
    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
        f'Type="{_DOC}/officeDocument" Target="{main}"/><Relationship Id="rId2" '
        f'Type="{_RELS}/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
    }


def docx(report: DemoReport, rng: random.Random) -> bytes:
    """A Word document: paragraphs and tables with gridSpan and vMerge."""
    body = [
        _word_table(part) if isinstance(part, Table) else _word_paragraph(part)
        for part in _content(report)
    ]
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = _package("word/document.xml", kind, {})
    parts["docProps/core.xml"] = _core(report)
    parts["word/document.xml"] = (
        f"<w:document {_W}><w:body>{''.join(body)}<w:sectPr/></w:body></w:document>"
    )
    return _zip(parts)


def _word_paragraph(text: str) -> str:
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return f"<w:p><w:r>{lines}</w:r></w:p>" if text else "<w:p/>"


def _word_table(table: Table) -> str:
    grid = '<w:gridCol w:w="900"/>' * table.width
    out = ["<w:tbl><w:tblPr/><w:tblGrid>", grid, "</w:tblGrid>"]
    hanging: dict[int, int] = {}  # column -> colspan of the cell that reaches down
    for row, line in zip(table.rows, table.positions(), strict=True):
        out.append("<w:tr>")
        column = 0
        for cell in line:
            span = cell.colspan if cell else hanging[column]
            merge = ""
            if cell is None:
                merge = "<w:vMerge/>"
            elif cell.rowspan > 1:
                merge, hanging[column] = '<w:vMerge w:val="restart"/>', cell.colspan
            grid_span = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
            text = _word_paragraph(cell.text if cell else "")
            out.append(f"<w:tc><w:tcPr>{grid_span}{merge}</w:tcPr>{text}</w:tc>")
            column += span
        out.append("</w:tr>")
        assert len(row) <= len(line)
    out.append("</w:tbl><w:p/>")
    return "".join(out)


def xlsx(report: DemoReport, rng: random.Random) -> bytes:
    """A workbook of one sheet: text lines in column A, tables below with merged cells."""
    rows: list[str] = []
    merges: list[str] = []
    for part in _content(report):
        if isinstance(part, Table):
            rows.append(_sheet_row(len(rows) + 1, []))  # an empty row before and after a table
            _sheet_table(part, rows, merges)
            rows.append(_sheet_row(len(rows) + 1, []))
        else:
            rows.append(_sheet_row(len(rows) + 1, [(0, part)]))
    return _zip(_workbook(report, rows, merges))


def _workbook(report: DemoReport, rows: list[str], merges: list[str]) -> dict[str, str]:
    """The parts of a workbook with one sheet of these rows."""
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in merges)
    sheet_kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    sheet = "xl/worksheets/sheet1.xml"
    parts = _package("xl/workbook.xml", kind, {sheet: (sheet_kind, "")})
    parts["docProps/core.xml"] = _core(report)
    parts["xl/workbook.xml"] = (
        f'<workbook {_S} xmlns:r="{_DOC}"><sheets><sheet name="年报" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_DOC}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    )
    parts[sheet] = (
        f"<worksheet {_S}><sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="{len(merges)}">{merged}</mergeCells></worksheet>'
    )
    return parts


def _sheet_table(table: Table, rows: list[str], merges: list[str]) -> None:
    hanging: dict[int, int] = {}
    for line in table.positions():
        number, column = len(rows) + 1, 0
        texts: list[tuple[int, str]] = []
        for cell in line:
            if cell is None:
                column += hanging[column]
                continue
            texts.append((column, cell.text))
            if cell.rowspan > 1:
                hanging[column] = cell.colspan
            if cell.rowspan > 1 or cell.colspan > 1:
                last = f"{chr(64 + column + cell.colspan)}{number + cell.rowspan - 1}"
                merges.append(f"{chr(65 + column)}{number}:{last}")
            column += cell.colspan
        rows.append(_sheet_row(number, texts))


def _sheet_row(number: int, texts: list[tuple[int, str]]) -> str:
    cells = []
    for column, text in texts:
        ref = f"{chr(65 + column)}{number}"
        if re.fullmatch(r"(?:0|[1-9]\d*)(?:\.\d+)?", text, re.ASCII):
            cells.append(f'<c r="{ref}"><v>{text}</v></c>')
        elif text:
            cells.append(f'<c r="{ref}" t="inlineStr"><is><t>{escape(text)}</t></is></c>')
        else:
            cells.append(f'<c r="{ref}"/>')
    return f'<row r="{number}">{"".join(cells)}</row>'
