"""Units side by side: intervals in a list, a funnel, a heat map. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from dashboard import theme
from dashboard.charts.base import Look, finish, top_years
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
    scaled,
    valid,
    value,
    when,
)
from dashboard.charts.grammar import tips as told
from dashboard.formats import scale_format

#: What a point is, in the order of drawing: shapes tell it apart without colour.
SIDES = ("inside", "above", "below", "marked")
SHAPES = ("circle", "triangle-up", "triangle-down", "diamond")
#: Parts of an axis label that a list's rows are named by: ``name|base|key``.
NAME, BASE = 0, 1
#: Room for names beside a list, in pixels; a phone leaves half its width for the marks.
LABEL = 168
#: A funnel's lines: the pooled rate, its limits.
CURVES = ("mean", "low95", "high95", "low998", "high998")
#: A funnel narrower than this (pixels) has no room for the names of its points.
ROOM_FOR_NAMES = 420
#: Where a name may be broken into lines.
BREAK = "¦"


def _inks(look: Look) -> list[str]:
    p = look.colours
    return [p.peers, p.main, p.main, p.warn]


def _side(look: Look) -> dict[str, Spec]:
    """Shape, outline and fill of a point: hollow where it is not ``solid``."""
    ink = {"domain": list(SIDES), "range": _inks(look)}
    fill = field("side:N", scale=ink, legend=None)
    shapes = {"domain": list(SIDES), "range": list(SHAPES)}
    return {
        "shape": field("side:N", scale=shapes, legend=None),
        "stroke": field("side:N", scale=ink, legend=None),
        "fill": when("datum.solid", fill, value(look.colours.ground)),
    }


def _named(part: int) -> str:
    """A part of a row's name as an axis shows it, as an expression."""
    return f"split(split(datum.label, '|')[{part}], '{BREAK}')"


def dots(
    frame: pd.DataFrame,
    look: Look,
    *,
    unit: str,
    x_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    reference: float | None = None,
    reference_label: str = "",
    pick_fields: Sequence[str] = ("key",),
    row_height: int = 22,
) -> Drawing:
    """A point with its interval a row, in the frame's order, with the base at the right edge.

    ``frame``: ``key, row`` (``name|base|key``: names may repeat, rows may not), ``value, low, high,
    side, solid`` and the tooltip columns. Rows without a value keep their place and stay empty.
    ``reference``: the rate everything is held against, a vertical line.
    """
    factor, axis_format = scale_format(unit)
    p = look.colours
    shown = {f"{name}_shown": name for name in ("value", "low", "high")}
    rows = scaled(rows_of(frame), factor, **shown)
    names = [row["row"] for row in rows]
    ends = highest(rows, "high_shown", "value_shown")
    x = field(
        "value_shown:Q",
        title=x_title,
        scale={"domain": [0, ends if ends > 0 else 1.0], "nice": True},
        axis={"format": axis_format, "tickCount": 4, "grid": True},
    )

    def y(part: int, orient: str) -> Spec:
        axis = {
            "labelExpr": _named(part),
            "orient": orient,
            "labelPadding": 8,  # a point at 0 lies half outside
            "labelLimit": LABEL,
            "labelColor": p.ink if part == NAME else p.quiet,
            "grid": False,
        }
        return field("row:N", title=None, sort=names, scale={"domain": names}, axis=axis)

    interval = {
        "y": y(NAME, "left"),
        "x": field("low_shown:Q", title=x_title),
        "x2": end("high_shown"),
    }
    point = mark("point", size=70, strokeWidth=2, opacity=1, cursor="pointer")
    layers = [
        layer(rows, mark("rule", color=p.peers, strokeWidth=2), interval, valid("low_shown")),
        layer(
            rows,
            point,
            {"y": y(BASE, "right"), "x": x, "tooltip": told(tips), **_side(look)},
            valid("value_shown"),
            pick=pick_fields,
        ),
    ]
    if reference is not None:
        at: Rows = [{"at": reference * factor, "label": reference_label}]
        rule = mark("rule", color=p.mark, strokeDash=[4, 3])
        layers.insert(0, layer(at, rule, {"x": field("at:Q"), "tooltip": told([("label", " ")])}))
    return finish(
        layers,
        look,
        description=description,
        height=max(60, row_height * len(rows)),
        resolve={"axis": {"y": "independent"}},
    )


