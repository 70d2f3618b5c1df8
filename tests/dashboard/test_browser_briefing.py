"""简报 in a browser: a chart pinned on its page arrives, and leaves as a file."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from browsing import DESKTOP, PATIENCE, chromium, serving, settled
from PIL import Image
from pptx import Presentation

from dashboard.export.kinds import KINDS
from dashboard.filters import LANGUAGES
from dashboard.i18n import translator

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


STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "xlsx": b"PK", "zip": b"PK",
          "parquet": b"PAR1", "json": b"{"}  # fmt: skip


def test_the_menu_of_a_chart_gives_every_format_in_both_languages(served: tuple[str, Any]) -> None:
    url, page = served
    for lang in LANGUAGES:
        t = translator(lang)
        page.goto(f"{url}/requests?lang={lang}")
        settled(page)
        page.get_by_role("button", name=t("export.menu")).first.click()
        dialog = page.get_by_role("dialog")
        names, contents = set(), {}
        for kind in KINDS:
            button = dialog.get_by_role("button", name=t(f"export.kind_{kind.key}"), exact=True)
            with page.expect_download() as arriving:
                button.click()
            names.add(arriving.value.suggested_filename)
            content = contents[kind.key] = Path(arriving.value.path()).read_bytes()
            assert arriving.value.suggested_filename.endswith(f".{kind.ending}")
            assert content.startswith(STARTS[kind.ending]), kind.key
        assert len(names) == len(KINDS)
        wide = [Image.open(BytesIO(contents[key])).width for key in ("png", "png_large")]
        assert wide[0] * 3 == wide[1] * 2
        about = json.loads(contents["json"])["metadata"]
        assert about["language"] == lang
        assert about["figure"].startswith("requests/")
        assert (about["build"], about["demo"]) == ("demo-1", True)
        for text in (contents["svg"].decode(), pdf_text(contents["pdf"])):
            assert "".join(about["title"].split()) in "".join(re.sub(r"<[^>]+>", "", text).split())


def pdf_text(content: bytes) -> str:
    return str(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range())


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
