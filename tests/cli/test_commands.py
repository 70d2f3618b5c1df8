"""The commands on a demo corpus: streams, pipes, archives, the server, messages with remedies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.cli import cli
from etl.form import load_form
from etl.warehouse import builds

ROOT = Path(__file__).parents[2]
REPORTS = 12


def run(*arguments: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DISCLOSURE_WAREHOUSE", None)
    done = subprocess.run(
        [sys.executable, "-m", "etl.cli", *map(str, arguments)], cwd=cwd, text=True,
        capture_output=True, timeout=240, env={**environment, **variables}, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a demo corpus and its warehouse, made by the command itself."""
    folder = tmp_path_factory.mktemp("cli")
    done = run("demo", "--no-serve", "--reports", REPORTS, "--jobs", 2, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def report(demo: Path) -> Path:
    return min((demo / "data/demo").rglob("*.html"))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.html"
    path.write_bytes(b"")
    return path


def test_demo_twice_changes_nothing(demo: Path) -> None:
    pointer = demo / "data/warehouse/current.json"
    before = pointer.read_bytes()
    done = run("demo", "--no-serve", "--reports", REPORTS, cwd=demo)
    assert (done.returncode, "unchanged" in done.stdout) == (0, True)
    assert pointer.read_bytes() == before
    assert "%|" not in done.stderr, "no progress bar without a terminal"


def test_the_warehouse_holds_what_the_demo_printed(demo: Path) -> None:
    lines = (demo / "data/demo/_truth/truth.jsonl").read_text(encoding="utf-8").splitlines()
    truth = {Path(t["file"]).name: t for t in map(json.loads, lines)}
    with contextlib.closing(builds.connect(builds.open_current(demo / "data/warehouse"))) as con:
        rows = con.execute(
            "SELECT d.filename, r.year, c.t3_received_new_total, c.t3_handled_total_total "
            "FROM report_current r JOIN document d USING (document_id) "
            "JOIN core_report c USING (report_id)"
        ).fetchall()
    assert len(rows) == len(truth) == REPORTS
    read = 0
    for name, year, *values in rows:
        assert year == truth[name]["year"]
        for key, value in zip(("received_new", "handled_total"), values, strict=True):
            assert value in (None, truth[name]["cells"].get(f"t3.{key}.total", 0)), name
            read += value is not None
    assert read > REPORTS


def test_archives_give_one_line_a_member(demo: Path, report: Path, tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(report, "a.html")
        out.writestr("b.html", "")
    done = run("parse", "--json", archive, cwd=demo)
    assert done.returncode == 4
    sources = [json.loads(line)["source"] for line in done.stdout.splitlines()]
    assert sources == [f"{archive}!a.html", f"{archive}!b.html"]


def test_output_for_people(demo: Path, report: Path, bad: Path) -> None:
    done = run("parse", report, bad, cwd=demo)
    assert done.returncode == 4
    assert load_form().tables.t3.zh in done.stdout
    assert "[empty]" in done.stdout
    checked = run("check", report, cwd=demo)
    assert checked.returncode in (0, 3)
    assert "核验 checks" in checked.stdout
    assert run("check", bad, cwd=demo).returncode == 5


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["frob"], 2, "No such command"),
        (["parse"], 2, "Missing argument"),
        (["parse", "nowhere.html"], 2, "nowhere.html"),
        (["load", "nowhere"], 2, "nowhere"),
        (["load", "data/demo", "--executor", "spark"], 2, "unknown executor"),
        (["load", "data/demo", "--jobs", "0"], 2, "--jobs"),
        (["export", "data/demo"], 2, "not empty"),
        (["export", "out", "--format", "doc"], 2, "doc"),
        (["demo", "--no-serve", "--reports", "99999999"], 2, "99999999"),
        (["status", "--warehouse", "none"], 5, "disclosure load"),
        (["export", "out", "--warehouse", "none"], 5, "disclosure load"),
        (["serve", "--warehouse", "none"], 5, "disclosure load"),
        (["load", "empty"], 5, "no documents"),
    ],
)
def test_errors_name_the_remedy(demo: Path, arguments: list[str], code: int, words: str) -> None:
    (demo / "empty").mkdir(exist_ok=True)
    done = run(*arguments, cwd=demo)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert not (demo / "none").exists()
    assert sum("错误 error:" in line for line in done.stderr.splitlines()) <= 1


