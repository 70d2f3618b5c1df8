"""Every word the dashboard says, from one catalogue (``catalogue/*.yml``, one file a page). Pure.

Words that come with the data (labels of the form, metrics, rules) are in the warehouse's meta
tables in both languages and are not repeated in the catalogue.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

CATALOGUE = Path(__file__).parent / "catalogue"
Text = Callable[..., str]
#: In C where PyYAML has it: 0.02 s instead of 0.18 for the catalogue, at every start.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key → language → text. Nested mappings are flattened: ``page.overview.title``."""
    out: dict[str, dict[str, str]] = {}
    for path in sorted(CATALOGUE.glob("*.yml")):
        found: dict[str, dict[str, str]] = {}
        _flatten("", yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER), found)
        if twice := sorted(out.keys() & found.keys()):
            raise ValueError(f"{path.name}: {', '.join(twice)} stands in another file, too")
        out |= found
    return out


def _flatten(prefix: str, node: dict[str, Any], out: dict[str, dict[str, str]]) -> None:
    for key, value in node.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, dict) and set(value) == {"zh", "en"}:
            out[path] = {lang: str(text) for lang, text in value.items()}
        elif isinstance(value, dict):
            _flatten(path, value, out)
        else:
            raise ValueError(f"catalogue: {path} is neither a text nor a group of texts")


class _Counting(string.Formatter):
    """``{n:=report is/reports are}``: words for one, words for any other number. May hold {n}."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec.startswith("="):
            found: str = super().format_field(value, format_spec)
            return found
        one, other = format_spec[1:].split("/")
        return one if str(value) == "1" else other


_COUNTING: Final = _Counting()


def translator(lang: str) -> Text:
    """A function ``t(key, **values)`` for one language.

    ``{n}`` is a value; ``{n:=report/reports}`` the word that goes with it where a language has a
    singular.

    Raises:
        KeyError: for a key the catalogue does not have (a fault of ours; tests look for it).
    """

    def text(key: str, /, **values: object) -> str:
        entry = catalogue()[key][lang]
        if values and ":=" in entry:  # slower, and few need it
            return _COUNTING.format(entry, **values)
        return entry.format(**values) if values else entry

    return text


def named(lang: str, prefix: str, value: str | None) -> str:
    """A value of the data in words: the catalogue's ``prefix.value`` if there is one, else itself.

    For values that another room owns (levels, kinds, formats): a new one shows as it is.
    """
    if value is None:
        return catalogue()[f"{prefix}.none"][lang]
    entry = catalogue().get(f"{prefix}.{value}")
    return entry[lang] if entry else value


def of(record: object, name: str, lang: str) -> str:
    """The ``<name>_zh``/``<name>_en`` (or ``zh``/``en``) of a record of the meta tables."""
    attribute = f"{name}_{lang}" if name else lang
    return str(getattr(record, attribute) or "")
