"""整改提示 from the findings in the warehouse: a letter for an office, a batch for a filter. Pure.

A batch is a generator: after every office it tells how far it is, so that the caller can show
progress and stop. Names of offices and files come from documents of strangers; entries of the
archive are safe names, cells of the index are texts.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import pandas as pd

from dashboard import formats, i18n
from dashboard.export import letter, letter_index
from dashboard.export.letter import Instance, Kind, Letter, Printed, Remark, Reported
from dashboard.export.safe import filename, unique
from dashboard.filters import Selection
from dashboard.frames import rows as rows_of
from dashboard.judged import rule_words
from dashboard.locators import sentence
from dashboard.queries import letters as queries
from dashboard.view import View

#: Offices of one batch; more are told, never cut in silence.
MAX_LETTERS: Final = 500
#: Offices whose findings and cells are asked for at once.
CHUNK: Final = 20
#: Decisions on a finding that take it out of a letter: there is good reason for the figure. One
#: that is confirmed (``accepted``: the finding is right) is just what an office is written to for.
SETTLED: Final = frozenset({"waived"})
_KINDS: Final[Mapping[str, Kind]] = {"error": "error", "warning": "confirm", "info": "hint"}
_STAMP: Final = (2020, 1, 1, 0, 0, 0)
_ENDING: Final = "docx"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: which findings, and what the sender has filled in.

    ``rule``, ``years`` and ``only`` (finding ids, of a state of review) narrow the filter as the
    page does; with ``office_id`` the letter is for that office alone.
    """

    levels: tuple[str, ...] = queries.LEVELS
    rule: str = ""
    years: tuple[int, int] | None = None
    office_id: str = ""
    only: tuple[str, ...] | None = None
    deadline: dt.date | None = None
    sender: str = ""

    def selection(self, view: View) -> Selection:
        """The page's selection, narrowed."""
        chosen = view.selection
        if self.years is None:
            return chosen
        return Selection(chosen.region, self.years, chosen.levels, chosen.kinds)


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as the index lists it."""

    finding_id: str
    office: str
    year: int
    rule: str
    name: str
    kind: Kind
    message: str
    left: float | None
    right: float | None
    places: tuple[str, ...]
    basis: str
    document: str
    state: str


@dataclass(frozen=True, slots=True)
class Made:
    """One office's part: its letter (``None``: all its findings are settled) and its index rows."""

    office: str
    file: str
    letter: Letter | None
    rows: tuple[Row, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A finished batch. ``found``: offices with findings, ``made``: letters, both before bounds."""

    archive: bytes
    name: str
    made: int
    findings: int
    left_out: int
    found: int


@dataclass
class Tally:
    """What a batch adds up for its notes."""

    made: list[Made] = field(default_factory=list)
    found: int = 0
    limit: int = MAX_LETTERS

    @property
    def letters(self) -> list[Made]:
        """Those with a letter."""
        return [m for m in self.made if m.letter is not None]

    @property
    def rows(self) -> list[Row]:
        """All findings in the letters."""
        return [row for m in self.letters for row in m.rows]

    @property
    def left_out(self) -> int:
        """Findings left out because they were settled."""
        return sum(m.left_out for m in self.made)


def offices(view: View, order: Order, *, limit: int = MAX_LETTERS) -> pd.DataFrame:
    """The offices an order is about; see :func:`dashboard.queries.letters.offices`."""
    frame: pd.DataFrame = view.query(
        queries.offices, order.selection(view), levels=order.levels, rule=order.rule,
        only=order.only, office_id=order.office_id, limit=limit,
    )  # fmt: skip
    return frame


def one(view: View, order: Order, states: Mapping[str, str], today: dt.date) -> Made | None:
    """The letter to ``order.office_id``; ``None`` where it has no finding of these levels."""
    made = list(_made(view, order, offices(view, order), states, today))
    return made[0] if made else None


def batch(
    view: View,
    order: Order,
    states: Mapping[str, str],
    today: dt.date,
    *,
    limit: int = MAX_LETTERS,
) -> Generator[tuple[int, int], None, Batch]:
    """A ZIP of letters with its index; yields ``(offices done, offices)`` and returns the batch.

    ``states``: finding id → decision in force (``dashboard.desk``); settled ones are left out.
    """
    listed = offices(view, order, limit=limit)
    tally = Tally(found=int(listed["found"].iloc[0]) if len(listed) else 0, limit=limit)
    t = view.t
    out = BytesIO()
    yield 0, len(listed)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for made in _made(view, order, listed, states, today):
            tally.made.append(made)
            if made.letter is not None:
                _add(packed, made.file, letter.word(made.letter, t))
            yield len(tally.made), len(listed)
        index = filename(t("letters.index_file"), view.build.id, ending="xlsx")
        _add(packed, index, letter_index.workbook(view, order, tally, today))
    name = filename(t("letters.file_word"), view.whom, view.build.id, ending="zip")
    return Batch(
        out.getvalue(), name, len(tally.letters), len(tally.rows), tally.left_out, tally.found
    )  # fmt: skip


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    packed.writestr(entry, content)


def _made(
    view: View, order: Order, listed: pd.DataFrame, states: Mapping[str, str], today: dt.date
) -> Iterator[Made]:
    """Office by office, asked for in chunks: neither a query an office nor all in memory."""
    word = view.t("letters.file_word")
    names = unique(
        [filename(word, str(n), view.build.id, ending=_ENDING) for n in listed["name"]]
    )  # fmt: skip
    ids = [str(i) for i in listed["office_id"]]
    for start in range(0, len(ids), CHUNK):
        part = tuple(ids[start : start + CHUNK])
        found = _Found(view, order, part)
        for n, office_id in enumerate(part, start=start):
            yield _office(
                view, order, found, office_id, str(listed["name"].iloc[n]), names[n], states, today
            )


class _Found:
    """The findings, documents and printed cells of some offices."""

    def __init__(self, view: View, order: Order, office_ids: tuple[str, ...]) -> None:
        self.findings: pd.DataFrame = view.query(
            queries.findings, order.selection(view), office_ids, levels=order.levels,
            rule=order.rule, office_id=order.office_id, only=order.only,
        )  # fmt: skip
        reports = tuple(sorted(set(self.findings["report_id"])))
        self.documents = {
            r.report_id: r for r in rows_of(view.query(queries.documents, reports))
        }  # fmt: skip
        keys = tuple(sorted({str(k) for cells in self.findings["cells"] for k in cells}))
        frame = view.query(queries.printed, reports, keys) if keys else pd.DataFrame()
        self.cells = {(r.report_id, r.cell): r for r in rows_of(frame)}

    def of(self, office_id: str) -> list[Any]:
        """One office's findings in order."""
        mine = self.findings[self.findings["office_id"] == office_id]
        return list(rows_of(mine))


def _office(
    view: View, order: Order, found: _Found, office_id: str, name: str, file: str,
    states: Mapping[str, str], today: dt.date,
) -> Made:  # fmt: skip
    every = found.of(office_id)
    kept = [f for f in every if states.get(f.finding_id) not in SETTLED]
    left_out = len(every) - len(kept)
    if not kept:
        return Made(name, file, None, (), left_out)
    rows, reports = [], []
    by_report: dict[str, list[Any]] = {}
    for f in kept:
        by_report.setdefault(f.report_id, []).append(f)
    number = 0
    for report_id, findings in by_report.items():
        about = found.documents.get(report_id)
        remarks = []
        by_rule: dict[tuple[str, str], list[Any]] = {}
        for f in findings:
            by_rule.setdefault((f.level, f.rule), []).append(f)
        for (level, rule), same in by_rule.items():
            number += 1
            remark = _remark(view, found, number, _KINDS[level], rule, same)
            remarks.append(remark)
            rows += [
                Row(f.finding_id, name, int(f.year), rule, remark.name, remark.kind, i.message,
                    i.left, i.right, i.places, remark.basis, _file(about),
                    states.get(f.finding_id, ""))
                for f, i in zip(same, remark.instances, strict=True)
            ]  # fmt: skip
        reports.append(_reported(view, findings[0], about, tuple(remarks)))
    years = view.t("format.comma").join(dict.fromkeys(str(row.year) for row in rows))
    made = _letter(view, order, name, tuple(reports), years, left_out, today)
    return Made(name, file, made, tuple(rows), left_out)


def _letter(
    view: View, order: Order, office: str, reports: tuple[Reported, ...], years: str,
    left_out: int, today: dt.date,
) -> Letter:  # fmt: skip
    t, lang = view.t, view.lang
    made = Letter(
        title=t("letters.title"), office=office, lead=(), reports=reports,
        fields=letter.form_fields(t, lang, deadline=order.deadline, sender=order.sender),
        notes=((t("letters.left_out_title"), (t("letters.left_out", n=left_out),)),)
        if left_out else (),
        closing=(t("letters.closing"),), date=formats.date(today, lang), lang=lang,
        footer=t("export.source_line", source=view.source, date=formats.date(today, lang)),
        demo=view.meta.is_demo,
    )  # fmt: skip
    counts = made.counts()
    lead = t("letters.lead", years=years, n=sum(counts.values()), errors=counts["error"],
             confirm=counts["confirm"])  # fmt: skip
    demo = (t("letters.demo"),) if made.demo else ()
    return Letter(
        made.title, office, (*demo, lead), reports, made.fields, made.notes, made.closing,
        made.date, lang, made.footer, made.demo,
    )  # fmt: skip


def _reported(view: View, finding: Any, about: Any, remarks: tuple[Remark, ...]) -> Reported:
    t = view.t
    whole = view.words.named("scope", finding.scope)
    plain = finding.scope is None or finding.scope == "own_office"
    key = "letters.report" if plain else "letters.report_scope"
    heading = t(key, year=int(finding.year), scope=whole)
    lines = []
    if about is not None:
        if not formats.is_missing(about.title):
            lines.append(t("letters.document", title=about.title))
        if not formats.is_missing(about.filename):
            lines.append(t("letters.file", file=about.filename))
        if not formats.is_missing(about.published):
            lines.append(
                t("letters.published", date=formats.date(about.published, view.lang))
            )  # fmt: skip
        if not formats.is_missing(about.url):
            lines.append(t("letters.url", url=about.url))
        if not formats.is_missing(about.sha256):
            lines.append(t("letter.hash", hash=about.sha256))
    return Reported(heading, tuple(lines), remarks)


def _file(about: Any) -> str:
    return "" if about is None or formats.is_missing(about.filename) else str(about.filename)


def _remark(
    view: View, found: _Found, number: int, kind: Kind, rule: str, same: list[Any]
) -> Remark:
    name, advice, basis = rule_words(view.meta, rule, view.lang)
    return Remark(
        number, kind, rule, name, basis, advice,
        tuple(_instance(view, found, f, advice) for f in same),
    )  # fmt: skip


def _instance(view: View, found: _Found, f: Any, advice: str) -> Instance:
    zh = view.lang == "zh"
    text = str((f.message_zh if zh else f.message_en) or "")
    # The message of a finding ends with the rule's advice, which the letter gives once.
    message = text.removesuffix(advice).strip() if advice else text
    return Instance(
        sentence(message, view.t),
        None if formats.is_missing(f.left_value) else float(f.left_value),
        None if formats.is_missing(f.right_value) else float(f.right_value),
        letter.places(
            [_printed(view, key, found.cells.get((f.report_id, key))) for key in f.cells], view.t
        ),
    )  # fmt: skip


def _printed(view: View, key: str, cell: Any) -> Printed:
    t, lang = view.t, view.lang
    form = view.meta.cells.get(key)
    table = t(f"letters.table.{form.table_key}") if form else ""
    row = i18n.of(form, "row", lang) if form else key
    column = i18n.of(form, "column", lang) if form else ""
    if cell is None:
        state, raw, at, value = "absent", "", "", None
    else:
        state, raw, at, value = cell.state, str(cell.raw or ""), str(cell.at or ""), cell.value
    if raw.strip():
        shown = t("letter.printed", raw=raw.strip()[:60])
    else:
        shown = i18n.of(view.meta.states[state], "", lang)
    zero = state == "number" and value == 0
    return Printed(table, row, column, shown, at, zero)
