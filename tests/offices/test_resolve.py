"""Titles, resolution with evidence, years, scope, lineage."""

from __future__ import annotations

import datetime
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.offices import (
    Candidate,
    Context,
    Lineage,
    Registry,
    Resolution,
    Source,
    extract_office_name,
    find_year,
    infer_scope,
    is_report_title,
    load_overrides,
    parse_name,
    resolve,
)
from etl.offices.english import english_name
from etl.offices.functions import function_list
from etl.offices.titles import names_in_line
from etl.offices.year import han_to_digits, year_of_period

REGISTRY = Registry.load()
REPORTS = Path(__file__).parents[3] / "shared" / "reports"
TODAY = datetime.date(2026, 6, 1)
FGJ = "321322-development_reform"
TAIL = "2021年政府信息公开工作年度报告"


def ask(*candidates: tuple[str, Source], year: int | None = 2021) -> Resolution:
    return resolve(REGISTRY, [Candidate(t, s) for t, s in candidates], Context(year=year))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2019年上海市人民政府办公厅政府信息公开工作年度报告", "上海市人民政府办公厅"),
        ("相山区任圩街道办事处2021年政府信息\n公开工作年度报告", "相山区任圩街道办事处"),
        ("沭阳县发展和改革局2023年政府信息公开年度报告-沭阳县发改局", "沭阳县发展和改革局"),
        ("2024 年上海市科委政府信息公开工作\n年度报告", "上海市科委"),
        ("# 沐阳县人民政府 2025 年 政府信息公开工作年度报告", "沐阳县人民政府"),
        ("洪泽区人民政府\n2023 年政府信息公开工作年度报告", "洪泽区人民政府"),
        ("2022年度青石镇政府信息公开工作年度报告", "青石镇"),
        ("【2019】泗阳县教育局2019年政府信息公开工作年度报告", "泗阳县教育局"),
        ("Page 2 - 省交通运输厅2019年度政府信息公开工作年度报告", "省交通运输厅"),
        ("佳荣里街2021年政府信息公开工作年度报告", "佳荣里街道"),
        (
            "平潭综合实验区苏平片区管理局关于报送2020年度政府信息公开工作年度报告的函",
            "平潭综合实验区苏平片区管理局",
        ),
        ("贵阳市人民政府(市人民政府办公厅)" + TAIL, "贵阳市人民政府(市人民政府办公厅)"),
        ("泗阳县教育局政府信息公开2023年度工作报告", "泗阳县教育局"),
        ("泗阳县教育局2023年度政府信息公开工作年度报告", "泗阳县教育局"),
        ("泗阳县教育局2023年信息公开年报", "泗阳县教育局"),
        ("泗阳县教育局2023年政务信息公开工作年报", "泗阳县教育局"),
        ("泗阳县教育局2020政府信息公开年度报告", "泗阳县教育局"),
        ("泗阳县教育局2023年的政府信息公开工作告年度报", "泗阳县教育局"),
        ("二〇二一年度泗阳县财政局政府信息公开工作年度报告", "泗阳县财政局"),
        ("洪泽区人民政府信息公开工作年度报告", "洪泽区人民政府"),
        ("泗陽縣財政局２０２３年政府信息公開工作年度報告", "泗阳县财政局"),
        ("泗阳县政务公开办公室" + TAIL, "泗阳县政务公开办公室"),
        ("关于印发泗阳县财政局2023年政府信息公开工作年度报告的通知", "泗阳县财政局"),
        ("2021年政府信息公开工作年度报告-泗阳县发改局", "泗阳县发改局"),
        ("80586_泗阳县财政局2020年政府信息公开工作年度报告.pdf", "泗阳县财政局"),
        ("【年报】泗阳县财政局" + TAIL, "泗阳县财政局"),
        ("[信息公开]泗阳县财政局" + TAIL, "泗阳县财政局"),
        (TAIL, None),
        ("我局" + TAIL, None),
        ("凤凰彩票官网" + TAIL, None),
        ("泗阳县财政局关于召开会议的通知", None),
    ],
)
def test_office_out_of_title(title: str, name: str | None) -> None:
    assert extract_office_name(title) == name


