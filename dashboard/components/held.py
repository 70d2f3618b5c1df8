"""Widgets that show what is in force, and what a reader's click on them means. Nothing gets lost.

Every request of a browser carries the values of *all* widgets on its screen, not of the one that
was clicked. While a page is still arriving the browser has the old values of widgets that the
server has just set otherwise: a rule chosen by a mark of a chart, then a click on another list
before the list of rules has arrived, and Streamlit takes the old "every rule" for a choice of the
reader (the mark was forgotten). A label with a count in it is worse: a control of segments sends
the label, and the server knows only the new one (the second click was forgotten).

So a widget that is set from elsewhere, or named anew, becomes another widget: its key gets the next
number. Under one key only the reader changes the value, whatever arrives in whatever order: a value
that is the last one known is no click, any other is. A click on a widget that is no longer there
is still told, with the key it had. Who chooses in a widget keeps it, and the keyboard's focus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from dashboard import state

#: Session key: name of a widget → what is held of it.
HELD: Final = "do_held"
#: Session key: key of a widget → the last value known to browser and server.
KNOWN: Final = "do_known"
#: Keys remembered in a session, the oldest forgotten first; a page has some thirty.
REMEMBERED: Final = 600
_NOTHING: Final = object()


@dataclass
class _Held:
    name: str
    lang: str
    number: int = 0
    labels: dict[Any, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.name}~{self.number}" if self.number else self.name


def shows(
    name: str, value: Any, act: Callable[[Any], None], labels: Mapping[Any, str] | None = None
) -> dict[str, Any]:
    """``key`` and ``on_change`` of a widget that shows ``value``; ``act`` gets the reader's choice.

    ``labels`` are the words of the options where they may change under the reader's hand.
    """
    held = _held(name)
    known = _known()
    labels = labels or {}
    renamed = any(labels.get(option, word) != word for option, word in held.labels.items())
    if renamed or (held.key in known and st.session_state.get(held.key, _NOTHING) != value):
        held = _next(held)
    held.labels |= labels
    if held.key not in known:
        st.session_state[held.key] = value
    _know(held.key, value)
    return {"key": held.key, "on_change": _told(held.key, act, held.labels)}


def keeps(name: str, default: bool = False) -> dict[str, Any]:
    """``key`` and ``on_change`` of a switch or a list to open; its state stands in the address."""
    short = name.removeprefix("do_")

    def choose(opened: Any) -> None:
        state.put(state.current().turned(short, bool(opened) != default))

    return shows(name, (short in state.current().shown) != default, choose)


def picks(name: str, act: Callable[[Any], None]) -> dict[str, Any]:
    """``key`` and ``on_select`` of a chart; ``act`` gets its selection whenever that changes."""
    held = _held(name)
    if held.key in _known() and held.key not in st.session_state:
        held = _next(held)
    _know(held.key, _known().get(held.key, {}))
    return {"key": held.key, "on_select": _told(held.key, act, {})}


def _told(key: str, act: Callable[[Any], None], labels: Mapping[Any, str]) -> Callable[[], None]:
    def told() -> None:
        value = st.session_state[key]
        if _known().get(key, _NOTHING) == value:
            return
        _know(key, value)
        act(_option(value, labels))

    return told


def _option(value: Any, labels: Mapping[Any, str]) -> Any:
    """The option of a label: of an option that went away meanwhile the label is all that comes."""
    if isinstance(value, list):
        return [_option(one, labels) for one in value]
    if not isinstance(value, str) or value in labels:
        return value
    return next((option for option, label in labels.items() if label == value), value)


def _held(name: str) -> _Held:
    """What is held of a widget; another one where it was away or speaks another language."""
    table: dict[str, _Held] = st.session_state.setdefault(HELD, {})
    lang = state.current().lang
    if name not in table:
        table[name] = _Held(name, lang)
    held = table[name]
    if held.lang != lang or (held.key in _known() and held.key not in st.session_state):
        held = _next(held)
    return held


def _next(held: _Held) -> _Held:
    new = _Held(held.name, state.current().lang, held.number + 1)
    st.session_state[HELD][held.name] = new
    return new


def _known() -> dict[str, Any]:
    found: dict[str, Any] = st.session_state.setdefault(KNOWN, {})
    return found


def _know(key: str, value: Any) -> None:
    known = _known()
    known.pop(key, None)
    known[key] = value
    for old in list(known)[:-REMEMBERED]:
        del known[old]
