"""Search from every page: offices by any of their names, words in the reports' own text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import cached, formats, state
from dashboard.components import held
from dashboard.filters import Filters
from dashboard.frames import rows as rows_of
from dashboard.i18n import Text
from dashboard.markup import Link, anchor, esc, excerpt, marked
from dashboard.office_index import Match, fold
from dashboard.queries import search
from dashboard.view import View

OFFICES: Final = 20
PARAGRAPHS: Final = 20
#: Questions to the text in one go; each reads some 60,000 paragraphs.
QUESTIONS: Final = 5
#: A word of one character is in every paragraph.
SHORTEST: Final = 2


def box(filters: Filters, t: Text) -> None:
    """The field in the page's head; what is typed becomes part of the URL."""

    def typed(text: Any) -> None:
        _look_for(str(text).strip()[:80])

    st.text_input(
        t("search.label"), placeholder=t("search.placeholder"), width=270, max_chars=80,
        icon=":material/search:", label_visibility="collapsed", help=None,
        **held.shows("do_search", filters.find, typed),
    )  # fmt: skip


def results(view: View) -> None:
    """What was found, in place of the page; a button leads back to it."""
    t, text = view.t, view.filters.find
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("search.results", text=text), anchor=False, width="stretch")
        st.button(t("search.back"), key="do_search_close", icon=":material/close:",
                  on_click=_close)  # fmt: skip
    words = tuple(dict.fromkeys(w for w in text.split() if len(w) >= SHORTEST))
    found = cached.office_index(view.build, view.viewer).find(text, OFFICES + 1)
    _offices(view, found)
    _texts(view, words)


def _close() -> None:
    _look_for("")


def _look_for(text: str) -> None:
    """Another search starts at the newest text; the tab of the page behind stays open."""
    now = state.current()
    state.put(replace(now, find=text, tab="" if now.tab.isdecimal() else now.tab))


def _offices(view: View, found: Sequence[Match]) -> None:
    t = view.t
    st.markdown(f"#### {t('search.offices')}")
    if not found:
        st.info(f"**{t('search.no_office')}**\n\n{t('search.no_office_do')}")
        return
    matches = {m.office_id: m for m in found[:OFFICES]}
    facts = view.query(search.offices_by_id, tuple(matches))
    items = "".join(f"<li>{_office(view, r, matches[r.office_id])}</li>" for r in rows_of(facts))
    st.html(f'<ul class="do-hits">{items}</ul>')
    if len(found) > OFFICES:
        st.caption(t("search.more_offices", n=OFFICES))


def _office(view: View, r: Any, match: Match) -> str:
    t = view.t
    opened = replace(view.filters.without_open(), office=r.office_id)
    known = (r.first_year, r.last_year)
    years = (
        t("format.years", years=formats.years(int(r.first_year), int(r.last_year)))
        if not any(map(formats.is_missing, known))
        else t("search.no_report")
    )
    facts = [
        r.place or "",
        view.words.named("level", _text(r.level)),
        view.words.named("kind", _text(r.kind)),
        years,
    ]
    if match.name not in (fold(r.name), r.office_id) and match.name != fold(r.place or ""):
        facts.append(t("search.found_by", name=match.name))
    about = t("format.dot").join(f for f in facts if f)
    link = anchor(Link(r.name, view.href("profile", opened)))
    return f'{link} <span class="do-quiet">{esc(about)}</span>'


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(view: View, words: tuple[str, ...]) -> None:
    t = view.t
    st.markdown(f"#### {t('search.texts')}")
    st.html(f'<p class="do-line">{esc(t("search.within", filters=view.in_words))}</p>')
    if not words:
        st.caption(t("search.too_short", n=SHORTEST))
        return
    skip = int(view.filters.tab) if view.filters.tab.isdecimal() else 0
    with st.spinner(t("search.reading")):
        answer = _step(view, words, skip)
    found = answer.found
    if found.empty:
        st.info(f"**{t('search.no_text')}**\n\n{t('search.no_text_do')}")
    else:
        items = "".join(f"<li>{_paragraph(view, r, words)}</li>" for r in rows_of(found))
        st.html(f'<ul class="do-hits">{items}</ul>')
    _further(view, found, answer.read, answer.total)


def _step(view: View, words: tuple[str, ...], skip: int) -> search.Paragraphs:
    """Ask until the list is full, all is read, or :data:`QUESTIONS` were asked."""
    parts: list[pd.DataFrame] = []
    for _ in range(QUESTIONS):
        left = PARAGRAPHS - sum(map(len, parts))
        answer = view.query(search.paragraphs, view.selection, words, skip=skip, limit=left)
        parts.append(answer.found)
        skip = answer.read
        if len(answer.found) >= left or answer.read >= answer.total:
            break
    full = [part for part in parts if len(part)] or parts[:1]
    return replace(answer, found=pd.concat(full, ignore_index=True))


def _paragraph(view: View, r: Any, words: tuple[str, ...]) -> str:
    opened = replace(
        view.filters.without_open(), office=r.office_id or "", report=r.report_id, tab="document",
        mark=" ".join(words),
    )  # fmt: skip
    name = r.name if isinstance(r.name, str) else r.office_id
    title = view.t("search.report", name=name, year=int(r.year))
    heading = r.heading if isinstance(r.heading, str) else ""
    link = anchor(Link(title, view.href("profile", opened)))
    return (
        f'{link} <span class="do-quiet">{esc(heading)}</span>'
        f'<div class="do-text">{marked(excerpt(r.text, words), words)}</div>'
    )


def _further(view: View, found: pd.DataFrame, read: int, total: int) -> None:
    """How much of the text was looked at, and the way on."""
    t = view.t
    if len(found) >= PARAGRAPHS:
        st.caption(t("search.many_texts", n=PARAGRAPHS))
        return
    done = t("search.read", read=formats.number(read), total=formats.number(total))
    if read >= total:
        st.html(f'<p class="do-line" role="status">{esc(done)}</p>')
        return
    on = view.href(view.page, replace(view.filters, tab=str(read)))
    link = anchor(Link(t("search.go_on"), on))
    st.html(f'<p class="do-line" role="status">{esc(done)} {link}</p>')
