"""Rules that one report cannot answer: against last year's report, and against a region's members.

Which rules, over which cells, stands in ``relations.yml`` (``needs: years`` or ``region``); here
they become queries over the core. Only current reports are compared, on reported values: a missing
value makes a rule not assessable, a missing report leaves it out. Last year's report is the same
office's, or that of the one office it was renamed from (:class:`etl.offices.Lineage`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from etl.errors import DefinitionError
from etl.form.rules import Rules, TermRef, Variant, load_rules
from etl.form.rules_spec import RuleSpec
from etl.offices import Lineage
from etl.warehouse import cross_series, cross_text, cross_words
from etl.warehouse.currency import SCOPE
from etl.warehouse.database import Old, text
from etl.warehouse.schema import quoted

_VALUE: Final = "DECIMAL(38,6)"
#: Level of an office → the column of its place that its region's members share.
_REGION_COLUMN: Final = {"省": "province", "市": "city", "县": "county"}
#: Vertical bodies are not expected in a region's sum (form.md section 10).
_NOT_MEMBER: Final = "垂直机构"
#: Missing members named in a finding; the rest are counted.
_NAMED: Final = 5
_PLAUSIBLE: Final = ("change_between", "zero_after")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One subject of one rule: the cells of both sides."""

    subject: str
    left: tuple[TermRef, ...]
    right: tuple[TermRef, ...]

    def keys(self, when: str) -> list[str]:
        """Cells of this report (``""``), of last year's (``prev``), ``members`` or ``median``."""
        return [ref.key for ref in (*self.left, *self.right) if ref.when == when]


def evaluate(
    con: duckdb.DuckDBPyConnection,
    rules: Rules | None = None,
    *,
    worded: Old | None = None,
    in_place: bool = False,
) -> None:
    """Fill ``finding`` (origin ``cross``) and ``cross_outcome`` of the build under way.

    ``worded``, ``in_place``: see :func:`~etl.warehouse.cross_words.write_findings`.
    """
    rules = rules or load_rules()
    con.execute("""
        CREATE TEMP TABLE cross_eval (
            report_id VARCHAR, other_id VARCHAR, rule VARCHAR, subject VARCHAR,
            l DECIMAL(38,6), r DECIMAL(38,6), outcome VARCHAR, n_members BIGINT, detail VARCHAR)
    """)
    con.execute(f"""
        CREATE TEMP TABLE cur AS
        SELECT d.report_id, d.office_id, d.year, {SCOPE} AS scope, d.form_t2, d.form_t3, d.form_t4,
               o.level, o.kind, o.province, o.city, o.county
        FROM draft d JOIN verdict v USING (report_id) LEFT JOIN office o USING (office_id)
        WHERE v.reason IS NULL""")
    _pairs(con)
    _members(con, rules)
    con.execute(cross_text.prepare())
    wanted = [rule for rule in rules.rules if rule.needs]
    by_id = {rule.id: rule for rule in wanted}
    for rule in wanted:
        for statement in statements(rules, rule):
            con.execute(statement)
    levels = ", ".join(f"({text(rule.id)}, {text(rule.level)})" for rule in wanted)
    con.execute(f"""
        CREATE TEMP TABLE cross_outcome AS
        SELECT e.report_id, e.rule, x.level, e.outcome, count(*)::INTEGER AS n
        FROM cross_eval e JOIN (VALUES {levels or "('', '')"}) x(rule, level) USING (rule)
        GROUP BY ALL""")
    cross_words.write_findings(con, rules, by_id, worded=worded, in_place=in_place)


def statements(rules: Rules, rule: RuleSpec) -> Iterator[str]:
    """The queries of one rule.

    Raises:
        DefinitionError: a rule with ``needs`` of a kind that is not evaluated here.
    """
    if rule.kind in ("equal", "at_most", "ratio_at_most", *_PLAUSIBLE):
        for form in rule.forms:
            yield from _sums(rules, rule, form)
    elif rule.kind == "identical" and rule.table:
        yield _same_table(rules, rule) if rule.needs == "years" else _twin_table(rules, rule)
    elif rule.kind == "copied":
        yield cross_text.copied(rule)
    elif rule.kind == "flat":
        [ref] = rules.expand(rule.left, Variant(rule.forms[-1]), "")
        yield cross_series.flat(rule, quoted(ref.key.replace(".", "_")))
    elif rule.kind == "on_time":
        yield cross_series.on_time(rule)
    else:
        raise DefinitionError(
            f"relations.yml: {rule.id}: kind {rule.kind} cannot be evaluated over {rule.needs}"
        )


