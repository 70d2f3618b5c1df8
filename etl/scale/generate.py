"""From the simulation to the warehouse's rows, a year at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.demo.model import DEMO_MARK
from etl.demo.settings import load_settings
from etl.form import load_form
from etl.scale.faults import WORDED, Bools, Verdicts, Year, check, disturb
from etl.scale.figures import Ints, Simulation
from etl.scale.places import CODE_SYSTEM, Country, build_country
from etl.warehouse.bulk import Bulk

#: Share of reports of which an earlier, wrong version was published before.
CORRECTED: Final = 0.004
UNDATED: Final = 0.05
LEVELS: Final = dict.fromkeys(WORDED, "warning")


def generate(folder: Path, reports: int, seed: int) -> dict[str, float]:
    """Publish a warehouse of about ``reports`` reports in ``folder``.

    The same numbers and seed give the same content, whatever the machine.

    Returns:
        Seconds spent by step and the numbers of offices and reports.

    Raises:
        WarehouseError: the folder cannot be written, or another load holds it.
    """
    country = build_country(reports, seed)
    with Bulk(folder) as bulk:
        bulk.add("office", office_table(country))
        bulk.add("division", division_table(country))
        before: Year | None = None
        for year, cells in Simulation(country, seed).years():
            form = load_form().form_for_year(year) or load_form().versions[-1]
            rng = np.random.default_rng((seed, 3, year))
            found = disturb(year, form, cells, rng)
            writer = _YearRows(country, found, check(found, before), seed, rng)
            for table, rows in writer.tables():
                bulk.add(table, rows)
            before = found
        facts = bulk.publish({"generator": f"etl.scale seed {seed} reports {reports}"})
    return {"offices": len(country), **facts}


def office_table(country: Country) -> pa.Table:
    """``office``, every one marked as a demonstration."""
    n = len(country)
    columns: dict[str, Any] = {
        name: pa.array(values, pa.string())
        for name, values in country.columns.items()
        if name != "scope"
    }
    years = load_settings().years
    columns |= {
        "aliases": pa.array([[]] * n, pa.list_(pa.string())),
        "code_system": pa.array([CODE_SYSTEM] * n),
        "is_demo": pa.array([True] * n),
        "first_year": pa.array([years.first] * n, pa.int32()),
        "last_year": pa.array([years.last] * n, pa.int32()),
    }
    return pa.table(columns)


def division_table(country: Country) -> pa.Table:
    """``division``: provinces, cities and counties, as a load writes them."""
    code, name, level, parent = zip(*country.divisions, strict=True)
    return pa.table(
        {"code": code, "code_system": [CODE_SYSTEM] * len(code), "name": name, "level": level,
         "parent_code": pa.array(parent, pa.string())}
    )  # fmt: skip


def identifiers(seed: int, what: str, year: int, n: int, digits: int) -> npt.NDArray[Any]:
    """Hexadecimal identifiers that compress no better than real hashes; the same every time."""
    key = hashlib.sha256(f"{seed} {what} {year}".encode()).digest()
    rng = np.random.default_rng(list(key))
    text = rng.bytes(n * digits // 2).hex()
    return np.array([text[i : i + digits] for i in range(0, n * digits, digits)], dtype=object)


@dataclass
class _YearRows:
    """All rows of one year. ``keep`` are the offices that published."""

    country: Country
    found: Year
    verdicts: list[Verdicts]
    seed: int
    rng: np.random.Generator
    keep: Ints = field(init=False)
    ids: npt.NDArray[Any] = field(init=False)
    documents: npt.NDArray[Any] = field(init=False)
    errors: Ints = field(init=False)
    warnings: Ints = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.country)
        self.keep = np.flatnonzero(self.rng.random(n) >= load_settings().missing_year)
        self.ids = identifiers(self.seed, "report", self.found.year, n, 20)
        self.documents = identifiers(self.seed, "document", self.found.year, n, 64)
        worded = [
            Verdicts(rule, LEVELS[rule], [("", self.rng.random(n) < rate, none, zero, zero)])
            for rule, rate in WORDED.items()
            for none, zero in [(np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64))]
        ]
        self.verdicts = [*self.verdicts, *worded]
        self.errors, self.warnings = (
            np.sum([s[1] for v in self.verdicts if v.level == level for s in v.subjects], axis=0)
            for level in ("error", "warning")
        )

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """The year's rows by table."""
        yield "roster", self._roster()
        yield "core_report", self._core()
        yield from self._reports()
        yield from self._corrected()
        yield "check_outcome", self._outcomes()
        yield "narrative", self._narrative()
        for verdicts in self.verdicts:
            yield "finding", self._findings(verdicts)

    def _kept(self, name: str) -> list[Any]:
        values = self.country.columns[name]
        return [values[i] for i in self.keep]

    def _due(self) -> list[date]:
        whole = {"政府": (3, 31)}
        return [
            date(self.found.year + 1, *whole.get(kind, (1, 31)))
            for kind in self.country.columns["kind"]
        ]

    def _roster(self) -> pa.Table:
        n = len(self.country)
        return pa.table(
            {"office_id": self.country.columns["office_id"],
             "year": pa.array([self.found.year] * n, pa.int32()),
             "expected": [True] * n, "due": self._due(), "reason": ["roster"] * n,
             "source": ["etl.scale"] * n}
        )  # fmt: skip

    def _core(self) -> pa.Table:
        form, found, keep = load_form(), self.found, self.keep
        columns: dict[str, Any] = {
            "report_id": pa.array(self.ids[keep]),
            "year": pa.array([found.year] * len(keep), pa.int32()),
            "province": self._kept("province"),
            "office_id": self._kept("office_id"),
        }
        for cell in form.cells_of(found.form):
            gone = found.missing.get(cell.key)
            mask = None if gone is None else gone[keep]
            values = found.cells[cell.key][keep]
            if cell.value == "amount":
                columns[cell.sql_name] = pa.array(np.round(values / 100, 2), mask=mask)
            else:
                columns[cell.sql_name] = pa.array(values, mask=mask)
        return pa.table(columns)

    def _published(self) -> list[date | None]:
        rng, n = self.rng, len(self.country)
        late = rng.random(n) < load_settings().faults[0].rate * 1.5
        undated = rng.random(n) < UNDATED
        days = np.where(late, -rng.integers(1, 60, n), rng.integers(0, 25, n))
        return [
            None if blank else due - timedelta(days=int(d))
            for due, d, blank in zip(self._due(), days, undated, strict=True)
        ]

    def _reports(self) -> Iterator[tuple[str, pa.Table]]:
        published = self._published()
        kept = [published[i] for i in self.keep]
        yield "report", self._report(self.keep, self.ids[self.keep], self.documents, kept)
        yield "document", self._document(self.keep, self.documents, kept)

    def _report(
        self, rows: Ints, ids: npt.NDArray[Any], documents: npt.NDArray[Any],
        published: list[date | None], *, replaced_by: npt.NDArray[Any] | None = None,
    ) -> pa.Table:  # fmt: skip
        n, found, old = len(rows), self.found, replaced_by is not None
        columns = self.country.columns
        printed = len(load_form().cells_of(found.form))
        lost = found.blank + found.absent + found.unread
        text = {
            name: [columns[name][i] for i in rows]
            for name in ("office_id", "scope", "province", "city", "county", "level", "kind")
        }
        names = [columns["name"][i] for i in rows]
        none = pa.nulls(n, pa.string())
        zero = np.zeros(n, dtype=np.int32)
        return pa.table(
            {"report_id": pa.array(ids), "document_id": pa.array(documents[rows]), **text,
             "office_printed": names, "year": pa.array([found.year] * n, pa.int32()),
             **{f"form_{t}": [found.form] * n for t in ("t2", "t3", "t4")},
             "published": pa.array(published, pa.date32()),
             "title": [f"{name}{found.year}年政府信息公开工作年度报告" for name in names],
             "evidence": ["{}"] * n, "n_number": printed - lost[rows],
             "n_blank": found.blank[rows], "n_not_applicable": zero, "n_text": zero,
             "n_absent": found.absent[rows], "n_unread": found.unread[rows],
             "n_error_failed": self.errors[rows], "n_warning_failed": self.warnings[rows],
             "load_id": pa.array([1] * n, pa.int32()),
             "superseded_by": pa.array(replaced_by) if old else none,
             "superseded_reason": ["corrected"] * n if old else none,
             "is_current": [not old] * n}
        )  # fmt: skip

    def _document(
        self, rows: Ints, documents: npt.NDArray[Any], published: list[date | None]
    ) -> pa.Table:
        names = [self.country.columns["name"][i] for i in rows]
        files = [f"{name}{self.found.year}年报.html" for name in names]
        n = len(rows)
        return pa.table(
            {"document_id": pa.array(documents[rows]), "filename": files,
             "source": [f"demo/{name}" for name in files], "format": ["html"] * n,
             "bytes": self.rng.integers(20_000, 90_000, n), "status": ["report"] * n,
             "title": [f"{name}{self.found.year}年政府信息公开工作年度报告" for name in names],
             "published": pa.array(published, pa.date32()),
             "load_id": pa.array([1] * n, pa.int32())}
        )  # fmt: skip

    def _corrected(self) -> Iterator[tuple[str, pa.Table]]:
        """Earlier versions of a few reports, superseded; their figures were one case short."""
        rows = self.keep[self.rng.random(len(self.keep)) < CORRECTED]
        n = len(self.country)
        ids = identifiers(self.seed, "earlier", self.found.year, n, 20)
        documents = identifiers(self.seed, "earlier document", self.found.year, n, 64)
        dates: list[date | None] = [None] * len(rows)
        yield "report", self._report(rows, ids[rows], documents, dates, replaced_by=self.ids[rows])
        yield "document", self._document(rows, documents, dates)

    def _outcomes(self) -> pa.Table:
        """Counts per report and rule: one struct a rule and outcome that occurred."""
        keep = self.keep
        where: list[Ints] = []
        parts: list[tuple[str, str, str]] = []
        counts: list[Ints] = []
        for v in self.verdicts:
            failed = np.sum([s[1] for s in v.subjects], axis=0)[keep]
            unknown = np.sum([s[2] for s in v.subjects], axis=0)[keep]
            passed = len(v.subjects) - failed - unknown
            for outcome, n in (("pass", passed), ("fail", failed), ("not_assessable", unknown)):
                rows = np.flatnonzero(n)
                where.append(rows)
                counts.append(n[rows])
                parts.append((v.rule, v.level, outcome))
        order = np.argsort(np.concatenate(where), kind="stable")
        lengths = np.bincount(np.concatenate(where), minlength=len(keep))
        repeats = [len(rows) for rows in where]
        fields = {
            name: np.repeat(np.array([p[i] for p in parts], dtype=object), repeats)[order]
            for i, name in enumerate(("rule", "level", "outcome"))
        }
        numbers = np.concatenate(counts)[order].astype(np.int32)
        structs = pa.StructArray.from_arrays(
            [*(pa.array(values) for values in fields.values()), pa.array(numbers)],
            names=["rule", "level", "outcome", "n"],
        )
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        lists = pa.ListArray.from_arrays(offsets, structs)
        return pa.table({"report_id": pa.array(self.ids[keep]), "outcomes": lists})

    def _narrative(self) -> pa.Table:
        found, keep = self.found, self.keep
        names = self._kept("name")
        received, handled, left = (
            found.cells[f"t3.{row}.total"][keep].tolist()
            for row in ("received_new", "handled_total", "carried_out")
        )
        words = [
            f"{DEMO_MARK}。{found.year}年，{name}新收政府信息公开申请{a}件，办结{b}件，结转{c}件。"
            for name, a, b, c in zip(names, received, handled, left, strict=True)
        ]
        problems = _PROBLEMS[self.rng.integers(0, len(_PROBLEMS), len(keep))]
        ids = self.ids[keep]
        n = len(keep)
        return pa.table(
            {"report_id": pa.array(np.concatenate([ids, ids])),
             "section": ["s1"] * n + ["s5"] * n,
             "heading": ["一、总体情况"] * n + ["五、存在的主要问题及改进情况"] * n,
             "text": [*words, *(f"{DEMO_MARK}。{text}" for text in problems)],
             "at": ["line 2"] * n + ["line 9"] * n}
        )  # fmt: skip

    def _findings(self, verdicts: Verdicts) -> pa.Table:
        """Failures and what could not be assessed, of offices that published."""
        keep = np.zeros(len(self.country), dtype=bool)
        keep[self.keep] = True
        tables = [
            self._finding(verdicts, subject, np.flatnonzero(where & keep), outcome, left, right)
            for subject, failed, unknown, left, right in verdicts.subjects
            for outcome, where in (("fail", failed), ("not_assessable", unknown))
            if bool((where & keep).any())
        ]
        return pa.concat_tables(tables) if tables else pa.table({"finding_id": pa.array([""])[:0]})

    def _finding(
        self, v: Verdicts, subject: str, rows: Ints, outcome: str, left: Ints, right: Ints
    ) -> pa.Table:
        n, known = len(rows), outcome == "fail" and v.rule not in WORDED
        mask: Bools = np.full(n, not known)
        a, b = left[rows], right[rows]
        if known:
            zh = [f"{v.rule} {subject}：{x} ≠ {y}，请核对。" for x, y in zip(a, b, strict=True)]
            en = [f"{v.rule} {subject}: {x} differs from {y}." for x, y in zip(a, b, strict=True)]
        else:
            zh = [f"{v.rule} {subject}：{_WORDS[outcome][0]}"] * n
            en = [f"{v.rule} {subject}: {_WORDS[outcome][1]}"] * n
        offices = self.country.columns["office_id"]
        what = f"{v.rule} {subject} {outcome}"
        cells = [_cell(v.rule, subject)] if _cell(v.rule, subject) else []
        return pa.table(
            {"finding_id": pa.array(identifiers(self.seed, what, self.found.year, n, 20)),
             "report_id": pa.array(self.ids[rows]), "office_id": [offices[i] for i in rows],
             "year": pa.array([self.found.year] * n, pa.int32()), "rule": [v.rule] * n,
             "level": [v.level] * n, "outcome": [outcome] * n, "subject": [subject] * n,
             "subject_zh": [subject] * n, "subject_en": [subject] * n,
             "left_value": pa.array(a, mask=mask), "right_value": pa.array(b, mask=mask),
             "message_zh": zh, "message_en": en,
             "cells": pa.array([cells] * n, pa.list_(pa.string())), "assumed": [False] * n,
             "origin": ["cross" if v.rule == "T3-YEAR" else "report"] * n}
        )  # fmt: skip


def _cell(rule: str, subject: str) -> str:
    return {
        "T3-ROW": f"t3.{subject}.total", "T3-SUM": f"t3.handled_total.{subject}",
        "T3-FLOW": f"t3.carried_out.{subject}", "T4-SUM": f"t4.{subject}.total",
        "T3-YEAR": f"t3.carried_in.{subject}",
    }.get(rule, "")  # fmt: skip


_WORDS: Final = {
    "fail": ("与要求不符，请核对。", "not as required; please check."),
    "not_assessable": ("数据不齐，无法核对。", "a value is missing; cannot be assessed."),
}
_PROBLEMS: Final = np.array([
    "一是主动公开内容不够丰富，二是平台建设有待加强。下一步将加强培训，细化目录。",
    "存在的主要问题是答复时限把握不严。改进措施：建立台账，专人督办。",
    "政策解读形式单一，群众关注度不高；下一步丰富解读形式，回应关切。",
    "依申请公开办理规范性仍需提升，将统一答复文书并开展案例研讨。",
    "基层工作力量不足，人员变动频繁，将配强人员并定期轮训。",
], dtype=object)  # fmt: skip
