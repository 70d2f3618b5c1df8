"""A report is checked in a few milliseconds: loading a corpus must not wait for its checks."""

import time

from check_samples import report, sample

from etl.check import OfficeFacts, check_report
from etl.extract.narrative import claims
from etl.form.rules import Variant
from etl.report import SectionText

#: Measured 1.4 to 2.6 ms on the real reports; the bound leaves room for a busy machine.
BOUND_MS = 12.0
TEXT = (
    "2022年收到政府信息公开申请221件，上年结转3件，办结申请214件，结转下年度10件。"
    "予以公开190件，部分公开7件，不予处理13件。因政府信息公开发生行政复议5件，行政诉讼2件。"
)


def test_checking_one_report():
    sections = [SectionText("s1", "", TEXT, "line 1")]
    checked = report(Variant("2021"), sample(), sections=sections)
    checked.narrative = claims(sections, 2022)
    office = OfficeFacts("县", "政府")
    check_report(checked, office=office)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        check_report(checked, office=office)
        times.append((time.perf_counter() - start) * 1e3)
    assert min(times) < BOUND_MS, f"{min(times):.1f} ms"
