"""Encodings, dispatch, rejections."""

from __future__ import annotations

import base64
import email.message
import io
import subprocess
import sys
import zipfile

import pytest

from etl.errors import RejectedDocument
from etl.read import READERS, Limits, read
from etl.read.decode import to_text
from etl.read.html import read_html
from etl.read.sniff import FileKind
from etl.read.text import read_text

from .helpers import grids, lines

SENTENCE = "本报告根据《中华人民共和国政府信息公开条例》编制，共收到申请26件。"
PAGE = "<html><head>{meta}<title>某局年报</title></head><body><p>" + SENTENCE + "</p></body></html>"
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("declared", ["", "utf-8", "gb2312", "gbk", "iso-8859-1", "big5", "utf-16"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_encoding_under_any_declaration(encoding: str, declared: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
    document = read(PAGE.format(meta=meta if declared else "").encode(encoding), "a.html")
    assert lines(document) == [SENTENCE]
    assert document.metadata["title"] == "某局年报"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_without_ascii_or_markup(encoding: str) -> None:
    assert lines(read("主动公开政府信息情况".encode(encoding), "a.txt")) == ["主动公开政府信息情况"]


def test_big5() -> None:
    text = "本報告根據政府資訊公開條例編制，共收到申請二十六件。"
    assert lines(read(text.encode("big5"), "a.txt")) == [text]


@pytest.mark.parametrize(("encoding", "cut"), [("utf-8", 1), ("utf-8", 2), ("gb18030", 1)])
def test_a_character_cut_off_by_the_end_is_dropped(encoding: str, cut: int) -> None:
    decoded = to_text(SENTENCE.rstrip("。").encode(encoding)[:-cut])
    assert SENTENCE.startswith(decoded.text)
    assert len(decoded.text) >= len(SENTENCE) - 3
    assert decoded.damaged == 0


def test_stray_bytes_in_a_long_text_are_replaced_and_noted() -> None:
    data = (SENTENCE * 20).encode() + b"\xff\xfe" + (SENTENCE * 20).encode()
    document = read(data, "a.txt")
    assert SENTENCE in lines(document)[0]
    assert any("无法" in note for note in document.notes)


def test_nuls_within_text_are_dropped() -> None:
    assert lines(read("收到申请\x0026件，均已答复。".encode(), "a.txt")) == [
        "收到申请26件，均已答复。"
    ]


def code(data: bytes, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(RejectedDocument) as caught:
        read(data, name, limits or Limits())
    error = caught.value
    assert error.message
    assert error.hint
    assert "Traceback" not in str(error)
    return error.code


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"", "a.html", "empty"),
        (b" \n\t ", "a.txt", "empty"),
        (b"\xef\xbb\xbf", "a.txt", "empty"),
        (b"\x00" * 100, "a.pdf", "empty"),
        ("\u3000\u3000\n".encode(), "a.txt", "empty"),
        (b"<html><body><p>&nbsp;</p><script>1</script></body></html>", "a.html", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a.png", "unsupported_format"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)), "a.pdf", "unsupported_format"),
        (b"GIF89a" + bytes(40), "a.gif", "unsupported_format"),
        (bytes(range(256)) * 20, "a.bin", "unsupported_format"),
        (bytes(range(256)) * 20, "a.pdf", "corrupt"),
        (b"Rar!\x1a\x07\x00" + bytes(40), "a.rar", "unsupported_format"),
        (b"PK\x03\x04" + b"broken" * 9, "a.docx", "corrupt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"broken" * 9, "a.doc", "corrupt"),
    ],
)
def test_rejections(data: bytes, name: str, expected: str) -> None:
    assert code(data, name) == expected


def test_size_limit_names_both_sizes() -> None:
    assert code(b"x" * 11, "a.txt", Limits(max_bytes=10)) == "too_large"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def test_archives_and_slides_are_named_not_read() -> None:
    assert code(zipped("a.html"), "a.zip") == "unsupported_format"
    assert code(zipped("ppt/presentation.xml"), "a.docx") == "unsupported_format"


def test_letters_that_are_also_magic_numbers() -> None:
    assert lines(read("BMI 指数。MZ".encode(), "a.txt")) == ["BMI 指数。MZ"]


def test_pages_saved_as_word_or_excel_files() -> None:
    page = "<html><table><tr><td>规章</td><td>3</td></tr></table></html>".encode("gb18030")
    for name in ("a.doc", "a.xls", "a.pdf", "a", "a.docx"):
        document = read(page, name)
        assert (document.format, grids(document)) == ("html", [[["规章", "3"]]])
        assert document.metadata["filename"] == name


def mhtml(payload: bytes, charset: str, encoding: str) -> bytes:
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://a.gov.cn/1.html\r\n"
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        '\ttype="text/html";\r\n\tboundary="----B"\r\n\r\n------B\r\n'
        f'Content-Type: text/html; charset="{charset}"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode()
    picture = b"\r\n------B\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n------B--\r\n"
    return head + payload + picture


@pytest.mark.parametrize("name", ["a.mht", "a.doc", "a.html"])
def test_mhtml(name: str) -> None:
    page = "<html><table><tr><td>规章</td><td>3</td></tr></table></html>"
    quoted = email.message.Message()
    quoted.set_payload(page, "utf-8")
    samples = [
        mhtml(base64.encodebytes(page.encode("gb18030")), "gb2312", "base64"),
        mhtml(base64.encodebytes(page.encode("utf-16")), "unicode", "base64"),
        mhtml(page.encode(), "utf-8", "8bit"),
    ]
    for data in samples:
        document = read(data, name)
        assert (document.format, grids(document)) == ("html", [[["规章", "3"]]])
        assert document.metadata["url"] == "http://a.gov.cn/1.html"


def test_mhtml_without_a_page_and_with_endless_nesting() -> None:
    assert (
        code(b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n", "a.mht")
        == "corrupt"
    )
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(5000)
    )
    assert code(b"MIME-Version: 1.0\r\n" + nested, "a.mht") == "corrupt"


def test_registry_covers_the_formats_and_stays_lazy() -> None:
    assert set(READERS) == {"html", "text"} | set(FileKind) - {FileKind.TEXTUAL}
    program = (
        "import sys; from etl.read import read; read('<p>一</p><p>二</p>'.encode(), 'a.html');"
        "print([m for m in ('pypdfium2', 'docx', 'openpyxl', 'olefile', 'lxml', 'pandas')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("data", "last"),
    [
        ("规章 | 41".encode(), "规章 | 41…"),
        ("规章 | 41 |".encode(), "规章 | 41 |"),
        ("规章 | 41\n".encode(), "规章 | 41"),
        ("<p>规章</p><p>41".encode(), "41…"),
        ("<p>规章</p><p>41</p>".encode(), "41"),
    ],
)
def test_a_figure_that_the_file_ends_in_may_be_cut_off(data: bytes, last: str) -> None:
    document = read_html(data, Limits()) if data[:1] == b"<" else read_text(data, Limits())
    [*_, line] = document.lines()
    assert line.text == last
