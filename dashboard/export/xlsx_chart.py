"""A figure's ``native`` as a chart of Excel, over cells that hold its numbers."""

from __future__ import annotations

import re
from typing import Any, Final

from dashboard.export import native as natives
from dashboard.export.safe import inert
from dashboard.figures import Native, Series

FONT: Final = "Microsoft YaHei"
#: Pixels of a chart around its bars; points of a pixel; a line in heights of its words.
_AROUND, _POINTS, _LINE = 90, 0.75, 1.5
_KINDS: Final = {
    "line": {"type": "line"}, "bar": {"type": "bar"}, "column": {"type": "column"},
    "bar_stacked": {"type": "bar", "subtype": "stacked"},
    "column_stacked": {"type": "column", "subtype": "stacked"}, "scatter": {"type": "scatter"},
}  # fmt: skip


def add_chart(book: Any, native: Native, sheet: str, row: int, high: int) -> Any:
    """A chart of numbers that stand in a sheet: heads in ``row``, categories first."""
    last = row + len(native.categories)
    chart = book.add_chart(_KINDS[native.kind])
    for c, (series, colour) in enumerate(
        zip(native.series, natives.colours(native), strict=True), start=1
    ):
        chart.add_series({
            "name": [sheet, row, c],
            "categories": [sheet, row + 1, 0, last, 0],
            "values": [sheet, row + 1, c, last, c],
            **_style(native.kind, colour, series),
            **_hollow(native.kind, colour, series),
            **_names(series),
        })  # fmt: skip
    _axes(chart, native, high)
    return chart


def _axes(chart: Any, native: Native, high: int) -> None:
    font = {"name": FONT, "size": 9, "bold": False, "color": "#5a6673"}
    flat = native.kind.startswith("bar")
    values = native.x_title if flat else native.y_title
    groups = native.y_title if flat else native.x_title
    value_axis: dict[str, Any] = {
        "name": _title(values), "name_font": font, "num_font": font,
        "num_format": natives.axis_format(native), "major_gridlines":
        {"visible": True, "line": {"color": "#dfe4e9"}}, "line": {"none": True},
    }  # fmt: skip
    group_axis: dict[str, Any] = {
        "name": _title(groups), "name_font": font, "num_font": font, "label_position": "low",
        "line": {"color": "#8a96a3"}, "major_gridlines": {"visible": False},
    }  # fmt: skip
    if flat:  # every bar has its name, in words that leave room for the next
        room = (high - _AROUND) * _POINTS / max(len(native.categories), 1)
        small = max(6, min(9, int(room / _LINE)))
        group_axis |= {"interval_unit": 1, "num_font": {**font, "size": small}}
    if flat and natives.first_on_top(native):
        group_axis["reverse"] = True
        value_axis["label_position"] = "high"  # below, though the axis is turned over
    if natives.from_zero(native):
        value_axis["min"] = 0
    if native.kind == "bar_stacked" and native.percent:
        value_axis["max"] = natives.ceiling(native)
    if native.log_x:
        group_axis["log_base"] = 10
    # XlsxWriter's axes are those of the paper: a bar chart's categories run along its y.
    (chart.set_y_axis if flat else chart.set_x_axis)(group_axis)
    (chart.set_x_axis if flat else chart.set_y_axis)(value_axis)
    chart.show_blanks_as("gap")
    chart.set_title({"none": True})
    if len(natives.distinct(native)) > 1:
        chart.set_legend({
            "position": "top", "font": font, "delete_series": natives.repeated(native),
        })  # fmt: skip
    else:
        chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"none": True}})


def _hollow(kind: str, colour: str, series: Series) -> dict[str, Any]:
    """The points drawn hollow (small base, failing report), as on screen."""
    if not series.hollow:
        return {}
    inside = natives.pale(colour) if kind in ("line", "scatter") else "#ffffff"
    empty = {"fill": {"color": inside}, "border": {"color": colour}}
    places = set(series.hollow)
    return {"points": [empty if n in places else None for n in range(len(series.values))]}


def _title(text: str) -> str:
    """An axis title; XlsxWriter makes a reference of any text with ``!A1`` in it."""
    return re.sub(r"!(?=\$?[A-Z]+\$?\d)", "\uff01", inert(text))


def _names(series: Series) -> dict[str, Any]:
    """The words beside some points."""
    if not any(series.labels):
        return {}
    custom = [{"value": inert(label)} if label else {"delete": True} for label in series.labels]
    return {"data_labels": {"value": True, "position": "left", "custom": custom}}


def _style(kind: str, colour: str, series: Series) -> dict[str, Any]:
    if kind == "line":
        quiet = natives.is_quiet(series)
        return {
            "line": {"color": colour, "width": 1.25 if quiet else 2.25,
                     **({"dash_type": "dash"} if quiet else {})},
            "marker": {"type": "none"} if quiet else {
                "type": "circle", "size": 6, "fill": {"color": colour},
                "border": {"color": colour}},
        }  # fmt: skip
    if kind == "scatter" and series.curve:
        dashed = {"dash_type": "dash"} if series.dashed else {}
        return {"line": {"color": colour, "width": 1.25, **dashed}, "marker": {"type": "none"}}
    if kind == "scatter":
        inside = natives.pale(colour) if series.hollow else colour
        return {"marker": {"type": series.shape, "size": 6, "fill": {"color": inside},
                           "border": {"color": colour}}}  # fmt: skip
    gap = {"gap": 45}
    stacked = {"overlap": 100} if kind.endswith("stacked") else {}
    border = {"border": {"color": "#ffffff"}}
    return {"fill": {"color": colour}, **border, **gap, **stacked}
