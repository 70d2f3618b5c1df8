"""What evaluators share: the report's readings, the form's words, outcomes met so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from etl.check.layout import Sides, sides
from etl.check.messages import Words, finding
from etl.check.office import OfficeFacts
from etl.check.readings import Readings
from etl.form.rules import Rules
from etl.form.rules_spec import RuleSpec
from etl.report import Finding, Outcome, ParsedReport


@dataclass
class Context:
    """One report under check. ``outcomes`` grows while the rules are applied, in their order."""

    report: ParsedReport
    rules: Rules
    readings: Readings
    words: Words
    office: OfficeFacts | None
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)

    def sides(self, rule: RuleSpec) -> tuple[Sides, ...]:
        """Subject, left and right cells of a rule, in the variant the table was printed in."""
        variant = self.readings.variant(rule.table or "t3")
        return sides(self.rules, rule.id, variant)

    def unassessed(self, rule_id: str, subject: str) -> bool:
        """Whether another rule could not judge the same subject."""
        return self.outcomes.get((rule_id, subject)) is Outcome.NOT_ASSESSABLE

    def form_version(self) -> str:
        """The form version of the report as a whole: that of table 3."""
        return self.readings.variant("t3").form

    def due_form(self) -> str:
        """The form in force for the report year, whichever the office used."""
        due = self.rules.form.form_for_year(self.report.year) if self.report.year else None
        return due or self.form_version()

    def no_table(self, rule: RuleSpec, table: str) -> Finding:
        """The whole table is absent: one finding instead of one for each line."""
        zh, en = self.words.table(table)
        return finding(
            rule,
            Outcome.NOT_ASSESSABLE,
            zh=f"文件中没有读到{zh}，无法核对。",
            en=f"No {en} was found in the document.",
        )

    def section(self, key: str) -> str | None:
        """The words of a section, ``None`` if the document has no such section."""
        texts = [s.text for s in self.report.sections if s.key == key]
        return "\n".join(texts) if texts else None


@cache
def words_of(rules: Rules) -> Words:
    """The words of the rules' form, shared by all reports."""
    return Words(rules.form)
