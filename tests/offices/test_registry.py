"""Places and ids: every name resolves to itself or is reported ambiguous, never to another."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import UsageError
from etl.offices import Division, Level, Registry, load_overrides, parse_name
from etl.offices.registry import DATA, head_of

REGISTRY = Registry.load()
HEADS = {
    "government": "人民政府",
    "agency_office": "行政公署",
    "subdistrict_office": "办事处",
    "administrative_committee": "管委会",
}
COUNTIES = [d for d in REGISTRY.divisions if d.level is not Level.TOWNSHIP]
TOWNSHIPS = list(REGISTRY.all_townships())


def head_name(division: Division) -> tuple[str, str]:
    """The name of the body heading a place, and its expected id."""
    head = head_of(division)
    return division.name + HEADS[head], f"{division.key}-{head}"


def verdict(name: str, expected: str) -> str:
    """``unique``, ``ambiguous`` (the right one among several), ``none`` or ``wrong``."""
    found = {office.office_id for office in parse_name(REGISTRY, name).offices}
    if found == {expected}:
        return "unique"
    return "ambiguous" if expected in found else "wrong" if found else "none"


def test_every_county_government_is_itself_or_ambiguous() -> None:
    counts = Counter(verdict(*head_name(d)) for d in COUNTIES)
    assert counts["wrong"] == counts["none"] == 0
    assert counts["unique"] >= 3500


def test_every_county_place_only_name_is_itself_or_ambiguous() -> None:
    counts = Counter(verdict(d.name, head_name(d)[1]) for d in COUNTIES)
    assert counts["wrong"] == counts["none"] == 0


@pytest.mark.parametrize("prefixed", [False, True])
def test_township_names_are_never_another_place(prefixed: bool) -> None:
    """A tenth of all; run over all 42,309 the counts were 0 wrong, 0 none (2026-11-24)."""
    counts: Counter[str] = Counter()
    for town in TOWNSHIPS[::10]:
        name, expected = head_name(town)
        county = REGISTRY.by_code[town.parent_code].name if prefixed else ""
        counts[verdict(county + name, expected)] += 1
    assert counts["wrong"] == counts["none"] == 0
    assert counts["unique"] > (4200 if prefixed else 2500)


@given(st.sampled_from(COUNTIES), st.sampled_from(["发改局", "教育局", "财政局", "科学技术局"]))
@settings(max_examples=150, deadline=None)
def test_departments_of_any_county_stay_in_it(division: Division, unit: str) -> None:
    found = parse_name(REGISTRY, division.name + unit).offices
    assert division.key in {office.office_id.split("-")[0] for office in found}
    assert {office.division_name for office in found} <= {
        d.name for d in REGISTRY.divisions if d.name == division.name or d.code == division.code
    }


@given(st.sampled_from(TOWNSHIPS), st.text("甲乙丙丁戊己庚辛", min_size=2, max_size=4))
@settings(max_examples=100, deadline=None)
def test_an_invented_township_never_borrows_a_real_one(town: Division, invented: str) -> None:
    county = REGISTRY.by_code[town.parent_code]
    found = parse_name(REGISTRY, f"{county.name}{invented}镇人民政府").offices
    real = {t.key for t in TOWNSHIPS[:0]} | {t.key for t in REGISTRY.townships_of(county)}
    assert all(office.office_id.split("-")[0] not in real for office in found)


def test_code_systems_are_kept_apart() -> None:
    systems = Counter(t.code_system for t in TOWNSHIPS)
    assert systems["mca"] > 38000 and systems["nbs_2023"] > 3000
    assert set(systems) == {"mca", "nbs_2023"}
    renwei = REGISTRY.townships_named("任圩街道")
    assert [(t.code, t.code_system, t.parent_code) for t in renwei] == [
        ("340603010", "mca", "340603")
    ]


@pytest.mark.parametrize("county", ["东莞市", "中山市", "儋州市", "嘉峪关市"])
def test_cities_without_counties_have_their_towns(county: str) -> None:
    place = REGISTRY.by_name[county][0]
    towns = REGISTRY.townships_of(place)
    assert towns and {t.code_system for t in towns} == {"nbs_2023"}


def test_same_office_other_name_same_id() -> None:
    names = ("沭阳县发改局", "沭阳县发展和改革局", "沭阳县发展改革委员会",
             "江苏省宿迁市沭阳县发展与改革局", "沭阳发改局", "沭陽縣發展和改革局")  # fmt: skip
    ids = {o.office_id for n in names for o in parse_name(REGISTRY, n).offices}
    assert ids == {"321322-development_reform"}


def test_bodies_beside_each_other_differ() -> None:
    pairs = [("沭阳县疾控局", "沭阳县疾控中心"), ("沭阳县大数据局", "沭阳县大数据中心"),
             ("沭阳县行政审批局", "沭阳县数据局"), ("沭阳县人民政府", "沭阳县人民政府办公室"),
             ("沭阳县教育局", "沭阳县教育体育局")]  # fmt: skip
    for one, other in pairs:
        a, b = parse_name(REGISTRY, one).offices, parse_name(REGISTRY, other).offices
        assert len(a) == len(b) == 1 and a[0].office_id != b[0].office_id


def test_office_facts() -> None:
    (office,) = parse_name(REGISTRY, "相山区任圩街道办事处").offices
    assert (office.level, office.kind, office.function) == ("乡", "街道", "subdistrict_office")
    assert office.region_path == ("340000", "340600", "340603")
    assert office.parent_id == "340603-government"
    (kewei,) = parse_name(REGISTRY, "上海市科委").offices
    assert kewei.name == "上海市科学技术委员会" and kewei.level == "省"


def test_year_decides_between_namesakes() -> None:
    """桥西区 of 邢台 became 信都区 in 2020; 大同's 矿区 ended in 2018."""
    before = {o.division_code for o in parse_name(REGISTRY, "桥西区人民政府", year=2019).offices}
    after = {o.division_code for o in parse_name(REGISTRY, "桥西区人民政府", year=2023).offices}
    assert "130503" in before and "130503" not in after
    (reading,) = parse_name(REGISTRY, "大同市矿区人民政府", year=2022).readings
    assert "2022" in reading.notes[0]


