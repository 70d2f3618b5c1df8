"""ZIP archives: what is inside, safely. Also the bounded opening of Office packages (ZIP as well).

Nothing is ever written to disk, so a path cannot lead outside; unsafe names are refused all the
same, because someone may unpack the archive by hand after we called it fine.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from etl.errors import RejectedDocument
from etl.read.limits import Limits

#: A member that unpacks to more than this many bytes …
BOMB_BYTES: Final = 16 * 1024 * 1024
#: … and to more than this many times its packed size is a bomb: real reports (XML, HTML) reach 60.
BOMB_RATIO: Final = 150
#: Archives within archives are entered this deep; offices send one archive per department.
MAX_DEPTH: Final = 2

#: Left by operating systems and editors beside the real files; passed over without a word.
_LITTER_PARTS: Final = {"__MACOSX", ".git", "$RECYCLE.BIN"}
_LITTER_NAMES: Final = {".ds_store", "thumbs.db", "desktop.ini"}

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH_FIELD: Final = 0x7075

_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError)


@dataclass(slots=True)
class _Budget:
    """What an archive with all archives inside it may still cost."""

    unpacked: int
    members: int


#: First names of ZIP files that are one document, not an archive of some.
_PACKAGES: Final = frozenset({"word", "xl", "ppt", "ofd.xml", "mimetype"})


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive of documents, whatever it is called.

    A DOCX called ``.zip`` is a document, a ZIP called ``.rar`` an archive; of what is neither, a
    file called ``.zip`` that begins as one is an archive (a damaged one).

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = {n.replace("\\", "/").lstrip("/").lower() for n in archive.namelist()}
    except (*_DAMAGE, NotImplementedError):
        return path.suffix.lower() == ".zip"
    return _PACKAGES.isdisjoint({name.partition("/")[0] for name in names})


def open_zip(source: bytes | Path, name: str, limits: Limits) -> zipfile.ZipFile:
    """Open a ZIP and judge it by its directory, before anything is unpacked.

    Raises:
        RejectedDocument: ``corrupt``, ``archive_unsafe`` (too many members, a bomb by declared
            size; Python unpacks no more than the declared size).
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (*_DAMAGE, NotImplementedError) as error:
        raise RejectedDocument(
            "corrupt", f"{name}：压缩文件损坏，无法打开", hint="请重新下载或重新打包"
        ) from error
    infos = archive.infolist()
    if len(infos) > limits.max_members:
        raise RejectedDocument(
            "archive_unsafe",
            f"{name}：含 {len(infos)} 个文件，超过上限 {limits.max_members}",
            hint="请分批打包",
        )
    if sum(info.file_size for info in infos) > limits.max_unpacked:
        raise RejectedDocument(
            "archive_unsafe",
            f"{name}：解压后超过上限 {limits.max_unpacked // 2**20} MB",
            hint="请分批打包",
        )
    return archive


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    """One member's bytes, at most ``limit`` of them.

    Raises:
        RejectedDocument: ``encrypted``, ``too_large``, ``archive_unsafe`` (bomb),
            ``unsupported_format`` (compression method) or ``corrupt``.
    """
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise RejectedDocument(
            "encrypted", f"{name}：已加密，无法读取", hint="请去掉密码后重新打包"
        )
    if info.file_size > BOMB_BYTES and info.file_size > BOMB_RATIO * max(info.compress_size, 1):
        raise RejectedDocument(
            "archive_unsafe", f"{name}：压缩比异常，疑为压缩炸弹", hint="请核对文件来源"
        )
    if info.file_size > limit:
        raise RejectedDocument(
            "too_large",
            f"{name}：{info.file_size / 2**20:.0f} MB，超过上限 {limit // 2**20} MB",
            hint="请只提供年度报告本身",
        )
    try:
        with archive.open(info) as member:
            return member.read(limit)
    except NotImplementedError as error:
        raise RejectedDocument(
            "unsupported_format", f"{name}：压缩方法不支持", hint="请用普通 ZIP 格式重新打包"
        ) from error
    except (*_DAMAGE, RuntimeError) as error:
        raise RejectedDocument(
            "corrupt", f"{name}：压缩数据损坏", hint="请重新下载或重新打包"
        ) from error


