"""Incremental loads: what is read again, what supersedes what, what stays."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_documents as fake
import pytest
from houses import House

from etl.errors import UsageError, WarehouseError
from etl.form import load_form
from etl.warehouse import assemble, builds, reading, schema
from etl.warehouse import load as load_module

A = "P1/C1/K1/甲局"
B = "P1/C1/K1/乙局"


def current(house: Any) -> list[tuple[Any, ...]]:
    return house.rows(
        "SELECT o.name, r.year, c.t3_received_new_total FROM report_current r JOIN office o "
        "USING (office_id) JOIN core_report c USING (report_id) ORDER BY ALL"
    )


def validity(house: Any) -> list[tuple[Any, ...]]:
    """Applications received of each report, and the loads from which and until it was current."""
    return house.rows(
        "SELECT c.t3_received_new_total, from_load, to_load FROM report_validity "
        "JOIN core_report c USING (report_id) ORDER BY ALL"
    )


def received(value: Any) -> dict[str, Any]:
    return {"t3.received_new.total": value}


def test_first_load(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5)))
    house.put("sub/b.html", fake.document(B, 2022, cells=received("blank")))
    house.put("bad.html", "")
    summary = house.load()
    assert (summary.published, summary.n_reports, len(summary.rejections)) == (True, 2, 1)
    assert current(house) == [("乙局", 2022, None), ("甲局", 2022, 5)]
    assert house.rows("SELECT code, message, hint FROM rejected_document") == [
        ("empty", "没有内容", "换一个文件")
    ]
    assert house.rows("SELECT n_files, n_new, n_rejected FROM load_run") == [(3, 3, 1)]
    pointer = builds.read_pointer(house.warehouse)
    assert pointer["build"] == summary.build.build_id
    assert [p.name for p in house.warehouse.iterdir() if p.name.startswith(".work")] == []


def test_every_fact_arrives(house: Any) -> None:
    house.put("a.html", fake.document(
        A, 2022, published="2023年1月20日", sections={"s5": "问题"}, printed="甲局（县）",
        cells={"t2.fee.amount_wan": 1.25, "t3.granted.total": 0, "t3.partial.total": "unread"},
        findings=[["T3-FLOW", "error", "fail", "total", 3, 4],
                  ["T3-ROW", "error", "pass", "granted", 1, 1],
                  ["T3-ROW", "error", "pass", "partial", 1, 1],
                  ["T3-SUM", "error", "not_assessable", "natural", None, None]],
    ))  # fmt: skip
    house.load()
    [report] = house.rows(
        "SELECT year, scope, form_t3, province, city, county, level, kind, published, n_number, "
        "n_unread, n_error_failed, n_warning_failed, is_current, superseded_by FROM report"
    )
    assert report[:8] == (2022, "own_office", "2021", "P1", "C1", "K1", "县", "部门")
    assert str(report[8]) == "2023-01-20"
    assert report[9:] == (2, 1, 1, 0, True, None)
    [(cells, blocks)] = house.rows("SELECT cells, blocks FROM provenance")
    by_key = {cell["key"]: cell for cell in cells}
    assert len(by_key) == len(load_form().cells_of("2021"))
    assert by_key["t3.partial.total"]["state"] == "unread"
    assert by_key["t2.fee.amount_wan"]["value"] == fake.Decimal("1.25")
    assert json.loads(zlib.decompress(blocks))[1]["cells"] == [[0, 0, 1, 1, "0"]]
    assert house.rows("SELECT t2_fee_amount_wan, t3_granted_total, t3_partial_total "
                      "FROM core_report") == [(fake.Decimal("1.25"), 0, None)]  # fmt: skip
    assert house.rows("SELECT rule, outcome, subject_zh, left_value FROM finding ORDER BY 1") == [
        ("T3-FLOW", "fail", "总计", 3), ("T3-SUM", "not_assessable", "自然人", None),
    ]  # fmt: skip
    assert house.rows("SELECT passed, failed, not_assessable FROM report_rule") == [(3, 1, 1)]
    assert house.rows("SELECT rule, outcome, n FROM rule_count ORDER BY ALL") == [
        ("PUB-LATE", "pass", 1), ("S-COPY", "not_applicable", 1), ("T3-FLOW", "fail", 1),
        ("T3-ROW", "pass", 2),
        ("T3-SUM", "not_assessable", 1),
    ]  # fmt: skip
    assert house.rows("SELECT aliases, county_name, first_year, pinyin FROM office") == [
        (["甲局（县）"], "K1名", 2022, "jiaju jj jiajuxian jjx")
    ]
    assert len(house.rows("FROM claim")) == len(house.rows("FROM extra_row")) == 1
    assert house.rows("SELECT ok FROM mart_report") == [(False,)]


def test_a_value_is_never_rounded_into_a_column(house: Any) -> None:
    house.put("a.html", fake.document(
        A, 2022, cells={"t3.granted.total": 1.5, "t3.partial.total": 10**30,
                        "t2.fee.amount_wan": 0.12345678},
    ))  # fmt: skip
    house.load()
    assert house.rows(
        "SELECT t3_granted_total, t3_partial_total, t2_fee_amount_wan FROM core_report"
    ) == [(None, None, None)]
    raws = house.rows("SELECT c.raw FROM (SELECT unnest(cells) AS c FROM provenance) "
                      "WHERE c.state = 'number' ORDER BY 1")  # fmt: skip
    assert [raw for (raw,) in raws] == ["0.12345678", "1.5", str(10**30)]


def test_nothing_changed_publishes_nothing(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022))
    first = house.load()
    house.parsed()
    again = house.load()
    assert (again.published, again.n_unchanged, house.parsed()) == (False, 1, [])
    assert again.build == first.build
    os.utime(house.corpus / "a.html")
    assert not house.load().published


def test_only_the_changed_file_is_read(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5)))
    house.put("b.html", fake.document(B, 2022, cells=received(1)))
    house.load()
    house.parsed()
    house.put("a.html", fake.document(A, 2022, cells=received(6)))
    assert house.load().published
    assert house.parsed() == ["a.html"]
    assert current(house) == [("乙局", 2022, 1), ("甲局", 2022, 6)]
    assert house.rows(
        "SELECT o.superseded_reason, o.superseded_by = n.report_id FROM report o, report n "
        "WHERE NOT o.is_current AND n.is_current AND n.office_id = o.office_id"
    ) == [("replaced", True)]


def test_same_size_and_time_is_not_enough(house: Any) -> None:
    path = house.put("a.html", fake.document(A, 2022, cells=received(5)))
    house.load()
    stat = path.stat()
    house.put("a.html", fake.document(A, 2022, cells=received(7)))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert not house.load(quick=True).published
    assert house.load().published
    assert current(house) == [("甲局", 2022, 7)]


@pytest.mark.parametrize(
    ("second", "wins", "reason"),
    [
        ({"cells": received(6), "published": "2023-03-01"}, 6, "corrected"),
        ({"cells": received(6), "published": "2023-01-01"}, 5, "corrected"),
        ({"cells": received(5), "published": "2023-03-01"}, 5, "duplicate"),
        ({"cells": received(5), "format": "pdf", "published": "2023-03-01"}, 5, "duplicate_format"),
        ({"cells": received(6), "published": "2023-02-01"}, None, "conflict"),
        # The day it was signed, or of its address, says nothing of which page came later.
        ({"cells": received(6), "published": "2023-01-01", "evidence": {"published": "落款"}},
         None, "conflict"),
        ({"cells": received(6), "published": "2023-03-01", "evidence": {"published": "网址"}},
         None, "conflict"),
    ],
)  # fmt: skip
def test_two_documents_of_one_report(
    house: Any, second: dict[str, Any], wins: int | None, reason: str
) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5), published="2023-02-01"))
    house.put("b.html", fake.document(A, 2022, **second))
    house.load()
    [(_, _, value)] = current(house)
    assert wins in (None, value)
    assert house.rows("SELECT superseded_reason FROM report WHERE NOT is_current") == [(reason,)]
    assert house.rows("SELECT count(*) FROM mart_report") == [(1,)]


def test_a_later_date_corrects_in_a_later_load(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5), published="2023-01-10"))
    house.load()
    house.put("z.html", fake.document(A, 2022, cells=received(9), published="2023-03-10"))
    house.load()
    assert current(house) == [("甲局", 2022, 9)]
    assert house.rows("SELECT superseded_reason FROM report WHERE NOT is_current") == [
        ("corrected",)
    ]
    assert validity(house) == [(5, 1, 2), (9, 2, None)]


def test_a_later_load_corrects(house: Any) -> None:
    """Pages without dates: what was published again and loaded again is the report now."""
    house.put("z.html", fake.document(A, 2022, cells=received(5)))
    house.load()
    house.put("a.html", fake.document(A, 2022, cells=received(9)))
    house.load()
    assert current(house) == [("甲局", 2022, 9)]
    reasons = house.rows("SELECT superseded_reason FROM report WHERE NOT is_current")
    assert reasons == [("corrected",)]
    assert validity(house) == [(5, 1, 2), (9, 2, None)]


def test_the_order_within_a_load_decides_nothing(tmp_path: Path) -> None:
    """Without dates two figures found together are a question, not a correction."""
    pages = {"a.html": received(5), "b.html": received(9)}
    seen = []
    for names in (("a.html", "b.html"), ("b.html", "a.html")):
        house = House(_root(tmp_path, names[0]))
        for name, figures in zip(names, pages.values(), strict=True):
            house.put(name, fake.document(A, 2022, cells=figures))
        house.load()
        seen.append((current(house), house.rows("SELECT superseded_reason FROM report ORDER BY 1")))
    assert seen[0] == seen[1]
    assert [row[0] for row in seen[0][1] if row[0]] == ["conflict"]


def _root(folder: Path, name: str) -> Path:
    root = folder / name.partition(".")[0]
    root.mkdir()
    return root


def test_what_was_current_at_a_load(house: Any) -> None:
    from etl.errors import UsageError
    from etl.warehouse import status

    house.put("a.html", fake.document(A, 2022, cells=received(5), published="2023-01-10"))
    house.load()
    house.put("b.html", fake.document(A, 2022, cells=received(9), published="2023-03-10"))
    house.put("c.html", fake.document(A, 2021))
    house.load()
    figures = "SELECT c.t3_received_new_total FROM report_as_of(?) JOIN core_report c "
    figures += "USING (report_id) WHERE c.year = 2022"
    assert [house.rows(figures, [n]) for n in (0, 1, 2)] == [[], [(5,)], [(9,)]]
    told = status.status(house.warehouse, as_of="1")["as_of"]
    assert (told["load_id"], told["reports"], told["reports_by_year"]) == (1, 1, {"2022": 1})
    with pytest.raises(UsageError):
        status.status(house.warehouse, as_of="7")


def test_a_better_read_copy_stays(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, cells={**received(5), "t3.granted.total": 3}))
    house.load()
    house.put("b.pdf", fake.document(A, 2022, cells=received(5), format="pdf"))
    house.load()
    assert house.rows("SELECT superseded_reason, n_number FROM report WHERE NOT is_current") == [
        ("duplicate_format", 1)
    ]


def test_other_scope_is_another_report(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5)))
    house.put("b.html", fake.document(A, 2022, cells=received(50), scope="region"))
    house.put("c.html", fake.document(A, 2022, cells=received(5), scope=None))
    house.load()
    assert [value for _, _, value in current(house)] == [5, 50]


def test_removed_files(house: Any) -> None:
    house.put("x/a.html", fake.document(A, 2022, cells=received(5)))
    house.put("y/b.html", fake.document(B, 2022, cells=received(1)))
    house.load()
    (house.corpus / "x/a.html").unlink()
    assert not house.load(house.corpus / "y").published, "its folder was not named"
    summary = house.load()
    assert (summary.published, summary.n_removed) == (True, 1)
    assert current(house) == [("乙局", 2022, 1)]
    assert house.rows("SELECT superseded_reason FROM report WHERE NOT is_current") == [("removed",)]
    house.parsed()
    house.put("x/a.html", fake.document(A, 2022, cells=received(5)))
    assert house.load().published
    assert house.parsed() == [], "known content is not read again"
    assert current(house) == [("乙局", 2022, 1), ("甲局", 2022, 5)]


def test_moved_files_are_not_read_again(house: Any) -> None:
    house.put("x/a.html", fake.document(A, 2022, cells=received(5)))
    house.put("x/bad.html", "")
    house.load()
    house.parsed()
    (house.corpus / "x").rename(house.corpus / "z")
    summary = house.load()
    assert (summary.n_adopted, summary.n_removed, house.parsed()) == (2, 2, [])
    assert current(house) == [("甲局", 2022, 5)]
    [(source,)] = house.rows("SELECT source FROM rejected_document")
    assert source.endswith("z/bad.html")


def test_same_content_twice_is_one_report(house: Any) -> None:
    for name in ("a.html", "b.html", "x/a.html"):
        house.put(name, fake.document(A, 2022, cells=received(5)))
    house.load()
    assert house.rows("SELECT (FROM report SELECT count(*)), (FROM document SELECT count(*)), "
                      "(FROM source_document SELECT count(*))") == [(1, 1, 3)]  # fmt: skip
    (house.corpus / "a.html").unlink()
    house.load()
    assert current(house) == [("甲局", 2022, 5)]


def test_archive_members(house: Any) -> None:
    inside = [fake.document(A, y, cells=received(y)) for y in (2021, 2022)]
    house.put("all.zip", inside)
    house.load()
    house.put("all.zip", [inside[0], fake.document(A, 2022, cells=received(1))])
    house.load()
    assert current(house) == [("甲局", 2021, 2021), ("甲局", 2022, 1)]
    assert house.rows(
        "SELECT source[-6:], ended_load_id FROM source_document ORDER BY ALL NULLS LAST"
    ) == [(".zip!0", None), (".zip!1", 2), (".zip!1", None)]


def test_another_definition_reads_again(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5)))
    house.load()
    house.parsed()
    monkeypatch.setattr(reading, "definitions", lambda: "other")
    assert house.load().published
    assert house.parsed() == ["a.html"]
    assert len(house.rows("FROM report")) == len(house.rows("FROM provenance")) == 1
    assert house.rows("SELECT count(*) FROM narrative") == [(0,)]
    assert len(house.rows("FROM claim")) == 1, "rows of the first reading are replaced"


def test_other_code_rebuilds_without_reading(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.put("a.html", fake.document(A, 2022, cells=received(5)))
    house.load()
    house.parsed()
    monkeypatch.setattr(load_module, "builder", lambda: "other")
    assert house.load().published
    assert (house.parsed(), current(house)) == ([], [("甲局", 2022, 5)])


def test_sidecar_files_count(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022))
    house.load()
    house.parsed()
    house.put("divisions.csv", "code,name,level,parent_code\n999999,某县,县,\n")
    assert house.load().published
    assert house.parsed() == ["a.html"]


def test_roster(house: Any) -> None:
    house.put("a.html", fake.document(A, 2022))
    house.put("b.html", fake.document(B, 2021))
    house.put("roster.csv", "office_id,office,year,expected,due\n"
              f"{fake.office_key(A)},甲局,2022,true,2023-01-31\n"
              f"{fake.office_key(A)},甲局,2023,true,2024-01-31\n"
              "id-missing,丙局,2022,true,2023-01-31\n")  # fmt: skip
    house.load()
    assert house.rows("SELECT office_id, year, expected, due::VARCHAR, reason FROM roster "
                      "ORDER BY ALL") == [
        ("id-P1_C1_K1_乙局", 2021, True, "2022-01-31", "seen"),
        ("id-P1_C1_K1_乙局", 2022, True, "2023-01-31", "seen"),
        ("id-P1_C1_K1_甲局", 2022, True, "2023-01-31", "roster"),
        ("id-P1_C1_K1_甲局", 2023, True, "2024-01-31", "roster"),
        ("id-missing", 2022, True, "2023-01-31", "roster"),
    ]  # fmt: skip
    assert house.rows("SELECT name FROM office WHERE office_id = 'id-missing'") == [("丙局",)]
    assert not house.load().published
    house.put("roster.csv", f"office_id,office,year\n{fake.office_key(A)},甲局,2022\n")
    assert house.load().published, "a changed roster is a change"
    assert house.rows("SELECT count(*) FROM roster WHERE reason = 'roster'") == [(1,)]
    house.put("roster.csv", "office_id,office,year\nx,y,二〇二二\n")
    with pytest.raises(UsageError, match=r"roster\.csv 第 2 行"):
        house.load()


def test_findings_that_stay_in_the_copied_build(
    house: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are those of a build made at once, and what lists them finds them."""
    monkeypatch.setattr(assemble, "ASTRAY", 10.0)
    told = "SELECT * EXCLUDE (finding_id), finding_id FROM finding ORDER BY ALL"
    for year in range(2020, 2023):
        for office in (A, B):
            cells = {"t3.carried_in.total": 1, "t3.carried_out.total": 2}
            house.put(f"{office[-2:]}{year}.html", fake.document(office, year, cells=cells))
    house.load()
    before = house.rows(told)
    cells = {"t3.carried_in.total": 2, "t3.carried_out.total": 1}
    house.put("甲局2021.html", fake.document(A, 2021, cells=cells))
    (house.corpus / "乙局2022.html").unlink()
    house.load()
    [(behind,)] = house.rows("SELECT value::INTEGER FROM meta_build WHERE key = 'n_astray'")
    assert behind > 0
    current = "SELECT report_id FROM report WHERE is_current"
    grown = house.rows(told.replace(" ORDER", f" WHERE report_id IN ({current}) ORDER"))
    listed = "SELECT count(*) FROM mart_finding m JOIN wide_report w USING (report_no) " \
             "JOIN finding f ON f.rowid = m.finding_row AND f.report_id = w.report_id"  # fmt: skip
    assert house.rows(listed) == house.rows("SELECT count(*) FROM mart_finding") != [(0,)]
    house.warehouse = tmp_path / "other"
    house.load()
    assert grown == house.rows(told) != before