def comparisons(rules: Rules, rule: RuleSpec, form: str) -> list[Comparison]:
    """The subjects of a rule for reports of one form version, with the cells of both sides."""
    variant = Variant(form)
    subjects: Sequence[str] = rules.subjects(rule, variant)
    if rule.per == "cell":
        # A change may be negative: the known members' sum says nothing about the region's.
        cells = rules.form.cells_of(form)
        subjects = [cell.key for cell in cells if cell.value != "change"]
    found = []
    for subject in subjects:
        left = rules.expand(rule.left, variant, subject)
        right = rules.expand(rule.right, variant, subject)
        if left and right:
            found.append(Comparison(subject, left, right))
    return found


# ---------------------------------------------------------------- who is compared with whom


def _pairs(con: duckdb.DuckDBPyConnection) -> None:
    """``pair``: each current report with the year before's, of the same office and scope."""
    lineage = Lineage.load()
    links = [
        (office, link.office_id, link.year)
        for (office,) in con.execute("SELECT DISTINCT office_id FROM cur").fetchall()
        for link in lineage.predecessors(office)
        if link.change == "renamed"
    ]
    con.register("arrow_link", pa.table({
        "office_id": pa.array([row[0] for row in links], pa.string()),
        "before_id": pa.array([row[1] for row in links], pa.string()),
        "at": pa.array([row[2] for row in links], pa.int32()),
    }))  # fmt: skip
    con.execute("""
        CREATE TEMP TABLE pair AS
        SELECT c.report_id, p.report_id AS prev_id FROM cur c
        JOIN cur p ON p.office_id = c.office_id AND p.year = c.year - 1 AND p.scope = c.scope""")
    con.execute("""
        INSERT INTO pair
        SELECT c.report_id, p.report_id FROM cur c
        JOIN arrow_link l ON l.office_id = c.office_id AND abs(l.at - c.year) <= 1
        JOIN cur p ON p.office_id = l.before_id AND p.year = c.year - 1 AND p.scope = c.scope
        WHERE c.report_id NOT IN (SELECT report_id FROM pair)
        QUALIFY count(*) OVER (PARTITION BY c.report_id) = 1""")
    con.unregister("arrow_link")


