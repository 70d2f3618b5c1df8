"""The figures of 数据质量."""

from __future__ import annotations

from functools import partial

import pandas as pd

from dashboard import formats
from dashboard.charts.office import matrix
from dashboard.charts.parts import composition
from dashboard.figures.base import Figure, Native, Series, Twin, register
from dashboard.frames import records
from dashboard.frames import rows as rows_of
from dashboard.queries import quality
from dashboard.view import View


def rule_name(view: View, rule: str) -> str:
    """A rule in words, its number behind; a rule the dictionary lacks by its number alone."""
    found = view.meta.rules.get(rule)
    if found is None:
        return rule
    return view.t("quality.rule_name", rule=rule, name=found.zh if view.lang == "zh" else found.en)


def arrival_colours(view: View) -> tuple[str, ...]:
    """One per arrival, in their order; not the outcomes' colours, which mean something else."""
    p = view.look.colours
    return (p.main, p.warn, p.peers, p.bad)


@register("quality/arrivals")
def arrivals(view: View, _: str = "") -> Figure | None:
    """Who reported, in time or not: one bar a year, of the offices expected."""
    t = view.t
    found = view.query(quality.arrivals, view.selection)
    if found.empty:
        return None
    frame = _parts(view, found)
    words = [t(f"quality.arrival.{a}") for a in quality.ARRIVALS]
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
    title = t("format.title", what=t("quality.arrivals"), whom=view.whom, when=view.when)
    colours = arrival_colours(view)
    chart = partial(
        composition, frame, view.look, parts=words, x_title=t("quality.axis"),
        y_title=t("chart.axis_year"), description=f"{title}。{sentence}", tips=tips,
        colours=colours,
    )  # fmt: skip
    twin = frame[["year", "part", "base_text", "shown_share"]].rename(
        columns={"year": t("column.year"), **dict(tips)}
    )
    wide = frame.pivot_table(index="year", columns="part", values="share")
    native = Native(
        "bar_stacked", tuple(int(y) for y in wide.index),
        tuple(
            Series(w, tuple(map(float, wide[w])), c) for w, c in zip(words, colours, strict=True)
        ),
        x_title=t("quality.axis"), y_title=t("chart.axis_year"), percent=True,
    )  # fmt: skip
    return Figure(
        name="quality/arrivals", title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[2:])), definition=t("quality.due_note"),
        data=found.reset_index(drop=True), native=native,
        n=expected - int(latest.loc[latest["part"] == words[-1], "n"].sum()), expected=expected,
    )  # fmt: skip


def _parts(view: View, found: pd.DataFrame) -> pd.DataFrame:
    counts = {(int(r.year), r.arrival): (int(r.n), int(r.expected)) for r in rows_of(found)}
    expected = {year: total for (year, _), (_, total) in counts.items()}
    data = []
    for year, total in sorted(expected.items()):
        start = 0.0
        for arrival in quality.ARRIVALS:
            n = counts.get((year, arrival), (0, total))[0]
            data.append(
                {
                    "year": year,
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
    latest = frame[frame["year"] == frame["year"].max()].iloc[0]
    title = t("format.title", what=t("quality.rules"), whom=view.whom, when=view.when)
    sentence = t(
        "quality.rules_sentence", year=int(latest["year"]), rule=latest["label"], n=latest["shown"]
    )
    tips = [("year_text", t("column.year")), ("label", t("column.rule")),
            ("level_text", t("column.level")), ("shown", t("column.reports"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(labels.values()), x_title=t("chart.axis_year"),
        value_title=t("column.reports"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = frame[[c for c, _ in tips]].rename(columns=dict(tips))
    return Figure(
        name="quality/rules", title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, (t("column.reports"),)), hint=t("quality.rules_hint"), data=found,
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
        value=found["difference"].abs(),
        shown=[formats.signed(v) for v in found["difference"]],
        went_text=[formats.exact(v) for v in found["went"]],
        came_text=[formats.exact(v) for v in found["came"]],
        year_text=[t("format.year", year=int(y)) for y in found["year"]],
    )
    worst = max(records(frame), key=lambda r: float(r["value"]))
    title = t("format.title", what=t("quality.continuity"), whom=view.whom, when=view.when)
    sentence = t(
        "quality.continuity_sentence", n=formats.number(frame["office_id"].nunique()),
        name=worst["label"], year=int(worst["year"]), value=worst["shown"],
    )  # fmt: skip
    tips = [("label", t("column.office")), ("year_text", t("column.year")),
            ("went_text", t("column.carried_out_before")), ("came_text", t("column.carried_in")),
            ("shown", t("column.difference"))]  # fmt: skip
    chart = partial(
        matrix, frame, view.look, rows=list(dict.fromkeys(frame["label"])),
        x_title=t("chart.axis_year"), value_title=t("column.difference"),
        description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = frame[[c for c, _ in tips]].rename(columns=dict(tips))
    return Figure(
        name="quality/continuity", title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[2:])), hint=t("quality.continuity_hint"), data=found,
    )  # fmt: skip
