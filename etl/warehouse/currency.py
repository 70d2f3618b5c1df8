"""Which of several documents of one report is the current one.

A report is an office, a year and a scope; pages of one office are saved twice, published in two
formats, corrected and published again. Only documents whose file is still there compete. In order
of publication each is held against the best so far: figures that agree wherever both have one make
it a duplicate (the better read one stays), others make it a correction (the later one stays). Where
the pages' own dates do not tell, a document of a later load corrects one of an earlier load: the
report was published again. Two of one load that differ with nothing to tell which is later are a
``conflict``, whatever their names; a date below the signature or in the address does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

import duckdb
import pyarrow as pa

from etl.form import load_form
from etl.report import IN_ADDRESS, SIGNED
from etl.warehouse.database import text
from etl.warehouse.schema import quoted

#: Reports without a stated scope are read as the office's own (architecture: default aggregates).
SCOPE: Final = "coalesce(scope, 'own_office')"
_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document's report, with its figures in the form's order."""

    group: tuple[str, int, str]
    report_id: str
    published: date | None
    first_load: int
    format: str
    n_number: int
    figures: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a report is not current, and which one is in its place."""

    report_id: str
    superseded_by: str | None
    reason: str


def decide(con: duckdb.DuckDBPyConnection) -> None:
    """Fill ``verdict(report_id, superseded_by, reason)``; a NULL reason: the report is current."""
    verdicts = [v for group in _groups(con) for v in judge(group)]
    con.register(
        "lost",
        pa.table(
            {
                "report_id": pa.array([v.report_id for v in verdicts], pa.string()),
                "superseded_by": pa.array([v.superseded_by for v in verdicts], pa.string()),
                "reason": pa.array([v.reason for v in verdicts], pa.string()),
            }
        ),
    )
    con.execute(f"""
        CREATE TEMP TABLE verdict AS
        WITH winner AS (
            SELECT office_id, year, {SCOPE} AS scope, report_id FROM draft
            WHERE is_live AND report_id NOT IN (SELECT report_id FROM lost)
        )
        SELECT d.report_id,
               CASE WHEN d.is_live THEN l.superseded_by ELSE w.report_id END AS superseded_by,
               CASE WHEN d.is_live THEN l.reason ELSE d.ended_reason END AS reason
        FROM draft d
        LEFT JOIN lost l USING (report_id)
        LEFT JOIN winner w ON w.office_id = d.office_id AND w.year = d.year
             AND w.scope = coalesce(d.scope, 'own_office')""")
    con.unregister("lost")


def _groups(con: duckdb.DuckDBPyConnection) -> Iterator[list[Candidate]]:
    """Reports that more than one live document gives, one list each, earliest document first."""
    cells = ", ".join(f"c.{quoted(cell.sql_name)}" for cell in load_form().cells.values())
    inferred = ", ".join(map(text, (SIGNED, IN_ADDRESS)))
    rows = con.execute(f"""
        WITH several AS (
            SELECT office_id, year, {SCOPE} AS scope FROM draft WHERE is_live
            GROUP BY ALL HAVING count(*) > 1
        )
        SELECT s.office_id, s.year, s.scope, d.report_id,
               CASE WHEN coalesce(d.evidence->>'published', '') NOT IN ({inferred})
                    THEN d.published END AS stated,
               d.first_load, t.format, d.n_number, {cells}
        FROM several s
        JOIN draft d ON d.is_live AND d.office_id = s.office_id AND d.year = s.year
             AND coalesce(d.scope, 'own_office') = s.scope
        JOIN core_report c ON c.report_id = d.report_id
        LEFT JOIN document t ON t.document_id = d.document_id
        ORDER BY s.office_id, s.year, s.scope, stated NULLS FIRST, d.first_load,
                 d.published NULLS FIRST, d.n_number, d.report_id
    """)
    candidates = (
        Candidate((r[0], r[1], r[2]), r[3], r[4], r[5], r[6] or "", r[7], tuple(r[8:]))
        for r in _fetch(rows)
    )
    for _, group in groupby(candidates, key=lambda c: c.group):
        yield list(group)


def _fetch(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while chunk := result.fetchmany(_CHUNK):
        yield from chunk


def judge(group: Iterable[Candidate]) -> list[Verdict]:
    """Verdicts on all but the current one of a group in order of publication and loading.

    ``superseded_by`` names the report that is current in the end, for all of them.
    """
    best: Candidate | None = None
    lost: dict[str, tuple[Candidate, str]] = {}
    for candidate in group:
        if best is None:
            best = candidate
            continue
        if agree(best, candidate):
            stays = best if best.n_number > candidate.n_number else candidate
            goes = candidate if stays is best else best
            lost[goes.report_id] = goes, _copy(goes, stays)
            best = stays
        else:
            lost[best.report_id] = best, "corrected" if _later(candidate, best) else "conflict"
            best = candidate
    if best is None:
        return []
    corrected = [one for one, why in lost.values() if why == "corrected"]
    return [
        Verdict(key, best.report_id, _in_the_end(one, why, best, corrected))
        for key, (one, why) in lost.items()
    ]


def _in_the_end(one: Candidate, why: str, best: Candidate, corrected: list[Candidate]) -> str:
    """Why a report is not current, seen from the one that is.

    A wrong file that was replaced leaves what stood before it a copy of what stands after it; an
    undated copy of what was corrected is corrected with it.
    """
    if agree(one, best):
        return _copy(one, best)
    undated_copy = one.published is None and any(
        other is not one and agree(one, other) for other in corrected
    )
    return "corrected" if why in ("duplicate", "duplicate_format") or undated_copy else why


def _copy(one: Candidate, other: Candidate) -> str:
    return "duplicate" if one.format == other.format else "duplicate_format"


def agree(a: Candidate, b: Candidate) -> bool:
    """Whether the figures are equal wherever both documents have one, and some are."""
    both = [(x, y) for x, y in zip(a.figures, b.figures, strict=True) if None not in (x, y)]
    return bool(both) and all(x == y for x, y in both)


def _later(candidate: Candidate, than: Candidate) -> bool:
    """Whether a date or a later load says that the first came after the other."""
    if candidate.published and than.published and candidate.published != than.published:
        return candidate.published > than.published
    return candidate.first_load > than.first_load
