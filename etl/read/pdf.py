"""PDF with a text layer to a document: ruled tables as grids, the rest as lines.

``bytes → marks (pdfium) → tables and lines a page → furniture dropped → tables joined → blocks``;
each step is a function of its own in the ``pdf_*`` modules.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from etl.document import Block, Document, Line
from etl.errors import RejectedDocument
from etl.read.limits import Limits
from etl.read.pdf_chars import read_marks
from etl.read.pdf_fonts import use_square_font
from etl.read.pdf_furniture import drop_furniture
from etl.read.pdf_join import Part, joined_items
from etl.read.pdf_marks import PageMarks
from etl.read.pdf_objects import FULL_PAGE
from etl.read.pdf_pages import Page, PageLine, page_items
from etl.read.pdf_unruled import aligned_grids
from etl.read.titles import plausible_title

_LOG: Final = logging.getLogger(__name__)

#: Fewer characters than this a page over a page-wide picture are a stamp or a page number.
SCANNED_CHARS: Final = 40
#: Characters without a known meaning above this share make the text layer useless.
MAX_UNMAPPED: Final = 0.3

#: So many annotations of a page are looked at; links, which show nothing, are most of them.
MAX_NOTES: Final = 2_000
_SHOWN_NOTES: Final = frozenset(
    {
        pdfium.FPDF_ANNOT_WIDGET,
        pdfium.FPDF_ANNOT_FREETEXT,
        pdfium.FPDF_ANNOT_STRIKEOUT,
        pdfium.FPDF_ANNOT_SQUARE,
        pdfium.FPDF_ANNOT_LINE,
        pdfium.FPDF_ANNOT_REDACT,
        pdfium.FPDF_ANNOT_STAMP,
    }
)

_SCANNED: Final = "扫描件，没有可读取的文字"
_SCAN_HINT: Final = (
    "请提供由 Word、WPS 或网页直接生成的 PDF，或 DOCX、HTML 版本；扫描件的数字无法保证准确"
)


def read_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF.

    Args:
        data: the file.
        limits: bounds on pages, cells and blocks.

    Raises:
        RejectedDocument: ``encrypted``, ``corrupt``, ``no_text_layer`` (scans, also those with a
            recognised text layer, and fonts that tell no characters) or ``too_large``.
    """
    pdf = _open(data)
    try:
        if len(pdf) > limits.max_pages:
            raise RejectedDocument(
                "too_large",
                f"PDF 共 {len(pdf)} 页，超过上限 {limits.max_pages} 页",
                hint="请只提供年度报告本身",
            )
        notes: list[str] = []
        marks = _all_marks(pdf, notes)
        metadata = _metadata(pdf)
    finally:
        pdf.close()
    _require_text(marks)
    pages = [page_items(page, limits.max_grid_cells) for page in marks]
    drop_furniture(pages)
    return Document("pdf", _blocks(pages, limits), metadata, notes)


def _open(data: bytes) -> Any:
    use_square_font()
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise RejectedDocument(
                "encrypted", "PDF 已加密，无法读取", hint="请去掉密码后重新提供"
            ) from error
        raise _corrupt() from error
    if len(pdf) == 0:
        pdf.close()
        raise _corrupt()
    return pdf


def _corrupt() -> RejectedDocument:
    return RejectedDocument(
        "corrupt", "PDF 文件损坏，无法打开", hint="请重新下载，或用阅读器另存一份后再试"
    )


def _all_marks(pdf: Any, notes: list[str]) -> list[PageMarks]:
    marks: list[PageMarks] = []
    broken: list[int] = []
    for index in range(len(pdf)):
        try:
            page = pdf[index]
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
            continue
        try:
            if _show_notes(page):  # which takes effect when the page is opened again
                page.close()
                page = pdf[index]
            marks.append(read_marks(page, index + 1))
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
        finally:
            page.close()
    if not marks:
        raise _corrupt()
    if broken:
        notes.append(f"PDF 第 {'、'.join(map(str, broken))} 页无法读取")
    if any(page.overflow for page in marks):
        notes.append("PDF 有页面图形过多，未全部读取")
    return marks


def _show_notes(page: Any) -> bool:
    """Draw what a form's fields and notes show upon the page; whether there were any.

    pdfium gives the text of a page's own content only; a cell with a filled field looks blank.
    """
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), MAX_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        if kind in _SHOWN_NOTES:
            done = pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
            return bool(done == pdfium.FLATTEN_SUCCESS)
    return False


def _require_text(marks: list[PageMarks]) -> None:
    """Reject scans: too few characters, or only recognised ones over page-wide pictures."""
    chars = sum(len(page.chars) for page in marks)
    pictures = sum(page.picture >= FULL_PAGE for page in marks)
    if chars == 0 or (pictures * 2 >= len(marks) and chars < SCANNED_CHARS * len(marks)):
        raise RejectedDocument("no_text_layer", _SCANNED, hint=_SCAN_HINT)
    hidden = sum(page.hidden for page in marks)
    texts = sum(page.texts for page in marks)
    if pictures * 2 >= len(marks) and hidden * 2 > texts:
        raise RejectedDocument(
            "no_text_layer", "扫描件，只有机器识别的文字层，数字不可靠", hint=_SCAN_HINT
        )
    if sum(page.unmapped for page in marks) > MAX_UNMAPPED * chars:
        raise RejectedDocument(
            "no_text_layer", "PDF 的字体没有文字编码，文字层不可读", hint=_SCAN_HINT
        )


def _metadata(pdf: Any) -> dict[str, str]:
    try:
        title = str(pdf.get_metadata_value("Title")).strip("\x00 \t\r\n")
    except (pypdfium2.PdfiumError, UnicodeError):
        return {}
    return {"title": title} if plausible_title(title) else {}


def _blocks(pages: list[Page], limits: Limits) -> list[Block]:
    blocks: list[Block] = []
    run: list[PageLine] = []
    number = total = 0

    def flush() -> None:
        nonlocal number
        for piece in aligned_grids(run, number):
            if isinstance(piece, PageLine):
                blocks.append(_line(piece))
            else:
                number = piece.number
                blocks.append(piece)
        run.clear()

    for item in joined_items(pages):
        if isinstance(item, Part):
            flush()
            number += 1
            total += item.n_rows * (len(item.xs) - 1)
            blocks.append(item.grid(number))
        elif isinstance(item, PageLine):
            run.append(item)
        if total > limits.max_total_cells or len(blocks) + len(run) > limits.max_blocks:
            raise RejectedDocument("too_large", "PDF 内容超过上限", hint="请只提供年度报告本身")
    flush()
    return blocks


def _line(item: PageLine) -> Line:
    pieces = tuple(part.strip() for part in item.text.split("|")) if "|" in item.text else ()
    return Line(item.text, item.place, 0, pieces)
