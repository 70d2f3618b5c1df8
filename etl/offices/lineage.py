"""Which office an office came from and went to: reforms of functions, changes of divisions.

Links are rules, not rows: 长治县's 财政局 leads to 上党区's 财政局 because the county does, and
every place's 国土资源局 leads to its 自然资源局 because the function does. Ids are those of
:class:`~etl.offices.model.Office`; a renamed county that kept its code keeps its ids and needs no
link.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from etl.errors import DefinitionError
from etl.offices.functions import DATA, function_list, load_yaml

Change = Literal["renamed", "merged", "split"]
_CHANGES: Final = frozenset({"renamed", "merged", "split"})


@dataclass(frozen=True, slots=True)
class Link:
    """One step of lineage: the office on the other side, when, and how.

    ``year`` is the year of the decision: reports for it and the year before may stand on either
    side. Only ``renamed`` lets a carry-over be compared; merged and split ones explain a gap.
    """

    office_id: str
    year: int
    change: Change
    reason: str


class Lineage:
    """Predecessors and successors of office ids, one step at a time."""

    def __init__(
        self,
        divisions: Iterable[tuple[str, str, int, Change, str]],
        functions: Iterable[tuple[str, str, int, Change]],
        offices: Iterable[tuple[str, str, int, Change, str]] = (),
    ) -> None:
        self._after: dict[str, list[tuple[str, int, Change, str]]] = defaultdict(list)
        self._before: dict[str, list[tuple[str, int, Change, str]]] = defaultdict(list)
        rows = [
            *((f"place:{a}", f"place:{b}", y, c, why) for a, b, y, c, why in divisions),
            *((f"function:{a}", f"function:{b}", y, c, "机构改革") for a, b, y, c in functions),
            *((f"office:{a}", f"office:{b}", y, c, why) for a, b, y, c, why in offices),
        ]
        for old, new, year, change, why in rows:
            self._after[old].append((new, year, change, why))
            self._before[new].append((old, year, change, why))

    @staticmethod
    def load() -> Lineage:
        """The lineage of the committed files; the same object at every call.

        Raises :class:`DefinitionError` for an unknown function key or change.
        """
        return _default()

    def with_offices(self, links: Iterable[tuple[str, str, int, Change, str]]) -> Lineage:
        """A new lineage with (old id, new id, year, change, reason) links of one corpus added."""
        new = Lineage((), (), links)
        for table, extra in ((new._after, self._after), (new._before, self._before)):
            for key, rows in extra.items():
                table[key].extend(rows)
        return new

    def successors(self, office_id: str) -> tuple[Link, ...]:
        """The offices that took over from this one."""
        return self._links(self._after, office_id)

    def predecessors(self, office_id: str) -> tuple[Link, ...]:
        """The offices this one took over from."""
        return self._links(self._before, office_id)

    def continues(self, earlier: str, later: str, year: int) -> Change | None:
        """How ``later`` reporting for ``year`` follows from ``earlier`` reporting the year before.

        ``"renamed"`` for the same id; ``None`` where no single step of about that year joins them.
        """
        if earlier == later:
            return "renamed"
        for link in self.successors(earlier):
            if link.office_id == later and abs(link.year - year) <= 1:
                return link.change
        return None

    def _links(
        self, table: dict[str, list[tuple[str, int, Change, str]]], office_id: str
    ) -> tuple[Link, ...]:
        place, _, function = office_id.partition("-")
        code, dot, unit = place.partition(".")
        found: list[Link] = []
        for other, year, change, why in table.get(f"office:{office_id}", ()):
            found.append(Link(other.removeprefix("office:"), year, change, why))
        for other, year, change, why in table.get(f"place:{code}", ()):
            moved = other.removeprefix("place:") + dot + unit
            found.append(Link(f"{moved}-{function}", year, change, why))
        for other, year, change, why in table.get(f"function:{function}", ()):
            found.append(Link(f"{place}-{other.removeprefix('function:')}", year, change, why))
        return tuple(found)


@lru_cache(maxsize=1)
def _default() -> Lineage:
    raw = load_yaml(DATA / "lineage.yml")
    known = function_list().functions
    faults: list[str] = []
    functions: list[tuple[str, str, int, Change]] = []
    for entry in raw["functions"]:
        if entry["kind"] not in _CHANGES:
            faults.append(f"{entry['to']}: kind {entry['kind']}")
        for old in entry["from"]:
            faults += [f"未知职能 {key}" for key in (old, entry["to"]) if key not in known]
            functions.append((old, entry["to"], entry["year"], entry["kind"]))
    if faults:
        raise DefinitionError("lineage.yml: " + "; ".join(faults), hint="职能键见 functions.yml")
    events: dict[str, Change] = raw["division_events"]
    divisions: list[tuple[str, str, int, Change, str]] = []
    with (DATA / "changes.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    founded = {(r["new_code"], r["year"]) for r in rows if r["type"] == "新设"}
    moves = [r for r in rows if r["type"] in events and r["old_code"] and r["new_code"]]
    sources: dict[str, set[str]] = defaultdict(set)
    for row in moves:
        sources[row["new_code"]].add(row["old_code"])
    for row in moves:
        old, new, kind = row["old_code"], row["new_code"], row["type"]
        if old == new:
            continue
        # 撤销长治县，设立上党区: one place ended, one began in its stead.
        alone = (new, row["year"]) in founded and sources[new] == {old}
        why = f"{row['old_name']}→{row['new_name']}（{' '.join((kind, row['doc_no'])).strip()}）"
        divisions.append((old, new, int(row["year"]), "renamed" if alone else events[kind], why))
    return Lineage(divisions, functions)
