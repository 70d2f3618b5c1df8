"""Plausible figures for every office and year, consistent unless a fault says otherwise.

Most cells are 0 and a few offices carry most applications (lognormal between offices, Poisson
within), natural persons dominate, what is open on 31 December comes back as next year's carry-in,
stocks of documents follow what is issued and repealed, disputes follow the decisions of this year
and the last, and from 2024 refusals go to review before court. Figures are sparse: a key that is
missing is 0.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from etl.demo.province import DemoOffice, Province, office_rng
from etl.demo.settings import Disputes, Settings, load_settings
from etl.form import load_form
from etl.report import Number

Figures = dict[str, Number]
#: Figures of one office: by report year.
History = dict[int, Figures]


def simulate(province: Province, seed: int) -> dict[str, History]:
    """Figures of all offices, by id; region reports are the sums of their members' own."""
    histories: dict[str, History] = {}
    # Predecessors first: what they leave open, the successor takes over.
    waiting = [o for o in province.offices if o.scope != "region"]
    for office in sorted(waiting, key=lambda o: bool(o.predecessors)):
        inherited = [histories[p] for p in office.predecessors]
        histories[office.office_id] = _Simulation(office, seed, inherited).run()
    years = load_settings().years
    for office in province.offices:
        if office.scope == "region":
            members = [histories[m.office_id] for m in province.members(office)]
            histories[office.office_id] = {
                year: add_up(m[year] for m in members if year in m)
                for year in range(max(office.first_year, years.first), years.last + 1)
                if year <= office.last_year
            }
    return histories


def add_up(parts: Iterable[Mapping[str, Number]]) -> Figures:
    """Cell by cell sums; counts stay integers."""
    total: dict[str, Number] = defaultdict(int)
    for part in parts:
        for key, value in part.items():
            total[key] += value
    return dict(total)


def complete_totals(figures: Figures) -> None:
    """Set every total of tables 3 and 4 from its parts, in place."""
    form = load_form()
    columns = [c.key for c in form.columns("t3")]
    applicants = [c for c in columns if c != "total"]
    undivided = form.tables.t3.undivided
    leaves = [r.key for r in form.rows("t3") if r.kind == "leaf" and r.key != undivided.row]
    get = figures.get
    for column in applicants:
        parts = sum(get(f"t3.{row}.{column}", 0) for row in undivided.parts)
        _put(figures, f"t3.{undivided.row}.{column}", parts)
        handled = sum(get(f"t3.{row}.{column}", 0) for row in leaves)
        _put(figures, f"t3.handled_total.{column}", handled)
    for row in form.rows("t3"):
        total = sum(get(f"t3.{row.key}.{column}", 0) for column in applicants)
        _put(figures, f"t3.{row.key}.total", total)
    results = [c.key for c in form.columns("t4") if c.key != "total"]
    for row in form.rows("t4"):
        total = sum(get(f"t4.{row.key}.{column}", 0) for column in results)
        _put(figures, f"t4.{row.key}.total", total)


def _put(figures: Figures, key: str, value: Number) -> None:
    if value:
        figures[key] = value
    else:
        figures.pop(key, None)


