"""Row readings → every cell of the form(s) met, with a state each.

Nothing is guessed here: a row that no reader could place is ``unread``, a row no document prints is
``absent``, two printings that disagree are ``unread`` both.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise

from etl.extract.headers import is_year
from etl.extract.page_numbers import distrust_page_numbers
from etl.extract.place import (
    Known,
    balance_of,
    distrust_assumed,
    distrust_run_together,
    distrust_written_twice,
    label_by_order,
    numbers_of,
    place_values,
    sum_holds,
    tables_that_move_blanks,
)
from etl.extract.rows import Harvest, RowReading, Slot
from etl.extract.values import Value, is_value, read_value, to_wan
from etl.extract.wrapped import join_wrapped
from etl.form import Cell, Form
from etl.recognise.labels import Lexicon, core
from etl.report import ABSENT, CellReading, ExtraRow, State


@dataclass(frozen=True, slots=True)
class Twice:
    """A row printed twice: the cells concerned, whether the figures agree, both places."""

    table: str
    row: str
    equal: bool
    cells: tuple[str, ...]
    at_first: str
    at_second: str


@dataclass(slots=True)
class Assembled:
    """The outcome of extraction for one document."""

    forms: dict[str, str | None]
    cells: dict[str, CellReading]
    extra: list[ExtraRow] = field(default_factory=list)
    twice: list[Twice] = field(default_factory=list)


def assemble(harvest: Harvest, lexicon: Lexicon, form: Form, year: int | None) -> Assembled:
    """Settle all readings of one document.

    ``year`` only chooses which version's cells are listed as absent where a table was not met.
    """
    rows = [_demote_doubtful(r, harvest.rows) for r in harvest.rows]
    rows = [_demote_another_years(r, year) for r in rows]
    join_wrapped(rows, lexicon.t3_keys[-1])
    distrust_assumed(rows, lexicon)
    distrust_run_together(rows, lexicon)
    distrust_written_twice(rows)
    distrust_page_numbers(rows, harvest.strays, lambda row: sum_holds(row, lexicon))
    label_by_order(rows, lexicon, form)
    _distrust_cut_rows(rows, lexicon)
    _drop_subtotals(rows, form)
    forms = _forms(rows, harvest, form)
    out = Assembled(forms, {})
    for key in _expected(forms, rows, form, year):
        out.cells[key] = ABSENT
    grouped: dict[tuple[str, str], list[RowReading]] = defaultdict(list)
    for reading in rows:
        if reading.row is not None:
            grouped[(reading.table, reading.row)].append(reading)
        elif any(s.text for s in reading.slots):
            out.extra.append(_extra(reading))
    known: Known = {r.row: numbers_of(r) for r in rows if r.table == "t3" and r.row and r.columns}
    moving = tables_that_move_blanks(rows, lexicon.t3_keys)
    figures_met = {r.table_id for r in rows if any(s.text for s in r.slots)}
    for (table, row), readings in grouped.items():
        _settle(out, form, lexicon, known, table, row, readings, figures_met, moving)
    return out


def _demote_another_years(reading: RowReading, year: int | None) -> RowReading:
    """A row of table 4 labelled with a year is the report's only if the report is of that year."""
    if reading.table != "t4" or not is_year(reading.label):
        return reading
    return reading if str(year) in reading.label else replace(reading, columns=())


def _demote_doubtful(reading: RowReading, rows: list[RowReading]) -> RowReading:
    """A row matched by a damaged label gives way where another row carries the label exactly."""
    if reading.row is None or reading.exact_label or not reading.columns:
        return reading
    rival = any(
        r is not reading
        and r.exact_label
        and r.columns
        and (r.table, r.row) == (reading.table, reading.row)
        for r in rows
    )
    return replace(reading, row=None) if rival else reading


def _distrust_cut_rows(rows: list[RowReading], lexicon: Lexicon) -> None:
    """A blank row behind figures whose label begins its own: one row cut by a page break.

    Chromium prints the figures in the upper half and the rest of the label in the lower one, or all
    of it; the lower half is not the row's, so its blanks are unread, not blank. Works in place.
    """
    for before, reading in pairwise(rows):
        if reading.table != "t3" or not reading.columns or any(s.text for s in reading.slots):
            continue
        begun = core(before.label)
        if before.row is None and any(s.text for s in before.slots):
            labels = (k for k, row in lexicon.t3_rows.keys.items() if row == reading.row)
            if any(label.startswith(begun) for label in labels):
                reading.columns = ()


