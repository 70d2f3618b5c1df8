"""Claims in sentences of our own making: what is stated, and all that must not be taken for it."""

from decimal import Decimal

import pytest

from etl.extract.narrative import claims, sentences
from etl.report import SectionText

#: Claims that are compared with no cell: left out where a test is about the others.
INFO = {"open_total", "open_website", "open_wechat"}


def read(text, year=2023, key="s1"):
    return claims([SectionText(key, "", text, "line 5")], year)


#: Every sentence is read after this one, so that the context alone never stops a match.
CONTEXT = "依申请公开和信息公开申请工作有序开展。"


def stated(text, year=2023, key="s1", info=False):
    text = CONTEXT + text
    return {(c.what, c.value) for c in read(text, year, key) if info or c.what not in INFO}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年共收到政府信息公开申请26件。", {("applications_received", 26)}),
        ("2023年度我局共收到依申请信息公开申请 ２６ 件。", {("applications_received", 26)}),
        ("受理信息公开申请1,136件，均按期答复。", {("applications_received", 1136)}),
        ("收到申请一件，已办结。", {("applications_received", 1)}),
        ("新收政府信息公开申请十二宗。", {("applications_received", 12)}),
        ("今年收到5份政府信息公开申请。", {("applications_received", 5)}),
        ("本年度政府信息公开申请共计8件。", {("applications_received", 8)}),
        ("政府信息公开申请数量为8件。", {("applications_received", 8)}),
        ("我县收到\n政府信息公开申\n请 14 件。", {("applications_received", 14)}),
        ("全年累计受理政府信息公开申请9件。", {("applications_received", 9)}),
        ("2022年收到申请30件，2023年收到申请26件。", {("applications_received", 26)}),
        (
            "共收到申请廿六件，已答复廿五件。",
            {
                ("applications_received", 26),
                ("applications_handled", 25),
            },
        ),
        ("2023年1-6月收到申请4件，全年收到申请9件。", {("applications_received", 9)}),
        (
            "新收政府信息公开申请数量317件，上年结转政府信息公开申请数量3件。",
            {
                ("applications_received", 317),
                ("carried_in", 3),
            },
        ),
        (
            "受理申请16件，2022年结转1件，结转至2024年办理2件。",
            {
                ("applications_received", 16),
                ("carried_in", 1),
                ("carried_out", 2),
            },
        ),
        (
            "行政诉讼2件，均为结果维持。",
            {
                ("litigation_count", 2),
                ("litigation_not_upheld", 0),
            },
        ),
        (
            "本年度零申请、零复议、零诉讼。",
            {
                ("applications_received", 0),
                ("review_count", 0),
                ("litigation_count", 0),
            },
        ),
        ("政府信息公开申请量为零。", {("applications_received", 0)}),
        ("未收到依申请公开的复议、诉讼。", {("review_count", 0), ("litigation_count", 0)}),
        (
            "收到政府信息公开申请1466件（上年度结转16件，结转下年度9件）。",
            {("applications_received", 1466), ("carried_in", 16), ("carried_out", 9)},
        ),
        (
            "受理政府信息公开申请40件，其中自然人申请32件，法人或其他组织申请8件。",
            {
                ("applications_received", 40),
                ("applications_natural", 32),
                ("applications_legal", 8),
            },
        ),
        (
            "新收政府信息公开申请20件，答复申请18件，结转下年度继续办理2件。",
            {("applications_received", 20), ("applications_handled", 18), ("carried_out", 2)},
        ),
        (
            "受理申请20件，已全部办结20件。",
            {("applications_received", 20), ("applications_handled", 20)},
        ),
        ("另有7件申请顺延至下一年度答复。", {("carried_out", 7)}),
        ("上年结转政府信息公开申请3件。", {("carried_in", 3)}),
        ("予以公开及部分公开258件。", {("granted_partial", 258)}),
        ("予以公开9件、部分公开2件。", {("granted", 9), ("partial", 2)}),
        ("同意公开答复9件，不予公开答复2件。", {("granted", 9), ("denied", 2)}),
        ("因本机关不掌握等原因无法提供265件。", {("unavail", 265)}),
        ("不予处理3件，其他处理0件。", {("refused", 3), ("other", 0)}),
        (
            "予以公开42件，占42.86%；无法提供49件，占50%。",
            {
                ("granted", 42),
                ("granted_share", Decimal("42.86")),
                ("unavail", 49),
                ("unavail_share", 50),
            },
        ),
        ("予以公开和部分公开的占58.5%。", {("granted_partial_share", Decimal("58.5"))}),
        (
            "因政府信息公开引发行政复议7件，行政诉讼9件，均获维持。",
            {
                ("review_count", 7),
                ("litigation_count", 9),
                ("review_not_upheld", 0),
                ("litigation_not_upheld", 0),
            },
        ),
        (
            "2023年有1件涉及政府信息公开工作的行政复议，未被纠错。",
            {("review_count", 1), ("review_corrected", 0)},
        ),
        ("政府信息公开行政复议、行政诉讼案件共5件。", {("dispute_count", 5)}),
        (
            "未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。",
            {("review_count", 0), ("litigation_count", 0)},
        ),
        ("2023年度未收到政府信息公开申请，零报告。", {("applications_received", 0)}),
        ("全年没有收到依申请公开事项。", {("applications_received", 0)}),
        ("2023年无依申请公开。", {("applications_received", 0)}),
        ("主动公开规章13件，行政规范性文件60件。", {("rules_count", 13), ("normdocs_count", 60)}),
        (
            "制定发布规范性文件4件，现行有效规范性文件20件。",
            {("normdocs_count", 4), ("normdocs_in_force", 20)},
        ),
        (
            "因政府信息公开行政复议3件，其中1件被纠正；行政诉讼2件，均获维持。",
            {("review_count", 3), ("litigation_count", 2), ("litigation_not_upheld", 0)},
        ),
        (
            "政府信息公开行政诉讼2件，均胜诉。",
            {("litigation_count", 2), ("litigation_not_upheld", 0)},
        ),
        ("未收到公民、法人或其他组织政府信息公开申请。", {("applications_received", 0)}),
        (
            "5件予以公开，3件部分公开，一件不予公开。",
            {("granted", 5), ("partial", 3), ("denied", 1)},
        ),
        (
            "全年作出行政许可决定121件，行政处罚决定十六件，采取行政强制措施3次。",
            {("licence_decisions", 121), ("penalty_decisions", 16)},
        ),
        # The wording of a county's forestry office.
        (
            "行政许可处理决定数量776件，实施行政强制2件。",
            {("licence_decisions", 776), ("coercion_decisions", 2)},
        ),
        ("制发规范性文件5件，废止2件。", {("normdocs_count", 5), ("normdocs_repealed", 2)}),
        ("没有结转到下一年度的申请，无上年结转申请。", {("carried_out", 0), ("carried_in", 0)}),
    ],
)
def test_stated(text, expected):
    assert stated(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2022年收到政府信息公开申请30件。",
        "新增公开行政许可33项，行政处罚36项。",
        "公开行政许可决定121件，网上公示行政处罚信息16条。",
        "权力清单中行政许可121项；累计作出行政许可决定9999件。",
        "未收到行政许可申请，办理行政许可业务300件。",
        "印发文件5件予以公开，建议提案5件。",
        "宣布失效和废止规范性文件3件。",
        "没有结转到下一年度的建议提案。",
        "较去年收到政府信息公开申请增加30件。",
        "比上年多受理申请12件。",
        "上半年收到申请12件。",
        "一季度受理政府信息公开申请12件。",
        "自2008年开通以来收到申请508件。",
        "截至2023年底，累计收到政府信息公开申请508件。",
        "近三年来收到申请90件。",
        "去年同期收到申请12件。",
        "办理人大代表建议50件，政协提案85件。",
        "处理信访件12件，办结投诉举报30件。",
        "12345热线受理群众诉求5320件。",
        "收到网民留言申请回复20件。",
        "其中收到网络申请5件。",
        "通过网站收到申请5件。",
        "当面受理申请3件，信函受理申请2件。",
        "依据国令第711号、国办函〔2020〕109号办理。",
        "联系电话：0517-87222589，邮编：223100，申请受理地址90号。",
        "收到申请1 136件。",
        "收到申请二三件。",
        "收到第3件政府信息公开申请后及时研究。",
        "不予受理申请2件。",
        "按时答复申请26件的60%。",
        "因涉及国家秘密不予公开1件。",
        "因本机关不掌握无法提供111件。",
        "信访举报类不予处理12件。",
        "司法局全年办理行政复议案件120件。",
        "无行政复议纠错案件。",
        "未经复议直接起诉复议后起诉结果维持结果纠正其他结果尚未审结总计。",
        "未发生因申请公开引发的投诉。",
        "受理低保申请12件，收到补贴申请300份。",
        "收到3件入学申请。",
        "未收到法人和其他组织的申请。",
        "人大代表建议办理结果予以公开50件。",
        "权责清单全部公开120项。",
        "上年结转项目3个。",
        "政务服务办结1.2万件。",
        "受理行政复议案件12件，审理行政诉讼3件。",
        "未申请公开的信息不予提供。",
        "清理废止规范性文件12件。",
        "规章制度3项。",
        "今年以来共有行政许可事项14项，处罚事项203项。",
        "一是加强学习，二是规范申请流程。",
        "明年收到申请将超过100件。",
        "收到政府信息公开申请10-15件。",
        "收到申请3~5件。",
        "指导各镇街办理政府信息公开申请85件。",
        "协助区政府办公室答复政府信息公开申请12件。",
        "代区政府拟制政府信息公开申请答复12件。",
        "收到区政府转办政府信息公开申请5件。",
        "下属单位收到政府信息公开申请3件。",
        "线上收到政府信息公开申请6件，线下收到2件。",
        "作为复议机关，共受理政府信息公开行政复议申请15件。",
        "涉及我局的行政诉讼案件5件，其中政府信息公开1件。",
        "转发上级规范性文件15件。",
        "主动公开信息46条，其中主动公开公文14条，依申请公开0条。",
        "主动公开市政府规章13件（含新制定5件，修改4件，废止4件）。",
        "公开市政府和市政府办公厅行政规范性文件42件。",
    ],
)
def test_not_stated(text):
    assert stated(text) == set()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("全年收取信息处理费共计380元，其中民政局1件，收取380元。", 380),
        ("全年收取政府信息公开信息处理费 0 元。", 0),
        ("收取信息处理费1.2万元。", 12000),
        ("本年度未收取信息处理费。", 0),
        ("本单位没有产生信息公开处理费。", 0),
        ("2023年未发生政府信息公开收费事项。", 0),
        ("没有收取任何费用。", 0),
        ("本年度不涉及信息处理费。", 0),
    ],
)
def test_fee(text, value):
    assert stated(text, key="s6") == {("fee_yuan", value)}


