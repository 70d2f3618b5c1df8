"""What every chart shares: the look, the words it needs, the point that can be clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
from altair.utils import schemapi

from dashboard import theme

#: Name of the selection a page listens to.
PICK = "pick"


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw: theme, language and width class."""

    dark: bool = False
    lang: str = "zh"

    @property
    def colours(self) -> theme.Palette:
        """The palette of the theme."""
        return theme.palette(self.dark)


@dataclass(frozen=True, slots=True)
class Mark:
    """An annotation on a time axis: from which year, in which words, with which explanation."""

    year: int
    label: str
    note: str


def finish(chart: Any, look: Look, *, description: str, height: int | None = None) -> Any:
    """Apply the theme; SVG, so that text is text and late fonts are picked up."""
    properties: dict[str, Any] = {
        "description": description,
        # The height is the plot's own; legend and axes come on top. Streamlit would squeeze all in.
        "autosize": {"type": "fit-x", "contains": "padding"},
        "usermeta": {"embedOptions": {"renderer": "svg", "actions": False}},
    }
    if height:
        properties["height"] = height
    drawn: alt.Chart | alt.LayerChart = chart.properties(**properties)
    return drawn.configure(**theme.config(look.dark))


def to_spec(draw: Callable[[], Any]) -> dict[str, Any]:
    """Draw a chart and give its Vega-Lite specification, unvalidated.

    Altair checks every encoding against the schema as it is made: half of the 80 ms a chart costs
    (measured, Altair 6.3). What our functions draw is validated by the tests instead.
    """
    with schemapi.debug_mode(False):
        spec: dict[str, Any] = draw().to_dict(validate=False)
    return spec


def on_screen(spec: Any) -> Any:
    """A specification whose labels leave at least half of a narrow screen to the drawing.

    Limits of labels are pixels for a desktop; on a phone the longest rules' names took the whole
    width and no cell of their matrix was seen. Off a screen ``containerSize`` is undefined and the
    limit stays as it is.
    """
    if isinstance(spec, list):
        return [on_screen(part) for part in spec]
    if not isinstance(spec, dict):
        return spec
    out = {k: v if k in ("datasets", "data", "values") else on_screen(v) for k, v in spec.items()}
    limit = out.get("labelLimit")
    if isinstance(limit, int) and limit:
        half = "containerSize()[0] / 2"
        out["labelLimit"] = {"expr": f"{half} > 0 ? min({limit}, {half}) : {limit}"}
    return out


def year_axis(years: Sequence[int], title: str) -> alt.X:
    """Report years as evenly spaced places; every year of the span has one, with data or not."""
    domain = list(range(min(years), max(years) + 1))
    return alt.X(
        "year:O",
        title=title,
        scale=alt.Scale(domain=domain, paddingOuter=0.3),
        axis=alt.Axis(labelOverlap="greedy"),
    )


def top_years(years: Sequence[int]) -> alt.Axis:
    """Years over the columns of a matrix; two digits where four would run into each other."""
    short = f'width < {34 * len(years)} ? "\'" + slice(datum.label, 2) : datum.label'
    return alt.Axis(orient="top", domain=False, ticks=False, labelExpr=short)


def marks_layer(marks: Sequence[Mark], years: Sequence[int], look: Look, axis: alt.X) -> list[Any]:
    """Dashed lines where the form or the law changed, at the start of their year."""
    inside = [m for m in marks if min(years) < m.year <= max(years)]
    if not inside:
        return []
    data = pd.DataFrame([{"year": m.year, "label": m.label, "note": m.note} for m in inside])
    p = look.colours
    x: Any = axis.copy()
    x["bandPosition"] = 0
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("note:N", title=" ")]
    # Marks of neighbouring years would write over each other: each next one stands a line lower.
    data["level"] = [-26.0 + 13 * (n % 3) for n in range(len(data))] if len(data) > 1 else [-13.0]
    base = alt.Chart(data)
    rule = base.mark_rule(color=p.mark, strokeDash=[3, 3], opacity=0.9).encode(x=x, tooltip=tips)
    late = (max(years) - min(years)) / 2 + min(years)
    texts = [
        alt.Chart(data[data["year"] == year])
        .mark_text(
            align="right" if year > late else "left",
            baseline="top",
            dx=-3 if year > late else 3,
            dy=level,
            color=p.mark,
            fontSize=11,
        )
        .encode(x=x, y=alt.value(0), text="label:N", tooltip=tips)
        for year, level in zip(data["year"], data["level"], strict=True)
    ]
    return [rule, *texts]


def pick(*names: str) -> alt.Parameter:
    """A click on a mark, reported to the page as the values of these fields."""
    return alt.selection_point(name=PICK, fields=list(names), on="click", clear="dblclick")
