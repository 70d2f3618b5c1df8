"""The warehouse at 10⁴, 10⁵ and 10⁶ reports: queries, rivals, sizes, loads, pages; one command.

    python -m benchmarks.scale [--folder DIR] [--sizes 10000 100000 1000000] [--page FILE]

Invented warehouses are made in the folder where they are missing. Every figure is a time or a
ratio of this one run; ``--page`` writes them as a page (docs/benchmarks.md in the repository).
A warm time is a call after another of the same; a cold one is the first on a new connection, the
build's file out of the system's cache as far as the system allows (``posix_fadvise``).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import page, pages, rivals  # noqa: E402
from benchmarks.storage import table_bytes  # noqa: E402
from dashboard.db import CONFIG, Build, Database, current_build  # noqa: E402
from dashboard.queries import examples  # noqa: E402
from etl.warehouse import marts, schema  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000)
#: What is measured; each can be measured alone.
PARTS = ("queries", "storage", "pages", "rivals", "documents")
#: Warm calls of every example; more of them make p95 steadier and the run longer.
ROUNDS = 3


@dataclass
class Timed:
    """One named query in one warehouse: milliseconds of its calls."""

    warm: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    rows: int = 0

    def summary(self) -> dict[str, float]:
        """Median and 95th percentile; ``cpu``: median processor time, whatever else runs."""
        return {
            "calls": len(self.warm), "p50": quantile(self.warm, 0.5),
            "p95": quantile(self.warm, 0.95), "cold50": quantile(self.cold, 0.5),
            "cold95": quantile(self.cold, 0.95), "cpu": quantile(self.cpu, 0.5),
            "cpu95": quantile(self.cpu, 0.95), "rows": self.rows,
        }  # fmt: skip


def quantile(values: Sequence[float], q: float) -> float:
    """A quantile between the neighbouring values; 0 without any."""
    found = sorted(values)
    if not found:
        return 0.0
    place = q * (len(found) - 1)
    low = int(place)
    high = min(low + 1, len(found) - 1)
    return found[low] + (found[high] - found[low]) * (place - low)


def make(folder: Path, reports: int) -> dict[str, float]:
    """Make a warehouse where none of this schema is; what making it cost is kept beside it."""
    made = folder / "made.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        found: dict[str, float] = json.loads(made.read_text(encoding="utf-8"))
        if found["schema"] == schema.SCHEMA_VERSION:
            return found
    for old in (*folder.glob("*.duckdb"), folder / "current.json"):
        old.unlink(missing_ok=True)
    command = [sys.executable, "-m", "etl.scale", "--reports", str(reports), str(folder)]
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    after = os.times()
    text = done.stdout.decode()
    found = json.loads(text[text.index("{") :])
    found |= {
        "seconds": time.perf_counter() - started, "schema": schema.SCHEMA_VERSION,
        "cpu": after.children_user + after.children_system
        - before.children_user - before.children_system,
    }  # fmt: skip
    made.write_text(json.dumps(found), encoding="utf-8")
    return found


def forget(path: str) -> None:
    """Ask the system to drop a file from its cache."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def clocked(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall and processor milliseconds of a call, and its answer."""
    cpu, started = time.process_time(), time.perf_counter()
    answer = call()
    return (time.perf_counter() - started) * 1e3, (time.process_time() - cpu) * 1e3, answer


def queries(
    build: Build, rounds: int = ROUNDS, *, quick: bool = False
) -> dict[str, dict[str, float]]:
    """Every example of every named query: cold on a connection of its own, then warm.

    ``quick``: of each query only the call under the widest selection.
    """
    warm = Database(build)
    found: dict[str, Timed] = {}
    for example in examples.examples(examples.sample(warm)):
        if quick and example.name in found:
            continue
        timed = found.setdefault(example.name, Timed())
        forget(build.path)
        cold = Database(build)
        timed.cold.append(clocked(lambda e=example, db=cold: e.call(db))[0])  # type: ignore[misc]
        cold.close()
        example.call(warm)
        for _ in range(rounds):
            wall, cpu, answer = clocked(lambda e=example: e.call(warm))  # type: ignore[misc]
            timed.warm.append(wall)
            timed.cpu.append(cpu)
        if hasattr(answer, "__len__"):
            timed.rows = max(timed.rows, len(answer))
    warm.close()
    return {name: timed.summary() for name, timed in sorted(found.items())}


#: What the form's cells and the sums over them take; the rest of the marts stand for other facts.
FIGURES = (schema.WIDE, *marts.SUMMED)
#: All other marts; a view takes no room.
OTHER_MARTS = tuple(
    name for name in marts.NAMES if name not in FIGURES and not schema.tables()[name].view
)


