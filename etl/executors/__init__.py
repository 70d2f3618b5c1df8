"""Where the jobs of a load run: in this process, in a pool on this machine, on a cluster.

One interface, :class:`Executor`: a job and batches of items in, one :class:`Done` per batch and one
:class:`Lost` per item given up out. What a load writes must not depend on which of them ran it.
"""

from __future__ import annotations

from etl.errors import UsageError
from etl.executors.base import TRIES, Beat, Done, Executor, InlineExecutor, Job, Lost
from etl.executors.cluster import DaskExecutor
from etl.executors.local import LocalExecutor, share_of_memory

__all__ = [
    "TRIES", "Beat", "DaskExecutor", "Done", "Executor", "InlineExecutor", "Job", "LocalExecutor",
    "Lost", "executor_for",
]  # fmt: skip


def executor_for(name: str, jobs: int, *, timeout: float) -> Executor:
    """The executor a command names: ``local`` or ``dask://host:port``.

    Raises:
        UsageError: the name is neither.
    """
    if name == "local":
        return LocalExecutor(jobs, timeout=timeout, memory=share_of_memory(jobs))
    scheme, _, address = name.partition("://")
    if scheme == "dask" and address:
        return DaskExecutor(f"tcp://{address}", timeout=timeout)
    raise UsageError(f"不认识的执行器 unknown executor {name!r}", hint="local 或 dask://主机:端口")
