"""The products of a briefing, declared once: the page's buttons and the command line read them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard import formats
from dashboard.export import blocks, data, docx, pdf, picture, pptx, slides, xlsx
from dashboard.export.base import Item, filters_of, metadata
from dashboard.export.safe import clean, filename, stem

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pack:
    """Some figures on their way into one file. Not empty.

    ``lines`` stand below the title. ``report``: A4 pages rather than slides, where a format has
    both. ``template``: a user's .pptx for the slides.
    """

    items: tuple[Item, ...]
    title: str
    lines: tuple[str, ...] = ()
    report: bool = False
    tables: bool = True
    template: bytes | None = None
    today: dt.date | None = None

    @property
    def build(self) -> str:
        """The builds its figures are of, newest last."""
        return "_".join(sorted({item.view.build.id for item in self.items}))


@dataclass(frozen=True, slots=True)
class Product:
    """A file format: words ``briefing.product_<key>``, how it is made."""

    key: str
    ending: str
    mime: str
    make: Callable[[Pack, Progress], bytes]

    def name(self, pack: Pack) -> str:
        """The file's name."""
        return filename(pack.title, pack.build, ending=self.ending)


def document(pack: Pack, progress: Progress) -> blocks.Document:
    """The figures as a document of pages: each with heading, words, picture, table; definitions."""
    found: list[blocks.Block] = []
    drawings = []
    for n, item in enumerate(pack.items):
        progress(n, len(pack.items))
        drawings.append(blocks.begun(item))
    for n, (item, drawing) in enumerate(zip(pack.items, drawings, strict=True)):
        if n:
            found.append(blocks.Break())
        found += blocks.figure(item, table=pack.tables, level=1, today=pack.today, drawing=drawing)
    if appendix := blocks.appendix(pack.items):
        found += [blocks.Break(), *appendix]
    view = pack.items[0].view
    demo = any(item.view.meta.is_demo for item in pack.items)
    foot = blocks.footer(view, pack.today)
    return blocks.Document(pack.title, tuple(found), view.lang, pack.lines, foot, demo)


def _docx(pack: Pack, progress: Progress) -> bytes:
    return docx.render(document(pack, progress))


def _pdf(pack: Pack, progress: Progress) -> bytes:
    if pack.report:
        return pdf.render(document(pack, progress))
    return slides.deck(
        pack.items, pack.title, lines=pack.lines, tables=pack.tables, today=pack.today,
        progress=progress,
    )  # fmt: skip


def _pptx(pack: Pack, progress: Progress) -> bytes:
    return pptx.deck(
        pack.items, pack.title, lines=pack.lines, tables=pack.tables, today=pack.today,
        own_template=pack.template, progress=progress,
    )  # fmt: skip


def _xlsx(pack: Pack, progress: Progress) -> bytes:
    return xlsx.workbook(pack.items, title=pack.title, today=pack.today, progress=progress)


def _zip(pack: Pack, progress: Progress) -> bytes:
    """Every picture as PNG and SVG, every table and its values as CSV, notes, a list of them."""
    files: list[tuple[str, bytes]] = []
    listed: list[dict[str, str]] = []
    t = pack.items[0].view.t
    drawings = []
    for n, item in enumerate(pack.items):
        progress(n, len(pack.items))
        drawings.append(picture.begin(item, today=pack.today, scale=2))
    for n, (item, drawing) in enumerate(zip(pack.items, drawings, strict=True), start=1):
        name = f"{n:02d}_{stem(item.heading)[:80]}"
        drawn = drawing.result()
        note = json.dumps(metadata(item, pack.today), ensure_ascii=False, indent=1)
        table = data.shown(item).map(lambda v: "" if v == formats.MISSING else v)
        files += [
            (f"{name}.png", drawn.png),
            (f"{name}.svg", picture.standalone(drawn.svg)),
            (f"{name}_{t('export.part_table')}.csv", data.csv(table)),
            (f"{name}_{t('export.part_data')}.csv", data.values_csv(item)),
            (f"{name}_{t('export.part_notes')}.json", note.encode("utf-8")),
        ]
        listed.append(
            {
                t("export.source_figure"): str(n), t("export.column_title"): clean(item.heading),
                t("export.column_file"): name, t("export.column_filters"): filters_of(item.view),
                t("export.column_build"): item.view.build.id,
            }
        )  # fmt: skip
    index = filename(t("export.contents"), ending="csv")
    files.insert(0, (index, data.csv(pd.DataFrame(listed), (pack.title, *pack.lines))))
    progress(len(pack.items), len(pack.items))
    return data.archive(files)


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
PRODUCTS: Final = (
    Product("pptx", "pptx", _OFFICE + "presentationml.presentation", _pptx),
    Product("docx", "docx", _OFFICE + "wordprocessingml.document", _docx),
    Product("xlsx", "xlsx", _OFFICE + "spreadsheetml.sheet", _xlsx),
    Product("pdf", "pdf", "application/pdf", _pdf),
    Product("zip", "zip", "application/zip", _zip),
)
BY_KEY: Final = {product.key: product for product in PRODUCTS}


def make(key: str, pack: Pack, progress: Progress = lambda done, total: None) -> bytes:
    """A product of a pack.

    Raises:
        KeyError: no such product.
        TemplateError: the user's template cannot be used.
    """
    return BY_KEY[key].make(pack, progress)


def titled(items: Sequence[Item], title: str) -> str:
    """The pack's title: the author's, else the first figure's."""
    return title or (items[0].heading if items else "")
