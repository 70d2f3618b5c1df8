"""复议诉讼: disputes against the answers of the same year and of the year before."""

from __future__ import annotations

import pandas as pd

from dashboard.db import Database
from dashboard.filters import Selection
from dashboard.queries.base import Viewer, with_year_before


def lagged(scope: Viewer, db: Database, selection: Selection) -> pd.DataFrame:
    """Disputes of a year against the answers of that year and of the year before.

    ``year, offices, disputes, handled, handled_before, same_year, year_before``: over the offices
    (with the same scope of figures) that have the disputes of the year and both bases, so that the
    two rates differ in their base alone. Disputes are reviews and direct suits; suits after review
    would count a dispute twice. Rates are per case answered (0.03 for 3 in 100), nothing for base
    0. Every year between the first and the last has a row, empty where nothing can be compared.
    """
    where = with_year_before(scope, selection)
    found = db.frame(
        "SELECT m.year, count(*) AS offices, "
        "sum(m.q_review_total + m.q_direct_total)::DOUBLE AS disputes, "
        "sum(m.q_handled)::DOUBLE AS handled, sum(m.p_handled)::DOUBLE AS handled_before "
        f"FROM mart_report m WHERE {where.sql} AND m.q_review_total + m.q_direct_total IS NOT NULL "
        "AND m.q_handled IS NOT NULL AND m.p_handled IS NOT NULL GROUP BY m.year ORDER BY m.year",
        where.values,
    )
    if len(found):
        every = range(int(found["year"].min()), int(found["year"].max()) + 1)
        found = found.set_index("year").reindex(every).rename_axis("year").reset_index()
    for name, base in (("same_year", "handled"), ("year_before", "handled_before")):
        found[name] = found["disputes"] / found[base].where(found[base] > 0)
    return found
