"""Pages on paper: A4 as Chromium prints it."""

from __future__ import annotations

from typing import Any

import browsing
import pypdfium2 as pdfium
import pytest
from test_browser_everywhere import address, opened

pytestmark = [pytest.mark.browser, pytest.mark.long]

HEADINGS = """[...document.querySelectorAll('[data-testid="stHeading"], [data-testid="stMain"] h4')]
  .map(e => e.innerText.trim()).filter(text => text)"""


def sheets(page: Any) -> list[list[str]]:
    """The lines of every sheet a page is printed on."""
    document = pdfium.PdfDocument(page.pdf(format="A4", print_background=True))
    texts = [sheet.get_textpage().get_text_range() for sheet in document]
    return [[line.strip() for line in text.splitlines() if line.strip()] for text in texts]


@pytest.mark.parametrize(
    ("key", "most"), [("overview", 8), ("disputes", 10), ("quality", 14), ("compare", 8)]
)
def test_paper_has_no_heading_alone_and_nothing_to_press(
    server: str, browser: Any, key: str, most: int
) -> None:
    """变化从哪里来 stood at a sheet's foot, its chart on the next; a list of findings took 22."""
    page = opened(browser, address(server, key, lang="zh"), browsing.DESKTOP)
    headings = set(page.evaluate(HEADINGS))
    printed = sheets(page)
    assert len(printed) <= most
    assert not [lines[-1] for lines in printed if lines and lines[-1] in headings]
    text = "\n".join("\n".join(lines) for lines in printed)
    assert "演示数据" in "".join(printed[0])
    assert "来源：" in text
    for pressed in ("加入简报", "层级与类型（", "知道了", "下载 CSV"):
        assert pressed not in text
    page.context.close()
