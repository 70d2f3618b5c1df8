"""报告核验 without a page: the bounded child, the verdict, the redrawn form, the letter."""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from dashboard import checker, formats
from dashboard.checker import Bounds, check
from dashboard.export import letter
from dashboard.export.blocks import Heading, Text
from dashboard.formsheet import Sheet
from dashboard.i18n import translator
from dashboard.judged import Judged, claims, judge
from dashboard.queries.meta import Meta

GOLDEN = Path(__file__).parents[1] / "golden"
HANGS = (sys.executable, "-c", "import time; time.sleep(60)")


def parsed(name: str) -> dict[str, Any]:
    done = check(name, (GOLDEN / name).read_bytes())
    assert not done.problem
    return done.documents[0]


@pytest.fixture(scope="module")
def wrong() -> dict[str, Any]:
    return parsed("text_broken_sums.txt")


@pytest.fixture(autouse=True)
def own_place_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests in another process must not be taken for leftovers."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))


def leftovers() -> list[str]:
    return [n for n in os.listdir(tempfile.gettempdir()) if n.startswith("disclosure-check-")]


def test_a_wrong_report_is_judged_with_both_values_and_a_guess(
    wrong: dict[str, Any], meta: Meta
) -> None:
    t = translator("zh")
    judged = judge(wrong, meta, "zh", t)
    failing = [f for f in wrong["findings"] if f["outcome"] == "fail" and f["level"] == "error"]
    assert judged.verdict == "errors"
    assert judged.errors == len(failing) > 0
    first = judged.issues[0]
    assert (first.left, first.right) in {(f["left"], f["right"]) for f in failing}
    assert first.left != first.right
    assert first.name != first.rule
    assert [i.number for i in judged.issues] == list(range(1, len(judged.issues) + 1))
    assert wrong["repairs"]
    assert all(set(r["cells"]) <= set(wrong["cells"]) for r in wrong["repairs"])


def test_the_redrawn_form_has_every_cell_once_and_marks_the_failing_ones(
    wrong: dict[str, Any], meta: Meta
) -> None:
    for lang in ("zh", "en"):
        judged = judge(wrong, meta, lang, translator(lang))
        text = "".join(html for _, _, html in Sheet(judged, meta, lang, translator(lang)).tables())
        for key, cell in wrong["cells"].items():
            if cell["state"] != "absent":
                assert text.count(f'data-cell="{key}"') == 1, key
        issue = judged.issues[0]
        marked = text.split(f'data-cell="{issue.cells[-1]}"')[1].split("</td>")[0]
        assert "①" in marked
        assert "≠" in marked
        assert text.count("①") == len(issue.cells)


@pytest.mark.parametrize("n", [1, 2, 6, 7])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_cannot_be_judged_is_told_once_a_rule_or_table_with_how_many_more(
    meta: Meta, lang: str, n: int
) -> None:
    t = translator(lang)
    keys = [key for key in meta.cells if key.startswith("t3.")][:n]
    unread = {key: {"state": "unread", "value": None, "raw": "1 2", "at": ""} for key in keys}
    doubt = {"outcome": "not_assessable", "level": "error", "rule": "T3-SUM", "cells": keys,
             "message": "看不清", "message_en": "not clear"}  # fmt: skip
    judged = judge({"status": "report", "cells": unread, "findings": [doubt] * n}, meta, lang, t)
    rule, cells = judged.issues
    assert (judged.verdict, judged.errors, judged.confirm) == ("confirm", 0, 2)
    assert not rule.failed
    assert not cells.failed
    told = t("check.and_more", n=n - 1)
    assert rule.message == ("看不清" if lang == "zh" else "Not clear") + (told if n > 1 else "")
    assert (t("check.and_more", n=1) in cells.message) is (n == 7), "six are named"
    assert cells.cells == tuple(keys)
    known = meta.rules["T3-SUM"]
    assert rule.advice == (known.advice_zh if lang == "zh" else known.advice_en)


def test_states_are_told_apart_without_colour(meta: Meta) -> None:
    t = translator("zh")
    states = {
        "t3.granted.natural": {"state": "blank", "value": None, "raw": "", "at": ""},
        "t3.granted.biz": {"state": "not_applicable", "value": None, "raw": "—", "at": ""},
        "t3.granted.research": {"state": "text", "value": None, "raw": "<b>约100", "at": ""},
        "t3.granted.welfare": {"state": "unread", "value": None, "raw": "12|3", "at": ""},
        "t3.granted.legal": {"state": "number", "value": 0, "raw": "0", "at": ""},
    }
    judged = Judged({"status": "report", "cells": states, "forms": {"t3": "2021"}}, ())
    html = Sheet(judged, meta, "zh", t).tables()[1][2]
    shown = {
        key.split(".")[2]: html.split(f'data-cell="t3.granted.{key.split(".")[2]}"')[1]
        .split(">", 1)[1]
        .split("</td>")[0]
        for key in [*states, "t3.granted.org_other"]
    }
    assert len(set(shown.values())) == 6
    assert shown["legal"] == "0"
    assert "&lt;b&gt;约100" in shown["research"]
    assert t("check.sign.absent") in shown["org_other"]


