"""Rows and columns the layout alone left open: settled where exactly one reading is possible.

The form's arithmetic only confirms what the layout allows; it never invents. Two cases:

- rows of table 3 that lost their label (:func:`label_by_order`): as many unlabelled rows between
  two labelled ones as the form has rows there, confirmed by the column sums;
- rows with fewer values than columns (:func:`place_values`): the placements in printed order that
  the form's sums allow; a column is certain where all of them agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from etl.extract.rows import RowReading, Slot
from etl.extract.settle import halves
from etl.extract.values import addends, read_value
from etl.form import Form
from etl.form.rules import load_rules
from etl.recognise.labels import Lexicon, core, fold
from etl.report import Number, State

#: Between words, and before a number within a word: （三）不予公1.属于国家秘.
_PARTS = re.compile(r"\s+|(?=\d[.．、])|(?<=.)(?=[(（][一二三四五六七][)）])")
_NUMBER = re.compile(r"\d+\.|\([一二三四五六七]\)")
#: So many characters of a label are no accident.
_TELLING = 3

Known = dict[str, dict[str, Number]]


def numbers_of(reading: RowReading) -> dict[str, Number]:
    """Column → number of a placed row; blanks and marks are left out."""
    out: dict[str, Number] = {}
    for column, slot in zip(reading.columns, reading.slots, strict=False):
        value = read_value(slot.text)
        if value.number is not None:
            out[column] = value.number
    return out


def label_by_order(rows: list[RowReading], lexicon: Lexicon, form: Form) -> None:
    """Give unlabelled, complete rows of table 3 their row where order and sums leave one way.

    Works in place on the readings of table 3 in printed order.
    """
    whole = [r for r in rows if r.table == "t3" and r.columns]
    _forget_beginnings(whole, lexicon)
    taken: set[str | None] = {r.row for r in whole if r.row}
    undivided = form.tables.t3.undivided
    # Either the undivided row or its parts stand in one report, never both.
    absent = set(undivided.parts) if undivided.row in taken else {undivided.row}
    if not taken & set(undivided.parts) and undivided.row not in taken:
        absent = {undivided.row}
    expected = [k for k in lexicon.t3_order if k not in absent]
    runs = _runs(whole, expected, taken, lexicon)
    for run, keys in runs:
        for reading, key in zip(run, keys, strict=True):
            reading.row = key
    proven = bool(runs) and _sums_hold(whole, form)
    for run, keys in runs:
        note = "行名缺失：按上下行次序确定，各列合计相符" if proven else _told(run, keys, lexicon)
        for reading in run:
            reading.row, reading.note = reading.row if note else None, note


def _told(run: list[RowReading], keys: list[str], lexicon: Lexicon) -> str:
    """How a run of rows is known without the sums of its columns, "" where it is not."""
    if all(not any(numbers_of(r).values()) for r in run):
        return "行名缺失：按上下行次序确定，所涉各行均为0"
    if all(_is_told(r, k, lexicon) for r, k in zip(run, keys, strict=True)):
        return "行名残缺：按上下行次序和残存的字确定"
    return ""


def distrust_assumed(rows: list[RowReading], lexicon: Lexicon) -> None:
    """Take the columns of table 3 away where no header names them and the row sums disagree.

    Without headers the columns are taken to stand in the form's order. Each printed row whose last
    figure is the sum of the others speaks for it, each whose is not against it; one office's slip
    is outvoted, another order or another column is not. Where no row speaks for it, one that has
    figures and no sum is not believed either. Sums tell nothing of the order of the parts: where
    a whole table has no header, only totals and rows that read alike in any order are certain (a
    piece of a table, as a flip book shows it, has its header on another page). Works in place.
    """
    tables: dict[int, list[RowReading]] = {}
    for reading in rows:
        if reading.table == "t3" and reading.assumed:
            tables.setdefault(reading.table_id, []).append(reading)
    first, most = lexicon.t3_order[0], len(lexicon.t3_order) // 2
    for printed in tables.values():
        begun = len(printed) > most or any(reading.row == first for reading in printed)
        table = [reading for reading in printed if reading.columns]
        votes = [vote for r in table if (vote := _row_sum_holds(r, lexicon.t3_keys)) is not None]
        if votes.count(False) and votes.count(False) >= votes.count(True):
            for reading in table:
                if not all(read_value(slot.text).number == 0 for slot in reading.slots):
                    reading.columns, reading.ordered = (), False
        elif not votes.count(True):
            for reading in table:
                if not _alike_in_any_order(reading, lexicon.t3_keys):
                    reading.columns, reading.ordered = (), False
        if begun and any(reading.headless for reading in table):
            for reading in table:
                _only_total(reading, lexicon.t3_keys)


def _only_total(reading: RowReading, keys: tuple[str, ...]) -> None:
    """Leave a row only the total, where its parts read otherwise in another order."""
    numbers = numbers_of(reading)
    parts = [slot.text for slot in reading.slots[:-1]]
    if not reading.columns or len(set(parts)) == 1:
        return
    total = numbers.get(keys[-1])
    whole = total is not None and sum(numbers.values()) == 2 * total
    reading.rest = " | ".join(slot.text for slot in reading.slots)
    reading.columns, reading.slots = keys[-1:], reading.slots[-1:]
    reading.doubtful = keys[:-1] if whole else ()
    if not whole:
        reading.columns = ()


def _alike_in_any_order(reading: RowReading, keys: tuple[str, ...]) -> bool:
    """Whether a row reads the same wherever its columns stand: no figure, or one beside no blank.

    One figure and a sum equal to it are the most that a row without proof may hold.
    """
    numbers = numbers_of(reading)
    if not numbers:
        return True
    return keys[-1] in numbers and len(numbers) == len(reading.slots)


def distrust_run_together(rows: list[RowReading], lexicon: Lexicon) -> None:
    """Take the columns of a row of text away that may hold the figures of a row without label.

    Where blank cells leave no trace and the next label is lost, the next row's figures follow this
    one's: seven figures then look like a full row. It shows in two things together: the last figure
    is not the sum of the others, and the form's next row does not follow, or the row adds up with
    any figure less, and other rows show that blanks vanished: a figure on two lines, or a page's
    number, filled it up. Works in place.
    """
    order = lexicon.t3_order
    printed = [r for r in rows if r.table == "t3"]
    open_rows = (r for r in printed if r.row and not r.columns)
    short = {r.table_id for r in open_rows if any(s.text for s in r.slots)}
    for at, reading in enumerate(printed):
        after = printed[at + 1] if at + 1 < len(printed) else None
        if reading.full or reading.row is None or not reading.columns:
            continue
        if len({slot.at for slot in reading.slots}) == 1 or not all(s.text for s in reading.slots):
            continue  # all on one line, or blanks left their trace: a row of its own
        follow = order[order.index(reading.row) + 1 :]
        if not follow or _row_sum_holds(reading, lexicon.t3_keys) is not False:
            continue
        lost = reading.table_id in short and _one_too_many(reading)
        if lost or after is None or after.row not in _next_rows(follow, lexicon):
            reading.columns, reading.ordered = (), False


def distrust_written_twice(rows: list[RowReading]) -> None:
    """Take two neighbours away that repeat one merged cell: 2227 | 2227 | … | 52 of 22 and 27.

    A merged cell that falls apart may leave its text in both parts. It shows where the row adds up
    only if their text is one figure of each, set behind the other. Works in place.
    """
    for reading in rows:
        total = reading.columns[-1] if reading.columns else ""
        numbers = numbers_of(reading)
        if reading.table == "t2" or total != "total" or total not in numbers:
            continue
        rest = sum(numbers.values()) - 2 * numbers[total]
        for left, (one, two) in enumerate(pairwise(reading.slots)):
            digits = one.text.strip()
            if rest and digits == two.text.strip() and digits.isdecimal():
                pairs = (sum(map(int, pair)) for pair in halves(digits))
                if any(rest - 2 * int(digits) + pair == 0 for pair in pairs):
                    pair = slice(left, left + 2)
                    reading.doubtful = (*reading.doubtful, *reading.columns[pair])
                    reading.rest = f"{digits} | {digits}"
                    reading.columns = reading.columns[:left] + reading.columns[left + 2 :]
                    reading.slots = reading.slots[:left] + reading.slots[left + 2 :]
                    break


def _one_too_many(reading: RowReading) -> bool:
    """Whether a row's figures add up without one of them, or with two neighbours as one figure."""
    texts = [slot.text for slot in reading.slots]
    left_out = [[*texts[:i], *texts[i + 1 :]] for i in range(len(texts))]
    joined = [[*texts[:i], texts[i] + texts[i + 1], *texts[i + 2 :]] for i in range(len(texts) - 1)]
    sums = (addends(row) for row in (*left_out, *joined))
    return any(row is not None and sum(row[:-1]) == row[-1] for row in sums)


