"""Long work on a page: begun by a button, watched with progress and cancel, kept until anew.

The work runs beside the page (``dashboard.jobs``), so that every other click and page goes on; the
session keeps it under a slot, and whoever comes back finds it further on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import streamlit as st

from dashboard.db import WarehouseError
from dashboard.desk import DeskError
from dashboard.i18n import Text
from dashboard.jobs import Job, Progress, Steps, stepped
from dashboard.markup import plain
from dashboard.open import apart
from dashboard.view import View

T = TypeVar("T")
#: Seconds between two looks at the progress.
LOOK_EVERY: Final = 0.7
Reason = Callable[[Text, Exception], str]


def find(slot: str, key: str = "") -> Job[Any] | None:
    """The job of a slot if it was begun for the same request."""
    kept: tuple[str, Job[Any]] | None = st.session_state.get(_name(slot))
    return kept[1] if kept is not None and kept[0] == key else None


def begin(slot: str, work: Callable[[Progress], Any], key: str = "") -> None:
    """Begin work in a slot; what was there before is stopped and forgotten."""
    forget(slot)
    st.session_state[_name(slot)] = key, Job(work)


def begin_on(view: View, slot: str, make: Callable[[View], Steps[Any]], key: str = "") -> None:
    """Begin a generator on a view with connections of its own: it may outlive the page."""

    def steps() -> Steps[Any]:
        with apart(view) as own:
            return (yield from make(own))

    begin(slot, stepped(steps), key)


def forget(slot: str) -> None:
    """Empty a slot, stopping what runs there."""
    kept = st.session_state.pop(_name(slot), None)
    if kept is not None:
        kept[1].cancel()


def watch(view: View, job: Job[Any], words: str) -> None:
    """How far it is (``words``: a key of the catalogue); once it has ended the page is drawn anew.

    Only for a job that is still running: nothing looks at one that has ended.
    """
    st.fragment(_watch, run_every=LOOK_EVERY)(view, job, words)


def _watch(view: View, job: Job[Any], words: str) -> None:
    t = view.t
    job.look()
    if not job.running:
        st.rerun()
    waiting = job.state == "waiting"
    said = t("job.waiting") if waiting else t(words, done=job.done, total=job.total)
    st.progress(job.share, text=plain(said))
    st.button(t("job.cancel"), key="do_cancel", on_click=job.cancel)


def result(view: View, job: Job[T], reason: Reason | None = None) -> T | None:
    """What ended work made; without a result it is said why: cancelled, refused, failed.

    ``reason``: words for the errors that only this work can have, ``""`` for others.
    """
    t = view.t
    if job.state in ("cancelled", "refused"):
        st.info(t(f"job.{job.state}"))
    elif job.error is not None:
        said = reason(t, job.error) if reason else ""
        st.error(said or _reason(t, job.error))
        if isinstance(job.error, DeskError | WarehouseError):
            st.code(job.error.place, language=None)
    return job.result


def _reason(t: Text, error: Exception) -> str:
    if isinstance(error, WarehouseError | DeskError):
        return "\n\n".join(t(f"error.{error.reason}.{part}") for part in ("what", "do"))
    return t("job.failed")


def _name(slot: str) -> str:
    return f"do_job_{slot}"
