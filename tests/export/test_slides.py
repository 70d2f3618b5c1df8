"""Slides: read back by python-pptx, opened by LibreOffice, compared with the queries."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd
import pytest
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.enum.shapes import PP_PLACEHOLDER as KIND
from pptx.util import Inches

from dashboard import present
from dashboard.export import blocks, fonts, pptx, template, xlsx
from dashboard.export import native as natives
from dashboard.export.base import Item, item_of, passport
from dashboard.figures import Native, Series, Twin
from dashboard.queries import series

NAMES = ("overview/outcomes", "overview/trend/disclosure_rate", "overview/who", "compare/heat",
         "compare/funnel", "quality/arrivals")  # fmt: skip
KINDS = {
    "line": XL_CHART_TYPE.LINE_MARKERS, "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "bar_stacked": XL_CHART_TYPE.BAR_STACKED, "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "column_stacked": XL_CHART_TYPE.COLUMN_STACKED, "scatter": XL_CHART_TYPE.XY_SCATTER,
}  # fmt: skip


def items_of(open_view: Any, lang: str = "zh", **words: str) -> list[Item]:
    found = [item_of(name, open_view(page=name.split("/")[0], lang=lang), **words)
             for name in NAMES]  # fmt: skip
    items = [item for item in found if item is not None]
    assert len(items) == len(NAMES)
    return items


@pytest.fixture(scope="module")
def pack(open_view: Any) -> tuple[list[Item], bytes]:
    items = items_of(open_view)
    return items, pptx.deck(items, "全省简报", lines=["筛选", "版本"])


def slides_of(content: bytes) -> list[Any]:
    return list(Presentation(BytesIO(content)).slides)


def texts(slide: Any) -> str:
    return "\n".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)


def charts(content: bytes) -> list[Any]:
    return [s.chart for slide in slides_of(content) for s in slide.shapes if s.has_chart]


def test_every_figure_has_title_words_source_and_number(pack: Any) -> None:
    items, content = pack
    slides = slides_of(content)
    assert slides[0].shapes.title.text_frame.text == "全省简报"
    by_title = {s.shapes.title.text_frame.text: s for s in slides}
    for item in items:
        slide = by_title[item.heading]
        said = texts(slide)
        assert item.figure.sentence in said.replace("\n", "") or item.figure.sentence in said
        for line in passport(item, drawn=not natives.fits(item.figure.native)):
            assert line in said
        notes = slide.notes_slide.notes_text_frame.text
        assert passport(item)[-1] in notes
        assert "演示数据" in said
    for slide in slides[1:]:
        assert 'type="slidenum"' in pptx_xml(slide)


def pptx_xml(slide: Any) -> str:
    from lxml import etree

    return etree.tostring(slide._element, encoding="unicode")


def test_charts_are_native_where_the_type_fits(pack: Any) -> None:
    items, content = pack
    made = charts(content)
    wanted = [i.figure.native for i in items if natives.fits(i.figure.native)]
    assert [c.chart_type for c in made] == [KINDS[n.kind] for n in wanted if n]
    pictures = [s for slide in slides_of(content) for s in slide.shapes if s.shape_type == 13]
    assert len(pictures) == len(items) - len(wanted) > 0
    for shape in pictures:
        assert shape.image.size[0] >= 1500
        assert shape._element.nvPicPr.cNvPr.get("descr")


def test_charts_hold_the_figures_value_by_value(pack: Any) -> None:
    items, content = pack
    natives_ = [i.figure.native for i in items if natives.fits(i.figure.native)]
    for chart, native in zip(charts(content), natives_, strict=True):
        assert native is not None
        for made, wanted in zip(chart.plots[0].series, native.series, strict=True):
            assert made.name == wanted.name
            if native.kind == "scatter":
                kept = tuple(v for v in wanted.values if v is not None)
                assert tuple(made.values) == pytest.approx(kept)
            else:
                assert list(chart.plots[0].categories) == list(map(str, native.categories))
                assert tuple(made.values) == pytest.approx(wanted.values, nan_ok=True)


def test_the_trends_numbers_are_the_warehouses(open_view: Any) -> None:
    view = open_view()
    item = item_of("overview/trend/disclosure_rate", view)
    assert item is not None
    frame = view.query(series.by_year, view.selection, ("disclosure_rate",), view.with_base)
    (chart,) = charts(pptx.deck([item], "x"))
    found = {
        int(year): value
        for made in chart.plots[0].series
        for year, value in zip(chart.plots[0].categories, made.values, strict=True)
        if value is not None
    }
    wanted = dict(zip(frame["year"], frame["value"], strict=True))
    assert found == pytest.approx({int(y): v for y, v in wanted.items() if v == v})


def test_the_sheet_behind_a_chart_has_the_same_numbers(pack: Any) -> None:
    items, content = pack
    native = items[0].figure.native
    assert native is not None
    with zipfile.ZipFile(BytesIO(content)) as packed:
        name = sorted(n for n in packed.namelist() if n.endswith(".xlsx"))[0]
        sheet = openpyxl.load_workbook(BytesIO(packed.read(name))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0][1:]) == [s.name for s in native.series]
    for n, row in enumerate(rows[1:]):
        assert list(row[1:]) == pytest.approx([s.values[n] for s in native.series])


def test_missing_is_a_gap_and_a_small_base_hollow(open_view: Any) -> None:
    item = item_of("overview/trend/disclosure_rate", open_view())
    assert item is not None
    native = Native("line", (2019, 2020, 2021), (Series("率", (0.4, None, 0.5), hollow=(2,)),),
                    percent=True)  # fmt: skip
    odd = replace(item, figure=replace(item.figure, native=native))
    (chart,) = charts(pptx.deck([odd], "x"))
    made = chart.plots[0].series[0]
    assert tuple(made.values) == (0.4, None, 0.5)
    xml = chart._chartSpace.xml
    assert '<c:dispBlanksAs val="gap"/>' in xml
    line, hollow = (m.format.fill.fore_color.rgb for m in (made.marker, made.points[2].marker))
    # Paler than the line, but not white: LibreOffice draws no outline.
    assert all(whole < pale < 255 for whole, pale in zip(line, hollow, strict=True))


def test_an_editable_funnel_says_where_points_lie(open_view: Any) -> None:
    """Limits dashed and not, the pooled rate, a series a side, names beside points; curves first.

    LibreOffice drew no points of a chart whose curves came last.
    """
    view = open_view("compare")
    item = item_of("compare/funnel", view)
    assert item is not None
    native = item.figure.native
    assert native is not None
    curves = [s for s in native.series if s.curve]
    assert native.series[: len(curves)] == tuple(curves)
    assert [s.dashed for s in curves] == [True, True, False, False, False]
    points = native.series[len(curves) :]
    assert points[0].name == view.t("compare.side.none")
    frame = item.figure.data
    assert frame is not None
    known = [v for s in points for v in s.values if v is not None]
    assert sorted(known) == pytest.approx(sorted(frame["value"].dropna().astype(float)))
    named = replace(points[1], labels=("=1+1", *[""] * (len(points[1].values) - 1)),
                    values=(0.5, *points[1].values[1:]))  # fmt: skip
    odd = replace(native, series=(*curves, named))
    figure = replace(item.figure, native=odd)
    (chart,) = charts(pptx.deck([replace(item, figure=figure)], "x"))
    made = list(chart.plots[0].series)
    assert made[-1].points[0].data_label.text_frame.text == "=1+1"
    assert chart._chartSpace.xml.count('<a:prstDash val="dash"/>') == 2
    book = xlsx.workbook([replace(item, figure=figure)])
    with zipfile.ZipFile(BytesIO(book)) as packed:
        drawn = packed.read("xl/charts/chart1.xml").decode()
    assert drawn.count('<a:prstDash val="dash"/>') == 2
    assert "<a:t>'=1+1</a:t>" in drawn
    assert "<c:f>1+1</c:f>" not in drawn


@pytest.mark.parametrize("name", ["overview/outcomes", "overview/trend/disclosure_rate"])
def test_changes_of_form_stand_where_they_begin(open_view: Any, name: str) -> None:
    """A shape over the plot, at the boundary before the first year of the new form; in Excel words.

    Where the drawing on screen has it: its marks are the very ones.
    """
    item = item_of(name, open_view())
    assert item is not None
    ((place, mark),) = natives.changes(item.figure)
    assert item.figure.native is not None
    assert (mark.year, item.figure.native.categories[place]) == (2021, 2021)
    slide = slides_of(pptx.deck([item], "x", tables=False))[1]
    (frame,) = [s for s in slide.shapes if s.has_chart]
    (line,) = [s for s in slide.shapes if s.name == mark.label]
    assert mark.label in texts(slide)
    layout = frame.chart._chartSpace.find(".//{*}plotArea/{*}layout/{*}manualLayout")
    at = {key: float(layout.find(f"{{*}}{key}").get("val")) for key in "xywh"}
    part = place / len(item.figure.native.categories)
    if name == "overview/outcomes":  # bars lie, the oldest year at the bottom
        wanted = frame.top + frame.height * (at["y"] + at["h"] * (1 - part))
        assert line.begin_y == line.end_y == pytest.approx(wanted, abs=20_000)
        (words,) = [s for s in slide.shapes if s.has_text_frame and s.text_frame.text == mark.label]
        assert words.left >= frame.left + frame.width * (at["x"] + at["w"])
    else:
        wanted = frame.left + frame.width * (at["x"] + at["w"] * part)
        assert line.begin_x == line.end_x == pytest.approx(wanted, abs=20_000)
    book = openpyxl.load_workbook(BytesIO(xlsx.workbook([item])))
    said = [str(c.value) for row in book.worksheets[0].iter_rows() for c in row]
    assert natives.changes_in_words(item.figure)[0] in said


def test_a_year_that_is_not_drawn_keeps_its_place(
    open_view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of 2021 is missing: bars of 2020 and 2022 are not successive."""
    drawn = present.parts_frame

    def without(*args: Any) -> pd.DataFrame:
        found = drawn(*args)
        return found[found["year"].astype(int) != 2021].reset_index(drop=True)

    monkeypatch.setattr(present, "parts_frame", without)
    item = item_of("overview/outcomes", open_view())
    assert item is not None
    native = item.figure.native
    assert native is not None
    place = native.categories.index(2021)
    assert {s.values[place] for s in native.series} == {None}
    assert all(s.values[place + 1] for s in native.series)