@given(
    st.sampled_from(["沭阳县发展和改革局", "上海市科委", "相山区任圩街道办事处", "泗阳县人民政府"]),
    st.sampled_from(
        [
            "{o}{y}年政府信息公开工作年度报告",
            "{y}年{o}政府信息公开工作年度报告",
            "{y}年度{o}信息公开年报",
            "{o}政府信息公开{y}年度工作报告",
            "关于报送{o}{y}年政府信息公开工作年度报告的函",
            "{o}{y}年度政府信息公开工作年度报告（公开）",
        ]
    ),
    st.integers(2019, 2025),
    st.lists(st.integers(0, 40), max_size=4),
)
@settings(max_examples=120, deadline=None)
def test_titles_in_any_order_with_any_blanks(
    office: str, pattern: str, year: int, blanks: list[int]
) -> None:
    title = pattern.format(o=office, y=year)
    for at in blanks:
        if not title[max(at - 1, 0) : at + 1].isdigit():
            title = title[:at] + " " + title[at:]
    assert extract_office_name(title) == office
    assert find_year(title, None, today=TODAY).year == year
    assert is_report_title(title)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("现公布沭阳县教育局2023年政府信息公开工作年度报告。", "沭阳县教育局"),
        ("现发布《沭阳县教育局2023年政府信息公开工作年度报告》。", "沭阳县教育局"),
        ("依照规定，编制沭阳县教育局2023年政府信息公开工作年度报告，期限一年。", "沭阳县教育局"),
        ("特向社会公布2023年沭阳县教育局政府信息公开工作年度报告。", "沭阳县教育局"),
        ("根据2023年沭阳县教育局信息公开工作实际编制而成。", "沭阳县教育局"),
        ("沭阳县教育局依据《条例》和《格式》编制了本报告。", "沭阳县教育局"),
        ("如有疑问，请与沭阳县财政局人秘股联系（地址：略）。", "沭阳县财政局"),
        ("如有疑问，請與沭陽縣教育局聯系（地址：略）。", "沭阳县教育局"),
        ("截至2023年12月31日，沭阳县教育局通过各种平台公开信息9条。", "沭阳县教育局"),
        ("情况如下：2023年，沭阳县教育局坚持公开为常态。", "沭阳县教育局"),
        ("《2023年度沭阳县教育局信息公开工作年度报告》已研究同意。", "沭阳县教育局"),
        ("请与沭阳县教育局政府信息公开申请受理机构联系（地址：略）。", "沭阳县教育局"),
        ("本报告由沭阳县教育局结合有关统计数据编制。", "沭阳县教育局"),
        ("为认真做好沭阳县教育局政府信息公开工作，现公布报告。", "沭阳县教育局"),
        ("现向社会公布2023年沭阳县沂涛镇人民政府信息公开工作年度报告。", "沭阳县沂涛镇人民政府"),
        ("今年以来，沭阳县教育局深入贯彻条例。", "沭阳县教育局"),
        ("如有疑问，请与我局办公室联系（地址：略）。", None),
        ("现将我局2023年政府信息公开工作年度报告公布如下。", None),
    ],
)
def test_office_out_of_a_line(line: str, name: str | None) -> None:
    found = list(names_in_line(line))
    assert found[:1] == ([name] if name else [])


@pytest.mark.parametrize(
    ("title", "name"),
    [("张家川县水务局", "张家川回族自治县水务局"), ("黔南州水利局", "黔南布依族苗族自治州水利局")],
)
def test_autonomous_places_without_their_people(title: str, name: str) -> None:
    found = ask((title + TAIL, Source.TITLE))
    assert found.office and found.office.name == name


def test_whom_to_ask_is_not_who_reports() -> None:
    found = ask(("如有疑问，请与沭阳县经济信息中心联系，电话略。", Source.CONTACT))
    assert (found.office, found.name) == (None, "沭阳县经济信息中心")


def test_a_zone_named_in_the_text_alone_is_named_but_not_placed() -> None:
    line = "2021年，演示工业园区管委会坚持以公开为常态。"
    assert (ask((line, Source.BODY)).office, ask((line, Source.BODY)).name) == (
        None, "演示工业园区管委会",
    )  # fmt: skip
    named = ask((line, Source.BODY), ("沭阳县教育局2021.html", Source.FILENAME))
    assert named.name == "沭阳县教育局"


def test_printed_full_place_is_reported() -> None:
    found = ask(
        ("洪泽区人民政府\n2023 年政府信息公开工作年度报告", Source.TITLE),
        ("本报告由淮安市洪泽区人民政府办公室根据《条例》要求编制此报告。", Source.BODY),
    )
    assert (found.name, found.printed) == ("淮安市洪泽区人民政府", "洪泽区人民政府")
    assert (found.confidence, found.evidence, found.conflicts) == ("high", "title", ())


