"""A parsed report judged for its reader: what must be mended, what a person must look at. Pure.

Takes the JSON of ``disclosure parse`` and the dictionary of a build; decides nothing new, only
sorts and counts what the rules found, so that page and letter say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from dashboard.basis import shown as cited
from dashboard.i18n import Text
from dashboard.locators import in_words, sentence
from dashboard.queries.meta import Meta
from dashboard.rejections import shown

#: Weights, heaviest first: must be mended, must be looked at, may be looked at.
KINDS: Final = ("error", "confirm", "hint")
_KIND_OF_LEVEL: Final = {"error": "error", "warning": "confirm", "info": "hint"}
TABLES: Final = ("t2", "t3", "t4")
#: At most so many unread cells are named one by one.
NAMED_CELLS: Final = 6


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to mend or to look at.

    ``number`` is its mark in the tables; ``rule`` the rule's id, ``""`` for unread cells; ``name``
    the rule in words; ``left`` and ``right`` the compared values, ``None`` where there are none.
    """

    number: int
    kind: str
    rule: str
    name: str
    message: str
    advice: str
    left: float | None
    right: float | None
    cells: tuple[str, ...]
    place: str
    basis: str
    failed: bool


@dataclass(frozen=True)
class Judged:
    """One document with its issues. ``parsed`` is the JSON object of the contract."""

    parsed: Mapping[str, Any]
    issues: tuple[Issue, ...]

    @property
    def rejected(self) -> bool:
        """Whether the document could not be read as a report."""
        return bool(self.parsed["status"] != "report")

    @cached_property
    def errors(self) -> int:
        """Issues that must be mended."""
        return sum(issue.kind == "error" for issue in self.issues)

    @cached_property
    def confirm(self) -> int:
        """Issues a person must look at."""
        return sum(issue.kind == "confirm" for issue in self.issues)

    @property
    def verdict(self) -> str:
        """``rejected``, ``errors``, ``confirm`` or ``ok``."""
        if self.rejected:
            return "rejected"
        return "errors" if self.errors else "confirm" if self.confirm else "ok"

    def state(self, key: str) -> str:
        """The state of a cell; one the document does not have is absent."""
        return str(self.parsed["cells"].get(key, {}).get("state", "absent"))

    def marks(self) -> dict[str, list[Issue]]:
        """Cell → the failed comparisons it takes part in."""
        out: dict[str, list[Issue]] = {}
        for issue in self.issues:
            if issue.failed and issue.kind != "hint":
                for key in issue.cells:
                    out.setdefault(key, []).append(issue)
        return out

    def states(self) -> dict[str, int]:
        """State → number of cells."""
        out: dict[str, int] = {}
        for cell in self.parsed["cells"].values():
            out[cell["state"]] = out.get(cell["state"], 0) + 1
        return out


def judge(parsed: Mapping[str, Any], meta: Meta, lang: str, t: Text) -> Judged:
    """Sort a document's findings; errors first, each kind in the order of the rule list."""
    if parsed["status"] != "report":
        return Judged({**parsed, "problem": _problem(parsed.get("problem") or {}, lang)}, ())
    found = [*_failed(parsed, meta, lang, t), *_unknown(parsed, meta, lang, t)]
    found += _unread(parsed, meta, lang, t)
    order = {rule: n for n, rule in enumerate(meta.rules)}
    found.sort(key=lambda i: (KINDS.index(i["kind"]), order.get(i["rule"], len(order))))
    return Judged(parsed, tuple(Issue(number=n, **f) for n, f in enumerate(found, 1)))


