"""Everything about one office in one document: 机构档案 as Word and PDF. Pure.

The figures are those of the page (``dashboard.figures``), built for the office and the years of
the view; findings and places are those of the letters. Made step by step, so that the caller can
show progress and stop.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import pandas as pd

from dashboard import formats, i18n
from dashboard.export import blocks, docx, pdf
from dashboard.export import dossier_office as first
from dashboard.export import dossier_reports as last
from dashboard.export.base import Item, item_of
from dashboard.export.blocks import Block, Document, Heading, Text
from dashboard.export.safe import filename
from dashboard.figures import FIGURES, Twin
from dashboard.figures import profile as figures
from dashboard.figures.overview import KPIS
from dashboard.figures.profile import Open
from dashboard.frames import rows as rows_of
from dashboard.i18n import Text as Words
from dashboard.queries import letters as letter_queries
from dashboard.queries import profile as peers
from dashboard.queries.base import Viewer
from dashboard.view import Ask, View

T = TypeVar("T")
#: The office's figures beside the trends, in the order of the page.
RESULTS: Final = ("profile/outcomes", "profile/applicants", "profile/grounds", "profile/disputes")
CONTINUITY: Final = "profile/continuity"
#: Figures whose cells are said in words where they hold no number.
BY_CELL: Final = frozenset({"profile/grounds", "profile/disputes"})
MAKERS: Final = {"docx": docx.render, "pdf": pdf.render}

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
    # A part with a drawing is set at the end: drawings are made while the next ones are asked for.
    parts: list[Iterable[Block]] = [
        [*first.about(view, found)],
        [*first.coverage(view, found)],
        [*first.key_figures(view, found)],
    ]
    done += 1
    yield done, total
    items: list[Item] = []
    drawn = {view.metric(name).key for name in KPIS}
    years = _years(view, found)
    single = len(years) == 1
    lead = "dossier.history_lead_one" if single else "dossier.history_lead"
    said = t(lead, year=years[0], n=peers.MIN_PEERS) if single else t(lead)
    parts.append([Heading(t("dossier.history")), Text(said)])
    for group, keys in trends:
        group_name = i18n.of(view.meta.metric_groups[group], "", view.lang)
        parts.append([Heading(group_name, 2)])
        empty, together = [], []
        for key in keys:
            name_of = view.words.metric(view.meta.metrics[key])
            item = item_of(f"profile/trend/{key}", view, title=name_of)
            if item is None or not _has_values(item):
                empty.append(name_of)
            else:
                items.append(item)
                if single:
                    together.append(item)
                else:
                    parts.append(
                        _drawn(item, today, level=3) if key in drawn else [*_measure(item)]
                    )
            done += 1
            yield done, total
        if together:
            parts.append([*_together(together, group_name, years[0])])
        if empty:
            names = t("format.comma").join(empty)
            parts.append([Text(t("dossier.no_values", names=names), "quiet")])
    parts.append([Heading(t("dossier.results"))])
    for full in RESULTS:
        item = item_of(full, view)
        if item is not None:
            items.append(item)
            parts += _result(item, found, today, single=single)
        done += 1
        yield done, total
    item = item_of(CONTINUITY, view)
    parts.append([Heading(t("dossier.checks"))])
    if item is None:
        name = FIGURES()[CONTINUITY].called(view)
        parts.append([Heading(name, 2), Text(t("profile.continuity_none"))])
    else:
        parts.append(_drawn(item, today))
    parts += [
        [*last.findings(view, found, states, today)],
        [*last.documents(view, found)],
        [*last.reading(view)],
        blocks.appendix(items),
    ]
    made: list[Block] = []
    for part in parts:
        made += part
        yield done, total
    office = found.office
    subtitle = t(
        "dossier.subtitle", when=view.when, scope=t(f"filter.scope_{view.selection.scope}")
    )
    whole = Document(
        t("dossier.title", office=office.name), tuple(made), view.lang, (subtitle,),
        blocks.footer(view, today), view.meta.is_demo,
    )  # fmt: skip
    yield total, total
    return whole


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


def _years(view: View, found: Open) -> list[int]:
    """The years of the view that the office has a report of."""
    current = found.documents[found.documents["is_current"]]
    first, last = view.selection.years or (0, 9999)
    return sorted({int(y) for y in current["year"] if first <= y <= last})


def _has_values(item: Item) -> bool:
    data = item.figure.data
    return data is not None and bool(data["value"].notna().any())


# ---------------------------------------------------------------- figures


def _drawn(
    item: Item, today: dt.date, *, level: int = 2, table: bool = True
) -> Iterator[Block]:  # fmt: skip
    """A figure with its picture, which is drawn from now on; whoever iterates waits for it."""
    drawing = blocks.begun(item)

    def made() -> Iterator[Block]:
        yield from blocks.figure(item, table=False, level=level, today=today, drawing=drawing)
        if table and len(item.figure.twin.frame):
            yield from _table(item, item.figure.title)

    return made()


def _measure(item: Item) -> Iterator[Block]:
    """A measure over the years with its peers, without the picture that the page's five have."""
    yield Heading(item.heading, 3)
    yield Text(item.figure.sentence)
    yield from _table(item, item.heading)


def _together(items: list[Item], group: str, year: int) -> Iterator[Block]:
    """The measures of a group in one table, a row a measure, where there is a single year.

    A heading, a chart of one point and a table of one row for each took ten pages.
    """
    t = items[0].view.t
    rows: list[dict[str, Any]] = []
    for item in items:
        frame = item.figure.twin.frame
        row = frame[frame.iloc[:, 0].astype(str) == str(year)].iloc[0]
        name, value = t("export.definition_name"), t("column.value")
        rows.append({name: item.heading, value: row.iloc[1], **row.iloc[2:]})
    # In the order of the longest: the base stands before the peers. Counts have no base, which is
    # nothing missing.
    longest = max(rows, key=len)
    frame = pd.DataFrame(rows, columns=list(longest)).fillna("")
    right = tuple(c for c in frame.columns[1:] if c != t("column.remark"))
    yield from _tabled(Twin(frame, right), t("dossier.of_year", what=group, year=year), t)


def _table(item: Item, title: str) -> Iterator[Block]:
    """A figure's table, its remarks below it."""
    yield from _tabled(blocks.shown(item.figure), title, item.view.t)


def _tabled(twin: Twin, title: str, t: Words) -> Iterator[Block]:
    """A table, its remarks below it, those alike together.

    In a column of their own beside eight others they stood in five lines of one word each.
    """
    frame, name = twin.frame, t("column.remark")
    remarks: dict[str, list[str]] = {}
    if name in frame:
        for row, remark in zip(frame.iloc[:, 0].astype(str), frame[name], strict=True):
            if remark:
                remarks.setdefault(str(remark), []).append(row)
        frame = frame.drop(columns=name)
    caption = t("export.table_caption", title=title)
    yield from blocks.table_of(frame, caption, t, right=twin.right)
    for remark, rows in remarks.items():
        years = t("format.comma").join(rows)
        yield Text(t("dossier.remark", rows=years, remark=remark), "quiet")


def _result(
    item: Item, found: Open, today: dt.date, *, single: bool
) -> Iterator[Iterable[Block]]:  # fmt: skip
    if item.figure.name not in BY_CELL:
        yield _drawn(item, today)
        return
    if single:  # a heat map of one column says no more than the table
        yield [Heading(item.heading, 2), Text(item.figure.sentence)]
    else:
        yield _drawn(item, today, table=False)
    frame = _in_words(item, found)
    caption = item.view.t("export.table_caption", title=item.figure.title)
    yield blocks.table_of(
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
