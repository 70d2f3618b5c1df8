"""A figure as a picture: PNG, SVG, PDF, the same drawing as on screen with its passport below.

Vega draws the chart to SVG (through vl-convert, no browser); title, sentence and footer are set
around it here, where lines can be broken and nothing is cut; Typst turns the whole into PNG and
PDF. The text of PDF and SVG stays text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from dashboard import theme
from dashboard.charts.base import to_spec
from dashboard.drawing import Drawers
from dashboard.export import fonts, typeset
from dashboard.export.base import Item, passport
from dashboard.export.safe import clean

WIDTH: Final = 900
MARGIN: Final = 28
#: Of the screen only: nothing to click or to point at on paper.
_SCREEN_ONLY: Final = frozenset({"params", "tooltip", "cursor", "href", "usermeta"})
_TITLE, _SENTENCE, _FOOT = 19.0, 14.0, 11.5


def paper_spec(spec: dict[str, Any], width: int, height: int = 0) -> dict[str, Any]:
    """A screen chart as a printed one: same marks and scales, no interaction, our font.

    ``height`` is how high the whole drawing is to be, axes and legend included (a slide has so much
    room); one of rows keeps them readable, see :func:`least_height`.
    """
    out: dict[str, Any] = _still(spec)
    config = dict(out.get("config", {}))
    config |= {"font": fonts.FAMILY, "background": "transparent"}
    out["config"] = config
    if not any(key in out for key in ("hconcat", "vconcat", "concat", "facet", "repeat")) and not (
        isinstance(out.get("width"), int | float)
    ):
        left, above = around(out)
        high = out.get("height")
        out["width"] = max(1, width - left)
        # Vega's own fitting lays everything out twice or more: 1.2 instead of 0.6 s for a matrix.
        out["autosize"] = {"type": "pad", "contains": "padding"}
        if height and isinstance(high, int | float):
            high = round(_WIDEN * high) if _in_rows(out) else height
            out["height"] = max(least_height(out), min(height, high + above)) - above
    unlimited: dict[str, Any] = _unlimited(out, _longest(out), round(_LABELS * width))
    return unlimited


#: Pixels of a line of labels, of a title and of a legend, with the space around each.
_LINE, _TITLED, _LEGEND, _BAR = 20, 21, 30, 62
#: Rows (bars, lines of a matrix: 22 to 28 pixels on screen) may be this much lower or higher.
_NARROW, _WIDEN = 0.7, 2.0


def least_height(spec: dict[str, Any]) -> int:
    """The least height of a whole drawing at which its rows can be read; 0 where there are none."""
    high = spec.get("height")
    if not isinstance(high, int | float) or not _in_rows(spec):
        return 0
    return round(_NARROW * high + around(spec)[1])


def around(spec: dict[str, Any]) -> tuple[int, int]:
    """About how many pixels axes, their titles and legends take beside a plot, and above and below.

    What is drawn is a little more or less; a document scales it into its place.
    """
    x, y = _channel(spec, "x"), _channel(spec, "y")
    beside = above = 6.0
    if y and y.get("axis", {}) is not None:
        texts = _texts(spec, str(y.get("field", "")).replace("\\", ""))
        words = y.get("type") in ("nominal", "ordinal")
        longest = max((fonts.width(text, _LABEL - 1) for text in texts), default=0.0)
        limit = (y.get("axis") or {}).get("labelLimit") or _LABELS * WIDTH
        beside += min(longest, limit) + 8 if words else 46
        beside += _TITLED if y.get("title") else 0
    if x and x.get("axis", {}) is not None:
        above += _LINE + (_TITLED if x.get("title") else 0)
    for legend in _legends(spec):
        above += _BAR if legend == "quantitative" else _LEGEND
    return round(beside), round(above)


def _channel(node: dict[str, Any], name: str) -> dict[str, Any]:
    """The first encoding of a position in a chart or its layers that is bound to a field."""
    found = node.get("encoding", {}).get(name, {})
    if isinstance(found, dict) and "field" in found:
        return found
    parts = (_channel(part, name) for part in node.get("layer", ()))
    return next((part for part in parts if part), {})


def _legends(node: dict[str, Any]) -> set[str]:
    """The kinds of the legends of a chart."""
    out = set()
    for name, bound in node.get("encoding", {}).items():
        if name in ("color", "fill", "shape", "strokeDash") and isinstance(bound, dict):
            # The field may stand in a condition: cells that are drawn hollow have no colour.
            wheres = bound.get("condition", bound)
            for where in wheres if isinstance(wheres, list) else [wheres]:
                if "field" in where and where.get("legend", {}) is not None:
                    out.add(str(where.get("type")))
    for part in node.get("layer", ()):
        out |= _legends(part)
    return out


def _texts(spec: dict[str, Any], field: str) -> set[str]:
    """The texts of a field in a chart's data."""
    rows = (row for rows in spec.get("datasets", {}).values() for row in rows)
    return {str(row[field]) for row in rows if row.get(field) is not None}