def test_ocr_slip_resolves_to_the_one_alike_and_says_so() -> None:
    found = ask(("沐阳县人民政府 2025 年政府信息公开工作年度报告", Source.TITLE), year=2025)
    assert (found.name, found.printed) == ("沭阳县人民政府", "沐阳县人民政府")
    assert found.confidence == "medium"
    assert "沐阳县" in found.reasons[0] and "沭阳县" in found.reasons[0]


@pytest.mark.parametrize(
    "title",
    [
        "发展和改革局" + TAIL,
        "市教育局" + TAIL,
        "青石镇" + TAIL,
        "朝阳区人民政府" + TAIL,
        "临川市白石乡\n" + TAIL,
    ],
)
def test_what_cannot_be_placed_asks(title: str) -> None:
    found = ask((title, Source.TITLE))
    assert found.office is None and found.needs_override
    assert found.name == extract_office_name(title)
    assert any("offices.csv" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("title", "hint", "source", "office_id", "confidence"),
    [
        ("发展和改革局", "沭阳县人民政府网站", Source.SITE, FGJ, "medium"),
        ("发展和改革局", "http://www.shuyang.gov.cn/a", Source.SITE, FGJ, "low"),
        ("市教育局", "宿迁市人民政府", Source.SITE, "321300-education", "medium"),
        ("青石镇", "地址：湖北省黄冈市蕲春县青石镇新街1号", Source.CONTACT, None, "medium"),
        ("朝阳区人民政府", "地址：北京市朝阳区", Source.CONTACT, "110105-government", "medium"),
    ],
)
def test_place_from_the_rest_of_the_document(
    title: str, hint: str, source: Source, office_id: str | None, confidence: str
) -> None:
    found = ask((title + TAIL, Source.TITLE), (hint, source))
    assert found.office is not None
    assert office_id in {None, found.office.office_id}
    assert found.confidence == confidence and found.evidence == "title"
    if office_id is None:
        assert found.office.county == "421126"


def test_the_site_that_carries_a_report_places_townships_only() -> None:
    line = ("本报告电子版可以从突泉县人民政府门户网站下载。", Source.CONTACT)
    town = ask(("永安镇人民政府" + TAIL, Source.TITLE), line)
    assert town.office is not None and town.office.county == "152224"
    assert ask(("教育局" + TAIL, Source.TITLE), line).office is None  # its city's, perhaps


def test_whom_a_zone_names_as_contact_is_a_question() -> None:
    found = ask(("本报告由临沂高新区党政办公室按照要求编制。", Source.CONTACT))
    assert found.office is None and "联系或编制单位" in found.reasons[0]


def test_two_names_conflict_and_both_are_stated() -> None:
    found = ask(
        ("沭阳县财政局" + TAIL, Source.TITLE),
        ("现公布泗阳县财政局2021年政府信息公开工作情况", Source.BODY),
    )
    assert found.name == "沭阳县财政局" and found.confidence == "low"
    assert "泗阳县财政局" in found.conflicts[0]


def test_only_self_reference_is_not_the_sites_government() -> None:
    found = ask(
        (TAIL, Source.TITLE), ("2021年，我局坚持", Source.BODY), ("沭阳县人民政府", Source.SITE)
    )
    assert found.office is None


def test_mirror_with_betting_words_takes_the_body() -> None:
    found = ask(
        ("凤凰彩票" + TAIL, Source.TITLE),
        ("根据要求，现公布沭阳县财政局2021年度政府信息公开工作年度报告。", Source.BODY),
    )
    assert (found.name, found.evidence) == ("沭阳县财政局", "body")


def test_override_wins_and_is_the_reason(tmp_path: Path) -> None:
    (tmp_path / "offices.csv").write_text("match,office\nx*.txt,沭阳县财政局\n", encoding="utf-8")
    overrides = load_overrides(REGISTRY, tmp_path)
    context = Context(paths=("in/x1.txt",), overrides=overrides)
    found = resolve(REGISTRY, [Candidate("财政局" + TAIL, Source.TITLE)], context)
    assert found.name == "沭阳县财政局" and found.printed == "财政局"
    assert "offices.csv" in found.reasons[0]


