"""A figure's ``native`` as a chart of PowerPoint: editable, its numbers in a sheet behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.shapes import MSO_CONNECTOR
from pptx.enum.text import PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Pt

from dashboard import formats, theme
from dashboard.charts.base import Mark
from dashboard.export import fonts
from dashboard.export import native as natives
from dashboard.export.base import Item
from dashboard.export.data import plain
from dashboard.export.safe import clean, inert
from dashboard.export.template import Box, rgb
from dashboard.figures import Native, Series

_TYPES: Final = {
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "bar_stacked": XL_CHART_TYPE.BAR_STACKED,
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "column_stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "scatter": XL_CHART_TYPE.XY_SCATTER,
}
#: A part of a stack smaller than this share of the longest stack has no room for its label.
_LABELLED: Final = 0.035
_LABEL_POINTS: Final = 80


def add_chart(slide: Any, item: Item, box: Box) -> Any:
    """Put the chart on a slide.

    Raises:
        AssertionError: the figure has no native form (ask ``native.fits`` before).
    """
    native = item.figure.native
    assert native is not None
    frame = slide.shapes.add_chart(
        _TYPES[native.kind], Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height),
        _data(native),
    )  # fmt: skip
    frame._element.nvGraphicFramePr.cNvPr.set("descr", clean(item.figure.sentence)[:2000])
    chart = frame.chart
    chart.font.size = Pt(_size(native, box))
    chart.font.color.rgb = rgb(theme.LIGHT.ink)
    chart.has_title = False
    _legend(chart, native)
    _axes(chart, native)
    for series, made, colour in zip(
        native.series, chart.plots[0].series, natives.colours(native), strict=True
    ):
        _style(native, series, made, colour)
    _labels(chart, native)
    _gaps(chart)
    if found := natives.changes(item.figure):
        _changes(slide, chart, native, found, box)
    return frame


#: Points around a plot whose place is fixed: value labels and title, those of categories, a legend,
#: a line of words above a mark.
_LEFT, _BELOW, _RIGHT, _KEY, _LINE = 30.0, 48.0, 14.0, 30.0, 14.0


def _changes(
    slide: Any, chart: Any, native: Native, found: list[tuple[int, Mark]], box: Box
) -> None:
    """Dashed lines where the form or the law changed, with their words, as the screen has them.

    No chart of an office program has such a mark; they are shapes of the slide over the plot, which
    is put at a known place for them.
    """
    wide, high = box.width / 12700, box.height / 12700
    flat = native.kind.startswith("bar")
    top = (_KEY if chart.has_legend else 6.0) + (0 if flat else _LINE * min(len(found), 3))
    left = _LEFT + _beside(native)
    # Beside the bars: on them the words could not be read.
    longest = max(fonts.width(mark.label, 10) for _, mark in found)
    right = min(longest + 10, wide / 4) if flat else _RIGHT
    inner = Box(round(left), round(top), round(wide - left - right), round(high - top - _BELOW))
    area = chart._chartSpace.find(qn("c:chart")).find(qn("c:plotArea"))
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    sides = {"x": inner.left / wide, "y": inner.top / high,
             "w": inner.width / wide, "h": inner.height / high}  # fmt: skip
    numbers = "".join(f'<c:{key} val="{part:.5f}"/>' for key, part in sides.items())
    area.insert(0, parse_xml(
        f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/>'
        f'<c:xMode val="edge"/><c:yMode val="edge"/>{numbers}</c:manualLayout></c:layout>'
    ))  # fmt: skip
    many = len(native.categories)
    ends: tuple[float, float, float, float]
    words: tuple[float, float, float, Any]
    before: list[int] = []
    for n, (place, mark) in enumerate(found):
        again = before.count(place)  # two changes between the same years
        before.append(place)
        if flat:  # the first year at the bottom
            y = inner.top + inner.height * (1 - place / many)
            ends = (inner.left, y, inner.left + inner.width, y)
            words = (inner.left + inner.width + 4, y + _LINE * (again - 0.5), right, PP_ALIGN.LEFT)
        else:
            x = inner.left + inner.width * place / many
            above = inner.top - _LINE * (1 + n % 3)
            ends = (x, above, x, inner.top + inner.height)
            behind = place > many / 2
            words = (x - 262 if behind else x + 2, above, 260.0,
                     PP_ALIGN.RIGHT if behind else PP_ALIGN.LEFT)  # fmt: skip
        _mark(slide, mark, box, ends, words)


def _beside(native: Native) -> float:
    """Points the longest label left of the plot takes."""
    if native.kind.startswith("bar"):
        texts = [str(c) for c in native.categories]
    elif native.percent:
        texts = ["100%"]
    else:
        stacked = native.kind.endswith("stacked")
        known = [abs(v) for s in native.series for v in s.values if v is not None]
        texts = [formats.number(1.2 * (_longest(native) if stacked else max(known, default=0)), 1)]
    return max(fonts.width(text, 12) for text in texts)


def _mark(
    slide: Any, mark: Mark, box: Box, ends: tuple[float, float, float, float],
    words: tuple[float, float, float, Any],
) -> None:  # fmt: skip
    """A line and its words, in points from the box's corner."""

    def at(x: float, y: float) -> tuple[Any, Any]:
        return Emu(box.left + round(x * 12700)), Emu(box.top + round(y * 12700))

    line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *at(*ends[:2]), *at(*ends[2:]))
    line.line.color.rgb = rgb(theme.LIGHT.mark)
    line.line.width = Pt(1)
    line.line.dash_style = MSO_LINE_DASH_STYLE.DASH
    line.name = clean(mark.label)[:100]
    line._element.nvCxnSpPr.cNvPr.set("descr", clean(mark.note)[:500])
    x, y, wide, align = words
    text = slide.shapes.add_textbox(*at(x, y), Emu(round(wide * 12700)), Emu(round(_LINE * 12700)))
    frame = text.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap = True
    frame.paragraphs[0].alignment = align
    run = frame.paragraphs[0].add_run()
    run.text = clean(mark.label)
    run.font.size, run.font.color.rgb = Pt(10), rgb(theme.LIGHT.mark)


