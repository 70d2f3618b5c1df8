"""Runs a job over batches of items in other processes and survives what the items do to them.

``etl`` parses files of strangers: one may crash the interpreter (a fault in a C library), eat all
memory or never end. An executor gives back one outcome per batch or per lost item and goes on with
the rest. :class:`LocalExecutor` is a process pool; :class:`InlineExecutor` runs in this process
for small work. A cluster would be one more class with the same ``run``.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, Protocol, TypeVar

from etl.errors import DisclosureError, UsageError

T = TypeVar("T", bound=Hashable)
R = TypeVar("R")
#: Called by a job as it starts item ``i`` of its batch, and with ``len(items)`` after the last.
Beat = Callable[[int], None]
#: A picklable function of a batch. It must catch what one item raises; what it raises itself ends
#: the whole run (a full disk, say).
Job = Callable[[Sequence[T], Beat], R]

#: A process that dies on an item is given the item once more, alone: the first death may have been
#: another item's (memory) or nobody's (a kill from outside).
TRIES: Final = 2
_TICK: Final = 0.5
#: Seconds a process may take to start or to write its result: imports on a busy machine take ten.
_START: Final = 300.0


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
class _Worker(Generic[T]):
    process: BaseProcess
    pipe: Connection
    batch: Sequence[T] | None = None
    at: int | None = None
    since: float = 0.0


@dataclass
class _Queue(Generic[T]):
    """Batches still to do: those given back first, then new ones."""

    fresh: Iterator[Sequence[T]]
    back: deque[Sequence[T]] = field(default_factory=deque)
    deaths: Counter[T] = field(default_factory=Counter)

    def next(self) -> Sequence[T] | None:
        if self.back:
            return self.back.popleft()
        return next(self.fresh, None)


class LocalExecutor:
    """A pool of ``jobs`` processes on this machine.

    ``timeout`` is the longest one item may take, in seconds; ``memory`` the most private memory
    of one process in bytes (Linux; ``None``: no limit).
    """

    def __init__(self, jobs: int, *, timeout: float = 120.0, memory: int | None = None) -> None:
        self.jobs = max(1, jobs)
        self.timeout = timeout
        self.memory = memory
        methods = multiprocessing.get_all_start_methods()
        # Never fork: a forked child would hold the warehouse's lock and DuckDB's threads.
        self._context: Any = multiprocessing.get_context(
            "forkserver" if "forkserver" in methods else "spawn"
        )

    def run(self, job: Job[T, R], batches: Iterable[Sequence[T]]) -> Iterator[Done[R] | Lost[T]]:
        """See :class:`Executor`. Processes start as batches arrive and end with the iteration."""
        queue: _Queue[T] = _Queue(iter(batches))
        workers: list[_Worker[T]] = []
        try:
            yield from self._drive(job, queue, workers)
        finally:
            for worker in workers:
                _kill(worker)

    def _drive(
        self, job: Job[T, R], queue: _Queue[T], workers: list[_Worker[T]]
    ) -> Iterator[Done[R] | Lost[T]]:
        while True:
            self._feed(job, queue, workers)
            busy = [w for w in workers if w.batch is not None]
            if not busy:
                return
            ready = wait([w.pipe for w in busy], timeout=_TICK)
            for worker in busy:
                if worker.pipe in ready:
                    yield from self._hear(worker, queue, workers)
                elif time.monotonic() - worker.since > self._patience(worker):
                    yield from self._bury(worker, queue, workers, timed_out=True)

    def _patience(self, worker: _Worker[T]) -> float:
        """Only reading an item is held to the item's time, not starting up or writing."""
        reading = worker.batch and worker.at is not None and worker.at < len(worker.batch)
        return self.timeout if reading else max(self.timeout, _START)

    def _feed(self, job: Job[T, R], queue: _Queue[T], workers: list[_Worker[T]]) -> None:
        idle = [w for w in workers if w.batch is None]
        while idle or len(workers) < self.jobs:
            batch = queue.next()
            if batch is None:
                return
            worker = idle.pop() if idle else self._start(job, workers)
            worker.batch, worker.at, worker.since = batch, None, time.monotonic()
            with contextlib.suppress(OSError):  # it died idle: found out at the next wait
                worker.pipe.send(batch)

    def _start(self, job: Job[T, R], workers: list[_Worker[T]]) -> _Worker[T]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(theirs, job, self.memory), daemon=True, name="disclosure-worker"
        )
        process.start()
        theirs.close()
        worker: _Worker[T] = _Worker(process, ours)
        workers.append(worker)
        return worker

    def _hear(
        self, worker: _Worker[T], queue: _Queue[T], workers: list[_Worker[T]]
    ) -> Iterator[Done[R] | Lost[T]]:
        try:
            kind, value = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._bury(worker, queue, workers, timed_out=False)
            return
        worker.since = time.monotonic()
        if kind == "beat":
            worker.at = value
        elif kind == "done":
            worker.batch = None
            yield Done(value)
        else:
            raise value

    def _bury(
        self, worker: _Worker[T], queue: _Queue[T], workers: list[_Worker[T]], *, timed_out: bool
    ) -> Iterator[Lost[T]]:
        """End a dead or hung worker; give its batch back, less the item to blame."""
        _kill(worker)
        workers.remove(worker)
        batch = list(worker.batch or ())
        code = worker.process.exitcode
        if worker.at is None or worker.at >= len(batch):
            self._give_back_whole(batch, queue, code)
            return
        guilty = batch.pop(worker.at)
        if batch:
            queue.back.append(batch)
        queue.deaths[guilty] += 1
        if timed_out:
            yield Lost(guilty, "timeout", f"{self.timeout:g} s")
        elif queue.deaths[guilty] >= TRIES:
            yield Lost(guilty, "crashed", _exit_words(code))
        else:
            queue.back.append([guilty])

    @staticmethod
    def _give_back_whole(batch: list[T], queue: _Queue[T], code: int | None) -> None:
        """No item was being read: starting up or writing failed. Try again, not for ever."""
        queue.deaths.update(batch)
        if any(queue.deaths[item] > TRIES for item in batch):
            raise DisclosureError(
                f"读取进程反复异常退出（{_exit_words(code)}）worker process keeps dying",
                hint="检查内存与磁盘；或用 --jobs 1 重试",
            )
        queue.back.append(batch)


