"""Pictures: opened by another program, their Chinese read back, their glyphs looked at."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import etree
from PIL import Image, ImageChops

from dashboard import figures
from dashboard.charts.base import to_spec
from dashboard.export import fonts, picture
from dashboard.export.base import Item, item_of, passport

HANZI = "公开率口径筛选来源演示数据霾濉梓砚"


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def pdf_text(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return squeezed("".join(page.get_textpage().get_text_range() for page in pages))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pdf_has_every_word_as_text(open_view: Any, lang: str) -> None:
    item = item_of("overview/outcomes", open_view(lang=lang))
    assert item is not None
    content = picture.pdf(item)
    assert pypdfium2.PdfDocument(content).get_metadata_dict()["Title"] == item.heading
    assert pypdfium2.PdfDocument(content)[0].get_width() == picture.WIDTH
    found = pdf_text(content)
    for line in (item.heading, item.figure.sentence, *passport(item)):
        assert squeezed(line) in found
    for series in item.figure.native.series:  # type: ignore[union-attr]
        assert squeezed(series.name) in found
    assert "演示数据" in found


def test_the_pdf_is_read_by_poppler_too(item: Item, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here")
    path = tmp_path / "a.pdf"
    path.write_bytes(picture.pdf(item))
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, timeout=60, check=True)
    assert squeezed(item.heading) in squeezed(done.stdout.decode("utf-8"))


def test_the_svg_is_well_formed_and_its_text_is_text(item: Item) -> None:
    tree = etree.fromstring(picture.svg_file(item))
    text = squeezed("".join(tree.itertext()))
    for line in (item.heading, item.figure.sentence, *passport(item)):
        assert squeezed(line) in text
    families = {node.get("font-family") for node in tree.iter("{*}text")}
    assert families == {fonts.STACK}
    if fonts.can_subset():
        assert "@font-face" in "".join(tree.itertext())


def test_a_picture_says_when_it_is_invented_and_of_which_build(item: Item) -> None:
    text = squeezed("".join(etree.fromstring(picture.svg_file(item)).itertext()))
    assert text.count("演示数据") == 2
    assert f"数据版本{item.view.build.id}" in text
    assert "导出日期" in text
    assert squeezed(item.view.in_words) in text


def test_scales(item: Item) -> None:
    two, three = (Image.open(BytesIO(picture.png(item, scale))) for scale in (2, 3))
    assert two.width == 2 * picture.WIDTH
    assert three.width == 3 * picture.WIDTH
    assert two.height * 3 == pytest.approx(three.height * 2, abs=6)


def glyph(character: str) -> Image.Image:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        '<rect width="40" height="40" fill="#fff"/>'
        f'<text x="4" y="32" font-family="{fonts.FAMILY}" font-size="32px">{character}</text></svg>'
    )
    return Image.open(BytesIO(picture.from_svg(drawing, 1))).convert("L")


def ink(image: Image.Image) -> float:
    values = image.histogram()
    return sum((255 - shade) * n for shade, n in enumerate(values)) / 255


def test_no_box_is_drawn_for_a_hanzi() -> None:
    """Every character has its own shape, none that of a character the font does not have."""
    box = glyph("\U0010ffff")
    drawn = {c: glyph(c) for c in HANZI}
    for c, image in drawn.items():
        assert ink(image) > 60, f"{c} is hair-thin or empty"
        assert ImageChops.difference(image, box).getbbox(), c
    assert len({image.tobytes() for image in drawn.values()}) == len(HANZI)


def test_the_drawing_is_the_screens_without_what_moves(open_view: Any) -> None:
    view = open_view()
    for name in figures.names_on("overview", view):
        figure = figures.build(name, view)
        assert figure is not None
        screen = to_spec(figure.draw)
        paper = picture.paper_spec(screen, 800)
        text = str(paper)
        for word in ("'params'", "'tooltip'", "'cursor'", "'usermeta'"):
            assert word not in text, name
        assert paper["datasets"] == screen["datasets"]
        kept = [layer.get("mark") for layer in screen.get("layer", [])]
        assert len(paper.get("layer", [])) == len(kept)


def test_a_dark_screen_prints_light(open_view: Any) -> None:
    light = item_of("overview/outcomes", open_view())
    dark = item_of("overview/outcomes", open_view(dark=True))
    assert light is not None
    assert dark is not None
    assert picture.svg(light) == picture.svg(dark)


def test_long_and_hostile_texts_stay_inside(item: Item) -> None:
    hostile = '<script>alert(1)</script>&amp;"\x00\x0b]]>' + "超长标题" * 60 + "W" * 300
    odd = replace(item, title=hostile, note="<b>注</b>" * 80)
    tree = etree.fromstring(picture.svg_file(odd))
    assert not list(tree.iter("{*}script", "{*}b"))
    width = float(tree.get("width"))
    for node in tree.findall("{*}text"):
        size = float(node.get("font-size").removesuffix("px"))
        right = float(node.get("x")) + fonts.width(node.text or "", size)
        assert node.get("text-anchor") or right <= width, node.text
    image = Image.open(BytesIO(picture.png(odd, 1))).convert("L")
    edge = image.crop((image.width - 8, 0, image.width, image.height))
    assert min(edge.tobytes()) == 255, "something is drawn over the edge"


@pytest.mark.parametrize("size", [11.5, 14.0, 19.0])
def test_lines_break_where_chinese_breaks(size: float) -> None:
    text = "口径：（予以公开＋部分公开）÷办理结果总计。分母含无法提供、不予处理和其他处理。" * 4
    lines = fonts.wrap(text, size, 300)
    assert "".join(lines) == text
    assert len(lines) > 3
    assert not [line for line in lines[1:] if line[0] in "，。、）；："]
    assert all(fonts.width(line, size) <= 300 + 2 * size for line in lines)
    assert " ".join(fonts.wrap("one two three four five six", 12, 80)) == (
        "one two three four five six"
    )
