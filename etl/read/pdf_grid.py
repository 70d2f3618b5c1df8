"""Ruling lines to cells: snap, split into tables, cut into slots, merge slots no line parts.

The chain is that of pdfplumber's table finder (edges → intersections → cells), with two changes
that the statutory form asks for: slots that no line separates are merged, so spans come out, and
a table that a page break cuts open on one side is still closed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from etl.errors import RejectedDocument
from etl.read.pdf_marks import Char, Edge

#: Lines nearer than this (points) are one line: WPS draws a border twice, a double rule is two,
#: and web pages part their cells' borders by two or three pixels.
SNAP: Final = 4.5
#: Pieces of a border with a gap up to this are one border: WPS and Word draw it cell by cell.
JOIN: Final = 5.0
#: A border separates two slots if it covers at least this share of their common side.
COVER: Final = 0.7
#: A cell that a field's frame cuts into more pieces than this is none.
_FIELD: Final = 64
#: Fewer cells than this in a row tell nothing of its height.
_BAND: Final = 4
#: Ruling lines of one page at most; the densest real page has about 200.
MAX_RULES: Final = 8_000


#: The slots of a table in which text stands, found when first asked for.
_Slots = Callable[[], set[tuple[int, int]]]


class Box(NamedTuple):
    """A cell: its slots (``row``/``col`` with spans) within a table."""

    row: int
    col: int
    rowspan: int
    colspan: int


@dataclass(slots=True)
class RuledTable:
    """A table on one page: positions of its column and row borders and the cells between.

    ``open_top`` and ``open_bottom`` say that no line closes the table on that side, as where a
    page break cuts a row and the program draws no border.
    """

    xs: list[float]
    ys: list[float]
    boxes: list[Box]
    open_top: bool = False
    open_bottom: bool = False

    def rect(self, box: Box) -> tuple[float, float, float, float]:
        """The box in points: left, right, top, bottom."""
        return (
            self.xs[box.col],
            self.xs[box.col + box.colspan],
            self.ys[box.row],
            self.ys[box.row + box.rowspan],
        )

    def covers(self, x: float, y: float) -> bool:
        """Whether a point lies within the table's frame."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]


def slots_of(table: RuledTable) -> dict[tuple[int, int], Box]:
    """The box of each slot (row, column) of a table that lies in one."""
    return {
        (row, col): box
        for box in table.boxes
        for row in range(box.row, box.row + box.rowspan)
        for col in range(box.col, box.col + box.colspan)
    }


def merge_edges(edges: Iterable[Edge]) -> list[Edge]:
    """Snap nearly equal positions and join touching pieces, sorted by position, then start."""
    clusters: list[list[Edge]] = []
    for edge in sorted(edges):
        if clusters and edge.pos - clusters[-1][-1].pos <= SNAP:
            clusters[-1].append(edge)
        else:
            clusters.append([edge])
    merged: list[Edge] = []
    for cluster in clusters:
        weight = sum(e.end - e.start for e in cluster) or 1.0
        pos = sum(e.pos * (e.end - e.start) for e in cluster) / weight
        start, end = 0.0, -1.0
        for edge in sorted(cluster, key=lambda e: e.start):
            if end < start:
                start, end = edge.start, edge.end
            elif edge.start <= end + JOIN:
                end = max(end, edge.end)
            else:
                merged.append(Edge(pos, start, end))
                start, end = edge.start, edge.end
        merged.append(Edge(pos, start, end))
    return merged


def find_tables(
    horizontal: Sequence[Edge], vertical: Sequence[Edge], chars: Sequence[Char], max_cells: int
) -> list[RuledTable]:
    """The ruled tables of a page, top to bottom.

    Raises:
        RejectedDocument: ``too_large`` if one table has more than ``max_cells`` slots.
    """
    if len(horizontal) + len(vertical) > MAX_RULES:
        return []
    across, down = merge_edges(horizontal), merge_edges(vertical)
    tables = []
    for rows, columns in _components(across, down):
        table = _table(rows, columns, chars, max_cells)
        if table is not None:
            tables.append(table)
    tables.sort(key=lambda t: (t.ys[0], t.xs[0]))
    return _drop_frames(tables)


def _drop_frames(tables: list[RuledTable]) -> list[RuledTable]:
    """Leave out single boxes: a frame around a page or a paragraph is no table."""
    return [t for t in tables if len(t.boxes) > 1]


