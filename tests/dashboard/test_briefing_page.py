"""简报 on the page: pin, order, rename, save, reopen, export, cancel."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.briefing import Briefing, Pin
from dashboard.desk import Desk
from dashboard.i18n import translator

APP = str(Path(dashboard.__file__).parent / "app.py")
OUTCOMES = Pin("overview/outcomes", {"lang": "zh", "build": "demo-1"})
TREND = Pin("overview/trend/disclosure_rate", {"lang": "zh", "build": "demo-1"})


@pytest.fixture
def open_briefing(
    monkeypatch: pytest.MonkeyPatch, warehouses: dict[str, Path], tmp_path: Path
) -> Callable[..., AppTest]:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(warehouses["demo"]))
    monkeypatch.setenv("DISCLOSURE_DESK", str(tmp_path / "desk.sqlite"))

    def run(made: Briefing | None = None, lang: str = "zh") -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params["lang"] = lang
        if made is not None:
            app.session_state["do_briefing"] = made
        app.switch_page("app_pages/briefing.py")
        return checked(app.run())

    return run


def checked(app: AppTest) -> AppTest:
    assert not app.exception, [e.value for e in app.exception]
    return app


def pins(app: AppTest) -> list[str]:
    return [pin.figure for pin in app.session_state["do_briefing"].pins]


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def finished(app: AppTest) -> Any:
    _, job = app.session_state["do_job_briefing"]
    job.wait(60)
    checked(app.run())
    return job


def test_an_empty_briefing_says_how_to_begin(open_briefing: Any) -> None:
    app = open_briefing()
    checked(app.button(key="do_start").click().run())
    assert "overview/outcomes" in pins(app)
    assert len(app.get("vega_lite_chart")) == len(pins(app)) > 4


def test_pins_move_are_renamed_and_removed(open_briefing: Any) -> None:
    app = open_briefing(Briefing(pins=(OUTCOMES, TREND)))
    assert "1. 办理结果构成" in html(app)
    checked(app.button(key="do_tool_down_0").click().run())
    assert pins(app) == [TREND.figure, OUTCOMES.figure]
    checked(app.text_input(key="do_pin_title_0").set_value("自拟<b>标题</b>").run())
    checked(app.text_area(key="do_pin_note_0").set_value("说明").run())
    assert app.session_state["do_briefing"].pins[0].title == "自拟<b>标题</b>"
    assert "1. 自拟&lt;b&gt;" in html(app)
    checked(app.button(key="do_tool_up_1").click().run())
    assert app.text_input(key="do_pin_title_1~1").value == "自拟<b>标题</b>"
    assert app.text_area(key="do_pin_note_1~1").value == "说明"
    checked(app.button(key="do_tool_remove_0").click().run())
    assert pins(app) == [TREND.figure]


def test_it_is_saved_and_opened_again_as_it_was(open_briefing: Any) -> None:
    made = Briefing("周一", (OUTCOMES, TREND), "report", tables=False)
    app = open_briefing(made)
    checked(app.text_input(key="do_save_name").set_value("周一例会").run())
    checked(app.button(key="do_save").click().run())
    assert "周一例会" in app.success[0].value
    assert [s.name for s in Desk().briefings()] == ["周一例会"]
    again = open_briefing()
    checked(again.button(key="do_saved_open").click().run())
    assert again.session_state["do_briefing"] == made
    checked(again.button(key="do_saved_delete").click().run())
    assert Desk().briefings() == []


def test_a_damaged_saved_briefing_is_not_opened(open_briefing: Any) -> None:
    Desk().save_briefing("坏的", '{"pins": 3}')
    app = open_briefing()
    checked(app.button(key="do_saved_open").click().run())
    assert app.error
    assert pins(app) == []


def test_it_says_which_data_it_shows(open_briefing: Any) -> None:
    gone = Pin("overview/outcomes", {"build": "demo-0"})
    app = open_briefing(Briefing(pins=(gone, TREND)))
    assert "demo-0" in app.warning[0].value
    assert "demo-0" in html(app)
    checked(app.segmented_control(key="do_data").set_value("fresh").run())
    assert not app.warning
    assert app.session_state["do_briefing"].fresh
    assert "demo-1" in html(app)


def test_a_file_is_made_with_progress_and_taken_away(open_briefing: Any) -> None:
    app = open_briefing(Briefing("周一", (OUTCOMES, Pin("profile/outcomes"))), lang="en")
    assert app.warning, "a pin with nothing to draw says so"
    checked(app.button(key="do_make").click().run())
    job = finished(app)
    assert job.state == "done"
    assert job.share == 1
    assert job.result.name == "周一_demo-1.pptx"
    titles = [s.shapes.title.text_frame.text for s in Presentation(
        BytesIO(job.result.content)).slides]  # fmt: skip
    assert titles[0] == "周一"
    assert titles[1].startswith("What became of applications")
    assert app.get("download_button")
    assert any("Chart 2" in w.value for w in app.warning)
    outdated = translator("en")("briefing.outdated")
    assert outdated not in [w.value for w in app.warning]
    checked(app.segmented_control(key="do_data").set_value("fresh").run())
    assert outdated in [w.value for w in app.warning]


def test_nothing_to_draw_is_told(open_briefing: Any) -> None:
    app = open_briefing(Briefing("x", (Pin("profile/outcomes"),)))
    checked(app.button(key="do_make").click().run())
    assert finished(app).state == "failed"
    assert app.error
