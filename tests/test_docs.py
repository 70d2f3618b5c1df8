"""Pages and words that must say what is true now."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from etl import docs
from etl.cli import cli
from etl.form import load_form
from etl.form.rules import load_rules

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("page", [*docs.PAGES, *docs.ELSEWHERE])
def test_generated_page_is_current(page: str) -> None:
    path = docs.place_of(page)
    assert path.read_text(encoding="utf-8") == docs.text_of(page), "run: python -m etl.docs"


def test_pages_hold_every_definition() -> None:
    assert all(
        f"`{key}`" in docs.text_of("form.md") for key in load_form().cells if "other." not in key
    )
    assert all(f"`{key}`" in docs.text_of("metrics.md") for key in load_form().metrics)
    assert all(f"`{rule.id}`" in docs.text_of("rules.md") for rule in load_rules().rules)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_and_option_has_help(name: str) -> None:
    command = cli.commands[name]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


def test_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"disclosure {name}" in readme for name in cli.commands)


def test_readme_session_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    session = re.search(r"```\n\$ .venv/bin/disclosure (.*)\n((?:.*\n)*?)```", readme)
    assert session
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(cli, session[1].split(), standalone_mode=False)
    assert result.output.strip() == session[2].strip()


def test_no_machine_path_or_index_address_is_committed() -> None:
    homes = "|".join(("root", "work"))
    pattern = re.compile(rf"--(?:extra-)?index[-]url|(?<![A-Za-z])/(?:{homes})/")
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if parts[0] in {".git", ".venv", "data"} or path.suffix not in {
            ".py",
            ".md",
            ".toml",
            ".lock",
            ".yml",
        }:
            continue
        if path == Path(__file__):
            continue
        assert not pattern.search(path.read_text(encoding="utf-8")), path
