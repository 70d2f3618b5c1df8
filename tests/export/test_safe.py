"""Names and cells from strangers."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.export.safe import NAME_LENGTH, clean, filename, safe, unique

RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"COM{n}" for n in range(1, 10))}


@example("\U00010000" * 40, "\U00010000" * 40, "csv")  # 257 bytes once
@given(st.text(max_size=400), st.text(max_size=60), st.sampled_from(["csv", "parquet", "docx"]))
def test_any_text_makes_a_file_name_every_system_takes(title: str, build: str, ending: str) -> None:
    name = filename(title, build, ending=ending)
    assert name.endswith(f".{ending}")
    assert 0 < len(name) <= NAME_LENGTH
    assert len(name.encode("utf-8")) <= 255
    assert not set(name) & set('\\/:*?"<>|\r\n\t\0 \u202e')
    assert not name.startswith((".", "-csv"))
    assert name.split(".")[0].upper() not in RESERVED
    assert name == filename(title, build, ending=ending)


def test_the_name_says_what_and_keeps_the_build() -> None:
    assert filename("公开率（全省，2019–2025年）", "b-1", ending="png") == (
        "公开率（全省，2019–2025年）_b-1.png"
    )
    assert filename("长" * 300, "b-1", ending="png").endswith("长_b-1.png")
    assert filename("../../etc/passwd", ending="csv") == "etc_passwd.csv"
    assert filename("a\u202egnp.exe", "b") == "a_gnp.exe_b.csv"


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＠x"]
)
def test_what_would_be_computed_is_text(text: str) -> None:
    assert safe(text) == "'" + text


@pytest.mark.parametrize("text", ["-4", "+4.5%", "1,204", "—", "", "张三"])
def test_figures_stay_figures(text: str) -> None:
    assert safe(text) == text


def test_control_characters_do_not_reach_xml() -> None:
    assert clean("a\x00b\x0b\ud800\ufffec\n") == "abc\n"


def test_twins_are_numbered_without_regard_to_case() -> None:
    assert unique(["图.png", "图.png", "A.png", "a.png"]) == [
        "图.png", "图_2.png", "A.png", "a_2.png",
    ]  # fmt: skip