def members(
    source: bytes | Path, name: str, limits: Limits
) -> Iterator[tuple[str, bytes | RejectedDocument]]:
    """The files of a ZIP archive in stored order, each as bytes or as the reason to refuse it.

    Args:
        source: the archive's bytes or its path.
        name: how to call the archive in messages.
        limits: bounds; ``max_unpacked`` and ``max_members`` count over nested archives as well.

    Yields:
        Pairs of the member's path inside the archive (``outer.zip/inner.docx`` for a nested one)
        and its content. One bad member does not spoil the others.

    Raises:
        RejectedDocument: the archive as a whole cannot be opened or is unsafe.
    """
    budget = _Budget(limits.max_unpacked, limits.max_members)
    yield from _walk(source, name, "", limits, budget, 1)


def _walk(
    source: bytes | Path, name: str, prefix: str, limits: Limits, budget: _Budget, depth: int
) -> Iterator[tuple[str, bytes | RejectedDocument]]:
    with open_zip(source, name, limits) as archive:
        for info in archive.infolist():
            path = member_name(info)
            if info.is_dir() or _is_litter(path):
                continue
            shown = prefix + path
            try:
                content = _checked(archive, info, path, shown, limits, budget)
            except RejectedDocument as refusal:
                yield shown, refusal
                continue
            if not (path.lower().endswith(".zip") and content[:4] == b"PK\x03\x04"):
                yield shown, content
            elif depth >= MAX_DEPTH:
                yield shown, _unsafe(shown, "压缩包嵌套过深", "请解开内层压缩包后重新打包")
            else:
                try:
                    yield from _walk(content, shown, shown + "/", limits, budget, depth + 1)
                except RejectedDocument as refusal:
                    yield shown, refusal


def _checked(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    path: str,
    shown: str,
    limits: Limits,
    budget: _Budget,
) -> bytes:
    if _leads_outside(path):
        raise _unsafe(shown, "路径指向压缩包之外", "请用普通文件名重新打包")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _unsafe(shown, "是链接而不是文件", "请打包文件本身")
    budget.members -= 1
    if budget.members < 0 or info.file_size > budget.unpacked:
        raise _unsafe(shown, "压缩包解压后的文件数或大小超过上限", "请分批打包")
    content = read_member(archive, info, shown, limits.max_bytes)
    budget.unpacked -= len(content)
    return content


def _unsafe(name: str, what: str, hint: str) -> RejectedDocument:
    return RejectedDocument("archive_unsafe", f"{name}：{what}", hint=hint)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's path with ``/``, in the encoding it was written in.

    Without the UTF-8 flag Python decodes names as cp437; Windows in China writes GBK, some tools
    UTF-8 without the flag, others the Info-ZIP Unicode path field.
    """
    name = info.orig_filename if info.flag_bits & _UTF8_FLAG else _unflagged_name(info)
    return name.replace("\\", "/")


def _unflagged_name(info: zipfile.ZipInfo) -> str:
    extra = info.extra
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _UNICODE_PATH_FIELD and 5 < size <= len(extra) - 4:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.orig_filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _leads_outside(path: str) -> bool:
    return (
        path.startswith("/")
        or "\x00" in path
        or path[1:2] == ":"
        or ".." in PurePosixPath(path).parts
    )


def _is_litter(path: str) -> bool:
    parts = PurePosixPath(path).parts
    if not parts:
        return True
    return (
        not _LITTER_PARTS.isdisjoint(parts)
        or parts[-1].lower() in _LITTER_NAMES
        or parts[-1].startswith(("~$", "._"))
    )
