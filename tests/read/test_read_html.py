"""HTML as a browser shows it: text, spans, nesting, hidden parts, disguises."""

from __future__ import annotations

import json

import pytest

from etl.document import Fidelity, Grid
from etl.errors import RejectedDocument
from etl.read import Limits, read

from .helpers import grids, html, lines, table

ROWS = "<tr><td>规章</td><td>3</td></tr><tr><td>规范性文件</td><td>8</td></tr>"
DATA = [["规章", "3"], ["规范性文件", "8"]]


def one(markup: str) -> list[list[str | None]]:
    (grid,) = html(markup).grids()
    return table(grid)


def cell(markup: str) -> str:
    """The text of one cell written as ``markup``."""
    value = one(f"<table><tr><td>项目</td><td>{markup}</td></tr></table>")[0][1]
    assert value is not None
    return value


#: Styles of text that nobody sees within a cell, and of text that stands out of its line.
UNSEEN = (
    "color:#fefefe", "color:rgba(0,0,0,0)", "color:transparent", "color:hsl(0,0%,100%)",
    "opacity:0", "font:0/0 a", "font-size:1%", "mso-hide:all",
    "transform:scale(0)", "display:inline-block;width:0;overflow:hidden",
)  # fmt: skip
RAISED = (
    "position:relative;top:-5px", "vertical-align:text-top", "vertical-align:30%",
    "font-size:60%", "transform:translateY(-4px)",
)  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p><span>政府</span><font>信息</font><span>20</span><span>23</span></p>", "政府信息2023"),
        ("商业<br>企业", "商业\n企业"),
        ("<p>科研</p><p>机构</p>", "科研\n机构"),
        ("<div>科研</div>机构", "科研\n机构"),
        ("<span><p>科研</p><p>机构</p></span>", "科研\n机构"),
        ("头<p>尾</p>", "头\n尾"),
        ("<b>其</b><i>他</i>", "其他"),
        ("\n  26\n  ", "26"),
        ("&nbsp;&emsp;26&#12288;", "26"),
        ("2&#8203;6\u200b", "26"),
        ("<p>&nbsp;</p>", ""),
        ("<p>0<o:p></o:p></p>", "0"),
        ("<p>本年新制\n  作数量</p>", "本年新制作数量"),
        ("12<sup>1</sup>", "12[1]"),
        ('12<span style="vertical-align: super">1</span>', "12[1]"),
        ("12<span style='mso-text-raise:4.0pt'>1</span>", "12[1]"),
        ("<span style='mso-text-raise:4.0pt'>12</span>", "12"),
        ('<span style="vertical-align:middle">12</span>3', "123"),
        ('<span style="position:absolute;left:-9999px">9</span>5', "5"),
        ('<span style="clip:rect(0, 0, 0, 0)">9</span>5', "5"),
        ('<span style="margin-left:-2px">12</span>', "12"),
        ('<span style="display:flex"><b>科研</b><i>机构</i></span>', "科研\n机构"),
        ("<s>9</s>12", "~~9~~12"),
        ("<p><del>9</del>12</p>", "~~9~~12"),
        ("<strike>旧</strike>新", "旧新"),
        ('<span style="text-decoration: line-through">9</span>12', "~~9~~12"),
        ("5<!-- 6 -->", "5"),
        ("<!--[if gte mso 9]><b>9</b><![endif]-->5", "5"),
        ("<![if !supportEmptyParas]>5<![endif]>", "5"),
        ("5<script>6</script><style>p{}</style><noscript>7</noscript>", "5"),
        ("<template>9</template>5", "5"),
        ('<input type="text" value="12">', "12"),
        ('5<input type="hidden" value="12">', "5"),
        ("<span hidden>9</span>5", "5"),
        ('<span style="DISPLAY: none">9</span>5', "5"),
        ('<span style="visibility:hidden">9</span>5', "5"),
        ('<span style="font-size:0px">9</span>5', "5"),
        ('<span style="font-size:1px">9</span>5<b style="font-size:1em">5</b>', "55"),
        ('<span style="font-size:0"><b style="font-size:14px">5</b>9</span>', "5"),
        ('<span style="text-decoration:none;font-size:10px">5</span>', "5"),
        ('12<span style="COLOR: #ffffff">9</span>', "12"),
        ('<font color="white">9</font>12', "12"),
        # white alone, or as the row has it: on no ground it is not seen
        ('<span style="color:#fff">12</span>', "[12]"),
        ('<span style="color:#fff;background:#036">12</span>', "12"),
        ('<b style="color:#fff">9<i style="color:#000">12</i></b>', "12"),
        *((f'<b style="{style}">9</b>12', "12") for style in UNSEEN),
        ('<input style="display:none" value="7">12', "12"),
        ("<textarea>12</textarea>", "12"),
        ("<select><option>5</option><option selected>12</option></select>", "12"),
        ("<button>12</button>", "12"),
        ('<input type="button" value="12">', "12"),
        # what is seen and is no text: no blank
        ('<img src="12.png">', "□"),
        ('<input type="password" value="12">', "□"),
        ("<svg><text>12</text></svg>", "□"),
        ('<img src="dot.gif" width="1">', ""),
        ('12<img src="new.gif">', "12"),
        # a mark raised or made small beside a figure is no digit of it
        *((f'12<b style="{style}">1</b>', "12[1]") for style in RAISED),
        ("12<small>1</small>", "12[1]"),
        ('12<font size="1">1</font>', "12[1]"),
        ("<sup>12</sup>", "12"),
        # two figures, and figures turned around
        ('12<b style="float:right">3</b>', "12\n3"),
        ('12<span style="margin-left:3em">3</span>', "12\n3"),
        ('<b style="display:block">12</b><b style="display:block">3</b>', "12\n3"),
        ('<bdo dir="rtl">21</bdo>', "\u202e21"),
        ("&#8238;21", "\u202e21"),
        ("<ol><li>12</li></ol>", "□12"),
        ('<span style="background-color:#fff">9</span>12<i style="color:#333">5</i>', "9125"),
        ("<ul><li>一</li><li>二</li></ul>", "一\n二"),
        ("<a href=x>5</a>", "5"),
        ("<ruby>政<rt>zheng</rt></ruby>府", "政府"),
        ("&lt;5&gt;", "<5>"),
        ("&#xD800;5", "\ufffd5"),
    ],
)
def test_cell_text_is_what_is_shown(markup: str, shown: str) -> None:
    assert cell(markup) == shown


