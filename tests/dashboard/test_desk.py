"""The desk: reviews and briefings outlive loads, nothing is overwritten, damage is named."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from dashboard.desk import _STEPS, Desk, DeskError, Finding, desk_file

A = Finding("a1", "990100", 2024, "T3-FLOW", "total", "12", "13")
B = Finding("b1", "990100", 2024, "T3-FLOW", "natural", "3", "4")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk.sqlite")


def test_reading_an_unused_desk_makes_no_file(desk: Desk) -> None:
    assert desk.reviews() == {}
    assert desk.history(A) == []
    assert desk.briefings() == []
    assert not desk.path.exists()


def test_the_last_decision_counts_and_all_are_kept(desk: Desk) -> None:
    assert desk.review([A, B], "sent", who="王") == 2
    desk.review([A], "waived", reason="原表如此", who="李")
    now = desk.reviews()
    assert {k: v.state for k, v in now.items()} == {"a1": "waived", "b1": "sent"}
    assert now["a1"].reason == "原表如此"
    assert now["a1"].finding == A
    desk.review([A], "open")
    assert set(desk.reviews()) == {"b1"}
    assert [r.state for r in desk.history(A)] == ["sent", "waived", "open"]


def test_only_the_findings_asked_for_more_than_a_statement_can_hold(desk: Desk) -> None:
    many = [Finding(f"f{i}", "990100", 2024, "R", str(i)) for i in range(2500)]
    desk.review(many, "accepted")
    asked = [f"f{i}" for i in range(0, 2500, 2)]
    assert set(desk.reviews(asked)) == set(asked)
    assert desk.reviews([]) == {}


def test_changed_values_ask_for_a_review_and_show_the_earlier_one(desk: Desk) -> None:
    desk.review([A], "accepted", who="王")
    changed = Finding("a2", A.office_id, A.year, A.rule, A.subject, "12", "14")
    assert desk.reviews([changed.finding_id]) == {}
    assert [(r.finding.right_value, r.state) for r in desk.history(changed)] == [("13", "accepted")]


def test_waiving_needs_a_reason_and_states_are_known(desk: Desk) -> None:
    with pytest.raises(ValueError, match="reason"):
        desk.review([A], "waived", reason="  ")
    with pytest.raises(ValueError, match="state"):
        desk.review([A], "ignored")
    assert desk.reviews() == {}


def test_briefings_by_name(desk: Desk) -> None:
    desk.save_briefing("周一", "{1}")
    desk.save_briefing("季度", "{2}", who="王")
    desk.save_briefing("周一", "{3}")
    assert [(s.name, s.spec) for s in desk.briefings()] == [("周一", "{3}"), ("季度", "{2}")]
    desk.delete_briefing("周一")
    desk.delete_briefing("没有")
    assert [s.name for s in desk.briefings()] == ["季度"]
    assert desk.briefing("周一") is None
    with pytest.raises(ValueError, match="name"):
        desk.save_briefing(" ", "{}")


def test_many_writers_at_once_lose_nothing(desk: Desk) -> None:
    def write(number: int) -> None:
        for i in range(5):
            desk.review([Finding(f"{number}-{i}", "o", 2024, "R", "s")], "accepted")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.reviews()) == 40


def test_half_a_decision_is_no_decision(desk: Desk) -> None:
    broken = Finding("x", "o", 2024, "R", None)  # type: ignore[arg-type]
    with pytest.raises(DeskError):
        desk.review([A, broken], "accepted")
    assert desk.reviews() == {}


def test_a_file_that_is_no_desk_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    path.write_bytes(b"not a database, but somebody's file, long enough to be read" * 40)
    before = path.read_bytes()
    with pytest.raises(DeskError) as caught:
        Desk(path).review([A], "accepted")
    assert caught.value.reason == "desk_unreadable"
    assert str(path) in caught.value.place
    assert path.read_bytes() == before


def test_a_desk_of_a_newer_program_is_refused(desk: Desk) -> None:
    desk.review([A], "accepted")
    with sqlite3.connect(desk.path) as connection:
        connection.execute(f"PRAGMA user_version = {len(_STEPS) + 1}")
    with pytest.raises(DeskError) as caught:
        desk.reviews()
    assert caught.value.reason == "desk_newer"


def test_another_writer_that_does_not_finish(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.review([A], "accepted")
    monkeypatch.setattr("dashboard.desk.PATIENCE", 0.05)
    other = sqlite3.connect(desk.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DeskError) as caught:
        desk.review([B], "accepted")
    other.close()
    assert caught.value.reason == "desk_locked"
    assert set(desk.reviews()) == {"a1"}


def test_no_place_to_write(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(DeskError) as caught:
        Desk(blocked / "desk.sqlite").review([A], "accepted")
    assert caught.value.reason == "desk_readonly"


def test_it_lies_beside_the_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(tmp_path / "data" / "warehouse"))
    monkeypatch.delenv("DISCLOSURE_DESK", raising=False)
    assert desk_file() == tmp_path / "data" / "desk.sqlite"
    monkeypatch.setenv("DISCLOSURE_DESK", str(tmp_path / "elsewhere.sqlite"))
    assert desk_file() == tmp_path / "elsewhere.sqlite"
