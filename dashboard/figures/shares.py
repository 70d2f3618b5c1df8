"""What a whole is made of, by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
from pandas import isna

from dashboard import present, theme
from dashboard.charts.parts import composition
from dashboard.figures.base import Figure, Native, Series, Twin
from dashboard.frames import records
from dashboard.view import View


def shares_figure(
    view: View,
    name: str,
    frame: pd.DataFrame,
    whole: str,
    *,
    title: str,
    axis: str,
    hint: str = "",
    definition: str = "",
    colours: tuple[str, ...] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """The shares of a whole (``share_of`` in the metric dictionary), one bar a year.

    ``colours`` for wholes that are not the outcomes, whose colours mean something of their own;
    ``labels``: shorter names of the parts by metric, where the title already names the whole.
    A year whose whole is 0 or lacks a part keeps its place with words for it; where the form or
    the law changed, the annotation stands between the bars.
    """
    t = view.t
    metrics = view.meta.shares_of(whole)
    colours = colours or tuple(
        theme.whole_colours(whole, len(metrics), dark=view.look.dark)
    )  # fmt: skip
    parts = present.parts_frame(frame, metrics, view.words)
    named = labels or {m.key: view.words.metric(m) for m in metrics}
    parts["part"] = parts["metric"].map(named)
    tips = [
        ("year_text", t("column.year")),
        ("part", t("column.part")),
        ("share_text", t("column.share")),
        ("base_text", t("column.base")),
    ]
    gaps = present.parts_gaps(frame, metrics, view.words)
    sentence = present.parts_sentence(parts, view.words, list(gaps.values()))
    names = [named[m.key] for m in metrics]
    chart = partial(
        composition,
        parts,
        view.look,
        parts=names,
        x_title=axis,
        y_title=t("chart.axis_year"),
        description=f"{title}。{sentence}",
        tips=tips,
        colours=colours,
        years=tuple(sorted({int(y) for y in frame["year"]})),
        marks=present.marks(metrics[0], view.words) if metrics else [],
        gaps=gaps,
    )

    def native() -> Native | None:
        years = sorted({int(y) for y in frame["year"]})
        empty = parts.empty
        return None if empty else _native(parts, years, names, colours, axis, t("chart.axis_year"))

    return Figure(
        name=name, title=title, draw=chart, sentence=sentence,
        twin=lambda: Twin(
            pd.DataFrame(
                {
                    t("column.year"): parts["year"],
                    t("column.part"): parts["part"],
                    t("column.share"): parts["share_text"],
                    t("column.base"): parts["base_text"],
                }
            ),
            (t("column.share"), t("column.base")),
        ),
        hint=hint,
        data=lambda: frame[frame["metric"].isin([m.key for m in metrics])].reset_index(drop=True),
        definition=definition,
        native=native,
        picks=lambda: tuple(
            (t("format.pair", one=r["year_text"], two=r["part"]),
             {"year": int(r["year"]), "part": r["part"], "metric": r["metric"]})
            for r in records(parts)
        ),
    )  # fmt: skip


def _native(
    parts: pd.DataFrame, years: Sequence[int], names: Sequence[str], colours: Sequence[str],
    x_title: str, y_title: str,
) -> Native:  # fmt: skip
    wide = parts.pivot_table(index="year", columns="part", values="share", sort=False)
    # A year that is not drawn keeps its place, as on screen: its neighbours are not successive.
    wide = wide.reindex(list(years))
    return Native(
        "bar_stacked",
        tuple(int(y) for y in wide.index),
        tuple(
            Series(
                part,
                tuple(None if isna(v) else float(v) for v in wide[part]),
                colours[n] if colours else "",
            )
            for n, part in enumerate(names)
            if part in wide
        ),
        x_title=x_title,
        y_title=y_title,
        percent=True,
    )
