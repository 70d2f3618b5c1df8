"""The small file in which a person settles what a document leaves open: ``offices.csv``.

It lies in the folder of the corpus. Columns::

    match     a file name, path or URL pattern (``*`` and ``?``), or ``=`` and the printed name
    office    the full official name, place first; read like any printed name
    division  optional: code of the place, for a name the registry cannot place or finds twice
    kind      optional: 政府 办公厅(室) 部门 街道 乡镇 管委会 垂直机构 其他
    note      optional: why, who decided, when

The first line that matches wins. A line that cannot be resolved is an error, never skipped.
"""

from __future__ import annotations

import csv
import fnmatch
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from etl.errors import UsageError
from etl.offices.functions import function_list
from etl.offices.model import Kind, Office
from etl.offices.names import clean
from etl.offices.parse import parse_name
from etl.offices.registry import Registry

FILE_NAME: Final = "offices.csv"
COLUMNS: Final = ("match", "office", "division", "kind", "note")


@dataclass(frozen=True, slots=True)
class Override:
    """One line of the file, resolved."""

    match: str
    office: Office
    note: str

    def applies(self, *, paths: tuple[str, ...], printed: str | None) -> bool:
        """Whether the line speaks of a document with these paths or URLs and printed name."""
        if self.match.startswith("="):
            return printed is not None and clean(printed) == clean(self.match[1:])
        return any(
            fnmatch.fnmatchcase(path, self.match)
            or fnmatch.fnmatchcase(path.replace("\\", "/").rsplit("/", 1)[-1], self.match)
            for path in paths
            if path
        )


def load_overrides(registry: Registry, folder: Path) -> tuple[Override, ...]:
    """The overrides of a corpus folder, in file order; none where there is no file.

    Raises :class:`UsageError` naming file, line and remedy.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [c for c in COLUMNS[:2] if c not in (reader.fieldnames or ())]
        if missing:
            hint = f"表头为 {','.join(COLUMNS)}，后三列可省"
            raise UsageError(f"{path.name} 缺少列 {','.join(missing)}", hint=hint)
        return tuple(_line(registry, path, n, row) for n, row in enumerate(reader, start=2))


def _line(registry: Registry, path: Path, number: int, row: dict[str, str | None]) -> Override:
    match, name = (row["match"] or "").strip(), clean(row["office"] or "")
    at = f"{path.name} 第 {number} 行"
    if not match or not name:
        raise UsageError(f"{at} match 或 office 为空", hint="两列都必须填写")
    kind_text = (row.get("kind") or "").strip()
    if kind_text and kind_text not in set(Kind):
        raise UsageError(f"{at} kind “{kind_text}” 不认识", hint="可用 " + "、".join(Kind))
    office = _office(registry, at, name, (row.get("division") or "").strip())
    if kind_text:
        office = replace(office, kind=Kind(kind_text))
    return Override(match, office, (row.get("note") or "").strip())


def _office(registry: Registry, at: str, name: str, code: str) -> Office:
    place = registry.by_code.get(code) if code else None
    if code and place is None:
        raise UsageError(
            f"{at} 没有代码为 {code} 的区划", hint="写六位代码，或先在 divisions.csv 登记"
        )
    offices = parse_name(registry, name, within=place).offices
    if len(offices) == 1:
        return offices[0]
    if place is None:
        problem = "对应多个机构" if offices else "无法对应到区划"
        hint = "写全上级地名，或在 division 列写区划代码"
        raise UsageError(f"{at} “{name}”{problem}", hint=hint)
    matched = function_list().match(name.removeprefix(place.name))
    kind = matched.kind if matched else Kind.OTHER
    unit = matched.official if matched else name.removeprefix(place.name)
    return registry.office(place, matched.key if matched else None, unit, kind=kind)
