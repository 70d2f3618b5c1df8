"""Files that LibreOffice opens and we do not: asked, where it is installed, for a DOCX or XLSX.

Rich text (.rtf, often named .doc), OpenDocument and Word files whose structure is not certain.
What comes back keeps its tables and is read as any other DOCX or XLSX.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from etl.document import Document
from etl.errors import RejectedDocument
from etl.read.docx import read_docx
from etl.read.limits import Limits
from etl.read.xlsx import read_xlsx

#: Seconds that LibreOffice may take; a report takes it one to three, the first start ten.
OFFICE_SECONDS: Final = 60

_HINT: Final = "请用 Word 或 WPS 另存为 DOCX 或 PDF，或在本机安装 LibreOffice"
#: What of the environment LibreOffice needs; the rest is not its business.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR")
#: Settings of the profile it starts with: no macro runs, nothing a document points at is fetched.
_SETTINGS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


class _Way(NamedTuple):
    """How a format is asked for: what the file is called, what becomes of it, what to name it."""

    suffix: str
    target: str
    format: str
    what: str


_WORD: Final = "docx:MS Word 2007 XML"
_EXCEL: Final = "xlsx:Calc MS Excel 2007 XML"
_WAYS: Final[dict[str, _Way]] = {
    "doc": _Way("doc", _WORD, "doc", "Word 97–2003 文件"),
    "rtf": _Way("rtf", _WORD, "doc", "RTF 文件"),
    "odt": _Way("odt", _WORD, "docx", "OpenDocument 文本"),
    "fodt": _Way("fodt", _WORD, "docx", "OpenDocument 文本"),
    "ods": _Way("ods", _EXCEL, "xlsx", "OpenDocument 表格"),
    "fods": _Way("fods", _EXCEL, "xlsx", "OpenDocument 表格"),
}


def through_office(data: bytes, way: str, limits: Limits, reason: str = "") -> Document:
    """Read a file as LibreOffice converts it.

    Args:
        data: the file.
        way: ``doc``, ``rtf``, ``odt``, ``fodt``, ``ods`` or ``fods``.
        limits: bounds of the reader of what comes back.
        reason: why the file is not read directly, for the document's notes.

    Raises:
        RejectedDocument: ``unsupported_format`` where LibreOffice is not installed, ``corrupt``
            or ``timeout`` where it cannot open the file, or what the DOCX or XLSX is rejected for.
    """
    asked = _WAYS[way]
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise RejectedDocument(
            "unsupported_format", f"这个 {asked.what}无法直接读取，需要 LibreOffice", hint=_HINT
        )
    with tempfile.TemporaryDirectory(prefix="disclosure-") as folder:
        converted = _convert(program, data, asked, Path(folder))
    read = read_xlsx if asked.target == _EXCEL else read_docx
    document = read(converted, limits)
    document.format = asked.format
    document.notes.append(f"经 LibreOffice 转换读取（{reason or asked.what}）")
    return document


def read_rtf(data: bytes, limits: Limits) -> Document:
    """Read rich text (.rtf); raises as :func:`through_office`."""
    return through_office(data, "rtf", limits)


def read_odt(data: bytes, limits: Limits) -> Document:
    """Read an OpenDocument text (.odt); raises as :func:`through_office`."""
    return through_office(data, "odt", limits)


def read_fodt(data: bytes, limits: Limits) -> Document:
    """Read an OpenDocument text in one XML file; raises as :func:`through_office`."""
    return through_office(data, "fodt", limits)


def read_ods(data: bytes, limits: Limits) -> Document:
    """Read an OpenDocument spreadsheet (.ods); raises as :func:`through_office`."""
    return through_office(data, "ods", limits)


def read_fods(data: bytes, limits: Limits) -> Document:
    """Read an OpenDocument spreadsheet in one XML file; raises as :func:`through_office`."""
    return through_office(data, "fods", limits)


def _convert(program: str, data: bytes, way: _Way, folder: Path) -> bytes:
    source = folder / f"in.{way.suffix}"
    source.write_bytes(data)
    settings = folder / "profile" / "user"
    settings.mkdir(parents=True)
    (settings / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    # A worker that is killed for its time cannot end what it started: ``timeout`` outlives it.
    keeper = shutil.which("timeout")
    command = [
        *([keeper, "--signal=KILL", str(OFFICE_SECONDS + 5)] if keeper else []),
        program,
        "--headless",
        "--norestore",
        "--nolockcheck",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to",
        way.target,
        "--outdir",
        str(folder),
        str(source),
    ]
    kept = {name: value for name, value in os.environ.items() if name in _ENVIRONMENT}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**kept, "HOME": str(folder)},
        start_new_session=True,
    )
    try:
        process.wait(OFFICE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RejectedDocument(
            "timeout", f"LibreOffice 在 {OFFICE_SECONDS} 秒内没有读完文件", hint=_HINT
        ) from error
    finally:
        # soffice is a script around the real program: end its whole session, and only that.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    target = folder / f"in.{way.target.partition(':')[0]}"
    if not target.exists():
        raise RejectedDocument("corrupt", f"{way.what}损坏，LibreOffice 也无法打开", hint=_HINT)
    return target.read_bytes()
