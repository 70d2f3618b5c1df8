"""Several measures of one unit over the years. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard import theme
from dashboard.charts.base import Look, Mark, finish, marks_layer, pick, year_axis
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
) -> Any:
    """Up to four lines.

    ``frame``: ``year, series`` (one of ``names``), ``metric, value, segment, solid`` and the
    columns named in ``tips``. Rows with no value are gaps; points that are not ``solid`` hollow.
    """
    factor, axis_format = scale_format(unit)
    data = frame.assign(shown=frame["value"].astype(float) * factor)
    years = [int(y) for y in data["year"]]
    x = year_axis(years, x_title)
    p = look.colours
    inks = alt.Scale(domain=list(names), range=theme.line_colours(p)[: len(names)])
    # One to a line: two names do not fit a phone. The annotations stand between plot and legend.
    legend = alt.Legend(title=None, columns=1, labelLimit=300, offset=34 if marks else 12)
    colour = alt.Color("series:N", scale=inks, sort=list(names), legend=legend)
    shape = alt.Shape(
        "series:N", scale=alt.Scale(domain=list(names), range=list(SHAPES[: len(names)])),
        sort=list(names), legend=legend,
    )  # fmt: skip
    dash = alt.StrokeDash(
        "series:N", scale=alt.Scale(domain=list(names), range=list(DASHES[: len(names)])),
        legend=None,
    )  # fmt: skip
    y = alt.Y("shown:Q", title=y_title, scale=alt.Scale(zero=True, nice=True),
              axis=alt.Axis(format=axis_format))  # fmt: skip
    base = alt.Chart(data).encode(x=x, y=y)
    line = base.mark_line(strokeWidth=2, invalid="break-paths-show-domains").encode(
        color=colour, strokeDash=dash, detail="segment:N"
    )
    points = (
        base.transform_filter("isValid(datum.shown)")
        .mark_point(size=70, strokeWidth=2, opacity=1, cursor="pointer")
        .encode(
            color=colour,
            shape=shape,
            fill=alt.condition(
                "datum.solid", alt.Fill("series:N", scale=inks, legend=None), alt.value(p.ground)
            ),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("year", "metric"))
    )
    layers = [*marks_layer(marks, years, look, x), line, points]
    return finish(alt.layer(*layers), look, description=description, height=height)