def _drop_subtotals(rows: list[RowReading], form: Form) -> None:
    """（六）其他处理 printed above its parts is a subtotal, not the undivided row."""
    undivided = form.tables.t3.undivided
    parts = [r for r in rows if r.table == "t3" and r.row in undivided.parts]
    if any(r.columns or any(s.text for s in r.slots) for r in parts):
        for reading in rows:
            if reading.table == "t3" and reading.row == undivided.row:
                reading.row = None


def _forms(rows: list[RowReading], harvest: Harvest, form: Form) -> dict[str, str | None]:
    """The version of each table, by its columns and rows, never by the year."""
    met = {f for _, f in harvest.headers} | {r.form for r in rows if r.form}
    for version, keys in form.tables.t2.signature_rows.items():
        if any(r.table == "t2" and r.row in keys for r in rows):
            met.add(version)
    t2 = None if not met else met.pop() if len(met) == 1 else "mixed"
    undivided = form.tables.t3.undivided
    t3_rows = {r.row for r in rows if r.table == "t3" and r.row}
    t3: str | None = None
    if t3_rows & set(undivided.parts):
        t3 = _owner(form, undivided.parts[0])
    elif t3_rows:
        t3 = (
            t2
            if t2 in form.versions
            else (_owner(form, undivided.row) if undivided.row in t3_rows else None)
        )
        t3 = t3 or form.versions[-1]
    t4 = None
    if "t4" in harvest.seen or any(r.table == "t4" for r in rows):
        t4 = t3 or (t2 if t2 in form.versions else form.versions[-1])
    return {"t2": t2, "t3": t3, "t4": t4}


def _owner(form: Form, row: str) -> str:
    """The one version whose table 3 has a row."""
    return next(v for v in form.versions if any(r.key == row for r in form.rows("t3", v)))


def _expected(
    forms: dict[str, str | None], rows: list[RowReading], form: Form, year: int | None
) -> list[str]:
    """Keys of every cell of the versions met, in the form's order."""
    default = form.form_for_year(year) if year else None
    keys: list[str] = []
    for table, met in forms.items():
        fallback = met or next((f for f in forms.values() if f in form.versions), None)
        version = fallback or default or form.versions[-1]
        versions = form.versions if version == "mixed" else (version,)
        for name in versions:
            keys += [c.key for c in form.cells_of(name, table) if c.key not in keys]
    # A row whose header could not be read may belong to either version: unread, never absent.
    open2 = {r.row for r in rows if r.table == "t2" and r.row and not (r.form or r.columns)}
    open2 -= {r.row for r in rows if r.columns}
    keys += [c.key for c in form.cells.values() if c.row in open2 and c.key not in keys]
    undivided = form.undivided_cells
    if any(r.row == form.tables.t3.undivided.row for r in rows if r.table == "t3"):
        keys += [k for k in undivided if k not in keys]
    return keys


def _extra(reading: RowReading) -> ExtraRow:
    values = tuple(s.text for s in reading.slots)
    return ExtraRow(reading.label, values, reading.slots[0].at if reading.slots else "")


def _settle(
    out: Assembled,
    form: Form,
    lexicon: Lexicon,
    known: Known,
    table: str,
    row: str,
    readings: list[RowReading],
    figures_met: set[int],
    moving: set[int],
) -> None:
    certain = [r for r in readings if r.columns]
    if not certain:
        _open_row(out, form, lexicon, known, table, row, readings, figures_met, moving)
        return
    first = certain[0]
    found = _cells(form, first)
    for again in certain[1:]:
        second = _cells(form, again)
        keys = tuple(dict.fromkeys([*found, *second]))
        equal = all(_same(found.get(k), second.get(k)) for k in keys)
        out.twice.append(Twice(table, row, equal, keys, _place(first), _place(again)))
        for key in keys:
            ours, theirs = found.get(key), second.get(key)
            if ours is None and theirs is not None:
                found[key] = theirs
            elif ours and theirs and not _same(ours, theirs):
                raw = f"{ours.raw} ≠ {theirs.raw}"
                found[key] = CellReading(State.UNREAD, raw=raw, at=ours.at, ref=ours.ref)
    other = next((r for r in readings if not r.columns and _differs(r, first, figures_met)), None)
    if other is not None:
        found = {k: _unsure(c, other) for k, c in found.items()}
    for key, cell in found.items():
        if key in out.cells:
            out.cells[key] = cell


