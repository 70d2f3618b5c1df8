"""Evaluators that compare sums of cells. Reported values only; a gap is never a failure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from etl.check.context import Context
from etl.check.messages import finding, places, show
from etl.check.readings import EMPTY, Total
from etl.form.rules_spec import RuleSpec
from etl.report import Finding, Number, Outcome, State

_STATE_WORDS = {
    State.ABSENT: ("缺项", "absent"),
    State.UNREAD: ("未能确认", "not read with certainty"),
    State.TEXT: ("填的是文字", "words"),
    State.BLANK: ("空白", "blank"),
    State.NOT_APPLICABLE: ("填“/”等", "marked not applicable"),
}


def sums(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """``equal`` and ``at_most``: one finding for each subject.

    Not applicable where every cell of the subject is empty; not assessable where a cell is a gap,
    or where one side is wholly empty beside a figure that is not 0.
    """
    if rule.table and rule.per != "report" and not ctx.readings.has_table(rule.table):
        yield ctx.no_table(rule, rule.table)
        return
    for subject, left_refs, right_refs in ctx.sides(rule):
        if rule.fallback_for and not ctx.unassessed(rule.fallback_for, subject):
            continue
        left, right = ctx.readings.total(left_refs), ctx.readings.total(right_refs)
        one = _compare(ctx, rule, subject, left, right)
        # A fallback that cannot judge either adds nothing to what the stricter rule said.
        if not rule.fallback_for or one.outcome in (Outcome.PASS, Outcome.FAIL):
            yield one


def _compare(ctx: Context, rule: RuleSpec, subject: str, left: Total, right: Total) -> Finding:
    cells = (*left.keys, *right.keys)
    # A side with a number is not empty: most are, and need no look at every state.
    if not cells or (left.empty and right.empty and ctx.readings.all_empty(cells)):
        return finding(rule, Outcome.NOT_APPLICABLE, subject=subject, cells=cells)
    gaps = (*left.gaps, *right.gaps)
    if gaps:
        return _gap(ctx, rule, subject, cells, gaps)
    lone = [t for t in (left, right) if t.empty and (len(t.refs) == 1 or left.value != right.value)]
    if lone:
        empty = tuple(key for total in lone for key in total.keys)
        return _gap(ctx, rule, subject, cells, empty)
    assert left.value is not None and right.value is not None
    assumed = left.assumed or right.assumed
    difference: Number = left.value - right.value
    holds = difference <= rule.tolerance and (
        rule.kind == "at_most" or -difference <= rule.tolerance
    )
    if holds:
        sign = "≤" if rule.kind == "at_most" else "＝"
        zh = f"相符：{show(left.value)}{sign}{show(right.value)}"
        sign = "<=" if rule.kind == "at_most" else "="
        en = f"Holds: {show(left.value)} {sign} {show(right.value)}."
        outcome = Outcome.PASS
    else:
        zh, en = _failure(ctx, rule, subject, left, right, _distance(difference))
        outcome = Outcome.FAIL
    if assumed:
        zh += ("" if zh.endswith("。") else "。") + "空格和“/”按0计。"
        en += " Blanks counted as 0."
    return finding(
        rule,
        outcome,
        subject=subject,
        zh=zh,
        en=en,
        left=left.value,
        right=right.value,
        cells=cells,
        assumed=assumed,
    )


def _distance(difference: Number) -> Number:
    return -difference if difference < 0 else difference


def _failure(
    ctx: Context, rule: RuleSpec, subject: str, left: Total, right: Total, difference: Number
) -> tuple[str, str]:
    words = ctx.words
    name_zh, name_en = words.subject(rule, subject)
    left_zh, left_en = words.side(rule, left, ctx.report, left=True)
    right_zh, right_en = words.side(rule, right, ctx.report, left=False)
    see_zh, see_en = places(ctx.report, left.keys, right.keys)
    unit = words.unit(left.keys[0])
    if rule.kind == "at_most":
        zh = f"{name_zh}：{left_zh}，多于{right_zh}，多出{show(difference)}{unit}{see_zh}。"
        en = f"{name_en}: {left_en} exceeds {right_en} by {show(difference)}{see_en}."
    else:
        zh = f"{name_zh}：{left_zh}，但{right_zh}，相差{show(difference)}{unit}{see_zh}。"
        en = f"{name_en}: {left_en}, but {right_en}; they differ by {show(difference)}{see_en}."
    return zh, en


def _gap(
    ctx: Context, rule: RuleSpec, subject: str, cells: tuple[str, ...], gaps: tuple[str, ...]
) -> Finding:
    words = ctx.words
    name_zh, name_en = words.subject(rule, subject)
    zh_state, en_state = _STATE_WORDS.get(ctx.report.state(gaps[0]), ("未读到", "not read"))
    zh_cell, en_cell = words.term(rule, gaps[0])
    more_zh = f"等{len(gaps)}格" if len(gaps) > 1 else ""
    more_en = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    return finding(
        rule,
        Outcome.NOT_ASSESSABLE,
        subject=subject,
        zh=f"{name_zh}无法核对：“{zh_cell}”{more_zh}{zh_state}。",
        en=f"{name_en} cannot be assessed: {en_cell}{more_en} {en_state}.",
        cells=cells,
    )


def share_at_most(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """``sum(left) <= limit x sum(right)``, judged only from ``floor`` upwards."""
    for subject, left_refs, right_refs in ctx.sides(rule):
        left, right = ctx.readings.total(left_refs), ctx.readings.total(right_refs)
        cells = (*left.keys, *right.keys)
        if left.value is None or right.value is None:
            yield finding(rule, Outcome.NOT_ASSESSABLE, subject=subject, cells=cells)
            continue
        assert rule.limit is not None and rule.floor is not None
        limit = Decimal(str(rule.limit)) * right.value
        if left.value < rule.floor or left.value <= limit:
            outcome, zh, en = Outcome.PASS, "", ""
        else:
            outcome = Outcome.FAIL
            see_zh, see_en = places(ctx.report, cells)
            left_zh, left_en = ctx.words.side(rule, left, ctx.report, left=True)
            right_zh, right_en = ctx.words.side(rule, right, ctx.report, left=False)
            zh = f"{left_zh}，超过{right_zh}的{rule.limit:.0%}{see_zh}。"
            en = f"{left_en} is over {rule.limit:.0%} of {right_en}{see_en}."
        yield finding(
            rule, outcome, subject=subject, zh=zh, en=en, left=left.value, right=right.value,
            cells=cells, assumed=left.assumed or right.assumed,
        )  # fmt: skip


def whole(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Counts are integers of at least 0, changes integers, amounts not negative."""
    assert rule.table is not None
    bad = judged = 0
    cells = ctx.report.cells
    for key in ctx.readings.cells(rule.table):
        cell = cells.get(key)
        if cell is None or (value := cell.value) is None:
            continue
        judged += 1
        if type(value) is int and value >= 0:  # right for every kind of cell, and nearly all are
            continue
        kind = ctx.rules.form.cells[key].value
        broken = kind != "amount" and value != int(value)
        if not broken and (kind == "change" or value >= 0):
            continue
        bad += 1
        zh, en = ctx.words.cell(key)
        see_zh, see_en = places(ctx.report, [key])
        yield finding(
            rule,
            Outcome.FAIL,
            subject=key,
            zh=f"{ctx.words.section(rule.table)}“{zh}”填的是{show(value)}{see_zh}。",
            en=f"Table {rule.table[1:]}, {en}: {show(value)}{see_en}.",
            left=value,
            cells=[key],
        )
    if not bad:
        outcome = Outcome.PASS if judged else Outcome.NOT_APPLICABLE
        yield finding(rule, outcome, subject=rule.table)


