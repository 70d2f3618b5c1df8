"""The first pages of a dossier: the office, its reports by year, key figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dashboard import formats, i18n
from dashboard.export.blocks import Block, Heading, Table, Text
from dashboard.figures import profile as figures
from dashboard.figures.overview import KPIS
from dashboard.figures.profile import Open
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.queries import dossier as queries
from dashboard.view import View

_STATES: Final = ("number", "blank", "not_applicable", "text", "absent", "unread")


def about(view: View, found: Open) -> Iterator[Block]:
    """The office as the registry knows it."""
    t, o = view.t, found.office
    current = found.documents[found.documents["is_current"]]
    years = sorted({int(y) for y in current["year"]})
    scopes = [view.words.named("scope", None if formats.is_missing(s) else str(s))
              for s in dict.fromkeys(current["scope"])]  # fmt: skip
    rows = [
        (t("dossier.name"), o.name),
        (t("dossier.short"), o.short_name or formats.MISSING),
        (t("dossier.id"), o.office_id),
        (t("dossier.place"), o.place or formats.MISSING),
        (t("dossier.code"), o.division_code or formats.MISSING),
        (t("dossier.level"), view.words.named("level", o.level)),
        (t("dossier.kind"), view.words.named("kind", o.kind)),
        (t("dossier.known"), _span(o.first_year, o.last_year)),
        (t("dossier.reports"), t("dossier.reports_text", n=len(current),
                                 years=t("format.comma").join(map(str, years)))),
        (t("column.scope"), t("format.comma").join(scopes)),
    ]  # fmt: skip
    yield Heading(t("dossier.about"))
    if view.meta.is_demo:
        yield Text(t("app.demo"), "note")
    yield Table(("", ""), tuple(rows), weights=(1, 3), head=False)


def _span(first: int | None, last: int | None) -> str:
    if first is None and last is None:
        return formats.MISSING
    return f"{first or ''}–{last or ''}"


def coverage(view: View, found: Open) -> Iterator[Block]:
    """A line a year: expected, due, published, and how its cells were read."""
    t = view.t
    frame = view.query(queries.coverage, view.selection, found.office.office_id, view.today)
    current = found.documents[found.documents["is_current"]]
    rows = []
    for r in rows_of(frame):
        of_year = list(rows_of(current[current["year"] == r.year]))
        for report in of_year or [None]:
            rows.append(
                (
                    str(int(r.year)),
                    t(f"dossier.arrival.{r.arrival}"),
                    formats.date(r.due, view.lang),
                    formats.MISSING if report is None
                    else formats.date(report.published, view.lang),
                    formats.MISSING if report is None else view.words.named(
                        "scope", None if formats.is_missing(report.scope) else report.scope),
                    *(
                        formats.MISSING if report is None
                        else formats.number(getattr(report, f"n_{state}"))
                        for state in _STATES
                    ),
                    formats.MISSING if report is None else formats.number(report.n_error_failed),
                )
            )  # fmt: skip
    names = [i18n.of(view.meta.states[state], "", view.lang) for state in _STATES]
    columns = (
        t("column.year"), t("dossier.arrived"), t("column.due"), t("column.published"),
        t("column.scope"), *names, t("column.errors"),
    )  # fmt: skip
    yield Heading(t("dossier.coverage"))
    yield Text(t("dossier.coverage_lead"))
    yield Table(
        columns, tuple(rows), t("dossier.coverage"), frozenset(range(5, len(columns))),
        weights=(1.9, 2.2, 2.7, 2.7, 2.0, *([1.7] * len(_STATES)), 1.9),
    )  # fmt: skip


def key_figures(view: View, found: Open) -> Iterator[Block]:
    """The page's five measures by year, each with its base."""
    t = view.t
    metrics = [view.metric(name) for name in KPIS]
    frame = figures.history_of(view, found, metrics)
    cells: dict[tuple[int, str], str] = {}
    for r in records(frame):
        metric = view.meta.metrics[str(r["metric"])]
        shown = formats.by_unit(r["value"], metric.unit, view.lang)
        if metric.has_base and not formats.is_missing(r["den"]):
            shown += "\n" + formats.fraction(r["num"], r["den"])
        cells[int(r["year"]), metric.key] = shown
    years = sorted({year for year, _ in cells})
    rows = tuple(
        (str(year), *(cells.get((year, m.key), formats.MISSING) for m in metrics)) for year in years
    )
    columns = (t("column.year"), *(view.words.metric(m) for m in metrics))
    yield Heading(t("dossier.key_figures"))
    yield Text(t("dossier.key_figures_lead"))
    yield Table(
        columns, rows, t("dossier.key_figures"), frozenset(range(1, len(columns))),
        weights=(1.5, *([3.0] * len(metrics))),
    )  # fmt: skip
