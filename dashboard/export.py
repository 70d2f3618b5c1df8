"""Frames into files a person opens: CSV that Excel reads as Chinese and never as a formula."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

BOM: Final = "\ufeff"
#: What a spreadsheet may take for the start of a formula or command.
_RISKY: Final = re.compile(r"^[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"^[+\-]?[\d,]*\.?\d+%?$")


def safe(value: object) -> object:
    """A text cell made harmless: an apostrophe before what a spreadsheet would compute."""
    if isinstance(value, str) and _RISKY.match(value) and not _NUMBER.match(value):
        return "'" + value
    return value


def csv(frame: pd.DataFrame, notes: tuple[str, ...] = ()) -> bytes:
    """A CSV with byte-order mark; ``notes`` (what, source) stand below the rows."""
    safe_frame = frame.map(safe).rename(columns=lambda name: safe(str(name)))
    text = safe_frame.to_csv(index=False, lineterminator="\r\n")
    for note in notes:
        quoted = str(safe(note)).replace('"', '""')
        text += f'"{quoted}"\r\n'
    return (BOM + text).encode("utf-8")


def filename(*parts: str) -> str:
    """A file name made of words, without characters some system forbids."""
    joined = "_".join(part for part in parts if part)
    return re.sub(r'[\\/:*?"<>|\s]+', "_", joined)[:120] + ".csv"