def zero_for(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Cells that must be 0 for offices of certain levels and kinds."""
    for subject, refs, _ in ctx.sides(rule):
        keys = tuple(ref.key for ref in refs)
        values = {key: ctx.report.value(key) for key in keys}
        above = {key: value for key, value in values.items() if value}
        office = ctx.office
        if (office and not office.matches(rule.offices)) or all(
            ctx.report.state(key) in EMPTY for key in keys
        ):
            outcome, zh, en = Outcome.NOT_APPLICABLE, "", ""
        elif above and office:
            outcome = Outcome.FAIL
            name_zh, name_en = ctx.words.subject(rule, subject)
            listed_zh = "、".join(
                f"{ctx.words.term(rule, k)[0]}{show(v)}{ctx.words.unit(k)}"
                for k, v in above.items()
            )
            listed_en = ", ".join(
                f"{ctx.words.term(rule, k)[1]} {show(v)}" for k, v in above.items()
            )
            see_zh, see_en = places(ctx.report, above)
            zh = f"{name_zh}：{listed_zh}{see_zh}，而本机关没有规章制定权。"
            en = f"{name_en}: {listed_en}{see_en}, though the office has no power to make rules."
        elif above:
            outcome = Outcome.NOT_ASSESSABLE
            zh, en = (
                "未确定填报机关的层级和类型，无法核对。",
                "Level and kind of the office are unknown.",
            )
        elif all(value is None for value in values.values()):
            outcome, zh, en = Outcome.NOT_ASSESSABLE, "", ""
        else:
            outcome, zh, en = Outcome.PASS, "", ""
        yield finding(
            rule, outcome, subject=subject, zh=zh, en=en, cells=keys,
            left=sum(above.values()) if above else (0 if outcome is Outcome.PASS else None),
            right=0 if outcome in (Outcome.PASS, Outcome.FAIL) else None,
        )  # fmt: skip


def round_numbers(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Not all figures above 9 are multiples of ten, once there are ``floor`` of them."""
    assert rule.table is not None and rule.floor is not None
    values = _single_values(ctx, rule.table)
    large = {key: value for key, value in values.items() if value >= 10}
    if len(large) < rule.floor:
        yield finding(rule, Outcome.NOT_APPLICABLE, subject=rule.table)
    elif any(value % 10 for value in values.values()):
        yield finding(rule, Outcome.PASS, subject=rule.table)
    else:
        zh, en = ctx.words.table(rule.table)
        yield finding(
            rule, Outcome.FAIL, subject=rule.table, cells=tuple(large), left=len(large),
            zh=f"{zh}的{len(large)}个非零数字全是10的倍数。",
            en=f"All {len(large)} non-zero figures of {en} are multiples of ten.",
        )  # fmt: skip


def _single_values(ctx: Context, table: str) -> dict[str, Number]:
    """Non-zero figures of a table, totals left out."""
    cells = ctx.report.cells
    return {
        key: cell.value
        for key in ctx.readings.layout(table).singles
        if (cell := cells.get(key)) and cell.value
    }


def sparse(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """More than ``floor`` non-zero figures beside the totals where over ``limit`` came in."""
    assert rule.table is not None and rule.floor is not None and rule.limit is not None
    for _, refs, _ in ctx.sides(rule):
        received = ctx.readings.total(refs)
        if received.value is None:
            yield finding(rule, Outcome.NOT_ASSESSABLE, subject=rule.table)
        elif received.value <= rule.limit:
            yield finding(rule, Outcome.NOT_APPLICABLE, subject=rule.table)
        else:
            filled = _single_values(ctx, rule.table)
            few = len(filled) <= rule.floor
            left_zh, left_en = ctx.words.side(rule, received, ctx.report, left=True)
            yield finding(
                rule,
                Outcome.FAIL if few else Outcome.PASS,
                subject=rule.table,
                left=received.value,
                right=len(filled),
                cells=(*received.keys, *filled),
                zh=f"{left_zh}，表中其余非零数字只有{len(filled)}个。" if few else "",
                en=f"{left_en}, but only {len(filled)} other non-zero figures." if few else "",
            )


_ORDINAL = re.compile(r"^[(（]?[一二三四五六七]*[)）]?[、.]?")


def _label(text: str) -> str:
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"(小计|合计|总计)$", "", _ORDINAL.sub("", folded))


def subtotal(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Sub-total rows an office printed beside the form's rows equal the sum of their leaves."""
    if not ctx.report.extra:
        yield finding(rule, Outcome.NOT_APPLICABLE, subject="t3")
        return
    groups = {
        _label(name): group
        for group in ctx.rules.form.tables.t3.groups
        if group.parent
        for name in (group.zh, *group.aliases)
    }
    columns = [column.key for column in ctx.rules.form.columns("t3")]
    met = False
    for extra in ctx.report.extra:
        group = groups.get(_label(extra.label))
        digits = [unicodedata.normalize("NFKC", v).strip() for v in extra.values]
        if group is None or len(digits) != len(columns):
            continue
        met = True
        for column, text in zip(columns, digits, strict=True):
            refs = ctx.rules.expand(
                [f"t3.{{{group.key}}}.{column}"], ctx.readings.variant("t3"), column
            )
            total = ctx.readings.total(refs)
            if not text.isdigit() or total.value is None:
                continue
            column_zh, column_en = ctx.words.column("t3", column)
            differs = int(text) != total.value
            yield finding(
                rule,
                Outcome.FAIL if differs else Outcome.PASS,
                subject=f"{group.key}.{column}",
                left=int(text),
                right=total.value,
                cells=total.keys,
                assumed=total.assumed,
                zh=f"“{extra.label}”小计行“{column_zh}”列为{text}件（见 {extra.at}），"
                f"所属各项之和为{show(total.value)}件。",
                en=f"Sub-total {group.en}, column {column_en}: {text} (see {extra.at}), "
                f"its rows add up to {show(total.value)}.",
            )
    if not met:
        yield finding(rule, Outcome.NOT_APPLICABLE, subject="t3")
