"""简报 in a browser: a chart pinned on its page arrives, and leaves as a file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from browsing import DESKTOP, PATIENCE, chromium, serving, settled
from pptx import Presentation

from dashboard.export.kinds import BY_KEY
from dashboard.filters import LANGUAGES
from tests.downloads.engine import taken
from tests.downloads.opened import inspect

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def served(warehouses: dict[str, Path], tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """The address of the demo warehouse with a desk of its own, and a page of a browser."""
    desk = str(tmp_path / "desk.sqlite")
    with serving(warehouses["demo"], DISCLOSURE_DESK=desk) as url, chromium() as browser:
        page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
        page.set_default_timeout(PATIENCE)
        yield url, page


def test_from_the_card_to_the_file(served: tuple[str, Any]) -> None:
    url, page = served
    page.goto(url)
    settled(page)
    page.get_by_role("button", name="下载 · 加入简报").first.click()
    page.get_by_role("button", name="加入简报", exact=True).click()
    page.get_by_role("button", name="已在简报中 · 移除").wait_for()
    # The keyboard's way out: the focus is still inside the dialog.
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("link", name="简报", exact=True).first.click()
    page.get_by_role("heading", name="图（1）").wait_for()
    page.get_by_role("button", name="生成", exact=True).click()
    with page.expect_download() as arriving:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    found = arriving.value
    assert found.suggested_filename.endswith("_demo-1.pptx")
    deck = Presentation(BytesIO(Path(found.path()).read_bytes()))
    assert [s.has_chart for s in deck.slides[1].shapes].count(True) == 1


def test_the_menu_of_a_chart_gives_every_format_in_both_languages(
    served: tuple[str, Any], tmp_path: Path
) -> None:
    """One chart; ``python -m tests.downloads`` takes them all."""
    url, page = served
    viewer = page.context.browser.new_page()
    for lang in LANGUAGES:
        page.goto(f"{url}/requests?lang={lang}")
        settled(page)
        chart = next(taken(page, "requests", lang, tmp_path / lang, set()))
        assert set(chart.files) == set(BY_KEY)
        inspect(chart, viewer, "demo-1")
        assert not chart.wrong


def test_dossier_and_letters_are_made_beside_their_pages(served: tuple[str, Any]) -> None:
    url, page = served
    page.goto(f"{url}/profile?office=o-990100b")
    settled(page)
    page.get_by_role("button", name="生成机构档案").click()
    # Progress comes and goes by itself: a fragment inside a fragment looks until it has ended.
    word = page.get_by_test_id("stDownloadButton").get_by_role("button", name="Word")
    word.first.wait_for()
    with page.expect_download() as arriving:
        word.first.click()
    assert Path(arriving.value.path()).read_bytes().startswith(b"PK")
    page.goto(f"{url}/quality")
    settled(page)
    page.get_by_role("button", name="份整改提示").click()
    with page.expect_download() as arriving:
        page.get_by_role("button", name="下载压缩包").click()
    with zipfile.ZipFile(Path(arriving.value.path())) as packed:
        assert any(name.endswith(".docx") for name in packed.namelist())
