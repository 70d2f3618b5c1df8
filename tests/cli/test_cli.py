"""The commands from outside: output, exit codes, one human line for bad input (contracts.md)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
ROOT = Path(__file__).parents[2]
KEYS = {
    "source", "sha256", "format", "status", "problem", "title", "office", "year", "scope",
    "evidence", "forms", "cells", "extra", "findings", "narrative",
}  # fmt: skip


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DISCLOSURE_WAREHOUSE", None)
    return subprocess.run(
        [sys.executable, "-m", "etl.cli", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_parse_prints_one_object_a_document(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    done = run("parse", "--json", GOLDEN / "html_spans.html", "empty.html", cwd=tmp_path)
    report, rejected = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 4
    assert report.keys() >= KEYS
    assert rejected.keys() >= KEYS
    assert (report["status"], report["problem"]) == ("report", None)
    cell = report["cells"]["t3.received_new.total"]
    assert cell["state"] == "number" and cell["at"]
    assert len(report["cells"]) == 200
    assert (rejected["status"], rejected["cells"]) == ("rejected", {})
    assert rejected["problem"]["code"] == "empty"
    assert rejected["problem"].keys() == {"code", "message", "hint"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.txt", b"", "empty"),
        ("spaces.txt", b" " * 2_000_000, "empty"),
        ("binary.html", bytes(range(256)) * 40, "unsupported_format"),
        ("truncated.pdf", b"%PDF-1.5\n1 0 obj\n<<", "corrupt"),
        ("weather.html", "<h1>天气</h1><p>晴转多云</p>".encode(), "not_a_report"),
    ],
)
def test_bad_input_is_rejected_with_its_code(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("parse", "--json", name, cwd=tmp_path)
    assert json.loads(done.stdout)["problem"]["code"] == code
    assert done.returncode == 5
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["text_half_year.txt", "text_explainer.txt"])
def test_what_is_no_yearly_report(tmp_path: Path, name: str) -> None:
    done = run("parse", "--json", GOLDEN / name, cwd=tmp_path)
    assert json.loads(done.stdout)["problem"]["code"] == "not_a_report"


def test_check_exits_3_on_an_error(tmp_path: Path) -> None:
    bad = run("check", GOLDEN / "text_broken_sums.txt", cwd=tmp_path)
    assert bad.returncode == 3
    assert "T3-FLOW" in bad.stdout and "58" in bad.stdout and "59" in bad.stdout
    assert run("check", GOLDEN / "html_spans.html", cwd=tmp_path).returncode == 0


def test_wrong_usage_and_nothing_to_do(tmp_path: Path) -> None:
    assert run("nonsense", cwd=tmp_path).returncode == 2
    assert run("parse", "nowhere.html", cwd=tmp_path).returncode == 2
    missing = run("status", cwd=tmp_path)
    assert missing.returncode == 5
    assert "disclosure load" in missing.stderr
    assert len(missing.stderr.strip().splitlines()) == 1


def test_load_status_reload_and_export(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    house = ("--warehouse", "house")
    first = run("load", GOLDEN / "html_spans.html", *house, cwd=tmp_path)
    assert first.returncode == 0
    builds = sorted(p.name for p in (tmp_path / "house").glob("*.duckdb"))
    again = run("load", GOLDEN / "html_spans.html", *house, cwd=tmp_path)
    assert again.returncode == 0
    assert sorted(p.name for p in (tmp_path / "house").glob("*.duckdb")) == builds
    mixed = run("load", GOLDEN / "html_spans.html", "empty.html", *house, cwd=tmp_path)
    assert mixed.returncode == 4
    assert "empty.html" in mixed.stderr
    assert run("load", "empty.html", "--warehouse", "new", cwd=tmp_path).returncode == 5
    status = json.loads(run("status", "--json", *house, cwd=tmp_path).stdout)
    assert status
    done = run("export", "--format", "csv", *house, "out", cwd=tmp_path)
    assert done.returncode == 0
    described = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert {"report", "core-report"} <= {r["name"] for r in described["resources"]}


def test_demo_is_written_and_loaded(tmp_path: Path) -> None:
    done = run("demo", "--no-serve", "--reports", 30, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    status = run("status", cwd=tmp_path)
    assert "演示数据" in status.stdout
