"""Products opened by LibreOffice, one start for all: every page is there, with its Chinese."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import docx as python_docx
import pypdfium2
import pytest
from pptx import Presentation

from dashboard.export import letter, letters, packs
from dashboard.export.base import item_of, passport
from dashboard.export.letters import Order
from dashboard.export.packs import Pack

DAY = dt.date(2026, 11, 25)
NAMES = ("overview/outcomes", "overview/trend/disclosure_rate", "compare/heat", "quality/arrivals")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def pack(open_view: Any) -> Pack:
    found = [item_of(name, open_view(page=name.split("/")[0])) for name in NAMES]
    items = tuple(item for item in found if item is not None)
    assert len(items) == len(NAMES)
    return Pack(items, "全省简报", ("筛选", "版本"))


@pytest.fixture(scope="module")
def files(pack: Pack, open_view: Any) -> dict[str, bytes]:
    made = {key: packs.make(key, pack) for key in ("pptx", "docx")}
    view = open_view("quality")
    order = Order(office_id=str(letters.offices(view, Order())["office_id"].iloc[0]))
    asked = letters.one(view, order, {}, DAY)
    assert asked is not None
    assert asked.letter is not None
    return made | {"letter.docx": letter.word(asked.letter, view.t)}


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Product → the texts of its pages as LibreOffice prints them."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice here")
    folder: Path = tmp_path_factory.mktemp("office")
    names = {key: f"{n}.{key}" for n, key in enumerate(files)}
    for key, name in names.items():
        (folder / name).write_bytes(files[key])
    subprocess.run(
        [office, f"-env:UserInstallation=file://{folder}/profile", "--headless",
         "--convert-to", "pdf", "--outdir", folder, *(folder / name for name in names.values())],
        capture_output=True, timeout=200, check=True,
    )  # fmt: skip
    return {
        key: [
            squeezed(page.get_textpage().get_text_range())
            for page in pypdfium2.PdfDocument((folder / name).with_suffix(".pdf").read_bytes())
        ]
        for key, name in names.items()
    }


def test_every_slide_is_shown_with_its_chinese(pack: Pack, files: Any, pages: Any) -> None:
    slides = list(Presentation(BytesIO(files["pptx"])).slides)
    assert len(pages["pptx"]) == len(slides)
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    for item in pack.items:
        text = pages["pptx"][titles.index(item.heading)]
        for words in (item.heading, item.figure.sentence, passport(item)[-1]):
            assert squeezed(words) in text


def test_the_document_has_every_figure(pack: Pack, pages: Any) -> None:
    whole = "".join(pages["docx"])
    for item in pack.items:
        assert squeezed(item.heading) in whole
        assert squeezed(passport(item)[-1]) in whole


def test_a_letter_is_set_with_its_form(files: Any, pages: Any, open_view: Any) -> None:
    t = open_view("quality").t
    whole = "".join(pages["letter.docx"])
    assert squeezed(t("letters.title")) in whole
    assert squeezed(t("letter.field_deadline")) in whole
    word = python_docx.Document(BytesIO(files["letter.docx"]))
    for paragraph in word.paragraphs:
        for part in re.split(r"(?<=[，。；：])", squeezed(paragraph.text)):
            assert part in whole
