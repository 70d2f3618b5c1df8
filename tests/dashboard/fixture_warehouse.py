"""A small invented warehouse for the dashboard's tests, built with the DDL of etl/warehouse.

Three sizes: ``demo`` (24 offices, 2019-2025, with gaps, failing reports, unread cells), ``one``
(one office) and ``empty`` (the tables, no report). Everything is derived from a seed; metrics are
computed here in plain Python straight from the definition files, so that they are a reference the
dashboard's SQL can be compared with.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from etl.form import load_form
from etl.form.model import per_form
from etl.warehouse import marts
from etl.warehouse.schema import SCHEMA_VERSION, create_all, tables

YEARS = range(2019, 2026)
FORM = load_form()


@dataclass
class Office:
    office_id: str
    name: str
    short_name: str
    pinyin: str
    level: str
    kind: str
    division_code: str
    province: str | None = None
    city: str | None = None
    county: str | None = None
    weight: float = 1.0


@dataclass
class Report:
    report_id: str
    office: Office
    year: int
    cells: dict[str, int | None]
    states: dict[str, str] = field(default_factory=dict)
    failed: bool = False
    scope: str = "own_office"
    current: bool = True


#: A report that carries in 3 more than the year before carried out; one published late.
BROKEN = ("o-p1", 2022)
LATE = ("o-p0", 2023)

PROVINCE = ("990000", "澜川省")
CITIES = [("990100", "云屏市"), ("990200", "青砚市")]
COUNTIES = [
    ("990101", "望舒区", "990100"),
    ("990102", "枕溪县", "990100"),
    ("990201", "栖梧区", "990200"),
    ("990202", "听澜县", "990200"),
]


def offices() -> list[Office]:
    out = [
        Office("o-p0", "澜川省人民政府办公厅", "省政府办公厅", "lanchuansheng", "省", "办公厅",
               "990000", "990000", weight=6),
        Office("o-p1", "澜川省自然资源厅", "省自然资源厅", "lanchuanshengziranziyuan", "省", "部门",
               "990000", "990000", weight=9),
    ]  # fmt: skip
    for code, city in CITIES:
        out += [
            Office(f"o-{code}a", f"{city}人民政府办公室", f"{city}府办", "shifuban", "市", "办公厅",
                   code, "990000", code, weight=4),
            Office(f"o-{code}b", f"{city}自然资源和规划局", "资规局", "ziguiju", "市", "部门",
                   code, "990000", code, weight=8),
            Office(f"o-{code}c", f"{city}财政局", "财政局", "caizhengju", "市", "部门",
                   code, "990000", code, weight=0.4),
        ]  # fmt: skip
    for code, county, city in COUNTIES:
        for n, (suffix, kind, weight) in enumerate(
            [("人民政府", "政府", 3.0), ("教育局", "部门", 0.3), ("公安局", "部门", 2.0)]
        ):
            out.append(
                Office(f"o-{code}{n}", county + suffix, county[:2] + suffix, f"{code}{n}", "县",
                       kind, code, "990000", city, code, weight=weight)
            )  # fmt: skip
        out.append(
            Office(f"o-{code}t", f"{county}月桥镇人民政府", "月桥镇", "yueqiaozhen", "乡", "乡镇",
                   code, "990000", city, code, weight=0.1)
        )  # fmt: skip
    return out


def _spread(rng: random.Random, total: int, keys: list[str], bias: list[float]) -> dict[str, int]:
    out = dict.fromkeys(keys, 0)
    for key in rng.choices(keys, weights=bias, k=total):
        out[key] += 1
    return out


def _table3(
    rng: random.Random, form: str, weight: float, year: int, carried: int
) -> dict[str, int]:
    columns = [c.key for c in FORM.columns("t3") if c.key != "total"]
    leaves = [r.key for r in FORM.rows("t3", form) if r.kind == "leaf"]
    new = max(0, int(rng.gauss(30 * weight * (1 + 0.12 * (year - 2019)), 4 * weight)))
    cells: dict[str, int] = {}
    new_by = _spread(rng, new, columns, [80, 12, 1, 1, 3, 3])
    in_by = _spread(rng, carried, columns, [80, 12, 1, 1, 3, 3])
    bias = [38 + 2 * (year - 2019), 9, *[1.2] * 8, 14, 4, 2, 5, 2, 1, 1, 1]
    bias += [6] * (len(leaves) - len(bias))
    for column in columns:
        on_hand = new_by[column] + in_by[column]
        out = min(on_hand, int(on_hand * 0.08 + rng.random()))
        done = _spread(rng, on_hand - out, leaves, bias)
        cells |= {f"t3.{row}.{column}": n for row, n in done.items()}
        cells[f"t3.received_new.{column}"] = new_by[column]
        cells[f"t3.carried_in.{column}"] = in_by[column]
        cells[f"t3.carried_out.{column}"] = out
        cells[f"t3.handled_total.{column}"] = on_hand - out
    for row in [*leaves, "received_new", "carried_in", "carried_out", "handled_total"]:
        cells[f"t3.{row}.total"] = sum(cells[f"t3.{row}.{c}"] for c in columns)
    return cells


def _table4(rng: random.Random, weight: float, year: int) -> dict[str, int]:
    cells: dict[str, int] = {}
    for block, scale in (("review", 2.4), ("lit_direct", 0.8), ("lit_after_review", 0.5)):
        factor = {"review": 1.6, "lit_direct": 0.5}.get(block, 1.0) if year >= 2024 else 1.0
        n = int(rng.gauss(scale * weight * factor, 0.6 * weight) + rng.random())
        split = _spread(rng, max(n, 0), ["upheld", "corrected", "other", "pending"], [5, 2, 2, 1])
        cells |= {f"t4.{block}.{k}": v for k, v in split.items()}
        cells[f"t4.{block}.total"] = sum(split.values())
    return cells


def _table2(rng: random.Random, form: str, weight: float) -> dict[str, int]:
    return {
        c.key: rng.choice([0, 0, 1, 3, int(200 * weight)]) for c in FORM.cells_of(form, "t2")
    }  # fmt: skip


def reports(all_offices: list[Office], seed: int = 7) -> list[Report]:
    rng = random.Random(seed)
    out: list[Report] = []
    for office in all_offices:
        carried = 0
        for year in YEARS:
            form = FORM.form_for_year(year)
            assert form is not None
            cells: dict[str, int | None] = {
                **_table2(rng, form, office.weight),
                **_table3(rng, form, office.weight, year, carried),
                **_table4(rng, office.weight, year),
            }
            carried = int(cells["t3.carried_out.total"] or 0)
            if (office.office_id, year) == BROKEN:
                cells["t3.carried_in.total"] = int(cells["t3.carried_in.total"] or 0) + 3
            report = Report(f"r-{office.office_id}-{year}", office, year, cells)
            _disturb(rng, report)
            # 枕溪县教育局 reported nothing for 2022, 月桥镇 of 听澜县 nothing since 2024.
            missing = (office.office_id == "o-9901021" and year == 2022) or (
                office.office_id == "o-990202t" and year >= 2024
            )
            if not missing:
                out.append(report)
    return out


def _disturb(rng: random.Random, report: Report) -> None:
    """Faults real reports have: a wrong sum, an absent last row, blanks, an unread cell."""
    report.states = {
        key: "number" if key in report.cells else "absent" for key in FORM.cells
    }  # fmt: skip
    pick = rng.random()
    if report.office.office_id == "o-990100b" and report.year in (2023, 2025):
        pick = 0.01
    if pick < 0.06:
        report.cells["t3.granted.total"] = int(report.cells["t3.granted.total"] or 0) + 9
        report.failed = True
    elif pick < 0.10:
        for column in FORM.columns("t3"):
            key = f"t3.carried_out.{column.key}"
            report.cells[key], report.states[key] = None, "absent"
    elif pick < 0.14:
        report.cells["t3.partial.total"], report.states["t3.partial.total"] = None, "unread"
    elif pick < 0.2:
        for key in ("t2.rules.issued", "t2.rules.repealed", "t2.rules.in_force"):
            if key in report.cells:
                report.cells[key], report.states[key] = None, "blank"


# ------------------------------------------------------------------ reference computations


def quantity(key: str, cells: dict[str, int | None]) -> int | None:
    """Plain-Python value of a quantity: every term needed; alternatives in order."""
    total = 0
    for term in FORM.quantities[key].terms:
        for alternative in FORM.term_cells(term):
            values = [cells.get(cell) for cell in alternative]
            if all(value is not None for value in values):
                total += sum(int(value) for value in values if value is not None)
                break
        else:
            return None
    return total


def metric(key: str, cells: dict[str, int | None]) -> tuple[int | None, int | None]:
    """Numerator and denominator of a metric; both ``None`` when any part is missing."""
    spec = FORM.metrics[key]
    num = [quantity(q, cells) for q in spec.num]
    minus = [quantity(q, cells) for q in spec.minus]
    den = [quantity(q, cells) for q in spec.den]
    if any(part is None for part in (*num, *minus, *den)):
        return None, None
    top = sum(n or 0 for n in num) - sum(n or 0 for n in minus)
    return top, (sum(d or 0 for d in den) if spec.den else None)


# ------------------------------------------------------------------ writing


def meta_rows() -> dict[str, list[dict[str, Any]]]:
    t, m, notes = FORM.tables, FORM.metrics_file, FORM.notes
    newest = max(t.forms)

    def label(value: Any) -> str:
        return str(max(per_form(value, FORM.versions).items())[1])

    cells = [
        {
            "key": c.key, "sql_name": c.sql_name, "table_key": c.table, "row_key": c.row,
            "column_key": c.column, "unit": c.unit, "value_kind": c.value, "forms": list(c.forms),
            "order_2019": c.order.get("2019"), "order_2021": c.order.get("2021"),
            "label_zh": c.label_zh(), "label_en": c.label_en,
            "row_zh": c.row_zh[max(c.row_zh)], "row_en": c.row_en,
            "column_zh": c.column_zh[max(c.column_zh)], "column_en": c.column_en,
        }
        for c in FORM.cells.values()
    ]  # fmt: skip
    quantities = [
        {
            "key": q.key, "zh": q.zh, "en": q.en, "formula_zh": q.zh, "formula_en": q.en,
            "position": n,
            "cells": [c for term in q.terms for part in FORM.term_cells(term) for c in part],
        }
        for n, q in enumerate(m.quantities)
    ]  # fmt: skip

    def words(keys: list[str], lang: str) -> str:
        return " + ".join(getattr(FORM.quantities[k], lang) for k in keys)

    metrics = []
    for n, x in enumerate(m.metrics):
        formula = {
            lang: words(x.num, lang) + (f" ÷ ({words(x.den, lang)})" if x.den else "")
            for lang in ("zh", "en")
        }
        metrics.append(
            {
                "key": x.key, "group_key": x.group, "kind": x.kind, "zh": x.zh, "en": x.en,
                "num": x.num, "den": x.den, "minus": x.minus, "unit": x.unit, "good": x.good,
                "family": x.family, "is_default": x.default, "share_of": x.share_of, "per": x.per,
                "forms": x.forms or list(FORM.versions), "formula_zh": formula["zh"],
                "formula_en": formula["en"], "rows_zh": "", "note_zh": x.note_zh,
                "note_en": x.note_en, "position": n,
            }
        )  # fmt: skip
    table_rows, columns = [], []
    for name in ("t2", "t3", "t4"):
        table = getattr(t, name)
        table_rows += [
            {
                "table_key": name, "row_key": r.key, "zh": label(r.zh), "en": r.en,
                "short_zh": r.short, "kind": r.kind, "group_key": r.group,
                "forms": r.forms or list(FORM.versions), "position": n, "basis": r.basis,
            }
            for n, r in enumerate(table.rows)
        ]  # fmt: skip
        columns += [
            {
                "table_key": name, "column_key": c.key, "zh": label(c.zh), "en": c.en,
                "unit": c.unit or table.unit, "grouped": c.grouped,
                "forms": sorted(c.of) if c.of else list(FORM.versions), "position": n,
            }
            for n, c in enumerate(table.columns)
        ]  # fmt: skip
    return {
        "meta_form": [
            {"form": k, "instrument": v.instrument, "zh": v.zh, "en": v.en,
             "first_year": v.first_year, "last_year": v.last_year, "n_cells": v.cells}
            for k, v in t.forms.items()
        ],
        "meta_section": [
            {"key": s.key, "number": s.number, "zh": s.zh, "en": s.en, "content": s.content}
            for s in t.sections
        ],
        "meta_table": [
            {"table_key": n, "section": getattr(t, n).section, "zh": getattr(t, n).zh,
             "en": getattr(t, n).en}
            for n in ("t2", "t3", "t4")
        ],
        "meta_row": table_rows,
        "meta_column": columns,
        "meta_group": [
            {"group_key": g.key, "table_key": "t3", "zh": g.zh, "en": g.en, "parent": g.parent,
             "position": n}
            for n, g in enumerate(t.t3.groups)
        ],
        "meta_cell": cells,
        "meta_quantity": quantities,
        "meta_metric": metrics,
        "meta_metric_group": [
            {"key": g.key, "zh": g.zh, "en": g.en, "position": n} for n, g in enumerate(m.groups)
        ],
        "meta_family": [
            {"key": g.key, "zh": g.zh, "en": g.en, "position": n} for n, g in enumerate(m.families)
        ],
        "meta_state": [
            {"key": s.key, "zh": s.zh, "en": s.en, "has_value": s.has_value, "note_zh": s.note_zh,
             "note_en": s.note_en, "position": n}
            for n, s in enumerate(notes.states)
        ],
        "meta_annotation": [
            {"key": a.key, "at": dt.date.fromisoformat(str(a.at)), "kind": a.kind, "zh": a.zh,
             "en": a.en, "note_zh": a.note_zh, "note_en": a.note_en, "affects": a.affects,
             "source": a.source}
            for a in notes.annotations
        ],
        "meta_deadline": [
            {"key": d.key, "kinds": d.kinds, "month": d.month, "day": d.day, "zh": d.zh,
             "en": d.en, "basis": d.basis}
            for d in notes.deadlines
        ],
        "meta_crosswalk": [
            {"from_cells": c.from_, "to_cells": c.to, "comparable": c.comparable,
             "note_zh": c.note_zh, "note_en": c.note_en, "position": n}
            for n, c in enumerate(notes.crosswalk)
        ],
        "meta_rule": [
            {"id": "T3-SUM", "level": "error", "kind": "sum", "zh": "办理结果之和等于总计",
             "en": "Outcomes add up to the total", "forms": list(FORM.versions),
             "advice_zh": "请核对各项办理结果与总计。", "advice_en": "Check the outcome rows.",
             "basis": "", "status": "I", "needs": "report", "position": 0},
            {"id": "T3-FLOW", "level": "error", "kind": "balance",
             "zh": "新收加上年结转等于总计加结转下年度",
             "en": "Received plus carried in equals handled plus carried out",
             "forms": list(FORM.versions), "advice_zh": "请核对。", "advice_en": "Check.",
             "basis": "表三", "status": "V", "needs": "report", "position": 1},
        ],
        "_newest": [{"form": newest}],
    }  # fmt: skip


def _insert(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = [c for c in tables()[name].columns if c.name in rows[0]]
    names = ", ".join(f'"{c.name}"' for c in columns)
    # One statement a table: row by row the small warehouse took 9 s, most of them here.
    given = pa.table({c.name: pa.array([row[c.name] for row in rows]) for c in columns})
    con.register("given", given)
    marks = ", ".join(f'CAST("{c.name}" AS {c.type})' for c in columns)
    con.execute(f'INSERT INTO "{name}" ({names}) SELECT {marks} FROM given')
    con.unregister("given")


def _printed(report: Report, key: str) -> str:
    """What stands in the document: an unread cell shows two figures run together."""
    if report.states[key] == "unread":
        return "3 4"
    value = report.cells.get(key)
    return "" if value is None else str(value)


def _grid(
    report: Report, table: str, number: int
) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
    """A plain grid of a statutory table and where each cell stands in it."""
    form = FORM.form_for_year(report.year)
    assert form is not None
    cells = FORM.cells_of(form, table)
    rows = list(dict.fromkeys(c.row for c in cells))
    columns = list(dict.fromkeys(c.column for c in cells))
    by = {(c.row, c.column): c for c in cells}
    out: list[list[Any]] = [[0, 0, 1, 1, "项目 <b>&</b>"]]
    refs: dict[str, tuple[int, int]] = {}
    for j, column in enumerate(columns, 1):
        any_cell = next(c for c in cells if c.column == column)
        out.append([0, j, 1, 1, any_cell.column_zh[form]])
    for i, row in enumerate(rows, 1):
        any_cell = next(c for c in cells if c.row == row)
        out.append([i, 0, 1, 1, any_cell.row_zh[form]])
        for j, column in enumerate(columns, 1):
            cell = by.get((row, column))
            if cell is None or report.states[cell.key] == "absent":
                continue
            out.append([i, j, 1, 1, _printed(report, cell.key)])
            refs[cell.key] = (i, j)
    grid = {
        "kind": "grid", "number": number, "place": "", "fidelity": "structured",
        "n_rows": len(rows) + 1, "n_cols": len(columns) + 1, "cells": out,
    }  # fmt: skip
    return grid, refs


def _provenance(report: Report) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {"kind": "line", "text": f"{report.office.name}{report.year}年政府信息公开工作年度报告",
         "at": "line 1", "heading": 1},
        {"kind": "line", "text": "一、总体情况 <script>alert(1)</script>", "at": "line 2",
         "heading": 2},
    ]  # fmt: skip
    refs: dict[str, tuple[int, int, int]] = {}
    for number, table in enumerate(("t2", "t3", "t4"), 1):
        grid, places = _grid(report, table, number)
        refs |= {key: (len(blocks), a, b) for key, (a, b) in places.items()}
        blocks.append(grid)
    cells = []
    form = FORM.form_for_year(report.year)
    assert form is not None
    for cell in FORM.cells_of(form):
        value = report.cells.get(cell.key)
        block, a, b = refs.get(cell.key, (None, None, None))
        at = f"table {block - 1}, row {(a or 0) + 1}, column {(b or 0) + 1}" if block else ""
        cells.append(
            {
                "key": cell.key, "state": report.states[cell.key],
                "value": None if value is None else Decimal(value),
                "raw": _printed(report, cell.key),
                "at": at, "block": block, "a": a, "b": b, "unit_printed": None, "note": "",
            }
        )  # fmt: skip
    packed = zlib.compress(json.dumps(blocks, ensure_ascii=False).encode())
    return {"report_id": report.report_id, "cells": cells, "blocks": packed}


def fact_rows(found: list[Report], all_offices: list[Office]) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("office", "division", "roster", "document", "report", "core_report",
                              "provenance", "finding", "narrative", "report_rule")
    }  # fmt: skip
    names = dict([PROVINCE, *CITIES, *[c[:2] for c in COUNTIES]])
    for o in all_offices:
        out["office"].append(
            {
                "office_id": o.office_id, "name": o.name, "short_name": o.short_name,
                "aliases": [o.name.replace("人民政府", "政府")], "pinyin": o.pinyin,
                "level": o.level, "kind": o.kind, "function": None,
                "division_code": o.division_code, "code_system": "demo", "province": o.province,
                "city": o.city, "county": o.county, "province_name": names.get(o.province or ""),
                "city_name": names.get(o.city or ""), "county_name": names.get(o.county or ""),
                "parent_office_id": None, "is_demo": True, "first_year": 2019, "last_year": 2025,
            }
        )  # fmt: skip
        out["roster"] += [
            {"office_id": o.office_id, "year": y, "expected": True,
             "due": dt.date(y + 1, 3 if o.kind == "政府" else 1, 31), "reason": "roster"}
            for y in YEARS
        ]  # fmt: skip
    if all_offices:
        out["division"] = [
            {"code": PROVINCE[0], "code_system": "demo", "name": PROVINCE[1], "level": "省",
             "parent_code": None},
            *({"code": c, "code_system": "demo", "name": n, "level": "市",
               "parent_code": PROVINCE[0]} for c, n in CITIES),
            *({"code": c, "code_system": "demo", "name": n, "level": "县", "parent_code": p}
              for c, n, p in COUNTIES),
        ]  # fmt: skip
    for r in found:
        o = r.office
        place = {"province": o.province, "city": o.city, "county": o.county, "level": o.level,
                 "kind": o.kind}  # fmt: skip
        counts = {s: sum(1 for x in r.states.values() if x == s) for s in ("number", "blank",
                  "not_applicable", "text", "absent", "unread")}  # fmt: skip
        form = FORM.form_for_year(r.year)
        out["document"].append(
            {
                "document_id": f"d-{r.report_id}", "source": f"demo/{o.name}_{r.year}.html",
                "filename": f"{o.name}_{r.year}.html", "format": "html", "bytes": 9000,
                "status": "report", "title": f"{o.name}{r.year}年政府信息公开工作年度报告",
                "published": published(r), "url": f"https://example.invalid/{r.year}",
                "load_id": 1, "problem_code": None, "problem_message": None,
                "problem_hint": None, "is_demo": True,
            }
        )  # fmt: skip
        out["report"].append(
            {
                "report_id": r.report_id, "document_id": f"d-{r.report_id}",
                "office_id": o.office_id, "office_printed": o.name, "year": r.year,
                "scope": r.scope, "form_t2": form, "form_t3": form, "form_t4": form, **place,
                "published": published(r),
                "title": f"{o.name}{r.year}年政府信息公开工作年度报告", "evidence": "{}",
                **{f"n_{k}": v for k, v in counts.items()},
                "n_error_failed": int(r.failed), "n_warning_failed": 0, "load_id": 1,
                "superseded_by": None, "superseded_reason": None, "is_current": r.current,
            }
        )  # fmt: skip
        out["core_report"].append(
            {
                "report_id": r.report_id,
                "year": r.year,
                "province": o.province,
                "office_id": o.office_id,
                **{c.sql_name: r.cells.get(c.key) for c in FORM.cells.values()},
            }
        )
        out["provenance"].append(_provenance(r))
        out["narrative"].append(
            {"report_id": r.report_id, "section": "s1", "heading": "一、总体情况",
             "text": f"{r.year}年，本机关认真贯彻条例。<i>未转义</i>", "at": "line 2"}
        )  # fmt: skip
        out["report_rule"].append(
            {"report_id": r.report_id, "passed": 70 - r.failed, "failed": int(r.failed),
             "not_assessable": 0, "not_applicable": 3}
        )  # fmt: skip
        if r.failed:
            out["finding"].append(_finding(r))
    return out


def published(r: Report) -> dt.date:
    late = (r.office.office_id, r.year) == LATE
    return dt.date(r.year + 1, 2, 20) if late else dt.date(r.year + 1, 1, 25)


def _finding(r: Report) -> dict[str, Any]:
    total = r.cells["t3.handled_total.total"] or 0
    return {
        "finding_id": f"f-{r.report_id}", "report_id": r.report_id,
        "office_id": r.office.office_id, "year": r.year, "rule": "T3-SUM", "level": "error",
        "outcome": "fail", "subject": "total", "subject_zh": "总计", "subject_en": "Total",
        "left_value": total, "right_value": total + 9,
        "message_zh": f"办理结果各项之和为{total + 9}，总计为{total}。",
        "message_en": f"Outcomes add up to {total + 9}, the total says {total}.",
        "cells": ["t3.handled_total.total", "t3.granted.total"], "assumed": False,
        "origin": "report",
    }  # fmt: skip


def build(folder: Path, build_id: str, size: str = "demo", *, seed: int = 7) -> Path:
    """Write a published build of a size (``demo``, ``one``, ``empty``) and point at it."""
    everyone = {"demo": offices(), "one": offices()[3:4], "empty": []}[size]
    found = reports(everyone, seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{build_id}.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        for statement in (*create_all(), *marts.drafts()):
            con.execute(statement)
        con.execute("BEGIN")
        facts = fact_rows(found, everyone)
        for name, rows in {**meta_rows(), **facts}.items():
            if not name.startswith("_"):
                _insert(con, name, rows)
        latest = max((r.year for r in found), default=None)
        build_info = {
            "build_id": build_id, "created_at": "2026-09-20T08:00:00",
            "schema_version": str(SCHEMA_VERSION),
            "tool_version": "0.1.0", "is_demo": "true" if everyone else "false",
            "n_reports": str(len(found)), "latest_year": str(latest or ""),
        }  # fmt: skip
        _insert(con, "meta_build", [{"key": k, "value": v} for k, v in build_info.items()])
        _insert(con, "rule_count", _rule_counts(found))
        _insert(con, "load_run", _load_run(len(found)))
        con.execute("COMMIT")  # the marts refer to rows by number, which they have from now on
        for statement in marts.statements():
            con.execute(statement)
    (folder / "current.json").write_text(json.dumps({"build": build_id, "file": path.name}))
    return path


def _rule_counts(found: list[Report]) -> list[dict[str, Any]]:
    frame = pd.DataFrame([{"year": r.year, "failed": r.failed} for r in found])
    if frame.empty:
        return []
    return [
        {"year": int(year), "rule": "T3-SUM", "outcome": "fail" if failed else "pass", "n": int(n)}
        for (year, failed), n in frame.groupby(["year", "failed"]).size().items()
    ]


def _load_run(n: int) -> list[dict[str, Any]]:
    now = dt.datetime(2026, 9, 20, 8)
    return [
        {"load_id": 1, "started_at": now, "finished_at": now, "n_files": n, "n_new": n,
         "n_unchanged": 0, "n_rejected": 0, "n_removed": 0, "n_reports": n,
         "tool_version": "0.1.0", "reading": ""}
    ]  # fmt: skip
