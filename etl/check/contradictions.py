"""Evaluators that hold the narrative's figures against the tables.

A wrong contradiction is as bad as a missed one. Where the words give several figures, speak of a
wider area than the report, or a cell that might agree was not read, nothing is asserted. A row
total left blank is derived from the applicants' columns and the finding marked as assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

from etl.check.context import Context
from etl.check.layout import claim_sums
from etl.check.messages import finding, places, show
from etl.check.readings import Total
from etl.form.rules import Rules
from etl.form.rules_spec import ClaimSpec, RuleSpec
from etl.report import Claim, Finding, Number, Outcome

_TEXT_SHOWN = 120


@dataclass(frozen=True, slots=True)
class _Accepted:
    """One accepted reading: the sum and, for a share, what it is divided by."""

    count: Total
    base: Total | None = None

    @property
    def known(self) -> bool:
        return self.count.value is not None and (self.base is None or self.base.value is not None)

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.count.keys, *(self.base.keys if self.base else ()))

    @property
    def loose(self) -> bool:
        totals = [self.count, *([self.base] if self.base else [])]
        return any(t.assumed or t.derived for t in totals)

    @property
    def share(self) -> Fraction | None:
        assert self.base is not None and self.count.value is not None
        base = self.base.value
        return Fraction(self.count.value) * 100 / Fraction(base) if base else None

    def agrees(self, value: Number) -> bool:
        if not self.known:
            return False
        if self.base is None:
            return value == self.count.value
        if self.share is None:
            return value == 0 == self.count.value
        return value in _printed(self.share, value)


def _printed(share: Fraction, like: Number) -> set[Decimal]:
    """A share at the printed number of decimals, rounded and cut off (both are met in practice)."""
    places_ = -int(Decimal(like).as_tuple().exponent) if isinstance(like, Decimal) else 0
    step = Decimal(1).scaleb(-places_)
    # 40 digits hold any quotient of two counts far beyond the decimals reports print.
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return {exact.quantize(step, rounding) for rounding in (ROUND_HALF_UP, ROUND_DOWN)}


def narrative_count(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Counts and shares in the words against the table; wordings of "none" go to NARR-NONE."""
    elsewhere = _none_claims(ctx.rules)
    yield from _judge(ctx, rule, lambda c: c.value != 0 or c.what not in elsewhere)


