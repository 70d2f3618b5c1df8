"""What other programs make of our demo documents: printed, saved as, exported.

Chromium prints HTML to PDF; LibreOffice turns HTML into DOCX, DOC, XLSX and XLS and prints Word
documents. Nothing here is ours, so a reader cannot have been written to please it.
"""

from __future__ import annotations

import base64
import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import dashboard

#: Fonts, margins, paddings and headers that print drivers and style sheets choose between.
_FONTS: Final = ("'Noto Sans SC'", "'WenQuanYi Micro Hei'", "'Noto Serif CJK SC'", "sans-serif")
_MARGINS: Final = ("8mm", "12mm", "20mm", "25mm")
_FOOTER: Final = (
    "<div style='font-size:8px;width:100%;text-align:center'>第 <span class='pageNumber'></span>"
    " 页 共 <span class='totalPages'></span> 页</div>"
)


@dataclass(frozen=True)
class Print:
    """How a page is printed: everything a user or a site's style sheet may choose."""

    font: str
    size: int
    padding: int
    margin: str
    landscape: bool
    footer: bool
    keep_rows: bool

    @classmethod
    def draw(cls, rng: random.Random) -> Print:
        return cls(
            rng.choice(_FONTS),
            rng.choice((11, 12, 13, 14, 16)),
            rng.choice((1, 3, 5, 8)),
            rng.choice(_MARGINS),
            rng.random() < 0.25,
            rng.random() < 0.5,
            rng.random() < 0.5,
        )

    @property
    def css(self) -> str:
        rows = "tr{page-break-inside:avoid}" if self.keep_rows else ""
        return (
            f"<style>{_face()}*{{font-family:{self.font},Own,sans-serif !important}}"
            f"body{{font-size:{self.size}px}}"
            "table{border-collapse:collapse;width:100%;font-size:inherit}"
            f"td{{border:1px solid #000;padding:{self.padding}px;text-align:center}}{rows}</style>"
        )


@cache
def _face() -> str:
    """The dashboard's Chinese font, where a page's own is not installed.

    Without any, Chromium 156 prints boxes, and a character of the text below them may be lost: 发
    was, in every word.
    """
    font = Path(dashboard.__file__).parent / "static" / "noto-sans-sc-gb2312.woff2"
    data = base64.b64encode(font.read_bytes()).decode()
    return f'@font-face{{font-family:Own;src:url("data:font/woff2;base64,{data}")}}'


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def soffice() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def pdftotext() -> str | None:
    """poppler's program, where Chromium is there to print something for it."""
    return shutil.which("pdftotext") if chromium() else None


def texts_of(pdf: bytes, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The text of a PDF in each way pdftotext writes it down, with the way's name."""
    program, source = shutil.which("pdftotext"), folder / "print.pdf"
    assert program is not None
    source.write_bytes(pdf)
    for name, options in (("raw", ["-raw"]), ("layout", ["-layout"]), ("plain", [])):
        command = [program, "-enc", "UTF-8", *options, str(source), "-"]
        done = subprocess.run(command, check=True, capture_output=True, timeout=60)
        yield f"pdftotext_{name}", done.stdout


def styled(page: str, style: Print) -> str:
    return page.replace("</head>", style.css + "</head>", 1)


def print_pages(pages: Sequence[tuple[str, Print]], folder: Path) -> Iterator[bytes]:
    """Each page as Chromium prints it; one browser for all."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        tab = browser.new_page()
        for text, style in pages:
            source = folder / "page.html"
            source.write_text(styled(text, style), "utf-8")
            tab.goto(source.as_uri())
            tab.evaluate("document.fonts.ready.then(() => 1)")
            yield tab.pdf(
                format="A4",
                landscape=style.landscape,
                margin=dict.fromkeys(("top", "bottom", "left", "right"), style.margin),
                display_header_footer=style.footer,
                header_template="<div style='font-size:8px'>第一页眉 2023</div>",
                footer_template=_FOOTER,
                print_background=True,
            )
        browser.close()


def convert(
    files: Sequence[Path], to: str, folder: Path, *, infilter: str = "", seconds: int = 600
) -> list[Path]:
    """Each file as LibreOffice saves it, ``to`` as for ``--convert-to``; one start for all."""
    office = soffice()
    assert office is not None
    command = [
        *(office, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
        *([f"--infilter={infilter}"] if infilter else []),
        *("--convert-to", to, "--outdir", str(folder)),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=seconds, env={**os.environ})
    suffix = to.partition(":")[0]
    made = [folder / f"{file.stem}.{suffix}" for file in files]
    assert all(path.exists() for path in made), [p.name for p in made if not p.exists()]
    return made
