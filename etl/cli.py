"""The ``disclosure`` command: options → functions, errors → one line on stderr.

Exit codes: 0 done; 2 wrong usage; 3 findings (``check``); 4 some inputs were rejected, the rest are
done; 5 nothing could be done. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from etl import __version__, dashboard_cli, output, paths
from etl.dashboard_cli import PORT, WAREHOUSE
from etl.errors import DisclosureError, UsageError

OK, USAGE, FINDINGS, SOME_REJECTED, NOTHING_DONE = 0, 2, 3, 4, 5
_INTERRUPTED: Final = 130
_MEGABYTE: Final = 1 << 20

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
            output.print_json(
                report_json(report, blocks=blocks) | {"repairs": repairs_json(report)}
            )
        else:
            shown = [*terminal.head(report)]
            if report.status == "report":
                shown += [*terminal.tables(report), *terminal.doubts(report)]
            output.print_lines(shown)
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
            output.print_json(report_json(report))
        else:
            shown = [*terminal.head(report)]
            if report.status == "report":
                shown += [*terminal.doubts(report), *terminal.findings(report)]
            output.print_lines(shown)
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
            output.complain("没有可读的文件 no documents there")
        return NOTHING_DONE
    return SOME_REJECTED if rejected else OK


# ---------------------------------------------------------------- load and demo


@cli.command()
@click.argument(
    "sources", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@WAREHOUSE
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
        output.complain(line)
    output.print_lines(terminal.load_summary(summary))
    if not summary.published and not summary.n_files:
        output.complain("没有找到可载入的文件 no documents found")
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
@PORT
@WAREHOUSE
@_JOBS
def demo(
    no_serve: bool, reports: int | None, seed: int, port: int, warehouse: Path | None,
    jobs: int | None,
) -> int:  # fmt: skip
    """Write an invented corpus to data/demo, load it and start the dashboard."""
    from etl.demo import write_corpus

    folder = paths.demo_corpus()
    output.tell(f"演示数据写入 {folder} writing the demo corpus …")
    made = write_corpus(folder, seed=seed, reports=reports)
    output.tell(
        f"{made.n_offices} 个虚构单位，{made.n_reports} 份报告，{made.first_year}—{made.last_year} "
        f"invented reports（新写 {made.n_written} 个文件）"
    )
    code = _load([folder], warehouse, jobs=jobs)
    if code == NOTHING_DONE or no_serve:
        return code
    return dashboard_cli.run_server(warehouse, port, "127.0.0.1")


# ---------------------------------------------------------------- serve, export, status


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
@WAREHOUSE
def export(folder: Path, kind: str, as_of: str | None, warehouse: Path | None) -> int:
    """Write the warehouse's tables to DIR with a machine-readable description."""
    from etl.warehouse.export import export as run

    written = run(warehouse or paths.default_warehouse(), folder, kind, as_of=as_of)
    output.print_lines([f"已导出 exported {len(written)} 个文件 → {folder}"])
    return OK


@cli.command()
@WAREHOUSE
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option("--verify", is_flag=True, help="Read the whole build to find damage.")
@_AS_OF
def status(warehouse: Path | None, as_json: bool, verify: bool, as_of: str | None) -> int:
    """Builds, counts, rejected documents, last load."""
    from etl.warehouse.status import lines
    from etl.warehouse.status import status as look

    found = look(warehouse or paths.default_warehouse(), verify=verify, as_of=as_of)
    if as_json:
        output.print_json(found)
    else:
        output.print_lines(lines(found))
    return OK


for _command in dashboard_cli.COMMANDS:
    cli.add_command(_command)


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
        output.drop_stdout()
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(args=arguments, prog_name="disclosure", standalone_mode=False)
    except output.ReaderGone:  # head or less has seen enough
        output.drop_stdout()
        return OK
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        output.complain("已中断 interrupted")
        return _INTERRUPTED
    except UsageError as error:
        output.complain(f"错误 error: {error}")
        return USAGE
    except DisclosureError as error:
        output.complain(f"错误 error: {error}")
        return NOTHING_DONE
    except Exception as error:
        if os.environ.get("DISCLOSURE_DEBUG"):
            raise
        output.complain(
            f"程序内部错误 internal error: {type(error).__name__}: {error} — "
            "设 DISCLOSURE_DEBUG=1 重试可见详情，并请告知维护者 set DISCLOSURE_DEBUG=1 for details"
        )
        return NOTHING_DONE
    return result if isinstance(result, int) else OK


if __name__ == "__main__":
    main()
