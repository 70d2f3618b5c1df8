"""Parts of a whole, changes and plain bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard import theme
from dashboard.charts.base import INDEPENDENT_COLOUR, Look, Mark, finish
from dashboard.charts.grammar import (
    Drawing,
    Rows,
    Spec,
    end,
    field,
    highest,
    layer,
    mark,
    rows_of,
    value,
    when,
)
from dashboard.charts.grammar import tips as told

#: A segment narrower than this (pixels) has no room for its percentage.
LABEL_WIDTH = 32
#: No change has no sign.
_ZERO = "datum.value == 0 ? '0' : datum.label"


def composition(
    frame: pd.DataFrame,
    look: Look,
    *,
    parts: Sequence[str],
    x_title: str,
    y_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    row_height: int = 30,
    colours: Sequence[str] | None = None,
    years: Sequence[int] = (),
    marks: Sequence[Mark] = (),
    gaps: Mapping[int, str] | None = None,
) -> Drawing:
    """A stacked bar of 100 % per year, newest on top, each part's name over the newest bar.

    ``frame``: ``year, part, metric, share, start, end, shown`` (the percentage as text) and the
    tooltip columns; ``parts`` fixes order and colours. Segments carry their percentage and the
    newest bar the names, so that colour is not the only way to follow one. ``colours`` replaces
    the outcome colours for other wholes. ``years``: all years that get a place; one without a bar
    says why (``gaps``). ``marks`` stand between the bars where the form or the law changed.
    """
    colours = list(colours or theme.series_colours(len(parts), dark=look.dark))
    inks = [theme.text_on(c) for c in colours]
    rows = rows_of(frame)
    drawn = sorted({int(row["year"]) for row in rows})
    every = sorted({*drawn, *map(int, years)}, reverse=True)
    # Places between two years have halves for keys: 2020.5 lies between 2021 and 2020.
    between = {m.year - 0.5: m for m in marks if every and every[-1] < m.year <= every[0]}
    head = [drawn[-1] + 0.5] if drawn else []
    places = sorted({*every, *between, *head}, reverse=True)
    y = field(
        "year:O",
        title=y_title,
        sort=places,
        scale={"domain": places, "paddingInner": 0.25},
        axis={"labelExpr": "datum.value == floor(datum.value) ? datum.label : ''"},
    )
    # Reported parts may exceed their total; the bar then runs past 100 % instead of being cut.
    whole = max(1.0, highest(rows, "end"))
    x = field(
        "start:Q",
        title=x_title,
        scale={"domain": [0, whole], "nice": False},
        axis={"format": "%", "tickCount": 5, "grid": True},
    )
    colour = field(
        "part:N",
        scale={"domain": list(parts), "range": colours},
        sort=list(parts),
        # One row where there is room for it; a phone gets two columns.
        legend={"title": None, "symbolType": "square", "columns": {"expr": _columns(parts)}},
    )
    bar = mark("bar", stroke=look.colours.ground, strokeWidth=1.5, cursor="pointer")
    written = field("part:N", scale={"domain": list(parts), "range": inks}, legend=None)
    middle = field("middle:Q", title=x_title)
    layers = [
        layer(
            rows,
            bar,
            {"y": y, "x": x, "x2": end("end"), "color": colour, "tooltip": told(tips)},
            pick=("year", "part", "metric"),
        ),
        layer(
            rows,
            mark("text", fontSize=11),
            {"y": y, "x": middle, "text": field("shown:N"), "color": written},
            {"filter": f"datum.share * width >= {LABEL_WIDTH}"},
            {"calculate": "(datum.start + datum.end) / 2", "as": "middle"},
        ),
    ]
    if head:
        named = [
            {
                **row,
                "year": head[0],
                "middle": (row["start"] + row["end"]) / 2,
                "room": width(str(row["part"])),
            }
            for row in rows
            if row["year"] == drawn[-1]
        ]
        style = mark(
            "text", fontSize=11, baseline="bottom", dy=row_height * 0.4, color=look.colours.ink
        )
        layers.append(
            layer(
                named,
                style,
                {"y": y, "x": middle, "text": field("part:N")},
                {"filter": "datum.share * width >= datum.room"},
            )
        )
    layers += _between(between, look, y, row_height)
    empty = [{"year": y, "gap": gaps[y]} for y in every if y not in drawn and gaps and y in gaps]
    if empty:
        style = mark("text", align="left", dx=4, color=look.colours.quiet)
        layers.append(layer(empty, style, {"y": y, "x": value(0), "text": field("gap:N")}))
    return finish(
        layers,
        look,
        description=description,
        height=row_height * len(places),
        resolve=INDEPENDENT_COLOUR,
    )


def width(text: str) -> float:
    """About how many pixels a text of 11 pixels needs, with a little room."""
    return 8 + sum(11.5 if ord(c) > 0x2E7F else 6.2 for c in text)


def _columns(parts: Sequence[str]) -> str:
    """How many names of a legend stand in one row, as an expression on the chart's width."""
    sizes = [width(str(part)) + 22 for part in parts]
    two = max(sizes[::2], default=0) + max(sizes[1::2], default=0)
    wide = f"max(2, floor(width / {max(sizes) + 8:.0f}))"
    return f"width < {two:.0f} ? 1 : {wide}"


