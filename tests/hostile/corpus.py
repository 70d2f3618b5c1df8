"""More than 500 hostile files as a folder: what an inbox that strangers write to may hold.

Binary formats come from :mod:`tests.read_binary.hostile`; here are pages, texts and archives.
"""

from __future__ import annotations

import io
import random
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.read_binary import hostile
from tests.read_binary.package_maker import zipped

Make = Callable[[], bytes]
_ROW: Final = "<tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr>"


class File(NamedTuple):
    """A file name and how to make its bytes."""

    name: str
    make: Make


def _page(body: str) -> bytes:
    return f"<html><body><h1>某局2023年政府信息公开工作年度报告</h1>{body}</body></html>".encode()


def pages() -> Iterator[File]:
    """HTML and MHTML."""
    for n in (10**3, 10**6, 10**9, 10**30, -1):
        yield File(
            f"colspan {n}.html", lambda n=n: _page(f"<table><td colspan={n}>1{_ROW}</table>")
        )  # type: ignore[misc]
        yield File(
            f"rowspan {n}.html", lambda n=n: _page(f"<table><td rowspan={n}>1{_ROW}</table>")
        )  # type: ignore[misc]
    yield File("100000 tables.html", lambda: _page(f"<table>{_ROW}</table>" * 100_000))
    yield File("100000 rows.html", lambda: _page(f"<table>{_ROW * 100_000}</table>"))
    for depth in (100, 20_000, 200_000):
        yield File(f"tables {depth} deep.html", lambda d=depth: _page("<table><tr><td>" * d + "终"))  # type: ignore[misc]
        yield File(f"divisions {depth} deep.html", lambda d=depth: _page("<div>" * d + "终"))  # type: ignore[misc]
    yield File("wide.html", lambda: _page("<table><tr>" + "<td>0</td>" * 300_000 + "</table>"))
    yield File("both spans.html", lambda: _page("<table><td colspan=9999 rowspan=9999>0" * 50))
    laughs = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 12))
    yield File("laughs.html", lambda: f"<!DOCTYPE h [{laughs}]>&l11;".encode() + _page("&l11;"))
    yield File("outside.html", lambda: b"<!DOCTYPE h [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;")
    yield File("attributes.html", lambda: _page("<p " + "a=1 " * 500_000 + ">"))
    yield File("open comment.html", lambda: _page("<!--" + "x" * 2_000_000))
    yield File("nul.html", lambda: b"\0" * 1_000_000 + _page(""))
    yield File("escaped again.html", lambda: _page("&amp;" * 300_000 + "lt;table&gt;"))
    parts = "--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 2_000
    yield File(
        "parts.mht",
        lambda: b"MIME-Version: 1.0\nContent-Type: multipart/x; boundary=b\n\n" + parts.encode(),
    )


def texts() -> Iterator[File]:
    """Text, and bytes that say they are."""
    yield File("one line.txt", lambda: ("一、总体情况" + "规章0" * 700_000).encode())
    yield File("pipes.txt", lambda: ("|" * 3_000_000).encode())
    yield File("digits.txt", lambda: ("行政许可 " + "9" * 2_000_000).encode())
    yield File(
        "glued zeros.txt", lambda: ("二、主动公开政府信息情况\n规章" + "0" * 100_000).encode()
    )
    yield File("brackets.txt", lambda: ("（" * 500_000 + "）" * 500_000).encode())
    yield File("spaces.txt", lambda: ("规章" + " " * 3_000_000 + "1").encode())
    yield File("lines.txt", lambda: b"\n" * 5_000_000)
    yield File("broken utf-8.txt", lambda: b"\xff\xfe\xfd" * 100_000)
    yield File("right to left.txt", lambda: "\u202e".join("规章123" * 9_999).encode())
    yield File("marks.txt", lambda: ("规" + "\u0301" * 400_000).encode())
    yield File("empty.txt", lambda: b"")
    yield File("page named txt.txt", lambda: _page(_ROW))
    yield File("picture named pdf.pdf", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 5_000)
    yield File("program.docx", lambda: b"MZ" + b"\0" * 5_000)
    yield File("script.exe", lambda: b"#!/bin/sh\ntouch pwned\n")


