"""指标与口径, generated from the warehouse's own dictionary: nothing is typed twice."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, i18n
from dashboard.components import cards
from dashboard.markup import esc
from dashboard.stats import MIN_BASE
from dashboard.view import View


def metrics(view: View) -> None:
    """Every metric by group: formula, unit, forms, source rows, caution."""
    t = view.t
    st.subheader(t("method.metrics"), anchor=False)
    st.html(f'<p class="do-line">{esc(t("method.pooled", minimum=MIN_BASE))}</p>')
    names = ("name", "formula", "unit", "forms_of", "rows", "note")
    headers = [t(f"method.{name}") for name in names]
    for group in view.meta.metric_groups.values():
        title = i18n.of(group, "", view.lang)
        rows = [
            (
                view.words.metric(m),
                i18n.of(m, "formula", view.lang),
                view.words.unit(m),
                t("format.comma").join(m.forms),
                _source_rows(view, m.key),
                view.words.note(m),
            )
            for m in view.meta.metrics.values()
            if m.group_key == group.key
        ]
        st.markdown(f"#### {title}")
        cards.linked_table(view, headers, rows, caption=title)


def _source_rows(view: View, key: str) -> str:
    cells = view.meta.metric_cells(view.meta.metrics[key])
    labels = [i18n.of(view.meta.cells[c], "label", view.lang) for c in cells]
    return view.t("format.semicolon").join(labels)


def rules(view: View) -> None:
    """Every rule: level, what must hold, basis, advice."""
    t = view.t
    st.subheader(t("method.rules"), anchor=False)
    rows = [
        (
            r.id,
            view.words.named("rule_level", r.level),
            i18n.of(r, "", view.lang),
            r.basis or formats.MISSING,
            i18n.of(r, "advice", view.lang) or formats.MISSING,
        )
        for r in view.meta.rules.values()
    ]
    headers = [t("column.rule"), t("column.level"), t("method.meaning"), t("method.basis"),
               t("method.advice")]  # fmt: skip
    cards.linked_table(view, headers, rows, caption=t("method.rules"))


def forms(view: View) -> None:
    """The versions of the form and which of their cells may be joined."""
    t = view.t
    st.subheader(t("method.forms"), anchor=False)
    rows = [
        (i18n.of(f, "", view.lang), f.instrument, str(f.first_year), str(f.n_cells))
        for f in view.meta.forms
    ]
    headers = [t(f"method.{name}") for name in ("name", "instrument", "first", "cells")]
    cards.linked_table(view, headers, rows, caption=t("method.forms"), right=(2, 3))
    rows = [
        (
            _cells_in_words(view, c.from_cells),
            _cells_in_words(view, c.to_cells),
            view.words.named("comparable", c.comparable),
            i18n.of(c, "note", view.lang),
        )
        for c in view.meta.crosswalk
    ]
    headers = [t(f"method.{name}") for name in ("from", "to", "comparable", "note")]
    cards.linked_table(view, headers, rows, caption=t("method.comparable"))


def _cells_in_words(view: View, pattern: str | None) -> str:
    """``t2.*.issued`` or ``t3.a + t3.b`` in the form's own words; a part not known stays."""
    if not pattern:
        return formats.MISSING
    return " ＋ ".join(_one_in_words(view, part.strip()) for part in pattern.split("+"))


def _one_in_words(view: View, pattern: str) -> str:
    table, _, rest = pattern.partition(".")
    row, _, column = rest.partition(".")
    if table not in view.meta.tables:
        return pattern
    words = [i18n.of(view.meta.tables[table], "", view.lang)]
    for name, known, attribute in (
        (row, view.meta.rows, "row_key"),
        (column, view.meta.columns, "column_key"),
    ):
        if name not in ("", "*"):
            found = [k for k in known if k.table_key == table and getattr(k, attribute) == name]
            words.append(i18n.of(found[0], "", view.lang) if found else name)
    if len(words) == 1:
        words.append(view.t("method.whole_table"))
    return view.t("format.dot").join(words)


def states(view: View) -> None:
    """What a cell can be, and where the time axis breaks."""
    t = view.t
    st.subheader(t("method.states"), anchor=False)
    headers = [t("method.name"), t("method.meaning")]
    rows = [
        (i18n.of(s, "", view.lang), i18n.of(s, "note", view.lang))
        for s in view.meta.states.values()
    ]
    cards.linked_table(view, headers, rows, caption=t("method.states"))
    marks = [
        (
            formats.date(a.at, view.lang),
            i18n.of(a, "", view.lang),
            i18n.of(a, "note", view.lang),
            a.source,
        )
        for a in view.meta.annotations
    ]
    headers = [t("column.year"), t("method.name"), t("method.meaning"), t("method.basis")]
    named = t("format.pair", one=t("method.states"), two=t("column.year"))
    cards.linked_table(view, headers, marks, caption=named)
