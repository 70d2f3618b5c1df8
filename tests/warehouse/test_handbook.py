"""Commands and questions shown in docs/operations.md and docs/open-data.md do what is said."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import duckdb
import fake_documents as fake
import pytest

from etl.cli import cli

DOCS = Path(__file__).parents[2] / "docs"
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
OPEN_DATA = (DOCS / "open-data.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\S+(?: \S+)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Needs a cluster, a package index or documents: its commands are only parsed.
NOT_RUN = ("dask", "pip", "crontab")


def blocks(page: str, language: str) -> list[str]:
    return [text for name, text in _BLOCK.findall(page) if name == language]


def commands(page: str) -> Iterator[list[str]]:
    """Every ``disclosure`` command line of a page, in blocks, tables and sentences."""
    for found in re.findall(r"(?<![\w'/-])disclosure [a-z][^`|\n&>;#]*", page):
        yield shlex.split(found)[1:]


@pytest.mark.parametrize(
    "words", [*commands(OPERATIONS), *commands(OPEN_DATA)], ids=lambda w: " ".join(w)
)
def test_commands_parse(words: list[str]) -> None:
    command = cli.commands[words[0]]
    required = any(p.required for p in command.params if isinstance(p, click.Argument))
    rest = words[1:] or (["x"] if required else [])
    if required and rest[-1] in ("--verify", "dask://HOST:PORT", "3600"):
        rest = [*rest, "x"]
    context = command.make_context(words[0], list(rest))
    assert context.params


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the pages assume it: documents, a warehouse under data/, nothing else."""
    from houses import House

    root = tmp_path_factory.mktemp("place")
    house = House(root)
    house.warehouse = root / "data" / "warehouse"
    for year in (2021, 2022):
        cells: dict[str, Any] = {"t3.received_new.total": 5 if year == 2021 else "unread"}
        house.put(f"{year}.html", fake.document("P/C/K/x", year, cells=cells))
    house.load()
    return root


def shell(place: Path, script: str) -> str:
    """A block as a person types it, stopping at the first command that fails."""
    tools = place / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "disclosure").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m etl.cli "$@"\n')
    (tools / "disclosure").chmod(0o755)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "DISCLOSURE_WAREHOUSE"},
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(DOCS.parent),
    }
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=place, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_backup_restore_and_export(place: Path) -> None:
    """The blocks in order, in one folder: what a page's later blocks use, its earlier ones made."""
    ran = 0
    for block in [*blocks(OPERATIONS, "bash"), *blocks(OPEN_DATA, "bash")]:
        if any(word in block for word in NOT_RUN) or "disclosure load" in block:
            continue
        shell(place, block)
        ran += 1
    assert ran >= 4
    served = {p.name for p in (place / "data/warehouse").glob("*.duckdb")}
    assert {p.name for p in (place / "restored").glob("*.duckdb")} == served
    for folder in ("export", "export-csv", "export-xlsx", "export-then"):
        assert (place / folder / "datapackage.json").is_file()


def test_every_night(place: Path) -> None:
    """The cron line is a shell's, with five fields before it."""
    [line] = blocks(OPERATIONS, "cron")
    *times, command = line.strip().split(" ", 5)
    assert all(re.fullmatch(r"[\d*]+", field) for field in times) and len(times) == 5
    subprocess.run(["sh", "-n", "-c", command], check=True)


@pytest.mark.parametrize("code", blocks(OPEN_DATA, "python"))
def test_questions_run(place: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (place / "export").is_dir():
        shell(place, blocks(OPEN_DATA, "bash")[0].splitlines()[0])
    monkeypatch.chdir(place)
    exec(compile(code, "open-data.md", "exec"), {})


def test_what_was_not_run_names_columns_that_exist(place: Path) -> None:
    if not (place / "export").is_dir():
        shell(place, blocks(OPEN_DATA, "bash")[0].splitlines()[0])
    core = f"read_parquet('{place}/export/core_report/**/*.parquet', hive_partitioning = true)"
    report = f"'{place}/export/report.parquet'"
    columns = {
        row[0] for table in (core, report)
        for row in duckdb.connect().execute(f"DESCRIBE FROM {table}").fetchall()
    }  # fmt: skip
    for code in [*blocks(OPEN_DATA, "sql"), *blocks(OPEN_DATA, "python spark")]:
        named = set(re.findall(r"\bt[234]_\w+|\b\w+_id\b|\bis_current\b|\bprovince\b", code))
        assert named and named <= columns, named - columns
    for code in blocks(OPEN_DATA, "python spark"):
        compile(code, "open-data.md", "exec")
    assert "not run here" in OPEN_DATA
