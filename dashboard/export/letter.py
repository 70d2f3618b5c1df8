"""A letter to an office about its reports: what to correct, where it stands, by what rule. Pure.

One shape for both occasions: after publication, from the findings in the warehouse (整改提示, see
:mod:`dashboard.export.letters`), and before it, from a document checked on 报告核验. Word and plain
text are made of the same blocks, so that they cannot say different things.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from dashboard import formats
from dashboard.export import docx
from dashboard.export.blocks import Block, Document, Heading, Table, Text
from dashboard.i18n import Text as Words
from dashboard.judged import Issue, Judged
from dashboard.locators import in_words

#: Places of one rule set out in a letter; the index of a batch lists all.
MAX_INSTANCES: Final = 30
#: Places set beside a finding; more stand below it.
MAX_BESIDE: Final = 4
#: Cells named for one place; a sum over a column has two dozen, most of them 0.
MAX_CELLS: Final = 12
Kind = Literal["error", "confirm", "hint"]
#: A letter has the first two; hints stand in a dossier only.
KINDS: Final[tuple[Kind, ...]] = ("error", "confirm", "hint")


@dataclass(frozen=True, slots=True)
class Instance:
    """One place where a rule fails: in words, both values as printed, where they stand."""

    message: str
    left: float | None = None
    right: float | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """One rule that a report fails, with every place. ``kind``: to be corrected or confirmed."""

    number: int
    kind: Kind
    rule: str
    name: str
    basis: str
    advice: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of the office: ``about`` says which document was read, line by line."""

    heading: str
    about: tuple[str, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter.

    ``lead`` are its opening paragraphs, ``notes`` stand after the reports (guesses, what was left
    out), ``closing`` ends it. ``fields``: lines to fill in, with what is known already.
    """

    title: str
    office: str
    lead: tuple[str, ...]
    reports: tuple[Reported, ...]
    fields: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    closing: tuple[str, ...]
    date: str
    lang: str
    footer: str = ""
    demo: bool = False

    def counts(self) -> dict[Kind, int]:
        """How many places are to be corrected, to be confirmed, only hinted at."""
        out: dict[Kind, int] = dict.fromkeys(KINDS, 0)
        for report in self.reports:
            for remark in report.remarks:
                out[remark.kind] += len(remark.instances)
        return out


def document(letter: Letter, t: Words) -> Document:
    """The letter as blocks, set like an official letter."""
    blocks: list[Block] = [Text(t("letter.to", office=letter.office) if letter.office
                                else t("letter.to_unknown"))]  # fmt: skip
    blocks += [Text(line) for line in letter.lead]
    if letter.fields:
        blocks.append(Table(("", ""), letter.fields, weights=(1, 3), head=False))
    for report in letter.reports:
        if report.heading:
            blocks.append(Heading(report.heading, 1))
        blocks += [Text(line, "detail") for line in report.about]
        for kind in KINDS:
            remarks = [r for r in report.remarks if r.kind == kind]
            if remarks:
                blocks.append(Heading(t(f"letter.{kind}"), 2))
            for remark in remarks:
                blocks += remark_blocks(remark, t)
    for heading, lines in letter.notes:
        blocks.append(Heading(heading, 2))
        blocks += [Text(line, "detail") for line in lines]
    blocks += [Text(line) for line in letter.closing]
    blocks.append(Text(letter.date, "right"))
    return Document(
        letter.title, tuple(blocks), letter.lang, footer=letter.footer, demo=letter.demo,
        formal=True,
    )  # fmt: skip


def remark_blocks(remark: Remark, t: Words) -> Iterator[Block]:
    """One rule that is not met: its name, a row a place, basis and advice."""
    key = "letter.rule" if remark.rule else "letter.plain"
    many = len(remark.instances)
    name = t("letter.many", name=remark.name, n=many) if many > 1 else remark.name
    yield Text(t(key, number=remark.number, name=name, rule=remark.rule), "item")
    shown = remark.instances[:MAX_INSTANCES]
    # Many lines in one cell would make a row too tall for what is left of a page.
    below = any(len(i.places) > MAX_BESIDE for i in shown)
    columns = [t("letter.found")]
    valued = any(i.left is not None or i.right is not None for i in shown)
    placed = not below and any(i.places for i in shown)
    if valued:
        columns += [t("letter.left"), t("letter.right")]
    if placed:
        columns.append(t("letter.place"))
    rows = tuple(
        (
            t("letter.numbered", n=n, text=i.message) if below and many > 1 else i.message,
            *((formats.exact(i.left), formats.exact(i.right)) if valued else ()),
            *(("\n".join(i.places) or formats.MISSING,) if placed else ()),
        )
        for n, i in enumerate(shown, start=1)
    )
    yield Table(tuple(columns), rows, right=frozenset((1, 2) if valued else ()))
    for n, i in enumerate(shown, start=1):
        for place in i.places if below else ():
            yield Text(t("letter.numbered", n=n, text=place) if many > 1 else place, "detail")
    if many > len(shown):
        yield Text(t("letter.more", n=many - len(shown)), "detail")
    if remark.basis:
        yield Text(t("letter.basis", basis=remark.basis), "detail")
    if remark.advice and not any(remark.advice in i.message for i in shown):
        yield Text(t("letter.advice", advice=remark.advice), "detail")


def both(left: float | None, right: float | None) -> str:
    """Both compared values in one cell; the dash where there are none."""
    shown = [formats.exact(v) for v in (left, right) if v is not None]
    return " / ".join(shown) or formats.MISSING


def word(letter: Letter, t: Words) -> bytes:
    """The letter as a Word document."""
    return docx.render(document(letter, t))


def plain(letter: Letter, t: Words) -> bytes:
    """The letter as text that Windows editors open as Chinese."""
    made = document(letter, t)
    lines = [made.title, *((t("export.demo_tag"),) if made.demo else ()), ""]
    indent = {"detail": "    ", "item": "  "}
    for block in made.blocks:
        if isinstance(block, Heading):
            lines += ["", block.text]
        elif isinstance(block, Text):
            lines.append(indent.get(block.style, "") + block.text)
        elif isinstance(block, Table):
            lines += _plain_table(block, t)
    if made.footer:
        lines += ["", made.footer]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8", errors="replace")


def _plain_table(table: Table, t: Words) -> Iterator[str]:
    for row in table.rows:
        if not table.head:
            yield t("format.pair", one=row[0], two=row[1])
            continue
        yield "    " + row[0]
        for name, text in list(zip(table.columns, row, strict=True))[1:]:
            if text and text != formats.MISSING:
                joined = t("format.semicolon").join(text.split("\n"))
                yield "      " + t("format.pair", one=name, two=joined)


def form_fields(
    t: Words, lang: str, *, deadline: dt.date | None = None, sender: str = "",
    answer: str = "published",
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """What the sender fills in: the date by which, how to answer, who asks.

    ``answer``: the report is ``published`` or still a ``draft``.
    """
    by = formats.date(deadline, lang) if deadline else t("letter.field_blank")
    return (
        (t("letter.field_deadline"), by),
        (t("letter.field_answer"), t(f"letter.field_answer_{answer}")),
        (t("letter.field_contact"), ""),
        (t("letter.field_sender"), sender),
    )


# ---------------------------------------------------------------- before publication: 报告核验


def verdict(judged: Judged, t: Words) -> str:
    """The verdict in words."""
    if judged.verdict == "errors" and judged.confirm:
        return t("check.verdict.errors_confirm", errors=judged.errors, confirm=judged.confirm)
    return t(f"check.verdict.{judged.verdict}", errors=judged.errors, confirm=judged.confirm)


def guesses(parsed: Any, lang: str, t: Words) -> Iterator[str]:
    """The smallest repairs in words, places in the reader's language."""
    for repair in parsed.get("repairs") or ():
        yield in_words(repair["text"], t) if lang == "zh" else str(repair["text_en"])


def of_check(judged: Judged, file: str, lang: str, t: Words, today: dt.date) -> Letter:
    """The letter about a document that was checked and is not in the warehouse.

    Its numbers are the marks in the page's tables, so that they are not grouped by rule.
    """
    parsed = judged.parsed
    problem = parsed.get("problem")
    lead = [
        t("letter.intro", title=parsed.get("title") or t("letter.untitled"), file=file,
          verdict=verdict(judged, t))
    ]  # fmt: skip
    notes: list[tuple[str, tuple[str, ...]]] = []
    reports: tuple[Reported, ...] = ()
    if judged.rejected and problem:
        lead.append(t("letter.problem", what=problem["message"], do=problem["hint"]))
    else:
        remarks = tuple(_issue(i) for i in judged.issues if i.kind != "hint")
        if remarks:
            reports = (Reported("", _hash(parsed, t), remarks),)
        else:
            lead.append(t("letter.none"))
        if repairs := tuple(guesses(parsed, lang, t)):
            notes.append((t("letter.repairs"), repairs))
    return Letter(
        title=t("letter.title"),
        office=str(parsed.get("office_printed") or parsed.get("office") or ""),
        lead=tuple(lead), reports=reports,
        fields=form_fields(t, lang, answer="draft") if reports else (), notes=tuple(notes),
        closing=(t("letter.closing"),), date=formats.date(today, lang), lang=lang,
    )  # fmt: skip


def _hash(parsed: Any, t: Words) -> tuple[str, ...]:
    digest = parsed.get("sha256")
    return (t("letter.hash", hash=digest),) if digest else ()


def _issue(issue: Issue) -> Remark:
    places = (issue.place,) if issue.place else ()
    instance = Instance(issue.message, issue.left, issue.right, places)
    kind: Kind = "error" if issue.kind == "error" else "confirm"
    return Remark(
        issue.number, kind, issue.rule, issue.name, issue.basis, issue.advice, (instance,)
    )  # fmt: skip


# ---------------------------------------------------------------- places in words


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell as the document prints it: its official labels, what stands there, where."""

    table: str
    row: str
    column: str
    shown: str
    at: str
    zero: bool


def places(cells: Sequence[Printed], t: Words) -> tuple[str, ...]:
    """Where compared figures stand, a line each; many zeros are counted instead of listed."""
    listed = list(cells)
    zeros = 0
    if len(listed) > MAX_CELLS:
        # First and last tell where the sum begins and ends, the rest matters where it is not 0.
        kept = [c for n, c in enumerate(listed) if not c.zero or n in (0, len(listed) - 1)]
        zeros, listed = len(listed) - len(kept), kept
    out = [
        t("letter.cell" if c.at else "letter.cell_nowhere", table=c.table, row=c.row,
          column=c.column, shown=c.shown, at=in_words(c.at, t))
        for c in listed[:MAX_CELLS]
    ]  # fmt: skip
    if len(listed) > MAX_CELLS:
        out.append(t("letter.cells_more", n=len(listed) - MAX_CELLS))
    if zeros:
        out.append(t("letter.cells_zero", n=zeros))
    return tuple(out)
