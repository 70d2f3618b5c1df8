"""What PowerPoint's and Excel's charts share: colours, order, number formats."""

from __future__ import annotations

from typing import Final

from dashboard import formats, theme
from dashboard.charts.base import Mark
from dashboard.figures import Figure, Native, Series

#: Charts of more marks than this are pictures: an office program would crawl.
MAX_POINTS: Final = 2000


def fits(native: Native | None) -> bool:
    """Whether a native chart can be drawn and would show something."""
    if native is None or not native.categories or not native.series:
        return False
    if len(native.categories) * len(native.series) > MAX_POINTS:
        return False
    return any(v is not None for s in native.series for v in s.values)


def colours(native: Native) -> list[str]:
    """``#rrggbb`` of every series; series of one name (a line broken by a new form) share one."""
    names = list(dict.fromkeys(s.name for s in native.series if not s.colour))
    lines = theme.line_colours(theme.LIGHT)
    if len(names) == 1:
        given = lines[:1]
    elif native.kind == "line" and len(names) <= len(lines):
        given = lines
    else:
        given = theme.series_colours(len(names), dark=False)
    return [s.colour or given[names.index(s.name)] for s in native.series]


def distinct(native: Native) -> list[str]:
    """Series names, each once, in order."""
    return list(dict.fromkeys(s.name for s in native.series))


def repeated(native: Native) -> list[int]:
    """Places of series whose name stood before: not shown in the legend again."""
    seen: set[str] = set()
    out = []
    for n, series in enumerate(native.series):
        if series.name in seen:
            out.append(n)
        seen.add(series.name)
    return out


def first_on_top(native: Native) -> bool:
    """Whether horizontal bars run downwards; years run upwards, the newest on top, as on screen."""
    years = [c for c in native.categories if isinstance(c, int)]
    return not (len(years) == len(native.categories) and years == sorted(years))


def number_format(native: Native) -> str:
    """A number format of the values: per cent, whole numbers, or decimals."""
    if native.percent:
        return "0.0%"
    values = [v for s in native.series for v in s.values if v is not None]
    if all(float(v).is_integer() for v in values):
        return "#,##0"
    return "#,##0.00" if max(map(abs, values)) < 100 else "#,##0.0"


def axis_format(native: Native) -> str:
    """A number format of the value axis."""
    if native.percent:
        return "0%"
    values = [abs(v) for s in native.series for v in s.values if v is not None]
    return "#,##0" if max(values, default=0) >= 10 else "0.##"


def from_zero(native: Native) -> bool:
    """Whether the value axis starts at zero, as the charts on screen do."""
    values = [v for s in native.series for v in s.values if v is not None]
    return native.kind != "scatter" and min(values, default=0) >= 0


def ceiling(native: Native) -> float:
    """1 for shares that add up to 1; a little more where reports do not add up."""
    sums = [
        sum(s.values[n] or 0 for s in native.series if not formats.is_missing(s.values[n]))
        for n in range(len(native.categories))
    ]
    return 1.0 if max(sums) <= 1.005 else round(max(sums) + 0.05, 1)


def is_quiet(series: Series) -> bool:
    """Whether a series stands in the background: peers, drawn grey and dashed on screen."""
    return series.colour.lower() == theme.LIGHT.peers


def pale(colour: str) -> str:
    """The inside of a hollow point. LibreOffice and WPS draw no outline: a white one was not seen.

    A mixture of two parts of the colour with three of white.
    """
    parts = (int(colour.lstrip("#")[n : n + 2], 16) for n in (0, 2, 4))
    return "#" + "".join(f"{(2 * part + 3 * 255) // 5:02x}" for part in parts)


def changes(figure: Figure) -> list[tuple[int, Mark]]:
    """The changes of form and law that the drawing marks, each with the place it stands before.

    The place is that of the first year the change counts for among the native chart's categories;
    changes before the first year or after the last one are not drawn on screen either.
    """
    native = figure.native
    years = [] if native is None else [c for c in native.categories if isinstance(c, int)]
    if native is None or len(years) != len(native.categories) or years != sorted(years):
        return []
    given: tuple[Mark, ...] = tuple(figure.draw.keywords.get("marks") or ())
    return [
        (next(n for n, year in enumerate(years) if year >= mark.year), mark)
        for mark in given
        if years[0] < mark.year <= years[-1]
    ]


def changes_in_words(figure: Figure) -> list[str]:
    """The same as lines of text, for products that cannot draw them."""
    return [f"{mark.label}：{mark.note}" if mark.note else mark.label
            for _, mark in changes(figure)]  # fmt: skip
