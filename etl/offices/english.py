"""English names of offices, built from the pinyin of the place and the function's English."""

from __future__ import annotations

from typing import Final

from etl.offices.functions import function_list
from etl.offices.model import Division, Kind, Level, Office
from etl.offices.registry import Registry

_LEVEL_EN: Final = {
    "省": "Province", "自治区": "Autonomous Region", "直辖市": "Municipality", "地级市": "City",
    "自治州": "Autonomous Prefecture", "地区": "Prefecture", "盟": "League", "县": "County",
    "市辖区": "District", "县级市": "City", "自治县": "Autonomous County", "旗": "Banner",
    "自治旗": "Autonomous Banner", "街道": "Sub-district", "镇": "Town", "乡": "Township",
    "民族乡": "Ethnic Township", "苏木": "Sumu", "特别行政区": "SAR", "功能区": "Zone",
}  # fmt: skip
#: Places whose English is not their pinyin.
_FIXED: Final = {
    "内蒙古自治区": "Inner Mongolia", "西藏自治区": "Tibet", "陕西省": "Shaanxi",
    "香港特别行政区": "Hong Kong", "澳门特别行政区": "Macao", "新疆维吾尔自治区": "Xinjiang",
    "哈尔滨市": "Harbin", "拉萨市": "Lhasa", "乌鲁木齐市": "Urumqi", "呼和浩特市": "Hohhot",
}  # fmt: skip


def english_place(division: Division) -> str:
    """``沭阳县`` → ``Shuyang County``; townships are read by pypinyin when first asked for."""
    if division.name in _FIXED:
        return _FIXED[division.name]
    reading = division.pinyin[0] if division.pinyin else _pinyin(division)
    return f"{reading.capitalize()} {_LEVEL_EN.get(division.kind, '')}".strip()


def _pinyin(division: Division) -> str:
    from pypinyin import lazy_pinyin  # 0.2 s to load

    ending = division.kind if division.name.endswith(division.kind) else ""
    return "".join(lazy_pinyin(division.name.removesuffix(ending)))


def english_name(office: Office, registry: Registry) -> str | None:
    """The office in English by the pattern of ``functions.yml``; ``None`` without a known place
    or function: a unit outside the controlled list is not translated.
    """  # noqa: D205
    functions = function_list()
    keys = (office.function or "").split("+")
    fields = [functions.functions[key].en for key in keys if key in functions.functions]
    division = registry.by_code.get(office.division_code or "")
    if office.level is Level.TOWNSHIP and office.county:
        county = registry.by_code[office.county]
        towns = registry.townships_of(county)
        division = next((t for t in towns if t.code == office.division_code), None)
    zone = office.level is Level.ZONE and office.division_name != getattr(division, "name", "")
    if len(fields) != len(keys) or division is None or zone:
        return None
    place = english_place(division)
    if office.kind in {Kind.GOVERNMENT, Kind.TOWNSHIP}:
        return f"{place} People's Government"
    if office.kind is Kind.SUBDISTRICT:
        return f"{place} Office"
    ordered = sorted(functions.ending_en.items(), key=lambda item: -len(item[0]))
    ending = next((en for zh, en in ordered if office.name.endswith(zh)), "")
    return functions.english_pattern.format(
        place=place, en=" and ".join(fields), ending=ending
    ).strip()
