"""What is worked out from the rules once per process: cells of a table, sums, subjects.

Keyed by the rules' identity and the variant printed, so that checking a report looks up and never
computes (measured: 5.7 ms a report without, benchmarks/bench_check.py measures it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from etl.form.rules import Rules, TermRef, Variant

Sides = tuple[str, tuple[TermRef, ...], tuple[TermRef, ...]]


@dataclass(frozen=True, slots=True)
class Layout:
    """One table as one variant of the form prints it.

    ``rows`` and ``columns`` map a line to its cells. ``sums`` maps a total to the sums it must
    equal, each a tuple of cells: worked out from the error-level rules ``equal`` whose right
    side is one cell (T3-SUM, T3-ROW, T4-SUM).
    """

    cells: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    columns: dict[str, tuple[str, ...]]
    sums: dict[str, tuple[tuple[str, ...], ...]]
    _parts: dict[str, tuple[str, ...]] = field(init=False)
    #: The cells that are no totals.
    singles: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every report asks for."""
        parts = {key: tuple(p for one in found for p in one) for key, found in self.sums.items()}
        object.__setattr__(self, "_parts", parts)
        singles = tuple(key for key in self.cells if not parts.get(key))
        object.__setattr__(self, "singles", singles)

    def parts(self, key: str) -> tuple[str, ...]:
        """All cells a total adds up, over all its sums; none for any other cell."""
        return self._parts.get(key, ())


@cache
def layout(rules: Rules, table: str, variant: Variant) -> Layout:
    """The table as the variant prints it."""
    cells = rules.cells(table, variant)
    rows: dict[str, list[str]] = {}
    columns: dict[str, list[str]] = {}
    for key in cells:
        _, row, column = key.split(".")
        rows.setdefault(row, []).append(key)
        columns.setdefault(column, []).append(key)
    # Lines the form has but the variant prints no cell of do not occur; order is the form's.
    sums: dict[str, list[tuple[str, ...]]] = {}
    for rule in rules.rules:
        if rule.kind != "equal" or rule.level != "error" or rule.needs or rule.table != table:
            continue
        for _, left, right in sides(rules, rule.id, variant):
            if len(right) == 1:
                sums.setdefault(right[0].key, []).append(tuple(ref.key for ref in left))
    return Layout(
        cells,
        {row: tuple(keys) for row, keys in rows.items()},
        {column: tuple(keys) for column, keys in columns.items()},
        {key: tuple(found) for key, found in sums.items()},
    )


@cache
def sides(rules: Rules, rule_id: str, variant: Variant) -> tuple[Sides, ...]:
    """A rule's subjects with the cells of its left and right side."""
    rule = rules.by_id[rule_id]
    return tuple(
        (s, rules.expand(rule.left, variant, s), rules.expand(rule.right, variant, s))
        for s in rules.subjects(rule, variant)
    )


@cache
def claim_sums(
    rules: Rules, what: str, variant: Variant
) -> tuple[tuple[tuple[TermRef, ...], ...], tuple[tuple[TermRef, ...], ...]]:
    """A claim's accepted sums and, for a share, denominators; those not printed are dropped."""
    claim = rules.claims[what]
    found = [
        tuple(refs for terms in lists if (refs := rules.expand(terms, variant, "")))
        for lists in (claim.compare, claim.base)
    ]
    return found[0], found[1]
