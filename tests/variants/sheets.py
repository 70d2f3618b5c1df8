"""Tables as lists of cells that remember which figure of the form they print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from etl.demo import html, package, text
from etl.demo.model import DEMO_MARK, DemoReport
from etl.demo.tables import Table, TableCell, table2, table3, table4
from etl.form import load_form

Row = list[TableCell]

#: Marks in a cell's text for what only some formats show: raised, struck out, a hidden row.
RAISED, STRUCK, HIDDEN = ("\ue000", "\ue001"), ("\ue002", "\ue003"), "\ue004"


@dataclass
class Sheets:
    """A document's parts in reading order: paragraphs, and tables as rows of cells."""

    report: DemoReport
    parts: list[str | Table]
    #: Keys of figures that are printed twice, with another figure, or not as what they are.
    spoiled: set[str] = field(default_factory=set)
    title: str = ""
    #: What a writer does to the whole document: ``tracked``, ``boxed``, ``framed``.
    dress: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, report: DemoReport) -> Sheets:
        tables = {"s2": table2, "s3": table3, "s4": table4}
        parts: list[str | Table] = [DEMO_MARK, *report.sections["preface"]]
        for section in load_form().tables.sections:
            parts.append(section.zh)
            parts += report.sections.get(section.key, ())
            if section.key in tables:
                parts.append(tables[section.key](report))
        return cls(report, parts, title=report.title)

    def table(self, name: str) -> Table:
        return next(p for p in self.parts if isinstance(p, Table) and p.name == name)

    def set(self, name: str, rows: list[Row], width: int | None = None) -> None:
        old = self.table(name)
        new = Table(name, width or old.width, tuple(map(tuple, rows)))
        self.parts = [new if p is old else p for p in self.parts]

    def rows(self, name: str) -> list[Row]:
        return [list(row) for row in self.table(name).rows]

    def add(self, name: str, extra: list[str | Table], *, before: bool = False) -> None:
        """Parts right before or behind a table."""
        at = self.parts.index(self.table(name)) + (not before)
        self.parts[at:at] = extra

    def printed(self) -> Iterator[TableCell]:
        for part in self.parts:
            if isinstance(part, Table):
                yield from (cell for row in part.rows for cell in row)


def words(text_: str, **spans: int) -> TableCell:
    """A cell of words, or a figure that belongs to no cell of the form."""
    return TableCell(text_, "other", **spans)


def reworded(cell: TableCell, text_: str) -> TableCell:
    return replace(cell, text=text_)


# Written down ------------------------------------------------------------------------------------


def as_html(sheets: Sheets) -> bytes:
    body = [
        html._table(part, html.PLAIN) if isinstance(part, Table) else f"<p>{part}</p>"
        for part in sheets.parts
    ]
    if "framed" in sheets.dress:
        body = [f"<table><tr><td>{p}</td></tr></table>" if "<td" in p else p for p in body]
    report = replace_title(sheets)
    text_ = html.article_page(report, "\n".join(body), "utf-8")
    text_ = _marked(text_, RAISED, "<sup>", "</sup>")
    text_ = _marked(text_, STRUCK, "<s>", "</s>")
    return _hidden(text_, "tr", "<tr style='display:none'>").encode()


def _marked(text_: str, marks: tuple[str, str], begin: str, end: str) -> str:
    return text_.replace(marks[0], begin).replace(marks[1], end)


def _hidden(text_: str, tag: str, opening: str) -> str:
    """The rows that hold the mark with another opening tag."""
    row = re.compile(rf"<{tag}\b([^>]*)>((?:(?!<{tag}\b).)*?){HIDDEN}", re.DOTALL)
    return row.sub(lambda m: opening.format(m[1]) + m[2], text_)


def replace_title(sheets: Sheets) -> DemoReport:
    return replace(sheets.report, title=sheets.title)


