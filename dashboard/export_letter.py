"""The message to an office about its report, as plain text and as a Word document. Pure.

Both are made of the same lines, so that they cannot say different things.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from dashboard import formats
from dashboard.i18n import Text
from dashboard.judged import Issue, Judged


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the letter and how it is set."""

    text: str
    style: Literal["title", "heading", "item", "detail", "text"] = "text"


def verdict(judged: Judged, t: Text) -> str:
    """The verdict in words."""
    if judged.verdict == "errors" and judged.confirm:
        return t("check.verdict.errors_confirm", errors=judged.errors, confirm=judged.confirm)
    return t(f"check.verdict.{judged.verdict}", errors=judged.errors, confirm=judged.confirm)


def lines(judged: Judged, file: str, lang: str, t: Text, today: dt.date) -> list[Line]:
    """The letter: addressee, verdict, what to correct, what to confirm, guesses, closing."""
    parsed = judged.parsed
    office = parsed.get("office_printed") or parsed.get("office")
    out = [
        Line(t("letter.title"), "title"),
        Line(t("letter.to", office=office) if office else t("letter.to_unknown")),
        Line(
            t("letter.intro", title=parsed.get("title") or t("letter.untitled"), file=file,
              verdict=verdict(judged, t))
        ),
    ]  # fmt: skip
    problem = parsed.get("problem")
    if judged.rejected and problem:
        out.append(Line(t("letter.problem", what=problem["message"], do=problem["hint"])))
    else:
        for kind, heading in (("error", t("letter.errors")), ("confirm", t("letter.confirm"))):
            out.append(Line(heading, "heading"))
            issues = [i for i in judged.issues if i.kind == kind]
            out += [line for issue in issues for line in _issue(issue, t)] or [
                Line(t("letter.none"))
            ]
        if repairs := list(guesses(parsed, lang, t)):
            out.append(Line(t("letter.repairs"), "heading"))
            out += [Line(text, "detail") for text in repairs]
    out.append(Line(t("letter.closing", date=formats.date(today, lang))))
    return out


def guesses(parsed: Any, lang: str, t: Text) -> Iterator[str]:
    """The smallest repairs in words, places in the reader's language."""
    from dashboard.locators import in_words

    for repair in parsed.get("repairs") or ():
        yield in_words(repair["text"], t) if lang == "zh" else str(repair["text_en"])


def _issue(issue: Issue, t: Text) -> Iterator[Line]:
    key = "letter.rule" if issue.rule else "letter.plain"
    yield Line(t(key, number=issue.number, name=issue.name, rule=issue.rule), "item")
    yield Line(issue.message, "detail")
    if issue.left is not None and issue.right is not None:
        left, right = formats.exact(issue.left), formats.exact(issue.right)
        yield Line(t("letter.values", left=left, right=right), "detail")
    if issue.place:
        yield Line(t("letter.place", place=issue.place), "detail")
    if issue.advice and issue.advice not in issue.message:
        yield Line(t("letter.advice", advice=issue.advice), "detail")
    if issue.basis:
        yield Line(t("letter.basis", basis=issue.basis), "detail")


def plain(letter: list[Line]) -> bytes:
    """The letter as text that Windows editors open as Chinese."""
    indent = {"detail": "    ", "item": "  "}
    text = "\r\n".join(
        ("\r\n" if line.style == "heading" else "") + indent.get(line.style, "") + line.text
        for line in letter
    )
    return ("\ufeff" + text + "\r\n").encode("utf-8")


def docx(letter: list[Line]) -> bytes:
    """The letter as a Word document; East Asian text in a face that Office in China has."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(12)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "仿宋")
    for line in letter:
        paragraph = document.add_paragraph()
        run = paragraph.add_run("".join(c for c in line.text if c.isprintable()))
        if line.style == "title":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            run.font.size = Pt(18)
        run.bold = line.style in ("title", "heading", "item")
        if line.style == "detail":
            paragraph.paragraph_format.left_indent = Cm(0.8)
        paragraph.paragraph_format.space_after = Pt(4)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
