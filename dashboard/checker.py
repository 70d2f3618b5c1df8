"""Check a stranger's file: in a child process with bounds, in a folder that is gone afterwards.

The child is ``disclosure parse --json``; this house imports nothing of the other. Nothing a file
holds can reach the server but the JSON the child prints: a file that hangs, swells or breaks the
parser costs its own process. The uploaded name is handed over as a text and never becomes a path.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LAUNCHER: Final = Path(__file__).with_name("limited.py")
#: Variables of the server's environment that the child needs; everything else stays here.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,5}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one file may cost.

    ``megabytes``: the file's size. ``unpacked``: megabytes an archive may unpack to. ``memory``:
    address space of the child in megabytes. ``seconds``: wall time; ``cpu``: processor seconds.
    ``documents``: documents of an archive that are shown. ``output``: megabytes of its answer.
    """

    megabytes: int = 50
    unpacked: int = 400
    memory: int = 2048
    seconds: float = 90.0
    cpu: int = 60
    documents: int = 40
    output: int = 256


DEFAULT: Final = Bounds()
#: Files checked at once by all sessions together; the rest wait their turn.
AT_ONCE: Final = 2
#: How long a file waits for its turn before the reader is told to come back.
WAIT_SECONDS: Final = 120.0
_turns: Final = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one file.

    ``documents`` are the JSON objects of its documents (an archive has several). ``problem`` is
    set where the check itself could not be done: ``too_large``, ``busy``, ``timeout``, ``memory``
    or ``broken`` (keys of the catalogue). ``more``: an archive had more documents than are shown.
    """

    name: str
    documents: tuple[dict[str, Any], ...] = ()
    problem: str = ""
    more: bool = False


#: ``(state, seconds, documents)``; the state is ``waiting`` or ``reading``.
Progress = Callable[[str, float, int], None]


def shown_name(name: str) -> str:
    """The last part of an uploaded name, without control characters, at most 150 characters."""
    last = re.split(r"[\\/]", name)[-1]
    return _CONTROL.sub("", last).strip()[-150:] or "file"


def check(
    name: str,
    data: bytes,
    *,
    bounds: Bounds = DEFAULT,
    progress: Progress = lambda *_: None,
    command: tuple[str, ...] = (sys.executable, "-m", "etl.cli", "parse", "--json", "--blocks"),
    wait: float = WAIT_SECONDS,
) -> Checked:
    """Parse and check one file's bytes; returns when it is done, refused or out of time.

    ``command`` is replaced by tests only.
    """
    name = shown_name(name)
    if len(data) > bounds.megabytes << 20:
        return Checked(name, problem="too_large")
    started = time.monotonic()
    while not _turns.acquire(timeout=_POLL_SECONDS):
        waited = time.monotonic() - started
        progress("waiting", waited, 0)
        if waited > wait:
            return Checked(name, problem="busy")
    try:
        # The child is dead before the folder goes: its whole group is ended in _run.
        with tempfile.TemporaryDirectory(prefix="disclosure-check-") as folder:
            return _run(name, data, Path(folder), bounds, progress, command)
    finally:
        _turns.release()


def _run(
    name: str,
    data: bytes,
    folder: Path,
    bounds: Bounds,
    progress: Progress,
    command: tuple[str, ...],
) -> Checked:
    suffix = PurePath(name).suffix
    path = folder / f"upload{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    path.write_bytes(data)
    out, err = folder / "out.jsonl", folder / "err.txt"
    limited = [sys.executable, "-I", str(LAUNCHER), str(bounds.memory), str(bounds.cpu),
               str(bounds.output)]  # fmt: skip
    asked = [f"--name={name}", f"--max-mb={bounds.megabytes}",
             f"--max-unpacked-mb={bounds.unpacked}", str(path)]  # fmt: skip
    with out.open("wb") as to_out, err.open("wb") as to_err:
        child = subprocess.Popen(
            [*limited, *command, *asked],
            stdin=subprocess.DEVNULL,
            stdout=to_out,
            stderr=to_err,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
        )
        try:
            ended = _watch(child, out, bounds, progress)
        finally:
            _end(child)
    documents, more = _documents(out, bounds)
    problem = "" if documents else _problem(child.returncode, ended, err)
    return Checked(name, documents, problem, more or bool(documents and not ended))


def _watch(child: subprocess.Popen[bytes], out: Path, bounds: Bounds, progress: Progress) -> bool:
    """Wait for the child; ``False`` if it ran out of time or has said more than is shown."""
    started = time.monotonic()
    seen = lines = 0
    while True:
        try:
            child.wait(_POLL_SECONDS)
            return True
        except subprocess.TimeoutExpired:
            spent = time.monotonic() - started
        with out.open("rb") as answer:
            answer.seek(seen)
            part = answer.read(bounds.output << 20)
        seen, lines = seen + len(part), lines + part.count(b"\n")
        progress("reading", spent, lines)
        if spent > bounds.seconds or lines > bounds.documents:
            return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and everything it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    return (
        kept
        | single
        | {
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(folder),
            "HOME": str(folder),
        }
    )


def _documents(out: Path, bounds: Bounds) -> tuple[tuple[dict[str, Any], ...], bool]:
    """The complete answers; a line cut short by a limit is none."""
    found: list[dict[str, Any]] = []
    with out.open("rb") as answer:
        for line in answer:
            if len(found) == bounds.documents:
                return tuple(found), True
            try:
                found.append(json.loads(line))
            except ValueError:
                return tuple(found), True
    return tuple(found), False


def _problem(code: int | None, ended: bool, err: Path) -> str:
    """Why there is no answer, as a key of the catalogue."""
    xcpu = getattr(signal, "SIGXCPU", 0)
    if not ended or code in (-xcpu, -signal.SIGTERM):
        return "timeout"
    with err.open("rb") as said:
        words = said.read(20_000).decode("utf-8", "replace")
    return "memory" if "MemoryError" in words or "failed to map" in words else "broken"