@dataclass
class _Simulation:
    office: DemoOffice
    seed: int
    inherited: list[History]
    settings: Settings = field(default_factory=load_settings)

    def run(self) -> History:
        office, settings = self.office, self.settings
        self.rng = office_rng(self.seed, office.office_id)
        volume = settings.volumes[office.volume]
        level = self.rng.lognormvariate(0, volume.spread) * volume.mean * office.factor
        self.drift = self.rng.gauss(0, settings.drift_sigma)
        self.applicants = _varied(settings.applicants, 0.35, self.rng)
        self.outcomes = _varied(settings.outcomes, 0.5, self.rng)
        self.corrected = settings.disputes.corrected * self.rng.lognormvariate(0, 0.5)
        # Five offices in a hundred have a chronic applicant, as research on these reports notes.
        self.chronic = self.rng.random() < 0.05
        history: History = {}
        stock = _Stock(office, settings, self.rng)
        started = office.first_year == settings.years.first
        begun = poisson(level * settings.open_share, self.rng) if started else 0
        open_cases: Counter[str] = Counter({"natural": begun})
        adverse, upheld = level * 0.5, level * 0.5 * settings.disputes.review
        for year in range(settings.years.first, settings.years.last + 1):
            level *= settings.growth[year] * math.exp(self.drift)
            if not office.first_year <= year <= office.last_year:
                continue
            open_cases = open_cases + self._taken_over(year)
            figures: Figures = {}
            open_cases = self._applications(figures, level, open_cases)
            before, adverse = adverse, _adverse(figures)
            upheld = self._disputes(figures, year, (before + adverse) / 2, upheld)
            stock.year(figures, year)
            complete_totals(figures)
            history[year] = figures
        return history

    def _taken_over(self, year: int) -> Counter[str]:
        last = [h[year - 1] for h in self.inherited if max(h) == year - 1]
        taken: Counter[str] = Counter()
        for figures in last:
            for column in self.applicants:
                taken[column] += int(figures.get(f"t3.carried_out.{column}", 0))
        return taken

    def _applications(
        self, figures: Figures, level: float, open_cases: Counter[str]
    ) -> Counter[str]:
        rng, settings = self.rng, self.settings
        spike = 1 + (rng.expovariate(1) if self.chronic and rng.random() < 0.5 else 0)
        received = pick(self.applicants, poisson(level * spike, rng), rng)
        still_open: Counter[str] = Counter()
        for column in self.applicants:
            arrived, carried = received[column], open_cases[column]
            left = binomial(arrived, settings.open_share, rng)
            handled = pick(self.outcomes, arrived + carried - left, rng)
            _put(figures, f"t3.received_new.{column}", arrived)
            _put(figures, f"t3.carried_in.{column}", carried)
            _put(figures, f"t3.carried_out.{column}", left)
            for row, count in handled.items():
                _put(figures, f"t3.{row}.{column}", count)
            still_open[column] = left
        return still_open

    def _disputes(self, figures: Figures, year: int, adverse: float, upheld: float) -> float:
        rates: Disputes = self.settings.disputes
        law = rates.law_change
        after = year >= law.year
        means = {
            "review": adverse * rates.review * (law.review if after else 1),
            "lit_direct": adverse * rates.lit_direct * (law.lit_direct if after else 1),
            "lit_after_review": upheld * rates.after_review * (law.after_review if after else 1),
        }
        results = {
            "corrected": self.corrected, "other": rates.other, "pending": rates.pending,
            "upheld": max(0.05, 1 - self.corrected - rates.other - rates.pending),
        }  # fmt: skip
        for block, mean in means.items():
            for result, count in pick(results, poisson(mean, self.rng), self.rng).items():
                _put(figures, f"t4.{block}.{result}", count)
        return upheld * 0.5 + float(figures.get("t4.review.upheld", 0))


