"""Findings of rules over several reports in words: both values, both reports, both places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import duckdb
import pyarrow as pa

from etl.check.messages import Words, show
from etl.form.rules import Rules, TermRef, Variant
from etl.form.rules_spec import RuleSpec
from etl.warehouse.database import Old, insert_rows
from etl.warehouse.shards import amount_value, digest, plain
from etl.warehouse.words import subject_words

#: Findings worded at once: each chunk reads through the places of all reports.
_CHUNK: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Row:
    """One finding to word, with what is known of both reports."""

    report_id: str
    other_id: str | None
    rule: str
    subject: str
    left: Decimal | None
    right: Decimal | None
    outcome: str
    n_members: int | None
    office_id: str
    year: int
    form_t2: str | None
    form_t3: str | None
    form_t4: str | None
    source: str | None
    other_source: str | None
    other_office: str | None
    other_year: int | None
    detail: str | None
    n_missing: int | None
    missing: list[str] | None

    def form(self, table: str) -> str | None:
        """The form version one table was printed in."""
        return {"t2": self.form_t2, "t3": self.form_t3, "t4": self.form_t4}.get(table)

    def stands_in(self, ref: TermRef) -> str | None:
        """The report one cell of a sum stands in; none for sums and medians of many reports."""
        return {"": self.report_id, "prev": self.other_id}.get(ref.when)


def write_findings(
    con: duckdb.DuckDBPyConnection,
    rules: Rules,
    by_id: dict[str, RuleSpec],
    *,
    worded: Old | None = None,
    in_place: bool = False,
) -> None:
    """Insert a finding for every ``fail`` and ``not_assessable`` of ``cross_eval``.

    ``worded`` is a previous build whose words were found by this very code from these very
    definitions: where neither report was read again and nothing else differs, its finding stands.
    Wording is most of the cost of a small load (measured: half of all assembling). ``in_place``:
    those findings are in the build already; those that no longer hold are taken out.
    """
    if worded is not None and worded.has("finding"):
        _keep_worded(con, worded, in_place=in_place)
    rows = [_Row(*row) for row in con.execute("""
        SELECT e.report_id, e.other_id, e.rule, e.subject, e.l, e.r, e.outcome, e.n_members,
               d.office_id, d.year, d.form_t2, d.form_t3, d.form_t4, t.filename, ot.filename,
               oo.name, od.year, e.detail, mm.n_missing, mm.names
        FROM cross_eval e JOIN draft d USING (report_id)
        LEFT JOIN document t ON t.document_id = d.document_id
        LEFT JOIN draft od ON od.report_id = e.other_id
        LEFT JOIN document ot ON ot.document_id = od.document_id
        LEFT JOIN office oo ON oo.office_id = od.office_id
        LEFT JOIN member_missing mm ON mm.report_id = e.report_id AND e.n_members IS NOT NULL
        WHERE e.outcome IN ('fail', 'not_assessable')
        AND NOT EXISTS (FROM finding f WHERE f.origin = 'cross' AND f.report_id = e.report_id
                        AND f.rule = e.rule AND f.subject IS NOT DISTINCT FROM e.subject)
        ORDER BY e.rule, d.year, e.report_id, e.subject""").fetchall()]  # fmt: skip
    words = Words(rules.form)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        terms = [_terms(rules, by_id[row.rule], row) for row in chunk]
        places = _places(con, chunk, terms)
        insert_rows(con, "finding", [
            _finding(words, by_id[row.rule], row, sides, places)
            for row, sides in zip(chunk, terms, strict=True)
        ])  # fmt: skip


def _keep_worded(con: duckdb.DuckDBPyConnection, worded: Old, *, in_place: bool) -> None:
    """Findings stand whose reports, values and names are what they were; the others go."""
    con.execute(f"""
        CREATE TEMP TABLE standing AS
        SELECT f.rowid AS finding_row
        FROM {"finding" if in_place else "old.finding"} f JOIN cross_eval e
             ON e.report_id = f.report_id AND e.rule = f.rule
             AND e.subject IS NOT DISTINCT FROM f.subject AND e.outcome = f.outcome
             AND e.l IS NOT DISTINCT FROM f.left_value AND e.r IS NOT DISTINCT FROM f.right_value
             AND e.other_id IS NOT DISTINCT FROM f.other_report_id
             AND e.n_members IS NOT DISTINCT FROM f.n_members
        LEFT JOIN draft d ON d.report_id = e.other_id
        WHERE f.origin = 'cross'
        AND NOT EXISTS (FROM read_report r WHERE r.report_id IN (e.report_id, e.other_id))
        AND NOT EXISTS (FROM new_office_seen o WHERE o.office_id = d.office_id)""")
    if in_place:
        con.execute("""
            DELETE FROM finding WHERE origin = 'cross' AND rowid NOT IN (FROM standing)""")
    else:
        con.execute(f"""
            INSERT INTO finding BY NAME SELECT {", ".join(worded.shared("finding"))}
            FROM old.finding WHERE rowid IN (FROM standing)""")


Sides = tuple[tuple[TermRef, ...], tuple[TermRef, ...]]
Places = dict[tuple[str, str], str]


def _terms(rules: Rules, rule: RuleSpec, row: _Row) -> Sides:
    table = rule.table or row.subject.partition(".")[0]
    form = row.form(table)
    if not rule.left or form is None:
        return (), ()
    variant = Variant(form)
    return (
        rules.expand(rule.left, variant, row.subject),
        rules.expand(rule.right, variant, row.subject),
    )


def _places(con: duckdb.DuckDBPyConnection, chunk: list[_Row], terms: list[Sides]) -> Places:
    """Where the cells of these rows stand, in this report and in the other."""
    wanted = {
        (report, ref.key)
        for row, sides in zip(chunk, terms, strict=True)
        for side in sides
        for ref in side
        if (report := row.stands_in(ref))
    }
    if not wanted:
        return {}
    reports, keys = zip(*sorted(wanted), strict=True)
    con.register("wanted_cell", pa.table({"report_id": reports, "key": keys}))
    try:
        found = con.execute("""
            SELECT report_id, c.key, c."at"
            FROM (SELECT report_id, unnest(cells) AS c FROM provenance
                  SEMI JOIN wanted_cell USING (report_id)) p
            SEMI JOIN wanted_cell w ON w.report_id = p.report_id AND w.key = p.c.key""").fetchall()
    finally:
        con.unregister("wanted_cell")
    return {(report, key): at for report, key, at in found if at}


def _finding(
    words: Words, rule: RuleSpec, row: _Row, sides: Sides, places: Places
) -> tuple[Any, ...]:
    zh, en = _message(words, rule, row, sides, places)
    if row.outcome == "fail":
        zh, en = f"{zh}{rule.advice_zh}", f"{en} {rule.advice_en}"
    subject_zh, subject_en = subject_words(rule.id, row.subject)
    left, right = amount_value(row.left), amount_value(row.right)
    identity = digest(row.office_id, row.year, rule.id, row.subject, plain(left), plain(right))
    cells = [ref.key for side in sides for ref in side if not ref.when]
    return (
        identity, row.report_id, row.office_id, row.year, rule.id, rule.level, row.outcome,
        row.subject, subject_zh, subject_en, left, right, zh, en, cells, False, "cross",
        row.other_id, row.n_members,
    )  # fmt: skip


def _message(
    words: Words, rule: RuleSpec, row: _Row, sides: Sides, places: Places
) -> tuple[str, str]:
    if rule.kind == "on_time":
        return _late_message(row)
    if rule.kind == "copied":
        return _words_message(row)
    if not sides[0]:
        return _copy_message(row)
    parts = [
        _side(words, rule, row, refs, value)
        for refs, value in zip(sides, (row.left, row.right), strict=True)
    ]
    subject = row.subject and rule.per != "cell"
    zh_head, en_head = words.subject(rule, row.subject) if subject else ("", "")
    zh_head, en_head = (zh_head and f"{zh_head}：", en_head and f"{en_head}: ")
    where_zh, where_en = _where(row, sides, places)
    if row.outcome == "not_assessable":
        return (
            f"{zh_head}{parts[0][0]}与{parts[1][0]}不齐，无法核对{where_zh}。",
            f"{en_head}{parts[0][1]} and {parts[1][1]}: a value is missing{where_en}.",
        )
    op, op_en = _OPERATORS.get(rule.kind, ("远大于", "far exceeds"))
    gone_zh, gone_en = _missing(row)
    return (
        f"{zh_head}{parts[0][0]}{op}{parts[1][0]}{where_zh}。{gone_zh}",
        f"{en_head}{parts[0][1]} {op_en} {parts[1][1]}{where_en}.{gone_en}",
    )


_OPERATORS: Final = {
    "equal": ("≠", "differs from"),
    "at_most": ("＞", "exceeds"),
    "change_between": ("，而", "against"),
    "zero_after": ("，而", "follows"),
    "flat": ("，连续三年等于", "for the third year equals"),
}


def _missing(row: _Row) -> tuple[str, str]:
    """The members that did not report, in a region's finding: with them the gap is wider still."""
    if not row.n_missing or not row.missing:
        return "", ""
    names, more = "、".join(row.missing), row.n_missing > len(row.missing)
    return (
        f"另有{row.n_missing}个成员未见本年报告：{names}{'等' if more else ''}。",
        f" {row.n_missing} more members have no report for the year: {names}"
        f"{' and others' if more else ''}.",
    )


