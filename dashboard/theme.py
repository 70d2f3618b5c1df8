"""One look for every chart: fonts, greys, and colours that mean the same thing everywhere. Pure.

Outcome colours are Okabe and Ito's set, told apart with the common colour-vision deficiencies;
charts never rely on them alone (segments carry labels, lines end in their name, points have
shapes). Checked for 3:1 contrast against both backgrounds by a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

#: The reader's own fonts first, then the bundled ones (see .streamlit/config.toml).
FONT: Final = (
    "'PingFang SC', 'Microsoft YaHei', 'Hiragino Sans GB', 'Noto Sans CJK SC', "
    "'Source Han Sans SC', 'Observatory Noto Sans SC', 'Observatory Noto Sans SC Rare', sans-serif"
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme: ``ink`` text, ``quiet`` secondary text, ``line`` rules and grids."""

    dark: bool
    ground: str
    ink: str
    quiet: str
    line: str
    main: str
    peers: str
    warn: str
    good: str
    bad: str
    mark: str


LIGHT: Final = Palette(
    False, "#ffffff", "#1c2530", "#5a6673", "#dfe4e9", "#0b5fa5", "#8a96a3", "#b45309",
    "#0a7a5a", "#b3261e", "#7a4b00",
)  # fmt: skip
DARK: Final = Palette(
    True, "#11161c", "#e6ebf0", "#a3afbb", "#2c3742", "#6cb2ee", "#7c8894", "#f0a94b",
    "#4cc9a0", "#ff8a80", "#e0b060",
)  # fmt: skip

#: Shares of a whole in their order of the metric dictionary : (light, dark).
#: Fills keep 3:1 against the ground; the text is black or white, whichever reads better on it.
SERIES: Final[tuple[tuple[str, str], ...]] = (
    ("#0072b2", "#3a9bd9"),
    ("#3d93c9", "#7cc4ee"),
    ("#c44e00", "#ee7733"),
    ("#b07d00", "#e6b422"),
    ("#a8548a", "#d98cbd"),
    ("#6b747d", "#9aa5b0"),
)
EXTRA: Final[tuple[tuple[str, str], ...]] = (("#00795c", "#2fbf95"), ("#7a5195", "#b493d3"))
#: Kinds of applicant: none of the outcomes' colours, which mean something of their own.
APPLICANTS: Final[tuple[tuple[str, str], ...]] = (
    ("#00795c", "#2fbf95"),
    ("#7a5195", "#b493d3"),
    ("#2f4b7c", "#8fa9e0"),
    ("#b5446e", "#e98fb0"),
    ("#5b7f00", "#a6c94b"),
    ("#6b747d", "#9aa5b0"),
)
#: Wholes (``share_of`` in the metric dictionary) with colours of their own.
WHOLES: Final = {"applicant": APPLICANTS}


def palette(dark: bool) -> Palette:
    """The colours of a theme."""
    return DARK if dark else LIGHT


def series_colours(n: int, *, dark: bool) -> list[str]:
    """The first ``n`` colours for parts of a whole, always in the same order."""
    every = [*SERIES, *EXTRA]
    return [every[i % len(every)][1 if dark else 0] for i in range(n)]


def line_colours(p: Palette) -> list[str]:
    """The colours of lines beside each other, at most four: on screen and in office programs."""
    return [p.main, p.warn, p.good, p.peers]


def whole_colours(whole: str, n: int, *, dark: bool) -> list[str]:
    """The colours of a whole's parts: the same on every page."""
    pairs = WHOLES.get(whole)
    if pairs is None or n > len(pairs):
        return series_colours(n, dark=dark)
    return [pair[1 if dark else 0] for pair in pairs[:n]]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    one, two = sorted((luminance(a), luminance(b)), reverse=True)
    return (one + 0.05) / (two + 0.05)


def text_on(fill: str) -> str:
    """Black or white, whichever is easier to read on a fill."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, fill))


def shades(dark: bool) -> tuple[str, str]:
    """The ends of a scale of counts or rates: next to the ground, and the strongest."""
    return ("#1a222b", "#4f9fdc") if dark else ("#eef3f8", "#4d97cf")


def between(ends: tuple[str, str], share: float) -> str:
    """The colour at a share of a scale, as a browser works it out."""
    one, two = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in ends)
    return "#" + "".join(
        f"{round(a * (1 - share) + b * share):02x}" for a, b in zip(one, two, strict=True)
    )


def inks(dark: bool) -> tuple[str, str, float]:
    """Text on :func:`shades`: on the weak part, on the strong part, the share where it turns.

    Both are as easy to read there; anything between black and white is not.
    """
    ends = shades(dark)
    if not dark:
        return LIGHT.ink, LIGHT.ink, 1.0
    turn = next(n for n in range(101) if text_on(between(ends, n / 100)) == "#000000")
    return "#ffffff", "#000000", turn / 100


def config(dark: bool) -> dict[str, Any]:
    """The Vega-Lite configuration every chart is drawn with."""
    p = palette(dark)
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": p.quiet,
            "titleColor": p.quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gridColor": p.line,
            "domainColor": p.line,
            "tickColor": p.line,
            "labelLimit": 220,
            "titlePadding": 8,
        },
        "axisX": {"grid": False, "labelAngle": 0},
        "axisY": {"domain": False, "ticks": False, "tickCount": 4},
        "legend": {
            "labelColor": p.ink,
            "titleColor": p.quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "orient": "top",
            "direction": "horizontal",
            "title": None,
            "symbolSize": 120,
            "labelLimit": 220,
            "columns": 2,
        },
        "title": {"color": p.ink, "fontSize": 13, "anchor": "start", "fontWeight": 600},
        "text": {"color": p.ink, "fontSize": 11},
        "header": {"labelColor": p.ink, "titleColor": p.quiet, "labelFontSize": 12},
    }
