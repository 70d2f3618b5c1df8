"""Queries against plain-Python sums over the fixture's reports."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import fixture_warehouse as fixture
import pandas as pd
import pytest

from dashboard.db import Build, Database
from dashboard.filters import Selection
from dashboard.queries import dossier, offices, profile, quality, roster, series
from dashboard.queries.base import EVERYTHING, Viewer, column
from dashboard.queries.meta import Meta

Report = fixture.Report
KEYS = tuple(fixture.FORM.metrics)
REGION = "990100"
#: After every date due of the fixture.
DAY = dt.date(2026, 9, 20)


def with_base(meta: Meta) -> frozenset[str]:
    return frozenset(k for k, m in meta.metrics.items() if m.has_base)


def every_year(found: list[Report]) -> set[str]:
    years = {r.year for r in found}
    by_office: dict[str, set[int]] = {}
    for r in found:
        by_office.setdefault(r.office.office_id, set()).add(r.year)
    return {office for office, seen in by_office.items() if seen == years}


def balanced(found: list[Report]) -> list[Report]:
    return [r for r in found if r.office.office_id in every_year(found)]


SELECTIONS: dict[str, tuple[Selection, Callable[[list[Report]], list[Report]]]] = {
    "all": (Selection(), lambda rs: rs),
    "region": (Selection(region=REGION), lambda rs: [r for r in rs if r.office.city == REGION]),
    "years": (Selection(years=(2020, 2022)), lambda rs: [r for r in rs if 2020 <= r.year <= 2022]),
    "kind": (Selection(kinds=("部门",)), lambda rs: [r for r in rs if r.office.kind == "部门"]),
    "ok": (Selection(ok_only=True), lambda rs: [r for r in rs if not r.failed]),
    "balanced": (Selection(balanced=True), lambda rs: balanced(rs)),
    "balanced ok": (
        Selection(balanced=True, ok_only=True),
        lambda rs: balanced([r for r in rs if not r.failed]),
    ),
    "balanced province, years, kind": (
        Selection(balanced=True, region="990000", years=(2020, 2022), kinds=("部门",)),
        lambda rs: balanced([r for r in rs if 2020 <= r.year <= 2022 and r.office.kind == "部门"]),
    ),
    "balanced city": (
        Selection(balanced=True, region=REGION),
        lambda rs: balanced([r for r in rs if r.office.city == REGION]),
    ),
    "region report scope": (Selection(scope="region"), lambda rs: []),
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_pooled_figures_equal_plain_sums(
    db: Database, meta: Meta, reports: list[Report], name: str
) -> None:
    selection, keep = SELECTIONS[name]
    kept = keep(reports)
    frame = series.by_year(EVERYTHING, db, selection, KEYS, with_base(meta))
    assert set(frame["year"]) == {r.year for r in kept}
    for row in frame.itertuples():
        pairs = [fixture.metric(row.metric, r.cells) for r in kept if r.year == row.year]
        having = [(num, den) for num, den in pairs if num is not None]
        assert row.n == len(having)
        if not having:
            assert math.isnan(row.num)
            continue
        num = sum(n for n, _ in having)
        assert row.num == num
        if meta.metrics[row.metric].has_base:
            den = sum(d or 0 for _, d in having)
            assert row.den == den
            assert row.value == pytest.approx(num / den) if den else math.isnan(row.value)
        else:
            assert row.value == num


def test_a_build_without_sums_by_sets_of_years_says_the_same(
    db: Database, meta: Meta, tmp_path: Path
) -> None:
    older = Path(shutil.copy(db.build.path, tmp_path / "older.duckdb"))
    with duckdb.connect(str(older)) as con:
        con.execute("DROP TABLE mart_panel")
    selection = Selection(balanced=True)
    with contextlib.closing(Database(Build("older", str(older)))) as without:
        asked = (selection, KEYS, with_base(meta))
        found, wanted = (series.by_year(EVERYTHING, d, *asked) for d in (without, db))
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
        counts = [series.count(EVERYTHING, d, selection) for d in (without, db)]
    assert counts[0] == counts[1] > 0


def test_a_year_without_reports_is_a_row_without_values(db: Database, meta: Meta) -> None:
    frame = profile.history(
        EVERYTHING, db, Selection(), "o-9901021", ("disclosure_rate",), with_base(meta)
    )
    gap = frame[frame["year"] == 2022].iloc[0]
    assert list(frame["year"]) == list(range(2019, 2026))
    assert math.isnan(gap["value"])
    assert pd.isna(gap["report_id"])


def test_an_empty_scope_sees_nothing_and_a_region_sees_only_itself(
    db: Database, meta: Meta
) -> None:
    nothing, one = Viewer(frozenset()), Viewer(frozenset({"990101"}))
    base = with_base(meta)
    office, report = "o-9902010", "r-o-9902010-2023"
    for viewer in (nothing, one):
        assert offices.one(viewer, db, office) is None
        assert profile.provenance(viewer, db, report) is None
        assert profile.documents(viewer, db, office).empty
        assert profile.findings(viewer, db, office).empty
        assert profile.narrative(viewer, db, report).empty
        assert offices.search(viewer, db, "栖梧", Selection()) == []
        assert quality.rejected(viewer, db).empty
    assert series.by_year(nothing, db, Selection(), KEYS[:1], base).empty
    assert series.coverage(nothing, db, Selection(), DAY).empty
    assert series.missing(nothing, db, Selection(), 2025, DAY).empty
    assert offices.options(nothing, db).years == ()
    assert {p.code for p in offices.options(one, db).places} == {"990000", "990100", "990101"}
    assert set(series.coverage(one, db, Selection(), DAY)["expected"]) == {4}
    # A region filter cannot widen what the viewer may see.
    assert series.by_year(one, db, Selection(region="990200"), KEYS[:1], base).empty


def test_coverage_counts_roster_against_reports(db: Database, reports: list[Report]) -> None:
    frame = series.coverage(EVERYTHING, db, Selection(ok_only=True), DAY).set_index("year")
    for year in fixture.YEARS:
        mine = [r for r in reports if r.year == year]
        assert frame.loc[year, "expected"] == 24
        assert frame.loc[year, "reported"] == len(mine)
        assert frame.loc[year, "used"] == sum(not r.failed for r in mine)


def test_missing_reports_name_office_due_date_and_last_report(db: Database) -> None:
    found = series.missing(EVERYTHING, db, Selection(), 2025, DAY)
    assert list(found["office_id"]) == ["o-990202t"]
    assert found.iloc[0]["last"] == 2023
    assert str(found.iloc[0]["due"])[:10] == "2026-01-31"


def test_a_report_that_is_not_due_yet_is_not_missing(db: Database) -> None:
    for day, missing, not_due in ((dt.date(2026, 1, 31), 0, 1), (dt.date(2026, 2, 1), 1, 0)):
        row = series.coverage(EVERYTHING, db, Selection(), day).set_index("year").loc[2025]
        assert row["not_due"] == not_due
        assert row["expected"] - row["reported"] - row["not_due"] == missing
        assert len(series.missing(EVERYTHING, db, Selection(), 2025, day)) == missing
        board = roster.arrivals(EVERYTHING, db, Selection(), day)
        here = board[board["year"] == 2025].set_index("arrival")["n"]
        assert here.get("missing", 0) == missing
        assert here.get("not_due", 0) == not_due


@pytest.mark.parametrize("metric", ["disclosure_rate", "carry_over_rate", "disputes_per_100"])
def test_the_split_of_a_change_adds_up(db: Database, reports: list[Report], metric: str) -> None:
    year = 2024
    frame = series.why_moved(EVERYTHING, db, Selection(years=(2024, 2024)), metric, year)
    by = frame.set_index("effect")
    parts = by.drop(index="total")

    def pooled(y: int) -> tuple[int, int]:
        pairs = [fixture.metric(metric, r.cells) for r in reports if r.year == y]
        kept = [(n, d) for n, d in pairs if n is not None and d is not None]
        return sum(n for n, _ in kept), sum(d for _, d in kept)

    (n0, d0), (n1, d1) = pooled(year - 1), pooled(year)
    assert by.loc["total", "count"] == n1 - n0
    assert by.loc["total", "points"] == pytest.approx(n1 / d1 - n0 / d0)
    assert parts["count"].sum() == pytest.approx(n1 - n0)
    assert parts["points"].dropna().sum() == pytest.approx(n1 / d1 - n0 / d0)
    assert pd.isna(by.loc["volume", "points"])


def test_offices_parts_of_a_change_add_up_to_the_matched_change(db: Database) -> None:
    frame = series.who_moved(EVERYTHING, db, Selection(), "disclosure_rate", 2024, limit=1000)
    effects = series.why_moved(EVERYTHING, db, Selection(), "disclosure_rate", 2024)
    by = effects.set_index("effect")["points"]
    assert frame["points"].sum() == pytest.approx(by["mix"] + by["rate"])
    assert list(frame["points"].abs()) == sorted(frame["points"].abs(), reverse=True)


def test_peers_leave_the_office_out(db: Database, meta: Meta, reports: list[Report]) -> None:
    office = offices.one(EVERYTHING, db, "o-9901021")
    assert office is not None
    band = profile.peers_band(
        EVERYTHING, db, Selection(), office, ("applications_new",), with_base(meta)
    )
    for row in band.itertuples():
        values = sorted(
            fixture.metric("applications_new", r.cells)[0] or 0
            for r in reports
            if r.year == row.year
            and (r.office.level, r.office.kind) == (office.level, office.kind)
            and r.office.office_id != office.office_id
        )
        assert row.peers == len(values) >= profile.MIN_PEERS
        assert row.mid == pytest.approx(pd.Series(values).median())
        assert row.low == pytest.approx(pd.Series(values).quantile(0.25))


@pytest.mark.parametrize("covers", ["own_office", "region"])
def test_peers_kept_by_the_load_are_those_counted_now(
    db: Database, meta: Meta, reports: list[Report], covers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, base = tuple(meta.metrics), with_base(meta)
    seen = 0
    for office_id in sorted({r.office.office_id for r in reports})[::5]:
        office = offices.one(EVERYTHING, db, office_id)
        if office is None:
            continue
        asked = (db, Selection(years=(2020, 2025), scope=covers), office, keys, base)
        kept = profile.peers_band(EVERYTHING, *asked)
        with monkeypatch.context() as patch:
            patch.setattr(profile, "_kept", lambda *_: None)
            counted = profile.peers_band(EVERYTHING, *asked)
        seen += len(counted)
        pd.testing.assert_frame_equal(kept, counted, check_dtype=False)
    assert seen or covers == "region"


def test_too_few_peers_make_no_band(db: Database, meta: Meta) -> None:
    office = offices.one(EVERYTHING, db, "o-p0")
    assert office is not None
    assert profile.peers_band(EVERYTHING, db, Selection(), office, KEYS[:1], with_base(meta)).empty


def test_continuity_compares_with_the_year_before_only(db: Database, reports: list[Report]) -> None:
    by = {(r.office.office_id, r.year): r.cells for r in reports}
    for office in ("o-9901021", "o-p1"):
        for row in profile.continuity(EVERYTHING, db, Selection(), office).itertuples():
            before = by.get((office, row.year - 1), {}).get("t3.carried_out.total")
            now = by.get((office, row.year), {}).get("t3.carried_in.total")
            assert (None if math.isnan(row.carried_in) else row.carried_in) == now
            known = None if math.isnan(row.carried_out_before) else row.carried_out_before
            assert known == before
            assert math.isnan(row.difference) == (before is None or now is None)


@pytest.mark.parametrize(
    ("text", "first"),
    [("望舒区人民政府", "o-9901010"), ("lanchuanshengzi", "o-p1"), ("990202", "o-9902020"),
     ("枕溪 公安", "o-9901022"), ("望舒区政府", "o-9901010")],
)  # fmt: skip
def test_search_by_name_alias_pinyin_and_code(db: Database, text: str, first: str) -> None:
    found = offices.search(EVERYTHING, db, text, Selection())
    assert found
    assert found[0].office_id == first


@pytest.mark.parametrize("text", ["%", "' OR 1=1 --", "\\", "不存在的机关"])
def test_search_takes_any_text_as_text(db: Database, text: str) -> None:
    assert offices.search(EVERYTHING, db, text, Selection()) == []


def test_a_column_name_is_a_plain_word() -> None:
    for bad in ('m"; DROP', "m a", "", "M", "1a"):
        with pytest.raises(ValueError, match="column name"):
            column(bad)


def test_provenance_carries_states_places_and_blocks(db: Database) -> None:
    found = profile.provenance(EVERYTHING, db, "r-o-990100b-2023")
    assert found is not None
    reading = found.readings["t3.granted.total"]
    assert reading.state == "number"
    assert reading.block is not None
    cells = found.blocks[reading.block]["cells"]
    printed = next(c[4] for c in cells if (c[0], c[1]) == (reading.a, reading.b))
    assert float(printed) == reading.value


def test_attention_counts_and_findings(db: Database, reports: list[Report]) -> None:
    mine = [r for r in reports if r.year == 2025]
    counts = quality.attention(EVERYTHING, db, Selection(), 2025)
    assert counts["reports"] == len(mine)
    assert counts["failing_reports"] == sum(r.failed for r in mine)
    assert counts["unread_cells"] == sum(list(r.states.values()).count("unread") for r in mine)
    found = quality.findings(EVERYTHING, db, Selection(years=(2025, 2025)), level="error")
    assert len(found) == counts["failing_reports"]


def test_arrivals_against_the_statutory_date(db: Database) -> None:
    found = roster.arrivals(EVERYTHING, db, Selection(), DAY)
    assert set(found["expected"]) == {24}
    by = {(r.year, r.arrival): r.n for r in found.itertuples()}
    assert by[fixture.LATE[1], "late"] == 1
    assert sum(n for (_, arrival), n in by.items() if arrival == "late") == 1
    assert {year for year, arrival in by if arrival == "missing"} == {2022, 2024, 2025}
    board = roster.board(EVERYTHING, db, Selection(), DAY)
    assert set(board["office_id"]) == {"o-p0", "o-9901021", "o-990202t"}
    assert roster.board(EVERYTHING, db, Selection(region="990201"), DAY).empty
    first = board[board["office_id"] == board["office_id"].iloc[0]]
    assert (first[first["year"] == 2025]["arrival"] == "missing").all(), "newest year first"
    late = roster.board(EVERYTHING, db, Selection(), DAY, wanted=("late",))
    assert set(late["office_id"]) == {fixture.LATE[0]}
    assert set(late["offices"]) == {1}


def test_before_the_date_due_nothing_is_missing(db: Database) -> None:
    """On 1 February departments are late, governments (31 March) are not."""
    early = roster.arrivals(EVERYTHING, db, Selection(), dt.date(2026, 1, 31))
    assert "missing" not in set(early[early["year"] == 2025]["arrival"])
    assert "not_due" in set(early[early["year"] == 2025]["arrival"])
    later = roster.arrivals(EVERYTHING, db, Selection(), dt.date(2026, 2, 1))
    assert "missing" in set(later[later["year"] == 2025]["arrival"])


def test_the_dossier_tells_what_is_not_due_as_the_board_does(db: Database) -> None:
    """Of every office and year the roster expects, whatever the day."""
    told = set()
    for day in (dt.date(2026, 1, 31), DAY):
        everything = list(roster.ARRIVALS)
        board = roster.board(EVERYTHING, db, Selection(), day, wanted=tuple(everything))
        of_board = {(r.office_id, int(r.year)): r.arrival for r in board.itertuples()}
        for office in sorted({o for o, _ in of_board}):
            found = dossier.coverage(EVERYTHING, db, Selection(), office, day)
            for r in found.itertuples():
                told.add(r.arrival)
                if r.expected:
                    assert of_board[office, int(r.year)] == r.arrival
                else:
                    assert (office, int(r.year)) not in of_board
    assert {"not_due", "missing", "on_time"} <= told


def test_arrival_by_kind_adds_up(db: Database) -> None:
    found = roster.by_kind(EVERYTHING, db, Selection(), DAY, 2025)
    assert found["expected"].sum() == 24
    assert (found[list(roster.ARRIVALS)].sum(axis=1) == found["expected"]).all()
    assert found["missing"].iloc[0] == 1
    government = found[found["kind"] == "政府"].iloc[0]
    assert (government["due"].month, government["due"].day) == (3, 31)


def test_unread_cells_by_layout(db: Database, reports: list[Report]) -> None:
    found = quality.unread_by_layout(EVERYTHING, db, Selection())
    current = [r for r in reports if r.current]
    unread = sum(list(r.states.values()).count("unread") for r in current)
    assert found["unread"].sum() == unread > 0
    assert found["cells"].sum() == sum(len(r.states) for r in current)
    assert set(found["format"]) == {"html"}


def test_failing_reports_by_place(db: Database, reports: list[Report]) -> None:
    """The cities of the only province, then the counties of a city."""
    found = quality.failing_places(EVERYTHING, db, Selection())
    assert set(found["code"]) == {"990000", "990100", "990200"}
    assert found["failing"].sum() == sum(r.failed for r in reports if r.current)
    inside = quality.failing_places(EVERYTHING, db, Selection(region="990100"))
    assert set(inside["code"]) == {"990100", "990101", "990102"}


def test_breaks_of_continuity_are_found_everywhere(db: Database, reports: list[Report]) -> None:
    by = {(r.office.office_id, r.year): r.cells for r in reports}
    expected = {}
    for (office, year), cells in by.items():
        before = by.get((office, year - 1), {}).get("t3.carried_out.total")
        now = cells.get("t3.carried_in.total")
        if before is not None and now is not None and now != before:
            expected[office, year] = now - before
    assert fixture.BROKEN in expected
    found = quality.continuity(EVERYTHING, db, Selection())
    differing = found[found["difference"] != 0]
    assert {(r.office_id, r.year): r.difference for r in differing.itertuples()} == expected
    one = quality.continuity(EVERYTHING, db, Selection(years=(2022, 2022)))
    assert set(one["year"]) == {2022}


def test_rule_counts_count_reports(db: Database, reports: list[Report]) -> None:
    found = quality.rule_counts(EVERYTHING, db, Selection())
    assert {(r.rule, r.year): r.reports for r in found.itertuples()} == {
        ("T3-SUM", y): n
        for y in fixture.YEARS
        if (n := sum(r.failed for r in reports if r.year == y))
    }
