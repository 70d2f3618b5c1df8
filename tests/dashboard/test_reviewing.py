"""Human review of findings: queries, page, history, undo; a reload never erases it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import APP, Open, html

from dashboard.db import Database
from dashboard.desk import Desk, Finding
from dashboard.filters import Selection
from dashboard.i18n import catalogue
from dashboard.queries import findings
from dashboard.queries.base import EVERYTHING, Viewer
from dashboard.queries.findings import STATES, TO_DO, Decided, Which


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.setenv("DISCLOSURE_DESK", str(tmp_path / "desk.sqlite"))
    return Desk()


def about(row: findings.Finding) -> Finding:
    return Finding(
        row.finding_id, row.office_id, row.year, row.rule, row.subject, row.left_text,
        row.right_text,
    )  # fmt: skip


def ids(db: Database) -> list[str]:
    return list(findings.listed(EVERYTHING, db, Selection())["finding_id"])


def get(db: Database, finding_id: str, decided: Decided | None = None) -> findings.Finding:
    found = findings.one(EVERYTHING, db, finding_id, decided or Decided())
    assert found is not None
    return found


def test_states_are_counted_and_filtered(db: Database, desk: Desk) -> None:
    every = ids(db)
    one, two, three = (get(db, i) for i in every[:3])
    desk.review([about(one)], "accepted", who="王")
    desk.review([about(two)], "waived", reason="合并", who="王")
    gone = replace(about(three), finding_id="other-values", left_value="1")
    desk.review([gone], "sent", who="王")
    decided = Decided.of(desk.reviews().values())
    counts = findings.counts(EVERYTHING, db, Selection(), Which(), decided)
    assert counts == {
        "open": len(every) - 3, "changed": 1, "accepted": 1, "waived": 1, "sent": 0,
    }  # fmt: skip
    for state, wanted in (("accepted", one), ("waived", two), ("changed", three)):
        found = findings.listed(EVERYTHING, db, Selection(), Which(states=(state,)), decided)
        assert list(found["finding_id"]) == [wanted.finding_id]
        assert get(db, wanted.finding_id, decided).state == state
    todo = findings.listed(EVERYTHING, db, Selection(), Which(states=TO_DO), decided)
    assert len(todo) == len(every) - 2
    assert sum(findings.counts(EVERYTHING, db, Selection(), Which(), Decided()).values()) == len(
        every
    )


def test_two_findings_of_one_place_do_not_ask_again(db: Database, desk: Desk) -> None:
    """A decided finding that is still there makes no other one \u201cchanged\u201d."""
    one = get(db, ids(db)[0])
    desk.review([about(one)], "accepted", who="王")
    counts = findings.counts(
        EVERYTHING, db, Selection(), Which(), Decided.of(desk.reviews().values())
    )
    assert counts["changed"] == 0


def test_rule_level_year_and_viewer_limit_the_list(db: Database) -> None:
    some = findings.listed(EVERYTHING, db, Selection(years=(2025, 2025)), Which("T3-SUM", "error"))
    assert set(some["year"]) == {2025}
    assert findings.listed(EVERYTHING, db, Selection(), Which(level="info")).empty
    nobody = Viewer(frozenset())
    assert findings.listed(nobody, db, Selection()).empty
    assert findings.one(nobody, db, ids(db)[0]) is None


def publish(folder: Path, build: str, made: Path) -> Path:
    """The invented warehouse as another build; what is in it stays."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{build}.duckdb"
    shutil.copy(next(made.glob("*.duckdb")), path)
    (folder / "current.json").write_text(json.dumps({"build": build, "file": path.name}))
    return path


@pytest.fixture
def open_page(
    monkeypatch: pytest.MonkeyPatch, desk: Desk, tmp_path: Path, warehouses: dict[str, Path]
) -> Open:
    folder = tmp_path / "warehouse"
    publish(folder, "first", warehouses["demo"])

    def run(**params: str) -> AppTest:
        monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(folder))
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params.update({"lang": "zh", **params})
        app.switch_page("app_pages/quality.py")
        app.run()
        assert not app.exception, [e.value for e in app.exception]
        return app

    return run


def decide(app: AppTest, finding: str, state: str, reason: str, who: str, button: str) -> AppTest:
    app.radio(key=f"do_decision_{finding}").set_value(state)
    app.text_area(key=f"do_reason_{finding}").set_value(reason)
    app.text_input(key="do_who").set_value(who)
    app.button(key=button).click().run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def test_findings_are_listed_where_reviews_cannot_be_read(
    open_page: Open, desk: Desk, db: Database
) -> None:
    """Nothing decided is claimed, and nothing can be decided; the findings stay."""
    desk.path.write_bytes(b"no desk" * 99)
    app = open_page(status="waived")
    tables = [e.proto.body for e in app.get("html") if "<table" in e.proto.body]
    rows = next(body for body in tables if "复核记录无法读取" in body)
    listed = EVERYTHING, db, Selection()
    assert rows.count("复核记录无法读取") == min(len(findings.listed(*listed, limit=999)), 100)
    words = "".join(e.proto.body for e in app.get("html"))
    assert "未复核" not in words
    assert "已复核" not in words
    assert app.error


