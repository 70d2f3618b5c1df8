"""Plausibility over an office's years, and the date of publication: rules that ask, not accuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from etl.form import load_form
from etl.form.rules_spec import RuleSpec
from etl.warehouse.database import text

#: A date this many days after the limit is taken for a moved web page's, not the first publication.
NOT_FIRST: Final = 366
#: One side of a comparison as SQL over the aliases c (this report) and p (last year's).
Side = Callable[[str], str]


def verdict(rule: RuleSpec) -> str:
    """``WHEN … THEN`` over ``l`` (this year's) and ``r`` (last year's), both known."""
    floor, limit = rule.floor or 0, rule.limit or 1
    if rule.kind == "change_between":
        return (
            f"WHEN least(l, r) <= 0 OR greatest(l, r) < {floor} THEN 'not_applicable' "
            f"WHEN l > r * {limit} OR l * {limit} < r THEN 'fail' ELSE 'pass'"
        )
    assert rule.kind == "zero_after"
    return f"WHEN r < {floor} THEN 'not_applicable' WHEN l = 0 THEN 'fail' ELSE 'pass'"


def flat(rule: RuleSpec, column: str) -> str:
    """The same figure in three reports running, from ``floor`` up: an estimate or an old table."""
    return f"""
        INSERT INTO cross_eval BY NAME
        SELECT x.report_id, x.prev_id AS other_id, {text(rule.id)} AS rule, '' AS subject,
               c.{column} AS l, p.{column} AS r,
               CASE WHEN c.{column} IS NULL OR p.{column} IS NULL OR q.{column} IS NULL
                         OR c.{column} < {rule.floor or 0} THEN 'not_applicable'
                    WHEN c.{column} = p.{column} AND p.{column} = q.{column} THEN 'fail'
                    ELSE 'pass' END AS outcome
        FROM pair x JOIN pair y ON y.report_id = x.prev_id
        JOIN core_report c ON c.report_id = x.report_id
        JOIN core_report p ON p.report_id = x.prev_id
        JOIN core_report q ON q.report_id = y.prev_id"""


def statute_due(kind: str, year: str) -> str:
    """The statute's date as SQL, of two columns: an office's kind and a report year."""
    dates = " ".join(
        f"WHEN list_contains([{', '.join(map(text, d.kinds))}], {kind}) "
        f"THEN make_date({year} + 1, {d.month}, {d.day})"
        for d in load_form().notes.deadlines
    )
    return f"CASE {dates} END"


def on_time(rule: RuleSpec) -> str:
    """Days between the date due (the roster's, else the statute's) and the first publication.

    A report without a date is no case; a date before the year's end, or more than a year late, is
    hardly that of the first publication. Nor is the only known date, where a document without one
    gave other figures: it may be the first of which the dated one is the correction.
    """
    return f"""
        INSERT INTO cross_eval BY NAME
        WITH first AS (
            SELECT office_id, year, coalesce(scope, 'own_office') AS scope, min(published) AS shown
            FROM draft WHERE published IS NOT NULL GROUP BY ALL
        ), undated AS (
            SELECT DISTINCT office_id, year, coalesce(scope, 'own_office') AS scope
            FROM draft JOIN verdict USING (report_id)
            WHERE published IS NULL AND reason IN ('conflict', 'corrected', 'replaced')
        ), dated AS (
            SELECT u.report_id, u.year, f.shown, n.year IS NOT NULL AS unsure,
                   coalesce(r.due, {statute_due("u.kind", "u.year")}) AS due
            FROM cur u
            LEFT JOIN first f ON f.office_id = u.office_id AND f.year = u.year AND f.scope = u.scope
            LEFT JOIN undated n ON n.office_id = u.office_id AND n.year = u.year
                 AND n.scope = u.scope
            LEFT JOIN roster r ON r.office_id = u.office_id AND r.year = u.year
        )
        SELECT report_id, {text(rule.id)} AS rule, '' AS subject, date_diff('day', due, shown) AS l,
               0 AS r, strftime(shown, '%Y-%m-%d') || '|' || strftime(due, '%Y-%m-%d')
                   || CASE WHEN unsure THEN '|undated' ELSE '' END AS detail,
               CASE WHEN shown IS NULL OR due IS NULL THEN 'not_applicable'
                    WHEN shown <= make_date(year, 12, 31) OR l > {NOT_FIRST} THEN 'not_assessable'
                    WHEN shown > due AND unsure THEN 'not_assessable'
                    WHEN shown > due THEN 'fail' ELSE 'pass' END AS outcome
        FROM dated"""
