"""Finds the files a load names and tells, by their content, which of them are new or changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
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
    n_skipped: int = 0


def storable(text: str) -> str:
    """Text as UTF-8 can hold it; half surrogates (of a file name in GBK) are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class _Seen:
    path: str
    size: int
    mtime_ns: int


def scan(
    paths: Iterable[Path],
    known: Mapping[str, Known],
    reading: Callable[[str], str],
    *,
    quick: bool = False,
    again: frozenset[str] = frozenset(),
    threads: int = 2,
) -> Scan:
    """Compare what is on disk with what is known.

    A file is unchanged when its SHA-256 is; ``quick`` trusts an equal size and modification time
    instead of reading it. ``reading`` gives the fingerprint a file would be read under; another
    than the one it was read under makes it a task, too. ``again`` are paths to read whatever is
    known. A known file is removed when a folder that held it is named and it is no longer there.

    Raises:
        UsageError: a named path does not exist.
    """
    result = Scan()
    roots = [_existing(path) for path in paths]
    seen: set[str] = set()
    files = _unique(_walk(roots, result), seen)
    with ThreadPoolExecutor(threads) as pool:
        while window := list(islice(files, _WINDOW)):
            trusted = [quick and _same_stat(f, known.get(storable(f.path))) for f in window]
            to_hash = [f for f, skip in zip(window, trusted, strict=True) if not skip]
            hashes = iter(list(pool.map(_try_hash, to_hash)))
            for file, skip in zip(window, trusted, strict=True):
                before = known.get(storable(file.path))
                digest = before.sha256 if skip and before else next(hashes)
                _sort_in(result, file, digest, before, reading(file.path), again)
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


def _sort_in(
    result: Scan,
    file: _Seen,
    digest: str | OSError,
    before: Known | None,
    reading: str,
    again: frozenset[str],
) -> None:
    result.n_files += 1
    if isinstance(digest, OSError):
        result.unreadable[file.path] = digest.strerror or str(digest)
        return
    task = FileTask(file.path, file.size, file.mtime_ns, digest)
    current = before is not None and (before.sha256, before.reading) == (digest, reading)
    if before is None or not current or file.path in again:
        result.tasks.append(task)
    else:
        result.n_unchanged += 1
        if before.mtime_ns != file.mtime_ns:
            result.touched.append(task)


def _existing(path: Path) -> Path:
    resolved = path.resolve()
    if not resolved.exists():
        raise UsageError(f"找不到 {path} no such file or folder", hint="检查路径 check the path")
    return resolved


def _unique(files: Iterable[_Seen], seen: set[str]) -> Iterator[_Seen]:
    for file in files:
        key = storable(file.path)
        if key not in seen:
            seen.add(key)
            yield file


def _walk(roots: Iterable[Path], result: Scan) -> Iterator[_Seen]:
    for root in roots:
        if root.is_dir():
            yield from _walk_folder(str(root), result)
        else:
            stat = root.stat()
            yield _Seen(str(root), stat.st_size, stat.st_mtime_ns)


def _walk_folder(folder: str, result: Scan) -> Iterator[_Seen]:
    """Files below a folder in a fixed order; folder links are not followed (they may loop)."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda e: e.name)
    except OSError as error:
        result.unreadable[folder] = error.strerror or str(error)
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.endswith(SKIPPED_FOLDER_ENDINGS):
                yield from _walk_folder(entry.path, result)
        elif _is_document(entry.name):
            try:
                if not entry.is_file():  # a broken link, a socket, a linked folder
                    continue
                stat = entry.stat()
            except OSError as error:
                result.unreadable[entry.path] = error.strerror or str(error)
                continue
            yield _Seen(entry.path, stat.st_size, stat.st_mtime_ns)
        else:
            result.n_skipped += 1


def _is_document(name: str) -> bool:
    lower = name.lower()
    return lower not in SKIPPED_NAMES and PurePath(lower).suffix not in SKIPPED_SUFFIXES


def _same_stat(file: _Seen, before: Known | None) -> bool:
    return before is not None and (before.size, before.mtime_ns) == (file.size, file.mtime_ns)


def hash_file(path: str) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    with Path(path).open("rb", buffering=0) as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _try_hash(file: _Seen) -> str | OSError:
    try:
        return hash_file(file.path)
    except OSError as error:
        return error
