"""The file formats of one figure, declared once: the card's menu and the command line read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from dashboard.export import data, picture, xlsx
from dashboard.export.base import Item
from dashboard.export.safe import filename


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: its words in the catalogue (``export.kind_<key>``), its file, how it is made."""

    key: str
    ending: str
    mime: str
    group: str
    make: Callable[[Item], bytes]
    mark: str = ""

    def name(self, item_title: str, build: str) -> str:
        """The file's name."""
        return filename(item_title, build + self.mark, ending=self.ending)


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Final = (
    Kind("png", "png", "image/png", "picture", partial(picture.png, scale=2)),
    Kind("png_large", "png", "image/png", "picture", partial(picture.png, scale=3), "_3x"),
    Kind("svg", "svg", "image/svg+xml", "picture", picture.svg_file),
    Kind("pdf", "pdf", "application/pdf", "picture", picture.pdf),
    Kind("xlsx", "xlsx", _XLSX, "data", lambda item: xlsx.workbook([item], values=True)),
    Kind("csv", "zip", "application/zip", "data", data.as_csv),
    Kind("parquet", "parquet", "application/vnd.apache.parquet", "data", data.as_parquet),
    Kind("json", "json", "application/json", "data", data.as_json),
)
BY_KEY: Final = {kind.key: kind for kind in KINDS}
GROUPS: Final = ("picture", "data")
