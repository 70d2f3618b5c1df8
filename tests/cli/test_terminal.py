"""What the commands print for people: figures whole, places in words."""

from __future__ import annotations

from pathlib import Path

from etl import terminal
from etl.pipeline import parse_bytes

GOLDEN = Path(__file__).parents[1] / "golden" / "html_spans.html"


def test_a_figure_is_never_cut_and_columns_stay_under_each_other() -> None:
    """A city's licences have eight digits: an ellipsis in a figure reads as another figure."""
    licences, more = "<td colspan=3>412</td>", "<td colspan=3>11398889</td>"
    text = GOLDEN.read_text(encoding="utf-8")
    assert licences in text
    report = parse_bytes(text.replace(licences, more).encode(), "a.html")
    lines = list(terminal.tables(report))
    (line,) = (line for line in lines if "行政许可" in line)
    assert line.endswith(" 11398889")
    (beside,) = (line for line in lines if "行政处罚" in line)
    assert terminal.width(beside) == terminal.width(line)


def test_the_first_lines_say_in_chinese_where_office_and_year_stand() -> None:
    report = parse_bytes(GOLDEN.read_bytes(), "a.html")
    said = " ".join(terminal.head(report))
    assert "年度据标题" in said
    assert "据title" not in said
    assert "请在 offices.csv 中登记" in said, "an office that is in no list: what to do about it"
