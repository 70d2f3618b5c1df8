"""Everything about one office in one document: 机构档案 as Word and PDF. Pure.

The figures are those of the page (``dashboard.figures``), built for the office and the years of
the view; findings and places are those of the letters. Made step by step, so that the caller can
show progress and stop.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import pandas as pd

from dashboard import formats, i18n
from dashboard.export import blocks, docx, letter, letters, pdf
from dashboard.export.base import Item, item_of
from dashboard.export.blocks import Block, Document, Heading, Table, Text
from dashboard.export.letters import Order
from dashboard.export.safe import filename
from dashboard.figures import profile as figures
from dashboard.figures.overview import KPIS
from dashboard.figures.profile import Open
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.queries import dossier as queries
from dashboard.queries import letters as letter_queries
from dashboard.queries import profile
from dashboard.queries.base import Viewer
from dashboard.view import Ask, View

T = TypeVar("T")
#: Levels of findings: a dossier tells hints as well, a letter does not.
LEVELS: Final = ("error", "warning", "info")
#: The office's figures beside the trends, in the order of the page.
RESULTS: Final = ("profile/outcomes", "profile/applicants", "profile/grounds", "profile/disputes")
CONTINUITY: Final = "profile/continuity"
#: Figures whose cells are said in words where they hold no number.
BY_CELL: Final = frozenset({"profile/grounds", "profile/disputes"})
MAKERS: Final = {"docx": docx.render, "pdf": pdf.render}
_STATES: Final = ("number", "blank", "not_applicable", "text", "absent", "unread")

Steps = Generator[tuple[int, int], None, Document]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished dossier: ending → name and bytes."""

    files: Mapping[str, tuple[str, bytes]]


class NoOffice(LookupError):
    """The view opens no office that has a report."""


def files(
    view: View,
    states: Mapping[str, str],
    today: dt.date,
    endings: tuple[str, ...] = ("docx", "pdf"),
) -> Generator[tuple[int, int], None, Made]:  # fmt: skip
    """The dossier in some formats; yields ``(steps done, steps)``.

    Raises:
        NoOffice: the view opens none, or one without reports.
    """
    work = document(view, states, today)
    done, total = 0, 0
    while True:
        try:
            done, total = next(work)
        except StopIteration as end:
            made: Document = end.value
            break
        yield done, total + len(endings)
    out = {}
    for n, ending in enumerate(endings, start=1):
        out[ending] = (name(view, ending), MAKERS[ending](made))
        yield total + n, total + len(endings)
    return Made(out)


def name(view: View, ending: str) -> str:
    """The file's name."""
    found = figures.opened(view)
    office = found.office.name if found else view.filters.office
    return filename(view.t("dossier.file_word"), office, view.build.id, ending=ending)


def document(view: View, states: Mapping[str, str], today: dt.date) -> Steps:
    """The dossier as blocks, a step a figure. ``states``: finding id → decision in force.

    Raises:
        NoOffice: the view opens none, or one without reports.
    """
    light = replace(view.look, dark=False)
    at = figures.open_view(replace(view, look=light, ask=_Remembering(view.ask)))
    if at is None or at[1].documents.empty:
        raise NoOffice(view.filters.office)
    view, found = at
    t = view.t
    trends = [
        (group, [m.key for m in figures.in_group(view, group)]) for group in figures.groups(view)
    ]
    total = sum(len(keys) for _, keys in trends) + len(RESULTS) + 3
    done = 0
    yield done, total
    parts: list[Block] = [*_about(view, found), *_coverage(view, found), *_key_figures(view, found)]
    done += 1
    yield done, total
    items: list[Item] = []
    drawn = {view.metric(name).key for name in KPIS}
    parts += [Heading(t("dossier.history")), Text(t("dossier.history_lead"))]
    for group, keys in trends:
        parts.append(Heading(i18n.of(view.meta.metric_groups[group], "", view.lang), 2))
        empty = []
        for key in keys:
            name_of = view.words.metric(view.meta.metrics[key])
            item = item_of(f"profile/trend/{key}", view, title=name_of)
            if item is None or not _has_values(item):
                empty.append(name_of)
            else:
                items.append(item)
                parts += _measure(item, today, picture=key in drawn)
            done += 1
            yield done, total
        if empty:
            parts.append(Text(t("dossier.no_values", names=t("format.comma").join(empty)), "quiet"))
    parts.append(Heading(t("dossier.results")))
    for full in RESULTS:
        item = item_of(full, view)
        if item is not None:
            items.append(item)
            parts += _result(item, found, today)
        done += 1
        yield done, total
    item = item_of(CONTINUITY, view)
    parts.append(Heading(t("dossier.checks")))
    if item is None:
        parts += [Heading(t("profile.continuity"), 2), Text(t("profile.continuity_none"))]
    else:
        parts += blocks.figure(item, today=today)
    parts += _findings(view, found, states, today)
    done += 1
    yield done, total
    parts += [*_documents(view, found), *_reading(view), *blocks.appendix(items)]
    office = found.office
    made = Document(
        t("dossier.title", office=office.name), tuple(parts), view.lang,
        (t("dossier.subtitle", when=view.when, scope=t(f"filter.scope_{view.selection.scope}")),),
        blocks.footer(view, today), view.meta.is_demo,
    )  # fmt: skip
    yield total, total
    return made


