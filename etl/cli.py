"""The ``disclosure`` command: options → functions, errors → one line on stderr.

Exit codes: 0 done; 2 wrong usage; 3 findings (``check``); 4 some inputs were rejected, the rest are
done; 5 nothing could be done. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from etl import __version__, paths
from etl.errors import DisclosureError, UsageError, WarehouseError

OK, USAGE, FINDINGS, SOME_REJECTED, NOTHING_DONE = 0, 2, 3, 4, 5
_INTERRUPTED: Final = 130
_MEGABYTE: Final = 1 << 20

_WAREHOUSE = click.option(
    "--warehouse",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of builds; default data/warehouse or ${paths.WAREHOUSE_VARIABLE}.",
)
_FILES = click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
_LIMITS = (
    click.option("--max-mb", type=click.IntRange(1), default=50, show_default=True,
                 help="Largest document in megabytes."),
    click.option("--max-unpacked-mb", type=click.IntRange(1), default=2048, show_default=True,
                 help="Most an archive may unpack to."),
)  # fmt: skip
_JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Processes; default: one per CPU."
)


def _limits(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_LIMITS):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="disclosure")
@click.option("-v", "--verbose", is_flag=True, help="Log what is done to stderr.")
def cli(verbose: bool) -> None:
    """政府信息公开年报观察 Disclosure Observatory: read, check and compare annual reports."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(message)s",
        stream=sys.stderr,
    )


# ---------------------------------------------------------------- parse and check


@cli.command()
@_FILES
@click.option("--json", "as_json", is_flag=True, help="One JSON object a document (JSON Lines).")
@click.option("--blocks", is_flag=True, help="With --json: the document itself as well.")
@click.option("--name", default=None, help="The one file's own name, where it lies under another.")
@_limits
def parse(
    files: Sequence[Path],
    as_json: bool,
    blocks: bool,
    name: str | None,
    max_mb: int,
    max_unpacked_mb: int,
) -> int:
    """Read documents and print what they say; writes nothing."""
    from etl import terminal
    from etl.check.repair import repairs_json
    from etl.report import report_json

    if name is not None and (len(files) != 1 or files[0].is_dir()):
        raise UsageError("--name 只用于一个文件 goes with exactly one file")
    rejected = total = 0
    for report in _read(files, max_mb, max_unpacked_mb, name):
        total += 1
        rejected += report.status != "report"
        if as_json:
            _print_json(report_json(report, blocks=blocks) | {"repairs": repairs_json(report)})
        else:
            shown = [*terminal.head(report)]
            if report.status == "report":
                shown += [*terminal.tables(report), *terminal.doubts(report)]
            _print_lines(shown)
    return _rejected_code(rejected, total)


@cli.command()
@_FILES
@click.option("--json", "as_json", is_flag=True, help="One JSON object a document (JSON Lines).")
@_limits
def check(files: Sequence[Path], as_json: bool, max_mb: int, max_unpacked_mb: int) -> int:
    """Check documents as an office would before publishing; exit 3 if an error is found."""
    from etl import terminal
    from etl.report import report_json

    rejected = total = 0
    failed = False
    for report in _read(files, max_mb, max_unpacked_mb):
        total += 1
        rejected += report.status != "report"
        failed = failed or terminal.has_error([report])
        if as_json:
            _print_json(report_json(report))
        else:
            shown = [*terminal.head(report)]
            if report.status == "report":
                shown += [*terminal.doubts(report), *terminal.findings(report)]
            _print_lines(shown)
    return FINDINGS if failed else _rejected_code(rejected, total)


def _read(
    files: Sequence[Path], max_mb: int, max_unpacked_mb: int, name: str | None = None
) -> Iterator[Any]:
    """Every document of the named files and folders; what a file raises becomes its rejection."""
    from etl.read.limits import Limits
    from etl.warehouse import reading
    from etl.warehouse.files import FileTask, every_file
    from etl.warehouse.shards import rejected

    missing = [path for path in files if not path.exists()]
    if missing:
        raise UsageError(f"找不到 {missing[0]} no such file", hint="检查路径 check the path")
    limits = Limits(max_bytes=max_mb * _MEGABYTE, max_unpacked=max_unpacked_mb * _MEGABYTE)
    for path in every_file(files):
        try:
            yield from reading.read_path(path, limits=limits, source=name)
        except DisclosureError:
            raise
        except (Exception, RecursionError) as error:
            yield rejected(FileTask(name or str(path), 0, 0, ""), error)


def _rejected_code(rejected: int, total: int) -> int:
    if rejected == total:
        if total == 0:
            _complain("没有可读的文件 no documents there")
        return NOTHING_DONE
    return SOME_REJECTED if rejected else OK


