"""Cards: a measure with its change, base and definition; a chart with its twin and its source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dashboard import cached, formats, present
from dashboard import markup as html
from dashboard.charts.base import PICK
from dashboard.components import held, take
from dashboard.figures import Figure, FigureSpec
from dashboard.markup import esc
from dashboard.present import Change
from dashboard.queries.meta import Meta, Metric
from dashboard.stats import MIN_BASE
from dashboard.view import View

#: Rows of a twin table that are shown; the download has all.
TWIN_ROWS = 200


def kpi_row(view: View, cards: Sequence[tuple[Metric, Change]], counted: str) -> None:
    """One card per measure: value, change, numerator / denominator, reports, definition.

    ``counted`` is the word for what ``n`` counts, ready to fill in (``kpi.reports``).
    """
    body = "".join(_kpi(view, metric, change, counted) for metric, change in cards)
    st.html(f'<div class="do-cards">{body}</div>')


def _kpi(view: View, metric: Metric, change: Change, counted: str) -> str:
    t, words = view.t, view.words
    value = formats.by_unit(change.value, metric.unit, view.lang)
    unit = "" if metric.unit == "percent" else f"<small>{esc(words.unit(metric))}</small>"
    base = [formats.fraction(change.num, change.den)] if metric.has_base else []
    if counted and change.n:
        base.append(t(counted, n=change.n))
    if change.small:
        base.append(t("kpi.small", minimum=MIN_BASE))
    name = words.metric(metric)
    return (
        f'<section class="do-card{" thin" if change.small else ""}" aria-label="{esc(name)}">'
        f"<h3>{esc(name)}</h3>"
        f'<div class="v">{esc(value)}{unit if change.value is not None else ""}</div>'
        f'<div class="c">{esc(t("kpi.against", year=change.year - 1))} '
        f'<span class="{_tone(view.meta, change, metric)}">'
        f"{esc(present.change_text(change, metric, words))}</span></div>"
        f'<div class="b">{esc(t("format.dot").join(base))}</div>'
        f"<details><summary>{esc(t('kpi.definition'))}</summary>"
        f"{esc(view.definition(metric))}</details></section>"
    )


def _tone(meta: Meta, change: Change, metric: Metric) -> str:
    """Better or worse, where the dictionary says which way is better and the years compare."""
    parted = change.year in meta.breaks(metric)
    thin = change.small or change.small_before or parted
    if not change.delta or metric.good not in ("up", "down") or thin:
        return "flat"
    return "up" if (change.delta > 0) == (metric.good == "up") else "down"


def draw(
    view: View,
    spec: FigureSpec,
    argument: str = "",
    *,
    on_pick: Callable[[dict[str, Any]], None] | None = None,
    said: bool = False,
) -> None:
    """A registered figure as a card (:func:`show`); where there is nothing to draw, says of what.

    ``said``: the page says its sentence already.
    """
    figure = spec(view, argument)
    if figure is None:
        name = f"**{spec.called(view, argument)}**"
        st.info(view.t("format.pair", one=name, two=view.t("chart.nothing")))
        return
    show(view, figure.saying("") if said else figure, on_pick=on_pick)


def show_or(
    view: View, spec: FigureSpec, on_pick: Callable[[dict[str, Any]], None] | None = None
) -> bool:
    """A figure, or its heading with the words for nothing to show; whether there is one."""
    figure = spec(view)
    if figure is None:
        st.markdown(f"#### {spec.called(view)}")
        st.caption(view.t(f"{spec.key}_none"))
        return False
    show(view, figure, on_pick=on_pick)
    return True


def show(
    view: View, figure: Figure, *, on_pick: Callable[[dict[str, Any]], None] | None = None
) -> None:
    """A figure as a card: chart, sentence, definition, source, table twin, files.

    ``on_pick`` receives the fields of the clicked mark.
    """
    with st.container(border=True, key=f"do_card_{figure.key}", gap="xsmall"):
        st.html(
            f'<h4 class="do-title">{esc(figure.title)}</h4>'
            f'<p class="do-line">{esc(figure.sentence)}</p>'
        )
        spec = cached.chart(view, figure)
        options: dict[str, Any] = {"theme": None, "width": "stretch"}
        chart_key = f"do_chart_{figure.key}"
        if on_pick is None:
            st.vega_lite_chart(spec, key=chart_key, **options)
        else:
            options |= held.picks(chart_key, _picker(on_pick))
            st.vega_lite_chart(spec, selection_mode=PICK, **options)
        notes = [figure.definition, figure.hint, view.source]
        st.html(
            "".join(f'<p class="do-line">{esc(note)}</p>' for note in notes if note),
        )
        if _twin(view, figure) and on_pick is not None and figure.picks:
            _open_one(view, figure.key, figure.picks, on_pick)


def _picker(on_pick: Callable[[dict[str, Any]], None]) -> Callable[[Any], None]:
    def picked(chart: Any) -> None:
        found = chart.get("selection", {}).get(PICK) or []
        if found:
            on_pick(dict(found[-1]))

    return picked


def _open_one(
    view: View,
    key: str,
    picks: Sequence[tuple[str, dict[str, Any]]],
    on_pick: Callable[[dict[str, Any]], None],
) -> None:
    """What a click on a mark opens, for keyboards and screen readers."""

    def choose(row: Any) -> None:
        if row is not None:
            on_pick(dict(picks[int(row)][1]))

    st.selectbox(
        view.t("chart.open_row"), range(len(picks)), index=None,
        format_func=lambda n: picks[n][0], width=360, **held.shows(
            f"do_open_{key}", None, choose, {n: row for n, (row, _) in enumerate(picks)}
        ),
        placeholder=view.t("chart.open_row_help"),
    )  # fmt: skip


def _twin(view: View, figure: Figure) -> bool:
    """The table twin and the files; whether the table is shown."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        shown = st.toggle(view.t("chart.as_table"), **held.keeps(f"do_table_{figure.key}"))
        take.menu(view, figure.key, lambda: figure)
    if shown:
        twin = figure.twin
        columns = list(twin.frame.columns)
        right = frozenset(n for n, c in enumerate(columns) if c in twin.right)
        rows = twin.frame.head(TWIN_ROWS).itertuples(index=False, name=None)
        st.html(html.table(columns, rows, caption=figure.title, right=right))
    return bool(shown)


def linked_table(
    view: View,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    caption: str,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
) -> None:
    """A table whose cells may be links; keyboard and screen reader come with it."""
    st.html(
        html.table(headers, rows, caption=caption, right=frozenset(right), whole=frozenset(whole))
    )
