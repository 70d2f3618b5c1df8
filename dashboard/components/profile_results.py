"""机构档案: outcomes, grounds, applicants, reviews and suits, as the reports have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.components import cards
from dashboard.components import profile as parts
from dashboard.figures import profile_results as figures
from dashboard.figures.profile import Open
from dashboard.view import View


def results(view: View, opened: Open) -> None:
    """All of it."""
    cards.draw(view, figures.outcomes, on_pick=_part(view, opened, "outcome"))
    cards.draw(view, figures.applicants, on_pick=_part(view, opened, "applicant"))
    cards.draw(view, figures.grounds, on_pick=_cell(view, opened))
    cards.draw(view, figures.disputes, on_pick=_cell(view, opened))


def _part(view: View, opened: Open, whole: str) -> Callable[[dict[str, Any]], None]:
    metrics = view.meta.shares_of(whole)
    cells = {view.words.metric(m): view.meta.metric_cells(m, part="num")[:1] for m in metrics}

    def picked(fields: dict[str, Any]) -> None:
        parts.open_cell(view, opened, cells.get(str(fields["part"]), ()))(fields)

    return picked


def _cell(view: View, opened: Open) -> Callable[[dict[str, Any]], None]:
    def picked(fields: dict[str, Any]) -> None:
        report = parts.current_report(view, opened, int(fields["year"]))
        if report:
            parts.show(report, str(fields["key"]))

    return picked
