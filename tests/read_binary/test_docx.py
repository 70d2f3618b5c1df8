"""Word files: what a reader of the accepted document sees, at the place it stands."""

from __future__ import annotations

import pytest

from etl.document import Document, Grid
from etl.errors import RejectedDocument
from etl.read.docx import read_docx
from etl.read.docx_numbering import chinese_count, format_number
from etl.read.limits import Limits
from tests.read_binary.package_maker import (
    MERGE,
    MERGE_START,
    STRICT,
    p,
    span,
    tbl,
    tc,
    tr,
    unzipped,
    word,
    zipped,
)


def read(body: str, **parts: str) -> Document:
    return read_docx(word(body, **parts), Limits())


def texts(document: Document) -> list[str]:
    return [line.text for line in document.lines()]


def grids(body: str, **parts: str) -> list[list[tuple[int, int, int, int, str]]]:
    return [
        [(c.row, c.col, c.rowspan, c.colspan, c.text) for row in g.rows() for c in row]
        for g in read(body, **parts).grids()
    ]


def test_merged_cells() -> None:
    [grid] = grids(
        tbl(
            tr(tc("情形", span(2) + MERGE_START), tc("申请人", span(2))),
            tr(tc("", span(2) + MERGE), tc("自然人"), tc("总计")),
            tr(tc("三、结果", MERGE_START), tc("（一）"), tc("1"), tc("2")),
            tr(tc("藏", MERGE), tc("（二）"), tc(""), tc("4")),
        )
    )
    assert grid == [
        (0, 0, 2, 2, "情形"),
        (0, 2, 1, 2, "申请人"),
        (1, 2, 1, 1, "自然人"),
        (1, 3, 1, 1, "总计"),
        (2, 0, 2, 1, "三、结果"),
        (2, 1, 1, 1, "（一）"),
        (2, 2, 1, 1, "1"),
        (2, 3, 1, 1, "2"),
        (3, 1, 1, 1, "（二）"),
        (3, 2, 1, 1, ""),
        (3, 3, 1, 1, "4"),
    ]


