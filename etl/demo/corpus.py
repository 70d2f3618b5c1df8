"""Writes the demo corpus: documents in folders by place, and the truth about them beside."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final

import etl
from etl.demo.compose import compose
from etl.demo.figures import History, simulate
from etl.demo.layouts import draw_layout
from etl.demo.model import DemoReport
from etl.demo.places import demo_registry, divisions_csv, offices_csv, roster_csv
from etl.demo.province import DemoOffice, Province, build_province, office_rng
from etl.demo.render import RenderedDocument, render
from etl.demo.settings import load_settings
from etl.errors import UsageError
from etl.report import State, number_json

TRUTH_FOLDER: Final = "_truth"
_MARKER: Final = "marker.json"


@dataclass(frozen=True)
class DemoSummary:
    """What a corpus holds. ``n_written`` counts files this call created or changed."""

    folder: str
    seed: int
    n_reports: int
    n_offices: int
    first_year: int
    last_year: int
    n_written: int
    layouts: dict[str, int]
    faults: dict[str, int]


def write_corpus(folder: Path, *, seed: int = 2026, reports: int | None = None) -> DemoSummary:
    """Write the invented corpus to ``folder``; what is already right there is not touched.

    ``reports`` is the number of documents: by default all of one province (about 4,200); fewer
    are the beginning of the same corpus, more add provinces. ``folder/_truth`` says what was
    written (``truth.jsonl``, ``offices.csv``, ``readme.json``) and makes a second call cheap.

    Raises:
        UsageError: ``reports`` is below 1 or above what the unassigned codes allow.
    """
    settings = load_settings()
    most = settings.shape.reports * len(settings.names.province_codes)
    if reports is not None and not 1 <= reports <= most:
        raise UsageError(f"不能生成 {reports} 份演示报告", hint=f"可用 1 到 {most}")
    marker = {"seed": seed, "reports": reports, "definitions": _definitions()}
    truth_folder = folder / TRUTH_FOLDER
    before = _read_marker(truth_folder / _MARKER)
    if before.get("made_from") == marker and all((folder / f).is_file() for f in before["files"]):
        return DemoSummary(**{**before["summary"], "folder": str(folder), "n_written": 0})
    writer = _Writer(folder, seed)
    writer.run(reports)
    for stale in set(before.get("files", ())) - set(writer.files):
        (folder / stale).unlink(missing_ok=True)
    summary = writer.summary()
    facts = {"made_from": marker, "files": writer.files, "summary": asdict(summary)}
    _write(truth_folder / _MARKER, json.dumps(facts, ensure_ascii=False).encode())
    return summary


def _read_marker(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if {"made_from", "files", "summary"} <= loaded.keys() else {}


def _definitions() -> str:
    """Fingerprint of what the corpus is made by: code and data of the demo and of the form."""
    root = Path(etl.__file__).parent
    found = hashlib.sha256()
    for path in sorted(p for room in ("demo", "form") for p in (root / room).rglob("*")):
        if path.suffix in {".py", ".yml"}:
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def _write(path: Path, data: bytes) -> bool:
    """Write only what differs; whether it did."""
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True


@dataclass(frozen=True)
class DemoProvince:
    """A province with its figures, simulated once."""

    index: int
    seed: int

    @cached_property
    def province(self) -> Province:
        """Divisions and offices."""
        return build_province(self.seed, self.index)

    @cached_property
    def histories(self) -> dict[str, History]:
        """Figures by office and year."""
        return simulate(self.province, self.seed)

    def reports(self) -> Iterator[tuple[DemoOffice, DemoReport]]:
        """All published reports; governments and their offices first, then a fixed mixture.

        So that the beginning of the corpus already shows every level.
        """
        seats = ("政府", "办公厅", "垂直机构")
        order = {
            o.office_id: office_rng(self.seed, o.office_id, "order").random()
            for o in self.province.offices
        }
        for office in sorted(
            self.province.offices, key=lambda o: (o.kind not in seats, order[o.office_id])
        ):
            last: DemoReport | None = None
            for year, figures in self.histories[office.office_id].items():
                report = compose(office, year, figures, self.seed, last)
                if report:
                    yield office, report
                last = report or last


def all_reports(seed: int) -> Iterator[tuple[DemoProvince, DemoOffice, DemoReport]]:
    """The reports of all provinces of a seed, in corpus order."""
    for index in range(len(load_settings().names.province_codes)):
        made = DemoProvince(index, seed)
        for office, report in made.reports():
            yield made, office, report


class _Writer:
    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.files: list[str] = []
        self.truth: list[str] = []
        self.written = 0
        self.offices: dict[str, DemoOffice] = {}
        self.provinces: dict[int, DemoProvince] = {}
        self.layouts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def run(self, wanted: int | None) -> None:
        for made, office, report in islice(self._source(wanted), wanted):
            self.provinces[made.index] = made
            self.offices[office.office_id] = office
            rng = office_rng(self.seed, office.office_id, report.year, "layout")
            self._one(made, office, report, rng)
        self._side_files()

    def _source(self, wanted: int | None) -> Iterator[tuple[DemoProvince, DemoOffice, DemoReport]]:
        if wanted is not None:
            return all_reports(self.seed)
        made = DemoProvince(0, self.seed)
        return ((made, office, report) for office, report in made.reports())

    def _one(
        self, made: DemoProvince, office: DemoOffice, report: DemoReport, rng: random.Random
    ) -> None:
        document = render(report, draw_layout(rng), rng)
        path = self._place(made, office, document)
        self._put(path, document.data)
        self.layouts[document.layout.key] += 1
        self.faults.update(report.faults)
        self.truth.append(json.dumps(_truth_line(path, report, document), ensure_ascii=False))

    def _place(self, made: DemoProvince, office: DemoOffice, document: RenderedDocument) -> str:
        """``<province>/<city>/<county>/<file>``, as deep as the office's place."""
        divisions = made.province.divisions
        chain: list[str] = []
        code: str | None = office.division_code
        while code:
            division = divisions[code]
            if division.level != "乡":
                chain.insert(0, division.name)
            code = division.parent_code
        return "/".join([*chain, document.name])

    def _put(self, path: str, data: bytes) -> None:
        self.files.append(path)
        self.written += _write(self.folder / path, data)

    def _side_files(self) -> None:
        provinces = [made.province for made in self.provinces.values()]
        registry, offices = demo_registry(provinces), list(self.offices.values())
        self._put("divisions.csv", divisions_csv(provinces))
        self._put("roster.csv", roster_csv(offices, registry))
        self._put(f"{TRUTH_FOLDER}/offices.csv", offices_csv(offices, registry))
        self._put(f"{TRUTH_FOLDER}/truth.jsonl", ("\n".join(self.truth) + "\n").encode())
        about = {
            "about": "演示数据：本文件夹的单位、地名、数字和文字都由程序虚构，与任何真实单位无关。",
            "about_en": "Demo data: every office, place, figure and sentence here is invented.",
            "made_by": "disclosure demo", "seed": self.seed,
            "faults": {f.key: f.zh for f in load_settings().faults},
            "injected": dict(sorted(self.faults.items())),
            "truth": "truth.jsonl 每行一份报告：cells 为非零数字，其余印出的单元格为 0；"
            "blank、not_applicable、absent 为相应状态的单元格；fidelity 见 etl/demo/layouts.py",
        }  # fmt: skip
        text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
        self._put(f"{TRUTH_FOLDER}/readme.json", text.encode())

    def summary(self) -> DemoSummary:
        years = load_settings().years
        return DemoSummary(
            folder=str(self.folder),
            seed=self.seed,
            n_reports=sum(self.layouts.values()),
            n_offices=len(self.offices),
            first_year=years.first,
            last_year=years.last,
            n_written=self.written,
            layouts=dict(sorted(self.layouts.items())),
            faults=dict(sorted(self.faults.items())),
        )


def _truth_line(path: str, report: DemoReport, document: RenderedDocument) -> dict[str, Any]:
    states: dict[str, list[str]] = {}
    figures: dict[str, int | float | None] = {}
    for key, cell in document.truth.items():
        if cell.state is not State.NUMBER:
            states.setdefault(str(cell.state), []).append(key)
        elif cell.value:
            figures[key] = number_json(cell.value)
    return {
        "file": path, "office": report.office, "year": report.year, "scope": report.scope,
        "demo_office": report.office_id, "forms": dict(report.forms), "published": report.published,
        "late": report.late, "layout": document.layout.key, "fidelity": document.layout.fidelity,
        "faults": list(report.faults), "cells": figures, **states,
    }  # fmt: skip