def _size(native: Native, box: Box) -> float:
    """Twelve points, less where many bars stand below each other: every bar keeps its name.

    LibreOffice leaves out every second one where lines of a Chinese face would touch.
    """
    if not native.kind.startswith("bar"):
        return 12.0
    room = box.height / 12700 - 40
    return max(6.0, min(12.0, room / max(len(native.categories), 1) / 1.75))


def _data(native: Native) -> Any:
    number = natives.number_format(native)
    if native.kind == "scatter":
        xy: Any = XyChartData(number_format=number)  # type: ignore[no-untyped-call]
        for series in native.series:
            made = xy.add_series(inert(series.name))
            for x, y in zip(native.categories, series.values, strict=True):
                if not formats.is_missing(y):
                    made.add_data_point(float(x), float(y or 0))
        return xy
    data: Any = CategoryChartData(number_format=number)  # type: ignore[no-untyped-call]
    # Texts: years as numbers would be taken for a scale. Inert: the sheet behind computes formulas.
    data.categories = [inert(plain(c)) for c in native.categories]
    for series in native.series:
        values = [None if formats.is_missing(v) else v for v in series.values]
        data.add_series(inert(series.name), values)
    return data


def _legend(chart: Any, native: Native) -> None:
    chart.has_legend = len(natives.distinct(native)) > 1
    if not chart.has_legend:
        return
    chart.legend.position = XL_LEGEND_POSITION.TOP
    chart.legend.include_in_layout = False
    legend = chart.legend._element
    for place in natives.repeated(native):
        entry = parse_xml(
            f"<c:legendEntry {nsdecls('c')}><c:idx val=\"{place}\"/><c:delete val=\"1\"/>"
            "</c:legendEntry>"
        )  # fmt: skip
        legend.insert(1 + len(legend.findall(qn("c:legendEntry"))), entry)


def _axes(chart: Any, native: Native) -> None:
    flat = native.kind.startswith("bar")
    groups, values = chart.category_axis, chart.value_axis
    _title(values, native.x_title if flat else native.y_title)
    _title(groups, native.y_title if flat else native.x_title)
    values.tick_labels.number_format = natives.axis_format(native)
    values.tick_labels.number_format_is_linked = False
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = rgb(theme.LIGHT.line)
    values.format.line.fill.background()
    groups.format.line.color.rgb = rgb(theme.LIGHT.peers)
    groups.has_major_gridlines = False
    groups.major_tick_mark = values.major_tick_mark = XL_TICK_MARK.NONE
    groups.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if natives.from_zero(native):
        values.minimum_scale = 0
    if native.kind == "bar_stacked" and native.percent:
        values.maximum_scale = natives.ceiling(native)
    if flat and natives.first_on_top(native):
        groups.reverse_order = True
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH  # below, though turned over
    if native.kind == "scatter":
        groups.tick_labels.number_format = "#,##0"
        groups.tick_labels.number_format_is_linked = False
        if native.log_x:
            scaling = groups._element.find(qn("c:scaling"))
            scaling.insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
    elif len(native.categories) <= 60:
        skip = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="1"/>')
        after = groups._element.find(qn("c:noMultiLvlLbl"))
        if after is not None:
            after.addprevious(skip)


def _title(axis: Any, text: str) -> None:
    axis.has_title = bool(text)
    if text:
        frame = axis.axis_title.text_frame
        frame.text = clean(text)
        for run in frame.paragraphs[0].runs:
            font = run.font
            font.size, font.bold, font.color.rgb = Pt(11), False, rgb(theme.LIGHT.quiet)


