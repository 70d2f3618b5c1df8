"""整改提示 on the pages: a batch for what is filtered, or the letter to one office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st

from dashboard import formats
from dashboard.chosen import chosen
from dashboard.components import job
from dashboard.desk import Desk, DeskError, Review
from dashboard.export import letter, letters
from dashboard.export.letters import MAX_LETTERS, Batch, Order
from dashboard.i18n import Text
from dashboard.jobs import Steps
from dashboard.markup import plain
from dashboard.queries import findings
from dashboard.queries import letters as queries
from dashboard.queries.findings import Decided
from dashboard.view import View

SLOT: Final = "letters"
#: Findings of a state of review that one batch takes up.
MOST_FINDINGS: Final = 50_000
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LEVELS: Final = {"all": queries.LEVELS, "error": queries.LEVELS[:1]}


def batch(view: View) -> None:
    """A ZIP of letters for the offices with findings in the selection, behind a button."""
    t = view.t
    with st.container(border=True, key="do_letters"):
        st.markdown(f"#### {plain(t('letters.heading'))}")
        st.caption(t("letters.explain"))
        _batch(view)


@st.fragment
def _batch(view: View) -> None:
    t = view.t
    opened = _opened(view)
    if opened is None:
        return
    order = _fields(view, opened)
    key = f"{view.build.id} {view.lang} {order.selection(view)} {hash(order)}"
    now = job.find(SLOT, key)
    if now is not None and now.running:
        job.watch(view, now, "letters.working")
        return
    done: Batch | None = None if now is None else job.result(view, now, reason)
    if done is not None:
        _ready(view, done)
        return
    found = view.query(
        queries.offices, order.selection(view), levels=order.levels, rule=order.rule,
        only=order.only, limit=MAX_LETTERS,
    )  # fmt: skip
    if found.empty:
        st.caption(t("letters.none"))
        return
    every = int(found["found"].iloc[0])
    st.html(f'<p class="do-line">{_counted(view, found, every)}</p>')
    if every > MAX_LETTERS:
        st.warning(t("letters.too_many", found=every, limit=MAX_LETTERS))
    st.button(
        t("letters.make", n=len(found)), key="do_letters_make", icon=":material/draft:",
        on_click=job.begin_on, args=(view, SLOT, partial(_letters, order), key),
    )  # fmt: skip


def _counted(view: View, found: Any, every: int) -> str:
    findings = formats.number(int(found["findings"].sum()))
    return view.t("letters.count", n=formats.number(every), findings=findings)


def _opened(view: View) -> Order | None:
    """The order as the page stands: year, rule, level and state of review where asked.

    ``None`` where the desk cannot be read, which is said.
    """
    selection, which = chosen(view)
    order = Order(rule=which.rule, years=None if selection == view.selection else selection.years)
    if which.level:
        # Hints are no reason to write to an office.
        order = replace(order, levels=tuple(v for v in queries.LEVELS if v == which.level))
    # Without a state in the filter it is enough to know that they can be read.
    reviews = _reviews(view, None if which.states else ())
    if reviews is None:
        return None
    if which.states:
        decided = Decided.of(reviews.values())
        found = view.query(findings.listed, selection, which, decided, limit=MOST_FINDINGS)
        order = replace(order, only=tuple(found["finding_id"]))
    return order


def _fields(view: View, order: Order) -> Order:
    """What the sender may fill in before."""
    t = view.t
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if order.levels == queries.LEVELS:  # not narrowed by the page already
            level = st.selectbox(
                t("letters.content"), list(_LEVELS), key="do_letters_levels", width=220,
                format_func=lambda name: t(f"letters.level_{name}"),
            )  # fmt: skip
            order = replace(order, levels=_LEVELS[level])
        deadline = st.date_input(
            t("letters.deadline"), value=None, key="do_letters_deadline", width=300,
            format="YYYY-MM-DD",
        )  # fmt: skip
        sender = st.text_input(
            t("letters.sender"), key="do_letters_sender", max_chars=80, width=260
        )
    day = deadline if isinstance(deadline, dt.date) else None
    return replace(order, deadline=day, sender=sender.strip())


def _letters(order: Order, view: View) -> Steps[Batch]:
    """The work itself, on the decisions of the moment it begins.

    Raises:
        DeskError: they cannot be read.
    """
    return (yield from letters.batch(view, order, decisions(), dt.date.today()))


def _ready(view: View, done: Batch) -> None:
    t = view.t
    if not done.made:
        st.info(t("letters.all_reviewed"))
    else:
        words = t("letters.ready", n=formats.number(done.made),
                  findings=formats.number(done.findings))  # fmt: skip
        if done.left_out:
            words += t("letters.ready_left_out", n=formats.number(done.left_out))
        st.success(words)
        if done.found > MAX_LETTERS:
            st.warning(t("letters.too_many", found=done.found, limit=MAX_LETTERS))
    with st.container(horizontal=True):
        if done.made:
            size = formats.number(len(done.archive) / 1e6, 1)
            st.download_button(
                t("letters.download_zip", mb=size), data=done.archive, file_name=done.name,
                mime="application/zip", key="do_letters_zip", icon=":material/download:",
                on_click="ignore", type="primary",
            )  # fmt: skip
        st.button(t("letters.again"), key="do_letters_again", on_click=job.forget,
                  args=(SLOT,))  # fmt: skip


def decisions() -> dict[str, str]:
    """Finding → the decision in force, of all.

    Raises:
        DeskError: they cannot be read; nothing may be made then, for it would ask for what was
            waived. The command line refuses as well.
    """
    return {key: review.state for key, review in Desk().reviews().items()}


def reason(t: Text, error: Exception) -> str:
    """Why nothing was made, where the desk cannot be read; file and remedy are said."""
    if not isinstance(error, DeskError):
        return ""
    why = (t(f"error.{error.reason}.{part}") for part in ("what", "do"))
    return "\n\n".join((t("letters.no_desk"), *why))


def _reviews(view: View, finding_ids: Sequence[str] | None) -> dict[str, Review] | None:
    """The reviews of some findings, ``None`` for all; ``None`` if they cannot be read."""
    try:
        return Desk().reviews(finding_ids)
    except DeskError as error:
        st.error(reason(view.t, error))
        st.code(error.place, language=None)
        return None


def one(view: View) -> None:
    """The letter to the office of the view."""
    t = view.t
    order = Order(office_id=view.filters.office)
    with st.container(border=True, key="do_letter_one"):
        st.markdown(f"#### {plain(t('letters.heading'))}")
        found = view.query(
            queries.offices, order.selection(view), levels=order.levels,
            office_id=order.office_id, limit=1,
        )  # fmt: skip
        if found.empty:
            st.caption(t("letters.none"))
            return
        st.caption(t("letters.explain_one"))
        _one(view, order, found)


@st.fragment
def _one(view: View, order: Order, found: Any) -> None:
    t = view.t
    row = found.iloc[0]
    st.html(
        '<p class="do-line">'
        + t("letters.count_one", reports=int(row["reports"]), findings=int(row["findings"]))
        + "</p>"
    )
    asked_about = view.query(
        queries.findings, order.selection(view), (order.office_id,), levels=order.levels,
        office_id=order.office_id,
    )  # fmt: skip
    reviews = _reviews(view, tuple(asked_about["finding_id"]))
    if reviews is None:
        return
    decided = {key: review.state for key, review in reviews.items()}
    order = _fields(view, order)
    made = letters.one(view, order, decided, dt.date.today())
    if made is None:
        st.caption(t("letters.none"))
        return
    if made.letter is None:
        st.info(t("letters.all_reviewed"))
        return
    asked = made.letter
    if made.left_out:
        st.caption(t("letters.ready_left_out", n=made.left_out))
    st.download_button(
        t("letters.download_docx"), data=lambda: letter.word(asked, t), file_name=made.file,
        mime=DOCX, key="do_letter_office", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