def _members(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """``member_sum``: per region report the sums of its known members' own reports, cell by cell.

    Here, and only here, NULLs are left out of a sum: it is a lower bound, never shown as a total.
    """
    joins = " UNION ALL ".join(
        f"""SELECT r.report_id, m.report_id AS member_id FROM cur r
            JOIN cur m ON m.year = r.year AND m.{column} = r.{column}
            WHERE r.scope = 'region' AND r.level = {text(level)} AND m.scope = 'own_office'
            AND m.office_id <> r.office_id AND m.kind IS DISTINCT FROM {text(_NOT_MEMBER)}"""
        for level, column in _REGION_COLUMN.items()
    )
    names = [quoted(cell.sql_name) for cell in rules.form.cells.values()]
    sums = ", ".join(f"sum(c.{name}) AS {name}" for name in names)
    con.execute(f"""
        CREATE TEMP TABLE member_sum AS
        SELECT j.report_id, count(*) AS n_members, {sums}
        FROM ({joins}) j JOIN core_report c ON c.report_id = j.member_id GROUP BY j.report_id""")
    _missing_members(con)


def _missing_members(con: duckdb.DuckDBPyConnection) -> None:
    """``member_missing``: offices of a region that should have reported and are not known to have.

    Expected is who the roster of the year names; where an office stands in no roster, who has
    reported for an earlier year.
    """
    joins = " UNION ALL ".join(
        f"""SELECT r.report_id, r.year, o.office_id, o.name FROM cur r
            JOIN office o ON o.{column} = r.{column}
            WHERE r.scope = 'region' AND r.level = {text(level)} AND o.office_id <> r.office_id
            AND o.kind IS DISTINCT FROM {text(_NOT_MEMBER)}"""
        for level, column in _REGION_COLUMN.items()
    )
    con.execute(f"""
        CREATE TEMP TABLE member_missing AS
        WITH listed AS (SELECT DISTINCT office_id FROM roster),
        since AS (SELECT office_id, min(year) AS year FROM cur GROUP BY office_id)
        SELECT j.report_id, count(*) AS n_missing,
               list(j.name ORDER BY j.office_id)[1:{_NAMED}] AS names
        FROM ({joins}) j
        LEFT JOIN roster x ON x.office_id = j.office_id AND x.year = j.year
        LEFT JOIN listed l ON l.office_id = j.office_id
        LEFT JOIN since s ON s.office_id = j.office_id
        WHERE coalesce(x.expected, l.office_id IS NULL AND s.year < j.year)
        AND NOT EXISTS (FROM cur m WHERE m.office_id = j.office_id AND m.year = j.year
                        AND m.scope = 'own_office')
        GROUP BY j.report_id""")


# ---------------------------------------------------------------- sums


def _sums(rules: Rules, rule: RuleSpec, form: str) -> Iterator[str]:
    by_table: dict[str, list[Comparison]] = {}
    for one in comparisons(rules, rule, form):
        table = rule.table or one.left[0].key.partition(".")[0]
        by_table.setdefault(table, []).append(one)
    for table, found in by_table.items():
        yield _sum_statement(rules, rule, form, table, found)


def _sum_statement(
    rules: Rules, rule: RuleSpec, form: str, table: str, found: list[Comparison]
) -> str:
    structs = ", ".join(
        f"{{'subject': {text(one.subject)}, 'l': {_side(one.left)}, 'r': {_side(one.right)}}}"
        for one in found
    )
    conditions = [f"u.form_{table} = {text(form)}"]
    if any(one.keys("median") for one in found):
        source, other, members = _medians(rule, form, table, found), "NULL", "NULL"
    elif rule.needs == "years":
        before = {key for one in found for key in one.keys("prev")}
        forms = [f for f in rule.forms if all(f in rules.form.cells[k].forms for k in before)]
        conditions.append(f"b.form_{table} IN ({', '.join(map(text, forms)) or 'NULL'})")
        source = """pair x JOIN cur u USING (report_id) JOIN core_report c USING (report_id)
            JOIN cur b ON b.report_id = x.prev_id JOIN core_report p ON p.report_id = x.prev_id"""
        other, members = "x.prev_id", "NULL"
    else:
        source = (
            """member_sum m JOIN cur u USING (report_id) JOIN core_report c USING (report_id)"""
        )
        other, members = "NULL", "m.n_members"
    # A plausible figure is no duty: where one is missing there is no question.
    unknown = "not_assessable" if rule.kind in ("equal", "at_most") else "not_applicable"
    # Over single cells, a cell either side lacks is no question at all.
    keep = "WHERE l IS NOT NULL AND r IS NOT NULL" if rule.per == "cell" else ""
    return f"""
        INSERT INTO cross_eval BY NAME
        WITH e AS (
            SELECT u.report_id, {other} AS other_id, {members} AS n_members,
                   unnest([{structs}], recursive := true)
            FROM {source} WHERE {" AND ".join(conditions)}
        )
        SELECT report_id, other_id, {text(rule.id)} AS rule, subject, l, r, n_members,
               CASE WHEN l IS NULL OR r IS NULL THEN {text(unknown)} {_verdict(rule)} END
                   AS outcome
        FROM e {keep}"""


def _medians(rule: RuleSpec, form: str, table: str, found: list[Comparison]) -> str:
    """This report's row beside the medians of the office's other years, figures above 0 only."""
    names = [quoted(k.replace(".", "_")) for k in {k for one in found for k in one.keys("median")}]
    medians = ", ".join(f"median(o.{n}) FILTER (o.{n} > 0) AS {n}" for n in names)
    return f"""cur u JOIN core_report c USING (report_id) JOIN (
            SELECT a.report_id, {medians} FROM cur a
            JOIN cur z ON z.office_id = a.office_id AND z.scope = a.scope AND z.year <> a.year
                 AND z.form_{table} = {text(form)}
            JOIN core_report o ON o.report_id = z.report_id
            GROUP BY a.report_id) m USING (report_id)"""


def _side(refs: Iterable[TermRef]) -> str:
    alias = {"": "c", "prev": "p", "members": "m", "median": "m"}
    terms = (
        f"{'-' if ref.sign < 0 else '+'} {alias[ref.when]}.{quoted(ref.key.replace('.', '_'))}"
        for ref in refs
    )
    return f"CAST(0 {' '.join(terms)} AS {_VALUE})"


def _verdict(rule: RuleSpec) -> str:
    if rule.kind == "equal":
        return f"WHEN abs(l - r) <= {rule.tolerance} THEN 'pass' ELSE 'fail'"
    if rule.kind in _PLAUSIBLE:
        return cross_series.verdict(rule)
    if rule.kind == "at_most":
        return f"WHEN l <= r + {rule.tolerance} THEN 'pass' ELSE 'fail'"
    return (
        f"WHEN r <= 0 THEN 'not_applicable' WHEN l <= r * {rule.limit or 1} THEN 'pass' ELSE 'fail'"
    )


# ---------------------------------------------------------------- copies


def _same_table(rules: Rules, rule: RuleSpec) -> str:
    """The whole table equal to last year's, a figure above ``floor`` in it; forms always differ."""
    cells, largest = _table(rules, rule)
    equal = " AND ".join(f"c.{name} IS NOT DISTINCT FROM p.{name}" for name in cells)
    return f"""
        INSERT INTO cross_eval BY NAME
        SELECT c.report_id, x.prev_id AS other_id, {text(rule.id)} AS rule,
               {text(rule.table or "")} AS subject,
               CASE WHEN {largest} <= {rule.floor or 0} THEN 'not_applicable'
                    WHEN {equal} THEN 'fail' ELSE 'pass' END AS outcome
        FROM pair x JOIN core_report c USING (report_id)
        JOIN core_report p ON p.report_id = x.prev_id"""


def _twin_table(rules: Rules, rule: RuleSpec) -> str:
    """The whole table equal to another office's of the same province and year, by a hash of it."""
    cells, largest = _table(rules, rule)
    printed = ", ".join(f"c.{name}" for name in cells)
    return f"""
        INSERT INTO cross_eval BY NAME
        WITH t AS (
            SELECT c.report_id, u.office_id, u.year, u.province, u.form_{rule.table} AS form,
                   hash([{printed}]) AS key
            FROM cur u JOIN core_report c USING (report_id) WHERE {largest} > {rule.floor or 0}
        ), same AS (
            SELECT year, province, form, key, min(report_id) AS first, max(report_id) AS last
            FROM t GROUP BY ALL HAVING count(DISTINCT office_id) > 1
        )
        SELECT t.report_id, {text(rule.id)} AS rule, {text(rule.table or "")} AS subject,
               CASE WHEN s.first = t.report_id THEN s.last ELSE s.first END AS other_id,
               CASE WHEN s.key IS NULL THEN 'pass' ELSE 'fail' END AS outcome
        FROM t LEFT JOIN same s ON s.year = t.year AND s.key = t.key
             AND s.province IS NOT DISTINCT FROM t.province
             AND s.form IS NOT DISTINCT FROM t.form"""


def _table(rules: Rules, rule: RuleSpec) -> tuple[list[str], str]:
    """A table's columns in the core, and the expression of its largest figure."""
    cells = [quoted(c.sql_name) for c in rules.form.cells.values() if c.table == rule.table]
    return cells, f"coalesce(greatest({', '.join(f'c.{name}' for name in cells)}), 0)"
