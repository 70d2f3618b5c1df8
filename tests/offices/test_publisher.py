"""Who published a report and when, from pages as portals print them."""

from __future__ import annotations

import pytest

from etl.offices import Candidate, Context, Registry, Resolution, Source, parse_name, resolve
from etl.offices.english import english_name
from etl.offices.scope import infer_scope
from etl.pipeline import parse_bytes
from etl.recognise.kind import crumbs
from etl.report import ParsedReport

REGISTRY = Registry.load()
TAIL = "2021年政府信息公开工作年度报告"
PREFACE = "本报告所列数据的统计期限自2021年1月1日起至2021年12月31日止。"
SECTIONS = """二、主动公开政府信息情况
无。
三、收到和处理政府信息公开申请情况
无。
四、政府信息公开行政复议、行政诉讼情况
无。
五、存在的主要问题及改进情况
无。
六、其他需要报告的事项
无。
"""


def ask(*candidates: tuple[str, Source]) -> Resolution:
    return resolve(REGISTRY, [Candidate(t, s) for t, s in candidates], Context(year=2021))


def page(
    head: str, first: str = "2021年，稳步推进。", end: str = "", url: str = ""
) -> ParsedReport:
    link = f"原文链接：{url}\n" if url else ""
    text = f"{link}{head}\n一、总体情况\n{first}\n{SECTIONS}{end}"
    return parse_bytes(text.encode(), "page.txt")


# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "office_id", "shown"),
    [
        ("温州市公安局鹿城区分局", "330302-public_security", None),
        ("温州市鹿城区公安分局", "330302-public_security", None),
        ("池州市公安贵池分局", "341702-public_security", None),
        ("北京市公安局朝阳分局", "110105-public_security", None),
        ("上海市公安局浦东分局", "310115-public_security", None),
        ("十堰市生态环境局郧阳分局", "420304-ecology", None),
        ("北京市规划和自然资源委员会海淀分局", "110108-natural_resources", None),
        ("深圳市市场监督管理局龙华监管局", "440309-market_regulation", None),
        ("重庆市市场监督管理局机关", "500000-market_regulation", "重庆市市场监督管理局"),
        ("西藏自治区政府国资委", "540000-state_assets", "西藏自治区国有资产监督管理委员会"),
        ("广州海关", "440100-customs", None),
        ("国家统计局湖北调查总队", "420000-survey_team", None),
        ("恩施州教育局", "422800-education", "恩施土家族苗族自治州教育局"),
        ("丰宁县财政局", "130826-finance", "丰宁满族自治县财政局"),
        ("西乌旗", "152526-government", "西乌珠穆沁旗人民政府"),
        ("湘西州", "433100-government", "湘西土家族苗族自治州人民政府"),
        ("城口县人民政府机关", "500229-government", "城口县人民政府"),
        ("咸宁市气象部门", "421200-meteorology", "咸宁市气象局"),
    ],
)
def test_names_with_a_second_place_or_a_short_one(
    name: str, office_id: str, shown: str | None
) -> None:
    (office,) = parse_name(REGISTRY, name).offices
    assert (office.office_id, office.name) == (office_id, shown or name)
    english_name(office, REGISTRY)


def test_a_branch_of_no_place_stays_with_its_city() -> None:
    (office,) = parse_name(REGISTRY, "沈阳市公安局高新分局").offices
    assert office.division_code == "210100" and office.function is None


def test_a_zone_lies_where_its_name_says() -> None:
    (one,) = parse_name(REGISTRY, "广东从化经济开发区管理委员会").offices
    (other,) = parse_name(REGISTRY, "广州市从化区经济开发区管委会").offices
    assert one.office_id == other.office_id and one.county == "440117"
    assert one.name == "广东从化经济开发区管理委员会"


