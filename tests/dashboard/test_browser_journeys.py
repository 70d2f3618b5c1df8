"""The journeys of the people who use it, in a real Chromium: invented data and real reports.

(a) two counties, an outlier of the funnel, its office, the cell; (b) who has not reported; (c) a
wrong report; (d) a link opened elsewhere; (e) everything by keyboard.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import browsing
import pytest

from etl.warehouse.load import load

pytestmark = pytest.mark.browser

REPORTS = Path(__file__).parents[2] / ".." / "shared" / "reports"
GOLDEN = Path(__file__).parents[1] / "golden"
ABOVE = '.st-key-do_card_compare_funnel g.mark-symbol path[aria-label*="高于"]'


@dataclass(frozen=True)
class Place:
    """A served warehouse and what a reader finds there."""

    url: str
    desk: Path
    gone: str
    gone_id: str
    wrong: Path
    find: str
    found: str


@pytest.fixture(scope="module", params=["demo", pytest.param("real", marks=pytest.mark.long)])
def place(
    request: pytest.FixtureRequest,
    warehouses: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    desk = tmp_path_factory.mktemp("desk") / "desk.sqlite"
    if request.param == "demo":
        warehouse = warehouses["demo"]
        known = ("听澜县月桥镇人民政府", "o-990202t", GOLDEN / "text_broken_sums.txt",
                 "yueqiaozhen", "月桥镇人民政府")  # fmt: skip
    else:
        if not REPORTS.is_dir():
            pytest.skip("../shared/reports is not beside this checkout")
        corpus = tmp_path_factory.mktemp("reports")
        for path in REPORTS.glob("sh*.*"):
            shutil.copy(path, corpus)
        shutil.copy(REPORTS / "hongze_2023.pdf", corpus)
        warehouse = tmp_path_factory.mktemp("warehouse")
        load([corpus], warehouse)
        known = ("沭阳县发展和改革局", "321322-development_reform", REPORTS / "hongze_2023.pdf",
                 "syrmzf", "沭阳县人民政府")  # fmt: skip
    with browsing.serving(warehouse, DISCLOSURE_DESK=str(desk)) as url:
        yield Place(url, desk, *known)


Open = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, place: Place) -> Iterator[Open]:
    """Open a path in a browser of its own: no cookie, no session of another one."""
    contexts = []

    def run(path: str) -> Any:
        width, height = browsing.DESKTOP
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(browsing.PATIENCE)
        page.goto(f"{place.url}/{path}")
        browsing.settled(page)
        return page

    yield run
    for context in contexts:
        context.close()


def test_a_from_two_counties_to_the_cell(place: Place, opened: Open) -> None:
    if place.gone_id != "o-990202t":
        # Seven reports make no funnel: from an office's chart to the figure read by eye.
        page = opened("profile?office=321322-government&metric=applications_new")
        browsing.pick(page.locator('[class*="applications_new"] g.mark-symbol path').first)
        picked = page.locator(".do-doc td.picked")
        picked.wait_for()
        gold = json.loads((REPORTS / "gold" / "shuyang_gov_2025.json").read_text("utf-8"))
        assert picked.inner_text() == str(gold["cells"]["t3.received_new.total"])
        return
    page = opened("compare?tab=county&metric=corrected_per_100&year=2020")
    dots = page.locator(".st-key-do_card_compare_dots g.mark-symbol path")
    dots.first.wait_for(state="attached")
    told = dots.evaluate_all("all => all.map(e => e.ariaLabel)")
    assert any("枕溪县" in one for one in told)
    assert any("听澜县" in one for one in told)
    page.locator(".st-key-do_cmp_who button").first.click()
    outlier = page.locator(ABOVE)
    outlier.first.wait_for(state="attached")
    browsing.settled(page)
    assert outlier.count() == 1
    browsing.pick(outlier)
    page.wait_for_url("**/profile?**")
    marks = page.locator('[class*="corrected_per_100"] g.mark-symbol path')
    browsing.pick(marks.nth(1))
    picked = page.locator(".do-doc td.picked")
    picked.wait_for()
    browsing.settled(page)
    assert "cell=t4.review.corrected" in page.url
    assert picked.inner_text() in page.locator(".do-reading").first.inner_text()


def test_b_who_has_not_reported(place: Place, opened: Open) -> None:
    page = opened("")
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="数据质量").click()
    page.wait_for_url("**/quality**")
    browsing.settled(page)
    answer = page.locator(".do-lead", has_text="2025年未见报告的")
    assert place.gone in answer.inner_text()
    row = page.locator("table.do-table tr", has_text=place.gone).first
    assert "未见报告" in row.locator("td").last.inner_text()
    answer.get_by_role("link", name=place.gone, exact=True).click()
    page.wait_for_url("**/profile**")
    browsing.settled(page)
    assert f"office={place.gone_id}" in page.url
    assert "2025" in page.locator(".do-lead", has_text="数据中没有").first.inner_text()


def test_c_a_wrong_report_is_checked_and_not_kept(place: Place, opened: Open) -> None:
    page = opened("check")
    page.locator('input[type="file"]').set_input_files(str(place.wrong))
    page.locator(".do-verdict.errors").wait_for(timeout=60_000)
    browsing.settled(page)
    assert page.locator(".do-form .s-failed, .do-form .do-mark").count()
    assert "①" in page.locator('[data-testid="stMain"]').inner_text()
    page.reload()
    browsing.settled(page)
    assert not page.locator(".do-verdict").count(), "nothing is stored"


def test_d_a_link_opens_the_same_picture_elsewhere(place: Place, opened: Open) -> None:
    page = opened("quality")
    squares = page.locator(".st-key-do_card_quality_rules g.mark-rect path")
    browsing.pick(squares.first)
    page.wait_for_url("**metric=**")
    page.get_by_role("radio", name="待复核").or_(
        page.locator('[class*="st-key-do_status"] button', has_text="待复核")
    ).first.click()
    page.wait_for_url("**status=todo**")
    browsing.settled(page)
    first = told(page)
    link = page.url
    assert "build=" in link
    other = opened(link.removeprefix(f"{place.url}/"))
    assert told(other) == first


def told(page: Any) -> str:
    """All words and figures a page shows, charts included; without the names of icons."""
    page.wait_for_function(
        "[...document.querySelectorAll('[data-testid=\"stVegaLiteChart\"]')]"
        ".every(e => e.querySelector('svg'))"
    )
    browsing.settled(page)
    text: str = page.evaluate(
        "(() => { const main = document.querySelector('[data-testid=\"stMain\"]').cloneNode(true);"
        "main.querySelectorAll('[data-testid=\"stIconMaterial\"], style, script')"
        ".forEach(e => e.remove()); return main.textContent })()"
    )
    marks = page.locator("g.mark-rect path").evaluate_all("all => all.map(e => e.ariaLabel)")
    return text + "\n".join(map(str, marks))


def tab_to(page: Any, inside: str) -> None:
    """Press Tab until something inside a selector has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("s => !!document.activeElement.closest(s)", inside):
            return
    raise AssertionError(f"{inside} cannot be reached")