class DaskExecutor:
    """Runs batches on an existing Dask cluster whose workers see the same files and folders.

    A batch whose worker dies is split until the item to blame is alone; it is lost after
    :data:`TRIES` deaths (each of them after the cluster's own ``allowed-failures``).
    """

    def __init__(self, address: str, *, ahead: int = 8) -> None:
        self.address = address
        self.ahead = ahead

    def run(self, job: Job[T, R], batches: Iterable[Sequence[T]]) -> Iterator[Done[R] | Lost[T]]:
        """See :class:`Executor`."""
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise UsageError(
                "没有安装 dask.distributed not installed",
                hint="pip install 'disclosure-observatory[dask]'",
            ) from error
        try:
            client = distributed.Client(self.address, timeout="10s")
        except OSError as error:
            raise UsageError(
                f"连不上 cannot reach {self.address}: {error}", hint="检查地址 check the address"
            ) from error
        queue: _Queue[T] = _Queue(iter(batches))
        waiting: dict[Any, Sequence[T]] = {}
        with client:
            finished = distributed.as_completed()

            def feed() -> None:
                while len(waiting) < self.ahead and (batch := queue.next()) is not None:
                    future = client.submit(_run_quietly, job, list(batch), pure=False, retries=0)
                    waiting[future] = batch
                    finished.add(future)

            feed()
            while waiting:
                future = next(finished)
                batch = waiting.pop(future)
                trouble = future.exception()
                if trouble is None:
                    yield Done(future.result())
                elif isinstance(trouble, distributed.KilledWorker):
                    yield from self._split(list(batch), queue)
                else:
                    raise trouble
                feed()

    @staticmethod
    def _split(batch: list[T], queue: _Queue[T]) -> Iterator[Lost[T]]:
        if len(batch) > 1:
            middle = len(batch) // 2
            queue.back.extend((batch[:middle], batch[middle:]))
            return
        queue.deaths.update(batch)
        if queue.deaths[batch[0]] >= TRIES:
            yield Lost(batch[0], "crashed", "dask worker")
        else:
            queue.back.append(batch)


def _run_quietly(job: Job[T, R], items: Sequence[T]) -> R:
    return job(items, lambda _: None)


def executor_for(name: str, jobs: int, *, timeout: float) -> Executor:
    """The executor a command names: ``local`` or ``dask://host:port``.

    Raises:
        UsageError: the name is neither.
    """
    if name == "local":
        return LocalExecutor(jobs, timeout=timeout, memory=_memory_per_worker(jobs))
    scheme, _, address = name.partition("://")
    if scheme == "dask" and address:
        return DaskExecutor(f"tcp://{address}")
    raise UsageError(f"不认识的执行器 unknown executor {name!r}", hint="local 或 dask://主机:端口")


def _memory_per_worker(jobs: int) -> int:
    """Six tenths of the machine's memory shared out, at least two gigabytes each."""
    import psutil

    return max(2 << 30, int(psutil.virtual_memory().total * 0.6) // jobs)


def _exit_words(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit {code}"


def _kill(worker: _Worker[Any]) -> None:
    with contextlib.suppress(OSError):
        worker.pipe.close()
    if worker.process.is_alive() and worker.batch is None:
        worker.process.join(0.2)  # an idle one ends by itself when its pipe closes
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()


def _serve(pipe: Connection, job: Job[Any, Any], memory: int | None) -> None:
    """The worker's loop: batch in, beats and one result out, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _limit_memory(memory)
    try:
        while True:
            batch = pipe.recv()
            try:
                result = job(batch, lambda i: pipe.send(("beat", i)))
            except Exception as error:
                pipe.send(("error", _picklable(error)))
            else:
                pipe.send(("done", result))
    except (EOFError, OSError):  # the parent is gone
        os._exit(0)


def _picklable(error: Exception) -> Exception:
    """The error itself where it survives the pipe, else its words."""
    if isinstance(error, OSError) and error.errno is not None:
        return OSError(error.errno, error.strerror, error.filename)
    if isinstance(error, DisclosureError):
        return DisclosureError(str(error))
    return DisclosureError(f"读取进程出错 worker failed: {type(error).__name__}: {error}")


def _limit_memory(memory: int | None) -> None:
    if memory is None:
        return
    try:
        import resource
    except ImportError:  # not on Windows
        return
    # RLIMIT_DATA counts private memory only; RLIMIT_AS would count every mapped library.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
