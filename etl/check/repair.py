"""Smallest-repair hints: which single slip would explain the sums that fail. Never applied.

A slip is one value typed wrong, two neighbours transposed, a row shifted by one column, or digits
split over two cells or joined in one. A slip is a candidate only if, with it undone, *every* sum
its cells take part in holds: it mends all failing ones and breaks none. Kinds are tried on the
cells of failing sums only, so the search is small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from etl.check.context import words_of
from etl.check.layout import sides
from etl.check.messages import Words, show
from etl.check.readings import EMPTY, Readings
from etl.form.rules import Rules, TermRef, load_rules
from etl.report import Number, ParsedReport, number_json

__all__ = ["RepairHint", "repairs_json", "suggest"]

Edit = dict[str, Number]
#: At most so many hints for one group of failing sums: more would be guesses, not help.
_MOST = 3


@dataclass(frozen=True, slots=True)
class RepairHint:
    """One possible slip. ``kind`` is ``value|transposed|shifted|split|joined``.

    ``before`` and ``after`` are the figures of ``cells`` as reported (``None``: blank) and as they
    would have to be; ``mends`` the failing sums (rule, subject) that would then hold; ``unique`` is
    true if no other slip of the search mends them.
    """

    kind: str
    cells: tuple[str, ...]
    before: tuple[Number | None, ...]
    after: tuple[Number, ...]
    mends: tuple[tuple[str, str], ...]
    unique: bool
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class _Sum:
    """A fully known equality: signed cells that must add up to 0."""

    rule: str
    subject: str
    terms: tuple[tuple[str, int], ...]

    def rest(self, values: Mapping[str, Number]) -> Number:
        return sum((sign * values[key] for key, sign in self.terms), start=0)


@dataclass(frozen=True, slots=True)
class _Candidate:
    kind: str
    edit: Edit
    mends: frozenset[tuple[str, str]]


def suggest(report: ParsedReport, rules: Rules | None = None) -> list[RepairHint]:
    """Hints for the failing sums of one report, the smallest first, at most three for each group.

    Only sums whose cells are all known take part (blanks that count as 0 included). The report is
    not changed.
    """
    rules = rules or load_rules()
    readings = Readings(report, rules)
    values, sums = _known_sums(rules, readings)
    by_cell: dict[str, list[_Sum]] = {}
    for one in sums:
        for key, _ in one.terms:
            by_cell.setdefault(key, []).append(one)
    failing = [one for one in sums if one.rest(values)]
    found = [
        _Candidate(kind, edit, mends)
        for kind, edit in _slips(rules, readings, failing, values, by_cell)
        if (mends := _mended(edit, values, by_cell))
    ]
    return _chosen(found, values, report, words_of(rules))


def repairs_json(report: ParsedReport) -> list[dict[str, Any]]:
    """The hints as JSON objects, for ``disclosure parse --json``; none for a rejected document."""
    if report.status != "report":
        return []
    return [
        {
            "kind": hint.kind,
            "cells": list(hint.cells),
            "before": [number_json(v) for v in hint.before],
            "after": [number_json(v) for v in hint.after],
            "mends": [{"rule": rule, "subject": subject} for rule, subject in hint.mends],
            "unique": hint.unique,
            "text": hint.text_zh,
            "text_en": hint.text_en,
        }
        for hint in suggest(report)
    ]


def _known_sums(rules: Rules, readings: Readings) -> tuple[dict[str, Number], list[_Sum]]:
    values: dict[str, Number] = {}
    sums: list[_Sum] = []
    for rule in rules.rules:
        if rule.kind != "equal" or rule.needs or rule.level != "error" or not rule.table:
            continue
        for subject, left, right in sides(rules, rule.id, readings.variant(rule.table)):
            totals = readings.total(left), readings.total(right)
            if any(t.value is None or (t.empty and len(t.refs) == 1) for t in totals):
                continue
            terms = (*_signed(left, 1), *_signed(right, -1))
            for key, _ in terms:
                values[key] = readings.number(key)[0] or 0
            sums.append(_Sum(rule.id, subject, terms))
    return values, sums


def _signed(refs: Iterable[TermRef], sign: int) -> Iterator[tuple[str, int]]:
    return ((ref.key, sign * ref.sign) for ref in refs)


def _slips(
    rules: Rules,
    readings: Readings,
    failing: list[_Sum],
    values: dict[str, Number],
    by_cell: dict[str, list[_Sum]],
) -> Iterator[tuple[str, Edit]]:
    cells = list(dict.fromkeys(key for one in failing for key, _ in one.terms))
    for key in cells:
        one = next(s for s in by_cell[key] if s in failing)
        sign = dict(one.terms)[key]
        wanted = values[key] - sign * one.rest(values)
        if wanted >= 0:
            yield "value", {key: wanted}
    lines = dict.fromkeys((key.split(".")[0], key.split(".")[1]) for key in cells)
    for table, row in lines:
        columns = [column.key for column in rules.form.columns(table)]
        keys = [k for c in columns if (k := f"{table}.{row}.{c}") in values]
        yield from _row_slips(keys, values)
        yield from _shifts(keys, values)
    yield from _column_slips(rules, readings, cells, values)


def _row_slips(keys: list[str], values: dict[str, Number]) -> Iterator[tuple[str, Edit]]:
    """Neighbours in a row: transposed, one number split over both, or two joined in one."""
    for a, b in pairwise(keys):
        x, y = values[a], values[b]
        if not isinstance(x, int) or not isinstance(y, int):
            continue
        if x != y:
            yield "transposed", {a: y, b: x}
        if x and 0 <= y < 10:
            yield "split", {a: int(f"{x}{y}"), b: 0}
        for whole, empty in ((a, b), (b, a)):
            digits = str(values[whole])
            if values[empty] == 0 and len(digits) > 1:
                for cut in range(1, len(digits)):
                    head, tail = int(digits[:cut]), int(digits[cut:])
                    yield "joined", {a: head, b: tail}


def _shifts(keys: list[str], values: dict[str, Number]) -> Iterator[tuple[str, Edit]]:
    """A whole row moved by one column; what falls off the end must have been 0."""
    row = [values[key] for key in keys]
    if len(row) > 2 and any(row):
        for moved, dropped in (([*row[1:], 0], row[0]), ([0, *row[:-1]], row[-1])):
            if dropped == 0:
                yield "shifted", dict(zip(keys, moved, strict=True))


def _column_slips(
    rules: Rules, readings: Readings, cells: list[str], values: dict[str, Number]
) -> Iterator[tuple[str, Edit]]:
    """Neighbours in a column of table 3, transposed."""
    rows = rules.rows("t3", readings.variant("t3"))
    for column in dict.fromkeys(key.split(".")[2] for key in cells if key.startswith("t3.")):
        keys = [k for r in rows if (k := f"t3.{r}.{column}") in values]
        for a, b in pairwise(keys):
            if values[a] != values[b]:
                yield "transposed", {a: values[b], b: values[a]}


def _mended(
    edit: Edit, values: dict[str, Number], by_cell: dict[str, list[_Sum]]
) -> frozenset[tuple[str, str]]:
    """The failing sums the edit mends; empty if any sum of its cells would not hold."""
    touched = list(dict.fromkeys(s for key in edit for s in by_cell.get(key, ())))
    after = {**values, **edit}
    if any(one.rest(after) for one in touched):
        return frozenset()
    return frozenset((s.rule, s.subject) for s in touched if s.rest(values))


def _chosen(
    found: list[_Candidate], values: dict[str, Number], report: ParsedReport, words: Words
) -> list[RepairHint]:
    """For every group of sums mended together: the most, then the smallest; the rest dropped."""
    seen: dict[tuple[tuple[str, Number], ...], _Candidate] = {}
    for candidate in found:
        changed = {k: v for k, v in candidate.edit.items() if v != values[k]}
        seen.setdefault(
            tuple(sorted(changed.items())),
            _Candidate(candidate.kind if len(changed) > 1 else "value", changed, candidate.mends),
        )
    candidates = sorted(seen.values(), key=lambda c: (-len(c.mends), _size(c, values)))
    hints: list[RepairHint] = []
    explained: set[tuple[str, str]] = set()
    for first in candidates:
        if first.mends & explained:
            continue
        rivals = [c for c in candidates if c.mends == first.mends]
        hints += [_hint(c, len(rivals) == 1, values, report, words) for c in rivals[:_MOST]]
        explained |= first.mends
    return hints


def _size(candidate: _Candidate, values: dict[str, Number]) -> tuple[int, int, Number]:
    """Cells touched, digits that differ, distance: the smaller the likelier the slip."""
    digits = distance = 0
    for key, after in candidate.edit.items():
        a, b = str(values[key]), str(after)
        digits += abs(len(a) - len(b)) + sum(x != y for x, y in zip(a, b, strict=False))
        distance += abs(int(after - values[key]))
    return len(candidate.edit), digits, distance


_KINDS = {
    "value": ("如果只有一格填错", "If one cell is wrong"),
    "transposed": ("如果相邻两格填反了", "If two neighbouring cells were swapped"),
    "shifted": ("如果整行错开了一列", "If the row is shifted by one column"),
    "split": ("如果一个数被拆进了相邻两格", "If one number was split over two cells"),
    "joined": ("如果两个数连写在一格里", "If two numbers were run together in one cell"),
}


def _hint(
    candidate: _Candidate,
    unique: bool,
    values: dict[str, Number],
    report: ParsedReport,
    words: Words,
) -> RepairHint:
    cells = tuple(candidate.edit)
    zh, en = _KINDS[candidate.kind]
    changes_zh, changes_en = [], []
    for key in cells:
        row_zh, row_en = words.row(*key.split(".")[:2])
        column_zh, column_en = words.column(key.split(".")[0], key.split(".")[2])
        at = report.cells[key].at if key in report.cells else ""
        before = "空白" if report.state(key) in EMPTY else show(values[key])
        after = show(candidate.edit[key])
        changes_zh.append(f"“{row_zh}·{column_zh}”{before}→{after}{f'（{at}）' if at else ''}")
        before_en = "blank" if report.state(key) in EMPTY else before
        changes_en.append(f"{row_en}, {column_en}: {before_en} → {after}{f' ({at})' if at else ''}")
    only_zh = "这是唯一的最小改动" if unique else "还有别的改动也能使其相符"
    only_en = "the only smallest change" if unique else "other changes would do as well"
    return RepairHint(
        kind=candidate.kind,
        cells=cells,
        before=tuple(report.value(key) for key in cells),
        after=tuple(candidate.edit.values()),
        mends=tuple(sorted(candidate.mends)),
        unique=unique,
        text_zh=f"{zh}：{'，'.join(changes_zh)}，则{len(candidate.mends)}项核对相符（{only_zh}；仅供核对参考，请以原始台账为准）。",
        text_en=f"{en}: {'; '.join(changes_en)}; {len(candidate.mends)} check(s) would then hold "
        f"({only_en}; a hint only, the office's records decide).",
    )
