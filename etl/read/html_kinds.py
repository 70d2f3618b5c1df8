"""What each HTML element means to a reader of text: the facts the walk iterates over."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Kind(IntEnum):
    """How an element takes part in text. ``INLINE`` (0) is also every unknown element."""

    INLINE = 0
    BLOCK = 1
    HEADING = 2
    BREAK = 3
    TABLE = 4
    SECTION = 5
    ROW = 6
    CELL = 7
    PRE = 8
    SKIP = 9
    TITLE = 10
    META = 11
    LINK = 12
    RAISED = 13
    INPUT = 14
    MARKED = 15
    EMPTY = 16
    PARAGRAPH = 17
    STRUCK = 18
    FIELD = 19
    SHOWN = 20
    ITEM = 21


_BY_KIND: Final[dict[Kind, str]] = {
    Kind.BLOCK: (
        "html body address article aside blockquote caption center dd details dialog dir div dl dt "
        "fieldset figcaption figure footer form header hgroup hr legend listing main menu nav "
        "ol section summary ul marquee optgroup colgroup"
    ),
    Kind.PARAGRAPH: "p",
    Kind.HEADING: "h1 h2 h3 h4 h5 h6",
    Kind.BREAK: "br",
    Kind.TABLE: "table",
    Kind.SECTION: "thead tbody tfoot",
    Kind.ROW: "tr",
    Kind.CELL: "td th",
    Kind.PRE: "pre plaintext xmp",
    # rt and rp are reading aids over characters; xml is Word's own data pasted into a page
    Kind.SKIP: ("script style template noscript noframes noembed datalist map rp rt xml col area"),
    Kind.TITLE: "title",
    Kind.META: "meta",
    Kind.LINK: "link",
    # fields and what is drawn: parts of a cell, no text of a page
    Kind.FIELD: "select textarea button",
    Kind.SHOWN: "iframe object embed applet svg math audio video canvas img",
    Kind.ITEM: "li",
    Kind.RAISED: "sup sub small",
    Kind.STRUCK: "s strike del",
    Kind.INPUT: "input",
    # elements in which content systems mark the facts of a page
    Kind.MARKED: "ucaptitle publishtime",
    Kind.EMPTY: "wbr",
}

#: Element name → kind; names not listed are inline.
KIND_OF: Final[dict[str, Kind]] = {
    name: kind for kind, names in _BY_KIND.items() for name in names.split()
}

#: Kinds a cell or paragraph may hold (rows and cells: within a nested table, itself not plain)
#: without needing more than its text content.
PLAIN_KINDS: Final = frozenset(
    {Kind.INLINE, Kind.PARAGRAPH, Kind.SECTION, Kind.ROW, Kind.CELL, Kind.EMPTY}
)

#: ``role`` and ``display`` values that make any element part of a table.
ROLE_KINDS: Final[dict[str, Kind]] = {
    "table": Kind.TABLE,
    "grid": Kind.TABLE,
    "treegrid": Kind.TABLE,
    "rowgroup": Kind.BLOCK,
    "row": Kind.ROW,
    "cell": Kind.CELL,
    "gridcell": Kind.CELL,
    "columnheader": Kind.CELL,
    "rowheader": Kind.CELL,
}
DISPLAY_KINDS: Final[dict[str, Kind]] = {
    "none": Kind.SKIP,
    "table": Kind.TABLE,
    "inline-table": Kind.TABLE,
    "table-row": Kind.ROW,
    "table-cell": Kind.CELL,
}