def test_columns_left_out_before_and_after_a_row() -> None:
    [grid] = grids(
        tbl(
            tr(tc("甲"), tc("1"), tc("2")),
            tr(tc("3"), properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'),
        )
    )
    assert grid[-1] == (1, 1, 1, 1, "3")


def test_a_merge_without_a_start_and_one_after_a_gap_are_cells_of_their_own() -> None:
    [grid] = grids(
        tbl(tr(tc("甲", MERGE), tc("1")), tr(tc("乙"), tc("2")), tr(tc("丙", MERGE), tc("3")))
    )
    assert [c[4] for c in grid] == ["甲", "1", "乙", "2", "丙", "3"]


def test_legacy_horizontal_merge() -> None:
    [grid] = grids(
        tbl(
            tr(tc("甲", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), tc("1")),
            tr(tc("乙"), tc("2"), tc("3")),
        )
    )
    assert grid[:2] == [(0, 0, 1, 2, "甲"), (0, 2, 1, 1, "1")]


def test_nested_table_is_a_grid_of_its_own_after_the_outer_one() -> None:
    inner = tbl(tr(tc("内"), tc("9")))
    outer, nested = grids(tbl(tr(tc("外"), tc(inner + p("")))))
    assert [c[4] for c in outer] == ["外", ""]
    assert [c[4] for c in nested] == ["内", "9"]


def test_one_cell_table_is_a_frame() -> None:
    document = read(tbl(tr(tc(p("一、总体情况") + tbl(tr(tc("甲"), tc("1"))) + p("尾")))))
    kinds = [b.text if not isinstance(b, Grid) else b.n_cols for b in document.blocks]
    assert kinds == ["一、总体情况", 2, "尾"]


def test_tracked_changes_are_accepted() -> None:
    runs = (
        "<w:p><w:r><w:t>收到</w:t></w:r><w:del><w:r><w:delText>9</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>12</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom>"
        "<w:moveTo><w:r><w:t>件</w:t></w:r></w:moveTo></w:p>"
    )
    assert texts(read(runs)) == ["收到12件"]
    [grid] = grids(
        tbl(
            tr(tc("甲"), tc(runs)),
            tr(tc("删"), tc("7"), properties="<w:del/>"),
            tr(tc("增"), tc("8"), properties="<w:ins/>"),
        )
    )
    assert [c[4] for c in grid] == ["甲", "收到12件", "增", "8"]
    joined = p("前", "<w:rPr><w:del/></w:rPr>") + p("后")
    assert texts(read(joined)) == ["前后"]


def test_raised_and_struck_runs_are_no_digits_of_a_figure() -> None:
    def run(text: str, properties: str = "") -> str:
        return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"

    high, old = '<w:vertAlign w:val="superscript"/>', "<w:strike/>"
    up, white = '<w:position w:val="6"/>', '<w:color w:val="ffffff"/>'
    runs = (
        run("12") + run("1", high), run("9", old) + run("12"), run("9", "<w:dstrike/>"),
        run("12") + run("3", '<w:strike w:val="0"/>'), run("12") + run("注", high),
        run("12") + run("4", up), run("1", up) + run("2", up),
        run("12") + run("0", white), run("12", white),
        run("12") + run("9", '<w:sz w:val="2"/>'), run("12", high),
        run("12") + run("1", '<w:sz w:val="10"/>'),
    )  # fmt: skip
    labels = map(tc, "甲乙丙丁戊己庚辛壬癸子丑")
    [grid] = grids(tbl(tr(*(tc(f"<w:p>{r}</w:p>") for r in runs)), tr(*labels)))
    assert [c[4] for c in grid][:12] == [
        "12[1]", "~~9~~12", "~~9~~", "123", "12注", "12[4]", "12", "12", "[12]",
        "12", "12", "12[1]",
    ]  # fmt: skip


STYLES = (
    '<w:style w:type="character" w:styleId="W"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="S"><w:rPr><w:sz w:val="2"/></w:rPr></w:style>'
    '<w:style w:type="table" w:styleId="D"><w:tblStylePr w:type="firstRow"><w:tcPr>'
    '<w:shd w:val="clear" w:fill="4472C4"/></w:tcPr></w:tblStylePr></w:style>'
)


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        ('<w:color w:val="FEFEFE"/>', "12"),
        ('<w:color w:themeColor="background1"/>', "12"),
        ('<w:color w:val="D9D9D9"/><w:shd w:val="clear" w:fill="D9D9D9"/>', "12"),
        ('<w:w w:val="1"/>', "12"),
        ('<w:sz w:val="3"/>', "12"),
        ('<w:rStyle w:val="W"/>', "12"),
        ('<w:rStyle w:val="S"/>', "12"),
        ("<w14:textFill xmlns:w14='urn:x'><w14:noFill/></w14:textFill>", "12"),
        ('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000000"/>', "912"),
        ('<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>', "912"),
        ('<w:color w:val="FF0000"/>', "912"),
    ],
)
def test_a_digit_that_nobody_sees_is_none_of_its_figure(look: str, shown: str) -> None:
    run = f"<w:p><w:r><w:rPr>{look}</w:rPr><w:t>9</w:t></w:r><w:r><w:t>12</w:t></w:r></w:p>"
    [grid] = grids(tbl(tr(tc("甲"), tc(run))), styles=STYLES)
    assert grid[1][4] == shown