def test_style_sheet_hides_by_specificity_and_order() -> None:
    page = (
        "<style>.x{display:none} td .y{display:none} #keep.y{display:inline}"
        "@media print{.z{display:none}}</style><table><tr><td>甲</td>"
        "<td><i class=x>1</i><i class=y>2</i><i class=y id=keep>3</i><i class=z>4</i></td>"
        "</tr></table>"
    )
    assert one(page) == [["甲", "34"]]


@pytest.mark.parametrize(
    ("css", "shown"),
    [
        ('.x::before{content:"1"}', "12"),
        (".x:after{content:attr(data-v)}", "27"),
        (".x:before{content:counter(n)}", "□2"),
        ('.x:before{content:"\\31"}', "12"),
        ('.x:before{content:"\\e600"} .x:after{content:""}', "2"),
        ('@media (max-width:600px){.x:before{content:"1"}}', "2"),
    ],
)
def test_figures_that_a_style_sheet_prints_are_seen(css: str, shown: str) -> None:
    page = f"<style>{css}</style><table><tr><td>甲</td><td><b class=x data-v=7>2</b></td></tr>"
    assert one(page) == [["甲", shown]]


def test_white_text_on_a_dark_row_is_seen_and_a_faded_page_is_read() -> None:
    row = "<tr {}><td>甲</td><td><font color=white>12</font></td></tr>"
    assert one(f"<table>{row.format('bgcolor=navy')}</table>") == [["甲", "12"]]
    dark = "<style>.d{background:#123}</style>"
    assert one(f"{dark}<table>{row.format('class=d')}</table>") == [["甲", "12"]]
    assert one(f'<div style="opacity:0"><table>{ROWS}</table></div>') == DATA


def test_a_page_hidden_until_its_script_runs_is_still_read() -> None:
    assert one(f'<body style="display:none"><table>{ROWS}</table>') == DATA
    assert one(f'<body><div style="display:none"><table>{ROWS}</table></div>') == DATA


def test_hidden_cells_and_rows_leave_the_grid() -> None:
    page = (
        "<table><tr><td>甲</td><td hidden>9</td><td>1</td></tr>"
        '<tr style="display:none"><td>乙</td><td>2</td></tr><tr><td>丙</td><td>3</td></tr></table>'
    )
    assert one(page) == [["甲", "1"], ["丙", "3"]]


def test_spans_make_a_rectangle() -> None:
    page = (
        "<table><tr><td rowspan=2 colspan=2>甲</td><td>1</td></tr><tr><td>2</td></tr>"
        "<tr><td>乙</td><td>丙</td><td>3</td></tr></table>"
    )
    assert one(page) == [["甲", "甲", "1"], ["甲", "甲", "2"], ["乙", "丙", "3"]]


