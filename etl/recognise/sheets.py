"""A workbook with a sheet a year: the sheet of the report's year among those of others."""

from __future__ import annotations

from dataclasses import replace

from etl.document import Block, Document, Grid
from etl.offices.year import years_in_title


def of_year(document: Document, year: int | None) -> Document:
    """The workbook without the sheets that are named after other years.

    Args:
        document: of any format; only a workbook has sheets.
        year: the year that the file's own name states. Without one, or where no sheet is named
            after it, the document stays whole: nothing tells which of its sheets is meant.
    """
    if document.format != "xlsx" or year is None:
        return document
    named = {sheet: years_in_title(sheet) for sheet in map(_sheet, document.blocks)}
    years = {found[0] for found in named.values() if len(found) == 1}
    if year not in years or len(years) < 2:
        return document
    kept = [block for block in document.blocks if named[_sheet(block)] in ([], [year])]
    left = [sheet for sheet, found in named.items() if found not in ([], [year])]
    note = f"工作簿按年分表，只读取{year}年的表；未读取：{'、'.join(left)}"
    return replace(document, blocks=kept, notes=[*document.notes, note])


def _sheet(block: Block) -> str:
    return block.place if isinstance(block, Grid) else block.at.rpartition(", row ")[0]