# ---------------------------------------------------------------- load and demo


@cli.command()
@click.argument(
    "sources", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@_WAREHOUSE
@_JOBS
@click.option(
    "--executor",
    default="local",
    show_default=True,
    metavar="local|dask://HOST:PORT",
    help="Where documents are parsed.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=120,
    show_default=True,
    help="Seconds one file may take.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=30,
    show_default=True,
    help="Seconds to wait for another load to end.",
)
@click.option(
    "--quick", is_flag=True, help="Trust equal size and time stamp instead of hashing every file."
)
@click.option("--retry-rejected", is_flag=True, help="Read rejected files again.")
def load(
    sources: Sequence[Path], warehouse: Path | None, jobs: int | None, executor: str,
    timeout: float, wait: float, quick: bool, retry_rejected: bool,
) -> int:  # fmt: skip
    """Load files, folders and archives into a new published build.

    Unchanged files are not parsed again. Naming a folder also finds the files that are gone from
    it: their reports stay on record but are no longer current.
    """
    return _load(
        sources, warehouse, jobs=jobs, executor=executor, timeout=timeout, wait=wait, quick=quick,
        retry_rejected=retry_rejected,
    )  # fmt: skip


def _load(
    sources: Sequence[Path], warehouse: Path | None, *, jobs: int | None, executor: str = "local",
    timeout: float = 120, wait: float = 30, quick: bool = False, retry_rejected: bool = False,
) -> int:  # fmt: skip
    from etl import terminal
    from etl.executors import executor_for
    from etl.warehouse.load import Options
    from etl.warehouse.load import load as run

    jobs = jobs or os.cpu_count() or 1
    with _Bar() as bar:
        options = Options(
            jobs=jobs,
            timeout=timeout,
            wait_seconds=wait,
            quick=quick,
            retry_rejected=retry_rejected,
            executor=executor_for(executor, jobs, timeout=timeout),
            progress=bar.show,
        )
        summary = run(sources, warehouse or paths.default_warehouse(), options)
    for line in terminal.rejections(summary.rejections):
        _complain(line)
    _print_lines(terminal.load_summary(summary))
    if not summary.published and not summary.n_files:
        _complain("没有找到可载入的文件 no documents found")
        return NOTHING_DONE
    # Files rejected in an earlier load and named again still are not in.
    if not summary.rejections and not summary.known_rejected:
        return OK
    loaded = summary.n_unchanged - summary.known_rejected
    return SOME_REJECTED if summary.n_reports or summary.n_adopted or loaded else NOTHING_DONE


class _Bar:
    """A progress bar, on a terminal only."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int) -> None:
        """Move the bar to ``done`` of ``total``."""
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="file", desc="读取 reading", disable=None)
        self._bar.update(done - self._bar.n)


@cli.command()
@click.option("--no-serve", is_flag=True, help="Stop before starting the dashboard.")
@click.option("--reports", type=click.IntRange(1), help="Number of documents to invent.")
@click.option("--seed", type=int, default=2026, show_default=True, help="Seed of the corpus.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Port to serve on.",
)
@_WAREHOUSE
@_JOBS
def demo(
    no_serve: bool, reports: int | None, seed: int, port: int, warehouse: Path | None,
    jobs: int | None,
) -> int:  # fmt: skip
    """Write an invented corpus to data/demo, load it and start the dashboard."""
    from etl.demo import write_corpus

    folder = paths.demo_corpus()
    _tell(f"演示数据写入 {folder} writing the demo corpus …")
    made = write_corpus(folder, seed=seed, reports=reports)
    _tell(
        f"{made.n_offices} 个虚构单位，{made.n_reports} 份报告，{made.first_year}—{made.last_year} "
        f"invented reports（新写 {made.n_written} 个文件）"
    )
    code = _load([folder], warehouse, jobs=jobs)
    if code == NOTHING_DONE or no_serve:
        return code
    return _serve(warehouse, port, "127.0.0.1")


# ---------------------------------------------------------------- serve, export, status


@cli.command()
@_WAREHOUSE
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Port to serve on.",
)
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 lets other machines in.",
)
def serve(warehouse: Path | None, port: int, address: str) -> int:
    """Start the dashboard."""
    return _serve(warehouse, port, address)


def _serve(warehouse: Path | None, port: int, address: str) -> int:
    from etl.warehouse.builds import open_current

    folder = (warehouse or paths.default_warehouse()).resolve()
    open_current(folder)
    _require_free(address, port)
    app = paths.dashboard_app()
    if not app.is_file():
        raise WarehouseError(f"找不到看板 dashboard missing: {app}", hint="重新安装 reinstall")
    command = [
        sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}",
        f"--server.address={address}", "--server.headless=true",
        "--browser.gatherUsageStats=false",
    ]  # fmt: skip
    environment = _for_dashboard(folder)
    _tell(f"看板 dashboard: http://{'localhost' if address == '127.0.0.1' else address}:{port}")
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)
    return subprocess.run(command, env=environment, check=False).returncode


def _require_free(address: str, port: int) -> None:
    """Refuse a taken port before Streamlit starts: it would only log and go on or end."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise WarehouseError(
                f"端口 {port} 不可用 port not available: {error.strerror}",
                hint=f"换一个端口 try --port {port % 65535 + 1}",
            ) from error


