"""One office over the years: its measures, its peers, its documents."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.frames import records
from dashboard.queries.base import (
    Viewer,
    column,
    depends_on,
    of_office,
    one_of,
    own_or_region,
    readable,
    seen,
    years,
)
from dashboard.queries.offices import Office
from dashboard.queries.series import long_form, rates, with_all_years
from dashboard.stats import quantile_near

#: The columns of a band and the share of offices below each.
QUARTILES: Final = {"low": 0.25, "mid": 0.5, "high": 0.75}
#: Fewer peers than this make no band: a quartile of four offices says nothing.
MIN_PEERS = 5


@depends_on("years", "scope")
def history(
    scope: Viewer,
    db: Database,
    selection: Selection,
    office_id: str,
    metrics: tuple[str, ...],
    with_base: frozenset[str],
) -> pd.DataFrame:
    """``year, report_id, ok, rules, metric, num, den, n, value`` of one office, gaps included.

    ``rules`` names the error-level rules the report fails, for hollow points and their tooltip.
    The years shown and the report scope apply; region, level and kind do not: it is one office.
    """
    where = of_office(db, office_id, "m") & seen(scope, "m")
    span = years(selection, "m")
    sums = ", ".join(f"m.{column(f'm_{k}_{part}')}" for k in metrics for part in ("num", "den"))
    wide = db.frame(
        f"SELECT m.year, m.report_id, m.ok, coalesce(m.errors, '') AS rules, {sums} "
        "FROM mart_report m "
        f"WHERE {where.sql} AND {span.sql} AND {own_or_region(selection, 'm')} "
        "QUALIFY row_number() OVER (PARTITION BY m.year ORDER BY m.report_id) = 1 ORDER BY m.year",
        (*where.values, *span.values),
    )
    wide = with_all_years(wide, selection)
    return rates(long_form(wide, metrics, ["year", "report_id", "ok", "rules"]), with_base)


@depends_on("years", "scope")
def peers_band(
    scope: Viewer,
    db: Database,
    selection: Selection,
    office: Office,
    metrics: tuple[str, ...],
    with_base: frozenset[str],
) -> pd.DataFrame:
    """``metric, year, low, mid, high, peers``: the middle half of offices alike.

    Alike: same level and kind; the office itself is left out. Low and high are the first and third
    quartile, mid the median, over offices with a base above 0; years with fewer than ``MIN_PEERS``
    such offices are dropped.
    """
    if scope.regions is None:
        found = _kept(db, selection, office, metrics, with_base)
        if found is not None:
            return found
    where = seen(scope, "m")
    span = years(selection, "m")
    parts = []
    for key in metrics:
        value = _value(key, key in with_base)
        parts.append(
            f"quantile_cont({value}, [0.25, 0.5, 0.75]) AS {column(f'q_{key}')}, "
            f"count({value}) AS {column(f'n_{key}')}"
        )
    wide = db.frame(
        f"SELECT m.year, {', '.join(parts)} FROM mart_report m "
        "WHERE m.level IS NOT DISTINCT FROM ? AND m.kind IS NOT DISTINCT FROM ? "
        f"AND m.office_id <> ? AND {where.sql} AND {span.sql} "
        f"AND {own_or_region(selection, 'm')} GROUP BY m.year ORDER BY m.year",
        (office.level, office.kind, office.office_id, *where.values, *span.values),
    )
    data = [
        (key, int(row["year"]), *map(float, row[f"q_{key}"]), int(row[f"n_{key}"]))
        for key in metrics
        for row in records(wide)
        if row[f"n_{key}"] >= MIN_PEERS
    ]
    return pd.DataFrame(data, columns=_BAND)


_BAND: Final = ("metric", "year", *QUARTILES, "peers")


def _kept(
    db: Database,
    selection: Selection,
    office: Office,
    metrics: tuple[str, ...],
    with_base: frozenset[str],
) -> pd.DataFrame | None:
    """The band from what the load kept of all offices alike, without the office's own values.

    ``None`` where the office has several reports of a year: two values are not left out.
    """
    span = years(selection, "p")
    kind, values = one_of("p.metric", metrics)
    alike = db.records(
        "SELECT p.* FROM mart_peer p WHERE p.level IS NOT DISTINCT FROM ? "
        f"AND p.kind IS NOT DISTINCT FROM ? AND p.own = ? AND {kind} AND {span.sql}",
        (office.level, office.kind, selection.scope != "region", *values, *span.values),
    )
    where, mine = of_office(db, office.office_id, "m"), years(selection, "m")
    parts = "".join(f", {_value(key, key in with_base)} AS {column(key)}" for key in metrics)
    rows = db.records(
        f"SELECT m.year{parts} FROM mart_report m "
        f"WHERE {where.sql} AND {mine.sql} AND {own_or_region(selection, 'm')}",
        (*where.values, *mine.values),
    )
    own = {row["year"]: row for row in rows}
    if len(own) < len(rows):
        return None
    data = []
    for row in sorted(alike, key=lambda r: (metrics.index(r["metric"]), r["year"])):
        key, year = row["metric"], int(row["year"])
        value = own.get(year, {}).get(key)
        peers = row["n"] - (value is not None)
        if peers >= MIN_PEERS:
            band = [quantile_near(row[q], row["n"], s, value) for q, s in QUARTILES.items()]
            data.append((key, year, *band, peers))
    return pd.DataFrame(data, columns=_BAND)


def _value(metric: str, with_base: bool) -> str:
    """A report's value of a metric, written as the load wrote it: equal to the last bit."""
    num, den = column(f"m_{metric}_num"), column(f"m_{metric}_den")
    return f"m.{num} / nullif(m.{den}, 0)" if with_base else f"m.{num}::DOUBLE"


