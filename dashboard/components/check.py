"""The sections of 报告核验. Nothing that was uploaded outlives the session's page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st

from dashboard import checker, formats, i18n
from dashboard.checker import Checked
from dashboard.components import cards
from dashboard.components.document import grid_html, line_html
from dashboard.export import filename
from dashboard.export import letter as letters
from dashboard.filters import Filters
from dashboard.formsheet import Sheet, mark
from dashboard.judged import Issue, Judged, judge
from dashboard.judged import claims as claims_of
from dashboard.locators import in_words
from dashboard.markup import Link, anchor, esc, plain
from dashboard.queries import quality
from dashboard.view import View

#: Session key: results of the files now in the uploader, by the uploader's id.
CHECKED: Final = "do_checked"
MOST_FILES: Final = 10
#: Lines of running text of a document that are shown.
LINE_LIMIT: Final = 400
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Shown:
    """One document of an upload: its file's name and the judged result."""

    file: str
    judged: Judged


def uploads(view: View) -> list[Shown]:
    """The upload field; checks what is new in it, with progress, and returns all documents."""
    t = view.t
    st.html(f"<style>{_uploader_words(view)}</style>")
    found = st.file_uploader(
        t("check.drop"), accept_multiple_files=True, key="do_upload",
    )  # fmt: skip
    limit = t("check.formats", mb=checker.DEFAULT.megabytes, files=MOST_FILES)
    st.html(f'<p class="do-line">{esc(limit)}</p>')
    before: dict[str, Checked] = st.session_state.get(CHECKED, {})
    kept: dict[str, Checked] = {}
    # Written at once: an interrupted rerun keeps what was done, a removed file is forgotten.
    st.session_state[CHECKED] = kept
    for item in found[:MOST_FILES]:
        if item.file_id in before:
            kept[item.file_id] = before[item.file_id]
    for item in found[:MOST_FILES]:
        if item.file_id not in kept:
            kept[item.file_id] = _check(view, item)
    if len(found) > MOST_FILES:
        st.warning(t("check.too_many", files=MOST_FILES, rest=len(found) - MOST_FILES))
    if not found:
        st.info(t("check.start"))
    ordered = [kept[item.file_id] for item in found[:MOST_FILES]]
    if any(one.more for one in ordered):
        st.warning(t("check.more", n=checker.DEFAULT.documents))
    return [shown for one in ordered for shown in _documents(view, one)]


def _uploader_words(view: View) -> str:
    """The uploader's own English words give way to ours, which are in both languages."""
    words, button = (view.t(f"check.{key}").replace('"', "") for key in ("drop", "choose_files"))
    zone = '.st-key-do_upload [data-testid="stFileUploaderDropzone'
    place, label = f'{zone}Instructions"]', f'{zone}"] button p'
    return (
        f'{place} > * {{ display: none; }} {place}::before {{ content: "{words}"; }} '
        f'{label} {{ font-size: 0; }} {label}::after {{ content: "{button}"; font-size: 1rem; }}'
    )


def _check(view: View, item: Any) -> Checked:
    place = st.empty()

    def progress(step: str, seconds: float, documents: int) -> None:
        name = checker.shown_name(item.name)
        words = view.t(f"check.{step}", name=name, seconds=int(seconds), n=documents)
        place.progress(min(0.95, seconds / checker.DEFAULT.seconds), text=plain(words))

    progress("reading", 0, 0)
    done = checker.check(item.name, item.getvalue(), progress=progress)
    place.empty()
    return done


def _documents(view: View, one: Checked) -> list[Shown]:
    t = view.t
    if one.problem:
        words = {"mb": checker.DEFAULT.megabytes}
        problem = {
            "code": one.problem,
            "message": t(f"check.problem.{one.problem}.what", **words),
            "hint": t(f"check.problem.{one.problem}.do"),
        }
        empty = {"status": "rejected", "problem": problem, "cells": {}, "findings": []}
        return [Shown(one.name, Judged(empty, ()))]
    return [
        Shown(str(parsed["source"]), judge(parsed, view.meta, view.lang, t))
        for parsed in one.documents
    ]


def choose(view: View, documents: list[Shown]) -> Shown | None:
    """Which document is shown; of several, a table with the verdicts first."""
    t = view.t
    if len(documents) < 2:
        return documents[0] if documents else None
    rows = [
        (
            shown.file,
            shown.judged.parsed.get("office") or formats.MISSING,
            str(shown.judged.parsed.get("year") or formats.MISSING),
            letters.verdict(shown.judged, t),
        )
        for shown in documents
    ]
    headers = (
        t("check.file"), t("column.office"), t("column.year"), t("check.verdict_column"),
    )  # fmt: skip
    cards.linked_table(view, headers, rows, caption=t("check.done", n=len(documents)))
    worst = min(range(len(documents)), key=lambda n: _rank(documents[n]))
    chosen = st.selectbox(
        t("check.choose"), range(len(documents)), index=worst,
        format_func=lambda n: f"{documents[n].file} · {rows[n][3]}", key="do_check_choose",
    )  # fmt: skip
    return documents[chosen]