def funnel(
    frame: pd.DataFrame,
    limits: pd.DataFrame,
    look: Look,
    *,
    unit: str,
    x_title: str,
    y_title: str,
    limit_titles: tuple[str, str],
    description: str,
    tips: Sequence[tuple[str, str]],
    top: float | None = None,
    height: int = 380,
) -> Drawing:
    """Rates against their bases, with control limits around the pooled rate.

    ``frame``: ``key, den, value, side, solid, label`` (a direct label, mostly empty), ``beyond``
    (its value in words where it lies above ``top``, else empty) and tooltip columns. ``limits``:
    ``den, mean, low95, high95, low998, high998``, sorted by ``den``; may be empty. ``top``: the
    highest rate the axis shows; a point beyond stands at the upper edge with an arrow and its
    value. The base axis is logarithmic: offices range from one case to ten thousand.
    """
    factor, axis_format = scale_format(unit)
    p = look.colours
    curves = scaled(rows_of(limits), factor, **{name: name for name in CURVES})
    found = rows_of(frame)
    highest_shown = factor * (top if top is not None else highest(found, "value") or 1)
    rows = [
        {**row, "shown": None if row["shown"] is None else min(row["shown"], highest_shown)}
        for row in scaled(found, factor, shown="value")
    ]
    bases = [float(row["den"]) for row in [*rows, *curves]]
    x = field(
        "den:Q",
        title=x_title,
        scale={"type": "log", "domain": [max(0.8, min(bases) * 0.8), max(bases) * 1.3]},
        axis={"format": ",.0f", "tickCount": 5, "labelOverlap": "greedy"},
    )
    y = field(
        "shown:Q",
        title=y_title,
        scale={"domain": [0, highest_shown if highest_shown > 0 else 1], "nice": top is None},
        axis={"format": axis_format, "tickCount": 5},
    )
    place = {"x": x, "y": y}

    def curve(column: str, ink: str, **style: Any) -> Spec:
        return layer(
            curves,
            mark("line", color=ink, **style),
            {"x": x, "y": field(f"{column}:Q", title=y_title)},
        )

    points = layer(
        rows,
        mark("point", size=58, strokeWidth=1.6, opacity=0.9, cursor="pointer"),
        {**place, "tooltip": told(tips), "order": field("order:Q"), **_side(look)},
        {"calculate": f"indexof({list(SIDES)}, datum.side)", "as": "order"},
        pick=("key",),
    )
    layers, named = [points], []
    if curves:
        drawn = [
            curve(f"{side}{which}", p.quiet, strokeDash=dash, strokeWidth=1.2, clip=True)
            for which, dash in (("998", [1, 0]), ("95", [5, 4]))
            for side in ("low", "high")
        ]
        layers = [*drawn, curve("mean", p.mark, strokeWidth=1.4), points]
        named = _limit_names(curves, highest_shown, x, y_title, limit_titles, p.quiet)
    middle = f"datum.den > {(max(bases) * max(1.0, min(bases))) ** 0.5}"
    # On a phone the names would lie on each other; tooltip, list and table have them.
    labelled = {"filter": f"datum.label != '' && width >= {ROOM_FOR_NAMES}"}
    right, left = {"align": "right", "dx": -7, "limit": 150}, {"align": "left", "dx": 7}
    words = {**place, "text": field("label:N")}
    named += [
        (right, lambda drawn: layer(rows, drawn, words, labelled, {"filter": middle})),
        (left | {"limit": 150},
         lambda drawn: layer(rows, drawn, words, labelled, {"filter": f"!({middle})"})),
        (left | {"color": p.quiet},
         lambda drawn: layer(rows, drawn, {**place, "text": field("up:N")},
                             {"filter": "datum.beyond != ''"},
                             {"calculate": "'↑ ' + datum.beyond", "as": "up"})),
    ]  # fmt: skip
    # Names lie over points and lines: a rim in the colour of the ground keeps them readable.
    rim = {"stroke": p.ground, "strokeWidth": 3, "strokeJoin": "round", "strokeOpacity": 0.85}
    layers += [text(mark("text", **(style | rim))) for style, text in named]
    layers += [text(mark("text", **style)) for style, text in named]
    return finish(layers, look, description=description, height=height)


