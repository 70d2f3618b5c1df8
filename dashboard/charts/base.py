"""What every chart shares: the look, the words it needs, the screen it is drawn on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboard import theme
from dashboard.charts.grammar import PICK as PICK
from dashboard.charts.grammar import (
    Drawing,
    Rows,
    Spec,
    field,
    layer,
    layered,
    mark,
    tips,
    value,
)
from dashboard.formats import letters

#: Layers that colour by the same column with scales of their own: fills and the text upon them.
INDEPENDENT_COLOUR: Final[Spec] = {"scale": {"color": "independent"}}


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


def finish(
    layers: Sequence[Spec],
    look: Look,
    *,
    description: str,
    height: float,
    resolve: Spec | None = None,
) -> Drawing:
    """Layers as a chart in our theme; SVG, so that text is text and late fonts are picked up."""
    return layered(
        layers,
        description=description,
        # The height is the plot's own; legend and axes come on top. Streamlit would squeeze all in.
        height=height,
        autosize={"type": "fit-x", "contains": "padding"},
        usermeta={"embedOptions": {"renderer": "svg", "actions": False}},
        config=theme.config(look.dark),
        **({"resolve": resolve} if resolve else {}),
    )


def to_spec(draw: Callable[[], Drawing]) -> Spec:
    """Draw a chart and give its Vega-Lite specification; the tests validate it."""
    return draw().spec


def for_screen(spec: Spec) -> Spec:
    """A specification as a browser gets it.

    Its rows stand in the layer that shows them first: Streamlit makes a table of Arrow's of every
    top-level dataset, at 2 ms each.
    """
    out: Spec = on_screen({key: part for key, part in spec.items() if key != "datasets"})
    datasets = dict(spec.get("datasets", {}))
    for part in out["layer"]:
        name = part["data"]["name"]
        if name in datasets:
            part["data"] = {"name": name, "values": datasets.pop(name)}
    return out


def on_screen(spec: Any, room: float = 0.5) -> Any:
    """A specification whose labels leave at least half of a narrow screen to the drawing.

    Limits of labels are pixels for a desktop; on a phone the longest rules' names took the whole
    width and no cell of their matrix was seen. A legend of one column stands above the drawing and
    has more ``room``. Off a screen ``containerSize`` is undefined and the limit stays as it is.
    """
    if isinstance(spec, list):
        return [on_screen(part) for part in spec]
    if not isinstance(spec, dict):
        return spec
    alone = {"legend": 0.85} if (spec.get("legend") or {}).get("columns") == 1 else {}
    out = {
        k: v if k in ("datasets", "data", "values") else on_screen(v, alone.get(k, 0.5))
        for k, v in spec.items()
    }
    limit = out.get("labelLimit")
    if isinstance(limit, int) and limit:
        most = f"containerSize()[0] * {room}"
        out["labelLimit"] = {"expr": f"{most} > 0 ? min({limit}, {most}) : {limit}"}
    return out


def lines_of(text: str, limit: int) -> list[str]:
    """A label in lines of at most ``limit`` Latin letters (Chinese ones count twice), alike long.

    Latin words and what stands in brackets stay whole; Chinese may be broken anywhere.
    """
    lines = filled(text, limit)
    # No single letter on the last line: as narrow as the same number of lines can be.
    for narrower in range(letters(text) // len(lines), limit):
        if len(found := filled(text, narrower)) == len(lines):
            return found
    return lines


def filled(text: str, limit: int) -> list[str]:
    """The lines of :func:`lines_of`, each as full as it can be."""
    lines, room = [""], limit
    for piece in re.findall(r"（[^（）]*）|[\u2e80-\uffef]| |[^ \u2e80-\uffef]+", text):
        size = letters(piece)
        if size > room and lines[-1].strip():
            lines.append("")
            room = limit
        lines[-1] += piece
        room -= size
    return [line.strip() for line in lines]


def year_axis(years: Sequence[int], title: str) -> Spec:
    """Report years as evenly spaced places; every year of the span has one, with data or not."""
    domain = list(range(min(years), max(years) + 1))
    return field(
        "year:O",
        title=title,
        scale={"domain": domain, "paddingOuter": 0.3},
        axis={"labelOverlap": "greedy"},
    )


def top_years(years: Sequence[int]) -> Spec:
    """Years over the columns of a matrix; two digits where four would run into each other."""
    short = f'width < {34 * len(years)} ? "\'" + slice(datum.label, 2) : datum.label'
    return {"orient": "top", "domain": False, "ticks": False, "labelExpr": short}


def marks_layer(marks: Sequence[Mark], years: Sequence[int], look: Look, axis: Spec) -> list[Spec]:
    """Dashed lines where the form or the law changed, at the start of their year."""
    inside = [m for m in marks if min(years) < m.year <= max(years)]
    if not inside:
        return []
    p = look.colours
    x = {**axis, "bandPosition": 0}
    told = tips([("label", " "), ("note", " ")])
    # Marks of neighbouring years would write over each other: each next one stands a line lower.
    levels = [-26.0 + 13 * (n % 3) for n in range(len(inside))] if len(inside) > 1 else [-13.0]
    rows: Rows = [
        {"year": m.year, "label": m.label, "note": m.note, "level": level}
        for m, level in zip(inside, levels, strict=True)
    ]
    line = mark("rule", color=p.mark, strokeDash=[3, 3], opacity=0.9)
    late = (max(years) - min(years)) / 2 + min(years)
    texts = []
    for row in rows:
        behind = row["year"] > late
        style = mark(
            "text",
            align="right" if behind else "left",
            baseline="top",
            dx=-3 if behind else 3,
            dy=row["level"],
            color=p.mark,
            fontSize=11,
        )
        words = {"x": x, "y": value(0), "text": field("label:N"), "tooltip": told}
        texts.append(layer([r for r in rows if r["year"] == row["year"]], style, words))
    return [layer(rows, line, {"x": x, "tooltip": told}), *texts]
