"""The figures of 数据质量."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import pandas as pd

from dashboard import formats
from dashboard.charts.office import grid, matrix
from dashboard.charts.parts import composition
from dashboard.figures.base import Figure, Native, Series, marks_of, register, table_of
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.queries import quality, roster
from dashboard.view import View

#: Offices on the board as drawn; the table and the files go further.
BOARD_ROWS: Final = 40
#: Arrivals that a reader looks for even where there is none.
SETTLED: Final = ("on_time", "late", "missing")
#: A sign for each arrival, so that the board can be read without colour.
SIGNS: Final = {"on_time": "●", "late": "△", "undated": "◇", "not_due": "·", "missing": "○"}


def rule_name(view: View, rule: str) -> str:
    """A rule in words, its number behind; a rule the dictionary lacks by its number alone."""
    found = view.meta.rules.get(rule)
    if found is None:
        return rule
    return view.t("quality.rule_name", rule=rule, name=found.zh if view.lang == "zh" else found.en)


def arrival_colours(view: View) -> tuple[str, ...]:
    """One per arrival, in their order; not the outcomes' colours, which mean something else."""
    p = view.look.colours
    return (p.main, p.warn, p.peers, p.line, p.bad)


@register("quality/arrivals")
def arrivals(view: View, _: str = "") -> Figure | None:
    """Who reported, in time or not: one bar a year, of the offices expected."""
    t = view.t
    found = view.query(roster.arrivals, view.selection, view.today)
    if found.empty:
        return None
    frame = _parts(view, found)
    # A legend without what never occurs: most of the time every date is past.
    used = [a for a in roster.ARRIVALS if a in set(found["arrival"]) or a in SETTLED]
    words = [t(f"quality.arrival.{a}") for a in used]
    frame = frame[frame["part"].isin(words)]
    gone = [t(f"quality.arrival.{a}") for a in roster.GONE]
    latest = frame[frame["year"] == frame["year"].max()]
    parts = t("format.comma").join(
        f"{r.part} {formats.number(r.n)}" for r in rows_of(latest) if r.n
    )
    expected = int(latest["expected"].iloc[0])
    sentence = t(
        "quality.arrivals_sentence", year=int(latest["year"].iloc[0]),
        expected=formats.number(expected), parts=parts,
    )  # fmt: skip
    tips = [("year_text", t("column.year")), ("part", t("column.status")),
            ("shown_share", t("column.share")), ("base_text", t("column.base"))]  # fmt: skip
    title = arrivals.titled(view)
    every = dict(zip(roster.ARRIVALS, arrival_colours(view), strict=True))
    colours = tuple(every[a] for a in used)
    chart = partial(
        composition, frame, view.look, parts=words, x_title=t("quality.axis"),
        y_title=t("chart.axis_year"), description=f"{title}。{sentence}", tips=tips,
        colours=colours,
    )  # fmt: skip
    named = {"year": t("column.year"), **dict(tips)}
    table = [(name, named[name]) for name in ("year", "part", "base_text", "shown_share")]

    def native() -> Native:
        wide = frame.pivot_table(index="year", columns="part", values="share")
        return Native(
            "bar_stacked", tuple(int(y) for y in wide.index),
            tuple(
                Series(w, tuple(map(float, wide[w])), c)
                for w, c in zip(words, colours, strict=True)
            ),
            x_title=t("quality.axis"), y_title=t("chart.axis_year"), percent=True,
        )  # fmt: skip

    return Figure(
        name=arrivals.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(frame, table, slice(2, None)), definition=t("quality.due_note"),
        hint=t("quality.arrivals_hint"),
        data=lambda: found.reset_index(drop=True), native=native,
        picks=lambda: marks_of(
            frame[frame["n"] > 0], t, "year_text", "part", ("year", "part", "metric")
        ),
        n=expected - int(latest.loc[latest["part"].isin(gone), "n"].sum()), expected=expected,
    )  # fmt: skip


def _parts(view: View, found: pd.DataFrame) -> pd.DataFrame:
    counts = {(int(r.year), r.arrival): (int(r.n), int(r.expected)) for r in rows_of(found)}
    expected = {year: total for (year, _), (_, total) in counts.items()}
    data = []
    for year, total in sorted(expected.items()):
        start = 0.0
        for arrival in roster.ARRIVALS:
            n = counts.get((year, arrival), (0, total))[0]
            data.append(
                {
                    "year": year,
                    "metric": arrival,
                    "part": view.t(f"quality.arrival.{arrival}"),
                    "n": n,
                    "expected": total,
                    "share": n / total,
                    "start": start,
                    "end": start + n / total,
                    "shown": formats.number(n),
                    "shown_share": formats.percent(n / total),
                    "base_text": formats.fraction(n, total),
                    "year_text": view.t("format.year", year=year),
                }
            )
            start += n / total
    return pd.DataFrame(data)