def test_load_codes(demo: Path, report: Path, bad: Path, tmp_path: Path) -> None:
    house = tmp_path / "w"
    assert run("load", bad, "--warehouse", house, cwd=demo).returncode == 5
    assert not (house / "current.json").exists()
    done = run("load", bad, report, "--warehouse", house, cwd=demo)
    assert done.returncode == 4
    assert "bad.html" in done.stderr
    assert "[empty]" in done.stderr
    again = run("load", bad, report, "--warehouse", house, cwd=demo)
    assert (again.returncode, "unchanged" in again.stdout) == (4, True), "it still is not in"
    assert run("load", report, "--warehouse", house, cwd=demo).returncode == 0
    assert run("load", bad, "--warehouse", house, cwd=demo).returncode == 5
    state = json.loads(run("status", "--json", "--warehouse", house, cwd=demo).stdout)
    assert (state["reports"], state["rejected"], len(state["builds"])) == (1, {"empty": 1}, 1)


def test_the_environment_names_the_warehouse(demo: Path, tmp_path: Path) -> None:
    done = run("status", "--json", "--verify", cwd=tmp_path,
               DISCLOSURE_WAREHOUSE=str(demo / "data/warehouse"))  # fmt: skip
    found = json.loads(done.stdout)
    assert (found["reports"], found["is_demo"], found["faults"]) == (REPORTS, True, [])
    assert found["last_load"]["load_id"] == 1


def test_status_names_a_broken_pointer(demo: Path, tmp_path: Path) -> None:
    for path in (demo / "data/warehouse").glob("*.duckdb"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "current.json").write_text("{")
    done = run("status", "--warehouse", tmp_path, cwd=demo)
    assert done.returncode == 0
    assert "current.json" in done.stdout


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_export(demo: Path, tmp_path: Path, kind: str) -> None:
    done = run("export", "--format", kind, tmp_path / "out", cwd=demo)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out/datapackage.json").read_text())["resources"]


@pytest.mark.skipif(os.name != "posix", reason="shell pipe")
def test_a_reader_that_leaves_is_no_error(demo: Path) -> None:
    command = f"'{sys.executable}' -m etl.cli parse --json data/demo | head -c 10; echo; "
    done = subprocess.run(
        ["bash", "-c", command + "echo ${PIPESTATUS[0]}"], cwd=demo, text=True,
        capture_output=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.split("\n")[-2] == "0"
    assert done.stderr == ""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(demo: Path, port: int) -> Iterator[subprocess.Popen[Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "etl.cli", "serve", "--port", str(port)], cwd=demo,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield process
    process.terminate()
    process.wait(20)


def test_serve(demo: Path, server: subprocess.Popen[Any], port: int) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                assert answer.status == 200
                break
        except OSError:
            assert server.poll() is None, "the dashboard ended"
            assert time.monotonic() < deadline
            time.sleep(0.3)
    done = run("serve", "--port", port, cwd=demo)
    assert done.returncode == 5
    assert f"--port {port % 65535 + 1}" in done.stderr


def test_every_command_and_option_says_what_it_does() -> None:
    ours = {"parse", "check", "load", "demo", "serve", "export", "status"}
    ours |= {"chart", "briefing", "dossier", "letters"}  # carried out by the dashboard's house
    assert set(cli.commands) == ours
    plain = {"files", "sources", "folder", "port", "seed", "kind", "figure", "spec", "office"}
    for name, command in cli.commands.items():
        assert command.help, name
        for option in command.params:
            assert getattr(option, "help", None) or option.name in plain, (name, option.name)