@pytest.mark.parametrize(
    "text", ["无。", "信息处理费按每件100元标准收取。", "行政事业性收费目录已公开。"]
)
def test_no_fee_stated(text):
    assert stated(text, key="s6") == set()


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("全年发生行政复议3件。", "s1", {("review_count", 3)}),
        ("本年度无行政复议和行政诉讼。", "s1", {("review_count", 0), ("litigation_count", 0)}),
        ("全年办理行政复议30件。", "s1", set()),
        ("行政复议案件3件。", "s1", set()),
        ("行政复议案件3件。", "s4", {("review_count", 3)}),
    ],
)
def test_disputes_of_the_office_without_a_word_on_disclosure(text, key, expected):
    heading = {"s1": "一、总体情况", "s4": "四、政府信息公开行政复议、行政诉讼情况"}[key]
    found = claims([SectionText(key, heading, text, "line 5")], 2023)
    assert {(c.what, c.value) for c in found} == expected


def test_approximate_figures_are_marked():
    found = {
        c.what: c for c in read(CONTEXT + "全年通过网站发布各类信息四十余条，收到申请约20件。")
    }
    assert found["open_total"].value == 40 and found["open_total"].approximate
    assert found["applications_received"].value == 20
    assert found["applications_received"].approximate


def test_channels_of_proactive_disclosure():
    text = "2023年公开信息213条,其中政府网站127条,政务微信86条。"
    assert stated(text, info=True) == {
        ("open_total", 213),
        ("open_website", 127),
        ("open_wechat", 86),
    }


