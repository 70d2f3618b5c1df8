"""Frames into what a chart and its twin table show: texts, hollow marks, breaks. Pure.

Between the queries (numbers) and the charts (marks): no SQL, no Streamlit, no chart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import formats, i18n
from dashboard.charts.base import Mark
from dashboard.frames import records
from dashboard.i18n import Text
from dashboard.queries.meta import Group, Meta, Metric, Row
from dashboard.stats import MIN_BASE


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its catalogue and the labels of one build's dictionary."""

    lang: str
    t: Text
    meta: Meta

    def metric(self, metric: Metric) -> str:
        """A metric's name."""
        return i18n.of(metric, "", self.lang)

    def note(self, metric: Metric) -> str:
        """What a metric counts, in one sentence."""
        return i18n.of(metric, "note", self.lang)

    def unit(self, metric: Metric) -> str:
        """A metric's unit in words; one word of a language may need two in the other."""
        return self.unit_in(metric.group_key, metric.unit)

    def unit_in(self, group: str, unit: str, *, one: bool = False) -> str:
        """A unit in words, as a group of measures calls it; ``one`` of it."""
        prefixes = (f"unit_of.{group}", "unit")
        every = [f"{prefix}.one" for prefix in prefixes] if one else []
        for prefix in (*every, *prefixes):
            if (found := i18n.named(self.lang, prefix, unit)) != unit:
                return found
        return unit

    def amount(self, value: float | None, metric: Metric) -> str:
        """A metric's value with its unit, for a sentence: ``11,785 件``, ``43.1%``."""
        text = formats.by_unit(value, metric.unit, self.lang)
        if metric.has_base or value is None:
            return text
        unit = self.unit_in(metric.group_key, metric.unit, one=text == "1")
        return self.t("kpi.count", count=text, unit=unit)

    def axis(self, metric: Metric) -> str:
        """An axis title: the measure and its unit."""
        return self.t("chart.axis_with_unit", name=self.metric(metric), unit=self.unit(metric))

    def named(self, prefix: str, value: str | None) -> str:
        """A value of the data in words."""
        return i18n.named(self.lang, prefix, value)


@dataclass(frozen=True, slots=True)
class Change:
    """A measure against the year before."""

    year: int
    value: float | None
    num: float | None
    den: float | None
    n: int
    before: float | None
    delta: float | None
    relative: float | None
    den_before: float | None = None

    @property
    def small_before(self) -> bool:
        """Whether it was the year before whose base is too small to trust a change."""
        if self.delta is None or self.den_before is None or self.small:
            return False
        return self.den_before < MIN_BASE

    @property
    def small(self) -> bool:
        """Whether the base is too small to rank or to trust a change."""
        return self.den is not None and self.den < MIN_BASE


def change(frame: pd.DataFrame, metric: Metric, year: int) -> Change:
    """The value of a year and its change; nothing stays nothing, growth from 0 no percentage."""
    by_year = {int(r["year"]): r for r in records(frame[frame["metric"] == metric.key])}

    def at(y: int, column: str) -> float | None:
        value = by_year.get(y, {}).get(column)
        return None if formats.is_missing(value) else float(value or 0)

    now, before = at(year, "value"), at(year - 1, "value")
    delta = None if now is None or before is None else now - before
    relative = None
    if delta is not None and before and not metric.has_base:
        relative = delta / before
    return Change(
        year, now, at(year, "num"), at(year, "den"), int(at(year, "n") or 0), before, delta,
        relative, at(year - 1, "den"),
    )  # fmt: skip


def change_text(change: Change, metric: Metric, words: Words) -> str:
    """``+12 件（+8.3%）`` for counts, ``−2.1 个百分点`` for rates."""
    if change.delta is None:
        return words.t("kpi.no_value" if change.value is None else "kpi.no_change")
    return _noted(_difference(change, change.delta, metric, words), change, metric, words)


