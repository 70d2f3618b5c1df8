"""Page numbers, running heads and what browsers print in the margins: out of the text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from etl.read.pdf_marks import UNPLACED
from etl.read.pdf_pages import MARGIN, MARKED_PAGE_NUMBER, Page, PageLine, PageTable

#: A running head stands at the same height (points) on at least this many pages.
SAME_HEIGHT: Final = 4.0
MIN_REPEATS: Final = 3

_BARE_NUMBER: Final = re.compile(r"\d{1,4}")
#: A browser's footer: the address, then this page and the number of pages.
_OF_PAGES: Final = re.compile(r"(?:\S+\s+)?(\d{1,4})\s*/\s*(\d{1,4})")
#: A browser's header: date and time, then the title.
_PRINTED_AT: Final = re.compile(
    r"\d{1,4}[/.年-]\d{1,2}[/.月-]\d{1,4}日?[,，]?\s*(?:[上下]午\s*)?\d{1,2}:\d{2}(?:\s*[AP]M)?"
)


def drop_furniture(pages: list[Page]) -> None:
    """Take page numbers and running heads out of the pages, only where they are clearly that.

    A marked number (``- 3 -``, ``第 3 页``, ``3/5``) in the margin is dropped, and a line that ends
    in this page's number over the number of pages; a bare number only if its distance to the page
    count is the same on every page that has one; other text only if it stands at the same height,
    figures aside, on at least three pages.
    """
    margins = {page.number: _margin_lines(page) for page in pages}
    lines = [line for found in margins.values() for line in found]
    dropped = {id(line) for line in lines if MARKED_PAGE_NUMBER.fullmatch(_words(line))}
    dropped |= {id(line) for line in _bare_numbers(lines)}
    dropped |= {id(line) for line in _repeated(lines, len(pages))}
    dropped |= {id(line) for line in _browser_lines(pages, margins)}
    for page in pages:
        page.items = [item for item in page.items if id(item) not in dropped]


def _words(line: PageLine) -> str:
    """A line's text; pale digits, which are marked as of no figure, are a page number's, too."""
    return line.text.replace(UNPLACED, "").strip()


def _bare_numbers(lines: Iterable[PageLine]) -> list[PageLine]:
    bare = [line for line in lines if _BARE_NUMBER.fullmatch(_words(line))]
    offsets = {int(_words(line)) - line.page for line in bare}
    return bare if len(offsets) == 1 and (len(bare) > 1 or offsets == {0}) else []


def _repeated(lines: Iterable[PageLine], n_pages: int) -> Iterator[PageLine]:
    groups: dict[tuple[str, int], list[PageLine]] = defaultdict(list)
    for line in lines:
        if any(char.isalpha() for char in line.text):
            key = re.sub(r"\d+", "#", line.text), round(line.top / SAME_HEIGHT)
            groups[key].append(line)
    for group in groups.values():
        if len({line.page for line in group}) >= max(MIN_REPEATS, 0.5 * n_pages):
            yield from group


def _browser_lines(pages: list[Page], margins: dict[int, list[PageLine]]) -> Iterator[PageLine]:
    for page in pages:
        footers = [line for line in margins[page.number] if _is_count(line, page, len(pages))]
        yield from footers
        if footers:
            yield from (line for line in margins[page.number] if _PRINTED_AT.match(line.text))


def _is_count(line: PageLine, page: Page, n_pages: int) -> bool:
    match = _OF_PAGES.fullmatch(_words(line))
    return match is not None and (int(match[1]), int(match[2])) == (page.number, n_pages)


def _margin_lines(page: Page) -> list[PageLine]:
    """The lines in the margins that no body text and no table separates from the paper's edge."""
    lines: list[PageLine] = []
    for items in (page.items, page.items[::-1]):
        for item in items[:2]:
            if isinstance(item, PageTable):
                break
            near = item.line.base < page.height * MARGIN
            far = item.line.base > page.height * (1 - MARGIN)
            if near or far:
                lines.append(item)
    return lines
