"""What the commands write: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any


class ReaderGone(Exception):
    """Nobody reads our output any more; click would make exit code 1 of a bare BrokenPipeError."""


def print_json(value: Any) -> None:
    """One JSON value on a line of its own."""
    print_lines([json.dumps(value, ensure_ascii=False, separators=(",", ":"))])


def print_lines(lines: Iterable[str]) -> None:
    """Lines of a result; raises :class:`ReaderGone` if nobody reads them."""
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def tell(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def complain(line: str) -> None:
    """An error as one line, whatever is in it."""
    tell(" ".join(line.split()))


def drop_stdout() -> None:
    """Let the interpreter's own last flush go nowhere instead of raising."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