class _Remembering:
    """Asks the same question once: the figures of a group share one query, as they do on a page."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[Any, Any] = {}

    def __call__(
        self, function: Callable[..., T], scope: Viewer, *args: Any, large: bool = False, **kw: Any
    ) -> T:
        key = (function, scope, args, tuple(sorted(kw.items())))
        if key not in self._known:
            self._known[key] = self._ask(function, scope, *args, large=large, **kw)
        found: T = self._known[key]
        return found


def _has_values(item: Item) -> bool:
    data = item.figure.data
    return data is not None and bool(data["value"].notna().any())


# ---------------------------------------------------------------- who, and which reports


def _about(view: View, found: Open) -> Iterator[Block]:
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


def _coverage(view: View, found: Open) -> Iterator[Block]:
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
        weights=(1.4, 2.2, 2.9, 2.9, 2.2, *([1.5] * len(_STATES)), 2.0),
    )  # fmt: skip


def _key_figures(view: View, found: Open) -> Iterator[Block]:
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


# ---------------------------------------------------------------- figures


def _measure(item: Item, today: dt.date, *, picture: bool) -> Iterator[Block]:
    """A measure over the years with its peers; the five of the page with their picture."""
    if picture:
        yield from blocks.figure(item, level=3, today=today)
        return
    found, t = item.figure, item.view.t
    yield Heading(item.heading, 3)
    yield Text(found.sentence)
    yield from blocks.table_of(
        found.twin.frame, t("export.table_caption", title=item.heading), t, right=found.twin.right
    )


def _result(item: Item, found: Open, today: dt.date) -> Iterator[Block]:
    if item.figure.name not in BY_CELL:
        yield from blocks.figure(item, today=today)
        return
    yield from blocks.figure(item, table=False, today=today)
    frame = _in_words(item, found)
    caption = item.view.t("export.table_caption", title=item.figure.title)
    yield from blocks.table_of(
        frame, caption, item.view.t, right=tuple(map(str, frame.columns[1:])), limit=len(frame)
    )


def _in_words(item: Item, found: Open) -> pd.DataFrame:
    """The figure's table with the typed word where a cell holds no number.

    Its data has a row a year and cell, its table a row a cell and a column a year, both in the
    order of the form.
    """
    view, data = item.view, item.figure.data
    assert data is not None
    table = item.figure.twin.frame.copy()
    cells = list(dict.fromkeys(data["cell"]))
    current = found.documents[found.documents["is_current"]]
    whole = current["scope"].isin(("region", "system"))
    current = current[whole if view.selection.scope == "region" else ~whole]
    reports = {int(r.year): str(r.report_id) for r in reversed(list(rows_of(current)))}
    printed = view.query(letter_queries.printed, tuple(sorted(reports.values())), tuple(cells))
    states = {(r.report_id, r.cell): str(r.state) for r in rows_of(printed)}
    for year in map(str, table.columns[1:]):
        report = reports.get(int(year))
        texts = []
        for cell, shown in zip(cells, table[year], strict=True):
            if shown != formats.MISSING:
                texts.append(shown)
            elif report is None:
                texts.append(view.t("dossier.no_report"))
            else:
                state = states.get((report, cell), "absent")
                texts.append(i18n.of(view.meta.states[state], "", view.lang))
        table[year] = texts
    return table


# ---------------------------------------------------------------- findings, documents, reading


def _findings(
    view: View, found: Open, states: Mapping[str, str], today: dt.date
) -> Iterator[Block]:
    """Every failed rule with both values and places; what could not be assessed, counted."""
    t = view.t
    office_id = found.office.office_id
    yield Heading(t("profile.findings"), 2)
    order = Order(levels=LEVELS, office_id=office_id)
    made = letters.one(view, order, {}, today)
    if made is None or made.letter is None:
        yield Text(t("dossier.findings_none"))
    else:
        counts = made.letter.counts()
        yield Text(t("dossier.findings_lead", n=len(made.rows), **counts))
        for report in made.letter.reports:
            yield Heading(report.heading, 3)
            for kind in letter.KINDS:
                remarks = [r for r in report.remarks if r.kind == kind]
                if remarks:
                    yield Text(t(f"letter.{kind}"), "lead")
                for remark in remarks:
                    yield from letter.remark_blocks(remark, t)
        yield from _reviews(view, made.rows, states)
    every = view.query(profile.findings, office_id)
    unknown = every[every["outcome"] == "not_assessable"]
    if view.selection.years:
        unknown = unknown[unknown["year"].between(*view.selection.years)]
    if len(unknown):
        grouped = unknown.groupby(["year", "rule"], sort=True).size().reset_index(name="n")
        rows = tuple(
            (str(int(r.year)), str(r.rule), _rule(view, str(r.rule)), formats.number(r.n))
            for r in rows_of(grouped.sort_values(["year", "rule"], ascending=[False, True]))
        )
        columns = (t("column.year"), t("column.rule"), t("dossier.meaning"), t("dossier.places"))
        yield Heading(t("dossier.unknown"), 2)
        yield Text(t("dossier.unknown_lead"))
        yield Table(columns, rows, t("dossier.unknown"), frozenset({3}), weights=(1, 2, 8, 1))


def _rule(view: View, rule: str) -> str:
    known = view.meta.rules.get(rule)
    return i18n.of(known, "", view.lang) if known else rule


def _reviews(view: View, rows: tuple[Any, ...], states: Mapping[str, str]) -> Iterator[Block]:
    """What was decided on these findings at the desk."""
    t = view.t
    decided = [
        (str(r.year), f"{r.rule} {r.name}", letter.both(r.left, r.right),
         t(f"quality.state.{states[r.finding_id]}"))
        for r in rows if states.get(r.finding_id) in ("accepted", "waived", "sent")
    ]  # fmt: skip
    if decided:
        columns = (t("column.year"), t("column.rule"), t("dossier.both"), t("dossier.decision"))
        yield Heading(t("dossier.reviews"), 2)
        yield Table(columns, tuple(decided), t("dossier.reviews"), weights=(1, 6, 3, 2))


def _documents(view: View, found: Open) -> Iterator[Block]:
    """Every document used, superseded ones too: name, dates, hash, address."""
    t = view.t
    loaded = {r.report_id: r.loaded for r in
              rows_of(view.query(queries.loaded, found.office.office_id))}  # fmt: skip
    rows = []
    for r in rows_of(found.documents):
        if view.selection.years and not (
            view.selection.years[0] <= r.year <= view.selection.years[1]
        ):
            continue
        lines = [_text(r.title), _text(r.filename)]
        url = _text(r.url)
        rows.append(
            (
                str(int(r.year)),
                "\n".join(dict.fromkeys(filter(None, lines))) or formats.MISSING,
                view.words.named("superseded", _text(r.superseded_reason) or None),
                formats.date(r.published, view.lang),
                formats.date(loaded.get(r.report_id), view.lang),
                # In groups, so that the line can break in a narrow column.
                " ".join(_parts(_text(r.document_id))) or formats.MISSING,
                url or t("dossier.no_url"),
            )
        )
    columns = (
        t("column.year"), t("column.document"), t("column.status"), t("column.published"),
        t("dossier.loaded"), "SHA-256", t("dossier.url"),
    )  # fmt: skip
    yield Heading(t("dossier.documents"))
    yield Text(t("dossier.documents_lead"))
    yield Table(
        columns, tuple(rows), t("dossier.documents"), weights=(1.3, 5.2, 1.8, 2.2, 2.2, 4.2, 3.0)
    )


def _text(value: Any) -> str:
    return "" if formats.is_missing(value) else str(value)


def _parts(text: str, size: int = 16) -> list[str]:
    return [text[n : n + size] for n in range(0, len(text), size)]


def _reading(view: View) -> Iterator[Block]:
    """How to read it: the typed words of absence, marks, breaks in the series."""
    t = view.t
    yield Heading(t("dossier.reading"))
    for key in ("values", "band", "hollow", "findings"):
        yield Text(t(f"dossier.read.{key}", missing=formats.MISSING, n=profile.MIN_PEERS))
    states = tuple(
        (i18n.of(s, "", view.lang), i18n.of(s, "note", view.lang))
        for s in view.meta.states.values()
    )
    yield Table((t("doc.state"), t("dossier.meaning")), states, t("dossier.states"), weights=(1, 4))
    breaks = tuple(
        (a.at.isoformat(), i18n.of(a, "", view.lang), i18n.of(a, "note", view.lang), a.source)
        for a in view.meta.annotations
    )
    columns = (
        t("dossier.since"),
        t("dossier.change"),
        t("dossier.meaning"),
        t("letters.index.basis"),
    )
    yield Table(columns, breaks, t("dossier.breaks"), weights=(2, 4, 7, 4))