def test_tables_hold_the_figures_cell_by_cell(pack: Any) -> None:
    items, content = pack
    slides = slides_of(content)
    for item in items:
        twin = blocks.shown(item.figure).frame
        title = item.view.t("export.table_caption", title=item.heading)
        rows = []
        for slide in slides:
            if slide.shapes.title.text_frame.text.startswith(title):
                (table,) = [s.table for s in slide.shapes if s.has_table]
                found = [[c.text_frame.text for c in row.cells] for row in table.rows]
                assert found[0] == list(map(str, twin.columns))
                rows += found[1:]
        cut = pptx.TABLE_ROWS
        wanted = twin.head(cut).fillna("—").astype(str).to_numpy().tolist()
        assert rows == wanted, item.figure.name


def test_a_composition_stands_side_by_side_and_loses_nothing(open_view: Any) -> None:
    item = item_of("overview/outcomes", open_view())
    assert item is not None
    long, wide = item.figure.twin.frame, blocks.shown(item.figure).frame
    assert len(wide) == long.iloc[:, 0].nunique()
    for row in long.itertuples(index=False):
        cell = wide.loc[wide.iloc[:, 0] == row[0], row[1]].iloc[0]
        assert cell == "\n".join(map(str, row[2:]))
    twice = replace(item.figure, twin=Twin(pd.concat([long, long]), item.figure.twin.right))
    assert blocks.shown(twice) is twice.twin