def _style(native: Native, series: Series, made: Any, colour: str) -> None:
    quiet = natives.is_quiet(series)
    # A scatter chart holds only the points that there are.
    known = [n for n, v in enumerate(series.values) if not formats.is_missing(v)]
    if native.kind == "line":
        made.smooth = False
        made.format.line.color.rgb = rgb(colour)
        made.format.line.width = Pt(1.25 if quiet else 2.25)
        if quiet:
            made.format.line.dash_style = MSO_LINE_DASH_STYLE.DASH
            made.marker.style = XL_MARKER_STYLE.NONE
        else:
            _marker(made.marker, colour, 7)
    elif native.kind == "scatter":
        made.format.line.fill.background()
        if series.curve:
            made.smooth = False
            made.format.line.color.rgb = rgb(colour)
            made.format.line.width = Pt(1.25)
            if series.dashed:
                made.format.line.dash_style = MSO_LINE_DASH_STYLE.DASH
            made.marker.style = XL_MARKER_STYLE.NONE
        else:
            all_hollow = len(series.hollow) == len(known)
            _marker(made.marker, colour, 7, hollow=all_hollow, shape=series.shape)
            _names(made, series, known)
            if all_hollow:
                return
    else:
        made.format.fill.solid()
        made.format.fill.fore_color.rgb = rgb(colour)
        made.format.line.color.rgb = rgb("#ffffff")
        made.invert_if_negative = False
    for place in series.hollow:
        if place not in known:
            continue
        point = made.points[known.index(place) if native.kind == "scatter" else place]
        if native.kind in ("line", "scatter"):
            _marker(point.marker, colour, 7, hollow=True, shape=series.shape)
        else:
            point.format.fill.solid()
            point.format.fill.fore_color.rgb = rgb("#ffffff")
            point.format.line.color.rgb = rgb(colour)


_SHAPES: Final = {
    "circle": XL_MARKER_STYLE.CIRCLE, "triangle": XL_MARKER_STYLE.TRIANGLE,
    "square": XL_MARKER_STYLE.SQUARE, "diamond": XL_MARKER_STYLE.DIAMOND,
}  # fmt: skip


def _names(made: Any, series: Series, known: Sequence[int]) -> None:
    """The words beside the points of a scatter chart; ``known`` are the places of its values."""
    for place, n in enumerate(known):
        if series.labels and series.labels[n]:
            label = made.points[place].data_label
            label.text_frame.text = clean(series.labels[n])
            label.text_frame.word_wrap = False
            label.position = XL_LABEL_POSITION.LEFT
            for run in label.text_frame.paragraphs[0].runs:
                run.font.size = Pt(10)


def _marker(
    marker: Any, colour: str, size: int, *, hollow: bool = False, shape: str = "circle"
) -> None:  # fmt: skip
    marker.style, marker.size = _SHAPES[shape], size
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = rgb(natives.pale(colour) if hollow else colour)
    marker.format.line.color.rgb = rgb(colour)


def _labels(chart: Any, native: Native) -> None:
    """Values beside or inside the marks, where there is room for them."""
    plot = chart.plots[0]
    stacked = native.kind.endswith("stacked")
    if not native.kind.startswith("line") and hasattr(plot, "gap_width"):
        plot.gap_width = 45
    if len(native.categories) * len(native.series) > _LABEL_POINTS or native.kind == "scatter":
        return
    if not stacked and len([s for s in native.series if not natives.is_quiet(s)]) > 1:
        return
    most = _longest(native)
    for series, made, colour in zip(
        native.series, plot.series, natives.colours(native), strict=True
    ):
        if natives.is_quiet(series):
            continue
        labels = made.data_labels
        labels.show_value = True
        labels.number_format = "0%" if native.percent and stacked else natives.number_format(native)
        labels.number_format_is_linked = False
        if stacked:
            labels.position = XL_LABEL_POSITION.CENTER
            labels.font.color.rgb = rgb(theme.text_on(colour))
            labels.font.size = Pt(10)
            _without(labels, [
                n for n, v in enumerate(series.values)
                if formats.is_missing(v) or abs(float(v or 0)) < _LABELLED * most
            ])  # fmt: skip
        else:
            line = native.kind == "line"
            labels.position = XL_LABEL_POSITION.ABOVE if line else XL_LABEL_POSITION.OUTSIDE_END


def _longest(native: Native) -> float:
    return max(
        (
            sum(abs(s.values[n] or 0) for s in native.series if not formats.is_missing(s.values[n]))
            for n in range(len(native.categories))
        ),
        default=0.0,
    )


def _without(labels: Any, places: list[int]) -> None:
    """No label at these places."""
    for n, place in enumerate(places):
        labels._element.insert(n, parse_xml(
            f'<c:dLbl {nsdecls("c")}><c:idx val="{place}"/><c:delete val="1"/></c:dLbl>'
        ))  # fmt: skip


def _gaps(chart: Any) -> None:
    """Nothing is drawn where nothing is known."""
    root = chart._chartSpace.find(qn("c:chart"))
    shown = root.find(qn("c:dispBlanksAs"))
    if shown is None:
        shown = parse_xml(f'<c:dispBlanksAs {nsdecls("c")} val="gap"/>')
        root.append(shown)
    shown.set("val", "gap")
