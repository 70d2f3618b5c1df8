"""Figures of all offices of one year at once: columns of whole numbers, consistent throughout.

The habits are the demo's (``etl/demo/figures.py``, ``province.yml``): a few offices carry most
applications, natural persons dominate, what is open in December is next year's carry-in, disputes
follow the decisions, and from 2024 refusals go to review before court.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etl.demo.settings import load_settings
from etl.form import load_form
from etl.scale.places import Country

Ints = npt.NDArray[np.int64]
#: Cell key → one number per office; a key that is missing is 0 everywhere.
Cells = dict[str, Ints]
T4_RESULTS = ("upheld", "corrected", "other", "pending")


@dataclass(frozen=True, slots=True)
class Region:
    """Which offices' own figures add up to which government's report on its region."""

    government: Ints
    member_of: Ints
    members: Ints


def regions(country: Country) -> list[Region]:
    """One per tier; vertical bodies are in no region's sum (form.md section 10)."""
    own = (country.column("scope") == "own_office") & (country.column("kind") != "垂直机构")
    head = country.column("kind") == "政府"
    out = []
    for level, name in (("省", "province"), ("市", "city"), ("县", "county")):
        codes = country.column(name)
        heads = np.flatnonzero(head & (country.column("level") == level))
        position = {codes[i]: n for n, i in enumerate(heads)}
        members = np.flatnonzero(own & np.array([c in position for c in codes]))
        member_of = np.array([position[codes[i]] for i in members], dtype=np.int64)
        out.append(Region(heads, member_of, members))
    return out


