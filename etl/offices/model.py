"""The shapes of this room: divisions of the country and the offices that issue reports."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from etl.offices.names import join_free, normalise_township


class Level(StrEnum):
    """Level of government; ``ZONE`` is a development zone or another area outside the levels."""

    STATE = "国家"
    PROVINCE = "省"
    CITY = "市"
    COUNTY = "县"
    TOWNSHIP = "乡"
    ZONE = "zone"


class Kind(StrEnum):
    """What an office is. A 街道 is an agency of its district, a 乡镇 a government of its own."""

    GOVERNMENT = "政府"
    GENERAL_OFFICE = "办公厅(室)"
    DEPARTMENT = "部门"
    SUBDISTRICT = "街道"
    TOWNSHIP = "乡镇"
    COMMITTEE = "管委会"
    VERTICAL = "垂直机构"
    OTHER = "其他"


def text_key(text: str) -> str:
    """Ten hexadecimal digits standing for a name; equal for names that differ only in 和/与/、."""
    return hashlib.sha256(join_free(text).encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Division:
    """One place under one name.

    ``code`` means nothing without ``code_system`` (``mca``, ``nbs_2023``, or an extra file's):
    nine-digit codes of two systems name different places. ``valid_from``/``valid_to`` are years of
    approval, ``None`` where unknown or still valid. ``successors`` are codes. A renamed place keeps
    its code, so two divisions may share one.
    """

    code: str
    code_system: str
    version: str
    name: str
    short_name: str
    level: Level
    parent_code: str
    kind: str
    valid_from: int | None = None
    valid_to: int | None = None
    successors: tuple[str, ...] = ()
    pinyin: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What office ids are built on.

        The code from county level up (a rename keeps it). Below, the county's code and the name:
        township codes of the two sources disagree for a third of all places, names do not.
        """
        if self.level is Level.TOWNSHIP:
            return f"{self.parent_code}.{text_key(normalise_township(self.name))}"
        return self.code

    def existed_in(self, year: int | None) -> bool:
        """Whether the name may head a report for ``year``: written in January to March after it.

        One year of slack at both ends: the source dates approvals, offices change signs later.
        """
        if year is None:
            return True
        after = self.valid_from is None or year + 1 >= self.valid_from
        return after and (self.valid_to is None or year <= self.valid_to + 1)


@dataclass(frozen=True, slots=True)
class Office:
    """A body that issues reports.

    ``office_id`` = division key + ``-`` + function key, or + ``-x`` and a hash of the unit's own
    name where the function is not in the controlled list; ``cn-…`` for bodies of the State
    Council. ``name`` is the official name with the printed place; the same office met under
    another name form has the same id. ``parent_id`` is the government above it.
    """

    office_id: str
    name: str
    short_name: str
    level: Level
    kind: Kind
    function: str | None
    division_code: str | None
    division_name: str | None
    code_system: str | None
    parent_id: str | None
    province: str | None = None
    city: str | None = None
    county: str | None = None

    @property
    def region_path(self) -> tuple[str, ...]:
        """Codes from province to county, as far as the office has them."""
        return tuple(code for code in (self.province, self.city, self.county) if code)
