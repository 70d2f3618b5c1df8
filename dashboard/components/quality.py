"""The sections of 数据质量 on arrivals, continuity, reading and rejected documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import export, formats, rejections, state
from dashboard.components import cards, held, take
from dashboard.figures import quality as figures
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.markup import Link, anchor, esc
from dashboard.queries import quality, roster
from dashboard.view import View

LIST_ROWS = 100
#: Offices named in the page's first sentence.
NAMES = 5
#: Rows of a downloaded list: a county's offices over all years many times over.
FILE_ROWS = 200_000


def arrivals(view: View) -> None:
    """Who reported, in time or not: one bar a year, the kinds of bodies, the board of offices."""
    _names(view)
    cards.draw(view, figures.arrivals, on_pick=_of_arrival)
    _board(view)
    _by_kind(view)


def _of_arrival(fields: dict[str, Any]) -> None:
    """The board of one year's offices in one state."""
    year, now = int(fields["year"]), replace(state.current(), tab=str(fields["metric"]))
    state.put(now.with_selection(years=(year, year)))


def _names(view: View) -> None:
    """The answer first: whose report of the newest year is missing."""
    t, year = view.t, view.year
    assert year is not None
    only = replace(view.selection, years=(year, year))
    found = view.query(roster.board, only, view.today, wanted=("missing",), limit=NAMES)
    if found.empty:
        st.html(f'<p class="do-line">{esc(t("quality.nobody_missing", year=year))}</p>')
        return
    names = t("format.comma").join(
        anchor(
            Link(
                str(r.name),
                view.href("profile", replace(view.filters.without_open(), office=r.office_id)),
            )
        )
        for r in rows_of(found)
    )
    n = int(found["offices"].iloc[0])
    key = "quality.missing_names_more" if n > NAMES else "quality.missing_names"
    line = esc(t(key, year=year, n=formats.number(n), names="\0")).replace("\0", names)
    st.html(f'<p class="do-lead">{line}</p>')
    guessed, total = view.query(roster.presumed, view.selection, year)
    if guessed:
        note = t("quality.presumed", n=formats.number(guessed), total=formats.number(total))
        st.html(f'<p class="do-line">{esc(note)}</p>')


def _by_kind(view: View) -> None:
    """Where the missing ones are: one line per level and kind of the newest year."""
    t = view.t
    found = view.query(roster.by_kind, view.selection, view.today, view.year)
    if found.empty:
        return
    used = [a for a in roster.ARRIVALS if found[a].sum()]
    rows = []
    for r in rows_of(found):
        only = view.filters.with_selection(
            levels=(r.level,) if isinstance(r.level, str) else (),
            kinds=(r.kind,) if isinstance(r.kind, str) else (),
        )
        name = t("format.dot").join(
            view.words.named(prefix, value if isinstance(value, str) else None)
            for prefix, value in (("level", r.level), ("kind", r.kind))
        )
        counts = [formats.number(getattr(r, a)) for a in used]
        here = int(r.expected) - int(r.missing) - int(r.not_due)
        rows.append(
            (
                Link(name, view.href("quality", only)),
                formats.date(r.due, view.lang),
                formats.fraction(here, r.expected),
                *counts,
            )
        )
    title = t("quality.by_kind", year=view.year)
    headers = [t("quality.level_kind"), t("column.due"), t("quality.arrived_of"),
               *(t(f"quality.arrival.{a}") for a in used)]  # fmt: skip
    st.markdown(f"#### {title}")
    cards.linked_table(view, headers, rows, caption=title, right=range(2, len(headers)), whole=(1,))


