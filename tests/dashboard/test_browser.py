"""One journey in a real Chromium: from a point of a chart to the document's cell and back."""

from __future__ import annotations

from typing import Any

import browsing
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_from_a_point_to_its_cell_and_back(server: str, page: Any) -> None:
    page.goto(f"{server}/profile?office=o-990100b")
    chart = page.locator(".st-key-do_card_profile_trend_applications_new")
    browsing.pick(chart.locator("g.mark-symbol path").nth(4))
    picked = page.locator(".do-doc td.picked")
    picked.wait_for()
    browsing.settled(page)
    assert "cell=t3.received_new.total" in page.url
    assert "report=r-o-990100b-2023" in page.url
    shown = picked.inner_text()
    assert shown in page.locator(".do-reading").inner_text()
    shared = page.url
    page.go_back()
    chart.locator("g.mark-symbol path").nth(4).wait_for(state="attached")
    browsing.settled(page)
    assert "cell=" not in page.url
    page.goto(shared)
    picked.wait_for()
    assert picked.inner_text() == shown
    assert {host.split(":")[0] for host in page.hosts} == {"127.0.0.1"}


def test_chinese_has_a_font_without_any_of_the_system(server: str, page: Any) -> None:
    page.goto(f"{server}/?lang=zh")
    page.locator("g.mark-symbol path").first.wait_for(state="attached")
    assert page.evaluate(
        "document.fonts.load(\"16px 'Observatory Noto Sans SC'\", '政府').then(f => f.length)"
    )