def _next_rows(follow: Sequence[str], lexicon: Lexicon) -> set[str]:
    """The rows that may stand next: the first of ``follow``, and what one form leaves out."""
    undivided = lexicon.form.tables.t3.undivided
    either = {undivided.row, *undivided.parts}
    behind = [row for row in follow if row not in either]
    return {follow[0], *(either if follow[0] in either else ()), *behind[: follow[0] in either]}


def sum_holds(reading: RowReading, lexicon: Lexicon) -> bool | None:
    """Whether a row's total is the sum of its parts; nothing for a row that has none."""
    if reading.table == "t3":
        return _row_sum_holds(reading, lexicon.t3_keys)
    if reading.table != "t4":
        return None
    total = lexicon.t4_keys[-1][1]
    numbers = numbers_of(reading)
    if total not in numbers or len(numbers) != len(reading.slots):
        return None
    return sum(numbers.values()) == 2 * numbers[total]


def _row_sum_holds(reading: RowReading, keys: tuple[str, ...]) -> bool | None:
    """Whether the last figure is the sum of two or more others; nothing if no row can tell."""
    states = {read_value(s.text).state for s in reading.slots}
    numbers = numbers_of(reading)
    if states & {State.TEXT, State.UNREAD} or keys[-1] not in numbers or not any(numbers.values()):
        return None
    parts = [numbers[key] for key in keys[:-1] if numbers.get(key)]
    holds = sum(parts) == numbers[keys[-1]]
    # One part equal to the sum reads the same with the sum in its place: 19 0 0 0 0 0 19.
    return None if holds and len(parts) < 2 else holds


