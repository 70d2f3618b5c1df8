"""Applies every rule that one report can answer, in the order of ``relations.yml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from etl.check import arithmetic, contradictions, tables, words
from etl.check.context import Context, words_of
from etl.check.messages import finding
from etl.check.office import OfficeFacts
from etl.check.readings import Readings
from etl.form import Form
from etl.form.rules import Rules, load_rules
from etl.form.rules_spec import Kind, RuleSpec
from etl.report import Finding, Outcome, ParsedReport

Evaluator = Callable[[Context, RuleSpec], Iterator[Finding]]

#: The closed set of evaluators. ``duplicate`` is told by the extractor (etl.check.duplicates);
#: ``identical`` and ``ratio_at_most`` need other reports and run over the warehouse.
EVALUATORS: dict[Kind, Evaluator] = {
    "equal": arithmetic.sums,
    "at_most": arithmetic.sums,
    "share_at_most": arithmetic.share_at_most,
    "whole": arithmetic.whole,
    "zero_for": arithmetic.zero_for,
    "round_numbers": arithmetic.round_numbers,
    "sparse": arithmetic.sparse,
    "subtotal": arithmetic.subtotal,
    "numeric": tables.numeric,
    "filled": tables.filled,
    "table_present": tables.table_present,
    "rows_present": tables.rows_present,
    "columns_present": tables.columns_present,
    "extra_rows": tables.extra_rows,
    "form_year": tables.form_year,
    "years_agree": tables.years_agree,
    "offices_agree": tables.offices_agree,
    "sections_present": words.sections_present,
    "topics": words.topics,
    "text_substance": words.text_substance,
    "fee_stated": words.fee_stated,
    "fee_step": words.fee_step,
    "fee_unpaid_stated": words.fee_unpaid_stated,
    "narrative_count": contradictions.narrative_count,
    "narrative_share": contradictions.narrative_count,
    "narrative_none": contradictions.narrative_none,
}


def check_report(
    report: ParsedReport,
    rules: Rules | None = None,
    form: Form | None = None,
    office: OfficeFacts | None = None,
) -> list[Finding]:
    """All findings of one report, every outcome included, in the order of the rules.

    Args:
        report: the parsed report; its ``narrative`` and ``sections`` must be filled in already. A
            rejected document yields nothing.
        rules: default the project's.
        form: accepted for symmetry; the rules carry the form they were validated against.
        office: level and kind where known; rules that depend on them are otherwise not assessable.

    The report is not changed, and values are taken as reported.
    """
    rules = rules or load_rules()
    if form is not None and form is not rules.form:
        raise ValueError("rules were validated against another form")
    if report.status != "report":
        return []
    context = Context(report, rules, Readings(report, rules), words_of(rules), office)
    found: list[Finding] = []
    for rule in rules.rules:
        evaluate = EVALUATORS.get(rule.kind)
        if rule.needs or evaluate is None:
            continue
        version = (
            context.readings.variant(rule.table).form if rule.table else context.form_version()
        )
        if version not in rule.forms:
            found.append(finding(rule, Outcome.NOT_APPLICABLE))
            continue
        for one in evaluate(context, rule):
            context.outcomes[one.rule, one.subject] = one.outcome
            found.append(one)
    return found
