"""What styles do to text: elements not shown, and divisions shown as tables.

The aim is "what a browser shows before any script runs", limited to the properties that decide
whether a figure is visible. (Not ``opacity``: pages fade their content in by script.) Selectors
are matched by lexbor; the cascade is: ``hidden`` attribute, style sheets by specificity and order,
``style`` attribute, ``!important``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from etl.read.html_kinds import DISPLAY_KINDS, ROLE_KINDS, Kind

#: Words, one of which stands in any page that hides something or draws tables with divisions.
#: Substring search: 0.03 ms each on 96 KB, where one regular expression for all costs 1 ms.
_GATE: Final = (
    "hidden", "none", "table-", "role=", "size:0", "size: 0", "size:1p", "size: 1p", "line-through",
    "super", "align:sub", "align: sub", "text-raise", "clip", ":-", ": -", "flex", "grid",
)  # fmt: skip
_INLINE: Final = (
    '[hidden],[role],[style*="display" i],[style*="visibility" i],[style*="font-size" i],'
    '[style*="line-through" i],[style*="super" i],[style*="align:sub" i],[style*="align: sub" i],'
    '[style*="text-raise" i],[style*="clip" i],[style*=":-" i],[style*=": -" i]'
)
#: White text among other text is not seen; a whole cell in white stands on a dark ground.
_WHITE: Final = re.compile(
    r"#fff(?:fff)?\b|white\b|rgba?\(\s*255\s*,\s*255\s*,\s*255", re.IGNORECASE
)
_WHITE_GATE: Final = re.compile(
    r"(?<![-\w])color\s*[:=][\s\"']*(?:#fff|white|rgba?\(\s*255)", re.IGNORECASE
)
_WHITES: Final = ("#fff", "#FFF", "white", "WHITE", "rgb(255", "rgba(255")
_COLOURED: Final = ',[style*="color" i],font[color]'
_COMMENT: Final = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_MEDIA: Final = re.compile(r"@media([^{]*)\{((?:[^{}]*+\{[^{}]*+\})*+)[^{}]*+\}", re.IGNORECASE)
_RULE: Final = re.compile(r"([^{};]+)\{([^{}]*)\}")
_SIZE: Final = re.compile(r"([0-9]*\.?[0-9]+)\s*([a-z%]*)")
_WATCHED: Final = frozenset(
    {"display", "visibility", "font-size", "text-decoration", "text-decoration-line"}
)
#: Offsets by which text is moved out of sight, for screen readers only; Word's are a few points.
_OUT_OF_SIGHT: Final = re.compile(r"-\s*(?:[5-9]\d\d|\d{4,})(?:\.\d+)?\s*(?:px|pt|em|rem)")
_OFFSETS: Final = frozenset({"left", "top", "text-indent", "margin-left"})
#: A clip that leaves nothing: rect(0 0 0 0), rect(1px,1px,1px,1px), inset(50%).
_CLIPPED: Final = re.compile(
    r"rect\(\s*([01])(?:px)?(?:[\s,]+\1(?:px)?){3}\s*\)|inset\((?:50|100)%\)"
)
_RAISES: Final = re.compile(r"super|sub|[1-9]\d*(?:\.\d+)?(?:pt|px|em|%)|0?\.[1-9]\d*em")
_ROWS_OF_BOXES: Final = frozenset({"flex", "inline-flex", "grid", "inline-grid"})
_ABSOLUTE_UNITS: Final = frozenset({"px", "pt", "pc", "cm", "mm", "in", "rem", "vw", "vh", ""})
_MAX_CSS: Final = 300_000
_MAX_SELECTOR: Final = 120
_MAX_RULES: Final = 300
#: Bound on (rules x elements) matched, so that a style bomb costs about a second.
_MATCH_BUDGET: Final = 20_000_000
_INLINE_WEIGHT: Final = 1 << 30
_IMPORTANT_WEIGHT: Final = 1 << 40


class Declaration(NamedTuple):
    """One watched property, its lower-case value, and whether it is ``!important``."""

    name: str
    value: str
    important: bool


@dataclass(slots=True)
class Marks:
    """By node id: another ``kinds`` than the element's own; text ``muted`` or not; ``struck``.

    ``raised`` are the elements whose text stands above or below the line, or is white, beside
    other text; ``boxed`` those whose children are boxes of their own, whatever elements they are.
    """

    kinds: dict[int, Kind] = field(default_factory=dict)
    muted: dict[int, bool] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)
    raised: set[int] = field(default_factory=set)
    boxed: set[int] = field(default_factory=set)


def marks(source: str, root: Any, n_elements: int) -> Marks:
    """Find what styles, ``hidden`` and ``role`` change in a page.

    Args:
        source: the page's text, for a quick look whether there is anything to find.
        root: lexbor's root node.
        n_elements: about how many elements the page has; bounds the work on style sheets.
    """
    found = Marks()
    white = any(word in source for word in _WHITES) and _WHITE_GATE.search(source) is not None
    if not white and not any(word in source for word in _GATE):
        return found
    weights: dict[tuple[int, str], tuple[int, str]] = {}
    _apply_sheets(root, n_elements, weights)
    for node in root.css(_INLINE + _COLOURED * white):
        _apply_inline(node, weights, found)
    for (node_id, name), (_, value) in weights.items():
        _settle(found, node_id, name, value)
    return found


def _apply_inline(node: Any, weights: dict[tuple[int, str], tuple[int, str]], found: Marks) -> None:
    attrs = node.attrs
    node_id = node.mem_id
    kind = ROLE_KINDS.get((attrs.get("role") or "").strip().lower())
    if kind is not None:
        found.kinds[node_id] = kind
    if "hidden" in attrs:
        weights.setdefault((node_id, "display"), (0, "none"))
    if _WHITE.match(attrs.get("color") or ""):
        found.raised.add(node_id)
    for name, value, important in declarations(attrs.get("style") or ""):
        _weigh(weights, node_id, name, value, _INLINE_WEIGHT, important)


def _weigh(
    weights: dict[tuple[int, str], tuple[int, str]],
    node_id: int,
    name: str,
    value: str,
    weight: int,
    important: bool,
) -> None:
    weight += _IMPORTANT_WEIGHT if important else 0
    if weight >= weights.get((node_id, name), (-1, ""))[0]:
        weights[node_id, name] = (weight, value)


def declarations(style: str) -> list[Declaration]:
    """The watched declarations of a style attribute or rule body."""
    result = []
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if colon and (name in _WATCHED or _unusual(name, value)):
            value, _, flag = value.strip().lower().partition("!")
            result.append(Declaration(name, value.strip(), "important" in flag))
    return result


def _unusual(name: str, value: str) -> bool:
    """Whether a property that every page uses moves text off its line or out of sight."""
    if name in ("vertical-align", "mso-text-raise"):
        return _RAISES.match(value.strip().lower()) is not None
    if name == "color":
        return _WHITE.match(value.strip()) is not None
    if name in _OFFSETS:
        return _OUT_OF_SIGHT.match(value.strip().lower()) is not None
    return name in ("clip", "clip-path") and _CLIPPED.match(value.strip().lower()) is not None


def _settle(found: Marks, node_id: int, name: str, value: str) -> None:
    """Turn one winning declaration into a mark."""
    if name == "display":
        kind = DISPLAY_KINDS.get(value)
        if kind is not None and (kind is Kind.SKIP or node_id not in found.kinds):
            found.kinds[node_id] = kind
        elif value in _ROWS_OF_BOXES:
            found.boxed.add(node_id)
    elif name.startswith("text-decoration") and "line-through" in value:
        found.struck.add(node_id)
    elif name in ("vertical-align", "mso-text-raise", "color"):
        found.raised.add(node_id)
    elif name in _OFFSETS or name.startswith("clip"):
        found.muted[node_id] = True
    elif name == "visibility":
        if value in {"hidden", "collapse"}:
            found.muted[node_id] = True
        elif value == "visible":
            found.muted[node_id] = False
    else:
        _settle_size(found, node_id, value)


def _settle_size(found: Marks, node_id: int, value: str) -> None:
    """A font so small that nothing is seen, or one that is seen again within such a one."""
    size = _SIZE.match(value)
    if size is None:
        return
    if _number(value) <= 1 and (_number(value) == 0 or size.group(2) in {"px", "pt"}):
        found.muted[node_id] = True
    elif size.group(2) in _ABSOLUTE_UNITS:
        found.muted.setdefault(node_id, False)


def _number(value: str) -> float:
    match = _SIZE.match(value)
    return float(match.group(1)) if match else 1.0


def _apply_sheets(
    root: Any, n_elements: int, weights: dict[tuple[int, str], tuple[int, str]]
) -> None:
    """Weigh the style sheets' declarations; sheets that hide nothing here cost nothing more."""
    css = "".join(node.text(deep=True) for node in root.css("style"))[:_MAX_CSS]
    if not css:
        return
    rules = _rules(css)
    budget = min(_MAX_RULES, _MATCH_BUDGET // max(1, n_elements))
    acting = [rule for rule in rules if any(_acts(d) for d in rule[1])][:budget]
    for selector, found, order in acting:
        _apply_rule(root, selector, found, order, weights)
    touched = {name for _, name in weights}
    if not touched:
        return
    hiding = {id(rule) for rule in acting}
    for rule in [r for r in rules if id(r) not in hiding][:budget]:
        selector, found, order = rule
        relevant = [d for d in found if d.name in touched]
        if relevant:
            _apply_rule(root, selector, relevant, order, weights)


def _rules(css: str) -> list[tuple[str, list[Declaration], int]]:
    """(selector, watched declarations, order) of every simple rule that applies on a screen."""

    def keep(match: re.Match[str]) -> str:
        return match.group(2) if match.group(1).strip().lower() in {"screen", "all"} else ""

    css = _MEDIA.sub(keep, _COMMENT.sub("", css))
    result = []
    for order, match in enumerate(_RULE.finditer(css)):
        found = declarations(match.group(2))
        if not found or "@" in match.group(1):
            continue
        for selector in match.group(1).split(","):
            selector = selector.strip()
            if selector and len(selector) <= _MAX_SELECTOR and ":" not in selector:
                result.append((selector, found, order))
    return result


def _acts(declaration: Declaration) -> bool:
    """Whether a declaration hides text or makes a table."""
    probe = Marks()
    _settle(probe, 0, declaration.name, declaration.value)
    marked = probe.kinds or probe.struck or probe.raised or probe.boxed
    return bool(marked) or probe.muted.get(0, False)


def _apply_rule(
    root: Any,
    selector: str,
    found: list[Declaration],
    order: int,
    weights: dict[tuple[int, str], tuple[int, str]],
) -> None:
    try:
        nodes = root.css(selector)
    except Exception:  # a selector lexbor cannot parse is one we cannot apply
        return
    weight = _specificity(selector) * 100_000 + min(order, 99_999) + 1
    for node in nodes:
        node_id = node.mem_id
        for name, value, important in found:
            _weigh(weights, node_id, name, value, weight, important)


def _specificity(selector: str) -> int:
    """(ids, classes and attributes, elements) folded into one number, 0..999."""
    ids = selector.count("#")
    classes = selector.count(".") + selector.count("[")
    elements = len(re.findall(r"(?:^|[\s>+~])[a-zA-Z]", selector))
    return min(ids, 9) * 100 + min(classes, 9) * 10 + min(elements, 9)
