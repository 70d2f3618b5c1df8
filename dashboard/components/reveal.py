"""What a click has opened further down the page comes into sight.

A list opens below the charts it belongs to, often below the screen: whoever clicked a point saw
nothing happen.
"""

from __future__ import annotations

import re
from typing import Final

import streamlit as st

#: Session key: container → what was last shown in it.
SHOWN: Final = "do_revealed"
_KEY: Final = re.compile(r"[a-z_]+")
#: Once it is laid out; at once for whoever wants no motion.
_SCRIPT: Final = """<script>setTimeout(() => {{
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  document.querySelector('.st-key-{key}')?.scrollIntoView(
    {{block: '{edge}', behavior: still ? 'auto' : 'smooth'}});
}}, 200); /* {turn} */</script>"""


def once(key: str, what: object, *, top: bool = False) -> None:
    """Scroll to the container of a key, unless it showed the same when it was drawn last.

    To be called inside the container. ``top``: it comes to the top of the screen, else only as far
    as needed.

    Raises:
        ValueError: the key is no plain name.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key")
    shown: dict[str, object] = st.session_state.setdefault(SHOWN, {})
    if shown.get(key) == what:
        return
    shown[key] = what
    # A script of the same words is not run a second time.
    turn = st.session_state[f"{SHOWN}_turn"] = st.session_state.get(f"{SHOWN}_turn", 0) + 1
    st.html(
        _SCRIPT.format(key=key, turn=turn, edge="start" if top else "nearest"),
        unsafe_allow_javascript=True,
    )


def forget(key: str) -> None:
    """Nothing is open there: what opens next is new."""
    st.session_state.get(SHOWN, {}).pop(key, None)