def test_a_zone_has_departments_and_a_long_name() -> None:
    (short,) = parse_name(REGISTRY, "济宁高新区投资促进局").offices
    (long,) = parse_name(REGISTRY, "济宁国家高新技术产业开发区投资促进局").offices
    assert short.office_id == long.office_id and short.function == "investment"
    assert (str(short.level), str(short.kind), short.city) == ("zone", "部门", "370800")
    (staff,) = parse_name(REGISTRY, "重庆高新技术产业开发区管理委员会办公室").offices
    assert staff.function == "administrative_committee_office" and str(staff.kind) == "管委会"


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("合肥经开区管委会", "合肥经济技术开发区管委会", "340177"),
        ("合肥市经开区投资促进局", "合肥经济技术开发区投资促进局", "340177"),
        ("淄博经开区管委会", "淄博经济技术开发区管委会", None),
        ("大连高新区管委会", "大连高新技术产业园区管委会", None),
    ],
)
def test_a_zone_has_one_id_under_both_names(one: str, other: str, key: str | None) -> None:
    (a,), (b,) = (parse_name(REGISTRY, name).offices for name in (one, other))
    assert a.office_id == b.office_id
    assert key is None or a.office_id.startswith(key + "-")


def test_zones_that_only_look_alike_stay_apart() -> None:
    (a,) = parse_name(REGISTRY, "淄博经济开发区管委会").offices
    (b,) = parse_name(REGISTRY, "淄博经开区管委会").offices
    assert a.office_id != b.office_id
    (island,) = parse_name(REGISTRY, "长兴岛经济技术开发区管委会").offices
    assert island.city == "210200"  # not the 岛经济技术开发区 of 长兴县
    assert parse_name(REGISTRY, "长兴岛高新区管委会").offices == ()


def test_a_zone_that_the_list_has_as_a_township_is_a_zone() -> None:
    (office,) = parse_name(REGISTRY, "舒城经济开发区管委会").offices
    assert str(office.level) == "zone"


def test_the_body_itself_is_no_second_name() -> None:
    assert parse_name(REGISTRY, "海关总署(本级机关)").second_name == ""


@pytest.mark.parametrize("name", ["沭阳县人民法院", "沭阳县自来水公司", "沭阳县人民医院"])
def test_courts_schools_and_companies_are_no_departments(name: str) -> None:
    (office,) = parse_name(REGISTRY, name).offices
    assert str(office.kind) == "其他"


# -- which name ---------------------------------------------------------------------------------


def test_a_site_or_a_column_is_not_the_office() -> None:
    for around in (Source.SITE, Source.PATH):
        assert ask((TAIL, Source.TITLE), ("沭阳县人民政府", around)).office is None
    step = ask((TAIL, Source.TITLE), ("我镇认真", Source.BODY), ("沭阳县教育局", Source.PATH))
    assert step.office is None and "我镇" in step.reasons[0]


@pytest.mark.parametrize("source", [Source.METADATA, Source.BODY])
def test_the_general_office_that_uploads_is_not_a_bureau(source: Source) -> None:
    line = "由沭阳县人民政府办公室编制" if source is Source.BODY else "沭阳县人民政府办公室"
    found = ask((line, source), ("2021年，我局认真贯彻。", Source.BODY))
    assert found.office is None and found.needs_override
    assert found.printed == "沭阳县人民政府办公室"


@pytest.mark.parametrize(
    "line",
    [
        "本报告由沭阳县人民政府办公室根据有关规定编制。",
        "如有疑问，请与沭阳县人民政府办公室联系（电话：1）。",
    ],
)
def test_who_wrote_it_or_answers_is_not_whose_it_is(line: str) -> None:
    found = page(PREFACE + line, "2021年，全面推进。")
    assert found.office_id is None and found.evidence["office_confidence"] == "none"
    said = page(PREFACE + line, "2021年，沭阳县人民政府办公室认真做好公开工作。")
    assert said.office_id == "321322-general_office"


def test_who_leads_disclosure_answers_for_its_government() -> None:
    line = "如有疑问，请与沭阳县行政审批局联系（电话：1）。"
    assert page(PREFACE + line, "2021年，我县全面推进。").office_id is None
    assert page(PREFACE + line, "2021年，我局全面推进。").office == "沭阳县行政审批局"


def test_a_media_centre_named_as_origin_is_no_office() -> None:
    found = ask(("沭阳县融媒体中心", Source.METADATA), ("2021年，我局认真贯彻。", Source.BODY))
    assert found.office is None


def test_a_title_of_a_place_yields_to_no_department_silently() -> None:
    title = ("北京市" + TAIL, Source.TITLE)
    assert ask(title, ("由北京市统计局编制的年度报告", Source.BODY)).office is None
    led = ask(title, ("由北京市政务服务管理局编制的年度报告", Source.BODY))
    assert led.office is not None and led.office.office_id == "110000-government"


