"""The meta tables: the definition files as rows, so that the dashboard needs nothing of ``etl``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from etl.form import Form, load_form
from etl.form.rules import Rules, load_rules
from etl.form.spec import MetricSpec, QuantitySpec, RowsTerm
from etl.warehouse import schema
from etl.warehouse.measures import measures
from etl.warehouse.words import newest

Row = tuple[Any, ...]
TABLES: Final = ("t2", "t3", "t4")


def _forms(form: Form) -> Iterator[Row]:
    for key, version in form.tables.forms.items():
        yield (key, version.instrument, version.zh, version.en, version.first_year,
               version.last_year, version.cells)  # fmt: skip


def _sections(form: Form) -> Iterator[Row]:
    for section in form.tables.sections:
        yield section.key, section.number, section.zh, section.en, section.content


def _tables(form: Form) -> Iterator[Row]:
    for name in TABLES:
        table: Any = getattr(form.tables, name)
        yield name, table.section, table.zh, table.en


def _rows(form: Form) -> Iterator[Row]:
    for name in TABLES:
        for position, row in enumerate(form.rows(name), start=1):
            forms = list(row.forms or form.versions)
            short = row.short or newest(row.zh)
            yield (name, row.key, newest(row.zh), row.en, short, row.kind, row.group, forms,
                   position, row.basis)  # fmt: skip


def _columns(form: Form) -> Iterator[Row]:
    for name in TABLES:
        table: Any = getattr(form.tables, name)
        for position, column in enumerate(form.columns(name), start=1):
            unit = column.unit or str(getattr(table, "unit", ""))
            forms = list(column.of or form.versions)
            yield (name, column.key, newest(column.zh), column.en, unit, column.grouped, forms,
                   position)  # fmt: skip


def _groups(form: Form) -> Iterator[Row]:
    for position, group in enumerate(form.tables.t3.groups, start=1):
        yield group.key, "t3", group.zh, group.en, group.parent, position


def _cells(form: Form) -> Iterator[Row]:
    for cell in form.cells.values():
        yield (
            cell.key, cell.sql_name, cell.table, cell.row, cell.column, cell.unit, cell.value,
            list(cell.forms), cell.order.get("2019"), cell.order.get("2021"), cell.label_zh(),
            cell.label_en, cell.row_zh[max(cell.row_zh)], cell.row_en,
            cell.column_zh[max(cell.column_zh)], cell.column_en,
        )  # fmt: skip


def _term_words(form: Form, term: str | RowsTerm) -> tuple[str, str]:
    if isinstance(term, str):
        cell = form.cells[term]
        return cell.label_zh(), cell.label_en
    group = next(g for g in form.tables.t3.groups if g.key == term.rows)
    column = next(c for c in form.columns("t3") if c.key == term.column)
    return f"{group.zh}各项 · {newest(column.zh)}", f"{group.en}, all rows · {column.en}"


def quantity_words(form: Form, quantity: QuantitySpec) -> tuple[str, str]:
    """A quantity's formula in official words."""
    words = [_term_words(form, term) for term in quantity.terms]
    return "＋".join(zh for zh, _ in words), " + ".join(en for _, en in words)


def _quantities(form: Form) -> Iterator[Row]:
    for position, quantity in enumerate(form.quantities.values(), start=1):
        cells = [c for term in quantity.terms for part in form.term_cells(term) for c in part]
        yield (quantity.key, quantity.zh, quantity.en, *quantity_words(form, quantity),
               list(dict.fromkeys(cells)), position)  # fmt: skip


def metric_words(form: Form, metric: MetricSpec) -> tuple[str, str]:
    """A metric's formula in the words of its quantities, Chinese and English."""

    def joined(names: list[str], lang: str, *, group: bool) -> str:
        plus = "＋" if lang == "zh" else " + "
        text = plus.join(str(getattr(form.quantities[name], lang)) for name in names)
        brackets = "（）" if lang == "zh" else "()"
        return f"{brackets[0]}{text}{brackets[1]}" if group and len(names) > 1 else text

    out = []
    for lang, minus, over, times in (("zh", "－", "÷", "×100"), ("en", " - ", " / ", " x 100")):
        text = joined(metric.num, lang, group=bool(metric.den or metric.minus))
        if metric.minus:
            text += minus + joined(metric.minus, lang, group=True)
        if metric.den:
            text += over + joined(metric.den, lang, group=True)
        out.append(text + (times if metric.kind == "per100" else ""))
    return out[0], out[1]


