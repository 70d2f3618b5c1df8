"""Evaluators of how the tables are filled in, and of years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from etl.check.context import Context
from etl.check.messages import finding, places
from etl.check.readings import EMPTY
from etl.document import Line
from etl.form.rules_spec import RuleSpec
from etl.report import Finding, Outcome, State

#: The period stands in the preface: among the first lines of any report seen.
_PREFACE_LINES = 60
#: How the evidence begins that stands beside the document's own words.
_BESIDE = ("文件名", "元数据")


def table_present(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Each statutory table is met and has at least one number."""
    for table in rule.tables:
        states = ctx.readings.states(table)
        zh, en = ctx.words.table(table)
        if State.NUMBER in states:
            yield finding(rule, Outcome.PASS, subject=table)
        elif State.UNREAD in states or State.TEXT in states:
            yield finding(
                rule, Outcome.NOT_ASSESSABLE, subject=table,
                zh=f"{zh}印有内容，但未能确认各格的数字。",
                en=f"{en.capitalize()}: printed, but not read with certainty.",
            )  # fmt: skip
        else:
            printed = any(state in EMPTY for state in states)
            yield finding(
                rule, Outcome.FAIL, subject=table,
                zh=f"{zh}已印出但全部空白。" if printed else f"文件中没有读到{zh}。",
                en=f"{en.capitalize()} is printed but empty." if printed else f"No {en} was found.",
            )  # fmt: skip


