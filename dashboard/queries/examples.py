"""One representative call of every named query, for tests and benchmarks; no page uses it.

Queries are found by walking the modules of this package: every public function whose first two
parameters are ``scope`` and ``db``. Arguments are found by parameter name, from values that the
build at hand really has; a query with a parameter of another name must be given in
:data:`ARGUMENTS`, and a test fails until it is.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from dashboard import queries
from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries import meta as meta_queries
from dashboard.queries import offices as office_queries
from dashboard.queries.base import EVERYTHING, Viewer
from dashboard.queries.compare import Members
from dashboard.queries.findings import TO_DO, Decided, Which
from dashboard.queries.series import EFFECTS

Query = Callable[..., Any]
NOT_QUERIES: Final = ("base", "examples")


@dataclass(frozen=True)
class Example:
    """A call that can be made: ``call(db)``. ``name`` is ``module.function``."""

    name: str
    variant: str
    call: Callable[[Database], Any]


@dataclass(frozen=True)
class Sample:
    """Values of one build to ask it about."""

    meta: meta_queries.Meta
    office: office_queries.Office
    report_id: str
    year: int
    regions: tuple[str, str, str]
    offices: tuple[str, ...]


def public() -> dict[str, Query]:
    """All named queries by ``module.function``."""
    found: dict[str, Query] = {}
    for info in pkgutil.iter_modules(queries.__path__):
        if info.name in NOT_QUERIES:
            continue
        module = importlib.import_module(f"{queries.__name__}.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            names = list(inspect.signature(function).parameters)
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and names[:2] == ["scope", "db"]:
                found[f"{info.name}.{name}"] = function
    return found


def sample(db: Database) -> Sample:
    """The busiest office of a county and where it lies."""
    [(office_id, report_id, year, *places)] = db.rows(
        "SELECT office_id, report_id, year, province, city, county FROM mart_report "
        "WHERE scope = 'own_office' AND year = (SELECT max(year) FROM mart_report) "
        "ORDER BY county IS NULL, m_applications_new_num DESC NULLS LAST, report_id LIMIT 1"
    )
    office = office_queries.one(EVERYTHING, db, office_id)
    if office is None:
        raise LookupError(office_id)
    several = db.rows(
        "SELECT office_id FROM mart_report WHERE year = ? ORDER BY report_id LIMIT 5", (year,)
    )
    province, city, county = (code or "" for code in places)
    return Sample(
        meta=meta_queries.load(EVERYTHING, db),
        office=office,
        report_id=report_id,
        year=year,
        regions=(province, city, county),
        offices=tuple(row[0] for row in several),
    )


def selections(of: Sample) -> dict[str, Selection]:
    """The filters a reader may set, from the widest to the narrowest."""
    province, city, county = of.regions
    return {
        "everything": Selection(),
        "province": Selection(region=province),
        "county": Selection(region=county or city),
        "departments": Selection(levels=("县",), kinds=("部门",), years=(of.year - 4, of.year)),
        "balanced": Selection(balanced=True),
        "only right": Selection(ok_only=True),
        "regions": Selection(scope="region"),
    }


METRICS: Final = ("applications_new", "disclosure_rate", "overall_correction_rate")

#: Parameter name → its value in a build.
VALUES: Final[dict[str, Callable[[Sample], Any]]] = {
    "metric": lambda of: METRICS[1],
    "metrics": lambda of: METRICS,
    "with_base": lambda of: frozenset(k for k, m in of.meta.metrics.items() if m.has_base),
    "year": lambda of: of.year,
    "office_id": lambda of: of.office.office_id,
    "office": lambda of: of.office,
    "office_ids": lambda of: of.offices,
    "offices": lambda of: of.offices,
    "cells": lambda of: tuple(of.meta.metric_cells(of.meta.metrics[METRICS[1]], part="num")),
    "report_id": lambda of: of.report_id,
    "names": lambda of: ("t3_received_new_total", "t3_handled_total_total"),
    "text": lambda of: of.office.name[:3],
    "today": lambda of: dt.date(of.year + 1, 12, 31),
}


def _peers(of: Sample) -> Members:
    """The peers of the sample's office, whatever their volume."""
    return Members(anchor=of.office)


