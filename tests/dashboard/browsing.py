"""A dashboard server in a process of its own and a Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import dashboard

ROOT = Path(dashboard.__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP, PHONE = (1440, 900), (390, 844)


def need_chromium() -> None:
    """Skip where no Chromium is, fail where one was promised."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("no Chromium here, and REQUIRE_BROWSER is set")
        pytest.skip("no Chromium here")


@contextmanager
def serving(warehouse: Path, **variables: str) -> Iterator[str]:
    """The address of a dashboard on a warehouse."""
    need_chromium()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DISCLOSURE_WAREHOUSE": str(warehouse),
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"),
               "--server.port", str(port), "--server.address", "127.0.0.1"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium; new pages and contexts come from it."""
    from playwright.sync_api import sync_playwright

    need_chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def settled(page: Any) -> None:
    """Wait until a page of ours is drawn: Streamlit is at rest and nothing changes any more."""
    page.locator("h1").first.wait_for()
    page.evaluate("document.fonts.ready.then(() => 1)")
    before, same = "", 0
    for _ in range(150):
        page.wait_for_timeout(200)
        busy = page.locator('[data-testid="stStatusWidget"], [data-stale="true"]').count()
        now = page.locator('[data-testid="stApp"]').inner_text()
        same = 0 if busy or now != before else same + 1
        before = now
        if same >= 4:
            return
    raise AssertionError("the page never comes to rest")


def whole(page: Any) -> int:
    """Grow the window to the height of the page, so that one picture shows all; that height."""
    main = "document.querySelector('[data-testid=\"stMain\"]')"
    height = int(page.evaluate(f"{main}.scrollHeight")) + 20
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(height, 12_000)})
    return height