class _Stock:
    """Table 2 of one office through the years, under both forms."""

    def __init__(self, office: DemoOffice, settings: Settings, rng: random.Random) -> None:
        self.office, self.rng = office, rng
        factor = settings.level_factor[office.level]
        spread = rng.lognormvariate
        activity = office.activity
        self.decisions = {
            row: getattr(activity, row) * factor * spread(0, 0.7)
            for row in ("licence", "penalty", "coercion")
        }
        self.fee = activity.fee * factor * spread(0, 0.8)
        general = settings.general.rules if office.kind == "办公厅" else {}
        self.in_force = {
            "rules": poisson(general.get(office.level, 0), rng),
            "normdocs": poisson(activity.normdocs * factor**0.5 * spread(0, 0.6), rng),
        }
        self.public = {k: n - binomial(n, 0.1, rng) for k, n in self.in_force.items()}
        heavy = {k: v > 0 for k, v in self.decisions.items()}
        self.items = {
            "licence": poisson(12, rng) if heavy["licence"] else 0,
            "other_services": poisson(6, rng),
            "penalty": poisson(60, rng) if heavy["penalty"] else 0,
            "coercion": poisson(5, rng) if heavy["coercion"] else 0,
            "fee": poisson(2, rng) if self.fee else 0,
        }

    def year(self, figures: Figures, year: int) -> None:
        """Write one year's cells of both forms and move the stocks on."""
        rng = self.rng
        for row, stock in self.in_force.items():
            issued = poisson(stock * 0.09, rng)
            repealed = binomial(stock, 0.06 if year != 2021 else 0.12, rng)
            self.in_force[row] = stock + issued - repealed
            opened = binomial(issued, 0.95, rng)
            self.public[row] += opened
            _put(figures, f"t2.{row}.issued", issued)
            _put(figures, f"t2.{row}.repealed", repealed)
            _put(figures, f"t2.{row}.in_force", self.in_force[row])
            _put(figures, f"t2.{row}.made_new", issued)
            _put(figures, f"t2.{row}.disclosed_new", opened)
            _put(figures, f"t2.{row}.disclosed_total", self.public[row])
        for row, mean in self.decisions.items():
            self.decisions[row] = mean * rng.lognormvariate(0.02, 0.15)
            _put(figures, f"t2.{row}.decisions", poisson(self.decisions[row], rng))
        for row, items in self.items.items():
            change = rng.choice((-3, -2, -1, 1, 2, 4)) if items and rng.random() < 0.3 else 0
            change = max(change, -items)
            _put(figures, f"t2.{row}.items_prev", items)
            _put(figures, f"t2.{row}.items_change", change)
            self.items[row] = items + change
        services = poisson(self.items["other_services"] * 3.0, rng)
        _put(figures, "t2.other_services.decisions", services)
        self._money(figures)

    def _money(self, figures: Figures) -> None:
        rng = self.rng
        if self.fee:
            self.fee *= rng.lognormvariate(0, 0.2)
            digits = rng.choice((1, 2, 2, 4))
            amount = Decimal(f"{self.fee:.{digits}f}").normalize() + 0
            _put(figures, "t2.fee.amount_wan", Decimal(f"{amount:f}"))
        projects = poisson(3, rng)
        _put(figures, "t2.procurement.projects", projects)
        if projects:
            each = Decimal(rng.randint(200_000, 9_000_000)) / 1_000_000
            amount = (each * projects * 10).quantize(Decimal("0.01"))
            _put(figures, "t2.procurement.amount", amount)


def _adverse(figures: Figures) -> float:
    """Decisions somebody may dispute: all that were not granted in full."""
    outcomes = load_settings().outcomes
    rows = [row for row in outcomes if row != "granted"]
    columns = load_settings().applicants
    return float(sum(figures.get(f"t3.{r}.{c}", 0) for r in rows for c in columns))


def _varied(weights: Mapping[str, float], sigma: float, rng: random.Random) -> dict[str, float]:
    return {key: weight * rng.lognormvariate(0, sigma) for key, weight in weights.items()}


def pick(weights: Mapping[str, float], n: int, rng: random.Random) -> Counter[str]:
    """A multinomial draw: how often each key comes up in ``n`` weighted draws."""
    if n <= 0:
        return Counter()
    return Counter(rng.choices(list(weights), list(weights.values()), k=n))


def poisson(mean: float, rng: random.Random) -> int:
    """A Poisson draw; from mean 30 on by the normal approximation, rounded, never below 0."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def binomial(n: int, share: float, rng: random.Random) -> int:
    """How many of ``n`` happen, each with chance ``share``; large ``n`` by the normal law."""
    if n > 200:
        drawn = round(rng.gauss(n * share, math.sqrt(n * share * (1 - share))))
        return min(n, max(0, drawn))
    return sum(rng.random() < share for _ in range(n))