@pytest.mark.parametrize("value", ["1000000000", "99999999999999999999", "300"])
def test_absurd_column_span_is_cut_to_the_table(value: str) -> None:
    page = f"<table><tr><td colspan={value}>题</td></tr>{ROWS}</table>"
    assert one(page) == [["题", "题"], *DATA]


@pytest.mark.parametrize("value", ["-3", "x", "", "0", "1.5"])
def test_invalid_column_span_is_one(value: str) -> None:
    assert one(f'<table><tr><td colspan="{value}">甲</td><td>1</td></tr></table>') == [["甲", "1"]]


def test_row_span_zero_reaches_the_end_of_its_section_only() -> None:
    page = (
        "<table><tbody><tr><td rowspan=0>甲</td><td>1</td></tr><tr><td>2</td></tr></tbody>"
        "<tbody><tr><td>乙</td><td>3</td></tr></tbody></table>"
    )
    assert one(page) == [["甲", "1"], ["甲", "2"], ["乙", "3"]]


def test_foot_written_before_the_body_is_shown_last() -> None:
    page = (
        "<table><tfoot><tr><td>总计</td><td>3</td></tr></tfoot>"
        "<tbody><tr><td>甲</td><td>3</td></tr></tbody>"
        "<thead><tr><td>类别</td><td>数</td></tr></thead></table>"
    )
    assert one(page) == [["类别", "数"], ["甲", "3"], ["总计", "3"]]


def test_a_page_laid_out_by_a_table() -> None:
    page = (
        "<table><tr><td colspan=2>首页 > 年报</td></tr><tr><td>菜单</td><td>"
        f"<p>一、总体情况</p><table>{ROWS}</table><p>三、收到申请</p><table>{ROWS}</table>"
        "<p>六、其他</p></td></tr><tr><td colspan=2>版权所有</td></tr></table>"
    )
    document = html(page)
    assert grids(document) == [DATA, DATA]
    order = ["表" if isinstance(block, Grid) else block.text for block in document.blocks]
    assert order == [
        "首页 > 年报", "菜单", "一、总体情况", "表", "三、收到申请", "表", "六、其他", "版权所有",
    ]  # fmt: skip
    assert [grid.number for grid in document.grids()] == [1, 2]


def test_metadata_rows_beside_a_content_cell_stay_a_grid() -> None:
    prose = "<p>本报告根据条例编制。</p>" * 40
    page = (
        "<table><tr><td>索引号</td><td>X-1</td><td>发布机构</td><td>某局</td></tr>"
        f"<tr><td colspan=4>{prose}<table>{ROWS}</table></td></tr></table>"
    )
    document = html(page)
    assert grids(document) == [[["索引号", "X-1", "发布机构", "某局"]], DATA]
    assert len(lines(document)) == 40
    assert document.metadata["publisher"] == "某局"


def test_small_nested_table_in_a_data_cell() -> None:
    page = (
        "<table><tr><td>类别</td><td>数量</td><td>合计</td></tr>"
        "<tr><td>甲</td><td><table><tr><td>5</td></tr></table></td><td>5</td></tr>"
        "<tr><td>乙</td><td>6<table><tr><td>其中</td><td>1</td></tr></table></td><td>6</td></tr>"
        "</table>"
    )
    assert grids(html(page)) == [
        [["类别", "数量", "合计"], ["甲", "5", "5"], ["乙", "6", "6"]],
        [["其中", "1"]],
    ]


def test_one_cell_table_is_its_text() -> None:
    document = html(f"<table><tr><td>二、主动公开情况</td></tr></table><table>{ROWS}</table>")
    assert lines(document) == ["二、主动公开情况"]
    assert grids(document) == [DATA]


@pytest.mark.parametrize(
    "page",
    [
        '<div role="table"><div role="row"><span role="cell">规章</span><span role="cell">3</span>'
        '</div><div role="row"><span role="cell">规范性文件</span><span role="cell">8</span></div>'
        "</div>",
        "<style>.t{display:table}.r{display:table-row}.c{display:table-cell}</style><div class=t>"
        "<div class=r><div class=c>规章</div><div class=c>3</div></div>"
        "<div class=r><div class=c>规范性文件</div><div class=c>8</div></div></div>",
        '<div style="display:table"><p style="display:table-row"><i style="display:table-cell">规章'
        '</i><i style="display:table-cell">3</i></p><p style="display: table-row">'
        '<i style="display:table-cell">规范性文件</i><i style="display:table-cell">8</i></p></div>',
    ],
)
def test_tables_of_divisions(page: str) -> None:
    assert one(page) == DATA