def test_definitions_close_the_deck(pack: Any) -> None:
    content = pack[1]
    last = slides_of(content)[-1]
    (table,) = [s.table for s in last.shapes if s.has_table]
    assert "公开率" in [row.cells[0].text_frame.text for row in table.rows]


def test_english_slides_speak_english(open_view: Any) -> None:
    items = items_of(open_view, "en")[:2]
    slides = slides_of(pptx.deck(items, "Briefing"))
    assert slides[1].shapes.title.text_frame.text == items[0].heading
    assert "Filters:" in texts(slides[1])


def users_template() -> bytes:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "旧内容"
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def test_a_users_template_gives_size_and_layouts_only(open_view: Any) -> None:
    items = items_of(open_view)[:2]
    content = pptx.deck(items, "简报", own_template=users_template())
    deck = Presentation(BytesIO(content))
    assert deck.slide_width == Inches(10)
    assert "旧内容" not in "".join(texts(s) for s in deck.slides)
    assert deck.slides[1].slide_layout.name == "Title Only"
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0, shape.name
            assert shape.left + shape.width <= deck.slide_width + 2, shape.name
            assert shape.top + shape.height <= deck.slide_height + 2, shape.name
    with zipfile.ZipFile(BytesIO(content)) as packed:
        names = packed.namelist()
        assert len(names) == len(set(names))