@given(st.text(max_size=80), st.sampled_from(list(Source)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_survived(text: str, source: Source) -> None:
    found = ask((text, source))
    assert (found.office is None) == found.needs_override


def test_resolving_is_fast() -> None:
    lines = [("2021年，我县坚持公开，主动公开政府信息，" * 5, Source.BODY)] * 40
    many = [("沭阳县财政局" + TAIL, Source.TITLE), *lines]
    ask(*many)
    start = time.perf_counter()
    for _ in range(20):
        ask(*many)
    assert (time.perf_counter() - start) / 20 < 0.02  # 1 ms alone; the machine is shared


# -- years -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("自20211月1日起至12月31日止", 2021),
        ("数据统计期限从202111日起", 2021),
        ("统计期限20191231日止", 2019),
        ("2021年1月1日至2021年12月31日", 2021),
        ("２０２４ 年 1 月 1 日至 12 月 31 日", 2024),
        ("二〇二一年一月一日起至十二月三十一日止", 2021),
        ("2020年1月1日至2021年12月31日", None),
        ("电话：0517-20231231", None),
        ("邮编：223100", None),
    ],
)
def test_period_in_any_state(text: str, year: int | None) -> None:
    assert year_of_period(text, today=TODAY) == year


def test_a_year_that_opens_a_line_of_the_body() -> None:
    body = "（二）依申请公开情况\n2020年度我办未收到申请。\n1.公开情况:2020年度，我办公开信息9条。"
    assert find_year(None, body).year == 2020


def test_year_evidence_in_order() -> None:
    period = "自2022年1月1日起至12月31日止"
    meta = {"published": "2023-01-27 17:19"}
    best = find_year("某局2021年报告", period, meta, "2020.pdf", today=TODAY)
    assert (best.year, best.evidence) == (2021, "title") and len(best.conflicts) == 2
    assert find_year("某局报告", period, meta, None, today=TODAY).evidence == "period"
    assert find_year("报告", "2020年,我乡公开31条。", today=TODAY).year == 2020
    last = find_year(None, "无年份", meta, None, today=TODAY)
    assert (last.year, last.evidence) == (2022, "metadata") and "推定" in last.detail
    assert find_year(None, "", {"published": "2023-08-01"}, None, today=TODAY).year is None
    assert (
        find_year(None, "国办发〔2014〕32号", {}, "t20210127_80586.htm", today=TODAY).year is None
    )
    assert find_year("1998年", "2077年1月1日", today=TODAY).year is None


def test_a_period_left_over_from_last_year_is_outvoted() -> None:
    period = "现编制了2021年政府信息公开年度报告。数据自2020年1月1日起至2020年12月31日止。"
    both = find_year(None, period + "\n2021年，我局公开9条。", today=TODAY)
    assert both.year == 2021 and both.conflicts == ("统计期限：2020",)
    alone = find_year(None, period, today=TODAY)
    assert alone.year == 2020 and alone.conflicts == ("正文所引报告名称：2021",)


def test_han_years() -> None:
    assert han_to_digits("二〇二一年和二零一九年度") == "2021年和2019年度"


# -- scope, lineage, functions ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "line", "scope"),
    [
        ("洪泽区人民政府", "2023 年全区受理政府信息公开申请 21 件", "region"),
        ("宿迁市人民政府", "本报告涵盖全市各县区政府和市政府各部门", "region"),
        ("宿迁市人民政府", "本报告数据不包括各县区和部门", "own_office"),
        ("宿迁市人民政府", "2023年主动公开信息10条", None),
        ("宿迁市人民政府办公室", "2023年收到申请10件", "own_office"),
        ("相山区任圩街道办事处", "我街道公开862条", "own_office"),
        ("沭阳县市场监督管理局", "全县市场监管系统共收到申请10件", "system"),
        # The places of form.md section 10, in our own sentences.
        ("广东省人民政府", "数据涵盖各地级以上市、县(市、区)政府和省政府各部门", "region"),
        ("大同市人民政府", "数据由全市各级行政机关逐级报送", "region"),
        ("丽水市人民政府", "全市新收政府信息公开申请1541件", "region"),
        ("广东省人民政府办公厅", "本厅收到申请1466件，指导全省各级行政机关", "own_office"),
        ("长春市人民政府办公厅", "答复98件，全市共培训3次", "own_office"),
        ("高平市人民政府办公室", "全市各单位由各自报告", "own_office"),
        ("贵阳市人民政府(贵阳市人民政府办公厅)", "收到申请230件", None),
    ],
)
def test_scope(name: str, line: str, scope: str | None) -> None:
    (office,) = parse_name(REGISTRY, name).offices
    found, why = infer_scope(office, name, [line])
    assert found == scope and why


