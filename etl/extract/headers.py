"""Column headers of running text: glued, broken over lines, or in an order of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from etl.recognise.labels import HeaderSet, Lexicon, core, fold

#: A longer word between a heading and its table is a caption.
_LONGEST_HEAD = 8
#: Head any column, of labels or of figures.
_NEUTRAL = frozenset(("数量", "类别", "项目", "数据项目", "指标", "合计数", "件数", "件", "数据"))
#: 表3, 附表, 图2 name a table.
_CAPTIONS = frozenset("表附图")
#: A year, whole or at the end of a word: 本年新收 is a row, 2022年新收 one of another year.
_YEAR = re.compile(r"(?:19|20)\d\d(?:年度?)?|[上去]年(?:度|同期)?|同期|[本今]年度?$")


def columns_in_order(
    lexicon: Lexicon, met: Sequence[str], *, in_one_row: bool = False
) -> tuple[str, ...]:
    """Table 3's columns in the order of its figures, ``()`` where the headers leave it open.

    ``met`` are the headers that could be read, in printed order; words broken over lines are not
    among them. They stand either in one row or with 自然人 and 总计 a row above the others. In any
    other order the columns were moved, and text does not tell how the two rows stood, unless
    all of them stand in one row of cells (``in_one_row``): then the figures stand as they do.
    """
    order = lexicon.t3_keys
    if in_one_row:
        return tuple(met) if sorted(met) == sorted(order) else ()
    # Neither of these two is ever broken over lines: without one, the table may not have it.
    if met and not {order[0], order[-1]} <= set(met):
        return ()
    two_rows = (order[0], order[-1], *order[1:-1])
    return order if any(_is_part(met, printed) for printed in (order, two_rows)) else ()


def blocks_in_order(lexicon: Lexicon, met: Sequence[str]) -> bool:
    """Whether table 4's column headers, as far as read, stand in the form's order.

    Whole headers repeat the five columns; of broken ones some are missing.
    """
    columns = tuple(dict.fromkeys(column for _, column in lexicon.t4_keys))
    n_blocks = len(lexicon.t4_keys) // len(columns)
    if len(met) % len(columns) == 0 and set(met) == set(columns):
        return tuple(met) == columns * (len(met) // len(columns))
    return _is_part(met, columns * n_blocks)


def _is_part(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether ``part`` is ``whole`` with some items left out."""
    rest = iter(whole)
    return all(item in rest for item in part)


def is_year(text: str) -> bool:
    """Whether a cell names a year: 2022年, 上年. A bare 2022 is a figure."""
    printed = core(text)
    return not printed.isdigit() and _YEAR.fullmatch(printed) is not None


def has_year(text: str) -> bool:
    """Whether words tell a row of another year, or of two years, from the report's own."""
    return _YEAR.search(core(text)) is not None


def is_foreign(lexicon: Lexicon, table: str, text: str) -> bool:
    """Whether a word among a table's headers is none of them, whole, broken or damaged.

    A damaged header has lost or doubled characters, never gained one that no header has. A year is
    no header of the form either: the figures below may be another year's.
    """
    printed = core(text)
    if _YEAR.fullmatch(printed):
        return True
    if not printed or any(c.isdigit() for c in printed) or re.search(r"[:：，。；、]", text):
        return False
    if printed in _NEUTRAL or printed[0] in _CAPTIONS:
        return False
    return len(printed) <= _LONGEST_HEAD and not set(printed) <= _characters(lexicon, table)


def is_piece(lexicon: Lexicon, table: str, text: str) -> bool:
    """Whether a word may be a piece of a table's headers, broken or with its lines interleaved."""
    printed = set(core(text))
    return bool(printed) and printed <= _characters(lexicon, table)


@cache
def _characters(lexicon: Lexicon, table: str) -> frozenset[str]:
    if table == "t3":
        t3 = lexicon.form.tables.t3
        words = [t3.corner, t3.column_heading, t3.column_group.zh, *lexicon.t3_columns.keys]
    else:
        words = [lexicon.heading4, *lexicon.t4_blocks.keys, *lexicon.t4_columns.keys]
    return frozenset("".join(core(word) for word in words))


def heading_block4(lexicon: Lexicon, text: str) -> str | None:
    """A block of table 4 named in a longer heading: 行政诉讼（未经复议直接起诉）."""
    folded = core(fold(text))
    hits = {label: key for label, key in lexicon.t4_blocks.keys.items() if folded.endswith(label)}
    if len(set(hits.values())) != 1 or len(folded) > 20:
        return None
    before = folded.removesuffix(max(hits, key=len))
    # 未经复议直接起诉 复议后起诉: two headers on one line, and the figures below are of both.
    both = any(label in before for label in lexicon.t4_blocks.keys)
    return None if both else next(iter(hits.values()))


def match_glued(lexicon: Lexicon, heads: list[str], row: str) -> tuple[str, HeaderSet] | None:
    """Headers broken over lines (本年新 / 制作数量): compared as one run of characters."""
    printed = "".join(core(h) for h in heads)
    block = lexicon.block_of_row.get(row)
    found = [
        (b, h)
        for b, h in lexicon.header_sets
        if b == block and any(printed == run for run in _runs(h))
    ]
    return found[0] if len(found) == 1 else None


def match_two_rows(lexicon: Lexicon, heads: list[str], row: str) -> tuple[str, HeaderSet] | None:
    """Headers whose second halves stand in a row below: 本年新 | 本年新 above 制作数量 | …"""
    block = lexicon.block_of_row.get(row)
    found = []
    for b, header in lexicon.header_sets:
        n = len(header.columns)
        upper, lower = [core(h) for h in heads[:n]], [core(h) for h in heads[n:]]
        if b != block or len(upper) < n or not lower:
            continue
        rest = iter(lower)
        half = next(rest, None)
        for text, labels in zip(upper, header.labels, strict=True):
            if text in labels:
                continue
            if half is None or text + half not in labels:
                break
            half = next(rest, None)
        else:
            if half is None:
                found.append((b, header))
    return found[0] if len(found) == 1 else None


@cache
def _runs(header: HeaderSet) -> frozenset[str]:
    runs = {""}
    for labels in header.labels:
        runs = {run + label for run in runs for label in labels}
    return frozenset(runs)


def glued_headers(lexicon: Lexicon, run: str) -> list[str] | None:
    """Column labels glued together behind 信息内容, split where the form allows one way."""
    found = {h.columns: h for _, h in lexicon.header_sets if run in _runs(h)}
    if len(found) != 1:
        return None
    header = next(iter(found.values()))
    return [max(labels, key=len) for labels in header.labels]