def test_e_search_and_review_by_keyboard(place: Place, opened: Open) -> None:
    page = opened("quality?status=todo")
    tab_to(page, ".st-key-do_search")
    page.keyboard.type(place.find)
    page.keyboard.press("Enter")
    page.locator(".do-hits").first.wait_for()
    browsing.settled(page)
    tab_to(page, ".do-hits")
    assert place.found in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile**")
    browsing.settled(page)
    page.go_back()
    browsing.settled(page)
    tab_to(page, ".st-key-do_search_close")
    page.keyboard.press("Enter")
    review = page.locator('td a[href*="finding="]').first
    review.wait_for()
    browsing.settled(page)
    tab_to(page, 'td a[href*="finding="]')
    page.keyboard.press("Enter")
    page.wait_for_url("**finding=**")
    page.locator(".st-key-do_review").wait_for()
    browsing.settled(page)
    tab_to(page, '.st-key-do_review [role="radiogroup"]')
    page.keyboard.press("ArrowRight")
    tab_to(page, ".st-key-do_review textarea")
    page.keyboard.type("口径不同")
    tab_to(page, ".st-key-do_who")
    page.keyboard.type("键盘")
    tab_to(page, ".st-key-do_save")
    page.keyboard.press("Enter")
    page.locator('[data-testid="stAlert"]', has_text="已豁免").wait_for()
    browsing.settled(page)
    assert "已豁免 1" in page.locator(".do-lead", has_text="已复核").inner_text()
    assert place.desk.is_file()