def test_a_mirrors_word_before_the_name() -> None:
    found = ask(
        ("第一足球网沭阳县" + TAIL, Source.TITLE),
        ("编制形成沭阳县2021年政府信息公开工作年度报告。", Source.BODY),
    )
    assert found.office is not None and found.office.office_id == "321322-government"


@pytest.mark.parametrize(
    "line",
    [
        "2021年沭阳县教育局全面贯彻落实。",
        "（一）主动公开方面。2021年，沭阳县教育局全年主动公开信息6条。",
        "根据《条例》和2021年沭阳县教育局政府信息公开工作开展情况编制。",
        "现公布沭阳县教育局政府信息公开工作2021年度报告。",
        "2021年，在县委的正确领导下，沭阳县教育局认真做好公开工作。",
        "如有疑问，请联系：沭阳县教育局信息公开领导小组办公室，电话：0527-1。",
        "由沭阳县教育局、沭阳县体育局编制的年度报告。",
    ],
)
def test_the_body_names_its_office(line: str) -> None:
    found = page(PREFACE, line)
    assert found.office == "沭阳县教育局"


def test_what_the_preface_says_is_no_contact() -> None:
    line = "现公布沭阳县沭城街道2021年度信息公开年度报告。如有疑问，请与街道党政办联系(电话：1)"
    assert page(line).office_id == page("沭阳县沭城街道" + TAIL).office_id


# -- the way to a page ---------------------------------------------------------------------------


def test_crumbs() -> None:
    assert crumbs("您的位置：首页 > 乡镇 > 庙头镇") == ("首页", "乡镇", "庙头镇")
    assert crumbs("> 政务公开 > 庙头镇 > 政府信息公开年报")
    assert not crumbs("印发<政府信息公开工作年度报告格式>的通知")
    assert not crumbs("位置：江苏省沭阳县")


def test_the_way_to_a_page_is_no_title_but_tells_the_office() -> None:
    way = "当前位置：首页 > 政府信息公开目录 > 沭阳县教育局 > 政府信息公开年报"
    found = page(way + "\n" + PREFACE, "2021年，我局认真贯彻。")
    assert (found.status, found.office) == ("report", "沭阳县教育局")
    assert found.evidence["office_confidence"] == "medium"
    titled = page(way + "\n沭阳县庙头镇" + TAIL)
    assert titled.title == "沭阳县庙头镇" + TAIL


def test_a_name_alone_on_a_line_is_the_sites_until_the_signature() -> None:
    header = "沭阳县人民政府\n" + PREFACE
    assert page(header, "2021年，沭阳县教育局认真贯彻。").office == "沭阳县教育局"
    assert page(header, "2021年，全面推进。").office_id is None
    menu = "沭阳县教育局\n沭阳县民政局\n" + PREFACE
    assert page(menu, "2021年，全面推进。").office_id is None
    signed = page(menu, "2021年，全面推进。", end="沭阳县司法局\n2022年1月20日\n")
    assert signed.office == "沭阳县司法局"


# -- the year ------------------------------------------------------------------------------------


def test_the_year_of_publication_is_not_the_report_year() -> None:
    for url in ("http://a.example/art/2022/9/14/1.html", "http://a.example/r?fbtime=2022"):
        assert page("沭阳县教育局", "稳步推进。", url=url).year is None
    assert page("沭阳县教育局\n发布时间：2022-09-16 11:04 来源：本网", "稳步推进。").year is None


def test_the_year_opens_a_line_behind_furniture_or_stands_in_the_quoted_title() -> None:
    assert page("沭阳县教育局\n首页", "2021年，沭阳县教育局认真贯彻。").year == 2021
    assert page("现将沭阳县教育局2021年度政府信息公开情况汇报如下：", "稳步推进。").year == 2021
    quoted = "现发布《沭阳县教育局2021年政府信息公开工作年度报告》。"
    assert page(quoted, "稳步推进。").year == 2021
    asked = "根据《关于做好2022年政府信息公开工作年度报告编制工作的通知》公布。"
    assert page("沭阳县教育局\n" + asked, "稳步推进。").year is None