def test_white_figures_on_a_ground_are_seen() -> None:
    white = '<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>12</w:t></w:r></w:p>'
    shaded = tr(tc("甲"), tc(white, '<w:shd w:val="clear" w:fill="4472C4"/>'), tc(white))
    assert [c[4] for c in grids(tbl(shaded))[0]] == ["甲", "12", "[12]"]
    styled = tbl(tr(tc("甲"), tc(white))).replace(
        "<w:tbl>", '<w:tbl><w:tblPr><w:tblStyle w:val="D"/></w:tblPr>', 1
    )
    assert [c[4] for c in grids(styled, styles=STYLES)[0]] == ["甲", "12"]
    assert texts(read(white)) == ["12"]  # a title on a banner


def test_what_a_cell_shows_beside_text() -> None:
    box = f"<w:txbxContent>{p('12')}</w:txbxContent>"
    maths = "<m:{0}><m:r><m:t>{1}</m:t></m:r></m:{0}>"
    field = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>"
    entries = '<w:result w:val="1"/><w:listEntry w:val="5"/><w:listEntry w:val="12"/>'
    cells = {
        f"<w:p><w:r><w:pict><v:textbox>{box}</v:textbox></w:pict></w:r></w:p>": "□",
        "<w:p><w:r><w:drawing><pic:pic/></w:drawing></w:r></w:p>": "□",
        "<w:p><w:r><w:pict/></w:r></w:p>": "",
        tbl(tr(tc("12"))): "12",
        f"<w:p><m:f>{maths.format('num', 1)}{maths.format('den', 2)}</m:f></w:p>": "1/2",
        f"<w:p><w:r><w:t>12</w:t></w:r>{maths.format('sup', 1)}</w:p>": "12[1]",
        '<w:p><w:r><w:t>12</w:t><w:sym w:font="Wingdings" w:char="F081"/></w:r></w:p>': "12①",
        "<w:p><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList>"
        f"{entries}</w:ddList></w:ffData></w:fldChar></w:r></w:p>": "12",
        # an inner field's result within an outer field's code
        f"<w:p>{field.format('begin')}{field.format('begin')}{field.format('separate')}"
        f"<w:r><w:t>99</w:t></w:r>{field.format('end')}{field.format('separate')}"
        f"<w:r><w:t>12</w:t></w:r>{field.format('end')}</w:p>": "12",
        # a field without an end hides nothing
        f"<w:p>{field.format('begin')}<w:r><w:t>12</w:t></w:r></w:p>": "12",
    }
    [grid, *_] = grids(tbl(tr(*map(tc, cells)), tr(*("<w:tc/>" for _ in cells))))
    assert [c[4] for c in grid][: len(cells)] == list(cells.values())


def test_an_embedded_page_is_read_in_its_place() -> None:
    page = "<p>内</p><table><tr><td>甲</td><td>12</td></tr></table>"
    held = b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
    for data in (page.encode(), held):
        body = p("前") + '<w:altChunk r:id="c1"/>' + p("后") + tbl(tr(tc("乙"), tc("3")))
        package = zipped(
            {
                **unzipped(word(body)),
                "word/_rels/document.xml.rels": '<R><Relationship Id="c1" Target="a.mht"/></R>',
                "word/a.mht": data,
            }
        )
        document = read_docx(package, Limits())
        assert texts(document) == ["前", "内", "后"]
        assert [[c.text for c in g.cells] for g in document.grids()] == [["甲", "12"], ["乙", "3"]]
        assert [grid.number for grid in document.grids()] == [1, 2]
    assert read(p("前") + '<w:altChunk r:id="c1"/>').notes == ["文中嵌入的其他格式内容未能读取"]


