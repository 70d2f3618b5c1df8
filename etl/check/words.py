"""Evaluators of the narrative sections: present, on topic, with substance, fee stated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from etl.check.context import Context
from etl.check.messages import finding, places, show
from etl.form.rules import PREFACE
from etl.form.rules_spec import RuleSpec
from etl.report import Finding, Outcome

#: What is left of a section that says nothing.
_NOTHING = re.compile(r"^(?:暂?无|没有|无其他.{0,12}|暂?无其他.{0,12})?$")
_NOISE = re.compile(r"[\s。.,，、;；:：]+")


def _bare(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))


def _title(ctx: Context, key: str) -> tuple[str, str]:
    section = next(s for s in ctx.rules.form.tables.sections if s.key == key)
    return f"“{section.zh}”", f"Section {section.number}"


def sections_present(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """The named sections were met; nothing can be said of a document without any section.

    A section whose tell-tale words stand elsewhere may be there under a heading of its own, so its
    absence is not asserted (the preface, which lists all sections, is not searched).
    """
    body = [section for section in ctx.report.sections if section.key != PREFACE]
    met = {section.key for section in body}
    missing = [key for key in rule.sections if key not in met]
    if not met:
        yield finding(
            rule, Outcome.NOT_ASSESSABLE, zh="文件中没有读到各部分标题。", en="No headings met."
        )
        return
    if not missing:
        yield finding(rule, Outcome.PASS)
        return
    text = "\n".join(section.text for section in body)
    hidden = [key for key in missing if any(w in text for w in rule.words.get(key, ()))]
    sure = [key for key in missing if key not in hidden]
    zh, en = "", ""
    for keys, say_zh, say_en in (
        (sure, "没有读到{}。", "Not found: {}."),
        (hidden, "{}没有单独的标题，内容可能在其他部分。", "{}: no heading of its own was met."),
    ):
        if keys:
            names = [_title(ctx, key) for key in keys]
            zh += say_zh.format("、".join(name for name, _ in names))
            en += say_en.format(", ".join(name for _, name in names))
    outcome = Outcome.FAIL if sure else Outcome.NOT_ASSESSABLE
    yield finding(rule, outcome, left=len(sure), zh=zh, en=en)


def topics(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """A section treats its prescribed topics; some bind only some kinds of office or some years.

    Where ``sections`` hold fewer than ``floor`` characters in all, the text was cut or not read:
    nothing is asserted.
    """
    assert rule.section is not None
    text = ctx.section(rule.section)
    searched = "\n".join(filter(None, map(ctx.section, rule.sections)))
    if not text or not _bare(text):
        yield finding(rule, Outcome.NOT_ASSESSABLE)
        return
    kind = ctx.office.kind if ctx.office else None
    form = ctx.due_form()
    due = [
        topic
        for topic in rule.topics
        if (not topic.kinds or kind in topic.kinds) and (not topic.forms or form in topic.forms)
    ]
    if not due:
        yield finding(rule, Outcome.NOT_APPLICABLE)
        return
    missing = [t for t in due if not any(word in searched for word in t.words)]
    if not missing:
        yield finding(rule, Outcome.PASS, left=len(due), right=len(due))
        return
    zh, en = _title(ctx, rule.section)
    length = len(_bare(searched))
    if length < (rule.floor or 0):
        yield finding(
            rule, Outcome.NOT_ASSESSABLE, left=len(due) - len(missing), right=len(due),
            zh=f"{zh}只读到{length}个字，可能不全，未核对应写的内容。",
            en=f"Only {length} characters of {en} were read, perhaps not all; not assessed.",
        )  # fmt: skip
        return
    yield finding(
        rule, Outcome.FAIL, left=len(due) - len(missing), right=len(due),
        zh=f"{zh}没有写到{'、'.join(t.zh for t in missing)}。",
        en=f"{en} does not treat {', '.join(t.en for t in missing)}.",
    )  # fmt: skip


def text_substance(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """A section is longer than a few characters and has a word of every wanted kind."""
    assert rule.section is not None and rule.floor is not None
    text = ctx.section(rule.section)
    if text is None:
        yield finding(rule, Outcome.NOT_ASSESSABLE)
        return
    bare = _bare(text)
    zh, en = _title(ctx, rule.section)
    if len(bare) < rule.floor or _NOTHING.match(bare):
        yield finding(
            rule, Outcome.FAIL, left=len(bare), right=rule.floor,
            zh=f"{zh}只有{len(bare)}个字。", en=f"{en} has {len(bare)} characters.",
        )  # fmt: skip
        return
    names = {"problem": ("存在的问题", "problems"), "remedy": ("改进情况", "remedies")}
    missing = [k for k, words in rule.words.items() if not any(w in bare for w in words)]
    if missing:
        yield finding(
            rule, Outcome.FAIL, left=len(bare),
            zh=f"{zh}没有写明{'和'.join(names[k][0] for k in missing)}。",
            en=f"{en} names no {' and no '.join(names[k][1] for k in missing)}.",
        )  # fmt: skip
    else:
        yield finding(rule, Outcome.PASS, left=len(bare), right=rule.floor)


def fee_stated(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Section 6 says something of the information-processing fee."""
    assert rule.section is not None
    text = ctx.section(rule.section)
    if text is None:
        yield finding(rule, Outcome.NOT_ASSESSABLE)
    elif any(word in _bare(text) for words in rule.words.values() for word in words):
        yield finding(rule, Outcome.PASS)
    else:
        zh, en = _title(ctx, rule.section)
        yield finding(
            rule, Outcome.FAIL, zh=f"{zh}没有写信息处理费情况。", en=f"{en} does not state the fee."
        )


