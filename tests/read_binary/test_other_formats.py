"""Files under a wrong name, and formats that offices use seldom: read whole, or named."""

from __future__ import annotations

import email.mime.application
import email.mime.multipart
import email.mime.text
import html
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from etl.demo import LAYOUTS, render
from etl.errors import RejectedDocument
from etl.pipeline import parse_bytes, parse_path
from etl.read import read, sheet_xml
from etl.read.limits import Limits
from etl.read.sniff import kind_of
from etl.recognise.kind import crumbs
from etl.report import Number
from tests.read_binary.office_xml import flat_package, sheetml, wordml
from tests.read_binary.package_maker import W, p, tc, tr, word, zipped
from tests.strategies import random_report, registry

GOLDEN = Path(__file__).parents[1] / "golden" / "html_spans.html"
PAGE = GOLDEN.read_bytes()


def figures(data: bytes, name: str) -> dict[str, Number | None]:
    report = parse_bytes(data, name, registry=registry())
    return {key: cell.value for key, cell in report.cells.items() if cell.value is not None}


def demo(layout: str) -> bytes:
    rng = random.Random(3)
    return render(random_report(rng), LAYOUTS[layout], rng).data


XML: dict[str, Callable[[], bytes]] = {
    "Word 2003": lambda: wordml(read(PAGE, "a.html")),
    "Word 2003, UTF-16": lambda: (
        wordml(read(PAGE, "a.html")).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    ),
    "Word 2003, a line break first": lambda: b"\r\n" + wordml(read(PAGE, "a.html")),
    "Excel 2003": lambda: sheetml(read(PAGE, "a.html")),
}


@pytest.mark.parametrize("kind", XML)
def test_office_documents_in_one_xml_file_are_read_whole(kind: str) -> None:
    """Template engines write them and call them .doc and .xls; read as text, 182 were wrong."""
    assert figures(XML[kind](), "a.doc") == figures(PAGE, "a.html")


@pytest.mark.parametrize("layout", ["docx", "xlsx"])
def test_flat_packages_are_read_as_the_package(layout: str) -> None:
    package = demo(layout)
    assert len(figures(package, "a")) > 10
    assert figures(flat_package(package), "a.xml") == figures(package, "a")


HIDDEN = {
    "white": '<Style ss:ID="s"><Font ss:Color="#FFFFFF"/></Style>',
    "of a white parent": '<Style ss:ID="w"><Font ss:Color="#FFFFFF"/></Style>'
    '<Style ss:ID="s" ss:Parent="w"/>',
    "in ten thousands": '<Style ss:ID="s"><NumberFormat ss:Format="0!.0,"/></Style>',
    "as nothing": '<Style ss:ID="s"><NumberFormat ss:Format=";;;"/></Style>',
}


@pytest.mark.parametrize("look", HIDDEN)
def test_looks_of_an_excel_2003_sheet_count_as_in_a_workbook(look: str) -> None:
    shown = figures(sheetml(read(PAGE, "a.html")), "a.xls")
    assert shown
    changed = figures(sheetml(read(PAGE, "a.html"), HIDDEN[look], "s"), "a.xls")
    assert not any(changed.values())


def test_a_hidden_row_and_a_raised_part_of_an_excel_2003_sheet() -> None:
    data = sheetml(read(PAGE, "a.html")).decode()
    row = data.index('<Row><Cell><Data ss:Type="String">规章</Data>')
    hidden = data[:row] + data[row:].replace("<Row>", '<Row ss:Hidden="1">', 1)
    assert not [k for k in figures(hidden.encode(), "a.xls") if k.startswith("t2.rules")]
    raised = data[:row] + data[row:].replace(
        '<Data ss:Type="Number">',
        '<Data ss:Type="String" xmlns:h="http://www.w3.org/TR/REC-html40"><h:Sup>8</h:Sup>',
        1,
    )
    before, after = (figures(d.encode(), "a.xls") for d in (data, raised))
    assert {k: v for k, v in before.items() if after.get(k) not in (None, v)} == {}


