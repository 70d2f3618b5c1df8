"""One journey in a real Chromium: from a point of a chart to the document's cell and back."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dashboard

pytestmark = pytest.mark.browser

ROOT = Path(dashboard.__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def server(warehouses: dict[str, Path]) -> Iterator[str]:
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("no Chromium here, and REQUIRE_BROWSER is set")
        pytest.skip("no Chromium here")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DISCLOSURE_WAREHOUSE": str(warehouses["demo"]),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"),
               "--server.port", str(port), "--server.address", "127.0.0.1"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def page(server: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found = browser.new_page(viewport={"width": 1440, "height": 900})
        found.set_default_timeout(30_000)
        found.hosts = set()
        found.on("request", lambda r: found.hosts.add(r.url.split("/")[2]))
        yield found
        browser.close()


def test_from_a_point_to_its_cell_and_back(server: str, page: Any) -> None:
    page.goto(f"{server}/profile?office=o-990100b")
    chart = page.locator(".st-key-do_card_own_applications_new")
    chart.locator("g.mark-symbol path").nth(4).click(force=True)
    picked = page.locator(".do-doc td.picked")
    picked.wait_for()
    assert "cell=t3.received_new.total" in page.url
    assert "report=r-o-990100b-2023" in page.url
    shown = picked.inner_text()
    assert shown in page.locator(".do-reading").inner_text()
    shared = page.url
    page.go_back()
    chart.locator("g.mark-symbol path").nth(4).wait_for(state="attached")
    assert "cell=" not in page.url
    page.goto(shared)
    picked.wait_for()
    assert picked.inner_text() == shown
    assert {host.split(":")[0] for host in page.hosts} == {"127.0.0.1"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_needs_no_sideways_scrolling(server: str, page: Any, lang: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("", "profile"):
        page.goto(f"{server}/{path}?lang={lang}")
        page.locator("g.mark-symbol path").first.wait_for(state="attached")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_chinese_has_a_font_without_any_of_the_system(server: str, page: Any) -> None:
    page.goto(f"{server}/?lang=zh")
    page.locator("g.mark-symbol path").first.wait_for(state="attached")
    assert page.evaluate(
        "document.fonts.load(\"16px 'Observatory Noto Sans SC'\", '政府').then(f => f.length)"
    )
