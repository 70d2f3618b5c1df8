"""Every chart of every page taken away by clicking, in both languages; see ``__main__``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from dashboard import figures, registry
from dashboard.export.kinds import KINDS
from dashboard.filters import LANGUAGES
from dashboard.i18n import translator
from dashboard.open import Opener
from tests.downloads.opened import Chart, inspect

sys.path.insert(0, str(Path(__file__).parents[1] / "dashboard"))
import browsing

#: What else a page must be asked for to show all its charts: parameters of its address.
MORE: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "overview": ({"tab": "rate"},),
    "profile": ({"tab": "results"}, {"tab": "checks"}),
}
#: Figures of all reports of one scope: where few offices report, only one of them has any.
SCOPES: Final = ("own", "region")


def offices(folder: Path) -> tuple[str, list[str]]:
    """The build, and the offices whose 机构档案 are opened: most reports, and one of a region."""
    with Opener(folder) as opener:
        build = opener.newest()
        found: pd.DataFrame = opener.access.database(build).frame(  # type: ignore[attr-defined]
            "select office_id, bool_or(scope = 'region') as region from mart_report "
            "group by 1 order by count(*) desc, 1"
        )
    some = [
        *found.loc[~found["region"], "office_id"][:1],
        *found.loc[found["region"], "office_id"][:1],
    ]
    return build.id, [str(o) for o in some]


def expected(folder: Path, visited: list[tuple[str, dict[str, str]]]) -> set[str]:
    """The registered charts (``page/chart``) that have something to draw on one of the visits."""
    out: set[str] = set()
    with Opener(folder) as opener:
        for key, params in visited:
            view = opener.view(key, params)
            names = figures.names_on(key, view) if view.years else []
            for name in names:
                base = "/".join(name.split("/")[:2])
                if base not in out and figures.build(name, view) is not None:
                    out.add(base)
    return out


def visits(
    folder: Path, lang: str, pages: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Pages and parameters: every page (or some), in both scopes, with all its parts."""
    _, some = offices(folder)
    for key in pages or registry.BY_KEY:
        spec = registry.BY_KEY[key]
        for who in some if key == "profile" else [""]:
            for scope in SCOPES if spec.adds_up else ("",):
                base = {"lang": lang, "scope": scope, "office": who}
                for more in ({}, *MORE.get(key, ())):
                    yield key, {k: v for k, v in (base | more).items() if v}


def run(
    folder: Path, out: Path, langs: Sequence[str] = LANGUAGES, pages: Sequence[str] = ()
) -> Iterator[Chart]:
    """Serve a warehouse, take every chart of every page, open its files; one at a time."""
    build, _ = offices(folder)
    wide, high = browsing.DESKTOP
    with (
        browsing.serving(folder, DISCLOSURE_DESK=str(out / "desk.sqlite")) as url,
        browsing.chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": wide, "height": high})
        viewer = browser.new_page()
        page.set_default_timeout(browsing.PATIENCE)
        for lang in langs:
            seen: set[str] = set()
            for key, params in visits(folder, lang, pages):
                query = "&".join(f"{k}={v}" for k, v in params.items())
                page.goto(f"{url}/{registry.address(key)}?{query}")
                browsing.settled(page)
                for chart in taken(page, key, lang, out / lang, seen):
                    inspect(chart, viewer, build)
                    yield chart


def taken(page: Any, key: str, lang: str, out: Path, seen: set[str]) -> Iterator[Chart]:
    """Click through the menus of a page's charts that were not ``seen`` on another visit.

    The page is looked at anew after every chart: on a busy machine its last ones arrive late.
    """
    t = translator(lang)
    while fresh := [mark for mark in page.evaluate(_MENUS) if mark not in seen]:
        mark = fresh[0]
        seen.add(mark)
        holder = page.locator(f".st-key-{_MENU}{mark}")
        holder.get_by_role("button", name=t("export.menu")).click()
        dialog = page.get_by_role("dialog")
        chart = Chart(key, lang)
        folder = out / mark
        folder.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            words = t(f"export.kind_{kind.key}")
            with page.expect_download() as arriving:
                dialog.get_by_role("button", name=words, exact=True).click()
            path = folder / arriving.value.suggested_filename
            arriving.value.save_as(path)
            chart.files[kind.key] = path
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="detached")
        browsing.settled(page)
        yield chart


#: Of a menu's key what stands before its figure's; what lists the figures of all menus of a page.
_MENU: Final = "do_take_"
_MENUS: Final = f"""[...document.querySelectorAll('[class*="st-key-{_MENU}"]')].map(
    e => [...e.classList].find(c => c.startsWith('st-key-{_MENU}')).slice(
        'st-key-{_MENU}'.length))"""
