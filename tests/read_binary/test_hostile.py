"""Whatever the bytes: a document or a clear refusal, soon, in little memory, nothing written.

Measured bounds hold for one file of these on one core: see ``SECONDS`` and ``MEGABYTES``.
"""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from collections.abc import Callable

import pytest

from etl.document import Document
from etl.errors import RejectedDocument
from etl.read import doc as doc_module
from etl.read import libreoffice
from etl.read.docx import read_docx
from etl.read.limits import Limits
from etl.read.pdf import read_pdf
from etl.read.xlsx import read_xlsx
from tests.read_binary import hostile
from tests.read_binary.pdf_maker import Canvas, build

SECONDS, MEGABYTES = 20.0, 1_500
EVERY = 1 if os.environ.get("DISCLOSURE_SLOW") else 3
#: Slow to build or to read; only in the full run.
HEAVY = {
    "zip bomb of 300 MB",
    "30000 tables",
    "100000 tables",
    "1,500 pages",
    "2,500 pages",
    "200,000 rows",
}

READERS: dict[str, Callable[[bytes, Limits], Document]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "doc": doc_module.read_doc,
    "xlsx": read_xlsx,
}


@pytest.fixture(autouse=True)
def no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LibreOffice: its start alone would cost minutes over all cases."""
    monkeypatch.setattr(libreoffice.shutil, "which", lambda _: None)


def judge(case: hostile.Case) -> str:
    """``read`` or the rejection code; fails the test on any other outcome or on slowness."""
    start = time.perf_counter()
    try:
        READERS[case.reader](case.data, Limits())
        result = "read"
    except RejectedDocument as refusal:
        assert refusal.hint and "\n" not in str(refusal), case.name
        result = refusal.code
    spent = time.perf_counter() - start
    assert spent < SECONDS, f"{case.name}: {spent:.1f} s"
    return result


def test_variants() -> None:
    cases = [
        case
        for number, case in enumerate(hostile.variants())
        if number % EVERY == 0 and (EVERY == 1 or case.name not in HEAVY)
    ]
    results = Counter(judge(case) for case in cases)
    assert sum(results.values()) == len(cases) >= 500 // EVERY
    assert results["corrupt"] and results["read"], results
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert used < MEGABYTES, f"{used:.0f} MB"


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("billion laughs", {"corrupt"}),
        ("outside", {"corrupt"}),
        ("billion laughs in a sheet", {"corrupt"}),
        ("20000 nested tables", {"corrupt"}),
        ("gridSpan 1000000000", {"read"}),
        ("far corners", {"too_large"}),
        ("zip bomb in a sheet", {"archive_unsafe"}),
        ("broken xref", {"read"}),
        ("page tree in a circle", {"read", "corrupt"}),
        ("no pages", {"corrupt", "no_text_layer"}),
        ("800,000 cells", {"too_large"}),
        ("endless form", {"no_text_layer"}),
        ("lo_xls given to doc", {"unsupported_format"}),
        ("lo_doc given to docx", {"unsupported_format"}),
        ("lo_doc given to xlsx", {"unsupported_format"}),
        ("lo_xls cut at 85 %", {"corrupt"}),
    ],
)
def test_named(name: str, codes: set[str]) -> None:
    [case] = [case for case in hostile.variants() if case.name == name]
    assert judge(case) in codes


def test_broken_xref_is_read_in_full() -> None:
    [case] = [case for case in hostile.variants() if case.name == "broken xref"]
    [grid] = read_pdf(case.data, Limits()).grids()
    assert grid.at(3, 9) is not None and grid.at(3, 9).text == "127"  # type: ignore[union-attr]


def scanned(*, hidden: bool, chars: int) -> bytes:
    page = Canvas()
    page.image()
    for row in range(chars // 10):
        page.text(60, 700 - 15 * row, "本年度办理结果二三四", mode=3 if hidden else 0)
    return build([page, page])


@pytest.mark.parametrize(("hidden", "chars"), [(False, 0), (False, 20), (True, 300)])
def test_scans_have_no_text_layer(hidden: bool, chars: int) -> None:
    with pytest.raises(RejectedDocument) as caught:
        read_pdf(scanned(hidden=hidden, chars=chars), Limits())
    assert caught.value.code == "no_text_layer"
    assert "OCR" in caught.value.hint or "扫描件" in caught.value.hint


def test_text_over_a_background_picture_is_read() -> None:
    assert list(read_pdf(scanned(hidden=False, chars=300), Limits()).lines())


def test_encrypted_pdf() -> None:
    import pypdfium2.raw as raw

    data = build([Canvas(["BT /F1 9 Tf 9 9 Td <4e2d> Tj ET"])], compress=False)
    entry = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + b"ab" * 32 + b">/U<" + b"cd" * 32 + b">>>"
        b"/ID[<00><00>]/Root"
    )
    with pytest.raises(RejectedDocument) as caught:
        read_pdf(data.replace(b"/Root", entry), Limits())
    assert caught.value.code == "encrypted"
    assert raw.FPDF_ERR_PASSWORD


def test_encrypted_word() -> None:
    data = bytearray((hostile.DATA / "libreoffice.doc").read_bytes())
    start = data.index(b"\xec\xa5")
    data[start + 0x0B] |= 0x01
    with pytest.raises(RejectedDocument) as caught:
        doc_module.read_doc(bytes(data), Limits())
    assert caught.value.code == "encrypted"
