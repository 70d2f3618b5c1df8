"""The registry of layouts: how a demo document may look. Tests iterate all of it.

``code`` is the rendering's code in the survey of real pages (domain/variety.md, 110 pages with a
table): CB 35, P 28, PT 27, PL 5, MD 5, RUN 2, D 2, C 2, flip-book 2, HTML 2. Those were texts that
crawlers left; portals serve HTML, so the demo gives HTML four parts in ten and shares the rest by
the survey, the degraded ones kept at their small share.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from etl.demo import html, package, text
from etl.demo.model import DemoReport

#: How much of the print a perfect, honest reader can be sure of in such a layout.
#: ``structured``: every cell. ``delimited``: every cell of a row without blanks (in a row with
#: blanks the columns are not certain). ``degraded``: nothing for certain, so every figure may be
#: ``unread`` and none may differ. ``lost``: the figures are not in the document.
Fidelity = Literal["structured", "delimited", "degraded", "lost"]


@dataclass(frozen=True)
class Layout:
    """One way to write a report down. ``weight`` is its share in the demo corpus."""

    key: str
    format: str
    code: str
    weight: float
    fidelity: Fidelity
    write: Callable[[DemoReport, random.Random], bytes]
    suffix: str

    @property
    def degraded(self) -> bool:
        """Whether the layout lost what ties figures to cells."""
        return self.fidelity in ("degraded", "lost")


def _page(
    key: str,
    weight: float,
    style: html.PageStyle,
    *,
    encoding: str = "utf-8",
    fidelity: Fidelity = "structured",
) -> Layout:
    def write(report: DemoReport, rng: random.Random) -> bytes:
        return html.document(report, style, rng).encode(encoding)

    return Layout(f"html_{key}", "html", "HTML", weight, fidelity, write, ".html")


def _text(
    key: str,
    code: str,
    weight: float,
    style: text.TextStyle,
    *,
    encoding: str = "utf-8",
    fidelity: Fidelity = "delimited",
) -> Layout:
    def write(report: DemoReport, rng: random.Random) -> bytes:
        return text.document(report, style, rng).encode(encoding)

    suffix = ".md" if style.markdown else ".txt"
    return Layout(f"text_{key}", "text", code, weight, fidelity, write, suffix)


_Style, _Page = text.TextStyle, html.PageStyle
_ALL: Final = (
    _page("clean", 9, _Page(html.article_page)),
    _page("clean_broken_heads", 4, _Page(html.article_page, html.STYLED, broken=True)),
    _page("portal", 8, _Page(html.portal_page, html.STYLED)),
    _page("word", 3, _Page(html.article_page, html.WORD)),
    _page("word_portal", 3, _Page(html.portal_page, html.WORD, split2=True)),
    _page("nested", 4, _Page(html.nested_page)),
    _page("gbk", 4, _Page(html.legacy_charset(html.portal_page)), encoding="gb18030"),
    _page("utf16", 1, _Page(html.article_page), encoding="utf-16"),
    _page("escaped", 1, _Page(html.escaped_page)),
    _page("split", 2, _Page(html.article_page, split3="headed")),
    _page("split_bare", 1, _Page(html.article_page, split3="bare"), fidelity="degraded"),
    _text("cb", "CB", 12, _Style(text.cells_per_line(gap="\n\n"))),
    _text("cb_broken", "CB", 5, _Style(text.cells_per_line(gap="\n\n"), broken=True)),
    _text("c", "C", 1, _Style(text.cells_per_line(gap="\n"))),
    _text("c_tabbed", "C", 2, _Style(text.tabbed_lines, broken=True)),
    _text("p_padded", "P", 4, _Style(text.pipe_rows(pad=True, groups="once"))),
    _text("p_bare", "P", 3, _Style(text.pipe_rows(pad=False, groups="once", trailing=False))),
    _text("p_empty_groups", "P", 3, _Style(text.pipe_rows(pad=True, groups="empty"))),
    _text("p_repeated_groups", "P", 2, _Style(text.pipe_rows(pad=False, groups="repeated"))),
    _text(
        "p_second_head", "P", 2,
        _Style(text.pipe_rows(pad=False, groups="once", split_head=True), broken=True),
    ),
    _text("p_gbk", "P", 1, _Style(text.pipe_rows(pad=True, groups="once")), encoding="gb18030"),
    _text("pt", "PT", 9, _Style(text.pipe_tails)),
    _text("pt_broken", "PT", 3, _Style(text.pipe_tails, broken=True)),
    _text("pl", "PL", 2, _Style(text.pipe_lines)),
    _text("md", "MD", 2, _Style(text.markdown(), markdown=True)),
    _text("md_broken", "MD", 1, _Style(text.markdown(), broken=True, markdown=True)),
    _text("aligned", "WS", 1, _Style(text.aligned)),
    _text("run", "RUN", 0.5, _Style(text.run_together), fidelity="degraded"),
    _text(
        "run_paragraph", "RUN", 0.3, _Style(text.run_together, after=text.one_paragraph),
        fidelity="degraded",
    ),
    _text("glued", "RUN", 0.3, _Style(text.glued), fidelity="degraded"),
    _text(
        "dedup", "D", 0.5, _Style(text.cells_per_line(gap="\n"), after=text.drop_repeated_lines),
        fidelity="degraded",
    ),
    _text("moved_blanks", "P", 1, _Style(text.moved_blanks), fidelity="degraded"),
    _text("vanished_blanks", "CB", 0.3, _Style(text.vanished_blanks), fidelity="degraded"),
    _text("flip_book", "EB", 0.5, _Style(text.flip_book), fidelity="degraded"),
    _text("labels_only", "CB", 0.2, _Style(text.labels_only), fidelity="lost"),
    _text("no_tables", "", 0.3, _Style(text.labels_only, tables=False), fidelity="lost"),
    Layout("docx", "docx", "DOCX", 3, "structured", package.docx, ".docx"),
    Layout("xlsx", "xlsx", "XLSX", 1, "structured", package.xlsx, ".xlsx"),
)  # fmt: skip

#: Every layout by key.
LAYOUTS: Final[dict[str, Layout]] = {layout.key: layout for layout in _ALL}


def draw_layout(rng: random.Random, *, formats: tuple[str, ...] = ()) -> Layout:
    """A layout drawn by weight, optionally of some formats only."""
    chosen = [x for x in _ALL if not formats or x.format in formats]
    return rng.choices(chosen, [x.weight for x in chosen])[0]
