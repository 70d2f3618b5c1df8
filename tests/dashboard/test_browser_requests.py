"""Journey in a real Chromium: a ground, the offices that used it, the cell, and back."""

from __future__ import annotations

from typing import Any

import browsing
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]

CARD = ".st-key-do_card_requests_ground_denied"


def test_from_a_ground_to_its_offices_and_the_cell(server: str, page: Any) -> None:
    page.goto(f"{server}/requests?lang=en")
    square = page.locator(f"{CARD} g.mark-rect.role-mark path")
    square.first.wait_for(state="attached")
    browsing.settled(page)
    browsing.pick(square.last)
    page.wait_for_url("**metric=denied_admin_query_share**")
    listed = page.locator(".st-key-do_behind")
    listed.wait_for()
    browsing.settled(page)
    shared = page.url
    listed.get_by_role("link").first.click()
    page.locator(".do-doc td.picked").wait_for()
    browsing.settled(page)
    assert "cell=t3.denied_admin_query.total" in page.url
    page.go_back()
    listed.wait_for()
    browsing.settled(page)
    assert page.url == shared


@pytest.mark.parametrize("path", ["requests", "requests?lang=en"])
def test_a_phone_needs_no_sideways_scrolling(server: str, page: Any, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/{path}")
    page.locator(f"{CARD} g.mark-rect path").first.wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
