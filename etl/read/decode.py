"""Bytes → text for files that say nothing, or the wrong thing, about their encoding.

Government sites declare ``gb2312`` over UTF-8 and the other way round, and "Save as" adds UTF-16.
A declaration is therefore only a hint: an encoding is accepted when the bytes decode strictly *and*
the result reads like Chinese (share of the commonest characters among the non-ASCII ones).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from etl.errors import RejectedDocument

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(
    rb"""(?:<meta[^>]{0,300}?charset\s*=|<\?xml[^>]{0,100}?encoding\s*=|@charset)\s*["']?\s*"""
    rb"""([A-Za-z0-9_\-]{2,20})""",
    re.IGNORECASE,
)
_CHINESE_ENCODINGS: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "unicode": "utf-16-le",
}
_CANDIDATES: Final = ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_NON_ASCII: Final = re.compile("[^\x00-\x7f]")
_CONTROLS: Final = "".join(
    map(chr, (*range(0x00, 0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F))
)
#: Characters looked at to judge a decoding; a report's first screen is enough.
_SAMPLE: Final = 6_000
#: Longest tail a cut-off multi-byte sequence leaves (GB18030: 4 bytes less one).
_LONGEST_TAIL: Final = 3
_ACCEPTED_AT_ONCE: Final = 0.75
_PLAUSIBLE: Final = 0.35
_MAX_DAMAGE: Final = 0.03
_MAX_CONTROL: Final = 0.02


def _level_one() -> frozenset[str]:
    """The commonest characters of both scripts: level one of GB 2312 and of Big5, and marks."""
    simplified = bytes(
        b for hi in range(0xB0, 0xD8) for lo in range(0xA1, 0xFF) for b in (hi, lo)
    ).decode("gb2312", "ignore")
    traditional = bytes(
        b
        for hi in range(0xA4, 0xC7)
        for lo in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
        for b in (hi, lo)
    ).decode("big5", "ignore")
    marks = "，。、；：？！“”‘’（）《》〈〉【】〔〕—…·％－～　\u00a0①②③④⑤⑥⑦⑧⑨⑩│｜├┤─√×"
    digits = "".join(chr(0xFF10 + n) for n in range(10))
    return frozenset(simplified + traditional + marks + digits)


_COMMON: Final = _level_one()


class Decoded(NamedTuple):
    """Text, the encoding that gave it, and how many bytes had to be replaced."""

    text: str
    encoding: str
    damaged: int = 0


def to_text(data: bytes, declared: str = "") -> Decoded:
    """Decode a text or HTML file, whatever its declaration says.

    Args:
        data: the whole file.
        declared: an encoding named outside the file (a MIME header), if any.

    Returns:
        The text without byte order mark and NULs; Python's decoders give no lone surrogates.

    Raises:
        RejectedDocument: ``unsupported_format`` when the bytes are no text in any encoding.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            body = data[len(mark) :]
            text = _strict(body, encoding)
            if text is None:
                text = body.decode(encoding, "replace")
            return _checked(Decoded(text, encoding, text.count("\ufffd")))
    text = _strict(data, "utf-8")
    if text is not None and "\x00" not in text and (text.isascii() or _HAN.search(text)):
        return _checked(Decoded(text, "utf-8"))
    hint = _CHINESE_ENCODINGS.get(declared.strip().lower() or _declaration(data), "")
    best = _most_plausible(data, hint)
    if best is None:
        best = _least_damaged(data, hint)
    return _checked(best)


def with_cut_marked(text: str) -> str:
    """Text that ends within a figure, as a file cut off does, with an ellipsis behind it.

    No report ends with a figure: a whole one ends with words, a line end or a closing tag. Of a
    file cut off, 41 may be left of 412.
    """
    return f"{text}…" if text[-1:].isdigit() else text


def _declaration(data: bytes) -> str:
    """The encoding a meta tag or XML declaration names in the first 4 KB, lower case, or ""."""
    match = _DECLARED.search(data, 0, 4096)
    return match.group(1).decode("ascii").lower() if match else ""


def _strict(data: bytes, encoding: str) -> str | None:
    """Decode strictly, forgiving only a sequence cut off by the end of the file."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        text = decoder.decode(data, final=False)
    except UnicodeError:
        return None
    return text if len(decoder.getstate()[0]) <= _LONGEST_TAIL else None


def _candidates(hint: str) -> Iterator[str]:
    if hint:
        yield hint
    yield from (name for name in _CANDIDATES if name != hint)


def _most_plausible(data: bytes, hint: str) -> Decoded | None:
    """The strict decoding that reads most like Chinese, or ``None`` if none reads like text."""
    best: tuple[float, Decoded] | None = None
    for encoding in _candidates(hint):
        text = _strict(data, encoding)
        if text is None:
            continue
        score = plausibility(text)
        if score >= _ACCEPTED_AT_ONCE:
            return Decoded(text, encoding)
        if best is None or score > best[0]:
            best = (score, Decoded(text, encoding))
    return best[1] if best and best[0] >= _PLAUSIBLE else None


def plausibility(text: str) -> float:
    """0..1: the share of common Chinese characters and marks among the non-ASCII ones.

    Text of ASCII alone scores 0.5 (readable, but no evidence); NULs and controls bring it to 0.
    """
    sample = text[:_SAMPLE]
    if _controls(sample) > _MAX_CONTROL * len(sample) + 2:
        return 0.0
    foreign = _NON_ASCII.findall(sample)
    if not foreign:
        return 0.5
    return sum(char in _COMMON for char in foreign) / len(foreign)


def _least_damaged(data: bytes, hint: str) -> Decoded:
    """No encoding fits strictly: the one that loses least, if it loses little.

    Pages put together from several sources carry stray bytes; a few must not cost the report.
    """
    choices = []
    for encoding in dict.fromkeys(filter(None, (hint, "utf-8", "gb18030"))):
        text = data.decode(encoding, "replace")
        damaged = text.count("\ufffd")
        choices.append((damaged, -plausibility(text), Decoded(text, encoding, damaged)))
    damaged, negated, best = min(choices, key=lambda choice: choice[:2])
    if damaged > max(2, _MAX_DAMAGE * len(best.text)) or -negated < _PLAUSIBLE:
        raise _no_text()
    return best


def _controls(text: str) -> int:
    """How many control characters that no text has; counting by character is the fastest way."""
    return sum(map(text.count, _CONTROLS))


def _checked(decoded: Decoded) -> Decoded:
    """Refuse binary that happened to decode; drop the stray NULs and surrogates of real text."""
    text = decoded.text
    sample = text[:2_000]
    if _controls(sample) > _MAX_CONTROL * len(sample) + 2:
        raise _no_text()
    if "\x00" in text:
        text = text.replace("\x00", "")
    return Decoded(text, decoded.encoding, decoded.damaged)


def _no_text() -> RejectedDocument:
    return RejectedDocument(
        "unsupported_format",
        "文件内容不是可识别的文字（可能是图片、程序或其他二进制文件）",
        hint="请提供 HTML、PDF、Word、Excel 或纯文本格式的年度报告",
    )
