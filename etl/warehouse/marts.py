"""Marts from the metric dictionary: the one place where a metric is computed.

NULL in → NULL out: a sum with a missing term is missing, and a metric needs both its numerator and
its denominator. A denominator of 0 stays 0 here; it has no rate, which is the reader's division.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from etl.form import load_form
from etl.form.spec import MetricSpec, QuantitySpec
from etl.warehouse import schema
from etl.warehouse.schema import quoted

#: Columns of ``report`` a mart keeps for filtering, in the order of its sorting.
PLACE = ("year", "province", "city", "county", "level", "kind", "scope")


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
    """A quantity as an expression over ``core_report``."""
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


def _cast(expression: str, type_: str) -> str:
    return f"CAST({expression} AS {type_})"


def report_mart_sql() -> str:
    """Fills ``mart_report``: one row per current report, sorted as pages ask for it."""
    form = load_form()
    quantities = [
        f"{_cast(quantity_sql(q), schema.quantity_type(q.key))} AS {quoted(f'q_{q.key}')}"
        for q in form.quantities.values()
    ]
    metrics = [
        f"{_cast(part, schema.metric_type(m.key))} AS {quoted(f'm_{m.key}_{name}')}"
        for m in form.metrics.values()
        for part, name in zip(metric_sql(m), ("num", "den"), strict=True)
    ]
    place = ", ".join(f"r.{name}" for name in PLACE)
    return f"""
        INSERT INTO mart_report BY NAME
        WITH q AS (
            SELECT r.report_id, r.office_id, {place}, r.n_error_failed = 0 AS ok,
                   {", ".join(quantities)}
            FROM report r JOIN core_report c ON c.report_id = r.report_id
            WHERE r.is_current
        )
        SELECT *, {", ".join(metrics)} FROM q
        ORDER BY year, province, city, county, office_id
    """


def region_mart_sql() -> str:
    """Fills ``mart_region``: sums of ``mart_report``; sums of its rows are sums again."""
    sums = [
        f"CAST(sum({column}) AS {schema.metric_type(key)}) AS {column}"
        for key in load_form().metrics
        for column in (quoted(f"m_{key}_num"), quoted(f"m_{key}_den"))
    ]
    counts = [
        f"count({quoted(f'm_{key}_num')}) AS {quoted(f'm_{key}_n')}" for key in load_form().metrics
    ]
    place = ", ".join((*PLACE, "ok"))
    return f"""
        INSERT INTO mart_region BY NAME
        SELECT {place}, count(*) AS n_reports, {", ".join((*sums, *counts))}
        FROM mart_report GROUP BY {place} ORDER BY {place}
    """


def statements() -> Iterator[str]:
    """The statements that fill all marts of a build whose ``report`` and core are complete."""
    yield report_mart_sql()
    yield region_mart_sql()
