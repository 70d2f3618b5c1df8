"""Quantities and metrics as SQL over the cells of a report: the one place where they are computed.

NULL in → NULL out: a sum with a missing term is missing, and a metric needs both its numerator and
its denominator. A denominator of 0 stays 0 here; it has no rate, which is the reader's division.
"""

from __future__ import annotations

from collections.abc import Iterable

from etl.form import load_form
from etl.form.spec import MetricSpec, QuantitySpec
from etl.warehouse import schema
from etl.warehouse.schema import quoted


def plus(parts: Iterable[str]) -> str:
    """A sum that is NULL as soon as one part is (plain ``+``, never ``coalesce`` to 0)."""
    return "(" + " + ".join(parts) + ")"


def cells_sql(alternatives: Iterable[Iterable[str]], alias: str) -> str:
    """The first alternative whose cells are all reported, summed; else NULL."""
    form = load_form()
    sums = [
        plus(f"{alias}.{quoted(form.cells[key].sql_name)}" for key in cells)
        for cells in alternatives
    ]
    return sums[0] if len(sums) == 1 else f"coalesce({', '.join(sums)})"


def quantity_sql(quantity: QuantitySpec, alias: str = "c") -> str:
    """A quantity as an expression over the cells of a report."""
    form = load_form()
    return plus(cells_sql(form.term_cells(term), alias) for term in quantity.terms)


def metric_sql(metric: MetricSpec) -> tuple[str, str]:
    """Numerator and denominator as expressions over the quantities' columns.

    Both are NULL where either is missing; counts and changes have no denominator.
    """
    numerator = plus(quoted(f"q_{name}") for name in metric.num)
    if metric.minus:
        numerator = f"({numerator} - {plus(quoted(f'q_{name}') for name in metric.minus)})"
    if not metric.den:
        return numerator, "NULL"
    denominator = plus(quoted(f"q_{name}") for name in metric.den)
    return (
        f"CASE WHEN {denominator} IS NOT NULL THEN {numerator} END",
        f"CASE WHEN {numerator} IS NOT NULL THEN {denominator} END",
    )


def cast(expression: str, type_: str) -> str:
    """An expression as a type of DuckDB."""
    return f"CAST({expression} AS {type_})"


def measures() -> dict[str, str]:
    """Every quantity (``q_…``, over the cells ``c``) and metric part (``m_…``, over quantities)."""
    form = load_form()
    found = {
        f"q_{q.key}": cast(quantity_sql(q), schema.quantity_type(q.key))
        for q in form.quantities.values()
    }
    for m in form.metrics.values():
        for part, name in zip(metric_sql(m), ("num", "den"), strict=True):
            found[f"m_{m.key}_{name}"] = cast(part, schema.metric_type(m.key))
    return found
