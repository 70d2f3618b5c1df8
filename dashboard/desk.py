"""The desk: what users write. Reviews of findings and saved briefings, in one small SQLite file.

It lies beside the warehouse, never inside it, so that no load erases it; copying the file is its
backup. Nothing is ever overwritten: a new decision is a new line, and the last line counts, so who
decided what and when stays answerable. A finding's id is a hash of its office, year, rule, subject
and both values (``finding.finding_id``): a rebuild finds the same review again, and a finding whose
values have changed is another finding that asks for a review of its own.

One connection a call: a page's threads share nothing, and other processes may write as well (WAL).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dashboard.db import warehouse_folder

ENVIRONMENT: Final = "DISCLOSURE_DESK"
FILE: Final = "desk.sqlite"
#: What can be decided on a finding. ``open`` takes a decision back; the line before stays.
STATES: Final = ("open", "accepted", "waived", "sent")
#: Longest texts kept: a reason is a sentence or two, a briefing's specification some kilobytes.
REASON_LENGTH: Final = 1000
NAME_LENGTH: Final = 120
SPEC_LENGTH: Final = 1_000_000
#: Seconds to wait for another writer.
PATIENCE: Final = 10.0
#: SQLite's limit of bound values in one statement was 999 for long.
_BATCH: Final = 900

#: Every step of the schema, in order; ``user_version`` counts those taken.
_STEPS: Final = (
    """
    CREATE TABLE review (
        review_id INTEGER PRIMARY KEY,
        finding_id TEXT NOT NULL,
        office_id TEXT NOT NULL,
        year INTEGER NOT NULL,
        rule TEXT NOT NULL,
        subject TEXT NOT NULL,
        left_value TEXT,
        right_value TEXT,
        state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'waived', 'sent')),
        reason TEXT NOT NULL DEFAULT '',
        who TEXT NOT NULL DEFAULT '',
        at TEXT NOT NULL
    );
    CREATE INDEX review_finding ON review (finding_id, review_id);
    CREATE INDEX review_place ON review (office_id, year, rule, subject, review_id);
    CREATE TABLE briefing (
        briefing_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        spec TEXT,
        who TEXT NOT NULL DEFAULT '',
        at TEXT NOT NULL
    );
    CREATE INDEX briefing_name ON briefing (name, briefing_id);
    """,
)


class DeskError(Exception):
    """The desk cannot be used. ``reason`` is a key of the catalogue (``error.<reason>``).

    ``desk_unreadable``: the file is no desk, or damaged; ``desk_newer``: a newer version of this
    program wrote it; ``desk_locked``: another writer did not finish; ``desk_readonly``: no place
    to write.
    """

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(f"{reason}: {place}")
        self.reason = reason
        self.place = place


@dataclass(frozen=True, slots=True)
class Finding:
    """What a review is about; both values as text, as the warehouse prints them."""

    finding_id: str
    office_id: str
    year: int
    rule: str
    subject: str
    left_value: str | None = None
    right_value: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One decision. ``at`` is UTC, ISO 8601 to the second."""

    finding: Finding
    state: str
    reason: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved briefing: its name, its specification, who saved it and when (UTC)."""

    name: str
    spec: str
    who: str
    at: str


def desk_file() -> Path:
    """Where the desk lies: beside the warehouse, or where ``DISCLOSURE_DESK`` says."""
    return Path(os.environ.get(ENVIRONMENT) or warehouse_folder().parent / FILE)


class Desk:
    """Reads and writes one desk; cheap to make, holds nothing open."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or desk_file()

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise DeskError("desk_readonly", f"{self.path} ({error})") from error
        connection.row_factory = sqlite3.Row
        try:
            self._raise_to_version(connection)
            if write:
                connection.execute("BEGIN IMMEDIATE")
            yield connection
            if write:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise DeskError(_reason(error), f"{self.path} ({error})") from error
        finally:
            connection.close()  # an unfinished transaction is rolled back

    def _raise_to_version(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(_STEPS):
            raise DeskError("desk_newer", f"{self.path} (version {version})")
        if version == len(_STEPS):
            return
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(version, len(_STEPS)):
            # Two processes may find the same old version; the second finds the step taken.
            connection.executescript("BEGIN IMMEDIATE;")
            if int(connection.execute("PRAGMA user_version").fetchone()[0]) == number:
                for statement in _STEPS[number].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")

    # Reviews

    def review(
        self, findings: Iterable[Finding], state: str, *, reason: str = "", who: str = ""
    ) -> int:
        """Write one decision on each finding, all or none; how many.

        Raises:
            ValueError: an unknown state, or waived without a reason.
            DeskError: the desk cannot be written.
        """
        if state not in STATES:
            raise ValueError(f"unknown state {state!r}")
        reason, who = reason.strip()[:REASON_LENGTH], who.strip()[:NAME_LENGTH]
        if state == "waived" and not reason:
            raise ValueError("waiving a finding needs a reason")
        rows = [(*_columns(f), state, reason, who, _now()) for f in findings]
        with self._open(write=True) as connection:
            connection.executemany(
                "INSERT INTO review (finding_id, office_id, year, rule, subject, left_value, "
                "right_value, state, reason, who, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
        return len(rows)

    def reviews(self, finding_ids: Sequence[str] | None = None) -> dict[str, Review]:
        """The decision in force on each finding (of those named, else of all), without open ones.

        Raises:
            DeskError: the desk cannot be read.
        """
        if not self.path.is_file():
            return {}
        sql = (
            "SELECT * FROM review r WHERE state <> 'open' AND review_id = "
            "(SELECT max(review_id) FROM review WHERE finding_id = r.finding_id)"
        )
        found: list[sqlite3.Row] = []
        with self._open() as connection:
            if finding_ids is None:
                found = connection.execute(sql).fetchall()
            else:
                for start in range(0, len(finding_ids), _BATCH):
                    part = list(finding_ids[start : start + _BATCH])
                    marks = ", ".join("?" * len(part))
                    found += connection.execute(f"{sql} AND finding_id IN ({marks})", part)
        return {row["finding_id"]: _review(row) for row in found}

    def history(self, finding: Finding) -> list[Review]:
        """All decisions on this place, oldest first.

        Those on this finding, and on earlier ones of the same office, year, rule and subject whose
        values were others.

        Raises:
            DeskError: the desk cannot be read.
        """
        if not self.path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT * FROM review WHERE office_id = ? AND year = ? AND rule = ? "
                "AND subject = ? ORDER BY review_id",
                (finding.office_id, finding.year, finding.rule, finding.subject),
            ).fetchall()
        return [_review(row) for row in rows]

    # Briefings

    def save_briefing(self, name: str, spec: str, *, who: str = "") -> None:
        """Keep a specification under a name; what was kept under it before stays in the file.

        Raises:
            ValueError: no name, or a specification beyond ``SPEC_LENGTH``.
            DeskError: the desk cannot be written.
        """
        name = name.strip()[:NAME_LENGTH]
        if not name or len(spec) > SPEC_LENGTH:
            raise ValueError("a name and a specification of bounded length are needed")
        self._write_briefing(name, spec, who)

    def delete_briefing(self, name: str, *, who: str = "") -> None:
        """No longer list a briefing; an unknown name changes nothing.

        Raises:
            DeskError: the desk cannot be written.
        """
        if self.briefing(name) is not None:
            self._write_briefing(name, None, who)

    def _write_briefing(self, name: str, spec: str | None, who: str) -> None:
        with self._open(write=True) as connection:
            connection.execute(
                "INSERT INTO briefing (name, spec, who, at) VALUES (?, ?, ?, ?)",
                (name, spec, who.strip()[:NAME_LENGTH], _now()),
            )

    def briefings(self) -> list[Saved]:
        """The saved briefings, last saved first.

        Raises:
            DeskError: the desk cannot be read.
        """
        if not self.path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT * FROM briefing b WHERE spec IS NOT NULL AND briefing_id = "
                "(SELECT max(briefing_id) FROM briefing WHERE name = b.name) "
                "ORDER BY briefing_id DESC"
            ).fetchall()
        return [Saved(row["name"], row["spec"], row["who"], row["at"]) for row in rows]

    def briefing(self, name: str) -> Saved | None:
        """A saved briefing by its name.

        Raises:
            DeskError: the desk cannot be read.
        """
        return next((saved for saved in self.briefings() if saved.name == name), None)


def _columns(f: Finding) -> tuple[Any, ...]:
    return (
        f.finding_id, f.office_id, f.year, f.rule, f.subject, f.left_value, f.right_value,
    )  # fmt: skip


def _review(row: sqlite3.Row) -> Review:
    finding = Finding(
        row["finding_id"], row["office_id"], row["year"], row["rule"], row["subject"],
        row["left_value"], row["right_value"],
    )  # fmt: skip
    return Review(finding, row["state"], row["reason"], row["who"], row["at"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _reason(error: sqlite3.Error) -> str:
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return "desk_locked"
    if "readonly" in text or "read-only" in text or "unable to open" in text or "full" in text:
        return "desk_readonly"
    return "desk_unreadable"
