"""What a reader looks for on any page: an office by one of its names, words in the reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.office_index import OfficeIndex
from dashboard.queries.base import Viewer, current, seen

#: Paragraphs read in one step at most, newest loads first; the reader can ask for the next step.
#: 600,000 paragraphs of 140 characters take 250 ms of one processor (benchmarks/bench_search.py).
STEP: Final = 300_000
#: Paragraphs read between two looks at whether enough is found.
CHUNK: Final = 100_000


def office_index(scope: Viewer, db: Database) -> OfficeIndex:
    """All names of the viewer's offices; those with the most applications come first."""
    where = seen(scope, "o")
    rows = db.rows(
        "SELECT o.office_id, o.name, o.short_name, o.aliases, o.pinyin, o.division_code, "
        "concat_ws('', o.province_name, o.city_name, o.county_name) FROM office o LEFT JOIN "
        "(SELECT office_id, sum(m_applications_new_num) AS n FROM mart_report GROUP BY office_id) "
        f"v ON v.office_id = o.office_id WHERE {where.sql} "
        "ORDER BY v.n DESC NULLS LAST, o.name, o.office_id",
        where.values,
    )
    return OfficeIndex.of(
        (office_id, (name, short, *(aliases or ()), *(pinyin or "").split(), code, place))
        for office_id, name, short, aliases, pinyin, code, place in rows
    )


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
    a bounded part of the text instead, from the end, and stops when it has ``limit`` hits; ``skip``
    is how many paragraphs earlier steps have read.
    """
    where = current(scope, selection)
    total = int(db.rows("SELECT count(*) FROM narrative")[0][0])
    contain = " AND ".join(["contains(n.text, ?)"] * len(words)) or "FALSE"
    parts: list[pd.DataFrame] = []
    read, hits = skip, 0
    while read < min(total, skip + STEP):
        size = min(CHUNK, skip + STEP - read)
        high = total - read
        values: tuple[Any, ...] = (high - size, high - 1, *words, *where.values, limit - hits)
        part = db.frame(
            "SELECT n.report_id, r.office_id, o.name, r.year, n.section, n.heading, n.text "
            "FROM narrative n JOIN report r ON r.report_id = n.report_id "
            "LEFT JOIN office o ON o.office_id = r.office_id "
            f"WHERE n.rowid BETWEEN ? AND ? AND {contain} AND {where.sql} "
            "ORDER BY r.year DESC, o.name, n.report_id, n.section LIMIT ?",
            values,
        )
        parts.append(part)
        hits += len(part)
        read += size
        if hits >= limit:
            break
    found = pd.concat([p for p in parts if len(p)], ignore_index=True) if hits else _NOTHING
    return Paragraphs(found, min(read, total), total)


_NOTHING: Final = pd.DataFrame(
    columns=["report_id", "office_id", "name", "year", "section", "heading", "text"]
)
