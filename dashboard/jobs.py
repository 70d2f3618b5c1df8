"""Long work beside a page: in a thread, with progress, and stopped when asked. Pure.

The work reports its steps through a function that raises when the reader has cancelled or is gone;
so nothing goes on in the background that nobody waits for. Two pieces of work run at a time, others
wait, a few at most: a machine of two cores serves other readers meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from typing import Final, Generic, Literal, TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
Steps = Generator[tuple[int, int], None, T]
State = Literal["waiting", "running", "done", "failed", "cancelled", "refused"]
AT_ONCE: Final = 2
#: Pieces of work that may wait for their turn; another one is refused.
MOST_WAITING: Final = 8
#: Seconds after which work that no page asked about any more is stopped.
LEASE: Final = 600.0
_LOG: Final = logging.getLogger(__name__)
_SLOTS: Final = threading.BoundedSemaphore(AT_ONCE)
_PLACES: Final = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


class Cancelled(Exception):
    """Raised inside the work by its progress function, once cancelled."""


def stepped(make: Callable[[], Steps[T]]) -> Callable[[Progress], T]:
    """Work written as a generator of ``(done, total)`` as work that reports its progress."""

    def work(progress: Progress) -> T:
        steps = make()
        try:
            while True:
                progress(*next(steps))
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            steps.close()

    return work


class Job(Generic[T]):
    """One piece of work, started at once. ``result`` when done, ``error`` when failed.

    ``refused``: too much work was waiting, it was not begun.
    """

    def __init__(self, work: Callable[[Progress], T], *, lease: float = LEASE) -> None:
        self.state: State = "waiting"
        self.done, self.total = 0, 0
        self.result: T | None = None
        self.error: Exception | None = None
        self._work = work
        self._lease = lease
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="export", daemon=True)
        self.look()
        if not _PLACES.acquire(blocking=False):
            self.state = "refused"
            return
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is still to be waited for."""
        return self.state in ("waiting", "running")

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def look(self) -> None:
        """Somebody is still waiting for it."""
        self._seen = time.monotonic()

    def cancel(self) -> None:
        """Stop at the next step."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended."""
        if self.state != "refused":
            self._thread.join(seconds)

    @property
    def _unwanted(self) -> bool:
        return self._cancelled.is_set() or time.monotonic() - self._seen > self._lease

    def _progress(self, done: int, total: int) -> None:
        if self._unwanted:
            raise Cancelled
        self.done, self.total = done, total

    def _run(self) -> None:
        try:
            while not _SLOTS.acquire(timeout=0.2):
                if self._unwanted:
                    self.state = "cancelled"
                    return
            try:
                self._do()
            finally:
                _SLOTS.release()
        finally:
            _PLACES.release()

    def _do(self) -> None:
        try:
            self.state = "running"
            self._progress(0, 0)
            result = self._work(self._progress)
            self._progress(self.total, self.total)
            self.result = result
            self.state = "done"
        except Cancelled:
            self.state = "cancelled"
        except Exception as error:
            # The page says that it failed; the log says why.
            _LOG.exception("export failed")
            self.error = error
            self.state = "failed"
