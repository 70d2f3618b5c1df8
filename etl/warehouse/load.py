"""A load: look at the named paths, read what is new, assemble a build, publish it.

Nothing changed means no new build. Whatever ends a load early, the build served before it stays
served, and the next load starts clean.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePath
from typing import Final

import duckdb
import pyarrow as pa

from etl import __version__
from etl.errors import WarehouseError
from etl.executors import Done, Executor, LocalExecutor
from etl.report import Problem
from etl.warehouse import builds, corrections, reading, rosters, shards
from etl.warehouse.assemble import assemble
from etl.warehouse.builds import Build
from etl.warehouse.changes import Changes, FileChange
from etl.warehouse.files import FileTask, Known, Scan, scan, storable

log = logging.getLogger(__name__)

#: Files of a batch: enough to make a shard worth writing, few enough to spread over the workers.
_SMALLEST, _LARGEST = 4, 512
#: A night's few new files go to one worker: starting a second (over a second of imports) takes
#: longer than reading them.
_FEW_FILES, _FEW_BYTES = 64, 4 << 20
#: A new build needs about the room of the last one, and its shards beside it.
_ROOM: Final = 1.3


@dataclass(frozen=True, slots=True)
class Options:
    """How to load. ``parse`` and ``describe`` must be importable by name (worker processes)."""

    jobs: int = 1
    timeout: float = 120.0
    wait_seconds: float = 30.0
    quick: bool = False
    retry_rejected: bool = False
    parse: shards.Parse = reading.read_path
    describe: shards.Describe = reading.describe_office
    executor: Executor | None = None
    progress: Callable[[int, int], None] = lambda done, total: None


@dataclass(slots=True)
class Summary:
    """What a load did. ``build`` is the build served afterwards; ``None``: there is none.

    ``known_rejected`` counts named files with a document rejected in an earlier load, not read
    again.
    """

    build: Build | None = None
    published: bool = False
    n_files: int = 0
    n_read: int = 0
    n_unchanged: int = 0
    n_adopted: int = 0
    n_removed: int = 0
    n_skipped: int = 0
    n_reports: int = 0
    total_reports: int = 0
    known_rejected: int = 0
    rejections: list[shards.Rejection] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def load(paths: Sequence[Path], warehouse: Path, options: Options | None = None) -> Summary:
    """Load files, folders and archives into a warehouse.

    Raises:
        UsageError: a path does not exist, or a sidecar file is wrong.
        WarehouseError: another load holds the warehouse, or there is no room.
    """
    options = options or Options()
    started = datetime.now(UTC).replace(tzinfo=None)
    reading.forget_folders()
    with builds.lock(warehouse, wait_seconds=options.wait_seconds), builds.no_room_means(warehouse):
        for name in builds.clean_leftovers(warehouse):
            log.info("清理上次中断的残留 removed leftovers: %s", name)
        before = _Before()
        current, faults = builds.find_current(warehouse, visit=before.fill)
        for fault in faults:
            log.warning("%s", fault)
        found = scan(
            paths,
            before.known,
            reading.fingerprint,
            quick=options.quick,
            rejected=before.rejected_paths,
            retry=options.retry_rejected,
            threads=max(1, options.jobs),
        )
        roster_files = rosters.find(paths)
        summary = _summary(found, before, current, faults)
        facts = {"rosters": before.rosters_with(roster_files), "builder": builder()}
        if not _anything_new(found, before, facts):
            if current is not None and faults:
                builds.write_pointer(warehouse, current, {})
            return summary
        _check_room(warehouse, current)
        changes = _changes(found, before, current, started, roster_files)
        build_id = builds.new_build_id(changes.load_id, after=current.build_id if current else "")
        with builds.work_folder(warehouse, build_id) as work:
            _read(work, changes, summary, options)
            if current is None and not summary.n_reports:
                return summary
            facts |= {
                "build_id": build_id,
                "tool_version": __version__,
                "definitions": reading.definitions(),
                "load_id": str(changes.load_id),
            }
            target = work / "build.duckdb"
            done = assemble(target, current.path if current else None, changes, facts, scratch=work)
            summary.build = builds.publish(warehouse, target, build_id, _pointer_facts(done))
            summary.rejections += _correction_faults(summary.build, paths)
        summary.published = True
        summary.total_reports = int(done["n_reports"])
        builds.prune(warehouse, summary.build)
        return summary


@cache
def builder() -> str:
    """Fingerprint of the code that assembles builds: other code makes another build of the same."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