def archives() -> Iterator[File]:
    """Archives: bombs, links, names that lead outside, archives in archives."""
    outside = (
        *("../pwned.txt", "/pwned.txt", "a/../../pwned.txt", "..\\pwned.txt", "C:\\pwned.txt"),
        *("~/pwned.txt", "a\0b.txt", "x" * 3_000 + ".txt", "con.txt", ".../...//pwned.txt"),
    )
    for number, name in enumerate(outside):
        yield File(f"outside {number}.zip", lambda n=name: zipped({n: _page(_ROW)}))  # type: ignore[misc]
    for megabytes in (30, 200):
        yield File(f"bomb {megabytes}.zip", lambda m=megabytes: zipped({"a.txt": b"0" * (m << 20)}))  # type: ignore[misc]
    yield File("many members.zip", lambda: zipped({f"{i}.txt": b"" for i in range(12_000)}))
    yield File("zip in zip.zip", _nested)
    yield File("links.zip", _links)
    yield File("same names.zip", lambda: zipped({"甲.txt": b"1"}) + zipped({"甲.txt": b"2"}))
    yield File("cut.zip", lambda: zipped({"a.txt": b"x" * 9_999})[:-30])
    yield File(
        "wrong size.zip", lambda: zipped({"a.txt": b"x" * 9_999}).replace(b"\x0f\x27", b"\xff\xff")
    )
    yield File("tar named zip.zip", _tar)
    yield File("page named zip.zip", lambda: _page(_ROW))


def _nested() -> bytes:
    data = zipped({"a.txt": b"0" * 1_000_000})
    for _ in range(12):
        data = zipped({f"{i}.zip": data for i in range(3)})
    return data


def _links() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, target in (("a.txt", "/etc/passwd"), ("b", "..")):
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
        archive.writestr("b/pwned.txt", "x")
    return buffer.getvalue()


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("../pwned.txt")
        archive.addfile(info, io.BytesIO())
    return buffer.getvalue()


#: Slow to make or to read; only in the full run.
HEAVY: Final = frozenset(
    (
        "100000 tables.html", "100000 rows.html", "tables 200000 deep.html", "wide.html",
        "divisions 200000 deep.html", "many members.zip", "bomb 200.zip", "zip in zip.zip",
        "divisions 20000 deep.html", "tables 20000 deep.html",
    )
)  # fmt: skip


def own() -> Iterator[File]:
    """Pages, texts and archives."""
    yield from pages()
    yield from texts()
    yield from archives()


def all_files() -> Iterator[File]:
    """Everything, binary formats too."""
    yield from own()
    suffix = {"pdf": ".pdf", "docx": ".docx", "doc": ".doc", "xlsx": ".xlsx"}
    for number, case in enumerate(hostile.variants()):
        name = "".join(c if c.isalnum() else " " for c in case.name)
        yield File(f"{number} {name}{suffix[case.reader]}", lambda c=case: c.data)  # type: ignore[misc]


def write(folder: Path, files: Iterator[File]) -> int:
    """Write files to a folder, sound reports of ours among them; returns how many are hostile."""
    count = 0
    for file in files:
        (folder / file.name).write_bytes(file.make())
        count += 1
    golden = Path(__file__).parents[1] / "golden"
    for name in SOUND:
        (folder / name).write_bytes((golden / name).read_bytes())
    chance = random.Random(0)
    (folder / "noise.bin").write_bytes(chance.randbytes(100_000))
    return count + 1


#: Reports that must be loaded whatever lies beside them.
SOUND: Final = ("html_spans.html", "text_pipes_padded.txt", "html_columns_moved.html")