def _late_message(row: _Row) -> tuple[str, str]:
    at, due, unsure = (*(row.detail or "|").split("|"), "")[:3]
    if row.outcome == "fail":
        days = show(_short(row.left))
        return (
            f"发布日期为{at}，期限为{due}，晚{days}天（见本报告 {row.source}）。",
            f"Published on {at}, due by {due}: {days} days late (see {row.source}).",
        )
    if unsure:
        return (
            f"已知的发布日期{at}晚于期限{due}，但另有一份没有日期、数字不同的文件，可能更早发布，"
            f"未作核对（见本报告 {row.source}）。",
            f"The known date {at} is later than the date due {due}, but another document with "
            f"other figures has no date and may be the first; not assessed (see {row.source}).",
        )
    return (
        f"网页日期{at}不像首次发布的日期（期限{due}），未作核对（见本报告 {row.source}）。",
        f"The page's date {at} is hardly that of the first publication (due {due}); "
        f"not assessed (see {row.source}).",
    )


def _words_message(row: _Row) -> tuple[str, str]:
    zh, en = subject_words(row.rule, row.subject)
    share = show(_short(row.left))
    return (
        f"“{zh}”除通用文字外有{share}%的内容与{row.other_office}{row.other_year}年的报告相同"
        f"（见本报告 {row.source}；{row.other_source}）。",
        f"{share}% of {en}, template text aside, is also in {row.other_office}'s "
        f"{row.other_year} report (see {row.source}; {row.other_source}).",
    )


