"""Claims of the real reports, from sections cut here, held against the figures read by eye."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from etl.check import check_report
from etl.extract.narrative import claims
from etl.form.rules import Variant, load_rules
from etl.report import CellReading, Outcome, ParsedReport, SectionText, State

SHARED = Path(__file__).parents[3] / "shared"
pytestmark = [
    pytest.mark.reports,
    pytest.mark.skipif(not SHARED.exists(), reason="the real reports are not here"),
]
RULES = load_rules()
INFO = {"open_total", "open_website", "open_wechat"}
WORDINGS = (
    ("s1", "总体情况"),
    ("s2", "主动公开(?:政府)?信息"),
    ("s3", "收到(?:和|的)处理"),
    ("s4", "行政复议、行政诉讼情况|被申请行政复议"),
    ("s5", "存在的?(?:主要)?问题及"),
    ("s6", "其他需要报告"),
)


def text_of(name: str) -> str:
    folder = "domain/hard_cases" if name[0].isdigit() else "reports"
    path = SHARED / folder / name
    if path.suffix == ".html":
        from lxml import html

        tree = html.fromstring(path.read_bytes().decode("utf-8"))
        for node in tree.xpath("//table|//script|//style"):
            node.drop_tree()
        lines = (re.sub(r"\s+", " ", p.text_content()).strip() for p in tree.xpath("//p"))
        return "\n".join(line for line in lines if line)
    if path.suffix == ".pdf":
        import pypdfium2

        pages = pypdfium2.PdfDocument(path)
        return "\n".join(page.get_textpage().get_text_range() for page in pages)
    return path.read_text(encoding="utf-8")


def cut(text: str) -> list[SectionText]:
    """Sections by heading, tables left in: a claim must not be found in a table's cells."""
    sections: list[tuple[str, str, int, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        heading = re.match(r"^[#\s]*[一二三四五六1-9]\s*[、.]\s*(.*)", line)
        keys = [k for k, w in WORDINGS if heading and re.search(w, heading[1])]
        if keys:
            sections.append((keys[0], line.strip(), number, []))
        elif sections:
            sections[-1][3].append(line)
    return [SectionText(k, h, "\n".join(b), f"line {n}") for k, h, n, b in sections]


CLAIMS = {
    "shanghai_bgt_2019.html": {
        ("rules_count", 13),
        ("normdocs_count", 60),
        ("applications_received", 859),
        ("applications_handled", 805),
        ("carried_in", 18),
        ("carried_out", 72),
        ("granted_partial", 258),
        ("granted_partial_share", Decimal("33.9")),
        ("denied", 35),
        ("denied_share", Decimal("4.34")),
        ("unavail", 265),
        ("unavail_share", Decimal("32.9")),
        ("refused", 158),
        ("refused_share", Decimal("19.6")),
        ("other", 0),
        ("review_count", 7),
        ("litigation_count", 9),
        ("review_not_upheld", 0),
        ("litigation_not_upheld", 0),
        ("litigation_corrected", 0),
    },
    "shanghai_kewei_2024.txt": {
        ("review_count", 1),
        ("review_corrected", 0),
        ("litigation_count", 0),
        ("normdocs_count", 13),
        ("applications_received", 34),
        ("carried_in", 2),
        ("carried_out", 1),
        ("granted", 9),
        ("partial", 0),
        ("denied", 2),
        ("unavail", 10),
        ("refused", 0),
        ("other", 14),
        ("fee_yuan", 0),
    },
    "shuyang_gov_2025.txt": {
        ("applications_received", 749),
        ("applications_processed", 718),
        ("applications_natural", 741),
        ("applications_legal", 8),
        ("carried_out", 31),
        ("dispute_count", 74),
        ("fee_yuan", 380),
    },
    "shuyang_fgj_2023.html": {("applications_received", 26), ("fee_yuan", 0)},
    "hongze_2023.pdf": {("applications_received", 21), ("fee_yuan", 0)},
    "renwei_subdistrict_2021.txt": {("applications_received", 0), ("fee_yuan", 0)},
    "16_tables_dropped.txt": {("applications_received", 0)},
    "18_section_numbers_reused.txt": {("applications_received", 1)},
}


def year_of(name: str) -> int | None:
    found = re.search(r"20\d\d", name)
    return int(found[0]) if found else {"16": 2021}.get(name[:2])


def claims_of(name: str):
    return claims(cut(text_of(name)), year_of(name))


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_and_no_other(name):
    found = claims_of(name)
    assert {(c.what, c.value) for c in found if c.what not in INFO} == CLAIMS[name]
    assert all(c.text and c.at.startswith("line ") for c in found)


def test_figures_of_the_hard_cases():
    found = {c.what: c for c in claims_of("16_tables_dropped.txt")}
    assert [found[w].value for w in sorted(INFO)] == [213, 127, 86]
    about = {c.what: c for c in claims_of("18_section_numbers_reused.txt")}["open_total"]
    assert about.value == 40 and about.approximate


CONTRADICTIONS = {
    "shanghai_bgt_2019.html": {
        ("NARR-OUTCOME", "granted_partial"),
        ("NARR-OUTCOME", "unavail"),
        ("NARR-PCT", "granted_partial_share"),
        ("NARR-PCT", "unavail_share"),
        ("NARR-T4", "review_not_upheld"),
        ("NARR-T4", "litigation_not_upheld"),
    },
    "shanghai_kewei_2024.txt": set(),
    "shuyang_gov_2025.txt": set(),
    "shuyang_fgj_2023.html": set(),
    "hongze_2023.pdf": set(),
    "renwei_subdistrict_2021.txt": set(),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_and_no_false_ones(name):
    path = SHARED / "reports" / "gold" / f"{Path(name).stem}.json"
    gold = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    form = RULES.form.form_for_year(gold["year"])
    keys = {c.key for c in RULES.form.cells_of(form)} | set(gold["cells"])
    cells = {}
    for key in keys:
        value = gold["cells"].get(key)
        blank = State.BLANK if key in gold["cells"] else State.ABSENT
        cells[key] = CellReading(blank) if value is None else CellReading(State.NUMBER, value)
    sections = cut(text_of(name))
    report = ParsedReport(
        name,
        "",
        "text",
        year=gold["year"],
        forms=dict.fromkeys(("t2", "t3", "t4"), form),
        cells=cells,
        sections=sections,
        narrative=claims(sections, gold["year"]),
    )
    found = {
        (f.rule, f.subject)
        for f in check_report(report)
        if f.rule.startswith("NARR") and f.outcome is Outcome.FAIL
    }
    assert found == CONTRADICTIONS[name]
    judged = [f for f in check_report(report) if f.rule.startswith("NARR") and f.left is not None]
    assert judged, "a check that compares nothing is a fault"
    assert Variant(form) in RULES.variants()
