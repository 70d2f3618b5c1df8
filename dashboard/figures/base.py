"""What a figure is, and the register of all of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final, Generic, Literal, Protocol, TypeVar, cast, overload

import pandas as pd

from dashboard.view import View

T = TypeVar("T")
#: Marks that can be opened: in words, and what a click on one reports.
Picks = tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """The figures behind a chart as a reader sees them: texts, column names in words.

    ``right`` names the columns set flush right (figures).
    """

    frame: pd.DataFrame
    right: tuple[str, ...] = ()


def table_of(
    frame: pd.DataFrame, columns: Sequence[tuple[str, str]], right: slice = slice(1, None)
) -> Callable[[], Twin]:
    """What makes the twin of some columns with their titles; ``right`` of them are figures."""

    def made() -> Twin:
        table = frame[[name for name, _ in columns]].rename(columns=dict(columns))
        return Twin(table, tuple(table.columns[right]))

    return made


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a native office chart; ``None`` is a gap, never a zero.

    ``hollow``: places of values drawn hollow (small base, or a report that fails a check).
    ``curve``: in a scatter chart a line without marks (a limit), not points; ``dashed``: broken.
    ``shape``: of the points of a scatter chart. ``labels``: a word beside each of them, or none.
    """

    name: str
    values: tuple[float | None, ...]
    colour: str = ""
    hollow: tuple[int, ...] = ()
    curve: bool = False
    dashed: bool = False
    shape: Literal["circle", "triangle", "square", "diamond"] = "circle"
    labels: tuple[str, ...] = ()


def hollow(frame: pd.DataFrame) -> tuple[int, ...]:
    """Places of the rows that are not ``solid``: hollow on screen, hollow in a native chart."""
    return tuple(n for n, solid in enumerate(frame["solid"]) if not solid)


@dataclass(frozen=True, slots=True)
class Native:
    """The same chart in the terms of PowerPoint and Excel, where it has such terms.

    ``percent``: values are shares from 0 to 1, shown as per cent. For ``scatter`` the categories
    are the x values, as numbers; ``log_x``: on a logarithmic axis.
    """

    kind: Literal["line", "bar", "bar_stacked", "column", "column_stacked", "scatter"]
    categories: tuple[Any, ...]
    series: tuple[Series, ...]
    x_title: str = ""
    y_title: str = ""
    percent: bool = False
    log_x: bool = False


class Later(Generic[T]):
    """A part of a figure that is made when somebody asks for it, once.

    A page draws; of table, files and the way by keyboard most are never opened, and to make them
    all took half the time of a filter change.
    """

    def __init__(self, default: T | None = None, *, needed: bool = False) -> None:
        self.default, self.needed = default, needed

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, figure: None, owner: type) -> T: ...
    @overload
    def __get__(self, figure: object, owner: type) -> T: ...
    def __get__(self, figure: object | None, owner: type) -> T:
        if figure is None:  # ``dataclass`` asks for the default
            if self.needed:
                raise AttributeError(self.name)
            return cast(T, self.default)
        found = figure.__dict__[self.name]
        if callable(found):
            found = figure.__dict__[self.name] = found()
        return cast(T, found)

    def __set__(self, figure: object, part: T | Callable[[], T]) -> None:
        figure.__dict__[self.name] = part


@dataclass(frozen=True)
class Figure:
    """A chart with everything it needs to stand alone.

    ``name`` is its name in the register with its argument: ``overview/trend/carry_over_rate``.
    ``draw`` is a chart function with its arguments; the result is a ``Drawing``. ``title`` says
    what, for whom and when; ``sentence`` what is to be seen; ``definition`` the 口径.
    ``data`` are the raw values (machine column names, numbers as numbers) for files that other
    programs read; ``native`` the chart for PowerPoint and Excel, ``None``: a picture is used.
    ``picks`` are the marks that can be opened, in words and as the fields a click gives: the way
    to them without a mouse. ``hint`` explains the reading on screen (clicks, hollow marks).
    ``n`` and ``expected``: reports behind it and offices expected, ``None`` where that has no
    meaning.

    ``twin``, ``data``, ``native`` and ``picks`` may be given as functions without arguments that
    make them (:class:`Later`).
    """

    name: str
    title: str
    draw: partial[Any]
    sentence: str
    twin: Later[Twin] = Later(needed=True)
    definition: str = ""
    hint: str = ""
    data: Later[pd.DataFrame | None] = Later()
    native: Later[Native | None] = Later()
    n: int | None = None
    expected: int | None = None
    picks: Later[Picks] = Later(())

    def saying(self, sentence: str) -> Figure:
        """The same figure with another sentence; what is made later stays so."""
        other = copy(self)
        object.__setattr__(other, "sentence", sentence)
        return other

    @property
    def key(self) -> str:
        """The name as a widget key and file-name part: letters, digits, underscores."""
        return "".join(c if c.isalnum() and c.isascii() else "_" for c in self.name)