def _rank(shown: Shown) -> int:
    return ("rejected", "errors", "confirm", "ok").index(shown.judged.verdict)


def verdict(view: View, shown: Shown) -> None:
    """The answer in one sentence."""
    t, judged = view.t, shown.judged
    kind = judged.verdict
    if judged.rejected:
        problem = judged.parsed["problem"] or {}
        note = "\n".join(filter(None, (problem.get("message"), problem.get("hint"))))
    else:
        both = kind == "errors" and judged.confirm
        note = t(f"check.verdict_note.{'errors_confirm' if both else kind}")
    st.html(
        f'<section class="do-verdict {kind}" role="status">'
        f"<b>{esc(letters.verdict(judged, t))}</b>{esc(shown.file)}<br>{esc(note)}</section>"
    )


def recognised(view: View, shown: Shown) -> None:
    """Which office, year, scope and form, each with what it was told from."""
    t, parsed = view.t, shown.judged.parsed
    evidence = parsed["evidence"]
    office = parsed["office"] or t("check.unknown")
    if parsed["office_printed"] and parsed["office_printed"] != parsed["office"]:
        office += t("format.dot") + t("check.printed", printed=parsed["office_printed"])
    forms = {f.form: i18n.of(f, "", view.lang) for f in view.meta.forms}
    names = {key: i18n.of(table, "", view.lang) for key, table in view.meta.tables.items()}
    states = t("format.comma").join(
        t("check.state_count", state=i18n.of(view.meta.states[s], "", view.lang), n=n)
        for s, n in shown.judged.states().items()
    )
    met = t("format.semicolon").join(
        f"{names[k]}{t('check.colon')}{forms.get(v, v)}" for k, v in parsed["forms"].items()
    )
    rows = [
        (t("column.office"), _by(view, office, evidence.get("office"))),
        (t("column.year"), _by(view, parsed["year"], evidence.get("year"))),
        (t("column.scope"), _by(view, view.words.named("scope", parsed["scope"]),
                                evidence.get("scope") if view.lang == "zh" else None)),
        (t("column.form"), met or t("check.unknown")),
        (t("check.format"), str(parsed["format"]).upper()),
        (t("column.published"), formats.date(parsed["published"], view.lang)
         if parsed["published"] else formats.MISSING),
        (t("check.states"), states),
    ]  # fmt: skip
    body = "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in rows)
    st.html(
        f'<div class="do-reading" role="region" aria-label="{esc(t("check.recognised"))}">'
        f"<b>{esc(t('check.recognised'))}</b><dl>{body}</dl></div>"
    )


def _by(view: View, value: object, evidence: str | None) -> str:
    if value in (None, ""):
        return view.t("check.unknown")
    if not evidence:
        return str(value)
    return view.t("check.by", value=value, evidence=view.words.named("evidence", evidence))


def issues(view: View, shown: Shown) -> None:
    """What to correct and to confirm; notes apart."""
    t = view.t
    st.subheader(t("check.issues"), anchor=False)
    todo = [i for i in shown.judged.issues if i.kind != "hint"]
    if todo:
        _issues(view, todo, t("check.issues"))
    else:
        st.caption(t("check.issues_none"))
    hints = [i for i in shown.judged.issues if i.kind == "hint"]
    if hints:
        with st.expander(t("check.hints", n=len(hints))):
            _issues(view, hints, t("check.hints", n=len(hints)))


def _issues(view: View, found: list[Issue], caption: str) -> None:
    t = view.t
    rows = [
        (
            mark(i.number), t(f"check.kind.{i.kind}"), i.name, i.message,
            formats.exact(i.left), formats.exact(i.right), i.place or formats.MISSING,
        )
        for i in found
    ]  # fmt: skip
    headers = (
        t("check.mark"), t("check.weight"), t("check.what"), t("column.message"),
        t("column.left"), t("column.right"), t("doc.place"),
    )  # fmt: skip
    cards.linked_table(view, headers, rows, caption=caption, right=(4, 5))


def repairs(view: View, shown: Shown) -> None:
    """The smallest changes that would satisfy all sums: guesses, nothing is changed."""
    t = view.t
    found = list(letters.guesses(shown.judged.parsed, view.lang, t))
    if not found:
        return
    with st.container(border=True, key="do_repairs"):
        st.markdown(f"#### {plain(t('check.repairs'))}")
        items = "".join(f"<li>{esc(text)}</li>" for text in found)
        st.html(f'<p class="do-line">{esc(t("check.repairs_note"))}</p><ul>{items}</ul>')


