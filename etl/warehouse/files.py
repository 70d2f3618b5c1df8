"""Finds the files a load names and tells, by their content, which of them are new or changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from etl.errors import UsageError

#: Met while walking a folder, these are no documents: data beside them, parts of saved web pages,
#: what operating systems leave. A file named on the command line is always tried.
SKIPPED_SUFFIXES: Final = frozenset(
    f".{ending}"
    for endings in (
        ("css", "js", "json", "jsonl", "yml", "yaml", "toml", "csv", "tsv", "py", "log", "lock"),
        ("ico", "svg", "woff", "woff2", "ttf", "otf"),
        ("duckdb", "wal", "parquet", "sqlite", "db", "tmp", "part", "crdownload"),
    )
    for ending in endings
)
SKIPPED_NAMES: Final = frozenset({"thumbs.db", "desktop.ini"})
#: Browsers put the pictures of a saved page into a folder of this ending.
SKIPPED_FOLDER_ENDINGS: Final = ("_files", ".files")
_CHUNK: Final = 1 << 20
_WINDOW: Final = 256
#: From this size on, a thread hashes a file while others are read.
_LARGE: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Known:
    """A file as the served build knows it."""

    size: int
    mtime_ns: int
    sha256: str
    reading: str


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to read: new, changed, or known under older definitions."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(slots=True)
class Scan:
    """What a look at the named paths found.

    ``touched`` are unchanged files with a new time stamp; ``unreadable`` maps paths to reasons.
    """

    tasks: list[FileTask] = field(default_factory=list)
    touched: list[FileTask] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    n_files: int = 0
    n_unchanged: int = 0
    n_unchanged_rejected: int = 0
    n_skipped: int = 0


def storable(text: str) -> str:
    """Text as UTF-8 can hold it; half surrogates (of a file name in GBK) are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file on disk; ``key`` is its path as stored."""

    path: str
    key: str
    size: int
    mtime_ns: int


def scan(
    paths: Iterable[Path],
    known: Mapping[str, Known],
    reading: Callable[[str], str],
    *,
    quick: bool = False,
    rejected: frozenset[str] = frozenset(),
    retry: bool = False,
    threads: int = 2,
) -> Scan:
    """Compare what is on disk with what is known.

    A file is unchanged when its SHA-256 is; ``quick`` trusts an equal size and modification time
    instead of reading it. ``reading`` gives the fingerprint a file would be read under; another
    than the one it was read under makes it a task, too. ``rejected`` are paths with a document
    rejected before; they are read again only on ``retry``. A known file is removed when a folder
    that held it is named and it is no longer there.

    Raises:
        UsageError: a named path does not exist.
    """
    result = Scan()
    roots = [_existing(path) for path in paths]
    seen: set[str] = set()
    files = _unique(_walk(roots, result), seen)
    with ThreadPoolExecutor(threads) as pool:
        while window := list(islice(files, _WINDOW)):
            for file, digest in _digests(pool, window, known, quick=quick):
                before = known.get(file.key)
                _sort_in(result, file, digest, before, reading(file.path))
    if rejected:
        _sort_rejected(result, seen & rejected, known, retry=retry)
    folders = tuple(f"{root}{os.sep}" for root in roots if root.is_dir())
    hidden = tuple(f"{path}{os.sep}" for path in result.unreadable)  # not looked into: not gone
    gone = (path for path in known if path.startswith(folders) and path not in seen)
    result.removed = [p for p in gone if p not in result.unreadable and not p.startswith(hidden)]
    return result


def every_file(paths: Iterable[Path]) -> Iterator[Path]:
    """Named files as given, and the documents of named folders in a fixed order."""
    for path in paths:
        if path.is_dir():
            yield from (Path(file.path) for file in _walk_folder(str(path), Scan()))
        else:
            yield path


def _digests(
    pool: ThreadPoolExecutor, window: list[_Seen], known: Mapping[str, Known], *, quick: bool
) -> Iterator[tuple[_Seen, str | OSError]]:
    """Each file with its SHA-256, or with what kept it from being read.

    Large files are hashed in threads; for small ones handing over costs more than hashing.
    """
    waiting: list[tuple[_Seen, Future[str | OSError]]] = []
    for file in window:
        before = known.get(file.key)
        if quick and before and (before.size, before.mtime_ns) == (file.size, file.mtime_ns):
            yield file, before.sha256
        elif file.size > _LARGE:
            waiting.append((file, pool.submit(_try_hash, file.path, file.size)))
        else:
            yield file, _try_hash(file.path, file.size)
    for file, future in waiting:
        yield file, future.result()


def _sort_in(
    result: Scan,
    file: _Seen,
    digest: str | OSError,
    before: Known | None,
    reading: str,
) -> None:
    result.n_files += 1
    if isinstance(digest, OSError):
        result.unreadable[file.path] = digest.strerror or str(digest)
        return
    task = FileTask(file.path, file.size, file.mtime_ns, digest)
    current = before is not None and (before.sha256, before.reading) == (digest, reading)
    if before is None or not current:
        result.tasks.append(task)
    else:
        result.n_unchanged += 1
        if before.mtime_ns != file.mtime_ns:
            result.touched.append(task)


def _sort_rejected(
    result: Scan, seen: set[str], known: Mapping[str, Known], *, retry: bool
) -> None:
    """Count the rejected files that are as they were, or make them tasks again."""
    others = {storable(task.path) for task in result.tasks} | set(map(storable, result.unreadable))
    same = sorted(seen - others)
    if not retry:
        result.n_unchanged_rejected = len(same)
        return
    for path in same:
        file = known[path]
        result.tasks.append(FileTask(path, file.size, file.mtime_ns, file.sha256))
    result.n_unchanged -= len(same)


def _existing(path: Path) -> Path:
    resolved = path.resolve()
    if not resolved.exists():
        raise UsageError(f"找不到 {path} no such file or folder", hint="检查路径 check the path")
    return resolved


def _unique(files: Iterable[_Seen], seen: set[str]) -> Iterator[_Seen]:
    for file in files:
        if file.key not in seen:
            seen.add(file.key)
            yield file


def _walk(roots: Iterable[Path], result: Scan) -> Iterator[_Seen]:
    for root in roots:
        if root.is_dir():
            yield from _walk_folder(str(root), result)
        else:
            stat = root.stat()
            yield _Seen(str(root), storable(str(root)), stat.st_size, stat.st_mtime_ns)


def _walk_folder(folder: str, result: Scan) -> Iterator[_Seen]:
    """Files below a folder in a fixed order; folder links are not followed (they may loop)."""
    pending = [folder]
    while pending:
        place = pending.pop()
        try:
            with os.scandir(place) as listing:
                entries = sorted(listing, key=lambda e: e.name)
        except OSError as error:
            result.unreadable[place] = error.strerror or str(error)
            continue
        inner = []
        for entry in entries:
            if entry.name.startswith((".", "~$")):
                continue
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.endswith(SKIPPED_FOLDER_ENDINGS):
                    inner.append(entry.path)
            elif not _is_document(entry.name):
                result.n_skipped += 1
            elif seen := _look(entry, result):
                yield seen
        pending += reversed(inner)


def _look(entry: os.DirEntry[str], result: Scan) -> _Seen | None:
    """An entry's facts; ``None``: a broken link, a socket, a linked folder, or unreadable."""
    try:
        if not entry.is_file():
            return None
        stat = entry.stat()
    except OSError as error:
        result.unreadable[entry.path] = error.strerror or str(error)
        return None
    return _Seen(entry.path, storable(entry.path), stat.st_size, stat.st_mtime_ns)


def _is_document(name: str) -> bool:
    lower = name.lower()
    dot = lower.rfind(".")
    return lower not in SKIPPED_NAMES and (dot <= 0 or lower[dot:] not in SKIPPED_SUFFIXES)


def hash_file(path: str, size: int = _CHUNK) -> str:
    """SHA-256 of a file's content, in hexadecimal digits.

    ``size`` is the one expected: memory for more is not asked for, which for small files would cost
    as much as hashing them.
    """
    digest = hashlib.sha256()
    most = min(_CHUNK, size + 1)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        while chunk := os.read(descriptor, most):
            digest.update(chunk)
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _try_hash(path: str, size: int) -> str | OSError:
    try:
        return hash_file(path, size)
    except OSError as error:
        return error
