"""Walking a frame's rows without fighting its types. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples; what a column holds is the query's docstring's word."""
    yield from frame.itertuples(index=False)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def first(frame: pd.DataFrame) -> dict[str, Any] | None:
    """The first row, ``None`` of an empty frame."""
    found = records(frame.head(1))
    return found[0] if found else None
