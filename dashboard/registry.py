"""The pages, declared once: navigation, tests and the address of every page read this list.

A page is added by adding a line here, a script in ``app_pages/`` and its words in the catalogue
(``page.<key>.title`` and ``page.<key>.question``). Order is the order of the navigation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCRIPTS: Final = Path(__file__).parent / "app_pages"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page. ``key`` is also its address (``/profile``); ``icon`` a Material symbol.

    ``adds_up``: whether its figures are added up over reports of one scope, the reader's choice.
    ``filtered``: it shows what the filters choose; without, it works on an empty warehouse too.
    """

    key: str
    icon: str
    default: bool = False
    adds_up: bool = True
    filtered: bool = True

    @property
    def script(self) -> Path:
        """The page's script."""
        return SCRIPTS / f"{self.key}.py"

    @property
    def title_key(self) -> str:
        """Its title in the catalogue."""
        return f"page.{self.key}.title"

    @property
    def question_key(self) -> str:
        """The question it answers, in the catalogue."""
        return f"page.{self.key}.question"


PAGES: Final = (
    PageSpec("overview", "monitoring", default=True),
    PageSpec("compare", "compare_arrows"),
    PageSpec("profile", "account_balance", adds_up=False),
    PageSpec("requests", "inbox"),
    PageSpec("disputes", "gavel"),
    PageSpec("proactive", "campaign"),
    PageSpec("quality", "fact_check", adds_up=False),
    PageSpec("check", "task", adds_up=False, filtered=False),
    PageSpec("briefing", "slideshow", adds_up=False, filtered=False),
    PageSpec("method", "function", adds_up=False, filtered=False),
)
BY_KEY: Final = {spec.key: spec for spec in PAGES}


def address(key: str) -> str:
    """The page's path below the root, as a link writes it; the default page is the root."""
    return "" if BY_KEY[key].default else key