@depends_on("years", "scope")
def cells(
    scope: Viewer, db: Database, selection: Selection, office_id: str, names: tuple[str, ...]
) -> pd.DataFrame:
    """``year, report_id`` and one column per wanted cell (its SQL name), as reported."""
    where = of_office(db, office_id, "r") & seen(scope, "r")
    span = years(selection, "r")
    wanted = ", ".join(f"r.{column(name)}::DOUBLE AS {column(name)}" for name in names)
    frame = db.frame(
        f"SELECT r.year, r.report_id, {wanted} FROM wide_report r "
        f"WHERE r.is_current AND {where.sql} AND {span.sql} "
        f"AND {own_or_region(selection, 'r')} "
        "QUALIFY row_number() OVER (PARTITION BY r.year ORDER BY r.report_id) = 1 ORDER BY r.year",
        (*where.values, *span.values),
    )
    return with_all_years(frame, selection)


@depends_on("years", "scope")
def continuity(scope: Viewer, db: Database, selection: Selection, office_id: str) -> pd.DataFrame:
    """``year, carried_out_before, carried_in, difference``: 结转下年度 against next 上年结转.

    A row for every year with a report of it or of the year before; nothing where a side is missing.
    """
    names = ("t3_carried_out_total", "t3_carried_in_total")
    everything = Selection(scope=selection.scope)
    found = cells(scope, db, everything, office_id, names).set_index("year")
    out = pd.DataFrame({"carried_in": found["t3_carried_in_total"]})
    out["carried_out_before"] = found["t3_carried_out_total"].shift(1)
    out["difference"] = out["carried_in"] - out["carried_out_before"]
    out = out.iloc[1:].reset_index()
    if selection.years:
        out = out[out["year"].between(*selection.years)]
    return out.reset_index(drop=True)


def documents(scope: Viewer, db: Database, office_id: str) -> pd.DataFrame:
    """Every report of an office, superseded ones too, newest first, with its document."""
    where = seen(scope, "r")
    return db.frame(
        "SELECT r.report_id, r.year, r.scope, r.form_t3, r.is_current, r.superseded_reason, "
        "coalesce(r.published, d.published) AS published, d.title, d.filename, d.format, d.url, "
        "d.source, r.n_number, r.n_blank, r.n_not_applicable, r.n_text, r.n_absent, r.n_unread, "
        "r.n_error_failed, r.n_warning_failed, r.office_printed, r.document_id "
        "FROM report r LEFT JOIN document d ON d.document_id = r.document_id "
        f"WHERE r.office_id = ? AND {where.sql} "
        "ORDER BY r.year DESC, r.is_current DESC, r.scope, r.report_id",
        (office_id, *where.values),
    )


def findings(scope: Viewer, db: Database, office_id: str) -> pd.DataFrame:
    """Findings of an office's current reports, newest first, failures before the rest."""
    where = seen(scope, "r")
    return db.frame(
        "SELECT f.finding_id, f.report_id, f.year, f.rule, f.level, f.outcome, f.subject_zh, "
        "f.subject_en, f.left_value::DOUBLE AS left_value, f.right_value::DOUBLE AS right_value, "
        "f.message_zh, f.message_en, list_extract(f.cells, 1) AS cell, "
        "coalesce(f.cells, []) AS cells "
        "FROM finding f JOIN report r ON r.report_id = f.report_id "
        f"WHERE r.is_current AND r.office_id = ? AND f.office_id = ? AND {where.sql} "
        "ORDER BY (f.outcome = 'fail') DESC, f.year DESC, "
        "list_position(['error', 'warning', 'info'], f.level), f.rule, f.subject",
        (office_id, office_id, *where.values),
    )


def narrative(scope: Viewer, db: Database, report_id: str) -> pd.DataFrame:
    """``section, heading, text, at`` of one report, in order."""
    where = readable(scope, "n")
    return db.frame(
        'SELECT n.section, n.heading, n.text, n."at" FROM narrative n '
        f"WHERE n.report_id = ? AND {where.sql} ORDER BY n.section",
        (report_id, *where.values),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """How one cell of a document was read."""

    key: str
    state: str
    value: float | None
    raw: str
    at: str
    block: int | None
    a: int | None
    b: int | None
    unit_printed: str | None
    note: str


@dataclass(frozen=True)
class Provenance:
    """A document as it was read: its blocks (see ``etl.report.block_json``) and its cells."""

    report_id: str
    readings: dict[str, Reading]
    blocks: list[dict[str, Any]]


def provenance(scope: Viewer, db: Database, report_id: str) -> Provenance | None:
    """The stored document of one report; ``None`` if unknown or not the viewer's to see."""
    where = readable(scope, "p")
    rows = db.rows(
        f"SELECT p.cells, p.blocks FROM provenance p WHERE p.report_id = ? AND {where.sql}",
        (report_id, *where.values),
    )
    if not rows:
        return None
    found, packed = rows[0]
    readings = {
        c["key"]: Reading(
            key=c["key"],
            state=c["state"],
            value=None if c["value"] is None else float(c["value"]),
            raw=c["raw"] or "",
            at=c["at"] or "",
            block=c["block"],
            a=c["a"],
            b=c["b"],
            unit_printed=c["unit_printed"],
            note=c["note"] or "",
        )
        for c in found or []
    }
    blocks = json.loads(zlib.decompress(packed)) if packed else []
    return Provenance(report_id, readings, blocks)