def sizes(build: Build) -> dict[str, Any]:
    """Megabytes by table, and of the same facts as Parquet (zstd), in the same order of rows.

    The figures' facts are the cells; those of the other marts (offices, arrivals, findings, words)
    are in no cell, so that their own rows are the Parquet they are held against.
    """
    with contextlib.closing(duckdb.connect(build.path, read_only=True, config=CONFIG)) as con:
        tables = {name: size / 1e6 for name, size in table_bytes(con).items()}
        cells = parquet_bytes(con, "core_report") / 1e6
        kept = [name for name in OTHER_MARTS if name in tables]
        beside = sum(parquet_bytes(con, name) for name in kept) / 1e6
    figures, others = sum(tables[name] for name in FIGURES), sum(tables[name] for name in kept)
    return {
        "tables": tables, "parquet": cells, "figures": figures, "marts": others,
        "marts_parquet": beside, "file": Path(build.path).stat().st_size / 1e6,
        "ratio": figures / cells, "ratio_all": (figures + others) / (cells + beside),
    }  # fmt: skip


def parquet_bytes(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """What a table takes as zstd Parquet, its rows in the order they are stored in."""
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "table.parquet"
        con.execute(f"COPY (FROM {table}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        return target.stat().st_size


def loads_of_documents(folder: Path, reports: int) -> dict[str, Any]:
    """What :mod:`benchmarks.documents` finds, in a process of its own.

    The reading processes of a load import what its main module does: this one's is more.
    """
    target = folder / "documents.json"
    command = [sys.executable, "-m", "benchmarks.documents", "--reports", str(reports)]
    subprocess.run([*command, "--json", str(target)], cwd=ROOT, check=True, stdout=sys.stderr)
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


def run(
    folder: Path,
    wanted: Sequence[int],
    *,
    rounds: int,
    documents: int,
    parts: Collection[str] = PARTS,
    quick: bool = False,
) -> dict[str, Any]:
    """All measurements of one run, ready for :mod:`benchmarks.page`.

    ``parts``: of :data:`PARTS`. ``quick``: one call of every query, one change of every page; to
    see that all of it runs.
    """
    found: dict[str, Any] = {"sizes": list(wanted), "cores": os.cpu_count(), "by_size": {}}
    with contextlib.suppress(ValueError, OSError, AttributeError):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        found["memory"] = round(memory / 2**30)
    for reports in wanted:
        say(f"{reports:,} reports")
        here = folder / f"reports-{reports}"
        here.mkdir(parents=True, exist_ok=True)
        made = make(here, reports)
        build = current_build(here)
        part: dict[str, Any] = {"made": made, "quick": quick}
        found["by_size"][str(reports)] = part
        steps: dict[str, Callable[[], Any]] = {
            "queries": partial(queries, build, rounds, quick=quick),
            "storage": partial(sizes, build),
            "pages": partial(pages.measure, here, rounds, quick=quick),
        }
        for name, step in steps.items():
            if name in parts:
                say(f"{reports:,} reports: {name}")
                part[name] = step()
                _keep(folder, found)
    if "rivals" in parts:
        say("rivals")
        small = wanted[min(1, len(wanted) - 1)]
        found["rivals"] = {"reports": small, **rivals.measure(folder / f"reports-{small}")}
        _keep(folder, found)
    if "documents" in parts:
        say("documents")
        found["documents"] = loads_of_documents(folder, documents)
    _keep(folder, found)
    return found


def _keep(folder: Path, found: dict[str, Any]) -> None:
    """What is measured up to now stays, whatever stops the run: ``--from-json`` writes its page."""
    found["load"] = round(os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0, 1)
    (folder / "benchmarks.json").write_text(json.dumps(found), encoding="utf-8")


def say(text: str) -> None:
    """Progress, on the error stream."""
    sys.stderr.write(f"{time.strftime('%T')} {text}\n")


def main() -> None:
    """Measure, print the summary, write the page where one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where warehouses are made and kept")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--documents", type=int, default=4000, help="of the demo, to load (4000)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true", help="one call of each, to see it run")
    parser.add_argument("--page", type=Path, help="write the figures as a page")
    parser.add_argument("--from-json", type=Path, help="write the page of an earlier run")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if given.from_json:
            found = json.loads(given.from_json.read_text(encoding="utf-8"))
        else:
            found = run(folder, given.sizes, rounds=given.rounds, documents=given.documents,
                        parts=given.parts, quick=given.quick)  # fmt: skip
        text = page.text_of(found)
    if given.page:
        given.page.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