@pytest.mark.parametrize(
    "page",
    [
        f"<table>{ROWS}",
        "<table><tr><td>规章<td>3<tr><td>规范性文件<td>8\n",
        f"{ROWS}</table>",
        f"<p>序</p>{ROWS}",
        "<td>规章</td><td>3</td></tr><tr><td>规范性文件</td><td>8</td></tr></table><p>完</p>",
    ],
)
def test_unclosed_and_cut_tables(page: str) -> None:
    assert one(page) == DATA


def test_headings_and_places() -> None:
    document = html("<h1>年报</h1><p>序</p><h2>一、总体</h2>")
    assert [(b.text, b.heading, b.at) for b in document.lines()] == [
        ("年报", 1, "paragraph 1"),
        ("序", 0, "paragraph 2"),
        ("一、总体", 2, "paragraph 3"),
    ]


def test_preformatted_and_break_text_with_pipes_is_read_as_text() -> None:
    for page in (
        "<html><body><pre>二、情况\n规章 | 3\n规范性文件 | 8\n</pre></body></html>",
        "<html><body>二、情况<br>规章 | 3<br>规范性文件 | 8</body></html>",
    ):
        document = html(page)
        assert grids(document) == [DATA]
        assert next(document.grids()).fidelity is Fidelity.DELIMITED


def test_preformatted_text_keeps_inner_space() -> None:
    assert lines(html("<html><pre>一、新收   2  0\n二、结转   1  0</pre>")) == [
        "一、新收   2  0",
        "二、结转   1  0",
    ]


def test_blank_lines_of_double_breaks_are_kept_without_tables() -> None:
    assert lines(html("<html><body>规章<br><br>规范性文件<br>8</body>")) == [
        "规章",
        "",
        "规范性文件",
        "8",
    ]


def test_escaped_markup_in_a_page() -> None:
    escaped = f"<table>{ROWS}</table>".replace("<", "&lt;").replace(">", "&gt;")
    assert one(f"<html><body><div>{escaped}</div></body></html>") == DATA
    twice = escaped.replace("&", "&amp;")
    assert one(f"<html><body><div>{twice}</div></body></html>") == DATA


def test_markup_in_json() -> None:
    content = f"<p>序</p><table>{ROWS}</table>"
    whole = json.dumps({"title": "某局年报", "data": {"content": content}}, ensure_ascii=True)
    document = read(whole.encode(), "a.json")
    assert grids(document) == [DATA]
    assert document.format == "html"
    assert document.metadata["title"] == "某局年报"
    unicode_escaped = whole.replace("<", "\\u003c").replace(">", "\\u003e")
    assert grids(read(unicode_escaped.encode(), "a.txt")) == [DATA]
    assert (
        one(f"<html><script>var s = {unicode_escaped};</script><body>加载中</body></html>") == DATA
    )
    assert grids(read(whole[:-4].encode(), "cut.json")) == [DATA]


def test_fragment_by_any_name_and_markdown_by_any_name() -> None:
    assert grids(read(f"<p>一</p><table>{ROWS}</table>".encode(), "a.txt")) == [DATA]
    document = read("# 年报\n\n| 规章 | 3 |\n|---|---|\n| 规范性文件 | 8 |\n".encode(), "a.html")
    assert (document.format, grids(document)) == ("text", [DATA])


def test_markdown_with_tables_in_html() -> None:
    content = (
        f"# 年报\n\n一、总体情况\n\n<table>{ROWS}</table>\n\n## 三、申请\n\n"
        "| 甲 | 1 |\n|---|---|\n| 乙 | 2 |\n"
    )
    document = read(content.encode(), "a.md")
    assert document.format == "text"
    assert grids(document) == [DATA, [["甲", "1"], ["乙", "2"]]]
    assert [grid.number for grid in document.grids()] == [1, 2]
    assert [(b.text, b.heading, b.at) for b in document.lines() if b.heading] == [
        ("年报", 1, "line 1"),
        ("三、申请", 2, "line 7"),
    ]


@pytest.mark.parametrize(
    "holder",
    ["<template>{}</template>", "<noscript>{}</noscript>", "<script type='text/html'>{}</script>"],
)
def test_an_article_that_its_page_holds_for_a_script_is_read(holder: str) -> None:
    article = holder.format(f"<p>一、总体情况</p><table>{ROWS}</table>")
    assert one(f"<html><body><p>加载中</p>{article}</body></html>") == DATA
    # … but never beside a table that the page shows, and a comment is no page
    assert one(f"<table>{ROWS}</table>{article}") == DATA
    commented = f"<html><body><p>加载中</p><!--<table>{ROWS}</table>--></body></html>"
    assert grids(html(commented)) == []