# ---------------------------------------------------------------- what is known already


@dataclass(slots=True)
class _Before:
    """What the served build knows: files by path, rejected ones, its own fingerprints."""

    known: dict[str, Known] = field(default_factory=dict)
    rejected_paths: frozenset[str] = frozenset()
    last_load: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    roster_files: list[str] = field(default_factory=list)

    def fill(self, con: duckdb.DuckDBPyConnection) -> None:
        """Read it all from an open build."""
        rows = con.execute(
            "SELECT path, size, mtime_ns, sha256, reading FROM source_file "
            "WHERE removed_load_id IS NULL"
        ).fetchall()
        self.known = {path: Known(*values) for path, *values in rows}
        rejected = con.execute(
            "SELECT path FROM source_document WHERE ended_load_id IS NULL AND report_id IS NULL"
        ).fetchall()
        self.rejected_paths = frozenset(path for (path,) in rejected)
        self.facts = dict(con.execute("SELECT key, value FROM meta_build").fetchall())
        builds.require_not_newer(self.facts)
        [(self.last_load,)] = con.execute(
            "SELECT coalesce(max(load_id), 0) FROM load_run"
        ).fetchall()
        listed = con.execute("SELECT DISTINCT source FROM roster").fetchall()
        self.roster_files = [source for (source,) in listed if source]

    def rosters_with(self, files: Iterable[Path]) -> str:
        """Fingerprint of all rosters in use; those not named now count where they still exist."""
        every = {*files, *(p for p in map(Path, self.roster_files) if p.is_file())}
        return rosters.fingerprint(every)


def _summary(found: Scan, before: _Before, current: Build | None, faults: list[str]) -> Summary:
    unreadable = [
        shards.Rejection(path, "corrupt", f"无法打开 cannot open: {why}", "检查权限 check rights")
        for path, why in sorted(found.unreadable.items())
    ]
    return Summary(
        build=current,
        n_files=found.n_files,
        n_unchanged=found.n_unchanged,
        n_skipped=found.n_skipped,
        n_removed=len(found.removed),
        removed=found.removed,
        total_reports=int(before.facts.get("n_reports", "0")),
        known_rejected=found.n_unchanged_rejected,
        rejections=unreadable,
        faults=faults,
    )


def _correction_faults(build: Build, paths: Sequence[Path]) -> list[shards.Rejection]:
    """Corrections that did not do what they were written for, as rejected inputs of this load."""
    with contextlib.closing(builds.connect(build.path)) as con:
        rows = con.execute(
            "SELECT c.place, c.outcome, c.document, c.key, c.expected, c.found FROM correction c "
            "WHERE c.report_id IN (SELECT report_id FROM source_document "
            "WHERE ended_load_id IS NULL) ORDER BY ALL"
        ).fetchall()
    return [
        shards.Rejection(fault.place, "correction", fault.message, fault.hint)
        for fault in corrections.faults(rows, corrections.files_below(paths))
    ]


def _anything_new(found: Scan, before: _Before, facts: dict[str, str]) -> bool:
    """Whether a new build would differ. Time stamps alone are no reason to write one."""
    stale = any(before.facts.get(key) != value for key, value in facts.items())
    return bool(found.tasks or found.removed or (stale and before.known))


def _check_room(warehouse: Path, current: Build | None) -> None:
    need = int(current.path.stat().st_size * _ROOM) if current else 0
    free = shutil.disk_usage(warehouse).free
    if free < need:
        raise WarehouseError(
            f"磁盘空间不足：{warehouse} 剩余 {free >> 20} MB，约需 {need >> 20} MB disk full",
            hint="腾出空间后重新载入 free some space and load again",
        )


