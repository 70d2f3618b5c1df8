"""Charts are drawn in processes of their own: other threads go on, none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard import drawing
from dashboard.drawing import Drawers, DrawingError
from dashboard.export import fonts

SPEC = {"data": {"values": [{"a": "省"}]}, "mark": "bar",
        "encoding": {"x": {"field": "a", "type": "nominal"}}}  # fmt: skip


@pytest.fixture
def drawers() -> Iterator[Drawers]:
    made = Drawers(str(fonts.folder()), 2)
    yield made
    made.close()


def test_a_chart_is_drawn_and_its_process_kept_for_the_next(drawers: Drawers) -> None:
    assert "省" in drawers.svg(SPEC)
    (child,) = drawers._idle
    assert "省" in drawers.svg(SPEC)
    assert drawers._idle == [child]
    drawers.close()
    assert not child.alive


def test_what_cannot_be_drawn_is_told_and_the_next_is_drawn(drawers: Drawers) -> None:
    with pytest.raises(DrawingError):
        drawers.svg({"mark": "no such mark"})
    assert "<svg" in drawers.svg(SPEC)


def test_a_process_that_died_is_replaced(drawers: Drawers) -> None:
    drawers.svg(SPEC)
    (child,) = drawers._idle
    child._process.kill()
    child._process.wait()
    assert "<svg" in drawers.svg(SPEC)


def test_a_process_that_hangs_is_ended(drawers: Drawers, monkeypatch: pytest.MonkeyPatch) -> None:
    drawers.svg(SPEC)
    (child,) = drawers._idle
    monkeypatch.setattr(drawing, "PATIENCE", 0.3)
    os.kill(child._process.pid, signal.SIGSTOP)
    with pytest.raises(DrawingError, match="ended"):
        drawers.svg(SPEC)
    assert not child.alive


def test_other_threads_go_on_while_a_chart_is_drawn(drawers: Drawers) -> None:
    drawers.svg(SPEC)
    ticks = 0
    begun = [drawers.begin(drawers.svg, SPEC) for _ in range(4)]
    while not all(b.done() for b in begun):
        ticks += 1
        time.sleep(0.001)
    assert ticks > 5
    assert len(drawers._idle) <= 2


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_parent(how: signal.Signals) -> None:
    code = (
        "import sys, time\n"
        "from dashboard.drawing import Drawers\n"
        "d = Drawers(sys.argv[1], 1)\n"
        "d.svg({'mark': 'bar', 'data': {'values': []}})\n"
        "print(d._idle[0]._process.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(fonts.folder())], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(drawing.__file__).parents[1])},
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(parent.pid, how)
    parent.wait(20)
    watch = threading.Event()
    for _ in range(200):
        if not _runs(child):
            return
        watch.wait(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the drawing process is still there")


def _runs(pid: int) -> Any:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")
