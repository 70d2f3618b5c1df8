"""Which style properties hold for which elements of a page: the cascade, and what it hides.

The aim is "what a browser shows before any script runs", limited to the properties of
:mod:`html_looks`, which decide whether a figure is visible. (``opacity`` counts within cells only:
pages fade their content in by script.) Selectors are matched by lexbor; the cascade is: ``hidden``
attribute, style sheets by specificity and order, ``style`` attribute, ``!important``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from etl.read.html_kinds import KIND_OF, ROLE_KINDS, Kind
from etl.read.html_looks import (
    PAIRED,
    Marks,
    paper_coloured,
    relevant,
    settle,
    settle_pairs,
)

#: What attributes other than ``style`` say of text.
_ATTRIBUTES: Final = "[hidden],[role],font[color],font[size],bdo[dir]"
_COMMENT: Final = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_MEDIA: Final = re.compile(r"@media([^{]*)\{((?:[^{}]*+\{[^{}]*+\})*+)[^{}]*+\}", re.IGNORECASE)
_RULE: Final = re.compile(r"([^{};]+)\{([^{}]*)\}")
_PSEUDO: Final = re.compile(r"::?(before|after)$", re.IGNORECASE)
_CONTENT: Final = re.compile(r"(?:^|;)\s*content\s*:\s*([^;]+)", re.IGNORECASE)
_CONTENT_PART: Final = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)\s*\)|(counters?\()", re.DOTALL
)
_CSS_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_COLOURS: Final = frozenset({"color", "-webkit-text-fill-color"})
_GROUNDS: Final = ("background", "background-color")
_NO_GROUND: Final = re.compile(r"none|inherit|initial|unset|0\b|transparent", re.IGNORECASE)
_CELL_TAGS: Final = frozenset({"td", "th"})
_TABLE_TAGS: Final = frozenset({"table", "tbody", "thead", "tfoot", "tr"})
_SCREENS: Final = frozenset({"screen", "all"})
_MAX_CSS: Final = 300_000
_MAX_SELECTOR: Final = 120
_MAX_RULES: Final = 300
#: Bound on (rules x elements) matched, so that a style bomb costs about a second.
_MATCH_BUDGET: Final = 20_000_000
_INLINE_WEIGHT: Final = 1 << 30
_IMPORTANT_WEIGHT: Final = 1 << 40
#: What a counter prints is not worked out: it is seen, and no figure.
_COUNTED: Final = "□"


class Declaration(NamedTuple):
    """One watched property, its lower-case value, and whether it is ``!important``."""

    name: str
    value: str
    important: bool


class _Rule(NamedTuple):
    selector: str
    found: list[Declaration]
    order: int


class _Cascade:
    """Weights of the declarations met so far, and the elements they hold for."""

    def __init__(self, root: Any, n_elements: int) -> None:
        self.root = root
        self.budget = min(_MAX_RULES, _MATCH_BUDGET // max(1, n_elements))
        self.weights: dict[tuple[int, str], tuple[int, str]] = {}
        self.nodes: dict[int, Any] = {}

    def weigh(self, node: Any, said: Iterable[Declaration], weight: int) -> None:
        node_id = node.mem_id
        self.nodes[node_id] = node
        for name, value, important in said:
            own = weight + (_IMPORTANT_WEIGHT if important else 0)
            if own >= self.weights.get((node_id, name), (-1, ""))[0]:
                self.weights[node_id, name] = (own, value)

    def matching(self, selector: str) -> Iterable[Any]:
        try:
            found: Iterable[Any] = self.root.css(selector)
        except Exception:  # a selector lexbor cannot parse is one we cannot apply
            return ()
        return found


def marks(root: Any, n_elements: int) -> Marks:
    """Find what styles, ``hidden`` and ``role`` change in a page.

    Declarations count where one of their name hides text or makes a table somewhere in the page;
    pages that hide nothing cost a look at each different style.

    Args:
        root: lexbor's root node.
        n_elements: about how many elements the page has; bounds the work on style sheets.
    """
    found, cascade = Marks(), _Cascade(root, n_elements)
    css = "".join(node.text(deep=True) for node in root.css("style") if _on_screen(node))[:_MAX_CSS]
    rules, added = _rules(css) if css else ([], [])
    for selector, behind, content in added[: cascade.budget]:
        for node in cascade.matching(selector):
            _add(node, behind, content, found)
            cascade.nodes[node.mem_id] = node
    for node in root.css(_ATTRIBUTES):
        _apply_attributes(node, cascade, found)
    styled: dict[str, list[Any]] = defaultdict(list)
    for node in root.css("[style]"):
        styled[node.attributes["style"] or ""].append(node)
    inline = [(declarations(style), nodes) for style, nodes in styled.items()]
    _apply(rules, inline, cascade)
    pairs: dict[int, dict[str, str]] = defaultdict(dict)
    for (node_id, name), (_, value) in cascade.weights.items():
        settle(found, node_id, name, value)
        if name in PAIRED or name in _GROUNDS:
            pairs[node_id][name] = value
    settle_pairs(found, pairs)
    grounds = {node_id for node_id, said in pairs.items() if _has_ground(said)}
    _keep_in_cells(found, cascade.nodes, grounds)
    return found


def _on_screen(sheet: Any) -> bool:
    """Whether a style element counts on a screen: one for print hides what is seen."""
    return (sheet.attributes.get("media") or "all").strip().lower() in _SCREENS


def _apply_attributes(node: Any, cascade: _Cascade, found: Marks) -> None:
    attrs, node_id = node.attrs, node.mem_id
    kind = ROLE_KINDS.get((attrs.get("role") or "").strip().lower())
    if kind is not None:
        found.kinds[node_id] = kind
    if "hidden" in attrs:
        cascade.weigh(node, [Declaration("display", "none", False)], 0)
    if node.tag == "font":
        if paper_coloured(colour := attrs.get("color") or ""):
            cascade.weigh(node, [Declaration("color", colour, False)], 0)
        if attrs.get("size") == "1":
            found.raised.add(node_id)
    elif node.tag == "bdo" and (attrs.get("dir") or "").strip().lower() == "rtl":
        found.turned.add(node_id)
        cascade.nodes[node_id] = node


def _apply(
    rules: list[_Rule], inline: list[tuple[list[Declaration], list[Any]]], cascade: _Cascade
) -> None:
    """Weigh the declarations of style sheets and attributes whose names hide something here."""
    acting = [rule for rule in rules if _acts(rule.found, apart=False)][: cascade.budget]
    touched = {name for _, name in cascade.weights}
    touched.update(d.name for rule in acting for d in rule.found)
    touched.update(d.name for said, _ in inline if _acts(said, apart=True) for d in said)
    if not touched:
        return
    if not _COLOURS.isdisjoint(touched):
        touched.update(_COLOURS, _GROUNDS)
    hiding = {rule.order for rule in acting}
    others = [rule for rule in rules if rule.order not in hiding][: cascade.budget]
    for rule in (*acting, *others):
        said = [d for d in rule.found if d.name in touched]
        if said:
            weight = _specificity(rule.selector) * 100_000 + min(rule.order, 99_999) + 1
            for node in cascade.matching(rule.selector):
                cascade.weigh(node, said, weight)
    for said, nodes in inline:
        if said := [d for d in said if d.name in touched]:
            for node in nodes:
                cascade.weigh(node, said, _INLINE_WEIGHT)


def declarations(style: str) -> list[Declaration]:
    """The watched declarations of a style attribute or rule body."""
    result = []
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if colon and relevant(name, value):
            value, _, flag = value.strip().lower().partition("!")
            result.append(Declaration(name, value.strip(), "important" in flag))
    return result


def _keep_in_cells(found: Marks, nodes: dict[int, Any], grounds: set[int]) -> None:
    """Leave out marks that count within cells only, and white text that stands on a ground."""
    cells = {node_id for node_id, kind in found.kinds.items() if kind is Kind.CELL}
    found.apart = {n for n in found.apart if KIND_OF.get(nodes[n].tag, Kind.INLINE) is Kind.INLINE}
    local = (found.apart, found.faded, found.turned)
    inside: set[int] = set()
    for node_id in set().union(*local, found.unseen, found.added):
        in_cell, grounded = _surroundings(nodes[node_id], cells, grounds)
        if in_cell:
            inside.add(node_id)
        if found.unseen.get(node_id) and (grounded or not in_cell):
            found.unseen[node_id] = False
            if not grounded:
                found.raised.add(node_id)
    for group in local:
        group &= inside
    found.added = {n: text for n, text in found.added.items() if n in inside}
    if not any(found.unseen.values()):
        found.unseen.clear()


def _surroundings(node: Any, cells: set[int], grounds: set[int]) -> tuple[bool, bool]:
    """Whether an element stands in a cell, or holds cells as a row does; and on a ground."""
    in_cell = node.tag in _TABLE_TAGS
    while node is not None and node.tag is not None:
        in_cell = in_cell or node.tag in _CELL_TAGS or node.mem_id in cells
        if node.mem_id in grounds:
            return in_cell, True
        attrs = node.attributes
        if attrs.get("bgcolor") or attrs.get("background"):
            return in_cell, True
        style = attrs.get("style") or ""
        if "background" in style and _has_ground({d.name: d.value for d in declarations(style)}):
            return in_cell, True
        node = node.parent
    return in_cell, False


def _has_ground(said: dict[str, str]) -> bool:
    """Whether an element has a background on which white is seen."""
    values = [said[name] for name in _GROUNDS if said.get(name)]
    return any(not (_NO_GROUND.match(v) or paper_coloured(v)) for v in values)


def _rules(css: str) -> tuple[list[_Rule], list[tuple[str, bool, str]]]:
    """Every simple rule that applies on a screen, and what others print before or behind text.

    The latter as selector, whether it stands behind, and the value of ``content``.
    """

    def keep(match: re.Match[str]) -> str:
        return match.group(2) if match.group(1).strip().lower() in _SCREENS else ""

    css = _MEDIA.sub(keep, _COMMENT.sub("", css))
    result: list[_Rule] = []
    added: list[tuple[str, bool, str]] = []
    for order, match in enumerate(_RULE.finditer(css)):
        if "@" in match.group(1):
            continue
        found = declarations(match.group(2))
        content = _CONTENT.search(match.group(2)) if "content" in match.group(2) else None
        if not found and content is None:
            continue
        for selector in match.group(1).split(","):
            selector = selector.strip()
            pseudo = _PSEUDO.search(selector)
            if not selector or len(selector) > _MAX_SELECTOR:
                continue
            if pseudo is not None and content is not None:
                base = selector[: pseudo.start()] or "*"
                added.append((base, pseudo[1].lower() == "after", content[1]))
            elif found and ":" not in selector:
                result.append(_Rule(selector, found, order))
    return result, added


def _add(node: Any, behind: bool, content: str, found: Marks) -> None:
    """Note what a style sheet prints beside an element's text, if digits are among it."""
    text = ""
    for double, single, attribute, counter in _CONTENT_PART.findall(content):
        quoted = _CSS_ESCAPE.sub(lambda m: chr(min(int(m[1], 16), 0xFFFF)), double or single)
        held = node.attributes.get(attribute.lower()) or "" if attribute else ""
        text += quoted + held + (_COUNTED if counter else "")
    if any(char.isdigit() or char == _COUNTED for char in text):
        before, after = found.added.get(node.mem_id, ("", ""))
        found.added[node.mem_id] = (before, text) if behind else (text, after)


def _acts(said: Sequence[Declaration], *, apart: bool) -> bool:
    """Whether declarations hide text or make a table; in style sheets too many set it ``apart``."""
    probe = Marks()
    for declaration in said:
        settle(probe, 0, declaration.name, declaration.value)
    settle_pairs(probe, {0: {d.name: d.value for d in said}})
    sets = (probe.kinds, probe.struck, probe.raised, probe.boxed, probe.faded, probe.turned)
    hidden = probe.muted.get(0) or probe.unseen.get(0)
    return bool(hidden or any(sets) or (apart and probe.apart))


def _specificity(selector: str) -> int:
    """(ids, classes and attributes, elements) folded into one number, 0..999."""
    ids = selector.count("#")
    classes = selector.count(".") + selector.count("[")
    elements = len(re.findall(r"(?:^|[\s>+~])[a-zA-Z]", selector))
    return min(ids, 9) * 100 + min(classes, 9) * 10 + min(elements, 9)
