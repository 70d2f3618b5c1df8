"""Long work on a page: begun by a button, with progress and cancel, its result kept until anew.

The work is a generator that tells how far it is. It stands in the session, so that any other click
only interrupts it between two steps and the next run goes on where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any, Final

import streamlit as st

from dashboard.markup import plain
from dashboard.view import View

_LOG: Final = logging.getLogger(__name__)
Work = Generator[tuple[int, int], None, Any]


def state(slot: str, key: str) -> dict[str, Any]:
    """The job of a slot if it was begun for the same request, else an empty one."""
    job: dict[str, Any] = st.session_state.get(_name(slot)) or {}
    return job if job.get("key") == key else {}


def begin(slot: str, key: str, work: Work) -> None:
    """Put work into a slot; what was there before is forgotten."""
    forget(slot)
    st.session_state[_name(slot)] = {"key": key, "work": work}


def forget(slot: str) -> None:
    """Empty a slot, stopping what runs there."""
    job = st.session_state.pop(_name(slot), None) or {}
    if "work" in job:
        job["work"].close()


def cancel(slot: str, key: str) -> None:
    """Stop the work of a slot and remember that it was stopped."""
    forget(slot)
    st.session_state[_name(slot)] = {"key": key, "cancelled": True}


def go_on(view: View, slot: str, key: str, words: str) -> None:
    """Work on, showing progress (``words``: a key of the catalogue), then show the fragment anew.

    An error of the work empties the slot, is logged and raised.
    """
    job = state(slot, key)
    work: Work = job["work"]
    place = st.empty()
    st.button(
        view.t("letters.cancel"), key=f"{_name(slot)}_cancel", on_click=cancel, args=(slot, key)
    )
    while True:
        try:
            done, total = next(work)
        except StopIteration as end:
            job["done"] = end.value
            del job["work"]
            break
        except Exception:
            st.session_state.pop(_name(slot), None)
            _LOG.exception("%s failed", slot)
            raise
        shown = view.t(words, done=done, total=total)
        place.progress(done / total if total else 1.0, text=plain(shown))
    st.rerun(scope="fragment")


def _name(slot: str) -> str:
    return f"do_job_{slot}"
