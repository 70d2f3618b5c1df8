"""Long work beside a page: in a thread, with progress, and stopped when asked. Pure.

The work reports its steps through a function that raises when the reader has cancelled; so
nothing goes on in the background that nobody waits for. Two pieces of work run at a time, others
wait: a machine of two cores serves other readers meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, Generic, Literal, TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
State = Literal["waiting", "running", "done", "failed", "cancelled"]
AT_ONCE: Final = 2
_LOG: Final = logging.getLogger(__name__)
_SLOTS: Final = threading.BoundedSemaphore(AT_ONCE)


class Cancelled(Exception):
    """Raised inside the work by its progress function, once cancelled."""


class Job(Generic[T]):
    """One piece of work, started at once. ``result`` when done, ``error`` when failed."""

    def __init__(self, work: Callable[[Progress], T]) -> None:
        self.state: State = "waiting"
        self.done, self.total = 0, 0
        self.result: T | None = None
        self.error: Exception | None = None
        self._work = work
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="export", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is still to be waited for."""
        return self.state in ("waiting", "running")

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def cancel(self) -> None:
        """Stop at the next step."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended."""
        self._thread.join(seconds)

    def _progress(self, done: int, total: int) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self.done, self.total = done, total

    def _run(self) -> None:
        while not _SLOTS.acquire(timeout=0.2):
            if self._cancelled.is_set():
                self.state = "cancelled"
                return
        try:
            self.state = "running"
            self._progress(0, 0)
            self.result = self._work(self._progress)
            self._progress(self.total, self.total)
            self.state = "done"
        except Cancelled:
            self.result = None
            self.state = "cancelled"
        except Exception as error:
            # The page says that it failed; the log says why.
            _LOG.exception("export failed")
            self.error = error
            self.state = "failed"
        finally:
            _SLOTS.release()