def _metrics(form: Form) -> Iterator[Row]:
    for position, metric in enumerate(form.metrics.values(), start=1):
        names = dict.fromkeys((*metric.num, *metric.minus, *metric.den))
        rows = "；".join(
            f"{form.quantities[n].zh}：{quantity_words(form, form.quantities[n])[0]}" for n in names
        )
        yield (
            metric.key, metric.group, metric.kind, metric.zh, metric.en, metric.num, metric.den,
            metric.minus, metric.unit, metric.good, metric.family, metric.default,
            metric.share_of, metric.per, list(metric.forms or form.versions),
            *metric_words(form, metric), rows, metric.note_zh, metric.note_en, position,
        )  # fmt: skip


def _metric_groups(form: Form) -> Iterator[Row]:
    for position, group in enumerate(form.metrics_file.groups, start=1):
        yield group.key, group.zh, group.en, position


def _families(form: Form) -> Iterator[Row]:
    for position, family in enumerate(form.metrics_file.families, start=1):
        yield family.key, family.zh, family.en, position


def _states(form: Form) -> Iterator[Row]:
    for position, state in enumerate(form.notes.states, start=1):
        yield (state.key, state.zh, state.en, state.has_value, state.note_zh, state.note_en,
               position)  # fmt: skip


def _annotations(form: Form) -> Iterator[Row]:
    for a in form.notes.annotations:
        yield a.key, a.at, a.kind, a.zh, a.en, a.note_zh, a.note_en, a.affects, a.source


def _deadlines(form: Form) -> Iterator[Row]:
    for d in form.notes.deadlines:
        yield d.key, d.kinds, d.month, d.day, d.zh, d.en, d.basis


def _crosswalk(form: Form) -> Iterator[Row]:
    for position, c in enumerate(form.notes.crosswalk, start=1):
        yield c.from_, c.to, c.comparable, c.note_zh, c.note_en, position


def _rules(rules: Rules) -> Iterator[Row]:
    for position, rule in enumerate(rules.rules, start=1):
        yield (
            rule.id, rule.level, rule.kind, rule.zh, rule.en, rule.forms, rule.advice_zh,
            rule.advice_en, rule.basis, rule.status, rule.needs or "report", position,
        )  # fmt: skip


def _claims(rules: Rules) -> Iterator[Row]:
    for position, claim in enumerate(rules.claims.values(), start=1):
        yield claim.what, claim.zh, claim.en, position


def _fields() -> Iterator[Row]:
    for table in schema.tables().values():
        for position, column in enumerate(table.columns, start=1):
            yield table.name, column.name, column.type, column.zh, column.en, position


_FROM_FORM: Final[dict[str, Callable[[Form], Iterator[Row]]]] = {
    "meta_form": _forms,
    "meta_section": _sections,
    "meta_table": _tables,
    "meta_row": _rows,
    "meta_column": _columns,
    "meta_group": _groups,
    "meta_cell": _cells,
    "meta_quantity": _quantities,
    "meta_metric": _metrics,
    "meta_metric_group": _metric_groups,
    "meta_family": _families,
    "meta_state": _states,
    "meta_annotation": _annotations,
    "meta_deadline": _deadlines,
    "meta_crosswalk": _crosswalk,
}


def rows() -> Iterator[tuple[str, list[Row]]]:
    """Every meta table with its rows, ``meta_build`` aside (the build itself writes that)."""
    form, rules = load_form(), load_rules()
    for table, make in _FROM_FORM.items():
        yield table, list(make(form))
    yield "meta_measure", list(measures().items())
    yield "meta_rule", list(_rules(rules))
    yield "meta_claim", list(_claims(rules))
    yield "meta_field", list(_fields())
