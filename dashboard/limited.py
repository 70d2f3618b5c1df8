"""Run a command with bounded memory, processor time and file size: ``python -m dashboard.limited``.

A launcher of its own instead of ``preexec_fn``, which is not safe in a server with threads. The
limits hold for the command and everything it starts. Where the system has no such limits (Windows)
the command runs without; the caller's time limit still holds.

Usage: ``python limited.py MEGABYTES SECONDS FILE_MEGABYTES command …``
"""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> None:
    """Set the limits, then become the command."""
    memory, seconds, file_size = (int(a) for a in arguments[:3])
    command = arguments[3:]
    try:
        import resource
    except ImportError:
        pass
    else:
        for name, value in (
            (resource.RLIMIT_AS, memory << 20),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, file_size << 20),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.getrlimit(name)
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            # The signal of the soft limit tells the caller why; the hard one is for the deaf.
            later = bound + 2 if name == resource.RLIMIT_CPU else bound
            resource.setrlimit(name, (bound, later if hard == resource.RLIM_INFINITY else hard))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