def _in_rows(node: Any) -> bool:
    """Whether a chart has rows: something other than a quantity runs along its y."""
    if isinstance(node, list):
        return any(map(_in_rows, node))
    if not isinstance(node, dict):
        return False
    y = node.get("encoding", {}).get("y", {})
    if isinstance(y, dict) and y.get("type") in ("nominal", "ordinal"):
        return True
    return any(_in_rows(node[key]) for key in ("layer", "spec") if key in node)


#: The part of a drawing's width its longest label may take: on paper nothing shows the rest of one.
_LABELS: Final = 0.4
#: The largest words of an axis or legend in pixels.
_LABEL: Final = 13


def _longest(spec: dict[str, Any]) -> float:
    """How wide the widest text of a chart's data is, in pixels."""
    texts: set[str] = set()
    for rows in spec.get("datasets", {}).values():
        for row in rows:
            texts.update(v for v in row.values() if isinstance(v, str))
    return max((fonts.width(text, _LABEL) for text in texts), default=0.0)


def _unlimited(spec: Any, longest: float, most: int) -> Any:
    """A specification without limits that cut nothing: each costs Vega a measuring a word.

    Where words are cut, not before they take ``most`` pixels.

    A word is measured in 2 ms; with limits every word is measured once more in layout and once
    more in drawing (measured, vl-convert 1.9: 1.3 to 0.8 s for 170 words). Labels made by an
    expression keep theirs: their words are not in the data.
    """
    if isinstance(spec, list):
        return [_unlimited(part, longest, most) for part in spec]
    if not isinstance(spec, dict):
        return spec
    out = {
        key: value if key in ("datasets", "data", "values") else _unlimited(value, longest, most)
        for key, value in spec.items()
    }
    if "labelLimit" in out and "labelExpr" not in out:
        room = max(out["labelLimit"], most)
        out["labelLimit"] = 0 if longest <= room else room
    return out


