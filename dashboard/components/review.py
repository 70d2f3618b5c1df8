"""A person's decision on a finding: both values, the history, the decision, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import desk as desks
from dashboard import formats, state
from dashboard.chosen import cell_of, chosen
from dashboard.components import cards, frame, places, reveal
from dashboard.desk import Desk, DeskError, Review
from dashboard.figures import quality as figures
from dashboard.filters import Selection
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, anchor, esc
from dashboard.queries import findings
from dashboard.queries.findings import TO_DO, Decided, Finding, Which
from dashboard.view import View

#: Session keys: the reviewer's name, kept while the session lasts; what the last write said.
WHO, SAID, REFUSED = "do_reviewer", "do_review_said", "do_review_refused"
DECISIONS = ("accepted", "waived", "sent")
#: Findings decided on at once: more than a person can have looked at is a mistake.
BATCH = 500


def decided(view: View) -> Decided | None:
    """The decisions in force; ``None`` (and words) where the desk cannot be read."""
    try:
        return Decided.of(Desk().reviews().values())
    except DeskError as error:
        frame.failure(view.t, error)
        return None


def states(view: View, finding_ids: list[str]) -> dict[str, str]:
    """Finding id → state in words; empty (and words) where the desk cannot be read."""
    try:
        known = Desk().reviews(finding_ids)
    except DeskError as error:
        frame.failure(view.t, error)
        return {}
    return {
        key: view.t(f"quality.state.{known[key].state if key in known else 'open'}")
        for key in finding_ids
    }


def panel(view: View, known: Decided) -> None:
    """The finding of the URL, ready to be decided on."""
    t = view.t
    refused, said = (st.session_state.pop(key, None) for key in (REFUSED, SAID))
    if refused:
        st.error(refused)
    if said:
        st.success(said, icon=":material/check:")
    if not view.filters.finding:
        reveal.forget("do_review")
        return
    found = view.query(findings.one, view.filters.finding, known)
    if found is None:
        frame.empty(view, "no_finding")
        st.button(t("quality.close"), key="do_close_finding", on_click=_close)
        return
    with st.container(border=True, key="do_review"):
        reveal.once("do_review", view.filters.finding, top=True)
        st.html(f'<h4 class="do-title">{esc(t("quality.review_title"))}</h4>')
        st.html(_what(view, found))
        try:
            past = Desk().history(_key(found))
        except DeskError as error:
            frame.failure(t, error)
            return
        _history(view, found, past)
        _decide(view, found, past, known)


def _what(view: View, f: Finding) -> str:
    """The finding in words: who, what, both values, the cells they stand in, what to do."""
    t = view.t
    at = cell_of(view, f.office_id, f.report_id, f.cells[0] if f.cells else None)
    cells = t("format.comma").join(
        anchor(Link(_label(view, key), view.href("profile", replace(at, cell=key))))
        for key in f.cells[:8]
    )
    rows = [
        (t("column.office"), anchor(Link(f.name or f.office_id, view.href("profile", at)))),
        (t("column.year"), str(f.year)),
        (t("column.rule"), esc(figures.rule_name(view, f.rule))),
        (t("column.level"), esc(view.words.named("rule_level", f.level))),
        (t("column.message"), esc(places.message(f, view.lang, t))),
        (t("quality.both_values"), esc(_both(view, f))),
        (t("quality.cells"), cells),
        (t("column.review"), esc(t(f"quality.state.{f.state}"))),
    ]
    body = "".join(f"<dt>{esc(name)}</dt><dd>{text}</dd>" for name, text in rows if text)
    return f'<div class="do-reading"><dl>{body}</dl></div>'


def _both(view: View, f: Finding) -> str:
    if f.left_value is None and f.right_value is None:
        return ""
    return view.t(
        "quality.left_right",
        left=formats.exact(f.left_value),
        right=formats.exact(f.right_value),
    )


def _label(view: View, key: str) -> str:
    cell = view.meta.cells.get(key)
    return key if cell is None else cell.label_zh if view.lang == "zh" else cell.label_en


def _history(view: View, f: Finding, past: list[Review]) -> None:
    if not past:
        return
    t = view.t
    if f.state == "changed":
        st.info(t("quality.changed_note"))
    rows = [
        (
            _when(r.at, view.lang),
            r.who or formats.MISSING,
            t(f"quality.state.{r.state}"),
            r.reason,
            t("quality.left_right", left=r.finding.left_value or formats.MISSING,
              right=r.finding.right_value or formats.MISSING),
        )
        for r in reversed(past)
    ]  # fmt: skip
    names = ("when", "who", "decision", "reason", "both_values")
    headers = [t(f"quality.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=t("quality.history"))


def _when(at: str, lang: str) -> str:
    """A moment of the desk (UTC) as the server's clock shows it."""
    moment = datetime.fromisoformat(at).astimezone()
    return f"{formats.date(moment.date(), lang)} {moment:%H:%M}"


