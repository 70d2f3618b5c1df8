"""What the values of style properties do to text: hide it, raise it, strike it, move it apart.

Pure functions over one property's value; which element it holds for is :mod:`html_style`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from etl.read.html_kinds import DISPLAY_KINDS, Kind

_SIZE: Final = re.compile(r"(-?[0-9]*\.?[0-9]+)\s*([a-z%]*)")
#: The size within a ``font`` shorthand: ``0/0 a``, ``bold 1px/1.2 SimSun``.
_FONT_SIZE: Final = re.compile(r"(?:^|\s)([0-9]*\.?[0-9]+(?:px|pt|em|rem|%)?)(?=/|\s|$)")
#: Offsets by which text is moved out of sight, for screen readers only; Word's are a few points.
_OUT_OF_SIGHT: Final = re.compile(r"-\s*(?:[5-9]\d\d|\d{4,})(?:\.\d+)?\s*(?:px|pt|em|rem)")
#: A clip that leaves nothing: rect(0 0 0 0), rect(1px,1px,1px,1px), inset(50%).
_CLIPPED: Final = re.compile(
    r"rect\(\s*([01])(?:px)?(?:[\s,]+\1(?:px)?){3}\s*\)|inset\((?:50|100)%\)"
)
_RAISES: Final = re.compile(
    r"super|sub|text-top|text-bottom|-?[1-9]\d*(?:\.\d+)?(?:pt|px|em|%)|-?0?\.[1-9]\d*em"
)
_SMALLER: Final = frozenset({"smaller", "x-small", "xx-small"})
#: Text smaller than this share of the text beside it is a mark, not a digit of a figure.
_SMALL: Final = 0.9
_ROWS_OF_BOXES: Final = frozenset({"flex", "inline-flex", "grid", "inline-grid"})
_LINES: Final = frozenset({"block", "flow-root", "list-item"})
_ABSOLUTE_UNITS: Final = frozenset({"px", "pt", "pc", "cm", "mm", "in", "rem", "vw", "vh", ""})
_HEX: Final = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b")
_CALL: Final = re.compile(r"(rgb|hsl)a?\(([^)]*)\)")
#: Parts of a colour at or above this are white; opacity at or below this is none.
_WHITE, _FAINT = 250, 0.1
#: Space, in pixels or points, that parts two texts on a line.
_APART: Final = 4
_EXTENTS: Final = frozenset({"width", "height", "max-width", "max-height"})
#: These alone do nothing to text; see :func:`settle_pairs`.
_TOGETHER: Final = ("overflow", "position", "bottom", "direction", "unicode-bidi")
_SIDES: Final = frozenset({"margin-left", "margin-right", "padding-left", "padding-right"})


@dataclass(slots=True)
class Marks:
    """By node id: another ``kinds`` than the element's own; text ``muted`` or not; ``struck``.

    ``raised`` are the elements whose text stands above or below the line, or is smaller, beside
    other text; ``boxed`` those whose children are boxes of their own, whatever elements they are;
    ``apart`` inline elements that are. ``unseen`` text has the colour of paper or is so faint that
    nobody sees it (or is seen again, ``False``); ``faded`` is not seen within a cell, where no
    script will show it. ``turned`` text runs from right to left. ``added`` is what style sheets
    print before and behind an element's own text.
    """

    kinds: dict[int, Kind] = field(default_factory=dict)
    muted: dict[int, bool] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)
    raised: set[int] = field(default_factory=set)
    boxed: set[int] = field(default_factory=set)
    apart: set[int] = field(default_factory=set)
    unseen: dict[int, bool] = field(default_factory=dict)
    faded: set[int] = field(default_factory=set)
    turned: set[int] = field(default_factory=set)
    added: dict[int, tuple[str, str]] = field(default_factory=dict)

    def muting(self) -> bool:
        """Whether text may read differently from what the elements alone say."""
        return bool(
            self.muted or self.struck or self.raised or self.boxed or self.apart
            or self.unseen or self.faded or self.turned or self.added
        )  # fmt: skip


def relevant(name: str, value: str) -> bool:
    """Whether a declaration of a known property may change what is seen of text."""
    look = _LOOKS.get(name)
    return look is not None and (look.worth is None or look.worth(value))


def settle(found: Marks, node: int, name: str, value: str) -> None:
    """Turn one winning declaration into a mark."""
    _LOOKS[name].settle(found, node, value)


def settle_pairs(found: Marks, of: dict[int, dict[str, str]]) -> None:
    """Marks that two properties of an element make together; ``of`` holds what each node has."""
    for node, said in of.items():
        if said.get("overflow") in ("hidden", "clip") and any(
            name in said and number(said[name]) == 0 for name in _EXTENTS
        ):
            found.faded.add(node)
        moved = said.get("top", "") + said.get("bottom", "")
        if said.get("position") == "relative" and re.search(r"[1-9]", moved):
            found.raised.add(node)
        if said.get("direction") == "rtl" and said.get("unicode-bidi", "").endswith("override"):
            found.turned.add(node)


def number(value: str, default: float = 1.0) -> float:
    """The number that a value begins with."""
    match = _SIZE.match(value)
    return float(match.group(1)) if match else default


def paper_coloured(value: str) -> bool:
    """Whether text of a colour is not seen on white: white itself, or next to no colour."""
    value = value.strip().lower()
    if value.startswith(("white", "snow", "transparent")):
        return not value[5:6].isalpha() or value.startswith("transparent")
    if found := _HEX.match(value):
        digits = found[1] if len(found[1]) > 4 else "".join(2 * d for d in found[1])
        parts = [int(digits[i : i + 2], 16) for i in range(0, len(digits), 2)]
        return min(parts[:3]) >= _WHITE or (len(parts) == 4 and parts[3] <= 255 * _FAINT)
    if found := _CALL.match(value):
        numbers = [_share(part) for part in re.split(r"[\s,/]+", found[2].strip()) if part]
        if len(numbers) == 4 and numbers[3] <= _FAINT:
            return True
        if found[1] == "hsl":
            return len(numbers) > 2 and numbers[2] >= _WHITE / 255
        return len(numbers) > 2 and all(n >= _WHITE for n in numbers[:3])
    return False


def _share(part: str) -> float:
    return number(part, 0.0) / (100 if part.endswith("%") else 1)


def _colour(found: Marks, node: int, value: str) -> None:
    found.unseen[node] = paper_coloured(value)


def _display(found: Marks, node: int, value: str) -> None:
    kind = DISPLAY_KINDS.get(value)
    if kind is not None and (kind is Kind.SKIP or node not in found.kinds):
        found.kinds[node] = kind
    elif value in _ROWS_OF_BOXES:
        found.boxed.add(node)
    elif value in _LINES:
        found.apart.add(node)


def _visibility(found: Marks, node: int, value: str) -> None:
    if value in {"hidden", "collapse"}:
        found.muted[node] = True
    elif value == "visible":
        found.muted[node] = False


def _strike(found: Marks, node: int, value: str) -> None:
    if "line-through" in value:
        found.struck.add(node)


def _raise(found: Marks, node: int, value: str) -> None:
    found.raised.add(node)


def _mute(found: Marks, node: int, value: str) -> None:
    found.muted[node] = True


def _fade(found: Marks, node: int, value: str) -> None:
    found.faded.add(node)


def _part(found: Marks, node: int, value: str) -> None:
    found.apart.add(node)


def _nothing(found: Marks, node: int, value: str) -> None:
    """Counts only beside another property; see :func:`settle_pairs`."""


def _font_size(found: Marks, node: int, value: str) -> None:
    """A font so small that nothing is seen, one seen again within such a one, or a smaller one."""
    size = _SIZE.match(value)
    if value in _SMALLER:
        found.raised.add(node)
    if size is None:
        return
    unit, amount = size.group(2), number(value)
    share = amount / 100 if unit == "%" else amount
    shared, fixed = unit in {"em", "%"}, unit in {"px", "pt"}
    if amount == 0 or (fixed and amount <= 1) or (shared and share < _FAINT):
        found.muted[node] = True
    elif unit in _ABSOLUTE_UNITS:
        found.muted.setdefault(node, False)
    elif shared and share < _SMALL:
        found.raised.add(node)


def _tiny(value: str) -> bool:
    size = _FONT_SIZE.search(value.lower())
    return size is not None and number(size[1]) <= 1


def _font(found: Marks, node: int, value: str) -> None:
    size = _FONT_SIZE.search(value)
    if size is not None:
        _font_size(found, node, size[1])


@dataclass(frozen=True, slots=True)
class _Look:
    """What a property does, and which of its values are worth a look (``None``: all)."""

    settle: Callable[[Marks, int, str], None]
    worth: Callable[[str], bool] | None = None


def _matching(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.match(value.strip().lower()) is not None


_offset: Final = _matching(_OUT_OF_SIGHT)


def _side(found: Marks, node: int, value: str) -> None:
    if _offset(value):
        found.muted[node] = True
    else:
        found.apart.add(node)


def _far(value: str) -> bool:
    size = _SIZE.match(value.strip().lower())
    if size is None:
        return False
    if _offset(value):
        return True
    return float(size[1]) * (12 if size[2] in ("em", "rem") else 1) >= _APART


_LOOKS: Final[dict[str, _Look]] = {
    "display": _Look(_display),
    "visibility": _Look(_visibility),
    "font-size": _Look(_font_size),
    "font": _Look(_font, _tiny),
    **dict.fromkeys(("text-decoration", "text-decoration-line"), _Look(_strike)),
    **dict.fromkeys(("vertical-align", "mso-text-raise"), _Look(_raise, _matching(_RAISES))),
    "font-variant-position": _Look(_raise, lambda v: v.strip().lower() in ("super", "sub")),
    **dict.fromkeys(("color", "-webkit-text-fill-color"), _Look(_colour)),
    "opacity": _Look(_fade, lambda v: _share(v.strip()) <= _FAINT),
    "mso-hide": _Look(_fade, lambda v: v.strip().lower() in ("all", "screen")),
    "transform": _Look(
        lambda found, node, v: _fade(found, node, v) if "(0" in v else _raise(found, node, v),
        _matching(re.compile(r"scale[xy]?\(\s*0\s*[,)]|translate")),
    ),
    **dict.fromkeys(("left", "text-indent"), _Look(_mute, _offset)),
    "top": _Look(lambda found, node, v: _mute(found, node, v) if _offset(v) else None),
    **dict.fromkeys(("clip", "clip-path"), _Look(_mute, _matching(_CLIPPED))),
    "float": _Look(_part, lambda v: v.strip().lower() in ("left", "right")),
    **dict.fromkeys(_SIDES, _Look(_side, _far)),
    **dict.fromkeys(_EXTENTS, _Look(_nothing, lambda v: number(v.strip()) == 0)),
    **dict.fromkeys((*_TOGETHER, "background", "background-color"), _Look(_nothing)),
}
#: Properties that mean something only beside another one.
PAIRED: Final = _EXTENTS | {*_TOGETHER, "top"}
