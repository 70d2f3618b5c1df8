"""What a warehouse holds: builds, counts, rejected documents, the last load."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from etl.errors import WarehouseError
from etl.warehouse import asof, builds, reading

_LISTED = 20


def status(warehouse: Path, *, verify: bool = False, as_of: str | None = None) -> dict[str, Any]:
    """Everything ``disclosure status`` shows, as JSON-ready values.

    ``verify`` reads every block of the served build and adds what is damaged to ``faults``.
    ``as_of`` (a load's number, a date or a time) adds the reports that were current then.

    Raises:
        UsageError: ``as_of`` names no load.
        WarehouseError: there is no build that can be served.
    """
    current, faults = builds.find_current(warehouse)
    if current is None:
        what = "；".join(faults) or f"{warehouse} 中没有数据 no warehouse there"
        raise WarehouseError(what, hint="先运行 run: disclosure load 路径，或 disclosure demo")
    if verify:
        faults += [f"{current.path}: {fault}" for fault in builds.verify(current.path)]
    with contextlib.closing(builds.connect(current.path)) as con:
        cursor = con.execute("SELECT * FROM load_run ORDER BY load_id DESC LIMIT 1")
        names = [column[0] for column in cursor.description or ()]
        last = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        by_year = con.execute(
            "SELECT year, count(*) FROM report WHERE is_current GROUP BY year ORDER BY year"
        ).fetchall()
        codes = con.execute(
            "SELECT code, count(*) FROM rejected_document GROUP BY code ORDER BY 2 DESC, 1"
        ).fetchall()
        rejected = con.execute(
            "SELECT source, code, message, hint FROM rejected_document "
            "ORDER BY load_id DESC, source LIMIT ?",
            [_LISTED],
        ).fetchall()
        superseded = con.execute(
            "SELECT superseded_reason, count(*) FROM report WHERE NOT is_current "
            "GROUP BY 1 ORDER BY 1"
        ).fetchall()
        corrected = con.execute(
            "SELECT c.outcome, count(*) FROM correction c JOIN report r USING (report_id) "
            "WHERE r.is_current GROUP BY 1 ORDER BY 1"
        ).fetchall()
        stale = con.execute(
            "SELECT count(*) FROM source_file "
            "WHERE removed_load_id IS NULL AND NOT starts_with(reading, ?)",
            [reading.definitions()],
        ).fetchall()
        then = _as_of(con, as_of) if as_of else None
        info = dict(con.execute("SELECT key, value FROM meta_build").fetchall())
    return {
        "warehouse": str(warehouse),
        "current": current.build_id,
        "builds": [
            {"build": b.build_id, "file": b.path.name, "bytes": b.path.stat().st_size,
             "current": b == current}
            for b in builds.builds(warehouse)
        ],
        "is_demo": info.get("is_demo") == "true",
        "reports": int(info.get("n_reports", "0")),
        "offices": int(info.get("n_offices", "0")),
        "reports_by_year": {str(year): n for year, n in by_year},
        "superseded": dict(superseded),
        "corrections": dict(corrected),
        "rejected": dict(codes),
        "rejected_documents": [
            dict(zip(("source", "code", "message", "hint"), row, strict=True)) for row in rejected
        ],
        "read_by_older_version": stale[0][0],
        "last_load": {k: v if isinstance(v, int) else str(v) for k, v in last[0].items()}
        if last
        else None,
        **({"as_of": then} if then else {}),
        "faults": faults,
    }  # fmt: skip


def _as_of(con: duckdb.DuckDBPyConnection, asked: str) -> dict[str, Any]:
    moment = asof.resolve(con, asked)
    by_year = asof.reports_by_year(con, moment)
    return {
        "load_id": moment.load_id,
        "finished_at": f"{moment.finished_at:%F %T}",
        "reports": sum(by_year.values()),
        "reports_by_year": by_year,
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    demo = "（演示数据 demo data）" if found["is_demo"] else ""
    yield f"数据仓库 warehouse: {found['warehouse']}{demo}"
    for build in found["builds"]:
        mark = "→" if build["current"] else " "
        yield f" {mark} {build['build']}  {build['bytes'] / 2**20:.1f} MB"
    years = "，".join(f"{year}: {n}" for year, n in found["reports_by_year"].items())
    yield f"现行报告 reports: {found['reports']} 份，单位 offices: {found['offices']} 个（{years}）"
    for key, zh in (("superseded", "非现行 superseded"), ("corrections", "人工更正 corrections"),
                    ("rejected", "未采用 rejected")):  # fmt: skip
        if found[key]:
            yield f"{zh}: " + "，".join(f"{name} {n}" for name, n in found[key].items())
    for one in found["rejected_documents"]:
        hint = f" — {one['hint']}" if one["hint"] else ""
        yield f"   [{one['code']}] {one['source']}: {one['message']}{hint}"
    if found["read_by_older_version"]:
        yield (
            f"{found['read_by_older_version']} 个文件由旧版定义读取，重新载入其文件夹即更新 "
            "files read under older definitions; load their folders again"
        )
    if found["last_load"]:
        last = found["last_load"]
        yield (
            f"最近载入 last load: #{last['load_id']} {last['finished_at'][:19]} UTC，"
            f"文件 {last['n_files']}，读取 {last['n_new']}，未变 {last['n_unchanged']}，"
            f"未采用 {last['n_rejected']}，移除 {last['n_removed']}"
        )
    if then := found.get("as_of"):
        years = "，".join(f"{year}: {n}" for year, n in then["reports_by_year"].items())
        yield (
            f"截至第 {then['load_id']} 次载入 as of load #{then['load_id']}（{then['finished_at']} "
            f"UTC）：现行报告 {then['reports']} 份（{years}）"
        )
    for fault in found["faults"]:
        yield f"问题 fault: {fault}"