@register("quality/rules")
def rules(view: View, _: str = "") -> Figure | None:
    """Failed rules by year: the number of reports in each square."""
    t = view.t
    found = view.query(quality.rule_counts, view.selection)
    if found.empty:
        return None
    labels = {rule: rule_name(view, rule) for rule in found["rule"]}
    frame = found.assign(
        key=found["rule"],
        label=[labels[r] for r in found["rule"]],
        value=found["reports"].astype(float),
        shown=[formats.number(n) for n in found["reports"]],
        findings_text=[formats.number(n) for n in found["findings"]],
        level_text=[view.words.named("rule_level", v) for v in found["level"]],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    latest = frame[frame["year"] == frame["year"].max()]
    # Rows are in order of level, then of reports: the first of each level is its worst.
    worst = t("format.semicolon").join(
        t("quality.rules_worst", level=r.level_text, rule=r.label, n=r.shown)
        for r in rows_of(latest.drop_duplicates("level"))
    )
    title = rules.titled(view)
    sentence = t("quality.rules_sentence", year=int(latest["year"].iloc[0]), parts=worst)
    tips = [("year_text", t("column.year")), ("label", t("column.rule")),
            ("level_text", t("column.level")), ("shown", t("column.reports"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(labels.values()), x_title=t("chart.axis_year"),
        value_title=t("column.reports"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    return Figure(
        name=rules.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(frame, tips, slice(3, None)), hint=t("quality.rules_hint"), data=found,
        definition=t("quality.rules_note"),
        picks=lambda: _picks(frame, "label"),
    )  # fmt: skip


@register("quality/continuity")
def continuity(view: View, _: str = "") -> Figure | None:
    """Offices whose carry-over does not continue, by year."""
    t = view.t
    found = view.query(quality.continuity, view.selection)
    if found.empty:
        return None
    frame = found.assign(
        key=found["office_id"],
        label=found["name"].fillna(found["office_id"]),
        value=found["difference"].abs() ** 0.5,  # one of 185 must not hide one of 5 beside a 0
        shown=[formats.signed(v) for v in found["difference"]],
        went_text=[formats.exact(v) for v in found["went"]],
        came_text=[formats.exact(v) for v in found["came"]],
        before_text=[n if isinstance(n, str) else "" for n in found["before_name"]],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    worst = max(records(frame), key=lambda r: float(r["value"]))
    title = continuity.titled(view)
    sentence = t(
        "quality.continuity_sentence", n=formats.number(frame["office_id"].nunique()),
        name=worst["label"], year=int(worst["year"]), value=worst["shown"],
    )  # fmt: skip
    tips = [("label", t("column.office")), ("year_text", t("column.year")),
            ("went_text", t("column.carried_out_before")), ("came_text", t("column.carried_in")),
            ("shown", t("column.difference")), ("before_text", t("quality.before"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(dict.fromkeys(frame["label"])),
        x_title=t("chart.axis_year"), value_title=t("column.difference"),
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    return Figure(
        name=continuity.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(frame, tips, slice(2, 5)), hint=t("quality.continuity_hint"), data=found,
        definition=t("quality.continuity_note"),
        picks=lambda: _picks(frame, "label"),
    )  # fmt: skip


def _picks(frame: pd.DataFrame, name: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Every square of a matrix in words, with the fields a click on it gives."""
    return tuple(
        (f"{getattr(r, name)} {r.year}", {"key": r.key, "year": int(r.year)})
        for r in rows_of(frame)
    )


def wanted(view: View) -> tuple[str, ...]:
    """The arrivals the board lists: the one the reader chose, else those to ask about."""
    return (view.filters.tab,) if view.filters.tab in roster.ARRIVALS else roster.ASKED


@register("quality/board")
def board(view: View, _: str = "") -> Figure | None:
    """Offices with a missing or late report, year by year: the first of them as a picture."""
    t = view.t
    found = view.query(
        roster.board, view.selection, view.today, wanted=wanted(view), limit=BOARD_ROWS
    )
    if found.empty:
        return None
    states = list(roster.ARRIVALS)
    words = {a: t(f"quality.arrival.{a}") for a in states}
    frame = found.assign(
        key=found["office_id"],
        label=found["name"].fillna(found["office_id"]),
        part=[words[a] for a in found["arrival"]],
        shown=[SIGNS[a] for a in found["arrival"]],
        due_text=[formats.date(v, view.lang) for v in found["due"]],
        published_text=[formats.date(v, view.lang) for v in found["published"]],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    listed, offices = frame["office_id"].nunique(), int(frame["offices"].iloc[0])
    title = board.titled(view)
    sentence = t(
        "quality.board_sentence", n=formats.number(offices), shown=formats.number(listed),
        states=t("format.comma").join(words[a] for a in wanted(view)),
    )  # fmt: skip
    tips = [("label", t("column.office")), ("year_text", t("column.year")),
            ("part", t("column.status")), ("due_text", t("column.due")),
            ("published_text", t("column.published"))]  # fmt: skip
    chart = partial(
        grid, frame, view.look, rows=list(dict.fromkeys(frame["label"])),
        parts=list(words.values()), colours=arrival_colours(view), x_title=t("chart.axis_year"),
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    return Figure(
        name=board.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(frame, tips, slice(0)), definition=t("quality.due_note"),
        data=lambda: found.drop(columns="offices"), n=listed,
        picks=lambda: _picks(frame, "label"),
    )  # fmt: skip


@register("quality/places")
def places(view: View, _: str = "") -> Figure | None:
    """Reports that fail an error-level rule, by place and year."""
    t = view.t
    found = view.query(quality.failing_places, view.selection)
    if not found["failing"].sum():
        return None
    frame = found.assign(
        key=found["code"],
        label=found["name"],
        value=found["failing"].astype(float),
        shown=[formats.number(n) for n in found["failing"]],
        base_text=[
            formats.fraction(a, b) for a, b in zip(found["failing"], found["reports"], strict=True)
        ],
        share_text=[
            formats.percent(a / b) for a, b in zip(found["failing"], found["reports"], strict=True)
        ],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    order = frame.groupby("label")["value"].sum().sort_values(ascending=False, kind="stable")
    kept = list(order.index[:BOARD_ROWS])
    frame = frame[frame["label"].isin(kept)]
    latest = frame[frame["year"] == frame.loc[frame["failing"] > 0, "year"].max()]
    worst = max(records(latest), key=lambda r: float(r["value"]))
    title = places.titled(view)
    sentence = t(
        "quality.places_sentence", year=int(worst["year"]), name=worst["label"],
        base=worst["base_text"], share=worst["share_text"],
    )  # fmt: skip
    tips = [("label", t("filter.region")), ("year_text", t("column.year")),
            ("base_text", t("quality.failing_of_all")),
            ("share_text", t("column.share"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=kept, x_title=t("chart.axis_year"),
        value_title=t("column.reports"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    return Figure(
        name=places.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(frame, tips, slice(2, None)), hint=t("quality.places_hint"), data=found,
        definition=t("quality.places_note"),
        n=int(latest["failing"].sum()), expected=int(latest["reports"].sum()),
        picks=lambda: _picks(frame, "label"),
    )  # fmt: skip


@register("quality/unread")
def unread(view: View, _: str = "") -> Figure | None:
    """Cells that could not be read with certainty, by file format and year."""
    t = view.t
    found = view.query(quality.unread_by_layout, view.selection)
    if not found["unread"].sum():
        return None
    frame = found.assign(
        key=found["format"],
        label=[view.words.named("file_format", f or None) for f in found["format"]],
        value=found["unread"].astype(float),
        shown=[formats.number(n) for n in found["unread"]],
        base_text=[
            formats.fraction(a, b) for a, b in zip(found["unread"], found["cells"], strict=True)
        ],
        share_text=[
            formats.percent(a / b if b else None)
            for a, b in zip(found["unread"], found["cells"], strict=True)
        ],
        reports_text=[
            formats.fraction(a, b)
            for a, b in zip(found["reports_unread"], found["reports"], strict=True)
        ],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    sums = frame.groupby("label")[["unread", "cells"]].sum()
    sums = sums.sort_values("unread", ascending=False, kind="stable")
    title = unread.titled(view)
    sentence = t(
        "quality.unread_sentence", name=sums.index[0],
        base=formats.fraction(sums["unread"].iloc[0], sums["cells"].iloc[0]),
        share=formats.percent(sums["unread"].iloc[0] / sums["cells"].iloc[0]),
    )  # fmt: skip
    tips = [("label", t("quality.format")), ("year_text", t("column.year")),
            ("base_text", t("quality.unread_of_all")), ("share_text", t("column.share")),
            ("reports_text", t("quality.reports_with_unread"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(sums.index), x_title=t("chart.axis_year"),
        value_title=t("column.unread"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    return Figure(
        name=unread.name, title=title, draw=chart, sentence=sentence,
        twin=table_of(frame, tips, slice(2, None)), definition=t("quality.unread_note"), data=found,
        n=int(found["reports"].sum()), picks=lambda: _picks(frame, "label"),
    )  # fmt: skip
