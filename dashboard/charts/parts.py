"""Parts of a whole, changes and plain bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard import theme
from dashboard.charts.base import Look, Mark, finish, pick

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
    gap: str = "",
) -> Any:
    """A stacked bar of 100 % per year, newest on top, each part's name over the newest bar.

    ``frame``: ``year, part, metric, share, start, end, shown`` (the percentage as text) and the
    tooltip columns; ``parts`` fixes order and colours. Segments carry their percentage and the
    newest bar the names, so that colour is not the only way to follow one. ``colours`` replaces
    the outcome colours for other wholes. ``years``: all years that get a place; one without a bar
    says ``gap``. ``marks`` stand between the bars where the form or the law changed.
    """
    colours = list(colours or theme.series_colours(len(parts), dark=look.dark))
    inks = [theme.text_on(c) for c in colours]
    drawn = sorted({int(y) for y in frame["year"]})
    every = sorted({*drawn, *map(int, years)}, reverse=True)
    # Places between two years have halves for keys: 2020.5 lies between 2021 and 2020.
    between = {m.year - 0.5: m for m in marks if every and every[-1] < m.year <= every[0]}
    head = [drawn[-1] + 0.5] if drawn else []
    places = sorted({*every, *between, *head}, reverse=True)
    y = alt.Y(
        "year:O",
        title=y_title,
        sort=places,
        scale=alt.Scale(domain=places, paddingInner=0.25),
        axis=alt.Axis(labelExpr="datum.value == floor(datum.value) ? datum.label : ''"),
    )
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
                # One row where there is room for it; a phone gets two columns.
                legend=alt.Legend(
                    title=None, symbolType="square", columns={"expr": _columns(parts)}
                ),
            ),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("year", "part", "metric"))
    )
    middle = alt.X("middle:Q", title=x_title)
    text = (
        base.transform_filter(f"datum.share * width >= {LABEL_WIDTH}")
        .transform_calculate(middle="(datum.start + datum.end) / 2")
        .mark_text(fontSize=11)
        .encode(
            x=middle,
            text="shown:N",
            color=alt.Color("part:N", scale=alt.Scale(domain=list(parts), range=inks), legend=None),
        )
    )
    layers = [bars, text]
    if head:
        newest = frame[frame["year"] == drawn[-1]]
        named = newest.assign(
            year=head[0],
            middle=(newest["start"] + newest["end"]) / 2,
            room=[width(str(part)) for part in newest["part"]],
        )
        layers.append(
            alt.Chart(named)
            .transform_filter("datum.share * width >= datum.room")
            .mark_text(fontSize=11, baseline="bottom", dy=row_height * 0.4, color=look.colours.ink)
            .encode(y=y, x=middle, text="part:N")
        )
    layers += _between(between, look, y, row_height)
    empty = [year for year in every if year not in drawn]
    if empty and gap:
        layers.append(
            alt.Chart(pd.DataFrame({"year": empty, "gap": gap}))
            .mark_text(align="left", dx=4, color=look.colours.quiet)
            .encode(y=y, x=alt.value(0), text="gap:N")
        )
    layered = alt.layer(*layers).resolve_scale(color="independent")
    return finish(layered, look, description=description, height=row_height * len(places))


def width(text: str) -> float:
    """About how many pixels a text of 11 pixels needs, with a little room."""
    return 8 + sum(11.5 if ord(c) > 0x2E7F else 6.2 for c in text)


def _columns(parts: Sequence[str]) -> str:
    """How many names of a legend stand in one row, as an expression on the chart's width."""
    return f"max(2, floor(width / {max(width(str(part)) for part in parts) + 30:.0f}))"


def _between(between: dict[float, Mark], look: Look, y: alt.Y, row_height: int) -> list[Any]:
    """A dashed line and its words in a place of their own between two years' bars."""
    if not between:
        return []
    p = look.colours
    data = pd.DataFrame(
        [{"year": place, "label": m.label, "note": m.note} for place, m in between.items()]
    )
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("note:N", title=" ")]
    base = alt.Chart(data).encode(y=y, tooltip=tips)
    rule = base.mark_rule(color=p.mark, strokeDash=[3, 3], yOffset=row_height * 0.25)
    text = base.mark_text(align="left", baseline="bottom", color=p.mark, fontSize=11,
                          dy=row_height * 0.2)  # fmt: skip
    return [rule, text.encode(x=alt.value(0), text="label:N")]


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
        axis=alt.Axis(format=axis_format, tickCount=5, grid=True, labelExpr=_ZERO),
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
) -> Any:
    """Horizontal bars under their names, for names too long to stand beside them on a phone.

    ``frame``: ``key, metric, year, label, value, shown, group`` and the tooltip columns; ``order``
    are labels. The group is told by the label, its colour only repeats it.
    """
    p = look.colours
    y = alt.Y("label:N", title=None, sort=list(order), scale=alt.Scale(domain=list(order)),
              axis=None)  # fmt: skip
    top = float(frame["value"].max() or 1) if len(frame) else 1.0
    x = alt.X(
        "value:Q",
        title=x_title,
        scale=alt.Scale(domain=[0, top * 1.35], nice=False),  # room for the longest bar's figure
        axis=alt.Axis(format=",.0f", tickCount=4, grid=True),
    )
    base = alt.Chart(frame).encode(y=y)
    low = row_height * 0.22
    bar = (
        base.mark_bar(cursor="pointer", size=row_height * 0.36, yOffset=low)
        .encode(
            x=x,
            color=alt.Color(
                "group:N", scale=alt.Scale(domain=list(groups), range=list(colours)),
                sort=list(groups), legend=None,
            ),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("metric", "year"))
    )  # fmt: skip
    figure = base.mark_text(align="left", dx=4, dy=low, color=p.quiet).encode(x=x, text="shown:N")
    name = base.mark_text(align="left", dx=1, dy=-row_height * 0.22, fontSize=12, color=p.ink)
    layered = alt.layer(bar, figure, name.encode(x=alt.value(0), text="label:N"))
    return finish(layered, look, description=description, height=row_height * len(order))
