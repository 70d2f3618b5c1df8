"""What the reader asked for, as one value, and its form in the URL. Pure: no Streamlit.

``Filters`` holds everything a link must carry to open the same picture: what data, by which
definition, in which language, from which build, and the thing a page has open (an office, a year,
a cell, a finding, words searched for). ``Selection`` is the part that decides which rows are
counted; queries and caches take it, so that changing the language recomputes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

LANGUAGES: Final = ("zh", "en")
SCOPES: Final = ("own", "region")
#: A word of the URL that is used as a key or code; anything else in a link is ignored.
WORD: Final = re.compile(r"[\w.\-·（）()]{1,120}")
LIST_SEPARATOR: Final = "~"
PAIR_SEPARATOR: Final = ":"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports are counted.

    ``region`` is a division code (``""``: everywhere the viewer may look). ``years`` are first and
    last year inclusive, ``None`` all. ``levels`` and ``kinds`` empty: all. ``balanced`` keeps only
    offices with a report in every year shown; ``ok_only`` leaves out reports that fail an
    error-level rule. ``scope`` is ``own`` (an office's own figures) or ``region`` (figures for a
    region or system as a whole); they are never added together, members would count twice.
    """

    region: str = ""
    years: tuple[int, int] | None = None
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    balanced: bool = False
    ok_only: bool = False
    scope: str = "own"


@dataclass(frozen=True, slots=True)
class Filters:
    """The whole state of a view. ``families`` maps a family of definitions to the chosen metric."""

    selection: Selection = field(default_factory=Selection)
    families: tuple[tuple[str, str], ...] = ()
    lang: str = "zh"
    build: str = ""
    office: str = ""
    offices: tuple[str, ...] = ()
    report: str = ""
    cell: str = ""
    metric: str = ""
    year: str = ""
    why: str = ""
    query: str = ""
    tab: str = ""
    finding: str = ""
    status: str = ""
    severity: str = ""
    find: str = ""
    mark: str = ""
    #: Things opened or closed against how a page shows them: tables, lists, tabs.
    shown: tuple[str, ...] = ()

    def with_selection(self, **changes: object) -> Filters:
        """The same view of other rows."""
        return replace(self, selection=replace(self.selection, **changes))  # type: ignore[arg-type]

    def without_open(self) -> Filters:
        """The same rows with nothing opened: what a link to another page carries."""
        return Filters(self.selection, self.families, self.lang, self.build)

    def turned(self, name: str, on: bool) -> Filters:
        """The same view with something opened or closed against its default (``on``), or not."""
        kept = tuple(one for one in self.shown if one != name)
        return replace(self, shown=(*kept, name) if on else kept)

    def family(self, key: str, default: str) -> str:
        """The metric chosen for a family, else the given default."""
        return dict(self.families).get(key, default)


#: URL parameter → field, for the plain text fields of ``Filters``.
_TEXTS: Final = {
    "build": "build",
    "office": "office",
    "report": "report",
    "cell": "cell",
    "metric": "metric",
    "year": "year",
    "why": "why",
    "q": "query",
    "tab": "tab",
    "finding": "finding",
    "status": "status",
    "severity": "severity",
    "find": "find",
    "mark": "mark",
}
#: Fields that hold words a reader typed: any characters, bounded.
_TYPED: Final = frozenset({"query", "find", "mark"})
PARAMETERS: Final = (
    "lang", "region", "years", "level", "kind", "balanced", "ok", "scope", "def", "offices",
    "shown", *_TEXTS,
)  # fmt: skip


def to_params(filters: Filters) -> dict[str, str]:
    """The URL parameters of a view; defaults are left out, language and build always stand."""
    s = filters.selection
    out = {
        "region": s.region,
        "years": f"{s.years[0]}-{s.years[1]}" if s.years else "",
        "level": LIST_SEPARATOR.join(s.levels),
        "kind": LIST_SEPARATOR.join(s.kinds),
        "balanced": "1" if s.balanced else "",
        "ok": "1" if s.ok_only else "",
        "scope": s.scope if s.scope != SCOPES[0] else "",
        "def": LIST_SEPARATOR.join(f"{k}{PAIR_SEPARATOR}{v}" for k, v in filters.families),
        "offices": LIST_SEPARATOR.join(filters.offices),
        "shown": LIST_SEPARATOR.join(filters.shown),
        "lang": filters.lang,
    }
    out |= {name: getattr(filters, attribute) for name, attribute in _TEXTS.items()}
    return {name: value for name, value in out.items() if value}


def from_params(params: Mapping[str, str]) -> Filters:
    """The view a URL asks for. Unknown or malformed parts fall back to the default, silently.

    A link may be cut short or edited by hand; the part that can be understood is shown.
    """
    texts = {
        attribute: _query_text(params[name]) if attribute in _TYPED else _word(params[name])
        for name, attribute in _TEXTS.items()
        if name in params
    }
    pairs = [item.partition(PAIR_SEPARATOR) for item in _words(params.get("def", ""), pairs=True)]
    return Filters(
        selection=Selection(
            region=_word(params.get("region", "")),
            years=_years(params.get("years", "")),
            levels=_words(params.get("level", "")),
            kinds=_words(params.get("kind", "")),
            balanced=params.get("balanced") == "1",
            ok_only=params.get("ok") == "1",
            scope=params["scope"] if params.get("scope") in SCOPES else SCOPES[0],
        ),
        families=tuple(sorted((k, v) for k, _, v in pairs if k and v)),
        lang=params["lang"] if params.get("lang") in LANGUAGES else LANGUAGES[0],
        offices=_words(params.get("offices", "")),
        shown=_words(params.get("shown", "")),
        **texts,
    )


def _word(text: str) -> str:
    return text if WORD.fullmatch(text) else ""


def _query_text(text: str) -> str:
    return text.strip()[:80]


def _words(text: str, *, pairs: bool = False) -> tuple[str, ...]:
    found = []
    for item in text.split(LIST_SEPARATOR):
        bare = item.replace(PAIR_SEPARATOR, "", 1) if pairs else item
        if WORD.fullmatch(bare) and item not in found:
            found.append(item)
    return tuple(found)


def _years(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text, re.ASCII)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (min(first, last), max(first, last))


def field_names() -> tuple[str, ...]:
    """Names of all fields, for tests that no field is forgotten in the URL."""
    return (*(f.name for f in fields(Selection)), *(f.name for f in fields(Filters)))
