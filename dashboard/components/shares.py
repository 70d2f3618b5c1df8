"""What a whole is made of, by year, as a card."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from dashboard import present
from dashboard.charts.parts import composition
from dashboard.components.cards import Twin, chart_card
from dashboard.components.view import View


def shares_card(
    view: View,
    key: str,
    frame: pd.DataFrame,
    whole: str,
    *,
    title: str,
    axis: str,
    on_pick: Callable[[dict[str, Any]], None] | None = None,
    hint: str = "",
) -> None:
    """The shares of a whole (``share_of`` in the metric dictionary), one bar a year."""
    t = view.t
    metrics = view.meta.shares_of(whole)
    parts = present.parts_frame(frame, metrics, view.words)
    tips = [
        ("year_text", t("column.year")),
        ("part", t("column.part")),
        ("share_text", t("column.share")),
        ("base_text", t("column.base")),
    ]
    sentence = present.parts_sentence(parts, view.words)
    chart = partial(
        composition,
        parts,
        view.look,
        parts=[view.words.metric(m) for m in metrics],
        x_title=axis,
        y_title=t("chart.axis_year"),
        description=f"{title}。{sentence}",
        tips=tips,
    )
    twin = pd.DataFrame(
        {
            t("column.year"): parts["year"],
            t("column.part"): parts["part"],
            t("column.share"): parts["share_text"],
            t("column.base"): parts["base_text"],
        }
    )
    chart_card(
        view, key, title, chart, sentence=sentence,
        twin=Twin(twin, (t("column.share"), t("column.base"))), on_pick=on_pick, hint=hint,
    )  # fmt: skip
