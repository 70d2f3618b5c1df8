"""Charts of one office: grounds as grouped bars, carry-over against carry-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard import theme
from dashboard.charts.base import Look, finish, pick, top_years, year_axis

#: Room for a rule's or office's name beside a matrix, in pixels; the longest rule needs 390.
LABEL = 480


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
) -> Any:
    """Two figures per year that ought to be equal, joined where they are not.

    ``frame``: ``year, side, value, other, equal`` and tooltip columns, ``side`` one of ``names``.
    The first is a circle, the second a cross, so that equal ones lie visibly upon each other.
    """
    p = look.colours
    x = year_axis([int(y) for y in frame["year"]], x_title)
    y = alt.Y("value:Q", title=y_title, axis=alt.Axis(format=",.0f"))
    base = alt.Chart(frame).encode(x=x)
    gap = (
        base.transform_filter("!datum.equal && isValid(datum.value) && isValid(datum.other)")
        .mark_rule(color=p.bad, strokeWidth=2)
        .encode(y=y, y2="other:Q")
    )
    scale = alt.Scale(domain=list(names), range=["circle", "cross"])
    ink = alt.Scale(domain=list(names), range=[p.main, p.warn])
    points = (
        base.transform_filter("isValid(datum.value)")
        .mark_point(size=90, strokeWidth=2, cursor="pointer")
        .encode(
            y=y,
            shape=alt.Shape("side:N", scale=scale, legend=alt.Legend(title=None)),
            color=alt.Color("side:N", scale=ink, legend=alt.Legend(title=None)),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("year", "side"))
    )
    return finish(alt.layer(gap, points), look, description=description, height=height)


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
) -> Any:
    """Counts by row and year: shade and the number itself; a missing number leaves its place empty.

    ``frame``: ``year, key, label, value, shown, ink`` and tooltip columns.
    """
    p = look.colours
    years = sorted({int(y) for y in frame["year"]})
    x = alt.X(
        "year:O",
        title=x_title,
        scale=alt.Scale(domain=years),
        axis=top_years(years),
    )
    y = alt.Y("label:N", title=None, sort=list(rows), scale=alt.Scale(domain=list(rows)),
              axis=alt.Axis(labelLimit=LABEL))  # fmt: skip
    base = alt.Chart(frame).transform_filter("isValid(datum.value)").encode(x=x, y=y)
    top = float(frame["value"].max() or 1) if len(frame) else 1.0
    ends = ["#1a222b", "#4f9fdc"] if look.dark else ["#f4f6f8", "#4d97cf"]
    rect = (
        base.mark_rect(stroke=p.ground, strokeWidth=2, cursor="pointer")
        .encode(
            color=alt.Color(
                "value:Q",
                title=value_title,
                scale=alt.Scale(domain=[0, max(top, 1)], range=ends),
                legend=None,
            ),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("year", "key"))
    )
    text = base.mark_text(fontSize=11).encode(
        text="shown:N",
        color=alt.condition(
            f"datum.value > {max(top, 1) * 0.55} && {str(look.dark).lower()}",
            alt.value("#0b1117"),
            alt.value(p.ink),
        ),
    )
    return finish(
        alt.layer(rect, text), look, description=description, height=row_height * len(rows) + 4
    )


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
) -> Any:
    """One of a few states by row and year: colour and, for those who do not see it, a sign.

    ``frame``: ``year, key, label, part, shown`` and tooltip columns; ``parts`` are the states in
    words, ``colours`` theirs, in step. The legend names the states that occur.
    """
    used = set(frame["part"])
    legend = [(part, colour) for part, colour in zip(parts, colours, strict=True) if part in used]
    names, fills = [part for part, _ in legend], [colour for _, colour in legend]
    inks = alt.Scale(domain=names, range=[theme.text_on(fill) for fill in fills])
    years = sorted({int(y) for y in frame["year"]})
    x = alt.X(
        "year:O",
        title=x_title,
        scale=alt.Scale(domain=years),
        axis=top_years(years),
    )
    y = alt.Y("label:N", title=None, sort=list(rows), scale=alt.Scale(domain=list(rows)),
              axis=alt.Axis(labelLimit=LABEL))  # fmt: skip
    base = alt.Chart(frame).encode(x=x, y=y)
    rect = (
        base.mark_rect(stroke=look.colours.ground, strokeWidth=2, cursor="pointer")
        .encode(
            color=alt.Color("part:N", title=None, scale=alt.Scale(domain=names, range=fills)),
            tooltip=[alt.Tooltip(f"{column}:N", title=title) for column, title in tips],
        )
        .add_params(pick("year", "key"))
    )
    text = base.mark_text(fontSize=11).encode(
        text="shown:N", color=alt.Color("part:N", scale=inks, legend=None)
    )
    layered = alt.layer(rect, text).resolve_scale(color="independent")
    return finish(layered, look, description=description, height=row_height * len(rows) + 4)