def test_a_border_moved_by_a_hair_is_no_column() -> None:
    """LibreOffice's DOCX of an RTF: 行政复议 over five columns, its 总计 over one and a sliver."""
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in (700, 700, 1, 700))
    rows = tr(tc("行政复议", '<w:gridSpan w:val="2"/>'), tc("行政诉讼", '<w:gridSpan w:val="2"/>'))
    rows += tr(tc("维持"), tc("总计", '<w:gridSpan w:val="2"/>'), tc("结果"))
    body = f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    (table,) = read(word(body), "a.docx").blocks
    assert [(c.col, c.colspan) for c in table.cells] == [(0, 2), (2, 1), (0, 1), (1, 1), (2, 1)]


def test_the_content_tells_an_archive_and_a_document_apart(tmp_path: Path) -> None:
    document = word(p("一、总体情况"), namespace=W)
    names = {
        "a.zip": document,
        "b.rar": zipped({"甲.docx": document}),
        "c.zip": b"Rar!\x1a\x07\x01",
    }
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
    found = {name: [r.source for r in parse_path(tmp_path / name)] for name in names}
    assert [len(sources) for sources in found.values()] == [1, 1, 1]
    assert found["b.rar"][0].endswith("b.rar!甲.docx")
    (rar,) = parse_path(tmp_path / "c.zip")
    assert rar.problem and rar.problem.message == "不支持的文件格式：压缩包（RAR）"
    (report,) = parse_path(tmp_path / "a.zip")
    assert report.format == "docx"


def mail() -> bytes:
    message = email.mime.multipart.MIMEMultipart()
    message.attach(email.mime.text.MIMEText("请查收附件", "plain", "utf-8"))
    message.attach(email.mime.application.MIMEApplication(b"PK", Name="年报.docx"))
    return message.as_bytes()


NAMED: dict[str, tuple[bytes, str]] = {
    "OFD": (zipped({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<x/>"}), "OFD 版式文件"),
    "UOF": (b'<?xml version="1.0"?><uof:UOF xmlns:uof="http://schemas.uof.org/x">', "标文通 UOF"),
    "XLSB": (zipped({"xl/workbook.bin": b"\x83\x01"}), "XLSB"),
    "mail": (mail(), "邮件"),
    "CEB": (b"Founder CEB 3.1\0\0\0", "方正 CEB"),
    "ODP": (zipped({"mimetype": "application/vnd.oasis.opendocument.presentation"}), "OpenDocu"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMED)
def test_formats_that_are_not_read_are_named_with_a_remedy(kind: str) -> None:
    data, what = NAMED[kind]
    with pytest.raises(RejectedDocument) as refused:
        read(data, "年报.doc")
    assert refused.value.code == "unsupported_format"
    assert what in refused.value.message
    assert refused.value.hint.startswith("请")


KINDS = {
    "rtf": b"\xef\xbb\xbf{\\rtf1\\ansi 1}",
    "odt": zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
    "ods": zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
    "fods": b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:'
    b'xmlns:office:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">',
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_libreoffice_reads_is_asked_of_it_or_said(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kind_of(KINDS[kind], Limits()) == kind
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RejectedDocument, match="需要 LibreOffice") as refused:
        read(KINDS[kind], "a.doc")
    assert "另存为 DOCX 或 PDF" in refused.value.hint


def test_a_way_to_a_page_is_found_in_linear_time() -> None:
    """Three million blanks took the reader a minute and more, until it was ended."""
    assert crumbs("规章" + " " * 300_000 + "1") == ()
    assert crumbs("首页 > 信息公开  >  年报") == ("首页", "信息公开", "年报")


HELD = {
    "a hidden field": lambda body: f'<input type="hidden" value="{html.escape(body)}"><p></p>',
    "a script's string": lambda body: f"<script>at.innerHTML = `{body}`</script>",
}


@pytest.mark.parametrize("place", HELD)
def test_pages_that_a_script_fills_are_read_from_what_it_holds(place: str) -> None:
    body = PAGE.decode().partition("<body>")[2].partition("</body>")[0]
    assert figures(f"<html><body>{HELD[place](body)}</body></html>".encode(), "a.html") == figures(
        PAGE, "a.html"
    )


def test_a_chain_of_styles_is_followed_so_far_and_no_further() -> None:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    made = {
        f"s{n}": etree.fromstring(f'<Style xmlns:ss="{space}" ss:Parent="s{n + 1}"/>')
        for n in range(5_000)
    }
    assert len(list(sheet_xml._ancestry("s0", made))) < 100
    assert len(list(sheet_xml._ancestry("s4997", made))) == 3
