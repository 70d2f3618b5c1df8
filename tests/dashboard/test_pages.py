"""Every page × language × warehouse, as a reader meets it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import fixture_warehouse as fixture
import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from benchmarks.pages import specs_of
from dashboard import registry, state
from dashboard.i18n import translator

APP = str(Path(dashboard.__file__).parent / "app.py")
OFFICE, REPORT = "o-990100b", "r-o-990100b-2023"
TABS = ("", "history", "results", "checks", "document")
Open = Callable[..., AppTest]


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch, warehouses: dict[str, Path]) -> Open:
    def run(page: str = "overview", warehouse: str | Path = "demo", **params: str) -> AppTest:
        folder = warehouses.get(str(warehouse), Path(warehouse))
        monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(folder))
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params.update(params)
        if not registry.BY_KEY[page].default:
            app.switch_page(f"app_pages/{page}.py")
        app.run()
        assert not app.exception, [e.value for e in app.exception]
        return app

    return run


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize(
    ("warehouse", "lang"),
    [("demo", "zh"), ("demo", "en"), ("one", "zh"), ("empty", "zh"),
     pytest.param("one", "en", marks=pytest.mark.long),
     pytest.param("empty", "en", marks=pytest.mark.long)],
)  # fmt: skip
@pytest.mark.parametrize("page", registry.BY_KEY)
def test_every_page_opens(open_app: Open, page: str, warehouse: str, lang: str) -> None:
    app = open_app(page, warehouse, lang=lang)
    t = translator(lang)
    assert app.title[0].value == t(registry.BY_KEY[page].title_key)
    assert t(registry.BY_KEY[page].question_key) in html(app).replace("&#x27;", "'")
    assert ("演示数据" in html(app)) == (warehouse != "empty")
    if warehouse == "empty":
        own = {"check": "check.start", "briefing": "briefing.empty"}
        empty = own.get(page, "empty.no_reports.what")
        if page == "method":  # definitions need no reports
            assert not app.info
            noted = {"zh": "（予以公开＋部分公开）÷", "en": "(Granted + in part) / handled"}
            assert noted[lang] in html(app)
        else:
            assert t(empty) in app.info[0].value
    assert app.query_params["lang"] == lang


@pytest.mark.parametrize(("warehouse", "lang"), [("demo", "zh"), ("demo", "en"), ("one", "zh")])
@pytest.mark.parametrize("tab", TABS)
def test_every_part_of_the_profile_opens(
    open_app: Open, warehouse: str, tab: str, lang: str
) -> None:
    app = open_app("profile", warehouse, lang=lang, office=OFFICE, tab=tab)
    assert app.subheader[0].value == "云屏市自然资源和规划局"
    assert not app.error


def test_the_overview_says_n_of_n_and_names_what_needs_attention(open_app: Open) -> None:
    text = html(open_app())
    assert "应有 24 家机关公布年报，已收到 23 家（95.8%），尚缺 1 家" in text
    assert "听澜县月桥镇人民政府" in text
    found = [r for r in fixture.reports(fixture.offices()) if r.year == 2025 and r.failed]
    assert f"{len(found)} 份报告未通过错误级核验" in text


@pytest.mark.parametrize("page", ["overview", "disputes", "proactive", "requests", "compare"])
def test_a_newest_year_without_figures_is_passed_over_and_said(
    open_app: Open, warehouses: dict[str, Path], tmp_path: Path, page: str
) -> None:
    """As where the first reports of a year are those of whole regions."""
    build = Path(shutil.copy(warehouses["demo"] / "demo-1.duckdb", tmp_path / "x.duckdb"))
    with duckdb.connect(str(build)) as con:
        for table in ("mart_region", "mart_panel", "wide_report"):
            con.execute(f"UPDATE {table} SET scope = 'region' WHERE year = 2025")
    pointer = {"build": "x", "file": build.name, "size": build.stat().st_size}
    (tmp_path / "current.json").write_text(json.dumps(pointer))
    app = open_app(page, tmp_path)
    if page == "compare":
        assert app.selectbox(key="do_cmp_year").value == 2024
        assert not app.info
        return
    assert "2025年没有可以汇总的报告，以下各项为2024年。" in html(app)
    assert "2025年没有可汇总的指标" not in html(app)


def test_the_same_number_stands_on_both_pages(open_app: Open) -> None:
    text = html(open_app(warehouse="one"))
    profile = html(open_app("profile", "one", office=OFFICE))
    report = next(r for r in fixture.reports(fixture.offices()[3:4]) if r.year == 2025)
    num, den = fixture.metric("disclosure_rate", report.cells)
    shown = f"{num:,} / {den:,}"
    assert shown in text
    assert shown in profile


def test_a_cell_of_the_document_is_marked_and_explained(open_app: Open) -> None:
    app = open_app("profile", office=OFFICE, tab="document", report=REPORT, cell="t3.granted.total")
    text = html(app)
    assert text.count('aria-current="true"') == 1
    assert "第2张表" in text
    assert "<script>" not in text.replace(scripts(app, "do_document")[0], "")
    assert "项目 &lt;b&gt;&amp;&lt;/b&gt;" in html(
        open_app("profile", office=OFFICE, tab="document", report=REPORT)
    )


def test_a_filter_reaches_the_url_and_the_numbers(open_app: Open) -> None:
    app = open_app()
    app.selectbox(key="do_region").set_value("990100").run()
    assert app.query_params["region"] == "990100"
    assert app.query_params["build"] == "demo-1"
    assert "应有 11 家机关" in html(app)
    app.toggle(key="do_ok_only").set_value(True).run()
    assert app.query_params["ok"] == "1"
    app.button(key="do_reset").click().run()
    assert "region" not in app.query_params
    assert "ok" not in app.query_params


def test_a_shared_link_opens_the_same_picture(open_app: Open) -> None:
    link = {"region": "990200", "years": "2020-2024", "kind": "部门", "lang": "en", "balanced": "1"}
    first = open_app(**link)
    again = open_app(**dict(first.query_params))
    assert html(first) == html(again)
    assert "2024" in html(first)
    assert "2025 against" not in html(first)


def test_a_click_holds_though_the_browser_has_an_older_address(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request between a rerun's end and the browser's news of it carries the address before."""
    app = open_app(lang="zh", years="2020-2024")
    written = dict(app.query_params)
    app.query_params.clear()
    app.query_params.update(lang="zh", years="2020-2024")
    assert written != dict(app.query_params)
    app.selectbox(key="do_region").set_value("990100").run()
    assert app.query_params["region"] == "990100"
    assert "应有 11 家机关" in html(app)

    def asks(page: str = "overview", **params: str) -> None:
        app.query_params.clear()
        app.query_params.update(params)
        app.switch_page(f"app_pages/{page}.py").run()

    # Without a click, too: a chart drawn anew, a table opened.
    asks(**written)
    assert app.query_params["region"] == "990100"
    # A link of the side bar from before the choice leads to the rows chosen since.
    asks("quality", **written)
    assert app.query_params["region"] == "990100"
    # The Back button reaches the same address, and holds.
    monkeypatch.setattr(state, "_by_history", lambda: True)
    asks(**written)
    assert "region" not in app.query_params
    assert "应有 24 家机关" in html(app)


