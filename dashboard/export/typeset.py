"""Typst with the bundled fonts: pages as PDF, drawings as pixels. The same on every machine."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import typst

from dashboard.export import fonts

_DRAWING: Final = b"""
#let d = json(bytes(sys.inputs.doc))
#set document(title: d.title)
#set text(lang: d.lang)
#set page(width: d.wide * 1pt, height: d.high * 1pt, margin: 0pt)
#image(bytes(d.svg), format: "svg", width: d.wide * 1pt, height: d.high * 1pt, alt: d.alt)
"""


@cache
def _fonts() -> Any:
    """The bundled fonts alone, read once a process."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(fonts.folder())],
    )  # fmt: skip


def _compiler(template: bytes, data: dict[str, Any]) -> Any:
    return typst.Compiler(
        template, font_paths=_fonts(), ignore_system_fonts=True,
        sys_inputs={"doc": json.dumps(data, ensure_ascii=False)},
    )  # fmt: skip


def pdf(template: bytes, data: dict[str, Any]) -> bytes:
    """A template (which reads ``sys.inputs.doc``) with its data as tagged PDF."""
    out: bytes = _compiler(template, data).compile(format="pdf", timestamp=0)
    return out


def drawn(drawing: str, wide: float, high: float, title: str, alt: str, lang: str) -> bytes:
    """A drawing (SVG text) as a PDF page of its own size, in points; text stays text.

    vl-convert gives the same text on a page of the same size, five to ten times as slowly
    (measured, vl-convert 1.9: 0.13 to 0.27 s against 0.03), five times as large where there are
    many marks, without tags, and holding Python's lock.
    """
    return pdf(_DRAWING, _page(drawing, wide, high, title=title, alt=alt, lang=lang))


def _page(
    drawing: str, wide: float, high: float, *, title: str = "", alt: str = "", lang: str = "zh"
) -> dict[str, Any]:
    return {"svg": drawing, "wide": wide, "high": high, "title": title, "alt": alt, "lang": lang}


def png(drawing: str, wide: float, high: float, scale: float) -> bytes:
    """A drawing (SVG text) as PNG, ``scale`` pixels a unit.

    vl-convert draws the same pixels, but opens the font file for every glyph: a picture with our
    passport takes it 0.3 to 1 s, this a tenth (measured, vl-convert 1.9, benchmarks/bench_export).
    """
    out: bytes = _compiler(_DRAWING, _page(drawing, wide, high)).compile(
        format="png", ppi=72 * scale
    )
    return out
