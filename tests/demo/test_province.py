"""The invented province: nothing in it exists, and it has the shape the demo promises."""

from __future__ import annotations

from collections import Counter

import pytest

from etl.demo.corpus import DemoProvince
from etl.demo.places import demo_registry, registry_id
from etl.demo.province import build_province
from etl.demo.settings import load_settings
from etl.offices.names import normalise_township
from etl.offices.registry import Registry

ENDINGS = ["省", "市", "县", "区", "旗", "州", "盟", "街道", "镇", "乡", "苏木"]


def test_no_pair_of_name_characters_names_a_division_of_china() -> None:
    names = load_settings().names
    pairs = {a + b for a in names.first for b in names.second}
    registry = Registry.load()
    real = {d.name for d in registry.divisions} | {d.short_name for d in registry.divisions}
    real |= {normalise_township(town.name) for town in registry.all_townships()}
    taken = {p for p in pairs if p in real or any(p + ending in real for ending in ENDINGS)}
    assert len(real) > 30_000
    assert taken == set()


def test_province_codes_are_not_assigned() -> None:
    codes = {d.code[:2] for d in Registry.load().divisions}
    assert "34" in codes
    assert codes.isdisjoint(map(str, load_settings().names.province_codes))


def test_shape(made: DemoProvince) -> None:
    levels = Counter(d.level for d in made.province.divisions.values())
    assert (levels["省"], levels["市"], levels["县"]) == (1, 3, 18)
    kinds = Counter(o.kind for o in made.province.offices)
    assert 550 <= len(made.province.offices) <= 680
    assert kinds["垂直机构"] == 1
    assert kinds["政府"] == 22 == kinds["办公厅"]
    assert min(kinds[k] for k in ("管委会", "街道", "乡镇", "部门")) >= 3


def test_ids_names_and_codes_are_unique(made: DemoProvince) -> None:
    offices = made.province.offices
    assert len({o.office_id for o in offices}) == len(offices)
    assert len({o.name for o in offices}) == len(offices)
    for office in offices:
        assert office.division_code in made.province.divisions
        parent = office.parent_office_id
        assert parent is None or parent in {o.office_id for o in offices}


def test_merged_county_hands_everything_over(made: DemoProvince) -> None:
    year = load_settings().merger.year
    by_id = {o.office_id: o for o in made.province.offices}
    ended = [o for o in by_id.values() if o.last_year == year - 1]
    assert len(ended) > 20
    for office in ended:
        heir = by_id[office.successor_id or ""]
        assert office.office_id in heir.predecessors
        assert heir.first_year <= year <= heir.last_year


def test_one_kind_of_department_is_renamed_and_keeps_its_id(made: DemoProvince) -> None:
    renamed = [o for o in made.province.offices if len(o.names) > 1]
    assert {o.function for o in renamed} == {"urban_management"}
    registry = demo_registry([made.province])
    for office in renamed:
        assert office.name_in(2022) != office.name_in(2023) == office.name
        assert len({registry_id(office, name, registry) for name, _ in office.names}) == 1


def test_the_office_registry_places_every_demo_office(made: DemoProvince) -> None:
    registry = demo_registry([made.province])
    ids = {o.office_id: registry_id(o, o.name, registry) for o in made.province.offices}
    assert [name for name, found in ids.items() if not found] == []
    assert len(set(ids.values())) == len(ids)


@pytest.mark.parametrize("seed", [1, 2026])
def test_same_seed_same_province_other_seed_other_names(seed: int) -> None:
    assert build_province(seed) == build_province(seed)
    assert build_province(seed).offices[0].name != build_province(seed + 1).offices[0].name
    assert build_province(seed, 1).offices[0].division_code == "980000"