class Simulation:
    """Years in order; each takes over what the year before left open."""

    def __init__(self, country: Country, seed: int) -> None:
        self.rng = np.random.default_rng((seed, 2))
        self.n = len(country)
        self.settings = load_settings()
        rng, n = self.rng, self.n
        mean, spread = np.array(country.volume, dtype=float).reshape(n, 2).T
        self.level = rng.lognormal(0, 1, n) ** spread * mean
        self.drift = rng.normal(0, self.settings.drift_sigma, n)
        self.shares = self._weights(self.settings.applicants, 0.35)
        self.outcomes = self._weights(self.settings.outcomes, 0.5)
        self.corrected = self.settings.disputes.corrected * rng.lognormal(0, 0.5, n)
        self.chronic = rng.random(n) < 0.05
        self.open: Cells = {}
        self.adverse = self.level * 0.5
        self.upheld = self.adverse * self.settings.disputes.review
        self.regions = regions(country)
        self._stocks(country)

    def _weights(self, weights: dict[str, float], sigma: float) -> npt.NDArray[np.float64]:
        base = np.array(list(weights.values()))
        drawn = base * self.rng.lognormal(0, sigma, (self.n, len(base)))
        found: npt.NDArray[np.float64] = drawn / drawn.sum(axis=1, keepdims=True)
        return found

    def _stocks(self, country: Country) -> None:
        rng, n = self.rng, self.n
        names = ("licence", "penalty", "coercion", "fee", "normdocs")
        table = np.array([[getattr(a, k) for k in names] for a in country.activity], dtype=float)
        median = dict(zip(names, table.reshape(n, len(names)).T, strict=True))
        levels = country.column("level")
        factor = np.array([self.settings.level_factor.get(level, 0.5) for level in levels])
        self.decisions = {
            k: median[k] * factor * rng.lognormal(0, 0.7, n)
            for k in ("licence", "penalty", "coercion")
        }
        self.fee = median["fee"] * factor * rng.lognormal(0, 0.8, n)
        general = country.column("kind") == "办公厅"
        rules = np.array([self.settings.general.rules.get(level, 0) for level in levels]) * general
        docs = median["normdocs"] * np.sqrt(factor) * rng.lognormal(0, 0.6, n)
        self.in_force = {"rules": rng.poisson(rules), "normdocs": rng.poisson(docs)}

    def years(self) -> Iterator[tuple[int, Cells]]:
        """``year, cells`` from the first year of the demo to its last."""
        years = self.settings.years
        for year in range(years.first, years.last + 1):
            self.level = self.level * self.settings.growth[year] * np.exp(self.drift)
            cells: Cells = {}
            self._applications(cells)
            self._disputes(cells, year)
            self._table2(cells, year)
            self._regions(cells)
            form = load_form().form_for_year(year) or load_form().versions[-1]
            complete(cells, form)
            yield year, cells

    def _applications(self, cells: Cells) -> None:
        rng = self.rng
        spike = 1 + self.chronic * rng.exponential(0.5, self.n)
        received = rng.multinomial(rng.poisson(self.level * spike), self.shares)
        for i, column in enumerate(self.settings.applicants):
            arrived = received[:, i]
            carried = self.open.get(column, np.zeros(self.n, dtype=np.int64))
            left = rng.binomial(arrived, self.settings.open_share)
            done = rng.multinomial(arrived + carried - left, self.outcomes)
            cells[f"t3.received_new.{column}"] = arrived
            cells[f"t3.carried_in.{column}"] = carried
            cells[f"t3.carried_out.{column}"] = left
            for j, row in enumerate(self.settings.outcomes):
                cells[f"t3.{row}.{column}"] = done[:, j]
            self.open[column] = left

    def _disputes(self, cells: Cells, year: int) -> None:
        rates, rng = self.settings.disputes, self.rng
        law = rates.law_change
        now = year >= law.year
        rows = [row for row in self.settings.outcomes if row != "granted"]
        adverse = sum((cells[f"t3.{r}.{c}"] for r in rows for c in self.settings.applicants),
                      np.zeros(self.n, dtype=np.int64))  # fmt: skip
        middle = (self.adverse + adverse) / 2
        means = {
            "review": middle * rates.review * (law.review if now else 1),
            "lit_direct": middle * rates.lit_direct * (law.lit_direct if now else 1),
            "lit_after_review": self.upheld * rates.after_review * (law.after_review if now else 1),
        }
        weights = np.stack(
            [
                np.maximum(0.05, 1 - self.corrected - rates.other - rates.pending),
                self.corrected, np.full(self.n, rates.other), np.full(self.n, rates.pending),
            ], axis=1,
        )  # fmt: skip
        weights /= weights.sum(axis=1, keepdims=True)
        for block, mean in means.items():
            found = rng.multinomial(rng.poisson(mean), weights)
            for i, result in enumerate(T4_RESULTS):
                cells[f"t4.{block}.{result}"] = found[:, i]
        self.adverse = adverse.astype(float)
        self.upheld = self.upheld * 0.5 + cells["t4.review.upheld"]

    def _table2(self, cells: Cells, year: int) -> None:
        rng = self.rng
        for row, stock in self.in_force.items():
            issued = rng.poisson(stock * 0.09)
            repealed = rng.binomial(stock, 0.12 if year == 2021 else 0.06)
            self.in_force[row] = stock + issued - repealed
            cells[f"t2.{row}.issued"] = cells[f"t2.{row}.made_new"] = issued
            cells[f"t2.{row}.disclosed_new"] = issued
            cells[f"t2.{row}.repealed"] = repealed
            cells[f"t2.{row}.in_force"] = self.in_force[row]
            cells[f"t2.{row}.disclosed_total"] = self.in_force[row]
        for row, mean in self.decisions.items():
            self.decisions[row] = mean * rng.lognormal(0.02, 0.15, self.n)
            cells[f"t2.{row}.decisions"] = rng.poisson(self.decisions[row])
        # Amounts in fen: whole numbers here, 万元 in the warehouse.
        self.fee = self.fee * rng.lognormal(0, 0.2, self.n)
        cells["t2.fee.amount_wan"] = np.rint(self.fee * 100).astype(np.int64)
        projects = rng.poisson(0.4, self.n)
        cells["t2.procurement.projects"] = projects
        cells["t2.procurement.amount"] = projects * rng.integers(200, 9000, self.n)

    def _regions(self, cells: Cells) -> None:
        for region in self.regions:
            for values in cells.values():
                sums = np.bincount(
                    region.member_of, values[region.members], minlength=len(region.government)
                )
                values[region.government] = sums.astype(np.int64)


def complete(cells: Cells, form: str) -> None:
    """Bring the cells to one form version and set every total from its parts."""
    known = load_form()
    applicants = [c.key for c in known.columns("t3") if c.key != "total"]
    undivided = known.tables.t3.undivided
    for column in applicants:
        parts = [cells[f"t3.{row}.{column}"] for row in undivided.parts]
        cells[f"t3.{undivided.row}.{column}"] = _plus(parts)
        leaves = [r.key for r in known.rows("t3", form) if r.kind == "leaf"]
        cells[f"t3.handled_total.{column}"] = _plus([cells[f"t3.{r}.{column}"] for r in leaves])
    for row in known.rows("t3"):
        cells[f"t3.{row.key}.total"] = _plus([cells[f"t3.{row.key}.{c}"] for c in applicants])
    for row in known.rows("t4"):
        cells[f"t4.{row.key}.total"] = _plus([cells[f"t4.{row.key}.{r}"] for r in T4_RESULTS])
    some = next(iter(cells.values()))
    wanted = {cell.key for cell in known.cells_of(form)}
    for key in wanted - cells.keys():
        cells[key] = np.zeros_like(some)
    for key in cells.keys() - wanted:
        del cells[key]


def _plus(parts: list[Ints]) -> Ints:
    total: Ints = np.sum(parts, axis=0)
    return total