@pytest.mark.long
@pytest.mark.parametrize("astray", [assemble.ASTRAY, 10.0], ids=["as it is", "in place"])
def test_order_of_loads_does_not_matter(
    house: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: Callable[[Path], Any],
    astray: float,
) -> None:
    """A build grown by steps equals one made at once."""
    monkeypatch.setattr(assemble, "ASTRAY", astray)
    for number in range(12):
        cells = {**received(number), "t3.carried_in.total": number % 3,
                 "t3.carried_out.total": number % 2}  # fmt: skip
        office = f"P1/C{number % 2}/K{number % 4}/局{number % 3}"
        house.put(f"{number}.html", fake.document(office, 2019 + number % 5, cells=cells))
    extra = house.put("extra.html", fake.document(A, 2023, cells=received(1)))
    house.load(house.corpus / "0.html", house.corpus / "5.html")
    house.load()
    house.put("3.html", fake.document("P1/C1/K3/局0", 2022, cells=received(77)))
    house.load()
    extra.unlink()
    house.load()
    stepwise = content(builds.open_current(house.warehouse))
    house.warehouse = tmp_path / "other"
    house.load()
    at_once = content(builds.open_current(house.warehouse))
    dead = {row[0] for row in stepwise["report"]} - {row[0] for row in at_once["report"]}
    assert len(dead) == 2, "the replaced and the removed report stay on record"
    for table, rows in at_once.items():
        names = schema.tables()[table].names
        key = names.index("report_id") if "report_id" in names else None
        grown = [r for r in stepwise[table] if key is None or r[key] not in dead]
        if table in ("document", "office", "division", "mart_office"):
            whole = set(map(repr, unnumbered(table, grown, stepwise)))
            assert set(map(repr, unnumbered(table, rows, at_once))) <= whole or table == "office"
        else:
            left, right = unnumbered(table, grown, stepwise), unnumbered(table, rows, at_once)
            assert sorted(map(repr, left)) == sorted(map(repr, right)), table


