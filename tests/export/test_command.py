"""Files are written whole or not at all, whoever else writes and whatever was killed before."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import command
from etl import dashboard_cli

fcntl = pytest.importorskip("fcntl")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "a.png"
    command.write(out, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(command.Wrong, match="No space left") as caught:
        command.write(out, b"new")
    assert caught.value.code == command.NOTHING
    assert out.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_what_a_killed_run_left_is_swept_and_nothing_of_others(tmp_path: Path) -> None:
    left, held = tmp_path / ".export-abcd_123", tmp_path / ".export-held0000"
    others = [tmp_path / ".export-notes.txt", tmp_path / ".exports", tmp_path / ".export-link0000"]
    for path in (left, held, *others[:2]):
        path.write_bytes(b"half")
    others[2].symlink_to(others[0])
    with held.open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        command.write(tmp_path / "a.png", b"new")
    assert {p.name for p in tmp_path.iterdir()} == {
        "a.png", held.name, *(p.name for p in others),
    }  # fmt: skip
    assert (tmp_path / "a.png").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_go_on_to_the_child_that_draws(number: signal.Signals) -> None:
    code = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "time.sleep(30)\n"
    )
    before = signal.getsignal(number)  # ignored where the tests run behind a shell
    with (
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child,
        dashboard_cli._handed_on(child),
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        signal.raise_signal(number)
        assert child.wait(20) == 7
    assert signal.getsignal(number) == before
