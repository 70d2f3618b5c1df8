"""机构档案: outcomes, grounds, applicants, reviews and suits, as the reports have them."""

from __future__ import annotations

from functools import partial

import pandas as pd

from dashboard import formats, i18n, present
from dashboard.charts.office import matrix
from dashboard.figures.base import Figure, FigureSpec, Native, Series, Twin, marks_of, register
from dashboard.figures.profile import Open, history_of, open_view, with_office
from dashboard.figures.requests import names_of
from dashboard.figures.shares import shares_figure
from dashboard.frames import records
from dashboard.queries import profile
from dashboard.queries.meta import Cell
from dashboard.view import View

#: Table and column whose rows are the refusal grounds; which rows, the groups of table 3 say.
REQUESTS, TOTAL, DISPUTES = "t3", "total", "t4"


def _shares(view: View, spec: FigureSpec, whole: str, axis: str, definition: str) -> Figure | None:
    at = open_view(view)
    if at is None:
        return None
    view, found = at
    frame = history_of(view, found, view.meta.shares_of(whole))
    if frame.empty:
        return None
    return shares_figure(
        view, spec.name, frame, whole, title=spec.titled(view, whom=found.office.name),
        axis=view.t(axis), hint=view.t("chart.click_cell"), definition=view.t(definition),
        labels=names_of(view, whole),
    )  # fmt: skip


@register("profile/outcomes", with_office)
def outcomes(view: View, _: str = "") -> Figure | None:
    """Outcome shares by year."""
    return _shares(view, outcomes, "outcome", "chart.axis_share", "requests.outcomes_note")


@register("profile/applicants", with_office)
def applicants(view: View, _: str = "") -> Figure | None:
    """Who applied, by year."""
    axis, note = "chart.axis_share_new", "requests.applicants_note"
    return _shares(view, applicants, "applicant", axis, note)


@register("profile/grounds", with_office)
def grounds(view: View, _: str = "") -> Figure | None:
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
    return _matrix(view, grounds, cells, labels, "profile.grounds_note")


@register("profile/disputes", with_office)
def disputes(view: View, _: str = "") -> Figure | None:
    """The cells of table 4."""
    cells = [c for c in view.meta.cells.values() if c.table_key == DISPUTES]
    labels = {c.key: i18n.of(c, "label", view.lang) for c in cells}
    return _matrix(view, disputes, cells, labels, "profile.disputes_note")


def matrix_cells(view: View, found: Open, cells: list[Cell]) -> pd.DataFrame:
    """The office's figures of some cells by year, with the report they stand in."""
    names = tuple(c.sql_name for c in cells)
    return view.query(profile.cells, view.selection, found.office.office_id, names)


def _matrix(
    view: View, spec: FigureSpec, cells: list[Cell], labels: dict[str, str], definition: str
) -> Figure | None:
    at = open_view(view)
    if at is None:
        return None
    view, found = at
    t = view.t
    wide = matrix_cells(view, found, cells)
    if wide.empty:
        return None
    title = spec.titled(view, whom=found.office.name)
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
    native = Native(
        "bar", tuple(labels[c.key] for c in cells),
        tuple(
            Series(
                str(int(row["year"])),
                tuple(
                    None if formats.is_missing(row[c.sql_name]) else float(row[c.sql_name])
                    for c in cells
                ),
            )
            for row in records(wide)
        ),
        x_title=t("chart.axis_cases"),
    )  # fmt: skip
    data = frame[["year", "key", "value"]].rename(columns={"key": "cell"})
    return Figure(
        name=spec.name, title=title, draw=chart, sentence=sentence,
        twin=Twin(twin, tuple(twin.columns[1:])), hint=t("profile.matrix_hint"), data=data,
        definition=t(definition),
        native=native,
        picks=lambda: marks_of(
            frame[frame["value"].notna()], t, "year_text", "label", ("year", "key")
        ),
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
