"""The demo province's facts as validated data (``data/province.yml``), loaded once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from etl.errors import DefinitionError
from etl.form import read_spec
from etl.form.spec import Spec


class Names(Spec):
    """Characters whose pairs name places, and the unassigned province codes."""

    first: str
    second: str
    province_codes: list[int]


class Years(Spec):
    """Report years of the corpus, both included."""

    first: int
    last: int


class Shape(Spec):
    """How many divisions a province has; pairs are the bounds of a draw."""

    cities: int
    counties_per_city: int
    townships: tuple[int, int]
    subdistricts: tuple[int, int]
    districts: int
    reports: int


class Volume(Spec):
    """Applications a year: mean of an ordinary office, sigma of the lognormal between offices."""

    mean: float
    spread: float


class LawChange(Spec):
    """Factors on the dispute rates from a year on."""

    year: int
    review: float
    lit_direct: float
    after_review: float


class Disputes(Spec):
    """Chances of reviews and suits per case not fully granted, and of their results."""

    review: float
    lit_direct: float
    after_review: float
    corrected: float
    other: float
    pending: float
    law_change: LawChange


class Renamed(Spec):
    """A department's new name from a year on, at one level."""

    year: int
    level: str
    zh: str


class Activity(Spec):
    """Medians of table 2: decisions a year, charges in 万元, documents in force."""

    licence: float = 0
    penalty: float = 0
    coercion: float = 0
    fee: float = 0
    normdocs: float = 0


class Department(Activity):
    """A kind of department: name per level (no entry: none there) and how busy it is."""

    function: str
    zh: dict[str, str]
    volume: float
    renamed: Renamed | None = None


class General(Spec):
    """Documents in force of a government office: normative documents, rules by level."""

    normdocs: float
    rules: dict[str, float]


class Vertical(Activity):
    """The centrally led agency."""

    function: str
    zh: str


class Merger(Spec):
    """Which county (1-based) of which city joins which county of it, from which year on."""

    year: int
    city: int
    county: int
    into: int


class Fault(Spec):
    """An injected fault: chance per office and year, and the report years it may happen in."""

    key: str
    rate: float
    zh: str
    first: int = 0
    last: int = 9999


class Settings(Spec):
    """Everything ``data/province.yml`` states."""

    names: Names
    years: Years
    shape: Shape
    volumes: dict[str, Volume]
    growth: dict[int, float]
    drift_sigma: float
    applicants: dict[str, float]
    outcomes: dict[str, float]
    open_share: float
    disputes: Disputes
    departments: list[Department]
    level_factor: dict[str, float]
    general: General
    township: Activity
    committee_zh: str
    vertical: Vertical
    missing_year: float
    late: float
    merger: Merger
    faults: list[Fault]


@cache
def load_settings() -> Settings:
    """The demo's settings.

    Raises:
        DefinitionError: naming every unknown key and wrong value of the file.
    """
    faults: list[str] = []
    path = Path(__file__).parent / "data" / "province.yml"
    settings = read_spec(path, Settings, faults)
    if settings is None:
        raise DefinitionError("\n".join(faults))
    return settings