def test_a_claim_carries_its_sentence_and_place():
    (claim,) = read("做好公开工作。\n2023年收到政府信息公开\n申请 26 件。\n结束。")
    assert claim.text == "2023年收到政府信息公开申请 26 件。"
    assert claim.at == "line 5, sentence 2"


def test_each_statement_once_but_repetitions_in_other_sentences_kept():
    found = read(CONTEXT + "收到申请26件，受理申请26件。共收到公开申请26件。")
    assert [c.at for c in found] == ["line 5, sentence 2", "line 5, sentence 3"]


def test_without_a_year_no_number_after_a_year_is_taken():
    assert stated("2023年收到申请26件。", year=None) == set()
    assert stated("收到申请26件。", year=None) == {("applications_received", 26)}


def test_plans_and_section_5_state_nothing():
    assert stated("收到申请26件。", key="s5") == set()


def test_headings_do_not_run_into_the_text():
    section = SectionText(
        "s1",
        "",
        "（一）主动公开情况\n公开了\n12条\n信息\n\n（二）依申请公开\n未收到申请。\n| 规章 | 0 |",
        "p",
    )
    assert [s.text for s in sentences(section)] == [
        "（一）主动公开情况",
        "公开了12条信息",
        "（二）依申请公开",
        "未收到申请。",
    ]