def _runs(
    rows: list[RowReading], expected: list[str], taken: set[str | None], lexicon: Lexicon
) -> list[tuple[list[RowReading], list[str]]]:
    """Runs of unlabelled rows with the form's rows that must be theirs, by exact count."""
    found: list[tuple[list[RowReading], list[str]]] = []
    run: list[RowReading] = []
    before: str | None = None
    for reading in rows:
        if reading.row is None:
            run.append(reading)
            continue
        if run and before in (None, *expected) and reading.row in expected:
            first = expected.index(before) + 1 if before else 0
            last = expected.index(reading.row)
            keys = [k for k in expected[first:last] if k not in taken]
            # Above the first label that is whole, only words tell where the table begins.
            if len(keys) == len(run) and all(
                _may_be(r, k, lexicon) and (before or _is_told(r, k, lexicon))
                for r, k in zip(run, keys, strict=True)
            ):
                found.append((run, keys))
        run, before = [], reading.row
    return found


def _may_be(reading: RowReading, key: str, lexicon: Lexicon) -> bool:
    """A row with words of its own is not renamed unless the words are scraps of its label.

    A group's words may stand beside them: 不予公 国家秘, between （三） 1.属于 and 开 密.
    """
    labels = (*_labels(key, lexicon), *lexicon.t3_groups.keys)
    scraps = filter(None, map(core, _PARTS.split(reading.label)))
    return all(any(scrap in label for label in labels) for scrap in scraps)


def _is_told(reading: RowReading, key: str, lexicon: Lexicon) -> bool:
    """Whether what is left of a row's label tells it from most others: 国家秘, 2.其他."""
    own, printed = _labels(key, lexicon), _printed(key, lexicon)
    return any(
        any(len(core(word)) >= _TELLING and core(word) in label for label in own)
        or any(len(fold(word)) > _TELLING and text.startswith(fold(word)) for text in printed)
        for word in _PARTS.split(reading.label)
    )


def _labels(key: str, lexicon: Lexicon) -> list[str]:
    """The cores of a row's label, as the forms and their aliases have it."""
    return [label for label, row in lexicon.t3_rows.keys.items() if row == key]


def _printed(key: str, lexicon: Lexicon) -> list[str]:
    """A row's label as each form prints it, with its number."""
    zh = next(row.zh for row in lexicon.form.rows("t3") if row.key == key)
    return [fold(text) for text in ([zh] if isinstance(zh, str) else zh.values())]


def _forget_beginnings(rows: list[RowReading], lexicon: Lexicon) -> None:
    """Take the row away from a label that is only the first line of a longer one."""
    for reading in rows:
        if _is_cut_short(reading, lexicon):
            reading.row = None


def _is_cut_short(reading: RowReading, lexicon: Lexicon) -> bool:
    """Whether a row's label is the beginning of a longer one with the number printed: 2.其他.

    2.其他法律行政法规禁止公开 and （六）其他处理 broken over lines begin as 3.其他 reads.
    """
    printed, number = core(reading.label), _NUMBER.match(fold(reading.label))
    if reading.row is None or reading.full or number is None:
        return False
    longer = any(
        label != printed and label.startswith(printed) and row != reading.row
        for label, row in lexicon.t3_rows.keys.items()
    )
    return longer and not any(t.startswith(number[0]) for t in _printed(reading.row, lexicon))


