"""Server time of a filter change, page by page, against a bare page with the same finished charts.

A filter change is a rerun under a selection not seen before, so that no cache of the selection
helps; the page itself, its words and the build's dictionary are warm, as in a session under way.
The changes are those of the filter bar: a city (several), a county, a province, a level, a kind,
years, the balanced panel, failing reports left out; on 机构档案 first of all another office.
The bare page is a script that does nothing but show the finished charts of that rerun: as Altair's
chart objects with `st.altair_chart`, and, a floor below that, as text already in Vega-Lite with
`st.vega_lite_chart` (ours are made as such; Altair's objects are checked and copied when shown).
All run in Streamlit's AppTest, which does all of the server's work and none of the browser's.
Coming back is a rerun under a selection seen before: what the caches leave to do.

    python -m benchmarks.pages FOLDER [--rounds 2] [--page docs/benchmarks-pages.md]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import altair as alt
from streamlit import config
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import registry
from dashboard.db import ENVIRONMENT, Database, current_build
from dashboard.filters import Selection
from dashboard.queries import examples, offices
from dashboard.queries.base import EVERYTHING
from dashboard.queries.offices import options

APP = str(Path(dashboard.__file__).parent / "app.py")
TIMEOUT = 120


def _bare() -> None:
    """Charts that are finished objects of Altair's, on a page that does nothing else."""
    import streamlit as st

    for number, chart in enumerate(st.session_state["charts"]):
        st.altair_chart(chart, key=f"chart{number}", theme=None, width="stretch")


def _floor() -> None:
    """The same charts as Vega-Lite, with nothing left to make."""
    import streamlit as st

    for number, spec in enumerate(st.session_state["charts"]):
        st.vega_lite_chart(spec, key=f"chart{number}", theme=None, width="stretch")


def _run(app: AppTest) -> tuple[float, float]:
    cpu, started = time.process_time(), time.perf_counter()
    app.run()
    spent = (time.perf_counter() - started) * 1e3, (time.process_time() - cpu) * 1e3
    if app.exception:
        raise RuntimeError(app.exception[0].value)
    return spent


def specs_of(app: AppTest) -> list[dict[str, Any]]:
    """The finished charts of a page, as the browser gets them."""
    return [json.loads(e.proto.spec) for e in app.get("vega_lite_chart") if e.proto.spec]


def _least(script: Callable[[], None], charts: list[Any]) -> float:
    """Processor time of a rerun of a script that shows the charts, ms; the better of two."""
    app = AppTest.from_function(script, default_timeout=TIMEOUT)
    app.session_state["charts"] = charts
    _run(app)
    return min(_run(app)[1] for _ in range(2))


def _open(page: str, **params: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=TIMEOUT)
    app.query_params.update(params)
    if not registry.BY_KEY[page].default:
        app.switch_page(f"app_pages/{page}.py")
    return app


def measure(folder: Path, rounds: int = 3, *, quick: bool = False) -> dict[str, dict[str, float]]:
    """Per page: p50 and p95 of filter changes, the bare pages, their ratios, kilobytes of charts.

    ``first``: the page's first run of all on this build, caches empty. ``cpu``: processor time of
    a change, ``again`` of coming back to it, ``bare`` of Altair's objects on a bare page, ``floor``
    of finished Vega-Lite on it; ``ratio`` and ``ratio_floor`` of a change to them, ``again_floor``
    of coming back.
    """
    import streamlit as st

    # As the served pages have it (dashboard/.streamlit), which AppTest does not read.
    config.set_option("browser.gatherUsageStats", False)
    os.environ[ENVIRONMENT] = str(folder)
    db = Database(current_build(folder))
    of = examples.sample(db)
    offered = options(EVERYTHING, db)
    places = [p.code for p in offered.places if p.depth == 1]
    # Each in a city of its own, as it comes: offices of all sizes.
    others = [
        found[0].office_id
        for code in places[: rounds * 2]
        if (found := offices.search(EVERYTHING, db, "", Selection(region=code)))
    ]
    db.close()
    county, city, province = of.regions[2], of.regions[1], of.regions[0]
    changes = [{"region": code} for code in (*places[: rounds * 2], city, county, province)]
    changes += [{"level": offered.levels[-1]}, {"kind": offered.kinds[0]}]
    changes += [{"years": f"{of.year - 3}-{of.year}"}, {"balanced": "1"}, {"ok": "1"}]
    found = {}
    for page in registry.BY_KEY:
        params = {"office": of.office.office_id} if page == "profile" else {}
        st.cache_data.clear()
        st.cache_resource.clear()
        app = _open(page, **params)
        first, _ = _run(app)
        walls, cpus, agains, bares, floors, size, charts = [], [], [], [], [], 0, 0
        more = [{"office": other} for other in others] if page == "profile" else []
        for change in [*more, *changes][: 1 if quick else None]:
            wall, cpu = _changed(app, {"lang": "zh", **params, **change})
            walls.append(wall)
            cpus.append(cpu)
            agains.append(_changed(app, {"lang": "zh", **params, **change})[1])
            specs = specs_of(app)
            charts = max(charts, len(specs))
            size = max(size, sum(len(json.dumps(spec)) for spec in specs))
            made = [alt.LayerChart.from_dict(spec, validate=False) for spec in specs]
            bares.append(_least(_bare, made))
            floors.append(_least(_floor, specs))
        found[page] = {
            "p50": _quantile(walls, 0.5), "p95": _quantile(walls, 0.95),
            "cpu": _quantile(cpus, 0.5), "bare": _quantile(bares, 0.5),
            "floor": _quantile(floors, 0.5),
            "first": first, "charts": charts, "kilobytes": size / 1e3,
            "cpu95": _quantile(cpus, 0.95), "again": _quantile(agains, 0.5),
            "ratio": _quantile(cpus, 0.5) / _quantile(bares, 0.5),
            "ratio_floor": _quantile(cpus, 0.5) / _quantile(floors, 0.5),
            "again_floor": _quantile(agains, 0.5) / _quantile(floors, 0.5),
        }  # fmt: skip
    return found