def test_text_boxes_count_once() -> None:
    box = "<w:txbxContent>" + p("框内") + "</w:txbxContent>"
    drawing = (
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback>"
        f"<w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert texts(read(drawing)) == ["正文", "框内"]


def test_fields_hidden_text_and_content_controls() -> None:
    body = (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE 7</w:instrText>"
        "</w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>结果</w:t></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>显</w:t></w:r></w:p>"
        "<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>"
        + p("控件")
        + "</w:sdtContent></w:sdt>"
    )
    assert texts(read(body)) == ["结果显", "控件"]
    [grid] = grids(
        "<w:tbl><w:sdt><w:sdtContent>"
        + tr(tc("甲"), "<w:sdt><w:sdtContent>" + tc("5") + "</w:sdtContent></w:sdt>")
        + "</w:sdtContent></w:sdt></w:tbl>"
    )
    assert [c[4] for c in grid] == ["甲", "5"]


NUMBERING = (
    '<w:abstractNum w:abstractNumId="4"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
    '<w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="4"/><w:lvlOverride w:ilvl="0">'
    '<w:startOverride w:val="3"/></w:lvlOverride></w:num>'
)


def listed(text: str, level: int, number: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_automatic_numbers_come_back() -> None:
    body = (
        listed("总体情况", 0)
        + listed("主动公开", 1)
        + listed("依申请公开", 1)
        + listed("主动公开政府信息情况", 0)
        + listed("另", 1)
        + listed("收到和处理", 0, 2)
    )
    assert texts(read(body, numbering=NUMBERING)) == [
        "一、总体情况", "（一）主动公开", "（二）依申请公开", "二、主动公开政府信息情况",
        "（一）另", "三、收到和处理",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (110, "一百一十")],
)
def test_chinese_counting(number: int, text: str) -> None:
    assert chinese_count(number) == text


def test_other_list_formats() -> None:
    assert format_number(3, "decimal") == "3"
    assert format_number(3, "decimalEnclosedCircle") == "③"
    assert format_number(28, "lowerLetter") == "bb"
    assert format_number(3, "bullet") == ""


def test_headings_by_style_and_by_paragraph() -> None:
    styles = (
        '<w:style w:styleId="a"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="b"><w:name w:val="own"/><w:basedOn w:val="a"/></w:style>'
        '<w:style w:styleId="c"><w:basedOn w:val="c"/></w:style>'
    )
    body = (
        p("甲", '<w:pStyle w:val="b"/>')
        + p("乙", '<w:outlineLvl w:val="0"/>')
        + p("丙", '<w:pStyle w:val="c"/>')
        + p("丁", '<w:outlineLvl w:val="9"/>')
    )
    assert [line.heading for line in read(body, styles=styles).lines()] == [2, 1, 0, 0]


def test_strict_namespace_and_line_breaks() -> None:
    body = (
        "<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:br w:type='page'/><w:t>丙</w:t></w:r></w:p>"
    )
    document = read_docx(word(body, namespace=STRICT), Limits())
    assert [(line.text, line.at) for line in document.lines()] == [
        ("甲", "paragraph 1"),
        ("乙丙", "paragraph 1"),
    ]


def test_absurd_span_is_cut_and_wide_tables_are_refused() -> None:
    [grid] = grids(tbl(tr(tc("甲", span(10**9)), tc("1")), tr(tc("乙"), tc("2"))))
    assert grid[0] == (0, 0, 1, Limits().max_grid_cols, "甲")
    with pytest.raises(RejectedDocument) as caught:
        read(tbl(*[tr(tc("甲", span(200)))] * 1_200))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "corrupt"),
        (b"PK\x03\x04 nothing", "corrupt"),
        (b"", "corrupt"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(RejectedDocument) as caught:
        read_docx(data, Limits())
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("code", "shown"), [("=SUM(LEFT)", "□"), (r"EQ \o(○,7)", "□"), ("PAGE", "")]
)
def test_a_field_that_word_works_out_leaves_no_blank(code: str, shown: str) -> None:
    """A sum without a stored result, and a figure in a circle, were blanks."""
    fields = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            '<w:fldChar w:fldCharType="begin"/>',
            f"<w:instrText>{code}</w:instrText>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    [grid] = read(tbl(tr(tc("总计"), tc(f"<w:p>{fields}</w:p>")))).grids()
    assert [cell.text for cell in grid.cells] == ["总计", shown]