def test_two_numbers_at_a_line_break_are_not_joined():
    assert stated("收到申请12\n34件。") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Outcomes behind 其中 are each one of its own; a part of one counted before is not.
        (
            "办理申请30件，其中予以公开6件、部分公开9件、不予公开2件、无法提供12件、不予处理1件。",
            {
                ("applications_processed", 30),
                ("granted", 6),
                ("partial", 9),
                ("denied", 2),
                ("unavail", 12),
                ("refused", 1),
            },
        ),
        ("不予公开9件，其中因故不予公开5件。", {("denied", 9)}),
        # How they were handed in is no number of those dealt with.
        (
            "共收到政府信息公开申请31件，其中线上办理26件，线下办理5件。",
            {("applications_received", 31)},
        ),
        # A figure behind 数, and behind a comma.
        ("受理政府信息公开申请总数1件。", {("applications_received", 1)}),
        (
            "收到申请89件,已经答复88件,1件结转下年度继续办理。",
            {("applications_received", 89), ("applications_handled", 88), ("carried_out", 1)},
        ),
        ("收到政府信息公开依申请3件。", {("applications_received", 3)}),
        ("未接到任何形式的信息公开申请。", {("applications_received", 0)}),
        ("本年度我局无依申请公开政务信息情况。", {("applications_received", 0)}),
        ("民意乡未收到和处理政府信息公开申请，零报告。", {("applications_received", 0)}),
        # Acts without a verb, or before it.
        ("全年作出694宗行政許可，其中3宗為學校設立。", {("licence_decisions", 694)}),
        (
            "本年行政许可121件、行政处罚7件。",
            {("licence_decisions", 121), ("penalty_decisions", 7)},
        ),
        ("主动公开行政许可121件、行政处罚7件。", set()),
        ("公开信息200条，行政许可121件，行政处罚7件。", set()),
        ("梳理权责清单，行政许可121件。", set()),
        ("行政许可事项121项。", set()),
        # Another case than one about disclosure.
        ("我局因具体行政行为被提起行政诉讼2起。", set()),
    ],
)
def test_wordings_met_on_real_pages(text, expected):
    assert stated(text) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("（四）行政复议、行政诉讼情况", {("review_count", 3), ("litigation_count", 1)}),
        ("（四）行政复议办理情况", set()),
    ],
)
def test_disputes_counted_under_a_heading_of_their_own(heading, expected):
    text = f"{heading}\n行政复议3件，行政诉讼1件。"
    found = claims([SectionText("s1", "一、总体情况", text, "line 5")], 2023)
    assert {(c.what, c.value) for c in found} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年度主动公开政府信息总数2942条。", 2942),
        ("全年通过政府网站主动公开信息89条。", 89),
        ("局微博发布信息541条。", None),
        ("局微信公众号公开政府信息175条。", None),
        ("区教育局在门户网站部门动态发布信息32条，校园风采栏目发布信息21条。", None),
        ("宣传册、电子屏公开政府信息1876条。", None),
        ("主动公开三份与公众密切相关的文件。", None),
        ("政府网站：发布信息42条，涵盖职能。", set()),
        ("免于公开信息0条。", set()),
    ],
)
def test_what_one_channel_published_is_no_total(text, expected):
    totals = {c.value for c in read(CONTEXT + text) if c.what == "open_total"}
    assert totals == ({expected} if expected else set())
