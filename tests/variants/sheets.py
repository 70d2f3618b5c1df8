"""Tables as lists of cells that remember which figure of the form they print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from etl.demo import html, package, text
from etl.demo.model import DEMO_MARK, DemoReport
from etl.demo.tables import Table, TableCell, table2, table3, table4
from etl.form import load_form

Row = list[TableCell]


@dataclass
class Sheets:
    """A document's parts in reading order: paragraphs, and tables as rows of cells."""

    report: DemoReport
    parts: list[str | Table]
    #: Keys of figures that are printed twice, with another figure, or not as what they are.
    spoiled: set[str] = field(default_factory=set)
    title: str = ""

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
    report = replace_title(sheets)
    return html.article_page(report, "\n".join(body), "utf-8").encode()


def replace_title(sheets: Sheets) -> DemoReport:
    return replace(sheets.report, title=sheets.title)


def as_docx(sheets: Sheets) -> bytes:
    report = replace_title(sheets)
    body = [package._word_paragraph(report.title)]
    body += [
        package._word_table(part) if isinstance(part, Table) else package._word_paragraph(part)
        for part in sheets.parts
    ]
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    files = package._package("word/document.xml", kind, {})
    files["docProps/core.xml"] = package._core(report)
    files["word/document.xml"] = (
        f"<w:document {package._W}><w:body>{''.join(body)}<w:sectPr/></w:body></w:document>"
    )
    return package._zip(files)


def as_text(sheets: Sheets, write: text.Writer) -> bytes:
    lines = [sheets.title]
    lines += [write(part) if isinstance(part, Table) else part for part in sheets.parts]
    return ("\n".join(lines) + "\n").encode()
