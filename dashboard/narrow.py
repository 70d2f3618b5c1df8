"""Only the columns a query asks of ``mart_report``, and a stand-in for ``mart_panel``. Pure.

``mart_report`` is a view with some 190 measures over the cells. DuckDB binds all columns of a view
whenever it is named, used or not, which takes longer than most questions
(benchmarks/bench_narrow.py). The warehouse says how each measure is made (``meta_measure``), so the
view's name is replaced by its own query with the measures that the question names.

``mart_panel`` adds the same measures up by the years offices have reports of. A build made before
there was such a table answers with one row a report instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

VIEW: Final = "mart_report"
#: The table whose cells it shows.
WIDE: Final = "wide_report"
_VIEW: Final = re.compile(rf"\b{VIEW}\b")
#: Sums for balanced panels.
PANEL: Final = "mart_panel"
_PANEL: Final = re.compile(rf"\b{PANEL}\b")
#: How many reports of a sum have a metric; a report has it or not.
_COUNTED: Final = re.compile(r"\bm_(\w+)_n\b")
_NAMES: Final = re.compile(r"\b[mq]_\w+")


class Narrow:
    """Rewrites questions. ``measures``: name → expression; ``plain``: the view's other columns.

    Without measures (an older build) nothing is rewritten. ``panel``: the build has the sums.
    """

    def __init__(
        self, measures: Mapping[str, str], plain: Iterable[str], *, panel: bool = True
    ) -> None:
        self._measures = dict(measures)
        self._plain = tuple(plain)
        self._panel = panel
        self.of = lru_cache(maxsize=512)(self._of)

    def _of(self, sql: str) -> str:
        if not self._panel:
            sql = _PANEL.sub(lambda _: _unpooled(sql), sql)
        if not self._measures or not _VIEW.search(sql):
            return sql
        return _VIEW.sub(lambda _: self._query(self._named(sql)), sql)

    def _named(self, sql: str) -> set[str]:
        return {name for name in _NAMES.findall(sql) if name in self._measures}

    def _query(self, wanted: set[str]) -> str:
        """The view with some of its measures: metrics over quantities over cells."""
        metrics = {name for name in wanted if name.startswith("m_")}
        parts = (self._named(self._measures[name]) for name in metrics)
        quantities = (wanted - metrics).union(*parts)
        inner = [f'c."{name}"' for name in self._plain]
        inner += [self._spelt(name) for name in sorted(quantities)]
        outer = ["*", *(self._spelt(name) for name in sorted(metrics))]
        cells = f"SELECT {', '.join(inner)} FROM {WIDE} c WHERE c.is_current"
        return f"(SELECT {', '.join(outer)} FROM ({cells}))"

    def _spelt(self, name: str) -> str:
        return f'{self._measures[name]} AS "{name}"'


def _unpooled(sql: str) -> str:
    """One row a report in the shape of its sums, with the counts that a question names."""
    counts = sorted(set(_COUNTED.findall(sql)))
    having = (f', ("m_{key}_num" IS NOT NULL)::BIGINT AS "m_{key}_n"' for key in counts)
    return f"(SELECT *, 1 AS n_reports{''.join(having)} FROM {VIEW})"
