"""A pool of processes on this machine that survives what the items do to them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic

from etl.errors import DisclosureError
from etl.executors.base import TRIES, Done, Job, Lost, Queue, R, T

_TICK: Final = 0.5
#: Seconds a process may take to start or to write its result: imports on a busy machine take ten.
_START: Final = 300.0
#: Bytes a socket's path may have (104 on the strictest system), and what ``multiprocessing`` adds
#: to the folder: ``/pymp-xxxxxxxx/listener-xxxxxxxx``.
_SOCKET_PATH: Final = 104
_SOCKET_NAME: Final = 32


@dataclass
class _Worker(Generic[T]):
    process: BaseProcess
    pipe: Connection
    batch: Sequence[T] | None = None
    at: int | None = None
    since: float = 0.0


def start_method() -> str:
    """How processes are started: ``forkserver`` where it can be, else ``spawn``.

    Never ``fork``: a forked child would hold the warehouse's lock and DuckDB's threads. The fork
    server listens on a socket in the folder for temporary files, whose path must be short.
    """
    methods = multiprocessing.get_all_start_methods()
    short = len(os.fsencode(tempfile.gettempdir())) + _SOCKET_NAME < _SOCKET_PATH
    return "forkserver" if "forkserver" in methods and short else "spawn"


class LocalExecutor:
    """A pool of ``jobs`` processes on this machine.

    ``timeout`` is the longest one item may take, in seconds; ``memory`` the most private memory
    of one process in bytes (Linux; ``None``: no limit). With ``keep``, idle processes wait for the
    next run of the same job until :meth:`close`.
    """

    def __init__(
        self, jobs: int, *, timeout: float = 120.0, memory: int | None = None, keep: bool = False
    ) -> None:
        self.jobs = max(1, jobs)
        self.timeout = timeout
        self.memory = memory
        self.keep = keep
        self._kept: list[_Worker[Any]] = []
        self._kept_for: tuple[object, int | None] | None = None
        self._context: Any = multiprocessing.get_context(start_method())

    def run(self, job: Job[T, R], batches: Iterable[Sequence[T]]) -> Iterator[Done[R] | Lost[T]]:
        """See :class:`~etl.executors.base.Executor`.

        Processes start as batches arrive and end with the iteration, unless they are kept.
        """
        queue: Queue[T] = Queue(iter(batches))
        workers: list[_Worker[T]] = self._take_kept(job)
        try:
            yield from self._drive(job, queue, workers)
        finally:
            for worker in workers:
                if self.keep and worker.batch is None:
                    self._kept.append(worker)
                else:
                    _kill(worker)

    def _take_kept(self, job: Job[T, R]) -> list[_Worker[T]]:
        wanted = (job, self.memory)
        if self._kept_for != wanted:
            self.close()
            self._kept_for = wanted
        alive, self._kept = [w for w in self._kept if w.process.is_alive()], []
        return alive

    def close(self) -> None:
        """End the processes that were kept."""
        while self._kept:
            _kill(self._kept.pop())

    def _drive(
        self, job: Job[T, R], queue: Queue[T], workers: list[_Worker[T]]
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

    def _feed(self, job: Job[T, R], queue: Queue[T], workers: list[_Worker[T]]) -> None:
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
        self, worker: _Worker[T], queue: Queue[T], workers: list[_Worker[T]]
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
        self, worker: _Worker[T], queue: Queue[T], workers: list[_Worker[T]], *, timed_out: bool
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
    def _give_back_whole(batch: list[T], queue: Queue[T], code: int | None) -> None:
        """No item was being read: starting up or writing failed. Try again, not for ever."""
        queue.deaths.update(batch)
        if any(queue.deaths[item] > TRIES for item in batch):
            raise DisclosureError(
                f"读取进程反复异常退出（{_exit_words(code)}）worker process keeps dying",
                hint="检查内存与磁盘；或用 --jobs 1 重试",
            )
        queue.back.append(batch)


def share_of_memory(processes: int) -> int:
    """Six tenths of the machine's memory shared out, at least two gigabytes each."""
    import psutil

    return max(2 << 30, int(psutil.virtual_memory().total * 0.6) // processes)


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
