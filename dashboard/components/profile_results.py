"""机构档案: outcomes, grounds, applicants, reviews and suits, as the reports have them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from dashboard import formats, i18n, present
from dashboard.charts.office import matrix
from dashboard.components import profile as parts
from dashboard.components.cards import chart_card
from dashboard.components.profile import Open
from dashboard.components.shares import shares_card
from dashboard.figures import Twin
from dashboard.frames import records
from dashboard.queries import profile
from dashboard.queries.meta import Cell
from dashboard.view import View

#: Table and column whose rows are the refusal grounds; which rows, the groups of table 3 say.
REQUESTS, TOTAL, DISPUTES = "t3", "total", "t4"


def results(view: View, opened: Open) -> None:
    """All of it."""
    whole = {"outcome": "chart.axis_share", "applicant": "chart.axis_share_new"}
    titles = {"outcome": "profile.outcomes", "applicant": "profile.applicants"}
    for key, axis in whole.items():
        metrics = list(view.meta.shares_of(key))
        found = parts.history_of(view, opened, metrics)
        title = view.t(
            "format.title", what=view.t(titles[key]), whom=opened.office.name, when=view.when
        )
        cells = {view.words.metric(m): view.meta.metric_cells(m, part="num")[:1] for m in metrics}
        shares_card(
            view, key, found, key, title=title, axis=view.t(axis),
            on_pick=_part(found, cells), hint=view.t("chart.click_cell"),
        )  # fmt: skip
    grounds(view, opened)
    disputes(view, opened)


def _part(found: pd.DataFrame, cells: dict[str, tuple[str, ...]]) -> Any:
    def picked(fields: dict[str, Any]) -> None:
        parts.open_cell(found, cells.get(str(fields["part"]), ()))(fields)

    return picked


def grounds(view: View, opened: Open) -> None:
    """Rows of the groups below 本年度办理结果, except the plain results and the total."""
    rows = [
        r
        for r in view.meta.rows
        if r.table_key == REQUESTS
        and r.kind == "leaf"
        and r.group_key in view.meta.groups
        and view.meta.groups[r.group_key].parent
        and not view.meta.only_as_sum(f"{REQUESTS}.{r.row_key}.{TOTAL}")
    ]
    cells = [view.meta.cells[f"{REQUESTS}.{r.row_key}.{TOTAL}"] for r in rows]
    labels = {
        c.key: present.grouped_label(view.meta.groups[r.group_key or ""], r, view.lang)
        for c, r in zip(cells, rows, strict=True)
    }
    _matrix(view, opened, "grounds", cells, labels)


def disputes(view: View, opened: Open) -> None:
    """The cells of table 4."""
    cells = [c for c in view.meta.cells.values() if c.table_key == DISPUTES]
    labels = {c.key: i18n.of(c, "label", view.lang) for c in cells}
    _matrix(view, opened, "disputes", cells, labels)


def _matrix(view: View, opened: Open, key: str, cells: list[Cell], labels: dict[str, str]) -> None:
    t = view.t
    wide = view.query(
        profile.cells, view.selection, opened.office.office_id, tuple(c.sql_name for c in cells)
    )
    title = t("format.title", what=t(f"profile.{key}"), whom=opened.office.name, when=view.when)
    if wide.empty:
        return
    frame = pd.DataFrame(
        [
            {
                "year": int(row["year"]),
                "key": cell.key,
                "label": labels[cell.key],
                "value": row[cell.sql_name],
                "shown": formats.exact(row[cell.sql_name]),
                "year_text": t("format.year", year=int(row["year"])),
            }
            for row in records(wide)
            for cell in cells
        ]
    )
    sentence = _most(view, frame[frame["key"].isin(_leaves(cells))], int(wide["year"].max()))
    tips = [
        ("year_text", t("column.year")),
        ("label", t("column.row")),
        ("shown", t("column.count")),
    ]
    chart = partial(
        matrix,
        frame, view.look, rows=[labels[c.key] for c in cells], x_title=t("chart.axis_year"),
        value_title=t("chart.axis_cases"), description=f"{title}。{sentence}", tips=tips,
    )  # fmt: skip
    twin = pd.DataFrame({t("column.row"): [labels[c.key] for c in cells]})
    for row in records(wide):
        twin[str(int(row["year"]))] = [formats.exact(row[c.sql_name]) for c in cells]
    chart_card(
        view, key, title, chart, sentence=sentence, twin=Twin(twin, tuple(twin.columns[1:])),
        on_pick=_cell(wide), hint=t("profile.matrix_hint"),
    )  # fmt: skip


def _leaves(cells: list[Cell]) -> set[str]:
    return {c.key for c in cells if c.table_key == REQUESTS or c.column_key != TOTAL}


def _most(view: View, frame: pd.DataFrame, year: int) -> str:
    rows = frame[(frame["year"] == year) & frame["value"].notna()]
    absent = int(((frame["year"] == year) & frame["value"].isna()).sum())
    if rows.empty or not rows["value"].max():
        text = view.t("profile.grounds_none", year=year)
    else:
        top = max(records(rows), key=lambda r: float(r["value"]))
        text = view.t("profile.grounds_sentence", year=year, name=top["label"], n=top["shown"])
    return text + (view.t("profile.grounds_missing", n=absent) if absent else "")


def _cell(wide: pd.DataFrame) -> Any:
    reports = wide.dropna(subset=["report_id"]).set_index("year")["report_id"].to_dict()

    def picked(fields: dict[str, Any]) -> None:
        report = reports.get(int(fields["year"]))
        if report:
            parts.show(str(report), str(fields["key"]))

    return picked
