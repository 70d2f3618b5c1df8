"""What every product says about a figure: title, sentence, definition, filters, n/N, source."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any, Final

from dashboard import figures, formats
from dashboard.charts.base import Look
from dashboard.export.safe import clean
from dashboard.figures import Figure
from dashboard.filters import to_params
from dashboard.queries import offices, series
from dashboard.queries.meta import Metric
from dashboard.view import View

#: Bounds of one product; what is cut is said in words.
MAX_CHARTS: Final = 40
MAX_ROWS: Final = 5000
#: The page about one office.
OFFICE_PAGE: Final = "profile"


@dataclass(frozen=True, slots=True)
class Item:
    """A figure on its way out: the view it came from, the user's own title and note."""

    figure: Figure
    view: View
    title: str = ""
    note: str = ""

    @property
    def heading(self) -> str:
        """The user's title, else the figure's."""
        return self.title or self.figure.title


def on_paper(view: View) -> View:
    """The view as printed: light, whatever the screen shows."""
    return replace(view, look=Look(dark=False, lang=view.lang))


def item_of(name: str, view: View, *, title: str = "", note: str = "") -> Item | None:
    """A registered figure as printed; ``None`` where the view has nothing to draw.

    Raises:
        KeyError: no such figure.
    """
    paper = on_paper(view)
    figure = figures.build(name, paper)
    return None if figure is None else Item(figure, paper, title, note)


def passport(item: Item, today: dt.date | None = None, *, drawn: bool = True) -> list[str]:
    """The lines that stand below a figure wherever it goes: definition, filters, n/N, source.

    ``drawn``: it is our drawing; an office program's chart has a legend and no ▼.
    """
    view, t = item.view, item.view.t
    day = formats.date(today or dt.date.today(), view.lang)
    lines = [
        item.figure.definition,
        reading(item.figure.hint, _TO_DO if drawn else _NOT_NATIVE),
        t("export.filters", filters=filters_of(view)),
        counted(item),
        t("export.source_line", source=view.source, date=day),
    ]
    return [line for line in lines if line]


#: Words of the screen: a sentence with one of them says what to do there.
_TO_DO: Final = re.compile(r"点击|\bclick", re.IGNORECASE)
#: And those that explain shapes that only our drawings have.
_NOT_NATIVE: Final = re.compile(r"点击|\bclick|[▲▼◆]", re.IGNORECASE)

#: A sentence or a part of one up to a semicolon; a point between digits ends none.
_SENTENCE: Final = re.compile(r"(?:[^。；.;]|\.(?=\d))+[。；.;]?\s*")


def reading(hint: str, without: re.Pattern[str] = _TO_DO) -> str:
    """How a figure is read (hollow marks, ▲, limits): its hint without what is for the screen."""
    text = "".join(p for p in _SENTENCE.findall(hint) if not without.search(p)).strip()
    return re.sub(r"[；;]$", lambda end: "。" if end[0] == "；" else ".", text)


def filters_of(view: View) -> str:
    """The filters in force in words; a page about one office names it instead of the place."""
    if view.page != OFFICE_PAGE or not view.filters.office:
        return view.in_words
    found = view.query(offices.one, view.filters.office)
    if found is None:
        return view.in_words
    return found.name + view.in_words.removeprefix(view.whom)


def counted(item: Item) -> str:
    """How many reports are behind a figure and how many were due, in words; empty if unknown."""
    figure, view = item.figure, item.view
    if figure.n is not None and figure.expected is not None:
        return view.t(
            "export.counted",
            n=formats.number(figure.n),
            expected=formats.number(figure.expected),
        )
    if figure.n is not None:
        return view.t("export.counted_only", n=formats.number(figure.n))
    found = coverage(view)
    if view.filters.office or found is None:
        return ""
    return view.t(
        "export.coverage",
        year=view.year,
        **{name: formats.number(value) for name, value in found.items()},
    )


def coverage(view: View) -> dict[str, int] | None:
    """``expected, reported, used`` of the newest year shown, ``None`` without a roster."""
    frame = view.query(series.coverage, view.selection, view.today)
    row = frame[frame["year"] == view.year]
    if row.empty:
        return None
    return {name: int(row.iloc[0][name]) for name in ("expected", "reported", "used")}


def metrics_of(figure: Figure, view: View) -> list[Metric]:
    """The measures a figure shows, found by key in its name and data, in the dictionary's order."""
    used = set(figure.name.split("/"))
    if figure.data is not None:
        for name in ("metric", "metric_x", "metric_y"):
            if name in figure.data:
                used |= set(figure.data[name].astype(str))
    shown = set(map(str, figure.twin.frame.columns)) | {figure.title}
    return [
        m
        for m in view.meta.metrics.values()
        if m.key in used
        or any(view.words.metric(m) == text for text in shown)
        or (not used & set(view.meta.metrics) and view.words.metric(m) in figure.title)
    ]


def described(metric: Metric, view: View) -> dict[str, str]:
    """A measure of the dictionary in words."""
    zh = view.lang == "zh"
    return {
        "key": metric.key,
        "name": view.words.metric(metric),
        "unit": view.words.unit(metric),
        "formula": metric.formula_zh if zh else metric.formula_en,
        "note": view.words.note(metric),
        "rows": metric.rows_zh,
    }


def metadata(item: Item, today: dt.date | None = None) -> dict[str, Any]:
    """Everything another program needs to know about a figure's data."""
    figure, view = item.figure, item.view
    return {
        "figure": figure.name,
        "title": clean(item.heading),
        "note": clean(item.note) or None,
        "sentence": clean(figure.sentence),
        "definition": clean(figure.definition) or None,
        "source": view.source,
        "demo": view.meta.is_demo,
        "build": view.build.id,
        "exported": (today or dt.date.today()).isoformat(),
        "language": view.lang,
        "filters": filters_of(view),
        "parameters": to_params(replace(view.filters, selection=view.selection)),
        "n": figure.n,
        "expected": figure.expected,
        "coverage": None if view.filters.office else coverage(view),
        "metrics": [described(m, view) for m in metrics_of(figure, view)],
        "columns": [] if figure.data is None else [str(c) for c in figure.data.columns],
    }