def change_words(change: Change, metric: Metric, words: Words) -> str:
    """The change read aloud: ``增加 12 件（8.3%）``, ``下降 2.1 个百分点``, ``持平``.

    A base too small for a rate is said instead of a change nobody should read anything into.
    """
    t = words.t
    if change.small:
        base = formats.fraction(change.num, change.den)
        return t("kpi.said_small", base=base, minimum=MIN_BASE)
    if change.delta is None:
        return change_text(change, metric, words)
    if not change.delta:
        return t("kpi.same")
    side = "up" if change.delta > 0 else "down"
    size = abs(change.delta)
    if metric.unit == "percent":
        text = t(f"kpi.said_points_{side}", points=formats.number(size * 100, 1))
    elif metric.has_base:
        text = t(f"kpi.said_rate_{side}", size=formats.number(size * 100, 2))
    else:
        counted = words.amount(size, metric)
        text = t(f"kpi.said_{side}", size=counted)
        if change.relative is not None:
            share = formats.percent(abs(change.relative))
            text = t("kpi.said_share", change=text, share=share)
    return _noted(text, change, metric, words)


def _noted(text: str, change: Change, metric: Metric, words: Words) -> str:
    """A change with why to read little into it: a small base before, a break between the years."""
    if change.small_before:
        return words.t("kpi.small_before", change=text, minimum=MIN_BASE)
    if change.year in words.meta.breaks(metric):
        return words.t("kpi.parted", change=text)
    return text


def _difference(change: Change, delta: float, metric: Metric, words: Words) -> str:
    if not delta:
        return words.t("kpi.same")
    if metric.unit == "percent":
        points = formats.signed(delta * 100, 1)
        return words.t("kpi.points", points=points)
    if metric.has_base:
        return formats.signed(delta * 100, 2)
    count = formats.signed(delta, 0)
    if change.relative is None:
        return words.t("kpi.count", count=count, unit=words.unit(metric))
    share = formats.signed(change.relative * 100, 1, "%")
    return words.t("kpi.count_share", count=count, unit=words.unit(metric), share=share)


def marks(metric: Metric, words: Words) -> list[Mark]:
    """The breaks that touch a metric, for its time axis.

    A law comes into force on a day, perhaps in the middle of a report year: its note says which.
    """
    out = []
    for a in words.meta.annotations_for(metric):
        note = i18n.of(a, "note", words.lang)
        if a.kind == "law":
            note = words.t("format.pair", one=formats.date(a.at, words.lang), two=note)
        out.append(Mark(a.at.year, i18n.of(a, "", words.lang), note))
    return out


def trend_frame(
    frame: pd.DataFrame, metric: Metric, words: Words, *, reasons: bool = False
) -> pd.DataFrame:
    """One metric's rows with what :func:`trend_rows` adds to them."""
    out = frame[frame["metric"] == metric.key].copy()
    rows = trend_rows(frame, metric, words, reasons=reasons)
    for name in ADDED:
        out[name] = [row[name] for row in rows]
    return out.astype({"solid": bool})


#: What a trend's rows have beyond the query's columns.
ADDED = ("segment", "solid", "value_text", "base_text", "year_text", "remark")


def segment(year: int, breaks: Sequence[int]) -> int:
    """Which piece of a series a year is of, from 0: a line never crosses from one to the next."""
    return sum(year >= b for b in breaks)


def trend_rows(
    frame: pd.DataFrame, metric: Metric, words: Words, *, reasons: bool = False
) -> list[dict[str, Any]]:
    """One metric's rows ready to draw: ``segment``, ``solid`` and the texts of the tooltip.

    Hollow (``solid`` false): a base below the minimum, or a report that fails an error-level rule
    (``reasons``: the frame has ``ok`` and ``rules``).
    """
    rows = [row for row in records(frame) if row["metric"] == metric.key]
    breaks = words.meta.breaks(metric)
    between = "；" if words.lang == "zh" else "; "
    for row in rows:
        num, den, year = row["num"], row["den"], int(row["year"])
        small = metric.has_base and not formats.is_missing(den) and den < MIN_BASE
        fails = reasons and not formats.is_missing(row["ok"]) and not row["ok"]
        notes = [words.t("chart.small_base", minimum=MIN_BASE)] if small else []
        notes += [words.t("chart.failing", rules=row["rules"])] if fails else []
        row |= {
            "segment": segment(year, breaks),
            "solid": not (small or fails),
            "value_text": formats.by_unit(row["value"], metric.unit, words.lang),
            "base_text": formats.fraction(num, den) if metric.has_base else formats.exact(num),
            "year_text": words.t("format.year", year=year),
            "remark": between.join(notes),
        }
    return rows