def _components(across: list[Edge], down: list[Edge]) -> list[tuple[list[Edge], list[Edge]]]:
    """Groups of lines that touch each other, each with lines in both directions."""
    parent = list(range(len(across) + len(down)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    tops = [edge.pos for edge in across]
    for j, v in enumerate(down):
        first = bisect_right(tops, v.start - JOIN)
        for i in range(first, len(across)):
            h = across[i]
            if h.pos > v.end + JOIN:
                break
            if h.start - JOIN <= v.pos <= h.end + JOIN:
                parent[root(i)] = root(len(across) + j)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = defaultdict(lambda: ([], []))
    for i, h in enumerate(across):
        groups[root(i)][0].append(h)
    for j, v in enumerate(down):
        groups[root(len(across) + j)][1].append(v)
    return [group for group in groups.values() if group[0] and group[1]]


def _positions(values: Iterable[float]) -> list[float]:
    """Distinct positions in order; those within :data:`SNAP` of each other count once."""
    distinct: list[float] = []
    for value in sorted(values):
        if not distinct or value - distinct[-1] > SNAP:
            distinct.append(value)
    return distinct


def _table(
    across: list[Edge], down: list[Edge], chars: Sequence[Char], max_cells: int
) -> RuledTable | None:
    # The frame: where the outermost lines end a border may be missing (tables without side
    # borders, a page break), so the ends of the lines count as positions too.
    left, right = min(h.start for h in across), max(h.end for h in across)
    top, bottom = min(v.start for v in down), max(v.end for v in down)
    xs = _positions([v.pos for v in down])
    ys = _positions([h.pos for h in across])
    frame = max(JOIN, SNAP)
    open_left, open_right = left < xs[0] - 2 * frame, right > xs[-1] + 2 * frame
    # Only text makes an unclosed strip a row: frames and separated borders overshoot as well.
    open_top = top < ys[0] - 2 * frame and _has_text(chars, xs, top, ys[0])
    open_bottom = bottom > ys[-1] + 2 * frame and _has_text(chars, xs, ys[-1], bottom)
    xs = [left] * open_left + xs + [right] * open_right
    ys = [top] * open_top + ys + [bottom] * open_bottom
    if len(xs) < 2 or len(ys) < 2:
        return None
    if (len(xs) - 1) * (len(ys) - 1) > max_cells:
        raise RejectedDocument(
            "too_large", "PDF 中有一张表格超过单表单元格上限", hint="请核对文件是否为年度报告"
        )
    walls = _Walls(xs, ys, across, down)
    boxes = _boxes(walls, cache(lambda: _occupied(xs, ys, chars)))
    if not boxes:
        return None
    return _compact(RuledTable(xs, ys, boxes, open_top, open_bottom))


def _has_text(chars: Sequence[Char], xs: list[float], top: float, bottom: float) -> bool:
    return any(xs[0] <= c.mid_x <= xs[-1] and top <= c.mid_y < bottom for c in chars)


class _Walls:
    """Which sides of the slots between ``xs`` and ``ys`` carry a drawn line."""

    def __init__(
        self, xs: list[float], ys: list[float], across: list[Edge], down: list[Edge]
    ) -> None:
        self.n_rows, self.n_cols = len(ys) - 1, len(xs) - 1
        self._across = _covered(across, ys, xs)
        self._down = _covered(down, xs, ys)

    def above(self, row: int, col: int) -> bool:
        """Whether a line runs along the top of a slot."""
        return (row, col) in self._across

    def left_of(self, row: int, col: int) -> bool:
        """Whether a line runs along the left of a slot."""
        return (col, row) in self._down


def _covered(edges: list[Edge], across: list[float], along: list[float]) -> set[tuple[int, int]]:
    """The (position, interval) pairs of a lattice that edges cover by :data:`COVER`."""
    share: dict[tuple[int, int], float] = defaultdict(float)
    for edge in edges:
        after = bisect_right(across, edge.pos)
        near = range(max(after - 1, 0), min(after + 1, len(across)))
        line = min(near, key=lambda i: abs(across[i] - edge.pos))
        first = max(bisect_right(along, edge.start) - 1, 0)
        for k in range(first, len(along) - 1):
            if along[k] >= edge.end:
                break
            overlap = min(edge.end, along[k + 1]) - max(edge.start, along[k])
            share[line, k] += overlap / (along[k + 1] - along[k])
    return {key for key, value in share.items() if value >= COVER}


def _occupied(xs: list[float], ys: list[float], chars: Sequence[Char]) -> set[tuple[int, int]]:
    slots = set()
    for char in chars:
        row, col = bisect_right(ys, char.mid_y) - 1, bisect_right(xs, char.mid_x) - 1
        if 0 <= row < len(ys) - 1 and 0 <= col < len(xs) - 1:
            slots.add((row, col))
    return slots


def _boxes(walls: _Walls, occupied: _Slots) -> list[Box]:
    """Merge slots that no line separates; a region that is no rectangle is cut into rows.

    A region open towards the outside on two or more sides and without text is not part of the
    table (the corner beside a narrower table that touches a wider one).
    """
    seen: set[tuple[int, int]] = set()
    boxes: list[Box] = []
    for row in range(walls.n_rows):
        for col in range(walls.n_cols):
            if (row, col) in seen:
                continue
            region = _region(walls, row, col)
            region |= _box_within(walls, region, occupied)
            seen |= region
            if _open_sides(walls, region) >= 2 and not region & occupied():
                continue
            boxes.extend(_rectangles(region))
    return _whole_bands(boxes, occupied)


def _whole_bands(boxes: list[Box], occupied: _Slots) -> list[Box]:
    """Boxes of one column that lie beside boxes of their common height, put together.

    Lines within one cell, such as a field's frame near its borders, cut it into pieces of which
    one holds the text; most cells of the row show how high it is.
    """
    places = {(b.row, b.col, b.colspan): b for b in boxes}
    rows: dict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        rows[box.row].append(box)
    gone: set[Box] = set()
    made: list[Box] = []
    for row, here in rows.items():
        spans = [b.rowspan for b in here]
        height = max(set(spans), key=spans.count)
        if height == 1 or len(here) < _BAND or 2 * spans.count(height) <= len(here):
            continue
        for box in here:
            pile = [box]
            while (bottom := pile[-1].row + pile[-1].rowspan) < row + height:
                below = places.get((bottom, box.col, box.colspan))
                if below is None:
                    break
                pile.append(below)
            filled = sum(bool(occupied() & _slots(b)) for b in pile)
            if len(pile) > 1 and bottom == row + height and filled <= 1:
                gone.update(pile)
                made.append(Box(row, box.col, height, box.colspan))
    return sorted([b for b in boxes if b not in gone] + made)


def _region(walls: _Walls, row: int, col: int) -> set[tuple[int, int]]:
    region = {(row, col)}
    stack = [(row, col)]
    while stack:
        r, c = stack.pop()
        around = (
            (r - 1, c, r > 0 and not walls.above(r, c)),
            (r + 1, c, r + 1 < walls.n_rows and not walls.above(r + 1, c)),
            (r, c - 1, c > 0 and not walls.left_of(r, c)),
            (r, c + 1, c + 1 < walls.n_cols and not walls.left_of(r, c + 1)),
        )
        for r2, c2, free in around:
            if free and (r2, c2) not in region:
                region.add((r2, c2))
                stack.append((r2, c2))
    return region


def _box_within(
    walls: _Walls, region: set[tuple[int, int]], occupied: _Slots
) -> set[tuple[int, int]]:
    """The slots of a box drawn within a cell, as of a form's field: they are of the cell.

    What lies around it is no rectangle and holds no text; a table within a cell has several boxes.
    """
    if len(region) == 1:
        return set()
    rows, cols = [r for r, _ in region], [c for _, c in region]
    top, bottom, left, right = min(rows), max(rows) + 1, min(cols), max(cols) + 1
    area = (bottom - top) * (right - left)
    if len(region) == area or area > _FIELD:
        return set()
    frame = {(r, c) for r in range(top, bottom) for c in range(left, right)}
    hole = frame - region
    if region & occupied():
        return set()
    inner = _region(walls, *min(hole))
    return inner if inner == hole and len(_rectangles(inner)) == 1 else set()


def _slots(box: Box) -> set[tuple[int, int]]:
    return {
        (row, col)
        for row in range(box.row, box.row + box.rowspan)
        for col in range(box.col, box.col + box.colspan)
    }


def _open_sides(walls: _Walls, region: set[tuple[int, int]]) -> int:
    """On how many sides of the whole table the region reaches the outside without a line."""
    last_row, last_col = walls.n_rows - 1, walls.n_cols - 1
    if len(region) == 1:
        [(row, col)] = region
        if 0 < row < last_row and 0 < col < last_col:
            return 0
    return sum(
        (
            any(r == 0 and not walls.above(0, c) for r, c in region),
            any(r == last_row and not walls.above(walls.n_rows, c) for r, c in region),
            any(c == 0 and not walls.left_of(r, 0) for r, c in region),
            any(c == last_col and not walls.left_of(r, walls.n_cols) for r, c in region),
        )
    )


def _rectangles(region: set[tuple[int, int]]) -> list[Box]:
    rows = sorted({r for r, _ in region})
    cols = sorted({c for _, c in region})
    if len(region) == len(rows) * len(cols):
        return [Box(rows[0], cols[0], len(rows), len(cols))]
    boxes = []
    for row in rows:
        run: list[int] = []
        for col in sorted(c for r, c in region if r == row):
            if run and col != run[-1] + 1:
                boxes.append(Box(row, run[0], 1, len(run)))
                run = []
            run.append(col)
        boxes.append(Box(row, run[0], 1, len(run)))
    return boxes


def _compact(table: RuledTable) -> RuledTable:
    """Drop positions at which no cell begins or ends (underlines, tick marks inside cells)."""
    used_x = {b.col for b in table.boxes} | {b.col + b.colspan for b in table.boxes}
    used_y = {b.row for b in table.boxes} | {b.row + b.rowspan for b in table.boxes}
    new_x = {old: new for new, old in enumerate(sorted(used_x))}
    new_y = {old: new for new, old in enumerate(sorted(used_y))}
    boxes = [
        Box(
            new_y[b.row],
            new_x[b.col],
            new_y[b.row + b.rowspan] - new_y[b.row],
            new_x[b.col + b.colspan] - new_x[b.col],
        )
        for b in table.boxes
    ]
    return RuledTable(
        [table.xs[i] for i in sorted(used_x)],
        [table.ys[i] for i in sorted(used_y)],
        boxes,
        table.open_top,
        table.open_bottom,
    )
