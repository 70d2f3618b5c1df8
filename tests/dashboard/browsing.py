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
#: Milliseconds for what must appear: a new server's first page took over 30 s on a machine with
#: ten busy processes for two cores. Nobody waits as long where it appears.
PATIENCE = 90_000


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


#: At rest: the script has run and is connected, every chart is drawn, fonts are there, and neither
#: words nor places changed for a while. A chart is drawn before its data and its width are final.
AT_REST = """quiet => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || !document.querySelector('h1')) return false;
  const main = document.querySelector('[data-testid="stMain"]');
  const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
  const places = charts.map(e => { const b = e.getBoundingClientRect();
    return [b.x, b.y, b.width, b.height].map(Math.round).join() });
  const busy = app.dataset.testScriptState !== 'notRunning'
    || app.dataset.testConnectionState !== 'CONNECTED'
    || document.fonts.status !== 'loaded'
    || document.querySelector('[data-stale="true"]')
    || !charts.every(e => e.querySelector('svg'));
  const now = busy ? '' : [location.href, main.scrollHeight, main.innerText, ...places].join('|');
  const seen = window.observatorySeen;
  if (busy || !seen || seen.now !== now) {
    window.observatorySeen = { now, since: performance.now() };
    return false;
  }
  return performance.now() - seen.since >= quiet;
}"""


def settled(page: Any) -> None:
    """Wait until a page of ours is drawn: Streamlit is at rest and nothing changes any more."""
    page.evaluate("delete window.observatorySeen")
    page.wait_for_function(AT_REST, arg=500, polling=100, timeout=PATIENCE)


def pick(mark: Any) -> None:
    """Click the middle of a mark of a chart as a reader does: on a page at rest, once.

    While charts above it are still drawn a mark moves on between finding and clicking it.
    Layers of the chart lie above their marks; so nothing is asked about what receives the click.
    """
    mark.wait_for(state="attached")
    settled(mark.page)
    mark.click(force=True)


def whole(page: Any) -> int:
    """Grow the window to the height of the page, so that one picture shows all; that height."""
    main = "document.querySelector('[data-testid=\"stMain\"]')"
    height = int(page.evaluate(f"{main}.scrollHeight")) + 20
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(height, 12_000)})
    return height