def _between(between: dict[float, Mark], look: Look, y: Spec, row_height: int) -> list[Spec]:
    """A dashed line and its words in a place of their own between two years' bars."""
    if not between:
        return []
    p = look.colours
    rows: Rows = [{"year": place, "label": m.label, "note": m.note} for place, m in between.items()]
    place = {"y": y, "tooltip": told([("label", " "), ("note", " ")])}
    rule = mark("rule", color=p.mark, strokeDash=[3, 3], yOffset=row_height * 0.25)
    text = mark("text", align="left", baseline="bottom", color=p.mark, fontSize=11,
                dy=row_height * 0.2)  # fmt: skip
    words = {**place, "x": value(0), "text": field("label:N")}
    return [layer(rows, rule, place), layer(rows, text, words)]


def bars(
    frame: pd.DataFrame,
    look: Look,
    *,
    order: Sequence[str],
    x_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    pick_field: str = "key",
    row_height: int = 26,
    axis_format: str = ",.0f",
) -> Drawing:
    """Horizontal bars in a given order, each with its value written at its end.

    ``frame``: ``key, label, value, shown`` and the tooltip columns; ``order`` are labels.
    """
    p, rows = look.colours, rows_of(frame)
    top = highest(rows, "value") or 1
    place = {
        "y": field("label:N", title=None, sort=list(order), axis={"labelLimit": 230}),
        "x": field(
            "value:Q",
            title=x_title,
            # Room for the longest bar's figure.
            scale={"domain": [0, top * 1.2], "nice": False},
            axis={"format": axis_format, "tickCount": 4, "grid": True},
        ),
    }
    bar = mark("bar", color=p.main, cursor="pointer")
    text = mark("text", align="left", dx=4, color=p.ink)
    layers = [
        layer(rows, bar, {**place, "tooltip": told(tips)}, pick=(pick_field,)),
        layer(rows, text, {**place, "text": field("shown:N")}),
    ]
    return finish(layers, look, description=description, height=max(60, row_height * len(rows)))


def changes(
    frame: pd.DataFrame,
    look: Look,
    *,
    order: Sequence[str],
    x_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    row_height: int = 28,
    pick_field: str = "key",
    axis_format: str = "+,.2~f",
) -> Drawing:
    """Bars left and right of zero: what pushed a total down and what pushed it up.

    ``frame``: ``key, label, value, shown`` and tooltip columns. Sign is told by side, label and
    sign character; colour only repeats it.
    """
    p, rows = look.colours, rows_of(frame)
    found = [abs(row["value"]) for row in rows if row["value"] is not None]
    # Room for the numbers beside the longest bars, on a phone, too.
    span = (max(found, default=0) or 1) * 2
    place = {
        "y": field("label:N", title=None, sort=list(order), axis={"labelLimit": 230}),
        "x": field(
            "value:Q",
            title=x_title,
            scale={"domain": [-span, span], "nice": False},
            # From the right end: on a phone the title is wider than the bars' part.
            axis={
                "format": axis_format,
                "tickCount": 5,
                "grid": True,
                "labelExpr": _ZERO,
                "labelOverlap": "greedy",
                "titleAnchor": "end",
            },
        ),
    }
    colour = when("datum.value < 0", value(p.peers), value(p.main))
    coloured = {**place, "color": colour, "tooltip": told(tips)}
    words = {**place, "text": field("shown:N")}
    zero: Rows = [{"zero": 0}]
    layers = [
        layer(rows, mark("bar", cursor="pointer"), coloured, pick=(pick_field,)),
        layer(zero, mark("rule", color=p.quiet), {"x": field("zero:Q")}),
        layer(rows, mark("text", align="left", dx=4, color=p.ink), words,
              {"filter": "datum.value >= 0"}),
        layer(rows, mark("text", align="right", dx=-4, color=p.ink), words,
              {"filter": "datum.value < 0"}),
    ]  # fmt: skip
    return finish(layers, look, description=description, height=max(60, row_height * len(rows)))


def named_bars(
    frame: pd.DataFrame,
    look: Look,
    *,
    order: Sequence[str],
    x_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    groups: Sequence[str],
    colours: Sequence[str],
    row_height: int = 40,
) -> Drawing:
    """Horizontal bars under their names, for names too long to stand beside them on a phone.

    ``frame``: ``key, metric, year, label, value, shown, group`` and the tooltip columns; ``order``
    are labels. The group is told by the label, its colour only repeats it.
    """
    p, rows = look.colours, rows_of(frame)
    top = highest(rows, "value") or 1
    y = field("label:N", title=None, sort=list(order), scale={"domain": list(order)}, axis=None)
    x = field(
        "value:Q",
        title=x_title,
        scale={"domain": [0, top * 1.35], "nice": False},  # room for the longest bar's figure
        axis={"format": ",.0f", "tickCount": 4, "grid": True},
    )
    colour = field(
        "group:N", scale={"domain": list(groups), "range": list(colours)}, sort=list(groups),
        legend=None,
    )  # fmt: skip
    low = row_height * 0.22
    bar = mark("bar", cursor="pointer", size=row_height * 0.36, yOffset=low)
    figure = mark("text", align="left", dx=4, dy=low, color=p.quiet)
    name = mark("text", align="left", dx=1, dy=-low, fontSize=12, color=p.ink)
    layers = [
        layer(rows, bar, {"y": y, "x": x, "color": colour, "tooltip": told(tips)},
              pick=("metric", "year")),
        layer(rows, figure, {"y": y, "x": x, "text": field("shown:N")}),
        layer(rows, name, {"y": y, "x": value(0), "text": field("label:N")}),
    ]  # fmt: skip
    return finish(layers, look, description=description, height=row_height * len(order))
