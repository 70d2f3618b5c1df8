"""A :class:`~dashboard.export.blocks.Document` as PDF, set by Typst with the bundled fonts.

Everything that varies is data (JSON) to a fixed template: no text is ever read as markup. Text
stays text, charts included, and the file is tagged, so that it can be searched and read aloud.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from dashboard import theme
from dashboard.export import picture, typeset
from dashboard.export.blocks import Block, Document, Heading, Picture, Table, Text
from dashboard.export.safe import clean

TEMPLATE: Final = Path(__file__).parent / "paper.typ"
#: The page's width in ems of a table's words: of a briefing, of a letter.
_ROOM: Final = {False: 16.6 / 2.54 * 72 / 8, True: 16.6 / 2.54 * 72 / 10.5}


def render(document: Document) -> bytes:
    """The document as PDF."""
    return typeset.pdf(TEMPLATE.read_bytes(), _data(document))


def _data(d: Document) -> dict[str, Any]:
    before, between, after = d.t("export.page_of").replace("{total}", "{page}").split("{page}")
    return {
        "title": clean(d.title),
        "subtitle": [clean(line) for line in d.subtitle],
        "footer": clean(d.footer),
        "demo": d.t("export.demo_tag") if d.demo else "",
        "formal": d.formal,
        "lang": d.lang,
        "author": d.t("app.title"),
        "page": [before, between, after],
        "ink": {k: getattr(theme.LIGHT, k) for k in ("ink", "quiet", "line", "main", "warn")},
        "blocks": [
            _block(b, label, _ROOM[d.formal]) | {"sticky": leads}
            for b, label, leads in zip(d.blocks, d.labels(), d.leads(), strict=True)
        ],
    }


def _block(block: Block, label: str, room: float) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": clean(block.text), "level": min(max(block.level, 1), 3)}
    if isinstance(block, Text):
        return {"kind": "text", "text": clean(block.text), "style": block.style}
    if isinstance(block, Picture):
        wide, high = picture.size(block.drawing)
        return {
            "kind": "picture", "svg": block.drawing, "alt": clean(block.alt), "wide": wide,
            "high": high, "caption": f"{label}　{clean(block.caption)}",
        }  # fmt: skip
    if isinstance(block, Table):
        return {
            "kind": "table", "columns": list(map(clean, block.columns)), "head": block.head,
            "rows": [list(map(clean, row)) for row in block.rows],
            "right": sorted(block.right), "shares": block.shares(room),
            "caption": f"{label}　{clean(block.caption)}" if block.caption else "",
        }  # fmt: skip
    return {"kind": "break"}
