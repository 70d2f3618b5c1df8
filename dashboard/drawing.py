"""Vega's drawing in processes of its own. Run as a script it is such a process; nothing else of us.

vl-convert holds Python's lock while it draws (measured, 1.9: other threads get nothing for the
whole 0.3 to 1 s), so that one export would stop every page of the server. A child takes
specifications from its input and gives back SVG; it ends when its input does, however its parent
ended.
"""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Final

#: Charts drawn at the same time, by as many children.
AT_ONCE: Final = max(1, min(2, os.cpu_count() or 1))
#: Seconds after which a child that gives no answer is ended.
PATIENCE: Final = 120.0
_LENGTH: Final = struct.Struct(">BI")


class DrawingError(Exception):
    """A chart could not be drawn; the text is the converter's or says how the child ended."""


def serve(take: IO[bytes], give: IO[bytes]) -> None:
    """The child: messages from one stream, answers to the other, until the first ends."""
    import vl_convert

    while head := take.read(_LENGTH.size):
        _, length = _LENGTH.unpack(head)
        asked = json.loads(take.read(length))
        try:
            if "fonts" in asked:
                vl_convert.register_font_directory(asked["fonts"])
                answer, good = "", 1
            else:
                answer, good = vl_convert.vegalite_to_svg(asked["spec"]), 1
        except Exception as error:  # whatever the converter says, the parent tells
            answer, good = str(error), 0
        content = answer.encode("utf-8", errors="replace")
        give.write(_LENGTH.pack(good, len(content)) + content)
        give.flush()


class _Child:
    """One process; used by one thread."""

    def __init__(self, fonts: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.ask({"fonts": fonts})

    def ask(self, message: dict[str, Any]) -> str:
        """Its answer.

        Raises:
            DrawingError: it refused, ended, or took too long and was ended.
        """
        take, give = self._process.stdin, self._process.stdout
        assert take is not None
        assert give is not None
        content = json.dumps(message).encode("ascii")
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            take.write(_LENGTH.pack(1, len(content)) + content)
            take.flush()
            good, length = _LENGTH.unpack(give.read(_LENGTH.size))
            answer = give.read(length).decode("utf-8")
        except (OSError, struct.error) as error:
            self.end()
            raise DrawingError(f"the drawing process ended: {self._process.returncode}") from error
        finally:
            watch.cancel()
        if not good:
            raise DrawingError(answer)
        return answer

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class Drawers:
    """Children that draw with the fonts of a folder, begun when first needed, kept for the next."""

    def __init__(self, fonts: str, at_once: int = AT_ONCE) -> None:
        self._fonts = fonts
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix="drawing")
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def svg(self, spec: dict[str, Any]) -> str:
        """A Vega-Lite specification drawn, waiting for it. Call it from :attr:`threads`.

        Raises:
            DrawingError: it cannot be drawn.
        """
        with self._lock:
            child = self._idle.pop() if self._idle else None
        if child is None or not child.alive:
            child = _Child(self._fonts)
        try:
            return child.ask({"spec": spec})
        finally:
            if child.alive:
                with self._lock:
                    self._idle.append(child)

    def begin(self, work: Any, *args: Any) -> Future[Any]:
        """Work that draws, on one of the threads."""
        return self.threads.submit(work, *args)

    def close(self) -> None:
        """End all children."""
        self.threads.shutdown(cancel_futures=True)
        while self._idle:
            self._idle.pop().end()


if __name__ == "__main__":
    import signal

    # Ctrl-C is for the parent; it ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # the parent ended meanwhile; nobody waits for the drawing
        os._exit(0)
