"""Hints of a first visit: shown once, put away, remembered, brought back; words for a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import registry
from dashboard.components import hints, overview
from dashboard.i18n import catalogue, translator
from dashboard.markup import esc

APP = str(Path(dashboard.__file__).parent / "app.py")


@pytest.fixture
def open_app(
    monkeypatch: pytest.MonkeyPatch, warehouses: dict[str, Path]
) -> Callable[..., AppTest]:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(warehouses["one"]))

    def run(**params: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params.update(params)
        return app.run()

    return run


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_every_page_has_a_hint() -> None:
    assert {f"hint.{page}" for page in registry.BY_KEY} <= set(catalogue())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hint_is_put_away_and_comes_back(open_app: Callable[..., AppTest], lang: str) -> None:
    hint = esc(translator(lang)("hint.overview"))
    app = open_app(lang=lang)
    assert hint in html(app)
    app.button(key="do_hint_close").click().run()
    assert not app.exception
    assert hint not in html(app)
    assert "do_hints=overview; path=/" in html(app), "handed to the browser"
    app.run()
    assert "do_hints=" not in html(app), "once"
    app.button(key="do_hint_again").click().run()
    assert hint in html(app)
    assert "do_hints=; path=/" in html(app)


def test_a_cookie_of_somebody_else_is_read_as_names_of_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Context:
        cookies = {hints.COOKIE: "overview.<script>.compare."}  # noqa: RUF012

    monkeypatch.setattr(hints.st, "context", Context())
    monkeypatch.setattr(hints.st, "session_state", {})
    assert hints.seen() == {"overview", "compare"}


def test_a_fault_is_said_with_a_next_step(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(overview, "coverage", fail)
    app = open_app(lang="zh")
    assert "没有显示完整" in app.error[0].value
    assert "刷新页面" in app.error[0].value
    assert [e.value for e in app.exception] == ["a fault of ours"]
    assert app.query_params["lang"] == "zh"
