"""Journey in a real Chromium: an outlier of the funnel, its office, the cell behind the number."""

from __future__ import annotations

from typing import Any

import browsing
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]

FUNNEL = ".st-key-do_card_compare_funnel"
ABOVE = f'{FUNNEL} g.mark-symbol path[aria-label*="above"]'


def test_from_an_outlier_to_its_office_and_cell_and_back(server: str, page: Any) -> None:
    page.goto(f"{server}/compare?lang=en&metric=corrected_per_100&year=2020")
    outlier = page.locator(ABOVE)
    outlier.first.wait_for(state="attached")
    browsing.settled(page)
    assert outlier.count() == 1
    shared = page.url
    browsing.pick(outlier)
    page.wait_for_url("**/profile?**")
    browsing.settled(page)
    assert "office=o-9901020" in page.url
    assert "metric=corrected_per_100" in page.url
    assert "year=2020" in page.url
    cards = page.locator('[class*="corrected_per_100"] g.mark-symbol path')
    browsing.pick(cards.nth(1))
    page.locator(".do-doc td.picked").wait_for()
    browsing.settled(page)
    assert "report=r-o-9901020-2020" in page.url
    assert "cell=t4.review.corrected" in page.url
    page.go_back()
    cards.first.wait_for(state="attached")
    browsing.settled(page)
    page.go_back()
    outlier.first.wait_for(state="attached")
    browsing.settled(page)
    assert page.url == shared


def test_a_place_opens_its_offices(server: str, page: Any) -> None:
    page.goto(f"{server}/compare?tab=county")
    first = page.locator(".st-key-do_card_compare_dots g.mark-symbol path").first
    browsing.pick(first)
    page.wait_for_url("**region=99**")
    browsing.settled(page)
    assert "tab=" not in page.url


@pytest.mark.parametrize("path", ["compare", "compare?lang=en&tab=county"])
def test_a_phone_needs_no_sideways_scrolling(server: str, page: Any, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/{path}")
    page.locator(".st-key-do_card_compare_heat g.mark-rect path").first.wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
