"""Server time of a filter change, page by page, against a bare page with the same finished charts.

A filter change is a rerun under a selection not seen before, so that no cache of the selection
helps; the page itself, its words and the build's dictionary are warm, as in a session under way.
The bare page is a script that only hands the very chart specifications of that rerun to Streamlit.
Both run in Streamlit's AppTest, which does all of the server's work and none of the browser's.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import registry
from dashboard.db import ENVIRONMENT, Database, current_build
from dashboard.queries import examples
from dashboard.queries.base import EVERYTHING
from dashboard.queries.offices import options

APP = str(Path(dashboard.__file__).parent / "app.py")
TIMEOUT = 120


def _bare() -> None:
    """The floor: charts that are finished, on a page that does nothing else."""
    import streamlit as st

    for number, spec in enumerate(st.session_state["specs"]):
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


def _open(page: str, **params: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=TIMEOUT)
    app.query_params.update(params)
    if not registry.BY_KEY[page].default:
        app.switch_page(f"app_pages/{page}.py")
    return app


def measure(folder: Path, rounds: int = 3, *, quick: bool = False) -> dict[str, dict[str, float]]:
    """Per page: p50 and p95 of filter changes, the bare page, their ratio, kilobytes of charts.

    ``first``: the page's first run of all on this build, caches empty.
    """
    import streamlit as st

    os.environ[ENVIRONMENT] = str(folder)
    db = Database(current_build(folder))
    of = examples.sample(db)
    places = [p.code for p in options(EVERYTHING, db).places if p.depth == 1]
    db.close()
    regions = [*places[: rounds * 2], of.regions[1]]
    found = {}
    for page in registry.BY_KEY:
        params = {"office": of.office.office_id} if page == "profile" else {}
        st.cache_data.clear()
        st.cache_resource.clear()
        app = _open(page, **params)
        first, _ = _run(app)
        walls, cpus, size, charts = [], [], 0, 0
        bare_walls: list[float] = []
        changes: list[dict[str, str]] = [{"region": code} for code in regions]
        changes += [{"ok": "1"}, {"balanced": "1"}, {"years": f"{of.year - 3}-{of.year}"}]
        for change in changes[: 1 if quick else None]:
            app.query_params.clear()
            app.query_params.update({"lang": "zh", **params, **change})
            wall, cpu = _run(app)
            walls.append(wall)
            cpus.append(cpu)
            specs = specs_of(app)
            charts = max(charts, len(specs))
            size = max(size, sum(len(json.dumps(spec)) for spec in specs))
            bare = AppTest.from_function(_bare, default_timeout=TIMEOUT)
            bare.session_state["specs"] = specs
            _run(bare)
            bare_walls.append(min(_run(bare)[0] for _ in range(2)))
        found[page] = {
            "p50": _quantile(walls, 0.5), "p95": _quantile(walls, 0.95),
            "cpu": _quantile(cpus, 0.5), "bare": _quantile(bare_walls, 0.5),
            "ratio": _quantile(walls, 0.5) / max(_quantile(bare_walls, 0.5), 1e-9),
            "first": first, "charts": charts, "kilobytes": size / 1e3,
        }  # fmt: skip
    return found


def _quantile(values: list[float], q: float) -> float:
    from benchmarks.scale import quantile

    return quantile(values, q)
