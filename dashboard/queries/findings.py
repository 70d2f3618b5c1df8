"""Failed rules of current reports, one by one, with what people have decided on them.

Decisions live outside the warehouse (:mod:`dashboard.desk`); they are handed in as
:class:`Decided`, so that a query's answer depends on its arguments alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

import pandas as pd

from dashboard.db import Database
from dashboard.desk import Review
from dashboard.filters import Selection
from dashboard.queries.base import (
    FINDING_KEY,
    OF_OFFICES,
    Viewer,
    Where,
    depends_on,
    everywhere,
    with_ids,
)

#: What a finding can be: never looked at; looked at with other values; decided.
STATES: Final = ("open", "changed", "accepted", "waived", "sent")
#: Those that still ask for a person.
TO_DO: Final = ("open", "changed")
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions in force: finding ids, their states, and the places they are about, in step."""

    ids: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @classmethod
    def of(cls, reviews: Iterable[Review]) -> Decided:
        """From the desk's reviews, in a fixed order."""
        found = sorted(reviews, key=lambda r: r.finding.finding_id)
        return cls(
            tuple(r.finding.finding_id for r in found),
            tuple(r.state for r in found),
            tuple(
                _BETWEEN.join((f.office_id, str(f.year), f.rule, f.subject))
                for f in (r.finding for r in found)
            ),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed rule of one report, with all that a person needs to decide on it."""

    finding_id: str
    report_id: str
    office_id: str
    name: str | None
    year: int
    rule: str
    level: str
    subject: str
    subject_zh: str | None
    subject_en: str | None
    left_value: float | None
    right_value: float | None
    left_text: str | None
    right_text: str | None
    message_zh: str | None
    message_en: str | None
    cells: tuple[str, ...]
    other_report_id: str | None
    other_office_id: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Which:
    """Which findings: of a rule, of a level of gravity, in some of :data:`STATES`; empty: all."""

    rule: str = ""
    level: str = ""
    states: tuple[str, ...] = ()


def _judged(scope: Viewer, selection: Selection, which: Which, decided: Decided) -> Where:
    """``x``: position, row and state of the failed findings of the selection."""
    where = everywhere(scope, selection, "m")
    if which.level:
        where = where.also("m.rule_level = ?", which.level)
    if which.rule:
        where = where.also("m.rule = ?", which.rule)
    if not decided.ids:
        return Where(
            "WITH x AS (SELECT m.position, m.finding_row, m.office_no, 'open' AS state "
            f"FROM mart_finding m WHERE {where.sql}) ",
            where.values,
        )
    return Where(
        "WITH d AS (SELECT unnest(?::VARCHAR[]) AS finding_id, unnest(?::VARCHAR[]) AS state, "
        "unnest(?::VARCHAR[]) AS place), "
        # By a number of the id first: five million ids are many times the bytes.
        f"n AS (SELECT m.finding_row FROM mart_finding m JOIN d ON m.finding_key = {FINDING_KEY}), "
        "k AS (SELECT f.finding_id, f.rowid AS finding_row, d.state FROM finding f "
        "JOIN n ON n.finding_row = f.rowid JOIN d ON d.finding_id = f.finding_id), "
        # A decision on a finding that is no longer there: its place asks again.
        "g AS (SELECT DISTINCT string_split(place, ?) AS place FROM d "
        "WHERE finding_id NOT IN (SELECT finding_id FROM k)), "
        "s AS (FROM k UNION ALL SELECT f.finding_id, f.rowid, 'changed' FROM finding f JOIN g "
        "ON f.office_id = g.place[1] AND f.year = try_cast(g.place[2] AS INTEGER) "
        "AND f.rule = g.place[3] AND coalesce(f.subject, '') = g.place[4] "
        "WHERE f.outcome = 'fail' AND f.finding_id NOT IN (SELECT finding_id FROM k)), "
        "x AS (SELECT m.position, m.finding_row, m.office_no, coalesce(s.state, 'open') AS state "
        "FROM mart_finding m LEFT JOIN s ON s.finding_row = m.finding_row "
        f"WHERE {where.sql}) ",
        (list(decided.ids), list(decided.states), list(decided.places), _BETWEEN, *where.values),
    )


#: The words of a few findings, by their rows; the list itself is found without reading any.
_LISTED: Final = (
    "SELECT x.finding_id, x.report_id, x.office_id, o.name, x.year, x.rule, x.level, "
    "coalesce(x.subject, '') AS subject, x.subject_zh, x.subject_en, "
    "x.left_value::DOUBLE AS left_value, x.right_value::DOUBLE AS right_value, "
    "x.left_value::VARCHAR AS left_text, x.right_value::VARCHAR AS right_text, "
    "x.message_zh, x.message_en, x.cells, x.other_report_id, NULL::VARCHAR AS other_office_id, "
    "w.state, list_extract(x.cells, 1) AS cell "
    "FROM (SELECT unnest(?::BIGINT[]) AS finding_row, unnest(?::INTEGER[]) AS position, "
    "unnest(?::INTEGER[]) AS office_no, unnest(?::VARCHAR[]) AS state) w "
    "JOIN finding x ON x.rowid = w.finding_row "
    "LEFT JOIN mart_office o ON o.office_no = w.office_no ORDER BY w.position"
)


def _whose(db: Database, reports: list[str]) -> dict[str, str]:
    """Offices of a few reports; most findings are about one report alone, and nothing is read."""
    if not reports:
        return {}
    return dict(
        db.rows(
            "SELECT report_id, any_value(office_id) FROM report "
            "WHERE list_contains(?, report_id) GROUP BY report_id",
            (reports,),
        )
    )


@depends_on("years", *OF_OFFICES)
def listed(
    scope: Viewer,
    db: Database,
    selection: Selection,
    which: Which = Which(),
    decided: Decided = Decided(),
    *,
    limit: int = 100,
) -> pd.DataFrame:
    """Failed findings, newest year first, then errors before warnings.

    The fields of :class:`Finding` and ``cell``, the first of its cells.
    """
    base = _judged(scope, selection, which, decided)
    values = list(base.values)
    wanted = ""
    if which.states:
        wanted = "WHERE list_contains(?, x.state) "
        values.append(list(which.states))
    rows = db.rows(
        base.sql + f"SELECT x.finding_row, x.position, x.office_no, x.state FROM x {wanted}"
        "ORDER BY x.position LIMIT ?",
        (*values, limit),
    )
    found = db.frame(_LISTED, [[row[n] for row in rows] for n in range(4)])
    whose = _whose(db, sorted(found["other_report_id"].dropna().unique()))
    found["other_office_id"] = found["other_report_id"].map(whose)
    return found


def one(
    scope: Viewer,
    db: Database,
    finding_id: str,
    decided: Decided = Decided(),
) -> Finding | None:
    """A finding by its id; ``None`` where there is none, or the viewer may not see it."""
    known = with_ids((finding_id,))
    found = db.rows(f"SELECT m.finding_row FROM mart_finding m WHERE {known.sql}", known.values)
    if not found:
        return None
    base = _judged(scope, Selection(), Which(), decided)
    rows = db.rows(
        base.sql + "SELECT x.finding_row, x.position, x.office_no, x.state FROM x "
        "WHERE list_contains(?, x.finding_row) ORDER BY x.position LIMIT 1",
        (*base.values, [row for (row,) in found]),
    )
    if not rows:
        return None
    row = db.records(_LISTED, [[row[n] for row in rows] for n in range(4)])[0]
    other = row["other_report_id"]
    return _finding(row | {"other_office_id": _whose(db, [other]).get(other) if other else None})


def _finding(row: dict[str, Any]) -> Finding:
    values = {f.name: row[f.name] for f in fields(Finding)}
    return Finding(**values | {"cells": tuple(row["cells"] or ())})


@depends_on("years", *OF_OFFICES)
def counts(
    scope: Viewer,
    db: Database,
    selection: Selection,
    which: Which = Which(),
    decided: Decided = Decided(),
) -> dict[str, int]:
    """State → how many findings of the selection, rule and level; ``states`` is ignored."""
    base = _judged(scope, selection, which, decided)
    rows = db.rows(base.sql + "SELECT x.state, count(*) FROM x GROUP BY x.state", base.values)
    found = {str(state): int(n) for state, n in rows}
    return {state: found.get(state, 0) for state in STATES}
