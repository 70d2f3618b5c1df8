"""Findings for tables a document prints twice; what was met is told by the extractor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from etl.check.messages import finding
from etl.form.rules import Rules, load_rules
from etl.report import Finding, Level, Outcome


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A table or block met twice.

    ``label`` names it as printed (第二十条第（一）项), ``equal`` tells whether both show the same
    figures, ``cells`` are the cells concerned (those that differ, where they differ), ``at_first``
    and ``at_second`` the two places.
    """

    label: str
    equal: bool
    cells: tuple[str, ...]
    at_first: str
    at_second: str


def duplicate_findings(
    duplicates: Iterable[Duplicate], rules: Rules | None = None
) -> list[Finding]:
    """One failed DUP-TABLE per repetition: a warning if equal, an error if the figures differ."""
    rule = (rules or load_rules()).by_id["DUP-TABLE"]
    found = []
    for item in duplicates:
        zh = f"“{item.label}”印了两次（见 {item.at_first}；{item.at_second}），"
        en = f"“{item.label}” is printed twice (see {item.at_first}; {item.at_second}), "
        if item.equal:
            zh, en = f"{zh}两次数字相同，只读取一次。", f"{en}with the same figures; read once."
        else:
            zh += f"两次数字不同，涉及{len(item.cells)}格，均未采用。"
            en += f"with different figures; {len(item.cells)} cell(s) are left unread."
        one = finding(rule, Outcome.FAIL, subject=item.label, zh=zh, en=en, cells=item.cells)
        found.append(one if item.equal else replace(one, level=Level.ERROR))
    return found
