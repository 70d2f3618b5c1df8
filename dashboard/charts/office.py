"""Charts of one office: grounds as grouped bars, carry-over against carry-in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

from dashboard import theme
from dashboard.charts.base import (
    INDEPENDENT_COLOUR,
    Look,
    filled,
    finish,
    lines_of,
    top_years,
    year_axis,
)
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
    valid,
    value,
    when,
)
from dashboard.charts.grammar import tips as told

#: A size at which a number stays inside its square, on a phone too: figures are 0.58 as wide as
#: high.
FITTING: Final = {"expr": "max(5, min(11, bandwidth('x') / (0.58 * length(datum.shown))))"}
#: Room for a rule's or office's name beside a matrix, in pixels; the longest rule needs 390.
LABEL = 480
_BRACKETS: Final = re.compile(r"[（(][^（()）]*[）)]$")
#: A matrix narrower than this (pixels) breaks its labels into lines of so many Latin letters.
NARROW, NARROW_LINE = 240, 27


def pairs(
    frame: pd.DataFrame,
    look: Look,
    *,
    names: tuple[str, str],
    x_title: str,
    y_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    height: int = 200,
) -> Drawing:
    """Two figures per year that ought to be equal, joined where they are not.

    ``frame``: ``year, side, value, other, equal`` and tooltip columns, ``side`` one of ``names``.
    The first is a circle, the second a cross, so that equal ones lie visibly upon each other.
    """
    p, rows = look.colours, rows_of(frame)
    x = year_axis([int(row["year"]) for row in rows], x_title)
    y = field("value:Q", title=y_title, axis={"format": ",.0f", "tickMinStep": 1})
    shapes = {"domain": list(names), "range": ["circle", "cross"]}
    inks = {"domain": list(names), "range": [p.main, p.warn]}
    legend = {"title": None, "columns": 1, "labelLimit": 300}  # two names do not fit a phone
    point = {
        "x": x,
        "y": y,
        "shape": field("side:N", scale=shapes, legend=legend),
        "color": field("side:N", scale=inks, legend=legend),
        "tooltip": told(tips),
    }
    unequal = {"filter": "!datum.equal && isValid(datum.value) && isValid(datum.other)"}
    layers = [
        layer(rows, mark("rule", color=p.bad, strokeWidth=2, aria=False),
              {"x": x, "y": y, "y2": end("other")}, unequal),
        layer(rows, mark("point", size=90, strokeWidth=2, cursor="pointer"), point, valid("value"),
              pick=("year", "side")),
    ]  # fmt: skip
    return finish(layers, look, description=description, height=height)


def matrix(
    frame: pd.DataFrame,
    look: Look,
    *,
    rows: Sequence[str],
    x_title: str,
    value_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    row_height: int = 24,
) -> Drawing:
    """Counts by row and year: shade and the number itself; a missing number leaves its place empty.

    ``frame``: ``year, key, label, value, shown, ink`` and tooltip columns.
    """
    p, names, cells = look.colours, list(rows), rows_of(frame)
    top = max(highest(cells, "value"), 1)
    ends = list(theme.shades(look.dark))
    shade = field(
        "value:Q", title=value_title, scale={"domain": [0, top], "range": ends}, legend=None
    )
    place = _places(cells, names, x_title)
    weak, strong, turn = theme.inks(look.dark)
    ink = when(f"datum.value >= {top * turn}", value(strong), value(weak))
    layers = [
        layer(cells, mark("rect", stroke=p.ground, strokeWidth=2, cursor="pointer"),
              {**place, "color": shade, "tooltip": told(tips)}, valid("value"),
              pick=("year", "key")),
        layer(cells, mark("text", fontSize=FITTING),
              {**place, "text": field("shown:N"), "color": ink}, valid("value")),
    ]  # fmt: skip
    return finish(layers, look, description=description, height=row_height * len(names) + 4)


def _two_lines(name: str) -> list[str]:
    """A label on at most two lines; of a longer one its beginning and what it has in brackets."""
    lines = lines_of(name, NARROW_LINE)
    if len(lines) <= 2:
        return lines
    first = filled(name, NARROW_LINE - 2)[0]
    last = _BRACKETS.search(name)
    return [f"{first}…", last[0] if last else f"{lines[1]}…"]


def _places(cells: Rows, names: list[str], x_title: str) -> dict[str, Spec]:
    """Years across, labels down; on a phone long labels stand on two lines."""
    found = [int(cell["year"]) for cell in cells]
    years = list(range(min(found), max(found) + 1))  # a year without a number keeps its place
    broken = {name: lines for name in names if len(lines := _two_lines(name)) > 1}
    table = json.dumps(broken, ensure_ascii=False)
    two = f"width < {NARROW} && {table}[datum.label] || datum.label"
    small = {"expr": f"width < {NARROW} ? 10.5 : 12"}
    style: Spec = {"labelExpr": two, "labelLineHeight": 11, "labelFontSize": small}
    style = style if broken else {}
    return {
        "x": field("year:O", title=x_title, scale={"domain": years}, axis=top_years(years)),
        "y": field("label:N", title=None, sort=names, scale={"domain": names},
                   axis={"labelLimit": LABEL, **style}),
    }  # fmt: skip


def grid(
    frame: pd.DataFrame,
    look: Look,
    *,
    rows: Sequence[str],
    parts: Sequence[str],
    colours: Sequence[str],
    x_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    row_height: int = 22,
) -> Drawing:
    """One of a few states by row and year: colour and, for those who do not see it, a sign.

    ``frame``: ``year, key, label, part, shown`` and tooltip columns; ``parts`` are the states in
    words, ``colours`` theirs, in step. The legend names the states that occur.
    """
    names, cells = list(rows), rows_of(frame)
    used = {cell["part"] for cell in cells}
    legend = [(part, colour) for part, colour in zip(parts, colours, strict=True) if part in used]
    states, fills = [part for part, _ in legend], [colour for _, colour in legend]
    inks = {"domain": states, "range": [theme.text_on(fill) for fill in fills]}
    place = _places(cells, names, x_title)
    colour = field("part:N", title=None, scale={"domain": states, "range": fills})
    ink = field("part:N", scale=inks, legend=None)
    layers = [
        layer(cells, mark("rect", stroke=look.colours.ground, strokeWidth=2, cursor="pointer"),
              {**place, "color": colour, "tooltip": told(tips)}, pick=("year", "key")),
        layer(cells, mark("text", fontSize=11),
              {**place, "text": field("shown:N"), "color": ink}),
    ]  # fmt: skip
    return finish(
        layers,
        look,
        description=description,
        height=row_height * len(names) + 4,
        resolve=INDEPENDENT_COLOUR,
    )
