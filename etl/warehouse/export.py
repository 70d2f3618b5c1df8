"""The warehouse for other tools: Parquet, CSV or XLSX, with a Frictionless Data Package beside.

Fields are described from the build's own ``meta_field``. Local paths and the documents' bytes stay
at home: an export is given to others. CSV and XLSX are opened in spreadsheets, so no text in them
can start a formula.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from etl.errors import UsageError, WarehouseError
from etl.warehouse import asof, builds, schema
from etl.warehouse.database import text
from etl.warehouse.schema import quoted

FORMATS: Final = ("parquet", "csv", "xlsx")
DESCRIPTION: Final = "datapackage.json"
#: Bookkeeping of loads and of this machine's paths: of no use elsewhere.
_INTERNAL: Final = frozenset({"source_file", "source_document", "check_outcome"})
_LOCAL: Final = frozenset(
    {("document", "source"), ("rejected_document", "source"), ("roster", "source")}
)
#: Tables that are known as of a load: where their rows come from then.
_AS_OF: Final = {
    "report": "report_as_of({load})", "core_report": "core_as_of({load})",
    "office": "{table}", "division": "{table}",
}  # fmt: skip
#: Written as one folder a year (``year=2024/…``): a question on some years reads only those.
_PARTITIONED: Final = frozenset({"core_report", "cell_state"})
#: One JSON text a report of all its cells fits no spreadsheet; Parquet holds it as a typed list.
_PARQUET_ONLY: Final = frozenset({"provenance"})
#: Excel's limits: rows of a sheet, characters of a cell.
_XLSX_ROWS, _XLSX_TEXT = 1_048_575, 32_767
_FORMULA: Final = r"^[=+\-@\t\r\n]"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CHUNK: Final = 5000
#: DuckDB type → Frictionless type; lists and structs are arrays (JSON text in CSV and XLSX).
_TYPES: Final = {
    "VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "datetime", "JSON": "object", schema.AMOUNT: "number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A column as exported."""

    name: str
    type: str
    zh: str
    en: str

    choices: tuple[str, ...] = ()

    @property
    def nested(self) -> bool:
        """A list or struct, which CSV and XLSX hold as JSON text."""
        return self.type.endswith("[]")


@dataclass(frozen=True, slots=True)
class Source:
    """What becomes one table of the export: where its rows come from and its columns."""

    table: str
    sql: str
    fields: Sequence[Field]


#: Why a cell has no number, one row a cell: the states that ``core_report`` shows as NULL.
_STATES: Final = Source(
    "cell_state",
    """(SELECT p.report_id, r.year, c.key AS cell, c.state, c.raw, c."at", c.unit_printed
        FROM (SELECT report_id, unnest(cells) AS c FROM provenance) p
        JOIN report r USING (report_id) WHERE c.state <> 'number')""",
    (
        Field("report_id", "VARCHAR", "报告", "report"),
        Field("year", "INTEGER", "报告年度", "report year"),
        Field("cell", "VARCHAR", "单元格，见 meta_cell", "cell, see meta_cell"),
        Field("state", "VARCHAR", "为什么没有数", "why there is no number",
              ("blank", "not_applicable", "text", "absent", "unread")),
        Field("raw", "VARCHAR", "原文", "as printed"),
        Field("at", "VARCHAR", "位置", "place in the document"),
        Field("unit_printed", "VARCHAR", "所印单位", "unit printed"),
    ),
)  # fmt: skip
_STATES_TITLE: Final = ("没有数的单元格：空白、不适用、文字、缺项、未能确认",
                        "Cells without a number and why, one row a cell.")  # fmt: skip