def test_lineage_of_places_and_functions() -> None:
    lineage = Lineage.load()
    (link,) = lineage.successors("140421-finance")
    assert (link.office_id, link.change, link.year) == ("140404-finance", "renamed", 2018)
    assert lineage.continues("140421-finance", "140404-finance", 2019) == "renamed"
    assert lineage.continues("140421-finance", "140404-finance", 2024) is None
    before = {p.office_id for p in lineage.predecessors("321322-natural_resources")}
    assert before == {"321322-land_resources", "321322-planning"}
    assert lineage.continues("321322-finance", "321322-finance", 2022) == "renamed"
    merged = {p.office_id for p in lineage.predecessors("500157-finance")}
    assert merged == {"500105-finance", "500112-finance"}


def test_lineage_of_one_corpus() -> None:
    lineage = Lineage.load().with_offices([("a-x", "a-y", 2022, "split", "分设")])
    assert lineage.continues("a-x", "a-y", 2022) == "split"
    assert lineage.successors("140421-finance") == Lineage.load().successors("140421-finance")


def test_every_function_name_finds_its_function() -> None:
    functions = function_list()
    for name, found in functions.names.items():
        matched = functions.match(name)
        assert matched is not None and matched.key == found.key
        assert found.key in functions.functions


@pytest.mark.parametrize(
    ("name", "official", "key"),
    [
        ("科委", "科学技术委员会", "science_technology"),
        ("人社局", "人力资源和社会保障局", "human_resources"),
        ("卫健委", "卫生健康委员会", "health"),
        ("住建局", "住房和城乡建设局", "housing"),
        ("教育体育局", "教育体育局", "education+sport"),
        ("体育教育局", "体育教育局", "education+sport"),
        ("农业农村和水利局", "农业农村和水利局", "agriculture+water"),
        ("国土资源局", "国土资源局", "land_resources"),
    ],
)
def test_function_names(name: str, official: str, key: str) -> None:
    found = function_list().match(name)
    assert found is not None and (found.official, found.key) == (official, key)


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("沭阳县发改局", "Shuyang County Development and Reform Bureau"),
        ("上海市科委", "Shanghai Municipality Science and Technology Commission"),
        ("长治市人民政府", "Changzhi City People's Government"),
        ("相山区任圩街道办事处", "Renwei Sub-district Office"),
        ("相山区教育体育局", "Xiangshan District Education and Sport Bureau"),
        ("沭阳县花木产业发展办公室", None),
    ],
)
def test_english_names(name: str, english: str | None) -> None:
    (office,) = parse_name(REGISTRY, name).offices
    assert english_name(office, REGISTRY) == english


# -- real documents --------------------------------------------------------------------------


@pytest.mark.reports
@pytest.mark.skipif(not REPORTS.is_dir(), reason="real reports are not here")
@pytest.mark.parametrize("stem", ["renwei_subdistrict_2021", "shanghai_bgt_2019",
                                  "shanghai_kewei_2024", "shuyang_fgj_2023",
                                  "shuyang_gov_2025"])  # fmt: skip
def test_real_reports_against_gold(stem: str) -> None:
    gold = json.loads((REPORTS / "gold" / f"{stem}.json").read_text(encoding="utf-8"))
    (path,) = REPORTS.glob(f"{stem}.*")
    parts = re.split(r"</p>|</title>|\n", path.read_text(encoding="utf-8"))
    lines = [t for part in parts if (t := re.sub("<[^>]*>", "", part).strip())]
    at = next(i for i, t in enumerate(lines) if re.search("20\\d\\d ?年.*政府信息", t))
    title = next(t for t in (lines[at], lines[at] + lines[at + 1]) if is_report_title(t))
    found = find_year(title, "".join(lines[:40]), today=TODAY)
    assert found.year == gold["year"]
    candidates = [Candidate(title, Source.TITLE)]
    candidates += [Candidate(t, Source.BODY) for t in lines[:40] + lines[-5:]]
    resolved = resolve(REGISTRY, candidates, Context(year=found.year))
    assert resolved.name == gold["office"].split(" (")[0]