def _changed(app: AppTest, params: dict[str, str]) -> tuple[float, float]:
    app.query_params.clear()
    app.query_params.update(params)
    return _run(app)


#: Columns of the page: heading and figure.
COLUMNS: Final = (
    ("change p50 ms", "p50"), ("change p95 ms", "p95"), ("change cpu ms", "cpu"),
    ("cpu p95 ms", "cpu95"), ("come back cpu ms", "again"), ("bare cpu ms", "bare"),
    ("change ÷ bare", "ratio"), ("Vega-Lite cpu ms", "floor"),
    ("change ÷ Vega-Lite", "ratio_floor"), ("come back ÷ Vega-Lite", "again_floor"),
    ("first ms", "first"), ("charts", "charts"), ("chart kB", "kilobytes"),
)  # fmt: skip


def text_of(found: dict[str, dict[str, float]], reports: int) -> str:
    """The page of a run."""
    head = ["page", *(heading for heading, _ in COLUMNS)]
    lines = [
        "# Server time of the pages",
        "",
        "<!-- Written by `python -m benchmarks.pages FOLDER --page docs/benchmarks-pages.md`; "
        "do not edit. -->",
        "",
        f"{reports:,} reports in the warehouse. {__doc__.split(chr(10) * 2)[1].strip()} The "
        "ratios are of processor time, medians. Aims: change p95 at most 500 ms, change ÷ bare at "
        "most 3. Pages without charts have no bare page to stand beside but an empty one.",
        "",
        f"Machine: {os.cpu_count()} cores; load average at the end {os.getloadavg()[0]:.1f}: "
        "wall times are that much longer than on a machine of one's own where it is above the "
        "number of cores.",
        "",
        "| " + " | ".join(head) + " |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    for page, figures in found.items():
        cells = [_number(figures[name]) for _, name in COLUMNS]
        lines.append("| " + " | ".join([page, *cells]) + " |")
    slow = [page for page, figures in found.items() if figures["p95"] > 500]
    over = [page for page, it in found.items() if it["charts"] and it["ratio"] > 3]
    lines += [
        "",
        f"Over 500 ms at p95: {', '.join(slow) or 'none'}. Over 3 times the bare page: "
        f"{', '.join(over) or 'none'} of those with charts.",
    ]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def main() -> None:
    """Measure one warehouse, print the table, write the page where one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a warehouse (`python -m etl.scale`)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--page", type=Path, help="write the figures as a page")
    given = parser.parse_args()
    db = Database(current_build(given.folder))
    [(reports,)] = db.rows("SELECT count(*) FROM report WHERE is_current")
    db.close()
    text = text_of(measure(given.folder, given.rounds), int(reports))
    if given.page:
        given.page.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _quantile(values: list[float], q: float) -> float:
    from benchmarks.scale import quantile

    return quantile(values, q)


if __name__ == "__main__":
    main()
