"""Printed words → the form's rows, columns, blocks and captions.

Labels reach us broken over lines, spaced out, in traditional characters, with Latin readings in
brackets, with filling notes, truncated, or with a character lost (domain/variety.md sections 2, 3
and 5). Everything here works on a *core*: the label reduced to its characters, enumerators and
punctuation gone. The lexicon is built from the form as data; no label stands in the code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from etl.form import Form, load_form
from etl.form.model import per_form
from etl.offices.names import simplify as simplify

# An enumerator needs its punctuation or bracket: 三类 in 属于三类内部事务信息 is no enumerator.
_ENUMERATOR = re.compile(
    r"^(?:[(\[【〔][一二三四五六七八九十\d]{1,3}[)\]】〕]|[一二三四五六七八九十]{1,3}[、.,:]"
    r"|\d{1,2}[、.,:)](?!\d)|\d(?=[\u4e00-\u9fff]))+"
)
_BRACKETED = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_LATIN_READING = re.compile(r"[(\[][a-zA-Zà-öø-ÿĀ-ſǍ-ǜ\s]+[)\]]")
#: A note's mark behind a label (folding would turn it into digits), or a note: （注：含下级）.
_NOTE_MARK = re.compile(r"(?:[¹²³⁰⁴-⁹①-⑳]|[\[［]注?\d{0,2}[\]］]|[（(]注[^（()）]{0,30}[）)])+\s*$")
_NOT_CORE = re.compile(r"[^\w\u4e00-\u9fff]|_")
_SPACE = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u00ad]+")
#: Fuzzy matching: least similarity of a damaged label, and its distance to the runner-up.
#: 2.其他法律行政止公开 (hongze_2023.pdf) scores 85.7 against its label; 本年新收… scores 79
#: against 上年结转…, the closest two labels of the form.
FUZZY_CUTOFF, FUZZY_MARGIN, FUZZY_MIN_LENGTH = 84.0, 6.0, 6


@lru_cache(maxsize=1 << 15)
def fold(text: str) -> str:
    """Width-folded, simplified, white space removed: the printed characters, nothing else."""
    folded = _SPACE.sub("", unicodedata.normalize("NFKC", text))
    if folded and not folded.isascii():
        folded = simplify(folded)
    return folded


@lru_cache(maxsize=1 << 15)
def core(text: str) -> str:
    """A label's characters: folded, enumerator and punctuation removed, brackets' words kept."""
    folded = _ENUMERATOR.sub("", _LATIN_READING.sub("", fold(_NOTE_MARK.sub("", text))))
    return _NOT_CORE.sub("", folded)


@lru_cache(maxsize=1 << 15)
def core_without_notes(text: str) -> str:
    """As :func:`core`, with bracketed filling notes left out (variety.md section 5)."""
    folded = _ENUMERATOR.sub("", fold(_NOTE_MARK.sub("", text)))
    while (stripped := _BRACKETED.sub("", folded)) != folded:
        folded = stripped
    # A note that a line break or a lost character left open: 部分公开（区分处理的，只
    folded = re.split(r"[(\[【〔]", folded, maxsplit=1)[0]
    return _NOT_CORE.sub("", folded)


def shared_length(left: str, right: str) -> int:
    """How many first characters two texts share."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(left), len(right)))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Cores of one kind of label → key, with exact, noted and fuzzy look-up."""

    keys: dict[str, str]

    def exact(self, text: str) -> str | None:
        """The key whose label this is, also with filling notes in brackets."""
        return self.keys.get(core(text)) or self.keys.get(core_without_notes(text))

    def match(self, text: str) -> str | None:
        """As :meth:`exact`, else the one label that is clearly nearest to a damaged one."""
        return self.exact(text) or _fuzzy(core(text), self)

    def is_prefix(self, text: str) -> bool:
        """Whether a label may begin with this text (a label broken over lines)."""
        start = core(text)
        return len(start) >= 2 and any(label.startswith(start) for label in self.keys)

    def __hash__(self) -> int:
        """Identity: vocabularies are built once and serve as cache keys."""
        return id(self)


