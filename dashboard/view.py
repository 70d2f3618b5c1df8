"""What a page is given: the reader's filters, the words, the data behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, TypeVar

from dashboard import formats
from dashboard.charts.base import Look
from dashboard.db import Build
from dashboard.filters import Filters, Selection, to_params
from dashboard.i18n import Text
from dashboard.markup import page_href
from dashboard.present import Words
from dashboard.queries.base import Viewer
from dashboard.queries.meta import Meta, Metric
from dashboard.queries.offices import Options
from dashboard.registry import address

T = TypeVar("T")


class Ask(Protocol):
    """How a view asks the warehouse: through the page's caches, or directly."""

    def __call__(
        self, function: Callable[..., T], scope: Viewer, *args: Any, large: bool = False, **kw: Any
    ) -> T:
        """``function(scope, db, *args, **kw)`` of the view's build."""
        ...


class Keep(Protocol):
    """How a view keeps what it made: in the page's caches."""

    def __call__(self, view: View, name: str, make: Callable[[], T], /) -> T:
        """What ``make`` gives, made once for all who see the same view."""
        ...


@dataclass(frozen=True)
class View:
    """One page in one rerun, or one export: no Streamlit is needed to build or use it."""

    page: str
    filters: Filters
    build: Build
    newest: Build
    meta: Meta
    viewer: Viewer
    words: Words
    look: Look
    options: Options
    ask: Ask
    #: What the figures cover, where the page itself must decide; not part of its links.
    scope: str | None = None
    #: Where figures are kept; without, each is built when asked for.
    keep: Keep | None = None

    @cached_property
    def key(self) -> str:
        """Everything that decides what the figures of this view show, as text."""
        regions = None if self.viewer.regions is None else sorted(self.viewer.regions)
        # A table opened below a figure does not change the figure.
        filters = replace(self.filters, shown=())
        decides = (
            self.build.path, self.build.id, regions, self.page, filters, self.scope,
            self.look, self.today,
        )  # fmt: skip
        return repr(decides)

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` gives; a view of a page asks it once."""
        return make() if self.keep is None else self.keep(self, name, make)

    @property
    def t(self) -> Text:
        """The catalogue in the reader's language."""
        return self.words.t

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.filters.lang

    @property
    def selection(self) -> Selection:
        """Which rows count."""
        chosen = self.filters.selection
        return chosen if self.scope is None else replace(chosen, scope=self.scope)

    @cached_property
    def with_base(self) -> frozenset[str]:
        """Metrics that are rates."""
        return frozenset(k for k, m in self.meta.metrics.items() if m.has_base)

    @property
    def year(self) -> int | None:
        """The newest year shown, ``None`` when there is no data."""
        years = self.years
        return years[-1] if years else None

    @property
    def years(self) -> tuple[int, ...]:
        """Years with data inside the years shown."""
        span = self.selection.years
        return tuple(y for y in self.options.years if not span or span[0] <= y <= span[1])

    @property
    def today(self) -> dt.date:
        """The day by which a date due has passed or not."""
        return dt.date.today()

    @cached_property
    def whom(self) -> str:
        """For whom the page speaks, in words: place, level, kind."""
        s = self.selection
        name = next((p.name for p in self.options.places if p.code == s.region), s.region)
        parts = [name or self.t("filter.everywhere")]
        parts += [self.words.named("level", v) for v in s.levels]
        parts += [self.words.named("kind", v) for v in s.kinds]
        return self.t("format.dot").join(parts)

    @property
    def when(self) -> str:
        """The years shown, in words."""
        years = self.years
        if not years:
            return self.t("filter.no_years")
        return self.t("format.years", years=formats.years(years[0], years[-1]))

    @property
    def not_here(self) -> list[str]:
        """Places, levels, kinds and the year asked for that these data do not have."""
        s, options, year = self.selection, self.options, self.filters.year
        absent = year.isdecimal() and int(year) not in options.years
        return [
            *([s.region] if s.region and s.region not in {p.code for p in options.places} else []),
            *(level for level in s.levels if level not in options.levels),
            *(kind for kind in s.kinds if kind not in options.kinds),
            *([self.t("app.year", year=year)] if absent else []),
        ]  # fmt: skip

    @property
    def in_words(self) -> str:
        """Everything in force, in one line: for the page, for exports, for a screen reader."""
        s, t = self.selection, self.t
        parts = [self.whom, self.when, t(f"filter.scope_{s.scope}")]
        if s.balanced:
            parts.append(t("filter.balanced_on"))
        if s.ok_only:
            parts.append(t("filter.ok_on"))
        parts += [self.words.metric(self.metric(f"@{f}")) for f, _ in self.filters.families]
        return t("format.semicolon").join(parts)

    def metric(self, name: str) -> Metric:
        """A metric by key, or ``@family`` for the definition the reader chose."""
        if not name.startswith("@"):
            return self.meta.metrics[name]
        default = self.meta.family_default(name[1:])
        chosen = self.meta.metrics.get(self.filters.family(name[1:], default.key), default)
        return chosen if chosen.family == name[1:] else default

    def query(self, function: Callable[..., T], *args: Any, large: bool = False, **kw: Any) -> T:
        """Ask the warehouse, with the viewer's scope."""
        return self.ask(function, self.viewer, *args, large=large, **kw)

    def href(self, page: str, filters: Filters) -> str:
        """A link to a page in a given state."""
        return page_href(address(page), to_params(filters))

    def definition(self, metric: Metric) -> str:
        """A metric's definition line: formula and caution."""
        formula = metric.formula_zh if self.lang == "zh" else metric.formula_en
        note = self.words.note(metric)
        if any(sign in note for sign in ("÷", " / ")):  # the note spells the formula out
            return self.t("chart.definition_note", note=note)
        return self.t("chart.definition", formula=formula, note=note)

    @property
    def source(self) -> str:
        """Where the figures come from and of which build they are."""
        key = "chart.source_demo" if self.meta.is_demo else "chart.source"
        return self.t(key, build=self.build.id)
