"""What a whole is made of, by year, as a card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from dashboard.components.cards import show
from dashboard.figures.shares import shares_figure
from dashboard.view import View


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
    """:func:`dashboard.figures.shares.shares_figure` as a card."""
    show(
        view, shares_figure(view, key, frame, whole, title=title, axis=axis, hint=hint),
        on_pick=on_pick,
    )  # fmt: skip
