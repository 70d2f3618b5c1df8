"""Cells and names made harmless: no formula, no path, no character a file format forbids."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: What a spreadsheet may take for the start of a formula or command, full-width forms included.
_RISKY: Final = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
_NUMBER: Final = re.compile(r"^[+\-]?[\d,]*\.?\d+%?$")
#: What XlsxWriter makes a formula or a link of, unless it is told not to.
_LINK: Final = re.compile(r"^(\{=|https?://|ftps?://|file://|mailto:|internal:|external:)", re.I)
#: Not allowed in XML 1.0, in any escape.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Forbidden in names by Windows, or invisible, or turning the reading direction.
_FORBIDDEN: Final = re.compile(
    r"[\\/:*?\"<>|\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+"
)
_RESERVED: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
NAME_LENGTH: Final = 120
#: Linux allows 255 bytes a name; some room is left for " (1)" and ".part".
NAME_BYTES: Final = 230


def safe(value: object) -> object:
    """A text cell made harmless: an apostrophe before what a spreadsheet would compute."""
    if isinstance(value, str) and _RISKY.match(value) and not _NUMBER.match(value):
        return "'" + value
    return value


def clean(text: object) -> str:
    """A text without the characters that XML cannot hold, its lines ended as Unix does.

    Office programs show a carriage return as ``_x000D_``.
    """
    return _CONTROL.sub("", str(text)).replace("\r\n", "\n").replace("\r", "\n")


def inert(text: object) -> str:
    """A text for a sheet whose writer makes formulas and links of texts, made harmless."""
    found = str(safe(clean(text)))
    return f"'{found}" if _LINK.match(found) else found


def stem(*parts: str, room: int = 0, room_bytes: int = 0) -> str:
    """A file name without ending, made of words.

    ``room`` characters of ``room_bytes`` bytes are left for what stands behind it.
    """
    joined = "_".join(part for part in parts if part)
    name = (
        _FORBIDDEN.sub("_", unicodedata.normalize("NFC", clean(joined)))
        .lstrip("._ -=+@")
        .rstrip("._ ")
    )
    if _RESERVED.match(name.split(".")[0]):
        name = f"x_{name}"
    name = name[: NAME_LENGTH - room]
    while len(name.encode("utf-8")) > NAME_BYTES - max(room, room_bytes):
        name = name[:-1]
    return name.strip("._ ") or "_"


def filename(*parts: str, ending: str = "csv") -> str:
    """A file name: words without characters that some system forbids, at most 120 characters.

    The last part (the build) is kept whole; a long first part is cut.
    """
    tail = stem(parts[-1])[:40] if len(parts) > 1 else ""
    behind = f"_{tail}.{ending}" if tail else f".{ending}"
    head = stem(
        *(parts[:-1] if tail else parts), room=len(behind), room_bytes=len(behind.encode("utf-8"))
    )
    return head + behind


def unique(names: list[str]) -> list[str]:
    """The same names, later twins numbered; compared as Windows and macOS do, without case."""
    seen: set[str] = set()
    out = []
    for name in names:
        base, _, ending = name.rpartition(".")
        candidate, n = name, 2
        while candidate.casefold() in seen:
            candidate, n = f"{base}_{n}.{ending}", n + 1
        seen.add(candidate.casefold())
        out.append(candidate)
    return out
