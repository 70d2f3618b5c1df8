"""The sections of 申请办理."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import present
from dashboard.components import bar, cards, held, overview
from dashboard.components.trends import legend_line
from dashboard.figures import requests as figures
from dashboard.figures import requests_answer, requests_rates
from dashboard.figures.base import year_of
from dashboard.markup import esc
from dashboard.view import View


def pooled(view: View) -> pd.DataFrame:
    """What the page pools; empty where nothing fits the filters."""
    return figures.pooled(view)


def answer(view: View, frame: pd.DataFrame) -> None:
    """The question answered in words and figures, for the newest year with reports."""
    year = year_of(view, frame)
    if year is None:
        return
    overview.older(view, year)
    lines = requests_answer.answer(view, _with_before(view, frame, year), year)
    st.html("".join(f'<p class="do-lead">{esc(line)}</p>' for line in lines))
    found = [
        (m, present.change(overview.with_year_before(view, frame, m, year), m, year))
        for m in map(view.metric, figures.KPIS)
    ]
    cards.kpi_row(view, found, "kpi.reports")


def _with_before(view: View, frame: pd.DataFrame, year: int) -> pd.DataFrame:
    """The page's figures and, for the changes, those of the year before where it is not shown."""
    if year - 1 in set(frame["year"]):
        return frame
    before = [
        overview.with_year_before(view, frame, view.metric(name), year)
        for name in (figures.NEW, f"@{figures.FAMILY}")
    ]
    old = [b[b["year"] == year - 1] for b in before if b is not frame]
    return pd.concat([frame, *old], ignore_index=True)


def outcomes(view: View) -> None:
    """The one picture of the answer: outcome shares by year."""
    cards.draw(view, figures.outcomes, on_pick=overview.behind_pick)
    overview.behind(view, [m.key for m in view.meta.shares_of(figures.OUTCOME)])


def applicants(view: View) -> None:
    """Who applied: cases of every kind, and their shares."""
    st.subheader(view.t("requests.applicant_section"), anchor=False)
    one, two = st.columns(2)
    with one:
        cards.draw(view, figures.received, on_pick=overview.behind_pick)
    with two:
        cards.draw(view, figures.applicants, on_pick=overview.behind_pick)
    shares = [m.key for m in view.meta.shares_of(figures.APPLICANT)]
    overview.behind(view, [figures.NEW, *shares])


def rates(view: View) -> None:
    """How often each kind of applicant got the information."""
    st.subheader(view.t("requests.rates_section"), anchor=False)
    one, two = st.columns(2)
    with one:
        cards.draw(view, requests_rates.rate_dots, on_pick=overview.behind_pick)
    with two:
        cards.draw(view, requests_rates.rate_years, on_pick=overview.behind_pick)
    overview.behind(view, [m.key for m in figures.rates(view)])


def grounds(view: View) -> None:
    """The grounds: of the newest year by cases, of every year by share."""
    st.subheader(view.t("requests.ground_section"), anchor=False)
    wholes = figures.wholes(view)
    if not wholes:
        st.info(view.t("requests.grounds_older"))
        return
    cards.draw(view, requests_rates.grounds, on_pick=overview.behind_pick)
    for whole in wholes:
        cards.draw(view, requests_rates.ground, whole, on_pick=overview.behind_pick)
    overview.behind(view, [m.key for whole in wholes for m in view.meta.shares_of(whole)])


def trends(view: View) -> None:
    """The disclosure rate under the chosen definition, and 其他处理 as the sum it is."""
    st.subheader(view.t("requests.rate_section"), anchor=False)
    _definition(view)
    st.html(f'<p class="do-line">{esc(legend_line(view, pooled=True))}</p>')
    keys = (view.metric(f"@{figures.FAMILY}").key, figures.OTHER)
    for place, key in zip(st.columns(2), keys, strict=True):
        with place:
            cards.draw(view, figures.trend, key, on_pick=overview.behind_of(key))
    overview.behind(view, [keys[0]])


def _definition(view: View) -> None:
    """The definitions of the disclosure rate; the filter bar has the same choice."""
    family = figures.FAMILY
    members = [m.key for m in view.meta.family_members(family)]

    choose = bar.choose_family(family, view.meta.family_default(family).key)
    st.segmented_control(
        view.t("requests.definitions"), members, required=True,
        **held.shows("do_req_family", view.metric(f"@{family}").key, choose),
        format_func=lambda k: view.words.metric(view.meta.metrics[k]),
    )  # fmt: skip
