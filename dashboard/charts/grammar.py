"""Vega-Lite in few words: the parts of a chart as plain data. Pure.

A chart is a dictionary in the end. Made with Altair's objects one cost 40 to 150 ms of processor
time (copies of every layer, types guessed from the frame, the frame made into records once a
layer); said as data it costs what its rows cost. The tests hold every chart against the schema
that Altair ships.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from dashboard.frames import records

Spec = dict[str, Any]
Rows = list[Spec]

#: Name of the selection a page listens to.
PICK: Final = "pick"
_KINDS: Final = {"Q": "quantitative", "O": "ordinal", "N": "nominal"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished chart; ``spec`` is Vega-Lite, its rows under ``datasets``."""

    spec: Spec


def field(shorthand: str, **more: Any) -> Spec:
    """An encoding by a column: ``field("year:O", title="年度")``; the type is always said."""
    name, _, kind = shorthand.rpartition(":")
    return {"field": name, "type": _KINDS[kind], **more}


def amounts(
    rows: Rows, column: str, *, title: str, number: str, zero: bool = True,
    behind: Sequence[Spec] = (),
) -> Spec:  # fmt: skip
    """The upright axis of amounts, from 0 on; ``number`` is how they are written.

    Where all are 0 they lie at its foot: a scale of nothing puts them halfway up. ``behind``: what
    else is drawn on the same axis and has a height of its own.
    """
    known = [row[column] for row in rows if row[column] is not None]
    known += [v for row in behind for v in row.values() if isinstance(v, int | float)]
    scale: Spec = {"zero": zero, "nice": True}
    # Small counts would read "0 1 1 2 2".
    axis: Spec = {"format": number} | ({"tickMinStep": 1} if number == ",.0f" else {})
    if zero and not any(known):
        scale, axis = {"domain": [0, 1]}, {**axis, "values": [0]}
    return field(f"{column}:Q", title=title, scale=scale, axis=axis)


def value(constant: object) -> Spec:
    """An encoding that is the same for every mark."""
    return {"value": constant}


def end(column: str) -> Spec:
    """The other end of a bar or rule; its type is that of the first end."""
    return {"field": column}


def when(test: str, then: Spec, otherwise: Spec) -> Spec:
    """An encoding that depends on the row."""
    return {"condition": {"test": test, **then}, **otherwise}


def tips(columns: Sequence[tuple[str, str]]) -> list[Spec]:
    """The lines of a tooltip: ready-made texts as ``(column, title)``."""
    return [field(f"{column}:N", title=title) for column, title in columns]


def valid(column: str) -> Spec:
    """Only rows that have a value in a column."""
    return {"filter": f"isValid(datum.{column})"}


def mark(kind: str, **style: Any) -> Spec:
    """A mark with its style."""
    return {"type": kind, **style}


def layer(
    rows: Rows,
    drawn: Spec,
    encoding: Mapping[str, Any],
    *steps: Spec,
    pick: Sequence[str] = (),
) -> Spec:
    """One layer: rows, how they are marked, what the mark stands for; ``steps`` filter or compute.

    ``pick``: a click on a mark is reported to the page as the values of these fields.
    """
    out: Spec = {"data": rows, "mark": drawn, "encoding": dict(encoding)}
    if steps:
        out["transform"] = list(steps)
    if pick:
        out["pick"] = list(pick)
    return out


def layered(layers: Sequence[Spec], **properties: Any) -> Drawing:
    """Layers, lowest first, as one chart; rows that several share are written once."""
    names: dict[int, str] = {}
    datasets: dict[str, Rows] = {}
    out, params = [], []
    for n, part in enumerate(layers):
        rows = part["data"]
        name = names.setdefault(id(rows), f"rows{len(names)}")
        datasets[name] = rows
        drawn = {key: found for key, found in part.items() if key not in ("data", "pick")}
        if "pick" in part:
            drawn["name"] = f"marks{n}"
            select = {"type": "point", "fields": part["pick"], "on": "click", "clear": "dblclick"}
            params.append({"name": PICK, "select": select, "views": [drawn["name"]]})
        out.append({**drawn, "data": {"name": name}})
    spec: Spec = {**properties, "layer": out, "datasets": datasets}
    if params:
        spec["params"] = params
    return Drawing(spec)


def rows_of(frame: pd.DataFrame) -> Rows:
    """The rows of a frame as JSON has them: nothing, NaN and infinity are ``null``."""
    return plain_rows(records(frame))


def plain_rows(rows: Rows) -> Rows:
    """Rows as JSON has them."""
    return [{name: plain(v) for name, v in row.items()} for row in rows]


def plain(found: Any) -> Any:
    """A value of a frame as JSON has it.

    Raises:
        TypeError: a kind of value that no chart knows.
    """
    if found is None or isinstance(found, str | bool | int):
        return found
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    if found is pd.NA or found is pd.NaT:
        return None
    if isinstance(found, dt.date):
        return found.isoformat()
    if isinstance(found, Decimal):
        return float(found)
    if hasattr(found, "item"):  # a number of numpy's inside a column of objects
        return plain(found.item())
    if isinstance(found, list | tuple):
        return [plain(part) for part in found]
    raise TypeError(f"no chart shows a {type(found).__name__}")


def scaled(rows: Rows, factor: float, **columns: str) -> Rows:
    """Rows with columns in the unit of an axis: ``scaled(rows, 100, shown="value")``."""
    return [
        {**row, **{new: _times(row[old], factor) for new, old in columns.items()}} for row in rows
    ]


def _times(found: float | None, factor: float) -> float | None:
    return None if found is None else float(found) * factor


def highest(rows: Rows, *columns: str) -> float:
    """The largest value of some columns; 0 where there is none."""
    found = [row[name] for row in rows for name in columns if row[name] is not None]
    return float(max(found, default=0))
