"""The bundled Chinese font: where it lies, how wide its text is, a subset for SVG."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pylopdf_fonts_zh_cn

FAMILY: Final = "Noto Sans SC"
#: What a viewer of an SVG without our font takes, best likeness first.
STACK: Final = (
    f"'{FAMILY}', 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', "
    "'Hiragino Sans GB', sans-serif"
)
_NARROW: Final = frozenset("ijlft.,:;'|!()[] ·1I")
_WIDE: Final = frozenset("mwMWQOGDHN%@&—")


def folder() -> Path:
    """The folder of the packaged font files (Noto Sans SC and Noto Serif SC, OFL 1.1)."""
    return Path(pylopdf_fonts_zh_cn.__file__).parent


def width(text: str, size: float) -> float:
    """About how wide a text is in pixels, never less than it is drawn; for breaking lines."""
    return sum(_em(c) for c in text) * size


@cache
def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if character in _NARROW:
        return 0.4
    if character in _WIDE:
        return 0.93
    return 0.68 if character.isupper() else 0.58


#: A line does not begin with these (closing punctuation), nor end with those.
_NOT_FIRST: Final = frozenset("，。；：、！？）》」』”’％%)]},.;:!?…")
_NOT_LAST: Final = frozenset("（《「『“‘([{")


def wrap(text: str, size: float, room: float) -> list[str]:
    """A text in lines of at most ``room`` pixels; Chinese breaks anywhere, words at spaces."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for token in _tokens(paragraph):
            if line and width(line + token.rstrip(), size) > room and token[0] not in _NOT_FIRST:
                held = ""
                while line and line[-1] in _NOT_LAST:
                    line, held = line[:-1], line[-1] + held
                lines.append(line.rstrip())
                line = held
            line += token
            while width(line.rstrip(), size) > room + 2 * size:  # one word wider than the line
                cut = max(1, int(len(line) * room / width(line, size)))
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line.rstrip())
    return [line for line in lines if line] or [""]


def _tokens(text: str) -> Iterable[str]:
    word = ""
    for c in text:
        if unicodedata.east_asian_width(c) in "WF" or c in _NOT_FIRST:
            if word:
                yield word
            word = ""
            yield c
        elif c == " ":
            yield word + c
            word = ""
        else:
            word += c
    if word:
        yield word


def can_subset() -> bool:
    """Whether fontTools is installed (``pip install 'disclosure-observatory[fonts]'``)."""
    return find_spec("fontTools") is not None


def face(text: str) -> str:
    """An ``@font-face`` rule holding just the characters of ``text``; empty without fontTools."""
    if not can_subset():
        return ""
    from fontTools import subset  # type: ignore[import-untyped,unused-ignore]

    woff2 = find_spec("brotli") is not None
    options: Any = subset.Options(
        flavor="woff2" if woff2 else "woff", layout_features=["kern"], hinting=False,
        desubroutinize=True, notdef_outline=True,
    )  # fmt: skip
    font = subset.load_font(str(folder() / "NotoSansSC-Regular.otf"), options, lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=set(map(ord, text)))
    cutter.subset(font)
    out = BytesIO()
    subset.save_font(font, out, options)
    kind = "woff2" if woff2 else "woff"
    data = base64.b64encode(out.getvalue()).decode("ascii")
    return (
        f"@font-face{{font-family:'{FAMILY}';src:local('{FAMILY}'),local('NotoSansSC-Regular'),"
        f"url(data:font/{kind};base64,{data}) format('{kind}')}}"
    )
