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
from etl.warehouse import cross_words
from etl.warehouse.currency import SCOPE
from etl.warehouse.database import text
from etl.warehouse.schema import quoted

_VALUE: Final = "DECIMAL(38,6)"
#: Level of an office → the column of its place that its region's members share.
_REGION_COLUMN: Final = {"省": "province", "市": "city", "县": "county"}
#: Vertical bodies are not expected in a region's sum (form.md section 10).
_NOT_MEMBER: Final = "垂直机构"
#: A text shorter than this may honestly be equal to another's (无, 2023年无此类情况 …).
_SHORT: Final = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """One subject of one rule: the cells of both sides."""

    subject: str
    left: tuple[TermRef, ...]
    right: tuple[TermRef, ...]

    def keys(self, when: str) -> list[str]:
        """Cells of one report: ``""`` this one's, ``prev`` last year's, ``members`` the others'."""
        return [ref.key for ref in (*self.left, *self.right) if ref.when == when]


def evaluate(con: duckdb.DuckDBPyConnection, rules: Rules | None = None) -> None:
    """Fill ``finding`` (origin ``cross``) and ``cross_outcome`` of the build under way."""
    rules = rules or load_rules()
    con.execute("""
        CREATE TEMP TABLE cross_eval (
            report_id VARCHAR, other_id VARCHAR, rule VARCHAR, subject VARCHAR,
            l DECIMAL(38,6), r DECIMAL(38,6), outcome VARCHAR, n_members BIGINT)""")
    con.execute(f"""
        CREATE TEMP TABLE cur AS
        SELECT d.report_id, d.office_id, d.year, {SCOPE} AS scope, d.form_t2, d.form_t3, d.form_t4,
               o.level, o.kind, o.province, o.city, o.county
        FROM draft d JOIN verdict v USING (report_id) LEFT JOIN office o USING (office_id)
        WHERE v.reason IS NULL""")
    _pairs(con)
    _members(con, rules)
    wanted = [rule for rule in rules.rules if rule.needs]
    for rule in wanted:
        for statement in statements(rules, rule):
            con.execute(statement)
    levels = ", ".join(f"({text(rule.id)}, {text(rule.level)})" for rule in wanted)
    con.execute(f"""
        CREATE TEMP TABLE cross_outcome AS
        SELECT e.report_id, e.rule, x.level, e.outcome, count(*)::INTEGER AS n
        FROM cross_eval e JOIN (VALUES {levels or "('', '')"}) x(rule, level) USING (rule)
        GROUP BY ALL""")
    cross_words.write_findings(con, rules, {r.id: r for r in wanted})


