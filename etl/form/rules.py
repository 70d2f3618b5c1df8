"""The rules and narrative claims, loaded once, checked against the form.

``load_rules()`` reads ``relations.yml`` and ``claims.yml``, rejects unknown keys, resolves every
reference to a cell, row, column, group, section, claim or rule, compiles every pattern, and reports
all faults in one :class:`~etl.errors.DefinitionError`. Nothing is evaluated here: ``etl/check``
applies the rules, ``etl/extract`` finds the claims, the warehouse lists both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path

from etl.errors import DefinitionError
from etl.form import DATA, Form, load_form, read_spec
from etl.form.model import FormId
from etl.form.rules_spec import ClaimsFile, ClaimSpec, GroupSpec, RelationsFile, RuleSpec

__all__ = ["ClaimPatterns", "Rules", "TermRef", "Variant", "load_rules", "read_rules"]

SUBJECTS = ("column", "row", "block", "cell")
#: Key of the words before the first section heading.
PREFACE = "s0"
_WHEN = ("prev", "members", "median")
_PART = re.compile(r"<([a-z_]+)>")
#: Fields a kind cannot do without, and those whose kind compares two sums.
_NEEDED: dict[str, tuple[str, ...]] = {
    "equal": ("left", "right"),
    "at_most": ("left", "right"),
    "share_at_most": ("left", "right", "limit", "floor"),
    "whole": ("table",),
    "zero_for": ("left", "offices"),
    "filled": ("tables", "limit"),
    "numeric": ("tables",),
    "table_present": ("tables",),
    "rows_present": ("tables",),
    "columns_present": ("tables",),
    "form_year": ("tables",),
    "subtotal": ("table",),
    "round_numbers": ("table", "floor"),
    "sparse": ("table", "left", "limit", "floor"),
    "years_agree": ("words",),
    "sections_present": ("sections",),
    "topics": ("section", "sections", "topics"),
    "text_substance": ("section", "words", "floor"),
    "fee_stated": ("section", "words"),
    "fee_step": ("claims", "limit"),
    "fee_unpaid_stated": ("section", "left"),
    "narrative_count": ("claims",),
    "narrative_share": ("claims",),
    "narrative_none": ("claims",),
    "identical": ("needs", "table"),
    "copied": ("needs", "limit"),
    "change_between": ("needs", "left", "right", "limit", "floor"),
    "zero_after": ("needs", "left", "right", "floor"),
    "flat": ("needs", "left", "floor"),
    "on_time": ("needs",),
    "ratio_at_most": ("needs", "left", "right", "limit"),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """What a report prints: a form version, with （六）其他处理 as one row or in its parts."""

    form: FormId
    undivided: bool = False


@dataclass(frozen=True, slots=True)
class TermRef:
    """One cell of a sum. ``when`` is ``""`` (this report), ``prev``, ``members`` or ``median``."""

    key: str
    sign: int = 1
    when: str = ""


@dataclass(frozen=True, slots=True)
class ClaimPatterns:
    """A claim's wordings, compiled. ``stated`` have the figure in group ``n``; ``none`` say 0."""

    stated: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]
    skip: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    requires: re.Pattern[str] | None


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules and claims. ``rules`` are the frozen specs in the order of the file.

    Compared by identity, so that what is worked out from them can be cached.
    """

    form: Form
    groups: dict[str, GroupSpec]
    rules: tuple[RuleSpec, ...]
    claims_file: ClaimsFile
    patterns: dict[str, ClaimPatterns]

    @cached_property
    def by_id(self) -> dict[str, RuleSpec]:
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def claims(self) -> dict[str, ClaimSpec]:
        """The claims by ``what``, in order."""
        return {claim.what: claim for claim in self.claims_file.claims}

    def rows(self, table: str, variant: Variant) -> tuple[str, ...]:
        """Row keys of a table as the variant prints them, in order."""
        keys = [row.key for row in self.form.rows(table, variant.form)]
        if table != "t3" or not variant.undivided:
            return tuple(keys)
        undivided = self.form.tables.t3.undivided
        if undivided.row in keys:
            return tuple(keys)
        first = keys.index(undivided.parts[0])
        kept = [key for key in keys if key not in undivided.parts]
        return (*kept[:first], undivided.row, *kept[first:])

    def cells(self, table: str, variant: Variant) -> tuple[str, ...]:
        """Cell keys of a table as the variant prints them, row by row."""
        columns = [column.key for column in self.form.columns(table)]
        keys = (f"{table}.{r}.{c}" for r in self.rows(table, variant) for c in columns)
        return tuple(key for key in keys if self.has(key, variant))

    def has(self, key: str, variant: Variant) -> bool:
        """Whether the variant prints a cell."""
        cell = self.form.cells.get(key)
        if cell is None:
            return False
        undivided = self.form.tables.t3.undivided
        if cell.table == "t3" and variant.undivided:
            if cell.row == undivided.row:
                return True
            if cell.row in undivided.parts:
                return False
        return variant.form in cell.forms

    def subjects(self, rule: RuleSpec, variant: Variant) -> tuple[str, ...]:
        """What a rule is applied to, one finding each: column, row or block keys, else tables."""
        table = rule.table or ""
        if rule.per == "column":
            return tuple(column.key for column in self.form.columns(table))
        if rule.per in ("row", "block"):
            wanted = set(rule.rows)
            return tuple(r for r in self.rows(table, variant) if not wanted or r in wanted)
        if rule.per == "table":
            return tuple(rule.tables) or ((table,) if table else ())
        return ("",)

    def expand(self, terms: Iterable[str], variant: Variant, subject: str) -> tuple[TermRef, ...]:
        """The cells of a sum for one subject, those the variant does not print left out."""
        return tuple(
            ref
            for term in terms
            for ref in self._expand_term(term, variant, subject)
            if self.has(ref.key, variant)
        )

    def _expand_term(self, term: str, variant: Variant, subject: str) -> Iterator[TermRef]:
        sign = -1 if term.startswith("-") else 1
        body, _, when = term.lstrip("-").partition("@")
        parts = body.split(".")
        choices = [self._choices(part, parts, variant, subject) for part in parts]
        for combination in product(*choices):
            yield TermRef(".".join(combination), sign, when)

    def _choices(
        self, part: str, parts: list[str], variant: Variant, subject: str
    ) -> tuple[str, ...]:
        if part == "*":
            columns = (column.key for column in self.form.columns(parts[0]))
            return tuple(c for c in columns if f"{parts[0]}.{parts[1]}.{c}" in self.form.cells)
        if not part.startswith("{"):
            return (part,)
        name = part.strip("{}")
        if name in SUBJECTS:
            return (subject,)
        return self.members(name, variant)

    def members(self, group: str, variant: Variant) -> tuple[str, ...]:
        """The row or column keys of a group, as the variant prints them."""
        spec = self.groups[group]
        if spec.rows_of is None:
            return tuple(spec.columns or spec.rows)
        below = set(self.form.group_rows(spec.rows_of))
        undivided = self.form.tables.t3.undivided
        if spec.rows_of == undivided.group:
            below.add(undivided.row)
        return tuple(row for row in self.rows("t3", variant) if row in below)

    def variants(self) -> Iterator[Variant]:
        """Every way a report may print the form."""
        undivided = self.form.tables.t3.undivided
        for form in self.form.versions:
            yield Variant(form)
            if any(row.key in undivided.parts for row in self.form.rows("t3", form)):
                yield Variant(form, undivided=True)


@cache
def load_rules() -> Rules:
    """The project's rules, loaded once per process."""
    return read_rules(DATA, load_form())