def _side(
    words: Words, rule: RuleSpec, row: _Row, refs: tuple[TermRef, ...], value: Decimal | None
) -> tuple[str, str]:
    zh = en = ""
    for ref in refs:
        name_zh, name_en = words.term(rule, ref.key)
        of_zh, of_en = {
            "": ("本年", "this year's "),
            "prev": (f"{row.other_year}年报告的", f"the {row.other_year} report's "),
            "members": (
                f"已知{row.n_members}个成员之和：",
                f"sum of {row.n_members} known members: ",
            ),
            "median": ("其他年份中位数：", "median of other years' "),
        }[ref.when]
        if of_zh == "本年" and name_zh.startswith(of_zh):
            of_zh = ""
        zh += ("－" if ref.sign < 0 else "＋" if zh else "") + f"“{of_zh}{name_zh}”"
        en += (" - " if ref.sign < 0 else " + " if en else "") + of_en + name_en
    return f"{zh}{show(_short(value))}", f"{en} ({show(_short(value))})"


def _short(value: Decimal | None) -> int | Decimal | None:
    return int(value) if value is not None and value == int(value) else value


def _where(row: _Row, sides: Sides, places: Places) -> tuple[str, str]:
    """``（见本报告 a.html table 3, row 4；2022年报告 b.html table 3, row 25）``."""
    refs = [(row.stands_in(ref), ref.key) for side in sides for ref in side]
    own = _ats(places, row.report_id, refs)
    other = _ats(places, row.other_id, refs)
    zh = [f"本报告 {' '.join(filter(None, (row.source, own)))}"]
    en = [f"this report {' '.join(filter(None, (row.source, own)))}"]
    if row.other_id:
        named = " ".join(filter(None, (row.other_source, other)))
        zh.append(f"{row.other_year}年报告 {named}")
        en.append(f"{row.other_year} report {named}")
    return f"（见{'；'.join(zh)}）", f" (see {'; '.join(en)})"


def _ats(places: Places, report: str | None, refs: Iterable[tuple[str | None, str]]) -> str:
    """Places of those of the cells that stand in one report, each place once."""
    stand = (places.get((report, key)) for where, key in refs if report and where == report)
    return ", ".join(dict.fromkeys(filter(None, stand)))


def _copy_message(row: _Row) -> tuple[str, str]:
    zh, en = subject_words(row.rule, row.subject)
    return (
        f"“{zh}”与{row.other_year}年{row.other_office}的报告相同"
        f"（见本报告 {row.source}；{row.other_source}）。",
        f"{en} equals that of {row.other_office}'s {row.other_year} report "
        f"(see {row.source}; {row.other_source}).",
    )
