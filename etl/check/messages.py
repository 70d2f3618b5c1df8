"""Sentences an office can act on: what was added up, both values, both places, what to do.

Labels come from the form; nothing here spells one. Chinese and English are built side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache

from etl.check.readings import Total
from etl.form import Form
from etl.form.rules import TermRef
from etl.form.rules_spec import RuleSpec
from etl.report import Finding, Level, Number, Outcome, ParsedReport

_DIGITS = "零一二三四五六七八九"
_NOTE = re.compile(r"(?<=.)（[^（）]*）$")
_TAIL = re.compile(r"政府信息公开申请数量$|、行政机关不再处理其政府信息公开申请$")
_FLOW = re.compile(r"^[一二三四]、")
_SHOWN = 8
_LEVELS = {str(level): level for level in Level}


def finding(
    rule: RuleSpec,
    outcome: Outcome,
    *,
    subject: str = "",
    zh: str = "",
    en: str = "",
    left: Number | None = None,
    right: Number | None = None,
    cells: Sequence[str] = (),
    assumed: bool = False,
) -> Finding:
    """A finding of a rule; a failure's sentence is followed by the rule's advice."""
    if outcome is Outcome.FAIL:
        zh, en = f"{zh}{rule.advice_zh}", f"{en} {rule.advice_en}"
    return Finding(
        rule=rule.id,
        level=_LEVELS[rule.level],
        outcome=outcome,
        subject=subject,
        left=left,
        right=right,
        message=zh,
        message_en=en,
        cells=tuple(cells),
        assumed=assumed,
    )


def show(value: Number | None) -> str:
    """A figure as printed in a sentence: no trailing zeros, no exponent."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return "—" if value is None else str(value)


class Words:
    """Names of cells, lines and places of one form, shortened for sentences."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._row = cache(self._make_row)
        self._column = cache(self._make_column)

    def section(self, table: str) -> str:
        """``第三部分`` for the table's section."""
        key = getattr(self.form.tables, table).section
        number = next(s.number for s in self.form.tables.sections if s.key == key)
        return f"第{_DIGITS[number]}部分"

    def table(self, table: str) -> tuple[str, str]:
        """A table in both languages."""
        return f"{self.section(table)}表格", f"table {table[1:]}"

    def row(self, table: str, key: str) -> tuple[str, str]:
        """A row in both languages, sub-rows with the name of their group."""
        return self._row(table, key)

    def column(self, table: str, key: str) -> tuple[str, str]:
        """A column in both languages."""
        return self._column(table, key)

    def cell(self, key: str) -> tuple[str, str]:
        """A cell: its row, and its column unless that is the total."""
        table, row, column = key.split(".")
        row_zh, row_en = self.row(table, row)
        if column == "total" and table == "t3":
            return row_zh, row_en
        column_zh, column_en = self.column(table, column)
        return f"{row_zh}·{column_zh}", f"{row_en}, {column_en}"

    def subject(self, rule: RuleSpec, subject: str) -> tuple[str, str]:
        """What a rule was applied to."""
        table = rule.table or ""
        if rule.per == "column":
            zh, en = self.column(table, subject)
            return f"{self.section(table)}“{zh}”列", f"Table {table[1:]}, column {en}"
        if rule.per in ("row", "block"):
            zh, en = self.row(table, subject)
            kind = "行" if rule.per == "row" else ""
            return f"{self.section(table)}“{zh}”{kind}", f"Table {table[1:]}, {rule.per} {en}"
        if rule.per == "table" and subject:
            zh, en = self.table(subject)
            return zh, en.capitalize()
        return (self.section(table), f"Table {table[1:]}") if table else ("本报告", "The report")

    def unit(self, key: str) -> str:
        """The cell's unit as printed after a figure."""
        unit = self.form.cells[key].unit
        return unit if unit in self.form.tables.units and len(unit) <= 2 else ""

    def _make_row(self, table: str, key: str) -> tuple[str, str]:
        row = next(r for r in self.form.rows(table) if r.key == key)
        label = row.zh if isinstance(row.zh, str) else row.zh[max(row.zh)]
        zh = row.short or _FLOW.sub("", _TAIL.sub("", _NOTE.sub("", label)))
        group = next((g for g in self.form.tables.t3.groups if g.key == row.group), None)
        if table == "t3" and group and group.parent:
            return f"{group.zh}{zh}", f"{group.en}: {row.en}"
        return zh, row.en

    def _make_column(self, table: str, key: str) -> tuple[str, str]:
        column = next(c for c in self.form.columns(table) if c.key == key)
        zh = column.zh if isinstance(column.zh, str) else column.zh[max(column.zh)]
        return _NOTE.sub("", zh), column.en

    def term(self, rule: RuleSpec, key: str) -> tuple[str, str]:
        """A cell's name inside a sentence that has named the subject already."""
        table, row, column = key.split(".")
        if rule.per == "column":
            return self.row(table, row)
        if rule.per in ("row", "block"):
            return self.column(table, column)
        return self.cell(key)

    def side(
        self, rule: RuleSpec, total: Total, report: ParsedReport, *, left: bool
    ) -> tuple[str, str]:
        """One side of a comparison with its terms and its value."""
        unit = self.unit(total.refs[0].key) if total.refs else ""
        terms = [(ref, *self.term(rule, ref.key), report.value(ref.key)) for ref in total.refs]
        name = (rule.left_zh, rule.left_en) if left else (rule.right_zh, rule.right_en)
        if len(terms) == 1 and not name[0]:
            _, zh, en, _ = terms[0]
            return f"{zh}{show(total.value)}{unit}", f"{en} {show(total.value)}"
        if name[0]:
            terms = [t for t in terms if t[3]]
        zh = _joined(((r, f"{z}{show(v or 0)}{unit}") for r, z, _, v in terms), "＋", "－")
        en = _joined(((r, f"{e} {show(v or 0)}") for r, _, e, v in terms), " + ", " - ")
        value = show(total.value)
        if name[0]:
            listed = 0 < len(terms) <= _SHOWN
            zh_list, en_list = (f"（{zh}）", f" ({en})") if listed else ("", "")
            return f"{name[0]}{zh_list}＝{value}{unit}", f"{name[1]}{en_list} = {value}"
        return f"{zh}＝{value}{unit}", f"{en} = {value}"


def _joined(parts: Iterable[tuple[TermRef, str]], plus: str, minus: str) -> str:
    text = ""
    for ref, part in parts:
        text += (minus if ref.sign < 0 else plus if text else "") + part
    return text


def places(report: ParsedReport, *sides: Iterable[str]) -> tuple[str, str]:
    """``（见 …；…）`` for the cells of each side: the first and the last printed place."""
    found: list[tuple[str, str]] = []
    for keys in sides:
        ats = [report.cells[k].at for k in keys if k in report.cells and report.cells[k].at]
        if ats:
            first, last = ats[0], ats[-1]
            found.append(
                (first, first) if first == last else (f"{first} 至 {last}", f"{first} to {last}")
            )
    unique = list(dict.fromkeys(found))
    if not unique:
        return "", ""
    return (
        f"（见 {'；'.join(zh for zh, _ in unique)}）",
        f" (see {'; '.join(en for _, en in unique)})",
    )