def test_a_sound_report_can_be_published_or_says_what_to_confirm(meta: Meta) -> None:
    found = parsed("html_word_runs.html")
    judged = judge(found, meta, "zh", translator("zh"))
    assert judged.verdict in ("ok", "confirm")
    assert judged.errors == 0
    quiet = found | {
        "findings": [f for f in found["findings"] if f["outcome"] == "pass"],
        "cells": {k: c for k, c in found["cells"].items() if c["state"] == "number"},
    }
    assert judge(quiet, meta, "zh", translator("zh")).verdict == "ok"


def test_an_unread_cell_is_to_be_confirmed_never_fine(meta: Meta) -> None:
    cells = {"t4.review.total": {"state": "unread", "value": None, "raw": "1|0", "at": ""}}
    judged = judge(
        {"status": "report", "cells": cells, "findings": []}, meta, "zh", translator("zh")
    )
    assert judged.verdict == "confirm"
    assert judged.issues[0].cells == ("t4.review.total",)


def test_the_letter_says_the_same_in_word_and_text(wrong: dict[str, Any], meta: Meta) -> None:
    for lang in ("zh", "en"):
        t = translator(lang)
        judged = judge(wrong, meta, lang, t)
        made = letter.of_check(judged, "a.txt", lang, t, dt.date(2026, 1, 31))
        text = letter.plain(made, t).decode("utf-8-sig")
        opened = Document(io.BytesIO(letter.word(made, t)))
        word = "\n".join(p.text for p in opened.paragraphs)
        cells = {c.text for table in opened.tables for row in table.rows for c in row.cells}
        for block in letter.document(made, t).blocks:
            if isinstance(block, Heading | Text):
                assert block.text in text
                assert block.text in word
        for issue in judged.issues:
            assert (issue.message in text) == (issue.kind != "hint")
            assert (issue.message in cells) == (issue.kind != "hint")
            if issue.kind != "hint" and issue.left is not None:
                assert {formats.exact(issue.left), formats.exact(issue.right)} <= cells
            if issue.kind != "hint" and issue.basis:
                assert t("letter.basis", basis=issue.basis) in word
    assert letter.verdict(judged, t) in text
    assert t("letter.field_deadline") in cells


def test_claims_stand_beside_the_table_only_where_a_rule_compared_them() -> None:
    document = {
        "narrative": [
            {"what": "a", "value": 26, "text": "26件", "at": "line 3", "approximate": False},
            {"what": "b", "value": 9, "text": "9件", "at": "line 4", "approximate": False},
        ],
        "findings": [
            {"rule": "NARR-RECV", "subject": "a", "outcome": "fail", "left": 26, "right": 27}
        ],
    }
    first, second = claims(document, {"a": "收到申请"}, translator("zh"))
    assert (first.what, first.value, first.table, first.outcome) == ("收到申请", 26, 27, "fail")
    assert (second.table, second.outcome) == (None, "")


def test_an_archive_gives_each_document_and_names_never_become_paths(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(GOLDEN / "text_broken_sums.txt", "one.txt")
        archive.writestr("two.txt", "栏目 首页")
    done = check("..\\../etc/\x00x\n.zip", packed.getvalue())
    assert done.name == "x.zip"
    assert [d["source"] for d in done.documents] == ["x.zip!one.txt", "x.zip!two.txt"]
    assert [d["status"] for d in done.documents] == ["report", "rejected"]
    assert done.documents[1]["problem"]["hint"]
    assert not leftovers()


@pytest.mark.parametrize(
    ("data", "bounds", "command", "problem"),
    [
        (b"12345" * 400_000, Bounds(megabytes=1), (), "too_large"),
        (b"x", Bounds(seconds=0.5), HANGS, "timeout"),
        (b"x", Bounds(memory=400), (sys.executable, "-c", "bytearray(10**9)"), "memory"),
        (b"x", Bounds(cpu=1), (sys.executable, "-c", "while True: pass"), "timeout"),
        (b"x", Bounds(), (sys.executable, "-c", "raise SystemExit(7)"), "broken"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="limits of a POSIX system")
def test_hostile_files_end_in_words_and_leave_nothing(
    data: bytes, bounds: Bounds, command: tuple[str, ...], problem: str
) -> None:
    done = check("x.txt", data, bounds=bounds, command=command or HANGS)
    assert done.problem == problem
    for lang in ("zh", "en"):
        assert translator(lang)(f"check.problem.{problem}.what", mb=1)
        assert translator(lang)(f"check.problem.{problem}.do")
    assert not leftovers()


def test_a_hanging_file_takes_its_whole_family_along(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', "
        f"'import time; time.sleep(60)']); open({str(mark)!r}, 'w').write(str(p.pid)); "
        "time.sleep(60)"
    )
    check("x.txt", b"x", bounds=Bounds(seconds=3), command=(sys.executable, "-c", script))
    pid = int(mark.read_text())
    for _ in range(200):  # the signal is sent; a busy machine may deliver it a little later
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the file's own child outlived its check")


def test_only_so_many_at_once_and_the_others_are_told() -> None:
    started, said = threading.Event(), []

    def hang() -> None:
        check("x", b"x", bounds=Bounds(seconds=4), command=HANGS, progress=lambda *_: started.set())

    threads = [threading.Thread(target=hang) for _ in range(checker.AT_ONCE)]
    for thread in threads:
        thread.start()
    started.wait(10)
    while checker._turns._value:  # type: ignore[attr-defined]
        started.wait(0.01)
    done = check("y", b"y", wait=0.3, progress=lambda step, *_: said.append(step))
    assert done.problem == "busy"
    assert set(said) == {"waiting"}
    for thread in threads:
        thread.join()