def _decide(view: View, f: Finding, past: list[Review], known: Decided) -> None:
    t = view.t
    keys = {part: f"do_{part}_{f.finding_id}" for part in ("decision", "reason")} | {
        "who": "do_who"
    }

    def submit(*, further: bool) -> None:
        following = _next(view, f, known) if further else ""
        if _save(view, keys, lambda: [_key(f)]):
            _open(following)

    with st.form("do_decide", border=False, clear_on_submit=False):
        _form(view, keys, DECISIONS)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(
                t("quality.save"), type="primary", key="do_save", on_click=submit,
                kwargs={"further": False},
            )  # fmt: skip
            st.form_submit_button(
                t("quality.save_next"), key="do_save_next", on_click=submit,
                kwargs={"further": True},
            )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        if past and past[-1].state != "open" and f.state not in TO_DO:
            st.button(
                t("quality.undo"), key="do_undo", icon=":material/undo:", on_click=_undo,
                args=(view, f),
            )  # fmt: skip
        st.button(t("quality.close"), key="do_close_finding", on_click=_close)


def _form(view: View, keys: dict[str, str], decisions: tuple[str, ...]) -> None:
    """Decision, reason and name, under these session keys."""
    t = view.t
    st.radio(
        t("quality.decision"), decisions, key=keys["decision"], horizontal=True,
        format_func=lambda s: t("quality.undo" if s == "open" else f"quality.state.{s}"),
        captions=[t(f"quality.state_help.{s}") for s in decisions],
    )  # fmt: skip
    st.text_area(
        t("quality.reason_label"), key=keys["reason"], height=80, max_chars=desks.REASON_LENGTH,
        placeholder=t("quality.reason_help"),
    )  # fmt: skip
    if keys["who"] not in st.session_state:
        st.session_state[keys["who"]] = st.session_state.get(WHO, "")
    st.text_input(t("quality.who_label"), key=keys["who"], max_chars=desks.NAME_LENGTH, width=280)


def _next(view: View, f: Finding, known: Decided) -> str:
    """The finding after this one in the list that still asks for a person, else the first."""
    selection, which = chosen(view)
    todo = replace(which, states=TO_DO)
    found = view.query(findings.listed, selection, todo, known, limit=BATCH)
    ids = list(found["finding_id"])
    after = ids[ids.index(f.finding_id) + 1 :] if f.finding_id in ids else ids
    return next(iter([*after, *(i for i in ids if i != f.finding_id)]), "")


def _open(finding: str) -> None:
    state.put(replace(state.current(), finding=finding))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _close() -> None:
    _open("")


def _key(f: Finding) -> desks.Finding:
    return desks.Finding(
        f.finding_id, f.office_id, f.year, f.rule, f.subject, f.left_text, f.right_text
    )


def _save(view: View, keys: dict[str, str], about: Callable[[], Iterable[desks.Finding]]) -> bool:
    """Write what a form says; what is missing or went wrong is said and nothing written."""
    t = view.t
    decision, reason, who = (
        str(st.session_state[keys[part]] or "").strip() for part in ("decision", "reason", "who")
    )
    refused = (
        "quality.who_needed" if not who
        else "quality.reason_needed" if decision == "waived" and not reason
        else ""
    )  # fmt: skip
    if refused:
        st.session_state[REFUSED] = t(refused)
        return False
    st.session_state[WHO] = who
    try:
        n = Desk().review(about(), decision, reason=reason, who=who)
    except DeskError as error:
        st.session_state[REFUSED] = _failed(view, error)
        return False
    st.session_state[SAID] = t("quality.saved", n=n, state=t(f"quality.state.{decision}"))
    return True


def _failed(view: View, error: DeskError) -> str:
    what, do = (view.t(f"error.{error.reason}.{part}") for part in ("what", "do"))
    return f"**{what}**\n\n{do} `{error.place}`"


def _undo(view: View, f: Finding) -> None:
    try:
        Desk().review([_key(f)], "open", who=st.session_state.get(WHO, ""))
    except DeskError as error:
        st.session_state[REFUSED] = _failed(view, error)
        return
    st.session_state[SAID] = view.t("quality.undone")


def batch(view: View, selection: Selection, which: Which, known: Decided, total: int) -> None:
    """One decision on everything listed: for a rule whose findings all have the same cause."""
    t = view.t
    if not which.rule and not which.states:
        return
    keys = {part: f"do_batch_{part}" for part in ("decision", "reason", "who")}

    def about() -> list[desks.Finding]:
        found = view.query(findings.listed, selection, which, known, limit=BATCH)
        return [
            desks.Finding(r.finding_id, r.office_id, int(r.year), r.rule, r.subject,
                          _text(r.left_text), _text(r.right_text))
            for r in rows_of(found)
        ]  # fmt: skip

    def submit() -> None:
        if _save(view, keys, about):
            _close()

    with st.expander(t("quality.batch", n=formats.number(total))):
        if total > BATCH:
            st.caption(t("quality.batch_many", n=BATCH))
            return
        with st.form("do_batch", border=False):
            _form(view, keys, (*DECISIONS, "open"))
            st.form_submit_button(t("quality.batch_save"), key="do_batch_save", on_click=submit)
