"""Briefings as data, their products, the commands that write them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

from dashboard import briefing, cli, figures
from dashboard.briefing import Briefing, BriefingError, Pin
from dashboard.drawing import DrawingError
from dashboard.export import data, packs, picture
from dashboard.export.base import MAX_CHARTS, item_of
from dashboard.i18n import translator
from dashboard.open import Opener

PINS = (
    Pin("overview/outcomes", {"lang": "zh"}, note="作者的说明"),
    Pin("overview/trend/disclosure_rate", {"lang": "zh", "build": "demo-1"}, title="自拟标题"),
)


@pytest.fixture
def opener(warehouse: Path) -> Any:
    found = Opener(warehouse)
    yield found
    found.access.close()  # type: ignore[attr-defined]


# ---------------------------------------------------------------- data


@given(st.lists(st.tuples(st.sampled_from(["a/b", "profile/trend/x"]), st.text(max_size=30)),
                max_size=8), st.text(max_size=30), st.booleans())  # fmt: skip
def test_a_briefing_survives_being_kept(pins: Any, title: str, fresh: bool) -> None:
    made = Briefing(title, tuple(Pin(f, {"years": "2020-2021"}, n, n) for f, n in pins),
                    "report", fresh)  # fmt: skip
    assert briefing.loads(briefing.dumps(made)) == made


def test_pins_are_ordered_renamed_and_not_doubled() -> None:
    one, two = PINS
    both = briefing.add(briefing.add(Briefing(), one), two)
    assert briefing.add(both, one) == both
    assert briefing.move(both, 1, -1).pins == (two, one)
    assert briefing.move(both, 0, -1) == both
    assert briefing.remove(both, 0).pins == (two,)
    changed = briefing.change(both, 0, title="新" * 500, note="注")
    assert changed.pins[0].title == "新" * briefing.TITLE_LENGTH
    full = replace(both, pins=tuple(Pin(f"a/b/{n}") for n in range(MAX_CHARTS)))
    assert briefing.add(full, one) == full


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ([], "mapping"),
        ({"pinz": []}, "pinz"),
        ({"pins": "overview/outcomes"}, "list"),
        ({"pins": ["../../etc"]}, "name"),
        ({"pins": [{"figure": "a/b", "colour": 1}]}, "pins[1]"),
        ({"pins": [{"figure": "a/b", "filters": "yeers=1"}]}, "yeers"),
        ({"pins": ["a/b"], "template": "poster"}, "poster"),
        ({"pins": ["a/b"], "lang": "fr"}, "fr"),
        ({"pins": ["a/b"] * (MAX_CHARTS + 1)}, str(MAX_CHARTS)),
    ],
)
def test_a_wrong_specification_is_told_where(spec: Any, said: str) -> None:
    with pytest.raises(BriefingError) as caught:
        briefing.from_mapping(spec)
    assert said in str(caught.value)


def test_shared_filters_are_overridden_by_a_pins_own() -> None:
    made = briefing.from_mapping(
        {"filters": {"years": "2019-2020", "region": 990100}, "lang": "en",
         "charts": ["a/b", {"figure": "a/c", "filters": "years=2021-2022"}]}
    )  # fmt: skip
    assert made.pins[0].params == {"years": "2019-2020", "region": "990100", "lang": "en"}
    assert made.pins[1].params["years"] == "2021-2022"


def test_a_build_that_is_gone_is_named_and_replaced(opener: Any) -> None:
    gone = replace(PINS[1], params={"build": "demo-0"})
    items, troubles = briefing.build(Briefing(pins=(PINS[0], gone)), opener)
    assert [t.reason for t in troubles] == ["build_gone"]
    assert len(items) == 2
    assert items[1].view.build.id == "demo-1"
    made = briefing.pack_of(Briefing(pins=(gone,)), items, troubles)
    assert any("demo-0" in line for line in made.lines)
    fresh = briefing.refreshed(Briefing(pins=(gone,)))
    items, troubles = briefing.build(fresh, opener)
    assert not troubles
    assert "已更新到最新" in "".join(briefing.pack_of(fresh, items, troubles).lines)


def test_pins_without_a_figure_are_left_out_and_said(opener: Any) -> None:
    odd = (Pin("overview/no_such"), Pin("overview/trend/no_such"), Pin("profile/outcomes"),
           Pin("overview/outcomes", {"region": "nowhere"}), PINS[0])  # fmt: skip
    items, troubles = briefing.build(Briefing(pins=odd), opener)
    assert [i.figure.name for i in items] == ["overview/outcomes"]
    assert [(t.number, t.reason) for t in troubles] == [
        (1, "unknown"), (2, "unknown"), (3, "no_office"), (4, "not_here"),
    ]  # fmt: skip
    said = [briefing.trouble_words(t, translator("zh")) for t in troubles]
    assert "overview/no_such" in said[0]
    assert "overview/trend/disclosure_rate" in said[1]
    assert "机构档案：办理结果构成" in said[2]
    assert "总览：办理结果构成" in said[3]
    assert "nowhere" in said[3]
    for lang in ("zh", "en"):
        assert all(briefing.trouble_words(t, translator(lang)) for t in troubles)


def test_every_chart_has_a_name_without_its_data(opener: Any) -> None:
    view = opener.view("overview", {"lang": "en"})
    for name, spec in figures.FIGURES().items():
        metric = next(iter(view.meta.metrics))
        said = briefing.name_of(f"{name}/{metric}", view)
        assert said.startswith(f"{view.t(f'page.{spec.page}.title')}: ")
        assert "/" not in said


def test_a_pin_of_a_view_opens_the_same_view(opener: Any) -> None:
    view = opener.view("overview", {"years": "2021-2023", "ok": "1", "lang": "en"})
    item = item_of("overview/outcomes", view)
    assert item is not None
    pin = briefing.pin_of(view, item.figure)
    ((again,), troubles) = briefing.build(Briefing(pins=(pin,)), opener)
    assert not troubles
    assert again.view.in_words == view.in_words
    assert again.figure.twin.frame.equals(item.figure.twin.frame)


# ---------------------------------------------------------------- products


@pytest.fixture(scope="module")
def pack(warehouse: Path) -> packs.Pack:
    made = Briefing("周一简报", PINS, "report")
    items, troubles = briefing.build(made, Opener(warehouse))
    return briefing.pack_of(made, items, troubles)


@pytest.fixture(scope="module")
def products(pack: packs.Pack) -> dict[str, tuple[bytes, list[tuple[int, int]]]]:
    """Every product of the briefing with the steps it told."""
    out = {}
    for key in packs.BY_KEY:
        seen: list[tuple[int, int]] = []
        made = packs.make(key, pack, lambda done, total, seen=seen: seen.append((done, total)))  # type: ignore[misc]
        out[key] = (made, seen)
    return out


@pytest.mark.parametrize("product", packs.PRODUCTS, ids=lambda p: p.key)
def test_every_product_is_made_named_and_counts(
    product: Any, pack: packs.Pack, products: Any
) -> None:
    content, seen = products[product.key]
    assert content[:4] in (b"PK\x03\x04", b"%PDF")
    assert product.name(pack) == f"周一简报_demo-1.{product.ending}"
    assert seen[0] == (0, 2)
    assert seen == sorted(seen)


@pytest.mark.parametrize("product", packs.PRODUCTS, ids=lambda p: p.key)
def test_every_product_stops_when_told(product: Any, pack: packs.Pack) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done:
            raise Stopped

    with pytest.raises(Stopped):
        packs.make(product.key, pack, stop)


def test_the_workbook_has_a_sheet_a_chart_definitions_and_sources(products: Any) -> None:
    book = openpyxl.load_workbook(BytesIO(products["xlsx"][0]))
    assert book.sheetnames[-2:] == ["指标口径", "数据来源"]
    assert len(book.sheetnames) == 4
    assert [len(sheet._charts) for sheet in book.worksheets] == [1, 1, 0, 0]
    assert book.worksheets[1]["A1"].value == "自拟标题"


def test_the_zip_holds_pictures_values_and_a_list(pack: packs.Pack, products: Any) -> None:
    with zipfile.ZipFile(BytesIO(products["zip"][0])) as packed:
        names = packed.namelist()
        assert names[0] == "目录.csv"
        assert sorted(name.rsplit(".", 1)[1] for name in names[1:]) == sorted(
            ["png", "svg", "csv", "csv", "json"] * 2
        )
        assert not [n for n in names if "/" in n or "\\" in n or ".." in n]
        listed = list(csv.reader(StringIO(packed.read(names[0]).decode("utf-8-sig"))))
        assert [row[1] for row in listed[1:3]] == [i.heading for i in pack.items]
        values = next(n for n in names if n.startswith("02") and n.endswith("_原始值.csv"))
        rows = list(csv.DictReader(StringIO(packed.read(values).decode("utf-8-sig"))))
    wanted = data.raw(pack.items[1])
    assert [float(r["value"]) for r in rows] == pytest.approx(list(wanted["value"]))


def test_the_pdf_follows_the_template(pack: packs.Pack, products: Any) -> None:
    assert pack.report
    deck = packs.make("pdf", replace(pack, report=False))
    for content, wide in ((products["pdf"][0], False), (deck, True)):
        found = pypdfium2.PdfDocument(content)
        width, height = found[0].get_size()
        assert (width > height) == wide
        text = "".join(p.get_textpage().get_text_range() for p in found)
        for words in ("周一简报", "自拟标题", "作者的说明", "演示数据"):
            assert words in text.replace("\r\n", "")


def test_without_tables_there_are_fewer_pages(pack: packs.Pack, products: Any) -> None:
    without = packs.make("pptx", replace(pack, tables=False))
    slides = [len(Presentation(BytesIO(p)).slides) for p in (products["pptx"][0], without)]
    assert slides[0] == slides[1] + 2


# ---------------------------------------------------------------- commands


def run(command: str, monkeypatch: Any, warehouse: Path, **options: Any) -> int:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(warehouse))
    return cli.main([command, json.dumps(options)])


NAME = "overview/trend/disclosure_rate"


@pytest.mark.parametrize("ending", cli.CHART_ENDINGS)
def test_a_chart_in_every_format(
    ending: str, tmp_path: Path, warehouse: Path, monkeypatch: Any
) -> None:
    out = tmp_path / f"图.{ending}"
    code = run("chart", monkeypatch, warehouse, figure=NAME, out=str(out),
               filters="years=2020-2022&build=demo-1")  # fmt: skip
    assert code == 0
    assert out.stat().st_size > 100
    if ending == "csv":
        rows = list(csv.DictReader(StringIO(out.read_text(encoding="utf-8-sig"))))
        assert [r["year"] for r in rows] == ["2020", "2021", "2022"]
        notes = json.loads((tmp_path / "图.csv.json").read_text(encoding="utf-8"))
        assert notes["build"] == "demo-1"
    assert not list(tmp_path.glob(".export-*"))


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"figure": "overview/outcomez"}, 2, "overview/outcomes"),
        ({"figure": "overview/trend"}, 2, "overview/trend/"),
        ({"figure": "outcomes"}, 2, "PAGE/CHART"),
        ({"figure": NAME, "filters": "yeers=1"}, 2, "yeers"),
        ({"figure": NAME, "filters": "years=20"}, 2, "years=20"),
        ({"figure": NAME, "filters": "scope=all"}, 2, "scope=all"),
        ({"figure": NAME, "filters": "build=demo-0"}, 5, "demo-0"),
        ({"figure": NAME, "filters": "region=nowhere"}, 5, "not in these data: nowhere"),
        ({"figure": NAME, "filters": "years=2001-2002"}, 5, "nothing to draw"),
        ({"figure": "profile/outcomes"}, 5, "office="),
        ({"figure": "profile/outcomes", "filters": "office=nope"}, 5, "no such office: nope"),
        ({"figure": NAME, "out": "."}, 2, "format"),
        ({"figure": NAME, "out": "x.gif"}, 2, ".png"),
        ({"figure": NAME, "out": "no/such/folder/x.png"}, 2, "folder"),
        ({"figure": NAME, "out": ""}, 2, "--out"),
    ],
)
def test_a_chart_that_cannot_be_is_told_in_one_line(
    options: Any, code: int, said: str, tmp_path: Path, warehouse: Path, monkeypatch: Any,
    capsys: Any,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    options = {"out": "x.png"} | options
    assert run("chart", monkeypatch, warehouse, **options) == code
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_every_listed_chart_can_be_drawn(warehouse: Path, monkeypatch: Any, capsys: Any) -> None:
    filters = "office=o-990100b"
    assert run("chart", monkeypatch, warehouse, list=True, filters=filters) == 0
    names = capsys.readouterr().out.split()
    assert {"overview/outcomes", NAME, "profile/outcomes", "quality/arrivals"} <= set(names)
    assert len(names) == len(set(names))


def spec_file(folder: Path, **spec: Any) -> Path:
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")
    return path


def test_a_briefing_of_which_a_part_is_missing_ends_with_four(
    tmp_path: Path, warehouse: Path, monkeypatch: Any, capsys: Any
) -> None:
    spec = spec_file(tmp_path, title="周一", pins=["overview/outcomes", "profile/outcomes"])
    out = tmp_path / "x.pptx"
    assert run("briefing", monkeypatch, warehouse, spec=str(spec), out=str(out), lang="en") == 4
    error = capsys.readouterr().err
    assert "Chart 2" in error
    titles = [s.shapes.title.text_frame.text for s in Presentation(out).slides]
    assert titles[0] == "周一"
    assert "What became of applications" in titles[1]


@pytest.mark.parametrize(
    ("spec", "options", "code", "said"),
    [
        ({"pins": []}, {}, 2, "pins"),
        ({"pins": ["profile/outcomes"]}, {}, 5, "no chart"),
        ({"pins": ["nowhere/x"]}, {}, 2, "nowhere/x"),
        ({"pins": ["overview/outcomes"]}, {"template": "spec.yaml"}, 2, "模板"),
        ({"pins": ["overview/outcomes"]}, {"template": "gone.pptx"}, 2, "gone.pptx"),
        ({"pins": ["overview/outcomes"]}, {"template": "a", "out": "x.docx"}, 2, "--template"),
        ({"pins": ["overview/outcomes"]}, {"spec": "gone.yaml"}, 2, "gone.yaml"),
        ({"pins": [{"figure": "overview/outcomes", "filters": "years=1"}]}, {}, 2, "years=1"),
    ],
)
def test_a_briefing_that_cannot_be_is_told(
    spec: Any, options: Any, code: int, said: str, tmp_path: Path, warehouse: Path,
    monkeypatch: Any, capsys: Any,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    spec_file(tmp_path, **spec)
    options = {"spec": "spec.yaml", "out": "x.pptx"} | options
    assert run("briefing", monkeypatch, warehouse, **options) == code
    assert said in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["spec.yaml"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"pins: [", "line 1"),
        (b"title: x\npins:\n  - a/b\n  bad: [\n", "line 4"),
        (b"title: x\n\t- a\n", "line 2"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"pins: [{figure: overview/outcomes, filter: x}]", "pins[1]"),
        (b"pins: [{figure: overview/outcomes, filters: years=abc}]", "years=abc"),
        (b"title: x", "no charts"),
    ],
)
def test_a_broken_specification_is_told_with_file_and_place(
    content: bytes, said: str, tmp_path: Path, warehouse: Path, monkeypatch: Any, capsys: Any
) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(content)
    out = str(tmp_path / "x.pdf")
    assert run("briefing", monkeypatch, warehouse, spec=str(path), out=out) == 2
    error = capsys.readouterr().err
    assert said in error
    assert str(path) in error
    assert len(error.splitlines()) == 1


def test_a_chart_that_cannot_be_drawn_is_one_line(
    tmp_path: Path, warehouse: Path, monkeypatch: Any, capsys: Any
) -> None:
    def fails(spec: Any) -> str:
        raise DrawingError("the drawing process ended: -9")

    monkeypatch.setattr(picture, "chart_svg", fails)
    out = str(tmp_path / "x.png")
    assert run("chart", monkeypatch, warehouse, figure="compare/heat", out=out) == 5
    error = capsys.readouterr().err
    assert "cannot draw: the drawing process ended" in error
    assert len(error.splitlines()) == 1
    monkeypatch.setattr(picture, "chart_svg", None)  # a fault of ours
    monkeypatch.delenv("DISCLOSURE_DEBUG", raising=False)
    assert run("chart", monkeypatch, warehouse, figure="compare/heat", out=out) == 5
    error = capsys.readouterr().err
    assert "internal error" in error
    assert len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_signal_stops_with_everything_put_away(
    tmp_path: Path, warehouse: Path, monkeypatch: Any
) -> None:
    """SIGTERM in the middle of writing the file itself."""
    out = tmp_path / "x.json"
    out.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda descriptor: signal.raise_signal(signal.SIGTERM))
    before = {number: signal.signal(number, cli._stop) for number in cli._ASKED}
    try:
        code = run("chart", monkeypatch, warehouse, figure=NAME, out=str(out))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert code == 128 + signal.SIGTERM
    assert out.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_the_command_line_draws_without_importing_the_dashboard(
    tmp_path: Path, warehouse: Path
) -> None:
    """``disclosure chart`` from another folder, as a scheduler calls it."""
    root = Path(cli.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "etl.cli", "chart", NAME, "--warehouse", str(warehouse), "--out",
         "a.json", "--filters", "years=2021-2022"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stdout
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [row["year"] for row in found["data"]] == [2021, 2022]