def _still(node: Any) -> Any:
    """A specification without its interactive parts; data are left as they are."""
    if isinstance(node, list):
        return [_still(part) for part in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if key in _SCREEN_ONLY:
            continue
        if key == "condition" and isinstance(value, dict) and "param" in value:
            continue
        out[key] = value if key in ("datasets", "data", "values") else _still(value)
    return out


@cache
def _drawers() -> Drawers:
    """The processes that draw, shared by all exports."""
    return Drawers(str(fonts.folder()))


def chart_svg(spec: dict[str, Any]) -> str:
    """A printed specification (:func:`paper_spec`) drawn as SVG."""
    return clean(_drawers().svg(spec))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished picture: as SVG for further conversion here, as PNG where that was asked for."""

    svg: str
    png: bytes = b""


def svg(
    item: Item, *, today: dt.date | None = None, bare: bool = False, width: int = WIDTH,
    height: int = 0, spec: dict[str, Any] | None = None,
) -> str:  # fmt: skip
    """The picture of :func:`begin` as SVG, waiting for it."""
    begun = begin(item, today=today, bare=bare, width=width, height=height, spec=spec)
    return begun.result().svg


def begin(
    item: Item, *, today: dt.date | None = None, bare: bool = False, width: int = WIDTH,
    height: int = 0, spec: dict[str, Any] | None = None, scale: float = 0,
) -> Future[Drawn]:  # fmt: skip
    """A picture that is drawn while its caller goes on (font by name, nothing embedded).

    ``bare`` leaves title, sentence, passport and margins to the document around it. A ``width``
    smaller than usual makes the chart's words larger where a document scales it to its column;
    ``height`` is how high the chart is to be, ``spec`` its specification if it is known. ``scale``:
    as PNG, too, with so many pixels a unit.
    """
    margin = 0 if bare else MARGIN
    # Here and not on another thread: a view asks the page's caches.
    spec = to_spec(item.figure.draw) if spec is None else spec
    paper = paper_spec(spec, width - 2 * margin, height)
    notes = [] if bare else passport(item, today)

    def work() -> Drawn:
        drawing = _composed(item, chart_svg(paper), margin, width, notes)
        return Drawn(drawing, from_svg(drawing, scale) if scale else b"")

    return _drawers().begin(work)


def _composed(item: Item, chart: str, margin: int, width: int, notes: Sequence[str]) -> str:
    """A drawing with title, words and passport around it where it has margins."""
    bare = not margin
    wide, high = size(chart)
    room = wide if bare else max(width - 2 * margin, wide)
    y = 0.0
    parts: list[str] = []
    p = theme.LIGHT
    if not bare:
        tag = item.view.t("export.demo_tag") if item.view.meta.is_demo else ""
        tag_room = fonts.width(tag, _FOOT) + 28 if tag else 0
        y += MARGIN
        if tag:
            parts.append(_tag(tag, MARGIN + room, y))
        lines = fonts.wrap(item.heading, _TITLE, room - tag_room)
        y = _block(parts, lines, y, _TITLE, 27, p.ink, weight=True)
        words = item.note or item.figure.sentence
        y = _block(parts, fonts.wrap(words, _SENTENCE, room), y + 4, _SENTENCE, 21, p.quiet) + 12
    parts.append(_nested(chart, margin, y))
    y += high
    if not bare:
        y += 14
        parts.append(
            f'<line x1="{MARGIN}" x2="{MARGIN + room:.0f}" y1="{y:.0f}" y2="{y:.0f}" '
            f'stroke="{p.line}" stroke-width="1"/>'
        )
        y += 6
        for line in notes:
            y = _block(parts, fonts.wrap(line, _FOOT, room), y, _FOOT, 17, p.quiet)
        y += MARGIN - 8
    w, h = round(room + 2 * margin), round(y)
    label = escape(clean(f"{item.heading}。{item.figure.sentence}"), {'"': "&quot;"})
    return (
        f'<svg {_namespaces(chart)} width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" '
        f'aria-label="{label}" '
        f'lang="{"zh-CN" if item.view.lang == "zh" else "en"}">'
        f'<rect width="{w}" height="{h}" fill="{p.ground}"/>{"".join(parts)}</svg>'
    )


def size(chart: str) -> tuple[float, float]:
    """Width and height of a drawing in pixels."""
    found = re.search(r'<svg[^>]*?\swidth="([\d.]+)"[^>]*?\sheight="([\d.]+)"', chart)
    return (float(found[1]), float(found[2])) if found else (WIDTH - 2.0 * MARGIN, 300.0)


def _namespaces(chart: str) -> str:
    """The namespace declarations of the chart's own root, for the drawing around it."""
    root = chart[chart.index("<svg") : chart.index(">", chart.index("<svg"))]
    return " ".join(re.findall(r'xmlns(?::\w+)?="[^"]+"', root))


def _nested(chart: str, x: float, y: float) -> str:
    """A whole SVG placed inside another."""
    return chart[chart.index("<svg") :].replace("<svg", f'<svg x="{x:.1f}" y="{y:.1f}"', 1)


def _block(
    parts: list[str], lines: list[str], y: float, size: float, step: float, colour: str,
    *, weight: bool = False,
) -> float:  # fmt: skip
    """Add lines of text below ``y``; where they end is returned."""
    # The font has one weight: a thin outline of the same colour makes a title bolder.
    bold = f' stroke="{colour}" stroke-width="0.45"' if weight else ""
    for line in lines:
        parts.append(
            f'<text x="{MARGIN}" y="{y + size:.1f}" font-family="{fonts.FAMILY}" '
            f'font-size="{size}px" fill="{colour}"{bold}>{escape(clean(line))}</text>'
        )
        y += step
    return y


def _tag(text: str, right: float, y: float) -> str:
    """A framed word at the right edge."""
    wide, p = fonts.width(text, _FOOT) + 14, theme.LIGHT
    return (
        f'<rect x="{right - wide:.1f}" y="{y:.1f}" width="{wide:.1f}" height="22" rx="3" '
        f'fill="none" stroke="{p.warn}"/><text x="{right - wide / 2:.1f}" y="{y + 15.5:.1f}" '
        f'text-anchor="middle" font-family="{fonts.FAMILY}" font-size="{_FOOT}px" '
        f'fill="{p.warn}">{escape(text)}</text>'
    )


def png(item: Item, scale: float = 2, *, bare: bool = False, today: dt.date | None = None) -> bytes:
    """The picture as PNG, ``scale`` pixels a CSS pixel."""
    return from_svg(svg(item, today=today, bare=bare), scale)


def from_svg(drawing: str, scale: float = 2) -> bytes:
    """A drawing of :func:`svg` as PNG."""
    return typeset.png(drawing, *size(drawing), scale)


def pdf(item: Item, *, today: dt.date | None = None) -> bytes:
    """The picture as a PDF page of its own size; its text can be selected and searched."""
    drawing = svg(item, today=today)
    title, said = clean(item.heading), clean(item.figure.sentence)
    return typeset.drawn(drawing, *size(drawing), title, said, item.view.lang)


def svg_file(item: Item, *, today: dt.date | None = None) -> bytes:
    """The picture as an SVG file for any viewer, see :func:`standalone`."""
    return standalone(svg(item, today=today))


def standalone(drawing: str) -> bytes:
    """A drawing of :func:`svg` as a file: text is text, fonts by a list of names.

    With fontTools installed the characters used are embedded; without, the viewer's Chinese font
    is taken (every desktop system has one).
    """
    face = fonts.face("".join(sorted(set(re.sub(r"<[^>]+>", "", drawing)))))
    style = f"<defs><style>{face}</style></defs>" if face else ""
    drawing = drawing.replace(f'font-family="{fonts.FAMILY}"', f'font-family="{fonts.STACK}"')
    drawing = drawing.replace(">", f">{style}", 1)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + drawing).encode("utf-8")