_RUN, _RUN_END = '<w:t xml:space="preserve">', "</w:t></w:r>"
_BOX = (
    '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox>'
    "<w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)
_FRAME = (
    "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{}</w:tc></w:tr></w:tbl><w:p/>"
)


def as_docx(sheets: Sheets) -> bytes:
    report = replace_title(sheets)
    body = [package._word_paragraph(report.title)]
    for part in sheets.parts:
        if not isinstance(part, Table):
            body.append(package._word_paragraph(part))
            continue
        table = package._word_table(part)
        for dress, form in (("framed", _FRAME), ("boxed", _BOX)):
            table = form.format(table) if dress in sheets.dress else table
        body.append(table)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    files = package._package("word/document.xml", kind, {})
    files["docProps/core.xml"] = package._core(report)
    text_ = "".join(body)
    for marks, style in ((RAISED, '<w:vertAlign w:val="superscript"/>'), (STRUCK, "<w:strike/>")):
        styled = f"{_RUN_END}<w:r><w:rPr>{style}</w:rPr>{_RUN}"
        text_ = _marked(text_, marks, styled, f"{_RUN_END}<w:r>{_RUN}")
    if "tracked" in sheets.dress:
        text_ = re.sub(rf"<w:r>{_RUN}(\d*[02468]){_RUN_END}", _tracked, text_)
    text_ = _hidden(text_, "w:tr", "<w:tr><w:trPr><w:hidden/></w:trPr>")
    files["word/document.xml"] = (
        f"<w:document {package._W}><w:body>{text_}<w:sectPr/></w:body></w:document>"
    )
    return package._zip(files)


def _tracked(figure: re.Match[str]) -> str:
    old = f"<w:r><w:delText>{len(figure[1])}</w:delText></w:r>"
    return f'<w:del w:id="1">{old}</w:del><w:ins w:id="2">{figure[0]}</w:ins>'


def as_xlsx(sheets: Sheets) -> bytes:
    """As :func:`etl.demo.package.xlsx`, from the sheets; marks as rich text."""
    report = replace_title(sheets)
    rows: list[str] = []
    merges: list[str] = []
    for part in (report.title, *sheets.parts):
        if isinstance(part, Table):
            _require_even(part)
            rows.append(package._sheet_row(len(rows) + 1, []))
            package._sheet_table(part, rows, merges)
            rows.append(package._sheet_row(len(rows) + 1, []))
        else:
            rows.append(package._sheet_row(len(rows) + 1, [(0, part)]))
    files = package._workbook(report, rows, merges)
    sheet = "xl/worksheets/sheet1.xml"
    text_ = re.sub(r"<is><t>([^<]*[\ue000-\ue003][^<]*)</t></is>", _rich, files[sheet])
    files[sheet] = _hidden(text_, "row", '<row{} hidden="1">')
    return package._zip(files)


def _require_even(table: Table) -> None:
    """Raise ``LookupError`` where rows drift apart: a sheet shows what stands under what."""
    hanging: dict[int, tuple[int, int]] = {}  # first row below the cell -> by column
    for number, row in enumerate(table.rows):
        hanging = {col: cell for col, cell in hanging.items() if cell[0] > number}
        used = sum(cell[1] for cell in hanging.values()) + sum(cell.colspan for cell in row)
        if used > table.width:
            raise LookupError(number)
        col = 0
        for cell in row:
            while col in hanging:
                col += hanging[col][1]
            if cell.rowspan > 1:
                hanging[col] = (number + cell.rowspan, cell.colspan)
            col += cell.colspan


def _rich(text_: re.Match[str]) -> str:
    out = f"<r><t>{text_[1]}</t></r>"
    for marks, style in ((RAISED, '<vertAlign val="superscript"/>'), (STRUCK, "<strike/>")):
        out = _marked(out, marks, f"</t></r><r><rPr>{style}</rPr><t>", "</t></r><r><t>")
    return "<is>" + out.replace("<r><t></t></r>", "") + "</is>"


def as_text(sheets: Sheets, write: text.Writer) -> bytes:
    lines = [sheets.title]
    lines += [write(part) if isinstance(part, Table) else part for part in sheets.parts]
    return ("\n".join(lines) + "\n").encode()
