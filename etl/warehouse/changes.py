"""What a load found out about files, before a build is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from etl.warehouse.files import FileTask


@dataclass(frozen=True, slots=True)
class FileChange:
    """What became of one file.

    ``kind``: ``read``; ``adopted`` (content known from the path ``known_as``, not read again);
    ``touched`` (only its time stamp changed); ``removed``.
    """

    kind: str
    file: FileTask
    reading: str
    known_as: str | None = None


@dataclass(slots=True)
class Changes:
    """All a load found out; ``shard_files`` are the shards by table."""

    load_id: int
    started_at: datetime
    files: list[FileChange] = field(default_factory=list)
    shard_files: dict[str, list[str]] = field(default_factory=dict)
    roster_files: list[Path] = field(default_factory=list)
    n_files: int = 0
    n_unchanged: int = 0
    n_rejected: int = 0

    def count(self, *kinds: str) -> int:
        """Files of these kinds."""
        return sum(change.kind in kinds for change in self.files)
