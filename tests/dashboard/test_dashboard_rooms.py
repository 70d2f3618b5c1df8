"""The rooms and arrows of the dashboard, read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dashboard
from dashboard import registry
from dashboard.filters import PARAMETERS, Filters, Selection, to_params
from dashboard.i18n import catalogue, named, translator
from etl.errors import REJECTION_CODES

ROOT = Path(dashboard.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
PURE_HTML = {"components/style.py", "components/places.py"}
STREAMLIT = ("app.py", "state.py", "cached.py", "app_pages/", "components/")
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|JOIN|GROUP BY|FROM \w+ WHERE)\b")
CJK = re.compile(r"[\u4e00-\u9fff]")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def strings(path: Path) -> Iterator[str]:
    """String literals that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_follow_the_arrows(path: Path) -> None:
    found = {module.split(".")[0] for module in imports(path)}
    assert "etl" not in found
    if not name(path).startswith(STREAMLIT) or name(path) in PURE_HTML:
        assert "streamlit" not in found
    if name(path) != "db.py":
        assert "duckdb" not in found
    if name(path).startswith("charts/"):
        assert not any("queries" in m or "dashboard.db" in m for m in imports(path))
    if name(path).startswith("app_pages/"):
        assert all(m.startswith("dashboard.components") for m in imports(path))


@pytest.mark.parametrize("path", sorted((ROOT / "app_pages").glob("*.py")), ids=name)
def test_pages_are_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    operators = (ast.BinOp, ast.AugAssign)
    assert not [n for n in ast.walk(ast.parse(text)) if isinstance(n, operators)], "a formula"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_sql_stands_in_queries_only_and_words_in_the_catalogue(path: Path) -> None:
    where = name(path)
    if where.startswith(("app_pages/", "components/", "charts/")) or where in (
        "app.py",
        "present.py",
    ):
        assert not [s for s in strings(path) if SQL.search(s)]
        # Units and punctuation that are keys of the data or of the language, not words.
        allowed = {"件", "zh", "；"}
        spoken = [s for s in strings(path) if CJK.search(s) and s not in allowed]
        assert not [s for s in spoken if not s.startswith("^(（")], spoken


def test_every_script_is_registered_and_every_page_has_words() -> None:
    scripts = {p.stem for p in (ROOT / "app_pages").glob("*.py") if p.stem != "__init__"}
    assert scripts == set(registry.BY_KEY)
    assert len(registry.BY_KEY) == len(registry.PAGES)
    assert sum(spec.default for spec in registry.PAGES) == 1
    for spec in registry.PAGES:
        assert {spec.title_key, spec.question_key} <= set(catalogue())


def test_the_catalogue_has_both_languages_and_the_same_blanks() -> None:
    blanks = re.compile(r"\{(\w+)\}")
    for key, entry in catalogue().items():
        assert entry["zh"], key
        assert entry["en"], key
        assert set(blanks.findall(entry["zh"])) == set(blanks.findall(entry["en"])), key
        if key.split(".")[0] not in ("level", "kind", "app"):
            assert not CJK.search(entry["en"].replace("演示数据", "")), key


@pytest.mark.parametrize("n", [1, "1", 0, "1,001"])
def test_one_is_no_plural(n: object) -> None:
    text = translator("en")("letters.ready", n=n, findings=n)
    one = str(n) == "1"
    assert text == (f"{n} letter made, with {n} finding." if one
                    else f"{n} letters made, with {n} findings.")  # fmt: skip
    said = translator("en")("profile.continuity_ok", n=n)
    assert said == ("The one comparable year agrees." if one
                    else f"All {n} comparable years agree.")  # fmt: skip


def test_every_reason_of_a_rejected_document_has_words() -> None:
    known = {key.rpartition(".")[2] for key in catalogue() if key.startswith("rejected_why.")}
    assert known == set(REJECTION_CODES)


def test_every_key_in_the_source_is_in_the_catalogue_and_the_other_way_round() -> None:
    # Examples name queries (module.function), which look like keys.
    spoken = [path for path in MODULES if name(path) != "queries/examples.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in spoken)
    groups = {key.split(".")[0] for key in catalogue()}
    pattern = rf'"((?:{"|".join(sorted(groups))})\.[a-z_.]+[a-z])"'
    used = set(re.findall(pattern, text.replace("'", '"')))
    assert not {key for key in used if key not in catalogue()}
    prefixes = tuple(re.findall(r'f"([a-z_]+\.[a-z_.]*)\{', text))
    by_value = ("level.", "kind.", "unit.", "scope.", "rule_level.", "outcome.", "superseded.",
                "page.", "error.", "empty.", "comparable.", "evidence.",
                "file_format.", "basis.remark.", "rejected_why.", "rejected_said.",
                "rejected_thing.", "unit_of.")  # fmt: skip
    unused = [
        key for key in catalogue() if key not in used and not key.startswith((*prefixes, *by_value))
    ]
    assert not unused


def test_an_unknown_value_of_the_data_shows_as_it_is() -> None:
    assert named("zh", "kind", "新类型") == "新类型"
    assert named("en", "level", None) == translator("en")("level.none")


def test_no_field_of_a_view_is_forgotten_in_the_url() -> None:
    filled = Filters(
        selection=Selection("r", (2019, 2020), ("l",), ("k",), True, True, "region"),
        families=(("f", "m"),), lang="en", build="b", office="o", offices=("p",), report="t",
        cell="c", metric="m", year="2020", why="w", query="q", tab="x",
        finding="f", status="open", severity="error", find="w", mark="w",
        shown=("s",),
    )  # fmt: skip
    assert set(to_params(filled)) == set(PARAMETERS)


def test_no_address_but_our_own() -> None:
    """Nothing is fetched from outside: no script, style, font or image address in the source."""
    for path in [*MODULES, ROOT / ".streamlit" / "config.toml"]:
        found = re.findall(r"https?://[\w./-]+", path.read_text(encoding="utf-8"))
        assert not found, (path, found)