def trend_sentence(frame: pd.DataFrame, metric: Metric, words: Words) -> str:
    """The line in words: first, last, lowest and highest year with a value."""
    mine = frame[(frame["metric"] == metric.key) & frame["value"].notna()]
    found = records(mine.sort_values("year"))
    name = words.metric(metric)
    if not found:
        return words.t("chart.sentence_none", name=name)

    def text(row: dict[str, Any]) -> str:
        return formats.by_unit(row["value"], metric.unit, words.lang)

    first, last = found[0], found[-1]
    if first is last:
        return words.t("chart.sentence_one", name=name, year=int(last["year"]), value=text(last))
    named = {
        "first": first,
        "last": last,
        "low": min(found, key=lambda r: float(r["value"])),
        "high": max(found, key=lambda r: float(r["value"])),
    }
    years = {key: int(row["year"]) for key, row in named.items()}
    values = {f"{key}_value": text(row) for key, row in named.items()}
    return words.t("chart.sentence", name=name, **years, **values)


def parts_frame(frame: pd.DataFrame, metrics: Sequence[Metric], words: Words) -> pd.DataFrame:
    """Shares of a whole by year, with where each segment starts and ends.

    A year in which one share is missing is left out whole: parts that do not make the whole would
    be read as if they did.
    """
    rows = []
    for _, group in frame.groupby("year"):
        by_key = {str(r["metric"]): r for r in records(group)}
        values = [by_key.get(m.key, {}).get("value") for m in metrics]
        if any(formats.is_missing(value) for value in values):
            continue
        start = 0.0
        for metric in metrics:
            row = by_key[metric.key]
            share = float(row["value"])
            rows.append(
                {
                    "year": int(row["year"]),
                    "metric": metric.key,
                    "part": words.metric(metric),
                    "share": share,
                    "start": start,
                    "end": start + share,
                    "shown": formats.percent(share, 0 if share >= 0.1 else 1),
                    "share_text": formats.percent(share),
                    "base_text": formats.fraction(row["num"], row["den"]),
                    "year_text": words.t("format.year", year=int(row["year"])),
                }
            )
            start += share
    columns = [
        "year", "metric", "part", "share", "start", "end", "shown", "share_text", "base_text",
        "year_text",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def parts_gaps(frame: pd.DataFrame, metrics: Sequence[Metric], words: Words) -> dict[int, str]:
    """Why :func:`parts_frame` leaves out a year: its whole is 0, or a part has no number."""
    keys, out = {m.key for m in metrics}, {}
    for year, group in frame[frame["metric"].isin(keys)].groupby("year"):
        rows = records(group)
        if len(rows) == len(keys) and not any(formats.is_missing(r["value"]) for r in rows):
            continue
        zero = len(rows) == len(keys) and all(r["den"] == 0 for r in rows)
        out[int(str(year))] = words.t("chart.parts_zero" if zero else "chart.parts_gap")
    return out


_NUMBERING = re.compile(r"^(（[一二三四五六七八九十]+）|\d+\.|[一二三四五六七八九十]+、)\s*")


def grouped_label(group: Group, row: Row, lang: str) -> str:
    """A row of table 3 with its group, unnumbered: ``不予公开 · 属于国家秘密``."""
    parts = (i18n.of(group, "", lang), i18n.of(row, "", lang))
    return " · ".join(map(unnumbered, parts))


def unnumbered(label: str) -> str:
    """A row of the form without its number: ``属于国家秘密`` of ``1.属于国家秘密``."""
    return _NUMBERING.sub("", label)


def parts_sentence(parts: pd.DataFrame, words: Words, gaps: Sequence[str] = ()) -> str:
    """The newest year's parts in words, largest first; else why no year has any (``gaps``)."""
    if parts.empty:
        zero = gaps and set(gaps) == {words.t("chart.parts_zero")}
        return words.t("chart.parts_all_zero" if zero else "chart.parts_none")
    latest = parts[parts["year"] == parts["year"].max()].sort_values("share", ascending=False)
    listed = words.t("format.comma").join(
        f"{part} {share}" for part, share in zip(latest["part"], latest["share_text"], strict=True)
    )
    text = words.t("chart.parts_sentence", year=int(latest["year"].iloc[0]), parts=listed)
    total = float(latest["share"].sum())
    if abs(total - 1) > 0.0005:
        text += words.t("chart.parts_off", sum=formats.percent(total))
    return text
