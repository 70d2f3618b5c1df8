"""Several measures of one unit over the years. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard import theme
from dashboard.charts.base import Look, Mark, finish, marks_layer, year_axis
from dashboard.charts.grammar import (
    Drawing,
    amounts,
    field,
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

#: Shapes and dashes in the order of the series, so that colour is not the only difference.
SHAPES = ("circle", "square", "triangle-up", "diamond")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def lines(
    frame: pd.DataFrame,
    look: Look,
    *,
    names: Sequence[str],
    unit: str,
    x_title: str,
    y_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    marks: Sequence[Mark] = (),
    height: int = 240,
) -> Drawing:
    """Up to four lines.

    ``frame``: ``year, series`` (one of ``names``), ``metric, value, segment, solid`` and the
    columns named in ``tips``. Rows with no value are gaps; points that are not ``solid`` hollow.
    """
    factor, axis_format = scale_format(unit)
    rows = scaled(rows_of(frame), factor, shown="value")
    years = [int(row["year"]) for row in rows]
    x = year_axis(years, x_title)
    p, domain = look.colours, list(names)
    inks = {"domain": domain, "range": theme.line_colours(p)[: len(domain)]}
    shapes = {"domain": domain, "range": list(SHAPES[: len(domain)])}
    dashes = {"domain": domain, "range": list(DASHES[: len(domain)])}
    # One to a line: two names do not fit a phone. The annotations stand between plot and legend.
    legend = {
        "title": None,
        "columns": 1,
        "labelLimit": 300,
        "offset": 34 if marks else 12,
        "symbolStrokeWidth": 0,  # the dashes of the line gnawed at its symbol
    }
    colour = field("series:N", scale=inks, sort=domain, legend=legend)
    y = amounts(rows, "shown", title=y_title, number=axis_format)
    place = {"x": x, "y": y, "color": colour}
    line = mark("line", strokeWidth=2, invalid="break-paths-show-domains")
    dash = field("series:N", scale=dashes, legend=None)
    point = mark("point", size=70, strokeWidth=2, opacity=1, cursor="pointer")
    look_of_point = {
        "shape": field("series:N", scale=shapes, sort=domain, legend=legend),
        "fill": when("datum.solid", field("series:N", scale=inks, legend=None), value(p.ground)),
        "tooltip": told(tips),
    }
    layers = [
        *marks_layer(marks, years, look, x),
        layer(rows, line, {**place, "strokeDash": dash, "detail": field("segment:N")}),
        layer(rows, point, {**place, **look_of_point}, valid("shown"), pick=("year", "metric")),
    ]
    return finish(layers, look, description=description, height=height)
