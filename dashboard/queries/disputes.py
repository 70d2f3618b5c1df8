"""复议诉讼: disputes against the answers of the same year and of the year before."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, reports, years


def lagged(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """Disputes of a year against the answers of that year and of the year before.

    ``year, offices, disputes, handled, handled_before, same_year, year_before``: over the offices
    (with the same scope of figures) that have the disputes of the year and both bases, so that the
    two rates differ in their base alone. Disputes are reviews and direct suits; suits after review
    would count a dispute twice. Rates are per case answered (0.03 for 3 in 100), nothing for base
    0. Every year between the first and the last has a row, empty where nothing can be compared.
    """
    span = years(selection, "b")
    wider = selection
    if selection.years and not selection.balanced:
        first, last = selection.years
        wider = replace(selection, years=(first - 1, last))
    where = reports(scope, wider)
    found = db.frame(
        "WITH x AS (SELECT m.office_id, m.scope, m.year, "
        "m.q_review_total + m.q_direct_total AS disputes, m.q_handled AS handled "
        f"FROM mart_report m WHERE {where.sql}) "
        "SELECT b.year, count(*) AS offices, sum(b.disputes)::DOUBLE AS disputes, "
        "sum(b.handled)::DOUBLE AS handled, sum(a.handled)::DOUBLE AS handled_before FROM x b "
        "JOIN x a ON a.office_id = b.office_id AND a.year = b.year - 1 "
        "AND a.scope IS NOT DISTINCT FROM b.scope "
        "WHERE b.disputes IS NOT NULL AND b.handled IS NOT NULL AND a.handled IS NOT NULL "
        f"AND {span.sql} GROUP BY b.year ORDER BY b.year",
        (*where.values, *span.values),
    )
    if len(found):
        every = range(int(found["year"].min()), int(found["year"].max()) + 1)
        found = found.set_index("year").reindex(every).rename_axis("year").reset_index()
    for name, base in (("same_year", "handled"), ("year_before", "handled_before")):
        found[name] = found["disputes"] / found[base].where(found[base] > 0)
    return found
