"""What the commands that draw share: options, errors with exit codes, whole files, progress."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dashboard import briefing
from dashboard.filters import LANGUAGES, from_params, to_params

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
    return out


def write(out: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        Wrong: the place cannot be written.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".export-", delete=False) as part:
            part.write(content)
        whole = Path(part.name)
        whole.chmod(0o644)
        whole.replace(out)
    except OSError as error:
        raise Wrong(f"无法写入 cannot write {out}: {error.strerror}", code=NOTHING) from None


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
