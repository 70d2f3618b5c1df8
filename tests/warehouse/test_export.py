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
    assert {n.replace("_", "-") for n in schema.tables()} >= set(by_name)


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