def _limit_names(
    curves: Rows, top: float, x: Spec, y_title: str, titles: tuple[str, str], ink: str
) -> list[tuple[Spec, Callable[[Spec], Spec]]]:
    """The limits' names, where the lines are farthest apart inside the picture."""

    def gap(row: Spec) -> float:
        return float(row["high998"] - row["high95"]) if row["high998"] < top * 0.95 else -1.0

    at = max(curves, key=gap)

    def text(column: str, title: str) -> Callable[[Spec], Spec]:
        words = {"x": x, "y": field(f"{column}:Q", title=y_title), "text": field("title:N")}
        rows = [{**at, "title": title}]
        return lambda drawn: layer(rows, drawn, words)

    # Above and right of the line, which falls to the right: words on the line could not be read.
    style = {"color": ink, "align": "left", "baseline": "bottom", "dx": 5, "dy": -2}
    return [
        (style, text(column, title))
        for column, title in zip(("high998", "high95"), titles, strict=True)
    ]


def heat(
    frame: pd.DataFrame,
    look: Look,
    *,
    rows: Sequence[str],
    years: Sequence[int],
    unit: str,
    x_title: str,
    value_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    row_height: int = 22,
    pick_fields: Sequence[str] = ("year", "key"),
) -> Drawing:
    """Values by unit and year: shade and number; a missing value leaves its place empty.

    ``frame``: ``key, row`` (``name|base|key``; the name may have breaks), ``year, value, shown,
    solid`` and tooltip columns. A value that is not ``solid`` (small base, failing report) has an
    outline instead of a ground.
    """
    factor, axis_format = scale_format(unit)
    p, names = look.colours, list(rows)
    cells = scaled(rows_of(frame), factor, value="value")
    x = field("year:O", title=x_title, scale={"domain": list(years)}, axis=top_years(years))
    axis = {"labelExpr": _named(NAME), "labelLimit": LABEL}
    y = field("row:N", title=None, sort=names, scale={"domain": names}, axis=axis)
    top = highest([cell for cell in cells if cell["solid"]], "value")
    filled, top = top > 0, (top if top > 0 else 1.0)
    colour = field(
        "value:Q",
        title=value_title,
        scale={"domain": [0, top], "range": list(theme.shades(look.dark)), "clamp": True},
        # Whole numbers on a short scale would read "0 1 1". Without a shade nothing needs one.
        legend={
            "gradientLength": 140,
            "format": axis_format if top >= 3 else ".2~f",
            "tickCount": 3,
            "title": value_title,
        }
        if filled
        else None,
    )
    rect = {
        "x": x,
        "y": y,
        "color": when("datum.solid", colour, value(p.ground)),
        "stroke": when("datum.solid", value(p.ground), value(p.line)),
        "tooltip": told(tips),
    }
    weak, strong, turn = theme.inks(look.dark)
    ink = {
        "condition": [
            {"test": f"datum.solid && datum.value >= {top * turn}", **value(strong)},
            {"test": "datum.solid", **value(weak)},
        ],
        **value(p.ink),
    }
    layers = [
        layer(cells, mark("rect", strokeWidth=2, cursor="pointer"), rect, valid("value"),
              pick=pick_fields),
        layer(cells, mark("text", fontSize=11),
              {"x": x, "y": y, "text": field("shown:N"), "color": ink}, valid("value")),
    ]  # fmt: skip
    return finish(layers, look, description=description, height=row_height * len(names) + 4)
