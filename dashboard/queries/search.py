"""What a reader looks for on any page: an office by one of its names, words in the reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.office_index import OfficeIndex
from dashboard.queries.base import NAMED, OF_OFFICES, Viewer, current, depends_on, seen

#: Paragraphs read in one question, newest loads first; a page asks several times, and the reader
#: for more. 600,000 paragraphs of 140 characters take 250 ms of one processor
#: (benchmarks/bench_search.py).
STEP: Final = 60_000


def office_index(scope: Viewer, db: Database) -> OfficeIndex:
    """All names of the viewer's offices; those with the most applications come first."""
    # The load wrote the lines, in the order they are listed in.
    sql, where = "SELECT n.line FROM mart_office n", seen(scope, "o")
    if scope.regions is not None:
        sql += f" JOIN office o ON o.office_id = n.office_id WHERE {where.sql} ORDER BY n.rowid"
    return OfficeIndex.of(*db.packed(sql, where.values))


def offices_by_id(scope: Viewer, db: Database, office_ids: tuple[str, ...]) -> pd.DataFrame:
    """``office_id, name, level, kind, place, first_year, last_year`` in the order of the ids."""
    where = seen(scope, "o")
    return db.frame(
        "SELECT o.office_id, o.name, o.level, o.kind, array_to_string(list_distinct(list_filter("
        "[o.province_name, o.city_name, o.county_name], lambda p: p IS NOT NULL)), ' ') AS place, "
        f"o.first_year, o.last_year FROM office o WHERE {where.sql} "
        "AND list_contains(?, o.office_id) ORDER BY list_position(?, o.office_id)",
        (*where.values, list(office_ids), list(office_ids)),
    )


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs with all words, newest loads first.

    ``found``: ``report_id, office_id, name, year, section, heading, text``. ``read`` of ``total``
    paragraphs were looked at up to now; ``total - read`` is where a next step starts.
    """

    found: pd.DataFrame
    read: int
    total: int

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Paragraphs)
            and (self.read, self.total) == (other.read, other.total)
            and self.found.equals(other.found)
        )

    __hash__ = None  # type: ignore[assignment]


@depends_on("years", *OF_OFFICES)
def paragraphs(
    scope: Viewer,
    db: Database,
    selection: Selection,
    words: tuple[str, ...],
    *,
    skip: int = 0,
    limit: int = 20,
) -> Paragraphs:
    """Narrative paragraphs of current reports that have all words, as written.

    No index is kept: one of all pairs of characters would be many times the warehouse. A step reads
    a bounded part of the text instead, from the end; of more hits than ``limit`` the newest years'
    are listed. ``skip`` is how many paragraphs earlier steps have read.
    """
    where = current(scope, selection)
    total = int(db.rows("SELECT coalesce(max(p.paragraph) + 1, 0) FROM mart_paragraph p")[0][0])
    high = max(total - skip, 0)
    low = max(high - STEP, 0)
    contain = " AND ".join(["contains(n.text, ?)"] * len(words)) or "FALSE"
    hits = db.rows(
        # Numbers of paragraphs first; the text is read of those that are shown.
        "WITH n AS (SELECT n.rowid AS paragraph FROM narrative n "
        f"WHERE n.rowid BETWEEN ? AND ? AND {contain}), "
        "p AS (SELECT p.paragraph, p.report_no FROM mart_paragraph p JOIN n "
        "ON n.paragraph = p.paragraph WHERE p.paragraph BETWEEN ? AND ?) "
        "SELECT p.paragraph, p.report_no FROM p JOIN wide_report r ON r.report_no = p.report_no "
        f"WHERE {where.sql} ORDER BY r.year DESC, r.office_no, p.paragraph LIMIT ?",
        (low, high - 1, *words, low, high - 1, *where.values, limit),
    )
    if not hits:
        return Paragraphs(_NOTHING, total - low, total)
    rows = [row for row, _ in hits]
    found = db.frame(
        "SELECT r.report_id, r.office_id, o.name, r.year, n.section, n.heading, n.text "
        "FROM (SELECT unnest(?::INTEGER[]) AS report_no, unnest(?::BIGINT[]) AS paragraph, "
        "unnest(?::INTEGER[]) AS place) x JOIN narrative n ON n.rowid = x.paragraph "
        f"{NAMED}WHERE n.rowid BETWEEN ? AND ? ORDER BY x.place",
        ([no for _, no in hits], rows, list(range(len(rows))), min(rows), max(rows)),
    )
    return Paragraphs(found, total - low, total)


_NOTHING: Final = pd.DataFrame(
    columns=["report_id", "office_id", "name", "year", "section", "heading", "text"]
)
