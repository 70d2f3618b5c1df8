"""What the commands that draw share: options, errors with exit codes, whole files, progress."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final

from dashboard import briefing
from dashboard.filters import LANGUAGES, from_params, to_params
from dashboard.queries import offices
from dashboard.view import View

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

OK, USAGE, SOME, NOTHING = 0, 2, 4, 5
Options = Mapping[str, Any]


class Wrong(Exception):
    """The command cannot do this; ``code`` is its exit code, the text one line for people."""

    def __init__(self, message: str, *, hint: str = "", code: int = USAGE) -> None:
        super().__init__(f"{message} — {hint}" if hint else message)
        self.code = code


def language(options: Options, default: str = LANGUAGES[0]) -> str:
    """The language asked for.

    Raises:
        Wrong: there is no such language.
    """
    lang = str(options.get("lang") or "")
    if lang and lang not in LANGUAGES:
        raise Wrong(f"--lang {lang}", hint=" | ".join(LANGUAGES))
    return lang or default


def target(options: Options, endings: tuple[str, ...]) -> Path:
    """The file to write; its ending says the format.

    Raises:
        Wrong: no file named, a format that is not made, a folder that is not there.
    """
    if not options.get("out"):
        raise Wrong("缺少 --out missing", hint=f"--out x.{endings[0]}")
    out = Path(str(options["out"]))
    if out.suffix.lower().lstrip(".") not in endings:
        raise Wrong(f"--out {out.name}: 格式不支持 no such format",
                    hint=" ".join(f".{e}" for e in endings))  # fmt: skip
    if not out.parent.is_dir():
        raise Wrong(f"没有文件夹 no folder {out.parent}", hint="先建立 create it first")
    if out.is_dir():
        raise Wrong(f"--out {out}: 是文件夹 is a folder", hint="给出文件名 name a file")
    if not os.access(out.parent, os.W_OK):  # before the drawing, which may take a while
        raise Wrong(f"无法写入 cannot write to {out.parent}",
                    hint="检查权限 check its permissions", code=NOTHING)  # fmt: skip
    return out


#: What a file is called while it is written, beside its place.
_PART: Final = ".export-"
#: As :mod:`tempfile` makes it of that: nobody else's file is taken for ours.
_PARTS: Final = re.compile(r"\.export-[a-z0-9_]{8}")


def write(out: Path, content: bytes) -> None:
    """Write a file, whole or not at all; what stood there is replaced in one step.

    Whoever writes holds a lock on the unfinished file, so that what a killed run left is known and
    swept away by the next, and two runs at once leave each other alone.

    Raises:
        Wrong: the place cannot be written.
    """
    part: Path | None = None
    try:
        _sweep(out.parent)
        with _begun(out.parent) as file:
            part = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o644)
            if fcntl is not None:  # while it is locked; Windows moves no open file
                part.replace(out)
        if fcntl is None:
            part.replace(out)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Wrong(f"无法写入 cannot write {out}: {reason}", code=NOTHING) from None
    finally:
        # Gone where it was put in its place; here on a full disk, Ctrl-C, SIGTERM.
        if part is not None:
            part.unlink(missing_ok=True)


def _begun(folder: Path) -> IO[bytes]:
    """A new file in a folder, locked; one that a sweep took before it was locked is made anew."""
    while True:
        file: IO[bytes] = tempfile.NamedTemporaryFile(dir=folder, prefix=_PART, delete=False)  # noqa: SIM115
        if _locked(file) and Path(file.name).exists():
            return file
        file.close()


def _locked(file: IO[bytes]) -> bool:
    """Take the lock on an open file; ``True`` where the system has none or the disk keeps none."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _sweep(folder: Path) -> None:
    """Remove unfinished files nobody holds: their writers were killed."""
    if fcntl is None:
        return
    for path in folder.glob(f"{_PART}*"):
        if not _PARTS.fullmatch(path.name) or path.is_symlink():
            continue
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
        except OSError:  # held, gone meanwhile, not ours, or on a disk without locks
            continue


def progress(words: str) -> Callable[[int, int], None]:
    """A line that counts, on a terminal only."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{words} {done}/{total}" + ("\n" if done == total else ""))
            sys.stderr.flush()

    return show


def say(line: str) -> None:
    """A line for people, on stderr."""
    sys.stderr.write(" ".join(line.split()) + "\n")


def params_of(text: str, lang: str) -> dict[str, str]:
    """The parameters of a link, as ``--filters`` has them.

    Raises:
        Wrong: a part is not understood.
    """
    params = briefing.params_of(text, "--filters")
    params.setdefault("lang", lang)
    understood(params, "--filters")
    return params


def here(view: View) -> None:
    """Refuse filters that ask for a place, level, kind or office the data do not have.

    Raises:
        Wrong: they do.
    """
    if view.not_here:
        raise Wrong(
            f"数据中没有 not in these data: {'、'.join(view.not_here)}",
            hint="检查筛选 check the filters", code=NOTHING,
        )  # fmt: skip
    office = view.filters.office
    if office and view.query(offices.one, office) is None:
        raise Wrong(
            f"没有这家机关 no such office: {office}",
            hint="office= 是机关编号 takes an office's id", code=NOTHING,
        )  # fmt: skip


def understood(params: Mapping[str, str], where: str) -> None:
    """A page passes over what it cannot read; a scheduler's wrong filter must not go unnoticed."""
    kept = to_params(from_params(params))
    defaults = {"scope": "own", "balanced": "0", "ok": "0"}
    lost = {k: v for k, v in params.items() if k not in kept and defaults.get(k) != v}
    if lost:
        name, value = next(iter(lost.items()))
        raise Wrong(
            f"{where}: {name}={value} 无法理解 is not understood",
            hint="例如 such as region=990100&years=2020-2025&level=county",
        )