def test_a_style_sheet_for_print_hides_nothing_on_the_screen() -> None:
    sheet = "<style media='{}'>td{{display:none}}</style>"
    assert one(f"{sheet.format('print')}<table>{ROWS}</table>") == DATA
    assert one(f"{sheet.format('(max-width:600px)')}<table>{ROWS}</table>") == DATA


def test_page_metadata() -> None:
    page = (
        "<!-- saved from url=(0030)http://a.gov.cn/old.html --><html><head>"
        "<title>某局2023年年报-某县政府</title><title>页脚</title>"
        '<meta name="SiteName" content="某县人民政府">'
        '<meta name="PubDate" content="2024-01-17 10:00">'
        '<link rel="canonical" href="https://a.gov.cn/1.html"></head><body>'
        "<table><tr><td>索 引 号：</td><td>01/2024-2</td><td>发布机构</td><td>某县某局</td></tr>"
        "<tr><td>名　　称</td><td colspan=3>某局2023年年报</td></tr>"
        "<tr><td>文号</td><td></td><td>成文日期</td><td>2024-01-10</td></tr></table>"
        "<p>来源：某县信息中心 浏览次数：128 发布日期：2024-01-18</p>"
        "<p>一、总体情况</p></body></html>"
    )
    assert html(page, "x.html").metadata == {
        "title": "某局2023年年报",
        "publisher": "某县某局",
        "published": "2024-01-17 10:00",
        "url": "https://a.gov.cn/1.html",
        "index_number": "01/2024-2",
        "site_name": "某县人民政府",
        "filename": "x.html",
    }


def test_units_in_a_form_are_no_publisher() -> None:
    page = "<table><tr><td>本年收费金额（单位：万元）</td><td>3</td></tr></table><p>x</p>"
    assert "publisher" not in html(page).metadata


def test_too_large_a_table_is_refused_with_words() -> None:
    limits = Limits(max_grid_cells=10)
    with pytest.raises(RejectedDocument) as caught:
        read(("<table>" + "<tr><td>1<td>2</tr>" * 6).encode(), "a.html", limits)
    assert caught.value.code == "too_large"
    assert "6 行" in caught.value.message
    assert caught.value.hint


def test_a_long_note_in_a_data_row_keeps_the_table_whole() -> None:
    note = "<p>" + "填报说明。" * 40 + "</p>" * 1 + "<p>" + "补充说明。" * 40 + "</p>"
    rows = "".join(f"<tr><td>项{n}</td><td>{n}</td><td>x</td></tr>" for n in range(3))
    page = f"<table><tr><td rowspan=5>甲</td><td>项</td><td>数</td><td>注</td></tr>{rows}"
    crossed = f"{page}<tr><td colspan=3>{note}</td></tr></table>"
    assert len(one(crossed)) == 5
    beside = f"<table>{rows}<tr><td>项9</td><td>9</td><td>{note}</td></tr></table>"
    assert [row[1] for row in one(beside)] == ["0", "1", "2", "9"]


def test_prose_in_the_only_cell_of_a_row_is_lines_between_grids() -> None:
    prose = "<p>" + "叙述。" * 60 + "</p><p>" + "又叙述。" * 60 + "</p>"
    page = f"<table>{ROWS}<tr><td colspan=2>{prose}</td></tr>{ROWS}</table>"
    document = html(page)
    assert grids(document) == [DATA, DATA]
    assert [type(block).__name__ for block in document.blocks] == ["Grid", "Line", "Line", "Grid"]


def test_a_frame_of_menu_and_text_is_lines() -> None:
    prose = "".join(f"<p>第{n}段" + "叙述。" * 40 + "</p>" for n in range(5))
    document = html(f"<table><tr><td>菜单</td><td>{prose}</td></tr></table>")
    assert len(lines(document)) == 6
    assert grids(document) == []


@pytest.mark.parametrize(
    "page",
    [
        "<textarea style='display:none'>{}</textarea>",
        '<iframe srcdoc="{}"></iframe>',
    ],
)
def test_an_article_that_a_script_would_show_is_read(page: str) -> None:
    held = f"<table>{ROWS}</table>".replace("<", "&lt;").replace(">", "&gt;")
    assert one(page.format(held)) == DATA
    # Beside a table of the page itself it is a form's field.
    assert one(f"<table><tr><td>项目</td><td>数量</td></tr></table>{page.format(held)}") == [
        ["项目", "数量"]
    ]
