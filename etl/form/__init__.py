"""The statutory form, the metric dictionary and the notes around them, as validated data.

``load_form()`` reads ``data/*.yml`` once, rejects unknown keys, checks every reference between the
files and reports all faults in one :class:`~etl.errors.DefinitionError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from etl.errors import DefinitionError
from etl.form import spec
from etl.form.model import Cell, Form, build_cells

__all__ = ["DATA", "Cell", "Form", "load_form", "read_form", "read_spec"]

DATA = Path(__file__).parent / "data"
S = TypeVar("S", bound=spec.Spec)


@cache
def load_form() -> Form:
    """The project's form, loaded once per process."""
    return read_form(DATA)


def read_form(folder: Path) -> Form:
    """Load and validate a folder of definition files.

    Raises:
        DefinitionError: with every fault of every file, one per line.
    """
    faults: list[str] = []
    tables = read_spec(folder / "tables.yml", spec.TablesFile, faults)
    metrics = read_spec(folder / "metrics.yml", spec.MetricsFile, faults)
    notes = read_spec(folder / "notes.yml", spec.NotesFile, faults)
    if tables is None or metrics is None or notes is None:
        raise DefinitionError("\n".join(faults))
    faults += _table_faults(tables)
    if faults:
        raise DefinitionError("\n".join(faults))
    form = Form(tables, metrics, notes, build_cells(tables))
    faults += [*_count_faults(form), *_metric_faults(form), *_note_faults(form)]
    if faults:
        raise DefinitionError("\n".join(faults))
    return form


def read_spec(path: Path, model: type[S], faults: list[str]) -> S | None:
    """Read one YAML file into its model; faults are appended, ``None`` is returned on any."""
    try:
        raw: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
        return model.model_validate(raw)
    except ValidationError as error:
        for item in error.errors():
            place = ".".join(str(part) for part in item["loc"])
            faults.append(f"{path.name}: {place}: {item['msg']}")
    except (OSError, yaml.YAMLError) as error:
        faults.append(f"{path.name}: {error}")
    return None


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _duplicates(name: str, keys: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield f"{name}: {key!r} stands twice"
        seen.add(key)


def _unknown(place: str, keys: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    for key in keys:
        if key not in known:
            yield f"{place}: {key!r} is not declared"


def _table_faults(tables: spec.TablesFile) -> Iterator[str]:
    forms = set(tables.forms)
    t2, t3 = tables.t2, tables.t3
    for name in ("t2", "t3", "t4"):
        table: Any = getattr(tables, name)
        yield from _duplicates(f"{name}.rows", (r.key for r in table.rows))
        yield from _duplicates(f"{name}.columns", (c.key for c in table.columns))
        yield from _unknown(f"{name}.section", [table.section], (s.key for s in tables.sections))
        for item in (*table.rows, *table.columns):
            used = [*(getattr(item, "forms", None) or []), *(getattr(item, "of", None) or {})]
            yield from _unknown(f"{name}.{item.key}.forms", used, forms)
    rows = [r.key for r in t2.rows]
    for block in t2.blocks:
        yield from _unknown(f"t2.blocks.{block.key}", block.rows, rows)
    for column in t2.columns:
        for wanted in (column.of or {}).values():
            yield from _unknown(f"t2.columns.{column.key}.of", wanted, rows)
        yield from _unknown(f"t2.columns.{column.key}.unit", [column.unit or ""], tables.units)
    for wanted in t2.signature.values():
        yield from _unknown("t2.signature", wanted, (c.key for c in t2.columns))
    for wanted in t2.signature_rows.values():
        yield from _unknown("t2.signature_rows", wanted, rows)
    groups = [g.key for g in t3.groups]
    yield from _unknown("t3.groups", (g.parent for g in t3.groups if g.parent), groups)
    yield from _unknown("t3.rows.group", (r.group for r in t3.rows if r.group), groups)
    used_rows = [t3.undivided.row, *t3.undivided.parts]
    yield from _unknown("t3.undivided", used_rows, (r.key for r in t3.rows))


def _count_faults(form: Form) -> Iterator[str]:
    for key, version in form.tables.forms.items():
        found = len(form.cells_of(key))
        if found != version.cells:
            yield f"tables.yml: form {key} has {found} cells, {version.cells} are stated"


def _metric_faults(form: Form) -> Iterator[str]:
    file = form.metrics_file
    yield from _duplicates("metrics.yml quantities", (q.key for q in file.quantities))
    yield from _duplicates("metrics.yml metrics", (m.key for m in file.metrics))
    for quantity in file.quantities:
        for term in quantity.terms:
            cells = [cell for part in form.term_cells(term) for cell in part]
            if not cells:
                yield f"metrics.yml: quantity {quantity.key!r} has a term without cells: {term}"
            yield from _unknown(f"metrics.yml: quantity {quantity.key}", cells, form.cells)
    used: set[str] = set()
    for metric in file.metrics:
        names = [*metric.num, *metric.den, *metric.minus]
        used.update(names)
        place = f"metrics.yml: metric {metric.key}"
        yield from _unknown(place, names, form.quantities)
        yield from _unknown(place, [metric.group], (g.key for g in file.groups))
        yield from _unknown(place, metric.forms or [], form.versions)
        if metric.family:
            yield from _unknown(place, [metric.family], (f.key for f in file.families))
        if (metric.kind in ("ratio", "per100")) != bool(metric.den):
            yield f"{place}: a {metric.kind} and its denominator do not agree"
    yield from (
        f"metrics.yml: quantity {key!r} is used by no metric"
        for key in form.quantities
        if key not in used
    )
    for family in file.families:
        defaults = [m.key for m in file.metrics if m.family == family.key and m.default]
        if len(defaults) != 1:
            yield f"metrics.yml: family {family.key!r} needs one default, has {defaults}"


def _note_faults(form: Form) -> Iterator[str]:
    notes = form.notes
    yield from _duplicates("notes.yml states", (s.key for s in notes.states))
    groups = [g.key for g in form.metrics_file.groups]
    for annotation in notes.annotations:
        yield from _unknown(f"notes.yml: {annotation.key}", annotation.affects, groups)
