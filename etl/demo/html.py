"""HTML renderings: pages as content systems and saved Word documents leave them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from etl.demo.model import DEMO_MARK, DemoReport
from etl.demo.tables import Table, TableCell, table2, table2_parts, table3, table4
from etl.form import load_form


@dataclass(frozen=True)
class Markup:
    """How paragraphs and cells are marked up.

    ``wide`` and ``narrow`` are templates with ``{}`` for the text, of a paragraph and of a cell's
    inside; ``td`` is the opening of a cell with ``{}`` for its span attributes. ``blank`` stands
    in an empty cell. ``split_runs`` cuts text into runs at digits, as Word's export does.
    """

    wide: str
    narrow: str
    td: str
    table: str
    blank: str = ""
    split_runs: bool = False


PLAIN = Markup("<p>{}</p>", "{}", "<td{}>", '<table border="1">')
STYLED = Markup(
    '<p style="text-indent:2em;line-height:2">{}</p>',
    '<p align="center">{}</p>',
    '<td style="width:60px;"{}>',
    '<table align="center" border="1" cellspacing="1">',
    blank="&nbsp;",
)
_SPAN = (
    '<span style="font-family: 仿宋;"><font face="仿宋_GB2312" style="font-family: 仿宋;">{}'
    "</font></span>"
)
WORD = Markup(
    '<p class="MsoNormal" style="text-indent: 2em; text-align: justify; line-height: 2;">'
    + _SPAN + '<span style="font-family: 仿宋;"><o:p></o:p></span></p>',
    '\n      <p class="MsoNormal" style="text-align: justify; line-height: 2;">'
    + _SPAN + '<span style="font-family: 仿宋;"><o:p></o:p></span></p>\n      ',
    '      <td{} style="font-family: 仿宋; border: solid windowtext 1.0pt;" width="60" '
    'valign="center">',
    '<table style="BORDER-COLLAPSE:collapse" cellspacing="0" cellpadding="2" '
    'bordercolor="#000000" border="1">',
    split_runs=True,
)  # fmt: skip


@dataclass(frozen=True)
class PageStyle:
    """How an HTML document is laid out.

    ``page`` puts the article into its surroundings. ``split3`` prints table 3 as two tables with
    (``headed``) or without (``bare``) the header repeated; ``split2`` prints table 2 a table a
    block. ``broken`` breaks header words over lines.
    """

    page: Callable[[DemoReport, str, str], str]
    markup: Markup = PLAIN
    split2: bool = False
    split3: str = ""
    broken: bool = False


def document(report: DemoReport, style: PageStyle, rng: random.Random) -> str:
    """The whole page as text; the encoding is the layout's."""
    markup = style.markup
    body = [_paragraph(DEMO_MARK, markup)]
    body += [_paragraph(text, markup) for text in report.sections["preface"]]
    for section in load_form().tables.sections:
        body.append(_paragraph(section.zh, markup))
        body += [_paragraph(text, markup) for text in report.sections.get(section.key, ())]
        body += [_table(table, markup) for table in _tables(report, section.key, style)]
    if rng.random() < 0.5:
        body.append(_paragraph(report.office, markup))
    return style.page(report, "\n".join(body), "utf-8")


def _tables(report: DemoReport, section: str, style: PageStyle) -> list[Table]:
    broken = style.broken
    if section == "s2":
        if style.split2:
            return table2_parts(report, broken=broken)
        return [table2(report, broken=broken)]
    if section == "s3" and style.split3:
        half = next(i for i, r in enumerate(report.rows) if r == "unavail_not_held")
        first = table3(report, broken=broken, rows=report.rows[:half])
        rest = table3(report, broken=broken, rows=report.rows[half:])
        if style.split3 == "bare":
            rest = Table(rest.name, rest.width, rest.rows[3:])
        return [first, rest]
    if section == "s3":
        return [table3(report, broken=broken)]
    return [table4(report, broken=broken)] if section == "s4" else []


def _runs(text: str, markup: Markup) -> str:
    """Word cuts a paragraph into runs wherever the font changes, that is at every digit run."""
    if not markup.split_runs:
        return text
    out, digits = [], False
    for char in text:
        if char.isdigit() != digits:
            out.append("</font></span><span><font>")
            digits = not digits
        out.append(char)
    return "".join(out)


def _paragraph(text: str, markup: Markup) -> str:
    return markup.wide.format(_runs(escape(text), markup))


