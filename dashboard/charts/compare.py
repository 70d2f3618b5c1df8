"""Units side by side: intervals in a list, a funnel, a heat map. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts.base import Look, finish, pick, top_years
from dashboard.formats import scale_format

#: What a point is, in the order of drawing: shapes tell it apart without colour.
SIDES = ("inside", "above", "below", "marked")
SHAPES = ("circle", "triangle-up", "triangle-down", "diamond")
#: Parts of an axis label that a list's rows are named by: ``name|base|key``.
NAME, BASE = 0, 1
#: Room for names beside a list, in pixels; a phone leaves half its width for the marks.
LABEL = 168
#: Where a name may be broken into lines.
BREAK = "¦"


def _inks(look: Look) -> list[str]:
    p = look.colours
    return [p.peers, p.main, p.main, p.warn]


def _tips(tips: Sequence[tuple[str, str]]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{column}:N", title=title) for column, title in tips]


def _side(look: Look) -> dict[str, Any]:
    """Shape, outline and fill of a point: hollow where it is not ``solid``."""
    ink = alt.Scale(domain=list(SIDES), range=_inks(look))
    return {
        "shape": alt.Shape(
            "side:N", scale=alt.Scale(domain=list(SIDES), range=list(SHAPES)), legend=None
        ),
        "stroke": alt.Stroke("side:N", scale=ink, legend=None),
        "fill": alt.condition(
            "datum.solid",
            alt.Fill("side:N", scale=ink, legend=None),
            alt.value(look.colours.ground),
        ),
    }


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
) -> Any:
    """A point with its interval a row, in the frame's order, with the base at the right edge.

    ``frame``: ``key, row`` (``name|base|key``: names may repeat, rows may not), ``value, low, high,
    side, solid`` and the tooltip columns. Rows without a value keep their place and stay empty.
    ``reference``: the rate everything is held against, a vertical line.
    """
    factor, axis_format = scale_format(unit)
    p = look.colours
    shown = frame.assign(
        **{f"{name}_shown": frame[name].astype(float) * factor for name in ("value", "low", "high")}
    )
    rows = list(shown["row"])
    scale = alt.Scale(domain=rows)
    ends = pd.concat([shown["high_shown"], shown["value_shown"]]).max()
    x = alt.X(
        "value_shown:Q",
        title=x_title,
        scale=alt.Scale(domain=[0, float(ends) if ends > 0 else 1.0], nice=True),
        axis=alt.Axis(format=axis_format, tickCount=4, grid=True),
    )

    def y(part: int, orient: str) -> alt.Y:
        axis = alt.Axis(
            labelExpr=f"split(split(datum.label, '|')[{part}], '{BREAK}')",
            orient=orient,  # type: ignore[arg-type]
            labelLimit=LABEL,
            labelColor=p.ink if part == NAME else p.quiet,
            grid=False,
        )
        return alt.Y("row:N", title=None, sort=rows, scale=scale, axis=axis)

    left, right = y(NAME, "left"), y(BASE, "right")
    base = alt.Chart(shown)
    line = (
        base.transform_filter("isValid(datum.low_shown)")
        .mark_rule(color=p.peers, strokeWidth=2)
        .encode(y=left, x=alt.X("low_shown:Q", title=x_title), x2="high_shown:Q")
    )
    points = (
        base.transform_filter("isValid(datum.value_shown)")
        .mark_point(size=70, strokeWidth=2, opacity=1, cursor="pointer")
        .encode(y=right, x=x, tooltip=_tips(tips), **_side(look))
        .add_params(pick(*pick_fields))
    )
    layers: list[Any] = [line, points]
    if reference is not None:
        mark = pd.DataFrame([{"at": reference * factor, "label": reference_label}])
        tip = [alt.Tooltip("label:N", title=" ")]
        rule = alt.Chart(mark).mark_rule(color=p.mark, strokeDash=[4, 3]).encode(
            x="at:Q", tooltip=tip
        )  # fmt: skip
        layers.insert(0, rule)
    layered = alt.layer(*layers).resolve_axis(y="independent")
    return finish(layered, look, description=description, height=max(60, row_height * len(rows)))


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
) -> Any:
    """Rates against their bases, with control limits around the pooled rate.

    ``frame``: ``key, den, value, side, solid, label`` (a direct label, mostly empty), ``beyond``
    (its value in words where it lies above ``top``, else empty) and tooltip columns. ``limits``:
    ``den, mean, low95, high95, low998, high998``, sorted by ``den``; may be empty. ``top``: the
    highest rate the axis shows; a point beyond stands at the upper edge with an arrow and its
    value. The base axis is logarithmic: offices range from one case to ten thousand.
    """
    factor, axis_format = scale_format(unit)
    p = look.colours
    names = ["mean", "low95", "high95", "low998", "high998"]
    curves = limits.assign(**{n: limits[n].astype(float) * factor for n in names})
    highest = factor * (top if top is not None else float(frame["value"].max() or 1))
    shown = frame.assign(shown=(frame["value"].astype(float) * factor).clip(upper=highest))
    bases = [float(v) for v in shown["den"]] + [float(v) for v in curves["den"]]
    x = alt.X(
        "den:Q",
        title=x_title,
        scale=alt.Scale(type="log", domain=[max(0.8, min(bases) * 0.8), max(bases) * 1.3]),
        axis=alt.Axis(format=",.0f", tickCount=5, labelOverlap="greedy"),
    )
    y_scale = alt.Scale(domain=[0, highest if highest > 0 else 1], nice=top is None)
    y = alt.Y(
        "shown:Q", title=y_title, scale=y_scale, axis=alt.Axis(format=axis_format, tickCount=5)
    )
    layers: list[Any] = []
    named: list[tuple[Any, dict[str, Any]]] = []
    if not curves.empty:
        back = alt.Chart(curves).encode(x=x)
        for which, dash in (("998", [1, 0]), ("95", [5, 4])):
            for side in ("low", "high"):
                line = back.mark_line(color=p.quiet, strokeDash=dash, strokeWidth=1.2, clip=True)
                layers.append(line.encode(y=alt.Y(f"{side}{which}:Q", title=y_title)))
        layers.append(
            back.mark_line(color=p.mark, strokeWidth=1.4).encode(y=alt.Y("mean:Q", title=y_title))
        )
        # Named where the lines are farthest apart inside the picture.
        gap = (curves["high998"] - curves["high95"]).where(curves["high998"] < highest * 0.95, -1.0)
        at = int(gap.to_numpy().argmax())
        ends = curves.iloc[at : at + 1]
        for column, title in zip(("high998", "high95"), limit_titles, strict=True):
            end = alt.Chart(ends.assign(title=title)).encode(
                x=x, y=alt.Y(f"{column}:Q", title=y_title), text="title:N"
            )
            named += [(end, {"color": p.quiet, "align": "left", "dx": 3, "dy": -5})]
    base = alt.Chart(shown).encode(x=x, y=y)
    layers.append(
        base.mark_point(size=58, strokeWidth=1.6, opacity=0.9, cursor="pointer")
        .encode(
            tooltip=_tips(tips),
            order=alt.Order("order:Q"),
            **_side(look),
        )
        .transform_calculate(order=f"indexof({list(SIDES)}, datum.side)")
        .add_params(pick("key"))
    )
    middle = f"datum.den > {(max(bases) * max(1.0, min(bases))) ** 0.5}"
    written = base.transform_filter("datum.label != ''").encode(text="label:N")
    right, left = {"align": "right", "dx": -7, "limit": 150}, {"align": "left", "dx": 7}
    named.append((written.transform_filter(middle), right))
    named.append((written.transform_filter(f"!({middle})"), left | {"limit": 150}))
    off = base.transform_filter("datum.beyond != ''").encode(text="up:N")
    off = off.transform_calculate(up="'↑ ' + datum.beyond")
    named.append((off, left | {"color": p.quiet}))
    # Names lie over points and lines: a rim in the colour of the ground keeps them readable.
    rim = {"stroke": p.ground, "strokeWidth": 3, "strokeJoin": "round", "strokeOpacity": 0.85}
    layers += [text.mark_text(**(style | rim)) for text, style in named]
    layers += [text.mark_text(**style) for text, style in named]
    return finish(alt.layer(*layers), look, description=description, height=height)


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
) -> Any:
    """Values by unit and year: shade and number; a missing value leaves its place empty.

    ``frame``: ``key, row`` (``name|base|key``; the name may have breaks), ``year, value, shown,
    solid`` and tooltip columns. A value that is not ``solid`` (small base, failing report) has an
    outline instead of a ground.
    """
    factor, axis_format = scale_format(unit)
    p = look.colours
    data = frame.assign(value=frame["value"].astype(float) * factor)
    x = alt.X(
        "year:O",
        title=x_title,
        scale=alt.Scale(domain=list(years)),
        axis=top_years(years),
    )
    expression = f"split(split(datum.label, '|')[{NAME}], '{BREAK}')"
    axis = alt.Axis(labelExpr=expression, labelLimit=LABEL)
    y = alt.Y("row:N", title=None, sort=list(rows), scale=alt.Scale(domain=list(rows)), axis=axis)
    base = alt.Chart(data).transform_filter("isValid(datum.value)").encode(x=x, y=y)
    top = float(data.loc[data["solid"].astype(bool), "value"].max()) if len(data) else 1.0
    top = top if top > 0 else 1.0
    ends = ["#1a222b", "#4f9fdc"] if look.dark else ["#eef3f8", "#4d97cf"]
    colour = alt.Color(
        "value:Q",
        title=value_title,
        scale=alt.Scale(domain=[0, top], range=ends, clamp=True),
        # Whole numbers on a short scale would read "0 1 1".
        legend=alt.Legend(
            gradientLength=140,
            format=axis_format if top >= 3 else ".2~f",
            tickCount=3,
            title=value_title,
        ),
    )
    rect = (
        base.mark_rect(strokeWidth=2, cursor="pointer")
        .encode(
            color=alt.condition("datum.solid", colour, alt.value(p.ground)),
            stroke=alt.condition("datum.solid", alt.value(p.ground), alt.value(p.line)),
            tooltip=_tips(tips),
        )
        .add_params(pick(*pick_fields))
    )
    bright = f"{str(look.dark).lower()} && datum.solid && datum.value > {top * 0.55}"
    text = base.mark_text(fontSize=11).encode(
        text="shown:N", color=alt.condition(bright, alt.value("#0b1117"), alt.value(p.ink))
    )
    return finish(
        alt.layer(rect, text), look, description=description, height=row_height * len(rows) + 4
    )