#: Numbers that stand for a row within one build only; superseded reports take some of them.
NUMBERS = ("report_no", "position", "finding_row")


def unnumbered(table: str, rows: Any, content: Any) -> list[list[Any]]:
    """Rows with the office's id for its number of the build, and without other such numbers."""
    offices = {row[0]: row[1] for row in content["mart_office"]}
    names = schema.tables()[table].names
    if table in ("report", "document", "rejected_document"):
        names = [name for name in names if name != "load_id"]  # content_of leaves it out
    return [
        [
            offices[value] if name == "office_no" else value
            for name, value in zip(names, row, strict=True)
            if name not in NUMBERS
        ]
        for row in rows
    ]


def test_bad_names_and_bad_text(house: Any) -> None:
    """A file name in GBK and half a surrogate pair inside a document are stored, not fatal."""
    name = os.fsdecode("年报.html".encode("gbk"))
    (house.corpus / name).write_text(json.dumps(fake.document(A, 2022, title="x\ud800y")))
    assert house.load().n_reports == 1
    assert house.rows("SELECT title FROM report") == [("x\\ud800y",)]
    assert not house.load().published


def test_nothing_readable_makes_no_warehouse(house: Any) -> None:
    house.put("bad.html", "RAISE")
    summary = house.load()
    assert (summary.build, summary.published) == (None, False)
    assert summary.rejections[0].code == "crashed"
    with pytest.raises(WarehouseError, match="no warehouse"):
        builds.open_current(house.warehouse)


def test_missing_path(house: Any) -> None:
    with pytest.raises(UsageError, match="找不到"):
        house.load(house.corpus / "nowhere")


def test_retry_rejected(house: Any) -> None:
    house.put("bad.html", "")
    house.put("a.html", fake.document(A, 2022))
    house.load()
    house.parsed()
    assert house.load().known_rejected == 1
    assert house.parsed() == []
    house.load(retry_rejected=True)
    assert house.parsed() == ["bad.html"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_are_not_removed(house: Any) -> None:
    house.put("x/a.html", fake.document(A, 2022, cells=received(5)))
    house.load()
    (house.corpus / "x").chmod(0)
    try:
        summary = house.load()
    finally:
        (house.corpus / "x").chmod(0o755)
    assert summary.n_removed == 0
    assert summary.rejections
