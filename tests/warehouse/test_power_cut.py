"""A power cut at any point of a publishing: what reached the disk is a whole build, old or new.

The real calls of a load are recorded (``fsync``, renames, removals). Then, for every point between
them, each folder that the disk may hold is made: a change of the folder that no ``fsync`` of it
followed may or may not be there, content that was not synced may be gone. That is as far as a test
without a power switch goes; it holds the code to the order of its calls, not the disk to its word.
"""

from __future__ import annotations

import itertools
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fake_documents as fake
import pytest

from etl.warehouse import builds

A = "P1/C1/K1/甲局"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="follows descriptors by /proc")

#: A change of the folder: the name, and the file it then stands for (``None``: none).
Change = tuple[str, Path | None]


@dataclass
class Disk:
    """What is surely on the disk, and what only may be."""

    store: Path
    entries: dict[str, Path] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    synced: set[Path] = field(default_factory=set)
    states: list[dict[str, Path | None]] = field(default_factory=list)

    def keep(self, path: Path) -> Path:
        """A second name for a file, so that it outlives its removal; the same for the same file."""
        kept = self.store / str(path.stat().st_ino)
        if not kept.exists():
            os.link(path, kept)
        return kept

    def note(self) -> None:
        """Every folder that a power cut now may leave; a lost content is ``None``."""
        for chosen in itertools.product((True, False), repeat=len(self.pending)):
            entries: dict[str, Path] = dict(self.entries)
            for (name, file), done in zip(self.pending, chosen, strict=True):
                if done and file is None:
                    entries.pop(name, None)
                elif done and file is not None:
                    entries[name] = file
            whole: dict[str, Path | None] = dict(entries)
            lost = {name: file if file in self.synced else None for name, file in entries.items()}
            self.states += [state for state in (whole, lost) if state not in self.states]


def record(monkeypatch: pytest.MonkeyPatch, warehouse: Path, disk: Disk) -> None:
    """Let the disk follow the calls that reach it."""
    fsync, replace, unlink = os.fsync, Path.replace, Path.unlink

    def on_fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)
        if path == warehouse:
            for name, file in disk.pending:
                if file is None:
                    disk.entries.pop(name, None)
                else:
                    disk.entries[name] = file
            disk.pending.clear()
        else:
            disk.synced.add(disk.keep(path))
        disk.note()

    def on_replace(self: Path, target: Any) -> Path:
        if Path(target).parent == warehouse:
            disk.pending.append((Path(target).name, disk.keep(self)))
            disk.note()
        return replace(self, target)

    def on_unlink(self: Path, missing_ok: bool = False) -> None:
        if self.parent == warehouse:
            disk.pending.append((self.name, None))
            disk.note()
        unlink(self, missing_ok)

    monkeypatch.setattr(os, "fsync", on_fsync)
    monkeypatch.setattr(Path, "replace", on_replace)
    monkeypatch.setattr(Path, "unlink", on_unlink)


def grow(house: Any, value: int) -> None:
    house.put("a.html", fake.document(A, 2022, cells={"t3.received_new.total": value}))
    assert house.load().published


def served(folder: Path) -> int:
    with builds.connect(builds.open_current(folder)) as con:
        [(value,)] = con.execute(
            "SELECT t3_received_new_total FROM core_report JOIN report_current USING (report_id)"
        ).fetchall()
    return int(value)


def restore(state: dict[str, Path | None], folder: Path) -> Path:
    folder.mkdir()
    for name, file in state.items():
        if file is None:
            (folder / name).write_bytes(b"")
        else:
            os.link(file, folder / name)
    return folder


def test_a_power_cut_at_every_point(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = 1, 2
    grow(house, old)
    for number in range(1, builds.KEEP):  # older ones, for the load to prune
        first = builds.open_current(house.warehouse)
        (house.warehouse / f"20000101T000000-{number:04d}.duckdb").write_bytes(first.read_bytes())
    store = tmp_path / "store"
    store.mkdir()
    disk = Disk(store)
    for path in house.warehouse.iterdir():
        if path.suffix in (".duckdb", ".json"):
            disk.entries[path.name] = disk.keep(path)
    disk.synced = set(disk.entries.values())
    disk.note()
    with monkeypatch.context() as patched:
        record(patched, house.warehouse, disk)
        grow(house, new)
    assert len(disk.states) > 6, "the publishing was not seen"
    seen = [
        served(restore(state, tmp_path / f"after-{number}"))
        for number, state in enumerate(disk.states)
    ]
    assert set(seen) == {old, new}
    assert seen == sorted(seen), "once the new build can be served, the old one never is again"
    # What is left when the load has ended, with the removals of old builds on the disk or not.
    disk.states.clear()
    disk.note()
    for number, state in enumerate(disk.states):
        assert served(restore(state, tmp_path / f"end-{number}")) == new


def test_the_recorder_sees_a_wrong_order(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without syncing, some power cut leaves a folder nothing can be served from."""
    store = tmp_path / "store"
    store.mkdir()
    disk = Disk(store)
    monkeypatch.setattr(builds, "sync_file", lambda path: None)
    monkeypatch.setattr(builds, "sync_folder", lambda path: None)
    with monkeypatch.context() as patched:
        record(patched, house.warehouse, disk)
        grow(house, 1)
    broken = 0
    for number, state in enumerate(disk.states):
        try:
            served(restore(state, tmp_path / f"after-{number}"))
        except builds.WarehouseError:
            broken += any(name.endswith(".duckdb") for name in state)
    assert broken