def export(warehouse: Path, folder: Path, kind: str, *, as_of: str | None = None) -> list[Path]:
    """Write all tables of the served build to ``folder``; returns the files written.

    ``as_of`` (a load's number, a date or a time): the reports current then with their figures of
    then, the offices and the definitions. What follows from all reports together (marts, findings)
    is kept for the present only and left out.

    Raises:
        UsageError: the folder holds something that is no earlier export; ``as_of`` names no load.
        WarehouseError: there is no warehouse, or no room.
    """
    build = builds.open_current(warehouse)
    with builds.no_room_means(folder), contextlib.closing(builds.connect(build)) as con:
        moment = asof.resolve(con, as_of) if as_of else None
        _prepare(folder)
        written: list[Path] = []
        resources = []
        for source in _sources(con, kind, moment):
            paths = _WRITERS[kind](con, folder, source)
            written += paths
            [(n_rows,)] = con.execute(f"SELECT count(*) FROM {source.sql}").fetchall()
            resources.append(_resource(folder, source, paths, kind, n_rows))
        _link(resources)
        info = dict(con.execute("SELECT key, value FROM meta_build").fetchall())
        description = folder / DESCRIPTION
        package = _package(info, resources, moment)
        description.write_text(
            json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        return [*written, description]


def _sources(
    con: duckdb.DuckDBPyConnection, kind: str, moment: asof.Moment | None
) -> Iterator[Source]:
    """The tables an export of this kind holds, as of the moment."""
    for table, fields in _tables(con):
        if table in _PARQUET_ONLY and kind != "parquet":
            continue
        sql = quoted(table)
        if moment is not None:
            if table not in _AS_OF and not table.startswith("meta_"):
                continue
            sql = _AS_OF.get(table, "{table}").format(table=sql, load=moment.load_id)
            held = {column[0] for column in con.execute(f"FROM {sql} LIMIT 0").description}
            fields = [f for f in fields if f.name in held]
        yield Source(table, sql, [f for f in fields if kind == "parquet" or f.type != "BLOB"])
    if moment is None:
        yield _STATES


def _prepare(folder: Path) -> None:
    """Make the folder, or clear it of an earlier export of ours."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} 不是文件夹 not a folder", hint="换一个目录 name a folder")
    if folder.is_dir() and any(folder.iterdir()):
        try:
            package = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            if package["name"] != _NAME:
                raise ValueError("another package")
            earlier = [path for resource in package["resources"] for path in resource["path"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{folder} 不是空文件夹 folder is not empty",
                hint="换一个目录，或先清空 name another folder or empty it",
            ) from error
        for path in earlier:
            target = (folder / path).resolve()
            if target.is_relative_to(folder.resolve()):
                target.unlink(missing_ok=True)
        for table in _PARTITIONED:
            shutil.rmtree(folder / table, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _tables(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[Field]]]:
    rows = con.execute(
        "SELECT table_name, name, type, zh, en FROM meta_field ORDER BY table_name, position"
    ).fetchall()
    found: dict[str, list[Field]] = {}
    for table, *rest in rows:
        if table not in _INTERNAL and (table, rest[0]) not in _LOCAL:
            found.setdefault(table, []).append(Field(*rest))
    yield from found.items()


# ---------------------------------------------------------------- formats


def _parquet(con: duckdb.DuckDBPyConnection, folder: Path, source: Source) -> list[Path]:
    table = source.table
    names = ", ".join(quoted(f.name) for f in source.fields)
    query = f"SELECT {names} FROM {source.sql}"
    if table in _PARTITIONED:
        target = folder / table
        con.execute(
            f"COPY ({query}) TO {text(str(target))} "
            "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (year), OVERWRITE_OR_IGNORE)"
        ).fetchall()
        parts = sorted(target.rglob("*.parquet"))
        if parts:  # without rows there is no year and no folder
            return parts
    path = folder / f"{table}.parquet"
    con.execute(
        f"COPY ({query}) TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    return [path]


def _csv(con: duckdb.DuckDBPyConnection, folder: Path, source: Source) -> list[Path]:
    path, draft = folder / f"{source.table}.csv", folder / f".{source.table}.csv"
    names = ", ".join(f"{_csv_value(f)} AS {quoted(f.name)}" for f in source.fields)
    try:
        con.execute(
            f"COPY (SELECT {names} FROM {source.sql}) TO {text(str(draft))} "
            "(FORMAT csv, HEADER, DELIMITER ',', NULLSTR '')"
        ).fetchall()
        with path.open("wb") as target, draft.open("rb") as plain:
            target.write(b"\xef\xbb\xbf")  # without it Excel reads Chinese as Windows text
            shutil.copyfileobj(plain, target, 1 << 20)
    finally:
        draft.unlink(missing_ok=True)
    return [path]


def _csv_value(field: Field) -> str:
    """A column as CSV holds it; text that a spreadsheet would run gets an apostrophe before it."""
    name = quoted(field.name)
    if field.nested or field.type == "JSON":
        return f"CAST(to_json({name}) AS VARCHAR)"
    if field.type == "VARCHAR":
        risky = f"regexp_matches({name}, {text(_FORMULA)})"
        return f"CASE WHEN {risky} THEN '''' || {name} ELSE {name} END"
    return name


def _xlsx(con: duckdb.DuckDBPyConnection, folder: Path, source: Source) -> list[Path]:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    table, fields = source.table, source.fields
    path = folder / f"{table}.xlsx"
    book = Workbook(write_only=True)
    sheet: Any = None

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value=_xlsx_text(value))
        made.data_type = "s"  # never a formula, whatever it begins with
        return made

    names = ", ".join(
        f"CAST(to_json({quoted(f.name)}) AS VARCHAR)" if f.nested else quoted(f.name)
        for f in fields
    )
    rows = con.execute(f"SELECT {names} FROM {source.sql}")
    count = _XLSX_ROWS
    while chunk := rows.fetchmany(_CHUNK):
        for row in chunk:
            if count == _XLSX_ROWS:
                sheet = book.create_sheet(f"{table[:25]}_{len(book.sheetnames) + 1}")
                sheet.append([cell(f.name) for f in fields])
                count = 0
            sheet.append([cell(value) for value in row])
            count += 1
    if sheet is None:
        sheet = book.create_sheet(f"{table[:25]}_1")
        sheet.append([cell(f.name) for f in fields])
    book.save(path)
    return [path]


def _xlsx_text(value: str) -> str:
    """Text a sheet can hold; what is cut off says so."""
    plain = _CONTROL.sub("", value)
    mark = "…（超过单元格上限，余下从略）"
    return plain if len(plain) <= _XLSX_TEXT else plain[: _XLSX_TEXT - len(mark)] + mark


_WRITERS: Final = {"parquet": _parquet, "csv": _csv, "xlsx": _xlsx}

# ---------------------------------------------------------------- description

_NAME: Final = "disclosure-observatory"
#: Tables that others point at by the name of their key.
_HOMES: Final = ("report", "document", "office")
_MEDIA: Final = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _resource(
    folder: Path, source: Source, paths: Sequence[Path], kind: str, n_rows: int
) -> dict[str, Any]:
    table, fields = source.table, source.fields
    declared = schema.tables().get(table)
    title, description = (declared.zh, declared.en) if declared else _STATES_TITLE
    described: dict[str, Any] = {
        "fields": [
            {
                "name": f.name,
                "type": "array" if f.nested else _TYPES.get(f.type, "any"),
                **({"title": f.zh} if f.zh else {}),
                **({"description": f.en} if f.en else {}),
                **({"constraints": {"enum": list(f.choices)}} if f.choices else {}),
            }
            for f in fields
        ],
        "missingValues": [""],
    }
    names = {f.name for f in fields}
    if declared and declared.key and set(declared.key) <= names:
        described["primaryKey"] = list(declared.key)
    by_year = kind == "parquet" and table in _PARTITIONED
    return {
        "name": _resource_name(table),
        "title": title,
        "description": description,
        "path": [path.relative_to(folder).as_posix() for path in paths],
        "format": kind,
        "mediatype": _MEDIA[kind],
        **({"encoding": "utf-8"} if kind == "csv" else {}),
        # Not of the standard: readers of hive folders find the column in the paths.
        **({"hivePartitions": ["year"]} if by_year else {}),
        "rows": n_rows,
        "schema": described,
    }


def _resource_name(table: str) -> str:
    return table.replace("_", "-")


def _link(resources: Sequence[dict[str, Any]]) -> None:
    """Foreign keys: a column named as the one-column key of one table points at that table."""
    homes: dict[str, str] = {}
    for table in _HOMES:
        for resource in resources:
            key = resource["schema"].get("primaryKey", [])
            if resource["name"] == _resource_name(table) and len(key) == 1:
                homes[key[0]] = resource["name"]
    for resource in resources:
        names = {f["name"] for f in resource["schema"]["fields"]}
        links = [
            {"fields": [key], "reference": {"resource": home, "fields": [key]}}
            for key, home in homes.items()
            if key in names and home != resource["name"]
        ]
        if links:
            resource["schema"]["foreignKeys"] = links


def _package(
    info: dict[str, str], resources: list[dict[str, Any]], moment: asof.Moment | None
) -> dict[str, Any]:
    if "build_id" not in info:
        raise WarehouseError("构建没有编号 the build has no id", hint="重新载入 load again")
    demo = info.get("is_demo") == "true"
    then = (
        f"截至第 {moment.load_id} 次载入（{moment.finished_at:%F %T} UTC）。As of load "
        f"{moment.load_id}. " if moment else ""
    )  # fmt: skip
    return {
        "profile": "data-package",
        "name": _NAME,
        "title": "政府信息公开工作年度报告" + ("（演示数据）" if demo else ""),
        "description": f"{then}NULL（CSV 中为空）表示没有报告这个数，从不等于 0。"
        "NULL (empty in CSV) means not reported and never 0.",
        "version": info["build_id"],
        "created": info.get("created_at", ""),
        "resources": resources,
    }
