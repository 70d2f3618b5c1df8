"""The last pages of a dossier: findings, what was decided, documents used, how to read it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dashboard import formats, i18n
from dashboard.export import letter, letters
from dashboard.export.blocks import Block, Heading, Table, Text
from dashboard.export.letters import Order
from dashboard.figures.profile import Open
from dashboard.frames import rows as rows_of
from dashboard.queries import dossier as queries
from dashboard.queries import profile
from dashboard.view import View

#: Levels of findings: a dossier tells hints as well, a letter does not.
LEVELS: Final = ("error", "warning", "info")


def findings(view: View, found: Open, states: Mapping[str, str], today: dt.date) -> Iterator[Block]:
    """Every failed rule with both values and places; what could not be assessed, counted."""
    t = view.t
    office_id = found.office.office_id
    yield Heading(t("profile.findings"), 2)
    order = Order(levels=LEVELS, office_id=office_id)
    made = letters.one(view, order, {}, today)
    if made is None or made.letter is None:
        yield Text(t("dossier.findings_none"))
    else:
        counts = made.letter.counts()
        yield Text(t("dossier.findings_lead", n=len(made.rows), **counts))
        for report in made.letter.reports:
            yield Heading(report.heading, 3)
            for kind in letter.KINDS:
                remarks = [r for r in report.remarks if r.kind == kind]
                if remarks:
                    yield Text(t(f"letter.{kind}"), "lead")
                for remark in remarks:
                    yield from letter.remark_blocks(remark, t)
        yield from _reviews(view, made.rows, states)
    every = view.query(profile.findings, office_id)
    unknown = every[every["outcome"] == "not_assessable"]
    if view.selection.years:
        unknown = unknown[unknown["year"].between(*view.selection.years)]
    if len(unknown):
        grouped = unknown.groupby(["year", "rule"], sort=True).size().reset_index(name="n")
        rows = tuple(
            (str(int(r.year)), str(r.rule), _rule(view, str(r.rule)), formats.number(r.n))
            for r in rows_of(grouped.sort_values(["year", "rule"], ascending=[False, True]))
        )
        columns = (t("column.year"), t("column.rule"), t("dossier.meaning"), t("dossier.places"))
        yield Heading(t("dossier.unknown"), 2)
        yield Text(t("dossier.unknown_lead"))
        yield Table(columns, rows, t("dossier.unknown"), frozenset({3}), weights=(1, 2, 8, 1))


def _rule(view: View, rule: str) -> str:
    known = view.meta.rules.get(rule)
    return i18n.of(known, "", view.lang) if known else rule


def _reviews(view: View, rows: tuple[Any, ...], states: Mapping[str, str]) -> Iterator[Block]:
    """What was decided on these findings at the desk."""
    t = view.t
    decided = [
        (str(r.year), f"{r.rule} {r.name}", letter.both(r.left, r.right),
         t(f"quality.state.{states[r.finding_id]}"))
        for r in rows if states.get(r.finding_id) in ("accepted", "waived", "sent")
    ]  # fmt: skip
    if decided:
        columns = (t("column.year"), t("column.rule"), t("dossier.both"), t("dossier.decision"))
        yield Heading(t("dossier.reviews"), 2)
        yield Table(columns, tuple(decided), t("dossier.reviews"), weights=(1, 6, 3, 2))


def documents(view: View, found: Open) -> Iterator[Block]:
    """Every document used, superseded ones too: name, dates, hash, address."""
    t = view.t
    loaded = {r.report_id: r.loaded for r in
              rows_of(view.query(queries.loaded, found.office.office_id))}  # fmt: skip
    rows = []
    for r in rows_of(found.documents):
        if view.selection.years and not (
            view.selection.years[0] <= r.year <= view.selection.years[1]
        ):
            continue
        lines = [_text(r.title), _text(r.filename)]
        url = _text(r.url)
        rows.append(
            (
                str(int(r.year)),
                "\n".join(dict.fromkeys(filter(None, lines))) or formats.MISSING,
                view.words.named("superseded", _text(r.superseded_reason) or None),
                formats.date(r.published, view.lang),
                formats.date(loaded.get(r.report_id), view.lang),
                # In groups, so that the line can break in a narrow column.
                " ".join(_parts(_text(r.document_id))) or formats.MISSING,
                url or t("dossier.no_url"),
            )
        )
    columns = (
        t("column.year"), t("column.document"), t("column.status"), t("column.published"),
        t("dossier.loaded"), "SHA-256", t("dossier.url"),
    )  # fmt: skip
    yield Heading(t("dossier.documents"))
    yield Text(t("dossier.documents_lead"))
    yield Table(
        columns, tuple(rows), t("dossier.documents"), weights=(1.3, 5.2, 1.8, 2.2, 2.2, 4.2, 3.0)
    )


def _text(value: Any) -> str:
    return "" if formats.is_missing(value) else str(value)


def _parts(text: str, size: int = 16) -> list[str]:
    return [text[n : n + size] for n in range(0, len(text), size)]


def reading(view: View) -> Iterator[Block]:
    """How to read it: the typed words of absence, marks, breaks in the series."""
    t = view.t
    yield Heading(t("dossier.reading"))
    for key in ("values", "band", "hollow", "findings"):
        yield Text(t(f"dossier.read.{key}", missing=formats.MISSING, n=profile.MIN_PEERS))
    states = tuple(
        (i18n.of(s, "", view.lang), i18n.of(s, "note", view.lang))
        for s in view.meta.states.values()
    )
    yield Table((t("doc.state"), t("dossier.meaning")), states, t("dossier.states"), weights=(1, 4))
    breaks = tuple(
        (a.at.isoformat(), i18n.of(a, "", view.lang), i18n.of(a, "note", view.lang), a.source)
        for a in view.meta.annotations
    )
    columns = (
        t("dossier.since"),
        t("dossier.change"),
        t("dossier.meaning"),
        t("letters.index.basis"),
    )
    yield Table(columns, breaks, t("dossier.breaks"), weights=(2, 4, 7, 4))