# -- the date ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2022年01月18日 （点击：12）", "2022-01-18"),
        ("2022-01-18 10:30", "2022-01-18"),
        ("2022-01-18 发布：沭阳县教育局 点击数：", "2022-01-18"),
        ("發布時間：2022-01-18 瀏覽次數：3", "2022-01-18"),
        ("2021年1月1日至2021年12月31日", None),
        ("截至2021年12月31日", None),
        ("（2019年4月3日国务院令第711号修订）", None),
        ("2021-12-12", None),  # no report appears before its year has ended
    ],
)
def test_a_date_beside_the_title(line: str, date: str | None) -> None:
    found = page(f"沭阳县教育局{TAIL}\n{line}")
    assert found.published == date


def test_a_date_below_the_signature() -> None:
    found = page("沭阳县教育局" + TAIL, end="沭阳县教育局\n2022年1月20日\n")
    assert (found.published, found.evidence["published"]) == ("2022-01-20", "落款")
    assert page("沭阳县教育局" + TAIL, end="本办法自2022年1月20日施行\n").published is None


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("/art/2022/1/14/art_1_2.html", "2022-01-14"),
        ("/202201/t20220114_3.shtml", "2022-01-14"),
        ("/c/2022-01-14/6.shtml", "2022-01-14"),
        ("/202206/t20220614_3.shtml", None),  # the day a page was moved makes nobody late
        ("/202001/t20200114_3.shtml", None),
        ("/show/20220114115429914.html", None),
    ],
)
def test_a_date_in_the_address(path: str, date: str | None) -> None:
    found = page("沭阳县教育局" + TAIL, url="http://www.example.cn" + path)
    assert found.published == date


def test_a_mirrors_folders_are_the_pages_address() -> None:
    text = f"发展和改革局{TAIL}\n一、总体情况\n2021年，我局认真贯彻。\n{SECTIONS}"
    found = parse_bytes(text.encode(), "m.zip!www.shuyang.gov.cn/art/2022/1/14/art_1_2.txt")
    assert (found.office, found.published) == ("沭阳县发展和改革局", "2022-01-14")
    assert found.evidence["office_confidence"] == "low" and found.url is None
    assert parse_bytes(text.encode(), "art/2022/1/14/art_1_2.txt").office_id is None


def test_a_government_has_until_the_end_of_march() -> None:
    url = "http://www.example.cn/202203/t20220314_3.shtml"
    assert page("沭阳县人民政府" + TAIL, url=url).published == "2022-03-14"
    assert page("沭阳县教育局" + TAIL, url=url).published is None


# -- what is no report, how far it reaches ---------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "演示大学2021—2022学年信息公开年度报告",
        "演示省政府信息公开年度报告制度(试行)",
        "演示市2021年政府信息公开工作年度报告公布情况",
        "我县全面完成2021年政府信息公开工作年度报告",
        "關於政府信息公開工作年度報告\n有關事項的通知",
    ],
)
def test_what_only_speaks_of_reports(title: str) -> None:
    found = page(title + "\n" + PREFACE)
    assert found.problem is not None and found.problem.code == "not_a_report"


@pytest.mark.parametrize(
    "preface",
    [
        "根据《条例》和《政府信息公开工作年度报告格式》等规定，编制本报告。",
        "根据《关于做好政府信息公开年度报告编制工作的通知》要求，现将有关情况报告如下：",
    ],
)
def test_a_preface_that_quotes_the_format_is_no_format(preface: str) -> None:
    found = page(preface, "2021年，沭阳县教育局认真贯彻。")
    assert (found.status, found.office, found.year) == ("report", "沭阳县教育局", 2021)


@pytest.mark.parametrize(
    ("name", "line", "scope"),
    [
        ("沭阳县人民政府", "报告汇总全县数据。", "region"),
        ("沭阳县人民政府", "2021年全县各级各部门共制作信息5条。", "region"),
        (
            "沭阳县人民政府",
            "对以沭阳县人民政府及其办公室名义开展的工作进行报告。",
            "own_office",
        ),
        ("广州海关", "广州海关关区2021年年报。", "system"),
        ("沭阳县教育局", "沭阳县教育局认真贯彻。", "own_office"),
    ],
)
def test_scope_in_the_words_of_prefaces(name: str, line: str, scope: str) -> None:
    (office,) = parse_name(REGISTRY, name).offices
    assert infer_scope(office, name + TAIL, [line])[0] == scope
