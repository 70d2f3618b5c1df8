"""How far a report's figures reach: one body, a whole region, or a vertical system.

Needed before any sum or comparison (form.md section 10). The words are data (``data/scope.yml``);
where kind of office and words do not settle it, the answer is ``None``, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Final, Literal

from etl.offices.functions import DATA, load_yaml
from etl.offices.model import Kind, Office
from etl.offices.names import clean

Scope = Literal["own_office", "region", "system"]
#: Scope is declared in the preface and section 一; later lines speak of others.
_LINES: Final = 60
_SINGLE: Final = frozenset(
    {Kind.GENERAL_OFFICE, Kind.DEPARTMENT, Kind.SUBDISTRICT, Kind.TOWNSHIP, Kind.OTHER}
)


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[re.Pattern[str], ...]]:
    raw = load_yaml(DATA / "scope.yml")
    return {scope: tuple(map(re.compile, patterns)) for scope, patterns in raw.items()}


def _first_hit(scope: Scope, text: str) -> str | None:
    for pattern in _rules()[scope]:
        if found := pattern.search(text):
            return found[0]
    return None


def infer_scope(
    office: Office | None, title: str | None, body_lines: Iterable[str]
) -> tuple[Scope | None, str]:
    """The scope and the reason for it, a sentence; ``(None, why)`` where nothing decides.

    A department, general office, township or sub-district reports on itself unless it speaks of
    its system. A government reports on its region when its own words say so; a government whose
    title also names its general office (贵阳市人民政府(市人民政府办公厅)) stays open without them.
    """
    text = clean("".join(islice(body_lines, _LINES))).replace("，", ",")
    if office is None:
        return None, "填报单位未定"
    if office.kind in _SINGLE or office.kind is Kind.VERTICAL:
        if office.kind in {Kind.DEPARTMENT, Kind.VERTICAL} and (hit := _first_hit("system", text)):
            return "system", f"文中写“{hit}”"
        return "own_office", f"{office.kind}只报告本机关"
    region, own = _first_hit("region", text), _first_hit("own_office", text)
    if region and own:
        return None, f"文中既写“{region}”又写“{own}”"
    if region:
        return "region", f"文中写“{region}”"
    if own:
        return "own_office", f"文中写“{own}”"
    if office.kind is Kind.COMMITTEE:
        return "own_office", "管委会报告，文中没有区域口径"
    if title and re.search(r"\([^()]*办公[厅室]\)", clean(title)):
        return None, "标题同时写明政府和办公厅（室），文中没有口径"
    return None, "文中没有写明统计口径"
