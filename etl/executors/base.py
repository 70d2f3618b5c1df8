"""What every executor is given and gives back, and the one that runs in this process.

``etl`` parses files of strangers: one may crash the interpreter (a fault in a C library), eat all
memory or never end. An executor gives back one outcome per batch or per lost item and goes on with
the rest.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

T = TypeVar("T", bound=Hashable)
R = TypeVar("R")
#: Called by a job as it starts item ``i`` of its batch, and with ``len(items)`` after the last.
Beat = Callable[[int], None]
#: A picklable function of a batch. It must catch what one item raises; what it raises itself ends
#: the whole run (a full disk, say). It may be run twice on a batch, even at the same time (a worker
#: believed dead goes on for a while): only what the first outcome names may be used.
Job = Callable[[Sequence[T], Beat], R]

#: A process that dies on an item is given the item once more, alone: the first death may have been
#: another item's (memory) or nobody's (a kill from outside).
TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """A batch that came to its end."""

    result: R


@dataclass(frozen=True, slots=True)
class Lost(Generic[T]):
    """An item given up: ``code`` is ``crashed`` or ``timeout``."""

    item: T
    code: str
    detail: str


class Executor(Protocol):
    """Anything that can run a job over batches."""

    def run(self, job: Job[T, R], batches: Iterable[Sequence[T]]) -> Iterator[Done[R] | Lost[T]]:
        """Yield outcomes as they come, in no fixed order; ``batches`` is drawn from lazily."""
        ...


class InlineExecutor:
    """Runs the job in this process; nothing is caught, nothing is killed."""

    def run(self, job: Job[T, R], batches: Iterable[Sequence[T]]) -> Iterator[Done[R] | Lost[T]]:
        """See :class:`Executor`."""
        for batch in batches:
            yield Done(job(batch, lambda _: None))


@dataclass
class Queue(Generic[T]):
    """Batches still to do: those given back first, then new ones."""

    fresh: Iterator[Sequence[T]]
    back: deque[Sequence[T]] = field(default_factory=deque)
    deaths: Counter[T] = field(default_factory=Counter)

    def next(self) -> Sequence[T] | None:
        """The next batch; ``None`` when there is none left."""
        if self.back:
            return self.back.popleft()
        return next(self.fresh, None)