def _decided(of: Sample) -> Decided:
    """A thousand decisions, none of a finding that is still there."""
    ids = tuple(f"none{n}" for n in range(1000))
    place = f"{of.office.office_id}\x1f{of.year}\x1fT3-SUM\x1ftotal"
    return Decided(ids, ("accepted",) * len(ids), (place,) * len(ids))


#: Queries of ``compare`` that take a metric's record and who is compared, with what else they take.
COMPARED: Final[dict[str, dict[str, Callable[[Sample], Any]]]] = {
    "standing": {},
    "heat": {"limit": lambda of: 30, "by_change": lambda of: True},
}
#: Query → values for parameters whose name does not say enough; several sets: several calls.
ARGUMENTS: Final[dict[str, tuple[dict[str, Callable[[Sample], Any]], ...]]] = {
    "letters.documents": ({"report_ids": lambda of: (of.report_id,)},),
    "letters.printed": ({"report_ids": lambda of: (of.report_id,)},),
    "dossier.named": ({"text": lambda of: of.office.name}, {"text": lambda of: of.office.name[:2]}),
    "offices.search": (
        {"text": lambda of: of.office.name[:3]},
        {"text": lambda of: "cz"},
        {"text": lambda of: ""},
    ),
    "proactive.cell_sums": (
        {
            "cells": lambda of: ("t2_other_services_decisions", "t2_procurement_projects"),
            "span": lambda of: (of.year - 6, of.year - 5),
        },
    ),
    "proactive.fees": ({"metric": lambda of: "fee_amount", "rule": lambda of: "T2-UNIT"},),
    "proactive.offices_of_cell": ({"cell": lambda of: "t2_licence_decisions"},),
    "proactive.stock": tuple(
        {"row": partial(lambda of, row: row, row=row)} for row in ("rules", "normdocs")
    ),
    "search.offices_by_id": ({},),
    "search.paragraphs": tuple(
        {"words": partial(lambda of, found: found, found=found)}
        for found in (("公开",), ("绝不会写的词",), ("认真", "条例"))
    ),
    "findings.one": ({"finding_id": lambda of: of.report_id},),
    "findings.listed": (
        {},
        {"which": lambda _: Which(level="error", states=TO_DO), "decided": _decided},
    ),
    "findings.counts": ({}, {"decided": _decided}),
    "quality.carried_out": (
        {"names": lambda of: (of.office.name,), "covers": lambda _: "own_office"},
    ),
    # What a picture of offices lists, and a pooled one.
    "sources.behind": ({}, {"offices": lambda _: (), "cells": lambda _: ()}),
    "series.who_by_effect": tuple(
        {"effect": partial(lambda of, name: name, name=name)} for name in EFFECTS
    ),
    "series.who_moved_count": ({"metric": lambda of: METRICS[0]},),
    **{
        f"compare.{name}": tuple(
            {"metric": lambda of: of.meta.metrics[METRICS[1]], "members": members, **more}
            for members in (lambda of: Members(), _peers, lambda of: Members("county"))
        )
        for name, more in COMPARED.items()
    },
}


def examples(of: Sample, scope: Viewer = EVERYTHING) -> Iterator[Example]:
    """Every query, with every selection where it takes one.

    Raises:
        LookupError: a query has a parameter nobody gave a value for.
    """
    for name, function in sorted(public().items()):
        needed = _needed(function)
        for given in ARGUMENTS.get(name, ({},)):
            values = {**VALUES, **given}
            missing = [p for p in needed if p not in values and p != "selection"]
            if missing:
                raise LookupError(f"{name}: no example for {', '.join(missing)}")
            arguments = {p: values[p](of) for p in (*needed, *given) if p != "selection"}
            label = " ".join(f"{k}={arguments[k]}" for k in given)
            several = selections(of) if "selection" in needed else {"": None}
            for variant, selection in several.items():
                chosen = {} if selection is None else {"selection": selection}
                call = partial(_call, function, scope, {**arguments, **chosen})
                yield Example(name, " ".join(filter(None, (variant, label))), call)


def _needed(function: Query) -> list[str]:
    """Parameters without a default, after ``scope`` and ``db``."""
    parameters = list(inspect.signature(function).parameters.values())[2:]
    return [p.name for p in parameters if p.default is inspect.Parameter.empty]


def _call(function: Query, scope: Viewer, arguments: dict[str, Any], db: Database) -> Any:
    return function(scope, db, **arguments)