def tables(view: View, shown: Shown) -> None:
    """The three statutory tables with states and failing sums."""
    t = view.t
    st.subheader(t("check.tables"), anchor=False)
    st.html(f'<p class="do-line">{esc(t("check.legend"))}</p>')
    for heading, form, html in Sheet(shown.judged, view.meta, view.lang, t).tables():
        st.markdown(f"##### {plain(heading)}")
        if html:
            st.html(f'<p class="do-line">{esc(form)}</p>{html}')
        else:
            st.caption(t("check.table_none"))


def claims(view: View, shown: Shown) -> None:
    """Figures of the narrative beside the tables'."""
    t = view.t
    st.subheader(t("check.claims"), anchor=False)
    names = {k: i18n.of(c, "", view.lang) for k, c in view.meta.claims.items()}
    found = claims_of(shown.judged.parsed, names, t)
    if not found:
        st.caption(t("check.claims_none"))
        return
    rows = []
    for c in found:
        value = formats.exact(c.value)
        stated = t("check.approximate", value=value) if c.approximate else value
        agrees = t(f"check.agrees.{c.outcome or 'none'}")
        rows.append((c.what, stated, formats.exact(c.table), agrees, c.text, c.place))
    headers = (
        t("check.what"), t("check.stated"), t("check.in_table"), t("column.outcome"),
        t("check.sentence"), t("doc.place"),
    )  # fmt: skip
    cards.linked_table(view, headers, rows, caption=t("check.claims"), right=(1, 2))


def before(view: View, shown: Shown) -> None:
    """上年结转 against what the warehouse has of the year before."""
    t, parsed = view.t, shown.judged.parsed
    if not parsed["year"] or not parsed["office"]:
        return
    names = tuple({str(n) for n in (parsed["office"], parsed["office_printed"]) if n})
    found = view.query(
        quality.carried_out, parsed["office_id"] or "", names, int(parsed["year"]) - 1,
        parsed["scope"] or "",
    )  # fmt: skip
    came = parsed["cells"].get("t3.carried_in.total", {}).get("value")
    st.subheader(t("check.before"), anchor=False)
    if found is None or came is None:
        st.caption(t("check.before_none"))
        return
    office_id, went = found
    words = t(
        "check.before_ok" if went == came else "check.before_bad",
        year=int(parsed["year"]) - 1, went=formats.exact(went), came=formats.exact(came),
    )  # fmt: skip
    href = view.href("profile", _office(view, office_id))
    st.html(f'<p class="do-line">{esc(words)}</p>' + anchor(Link(t("check.office_known"), href)))


def _office(view: View, office_id: str) -> Filters:
    return replace(view.filters.without_open(), office=office_id)


def letter(view: View, shown: Shown) -> None:
    """The message to the office, to take along."""
    t = view.t
    made = letters.of_check(shown.judged, shown.file, view.lang, t, dt.date.today())
    st.subheader(t("check.letter"), anchor=False)
    with st.container(horizontal=True):
        for kind, make, mime in (
            ("docx", letters.word, DOCX),
            ("txt", letters.plain, "text/plain"),
        ):
            who = str(shown.judged.parsed.get("office") or shown.file)
            year = str(shown.judged.parsed.get("year") or "")
            st.download_button(
                t(f"check.letter_{kind}"), data=partial(make, made, t),
                file_name=filename(t("check.letter_file"), who, year, ending=kind), mime=mime,
                key=f"do_letter_{kind}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def document(view: View, shown: Shown) -> None:
    """The document's own tables as read, behind a switch."""
    t, parsed = view.t, shown.judged.parsed
    blocks = parsed.get("blocks") or []
    if not blocks or not st.toggle(t("check.document"), key="do_check_document"):
        return
    keys = {tuple(place): key for key, place in parsed["refs"].items()}
    states = {key: cell["state"] for key, cell in parsed["cells"].items()}
    labels = {
        key: i18n.of(view.meta.cells[key], "label", view.lang)
        for key in states
        if key in view.meta.cells
    }
    failed = frozenset(shown.judged.marks())
    lines = 0
    for number, block in enumerate(blocks):
        if block["kind"] == "grid":
            caption = t("doc.table", number=int(block["number"]))
            place = in_words(block.get("place") or "", t)
            st.html(
                f'<p class="do-line">{esc(caption)} {esc(place)}</p>'
                + grid_html(block, number, keys=keys, states=states, titles=labels, hrefs=None,
                            failed=failed, caption=caption)
            )  # fmt: skip
        elif lines < LINE_LIMIT:
            lines += 1
            st.html(line_html(block))