def read_rules(folder: Path, form: Form) -> Rules:
    """Load and validate ``relations.yml`` and ``claims.yml`` of a folder.

    Raises:
        DefinitionError: with every fault of both files, one per line.
    """
    faults: list[str] = []
    relations = read_spec(folder / "relations.yml", RelationsFile, faults)
    claims = read_spec(folder / "claims.yml", ClaimsFile, faults)
    if relations is None or claims is None:
        raise DefinitionError("\n".join(faults))
    patterns = {c.what: _compile(c, claims.parts, faults) for c in claims.claims}
    groups = {group.key: group for group in relations.groups}
    rules = Rules(form, groups, tuple(relations.rules), claims, patterns)
    faults += [*_group_faults(rules), *_rule_faults(rules), *_claim_faults(rules)]
    if faults:
        raise DefinitionError("\n".join(faults))
    return rules


def _compile(claim: ClaimSpec, parts: dict[str, str], faults: list[str]) -> ClaimPatterns:
    def one(pattern: str) -> re.Pattern[str] | None:
        try:
            return re.compile(_compose(pattern, parts))
        except (re.error, KeyError, RecursionError) as error:
            faults.append(f"claims.yml: {claim.what}: pattern {pattern!r}: {error}")
            return None

    stated = tuple(p for p in map(one, claim.patterns) if p)
    for pattern in stated:
        if "n" not in pattern.groupindex:
            faults.append(f"claims.yml: {claim.what}: a pattern has no group n: {pattern.pattern}")
    return ClaimPatterns(
        stated=stated,
        none=tuple(p for p in map(one, claim.none) if p),
        skip=one("|".join(claim.skip)) if claim.skip else None,
        requires=one(claim.requires) if claim.requires else None,
        unless=one(claim.unless) if claim.unless else None,
    )


