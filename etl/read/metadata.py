"""Labelled facts a document states about itself: title, publisher, date, address, index number.

Every format shares the labels below. Where several places name the same fact, the more specific
one wins: a content system's own mark over a metadata table, that over a line of text, that over
the browser title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from etl.document import Grid, Line

#: Labels that name something close to the fact (the day a paper was written, where it was copied
#: from): they count only where no better label stands anywhere.
_WEAK: Final = frozenset(
    {"发文日期", "成文日期", "生成日期", "印发日期", "形成日期", "日期", "时间"}
    | {"单位", "信息来源", "文章来源", "来源"}
)
_WEAK_RANK: Final = 1_000

#: Label as printed (white space and brackets removed) → (key, rank); the lower rank wins. A label
#: with key ``""`` is known, so that it ends the value before it, but is not kept.
_LABELS: Final[dict[str, tuple[str, int]]] = {
    label: (key, rank + (_WEAK_RANK if label in _WEAK else 0))
    for key, ranked in {
        "title": ["名称", "标题", "信息名称", "文件名称", "公文名称", "信息标题", "主题名称"],
        "publisher": [
            "发布机构", "公开主体", "发布单位", "发布部门", "发文机关", "发文机构", "发文单位",
            "公开单位", "公开机构", "责任单位", "责任部门", "信息提供单位", "提供单位", "制发单位",
            "生成单位", "单位", "信息来源", "文章来源", "来源",
        ],
        "published": [
            "发布日期", "公开日期", "公布日期", "发布时间", "公开时间", "公布时间", "发布日",
            "发文日期", "成文日期", "生成日期", "印发日期", "形成日期", "日期", "时间",
        ],
        "index_number": ["索引号", "信息索引号", "索引编号", "索取号"],
        "url": ["原文链接", "网址", "原文地址", "链接", "原文网址", "来源网址", "url", "网页地址"],
        "site_name": ["网站名称", "站点名称", "来源网站"],
        "": [
            "文号", "发文字号", "分类", "主题分类", "体裁分类", "组配分类", "关键词", "主题词",
            "有效性", "时效", "时效性", "文件下载", "栏目", "字体", "字号", "浏览次数", "阅读次数",
            "点击数", "访问次数", "点击量", "浏览量", "作者", "编辑", "责任编辑", "审核", "打印",
            "信息类别", "内容概述", "公开方式", "公开形式", "公开范围", "采集时间", "本地目录",
            "服务对象", "有效期", "失效日期", "废止日期", "生效日期", "语种", "所属分类",
            "所属栏目",
        ],
    }.items()
    for rank, label in enumerate(ranked)
}  # fmt: skip
_METAS: Final[dict[str, tuple[str, int]]] = {
    "articletitle": ("title", 0),
    "og:title": ("title", 6),
    "pubdate": ("published", 0),
    "publishdate": ("published", 1),
    "article:published_time": ("published", 2),
    "contentsource": ("publisher", 1),
    "source": ("publisher", 3),
    "author": ("publisher", _WEAK_RANK),
    "url": ("url", 2),
    "og:url": ("url", 1),
    "canonical": ("url", 0),
    "sitename": ("site_name", 0),
    "og:site_name": ("site_name", 1),
    "ucaptitle": ("title", 0),
    "publishtime": ("published", 0),
    "title": ("title", 9),
}
#: Preference between places, before that between labels of one place.
_PLACE_RANK: Final = {"marked": 0, "table": 1, "meta": 2, "line": 3, "link": 3, "title": 4}
#: A label value standing in the head of a text: at most so many non-empty lines from its start.
_HEAD_LINES: Final = 40
_LONGEST_HEAD_LINE: Final = 300
#: A first section heading ends the head of a text.
_BODY_STARTS: Final = re.compile(r"[#\s]*[一二三四五六]\s*、")
_LONGEST_VALUE: Final = 300
_JUNK: Final = re.compile(r"[\s:：【】\[\]()（）\u200b\ufeff]+")
_LABEL_PATTERN: Final = "|".join(
    r"\s*".join(label) for label in sorted(_LABELS, key=len, reverse=True)
)
_LABELLED: Final = re.compile(
    rf"(?:^|(?<=[\s|｜\[【]))({_LABEL_PATTERN})\s*[】\])）]?\s*[:：]\s*", re.IGNORECASE
)
#: Traditional characters of the labels, one for one, so that places in the text stay the same.
_SIMPLE: Final = str.maketrans(
    "發佈構單開標題稱關門責機時間來號鏈網業務體類頁導鍵範圍點擊瀏覽閱讀數語種編輯審",
    "发布构单开标题称关门责机时间来号链网业务体类页导键范围点击浏览阅读数语种编辑审",
)
_URL: Final = re.compile(r"https?://[^\s\"'<>）)，。]+", re.IGNORECASE)
_DATE: Final = re.compile(
    r"[12][0-9]{3}\s*[-/.年]\s*[0-9]{1,2}\s*(?:[-/.月]\s*[0-9]{1,2}\s*日?)?(?:[\sT]+[0-9:]{4,8})?"
)


@dataclass(slots=True)
class Facts:
    """The best statement of each fact so far."""

    _best: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, place: str, key: str, rank: int, value: str) -> None:
        """Offer a value; kept if none better is known. ``place`` is a key of the rank table."""
        value = " ".join(value.split()).strip("|｜ ")
        if not value or len(value) > _LONGEST_VALUE or not key:
            return
        if key == "publisher" and _URL.match(value):
            key = "url"
        if key == "url":
            found = _URL.search(value)
            if not found:
                return
            value = found.group()
        if key == "published" and not _DATE.search(value):
            return
        total = _PLACE_RANK[place] * 50 + rank
        if key not in self._best or total < self._best[key][0]:
            self._best[key] = (total, value)

    def add_meta(self, place: str, name: str, value: str) -> None:
        """Offer a ``<meta>``, ``<title>``, canonical link or content system's mark."""
        known = _METAS.get(name.strip().lower())
        if known:
            self.add(place, *known, value)

    def add_lines(self, lines: Iterable[Line]) -> None:
        """Offer the ``label: value`` pairs in the head of a text."""
        seen = 0
        for line in lines:
            if not line.text:
                continue
            seen += 1
            if seen > _HEAD_LINES or _BODY_STARTS.match(line.text):
                return
            if len(line.text) <= _LONGEST_HEAD_LINE:
                for key, rank, value in labelled_values(line.text):
                    self.add("line", key, rank, value)

    def add_grid(self, grid: Grid) -> None:
        """Offer the pairs of a metadata table: label cells followed by their value cells."""
        for cells in grid.rows():
            for cell, following in zip(cells, [*cells[1:], None], strict=True):
                if len(cell.text) > _LONGEST_VALUE:
                    continue
                known = _label(cell.text)
                if known is None:
                    for key, rank, value in labelled_values(cell.text):
                        self.add("table", key, rank, value)
                elif following is not None and not _is_label(following.text):
                    self.add("table", *known, following.text)

    def result(self) -> dict[str, str]:
        """Key → value, as ``Document.metadata`` wants them."""
        return {key: value for key, (_, value) in self._best.items()}


def _label(text: str) -> tuple[str, int] | None:
    return _LABELS.get(_JUNK.sub("", text).lower().translate(_SIMPLE))


def _is_label(text: str) -> bool:
    return _label(text) is not None


def labelled_values(text: str) -> list[tuple[str, int, str]]:
    """``(key, rank, value)`` of each known label in ``发布日期：2020-01-31 来源：…``."""
    matches = list(_LABELLED.finditer(text.translate(_SIMPLE)))
    if not matches:
        return []
    stops = [*(match.start() for match in matches[1:]), len(text)]
    return [
        (
            *_LABELS[_JUNK.sub("", match.group(1)).lower()],
            text[match.end() : stop].strip(" \t[【(（"),
        )
        for match, stop in zip(matches, stops, strict=True)
    ]


def is_metadata_grid(grid: Grid) -> bool:
    """Whether a grid is a page's metadata table (at least two known labels), not a form table."""
    return sum(_is_label(cell.text) for cell in grid.cells[:40] if len(cell.text) < 12) >= 2