def test_a_click_holds_though_the_browser_has_older_widgets(open_app: Open) -> None:
    """Every request carries all widgets' values: what the reader did not touch is not chosen."""
    app = open_app("quality", region="990100", metric="T3-SUM")
    screen = app._tree.get_widget_states()
    [status] = [w for w in screen.widgets if w.id.endswith("do_status")]
    todo = next(
        option.content
        for control in app.get("button_group")
        for option in control.proto.options
        if control.proto.id == status.id and option.content.startswith("待复核")
    )
    app.button(key="do_reset").click().run()
    assert not {"region", "metric"} & set(app.query_params)
    assert todo not in [o.content for c in app.get("button_group") for o in c.proto.options]
    status.string_array_value.data[:] = [todo]
    app._run(screen)
    assert app.query_params["status"] == "todo"
    assert not {"region", "metric"} & set(app.query_params)
    assert app.selectbox(key="do_region~1").value == ""


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"region": "123456"}, "123456"), ({"year": "1999"}, "1999年"), ({"kind": "虚构"}, "虚构"),
     ({"region": "990100", "year": "2024"}, "")],
)  # fmt: skip
def test_a_part_of_a_link_that_is_not_in_the_data_is_named(
    open_app: Open, asked: dict[str, str], named: str
) -> None:
    app = open_app("compare", **asked)
    said = [w.value for w in app.warning]
    assert [named in text for text in said] == ([True] if named else [])
    assert all("筛选栏" in text for text in said)


def test_the_benchmark_hands_the_bare_page_the_charts_of_the_page(open_app: Open) -> None:
    found = specs_of(open_app())
    assert len(found) >= 5
    assert all("layer" in spec or "mark" in spec for spec in found)


def test_the_language_changes_in_place(open_app: Open) -> None:
    app = open_app(region="990100")
    app.segmented_control(key="do_lang").set_value("en").run()
    assert not app.exception
    assert app.title[0].value == "Overview"
    assert app.query_params["region"] == "990100"


