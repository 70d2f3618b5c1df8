"""Cut the bundled Chinese font into the two small files the browser may ask for.

Run by hand when the font package changes: ``python -m dashboard.build_font``. Needs fontTools and
brotli, which the dashboard itself does not. Source: Noto Sans SC Regular as packaged by
``pylopdf-fonts-zh-cn`` (SIL OFL 1.1; its text is written beside the files).

Two font families, each one file, at the end of the theme's font list: ``Observatory Noto Sans SC``
(GB 2312 with Latin and punctuation) and ``… Rare`` (the rest of GBK that the font has, for names
of people and places). A browser asks for a family only when no font before it has a character, so
readers with a Chinese system font load neither, others usually the first alone. The whole font
would be 8 MB; ``unicodeRange`` would send 100 KB of ranges with every session.
"""

from __future__ import annotations

import re
from importlib.metadata import files
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STATIC = HERE / "static"
CONFIG = HERE / ".streamlit" / "config.toml"
FAMILIES = {"gb2312": "Observatory Noto Sans SC", "rare": "Observatory Noto Sans SC Rare"}
PACKAGE = "pylopdf-fonts-zh-cn"
MARKS = ("# --- font faces, written by build_font.py ---", "# --- end of font faces ---")


def gbk_characters(lead: range, trail: range) -> set[int]:
    """Code points of a rectangle of GBK byte pairs."""
    found: set[int] = set()
    for first in lead:
        for second in trail:
            try:
                found.add(ord(bytes((first, second)).decode("gbk")))
            except UnicodeDecodeError:
                continue
    return found


def slices() -> dict[str, set[int]]:
    """File name → code points; no code point stands in two files."""
    latin = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | set(range(0x2010, 0x2040))
    marks = {0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2260, 0x2264, 0x2265, 0x25B2, 0x25BC}
    symbols = gbk_characters(range(0xA1, 0xAA), range(0xA1, 0xFF)) | set(range(0x3000, 0x3040))
    fullwidth = set(range(0xFF01, 0xFF5F))
    hanzi = gbk_characters(range(0xB0, 0xF8), range(0xA1, 0xFF))
    gb2312 = latin | marks | symbols | fullwidth | hanzi
    return {"gb2312": gb2312, "rare": gbk_characters(range(0x81, 0xFF), range(0x40, 0xFF)) - gb2312}


def source_font() -> tuple[Path, str]:
    """The packaged font file and the text of its licence."""
    packaged = files(PACKAGE) or []
    font = next(Path(str(f.locate())) for f in packaged if f.name == "NotoSansSC-Regular.otf")
    licence = next(f.read_text() for f in packaged if f.name == "LICENSE")
    return font, licence


def cut(font: Path, points: set[int], target: Path) -> set[int]:
    """Write one woff2 file; the code points it holds are returned."""
    from fontTools import subset  # type: ignore[import-untyped,unused-ignore]

    options: Any = subset.Options(
        flavor="woff2", layout_features=["kern", "liga", "calt"], hinting=False, desubroutinize=True
    )
    loaded = subset.load_font(str(font), options)
    held = points & set(loaded.getBestCmap())
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=held)
    cutter.subset(loaded)
    subset.save_font(loaded, str(target), options)
    return held


def main() -> None:
    """Write the files, their licence and the font faces in the Streamlit configuration."""
    font, licence = source_font()
    STATIC.mkdir(exist_ok=True)
    (STATIC / "OFL.txt").write_text(licence, encoding="utf-8")
    faces = []
    for name, points in slices().items():
        target = STATIC / f"noto-sans-sc-{name}.woff2"
        held = cut(font, points, target)
        faces.append(
            f'[[theme.fontFaces]]\nfamily = "{FAMILIES[name]}"\nurl = "app/static/{target.name}"\n'
            'weight = "100 900"\n'
        )
        print(f"{target.name}: {len(held)} characters, {target.stat().st_size / 1024:.0f} KB")
    block = "\n".join([MARKS[0], *faces, MARKS[1]])
    text = CONFIG.read_text(encoding="utf-8")
    pattern = re.escape(MARKS[0]) + ".*?" + re.escape(MARKS[1])
    CONFIG.write_text(re.sub(pattern, lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