def _differs(unplaced: RowReading, placed: RowReading, figures_met: set[int]) -> bool:
    """Whether a row was printed again with other figures, which no column could be told for.

    One figure behind a label in the same table is a page number or a stray, no second printing. A
    row left blank in another table is one if that table has figures (an empty form has none).
    """
    if unplaced.table_id != placed.table_id and not any(s.text for s in unplaced.slots):
        return unplaced.exact_label and unplaced.table_id in figures_met
    again = [s.text for s in unplaced.slots if any(map(str.isdigit, s.text)) or is_value(s.text)]
    ours = [s.text for s in placed.slots if is_value(s.text)]
    return len(again) > (unplaced.table_id == placed.table_id) and again != ours


def _unsure(cell: CellReading, other: RowReading) -> CellReading:
    if cell.state is not State.NUMBER:
        return cell
    rest = " | ".join(s.text for s in other.slots if s.text)
    return CellReading(State.UNREAD, raw=f"{cell.raw} ≠ {rest}", at=cell.at, ref=cell.ref)


def _same(ours: CellReading | None, theirs: CellReading | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return (ours.state, ours.value) == (theirs.state, theirs.value)


def _place(reading: RowReading) -> str:
    return reading.slots[0].at if reading.slots else ""


def _open_row(
    out: Assembled,
    form: Form,
    lexicon: Lexicon,
    known: Known,
    table: str,
    row: str,
    readings: list[RowReading],
    figures_met: set[int],
    moving: set[int],
) -> None:
    """A row whose label stands there and whose cells could not be told apart."""
    keys = [
        c for c in form.cells.values() if c.table == table and c.row == row and c.key in out.cells
    ]
    with_slots = [r for r in readings if any(s.text for s in r.slots)]
    reading = (with_slots or readings)[0]
    raw = " | ".join(s.text for s in reading.slots if s.text)
    placed: dict[str, Slot] = {}
    if table == "t3" and len(with_slots) == 1 and reading.ordered:
        columns = lexicon.t3_keys
        balanced = balance_of(row, known, columns)
        placed = place_values(reading, columns, balanced, may_move=reading.table_id in moving)
    for cell in keys:
        slot = placed.get(cell.column)
        if slot is not None:
            found = _cell(cell, slot, reading)
            out.cells[cell.key] = replace(found, note="空格位置不明：由本行合计唯一确定")
        elif not with_slots and not figures_met:
            # Labels without a single figure in the whole document: a form left empty.
            out.cells[cell.key] = CellReading(State.BLANK, at=_place(reading))
        else:
            ref = reading.slots[0].ref if reading.slots else None
            out.cells[cell.key] = CellReading(State.UNREAD, raw=raw, at=_place(reading), ref=ref)


def _cells(form: Form, reading: RowReading) -> dict[str, CellReading]:
    found: dict[str, CellReading] = {}
    for column, slot in zip(reading.columns, reading.slots, strict=True):
        cell = form.cells.get(f"{reading.table}.{reading.row}.{column}")
        if cell is not None:
            found[cell.key] = _cell(cell, slot, reading)
    for column in reading.doubtful:
        cell = form.cells.get(f"{reading.table}.{reading.row}.{column}")
        if cell is not None:
            found[cell.key] = CellReading(State.UNREAD, raw=reading.rest, at=_place(reading))
    return found


def _cell(cell: Cell, slot: Slot, reading: RowReading) -> CellReading:
    value = read_value(slot.text, cell.value)
    unit: str | None = None
    if cell.value == "amount":
        value, unit = _amount(cell, value, reading.money_unit)
    note = slot.note or ("" if reading.note == "glued" else reading.note)
    if reading.note == "glued":
        note = "数字粘连：只有一种分法"
    return CellReading(value.state, value.number, slot.text, slot.at, unit, note, slot.ref)


def _amount(cell: Cell, value: Value, header_unit: str | None) -> tuple[Value, str | None]:
    """Money in the form's unit; the printed unit is named where it is another or none is fixed."""
    if value.number is None:
        return value, None
    printed = value.unit or header_unit
    if cell.unit != "万元":
        return value, printed
    if printed in (None, "万元"):
        return value, None
    if printed == "元" and value.number * 100 % 1:
        return Value(State.UNREAD), printed  # less than a fen: 元 is not its unit
    try:
        return Value(value.state, to_wan(value.number, printed), printed), printed
    except KeyError:
        return Value(State.TEXT), printed
