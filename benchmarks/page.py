"""The measurements of one run as a page; nothing in it names a place on the machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

INTRO = """# Benchmarks

<!-- Written by `python -m benchmarks.scale --page docs/benchmarks.md`; do not edit. -->

Every size is measured in a run of its own; the loads are of when its warehouse was made. Times are
milliseconds unless another unit stands beside them; "cpu" is processor time, which other work on
the machine hardly changes. Queries are asked with every kind of selection (everything, a province,
a county, departments, balanced panel, without failing reports, figures for regions). Cold: first
call on a new connection, the file dropped from the system's cache. Warehouses are invented
(`python -m etl.scale`)."""


def text_of(found: dict[str, Any]) -> str:
    """The page. What a run that was stopped has not measured is not on it, and said so."""
    parts = [INTRO, _machine(found), *_limits(found), *_queries(found), *_pages(found)]
    parts += [*_storage(found), *_loads(found), *_rivals(found)]
    return "\n\n".join(parts).rstrip() + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" + "---:|" * (len(names) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}" if value else "0"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _machine(found: dict[str, Any]) -> str:
    memory = f", {found['memory']} GB of memory" if found.get("memory") else ""
    text = f"Machine: {found['cores']} cores{memory}; load average at the end {found['load']}."
    if found["load"] > 2 * found["cores"]:
        text += (
            " Other work shared the cores while this was measured: wall times are that much longer "
            "than on a machine of one's own; processor times tell more."
        )
    absent = [
        f"{what} at {int(size):,}"
        for size, part in found["by_size"].items()
        for what in ("queries", "storage", "pages")
        if what not in part
    ]
    brief = [f"{int(size):,}" for size, part in found["by_size"].items() if part.get("quick")]
    if brief:
        text += (
            f" At {', '.join(brief)} reports each query was asked once, under the widest selection "
            "(`--quick`): its p95 is that one call."
        )
    absent += [what for what in ("rivals", "documents") if what not in found]
    return text + (f" Not measured in this run: {', '.join(absent)}." if absent else "")


def _by_size(found: dict[str, Any], *what: str) -> list[tuple[int, dict[str, Any]]]:
    """Sizes in order; only those of which all of ``what`` is measured."""
    parts = sorted((int(size), part) for size, part in found["by_size"].items())
    return [(size, part) for size, part in parts if all(name in part for name in what)]


def _limits(found: dict[str, Any]) -> Iterable[str]:
    """The aims and what was found at the largest size."""
    size, part = _by_size(found)[-1]
    queries, pages = part.get("queries", {}).values(), part.get("pages", {}).values()
    rows: list[tuple[Any, ...]] = []
    if queries:
        rows += [
            ("slowest query, warm p95", "100 ms", max(q["p95"] for q in queries)),
            ("slowest query, processor time p95", "", max(q["cpu95"] for q in queries)),
            ("queries with processor time p95 over 100 ms", "0",
             f"{sum(q['cpu95'] > 100 for q in queries)} of {len(queries)}"),
            ("slowest query, cold p95", "400 ms", max(q["cold95"] for q in queries)),
        ]  # fmt: skip
    if pages:
        ratios = [p["ratio"] for p in pages if p["charts"]]
        rows.append(("slowest page, filter change p95", "500 ms", max(p["p95"] for p in pages)))
        rows.append(("worst page ÷ bare page", "3", max(ratios) if ratios else "—"))
    if "storage" in part:
        rows.append(("cells and their sums ÷ Parquet", "3", part["storage"]["ratio"]))
        rows.append(("cells and all marts ÷ Parquet", "3", part["storage"]["ratio_all"]))
    growth = _load_growth(found)
    if growth:
        rows.append(("load, ten times the reports (cpu)", "10.5", growth))
    if "documents" in found:
        d = found["documents"]
        files = f"{d['files']:,} documents"
        rows += [
            (f"{files}: two reading processes against one", "at least 1.8", d["speed_up"]),
            (f"{files}: nothing changed ÷ hashing the files", "1.5", d["reload"]),
            (f"{files}: {d['changed']:,} changed ÷ first load (cpu)", "5 %",
             f"{d['share_cpu']:.1%}"),
        ]  # fmt: skip
    yield f"## In short: {size:,} reports"
    yield _table(("", "at most", "found"), rows)


def _queries(found: dict[str, Any]) -> Iterable[str]:
    parts = _by_size(found, "queries")
    if not parts:
        return
    size, last = parts[-1]
    before = parts[-2][1]["queries"] if len(parts) > 1 else {}
    yield "## Named queries"
    if before:
        yield (
            f"Growth: processor time at {size:,} reports over that at {parts[-2][0]:,}; below "
            f"{size / parts[-2][0]:.0f} it grows slower than the warehouse."
        )
    head = ["query", *(f"p50 at {n:,}" for n, _ in parts), "p95", "cpu p95", "cold p50",
            "cold p95", "growth", "rows"]  # fmt: skip
    rows = []
    for name, q in last["queries"].items():
        medians = [part["queries"].get(name, {}).get("p50", 0.0) for _, part in parts]
        growth = q["cpu"] / before[name]["cpu"] if before.get(name, {}).get("cpu") else "—"
        rows.append([f"`{name}`", *medians, q["p95"], q["cpu95"], q["cold50"], q["cold95"],
                     growth, int(q["rows"])])  # fmt: skip
    yield _table(head, rows)


def _pages(found: dict[str, Any]) -> Iterable[str]:
    parts = _by_size(found, "pages")
    if not parts:
        return
    yield "## Pages: server time of a filter change"
    yield (
        "Each change is a selection not asked before. Bare: a Streamlit page that shows the very "
        "same finished charts and does nothing else. First: the first page after a new build, all "
        "caches empty."
    )
    rows = []
    for size, part in parts:
        for name, p in part["pages"].items():
            ratio = p["ratio"] if p["charts"] else "—"
            rows.append([f"{name}, {size:,}", p["p50"], p["p95"], p["cpu"], p["bare"], ratio,
                         p["first"], int(p["charts"]), p["kilobytes"]])  # fmt: skip
    head = ("page, reports", "p50", "p95", "cpu", "bare", "÷ bare", "first", "charts", "KB")
    yield _table(head, rows)


def _storage(found: dict[str, Any]) -> Iterable[str]:
    parts = _by_size(found, "storage")
    if not parts:
        return
    yield "## Size"
    yield (
        "Parquet: the same facts with zstd, in the same order of rows. Figures: the cells with "
        "what selects them, and their sums by region and panel, against Parquet of the cells. "
        "Other marts: offices, arrivals, findings, paragraphs, peers, against Parquet of their own "
        "rows, which are in no cell."
    )
    yield _table(
        ("reports", "figures MB", "Parquet MB", "÷", "other marts MB", "Parquet MB", "all ÷",
         "whole file MB"),
        [[f"{n:,}", s["figures"], s["parquet"], f"{s['ratio']:.2f}", s["marts"],
          s["marts_parquet"], f"{s['ratio_all']:.2f}", s["file"]]
         for n, s in ((n, part["storage"]) for n, part in parts)],
    )  # fmt: skip
    size, part = parts[-1]
    tables = sorted(part["storage"]["tables"].items(), key=lambda item: -item[1])
    shown = [[f"`{name}`", mb] for name, mb in tables if mb >= 1]
    if shown:
        yield _table((f"table, {size:,} reports", "MB"), shown)
    if "documents" in found:
        p = found["documents"]
        yield (
            f"Provenance (every cell's state and place, and the document's own tables) takes "
            f"{p['bytes']:,.0f} bytes a report; the whole is kept apart and read for one report."
        )


def _load_growth(found: dict[str, Any]) -> float | None:
    parts = _by_size(found, "made")
    if len(parts) < 2:
        return None
    (small, a), (large, b) = parts[-2:]
    per_ten = 10 / (large / small)
    growth: float = b["made"]["cpu"] / a["made"]["cpu"] * per_ten
    return growth


def _loads(found: dict[str, Any]) -> Iterable[str]:
    yield "## Loads"
    yield _table(
        ("reports", "cpu s", "seconds", "of that marts s", "publish s"),
        [[f"{n:,}", m["cpu"], m["seconds"], m["marts"], m["publish"]]
         for n, m in ((n, part["made"]) for n, part in _by_size(found, "made"))],
    )  # fmt: skip
    if "documents" in found:
        yield from _documents(found["documents"])


def _documents(d: dict[str, Any]) -> Iterable[str]:
    """Loads of documents: with one and two processes, again, and with a few changed."""
    yield (
        f"Documents: {d['files']:,} files of the demonstration corpus in all formats, "
        f"{d['reports']:,} reports. At the rate of two processes 100,000 documents take "
        f"{d['full']['wall'] / d['files'] * 100_000 / 60:,.0f} minutes (extrapolated)."
    )
    rows = [
        (name, one["wall"], one["own"] + one["readers"], one["readers"])
        for name, one in (
            ("first load, one process", d["one"]),
            ("first load, two processes", d["full"]),
            (f"{d['changed']:,} files changed, one process", d["some_one"]),
            (f"{d['changed']:,} files changed, two processes", d["some"]),
        )
    ]
    yield _table(("load", "seconds", "cpu s", "of that reading"), rows)
    yield (
        f"Hashing all files takes {d['hashing']:.2f} s, a load with nothing changed "
        f"{d['again']:.2f} s (`--quick`, which trusts sizes and times: {d['quick']:.2f} s); a copy "
        f"of the build {d['copy']:.2f} s. The load of the changed files takes {d['share_cpu']:.1%} "
        "of the first load's processor time and, the copy not counted, "
        f"{d['share_wall_one']:.1%} of its seconds with one process and {d['share_wall']:.1%} with "
        "two: starting them and assembling the build are not shared out."
    )


def _rivals(found: dict[str, Any]) -> Iterable[str]:
    rivals = found.get("rivals")
    if not rivals:
        return
    yield f"## The same questions elsewhere, {rivals['reports']:,} reports"
    yield (
        "Long: one row a cell in DuckDB. SQLite: one wide row a report, indexed by year and by "
        "office. pandas: all cells in memory. Every way must find the same figures. Ours is the "
        "named query of the page, from the question to the typed frame."
    )
    yield _table(
        ("question", "ours", "long", "SQLite", "pandas", "long ÷ ours", "SQLite ÷", "pandas ÷"),
        [[name, q["ours"], q["long"], q["sqlite"], q["pandas"],
          *(q[way] / q["ours"] for way in ("long", "sqlite", "pandas"))]
         for name, q in rivals["questions"].items()],
    )  # fmt: skip