_WITH_FIGURE = re.compile(r"\d[件条项个宗份例次批家]*$")


@lru_cache(maxsize=1 << 13)
def _fuzzy(wanted: str, vocabulary: Vocabulary) -> str | None:
    # No label ends in a digit: 行政事业性收费 0 is a label with its figure, not a damaged label.
    if len(wanted) < FUZZY_MIN_LENGTH or _WITH_FIGURE.search(wanted):
        return None
    best: dict[str, float] = {}
    choices = list(vocabulary.keys)
    for label, score, _ in process.extract(
        wanted, choices, scorer=fuzz.ratio, score_cutoff=FUZZY_CUTOFF - FUZZY_MARGIN, limit=6
    ):
        key = vocabulary.keys[label]
        best[key] = max(best.get(key, 0.0), score)
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < FUZZY_CUTOFF:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < FUZZY_MARGIN:
        return None
    return ranked[0][0]


@dataclass(frozen=True, slots=True)
class HeaderSet:
    """The column labels one form prints in one block of table 2, in order."""

    form: str
    columns: tuple[str, ...]
    labels: tuple[frozenset[str], ...]

    def fits(self, printed: list[str]) -> bool:
        """Whether printed headers are these columns: same number, each equal or cut short.

        Truncated headers (``本年新 | 本年新 | 对外公开总数量``, 17+ pages) are settled by their
        position; at least one header must be whole, so that three stumps decide nothing. So is one
        that repeats its neighbour's words (``本年新制作数量 | 本年新制作数量 | 对外公开总数量``).
        """
        if len(printed) != len(self.columns):
            return False
        cores = [core_without_notes(text) or core(text) for text in printed]
        whole = [text in labels for text, labels in zip(cores, self.labels, strict=True)]
        return any(whole) and all(
            ok or _cut_short(text, labels) or (text in cores[:i] and _begins_alike(text, labels))
            for i, (ok, text, labels) in enumerate(zip(whole, cores, self.labels, strict=True))
        )


def _cut_short(text: str, labels: frozenset[str]) -> bool:
    return len(text) >= 2 and any(label.startswith(text) for label in labels)


def _begins_alike(text: str, labels: frozenset[str]) -> bool:
    return any(label.startswith(text[:2]) for label in labels)


