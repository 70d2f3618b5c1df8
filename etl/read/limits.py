"""Bounds every reader keeps, so that a hostile or broken file costs seconds and megabytes.

The defaults of ``max_bytes`` and ``max_unpacked`` are the contract's; the others were chosen from
what the real forms need (at most 20 columns, 40 rows, a few hundred paragraphs) with a factor of a
thousand to spare, and from what two gigabytes of memory bear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one document; a file beyond one of them is rejected as ``too_large``.

    Attributes:
        max_bytes: size of the file as given.
        max_unpacked: bytes an archive or an Office file may unpack to, all members together.
        max_members: members of an archive or an Office file.
        max_grid_cells: positions (rows x columns) of one grid.
        max_total_cells: positions of all grids of a document.
        max_grid_cols: columns of one grid; wider column spans are cut to the table's own width.
        max_nesting: open elements in HTML before divisions are ignored.
        max_table_nesting: tables within tables that are still told apart.
        max_elements: tags of an HTML document, closing tags included.
        max_blocks: lines and grids of a document.
        max_pages: pages of a PDF.
    """

    max_bytes: int = 50 * MEGABYTE
    max_unpacked: int = 2048 * MEGABYTE
    max_members: int = 10_000
    max_grid_cells: int = 200_000
    max_total_cells: int = 2_000_000
    max_grid_cols: int = 256
    max_nesting: int = 2_000
    max_table_nesting: int = 40
    max_elements: int = 1_500_000
    max_blocks: int = 500_000
    max_pages: int = 2_000


DEFAULT_LIMITS: Final = Limits()
