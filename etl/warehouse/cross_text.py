"""Copied words: near-duplicate sections of one office's years, and of different offices.

The share is that of a text's own grams that another text has too; grams that many offices use are
template text and count for neither (metrics.md, text repetition). Pairs come from shared grams that
few offices use, so the work grows with what is shared, not with the square of the reports.
"""

from __future__ import annotations

from typing import Final

from etl.form.rules_spec import RuleSpec
from etl.warehouse.database import text

#: A gram of more offices than this is template text: the format's words and stock phrases.
TEMPLATE_OFFICES: Final = 20
#: A text with fewer own grams in its sketch (some 40 characters of section 5, 140 of section 1) may
#: honestly say what another says.
OWN_GRAMS: Final = 16
#: Another office's report of the same year, or of so many years before, may have been the source.
YEARS_BACK: Final = 1


def prepare() -> str:
    """``own_gram``: every current report's grams that are its own, with the size of the text."""
    return f"""
        CREATE TEMP TABLE own_gram AS
        WITH one AS (
            SELECT s.report_id, s.section, u.office_id, u.year, unnest(s.grams) AS gram
            FROM text_sketch s JOIN cur u USING (report_id)
        ), shared AS (
            SELECT section, gram FROM one
            GROUP BY ALL HAVING count(DISTINCT office_id) <= {TEMPLATE_OFFICES}
        )
        SELECT o.*, count(*) OVER (PARTITION BY report_id, section) AS n_own
        FROM one o JOIN shared USING (section, gram)"""


def copied(rule: RuleSpec) -> str:
    """The query of one rule of kind ``copied``: over an office's ``years``, or within ``region``.

    ``l`` is the highest share (in per cent) of the report's own words found in one other report.
    A text that is another's from beginning to end counts in full even where all of it is stock
    phrases: the choice and the order are the other's, too.
    """
    sections = [*rule.sections, *([rule.section] if rule.section else [])]
    listed = ", ".join(map(text, sections))
    limit = (rule.limit or 1) * 100
    if rule.needs == "years":
        asked = "JOIN pair x USING (report_id)"
        near = "pair x ON x.report_id = a.report_id JOIN own_gram b ON b.report_id = x.prev_id"
        whole = """SELECT a.report_id, a.section, b.report_id AS other_id
            FROM whole a JOIN pair x ON x.report_id = a.report_id
            JOIN whole b ON b.report_id = x.prev_id AND b.section = a.section AND b.key = a.key"""
    else:
        asked = ""
        near = f"""own_gram b ON b.office_id <> a.office_id
            AND b.year BETWEEN a.year - {YEARS_BACK} AND a.year"""
        whole = """SELECT w.report_id, w.section,
                   CASE WHEN s.first = w.report_id THEN s.last ELSE s.first END AS other_id
            FROM whole w JOIN (
                SELECT section, year, province, key, min(report_id) AS first, max(report_id) AS last
                FROM whole GROUP BY ALL HAVING count(DISTINCT office_id) > 1
            ) s ON s.section = w.section AND s.year = w.year AND s.key = w.key
                AND s.province IS NOT DISTINCT FROM w.province"""
    return f"""
        INSERT INTO cross_eval BY NAME
        WITH whole AS (
            SELECT t.report_id, t.section, u.office_id, u.year, u.province, hash(t.grams) AS key
            FROM text_sketch t JOIN cur u USING (report_id)
            WHERE t.section IN ({listed}) AND len(t.grams) >= {OWN_GRAMS}
        ), size AS (
            SELECT t.report_id, t.section, len(t.grams) AS n, coalesce(any_value(o.n_own), 0) AS own
            FROM text_sketch t JOIN cur u USING (report_id) {asked}
            LEFT JOIN own_gram o ON o.report_id = t.report_id AND o.section = t.section
            WHERE t.section IN ({listed}) GROUP BY ALL
        ), shared AS (
            SELECT a.report_id, a.section, b.report_id AS other_id,
                   100.0 * count(*) / any_value(a.n_own) AS share
            FROM own_gram a JOIN {near} AND b.section = a.section AND b.gram = a.gram
            WHERE a.section IN ({listed}) AND a.n_own >= {OWN_GRAMS} GROUP BY ALL
            UNION ALL BY NAME SELECT *, 100.0 AS share FROM ({whole})
        ), best AS (
            SELECT report_id, section, max(share) AS share,
                   arg_max(other_id, (share, other_id)) AS other_id
            FROM shared GROUP BY ALL
        )
        SELECT s.report_id, {text(rule.id)} AS rule, s.section AS subject,
               round(b.share, 1) AS l, {limit} AS r,
               CASE WHEN b.share >= {limit} THEN b.other_id END AS other_id,
               CASE WHEN s.n < {OWN_GRAMS} THEN 'not_applicable'
                    WHEN b.share >= {limit} THEN 'fail' ELSE 'pass' END AS outcome
        FROM size s LEFT JOIN best b USING (report_id, section)"""