class Lexicon:
    """All vocabularies of the form, built once (:func:`lexicon`)."""

    def __init__(self, form: Form) -> None:
        t2, t3, t4 = form.tables.t2, form.tables.t3, form.tables.t4
        self.form = form
        self.t2_rows = _vocabulary((r.key, r.zh, r.aliases) for r in t2.rows)
        self.t2_columns = _vocabulary((c.key, c.zh, c.aliases) for c in t2.columns)
        self.t3_rows = _vocabulary((r.key, r.zh, r.aliases) for r in t3.rows)
        self.t3_columns = _vocabulary((c.key, c.zh, c.aliases) for c in t3.columns)
        self.t3_groups = _vocabulary((g.key, g.zh, g.aliases) for g in t3.groups)
        self.t4_blocks = _vocabulary((r.key, r.short or r.zh, r.aliases) for r in t4.rows)
        self.t4_columns = _vocabulary((c.key, c.zh, c.aliases) for c in t4.columns)
        self.sections = _vocabulary((s.key, s.zh, []) for s in form.tables.sections)
        self.t3_order = tuple(r.key for r in t3.rows)
        self.t3_keys = tuple(c.key for c in t3.columns)
        self.t4_keys = tuple((r.key, c.key) for r in t4.rows for c in t4.columns)
        self.corner2 = core(t2.corner)
        self.block_rows = {b.key: tuple(b.rows) for b in t2.blocks}
        self.block_of_row = {row: b.key for b in t2.blocks for row in b.rows}
        self.header_sets = tuple(_header_sets(form))
        self.corner3 = core(t3.corner)[:8]
        self.heading3 = core(t3.column_heading)
        self.group3 = core(t3.column_group.zh)
        self.heading4 = core(t4.heading)
        self.captions = {core(b.caption): b.key for b in t2.blocks}

    def knows(self, text: str) -> bool:
        """Whether a text is, as a whole, a label, a header or a caption of the form."""
        kinds = (self.t3_rows, self.t3_columns, self.t3_groups, self.t2_rows, self.t2_columns)
        words = (self.corner2, self.heading3, self.group3, self.heading4)
        known = any(kind.exact(text) for kind in (*kinds, self.t4_blocks, self.t4_columns))
        return known or core(text) in words or self.caption_block(text) is not None

    def row3(self, text: str) -> str | None:
        """The row of table 3 a cell names, also behind its group: （三）不予公开 1.属于国家秘密."""
        return self.t3_rows.match(text) or self.row3_behind_group(text)

    def row3_behind_group(self, text: str) -> str | None:
        """The row of table 3 whose label follows its group's, or a part of it, in one text."""
        printed = _ENUMERATOR.sub("", fold(text))
        groups = [group for group in self.t3_groups.keys if group[:2] == printed[:2]]
        # A line's end cuts the group's label: 三、本年度办 （一）予以公开, with 理结果 below.
        rests = {printed[shared_length(printed, group) :] for group in groups}
        keys = {key for rest in rests if (key := self.t3_rows.exact(rest))}
        return keys.pop() if len(keys) == 1 else None

    def caption_block(self, text: str) -> str | None:
        """The block of table 2 a caption opens: 第二十条第（五）项 and its damaged forms."""
        return self.captions.get(core(text)) or _caption(fold(text), self)

    def columns_of(self, block: str, printed: list[str]) -> HeaderSet | None:
        """The one header set of a block that printed headers are, ``None`` if none or several."""
        found = [h for b, h in self.header_sets if b == block and h.fits(printed)]
        return found[0] if len(found) == 1 else None

    def all_fits(self, printed: list[str]) -> list[tuple[str, HeaderSet]]:
        """Every (block, header set) that printed headers may be."""
        return [(b, h) for b, h in self.header_sets if h.fits(printed)]


# 第二十条第（一）项 with characters lost or doubled: 二十条(五)项, 第二条第五项, 二十一条第一项.
_CAPTION = re.compile(
    r"^第?(?=[二十])二?十?一?(?=条|第.{1,3}项)条?第?\(?([一二三四五六七八九十]?)\)?项?$"
)


def _caption(folded: str, lexicon: Lexicon) -> str | None:
    found = _CAPTION.match(folded)
    if not found:
        return None
    for label, block in lexicon.captions.items():
        if found[1] and label.endswith(f"第{found[1]}项"):
            return block
    return "unknown"


def _vocabulary(
    items: Iterable[tuple[str, str | dict[str, str], list[str]]],
) -> Vocabulary:
    keys: dict[str, str] = {}
    for key, zh, aliases in items:
        labels = [zh] if isinstance(zh, str) else list(zh.values())
        for label in [*labels, *aliases]:
            for variant in (core(label), core_without_notes(label)):
                if variant and keys.setdefault(variant, key) != key:
                    raise ValueError(f"label {label!r} belongs to {keys[variant]!r} and {key!r}")
    return Vocabulary(keys)


def _header_sets(form: Form) -> Iterable[tuple[str, HeaderSet]]:
    t2 = form.tables.t2
    for version in form.versions:
        for block in t2.blocks:
            columns = [
                c for c in t2.columns if set((c.of or {}).get(version, [])) & set(block.rows)
            ]
            if columns:
                yield (
                    block.key,
                    HeaderSet(
                        version,
                        tuple(c.key for c in columns),
                        tuple(
                            frozenset(
                                variant
                                for label in [*per_form(c.zh, [version]).values(), *c.aliases]
                                for variant in (core(label), core_without_notes(label))
                            )
                            for c in columns
                        ),
                    ),
                )


@cache
def lexicon() -> Lexicon:
    """The project's lexicon, built once per process."""
    return Lexicon(load_form())