def test_a_decision_on_the_page_is_kept_shown_and_taken_back(
    open_page: Open, desk: Desk, db: Database
) -> None:
    first, second = ids(db)[:2]
    n = len(ids(db))
    app = open_page(finding=first)
    assert f"已复核 0 / {n} 条" in html(app)
    decide(app, first, "waived", "", "王", "do_save")
    assert "理由" in app.error[0].value
    decide(app, first, "waived", "原表如此", "", "do_save")
    assert "复核人" in app.error[0].value
    assert desk.reviews() == {}
    decide(app, first, "waived", "原表如此", "王", "do_save_next")
    assert app.query_params["finding"] == second
    assert f"已复核 1 / {n} 条" in html(app)
    assert desk.reviews()[first].reason == "原表如此"
    again = open_page(finding=first)
    assert "原表如此" in html(again)
    assert "已豁免" in html(again)
    again.button(key="do_undo").click().run()
    assert desk.reviews() == {}
    assert f"已复核 0 / {n} 条" in html(again)
    assert "原表如此" in html(again), "the record stays"


def test_a_reload_keeps_the_review_and_other_values_ask_again(
    open_page: Open, desk: Desk, db: Database, tmp_path: Path, warehouses: dict[str, Path]
) -> None:
    first = ids(db)[0]
    desk.review([about(get(db, first))], "accepted", who="王")
    folder = tmp_path / "warehouse"
    publish(folder, "second", warehouses["demo"])
    assert "已确认 1" in html(open_page(finding=first))
    path = publish(folder, "third", warehouses["demo"])
    with duckdb.connect(str(path)) as con:
        con.execute(
            "UPDATE finding SET finding_id = 'new-values', left_value = left_value + 1 "
            "WHERE finding_id = ?", [first],
        )  # fmt: skip
        con.execute(
            "UPDATE mart_finding SET finding_key = (md5_number_lower('new-values') & 4294967295) "
            "WHERE finding_row = (SELECT rowid FROM finding WHERE finding_id = 'new-values')"
        )
    app = open_page(finding="new-values")
    assert "数值已变，须再复核 1" in html(app)
    assert "此前复核时数值不同" in app.info[0].value
    lost = open_page(finding=first)
    assert "不在当前数据中" in lost.info[0].value


def test_the_state_filter_is_part_of_the_link(open_page: Open, desk: Desk, db: Database) -> None:
    first = ids(db)[0]
    desk.review([about(get(db, first))], "sent", who="王")
    app = open_page(status="sent")
    assert html(app).count("finding=") == 1
    app.segmented_control(key="do_status").set_value("todo").run()
    assert app.query_params["status"] == "todo"
    assert f"finding={first}" not in html(app)


def test_one_decision_on_everything_listed(open_page: Open, desk: Desk, db: Database) -> None:
    app = open_page(metric="T3-SUM", year="2025")
    mine = list(
        findings.listed(EVERYTHING, db, Selection(years=(2025, 2025)), Which("T3-SUM"))[
            "finding_id"
        ]
    )
    app.radio(key="do_batch_decision").set_value("sent")
    app.text_input(key="do_batch_who").set_value("李")
    app.button(key="do_batch_save").click().run()
    assert not app.exception
    assert {i: r.state for i, r in desk.reviews().items()} == dict.fromkeys(mine, "sent")


def test_a_damaged_desk_is_named_and_the_rest_of_the_page_stands(
    open_page: Open, desk: Desk
) -> None:
    desk.path.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    app = open_page()
    assert "无法读取" in app.error[0].value
    assert "未能确认的单元格" in html(app)


def test_states_have_words_in_both_languages() -> None:
    from dashboard.i18n import translator

    for lang in ("zh", "en"):
        t = translator(lang)
        assert len({t(f"quality.state.{s}") for s in STATES}) == len(STATES)


def test_the_profile_shows_the_state_and_leads_to_the_review(
    open_page: Open, desk: Desk, db: Database
) -> None:
    first = get(db, ids(db)[0])
    desk.review([about(first)], "sent", who="王")
    app = open_page()
    app.query_params.update({"office": first.office_id, "tab": "checks"})
    app.switch_page("app_pages/profile.py")
    app.run()
    assert not app.exception
    text = html(app)
    assert "已转机关" in text
    assert f"finding={first.finding_id}" in text


def test_letters_are_refused_while_the_reviews_cannot_be_read(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A letter would ask for what was waived; the command line refuses, too."""
    assert [b for b in open_page().button if b.key == "do_letters_make"]
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"no desk at all" * 100)
    monkeypatch.setenv("DISCLOSURE_DESK", str(damaged))
    app = open_page()
    assert not [b for b in app.button if b.key == "do_letters_make"]
    refused = [e.value for e in app.error if catalogue()["letters.no_desk"]["zh"] in e.value]
    assert refused
    assert catalogue()["error.desk_unreadable.do"]["zh"] in refused[0]
    assert any(c.value.startswith(str(damaged)) for c in app.code)