def _table(table: Table, markup: Markup) -> str:
    out = [markup.table, "<tbody>"]
    narrow, td = markup.narrow, markup.td
    plain_td, spanned_td = td.format(""), td
    before, _, after = narrow.partition("{}")
    for row in table.rows:
        out.append("<tr>")
        for cell in row:
            spans = _spans(cell)
            head = spanned_td.format(spans) if spans else plain_td
            text = escape(cell.text).replace("\n", "<br />") if cell.text else markup.blank
            out.append(f"{head}{before}{text}{after}</td>")
        out.append("</tr>")
    out.append("</tbody></table>")
    return "\n".join(out)


def _spans(cell: TableCell) -> str:
    if cell.rowspan == 1 and cell.colspan == 1:
        return ""
    spans = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    return spans + (f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else "")


def _head(report: DemoReport, charset: str, extra: str = "") -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="{charset}">\n'
        f'<meta name="disclosure-demo" content="true">\n{extra}'
        f"<title>{escape(report.title)}</title>\n</head>\n"
    )


def article_page(report: DemoReport, body: str, charset: str) -> str:
    """A clean page: title, date, article."""
    return (
        _head(report, charset) + f"<body>\n<article>\n<h1>{escape(report.title)}</h1>\n"
        f"<p>发布日期：{report.published}</p>\n{body}\n</article>\n</body>\n</html>\n"
    )


def portal_page(report: DemoReport, body: str, charset: str) -> str:
    """A disclosure portal: breadcrumb, menu, metadata table 索引号/发布机构/发布日期, footer."""
    office = escape(report.office)
    extra = (
        f'<meta name="SiteName" content="{office}">\n'
        f'<meta name="PubDate" content="{report.published} 09:00:00">\n'
        "<style>.c1{width:90px}</style>\n<script>var hits = 1280;</script>\n"
    )
    facts = (
        ("名称", report.title), ("索引号", report.index_number), ("分类", "政府信息公开年报"),
        ("发布机构", report.office), ("发布日期", report.published), ("文号", ""),
    )  # fmt: skip
    cells = [f'<td class="c1">{k}</td><td class="c2">{escape(v)}</td>' for k, v in facts]
    rows = "".join(f"<tr>{a}{b}</tr>\n" for a, b in zip(cells[::2], cells[1::2], strict=True))
    return (
        _head(report, charset, extra)
        + '<body>\n<div class="nav"><a href="#">首页</a> &gt; <a href="#">政府信息公开</a> &gt; '
        '<a href="#">年度报告</a></div>\n<ul class="menu"><li>规章</li><li>行政规范性文件</li>'
        f'<li>行政许可</li><li>行政处罚</li></ul>\n<table class="info"><tbody>\n{rows}'
        f'</tbody></table>\n<div class="content"><h1>{escape(report.title)}</h1>\n'
        f"<!-- article -->\n{body}\n<!-- article over --></div>\n"
        f'<div class="footer">主办：{office}　浏览次数：1280　<span style="display:none">0</span>'
        "</div>\n</body>\n</html>\n"
    )


def nested_page(report: DemoReport, body: str, charset: str) -> str:
    """An old page whose layout is made of tables within tables."""
    return (
        _head(report, charset) + '<body>\n<table width="980"><tr><td colspan="2">'
        "<table><tr><td>首页</td><td>公开指南</td><td>公开年报</td></tr></table></td></tr>\n"
        '<tr><td width="180">'
        "<table><tr><td>通知公告</td></tr><tr><td>政策解读</td></tr></table></td><td>\n"
        f'<table width="100%"><tr><td align="center"><b>{escape(report.title)}</b></td></tr>'
        f"<tr><td>来源：{escape(report.office)}　时间：{report.published}</td></tr>\n"
        f"<tr><td>{body}</td></tr></table>\n"
        "</td></tr></table>\n</body>\n</html>\n"
    )


def escaped_page(report: DemoReport, body: str, charset: str) -> str:
    """A page that shows its article as escaped markup: HTML inside a saved page."""
    return (
        _head(report, charset) + f"<body>\n<h1>{escape(report.title)}</h1>\n"
        f'<div id="content">{escape(body)}</div>\n</body>\n</html>\n'
    )


def legacy_charset(
    page: Callable[[DemoReport, str, str], str],
) -> Callable[[DemoReport, str, str], str]:
    """The same page, declaring gb2312."""
    return lambda report, body, _: page(report, body, "gb2312")
