"""What a warehouse holds: builds, counts, rejected documents, the last load."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etl.errors import WarehouseError
from etl.warehouse import builds, reading, schema

_LISTED = 20
_AS_OF = "report_as_of(at_load)"


def status(warehouse: Path, *, verify: bool = False) -> dict[str, Any]:
    """Everything ``disclosure status`` shows, as JSON-ready values.

    ``verify`` reads every block of the served build and adds what is damaged to ``faults``.

    Raises:
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
        "faults": faults,
    }  # fmt: skip


def as_of(warehouse: Path, load: int) -> dict[str, Any]:
    """What was current after a load, and what became of it since (``disclosure status --as-of``).

    Raises:
        WarehouseError: there is no build that can be served, or no such load.
    """
    current, _ = builds.find_current(warehouse)
    if current is None:
        message = f"{warehouse} 中没有数据 no warehouse there"
        raise WarehouseError(message, hint="先运行 run: disclosure load 路径")
    with contextlib.closing(builds.connect(current.path)) as con:
        loads = con.execute("SELECT load_id, finished_at FROM load_run ORDER BY 1").fetchall()
        if load not in {number for number, _ in loads}:
            known = f"{loads[0][0]}—{loads[-1][0]}"
            raise WarehouseError(f"没有第 {load} 次载入 no load {load}", hint=f"已有 loads {known}")
        # The query itself, not the build's macro: a build of an earlier version has none.
        then = f"({schema.MACROS[_AS_OF].replace('at_load', str(int(load)))})"
        by_year = con.execute(
            f"SELECT year, count(*) FROM {then} GROUP BY year ORDER BY year"
        ).fetchall()
        since = con.execute(
            "SELECT coalesce(superseded_reason, 'current'), count(*) "
            f"FROM {then} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        [(added,)] = con.execute(
            "SELECT count(*) FROM report WHERE is_current "
            f"AND report_id NOT IN (SELECT report_id FROM {then})"
        ).fetchall()
    return {
        "as_of": load,
        "finished_at": str(dict(loads)[load]),
        "reports": sum(n for _, n in by_year),
        "reports_by_year": {str(year): n for year, n in by_year},
        "since": dict(since),
        "current_since": added,
    }


def as_of_lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    years = "，".join(f"{year}: {n}" for year, n in found["reports_by_year"].items())
    yield (
        f"第 {found['as_of']} 次载入后 after load {found['as_of']}（{found['finished_at']} UTC）："
        f"现行报告 reports {found['reports']} 份（{years}）"
    )
    what = "，".join(f"{name} {n}" for name, n in found["since"].items())
    yield f"其后 since then: {what}；新增现行 newly current {found['current_since']}"


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
            f"最近载入 last load: #{last['load_id']} {last['finished_at']} UTC，"
            f"文件 {last['n_files']}，读取 {last['n_new']}，未变 {last['n_unchanged']}，"
            f"未采用 {last['n_rejected']}，移除 {last['n_removed']}"
        )
    for fault in found["faults"]:
        yield f"问题 fault: {fault}"
