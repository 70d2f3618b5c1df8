"""Fields of forms printed in the cells of a table: which frames are cells, what a field hides.

A web form prints each figure in a field of its own. A field's frame within a cell is no cell; a
field wider than its cell covers the next one; and of a figure longer than its field, only the
digits that have room are printed, with nothing to tell that there were more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from etl.read.pdf_grid import SNAP, Box, RuledTable, find_tables, slots_of
from etl.read.pdf_marks import Char, Edge, PageMarks, Place

#: A field reaches this far (points) into a cell at least, and its text begins so far within it.
_REACH: Final = 2.0
#: A ground ends this near to a border of its column (points): borders are half as thick.
_AT_BORDER: Final = 2.0
#: A figure beside a table, no further than this (ems), was pushed out of its row.
_PUSHED: Final = 4.0
#: What a field leaves free beside its text at most, in ems; and a marker around it, in points.
_PADDING: Final = 0.5
_MARKER: Final = 0.5

Slots = Mapping[tuple[int, int], Box]


def ruled_tables(marks: PageMarks, max_cells: int) -> list[RuledTable]:
    """The ruled tables of a page, top to bottom, frames of fields within cells left out.

    Raises:
        RejectedDocument: ``too_large``, from :func:`~etl.read.pdf_grid.find_tables`.
    """
    tables = find_tables(marks.horizontal, marks.vertical, marks.chars, max_cells)
    if not marks.frames:
        return tables
    fields = _fields(marks.frames, tables)
    cells = [frame for at, frame in enumerate(marks.frames) if at not in fields]
    marks.fields = [marks.frames[at] for at in sorted(fields)]
    if not cells:
        return tables
    across, down = list(marks.horizontal), list(marks.vertical)
    for x0, x1, top, bottom in cells:
        across += (Edge(top, x0, x1), Edge(bottom, x0, x1))
        down += (Edge(x0, top, bottom), Edge(x1, top, bottom))
    return find_tables(across, down, marks.chars, max_cells)


def _fields(frames: Sequence[Place], tables: Sequence[RuledTable]) -> set[int]:
    """Which frames begin in a cell of a table that other lines draw, alone in it: its fields."""
    if not tables:
        return set()
    slots = [slots_of(table) for table in tables]
    homes: dict[int, tuple[int, Box]] = {}
    for at, frame in enumerate(frames):
        x, y = frame.x0 + _REACH, frame.mid_y
        for number, table in enumerate(tables):
            box = slots[number].get(_slot(table, x, y)) if table.covers(x, y) else None
            if box is not None:
                homes[at] = number, box
                break
    places = {at: tuple(round(side) for side in frames[at]) for at in homes}
    held = Counter(home for home, _ in {(homes[at], places[at]) for at in homes})
    return {at for at, home in homes.items() if held[home] == 1}


def _slot(table: RuledTable, x: float, y: float) -> tuple[int, int]:
    return bisect_right(table.ys, y) - 1, bisect_right(table.xs, x) - 1


def in_doubt(
    table: RuledTable, content: Mapping[Box, Sequence[Char]], slots: Slots, marks: PageMarks
) -> set[Box]:
    """The cells of which a field or a clip may hide a figure, or a part of it."""
    grounds = [place for _, place in marks.boxes if not _is_ground(place, table)]
    found = [(place, _under(place, table, slots)) for place in (*marks.fields, *grounds)]
    single = {place: boxes[0] for place, boxes in found if len(boxes) == 1}
    hidden = {box for _, boxes in found if len(boxes) > 1 for box in boxes}
    if table.xs[-1] > marks.edge + _AT_BORDER:
        # The table goes on beyond what of the page is printed.
        hidden |= {
            box
            for box in table.boxes
            if table.rect(box)[1] > marks.edge + _AT_BORDER
            and (box not in content or _ends_at(marks.edge, content[box]))
        }
    for place in marks.cuts:
        for x in (place.x0, place.x0 - _REACH):  # a digit that is gone stood behind its cell
            box = slots.get(_slot(table, x, place.mid_y))
            if box is not None and table.covers(x, place.mid_y):
                hidden.add(box)
    if hidden:
        # Where text is cut off, a cell as narrow may be empty because all of its text is.
        room = max(_width(table, box) for box in hidden)
        hidden |= {box for box in table.boxes if box not in content and _width(table, box) <= room}
        hidden |= {box for box, chars in content.items() if _ends_at(table.rect(box)[1], chars)}
    texts = {place: content.get(box, ()) for place, box in single.items()}
    return hidden | _filled(texts, single, markers=not marks.cuts)


def _ends_at(border: float, chars: Sequence[Char]) -> bool:
    """Whether a figure leaves less than half a digit free before the border of its column."""
    digits = [char for char in chars if char.text[0].isdigit()]
    return any(border - char.x1 < (char.x1 - char.x0) / 2 for char in digits)


def _width(table: RuledTable, box: Box) -> float:
    left, right, _, _ = table.rect(box)
    return right - left


def _is_ground(place: Place, table: RuledTable) -> bool:
    """Whether a filled box ends at borders of columns, or beyond the table; nearly, if as high."""
    left, right = table.xs[0], table.xs[-1]
    high = _near(place.top, table.ys, _AT_BORDER) and _near(place.bottom, table.ys, _AT_BORDER)
    return all(
        side < left or side > right or _near(side, table.xs, SNAP if high else _AT_BORDER)
        for side in (place.x0, place.x1)
    )


def _near(at: float, borders: Sequence[float], reach: float) -> bool:
    index = bisect_right(borders, at)
    return any(abs(border - at) <= reach for border in borders[max(index - 1, 0) : index + 1])


def _under(place: Place, table: RuledTable, slots: Slots) -> list[Box]:
    """The cells of one row on which a field lies; none where it is higher than they are."""
    first, last = place.x0 + _REACH, place.x1 - _REACH
    if not table.covers(first, place.mid_y):
        return []
    row, col = _slot(table, first, place.mid_y)
    end = _slot(table, last, place.mid_y)[1]
    boxes = list(dict.fromkeys(slots[row, at] for at in range(col, end + 1) if (row, at) in slots))
    if last > table.xs[-1] + SNAP:
        boxes += boxes  # it covers what lies beside the table
    for box in boxes:
        _, _, top, bottom = table.rect(box)
        if place.top < top - SNAP or place.bottom > bottom + SNAP:
            return []
    return boxes


def _filled(
    texts: Mapping[Place, Sequence[Char]], boxes: Mapping[Place, Box], *, markers: bool
) -> set[Box]:
    """The cells whose figures leave no room for another digit in their fields.

    ``markers`` says that a box may be a marker's colour: no figure of the page is cut off.
    """
    inside = {
        place: [c for c in chars if place.around(c.mid_x, c.mid_y)]
        for place, chars in texts.items()
    }
    held = {
        place: chars for place, chars in inside.items() if any(c.text[0].isdigit() for c in chars)
    }
    pads = [max(0.0, min(c.x0 for c in chars) - place.x0) for place, chars in held.items()]
    pad = min(pads, default=0.0)
    lengths: dict[int, set[int]] = defaultdict(set)
    for place, chars in inside.items():
        lengths[round(place.x1 - place.x0)].add(len(chars))
    found = set()
    for place, chars in held.items():
        wide = max(c.x1 for c in chars) - min(c.x0 for c in chars)
        whole = place.x1 - place.x0
        # A marker's colour ends with its text; fields are as wide whatever they hold.
        marker = markers and whole - wide <= _MARKER and len(lengths[round(whole)]) == 1
        if not marker and whole < wide + wide / len(chars) + 2 * min(pad, _PADDING * chars[0].size):
            found.add(boxes[place])
    return found


def pushed_out(table: RuledTable, beside: Sequence[Char]) -> set[Box]:
    """The cells of rows of which a figure stands beside the table, right of it.

    It was pushed out of the last cell as the others were out of theirs.
    """
    rows = {
        bisect_right(table.ys, char.mid_y) - 1
        for char in beside
        if table.xs[-1] < char.x0 < table.xs[-1] + _PUSHED * char.size
    }
    return {box for box in table.boxes if any(box.row <= r < box.row + box.rowspan for r in rows)}