def marks_of(
    rows: pd.DataFrame, pair: Callable[..., str], one: str, two: str, fields: Sequence[str]
) -> Picks:
    """The marks of a chart for the keyboard: two columns as words, what a click would report.

    ``pair`` puts two words together (``t`` with the catalogue's ``format.pair``).
    """
    return tuple(
        (
            pair("format.pair", one=r[one], two=r[two]),
            {name: int(r[name]) if name == "year" else r[name] for name in fields},
        )
        for r in rows.to_dict("records")
    )


class Builder(Protocol):
    """``(view, argument) -> figure``; ``None`` where the view has nothing to draw."""

    def __call__(self, view: View, argument: str = "", /) -> Figure | None:
        """Build the figure."""
        ...


def _one(_: View) -> Sequence[str]:
    return ("",)


def _measure(view: View, argument: str) -> str:
    return view.words.metric(view.meta.metrics[argument])


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """A registered figure: its name, its builder, the arguments it takes and their words."""

    name: str
    make: Builder
    arguments: Callable[[View], Sequence[str]] = field(default=_one)
    #: An argument in the reader's words, ``KeyError`` where it has none; a measure's by default.
    part: Callable[[View, str], str] = field(default=_measure)

    def __call__(self, view: View, argument: str = "", /) -> Figure | None:
        """The figure in a view; a view that keeps its figures (a page's) makes each once."""
        return view.kept(self.full(argument), partial(self.make, view, argument))

    @property
    def page(self) -> str:
        """The page it stands on: the part before the slash."""
        return self.name.split("/")[0]

    def full(self, argument: str = "") -> str:
        """The name with an argument: ``page/figure/argument``."""
        return f"{self.name}/{argument}" if argument else self.name

    @property
    def key(self) -> str:
        """The name as the catalogue's keys have it."""
        return self.name.replace("/", ".")

    def called(self, view: View, argument: str = "") -> str:
        """Its name in the reader's words (catalogue, ``figure``), also where it cannot be built."""
        try:
            said = self.part(view, argument)
        except KeyError:  # a pin's, that is no part of this build's, or none at all
            said = argument
        return view.t(f"figure.{self.key}", part=said)

    def titled(self, view: View, argument: str = "", *, whom: str = "", when: str = "") -> str:
        """``what (whom, when)``: its name, and whom and when the view covers or the figure says."""
        what = self.called(view, argument)
        return view.t("format.title", what=what, whom=whom or view.whom, when=when or view.when)


_REGISTER: Final[dict[str, FigureSpec]] = {}


def register(
    name: str,
    arguments: Callable[[View], Sequence[str]] = _one,
    part: Callable[[View, str], str] = _measure,
) -> Callable[[Builder], FigureSpec]:
    """Register a builder as ``page/figure``.

    ``arguments`` lists its arguments in a view, ``part`` says one in words.
    """

    def add(builder: Builder) -> FigureSpec:
        if name in _REGISTER:
            raise ValueError(f"two figures named {name}")
        _REGISTER[name] = FigureSpec(name, builder, arguments, part)
        return _REGISTER[name]

    return add


@cache
def FIGURES() -> dict[str, FigureSpec]:  # noqa: N802 - read like a constant, filled on first use
    """All registered figures by name; the modules of this package register theirs on import."""
    package = importlib.import_module("dashboard.figures")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"dashboard.figures.{module.name}")
    return dict(_REGISTER)


def names_on(page: str, view: View) -> list[str]:
    """The full names of all figures of a page in a view, in the order of their registration."""
    return [
        spec.full(argument)
        for spec in FIGURES().values()
        if spec.page == page
        for argument in spec.arguments(view)
    ]


def build(name: str, view: View) -> Figure | None:
    """The figure of a full name (``page/figure`` or ``page/figure/argument``) in a view.

    Raises:
        KeyError: no such figure.
    """
    page, figure, argument = [*name.split("/", 2), "", ""][:3]
    return FIGURES()[f"{page}/{figure}"](view, argument)


def year_of(view: View, frame: pd.DataFrame) -> int | None:
    """The newest year the selection has reports of; the page's own newest may have none of them."""
    return int(frame["year"].max()) if len(frame) else view.year
