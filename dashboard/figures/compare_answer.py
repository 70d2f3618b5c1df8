"""机构对比 in words: how many stand out, who, and what is not judged."""

from __future__ import annotations

from typing import Final

import pandas as pd

from dashboard import formats
from dashboard.figures.comparing import Comparison
from dashboard.frames import records
from dashboard.queries import offices
from dashboard.queries.compare import OFFICE
from dashboard.stats import MIN_BASE, Z998

#: Names in a sentence.
NAMES: Final = 5
#: The share of units expected outside the 99.8 % limits when all are alike.
BY_CHANCE: Final = 0.002


def answer(c: Comparison) -> list[str]:
    """The question of the page answered: how many stand out, who, and what is not judged."""
    t, pool = c.view.t, c.pool
    common = {"year": c.year, "minimum": MIN_BASE, "rate": c.rate, "base": c.base, "unit": c.unit}
    small, ranked = formats.number(pool["small"]), formats.number(pool["ranked"])
    outside = int(pool["above"] + pool["below"])
    lines = [*_marked(c)]
    if not pool["ranked"]:
        lines.append(t("compare.answer_no_ranked", small=small, **common))
    elif int(pool["ranked"]) == 1:
        lines.append(t("compare.answer_one", **common))
    elif not outside:
        lines.append(t("compare.answer_none", ranked=ranked, **common))
    else:
        lines.append(
            t(
                "compare.answer", ranked=ranked, outside=formats.number(outside),
                high=formats.number(pool["above"]), low=formats.number(pool["below"]),
                expected=formats.exact(float(f"{pool['ranked'] * BY_CHANCE:.1g}")), **common,
            )
        )  # fmt: skip
        found = c.points
        lines += _names(c, found[found["pooled"].astype(bool)])
    return lines


def rest(c: Comparison) -> str:
    """Who is not ranked, in one line; empty where everyone is."""
    t, pool = c.view.t, c.pool
    parts = [
        t(f"compare.count_{name}", n=formats.number(pool[name]), unit=c.unit, minimum=MIN_BASE)
        for name in ("small", "zero", "missing")
        if pool[name]
    ]
    return t("compare.counts", parts=t("format.comma").join(parts)) if parts else ""


def _names(c: Comparison, found: pd.DataFrame) -> list[str]:
    """The units above and below, farthest out first."""
    t, out = c.view.t, []
    judged = found[found["den"] >= MIN_BASE]
    for side, picked in (("above", judged["z"] > Z998), ("below", judged["z"] < -Z998)):
        rows = records(judged[picked])
        if not rows:
            continue
        names = t("format.comma").join(
            t("compare.named", name=r["name"], value=r["value_text"]) for r in rows[:NAMES]
        )
        more = t("compare.and_more") if len(rows) > NAMES else ""
        out.append(t(f"compare.{side}", names=names + more))
    return out


def _marked(c: Comparison) -> list[str]:
    """Each office the reader asked about, against the limits."""
    asked = [c.members.anchor.office_id] if c.members.anchor else list(c.members.offices)
    if not asked or c.members.unit != OFFICE:
        return []
    t = c.view.t
    found = c.points
    by_key = {r["key"]: r for r in records(found[found["marked"].astype(bool)])}
    names = c.view.query(offices.names, tuple(asked))
    out = []
    for office in records(names)[:NAMES]:
        r = by_key.get(office["office_id"])
        if r is None:
            out.append(t("compare.marked_none", name=office["name"]))
            continue
        small = r["den"] < MIN_BASE or formats.is_missing(r["z"])
        side = "small" if small else "inside"
        if not small and abs(float(r["z"])) > Z998:
            side = "above" if float(r["z"]) > 0 else "below"
        values = {"name": r["name"], "value": r["value_text"], "base": r["base_text"]}
        values |= {"minimum": MIN_BASE} if small else {}
        out.append(t(f"compare.marked_{side}", **values))
    return out