def _compose(pattern: str, parts: dict[str, str]) -> str:
    """Replace ``<name>`` by its part, recursively; group names of ``(?P<n>…)`` are left alone."""

    def replace(match: re.Match[str]) -> str:
        if match.string[: match.start()].endswith("(?P"):
            return match[0]
        return _compose(parts[match[1]], parts)

    return _PART.sub(replace, pattern)


def _group_faults(rules: Rules) -> Iterator[str]:
    form = rules.form
    for group in rules.groups.values():
        place = f"relations.yml: group {group.key}"
        if sum(map(bool, (group.rows_of, group.rows, group.columns))) != 1:
            yield f"{place}: needs exactly one of rows_of, rows, columns"
        if group.rows_of and not form.group_rows(group.rows_of):
            yield f"{place}: {group.rows_of!r} is no group of table 3"
        known_rows = {row.key for row in form.rows(group.table)}
        known_columns = {column.key for column in form.columns(group.table)}
        for key in (*(set(group.rows) - known_rows), *(set(group.columns) - known_columns)):
            yield f"{place}: {key!r} is not declared in {group.table}"


def _rule_faults(rules: Rules) -> Iterator[str]:
    ids = [rule.id for rule in rules.rules]
    sections = {section.key for section in rules.form.tables.sections}
    for rule in rules.rules:
        place = f"relations.yml: {rule.id}"
        if ids.count(rule.id) > 1:
            yield f"{place}: stands twice"
        for field in _NEEDED.get(rule.kind, ()):
            if getattr(rule, field) in (None, [], (), {}, ""):
                yield f"{place}: kind {rule.kind} needs {field!r}"
        yield from _unknown(place, rule.forms, rules.form.versions)
        yield from _unknown(place, [*rule.sections, *filter(None, [rule.section])], sections)
        yield from _unknown(place, rule.claims, rules.claims)
        yield from _unknown(place, filter(None, [rule.fallback_for]), ids)
        if rule.table:
            yield from _unknown(place, rule.rows, (r.key for r in rules.form.rows(rule.table)))
        if rule.per in ("column", "row", "block") and not rule.table:
            yield f"{place}: per {rule.per} needs a table"
            continue
        for words in rule.words.values():
            for word in words:
                yield from _regex_faults(place, word)
        for side in (rule.left, rule.right):
            yield from _term_faults(rules, place, side, rule)


def _regex_faults(place: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{place}: {pattern!r}: {error}"


def _term_faults(
    rules: Rules, place: str, terms: Iterable[str], rule: RuleSpec | None = None
) -> Iterator[str]:
    """Every part of every term must be declared, and must name a cell in some variant."""
    for term in terms:
        body, _, when = term.lstrip("-").partition("@")
        if when and when not in _WHEN:
            yield f"{place}: {term!r}: {when!r} is none of {', '.join(_WHEN)}"
        if body == "{cell}":
            continue
        names = [part.strip("{}") for part in body.split(".") if part.startswith("{")]
        unknown = [n for n in names if n not in SUBJECTS and n not in rules.groups]
        if unknown:
            yield f"{place}: {term!r}: {unknown[0]!r} is no group"
            continue
        forms = rule.forms if rule else rules.form.versions
        for variant in (v for v in rules.variants() if v.form in forms):
            subjects = rules.subjects(rule, variant) if rule else ("",)
            for subject in subjects:
                for ref in rules._expand_term(term, variant, subject):
                    if ref.key not in rules.form.cells:
                        yield f"{place}: {term!r}: {ref.key!r} is no cell of the form"
        if rule and not any(
            rules.expand([term], v, s)
            for v in rules.variants()
            if v.form in rule.forms
            for s in rules.subjects(rule, v)
        ):
            yield f"{place}: {term!r}: no form of the rule prints it"


def _claim_faults(rules: Rules) -> Iterator[str]:
    whats = [claim.what for claim in rules.claims_file.claims]
    sections = {PREFACE, *(section.key for section in rules.form.tables.sections)}
    used = {what for rule in rules.rules for what in rule.claims}
    for claim in rules.claims_file.claims:
        place = f"claims.yml: {claim.what}"
        if whats.count(claim.what) > 1:
            yield f"{place}: stands twice"
        yield from _unknown(place, claim.sections, sections)
        for terms in (*claim.compare, *claim.base):
            yield from _term_faults(rules, place, terms)
        if bool(claim.compare) and claim.what not in used:
            yield f"{place}: is compared with cells but no rule names it"
        if not claim.patterns and not claim.none:
            yield f"{place}: has no pattern"
    guard = rules.claims_file.guard
    for pattern in (*guard.before, guard.cumulative, guard.this_year, guard.region_wide):
        yield from _regex_faults("claims.yml: guard", pattern)


def _unknown(place: str, keys: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    return (f"{place}: {key!r} is not declared" for key in keys if key not in known)
