"""The commands of ``disclosure`` that the dashboard's house carries out: serve, charts, packs.

Nothing here imports ``dashboard`` (architecture.md: the arrow between the houses is the warehouse);
each command starts it in a process of its own.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from etl import paths
from etl.errors import UsageError, WarehouseError
from etl.output import tell

WAREHOUSE = click.option(
    "--warehouse",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of builds; default data/warehouse or ${paths.WAREHOUSE_VARIABLE}.",
)
PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8501,
    show_default=True,
    help="Port to serve on.",
)
_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=None, help="Language; default zh."
)
_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command()
@WAREHOUSE
@PORT
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 lets other machines in.",
)
def serve(warehouse: Path | None, port: int, address: str) -> int:
    """Start the dashboard."""
    return run_server(warehouse, port, address)


def run_server(warehouse: Path | None, port: int, address: str) -> int:
    """Serve the dashboard on a warehouse until it is stopped.

    Raises:
        WarehouseError: nothing has been loaded there, or the port is taken.
    """
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
    tell(f"看板 dashboard: http://{'localhost' if address == '127.0.0.1' else address}:{port}")
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


@click.command()
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
@WAREHOUSE
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


@click.command()
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
@WAREHOUSE
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


@click.command()
@click.argument("office")
@click.option("--years", metavar="Y|Y-Y", help="Report years, such as 2021-2025; default all.")
@click.option(
    "--out", metavar="FILE", type=_OUT, help="File to write: .docx .pdf; default a .docx."
)
@_LANG
@WAREHOUSE
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


@click.command()
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
@WAREHOUSE
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
    call = [sys.executable, "-m", "dashboard", command, json.dumps(options)]
    sys.stdout.flush()
    sys.stderr.flush()
    with subprocess.Popen(call, env=_for_dashboard(folder)) as child, _handed_on(child):
        code = child.wait()
    if code >= 0:
        return code
    tell(f"绘制进程被信号 {-code} 结束 the drawing process was ended by signal {-code}")
    return 128 - code


@contextmanager
def _handed_on(child: subprocess.Popen[Any]) -> Iterator[None]:
    """SIGINT and SIGTERM go on to the child, which puts away what it has begun and then ends.

    Without, a scheduler's SIGTERM would end us alone, and Python kills a child 0.25 s after Ctrl-C.
    """

    def hand_on(number: int, frame: object) -> None:
        child.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _for_dashboard(folder: Path) -> dict[str, str]:
    """The environment of a child that imports ``dashboard``, wherever it is installed."""
    house = paths.dashboard_app().parents[1]
    search = os.pathsep.join(filter(None, (str(house), os.environ.get("PYTHONPATH"))))
    return {**os.environ, paths.WAREHOUSE_VARIABLE: str(folder), "PYTHONPATH": search}


COMMANDS: Final = (serve, chart, briefing, dossier, letters)