def rows_present(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """No row of a table that was met is wholly absent."""
    for table in rule.tables:
        yield _lines_present(ctx, rule, table, ctx.readings.layout(table).rows, ("行", "row"))


def columns_present(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """No column of a table that was met is wholly absent."""
    for table in rule.tables:
        yield _lines_present(ctx, rule, table, ctx.readings.layout(table).columns, ("列", "column"))


def _lines_present(
    ctx: Context,
    rule: RuleSpec,
    table: str,
    lines: dict[str, tuple[str, ...]],
    kind: tuple[str, str],
) -> Finding:
    if not ctx.readings.has_table(table):
        return finding(rule, Outcome.NOT_APPLICABLE, subject=table)
    state = ctx.report.state
    missing = {
        line: keys
        for line, keys in lines.items()
        if all(state(key) is State.ABSENT for key in keys)
    }
    if not missing:
        return finding(rule, Outcome.PASS, subject=table)
    zh, en = ctx.words.table(table)
    name = ctx.words.row if kind[1] == "row" else ctx.words.column
    names = [name(table, line) for line in missing]
    # Where figures could not be placed, a line not met may well be printed.
    unsure = State.UNREAD in ctx.readings.states(table)
    return finding(
        rule,
        Outcome.NOT_ASSESSABLE if unsure else Outcome.FAIL,
        subject=table,
        zh=f"{zh}没有读到{'、'.join(f'“{label}”' for label, _ in names)}{kind[0]}。",
        en=f"{en.capitalize()}: {kind[1]} {', '.join(label for _, label in names)} not found.",
        cells=[key for keys in missing.values() for key in keys],
        left=len(missing),
    )


def extra_rows(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """No rows beside the statutory ones."""
    extra = ctx.report.extra
    if not extra:
        outcome = Outcome.PASS if ctx.report.forms else Outcome.NOT_APPLICABLE
        yield finding(rule, outcome)
        return
    listed = "、".join(f"“{row.label}”（见 {row.at}）" for row in extra)
    yield finding(
        rule,
        Outcome.FAIL,
        left=len(extra),
        zh=f"表格中有格式以外的行：{listed}。",
        en=f"Rows beside the form: {'; '.join(f'{row.label} ({row.at})' for row in extra)}.",
    )


def numeric(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """No cell holds words."""
    yield from _counted(ctx, rule, (State.TEXT,), "填有文字而不是数字", "words instead of numbers")


def filled(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """At most ``limit`` printed cells are empty or ``/``."""
    yield from _counted(ctx, rule, EMPTY, "为空白或“/”", "empty or marked /")


def _counted(
    ctx: Context, rule: RuleSpec, states: tuple[State, ...], zh: str, en: str
) -> Iterator[Finding]:
    for table in rule.tables:
        if not ctx.readings.has_table(table):
            yield finding(rule, Outcome.NOT_APPLICABLE, subject=table)
            continue
        printed = zip(ctx.readings.cells(table), ctx.readings.states(table), strict=True)
        met = [key for key, state in printed if state in states]
        if len(met) <= (rule.limit or 0):
            yield finding(rule, Outcome.PASS, subject=table)
            continue
        table_zh, table_en = ctx.words.table(table)
        cell_zh, cell_en = ctx.words.cell(met[0])
        see_zh, see_en = places(ctx.report, met)
        yield finding(
            rule,
            Outcome.FAIL,
            subject=table,
            left=len(met),
            right=0,
            cells=met,
            zh=f"{table_zh}有{len(met)}格{zh}，如“{cell_zh}”{see_zh}。",
            en=f"{table_en.capitalize()}: {len(met)} cell(s) {en}, such as {cell_en}{see_en}.",
        )


def form_year(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Tables are printed in the form in force for the report year."""
    form, report = ctx.rules.form, ctx.report
    due = form.form_for_year(report.year) if report.year else None
    for table in rule.tables:
        used = report.forms.get(table)
        if used is None:
            yield finding(rule, Outcome.NOT_APPLICABLE, subject=table)
        elif due is None:
            yield finding(rule, Outcome.NOT_ASSESSABLE, subject=table)
        elif used == due:
            yield finding(rule, Outcome.PASS, subject=table)
        else:
            zh, en = ctx.words.table(table)
            version = form.tables.forms.get(used)
            used_zh = version.zh if version else "两种格式混用的表"
            used_en = version.en if version else "a mix of forms"
            want = form.tables.forms[due]
            yield finding(
                rule, Outcome.FAIL, subject=table,
                zh=f"{report.year}年度报告的{zh}用的是{used_zh}，应为{want.zh}。",
                en=f"{en.capitalize()} ({report.year}) uses {used_en}; due is the {want.en}.",
            )  # fmt: skip


def years_agree(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """The years named in title, period, file name and metadata are the report year.

    Title and period are looked at here; what else named another year is in the evidence.
    """
    report = ctx.report
    lines = (b.text for b in report.blocks if isinstance(b, Line))
    preface = re.sub(r"\s+", "", "".join(islice(lines, _PREFACE_LINES)))
    texts = {"title": re.sub(r"\s+", "", report.title or ""), "period": preface}
    names = {"title": ("标题", "title"), "period": ("统计期限", "period")}
    for subject, text in texts.items():
        years = {int(y) for pattern in rule.words[subject] for y in re.findall(pattern, text)}
        if not years or report.year is None:
            yield finding(rule, Outcome.NOT_APPLICABLE, subject=subject)
        elif report.year in years:
            yield finding(rule, Outcome.PASS, subject=subject, left=report.year, right=report.year)
        else:
            zh, en = names[subject]
            other = max(years)
            yield finding(
                rule, Outcome.FAIL, subject=subject, left=other, right=report.year,
                zh=f"{zh}写的是{other}年，报告年度是{report.year}年。",
                en=f"The {en} names {other}, the report year is {report.year}.",
            )  # fmt: skip
    told = report.evidence.get("year_conflicts", "")
    others = [one for one in told.split("；") if one.startswith(_BESIDE)]
    if report.year is None or not others:
        yield finding(rule, Outcome.NOT_APPLICABLE, subject="beside")
        return
    named = re.search(r"(20\d{2})$", others[0])
    yield finding(
        rule, Outcome.FAIL, subject="beside", left=int(named[1]) if named else None,
        right=report.year, zh=f"{'，'.join(others)}，而报告年度是{report.year}年。",
        en=f"File name or metadata name another year than {report.year}: {'; '.join(others)}.",
    )  # fmt: skip


def offices_agree(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """No other office is named where the document names its publisher."""
    report = ctx.report
    conflicts = report.evidence.get("office_conflicts", "")
    if report.office is None:
        yield finding(rule, Outcome.NOT_APPLICABLE)
    elif not conflicts:
        yield finding(rule, Outcome.PASS)
    else:
        yield finding(
            rule, Outcome.FAIL,
            zh=f"报告单位读作“{report.office}”，但{conflicts}。",
            en=f"The office was read as {report.office}, but: {conflicts}.",
        )  # fmt: skip
