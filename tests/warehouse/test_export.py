"""Exports: whole, described, and harmless in a spreadsheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import fake_documents as fake
import openpyxl
import pytest

from etl.errors import UsageError, WarehouseError
from etl.form import load_form
from etl.warehouse import schema
from etl.warehouse.export import DESCRIPTION, FORMATS, export

EVIL = "=cmd|' /C calc'!A0"


@pytest.fixture
def filled(house: Any) -> Any:
    for year in (2021, 2022):
        house.put(f"{year}.html", fake.document(
            "P/C/K/x", year, title=EVIL, sections={"s1": "长" * 40000, "s2": "@SUM(1)\x07"},
            cells={"t3.granted.total": year, "t2.fee.amount_wan": 1.5}))  # fmt: skip
    house.put("bad.html", "")
    house.load()
    return house


def test_parquet_reads_back(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "parquet")
    rows = duckdb.sql(
        f"SELECT year, t3_granted_total, t2_fee_amount_wan FROM read_parquet("
        f"'{out}/core_report/**/*.parquet', hive_partitioning = true) ORDER BY 1"
    ).fetchall()
    assert [(y, n, float(d)) for y, n, d in rows] == [(2021, 2021, 1.5), (2022, 2022, 1.5)]
    assert sorted(p.name for p in (out / "core_report").iterdir()) == ["year=2021", "year=2022"]
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(out / "mart_report.parquet")
    assert frame["q_granted"].to_list() == [2021, 2022]


def test_csv_reads_back_and_starts_no_formula(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "csv")
    rows = duckdb.sql(f"SELECT year, t3_granted_total, t3_partial_total FROM "
                      f"read_csv('{out}/core_report.csv') ORDER BY 1").fetchall()  # fmt: skip
    assert rows == [(2021, 2021, None), (2022, 2022, None)]
    raw = (out / "report.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert f"'{EVIL}" in raw.decode()
    assert f",{EVIL}" not in raw.decode()
    assert "'@SUM(1)" in (out / "narrative.csv").read_text(encoding="utf-8-sig")


def test_xlsx_holds_text_as_text(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "xlsx")
    sheet = openpyxl.load_workbook(out / "report.xlsx").active
    header = [cell.value for cell in sheet[1]]
    title = sheet[2][header.index("title")]
    assert (title.value, title.data_type) == (EVIL, "s")
    texts = [row[3].value for row in openpyxl.load_workbook(out / "narrative.xlsx").active]
    assert max(len(str(text)) for text in texts) <= 32767
    assert any(str(text).endswith("余下从略）") for text in texts)
    core = openpyxl.load_workbook(out / "core_report.xlsx").active
    names = [cell.value for cell in core[1]]
    assert core[2][names.index("t3_granted_total")].value == 2021
    assert core[2][names.index("t3_partial_total")].value is None


@pytest.mark.parametrize("kind", FORMATS)
def test_the_description_matches_the_files(filled: Any, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    written = export(filled.warehouse, out, kind)
    package = json.loads((out / DESCRIPTION).read_text())
    listed = {path for resource in package["resources"] for path in resource["path"]}
    assert listed | {DESCRIPTION} == {p.relative_to(out).as_posix() for p in written}
    assert all((out / path).is_file() for path in listed)
    by_name = {resource["name"]: resource for resource in package["resources"]}
    for name, resource in by_name.items():
        assert resource["title"], name
        fields = [f["name"] for f in resource["schema"]["fields"]]
        assert set(resource["schema"].get("primaryKey", [])) <= set(fields)
        if kind == "csv":
            head = (out / resource["path"][0]).read_text(encoding="utf-8-sig").partition("\n")[0]
            assert head.split(",") == fields, name
    cell = next(f for f in by_name["core-report"]["schema"]["fields"]
                if f["name"] == "t2_fee_amount_wan")  # fmt: skip
    assert cell["type"] == "number"
    assert "收费金额" in cell["title"]
    made = {"cell-state"}
    assert {n.replace("_", "-") for n in schema.tables()} >= set(by_name) - made
    assert by_name["core-report"]["rows"] == 2
    links = by_name["core-report"]["schema"]["foreignKeys"]
    assert {link["reference"]["resource"] for link in links} == {"report", "office"}
    assert ("provenance" in by_name) == (kind == "parquet")


def test_a_question_on_one_year_reads_one_year(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "parquet")
    for table in ("core_report", "cell_state"):
        plan = duckdb.sql(
            f"EXPLAIN SELECT count(*) FROM read_parquet('{out}/{table}/**/*.parquet', "
            "hive_partitioning = true) WHERE year = 2022 AND report_id <> ''"
        ).fetchall()[0][1]
        assert "1/2" in plan, plan
    polars = pytest.importorskip("polars")
    scan = polars.scan_parquet(out / "core_report", hive_partitioning=True)
    plan = scan.filter(polars.col("year") == 2022).explain(optimized=True)
    assert "year=2022" in plan and "year=2021" not in plan
    assert scan.filter(polars.col("year") == 2022).collect().height == 1


def test_types_survive(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "parquet")
    declared = dict(filled.rows(
        "SELECT table_name || '.' || name, type FROM meta_field "
        "WHERE table_name IN ('core_report', 'report', 'finding', 'narrative')"))  # fmt: skip
    con = duckdb.connect()
    seen = 0
    for table in ("core_report", "report", "finding", "narrative"):
        path = out / table if table == "core_report" else out / f"{table}.parquet"
        glob = f"{path}/**/*.parquet" if path.is_dir() else str(path)
        for name, type_, *_ in con.execute(
            f"DESCRIBE FROM read_parquet('{glob}', hive_partitioning = true)"
        ).fetchall():
            wanted = declared[f"{table}.{name}"]
            if (table, name) == ("core_report", "year"):
                wanted = "BIGINT"  # read from the folders' names
            assert type_ == wanted.replace(" ", ""), (table, name)
            seen += 1
    assert seen > 250
    polars = pytest.importorskip("polars")
    core = polars.scan_parquet(out / "core_report", hive_partitioning=True).collect_schema()
    assert core["t2_fee_amount_wan"] == polars.Decimal(24, 6)
    assert core["t3_granted_total"].is_integer() and core["year"].is_integer()
    findings = polars.read_parquet(out / "finding.parquet")
    assert findings.schema["cells"] == polars.List(polars.String)


@pytest.mark.parametrize("kind", FORMATS)
def test_why_there_is_no_number(house: Any, tmp_path: Path, kind: str) -> None:
    """A NULL of the core has its typed state; nothing that has a number stands among them."""
    house.put("a.html", fake.document("P/C/K/x", 2022, cells={
        "t3.granted.total": 0, "t3.partial.total": "unread", "t3.carried_in.total": "absent",
        "t3.received_new.total": "not_applicable"}))  # fmt: skip
    house.load()
    out = tmp_path / "out"
    export(house.warehouse, out, kind)
    polars = pytest.importorskip("polars")
    if kind == "parquet":
        frame = polars.read_parquet(out / "cell_state", hive_partitioning=True)
    elif kind == "csv":
        frame = polars.read_csv(out / "cell_state.csv")
    else:
        rows = openpyxl.load_workbook(out / "cell_state.xlsx").active.iter_rows(values_only=True)
        names = next(rows)
        frame = polars.DataFrame(
            [dict(zip(names, row, strict=True)) for row in rows], infer_schema_length=None
        )
    states = dict(frame.select("cell", "state").iter_rows())
    assert states["t3.partial.total"] == "unread"
    assert states["t3.carried_in.total"] == "absent"
    assert states["t3.received_new.total"] == "not_applicable"
    assert "blank" in states.values()
    assert "t3.granted.total" not in states
    package = json.loads((out / DESCRIPTION).read_text())
    [resource] = [r for r in package["resources"] if r["name"] == "cell-state"]
    assert resource["rows"] == frame.height == len(states)
    [field] = [f for f in resource["schema"]["fields"] if f["name"] == "state"]
    assert set(states.values()) <= set(field["constraints"]["enum"])


def test_no_number_missing_makes_no_folder(house: Any, tmp_path: Path) -> None:
    """Without rows there is no year: the description still names a file that is there."""
    every = dict.fromkeys(load_form().cells, 1)
    house.put("a.html", fake.document("P/C/K/x", 2022, cells=every))
    house.load()
    out = tmp_path / "out"
    export(house.warehouse, out, "parquet")
    assert duckdb.sql(f"SELECT count(*) FROM '{out}/cell_state.parquet'").fetchall() == [(0,)]


def test_no_local_path_leaves(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "csv")
    for path in out.rglob("*.csv"):
        assert str(filled.corpus) not in path.read_text(encoding="utf-8-sig"), path.name


def test_exporting_again_replaces_only_an_export(filled: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(filled.warehouse, out, "parquet")
    export(filled.warehouse, out, "csv")
    assert not list(out.rglob("*.parquet"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        export(filled.warehouse, other, "csv")
    assert (other / "mine.txt").read_text() == "keep"


def test_no_warehouse(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="disclosure load"):
        export(tmp_path / "none", tmp_path / "out", "csv")
    assert not (tmp_path / "out").exists()
