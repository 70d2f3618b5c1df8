"""Why a document was rejected, in English: every sentence of the reader's is in the catalogue."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

import etl
from dashboard.i18n import catalogue
from dashboard.rejections import shown

ETL = Path(etl.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Calls that reject, and the place of their sentence; what is filled in is ``7``.
REJECTS = {"RejectedDocument": 1, "Problem": 1, "_unsafe": 1, "_corrupt": 0, "unsupported": 0,
           "_too_large": 0}  # fmt: skip
FILLED = {"_corrupt": "MHTML 文件无法读取：{}", "unsupported": "不支持的文件格式：{}",
          "_too_large": "Word 文件的{}超过上限", "_unsafe": "a.zip：{}"}  # fmt: skip


def literal(node: ast.expr | None) -> str:
    """A string as written, blanks filled; empty for what is made elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values)
    return ""


def sentences() -> set[str]:
    """Everything the reader says of a document it rejects, out of its source."""
    found: set[str] = set()
    for path in ETL.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and "HINT" in ast.unparse(node.target):
                found.add(literal(node.value))
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if name not in REJECTS:
                continue
            place = REJECTS[name]
            said = literal(node.args[place]) if len(node.args) > place else ""
            found.add(FILLED.get(name, "{}").format(said) if said else "")
            found |= {literal(a) for a in node.args[place + 1 :]}
            found |= {literal(k.value) for k in node.keywords if k.arg == "hint"}
    kinds = yaml.safe_load((ETL / "recognise" / "data" / "kinds.yml").read_text(encoding="utf-8"))
    found |= {item["why"] for item in kinds["not_reports"]}
    return {text for text in found if CHINESE.search(text)}


def test_every_sentence_of_a_rejection_has_its_english() -> None:
    """An English page said 是编制要求或格式文件，不是年度报告."""
    every = sentences()
    assert len(every) > 80
    generic = catalogue()["rejected_why.not_a_report"]["en"]
    english = {text: shown(text, "not_a_report", "en") for text in every}
    assert not {t: e for t, e in english.items() if CHINESE.search(e) or e == generic}
    assert {shown(text, "empty", "zh") for text in every} == every


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("2023/甲.pdf：已加密，无法读取", "2023/甲.pdf: It is encrypted and cannot be read"),
        ("不支持的文件格式：图片（PNG）", "A file format that is not read: a picture (PNG)"),
        ("PDF 共 2400 页，超过上限 2000 页", "The PDF has 2400 pages; the limit is 2000"),
        ("文中没有单位名称；请在 offices.csv 中登记",
         "The text names no office; add a line for it to offices.csv"),
        ("以后的版本才有的一句话", "Not an annual report"),
    ],
)  # fmt: skip
def test_figures_and_names_stay_and_an_unknown_sentence_is_not_guessed(
    chinese: str, english: str
) -> None:
    assert shown(chinese, "not_a_report", "en") == english