_AS_OF = click.option(
    "--as-of", metavar="LOAD|DATE", help="As of a load's number, a date or a time (UTC)."
)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv", "xlsx"]),
    default="parquet",
    show_default=True,
    help="File format of the tables.",
)
@_AS_OF
@_WAREHOUSE
def export(folder: Path, kind: str, as_of: str | None, warehouse: Path | None) -> int:
    """Write the warehouse's tables to DIR with a machine-readable description."""
    from etl.warehouse.export import export as run

    written = run(warehouse or paths.default_warehouse(), folder, kind, as_of=as_of)
    _print_lines([f"已导出 exported {len(written)} 个文件 → {folder}"])
    return OK


@cli.command()
@_WAREHOUSE
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option("--verify", is_flag=True, help="Read the whole build to find damage.")
@_AS_OF
def status(warehouse: Path | None, as_json: bool, verify: bool, as_of: str | None) -> int:
    """Builds, counts, rejected documents, last load."""
    from etl.warehouse.status import lines
    from etl.warehouse.status import status as look

    found = look(warehouse or paths.default_warehouse(), verify=verify, as_of=as_of)
    if as_json:
        _print_json(found)
    else:
        _print_lines(lines(found))
    return OK


# ---------------------------------------------------------------- charts, briefings, offices

_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=None, help="Language; default zh."
)
_OUT = click.Path(path_type=Path, dir_okay=False)


@cli.command()
@click.argument("figure", required=False, metavar="PAGE/CHART[/ARG]")
@click.option(
    "--out",
    metavar="FILE",
    type=_OUT,
    help="File to write: .png .svg .pdf .csv .xlsx .json .parquet.",
)
@click.option(
    "--filters",
    default="",
    metavar="QUERY",
    help="What a page's link carries: 'region=990100&years=2020-2025'.",
)
@click.option("--title", default="", help="Title instead of the chart's own.")
@click.option("--note", default="", help="A sentence of your own below the title.")
@click.option(
    "--scale",
    type=click.IntRange(1, 4),
    default=2,
    show_default=True,
    help="Pixels of a .png per point of the screen.",
)
@click.option("--list", "list_", is_flag=True, help="List the charts there are, draw none.")
@_LANG
@_WAREHOUSE
def chart(
    figure: str | None, out: Path | None, filters: str, title: str, note: str, scale: int,
    list_: bool, lang: str | None, warehouse: Path | None,
) -> int:  # fmt: skip
    """Write one chart of the dashboard, or its data, to a file.

    Names are those of the pages: overview/outcomes, overview/trend/disclosure_rate. A .csv has the
    values, with a .json of definitions, filters and build beside it.
    """
    if not list_ and figure is None:
        raise UsageError("缺少图名 no chart named", hint="--list 列出全部 lists all")
    options = {"figure": figure, "out": _text(out), "filters": filters, "title": title,
               "note": note, "scale": scale, "list": list_, "lang": lang}  # fmt: skip
    return _draw("chart", options, warehouse)


@cli.command()
@click.argument("spec", metavar="SPEC.yaml", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out",
    metavar="FILE",
    type=_OUT,
    required=True,
    help="File to write: .pptx .docx .xlsx .pdf .zip.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Your own .pptx whose master and layouts the slides take.",
)
@click.option("--fresh", is_flag=True, help="Build on the newest data, whatever was pinned.")
@_LANG
@_WAREHOUSE
def briefing(
    spec: Path, out: Path, template: Path | None, fresh: bool, lang: str | None,
    warehouse: Path | None,
) -> int:  # fmt: skip
    """Write a briefing of several charts: slides, document, workbook, PDF or pictures.

    SPEC.yaml has title, template (slides or report), tables, filters, and pins: a list of
    PAGE/CHART names or of mappings with figure, filters, title, note. Exit 4: some charts have
    nothing to show under their filters, the others are written.
    """
    options = {"spec": str(spec), "out": str(out), "template": _text(template), "fresh": fresh,
               "lang": lang}  # fmt: skip
    return _draw("briefing", options, warehouse)


