"""Parts of a whole, changes and plain bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard import theme
from dashboard.charts.base import Look, finish, pick

#: A segment narrower than this (pixels) has no room for its percentage.
LABEL_WIDTH = 32


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
) -> Any:
    """A stacked bar of 100 % per year, newest on top.

    ``frame``: ``year, part, share, start, end, shown`` (the percentage as text) and the tooltip
    columns; ``parts`` fixes order and colours. Segments carry their percentage, so that colour is
    not the only way to follow one. ``colours`` replaces the outcome colours for other wholes.
    """
    colours = list(colours or theme.series_colours(len(parts), dark=look.dark))
    inks = [theme.text_on(c) for c in colours]
    years = sorted({int(y) for y in frame["year"]}, reverse=True)
    y = alt.Y("year:O", title=y_title, sort=years, scale=alt.Scale(domain=years, paddingInner=0.25))
    # Reported parts may exceed their total; the bar then runs past 100 % instead of being cut.
    whole = max(1.0, float(frame["end"].max())) if len(frame) else 1.0
    x = alt.X(
        "start:Q",
        title=x_title,
        scale=alt.Scale(domain=[0, whole], nice=False),
        axis=alt.Axis(format="%", tickCount=5, grid=True),
    )
    base = alt.Chart(frame).encode(y=y)
    bars = (
        base.mark_bar(stroke=look.colours.ground, strokeWidth=1.5, cursor="pointer")
        .encode(
            x=x,
            x2="end:Q",
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=list(parts), range=colours),
                sort=list(parts),
                legend=alt.Legend(title=None, symbolType="square"),
            ),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("year", "part"))
    )
    text = (
        base.transform_filter(f"datum.share * width >= {LABEL_WIDTH}")
        .transform_calculate(middle="(datum.start + datum.end) / 2")
        .mark_text(fontSize=11)
        .encode(
            x=alt.X("middle:Q", title=x_title),
            text="shown:N",
            color=alt.Color("part:N", scale=alt.Scale(domain=list(parts), range=inks), legend=None),
        )
    )
    layered = alt.layer(bars, text).resolve_scale(color="independent")
    return finish(layered, look, description=description, height=row_height * len(years))


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
) -> Any:
    """Horizontal bars in a given order, each with its value written at its end.

    ``frame``: ``key, label, value, shown`` and the tooltip columns; ``order`` are labels.
    """
    p = look.colours
    y = alt.Y("label:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=230))
    top = float(frame["value"].max() or 1) if len(frame) else 1.0
    x = alt.X(
        "value:Q",
        title=x_title,
        scale=alt.Scale(domain=[0, top * 1.2], nice=False),  # room for the longest bar's figure
        axis=alt.Axis(format=axis_format, tickCount=4, grid=True),
    )
    base = alt.Chart(frame).encode(y=y, x=x)
    tooltips = [alt.Tooltip(f"{column}:N", title=title) for column, title in tips]
    bar = base.mark_bar(color=p.main, cursor="pointer").encode(tooltip=tooltips)
    text = base.mark_text(align="left", dx=4, color=p.ink).encode(text="shown:N")
    layered = alt.layer(bar.add_params(pick(pick_field)), text)
    return finish(layered, look, description=description, height=max(60, row_height * len(frame)))


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
) -> Any:
    """Bars left and right of zero: what pushed a total down and what pushed it up.

    ``frame``: ``key, label, value, shown`` and tooltip columns. Sign is told by side, label and
    sign character; colour only repeats it.
    """
    p = look.colours
    span = float(frame["value"].abs().max() or 1) * 1.6
    y = alt.Y("label:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=230))
    x = alt.X(
        "value:Q",
        title=x_title,
        scale=alt.Scale(domain=[-span, span], nice=False),
        axis=alt.Axis(format=axis_format, tickCount=5, grid=True),
    )
    base = alt.Chart(frame).encode(y=y, x=x)
    tooltips = [alt.Tooltip(f"{column}:N", title=title) for column, title in tips]
    bar = (
        base.mark_bar(cursor="pointer")
        .encode(
            color=alt.condition("datum.value < 0", alt.value(p.peers), alt.value(p.main)),
            tooltip=tooltips,
        )
        .add_params(pick(pick_field))
    )
    up = base.transform_filter("datum.value >= 0").mark_text(align="left", dx=4, color=p.ink)
    down = base.transform_filter("datum.value < 0").mark_text(align="right", dx=-4, color=p.ink)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=p.quiet).encode(x="zero:Q")
    layered = alt.layer(bar, zero, up.encode(text="shown:N"), down.encode(text="shown:N"))
    return finish(layered, look, description=description, height=max(60, row_height * len(frame)))