def narrative_none(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Where the words say that none was received, the table has 0."""
    yield from _judge(ctx, rule, lambda c: c.value == 0)


@cache
def _none_claims(rules: Rules) -> frozenset[str]:
    return frozenset(w for r in rules.rules if r.kind == "narrative_none" for w in r.claims)


def _judge(ctx: Context, rule: RuleSpec, wanted: Callable[[Claim], bool]) -> Iterator[Finding]:
    met = False
    for what in rule.claims:
        stated = [c for c in ctx.report.narrative if c.what == what and wanted(c)]
        if stated:
            met = True
            yield _one(ctx, rule, ctx.rules.claims[what], stated)
    if not met:
        yield finding(rule, Outcome.NOT_APPLICABLE)


def _accepted(ctx: Context, claim: ClaimSpec) -> list[_Accepted]:
    """The claim's accepted readings; its terms are all of one table."""
    table = claim.compare[0][0].partition(".")[0]
    counts, bases = claim_sums(ctx.rules, claim.what, ctx.readings.variant(table))
    if not bases:
        return [_Accepted(ctx.readings.total(refs, derive=True)) for refs in counts]
    totals = [ctx.readings.total(refs, derive=True) for refs in bases]
    return [_Accepted(ctx.readings.total(r, derive=True), base) for r in counts for base in totals]


def _one(ctx: Context, rule: RuleSpec, spec: ClaimSpec, stated: list[Claim]) -> Finding:
    exact = [claim for claim in stated if not claim.approximate]
    accepted = _accepted(ctx, spec)
    first = (exact or stated)[0]
    if not accepted or not exact:
        return finding(rule, Outcome.NOT_APPLICABLE, subject=spec.what, left=first.value)
    for claim in exact:
        for reading in accepted:
            if reading.agrees(claim.value):
                return _pass(ctx, rule, spec, claim, reading)
    reason = _doubt(ctx, exact, accepted)
    if reason:
        return finding(
            rule, Outcome.NOT_ASSESSABLE, subject=spec.what, left=first.value,
            zh=f"正文（{first.at}）称“{spec.zh}”为{show(first.value)}{spec.unit}，{reason[0]}。",
            en=f"The text ({first.at}) says “{spec.en}” {show(first.value)}; {reason[1]}.",
            cells=accepted[0].keys,
        )  # fmt: skip
    return _fail(ctx, rule, spec, first, accepted)


def _pass(
    ctx: Context, rule: RuleSpec, spec: ClaimSpec, claim: Claim, reading: _Accepted
) -> Finding:
    names_zh, names_en = _names(ctx, reading.count)
    return finding(
        rule,
        Outcome.PASS,
        subject=spec.what,
        left=claim.value,
        right=reading.count.value if reading.base is None else _rounded(reading),
        cells=reading.keys,
        assumed=reading.loose,
        zh=f"正文的“{spec.zh}”{show(claim.value)}{spec.unit}与表中{names_zh}相符。",
        en=f"The text's {spec.en} {show(claim.value)} agrees with {names_en}.",
    )


def _doubt(ctx: Context, exact: list[Claim], accepted: list[_Accepted]) -> tuple[str, str] | None:
    """Why a mismatch may not be held against the office."""
    if not all(reading.known for reading in accepted):
        return "表中相应的格缺项或未能确认，无法核对", "a cell that might agree was not read"
    if len({claim.value for claim in exact}) > 1:
        values = "、".join(show(v) for v in dict.fromkeys(c.value for c in exact))
        return (
            f"正文另有不同的数（{values}），口径不明",
            f"the text gives several figures ({values})",
        )
    wide = re.compile(ctx.rules.claims_file.guard.region_wide)
    if ctx.report.scope != "region" and wide.search(exact[0].text):
        return "所在句子说的可能是更大范围，未作核对", "the sentence may speak of a wider area"
    return None


def _fail(
    ctx: Context, rule: RuleSpec, spec: ClaimSpec, claim: Claim, accepted: list[_Accepted]
) -> Finding:
    reading = accepted[0]
    names_zh, names_en = _names(ctx, reading.count)
    see_zh, see_en = places(ctx.report, _printed_cells(ctx, reading))
    count = show(reading.count.value)
    derived_zh = "（表中总计空白，按各类申请人相加得出）" if reading.count.derived else ""
    derived_en = " (derived from the applicants' columns, the total is blank)" if derived_zh else ""
    right: Number | None = reading.count.value
    if reading.base is None:
        table_zh, table_en = f"{names_zh}为{count}件", f"{names_en} is {count}"
        others = [r for r in accepted[1:] if r.count.value != reading.count.value]
        table_zh += "".join(f"，{_names(ctx, r.count)[0]}为{show(r.count.value)}件" for r in others)
        table_en += "".join(f", {_names(ctx, r.count)[1]} is {show(r.count.value)}" for r in others)
    else:
        right = _rounded(reading)
        base = show(reading.base.value)
        table_zh = f"{names_zh}{count}件÷{_names(ctx, reading.base)[0]}{base}件＝{show(right)}%"
        table_en = f"{names_en} {count} / {base} = {show(right)}%"
    hint_zh, hint_en = _hint(ctx, claim, reading)
    said = claim.text if len(claim.text) <= _TEXT_SHOWN else claim.text[:_TEXT_SHOWN] + "……"
    return finding(
        rule,
        Outcome.FAIL,
        subject=spec.what,
        left=claim.value,
        right=right,
        cells=reading.keys,
        assumed=reading.loose,
        zh=f"正文（{claim.at}）称“{spec.zh}”为{show(claim.value)}{spec.unit}，而表中{table_zh}"
        f"{derived_zh}{see_zh}。{hint_zh}原句：“{said}”",
        en=f"The text ({claim.at}) says “{spec.en}” {show(claim.value)}, but in the table "
        f"{table_en}{derived_en}{see_en}.{hint_en}",
    )


def _printed_cells(ctx: Context, reading: _Accepted) -> list[str]:
    """Where the figures stand: a blank total is replaced by the parts it was derived from."""
    found: list[str] = []
    for key in reading.keys:
        keys = (key,) if ctx.report.value(key) is not None else ctx.readings.parts_of(key)
        row = key.rpartition(".")[0] + "."
        found += [k for k in keys if k.startswith(row) and ctx.report.value(k)]
    return found or [key for key in reading.keys if key in ctx.report.cells]


def _rounded(reading: _Accepted) -> Decimal | None:
    share = reading.share
    return max(_printed(share, Decimal("0.01"))) if share is not None else None


def _names(ctx: Context, total: Total) -> tuple[str, str]:
    """The cells of a sum in words; a whole group by its label."""
    rows = list(dict.fromkeys(key.rsplit(".", 1)[0] for key in total.keys))
    if len(total.keys) > 2:
        whole = _group_name(ctx, rows)
        if whole and len(rows) == len(total.keys):
            return whole
        columns = list(dict.fromkeys(key.rsplit(".", 1)[1] for key in total.keys))
        if len(columns) > 1 and len(rows) * len(columns) == len(total.keys):
            return _block_name(ctx, rows, columns)
    names = [ctx.words.cell(key) for key in total.keys]
    return "＋".join(zh for zh, _ in names), " + ".join(en for _, en in names)


def _group_name(ctx: Context, rows: list[str]) -> tuple[str, str] | None:
    table = rows[0].partition(".")[0]
    variant = ctx.readings.variant(table)
    for group in ctx.rules.groups.values():
        if group.rows_of and group.table == table:
            members = ctx.rules.members(group.key, variant)
            if [f"{table}.{row}" for row in members] == rows:
                return group.zh, group.en
    return None


def _block_name(ctx: Context, rows: list[str], columns: list[str]) -> tuple[str, str]:
    table = rows[0].partition(".")[0]
    row_names = [ctx.words.row(table, row.partition(".")[2]) for row in rows]
    column_names = [ctx.words.column(table, column) for column in columns]
    zh = f"{'、'.join(z for z, _ in row_names)}（{'＋'.join(z for z, _ in column_names)}）"
    return zh, f"{', '.join(e for _, e in row_names)} ({' + '.join(e for _, e in column_names)})"


def _hint(ctx: Context, claim: Claim, reading: _Accepted) -> tuple[str, str]:
    """A row or cell of the sum that equals the stated figure: perhaps only it was counted."""
    if reading.base is not None or not claim.value or len(reading.count.refs) < 2:
        return "", ""
    for ref in reading.count.refs:
        if ctx.readings.total([ref], derive=True).value == claim.value:
            zh, en = ctx.words.cell(ref.key)
            return f"正文的数与其中“{zh}”相同，可能只计了这一项。", f" It equals {en} alone."
        for part in ctx.readings.parts_of(ref.key):
            if ctx.report.value(part) == claim.value:
                zh, en = ctx.words.cell(part)
                return f"正文的数与其中“{zh}”相同，可能只计了这一格。", f" It equals {en} alone."
    return "", ""