def test_a_title_in_the_middle_moves_up_and_fits(open_view: Any) -> None:
    """A layout meant for a title page leaves no room: charts stood over each other below it."""
    deck = Presentation()
    for shape in next(x for x in deck.slide_layouts if x.name == "Title Only").placeholders:
        if shape.placeholder_format.type == KIND.TITLE:
            shape.left, shape.top, shape.width, shape.height = map(Inches, (1, 5, 8, 1))
    out = BytesIO()
    deck.save(out)
    item = item_of("compare/funnel", open_view("compare"))
    assert item is not None
    slide = slides_of(pptx.deck([item], "x", own_template=out.getvalue()))[1]
    title = slide.shapes.title
    (chart,) = [s for s in slide.shapes if s.has_chart]
    assert title.top + title.height <= chart.top
    assert chart.height > Inches(2)
    size = title.text_frame.paragraphs[0].runs[0].font.size
    assert size is not None
    assert size.pt < 44
    assert len(fonts.wrap(item.heading, size.pt, title.width / 12700)) * size <= title.height


@pytest.mark.parametrize("named", [True, False])
def test_a_dark_template_has_a_white_ground_for_charts(open_view: Any, *, named: bool) -> None:
    deck = Presentation()
    fill = deck.slide_master.background.fill
    fill.solid()
    if named:
        fill.fore_color.theme_color = MSO_THEME_COLOR.TEXT_1
    else:
        fill.fore_color.rgb = template.rgb("#102040")
    out = BytesIO()
    deck.save(out)
    item = item_of("overview/trend/disclosure_rate", open_view())
    assert item is not None
    for own, wanted in ((out.getvalue(), 2), (None, 0)):
        slides = slides_of(pptx.deck([item], "x", own_template=own))[1:3]
        found = [[s for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.AUTO_SHAPE]
                 for slide in slides]  # fmt: skip
        assert sum(map(len, found)) == wanted
        for slide, panels in zip(slides, found, strict=True):
            for panel in panels:
                assert str(panel.fill.fore_color.rgb) == "FFFFFF"
                for shape in slide.shapes:
                    if shape.has_chart or shape.has_table:
                        order = list(slide.shapes._spTree)
                        assert order.index(panel._element) < order.index(shape._element)
                        assert panel.left <= shape.left
                        assert panel.left + panel.width >= shape.left + shape.width


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.4", b"x" * 100])
def test_what_is_no_template_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(template.TemplateError) as caught:
        template.opened(content)
    assert caught.value.reason == "unreadable"


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "MAX_UNPACKED", 3 << 20)  # 300 MB take a second to make
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for n in range(4):
            packed.writestr(f"{n}", bytes(1 << 20))
    with pytest.raises(template.TemplateError) as caught:
        template.opened(out.getvalue())
    assert caught.value.reason == "too_large"


def test_texts_from_strangers_are_text(open_view: Any) -> None:
    hostile = '=1+1</a:t><b>&amp;\x00\x0b]]>{"x"}' + "长" * 300
    items = items_of(open_view, title=hostile, note=hostile)[:3]
    odd = Twin(pd.DataFrame({hostile: [hostile, "=cmd()"]}))
    items[0] = replace(items[0], figure=replace(items[0].figure, twin=odd))
    slides = slides_of(pptx.deck(items, hostile))
    plain = hostile.replace("\x00", "").replace("\x0b", "")
    assert slides[1].shapes.title.text_frame.text == plain
    tables = [s.table for slide in slides for s in slide.shapes if s.has_table]
    assert tables[0].cell(1, 0).text_frame.text == plain


def test_progress_can_stop_the_work(open_view: Any) -> None:
    class Stopped(Exception):
        pass

    seen = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 1:
            raise Stopped

    with pytest.raises(Stopped):
        pptx.deck(items_of(open_view), "x", progress=progress)
    assert seen == [(0, len(NAMES)), (1, len(NAMES))]