def fee_step(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """A stated fee is a multiple of the tariff's smallest step (``limit``, in yuan)."""
    stated = [c for c in ctx.report.narrative if c.what in rule.claims and not c.approximate]
    if not stated:
        yield finding(rule, Outcome.NOT_APPLICABLE)
    step = int(rule.limit or 1)
    for claim in stated:
        rest, amount = Decimal(claim.value) % step, show(claim.value)
        spec = ctx.rules.claims[claim.what]
        yield finding(
            rule, Outcome.FAIL if rest else Outcome.PASS, subject=claim.what, left=claim.value,
            zh=f"正文（{claim.at}）写{spec.zh}{amount}{spec.unit}，不是{step}{spec.unit}的整数倍："
            f"“{claim.text}”。" if rest else "",
            en=f"The text ({claim.at}) states a fee of {amount} yuan, no multiple of {step}."
            if rest else "",
        )  # fmt: skip


def fee_unpaid_stated(ctx: Context, rule: RuleSpec) -> Iterator[Finding]:
    """Applications dropped for an unpaid fee are explained where fees are reported."""
    assert rule.section is not None
    for subject, refs, _ in ctx.sides(rule):
        total = ctx.readings.total(refs)
        text = ctx.section(rule.section)
        if not refs:
            yield finding(rule, Outcome.NOT_APPLICABLE, subject=subject)
        elif total.value is None or (total.value and text is None):
            yield finding(rule, Outcome.NOT_ASSESSABLE, subject=subject, cells=total.keys)
        elif not total.value or "费" in (text or ""):
            yield finding(
                rule, Outcome.PASS, subject=subject, left=total.value, cells=total.keys,
                assumed=total.assumed,
            )  # fmt: skip
        else:
            left_zh, left_en = ctx.words.side(rule, total, ctx.report, left=True)
            see_zh, see_en = places(ctx.report, total.keys)
            zh, en = _title(ctx, rule.section)
            yield finding(
                rule, Outcome.FAIL, subject=subject, left=total.value, cells=total.keys,
                zh=f"{left_zh}{see_zh}，而{zh}没有提到费用。",
                en=f"{left_en}{see_en}, but {en} does not mention a fee.",
            )  # fmt: skip