def test_another_definition_changes_the_figure_and_its_name(open_app: Open) -> None:
    app = open_app()
    app.radio(key="do_def_disclosure").set_value("disclosure_rate_substantive").run()
    assert app.query_params["def"] == "disclosure:disclosure_rate_substantive"
    assert "实体公开率" in html(app)


def test_a_link_of_an_older_build_shows_it_and_says_so(open_app: Open, tmp_path: Path) -> None:
    fixture.build(tmp_path, "old", "one")
    fixture.build(tmp_path, "new", "demo")
    app = open_app(warehouse=tmp_path, build="old")
    assert "应有 1 家机关" in html(app)
    assert "new" in app.info[0].value
    app.button(key="do_newest").click().run()
    assert "应有 24 家机关" in html(app)
    assert app.query_params["build"] == "new"
    gone = open_app(warehouse=tmp_path, build="lost")
    assert "lost" in gone.info[0].value
    assert "应有 24 家机关" in html(gone)


def test_without_a_warehouse_the_page_says_what_to_do(open_app: Open, tmp_path: Path) -> None:
    app = open_app(warehouse=tmp_path / "none")
    assert "disclosure load" in app.error[0].value
    (tmp_path / "current.json").write_text("{")
    assert "记录现行数据的文件" in open_app(warehouse=tmp_path).error[0].value


@pytest.mark.parametrize(
    "params",
    [{"region": "nowhere"}, {"years": "1990-1991"}, {"scope": "region"}, {"kind": "没有"},
     {"metric": "nothing", "year": "2024"}, {"why": "nothing"}, {"def": "disclosure:nothing"},
     {"years": "2025-2025"}, {"years": "2019-2019"}, {"level": "乡", "region": "990202"}],
)  # fmt: skip
@pytest.mark.parametrize(
    "page", ["overview", *(pytest.param(p, marks=pytest.mark.long) for p in ("profile", "quality"))]
)
def test_odd_links_get_words_never_a_traceback(
    open_app: Open, page: str, params: dict[str, str]
) -> None:
    open_app(page, **params)


@pytest.mark.parametrize(
    "params",
    [{"office": "nobody"}, {"q": "不存在"}, {"q": "枕溪"}, {"tab": "nothing"},
     {"office": OFFICE, "report": "r-x", "cell": "t9.x.y", "tab": "document"},
     {"office": OFFICE, "report": REPORT, "cell": "t3.other.total", "tab": "document"}],
)  # fmt: skip
def test_odd_links_to_a_profile(open_app: Open, params: dict[str, str]) -> None:
    open_app("profile", **params)


def test_the_table_twin_opens_and_the_download_is_there(open_app: Open) -> None:
    app = open_app()
    app.toggle(key="do_table_overview_trend_disclosure_rate").set_value(True).run()
    assert not app.exception
    assert 'class="do-table"' in html(app)
    # A menu a chart; what it offers is not even made before the menu is opened.
    charts = app.get("vega_lite_chart")
    assert charts
    menus = [b for b in app.button if str(b.key).startswith("do_take_")]
    assert len(menus) == len(charts)
    assert not app.get("download_button")


POINT = {"metric": "applications_new", "year": "2024"}


def scripts(app: AppTest, key: str) -> list[str]:
    return [
        e.proto.body
        for e in app.get("html")
        if f".st-key-{key}" in e.proto.body and "<script>" in e.proto.body
    ]


@pytest.mark.parametrize(
    ("page", "key", "params"),
    [
        ("overview", "do_behind", POINT),
        ("overview", "do_effect", {"tab": "rate"}),
        ("quality", "do_findings", {"metric": "T3-SUM", "year": "2024"}),
        ("profile", "do_document",
         {"office": "o-990100b", "tab": "document", "report": "r-o-990100b-2023",
          "cell": "t3.granted.total"}),
    ],
)  # fmt: skip
def test_what_was_opened_is_scrolled_to_once(
    open_app: Open,
    page: str,
    key: str,
    params: dict[str, str],
) -> None:
    app = open_app(page, **params)
    [first] = scripts(app, key)
    app.run()
    assert not scripts(app, key), "a rerun for another reason must not move the page"
    app.query_params.clear()
    app.query_params.update({"lang": "zh", **({"office": "o-990100b", "tab": "document"}
                                              if page == "profile" else {})})  # fmt: skip
    app.run()
    assert not scripts(app, key)
    app.query_params.update(params)
    app.run()
    [again] = scripts(app, key)
    assert again != first, "a script of the same words is not run again"