def statements(rules: Rules, rule: RuleSpec) -> Iterator[str]:
    """The queries of one rule.

    Raises:
        DefinitionError: a rule with ``needs`` of a kind that is not evaluated here.
    """
    if rule.kind in ("equal", "at_most", "ratio_at_most"):
        for form in rule.forms:
            yield from _sums(rules, rule, form)
    elif rule.kind == "identical" and rule.per == "table" and rule.table:
        yield _same_table(rules, rule, rule.table)
    elif rule.kind == "identical" and rule.needs == "years" and (rule.section or rule.sections):
        yield _same_text_as_last_year(rule)
    elif rule.kind == "identical" and rule.needs == "region" and (rule.section or rule.sections):
        yield _same_text_as_others(rule)
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
    if rule.needs == "years":
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
               CASE WHEN l IS NULL OR r IS NULL THEN 'not_assessable' {_verdict(rule)} END
                   AS outcome
        FROM e {keep}"""


def _side(refs: Iterable[TermRef]) -> str:
    alias = {"": "c", "prev": "p", "members": "m"}
    terms = (
        f"{'-' if ref.sign < 0 else '+'} {alias[ref.when]}.{quoted(ref.key.replace('.', '_'))}"
        for ref in refs
    )
    return f"CAST(0 {' '.join(terms)} AS {_VALUE})"


def _verdict(rule: RuleSpec) -> str:
    if rule.kind == "equal":
        return f"WHEN abs(l - r) <= {rule.tolerance} THEN 'pass' ELSE 'fail'"
    if rule.kind == "at_most":
        return f"WHEN l <= r + {rule.tolerance} THEN 'pass' ELSE 'fail'"
    return (
        f"WHEN r <= 0 THEN 'not_applicable' WHEN l <= r * {rule.limit or 1} THEN 'pass' ELSE 'fail'"
    )


# ---------------------------------------------------------------- copies


def _same_table(rules: Rules, rule: RuleSpec, table: str) -> str:
    """The whole table equal to last year's, and not all of it 0: two forms are never equal."""
    cells = [quoted(c.sql_name) for c in rules.form.cells.values() if c.table == table]
    equal = " AND ".join(f"c.{name} IS NOT DISTINCT FROM p.{name}" for name in cells)
    largest = f"coalesce(greatest({', '.join(f'c.{name}' for name in cells)}), 0)"
    floor = rule.floor or 0
    return f"""
        INSERT INTO cross_eval BY NAME
        SELECT c.report_id, x.prev_id AS other_id, {text(rule.id)} AS rule,
               {text(table)} AS subject,
               CASE WHEN {largest} <= {floor} THEN 'not_applicable'
                    WHEN {equal} THEN 'fail' ELSE 'pass' END AS outcome
        FROM pair x JOIN core_report c USING (report_id)
        JOIN core_report p ON p.report_id = x.prev_id"""


def _texts(rule: RuleSpec, *, bare: bool) -> str:
    """Sections' words without white space; ``bare``: also without figures and the office's name."""
    sections = ", ".join(map(text, [*rule.sections, *([rule.section] if rule.section else [])]))
    words = "regexp_replace(string_agg(n.text, '' ORDER BY n.at), '\\s', '', 'g')"
    if bare:
        words = (
            f"regexp_replace(replace({words}, any_value(coalesce(o.name, '')), ''), '\\d', '', 'g')"
        )
    return f"""
        SELECT n.report_id, n.section, {words} AS words
        FROM narrative n JOIN cur u USING (report_id) LEFT JOIN office o USING (office_id)
        WHERE n.section IN ({sections}) GROUP BY n.report_id, n.section"""


def _same_text_as_last_year(rule: RuleSpec) -> str:
    return f"""
        INSERT INTO cross_eval BY NAME
        WITH t AS ({_texts(rule, bare=False)})
        SELECT c.report_id, x.prev_id AS other_id, {text(rule.id)} AS rule, c.section AS subject,
               CASE WHEN length(c.words) < {rule.floor or _SHORT} THEN 'not_applicable'
                    WHEN c.words = p.words THEN 'fail' ELSE 'pass' END AS outcome
        FROM pair x JOIN t c USING (report_id)
        JOIN t p ON p.report_id = x.prev_id AND p.section = c.section"""


def _same_text_as_others(rule: RuleSpec) -> str:
    """Sections equal to another office's of the same province and year, figures and name aside."""
    return f"""
        INSERT INTO cross_eval BY NAME
        WITH t AS (
            SELECT t.*, u.year, u.province, u.office_id FROM ({_texts(rule, bare=True)}) t
            JOIN cur u USING (report_id) WHERE length(t.words) >= {rule.floor or _SHORT}
        ), same AS (
            SELECT year, province, section, md5(words) AS key, min(report_id) AS first,
                   max(report_id) AS last
            FROM t GROUP BY ALL HAVING count(DISTINCT office_id) > 1
        )
        SELECT t.report_id, {text(rule.id)} AS rule, t.section AS subject,
               CASE WHEN s.key IS NULL THEN NULL
                    WHEN s.first = t.report_id THEN s.last ELSE s.first END AS other_id,
               CASE WHEN s.key IS NULL THEN 'pass' ELSE 'fail' END AS outcome
        FROM t LEFT JOIN same s ON s.year = t.year AND s.section = t.section
             AND s.province IS NOT DISTINCT FROM t.province AND s.key = md5(t.words)"""