def _sums_hold(rows: list[RowReading], form: Form) -> bool:
    """Whether every column's leaves add up to the printed total, none missing, some printed."""
    by_row = {r.row: numbers_of(r) for r in rows if r.row}
    total = next(r.key for r in form.rows("t3") if r.kind == "total")
    leaves = [r.key for r in form.rows("t3") if r.kind == "leaf"]
    undivided = form.tables.t3.undivided
    skip = set(undivided.parts) if undivided.row in by_row else {undivided.row}
    leaves = [k for k in leaves if k not in skip]
    if not by_row.get(total) or any(k not in by_row for k in leaves):
        return False
    # A column without a total confirms nothing about the figures above it.
    if not {c for k in leaves for c in by_row[k]} <= by_row[total].keys():
        return False
    return all(
        sum(by_row[k].get(column, 0) for k in leaves) == value
        for column, value in by_row[total].items()
    )


def tables_that_move_blanks(rows: list[RowReading], keys: tuple[str, ...]) -> set[int]:
    """The tables of text whose blanks may have been moved behind the figures of their rows.

    Not where a blank stands before a figure of its row, nor where the sums of most full rows fail.
    """
    kept: set[int] = set()
    votes: dict[int, list[bool]] = {}
    for reading in (r for r in rows if r.table == "t3"):
        texts = [bool(slot.text) for slot in reading.slots]
        if not reading.columns and any(b and not a for a, b in pairwise(texts)):
            kept.add(reading.table_id)
        vote = _row_sum_holds(reading, keys) if reading.columns else None
        votes.setdefault(reading.table_id, []).extend([] if vote is None else [vote])
    failing = {table for table, said in votes.items() if said.count(False) > said.count(True)}
    return set(votes) - kept - failing


def place_values(
    reading: RowReading,
    keys: tuple[str, ...],
    balanced: Callable[[dict[str, Number]], bool],
    *,
    may_move: bool = True,
) -> dict[str, Slot]:
    """Columns of an unplaced table 3 row that every possible placement agrees on.

    A placement keeps the printed order and leaves some columns blank. Two proofs count:

    - all blanks of the row stand behind its values (they were moved there, not lost; ``may_move``
      says whether its table does so, see :func:`tables_that_move_blanks`), and its last value is
      the sum of two or more figures before it: that is the form's own row sum. ``1 1`` is none: two
      applicants of different kinds beside a blank total look the same.
    - among all placements, with or without a total, only one keeps ``balanced`` (the relation
      printed in the form, over the other rows) in every column. Where lines were lost, too, the
      other rows are not certain and nothing balances.
    """
    filled = [s for s in reading.slots if s.text]
    values = [read_value(s.text) for s in filled]
    if not 2 <= len(filled) < len(keys):
        return {}
    if any(v.state is not State.NUMBER for v in values):
        return {}
    numbers = [v.number or 0 for v in values]
    *parts, last = numbers
    if not any(numbers):
        return {}
    total = len(keys) - 1
    placements = [
        columns
        for columns in combinations(range(len(keys)), len(filled))
        if columns[-1] < total or sum(parts) == last
    ]
    moved = all(s.text for s in reading.slots[: len(filled)])
    whole = may_move and moved and len(reading.slots) >= len(keys)
    if whole and sum(parts) == last and sum(map(bool, parts)) > 1:
        possible = [columns for columns in placements if columns[-1] == total]
    else:
        possible = [
            columns
            for columns in placements
            if balanced({keys[c]: n for c, n in zip(columns, numbers, strict=True)})
        ]
        if len(possible) != 1:
            return {}
    agreed: dict[str, Slot] = {}
    for index, slot in enumerate(filled):
        places = {columns[index] for columns in possible}
        if len(places) == 1:
            agreed[keys[places.pop()]] = slot
    return agreed


def balance_of(
    row: str, known: Known, keys: tuple[str, ...]
) -> Callable[[dict[str, Number]], bool]:
    """Whether a candidate row keeps the relation printed in the form in every part column.

    ``known`` are the certain rows; without all other rows of the relation nothing balances.
    """
    rule = load_rules().by_id["T3-FLOW"]
    left, right = (_rows_of(terms) for terms in (rule.left, rule.right))

    def balanced(candidate: dict[str, Number]) -> bool:
        rows: Known = {**known, row: candidate}
        if row not in (*left, *right) or any(r not in rows for r in (*left, *right)):
            return False
        return all(
            sum(rows[r].get(column, 0) for r in left) == sum(rows[r].get(column, 0) for r in right)
            for column in keys[:-1]
        )

    return balanced


def _rows_of(terms: Sequence[object]) -> list[str]:
    return [str(term).split(".")[1] for term in terms]