def _changes(
    found: Scan,
    before: _Before,
    current: Build | None,
    started: datetime,
    roster_files: list[Path],
) -> Changes:
    """Sort the scan into what must be read and what is known under another path."""
    changes = Changes(
        before.last_load + 1, started, n_files=found.n_files, n_unchanged=found.n_unchanged,
        roster_files=roster_files,
    )  # fmt: skip
    elsewhere = _known_contents(current, found.tasks)
    for task in found.tasks:
        mark = reading.fingerprint(task.path)
        known_as = elsewhere.get((task.sha256, PurePath(task.path).name, mark))
        if known_as and storable(task.path) not in before.rejected_paths:
            changes.files.append(FileChange("adopted", task, mark, known_as))
        else:
            changes.files.append(FileChange("read", task, mark))
    changes.files += [FileChange("touched", task, "") for task in found.touched]
    for path in found.removed:
        known = before.known[path]
        gone = FileTask(path, known.size, known.mtime_ns, known.sha256)
        changes.files.append(FileChange("removed", gone, known.reading))
    return changes


def _known_contents(
    current: Build | None, tasks: Sequence[FileTask]
) -> dict[tuple[str, str, str], str]:
    """Paths, present or gone, by content, file name and reading: what moved is not read again.

    The name counts because it may have told the year or the office.
    """
    if current is None or not tasks:
        return {}
    with contextlib.closing(builds.connect(current.path)) as con:
        con.register("wanted", pa.table({"sha256": [task.sha256 for task in tasks]}))
        rows = con.execute(
            "SELECT sha256, reading, path FROM source_file WHERE sha256 IN (FROM wanted) "
            "ORDER BY removed_load_id NULLS LAST"
        ).fetchall()
    return {(sha256, PurePath(path).name, mark): path for sha256, mark, path in rows}


# ---------------------------------------------------------------- reading


def _batches(tasks: list[shards.Task], jobs: int) -> Iterator[list[shards.Task]]:
    size = max(_SMALLEST, min(_LARGEST, len(tasks) // (jobs * 4)))
    if len(tasks) <= _FEW_FILES and sum(task.file.size for task in tasks) <= _FEW_BYTES:
        size = _FEW_FILES
    for start in range(0, len(tasks), size):
        yield tasks[start : start + size]


def _read(work: Path, changes: Changes, summary: Summary, options: Options) -> None:
    """Parse what must be read into shards; rejections go to the summary."""
    folder = work / "shards"
    folder.mkdir()
    tasks = [
        shards.Task(number, change.file)
        for number, change in enumerate(c for c in changes.files if c.kind == "read")
    ]
    job = shards.ReadJob(
        folder, options.parse, options.describe, changes.load_id, reading.definitions()
    )
    executor = options.executor or LocalExecutor(options.jobs, timeout=options.timeout)
    lost = shards.Rows(changes.load_id, options.describe)
    done = 0
    options.progress(done, len(tasks))
    for outcome in executor.run(job, _batches(tasks, options.jobs)):
        if isinstance(outcome, Done):
            shard = outcome.result
            done += shard.n_files
            summary.n_reports += shard.n_reports
            summary.rejections += shard.rejections
            _add_files(changes, shard.files)
        else:
            done += 1
            words = "程序异常退出 crashed" if outcome.code == "crashed" else "读取超时 timed out"
            problem = Problem(outcome.code, f"{words}（{outcome.detail}）", _LOST_HINT)
            lost.add_document(
                outcome.item.number * shards.MEMBERS,
                outcome.item.file,
                shards.rejected(outcome.item.file, problem),
            )
        options.progress(done, len(tasks))
    if lost.tables:
        _add_files(changes, lost.write(folder, "lost"))
    summary.rejections += lost.rejections
    summary.n_read = len(tasks)
    summary.n_adopted = changes.count("adopted")
    changes.n_rejected = len(summary.rejections)


_LOST_HINT: Final = (
    "文件可能有害或损坏；修好后用 --retry-rejected 重试 mend it, then use --retry-rejected"
)


def _add_files(changes: Changes, files: dict[str, str]) -> None:
    for table, path in files.items():
        changes.shard_files.setdefault(table, []).append(path)


def _pointer_facts(facts: dict[str, str]) -> dict[str, object]:
    return {
        "created_at": facts["created_at"],
        "schema_version": int(facts["schema_version"]),
        "tool_version": facts["tool_version"],
        "n_reports": int(facts["n_reports"]),
    }
