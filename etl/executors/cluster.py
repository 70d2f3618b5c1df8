"""Batches on an existing Dask cluster whose machines see the same files and folders.

Two kinds of trouble, each met where it can be: a file that kills or hangs its reader is met on the
worker, by a guarded child process with the rules of :class:`~etl.executors.local.LocalExecutor`; a
worker or machine that is lost is met by the cluster, which gives its batches to another.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from etl.errors import DisclosureError, UsageError
from etl.executors.base import TRIES, Done, Job, Lost, Queue, R, T
from etl.executors.local import LocalExecutor, share_of_memory

#: Seconds a load waits for a cluster that has no worker at all.
PATIENCE: Final = 60.0
_CONNECT: Final = "10s"
#: Seconds between looks at whether there still are workers.
_LOOK: Final = 5.0
#: Batches given out per worker thread: one under way, one waiting beside it.
_AHEAD: Final = 2


class DaskExecutor:
    """Runs batches on the cluster at ``address`` (``tcp://host:port``).

    ``timeout`` and ``memory`` bound one item and its reading process, as in
    :class:`~etl.executors.local.LocalExecutor`; memory by default to its share of the worker's
    machine. A batch whose worker is lost again and again (each time after the cluster's own
    ``allowed-failures``) is split until one item is alone; that item is tried again with nothing
    beside it and lost after :data:`~etl.executors.base.TRIES` such rounds.
    """

    def __init__(
        self,
        address: str,
        *,
        timeout: float = 120.0,
        memory: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.address = address
        self.timeout = timeout
        self.memory = memory
        self.patience = patience

    def run(self, job: Job[T, R], batches: Iterable[Sequence[T]]) -> Iterator[Done[R] | Lost[T]]:
        """See :class:`~etl.executors.base.Executor`.

        Raises:
            UsageError: ``distributed`` is not installed, or nobody answers at the address.
            DisclosureError: the cluster is gone, or has had no worker for ``patience`` seconds.
        """
        distributed = _library()
        try:
            client = distributed.Client(self.address, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"连不上 cannot reach {self.address}: {error}", hint="检查地址 check the address"
            ) from error
        with client:
            yield from self._drive(distributed, client, job, Queue(iter(batches)))
            with contextlib.suppress(Exception):  # an idle reader left there ends with its worker
                client.run(rest)

    def _drive(
        self, distributed: Any, client: Any, job: Job[T, R], queue: Queue[T]
    ) -> Iterator[Done[R] | Lost[T]]:
        waiting: dict[Any, Sequence[T]] = {}
        suspects: deque[T] = deque()
        seen = time.monotonic()

        def submit(batch: Sequence[T]) -> None:
            future = client.submit(
                guarded, job, list(batch), self.timeout, self.memory, pure=False, retries=0
            )
            waiting[future] = batch

        while True:
            threads = sum(client.nthreads().values())
            while len(waiting) < max(1, threads) * _AHEAD and (batch := queue.next()) is not None:
                submit(batch)
            if not waiting and suspects:
                submit([suspects.popleft()])
            if not waiting:
                return
            seen = time.monotonic() if threads else seen
            if time.monotonic() - seen > self.patience:
                raise DisclosureError(
                    f"集群没有工作进程 no workers at {self.address}",
                    hint="启动 start: dask worker；或用 or use --executor local",
                )
            try:
                with client.as_current():
                    ended = distributed.wait(
                        list(waiting), timeout=_LOOK, return_when="FIRST_COMPLETED"
                    ).done
            except TimeoutError:
                continue
            for future in ended:
                yield from self._hear(
                    distributed, future, list(waiting.pop(future)), queue, suspects
                )

    def _hear(
        self,
        distributed: Any,
        future: Any,
        batch: list[T],
        queue: Queue[T],
        suspects: deque[T],
    ) -> Iterator[Done[R] | Lost[T]]:
        if future.status == "finished":
            yield from future.result()
            return
        if future.status in ("cancelled", "lost"):
            raise DisclosureError(
                f"与集群的连接断了 lost the cluster at {self.address}",
                hint="集群恢复后重新载入 load again when it is back; nothing was published",
            )
        trouble = future.exception()
        if not isinstance(trouble, distributed.KilledWorker):
            raise trouble
        yield from _split(batch, queue, suspects)


def _library() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise UsageError(
            "没有安装 dask.distributed not installed",
            hint="pip install 'disclosure-observatory[cluster]'",
        ) from error


def _split(batch: list[T], queue: Queue[T], suspects: deque[T]) -> Iterator[Lost[T]]:
    """What to do with a batch whose worker died.

    An item is a suspect, not guilty: the scheduler blames whatever else stood in line at that
    worker. Suspects are tried again when all else is done, each with the cluster to itself; one
    that takes a worker along then did it.
    """
    if len(batch) > 1:
        middle = len(batch) // 2
        queue.back.extend((batch[:middle], batch[middle:]))
        return
    queue.deaths.update(batch)
    if queue.deaths[batch[0]] >= TRIES:
        yield Lost(batch[0], "crashed", "dask worker")
    else:
        suspects.append(batch[0])


# ---------------------------------------------------------------- on the worker

#: Readers at rest in this worker: starting one costs the imports of all readers.
_at_rest: deque[LocalExecutor] = deque()


def guarded(
    job: Job[T, R], batch: Sequence[T], timeout: float, memory: int | None
) -> list[Done[R] | Lost[T]]:
    """Run one batch on a worker, in a child process that may die instead of the worker."""
    # A nanny starts its worker as a daemon, which may have no children. Ours end when their pipe
    # closes, whatever becomes of the worker, so nothing is left behind.
    with contextlib.suppress(AssertionError):  # this process was not started by multiprocessing
        multiprocessing.current_process().daemon = False
    try:
        reader = _at_rest.pop()
    except IndexError:
        reader = LocalExecutor(1, keep=True)
    reader.timeout = timeout
    reader.memory = memory or share_of_memory(os.cpu_count() or 1)
    try:
        return list(reader.run(job, [batch]))
    finally:
        _at_rest.append(reader)


def rest() -> None:
    """End the readers at rest in this worker and free their memory."""
    while _at_rest:
        _at_rest.pop().close()
