"""Lines over the years: one measure, its peers, its breaks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.charts.base import Look, Mark, finish, marks_layer, year_axis
from dashboard.charts.grammar import (
    Drawing,
    Rows,
    Spec,
    amounts,
    end,
    field,
    layer,
    mark,
    plain_rows,
    rows_of,
    scaled,
    valid,
    value,
    when,
)
from dashboard.charts.grammar import tips as told
from dashboard.formats import scale_format
from dashboard.theme import Palette


def trend(
    ready: pd.DataFrame | Rows,
    look: Look,
    *,
    unit: str,
    x_title: str,
    y_title: str,
    description: str,
    tips: Sequence[tuple[str, str]],
    marks: Sequence[Mark] = (),
    band: pd.DataFrame | None = None,
    band_label: str = "",
    height: int = 190,
    zero: bool = True,
) -> Drawing:
    """One measure by year.

    ``ready``: ``year, value, segment, solid`` and the columns named in ``tips`` (ready-made texts
    as ``(column, title)``). Rows with no value are gaps. A line never crosses from one ``segment``
    to the next; points that are not ``solid`` are drawn hollow. ``band``: ``year, low, mid, high``
    in the same unit, drawn behind.
    """
    factor, axis_format = scale_format(unit)
    found = rows_of(ready) if isinstance(ready, pd.DataFrame) else plain_rows(ready)
    rows = scaled(found, factor, shown="value")
    years = [int(row["year"]) for row in rows]
    x = year_axis(years, x_title)
    p = look.colours
    peers = [] if band is None else rows_of(band[["low", "mid", "high"]])
    y = amounts(rows, "shown", title=y_title, number=axis_format, zero=zero, behind=peers)
    line = mark("line", color=p.main, strokeWidth=2, invalid="break-paths-show-domains")
    point = mark("point", size=62, strokeWidth=2, filled=True, cursor="pointer")
    look_of_point = {
        "tooltip": told(tips),
        "stroke": value(p.main),
        "fill": when("datum.solid", value(p.main), value(p.ground)),
        "opacity": value(1),
    }
    layers = [
        *_band(band, factor, x, p, band_label),
        *marks_layer(marks, years, look, x),
        layer(rows, line, {"x": x, "y": y, "detail": field("segment:N")}),
        layer(rows, point, {"x": x, "y": y, **look_of_point}, valid("shown"), pick=("year",)),
    ]
    return finish(layers, look, description=description, height=height)


def _band(band: pd.DataFrame | None, factor: float, x: Spec, p: Palette, label: str) -> list[Spec]:
    """The middle half of the peers behind a line, and their median."""
    if band is None or band.empty:
        return []
    rows = scaled(rows_of(band.assign(label=label)), factor, low="low", mid="mid", high="high")
    area = mark("area", color=p.peers, opacity=0.2)
    if len(rows) == 1:  # an area needs two years to be seen
        area = mark("bar", color=p.peers, opacity=0.2, width=18)
    middle = mark("line", color=p.peers, strokeDash=[4, 3], strokeWidth=1.5)
    return [
        layer(rows, area, {"x": x, "y": field("low:Q"), "y2": end("high")}),
        layer(rows, middle, {"x": x, "y": field("mid:Q")}),
    ]