def test_a_county_moved_to_another_city_is_found_under_both() -> None:
    ids = {
        o.office_id
        for n in ("四平市公主岭市财政局", "长春市公主岭市财政局")
        for o in parse_name(REGISTRY, n).offices
    }
    assert ids == {"220184-finance"}


def test_extra_places_from_a_corpus_folder(tmp_path: Path) -> None:
    (tmp_path / "divisions.csv").write_text(
        "code,name,level,parent_code\n990000,云川省,省,\n990100,临川河市,市,990000\n"
        "990101,青溪县,县,990100\n990101100,白石镇,乡,990101\n",
        encoding="utf-8",
    )
    registry = REGISTRY.for_corpus(tmp_path)
    (office,) = parse_name(registry, "青溪县白石镇人民政府").offices
    assert office.region_path == ("990000", "990100", "990101") and office.kind == "乡镇"
    assert parse_name(registry, "云川省青溪县发改局").offices[0].office_id == (
        "990101-development_reform"
    )
    assert not parse_name(REGISTRY, "青溪县发改局").offices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name\n1,甲县\n", "level"),
        ("code,name,level,parent_code\n1,甲县,郡,\n", "第 2 行"),
        ("code,name,level,parent_code,valid_to\n1,甲县,县,,明年\n", "明年"),
        ("code,name,level,parent_code\n,甲县,县,\n", "第 2 行"),
    ],
)
def test_bad_extra_places_say_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "divisions.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        REGISTRY.for_corpus(tmp_path)


def test_overrides(tmp_path: Path) -> None:
    (tmp_path / "offices.csv").write_text(
        "match,office,division,kind,note\n*fgj*.html,沭阳县发展和改革局,,,栏目\n"
        "=青石镇人民政府,青石镇人民政府,421126,,\n",
        encoding="utf-8",
    )
    one, two = load_overrides(REGISTRY, tmp_path)
    assert one.applies(paths=("a/b/fgj_2023.html",), printed=None)
    assert one.office.office_id == "321322-development_reform"
    assert two.applies(paths=(), printed="青石镇 人民政府") and two.office.county == "421126"
    (tmp_path / "offices.csv").write_text("match,office\n*,青石镇人民政府\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"第 2 行.*多个机构"):
        load_overrides(REGISTRY, tmp_path)


def test_data_files_are_small_and_well_formed() -> None:
    assert sum(p.stat().st_size for p in DATA.iterdir()) < 2_000_000
    rows = gzip.decompress((DATA / "townships.csv.gz").read_bytes()).decode().splitlines()
    assert {row.count(",") for row in rows} == {5}
    with (DATA / "divisions.csv").open(encoding="utf-8", newline="") as stream:
        divisions = list(csv.DictReader(stream))
    codes = {row["code"] for row in divisions}
    assert all(row["parent_code"] in codes for row in divisions if row["parent_code"])
    assert {row.split(",")[2] for row in rows[1:]} <= codes


def test_characters_newer_than_python_are_kept() -> None:
    """下𱳪镇 of 英德: its character is unassigned in Python 3.11's table, and once was dropped."""
    (office,) = parse_name(REGISTRY, "英德市下\U00031cea镇人民政府").offices
    assert office.name == "英德市下\U00031cea镇人民政府"
    assert office.division_code == "441881120"
