"""Builds on disk: the pointer, the lock, publishing, pruning and finding what can be served.

Layout of a warehouse folder::

    20261124T083000-0007.duckdb   a build: complete, never written again
    current.json                  {"build", "file", "size", …}: which build is served
    .lock                         held while a load runs; says by whom
    .work-<build id>/             a load under way, or the leftovers of a killed one

A build is written in its work folder, checkpointed, synced, and only then moved to its name; the
pointer follows, also by an atomic move. At every moment the folder therefore holds whole builds and
a whole pointer, whatever kills the writer.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import duckdb

from etl.errors import WarehouseError
from etl.warehouse import schema

log = logging.getLogger(__name__)

POINTER: Final = "current.json"
LOCK: Final = ".lock"
WORK_PREFIX: Final = ".work-"
#: Builds kept beside the served one: readers that opened an older one, and a way back.
KEEP: Final = 3
#: errno values that all mean "no room": full disk, quota, file size limit.
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

#: Settings of every connection of ours. Extensions never come from the net.
CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True, slots=True)
class Build:
    """A published build."""

    build_id: str
    path: Path


def connect(path: Path, *, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """Open a build (or, not read-only, a file to become one)."""
    return duckdb.connect(str(path), read_only=read_only, config=dict(CONFIG))


def new_build_id(load_id: int, *, after: str = "") -> str:
    """Sorts by time: ``20261124T083000-0007``; the load's number settles equal seconds.

    ``after`` is the build before it: where the clock was set back, its time is kept, so that a
    newer build never sorts behind an older one.
    """
    stamp = max(f"{datetime.now(UTC):%Y%m%dT%H%M%S}", after.partition("-")[0])
    return f"{stamp}-{load_id:04d}"


def builds(warehouse: Path) -> list[Build]:
    """All builds in the folder, newest first. A load under way is not among them."""
    found = [Build(p.stem, p) for p in warehouse.glob("*.duckdb") if not p.name.startswith(".")]
    return sorted(found, key=lambda b: b.build_id, reverse=True)


#: Asked of an open build on the way to serving it, to save a second opening.
Visit = Callable[[duckdb.DuckDBPyConnection], None]


def fault_of(build: Build, *, size: int | None = None, visit: Visit | None = None) -> str | None:
    """What is wrong with a build file, in words; ``None``: it can be served.

    Opens it and reads its identity. DuckDB checks every block it reads, so a damaged header or
    catalogue shows here; :func:`verify` reads everything.
    """
    if not build.path.is_file():
        return "文件不存在 missing"
    found = build.path.stat().st_size
    if size is not None and found != size:
        return f"大小 {found} 字节，应为 {size} wrong size"
    try:
        with contextlib.closing(connect(build.path)) as con:
            row = con.execute("SELECT value FROM meta_build WHERE key = 'build_id'").fetchone()
            if row is None or row[0] != build.build_id:
                return "构建编号不符 wrong build id"
            if visit is not None:
                visit(con)
    except duckdb.Error as error:
        return f"无法打开 cannot open: {_first_line(error)}"
    return None


def read_pointer(warehouse: Path) -> dict[str, Any]:
    """The pointer's content.

    Raises:
        WarehouseError: it is there but not readable as a pointer.
        FileNotFoundError: there is none.
    """
    path = warehouse / POINTER
    try:
        pointer = json.loads(path.read_text(encoding="utf-8"))
        if not (isinstance(pointer["build"], str) and isinstance(pointer["file"], str)):
            raise TypeError("build and file must be text")
        if Path(pointer["file"]).name != pointer["file"]:
            raise ValueError("file must be a bare name")
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WarehouseError(f"指针文件损坏 {path}: {error}") from error
    return dict(pointer)


def find_current(warehouse: Path, *, visit: Visit | None = None) -> tuple[Build | None, list[str]]:
    """The build to serve and what was found wrong on the way to it, in words.

    ``visit`` is called with the build to serve while it is open; a build it cannot be answered
    from is not served.
    """
    faults: list[str] = []
    candidates: list[tuple[Build, int | None]] = [(b, None) for b in builds(warehouse)]
    try:
        pointer = read_pointer(warehouse)
        named = Build(pointer["build"], warehouse / pointer["file"])
        older = [c for c in candidates if c[0].build_id < named.build_id]
        newer = [c for c in candidates if c[0].build_id > named.build_id]
        candidates = [(named, pointer.get("size")), *older, *newer]
    except FileNotFoundError:
        if candidates:
            faults.append(f"没有指针文件 {warehouse / POINTER} missing")
    except WarehouseError as error:
        faults.append(str(error))
    for build, size in candidates:
        fault = fault_of(build, size=size, visit=visit)
        if fault is None:
            return build, faults
        faults.append(f"{build.path}: {fault}")
    return None, faults


def open_current(warehouse: Path) -> Path:
    """Path of the build to serve: the pointer's, or, where that is damaged, the one before.

    Faults found on the way are logged as warnings, each naming its file.

    Raises:
        WarehouseError: there is no build, or none is whole.
    """
    build, faults = _look_until_still(warehouse)
    if build is None:
        what = "；".join(faults) or f"{warehouse} 中没有数据 no warehouse there"
        raise WarehouseError(what, hint="先运行 run: disclosure load 路径，或 disclosure demo")
    for fault in faults:
        log.warning("%s；改用上一个构建 serving %s instead", fault, build.build_id)
    return build.path


def _look_until_still(warehouse: Path) -> tuple[Build | None, list[str]]:
    """:func:`find_current`, again where the pointer moved meanwhile: what seemed a fault was not.

    A reader that is slow to open may find the builds it knew pruned by the loads since.
    """
    while True:
        before = _pointer_bytes(warehouse)
        found = find_current(warehouse)
        if not found[1] or _pointer_bytes(warehouse) == before:
            return found


def _pointer_bytes(warehouse: Path) -> bytes | None:
    try:
        return (warehouse / POINTER).read_bytes()
    except OSError:
        return None


def require_not_newer(facts: Mapping[str, str]) -> None:
    """Refuse to write on from a build that a newer version of this program wrote.

    Only what both versions know would be carried on; the rest would be lost without a word.

    Raises:
        WarehouseError: its schema version is above ours.
    """
    found = facts.get("schema_version", "0")
    if found.isdecimal() and int(found) > schema.SCHEMA_VERSION:
        raise WarehouseError(
            f"数据仓库由更新的版本写成（结构 {found}，本程序 {schema.SCHEMA_VERSION}）"
            "written by a newer version of this program",
            hint="升级本程序后再载入 update this program first",
        )


def verify(path: Path) -> list[str]:
    """Read every block of a build; returns the faults (tables that cannot be read)."""
    faults = []
    try:
        with contextlib.closing(connect(path)) as con:
            names = con.execute(
                "SELECT table_name FROM duckdb_tables() ORDER BY table_name"
            ).fetchall()
            for (name,) in names:
                try:
                    con.execute(f'SELECT count(hash(t)) FROM "{name}" t').fetchone()
                except duckdb.Error as error:
                    faults.append(f"{name}: {_first_line(error)}")
    except duckdb.Error as error:
        faults.append(_first_line(error))
    return faults


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


# ---------------------------------------------------------------- writing


def sync_file(path: Path) -> None:
    """Flush a file's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Flush a folder's entries to the disk (where the system can)."""
    if os.name == "posix":
        sync_file(path)


def publish(warehouse: Path, finished: Path, build_id: str, facts: dict[str, Any]) -> Build:
    """Make a finished file the served build: sync, move to its name, move the pointer."""
    build = Build(build_id, warehouse / f"{build_id}.duckdb")
    sync_file(finished)
    finished.replace(build.path)
    sync_folder(warehouse)
    write_pointer(warehouse, build, facts)
    return build


def write_pointer(warehouse: Path, build: Build, facts: dict[str, Any]) -> None:
    """Point at a build, atomically."""
    pointer = {
        "build": build.build_id,
        "file": build.path.name,
        "size": build.path.stat().st_size,
        **facts,
    }
    draft = warehouse / f".{POINTER}.tmp"
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(pointer, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(warehouse / POINTER)
    sync_folder(warehouse)


def prune(warehouse: Path, current: Build, *, keep: int = KEEP) -> list[str]:
    """Delete all but the served build and the ``keep - 1`` before it; returns what went.

    Builds newer than the served one were never pointed at (a load died in between): they go too.
    A file some system does not let go of is left for the next time.
    """
    older = [b for b in builds(warehouse) if b.build_id < current.build_id]
    newer = [b for b in builds(warehouse) if b.build_id > current.build_id]
    gone = []
    for build in [*newer, *older[keep - 1 :]]:
        with contextlib.suppress(OSError):
            build.path.unlink()
            gone.append(build.build_id)
    return gone


def clean_leftovers(warehouse: Path) -> list[str]:
    """Remove what killed loads left; only under the lock."""
    gone = []
    for path in warehouse.glob(f"{WORK_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)
        gone.append(path.name)
    for path in [*warehouse.glob(f".{POINTER}.tmp"), *warehouse.glob("*.duckdb.wal")]:
        with contextlib.suppress(OSError):
            path.unlink()
            gone.append(path.name)
    return gone


@contextlib.contextmanager
def work_folder(warehouse: Path, build_id: str) -> Iterator[Path]:
    """A folder for one load's shards and unfinished build; removed however the load ends."""
    folder = warehouse / f"{WORK_PREFIX}{build_id}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def no_room_means(warehouse: Path) -> Iterator[None]:
    """Turn a full disk into one clear error; what was published stays."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise _full(warehouse, str(error)) from error
    except duckdb.Error as error:
        text = _first_line(error)
        if any(words in str(error) for words in _NO_ROOM_WORDS):
            raise _full(warehouse, text) from error
        raise WarehouseError(f"写入失败 cannot write: {text}") from error


#: How DuckDB words the same errors: it reports strerror(errno) within its own message.
_NO_ROOM_WORDS: Final = (*map(os.strerror, sorted(NO_ROOM)), "max_temp_directory_size")


def _full(warehouse: Path, detail: str) -> WarehouseError:
    return WarehouseError(
        f"磁盘空间不足，{warehouse} 未更新，原有数据不受影响 disk full, nothing changed ({detail})",
        hint="腾出空间后重新载入 free some space and load again",
    )


# ---------------------------------------------------------------- lock


@contextlib.contextmanager
def lock(warehouse: Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the warehouse for writing.

    The system drops the lock with the process, so a killed load never leaves it locked.

    Raises:
        WarehouseError: another load still holds it after ``wait_seconds``; names the holder.
    """
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        stream = (warehouse / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(
            f"无法写入 {warehouse}: {error.strerror}", hint="检查路径与权限 check path and rights"
        ) from error
    with stream:
        deadline = time.monotonic() + wait_seconds
        told = False
        while not _try_lock(stream):
            holder = _holder(warehouse)
            if time.monotonic() >= deadline:
                raise WarehouseError(
                    f"另一载入正在进行 another load holds {warehouse}: {holder}",
                    hint="等它结束再试，或用 --wait 秒数 等待 wait for it, or use --wait SECONDS",
                )
            if not told:
                log.info("等待另一载入 waiting for another load: %s", holder)
                told = True
            time.sleep(0.1)
        stream.seek(0)
        stream.truncate()
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now():%F %T}"}
        json.dump(me, stream)
        stream.flush()
        try:
            yield
        finally:
            stream.seek(0)
            stream.truncate()
            _unlock(stream)


def _holder(warehouse: Path) -> str:
    try:
        held = json.loads((warehouse / LOCK).read_text(encoding="utf-8"))
        return f"pid {held['pid']} @ {held['host']}, {held['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
    import msvcrt

    #: Windows locks bytes for reading too: lock one far behind the holder's words.
    _FAR: Final = 1 << 30

    def _try_lock(stream: IO[str]) -> bool:
        stream.seek(_FAR)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(stream: IO[str]) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(stream: IO[str]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(stream: IO[str]) -> None:
        fcntl.flock(stream, fcntl.LOCK_UN)
