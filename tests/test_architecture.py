"""The arrows between the rooms: who may import whom (architecture.md), by walking the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ETL = sorted((ROOT / "etl").rglob("*.py"))
DASHBOARD = sorted((ROOT / "dashboard").rglob("*.py"))

#: room → rooms of etl it may import. Shared shapes (document, errors, report, paths) are free.
SHARED = {"document", "errors", "report", "paths"}
ALLOWED = {
    "form": set(),
    "read": set(),
    "offices": set(),
    "recognise": {"form", "offices"},
    "extract": {"form", "recognise"},
    "check": {"form"},
    "pipeline": {"form", "read", "recognise", "extract", "offices", "check"},
    "warehouse": {"form", "offices", "pipeline", "executors", "check"},
    "demo": {"form", "offices"},
    "executors": set(),
    # Measuring only: invented rows from the demo's habits into the warehouse's tables.
    "scale": {"form", "demo", "warehouse"},
}
#: Libraries of a file format: only the readers (and the demo, which writes such files) know them.
FORMATS = {"selectolax", "lxml", "pypdfium2", "docx", "python_calamine", "olefile"}
STREAMLIT_ROOMS = {"app", "app_pages", "components", "state", "cached"}


def imports(path: Path) -> set[str]:
    """Dotted names a module imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path, house: str) -> str:
    """The room a file lies in: its folder below the house, or its own name."""
    inner = path.relative_to(ROOT / house)
    return inner.parts[0].removesuffix(".py")


def tops(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", ETL, ids=lambda p: str(p.relative_to(ROOT)))
def test_etl_arrows(path: Path) -> None:
    names = imports(path)
    assert not tops(names) & {"streamlit", "dashboard", "altair"}
    here = room(path, "etl")
    if here in ALLOWED:
        rooms = {n.split(".")[1] for n in names if n.startswith("etl.") and n.count(".")}
        rooms -= {"__version__"}
        assert rooms - SHARED - {here} <= ALLOWED[here]
    if here != "read":
        assert not tops(names) & FORMATS
    if here not in {"warehouse", "cli"}:
        assert "duckdb" not in tops(names)


@pytest.mark.parametrize("path", DASHBOARD, ids=lambda p: str(p.relative_to(ROOT)))
def test_dashboard_arrows(path: Path) -> None:
    names = imports(path)
    here = room(path, "dashboard")
    assert "etl" not in tops(names)
    if here not in STREAMLIT_ROOMS:
        assert "streamlit" not in tops(names)
    if here not in {"db", "queries"}:
        assert "duckdb" not in tops(names)
    if here == "charts":
        assert not any(n.startswith(("dashboard.queries", "dashboard.db")) for n in names)


def test_every_room_is_watched() -> None:
    rooms = {room(p, "etl") for p in ETL if p.parent != ROOT / "etl"}
    assert rooms <= set(ALLOWED)


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard" / "app_pages").glob("*.py")), ids=str)
def test_pages_are_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = [line for line in text.splitlines() if line.strip()]
    assert len(code) <= 80
    assert "SELECT" not in text
