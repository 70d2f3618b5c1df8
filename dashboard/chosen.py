"""Which findings a reader asked for, and the way to a cell, from a view's filters. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dashboard.filters import Filters, Selection
from dashboard.queries.findings import STATES, TO_DO, Which
from dashboard.view import View

#: Levels of a rule, gravest first.
LEVELS: Final = ("error", "warning", "info")
#: What the reader can ask for: all, what still asks for a person, or one state.
CHOICES: Final = ("", "todo", *STATES)


def chosen(view: View) -> tuple[Selection, Which]:
    """The rows of the page, of one year, rule, level and state of review where asked."""
    f = view.filters
    selection = view.selection
    if f.year.isdecimal() and len(f.year) == 4:
        selection = replace(selection, years=(int(f.year), int(f.year)))
    states = TO_DO if f.status == "todo" else (f.status,) if f.status in STATES else ()
    return selection, Which(
        f.metric if f.metric in view.meta.rules else "",
        f.severity if f.severity in LEVELS else "",
        states,
    )


def cell_of(view: View, office_id: str, report_id: str, cell: str | None) -> Filters:
    """A report's document, at a cell where there is one."""
    base = view.filters.without_open()
    return replace(base, office=office_id, report=report_id, cell=cell or "", tab="document")