def _problem(problem: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Why the document was rejected, said in the reader's language."""
    code = str(problem.get("code") or "")
    said = {n: shown(str(problem.get(n) or ""), code, lang) for n in ("message", "hint")}
    return {**problem, **said}


def _words(finding: Mapping[str, Any], lang: str, t: Text) -> str:
    text = str(finding.get("message") if lang == "zh" else finding.get("message_en") or "")
    return sentence(text, t)


def rule_words(meta: Meta, rule: str, lang: str) -> tuple[str, str, str]:
    """A rule's name, advice and basis; its id where the dictionary does not know it."""
    found = meta.rules.get(rule)
    if found is None:
        return rule, "", ""
    if lang == "zh":
        return found.zh, found.advice_zh or "", found.basis or ""
    return found.en, found.advice_en or "", cited(found.basis or "", lang)


def _failed(parsed: Mapping[str, Any], meta: Meta, lang: str, t: Text) -> Iterator[dict[str, Any]]:
    for f in parsed["findings"]:
        if f["outcome"] == "fail":
            name, advice, basis = rule_words(meta, f["rule"], lang)
            cells = tuple(f.get("cells") or ())
            yield {
                "kind": _KIND_OF_LEVEL.get(f["level"], "confirm"), "rule": f["rule"], "name": name,
                "message": _words(f, lang, t), "advice": advice, "left": f["left"],
                "right": f["right"], "cells": cells, "place": _place(parsed, cells, t),
                "basis": basis, "failed": True,
            }  # fmt: skip


def _place(parsed: Mapping[str, Any], cells: tuple[str, ...], t: Text) -> str:
    """Where the first and the last of the cells stand."""
    found = [at for key in cells if (at := parsed["cells"].get(key, {}).get("at"))]
    ends = dict.fromkeys((found[0], found[-1])) if found else {}
    return t("check.to").join(in_words(at, t) for at in ends)


def _unknown(parsed: Mapping[str, Any], meta: Meta, lang: str, t: Text) -> Iterator[dict[str, Any]]:
    """Errors and warnings that could not be judged, one issue for each rule."""
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for f in parsed["findings"]:
        if f["outcome"] == "not_assessable" and f["level"] != "info":
            by_rule.setdefault(f["rule"], []).append(f)
    for rule, findings in by_rule.items():
        name, advice, basis = rule_words(meta, rule, lang)
        said = [w for f in findings if (w := _words(f, lang, t))]
        message = said[0] if said else t("check.not_assessable")
        if len(said) > 1:
            message += t("check.and_more", n=len(said) - 1)
        cells = tuple(dict.fromkeys(key for f in findings for key in f.get("cells") or ()))
        yield {
            "kind": "confirm", "rule": rule, "name": name, "message": message, "advice": advice,
            "left": None, "right": None, "cells": cells, "place": "", "basis": basis,
            "failed": False,
        }  # fmt: skip


def _unread(parsed: Mapping[str, Any], meta: Meta, lang: str, t: Text) -> Iterator[dict[str, Any]]:
    """Cells that were not read with certainty, one issue for each table."""
    for table in TABLES:
        keys = tuple(
            key
            for key, cell in parsed["cells"].items()
            if cell["state"] == "unread" and key.startswith(f"{table}.")
        )
        if keys:
            labels = [cell_label(meta, key, lang) for key in keys[:NAMED_CELLS]]
            named = t("format.semicolon").join(labels)
            if len(keys) > NAMED_CELLS:
                named += t("check.and_more", n=len(keys) - NAMED_CELLS)
            label = meta.tables[table].zh if lang == "zh" else meta.tables[table].en
            yield {
                "kind": "confirm", "rule": "", "name": t("check.unread_name"),
                "message": t("check.unread_message", table=label, n=len(keys), cells=named),
                "advice": t("check.unread_advice"), "left": None, "right": None, "cells": keys,
                "place": _place(parsed, keys, t), "basis": "", "failed": False,
            }  # fmt: skip


def cell_label(meta: Meta, key: str, lang: str) -> str:
    """A cell of the form in words; its key where the dictionary does not know it."""
    found = meta.cells.get(key)
    return key if found is None else (found.label_zh if lang == "zh" else found.label_en)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A count in the words beside the table's; ``outcome`` is ``""`` where no rule compares."""

    what: str
    value: float
    table: float | None
    outcome: str
    text: str
    place: str
    approximate: bool


def claims(parsed: Mapping[str, Any], names: Mapping[str, str], t: Text) -> list[Claimed]:
    """The narrative's counts, each with what the table has; the rules did the comparing."""
    compared = {
        f["subject"]: f
        for f in parsed["findings"]
        if f["rule"].startswith("NARR-") and f["subject"]
    }
    out = []
    for c in parsed["narrative"]:
        f = compared.get(c["what"], {})
        outcome = f.get("outcome", "")
        judged = outcome in ("pass", "fail") and f.get("left") == c["value"]
        out.append(
            Claimed(
                names.get(c["what"], c["what"]), c["value"], f.get("right") if judged else None,
                outcome if judged else "", c["text"], in_words(c["at"], t),
                bool(c.get("approximate")),
            )
        )  # fmt: skip
    return out
