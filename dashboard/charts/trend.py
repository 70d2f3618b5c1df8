"""Lines over the years: one measure, its peers, its breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts.base import Look, Mark, finish, marks_layer, pick, year_axis
from dashboard.formats import scale_format


def trend(
    frame: pd.DataFrame,
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
) -> Any:
    """One measure by year.

    ``frame``: ``year, value, segment, solid`` and the columns named in ``tips`` (ready-made texts
    as ``(column, title)``). Rows with no value are gaps. A line never crosses from one ``segment``
    to the next; points that are not ``solid`` are drawn hollow. ``band``: ``year, low, mid, high``
    in the same unit, drawn behind.
    """
    factor, axis_format = scale_format(unit)
    data = frame.assign(shown=frame["value"].astype(float) * factor)
    years = [int(y) for y in data["year"]]
    x = year_axis(years, x_title)
    p = look.colours
    y = alt.Y(
        "shown:Q",
        title=y_title,
        scale=alt.Scale(zero=zero, nice=True),
        axis=alt.Axis(format=axis_format),
    )
    tooltips = [alt.Tooltip(f"{column}:N", title=title) for column, title in tips]
    layers: list[Any] = []
    if band is not None and not band.empty:
        layers += _band(band, factor, x, p, band_label)
    layers += marks_layer(marks, years, look, x)
    base = alt.Chart(data).encode(x=x, y=y)
    line = base.mark_line(color=p.main, strokeWidth=2, invalid="break-paths-show-domains")
    layers.append(line.encode(detail="segment:N"))
    chosen = pick("year")
    points = (
        base.transform_filter("isValid(datum.shown)")
        .mark_point(size=62, strokeWidth=2, filled=True, cursor="pointer")
        .encode(
            tooltip=tooltips,
            stroke=alt.value(p.main),
            fill=alt.condition("datum.solid", alt.value(p.main), alt.value(p.ground)),
            opacity=alt.value(1),
        )
        .add_params(chosen)
    )
    layers.append(points)
    return finish(alt.layer(*layers), look, description=description, height=height)


def _band(band: pd.DataFrame, factor: float, x: alt.X, p: Any, label: str) -> list[Any]:
    data = band.assign(
        **{name: band[name].astype(float) * factor for name in ("low", "mid", "high")},
        label=label,
    )
    base = alt.Chart(data).encode(x=x)
    area = base.mark_area(color=p.peers, opacity=0.2).encode(y=alt.Y("low:Q"), y2="high:Q")
    if len(data) == 1:  # an area needs two years to be seen
        area = base.mark_bar(color=p.peers, opacity=0.2, width=18).encode(y="low:Q", y2="high:Q")
    middle = base.mark_line(color=p.peers, strokeDash=[4, 3], strokeWidth=1.5).encode(y="mid:Q")
    return [area, middle]
