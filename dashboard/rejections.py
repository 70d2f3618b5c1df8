"""Why a document was rejected and what to do, in the reader's language. Pure.

The reader of documents says it in Chinese. Its sentences stand in the catalogue word for word
(``rejected_said.*``) with their English; a test holds them against the reader's. A sentence of
another version is not guessed: the words for its code stand in (``rejected_why.*``).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from dashboard.i18n import catalogue, named, translator

#: A file of an archive and what is said of it.
_OF_A_FILE: Final = re.compile(r"(?P<file>[^：]+)：(?P<said>.+)", re.DOTALL)
_THING: Final = re.compile(r"(?P<thing>[^（]+?)(?:（(?P<kind>[\w .]+)）)?")


def shown(text: str, code: str, lang: str) -> str:
    """A reason or a remedy for a reader; ``code`` says it where the sentence is not known."""
    if lang == "zh" or not text:
        return text
    parts = [_english(part) for part in _split(text)]
    return "; ".join(parts) if all(parts) else named(lang, "rejected_why", code)


def _split(text: str) -> list[str]:
    """One sentence, or the reasons of several; sentences have semicolons of their own, too."""
    return [text] if _english(text) else text.split("；")


def _english(part: str) -> str:
    for pattern, key in _said():
        if found := pattern.fullmatch(part):
            filled = {name: _thing(value) for name, value in found.groupdict().items()}
            return translator("en")(key, **filled)
    inner = _OF_A_FILE.fullmatch(part)
    said = _english(inner["said"]) if inner else ""
    return f"{inner['file']}: {said}" if inner and said else ""


def _thing(value: str) -> str:
    """What a sentence fills in, where it is a word of the reader's: ``图片（PNG）``."""
    known = _things()
    if value in known:
        return known[value]
    found = _THING.fullmatch(value)
    if found and found["kind"] and found["thing"] in known:
        return f"{known[found['thing']]} ({found['kind']})"
    return value


@cache
def _said() -> list[tuple[re.Pattern[str], str]]:
    """Pattern of a Chinese sentence, key of its English; those without blanks first."""
    out = []
    for key, texts in catalogue().items():
        if key.startswith("rejected_said."):
            pattern = re.escape(texts["zh"])
            for name in "abc":
                # What begins a sentence is a word, not the name of a file and more.
                any_of = "[^：]+?" if texts["zh"].startswith(f"{{{name}}}") else ".+?"
                pattern = pattern.replace(rf"\{{{name}\}}", f"(?P<{name}>{any_of})")
            out.append((re.compile(pattern, re.DOTALL), key))
    return sorted(out, key=lambda item: "(?P<" in item[0].pattern)


@cache
def _things() -> dict[str, str]:
    known = catalogue()
    return {
        texts["zh"]: texts["en"]
        for key, texts in known.items()
        if key.startswith("rejected_thing.")
    }
