"""What holds on every page, in a real Chromium: access, phones, keyboards, links, pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import browsing
import pytest

from dashboard import registry

pytestmark = [pytest.mark.browser, pytest.mark.long]

OFFICE = "o-990100b"
#: Pages that show one thing need to be told which.
ASKED = {"profile": f"&office={OFFICE}"}
PAGES = tuple(registry.BY_KEY)
#: Written only on request (.ci/run asks): every page in both languages, themes and sizes.
PICTURES = os.environ.get("DISCLOSURE_SCREENSHOTS", "")


def address(server: str, page: str, **params: str) -> str:
    words = "&".join(f"{k}={v}" for k, v in params.items())
    return f"{server}/{registry.address(page)}?{words}{ASKED.get(page, '')}"


def opened(browser: Any, url: str, size: tuple[int, int], theme: str = "light") -> Any:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(browsing.PATIENCE)
    page.goto(url)
    browsing.settled(page)
    return page


#: Language and theme of a page, each opened once for both sizes: opening costs most.
#: The second language in the dark adds a picture only.
GUISES = [
    ("zh", "light"),
    pytest.param("zh", "dark", marks=pytest.mark.long),
    pytest.param("en", "light", marks=pytest.mark.long),
    *([pytest.param("en", "dark", marks=pytest.mark.long)] if PICTURES else []),
]


def barriers(page: Any) -> list[tuple[str, str, list[str]]]:
    """What axe calls serious or critical: rule, words, the elements."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]])
        for v in Axe().run(page).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def portrait(page: Any, name: str) -> None:
    """A picture of the whole page for people, where a folder is named."""
    if PICTURES:
        path = Path(PICTURES) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(400)
        page.screenshot(path=str(path))
        assert path.stat().st_size > 20_000


@pytest.mark.parametrize(("lang", "theme"), GUISES)
@pytest.mark.parametrize("key", PAGES)
def test_every_page_reads_without_barriers_at_both_sizes(
    server: str, browser: Any, key: str, lang: str, theme: str
) -> None:
    """No serious barrier on a desk, no sideways scrolling on a phone."""
    page = opened(browser, address(server, key, lang=lang), browsing.DESKTOP, theme)
    try:
        browsing.whole(page)
        browsing.settled(page)
        if lang == "zh":
            assert not (found := barriers(page)), found
        portrait(page, f"{key}_{lang}_{theme}_{browsing.DESKTOP[0]}")
        page.set_viewport_size({"width": browsing.PHONE[0], "height": browsing.PHONE[1]})
        browsing.settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= browsing.PHONE[0]
        if PICTURES:
            browsing.whole(page)
            browsing.settled(page)
            portrait(page, f"{key}_{lang}_{theme}_{browsing.PHONE[0]}")
    finally:
        page.context.close()


def test_a_shared_link_opens_the_same_picture_in_another_browser(server: str, browser: Any) -> None:
    page = opened(browser, address(server, "overview", lang="zh"), browsing.DESKTOP)
    page.locator(".st-key-do_region").get_by_role("combobox").click()
    page.get_by_role("option").nth(1).click()
    page.wait_for_url("**region=**")
    browsing.settled(page)
    # What was opened is part of the picture: a chart's table, the second of the lists.
    page.locator("[class*=do_table_overview_outcomes] label").first.click()
    page.wait_for_url("**shown=table**")
    page.get_by_role("tab").nth(1).click()
    page.wait_for_url("**list_missing**")
    browsing.settled(page)
    link, first = page.url, picture(page)
    page.context.close()
    other = opened(browser, link, browsing.DESKTOP)  # its own profile: no cookie, no session
    assert picture(other) == first
    assert "build=" in link
    other.context.close()


def picture(page: Any) -> str:
    """All words and figures a page shows, charts included."""
    page.locator("g.mark-symbol path").first.wait_for(state="attached")
    text: str = page.locator('[data-testid="stMain"]').inner_text()
    paths = page.locator("g.mark-symbol path").evaluate_all("all => all.map(e => e.ariaLabel)")
    return text + "\n".join(map(str, paths))


def focused(page: Any) -> str:
    found: str = page.evaluate(
        "(e => (e.getAttribute('aria-label') || e.innerText || e.tagName).trim())"
        "(document.activeElement)"
    )
    return found


def tab_to(page: Any, inside: str) -> list[str]:
    """Press Tab until something inside a selector has the focus; what was passed on the way."""
    passed = []
    for _ in range(80):
        page.keyboard.press("Tab")
        passed.append(focused(page))
        if page.evaluate("s => !!document.activeElement.closest(s)", inside):
            return passed
    raise AssertionError(f"{inside} cannot be reached: {passed}")


def test_everything_by_keyboard(server: str, browser: Any) -> None:
    """Without a mouse: to a chart's table, to the offices behind a year, to an office's cell."""
    page = opened(browser, address(server, "overview", lang="zh"), browsing.DESKTOP)
    page.get_by_role("link", name="数据质量").first.wait_for()  # the navigation is drawn last
    passed = "\n".join(tab_to(page, "[class*=do_table_overview]"))
    assert "数据质量" in passed, "the navigation comes first"
    assert "口径" in passed, "definitions are reachable"
    page.keyboard.press("Space")
    page.locator("table.do-table").first.wait_for()
    browsing.settled(page)
    tab_to(page, "[class*=do_open_overview]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**year=2**")
    browsing.settled(page)
    page.locator(".st-key-do_behind table a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile**")
    browsing.settled(page)
    assert "office=" in page.url
    page.context.close()