def _board(view: View) -> None:
    t = view.t
    st.markdown(f"#### {figures.board.called(view)}")
    _choose_arrival(view)
    wanted = figures.wanted(view)
    found = view.query(roster.board, view.selection, view.today, wanted=wanted, limit=LIST_ROWS)
    if found.empty:
        st.caption(t("quality.board_none"))
        return
    signs = figures.SIGNS
    legend = t("format.semicolon").join(f"{signs[a]} {t(f'quality.arrival.{a}')}" for a in signs)
    st.html(f'<p class="do-line">{esc(legend)}</p>')
    years = sorted({int(y) for y in found["year"]})
    rows = []
    offices: dict[str, dict[int, Any]] = {}
    for r in rows_of(found):
        offices.setdefault(str(r.office_id), {})[int(r.year)] = r
    for office_id, by_year in offices.items():
        cells = [
            f"{signs[by_year[y].arrival]} {_date(view, by_year[y])}" if y in by_year else ""
            for y in years
        ]
        opened = replace(view.filters.without_open(), office=office_id)
        first = next(iter(by_year.values()))
        rows.append(
            (
                Link(str(first.name), view.href("profile", opened)),
                view.words.named("level", first.level if isinstance(first.level, str) else None),
                *cells,
            )
        )
    headers = [t("column.office"), t("column.level"), *map(str, years)]
    whole = range(1, len(headers))
    cards.linked_table(view, headers, rows, caption=figures.board.called(view), whole=whole)
    total = int(found["offices"].iloc[0])
    key = "quality.board_more" if total > len(rows) else "quality.board_all"
    st.html(
        f'<p class="do-line">{esc(t(key, n=formats.number(total), shown=len(rows)))} '
        f"{esc(t('quality.due_note'))}</p>"
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        _csv(view, "board", figures.board.called(view), lambda: _board_file(view, wanted))
        take.menu(view, "quality_board", lambda: figures.board(view))


def _choose_arrival(view: View) -> None:
    """Which offices the board lists; part of the URL."""

    def choose(arrival: Any) -> None:
        state.put(replace(state.current(), tab=arrival or ""))

    now = view.filters.tab if view.filters.tab in roster.ARRIVALS else ""
    st.segmented_control(
        view.t("quality.board_which"), ("", "missing", "late", "undated"),
        **held.shows("do_arrival", now, choose), required=True, label_visibility="collapsed",
        format_func=lambda a: view.t(
            f"quality.arrival.{a}" if a else "quality.board_asked"
        ),
    )  # fmt: skip


def _date(view: View, row: Any) -> str:
    if row.arrival == "late":
        return formats.date(row.published, view.lang)
    return "" if row.arrival == "on_time" else view.t(f"quality.arrival.{row.arrival}")


def _board_file(view: View, wanted: tuple[str, ...]) -> pd.DataFrame:
    """The whole board, one line per office and year, in words."""
    t = view.t
    found = view.query(
        roster.board, view.selection, view.today, wanted=wanted, limit=FILE_ROWS, large=True
    )
    return pd.DataFrame(
        {
            t("column.office"): found["name"].fillna(found["office_id"]),
            t("column.level"): [view.words.named("level", _text(v)) for v in found["level"]],
            t("quality.kind"): [view.words.named("kind", _text(v)) for v in found["kind"]],
            t("column.year"): found["year"],
            t("column.status"): [t(f"quality.arrival.{a}") for a in found["arrival"]],
            t("column.due"): [_iso(v) for v in found["due"]],
            t("column.published"): [_iso(v) for v in found["published"]],
        }
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _iso(value: Any) -> str:
    return "" if formats.is_missing(value) else str(value)[:10]


def _csv(view: View, key: str, title: str, make: Any) -> None:
    """A list as CSV, made when asked for, with what and whence below."""
    named = view.t("format.title", what=title, whom=view.whom, when=view.when)
    st.download_button(
        view.t("chart.download"),
        data=lambda: export.csv(make(), (named, view.in_words, view.source)),
        file_name=export.filename(named, view.build.id), mime="text/csv", key=f"do_csv_{key}",
        type="tertiary", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def continuity(view: View) -> None:
    """Offices whose carry-over does not continue, by year."""
    cards.show_or(view, figures.continuity, _open_checks)


def _open_checks(fields: dict[str, Any]) -> None:
    opened = replace(state.current().without_open(), office=str(fields["key"]), tab="checks")
    state.go("profile", opened)


def unread(view: View) -> None:
    """Cells that could not be read with certainty: by file format, then by report."""
    t = view.t
    if not cards.show_or(view, figures.unread, _of_year):
        return
    found = view.query(quality.unread, view.selection, limit=LIST_ROWS)
    rows = []
    for r in rows_of(found):
        opened = replace(
            view.filters.without_open(), office=r.office_id, report=r.report_id, tab="document"
        )
        rows.append(
            (
                Link(r.name or r.office_id, view.href("profile", opened)),
                str(r.year),
                view.words.named("file_format", _text(r.format)),
                formats.number(r.n_unread),
                formats.number(r.n_number),
            )
        )
    names = ("column.office", "column.year", "quality.format", "column.unread",
             "column.cells_number")  # fmt: skip
    st.markdown(f"#### {t('quality.unread')}")
    headers = [t(name) for name in names]
    cards.linked_table(view, headers, rows, caption=t("quality.unread"), right=(3, 4))
    if len(found) >= LIST_ROWS:
        st.caption(t("overview.more", n=LIST_ROWS))


def _of_year(fields: dict[str, Any]) -> None:
    year = int(fields["year"])
    state.put(state.current().with_selection(years=(year, year)))


def rejected(view: View) -> None:
    """Documents that became no report, with the reason and the remedy."""
    t = view.t
    found = view.query(quality.rejected)
    st.markdown(f"#### {t('quality.rejected')}")
    if found.empty:
        st.caption(t("quality.rejected_none"))
        return
    # A code that another version of the loader wrote shows as it is.
    said = {
        name: [rejections.shown(str(r[name] or ""), r["code"], view.lang) for r in records(found)]
        for name in ("message", "hint")
    }
    found = found.assign(code=[view.words.named("rejected_why", c) for c in found["code"]], **said)
    counts = found.groupby("code").size().sort_values(ascending=False, kind="stable")
    parts = t("format.semicolon").join(
        t("quality.rejected_part", code=code, n=formats.number(n)) for code, n in counts.items()
    )
    line = t("quality.rejected_sentence", n=formats.number(len(found)), parts=parts)
    st.html(f'<p class="do-line">{esc(line)}</p>')
    names = ("source", "code", "message", "hint")
    rows = [[str(getattr(r, name) or "") for name in names] for r in rows_of(found.head(LIST_ROWS))]
    headers = [t(f"quality.{name}") for name in names]
    cards.linked_table(view, headers, rows, caption=t("quality.rejected"))
    if len(found) > LIST_ROWS:
        st.caption(t("overview.more", n=LIST_ROWS))
    named = found[list(names)].set_axis(headers, axis=1)
    _csv(view, "rejected", t("quality.rejected"), lambda: named)