@cli.command()
@click.argument("office")
@click.option("--years", metavar="Y|Y-Y", help="Report years, such as 2021-2025; default all.")
@click.option(
    "--out", metavar="FILE", type=_OUT, help="File to write: .docx .pdf; default a .docx."
)
@_LANG
@_WAREHOUSE
def dossier(
    office: str, years: str | None, out: Path | None, lang: str | None, warehouse: Path | None
) -> int:
    """Write everything about one office into a document.

    OFFICE is its id, name, alias or division code, or a part of its name. Where several offices
    fit they are listed and the exit code is 2. Holds its reports by year, every measure beside its
    peers, outcomes and disputes, findings with both values and places, and the documents used.
    """
    options = {"office": office, "years": years, "out": _text(out), "lang": lang}
    return _draw("dossier", options, warehouse)


@cli.command()
@click.option("--out", metavar="FILE", type=_OUT, required=True, help="File to write: .zip.")
@click.option(
    "--filters",
    default="",
    metavar="QUERY",
    help="What a page's link carries: 'region=990100&years=2024-2025'.",
)
@click.option("--errors-only", is_flag=True, help="Only what must be corrected.")
@click.option(
    "--deadline",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date by which to correct; else left to fill in.",
)
@click.option("--sender", default="", help="Who asks; else left to fill in.")
@_LANG
@_WAREHOUSE
def letters(
    out: Path, filters: str, errors_only: bool, deadline: datetime | None, sender: str,
    lang: str | None, warehouse: Path | None,
) -> int:  # fmt: skip
    """Write letters that ask offices to correct their reports, with an index, as a ZIP.

    One Word document for every office with findings under the filters: the rule, both values,
    where they stand, on what it rests. Waived findings are left out. Exit 4: more offices than one
    ZIP holds, the first are done.
    """
    options = {"out": str(out), "filters": filters, "errors_only": errors_only,
               "deadline": deadline.date().isoformat() if deadline else None, "sender": sender,
               "lang": lang}  # fmt: skip
    return _draw("letters", options, warehouse)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _draw(command: str, options: dict[str, Any], warehouse: Path | None) -> int:
    """Let the dashboard draw, in a process of its own: nothing here imports it."""
    folder = (warehouse or paths.default_warehouse()).resolve()
    call = [sys.executable, "-m", "dashboard.cli", command, json.dumps(options)]
    sys.stdout.flush()
    sys.stderr.flush()
    return subprocess.run(call, env=_for_dashboard(folder), check=False).returncode


def _for_dashboard(folder: Path) -> dict[str, str]:
    """The environment of a child that imports ``dashboard``, wherever it is installed."""
    house = paths.dashboard_app().parents[1]
    search = os.pathsep.join(filter(None, (str(house), os.environ.get("PYTHONPATH"))))
    return {**os.environ, paths.WAREHOUSE_VARIABLE: str(folder), "PYTHONPATH": search}


# ---------------------------------------------------------------- in and out


class _ReaderGone(Exception):
    """Nobody reads our output any more; click would make exit code 1 of a bare BrokenPipeError."""


def _print_json(value: Any) -> None:
    _print_lines([json.dumps(value, ensure_ascii=False, separators=(",", ":"))])


def _print_lines(lines: Iterable[str]) -> None:
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise _ReaderGone from error


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _complain(line: str) -> None:
    _tell(" ".join(line.split()))


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with the contract's code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            # Half surrogates come out as \udcXX, which is also what JSON calls them.
            reconfigure(encoding="utf-8", errors="backslashreplace")
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(args=arguments, prog_name="disclosure", standalone_mode=False)
    except _ReaderGone:  # head or less has seen enough
        _drop_stdout()
        return OK
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        _complain("已中断 interrupted")
        return _INTERRUPTED
    except UsageError as error:
        _complain(f"错误 error: {error}")
        return USAGE
    except DisclosureError as error:
        _complain(f"错误 error: {error}")
        return NOTHING_DONE
    except Exception as error:
        if os.environ.get("DISCLOSURE_DEBUG"):
            raise
        _complain(
            f"程序内部错误 internal error: {type(error).__name__}: {error} — "
            "设 DISCLOSURE_DEBUG=1 重试可见详情，并请告知维护者 set DISCLOSURE_DEBUG=1 for details"
        )
        return NOTHING_DONE
    return result if isinstance(result, int) else OK


def _drop_stdout() -> None:
    """Let the interpreter's own last flush go nowhere instead of raising."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
